//! automerge's own sync protocol between two sets of documents in one process.

use crate::table::{AGAIN, FIRST, NIGHT, UPDATE};
use crate::wire::{Rows, Watch};
use crate::work::Work;
use anyhow::{Result, ensure};
use automerge::Automerge;
use automerge::sync::{Message, State, SyncDoc};
use std::time::Instant;

struct Pair {
    a: Automerge,
    b: Automerge,
    at_a: State,
    at_b: State,
}

/// Bytes and messages.
type Sent = (usize, usize);

impl Pair {
    /// Carries messages as bytes until both have nothing to say.
    fn sync(&mut self) -> Result<Sent> {
        let (mut bytes, mut messages) = (0, 0);
        loop {
            let to_b = self.a.generate_sync_message(&mut self.at_a).map(Message::encode);
            if let Some(message) = &to_b {
                bytes += message.len();
                messages += 1;
                self.b.receive_sync_message(&mut self.at_b, Message::decode(message)?)?;
            }
            let to_a = self.b.generate_sync_message(&mut self.at_b).map(Message::encode);
            if let Some(message) = &to_a {
                bytes += message.len();
                messages += 1;
                self.a.receive_sync_message(&mut self.at_a, Message::decode(message)?)?;
            }
            if to_a.is_none() && to_b.is_none() {
                return Ok((bytes, messages));
            }
        }
    }

    /// What a new connection starts from: both keep what they knew of each other.
    fn reconnect(&mut self) -> Result<()> {
        self.at_a = State::decode(&self.at_a.encode())?;
        self.at_b = State::decode(&self.at_b.encode())?;
        Ok(())
    }
}

fn all(pairs: &mut [Pair], what: &str, rows: &mut Rows) -> Result<()> {
    let watch = Watch::start();
    let (mut bytes, mut messages) = (0, 0);
    for pair in pairs {
        let sent = pair.sync()?;
        bytes += sent.0;
        messages += sent.1;
    }
    watch.counted(what, bytes, messages, rows);
    Ok(())
}

pub fn run(work: &Work) -> Result<Rows> {
    let mut rows = Rows::begin();
    let mut pairs: Vec<Pair> = (0..work.documents.len())
        .map(|n| Pair { a: work.automerge(n), b: Automerge::new(), at_a: State::new(), at_b: State::new() })
        .collect();
    all(&mut pairs, FIRST, &mut rows)?;
    pairs.iter_mut().try_for_each(Pair::reconnect)?;
    all(&mut pairs, AGAIN, &mut rows)?;
    updates(work, &mut pairs, &mut rows)?;
    for edit in work.night() {
        work.apply(&edit, &mut pairs[edit.document].a);
    }
    pairs.iter_mut().try_for_each(Pair::reconnect)?;
    all(&mut pairs, NIGHT, &mut rows)?;
    for edit in work.night() {
        ensure!(work.is_in(&edit, &pairs[edit.document].b), "a change of the night did not arrive");
    }
    Ok(rows)
}

fn updates(work: &Work, pairs: &mut [Pair], rows: &mut Rows) -> Result<()> {
    let (watch, mut all) = (Watch::start(), (0, 0));
    for edit in work.updates() {
        let start = Instant::now();
        let pair = &mut pairs[edit.document];
        work.apply(&edit, &mut pair.a);
        let sent = pair.sync()?;
        ensure!(work.is_in(&edit, &pair.b), "an update did not arrive");
        rows.updates.push(start.elapsed().as_secs_f64());
        all = (all.0 + sent.0, all.1 + sent.1);
    }
    watch.counted_each(UPDATE, (rows.update(), rows.updates.len()), all, rows);
    Ok(())
}
