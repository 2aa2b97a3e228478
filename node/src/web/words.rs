//! How times, states and kinds read on pages.

use super::backend::{Due, Side, When};
use belay_protocol::referral::{DeclineReason, Mode, Outcome, Place};
use belay_protocol::time::Time;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// `Tue 24 Nov 2026, 10:00`, on this machine's clock.
#[must_use]
pub fn when(time: Time) -> String {
    when_in(time, TimeZone::system())
}

fn when_in(time: Time, zone: TimeZone) -> String {
    i64::try_from(time.0)
        .ok()
        .and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok())
        .map_or_else(|| time.to_string(), |stamp| stamp.to_zoned(zone).strftime("%a %-d %b %Y, %H:%M").to_string())
}

/// Since when something waits, or until when it is due.
#[must_use]
pub fn due_when(due: &Due) -> String {
    match (due.when, due.overdue) {
        (When::Since(time), _) => format!("waiting since {}", when(time)),
        (When::By(time), false) => format!("by {}", when(time)),
        (When::By(time), true) => format!("overdue since {}", when(time)),
    }
}

/// What a `datetime-local` field sends, on this machine's clock. In the hour that a clock change repeats, the first is meant.
#[must_use]
pub fn local_time(text: &str) -> Option<Time> {
    local_time_in(text, TimeZone::system())
}

fn local_time_in(text: &str, zone: TimeZone) -> Option<Time> {
    let civil: DateTime = text.trim().parse().ok()?;
    let stamp = civil.to_zoned(zone).ok()?.timestamp();
    u64::try_from(stamp.as_millisecond()).ok().map(Time)
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
        (_, Side::Incoming) if unanswerable => {
            "The consent does not let you tell the sender. What you record here stays with you."
        }
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

/// A choice in a form: what is sent, what is shown.
pub type Choice<T> = (&'static str, &'static str, T);

/// Why a referral is declined.
pub const DECLINE: [Choice<DeclineReason>; 6] = [
    ("no_capacity", "We have no place free", DeclineReason::NoCapacity),
    ("not_eligible", "We can not serve this person", DeclineReason::NotEligible),
    ("could_not_contact", "We could not reach the person", DeclineReason::CouldNotContact),
    ("person_declined", "The person does not want it", DeclineReason::PersonDeclined),
    ("out_of_area", "Outside the area we serve", DeclineReason::OutOfArea),
    ("other", "Another reason (say which below)", DeclineReason::Other),
];

/// How an appointment is held.
pub const MODES: [Choice<Mode>; 3] = [
    ("in_person", "In person", Mode::InPerson),
    ("telephone", "By telephone", Mode::Telephone),
    ("video", "By video", Mode::Video),
];

/// How a referral ended.
pub const OUTCOMES: [Choice<Outcome>; 9] = [
    ("services_received", "The person got what was needed", Outcome::ServicesReceived),
    ("transferred", "Another organisation took over", Outcome::Transferred),
    ("lost_contact", "We lost contact", Outcome::LostContact),
    ("person_declined", "The person did not want it", Outcome::PersonDeclined),
    ("moved", "The person moved away", Outcome::Moved),
    ("incarcerated", "The person is in custody", Outcome::Incarcerated),
    ("deceased", "The person died", Outcome::Deceased),
    ("administrative", "An administrative reason", Outcome::Administrative),
    ("other", "Another reason (say which below)", Outcome::Other),
];

/// The value of the choice that was sent.
#[must_use]
pub fn chosen<T: Copy>(choices: &[Choice<T>], sent: &str) -> Option<T> {
    choices.iter().find(|(key, _, _)| *key == sent).map(|(_, _, value)| *value)
}

/// The words of a choice.
#[must_use]
pub fn shown<T: Copy + PartialEq>(choices: &[Choice<T>], value: T) -> &'static str {
    choices.iter().find(|(_, _, choice)| *choice == value).map_or("", |(_, words, _)| words)
}

/// The same words inside a sentence. They are few, so none is made anew.
#[must_use]
pub fn lower(words: &'static str) -> &'static str {
    match words {
        "In person" => "in person",
        "By telephone" => "by telephone",
        "By video" => "by video",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn every_choice_is_sent_and_shown_once() {
        fn distinct<T: Copy + PartialEq>(choices: &[Choice<T>]) {
            for (key, words, value) in choices {
                assert!(chosen(choices, key) == Some(*value), "{key}");
                assert_eq!(shown(choices, *value), *words);
            }
            assert!(chosen(choices, "").is_none());
        }
        distinct(&DECLINE);
        distinct(&MODES);
        distinct(&OUTCOMES);
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
}
