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

    /// From `YYYY-MM-DD` (its first instant in UTC: a date that nobody's clock belongs to, such as the one under a signature), or RFC 3339
    /// with an offset.
    ///
    /// # Errors
    /// [`NotATime`] with what was expected.
    pub fn parse(text: &str) -> Result<Self, NotATime> {
        let text = text.trim();
        let stamp = match text.parse::<jiff::Timestamp>() {
            Ok(stamp) => stamp,
            // A time of day without an offset is no date, and nobody's clock says which instant it is.
            Err(_) if text.len() != "YYYY-MM-DD".len() => return Err(NotATime),
            Err(_) => text
                .parse::<jiff::civil::Date>()
                .and_then(|d| d.to_zoned(jiff::tz::TimeZone::UTC))
                .map_err(|_| NotATime)?
                .timestamp(),
        };
        u64::try_from(stamp.as_millisecond()).map(Self).map_err(|_| NotATime)
    }
}

/// An instant with what a clock on the wall showed then, so that every node says the same day of it, wherever it stands itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Local {
    pub at: Time,
    /// How far that clock was ahead of UTC.
    pub offset_minutes: i16,
}

impl Local {
    /// An instant on a clock that shows UTC.
    #[must_use]
    pub const fn utc(at: Time) -> Self {
        Self { at, offset_minutes: 0 }
    }

    /// What that clock showed, as the instant at which a clock that shows UTC does.
    #[must_use]
    pub const fn wall(self) -> Time {
        let shift = MINUTE * (self.offset_minutes.unsigned_abs() as u64);
        Time(if self.offset_minutes < 0 { self.at.0.saturating_sub(shift) } else { self.at.0.saturating_add(shift) })
    }

    /// Whether a day begins with it.
    #[must_use]
    pub const fn begins_a_day(self) -> bool {
        self.wall().0.is_multiple_of(DAY)
    }

    /// Of something that ends with this instant: what the clock shows in its last day, as [`Local::wall`].
    #[must_use]
    pub const fn last(self) -> Time {
        if self.begins_a_day() { Time(self.wall().0.saturating_sub(1)) } else { self.wall() }
    }

    /// From when on: the day or, within one, the day and the time of day.
    #[must_use]
    pub fn from_words(self) -> String {
        if self.begins_a_day() { self.wall().date() } else { self.exactly() }
    }

    /// Until when: the last day, itself included, or, where it ends within one, the day and the time of day.
    #[must_use]
    pub fn until_words(self) -> String {
        if self.begins_a_day() { self.last().date() } else { self.exactly() }
    }

    /// `2026-12-31 17:00 -06:00`.
    #[must_use]
    pub fn exactly(self) -> String {
        let wall: String = self.wall().rfc3339().chars().take(16).collect();
        let (sign, off) = (if self.offset_minutes < 0 { '-' } else { '+' }, self.offset_minutes.unsigned_abs());
        format!("{} {sign}{:02}:{:02}", wall.replace('T', " "), off / 60, off % 60)
    }

    /// Whether some place on earth could have such a clock.
    ///
    /// # Errors
    /// `Malformed`: a day or more from UTC.
    pub fn check(self) -> crate::fault::Result<()> {
        if u32::from(self.offset_minutes.unsigned_abs()) >= crate::limits::OFFSET_MINUTES {
            return Err(crate::fault::Fault::malformed("a time on a clock that is a day or more from UTC"));
        }
        Ok(())
    }
}

/// How the clocks at a place stand to the world's at one instant, and by what name the place's time zone goes: who reads it needs no table
/// of zones, and shows what the clock on that wall shows.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Zone {
    /// By IANA, such as `America/Chicago`; empty where its author's machine knows none.
    pub name: Box<str>,
    /// How far the clocks there are ahead of UTC at that instant.
    pub offset_minutes: i16,
}

impl Zone {
    /// What the clock there shows at that instant.
    #[must_use]
    pub const fn clock(&self, at: Time) -> Local {
        Local { at, offset_minutes: self.offset_minutes }
    }

    /// `UTC-06:00`.
    #[must_use]
    pub fn offset(&self) -> String {
        format!("UTC{}", self.clock(Time(DAY)).exactly().rsplit(' ').next().unwrap_or_default())
    }

    /// Whether it could be one of the names of IANA's table (letters, digits, `_`, `+`, `-`, in parts of which no one is longer than 32), or
    /// none, and some place could have such a clock.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn check(&self) -> crate::fault::Result<()> {
        let part = |part: &str| {
            let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '-');
            !part.is_empty() && part.len() <= 32 && part.chars().all(fits)
        };
        if !self.name.is_empty() && (self.name.split('/').count() > 3 || !self.name.split('/').all(part)) {
            return Err(crate::fault::Fault::malformed("the name of a time zone"));
        }
        self.clock(Time::default()).check()
    }
}

/// A text that should be a time is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a time: expected a day, YYYY-MM-DD (where people type it also M/D/YYYY), or RFC 3339 such as 2026-11-24T10:00:00-06:00, after 1970"
)]
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
