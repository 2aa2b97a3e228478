//! A crisis plan and a list of medication that are written with the person, long before anybody is referred.

mod upon;

use super::emergency::{listed, opened};
use super::office::Office;
use super::*;
use crate::forms::Lang;
use belay_protocol::disclosure::Stage;
use belay_protocol::referral::{Contact, Medication, Medicine};
use belay_protocol::sensitive::Personal;

const NAME: &str = "Zephyrine Quillfeather";

fn crisis(helps: &str) -> PlanWritten {
    let may = Contact { name: "May".into(), phone: "618-555-0101".into(), relation: "sister".into() };
    PlanWritten::Crisis(PlanRequest { helps: Some(helps.into()), contacts: Some(vec![may]), ..PlanRequest::default() })
}

fn list(name: &str, dose: &str) -> MedicationRequest {
    let medicine = Medicine { name: name.into(), dose: dose.into(), ..Medicine::default() };
    MedicationRequest { medicines: Some(vec![medicine]), ..MedicationRequest::default() }
}

fn takes(name: &str, dose: &str) -> PlanWritten {
    PlanWritten::Medication(list(name, dose))
}

fn write_ask(what: PlanWritten) -> Care {
    Care::PersonPlan(Box::new(PlanWrite { person: NAME.into(), what }))
}

fn write(office: &mut Office, what: PlanWritten) -> PlansView {
    office.done::<PersonPlans>(&write_ask(what)).plans
}

fn shown(office: &mut Office, person: &str) -> PersonView {
    office.done(&Care::PersonShow { person: person.into() })
}

fn paper(office: &mut Office, form: Printed, lang: Lang) -> String {
    let view: PrintView = office.done(&Care::Print(Print::new(form, Some(lang), Shape::Text)));
    view.form.reveal().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_would_stand_no_more_is_said_before_a_plan_or_a_list_is_written_and_what_is_added_is_not() {
    let mut county = county();
    let office = county.office(HOSPITAL);
    office.person(NAME);
    let contact = |name: &str| Contact { name: name.into(), phone: "606-555-0111".into(), relation: "sister".into() };
    let call = |names: &[&str]| {
        let contacts = Some(names.iter().map(|name| contact(name)).collect());
        PlanWritten::Crisis(PlanRequest { contacts, ..PlanRequest::default() })
    };
    let preview = |office: &mut Office, what: PlanWritten| {
        let ask = PlanWrite { person: NAME.into(), what };
        let view: PlanPreview = office.done(&Care::PersonPlanPreview(Box::new(ask)));
        let line =
            |lines: &[Personal<String>]| lines.iter().map(|line| line.reveal().clone()).collect::<Vec<_>>().join("; ");
        view.changes.iter().map(|one| (one.what.clone(), line(&one.stands), line(&one.becomes))).collect::<Vec<_>>()
    };
    assert_eq!(preview(office, call(&["Mae"])), [], "nothing stands there");
    write(office, call(&["Mae", "Joe"]));
    assert_eq!(preview(office, call(&["Mae", "Joe", "Ann"])), [], "both still stand");
    let said = |names: &[&str]| {
        names.iter().map(|name| format!("{name}, sister, 606-555-0111")).collect::<Vec<_>>().join("; ")
    };
    for names in [&["Ann"][..], &["Joe", "Mae"], &[]] {
        let change = ("Whom to call".to_owned(), said(&["Mae", "Joe"]), said(names));
        assert_eq!(preview(office, call(names)), [change]);
    }
    let takes = |name: &str| {
        let medicines = Some(vec![Medicine { name: name.into(), ..Medicine::default() }]);
        PlanWritten::Medication(MedicationRequest { medicines, ..MedicationRequest::default() })
    };
    write(office, takes("methadone"));
    assert_eq!(preview(office, takes("methadone")), []);
    let change = ["Medicines", "methadone", "buprenorphine"].map(str::to_owned);
    assert_eq!(preview(office, takes("buprenorphine")), [change.into()]);
    assert_eq!(
        shown(office, NAME).plans.crisis.map(|(_, plan)| plan.contacts.len()),
        Some(2),
        "nothing was written by it"
    );
}

/// A consent that lets plan and medication go to the clinic.
fn opens_both(office: &mut Office) -> ConsentView {
    let kinds = vec![Information::Referral, Information::Identity, Information::Medication, Information::Crisis];
    office.consent_to_tell("Ridge Clinic", kinds, None, 90)
}

fn sending(consent: &ConsentView, include: &[Information]) -> Send {
    Send { include: include.to_vec(), ..plain(consent) }
}

/// The list as it is on record, for emergencies at the hospital.
fn place(consent: &ConsentView) -> Care {
    Care::EmergencyPlace(EmergencyPlace {
        person: NAME.into(),
        at: "County Hospital".to_owned(),
        consent: consent.id.to_string(),
        include: vec![Information::Medication],
        crisis: None,
        medication: None,
    })
}

/// Everything but the crisis plan may be told.
const BUT_THE_PLAN: [Information; 3] = [Information::Referral, Information::Identity, Information::Medication];

fn told(office: &mut Office) -> Vec<(Stage, Information, String)> {
    let view: DisclosuresView = office.done(&Care::Disclosures(DisclosuresAsk::of(NAME)));
    view.disclosures.into_iter().map(|d| (d.stage, d.information, d.recipient)).collect()
}

fn of_plans(office: &mut Office) -> usize {
    let kinds = [Information::Crisis, Information::Medication];
    told(office).iter().filter(|(_, kind, _)| kinds.contains(kind)).count()
}

fn medicine(view: &ThreadView) -> Option<String> {
    let (_, list) = view.follow.medication.as_ref()?;
    Some(list.medicines.first()?.dose.reveal().clone())
}

/// Written in March at the hospital's peer office, carried in the wallet, and sent in May with the referral that nobody had thought of.
#[test]
fn a_plan_is_written_with_the_person_printed_and_sent_along_when_somebody_is_referred() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person(NAME);
    write(hospital, crisis("a walk with May"));
    write(hospital, takes("buprenorphine", "8 mg a day"));
    assert_eq!(told(hospital).len(), 0, "it is told to nobody by being written");

    // The card and the plan are made from it, in both languages.
    for lang in [Lang::En, Lang::Es] {
        let card = paper(hospital, Printed::Card { person: NAME.into(), visit: false }, lang);
        assert!(card.contains("buprenorphine, 8 mg a day") && card.contains("May (sister), 618-555-0101"), "{card}");
        let plan = paper(hospital, Printed::Plan { person: NAME.into() }, lang);
        assert!(plan.contains("a walk with May") && plan.contains("buprenorphine"), "{plan}");
    }
    let spanish = paper(hospital, Printed::Plan { person: NAME.into() }, Lang::Es);
    assert_ne!(spanish, paper(hospital, Printed::Plan { person: NAME.into() }, Lang::En));

    // The least goes by default; the preview says what is on record and would go if it were asked for.
    let consent = opens_both(hospital);
    let least: SendPreview = hospital.done(&Care::ReferralPreview(sending(&consent, &[])));
    let ready: Vec<Information> = least.on_record.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(ready, [Information::Medication, Information::Crisis]);
    let says = |view: &SendPreview| view.goes.iter().map(|goes| goes.information).collect::<Vec<_>>();
    assert_eq!(says(&least), [Information::Referral, Information::Identity]);
    let both = sending(&consent, &[Information::Crisis, Information::Medication]);
    let more: SendPreview = hospital.done(&Care::ReferralPreview(both.clone()));
    let lines: Vec<_> = more.goes.iter().flat_map(|goes| &goes.says).map(|(_, text)| text.reveal().clone()).collect();
    assert!(lines.iter().any(|line| line.contains("a walk with May")), "{lines:?}");
    assert!(lines.iter().any(|line| line.contains("buprenorphine, 8 mg a day")), "{lines:?}");
    assert!(more.on_record.is_empty() && more.refused.is_none());
    assert_eq!(told(hospital).len(), 0, "nothing goes by being shown");

    let id = hospital.done::<ThreadView>(&Care::ReferralSend(both)).row.id.to_string();
    let on_record = told(hospital);
    for kind in [Information::Crisis, Information::Medication] {
        assert!(on_record.contains(&(Stage::Told, kind, "Ridge Clinic".to_owned())), "{kind}: {on_record:?}");
    }
    county.pump();
    let there = county.office(CLINIC).thread(&id);
    assert_eq!(medicine(&there).as_deref(), Some("8 mg a day"));
    let (_, plan) = there.follow.crisis.as_ref().expect("the plan");
    assert_eq!((plan.helps.reveal().as_str(), plan.contacts.len()), ("a walk with May", 1));

    // The dose changes. Staff are told who has the older list, and send the newer with one command.
    let hospital = county.office(HOSPITAL);
    let view = write(hospital, takes("buprenorphine", "16 mg a day"));
    let older: Vec<_> = view.older.iter().map(|one| (one.thread.to_string(), one.information)).collect();
    assert_eq!(older, [(id.clone(), Information::Medication)]);
    assert_eq!(shown(hospital, NAME).plans.older.len(), 1);
    let before = of_plans(hospital);
    let stands = hospital.thread(&id);
    assert!(medicine(&stands).as_deref() == Some("8 mg a day") && stands.may.iter().any(|act| act == "renew"));
    assert_eq!(stands.follow.unsaid.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(), [Information::Medication]);
    let renewed = hospital.act(&id, ActRequest::Renew(RenewRequest::default()));
    assert!(renewed.follow.unsaid.is_empty() && !renewed.may.iter().any(|act| act == "renew"));
    assert_eq!(of_plans(hospital), before + 1, "it is a disclosure of its own, and the plan is not told twice");
    assert!(shown(hospital, NAME).plans.older.is_empty());
    let (_, why) =
        hospital.refused(&Care::ReferralAct { thread: id.clone(), act: ActRequest::Renew(RenewRequest::default()) });
    assert!(why.contains("older than what is on record"), "{why}");
    county.pump();
    assert_eq!(medicine(&county.office(CLINIC).thread(&id)).as_deref(), Some("16 mg a day"));
}

#[test]
fn a_referral_that_took_the_least_can_be_told_the_plan_later_and_only_as_the_consent_lets_it() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person(NAME);
    let consent = hospital.consent_to_tell(
        "Ridge Clinic",
        vec![Information::Referral, Information::Identity, Information::Crisis],
        None,
        90,
    );
    let id = hospital.send(&consent).row.id.to_string();
    write(hospital, crisis("a walk with May"));
    let view = write(hospital, takes("buprenorphine", "8 mg a day"));
    assert!(view.older.is_empty(), "nothing older stands there");
    let unsaid = hospital.thread(&id).follow.unsaid;
    assert_eq!(unsaid, [(Information::Crisis, None)], "the medication may not be told");
    let renew = |crisis, medication| Care::ReferralAct {
        thread: id.clone(),
        act: ActRequest::Renew(RenewRequest { crisis, medication }),
    };
    let (class, why) = hospital.refused(&renew(false, true));
    assert!(class == FailureClass::NotPermitted && why.contains("medication"), "{why}");
    assert_eq!(of_plans(hospital), 0);
    hospital.done::<ThreadView>(&renew(true, false));
    assert_eq!(of_plans(hospital), 2, "the notice of its new space, and the plan");

    // What the person asks to leave out is left out of what is newer as well (2.26).
    write(hospital, crisis("music"));
    assert_eq!(shown(hospital, NAME).plans.older.len(), 1);
    let restriction = RestrictionRequest {
        asked: "not my crisis plan".into(),
        to: Some("Ridge Clinic".to_owned()),
        information: vec![Information::Crisis],
        ..RestrictionRequest::default()
    };
    let _: ConsentView = hospital.done(&Care::ConsentRestrict { consent: consent.id.to_string(), restriction });
    assert!(shown(hospital, NAME).plans.older.is_empty());
    let (class, _) = hospital.refused(&renew(true, false));
    assert_eq!(class, FailureClass::NotPermitted);
    let preview: SendPreview = hospital.done(&Care::ReferralPreview(sending(&consent, &[Information::Crisis])));
    assert!(preview.refused.is_some_and(|why| why.contains("42 CFR 2.26")));
}

#[test]
fn what_was_written_before_stays_in_the_history_and_a_field_that_is_not_named_stays() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person(NAME);
    let empty = PlanWrite { person: NAME.into(), what: PlanWritten::Crisis(PlanRequest::default()) };
    assert!(hospital.refused(&Care::PersonPlan(Box::new(empty))).1.contains("the plan is empty"));
    let silent = PlanWritten::Medication(MedicationRequest::default());
    let silent = PlanWrite { person: NAME.into(), what: silent };
    assert!(hospital.refused(&Care::PersonPlan(Box::new(silent))).1.contains("asked and takes nothing"));
    write(hospital, crisis("a walk with May"));
    let wishes = PlanRequest { wishes: Some("no ambulance".into()), ..PlanRequest::default() };
    // A clock that was set back hides no newer word.
    hospital.now = Time(hospital.now.0 - DAY);
    let view = write(hospital, PlanWritten::Crisis(wishes));
    let (_, plan) = view.crisis.expect("the plan");
    assert_eq!((plan.helps.reveal().as_str(), plan.wishes.reveal().as_str()), ("a walk with May", "no ambulance"));
    assert_eq!(view.written.len(), 2);
    let history = shown(hospital, NAME).history;
    let of_plan = history.iter().filter(|one| one.what.reveal().starts_with("crisis plan"));
    assert_eq!(of_plan.count(), 2);
    assert!(history.iter().all(|one| one.what.reveal().contains("a walk with May")), "{history:?}");
    // Made again from the entries alone.
    hospital.rebuild();
    let again = shown(hospital, NAME).plans;
    assert_eq!((again.crisis.map(|(_, plan)| plan), again.written.len()), (Some(plan), 2));
}

#[test]
fn a_plan_of_somebody_else_is_taken_back_and_goes_out_of_the_copies_for_emergencies() {
    let mut county = county();
    let clinic = county.office(CLINIC);
    clinic.person(NAME);
    write(clinic, takes("methadone", "80 mg"));
    let wrong = write(clinic, takes("insulin", "of Xavier Plumdale"));
    let consent = super::emergency::consented(clinic, &[Information::Medication], 90);
    // Nobody types what is on record.
    let place = place(&consent);
    let placed: EmergencyView = clinic.done(&place);
    assert_eq!(placed.placed.len(), 1);
    assert_eq!(told(clinic), [(Stage::Placed, Information::Medication, "County Hospital".to_owned())]);
    let entry = wrong.written[0].entry.to_string();
    let mistake = |entry: &str, why: &str| PlanWritten::Mistake { entry: entry.to_owned(), why: why.into() };
    let (_, why) =
        clinic.refused(&Care::PersonPlan(Box::new(PlanWrite { person: NAME.into(), what: mistake(&entry, " ") })));
    assert!(why.contains("what was wrong"), "{why}");
    let view = write(clinic, mistake(&entry[..8], "it is Xavier's"));
    assert_eq!(view.medication.expect("the one before").1.medicines[0].name.reveal(), "methadone");
    let twice = PlanWrite { person: NAME.into(), what: mistake(&entry, "again") };
    assert!(clinic.refused(&Care::PersonPlan(Box::new(twice))).1.contains("taken back already"));
    let history = shown(clinic, NAME).history;
    assert!(history.iter().any(|one| one.what.reveal().contains("was a mistake: it is Xavier's")), "{history:?}");
    county.pump();
    let copies = opened(county.office(HOSPITAL), NAME, "1988-02-03").copies;
    let texts: Vec<_> = copies.iter().map(|copy| copy.content.reveal().clone()).collect();
    assert!(texts.len() == 1 && texts[0].contains("methadone") && !texts[0].contains("insulin"), "{texts:?}");
    // Without one that is right the copy ends.
    let clinic = county.office(CLINIC);
    let right = shown(clinic, NAME).plans.written[0].entry.to_string();
    let view = write(clinic, mistake(&right, "that too"));
    assert!(view.medication.is_none() && listed(clinic).placed.iter().all(|row| row.state != "placed"));
    // Nor does it come back from a copy that lay there.
    let (_, why) = clinic.refused(&place);
    assert!(why.contains("not on record yet"), "{why}");
}

fn first(list: &Medication) -> &str {
    list.medicines.first().map(|medicine| medicine.name.reveal().as_str()).unwrap_or_default()
}

/// Told in a referral before somebody saw that it was another person's.
#[test]
fn what_was_struck_is_nobodys_list_though_a_referral_told_it_and_who_has_it_is_named() {
    let mut county = county();
    let clinic = county.office(CLINIC);
    clinic.person(NAME);
    let right = write(clinic, takes("methadone", "80 mg"));
    clinic.now = Time(clinic.now.0 + 1_000);
    let wrong = write(clinic, takes("insulin", "of Xavier Plumdale"));
    let consent = super::emergency::consented(clinic, &[Information::Medication], 90);
    let _: EmergencyView = clinic.done(&place(&consent));
    let consent = clinic.consent_to_tell("Harbor Shelter", BUT_THE_PLAN.to_vec(), None, 90);
    clinic.now = Time(clinic.now.0 + 1_000);
    let sent: ThreadView = clinic.done(&Care::ReferralSend(sending(&consent, &[Information::Medication])));
    let id = sent.row.id.to_string();
    assert_eq!(sent.follow.our_medication.as_ref().map(first), Some("insulin"));
    // A clock that was set back lets it stand no longer.
    clinic.now = Time(clinic.now.0 - 500);
    let mistake = |one: &PlansView| {
        let entry = one.written[0].entry.to_string();
        write_ask(PlanWritten::Mistake { entry, why: "it is Xavier's".into() })
    };
    let view = clinic.done::<PersonPlans>(&mistake(&wrong)).plans;
    assert_eq!(view.medication.as_ref().map(|(_, list)| first(list)), Some("methadone"));
    let card = paper(clinic, Printed::Card { person: NAME.into(), visit: false }, Lang::En);
    assert!(card.contains("methadone") && !card.contains("insulin"), "{card}");
    let [older] = view.older.as_slice() else { panic!("{:?}", view.older) };
    assert!(older.mistaken && older.renew && older.thread.to_string() == id, "{older:?}");
    let placed = listed(clinic).placed;
    assert_eq!(placed.iter().filter(|row| row.state == "placed").count(), 1, "{placed:?}");
    county.pump();
    let copies = opened(county.office(HOSPITAL), NAME, "1988-02-03").copies;
    assert!(copies.iter().all(|copy| !copy.content.reveal().contains("insulin")), "{copies:?}");

    // Nothing right is on record: it is named all the same, and is put right there.
    let clinic = county.office(CLINIC);
    clinic.now = Time(clinic.now.0 + 1_000);
    let view = clinic.done::<PersonPlans>(&mistake(&right)).plans;
    assert!(view.medication.is_none() && view.older.len() == 1, "{view:?}");
    assert!(view.older[0].mistaken && !view.older[0].renew);
    clinic.now = Time(clinic.now.0 + 1_000);
    clinic.act(&id, ActRequest::Medication(list("methadone", "60 mg")));
    let view = shown(clinic, NAME).plans;
    assert!(view.older.is_empty(), "{view:?}");
    assert_eq!(view.medication.as_ref().map(|(_, list)| first(list)), Some("methadone"));
}

#[test]
fn the_right_list_that_is_older_than_the_wrong_one_is_told_anew() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person(NAME);
    write(hospital, takes("buprenorphine", "8 mg a day"));
    hospital.now = Time(hospital.now.0 + 1_000);
    let wrong = write(hospital, takes("insulin", "of Xavier Plumdale"));
    let consent = opens_both(hospital);
    let id = hospital.done::<ThreadView>(&Care::ReferralSend(sending(&consent, &[Information::Medication])));
    let id = id.row.id.to_string();
    let entry = wrong.written[0].entry.to_string();
    write(hospital, PlanWritten::Mistake { entry, why: "it is Xavier's".into() });
    let unsaid = hospital.thread(&id).follow.unsaid;
    assert!(matches!(unsaid.as_slice(), [(Information::Medication, Some(_))]), "{unsaid:?}");
    hospital.act(&id, ActRequest::Renew(RenewRequest::default()));
    assert!(shown(hospital, NAME).plans.older.is_empty());
    county.pump();
    assert_eq!(medicine(&county.office(CLINIC).thread(&id)).as_deref(), Some("8 mg a day"));
}

#[test]
fn a_dose_that_changes_in_a_referral_leaves_the_allergy_that_was_written_with_the_person() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person(NAME);
    write(hospital, takes("buprenorphine", "8 mg"));
    let consent = opens_both(hospital);
    let sent: ThreadView = hospital.done(&Care::ReferralSend(sending(&consent, &[Information::Medication])));
    let id = sent.row.id.to_string();
    hospital.now = Time(hospital.now.0 + 1_000);
    let allergies = Some("PENICILLIN".into());
    write(hospital, PlanWritten::Medication(MedicationRequest { allergies, ..list("buprenorphine", "16 mg") }));
    let ours = hospital.thread(&id).follow.our_medication.expect("what the form on the page begins with");
    assert_eq!(ours.allergies.reveal(), "PENICILLIN");
    hospital.now = Time(hospital.now.0 + 1_000);
    let told = hospital.act(&id, ActRequest::Medication(list("buprenorphine", "24 mg")));
    assert_eq!(medicine(&told).as_deref(), Some("24 mg"));
    let (_, list) = shown(hospital, NAME).plans.medication.expect("a list");
    assert_eq!(list.allergies.reveal(), "PENICILLIN");
    let card = paper(hospital, Printed::Card { person: NAME.into(), visit: false }, Lang::En);
    assert!(card.contains("PENICILLIN") && card.contains("24 mg"), "{card}");
}

#[test]
fn what_the_other_side_wrote_becomes_nothing_of_ours_by_a_line_that_we_add() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person(NAME);
    write(hospital, takes("insulin", "10 units"));
    let back = Some(vec![Information::Referral, Information::Medication]);
    let consent = hospital.consent_to_tell("Ridge Clinic", BUT_THE_PLAN.to_vec(), back, 90);
    let sent: ThreadView = hospital.done(&Care::ReferralSend(sending(&consent, &[Information::Medication])));
    let id = sent.row.id.to_string();
    county.pump();
    let clinic = county.office(CLINIC);
    let allergy = || MedicationRequest { allergies: Some("latex".into()), ..MedicationRequest::default() };
    let act = |asked| Care::ReferralAct { thread: id.clone(), act: ActRequest::Medication(asked) };
    for linked in [false, true] {
        if linked {
            taken_in(clinic, &id);
        }
        let seen = clinic.thread(&id).follow;
        assert!(seen.medication.is_some() && seen.our_medication.is_none());
        assert!(clinic.refused(&act(allergy())).1.contains("say what the person takes"));
    }
    let asked = MedicationRequest { takes_none: true, ..allergy() };
    clinic.now = Time(clinic.now.0 + 1_000);
    clinic.done::<ThreadView>(&act(asked));
    let (_, list) = shown(clinic, NAME).plans.medication.expect("our own");
    assert!(list.medicines.is_empty() && list.allergies.reveal() == "latex", "{:?}", list.medicines.len());
}

#[test]
fn a_copy_for_emergencies_follows_what_is_written_with_the_person() {
    let mut county = county();
    super::emergency::placed(&mut county);
    write(county.office(CLINIC), takes("methadone", "120 mg"));
    county.pump();
    let copies = opened(county.office(HOSPITAL), NAME, "1988-02-03").copies;
    let texts: Vec<_> = copies.iter().map(|copy| copy.content.reveal().clone()).collect();
    assert!(texts.iter().any(|text| text.contains("methadone, 120 mg")), "{texts:?}");
    assert!(!texts.iter().any(|text| text.contains("80 mg")), "{texts:?}");
}

#[test]
fn two_records_of_one_person_have_one_plan_and_keep_their_own_when_they_are_taken_apart() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    let first = hospital.person(NAME).id.to_string();
    let fields = PersonFields { name: "Zefi Quillfeather".into(), ..PersonFields::default() };
    let second: PersonView = hospital.done(&Care::PersonAdd(PersonAdd { fields, another: true }));
    let second = second.id.to_string();
    let of = |person: &str, what| Care::PersonPlan(Box::new(PlanWrite { person: person.into(), what }));
    hospital.done::<PersonPlans>(&of(&first, crisis("a walk with May")));
    hospital.now = Time(hospital.now.0 + 1_000);
    hospital.done::<PersonPlans>(&of(&second, crisis("music")));
    let helps = |office: &mut Office, person: &str| {
        shown(office, person).plans.crisis.map(|(_, plan)| plan.helps.reveal().clone()).unwrap_or_default()
    };
    assert_eq!((helps(hospital, &first), helps(hospital, &second)), ("a walk with May".into(), "music".into()));
    let (person, other) = (first.as_str(), second.as_str());
    let ask = MergeAsk { person: person.into(), other: other.into(), why: "she told us".into() };
    let _: PersonView = hospital.done(&Care::PersonMerge(ask));
    assert_eq!((helps(hospital, &first), helps(hospital, &second)), ("music".into(), "music".into()));
    let apart = PersonApart { person: person.into(), other: other.into(), why: "her cousin".into() };
    let _: PersonView = hospital.done(&Care::PersonApart(apart));
    assert_eq!((helps(hospital, &first), helps(hospital, &second)), ("a walk with May".into(), "music".into()));
}

#[test]
fn a_letter_carries_the_list_that_was_written_with_the_person() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person(NAME);
    write(hospital, takes("buprenorphine", "8 mg a day"));
    hospital.done::<PartnerView>(&Care::PartnerAdd(PartnerFields {
        name: "Stone Chapel".to_owned(),
        kind: Some(PartnerKind::NonCoveredCbo),
        ..PartnerFields::default()
    }));
    let consent = hospital.consent_to_tell("Stone Chapel", BUT_THE_PLAN.to_vec(), None, 90);
    let refer = Refer { send: sending(&consent, &[Information::Medication]), ..super::outside::refer(&consent) };
    let id = hospital.done::<ThreadView>(&Care::ReferralRefer(refer)).row.id.to_string();
    let letter = |office: &mut Office| {
        office.done::<LetterView>(&Care::ReferralLetter(LetterAsk { thread: id.clone(), ..LetterAsk::default() }))
    };
    assert!(format!("{:?}", serde_json::to_string(&letter(hospital))).contains("8 mg a day"));
    let view = write(hospital, takes("buprenorphine", "16 mg a day"));
    assert_eq!(view.older.len(), 1);
    hospital.act(&id, ActRequest::Renew(RenewRequest::default()));
    assert!(format!("{:?}", serde_json::to_string(&letter(hospital))).contains("16 mg a day"));
}
