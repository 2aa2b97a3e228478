//! Stewards' signatures under an admission or a removal. Charter number one asks for one steward, who writes the entry; the format
//! is that of charters that ask for more.

use super::accept::Case;
use super::control::{Approval, Grant, Revoke};
use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{OrgId, SpaceId};
use crate::keys::NodeKey;
use crate::keys::node::{Purpose, verify};
use std::collections::BTreeSet;

/// What a steward signs to approve an admission.
#[must_use]
pub fn admission(coalition: SpaceId, grant: &Grant) -> Vec<u8> {
    codec::encode(&(coalition, 0u8, grant.org, &grant.admits))
}

/// What a steward signs to approve a removal. It names the grant that is ended, so that it serves for no later one.
#[must_use]
pub fn removal(coalition: SpaceId, revoke: &Revoke) -> Vec<u8> {
    codec::encode(&(coalition, 1u8, revoke.org, revoke.grant))
}

/// Approves as a steward's node.
#[must_use]
pub fn approve(key: &NodeKey, what: &[u8]) -> Approval {
    Approval { node: key.id(), signature: key.sign(Purpose::Approval, &[what]) }
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
