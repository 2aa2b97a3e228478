//! Rows in: what documents and registers say, into tables.

use super::index::{Index, Key};
use super::ranked::turned;
use crate::store::connection::unwiped;
use crate::store::{Tx, fault};
use belay_protocol::directory::{self, Kind, Listing, ListingId, Openings, Row};
use belay_protocol::document::{self, Changed, Item, Shelf};
use belay_protocol::fault::Result;
use belay_protocol::ids::{DocumentId, NodeId, OrgId, SpaceId};
use belay_protocol::store::{Draft, View};
use rusqlite::{Connection, params};
use std::collections::BTreeSet;

/// Folds bodies of the coalition space into their documents and brings the projections along. A body that breaks a rule of documents is without effect here as at every node. `shelf`: documents in memory.
///
/// # Errors
/// `Store`; nothing of the transaction is kept then.
pub fn receive(tx: &Tx<'_>, shelf: &mut Shelf, space: &SpaceId, items: &[Item]) -> Result<()> {
    made(tx, space, |draft| shelf.receive(draft, space, items))
}

/// Keeps documents that `work` changes, and brings the projections along.
///
/// # Errors
/// `Store`; nothing of the transaction is kept then.
pub fn made(tx: &Tx<'_>, space: &SpaceId, work: impl FnOnce(&mut Draft<'_>) -> Result<Vec<Changed>>) -> Result<()> {
    let mut draft = Draft::new(tx as &dyn View);
    let changed = work(&mut draft)?;
    unwiped(tx.sql(), || {
        for write in draft.into_writes() {
            match &write.value {
                Some(value) => tx.put(write.table, &write.key, value)?,
                None => tx.delete(write.table, &write.key)?,
            }
        }
        put_rows(tx.sql(), space, changed.into_iter().flat_map(directory::rows).collect())
    })
}

/// Puts changed listings into the tables, and brings along what shows their names and places.
///
/// # Errors
/// `Store`.
pub fn rows(sql: &Connection, space: &SpaceId, rows: Vec<Row>) -> Result<()> {
    unwiped(sql, || put_rows(sql, space, rows))
}

fn put_rows(sql: &Connection, space: &SpaceId, rows: Vec<Row>) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    turned(sql)?;
    write_rows(&mut Index::new(sql, space), rows).map_err(fault("directory"))
}

fn write_rows(index: &mut Index<'_>, rows: Vec<Row>) -> rusqlite::Result<()> {
    let mut stale: BTreeSet<Key> = BTreeSet::new();
    let mut named: BTreeSet<Key> = BTreeSet::new();
    for Row { org, document, id, listing } in rows {
        let key = (org, id);
        index.changed(&key);
        stale.insert(key);
        // Nothing shows the name or the place of a service or a programme.
        if listing.as_ref().is_none_or(|l| matches!(l.kind, Kind::Organization | Kind::Location)) {
            named.insert(key);
        }
        match listing {
            Some(listing) => put(index, &key, &document, listing)?,
            None => remove(index, &key, &document)?,
        }
    }
    for key in &named {
        dependents(index, key, &mut stale)?;
    }
    index.renew(&stale)
}

/// One document's row of a listing.
struct Held {
    row: i64,
    document: [u8; 32],
    shown: bool,
}

fn held(index: &Index<'_>, (owner, id): &Key) -> rusqlite::Result<Vec<Held>> {
    index
        .sql
        .prepare_cached(
            "SELECT row, document, shown FROM listing WHERE owner = ?1 AND id = ?2 AND space = ?3 ORDER BY document",
        )?
        .query_map(params![owner.0, id.0, index.space.0], |found| {
            Ok(Held { row: found.get(0)?, document: found.get(1)?, shown: found.get(2)? })
        })?
        .collect()
}

fn show(index: &mut Index<'_>, held: &Held, shown: bool) -> rusqlite::Result<()> {
    if !shown {
        index.forget(held.row)?;
    }
    let mut statement = index.sql.prepare_cached("UPDATE listing SET shown = ?2 WHERE row = ?1")?;
    statement.execute(params![held.row, shown]).map(drop)
}

fn put(index: &mut Index<'_>, key: &Key, document: &DocumentId, listing: Listing) -> rusqlite::Result<()> {
    let held = held(index, key)?;
    // Of a listing that lies in several documents, the one in the lowest is shown.
    let lowest = held.iter().all(|other| other.document >= document.0);
    for other in held.iter().filter(|other| lowest && other.shown && other.document != document.0) {
        show(index, other, false)?;
    }
    let known = held.iter().find(|other| other.document == document.0).map(|held| held.row);
    index
        .sql
        .prepare_cached(
            "INSERT INTO listing (row, space, owner, id, document, shown, kind, name, organization, stub)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT (row) DO UPDATE SET shown = excluded.shown, kind = excluded.kind, name = excluded.name,
                 organization = excluded.organization, stub = excluded.stub
             WHERE (shown, kind, name, organization, stub)
                 IS NOT (excluded.shown, excluded.kind, excluded.name, excluded.organization, excluded.stub)",
        )?
        .execute(params![
            known,
            index.space.0,
            key.0.0,
            key.1.0,
            document.0,
            lowest,
            listing.kind.word(),
            listing.name(),
            listing.organization().map(|id| id.0),
            listing.is_stub(),
        ])?;
    let number = known.unwrap_or_else(|| index.sql.last_insert_rowid());
    let fields = serde_json::to_string(&listing.fields).unwrap_or_default();
    index
        .sql
        .prepare_cached("INSERT OR REPLACE INTO listing_fields (row, fields) VALUES (?1, ?2)")?
        .execute(params![number, fields])?;
    places(index, (number, known.is_none()), &key.0, &listing.locations())?;
    if lowest {
        index.know(key, number, listing, known.is_none());
    }
    Ok(())
}

/// Notes where a listing is offered. Most changes are to words: what is so already is left alone.
fn places(
    index: &Index<'_>,
    (row, fresh): (i64, bool),
    owner: &OrgId,
    locations: &[ListingId],
) -> rusqlite::Result<()> {
    if !fresh {
        let mut statement =
            index.sql.prepare_cached("SELECT location FROM listing_at WHERE row = ?1 ORDER BY rowid")?;
        let held = statement.query_map([row], |found| found.get(0).map(ListingId))?;
        if held.collect::<rusqlite::Result<Vec<_>>>()? == locations {
            return Ok(());
        }
        index.sql.prepare_cached("DELETE FROM listing_at WHERE row = ?1")?.execute([row])?;
    }
    for location in locations {
        index
            .sql
            .prepare_cached("INSERT INTO listing_at (row, owner, location) VALUES (?1, ?2, ?3)")?
            .execute(params![row, owner.0, location.0])?;
    }
    Ok(())
}

fn remove(index: &mut Index<'_>, key: &Key, document: &DocumentId) -> rusqlite::Result<()> {
    let mut held = held(index, key)?;
    let Some(at) = held.iter().position(|held| held.document == document.0) else { return Ok(()) };
    let gone = held.remove(at);
    index.forget(gone.row)?;
    for statement in [
        "DELETE FROM listing WHERE row = ?1",
        "DELETE FROM listing_fields WHERE row = ?1",
        "DELETE FROM listing_at WHERE row = ?1",
    ] {
        index.sql.prepare_cached(statement)?.execute([gone.row])?;
    }
    match held.first() {
        Some(next) if gone.shown => show(index, next, true),
        _ => Ok(()),
    }
}

/// What shows the name of this organisation or the place of this location.
fn dependents(index: &Index<'_>, (owner, id): &Key, stale: &mut BTreeSet<Key>) -> rusqlite::Result<()> {
    for statement in [
        "SELECT id FROM listing WHERE owner = ?1 AND organization = ?2 AND space = ?3",
        "SELECT l.id FROM listing_at a JOIN listing l ON l.row = a.row WHERE a.owner = ?1 AND a.location = ?2 AND l.space = ?3",
    ] {
        let mut statement = index.sql.prepare_cached(statement)?;
        let mut found = statement.query(params![owner.0, id.0, index.space.0])?;
        while let Some(row) = found.next()? {
            stale.insert((*owner, ListingId(row.get(0)?)));
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
    turned(sql)?;
    let all = || -> rusqlite::Result<()> {
        let mut rows = sql.prepare("SELECT row FROM listing WHERE space = ?1")?;
        let rows = rows.query_map([space.0], |row| row.get::<_, i64>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
        for row in rows {
            super::index::forget(sql, row)?;
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
    turned(sql)?;
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
    turned(sql)?;
    sql.execute(
        "DELETE FROM listing_openings WHERE space = ?1 AND owner = ?2 AND (?3 IS NULL OR node = ?3)",
        params![space.0, owner.0, node.map(|node| node.0)],
    )
    .map(drop)
    .map_err(fault("openings"))
}
