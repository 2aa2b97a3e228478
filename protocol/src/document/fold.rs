//! One document: the fold over its changes.
//!
//! The state is a function of the *set* of changes, so that no order of arrival matters: of several changes with one
//! (actor, sequence number) the one with the lowest hash stands and the others are skipped with what depends on them; what
//! stands is applied as soon as its dependencies are. A change that names another by its hash can not have been made before
//! it, so dependencies lie in what the author had; no separate look at the entry graph is needed for that.

use super::known::{Known, Slot, slot};
use super::strict::ACTOR_BYTES;
use crate::fault::{Fault, Result};
use crate::ids::NodeId;
use crate::limits;
use crate::random::{self, Random};
use crate::time::{SECOND, Time};
use automerge::legacy::{Key, ObjectId, Op, OpId, OpType};
use automerge::{
    ActorId, Automerge, Change, ChangeHash, ExpandedChange, ObjId, ROOT, ReadDoc, ScalarValueRef, ValueRef,
};
use std::collections::BTreeMap;

/// Who makes changes: the node's id and 8 random bytes, drawn at the first write after a start. Forget it, with every open
/// document, when a transaction fails: the same actor must never make two different changes with one number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Actor(ActorId);

impl Actor {
    #[must_use]
    pub fn draw(node: NodeId, random: &mut dyn Random) -> Self {
        let mut bytes = node.0.to_vec();
        bytes.extend_from_slice(&random::array::<8>(random));
        Self(ActorId::from(bytes))
    }
}

/// A document, open in memory.
#[derive(Clone)]
pub struct Document {
    doc: Automerge,
    /// Changes whose dependencies are not here yet.
    waiting: BTreeMap<ChangeHash, Change>,
}

impl Default for Document {
    fn default() -> Self {
        Self { doc: Automerge::new(), waiting: BTreeMap::new() }
    }
}

impl Document {
    /// Opens what [`Document::save`] gave: bytes of our own store.
    ///
    /// # Errors
    /// `Store` if they are something else.
    pub fn load(saved: &[u8], waiting: &[u8]) -> Result<Self> {
        let unreadable = || Fault::store("a document in the store can not be opened");
        let saved = zstd::stream::decode_all(saved).map_err(|_| unreadable())?;
        let doc = Automerge::load(&saved).map_err(|_| unreadable())?;
        let waiting = super::strict::changes(waiting).map_err(|fault| Fault::store(fault.message))?;
        Ok(Self { doc, waiting: waiting.into_iter().map(|change| (change.hash(), change)).collect() })
    }

    /// What is kept: the automerge save with its history under zstd (its own compression takes ten times as long), and the
    /// changes that wait.
    ///
    /// # Errors
    /// `Bug` if zstd refuses.
    pub fn save(&self) -> Result<(Vec<u8>, Vec<u8>)> {
        let waiting = self.waiting.values().flat_map(|change| change.raw_bytes().to_vec()).collect();
        let saved = zstd::bulk::compress(&self.doc.save_nocompress(), 3).map_err(|_| Fault::bug("zstd refuses"))?;
        Ok((saved, waiting))
    }

    /// Every change that stands, oldest first: what a snapshot carries.
    #[must_use]
    pub fn changes(&self) -> Vec<Vec<u8>> {
        self.doc.get_changes(&[]).iter().map(|change| change.raw_bytes().to_vec()).collect()
    }

    /// Checks that each change was made by `author`: its actor starts with the author's node id.
    ///
    /// # Errors
    /// `Misbehaved` if one was not.
    pub fn authored(changes: &[Change], author: NodeId) -> Result<()> {
        let own = |change: &Change| {
            let actor = change.actor_id().to_bytes();
            actor.len() == ACTOR_BYTES && actor.starts_with(&author.0)
        };
        if changes.iter().all(own) {
            Ok(())
        } else {
            Err(Fault::misbehaved(format!("a document change by another actor than its author {}", author.short())))
        }
    }

    /// Takes in changes, in any order, known ones too. The caller has checked who made them.
    ///
    /// # Errors
    /// `Bug` if automerge refuses what was checked; the document is then as before.
    pub fn merge(&mut self, changes: impl IntoIterator<Item = Change>) -> Result<()> {
        let known = Known::of(&self.doc);
        let mut pool = self.waiting.clone();
        pool.extend(changes.into_iter().map(|change| (change.hash(), change)));
        pool.retain(|hash, _| !known.has(hash));
        if pool.iter().any(|(hash, change)| known.at(change).is_some_and(|taken| *hash < taken)) {
            // What was applied loses its number: fold from the start.
            pool.extend(self.doc.get_changes(&[]).into_iter().map(|change| (change.hash(), change)));
            let mut fresh = Self::default();
            fresh.apply(pool, Known::default())?;
            *self = fresh;
            return Ok(());
        }
        pool.retain(|_, change| known.at(change).is_none());
        self.apply(pool, known)
    }

    fn apply(&mut self, mut pool: BTreeMap<ChangeHash, Change>, mut known: Known) -> Result<()> {
        let mut first: BTreeMap<Slot, ChangeHash> = BTreeMap::new();
        for (hash, change) in &pool {
            first.entry(slot(change)).or_insert(*hash);
        }
        pool.retain(|hash, change| first.get(&slot(change)) == Some(hash));
        let mut ready = Vec::new();
        loop {
            let next: Vec<ChangeHash> = pool
                .iter()
                .filter(|(_, change)| change.deps().iter().all(|dep| known.has(dep)))
                .map(|(hash, _)| *hash)
                .collect();
            if next.is_empty() {
                break;
            }
            for change in next.iter().filter_map(|hash| pool.remove(hash)) {
                if known.fits(&change) {
                    known.add(&change);
                    ready.push(change);
                }
            }
        }
        while pool.len() > limits::CHANGES_WAITING {
            pool.pop_last();
        }
        if !ready.is_empty() {
            let mut doc = self.doc.clone();
            // automerge has panicked on changes that named what was not there; those we know are refused above.
            let applied =
                std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || doc.apply_changes(ready).map(|()| doc)));
            let Ok(Ok(doc)) = applied else { return Err(Fault::bug("automerge refuses changes that were checked")) };
            self.doc = doc;
        }
        self.waiting = pool;
        Ok(())
    }

    /// Sets (or, with `None`, deletes) fields. Returns the changes made, oldest first; none where everything is so already.
    /// Large edits become several changes, each small enough for an entry.
    ///
    /// # Errors
    /// `Misuse` for a key or value beyond its bound.
    pub fn edit(&mut self, actor: &Actor, now: Time, edits: &BTreeMap<String, Option<String>>) -> Result<Vec<Vec<u8>>> {
        let mut made = Vec::new();
        let mut batch = Vec::new();
        let mut text = 0;
        for (key, value) in edits {
            if key.is_empty() || key.len() > limits::FIELD_NAME_BYTES {
                return Err(Fault::misuse(format!("a field's name has 1 to {} bytes", limits::FIELD_NAME_BYTES)));
            }
            if value.as_ref().is_some_and(|value| value.chars().count() > limits::FIELD_CHARS) {
                return Err(Fault::misuse(format!("{key}: more than {} characters", limits::FIELD_CHARS)));
            }
            if self.field(key) == *value {
                continue;
            }
            let size = key.len() + value.as_ref().map_or(0, String::len);
            if text + size > limits::CHANGE_TEXT && !batch.is_empty() {
                made.push(self.commit(actor, now, &std::mem::take(&mut batch))?);
                text = 0;
            }
            text += size;
            batch.push((key, value));
        }
        if !batch.is_empty() {
            made.push(self.commit(actor, now, &batch)?);
        }
        Ok(made)
    }

    /// One change of our own, put together whole: automerge's transactions take many times as long for the fields of an import.
    fn commit(&mut self, actor: &Actor, now: Time, batch: &[(&String, &Option<String>)]) -> Result<Vec<u8>> {
        let failed = |_| Fault::bug("automerge refuses a change of our own");
        let known = Known::of(&self.doc);
        let (seq, start_op) = known.next(actor.0.to_bytes());
        let mut operations = Vec::with_capacity(batch.len());
        for (key, value) in batch {
            let standing = self.doc.get_all(ROOT, key.as_str()).map_err(failed)?;
            let replaced = standing.into_iter().filter_map(|(_, id)| match id {
                ObjId::Id(counter, actor, _) => Some(OpId(counter, actor)),
                ObjId::Root => None,
            });
            operations.push(Op {
                action: value.as_ref().map_or(OpType::Delete, |value| OpType::Put(value.as_str().into())),
                obj: ObjectId::Root,
                key: Key::Map(key.as_str().into()),
                pred: replaced.collect(),
                insert: false,
            });
        }
        let mut deps = self.doc.get_heads();
        deps.sort_unstable();
        let change = Change::from(ExpandedChange {
            operations,
            actor_id: actor.0.clone(),
            author: None,
            hash: None,
            seq,
            start_op,
            time: i64::try_from(now.0 / SECOND).unwrap_or(i64::MAX),
            message: None,
            deps,
            extra_bytes: Vec::new(),
        });
        let bytes = change.raw_bytes().to_vec();
        self.doc.apply_changes([change]).map_err(failed)?;
        Ok(bytes)
    }

    fn field(&self, key: &str) -> Option<String> {
        let found = self.doc.get(ROOT, key).ok().flatten();
        found.and_then(|(value, _)| value.as_str().map(str::to_owned))
    }

    /// Every field. Of several values written apart, automerge's rule picks one: the highest counter, then actor.
    #[must_use]
    pub fn fields(&self) -> BTreeMap<String, String> {
        self.doc
            .map_range(ROOT, ..)
            .filter_map(|item| match item.value {
                ValueRef::Scalar(ScalarValueRef::Str(text)) => Some((item.key.into_owned(), text.into_owned())),
                _ => None,
            })
            .collect()
    }

    /// Changes that wait for others.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }
}
