//! What an organisation keeps of its own about partners off the network: bodies of its private space.

use crate::fault::Result;
use crate::ids::EntryHash;
use crate::referral::{OutsideAct, OutsidePartner};
use serde::{Deserialize, Serialize};

/// One record. Variants are only ever added at the end: their number is part of the key under which a record is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outside {
    Partner(OutsidePartner),
    Act(OutsideAct),
}

impl Outside {
    /// First bytes of the keys of each variant.
    pub const PARTNER: u8 = 0;
    pub const ACT: u8 = 1;

    /// What it is about: of two records with one key the higher [`Outside::revision`] holds.
    #[must_use]
    pub fn key(&self, hash: EntryHash) -> Vec<u8> {
        let parts: (u8, &[&[u8]]) = match self {
            Self::Partner(partner) => (Self::PARTNER, &[&partner.org.0]),
            Self::Act(act) => (Self::ACT, &[&act.thread.0, &hash.0]),
        };
        let mut key = vec![parts.0];
        parts.1.iter().for_each(|part| key.extend_from_slice(part));
        key
    }

    #[must_use]
    pub const fn revision(&self) -> u32 {
        match self {
            Self::Partner(partner) => partner.revision,
            Self::Act(_) => 0,
        }
    }

    /// Lengths.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn check(&self) -> Result<()> {
        match self {
            Self::Partner(partner) => partner.check(),
            Self::Act(act) => act.check(),
        }
    }
}
