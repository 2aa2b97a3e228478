//! Openings today: a register, since nobody needs yesterday's.

use super::ListingId;
use crate::codec;
use crate::fault::{Fault, Result};
use crate::limits;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// How many places a service has free. Published by the listing's owner in the coalition space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Openings {
    /// What is counted, such as `beds`, `intake slots`, `appointments this week`.
    pub unit: String,
    pub open: u32,
    /// Of how many in all, where that is known.
    pub of: Option<u32>,
    /// When a person looked.
    pub as_of: Time,
    /// For instance `women only; call before 15:00`.
    pub note: String,
}

const NAME: &str = "openings/";

impl Openings {
    /// The name of the register for this listing.
    #[must_use]
    pub fn register(listing: &ListingId) -> String {
        format!("{NAME}{listing}")
    }

    /// The listing that a register of this name is about.
    #[must_use]
    pub fn listing(register: &str) -> Option<ListingId> {
        register.strip_prefix(NAME)?.parse().ok()
    }

    /// # Errors
    /// `Misuse` for texts that are too long.
    pub fn encode(&self) -> Result<Vec<u8>> {
        if self.unit.chars().count() > limits::NAME_CHARS || self.note.chars().count() > limits::NAME_CHARS {
            return Err(Fault::misuse(format!(
                "unit and note of openings have at most {} characters",
                limits::NAME_CHARS
            )));
        }
        Ok(codec::encode(self))
    }

    /// # Errors
    /// `Malformed` for other bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        codec::decode("openings", bytes)
    }
}
