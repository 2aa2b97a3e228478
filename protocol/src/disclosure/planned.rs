//! The crisis plan and the medication of a person, as staff write them with the person before anybody is referred, and after.

use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, PersonId};
use crate::referral::{Act, By};
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// One version of either, whole; or that one was a mistake. It is the act that would say so in a referral, and is told to nobody by
/// standing here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// Under which record of the person it was written.
    pub person: PersonId,
    pub act: Act,
    pub by: By,
    /// Later than all that its author knew: a clock that was set back hides no newer word.
    pub at: Time,
}

impl Planned {
    /// That it is a plan, a list of medication, or takes one back; lengths as in a referral.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn check(&self) -> Result<()> {
        match &self.act {
            Act::Crisis(_) | Act::Medication(_) | Act::Mistake { .. } => self.act.check(),
            other => Err(Fault::malformed(format!("a person's plan: {} is none", other.name()))),
        }
    }
}

/// One that was written, in which entry, and the word that it was a mistake, if there is one.
pub type Placed = (EntryHash, Planned, Option<Planned>);

/// All that were written, in their order: the last of a kind that was no mistake holds, on every machine alike and in whatever order
/// they came. Of two that were written at one moment the one with the lower hash comes last.
#[must_use]
pub fn in_order(mut all: Vec<(EntryHash, Planned)>) -> Vec<Placed> {
    all.sort_by_key(|(hash, planned)| (planned.at, Reverse(*hash)));
    let mut mistakes: BTreeMap<EntryHash, Planned> = BTreeMap::new();
    let mut plans = Vec::new();
    for (hash, planned) in all {
        match planned.act {
            Act::Mistake { entry, .. } => drop(mistakes.entry(entry).or_insert(planned)),
            _ => plans.push((hash, planned)),
        }
    }
    plans.into_iter().map(|(hash, planned)| (hash, planned, mistakes.remove(&hash))).collect()
}
