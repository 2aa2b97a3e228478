//! What an organisation keeps of its own about emergencies, and holds: bodies of its private space.

use crate::consent::Facts;
use crate::fault::Result;
use crate::ids::{ConsentId, EntryHash, PersonId, SpaceId};
use crate::limits;
use crate::referral::{By, Information, Party, bounded};
use crate::sensitive::Personal;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// One record. Variants are only ever added at the end: their number is part of the key under which a record is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Record {
    /// At the person's organisation: where a copy lies.
    Placement(Placement),
    /// At the emergency department: somebody broke the glass, whether or not anything lay behind it.
    Attempt(Attempt),
    /// At the person's organisation: its privacy officer has seen that a copy was opened.
    Review(Review),
    /// Nothing of this person's may be destroyed.
    Hold(Hold),
}

/// A copy that we placed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placement {
    pub space: SpaceId,
    /// Number of the copy that holds; a withdrawal counts one on.
    pub number: u32,
    pub person: PersonId,
    /// The emergency department.
    pub at: Party,
    pub information: Information,
    pub consent: ConsentId,
    pub version: u32,
    /// Since when it lies there no more.
    pub ended: Option<Time>,
}

/// Somebody asked for what is placed here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    pub facts: Facts,
    pub by: By,
    /// How many copies were opened. Whom it was about is not kept where nothing lay here.
    pub opened: u32,
}

/// An opening that was looked into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// The entry that says it was opened.
    pub entry: EntryHash,
    pub by: By,
    pub at: Time,
    pub note: Personal<String>,
}

/// A legal hold on a person's records (42 CFR 2.16, 2.61 to 2.67).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    pub id: [u8; 16],
    pub person: PersonId,
    pub why: Personal<String>,
    /// Name and SHA-256 of the paper that asks for it.
    pub order: Option<(Personal<String>, [u8; 32])>,
    pub by: By,
    pub at: Time,
    pub lifted: Option<Lift>,
}

/// That a hold was lifted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lift {
    pub by: By,
    pub at: Time,
    pub why: Personal<String>,
}

impl Record {
    /// First bytes of the keys of each variant.
    pub const PLACEMENT: u8 = 0;
    pub const ATTEMPT: u8 = 1;
    pub const REVIEW: u8 = 2;
    pub const HOLD: u8 = 3;

    /// What it is about: of two records with one key the higher [`Record::revision`] holds.
    #[must_use]
    pub fn key(&self, hash: EntryHash) -> Vec<u8> {
        let (variant, parts): (u8, &[&[u8]]) = match self {
            Self::Placement(placement) => (Self::PLACEMENT, &[&placement.space.0]),
            Self::Attempt(_) => (Self::ATTEMPT, &[&hash.0]),
            Self::Review(review) => (Self::REVIEW, &[&review.entry.0]),
            Self::Hold(hold) => (Self::HOLD, &[&hold.person.0, &hold.id]),
        };
        let mut key = vec![variant];
        parts.iter().for_each(|part| key.extend_from_slice(part));
        key
    }

    #[must_use]
    pub fn revision(&self) -> u32 {
        match self {
            Self::Placement(placement) => placement.number,
            Self::Hold(hold) => u32::from(hold.lifted.is_some()),
            Self::Attempt(_) | Self::Review(_) => 0,
        }
    }

    /// Lengths.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn check(&self) -> Result<()> {
        match self {
            Self::Placement(_) => Ok(()),
            Self::Attempt(attempt) => super::check(&attempt.facts),
            Self::Review(review) => bounded([&review.note], limits::TEXT_CHARS),
            Self::Hold(hold) => {
                bounded(hold.order.iter().map(|(name, _)| name), limits::NAME_CHARS)?;
                bounded(hold.lifted.iter().map(|lift| &lift.why).chain([&hold.why]), limits::TEXT_CHARS)
            }
        }
    }
}
