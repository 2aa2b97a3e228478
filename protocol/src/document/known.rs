//! The changes that a document has taken in, and who made them.

use super::strict::ACTOR_BYTES;
use crate::limits;
use automerge::{ActorId, Change, ChangeHash};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU64;

/// Bytes of memory that one change, and one actor, takes here, about.
const CHANGE_BYTES: usize = 120;
const ACTOR_MEMORY: usize = 160;

/// What was taken in.
#[derive(Clone, Default)]
pub(super) struct Known {
    actors: Vec<[u8; ACTOR_BYTES]>,
    numbers: BTreeMap<[u8; ACTOR_BYTES], u32>,
    /// The highest number of a change of an actor.
    sequences: BTreeMap<u32, u64>,
    changes: BTreeSet<[u8; 32]>,
    /// What a change follows: it may not be here yet.
    followed: BTreeSet<[u8; 32]>,
    heads: BTreeSet<[u8; 32]>,
    /// The highest operation that was made or named.
    last: u64,
    /// What all changes weigh.
    weighs: u64,
}

/// [`Known`] in the store.
#[derive(Serialize, Deserialize)]
pub(super) struct Rows {
    actors: Vec<Vec<u8>>,
    sequences: BTreeMap<u32, u64>,
    changes: BTreeSet<[u8; 32]>,
    followed: BTreeSet<[u8; 32]>,
    last: u64,
    weighs: u64,
}

impl Known {
    /// Of a document that holds nothing any more.
    pub fn nothing(weighs: u64) -> Self {
        Self { weighs, ..Self::default() }
    }

    pub const fn weighs(&self) -> u64 {
        self.weighs
    }

    pub fn weigh(&mut self, more: u64) {
        self.weighs = self.weighs.saturating_add(more);
    }

    pub fn has(&self, hash: &ChangeHash) -> bool {
        self.changes.contains(&hash.0)
    }

    pub fn actor(&self, number: u32) -> &[u8] {
        self.actors.get(number as usize).map_or(&[], |actor| actor.as_slice())
    }

    /// The number of an actor, which it gets when it is first met; `None` for one of another length, which the strict reader refuses.
    pub fn number(&mut self, actor: &ActorId) -> Option<u32> {
        let bytes: [u8; ACTOR_BYTES] = actor.to_bytes().try_into().ok()?;
        if let Some(number) = self.numbers.get(&bytes) {
            return Some(*number);
        }
        let number = u32::try_from(self.actors.len()).ok()?;
        self.actors.push(bytes);
        self.numbers.insert(bytes, number);
        Some(number)
    }

    /// The changes that no other follows, by hash, as many as one change may name.
    pub fn heads(&self) -> Vec<ChangeHash> {
        self.heads.iter().take(limits::CHANGE_ACTORS).map(|hash| ChangeHash(*hash)).collect()
    }

    /// Bytes of memory that it takes, about.
    pub fn weight(&self) -> usize {
        self.changes.len() * CHANGE_BYTES + self.actors.len() * ACTOR_MEMORY
    }

    /// Takes a change of an actor, by its number here.
    pub fn add(&mut self, actor: u32, change: &Change) {
        let sequence = self.sequences.entry(actor).or_default();
        *sequence = (*sequence).max(change.seq());
        self.meet(change.max_op());
        let hash = change.hash().0;
        self.changes.insert(hash);
        if !self.followed.contains(&hash) {
            self.heads.insert(hash);
        }
        for dep in change.deps() {
            self.followed.insert(dep.0);
            self.heads.remove(&dep.0);
        }
    }

    /// An operation with this number was made or named.
    pub fn meet(&mut self, counter: u64) {
        self.last = self.last.max(counter);
    }

    /// As the store keeps it.
    pub fn rows(&self) -> Rows {
        Rows {
            actors: self.actors.iter().map(|actor| actor.to_vec()).collect(),
            sequences: self.sequences.clone(),
            changes: self.changes.clone(),
            followed: self.followed.clone(),
            last: self.last,
            weighs: self.weighs,
        }
    }

    /// The same back; `None` for what this never gave.
    pub fn of(rows: Rows) -> Option<Self> {
        let Rows { actors, sequences, changes, followed, last, weighs } = rows;
        let heads = changes.difference(&followed).copied().collect();
        let mut known = Self { sequences, changes, followed, heads, last, weighs, ..Self::default() };
        for actor in actors {
            known.number(&ActorId::from(actor))?;
        }
        Some(known)
    }

    /// The next number of an actor, and the first operation of the next change.
    pub fn next(&self, actor: &ActorId) -> (u64, NonZeroU64) {
        let number = self.numbers.get(actor.to_bytes());
        let last = number.and_then(|number| self.sequences.get(number)).copied().unwrap_or_default();
        (last + 1, NonZeroU64::MIN.saturating_add(self.last))
    }
}
