//! Rows out: search by words, place, kind and facet.

use super::index::{listing, shown};
use super::kilometres;
use super::query::{fts, words};
use super::ranked::{Passed, Ranked, turn};
use crate::store::fault;
use belay_protocol::directory::{Kind, Listing, ListingId, Openings};
use belay_protocol::fault::Result;
use belay_protocol::ids::{OrgId, SpaceId};
use belay_protocol::time::Time;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Hits of one page.
const MOST: usize = 200;
/// How many of the best by words are put in order of distance as well.
const RANKED: usize = 250;
/// Kilometres after which nearness counts half.
const NEAR: f64 = 20.0;
/// Radii that are tried, in turn, where a place is given and neither words nor a facet nor a radius.
const RADII: [f64; 7] = [3.0, 12.0, 50.0, 200.0, 800.0, 3_200.0, 20_100.0];

/// What is looked for. Everything that is given must hold.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query {
    /// As typed. All words; where nothing has all of them, all but one, or one.
    pub words: String,
    /// Latitude and longitude in degrees.
    pub near: Option<(f64, f64)>,
    pub within_km: Option<f64>,
    pub kind: Option<Kind>,
    /// Facets such as `service_kind.detox`, or `detox` alone; met unless it says `no`.
    pub facets: Vec<String>,
    /// Only what this organisation publishes.
    pub owner: Option<OrgId>,
    /// Only with openings above zero.
    pub open: bool,
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
    /// How many there are on all pages; counted up to 200 beyond this one.
    pub total: usize,
    /// Whether there may be more than were counted.
    pub more: bool,
    /// False where only some of the words were met.
    pub all_words: bool,
}

/// A listing before it is read.
#[derive(Debug, Clone, Copy)]
pub struct Candidate {
    row: i64,
    score: f64,
    distance: Option<f64>,
}

/// Finds listings. Words and distance alone decide the order; of equals the lower listing id comes first. `ranked`: what was ranked
/// before, if this is one of many searches.
///
/// # Errors
/// `Store`.
pub fn search(sql: &Connection, ranked: Option<&Ranked>, query: &Query) -> Result<Found> {
    run(sql, ranked, query).map_err(fault("search"))
}

fn run(sql: &Connection, ranked: Option<&Ranked>, query: &Query) -> rusqlite::Result<Found> {
    let passed = match ranked {
        None => Arc::new(rank(sql, query)?),
        Some(ranked) => {
            let turn = turn(sql)?;
            match ranked.get(turn, query) {
                Some(passed) => passed,
                None => {
                    let passed = Arc::new(rank(sql, query)?);
                    ranked.put(turn, query, &passed);
                    passed
                }
            }
        }
    };
    let Passed { candidates, more, all_words } = &*passed;
    let page = candidates.iter().skip(query.offset).take(query.limit.min(MOST));
    let hits = page.filter_map(|candidate| hit(sql, candidate).transpose()).collect::<rusqlite::Result<_>>()?;
    Ok(Found { hits, total: candidates.len(), more: *more, all_words: *all_words })
}

fn rank(sql: &Connection, query: &Query) -> rusqlite::Result<Passed> {
    let typed = words(&query.words);
    let filter = Filter::new(query);
    let mut all_words = true;
    let candidates = match fts(&typed) {
        Some(all) => {
            let found = by_words(sql, query, &filter, &all)?;
            all_words = !found.is_empty() || typed.len() == 1;
            if all_words { found } else { some_words(sql, query, &filter, &typed)? }
        }
        None => match query.near {
            Some(near) => by_place(sql, query, &filter, near)?,
            None => by_name(sql, query, &filter)?,
        },
    };
    Ok(Passed { candidates, more: filter.cut.get(), all_words })
}

impl Query {
    /// How many of the best must be known: this page, and some to count.
    fn needed(&self) -> usize {
        self.offset.saturating_add(self.limit.min(MOST)).saturating_add(MOST)
    }
}

/// What a row must be besides matching words and place: asked row by row, best first, so that only few are asked.
struct Filter {
    sql: String,
    values: Vec<Value>,
    /// The facets that are asked for, whole.
    facets: Vec<String>,
    /// Whether the last look ended before it had seen all.
    cut: Cell<bool>,
}

impl Filter {
    fn new(query: &Query) -> Self {
        let mut sql = String::from("l.shown = 1");
        let mut values = Vec::new();
        if let Some(kind) = query.kind {
            values.push(Value::Text(kind.word().to_owned()));
            sql.push_str(" AND l.kind = ?");
        }
        if !query.stubs {
            sql.push_str(" AND l.stub = 0");
        }
        if let Some(owner) = query.owner {
            values.push(Value::Blob(owner.0.to_vec()));
            sql.push_str(" AND l.owner = ?");
        }
        if query.open {
            sql.push_str(
                " AND (SELECT o.open FROM listing_openings o WHERE o.owner = l.owner AND o.id = l.id AND o.space = l.space
                  ORDER BY o.as_of DESC, o.node LIMIT 1) > 0",
            );
        }
        let whole = |facet: &String| {
            let facet = facet.trim().to_lowercase().replace([' ', '-'], "_");
            if facet.contains('.') { facet } else { format!("service_kind.{facet}") }
        };
        let facets: Vec<String> = query.facets.iter().map(whole).collect();
        for facet in &facets {
            values.push(Value::Text(facet.clone()));
            sql.push_str(
                " AND EXISTS (SELECT 1 FROM listing_facet f WHERE f.facet = ? AND f.row = l.row AND f.says <> 'no')",
            );
        }
        Self { sql, values, facets, cut: Cell::new(false) }
    }

    /// The first `most` of these that pass, in their order. Of equal scores the lower listing id comes first.
    fn pass(&self, sql: &Connection, candidates: &[Candidate], most: usize) -> rusqlite::Result<Vec<Candidate>> {
        let mut statement =
            sql.prepare_cached(&format!("SELECT l.id FROM listing l WHERE {} AND l.row = ?", self.sql))?;
        let mut passed: Vec<(Candidate, ListingId)> = Vec::new();
        self.cut.set(false);
        for candidate in candidates {
            // Equals of the last one are looked at too: their ids decide.
            if passed.len() >= most && passed.last().is_none_or(|(last, _)| last.score > candidate.score) {
                self.cut.set(true);
                break;
            }
            let values = self.values.iter().cloned().chain([Value::Integer(candidate.row)]);
            let id = statement.query_row(params_from_iter(values), |row| row.get(0)).optional()?;
            passed.extend(id.map(|id| (*candidate, ListingId(id))));
        }
        passed.sort_by(|(a, a_id), (b, b_id)| b.score.total_cmp(&a.score).then(a_id.cmp(b_id)));
        self.cut.set(self.cut.get() || passed.len() > most);
        passed.truncate(most);
        Ok(passed.into_iter().map(|(candidate, _)| candidate).collect())
    }
}

fn best_first(candidates: &mut [Candidate]) {
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
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

fn by_words(sql: &Connection, query: &Query, filter: &Filter, matching: &str) -> rusqlite::Result<Vec<Candidate>> {
    let mut values = vec![Value::Text(matching.to_owned())];
    // The sum keeps the row out of the index's own hands: ranking, which costs most, is then done for what remains only.
    let mut more = String::new();
    for facet in &filter.facets {
        values.push(Value::Text(facet.clone()));
        more.push_str(" AND rowid + 0 IN (SELECT row FROM listing_facet WHERE facet = ? AND says <> 'no')");
    }
    if let Some((near, km)) = query.near.zip(query.within_km) {
        values.extend(around(near, km).map(Value::Real));
        more.push_str(
            " AND rowid + 0 IN (SELECT row FROM listing_spot WHERE latitude BETWEEN ? AND ? AND longitude BETWEEN ? AND ?)",
        );
    }
    let mut statement = sql.prepare_cached(&format!(
        "SELECT rowid, bm25(listing_text, 8.0, 3.0, 1.0) FROM listing_text WHERE listing_text MATCH ?{more}"
    ))?;
    let rows = statement.query_map(params_from_iter(values), |row| {
        Ok(Candidate { row: row.get(0)?, score: -row.get::<_, f64>(1)?, distance: None })
    })?;
    let mut found = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    best_first(&mut found);
    let mut ranked = filter.pass(sql, &found, query.needed().max(RANKED))?;
    let Some(near) = query.near else { return Ok(ranked) };
    for candidate in &mut ranked {
        candidate.distance = nearest(sql, candidate.row, near)?;
        // A listing without a place is neither near nor far.
        candidate.score /= 1.0 + candidate.distance.unwrap_or(4.0 * NEAR) / NEAR;
    }
    if let Some(km) = query.within_km {
        ranked.retain(|candidate| candidate.distance.is_some_and(|distance| distance <= km));
    }
    best_first(&mut ranked);
    Ok(ranked)
}

/// Where no listing has all words: those that have all but one, or at last the longest word, which is the rarest as a rule.
fn some_words(sql: &Connection, query: &Query, filter: &Filter, typed: &[String]) -> rusqlite::Result<Vec<Candidate>> {
    for left_out in (0..typed.len()).rev() {
        let others: Vec<String> =
            typed.iter().enumerate().filter(|(at, _)| *at != left_out).map(|(_, word)| word.clone()).collect();
        if let Some(matching) = fts(&others).filter(|_| others.len() > 1) {
            let found = by_words(sql, query, filter, &matching)?;
            if !found.is_empty() {
                return Ok(found);
            }
        }
    }
    let mut longest_first = typed.to_vec();
    longest_first.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    for word in longest_first.into_iter().take(3) {
        let found = fts(&[word]).map_or_else(|| Ok(Vec::new()), |matching| by_words(sql, query, filter, &matching))?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
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

/// Rows that have a spot in the box around a circle, with the distance of the nearest.
fn in_box(sql: &Connection, near: (f64, f64), km: f64) -> rusqlite::Result<BTreeMap<i64, f64>> {
    let mut statement = sql.prepare_cached(
        "SELECT row, latitude, longitude FROM listing_spot
         WHERE latitude BETWEEN ?1 AND ?2 AND longitude BETWEEN ?3 AND ?4",
    )?;
    nearest_of(statement.query(around(near, km))?, near)
}

/// Rows that say yes to a facet, with the distance of their nearest spot.
fn with_facet(sql: &Connection, near: (f64, f64), facet: &str) -> rusqlite::Result<BTreeMap<i64, f64>> {
    let mut statement = sql.prepare_cached(
        "SELECT s.row, s.latitude, s.longitude FROM listing_facet f JOIN listing_spot s ON s.row = f.row
         WHERE f.facet = ?1 AND f.says <> 'no'",
    )?;
    nearest_of(statement.query([facet])?, near)
}

fn nearest_of(mut rows: rusqlite::Rows<'_>, near: (f64, f64)) -> rusqlite::Result<BTreeMap<i64, f64>> {
    let mut best: BTreeMap<i64, f64> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let distance = kilometres(near, (row.get(1)?, row.get(2)?));
        let known = best.entry(row.get(0)?).or_insert(distance);
        *known = known.min(distance);
    }
    Ok(best)
}

fn by_place(sql: &Connection, query: &Query, filter: &Filter, near: (f64, f64)) -> rusqlite::Result<Vec<Candidate>> {
    let mut passed = Vec::new();
    let given = query.within_km.map(|km| vec![km]);
    let radii = if filter.facets.is_empty() { given.unwrap_or_else(|| RADII.to_vec()) } else { vec![] };
    let ordered = |inside: BTreeMap<i64, f64>, km: f64| {
        let inside = inside.into_iter().filter(|(_, distance)| *distance <= km);
        let mut found: Vec<Candidate> =
            inside.map(|(row, distance)| Candidate { row, score: -distance, distance: Some(distance) }).collect();
        best_first(&mut found);
        found
    };
    if let Some(facet) = filter.facets.first() {
        let found = ordered(with_facet(sql, near, facet)?, query.within_km.unwrap_or(f64::MAX));
        passed = filter.pass(sql, &found, query.needed())?;
    }
    for km in radii {
        passed = filter.pass(sql, &ordered(in_box(sql, near, km)?, km), query.needed())?;
        if passed.len() >= query.needed() {
            filter.cut.set(true);
            break;
        }
    }
    Ok(passed)
}

fn by_name(sql: &Connection, query: &Query, filter: &Filter) -> rusqlite::Result<Vec<Candidate>> {
    let mut values = filter.values.clone();
    values.push(Value::Integer(i64::try_from(query.needed()).unwrap_or(i64::MAX)));
    let text = format!("SELECT l.row FROM listing l WHERE {} ORDER BY l.name, l.id LIMIT ?", filter.sql);
    let mut statement = sql.prepare_cached(&text)?;
    let rows = statement
        .query_map(params_from_iter(values), |row| Ok(Candidate { row: row.get(0)?, score: 0.0, distance: None }))?;
    let found = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    filter.cut.set(found.len() >= query.needed());
    Ok(found)
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

pub(super) fn one(row: &Row<'_>) -> rusqlite::Result<Hit> {
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
pub(super) fn complete(sql: &Connection, mut hit: Hit) -> rusqlite::Result<Hit> {
    if let Some(parent) = hit.listing.organization() {
        let name = sql
            .prepare_cached("SELECT name FROM listing WHERE owner = ?1 AND id = ?2 AND space = ?3 AND shown = 1")?
            .query_row(params![hit.owner.0, parent.0, hit.space.0], |row| row.get(0))
            .optional()?;
        hit.organization = name.unwrap_or_default();
    }
    if hit.listing.kind == Kind::Service {
        let first = hit.listing.locations().first().copied();
        let location = first.map(|id| shown(sql, &hit.space, &hit.owner, &id)).transpose()?.flatten();
        hit.location = location.map(|(_, location)| location);
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
