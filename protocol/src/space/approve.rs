//! Stewards' signatures under what is proposed to them, and the names of proposals.

use super::accept::Case;
use super::control::{Approval, Proposal};
use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{NodeId, OrgId, ProposalId, SpaceId};
use crate::keys::node::{Purpose, verify};
use crate::keys::{NodeKey, Signature};
use std::collections::BTreeSet;

/// What a steward signs.
#[must_use]
pub fn message(coalition: SpaceId, proposal: &Proposal) -> Vec<u8> {
    codec::encode(&(coalition, proposal))
}

/// The name of a proposal: SHA-256 over `belay proposal v1\0` and what stewards sign.
#[must_use]
pub fn id(coalition: SpaceId, proposal: &Proposal) -> ProposalId {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    context.update(b"belay proposal v1\0");
    context.update(&message(coalition, proposal));
    ProposalId::from_slice(context.finish().as_ref()).unwrap_or(ProposalId::ZERO)
}

/// A yes of a steward's node.
#[must_use]
pub fn sign(key: &NodeKey, coalition: SpaceId, proposal: &Proposal) -> Signature {
    key.sign(Purpose::Approval, &[&message(coalition, proposal)])
}

/// The stewards that approve; each approval must be a steward's, in the causal past of the entry.
pub(super) fn check(case: &Case<'_>, what: &[u8], approvals: &[Approval]) -> Result<BTreeSet<OrgId>> {
    let mut orgs = BTreeSet::new();
    for approval in approvals {
        let org = case.steward(&approval.node).ok_or_else(|| Fault::misbehaved("approval: not by a steward's node"))?;
        if !verify(&approval.node.0, Purpose::Approval, &[what], &approval.signature) {
            return Err(Fault::misbehaved("approval: not signed by the node that it names"));
        }
        orgs.insert(org);
    }
    Ok(orgs)
}

/// The nodes whose approvals among these are signed: what an entry says whose causal past is not here.
pub(super) fn signed(coalition: SpaceId, proposal: &Proposal, approvals: &[Approval]) -> Vec<NodeId> {
    let what = message(coalition, proposal);
    let good = |a: &&Approval| verify(&a.node.0, Purpose::Approval, &[&what], &a.signature);
    approvals.iter().filter(good).map(|a| a.node).collect()
}
