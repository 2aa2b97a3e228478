//! Nobody falls off the list whose partner is not on the network.

use super::super::office::County;
use super::super::{HOSPITAL, accept, county};
use super::{off, sent};
use crate::api::care::*;
use belay_protocol::referral::due::Timer;
use belay_protocol::referral::{Barrier, Leaving, Outcome};

#[test]
fn who_was_out_of_reach_before_anybody_accepted_is_on_the_list_until_it_is_said_what_comes_next() {
    let close =
        |outcome, note: &str| ActRequest::Close { outcome, note: note.into(), barriers: vec![Barrier::PhoneAccess] };
    let due = |view: &ThreadView| view.row.due.iter().map(|due| due.timer).collect::<Vec<_>>();
    let mut county = county();
    let (_, thread) = sent(&mut county);
    let (id, hospital) = (thread.row.id.to_string(), county.office(HOSPITAL));
    let (_, why) = hospital.refused(&Care::ReferralAct { thread: id.clone(), act: close(Outcome::LostContact, " ") });
    assert!(why.contains("nobody has the person"), "{why}");
    let view = hospital.act(&id, close(Outcome::LostContact, "her telephone is off"));
    assert_eq!((due(&view), view.row.status.as_deref()), (vec![Timer::Rehome], Some("cancelled")));
    let withdrawn = view.history.iter().find(|line| line.act == "withdraw").expect("a withdrawal");
    assert_eq!(withdrawn.note.reveal(), "lost contact, phone access: her telephone is off");
    let view = hospital.act(&id, ActRequest::Settle { note: "she is with us again".into(), referral: None });
    assert!(due(&view).is_empty(), "{:?}", view.row.due);
    // Who wants none of it is asked nothing more.
    let consent = hospital.consent("Stone Chapel Beds", None, 90);
    let id = hospital.done::<ThreadView>(&off(&consent)).row.id.to_string();
    let view = hospital.act(&id, close(Outcome::PersonDeclined, "she stays with her sister"));
    assert!(due(&view).is_empty() && view.row.status.as_deref() == Some("cancelled"), "{:?}", view.row.due);
}

#[test]
fn a_letter_that_was_never_handed_over_is_ours_to_do_and_the_partner_is_late_only_after_it() {
    let mut county = county();
    let (_, thread) = sent(&mut county);
    let id = thread.row.id.to_string();
    let due = |county: &mut County| {
        let view = county.office(HOSPITAL).thread(&id);
        view.row.due.iter().map(|due| (due.timer, due.ours, due.overdue)).collect::<Vec<_>>()
    };
    assert_eq!(due(&mut county), [(Timer::HandOver, true, false)]);
    county.sleep(30 * 3_600_000);
    assert_eq!(due(&mut county), [(Timer::HandOver, true, true)]);
    county.office(HOSPITAL).letter(&id);
    assert_eq!(due(&mut county), [(Timer::Acknowledge, false, false)], "its hours begin with the letter");
    county.sleep(3 * 3_600_000);
    assert_eq!(due(&mut county), [(Timer::Acknowledge, false, true)]);
    let back = Care::LetterBack { thread: id.clone(), why: "it lay in the printer".into() };
    let _: SentView = county.office(HOSPITAL).done(&back);
    assert_eq!(due(&mut county), [(Timer::HandOver, true, true)]);
}

#[test]
fn what_we_heard_and_wrote_down_wrongly_is_taken_back_as_theirs() {
    let mut county = county();
    let (_, thread) = sent(&mut county);
    let (id, hospital) = (thread.row.id.to_string(), county.office(HOSPITAL));
    hospital.letter(&id);
    hospital.heard(&id, accept());
    let view = hospital.heard(&id, ActRequest::Attend { when: None });
    let entry = view.history.last().expect("a visit").entry.to_string();
    let view = hospital.act(&id, ActRequest::Mistake { entry, why: "another person".into() });
    assert_eq!((view.attended, view.row.status.as_deref()), (None, Some("accepted")));
    assert!(view.history.last().is_some_and(|line| line.without_effect.is_none()));
}

#[test]
fn after_a_partner_off_the_network_took_the_person_in_our_staff_ask_how_it_goes() {
    let mut county = county();
    let (_, thread) = sent(&mut county);
    let (id, hospital) = (thread.row.id.to_string(), county.office(HOSPITAL));
    hospital.letter(&id);
    hospital.heard(&id, accept());
    let now = hospital.now;
    let leaves = belay_protocol::referral::Transition { leaving: Leaving::Residential, on: now, note: "".into() };
    hospital.act(&id, ActRequest::Transition(leaves));
    let view = hospital.heard(&id, ActRequest::Attend { when: None });
    for timer in [Timer::Watch { day: 1 }, Timer::CheckIn { day: 0 }] {
        let due = view.row.due.iter().find(|due| due.timer == timer).expect("it is due");
        assert!(due.ours, "{timer:?} is nobody's");
    }
    let list: ThreadsView = hospital.done(&Care::ReferralList(ListAsk { part: Part::Due, ..ListAsk::default() }));
    assert_eq!(list.threads.len(), 1);
    let view = hospital.act(&id, ActRequest::Lost { since: None, note: "".into() });
    assert_eq!(
        view.row.due.iter().filter(|due| due.timer == Timer::Lost).map(|due| due.ours).collect::<Vec<_>>(),
        [true]
    );
}
