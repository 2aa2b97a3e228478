//! The fuzz targets over the committed corpus, and over a bounded number of repeatable mutations of it.
//!
//! `FUZZ_RUNS=100000 FUZZ_ONLY=session cargo test -p belay-tests --test fuzz -- --nocapture` goes on longer; `FUZZ_SEED` sets where it
//! begins. By coverage, for hours: `tests/fuzz/by-hand/README.md`.

#![allow(clippy::print_stdout, reason = "a report for who runs it")]

mod kinds;

use belay_tests::fuzz::{Mutator, TARGETS, Target, seeds};
use std::env;
use std::panic;
use std::path::{Path, PathBuf};

/// Mutations of a target that costs 1, in a run without `FUZZ_RUNS`.
const RUNS: usize = 20_000;

fn number(name: &str) -> Option<usize> {
    env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is not a number: {text}")))
}

fn corpus(target: &Target) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target.name);
    let Ok(files) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut all: Vec<_> = files
        .map(|file| {
            let path = file.expect("a folder that can be read").path();
            let bytes = std::fs::read(&path).expect("a file of the corpus");
            (path, bytes)
        })
        .collect();
    all.sort();
    all
}

fn wanted() -> impl Iterator<Item = &'static Target> {
    let only = env::var("FUZZ_ONLY").ok();
    TARGETS.iter().filter(move |target| only.as_ref().is_none_or(|only| only == target.name))
}

#[test]
fn every_target_returns_on_its_corpus() {
    for target in wanted() {
        let all = corpus(target);
        assert!(!all.is_empty(), "{} has no corpus", target.name);
        for (path, bytes) in &all {
            println!("{}", path.display());
            (target.run)(bytes);
        }
    }
}

#[test]
fn every_target_returns_on_mutations() {
    let runs = number("FUZZ_RUNS").unwrap_or(RUNS);
    let first = number("FUZZ_SEED").unwrap_or(1);
    for target in wanted() {
        let mut start = seeds(target.name);
        assert!(!start.is_empty(), "{} has no seed", target.name);
        start.extend(corpus(target).into_iter().map(|(_, bytes)| bytes));
        for bytes in &start {
            (target.run)(bytes);
        }
        for n in 0..runs / target.cost {
            let seed = (first + n) as u64;
            let bytes = Mutator::new(seed).make(&start);
            if panic::catch_unwind(|| (target.run)(&bytes)).is_err() {
                let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                panic!("{}: seed {seed} does not return; put this into the corpus: {hex}", target.name);
            }
        }
        println!("{:>8}  {}", runs / target.cost, target.name);
    }
}

/// A target that always fails is caught, and told with the bytes that do it.
#[test]
fn a_target_that_panics_is_told() {
    let broken = Target { name: "broken", cost: 1, run: |bytes| assert!(bytes.len() < 3, "three bytes or more") };
    let caught = (0..50_u64).any(|seed| {
        let bytes = Mutator::new(seed).make(&[vec![1, 2, 3, 4]]);
        panic::catch_unwind(|| (broken.run)(&bytes)).is_err()
    });
    assert!(caught, "fifty mutations of four bytes never kept three");
}
