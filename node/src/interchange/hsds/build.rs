//! The listings so far, and the ids that rows are found by.

use crate::interchange::report::{Import, Log, Tally};
use crate::interchange::source::{Record, Table};
use belay_protocol::directory::{Kind, Listing, ListingId, listing};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The name under which all ids that we make stand (a UUID of version 5 of nothing).
const SPACE: Uuid = Uuid::from_u128(0x6f3c_9a52_71de_5e0b_8d44_b1a7_c05e_1a2b);

/// The id of a row: the UUID that it has, else one of set, table and the id it has.
pub(in crate::interchange) fn listing_id(set: &str, table: &str, id: &str) -> ListingId {
    id.parse().unwrap_or_else(|_| ListingId(made(&[set, table, id]).into_bytes()))
}

/// The name of a child row: its UUID, else twelve hex digits of its content and its parent.
pub(in crate::interchange) fn child_row(table: &str, id: &str, parts: &[&str]) -> String {
    if let Ok(id) = id.parse::<ListingId>() {
        return id.to_string();
    }
    let all: Vec<&str> = [table, id].iter().chain(parts).copied().collect();
    made(&all).simple().to_string()[..12].to_owned()
}

fn made(parts: &[&str]) -> Uuid {
    let joined = parts.iter().map(|part| format!("{}:{part}", part.len())).collect::<String>();
    Uuid::new_v5(&SPACE, joined.as_bytes())
}

/// What an id of a child row means to other rows.
#[derive(Debug, Clone)]
pub(super) struct ChildRef {
    pub listings: Vec<ListingId>,
    pub row: String,
}

pub(super) struct Builder {
    pub set: String,
    pub log: Log,
    pub listings: BTreeMap<ListingId, Listing>,
    pub order: Vec<ListingId>,
    /// `(table, id as given) -> listing`.
    pub ids: BTreeMap<(&'static str, String), ListingId>,
    /// `(table, id as given) -> where it went`.
    pub child_ids: BTreeMap<(&'static str, String), ChildRef>,
    /// `id -> (name, code)` of taxonomy terms and units.
    pub terms: BTreeMap<String, (String, String)>,
    /// Where each listing's row stands, for issues found later.
    pub rows: BTreeMap<ListingId, (String, usize)>,
    tallies: Vec<Tally>,
    orphans: Option<ListingId>,
}

impl Builder {
    pub fn new(set: &str, log: Log, tables: &[Table]) -> Self {
        let mut builder = Self {
            set: set.to_owned(),
            log,
            listings: BTreeMap::new(),
            order: Vec::new(),
            ids: BTreeMap::new(),
            child_ids: BTreeMap::new(),
            terms: BTreeMap::new(),
            rows: BTreeMap::new(),
            tallies: Vec::new(),
            orphans: None,
        };
        for table in tables.iter().filter(|table| ["taxonomy_term", "unit"].contains(&table.name)) {
            for record in &table.records {
                let id = [record.get("id"), record.get("taxonomy_id")].into_iter().find(|id| !id.is_empty());
                let code = [record.get("code"), record.get("identifier")].into_iter().find(|code| !code.is_empty());
                let entry = (record.get("name").to_owned(), code.unwrap_or_default().to_owned());
                builder.terms.insert(id.unwrap_or_default().to_owned(), entry);
            }
        }
        builder
    }

    /// Counts a table: its rows, and how many of them were kept.
    pub fn tally(&mut self, table: &Table, kept: usize) {
        let (file, name) = (table.file.clone(), table.name.to_owned());
        self.tallies.push(Tally { file, table: name, read: table.records.len(), kept });
    }

    pub fn add(&mut self, table: &Table, record: &Record, listing: Listing) {
        self.rows.insert(listing.id, (table.file.clone(), record.row));
        self.order.push(listing.id);
        self.listings.insert(listing.id, listing);
    }

    /// The listing of an id as the file gives it.
    pub fn find(&self, table: &'static str, id: &str) -> Option<ListingId> {
        self.ids.get(&(table, id.to_owned())).copied()
    }

    /// The listing of this id; one that stands in for it where the file names but does not hold it.
    pub fn find_or_stub(&mut self, table: &'static str, kind: Kind, id: &str) -> ListingId {
        if let Some(found) = self.find(table, id) {
            return found;
        }
        let new = listing_id(&self.set, table, id);
        let mut stub = Listing::new(new, kind);
        stub.set("name", format!("Unknown {kind} {id}"));
        stub.set("external_id", id);
        stub.set("external_id_scheme", &*self.set);
        stub.set(listing::STUB, "true");
        self.ids.insert((table, id.to_owned()), new);
        self.order.push(new);
        self.listings.insert(new, stub);
        new
    }

    /// Where rows go whose parent the file does not hold: one organisation listing of the set.
    pub fn orphans(&mut self) -> ListingId {
        if let Some(id) = self.orphans {
            return id;
        }
        let id = ListingId(made(&[&self.set, "rows without a parent"]).into_bytes());
        let mut stub = Listing::new(id, Kind::Organization);
        stub.set("name", format!("Rows without a known parent ({})", self.set));
        stub.set(listing::STUB, "true");
        self.orphans = Some(id);
        self.order.push(id);
        self.listings.insert(id, stub);
        id
    }

    pub fn set_field(&mut self, id: &ListingId, field: impl Into<String>, value: &str) {
        if let Some(listing) = self.listings.get_mut(id) {
            listing.set(field, value);
        }
    }

    /// The listings in the order of their organisations, so that what belongs together lies in one document.
    pub fn finish(mut self, format: String) -> Import {
        for id in self.order.clone() {
            let (file, row) = self.rows.get(&id).cloned().unwrap_or_default();
            if let Some(listing) = self.listings.get_mut(&id) {
                super::finish_listing(listing, &file, row, &mut self.log);
            }
        }
        self.warn_confidential();
        let places: BTreeMap<ListingId, usize> = self.order.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        let mut listings: Vec<Listing> = self.order.iter().filter_map(|id| self.listings.remove(id)).collect();
        listings.sort_by_key(|listing| {
            let owner = listing.organization().unwrap_or(listing.id);
            (places.get(&owner).copied().unwrap_or(usize::MAX), places.get(&listing.id).copied())
        });
        let mut issues = self.log.issues;
        issues.sort();
        issues.dedup();
        Import { format, set: self.set, listings, tables: self.tallies, issues }
    }
}
