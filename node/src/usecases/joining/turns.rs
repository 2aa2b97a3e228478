//! When each join that waits is asked for next: soon at first, then ever more seldom; most seldom where nobody answers. None is given up so:
//! a machine that comes back is asked, however late, as long as the join is kept.

use belay_protocol::coalition::handshake::Join;
use belay_protocol::ids::InviteId;
use belay_protocol::limits;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const FIRST: Duration = Duration::from_millis(limits::JOIN_ASK_FIRST);
const ANSWERED: Duration = Duration::from_millis(limits::JOIN_ASK_ANSWERED);
const SILENT: Duration = Duration::from_millis(limits::JOIN_ASK_SILENT);

#[derive(Debug, Clone, Copy)]
struct Turn {
    due: Instant,
    /// How long was waited before.
    pause: Duration,
    /// Whether nobody answered the last time who knows of it.
    silent: bool,
}

impl Turn {
    fn first(silent: bool, now: Instant) -> Self {
        Self { due: now + FIRST, pause: FIRST, silent }
    }
}

/// One turn for each join that waits.
#[derive(Debug, Default)]
pub(super) struct Turns(BTreeMap<InviteId, Turn>);

impl Turns {
    /// What waits now: what is new is asked for soon, what ended is forgotten. When the next one is due, if any is.
    pub fn next(&mut self, waiting: &[Join], now: Instant) -> Option<Instant> {
        self.0.retain(|id, _| waiting.iter().any(|join| join.code().id() == *id));
        for join in waiting {
            self.0.entry(join.code().id()).or_insert_with(|| Turn::first(false, now));
        }
        self.0.values().map(|turn| turn.due).min()
    }

    pub fn is_due(&self, join: &Join, now: Instant) -> bool {
        self.0.get(&join.code().id()).is_none_or(|turn| turn.due <= now)
    }

    /// One was asked for: whether anybody answered who knows of it.
    pub fn asked(&mut self, join: &Join, answered: bool, now: Instant) {
        let turn = self.0.entry(join.code().id()).or_insert_with(|| Turn::first(false, now));
        let pause = (turn.pause * 5 / 4).min(if answered { ANSWERED } else { SILENT });
        *turn = Turn { due: now + pause, pause, silent: !answered };
    }

    /// All are asked for soon again: something came of one of them elsewhere.
    pub fn hurry(&mut self, now: Instant) {
        self.0.values_mut().for_each(|turn| *turn = Turn::first(turn.silent, now));
    }

    /// Whether nobody answered for it the last time.
    pub fn is_silent(&self, join: &Join) -> bool {
        self.0.get(&join.code().id()).is_some_and(|turn| turn.silent)
    }
}
