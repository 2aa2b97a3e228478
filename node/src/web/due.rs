//! What waits for the staff of this organisation in a thread.
//!
//! Response times are agreed between partners; while no agreement says one, a thread waits from its last change, and is marked
//! after a day, or after two hours where the sender called it urgent.

use super::backend::{Due, Side, When};
use belay_protocol::referral::{Place, Urgency};
use belay_protocol::time::{DAY, HOUR, Time};

/// Without an answer for this long a referral is marked.
const ROUTINE: u64 = DAY;
/// The same where it is urgent.
const URGENT: u64 = 2 * HOUR;

/// What is due on our side, if anything.
#[must_use]
pub fn due(
    side: Side,
    place: Place,
    urgency: Urgency,
    changed: Time,
    appointment: Option<Time>,
    now: Time,
) -> Option<Due> {
    let waiting = |what: &str, since: Time| {
        let patience = if urgency == Urgency::Urgent { URGENT } else { ROUTINE };
        Some(Due { what: what.to_owned(), when: When::Since(since), overdue: now.since(since) >= patience })
    };
    match (side, place) {
        (Side::Incoming, Place::Sent) => waiting("Answer the referral", changed),
        (Side::Incoming, Place::Accepted | Place::Active) => waiting("Make an appointment", changed),
        (Side::Incoming, Place::Missed) => waiting("Reach out, and make a new appointment", changed),
        (Side::Incoming, Place::AppointmentCancelled) => waiting("Make a new appointment, or close", changed),
        (Side::Incoming, Place::CancelRequested) => waiting("Answer the wish to withdraw", changed),
        (Side::Incoming, Place::Scheduled) => {
            appointment.filter(|at| *at <= now).and_then(|at| waiting("Record whether the person came", at))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recipient_is_told_what_waits_and_an_urgent_one_is_marked_sooner() {
        let now = Time(10 * DAY);
        let ask = |place, urgency, hours| {
            due(Side::Incoming, place, urgency, Time(now.0 - hours * HOUR), Some(Time(now.0 - HOUR)), now)
        };
        let marked = |place, urgency, hours| ask(place, urgency, hours).map(|due| due.overdue);
        assert_eq!(marked(Place::Sent, Urgency::Routine, 3), Some(false));
        assert_eq!(marked(Place::Sent, Urgency::Urgent, 3), Some(true));
        assert_eq!(marked(Place::Sent, Urgency::Routine, 24), Some(true));
        assert_eq!(
            ask(Place::Scheduled, Urgency::Routine, 9).map(|due| due.when),
            Some(When::Since(Time(now.0 - HOUR)))
        );
        for ended in Place::ALL.into_iter().filter(|place| place.is_final()) {
            assert_eq!(ask(ended, Urgency::Urgent, 99), None);
        }
    }

    #[test]
    fn nothing_is_due_before_the_appointment_nor_from_the_sender() {
        let now = Time(10 * DAY);
        assert_eq!(due(Side::Incoming, Place::Scheduled, Urgency::Urgent, Time(0), Some(now.plus(1)), now), None);
        for place in Place::ALL {
            assert_eq!(due(Side::Outgoing, place, Urgency::Urgent, Time(0), Some(Time(0)), now), None);
        }
    }
}
