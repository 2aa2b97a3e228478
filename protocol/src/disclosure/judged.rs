//! What follows from what one organisation was told under a consent that is known to be false.

use crate::fault::{Fault, Result};
use crate::ids::{ConsentId, EntryHash, OrgId};
use crate::limits;
use crate::referral::{By, bounded};
use crate::sensitive::Personal;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// The privacy officer's word about it (42 CFR 2.16(b); 45 CFR 164.402(2)): of what lay before her then, whatever any clock says, and of
/// nothing that came from another machine since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    pub consent: ConsentId,
    /// To whom it went.
    pub to: OrgId,
    /// The entries of the disclosures that it is about, sorted. What is more than one body holds stands in another with the same word.
    pub records: Vec<EntryHash>,
    /// Whether it is a breach, why, and what was done.
    pub why: Personal<String>,
    pub by: By,
    pub at: Time,
}

impl Judged {
    /// Lengths.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn check(&self) -> Result<()> {
        if self.records.len() > limits::LIST_PAGE {
            return Err(Fault::malformed("what follows from a false consent: too many records at once"));
        }
        bounded([&self.why], limits::TEXT_CHARS)
    }
}
