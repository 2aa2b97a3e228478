//! The simulator by hand: `sim --seed S` plays one history and tells it (`--frames`: with each frame that arrives); `sim --runs N [--seed FIRST]` plays many and stops at the
//! first that breaks an invariant; `sim --hunt N [--bug NAME]` plants each bug and tells in which seed it shows; `sim --bug NAME --seed S` tells
//! that history. `--power STEPS` plays the first steps of one as often as there are commits, the power gone behind each in turn. `--growth N` plays
//! a coalition of N organisations (`growth`), `--mesh N` with a link between any two. `--links`: histories
//! without charters, parcels and losses, as they were when the first seeds failed; `--whole`: with these, and without invites, passes,
//! forgeries and what befalls several at once.

#![allow(clippy::print_stdout, reason = "a report for who runs it")]

mod backdated;
mod chain;
mod charters;
mod checks;
mod crowd;
mod disk;
mod doors;
mod entrusted;
mod faults;
mod forged;
mod founding;
mod frames;
mod growth;
mod halfway;
mod heal;
mod host;
mod hostile;
mod later;
mod liar;
mod links;
mod lost;
mod net;
mod opening;
mod planted;
mod play;
mod post;
mod power;
mod reference;
mod rng;
mod seats;
mod thief;
mod transitions;
mod ways;
mod world;

use planted::PLANTED;
use play::{Total, play_told};
use std::process::ExitCode;
use world::Repertoire;

/// After so many histories it says how far it is.
const REPORT: u64 = 100;

const USAGE: &str = "sim --seed S [--frames]: one history, told; sim --runs N [--seed FIRST]: many; sim --hunt N [--bug NAME] [--seed FIRST]: \
                     where planted bugs show; --power STEPS [--seed S]: the first steps of one history, the power gone behind each commit in turn; --growth N, --mesh N: what N organisations cost each other; --links, --whole: without charters, parcels and losses, or with these and no more";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (mut seed, mut runs, mut hunts, mut bug) = (None, None, None, String::new());
    let mut repertoire = Repertoire::All;
    let mut steps_of_power = None;
    let mut frames = false;
    while let Some(flag) = arguments.next() {
        if flag == "--links" || flag == "--whole" {
            repertoire = if flag == "--links" { Repertoire::Links } else { Repertoire::Whole };
            continue;
        }
        if flag == "--frames" {
            frames = true;
            continue;
        }
        let value = arguments.next().unwrap_or_default();
        match (flag.as_str(), value.parse::<u64>().ok()) {
            ("--seed", Some(value)) => seed = Some(value),
            ("--runs", Some(value)) => runs = Some(value),
            ("--hunt", Some(value)) => hunts = Some(value),
            ("--bug", _) => bug = value,
            ("--power", Some(steps)) => steps_of_power = Some(usize::try_from(steps).unwrap_or(power::STEPS)),
            ("--growth" | "--mesh", Some(orgs)) => {
                println!("{}", growth::grow(usize::try_from(orgs).unwrap_or(0).max(3), flag == "--mesh"));
                return ExitCode::SUCCESS;
            }
            _ => {
                eprintln!("{USAGE}");
                return ExitCode::from(2);
            }
        }
    }
    let first = seed.unwrap_or(1);
    if let Some(steps) = steps_of_power {
        return power_goes(first, steps);
    }
    match (hunts, runs) {
        (Some(runs), _) => hunt(&bug, first, runs),
        (None, Some(runs)) => many(first, runs, repertoire),
        (None, None) => one(first, repertoire, &bug, frames),
    }
}

fn power_goes(seed: u64, steps: usize) -> ExitCode {
    match power::at_each(seed, steps, 1) {
        Ok(commits) => {
            println!(
                "seed {seed}, {steps} steps: the power went behind each of {commits} commits, no invariant broken"
            );
            ExitCode::SUCCESS
        }
        Err(story) => {
            println!("{story}");
            ExitCode::FAILURE
        }
    }
}

fn hunt(name: &str, first: u64, runs: u64) -> ExitCode {
    for planted in PLANTED.iter().filter(|(bug, ..)| name.is_empty() || format!("{bug:?}") == name) {
        match planted::first(*planted, first, runs) {
            Some((seed, why)) => println!("{:?}: seed {seed}: {why}", planted.0),
            None => println!("{:?}: not in {runs} histories", planted.0),
        }
    }
    ExitCode::SUCCESS
}

/// One history, as it is or with a bug planted.
fn one(seed: u64, repertoire: Repertoire, bug: &str, frames: bool) -> ExitCode {
    let planted = PLANTED.iter().find(|(planted, ..)| format!("{planted:?}") == bug).copied();
    let (repertoire, turned) = planted.map_or((repertoire, None), |(_, repertoire, _, turned)| (repertoire, turned));
    belay_protocol::planted::plant(planted.map(|(bug, ..)| bug));
    let world = play_told(seed, repertoire, turned, frames);
    println!("{}\n{:?}", world.story.join("\n"), world.stats);
    match world.broken {
        None => ExitCode::SUCCESS,
        Some(why) => {
            println!("seed {seed}: {why}");
            ExitCode::FAILURE
        }
    }
}

fn many(first: u64, runs: u64, repertoire: Repertoire) -> ExitCode {
    let mut total = Total::default();
    for seed in first..first + runs {
        if let Err(story) = total.play(seed, repertoire) {
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
