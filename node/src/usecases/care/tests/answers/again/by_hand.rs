//! What of an appointment and of a rest staff say again by hand, once the sender is let in: it stands in the list until the two agree.

use super::*;
use belay_protocol::referral::{ByHand, Why};

/// What the list asks staff to say again, and by which command.
fn asked(view: &ThreadView) -> Option<(ByHand, &str)> {
    view.row.due.iter().filter(|due| due.ours).find_map(|due| match due.timer {
        Timer::ByHand { what } => Some((what, due.next.split(' ').nth(2).expect("a verb"))),
        _ => None,
    })
}

fn meeting(at: Time) -> Meeting {
    Meeting::at(at, "12 Ridge Road".into(), Mode::InPerson, "".into())
}

fn moved(at: Time) -> ActRequest {
    ActRequest::Reschedule { to: meeting(at), why: Why::default() }
}

fn hold() -> ActRequest {
    ActRequest::Hold { why: why("no bed") }
}

fn resume() -> ActRequest {
    ActRequest::Resume { note: "".into() }
}

/// The hospital knows these, is left out while the clinic does those, and is let in again, three days after the first.
fn apart(known: Vec<ActRequest>, kept: Vec<ActRequest>) -> (County, String) {
    let mut county = county();
    let id = sent(&mut county, None);
    let clinic = county.office(CLINIC);
    taken_in(clinic, &id);
    for act in known {
        clinic.act(&id, act);
    }
    county.pump();
    let clinic = county.office(CLINIC);
    let asked = restrict(clinic, out(Some("County Hospital"), &[])).left_out[0].id.to_string();
    clinic.sleep_days(3);
    for act in kept {
        let view = clinic.act(&id, act);
        assert!(view.history.last().is_some_and(|line| line.local && line.without_effect.is_none()));
        assert_eq!(self::asked(&view), None, "nothing may be told");
    }
    let_in(clinic, &asked);
    (county, id)
}

#[test]
fn what_was_done_with_an_appointment_or_a_rest_stands_in_the_list_until_it_is_said_again() {
    let now = county().office(CLINIC).now;
    let (first, second) = (now.plus(2 * DAY), now.plus(9 * DAY));
    let none = Why::default;
    let cancel = || ActRequest::CancelAppointment { why: none() };
    let no_show = |when| ActRequest::NoShow { when, why: none() };
    let known = || vec![ActRequest::Schedule(meeting(first))];
    let new = || ActRequest::Schedule(meeting(second));
    let elsewhere = || Meeting::at(second, "3 Mill Street".into(), Mode::InPerson, "".into());
    let cases = [
        (
            vec![new()],
            vec![ActRequest::Reschedule { to: elsewhere(), why: none() }],
            ByHand::Appointment,
            "schedule",
            ActRequest::Schedule(elsewhere()),
        ),
        (known(), vec![moved(second)], ByHand::Appointment, "schedule", moved(second)),
        (vec![], vec![new()], ByHand::Appointment, "schedule", new()),
        (known(), vec![cancel()], ByHand::Cancelled, "cancel-appointment", cancel()),
        (known(), vec![no_show(Some(first.plus(1)))], ByHand::Missed, "no-show", no_show(None)),
        (known(), vec![hold()], ByHand::Rests, "hold", hold()),
        (known(), vec![hold(), resume()], ByHand::Lapsed, "schedule", new()),
        (vec![hold()], vec![resume()], ByHand::GoesOn, "resume", resume()),
    ];
    for (known, kept, what, verb, told) in cases {
        let (mut county, id) = apart(known, kept);
        let clinic = county.office(CLINIC);
        let now = clinic.now;
        let view = clinic.thread(&id);
        assert_eq!(asked(&view), Some((what, verb)), "{:?}", view.row.due);
        let due = view.row.due.iter().find(|due| matches!(due.timer, Timer::ByHand { .. })).expect("asked");
        assert!(due.since >= now && !due.overdue, "{what:?}: from when they were let in");
        assert!(offers(&view, &verb.replace("cancel-appointment", "cancel appointment")), "{what:?}: {:?}", view.may);
        let missed = (what == ByHand::Missed).then(|| first.plus(1));
        assert_eq!(view.missed_here, missed, "{what:?}: the form is filled with what was missed here");
        let view = clinic.act(&id, told);
        assert_eq!((asked(&view), view.missed_here), (None, missed), "{what:?}");
        let [kept, anew] = clinic.lists();
        assert_eq!(kept, anew);
        let here = view.row.state;
        county.pump();
        let there = county.office(HOSPITAL).thread(&id);
        assert_eq!((there.row.state, there.history.iter().all(|line| line.without_effect.is_none())), (here, true));
    }
}

#[test]
fn an_appointment_that_a_rest_let_go_here_is_cancelled_at_both_once_that_is_told() {
    let first = county().office(CLINIC).now.plus(2 * DAY);
    let known = vec![ActRequest::Schedule(meeting(first))];
    let (mut county, id) = apart(known, vec![hold(), resume()]);
    let clinic = county.office(CLINIC);
    let view = clinic.thread(&id);
    let due = view.row.due.iter().find(|due| matches!(due.timer, Timer::ByHand { .. })).expect("asked");
    assert!(due.next.contains("or belay referral cancel-appointment "), "{}", due.next);
    assert!(offers(&view, "cancel appointment"), "{:?}", view.may);
    let view = clinic.act(&id, ActRequest::CancelAppointment { why: Why::default() });
    assert_eq!((asked(&view), view.row.state.as_str()), (None, "scheduled event cancelled"));
    assert!(view.history.last().is_some_and(|line| line.without_effect.is_none()), "here too");
    let [kept, anew] = clinic.lists();
    assert_eq!(kept, anew);
    county.pump();
    let there = county.office(HOSPITAL).thread(&id);
    assert_eq!(there.row.state, "scheduled event cancelled");
    assert!(there.appointment.is_none() && there.history.iter().all(|line| line.without_effect.is_none()));
    let clinic = county.office(CLINIC);
    assert!(!offers(&clinic.thread(&id), "cancel appointment"), "once");
    let new = ActRequest::Schedule(meeting(clinic.now.plus(9 * DAY)));
    let here = clinic.act(&id, new).row.state;
    county.pump();
    assert_eq!(
        (here.as_str(), county.office(HOSPITAL).thread(&id).row.state.as_str()),
        ("event scheduled", "event scheduled")
    );
}

#[test]
fn what_one_command_tells_comes_first_and_an_end_leaves_nothing_to_say_by_hand() {
    let mut county = county();
    let (id, let_in_again) = left_out(&mut county);
    let clinic = county.office(CLINIC);
    clinic.act(&id, accept());
    clinic.act(&id, schedule(clinic));
    let_in(clinic, &let_in_again);
    let view = clinic.thread(&id);
    assert!(timers(&view).contains(&(Timer::Untold, true)) && asked(&view).is_none(), "{:?}", view.row.due);
    let view = clinic.act(&id, again());
    assert_eq!(asked(&view), Some((ByHand::Appointment, "schedule")));
    let view = clinic.act(&id, done(Outcome::ServicesReceived));
    assert_eq!(asked(&view), None);
}

#[test]
fn an_appointment_whose_time_is_over_is_told_no_more_and_what_became_of_it_is() {
    let mut county = county();
    let at = county.office(CLINIC).now.plus(4 * DAY);
    let (mut county, id) = apart(vec![], vec![ActRequest::Schedule(meeting(at))]);
    let clinic = county.office(CLINIC);
    assert!(asked(&clinic.thread(&id)).is_some());
    clinic.sleep_days(1);
    let view = clinic.thread(&id);
    assert!(asked(&view).is_none() && timers(&view).contains(&(Timer::AppointmentPassed, true)), "{:?}", view.row.due);
    let view = clinic.act(&id, ActRequest::Attend { when: None });
    assert!(asked(&view).is_none() && !offers(&view, "say again"), "the visit was told");
    county.pump();
    assert_eq!(county.office(HOSPITAL).thread(&id).row.state, "event completed");
}

#[test]
fn what_came_after_a_visit_that_was_kept_stands_once_the_visit_is_told_and_is_said_again_in_its_turn() {
    let now = county().office(CLINIC).now;
    let (first, second) = (now.plus(2 * DAY), now.plus(9 * DAY));
    let came = || ActRequest::Attend { when: Some(first) };
    let new = || ActRequest::Schedule(meeting(second));
    for (after, stands, what, told) in
        [(new(), "event scheduled", ByHand::Appointment, new()), (hold(), "on hold", ByHand::Rests, hold())]
    {
        let (mut county, id) = apart(vec![ActRequest::Schedule(meeting(first))], vec![came(), after]);
        let clinic = county.office(CLINIC);
        let view = clinic.act(&id, again());
        assert_eq!((view.row.state.as_str(), asked(&view).map(|(what, _)| what)), (stands, Some(what)));
        let line = view.history.last().expect("told");
        let says = line.without_effect.as_deref();
        assert_eq!((line.local, says), (false, Some("it stood here before, and they know it since")));
        let [kept, anew] = clinic.lists();
        assert_eq!(kept, anew);
        county.pump();
        assert_eq!(county.office(HOSPITAL).thread(&id).row.state, "event completed");
        let view = county.office(CLINIC).act(&id, told);
        assert_eq!((view.row.state.as_str(), asked(&view)), (stands, None));
        county.pump();
        assert_eq!(county.office(HOSPITAL).thread(&id).row.state, stands);
    }
}

#[test]
fn nobody_came_to_an_appointment_that_they_never_heard_of_and_that_stays_here_as_it_did() {
    let at = county().office(CLINIC).now.plus(4 * DAY);
    let (mut county, id) = apart(vec![], vec![ActRequest::Schedule(meeting(at))]);
    let clinic = county.office(CLINIC);
    clinic.sleep_days(2);
    let view = clinic.thread(&id);
    assert!(offers(&view, "no-show"), "{:?}", view.may);
    let view = clinic.act(&id, ActRequest::NoShow { when: None, why: Why::default() });
    assert_eq!((view.row.state.as_str(), asked(&view)), ("scheduled event unattended", None));
    assert!(view.history.last().is_some_and(|line| line.local && line.when == Some(at)));
    county.pump();
    assert_eq!(county.office(HOSPITAL).thread(&id).row.state, "accepted");
}
