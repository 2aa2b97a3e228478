//! An update over a direct link: two whole nodes over QUIC on this machine's loopback. One writes a message into a thread; the time
//! runs from the call until the other can read it, with both commits in it. The link's own delay is below a tenth of a millisecond.
//! First into threads as they are, ten each; then all into one, since what an act costs grows with those before it.

use super::Size;
use crate::table::{Figures, Row, Times, ms, ratio};
use anyhow::{Context, Result, bail};
use belay_node::api::care::{ActRequest, Care, ThreadView};
use belay_node::api::{Failure, Secret, StaffLogin};
use belay_node::config::Folder;
use belay_node::driver::Driver;
use belay_node::ops::conditions::Conditions;
use belay_node::run::{self, Options, Running};
use belay_node::usecases::desk::Desk;
use belay_node::usecases::directory::Writer;
use belay_node::usecases::office::Office;
use belay_node::usecases::staff::StaffSession;
use belay_node::usecases::threads;
use belay_protocol::ids::{EntryHash, SpaceId};
use belay_protocol::referral::Information;
use belay_protocol::store::{self, View, after_prefix};
use belay_tests::offices::{SECRET, STAFF, answer, passphrase};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Until two nodes on one machine have found each other.
const PATIENCE: Duration = Duration::from_secs(60);

pub fn run(
    (one, other): (&Folder, &Folder),
    address: &str,
    talked: &[String],
    size: Size,
    table: &mut Figures,
) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let far = node(other, address).await?;
        let near = node(one, "/ip4/127.0.0.1/udp/0/quic-v1").await?;
        let done = both(near.driver(), far.driver(), talked, size, table).await;
        near.stop().await;
        far.stop().await;
        done
    })
}

async fn node(folder: &Folder, listen: &str) -> Result<Running> {
    let writer = Arc::new(Writer::default());
    let conditions = Conditions::default();
    let desk = Box::new(Desk::new(Arc::clone(&writer), conditions.clone()));
    let options = Options {
        folder: folder.clone(),
        passphrase: passphrase()?,
        listen: vec![listen.to_owned()],
        announce: Vec::new(),
        conditions,
    };
    let folder = options.folder.clone();
    Ok(run::start(options, desk, |driver, stop| Arc::new(Office::new(driver, writer, stop, None, folder))).await?)
}

/// How many entries of a space are here.
async fn entries(driver: &Driver, space: SpaceId) -> Result<usize> {
    let count = driver.read(move |reader| -> Result<usize, Failure> {
        let rows = reader.scan(store::Table::Order, &space.0, after_prefix(&space.0).as_deref(), usize::MAX, false)?;
        Ok(rows.len())
    });
    count.await.map_err(|failure| anyhow::anyhow!(failure.message))
}

/// Whether the last entry of a space can be read as an act.
async fn readable(driver: &Driver, space: SpaceId, last: EntryHash) -> Result<bool> {
    let read =
        driver.read(move |reader| -> Result<bool, Failure> { Ok(threads::entry(reader, space, last)?.is_some()) });
    read.await.map_err(|failure| anyhow::anyhow!(failure.message))
}

async fn both(near: &Driver, far: &Driver, talked: &[String], size: Size, table: &mut Figures) -> Result<()> {
    let (start, mut changes) = (Instant::now(), far.changes());
    while far.peers().is_empty() {
        if start.elapsed() > PATIENCE {
            bail!("the two nodes did not find each other");
        }
        let _soon = tokio::time::timeout(Duration::from_secs(1), changes.changed()).await;
    }
    // What both still have to tell each other is over once it is quiet.
    while tokio::time::timeout(Duration::from_secs(2), changes.changed()).await.is_ok() {}
    let (long, usual) = talked.split_first().context("a thread")?;
    let usual = &usual[..usual.len().min(size.rounds.div_ceil(10))];
    let what = "an update over a direct link, until it can be read there";
    let (there, here) = measure((near, far), usual, size, what).await?;
    let floor = Times::of(bare(near, size).await?).told("  floor: two bare durable commits, one after the other");
    println!("  after the commit here: {} at the median", ms(there.p50().saturating_sub(here.p50())));
    table.add(row(
        "an update over a direct link (loopback), until it can be read there".to_owned(),
        &there,
        &here,
        &floor,
    ));
    let one = format!("the same, all {} into one thread", size.rounds);
    let (there, here) = measure((near, far), std::slice::from_ref(long), size, &one).await?;
    table.add(row(one, &there, &here, &floor));
    Ok(())
}

fn row(what: String, there: &Times, here: &Times, floor: &Times) -> Row {
    Row {
        what,
        aim: "link delay + 10 ms at p99",
        figure: format!("{}; of it {} here", there.both(), here.both()),
        floor: format!("{}: two durable commits", floor.both()),
        ratio: Some(ratio(there.p50(), floor.p50())),
        met: there.p99() < Duration::from_millis(10),
    }
}

/// Messages into each of these threads in turn: until each can be read at the other node, and until it was written here.
async fn measure(
    (near, far): (&Driver, &Driver),
    threads: &[String],
    size: Size,
    what: &str,
) -> Result<(Times, Times)> {
    let login = StaffLogin { name: STAFF.to_owned(), secret: Secret::new(SECRET.to_owned()) };
    let given = threads.to_vec();
    let opened = near.read(move |reader| -> Result<_, Failure> {
        let session = StaffSession::open(reader, &login)?;
        let found: Result<Vec<_>, Failure> = given.iter().map(|thread| threads::find(reader, thread)).collect();
        Ok((session, found?))
    });
    let (session, found) = opened.await.map_err(|failure| anyhow::anyhow!(failure.message))?;
    let spaces: Option<Vec<SpaceId>> = found.iter().map(|thread| thread.space(Information::Referral)).collect();
    let spaces = spaces.context("a referral's space")?;
    let mut changes = far.changes();
    let (mut written, mut read) = (Vec::new(), Vec::new());
    for n in 0..size.rounds {
        let (thread, space) = (&threads[n % threads.len()], spaces[n % threads.len()]);
        let act = ActRequest::Message { text: format!("She is on her way, message {n}.").as_str().into() };
        let ask = Care::ReferralAct { thread: thread.clone(), act };
        let session = session.clone();
        changes.borrow_and_update();
        let start = Instant::now();
        let last = near.write(move |step, _| -> Result<EntryHash, Failure> {
            let view: ThreadView = answer(step, &session, &ask).map_err(|e| Failure::failed(e.to_string()))?;
            let line = view.history.last().map(|line| line.entry);
            line.ok_or_else(|| Failure::failed("nothing was written"))
        });
        let last = last.await.map_err(|failure| anyhow::anyhow!(failure.message))?;
        written.push(start.elapsed());
        while !readable(far, space, last).await? {
            changes.changed().await?;
        }
        read.push(start.elapsed());
    }
    let here = Times::of(written).told("  of it: written and durable here");
    let there = Times::of(read).told(what);
    if let Some(space) = spaces.first() {
        println!("  {} entries in the first thread", entries(far, *space).await?);
    }
    Ok((there, here))
}

/// What the disk alone takes: two durable commits of a row, as an update needs one at each end.
async fn bare(near: &Driver, size: Size) -> Result<Vec<Duration>> {
    let mut times = Vec::new();
    for n in 0..size.rounds {
        let start = Instant::now();
        for _ in 0..2 {
            let row = vec![u8::try_from(n % 256).unwrap_or(0)];
            let put = near.write(move |step, _| -> Result<(), Failure> {
                step.draft().put(store::Table::Own, b"bench", row);
                Ok(())
            });
            put.await.map_err(|failure| anyhow::anyhow!(failure.message))?;
        }
        times.push(start.elapsed());
    }
    Ok(times)
}
