//! What kind of thing went, so that the person can read it in a language of theirs: the brief description that 45 CFR 164.528(b)(2)(iii)
//! asks for. It says what went, and never all that a kind of information could hold.

use crate::referral::Act;
use serde::{Deserialize, Serialize};

/// What went. Variants are only ever added at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Brief {
    /// As staff wrote it down: their words are the description.
    Words,
    /// The notice of 2.32 with the part of the consent or agreement: no fact of the kind in whose space it stands.
    Notice,
    /// A file or paper.
    File,
    /// What is laid down sealed for an emergency.
    Copy,
    /// That such a copy was opened, told to who laid it down.
    Opened,
    /// What stood in a referral before its reader came to it.
    Before,
    /// That the person took a consent back.
    TakenBack,
    /// That a consent ended for its reader.
    Ended,
    /// That a consent covers less than before.
    Less,
    /// What is asked for, and why.
    Asked,
    Identity,
    /// Whether the person is taken in.
    Answer,
    /// An appointment, and whether the person came.
    Visit,
    Message,
    /// That it is asked for no more.
    Withdrawn,
    /// How it ended.
    Closed,
    Handoff,
    Need,
    /// The day of a release or discharge.
    Leaving,
    Seen,
    CheckIn,
    /// That staff tried to reach the person.
    Tried,
    Crisis,
    Medication,
    Summary,
    /// That something which was told before was a mistake.
    Mistake,
    /// How urgent it is by now.
    Urgency,
}

impl From<&Act> for Brief {
    fn from(act: &Act) -> Self {
        match act {
            Act::Send(_) => Self::Asked,
            Act::Identity(_) => Self::Identity,
            Act::Acknowledge | Act::Accept { .. } | Act::Decline { .. } | Act::Hold { .. } | Act::Resume { .. } => {
                Self::Answer
            }
            Act::Schedule(_)
            | Act::CancelAppointment { .. }
            | Act::Reschedule { .. }
            | Act::Attend { .. }
            | Act::NoShow { .. } => Self::Visit,
            Act::Message { .. } => Self::Message,
            Act::RequestCancel { .. } | Act::ConfirmCancel | Act::EnteredInError { .. } => Self::Withdrawn,
            Act::Close { .. } => Self::Closed,
            Act::Handoff(_) => Self::Handoff,
            Act::Need(_) => Self::Need,
            Act::Transition(_) => Self::Leaving,
            Act::Seen(_) => Self::Seen,
            Act::CheckIn(_) => Self::CheckIn,
            Act::Lost { .. } | Act::Attempt(_) => Self::Tried,
            Act::Crisis(_) => Self::Crisis,
            Act::Medication(_) => Self::Medication,
            Act::Summary(_) => Self::Summary,
            Act::Attachment(_) => Self::File,
            Act::HeardRevocation { .. } => Self::TakenBack,
            Act::Mistake { .. } => Self::Mistake,
            Act::Urge { .. } => Self::Urgency,
        }
    }
}
