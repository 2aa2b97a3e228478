//! Who adds staff, and who binds the organisation.

use super::*;
use crate::usecases::staff;
use belay_protocol::disclosure::private::Author;

#[test]
fn once_there_was_a_privacy_officer_nobody_adds_staff_or_binds_the_house_without_signing_in() {
    let mut county = county();
    let clinic = county.office(CLINIC);
    clinic.step(|step| {
        assert_eq!(staff::author(step.draft(), None, None).expect("at the machine"), Author::Machine);
        assert!(staff::author(step.draft(), None, Some("privacy officer")).is_err(), "there is nobody to be rescued");
        staff::unattended(step.draft()).expect("nobody could sign in for it yet");
    });
    let by = clinic.as_officer(|clinic| {
        clinic.staff(|step, session| staff::author(step.draft(), Some(session), None)).expect("the privacy officer")
    });
    assert!(matches!(&by, Author::Officer(by) if by.name.reveal() == "olga"));
    let refused = |office: &mut Office| {
        let navigator = office.staff(|step, session| staff::author(step.draft(), Some(session), None));
        assert_eq!(navigator.expect_err("nora is none").class, FailureClass::NotPermitted);
        office.step(|step| {
            assert_eq!(staff::author(step.draft(), None, None).expect_err("refused").class, FailureClass::NotPermitted);
            assert!(staff::author(step.draft(), None, Some("nurse")).is_err(), "a rescue is of the privacy officer");
            assert_eq!(staff::unattended(step.draft()).expect_err("refused").class, FailureClass::NotPermitted);
        });
    };
    refused(clinic);
    // Nor where she has left: then there is a way at the machine, and it shows.
    clinic.step(|step| staff::disable(step, by, "olga", true).expect("is there"));
    refused(clinic);
    let now = clinic.now;
    clinic.step(|step| {
        assert_eq!(staff::rescued(step.draft(), Time(0)).expect("reads"), None);
        let rescue = staff::author(step.draft(), None, Some("Privacy-Officer")).expect("a new one");
        let ida = staff::add(step, rescue, ("ida", "", "privacy officer"), String::new()).expect("nobody of that name");
        assert!(ida.written.contains("without a privacy officer"));
    });
    // Also once who was named so is gone again.
    clinic.step(|step| staff::disable(step, Author::Machine, "ida", true).expect("is there"));
    clinic.step(|step| {
        let (name, at) = staff::rescued(step.draft(), now).expect("reads").expect("everybody is told");
        assert_eq!((name.as_str(), at > now), ("ida", true));
        assert_eq!(staff::rescued(step.draft(), Time(at.0 + 1)).expect("reads"), None, "for a time");
    });
}

#[test]
fn that_many_wrong_secrets_were_typed_stands_in_the_record_of_looks_with_the_name() {
    let mut county = county();
    let clinic = county.office(CLINIC);
    for name in ["nora", "nobody here"] {
        clinic.step(|step| {
            let claimed = staff::Claimed::find(step.draft(), name).expect("reads");
            claimed.warned(step).expect("is put on record");
        });
    }
    let looks: AuditView = clinic.officer(&Care::Audit { limit: 50 });
    let names: Vec<String> = looks
        .looks
        .iter()
        .filter(|look| look.looked == "wrong_secrets")
        .map(|look| look.staff.reveal().clone())
        .collect();
    assert_eq!(names, ["nora"], "what is nobody's name may be a secret in the wrong field");
}
