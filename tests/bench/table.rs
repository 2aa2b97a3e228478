//! The closing table: each row of "Figures to reach" with its aim, what was measured, and the floor that the same run measured.

use std::time::Duration;

/// What one row says. `ratio`: figure to floor, where they are of one kind.
pub struct Row {
    pub what: String,
    pub aim: &'static str,
    pub figure: String,
    pub floor: String,
    pub ratio: Option<f64>,
    pub met: bool,
}

/// All rows, in the order in which they were measured.
#[derive(Default)]
pub struct Figures(Vec<Row>);

impl Figures {
    pub fn add(&mut self, row: Row) {
        self.0.push(row);
    }

    /// As it stands in the README beside this file. `whole`: the sizes were those that the aims speak of.
    pub fn print(&self, whole: bool) {
        println!("\n## Figures to reach{}\n", if whole { "" } else { " (small sizes: only that all of it runs)" });
        println!("| what | aim | figure | floor | ratio | met |\n| --- | --- | --- | --- | --- | --- |");
        for Row { what, aim, figure, floor, ratio, met } in &self.0 {
            let ratio = ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}"));
            let met = if *met { "yes" } else { "NO" };
            println!("| {what} | {aim} | {figure} | {floor} | {ratio} | {met} |");
        }
    }
}

/// Milliseconds, for people.
pub fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

/// Times, smallest first.
pub struct Times(Vec<Duration>);

impl Times {
    pub fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    pub fn at(&self, percent: usize) -> Duration {
        let last = self.0.len().saturating_sub(1);
        self.0.get((self.0.len() * percent / 100).min(last)).copied().unwrap_or_default()
    }

    pub fn p50(&self) -> Duration {
        self.at(50)
    }

    pub fn p99(&self) -> Duration {
        self.at(99)
    }

    /// Both, for people.
    pub fn both(&self) -> String {
        format!("p50 {}, p99 {}", ms(self.p50()), ms(self.p99()))
    }

    /// One printed line; the times are given back.
    pub fn told(self, what: &str) -> Self {
        println!("{what:<64} {} ({} times)", self.both(), self.0.len());
        self
    }
}

pub fn ratio(figure: Duration, floor: Duration) -> f64 {
    figure.as_secs_f64() / floor.as_secs_f64().max(1e-9)
}

/// One printed line; the floor beside it where there is one.
pub fn line(what: &str, took: Duration, floor: Option<Duration>) {
    let seconds = took.as_secs_f64();
    match floor {
        Some(floor) => {
            println!("{what:<64} {seconds:.3} s, floor {:.3} s, ratio {:.2}", floor.as_secs_f64(), ratio(took, floor));
        }
        None => println!("{what:<64} {seconds:.3} s"),
    }
}

/// A figure of a process in KiB, from `/proc`; 0 where there is none.
pub fn kib(process: &str, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).unwrap_or(0)
}
