//! The charter: who stewards the coalition, and how many of them must approve a removal.
//!
//! Number one stands in the coalition's `found` entry: its founder is the only steward, and no approval but its own is asked for. The format
//! is that of charters with more stewards; [`crate::space`] verifies and counts approvals under any threshold. Charters of higher
//! number are refused until their adoption is built.

pub use crate::space::control::{Approval, Charter};

use crate::ids::SpaceId;
use crate::keys::NodeKey;
use crate::space::approve;
use crate::space::control::{Grant, Revoke};

/// A steward's approval of a removal, made by one of its nodes. It serves for the grant that `removal` names and no later one.
#[must_use]
pub fn approve_removal(key: &NodeKey, coalition: SpaceId, removal: &Revoke) -> Approval {
    approve::approve(key, &approve::removal(coalition, removal))
}

/// A steward's approval of an admission.
#[must_use]
pub fn approve_admission(key: &NodeKey, coalition: SpaceId, admission: &Grant) -> Approval {
    approve::approve(key, &approve::admission(coalition, admission))
}
