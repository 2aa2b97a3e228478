//! Times that can not be: deadlines and check-ins are counted from them, and what lies in the wrong year is never due.

use crate::api::{Failure, Outcome};
use crate::system;
use belay_protocol::limits::CLOCK_SKEW;
use belay_protocol::referral::Act;
use belay_protocol::time::{DAY, Time};

/// Refuses what can not have happened yet, and an appointment that is over.
///
/// # Errors
/// Which time is wrong, and what to do.
pub(in crate::usecases) fn check(act: &Act, now: Time) -> Outcome<()> {
    let latest = now.plus(CLOCK_SKEW);
    let ahead = |when: Time, what: &str, next: &str| {
        Err(Failure::misuse(format!("{} has not come yet: {what}", system::written(when))).next(next))
    };
    match act {
        Act::Attend { when } if *when > latest => {
            ahead(*when, "a visit is recorded when the person came", "belay referral attend THREAD --when TIME")
        }
        Act::NoShow { when, .. } if *when > latest => ahead(
            *when,
            "a visit is missed when its time is over",
            "belay referral reschedule THREAD, or the command again afterwards",
        ),
        Act::Schedule(to) | Act::Reschedule { to, .. } if to.at.plus(DAY) < now => {
            Err(Failure::misuse(format!("{} is over: an appointment lies ahead", system::written(to.at)))
                .next("a time to come; a visit that was: belay referral attend THREAD --when TIME"))
        }
        Act::CheckIn(check_in) if check_in.at > latest => {
            ahead(check_in.at, "a check-in is recorded when somebody asked", "the command again without --at")
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

#[cfg(test)]
mod tests {
    use super::*;
    use belay_protocol::referral::{Appointment, Mode, Why};
    use belay_protocol::sensitive::Personal;

    const NOW: Time = Time(20_000 * DAY);

    fn appointment(at: Time) -> Act {
        let (place, note) = (Personal::default(), Personal::default());
        Act::Schedule(Appointment { at, place, mode: Mode::InPerson, note })
    }

    #[test]
    fn nobody_has_come_or_missed_a_visit_that_lies_ahead() {
        for at in [NOW.plus(5 * 365 * DAY), NOW.plus(CLOCK_SKEW + 1)] {
            assert!(check(&Act::Attend { when: at }, NOW).is_err());
            assert!(check(&Act::NoShow { when: at, why: Why::default() }, NOW).is_err());
        }
        assert!(check(&Act::Attend { when: NOW }, NOW).is_ok());
        assert!(check(&Act::Attend { when: Time(NOW.0 - 90 * DAY) }, NOW).is_ok(), "said late is said");
        assert!(check(&Act::NoShow { when: NOW, why: Why::default() }, NOW).is_ok());
    }

    #[test]
    fn an_appointment_lies_ahead() {
        assert!(check(&appointment(Time(NOW.0 - 6 * 365 * DAY)), NOW).is_err());
        assert!(check(&appointment(Time(NOW.0 - DAY)), NOW).is_ok(), "of today, and written down in the evening");
        assert!(check(&appointment(NOW.plus(60 * DAY)), NOW).is_ok());
    }
}
