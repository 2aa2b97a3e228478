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

/// Seconds to add to what the system's clock says, in debug builds only: tests run nodes whose clocks are wrong.
#[cfg(debug_assertions)]
pub const CLOCK_VARIABLE: &str = "BELAY_TEST_CLOCK";

/// What the system's clock says; 1970 for clocks before it.
#[must_use]
pub fn now() -> Time {
    Time(u64::try_from(jiff::Timestamp::now().as_millisecond().saturating_add(astray())).unwrap_or(0))
}

/// How days are counted where this machine stands, at that time of the year.
#[must_use]
pub fn days(at: Time) -> belay_protocol::referral::Days {
    let stamp = i64::try_from(at.0).ok().and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok());
    let offset = stamp.map_or(0, |stamp| jiff::tz::TimeZone::system().to_offset(stamp).seconds());
    belay_protocol::referral::Days { offset_minutes: offset / 60 }
}

/// Milliseconds by which a test set the clock wrong.
#[cfg(debug_assertions)]
fn astray() -> i64 {
    static ASTRAY: std::sync::OnceLock<i64> = std::sync::OnceLock::new();
    *ASTRAY.get_or_init(|| {
        let seconds = std::env::var(CLOCK_VARIABLE).ok().and_then(|text| text.parse::<i64>().ok());
        seconds.unwrap_or(0).saturating_mul(1_000)
    })
}

#[cfg(not(debug_assertions))]
const fn astray() -> i64 {
    0
}
