//! Medical emergencies: placed in advance, opened with the four facts, told to who placed it, and on no other way out.

mod joined;
mod lost;
mod only;
mod said;
mod suspended;
mod told;

use super::agreements::{drafted, fields, signed};
use super::office::{County, Office};
use super::*;
use crate::usecases::{emergency, holds};
use belay_protocol::consent::Purpose;
use belay_protocol::disclosure::Stage;
use belay_protocol::limits;
use belay_protocol::sensitive::Personal;
use belay_protocol::store::View;
use belay_protocol::time::HOUR;

const PLAN: &str = "Call Mo first. No naltrexone.";

/// A consent of the clinic's that lets copies lie with the hospital for emergencies.
pub(super) fn consented(clinic: &mut Office, kinds: &[Information], days: u64) -> ConsentView {
    let draft: ConsentView = clinic.done(&Care::ConsentDraft(ConsentDraft {
        person: "Zephyrine Quillfeather".into(),
        to: vec!["County Hospital".to_owned()],
        tell: kinds.to_vec(),
        back: Some(Vec::new()),
        purpose: "emergency".to_owned(),
        expiry: ExpiryRequest::On(Time(clinic.now.0 + days * DAY)),
        ..ConsentDraft::default()
    }));
    clinic.done(&Care::ConsentSign(ConsentSign {
        attested: true,
        consent: draft.id.to_string(),
        typed: "Zephyrine Quillfeather".into(),
        ..ConsentSign::default()
    }))
}

fn place_under(consent: &ConsentView, crisis: Option<&str>, medication: Option<&str>) -> Care {
    Care::EmergencyPlace(EmergencyPlace {
        person: "Zephyrine Quillfeather".into(),
        at: "County Hospital".to_owned(),
        consent: consent.id.to_string(),
        include: Vec::new(),
        crisis: crisis.map(Into::into),
        medication: medication.map(Into::into),
    })
}

/// Crisis plan and medication lie at the hospital.
pub(super) fn placed(county: &mut County) -> ConsentView {
    let clinic = county.office(CLINIC);
    clinic.person("Zephyrine Quillfeather");
    let consent = consented(clinic, &[Information::Crisis, Information::Medication], 90);
    let view: EmergencyView = clinic.done(&place_under(&consent, Some(PLAN), Some("methadone 80 mg")));
    assert_eq!(view.placed.len(), 2);
    county.pump();
    consent
}

fn open(name: &str, birth_date: &str) -> EmergencyOpen {
    EmergencyOpen {
        name: name.into(),
        birth_date: birth_date.into(),
        personnel: "Dr Ana Reyes".into(),
        nature: "found unconscious".into(),
        unobtainable: "unconscious, nobody with them".into(),
        ..EmergencyOpen::default()
    }
}

pub(super) fn opened(office: &mut Office, name: &str, birth_date: &str) -> OpenedView {
    office.done(&Care::EmergencyOpen(open(name, birth_date)))
}

fn told(office: &mut Office) -> DisclosuresView {
    office.done(&Care::Disclosures(DisclosuresAsk::of("Zephyrine Quillfeather")))
}

pub(super) fn listed(office: &mut Office) -> EmergencyView {
    office.done(&Care::EmergencyList { person: None })
}

fn waiting(office: &mut Office) -> Option<String> {
    let own = office.org();
    office.step(|step| emergency::waiting(step.draft(), own).expect("reads"))
}

#[test]
fn what_was_placed_is_opened_with_the_four_facts_and_who_placed_it_sees_that() {
    let mut county = county();
    placed(&mut county);
    let before = told(county.office(CLINIC));
    assert_eq!((before.made, before.disclosures.len()), (0, 2), "placed is listed, and not counted");
    assert!(before.disclosures.iter().all(|d| d.stage == Stage::Placed && d.purpose == Purpose::Emergency.to_string()));
    assert_eq!(waiting(county.office(CLINIC)), None);

    // The clinic is off line: nothing is carried until later.
    let view = opened(county.office(HOSPITAL), "quillfeather, zephyrine", "1988-02-03");
    let texts: Vec<_> = view.copies.iter().map(|c| c.content.reveal().as_str()).collect();
    assert_eq!((texts.len(), texts.contains(&PLAN), texts.contains(&"methadone 80 mg")), (2, true, true));
    assert!(view.copies.iter().all(|c| c.organisation == "Ridge Clinic" && c.notice.starts_with("This record which")));
    assert_eq!(listed(county.office(CLINIC)).to_review, 0);
    county.pump();
    let clinic = county.office(CLINIC);
    let said = waiting(clinic).expect("something to review");
    assert_eq!(said, "emergency access: 2 to review by the privacy officer");
    let after = told(clinic);
    assert_eq!((after.made, after.disclosures.len()), (2, 4));
    for one in after.disclosures.iter().filter(|d| d.stage == Stage::Opened) {
        let facts = one.facts.as_ref().expect("the four facts");
        assert_eq!((facts.personnel.reveal().as_str(), facts.facility.as_str()), ("Dr Ana Reyes", "County Hospital"));
        assert_eq!((facts.discloser.reveal().as_str(), facts.nature.reveal().as_str()), ("nora", "found unconscious"));
        assert!(facts.at > Time(0) && one.clause == "42 CFR 2.51(a)" && one.recipient == "County Hospital");
    }
    // What a breach at the hospital concerns: placed and opened.
    let breach: DisclosuresView = clinic.done(&Care::Disclosures(DisclosuresAsk::to("County Hospital")));
    assert_eq!(breach.disclosures.len(), 4);
}

#[test]
fn without_each_fact_and_both_name_and_date_nothing_is_opened_and_nothing_is_written() {
    let mut county = county();
    placed(&mut county);
    let hospital = county.office(HOSPITAL);
    let whole = || open("Zephyrine Quillfeather", "1988-02-03");
    for (ask, clause) in [
        (EmergencyOpen { personnel: " ".into(), ..whole() }, "2.51(c)(1)"),
        (EmergencyOpen { discloser: Some("".into()), ..whole() }, "2.51(c)(2)"),
        (EmergencyOpen { nature: "".into(), ..whole() }, "2.51(c)(4)"),
        (EmergencyOpen { unobtainable: " ".into(), ..whole() }, "2.51(a)(1)"),
        (EmergencyOpen { birth_date: "".into(), ..whole() }, "date of birth"),
        (EmergencyOpen { birth_date: "x".into(), ..whole() }, "YYYY-MM-DD"),
        (EmergencyOpen { name: "".into(), ..whole() }, "name"),
    ] {
        let (_, why) = hospital.refused(&Care::EmergencyOpen(ask));
        assert!(why.contains(clause), "{why}");
    }
    assert!(listed(hospital).attempts.is_empty());
    county.pump();
    assert_eq!(waiting(county.office(CLINIC)), None);
}

#[test]
fn a_date_of_birth_may_be_typed_as_people_here_write_one_and_is_kept_as_one() {
    let mut county = county();
    placed(&mut county);
    let hospital = county.office(HOSPITAL);
    let opened: OpenedView = hospital.done(&Care::EmergencyOpen(open("Zephyrine Quillfeather", "2/3/1988")));
    assert!(!opened.copies.is_empty(), "found by the same day");
    let fields =
        PersonFields { name: "Ottoline Marsh".into(), birth_date: " 3/14/1990".into(), ..PersonFields::default() };
    let person: PersonView = hospital.done(&Care::PersonAdd(fields.into()));
    assert_eq!(person.fields.birth_date.reveal(), "1990-03-14");
    let (class, why) = hospital.refused(&Care::PersonAdd(
        PersonFields { name: "Ida Roe".into(), birth_date: "14/3/1990".into(), ..PersonFields::default() }.into(),
    ));
    assert!(class == FailureClass::Misuse && why.contains("M/D/YYYY"), "{why}");
    let died = PersonEdit { person: "Ottoline Marsh".into(), died: Some("4/2/2025".into()), ..PersonEdit::default() };
    let person: PersonView = hospital.done(&Care::PersonEdit(Box::new(died)));
    assert_eq!(person.fields.died.reveal(), "2025-04-02");
    let found: PersonsView =
        hospital.done(&Care::PersonList(PersonsAsk { words: "3/14/1990".into(), ..PersonsAsk::default() }));
    assert_eq!(found.persons.len(), 1);
}

#[test]
fn who_is_not_found_and_who_has_placed_nothing_get_one_answer() {
    let mut county = county();
    placed(&mut county);
    county.office(CLINIC).done::<PersonView>(&Care::PersonAdd(
        PersonFields { name: "Anselm Wick".into(), birth_date: "1970-01-01".into(), ..PersonFields::default() }.into(),
    ));
    let phones = vec![PhoneRow { organisation: "Ridge Clinic".to_owned(), telephone: "618-555-0100".to_owned() }];
    let hospital = county.office(HOSPITAL);
    for (name, date) in [
        ("Anselm Wick", "1970-01-01"),
        ("Nobody Atall", "1970-01-01"),
        ("Zephyrine Quillfeather", "1988-02-04"),
        ("Zephyrine", "1988-02-03"),
    ] {
        let ask = EmergencyOpen { phones: phones.clone(), ..open(name, date) };
        let view: OpenedView = hospital.done(&Care::EmergencyOpen(ask));
        assert!(view.copies.is_empty(), "{name}");
        assert_eq!(view.phones, phones);
    }
    let attempts = listed(hospital).attempts;
    assert_eq!((attempts.len(), attempts.iter().map(|a| a.opened).sum::<u32>()), (4, 0));
    assert!(!hospital.holds(b"Anselm Wick"), "whom somebody asked for in vain is not kept");
}

#[test]
fn who_has_no_listing_is_phoned_by_the_number_that_was_agreed() {
    let mut county = county();
    drafted(&mut county, HOSPITAL, &fields("Ridge Clinic", 4));
    signed(&mut county, HOSPITAL, "Ridge Clinic");
    signed(&mut county, CLINIC, "County Hospital");
    let listed = PhoneRow { organisation: "Harbor Shelter".to_owned(), telephone: "618-555-0199".to_owned() };
    let ask = EmergencyOpen { phones: vec![listed.clone()], ..open("Nobody Atall", "1970-01-01") };
    let view: OpenedView = county.office(HOSPITAL).done(&Care::EmergencyOpen(ask));
    let agreed = PhoneRow { organisation: "Ridge Clinic".to_owned(), telephone: "555-0101".to_owned() };
    assert_eq!(view.phones, [listed, agreed]);
}

#[test]
fn who_guesses_is_stopped_and_who_opens_for_somebody_is_not() {
    let mut county = county();
    placed(&mut county);
    let hospital = county.office(HOSPITAL);
    for guess in 0..10 {
        opened(hospital, &format!("Guess {guess}"), "1988-02-03");
    }
    let ask = Care::EmergencyOpen(open("Zephyrine Quillfeather", "1988-02-03"));
    let (class, why) = hospital.refused(&ask);
    assert_eq!(class, FailureClass::NotPermitted);
    assert!(why.contains("found nothing"), "{why}");
    county.sleep(HOUR);
    let hospital = county.office(HOSPITAL);
    for _ in 0..12 {
        assert_eq!(opened(hospital, "Zephyrine Quillfeather", "1988-02-03").copies.len(), 2);
    }
}

#[test]
fn the_hospital_keeps_no_readable_copy_and_the_shelter_nothing_at_all() {
    let mut county = county();
    placed(&mut county);
    let spaces = county.office(CLINIC).thread_spaces();
    assert_eq!(spaces.len(), 2);
    for text in [PLAN.as_bytes(), b"Quillfeather", b"methadone"] {
        assert!(!county.office(HOSPITAL).holds(text), "it stands in a table before anybody opened it");
    }
    opened(county.office(HOSPITAL), "Zephyrine Quillfeather", "1988-02-03");
    county.pump();
    for space in spaces {
        assert!(county.office(HOSPITAL).holds(&space.0) && !county.office(SHELTER).holds(&space.0));
    }
    assert!(!county.office(HOSPITAL).holds(PLAN.as_bytes()), "it stands in a table after it was opened");
    assert!(county.office(HOSPITAL).threads().is_empty(), "a placed copy is no referral");
    assert!(listed(county.office(HOSPITAL)).placed.is_empty(), "what is placed here is never listed");
}

#[test]
fn an_organisation_without_medical_personnel_opens_nothing() {
    let mut county = county();
    let (_, why) = county.office(SHELTER).refused(&Care::EmergencyOpen(open("Zephyrine Quillfeather", "1988-02-03")));
    assert!(why.contains("2.51(a)"), "{why}");
}

#[test]
fn placing_takes_a_consent_that_says_so_and_names_what_is_missing() {
    let mut county = county();
    let clinic = county.office(CLINIC);
    clinic.person("Zephyrine Quillfeather");
    let treatment = clinic.consent("County Hospital", None, 90);
    let (class, why) = clinic.refused(&place_under(&treatment, Some(PLAN), None));
    assert_eq!(class, FailureClass::NotPermitted);
    assert!(why.contains("42 CFR 2.31(a)"), "{why}");
    let crisis = consented(clinic, &[Information::Crisis], 90);
    let (_, why) = clinic.refused(&place_under(&crisis, None, Some("methadone 80 mg")));
    assert!(why.contains("42 CFR 2.31(a)(3)"), "{why}");
    let (_, why) = clinic.refused(&place_under(&crisis, None, None));
    assert!(why.contains("nothing was given"), "{why}");
    assert!(clinic.thread_spaces().is_empty());
}

#[test]
fn an_update_takes_the_place_of_what_lies_there() {
    let mut county = county();
    placed(&mut county);
    let update = EmergencyUpdate {
        person: "Zephyrine Quillfeather".into(),
        crisis: Some("Call Ada first.".into()),
        medication: None,
    };
    let view: EmergencyView = county.office(CLINIC).done(&Care::EmergencyUpdate(update));
    assert_eq!(view.placed.len(), 2, "no further space was founded");
    county.pump();
    let view = opened(county.office(HOSPITAL), "Zephyrine Quillfeather", "1988-02-03");
    let crisis = view.copies.iter().find(|c| c.information == Information::Crisis).expect("placed");
    assert_eq!(crisis.content.reveal(), "Call Ada first.");
}

#[test]
fn withdrawal_revocation_and_expiry_each_end_it() {
    for end in ["withdraw", "revoke", "expire"] {
        let mut county = county();
        let consent = placed(&mut county);
        let person: Personal<String> = "Zephyrine Quillfeather".into();
        match end {
            "withdraw" => {
                drop(county.office(CLINIC).done::<EmergencyView>(&Care::EmergencyWithdraw { person, at: None }));
            }
            "revoke" => {
                let revoke = Care::ConsentRevoke { consent: consent.id.to_string(), party: None, spoken: true };
                county.office(CLINIC).done::<ConsentView>(&revoke);
            }
            _ => county.sleep(91 * DAY),
        }
        county.pump();
        let view = opened(county.office(HOSPITAL), "Zephyrine Quillfeather", "1988-02-03");
        assert!(view.copies.is_empty(), "{end}: it was opened");
        let state = if end == "expire" { "expired" } else { "ended" };
        assert!(listed(county.office(CLINIC)).placed.iter().all(|p| p.state == state), "{end}");
    }
}

#[test]
fn a_copy_lies_as_long_as_the_newest_version_says() {
    for days in [10, 300] {
        let mut county = county();
        let consent = placed(&mut county);
        let hospital = county.office(HOSPITAL).org();
        let spaces = county.office(HOSPITAL).thread_spaces();
        let clinic = county.office(CLINIC);
        let end = Time(clinic.now.0 + days * DAY);
        let (consent, expiry) = (consent.id.to_string(), Some(ExpiryRequest::On(end)));
        let amend = ConsentAmend { consent: consent.clone(), expiry, ..ConsentAmend::default() };
        clinic.done::<ConsentView>(&Care::ConsentAmend(amend));
        let typed = "Zephyrine Quillfeather".into();
        clinic.done::<ConsentView>(&Care::ConsentSign(ConsentSign {
            attested: true,
            consent,
            typed,
            ..ConsentSign::default()
        }));
        assert!(listed(clinic).placed.iter().all(|p| p.version == 2 && p.state == "placed"));
        county.pump();
        for office in [HOSPITAL, CLINIC] {
            let seats: Vec<_> = spaces.iter().map(|space| county.office(office).seat(*space, hospital)).collect();
            assert_eq!(seats, [Some(Some(end)); 2]);
        }
        county.sleep((days - 1) * DAY);
        assert_eq!(opened(county.office(HOSPITAL), "Zephyrine Quillfeather", "1988-02-03").copies.len(), 2);
        county.sleep(2 * DAY);
        assert_eq!(opened(county.office(HOSPITAL), "Zephyrine Quillfeather", "1988-02-03").copies.len(), 0);
    }
}

#[test]
fn what_was_opened_after_it_was_taken_back_unheard_is_told_marked_and_bounded() {
    let mut county = county();
    placed(&mut county);
    let withdraw = Care::EmergencyWithdraw { person: "Zephyrine Quillfeather".into(), at: None };
    county.office(CLINIC).done::<EmergencyView>(&withdraw);
    let whole = opened(county.office(HOSPITAL), "Zephyrine Quillfeather", "1988-02-03");
    assert_eq!(whole.copies.len(), 2, "nobody there has heard");
    county.pump();
    let clinic = county.office(CLINIC);
    let rows = listed(clinic).openings;
    assert_eq!((rows.len(), rows.iter().filter(|row| row.late && row.reviewed.is_none()).count()), (2, 2));
    let account = told(clinic);
    let late = account.disclosures.iter().filter(|d| d.stage == Stage::Opened);
    assert!(late.clone().count() == 2 && late.clone().all(|d| d.facts.is_some()));
    assert!(late.into_iter().all(|d| d.what.reveal().contains("of which they had not heard")));
    clinic.rebuild();
    assert_eq!(listed(clinic).openings.len(), 2);
    assert!(opened(county.office(HOSPITAL), "Zephyrine Quillfeather", "1988-02-03").copies.is_empty());

    let mut flooded = self::county();
    placed(&mut flooded);
    flooded.office(CLINIC).done::<EmergencyView>(&withdraw);
    for _ in 0..limits::LATE_WORDS + 3 {
        let crisis = vec![Information::Crisis];
        let ask = EmergencyOpen { include: crisis, ..open("Zephyrine Quillfeather", "1988-02-03") };
        flooded.office(HOSPITAL).done::<OpenedView>(&Care::EmergencyOpen(ask));
    }
    flooded.pump();
    assert_eq!(listed(flooded.office(CLINIC)).openings.len(), limits::LATE_WORDS);
}

#[test]
fn only_a_privacy_officer_reviews_and_then_nothing_waits() {
    let mut county = county();
    placed(&mut county);
    let ask = EmergencyOpen { include: vec![Information::Crisis], ..open("Zephyrine Quillfeather", "1988-02-03") };
    let view: OpenedView = county.office(HOSPITAL).done(&Care::EmergencyOpen(ask));
    assert_eq!(view.copies.len(), 1, "only what was asked for is opened");
    county.pump();
    let clinic = county.office(CLINIC);
    let opening = listed(clinic).openings[0].opening.to_string();
    let review = Care::EmergencyReview { opening, note: "called Dr Reyes, in order".into() };
    let (class, why) = clinic.refused(&review);
    assert!(class == FailureClass::NotPermitted && why.contains("privacy officer"), "{why}");
    clinic.sign_in_as("ida", "Privacy Officer");
    let view: EmergencyView = clinic.done(&review);
    assert!(view.to_review == 0 && view.openings[0].reviewed.is_some());
    assert_eq!(waiting(clinic), None);
    assert!(clinic.refused(&review).1.contains("before"));
}

#[test]
fn the_printed_accounting_keeps_apart_what_lies_sealed_and_what_was_opened_in_the_person_s_language() {
    let mut county = county();
    placed(&mut county);
    let print = |office: &mut Office, lang| {
        let form = Printed::Accounting { person: "Zephyrine Quillfeather".into() };
        let view: PrintView = office.done(&Care::Print(Print::new(form, Some(lang), Shape::Text)));
        view.form.reveal().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let (en, es) = (crate::forms::Lang::En, crate::forms::Lang::Es);
    let before = print(county.office(CLINIC), en);
    assert!(
        before.contains("There is nothing to list for this time") && before.contains("Kept sealed for an emergency"),
        "{before}"
    );
    county.office(HOSPITAL).person("Zephyrine Quillfeather");
    opened(county.office(HOSPITAL), "Zephyrine Quillfeather", "1988-02-03");
    county.pump();
    let after = print(county.office(CLINIC), es);
    assert!(!after.contains("opened in a medical") && !after.contains("sin abrir"), "{after}");
    assert!(after.contains("Dr Ana"), "{after}");
    assert_eq!(told(county.office(HOSPITAL)).made, 2, "that it was opened, told back to who placed it");
}

#[test]
fn a_hold_stops_destruction_until_it_is_lifted_with_a_reason() {
    let mut county = county();
    let clinic = county.office(CLINIC);
    let person = clinic.person("Zephyrine Quillfeather").id;
    let other = clinic.person("Anselm Wick").id;
    let stops = |clinic: &mut Office, who| {
        clinic.step(|step| {
            let view: &dyn View = step.draft();
            (holds::stops(view, who).expect("reads"), holds::any(view).expect("reads"))
        })
    };
    assert_eq!(stops(clinic, person), (false, false));
    let set =
        |why: &str| Care::HoldSet(HoldSet { person: "Zephyrine Quillfeather".into(), why: why.into(), order: None });
    assert!(clinic.refused(&set(" ")).1.contains("why is missing"));
    let held: HoldsView = clinic.done(&set("subpoena of the county court"));
    assert_eq!((stops(clinic, person), stops(clinic, other)), ((true, true), (false, true)));
    let hold = held.holds[0].id.clone();
    let lift = |why: &str| Care::HoldLift { hold: hold.clone(), why: why.into() };
    assert!(clinic.refused(&lift("")).1.contains("why is missing"));
    assert!(clinic.refused(&lift("counsel: the case is closed")).1.contains("for the privacy officer"));
    assert_eq!(stops(clinic, person), (true, true));
    let lifted: HoldsView = clinic.officer(&lift("counsel: the case is closed"));
    assert!(lifted.holds[0].lifted.is_some());
    assert_eq!(stops(clinic, person), (false, false));
    assert!(clinic.as_officer(|office| office.refused(&lift("again"))).1.contains("before"));
}

#[test]
fn what_is_kept_of_emergencies_is_the_same_when_made_again_from_the_entries() {
    let mut county = county();
    placed(&mut county);
    opened(county.office(HOSPITAL), "Zephyrine Quillfeather", "1988-02-03");
    county.pump();
    for office in [HOSPITAL, CLINIC] {
        let before = county.office(office).records();
        county.office(office).rebuild();
        assert_eq!(county.office(office).records(), before);
    }
    assert_eq!(opened(county.office(HOSPITAL), "Zephyrine Quillfeather", "1988-02-03").copies.len(), 2);
}

#[test]
fn a_plan_that_was_written_in_a_referral_is_placed_and_followed_without_being_typed_again() {
    let mut county = county();
    let clinic = county.office(CLINIC);
    clinic.person("Zephyrine Quillfeather");
    let told = vec![Information::Referral, Information::Identity, Information::Crisis];
    let consent = clinic.consent_to_tell("Harbor Shelter", told, None, 90);
    let thread = clinic.send(&consent).row.id.to_string();
    let plan = |naloxone: &str| {
        let plan = belay_protocol::referral::CrisisPlan { naloxone: naloxone.into(), ..Default::default() };
        ActRequest::Crisis(plan.into())
    };
    clinic.act(&thread, plan("in the kitchen"));
    let emergency = consented(clinic, &[Information::Crisis, Information::Medication], 90);
    let view: EmergencyView = clinic.done(&place_under(&emergency, None, None));
    assert_eq!(view.placed.len(), 1, "no medication was ever written");
    county.pump();
    let seen = |county: &mut County| {
        let view = opened(county.office(HOSPITAL), "Zephyrine Quillfeather", "1988-02-03");
        view.copies.iter().map(|copy| copy.content.reveal().clone()).collect::<Vec<_>>()
    };
    assert_eq!(seen(&mut county), ["Naloxone: in the kitchen"]);
    county.office(CLINIC).act(&thread, plan("by the door"));
    county.pump();
    assert_eq!(seen(&mut county), ["Naloxone: by the door"]);
}
