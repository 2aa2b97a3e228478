//! Everything that the keys of one node could open, if all ciphertext in the world were handed to it.

use super::reference::{Reference, What};
use belay_protocol::codec;
use belay_protocol::ids::{EntryHash, NodeId, PrekeyId, SpaceId};
use belay_protocol::keys::{EpochKey, PrekeySecret, Wrap, seal, wrap};
use belay_protocol::space::control::{Epoch, Extend};
use belay_protocol::space::entry::{Entry, Kind};
use belay_protocol::store::{Table, Write};
use belay_protocol::sync::parcel::{Content, Parcel};
use std::collections::BTreeMap;

/// One node's keys, of all its runs and copies, for ever.
#[derive(Default)]
struct Ring {
    prekeys: BTreeMap<PrekeyId, PrekeySecret>,
    keys: BTreeMap<EntryHash, EpochKey>,
}

/// All nodes' keys and all ciphertext.
#[derive(Default)]
pub struct Thief {
    rings: BTreeMap<NodeId, Ring>,
    epochs: BTreeMap<EntryHash, (SpaceId, Epoch)>,
    minted: BTreeMap<EntryHash, NodeId>,
    sealed: BTreeMap<EntryHash, Vec<Entry>>,
    pub opened: u64,
    pub tried: u64,
}

impl Thief {
    /// What a node wrote to its disk.
    pub fn disk(&mut self, node: NodeId, writes: &[Write]) -> Vec<(EntryHash, NodeId)> {
        let mut learnt = Vec::new();
        for write in writes {
            let Some(value) = &write.value else { continue };
            let ring = self.rings.entry(node).or_default();
            match write.table {
                Table::Prekey => {
                    let secret = PrekeySecret::of_suite(value[0], value[1..33].try_into().unwrap()).unwrap();
                    ring.prekeys.insert(secret.id(), secret);
                }
                Table::EpochKey => {
                    let epoch = EntryHash::from_slice(&write.key).unwrap();
                    ring.keys.insert(epoch, EpochKey::from_slice(value).unwrap());
                    learnt.push((epoch, node));
                }
                _ => {}
            }
        }
        learnt
    }

    /// A new entry is in everybody's hands. Gives the epochs whose keys somebody has since.
    pub fn entry(&mut self, entry: &Entry) -> Vec<(EntryHash, NodeId)> {
        let space = entry.space();
        let mut learnt = Vec::new();
        match entry.header().kind {
            Kind::Epoch => {
                let epoch: Epoch = codec::decode("epoch", entry.body()).unwrap();
                self.epochs.insert(entry.hash(), (space, epoch.clone()));
                self.minted.insert(entry.hash(), entry.header().author);
                for (node, sealed) in &epoch.wraps {
                    let place = codec::encode(&(space, epoch.commitment, Some(*node)));
                    if let Some(key) = self.unwrap(*node, sealed, b"epoch v1", &place) {
                        self.learn(*node, entry.hash(), &key, &mut learnt);
                    }
                }
            }
            Kind::Extend => {
                let extend: Extend = codec::decode("extend", entry.body()).unwrap();
                for (node, sealed) in &extend.wraps {
                    let place = codec::encode(&(space, &extend.epochs[..], *node));
                    let Some(keys) = self.unwrap(*node, sealed, b"extend v1", &place) else { continue };
                    for (epoch, key) in extend.epochs.iter().zip(keys.chunks(32)) {
                        self.learn(*node, *epoch, key, &mut learnt);
                    }
                }
            }
            Kind::Data => {
                if let Some(epoch) = entry.header().epoch {
                    self.sealed.entry(epoch).or_default().push(entry.clone());
                    learnt.extend(
                        self.rings.iter().filter(|(_, r)| r.keys.contains_key(&epoch)).map(|(n, _)| (epoch, *n)),
                    );
                }
            }
            _ => {}
        }
        learnt
    }

    fn unwrap(&self, node: NodeId, sealed: &Wrap, info: &[u8], place: &[u8]) -> Option<Vec<u8>> {
        let secret = self.rings.get(&node)?.prekeys.get(&sealed.prekey)?;
        wrap::open(secret, sealed, info, place).ok().map(|key| key.to_vec())
    }

    fn learn(&mut self, node: NodeId, epoch: EntryHash, key: &[u8], learnt: &mut Vec<(EntryHash, NodeId)>) {
        let Some(key) = EpochKey::from_slice(key) else { return };
        let ring = self.rings.entry(node).or_default();
        if ring.keys.insert(epoch, key.clone()).is_some() {
            return;
        }
        learnt.push((epoch, node));
        let Some((space, body)) = self.epochs.get(&epoch).cloned() else { return };
        let place = codec::encode(&("belay bundle v1", space, &body.commitment, &body.earlier[..]));
        if let Ok(keys) = seal::open(&key, &place, &body.bundle) {
            for (earlier, key) in body.earlier.iter().zip(keys.chunks(32)) {
                self.learn(node, *earlier, key, learnt);
            }
        }
    }

    /// Whoever can open a parcel, and what it holds.
    pub fn opens(&self, parcel: &Parcel) -> (Vec<NodeId>, Option<Content>) {
        let (mut nodes, mut content) = (Vec::new(), None);
        for (node, ring) in &self.rings {
            if let Some(secret) = parcel.prekey_for(*node).and_then(|id| ring.prekeys.get(&id))
                && let Ok(opened) = parcel.open(*node, secret)
            {
                nodes.push(*node);
                content = Some(opened);
            }
        }
        (nodes, content)
    }

    /// The sealed entries of an epoch, as they came.
    pub fn sealed(&self, epoch: &EntryHash) -> &[Entry] {
        self.sealed.get(epoch).map_or(&[], Vec::as_slice)
    }

    /// What an entry says to who has the key of its epoch.
    pub fn read(&self, node: NodeId, entry: &Entry) -> Option<Vec<u8>> {
        let key = self.rings.get(&node)?.keys.get(&entry.header().epoch?)?;
        seal::open(key, entry.header_bytes(), entry.body()).ok().map(|body| body.to_vec())
    }

    /// What of this node's loot it must not be able to open.
    pub fn judge(&mut self, reference: &Reference, learnt: &[(EntryHash, NodeId)]) -> Option<String> {
        for (epoch, node) in learnt {
            let org = reference.orgs[node];
            // A custodian that is no reader still knows the keys that it mints to write.
            if self.minted.get(epoch) == Some(node) {
                continue;
            }
            for at in 0..self.sealed(epoch).len() {
                self.tried += 1;
                let entry = &self.sealed(epoch)[at];
                if self.read(*node, entry).is_none() {
                    continue;
                }
                let entry = entry.clone();
                self.opened += 1;
                let Some(n) = reference.number.get(&entry.hash()) else { continue };
                assert!(matches!(reference.entries[*n].what, What::Data { .. }));
                if let Some(why) = reference.secret(*n, org, *node) {
                    return Some(format!(
                        "node {} opens entry {}: invariant {why}",
                        node.short(),
                        entry.hash().short()
                    ));
                }
            }
        }
        None
    }
}
