//! A year of one small organisation on a real node, by hand: `cargo run --release -p belay-tests --bin year`, bounded by its 365
//! days. Two nodes of a coalition, each a store in SQLCipher with all projections and an engine, whose clock is turned; nights off
//! line; the same work every day. By month it prints resident memory, open files and the size of the store, and it fails if they grow
//! by more than the work itself.
//!
//! Each day: two referrals, taken in, met and closed over three days, messages in them and in one thread that goes on all year; a
//! register replaced; the list, the inbox and a thread looked at; staff who sign in, sessions opened and left; readers lent. Each
//! week new persons and consents. The engine's own timers: prekeys made and destroyed, epochs ended, receipts, records left with
//! the partner, expiries.

#![allow(clippy::print_stdout, reason = "a report for who runs it")]

use anyhow::{Result, ensure};
use belay_node::api::care::{ActRequest, Care, ListAsk, Meeting, Part, ThreadView, ThreadsView};
use belay_node::api::{Secret, StaffLogin};
use belay_node::http::Moment;
use belay_node::http::session::Sessions;
use belay_node::usecases::staff::StaffSession;
use belay_node::usecases::worklist;
use belay_protocol::referral::{Mode, Outcome};
use belay_protocol::store::{Table, View};
use belay_protocol::time::{DAY, HOUR, Time};
use belay_tests::offices::{Pair, SECRET, STAFF, answer};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

const DAYS: usize = 365;
const MONTH: usize = 30;
/// Months after which every timer has run once, and the caches of both stores are full: until then memory rises with them.
const SETTLED: usize = 9;
/// KiB of resident memory that a month may add after that: at both nodes its threads, some thirty, of which
/// `limits::GRAPHS_IN_MEMORY` are held; its entries in the graph of the private space; and what the allocator keeps.
const KIB_A_MONTH: u64 = 2048;
/// Of what a month after the first ones adds to the store, the part that the last may add: the work is the same.
const STORE_GROWTH: f64 = 1.25;

/// The end of a month.
struct Measured {
    resident: u64,
    files: usize,
    store: u64,
    log: u64,
    entries: i64,
    arrivals: i64,
    prekeys: i64,
}

fn main() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let start = Instant::now();
    let mut year = Year::new(folder.path())?;
    let mut months = Vec::new();
    println!("| month | resident KiB | open files | store KiB | log KiB | entries | arrivals | prekeys |");
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for day in 0..DAYS {
        year.day(day)?;
        if (day + 1) % MONTH == 0 {
            let m = year.measure()?;
            let Measured { resident, files, store, log, entries, arrivals, prekeys } = m;
            let month = months.len() + 1;
            println!(
                "| {month} | {resident} | {files} | {} | {} | {entries} | {arrivals} | {prekeys} |",
                store / 1024,
                log / 1024
            );
            months.push(m);
        }
    }
    println!("{DAYS} days in {:.0} s", start.elapsed().as_secs_f64());
    hold(&months)
}

/// What must hold of the months.
fn hold(months: &[Measured]) -> Result<()> {
    let (Some(early), Some(last)) = (months.get(SETTLED - 1), months.last()) else { return Ok(()) };
    let since = (months.len() - SETTLED) as u64;
    let grown = last.resident.saturating_sub(early.resident);
    ensure!(
        grown <= since * KIB_A_MONTH,
        "resident memory grew by {grown} KiB in {since} months; {KIB_A_MONTH} KiB a month is the work's own"
    );
    ensure!(last.files <= early.files, "open files grew from {} to {}", early.files, last.files);
    ensure!(last.prekeys <= early.prekeys + 1, "old prekeys are not destroyed: {} are kept", last.prekeys);
    let added = |month: usize| -> f64 {
        let of = |month: usize| months.get(month).map_or(0, |m| m.store);
        of(month).saturating_sub(of(month - 1)) as f64
    };
    let usual = added(SETTLED);
    let end = (added(months.len() - 1) + added(months.len() - 2)) / 2.0;
    ensure!(
        end <= usual * STORE_GROWTH,
        "a month's work adds {end:.0} bytes to the store at the end of the year, {usual:.0} in month {}",
        SETTLED + 1
    );
    ensure!(last.log <= 64 * 1024 * 1024, "the write-ahead log has {} bytes", last.log);
    println!("flat: memory, open files, store, log, prekeys");
    Ok(())
}

struct Year {
    pair: Pair,
    sessions: Sessions<StaffSession>,
    began: (Moment, Time),
    /// A thread that goes on all year.
    long: String,
    consents: [String; 2],
    /// Sent, and by whom: taken in on the next day, met and closed on the one after.
    open: Vec<(usize, String, usize)>,
}

impl Year {
    fn new(folder: &Path) -> Result<Self> {
        let mut pair = Pair::new(folder)?;
        let consents = [pair.consent(0)?, pair.consent(1)?];
        let long = pair.referral(0, &consents[0])?;
        pair.act(1, &long, ActRequest::Accept { note: "come any day".into() })?;
        let began = (Moment::now(), pair.offices[0].now);
        pair.disconnect()?;
        Ok(Self { pair, sessions: Sessions::default(), began, long, consents, open: Vec::new() })
    }

    fn day(&mut self, day: usize) -> Result<()> {
        self.pair.pass(8 * HOUR)?;
        self.pair.connect()?;
        self.sign_in()?;
        if day.is_multiple_of(7) {
            self.consents = [self.pair.consent(0)?, self.pair.consent(1)?];
        }
        for who in 0..2 {
            let consent = self.consents[who].clone();
            let id = self.pair.referral(who, &consent)?;
            self.open.push((who, id, day));
        }
        self.go_on(day)?;
        self.pair.pass(4 * HOUR)?;
        self.says(day)?;
        let coalition = self.pair.coalition;
        for who in 0..2 {
            let beds = format!("{{\"beds\":{},\"day\":{day}}}", day % 5);
            self.pair.does(who, |step, _| Ok(step.register(coalition, "openings", beds.as_bytes())?))?;
        }
        self.look()?;
        self.pair.pass(4 * HOUR)?;
        self.pair.disconnect()?;
        self.pair.pass(DAY - 16 * HOUR)
    }

    /// Threads of the days before.
    fn go_on(&mut self, today: usize) -> Result<()> {
        let mut left = Vec::new();
        for (sender, id, day) in std::mem::take(&mut self.open) {
            let recipient = 1 - sender;
            if today - day == 1 {
                self.pair.act(recipient, &id, ActRequest::Accept { note: "come any day".into() })?;
                let at = Time(self.pair.offices[0].now.0 + 20 * HOUR);
                let (place, note) = ("12 Ridge Road".into(), "".into());
                self.pair.act(recipient, &id, ActRequest::Schedule(Meeting::at(at, place, Mode::InPerson, note)))?;
            }
            if today - day < 2 {
                left.push((sender, id, day));
                continue;
            }
            self.pair.act(recipient, &id, ActRequest::Attend { when: None })?;
            let (outcome, note) = (Outcome::ServicesReceived, "".into());
            self.pair.act(recipient, &id, ActRequest::Close { outcome, note, barriers: Vec::new() })?;
        }
        self.open = left;
        Ok(())
    }

    fn says(&mut self, day: usize) -> Result<()> {
        let long = self.long.clone();
        for (who, thread) in [(day % 2, &long)].into_iter().chain(self.open.iter().map(|(who, id, _)| (*who, id))) {
            self.pair.says(who, thread, &format!("A word of day {day}."))?;
        }
        Ok(())
    }

    /// The list, the inbox and a thread; what the node does for them by itself; readers.
    fn look(&mut self) -> Result<()> {
        let long = self.long.clone();
        for who in 0..2 {
            self.pair.does(who, |step, session| {
                worklist::freshen(step, usize::MAX)?;
                for part in [Part::All, Part::Due] {
                    answer::<ThreadsView>(step, session, &Care::ReferralList(ListAsk { part, ..ListAsk::default() }))?;
                }
                answer::<ThreadView>(step, session, &Care::ReferralShow { thread: long.clone() }).map(drop)
            })?;
            let readers = self.pair.offices[who].store.readers();
            let lent = [readers.take()?, readers.take()?];
            for reader in &lent {
                reader.scan(Table::List, &[], None, 100, false)?;
            }
        }
        Ok(())
    }

    /// Staff sign in, and leave without signing out.
    fn sign_in(&mut self) -> Result<()> {
        let (moment, began) = self.began;
        let now = moment.plus(Duration::from_millis(self.pair.offices[0].now.since(began)));
        let login = StaffLogin { name: STAFF.to_owned(), secret: Secret::new(SECRET.to_owned()) };
        let session = StaffSession::open(&self.pair.offices[0].store, &login)?;
        for _ in 0..5 {
            let token = self.sessions.open(session.clone(), now)?;
            ensure!(self.sessions.find(&token, now).is_some(), "a session just opened is not there");
        }
        Ok(())
    }

    fn measure(&self) -> Result<Measured> {
        let office = &self.pair.offices[0];
        let size = |name: &str| fs::metadata(office.folder.path().join(name)).map_or(0, |file| file.len());
        let count = |table: Table| -> Result<i64> {
            let counted = format!("SELECT count(*) FROM kv_{}", table as u8);
            Ok(office.store.sql().query_row(&counted, [], |row| row.get(0))?)
        };
        Ok(Measured {
            resident: resident(),
            files: fs::read_dir("/proc/self/fd").map_or(0, Iterator::count),
            store: size("store.db"),
            log: size("store.db-wal"),
            entries: count(Table::Entry)?,
            arrivals: count(Table::Arrival)?,
            prekeys: count(Table::Prekey)?,
        })
    }
}

/// Resident memory of this process, both nodes together, in KiB.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).unwrap_or(0)
}
