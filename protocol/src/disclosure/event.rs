//! That an event by which a consent ended, or could be revoked, had not come about: staff recorded it by mistake.

use crate::consent::Event;
use crate::fault::Result;
use crate::ids::ConsentId;
use crate::limits;
use crate::referral::{By, bounded};
use crate::sensitive::Personal;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// Of every record of the consent this event counts for nothing, whoever wrote it when (42 CFR 2.31(a)(7), 2.35(c)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventStruck {
    pub consent: ConsentId,
    pub event: Event,
    /// What was wrong about it.
    pub why: Personal<String>,
    pub by: By,
    pub at: Time,
}

impl EventStruck {
    /// Lengths.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn check(&self) -> Result<()> {
        bounded([&self.why], limits::TEXT_CHARS)
    }
}
