//! A node with 10,000 referral threads and 20,000 listings: the list, reconnecting, a night off line, memory, start and pages, each
//! beside its floor, which is measured in the same run.
//!
//! The threads are made by the use cases, as staff and two nodes would: half sent, half received, two spaces each, 40 to a consent,
//! a fifth answered, over 30 days. Each commits in SQLCipher with all projections; the two nodes' frames are carried by hand.
//! Listings go straight into the tables that a search reads.

mod lists;
mod live;
mod nights;
mod opened;
mod served;

pub use served::child;

use crate::table::{Figures, Row, line};
use anyhow::Result;
use belay_tests::offices::Pair;
use std::time::Instant;

/// How much of everything.
#[derive(Clone, Copy)]
pub struct Size {
    pub threads: usize,
    pub listings: usize,
    /// Entries of a night, and threads that they are in.
    pub night: (usize, usize),
    /// Threads with twelve messages.
    pub talked: usize,
    pub rounds: usize,
    pub people: usize,
}

const WHOLE: Size =
    Size { threads: 10_000, listings: 20_000, night: (2_000, 500), talked: 120, rounds: 300, people: 50 };
const SMALL: Size = Size { threads: 24, listings: 40, night: (12, 6), talked: 4, rounds: 5, people: 3 };

/// All of it.
pub fn run(table: &mut Figures, whole: bool) -> Result<()> {
    let mut size = if whole { WHOLE } else { SMALL };
    if let Some(fewer) = std::env::var("THREADS").ok().filter(|_| whole) {
        // To see what grows with them.
        size.threads = fewer.parse()?;
    }
    let folder = tempfile::tempdir()?;
    let start = Instant::now();
    let mut pair = Pair::new(folder.path())?;
    pair.fill(size.threads)?;
    line("(making ready: two nodes, all threads)", start.elapsed(), None);
    lists::run(&mut pair, size, table)?;
    nights::reconnect(&mut pair, size, table)?;
    nights::night(&mut pair, size, table)?;
    let talked = pair.talk(size.talked)?;
    wire(&mut pair, table)?;
    pair.listings(size.listings)?;
    let address = pair.address()?;
    let (one, other) = pair.close()?;
    opened::run(&one, &talked, table)?;
    served::run(&one, size, &talked, table)?;
    live::run((&one, &other), &address, &talked, size, table)
}

/// One more thread, with all that goes over the link for it, to the last receipt.
fn wire(pair: &mut Pair, table: &mut Figures) -> Result<()> {
    let bytes = pair.one_thread()?;
    table.add(Row {
        what: "a thread of two spaces and 12 messages, on the wire".to_owned(),
        aim: "20 KB",
        figure: format!("{bytes} bytes"),
        floor: String::new(),
        ratio: None,
        met: bytes <= 20 * 1024,
    });
    Ok(())
}
