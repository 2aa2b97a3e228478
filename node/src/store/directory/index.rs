//! Full text, places and facets of one shown listing.

use super::apply::Key;
use belay_protocol::directory::{Kind, Listing, ListingId};
use belay_protocol::ids::{OrgId, SpaceId};
use rusqlite::{Connection, OptionalExtension, params};

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

/// Makes the indexes of a listing again.
pub(super) fn renew(sql: &Connection, key: &Key) -> rusqlite::Result<()> {
    let (space, owner, id) = key;
    let mut rows = sql.prepare_cached(
        "SELECT l.row, l.shown, l.kind, f.fields FROM listing l JOIN listing_fields f ON f.row = l.row
         WHERE l.owner = ?1 AND l.id = ?2 AND l.space = ?3",
    )?;
    let mut rows = rows.query(params![owner.0, id.0, space.0])?;
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        forget(sql, number)?;
        if row.get(1)? {
            let listing = listing(*id, &row.get::<_, String>(2)?, &row.get::<_, String>(3)?);
            add(sql, space, owner, number, &listing)?;
        }
    }
    Ok(())
}

/// A listing out of the tables.
pub(super) fn listing(id: ListingId, kind: &str, fields: &str) -> Listing {
    let fields = serde_json::from_str(fields).unwrap_or_default();
    Listing { id, kind: kind.parse().unwrap_or(Kind::Service), fields }
}

/// Takes a row out of every index.
pub(super) fn forget(sql: &Connection, row: i64) -> rusqlite::Result<()> {
    for statement in [
        "DELETE FROM listing_text WHERE rowid = ?1",
        "DELETE FROM listing_box WHERE spot IN (SELECT spot FROM listing_spot WHERE row = ?1)",
        "DELETE FROM listing_spot WHERE row = ?1",
        "DELETE FROM listing_facet WHERE row = ?1",
    ] {
        sql.prepare_cached(statement)?.execute([row])?;
    }
    Ok(())
}

/// The shown listing of an owner, for its name and place in those that refer to it.
pub(super) fn shown(
    sql: &Connection,
    space: &SpaceId,
    owner: &OrgId,
    id: &ListingId,
) -> rusqlite::Result<Option<Listing>> {
    sql.prepare_cached(
        "SELECT l.kind, f.fields FROM listing l JOIN listing_fields f ON f.row = l.row
         WHERE l.owner = ?1 AND l.id = ?2 AND l.space = ?3 AND l.shown = 1",
    )?
    .query_row(params![owner.0, id.0, space.0], |row| {
        Ok(listing(*id, &row.get::<_, String>(0)?, &row.get::<_, String>(1)?))
    })
    .optional()
}

fn add(sql: &Connection, space: &SpaceId, owner: &OrgId, row: i64, listing: &Listing) -> rusqlite::Result<()> {
    let mut place = place_words(listing);
    let mut spots: Vec<(f64, f64)> = listing.place().into_iter().collect();
    if listing.kind == Kind::Service {
        for id in listing.locations() {
            if let Some(location) = shown(sql, space, owner, &id)? {
                place.push(location.name().to_owned());
                place.extend(place_words(&location));
                spots.extend(location.place());
            }
        }
    }
    let mut said: Vec<String> = SAID.iter().map(|field| listing.get(field).to_owned()).collect();
    for (table, column) in ROWS {
        said.extend(listing.children(table).values().filter_map(|row| row.get(column)).map(|cell| (*cell).to_owned()));
    }
    let parent = listing.organization().filter(|parent| *parent != listing.id);
    if let Some(parent) = parent.map(|id| shown(sql, space, owner, &id)).transpose()?.flatten()
        && !parent.is_stub()
    {
        said.push(parent.name().to_owned());
    }
    for facet in listing.facets().iter().filter(|facet| facet.says != "no") {
        said.push(facet.code.replace('_', " "));
    }
    let name = [listing.name(), listing.get("alternate_name")].join(" ");
    sql.prepare_cached("INSERT INTO listing_text (rowid, name, place, said) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![row, name, place.join(" "), said.join(" ")])?;
    for facet in listing.facets() {
        let key = format!("{}.{}", facet.group, facet.code);
        sql.prepare_cached("INSERT OR REPLACE INTO listing_facet (facet, row, says) VALUES (?1, ?2, ?3)")?
            .execute(params![key, row, facet.says])?;
    }
    for (latitude, longitude) in spots {
        sql.prepare_cached("INSERT INTO listing_spot (row, latitude, longitude) VALUES (?1, ?2, ?3)")?
            .execute(params![row, latitude, longitude])?;
        sql.prepare_cached("INSERT INTO listing_box (spot, south, north, west, east) VALUES (?1, ?2, ?2, ?3, ?3)")?
            .execute(params![sql.last_insert_rowid(), latitude, longitude])?;
    }
    Ok(())
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
