//! Rows of the table.

use std::time::Duration;

/// One row; the floor beside it where there is one.
pub fn row(what: &str, took: Duration, floor: Option<Duration>) {
    let seconds = took.as_secs_f64();
    match floor.map(|floor| floor.as_secs_f64()) {
        Some(floor) => println!("{what:<56} {seconds:>9.3} s    floor {floor:>9.3} s    ratio {:.2}", seconds / floor),
        None => println!("{what:<56} {seconds:>9.3} s"),
    }
}

/// Median and 99th percentile; the median is given back.
pub fn percentiles(what: &str, times: &mut [Duration]) -> Duration {
    times.sort();
    let at = |part: usize| times.get((times.len() * part / 100).min(times.len().saturating_sub(1))).copied();
    let millis = |time: Option<Duration>| time.unwrap_or_default().as_secs_f64() * 1000.0;
    println!("{what:<56} p50 {:>8.2} ms   p99 {:>8.2} ms   ({} times)", millis(at(50)), millis(at(99)), times.len());
    at(50).unwrap_or_default()
}

/// A figure of a process in KiB, from `/proc`; 0 where there is none.
pub fn kib(process: &str, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).unwrap_or(0)
}
