//! Who is in, for one causally closed set of entries.

use crate::ids::{EntryHash, NodeId, OrgId};
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// What an organisation may do in a space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// May open bodies: epochs are wrapped to its nodes.
    pub read: bool,
    /// May write bodies. The custodian always may.
    pub write: bool,
    /// After this, nodes seal and send it nothing more. Membership ends only by the `revoke` that somebody then writes.
    /// The latest of the grants that stand; `None` if one has no end.
    pub expires: Option<Time>,
    /// The grants that stand, in order of hash. Empty for custodian and founder.
    pub grants: Vec<EntryHash>,
}

/// Members, nodes and readers of a space. Equal at all nodes that hold the same entries of the space and of its coalition's
/// control entries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fold {
    /// Who founded the space; governs a thread.
    pub custodian: Option<OrgId>,
    /// The organisations that are in. In a coalition all of the roster, in a private space its one.
    pub members: BTreeMap<OrgId, Seat>,
    /// Certified nodes of members that are not retired, whether they may read or not.
    pub nodes: BTreeMap<NodeId, OrgId>,
    /// The nodes that an epoch must reach, no more and no fewer: the nodes of members with `read`.
    pub readers: BTreeSet<NodeId>,
    /// Nodes that are retired, for good.
    pub retired: BTreeSet<NodeId>,
    /// Organisations that were in and are not.
    pub removed: BTreeSet<OrgId>,
    /// A thread whose custodian is no longer in the coalition: nothing is sealed in it any more.
    pub closed: bool,
}

impl Fold {
    /// Whether this node belongs to a member and may write bodies.
    #[must_use]
    pub fn may_write(&self, node: &NodeId) -> bool {
        self.nodes.get(node).and_then(|org| self.members.get(org)).is_some_and(|seat| seat.write)
    }

    /// The organisations that may read.
    pub fn reading(&self) -> impl Iterator<Item = OrgId> + '_ {
        self.members.iter().filter(|(_, seat)| seat.read).map(|(org, _)| *org)
    }

    /// Members whose time has passed at `now`: nothing may be sealed for them or sent to them.
    pub fn expired(&self, now: Time) -> impl Iterator<Item = OrgId> + '_ {
        self.members.iter().filter(move |(_, seat)| seat.expires.is_some_and(|end| end <= now)).map(|(org, _)| *org)
    }
}
