//! The newcomer's machine is switched on again, in a process of its own: passphrase to key, database, engine, the first search
//! answered. The floor is the same passphrase and database in such a process, and one row read.

use super::newcomer::NOW;
use super::{Counter, Size, floor};
use crate::table::{kib, line};
use crate::{FOLDER, PART};
use belay_node::store::directory::{self, Query};
use belay_node::store::{Store, open_reader};
use belay_protocol::engine::{Context, Engine};
use belay_protocol::fault::{Fault, Result};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// What a child is told to do.
const SEARCH: &str = "search";
const ROW: &str = "search-floor";

/// Does a child's part, if this process is one.
pub fn child() -> Option<anyhow::Result<()>> {
    let part = std::env::var(PART).ok()?;
    let folder = std::env::var(FOLDER).ok()?;
    let before = Instant::now();
    let done = match part.as_str() {
        SEARCH => node(Path::new(&folder)),
        ROW => bare(Path::new(&folder)),
        _ => return None,
    };
    Some(
        done.map(|()| println!("{} {}", before.elapsed().as_micros(), kib("self", "VmRSS") / 1024))
            .map_err(anyhow::Error::from),
    )
}

fn node(path: &Path) -> Result<()> {
    let store = Store::open(&super::folder(path), &super::passphrase()?)?;
    let mut random = Counter(3);
    let engine = Engine::open(&store, &mut Context { now: NOW, random: &mut random })?;
    let first = Query { words: "shelter".into(), limit: 20, ..Query::default() };
    std::hint::black_box((directory::search(store.readers().take()?.sql(), None, &first)?, engine.node()));
    Ok(())
}

fn bare(path: &Path) -> Result<()> {
    let reader = open_reader(&super::folder(path), &super::passphrase()?)?;
    let one = reader.sql().query_row("SELECT row FROM listing LIMIT 1", [], |row| row.get::<_, i64>(0));
    std::hint::black_box(one.map_err(floor::sql)?);
    Ok(())
}

/// Medians of both, by turns.
pub fn run(path: &Path, size: Size) -> Result<()> {
    let (mut nodes, mut floors) = (Vec::new(), Vec::new());
    let rounds = size.rounds.min(7);
    for _ in 0..rounds {
        floors.push(start(ROW, path)?);
        nodes.push(start(SEARCH, path)?);
    }
    nodes.sort_unstable();
    floors.sort_unstable();
    let (node, floor) = (nodes[rounds / 2], floors[rounds / 2]);
    line("start-up until the first search is answered", node.0, Some(floor.0));
    println!(
        "{:<64} {} MiB, floor {} MiB, ratio {:.2}",
        "  resident memory of that process",
        node.1,
        floor.1,
        node.1 as f64 / floor.1.max(1) as f64
    );
    Ok(())
}

fn start(part: &str, path: &Path) -> Result<(Duration, u64)> {
    let bug = |_| Fault::bug("a child of the bench did not start");
    let this = std::env::current_exe().map_err(bug)?;
    let output = Command::new(this).env(PART, part).env(FOLDER, path).output().map_err(bug)?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut words = text.split_whitespace().map(str::parse::<u64>);
    match (words.next(), words.next()) {
        (Some(Ok(micros)), Some(Ok(mib))) => Ok((Duration::from_micros(micros), mib)),
        _ => Err(Fault::bug(format!("a child of the bench said: {}", text.trim()))),
    }
}
