//! From one day to another, as measures count them (HEDIS): "7 days (8 total)" is day 0 to day 7, both counted.

use crate::time::{DAY, MINUTE, Time};

/// Days of watch after a release or discharge: the two weeks in which an overdose is most likely.
pub const WATCH: u64 = 14;

/// Calendar days of one place on earth: a day begins at midnight there, and not at midnight in Greenwich.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Days {
    /// East of Greenwich.
    pub offset_minutes: i32,
}

impl Days {
    /// The number of the day on which this time falls.
    #[must_use]
    pub const fn number(self, time: Time) -> u64 {
        let shift = MINUTE * (self.offset_minutes.unsigned_abs() as u64);
        let local = if self.offset_minutes < 0 { time.0.saturating_sub(shift) } else { time.0.saturating_add(shift) };
        local / DAY
    }

    /// Days from `start` to `time`; 0 on the same day. `None`: `time` lies on a day before.
    #[must_use]
    pub const fn after(self, start: Time, time: Time) -> Option<u64> {
        self.number(time).checked_sub(self.number(start))
    }

    /// The moment at which day `day` of `start` begins.
    #[must_use]
    pub const fn begin(self, start: Time, day: u64) -> Time {
        let shift = MINUTE * (self.offset_minutes.unsigned_abs() as u64);
        let midnight = (self.number(start) + day) * DAY;
        if self.offset_minutes < 0 { Time(midnight + shift) } else { Time(midnight.saturating_sub(shift)) }
    }

    /// The moment at which day `day` of `start` is over.
    #[must_use]
    pub const fn end(self, start: Time, day: u64) -> Time {
        self.begin(start, day + 1)
    }

    /// Whether `time` falls on day 0 to day `days` of `start`.
    #[must_use]
    pub const fn within(self, start: Time, time: Time, days: u64) -> bool {
        matches!(self.after(start, time), Some(day) if day <= days)
    }

    /// On which day of the watch after somebody left on `on` we are `now`. `None`: not in it.
    #[must_use]
    pub const fn watched(self, on: Time, now: Time) -> Option<u64> {
        match self.after(on, now) {
            Some(day) if day <= WATCH => Some(day),
            Some(_) | None => None,
        }
    }
}
