//! The directory at the size of the blueprint: import, projection, bytes, search, memory, each beside its floor, which is
//! measured in the same run on the same bytes. A bench, not a test: it prints, and nothing fails by the clock.
//!
//! `cargo bench --workspace --bench directory`

#![allow(clippy::print_stdout, reason = "a bench prints its table")]

mod corpus;
mod floor;
mod newcomer;
mod start_up;

use belay_node::config::Folder;
use belay_node::store::directory::{self, Query};
use belay_node::store::{Passphrase, Store};
use belay_protocol::directory::{Existing, Incoming, plan};
use belay_protocol::document::{Actor, Body, Document, Item};
use belay_protocol::fault::Result;
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
/// Runs through the query mix.
const ROUNDS: usize = 20;

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

fn main() {
    if let Err(fault) = start_up::child().unwrap_or_else(run) {
        println!("stopped: {fault}");
        std::process::exit(1);
    }
}

fn run() -> Result<()> {
    let corpus = corpus::make();
    let (listings, fields, bytes) = corpus.size();
    println!(
        "{listings} listings of {} organisations, {fields} fields and {bytes} bytes of JSON each ({})",
        corpus.organisations.len(),
        corpus.source
    );

    let start = Instant::now();
    let written = write(&corpus)?;
    row("plan, edit, pack and sign", start.elapsed(), None);

    let carried: usize = written.iter().flat_map(|w| &w.entries).map(|entry| entry.bytes().len()).sum();
    let saves = floor::saves(&written)?;
    println!(
        "{:<46} {:>9} kB   floor {:>9} kB   ratio {:.2}   (zstd over automerge saves)",
        "bytes of all entries",
        carried / 1000,
        saves / 1000,
        carried as f64 / saves as f64
    );

    let folder = tempfile::tempdir().map_err(|e| belay_protocol::fault::Fault::store(e.to_string()))?;
    let bare = floor::pipeline(&written)?;
    let mut store = store(folder.path())?;
    let start = Instant::now();
    project(&mut store, &written)?;
    row("verify, fold, project, index into SQLCipher", start.elapsed(), Some(bare));

    reimport(&store, &corpus)?;
    one_update(&mut store, &corpus)?;
    searches(&store)?;
    memory();
    newcomer::run(&written)
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
    let bodies = plan.bodies(&Memory::default(), &SPACE, &org, &actor, Time(0))?;
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
fn project(store: &mut Store, written: &[Written]) -> Result<()> {
    let all: Vec<(OrgId, &Entry)> = written.iter().flat_map(|w| w.entries.iter().map(|e| (w.org, e))).collect();
    for batch in all.chunks(BATCH) {
        let mut writes = Vec::new();
        let mut items = Vec::new();
        for (org, entry) in batch {
            let entry = Entry::verify(entry.bytes().to_vec())?;
            items.push(Item { org: *org, author: entry.header().author, body: Body::decode(entry.body())? });
            writes.push(belay_protocol::store::Write {
                table: belay_protocol::store::Table::Entry,
                key: entry.hash().0.to_vec(),
                value: Some(entry.bytes().to_vec()),
            });
        }
        store.commit(&writes, false, |tx| directory::receive(tx, &SPACE, &items).map(drop))?;
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
    row("the same import again, one organisation", start.elapsed(), None);
    println!("{:<46} {} of {} unchanged", "", plan.unchanged, incoming.listings.len());
    Ok(())
}

/// One changed field: write, fold, project.
fn one_update(store: &mut Store, corpus: &Corpus) -> Result<()> {
    let mut times = Vec::new();
    let mut random = Counter(9);
    for (number, listings) in corpus.organisations.iter().enumerate().take(100) {
        let mut listings = listings.clone();
        listings[20].set("alert", format!("closed on day {number}"));
        let (key, org) = who(number);
        let start = Instant::now();
        let existing = Existing::load(store, &SPACE, &org)?;
        let incoming = Incoming { set: "bench".into(), listings };
        let actor = Actor::draw(key.id(), &mut random);
        let bodies = plan(&org, &existing, &incoming).bodies(store, &SPACE, &org, &actor, Time(0))?;
        let entries = bodies.iter().map(|body| sign(&key, body)).collect();
        project(store, &[Written { org, entries }])?;
        times.push(start.elapsed());
    }
    percentiles("one field changed, until it is found", &mut times);
    Ok(())
}

fn queries() -> Vec<Query> {
    let lines = include_str!("queries.txt").lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
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

fn searches(store: &Store) -> Result<()> {
    let reader = store.readers().take()?;
    let queries = queries();
    let mut times = vec![Vec::new(); queries.len()];
    for round in 0..=ROUNDS {
        for (query, times) in queries.iter().zip(&mut times) {
            let start = Instant::now();
            let found = directory::search(reader.sql(), query)?;
            // The first round fills the caches.
            if round > 0 {
                times.push(start.elapsed());
            }
            std::hint::black_box(found);
        }
    }
    percentiles("search, whole query mix", &mut times.concat());
    // The best of its rounds is what a query costs; the rest is what else the machine was doing.
    let mut best: Vec<Duration> = times.iter().filter_map(|times| times.iter().min().copied()).collect();
    let slowest = best.iter().enumerate().max_by_key(|(_, time)| **time).map_or(0, |(at, _)| at);
    println!(
        "{:<46} {:?} {:?} {:?}",
        "  slowest query", best[slowest], queries[slowest].words, queries[slowest].facets
    );
    percentiles("  each query at its best", &mut best);
    let (mut all, mut best) = floor::bare_words(reader.sql(), &queries, ROUNDS)?;
    percentiles("  floor: bare FTS5, words alone, best 20", &mut all);
    percentiles("  floor, each at its best", &mut best);
    Ok(())
}

/// Prints one row; the floor beside it where there is one.
pub fn row(what: &str, took: Duration, floor: Option<Duration>) {
    match floor {
        Some(floor) => println!(
            "{what:<46} {:>9.2} s    floor {:>9.2} s    ratio {:.2}",
            took.as_secs_f64(),
            floor.as_secs_f64(),
            took.as_secs_f64() / floor.as_secs_f64()
        ),
        None => println!("{what:<46} {:>9.2} s", took.as_secs_f64()),
    }
}

/// Prints median and 99th percentile.
pub fn percentiles(what: &str, times: &mut [Duration]) {
    times.sort();
    let at = |part: usize| times.get((times.len() * part / 100).min(times.len().saturating_sub(1))).copied();
    let millis = |time: Option<Duration>| time.unwrap_or_default().as_secs_f64() * 1000.0;
    println!("{what:<46} p50 {:>7.2} ms   p99 {:>7.2} ms   ({} times)", millis(at(50)), millis(at(99)), times.len());
}

/// Prints resident memory of the bench itself, now and at its highest.
pub fn memory() {
    println!(
        "{:<46} {} MiB now, {} MiB at most (the corpus itself included)",
        "resident memory of the bench",
        resident("VmRSS"),
        resident("VmHWM")
    );
}

/// A figure of this process in MiB, from `/proc`; 0 where there is none.
pub fn resident(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1024
}

/// The documents of everything written, folded in memory.
pub fn documents(written: &[Written]) -> Result<Vec<Document>> {
    let mut documents = std::collections::BTreeMap::<_, Document>::new();
    for (org, entry) in written.iter().flat_map(|w| w.entries.iter().map(|entry| (w.org, entry))) {
        let body = Body::decode(entry.body())?;
        documents.entry((org, body.packed().document)).or_default().merge(body.packed().open()?)?;
    }
    Ok(documents.into_values().collect())
}
