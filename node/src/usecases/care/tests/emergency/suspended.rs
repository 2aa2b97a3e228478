//! Copies under a consent that may be false: they lie as they are, and catch up once it stands again.

use super::*;
use belay_protocol::referral::Medicine;

const NAME: &str = "Zephyrine Quillfeather";
const OTHER: &str = "Zephyrine Marsh";

/// What the hospital reads under a name, in order.
fn read(county: &mut County, name: &str) -> Vec<String> {
    county.pump();
    let view = opened(county.office(HOSPITAL), name, "1988-02-03");
    let mut texts: Vec<String> = view.copies.iter().map(|copy| copy.content.reveal().clone()).collect();
    texts.sort_unstable();
    texts
}

fn suspend(consent: &ConsentView, why: &str, lift: bool) -> Care {
    Care::ConsentSuspend { consent: consent.id.to_string(), why: why.into(), lift }
}

fn doubted(clinic: &mut Office, consent: &ConsentView) {
    clinic.done::<ConsentView>(&suspend(consent, "her sister signed", false));
}

fn stands_again(clinic: &mut Office, consent: &ConsentView) -> ConsentView {
    clinic.officer(&suspend(consent, "she signed herself", true))
}

/// Staff write an hour later what this person takes now, with this note.
fn takes(clinic: &mut Office, person: &str, name: &str, note: &str) -> Care {
    clinic.now = Time(clinic.now.0 + HOUR);
    let medicine = Medicine { name: name.into(), dose: "16 mg".into(), ..Medicine::default() };
    let list =
        MedicationRequest { medicines: Some(vec![medicine]), note: Some(note.into()), ..MedicationRequest::default() };
    Care::PersonPlan(Box::new(PlanWrite { person: person.into(), what: PlanWritten::Medication(list) }))
}

/// A list that is somebody else's is written upon another: its entry.
fn takes_wrong(clinic: &mut Office) -> String {
    takes_another(clinic);
    let wrong = takes(clinic, NAME, "insulin", "");
    clinic.done::<PersonPlans>(&wrong).plans.written[0].entry.to_string()
}

fn takes_another(clinic: &mut Office) {
    let another = takes(clinic, NAME, "buprenorphine", "");
    clinic.done::<PersonPlans>(&another);
}

#[test]
fn what_staff_write_while_a_consent_is_suspended_lies_in_its_copies_once_it_stands_again() {
    let mut county = county();
    let consent = placed(&mut county);
    let before = [PLAN.to_owned(), "methadone 80 mg".to_owned()];
    let clinic = county.office(CLINIC);
    doubted(clinic, &consent);
    takes_another(clinic);
    let edit = PersonEdit { person: NAME.into(), name: Some(OTHER.into()), ..PersonEdit::default() };
    clinic.done::<PersonView>(&Care::PersonEdit(Box::new(edit)));
    assert_eq!(read(&mut county, NAME), before, "nothing is told meanwhile, and an emergency finds what lies there");

    stands_again(county.office(CLINIC), &consent);
    assert_eq!(read(&mut county, OTHER), [PLAN, "Takes: buprenorphine, 16 mg"], "found by the name on record");
    assert!(read(&mut county, NAME).is_empty());
    // Nobody wrote anything since: it is left as it lies.
    let clinic = county.office(CLINIC);
    let told = |clinic: &mut Office| clinic.done::<DisclosuresView>(&Care::Disclosures(DisclosuresAsk::of(OTHER)));
    let records = told(clinic).disclosures.len();
    doubted(clinic, &consent);
    stands_again(clinic, &consent);
    assert_eq!(told(clinic).disclosures.len(), records);
}

#[test]
fn a_copy_that_changes_as_its_consent_stands_again_holds_what_is_newest_too() {
    let mut county = county();
    let consent = placed(&mut county);
    let clinic = county.office(CLINIC);
    doubted(clinic, &consent);
    takes_another(clinic);
    let restriction = RestrictionRequest {
        asked: "not my plan".into(),
        to: Some("County Hospital".to_owned()),
        information: vec![Information::Crisis],
        ..RestrictionRequest::default()
    };
    clinic.done::<ConsentView>(&Care::ConsentRestrict { consent: consent.id.to_string(), restriction });
    clinic.now = Time(clinic.now.0 + HOUR);
    stands_again(clinic, &consent);
    assert_eq!(read(&mut county, NAME), ["Takes: buprenorphine, 16 mg"]);
}

/// Each text of a plan may be as long as a copy.
fn longest() -> String {
    "x".repeat(limits::TEXT_CHARS)
}

#[test]
fn a_plan_that_no_copy_can_hold_is_refused_where_one_lies_also_while_its_consent_is_suspended() {
    let mut county = county();
    let consent = placed(&mut county);
    let before = [PLAN.to_owned(), "methadone 80 mg".to_owned()];
    let clinic = county.office(CLINIC);
    for doubt in [false, true] {
        if doubt {
            doubted(clinic, &consent);
        }
        let long = takes(clinic, NAME, "buprenorphine", &longest());
        let (_, why) = clinic.refused(&long);
        assert!(why.contains("County Hospital") && why.contains("8000 characters"), "suspended {doubt}: {why}");
    }
    assert!(stands_again(clinic, &consent).behind.is_empty());
    assert_eq!(read(&mut county, NAME), before);
}

#[test]
fn a_consent_stands_again_also_where_what_was_written_of_a_second_record_is_too_long_for_its_copy() {
    let mut county = county();
    let consent = placed(&mut county);
    let clinic = county.office(CLINIC);
    doubted(clinic, &consent);
    second_with_long_list(clinic, &consent);
    let view = stands_again(clinic, &consent);
    assert!(!view.suspended);
    let [says] = view.behind.as_slice() else { panic!("{:?}", view.behind) };
    assert!(says.contains("the medication with County Hospital says what was written before"), "{says}");
    assert_eq!(read(&mut county, OTHER), [PLAN, "methadone 80 mg"]);
}

#[test]
fn a_copy_that_ended_while_its_consent_was_suspended_is_named_until_staff_place_a_new_one() {
    let mut county = county();
    let consent = placed(&mut county);
    let clinic = county.office(CLINIC);
    let entry = takes_wrong(clinic);
    clinic.now = Time(clinic.now.0 + HOUR);
    doubted(clinic, &consent);
    clinic.now = Time(clinic.now.0 + HOUR);
    let what = PlanWritten::Mistake { entry, why: "it is somebody else's".into() };
    clinic.done::<PersonPlans>(&Care::PersonPlan(Box::new(PlanWrite { person: NAME.into(), what })));
    assert_eq!(read(&mut county, NAME), [PLAN], "what is wrong lies there no more");
    let clinic = county.office(CLINIC);
    clinic.now = Time(clinic.now.0 + HOUR);
    let view = stands_again(clinic, &consent);
    let [says] = view.behind.as_slice() else { panic!("{:?}", view.behind) };
    assert!(says.contains("the medication with County Hospital ended on "), "{says}");
    clinic.done::<EmergencyView>(&place_under(&consent, None, None));
    let shown: ConsentView = clinic.done(&Care::ConsentShow { consent: consent.id.to_string(), whole: false });
    assert!(shown.behind.is_empty(), "{:?}", shown.behind);
    assert_eq!(read(&mut county, NAME), [PLAN, "Takes: buprenorphine, 16 mg"]);
}

fn shown(clinic: &mut Office, consent: &ConsentView) -> ConsentView {
    clinic.done(&Care::ConsentShow { consent: consent.id.to_string(), whole: false })
}

#[test]
fn a_copy_that_was_taken_back_between_two_suspensions_is_not_said_to_have_ended_in_one() {
    let mut county = county();
    let consent = placed(&mut county);
    let clinic = county.office(CLINIC);
    takes_another(clinic);
    let hour = |clinic: &mut Office| clinic.now = Time(clinic.now.0 + HOUR);
    for last in [false, true] {
        hour(clinic);
        doubted(clinic, &consent);
        hour(clinic);
        assert!(stands_again(clinic, &consent).behind.is_empty(), "the last {last}");
        hour(clinic);
        if !last {
            let withdraw = Care::EmergencyWithdraw { person: NAME.into(), at: None };
            clinic.done::<EmergencyView>(&withdraw);
        }
    }
}

#[test]
fn a_plan_of_any_length_is_written_where_no_copy_lies_any_more() {
    let mut county = county();
    placed(&mut county);
    let clinic = county.office(CLINIC);
    clinic.now = Time(clinic.now.0 + 91 * DAY);
    let long = takes(clinic, NAME, "buprenorphine", &longest());
    clinic.done::<PersonPlans>(&long);
}

#[test]
fn a_copy_whose_newest_words_were_a_mistake_says_again_what_it_said_before_where_another_record_holds_too_long_ones() {
    let mut county = county();
    let consent = placed(&mut county);
    let clinic = county.office(CLINIC);
    let entry = takes_wrong(clinic);
    second_with_long_list(clinic, &consent);
    clinic.now = Time(clinic.now.0 + HOUR);
    let what = PlanWritten::Mistake { entry, why: "it is somebody else's".into() };
    let person = consent.person.to_string().as_str().into();
    clinic.done::<PersonPlans>(&Care::PersonPlan(Box::new(PlanWrite { person, what })));
    assert_eq!(read(&mut county, OTHER), [PLAN, "Takes: buprenorphine, 16 mg"]);
    let says = shown(county.office(CLINIC), &consent).behind;
    assert!(says.iter().any(|says| says.contains("says what was written before")), "{says:?}");
}

/// A second record of the same person, on which a list stands that no copy can hold, joined with the first.
fn second_with_long_list(clinic: &mut Office, consent: &ConsentView) {
    let fields = PersonFields { name: OTHER.into(), birth_date: "1988-02-03".into(), ..PersonFields::default() };
    let second = clinic.done::<PersonView>(&Care::PersonAdd(PersonAdd { fields, another: true })).id.to_string();
    let long = takes(clinic, &second, "buprenorphine", &longest());
    clinic.done::<PersonPlans>(&long);
    let person = consent.person.to_string().as_str().into();
    let ask = MergeAsk { person, other: second.as_str().into(), why: "she told us".into() };
    clinic.done::<PersonView>(&Care::PersonMerge(ask));
}

#[test]
fn a_copy_under_a_consent_that_was_never_suspended_is_said_to_be_behind_until_something_newer_lies_there() {
    let mut county = county();
    let consent = placed(&mut county);
    let clinic = county.office(CLINIC);
    second_with_long_list(clinic, &consent);
    let says = shown(clinic, &consent).behind;
    let [says] = says.as_slice() else { panic!("{says:?}") };
    assert!(says.contains("the medication with County Hospital says what was written before"), "{says}");
    clinic.now = Time(clinic.now.0 + HOUR);
    let person = consent.person.to_string().as_str().into();
    let update = EmergencyUpdate { person, crisis: None, medication: Some("buprenorphine; ask us".into()) };
    clinic.done::<EmergencyView>(&Care::EmergencyUpdate(update));
    assert_eq!(shown(clinic, &consent).behind, Vec::<String>::new());
    assert_eq!(read(&mut county, OTHER), [PLAN, "buprenorphine; ask us"]);
}
