//! What one side kept to itself, and what it told afterwards, in its own fold.

use super::*;
use crate::time::MINUTE;

/// An act of the recipient: kept after these, or told.
fn at(n: u8, after: &[EntryHash], what: Act, (local, seconds): (bool, u64)) -> Placed {
    let mut one = act(hash(n), after, RECIPIENT_ORG, what);
    one.local = local;
    one.time = NOW.plus(seconds);
    one
}

fn follows(entries: &[Placed], n: u8) -> &[EntryHash] {
    &entries.iter().find(|one| one.hash == hash(n)).expect("an entry").follows
}

/// Where the recipient itself and the sender see it stand.
fn both(entries: &[Placed]) -> [State; 2] {
    let mut ours = entries.to_vec();
    follow_kept(RECIPIENT_ORG, &mut ours);
    let mut theirs: Vec<Placed> = entries.iter().filter(|one| !one.local).cloned().collect();
    follow_kept(SENDER_ORG, &mut theirs);
    [state(&ours), state(&theirs)]
}

#[test]
fn what_is_told_after_something_was_kept_follows_it_in_ones_own_fold_whatever_the_hashes() {
    // Accepted, and then here alone: an appointment, to which the person did not come. Told afterwards: another appointment.
    for told in [5, 90] {
        let mut entries = chain(accepted());
        let known = entries.last().expect("accepted").hash;
        entries.push(at(40, &[known], appointment(), (true, 1)));
        entries.push(at(41, &[hash(40)], no_show(), (true, 2)));
        entries.push(at(told, &[known], appointment(), (false, 3)));
        assert_eq!(state(&entries).place, Place::Missed, "as if the missed one had come last");
        follow_kept(RECIPIENT_ORG, &mut entries);
        let now = state(&entries);
        assert_eq!((now.place, now.no_shows), (Place::Scheduled, 1));
        assert!(now.history.iter().all(|line| line.crossed.is_empty()), "the one was made after the other");
        assert_eq!(follows(&entries, told), [hash(41)], "the newest of what was kept is enough");
    }
}

#[test]
fn what_was_kept_by_who_knew_that_it_was_told_does_not_come_before_it_whatever_the_clocks_say() {
    let mut entries = chain(accepted());
    let known = entries.last().expect("accepted").hash;
    // The clock was turned back between the two.
    entries.push(at(40, &[known], appointment(), (false, 9)));
    entries.push(at(41, &[hash(40)], no_show(), (true, 2)));
    // Another machine, which knew neither.
    entries.push(at(42, &[known], hold(), (true, 1)));
    follow_kept(RECIPIENT_ORG, &mut entries);
    assert_eq!(follows(&entries, 40), [hash(42)]);
    assert_eq!(state(&entries).history.len(), 5, "every act has its turn");
}

#[test]
fn an_appointment_that_is_cancelled_for_those_who_knew_of_no_rest_is_cancelled_here_too_whichever_came_first() {
    let resume = || Act::Resume { note: none() };
    let cancel = || Act::CancelAppointment { why: Why::default() };
    let met = |last: Option<Act>| {
        let acts = [Some(appointment()), last].into_iter().flatten().map(|act| (RECIPIENT_ORG, act));
        chain(accepted().into_iter().chain(acts).collect())
    };
    for last in [None, Some(no_show()), Some(Act::Attend { when: NOW })] {
        // The rest and its end are kept in turn with the one word that is told: before, between, after.
        for (at_rest, over, told) in [(1, 2, 3), (1, 3, 2), (2, 3, 1)] {
            let mut entries = met(last.clone());
            let known = entries.last().expect("an appointment").hash;
            entries.push(at(40, &[known], hold(), (true, at_rest)));
            entries.push(at(41, &[hash(40)], resume(), (true, over)));
            entries.push(at(42, &[known], cancel(), (false, told)));
            // Each machine knows what was there before.
            if told == 1 {
                entries.iter_mut().find(|one| one.hash == hash(40)).expect("a rest").parents = vec![hash(42)];
            }
            let [ours, theirs] = both(&entries);
            assert_eq!(
                (ours.place, theirs.place),
                (Place::AppointmentCancelled, Place::AppointmentCancelled),
                "{told} of {last:?}"
            );
            assert!(ours.history.iter().all(|line| line.without_effect.is_none()), "{:?}", ours.history);
            assert_eq!((ours.appointment, theirs.appointment), (None, None));
        }
    }
}

#[test]
fn where_no_appointment_stood_or_the_rest_was_told_there_is_none_to_cancel() {
    let cancel = || Act::CancelAppointment { why: Why::default() };
    for (acts, local) in
        [(accepted(), true), (accepted().into_iter().chain([(RECIPIENT_ORG, appointment())]).collect(), false)]
    {
        let mut entries = chain(acts);
        let known = entries.last().expect("accepted").hash;
        entries.push(at(40, &[known], hold(), (local, 1)));
        entries.push(at(41, &[hash(40)], Act::Resume { note: none() }, (local, 2)));
        entries.push(at(42, &[if local { known } else { hash(41) }], cancel(), (false, 3)));
        for state in both(&entries) {
            let line = state.history.last().expect("told");
            assert_eq!((line.entry, line.without_effect), (hash(42), Some("there is no appointment")));
        }
    }
}

#[test]
fn nothing_of_the_other_side_follows_what_was_kept_here() {
    let mut entries = chain(accepted());
    let known = entries.last().expect("accepted").hash;
    entries.push(at(40, &[known], appointment(), (true, 1)));
    let mut theirs = act(hash(41), &[known], SENDER_ORG, withdraw());
    theirs.time = NOW.plus(5);
    entries.push(theirs);
    follow_kept(RECIPIENT_ORG, &mut entries);
    assert!(follows(&entries, 41).is_empty());
}

#[test]
fn who_kept_something_after_more_had_come_changes_nothing_of_what_another_machine_told_without_that() {
    let mut entries = chain(sent());
    let known = entries.last().expect("sent").hash;
    entries.push(act(hash(40), &[known], SENDER_ORG, withdraw()));
    // One machine has the withdrawal and keeps a need; another has not, and accepts later.
    entries.push(at(41, &[hash(40)], need(1, 1, NeedStatus::Open), (true, 2)));
    entries.push(at(42, &[known], accept(), (false, 3)));
    let [ours, theirs] = both(&entries);
    assert_eq!((ours.place, theirs.place), (Place::CancelRequested, Place::CancelRequested));
    let crossed = |state: &State| {
        let line = state.history.iter().find(|line| line.entry == hash(42)).expect("accepted");
        (line.without_effect, line.crossed.clone())
    };
    assert_eq!(crossed(&ours), (None, vec![hash(40)]), "neither knew of the other");
    assert_eq!(crossed(&ours), crossed(&theirs));
}

#[test]
fn what_one_machine_told_does_not_come_before_what_another_told_without_knowing_it_since_something_was_kept_between() {
    let mut entries = chain(accepted());
    let known = entries.last().expect("accepted").hash;
    entries.push(at(40, &[known], hold(), (false, 1)));
    entries.push(at(41, &[hash(40)], need(1, 1, NeedStatus::Open), (true, 2)));
    entries.push(at(42, &[known], appointment(), (false, 3)));
    // And a word beside it, upon which a step rests.
    entries.push(at(43, &[known], Act::Message { text: none() }, (false, 4)));
    entries.push(at(44, &[hash(43)], appointment(), (false, 5)));
    let [ours, theirs] = both(&entries);
    assert_eq!((ours.place, theirs.place), (Place::OnHold, Place::OnHold));
    for state in [ours, theirs] {
        assert!(state.history.iter().all(|line| line.without_effect.is_none()), "made before it was put on hold");
    }
}

#[test]
fn who_told_an_end_after_another_was_kept_is_not_taken_to_have_known_that_one_when_it_is_struck() {
    let mut entries = chain(accepted());
    let known = entries.last().expect("accepted").hash;
    entries.push(at(40, &[known], close(Outcome::LostContact), (true, 1)));
    entries.push(at(41, &[known], close(Outcome::Administrative), (false, 2)));
    let wrong = Act::Mistake { entry: hash(40), information: Information::Referral, reason: none() };
    entries.push(at(42, &[hash(40)], wrong, (true, 3)));
    let [ours, theirs] = both(&entries);
    assert_eq!((ours.place, ours.outcome), (Place::Failed, Some(Outcome::Administrative)), "{:?}", ours.history);
    assert_eq!((theirs.place, theirs.outcome), (ours.place, ours.outcome));
}

#[test]
fn what_became_of_a_visit_is_told_again_and_takes_nothing_back_that_was_kept_after_it() {
    let second = || match appointment() {
        Act::Schedule(one) => Act::Schedule(Appointment { at: one.at.plus(DAY), ..one }),
        _ => unreachable!("an appointment"),
    };
    // What is shown of a time, and typed again, is its minute.
    let missed = || Act::NoShow { when: Time(NOW.0 - NOW.0 % MINUTE), why: Why::default() };
    let cases = [
        (attend(), vec![second()], attend(), (Place::Scheduled, Place::Attended)),
        (attend(), vec![hold()], attend(), (Place::OnHold, Place::Attended)),
        (attend(), vec![second(), no_show()], attend(), (Place::Missed, Place::Attended)),
        (no_show(), vec![second()], missed(), (Place::Scheduled, Place::Missed)),
        // Another visit is another step.
        (attend(), vec![second()], Act::Attend { when: NOW.plus(DAY) }, (Place::Attended, Place::Attended)),
    ];
    for (at, (what, after, told, places)) in cases.into_iter().enumerate() {
        let mut entries = chain(accepted().into_iter().chain([(RECIPIENT_ORG, appointment())]).collect());
        let known = entries.last().expect("an appointment").hash;
        let kept = std::iter::once(what).chain(after);
        let mut before = known;
        for (n, act) in (40..).zip(kept) {
            entries.push(self::at(n, &[before], act, (true, u64::from(n))));
            before = hash(n);
        }
        entries.push(self::at(90, &[known], told, (false, 90)));
        let [ours, theirs] = both(&entries);
        assert_eq!((ours.place, theirs.place), places, "case {at}");
        let again = ours.history.last().expect("told");
        assert_eq!((again.entry, again.without_effect.is_some()), (hash(90), places.0 != places.1), "case {at}");
        assert!(theirs.history.iter().all(|line| line.without_effect.is_none()), "case {at}");
        if ours.place == Place::Scheduled {
            assert!(ours.appointment.is_some_and(|one| Act::Schedule(one) == second()), "case {at}");
        }
    }
}

#[test]
fn who_came_and_was_struck_here_and_is_told_after_all_has_come() {
    let mut entries = chain(accepted());
    let known = entries.last().expect("accepted").hash;
    entries.push(at(40, &[known], attend(), (true, 1)));
    let wrong = Act::Mistake { entry: hash(40), information: Information::Referral, reason: none() };
    entries.push(at(41, &[hash(40)], wrong, (true, 2)));
    entries.push(at(42, &[known], attend(), (false, 3)));
    let [ours, theirs] = both(&entries);
    assert_eq!((ours.place, theirs.place), (Place::Attended, Place::Attended), "{:?}", ours.history);
}

#[test]
fn a_visit_that_is_told_again_leads_on_here_as_there_from_what_the_others_did_meanwhile() {
    let resume = || Act::Resume { note: none() };
    for meanwhile in [vec![withdraw()], vec![withdraw(), resume()]] {
        let steps = meanwhile.len();
        let mut entries = chain(accepted().into_iter().chain([(RECIPIENT_ORG, appointment())]).collect());
        let known = entries.last().expect("an appointment").hash;
        entries.push(at(40, &[known], attend(), (true, 1)));
        let mut before = known;
        for (n, what) in (50..).zip(meanwhile) {
            let mut one = act(hash(n), &[before], SENDER_ORG, what);
            one.time = NOW.plus(u64::from(n));
            entries.push(one);
            before = hash(n);
        }
        entries.push(at(90, &[before], attend(), (false, 90)));
        let [ours, theirs] = both(&entries);
        assert_eq!((ours.place, theirs.place), (Place::Attended, Place::Attended), "{steps} steps between");
    }
}
