//! "Figures to reach", measured in one run, each beside its floor, which is measured in the same run: the directory with 20,000
//! listings of 500 organisations, and a node with 10,000 referral threads. A bench, not a test: it prints, and nothing fails by the
//! clock. Without `--bench` (so in `cargo test --workspace`) all of it runs with little of everything.
//!
//! `cargo bench --workspace`, or a part of it: `cargo bench --workspace --bench figures -- directory` (or `threads`)

#![allow(clippy::print_stdout, reason = "a bench prints its table")]

mod directory;
mod table;
mod threads;

use anyhow::Result;
use std::time::Instant;

/// Tells a child of this bench what it is to do.
const PART: &str = "BELAY_BENCH_PART";
/// Where its store lies.
const FOLDER: &str = "BELAY_BENCH_FOLDER";

fn main() -> Result<()> {
    if let Some(done) = directory::child().or_else(threads::child) {
        return done;
    }
    let said: Vec<String> = std::env::args().skip(1).collect();
    let whole = said.iter().any(|argument| argument == "--bench");
    let wanted = |part: &str| said.iter().all(|argument| argument.starts_with('-') || argument == part);
    let (start, mut table) = (Instant::now(), table::Figures::default());
    // What was measured is told, also where something failed after it.
    let mut outcome = Ok(());
    if wanted("directory") {
        outcome = directory::run(&mut table, whole);
    }
    if outcome.is_ok() && wanted("threads") {
        outcome = threads::run(&mut table, whole);
    }
    table::line("(the whole run)", start.elapsed(), None);
    table.print(whole);
    outcome
}
