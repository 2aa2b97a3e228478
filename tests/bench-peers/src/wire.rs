//! What is measured: time, time of a core, bytes and packets of the loopback interface, memory.

use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};

/// How long nothing may pass before a row's bytes are read.
const QUIET: Duration = Duration::from_millis(400);
/// Looks at the line at most; then it is taken as it is.
const LOOKS: usize = 20;

/// One measured piece of work.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Row {
    pub what: String,
    /// By the clock, until it can be read.
    pub seconds: f64,
    /// Of a core, both ends together, until both are quiet.
    pub core: f64,
    pub bytes: f64,
    /// Packets on the loopback interface, which takes up to 64 KiB in one of TCP; of work without a line: messages.
    pub packets: f64,
    /// Highest resident memory during it, both ends together, above that before anything was done, in KiB.
    pub memory: u64,
}

/// All of one run.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Rows {
    pub rows: Vec<Row>,
    /// Single updates until they could be read at the other end, in seconds.
    pub updates: Vec<f64>,
    /// Resident memory before anything was done, the texts themselves included, in KiB.
    pub memory_before: u64,
    /// The system's load in the minute before the run.
    pub load: f64,
}

/// Bytes and packets that the loopback interface has sent.
fn loopback() -> (u64, u64) {
    let text = std::fs::read_to_string("/proc/self/net/dev").unwrap_or_default();
    let line = text.lines().find_map(|line| line.trim().strip_prefix("lo:"));
    let numbers: Vec<u64> = line.unwrap_or_default().split_whitespace().filter_map(|n| n.parse().ok()).collect();
    (numbers.get(8).copied().unwrap_or(0), numbers.get(9).copied().unwrap_or(0))
}

/// What all threads of this process have had of a core so far, in seconds.
fn core() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// A figure of this process in KiB.
fn memory(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).unwrap_or(0)
}

/// A row being measured.
pub struct Watch {
    start: Instant,
    core: f64,
    line: (u64, u64),
}

impl Watch {
    pub fn start() -> Self {
        // Sets back the highest resident memory; where the system does not, it is the highest of all work before.
        let _ = std::fs::write("/proc/self/clear_refs", "5");
        Self { start: Instant::now(), core: core(), line: loopback() }
    }

    /// Bytes and packets since the start.
    fn sent(&self) -> (u64, u64) {
        let (bytes, packets) = loopback();
        (bytes - self.line.0, packets - self.line.1)
    }

    /// The work is done; waits until the line is quiet, then keeps the row.
    pub async fn done(self, what: &str, rows: &mut Rows) {
        let seconds = self.start.elapsed().as_secs_f64();
        let mut last = loopback();
        for _ in 0..LOOKS {
            tokio::time::sleep(QUIET).await;
            let now = loopback();
            // Pings and acknowledgements may go on: a few packets are quiet.
            if now.1 - last.1 <= 6 {
                break;
            }
            last = now;
        }
        let sent = self.sent();
        self.keep(what, seconds, sent, 1, rows);
    }

    /// As [`Watch::done`], of so many pieces of work one after the other: the row is of one of them.
    pub async fn each(self, what: &str, seconds: f64, many: usize, rows: &mut Rows) {
        tokio::time::sleep(QUIET).await;
        let sent = self.sent();
        self.keep(what, seconds, sent, many, rows);
    }

    /// Of work without a line, whose bytes and messages were counted.
    pub fn counted(self, what: &str, bytes: usize, messages: usize, rows: &mut Rows) {
        let seconds = self.start.elapsed().as_secs_f64();
        self.keep(what, seconds, (bytes as u64, messages as u64), 1, rows);
    }

    /// As [`Watch::counted`], of so many pieces of work.
    pub fn counted_each(self, what: &str, (seconds, many): (f64, usize), sent: (usize, usize), rows: &mut Rows) {
        self.keep(what, seconds, (sent.0 as u64, sent.1 as u64), many, rows);
    }

    fn keep(self, what: &str, seconds: f64, sent: (u64, u64), many: usize, rows: &mut Rows) {
        let many = many as f64;
        rows.rows.push(Row {
            what: what.to_owned(),
            seconds,
            core: (core() - self.core) / many,
            bytes: sent.0 as f64 / many,
            packets: sent.1 as f64 / many,
            memory: memory("VmHWM").saturating_sub(rows.memory_before),
        });
    }
}

impl Rows {
    pub fn begin() -> Self {
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let load = load.split_whitespace().next().and_then(|load| load.parse().ok()).unwrap_or(0.0);
        Self { memory_before: memory("VmRSS"), load, ..Self::default() }
    }

    /// The middle of the updates so far, in seconds.
    pub fn update(&self) -> f64 {
        let mut all = self.updates.clone();
        all.sort_by(f64::total_cmp);
        all.get(all.len() / 2).copied().unwrap_or(0.0)
    }
}
