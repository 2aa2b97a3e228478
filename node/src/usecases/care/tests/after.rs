//! A referral whose consent ended by itself while the person was on the way, and one that went on after its end.

use super::{CLINIC, HOSPITAL, accept, county, in_care, message, sent, taken_in};
use crate::api::FailureClass;
use crate::api::care::*;
use belay_protocol::referral::due::Timer;
use belay_protocol::referral::{Attempt, Channel, Outcome, Reached, Seen, Setting, Stage, Why};
use belay_protocol::time::{DAY, Time};

fn timers(view: &ThreadView) -> Vec<Timer> {
    view.row.due.iter().map(|due| due.timer).collect()
}

fn reach(at: Time) -> ActRequest {
    let (channel, result) = (Channel::Telephone, Reached::NoAnswer);
    ActRequest::Attempt(Attempt { at, channel, result, note: "no answer".into() })
}

fn close(outcome: Outcome) -> ActRequest {
    ActRequest::Close { outcome, note: "".into(), barriers: Vec::new() }
}

fn check_in() -> ActRequest {
    ActRequest::CheckIn(in_care(Stage::Start))
}

fn seen(at: Time, setting: Setting) -> ActRequest {
    ActRequest::Seen(Seen { setting, at, note: "".into() })
}

#[test]
fn a_referral_that_has_ended_is_not_said_to_close_when_its_consent_is_taken_back() {
    let mut county = county();
    let id = sent(&mut county, None);
    let consent = county.office(HOSPITAL).thread(&id).consent.to_string();
    let does = |county: &mut super::office::County| {
        let ask = Care::ConsentRevokePreview { consent: consent.clone(), party: None };
        let view: RevokePreview = county.office(HOSPITAL).done(&ask);
        (view.referrals, view.does)
    };
    let (open, says) = does(&mut county);
    assert!(open == 1 && says.contains("Referrals that close: 1.") && !says.contains("came to an end"), "{says}");
    taken_in(county.office(CLINIC), &id);
    county.office(CLINIC).act(&id, close(Outcome::ServicesReceived));
    county.pump();
    let (open, says) = does(&mut county);
    assert!(open == 0 && says.contains("Referrals that close: 0. Of 1 that came to an end before"), "{says}");
}

#[test]
fn a_consent_that_ends_on_the_way_leaves_the_referral_on_both_lists_until_somebody_says_what_comes_next() {
    let mut county = county();
    let id = sent(&mut county, None);
    taken_in(county.office(CLINIC), &id);
    county.pump();
    county.sleep(91 * DAY);
    county.pump();
    for (office, verb) in [(HOSPITAL, "settle"), (CLINIC, "close")] {
        let list = county
            .office(office)
            .done::<ThreadsView>(&Care::ReferralList(ListAsk { part: Part::Due, ..ListAsk::default() }));
        assert_eq!(list.threads.len(), 1, "at {office}");
        let due = &list.threads[0].due[0];
        assert!(due.timer == Timer::ConsentEnded && due.ours && due.next.contains(verb), "{}", due.next);
        assert!(county.office(office).thread(&id).may.contains(&verb.to_owned()));
    }
    // What became of the person is written down all the same, here alone; nothing more is told.
    let before = county.office(HOSPITAL).entries();
    let now = county.office(CLINIC).now;
    for act in [reach(now), ActRequest::Attend { when: None }, check_in()] {
        let line = county.office(CLINIC).act(&id, act).history.pop().expect("a line");
        assert!(line.local && line.without_effect.is_none(), "{}", line.act);
    }
    let view = county.office(CLINIC).act(&id, close(Outcome::ServicesReceived));
    assert_eq!((timers(&view), view.row.status.as_deref()), (Vec::new(), Some("completed")));
    county.pump();
    assert_eq!(county.office(HOSPITAL).entries(), before, "something was told after the end");
    let hospital = county.office(HOSPITAL);
    let late = Care::ReferralAct { thread: id.clone(), act: message("late") };
    assert_eq!(hospital.refused(&late).0, FailureClass::NotPermitted);
    hospital.act(&id, reach(now));
    let view = hospital.act(&id, ActRequest::Settle { note: "comes to us on Monday to sign a new one".into() });
    assert!(timers(&view).is_empty() && !view.may.contains(&"settle".to_owned()), "{:?}", view.may);
    assert_eq!(view.row.status.as_deref(), Some("accepted"), "that ends nothing of theirs");
}

#[test]
fn where_the_person_took_it_back_nothing_is_asked_of_anybody() {
    let mut county = county();
    let id = sent(&mut county, None);
    taken_in(county.office(CLINIC), &id);
    county.pump();
    let consent = county.office(HOSPITAL).thread(&id).consent.to_string();
    county.office(HOSPITAL).done::<ConsentView>(&Care::ConsentRevoke { consent, party: None, spoken: true });
    county.pump();
    county.sleep(91 * DAY);
    county.pump();
    for office in [HOSPITAL, CLINIC] {
        let view = county.office(office).thread(&id);
        assert!(!timers(&view).contains(&Timer::ConsentEnded), "{office}: {:?}", view.row.due);
    }
    let act = Care::ReferralAct { thread: id, act: ActRequest::Attend { when: None } };
    assert_eq!(county.office(CLINIC).refused(&act).0, FailureClass::NotPermitted);
}

#[test]
fn after_a_good_end_the_visit_is_asked_for_and_the_lost_are_looked_for() {
    let mut county = county();
    let id = sent(&mut county, None);
    taken_in(county.office(CLINIC), &id);
    let clinic = county.office(CLINIC);
    let now = clinic.now;
    assert_eq!(timers(&clinic.act(&id, close(Outcome::ServicesReceived))), [Timer::Came]);
    let view = clinic.act(&id, ActRequest::Attend { when: None });
    assert_eq!(timers(&view), [Timer::CheckIn { day: 0 }]);
    assert!(!view.may.contains(&"attend".to_owned()), "the visit is on record: {:?}", view.may);
    clinic.act(&id, check_in());
    let view = clinic.act(&id, ActRequest::Lost { since: None, note: "".into() });
    assert_eq!(timers(&view), [Timer::Lost, Timer::Lost]);
    county.pump();
    let view = county.office(HOSPITAL).act(&id, reach(now));
    assert_eq!(view.row.status.as_deref(), Some("completed"));
    assert!(view.history.iter().all(|line| line.without_effect.is_none()));
}

#[test]
fn who_hears_that_the_person_is_held_plans_and_a_plan_ends_the_question() {
    let mut county = county();
    let id = sent(&mut county, None);
    taken_in(county.office(CLINIC), &id);
    county.pump();
    let now = county.office(HOSPITAL).now;
    let plans = |view: &ThreadView| {
        view.row.due.iter().filter(|due| due.timer == Timer::Plan).map(|due| due.ours).collect::<Vec<_>>()
    };
    assert_eq!(plans(&county.office(HOSPITAL).act(&id, seen(now, Setting::InCustody))), [false]);
    county.pump();
    assert_eq!(plans(&county.office(CLINIC).thread(&id)), [true]);
    let view = county.office(CLINIC).act(&id, message("we visit on Thursday and hold the place"));
    assert!(plans(&view).is_empty());
    county.pump();
    assert_eq!(plans(&county.office(HOSPITAL).act(&id, seen(now, Setting::Released))), [] as [bool; 0]);
}

#[test]
fn what_rests_can_be_said_to_rest_on() {
    let mut county = county();
    let id = sent(&mut county, None);
    taken_in(county.office(CLINIC), &id);
    let why = || Why { barriers: Vec::new(), note: "no bed before spring".into() };
    county.office(CLINIC).act(&id, ActRequest::Hold { why: why() });
    county.sleep(8 * DAY);
    let late = |view: &ThreadView| view.row.due.iter().any(|due| due.timer == Timer::Review && due.ours && due.overdue);
    assert!(late(&county.office(CLINIC).thread(&id)));
    county.pump();
    assert!(late(&county.office(HOSPITAL).thread(&id)), "who referred hears that nobody looked");
    assert!(!late(&county.office(CLINIC).act(&id, ActRequest::Hold { why: why() })));
    let again = Care::ReferralAct { thread: id, act: accept() };
    assert_eq!(county.office(CLINIC).refused(&again).0, FailureClass::Misuse);
}
