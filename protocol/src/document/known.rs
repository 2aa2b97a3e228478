//! The changes that stand in a document, and whether a further one fits them.
//!
//! What a change may name lies in its causal past, which its hash fixes, so every node gives the same answer.

use super::strict::ACTOR_BYTES;
use automerge::legacy::{Op, OpId};
use automerge::{ActorId, Change, ChangeHash};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU64;

/// Bytes of memory that one change takes here, about.
const FACT_BYTES: usize = 320;

#[derive(Clone)]
struct Fact {
    deps: Vec<ChangeHash>,
    first: u64,
    last: u64,
}

/// What stands.
#[derive(Clone, Default)]
pub(super) struct Known {
    actors: Vec<[u8; ACTOR_BYTES]>,
    numbers: BTreeMap<[u8; ACTOR_BYTES], u32>,
    facts: BTreeMap<ChangeHash, Fact>,
    /// The change of an actor, by its number here, with one of its change numbers: only one stands.
    slots: BTreeMap<(u32, u64), ChangeHash>,
    heads: BTreeSet<ChangeHash>,
    /// The highest operation of all.
    last: u64,
}

/// [`Known`] in the store.
#[derive(Serialize, Deserialize)]
pub(super) struct Rows {
    actors: Vec<Vec<u8>>,
    changes: Vec<Row>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    hash: [u8; 32],
    actor: u32,
    number: u64,
    deps: Vec<[u8; 32]>,
    first: u64,
    last: u64,
}

impl Known {
    pub fn has(&self, hash: &ChangeHash) -> bool {
        self.facts.contains_key(hash)
    }

    /// The number of an actor, of which something stands.
    pub fn number(&self, actor: &ActorId) -> Option<u32> {
        self.numbers.get(actor.to_bytes()).copied()
    }

    pub fn actor(&self, number: u32) -> &[u8] {
        self.actors.get(number as usize).map_or(&[], |actor| actor.as_slice())
    }

    /// The change that stands in the slot of this one.
    pub fn at(&self, change: &Change) -> Option<ChangeHash> {
        self.slots.get(&(self.number(change.actor_id())?, change.seq())).copied()
    }

    /// The changes that no other follows, sorted.
    pub fn heads(&self) -> Vec<ChangeHash> {
        self.heads.iter().copied().collect()
    }

    /// Bytes of memory that it takes, about.
    pub fn weight(&self) -> usize {
        self.facts.len() * FACT_BYTES
    }

    fn add_actor(&mut self, actor: [u8; ACTOR_BYTES]) -> u32 {
        let number = u32::try_from(self.actors.len()).unwrap_or(u32::MAX);
        self.actors.push(actor);
        self.numbers.insert(actor, number);
        number
    }

    /// Takes a change that fits. Returns its actor's number.
    pub fn add(&mut self, change: &Change) -> u32 {
        // Of another length it does not fit.
        let bytes = || change.actor_id().to_bytes().try_into().unwrap_or([0; ACTOR_BYTES]);
        let actor = self.number(change.actor_id()).unwrap_or_else(|| self.add_actor(bytes()));
        let fact = Fact { deps: change.deps().to_vec(), first: change.start_op().get(), last: change.max_op() };
        self.add_fact(change.hash(), (actor, change.seq()), fact);
        actor
    }

    fn add_fact(&mut self, hash: ChangeHash, slot: (u32, u64), fact: Fact) {
        self.last = self.last.max(fact.last);
        self.slots.insert(slot, hash);
        self.facts.insert(hash, fact);
        self.heads.insert(hash);
        for dep in self.facts.get(&hash).map_or(&[][..], |fact| &fact.deps) {
            self.heads.remove(dep);
        }
    }

    /// As the store keeps it.
    pub fn rows(&self) -> Rows {
        let actors = self.actors.iter().map(|actor| actor.to_vec()).collect();
        let row = |(&(actor, number), hash): (&(u32, u64), &ChangeHash)| {
            let fact = self.facts.get(hash)?;
            let deps = fact.deps.iter().map(|dep| dep.0).collect();
            Some(Row { hash: hash.0, actor, number, deps, first: fact.first, last: fact.last })
        };
        Rows { actors, changes: self.slots.iter().filter_map(row).collect() }
    }

    /// The same back; `None` for what this never gave.
    pub fn of(rows: Rows) -> Option<Self> {
        let mut known = Self::default();
        for actor in rows.actors {
            known.add_actor(actor.try_into().ok()?);
        }
        let followed: BTreeSet<[u8; 32]> = rows.changes.iter().flat_map(|row| row.deps.iter().copied()).collect();
        for Row { hash, actor, number, deps, first, last } in rows.changes {
            let deps = deps.into_iter().map(ChangeHash).collect();
            known.add_fact(ChangeHash(hash), (actor, number), Fact { deps, first, last });
        }
        known.heads.retain(|head| !followed.contains(&head.0));
        Some(known)
    }

    /// The next number of an actor, and the first operation of the next change.
    pub fn next(&self, actor: &ActorId) -> (u64, NonZeroU64) {
        let last = self.number(actor).and_then(|n| self.slots.range((n, 0)..=(n, u64::MAX)).next_back());
        (last.map_or(1, |((_, number), _)| number + 1), NonZeroU64::MIN.saturating_add(self.last))
    }

    /// Whether a change whose dependencies are all known, and which does these operations, names only what lies before it.
    /// `stands`: whether this operation is what stands under this key.
    pub fn fits(&self, change: &Change, operations: &[Op], stands: impl Fn(&Op, &OpId) -> bool) -> bool {
        if change.actor_id().to_bytes().len() != ACTOR_BYTES {
            return false;
        }
        // Most changes follow all that is here: then nothing need be gathered.
        let past = if self.is_whole(change.deps()) { None } else { Some(self.past(change.deps())) };
        let lies = |hash: &ChangeHash| past.as_ref().is_none_or(|past| past.contains(hash));
        let actor = self.number(change.actor_id());
        let before = |number| actor.and_then(|actor| self.slots.get(&(actor, number)));
        let follows = change.seq() == 1 || before(change.seq() - 1).is_some_and(lies);
        let last = match &past {
            None => self.last,
            Some(past) => past.iter().filter_map(|hash| self.facts.get(hash)).map(|fact| fact.last).max().unwrap_or(0),
        };
        let named = change.other_actor_ids().iter().all(|other| {
            let of = |n| self.slots.range((n, 0)..=(n, u64::MAX)).any(|(_, hash)| lies(hash));
            self.number(other).is_some_and(of)
        });
        let made = |OpId(counter, actor): &OpId| {
            self.number(actor).is_some_and(|n| {
                let of = self.slots.range((n, 0)..=(n, u64::MAX)).rev().filter(|(_, hash)| lies(hash));
                let mut facts = of.filter_map(|(_, hash)| self.facts.get(hash));
                // An actor's operations rise with its numbers.
                facts.find(|fact| fact.first <= *counter).is_some_and(|fact| *counter <= fact.last)
            })
        };
        let replaces = |operation: &Op| {
            operation.pred.iter().all(|pred| (past.is_none() && stands(operation, pred)) || made(pred))
        };
        follows && last < change.start_op().get() && named && operations.iter().all(replaces)
    }

    /// Whether what follows these follows all that is here.
    fn is_whole(&self, deps: &[ChangeHash]) -> bool {
        deps.len() == self.heads.len() && deps.iter().all(|dep| self.heads.contains(dep))
    }

    /// The causal past of a change with these dependencies.
    fn past(&self, deps: &[ChangeHash]) -> BTreeSet<ChangeHash> {
        let mut past = BTreeSet::new();
        let mut next: Vec<ChangeHash> = deps.to_vec();
        while let Some(hash) = next.pop() {
            if let Some(fact) = self.facts.get(&hash)
                && past.insert(hash)
            {
                next.extend(&fact.deps);
            }
        }
        past
    }
}
