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
fn who_was_met_before_the_alarm_is_lost_all_the_same() {
    let met = |at: Time| {
        let handoff = Handoff {
            mode: Mode::InPerson,
            at,
            from: none(),
            to: none(),
            teach_back: TeachBack::NotAsked,
            note: none(),
        };
        let part = CheckInPart::Care { in_care: Some(true), satisfaction: None, naloxone_kits: 0 };
        [
            Act::Seen(Seen { setting: Setting::EmergencyDepartment, at, note: none() }),
            Act::Attend { when: at },
            Act::Attempt(Attempt { at, channel: Channel::Visit, result: Reached::Reached, note: none() }),
            Act::CheckIn(CheckIn { stage: Stage::Start, at, part }),
            Act::Handoff(Box::new(handoff)),
        ]
    };
    let lost = Act::Lost { since: Some(NOW), note: none() };
    let earlier = |millis: u64| Time(NOW.0 - crate::limits::CLOCK_SKEW - millis);
    for (at, expected) in [(earlier(1), Some(NOW)), (earlier(0), None), (NOW.plus(DAY), None)] {
        for act in met(at) {
            let name = act.name();
            let acts =
                [(SENDER_ORG, send()), (RECIPIENT_ORG, accept()), (RECIPIENT_ORG, lost.clone()), (RECIPIENT_ORG, act)];
            assert_eq!(state(&chain(acts.to_vec())).lost, expected, "{name} at {at:?}");
        }
    }
}

fn facts(acts: Vec<(OrgId, Act)>) -> due::Facts {
    due::Facts::of(&state(&chain(acts)), parties(), (SENDER_ORG, Actor::Sender), None)
}

#[test]
fn who_is_seen_released_left_on_that_day_whatever_was_planned() {
    let released = |at| Act::Seen(Seen { setting: Setting::Released, at, note: none() });
    let planned = |on| Act::Transition(Transition { leaving: Leaving::Custody, on, note: none() });
    let left = |acts: &[Act]| {
        let ours = acts.iter().map(|act| (SENDER_ORG, act.clone()));
        let left = facts([(SENDER_ORG, send())].into_iter().chain(ours).collect()).leaving;
        left.map(|left| (left.on, left.by))
    };
    assert_eq!(left(&[released(NOW)]), Some((NOW, Actor::Sender)));
    assert_eq!(left(&[planned(NOW.plus(9 * DAY)), released(NOW)]), Some((NOW, Actor::Sender)));
    assert_eq!(left(&[released(NOW), planned(NOW.plus(9 * DAY))]), Some((NOW.plus(9 * DAY), Actor::Sender)));
    assert_eq!(left(&[seen()]), None);
}

#[test]
fn a_discharge_asks_for_a_summary_whoever_told_of_it_and_each_discharge_for_its_own() {
    let discharge = |on| Act::Transition(Transition { leaving: Leaving::Residential, on, note: none() });
    let summary = || Act::Summary(Box::new(Summary { kind: SummaryKind::Discharge, text: "went home".into() }));
    let file = |information| {
        let manifest = attachment::Manifest::of("scan.txt", b"words").expect("a text");
        Act::Attachment(Box::new(Attached { information, manifest, text: none() }))
    };
    let owes = |acts: &[(OrgId, Act)]| {
        facts([(SENDER_ORG, send()), (RECIPIENT_ORG, accept())].into_iter().chain(acts.to_vec()).collect()).summary
    };
    let by = |org| (org, discharge(NOW));
    assert_eq!(owes(&[by(SENDER_ORG)]), Some(Actor::Sender));
    assert_eq!(owes(&[by(RECIPIENT_ORG)]), Some(Actor::Recipient));
    assert_eq!(owes(&[by(RECIPIENT_ORG), (SENDER_ORG, summary())]), Some(Actor::Recipient), "another's is not theirs");
    assert_eq!(owes(&[by(RECIPIENT_ORG), (RECIPIENT_ORG, summary())]), None);
    assert_eq!(owes(&[by(RECIPIENT_ORG), (RECIPIENT_ORG, file(Information::Clinical))]), None, "a file tells it too");
    assert!(owes(&[by(RECIPIENT_ORG), (RECIPIENT_ORG, file(Information::Referral))]).is_some());
    let mut again = chain(vec![
        (SENDER_ORG, send()),
        (RECIPIENT_ORG, discharge(NOW)),
        (RECIPIENT_ORG, summary()),
        (RECIPIENT_ORG, discharge(NOW.plus(30 * DAY))),
    ]);
    again.last_mut().expect("some").time = NOW.plus(30 * DAY);
    assert_eq!(
        due::Facts::of(&state(&again), parties(), (SENDER_ORG, Actor::Sender), None).summary,
        Some(Actor::Recipient),
        "a second discharge"
    );
    let mut closed = notices(false);
    closed.push(act(hash(10), &ROOTS, SENDER_ORG, send()));
    let mut state = state(&closed);
    state.scopes.iter_mut().for_each(|(_, scope)| scope.flows.retain(|flow| flow.information != Information::Clinical));
    assert_eq!(due::Facts::of(&state, parties(), (SENDER_ORG, Actor::Sender), None).summary, None);
}

#[test]
fn what_was_said_of_the_person_is_no_answer_to_what_comes_after_it() {
    let lost = || Act::Lost { since: None, note: none() };
    let in_custody = || Act::Seen(Seen { setting: Setting::InCustody, at: NOW, note: none() });
    let settled = |acts: &[Act]| {
        let mut entries = chain(vec![
            (SENDER_ORG, send()),
            (RECIPIENT_ORG, accept()),
            (RECIPIENT_ORG, close(Outcome::ServicesReceived)),
        ]);
        for (i, what) in acts.iter().enumerate() {
            let last = entries.last().expect("some").hash;
            let local = matches!(what, Act::Close { .. });
            entries.push(Placed {
                local,
                ..act(hash(100 + u8::try_from(i).expect("few")), &[last], RECIPIENT_ORG, what.clone())
            });
        }
        let state = state(&entries);
        assert!(state.history.iter().all(|line| line.without_effect.is_none()));
        assert_eq!((state.place, state.outcome), (Place::Completed, Some(Outcome::ServicesReceived)));
        state.settled.is_some()
    };
    let say = || close(Outcome::Administrative);
    assert!(settled(&[lost(), say()]));
    assert!(!settled(&[say(), lost()]) && !settled(&[say(), in_custody()]));
    assert!(settled(&[say(), seen()]), "who was seen elsewhere is not lost again");
}

#[test]
fn who_says_once_more_what_comes_next_said_it_then() {
    let say = |n: u8, after: u8, time: Time| Placed {
        local: true,
        time,
        ..act(hash(n), &[hash(after)], RECIPIENT_ORG, close(Outcome::Administrative))
    };
    let mut entries = chain(vec![(SENDER_ORG, send()), (RECIPIENT_ORG, decline())]);
    let last = entries.last().expect("declined").hash.0[0];
    let (first, second) = (NOW.plus(DAY), NOW.plus(5 * DAY));
    entries.push(say(100, last, first));
    assert_eq!(state(&entries).settled, Some(first));
    entries.push(say(101, 100, second));
    assert_eq!(state(&entries).settled, Some(second));
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

#[test]
fn of_two_check_ins_of_one_stage_the_later_answer_holds_and_what_was_not_asked_again_stays() {
    use crate::referral::standing;
    let care = |stage, days: u64, in_care, satisfaction, naloxone_kits| {
        let part = CheckInPart::Care { in_care, satisfaction, naloxone_kits };
        Act::CheckIn(CheckIn { stage, at: NOW.plus(days * DAY), part })
    };
    let house = |days: u64, housing| {
        let part = CheckInPart::Social { housing: Some(housing), work: None, support: None };
        Act::CheckIn(CheckIn { stage: Stage::Day30, at: NOW.plus(days * DAY), part })
    };
    let asked = [
        care(Stage::Day30, 2, Some(true), Some(4), 2),
        care(Stage::Start, 9, Some(true), None, 0),
        house(2, Housing::Stable),
        // Whoever of the two asked; and what was asked before, and written down later, says nothing newer.
        care(Stage::Day30, 5, Some(false), None, 0),
        care(Stage::Day30, 3, Some(true), Some(1), 0),
        house(2, Housing::Temporary),
    ];
    let authors = [RECIPIENT_ORG, RECIPIENT_ORG, RECIPIENT_ORG, SENDER_ORG, RECIPIENT_ORG, RECIPIENT_ORG];
    let state = state(&chain(accepted().into_iter().chain(authors.into_iter().zip(asked)).collect()));
    assert_eq!(
        state.history.iter().filter(|line| matches!(line.act, Act::CheckIn(_))).count(),
        6,
        "the history keeps all"
    );
    let mut shown: Vec<_> = standing(&state.check_ins).into_iter().map(|one| (one.stage.days(), one.part)).collect();
    shown.sort_by_key(|(day, part)| (*day, matches!(part, CheckInPart::Social { .. })));
    let cared = |in_care, satisfaction, naloxone_kits| CheckInPart::Care {
        in_care: Some(in_care),
        satisfaction,
        naloxone_kits,
    };
    let housed = CheckInPart::Social { housing: Some(Housing::Temporary), work: None, support: None };
    assert_eq!(shown, [(0, cared(true, None, 0)), (30, cared(false, Some(1), 2)), (30, housed)]);
}

#[test]
fn whoever_learns_that_the_person_is_held_plans_what_comes_next_and_of_what_nobody_was_told_its_author_does() {
    let in_custody = || Act::Seen(Seen { setting: Setting::InCustody, at: NOW, note: none() });
    let held = |local: bool, after: Vec<(OrgId, Act)>| {
        let begun = [(SENDER_ORG, send()), (RECIPIENT_ORG, accept()), (RECIPIENT_ORG, in_custody())];
        let mut entries = chain(begun.into_iter().chain(after).collect());
        let seen =
            entries.iter_mut().find(|one| matches!(&one.body, Some(Body::Act(signed)) if signed.act == in_custody()));
        seen.expect("it was seen").local = local;
        due::Facts::of(&state(&entries), parties(), (SENDER_ORG, Actor::Sender), None).held.map(|(_, whose)| whose)
    };
    let lost = |org| vec![(org, Act::Lost { since: None, note: none() })];
    assert_eq!(held(false, Vec::new()), Some(Actor::Sender));
    assert_eq!(held(false, lost(RECIPIENT_ORG)), Some(Actor::Sender));
    assert_eq!(held(false, lost(SENDER_ORG)), None);
    assert_eq!(held(true, Vec::new()), Some(Actor::Recipient));
    assert_eq!(held(true, lost(SENDER_ORG)), Some(Actor::Recipient));
    assert_eq!(held(true, lost(RECIPIENT_ORG)), None);
}
