//! Ways that a version closes, calls that are due no more, and keepers that have left.

use super::*;

#[test]
fn a_partner_that_only_keeps_its_way_back_is_due_to_be_told() {
    let mut county = county();
    let consent = referred(&mut county, true, Vec::new());
    let hospital = county.office(HOSPITAL);
    let own = hospital.org();
    assert!(consent.flows.iter().any(|flow| flow.to == own), "a way back: {:?}", consent.flows);
    let to = Some("Stone Chapel Beds".to_owned());
    hospital.done::<ConsentView>(&Care::ConsentAmend(ConsentAmend {
        consent: consent.id.to_string(),
        close: vec![Way { to, ..Way::default() }],
        ..ConsentAmend::default()
    }));
    signed(hospital, &consent);
    let [call] = listed(hospital).try_into().expect("one call");
    assert!(call.says.reveal().contains("has ended for Stone Chapel Beds"), "{call:?}");
}

#[test]
fn a_call_that_was_really_made_goes_on_record_though_it_is_due_no_more() {
    let mut county = county();
    let consent = referred(&mut county, true, Vec::new());
    let hospital = county.office(HOSPITAL);
    amended_without(hospital, &consent, "Stone Chapel Beds", "Ridge Clinic");
    let [call] = listed(hospital).try_into().expect("one call");
    amended_without(hospital, &consent, "Ridge Clinic", "Stone Chapel Beds");
    assert!(listed(hospital).is_empty());
    hospital.done::<CallView>(&made(&call));
    assert_eq!(told_to(hospital, "Stone Chapel Beds").len(), 2, "what was told is on record");
    assert_eq!(done(hospital).len(), 1);
    hospital.done::<DoneView>(&Care::CallReopen { call: call.id.to_string(), why: "it was not they".into() });
    assert!(listed(hospital).is_empty(), "it holds no more");
    let [words] = done(hospital).try_into().expect("its words stand somewhere");
    assert_eq!((words.id, words.words.len()), (call.id, 2));
    hospital.done::<DoneView>(&Care::CallDone { call: call.id.to_string() });
}

#[test]
fn what_the_person_takes_back_here_is_heard_though_its_keeper_has_left_and_is_due_to_be_telephoned() {
    for by_referral in [true, false] {
        let mut county = county();
        county.office(CLINIC).person("Zephyrine Quillfeather");
        let consent = county.office(CLINIC).consent("Harbor Shelter", None, 90);
        let thread = county.office(CLINIC).send(&consent).row.id.to_string();
        county.pump();
        removed(&mut county, HOSPITAL, CLINIC);
        county.pump();
        let shelter = county.office(SHELTER);
        let ask = Care::ConsentRevoke { consent: thread.clone(), party: None, spoken: true };
        if by_referral {
            let preview = Care::ConsentRevokePreview { consent: thread.clone(), party: None };
            let does = shelter.done::<RevokePreview>(&preview).does;
            assert!(does.contains("is in no coalition with us any more"), "{does}");
            shelter.done::<ConsentView>(&ask);
        } else {
            shelter.done::<HeardView>(&Care::ConsentHeard(HeardAsk {
                keeper: "Ridge Clinic".to_owned(),
                name: "Zephyrine Quillfeather".into(),
                spoken: true,
                ..HeardAsk::default()
            }));
        }
        let [call] = listed(shelter).try_into().expect("one call");
        assert_eq!(call.to_name, "Ridge Clinic");
        assert!(!call.says.reveal().contains("Quillfeather"), "{}", call.says.reveal());
        shelter.rebuild();
        assert_eq!(listed(shelter).len(), 1);
        shelter.done::<CallView>(&made(&call));
        assert!(listed(shelter).is_empty());
        if by_referral {
            assert!(shelter.refused(&ask).1.contains("has ended before"), "it is heard once");
        }
    }
}

#[test]
fn a_keeper_that_was_told_of_its_own_removal_ends_a_consent_all_the_same_and_is_due_to_telephone() {
    for party in [None, Some("Harbor Shelter")] {
        let mut county = county();
        county.office(CLINIC).person("Zephyrine Quillfeather");
        let consent = county.office(CLINIC).consent("Harbor Shelter", None, 90);
        county.office(CLINIC).send(&consent);
        county.pump();
        removed(&mut county, HOSPITAL, CLINIC);
        county.pump();
        let clinic = county.office(CLINIC);
        let out = clinic.step(|step| {
            let (engine, draft) = step.engine();
            let coalition = engine.coalitions(draft).unwrap()[0];
            engine.out_of(draft, coalition).unwrap().is_some()
        });
        assert!(out, "it was told");
        revoked(clinic, &consent, party);
        let [call] = listed(clinic).try_into().expect("one call");
        assert_eq!(call.to_name, "Harbor Shelter");
        clinic.done::<CallView>(&made(&call));
        assert!(listed(clinic).is_empty());
    }
}
