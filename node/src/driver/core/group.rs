//! What is committed together: steps that came one right after the other, or frames that did. Each reads what those before it wrote;
//! nothing of any leaves before all are on the disk, no frame, no event and no answer to who asked. So many people who click at once
//! wait for one commit, and a first sync makes one of three pages, which writes what they all change once.

use super::Core;
use crate::driver::Reply;
use crate::ops::conditions;
use crate::store::Tx;
use crate::system;
use belay_protocol::engine::{Input, Output};
use belay_protocol::fault::{Fault, Result};
use belay_protocol::limits;
use belay_protocol::store::{Table, Write};
use std::time::{Duration, Instant};

/// Milliseconds until the next tick, at least.
const SOONEST: u64 = 20;
/// How long the first of a group of calls waits for those that join it.
const TOGETHER: Duration = Duration::from_millis(10);
/// And the first of a group of frames, whose sender goes on meanwhile; a call ends it.
const PAGES_TOGETHER: Duration = Duration::from_millis(250);
/// After a commit that failed calls go one by one for so long: who only asks what is wrong must not be told that nothing was kept, because
/// it stood beside one that wrote.
const APART: Duration = Duration::from_secs(30);
/// A full disk goes on taking small writes, and that it is full is still to be said: a commit shows that there is room again if it holds half
/// of what was refused, or so many bytes.
const SHOWS_ROOM: usize = 2048;
/// Answers of one group.
const ANSWERS: usize = 32;

/// What waits for the open transaction, in order.
#[derive(Default)]
pub(super) struct Group {
    /// Whether the transaction is open, and is to be on the disk at its end.
    open: Option<bool>,
    since: Option<Instant>,
    /// Applied; their writes are in the transaction.
    outputs: Vec<Output>,
    replies: Vec<Reply>,
    /// Bytes of what was applied.
    size: usize,
    /// A prekey was destroyed.
    destroyed: bool,
    /// Why nothing of what waits was kept.
    lost: Option<Fault>,
    /// Links that were closed on the way, and of which the engine is still to hear.
    closed: Vec<u64>,
    /// When a commit failed last; goes on from group to group.
    failed: Option<Instant>,
    /// Bytes of the largest that was refused since one showed that there is room; goes on from group to group.
    refused: usize,
}

impl Group {
    const fn is_empty(&self) -> bool {
        self.open.is_none()
            && self.lost.is_none()
            && self.outputs.is_empty()
            && self.replies.is_empty()
            && self.closed.is_empty()
    }

    /// What was applied is not kept.
    fn refuse(&mut self) {
        self.refused = self.refused.max(std::mem::take(&mut self.size));
    }

    /// Whether one more call may join those that wait.
    pub fn takes_calls(&self) -> bool {
        let fails = self.failed.is_some_and(|failed| failed.elapsed() < APART);
        !fails && self.replies.len() < ANSWERS && self.since.is_none_or(|since| since.elapsed() < TOGETHER)
    }

    /// Whether one more frame may: all but one of those that a peer sends before it waits for an answer, which comes meanwhile.
    pub fn takes_frames(&self) -> bool {
        self.outputs.len() < limits::PAGES_IN_FLIGHT - 1
            && self.since.is_none_or(|since| since.elapsed() < PAGES_TOGETHER)
    }
}

impl Core {
    /// Answers who asked, once all that the answer may rest on is on the disk.
    pub(super) fn answer(&mut self, reply: Reply) {
        self.group.replies.push(reply);
    }

    /// Applies an output. It is committed, and sent, with the next [`Core::flush`]. `handled`: it came from an input, so its `wake`
    /// replaces the one before.
    pub(super) fn settle(&mut self, mut output: Output, handled: bool) -> Result<()> {
        if let Err(fault) = self.apply(&output, handled) {
            // The engine is ahead of the store: it forgets, before those go on that were applied.
            self.broken(&fault);
            self.flush();
            return Err(fault);
        }
        // A timer that is due again at once must not keep the thread from everything else.
        let soonest = system::now().plus(SOONEST);
        let wake = output.wake.map(|(at, why)| (at.max(soonest), why));
        self.wake = match (handled, self.wake, wake) {
            (true, _, wake) | (false, None, wake) => wake,
            (false, Some(before), Some(wake)) => Some(if wake.0 < before.0 { wake } else { before }),
            (false, before, None) => before,
        };
        let destroys = |write: &Write| write.table == Table::Prekey && write.value.is_none();
        self.group.destroyed |= output.writes.iter().any(destroys);
        output.writes = Vec::new();
        self.group.since.get_or_insert_with(Instant::now);
        self.group.outputs.push(output);
        Ok(())
    }

    fn apply(&mut self, output: &Output, handled: bool) -> Result<()> {
        let Output { writes, durable, events, .. } = output;
        if writes.is_empty() && events.is_empty() {
            return Ok(());
        }
        if *durable && self.group.open == Some(false) {
            self.commit()?;
        }
        self.group.size += writes.iter().map(|w| w.key.len() + w.value.as_ref().map_or(0, Vec::len)).sum::<usize>();
        let first = self.group.open.is_none();
        if first {
            self.store.begin(*durable)?;
            self.group.open = Some(*durable);
        }
        // What peers sent comes again if it is lost with what came beside it; what somebody asked for stands by itself.
        let alone = first || handled;
        let Self { engine, store, usecases, .. } = self;
        let project = |tx: &Tx<'_>| usecases.project(engine, tx, events);
        let applied = if alone { store.apply(writes, project) } else { store.apply_apart(writes, project) };
        if let Err(fault) = &applied {
            self.group.failed = Some(Instant::now());
            self.group.refuse();
            if first {
                self.store.undo();
                self.group.open = None;
            } else if handled {
                self.lose(fault);
            }
        }
        applied
    }

    /// Nothing happened of what waits.
    fn lose(&mut self, fault: &Fault) {
        self.store.undo();
        self.group.refuse();
        self.group.open = None;
        self.group.outputs.clear();
        self.group.lost = Some(fault.clone());
    }

    /// Commits what was applied, then sends and answers; and does so with what follows from a link that was closed on the way.
    pub(super) fn flush(&mut self) {
        while !self.group.is_empty() {
            // Who waits for it is told of a failure.
            let _ = self.commit();
            for link in std::mem::take(&mut self.group.closed) {
                self.input(Input::Disconnected { link });
            }
        }
        self.store.rest();
    }

    fn commit(&mut self) -> Result<()> {
        if self.group.open.is_some()
            && let Err(fault) = self.end()
        {
            self.lose(&fault);
            self.broken(&fault);
        }
        let Group { outputs, replies, lost, mut closed, failed, refused, destroyed, .. } =
            std::mem::take(&mut self.group);
        self.group.refused = refused;
        self.group.failed = if lost.is_some() { Some(Instant::now()) } else { failed };
        self.group.destroyed = destroyed;
        for Output { frames, close, events, .. } in outputs {
            for (link, frame) in frames {
                let sent = self.lock().outbox(link).map(|outbox| outbox.send(frame));
                if let Some(Err(fault)) = sent {
                    self.close(link, &fault, &mut closed);
                }
            }
            for (link, fault) in close {
                self.close(link, &fault, &mut closed);
            }
            self.take_note(&events, &mut closed);
        }
        for reply in replies {
            reply(lost.clone());
        }
        self.group.closed = closed;
        lost.map_or(Ok(()), Err)
    }

    fn end(&mut self) -> Result<()> {
        self.store.finish()?;
        self.group.open = None;
        self.idle.committed();
        if self.group.destroyed {
            // Its page must not live on in the log either. Where somebody reads the log (a copy may for minutes), or brings it over, it goes with a later
            // commit, and nobody waits for that.
            self.group.destroyed = !self.store.checkpoint(false).unwrap_or(false);
        }
        let enough = (self.group.refused / 2).min(SHOWS_ROOM);
        if self.group.size >= enough || self.group.failed.is_none_or(|failed| failed.elapsed() >= APART) {
            self.group.refused = 0;
            self.conditions.clear(conditions::STORE);
        }
        self.counted.send_modify(|count| *count += 1);
        Ok(())
    }
}
