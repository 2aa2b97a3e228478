//! What was put on record by hand and never was told: the record and the word against it both stay.

use crate::fault::{Fault, Result};
use crate::ids::EntryHash;
use crate::limits;
use crate::referral::{By, bounded};
use crate::sensitive::Personal;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// What was told without a consent (42 CFR 2.51, 2.12(c), 2.52, 2.53, 2.61 to 2.67) or passed on was written down by mistake: it leaves
/// the accounting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Struck {
    /// The entries of the [`Disclosure`](super::Disclosure)s that were written down at once: one for each kind of information.
    pub records: Vec<EntryHash>,
    pub why: Personal<String>,
    /// Who wrote them, or the privacy officer.
    pub by: By,
    pub at: Time,
}

impl Struck {
    /// Bounds.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn check(&self) -> Result<()> {
        if self.records.len() > limits::STRUCK_AT_ONCE {
            return Err(Fault::malformed("a disclosure that is struck: too many records at once"));
        }
        bounded([&self.why], limits::TEXT_CHARS)
    }
}
