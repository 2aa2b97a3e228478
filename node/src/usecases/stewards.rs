//! What stewards decide together: the charter that follows, and removals where one steward's word is not enough.
//!
//! The rules stand in `protocol/SPEC.md`, what to do in `deploy/guide/stewards.md`.

use super::coalition;
use crate::api::stewards::{CharterChange, CharterView, OrgName, ProposalView, StewardRow, StewardsView};
use crate::api::{Failure, Outcome};
use crate::driver::stewards::advice;
use belay_protocol::coalition::charter::{self, Charter, Proposal, ProposalState, Proposed};
use belay_protocol::engine::{Engine, Step};
use belay_protocol::ids::OrgId;
use belay_protocol::limits;
use belay_protocol::space::Roster;
use belay_protocol::store::View;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The charter in force and the proposals.
///
/// # Errors
/// In no coalition.
pub fn list(engine: &mut Engine, view: &dyn View) -> Outcome<StewardsView> {
    let roster = here(engine, view)?;
    let own = engine.org();
    let charter = in_force(&roster)?;
    let mut proposals = engine.proposals(view, roster.coalition)?;
    proposals.sort_by_key(|p| (p.state, std::cmp::Reverse(p.time), p.id));
    Ok(StewardsView {
        number: charter.number,
        stewards: charter.stewards.iter().map(|org| row(&roster, org)).collect(),
        threshold: charter.threshold,
        majority: charter.majority(),
        advice: advice(&roster),
        double_signers: roster.chain.double.iter().map(|org| roster.name_of(org)).collect(),
        proposals: proposals.iter().map(|proposed| self::view(proposed, &roster, own)).collect(),
    })
}

fn here(engine: &mut Engine, view: &dyn View) -> Outcome<Arc<Roster>> {
    coalition::member_roster(engine, view)?
        .ok_or_else(|| Failure::misuse("this organisation is in no coalition").next("belay found NAME, or belay join"))
}

fn in_force(roster: &Roster) -> Outcome<&Charter> {
    let (_, charter) = roster.chain.in_force().ok_or_else(|| Failure::failed("the coalition has no charter"))?;
    Ok(charter)
}

fn row(roster: &Roster, org: &OrgId) -> StewardRow {
    let state = match roster.member(org) {
        None => "removed",
        Some(_) if !charter::can_act(roster, org) => "no node",
        Some(_) => "in",
    };
    StewardRow { id: *org, name: roster.name_of(org), state: state.to_owned() }
}

/// One proposal as this organisation sees it.
#[must_use]
pub fn view(proposed: &Proposed, roster: &Roster, own: OrgId) -> ProposalView {
    let names = |orgs: &mut dyn Iterator<Item = &OrgId>| orgs.map(|org| roster.name_of(org)).collect::<Vec<_>>();
    let (charter, removal) = match &proposed.proposal {
        Proposal::Charter(next) => (Some(charter_view(&next.charter, roster)), None),
        Proposal::Removal(removal) => (None, Some(OrgName { id: removal.org, name: roster.name_of(&removal.org) })),
    };
    let state = match proposed.state {
        ProposalState::Open => "open",
        ProposalState::Stuck => "stuck",
        ProposalState::Done => "done",
        ProposalState::Over => "over",
    };
    ProposalView {
        id: proposed.id,
        state: state.to_owned(),
        by: roster.name_of(&proposed.by),
        proposed: proposed.time,
        charter,
        approved: names(&mut proposed.approvers.iter()),
        needed: proposed.needed,
        yours: charter::waits_for(proposed, roster, &own),
        removal,
    }
}

/// The next charter, to look at before it is proposed.
///
/// # Errors
/// Names that are no member, or no steward to drop; a threshold that is out of range.
pub fn draft(engine: &mut Engine, view: &dyn View, change: &CharterChange) -> Outcome<CharterView> {
    let roster = here(engine, view)?;
    let (stewards, threshold) = changed(&roster, change)?;
    let number = in_force(&roster)?.number.saturating_add(1);
    let next = Charter { number, stewards: stewards.into_iter().collect(), threshold };
    Ok(charter_view(&next, &roster))
}

fn charter_view(charter: &Charter, roster: &Roster) -> CharterView {
    CharterView {
        number: charter.number,
        stewards: charter.stewards.iter().map(|org| roster.name_of(org)).collect(),
        threshold: charter.threshold,
        majority: charter.majority(),
    }
}

/// Proposes the next charter.
///
/// # Errors
/// As [`draft`]; no steward; another charter was approved before and `instead` is not said.
pub fn propose(step: &mut Step<'_>, change: &CharterChange, instead: bool) -> Outcome<ProposalView> {
    let roster = coalition::roster(step)?;
    coalition::steward(step, &roster)?;
    let (stewards, threshold) = changed(&roster, change)?;
    let proposed = step.propose_charter(roster.coalition, stewards, threshold, instead);
    shown(step, proposed)
}

/// The stewards after the change, and how many of them remove an organisation.
fn changed(roster: &Roster, change: &CharterChange) -> Outcome<(BTreeSet<OrgId>, u32)> {
    let charter = in_force(roster)?;
    let key = |(id, name): &(OrgId, String)| (id.to_string(), name.clone());
    let members: Vec<(OrgId, String)> =
        roster.orgs.iter().filter(|(_, m)| !m.removed).map(|(id, m)| (*id, m.card.name.clone())).collect();
    let before: Vec<(OrgId, String)> = charter.stewards.iter().map(|org| (*org, roster.name_of(org))).collect();
    let mut stewards: BTreeSet<OrgId> = charter.stewards.iter().copied().collect();
    for org in &change.drop {
        stewards.remove(&super::named(&before, org, key, "steward", "belay steward list")?.0);
    }
    for org in &change.add {
        stewards.insert(super::named(&members, org, key, "organisation", "belay org list")?.0);
    }
    for (org, name) in &before {
        if stewards.contains(org) && roster.member(org).is_none() {
            return Err(Failure::misuse(format!("{name} is a steward and in the coalition no more"))
                .next(format!("the command again with --drop \"{name}\"")));
        }
    }
    if stewards.is_empty() {
        return Err(Failure::misuse("a charter names at least one steward").next("the command again with --add ORG"));
    }
    if stewards.len() > limits::STEWARDS {
        return Err(Failure::misuse(format!("a charter names at most {} stewards", limits::STEWARDS)));
    }
    let most = u32::try_from(stewards.len()).unwrap_or(u32::MAX);
    let threshold = change.threshold.unwrap_or(most / 2 + 1);
    if !(1..=most).contains(&threshold) {
        let why = format!("with {most} stewards, from 1 to {most} of them can remove an organisation");
        return Err(Failure::misuse(why).next("the command again with another --threshold"));
    }
    Ok((stewards, threshold))
}

/// An open proposal, by the beginning of its id, or as `charter N`, or by the name of whom it removes.
///
/// # Errors
/// None such that is open.
pub fn show(engine: &mut Engine, view: &dyn View, proposal: &str) -> Outcome<ProposalView> {
    let roster = here(engine, view)?;
    let proposed = open(engine, view, &roster, proposal)?;
    Ok(self::view(&proposed, &roster, engine.org()))
}

fn open(engine: &mut Engine, view: &dyn View, roster: &Roster, proposal: &str) -> Outcome<Proposed> {
    let mut open = engine.proposals(view, roster.coalition)?;
    open.retain(|proposed| proposed.state == ProposalState::Open);
    let key = |proposed: &Proposed| {
        let name = match &proposed.proposal {
            Proposal::Charter(next) => format!("charter {}", next.charter.number),
            Proposal::Removal(removal) => roster.name_of(&removal.org),
        };
        (proposed.id.to_string(), name)
    };
    super::named(&open, proposal, key, "open proposal", "belay steward list").cloned()
}

/// Approves a proposal that is open.
///
/// # Errors
/// None such that is open; no steward; approved before, or another charter was and `instead` is not said.
pub fn approve(step: &mut Step<'_>, proposal: &str, instead: bool) -> Outcome<ProposalView> {
    let roster = coalition::roster(step)?;
    coalition::steward(step, &roster)?;
    let (engine, draft) = step.engine();
    let found = open(engine, draft, &roster, proposal)?;
    if matches!(&found.proposal, Proposal::Removal(removal) if removal.org == engine.org()) {
        return Err(Failure::misuse("this proposal removes your own organisation, which does not approve that")
            .next("belay leave, to go of your own accord"));
    }
    let id = found.id;
    let proposed = step.approve_proposal(roster.coalition, id, instead);
    shown(step, proposed)
}

/// How a proposal stands after our approval.
fn shown(step: &mut Step<'_>, proposed: belay_protocol::fault::Result<Proposed>) -> Outcome<ProposalView> {
    let proposed = proposed.map_err(|fault| {
        let rival = fault.message.contains("approved another charter");
        let next = if rival {
            "the command again with --instead, to have this one and not the other"
        } else {
            "belay steward list"
        };
        Failure::from(fault).next(next)
    })?;
    let roster = coalition::roster(step)?;
    Ok(view(&proposed, &roster, step.org()))
}
