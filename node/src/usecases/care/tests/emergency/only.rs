//! A consent for medical emergencies lets copies lie with an emergency department, and lets nothing be told before there is an emergency.

use super::*;
use belay_protocol::referral::Medication;

/// The referral for treatment, and of the medication copies for emergencies.
fn both(clinic: &mut Office) -> ConsentView {
    clinic.person("Zephyrine Quillfeather");
    let draft: ConsentView = clinic.done(&Care::ConsentDraft(ConsentDraft {
        person: "Zephyrine Quillfeather".into(),
        ways: [
            ("treatment", vec![Information::Referral, Information::Identity]),
            ("emergency", vec![Information::Medication]),
        ]
        .map(|(purpose, information)| Way {
            from: None,
            to: Some("County Hospital".to_owned()),
            information,
            purpose: Some(purpose.to_owned()),
        })
        .to_vec(),
        expiry: ExpiryRequest::On(Time(clinic.now.0 + 90 * DAY)),
        ..ConsentDraft::default()
    }));
    clinic.done(&Care::ConsentSign(ConsentSign {
        attested: true,
        consent: draft.id.to_string(),
        typed: "Zephyrine Quillfeather".into(),
        ..ConsentSign::default()
    }))
}

fn emergency_for(to: &str, tell: &[Information], now: Time) -> Care {
    Care::ConsentDraft(ConsentDraft {
        person: "Zephyrine Quillfeather".into(),
        to: vec![to.to_owned()],
        tell: tell.to_vec(),
        back: Some(Vec::new()),
        purpose: "emergency".to_owned(),
        expiry: ExpiryRequest::On(Time(now.0 + 90 * DAY)),
        ..ConsentDraft::default()
    })
}

#[test]
fn nobody_is_asked_to_sign_what_is_never_placed() {
    let mut county = county();
    let clinic = county.office(CLINIC);
    clinic.person("Zephyrine Quillfeather");
    clinic.done::<PartnerView>(&Care::PartnerAdd(PartnerFields {
        name: "Far Hospital".to_owned(),
        kind: Some(PartnerKind::CoveredEntity),
        telephone: "606-555-0177".to_owned(),
        ..PartnerFields::default()
    }));
    let now = clinic.now;
    for (to, tell) in [
        ("County Hospital", &[Information::Referral, Information::Identity][..]),
        ("County Hospital", &[Information::Crisis, Information::Clinical]),
        ("Far Hospital", &[Information::Crisis]),
    ] {
        let (class, why) = clinic.refused(&emergency_for(to, tell, now));
        assert!(class == FailureClass::NotPermitted && why.contains("42 CFR 2.51"), "{to}, {tell:?}: {why}");
    }
    // Nor does a change open it.
    let consent = consented(clinic, &[Information::Crisis], 90);
    let more =
        |tell| Care::ConsentAmend(ConsentAmend { consent: consent.id.to_string(), tell, ..ConsentAmend::default() });
    let (class, why) = clinic.refused(&more(vec![Information::Clinical]));
    assert!(class == FailureClass::NotPermitted && why.contains("42 CFR 2.51"), "{why}");
    clinic.done::<ConsentView>(&more(vec![Information::Medication]));
}

#[test]
fn what_may_lie_there_for_emergencies_goes_into_no_referral_and_no_file() {
    let mut county = county();
    let clinic = county.office(CLINIC);
    let consent = both(clinic);
    let medication = Send {
        include: vec![Information::Medication],
        ..Send::new(consent.id.to_string(), "starts on Monday".into(), Urgency::Routine)
    };
    let (class, why) = clinic.refused(&Care::ReferralSend(medication.clone()));
    assert!(class == FailureClass::NotPermitted && why.contains("42 CFR 2.51"), "{why}");
    let preview: SendPreview = clinic.done(&Care::ReferralPreview(medication));
    assert!(preview.refused.is_some_and(|why| why.contains("emergency place")));
    assert_eq!(told(clinic).disclosures.len(), 0, "nothing was told by what was refused");
    let id = clinic.send(&consent).row.id.to_string();
    let (class, why) = clinic.refused(&Care::ReferralAct {
        thread: id,
        act: ActRequest::Medication(Medication { takes_none: true, ..Medication::default() }.into()),
    });
    assert!(class == FailureClass::NotPermitted && why.contains("42 CFR 2.51"), "{why}");
    let all = told(clinic);
    assert!(all.made > 0 && all.made == all.disclosures.len(), "what a referral tells is told");
    assert!(all.disclosures.iter().all(|row| row.stage == Stage::Told && row.information != Information::Medication));
    // What may lie there does.
    let view: EmergencyView = clinic.done(&place_under(&consent, None, Some("methadone 80 mg")));
    assert_eq!(view.placed.len(), 1);
    let all = told(clinic);
    assert_eq!(all.disclosures.iter().filter(|row| row.stage == Stage::Placed).count(), 1);
    county.pump();
    let copies = opened(county.office(HOSPITAL), "Zephyrine Quillfeather", "1988-02-03").copies;
    assert_eq!(copies.len(), 1);
}

#[test]
fn a_consent_for_emergencies_alone_sends_no_referral() {
    let mut county = county();
    placed(&mut county);
    let clinic = county.office(CLINIC);
    let list: ConsentsView = clinic.done(&Care::ConsentList { person: None });
    let consent = list.consents[0].id.to_string();
    let before = told(clinic).disclosures.len();
    let send = Send::new(consent, "starts on Monday".into(), Urgency::Routine);
    let (class, _) = clinic.refused(&Care::ReferralSend(send.clone()));
    assert_eq!(class, FailureClass::NotPermitted);
    let (class, _) = clinic.refused(&Care::ReferralRefer(Refer::new(true, send)));
    assert_eq!(class, FailureClass::NotPermitted);
    assert_eq!(told(clinic).disclosures.len(), before);
}

#[test]
fn a_consent_for_emergencies_takes_no_way_back_of_itself_and_a_birth_date_is_put_on_the_record_that_there_is() {
    let mut county = county();
    let clinic = county.office(CLINIC);
    clinic.person("Zephyrine Quillfeather");
    let draft: ConsentView = clinic.done(&Care::ConsentDraft(ConsentDraft {
        person: "Zephyrine Quillfeather".into(),
        to: vec!["County Hospital".to_owned()],
        tell: vec![Information::Crisis, Information::Medication],
        purpose: "emergency".to_owned(),
        expiry: ExpiryRequest::On(Time(clinic.now.0 + 90 * DAY)),
        ..ConsentDraft::default()
    }));
    assert!(draft.flows.iter().all(|flow| flow.to_name == "County Hospital"), "{:?}", draft.flows);
    let consent = consented(clinic, &[Information::Crisis], 90);
    let edit =
        PersonEdit { person: "Zephyrine Quillfeather".into(), birth_date: Some("".into()), ..PersonEdit::default() };
    clinic.done::<PersonView>(&Care::PersonEdit(Box::new(edit)));
    let Response::Failed(failure) = clinic.ask(&place_under(&consent, Some(PLAN), None)) else { panic!("placed") };
    let next = failure.next.expect("a next step");
    assert!(next.contains("belay person edit") && !next.contains("person add"), "{next}");
}
