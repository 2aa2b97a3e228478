//! The merged machine, every cell: place, act, actor.

use super::*;

/// A cell for the recipient: a place, or why not.
fn cell(place: Place, act: &Act, actor: Actor) -> Option<Place> {
    step(place, act, actor).ok()
}

/// The places in the order of the rows below, and for each act what the recipient reaches from there (`-`: without effect).
///
/// Columns: acknowledge, accept, decline, schedule, cancel appointment, attend, no-show, confirm withdrawal, close well, close badly
const RECIPIENT_ROWS: [(Place, [&str; 10]); 8] = [
    (Place::Nothing, ["-", "-", "-", "-", "-", "-", "-", "-", "-", "-"]),
    (Place::Sent, ["2.0", "3.0", "4.0", "-", "-", "-", "-", "-", "-", "-"]),
    (Place::Accepted, ["-", "-", "4.0", "5.1.1", "-", "5.1.4", "-", "-", "7.0", "7.0"]),
    (Place::Scheduled, ["-", "-", "4.0", "5.1.1", "5.1.3", "5.1.4", "5.1.2", "-", "7.0", "7.0"]),
    (Place::Missed, ["-", "-", "4.0", "5.1.1", "5.1.3", "5.1.4", "-", "-", "7.0", "7.0"]),
    (Place::AppointmentCancelled, ["-", "-", "-", "5.1.1", "-", "5.1.4", "-", "-", "7.0", "7.0"]),
    (Place::Attended, ["-", "-", "4.0", "5.1.1", "5.1.3", "5.1.4", "-", "-", "7.0", "7.0"]),
    (Place::CancelRequested, ["-", "-", "-", "-", "-", "-", "-", "6.0", "7.0", "7.0"]),
];

fn recipients_acts() -> [Act; 10] {
    [
        Act::Acknowledge,
        accept(),
        decline(),
        appointment(),
        Act::CancelAppointment { note: none() },
        attend(),
        no_show(),
        Act::ConfirmCancel,
        close(Outcome::ServicesReceived),
        close(Outcome::LostContact),
    ]
}

#[test]
fn each_act_of_the_recipient_leads_where_the_table_says() {
    for (place, cells) in RECIPIENT_ROWS {
        for (act, expected) in recipients_acts().iter().zip(cells) {
            let reached = cell(place, act, Actor::Recipient);
            let code = reached.and_then(Place::business).map_or("-", |(code, _)| code);
            assert_eq!(code, expected, "{} from {place:?}", act.name());
            if let Act::Close { outcome, .. } = act
                && let Some(end) = reached
            {
                assert_eq!(end, if outcome.completed() { Place::Completed } else { Place::Failed });
            }
        }
    }
}

#[test]
fn nothing_leads_out_of_an_end_but_messages_stay_possible() {
    let ends: Vec<Place> = Place::ALL.into_iter().filter(|p| p.is_final()).collect();
    assert_eq!(ends, [Place::Declined, Place::Cancelled, Place::Completed, Place::Failed]);
    for place in ends {
        for act in recipients_acts().into_iter().chain([send(), withdraw()]) {
            for actor in [Actor::Sender, Actor::Recipient] {
                assert_eq!(cell(place, &act, actor), None, "{} from {place:?}", act.name());
            }
        }
        assert_eq!(cell(place, &Act::Message { text: none() }, Actor::Sender), Some(place));
    }
}

#[test]
fn the_sender_sends_withdraws_and_writes_and_nothing_else() {
    for place in Place::ALL {
        for act in recipients_acts() {
            assert_eq!(cell(place, &act, Actor::Sender), None, "{} from {place:?}", act.name());
        }
        let sent = (place == Place::Nothing).then_some(Place::Sent);
        assert_eq!(cell(place, &send(), Actor::Sender), sent, "{place:?}");
        let withdrawn = match place {
            Place::Sent => Some(Place::Cancelled),
            Place::Accepted | Place::Scheduled | Place::Missed | Place::AppointmentCancelled | Place::Attended => {
                Some(Place::CancelRequested)
            }
            _ => None,
        };
        assert_eq!(cell(place, &withdraw(), Actor::Sender), withdrawn, "{place:?}");
        assert_eq!(cell(place, &send(), Actor::Recipient), None);
        assert_eq!(cell(place, &withdraw(), Actor::Recipient), None);
        let written = (place != Place::Nothing).then_some(place);
        for actor in [Actor::Sender, Actor::Recipient] {
            assert_eq!(cell(place, &Act::Message { text: none() }, actor), written);
        }
    }
}

#[test]
fn both_statuses_are_those_of_the_guides() {
    let pairs: Vec<(&str, &str)> =
        Place::ALL.into_iter().filter_map(|p| p.business().map(|(code, _)| (p.status(), code))).collect();
    assert_eq!(
        pairs,
        [
            ("requested", "2.0"),
            ("accepted", "3.0"),
            ("in-progress", "5.1.1"),
            ("in-progress", "5.1.2"),
            ("in-progress", "5.1.3"),
            ("in-progress", "5.1.4"),
            ("in-progress", "5.2"),
            ("rejected", "4.0"),
            ("cancelled", "6.0"),
            ("completed", "7.0"),
            ("failed", "7.0"),
        ]
    );
}

#[test]
fn a_referral_is_carried_from_sending_to_its_outcome() {
    let entries = chain(vec![
        (SENDER, send()),
        (RECIPIENT, Act::Acknowledge),
        (RECIPIENT, accept()),
        (RECIPIENT, appointment()),
        (RECIPIENT, no_show()),
        (RECIPIENT, appointment()),
        (RECIPIENT, attend()),
        (SENDER, Act::Message { text: "thank you".into() }),
        (RECIPIENT, close(Outcome::ServicesReceived)),
    ]);
    let state = state(&entries);
    assert_eq!(state.place, Place::Completed);
    assert_eq!((state.acknowledged, state.attended, state.no_shows), (Some(NOW), Some(NOW), 1));
    assert_eq!((state.outcome, state.answer), (Some(Outcome::ServicesReceived), Answer::Permitted));
    assert!(state.history.iter().all(|l| l.without_effect.is_none() && l.crossed.is_empty()));
    assert_eq!(state.words(Actor::Sender), "fulfillment completed");
}
