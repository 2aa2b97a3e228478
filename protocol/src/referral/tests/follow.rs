//! What acts leave in the state besides the place.

use super::*;

#[test]
fn needs_are_ranked_and_the_newest_word_on_each_holds() {
    let state = state(&chain(vec![
        (SENDER_ORG, send()),
        (SENDER_ORG, need(7, 2, NeedStatus::Open)),
        (SENDER_ORG, need(8, 1, NeedStatus::Open)),
        (RECIPIENT_ORG, need(7, 2, NeedStatus::Lifted)),
    ]));
    let needs: Vec<(u32, NeedStatus)> = state.needs.iter().map(|need| (need.id.0, need.status)).collect();
    assert_eq!(needs, [(8, NeedStatus::Open), (7, NeedStatus::Lifted)]);
}

#[test]
fn what_is_put_first_moves_the_others_on_and_no_two_needs_share_a_place() {
    let ranks = |acts: &[(u32, u16)]| {
        let acts = acts.iter().map(|(id, rank)| (SENDER_ORG, need(*id, *rank, NeedStatus::Open)));
        let state = state(&chain(std::iter::once((SENDER_ORG, send())).chain(acts).collect()));
        state.needs.iter().map(|need| (need.id.0, need.rank)).collect::<Vec<_>>()
    };
    assert_eq!(ranks(&[(1, 1), (2, 2), (9, 1)]), [(9, 1), (1, 2), (2, 3)]);
    assert_eq!(ranks(&[(1, 1), (2, 5), (9, 1)]), [(9, 1), (1, 2), (2, 5)], "a gap takes it up");
    assert_eq!(ranks(&[(1, 1), (2, 2), (3, 3), (3, 1)]), [(3, 1), (1, 2), (2, 3)], "one that moves up");
}

#[test]
fn the_alarm_ends_with_whatever_shows_that_the_person_was_met() {
    let lost = || Act::Lost { since: Some(NOW), note: none() };
    let after = |act: Act| {
        let acts = vec![(SENDER_ORG, send()), (RECIPIENT_ORG, accept()), (RECIPIENT_ORG, lost()), (RECIPIENT_ORG, act)];
        state(&chain(acts)).lost
    };
    for met in [
        seen(),
        attend(),
        attempt(Reached::Reached),
        check_in(CheckInPart::Care { in_care: Some(true), satisfaction: None, naloxone_kits: 0 }),
    ] {
        assert_eq!(after(met), None);
    }
    for not_met in [attempt(Reached::NoAnswer), attempt(Reached::LeftMessage), appointment()] {
        assert_eq!(after(not_met), Some(NOW));
    }
}

#[test]
fn a_hold_takes_the_appointment_away_and_says_why_until_it_ends() {
    let mut acts =
        vec![(SENDER_ORG, send()), (RECIPIENT_ORG, accept()), (RECIPIENT_ORG, appointment()), (RECIPIENT_ORG, hold())];
    let held = state(&chain(acts.clone()));
    assert_eq!((held.place, held.appointment, held.hold), (Place::OnHold, None, Some(why())));
    acts.push((RECIPIENT_ORG, resume()));
    let active = state(&chain(acts.clone()));
    assert_eq!((active.place, active.hold), (Place::Active, None));
    acts.push((RECIPIENT_ORG, appointment()));
    assert_eq!(state(&chain(acts)).place, Place::Scheduled);
}

#[test]
fn what_was_entered_in_error_has_no_outcome_and_stays_in_the_history() {
    let acts = vec![
        (SENDER_ORG, send()),
        (RECIPIENT_ORG, accept()),
        (RECIPIENT_ORG, close(Outcome::ServicesReceived)),
        (SENDER_ORG, in_error()),
    ];
    let state = state(&chain(acts));
    assert_eq!((state.place, state.outcome), (Place::EnteredInError, None));
    assert_eq!((state.history.len(), state.place.status(), state.place.business()), (4, "entered-in-error", None));
    assert_eq!(state.words(Actor::Recipient), "entered in error");
}

#[test]
fn response_times_can_be_read_from_the_state() {
    let later = |mut entries: Vec<Placed>| {
        let notices = notices(true).len();
        for (i, entry) in entries.iter_mut().skip(notices).enumerate() {
            entry.time = NOW.plus(u64::try_from(i).expect("few") * DAY);
        }
        state(&entries)
    };
    let acts = vec![
        (SENDER_ORG, send()),
        (RECIPIENT_ORG, Act::Acknowledge),
        (RECIPIENT_ORG, accept()),
        (RECIPIENT_ORG, close(Outcome::Moved)),
    ];
    let state = later(chain(acts));
    let times = [state.sent, state.acknowledged, state.answered, state.ended];
    assert_eq!(times, [0, 1, 2, 3].map(|day| Some(NOW.plus(day * DAY))));
    let state = later(chain(vec![(SENDER_ORG, send()), (RECIPIENT_ORG, decline())]));
    assert_eq!((state.acknowledged, state.answered), (Some(NOW.plus(DAY)), Some(NOW.plus(DAY))));
}

#[test]
fn the_newest_plan_and_medication_are_shown() {
    let medication = |dose: &str| {
        Act::Medication(Box::new(Medication {
            medicines: vec![Medicine { name: "methadone".into(), dose: dose.into(), ..Medicine::default() }],
            ..Medication::default()
        }))
    };
    let plan = |where_: &str| Act::Crisis(Box::new(CrisisPlan { naloxone: where_.into(), ..CrisisPlan::default() }));
    let state = state(&chain(vec![
        (SENDER_ORG, send()),
        (SENDER_ORG, medication("60 mg")),
        (SENDER_ORG, plan("kitchen")),
        (RECIPIENT_ORG, medication("70 mg")),
        (RECIPIENT_ORG, plan("bag")),
    ]));
    let dose = state.medication.and_then(|(_, m)| m.medicines.first().map(|m| m.dose.reveal().clone()));
    assert_eq!(dose.as_deref(), Some("70 mg"));
    assert_eq!(state.crisis.map(|(_, plan)| plan.naloxone.reveal().clone()).as_deref(), Some("bag"));
}

#[test]
fn each_kind_stands_under_the_notice_of_its_own_space() {
    for act in tellings().into_iter().filter(|act| act.information() != Information::Referral) {
        let mut entries = chain(vec![(SENDER_ORG, send()), (SENDER_ORG, act)]);
        if let Some(Body::Act(signed)) = &mut entries.last_mut().expect("an act").body {
            signed.notice = hash(1);
        }
        let state = state(&entries);
        let line = state.history.last().expect("a line");
        assert!(line.without_effect.is_some_and(|why| why.contains("2.32")), "{}", line.act.name());
    }
}

#[test]
fn a_check_in_with_an_impossible_satisfaction_is_no_body() {
    for (given, fine) in [(0, false), (1, true), (5, true), (6, false)] {
        let act = check_in(CheckInPart::Care { in_care: None, satisfaction: Some(given), naloxone_kits: 0 });
        assert_eq!(act.check().is_ok(), fine, "{given}");
    }
}
