//! Whether this machine's clock is set while the program runs.

use belay_protocol::time::Time;
use std::time::Instant;

/// The least setting that is told, in milliseconds. Less is how clocks are kept.
const LEAST: i64 = 1_000;

/// The clock on the wall beside one that only runs. What a machine slept through may be missing in the second: then the clock seems to
/// have been set, and whoever was linked says what it is when the links stand again.
#[derive(Debug)]
pub struct Watch {
    began: Instant,
    wall: Time,
    /// Of how much was told already.
    told: i64,
}

impl Watch {
    pub const fn new(began: Instant, wall: Time) -> Self {
        Self { began, wall, told: 0 }
    }

    /// By how many milliseconds the clock was set since this was told last, if it was; behind is negative.
    pub fn moved(&mut self, at: Instant, wall: Time) -> Option<i64> {
        let ran = i128::try_from(at.saturating_duration_since(self.began).as_millis()).unwrap_or(i128::MAX);
        let shown = i128::from(wall.0) - i128::from(self.wall.0);
        let off = i64::try_from(shown.saturating_sub(ran)).unwrap_or(i64::MAX);
        let by = off.saturating_sub(self.told);
        (by.saturating_abs() >= LEAST).then(|| {
            self.told = off;
            by
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn each_setting_of_the_clock_is_told_once_and_what_adds_up_is_told_too() {
        let (began, noon) = (Instant::now(), Time(1_000_000_000));
        let mut watch = Watch::new(began, noon);
        let mut look = |ran: u64, wall: u64| watch.moved(began + Duration::from_millis(ran), noon.plus(wall));
        assert_eq!(look(30_000, 30_000), None, "it runs");
        assert_eq!(look(60_000, 60_400), None, "it is kept");
        assert_eq!(look(90_000, 90_800), None);
        assert_eq!(look(120_000, 121_200), Some(1_200), "kept so, it was set");
        assert_eq!(look(120_001, 121_201), None, "told");
        assert_eq!(look(150_000, 86_550_000), Some(86_398_800), "a day ahead");
        assert_eq!(look(180_000, 180_000), Some(-86_400_000), "and back");
        let before = watch.moved(began + Duration::from_secs(200), Time(0));
        assert_eq!(before, Some(-1_000_200_000), "a clock that lost its battery");
    }
}
