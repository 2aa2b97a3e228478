//! The changes that stand in a document, and whether a further one fits them.
//!
//! automerge takes much on trust: a change that names an actor or an operation that is not there makes it panic or go wrong.
//! What a change may name lies in its causal past, which its hash fixes, so every node gives the same answer.

use automerge::legacy::OpId;
use automerge::{Automerge, Change, ChangeHash};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU64;

/// An actor and one of its change numbers; only one change stands in it.
pub(super) type Slot = (Vec<u8>, u64);

pub(super) fn slot(change: &Change) -> Slot {
    (change.actor_id().to_bytes().to_vec(), change.seq())
}

struct Fact {
    slot: Slot,
    deps: Vec<ChangeHash>,
    first: u64,
    last: u64,
}

/// What stands.
#[derive(Default)]
pub(super) struct Known {
    facts: BTreeMap<ChangeHash, Fact>,
    slots: BTreeMap<Slot, ChangeHash>,
    heads: BTreeSet<ChangeHash>,
}

impl Known {
    pub(super) fn of(doc: &Automerge) -> Self {
        let mut known = Self { heads: doc.get_heads().into_iter().collect(), ..Self::default() };
        for meta in doc.get_changes_meta(&[]) {
            let slot = (meta.actor.to_bytes().to_vec(), meta.seq);
            known.slots.insert(slot.clone(), meta.hash);
            known.facts.insert(meta.hash, Fact { slot, deps: meta.deps, first: meta.start_op, last: meta.max_op });
        }
        known
    }

    pub(super) fn has(&self, hash: &ChangeHash) -> bool {
        self.facts.contains_key(hash)
    }

    /// The change that stands in the slot of this one.
    pub(super) fn at(&self, change: &Change) -> Option<ChangeHash> {
        self.slots.get(&slot(change)).copied()
    }

    pub(super) fn add(&mut self, change: &Change) {
        for dep in change.deps() {
            self.heads.remove(dep);
        }
        self.heads.insert(change.hash());
        self.slots.insert(slot(change), change.hash());
        let fact = Fact {
            slot: slot(change),
            deps: change.deps().to_vec(),
            first: change.start_op().get(),
            last: change.max_op(),
        };
        self.facts.insert(change.hash(), fact);
    }

    /// The next number of an actor, and the first operation of the next change.
    pub(super) fn next(&self, actor: &[u8]) -> (u64, NonZeroU64) {
        let last = self.slots.range((actor.to_vec(), 0)..=(actor.to_vec(), u64::MAX)).next_back();
        let operation = self.facts.values().map(|fact| fact.last).max().unwrap_or(0);
        (last.map_or(1, |((_, number), _)| number + 1), NonZeroU64::MIN.saturating_add(operation))
    }

    /// Whether a change whose dependencies are all known names only what lies before it.
    pub(super) fn fits(&self, change: &Change) -> bool {
        let past = self.past(change.deps());
        let facts = || past.iter().filter_map(|hash| self.facts.get(*hash));
        let (actor, number) = slot(change);
        let follows = match number {
            1 => true,
            _ => facts().any(|fact| fact.slot == (actor.clone(), number - 1)),
        };
        let later = facts().all(|fact| fact.last < change.start_op().get());
        let actors: BTreeSet<&[u8]> = facts().map(|fact| fact.slot.0.as_slice()).collect();
        let named = change.other_actor_ids().iter().all(|other| actors.contains(other.to_bytes()));
        follows && later && named && self.replaces_what_is_there(change, &past)
    }

    fn replaces_what_is_there(&self, change: &Change, past: &BTreeSet<&ChangeHash>) -> bool {
        if change.deps().is_empty() {
            // The strict reader has seen that a first change replaces nothing.
            return true;
        }
        let expanded = change.decode();
        let mut operations = expanded.operations.iter().flat_map(|operation| operation.pred.iter());
        operations.all(|OpId(counter, actor)| {
            let facts = past.iter().filter_map(|hash| self.facts.get(*hash));
            let mut by_actor = facts.filter(|fact| fact.slot.0 == actor.to_bytes());
            by_actor.any(|fact| (fact.first..=fact.last).contains(counter))
        })
    }

    /// The causal past of a change with these dependencies.
    fn past(&self, deps: &[ChangeHash]) -> BTreeSet<&ChangeHash> {
        if deps.len() == self.heads.len() && deps.iter().all(|dep| self.heads.contains(dep)) {
            return self.facts.keys().collect();
        }
        let mut past = BTreeSet::new();
        let mut next: Vec<ChangeHash> = deps.to_vec();
        while let Some(hash) = next.pop() {
            if let Some((key, fact)) = self.facts.get_key_value(&hash)
                && past.insert(key)
            {
                next.extend(&fact.deps);
            }
        }
        past
    }
}
