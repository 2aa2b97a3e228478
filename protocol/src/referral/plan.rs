//! What helps a person through the weeks: needs in rank order, the crisis and recurrence plan, medication, summaries of care.

use super::act::bounded;
use super::codes::{NeedKind, NeedOwner, NeedStatus, SummaryKind};
use crate::fault::{Fault, Result};
use crate::limits;
use crate::sensitive::Personal;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Names one need within a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NeedId(pub u32);

impl fmt::Display for NeedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

/// One need; written again as a whole where it changes. `social` information.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    pub id: NeedId,
    /// The most urgent first.
    pub rank: u16,
    pub kind: NeedKind,
    pub text: Personal<String>,
    pub owner: NeedOwner,
    /// Which staff member or helper.
    pub who: Personal<String>,
    /// What is done next.
    pub next: Personal<String>,
    pub status: NeedStatus,
}

/// Puts a need where its rank says. What stood at that rank, and what follows it without a gap, moves on by one: the later word about
/// what is most urgent holds, and no two share a place.
pub fn put_need(needs: &mut Vec<Need>, new: Need) {
    needs.retain(|known| known.id != new.id);
    needs.sort_by_key(|need| (need.rank, need.id));
    let mut taken = new.rank;
    for need in needs.iter_mut().filter(|need| need.rank >= new.rank) {
        if need.rank > taken {
            break;
        }
        taken = taken.saturating_add(1);
        need.rank = taken;
    }
    needs.push(new);
    needs.sort_by_key(|need| (need.rank, need.id));
}

/// What to do when it gets bad. `crisis` information.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct CrisisPlan {
    pub warning_signs: Personal<String>,
    /// What helps, and what makes it worse.
    pub helps: Personal<String>,
    pub avoid: Personal<String>,
    /// Whom to call, the first one first.
    pub contacts: Vec<Contact>,
    /// Where naloxone is kept.
    pub naloxone: Personal<String>,
    /// What the person wants done, and where to be taken.
    pub wishes: Personal<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Contact {
    pub name: Personal<String>,
    pub phone: Personal<String>,
    /// Such as sister, sponsor, counsellor.
    pub relation: Personal<String>,
}

/// What a person takes at present; with the provider to call, all that a wallet card shows. `medication` information.
///
/// A list without medicines says nothing of whether the person takes any: that is said by `takes_none` alone, so that nobody reads
/// "takes nothing" where nobody asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Medication {
    pub medicines: Vec<Medicine>,
    /// The person was asked, and takes no medicine at present.
    pub takes_none: bool,
    pub allergies: Personal<String>,
    pub note: Personal<String>,
}

impl CrisisPlan {
    /// Whether something stands in both, word for word: one of them was then written upon the other.
    #[must_use]
    pub fn shares(&self, other: &Self) -> bool {
        let texts = |plan: &Self| {
            [&plan.warning_signs, &plan.helps, &plan.avoid, &plan.naloxone, &plan.wishes].map(Personal::clone)
        };
        texts(self).iter().zip(&texts(other)).any(|(one, other)| same(one, other))
            || self.contacts.iter().any(|contact| other.contacts.contains(contact))
    }
}

impl Medication {
    /// As [`CrisisPlan::shares`]: a medicine of one name, in whatever dose, the allergies or the note.
    #[must_use]
    pub fn shares(&self, other: &Self) -> bool {
        let name = |medicine: &Medicine| medicine.name.reveal().trim().to_lowercase();
        self.medicines.iter().any(|one| other.medicines.iter().any(|other| name(one) == name(other)))
            || same(&self.allergies, &other.allergies)
            || same(&self.note, &other.note)
    }
}

fn same(one: &Personal<String>, other: &Personal<String>) -> bool {
    one == other && !one.reveal().trim().is_empty()
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Medicine {
    pub name: Personal<String>,
    pub dose: Personal<String>,
    pub prescriber: Personal<String>,
    /// Telephone of the prescriber or program, day or night.
    pub phone: Personal<String>,
    pub last_dose: Option<Time>,
    pub next_dose: Option<Time>,
    pub next_visit: Option<Time>,
}

/// A written summary of care, such as that of a discharge. `clinical` information.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub kind: SummaryKind,
    pub text: Personal<String>,
}

impl Need {
    pub(super) fn check(&self) -> Result<()> {
        bounded([&self.who], limits::NAME_CHARS)?;
        bounded([&self.text, &self.next], limits::TEXT_CHARS)
    }
}

impl CrisisPlan {
    pub(super) fn check(&self) -> Result<()> {
        few(self.contacts.len())?;
        let names = self.contacts.iter().flat_map(|c| [&c.name, &c.phone, &c.relation]);
        bounded(names, limits::NAME_CHARS)?;
        let texts = [&self.warning_signs, &self.helps, &self.avoid, &self.naloxone, &self.wishes];
        bounded(texts, limits::TEXT_CHARS)
    }
}

impl Medication {
    pub(super) fn check(&self) -> Result<()> {
        few(self.medicines.len())?;
        if self.takes_none && !self.medicines.is_empty() {
            return Err(Fault::malformed("act: medicines are listed, and it says that the person takes none"));
        }
        bounded(self.medicines.iter().flat_map(|m| [&m.name, &m.dose, &m.prescriber, &m.phone]), limits::NAME_CHARS)?;
        bounded([&self.allergies, &self.note], limits::TEXT_CHARS)
    }
}

fn few(values: usize) -> Result<()> {
    if values > limits::PERSON_VALUES {
        return Err(Fault::malformed("act: too many contacts or medicines"));
    }
    Ok(())
}
