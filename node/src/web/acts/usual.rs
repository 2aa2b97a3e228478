//! Which acts come next, most often.

use crate::web::standing::Side;
use belay_protocol::referral::Place;

/// The same where nothing more may be told.
pub const AFTER_END: &[&str] = &["settle", "contact attempt", "close"];

/// Before all others, wherever it is offered: they wait for it.
pub const FIRST: &str = "say again";

/// Of a referral off the network, where staff write down what the other side says: what it would do next.
#[must_use]
pub const fn usual_heard(place: Place) -> &'static [&'static str] {
    usual(place, Side::Incoming)
}

/// The two or three acts that a navigator most often does next, the likeliest first.
#[must_use]
pub const fn usual(place: Place, side: Side) -> &'static [&'static str] {
    match (side, place) {
        (_, Place::Nothing | Place::EnteredInError) => &[],
        (Side::Incoming, Place::Sent) => &["accept", "message", "decline"],
        (Side::Incoming, Place::Declined | Place::Cancelled | Place::Completed | Place::Failed) => {
            &["settle", "message"]
        }
        (Side::Incoming, Place::Accepted | Place::Active) => &["schedule", "message", "handoff"],
        (Side::Incoming, Place::Scheduled) => &["attend", "no-show", "message"],
        (Side::Incoming, Place::Missed) => &["reschedule", "contact attempt", "message"],
        (Side::Incoming, Place::AppointmentCancelled) => &["reschedule", "message", "close"],
        (Side::Incoming, Place::Attended) => &["message", "reschedule", "close"],
        (Side::Incoming, Place::CancelRequested) => &["confirm withdrawal", "close", "message"],
        (Side::Incoming, Place::OnHold) => &["resume", "message"],
        (Side::Outgoing, Place::Missed) => &["contact attempt", "message"],
        (Side::Outgoing, Place::Accepted | Place::Active | Place::Scheduled) => &["message", "handoff"],
        (Side::Outgoing, Place::Sent) => &["message", "handoff", "withdraw"],
        (Side::Outgoing, Place::Declined | Place::Cancelled | Place::Failed) => &["settle", "message"],
        (Side::Outgoing, Place::CancelRequested) => &["message", "resume"],
        (Side::Outgoing, _) => &["message"],
    }
}
