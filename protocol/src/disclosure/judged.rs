//! What follows from what one organisation was told under a consent that is known to be false.

use crate::fault::Result;
use crate::ids::{ConsentId, OrgId};
use crate::limits;
use crate::referral::{By, bounded};
use crate::sensitive::Personal;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// The privacy officer's word about it (42 CFR 2.16(b); 45 CFR 164.402(2)): of all that was on record by then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    pub consent: ConsentId,
    /// To whom it went.
    pub to: OrgId,
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
        bounded([&self.why], limits::TEXT_CHARS)
    }
}
