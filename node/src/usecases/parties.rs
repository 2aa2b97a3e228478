//! Organisations as a consent names them: our own, and those of the coalition's roster.

use super::{identity, named};
use crate::api::{Failure, Outcome};
use belay_protocol::engine::Step;
use belay_protocol::ids::{OrgId, SpaceId};
use belay_protocol::referral::Party;
use belay_protocol::space::Roster;
use std::sync::Arc;

/// This organisation.
///
/// # Errors
/// `Store`.
pub fn own(step: &mut Step<'_>) -> Outcome<Party> {
    let card = identity::card(step.draft())?;
    Ok(Party { org: card.root.org(), name: card.name, kind: card.kind })
}

/// The coalition in which threads are founded, and who is in it.
///
/// # Errors
/// This organisation is in none.
pub fn roster(step: &mut Step<'_>) -> Outcome<(SpaceId, Arc<Roster>)> {
    let (engine, draft) = step.engine();
    let coalition = engine.coalitions(draft)?.first().copied().ok_or_else(|| {
        Failure::misuse("this organisation is in no coalition yet").next("belay found NAME, or belay join")
    })?;
    let roster = engine.roster(draft, coalition)?;
    Ok((coalition, roster))
}

/// The members of the coalition, this organisation among them.
///
/// # Errors
/// This organisation is in no coalition.
pub fn members(step: &mut Step<'_>) -> Outcome<Vec<Party>> {
    let (_, roster) = roster(step)?;
    let in_it = roster.orgs.iter().filter(|(_, member)| !member.removed);
    Ok(in_it.map(|(org, member)| Party { org: *org, name: member.card.name.clone(), kind: member.card.kind }).collect())
}

/// A member of the coalition by id, beginning of an id, or name.
///
/// # Errors
/// None fits, or more than one does.
pub fn member(step: &mut Step<'_>, given: &str) -> Outcome<Party> {
    let members = members(step)?;
    let key = |party: &Party| (party.org.to_string(), party.name.clone());
    named(&members, given, key, "organisation", "belay org list").cloned()
}

/// Whom a consent may name: a member of the coalition, or a partner who is not on the network.
///
/// # Errors
/// None fits, or more than one does.
pub fn partner(step: &mut Step<'_>, given: &str) -> Outcome<Party> {
    let outside = super::outside::find(step.draft(), given);
    // One that joined is named as the member that it is now.
    let joined = outside.as_ref().is_ok_and(|partner| partner.joined.is_some());
    let outside = outside.map(|partner| partner.party());
    match (roster(step).and_then(|_| member(step, given)), outside) {
        (Ok(member), _) if joined => Ok(member),
        (Err(_), Ok(partner)) if joined => {
            let why = format!("{} is on the network now: a new consent names it as it is called there", partner.name);
            Err(Failure::misuse(why).next("belay org list"))
        }
        (Ok(member), Err(_)) => Ok(member),
        (Err(_), Ok(outside)) => Ok(outside),
        (Ok(_), Ok(_)) => Err(Failure::misuse("more than one organisation fits; give more of its id")
            .next("belay org list, belay partner list")),
        (Err(failure), Err(_)) => {
            Err(failure.next("belay org list, or belay partner add for who is not on the network"))
        }
    }
}

/// Whom a person may name to us: as [`partner`], or a member that has left the coalition or was taken out of it.
///
/// # Errors
/// None fits, or more than one does.
pub fn once(step: &mut Step<'_>, given: &str) -> Outcome<Party> {
    let failure = match partner(step, given) {
        Ok(party) => return Ok(party),
        Err(failure) => failure,
    };
    let Ok((_, roster)) = roster(step) else { return Err(failure) };
    let left: Vec<Party> = roster
        .orgs
        .iter()
        .filter(|(_, member)| member.removed)
        .map(|(org, member)| Party { org: *org, name: member.card.name.clone(), kind: member.card.kind })
        .collect();
    let key = |party: &Party| (party.org.to_string(), party.name.clone());
    named(&left, given, key, "organisation", "belay org list").cloned().map_err(|_| failure)
}

/// What an organisation is called here.
pub fn called(step: &mut Step<'_>, org: OrgId) -> String {
    if let Ok(Some(partner)) = super::outside::get(step.draft(), org) {
        return partner.name;
    }
    let known = roster(step).ok().and_then(|(_, roster)| roster.orgs.get(&org).map(|m| m.card.name.clone()));
    known.unwrap_or_else(|| org.short())
}
