//! A revocation that is not permitted yet where the consent is kept (42 CFR 2.35(c)): it waits, is shown, and is carried out.

use super::*;

const PAROLE: usize = 2;

/// The hospital's referral to the parole office under a consent that can be revoked from a day on: consent and thread.
fn conditional(county: &mut County, days: u64) -> (ConsentView, String) {
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    let on = |days: u64| MomentRequest::On(Time(hospital.now.0 + days * DAY));
    let (revocable, disposition) = (on(days), on(days + 5));
    let draft: ConsentView = hospital.done(&Care::ConsentDraft(ConsentDraft {
        person: "Zephyrine Quillfeather".into(),
        to: vec!["Parole Office".to_owned()],
        class: Some(Class::CriminalJustice),
        supervision: Some(SupervisionRequest { matter: "release of 3 May".into(), revocable, disposition }),
        expiry: ExpiryRequest::On(Time(hospital.now.0 + 200 * DAY)),
        ..ConsentDraft::default()
    }));
    let consent = signed(hospital, &draft.id.to_string());
    let thread = hospital.send(&consent).row.id.to_string();
    county.pump();
    (consent, thread)
}

#[test]
fn what_is_heard_before_it_is_permitted_waits_is_shown_and_is_carried_out() {
    for by_event in [false, true] {
        let mut county = County::of(&[
            ("County Hospital", PartnerKind::CoveredEntity),
            ("Ridge Clinic", PartnerKind::Part2Program),
            ("Parole Office", PartnerKind::CriminalJustice),
        ]);
        let (consent, thread) = conditional(&mut county, 10);
        // Its clock runs ahead of the hospital's.
        county.office(PAROLE).now = Time(county.office(PAROLE).now.0 + 11 * DAY);
        let revoke = Care::ConsentRevoke { consent: thread.clone(), party: None, spoken: true };
        county.office(PAROLE).done::<ConsentView>(&revoke);
        county.pump();
        let show = Care::ConsentShow { consent: consent.id.to_string(), whole: false };
        let shown: ConsentView = county.office(HOSPITAL).done(&show);
        assert_eq!(shown.state, "signed");
        let waiting = shown.waiting.expect("shown");
        assert!(waiting.contains("Parole Office") && waiting.contains("42 CFR 2.35(c)"), "{waiting}");
        if by_event {
            let event = Care::ConsentEvent { consent: consent.id.to_string(), revocable: true, on: None };
            assert_eq!(county.office(HOSPITAL).done::<ConsentView>(&event).state, "revoked");
        } else {
            county.office(HOSPITAL).now = Time(county.office(HOSPITAL).now.0 + 11 * DAY);
            // Whatever arrives next.
            let reply = Care::Inquire(Inquire {
                to: vec!["County Hospital".to_owned()],
                asked: super::super::outside::question(),
            });
            county.office(CLINIC).done::<InquiriesView>(&reply);
            county.pump();
        }
        let shown: ConsentView = county.office(HOSPITAL).done(&show);
        assert_eq!((shown.state.as_str(), shown.waiting), ("revoked", None));
        assert!(shown.form.reveal().contains("nora (Parole Office)"), "who heard it: {}", shown.form.reveal());
        assert!(say(&mut county, HOSPITAL, &thread).is_some());
    }
}
