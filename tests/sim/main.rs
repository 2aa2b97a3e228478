//! A whole coalition in one thread, from a seed: real engines, real keys, and networks, disks and clocks that fail.
//!
//! `cargo run --release -p belay-tests --bin sim -- --seed 7` plays one history and tells it, `-- --runs 1000` searches.
//! Here `SIM_RUNS` sets how many fresh histories `random_histories_keep_every_promise` plays.

#![allow(clippy::print_stdout, reason = "a report for who runs it")]

mod care;
mod checks;
mod disk;
mod faults;
mod founding;
mod heal;
mod host;
mod hostile;
mod net;
mod play;
mod reference;
mod rng;
mod thief;
mod transitions;
mod world;

use belay_protocol::planted::{self, Bug};
use hostile::{Hostile, Meddle};
use play::{Total, play};
use std::env;
use std::panic;

/// Histories of a run without `SIM_RUNS`.
const RUNS: u64 = 40;
/// Where the seeds of a run without `SIM_SEED` begin.
const FIRST: u64 = 1;

fn number(name: &str) -> Option<u64> {
    env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is not a number: {text}")))
}

fn play_all(seeds: impl Iterator<Item = u64>) {
    let mut total = Total::default();
    for seed in seeds {
        if let Err(story) = total.play(seed) {
            println!("{story}");
            panic!(
                "seed {seed} broke an invariant; play it again: cargo run -p belay-tests --bin sim -- --seed {seed}"
            );
        }
    }
    println!("{}", total.report());
}

#[test]
fn random_histories_keep_every_promise() {
    let first = number("SIM_SEED").unwrap_or(FIRST);
    play_all(first..first + number("SIM_RUNS").unwrap_or(RUNS));
}

#[test]
fn seeds_that_failed_once_hold_now() {
    play_all(include_str!("seeds").lines().filter_map(|line| line.split_whitespace().next()?.parse().ok()));
}

/// A bug, a seed near which it shows, and what one member has to do wrong for it to show.
const PLANTED: &[(Bug, u64, Option<Hostile>)] = &[
    (Bug::TokenTooEarly, 119, None),
    (Bug::RunIgnored, 1, None),
    (Bug::ChainIgnored, 18, None),
    (Bug::SentToTheRemoved, 1, None),
    (Bug::RemovalUnsaid, 16, None),
    (Bug::OpenedUnsaid, 95, None),
    (Bug::PromiseUnsynced, 1, None),
    (Bug::Untended, 4, None),
    (Bug::EarlyRegisterDropped, 5, None),
    (Bug::StaleEpochUsed, 11, None),
    (Bug::SignatureSkipped, 22, Some(Hostile::Meddle(Meddle::Garble))),
    (Bug::RetirementIgnored, 5, None),
    (Bug::RetiredAdmitted, 5, None),
    (Bug::RevocationIgnored, 2, None),
    (Bug::OneRevocationEnough, 40, None),
    (Bug::ReadmittedSeated, 45, None),
    (Bug::ExpiryIgnored, 20, None),
    (Bug::Backdated, 7, None),
    (Bug::BookmarkSkips, 1, None),
    (Bug::DigestBlind, 1, None),
    (Bug::RemovalDeaf, 2, None),
    (Bug::PrivateShared, 1, None),
    (Bug::ForgetSkipped, 8, None),
    (Bug::CountsSticky, 3, None),
    (Bug::WidenedReach, 1, None),
    (Bug::RunRepeated, 1, None),
];
/// Histories in which a planted bug must show.
const PATIENCE: u64 = 40;

/// Why a history with this bug breaks, if it does. A panic of the code is one way.
fn shows(bug: Bug, seed: u64, turned: Option<Hostile>) -> Option<String> {
    planted::plant(Some(bug));
    let played = panic::catch_unwind(|| play(seed, turned).broken);
    planted::plant(None);
    played.unwrap_or_else(|_| Some("6: it panicked".to_owned()))
}

#[test]
fn planted_bugs_are_found() {
    for (bug, first, turned) in PLANTED {
        let found = (*first..first + PATIENCE).find_map(|seed| Some((seed, shows(*bug, seed, *turned)?)));
        match found {
            Some((seed, why)) => println!("{bug:?} shows in seed {seed}: {why}"),
            None => panic!("{bug:?} was planted, and {PATIENCE} histories from seed {first} on did not show it"),
        }
    }
}

/// `SIM_HUNT=200 SIM_BUG=4`: the first seeds, of so many, in which this and the later planted bugs show.
#[test]
fn hunt() {
    let Some(runs) = number("SIM_HUNT") else { return };
    let bugs = usize::try_from(number("SIM_BUG").unwrap_or(0)).unwrap();
    for (bug, _, turned) in &PLANTED[bugs..] {
        let shown = (1..=runs).filter_map(|seed| Some((seed, shows(*bug, seed, *turned)?)));
        let shown: Vec<_> = shown.take(1).collect();
        println!("{bug:?}: {shown:?}");
    }
}
