//! A disk that loses what was not synced.

use super::rng::Rng;
use belay_protocol::store::{Memory, Write};

/// A store in memory and what of it would survive a power cut.
#[derive(Clone, Default)]
pub struct Disk {
    /// What the running program sees.
    pub live: Memory,
    safe: Memory,
    /// Commits since the last sync, oldest first.
    tail: Vec<Vec<Write>>,
}

impl Disk {
    pub fn from(memory: Memory) -> Self {
        Self { live: memory.clone(), safe: memory, tail: Vec::new() }
    }

    pub fn commit(&mut self, writes: Vec<Write>, durable: bool) {
        if !writes.is_empty() {
            self.live.commit(writes.clone());
            self.tail.push(writes);
        }
        if durable {
            self.sync();
        }
    }

    /// The program ends in order.
    pub fn sync(&mut self) {
        for writes in self.tail.drain(..) {
            self.safe.commit(writes);
        }
    }

    /// The power goes: some of the unsynced commits had reached the disk, in order.
    pub fn crash(&mut self, rng: &mut Rng) -> usize {
        let kept = rng.below(self.tail.len() + 1);
        let lost = self.tail.len() - kept;
        for writes in self.tail.drain(..).take(kept) {
            self.safe.commit(writes);
        }
        self.live = self.safe.clone();
        lost
    }
}
