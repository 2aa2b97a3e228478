//! Memory of an open thread of two spaces and twelve messages: what the engine holds of it more than before, by the resident memory
//! of a process of its own. The rows are read once first, so that the database's own cache is full before and after.

use super::served::{self, Part};
use crate::table::{Figures, Row, kib};
use anyhow::{Context, Result};
use belay_node::config::Folder;
use belay_node::store::Store;
use belay_node::system::{self, System};
use belay_node::usecases::threads;
use belay_protocol::engine::{Context as Moment, Engine};
use belay_protocol::ids::{EntryHash, SpaceId};
use belay_protocol::store::{self, View, after_prefix};
use belay_tests::offices::passphrase;

pub fn run(folder: &Folder, talked: &[String], table: &mut Figures) -> Result<()> {
    let output = served::command(Part::Opened, folder)?.arg(talked.join(",")).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let kib: f64 = text.trim().parse().with_context(|| format!("a child of the bench said: {}", text.trim()))?;
    let what = format!("an open thread of two spaces and 12 messages: memory, mean of {}", talked.len());
    println!("{what:<64} {kib:.1} KiB");
    table.add(Row {
        what,
        aim: "100 KB",
        figure: format!("{kib:.1} KiB"),
        floor: String::new(),
        ratio: None,
        met: kib <= 100.0,
    });
    Ok(())
}

/// In the child.
pub fn child(folder: &Folder, ids: &str) -> Result<()> {
    let store = Store::open(folder, &passphrase()?)?;
    let mut engine = Engine::open(&store, &mut Moment { now: system::now(), random: &mut System })?;
    let mut spaces: Vec<Vec<SpaceId>> = Vec::new();
    for id in ids.split(',') {
        let thread = threads::find(&store, id)?;
        spaces.push(thread.spaces.iter().map(|(_, space)| *space).collect());
    }
    for space in spaces.iter().flatten() {
        for (_, value) in
            store.scan(store::Table::Order, &space.0, after_prefix(&space.0).as_deref(), usize::MAX, false)?
        {
            let hash = value.get(..32).and_then(EntryHash::from_slice).context("an entry's name")?;
            std::hint::black_box(store.get(store::Table::Entry, &hash.0)?);
        }
    }
    // The first also opens the coalition.
    let (first, others) = spaces.split_first().context("a thread")?;
    let mut open = |spaces: &[SpaceId]| -> Result<()> {
        for space in spaces {
            std::hint::black_box((engine.fold(&store, *space)?, engine.spaces().heads(&store, *space)?));
        }
        Ok(())
    };
    open(first)?;
    let before = kib("self", "VmRSS");
    others.iter().try_for_each(|spaces| open(spaces))?;
    let more = kib("self", "VmRSS").saturating_sub(before);
    println!("{:.1}", more as f64 / others.len().max(1) as f64);
    Ok(())
}
