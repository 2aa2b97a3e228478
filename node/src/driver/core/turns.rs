//! Whose turn it is. Calls go before frames, since somebody waits for their answer; but a stranger at the door asks by calls too, and whoever
//! asks without end must not keep partners' frames out. So after a few it is the network's turn. Neither keeps out what is due by the clock:
//! once a second that goes before both.

use std::time::{Duration, Instant};

/// Calls, each with those behind it that share its commit, until a frame that waits has its turn.
const CALLS: usize = 4;

/// How long what is due by the clock waits behind calls and frames at most.
const CLOCK: Duration = Duration::from_secs(1);

/// Counts calls since it was last the network's turn, and minds when it was last the clock's.
#[derive(Debug)]
pub struct Turns {
    calls: usize,
    clock: Instant,
}

impl Turns {
    pub const fn since(now: Instant) -> Self {
        Self { calls: 0, clock: now }
    }

    /// A call was taken.
    pub const fn called(&mut self) {
        self.calls = self.calls.saturating_add(1);
    }

    /// Whether what is due by the clock comes first now, if something is.
    pub fn is_clocks(&mut self, due: bool, now: Instant) -> bool {
        let first = due && now.duration_since(self.clock) >= CLOCK;
        if first {
            self.clock = now;
        }
        first
    }

    /// Whether what waits of the network comes first now; then calls are counted anew.
    pub const fn is_networks(&mut self) -> bool {
        let due = self.calls >= CALLS;
        if due {
            self.calls = 0;
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_calls_without_end_leaves_every_fifth_turn_to_the_network() {
        let mut turns = Turns::since(Instant::now());
        let mut order = String::new();
        for _ in 0..12 {
            if turns.is_networks() {
                order.push('n');
            } else {
                turns.called();
                order.push('c');
            }
        }
        assert_eq!(order, "ccccnccccncc");
    }

    #[test]
    fn what_is_due_goes_before_calls_and_frames_once_a_second_and_no_more() {
        let began = Instant::now();
        let mut turns = Turns::since(began);
        let at = |millis| began + Duration::from_millis(millis);
        let first: Vec<u64> = (0..30).map(|n| n * 100).filter(|millis| turns.is_clocks(true, at(*millis))).collect();
        assert_eq!(first, [1_000, 2_000]);
        assert!(!turns.is_clocks(false, at(9_000)));
        assert!(turns.is_clocks(true, at(9_000)));
    }
}
