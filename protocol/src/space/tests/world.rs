//! Organisations, nodes and their stores; what is sent is sent by hand.

use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, NodeId, OrgId, SpaceId};
use crate::keys::{NodeKey, PrekeySecret, RootKey};
use crate::random::Random;
use crate::space::control::{Control, OrgCard, PartnerKind};
use crate::space::entry::{Entry, Header, Kind, VERSION};
use crate::space::{By, Fold, Offered, Spaces, Unopened, Written};
use crate::store::{Draft, Memory, Row, Table, View};
use crate::time::{DAY, Time};
use std::sync::Arc;

/// Bytes from a seed, by a linear congruence: good enough for tests.
pub struct Seeded(pub u64);

impl Random for Seeded {
    fn fill(&mut self, out: &mut [u8]) {
        for byte in out {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (self.0 >> 33) as u8;
        }
    }
}

pub const START: Time = Time(20_000 * DAY);

pub struct Peer {
    pub key: NodeKey,
    pub root: RootKey,
    pub prekey: PrekeySecret,
    pub spaces: Spaces,
    pub store: Memory,
    pub random: Seeded,
    pub now: Time,
}

impl Peer {
    /// A node of the organisation whose root key has this seed.
    pub fn new(org: u8, node: u8) -> Self {
        let mut random = Seeded(u64::from(org) * 1000 + u64::from(node));
        let key = NodeKey::from_seed([org.wrapping_mul(16) ^ node; 32]);
        let prekey = PrekeySecret::generate(&mut random);
        let mut peer = Self {
            spaces: Spaces::new(key.id()),
            key,
            root: RootKey::from_seed([org; 32]),
            prekey: prekey.clone(),
            store: Memory::default(),
            random,
            now: START,
        };
        peer.act(|spaces, draft, by| {
            spaces.hold_prekey(draft, &prekey, by.now);
            Ok(())
        })
        .unwrap();
        peer
    }

    /// Without a prekey: quick to make.
    pub fn bare(seed: u64) -> Self {
        Self {
            key: NodeKey::from_seed([1; 32]),
            root: RootKey::from_seed([1; 32]),
            prekey: PrekeySecret::of_suite(2, [1; 32]).unwrap(),
            spaces: Spaces::new(NodeId::ZERO),
            store: Memory::default(),
            random: Seeded(seed),
            now: START,
        }
    }

    pub fn org(&self) -> OrgId {
        self.root.public().org()
    }

    pub fn id(&self) -> NodeId {
        self.key.id()
    }

    pub fn card(&self) -> OrgCard {
        let root = self.root.public();
        OrgCard { root, name: format!("Organisation {}", self.org().short()), kind: PartnerKind::Part2Program }
    }

    pub fn certificate(&self) -> crate::keys::Certificate {
        self.root.certify(&self.key, self.prekey.public(), START)
    }

    /// One step: its writes are committed if it succeeds, else everything in memory is forgotten.
    pub fn act<T>(&mut self, step: impl FnOnce(&mut Spaces, &mut Draft<'_>, &mut By<'_>) -> Result<T>) -> Result<T> {
        let mut draft = Draft::new(&self.store);
        let mut by = By { key: &self.key, now: self.now, random: &mut self.random };
        let done = step(&mut self.spaces, &mut draft, &mut by);
        let writes = draft.into_writes();
        match done {
            Ok(value) => {
                self.store.commit(writes);
                Ok(value)
            }
            Err(fault) => {
                self.spaces.forget();
                Err(fault)
            }
        }
    }

    pub fn offer(&mut self, entry: Entry, from: Option<NodeId>) -> Result<Offered> {
        self.act(|spaces, draft, by| spaces.offer(draft, entry, from, by.now))
    }

    pub fn write(&mut self, space: SpaceId, body: &str) -> Result<EntryHash> {
        self.act(|spaces, draft, by| spaces.write(draft, by, space, body.as_bytes())).map(|w| w.hash)
    }

    pub fn grant(&mut self, space: SpaceId, org: OrgId) -> Result<Written> {
        self.act(|spaces, draft, by| spaces.grant(draft, by, space, org, true, true, None))
    }

    pub fn revoke(&mut self, space: SpaceId, org: OrgId) -> Result<EntryHash> {
        self.act(|spaces, draft, by| spaces.revoke(draft, by, space, org)).map(|w| w.hash)
    }

    /// Tends every space that something came into, until nothing is due.
    pub fn tend(&mut self) -> usize {
        let mut wrote = 0;
        for _ in 0..20 {
            let due = self.spaces.to_tend();
            if due.is_empty() {
                break;
            }
            for space in due {
                // As if everybody had told everybody something: here spaces stand alone, and records in no private space.
                let orgs: Vec<OrgId> = self.fold(space).members.keys().copied().collect();
                self.act(|spaces, draft, _| {
                    orgs.iter().for_each(|org| spaces.note_told(draft, space, *org, EntryHash(space.0)));
                    Ok(())
                })
                .unwrap();
                wrote += self.act(|spaces, draft, by| spaces.tend(draft, by, space)).unwrap().accepted.len();
            }
        }
        wrote
    }

    pub fn fold(&mut self, space: SpaceId) -> Arc<Fold> {
        self.spaces.fold(&self.store, space).unwrap()
    }

    pub fn heads(&mut self, space: SpaceId) -> Vec<EntryHash> {
        self.spaces.heads(&self.store, space).unwrap()
    }

    pub fn counts(&mut self, hash: &EntryHash) -> bool {
        self.spaces.counts(&self.store, hash).unwrap()
    }

    pub fn has(&self, hash: &EntryHash) -> bool {
        self.spaces.has(&self.store, hash).unwrap()
    }

    pub fn entry(&self, hash: &EntryHash) -> Entry {
        self.spaces.entry(&self.store, hash).unwrap().unwrap()
    }

    pub fn open(&mut self, hash: &EntryHash) -> std::result::Result<String, Unopened> {
        let body = self.spaces.open_body(&self.store, hash).unwrap()?;
        Ok(String::from_utf8(body.to_vec()).unwrap())
    }

    /// All entries of a space in order of acceptance.
    pub fn all(&mut self, space: SpaceId) -> Vec<Entry> {
        let hashes = self.spaces.since(&self.store, space, &[]).unwrap();
        hashes.iter().map(|hash| self.entry(hash)).collect()
    }
}

/// A store that fails where a row of this table is asked for.
pub struct Failing<'s>(pub &'s Memory, pub Table);

impl View for Failing<'_> {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>> {
        if table == self.1 { Err(Fault::store("the disk is gone")) } else { self.0.get(table, key) }
    }
    fn scan(&self, table: Table, from: &[u8], to: Option<&[u8]>, limit: usize, reverse: bool) -> Result<Vec<Row>> {
        self.0.scan(table, from, to, limit, reverse)
    }
}

/// Hands everything of these spaces from one to the other, whoever may have it.
pub fn send(from: &mut Peer, to: &mut Peer, spaces: &[SpaceId]) {
    let sender = from.id();
    for space in spaces {
        let heads = to.heads(*space);
        for hash in from.spaces.since(&from.store, *space, &heads).unwrap() {
            if !to.has(&hash) {
                let entry = from.entry(&hash);
                to.offer(entry, Some(sender)).unwrap();
            }
        }
    }
}

/// Hands everything of these spaces to everybody, and lets everybody tend, until nothing changes.
pub fn settle(peers: &mut [&mut Peer], spaces: &[SpaceId]) {
    for _ in 0..20 {
        let mut wrote = 0;
        for i in 0..peers.len() {
            for j in 0..peers.len() {
                if i < j {
                    let (left, right) = peers.split_at_mut(j);
                    send(left[i], right[0], spaces);
                    send(right[0], left[i], spaces);
                }
            }
        }
        for peer in peers.iter_mut() {
            wrote += peer.tend();
        }
        if wrote == 0 {
            return;
        }
    }
    panic!("never quiet");
}

/// A coalition founded by the first, of all organisations of these peers; further nodes of one organisation certify themselves.
pub fn coalition(peers: &mut [&mut Peer]) -> SpaceId {
    let (founder, others) = peers.split_first_mut().unwrap();
    let (card, certificate) = (founder.card(), founder.certificate());
    let space = founder
        .act(|spaces, draft, by| spaces.found_coalition(draft, by, "County", card, certificate))
        .map(|w| SpaceId(w.hash.0))
        .unwrap();
    for other in others.iter_mut() {
        if founder.fold(space).members.contains_key(&other.org()) {
            send(founder, other, &[space]);
            let certificate = other.certificate();
            other.act(|spaces, draft, by| spaces.certify(draft, by, space, certificate)).unwrap();
            send(other, founder, &[space]);
        } else {
            let (card, certificate) = (other.card(), other.certificate());
            founder.act(|spaces, draft, by| spaces.admit(draft, by, space, card, certificate)).unwrap();
        }
    }
    settle(peers, &[space]);
    space
}

/// A thread that the first founds, reads, and grants to the organisations of the others; everybody has it.
pub fn thread(coalition: SpaceId, peers: &mut [&mut Peer]) -> SpaceId {
    let orgs: Vec<OrgId> = peers.iter().map(|peer| peer.org()).collect();
    let custodian = &mut peers[0];
    let space = custodian
        .act(|spaces, draft, by| spaces.found_thread(draft, by, coalition, true))
        .map(|w| SpaceId(w.hash.0))
        .unwrap();
    for org in orgs {
        if !custodian.fold(space).members.contains_key(&org) {
            custodian.grant(space, org).unwrap();
        }
    }
    settle(peers, &[coalition, space]);
    space
}

/// An entry that the library would not write: any parents, any control heads.
pub fn forge(by: &Peer, space: SpaceId, parents: &[EntryHash], control: &[EntryHash], body: &Control) -> Entry {
    forge_data(by, space, parents, control, body.kind(), None, &body.encode())
}

pub fn forge_data(
    by: &Peer,
    space: SpaceId,
    parents: &[EntryHash],
    control: &[EntryHash],
    kind: Kind,
    epoch: Option<EntryHash>,
    body: &[u8],
) -> Entry {
    let sorted = |hashes: &[EntryHash]| {
        let mut hashes = hashes.to_vec();
        hashes.sort_unstable();
        hashes
    };
    let header = Header {
        version: VERSION,
        space,
        author: by.id(),
        parents: sorted(parents),
        control: sorted(control),
        kind,
        epoch,
        time: by.now,
        length: 0,
    };
    Entry::sign(&by.key, header, body)
}
