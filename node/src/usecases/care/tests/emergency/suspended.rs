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

fn stands_again(clinic: &mut Office, consent: &ConsentView) {
    clinic.officer::<ConsentView>(&suspend(consent, "she signed herself", true));
}

/// Staff write an hour later what she takes now.
fn takes_another(clinic: &mut Office) {
    clinic.now = Time(clinic.now.0 + HOUR);
    let medicine = Medicine { name: "buprenorphine".into(), dose: "16 mg".into(), ..Medicine::default() };
    let list = MedicationRequest { medicines: Some(vec![medicine]), ..MedicationRequest::default() };
    let what = PlanWritten::Medication(list);
    clinic.done::<PersonPlans>(&Care::PersonPlan(Box::new(PlanWrite { person: NAME.into(), what })));
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
