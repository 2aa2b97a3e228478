//! A calendar day as people read it.

use super::{Lang, words::fill};
use belay_protocol::time::{Local, Time};

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(jiff::civil::Date);

impl Day {
    /// The day of a date that was given without a time, such as the date under a signature.
    #[must_use]
    pub fn written(time: Time) -> Self {
        Self::local(time, &jiff::tz::TimeZone::UTC)
    }

    /// The day on which something was, where this machine stands.
    #[must_use]
    pub fn here(time: Time) -> Self {
        Self::local(time, &jiff::tz::TimeZone::system())
    }

    /// The day on which something was, where the clock of `zone` hangs.
    #[must_use]
    pub fn local(time: Time, zone: &jiff::tz::TimeZone) -> Self {
        let stamp = i64::try_from(time.0).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
        Self(stamp.unwrap_or(jiff::Timestamp::MAX).to_zoned(zone.clone()).date())
    }

    /// When something ends, as who wrote it down counts days: its last day or, where it ends within one, also the time of day.
    #[must_use]
    pub fn end(end: Local, [on, at]: [&str; 2], lang: Lang) -> String {
        let date = Self::written(end.last()).words(lang);
        if end.begins_a_day() {
            return fill(on, &[("date", &date)]);
        }
        let clock: String = end.exactly().chars().skip(11).collect();
        let (time, zone) = clock.split_once(' ').unwrap_or((&clock, ""));
        fill(at, &[("date", &date), ("time", &format!("{time} (UTC{zone})"))])
    }

    /// In words, such as `November 22, 2026`.
    #[must_use]
    pub fn words(self, lang: Lang) -> String {
        let month = usize::try_from(self.0.month()).unwrap_or(1).saturating_sub(1);
        let month = lang.words().months.split(' ').nth(month).unwrap_or_default();
        let (day, year) = (self.0.day().to_string(), self.0.year().to_string());
        fill(lang.words().date, &[("month", month), ("day", &day), ("year", &year)])
    }
}
