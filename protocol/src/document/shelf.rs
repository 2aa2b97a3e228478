//! Documents in the store, and those that were opened last in memory.
//!
//! `Table::Document`: space, organisation, document (96 bytes) -> [`Mark`]. `Table::DocumentPart`: the same key and 0 -> what the
//! first bodies fold to ([`Document::state`]); the same key, 1 and a number (u32 big endian) -> the changes of a body, as they came.
//! A document is its state and the bodies behind that, one after the other. All of it can be made again from the entries.

use super::fold::{Actor, Difference, Fields, Merged};
use super::{Body, Document, Packed};
use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{DocumentId, NodeId, OrgId, SpaceId};
use crate::limits;
use crate::store::{Draft, Table, View, after_prefix};
use crate::time::Time;
use automerge::Change;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Rows read at once.
const PAGE: usize = 1_000;

/// A body with who wrote it.
#[derive(Debug, Clone)]
pub struct Item {
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

/// What is kept of a document: how many bodies, how many of them are in its state, and the digest of what all fold to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    bodies: u32,
    folded: u32,
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

    fn state(&self) -> Vec<u8> {
        [self.key().as_slice(), &[0]].concat()
    }

    fn mark(&self, view: &dyn View) -> Result<Mark> {
        match view.get(Table::Document, &self.key())? {
            Some(mark) => codec::decode("document", &mark).map_err(|fault| Fault::store(fault.message)),
            None => Ok(Mark::default()),
        }
    }

    /// The bodies that are kept, oldest first, from a number on.
    fn bodies(&self, view: &dyn View, first: u32) -> Result<Vec<Vec<Change>>> {
        let end = after_prefix(&[self.key().as_slice(), &[1]].concat());
        let mut from = self.body(first);
        let mut bodies = Vec::new();
        loop {
            let rows = view.scan(Table::DocumentPart, &from, end.as_deref(), PAGE, false)?;
            for (_, zstd) in &rows {
                let packed = Packed { document: self.document, zstd: zstd.clone() };
                bodies.push(packed.open().map_err(|fault| Fault::store(fault.message))?);
            }
            match rows.last() {
                Some((last, _)) if rows.len() == PAGE => from = [last.as_slice(), &[0]].concat(),
                _ => return Ok(bodies),
            }
        }
    }

    fn load(&self, view: &dyn View, mark: Mark) -> Result<Document> {
        let mut document = match view.get(Table::DocumentPart, &self.state())? {
            Some(state) if mark.folded > 0 => Document::load(&state)?,
            Some(_) | None => Document::default(),
        };
        if mark.folded < mark.bodies {
            for body in self.bodies(view, mark.folded)? {
                if let Merged::Displaces = document.merge(body)? {
                    return Err(Fault::store("a document in the store is not what its mark says"));
                }
            }
        }
        Ok(document)
    }

    /// Keeps nothing but what stands, in the order in which it was applied, and what waits: a change was displaced.
    fn rewrite(&self, draft: &mut Draft<'_>, changes: &[Change], bodies: u32) -> Result<u32> {
        for number in 0..bodies {
            draft.delete(Table::DocumentPart, self.body(number));
        }
        let mut number = 0;
        let mut rest = changes;
        while !rest.is_empty() {
            let mut bytes = 0;
            let fits = rest.iter().take(limits::CHANGES_IN_BODY).take_while(|change| {
                bytes += change.raw_bytes().len();
                bytes <= limits::BODY_BYTES
            });
            let (part, after) = rest.split_at(fits.count().max(1));
            let raw: Vec<Vec<u8>> = part.iter().map(|change| change.raw_bytes().to_vec()).collect();
            draft.put(Table::DocumentPart, self.body(number), Packed::new(self.document, &raw)?.zstd);
            number += 1;
            rest = after;
        }
        Ok(number)
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
}

impl Shelf {
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

    /// Puts it back; those that were not used for longest make room.
    fn put(&mut self, place: Place, mark: Mark, document: Document) {
        self.clock += 1;
        let open = Open { mark, weight: document.weight(), document, used: self.clock };
        self.weight += open.weight;
        self.open.insert(place, open);
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
        let place = Place { space: *space, org: *org, document: *document };
        let (mark, document) = self.take(view, place)?;
        let made = document.edit(actor, now, edits);
        self.put(place, mark, document);
        made
    }

    /// Takes bodies in, each into its author's organisation's own document, and keeps the result. A body that breaks a rule is
    /// left out, whole; so is it at every node that sees it. Own edits go the same way as everybody's.
    ///
    /// # Errors
    /// `Store`.
    pub fn receive(&mut self, draft: &mut Draft<'_>, space: &SpaceId, items: &[Item]) -> Result<Vec<Changed>> {
        let mut by_place: BTreeMap<Place, Vec<(&Packed, Vec<Change>)>> = BTreeMap::new();
        for item in items {
            let packed = item.body.packed();
            let Ok(changes) = packed.open() else { continue };
            let snapshot = matches!(item.body, Body::Snapshot(_));
            if !snapshot && Document::authored(&changes, item.author).is_err() {
                continue;
            }
            let place = Place { space: *space, org: item.org, document: packed.document };
            by_place.entry(place).or_default().push((packed, changes));
        }
        let mut changed = Vec::new();
        for (place, bodies) in by_place {
            let mut groups = self.receive_in(draft, place, bodies)?;
            groups.retain(|_, difference| difference.before != difference.after);
            if !groups.is_empty() {
                let Place { space, org, document } = place;
                changed.push(Changed { space, org, document, groups });
            }
        }
        Ok(changed)
    }

    fn receive_in(
        &mut self,
        draft: &mut Draft<'_>,
        place: Place,
        bodies: Vec<(&Packed, Vec<Change>)>,
    ) -> Result<BTreeMap<String, Difference>> {
        let (old, mut document) = self.take(draft, place)?;
        let mut mark = old;
        let mut touched = Touched::default();
        for (packed, changes) in bodies {
            if changes.iter().all(|change| document.has(&change.hash())) {
                continue;
            }
            match document.merge(changes.iter().cloned())? {
                Merged::Taken(taken) => {
                    draft.put(Table::DocumentPart, place.body(mark.bodies), packed.zstd.clone());
                    mark.bodies += 1;
                    touched.add(taken.groups);
                }
                Merged::Displaces => {
                    let kept = place.bodies(draft, 0)?.into_iter().flatten();
                    let (fresh, mut standing) = Document::of(kept.chain(changes))?;
                    standing.extend(fresh.waiting().cloned());
                    mark.bodies = place.rewrite(draft, &standing, mark.bodies)?;
                    mark.folded = 0;
                    touched.add(differences(document.groups()?, fresh.groups()?));
                    document = fresh;
                }
            }
        }
        if mark == old {
            self.put(place, mark, document);
            return Ok(touched.0);
        }
        mark.digest = document.digest();
        if mark.folded == 0 || mark.bodies - mark.folded >= limits::BODIES_UNFOLDED {
            draft.put(Table::DocumentPart, place.state(), document.state()?);
            mark.folded = mark.bodies;
        }
        draft.put(Table::Document, place.key(), codec::encode(&mark));
        // One that was made just now is in memory for nothing, unless it changes again.
        if old.bodies > 0 {
            self.put(place, mark, document);
        }
        Ok(touched.0)
    }
}

/// Groups that several bodies touched, before the first of them and after the last.
#[derive(Default)]
struct Touched(BTreeMap<String, Difference>);

impl Touched {
    fn add(&mut self, groups: BTreeMap<String, Difference>) {
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

/// What is different between all groups of two documents.
fn differences(before: BTreeMap<String, Fields>, after: BTreeMap<String, Fields>) -> BTreeMap<String, Difference> {
    let mut all: BTreeMap<String, Difference> =
        before.into_iter().map(|(name, before)| (name, Difference { before, after: Fields::new() })).collect();
    for (name, after) in after {
        all.entry(name).or_default().after = after;
    }
    all
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
