//! Days as measures count them: day 0 to day 7 are "7 days".

use super::*;
use crate::time::{HOUR, MINUTE};

/// 2026-11-01 00:00 UTC.
const START: Time = Time(1_793_491_200_000);
const UTC: Days = Days { offset_minutes: 0 };
const PACIFIC: Days = Days { offset_minutes: -8 * 60 };

#[test]
fn seven_days_are_eight_counted_days() {
    assert_eq!(START.date(), "2026-11-01");
    let late = START.plus(23 * HOUR + 59 * MINUTE);
    for start in [START, late] {
        assert!(UTC.within(start, start, 7), "the day itself counts");
        assert!(UTC.within(start, START.plus(8 * DAY - 1), 7), "the last minute of day 7");
        assert!(!UTC.within(start, START.plus(8 * DAY), 7), "day 8");
    }
    assert!(!UTC.within(late, Time(START.0 - 1), 7), "the day before");
}

#[test]
fn a_day_begins_at_midnight_where_the_person_is() {
    // 17:00 on 31 October in Los Angeles is 1 November in Greenwich.
    let evening = Time(START.0 + HOUR);
    assert_eq!(PACIFIC.number(evening) + 1, UTC.number(evening));
    let last = START.plus(8 * DAY + HOUR);
    assert_eq!((PACIFIC.after(START.plus(9 * HOUR), last), UTC.after(START.plus(9 * HOUR), last)), (Some(7), Some(8)));
}

#[test]
fn the_watch_is_the_day_of_release_and_fourteen_days_after_it() {
    let watched = |now: Time| UTC.watched(START.plus(15 * HOUR), now);
    assert_eq!(watched(Time(START.0 - 1)), None, "before the day");
    assert_eq!(watched(START), Some(0));
    assert_eq!(watched(START.plus(15 * DAY - 1)), Some(14));
    assert_eq!(watched(START.plus(15 * DAY)), None);
}

#[test]
fn check_ins_are_due_on_the_days_that_retention_is_measured_at() {
    let days: Vec<u64> = Stage::ALL.iter().map(|(_, stage)| stage.days()).collect();
    assert_eq!(days, [0, 30, 90, 180]);
}
