//! The table of all runs: medians, with the least and the most beside them.

use crate::CONTENDERS;
use crate::wire::{Row, Rows};

/// What each run does, in this order.
pub const FIRST: &str = "first sync";
pub const AGAIN: &str = "reconnect, nothing new";
pub const UPDATE: &str = "one update";
pub const NIGHT: &str = "a night: 2,000 changes";

/// The middle, the least and the most.
fn spread(all: impl Iterator<Item = f64>) -> (f64, f64, f64) {
    let mut all: Vec<f64> = all.collect();
    all.sort_by(f64::total_cmp);
    match (all.first(), all.last()) {
        (Some(least), Some(most)) => (all[all.len() / 2], *least, *most),
        _ => (0.0, 0.0, 0.0),
    }
}

fn percentile(mut all: Vec<f64>, part: usize) -> f64 {
    all.sort_by(f64::total_cmp);
    all.get((all.len() * part / 100).min(all.len().saturating_sub(1))).copied().unwrap_or(0.0)
}

/// Three digits, in a unit that a person reads.
fn time(seconds: f64) -> String {
    match seconds {
        s if s < 0.1 => format!("{:.2} ms", s * 1e3),
        s if s < 1.0 => format!("{:.0} ms", s * 1e3),
        s => format!("{s:.2} s"),
    }
}

fn bytes(bytes: f64) -> String {
    match bytes {
        b if b < 10_000.0 => format!("{b:.0} B"),
        b if b < 1e6 => format!("{:.1} kB", b / 1e3),
        b => format!("{:.2} MB", b / 1e6),
    }
}

fn measured(all: &[(&str, Rows)]) {
    println!("| what | who | time, median (least to most) | of a core | bytes | packets | memory, MiB |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for what in [FIRST, AGAIN, UPDATE, NIGHT] {
        for (name, _) in CONTENDERS {
            let rows: Vec<&Row> = all
                .iter()
                .filter(|(n, _)| n == name)
                .flat_map(|(_, r)| r.rows.iter().filter(|r| r.what == what))
                .collect();
            if rows.is_empty() {
                continue;
            }
            let of = |figure: fn(&Row) -> f64| spread(rows.iter().map(|row| figure(row)));
            let (took, least, most) = of(|r| r.seconds);
            println!(
                "| {what} | {name} | {} ({} to {}) | {} | {} | {:.0} | {:.0} |",
                time(took),
                time(least),
                time(most),
                time(of(|r| r.core).0),
                bytes(of(|r| r.bytes).0),
                of(|r| r.packets).0,
                of(|r| r.memory as f64 / 1024.0).0
            );
        }
    }
}

pub fn print(all: &[(&str, Rows)]) {
    measured(all);
    println!(
        "\n| one update until it can be read | p50 | p99 | load before, least to most |\n| --- | --- | --- | --- |"
    );
    for (name, _) in CONTENDERS {
        let of = || all.iter().filter(|(n, _)| n == name).map(|(_, rows)| rows);
        let times: Vec<f64> = of().flat_map(|rows| rows.updates.clone()).collect();
        if !times.is_empty() {
            let (_, least, most) = spread(of().map(|rows| rows.load));
            let (p50, p99) = (percentile(times.clone(), 50), percentile(times, 99));
            println!("| {name} | {} | {} | {least:.1} to {most:.1} |", time(p50), time(p99));
        }
    }
    println!("\n| who | what it does |\n| --- | --- |");
    for (name, does) in CONTENDERS {
        println!("| {name} | {does} |");
    }
}
