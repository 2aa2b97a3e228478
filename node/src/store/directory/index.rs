//! Full text, places and facets of one shown listing.

use crate::store::connection::unwiped;
use crate::store::fault;
use belay_protocol::directory::{Kind, Listing, ListingId};
use belay_protocol::fault::Result;
use belay_protocol::ids::{OrgId, SpaceId};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Fields of running text that are searched beside the name.
const SAID: [&str; 14] = [
    "description",
    "short_desc",
    "keywords",
    "audience",
    "eligibility_description",
    "fees_description",
    "application_process",
    "interpretation_services",
    "accreditations",
    "alert",
    "notes",
    "region",
    "transportation",
    "wait_time",
];

/// Tables whose rows are searched, and the column of each.
const ROWS: [(&str, &str); 5] = [
    ("attribute", "term"),
    ("language", "name"),
    ("required_document", "document"),
    ("accessibility", "description"),
    ("phone", "description"),
];

/// A listing out of the tables.
pub(super) fn listing(id: ListingId, kind: &str, fields: &str) -> Listing {
    let fields = serde_json::from_str(fields).unwrap_or_default();
    Listing { id, kind: kind.parse().unwrap_or(Kind::Service), fields }
}

const FORGET_TEXT: &str = "DELETE FROM listing_text WHERE rowid = ?1";

/// Pages of the index of words that are written in one step of merging: some two milliseconds.
const MERGED: i64 = 16;

/// Merges parts of the index of words where four or more are of one size, a step of it. Says whether there is more.
///
/// # Errors
/// `Store`.
pub fn merge(sql: &Connection) -> Result<bool> {
    let before = sql.total_changes();
    unwiped(sql, || {
        sql.prepare_cached("INSERT INTO listing_text (listing_text, rank) VALUES ('merge', ?1)")
            .and_then(|mut statement| statement.execute([MERGED]))
            .map_err(fault("merge"))
    })?;
    // By SQLite's own word, the command alone counts as one.
    Ok(sql.total_changes() - before > 1)
}

/// Takes a row out of every index.
pub(super) fn forget(sql: &Connection, row: i64) -> rusqlite::Result<()> {
    sql.prepare_cached(FORGET_TEXT)?.execute([row])?;
    forget_places(sql, row)
}

fn forget_places(sql: &Connection, row: i64) -> rusqlite::Result<()> {
    for statement in ["DELETE FROM listing_spot WHERE row = ?1", "DELETE FROM listing_facet WHERE row = ?1"] {
        sql.prepare_cached(statement)?.execute([row])?;
    }
    Ok(())
}

/// The shown listing of an owner with its row, for its name and place in those that refer to it.
pub(super) fn shown(
    sql: &Connection,
    space: &SpaceId,
    owner: &OrgId,
    id: &ListingId,
) -> rusqlite::Result<Option<(i64, Listing)>> {
    sql.prepare_cached(
        "SELECT l.row, l.kind, f.fields FROM listing l JOIN listing_fields f ON f.row = l.row
         WHERE l.owner = ?1 AND l.id = ?2 AND l.space = ?3 AND l.shown = 1",
    )?
    .query_row(params![owner.0, id.0, space.0], |row| {
        Ok((row.get(0)?, listing(*id, &row.get::<_, String>(1)?, &row.get::<_, String>(2)?)))
    })
    .optional()
}

/// A listing of an organisation.
pub(super) type Key = (OrgId, ListingId);

/// The indexes of one space while rows are written: what was read or written before is not read again.
pub(super) struct Index<'s> {
    pub sql: &'s Connection,
    pub space: &'s SpaceId,
    shown: BTreeMap<Key, Option<Rc<(i64, Listing)>>>,
    /// Rows of this transaction, of which no index holds anything yet.
    fresh: BTreeSet<i64>,
}

impl<'s> Index<'s> {
    pub const fn new(sql: &'s Connection, space: &'s SpaceId) -> Self {
        Self { sql, space, shown: BTreeMap::new(), fresh: BTreeSet::new() }
    }

    /// Takes note of a row just written, which is shown.
    pub fn know(&mut self, key: &Key, row: i64, listing: Listing, fresh: bool) {
        self.shown.insert(*key, Some(Rc::new((row, listing))));
        if fresh {
            self.fresh.insert(row);
        }
    }

    /// What was known of this listing is no longer so.
    pub fn changed(&mut self, key: &Key) {
        self.shown.remove(key);
    }

    pub fn forget(&mut self, row: i64) -> rusqlite::Result<()> {
        if self.fresh.remove(&row) { Ok(()) } else { forget(self.sql, row) }
    }

    fn shown(&mut self, owner: &OrgId, id: &ListingId) -> rusqlite::Result<Option<Rc<(i64, Listing)>>> {
        if let Some(known) = self.shown.get(&(*owner, *id)) {
            return Ok(known.clone());
        }
        let found = shown(self.sql, self.space, owner, id)?.map(Rc::new);
        self.shown.insert((*owner, *id), found.clone());
        Ok(found)
    }

    /// Makes the indexes of listings again. Full text goes first and by rising row: the index keeps rows that come so in memory
    /// until they are many, and writes all that it holds at each step back and where another table is written that may have to be undone.
    pub fn renew(&mut self, listings: &BTreeSet<Key>) -> rusqlite::Result<()> {
        let mut rows = BTreeMap::new();
        for (owner, id) in listings {
            if let Some(found) = self.shown(owner, id)? {
                rows.insert(found.0, (*owner, found));
            }
        }
        let mut places = Vec::new();
        for (row, (owner, found)) in &rows {
            let fresh = self.fresh.contains(row);
            places.push((*row, fresh, &found.1, self.text((*row, fresh), owner, &found.1)?));
        }
        for (row, fresh, listing, spots) in places {
            let facets: BTreeMap<String, String> = listing
                .facets()
                .into_iter()
                .map(|facet| (format!("{}.{}", facet.group, facet.code), facet.says.to_owned()))
                .collect();
            // Most changes are to words: places and facets, which cost as much, stay where they are the same.
            if !fresh {
                if self.stands(row, &facets, &spots)? {
                    continue;
                }
                forget_places(self.sql, row)?;
            }
            self.fresh.remove(&row);
            self.facets_and_spots(row, &facets, &spots)?;
        }
        Ok(())
    }

    /// Whether a row has these facets and places already.
    fn stands(&self, row: i64, facets: &BTreeMap<String, String>, spots: &[(f64, f64)]) -> rusqlite::Result<bool> {
        let there: BTreeMap<String, String> = self
            .sql
            .prepare_cached("SELECT facet, says FROM listing_facet WHERE row = ?1")?
            .query_map([row], |found| Ok((found.get(0)?, found.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        if there != *facets {
            return Ok(false);
        }
        let there: Vec<(f64, f64)> = self
            .sql
            .prepare_cached("SELECT latitude, longitude FROM listing_spot WHERE row = ?1 ORDER BY spot")?
            .query_map([row], |found| Ok((found.get(0)?, found.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        Ok(there == spots)
    }

    /// What is searched as text. Gives the places of a listing, its locations' too.
    fn text(
        &mut self,
        (row, fresh): (i64, bool),
        owner: &OrgId,
        listing: &Listing,
    ) -> rusqlite::Result<Vec<(f64, f64)>> {
        let mut place = place_words(listing);
        let mut spots: Vec<(f64, f64)> = listing.place().into_iter().collect();
        if listing.kind == Kind::Service {
            for id in listing.locations() {
                if let Some(location) = self.shown(owner, &id)? {
                    place.push(location.1.name().to_owned());
                    place.extend(place_words(&location.1));
                    spots.extend(location.1.place());
                }
            }
        }
        let mut said: Vec<String> = SAID.iter().map(|field| listing.get(field).to_owned()).collect();
        for (table, column) in ROWS {
            let rows = listing.children(table);
            said.extend(rows.values().filter_map(|row| row.get(column)).map(|cell| (*cell).to_owned()));
        }
        let parent = listing.organization().filter(|parent| *parent != listing.id);
        if let Some(parent) = parent.map(|id| self.shown(owner, &id)).transpose()?.flatten()
            && !parent.1.is_stub()
        {
            said.push(parent.1.name().to_owned());
        }
        for facet in listing.facets().iter().filter(|facet| facet.says != "no") {
            said.push(facet.code.replace('_', " "));
        }
        let name = [listing.name(), listing.get("alternate_name")].join(" ");
        if !fresh {
            self.sql.prepare_cached(FORGET_TEXT)?.execute([row])?;
        }
        self.sql
            .prepare_cached("INSERT INTO listing_text (rowid, name, place, said) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![row, name, place.join(" "), said.join(" ")])?;
        Ok(spots)
    }

    fn facets_and_spots(
        &self,
        row: i64,
        facets: &BTreeMap<String, String>,
        spots: &[(f64, f64)],
    ) -> rusqlite::Result<()> {
        for (facet, says) in facets {
            self.sql
                .prepare_cached("INSERT OR REPLACE INTO listing_facet (facet, row, says) VALUES (?1, ?2, ?3)")?
                .execute(params![facet, row, says])?;
        }
        for (latitude, longitude) in spots {
            self.sql
                .prepare_cached("INSERT INTO listing_spot (row, latitude, longitude) VALUES (?1, ?2, ?3)")?
                .execute(params![row, latitude, longitude])?;
        }
        Ok(())
    }
}

fn place_words(listing: &Listing) -> Vec<String> {
    let mut words = Vec::new();
    for row in listing.children("address").values() {
        for column in ["address_1", "city", "region", "state_province", "postal_code"] {
            words.extend(row.get(column).map(|cell| (*cell).to_owned()));
        }
    }
    words.extend(listing.children("service_area").values().filter_map(|row| row.get("name")).map(|n| (*n).to_owned()));
    words
}
