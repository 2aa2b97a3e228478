//! A later version that opens more: an open referral goes on under it, in a space of its own for what it opens, until a version shuts it.

use super::*;
use belay_protocol::referral::{Medication, Medicine, Summary, SummaryKind};

fn tablets() -> ActRequest {
    let medicine = Medicine { name: "buprenorphine".into(), ..Medicine::default() };
    ActRequest::Medication(Medication { medicines: vec![medicine], ..Medication::default() }.into())
}

/// A referral, and its consent.
fn begun(county: &mut County, back: Option<Vec<Information>>) -> (String, String) {
    let id = sent(county, back);
    let consent = county.office(HOSPITAL).thread(&id).consent.to_string();
    (id, consent)
}

/// The next version, signed.
fn amended(county: &mut County, amend: ConsentAmend) -> ConsentView {
    let consent = amend.consent.clone();
    county.office(HOSPITAL).done::<ConsentView>(&Care::ConsentAmend(amend));
    let view = signed(county.office(HOSPITAL), &consent);
    county.pump();
    view
}

fn told_of(county: &mut County, information: Information) -> Vec<u32> {
    let ask = Care::Disclosures(DisclosuresAsk::to("Ridge Clinic"));
    let told = county.office(HOSPITAL).done::<DisclosuresView>(&ask).disclosures;
    told.iter().filter(|one| one.information == information).map(|one| one.version).collect()
}

#[test]
fn what_a_later_version_opens_is_told_in_the_referral_that_goes_on_and_rests_on_that_version() {
    let mut county = county();
    let (id, consent) = begun(&mut county, None);
    let act = Care::ReferralAct { thread: id.clone(), act: tablets() };
    assert_eq!(county.office(HOSPITAL).refused(&act).0, FailureClass::NotPermitted, "not under the first");
    let tell = vec![Information::Medication];
    let amend = ConsentAmend { consent: consent.clone(), tell, ..ConsentAmend::default() };
    let draft: ConsentView = county.office(HOSPITAL).done(&Care::ConsentAmend(amend));
    assert_eq!(draft.changes.expect("a version after the first").opened.len(), 1, "nobody has to be added");
    assert_eq!(county.office(HOSPITAL).refused(&act).0, FailureClass::NotPermitted, "nor under a draft");
    signed(county.office(HOSPITAL), &consent);
    county.pump();
    assert!(county.office(CLINIC).thread(&id).scope.expect("its part").contains("medication"), "it is told its part");
    let spaces = county.office(CLINIC).thread_spaces().len();
    county.office(HOSPITAL).act(&id, tablets());
    county.pump();
    let seen = county.office(CLINIC).thread(&id);
    assert!(seen.follow.medication.is_some() && seen.row.ended.is_none(), "{}", seen.row.state);
    assert_eq!(county.office(CLINIC).thread_spaces().len(), spaces + 1, "in a space of its own");
    // A notice and the list, each on the record under the version that opened it.
    assert_eq!(told_of(&mut county, Information::Medication), [2, 2]);
    for space in county.office(HOSPITAL).thread_spaces() {
        assert!(!county.office(SHELTER).holds(&space.0), "a third holds space {}", space.short());
    }
}

#[test]
fn what_was_shut_since_stays_shut_in_this_referral_and_the_rest_goes_on() {
    let mut county = county();
    let (id, consent) = begun(&mut county, None);
    let open =
        || ConsentAmend { consent: consent.clone(), tell: vec![Information::Medication], ..ConsentAmend::default() };
    amended(&mut county, open());
    county.office(HOSPITAL).act(&id, tablets());
    let close = vec![Way {
        from: None,
        to: Some("Ridge Clinic".to_owned()),
        information: vec![Information::Medication],
        purpose: None,
    }];
    amended(&mut county, ConsentAmend { consent: consent.clone(), close, ..ConsentAmend::default() });
    let act = Care::ReferralAct { thread: id.clone(), act: tablets() };
    assert_eq!(county.office(HOSPITAL).refused(&act).0, FailureClass::NotPermitted);
    assert_eq!(say(&mut county, HOSPITAL, &id), None, "the rest goes on");
    assert_eq!(amended(&mut county, open()).version, 4);
    let (class, why) = county.office(HOSPITAL).refused(&act);
    assert!(class == FailureClass::NotPermitted && why.contains("version 4 opens it for a new one"), "{why}");
    let current = ConsentView { id: consent.parse().expect("an id"), ..shown(&mut county, &consent) };
    let again = Care::ReferralSend(to(&current, "Ridge Clinic", vec![Information::Medication]));
    county.office(HOSPITAL).done::<ThreadView>(&again);
}

fn shown(county: &mut County, consent: &str) -> ConsentView {
    county.office(HOSPITAL).done(&Care::ConsentShow { consent: consent.to_owned(), whole: false })
}

#[test]
fn what_the_recipient_may_tell_since_a_later_version_has_somewhere_to_stand() {
    let mut county = county();
    let (id, consent) = begun(&mut county, Some(vec![Information::Referral]));
    let summary = Summary { kind: SummaryKind::Progress, text: "he comes every day".into() };
    let summary = || ActRequest::Summary(summary.clone());
    let local = taken_in(county.office(CLINIC), &id);
    assert!(!local.history.last().expect("accepted").local);
    let kept = county.office(CLINIC).act(&id, summary());
    assert!(kept.history.last().expect("a line").local, "the first version lets nothing clinical come back");
    let back = Some(vec![Information::Clinical]);
    amended(&mut county, ConsentAmend { consent, back, ..ConsentAmend::default() });
    let told = county.office(CLINIC).act(&id, summary());
    let lines = told.history.iter().filter(|line| line.act == "summary");
    assert_eq!(lines.map(|line| line.local).filter(|local| !local).count(), 1, "the second is told");
    county.pump();
    let seen = county.office(HOSPITAL).thread(&id);
    assert!(seen.history.iter().any(|line| line.act == "summary"), "{:?}", seen.history.last().map(|line| &line.act));
    let before = county.office(HOSPITAL).records();
    county.office(HOSPITAL).rebuild();
    assert_eq!(county.office(HOSPITAL).records(), before);
}

#[test]
fn nothing_is_opened_in_a_referral_that_its_recipient_has_left_or_was_taken_out_of() {
    let mut county = county();
    let (id, consent) = begun(&mut county, Some(Vec::new()));
    let tell = vec![Information::Medication];
    amended(&mut county, ConsentAmend { consent, tell, ..ConsentAmend::default() });
    // It heard the person revoke, and has no way to say so.
    let revoke = Care::ConsentRevoke { consent: id.clone(), party: None, spoken: true };
    assert_eq!(county.office(CLINIC).done::<ConsentView>(&revoke).state, "revocation heard");
    county.pump();
    let spaces = county.office(HOSPITAL).thread_spaces().len();
    let manifest = belay_protocol::referral::attachment::Manifest::of("list.txt", b"buprenorphine").expect("a file");
    let attach = Care::Attach(Box::new(Attach {
        to: AttachTo::Thread { thread: id.clone(), information: Information::Medication },
        manifest,
        step: AttachStep::Ask { head: data_encoding::BASE64.encode(b"buprenorphine").as_str().into() },
    }));
    for ask in [Care::ReferralAct { thread: id, act: tablets() }, attach] {
        let (_, why) = county.office(HOSPITAL).refused(&ask);
        assert!(why.contains("has left"), "{why}");
    }
    assert_eq!(county.office(HOSPITAL).thread_spaces().len(), spaces);
}

#[test]
fn a_referral_that_has_ended_is_not_opened_again_by_a_later_version() {
    let mut county = county();
    let (id, consent) = begun(&mut county, Some(vec![Information::Referral]));
    county.office(CLINIC).act(&id, ActRequest::Decline { reason: DeclineReason::NoCapacity, note: "".into() });
    county.pump();
    let spaces = county.office(HOSPITAL).thread_spaces().len();
    let back = Some(vec![Information::Clinical]);
    amended(&mut county, ConsentAmend { consent, back, ..ConsentAmend::default() });
    assert_eq!(county.office(HOSPITAL).thread_spaces().len(), spaces);
}

#[test]
fn who_did_not_take_the_person_in_learns_nothing_new_whatever_a_later_version_opens() {
    let mut county = county();
    let (id, consent) = begun(&mut county, None);
    let decline = ActRequest::Decline { reason: DeclineReason::NoCapacity, note: "".into() };
    county.pump();
    county.office(CLINIC).act(&id, decline);
    county.pump();
    let tell = vec![Information::Medication];
    amended(&mut county, ConsentAmend { consent, tell, ..ConsentAmend::default() });
    let before = county.office(HOSPITAL).thread_spaces();
    let act = Care::ReferralAct { thread: id, act: tablets() };
    let (class, why) = county.office(HOSPITAL).refused(&act);
    assert!(class == FailureClass::NotPermitted && why.contains("does not take the person in"), "{why}");
    assert_eq!(county.office(HOSPITAL).thread_spaces(), before);
}
