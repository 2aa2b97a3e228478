//! A node with 10,000 referral threads and 20,000 listings: the list, reconnecting, a night off line, memory, start and pages, each
//! beside its floor, which is measured in the same run. A bench, not a test: it prints, and nothing fails by the clock. Without
//! `--bench` (`cargo test --workspace --bench threads`) it does all of it with few threads.
//!
//! `cargo bench --workspace --bench threads`
//!
//! The threads are made by the use cases, as staff and two nodes would: half sent, half received, two spaces each, 40 to a consent,
//! a fifth answered, over 30 days. Each commits in SQLCipher with all projections; the two nodes' frames are carried by hand.
//! Listings go straight into the tables that a search reads.

#![allow(clippy::print_stdout, reason = "a bench prints its table")]

mod lists;
mod live;
mod nights;
mod office;
mod opened;
mod print;
mod served;

use anyhow::Result;
use office::Pair;
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

fn main() -> Result<()> {
    if let Some(done) = served::child() {
        return done;
    }
    let size = if std::env::args().any(|argument| argument == "--bench") { WHOLE } else { SMALL };
    let folder = tempfile::tempdir()?;
    let start = Instant::now();
    let mut pair = Pair::new(folder.path())?;
    pair.fill(size)?;
    print::row("(making ready: two nodes, all threads)", start.elapsed(), None);
    lists::run(&mut pair, size)?;
    nights::reconnect(&mut pair, size)?;
    nights::night(&mut pair, size)?;
    let talked = pair.talk(size.talked)?;
    pair.listings(size.listings)?;
    let address = pair.address()?;
    let (one, other) = pair.close()?;
    opened::run(&one, &talked)?;
    served::run(&one, size, &talked)?;
    live::run((&one, &other), &address, &talked, size)
}
