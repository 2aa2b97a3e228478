//! The merged machine as one table: place, act, actor.

use super::act::Act;
use super::base::Information;
use super::state::{Actor, Place};

/// Where the act leads, or why it has no effect there.
///
/// # Errors
/// The reason, for people.
pub fn step(place: Place, act: &Act, actor: Actor) -> Result<Place, &'static str> {
    use Place as P;
    // The person's word counts whatever became of the referral.
    if let Act::HeardRevocation { .. } = act {
        return match (actor, place) {
            (_, P::Nothing) => Err("nothing was sent yet"),
            (Actor::Recipient | Actor::Member, _) => Ok(place),
            (Actor::Sender, _) => Err("the sender keeps the consent, and revokes it"),
        };
    }
    if !act.moves() {
        return tell(place, act, actor);
    }
    match (act, actor) {
        (_, Actor::Member) => Err(NOT_A_MEMBERS),
        (Act::Send(_), Actor::Sender) => {
            if place == P::Nothing {
                Ok(P::Sent)
            } else {
                Err("it was sent before; a second try is a new referral")
            }
        }
        (Act::Send(_), Actor::Recipient) => Err("only the sender sends"),
        (_, _) if place == P::Nothing => Err("nothing was sent yet"),
        (_, _) if place == P::EnteredInError => Err("it was entered in error"),
        (Act::EnteredInError { .. }, Actor::Sender) => Ok(P::EnteredInError),
        (Act::EnteredInError { .. }, Actor::Recipient) => Err("only the sender says that it was entered in error"),
        // What became of the person is the sender's to settle where the referral did not get there.
        (Act::Close { .. }, Actor::Sender) if place.is_lost() => Ok(place),
        // It was closed well, and nobody had said when the person came.
        (Act::Attend { .. }, Actor::Recipient) if place == P::Completed => Ok(place),
        (_, _) if place.is_final() => Err("the referral has ended; a second try is a new referral"),
        // A withdrawal taken back leads where a hold does: what comes next is made anew.
        (Act::Resume { .. }, Actor::Sender) if place == P::CancelRequested => Ok(P::Active),
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

/// What is between who sends and who is asked, in the thread of a team. Appointments of the others' own are no steps of it: see `visit`.
const NOT_A_MEMBERS: &str =
    "only who refers the person, or was referred to, does that; the others of a team tell and ask";

/// What others of a team write: what they see and hear of the person, what was said, what is needed. Who the person is, what the person
/// takes, what to do when it gets bad, and whence the person comes is said as a whole, by the two between whom the referral goes.
const fn is_a_members(act: &Act) -> bool {
    matches!(
        act,
        Act::Message { .. }
            | Act::Attachment(_)
            | Act::Need(_)
            | Act::Seen(_)
            | Act::CheckIn(_)
            | Act::Lost { .. }
            | Act::Attempt(_)
            | Act::Summary(_)
            | Act::Mistake { .. }
    )
}

/// The same of what an organisation writes for itself alone: there the sender may also say what comes next for a person whose
/// consent has ended or lets no answer come back, wherever the referral stands, and each side after a good end. It ends nothing.
/// Who was asked and had not answered yet may close it there without taking anybody in: nobody is to be told. And who declined or closed it
/// there alone says what comes next: nobody else knows that anything has to.
///
/// # Errors
/// As [`step`].
pub fn step_here(place: Place, act: &Act, actor: Actor) -> Result<Place, &'static str> {
    match (act, actor) {
        (Act::Close { .. }, Actor::Sender) if place != Place::Nothing && !place.is_final() => Ok(place),
        (Act::Close { .. }, Actor::Sender | Actor::Recipient) if place == Place::Completed => Ok(place),
        (Act::Close { .. }, Actor::Recipient) if place.is_lost() => Ok(place),
        (Act::Close { outcome, .. }, Actor::Recipient) if place == Place::Sent => Ok(ended(outcome.completed())),
        _ => step(place, act, actor),
    }
}

/// What tells something moves nothing. What stands in a space of its own can come before the request, since spaces arrive apart;
/// how a person fares, and words, can come after the end.
fn tell(place: Place, act: &Act, actor: Actor) -> Result<Place, &'static str> {
    let apart = act.information() != Information::Referral;
    match act {
        _ if actor == Actor::Member && !is_a_members(act) => Err(NOT_A_MEMBERS),
        // It may have gone to the wrong organisation: that one may still answer, and is told nothing more.
        Act::Message { .. } if place == Place::EnteredInError && actor == Actor::Recipient => Ok(place),
        // Nobody took the person in: words may still be needed, papers are not.
        Act::Attachment(_) if matches!(place, Place::Declined | Place::Cancelled) => {
            Err("it was declined or withdrawn, and no file goes into it any more")
        }
        Act::Message { .. } | Act::Attachment(_) if !matches!(place, Place::Nothing | Place::EnteredInError) => {
            Ok(place)
        }
        Act::Urge { .. } if actor != Actor::Sender => Err("who refers the person says how urgent it is"),
        // Whether there was anything to take back the fold knows.
        Act::Mistake { .. } => Ok(place),
        _ if place == Place::EnteredInError => Err("it was entered in error"),
        _ if apart => Ok(place),
        _ if place == Place::Nothing => Err("nothing was sent yet"),
        Act::Seen(_) | Act::CheckIn(_) => Ok(place),
        // Who is in care can be lost, looked for, handed on and let go after it.
        _ if place == Place::Completed => Ok(place),
        _ if place.is_final() => Err("the referral has ended; a second try is a new referral"),
        _ => Ok(place),
    }
}

fn by_recipient(place: Place, act: &Act) -> Result<Place, &'static str> {
    use Place as P;
    if place == P::CancelRequested {
        return match act {
            Act::ConfirmCancel => Ok(P::Cancelled),
            // It was done after all: completion wins over the request.
            Act::Close { outcome, .. } => Ok(ended(outcome.completed())),
            // So does the person who comes: the sender sees it, and asks again if it still wants to.
            Act::Attend { .. } => Ok(P::Attended),
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
        // Said again of what rests: it was looked at, and rests on.
        Act::Hold { .. } => Ok(P::OnHold),
        Act::Resume { .. } => {
            if place == P::OnHold {
                Ok(P::Active)
            } else {
                Err("it is not on hold")
            }
        }
        // Whoever came, came; and what is over is over.
        Act::Attend { .. } => Ok(P::Attended),
        Act::Close { outcome, .. } => Ok(ended(outcome.completed())),
        _ if place == P::OnHold => Err("it is on hold; resume it first"),
        Act::Schedule(_) => Ok(P::Scheduled),
        Act::Reschedule { .. } => match place {
            P::Scheduled | P::Missed | P::AppointmentCancelled | P::Attended => Ok(P::Scheduled),
            _ => Err("there was no appointment yet; schedule one"),
        },
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
        // Taken above, by `step` and `tell`.
        _ => Ok(place),
    }
}

const fn ended(completed: bool) -> Place {
    if completed { Place::Completed } else { Place::Failed }
}

/// In which order concurrent acts are taken, so that each pair has one outcome whatever the hashes are: what the recipient did
/// comes before what would undo it, a good end before a bad one; a decline waits for all else it did, a withdrawal for everything, and that it was an error is
/// said last. Of two that only tell something, the lower hash is taken first.
pub(super) const fn rank(act: &Act) -> u8 {
    match act {
        Act::Send(_) => 1,
        Act::Identity(_) | Act::Need(_) | Act::Crisis(_) | Act::Medication(_) | Act::Summary(_) => 2,
        // An alarm comes before whatever says that the person was met after all.
        Act::Lost { .. } => 3,
        Act::Acknowledge => 4,
        Act::Accept { .. } => 5,
        Act::Resume { .. } => 6,
        Act::Schedule(_) => 7,
        Act::Reschedule { .. } => 8,
        Act::CancelAppointment { .. } => 9,
        Act::NoShow { .. } => 10,
        Act::Attend { .. } => 11,
        Act::Message { .. }
        | Act::Attachment(_)
        | Act::Handoff(_)
        | Act::Transition(_)
        | Act::Seen(_)
        | Act::CheckIn(_)
        | Act::Attempt(_)
        | Act::Mistake { .. }
        | Act::Urge { .. }
        | Act::HeardRevocation { .. } => 12,
        Act::Hold { .. } => 13,
        Act::Close { outcome, .. } => {
            if outcome.completed() {
                14
            } else {
                15
            }
        }
        Act::Decline { .. } => 16,
        Act::RequestCancel { .. } => 17,
        Act::ConfirmCancel => 18,
        Act::EnteredInError { .. } => 19,
    }
}
