//! Medical emergency (42 CFR 2.51): copies of a crisis plan and of medication that a person's organisation places in advance, under
//! the consent, with an emergency department; and what is written when they are opened there.
//!
//! Each copy has a space of its own, one for each kind of information: the custodian is the person's organisation, the emergency
//! department a reader that may write. [`EmergencyBody`] is what stands in it; [`Record`] is what either organisation keeps of its
//! own. Who the copy is about stands in the same sealed body, and is found by name and date of birth only: [`mark`].
//!
//! - `find`: how a copy is found
//! - `record`: private records, and holds that stop destruction (2.61 to 2.67)
//!
//! Why it is made this way: `decisions/emergency.md`.

mod find;
mod record;

pub use find::{Mark, mark, marks};
pub use record::{Attempt, Hold, Lift, Placement, Record, Review};

use crate::codec;
use crate::consent::Facts;
use crate::fault::{Fault, Result};
use crate::ids::EntryHash;
use crate::limits;
use crate::referral::{By, Information, Scope, bounded, versioned};
use crate::sensitive::Personal;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// First byte of every body in the space of a placed copy. Bodies of threads and inquiries begin with others.
pub const EMERGENCY_VERSION: u8 = 32;

/// The body of a data entry in such a space. Variants are only ever added at the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum EmergencyBody {
    /// By the custodian.
    Copy(Box<Copy>),
    /// By the emergency department.
    Opened(Box<Opened>),
}

/// What is placed. A later one with a higher number takes its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copy {
    /// The first is 1.
    pub number: u32,
    /// `crisis` or `medication`.
    pub information: Information,
    /// Statement 1 of 2.32(a), to the byte.
    pub notice: String,
    /// The part of the consent that concerns the emergency department, 2.32(b).
    pub scope: Scope,
    /// By which the copy is found: the name first, then other names.
    pub names: Vec<Personal<String>>,
    /// `YYYY-MM-DD`, or the year where no more is known.
    pub birth_date: Personal<String>,
    pub content: Personal<String>,
    pub by: By,
    /// When it was written.
    pub at: Time,
}

/// That it was opened, with the four facts of 2.51(c).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    pub facts: Facts,
    /// Which copy.
    pub copy: EntryHash,
    /// The staff member who had signed in.
    pub by: By,
}

impl EmergencyBody {
    /// Version byte and postcard.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(vec![EMERGENCY_VERSION]);
        bytes.extend_from_slice(&Zeroizing::new(codec::encode(self)));
        bytes
    }

    /// Whether bytes are meant to be such a body, of this version or a later one.
    #[must_use]
    pub fn is(bytes: &[u8]) -> bool {
        bytes.first() == Some(&EMERGENCY_VERSION)
    }

    /// What a body says, with lengths checked.
    ///
    /// # Errors
    /// `Incompatible` for another version, `Malformed` for anything else that is no body.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let body: Self = versioned("emergency body", EMERGENCY_VERSION, bytes)?;
        match &body {
            Self::Copy(copy) => copy.check()?,
            Self::Opened(opened) => {
                bounded([&opened.by.name], limits::NAME_CHARS)?;
                check(&opened.facts)?;
            }
        }
        Ok(body)
    }
}

impl Copy {
    /// Lengths, and that it is of a kind that may be placed.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn check(&self) -> Result<()> {
        if !matches!(self.information, Information::Crisis | Information::Medication) {
            return Err(Fault::malformed("emergency copy: a crisis plan or medication may be placed, nothing else"));
        }
        if self.names.is_empty() || self.names.len() > limits::PERSON_VALUES || self.notice.len() > limits::TEXT_CHARS {
            return Err(Fault::malformed("emergency copy: no name, too many, or a notice that is too long"));
        }
        self.scope.check()?;
        bounded(self.names.iter().chain([&self.birth_date, &self.by.name]), limits::NAME_CHARS)?;
        bounded([&self.content], limits::TEXT_CHARS)
    }
}

/// Lengths of the four facts.
///
/// # Errors
/// `Malformed`.
pub fn check(facts: &Facts) -> Result<()> {
    bounded([&facts.personnel, &facts.discloser], limits::NAME_CHARS)?;
    bounded([&facts.nature, &facts.unobtainable], limits::TEXT_CHARS)?;
    if facts.facility.name.len() > 4 * limits::NAME_CHARS {
        return Err(Fault::malformed("facts of an emergency: the name of the facility is too long"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
