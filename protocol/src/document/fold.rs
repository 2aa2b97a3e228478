//! One document: the fold over its changes.
//!
//! The state is a function of the *set* of changes, so that no order of arrival matters: of several changes with one
//! (actor, sequence number) the one with the lowest hash stands and the others are skipped with what depends on them; what
//! stands is applied as soon as its dependencies are. A change that names another by its hash can not have been made before
//! it, so dependencies lie in what the author had; no separate look at the entry graph is needed for that.
//!
//! Changes are automerge's, their meaning too; what they come to for a flat map of texts is folded here and not by automerge,
//! which rebuilds and saves a whole document for one field (`protocol/decisions/documents.md`).

use super::known::Known;
use super::strict::ACTOR_BYTES;
use crate::fault::{Fault, Result};
use crate::ids::NodeId;
use crate::limits;
use crate::random::{self, Random};
use crate::time::{SECOND, Time};
use automerge::legacy::{Key, ObjectId, Op, OpId, OpType};
use automerge::{ActorId, Change, ChangeHash, ExpandedChange, ScalarValue};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU64;
use std::ops::Bound;

/// Bytes of memory that one value takes beside its key and its text, about.
const PUT_BYTES: usize = 160;

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

/// Texts by key.
pub type Fields = BTreeMap<String, String>;

/// What an operation put under a key, until another replaces it.
#[derive(Clone)]
struct Put {
    /// The operation's number, and its actor's in [`Known`].
    counter: u64,
    actor: u32,
    text: Box<str>,
}

/// A document, open in memory.
#[derive(Clone, Default)]
pub struct Document {
    known: Known,
    /// What stands: under most keys one text, several where they were put apart.
    fields: BTreeMap<Box<str>, Vec<Put>>,
    /// Changes whose dependencies are not here yet.
    waiting: BTreeMap<ChangeHash, Change>,
    weight: usize,
}

/// What became of changes that were merged.
#[must_use]
pub enum Merged {
    Taken(Taken),
    /// One takes the number of a change that stands. Nothing was taken: all are to be folded from the start.
    Displaces,
}

/// What changes that were taken did.
#[derive(Default)]
pub struct Taken {
    /// The fields, before and after, of every group that a change touched: a group is the keys with one beginning up to the first
    /// slash, which is a listing.
    pub before: Fields,
    pub after: Fields,
    /// The changes that stand now and did not before, in the order in which they were applied.
    pub applied: Vec<Change>,
}

/// The beginning that a key shares with those of its group.
fn group(key: &str) -> &str {
    key.find('/').map_or(key, |slash| key.split_at(slash + 1).0)
}

impl Document {
    /// Folds changes from the start; gives those that stand, in the order in which they were applied.
    #[must_use]
    pub fn of(changes: impl IntoIterator<Item = Change>) -> (Self, Vec<Change>) {
        let mut document = Self::default();
        // Nothing stands that could be displaced.
        match document.merge(changes) {
            Merged::Taken(taken) => (document, taken.applied),
            Merged::Displaces => (document, Vec::new()),
        }
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

    /// Whether a change is here: it stands or waits.
    #[must_use]
    pub fn has(&self, hash: &ChangeHash) -> bool {
        self.known.has(hash) || self.waiting.contains_key(hash)
    }

    /// Takes in changes, in any order, known ones too. The caller has checked who made them.
    pub fn merge(&mut self, changes: impl IntoIterator<Item = Change>) -> Merged {
        let known = &self.known;
        let fresh = changes.into_iter().map(|change| (change.hash(), change));
        let fresh: BTreeMap<ChangeHash, Change> = fresh.filter(|(hash, _)| !known.has(hash)).collect();
        let displaces = |(hash, change): (&ChangeHash, &Change)| known.at(change).is_some_and(|taken| *hash < taken);
        if fresh.iter().chain(&self.waiting).any(displaces) {
            return Merged::Displaces;
        }
        let mut pool = std::mem::take(&mut self.waiting);
        pool.extend(fresh);
        pool.retain(|_, change| known.at(change).is_none());
        Merged::Taken(self.apply(pool))
    }

    fn apply(&mut self, mut pool: BTreeMap<ChangeHash, Change>) -> Taken {
        let mut taken = Taken::default();
        let mut first: BTreeMap<(ActorId, u64), ChangeHash> = BTreeMap::new();
        for (hash, change) in &pool {
            first.entry((change.actor_id().clone(), change.seq())).or_insert(*hash);
        }
        pool.retain(|hash, change| first.get(&(change.actor_id().clone(), change.seq())) == Some(hash));
        let mut touched: BTreeSet<String> = BTreeSet::new();
        loop {
            let ready = |change: &Change| change.deps().iter().all(|dep| self.known.has(dep));
            let next: Vec<ChangeHash> =
                pool.iter().filter(|(_, change)| ready(change)).map(|(hash, _)| *hash).collect();
            if next.is_empty() {
                break;
            }
            for change in next.iter().filter_map(|hash| pool.remove(hash)) {
                let operations = change.decode().operations;
                let stands = |operation: &Op, pred: &OpId| self.stands(operation, pred);
                if self.known.fits(&change, &operations, stands) {
                    self.take(&change, operations, &mut touched, &mut taken.before);
                    taken.applied.push(change);
                }
            }
        }
        while pool.len() > limits::CHANGES_WAITING {
            pool.pop_last();
        }
        self.waiting = pool;
        for group in &touched {
            self.group_into(group, &mut taken.after);
        }
        taken
    }

    /// Does what a change that fits says. Notes the groups that it touches, and their fields before the first change did.
    fn take(&mut self, change: &Change, operations: Vec<Op>, touched: &mut BTreeSet<String>, before: &mut Fields) {
        let actor = self.known.add(change);
        for (operation, counter) in operations.into_iter().zip(change.start_op().get()..) {
            let Key::Map(key) = &operation.key else { continue };
            let group = group(key);
            if !touched.contains(group) {
                self.group_into(group, before);
                touched.insert(group.to_owned());
            }
            let replaced: Vec<(u64, Option<u32>)> =
                operation.pred.iter().map(|OpId(counter, actor)| (*counter, self.known.number(actor))).collect();
            let text = match &operation.action {
                OpType::Put(ScalarValue::Str(text)) => Some(text.as_str()),
                _ => None,
            };
            self.operate(key, &replaced, text.map(|text| Put { counter, actor, text: text.into() }));
        }
    }

    fn operate(&mut self, key: &str, replaced: &[(u64, Option<u32>)], put: Option<Put>) {
        let size = |put: &Put| PUT_BYTES + key.len() + put.text.len();
        if !self.fields.contains_key(key) {
            self.fields.insert(key.into(), Vec::new());
        }
        let Some(puts) = self.fields.get_mut(key) else { return };
        puts.retain(|old| {
            let stays = !replaced.contains(&(old.counter, Some(old.actor)));
            if !stays {
                self.weight = self.weight.saturating_sub(size(old));
            }
            stays
        });
        self.weight += put.as_ref().map_or(0, size);
        puts.extend(put);
        if puts.is_empty() {
            self.fields.remove(key);
        }
    }

    /// Whether this is one of the operations that stand under the key that another writes.
    fn stands(&self, operation: &Op, pred: &OpId) -> bool {
        let Key::Map(key) = &operation.key else { return false };
        let number = self.known.number(&pred.1);
        let puts = self.fields.get(key.as_str());
        puts.is_some_and(|puts| puts.iter().any(|put| put.counter == pred.0 && Some(put.actor) == number))
    }

    /// Of several texts put apart the one with the highest operation number shows, then the highest actor.
    fn shown<'d>(&self, puts: &'d [Put]) -> Option<&'d str> {
        let highest = puts.iter().max_by_key(|put| (put.counter, self.known.actor(put.actor)));
        highest.map(|put| &*put.text)
    }

    fn group_into(&self, group: &str, fields: &mut Fields) {
        let of = self.fields.range::<str, _>((Bound::Included(group), Bound::Unbounded));
        let in_group = |key: &str| if group.ends_with('/') { key.starts_with(group) } else { key == group };
        let shown = of.take_while(|(key, _)| in_group(key)).filter_map(|(key, puts)| Some((key, self.shown(puts)?)));
        fields.extend(shown.map(|(key, text)| (key.to_string(), text.to_owned())));
    }

    /// The changes, oldest first, that set (or, with `None`, delete) fields; none where everything is so already. Large edits become
    /// several changes, each small enough for an entry. The document takes them as everybody's, by [`Document::merge`].
    ///
    /// # Errors
    /// `Misuse` for a key or value beyond its bound.
    pub fn edit(&self, actor: &Actor, now: Time, edits: &BTreeMap<String, Option<String>>) -> Result<Vec<Vec<u8>>> {
        let mut making = Making::on(self, actor, now);
        let mut text = 0;
        for (key, value) in edits {
            if key.is_empty() || key.len() > limits::FIELD_NAME_BYTES {
                return Err(Fault::misuse(format!("a field's name has 1 to {} bytes", limits::FIELD_NAME_BYTES)));
            }
            if value.as_ref().is_some_and(|value| value.chars().count() > limits::FIELD_CHARS) {
                return Err(Fault::misuse(format!("{key}: more than {} characters", limits::FIELD_CHARS)));
            }
            let puts = self.fields.get(key.as_str()).map_or(&[][..], Vec::as_slice);
            if self.shown(puts) == value.as_deref() {
                continue;
            }
            let size = key.len() + value.as_ref().map_or(0, String::len);
            if text + size > limits::CHANGE_TEXT && !making.operations.is_empty() {
                making.end();
                text = 0;
            }
            text += size;
            let replaced = puts.iter().map(|put| OpId(put.counter, ActorId::from(self.known.actor(put.actor))));
            making.operations.push(Op {
                action: value.as_ref().map_or(OpType::Delete, |value| OpType::Put(value.as_str().into())),
                obj: ObjectId::Root,
                key: Key::Map(key.as_str().into()),
                pred: replaced.collect(),
                insert: false,
            });
        }
        if !making.operations.is_empty() {
            making.end();
        }
        Ok(making.made)
    }

    /// Every field.
    #[must_use]
    pub fn fields(&self) -> Fields {
        let shown = self.fields.iter().filter_map(|(key, puts)| Some((key.to_string(), self.shown(puts)?.to_owned())));
        shown.collect()
    }

    /// Changes that wait for others, by rising hash.
    pub fn waiting(&self) -> impl Iterator<Item = &Change> {
        self.waiting.values()
    }

    /// Bytes of memory that it takes, about.
    #[must_use]
    pub fn weight(&self) -> usize {
        let waiting: usize = self.waiting.values().map(|change| change.raw_bytes().len()).sum();
        self.weight + self.known.weight() + waiting
    }

    /// SHA-256 over what stands and what waits: two documents with the same one are the same.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut context = ring::digest::Context::new(&ring::digest::SHA256);
        context.update(b"belay document state v1\0");
        let heads = self.known.heads();
        context.update(&(heads.len() as u64).to_be_bytes());
        for hash in heads.iter().chain(self.waiting.keys()) {
            context.update(&hash.0);
        }
        context.finish().as_ref().try_into().unwrap_or([0; 32])
    }
}

/// Changes of one edit, put together whole: automerge's transactions take many times as long for the fields of an import.
struct Making<'a> {
    actor: &'a Actor,
    now: Time,
    seq: u64,
    start: NonZeroU64,
    deps: Vec<ChangeHash>,
    operations: Vec<Op>,
    made: Vec<Vec<u8>>,
}

impl<'a> Making<'a> {
    fn on(document: &Document, actor: &'a Actor, now: Time) -> Self {
        let (seq, start) = document.known.next(&actor.0);
        Self { actor, now, seq, start, deps: document.known.heads(), operations: Vec::new(), made: Vec::new() }
    }

    /// Makes a change of the operations so far; the next follows it.
    fn end(&mut self) {
        let change = Change::from(ExpandedChange {
            operations: std::mem::take(&mut self.operations),
            actor_id: self.actor.0.clone(),
            author: None,
            hash: None,
            seq: self.seq,
            start_op: self.start,
            time: i64::try_from(self.now.0 / SECOND).unwrap_or(i64::MAX),
            message: None,
            deps: std::mem::take(&mut self.deps),
            extra_bytes: Vec::new(),
        });
        self.seq += 1;
        self.start = NonZeroU64::MIN.saturating_add(change.max_op());
        self.deps = vec![change.hash()];
        self.made.push(change.raw_bytes().to_vec());
    }
}
