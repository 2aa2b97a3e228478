//! Random histories of nodes with stores and keys of their own: honest ones that keep the rules, hostile ones that backdate. What
//! `histories.py` checks of the model, checked of the code.

use super::world::{Peer, START, Seeded};
use crate::ids::{EntryHash, OrgId, SpaceId};
use crate::keys::{PrekeyPublic, PrekeySecret, Wrap};
use crate::random::Random;
use crate::space::control::{Ask, Control, Epoch, Extend, Grant, Keep, Revoke};
use crate::space::entry::{Entry, Header, VERSION};
use crate::space::{Fold, Unopened, keyring};
use crate::store::Memory;
use std::collections::{BTreeMap, BTreeSet};

/// A body that an honest node wrote: under which epoch, and who was in as far as it knew.
struct Line {
    hash: EntryHash,
    epoch: EntryHash,
    by: usize,
    members: BTreeSet<OrgId>,
    /// Grants that its writer knew of.
    grants: BTreeSet<EntryHash>,
}

struct World {
    random: Seeded,
    peers: Vec<Peer>,
    custodian: usize,
    hostile: Option<OrgId>,
    coalition: SpaceId,
    thread: SpaceId,
    lines: Vec<Line>,
    saved: Vec<(usize, Memory)>,
    apart: BTreeSet<usize>,
    /// The removals of itself that a node was shown, without their ancestors.
    told: BTreeMap<usize, BTreeSet<EntryHash>>,
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
        // Two nodes of A and B, one of C and D. A is steward.
        let mut peers: Vec<Peer> =
            [(1, 1), (2, 1), (3, 1), (4, 1), (1, 2), (2, 2)].map(|(org, node)| Peer::new(org, node)).into();
        let (card, certificate) = (peers[0].card(), peers[0].certificate());
        let founded = peers[0].act(|s, d, by| s.found_coalition(d, by, "County", card, certificate)).unwrap();
        let coalition = SpaceId(founded.hash.0);
        for i in 1..4 {
            let (card, certificate) = (peers[i].card(), peers[i].certificate());
            peers[0].act(|s, d, by| s.admit(d, by, coalition, card, certificate)).unwrap();
        }
        let mut random = Seeded(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let mut pick = [0; 4];
        random.fill(&mut pick);
        let custodian = usize::from(pick[0] % 3 == 0);
        let hostile = (pick[1] % 2 == 0).then(|| peers[2 + usize::from(pick[2] % 2)].org());
        let mut world = Self {
            random,
            peers,
            custodian,
            hostile,
            coalition,
            thread: SpaceId::ZERO,
            lines: vec![],
            saved: vec![],
            apart: BTreeSet::new(),
            told: BTreeMap::new(),
        };
        for i in 1..4 {
            world.deliver(0, i, 100);
        }
        world.thread =
            SpaceId(world.peers[custodian].act(|s, d, by| s.found_thread(d, by, coalition, true)).unwrap().hash.0);
        for i in 0..4 {
            let org = world.peers[i].org();
            if i != custodian && (i < 2 || world.chance(80)) {
                let thread = world.thread;
                world.peers[custodian].grant(thread, org).unwrap();
            }
        }
        for i in 0..4 {
            world.deliver(custodian, i, 100);
        }
        world
    }

    fn is_honest(&self, i: usize) -> bool {
        Some(self.peers[i].org()) != self.hostile
    }

    fn fold(&mut self, i: usize) -> Option<std::sync::Arc<Fold>> {
        self.fold_of(i, self.thread)
    }

    fn fold_of(&mut self, i: usize, space: SpaceId) -> Option<std::sync::Arc<Fold>> {
        let peer = &mut self.peers[i];
        peer.spaces.fold(&peer.store, space).ok()
    }

    /// Whether the node is in the thread, as it knows.
    fn active(&mut self, i: usize) -> bool {
        let id = self.peers[i].id();
        let told = self.told.get(&i).into_iter().flatten().all(|hash| self.peers[i].has(hash));
        told && self.is_honest(i) && self.fold(i).is_some_and(|fold| fold.nodes.contains_key(&id))
    }

    fn deliver(&mut self, from: usize, to: usize, percent: usize) {
        if from == to {
            return;
        }
        let (a, b) = if from < to {
            let (left, right) = self.peers.split_at_mut(to);
            (&mut left[from], &mut right[0])
        } else {
            let (left, right) = self.peers.split_at_mut(from);
            (&mut right[0], &mut left[to])
        };
        let hostile = Some(a.org()) == self.hostile;
        for space in [self.coalition, self.thread] {
            if !hostile && !a.spaces.may_have(&a.store, space, b.org(), a.now).unwrap() {
                for entry in a.all(space) {
                    let control = Control::decode(entry.header().kind, entry.body()).unwrap();
                    if matches!(control, Some(Control::Revoke(revoke)) if revoke.org == b.org()) {
                        self.told.entry(to).or_default().insert(entry.hash());
                    }
                }
                continue;
            }
            for hash in a.spaces.since(&a.store, space, &[]).unwrap() {
                let mut dice = [0; 1];
                self.random.fill(&mut dice);
                if !b.has(&hash) && usize::from(dice[0]) * 100 / 256 < percent {
                    b.offer(a.entry(&hash), Some(a.id())).unwrap();
                }
            }
        }
        for register in a.spaces.registers(&a.store, self.coalition).unwrap() {
            let _ =
                b.act(|spaces, draft, by| spaces.offer_register(draft, &register, by.now, crate::space::Terms::Free));
        }
    }

    fn write(&mut self, i: usize) {
        if !self.active(i) || self.fold(i).unwrap().closed {
            return;
        }
        let thread = self.thread;
        let hash = self.peers[i].write(thread, &format!("line {}", self.lines.len())).unwrap();
        let peer = &mut self.peers[i];
        let epoch = peer.entry(&hash).header().epoch.unwrap();
        assert!(peer.open(&hash).is_ok(), "an honest node's own entry is refused: {:?}", peer.open(&hash));
        let members = peer.fold(thread).members.keys().copied().collect();
        let grants = self.grants(i);
        self.lines.push(Line { hash, epoch, by: i, members, grants });
    }

    fn grants(&mut self, i: usize) -> BTreeSet<EntryHash> {
        let thread = self.thread;
        let all = self.peers[i].all(thread);
        all.iter().filter(|e| e.header().kind == crate::space::entry::Kind::Grant).map(Entry::hash).collect()
    }

    fn step(&mut self) {
        let i = self.below(6);
        let j = self.below(6);
        let thread = self.thread;
        let coalition = self.coalition;
        let whom = self.peers[j].org();
        let custodian = self.peers[self.custodian].org();
        match self.below(40) {
            0..=7 => self.write(i),
            8..=17 => {
                let to = self.below(6);
                if self.apart.contains(&i) == self.apart.contains(&to) {
                    let part = if self.chance(70) { 100 } else { self.below(100) };
                    self.deliver(i, to, part);
                }
            }
            18..=20 if self.active(i) && whom != custodian => {
                if let Err(fault) = self.peers[i].revoke(thread, whom)
                    && !self.fold(i).unwrap().closed
                {
                    self.dump(i);
                    panic!("{fault}");
                }
            }
            21..=23 if self.active(i) && self.peers[i].org() == custodian && whom != custodian => {
                let _ = self.peers[i].grant(thread, whom);
            }
            24..=26 if self.is_honest(i) => {
                self.peers[i].tend();
            }
            27 => {
                let certificate = self.peers[i].certificate();
                let known = self.fold_of(i, coalition);
                if known.is_some_and(|f| !f.nodes.contains_key(&self.peers[i].id())) {
                    let _ = self.peers[i].act(|s, d, by| s.certify(d, by, coalition, certificate));
                } else if i > 3 {
                    self.deliver(i - 4, i, 100);
                }
            }
            28 => {
                let sibling = [4, 5, 2, 3, 0, 1][i];
                let which = if self.chance(30) { i } else { sibling };
                let id = self.peers[which].id();
                let org = self.peers[i].org();
                let fold = self.fold_of(i, coalition);
                // The last node of an organisation is not retired; a steward's never, or nobody could go on.
                if fold.is_some_and(|f| f.nodes.values().filter(|o| **o == org).count() > 1) {
                    let retirement = self.peers[i].root.retire(id, START);
                    let _ = self.peers[i].act(|s, d, by| s.retire(d, by, coalition, retirement));
                }
            }
            29 if j > 0 => {
                let _ = self.peers[0].revoke(coalition, whom);
            }
            30 => {
                let secret = PrekeySecret::generate(&mut self.random);
                let _ = self.peers[i].act(|s, d, by| {
                    s.hold_prekey(d, &secret, by.now.plus(1));
                    s.publish(d, by, coalition, "prekey", crate::codec::encode(&secret.public()))
                });
            }
            31 => self.saved.push((i, self.peers[i].store.clone())),
            32 if !self.saved.is_empty() && self.chance(50) => {
                let pick = self.below(self.saved.len());
                let (of, store) = self.saved[pick].clone();
                self.peers[of].store = store;
                self.peers[of].spaces.forget();
            }
            33 => self.apart = (0..6).filter(|_| self.random_bit()).collect(),
            34 => self.apart.clear(),
            _ => self.hostile_act(),
        }
    }

    fn dump(&mut self, i: usize) {
        let names: BTreeMap<_, _> = (0..6).map(|j| (self.peers[j].id(), j)).collect();
        println!("node {i}");
        for space in [self.coalition, self.thread] {
            let peer = &mut self.peers[i];
            println!("{space:?} {:?}", peer.fold(space));
            for entry in peer.all(space) {
                let control = Control::decode(entry.header().kind, entry.body()).unwrap();
                let what = match control {
                    Some(Control::Revoke(r)) => format!("{:?}", r.org),
                    Some(Control::Retire(r)) => format!("{:?}", names.get(&r.node)),
                    Some(Control::Grant(g)) => format!("{:?}", g.org),
                    _ => String::new(),
                };
                let h = entry.header();
                println!(
                    "  {} {} {:?} {what} counts {} {:?} | {:?}",
                    entry.hash().short(),
                    names[&h.author],
                    h.kind,
                    peer.counts(&entry.hash()),
                    h.parents,
                    h.control
                );
            }
        }
    }

    fn random_bit(&mut self) -> bool {
        let mut byte = [0; 1];
        self.random.fill(&mut byte);
        byte[0] & 1 == 1
    }

    /// A hostile member builds on what it likes: old parents, old control heads, garbage wraps, epochs it should not know.
    fn hostile_act(&mut self) {
        let Some(i) = (0..4).find(|i| !self.is_honest(*i)) else { return };
        let (thread, coalition) = (self.thread, self.coalition);
        let all = self.peers[i].all(thread);
        if all.is_empty() {
            return;
        }
        let mut parents: Vec<EntryHash> = (0..2).map(|_| all[self.below(all.len())].hash()).collect();
        if self.chance(40) {
            parents = self.peers[i].heads(thread).into_iter().take(16).collect();
        }
        parents.sort_unstable();
        parents.dedup();
        let roots = self.peers[i].all(coalition);
        let control = if self.chance(50) { vec![roots[self.below(roots.len())].hash()] } else { vec![] };
        let readers: Vec<_> = self.fold(i).map(|f| f.readers.iter().copied().collect()).unwrap_or_default();
        let garbage = |keys: usize| Wrap {
            suite: 2,
            prekey: crate::ids::PrekeyId::ZERO,
            encapsulated: vec![0; 32],
            sealed: vec![0; 32 * keys + 16],
        };
        let epochs: Vec<EntryHash> =
            all.iter().filter(|e| e.header().kind == crate::space::entry::Kind::Epoch).map(Entry::hash).collect();
        let whom = if self.random_bit() { 3 } else { 1 };
        let whom = self.peers[whom].org();
        let own = self.peers[i].org();
        let control_body = match self.below(8) {
            0 => Some(Control::Revoke(Revoke { org: whom, grant: None, approvals: vec![], word: false })),
            1 => Some(Control::Revoke(Revoke { org: own, grant: None, approvals: vec![], word: false })),
            2 => Some(Control::Grant(Grant { org: whom, read: true, write: true, expires: None, admits: None })),
            3 => Some(Control::Keep(Keep)),
            4 => {
                let wraps = readers.iter().map(|node| (*node, garbage(1))).collect();
                let nonce = crate::random::array(&mut self.random);
                Some(Control::Epoch(Epoch {
                    commitment: nonce,
                    wraps,
                    recovery: None,
                    earlier: vec![],
                    bundle: vec![],
                }))
            }
            5 if !epochs.is_empty() && !readers.is_empty() => {
                let node = readers[self.below(readers.len())];
                let epoch = epochs[self.below(epochs.len())];
                Some(Control::Extend(Extend { epochs: vec![epoch], wraps: vec![(node, garbage(1))] }))
            }
            6 if !epochs.is_empty() => {
                let epoch = epochs[self.below(epochs.len())];
                Some(Control::Ask(Ask { epochs: vec![epoch], prekey: PrekeyPublic { suite: 2, key: vec![9; 32] } }))
            }
            _ => None,
        };
        let header = Header {
            version: VERSION,
            space: thread,
            author: self.peers[i].id(),
            parents,
            control,
            kind: control_body.as_ref().map_or(crate::space::entry::Kind::Data, Control::kind),
            epoch: None,
            time: START,
            length: 0,
        };
        let peer = &mut self.peers[i];
        let entry = match control_body {
            Some(body) => Entry::sign(&peer.key, header, &body.encode()),
            None => {
                let Some(epoch) = epochs.last().copied() else { return };
                Entry::sign(&peer.key, Header { epoch: Some(epoch), ..header }, b"what it likes")
            }
        };
        let _ = peer.offer(entry, None);
    }

    fn settle(&mut self) {
        self.apart.clear();
        for _ in 0..40 {
            for i in 0..6 {
                for j in 0..6 {
                    self.deliver(i, j, 100);
                }
            }
            let mut wrote = 0;
            for i in 0..6 {
                if self.is_honest(i) {
                    wrote += self.peers[i].tend();
                }
            }
            if wrote == 0 {
                return;
            }
        }
        panic!("never quiet");
    }

    fn check(&mut self) {
        self.settle();
        let thread = self.thread;
        let active: Vec<usize> = (0..6).filter(|i| self.active(*i)).collect();
        // The same entries, the same fold.
        let mut seen: BTreeMap<Vec<EntryHash>, (Fold, Vec<EntryHash>)> = BTreeMap::new();
        for &i in &active {
            let peer = &mut self.peers[i];
            let mut held = peer.spaces.since(&peer.store, thread, &[]).unwrap();
            held.extend(peer.spaces.since(&peer.store, self.coalition, &[]).unwrap());
            held.sort_unstable();
            let is = ((*peer.fold(thread)).clone(), peer.spaces.counted_heads(&peer.store, thread).unwrap());
            assert_eq!(*seen.entry(held).or_insert_with(|| is.clone()), is);
        }
        assert!(seen.len() <= 1, "honest members hold different entries after every link healed");
        self.check_read(&active);
        self.check_secrets();
        for &i in &active {
            if !self.fold(i).unwrap().closed {
                self.write(i);
            }
        }
    }

    /// Every member reads what honest members wrote and what counts, unless no member that is left holds the key.
    fn check_read(&mut self, active: &[usize]) {
        let lines: Vec<(EntryHash, EntryHash)> = self.lines.iter().map(|line| (line.hash, line.epoch)).collect();
        for (hash, epoch) in lines {
            let held = active.iter().any(|i| keyring::held(&self.peers[*i].store, &epoch).unwrap().is_some());
            for &i in active {
                let peer = &mut self.peers[i];
                if !peer.has(&hash) || !peer.counts(&hash) || !held {
                    continue;
                }
                if peer.fold(self.thread).closed {
                    continue;
                }
                assert!(peer.open(&hash).is_ok(), "{:?} of node {i}", peer.open(&hash));
            }
        }
    }

    /// Nothing sealed after a removal was heard of opens for who was removed, unless a later grant let it back in.
    fn check_secrets(&mut self) {
        for line in std::mem::take(&mut self.lines) {
            for i in 0..6 {
                let later: BTreeSet<EntryHash> = (0..6).flat_map(|j| self.grants(j)).collect();
                let org = self.peers[i].org();
                let back = later.difference(&line.grants).any(|hash| {
                    (0..6).any(|j| {
                        let peer = &self.peers[j];
                        peer.has(hash)
                            && matches!(Control::decode(peer.entry(hash).header().kind, peer.entry(hash).body()),
                                        Ok(Some(Control::Grant(grant))) if grant.org == org)
                    })
                });
                if line.members.contains(&org) || back || i == line.by {
                    continue;
                }
                let key = keyring::held(&self.peers[i].store, &line.epoch).unwrap();
                assert!(key.is_none(), "node {i} holds the key of what was sealed after its organisation was out");
                let mut by_force = self.peers[line.by].all(self.coalition);
                by_force.extend(self.peers[line.by].all(self.thread));
                for entry in by_force {
                    let _ = self.peers[i].offer(entry, None);
                }
                if self.peers[i].has(&line.hash) {
                    assert!(matches!(
                        self.peers[i].open(&line.hash),
                        Err(Unopened::NotAReader | Unopened::EpochMissing | Unopened::Revoked | Unopened::Quarantined)
                    ));
                }
            }
        }
    }
}

#[test]
fn whatever_happens_the_removed_read_nothing_later_and_the_rest_read_all() {
    let asked = std::env::var("BELAY_SEEDS").ok().and_then(|range| {
        let (from, to) = range.split_once('-')?;
        Some((from.parse().ok()?, to.parse().ok()?))
    });
    let (from, to): (u64, u64) = asked.unwrap_or((1, 12));
    for seed in from..=to {
        let mut world = World::new(seed);
        let steps = 10 + world.below(40);
        println!("seed {seed}");
        for _ in 0..steps {
            world.step();
        }
        world.check();
    }
}
