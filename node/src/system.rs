//! The system's clock and randomness, as the protocol takes them.

use belay_protocol::random::Random;
use belay_protocol::time::Time;

/// The operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

impl Random for System {
    /// # Panics
    /// The system has no randomness to give: no key made then would be one.
    fn fill(&mut self, out: &mut [u8]) {
        getrandom::fill(out).expect("the system gives random bytes");
    }
}

/// What the system's clock says; 1970 for clocks before it.
#[must_use]
pub fn now() -> Time {
    Time(u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or(0))
}
