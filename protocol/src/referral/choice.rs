//! What the person chose from. No steering to whoever pays or employs the sender: the options that were shown are kept as they
//! were shown, and that the person chose, or why there was only one.

use super::base::By;
use crate::fault::{Fault, Result};
use crate::ids::{DocumentId, PersonId, ThreadId};
use crate::limits;
use crate::sensitive::Personal;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// A search whose results the person saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// Random.
    pub id: DocumentId,
    pub person: PersonId,
    pub by: By,
    pub at: Time,
    /// The filters that were used. Staff type words there.
    pub filters: Personal<String>,
    /// Listings as `<org id>/<listing id>` with their names, in the order in which they were shown.
    pub shown: Vec<(String, String)>,
}

/// Why the person was shown no more than one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnlyOne {
    /// Nobody else offers it where the person can go.
    NobodyElse,
    /// The person came with this wish.
    PersonAsked,
    /// No other place takes how the person pays.
    Payer,
    /// No other place has room in time.
    NoRoomElsewhere,
    /// There was no time: an emergency.
    Emergency,
    /// A court or a supervising officer named the place.
    Ordered,
}

/// How it came to this referral's recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Why {
    /// The person chose, as the staff member attests.
    Chose,
    OnlyOne(OnlyOne),
}

/// The choice behind one referral.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    pub thread: ThreadId,
    pub by: By,
    pub at: Time,
    /// The options that were shown, if any were.
    pub options: Option<DocumentId>,
    pub why: Why,
    /// Which of them the person chose, as in [`Options::shown`]. Kept here; the recipient is told what the request names.
    pub service: Option<(String, String)>,
}

impl Options {
    /// Lengths.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn check(&self) -> Result<()> {
        super::act::bounded([&self.filters], limits::TEXT_CHARS)?;
        let long = |(id, name): &(String, String)| id.len() > limits::NAME_CHARS || name.len() > 4 * limits::NAME_CHARS;
        if self.shown.len() > limits::OPTIONS_SHOWN || self.shown.iter().any(long) {
            return Err(Fault::malformed(format!("more than {} options, or a name too long", limits::OPTIONS_SHOWN)));
        }
        Ok(())
    }
}
