//! What happens around a referral: handoff, appointments that move, transitions, sightings, check-ins, tries to reach somebody.

use super::act::bounded;
use super::base::Information;
use super::codes::{
    Barrier, Channel, Housing, Leaving, Mode, Reached, Setting, Stage, Support, Symptoms, TeachBack, Work,
};
use crate::fault::{Fault, Result};
use crate::limits;
use crate::sensitive::Personal;
use crate::time::{Time, Zone};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    pub at: Time,
    /// Of the place where it is: whoever reads it, also on paper, goes by the clock there.
    pub zone: Zone,
    pub place: Personal<String>,
    pub mode: Mode,
    pub note: Personal<String>,
}

/// Why something did not happen as it should: barriers to be counted, and words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Why {
    #[serde(default)]
    pub barriers: Vec<Barrier>,
    #[serde(default)]
    pub note: Personal<String>,
}

/// A warm handoff: one person introduces another to who comes next, in the presence of the person being helped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handoff {
    pub mode: Mode,
    pub at: Time,
    /// Who handed over, and who took over.
    pub from: Personal<String>,
    pub to: Personal<String>,
    pub teach_back: TeachBack,
    pub note: Personal<String>,
}

/// The person leaves somewhere on a day; the two weeks after it are the most dangerous.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transition {
    pub leaving: Leaving,
    /// Planned or actual.
    pub on: Time,
    pub note: Personal<String>,
}

/// Where the person was met: "the person whom you see is here".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    pub setting: Setting,
    pub at: Time,
    pub note: Personal<String>,
}

/// A try to reach the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    pub at: Time,
    pub channel: Channel,
    pub result: Reached,
    pub note: Personal<String>,
}

/// How it goes at the start, after 30, 90, 180 days. Each part is told under its own kind of information.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckIn {
    pub stage: Stage,
    pub at: Time,
    pub part: CheckInPart,
}

/// Nothing that was not asked is filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum CheckInPart {
    /// `referral` information.
    Care {
        in_care: Option<bool>,
        /// 1 (bad) to 5 (good).
        satisfaction: Option<u8>,
        naloxone_kits: u16,
    },
    /// `social` information.
    Social { housing: Option<Housing>, work: Option<Work>, support: Option<Support> },
    /// `clinical` information.
    Symptoms { symptoms: Symptoms, note: Personal<String> },
}

impl CheckIn {
    /// The kind of information that this part is.
    #[must_use]
    pub const fn information(&self) -> Information {
        match self.part {
            CheckInPart::Care { .. } => Information::Referral,
            CheckInPart::Social { .. } => Information::Social,
            CheckInPart::Symptoms { .. } => Information::Clinical,
        }
    }
}

impl Appointment {
    pub(super) fn check(&self) -> Result<()> {
        self.zone.check()?;
        bounded([&self.place, &self.note], limits::TEXT_CHARS)
    }
}

impl Why {
    pub(super) fn check(&self) -> Result<()> {
        if self.barriers.len() > limits::PERSON_VALUES {
            return Err(Fault::malformed("act: too many barriers"));
        }
        bounded([&self.note], limits::TEXT_CHARS)
    }
}

impl Handoff {
    pub(super) fn check(&self) -> Result<()> {
        bounded([&self.from, &self.to], limits::NAME_CHARS)?;
        bounded([&self.note], limits::TEXT_CHARS)
    }
}

/// How the person fares, of all check-ins in canonical order: one of each stage and part. The answer to a question that was asked later holds, of
/// two that were asked at one time the one that is taken later; what was not asked again stays. In the history all of them stand.
#[must_use]
pub fn standing(check_ins: &[CheckIn]) -> Vec<CheckIn> {
    let mut asked: Vec<&CheckIn> = check_ins.iter().collect();
    asked.sort_by_key(|one| one.at);
    let mut standing: Vec<CheckIn> = Vec::new();
    for one in asked {
        let same = |had: &&mut CheckIn| had.stage == one.stage && had.information() == one.information();
        match standing.iter_mut().find(same) {
            Some(had) => (had.at, had.part) = (one.at, one.part.over(&had.part)),
            None => standing.push(one.clone()),
        }
    }
    standing
}

impl CheckInPart {
    /// This, and of `before` the answers to what was not asked again.
    fn over(&self, before: &Self) -> Self {
        match (self, before) {
            (
                Self::Care { in_care, satisfaction, naloxone_kits },
                Self::Care { in_care: was_in_care, satisfaction: was_satisfied, naloxone_kits: had },
            ) => Self::Care {
                in_care: in_care.or(*was_in_care),
                satisfaction: satisfaction.or(*was_satisfied),
                naloxone_kits: if *naloxone_kits == 0 { *had } else { *naloxone_kits },
            },
            (
                Self::Social { housing, work, support },
                Self::Social { housing: housed, work: worked, support: supported },
            ) => Self::Social { housing: housing.or(*housed), work: work.or(*worked), support: support.or(*supported) },
            _ => self.clone(),
        }
    }
}

impl CheckIn {
    pub(super) fn check(&self) -> Result<()> {
        match &self.part {
            CheckInPart::Care { satisfaction: Some(given), .. } if !(1..=5).contains(given) => {
                Err(Fault::malformed("check-in: satisfaction is between 1 (bad) and 5 (good)"))
            }
            CheckInPart::Care { .. } | CheckInPart::Social { .. } => Ok(()),
            CheckInPart::Symptoms { note, .. } => bounded([note], limits::TEXT_CHARS),
        }
    }
}
