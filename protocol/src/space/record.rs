//! What callers get to see of spaces and of what they offered.

use super::allowance::Late;
use super::chain::Chain;
use super::control::OrgCard;
use crate::fault::Fault;
use crate::ids::{EntryHash, NodeId, OrgId, SpaceId};
use crate::keys::Certificate;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a space is for, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SpaceKind {
    Coalition { name: String },
    Private,
    Thread { coalition: SpaceId, custodian_reads: bool },
}

/// A space as the list of spaces shows it. Kept in `Table::Space`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpaceRecord {
    pub space: SpaceId,
    pub kind: SpaceKind,
    /// Whose node founded it.
    pub custodian: OrgId,
    /// What the founder's clock said.
    pub founded: Time,
    /// Threads: who is in now, by the thread's own entries, sorted. Empty for the others: ask the roster.
    pub members: Vec<OrgId>,
    /// A thread whose custodian is gone from the coalition.
    pub closed: bool,
}

/// What became of an offered entry and of those that waited for it.
#[derive(Debug, Default)]
pub struct Offered {
    /// It had been accepted before; nothing changed.
    pub known: bool,
    /// It waits for what `missing` names, or was dropped.
    pub waits: bool,
    /// It was dropped, since its sender's or author's quota of what waits is full: it must be sent again, best when this one is here.
    pub dropped: Option<EntryHash>,
    /// It may join, and is too much for now: it was not stored, and is to be offered again.
    pub late: Option<Late>,
    /// Accepted now, in order of acceptance: parents first, those it unlocked behind it.
    pub accepted: Vec<(SpaceId, EntryHash)>,
    /// What to ask for: parents, control heads or the `found` entry of a space, neither here nor waiting here.
    pub missing: BTreeSet<EntryHash>,
    /// Entries, by space, that were here before and count now, or count no more. One that turned twice may be among them.
    pub turned: BTreeMap<SpaceId, BTreeSet<EntryHash>>,
    /// Spaces whose members, nodes or roster changed.
    pub members: BTreeSet<SpaceId>,
    /// Epochs whose key is held since now: bodies under them open ([`super::Spaces::sealed_under`]).
    pub keys: Vec<(SpaceId, EntryHash)>,
    /// Of those that waited: refused for ever, with who had sent them.
    pub refused: Vec<Refused>,
    /// Organisations that can read what stood before by keys that this node passed on now.
    pub told: Vec<Told>,
}

/// A disclosure that was made by passing keys on: the organisation could not read what is sealed under them before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    pub space: SpaceId,
    /// The entry that holds the keys.
    pub entry: EntryHash,
    pub to: OrgId,
}

/// An entry that waited and turned out to break a rule.
#[derive(Debug, Clone)]
pub struct Refused {
    pub hash: EntryHash,
    pub from: Option<NodeId>,
    pub fault: Fault,
}

impl Offered {
    /// Adds what another offer of the same step did.
    pub fn and(&mut self, other: Self) {
        self.accepted.extend(other.accepted);
        self.missing.extend(other.missing);
        for (space, turned) in other.turned {
            self.turned.entry(space).or_default().extend(turned);
        }
        self.members.extend(other.members);
        self.keys.extend(other.keys);
        self.refused.extend(other.refused);
        self.told.extend(other.told);
    }
}

/// What this node wrote: the entry that was asked for, and all that became of it.
#[derive(Debug)]
pub struct Written {
    pub hash: EntryHash,
    /// `accepted` holds every entry that was written for it, in order: joins, epochs, extends, the entry itself.
    pub offered: Offered,
}

/// One organisation of the roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub card: OrgCard,
    /// Every node that was ever certified; see [`Roster::retired`].
    pub nodes: BTreeMap<NodeId, Certificate>,
    /// It was removed, or left.
    pub removed: bool,
}

/// A coalition: who is in it, and with which nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    pub coalition: SpaceId,
    pub name: String,
    pub chain: Chain,
    /// Everybody who was ever admitted.
    pub orgs: BTreeMap<OrgId, Member>,
    pub retired: BTreeSet<NodeId>,
}

impl Roster {
    /// An organisation that is in.
    #[must_use]
    pub fn member(&self, org: &OrgId) -> Option<&Member> {
        self.orgs.get(org).filter(|member| !member.removed)
    }

    /// What an organisation calls itself; the beginning of its id if it was never in.
    #[must_use]
    pub fn name_of(&self, org: &OrgId) -> String {
        self.orgs.get(org).map_or_else(|| org.short(), |member| member.card.name.clone())
    }

    /// Whose node this is, if it belongs to an organisation that is in and is not retired.
    #[must_use]
    pub fn org_of(&self, node: &NodeId) -> Option<OrgId> {
        if self.retired.contains(node) {
            return None;
        }
        self.orgs.iter().find(|(_, m)| !m.removed && m.nodes.contains_key(node)).map(|(org, _)| *org)
    }

    /// Whether it may admit and remove: a steward that is still in.
    #[must_use]
    pub fn is_steward(&self, org: &OrgId) -> bool {
        self.chain.names(org) && self.member(org).is_some()
    }
}
