//! One document: the fold over its changes.
//!
//! The state is a function of the *set* of changes, so that no order of arrival matters: of several changes with one
//! (actor, sequence number) the one with the lowest hash stands and the others are skipped with what depends on them; what
//! stands is applied as soon as its dependencies are. A change that names another by its hash can not have been made before
//! it, so dependencies lie in what the author had; no separate look at the entry graph is needed for that.
//!
//! Changes are automerge's, their meaning too; what they come to for a flat map of texts is folded here and not by automerge,
//! which rebuilds and saves a whole document for one field (`protocol/decisions/documents.md`).

use super::group::{Group, Put};
use super::known::{Known, Rows};
use super::strict::ACTOR_BYTES;
use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::NodeId;
use crate::limits;
use crate::random::{self, Random};
use crate::time::{SECOND, Time};
use automerge::legacy::{Key, ObjectId, Op, OpId, OpType};
use automerge::{ActorId, Change, ChangeHash, ExpandedChange, ScalarValue};
use std::collections::BTreeMap;
use std::num::NonZeroU64;

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

/// Texts by key, or by what a key has behind the name of its group.
pub type Fields = BTreeMap<String, String>;

/// A document, open in memory.
#[derive(Clone, Default)]
pub struct Document {
    known: Known,
    /// By the beginning of their keys up to the first slash, which is a listing; the whole key of one without a slash.
    groups: BTreeMap<Box<str>, Group>,
    /// Changes whose dependencies are not here yet.
    waiting: BTreeMap<ChangeHash, Change>,
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
    /// Every group that a change touched.
    pub groups: BTreeMap<String, Difference>,
    /// The changes that stand now and did not before, in the order in which they were applied.
    pub applied: Vec<Change>,
}

/// The fields of a group before and after.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    pub before: Fields,
    pub after: Fields,
}

/// The group of a key, and what it has behind that.
fn split(key: &str) -> (&str, &str) {
    key.find('/').map_or((key, ""), |slash| key.split_at(slash + 1))
}

impl Document {
    /// Folds changes from the start; gives those that stand, in the order in which they were applied.
    ///
    /// # Errors
    /// `Bug`, should something stand that could be displaced.
    pub fn of(changes: impl IntoIterator<Item = Change>) -> Result<(Self, Vec<Change>)> {
        let mut document = Self::default();
        match document.merge(changes)? {
            Merged::Taken(taken) => Ok((document, taken.applied)),
            Merged::Displaces => Err(Fault::bug("document: something stands in an empty one")),
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
    ///
    /// # Errors
    /// `Store`: what the store gave can not be read.
    pub fn merge(&mut self, changes: impl IntoIterator<Item = Change>) -> Result<Merged> {
        let known = &self.known;
        let fresh = changes.into_iter().map(|change| (change.hash(), change));
        let fresh: BTreeMap<ChangeHash, Change> = fresh.filter(|(hash, _)| !known.has(hash)).collect();
        let displaces = |(hash, change): (&ChangeHash, &Change)| known.at(change).is_some_and(|taken| *hash < taken);
        if fresh.iter().chain(&self.waiting).any(displaces) {
            return Ok(Merged::Displaces);
        }
        let mut pool = std::mem::take(&mut self.waiting);
        pool.extend(fresh);
        pool.retain(|_, change| known.at(change).is_none());
        self.apply(pool).map(Merged::Taken)
    }

    fn apply(&mut self, mut pool: BTreeMap<ChangeHash, Change>) -> Result<Taken> {
        let mut taken = Taken::default();
        let mut first: BTreeMap<(ActorId, u64), ChangeHash> = BTreeMap::new();
        for (hash, change) in &pool {
            first.entry((change.actor_id().clone(), change.seq())).or_insert(*hash);
        }
        pool.retain(|hash, change| first.get(&(change.actor_id().clone(), change.seq())) == Some(hash));
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
                    self.take(&change, &operations, &mut taken.groups)?;
                    taken.applied.push(change);
                }
            }
        }
        while pool.len() > limits::CHANGES_WAITING {
            pool.pop_last();
        }
        self.waiting = pool;
        for (name, difference) in &mut taken.groups {
            difference.after = self.group(name)?;
            if difference.after.is_empty() {
                self.groups.remove(name.as_str());
            }
        }
        Ok(taken)
    }

    /// Does what a change that fits says. Notes the groups that it touches, and their fields before the first change did.
    fn take(&mut self, change: &Change, operations: &[Op], touched: &mut BTreeMap<String, Difference>) -> Result<()> {
        let actor = self.known.add(change);
        for (operation, counter) in operations.iter().zip(change.start_op().get()..) {
            let Key::Map(key) = &operation.key else { continue };
            let (name, field) = split(key);
            if !touched.contains_key(name) {
                let before = self.group(name)?;
                touched.insert(name.to_owned(), Difference { before, after: Fields::new() });
            }
            let replaced =
                operation.pred.iter().filter_map(|OpId(counter, actor)| Some((*counter, self.known.number(actor)?)));
            let replaced: Vec<(u64, u32)> = replaced.collect();
            let text = match &operation.action {
                OpType::Put(ScalarValue::Str(text)) => Some(text.as_str()),
                _ => None,
            };
            if !self.groups.contains_key(name) {
                self.groups.insert(name.into(), Group::default());
            }
            if let Some(group) = self.groups.get_mut(name) {
                let put = text.map(|text| Put { counter, actor, text: text.into() });
                group.operate(field, &replaced, put)?;
            }
        }
        Ok(())
    }

    /// Whether this is one of the operations that stand under the key that another writes.
    fn stands(&self, operation: &Op, pred: &OpId) -> bool {
        let (Key::Map(key), Some(actor)) = (&operation.key, self.known.number(&pred.1)) else { return false };
        self.puts(key).is_ok_and(|puts| puts.iter().any(|put| put.counter == pred.0 && put.actor == actor))
    }

    /// What stands under a key.
    fn puts(&self, key: &str) -> Result<Vec<Put>> {
        let (name, field) = split(key);
        self.groups.get(name).map_or(Ok(Vec::new()), |group| group.puts(field))
    }

    /// Of several texts put apart the one with the highest operation number shows, then the highest actor.
    fn shown<'d>(&self, puts: &'d [Put]) -> Option<&'d str> {
        let highest = puts.iter().max_by_key(|put| (put.counter, self.known.actor(put.actor)));
        highest.map(|put| &*put.text)
    }

    /// The fields of a group, by what their keys have behind its name.
    fn group(&self, name: &str) -> Result<Fields> {
        let Some(group) = self.groups.get(name) else { return Ok(Fields::new()) };
        let group = group.read()?;
        let shown = group.iter().filter_map(|(field, puts)| Some((field.to_string(), self.shown(puts)?.to_owned())));
        Ok(shown.collect())
    }

    /// The changes, oldest first, that set (or, with `None`, delete) fields; none where everything is so already. Large edits become
    /// several changes, each small enough for an entry. The document takes them as everybody's, by [`Document::merge`].
    ///
    /// # Errors
    /// `Misuse` for a key or value beyond its bound; `Store`.
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
            let puts = self.puts(key)?;
            if self.shown(&puts) == value.as_deref() {
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

    /// Every field, by its whole key.
    ///
    /// # Errors
    /// `Store`: what the store gave can not be read.
    pub fn fields(&self) -> Result<Fields> {
        let mut fields = Fields::new();
        for (name, group) in self.groups()? {
            fields.extend(group.into_iter().map(|(field, text)| (name.clone() + &field, text)));
        }
        Ok(fields)
    }

    /// Every group's fields, by its name.
    ///
    /// # Errors
    /// `Store`: what the store gave can not be read.
    pub fn groups(&self) -> Result<BTreeMap<String, Fields>> {
        self.groups.keys().map(|name| Ok((name.to_string(), self.group(name)?))).collect()
    }

    /// Changes that wait for others, by rising hash.
    pub fn waiting(&self) -> impl Iterator<Item = &Change> {
        self.waiting.values()
    }

    /// Bytes of memory that it takes, about.
    #[must_use]
    pub fn weight(&self) -> usize {
        let waiting: usize = self.waiting.values().map(|change| change.raw_bytes().len()).sum();
        let groups: usize = self.groups.iter().map(|(name, group)| name.len() + group.weight()).sum();
        self.known.weight() + groups + waiting
    }

    /// As the store keeps it: what stands and waits, then each group in a form that is read only when it is asked for.
    ///
    /// # Errors
    /// `Bug` for a group beyond 4 GiB.
    pub fn state(&self) -> Result<Vec<u8>> {
        let waiting: Vec<Vec<u8>> = self.waiting.values().map(|change| change.raw_bytes().to_vec()).collect();
        let mut state = codec::encode(&(self.known.rows(), waiting));
        for (name, group) in &self.groups {
            for part in [name.as_bytes(), &group.packed()] {
                let length = u32::try_from(part.len()).map_err(|_| Fault::bug("a group of 4 GiB"))?;
                state.extend_from_slice(&length.to_be_bytes());
                state.extend_from_slice(part);
            }
        }
        Ok(state)
    }

    /// The same back.
    ///
    /// # Errors
    /// `Store` for what this never gave.
    pub fn load(state: &[u8]) -> Result<Self> {
        let unreadable = || Fault::store("a document in the store can not be read");
        let prefix = codec::prefix("document", state).map_err(|_| unreadable())?;
        let ((known, waiting), mut rest): ((Rows, Vec<Vec<u8>>), _) = prefix;
        let waiting = super::strict::changes(&waiting.concat()).map_err(|_| unreadable())?;
        let mut document = Self { known: Known::of(known).ok_or_else(unreadable)?, ..Self::default() };
        document.waiting = waiting.into_iter().map(|change| (change.hash(), change)).collect();
        let mut part = || -> Option<&[u8]> {
            let (length, behind) = rest.split_first_chunk::<4>()?;
            let (part, behind) = behind.split_at_checked(u32::from_be_bytes(*length) as usize)?;
            rest = behind;
            Some(part)
        };
        while let Some(name) = part() {
            let name = std::str::from_utf8(name).map_err(|_| unreadable())?;
            document.groups.insert(name.into(), Group::of(part().ok_or_else(unreadable)?));
        }
        if rest.is_empty() { Ok(document) } else { Err(unreadable()) }
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
