//! Who has to hear by telephone that a person took a consent back, and stands in the list until it was done.

use super::*;
use crate::usecases::notices;
use belay_protocol::time::HOUR;

fn listed(office: &mut Office) -> Vec<CallView> {
    let list = office.done::<ThreadsView>(&Care::ReferralList(ListAsk { part: Part::Due, ..ListAsk::default() })).calls;
    assert_eq!(office.done::<CallsView>(&Care::CallList).calls, list);
    list
}

/// A referral to a partner off the network under a consent that names it, and whether the letter was handed over.
fn referred(county: &mut County, letter: bool, without: Vec<Information>) -> ConsentView {
    let hospital = county.office(HOSPITAL);
    hospital.partner();
    hospital.person("Zephyrine Quillfeather");
    let consent = hospital.consent("Stone Chapel Beds", None, 90);
    let mut refer = super::outside::refer(&consent);
    refer.send.without = without;
    let thread: ThreadView = hospital.done(&Care::ReferralRefer(refer));
    if letter {
        let ask = LetterAsk { thread: thread.row.id.to_string(), ..LetterAsk::default() };
        hospital.done::<LetterView>(&Care::ReferralLetter(ask));
    }
    consent
}

fn revoked(office: &mut Office, consent: &ConsentView, party: Option<&str>) {
    let (consent, party) = (consent.id.to_string(), party.map(str::to_owned));
    office.done::<ConsentView>(&Care::ConsentRevoke { consent, party, spoken: true });
}

fn made(call: &CallView) -> Care {
    Care::CallMade { call: call.id.to_string(), with: "Ottoline Marsh".into() }
}

#[test]
fn a_partner_off_the_network_is_due_to_be_told_until_staff_say_that_it_was() {
    for party in [None, Some("Stone Chapel Beds")] {
        let mut county = county();
        let consent = referred(&mut county, true, Vec::new());
        let hospital = county.office(HOSPITAL);
        assert!(listed(hospital).is_empty());
        revoked(hospital, &consent, party);
        let [call] = listed(hospital).try_into().expect("one call");
        assert_eq!(call.due.phone.as_ref().map(|phone| phone.telephone.as_str()), Some("606-555-0177"));
        let says = call.says.reveal();
        assert!(says.contains("Zephyrine Quillfeather took back") && says.contains("County Hospital"), "{says}");
        assert!(call.off_network && !call.due.overdue);
        let count = |office: &mut Office| office.step(notices::standing).expect("counts").counts();
        assert_eq!((count(hospital).due, count(hospital).overdue), (1, 0));
        hospital.now = Time(hospital.now.0 + 2 * HOUR);
        assert!(listed(hospital)[0].due.overdue);
        assert_eq!(count(hospital).overdue, 1);
        let before = hospital.records();
        hospital.rebuild();
        assert_eq!(hospital.records(), before, "it is made again from the entries");
        hospital.done::<CallView>(&made(&call));
        assert!(listed(hospital).is_empty(), "{party:?}");
        assert_eq!(hospital.refused(&made(&call)).0, FailureClass::Misuse, "only once");
        hospital.rebuild();
        assert!(listed(hospital).is_empty(), "and stays told");
    }
}

#[test]
fn who_was_told_nothing_is_not_told_of_the_person_by_that_call() {
    let mut county = county();
    let consent = referred(&mut county, false, Vec::new());
    let hospital = county.office(HOSPITAL);
    let ask = Care::ConsentRevokePreview { consent: consent.id.to_string(), party: None };
    assert!(!hospital.done::<RevokePreview>(&ask).does.contains("not on the network"));
    revoked(hospital, &consent, None);
    assert!(listed(hospital).is_empty(), "no letter went, and nothing was said");
}

#[test]
fn whom_the_letter_did_not_name_is_not_named_on_the_telephone() {
    let mut county = county();
    let consent = referred(&mut county, true, vec![Information::Identity]);
    let hospital = county.office(HOSPITAL);
    revoked(hospital, &consent, None);
    let [call] = listed(hospital).try_into().expect("one call");
    assert!(!call.says.reveal().contains("Quillfeather"), "{}", call.says.reveal());
    assert_eq!(call.name.reveal(), "Zephyrine Quillfeather", "our own staff know whom it is about");
}

#[test]
fn who_keeps_a_consent_that_was_taken_back_here_is_due_to_be_told() {
    let mut county = county();
    let shelter = county.office(SHELTER);
    let heard: HeardView = shelter.done(&Care::ConsentHeard(HeardAsk {
        keeper: "Ridge Clinic".to_owned(),
        name: "Zephyrine Quillfeather".into(),
        spoken: true,
        ..HeardAsk::default()
    }));
    let [call] = listed(shelter).try_into().expect("one call");
    assert_eq!((call.id, call.says.reveal()), (heard.call, heard.says.reveal()));
    assert!(call.to_name == "Ridge Clinic" && !call.off_network);
    shelter.rebuild();
    assert_eq!(listed(shelter), std::slice::from_ref(&call));
    shelter.done::<CallView>(&made(&call));
    assert!(listed(shelter).is_empty());
    let audit = shelter.done::<AuditView>(&Care::Audit { limit: 100 });
    assert!(audit.looks.iter().any(|look| look.looked == "consent"), "each look is on record");
}

#[test]
fn what_could_not_be_said_in_the_referral_is_due_to_be_said_by_telephone_and_names_nobody() {
    for (back, calls) in [(Some(Vec::new()), 1), (None, 0)] {
        let mut county = county();
        county.office(HOSPITAL).person("Zephyrine Quillfeather");
        let consent = county.office(HOSPITAL).consent("Harbor Shelter", back, 90);
        let thread = county.office(HOSPITAL).send(&consent).row.id.to_string();
        county.pump();
        let shelter = county.office(SHELTER);
        shelter.done::<ConsentView>(&Care::ConsentRevoke { consent: thread.clone(), party: None, spoken: true });
        let listed_now = listed(shelter);
        assert_eq!(listed_now.len(), calls, "with a way back the keeper's node hears of it");
        let Some(call) = listed_now.into_iter().next() else { continue };
        assert_eq!(call.to_name, "County Hospital");
        let says = call.says.reveal();
        assert!(says.contains("the person took back the consent") && says.contains(&thread[..8]), "{says}");
        assert!(!says.contains("Quillfeather"), "the referral's number is enough: {says}");
        shelter.rebuild();
        assert_eq!(listed(shelter), std::slice::from_ref(&call));
        shelter.done::<CallView>(&made(&call));
        assert!(listed(shelter).is_empty());
    }
}

#[test]
fn whom_no_letter_named_is_not_named_though_something_was_said() {
    let mut county = county();
    let consent = referred(&mut county, false, Vec::new());
    let hospital = county.office(HOSPITAL);
    let list = hospital.done::<ThreadsView>(&Care::ReferralList(ListAsk::default()));
    let thread = list.threads[0].id.to_string();
    hospital.done::<ThreadView>(&Care::ReferralAct { thread, act: message("is there a bed today?") });
    revoked(hospital, &consent, None);
    let [call] = listed(hospital).try_into().expect("one call");
    assert!(!call.says.reveal().contains("Quillfeather"), "{}", call.says.reveal());
}
