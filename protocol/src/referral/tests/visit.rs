//! Appointments of a team's own: each is its author's, and the referral does not move by it.

use super::team::{MEMBER, act_of, begun, why, with};
use super::*;

const OTHER: OrgId = OrgId([7; 32]);

fn on(days: u64) -> Appointment {
    Appointment {
        at: NOW.plus(days * DAY),
        zone: Zone::default(),
        place: "Harbor House".into(),
        mode: Mode::InPerson,
        note: none(),
    }
}

fn move_to(days: u64) -> Act {
    Act::Reschedule { to: on(days), why: Why::default() }
}

/// How the member's own appointment stands.
fn stands(state: &State) -> Option<(Stands, Option<Time>)> {
    state.visit(MEMBER).map(|visit| (visit.stands, visit.appointment.as_ref().map(|to| to.at)))
}

#[test]
fn a_members_appointment_is_its_own_and_moves_nothing_of_the_referral() {
    let steps = vec![
        act_of(20, &[hash(11)], MEMBER, 11, Act::Schedule(on(1))),
        act_of(21, &[hash(10)], RECIPIENT_ORG, 10, accept()),
        act_of(22, &[hash(21)], RECIPIENT_ORG, 10, Act::Schedule(on(5))),
        act_of(23, &[hash(20), hash(22)], SENDER_ORG, 1, Act::Schedule(on(9))),
        act_of(24, &[hash(23)], MEMBER, 11, no_show()),
    ];
    let state = with(None, steps);
    assert_eq!((state.place, state.no_shows), (Place::Scheduled, 0));
    assert_eq!(state.appointment.as_ref().map(|to| to.at), Some(NOW.plus(5 * DAY)), "the referral's stands");
    assert_eq!(stands(&state), Some((Stands::Missed, Some(NOW.plus(DAY)))));
    assert_eq!(state.visit(SENDER_ORG).map(|visit| visit.stands), Some(Stands::Scheduled));
    let own = |n: u8| state.history.iter().any(|line| line.entry == hash(n) && line.own);
    assert_eq!([20, 22, 23, 24].map(own), [true, false, true, true]);
}

#[test]
fn what_is_not_there_is_neither_moved_nor_missed_nor_cancelled_and_nobody_touches_anothers() {
    for act in [move_to(2), no_show(), cancel_appointment()] {
        let state = with(
            None,
            vec![
                act_of(20, &[hash(10)], RECIPIENT_ORG, 10, accept()),
                act_of(21, &[hash(20)], RECIPIENT_ORG, 10, appointment()),
                act_of(22, &[hash(11), hash(21)], MEMBER, 11, act.clone()),
            ],
        );
        assert!(why(&state, 22).is_some_and(|why| why.starts_with("your organisation")), "{}", act.name());
        assert_eq!((state.place, stands(&state)), (Place::Scheduled, None));
    }
}

#[test]
fn it_stands_whatever_becomes_of_the_referral_but_not_where_it_was_an_error() {
    let ended = |act: Act, org: OrgId| {
        with(
            None,
            vec![
                act_of(20, &[hash(10), hash(11)], org, if org == SENDER_ORG { 1 } else { 10 }, act),
                act_of(21, &[hash(20)], MEMBER, 11, Act::Schedule(on(1))),
            ],
        )
    };
    assert_eq!(stands(&ended(decline(), RECIPIENT_ORG)), Some((Stands::Scheduled, Some(NOW.plus(DAY)))));
    assert_eq!(stands(&ended(withdraw(), SENDER_ORG)), Some((Stands::Scheduled, Some(NOW.plus(DAY)))));
    let state = ended(in_error(), SENDER_ORG);
    assert_eq!((stands(&state), why(&state, 21)), (None, Some("it was entered in error")));
}

#[test]
fn a_visit_to_one_of_a_team_ends_the_alarm() {
    let lost = Act::Lost { since: None, note: none() };
    let state = with(
        None,
        vec![act_of(20, &[hash(11)], MEMBER, 11, lost), act_of(21, &[hash(20)], MEMBER, 11, Act::Attend { when: NOW })],
    );
    assert_eq!((state.lost, state.attended), (None, None), "and is no visit of the referral");
    assert_eq!(state.visit(MEMBER).and_then(|visit| visit.attended), Some(NOW));
}

/// Two machines of one organisation that act apart, with their hashes both ways round.
fn crossed(one: &(OrgId, u8, Act), two: &(OrgId, u8, Act)) -> State {
    let before = vec![
        act_of(20, &[hash(10), hash(11)], RECIPIENT_ORG, 10, accept()),
        act_of(21, &[hash(20)], MEMBER, 11, Act::Schedule(on(1))),
    ];
    let ended = |a: u8, b: u8| {
        let late = |n: u8, (org, under, act): &(OrgId, u8, Act)| act_of(n, &[hash(21)], *org, *under, act.clone());
        with(None, [before.clone(), vec![late(a, one), late(b, two)]].concat())
    };
    let (x, y) = (ended(100, 150), ended(150, 100));
    let told = |state: &State| (state.place, stands(state), state.lost, state.appointment.clone());
    let same = matches!(
        (&one.2, &two.2),
        (Act::Schedule(_), Act::Schedule(_)) | (Act::Reschedule { .. }, Act::Reschedule { .. })
    );
    if !same {
        assert_eq!(told(&x), told(&y), "{} and {}: the hashes decide", one.2.name(), two.2.name());
    }
    assert_eq!((x.place, stands(&x).map(|at| at.0)), (y.place, stands(&y).map(|at| at.0)));
    x
}

#[test]
fn each_pair_of_concurrent_acts_has_one_outcome() {
    let ours = |act| (MEMBER, 11, act);
    let rows = [
        (move_to(2), cancel_appointment(), Stands::Cancelled, None),
        (move_to(2), no_show(), Stands::Missed, Some(NOW.plus(2 * DAY))),
        (no_show(), attend(), Stands::Attended, None),
        (cancel_appointment(), attend(), Stands::Attended, None),
        (cancel_appointment(), no_show(), Stands::Cancelled, None),
        (Act::Schedule(on(3)), move_to(2), Stands::Scheduled, Some(NOW.plus(2 * DAY))),
    ];
    for (one, two, stood, at) in rows {
        let words = format!("{} and {}", one.name(), two.name());
        assert_eq!(stands(&crossed(&ours(one), &ours(two))), Some((stood, at)), "{words}");
    }
    let visits = || [Act::Schedule(on(3)), move_to(2), cancel_appointment(), attend(), no_show()];
    let theirs = visits().into_iter().chain([decline(), hold(), close(Outcome::Moved)]);
    let all: Vec<(OrgId, u8, Act)> = (visits().map(ours).into_iter())
        .chain(theirs.map(|act| (RECIPIENT_ORG, 10, act)))
        .chain(visits().into_iter().chain([withdraw(), in_error()]).map(|act| (SENDER_ORG, 1, act)))
        .collect();
    for one in &all {
        for two in &all {
            crossed(one, two);
        }
    }
}

#[test]
fn those_of_two_organisations_cross_nothing_and_an_error_takes_them_away() {
    let state = crossed(&(MEMBER, 11, move_to(2)), &(RECIPIENT_ORG, 10, appointment()));
    assert!(state.history.iter().all(|line| line.crossed.is_empty()), "nobody has to look at both");
    assert_eq!((state.place, stands(&state)), (Place::Scheduled, Some((Stands::Scheduled, Some(NOW.plus(2 * DAY))))));
    let state = crossed(&(MEMBER, 11, move_to(2)), &(SENDER_ORG, 1, in_error()));
    assert_eq!(stands(&state), Some((Stands::Scheduled, None)), "nothing is expected any more");
    assert_eq!(state.place, Place::EnteredInError);
}

#[test]
fn in_a_thread_of_two_the_sender_has_no_appointment() {
    let state = state(&chain(vec![(SENDER_ORG, send()), (SENDER_ORG, appointment())]));
    assert!(state.visits.is_empty() && state.history.last().is_some_and(|line| line.without_effect.is_some()));
    // Nor who says that it is in a team, and is in none of the sender's.
    let stranger = with(None, vec![act_of(20, &[hash(3)], OTHER, 11, Act::Schedule(on(1)))]);
    assert!(stranger.visits.is_empty() && begun(None).len() == 6);
}
