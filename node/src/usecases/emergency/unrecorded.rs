//! Copies of ours of which no record is here: this organisation came back from its phrase, and what it had written last is lost. They
//! lie where they were placed, are shown by the name that stands in them, and are taken back by it.

use super::{kept, open, place, placements};
use crate::api::Outcome;
use crate::api::care::UnrecordedRow;
use crate::usecases::records::find;
use crate::usecases::{calls, parties};
use belay_protocol::emergency::Copy;
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::{OrgId, PersonId, SpaceId};
use belay_protocol::referral::Person;
use belay_protocol::sensitive::Personal;
use std::collections::BTreeSet;

/// What still lies with somebody.
pub(super) fn list(step: &mut Step<'_>) -> Outcome<Vec<UnrecordedRow>> {
    let unknown = spaces(step)?;
    if unknown.is_empty() {
        return Ok(Vec::new());
    }
    let (members, mut rows) = (parties::members(step)?, Vec::new());
    for (space, kept) in unknown {
        let copy = place::laid_in(step, space)?;
        for org in lies_with(step, space)? {
            let named = members.iter().find(|member| member.org == org).map(|member| member.name.clone());
            rows.push(UnrecordedRow {
                space,
                name: name(copy.as_ref()),
                birth_date: copy.as_ref().map(|copy| copy.birth_date.clone()).unwrap_or_default(),
                at: named.unwrap_or_else(|| org.short()),
                information: kept.information,
            });
        }
    }
    Ok(rows)
}

/// The name that stands in a copy, as far as it opens.
pub(super) fn name(copy: Option<&Copy>) -> Personal<String> {
    copy.and_then(|copy| copy.names.first().cloned()).unwrap_or_default()
}

/// Whom an opening of such a copy is about: whom staff say, else the one person on record with the name and date of birth that stand in it;
/// nobody where none or more than one has them.
///
/// # Errors
/// `Store`.
pub(super) fn about(step: &mut Step<'_>, opening: &kept::Opening) -> Result<Option<PersonId>> {
    if let Some(said) = calls::owners(step.draft())?.get(&opening.entry) {
        return Ok(Some(find::shown(step.draft(), *said)?));
    }
    let Some(copy) = place::laid_in(step, opening.space)? else { return Ok(None) };
    let Some(name) = copy.names.first() else { return Ok(None) };
    let person = open::on_record(step.draft(), name, &copy.birth_date)?;
    Ok(Some(person).filter(|person| *person != PersonId::ZERO))
}

/// Takes back those under a person's name and date of birth, from one organisation or from all. How many places that were.
pub(super) fn withdraw(step: &mut Step<'_>, person: &Person, at: Option<OrgId>) -> Result<usize> {
    let found = open::under(step.draft(), (&person.identity.name, &person.identity.birth_date))?;
    let unknown: BTreeSet<SpaceId> = spaces(step)?.into_iter().map(|(space, _)| space).collect();
    let mut ended = 0;
    for (space, _) in found.into_iter().filter(|(space, _)| unknown.contains(space)) {
        for org in lies_with(step, space)?.into_iter().filter(|org| at.is_none_or(|at| at == *org)) {
            step.revoke(space, org)?;
            ended += 1;
        }
    }
    Ok(ended)
}

/// Spaces of copies that we placed, and of which no record says for whom and under which consent.
fn spaces(step: &mut Step<'_>) -> Result<Vec<(SpaceId, kept::Kept)>> {
    let own = step.org();
    let mut ours = kept::all(step.draft())?;
    ours.retain(|(_, kept)| kept.custodian == own);
    if !ours.is_empty() {
        let known: BTreeSet<SpaceId> = placements(step.draft())?.into_iter().map(|p| p.space).collect();
        ours.retain(|(space, _)| !known.contains(space));
    }
    Ok(ours)
}

/// Who has its place in the space of a copy of ours that stands.
fn lies_with(step: &mut Step<'_>, space: SpaceId) -> Result<Vec<OrgId>> {
    let own = step.org();
    let (engine, draft) = step.engine();
    let fold = engine.fold(draft, space)?;
    if fold.closed || !fold.members.contains_key(&own) {
        return Ok(Vec::new());
    }
    Ok(fold.members.keys().copied().filter(|org| *org != own).collect())
}
