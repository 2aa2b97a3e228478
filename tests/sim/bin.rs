//! The simulator by hand: `sim --seed S` plays one history and tells it; `sim --runs N [--seed FIRST]` plays many and stops at the
//! first that breaks an invariant.

#![allow(clippy::print_stdout, reason = "a report for who runs it")]

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

use play::{Total, play};
use std::process::ExitCode;

/// After so many histories it says how far it is.
const REPORT: u64 = 100;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (mut seed, mut runs) = (None, None);
    while let Some(flag) = arguments.next() {
        let value = arguments.next().and_then(|text| text.parse::<u64>().ok());
        match (flag.as_str(), value) {
            ("--seed", Some(value)) => seed = Some(value),
            ("--runs", Some(value)) => runs = Some(value),
            _ => {
                eprintln!("sim --seed S: one history, told; sim --runs N [--seed FIRST]: many");
                return ExitCode::from(2);
            }
        }
    }
    match runs {
        None => one(seed.unwrap_or(1)),
        Some(runs) => many(seed.unwrap_or(1), runs),
    }
}

fn one(seed: u64) -> ExitCode {
    let world = play(seed, None);
    println!("{}\n{:?}", world.story.join("\n"), world.stats);
    match world.broken {
        None => ExitCode::SUCCESS,
        Some(why) => {
            println!("seed {seed}: {why}");
            ExitCode::FAILURE
        }
    }
}

fn many(first: u64, runs: u64) -> ExitCode {
    let mut total = Total::default();
    for seed in first..first + runs {
        if let Err(story) = total.play(seed) {
            println!("{story}");
            return ExitCode::FAILURE;
        }
        if (seed + 1 - first).is_multiple_of(REPORT) {
            eprintln!("{} histories", seed + 1 - first);
        }
    }
    println!("{runs} histories from seed {first}, no invariant broken\n{}", total.report());
    ExitCode::SUCCESS
}
