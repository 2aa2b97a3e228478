//! The system's clock and randomness, as the protocol takes them; and days as people count them where this machine stands.
//!
//! What a person signs until a day, that day included, ends at the midnight after it on the clock here. It is made an instant where it
//! is typed, so that every node folds it alike.

use belay_protocol::random::Random;
use belay_protocol::time::{DAY, Local, NotATime, Time, Zone};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

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

/// A point in time by two clocks. The steady one never jumps but stands still while a machine sleeps; the wall clock goes on
/// but may be set. What lasts a while has ended as soon as either says so.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    pub steady: std::time::Instant,
    pub wall: std::time::SystemTime,
}

impl Moment {
    #[must_use]
    pub fn now() -> Self {
        Self { steady: std::time::Instant::now(), wall: std::time::SystemTime::now() }
    }

    /// The longer of the two times since `earlier`.
    #[must_use]
    pub fn since(self, earlier: Self) -> std::time::Duration {
        let wall = self.wall.duration_since(earlier.wall).unwrap_or_default();
        self.steady.saturating_duration_since(earlier.steady).max(wall)
    }

    /// The same moment so much later, by both clocks.
    #[must_use]
    pub fn plus(self, time: std::time::Duration) -> Self {
        Self { steady: self.steady + time, wall: self.wall + time }
    }
}

/// Seconds to add to what the system's clock says, in debug builds only: tests run nodes whose clocks are wrong.
#[cfg(debug_assertions)]
pub const CLOCK_VARIABLE: &str = "BELAY_TEST_CLOCK";

/// What the system's clock says; 1970 for clocks before it.
#[must_use]
pub fn now() -> Time {
    Time(u64::try_from(Timestamp::now().as_millisecond().saturating_add(astray())).unwrap_or(0))
}

/// How days are counted where this machine stands, at that time of the year.
#[must_use]
pub fn days(at: Time) -> belay_protocol::referral::Days {
    let offset = stamp(at).map_or(0, |stamp| TimeZone::system().to_offset(stamp).seconds());
    belay_protocol::referral::Days { offset_minutes: offset / 60 }
}

/// What the clock on the wall here shows at that instant. Of midnight in a night in which clocks are put forward at midnight: what
/// they showed before.
#[must_use]
pub fn local(at: Time) -> Local {
    local_in(at, &TimeZone::system())
}

fn local_in(at: Time, zone: &TimeZone) -> Local {
    let on = |at: Time, clock: Time| {
        let seconds = stamp(clock).map_or(0, |clock| zone.to_offset(clock).seconds());
        Local { at, offset_minutes: i16::try_from(seconds / 60).unwrap_or(0) }
    };
    let (then, before) = (on(at, at), on(at, Time(at.0.saturating_sub(1))));
    if before.begins_a_day() && !then.begins_a_day() { before } else { then }
}

/// `2026-11-24 10:00 -06:00`, as people here read a time.
#[must_use]
pub fn written(at: Time) -> String {
    local(at).exactly()
}

/// `2026-11-24 10:00 -06:00 America/Chicago`, by the clock where something takes place; with what the clock here shows then, where that is
/// something else.
#[must_use]
pub fn there(at: Time, zone: &Zone) -> String {
    let (there, here) = (zone.clock(at), local(at));
    let whole = format!("{} {}", there.exactly(), zone.name);
    let whole = whole.trim();
    if there.offset_minutes == here.offset_minutes {
        whole.to_owned()
    } else {
        format!("{whole} (here {})", here.exactly())
    }
}

/// The calendar day here on which that instant lies, `YYYY-MM-DD`.
#[must_use]
pub fn day(at: Time) -> String {
    local(at).wall().date()
}

/// The day here on which that instant lies, as a date that nobody's clock belongs to.
#[must_use]
pub fn date(at: Time) -> Time {
    let wall = local(at).wall();
    Time(wall.0 - wall.0 % DAY)
}

/// A date as people here type one, `3/14/1988` (month, day, year), as `1988-03-14`, with the time of day behind it, if one is there. Whatever
/// is no such date stays as it is.
#[must_use]
pub fn typed(text: &str) -> String {
    let text = text.trim();
    let (day, rest) = text.split_at(text.find([' ', 'T']).unwrap_or(text.len()));
    let mut parts = day.split('/');
    let mut part = |most: usize| {
        let part = parts.next().filter(|part| part.len() <= most && part.bytes().all(|b| b.is_ascii_digit()));
        part.and_then(|part| part.parse::<i16>().ok())
    };
    let (month, day, year) = (part(2), part(2), part(4).filter(|year| *year > 999));
    let small = |number: Option<i16>| number.and_then(|number| i8::try_from(number).ok());
    let date = year.zip(small(month)).zip(small(day)).and_then(|((year, month), day)| Date::new(year, month, day).ok());
    match (date, parts.next()) {
        (Some(date), None) => format!("{date}{rest}"),
        _ => text.to_owned(),
    }
}

/// From a day, or an instant: the date of it here, that nobody's clock belongs to.
///
/// # Errors
/// Neither of the two.
pub fn dated(text: &str) -> Result<Time, NotATime> {
    begin(text).map(date)
}

/// From a day, `YYYY-MM-DD` or as [`typed`]: when it begins where this machine stands. From RFC 3339: that instant; without an
/// offset: by the clock here.
///
/// # Errors
/// Neither of the two.
pub fn begin(text: &str) -> Result<Time, NotATime> {
    begin_in(text, &TimeZone::system())
}

/// From a day: when it is over where this machine stands, so that the day itself counts. From RFC 3339: that instant; without an
/// offset: by the clock here.
///
/// # Errors
/// Neither of the two.
pub fn end(text: &str) -> Result<Time, NotATime> {
    end_in(text, &TimeZone::system())
}

/// When a day begins on the clocks of a zone.
#[must_use]
pub fn begins(day: Date, zone: &TimeZone) -> Option<Time> {
    let start = day.to_zoned(zone.clone()).ok()?.timestamp().as_millisecond();
    u64::try_from(start).ok().map(Time)
}

fn begin_in(text: &str, zone: &TimeZone) -> Result<Time, NotATime> {
    read_in(text, zone, |day| begins(day, zone))
}

fn end_in(text: &str, zone: &TimeZone) -> Result<Time, NotATime> {
    read_in(text, zone, |day| day.tomorrow().ok().and_then(|next| begins(next, zone)))
}

/// A day as `day` takes it, RFC 3339, or a day and a time of day on the clocks of the zone.
fn read_in(text: &str, zone: &TimeZone, day: impl Fn(Date) -> Option<Time>) -> Result<Time, NotATime> {
    let text = typed(text);
    if text.len() == "YYYY-MM-DD".len() {
        return text.parse().ok().and_then(day).ok_or(NotATime);
    }
    Time::parse(&text).or_else(|error| {
        let civil: DateTime = text.parse().map_err(|_| error)?;
        let stamp = civil.to_zoned(zone.clone()).map_err(|_| error)?.timestamp();
        u64::try_from(stamp.as_millisecond()).map(Time).map_err(|_| error)
    })
}

fn stamp(at: Time) -> Option<Timestamp> {
    i64::try_from(at.0).ok().and_then(|millis| Timestamp::from_millisecond(millis).ok())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(rule: &str) -> TimeZone {
        TimeZone::posix(rule).unwrap()
    }

    #[test]
    fn a_day_begins_and_is_over_at_the_midnights_of_the_place_and_not_of_greenwich() {
        let central = zone("CST6CDT,M3.2.0,M11.1.0");
        let at = |text: &str| Time::parse(text).unwrap();
        assert_eq!(end_in("2026-12-31", &central), Ok(at("2027-01-01T06:00:00Z")));
        assert_eq!(
            end_in("2027-06-30", &central),
            Ok(at("2027-07-01T05:00:00Z")),
            "by summer time, whenever it is written"
        );
        assert_eq!(begin_in("2026-12-31", &central), Ok(at("2026-12-31T06:00:00Z")));
        assert_eq!(end_in("2026-11-01", &central), Ok(at("2026-11-02T06:00:00Z")), "a day of 25 hours");
        assert_eq!(end_in("2026-12-31", &zone("<+09>-9")), Ok(at("2026-12-31T15:00:00Z")));
        let exact = "2026-12-31T17:00:00-06:00";
        assert_eq!((begin_in(exact, &central), end_in(exact, &central)), (Ok(at(exact)), Ok(at(exact))));
        assert_eq!(begin_in("2026-12-31 17:00", &central), Ok(at(exact)), "a time of day is one of the place");
        assert!(Time::parse("2026-12-31T17:00").is_err(), "and of no place it is none");
        for wrong in ["", "soon", "2026-13-01", "2026-12-31 27:00", "1950-01-01"] {
            assert!(begin_in(wrong, &central).is_err() && end_in(wrong, &central).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_date_may_be_typed_as_people_here_write_one() {
        for (given, date) in [
            ("3/14/1988", "1988-03-14"),
            (" 03/04/1988 ", "1988-03-04"),
            ("12/31/2026 17:00", "2026-12-31 17:00"),
            ("12/31/2026T17:00", "2026-12-31T17:00"),
            ("1988-03-14", "1988-03-14"),
            ("1988", "1988"),
        ] {
            assert_eq!(typed(given), date);
        }
        for none in ["14/3/1988", "2/30/1988", "3/14/88", "3/14", "3/14/1988/2", "+3/14/1988", "//", "", "no / yes"] {
            assert_eq!(typed(none), none, "not taken for a date");
        }
        let central = zone("CST6CDT,M3.2.0,M11.1.0");
        assert_eq!(begin_in("12/31/2026", &central), begin_in("2026-12-31", &central));
        assert_eq!(begin_in("12/31/2026 17:00", &central), begin_in("2026-12-31T17:00", &central));
        assert!(begin_in("13/31/2026", &central).is_err());
    }

    #[test]
    fn what_ends_with_a_day_says_that_day_wherever_it_is_read() {
        for rule in ["UTC0", "CST6CDT,M3.2.0,M11.1.0", "<+09>-9", "<-0330>3:30", "<-03>3<-02>,M10.3.0/0,M2.3.0/0"] {
            let zone = zone(rule);
            for day in ["2026-03-07", "2026-07-31", "2026-10-17", "2026-10-31", "2026-12-31"] {
                let end = local_in(end_in(day, &zone).unwrap(), &zone);
                assert!(end.begins_a_day(), "{rule} {day}");
                assert_eq!(end.until_words(), day, "{rule}");
            }
        }
        let noon = local_in(Time::parse("2026-12-31T18:00:00Z").unwrap(), &zone("CST6"));
        assert_eq!(noon.until_words(), "2026-12-31 12:00 -06:00");
    }
}
