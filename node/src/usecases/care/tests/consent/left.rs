//! A revocation that is heard where the consent has no way back: who keeps the consent sees that somebody left, and asks.

use super::*;
use belay_protocol::referral::due::Timer;

fn revoke(thread: &str) -> Care {
    Care::ConsentRevoke { consent: thread.to_owned(), party: None, spoken: true }
}

/// The hospital's consent for the shelter without a way back, and the referral under it, which the shelter has left.
fn left(county: &mut County) -> (ConsentView, String) {
    county.office(HOSPITAL).person("Zephyrine Quillfeather");
    let consent = county.office(HOSPITAL).consent("Harbor Shelter", Some(Vec::new()), 90);
    let thread = county.office(HOSPITAL).send(&consent).row.id.to_string();
    county.pump();
    let heard: ConsentView = county.office(SHELTER).done(&revoke(&thread));
    assert_eq!(heard.state, "revocation heard");
    county.pump();
    (consent, thread)
}

fn due(office: &mut Office) -> Vec<DueView> {
    let ask = ListAsk { part: Part::Due, ..ListAsk::default() };
    office.done::<ThreadsView>(&Care::ReferralList(ask)).threads.into_iter().flat_map(|row| row.due).collect()
}

#[test]
fn a_recipient_that_left_by_itself_is_seen_and_nothing_more_goes_to_it() {
    let mut county = county();
    let (consent, thread) = left(&mut county);
    let hospital = county.office(HOSPITAL);
    let shown = hospital.thread(&thread);
    assert_eq!(shown.row.ended.as_deref(), Some("the recipient has left; telephone"));
    assert_eq!(shown.may, ["left"], "nothing but to say why");
    let waiting = due(hospital);
    assert_eq!(waiting.len(), 1);
    assert!(waiting[0].ours && waiting[0].overdue && waiting[0].what.contains("may have revoked"), "{waiting:?}");
    let before = hospital.entries();
    let act = Care::ReferralAct { thread: thread.clone(), act: message("are you there?") };
    for ask in [act, send(&consent)] {
        let (class, why) = hospital.refused(&ask);
        assert!(class == FailureClass::NotPermitted && why.contains("Harbor Shelter has left"), "{why}");
    }
    assert_eq!(hospital.entries(), before);
    let preview: SendPreview = hospital.done(&Care::ReferralPreview(to(&consent, "Harbor Shelter", Vec::new())));
    assert!(preview.refused.expect("not now").contains("has left"));
    // On the telephone they learn that the person revoked.
    let ask = Care::ConsentRevoke { consent: consent.id.to_string(), party: None, spoken: true };
    assert_eq!(hospital.done::<ConsentView>(&ask).state, "revoked");
    assert!(due(hospital).iter().any(|due| due.timer == Timer::TakenBack), "somebody says what comes next");
    assert_eq!(hospital.thread(&thread).row.ended.as_deref(), Some("the person took the OK back"));
}

#[test]
fn why_it_left_is_put_on_record_and_then_others_may_be_sent() {
    let mut county = county();
    let (consent, thread) = left(&mut county);
    let hospital = county.office(HOSPITAL);
    let say = |why: &str| Care::ReferralAct { thread: thread.clone(), act: ActRequest::Left { why: why.into() } };
    assert_eq!(hospital.refused(&say(" ")).0, FailureClass::Misuse);
    let shown: ThreadView = hospital.done(&say("they closed the wrong referral"));
    assert!(shown.may.contains(&"settle".to_owned()) && !shown.may.contains(&"message".to_owned()), "{:?}", shown.may);
    assert_eq!(due(hospital).iter().map(|due| due.timer).collect::<Vec<_>>(), [Timer::Rehome], "another place");
    assert_eq!(shown.row.ended.as_deref(), Some("the recipient has left; telephone"), "it stays ended");
    hospital.done::<ThreadView>(&send(&consent));
}

#[test]
fn what_comes_after_the_person_revoked_here_is_ended_from_its_first_second() {
    let mut county = county();
    let (consent, thread) = left(&mut county);
    // Staff at the hospital are told something else, and send again under the same consent.
    let why = ActRequest::Left { why: "a mistake, they say".into() };
    county.office(HOSPITAL).act(&thread, why);
    let again = county.office(HOSPITAL).send(&consent).row.id.to_string();
    county.pump();
    let shelter = county.office(SHELTER);
    let shown = shelter.thread(&again);
    assert!(shown.row.ended.is_some() && shown.row.name.is_none() && shown.reason.is_none(), "{shown:?}");
    assert!(shown.identity.is_none() && shown.may.is_empty());
    for ask in [Care::ReferralLink(LinkAsk::new(&again)), Care::ReferralAct { thread: again.clone(), act: accept() }] {
        let (class, why) = shelter.refused(&ask);
        assert!(class == FailureClass::NotPermitted && why.contains("before this referral came"), "{why}");
    }
    assert!(shelter.thread(&thread).reason.is_some(), "what was told before stays told");
    // A new consent opens again.
    let consent = county.office(HOSPITAL).consent("Harbor Shelter", Some(Vec::new()), 90);
    let fresh = county.office(HOSPITAL).send(&consent).row.id.to_string();
    county.pump();
    assert!(county.office(SHELTER).thread(&fresh).row.ended.is_none());
    taken_in(county.office(SHELTER), &fresh);
}
