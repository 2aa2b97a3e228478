//! Times that can not be: deadlines and check-ins are counted from them, and what lies in the wrong year is never due.

use crate::api::{Failure, Outcome};
use crate::system;
use belay_protocol::limits::{CLOCK_SKEW, DONE_BEFORE, PLANNED_AHEAD, TOLD_BEFORE};
use belay_protocol::referral::due::stage_has_come;
use belay_protocol::referral::{Act, Appointment, CheckIn, Stage, State};
use belay_protocol::time::{DAY, Time};

/// Refuses what can not have happened yet, what lies years away, and an appointment that is over. `made`: the appointment of whoever writes.
///
/// # Errors
/// Which time is wrong, and what to do.
pub(in crate::usecases) fn check(act: &Act, (state, made): (&State, Option<&Appointment>), now: Time) -> Outcome<()> {
    let latest = now.plus(CLOCK_SKEW);
    let ahead = |when: Time, what: &str, next: &str| {
        Err(Failure::misuse(format!("{} has not come yet: {what}", system::written(when))).next(next))
    };
    planned(act, now)?;
    told_late(act, state)?;
    match act {
        Act::Attend { when } if *when > latest => {
            ahead(*when, "a visit is recorded when the person came", "belay referral attend THREAD --when TIME")
        }
        Act::NoShow { when, .. } if *when > latest => ahead(
            *when,
            "a visit is missed when its time is over",
            "belay referral reschedule THREAD, or the command again afterwards",
        ),
        Act::NoShow { when, .. } => missed(*when, made, latest),
        Act::Schedule(to) | Act::Reschedule { to, .. } if to.at.plus(DAY) < now => {
            Err(Failure::misuse(format!("{} is over: an appointment lies ahead", system::there(to.at, &to.zone)))
                .next("a time to come; a visit that was: belay referral attend THREAD --when TIME"))
        }
        Act::CheckIn(check_in) if check_in.at > latest => {
            ahead(check_in.at, "a check-in is recorded when somebody asked", "the command again without --at")
        }
        Act::CheckIn(check_in) => stage(check_in, state),
        Act::Handoff(handoff) if handoff.at > latest => {
            ahead(handoff.at, "a handoff is recorded when it was done", "the command again without --at")
        }
        Act::Lost { since: Some(since), .. } if *since > latest => {
            ahead(*since, "somebody was last heard of before now", "the command again without --since")
        }
        Act::Seen(seen) if seen.at > latest => {
            ahead(seen.at, "where the person was seen lies behind", "the command again without --at")
        }
        Act::Attempt(attempt) if attempt.at > latest => {
            ahead(attempt.at, "a try to reach the person lies behind", "the command again without --at")
        }
        _ => Ok(()),
    }
}

/// A visit is missed at its time: neither before it, nor one that is still to come.
fn missed(when: Time, made: Option<&Appointment>, latest: Time) -> Outcome<()> {
    match made {
        Some(made) if made.at > latest || when.plus(DAY) < made.at => {
            let message = format!(
                "the appointment is on {}, and is missed when that is over",
                system::there(made.at, &made.zone)
            );
            Err(Failure::misuse(message)
                .next("belay referral reschedule THREAD, or the command again without --when once it is over"))
        }
        _ => Ok(()),
    }
}

/// What lies ahead is due one day: not in the wrong year.
fn planned(act: &Act, now: Time) -> Outcome<()> {
    let (when, what) = match act {
        Act::Schedule(to) | Act::Reschedule { to, .. } => (to.at, "an appointment"),
        Act::Transition(transition) => (transition.on, "the day on which somebody leaves"),
        _ => return Ok(()),
    };
    if when > now.plus(PLANNED_AHEAD) {
        let message = format!("{} is more than a year ahead: {what} that far off is never due", system::written(when));
        return Err(Failure::misuse(message).next("the same with the right year"));
    }
    Ok(())
}

/// What is told of the time before the referral lies near it: deadlines and measures are counted from there.
fn told_late(act: &Act, state: &State) -> Outcome<()> {
    let (when, before, next) = match act {
        Act::Attend { when } | Act::NoShow { when, .. } => (*when, DONE_BEFORE, "--when TIME"),
        Act::Handoff(handoff) => (handoff.at, DONE_BEFORE, "--at TIME"),
        Act::CheckIn(check_in) => (check_in.at, DONE_BEFORE, "--at TIME"),
        Act::Attempt(attempt) => (attempt.at, DONE_BEFORE, "--at TIME"),
        Act::Seen(seen) => (seen.at, TOLD_BEFORE, "--at TIME"),
        Act::Transition(transition) => (transition.on, TOLD_BEFORE, "--on TIME"),
        Act::Lost { since: Some(since), .. } => (*since, TOLD_BEFORE, "--since TIME"),
        _ => return Ok(()),
    };
    match state.sent.filter(|sent| when.plus(before) < *sent) {
        Some(sent) => {
            let (when, sent) = (system::written(when), system::day(sent));
            let message = format!("{when} lies long before this referral, which was sent on {sent}");
            Err(Failure::misuse(message).next(format!("the command again with {next}")))
        }
        None => Ok(()),
    }
}

/// A check-in that is marked as a later one would silence all before it.
fn stage(check_in: &CheckIn, state: &State) -> Outcome<()> {
    let start = state.attended.or(state.sent);
    let come = start.is_none_or(|start| stage_has_come(check_in.stage, start, system::days(check_in.at), check_in.at));
    if come || check_in.stage == Stage::Start {
        return Ok(());
    }
    let day = check_in.stage.days();
    let message = format!("the check-in of day {day} is not due yet: it counts from a week before that day");
    Err(Failure::misuse(message).next("the command again without --day, for the one that is due"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use belay_protocol::referral::{Appointment, CheckInPart, Leaving, Mode, Transition, Why};
    use belay_protocol::sensitive::Personal;
    use belay_protocol::time::Zone;

    const NOW: Time = Time(20_000 * DAY);

    fn ago(days: u64) -> Time {
        Time(NOW.0 - days * DAY)
    }

    /// Sent a hundred days ago.
    fn ok(act: &Act) -> bool {
        check(act, (&State { sent: Some(ago(100)), ..State::default() }, None), NOW).is_ok()
    }

    fn appointment(at: Time) -> Act {
        let (place, note) = (Personal::default(), Personal::default());
        Act::Schedule(Appointment { at, zone: Zone::default(), place, mode: Mode::InPerson, note })
    }

    fn transition(on: Time) -> Act {
        Act::Transition(Transition { leaving: Leaving::Custody, on, note: Personal::default() })
    }

    #[test]
    fn nobody_has_come_or_missed_a_visit_that_lies_ahead() {
        for at in [NOW.plus(5 * 365 * DAY), NOW.plus(CLOCK_SKEW + 1)] {
            assert!(!ok(&Act::Attend { when: at }));
            assert!(!ok(&Act::NoShow { when: at, why: Why::default() }));
            assert!(!ok(&Act::Lost { since: Some(at), note: Personal::default() }));
        }
        assert!(ok(&Act::Attend { when: NOW }));
        assert!(ok(&Act::Attend { when: ago(90) }), "said late is said");
        assert!(ok(&Act::NoShow { when: NOW, why: Why::default() }));
    }

    #[test]
    fn a_visit_that_is_still_to_come_is_not_missed() {
        let Act::Schedule(to) = appointment(NOW.plus(12 * DAY)) else { panic!("an appointment") };
        let state = State { sent: Some(ago(100)), ..State::default() };
        let missed = |when, made, now| check(&Act::NoShow { when, why: Why::default() }, (&state, made), now).is_ok();
        let soon = Appointment { at: NOW.plus(DAY / 2), ..to.clone() };
        for made in [&to, &soon] {
            assert!(!missed(ago(1), Some(made), NOW) && !missed(NOW, Some(made), NOW));
            assert!(missed(made.at, Some(made), made.at));
            assert!(!missed(Time(made.at.0 - 2 * DAY), Some(made), made.at.plus(DAY)), "a time long before it");
        }
        assert!(missed(ago(1), None, NOW), "none is made");
    }

    #[test]
    fn an_appointment_lies_ahead_and_not_in_another_year() {
        assert!(!ok(&appointment(ago(6 * 365))));
        assert!(ok(&appointment(ago(1))), "of today, and written down in the evening");
        assert!(ok(&appointment(NOW.plus(60 * DAY))));
        for far in [appointment, transition] {
            assert!(ok(&far(NOW.plus(PLANNED_AHEAD))));
            assert!(!ok(&far(NOW.plus(PLANNED_AHEAD + 1))));
        }
    }

    #[test]
    fn a_visit_long_before_the_referral_is_another_visit() {
        assert!(ok(&Act::Attend { when: ago(107) }), "who came while it was written");
        assert!(!ok(&Act::Attend { when: Time(ago(107).0 - 1) }));
        assert!(ok(&transition(ago(400))) && !ok(&transition(ago(3 * 366))));
        assert!(
            check(&Act::Attend { when: ago(400) }, (&State::default(), None), NOW).is_ok(),
            "nothing to count from"
        );
    }

    #[test]
    fn a_check_in_is_marked_as_none_whose_day_has_not_come() {
        let part = CheckInPart::Care { in_care: Some(true), satisfaction: None, naloxone_kits: 0 };
        let marked = |stage, day: u64| {
            let state = State { sent: Some(ago(300)), attended: Some(ago(200)), ..State::default() };
            let at = Time(ago(200).0 + day * DAY);
            check(&Act::CheckIn(CheckIn { stage, at, part: part.clone() }), (&state, None), NOW).is_ok()
        };
        assert!(marked(Stage::Start, 0) && marked(Stage::Day30, 23) && marked(Stage::Day180, 173));
        assert!(!marked(Stage::Day30, 22) && !marked(Stage::Day90, 82) && !marked(Stage::Day180, 30));
    }
}
