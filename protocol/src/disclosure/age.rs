//! Why a consent is signed on a basis that does not go with the age on record.

use crate::fault::Result;
use crate::ids::ConsentId;
use crate::limits;
use crate::referral::{By, bounded};
use crate::sensitive::Personal;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// The law of the state says who is of age, and which minor may seek treatment alone (42 CFR 2.14(a), (b)): staff wrote down what makes it so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgeReason {
    pub consent: ConsentId,
    pub why: Personal<String>,
    pub by: By,
    pub at: Time,
}

impl AgeReason {
    /// Lengths.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn check(&self) -> Result<()> {
        bounded([&self.why], limits::TEXT_CHARS)
    }
}
