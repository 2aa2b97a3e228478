//! Members and charters by hand: from the entries alone, the slow way, with no code of the fold that is held against it.

use crate::peer::Peer;
use crate::reference::{Reference, Set};
use crate::world::World;
use belay_protocol::ids::{EntryHash, NodeId, OrgId, ProposalId};
use belay_protocol::space::Fold;
use belay_protocol::space::approve;
use belay_protocol::space::control::{Charter, Control, Proposal, Purpose, Succession};
use belay_protocol::space::entry::Entry;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Where a node's fold differs from a count by hand of what it holds.
pub fn miscounted(peer: &mut Peer, world: &World) -> Option<String> {
    let mut entries = Vec::new();
    for space in &world.scene.spaces {
        for hash in peer.spaces.since(&peer.store, *space, &[]).unwrap() {
            entries.push(peer.entry(&hash));
        }
    }
    let coalition = peer.spaces.fold(&peer.store, world.scene.spaces[0]).unwrap();
    let retired: BTreeSet<NodeId> = entries
        .iter()
        .filter_map(|entry| if let Some(Control::Retire(said)) = body(entry) { Some(said.node) } else { None })
        .collect();
    if coalition.retired != retired || retired.iter().any(|node| coalition.nodes.contains_key(node)) {
        return Some(format!("retired by hand: {retired:?}"));
    }
    if !retired.is_empty() {
        // What becomes of what they approved or granted stands in the oracle of the folds.
        return None;
    }
    let roster: Vec<&Entry> = entries.iter().filter(|entry| entry.space() == world.scene.spaces[0]).collect();
    let book = Book::new(world, &roster);
    if let Some(alone) = roster.iter().find(|entry| book.takes_too_few(&roster, entry)) {
        return Some(format!("{} removes with too few stewards", alone.hash().short()));
    }
    let by_hand = book.count(&roster);
    if let Some(odd) = by_hand.differs(&coalition) {
        return Some(odd);
    }
    let thread = world.scene.thread()?;
    let fold = peer.spaces.fold(&peer.store, thread).unwrap();
    let mut reference = Reference::default();
    reference.orgs.clone_from(&world.scene.orgs);
    entries.iter().for_each(|entry| {
        reference.add(entry);
    });
    let orgs: BTreeSet<OrgId> = world.scene.orgs.values().copied().collect();
    let mut all = Set::default();
    (0..reference.entries.len()).for_each(|n| all.add(n));
    let odd = orgs.into_iter().find(|org| reference.may_be_sent(thread, *org, &all) != fold.members.contains_key(org));
    odd.map(|org| format!("{} is in the thread only here, or only by hand", org.short()))
}

fn body(entry: &Entry) -> Option<Control> {
    Control::decode(entry.header().kind, entry.body()).unwrap()
}

/// The entries of a coalition, and what each follows.
struct Book<'w> {
    world: &'w World,
    pasts: BTreeMap<EntryHash, BTreeSet<EntryHash>>,
}

#[derive(Debug, Default)]
struct Counted {
    /// In order, with the entries at or before which the approvals of the one before go on counting.
    charters: Vec<(ProposalId, Charter, BTreeSet<EntryHash>)>,
    double: BTreeSet<OrgId>,
    members: BTreeSet<OrgId>,
}

impl Counted {
    fn differs(&self, fold: &Fold) -> Option<String> {
        let chain = fold.charter.as_ref().unwrap();
        let charters: Vec<_> = self.charters.iter().map(|(id, charter, _)| (*id, charter.clone())).collect();
        if chain.charters != charters || chain.double != self.double {
            return Some(format!("charters are {:?}, by hand {charters:?}, {:?}", chain, self.double));
        }
        let members: BTreeSet<OrgId> = fold.members.keys().copied().collect();
        (members != self.members).then(|| format!("members are {members:?}, by hand {:?}", self.members))
    }
}

impl<'w> Book<'w> {
    /// `entries`: what is followed before what follows it.
    fn new(world: &'w World, entries: &[&Entry]) -> Self {
        let mut pasts: BTreeMap<EntryHash, BTreeSet<EntryHash>> = BTreeMap::new();
        for entry in entries {
            let mut past = BTreeSet::new();
            for parent in &entry.header().parents {
                past.insert(*parent);
                past.extend(&pasts[parent]);
            }
            pasts.insert(entry.hash(), past);
        }
        Self { world, pasts }
    }

    fn org(&self, entry: &Entry) -> OrgId {
        self.world.scene.orgs[&entry.header().author]
    }

    fn follows(&self, later: &Entry, earlier: &Entry) -> bool {
        self.pasts[&later.hash()].contains(&earlier.hash())
    }

    fn count(&self, entries: &[&Entry]) -> Counted {
        let mut counted = self.chain(entries);
        let revokes: Vec<(&Entry, OrgId)> = entries
            .iter()
            .filter_map(|entry| match body(entry) {
                Some(Control::Revoke(revoke)) => {
                    let mut approving: BTreeSet<OrgId> =
                        revoke.approvals.iter().map(|a| self.world.scene.orgs[&a.node]).collect();
                    approving.insert(self.org(entry));
                    let stands = self.org(entry) == revoke.org
                        || self.backed(&counted, entries, entry, |charter| {
                            let enough = charter.stewards.iter().filter(|org| approving.contains(org)).count();
                            enough >= charter.threshold as usize
                        });
                    stands.then_some((*entry, revoke.org))
                }
                _ => None,
            })
            .collect();
        let grants: Vec<(&Entry, OrgId)> = entries
            .iter()
            .filter_map(|entry| match body(entry) {
                Some(Control::Grant(grant)) => {
                    let by = self.org(entry);
                    let backed = self.backed(&counted, entries, entry, |charter| charter.stewards.contains(&by));
                    let lives = revokes.iter().all(|(r, org)| *org != grant.org || self.follows(entry, r));
                    (backed && lives).then_some((*entry, grant.org))
                }
                _ => None,
            })
            .collect();
        let founder = self.org(entries[0]);
        if revokes.iter().all(|(_, org)| *org != founder) {
            counted.members.insert(founder);
        }
        // Who admits is in, or its removal knows of the admission.
        loop {
            let more: Vec<OrgId> = grants
                .iter()
                .filter(|(grant, _)| {
                    let by = self.org(grant);
                    counted.members.contains(&by) || revokes.iter().any(|(r, org)| *org == by && self.follows(r, grant))
                })
                .map(|(_, org)| *org)
                .filter(|org| !counted.members.contains(org))
                .collect();
            if more.is_empty() {
                return counted;
            }
            counted.members.extend(more);
        }
    }

    /// Whether an entry takes somebody else out with fewer approvals than the charter of its past asks for.
    fn takes_too_few(&self, all: &[&Entry], entry: &Entry) -> bool {
        let Some(Control::Revoke(revoke)) = body(entry) else { return false };
        let past: Vec<&Entry> = all.iter().filter(|other| self.follows(entry, other)).copied().collect();
        let threshold = self.chain(&past).charters.last().unwrap().1.threshold as usize;
        self.org(entry) != revoke.org && revoke.approvals.len() + 1 < threshold
    }

    /// Whether what an entry approved goes on counting: it lies behind the line that the next charter drew, or would do today.
    fn backed(&self, now: &Counted, all: &[&Entry], entry: &Entry, enough: impl Fn(&Charter) -> bool) -> bool {
        let past: Vec<&Entry> = all.iter().filter(|other| self.follows(entry, other)).copied().collect();
        let (under, ..) = self.chain(&past).charters.pop().unwrap();
        let next = now.charters.windows(2).find(|pair| pair[0].0 == under).map(|pair| &pair[1].2);
        next.is_some_and(|line| line.contains(&entry.hash())) || enough(&now.charters.last().unwrap().1)
    }

    /// More than half of the stewards before adopt; of rivals that with more approvals, then the lower id.
    fn chain(&self, entries: &[&Entry]) -> Counted {
        let Some(Control::Found(found)) = body(entries[0]) else { panic!("a coalition begins with its founding") };
        let Purpose::Coalition { charter, .. } = found.purpose else { panic!("no coalition") };
        let coalition = self.world.scene.spaces[0];
        let mut counted =
            Counted { charters: vec![(ProposalId(coalition.0), charter, BTreeSet::new())], ..Counted::default() };
        let mut votes: BTreeMap<ProposalId, (Succession, BTreeSet<OrgId>)> = BTreeMap::new();
        for entry in entries {
            if let Some(Control::Approve(approve)) = body(entry)
                && let Proposal::Charter(next) = &approve.proposal
            {
                let id = approve::id(coalition, &approve.proposal);
                votes.entry(id).or_insert_with(|| (next.clone(), BTreeSet::new())).1.insert(self.org(entry));
            }
        }
        loop {
            let (last, before, _) = counted.charters.last().unwrap();
            let adopted =
                votes.iter().filter(|(_, (next, yes))| next.previous == *last && 2 * yes.len() > before.stewards.len());
            let Some((id, (next, _))) = adopted.clone().min_by_key(|(id, (_, yes))| (Reverse(yes.len()), **id)) else {
                return counted;
            };
            let voters: Vec<OrgId> = adopted.flat_map(|(_, (_, yes))| yes).copied().collect();
            let twice = voters.iter().filter(|org| voters.iter().filter(|other| other == org).count() > 1);
            counted.double.extend(twice);
            let mut line: BTreeSet<EntryHash> = next.heads.iter().copied().collect();
            next.heads.iter().for_each(|head| line.extend(&self.pasts[head]));
            counted.charters.push((*id, next.charter.clone(), line));
        }
    }
}
