//! Time zones: what the clock shows where something takes place.
//!
//! The system's own table is asked first, since it is kept up to date; a machine without one goes by the table in the program. What is
//! typed is a time on the wall of that place. One that does not come there, or comes twice, is refused: nobody guesses when a person is
//! expected. Who reads it needs no table, since the offset goes along ([`Zone`]).

use crate::api::{Failure, Outcome};
use crate::system;
use belay_protocol::time::{Time, Zone};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::temporal::{Pieces, PiecesOffset};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use std::ffi::OsStr;

/// Where something takes place: of the zone by its name, or here.
///
/// # Errors
/// No zone has that name.
pub fn named(name: Option<&str>) -> Outcome<TimeZone> {
    match name.map(str::trim).filter(|name| !name.is_empty()) {
        None => Ok(TimeZone::system()),
        Some(name) => TimeZone::get(name).map_err(|_| {
            Failure::misuse(format!("no time zone is called {}", name.escape_default())).next(
                "a zone by its place, such as America/New_York, America/Chicago, America/Denver, America/Phoenix or America/Los_Angeles",
            )
        }),
    }
}

/// From what was typed, a day and a time of day on the clocks of the zone or RFC 3339 with an offset: the instant.
///
/// # Errors
/// A day alone, no time at all, a time that does not come there or comes twice.
fn instant(text: &str, zone: &TimeZone) -> Outcome<Time> {
    let text = system::typed(text);
    if text.len() == "YYYY-MM-DD".len() {
        return Err(Failure::misuse("that is a day: say at what time as well, such as 2026-11-24T10:00"));
    }
    if let Ok(exact) = Time::parse(&text) {
        return Ok(exact);
    }
    let wrong = || Failure::misuse("not a time: a day and a time by the clock of the place, such as 2026-11-24T10:00");
    // A zone in brackets would be passed over in silence.
    let civil: DateTime = text.parse().ok().filter(|_| !text.contains('[')).ok_or_else(wrong)?;
    let clock = civil.strftime("%Y-%m-%d %H:%M");
    let place = zone.iana_name().unwrap_or("this place");
    match zone.to_ambiguous_timestamp(civil).offset() {
        AmbiguousOffset::Unambiguous { offset } => time(civil, offset).ok_or_else(wrong),
        AmbiguousOffset::Gap { before, after } => {
            let then =
                time(civil, before).and_then(stamp).map(|then| after.to_datetime(then).strftime("%H:%M").to_string());
            Err(Failure::misuse(format!("{clock} does not come in {place}: clocks are put forward over it that day"))
                .next(format!("a time that comes, such as {}", then.unwrap_or_default())))
        }
        AmbiguousOffset::Fold { before, after } => {
            let typed = civil.strftime("%Y-%m-%dT%H:%M");
            Err(Failure::misuse(format!("{clock} comes twice in {place}: clocks are put back over it that day")).next(
                format!("the first is {typed}{}, the second {typed}{}; or another time", off(before), off(after)),
            ))
        }
    }
}

/// The instant that was typed, and the clocks where it takes place: of the zone by its name, else of the offset that was typed, else here.
///
/// # Errors
/// As [`named`] and [`instant`]; a time on a wall of which nobody said where it is, on a machine that goes by no place's clock.
pub fn typed(text: &str, name: Option<&str>) -> Outcome<(Time, Zone)> {
    let zone = named(name)?;
    let instant = instant(text, &zone)?;
    let offset = Pieces::parse(&system::typed(text)).ok().and_then(|pieces| pieces.offset());
    let zone = match offset {
        Some(PiecesOffset::Numeric(typed)) if name.is_none() => {
            let here = stamp(instant).map(|instant| zone.to_offset(instant));
            if here == Some(typed.offset()) { zone } else { TimeZone::fixed(typed.offset()) }
        }
        None if name.is_none() && is_nowhere(&zone) => {
            return Err(Failure::misuse(
                "this machine goes by the clock of no place: say the time zone of the place as well",
            )
            .next("the command again with --zone, such as --zone America/Chicago"));
        }
        _ => zone,
    };
    Ok((instant, at(instant, &zone)))
}

/// Whether it is the zone of a machine that knows none, or of a server.
fn is_nowhere(zone: &TimeZone) -> bool {
    zone.is_unknown() || matches!(zone.iana_name(), Some("UTC" | "Etc/UTC"))
}

/// What is wrong where this machine goes by the clock of no place, and what to type. `tz`: of the environment; `zone`: what the system says,
/// if anything. UTC that the environment names is meant.
#[must_use]
pub fn unplaced(tz: Option<&OsStr>, zone: Option<&TimeZone>) -> Option<(&'static str, &'static str)> {
    let named = tz.is_some_and(|name| !name.is_empty());
    match zone {
        Some(_) if named => None,
        Some(zone) if !is_nowhere(zone) => None,
        None if named => Some((
            "TZ names a time zone that is not known on this machine, so that all times and last days are those of UTC",
            "a zone's name as in TZ=America/Chicago, and the package tzdata; then start the node again",
        )),
        Some(_) | None => Some((
            "this machine goes by UTC, and nobody said that it should: all times and the last days of consents are those of UTC, and who \
             makes an appointment is asked for its zone",
            "timedatectl set-timezone America/Chicago, or TZ=America/Chicago in the node's environment (TZ=UTC, if that is meant); then start \
             the node again",
        )),
    }
}

/// How the clocks of a zone stand at an instant.
#[must_use]
pub fn at(at: Time, zone: &TimeZone) -> Zone {
    let seconds = stamp(at).map_or(0, |stamp| zone.to_offset(stamp).seconds());
    let name = zone.iana_name().unwrap_or_default().to_owned();
    let zone = Zone { name: name.into(), offset_minutes: i16::try_from(seconds / 60).unwrap_or(0) };
    // A machine may call its zone by whatever file it has.
    if zone.check().is_ok() { zone } else { Zone { name: Box::default(), ..zone } }
}

/// The zone here, by name; empty where the machine knows none.
#[must_use]
pub fn here() -> String {
    at(system::now(), &TimeZone::system()).name.into()
}

fn time(civil: DateTime, offset: Offset) -> Option<Time> {
    let stamp = offset.to_timestamp(civil).ok()?;
    u64::try_from(stamp.as_millisecond()).ok().map(Time)
}

fn stamp(at: Time) -> Option<Timestamp> {
    i64::try_from(at.0).ok().and_then(|millis| Timestamp::from_millisecond(millis).ok())
}

/// `-05:00`.
fn off(offset: Offset) -> String {
    let minutes = i16::try_from(offset.seconds() / 60).unwrap_or(0);
    Zone { name: Box::default(), offset_minutes: minutes }.offset().trim_start_matches("UTC").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chicago() -> TimeZone {
        named(Some("America/Chicago")).expect("every machine knows it")
    }

    #[test]
    fn the_program_knows_zones_where_the_machine_has_no_table() {
        let bundled = jiff::tz::TimeZoneDatabase::bundled();
        let zone = bundled.get("America/Chicago").expect("in the program");
        let noon = Time::parse("2027-07-01T17:00:00Z").unwrap();
        assert_eq!(at(noon, &zone), Zone { name: "America/Chicago".into(), offset_minutes: -300 });
        assert!(named(Some("Mars/Base")).is_err_and(|why| why.message.contains("no time zone is called Mars/Base")));
    }

    #[test]
    fn a_machine_that_goes_by_the_clock_of_no_place_says_so_unless_that_is_meant() {
        let said = |tz: Option<&str>, zone: Option<&TimeZone>| unplaced(tz.map(OsStr::new), zone);
        let nowhere = [TimeZone::UTC, TimeZone::unknown()];
        for zone in nowhere.iter().map(Some).chain([None]) {
            for tz in [None, Some("")] {
                let (sentence, next) = said(tz, zone).expect("nobody said where it is");
                assert!(sentence.contains("UTC") && next.contains("TZ=America/Chicago"), "{sentence}: {next}");
            }
        }
        assert_eq!(said(None, Some(&chicago())), None);
        assert_eq!(said(Some("UTC"), Some(&TimeZone::UTC)), None, "it is meant");
        assert_eq!(said(Some("CST6"), Some(&TimeZone::fixed(Offset::constant(-6)))), None);
        assert!(said(Some("Mars/Base"), None).is_some_and(|(sentence, _)| sentence.starts_with("TZ names")));
    }

    #[test]
    fn a_time_on_the_wall_of_the_place_is_one_instant_and_a_day_alone_is_none() {
        let ten = Time::parse("2026-11-24T10:00:00-06:00").unwrap();
        for typed in ["2026-11-24T10:00", "2026-11-24 10:00", "11/24/2026 10:00", "2026-11-24T11:00:00-05:00"] {
            assert_eq!(instant(typed, &chicago()).ok(), Some(ten), "{typed}");
        }
        let refused = |typed: &str| instant(typed, &chicago()).expect_err("no time");
        assert!(refused("2026-11-24").message.contains("that is a day"));
        for wrong in ["soon", "", "2026-13-01T10:00", "1950-01-01T10:00", "2026-11-24T10:00[America/New_York]"] {
            assert!(refused(wrong).message.starts_with("not a time"), "{wrong}");
        }
    }

    #[test]
    fn what_a_change_of_clocks_leaves_out_or_repeats_is_refused_with_what_to_type() {
        let gap = instant("2027-03-14T02:30", &chicago()).expect_err("it does not come");
        assert_eq!(
            gap.message,
            "2027-03-14 02:30 does not come in America/Chicago: clocks are put forward over it that day"
        );
        assert_eq!(gap.next.as_deref(), Some("a time that comes, such as 03:30"));
        let fold = instant("2026-11-01T01:30", &chicago()).expect_err("it comes twice");
        assert_eq!(
            fold.message,
            "2026-11-01 01:30 comes twice in America/Chicago: clocks are put back over it that day"
        );
        let next = fold.next.expect("both");
        assert_eq!(next, "the first is 2026-11-01T01:30-05:00, the second 2026-11-01T01:30-06:00; or another time");
        let [first, second] = ["2026-11-01T01:30-05:00", "2026-11-01T01:30-06:00"].map(|typed| {
            let at = instant(typed, &chicago()).expect("said which");
            (at, super::at(at, &chicago()).offset_minutes)
        });
        assert_eq!((second.0.since(first.0), first.1, second.1), (belay_protocol::time::HOUR, -300, -360));
        assert!(instant("2026-11-01T00:59", &chicago()).is_ok() && instant("2026-11-01T02:00", &chicago()).is_ok());
    }
}
