//! What one side did while the other was left out (2.26).

use super::*;

fn declined() -> Facts {
    Facts { place: Place::Declined, ..sent() }
}

#[test]
fn who_declined_a_person_and_may_not_say_so_looks_for_another_place_and_after_the_person_until_it_is_settled() {
    let unheard = Facts { here: Here { unheard: Some(Actor::Recipient), ..Here::default() }, ..declined() };
    assert_eq!(of(&declined(), NOON), [(Timer::Rehome, Actor::Sender, false)]);
    assert_eq!(of(&unheard, Time(NOON.0 + REACH - 1)), [(Timer::Rehome, Actor::Recipient, false)]);
    assert_eq!(of(&unheard, NOON.plus(REACH)), [(Timer::Rehome, Actor::Recipient, true)]);
    assert_eq!(of(&Facts { settled: true, ..unheard.clone() }, NOON), []);
    let released = of(&Facts { leaving: left(NOON), ..unheard }, NOON);
    assert!(released.iter().any(|due| matches!(due.0, Timer::Watch { .. })), "{released:?}");
    assert!(released.iter().all(|due| due.1 == Actor::Recipient), "{released:?}");
}

#[test]
fn what_may_be_told_of_it_now_is_told_within_the_hours_of_an_answer_and_comes_before_another_place() {
    let untold = Some((NOON, Actor::Recipient));
    let unheard = Some(Actor::Recipient);
    let facts = Facts { here: Here { untold, unheard, ..Here::default() }, ..declined() };
    assert_eq!(of(&facts, Time(NOON.0 + 24 * HOUR - 1)), [(Timer::Untold, Actor::Recipient, false)]);
    assert_eq!(of(&facts, NOON.plus(24 * HOUR)), [(Timer::Untold, Actor::Recipient, true)]);
    let settled = of(&Facts { settled: true, ..facts.clone() }, NOON);
    assert_eq!(
        settled,
        [(Timer::Untold, Actor::Recipient, false)],
        "staff said what comes next before it could be told"
    );
    let died = Facts { outcome: Some(Outcome::Deceased), place: Place::Failed, ..facts };
    assert!(of(&died, NOON).iter().any(|due| due.0 == Timer::Untold), "they wait for somebody who has died");
    assert!(Timer::Untold.stays_here() && !Timer::Untold.outlives_consent());
}

#[test]
fn what_is_said_again_by_hand_is_due_like_an_answer_until_it_ends_or_the_time_of_the_appointment_is_over() {
    let here = |what, whose| Here { by_hand: Some((what, NOON, whose)), ..Here::default() };
    let of_it = |facts: &Facts, now: Time| {
        let all = of(facts, now).into_iter();
        all.filter(|due| matches!(due.0, Timer::ByHand { .. })).map(|due| (due.1, due.2)).collect::<Vec<_>>()
    };
    let day = NOON.plus(24 * HOUR);
    let rests = Facts { place: Place::OnHold, here: here(ByHand::Rests, Actor::Recipient), ..sent() };
    assert_eq!(of_it(&rests, Time(day.0 - 1)), [(Actor::Recipient, false)]);
    assert_eq!(of_it(&rests, day), [(Actor::Recipient, true)]);
    for over in
        [Facts { outcome: Some(Outcome::Deceased), ..rests.clone() }, Facts { place: Place::EnteredInError, ..rests }]
    {
        assert_eq!(of_it(&over, day), [], "nobody is telephoned about that");
    }
    let to = NOON.plus(2 * DAY);
    // Nothing else is due at its time.
    let appointment = Facts {
        place: Place::Accepted,
        appointment: Some(to),
        here: here(ByHand::Appointment, Actor::Recipient),
        ..sent()
    };
    let own = Own { stands: Stands::Scheduled, since: NOON, at: Some(to) };
    let own = Facts { own: Some((Actor::Member, own)), here: here(ByHand::Appointment, Actor::Member), ..sent() };
    for facts in [appointment, own] {
        assert_eq!(of_it(&facts, Time(to.0 - 1)).len(), 1);
        assert_eq!(of_it(&facts, to), []);
        assert_eq!(
            next_change(&facts, &Hours::DEFAULT, GREENWICH, Time(to.0 - 1)),
            Some(to),
            "the list is made anew then"
        );
    }
    assert!(Timer::ByHand { what: ByHand::Rests }.stays_here());
}
