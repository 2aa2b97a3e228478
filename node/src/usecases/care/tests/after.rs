//! A referral whose consent ended by itself while the person was on the way, and one that went on after its end.

use super::{CLINIC, HOSPITAL, SHELTER, accept, county, in_care, message, sent, taken_in};
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
    assert!(says.contains("told back here by Ridge Clinic"), "both directions end: {says}");
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
    let view = hospital
        .act(&id, ActRequest::Settle { note: "comes to us on Monday to sign a new one".into(), referral: None });
    assert!(timers(&view).is_empty() && !view.may.contains(&"settle".to_owned()), "{:?}", view.may);
    assert_eq!(view.row.status.as_deref(), Some("accepted"), "that ends nothing of theirs");
}

#[test]
fn a_missed_visit_is_followed_by_a_new_appointment_also_after_the_end_of_the_consent_until_staff_settle_it() {
    let mut county = county();
    let id = sent(&mut county, None);
    taken_in(county.office(CLINIC), &id);
    let clinic = county.office(CLINIC);
    let at = Time(clinic.now.0 + DAY);
    let mode = belay_protocol::referral::Mode::InPerson;
    let visit = ActRequest::Schedule(Meeting::at(at, "12 Ridge Road".into(), mode, "".into()));
    clinic.act(&id, visit);
    county.sleep(2 * DAY);
    county.office(CLINIC).act(&id, ActRequest::NoShow { when: None, why: Why::default() });
    county.pump();
    let consent = county.office(HOSPITAL).thread(&id).consent.to_string();
    county.office(HOSPITAL).done::<ConsentView>(&Care::ConsentRevoke { consent, party: None, spoken: true });
    county.pump();
    let clinic = county.office(CLINIC);
    assert!(timers(&clinic.thread(&id)).contains(&Timer::NewAppointment), "{:?}", clinic.thread(&id).row.due);
    let view = clinic.act(&id, settle("she will call us"));
    assert_eq!(timers(&view), []);
    let last = view.history.last().expect("a line");
    assert_eq!((last.act.as_str(), last.local), ("settle", true), "and is called what it is");
    let hospital = county.office(HOSPITAL);
    assert!(!timers(&hospital.thread(&id)).contains(&Timer::NewAppointment), "that is not the sender's to make");
}

/// The list of what is to be done, at one office.
fn due_at(county: &mut super::office::County, office: usize) -> Vec<DueView> {
    let ask = ListAsk { part: Part::Due, ..ListAsk::default() };
    let list: ThreadsView = county.office(office).done(&Care::ReferralList(ask));
    list.threads.into_iter().flat_map(|row| row.due).collect()
}

fn new_at(county: &mut super::office::County, office: usize) -> usize {
    county.office(office).step(crate::usecases::notices::standing).expect("counts").new.len()
}

fn settle(words: &str) -> ActRequest {
    ActRequest::Settle { note: words.into(), referral: None }
}

#[test]
fn what_the_person_took_back_is_new_on_both_lists_until_read_and_due_until_staff_say_what_comes_next() {
    let mut county = county();
    let id = sent(&mut county, None);
    taken_in(county.office(CLINIC), &id);
    county.pump();
    let consent = county.office(HOSPITAL).thread(&id).consent.to_string();
    county.office(CLINIC).thread(&id);
    county.office(HOSPITAL).done::<ConsentView>(&Care::ConsentRevoke { consent, party: None, spoken: true });
    county.pump();
    for (office, new, verb, says) in [
        // Who heard it there has read so.
        (HOSPITAL, 0, "settle", "ended: the person took the OK back"),
        (CLINIC, 1, "close", "ended: the person took the OK back at County Hospital on"),
    ] {
        let (timer, word) = (Timer::TakenBack, "taken back");
        assert_eq!(new_at(&mut county, office), new, "a notice at {office}");
        let due = due_at(&mut county, office);
        let timers_due: Vec<Timer> = due.iter().map(|due| due.timer).collect();
        assert_eq!(timers_due, [Timer::Read, timer][1 - new..], "at {office}");
        assert!(due.iter().all(|due| due.ours && due.what.contains(word)), "{due:?}");
        assert!(due[new].next.contains(verb), "{}", due[new].next);
        let view = county.office(office).thread(&id);
        assert!(view.row.state.starts_with(says), "{}", view.row.state);
        assert_eq!(timers(&view), [timer], "read by being opened");
        assert_eq!(new_at(&mut county, office), 0);
        assert!(view.may.contains(&"settle".to_owned()) && !view.may.contains(&"message".to_owned()), "{:?}", view.may);
    }
    // The clinic looks after its own person, and nobody hears of it.
    let before = county.office(HOSPITAL).entries();
    let now = county.office(CLINIC).now;
    let clinic = county.office(CLINIC);
    clinic.act(
        &id,
        ActRequest::Transition(belay_protocol::referral::Transition {
            leaving: belay_protocol::referral::Leaving::Hospital,
            on: now,
            note: "".into(),
        }),
    );
    let view = clinic.act(&id, ActRequest::Attend { when: None });
    assert!(timers(&view).contains(&Timer::CheckIn { day: 0 }), "{:?}", view.row.due);
    let view = clinic.act(&id, ActRequest::Lost { since: None, note: "".into() });
    let waits = timers(&view);
    assert!(waits.contains(&Timer::Lost) && waits.contains(&Timer::Watch { day: 1 }), "{waits:?}");
    let view = clinic.act(&id, reach(now));
    assert!(view.history.iter().rev().take(4).all(|line| line.local && line.without_effect.is_none()));
    let view = clinic.act(&id, settle("comes on Monday, and signs a new one if she likes"));
    assert_eq!((timers(&view), view.row.status.as_deref()), (Vec::new(), Some("failed")));
    county.pump();
    assert_eq!(county.office(HOSPITAL).entries(), before, "something was told after the end");
    let view = county.office(HOSPITAL).act(&id, settle("she wants no more of it"));
    assert!(timers(&view).is_empty() && view.row.ended.is_some() && !view.may.contains(&"settle".to_owned()));
}

#[test]
fn what_the_person_left_out_and_what_is_false_is_nowhere_called_taken_back() {
    for end in ["restrict", "amend", "void"] {
        let mut county = county();
        let id = sent(&mut county, None);
        taken_in(county.office(CLINIC), &id);
        county.pump();
        let hospital = county.office(HOSPITAL);
        let consent = hospital.thread(&id).consent.to_string();
        if end == "restrict" {
            let restriction = RestrictionRequest {
                asked: "nothing to the clinic".into(),
                to: Some("Ridge Clinic".to_owned()),
                ..RestrictionRequest::default()
            };
            hospital.done::<ConsentView>(&Care::ConsentRestrict { consent, restriction });
        } else if end == "amend" {
            let add = vec!["Harbor Shelter".to_owned()];
            let remove = vec!["Ridge Clinic".to_owned()];
            let amend = ConsentAmend { consent: consent.clone(), add, remove, ..ConsentAmend::default() };
            hospital.done::<ConsentView>(&Care::ConsentAmend(amend));
            hospital.done::<ConsentView>(&Care::ConsentSign(ConsentSign {
                attested: true,
                consent,
                typed: "Zephyrine Quillfeather".into(),
                ..ConsentSign::default()
            }));
        } else {
            hospital.officer::<ConsentView>(&Care::ConsentVoid { consent, why: "somebody else signed".into() });
        }
        county.pump();
        for office in [HOSPITAL, CLINIC] {
            let view = county.office(office).thread(&id);
            let said = format!("{:?} {:?}", view.row.ended, view.row.due);
            let timer = if (end, office) == ("void", HOSPITAL) { Timer::ConsentEnded } else { Timer::NothingMore };
            assert!(view.row.due.iter().any(|due| due.timer == timer), "{end} at {office}: {said}");
            assert!(!said.contains("taken back") && !said.contains("took"), "{end} at {office}: {said}");
        }
        let ended = county.office(CLINIC).thread(&id).row.ended.expect("over");
        assert!(ended.starts_with("County Hospital tells nothing more under this consent since"), "{ended}");
    }
}

#[test]
fn what_was_not_answered_when_it_was_taken_back_is_settled_on_both_sides_and_takes_nobody_in() {
    let mut county = county();
    let id = sent(&mut county, None);
    county.pump();
    // The person says so at the clinic, which had not opened it yet.
    let revoke = Care::ConsentRevoke { consent: id.clone(), party: None, spoken: true };
    county.office(CLINIC).done::<ConsentView>(&revoke);
    county.pump();
    assert!(due_at(&mut county, HOSPITAL).iter().any(|due| due.timer == Timer::Read), "the hospital has it as new");
    for office in [HOSPITAL, CLINIC] {
        let view = county.office(office).thread(&id);
        assert!(view.row.state.starts_with("ended: the person took the OK back"), "{}", view.row.state);
        let due = &view.row.due[0];
        assert!(due.timer == Timer::TakenBack && due.next.contains("settle"), "{due:?}");
        assert!(!view.may.iter().any(|act| act == "accept"), "{:?}", view.may);
    }
    let accept = Care::ReferralAct { thread: id.clone(), act: accept() };
    assert_eq!(county.office(CLINIC).refused(&accept).0, FailureClass::NotPermitted);
    for office in [HOSPITAL, CLINIC] {
        let view = county.office(office).act(&id, settle("goes home, and has our number"));
        assert!(timers(&view).is_empty(), "at {office}: {:?}", view.row.due);
    }
}

#[test]
fn what_had_arrived_or_was_read_stays_so_after_the_person_took_the_ok_back() {
    let mut county = county();
    let id = sent(&mut county, None);
    county.pump();
    county.office(CLINIC).thread(&id);
    county.pump();
    let marks = |county: &mut super::office::County| -> Vec<_> {
        county.office(HOSPITAL).thread(&id).history.into_iter().filter_map(|line| line.delivery).collect()
    };
    let before = marks(&mut county);
    assert!(before.contains(&DeliveryState::Read) && !before.contains(&DeliveryState::Waiting), "{before:?}");
    county.office(HOSPITAL).act(&id, message("a word that does not arrive"));
    let consent = county.office(HOSPITAL).thread(&id).consent.to_string();
    county.office(HOSPITAL).done::<ConsentView>(&Care::ConsentRevoke { consent, party: None, spoken: true });
    county.pump();
    let after = marks(&mut county);
    assert_eq!(after[..before.len()], before[..]);
    assert_eq!(after[before.len()..], [DeliveryState::Delivered], "it went before that word, over the same line");
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
fn after_a_good_end_each_side_says_for_itself_what_became_of_a_person_who_is_not_found() {
    let mut county = county();
    let id = sent(&mut county, None);
    taken_in(county.office(CLINIC), &id);
    let clinic = county.office(CLINIC);
    clinic.act(&id, ActRequest::Attend { when: None });
    clinic.act(&id, check_in());
    clinic.act(&id, close(Outcome::ServicesReceived));
    clinic.act(&id, ActRequest::Lost { since: None, note: "".into() });
    let (_, why) = clinic.refused(&Care::ReferralAct { thread: id.clone(), act: close(Outcome::Moved) });
    assert!(why.contains("has ended"), "{why}");
    let view = clinic.act(&id, ActRequest::Settle { note: "moved to her sister in Ohio".into(), referral: None });
    assert!(timers(&view).is_empty(), "{:?}", view.row.due);
    let line = view.history.last().expect("a line");
    assert!(line.act == "settle" && line.local && view.outcome == Some(Outcome::ServicesReceived), "{}", line.act);
    county.pump();
    let view = county.office(HOSPITAL).thread(&id);
    assert!(
        timers(&view).contains(&Timer::Lost) && view.may.contains(&"settle".to_owned()),
        "nobody told the hospital"
    );
    assert!(view.history.iter().all(|line| line.act != "settle"));
}

#[test]
fn who_came_is_still_looked_for_and_asked_after_the_consent_has_ended_by_itself() {
    let mut county = county();
    let id = sent(&mut county, None);
    taken_in(county.office(CLINIC), &id);
    let clinic = county.office(CLINIC);
    clinic.act(&id, ActRequest::Attend { when: None });
    clinic.act(&id, close(Outcome::ServicesReceived));
    county.pump();
    county.sleep(80 * DAY);
    county.pump();
    assert!(timers(&county.office(HOSPITAL).thread(&id)).contains(&Timer::ConsentEnds), "a new one is asked for");
    county.sleep(11 * DAY);
    county.pump();
    let clinic = county.office(CLINIC);
    assert_eq!(timers(&clinic.thread(&id)), [Timer::CheckIn { day: 90 }]);
    let view = clinic.act(&id, ActRequest::Lost { since: None, note: "".into() });
    assert_eq!(timers(&view).iter().filter(|timer| **timer == Timer::Lost).count(), 1, "ours alone");
    assert!(view.history.last().is_some_and(|line| line.local));
    let view = clinic.act(&id, ActRequest::CheckIn(CheckInRequest { stage: None, ..in_care(Stage::Start) }));
    assert_eq!(view.follow.check_ins.last().map(|had| had.stage), Some(Stage::Day90), "the one that was due");
    assert!(timers(&county.office(HOSPITAL).thread(&id)).is_empty(), "nothing of it is told");
}

#[test]
fn a_sender_who_may_hear_nothing_asks_the_person_and_writes_down_what_became_of_it() {
    let mut county = county();
    let id = sent(&mut county, Some(Vec::new()));
    county.office(CLINIC).act(&id, decline());
    county.pump();
    let hospital = county.office(HOSPITAL);
    let view = hospital.thread(&id);
    assert_eq!(timers(&view), [Timer::Ask]);
    assert!(view.row.due[0].ours && view.row.due[0].next.contains("settle"), "{:?}", view.row.due);
    let view = hospital
        .act(&id, ActRequest::Settle { note: "declined there; Harbor Shelter has a bed".into(), referral: None });
    assert!(timers(&view).is_empty() && view.history.last().is_some_and(|line| line.local));
    let new = ActRequest::Settle { note: "".into(), referral: Some(id[..8].to_owned()) };
    let line = hospital.act(&id, new).history.pop().expect("a line");
    assert_eq!(line.note.reveal(), &format!("referral {}.", &id[..8]));
    county.pump();
    let view = county.office(CLINIC).thread(&id);
    assert!(view.history.iter().all(|line| line.act != "settle") && !timers(&view).contains(&Timer::Ask));
    let settle = ActRequest::Settle { note: "none of ours".into(), referral: None };
    let (_, why) = county.office(CLINIC).refused(&Care::ReferralAct { thread: id, act: settle });
    assert!(why.contains("once the referral has ended"), "{why}");
}

#[test]
fn about_somebody_who_has_died_nobody_is_phoned_and_staff_end_what_is_open_each_for_itself() {
    let mut county = county();
    let id = sent(&mut county, None);
    taken_in(county.office(CLINIC), &id);
    county.pump();
    let now = county.office(HOSPITAL).now;
    county.office(HOSPITAL).act(&id, seen(now, Setting::Released));
    let other = county.office(HOSPITAL).consent("Harbor Shelter", None, 90);
    let other = county.office(HOSPITAL).send(&other).row.id.to_string();
    county.office(HOSPITAL).act(&other, ActRequest::Lost { since: None, note: "".into() });
    county.office(CLINIC).act(&id, close(Outcome::Deceased));
    county.pump();
    let hospital = county.office(HOSPITAL);
    let view = hospital.thread(&id);
    assert_eq!(timers(&view), [Timer::Died], "no other place, no watch");
    assert!(view.row.due[0].ours && view.row.due[0].next.contains("settle"), "{:?}", view.row.due);
    assert!(timers(&hospital.thread(&other)).contains(&Timer::Lost), "nobody concludes it from a partner's word");
    let person = hospital.threads()[0].person.expect("on record").to_string();
    let died = PersonEdit { person: person.as_str().into(), died: Some("yes".into()), ..PersonEdit::default() };
    let _: PersonView = hospital.done(&Care::PersonEdit(Box::new(died)));
    assert!(timers(&hospital.thread(&id)).is_empty());
    let view = hospital.thread(&other);
    assert_eq!(timers(&view), [Timer::Died]);
    assert!(view.row.due[0].next.contains("withdraw"), "{:?}", view.row.due);
    // At the clinic, whose staff said it, the person is marked by that word.
    let clinic = county.office(CLINIC);
    let person = clinic.threads()[0].person.expect("linked").to_string();
    let view: PersonView = clinic.done(&Care::PersonShow { person: person.as_str().into() });
    assert_eq!(view.fields.died.reveal(), "yes");
    county.pump();
    assert!(!timers(&county.office(SHELTER).thread(&other)).contains(&Timer::Died), "and nobody else is told");
}

#[test]
fn an_entry_that_was_a_mistake_is_struck_on_both_sides_and_the_telling_stays_on_record() {
    let mut county = county();
    let id = sent(&mut county, None);
    let clinic = county.office(CLINIC);
    taken_in(clinic, &id);
    let view = clinic.act(&id, ActRequest::Attend { when: None });
    let told = |office: &mut super::office::Office| {
        office.done::<DisclosuresView>(&Care::Disclosures(DisclosuresAsk::to("County Hospital"))).disclosures.len()
    };
    let entry = view.history.last().expect("a visit").entry.to_string();
    let before = told(clinic);
    county.pump();
    let strike = |entry: &str, why: &str| ActRequest::Mistake { entry: entry.to_owned(), why: why.into() };
    let theirs = Care::ReferralAct { thread: id.clone(), act: strike(&entry, "no") };
    assert!(county.office(HOSPITAL).refused(&theirs).1.contains("not ours"), "another's entry");
    let clinic = county.office(CLINIC);
    let silent = Care::ReferralAct { thread: id.clone(), act: strike(&entry, " ") };
    assert!(clinic.refused(&silent).1.contains("what was wrong"));
    let view = clinic.act(&id, strike(&entry[..8], "it was her sister"));
    assert_eq!((view.attended, view.row.status.as_deref()), (None, Some("accepted")));
    assert_eq!(told(clinic), before + 1, "what was told was told, and so was that it was wrong");
    county.pump();
    let view = county.office(HOSPITAL).thread(&id);
    assert!(view.attended.is_none() && view.follow.check_ins.is_empty());
    let line = view.history.iter().find(|line| line.act == "attend").expect("it stays");
    let struck = line.mistake.as_ref().expect("struck");
    assert_eq!((struck.why.reveal().as_str(), struck.staff.reveal().as_str()), ("it was her sister", "nora"));
    assert!(line.without_effect.is_some() && !line.may_be_mistaken);
}

fn decline() -> ActRequest {
    ActRequest::Decline { reason: belay_protocol::referral::DeclineReason::NoCapacity, note: "".into() }
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
