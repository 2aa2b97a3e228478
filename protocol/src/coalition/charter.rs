//! The charter: who stewards the coalition, and how many of them must approve a removal.
//!
//! Number one stands in the coalition's `found` entry. Each further one is proposed to the stewards of the one before, and in force once
//! more than half of them have approved it. The chain is folded in [`crate::space`], where the entries are.

pub use crate::space::control::{Approval, Charter, Proposal, Removal, Succession};
pub use crate::space::{Chain, ProposalState, Proposed};

use crate::ids::OrgId;
use crate::space::Roster;

/// Whether a steward can still approve anything: it is in, and one of its nodes is not retired.
#[must_use]
pub fn can_act(roster: &Roster, org: &OrgId) -> bool {
    roster.is_steward(org) && roster.member(org).is_some_and(|m| m.nodes.keys().any(|n| !roster.retired.contains(n)))
}

/// The stewards of the charter in force that can still act.
#[must_use]
pub fn acting(roster: &Roster) -> usize {
    let charter = roster.chain.in_force().map(|(_, charter)| charter);
    charter.map_or(0, |charter| charter.stewards.iter().filter(|org| can_act(roster, org)).count())
}

/// Whether a proposal waits for this organisation's approval. Nobody is asked to approve its own removal.
#[must_use]
pub fn waits_for(proposed: &Proposed, roster: &Roster, org: &OrgId) -> bool {
    let own = matches!(&proposed.proposal, Proposal::Removal(removal) if removal.org == *org);
    proposed.state == ProposalState::Open && roster.is_steward(org) && !proposed.approvers.contains(org) && !own
}
