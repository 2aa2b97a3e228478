//! What is asked of the directory as a whole: counts, kinds, ids by their beginning, and the digest by which nodes are compared.

use crate::store::fault;
use belay_protocol::directory::{Kind, ListingId};
use belay_protocol::fault::Result;
use belay_protocol::ids::{DocumentId, OrgId, SpaceId};
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;

/// The listings that hang on an organisation listing: its services, locations and programmes, by kind and name.
///
/// # Errors
/// `Store`.
pub fn listings_of(
    sql: &Connection,
    owner: &OrgId,
    organization: &ListingId,
) -> Result<Vec<(ListingId, Kind, String)>> {
    let work = || -> rusqlite::Result<Vec<(ListingId, Kind, String)>> {
        let mut statement = sql.prepare_cached(
            "SELECT id, kind, name FROM listing WHERE owner = ?1 AND organization = ?2 AND shown = 1 ORDER BY kind, name, id",
        )?;
        let rows = statement.query_map(params![owner.0, organization.0], |row| {
            let kind = row.get::<_, String>(1)?.parse().unwrap_or(Kind::Service);
            Ok((ListingId(row.get(0)?), kind, row.get(2)?))
        })?;
        rows.collect()
    };
    work().map_err(fault("listing"))
}

/// The document of an organisation that holds a listing; the lowest, should several.
///
/// # Errors
/// `Store`.
pub fn document_of(sql: &Connection, space: &SpaceId, owner: &OrgId, id: &ListingId) -> Result<Option<DocumentId>> {
    let text = "SELECT document FROM listing WHERE owner = ?1 AND id = ?2 AND space = ?3 ORDER BY document LIMIT 1";
    sql.prepare_cached(text)
        .and_then(|mut found| found.query_row(params![owner.0, id.0, space.0], |row| row.get(0)).optional())
        .map(|document| document.map(DocumentId))
        .map_err(fault("listing"))
}

/// The kinds of service that some listing says it is, without their group.
///
/// # Errors
/// `Store`.
pub fn service_kinds(sql: &Connection) -> Result<Vec<String>> {
    let work = || -> rusqlite::Result<Vec<String>> {
        let mut statement = sql.prepare_cached(
            "SELECT DISTINCT substr(facet, 14) FROM listing_facet WHERE facet >= 'service_kind.' AND facet < 'service_kind/'",
        )?;
        statement.query_map([], |row| row.get(0))?.collect()
    };
    work().map_err(fault("kinds"))
}

/// The ids that begin with these hex digits (hyphens left out), at most two.
///
/// # Errors
/// `Store`.
pub fn beginning(sql: &Connection, hex: &str) -> Result<Vec<ListingId>> {
    let work = || -> rusqlite::Result<Vec<ListingId>> {
        let mut statement = sql.prepare_cached(
            "SELECT DISTINCT id FROM listing WHERE shown = 1 AND lower(hex(id)) LIKE ?1 || '%' ORDER BY id LIMIT 2",
        )?;
        statement.query_map([hex], |row| row.get(0).map(ListingId))?.collect()
    };
    work().map_err(fault("listing"))
}

/// How many listings of each kind are shown; stubs apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Shown {
    pub organizations: u64,
    pub services: u64,
    pub locations: u64,
    pub programs: u64,
    pub stubs: u64,
}

/// Counts the listings of a space.
///
/// # Errors
/// `Store`.
pub fn count(sql: &Connection, space: &SpaceId) -> Result<Shown> {
    let work = || -> rusqlite::Result<Shown> {
        let mut shown = Shown::default();
        let mut statement = sql.prepare_cached(
            "SELECT kind, stub, count(*) FROM listing WHERE space = ?1 AND shown = 1 GROUP BY kind, stub",
        )?;
        let mut rows = statement.query([space.0])?;
        while let Some(row) = rows.next()? {
            let (kind, stub, count) =
                (row.get::<_, String>(0)?, row.get(1)?, u64::try_from(row.get::<_, i64>(2)?).unwrap_or(0));
            match (stub, kind.as_str()) {
                (true, _) => shown.stubs += count,
                (_, "organization") => shown.organizations = count,
                (_, "service") => shown.services = count,
                (_, "location") => shown.locations = count,
                _ => shown.programs = count,
            }
        }
        Ok(shown)
    };
    work().map_err(fault("count"))
}

/// A digest of every listing of a space as it is shown: equal at nodes that hold the same entries.
///
/// # Errors
/// `Store`.
pub fn digest(sql: &Connection, space: &SpaceId) -> Result<[u8; 32]> {
    let work = || -> rusqlite::Result<[u8; 32]> {
        let mut context = ring::digest::Context::new(&ring::digest::SHA256);
        let mut statement = sql.prepare_cached(
            "SELECT l.owner, l.id, l.document, l.kind, f.fields FROM listing l JOIN listing_fields f ON f.row = l.row
             WHERE l.space = ?1 AND l.shown = 1 ORDER BY l.owner, l.id",
        )?;
        let mut rows = statement.query([space.0])?;
        while let Some(row) = rows.next()? {
            for column in 0..3 {
                context.update(row.get_ref(column)?.as_blob()?);
            }
            for column in 3..5 {
                let text = row.get_ref(column)?.as_str()?;
                context.update(&(text.len() as u64).to_be_bytes());
                context.update(text.as_bytes());
            }
        }
        Ok(context.finish().as_ref().try_into().unwrap_or([0; 32]))
    };
    work().map_err(fault("digest"))
}
