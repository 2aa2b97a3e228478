//! One document: the fold over its changes.
//!
//! The state is a function of the *set* of changes, so that no order of arrival, no batch and no repetition matters: under each
//! field stands, of each actor, the highest number up to which its operations were taken away, and what it put last above that.
//! Both only rise, so each change takes effect by itself, at once, whatever else is here. For what automerge makes of honest
//! changes nothing else is needed: who puts or takes away has seen what it names, and whoever named an actor's later operation on
//! a field has seen the earlier ones gone.
//!
//! What all changes together weigh, and the bodies that brought them, only rises too, and hangs on the set of them: a document that weighs more than
//! [`limits::DOCUMENT_BYTES`] holds nothing from then on, whatever it held and whichever change came last.
//!
//! Changes are automerge's, their meaning too; what they come to for a flat map of texts is folded here and not by automerge,
//! which rebuilds and saves a whole document for one field (`protocol/decisions/documents.md`).

use super::group::{Group, Hand, Put, puts};
use super::known::{Known, Rows};
use super::strict::{self, ACTOR_BYTES};
use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::NodeId;
use crate::limits;
use crate::random::{self, Random};
use crate::time::{SECOND, Time};
use automerge::legacy::{Key, ObjectId, Op, OpId, OpType};
use automerge::{ActorId, Change, ChangeHash, ExpandedChange, ScalarValue};
use std::collections::{BTreeMap, BTreeSet};
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

    #[cfg(test)]
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self(ActorId::from(bytes))
    }
}

/// Bytes of memory that a document and a group take beside what is in them, about.
const DOCUMENT_BYTES: usize = 512;
const GROUP_BYTES: usize = 128;

/// Texts by key, or by what a key has behind the name of its group.
pub type Fields = BTreeMap<String, String>;

/// A document, open in memory.
#[derive(Clone, Default)]
pub struct Document {
    known: Known,
    /// By the beginning of their keys up to the first slash, which is a listing; the whole key of one without a slash.
    groups: BTreeMap<Box<str>, Group>,
}

/// The fields of a group before and after.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    pub before: Fields,
    pub after: Fields,
}

/// What a change may add to the state at most: its bytes hold every text, key and actor that it names.
fn weight(change: &Change, operations: &[Op]) -> u64 {
    let named: usize = operations.iter().map(|operation| operation.pred.len()).sum();
    let beside = limits::CHANGE_COST + operations.len() * limits::OPERATION_COST + named * limits::NAMED_COST;
    (change.raw_bytes().len() + beside) as u64
}

/// The group of a key, and what it has behind that.
fn split(key: &str) -> (&str, &str) {
    key.find('/').map_or((key, ""), |slash| key.split_at(slash + 1))
}

impl Document {
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

    /// Whether a change was taken in.
    #[must_use]
    pub fn has(&self, hash: &ChangeHash) -> bool {
        self.known.has(hash)
    }

    /// Takes in changes, in any order, known ones too. The caller has checked who made them. Gives every group that one touched, by its
    /// name.
    ///
    /// # Errors
    /// `Store`: what the store gave can not be read.
    pub fn merge(&mut self, changes: impl IntoIterator<Item = Change>) -> Result<BTreeMap<String, Difference>> {
        let mut touched = BTreeMap::new();
        for change in changes {
            if self.is_over() || self.known.has(&change.hash()) {
                continue;
            }
            let operations = change.decode().operations;
            self.known.weigh(weight(&change, &operations));
            if self.is_over() {
                self.empty(&mut touched)?;
            } else {
                self.take(&change, &operations, &mut touched)?;
            }
        }
        for (name, difference) in &mut touched {
            difference.after = self.group(name)?;
        }
        Ok(touched)
    }

    /// Takes in what one body holds, which weighs something and what it opens to, whatever that is: who folds anew opens each. Gives the groups
    /// that it touched, as [`Document::merge`].
    ///
    /// # Errors
    /// As there.
    pub fn receive(&mut self, changes: impl IntoIterator<Item = Change>) -> Result<BTreeMap<String, Difference>> {
        let changes: Vec<Change> = changes.into_iter().collect();
        if !self.is_over() {
            self.known.weigh(limits::DOCUMENT_BODY_COST + self.again(&changes));
            if self.is_over() {
                let mut touched = BTreeMap::new();
                self.empty(&mut touched)?;
                return Ok(touched);
            }
        }
        self.merge(changes)
    }

    /// Bytes of those changes that are here already, or stand among these twice. Those that are new weigh theirs when they are taken in.
    fn again(&self, changes: &[Change]) -> u64 {
        let mut new = BTreeSet::new();
        let again = changes.iter().filter(|change| self.known.has(&change.hash()) || !new.insert(change.hash().0));
        again.map(|change| change.raw_bytes().len() as u64).sum()
    }

    /// Whether its bodies and changes weigh more than a document may hold: then it is empty.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.known.weighs() > limits::DOCUMENT_BYTES
    }

    pub(super) const fn weighs(&self) -> u64 {
        self.known.weighs()
    }

    /// Whether a writer goes on in another document.
    #[must_use]
    pub const fn is_filled(&self) -> bool {
        self.known.weighs() > limits::DOCUMENT_FILLED
    }

    /// Lets go of all that it held. Notes every group that had fields.
    fn empty(&mut self, touched: &mut BTreeMap<String, Difference>) -> Result<()> {
        for (name, before) in self.groups()? {
            touched.entry(name).or_insert(Difference { before, after: Fields::new() });
        }
        *self = Self { known: Known::nothing(self.known.weighs()), ..Self::default() };
        Ok(())
    }

    /// Does what a change says. Notes the groups that it touches, and their fields before the first change did.
    fn take(&mut self, change: &Change, operations: &[Op], touched: &mut BTreeMap<String, Difference>) -> Result<()> {
        let Some(actor) = self.known.number(change.actor_id()) else { return Ok(()) };
        self.known.add(actor, change);
        for (operation, counter) in operations.iter().zip(change.start_op().get()..) {
            let Key::Map(key) = &operation.key else { continue };
            let (name, field) = split(key);
            if !touched.contains_key(name) {
                let before = self.group(name)?;
                touched.insert(name.to_owned(), Difference { before, after: Fields::new() });
            }
            let mut named = Vec::with_capacity(operation.pred.len());
            for OpId(counter, actor) in operation.pred.iter() {
                self.known.meet(*counter);
                named.extend(self.known.number(actor).map(|actor| (actor, *counter)));
            }
            let put = match &operation.action {
                OpType::Put(ScalarValue::Str(text)) => Some(Put { counter, actor, text }),
                _ => None,
            };
            if !self.groups.contains_key(name) {
                self.groups.insert(name.into(), Group::default());
            }
            if let Some(group) = self.groups.get_mut(name) {
                group.operate(field, &named, put)?;
            }
        }
        Ok(())
    }

    /// What shows of one field first, the rest behind it: of several texts put apart the one with the highest operation number
    /// shows, then the highest actor.
    fn ranked<'h>(&self, hands: &'h BTreeMap<u32, Hand>) -> Vec<Put<'h>> {
        let mut puts: Vec<Put<'h>> = puts(hands).collect();
        puts.sort_by_key(|put| std::cmp::Reverse((put.counter, self.known.actor(put.actor))));
        puts
    }

    /// The fields of a group, by what their keys have behind its name.
    fn group(&self, name: &str) -> Result<Fields> {
        let Some(group) = self.groups.get(name) else { return Ok(Fields::new()) };
        let group = group.read()?;
        let shown = group.iter().filter_map(|(field, hands)| {
            let text = self.ranked(hands).first()?.text.to_owned();
            Some((field.to_string(), text))
        });
        Ok(shown.collect())
    }

    /// The changes, oldest first, that set (or, with `None`, delete) fields; none where everything is so already. Large edits become
    /// several changes, each small enough for an entry. The document takes them as everybody's, by [`Document::merge`].
    ///
    /// # Errors
    /// `Misuse` for a key or value beyond its bound, and where nobody would take the changes since another machine of this organisation has
    /// used the numbers up; `Store`.
    pub fn edit(&self, actor: &Actor, now: Time, edits: &BTreeMap<String, Option<String>>) -> Result<Vec<Vec<u8>>> {
        if self.is_over() {
            return Err(Fault::misuse("this document was written over its bound and holds nothing any more"));
        }
        let mut making = Making::on(self, actor, now);
        for (key, value) in edits {
            if key.is_empty() || key.len() > limits::FIELD_NAME_BYTES {
                return Err(Fault::misuse(format!("a field's name has 1 to {} bytes", limits::FIELD_NAME_BYTES)));
            }
            if value.as_ref().is_some_and(|value| value.chars().count() > limits::FIELD_CHARS) {
                return Err(Fault::misuse(format!("{key}: more than {} characters", limits::FIELD_CHARS)));
            }
            let (name, field) = split(key);
            let group = self.groups.get(name).map(Group::read).transpose()?;
            let hands = group.as_ref().and_then(|group| group.get(field));
            let puts = hands.map_or_else(Vec::new, |hands| self.ranked(hands));
            if puts.first().map(|put| put.text) == value.as_deref() {
                continue;
            }
            making.operation(key, value.as_deref(), &puts, &self.known);
        }
        making.end();
        for change in &making.made {
            strict::changes(change)
                .map_err(|fault| Fault::misuse(format!("this document takes no further changes: {}", fault.message)))?;
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

    /// Every group's fields, by its name, where there are any.
    ///
    /// # Errors
    /// `Store`: what the store gave can not be read.
    pub fn groups(&self) -> Result<BTreeMap<String, Fields>> {
        let mut groups = BTreeMap::new();
        for name in self.groups.keys() {
            let fields = self.group(name)?;
            if !fields.is_empty() {
                groups.insert(name.to_string(), fields);
            }
        }
        Ok(groups)
    }

    /// Bytes of memory that it takes, about.
    #[must_use]
    pub fn weight(&self) -> usize {
        let groups: usize = self.groups.iter().map(|(name, group)| GROUP_BYTES + name.len() + group.weight()).sum();
        DOCUMENT_BYTES + self.known.weight() + groups
    }

    /// Lets go of what was read of its groups: [`Document::state`] is near then, and little is given back when it goes.
    pub(super) fn pack(&mut self) {
        for group in self.groups.values_mut() {
            *group = Group::of(&group.packed());
        }
    }

    /// As the store keeps it: what was taken in, then each group in a form that is read only when it is asked for.
    ///
    /// # Errors
    /// `Bug` for a group beyond 4 GiB.
    pub fn state(&self) -> Result<Vec<u8>> {
        let mut state = codec::encode(&self.known.rows());
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
        let (known, mut rest): (Rows, _) = prefix;
        let mut document = Self { known: Known::of(known).ok_or_else(unreadable)?, ..Self::default() };
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
}

/// Changes of one edit, put together whole: automerge's transactions take many times as long for the fields of an import.
struct Making<'a> {
    actor: &'a Actor,
    now: Time,
    seq: u64,
    start: NonZeroU64,
    deps: Vec<ChangeHash>,
    operations: Vec<Op>,
    /// Of the operations so far: bytes of text, and the actors that they name.
    text: usize,
    named: BTreeSet<u32>,
    made: Vec<Vec<u8>>,
}

impl<'a> Making<'a> {
    fn on(document: &Document, actor: &'a Actor, now: Time) -> Self {
        let (seq, start) = document.known.next(&actor.0);
        let deps = document.known.heads();
        let (operations, named, made) = (Vec::new(), BTreeSet::new(), Vec::new());
        Self { actor, now, seq, start, deps, operations, text: 0, named, made }
    }

    /// Puts a text under a key, or takes what stands there away: `puts`, of which it names as many as a change takes.
    fn operation(&mut self, key: &str, value: Option<&str>, puts: &[Put<'_>], known: &Known) {
        let replaced = puts.iter().take(limits::CHANGE_ACTORS / 2);
        let size = key.len() + value.map_or(0, str::len);
        // Under one key each actor has one put at most.
        let more = replaced.clone().filter(|put| !self.named.contains(&put.actor)).count();
        if self.text + size > limits::CHANGE_TEXT || self.named.len() + more >= limits::CHANGE_ACTORS {
            self.end();
        }
        self.text += size;
        self.named.extend(replaced.clone().map(|put| put.actor));
        self.operations.push(Op {
            action: value.map_or(OpType::Delete, |value| OpType::Put(value.into())),
            obj: ObjectId::Root,
            key: Key::Map(key.into()),
            pred: replaced.map(|put| OpId(put.counter, ActorId::from(known.actor(put.actor)))).collect(),
            insert: false,
        });
    }

    /// Makes a change of the operations so far, if there are any; the next follows it.
    fn end(&mut self) {
        if self.operations.is_empty() {
            return;
        }
        self.text = 0;
        self.named.clear();
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
