//! What is shown of the coalition.

use super::waiting;
use crate::api::Outcome;
use crate::api::views::{CoalitionView, OrgRow, OrgView, OrgsView, Standing};
use crate::usecases::identity::fingerprint;
use crate::usecases::named;
use belay_protocol::coalition::handshake::Join;
use belay_protocol::engine::Engine;
use belay_protocol::fault::Result;
use belay_protocol::ids::OrgId;
use belay_protocol::keys::six_words;
use belay_protocol::space::Roster;
use belay_protocol::store::{Table, View};
use std::sync::Arc;

/// The roster of the coalition that this organisation is in now.
///
/// # Errors
/// `Store`.
pub fn member_roster(engine: &mut Engine, view: &dyn View) -> Result<Option<Arc<Roster>>> {
    let own = engine.org();
    match any_roster(engine, view)? {
        Some(roster) if is_in(view, &roster, own)? => Ok(Some(roster)),
        _ => Ok(None),
    }
}

/// Whether an organisation of ours is in: by the roster, and by no word that it was taken out, which the roster here may never
/// come to hold.
fn is_in(view: &dyn View, roster: &Roster, own: OrgId) -> Result<bool> {
    Ok(roster.member(&own).is_some() && view.get(Table::Removed, &roster.coalition.0)?.is_none())
}

/// The same, also where this organisation is not in it (any more).
fn any_roster(engine: &mut Engine, view: &dyn View) -> Result<Option<Arc<Roster>>> {
    let own = engine.org();
    let mut found: Option<Arc<Roster>> = None;
    for coalition in engine.coalitions(view)? {
        if engine.spaces().record(view, coalition)?.is_none() {
            continue;
        }
        let roster = engine.roster(view, coalition)?;
        let member = is_in(view, &roster, own)?;
        if member || found.is_none() {
            found = Some(roster);
        }
        if member {
            break;
        }
    }
    Ok(found)
}

/// Where this organisation stands.
///
/// # Errors
/// `Store`.
pub fn standing(engine: &mut Engine, view: &dyn View) -> Result<Standing> {
    let own = engine.org();
    let joining = !Join::all(view)?.is_empty();
    let Some(roster) = any_roster(engine, view)? else {
        return Ok(if joining { Standing::Waiting } else { Standing::Alone });
    };
    Ok(match is_in(view, &roster, own)? {
        true if roster.is_steward(&own) => Standing::Steward,
        true => Standing::Member,
        false if joining => Standing::Waiting,
        false if roster.orgs.contains_key(&own) => Standing::Removed,
        false => Standing::Alone,
    })
}

/// The six words of a join under way, once the inviter has answered.
///
/// # Errors
/// `Store`.
pub fn words(view: &dyn View) -> Result<Option<String>> {
    Ok(Join::all(view)?.iter().find_map(Join::words))
}

/// The coalition, for `status`.
///
/// # Errors
/// `Store`.
pub fn coalition(engine: &mut Engine, view: &dyn View) -> Result<Option<CoalitionView>> {
    let own = engine.org();
    let Some(roster) = any_roster(engine, view)? else { return Ok(None) };
    let is_in = is_in(view, &roster, own)?;
    Ok(Some(CoalitionView {
        space: roster.coalition,
        name: roster.name.clone(),
        words: six_words(roster.coalition.as_bytes()),
        organisations: roster.orgs.iter().filter(|(id, m)| !m.removed && (is_in || **id != own)).count(),
    }))
}

/// Everybody who is or was in, and who waits.
///
/// # Errors
/// `Store`.
pub fn orgs(engine: &mut Engine, view: &dyn View) -> Outcome<OrgsView> {
    let mut organisations: Vec<OrgRow> = waiting(view)?
        .into_iter()
        .map(|(_, claimed)| OrgRow {
            id: claimed.org(),
            name: claimed.card.name.clone(),
            kind: claimed.card.kind,
            state: "waiting".into(),
            nodes: 1,
            // Of the talk, not of the key: so nobody can sit in the middle.
            fingerprint: claimed.words(),
        })
        .collect();
    let own = engine.org();
    if let Some(roster) = any_roster(engine, view)? {
        for (id, member) in &roster.orgs {
            // The removed get the word of it and nothing more: their own roster still has them in.
            let removed = member.removed || (*id == own && !is_in(view, &roster, own)?);
            let state = match (removed, roster.is_steward(id)) {
                (true, _) => "removed",
                (false, true) => "steward",
                (false, false) => "member",
            };
            organisations.push(OrgRow {
                id: *id,
                name: member.card.name.clone(),
                kind: member.card.kind,
                state: state.into(),
                nodes: member.nodes.keys().filter(|n| !roster.retired.contains(n)).count(),
                fingerprint: fingerprint(member.card.root),
            });
        }
    }
    Ok(OrgsView { organisations })
}

/// One organisation.
///
/// # Errors
/// None such.
pub fn show(engine: &mut Engine, view: &dyn View, org: &str) -> Outcome<OrgView> {
    let all = orgs(engine, view)?.organisations;
    let row = named(&all, org, |o| (o.id.to_string(), o.name.clone()), "organisation", "belay org list")?.clone();
    let nodes = any_roster(engine, view)?
        .and_then(|r| {
            let member = r.orgs.get(&row.id)?;
            Some(member.nodes.keys().filter(|node| !r.retired.contains(node)).copied().collect())
        })
        .unwrap_or_default();
    Ok(OrgView { organisation: row, nodes })
}
