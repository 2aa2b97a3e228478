//! Where a story begins: three nodes that hold the same spaces.

use crate::peer::{Peer, id};
use belay_protocol::ids::{EntryHash, NodeId, OrgId, SpaceId};
use belay_protocol::space::entry::Entry;
use belay_protocol::store::Memory;
use std::collections::{BTreeMap, BTreeSet};

/// What a story begins with.
pub struct Scene {
    /// The coalition, then the thread if there is one.
    pub spaces: Vec<SpaceId>,
    /// Organisation and node of the three.
    numbers: [(u8, u8); 3],
    stores: [Memory; 3],
    /// Everything that had been written, what is followed before what follows it.
    pub entries: Vec<Entry>,
    pub known: BTreeSet<EntryHash>,
    /// Whose node each is, also of nodes that do nothing here.
    pub orgs: BTreeMap<NodeId, OrgId>,
}

impl Scene {
    /// A coalition that the first founded and to which it admitted the others, and these organisations that run no node.
    pub fn coalition(numbers: [(u8, u8); 3], others: &[u8]) -> Staging {
        let mut peers = numbers.map(|(org, node)| Peer::new(org, node));
        let (card, certificate) = (peers[0].card(), peers[0].certificate());
        let founded = peers[0].act(|s, d, by| s.found_coalition(d, by, "County", card, certificate)).unwrap();
        let coalition = SpaceId(founded.hash.0);
        let mut staging = Staging { peers, numbers, spaces: vec![coalition], orgs: BTreeMap::new() };
        for (n, (org, node)) in numbers.into_iter().enumerate().skip(1) {
            if node == 1 {
                staging.admit(org);
            } else {
                staging.tell();
                let certificate = staging.peers[n].certificate();
                staging.peers[n].act(|s, d, by| s.certify(d, by, coalition, certificate)).unwrap();
            }
        }
        others.iter().for_each(|org| staging.admit(*org));
        staging.tell();
        staging
    }

    pub fn peer(&self, n: usize) -> Peer {
        Peer::on(self.numbers[n], self.stores[n].clone())
    }

    pub fn thread(&self) -> Option<SpaceId> {
        self.spaces.get(1).copied()
    }
}

/// A scene that is being set.
pub struct Staging {
    pub peers: [Peer; 3],
    numbers: [(u8, u8); 3],
    spaces: Vec<SpaceId>,
    orgs: BTreeMap<NodeId, OrgId>,
}

impl Staging {
    fn admit(&mut self, org: u8) {
        let newcomer = Peer::new(org, 1);
        let coalition = self.spaces[0];
        self.orgs.insert(newcomer.id(), newcomer.root.public().org());
        let (card, certificate) = (newcomer.card(), newcomer.certificate());
        self.peers[0].act(|s, d, by| s.admit(d, by, coalition, card, certificate)).unwrap();
    }

    pub fn coalition_space(&self) -> SpaceId {
        self.spaces[0]
    }

    /// A thread of the first organisation, open to these.
    pub fn thread(mut self, orgs: &[u8]) -> Self {
        let coalition = self.spaces[0];
        let founded = self.peers[0].act(|s, d, by| s.found_thread(d, by, coalition, true)).unwrap();
        let thread = SpaceId(founded.hash.0);
        self.spaces.push(thread);
        for org in orgs {
            self.peers[0].act(|s, d, by| s.grant(d, by, thread, id(*org), true, true, None)).unwrap();
        }
        self.tell();
        self
    }

    /// A first line in the thread, by the first.
    pub fn line(mut self) -> Self {
        let thread = self.spaces[1];
        self.peers[0].act(|s, d, by| s.write(d, by, thread, b"the first line")).unwrap();
        self.tell();
        self
    }

    /// Everybody tells everybody everything.
    pub fn tell(&mut self) {
        for from in 0..3 {
            let entries = self.entries(from);
            for to in (0..3).filter(|to| *to != from) {
                for entry in &entries {
                    self.peers[to].act(|s, d, by| s.offer(d, entry.clone(), None, by.now)).unwrap();
                }
            }
        }
    }

    /// All that one holds, in order of acceptance, the coalition first.
    fn entries(&mut self, n: usize) -> Vec<Entry> {
        let peer = &mut self.peers[n];
        let hashes: Vec<EntryHash> =
            self.spaces.iter().flat_map(|space| peer.spaces.since(&peer.store, *space, &[]).unwrap()).collect();
        hashes.iter().map(|hash| peer.entry(hash)).collect()
    }

    pub fn set(mut self) -> Scene {
        self.tell();
        let entries = self.entries(0);
        for n in 1..3 {
            assert_eq!(self.entries(n).len(), entries.len(), "everybody begins with the same entries");
        }
        self.orgs.extend(self.peers.iter().map(|peer| (peer.id(), peer.root.public().org())));
        Scene {
            spaces: self.spaces,
            numbers: self.numbers,
            known: entries.iter().map(Entry::hash).collect(),
            entries,
            stores: self.peers.map(|peer| peer.store),
            orgs: self.orgs,
        }
    }
}
