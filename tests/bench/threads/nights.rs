//! Two nodes that share all threads meet again: with nothing new, and after a night in which one of them wrote.

use super::Size;
use crate::table::{Figures, Row, Times, line};
use anyhow::{Context, Result};
use belay_node::api::care::{ActRequest, Care, ThreadView};
use belay_node::usecases::threads;
use belay_protocol::ids::SpaceId;
use belay_protocol::referral::Information;
use belay_protocol::space::entry::Entry;
use belay_tests::offices::{Carried, Pair, answer};
use rusqlite::{Connection, params};
use std::time::{Duration, Instant};

pub fn reconnect(pair: &mut Pair, size: Size, table: &mut Figures) -> Result<()> {
    let (mut times, mut most) = (Vec::new(), Carried::default());
    // What is due from before goes first: records left with the partner.
    pair.disconnect()?;
    pair.connect()?;
    for _ in 0..size.rounds.min(20) {
        pair.disconnect()?;
        let start = Instant::now();
        let carried = pair.connect()?;
        times.push(start.elapsed());
        most.bytes = most.bytes.max(carried.bytes);
        most.depth = most.depth.max(carried.depth);
    }
    let what = format!("reconnect with nothing new, {} shared threads", pair.threads.len());
    let times = Times::of(times).told(&format!("{what}: time at both ends"));
    table.add(Row {
        what,
        aim: "one round trip, under 300 bytes",
        figure: format!("{}, {} bytes both ways, {}", trips(most.depth), most.bytes, times.both()),
        floor: String::new(),
        ratio: None,
        met: most.depth <= 2 && most.bytes < 300,
    });
    Ok(())
}

/// Frames that answer each other, in round trips.
fn trips(depth: u32) -> String {
    match depth {
        2 => "one round trip".to_owned(),
        _ => format!("{} round trips", f64::from(depth) / 2.0),
    }
}

/// Entries of the night, as the one that wrote them holds them.
fn written(pair: &mut Pair, spaces: &[(SpaceId, usize)]) -> Result<Vec<Vec<u8>>> {
    let office = &mut pair.offices[1];
    let mut entries = Vec::new();
    for (space, before) in spaces {
        let all = office.engine.spaces().order(&office.store, *space, u32::try_from(*before)?, usize::MAX)?;
        for hash in all {
            let entry = office.engine.spaces().entry(&office.store, &hash)?.context("an entry just written")?;
            entries.push(entry.bytes().to_vec());
        }
    }
    Ok(entries)
}

pub fn night(pair: &mut Pair, size: Size, table: &mut Figures) -> Result<()> {
    pair.disconnect()?;
    let (many, of) = size.night;
    let threads: Vec<String> = pair.threads.iter().rev().take(of).cloned().collect();
    let mut spaces = Vec::new();
    for id in &threads {
        let office = &mut pair.offices[1];
        let thread = threads::find(&office.store, id)?;
        let space = thread.space(Information::Referral).context("a referral's space")?;
        spaces.push((space, office.engine.spaces().order(&office.store, space, 0, usize::MAX)?.len()));
    }
    for n in 0..many {
        let text = format!("A word of the night, number {n}.");
        let ask = Care::ReferralAct {
            thread: threads[n % of].clone(),
            act: ActRequest::Message { text: text.as_str().into() },
        };
        pair.offices[1].step(false, |step, session| answer::<ThreadView>(step, session, &ask).map(drop))?;
    }
    let entries = written(pair, &spaces)?;
    let floor = bare(&entries)?;
    let start = Instant::now();
    let carried = pair.connect()?;
    let whole = start.elapsed();
    let spent = carried.taking;
    let bytes: usize = entries.iter().map(Vec::len).sum();
    println!(
        "a night: {} bytes for {bytes} of entries, {} frames, the last page in frame {} of a chain, quiet after {}",
        carried.bytes, carried.frames, carried.known, carried.depth
    );
    for (kind, (many, bytes)) in &carried.kinds {
        println!("  {many} {kind}: {bytes} bytes");
    }
    line("  verified, stored and projected at who was off line", spent, Some(floor));
    line("  until both are quiet", whole, Some(floor));
    let office = &mut pair.offices[0];
    let missing = spaces.iter().filter(|(space, before)| {
        let all = office.engine.spaces().order(&office.store, *space, 0, usize::MAX);
        all.map_or(0, |all| all.len()) <= *before
    });
    anyhow::ensure!(missing.count() == 0, "not all of the night arrived");
    let rate = |time: Duration| entries.len() as f64 / time.as_secs_f64();
    table.add(Row {
        what: format!("after a night: {} new entries in {of} threads", entries.len()),
        aim: "two round trips; half the floor's rate",
        figure: format!(
            "{}, {:.0} entries/s verified and stored",
            trips(carried.known.next_multiple_of(2)),
            rate(spent)
        ),
        floor: format!("{:.0} entries/s: signatures and inserts", rate(floor)),
        ratio: Some(rate(spent) / rate(floor)),
        met: carried.known <= 4 && spent <= floor * 2,
    });
    Ok(())
}

/// The floor: each signature checked, one row an entry in a database of the same kind, committed in pages.
fn bare(entries: &[Vec<u8>]) -> Result<Duration> {
    let folder = tempfile::tempdir()?;
    let mut database = Connection::open(folder.path().join("floor.db"))?;
    database.execute_batch(
        "PRAGMA key = \"x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'\";
         PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
         CREATE TABLE entry (hash BLOB NOT NULL UNIQUE, bytes BLOB NOT NULL);",
    )?;
    let start = Instant::now();
    for part in entries.chunks(200) {
        let transaction = database.transaction()?;
        for bytes in part {
            let entry = Entry::verify(bytes.clone())?;
            let mut insert = transaction.prepare_cached("INSERT INTO entry VALUES (?1, ?2)")?;
            insert.execute(params![entry.hash().0, entry.bytes()])?;
        }
        transaction.commit()?;
    }
    Ok(start.elapsed())
}
