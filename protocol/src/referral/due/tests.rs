//! Each timer at its boundary: the last moment before and the first moment at which it is due.

use super::*;

mod unheard;

/// Noon of a day in Greenwich.
const NOON: Time = Time(20_000 * DAY + 12 * HOUR);
const GREENWICH: Days = Days { offset_minutes: 0 };

fn sent() -> Facts {
    Facts { place: Place::Sent, sent: Some(NOON), since: NOON, answerable: true, ..Facts::default() }
}

/// Left then, as who referred said on that day.
fn left(on: Time) -> Option<Departure> {
    Some(Departure { on, by: Actor::Sender, said: on })
}

fn of(facts: &Facts, now: Time) -> Vec<(Timer, Actor, bool)> {
    let due = timers(facts, &Hours::DEFAULT, GREENWICH, now);
    due.iter().map(|due| (due.timer, due.whose, due.is_overdue(now))).collect()
}

#[test]
fn a_referral_is_to_be_seen_within_the_hours_that_were_agreed() {
    let facts = sent();
    let just = |patience: u64| Time(NOON.0 + patience - 1);
    assert_eq!(of(&facts, just(24 * HOUR)), [(Timer::Acknowledge, Actor::Recipient, false)]);
    assert_eq!(of(&facts, NOON.plus(24 * HOUR)), [(Timer::Acknowledge, Actor::Recipient, true)]);
    let urgent = Facts { urgent: true, ..sent() };
    assert_eq!(of(&urgent, just(2 * HOUR)), [(Timer::Acknowledge, Actor::Recipient, false)]);
    assert_eq!(of(&urgent, NOON.plus(2 * HOUR)), [(Timer::Acknowledge, Actor::Recipient, true)]);
    let agreed = Hours { acknowledge: 4, ..Hours::DEFAULT };
    let due = timers(&facts, &agreed, GREENWICH, NOON);
    assert_eq!(due.first().map(|due| due.by), Some(NOON.plus(4 * HOUR)));
    let seen = Facts { acknowledged: Some(NOON), ..sent() };
    assert_eq!(of(&seen, NOON), [(Timer::Answer, Actor::Recipient, false)]);
}

/// Of an appointment of our own in the thread of a team, made a day before.
fn own(stands: Stands, place: Place, now: Time) -> Vec<(Timer, Actor, bool)> {
    let own = Own { stands, since: NOON, at: Some(NOON.plus(DAY)) };
    of(&Facts { place, settled: true, attended: None, own: Some((Actor::Member, own)), ..sent() }, now)
        .into_iter()
        .filter(|due| due.1 == Actor::Member)
        .collect()
}

#[test]
fn our_own_appointment_is_asked_after_whatever_became_of_the_referral() {
    let (near, passed) = (Timer::AppointmentNear, Timer::AppointmentPassed);
    for place in [Place::Sent, Place::Scheduled, Place::OnHold, Place::Declined, Place::Completed] {
        let by = |after: u64| own(Stands::Scheduled, place, NOON.plus(DAY + after));
        let before = own(Stands::Scheduled, place, NOON.plus(DAY - 1));
        assert_eq!(before, [(near, Actor::Member, false), (passed, Actor::Member, false)], "{place:?}");
        assert_eq!(by(CAME - 1), [(passed, Actor::Member, false)], "{place:?}");
        assert_eq!(by(CAME), [(passed, Actor::Member, true)], "{place:?}");
    }
    assert_eq!(own(Stands::Scheduled, Place::EnteredInError, NOON), []);
}

#[test]
fn a_missed_appointment_of_our_own_asks_for_a_new_one_until_it_is_let_go() {
    let missed = |after: u64| own(Stands::Missed, Place::Accepted, NOON.plus(after));
    assert_eq!(missed(24 * HOUR - 1), [(Timer::NewAppointment, Actor::Member, false)]);
    assert_eq!(missed(24 * HOUR), [(Timer::NewAppointment, Actor::Member, true)]);
    for stands in [Stands::Cancelled, Stands::Attended] {
        assert_eq!(own(stands, Place::Accepted, NOON.plus(9 * DAY)), [], "{stands:?}");
    }
}

#[test]
fn to_look_at_a_referral_does_not_answer_it() {
    let by = |facts: &Facts, timer| {
        let due = timers(facts, &Hours::DEFAULT, GREENWICH, NOON);
        due.iter().find(|due| due.timer == timer).map(|due| due.by)
    };
    let seen = Facts { acknowledged: Some(NOON.plus(3 * HOUR)), ..sent() };
    assert_eq!(by(&seen, Timer::Answer), Some(NOON.plus(27 * HOUR)));
    assert_eq!(by(&Facts { urgent: true, ..seen }, Timer::Answer), Some(NOON.plus(5 * HOUR)));
    let accepted = Facts { place: Place::Accepted, ..sent() };
    assert_eq!(by(&accepted, Timer::FirstAppointment), Some(NOON.plus(7 * DAY)));
    let missed = Facts { place: Place::Missed, ..sent() };
    assert_eq!(by(&missed, Timer::NewAppointment), Some(NOON.plus(DAY)), "who was missed is reached for soon");
}

#[test]
fn whom_nobody_took_in_stays_on_the_list_of_who_referred_until_it_is_said_what_comes_next() {
    for place in [Place::Declined, Place::Failed] {
        let facts = Facts { place, ..sent() };
        assert_eq!(of(&facts, NOON.plus(REACH - 1)), [(Timer::Rehome, Actor::Sender, false)], "{place:?}");
        assert_eq!(of(&facts, NOON.plus(REACH)), [(Timer::Rehome, Actor::Sender, true)], "{place:?}");
        assert_eq!(of(&Facts { settled: true, ..facts.clone() }, NOON.plus(REACH)), []);
        let released = Facts { leaving: left(NOON), ..facts };
        let watched = of(&released, NOON.plus(REACH_URGENT));
        assert!(watched.contains(&(Timer::Rehome, Actor::Sender, true)), "sooner after a release");
        assert!(
            watched.contains(&(Timer::Watch { day: 1 }, Actor::Sender, false)),
            "the watch comes back to the sender"
        );
        let settled = of(&Facts { settled: true, ..released }, NOON.plus(DAY));
        assert_eq!(
            settled,
            [(Timer::Watch { day: 1 }, Actor::Sender, false)],
            "whatever was said, the two weeks go on"
        );
    }
    let withdrawn = Facts { place: Place::Cancelled, leaving: left(NOON), ..sent() };
    assert_eq!(of(&withdrawn, NOON), [(Timer::Watch { day: 1 }, Actor::Sender, false)]);
}

#[test]
fn after_a_good_end_the_person_is_still_looked_for_and_watched_and_asked() {
    let ended = Facts { place: Place::Completed, attended: Some(NOON), ..sent() };
    let of =
        |facts: &Facts, now| of(facts, now).into_iter().map(|(timer, whose, _)| (timer, whose)).collect::<Vec<_>>();
    let lost = Facts { lost: Some(NOON), check_ins: vec![(Stage::Start, NOON)], ..ended };
    assert_eq!(of(&lost, NOON), [(Timer::Lost, Actor::Sender), (Timer::Lost, Actor::Recipient)]);
    let released = Facts { leaving: left(NOON), ..ended.clone() };
    assert!(of(&released, NOON).contains(&(Timer::Watch { day: 1 }, Actor::Recipient)));
    assert!(of(&ended, NOON.plus(90 * DAY)).contains(&(Timer::CheckIn { day: 90 }, Actor::Recipient)));
}

#[test]
fn a_good_end_without_a_visit_asks_for_it_and_check_ins_start_from_it() {
    let ended = Facts { place: Place::Completed, ..sent() };
    let came = (Timer::Came, Actor::Recipient, false);
    assert_eq!(of(&Facts { outcome: Some(Outcome::Transferred), ..ended.clone() }, NOON), [], "who goes on to others");
    assert_eq!(of(&ended, NOON), [came]);
    assert!(of(&ended, NOON.plus(CAME)).contains(&(Timer::Came, Actor::Recipient, true)));
    let visited = Facts { attended: Some(NOON), ..ended.clone() };
    assert_eq!(of(&visited, NOON), [(Timer::CheckIn { day: 0 }, Actor::Recipient, false)]);
    assert!(!of(&Facts { place: Place::Failed, ..ended }, NOON).contains(&came));
}

#[test]
fn what_rests_is_looked_at_and_who_referred_hears_when_that_is_late() {
    let facts = Facts { place: Place::OnHold, ..sent() };
    let week = 7 * DAY;
    assert_eq!(of(&facts, NOON.plus(week - 1)), [(Timer::Review, Actor::Recipient, false)]);
    let late = [(Timer::Review, Actor::Recipient, true), (Timer::Review, Actor::Sender, true)];
    assert_eq!(of(&facts, NOON.plus(week)), late);
    assert_eq!(of(&Facts { urgent: true, ..facts.clone() }, NOON.plus(2 * DAY)), late);
    assert_eq!(of(&Facts { since: NOON.plus(week), ..facts }, NOON.plus(week)).len(), 1, "said again: it rests on");
}

#[test]
fn who_is_told_that_the_person_is_held_plans_what_comes_next() {
    for whose in [Actor::Sender, Actor::Recipient] {
        let facts = Facts { place: Place::Completed, attended: Some(NOON), held: Some((NOON, whose)), ..sent() };
        assert!(of(&facts, NOON).contains(&(Timer::Plan, whose, false)));
        assert!(of(&facts, NOON.plus(REACH)).contains(&(Timer::Plan, whose, true)));
    }
}

#[test]
fn where_the_consent_ended_on_the_way_both_say_what_comes_next() {
    let facts = Facts { place: Place::Scheduled, ..sent() };
    for whose in [Actor::Sender, Actor::Recipient] {
        let due = what_comes_next(&facts, whose, (Timer::TakenBack, NOON)).expect("somebody is on the way");
        assert_eq!((due.timer, due.whose, due.by), (Timer::TakenBack, whose, NOON.plus(REACH)));
    }
    let settled = Facts { settled: true, ..facts };
    assert_eq!(what_comes_next(&settled, Actor::Sender, (Timer::ConsentEnded, NOON)), None);
    assert!(what_comes_next(&settled, Actor::Recipient, (Timer::ConsentEnded, NOON)).is_some());
    for place in Place::ALL.into_iter().filter(|place| place.is_final() || *place == Place::Nothing) {
        let facts = Facts { place, ..sent() };
        assert_eq!(what_comes_next(&facts, Actor::Recipient, (Timer::ConsentEnded, NOON)), None, "{place:?}");
    }
}

#[test]
fn a_clock_that_is_turned_back_makes_nothing_overdue() {
    assert_eq!(of(&sent(), Time(NOON.0 - 30 * DAY)), [(Timer::Acknowledge, Actor::Recipient, false)]);
    let left = Facts { place: Place::Accepted, leaving: left(NOON), ..sent() };
    let before = of(&left, Time(NOON.0 - DAY));
    assert_eq!(before, [(Timer::FirstAppointment, Actor::Recipient, false)], "no watch before the day");
}

#[test]
fn an_appointment_is_near_then_asks_whether_the_person_came() {
    let facts = Facts { place: Place::Scheduled, appointment: Some(NOON.plus(3 * DAY)), ..sent() };
    let due = timers(&facts, &Hours::DEFAULT, GREENWICH, NOON.plus(3 * DAY - 1));
    assert_eq!((due[0].timer, due[0].is_near(NOON.plus(2 * DAY))), (Timer::AppointmentNear, true));
    assert!(!due[0].is_near(NOON.plus(2 * DAY - 1)));
    assert!(!of(&facts, NOON.plus(4 * DAY - 1)).contains(&(Timer::AppointmentPassed, Actor::Recipient, true)));
    assert!(of(&facts, NOON.plus(4 * DAY)).contains(&(Timer::AppointmentPassed, Actor::Recipient, true)));
    let came = Facts { place: Place::Attended, attended: Some(NOON.plus(3 * DAY)), ..facts };
    assert!(of(&came, NOON.plus(4 * DAY)).iter().all(|(timer, ..)| *timer != Timer::AppointmentPassed));
}

fn watched(met: Option<Time>, now: Time, days: Days) -> Option<(u8, Time)> {
    let facts = Facts { place: Place::Accepted, leaving: left(NOON), met, ..sent() };
    timers(&facts, &Hours::DEFAULT, days, now).iter().find_map(|due| match due.timer {
        Timer::Watch { day } => Some((day, due.by)),
        _ => None,
    })
}

#[test]
fn the_watch_lasts_from_day_0_to_day_14_both_counted() {
    let midnight = Time(20_000 * DAY);
    assert_eq!(watched(None, NOON, GREENWICH), Some((1, midnight.plus(2 * DAY))), "day 1 lasts to its end");
    assert_eq!(watched(Some(NOON), NOON, GREENWICH).map(|(day, _)| day), Some(1), "the day itself is day 0");
    assert_eq!(watched(Some(NOON.plus(DAY)), NOON.plus(DAY), GREENWICH).map(|(day, _)| day), Some(3));
    assert_eq!(watched(Some(NOON.plus(7 * DAY)), NOON.plus(8 * DAY), GREENWICH).map(|(day, _)| day), Some(14));
    assert_eq!(watched(Some(NOON.plus(14 * DAY)), NOON.plus(14 * DAY), GREENWICH), None);
    assert!(watched(None, midnight.plus(15 * DAY - 1), GREENWICH).is_some());
    assert_eq!(watched(None, midnight.plus(15 * DAY), GREENWICH), None);
}

#[test]
fn a_day_ends_at_midnight_where_the_node_stands() {
    let central = Days { offset_minutes: -6 * 60 };
    let east = Days { offset_minutes: 9 * 60 };
    let midnight = Time(20_000 * DAY);
    assert_eq!(watched(None, NOON, central).map(|(_, by)| by), Some(midnight.plus(2 * DAY + 6 * HOUR)));
    assert_eq!(watched(None, NOON, east).map(|(_, by)| by), Some(midnight.plus(2 * DAY - 9 * HOUR)));
    for days in [GREENWICH, central, east] {
        let end = days.end(NOON, 3);
        assert_eq!((days.after(NOON, Time(end.0 - 1)), days.after(NOON, end)), (Some(3), Some(4)));
    }
}

#[test]
fn check_ins_come_at_the_start_and_after_30_90_and_180_days() {
    let asked = |had: &[Stage], day: u64| {
        let check_ins = had.iter().map(|stage| (*stage, NOON)).collect();
        let facts = Facts { place: Place::Attended, attended: Some(NOON), check_ins, ..sent() };
        timers(&facts, &Hours::DEFAULT, GREENWICH, NOON.plus(day * DAY)).iter().find_map(|due| match due.timer {
            Timer::CheckIn { day } => Some(day),
            _ => None,
        })
    };
    assert_eq!(asked(&[], 0), Some(0));
    assert_eq!(asked(&[Stage::Start], 0), None);
    assert_eq!(asked(&[Stage::Start], 22), None);
    assert_eq!(asked(&[Stage::Start], 23), Some(30), "a week early counts");
    assert_eq!(asked(&[], 200), Some(180), "what was let pass is not asked for again");
    assert_eq!(asked(&[Stage::Day180], 200), None);
}

#[test]
fn a_discharge_asks_the_sender_for_its_summary() {
    let facts = Facts { place: Place::Accepted, leaving: left(NOON), summary: Some(Actor::Sender), ..sent() };
    let overdue = |facts: &Facts, now| of(facts, now).contains(&(Timer::Summary, Actor::Sender, true));
    assert!(!overdue(&facts, Time(NOON.0 + 24 * HOUR - 1)));
    assert!(overdue(&facts, NOON.plus(24 * HOUR)));
    let told = Facts { summary: None, ..facts };
    assert!(of(&told, NOON.plus(DAY)).iter().all(|(timer, ..)| *timer != Timer::Summary));
}

#[test]
fn the_lost_are_looked_for_by_both_until_somebody_met_them() {
    let facts = Facts { place: Place::Accepted, lost: Some(NOON), ..sent() };
    let lost = |facts: &Facts, now| {
        let due = timers(facts, &Hours::DEFAULT, GREENWICH, now);
        due.iter().filter(|due| due.timer == Timer::Lost).map(|due| due.by).collect::<Vec<_>>()
    };
    assert_eq!(lost(&facts, NOON), [NOON.plus(REACH); 2]);
    assert_eq!(lost(&Facts { tried: Some(NOON.plus(DAY)), ..facts.clone() }, NOON), [NOON.plus(DAY + REACH); 2]);
    assert_eq!(lost(&Facts { leaving: left(NOON), ..facts }, NOON), [NOON.plus(REACH_URGENT); 2]);
}

#[test]
fn a_consent_is_spoken_of_14_days_before_its_end() {
    let end = NOON.plus(30 * DAY);
    let facts = Facts { place: Place::Accepted, consent_ends: Some(end), ..sent() };
    let spoken = |now| of(&facts, now).iter().any(|(timer, ..)| *timer == Timer::ConsentEnds);
    assert!(!spoken(Time(end.0 - CONSENT_ENDS - 1)));
    assert!(spoken(Time(end.0 - CONSENT_ENDS)));
    assert!(spoken(Time(end.0 - 1)));
    assert!(!spoken(end), "then it has ended");
}

#[test]
fn nothing_is_due_where_it_ended_and_was_settled_or_was_an_error() {
    for place in [Place::Nothing, Place::Declined, Place::Cancelled, Place::Failed, Place::EnteredInError] {
        let settled = place.is_lost();
        let facts = Facts { place, settled, lost: Some(NOON), attended: Some(NOON), ..sent() };
        assert_eq!(of(&facts, NOON.plus(DAY)), [], "{place:?}");
    }
}

#[test]
fn a_sender_who_hears_nothing_asks_the_person_until_it_is_said_what_comes_next() {
    let facts = Facts { answerable: false, ..sent() };
    let asks = |facts: &Facts, now| {
        let due = timers(facts, &Hours::DEFAULT, GREENWICH, now);
        due.into_iter().find(|due| due.timer == Timer::Ask).map(|due| (due.whose, due.by))
    };
    assert_eq!(asks(&facts, NOON), Some((Actor::Sender, NOON.plus(7 * DAY))));
    assert_eq!(asks(&Facts { urgent: true, ..facts.clone() }, NOON), Some((Actor::Sender, NOON.plus(2 * DAY))));
    let heard = Facts { met: Some(NOON.plus(6 * DAY)), ..facts.clone() };
    assert_eq!(asks(&heard, NOON), Some((Actor::Sender, NOON.plus(13 * DAY))), "who was heard of is asked later");
    assert_eq!(asks(&Facts { settled: true, ..facts.clone() }, NOON), None);
    assert_eq!(asks(&Facts { answerable: true, ..facts }, NOON), None);
}

#[test]
fn a_release_makes_urgent_what_comes_after_it_and_a_planned_one_nothing_before() {
    let by = |facts: &Facts, timer| {
        let due = timers(facts, &Hours::DEFAULT, GREENWICH, NOON);
        due.into_iter().find(|due| due.timer == timer).map(|due| due.by).expect("it is due")
    };
    let day = |days| NOON.plus(days * DAY);
    let released = |on| Facts { leaving: Some(Departure { on, by: Actor::Sender, said: NOON }), ..sent() };
    assert_eq!(by(&released(NOON), Timer::Acknowledge), NOON.plus(2 * HOUR));
    assert_eq!(by(&released(Time(NOON.0 - 20 * DAY)), Timer::Acknowledge), day(1), "the two weeks are over");
    let planned = released(day(20));
    assert_eq!(by(&planned, Timer::Acknowledge), day(1), "there is time to look at it");
    let accepted = |facts: &Facts| Facts { place: Place::Accepted, ..facts.clone() };
    assert_eq!(by(&accepted(&planned), Timer::FirstAppointment), day(22));
    assert_eq!(by(&accepted(&Facts { urgent: true, ..planned }), Timer::FirstAppointment), day(22));
    assert_eq!(by(&accepted(&released(NOON)), Timer::FirstAppointment), day(2));
    let missed = Facts { place: Place::Missed, ..released(NOON) };
    assert_eq!(by(&missed, Timer::NewAppointment), NOON.plus(2 * HOUR));
}

#[test]
fn what_became_urgent_later_is_due_by_the_hours_of_that_from_then_on() {
    let by = |urged: u64| {
        let facts = Facts { urgent: true, urged: Some(NOON.plus(urged)), ..sent() };
        timers(&facts, &Hours::DEFAULT, GREENWICH, NOON)[0].by
    };
    assert_eq!(by(10 * HOUR), NOON.plus(12 * HOUR));
    assert_eq!(by(3 * DAY), NOON.plus(DAY), "no later than it was");
}

#[test]
fn on_the_day_of_a_planned_release_somebody_says_whether_it_came_about() {
    let on = NOON.plus(20 * DAY);
    let planned = Facts { leaving: Some(Departure { on, by: Actor::Sender, said: NOON }), ..sent() };
    let asks = |facts: &Facts, now| of(facts, now).into_iter().find(|(timer, ..)| *timer == Timer::Leaves);
    assert_eq!(asks(&planned, NOON.plus(19 * DAY)), None);
    assert_eq!(asks(&planned, on), Some((Timer::Leaves, Actor::Sender, false)));
    assert_eq!(asks(&planned, on.plus(DAY)), Some((Timer::Leaves, Actor::Sender, true)));
    assert_eq!(asks(&Facts { leaving: left(on), ..planned.clone() }, on), None, "said on the day, it came about");
    assert_eq!(
        asks(&Facts { met: Some(on.plus(HOUR)), ..planned }, on.plus(DAY)),
        None,
        "somebody met the person since"
    );
}

#[test]
fn who_was_taken_back_since_nobody_has_the_person_stays_on_the_list() {
    let facts = Facts { place: Place::Cancelled, sought: true, ..sent() };
    assert_eq!(of(&facts, NOON.plus(REACH)), [(Timer::Rehome, Actor::Sender, true)]);
    assert_eq!(of(&Facts { settled: true, ..facts.clone() }, NOON.plus(REACH)), []);
    assert_eq!(of(&Facts { sought: false, ..facts }, NOON.plus(REACH)), [], "it was taken back for another reason");
}

#[test]
fn after_a_good_end_what_is_said_of_the_person_ends_every_question() {
    let facts =
        Facts { place: Place::Completed, lost: Some(NOON), leaving: left(NOON), attended: Some(NOON), ..sent() };
    assert!(of(&facts, NOON.plus(30 * DAY)).len() >= 2);
    assert_eq!(of(&Facts { settled: true, ..facts }, NOON.plus(30 * DAY)), []);
}

#[test]
fn a_consent_is_spoken_of_while_somebody_is_still_looked_after_under_it() {
    let end = NOON.plus(20 * DAY);
    let facts = Facts { place: Place::Completed, consent_ends: Some(end), attended: Some(NOON), ..sent() };
    let spoken = |facts: &Facts| of(facts, NOON.plus(10 * DAY)).iter().any(|(timer, ..)| *timer == Timer::ConsentEnds);
    assert!(spoken(&facts));
    assert!(!spoken(&Facts { check_ins: vec![(Stage::Day180, NOON)], ..facts }), "nothing is left to ask");
    assert!(!spoken(&Facts { settled: true, ..facts }));
}

#[test]
fn what_somebody_wrote_is_to_be_read_also_after_the_end() {
    let facts = |place| Facts {
        place,
        settled: true,
        here: Here { unread: Some((NOON, Actor::Sender)), ..Here::default() },
        ..sent()
    };
    for place in Place::ALL.into_iter().filter(|place| *place != Place::Nothing) {
        assert!(of(&facts(place), NOON).contains(&(Timer::Read, Actor::Sender, false)), "{place:?}");
        assert!(of(&facts(place), NOON.plus(DAY)).contains(&(Timer::Read, Actor::Sender, true)), "{place:?}");
    }
}

#[test]
fn nobody_is_phoned_about_somebody_who_has_died() {
    let all = Facts {
        lost: Some(NOON),
        leaving: left(NOON),
        attended: Some(NOON),
        held: Some((NOON, Actor::Sender)),
        ..sent()
    };
    for place in Place::ALL.into_iter().filter(|place| *place != Place::Nothing) {
        let facts = Facts { place, here: Here { died: true, ..Here::default() }, ..all.clone() };
        let rows = of(&facts, NOON.plus(DAY));
        let ends = [(Timer::Died, Actor::Sender, false), (Timer::Died, Actor::Recipient, false)];
        assert_eq!(rows, if facts.is_open() { ends.to_vec() } else { Vec::new() }, "{place:?}");
    }
    let told = Facts { place: Place::Failed, outcome: Some(Outcome::Deceased), ..all };
    assert_eq!(of(&told, NOON.plus(DAY)), [(Timer::Died, Actor::Sender, false)], "no other place, no watch");
    assert_eq!(of(&Facts { settled: true, ..told }, NOON.plus(DAY)), []);
}

#[test]
fn a_letter_that_went_to_nobody_is_ours_to_hand_over_and_nobody_is_late_before() {
    let facts = Facts { here: Here { to_hand_over: true, ..Here::default() }, ..sent() };
    assert_eq!(of(&facts, NOON.plus(DAY)), [(Timer::HandOver, Actor::Sender, true)]);
    assert_eq!(of(&sent(), NOON.plus(DAY)), [(Timer::Acknowledge, Actor::Recipient, true)]);
}

/// Times within some weeks of noon, on both sides of it.
fn some_time() -> impl proptest::strategy::Strategy<Value = Time> {
    use proptest::prelude::*;
    (0_u64..60 * 24).prop_map(|hours| Time(NOON.0 - 20 * DAY + hours * HOUR))
}

fn some_facts() -> impl proptest::strategy::Strategy<Value = Facts> {
    use proptest::prelude::*;
    let maybe = || prop::option::of(some_time());
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let walk = (prop::sample::select(&Place::ALL[..]), maybe(), maybe(), some_time(), maybe(), maybe());
    let rest = (maybe(), maybe(), maybe(), maybe(), maybe(), maybe());
    let check_ins = prop::collection::vec((prop::sample::select(&CHECK_INS[..]), some_time()), 0..3);
    let own = (maybe(), any::<bool>(), any::<bool>());
    (flags, walk, rest, check_ins, own).prop_map(
        |((urgent, answerable, owed, settled, sought), walk, rest, check_ins, own)| {
            let (place, sent, acknowledged, since, appointment, attended) = walk;
            let (leaving, said, met, lost, tried, consent_ends) = rest;
            // What was said of it last was said by whom it came from, whoever that was.
            let stands = if settled { Stands::Scheduled } else { Stands::Missed };
            let held =
                met.filter(|_| answerable).map(|met| (met, if urgent { Actor::Sender } else { Actor::Recipient }));
            Facts {
                place,
                urgent,
                urged: said.filter(|_| urgent),
                answerable,
                settled,
                sent,
                acknowledged,
                since,
                appointment,
                attended,
                sought,
                outcome: Some(Outcome::Transferred).filter(|_| sought),
                leaving: leaving.map(|on| Departure { on, by: Actor::Recipient, said: said.unwrap_or(on) }),
                summary: owed.then_some(Actor::Sender),
                met,
                check_ins,
                lost,
                tried,
                consent_ends,
                held,
                lives: said.filter(|_| owed).map(|said| (said, Actor::Sender)),
                own: tried.map(|since| (Actor::Member, Own { stands, since, at: lost })),
                here: Here {
                    unread: own.0.map(|at| (at, Actor::Recipient)),
                    plan: own.0.filter(|_| own.1).map(|at| (Timer::Renew, at, Actor::Sender)),
                    died: own.1 && own.2,
                    to_hand_over: own.2,
                    unheard: own.1.then_some(Actor::Recipient),
                    untold: own.0.filter(|_| own.2).map(|at| (at, Actor::Recipient)),
                    by_hand: own
                        .0
                        .filter(|_| settled)
                        .map(|at| (ByHand::Appointment, at, if owed { Actor::Member } else { Actor::Recipient })),
                },
            }
        },
    )
}

proptest::proptest! {
    #[test]
    fn what_was_made_of_the_facts_holds_until_the_moment_that_is_told(
        facts in some_facts(),
        now in some_time(),
        later in 0_u64..400 * 24,
        offset in -600_i32..600,
    ) {
        let days = Days { offset_minutes: offset };
        let read = |now: Time| {
            let due = timers(&facts, &Hours::DEFAULT, days, now);
            due.into_iter().map(|due| (due, due.is_overdue(now))).collect::<Vec<_>>()
        };
        let until = next_change(&facts, &Hours::DEFAULT, days, now);
        let last = until.map_or(Time(u64::MAX), |until| Time(until.0 - 1));
        for then in [now.plus(later * HOUR).min(last), last.min(now.plus(1_000 * DAY))] {
            proptest::prop_assert_eq!(read(now), read(then), "until {:?}", until);
        }
    }
}
