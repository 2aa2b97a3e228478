//! The merged machine as one table: place, act, actor.

use super::act::Act;
use super::state::{Actor, Place};

/// Where the act leads, or why it has no effect there.
///
/// # Errors
/// The reason, for people.
pub fn step(place: Place, act: &Act, actor: Actor) -> Result<Place, &'static str> {
    use Place as P;
    match (act, actor) {
        (Act::Send(_), Actor::Sender) => {
            if place == P::Nothing {
                Ok(P::Sent)
            } else {
                Err("it was sent before; a second try is a new referral")
            }
        }
        (Act::Send(_), Actor::Recipient) => Err("only the sender sends"),
        (Act::Identity(_), _) => Ok(place),
        (_, _) if place == P::Nothing => Err("nothing was sent yet"),
        (Act::Message { .. }, _) => Ok(place),
        (_, _) if place.is_final() => Err("the referral has ended; a second try is a new referral"),
        (Act::RequestCancel { .. }, Actor::Sender) => match place {
            P::Sent => Ok(P::Cancelled),
            P::CancelRequested => Err("withdrawal was asked for before"),
            _ => Ok(P::CancelRequested),
        },
        (Act::RequestCancel { .. }, Actor::Recipient) => {
            Err("only the sender withdraws; the recipient declines or closes")
        }
        (_, Actor::Sender) => Err("only the recipient does that"),
        (act, Actor::Recipient) => by_recipient(place, act),
    }
}

fn by_recipient(place: Place, act: &Act) -> Result<Place, &'static str> {
    use Place as P;
    if place == P::CancelRequested {
        return match act {
            Act::ConfirmCancel => Ok(P::Cancelled),
            // It was done after all: completion wins over the request.
            Act::Close { outcome, .. } => Ok(ended(outcome.completed())),
            _ => Err("the sender asked to withdraw; confirm that, or close with the outcome"),
        };
    }
    match act {
        Act::Acknowledge => {
            if place == P::Sent {
                Ok(P::Sent)
            } else {
                Err("it was answered before")
            }
        }
        Act::Accept { .. } => {
            if place == P::Sent {
                Ok(P::Accepted)
            } else {
                Err("it was accepted before")
            }
        }
        Act::Decline { .. } => match place {
            P::AppointmentCancelled => Err("after a cancelled appointment, schedule again or close"),
            _ => Ok(P::Declined),
        },
        Act::ConfirmCancel => Err("the sender did not ask to withdraw"),
        _ if place == P::Sent => Err("accept it first"),
        Act::Schedule(_) => Ok(P::Scheduled),
        Act::CancelAppointment { .. } => match place {
            P::Scheduled | P::Missed | P::Attended => Ok(P::AppointmentCancelled),
            _ => Err("there is no appointment"),
        },
        Act::NoShow { .. } => {
            if place == P::Scheduled {
                Ok(P::Missed)
            } else {
                Err("there is no appointment")
            }
        }
        Act::Attend { .. } => Ok(P::Attended),
        Act::Close { outcome, .. } => Ok(ended(outcome.completed())),
        Act::Send(_) | Act::Identity(_) | Act::Message { .. } | Act::RequestCancel { .. } => Ok(place),
    }
}

const fn ended(completed: bool) -> Place {
    if completed { Place::Completed } else { Place::Failed }
}

/// In which order concurrent acts are taken, so that each pair has one outcome whatever the hashes are: what the recipient did
/// comes before what would undo it; a decline waits for all else it did, a withdrawal for everything.
pub(super) const fn rank(act: &Act) -> u8 {
    match act {
        Act::Send(_) => 1,
        Act::Identity(_) => 2,
        Act::Acknowledge => 3,
        Act::Accept { .. } => 4,
        Act::Schedule(_) => 5,
        Act::CancelAppointment { .. } => 6,
        Act::NoShow { .. } => 7,
        Act::Attend { .. } => 8,
        Act::Message { .. } => 9,
        Act::Close { .. } => 10,
        Act::Decline { .. } => 11,
        Act::RequestCancel { .. } => 12,
        Act::ConfirmCancel => 13,
    }
}
