//! The reference model: every entry there is, and who may know what. It shares no code with the fold that it judges.

use belay_protocol::codec;
use belay_protocol::ids::{EntryHash, NodeId, OrgId, ProposalId, SpaceId};
use belay_protocol::keys::{Certificate, Retirement};
use belay_protocol::space::approve;
use belay_protocol::space::control::{Approve, Charter, Control, Found, Grant, Proposal, Purpose, Revoke, Succession};
use belay_protocol::space::entry::{Entry, Kind};
use belay_protocol::time::Time;
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

    pub(super) fn join(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (to, from) in self.0.iter_mut().zip(&other.0) {
            *to |= from;
        }
    }
}

pub enum What {
    /// The space begins. `reads`: whether its custodian does. `charter`: the first of a coalition.
    Found {
        reads: bool,
        private: bool,
        coalition: Option<SpaceId>,
        charter: Option<Charter>,
    },
    /// `under`: in a coalition, the charter that was in force in its causal past.
    Grant {
        org: OrgId,
        read: bool,
        expires: Option<Time>,
        under: ProposalId,
    },
    /// `approvers`: whose word it is, its author's with them.
    Revoke {
        org: OrgId,
        approvers: BTreeSet<OrgId>,
        under: ProposalId,
    },
    /// A steward's yes to a charter that is to follow another.
    Approve {
        id: ProposalId,
        next: Succession,
    },
    Retire {
        node: NodeId,
    },
    Keep,
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
    pub(super) found: BTreeMap<SpaceId, usize>,
    /// Every certificate that an entry shows, with that entry.
    pub(super) certificates: Vec<(usize, Certificate)>,
    /// All [`What::Approve`].
    pub(super) approvals: Vec<usize>,
}

impl Reference {
    /// Takes an entry into the world; false if it was there.
    pub fn add(&mut self, entry: &Entry) -> Option<usize> {
        if self.number.contains_key(&entry.hash()) {
            return None;
        }
        let header = entry.header();
        let mut past = Set::default();
        for before in header.parents.iter().chain(&header.control) {
            let n = self.number[before];
            past.add(n);
            let further = self.entries[n].past.clone();
            past.join(&further);
        }
        let what = self.what(entry, &past);
        let n = self.entries.len();
        self.number.insert(entry.hash(), n);
        match what {
            What::Found { .. } => drop(self.found.insert(entry.space(), n)),
            What::Approve { .. } => self.approvals.push(n),
            _ => {}
        }
        self.certificates.extend(certificate(entry).map(|certificate| (n, certificate)));
        let author = self.orgs[&header.author];
        let node = header.author;
        self.entries.push(Known { hash: entry.hash(), space: entry.space(), author, node, what, past });
        Some(n)
    }

    fn what(&self, entry: &Entry, past: &Set) -> What {
        let header = entry.header();
        match header.kind {
            Kind::Found => match codec::decode::<Found>("found", entry.body()).unwrap().purpose {
                Purpose::Coalition { charter, .. } => {
                    What::Found { reads: true, private: false, coalition: None, charter: Some(charter) }
                }
                Purpose::Private { .. } => What::Found { reads: true, private: true, coalition: None, charter: None },
                Purpose::Thread { coalition, custodian_reads } => {
                    let coalition = Some(coalition);
                    What::Found { reads: custodian_reads, private: false, coalition, charter: None }
                }
            },
            Kind::Grant => {
                let grant: Grant = codec::decode("grant", entry.body()).unwrap();
                let read = grant.read || grant.admits.is_some();
                What::Grant { org: grant.org, read, expires: grant.expires, under: self.under(entry.space(), past) }
            }
            Kind::Revoke => {
                let revoke: Revoke = codec::decode("revoke", entry.body()).unwrap();
                let said = revoke.approvals.iter().filter_map(|approval| self.orgs.get(&approval.node));
                let approvers = said.chain([&self.orgs[&header.author]]).copied().collect();
                What::Revoke { org: revoke.org, approvers, under: self.under(entry.space(), past) }
            }
            Kind::Retire => What::Retire { node: codec::decode::<Retirement>("retire", entry.body()).unwrap().node },
            Kind::Approve => match codec::decode::<Approve>("approve", entry.body()).unwrap().proposal {
                Proposal::Charter(next) => {
                    What::Approve { id: approve::id(entry.space(), &Proposal::Charter(next.clone())), next }
                }
                Proposal::Removal(_) => What::Other,
            },
            Kind::Keep => What::Keep,
            Kind::Data => What::Data { epoch: header.epoch },
            _ => What::Other,
        }
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

    pub(super) fn grants(&self, space: SpaceId, org: OrgId) -> impl Iterator<Item = usize> + '_ {
        self.entries.iter().enumerate().filter(move |(_, e)| e.space == space).filter_map(move |(n, e)| match e.what {
            What::Grant { org: to, read: true, .. } if to == org => Some(n),
            _ => None,
        })
    }

    /// The revocations of an organisation in a space and in its coalition that are among these entries and stand by them.
    pub fn revocations(&self, space: SpaceId, org: OrgId, by: &Set) -> Vec<usize> {
        let coalition = self.coalition_of(space);
        let concerns = |e: &Known| e.space == space || Some(e.space) == coalition;
        let them = self.entries.iter().enumerate().filter(|(n, e)| by.has(*n) && concerns(e));
        let them = them.filter(|(_, e)| matches!(e.what, What::Revoke { org: out, .. } if out == org));
        them.map(|(n, _)| n).filter(|n| self.backed(*n, by)).collect()
    }

    /// Whether a revocation does not undo a grant: that follows it; or it is of another organisation than its author's, in a thread not by
    /// the custodian, and behind the grant somebody has taken its author out, or retired its node, of which it says that it had not heard.
    pub fn spared(&self, g: usize, r: usize, by: &Set) -> bool {
        let (grant, e) = (&self.entries[g].past, &self.entries[r]);
        if grant.has(r) {
            return true;
        }
        let coalition = self.coalition_of(e.space);
        let custodian = coalition.is_some() && self.entries[self.found[&e.space]].author == e.author;
        if custodian || matches!(e.what, What::Revoke { org, .. } if org == e.author) {
            return false;
        }
        self.entries.iter().enumerate().any(|(d, out)| {
            let here = out.space == e.space || Some(out.space) == coalition;
            here && grant.has(d)
                && !e.past.has(d)
                && match out.what {
                    What::Revoke { org, .. } => org == e.author && self.backed(d, by) && !self.is_back(e, d, grant),
                    What::Retire { node } => node == e.node,
                    _ => false,
                }
        })
    }

    /// Whether a grant in the space of this revocation lets its author in again behind that removal, as far as is known.
    fn is_back(&self, revocation: &Known, removal: usize, known: &Set) -> bool {
        let lets_in = |e: &Known| matches!(e.what, What::Grant { org, .. } if org == revocation.author);
        let mut grants = self.entries.iter().enumerate().filter(|(_, e)| e.space == revocation.space && lets_in(e));
        grants.any(|(h, e)| known.has(h) && e.past.has(removal))
    }

    /// Whether an organisation was in by these entries: it founded, or a grant stands that every revocation here comes before.
    pub fn stands(&self, space: SpaceId, org: OrgId, by: &Set) -> bool {
        let revokes = self.revocations(space, org, by);
        let let_in = |revokes: &[usize]| {
            let outlives = |g: &usize| revokes.iter().all(|r| self.spared(*g, *r, by));
            self.grants(space, org).filter(|g| by.has(*g)).filter(outlives).any(|g| self.backed(g, by))
        };
        if self.entries[self.found[&space]].author == org {
            // Whoever founds a coalition may leave it, or be taken out once others steward it, and come back.
            let own: Vec<usize> = revokes.into_iter().filter(|r| self.entries[*r].space == space).collect();
            return self.coalition_of(space).is_some() || own.is_empty() || let_in(&own);
        }
        let_in(&revokes)
    }

    /// Whether an organisation was a reader in this entry's causal past, or was admitted by a grant that is not in it.
    fn admitted(&self, n: usize, org: OrgId) -> bool {
        let e = &self.entries[n];
        let found = &self.entries[self.found[&e.space]];
        let What::Found { reads, private, coalition, .. } = found.what else { return false };
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
        if heard.retired.contains(&node) && !self.let_in_unaware(n, org, node) {
            return Some("3: who sealed it had heard that this node is retired".to_owned());
        }
        if let Some(revokes) = heard.revoked.get(&org) {
            for space in revokes.iter().map(|r| self.entries[*r].space).collect::<BTreeSet<_>>() {
                let here: Vec<usize> = revokes.iter().copied().filter(|r| self.entries[*r].space == space).collect();
                let follows = |g: &usize| here.iter().all(|r| self.spared(*g, *r, &self.entries[*g].past));
                let back = self.grants(space, org).any(|g| follows(&g));
                // Or a later charter has made the removal void, and who knew of both let it in.
                let void = || {
                    self.grants(e.space, org).filter(follows).any(|g| self.stands(space, org, &self.entries[g].past))
                };
                if !back && !void() {
                    return Some("3: its removal had been heard by who sealed it".to_owned());
                }
            }
        }
        if heard.expired.contains(&org) && !self.grants(e.space, org).any(|g| !e.past.has(g)) {
            return Some("3: its time had passed for who sealed it".to_owned());
        }
        None
    }

    /// Whether who had not heard of a node's retirement let its organisation in, by a grant that the entry does not follow: it passes
    /// the keys on to the nodes that it knows.
    fn let_in_unaware(&self, n: usize, org: OrgId, node: NodeId) -> bool {
        let e = &self.entries[n];
        let retires: Vec<usize> =
            self.retirements(e.space).filter(|(_, out)| *out == node).map(|(retire, _)| retire).collect();
        let mut later = self.grants(e.space, org).filter(|g| !e.past.has(*g));
        later.any(|g| retires.iter().all(|retire| !self.entries[g].past.has(*retire)))
    }

    /// Whether somebody who has heard these revocations and these grants may send entries of the space there.
    pub fn may_be_sent(&self, space: SpaceId, org: OrgId, held: &Set) -> bool {
        self.stands(space, org, held) && self.coalition_of(space).is_none_or(|c| self.stands(c, org, held))
    }
}

/// The certificate that an entry shows.
fn certificate(entry: &Entry) -> Option<Certificate> {
    match Control::decode(entry.header().kind, entry.body()).unwrap() {
        Some(Control::Found(found)) => match found.purpose {
            Purpose::Coalition { certificate, .. } => Some(certificate),
            Purpose::Private { .. } | Purpose::Thread { .. } => None,
        },
        Some(Control::Grant(grant)) => grant.admits.map(|(_, certificate)| certificate),
        Some(Control::Certify(certificate)) => Some(certificate),
        _ => None,
    }
}
