//! What was agreed with the person to leave out binds every consent of the person's, and is let in again by a signature.

use super::*;

fn restrict(office: &mut Office, consent: &ConsentView, asked: &str) -> ConsentView {
    let restriction = RestrictionRequest {
        asked: asked.into(),
        to: Some("Ridge Clinic".to_owned()),
        information: vec![Information::Identity],
        ..RestrictionRequest::default()
    };
    office.done(&Care::ConsentRestrict { consent: consent.id.to_string(), restriction })
}

fn tells_who(office: &mut Office, consent: &ConsentView) -> bool {
    let shown: ConsentView = office.done(&Care::ConsentShow { consent: consent.id.to_string(), whole: true });
    shown.flows.iter().any(|flow| flow.to_name == "Ridge Clinic" && flow.information == Information::Identity)
}

#[test]
fn it_binds_the_other_consents_the_referrals_under_them_and_later_drafts() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    let first = hospital.consent("Ridge Clinic", None, 90);
    let second = hospital.consent("Ridge Clinic", None, 60);
    let elsewhere = hospital.consent("Harbor Shelter", None, 60);
    let id = hospital.send(&second).row.id.to_string();
    county.pump();
    assert!(county.office(CLINIC).thread(&id).row.name.is_some());
    let hospital = county.office(HOSPITAL);
    restrict(hospital, &first, "not where I live");
    assert!(!tells_who(hospital, &first) && !tells_who(hospital, &second), "both are bound");
    let ask = to(&second, "Ridge Clinic", vec![Information::Identity]);
    let preview: SendPreview = hospital.done(&Care::ReferralPreview(ask));
    assert!(preview.refused.is_some_and(|why| why.contains("42 CFR 2.26")));
    let spaces = hospital.thread_spaces();
    let clinic = county.office(CLINIC).org();
    let open = spaces.iter().filter(|space| {
        let open = county.office(HOSPITAL).step(|step| crate::usecases::referrals::is_open(step, **space, clinic));
        open.expect("reads")
    });
    let open = open.count();
    assert!(open + 1 == spaces.len(), "the space that says who the person is has closed: {open} of {}", spaces.len());
    // A form of which the other is a party starts with it; another says nothing of it.
    let hospital = county.office(HOSPITAL);
    let third = hospital.consent("Ridge Clinic", None, 30);
    assert!(third.form.reveal().contains("2.26") && !tells_who(hospital, &third), "{}", third.form.reveal());
    let shown: ConsentView = hospital.done(&Care::ConsentShow { consent: elsewhere.id.to_string(), whole: true });
    assert!(!shown.form.reveal().contains("2.26"), "{}", shown.form.reveal());
}

#[test]
fn the_person_lets_it_in_again_by_signing_and_under_that_consent_alone() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    let first = hospital.consent("Ridge Clinic", None, 90);
    let second = hospital.consent("Ridge Clinic", None, 60);
    restrict(hospital, &first, "not where I live");
    let lift = ConsentAmend { consent: second.id.to_string(), lift: true, ..ConsentAmend::default() };
    hospital.done::<ConsentView>(&Care::ConsentAmend(lift));
    assert!(!tells_who(hospital, &second), "a draft lets nothing in");
    hospital.done::<ConsentView>(&Care::ConsentSign(ConsentSign {
        attested: true,
        consent: second.id.to_string(),
        typed: "Zephyrine Quillfeather".into(),
        ..ConsentSign::default()
    }));
    assert!(tells_who(hospital, &second) && !tells_who(hospital, &first));
    // What is agreed later binds it again.
    restrict(hospital, &first, "they moved in next door");
    assert!(!tells_who(hospital, &second));
}

#[test]
fn a_form_that_was_written_before_is_bound_when_it_is_signed() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    let first = hospital.consent("Ridge Clinic", None, 90);
    let draft: ConsentView = hospital.done(&Care::ConsentDraft(ConsentDraft {
        person: "Zephyrine Quillfeather".into(),
        to: vec!["Ridge Clinic".to_owned()],
        purpose: "tpo".to_owned(),
        expiry: ExpiryRequest::On(Time(hospital.now.0 + 30 * DAY)),
        ..ConsentDraft::default()
    }));
    restrict(hospital, &first, "not where I live");
    let signed: ConsentView = hospital.done(&Care::ConsentSign(ConsentSign {
        attested: true,
        consent: draft.id.to_string(),
        typed: "Zephyrine Quillfeather".into(),
        ..ConsentSign::default()
    }));
    assert!(!tells_who(hospital, &signed) && signed.form.reveal().contains("2.26"));
}

#[test]
fn one_of_what_was_left_out_is_let_in_again_by_its_number_and_the_rest_stays_out() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    let consent = hospital.consent_to_tell(
        "Ridge Clinic",
        vec![Information::Referral, Information::Identity, Information::Medication],
        None,
        90,
    );
    restrict(hospital, &consent, "not where I live");
    let restriction = RestrictionRequest {
        asked: "not my medicines".into(),
        information: vec![Information::Medication],
        ..RestrictionRequest::default()
    };
    let ask = Care::ConsentRestrict { consent: consent.id.to_string(), restriction };
    hospital.done::<ConsentView>(&ask);
    let show = || Care::ConsentShow { consent: consent.id.to_string(), whole: true };
    let shown: ConsentView = hospital.done(&show());
    let asked: Vec<(u16, &str)> =
        shown.restrictions.iter().map(|one| (one.number, one.asked.reveal().as_str())).collect();
    assert_eq!(asked, [(1, "not where I live"), (2, "not my medicines")]);
    let lift = |numbers: &[u16]| {
        let lift_only = numbers.to_vec();
        Care::ConsentAmend(ConsentAmend { consent: consent.id.to_string(), lift_only, ..ConsentAmend::default() })
    };
    for wrong in [0, 3] {
        assert!(hospital.refused(&lift(&[wrong])).1.contains("number"), "{wrong}");
    }
    hospital.done::<ConsentView>(&lift(&[1]));
    signed(hospital, &consent.id.to_string());
    let shown: ConsentView = hospital.done(&show());
    let asked: Vec<&str> = shown.restrictions.iter().map(|one| one.asked.reveal().as_str()).collect();
    assert_eq!(asked, ["not my medicines"]);
    assert!(tells_who(hospital, &consent));
    assert!(!shown.flows.iter().any(|flow| flow.information == Information::Medication), "that stays left out");
}
