//! Time as an argument. Nothing in this crate asks a clock.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Milliseconds since 1970-01-01 00:00 UTC, leap seconds ignored. What an entry carries is its author's claim.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
pub struct Time(pub u64);

/// One second in the unit of [`Time`].
pub const SECOND: u64 = 1_000;
/// One minute.
pub const MINUTE: u64 = 60 * SECOND;
/// One hour.
pub const HOUR: u64 = 60 * MINUTE;
/// One day of 24 hours.
pub const DAY: u64 = 24 * HOUR;

impl Time {
    /// The time `millis` later; stops at the largest value.
    #[must_use]
    pub const fn plus(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Milliseconds since `earlier`; zero if it is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// RFC 3339 in UTC with whole seconds; years past 9999 show as the raw number.
    #[must_use]
    pub fn rfc3339(self) -> String {
        i64::try_from(self.0)
            .ok()
            .and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok())
            .map_or_else(|| self.0.to_string(), |t| t.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
    }

    /// The calendar day in UTC, `YYYY-MM-DD`.
    #[must_use]
    pub fn date(self) -> String {
        self.rfc3339().chars().take(10).collect()
    }

    /// From `YYYY-MM-DD` (its first instant in UTC), or RFC 3339 with an offset.
    ///
    /// # Errors
    /// [`NotATime`] with what was expected.
    pub fn parse(text: &str) -> Result<Self, NotATime> {
        let text = text.trim();
        let stamp = match text.parse::<jiff::Timestamp>() {
            Ok(stamp) => stamp,
            Err(_) => text
                .parse::<jiff::civil::Date>()
                .and_then(|d| d.to_zoned(jiff::tz::TimeZone::UTC))
                .map_err(|_| NotATime)?
                .timestamp(),
        };
        u64::try_from(stamp.as_millisecond()).map(Self).map_err(|_| NotATime)
    }
}

/// A text that should be a time is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a time: expected YYYY-MM-DD or RFC 3339 such as 2026-11-24T10:00:00-06:00, after 1970")]
pub struct NotATime;

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}
