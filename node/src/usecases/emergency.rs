//! Medical emergencies (42 CFR 2.51): copies of the crisis plan and the medication, placed in advance with emergency departments and
//! opened there by break-glass only. Every opening is told to who placed the copy, in the transaction that shows it.
//!
//! Parts: `place` (placing, updating, withdrawing, and the end of a consent), `plan` (what staff wrote already), `open` (break-glass), `review` (what lies where, and what
//! a privacy officer looks into), `told` (what was told by telephone), `unrecorded` (copies whose record is lost), `kept` (the rows that copies are found by). The reasons stand
//! in `protocol/decisions/emergency.md`.

mod kept;
mod open;
mod place;
mod plan;
mod review;
mod told;
mod unrecorded;
mod whose;

pub use kept::{forget, keep, keep_late, lose};
pub use open::open;
pub use place::let_go;
pub use place::{follow, place, renamed, update, withdraw};
pub use plan::{behind, caught_up, keep_up, mistaken, plan, relinked};
pub use review::{ended, list, opened_late, openings, review, to_review, unreviewed, waiting};
pub use told::told;
pub use whose::whose;

use super::records::{self, Kind, find};
use super::worklist;
use crate::api::Outcome;
use crate::api::care::FactsView;
use belay_protocol::consent::Facts;
use belay_protocol::disclosure::PrivateBody;
use belay_protocol::emergency::{Placement, Record};
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::{ConsentId, EntryHash, OrgId, PersonId, SpaceId};
use belay_protocol::referral::{Information, Party};
use belay_protocol::store::View;
use std::collections::BTreeMap;

/// The kinds that may be placed.
const KINDS: [Information; 2] = [Information::Crisis, Information::Medication];

/// What people call a copy.
const fn called(information: Information) -> &'static str {
    match information {
        Information::Crisis => "the crisis plan",
        _ => "the medication",
    }
}

/// The records of one kind whose key begins with `prefix`, in order of key.
pub(super) fn all(view: &dyn View, variant: u8, prefix: &[u8]) -> Result<Vec<(EntryHash, Record)>> {
    let mut key = vec![variant];
    key.extend_from_slice(prefix);
    let records = records::all(view, Kind::Emergency, &key)?;
    Ok(records
        .into_iter()
        .filter_map(|record| match record.body {
            PrivateBody::Emergency(found) => Some((record.hash, *found)),
            _ => None,
        })
        .collect())
}

pub(super) fn write(step: &mut Step<'_>, record: Record) -> Result<EntryHash> {
    record.check()?;
    step.write_private(&PrivateBody::Emergency(Box::new(record)).encode())
}

fn placements(view: &dyn View) -> Result<Vec<Placement>> {
    let records = all(view, Record::PLACEMENT, &[])?;
    Ok(records
        .into_iter()
        .filter_map(|(_, record)| if let Record::Placement(placement) = record { Some(placement) } else { None })
        .collect())
}

/// Those of one person, under whichever record of theirs each was laid.
fn placed_for(view: &dyn View, person: PersonId) -> Result<Vec<Placement>> {
    let records = find::records_of(view, person)?.records;
    let mut placements = placements(view)?;
    placements.retain(|placement| records.contains(&placement.person));
    Ok(placements)
}

/// The copies that lie under a consent, each as a sentence: with whom, that they can be opened there whatever became of the consent, and
/// whom to telephone.
///
/// # Errors
/// `Store`.
pub(super) fn lie_under(step: &mut Step<'_>, consent: ConsentId) -> Outcome<Vec<String>> {
    let mut at: BTreeMap<Party, Vec<Information>> = BTreeMap::new();
    for placement in placements(step.draft())? {
        if placement.consent == consent && placement.ended.is_none() {
            at.entry(placement.at).or_default().push(placement.information);
        }
    }
    let mut lines = Vec::with_capacity(at.len());
    for (at, mut kinds) in at {
        kinds.sort_unstable();
        let kinds: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
        let phone = worklist::telephone(step, &at)?;
        let phone = phone.map_or_else(
            || format!("telephone {}", at.name),
            |phone| format!("telephone {} ({}, {})", at.name, phone.who, phone.telephone),
        );
        lines.push(format!(
            "A sealed copy ({}) lies with {name} and can still be opened there in a medical emergency, with the four facts: 42 CFR 2.51 asks \
             for no consent. If what it says may be wrong, {phone}; or take it back",
            kinds.join(", "),
            name = at.name,
        ));
    }
    Ok(lines)
}

/// The copies of a person that lie somewhere: with whom, of what, under which consent.
///
/// # Errors
/// `Store`.
pub(super) fn lie_for(view: &dyn View, person: PersonId) -> Result<Vec<(Party, Information, ConsentId)>> {
    let lie = placed_for(view, person)?.into_iter().filter(|placement| placement.ended.is_none());
    Ok(lie.map(|placement| (placement.at, placement.information, placement.consent)).collect())
}

/// The copies that were laid with an organisation under a consent, whatever became of them: what people call each, and its space.
///
/// # Errors
/// `Store`.
pub(super) fn lay_with(view: &dyn View, consent: ConsentId, at: OrgId) -> Result<Vec<(&'static str, SpaceId)>> {
    let all = placements(view)?;
    let there = all.into_iter().filter(|lies| lies.consent == consent && lies.at.org == at);
    Ok(there.map(|lies| (called(lies.information), lies.space)).collect())
}

/// The facts as they are shown.
#[must_use]
pub fn shown(facts: &Facts) -> FactsView {
    FactsView {
        personnel: facts.personnel.clone(),
        facility: facts.facility.name.clone(),
        discloser: facts.discloser.clone(),
        at: facts.at,
        nature: facts.nature.clone(),
        unobtainable: facts.unobtainable.clone(),
    }
}
