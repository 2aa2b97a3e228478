//! Rows out: search by words, place, kind and facet.

use super::index::{listing, shown};
use super::kilometres;
use super::query::{Join, fts, words};
use crate::store::fault;
use belay_protocol::directory::{Kind, Listing, ListingId, Openings};
use belay_protocol::fault::Result;
use belay_protocol::ids::{OrgId, SpaceId};
use belay_protocol::time::Time;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};
use serde::Serialize;
use std::collections::BTreeMap;

/// Hits of one page.
const MOST: usize = 200;
/// How many of the best by words are put in order of distance as well.
const RANKED: usize = 400;
/// Kilometres after which nearness counts half.
const NEAR: f64 = 20.0;
/// Radii that are tried, in turn, where a place is given and neither words nor a radius.
const RADII: [f64; 4] = [15.0, 60.0, 250.0, 20_100.0];

/// What is looked for. Everything that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// As typed. All words; where that finds nothing, any of them.
    pub words: String,
    /// Latitude and longitude in degrees.
    pub near: Option<(f64, f64)>,
    pub within_km: Option<f64>,
    pub kind: Option<Kind>,
    /// Facets such as `service_kind.detox`, or `detox` alone; met unless it says `no`.
    pub facets: Vec<String>,
    /// At most 200.
    pub limit: usize,
    pub offset: usize,
    /// Whether parents that a file named but did not hold are shown too.
    pub stubs: bool,
}

/// A listing that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    pub space: SpaceId,
    pub owner: OrgId,
    pub listing: Listing,
    /// The name of the organisation that offers it.
    pub organization: String,
    /// The first location of a service.
    pub location: Option<Listing>,
    pub distance_km: Option<f64>,
    pub openings: Option<Openings>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Found {
    pub hits: Vec<Hit>,
    /// False where only some of the words were met.
    pub all_words: bool,
}

struct Candidate {
    row: i64,
    id: ListingId,
    score: f64,
    distance: Option<f64>,
}

/// Finds listings. Words and distance alone decide the order; of equals the lower listing id comes first.
///
/// # Errors
/// `Store`.
pub fn search(sql: &Connection, query: &Query) -> Result<Found> {
    run(sql, query).map_err(fault("search"))
}

fn run(sql: &Connection, query: &Query) -> rusqlite::Result<Found> {
    let typed = words(&query.words);
    let mut all_words = true;
    let candidates = match fts(&typed, Join::All) {
        Some(all) => {
            let mut found = by_words(sql, query, &all)?;
            if found.is_empty() && typed.len() > 1 {
                all_words = false;
                if let Some(any) = fts(&typed, Join::Any) {
                    found = by_words(sql, query, &any)?;
                }
            }
            found
        }
        None => match query.near {
            Some(near) => by_place(sql, query, near)?,
            None => by_name(sql, query)?,
        },
    };
    // By name, the page was cut by the database.
    let skip = if typed.is_empty() && query.near.is_none() { 0 } else { query.offset };
    let page = candidates.into_iter().skip(skip).take(query.limit.min(MOST));
    let hits = page.filter_map(|candidate| hit(sql, &candidate).transpose()).collect::<rusqlite::Result<_>>()?;
    Ok(Found { hits, all_words })
}

/// Conditions on the row `l` that do not depend on words, and their values.
fn conditions(query: &Query, values: &mut Vec<Value>) -> String {
    let mut sql = String::from(" AND l.shown = 1");
    if let Some(kind) = query.kind {
        values.push(Value::Text(kind.word().to_owned()));
        sql.push_str(" AND l.kind = ?");
    }
    if !query.stubs {
        sql.push_str(" AND l.stub = 0");
    }
    for facet in &query.facets {
        let facet = facet.trim().to_lowercase().replace([' ', '-'], "_");
        let group = if facet.contains('.') { "" } else { "service_kind." };
        values.push(Value::Text(format!("{group}{facet}")));
        sql.push_str(
            " AND EXISTS (SELECT 1 FROM listing_facet f WHERE f.facet = ? AND f.row = l.row AND f.says <> 'no')",
        );
    }
    sql
}

/// South, north, west, east around a place; all longitudes near the poles and across the date line.
fn around((latitude, longitude): (f64, f64), km: f64) -> [f64; 4] {
    let up = km / 110.574 + 0.001;
    let narrow = (latitude.abs() + up).min(89.9).to_radians().cos();
    let aside = km / (111.320 * narrow) + 0.001;
    let (west, east) = (longitude - aside, longitude + aside);
    let (west, east) = if west < -180.0 || east > 180.0 { (-180.0, 180.0) } else { (west, east) };
    [latitude - up, latitude + up, west, east]
}

fn by_words(sql: &Connection, query: &Query, matching: &str) -> rusqlite::Result<Vec<Candidate>> {
    let mut values = vec![Value::Text(matching.to_owned())];
    let mut more = conditions(query, &mut values);
    let radius = query.near.zip(query.within_km);
    if let Some((near, km)) = radius {
        values.extend(around(near, km).map(Value::Real));
        more.push_str(
            " AND EXISTS (SELECT 1 FROM listing_spot s WHERE s.row = l.row
              AND s.latitude >= ? AND s.latitude <= ? AND s.longitude >= ? AND s.longitude <= ?)",
        );
    }
    let needed = if query.near.is_some() { RANKED } else { query.offset.saturating_add(query.limit.min(MOST)) };
    values.push(Value::Integer(i64::try_from(needed).unwrap_or(i64::MAX)));
    let text = format!(
        "SELECT l.row, l.id, bm25(listing_text, 8.0, 3.0, 1.0) AS score FROM listing_text
         JOIN listing l ON l.row = listing_text.rowid WHERE listing_text MATCH ?{more}
         ORDER BY score, l.id LIMIT ?"
    );
    let mut statement = sql.prepare_cached(&text)?;
    let rows = statement.query_map(params_from_iter(values), |row| {
        Ok(Candidate { row: row.get(0)?, id: ListingId(row.get(1)?), score: -row.get::<_, f64>(2)?, distance: None })
    })?;
    let mut found = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    if let Some(near) = query.near {
        for candidate in &mut found {
            candidate.distance = nearest(sql, candidate.row, near)?;
            // A listing without a place is neither near nor far.
            candidate.score /= 1.0 + candidate.distance.unwrap_or(4.0 * NEAR) / NEAR;
        }
        if let Some((_, km)) = radius {
            found.retain(|candidate| candidate.distance.is_some_and(|distance| distance <= km));
        }
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.id.cmp(&b.id)));
    }
    Ok(found)
}

fn nearest(sql: &Connection, row: i64, near: (f64, f64)) -> rusqlite::Result<Option<f64>> {
    let mut statement = sql.prepare_cached("SELECT latitude, longitude FROM listing_spot WHERE row = ?1")?;
    let spots = statement.query_map([row], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut best: Option<f64> = None;
    for spot in spots {
        let distance = kilometres(near, spot?);
        best = Some(best.map_or(distance, |best| best.min(distance)));
    }
    Ok(best)
}

fn by_place(sql: &Connection, query: &Query, near: (f64, f64)) -> rusqlite::Result<Vec<Candidate>> {
    let needed = query.offset.saturating_add(query.limit.min(MOST));
    let mut found = Vec::new();
    let given = query.within_km.map(|km| vec![km]);
    for km in given.unwrap_or_else(|| RADII.to_vec()) {
        found = in_box(sql, query, near, km)?;
        if found.len() >= needed {
            break;
        }
    }
    Ok(found)
}

fn in_box(sql: &Connection, query: &Query, near: (f64, f64), km: f64) -> rusqlite::Result<Vec<Candidate>> {
    let mut values: Vec<Value> = around(near, km).map(Value::Real).into();
    let more = conditions(query, &mut values);
    let text = format!(
        "SELECT l.row, l.id, s.latitude, s.longitude FROM listing_box b
         JOIN listing_spot s ON s.spot = b.spot JOIN listing l ON l.row = s.row
         WHERE b.north >= ? AND b.south <= ? AND b.east >= ? AND b.west <= ?{more}"
    );
    let mut statement = sql.prepare_cached(&text)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut best: BTreeMap<i64, Candidate> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let distance = kilometres(near, (row.get(2)?, row.get(3)?));
        if distance > km {
            continue;
        }
        let candidate =
            Candidate { row: row.get(0)?, id: ListingId(row.get(1)?), score: -distance, distance: Some(distance) };
        let nearer = best.get(&candidate.row).is_none_or(|known| known.score < candidate.score);
        if nearer {
            best.insert(candidate.row, candidate);
        }
    }
    let mut found: Vec<Candidate> = best.into_values().collect();
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.id.cmp(&b.id)));
    Ok(found)
}

fn by_name(sql: &Connection, query: &Query) -> rusqlite::Result<Vec<Candidate>> {
    let mut values = Vec::new();
    let more = conditions(query, &mut values);
    values.push(Value::Integer(i64::try_from(query.limit.min(MOST)).unwrap_or(0)));
    values.push(Value::Integer(i64::try_from(query.offset).unwrap_or(i64::MAX)));
    let text = format!("SELECT l.row, l.id FROM listing l WHERE 1{more} ORDER BY l.name, l.id LIMIT ? OFFSET ?");
    let mut statement = sql.prepare_cached(&text)?;
    let rows = statement.query_map(params_from_iter(values), |row| {
        Ok(Candidate { row: row.get(0)?, id: ListingId(row.get(1)?), score: 0.0, distance: None })
    })?;
    rows.collect()
}

fn hit(sql: &Connection, candidate: &Candidate) -> rusqlite::Result<Option<Hit>> {
    let found = read(
        sql,
        "SELECT l.space, l.owner, l.id, l.kind, f.fields FROM listing l JOIN listing_fields f ON f.row = l.row WHERE l.row = ?1",
        &[&candidate.row],
    )?;
    Ok(found.map(|hit| Hit { distance_km: candidate.distance, ..hit }))
}

fn read(sql: &Connection, text: &str, values: &[&dyn rusqlite::ToSql]) -> rusqlite::Result<Option<Hit>> {
    let found = sql.prepare_cached(text)?.query_row(values, one).optional()?;
    found.map(|hit| complete(sql, hit)).transpose()
}

fn one(row: &Row<'_>) -> rusqlite::Result<Hit> {
    let id = ListingId(row.get(2)?);
    Ok(Hit {
        space: SpaceId(row.get(0)?),
        owner: OrgId(row.get(1)?),
        listing: listing(id, &row.get::<_, String>(3)?, &row.get::<_, String>(4)?),
        organization: String::new(),
        location: None,
        distance_km: None,
        openings: None,
    })
}

/// Adds what stands in other rows: the organisation's name, the first location, openings.
fn complete(sql: &Connection, mut hit: Hit) -> rusqlite::Result<Hit> {
    let parent = hit.listing.organization().map(|id| shown(sql, &hit.space, &hit.owner, &id)).transpose()?.flatten();
    hit.organization = parent.map(|parent| parent.name().to_owned()).unwrap_or_default();
    if hit.listing.kind == Kind::Service {
        let first = hit.listing.locations().first().copied();
        hit.location = first.map(|id| shown(sql, &hit.space, &hit.owner, &id)).transpose()?.flatten();
    }
    hit.openings = sql
        .prepare_cached(
            "SELECT unit, open, of_all, as_of, note FROM listing_openings
             WHERE owner = ?1 AND id = ?2 AND space = ?3 ORDER BY as_of DESC, node LIMIT 1",
        )?
        .query_row(params![hit.owner.0, hit.listing.id.0, hit.space.0], |row| {
            let as_of = Time(u64::try_from(row.get::<_, i64>(3)?).unwrap_or(0));
            Ok(Openings { unit: row.get(0)?, open: row.get(1)?, of: row.get(2)?, as_of, note: row.get(4)? })
        })
        .optional()?;
    Ok(hit)
}

/// A listing by its id; several organisations may publish one.
///
/// # Errors
/// `Store`.
pub fn get(sql: &Connection, id: &ListingId) -> Result<Vec<Hit>> {
    let work = || -> rusqlite::Result<Vec<Hit>> {
        let mut statement = sql.prepare_cached(
            "SELECT l.space, l.owner, l.id, l.kind, f.fields FROM listing l JOIN listing_fields f ON f.row = l.row
             WHERE l.id = ?1 AND l.shown = 1 ORDER BY l.owner, l.space",
        )?;
        let found = statement.query_map([id.0], one)?.collect::<rusqlite::Result<Vec<_>>>()?;
        found.into_iter().map(|hit| complete(sql, hit)).collect()
    };
    work().map_err(fault("listing"))
}

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
