//! What is said again by hand, between the referral as it stands here and as the others know it.

use super::*;
use crate::referral::{ByHand, Stands, Visit};

fn on(day: u64) -> Option<Appointment> {
    let zone = Zone::default();
    Some(Appointment { at: NOW.plus(day * DAY), zone, place: none(), mode: Mode::InPerson, note: none() })
}

/// A referral at this place, with an appointment on this day.
fn at(place: Place, day: Option<u64>) -> State {
    State { place, appointment: day.and_then(on), ..State::default() }
}

#[test]
fn the_next_of_it_follows_from_the_two_places_and_appointments() {
    use ByHand as H;
    use Place as P;
    let known = || at(P::Scheduled, Some(1));
    let cases = [
        (at(P::Scheduled, Some(1)), known(), None),
        (at(P::Scheduled, Some(2)), known(), Some(H::Appointment)),
        (at(P::Scheduled, Some(1)), at(P::Missed, Some(1)), Some(H::Appointment)),
        (at(P::Scheduled, Some(1)), at(P::Accepted, None), Some(H::Appointment)),
        (at(P::Missed, Some(1)), known(), Some(H::Missed)),
        (at(P::Missed, Some(2)), known(), Some(H::Lapsed)),
        (at(P::Missed, Some(2)), at(P::Accepted, None), None),
        (at(P::AppointmentCancelled, None), known(), Some(H::Cancelled)),
        (at(P::AppointmentCancelled, None), at(P::Accepted, None), None),
        (at(P::OnHold, None), known(), Some(H::Rests)),
        (at(P::OnHold, None), at(P::OnHold, None), None),
        (at(P::Active, None), at(P::OnHold, None), Some(H::GoesOn)),
        (at(P::Scheduled, Some(1)), at(P::OnHold, None), Some(H::GoesOn)),
        (at(P::Active, None), known(), Some(H::Lapsed)),
        (at(P::Active, None), at(P::Active, None), None),
        // What one command tells, or ends it, leaves nothing to say.
        (at(P::Attended, Some(1)), known(), None),
        (at(P::Completed, Some(1)), known(), None),
        (at(P::Missed, Some(1)), at(P::Cancelled, Some(1)), None),
    ];
    for (here, there, what) in cases {
        assert_eq!(ByHand::of(&here, &there), what, "{:?} here, {:?} there", here.place, there.place);
    }
}

/// What staff change of an appointment on the first day.
type Changed = fn(&mut Appointment);

#[test]
fn an_appointment_at_another_place_by_another_clock_or_in_another_way_is_said_again_and_other_words_beside_it_are_not()
{
    let known = on(1).expect("an appointment");
    let cases: [(Changed, bool); 4] = [
        (|one| one.place = "Mill Street".into(), true),
        (|one| one.zone.name = "America/Denver".into(), true),
        (|one| one.mode = Mode::Telephone, true),
        (|one| one.note = "bring nothing".into(), false),
    ];
    for (at, (change, said)) in cases.into_iter().enumerate() {
        let mut here = known.clone();
        change(&mut here);
        let visit = |appointment: &Appointment| Visit {
            org: RECIPIENT_ORG,
            stands: Stands::Scheduled,
            since: NOW,
            appointment: Some(appointment.clone()),
            attended: None,
        };
        let state = |one: &Appointment| State {
            place: Place::Scheduled,
            appointment: Some(one.clone()),
            visits: vec![visit(one)],
            ..State::default()
        };
        let (here, there, what) = (state(&here), state(&known), said.then_some(ByHand::Appointment));
        assert_eq!(ByHand::of(&here, &there), what, "case {at}");
        assert_eq!(ByHand::of_own(RECIPIENT_ORG, &here, &there), what, "case {at}, an own one");
    }
}

#[test]
fn an_own_appointment_goes_by_itself_and_is_said_also_where_the_person_came_to_it() {
    let own = |visit: Option<(Stands, Option<u64>)>| {
        let of = |(stands, day): (Stands, Option<u64>)| Visit {
            org: RECIPIENT_ORG,
            stands,
            since: NOW,
            appointment: day.and_then(on),
            attended: None,
        };
        State { visits: visit.map(of).into_iter().collect(), ..State::default() }
    };
    let known = Some((Stands::Scheduled, Some(1)));
    for (here, there, what) in [
        (Some((Stands::Scheduled, Some(1))), known, None),
        (Some((Stands::Scheduled, Some(2))), known, Some(ByHand::Appointment)),
        (Some((Stands::Scheduled, Some(1))), None, Some(ByHand::Appointment)),
        (Some((Stands::Missed, Some(1))), known, Some(ByHand::Missed)),
        (Some((Stands::Missed, Some(2))), known, Some(ByHand::Lapsed)),
        (Some((Stands::Missed, Some(1))), None, None),
        (Some((Stands::Cancelled, None)), known, Some(ByHand::Cancelled)),
        (Some((Stands::Attended, None)), known, Some(ByHand::Came)),
        (Some((Stands::Attended, None)), Some((Stands::Missed, Some(1))), Some(ByHand::Came)),
        (Some((Stands::Attended, None)), None, Some(ByHand::Came)),
        (Some((Stands::Attended, None)), Some((Stands::Attended, None)), None),
        (None, known, None),
    ] {
        assert_eq!(ByHand::of_own(RECIPIENT_ORG, &own(here), &own(there)), what, "{here:?} here, {there:?} there");
    }
}
