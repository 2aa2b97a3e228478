//! The directory at the size of the blueprint: import, projection, bytes, search, memory, each beside its floor, which is
//! measured in the same run on the same bytes.

mod corpus;
mod floor;
mod newcomer;
mod start_up;

pub use start_up::child;

use crate::table::{Figures, Row, Times, line, ms, ratio};
use anyhow::Context;
use automerge::Automerge;
use belay_node::config::Folder;
use belay_node::store::directory::{self, Query};
use belay_node::store::{Passphrase, Store};
use belay_protocol::directory::{Existing, Incoming, plan};
use belay_protocol::document::{Actor, Body, Item, Shelf};
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{OrgId, SpaceId};
use belay_protocol::keys::NodeKey;
use belay_protocol::random::Random;
use belay_protocol::space::entry::{Entry, Header, Kind, VERSION};
use belay_protocol::store::Memory;
use belay_protocol::time::Time;
use corpus::Corpus;
use std::time::{Duration, Instant};

pub const SPACE: SpaceId = SpaceId([7; 32]);
/// Entries that are committed together.
const BATCH: usize = 50;

/// Repeatable bytes.
pub struct Counter(pub u64);
impl Random for Counter {
    fn fill(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            chunk.copy_from_slice(&self.0.to_le_bytes()[..chunk.len()]);
        }
    }
}

/// One organisation's entries, as its node wrote them.
pub struct Written {
    pub org: OrgId,
    pub entries: Vec<Entry>,
}

/// How much of everything.
#[derive(Clone, Copy)]
pub struct Size {
    pub organisations: usize,
    /// Runs through the query mix, and starts of a process.
    pub rounds: usize,
    pub real: bool,
}

const WHOLE: Size = Size { organisations: 500, rounds: 20, real: true };
const SMALL: Size = Size { organisations: 6, rounds: 1, real: false };

/// All of it.
pub fn run(table: &mut Figures, whole: bool) -> anyhow::Result<()> {
    let size = if whole { WHOLE } else { SMALL };
    let corpus = corpus::make(size);
    let (listings, fields, bytes) = corpus.size();
    println!(
        "{listings} listings of {} organisations, {fields} fields and {bytes} bytes of JSON each ({})",
        corpus.organisations.len(),
        corpus.source
    );

    let start = Instant::now();
    let written = write(&corpus)?;
    line("plan, edit, pack and sign", start.elapsed(), None);

    let carried: usize = written.iter().flat_map(|w| &w.entries).map(|entry| entry.bytes().len()).sum();
    let saves = floor::saves(&written)?;
    println!(
        "{:<64} {} kB, floor {} kB, ratio {:.2} (zstd over automerge saves)",
        "bytes of all entries",
        carried / 1000,
        saves / 1000,
        carried as f64 / saves as f64
    );

    let folder = tempfile::tempdir().context("a folder")?;
    let bare = floor::pipeline(&written)?;
    let mut store = store(folder.path())?;
    let start = Instant::now();
    project(&mut store, &mut Shelf::default(), &written)?;
    line("verify, fold, project, index into SQLCipher", start.elapsed(), Some(bare));

    reimport(&store, &corpus)?;
    one_update(&mut store, &corpus)?;
    searches(&store, size, table)?;
    Ok(newcomer::run(&written, size, table)?)
}

pub fn store(path: &std::path::Path) -> Result<Store> {
    Store::create(&folder(path), &passphrase()?)?.finish()
}

/// The data folder of a node in `path`.
pub fn folder(path: &std::path::Path) -> Folder {
    Folder::at(path.join("node"))
}

/// What opens the bench's stores.
pub fn passphrase() -> Result<Passphrase> {
    Passphrase::new("a passphrase of the bench".to_owned().into())
}

/// What each organisation's node writes for its listings.
fn write(corpus: &Corpus) -> Result<Vec<Written>> {
    let mut random = Counter(1);
    corpus.organisations.iter().enumerate().map(|(number, listings)| write_one(number, listings, &mut random)).collect()
}

fn write_one(number: usize, listings: &[belay_protocol::directory::Listing], random: &mut Counter) -> Result<Written> {
    let (key, org) = who(number);
    let incoming = Incoming { set: "bench".into(), listings: listings.to_vec() };
    let actor = Actor::draw(key.id(), random);
    let plan = plan(&org, &Existing::default(), &incoming);
    let bodies = plan.bodies((&mut Shelf::default(), &Memory::default()), &SPACE, &org, (&actor, Time(0)))?;
    let entries = bodies.iter().map(|body| sign(&key, body)).collect();
    Ok(Written { org, entries })
}

/// The node and the organisation of this number.
fn who(number: usize) -> (NodeKey, OrgId) {
    let keys = newcomer::keys(number);
    (keys.key, keys.card.root.org())
}

fn sign(key: &NodeKey, body: &Body) -> Entry {
    let header = Header {
        version: VERSION,
        space: SPACE,
        author: key.id(),
        parents: vec![belay_protocol::ids::EntryHash([1; 32])],
        control: Vec::new(),
        kind: Kind::Data,
        epoch: None,
        time: Time(0),
        length: 0,
    };
    Entry::sign(key, header, &body.encode())
}

/// As a node does with what peers send, without the network: check, store, fold, project.
fn project(store: &mut Store, shelf: &mut Shelf, written: &[Written]) -> Result<()> {
    let all: Vec<(OrgId, &Entry)> = written.iter().flat_map(|w| w.entries.iter().map(|e| (w.org, e))).collect();
    for batch in all.chunks(BATCH) {
        let mut writes = Vec::new();
        let mut items = Vec::new();
        for (org, entry) in batch {
            let entry = Entry::verify(entry.bytes().to_vec())?;
            items.push(Item {
                entry: entry.hash(),
                org: *org,
                author: entry.header().author,
                body: Body::decode(entry.body())?,
            });
            writes.push(belay_protocol::store::Write {
                table: belay_protocol::store::Table::Entry,
                key: entry.hash().0.to_vec(),
                value: Some(entry.bytes().to_vec()),
            });
        }
        store.commit(&writes, false, |tx| directory::receive(tx, shelf, &SPACE, &items))?;
    }
    Ok(())
}

/// The same listings again: nothing to write.
fn reimport(store: &Store, corpus: &Corpus) -> Result<()> {
    let (_, org) = who(0);
    let start = Instant::now();
    let existing = Existing::load(store, &SPACE, &org)?;
    let incoming = Incoming { set: "bench".into(), listings: corpus.organisations[0].clone() };
    let plan = plan(&org, &existing, &incoming);
    line("the same import again, one organisation", start.elapsed(), None);
    println!("  {} of {} unchanged", plan.unchanged, incoming.listings.len());
    Ok(())
}

/// One changed field: write, fold, project.
fn one_update(store: &mut Store, corpus: &Corpus) -> Result<()> {
    let mut times = Vec::new();
    let mut random = Counter(9);
    let mut shelf = Shelf::default();
    for (number, listings) in corpus.organisations.iter().enumerate().take(100) {
        let mut listings = listings.clone();
        listings[20].set("alert", format!("closed on day {number}"));
        let (key, org) = who(number);
        let start = Instant::now();
        let existing = Existing::load(store, &SPACE, &org)?;
        let incoming = Incoming { set: "bench".into(), listings };
        let actor = Actor::draw(key.id(), &mut random);
        let plan = plan(&org, &existing, &incoming);
        let bodies = plan.bodies((&mut shelf, store), &SPACE, &org, (&actor, Time(0)))?;
        let entries = bodies.iter().map(|body| sign(&key, body)).collect();
        project(store, &mut shelf, &[Written { org, entries }])?;
        times.push(start.elapsed());
    }
    Times::of(times).told("one field changed, until it is found");
    Ok(())
}

fn queries() -> Vec<Query> {
    let lines =
        include_str!("directory/queries.txt").lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    lines
        .map(|line| {
            let parts: Vec<&str> = line.split('|').map(str::trim).collect();
            let part = |n: usize| parts.get(n).copied().unwrap_or_default();
            let near = part(1).split_once(',').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
            Query {
                words: line.split('|').next().unwrap_or_default().trim().to_owned(),
                near,
                within_km: part(2).parse().ok(),
                kind: part(3).parse().ok(),
                facets: Some(part(4).to_owned()).filter(|f| !f.is_empty()).into_iter().collect(),
                limit: 20,
                ..Query::default()
            }
        })
        .collect()
}

fn searches(store: &Store, size: Size, table: &mut Figures) -> Result<()> {
    let reader = store.readers().take()?;
    let queries = queries();
    let mut times = vec![Vec::new(); queries.len()];
    for round in 0..=size.rounds {
        for (query, times) in queries.iter().zip(&mut times) {
            let start = Instant::now();
            let found = directory::search(reader.sql(), None, query)?;
            // The first round fills the caches.
            if round > 0 {
                times.push(start.elapsed());
            }
            std::hint::black_box(found);
        }
    }
    let all = Times::of(times.concat()).told("search, whole query mix");
    // The best of its rounds is what a query costs; the rest is what else the machine was doing.
    let best: Vec<Duration> = times.iter().filter_map(|times| times.iter().min().copied()).collect();
    let slowest = best.iter().enumerate().max_by_key(|(_, time)| **time).map_or(0, |(at, _)| at);
    println!("  slowest query: {:?} {:?} {:?}", best[slowest], queries[slowest].words, queries[slowest].facets);
    let best = Times::of(best).told("  each query at its best");
    let (floor, floor_best) = floor::bare_words(reader.sql(), &queries, size.rounds)?;
    let floor = Times::of(floor).told("  floor: bare FTS5, words alone, best 20");
    let floor_best = Times::of(floor_best).told("  floor, each at its best");
    table.add(Row {
        what: "directory search, 20,000 listings, text, place and filters".to_owned(),
        aim: "p99 under 10 ms",
        figure: format!("{}; each query at its best of {}: p99 {}", all.both(), size.rounds, ms(best.p99())),
        floor: format!("{}; at its best: p99 {}", floor.both(), ms(floor_best.p99())),
        ratio: Some(ratio(all.p99(), floor.p99())),
        met: all.p99() < Duration::from_millis(10),
    });
    Ok(())
}

/// The documents of everything written, in memory, by automerge itself.
pub fn documents(written: &[Written]) -> Result<Vec<Automerge>> {
    let mut documents = std::collections::BTreeMap::<_, Automerge>::new();
    for (org, entry) in written.iter().flat_map(|w| w.entries.iter().map(|entry| (w.org, entry))) {
        let body = Body::decode(entry.body())?;
        let document = documents.entry((org, body.packed().document)).or_default();
        document.apply_changes(body.packed().open()?).map_err(|_| Fault::bug("automerge refuses"))?;
    }
    Ok(documents.into_values().collect())
}
