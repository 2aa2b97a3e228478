//! How times, states and kinds read on pages.

use super::standing::{self, Side};
use crate::api::care::ThreadRow;
use crate::wording::Hint;
use belay_protocol::referral::Place;
use belay_protocol::referral::due::Timer;
use belay_protocol::time::{Time, Zone};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// A sentence without the commands that it names for the command line, ` (\`belay …\`)` or ` (\`--…\`)`: who reads a page types none.
#[must_use]
pub fn without_commands(text: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, from)) = rest.split_once(" (`") {
        out.push_str(before);
        let command = from.split_once("`)").filter(|(command, _)| {
            !command.contains('`') && (command.starts_with("belay ") || command.starts_with("--"))
        });
        rest = if let Some((_, after)) = command {
            after
        } else {
            out.push_str(" (`");
            from
        };
    }
    out + rest
}

/// Whether what comes next is something to be typed at a terminal.
#[must_use]
pub fn is_command(next: &str) -> bool {
    ["belay ", "--", "the command again", "@FILE"].iter().any(|mark| next.contains(mark))
}

/// `Tue 24 Nov 2026, 10:00`, on this machine's clock.
#[must_use]
pub fn when(time: Time) -> String {
    when_in(time, TimeZone::system())
}

/// The same with how the clock here stands to the world's.
#[must_use]
pub fn here(time: Time) -> String {
    format!("{} ({})", when(time), zone(time))
}

/// The same of something that people come together for, by the clock where it is; with what the clock here shows then, where that is
/// something else: a partner may stand on the other side of a line between time zones.
#[must_use]
pub fn meeting(time: Time, at: &Zone) -> String {
    let there = when_in(at.clock(time).wall(), TimeZone::UTC);
    let names: Vec<String> = [at.name.to_string(), at.offset()].into_iter().filter(|name| !name.is_empty()).collect();
    let there = format!("{there} ({})", names.join(", "));
    let here = crate::system::local(time);
    if here.offset_minutes == at.offset_minutes { there } else { format!("{there}; here {}", self::here(time)) }
}

fn when_in(time: Time, zone: TimeZone) -> String {
    i64::try_from(time.0)
        .ok()
        .and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok())
        .map_or_else(|| time.to_string(), |stamp| stamp.to_zoned(zone).strftime("%a %-d %b %Y, %H:%M").to_string())
}

/// What a `datetime-local` field sends, on this machine's clock. In the hour that a clock change repeats, the first is meant.
#[must_use]
pub fn local_time(text: &str) -> Option<Time> {
    local_time_in(text, TimeZone::system())
}

fn local_time_in(text: &str, zone: TimeZone) -> Option<Time> {
    let civil: DateTime = crate::system::typed(text).parse().ok()?;
    let stamp = civil.to_zoned(zone).ok()?.timestamp();
    u64::try_from(stamp.as_millisecond()).ok().map(Time)
}

/// `UTC-06:00`: how this machine's clock stands to the world's at that time.
#[must_use]
pub fn zone(time: Time) -> String {
    let clock = crate::system::written(time);
    format!("UTC{}", clock.rsplit(' ').next().unwrap_or_default())
}

/// What a `datetime-local` field is filled with.
#[must_use]
pub fn local_field(time: Time) -> String {
    i64::try_from(time.0)
        .ok()
        .and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok())
        .map_or_else(String::new, |stamp| stamp.to_zoned(TimeZone::system()).strftime("%Y-%m-%dT%H:%M").to_string())
}

/// Where a referral stands, for who reads it: a word or two.
#[must_use]
pub const fn place(place: Place, unanswerable: bool) -> &'static str {
    if unanswerable && !place.is_final() {
        return "Sent, no answer permitted";
    }
    match place {
        Place::Nothing => "Not sent",
        Place::Sent => "Waiting for an answer",
        Place::Accepted => "Accepted",
        Place::Scheduled => "Appointment made",
        Place::Missed => "Did not come",
        Place::AppointmentCancelled => "Appointment cancelled",
        Place::Attended => "Came to the appointment",
        Place::CancelRequested => "Withdrawal asked for",
        Place::Declined => "Declined",
        Place::Cancelled => "Withdrawn",
        Place::Completed => "Completed",
        Place::Failed => "Ended without services",
        Place::OnHold => "On hold",
        Place::Active => "Taken up again",
        Place::EnteredInError => "Sent in error",
    }
}

/// Where a referral stands, as a list or page of it says: of one that was on the way when the consent ended, that it has.
#[must_use]
pub fn standing(row: &ThreadRow) -> String {
    let place_of = standing::place(row);
    match &row.ended {
        Some(how) if !place_of.is_final() => format!("Ended: {how}"),
        None if row.suspended() => {
            let stands = place(place_of, !row.answerable && standing::side(row) == Side::Outgoing);
            format!("{stands}; suspended, the consent may be false")
        }
        _ => place(place_of, !row.answerable && standing::side(row) == Side::Outgoing).to_owned(),
    }
}

/// What comes next in it, for the side that reads it.
#[must_use]
pub fn next_of(row: &ThreadRow) -> &'static str {
    let (place, side) = (standing::place(row), standing::side(row));
    let asked = |timer| row.due.iter().any(|due| due.ours && due.timer == timer);
    let by_hand = row.due.iter().any(|due| due.ours && matches!(due.timer, Timer::ByHand { .. }));
    match (&row.ended, side) {
        (Some(_), _) if row.due.iter().any(|due| due.timer == Timer::Left) => "Telephone them, and write down why.",
        (Some(_), Side::Outgoing) if !place.is_final() => {
            "Nothing more is told to them or comes from them. You look after what comes next for the person, and write that down here."
        }
        (Some(_), Side::Incoming) if !place.is_final() => {
            "Nothing more is told to who sent it. The person may be yours all the same: what you write down stays here."
        }
        (None, _) if row.suspended() => {
            "Nothing is told in it until the privacy officer has said whether the consent is false, or has let it stand again."
        }
        _ if row.recipient.is_some() => NEXT_OF_TEAM,
        (None, Side::Incoming) if asked(Timer::Untold) => {
            "They do not know how it stands here, and the person lets you tell them. Do that first."
        }
        (None, Side::Incoming) if by_hand => {
            "What they know of the appointment, or of a rest, is not how it stands here, and the person lets you tell them. Say it again."
        }
        (None, Side::Incoming) if asked(Timer::Rehome) => {
            "It came to nothing here, and the sender may not be told. You look after what comes next for the person, and write that down here."
        }
        (None, Side::Outgoing) if asked(Timer::HandOver) => {
            "Nothing went to them yet. Print the letter and hand it over, or telephone and write down below what you told them."
        }
        (None, Side::Outgoing) if row.off_network && row.answerable && place == Place::Sent => {
            "They answer by telephone or letter: write down below what they say."
        }
        _ => next(place, side, !row.answerable),
    }
}

/// What comes next for who is in a team and neither sent nor was asked.
pub const NEXT_OF_TEAM: &str =
    "You are in the team. Who was referred to answers; you read what is yours, and write what you see.";

/// What comes next, for the side that reads it.
#[must_use]
pub const fn next(place: Place, side: Side, unanswerable: bool) -> &'static str {
    match (place, side) {
        (Place::EnteredInError, _) => "The sender says that it should not have been sent. Do not act on it.",
        (Place::Declined | Place::Cancelled | Place::Completed | Place::Failed, _) => {
            "This referral has ended. A second try is a new referral."
        }
        (_, Side::Outgoing) if unanswerable => {
            "The consent does not let them tell you what became of it. Ask the person."
        }
        (_, Side::Incoming) if unanswerable => "You may not tell the sender. What you record here stays with you.",
        (Place::Nothing, _) => "Nothing has arrived yet.",
        (Place::Sent, Side::Incoming) => "Accept or decline, so that the person and the sender know.",
        (Place::Sent, Side::Outgoing) => "They have yet to accept or decline.",
        (Place::OnHold, Side::Incoming) => "Take it up again when you can, or close it.",
        (Place::OnHold, Side::Outgoing) => "They put it on hold, and take it up again when they can.",
        (Place::Accepted | Place::Active, Side::Incoming) => "Make an appointment.",
        (Place::Accepted | Place::Active, Side::Outgoing) => "They will make an appointment.",
        (Place::Scheduled, Side::Incoming) => "After the appointment, record whether the person came.",
        (Place::Scheduled, Side::Outgoing) => "They will record whether the person came.",
        (Place::Missed, Side::Incoming) => "Reach out, and make a new appointment. A missed visit does not end care.",
        (Place::Missed, Side::Outgoing) => "Can you help to reach the person?",
        (Place::AppointmentCancelled, Side::Incoming) => "Make a new appointment, or close the referral.",
        (Place::AppointmentCancelled, Side::Outgoing) => "They will make a new appointment, or close the referral.",
        (Place::Attended, Side::Incoming) => "Close the referral when your part is done.",
        (Place::Attended, Side::Outgoing) => "They will close the referral when their part is done.",
        (Place::CancelRequested, Side::Incoming) => "The sender asked to withdraw. Confirm, or close with the outcome.",
        (Place::CancelRequested, Side::Outgoing) => "They have yet to confirm the withdrawal.",
    }
}

/// Before anything is sent: words that could put the person first.
#[must_use]
pub fn before(hints: &[Hint]) -> String {
    let said: Vec<String> = hints.iter().map(|hint| format!("instead of “{}”: {}", hint.word, hint.instead)).collect();
    format!(
        "Nothing was sent yet. Words that put the person first, {}. Change it above, or send it as it stands.",
        said.join("; ")
    )
}

/// What was done, with words that would put the person first. The words are those of the list, never more of what was written.
#[must_use]
pub fn hinted(told: &str, hints: &[Hint]) -> String {
    let said: Vec<String> = hints.iter().map(|hint| format!("instead of “{}”: {}", hint.word, hint.instead)).collect();
    match said.as_slice() {
        [] => told.to_owned(),
        said => format!("{told} A hint for the next time, {}.", said.join("; ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::care::DueView;
    use belay_protocol::referral::ByHand;

    #[test]
    fn a_local_time_reads_back_and_a_clock_change_takes_the_first() {
        let chicago = || TimeZone::get("America/Chicago").unwrap_or(TimeZone::UTC);
        let time = local_time_in("2026-11-24T10:00", chicago()).unwrap();
        assert_eq!(when_in(time, chicago()), "Tue 24 Nov 2026, 10:00");
        let twice = local_time_in("2026-11-01T01:30", chicago()).unwrap();
        assert_eq!(when_in(twice, chicago()), "Sun 1 Nov 2026, 01:30");
        for wrong in ["", "tomorrow", "2026-13-01T10:00", "1950-01-01T10:00"] {
            assert_eq!(local_time_in(wrong, chicago()), None, "{wrong}");
        }
        assert_eq!(when(Time(u64::MAX)), u64::MAX.to_string());
    }

    #[test]
    fn when_people_meet_is_said_by_the_clock_of_the_place_first_and_by_ours_where_that_is_another() {
        let at = Time::parse("2026-11-24T16:00:00Z").unwrap();
        let here = crate::system::local(at).offset_minutes;
        let ours = Zone { name: Box::default(), offset_minutes: here };
        assert_eq!(meeting(at, &ours), format!("{} ({})", when(at), zone(at)));
        let hours = if here == -360 { -300 } else { -360 };
        let theirs = Zone { name: "America/Chicago".into(), offset_minutes: hours };
        let (clock, offset) = if hours == -360 { ("10:00", "UTC-06:00") } else { ("11:00", "UTC-05:00") };
        let says = format!("Tue 24 Nov 2026, {clock} (America/Chicago, {offset}); here {} ({})", when(at), zone(at));
        assert_eq!(meeting(at, &theirs), says);
    }

    #[test]
    fn every_place_reads_on_both_sides() {
        for place_of in Place::ALL {
            for unanswerable in [false, true] {
                assert!(!place(place_of, unanswerable).is_empty());
                assert!(next(place_of, Side::Incoming, unanswerable).ends_with(['.', '?']));
                assert!(next(place_of, Side::Outgoing, unanswerable).ends_with(['.', '?']));
            }
        }
    }

    #[test]
    fn what_was_taken_back_on_the_way_reads_as_ended_and_never_as_waiting_for_an_answer() {
        let ended = Some("the person took the OK back".to_owned());
        for side in [Side::Incoming, Side::Outgoing] {
            for place_of in Place::ALL {
                let row = ThreadRow { ended: ended.clone(), ..standing::tests::row(side, place_of) };
                let (says, then) = (super::standing(&row), next_of(&row));
                assert_eq!(says == "Ended: the person took the OK back", !place_of.is_final(), "{says}");
                assert!(place_of.is_final() || then.contains("Nothing more is told"), "{then}");
            }
        }
    }

    fn due(timer: Timer, ours: bool) -> DueView {
        DueView {
            timer,
            ours,
            since: Time(0),
            by: Time(1),
            overdue: false,
            what: String::new(),
            next: String::new(),
            phone: None,
            steps: Vec::new(),
            say: None,
        }
    }

    #[test]
    fn what_went_on_here_untold_reads_as_the_next_thing_to_do_on_the_page_and_in_the_list() {
        for (timer, page, list) in [
            (Timer::Untold, "Do that first", "what was done here"),
            (Timer::ByHand { what: ByHand::Rests }, "Say it again", "say it again"),
        ] {
            let row = |ours| ThreadRow {
                due: vec![due(timer, ours)],
                ..standing::tests::row(Side::Incoming, Place::Scheduled)
            };
            let listed = standing::due(&row(true), Time(0)).expect("it waits");
            assert!(next_of(&row(true)).contains(page) && listed.what.contains(list), "{timer:?}: {}", listed.what);
            assert!(!next_of(&row(false)).contains(page), "{timer:?}: it is not ours");
        }
    }

    #[test]
    fn a_partner_off_the_network_to_whom_nothing_went_is_not_waited_for() {
        let row = |to_hand_over| ThreadRow {
            off_network: true,
            answerable: true,
            due: if to_hand_over { vec![due(Timer::HandOver, true)] } else { Vec::new() },
            ..standing::tests::row(Side::Outgoing, Place::Sent)
        };
        assert!(next_of(&row(true)).starts_with("Nothing went to them yet"), "{}", next_of(&row(true)));
        assert!(next_of(&row(false)).starts_with("They answer by telephone"), "{}", next_of(&row(false)));
    }
}
