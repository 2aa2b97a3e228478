//! The merged machine, every cell: place, act, actor.

use super::*;

/// The short name of a place in the tables below.
fn code(place: Place) -> &'static str {
    match place {
        Place::Nothing => "0",
        Place::Sent => "2.0",
        Place::Accepted => "3.0",
        Place::Declined => "4.0",
        Place::Active => "5.1",
        Place::Scheduled => "5.1.1",
        Place::Missed => "5.1.2",
        Place::AppointmentCancelled => "5.1.3",
        Place::Attended => "5.1.4",
        Place::CancelRequested => "5.2",
        Place::Cancelled => "6.0",
        Place::Completed => "well",
        Place::Failed => "badly",
        Place::OnHold => "hold",
        Place::EnteredInError => "error",
    }
}

/// Where an act leads; `-`: without effect.
fn cell(place: Place, act: &Act, actor: Actor) -> &'static str {
    step(place, act, actor).map_or("-", code)
}

/// Every act that moves something, in the order of the columns.
fn steps() -> [Act; 16] {
    [
        send(),
        Act::Acknowledge,
        accept(),
        decline(),
        appointment(),
        reschedule(),
        cancel_appointment(),
        attend(),
        no_show(),
        hold(),
        resume(),
        Act::ConfirmCancel,
        close(Outcome::ServicesReceived),
        close(Outcome::LostContact),
        withdraw(),
        in_error(),
    ]
}

/// What the recipient reaches from each place. Nobody but the sender sends, withdraws or says that it was an error: last columns.
#[rustfmt::skip]
const RECIPIENT: [(Place, &str); 15] = [
    //                             send ackn acc  decl sched   resched cancel  attend  noshow  hold resume confirm well badly wdraw error
    (Place::Nothing,              "-    -    -    -    -       -       -       -       -       -    -      -       -    -     -     -"),
    (Place::Sent,                 "-    2.0  3.0  4.0  -       -       -       -       -       -    -      -       -    -     -     -"),
    (Place::Accepted,             "-    -    -    4.0  5.1.1   -       -       5.1.4   -       hold -      -       well badly -     -"),
    (Place::Active,               "-    -    -    4.0  5.1.1   -       -       5.1.4   -       hold -      -       well badly -     -"),
    (Place::Scheduled,            "-    -    -    4.0  5.1.1   5.1.1   5.1.3   5.1.4   5.1.2   hold -      -       well badly -     -"),
    (Place::Missed,               "-    -    -    4.0  5.1.1   5.1.1   5.1.3   5.1.4   -       hold -      -       well badly -     -"),
    (Place::AppointmentCancelled, "-    -    -    -    5.1.1   5.1.1   -       5.1.4   -       hold -      -       well badly -     -"),
    (Place::Attended,             "-    -    -    4.0  5.1.1   5.1.1   5.1.3   5.1.4   -       hold -      -       well badly -     -"),
    (Place::OnHold,               "-    -    -    4.0  -       -       -       5.1.4   -       hold 5.1    -       well badly -     -"),
    (Place::CancelRequested,      "-    -    -    -    -       -       -       5.1.4   -       -    -      6.0     well badly -     -"),
    (Place::Declined,             "-    -    -    -    -       -       -       -       -       -    -      -       -    -     -     -"),
    (Place::Cancelled,            "-    -    -    -    -       -       -       -       -       -    -      -       -    -     -     -"),
    (Place::Completed,            "-    -    -    -    -       -       -       well    -       -    -      -       -    -     -     -"),
    (Place::Failed,               "-    -    -    -    -       -       -       -       -       -    -      -       -    -     -     -"),
    (Place::EnteredInError,       "-    -    -    -    -       -       -       -       -       -    -      -       -    -     -     -"),
];

/// What the sender reaches: it sends, withdraws, and says that it was an error; it takes a withdrawal back, and says what comes next
/// where the referral did not get there; all else is the recipient's.
const SENDER: [(Place, [&str; 3]); 15] = [
    (Place::Nothing, ["2.0", "-", "-"]),
    (Place::Sent, ["-", "6.0", "error"]),
    (Place::Accepted, ["-", "5.2", "error"]),
    (Place::Active, ["-", "5.2", "error"]),
    (Place::Scheduled, ["-", "5.2", "error"]),
    (Place::Missed, ["-", "5.2", "error"]),
    (Place::AppointmentCancelled, ["-", "5.2", "error"]),
    (Place::Attended, ["-", "5.2", "error"]),
    (Place::OnHold, ["-", "5.2", "error"]),
    (Place::CancelRequested, ["-", "-", "error"]),
    (Place::Declined, ["-", "-", "error"]),
    (Place::Cancelled, ["-", "-", "error"]),
    (Place::Completed, ["-", "-", "error"]),
    (Place::Failed, ["-", "-", "error"]),
    (Place::EnteredInError, ["-", "-", "-"]),
];

#[test]
fn each_step_of_the_recipient_leads_where_the_table_says() {
    let rows: Vec<Place> = RECIPIENT.iter().map(|(place, _)| *place).collect();
    assert!(Place::ALL.iter().all(|place| rows.contains(place)), "each place has its row");
    for (place, cells) in RECIPIENT {
        let cells: Vec<&str> = cells.split_whitespace().collect();
        assert_eq!(cells.len(), steps().len());
        for (act, expected) in steps().iter().zip(cells) {
            assert_eq!(cell(place, act, Actor::Recipient), expected, "{} from {place:?}", act.name());
        }
    }
}

#[test]
fn each_step_of_the_sender_leads_where_the_table_says() {
    let rows: Vec<Place> = SENDER.iter().map(|(place, _)| *place).collect();
    assert!(Place::ALL.iter().all(|place| rows.contains(place)), "each place has its row");
    for (place, [sent, withdrawn, error]) in SENDER {
        for act in steps() {
            let expected = match act {
                Act::Send(_) => sent,
                Act::RequestCancel { .. } => withdrawn,
                Act::EnteredInError { .. } => error,
                Act::Resume { .. } if place == Place::CancelRequested => "5.1",
                Act::Close { .. } if matches!(place, Place::Declined | Place::Cancelled | Place::Failed) => code(place),
                _ => "-",
            };
            assert_eq!(cell(place, &act, Actor::Sender), expected, "{} from {place:?}", act.name());
        }
    }
}

/// What others of a team write, by name. All else is refused at every place.
const MEMBER: [&str; 8] =
    ["message", "attachment", "need", "seen", "check-in", "lost contact", "contact attempt", "summary"];

#[test]
fn each_act_of_another_of_the_team_does_what_the_table_says() {
    for place in Place::ALL {
        for act in steps() {
            assert_eq!(cell(place, &act, Actor::Member), "-", "{} from {place:?}", act.name());
        }
        for act in tellings() {
            let told = cell(place, &act, Actor::Recipient);
            // What was entered in error is answered by who was asked, and by nobody else.
            let sender = cell(place, &act, Actor::Sender);
            let expected = if MEMBER.contains(&act.name()) { sender } else { "-" };
            assert_eq!(cell(place, &act, Actor::Member), expected, "{} from {place:?}", act.name());
            assert!(told == sender || place == Place::EnteredInError);
        }
        let heard = Act::HeardRevocation { told: Told::Spoken, party: None };
        let expected = if place == Place::Nothing { "-" } else { code(place) };
        assert_eq!(cell(place, &heard, Actor::Member), expected, "the person's word at {place:?}");
    }
    let told: Vec<&str> = tellings().iter().map(Act::name).collect();
    assert!(MEMBER.iter().all(|name| told.contains(name)), "{told:?}");
}

#[test]
fn for_itself_alone_the_sender_says_what_comes_next_from_every_open_place_and_both_after_a_good_end() {
    for place in Place::ALL {
        for act in steps() {
            let told = step(place, &act, Actor::Sender);
            let expected = match act {
                Act::Close { .. } if place != Place::Nothing && !place.is_final() => Ok(place),
                Act::Close { .. } if place == Place::Completed => Ok(place),
                _ => told,
            };
            assert_eq!(step_here(place, &act, Actor::Sender), expected, "{} from {place:?}", act.name());
            // Who was asked and had not answered when the consent ended takes nobody in any more.
            let expected = match (&act, place) {
                (Act::Close { .. }, Place::Completed) => Ok(place),
                (Act::Close { outcome, .. }, Place::Sent) if outcome.completed() => Ok(Place::Completed),
                (Act::Close { .. }, Place::Sent) => Ok(Place::Failed),
                // Who declined it there alone says what comes next.
                (Act::Close { .. }, Place::Declined | Place::Cancelled | Place::Failed) => Ok(place),
                _ => step(place, &act, Actor::Recipient),
            };
            assert_eq!(step_here(place, &act, Actor::Recipient), expected, "{} from {place:?}", act.name());
        }
    }
}

#[test]
fn what_only_tells_moves_nothing_whoever_tells_it() {
    for place in Place::ALL {
        for actor in [Actor::Sender, Actor::Recipient] {
            for act in tellings() {
                assert!(!act.moves());
                let possible = match (&act, place) {
                    (Act::Message { .. } | Act::Attachment(_), Place::Nothing) => false,
                    (Act::Message { .. }, Place::EnteredInError) => actor == Actor::Recipient,
                    (Act::Attachment(_), Place::EnteredInError | Place::Declined | Place::Cancelled) => false,
                    (Act::Message { .. } | Act::Attachment(_), _) => true,
                    (_, Place::EnteredInError) => false,
                    // In a space of its own it can be here before the request.
                    (act, _) if act.information() != Information::Referral => true,
                    (_, Place::Nothing) => false,
                    (Act::Seen(_) | Act::CheckIn(_), _) => true,
                    // Who is in care there can be lost, looked for, handed on and let go.
                    (_, Place::Completed) => true,
                    (_, place) => !place.is_final(),
                };
                let expected = if possible { code(place) } else { "-" };
                assert_eq!(cell(place, &act, actor), expected, "{} from {place:?} by {actor:?}", act.name());
            }
        }
    }
}

#[test]
fn no_number_of_missed_visits_and_no_silence_ends_a_referral() {
    let mut acts = vec![(SENDER_ORG, send()), (RECIPIENT_ORG, accept())];
    for _ in 0..20 {
        acts.push((RECIPIENT_ORG, appointment()));
        acts.push((RECIPIENT_ORG, no_show()));
    }
    acts.push((RECIPIENT_ORG, Act::Lost { since: None, note: none() }));
    let state = state(&chain(acts));
    assert_eq!((state.place, state.no_shows), (Place::Missed, 20));
    assert!(state.lost.is_some() && state.ended.is_none());
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
            ("on-hold", "5.1"),
            ("in-progress", "5.1"),
        ]
    );
}

#[test]
fn a_referral_is_carried_from_sending_to_its_outcome() {
    let entries = chain(vec![
        (SENDER_ORG, send()),
        (RECIPIENT_ORG, Act::Acknowledge),
        (RECIPIENT_ORG, accept()),
        (RECIPIENT_ORG, appointment()),
        (RECIPIENT_ORG, no_show()),
        (RECIPIENT_ORG, appointment()),
        (RECIPIENT_ORG, attend()),
        (SENDER_ORG, Act::Message { text: "thank you".into() }),
        (RECIPIENT_ORG, close(Outcome::ServicesReceived)),
    ]);
    let state = state(&entries);
    assert_eq!(state.place, Place::Completed);
    assert_eq!((state.acknowledged, state.attended, state.no_shows), (Some(NOW), Some(NOW), 1));
    assert_eq!((state.outcome, state.answer), (Some(Outcome::ServicesReceived), Answer::Permitted));
    assert!(state.history.iter().all(|l| l.without_effect.is_none() && l.crossed.is_empty()));
    assert_eq!(state.words(Actor::Sender), "fulfillment completed");
}
