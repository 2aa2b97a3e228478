//! Where an organisation itself is, among all that it publishes: who keeps a directory for others publishes many organisations.

use super::search::{Hit, complete, one};
use crate::store::fault;
use belay_protocol::fault::Result;
use belay_protocol::ids::OrgId;
use rusqlite::{Connection, params};

/// Locations of one organisation that are looked at.
const LOCATIONS: u32 = 20;

/// The listing of an organisation that is itself, and then its locations, by name. Itself is the one of kind `organization` that has the name
/// that the roster has; else the only one, if it publishes one alone. Where neither is, nobody else's is taken for it: nothing is found.
///
/// # Errors
/// `Store`.
pub fn office(sql: &Connection, owner: &OrgId, name: &str) -> Result<Vec<Hit>> {
    let work = || -> rusqlite::Result<Vec<Hit>> {
        let mut found = listings(sql, owner, "l.kind = 'organization' AND l.name = ?2 AND l.stub = 0", name, 1)?;
        if found.is_empty() {
            found = listings(sql, owner, "l.kind = 'organization' AND l.stub = 0 AND ?2 = ?2", name, 2)?;
        }
        let [itself] = &*found else { return Ok(Vec::new()) };
        let (id, space) = (itself.listing.id.0, itself.space.0);
        let parent = "l.kind = 'location' AND l.organization = ?2 AND l.space = ?4";
        let mut statement = sql.prepare_cached(&select(parent))?;
        let places = statement.query_map(params![owner.0, id, LOCATIONS, space], one)?;
        found.extend(places.collect::<rusqlite::Result<Vec<_>>>()?);
        found.into_iter().map(|hit| complete(sql, hit)).collect()
    };
    work().map_err(fault("office"))
}

fn listings(sql: &Connection, owner: &OrgId, which: &str, name: &str, most: u32) -> rusqlite::Result<Vec<Hit>> {
    sql.prepare_cached(&select(which))?.query_map(params![owner.0, name, most], one)?.collect()
}

fn select(which: &str) -> String {
    format!(
        "SELECT l.space, l.owner, l.id, l.kind, f.fields FROM listing l JOIN listing_fields f ON f.row = l.row
         WHERE l.owner = ?1 AND l.shown = 1 AND {which} ORDER BY l.name, l.id LIMIT ?3"
    )
}
