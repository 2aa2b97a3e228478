//! The reference model: every entry there is, and who may know what. It shares no code with the fold that it judges.

use belay_protocol::codec;
use belay_protocol::ids::{EntryHash, NodeId, OrgId, SpaceId};
use belay_protocol::keys::Retirement;
use belay_protocol::space::control::{Found, Grant, Purpose, Revoke};
use belay_protocol::space::entry::{Entry, Kind};
use std::collections::{BTreeMap, BTreeSet};

/// A set of entries, by their number in the reference.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Set(Vec<u64>);

impl Set {
    pub fn add(&mut self, n: usize) {
        if self.0.len() <= n / 64 {
            self.0.resize(n / 64 + 1, 0);
        }
        self.0[n / 64] |= 1 << (n % 64);
    }

    pub fn has(&self, n: usize) -> bool {
        self.0.get(n / 64).is_some_and(|word| word >> (n % 64) & 1 == 1)
    }

    fn join(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (to, from) in self.0.iter_mut().zip(&other.0) {
            *to |= from;
        }
    }
}

pub enum What {
    /// The space begins. `reads`: whether its custodian does.
    Found {
        reads: bool,
        private: bool,
        coalition: Option<SpaceId>,
    },
    Grant {
        org: OrgId,
        read: bool,
    },
    Revoke {
        org: OrgId,
    },
    Retire {
        node: NodeId,
    },
    Data {
        epoch: Option<EntryHash>,
    },
    Other,
}

pub struct Known {
    pub hash: EntryHash,
    pub space: SpaceId,
    pub author: OrgId,
    pub node: NodeId,
    pub what: What,
    pub past: Set,
}

/// What the author of a sealed body had heard when it sealed it.
#[derive(Default, Clone)]
pub struct Heard {
    /// Nodes of which it had heard that they are retired.
    pub retired: BTreeSet<NodeId>,
    /// Revocations, by the organisation that they took out.
    pub revoked: BTreeMap<OrgId, Vec<usize>>,
    pub expired: BTreeSet<OrgId>,
}

#[derive(Default)]
pub struct Reference {
    pub entries: Vec<Known>,
    pub number: BTreeMap<EntryHash, usize>,
    pub orgs: BTreeMap<NodeId, OrgId>,
    pub heard: BTreeMap<usize, Heard>,
    /// Nodes that break rules: what they wrote is theirs to give away.
    pub hostile: BTreeSet<NodeId>,
    found: BTreeMap<SpaceId, usize>,
}

impl Reference {
    /// Takes an entry into the world; false if it was there.
    pub fn add(&mut self, entry: &Entry) -> Option<usize> {
        if self.number.contains_key(&entry.hash()) {
            return None;
        }
        let header = entry.header();
        let what = match header.kind {
            Kind::Found => {
                let found: Found = codec::decode("found", entry.body()).unwrap();
                match found.purpose {
                    Purpose::Coalition { .. } => What::Found { reads: true, private: false, coalition: None },
                    Purpose::Private { .. } => What::Found { reads: true, private: true, coalition: None },
                    Purpose::Thread { coalition, custodian_reads } => {
                        What::Found { reads: custodian_reads, private: false, coalition: Some(coalition) }
                    }
                }
            }
            Kind::Grant => {
                let grant: Grant = codec::decode("grant", entry.body()).unwrap();
                What::Grant { org: grant.org, read: grant.read || grant.admits.is_some() }
            }
            Kind::Revoke => What::Revoke { org: codec::decode::<Revoke>("revoke", entry.body()).unwrap().org },
            Kind::Retire => What::Retire { node: codec::decode::<Retirement>("retire", entry.body()).unwrap().node },
            Kind::Data => What::Data { epoch: header.epoch },
            _ => What::Other,
        };
        let mut past = Set::default();
        for before in header.parents.iter().chain(&header.control) {
            let n = self.number[before];
            past.add(n);
            let further = self.entries[n].past.clone();
            past.join(&further);
        }
        let n = self.entries.len();
        self.number.insert(entry.hash(), n);
        if header.kind == Kind::Found {
            self.found.insert(entry.space(), n);
        }
        let author = self.orgs[&header.author];
        let node = header.author;
        self.entries.push(Known { hash: entry.hash(), space: entry.space(), author, node, what, past });
        Some(n)
    }

    pub fn is_known(&self, hash: &EntryHash) -> bool {
        self.number.contains_key(hash)
    }

    /// The retirements that stand in a space and in its coalition.
    pub fn retirements(&self, space: SpaceId) -> impl Iterator<Item = (usize, NodeId)> + '_ {
        let coalition = self.coalition_of(space);
        let them = self.entries.iter().enumerate();
        them.filter(move |(_, e)| e.space == space || Some(e.space) == coalition).filter_map(|(n, e)| match e.what {
            What::Retire { node } => Some((n, node)),
            _ => None,
        })
    }

    pub fn coalition_of(&self, space: SpaceId) -> Option<SpaceId> {
        match self.entries[*self.found.get(&space)?].what {
            What::Found { coalition, .. } => coalition,
            _ => None,
        }
    }

    fn grants(&self, space: SpaceId, org: OrgId) -> impl Iterator<Item = usize> + '_ {
        self.entries.iter().enumerate().filter(move |(_, e)| e.space == space).filter_map(move |(n, e)| match e.what {
            What::Grant { org: to, read: true } if to == org => Some(n),
            _ => None,
        })
    }

    /// The revocations of an organisation in a space and in its coalition.
    pub fn revocations(&self, space: SpaceId, org: OrgId) -> Vec<usize> {
        let coalition = self.coalition_of(space);
        let concerns = |e: &Known| e.space == space || Some(e.space) == coalition;
        let them = self.entries.iter().enumerate().filter(|(_, e)| concerns(e));
        them.filter(|(_, e)| matches!(e.what, What::Revoke { org: out } if out == org)).map(|(n, _)| n).collect()
    }

    /// Whether an organisation was in by these entries: it founded, or a grant stands that every revocation here comes before.
    fn stands(&self, space: SpaceId, org: OrgId, by: &Set) -> bool {
        let found = self.found[&space];
        if self.entries[found].author == org {
            // Whoever founds a coalition may leave it.
            let gone = self.coalition_of(space).is_none()
                && self.entries.iter().enumerate().any(|(n, e)| {
                    by.has(n) && e.space == space && matches!(e.what, What::Revoke { org: out } if out == org)
                });
            return !gone;
        }
        let revokes: Vec<usize> = self.revocations(space, org).into_iter().filter(|r| by.has(*r)).collect();
        self.grants(space, org).any(|g| by.has(g) && revokes.iter().all(|r| self.entries[g].past.has(*r)))
    }

    /// Whether an organisation was a reader in this entry's causal past, or was admitted by a grant that is not in it.
    fn admitted(&self, n: usize, org: OrgId) -> bool {
        let e = &self.entries[n];
        let found = &self.entries[self.found[&e.space]];
        let What::Found { reads, private, coalition } = found.what else { return false };
        if private {
            return found.author == org;
        }
        let in_coalition =
            coalition.is_none_or(|c| self.stands(c, org, &e.past) || self.grants(c, org).any(|g| !e.past.has(g)));
        let seated = if found.author == org { reads } else { self.stands(e.space, org, &e.past) };
        (seated && in_coalition) || self.grants(e.space, org).any(|g| !e.past.has(g))
    }

    /// Invariants 2 and 3: why a node of `org` must not be able to open this entry, if it must not.
    pub fn secret(&self, n: usize, org: OrgId, node: NodeId) -> Option<String> {
        let e = &self.entries[n];
        if self.hostile.contains(&e.node) {
            return None;
        }
        if !self.admitted(n, org) {
            return Some("2: it was no reader in the entry's past, and no other grant admits it".to_owned());
        }
        let heard = self.heard.get(&n)?;
        if heard.retired.contains(&node) {
            return Some("3: who sealed it had heard that this node is retired".to_owned());
        }
        if let Some(revokes) = heard.revoked.get(&org) {
            for space in revokes.iter().map(|r| self.entries[*r].space).collect::<BTreeSet<_>>() {
                let here: Vec<usize> = revokes.iter().copied().filter(|r| self.entries[*r].space == space).collect();
                let back = self.grants(space, org).any(|g| here.iter().all(|r| self.entries[g].past.has(*r)));
                if !back {
                    return Some("3: its removal had been heard by who sealed it".to_owned());
                }
            }
        }
        if heard.expired.contains(&org) && !self.grants(e.space, org).any(|g| !e.past.has(g)) {
            return Some("3: its time had passed for who sealed it".to_owned());
        }
        None
    }

    /// Whether somebody who has heard these revocations and these grants may send entries of the space there.
    pub fn may_be_sent(&self, space: SpaceId, org: OrgId, has: impl Fn(&EntryHash) -> bool) -> bool {
        let mut by = Set::default();
        for (n, e) in self.entries.iter().enumerate() {
            if has(&e.hash) {
                by.add(n);
            }
        }
        self.stands(space, org, &by) && self.coalition_of(space).is_none_or(|c| self.stands(c, org, &by))
    }
}
