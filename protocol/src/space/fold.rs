//! Who is in, for one causally closed set of entries.
//!
//! The order of the rules: retirements, the charter (`chain`), then grants and revocations. Each revocation stands, whatever became of its
//! author (in the coalition: if its approvals go on counting), and
//! kills every grant to its organisation that does not causally follow it, unless it comes too late for it (`gone`). A removal from the coalition does the same to the
//! grants of every thread whose named control heads do not follow it. What counts comes after, in `counted`.

use super::bits::Bits;
use super::chain::{Chain, Linked};
use super::control::Charter;
use super::gone::Gone;
use super::graph::{Graph, Past, What};
use super::record::SpaceKind;
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, NodeId, OrgId, ProposalId};
use crate::keys::Certificate;
use crate::limits;
use crate::planted::{self, Bug};
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

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
    /// Certified nodes of members that are not retired and have no place: [`limits::NODES_OF_ORG`] that their root certified before
    /// have them all. Once one of these is retired, the next has its place.
    pub over: BTreeMap<NodeId, OrgId>,
    /// The nodes that an epoch must reach, no more and no fewer: the nodes of members with `read`.
    pub readers: BTreeSet<NodeId>,
    /// Nodes that are retired, for good.
    pub retired: BTreeSet<NodeId>,
    /// Organisations that were in and are not.
    pub removed: BTreeSet<OrgId>,
    /// A thread whose custodian is no longer in the coalition: nothing is sealed in it any more.
    pub closed: bool,
    /// Coalition: its charters.
    pub charter: Option<Chain>,
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

/// Folds of one graph that were asked for lately.
#[derive(Debug, Default)]
pub(super) struct Memo {
    folds: BTreeMap<Past, Arc<Fold>>,
    order: VecDeque<Past>,
}

/// One grant of a causally closed set.
struct Granted {
    at: u32,
    hash: EntryHash,
    org: OrgId,
    by: NodeId,
    by_org: OrgId,
    read: bool,
    write: bool,
    expires: Option<Time>,
    under: ProposalId,
}

/// What a causally closed set says of membership, sorted by kind.
#[derive(Default)]
struct Said {
    grants: Vec<Granted>,
    /// By whom it takes out.
    revokes: BTreeMap<OrgId, Bits>,
    /// By node.
    retires: BTreeMap<NodeId, Bits>,
    /// By node: for which organisations, and when the root of each first certified it, by its own word.
    certified: BTreeMap<NodeId, BTreeMap<OrgId, Time>>,
    keeps: Vec<u32>,
}

/// Entries that take out, by whom or which node they take out.
pub(super) type Removals<K> = BTreeMap<K, Bits>;

/// Nodes with their organisations: those that are in force, and those that have no place.
type Placed = (BTreeMap<NodeId, OrgId>, BTreeMap<NodeId, OrgId>);

impl Said {
    fn certify(&mut self, certificate: &Certificate, org: OrgId) {
        let orgs = self.certified.entry(certificate.node).or_default();
        let first = orgs.entry(org).or_insert(certificate.issued);
        *first = certificate.issued.min(*first);
    }

    /// The certified nodes of these organisations that are not retired: of each, the first [`limits::NODES_OF_ORG`] that its root
    /// certified are in force. The root's word alone makes that order, so nobody who shows a certificate again, in whatever entry
    /// and behind whatever past, moves it; and one member with many nodes fills no epoch.
    fn placed(&self, retired: &BTreeSet<NodeId>, is_in: impl Fn(&OrgId) -> bool) -> Placed {
        let mut ranked: BTreeMap<OrgId, BTreeSet<(Time, NodeId)>> = BTreeMap::new();
        for (node, orgs) in self.certified.iter().filter(|(node, _)| !retired.contains(node)) {
            // The root and the node both sign a certificate, so two organisations share a node only if its holder lets them.
            if let Some((org, first)) = orgs.iter().find(|(org, _)| is_in(org)) {
                ranked.entry(*org).or_default().insert((*first, *node));
            }
        }
        let (mut nodes, mut over) = Placed::default();
        for (org, ranked) in ranked {
            let before =
                if planted::is(Bug::NewestNodes) { ranked.len().saturating_sub(limits::NODES_OF_ORG) } else { 0 };
            for (place, (_, node)) in ranked.into_iter().enumerate() {
                let has = (before..before + limits::NODES_OF_ORG).contains(&place);
                if has { &mut nodes } else { &mut over }.insert(node, org);
            }
        }
        (nodes, over)
    }
}

impl Graph {
    /// Members and nodes for a causally closed set of control entries. Pure; remembered for a while.
    pub(super) fn fold_at(&self, coalition: Option<&Self>, past: &Past) -> Result<Arc<Fold>> {
        if let Some(fold) = self.memo.borrow().folds.get(past) {
            return Ok(fold.clone());
        }
        let fold = Arc::new(match &self.kind {
            SpaceKind::Coalition { .. } => self.fold_coalition(past)?,
            SpaceKind::Private => self.fold_private(past)?,
            SpaceKind::Thread { custodian_reads, .. } => {
                let coalition = coalition.ok_or_else(|| Fault::bug("fold: a thread without its coalition"))?;
                self.fold_thread(coalition, *custodian_reads, past)?
            }
        });
        let mut memo = self.memo.borrow_mut();
        if memo.order.len() >= limits::FOLDS_IN_MEMORY
            && let Some(oldest) = memo.order.pop_front()
        {
            memo.folds.remove(&oldest);
        }
        memo.order.push_back(past.clone());
        memo.folds.insert(past.clone(), fold.clone());
        Ok(fold)
    }

    /// What is known now: all accepted entries, and all control entries of the coalition.
    pub(super) fn fold_now(&self, coalition: Option<&Self>) -> Result<Arc<Fold>> {
        self.fold_at(coalition, &self.whole(coalition))
    }

    fn said(&self, past: &Past) -> Result<Said> {
        let mut said = Said::default();
        if let Some(certificate) = &self.certificate {
            said.certify(certificate, self.custodian);
        }
        for at in past.own.iter() {
            let node = self.control_node(at)?;
            match &self.fact(at)?.what {
                What::Grant { org, read, write, expires, admits, under } => {
                    if let Some((_, certificate)) = admits.as_deref() {
                        said.certify(certificate, *org);
                    }
                    said.grants.push(Granted {
                        at,
                        hash: node.hash,
                        org: *org,
                        by: node.author,
                        by_org: node.org,
                        read: *read,
                        write: *write,
                        expires: *expires,
                        under: *under,
                    });
                }
                What::Revoke { org, .. } => {
                    said.revokes.entry(*org).or_default().add(at);
                }
                What::Certify { certificate, org } => said.certify(certificate, *org),
                What::Retire { .. } if planted::is(Bug::RetirementIgnored) => {}
                What::Retire { node } => {
                    said.retires.entry(*node).or_default().add(at);
                }
                What::Keep => said.keeps.push(at),
                What::Found | What::Epoch { .. } | What::Extend { .. } | What::Ask { .. } | What::Approve { .. } => {}
            }
        }
        Ok(said)
    }

    /// Whether every one of these revocations lies before `grant`, or comes too late for it.
    fn outlives(&self, grant: u32, revokes: Option<&Bits>, gone: &Gone<'_>) -> Result<bool> {
        let Some(revokes) = revokes else { return Ok(true) };
        let before = self.past_of(grant)?;
        let one = planted::is(Bug::OneRevocationEnough) && revokes.iter().any(|revoke| before.own.has(revoke));
        Ok(one || planted::is(Bug::RevocationIgnored) || self.spared(before, revokes, gone)?)
    }

    /// What lies behind any of these removals, and so was taken up by one. Made once for all grants that it may save: one by one, a
    /// thousand grants and a thousand removals would be a million looks.
    fn taken_up<K: Ord + Copy>(&self, removals: &BTreeMap<K, Bits>) -> Result<BTreeMap<K, Bits>> {
        let mut behind = BTreeMap::new();
        for (whose, removals) in removals {
            behind.insert(*whose, self.behind(removals.iter())?);
        }
        Ok(behind)
    }

    /// The control entries that any of these follows.
    fn behind(&self, of: impl Iterator<Item = u32>) -> Result<Bits> {
        let mut behind = Bits::default();
        for at in of {
            behind.join(&self.past_of(at)?.own);
        }
        Ok(behind)
    }

    fn fold_private(&self, past: &Past) -> Result<Fold> {
        let said = self.said(past)?;
        let retired: BTreeSet<NodeId> = said.retires.keys().copied().collect();
        let (nodes, over) = said.placed(&retired, |org| *org == self.custodian);
        Ok(Fold {
            custodian: Some(self.custodian),
            members: BTreeMap::from([(self.custodian, Seat::full())]),
            readers: nodes.keys().copied().collect(),
            nodes,
            over,
            retired,
            removed: BTreeSet::new(),
            closed: false,
            charter: None,
        })
    }

    /// Leaves what was approved under charters that were followed by others, and that nothing backs any more.
    fn keep_backed(&self, said: &mut Said, linked: &Linked) -> Result<()> {
        said.grants.retain(|g| linked.backs(g.at, &g.under, |c: &Charter| c.stewards.contains(&g.by_org)));
        for revokes in said.revokes.values_mut() {
            let mut stand = Bits::default();
            for at in revokes.iter() {
                if self.revocation_stands(linked, at)? {
                    stand.add(at);
                }
            }
            *revokes = stand;
        }
        Ok(())
    }

    /// The roster. An admission by a node that is retired, or by a steward that is out, counts only if a retirement of that
    /// node, or a removal of that steward, follows it. Whether a steward is in may hang on another's admission, so this is a
    /// least fixed point that starts from the founder.
    fn fold_coalition(&self, past: &Past) -> Result<Fold> {
        let mut said = self.said(past)?;
        let ever: BTreeSet<OrgId> = said.grants.iter().map(|g| g.org).chain([self.custodian]).collect();
        let linked = self.chain_at(&past.own)?;
        self.keep_backed(&mut said, &linked)?;
        let retired: BTreeSet<NodeId> = said.retires.keys().copied().collect();
        let mut members = BTreeMap::new();
        if said.revokes.get(&self.custodian).is_none_or(Bits::is_empty) {
            members.insert(self.custodian, Seat::full());
        }
        let (retirements, removals) = (self.taken_up(&said.retires)?, self.taken_up(&said.revokes)?);
        let mut open: Vec<&Granted> = Vec::new();
        let gone = Gone { here: &said.revokes, coalition: &Removals::new(), retired: &said.retires };
        for grant in &said.grants {
            if self.outlives(grant.at, said.revokes.get(&grant.org), &gone)? {
                open.push(grant);
            }
        }
        loop {
            let before = open.len();
            let mut left = Vec::new();
            for grant in open {
                let sound = members.contains_key(&grant.by_org) && !retired.contains(&grant.by);
                let taken_up = |behind: Option<&Bits>| behind.is_some_and(|behind| behind.has(grant.at));
                if sound || taken_up(retirements.get(&grant.by)) || taken_up(removals.get(&grant.by_org)) {
                    members.entry(grant.org).or_insert_with(Seat::full).grants.push(grant.hash);
                } else {
                    left.push(grant);
                }
            }
            open = left;
            if open.len() == before {
                break;
            }
        }
        members.values_mut().for_each(|seat| seat.grants.sort_unstable());
        let (nodes, over) = said.placed(&retired, |org| members.contains_key(org));
        Ok(Fold {
            custodian: Some(self.custodian),
            removed: ever.into_iter().filter(|org| !members.contains_key(org)).collect(),
            readers: nodes.keys().copied().collect(),
            nodes,
            over,
            retired,
            members,
            closed: false,
            charter: Some(linked.chain),
        })
    }

    fn fold_thread(&self, coalition: &Self, custodian_reads: bool, past: &Past) -> Result<Fold> {
        let said = self.said(past)?;
        let roster = coalition.fold_at(None, &Past { own: past.coalition.clone(), ..Past::default() })?;
        let (expelled, retires) = (coalition.revokes_in(&past.coalition)?, coalition.retires_in(&past.coalition)?);
        // An organisation that came back to the coalition needs a grant that follows its removal from it.
        let gone = Gone { here: &expelled, coalition: &Removals::new(), retired: &retires };
        let still = |org: &OrgId, at: &Past| {
            if !roster.members.contains_key(org) || planted::is(Bug::ReadmittedSeated) {
                return Ok(roster.members.contains_key(org));
            }
            let Some(removals) = expelled.get(org) else { return Ok(true) };
            coalition.spared(&Past { own: at.coalition.clone(), ..Past::default() }, removals, &gone)
        };
        let retired = &roster.retired;
        let closed = match self.nodes.first() {
            Some(found) => !still(&self.custodian, self.past(found.past)?)?,
            None => false,
        };
        let gone = Gone { here: &said.revokes, coalition: &expelled, retired: &retires };
        let affirmed = self.affirmed(&said.keeps, retired)?;
        let mut members = BTreeMap::new();
        if !closed {
            members.insert(self.custodian, Seat { read: custodian_reads, ..Seat::full() });
        }
        for grant in &said.grants {
            let outlives = self.outlives(grant.at, said.revokes.get(&grant.org), &gone)?;
            if !outlives || !still(&grant.org, self.past_of(grant.at)?)? {
                continue;
            }
            if retired.contains(&grant.by) && !affirmed.has(grant.at) {
                continue;
            }
            members.entry(grant.org).or_insert_with(Seat::none).add(grant);
        }
        members.values_mut().for_each(|seat| seat.grants.sort_unstable());
        let of_members = |nodes: &BTreeMap<NodeId, OrgId>| -> BTreeMap<NodeId, OrgId> {
            nodes.iter().filter(|(_, org)| members.contains_key(org)).map(|(n, o)| (*n, *o)).collect()
        };
        let (nodes, over) = (of_members(&roster.nodes), of_members(&roster.over));
        let reads = |org: &OrgId| members.get(org).is_some_and(|seat| seat.read);
        let ever = said.grants.iter().map(|g| g.org).chain([self.custodian]);
        Ok(Fold {
            custodian: Some(self.custodian),
            readers: nodes.iter().filter(|(_, org)| reads(org)).map(|(n, _)| *n).collect(),
            removed: ever.filter(|org| !members.contains_key(org)).collect(),
            retired: retired.clone(),
            nodes,
            over,
            members,
            closed,
            charter: None,
        })
    }

    /// What a `keep` by a node of the custodian that is not retired follows: grants of retired nodes among it stand.
    fn affirmed(&self, keeps: &[u32], retired: &BTreeSet<NodeId>) -> Result<Bits> {
        let mut sound = Vec::new();
        for &keep in keeps {
            let node = self.control_node(keep)?;
            if node.org == self.custodian && !retired.contains(&node.author) {
                sound.push(keep);
            }
        }
        self.behind(sound.into_iter())
    }

    /// The retirements in a set of this coalition's control entries, by the node that they retire.
    pub(super) fn retires_in(&self, own: &Bits) -> Result<Removals<NodeId>> {
        Ok(self.retired_in(own)?.into_iter().map(|(node, at)| (node, at.into_iter().collect())).collect())
    }

    /// The revocations that stand in a set of this coalition's control entries, by whom they take out.
    pub(super) fn revokes_in(&self, own: &Bits) -> Result<BTreeMap<OrgId, Bits>> {
        let linked = self.chain_at(own)?;
        let mut revokes: BTreeMap<OrgId, Bits> = BTreeMap::new();
        for &at in &self.removal_facts {
            if own.has(at)
                && let What::Revoke { org, .. } = &self.fact(at)?.what
                && self.revocation_stands(&linked, at)?
            {
                revokes.entry(*org).or_default().add(at);
            }
        }
        Ok(revokes)
    }
}

impl Seat {
    const fn full() -> Self {
        Self { read: true, write: true, expires: None, grants: Vec::new() }
    }

    const fn none() -> Self {
        Self { read: false, write: false, expires: None, grants: Vec::new() }
    }

    /// Adds what one more standing grant gives. A grant without `read` ends no reader's time.
    fn add(&mut self, grant: &Granted) {
        let first = self.grants.is_empty();
        let (reads, gives) = (self.read, grant.read);
        self.expires = match (first, reads, gives) {
            (true, _, _) | (false, false, true) => grant.expires,
            (false, true, false) => self.expires,
            (false, true, true) | (false, false, false) => self.expires.zip(grant.expires).map(|(a, b)| a.max(b)),
        };
        if planted::is(Bug::EndForgotten) {
            self.expires = None;
        }
        self.read |= grant.read;
        self.write |= grant.write;
        self.grants.push(grant.hash);
    }
}
