//! Entries that a peer has and we lack, in the order in which they are best asked for.

use crate::ids::EntryHash;
use std::collections::BTreeMap;

/// Announced entries in the order of their announcement, which has parents first; what something waits for goes before them.
#[derive(Debug, Default)]
pub struct Pending {
    order: BTreeMap<i64, EntryHash>,
    place: BTreeMap<EntryHash, i64>,
}

impl Pending {
    /// Adds at the end, unless it is there.
    pub fn push(&mut self, hash: EntryHash) {
        let place = self.order.last_key_value().map_or(0, |(place, _)| place + 1);
        self.insert(hash, place);
    }

    /// Adds before all others, unless it is there.
    pub fn urge(&mut self, hash: EntryHash) {
        let place = self.order.first_key_value().map_or(0, |(place, _)| place - 1);
        self.insert(hash, place);
    }

    fn insert(&mut self, hash: EntryHash, place: i64) {
        if let std::collections::btree_map::Entry::Vacant(free) = self.place.entry(hash) {
            free.insert(place);
            self.order.insert(place, hash);
        }
    }

    pub fn remove(&mut self, hash: &EntryHash) {
        if let Some(place) = self.place.remove(hash) {
            self.order.remove(&place);
        }
    }

    /// Moves to the end.
    pub fn defer(&mut self, hash: &EntryHash) {
        if self.place.contains_key(hash) {
            self.remove(hash);
            self.push(*hash);
        }
    }

    #[must_use]
    pub fn contains(&self, hash: &EntryHash) -> bool {
        self.place.contains_key(hash)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.place.is_empty()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.place.len()
    }

    /// In the order to ask for.
    pub fn iter(&self) -> impl Iterator<Item = &EntryHash> {
        self.order.values()
    }
}
