//! What is done while nobody waits, in steps so small that whoever comes meanwhile hardly does: the store is tidied.

use super::Core;
use crate::system;
use belay_protocol::engine::Input;
use belay_protocol::fault::Result;
use std::time::{Duration, Instant};

/// How long after a commit nothing else was committed.
const QUIET: Duration = Duration::from_millis(100);

/// When to look whether there is something to tidy.
#[derive(Debug)]
pub(super) struct Idle(Option<Instant>);

impl Default for Idle {
    /// An earlier run may have left something.
    fn default() -> Self {
        Self(Some(Instant::now() + QUIET))
    }
}

impl Idle {
    /// Something was committed, so that there may be something soon.
    pub fn committed(&mut self) {
        self.0 = Some(Instant::now() + QUIET);
    }

    /// How long until then.
    pub fn wait(&self) -> Duration {
        self.0.map_or(Duration::MAX, |at| at.saturating_duration_since(Instant::now()))
    }
}

impl Core {
    /// Nobody came: what is due by the clock, or else a step of what was put off.
    pub(super) fn time(&mut self) {
        self.follow().unwrap_or_else(|fault| self.broken(&fault));
        if let Some((_, why)) = self.wake.filter(|(at, _)| *at <= system::now()) {
            tracing::debug!(reason = why, "woke");
            self.wake = None;
            self.input(Input::Tick);
        } else if self.idle.wait().is_zero() {
            // What fails is tried again after the next commit, and nothing is lost.
            let more = self.tidy().unwrap_or_else(|fault| {
                tracing::warn!(why = %fault.message, "the store was not tidied");
                false
            });
            self.idle.0 = more.then(Instant::now);
        }
    }

    /// One step of what was put off, in a transaction of its own: one that is open is ended first. Whether there is more.
    pub(in crate::driver) fn tidy(&mut self) -> Result<bool> {
        self.flush();
        self.store.tidy()
    }
}
