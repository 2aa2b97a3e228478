//! Random histories of signed entries, held against the oracle: acceptance, members, nodes, what counts, what may be sealed. And the
//! same entries in any order of arrival.

use super::oracle::{Act, Item, Oracle, Who};
use super::world::{Peer, START, Seeded};
use crate::ids::{EntryHash, NodeId, OrgId, PrekeyId, SpaceId};
use crate::keys::{NodeKey, RootKey, Wrap};
use crate::random::Random;
use crate::space::Fold;
use crate::space::control::{
    Charter, Control, Epoch, Extend, Found, Grant, Keep, OrgCard, PartnerKind, Purpose, Revoke,
};
use crate::space::entry::{Entry, Header, Kind, VERSION};
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

fn root(org: char) -> RootKey {
    RootKey::from_seed([org as u8; 32])
}

fn key(who: Who) -> NodeKey {
    NodeKey::from_seed([who.0 as u8 ^ (who.1 << 5); 32])
}

fn org_id(org: char) -> OrgId {
    root(org).public().org()
}

fn card(org: char) -> OrgCard {
    OrgCard { root: root(org).public(), name: format!("Organisation {org}"), kind: PartnerKind::Other }
}

fn certificate(who: Who) -> crate::keys::Certificate {
    let prekey = crate::keys::PrekeyPublic { suite: 2, key: vec![who.1; 32] };
    root(who.0).certify(&key(who), prekey, START)
}

/// A wrap of the right lengths that nobody can open.
fn wraps(reach: &BTreeSet<Who>, keys: usize) -> Vec<(NodeId, Wrap)> {
    let wrap = Wrap { suite: 2, prekey: PrekeyId::ZERO, encapsulated: vec![0; 32], sealed: vec![0; 32 * keys + 16] };
    let mut wraps: Vec<_> = reach.iter().map(|who| (key(*who).id(), wrap.clone())).collect();
    wraps.sort_by_key(|(node, _)| *node);
    wraps
}

struct World {
    random: Seeded,
    oracle: Oracle,
    /// The name of each accepted item.
    names: Vec<EntryHash>,
    /// Everything that was offered, accepted or not.
    offered: Vec<Entry>,
    observer: Peer,
    coalition: SpaceId,
    thread: Option<SpaceId>,
    nonce: u64,
}

impl World {
    fn below(&mut self, n: usize) -> usize {
        let mut bytes = [0; 8];
        self.random.fill(&mut bytes);
        (u64::from_le_bytes(bytes) % n.max(1) as u64) as usize
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn new(seed: u64) -> Self {
        let mut observer = Peer::new(200, 1);
        let founder = ('A', 1);
        let purpose = Purpose::Coalition {
            name: "County".into(),
            charter: Charter { number: 1, stewards: vec![org_id('A')], threshold: 1 },
            founder: card('A'),
            certificate: certificate(founder),
        };
        let found = Control::Found(Found { nonce: [7; 32], purpose });
        let entry = sign(founder, SpaceId::ZERO, vec![], vec![], &found, 0);
        let coalition = entry.space();
        observer.offer(entry.clone(), None).unwrap();
        let mut oracle = Oracle::default();
        oracle.items.push(Item { by: founder, act: Act::Certify(founder), past: BTreeSet::new() });
        let names = vec![entry.hash()];
        let random = Seeded(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        Self { random, oracle, names, offered: vec![entry], observer, coalition, thread: None, nonce: 0 }
    }

    /// The items of a set that no other of the same space in it follows.
    fn heads(&self, set: &BTreeSet<usize>, coalition: bool) -> Vec<usize> {
        let here: Vec<usize> = set.iter().filter(|i| self.in_coalition(**i) == coalition).copied().collect();
        here.iter().filter(|i| !here.iter().any(|j| self.oracle.items[*j].past.contains(i))).copied().collect()
    }

    fn in_coalition(&self, i: usize) -> bool {
        i == 0 || self.oracle.items[i].act.in_coalition()
    }

    /// Some set that an entry may follow: everything, or what some entries follow.
    fn somewhere(&mut self) -> BTreeSet<usize> {
        let len = self.oracle.items.len();
        if self.chance(55) {
            return (0..len).collect();
        }
        let picks: Vec<usize> = (0..=self.below(2)).map(|_| self.below(len)).collect();
        let mut set = self.oracle.closure(&picks);
        set.insert(0);
        set
    }

    /// Offers one entry; holds what becomes of it against the oracle.
    fn offer(&mut self, by: Who, act: &Act, mut after: BTreeSet<usize>) {
        let coalition = act.in_coalition();
        if coalition {
            after.retain(|i| self.in_coalition(*i));
        }
        let name = |heads: Vec<usize>, names: &[EntryHash]| {
            let mut hashes: Vec<EntryHash> = heads.into_iter().map(|i| names[i]).collect();
            hashes.sort_unstable();
            hashes.truncate(16);
            hashes
        };
        let (parents, control) = if coalition {
            (name(self.heads(&after, true), &self.names), vec![])
        } else if *act == Act::Found {
            after.retain(|i| self.in_coalition(*i));
            (vec![], name(self.heads(&after, true), &self.names))
        } else {
            let parents = self.heads(&after, false);
            if parents.is_empty() {
                return;
            }
            // It may name fewer control heads than its parents did.
            let control = if self.chance(80) { self.heads(&after, true) } else { vec![] };
            let whole = self.oracle.closure(&[parents.clone(), control.clone()].concat());
            after = whole;
            (name(parents, &self.names), name(control, &self.names))
        };
        self.nonce += 1;
        let entry = self.entry(by, act, parents, control);
        let expected = self.oracle.accepts(by, act, &after);
        let became = self.observer.offer(entry.clone(), None);
        assert_eq!(
            became.as_ref().is_ok_and(|o| !o.waits),
            expected,
            "{by:?} {act:?} after {after:?}: {became:?}\n{:#?}",
            self.oracle.items
        );
        self.offered.push(entry.clone());
        if !expected {
            return;
        }
        if *act == Act::Found {
            self.thread = Some(entry.space());
        }
        self.names.push(entry.hash());
        self.oracle.items.push(Item { by, act: act.clone(), past: after.clone() });
        self.compare();
        if let Act::Data { epoch } = *act {
            let (space, i) = self.observer.spaces.place(&self.observer.store, &entry.hash()).unwrap();
            let (graph, coalition) = self.observer.spaces.pair(space).unwrap();
            let error = graph.body_error(coalition, i).unwrap();
            assert_eq!(
                error.is_none(),
                self.oracle.seals(by, epoch, &after),
                "{by:?} sealing under {epoch}: {error:?}\n{:#?}",
                self.oracle.items
            );
        }
    }

    fn entry(&self, by: Who, act: &Act, parents: Vec<EntryHash>, control: Vec<EntryHash>) -> Entry {
        let grant = |org: char, read, write, admits| {
            Control::Grant(Grant { org: org_id(org), read, write, expires: None, admits })
        };
        let revoke =
            |org: char| Control::Revoke(Revoke { org: org_id(org), grant: None, approvals: vec![], word: false });
        let epochs = |set: &BTreeSet<usize>| {
            let mut names: Vec<EntryHash> = set.iter().map(|i| self.names[*i]).collect();
            names.sort_unstable();
            names
        };
        let body = match act {
            Act::Admit(org) => grant(*org, true, true, Some((card(*org), certificate((*org, 1))))),
            Act::Certify(who) => Control::Certify(certificate(*who)),
            Act::Retire(who) => Control::Retire(root(who.0).retire(key(*who).id(), Time(self.nonce))),
            Act::Expel(org) | Act::Revoke(org) => revoke(*org),
            Act::Found => Control::Found(Found {
                nonce: [8; 32],
                purpose: Purpose::Thread { coalition: self.coalition, custodian_reads: true },
            }),
            Act::Grant { org, read, write } => grant(*org, *read, *write, None),
            Act::Keep => Control::Keep(Keep),
            Act::Epoch { reach } => Control::Epoch(Epoch {
                commitment: [self.nonce as u8; 32],
                wraps: wraps(reach, 1),
                recovery: None,
                earlier: vec![],
                bundle: vec![],
            }),
            Act::Extend { epochs: of, reach } => {
                Control::Extend(Extend { epochs: epochs(of), wraps: wraps(reach, of.len()) })
            }
            Act::Data { epoch } => {
                let header = Header {
                    version: VERSION,
                    space: self.thread.unwrap(),
                    author: key(by).id(),
                    parents,
                    control,
                    kind: Kind::Data,
                    epoch: Some(self.names[*epoch]),
                    time: Time(self.nonce),
                    length: 0,
                };
                return Entry::sign(&key(by), header, b"sealed");
            }
        };
        let space = match act {
            Act::Found => SpaceId::ZERO,
            act if act.in_coalition() => self.coalition,
            _ => self.thread.unwrap(),
        };
        sign(by, space, parents, control, &body, self.nonce)
    }

    fn compare(&mut self) {
        let all: BTreeSet<usize> = (0..self.oracle.items.len()).collect();
        let roster = self.oracle.roster(&all);
        same(&roster, &self.observer.fold(self.coalition));
        self.compare_counted(self.coalition, false);
        if let Some(thread) = self.thread {
            same(&self.oracle.thread(&all), &self.observer.fold(thread));
            self.compare_counted(thread, true);
        }
    }

    fn compare_counted(&mut self, space: SpaceId, thread: bool) {
        let counted: BTreeSet<EntryHash> = self.oracle.counted(thread).iter().map(|i| self.names[*i]).collect();
        let ours = counted_here(&mut self.observer, space);
        assert_eq!(counted, ours, "what counts\n{:#?}", self.oracle.items);
    }

    fn step(&mut self) {
        let orgs = ['A', 'B', 'C', 'D'];
        let (org, node) = (orgs[self.below(4)], 1 + self.below(2) as u8);
        let by = if self.chance(30) { ('A', node) } else { (org, node) };
        let other = orgs[self.below(4)];
        let whom = (other, 1 + self.below(2) as u8);
        let after = self.somewhere();
        let fold = self.oracle.thread(&after);
        let mut epochs: Vec<usize> =
            (0..self.oracle.items.len()).filter(|i| matches!(self.oracle.items[*i].act, Act::Epoch { .. })).collect();
        if self.chance(80) {
            epochs.retain(|e| after.contains(e));
        }
        let mut reach = fold.readers;
        if self.chance(20) {
            reach.insert(whom);
        }
        if self.chance(20) {
            reach.remove(&whom);
        }
        let act = match self.below(if self.thread.is_some() { 24 } else { 6 }) {
            0 => Act::Admit(other),
            1 => Act::Certify((by.0, whom.1)),
            2 if self.chance(50) => Act::Retire(if self.chance(20) { whom } else { (by.0, whom.1) }),
            3 if self.chance(60) => Act::Expel(if self.chance(20) { by.0 } else { other }),
            4 | 5 if self.thread.is_none() => Act::Found,
            4..=7 => Act::Grant { org: other, read: self.chance(80), write: true },
            8..=10 => Act::Revoke(other),
            11 | 12 => Act::Keep,
            13..=16 => Act::Epoch { reach },
            17 | 18 if !epochs.is_empty() && !reach.is_empty() => {
                let epoch = epochs[self.below(epochs.len())];
                Act::Extend { epochs: [epoch].into(), reach: [whom].into() }
            }
            _ if !epochs.is_empty() => Act::Data { epoch: epochs[epochs.len() - 1 - self.below(epochs.len().min(3))] },
            _ => return,
        };
        self.offer(by, &act, after);
    }
}

fn sign(
    by: Who,
    space: SpaceId,
    parents: Vec<EntryHash>,
    control: Vec<EntryHash>,
    body: &Control,
    nonce: u64,
) -> Entry {
    let header = Header {
        version: VERSION,
        space,
        author: key(by).id(),
        parents,
        control,
        kind: body.kind(),
        epoch: None,
        time: Time(nonce),
        length: 0,
    };
    Entry::sign(&key(by), header, &body.encode())
}

fn same(oracle: &super::oracle::Folded, ours: &Fold) {
    assert_eq!(
        oracle.members.iter().map(|o| org_id(*o)).collect::<BTreeSet<_>>(),
        ours.members.keys().copied().collect()
    );
    let ids = |set: &BTreeSet<Who>| set.iter().map(|who| key(*who).id()).collect::<BTreeSet<_>>();
    assert_eq!(ids(&oracle.nodes), ours.nodes.keys().copied().collect());
    assert_eq!(ids(&oracle.readers), ours.readers);
    assert_eq!(ids(&oracle.retired), ours.retired);
    let writers = ours.members.iter().filter(|(_, seat)| seat.write).map(|(org, _)| *org).collect::<BTreeSet<_>>();
    assert_eq!(oracle.writers.iter().map(|o| org_id(*o)).collect::<BTreeSet<_>>(), writers);
    assert_eq!(oracle.closed, ours.closed);
}

fn counted_here(peer: &mut Peer, space: SpaceId) -> BTreeSet<EntryHash> {
    let all = peer.spaces.since(&peer.store, space, &[]).unwrap();
    all.into_iter().filter(|hash| peer.counts(hash)).collect()
}

/// What a node holds, folds and counts, space by space.
type Told = BTreeMap<SpaceId, (BTreeSet<EntryHash>, Fold, BTreeSet<EntryHash>)>;

fn told(peer: &mut Peer, spaces: &[SpaceId]) -> Told {
    let mut told = Told::new();
    for space in spaces {
        let all = peer.spaces.since(&peer.store, *space, &[]).unwrap().into_iter().collect();
        told.insert(*space, (all, (*peer.fold(*space)).clone(), counted_here(peer, *space)));
    }
    told
}

fn play(seed: u64, steps: usize) -> World {
    let mut world = World::new(seed);
    for org in ['B', 'C', 'D'] {
        let all = (0..world.oracle.items.len()).collect();
        world.offer(('A', 1), &Act::Admit(org), all);
    }
    for who in [('A', 2), ('B', 2)] {
        if world.chance(60) {
            let all = (0..world.oracle.items.len()).collect();
            world.offer(who, &Act::Certify(who), all);
        }
    }
    let all = (0..world.oracle.items.len()).collect();
    world.offer(('A', 1), &Act::Found, all);
    for org in ['B', 'C'] {
        let all = (0..world.oracle.items.len()).collect();
        world.offer(('A', 1), &Act::Grant { org, read: true, write: true }, all);
    }
    for _ in 0..steps {
        world.step();
    }
    world
}

#[test]
fn random_histories_fold_as_the_model_says() {
    let seeds: u64 = std::env::var("BELAY_HISTORIES").ok().and_then(|n| n.parse().ok()).unwrap_or(60);
    let mut accepted = 0;
    for seed in 1..=seeds {
        accepted += play(seed, 44).names.len();
    }
    assert!(accepted > 20 * seeds as usize, "the histories are not to be empty: {accepted}");
}

#[test]
fn any_order_of_arrival_gives_the_same_answer() {
    for seed in 1000..1012 {
        let mut world = play(seed, 40);
        let spaces: Vec<SpaceId> = [Some(world.coalition), world.thread].into_iter().flatten().collect();
        let expected = told(&mut world.observer, &spaces);
        for round in 0..3 {
            let mut other = Peer::new(201, round);
            let mut order: Vec<usize> = (0..world.offered.len()).flat_map(|i| [i, i]).collect();
            for i in (1..order.len()).rev() {
                let j = world.below(i + 1);
                order.swap(i, j);
            }
            for (n, i) in order.iter().enumerate() {
                let _ = other.offer(world.offered[*i].clone(), Some(NodeId([n as u8; 32])));
                if n % 7 == 0 {
                    // As after a restart: all that is known comes from the store.
                    other.spaces.forget();
                }
            }
            assert_eq!(told(&mut other, &spaces), expected, "seed {seed}");
        }
    }
}
