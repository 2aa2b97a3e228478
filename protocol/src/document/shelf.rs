//! Documents in the store, and those that were opened last in memory.
//!
//! `Table::Document`: space, organisation, document (96 bytes) -> [`Mark`]. `Table::DocumentPart`: the same key and 0 -> what the
//! first bodies fold to ([`Document::state`]); the same key, 1 and a number (u32 big endian) -> the changes of a later body, as they
//! came; the same key, 2 and an entry -> nothing: each whose body was taken in. A document is its state and the few bodies behind that. All of it can
//! be made again from the entries, one document by those that its own rows name.

use super::ahead::{Ahead, Groups, Opened};
use super::fold::{Actor, Difference, Fields};
use super::{Body, Document, Packed};
use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{DocumentId, EntryHash, NodeId, OrgId, SpaceId};
use crate::limits;
use crate::space::in_clear;
use crate::store::{Draft, Table, View, after_prefix};
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Rows read at once.
const PAGE: usize = 1_000;

/// A body with who wrote it.
#[derive(Debug, Clone)]
pub struct Item {
    /// The entry that carried it: each is taken in once.
    pub entry: EntryHash,
    pub org: OrgId,
    /// The author of the entry that carried it.
    pub author: NodeId,
    pub body: Body,
}

/// A document that changed, with the groups that a change touched, by name: those of listings, each with its fields before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    pub space: SpaceId,
    pub org: OrgId,
    pub document: DocumentId,
    pub groups: BTreeMap<String, Difference>,
}

/// What is kept of a document: how many bodies were taken in, how many of them are in its state, what they weigh, and a digest over their
/// entries, one after the other: two documents under one mark are the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    bodies: u32,
    folded: u32,
    weighs: u64,
    digest: [u8; 32],
}

/// One document's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    space: SpaceId,
    org: OrgId,
    document: DocumentId,
}

impl Place {
    fn key(&self) -> Vec<u8> {
        [self.space.0, self.org.0, self.document.0].concat()
    }

    fn body(&self, number: u32) -> Vec<u8> {
        [self.key().as_slice(), &[1], &number.to_be_bytes()].concat()
    }

    fn entries(&self) -> Vec<u8> {
        [self.key().as_slice(), &[2]].concat()
    }

    fn entry(&self, entry: &EntryHash) -> Vec<u8> {
        [self.entries().as_slice(), &entry.0].concat()
    }

    fn state(&self) -> Vec<u8> {
        [self.key().as_slice(), &[0]].concat()
    }

    fn mark(&self, view: &dyn View) -> Result<Mark> {
        match view.get(Table::Document, &self.key())? {
            Some(mark) => codec::decode("document", &mark).map_err(|fault| Fault::store(fault.message)),
            None => Ok(Mark::default()),
        }
    }

    fn load(&self, view: &dyn View, mark: Mark) -> Result<Document> {
        let missing = || Fault::store("a document in the store is not what its mark says");
        let mut document = if mark.folded > 0 {
            Document::load(&view.get(Table::DocumentPart, &self.state())?.ok_or_else(missing)?)?
        } else {
            Document::default()
        };
        for number in mark.folded..mark.bodies {
            let zstd = view.get(Table::DocumentPart, &self.body(number))?.ok_or_else(missing)?;
            let packed = Packed { document: self.document, zstd };
            document.receive(packed.open().map_err(|fault| Fault::store(fault.message))?)?;
        }
        Ok(document)
    }
}

impl Mark {
    /// After one more body.
    fn add(&mut self, entry: &EntryHash) {
        let mut context = ring::digest::Context::new(&ring::digest::SHA256);
        context.update(b"belay document mark v1\0");
        context.update(&self.digest);
        context.update(&entry.0);
        self.digest = context.finish().as_ref().try_into().unwrap_or_default();
        self.bodies += 1;
    }
}

/// The start of the keys of an organisation's documents in a space.
#[must_use]
pub fn key_documents(space: &SpaceId, org: &OrgId) -> Vec<u8> {
    [space.0, org.0].concat()
}

/// Opens a document; an empty one if it is not there.
///
/// # Errors
/// `Store`.
pub fn open(view: &dyn View, space: &SpaceId, org: &OrgId, document: &DocumentId) -> Result<Document> {
    let place = Place { space: *space, org: *org, document: *document };
    place.load(view, place.mark(view)?)
}

/// What the bodies of a document weigh that were taken in.
///
/// # Errors
/// `Store`.
pub fn weighs(view: &dyn View, (space, org, document): (&SpaceId, &OrgId, &DocumentId)) -> Result<u64> {
    Ok(Place { space: *space, org: *org, document: *document }.mark(view)?.weighs)
}

/// An organisation's documents in a space, in order of id.
///
/// # Errors
/// `Store`.
pub fn list(view: &dyn View, space: &SpaceId, org: &OrgId) -> Result<Vec<DocumentId>> {
    let prefix = key_documents(space, org);
    let end = after_prefix(&prefix);
    let mut from = prefix;
    let mut found = Vec::new();
    loop {
        let rows = view.scan(Table::Document, &from, end.as_deref(), PAGE, false)?;
        found.extend(rows.iter().filter_map(|(key, _)| DocumentId::from_slice(key.get(64..)?)));
        match rows.last() {
            Some((last, _)) if rows.len() == PAGE => from = [last.as_slice(), &[0]].concat(),
            _ => return Ok(found),
        }
    }
}

/// A document in memory, as of its mark.
struct Open {
    mark: Mark,
    document: Document,
    weight: usize,
    /// By the shelf's own count.
    used: u64,
}

/// Documents that were opened last. Each is used only where its mark is that of the store which is read: what was rolled back, or
/// another store, is never seen through it, so nothing need be forgotten.
#[derive(Default)]
pub struct Shelf {
    open: BTreeMap<Place, Open>,
    weight: usize,
    clock: u64,
    /// What the last frame held.
    ahead: Ahead,
}

impl Shelf {
    /// These bodies may be received next.
    pub fn foresee(&mut self, ahead: Ahead) {
        self.ahead = ahead;
    }

    /// Takes a document down, out of memory or the store.
    fn take(&mut self, view: &dyn View, place: Place) -> Result<(Mark, Document)> {
        let mark = place.mark(view)?;
        if let Some(open) = self.open.remove(&place) {
            self.weight -= open.weight;
            if open.mark == mark {
                return Ok((mark, open.document));
            }
        }
        Ok((mark, place.load(view, mark)?))
    }

    #[cfg(test)]
    pub(super) fn take_down(
        &mut self,
        view: &dyn View,
        (space, org, document): (SpaceId, OrgId, DocumentId),
    ) -> Result<(u32, Document)> {
        let (mark, document) = self.take(view, Place { space, org, document })?;
        Ok((mark.bodies, document))
    }

    #[cfg(test)]
    pub(super) const fn weight(&self) -> usize {
        self.weight
    }

    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.open.len()
    }

    /// Puts it back; those that were not used for longest make room. One that would take much of it stays out.
    fn put(&mut self, place: Place, mark: Mark, document: Document) {
        let weight = document.weight();
        if weight > limits::DOCUMENTS_BYTES / 4 {
            return;
        }
        self.clock += 1;
        self.weight += weight;
        self.open.insert(place, Open { mark, weight, document, used: self.clock });
        while self.weight > limits::DOCUMENTS_BYTES {
            let Some(oldest) = self.open.iter().min_by_key(|(_, open)| open.used).map(|(place, _)| *place) else {
                break;
            };
            self.weight -= self.open.remove(&oldest).map_or(0, |open| open.weight);
        }
    }

    /// The changes that an edit of a document makes; see [`Document::edit`].
    ///
    /// # Errors
    /// As there, or `Store`.
    pub fn edit(
        &mut self,
        view: &dyn View,
        (space, org, document): (&SpaceId, &OrgId, &DocumentId),
        (actor, now): (&Actor, Time),
        edits: &BTreeMap<String, Option<String>>,
    ) -> Result<Vec<Vec<u8>>> {
        self.read(view, (space, org, document), |document| document.edit(actor, now, edits))?
    }

    /// Asks a document.
    ///
    /// # Errors
    /// `Store`.
    pub fn read<T>(
        &mut self,
        view: &dyn View,
        (space, org, document): (&SpaceId, &OrgId, &DocumentId),
        ask: impl FnOnce(&Document) -> T,
    ) -> Result<T> {
        let place = Place { space: *space, org: *org, document: *document };
        let (mark, document) = self.take(view, place)?;
        let answer = ask(&document);
        self.put(place, mark, document);
        Ok(answer)
    }

    /// Takes bodies in, each into its author's organisation's own document, and keeps the result. A body that breaks a rule is
    /// left out, whole; so is it at every node that sees it. Own edits go the same way as everybody's.
    ///
    /// # Errors
    /// `Store`.
    pub fn receive(&mut self, draft: &mut Draft<'_>, space: &SpaceId, items: &[Item]) -> Result<Vec<Changed>> {
        let mut by_place: BTreeMap<Place, Vec<&Item>> = BTreeMap::new();
        for item in items {
            let place = Place { space: *space, org: item.org, document: item.body.packed().document };
            by_place.entry(place).or_default().push(item);
        }
        let mut changed = Vec::new();
        for (place, items) in by_place {
            let mut groups = self.receive_in(draft, place, &items)?;
            groups.retain(|_, difference| difference.before != difference.after);
            if !groups.is_empty() {
                let Place { space, org, document } = place;
                changed.push(Changed { space, org, document, groups });
            }
        }
        Ok(changed)
    }

    /// One body is open at a time.
    fn receive_in(&mut self, draft: &mut Draft<'_>, place: Place, items: &[&Item]) -> Result<Groups> {
        let (old, mut document) = self.take(draft, place)?;
        let mut mark = old;
        let mut touched = Touched::default();
        for item in items {
            if draft.get(Table::DocumentPart, &place.entry(&item.entry))?.is_some() {
                continue;
            }
            let packed = item.body.packed();
            let foreseen = self.ahead.take(packed).map_or_else(|| Opened::of(packed), Ok);
            let Ok(opened) = foreseen else { continue };
            if Document::authored(&opened.changes, item.author).is_err() {
                continue;
            }
            draft.put(Table::DocumentPart, place.entry(&item.entry), []);
            if document.is_over() {
                continue;
            }
            touched.add(opened.merge(&mut document, mark.bodies == 0)?);
            draft.put(Table::DocumentPart, place.body(mark.bodies), packed.zstd.clone());
            mark.add(&item.entry);
        }
        if mark == old {
            self.put(place, mark, document);
            return Ok(touched.0);
        }
        if document.is_over() || mark.folded == 0 || mark.bodies - mark.folded >= limits::BODIES_UNFOLDED {
            draft.put(Table::DocumentPart, place.state(), document.state()?);
            for number in mark.folded..mark.bodies {
                draft.delete(Table::DocumentPart, place.body(number));
            }
            mark.folded = mark.bodies;
        }
        mark.weighs = document.weighs();
        draft.put(Table::Document, place.key(), codec::encode(&mark));
        // One that was made just now is in memory for nothing, unless it changes again.
        if old.bodies > 0 {
            self.put(place, mark, document);
        }
        Ok(touched.0)
    }

    /// Folds a document anew, from those of its bodies whose entries are told; the others are forgotten. Gives what changed. It opens no more
    /// than a document may hold, and looks at the name of each entry that ever brought one.
    ///
    /// # Errors
    /// `Store`.
    pub fn refold(
        &mut self,
        draft: &mut Draft<'_>,
        (space, org, document): (SpaceId, OrgId, DocumentId),
        is_told: impl Fn(&dyn View, &EntryHash) -> Result<bool>,
    ) -> Result<Option<Changed>> {
        let place = Place { space, org, document };
        let (old, was) = self.take(draft, place)?;
        let (mut mark, mut is) = (Mark::default(), Document::default());
        let prefix = place.entries();
        let (end, mut from) = (after_prefix(&prefix), prefix.clone());
        loop {
            let rows = draft.scan(Table::DocumentPart, &from, end.as_deref(), PAGE, false)?;
            let more = rows.len() == PAGE;
            for (key, _) in rows {
                from = [key.as_slice(), &[0]].concat();
                let named = key.get(prefix.len()..).and_then(EntryHash::from_slice);
                let entry = named.ok_or_else(|| Fault::store("a body of a document has no name"))?;
                if !is_told(draft, &entry)? {
                    draft.delete(Table::DocumentPart, key);
                } else if !is.is_over()
                    && let Some((author, body)) = in_clear(draft, &entry)?
                    && let Ok(changes) = Body::decode(&body).and_then(|body| body.packed().open())
                    && Document::authored(&changes, author).is_ok()
                {
                    is.receive(changes)?;
                    mark.add(&entry);
                }
            }
            if !more {
                break;
            }
        }
        for number in old.folded..old.bodies {
            draft.delete(Table::DocumentPart, place.body(number));
        }
        if mark.bodies == 0 {
            draft.delete(Table::DocumentPart, place.state());
            draft.delete(Table::Document, place.key());
        } else {
            (mark.folded, mark.weighs) = (mark.bodies, is.weighs());
            draft.put(Table::DocumentPart, place.state(), is.state()?);
            draft.put(Table::Document, place.key(), codec::encode(&mark));
        }
        let groups = differences(was.groups()?, is.groups()?);
        self.put(place, mark, is);
        Ok((!groups.is_empty()).then_some(Changed { space, org, document, groups }))
    }
}

/// Groups that are not what they were.
fn differences(mut was: BTreeMap<String, Fields>, is: BTreeMap<String, Fields>) -> Groups {
    let mut groups = Groups::new();
    for (name, after) in is {
        let before = was.remove(&name).unwrap_or_default();
        if before != after {
            groups.insert(name, Difference { before, after });
        }
    }
    groups.extend(was.into_iter().map(|(name, before)| (name, Difference { before, after: Fields::new() })));
    groups
}

/// Groups that several bodies touched, before the first of them and after the last.
#[derive(Default)]
struct Touched(Groups);

impl Touched {
    fn add(&mut self, groups: Groups) {
        for (name, difference) in groups {
            match self.0.entry(name) {
                Entry::Occupied(mut earlier) => earlier.get_mut().after = difference.after,
                Entry::Vacant(place) => {
                    place.insert(difference);
                }
            }
        }
    }
}

/// Forgets every document of a space, before its counted bodies are received again.
///
/// # Errors
/// `Store`.
pub fn clear(draft: &mut Draft<'_>, space: &SpaceId) -> Result<()> {
    let end = after_prefix(&space.0);
    for table in [Table::Document, Table::DocumentPart] {
        loop {
            let rows = draft.scan(table, &space.0, end.as_deref(), PAGE, false)?;
            if rows.is_empty() {
                break;
            }
            for (key, _) in rows {
                draft.delete(table, key);
            }
        }
    }
    Ok(())
}
