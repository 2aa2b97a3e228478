//! Rows in: what documents and registers say, into tables.

use super::index;
use crate::store::{Tx, fault};
use belay_protocol::directory::{self, Listing, ListingId, Openings, Row};
use belay_protocol::document::{self, Item};
use belay_protocol::fault::Result;
use belay_protocol::ids::{NodeId, OrgId, SpaceId};
use belay_protocol::store::{Draft, View};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeSet;

/// A listing of an organisation in a space.
pub(super) type Key = (SpaceId, OrgId, ListingId);

/// Folds bodies of the coalition space into their documents and brings the projections along. Returns the listings that
/// changed. A body that breaks a rule of documents is without effect here as at every node.
///
/// # Errors
/// `Store`; nothing of the transaction is kept then.
pub fn receive(tx: &Tx<'_>, space: &SpaceId, items: &[Item]) -> Result<Vec<Row>> {
    let mut draft = Draft::new(tx as &dyn View);
    let changed = document::receive(&mut draft, space, items)?;
    for write in draft.into_writes() {
        match &write.value {
            Some(value) => tx.put(write.table, &write.key, value)?,
            None => tx.delete(write.table, &write.key)?,
        }
    }
    let changed: Vec<Row> = changed.iter().flat_map(directory::rows).collect();
    rows(tx.sql(), space, &changed)?;
    Ok(changed)
}

/// Puts changed listings into the tables, and brings along what shows their names and places.
///
/// # Errors
/// `Store`.
pub fn rows(sql: &Connection, space: &SpaceId, rows: &[Row]) -> Result<()> {
    write_rows(sql, space, rows).map_err(fault("directory"))
}

fn write_rows(sql: &Connection, space: &SpaceId, rows: &[Row]) -> rusqlite::Result<()> {
    let mut touched: BTreeSet<Key> = BTreeSet::new();
    for row in rows {
        match &row.listing {
            Some(listing) => put(sql, space, row, listing)?,
            None => remove(sql, space, row)?,
        }
        touched.insert((*space, row.org, row.id));
    }
    for key in &touched {
        show(sql, key)?;
    }
    let mut stale = touched.clone();
    for key in &touched {
        dependents(sql, key, &mut stale)?;
    }
    for key in &stale {
        index::renew(sql, key)?;
    }
    Ok(())
}

fn number(sql: &Connection, space: &SpaceId, row: &Row) -> rusqlite::Result<Option<i64>> {
    sql.prepare_cached("SELECT row FROM listing WHERE owner = ?1 AND id = ?2 AND space = ?3 AND document = ?4")?
        .query_row(params![row.org.0, row.id.0, space.0, row.document.0], |found| found.get(0))
        .optional()
}

fn put(sql: &Connection, space: &SpaceId, row: &Row, listing: &Listing) -> rusqlite::Result<()> {
    let known = number(sql, space, row)?;
    sql.prepare_cached(
        "INSERT INTO listing (row, space, owner, id, document, shown, kind, name, organization, stub)
         VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7, ?8, ?9)
         ON CONFLICT (row) DO UPDATE SET kind = excluded.kind, name = excluded.name,
             organization = excluded.organization, stub = excluded.stub",
    )?
    .execute(params![
        known,
        space.0,
        row.org.0,
        row.id.0,
        row.document.0,
        listing.kind.word(),
        listing.name(),
        listing.organization().map(|id| id.0),
        listing.is_stub(),
    ])?;
    let number = known.unwrap_or_else(|| sql.last_insert_rowid());
    let fields = serde_json::to_string(&listing.fields).unwrap_or_default();
    sql.prepare_cached("INSERT OR REPLACE INTO listing_fields (row, fields) VALUES (?1, ?2)")?
        .execute(params![number, fields])?;
    sql.prepare_cached("DELETE FROM listing_at WHERE row = ?1")?.execute([number])?;
    for location in listing.locations() {
        sql.prepare_cached("INSERT INTO listing_at (row, owner, location) VALUES (?1, ?2, ?3)")?
            .execute(params![number, row.org.0, location.0])?;
    }
    Ok(())
}

fn remove(sql: &Connection, space: &SpaceId, row: &Row) -> rusqlite::Result<()> {
    let Some(number) = number(sql, space, row)? else { return Ok(()) };
    index::forget(sql, number)?;
    for statement in [
        "DELETE FROM listing WHERE row = ?1",
        "DELETE FROM listing_fields WHERE row = ?1",
        "DELETE FROM listing_at WHERE row = ?1",
    ] {
        sql.prepare_cached(statement)?.execute([number])?;
    }
    Ok(())
}

/// Of a listing that lies in several documents, the one in the lowest is shown.
fn show(sql: &Connection, (space, owner, id): &Key) -> rusqlite::Result<()> {
    sql.prepare_cached(
        "UPDATE listing SET shown = document = (
             SELECT min(document) FROM listing WHERE owner = ?1 AND id = ?2 AND space = ?3
         ) WHERE owner = ?1 AND id = ?2 AND space = ?3",
    )?
    .execute(params![owner.0, id.0, space.0])
    .map(drop)
}

/// What shows the name of this organisation or the place of this location.
fn dependents(sql: &Connection, (space, owner, id): &Key, stale: &mut BTreeSet<Key>) -> rusqlite::Result<()> {
    for statement in [
        "SELECT id FROM listing WHERE owner = ?1 AND organization = ?2 AND space = ?3",
        "SELECT l.id FROM listing_at a JOIN listing l ON l.row = a.row WHERE a.owner = ?1 AND a.location = ?2 AND l.space = ?3",
    ] {
        let mut statement = sql.prepare_cached(statement)?;
        let mut found = statement.query(params![owner.0, id.0, space.0])?;
        while let Some(row) = found.next()? {
            stale.insert((*space, *owner, ListingId(row.get(0)?)));
        }
    }
    Ok(())
}

/// Forgets every listing of a space, before its counted bodies are received again. Openings stay: they are registers.
///
/// # Errors
/// `Store`.
pub fn clear(tx: &Tx<'_>, space: &SpaceId) -> Result<()> {
    let mut draft = Draft::new(tx as &dyn View);
    document::clear(&mut draft, space)?;
    for write in draft.into_writes() {
        tx.delete(write.table, &write.key)?;
    }
    let sql = tx.sql();
    let all = || -> rusqlite::Result<()> {
        let mut rows = sql.prepare("SELECT row FROM listing WHERE space = ?1")?;
        let rows = rows.query_map([space.0], |row| row.get::<_, i64>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
        for row in rows {
            index::forget(sql, row)?;
            sql.prepare_cached("DELETE FROM listing_fields WHERE row = ?1")?.execute([row])?;
            sql.prepare_cached("DELETE FROM listing_at WHERE row = ?1")?.execute([row])?;
        }
        sql.execute("DELETE FROM listing WHERE space = ?1", [space.0]).map(drop)
    };
    all().map_err(fault("directory"))
}

/// Keeps what a register of the listing's owner says about openings; the node's earlier word is forgotten.
///
/// # Errors
/// `Store`.
pub fn openings(
    sql: &Connection,
    space: &SpaceId,
    owner: &OrgId,
    node: &NodeId,
    id: &ListingId,
    openings: &Openings,
) -> Result<()> {
    let as_of = i64::try_from(openings.as_of.0).unwrap_or(i64::MAX);
    sql.prepare_cached(
        "INSERT OR REPLACE INTO listing_openings (space, owner, id, node, unit, open, of_all, as_of, note)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )
    .and_then(|mut statement| {
        let words =
            params![space.0, owner.0, id.0, node.0, openings.unit, openings.open, openings.of, as_of, openings.note];
        statement.execute(words)
    })
    .map(drop)
    .map_err(fault("openings"))
}

/// Forgets what a retired node, or every node of a removed organisation, said about openings.
///
/// # Errors
/// `Store`.
pub fn forget_openings(sql: &Connection, space: &SpaceId, owner: &OrgId, node: Option<&NodeId>) -> Result<()> {
    sql.execute(
        "DELETE FROM listing_openings WHERE space = ?1 AND owner = ?2 AND (?3 IS NULL OR node = ?3)",
        params![space.0, owner.0, node.map(|node| node.0)],
    )
    .map(drop)
    .map_err(fault("openings"))
}
