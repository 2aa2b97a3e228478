//! What an organisation wrote and says later was a mistake: which acts can be struck, and what stands in the way of it.
//!
//! The fold takes what was struck as never written ([`super::fold`]). So a step leads back to where the referral was before it, with the
//! appointment, the hold and the deadlines of then. What another organisation did knowing of a step stands: that step is not struck any
//! more. Sent, seen and accepted are no steps to strike: there is a step for each that the other side can follow (withdraw, decline).

use super::act::{Act, Body, Signed};
use super::fold::{Placed, fold};
use super::state::{Actor, Line, Parties, Place, State};
use super::transition::step;
use crate::ids::{EntryHash, ThreadId};
use crate::sensitive::Personal;
use std::collections::BTreeSet;

impl Act {
    /// Whether it can be said of it afterwards that it was a mistake: what was written down of the person, and most steps. Words are
    /// put right by words.
    #[must_use]
    pub const fn may_be_mistaken(&self) -> bool {
        self.tells_of_person()
            || matches!(
                self,
                Self::Schedule(_)
                    | Self::Reschedule { .. }
                    | Self::CancelAppointment { .. }
                    | Self::Hold { .. }
                    | Self::Resume { .. }
            )
            || self.is_an_end()
    }

    /// Whether it says what became of the person, so that no step of another rests on it.
    const fn tells_of_person(&self) -> bool {
        matches!(
            self,
            Self::Attend { .. }
                | Self::NoShow { .. }
                | Self::Handoff(_)
                | Self::Transition(_)
                | Self::Seen(_)
                | Self::CheckIn(_)
                | Self::Lost { .. }
                | Self::Attempt(_)
        )
    }

    /// Whether it ends the referral, or asks for that.
    pub(super) const fn is_an_end(&self) -> bool {
        matches!(
            self,
            Self::Decline { .. }
                | Self::Close { .. }
                | Self::RequestCancel { .. }
                | Self::ConfirmCancel
                | Self::EnteredInError { .. }
        )
    }

    /// Whether another organisation's step can rest on it, and it on another's: it moves the referral from some place. What nobody
    /// of that part ever does is no answer, nor is to have seen it; and what the sender says of what comes next moves nothing.
    pub(super) fn is_answerable(&self, actor: Actor) -> bool {
        let moves =
            self.moves() && !self.tells_of_person() && !self.settles(actor) && !matches!(self, Self::Acknowledge);
        moves && Place::ALL.into_iter().any(|place| step(place, self, actor).is_ok())
    }

    /// Whether it is the sender's word of what comes next for the person.
    const fn settles(&self, actor: Actor) -> bool {
        matches!((self, actor), (Self::Close { .. }, Actor::Sender))
    }
}

/// Why an act is not struck.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InTheWay {
    /// Another organisation took this step upon it, whether it had an effect or not.
    Answered(Box<Line>),
    /// This later act rests on it, and would have no effect without it.
    Rests(Box<Line>),
    /// For people.
    Other(&'static str),
}

/// Whether `line` of this thread can be struck by somebody who knows all of `entries`, from which `state` was folded.
///
/// # Errors
/// What stands in the way.
pub fn strike(
    (thread, parties): (ThreadId, Parties),
    entries: &[Placed],
    state: &State,
    line: &Line,
) -> Result<(), InTheWay> {
    let said = EntryHash([0xff; 32]);
    let known: BTreeSet<EntryHash> = entries.iter().flat_map(|entry| entry.parents.iter().copied()).collect();
    let act = Act::Mistake { entry: line.entry, information: line.act.information(), reason: Personal::default() };
    let trial = Placed {
        hash: said,
        parents: entries.iter().map(|entry| entry.hash).filter(|hash| !known.contains(hash)).collect(),
        follows: Vec::new(),
        org: line.org,
        time: line.at,
        body: Some(Body::Act(Signed { notice: EntryHash::ZERO, by: line.by.clone(), act })),
        local: true,
    };
    let struck = fold(thread, parties, &[entries, &[trial]].concat());
    let find = |hash| struck.history.iter().find(|line| line.entry == hash);
    if let Some((word, why)) = find(said).and_then(|word| Some((word, word.without_effect?))) {
        let answer = word.answered.filter(|_| line.mistake.is_none()).and_then(find);
        return Err(answer.map_or(InTheWay::Other(why), |answer| InTheWay::Answered(Box::new(answer.clone()))));
    }
    // What comes next is asked of the sender again, also where the end was another's.
    let again =
        |other: &Line| other.org != line.org && other.act.settles(parties.actor(other.org).unwrap_or(Actor::Member));
    let counted = state.history.iter().filter(|other| other.entry != line.entry && other.without_effect.is_none());
    let lost = |other: &&Line| !again(other) && find(other.entry).is_some_and(|now| now.without_effect.is_some());
    match counted.rev().find(lost) {
        Some(rests) => Err(InTheWay::Rests(Box::new(rests.clone()))),
        None => Ok(()),
    }
}
