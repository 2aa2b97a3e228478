//! What an import, or an edit by staff, changes in an organisation's documents.
//!
//! A listing that is there stays in its document. New ones fill documents of the set in order, at most
//! [`limits::LISTINGS_PER_DOCUMENT`] each; document ids are made of organisation, set and number, so that two nodes of one
//! organisation which import the same file apart write the same keys of the same documents. Each change of a document stays in its history, so one that
//! was changed often fills up ([`limits::DOCUMENT_FILLED`]): with its next edit all that it holds moves on to another, named after it.

use super::{Kind, Listing, ListingId, listing, rows};
use crate::codec;
use crate::document::{self, Actor, Body, Document, Packed, Shelf};
use crate::fault::{Fault, Result};
use crate::ids::{DocumentId, OrgId, SpaceId};
use crate::limits;
use crate::store::View;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The listings of one organisation, as they stand.
#[derive(Debug, Clone, Default)]
pub struct Existing {
    pub documents: BTreeMap<DocumentId, BTreeMap<ListingId, Listing>>,
    /// Those into which nothing new goes, whatever they hold.
    pub filled: BTreeSet<DocumentId>,
}

impl Existing {
    /// Reads them from the folded documents of a space.
    ///
    /// # Errors
    /// `Store`.
    pub fn load(view: &dyn View, space: &SpaceId, org: &OrgId) -> Result<Self> {
        Self::of(view, space, org, document::list(view, space, org)?)
    }

    /// Those of one set, which is all that decides where a new listing goes.
    ///
    /// # Errors
    /// `Store`.
    pub fn of_set(view: &dyn View, space: &SpaceId, org: &OrgId, set: &str) -> Result<Self> {
        let all: BTreeSet<DocumentId> = document::list(view, space, org)?.into_iter().collect();
        let numbered = (0..).map(|number| document::id(org, set, number));
        Self::of(view, space, org, numbered.take_while(|id| all.contains(id)))
    }

    /// Those of these documents.
    ///
    /// # Errors
    /// `Store`.
    pub fn of(
        view: &dyn View,
        space: &SpaceId,
        org: &OrgId,
        documents: impl IntoIterator<Item = DocumentId>,
    ) -> Result<Self> {
        let mut existing = Self::default();
        for id in documents {
            let document = document::open(view, space, org, &id)?;
            if document.is_filled() {
                existing.filled.insert(id);
            }
            existing.documents.insert(id, rows::listings(&document.fields()?));
        }
        Ok(existing)
    }

    /// The document that holds a listing (the lowest, should several), and the listing.
    #[must_use]
    pub fn find(&self, id: &ListingId) -> Option<(DocumentId, &Listing)> {
        self.documents.iter().find_map(|(document, listings)| Some((*document, listings.get(id)?)))
    }

    /// How many listings there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.documents.values().map(BTreeMap::len).sum()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Listings that come in under the name of a set.
#[derive(Debug, Clone, Default)]
pub struct Incoming {
    /// Such as the name of the folder that was imported.
    pub set: String,
    pub listings: Vec<Listing>,
}

/// Edits of one document.
pub type Edits = BTreeMap<String, Option<String>>;

/// What to write, and what was found on the way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    #[serde(skip)]
    pub edits: BTreeMap<DocumentId, Edits>,
    pub added: usize,
    pub changed: usize,
    pub unchanged: usize,
    /// Fields that staff changed since the last import, and that the import would set otherwise: left as they are.
    pub kept_edits: usize,
    /// Listings of this set that the file holds no more: left as they are.
    pub absent: usize,
}

impl Plan {
    /// The entry bodies that carry these edits, each small enough for an entry: to be written into the space in this order.
    /// What they do to the folded documents comes back, as everybody's, by [`Shelf::receive`].
    ///
    /// # Errors
    /// `Misuse` for a field beyond its bound, `Store`.
    pub fn bodies(
        &self,
        (shelf, view): (&mut Shelf, &dyn View),
        space: &SpaceId,
        org: &OrgId,
        (actor, now): (&Actor, Time),
    ) -> Result<Vec<Body>> {
        let mut bodies = Vec::new();
        let (mut taken, mut left) = (BTreeMap::new(), BTreeMap::new());
        for (id, edits) in &self.edits {
            going_on((&mut *shelf, view), (space, org), (*id, edits), (&mut taken, &mut left))?;
        }
        // What moves is in both for a moment, and shows once.
        for (id, edits) in taken.iter().chain(&left) {
            for change in shelf.edit(view, (space, org, id), (actor, now), edits)? {
                bodies.push(Body::Change(Packed::new(*id, &[change])?));
            }
        }
        Ok(bodies)
    }
}

/// Puts edits of a document among those of the one in which it goes on, if it is filled, which takes over all that it holds; and among what is
/// left that it lets that go.
fn going_on(
    (shelf, view): (&mut Shelf, &dyn View),
    (space, org): (&SpaceId, &OrgId),
    (mut id, edits): (DocumentId, &Edits),
    (taken, left): (&mut BTreeMap<DocumentId, Edits>, &mut BTreeMap<DocumentId, Edits>),
) -> Result<()> {
    let mut edits = edits.clone();
    while shelf.read(view, (space, org, &id), Document::is_filled)? {
        let fields = shelf.read(view, (space, org, &id), Document::fields)??;
        left.insert(id, fields.keys().map(|key| (key.clone(), None)).collect());
        let mut all: Edits = fields.into_iter().map(|(key, text)| (key, Some(text))).collect();
        all.append(&mut edits);
        edits = all;
        id = document::id(org, &format!("after {id}"), 0);
    }
    taken.entry(id).or_default().append(&mut edits);
    Ok(())
}

/// Listings of an import that lie, or are to lie, in one document: what one transaction writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub document: DocumentId,
    pub listings: Vec<Listing>,
}

impl Part {
    /// As the node's own store keeps it until it is written: under zstd.
    ///
    /// # Errors
    /// `Bug` if zstd refuses.
    pub fn encode(&self) -> Result<Vec<u8>> {
        zstd::bulk::compress(&codec::encode(self), 3).map_err(|_| Fault::bug("zstd refuses to compress"))
    }

    /// # Errors
    /// `Store` for other bytes: they are of our own store.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let unreadable = || Fault::store("a part of an import in the store can not be read");
        let bytes = zstd::stream::decode_all(bytes).map_err(|_| unreadable())?;
        codec::decode("part of an import", &bytes).map_err(|_| unreadable())
    }
}

/// The listings of an import by the document of each, in the order in which they are to be written (what others show the name or
/// the place of comes first), and how many listings of the set the import holds no more.
#[must_use]
pub fn parts(org: &OrgId, existing: &Existing, incoming: &Incoming) -> (Vec<Part>, usize) {
    let places: BTreeMap<ListingId, DocumentId> = existing
        .documents
        .iter()
        .rev()
        .flat_map(|(document, listings)| listings.keys().map(|id| (*id, *document)))
        .collect();
    let mut room = Room::new(org, existing, &incoming.set);
    let mut seen = BTreeSet::new();
    let mut numbers: BTreeMap<DocumentId, usize> = BTreeMap::new();
    let mut parts: Vec<Part> = Vec::new();
    for new in &incoming.listings {
        if !seen.insert(new.id) {
            continue;
        }
        let document = places.get(&new.id).copied().unwrap_or_else(|| room.next());
        let number = *numbers.entry(document).or_insert(parts.len());
        match parts.get_mut(number) {
            Some(part) => part.listings.push(new.clone()),
            None => parts.push(Part { document, listings: vec![new.clone()] }),
        }
    }
    let shown = |part: &Part| part.listings.iter().any(|l| matches!(l.kind, Kind::Organization | Kind::Location));
    parts.sort_by_cached_key(|part| !shown(part));
    let set: BTreeSet<DocumentId> = room.documents.into_iter().collect();
    let held = existing.documents.iter().filter(|(document, _)| set.contains(document)).flat_map(|(_, l)| l.keys());
    let absent = held.filter(|id| !seen.contains(*id)).count();
    (parts, absent)
}

/// What a part changes in its document, which holds `standing`.
#[must_use]
pub fn part(standing: &BTreeMap<ListingId, Listing>, part: &Part) -> Plan {
    let mut plan = Plan::default();
    let mut changes = Edits::new();
    for new in &part.listings {
        let digest = digest(new);
        let old = standing.get(&new.id);
        if old.is_some_and(|old| old.get(listing::DIGEST) == digest) {
            plan.unchanged += 1;
            continue;
        }
        let mut target = new.clone();
        target.set(listing::DIGEST, digest);
        if let Some(old) = old {
            plan.changed += 1;
            let edited = old.get(listing::EDITED);
            for field in edited.split(' ').filter(|field| !field.is_empty()) {
                plan.kept_edits += usize::from(old.get(field) != target.get(field));
                target.set(field, old.get(field));
            }
            target.set(listing::EDITED, edited);
        } else {
            plan.added += 1;
        }
        changes.extend(edits(old, &target));
    }
    if !changes.is_empty() {
        plan.edits.insert(part.document, changes);
    }
    plan
}

/// What an import changes, and the parts that change something. The same import again changes nothing.
#[must_use]
pub fn staged(org: &OrgId, existing: &Existing, incoming: &Incoming) -> (Plan, Vec<Part>) {
    let nothing = BTreeMap::new();
    let (mut parts, absent) = parts(org, existing, incoming);
    let mut whole = Plan { absent, ..Plan::default() };
    parts.retain(|one| {
        let plan = part(existing.documents.get(&one.document).unwrap_or(&nothing), one);
        let changes = !plan.edits.is_empty();
        whole.added += plan.added;
        whole.changed += plan.changed;
        whole.unchanged += plan.unchanged;
        whole.kept_edits += plan.kept_edits;
        whole.edits.extend(plan.edits);
        changes
    });
    (whole, parts)
}

/// What an import changes, in one.
#[must_use]
pub fn plan(org: &OrgId, existing: &Existing, incoming: &Incoming) -> Plan {
    staged(org, existing, incoming).0
}

/// What staff change in one listing, or a new one. Changed fields are marked, so that no import takes them back. `existing`: the
/// document that holds it, or those of the set where it is new.
#[must_use]
pub fn edit(org: &OrgId, existing: &Existing, set: &str, target: &Listing) -> Plan {
    let mut plan = Plan::default();
    let mut target = target.clone();
    let (document, old) = match existing.find(&target.id) {
        Some((document, old)) => {
            let mut edited: BTreeSet<&str> = old.get(listing::EDITED).split(' ').filter(|f| !f.is_empty()).collect();
            let names = old.fields.keys().chain(target.fields.keys());
            edited.extend(names.filter(|field| old.get(field) != target.get(field)).map(String::as_str));
            edited.remove(listing::EDITED);
            edited.remove(listing::DIGEST);
            let marked = edited.into_iter().collect::<Vec<_>>().join(" ");
            let imported = !old.get(listing::DIGEST).is_empty();
            let digest = old.get(listing::DIGEST).to_owned();
            if imported {
                target.set(listing::EDITED, marked);
                target.set(listing::DIGEST, digest);
            }
            plan.changed = 1;
            (document, Some(old))
        }
        None => {
            plan.added = 1;
            (Room::new(org, existing, set).next(), None)
        }
    };
    let edits = edits(old, &target);
    if !edits.is_empty() {
        plan.edits.insert(document, edits);
    }
    plan
}

/// Takes a listing away: each of its fields.
#[must_use]
pub fn remove(existing: &Existing, id: &ListingId) -> Plan {
    let mut plan = Plan::default();
    for (document, listings) in &existing.documents {
        if let Some(listing) = listings.get(id) {
            let names = listing.fields.keys().map(String::as_str).chain([listing::KIND]);
            plan.edits.insert(*document, names.map(|field| (rows::key(id, field), None)).collect());
            plan.changed += 1;
        }
    }
    plan
}

fn edits(old: Option<&Listing>, new: &Listing) -> Edits {
    let mut edits = Edits::new();
    if old.is_none_or(|old| old.kind != new.kind) {
        edits.insert(rows::key(&new.id, listing::KIND), Some(new.kind.word().to_owned()));
    }
    for (field, value) in &new.fields {
        if old.is_none_or(|old| old.fields.get(field) != Some(value)) {
            edits.insert(rows::key(&new.id, field), Some(value.clone()));
        }
    }
    for field in old.iter().flat_map(|old| old.fields.keys()).filter(|field| !new.fields.contains_key(*field)) {
        edits.insert(rows::key(&new.id, field), None);
    }
    edits
}

/// First 16 hex digits of SHA-256 over kind and fields.
fn digest(listing: &Listing) -> String {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    context.update(listing.kind.word().as_bytes());
    for (field, value) in &listing.fields {
        for part in [field, value] {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
    }
    let digest = context.finish();
    data_encoding::HEXLOWER.encode(digest.as_ref().get(..8).unwrap_or_default())
}

/// The documents of a set, filled in order.
struct Room<'r> {
    org: &'r OrgId,
    set: &'r str,
    documents: Vec<DocumentId>,
    taken: Vec<usize>,
    /// Every document below this one is full.
    open: usize,
}

impl<'r> Room<'r> {
    fn new(org: &'r OrgId, existing: &Existing, set: &'r str) -> Self {
        let mut room = Self { org, set, documents: Vec::new(), taken: Vec::new(), open: 0 };
        // A document of the set that is missing ends the walk: they are filled in order.
        while let Some(listings) = existing.documents.get(&room.id(room.documents.len())) {
            let id = room.id(room.documents.len());
            room.documents.push(id);
            room.taken.push(if existing.filled.contains(&id) { limits::LISTINGS_PER_DOCUMENT } else { listings.len() });
        }
        room
    }

    fn id(&self, number: usize) -> DocumentId {
        document::id(self.org, self.set, u32::try_from(number).unwrap_or(u32::MAX))
    }

    fn next(&mut self) -> DocumentId {
        while self.taken.get(self.open).is_some_and(|taken| *taken >= limits::LISTINGS_PER_DOCUMENT) {
            self.open += 1;
        }
        let number = self.open;
        if number == self.documents.len() {
            self.documents.push(self.id(number));
            self.taken.push(0);
        }
        if let Some(taken) = self.taken.get_mut(number) {
            *taken += 1;
        }
        self.id(number)
    }
}
