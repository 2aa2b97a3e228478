//! Concurrent acts have one outcome, whatever their hashes are and in whatever order they come.

use super::*;
use proptest::prelude::*;

/// Both acts after `before`, neither knowing of the other, with hashes both ways round.
fn crossed(before: Vec<(OrgId, Act)>, one: &(OrgId, Act), two: &(OrgId, Act)) -> Place {
    let entries = chain(before);
    let last = vec![entries.last().expect("an entry").hash];
    let fold_with = |a: u8, b: u8| {
        let mut entries = entries.clone();
        entries.push(act(hash(a), &last, one.0, one.1.clone()));
        entries.push(act(hash(b), &last, two.0, two.1.clone()));
        state(&entries)
    };
    let (x, y) = (fold_with(100, 150), fold_with(150, 100));
    assert_eq!(x.place, y.place, "{} and {}: the hashes decide", one.1.name(), two.1.name());
    if one.0 != two.0 && one.1.moves() && two.1.moves() {
        assert!(x.history.iter().rev().take(2).all(|l| l.crossed.len() == 1), "people are not told that they crossed");
    }
    x.place
}

#[test]
fn acceptance_and_withdrawal_that_cross_make_the_withdrawal_a_request() {
    assert_eq!(crossed(sent(), &(RECIPIENT_ORG, accept()), &(SENDER_ORG, withdraw())), Place::CancelRequested);
}

#[test]
fn decline_and_withdrawal_that_cross_are_a_decline() {
    assert_eq!(crossed(sent(), &(RECIPIENT_ORG, decline()), &(SENDER_ORG, withdraw())), Place::Declined);
}

#[test]
fn attendance_and_withdrawal_that_cross_leave_a_request_that_completion_can_win() {
    assert_eq!(crossed(accepted(), &(RECIPIENT_ORG, attend()), &(SENDER_ORG, withdraw())), Place::CancelRequested);
    let done = close(Outcome::ServicesReceived);
    assert_eq!(crossed(accepted(), &(RECIPIENT_ORG, done), &(SENDER_ORG, withdraw())), Place::Completed);
}

#[test]
fn two_nodes_of_the_recipient_that_cross_agree() {
    let pairs = [
        (sent(), accept(), decline(), Place::Declined),
        (sent(), Act::Acknowledge, accept(), Place::Accepted),
        (accepted(), appointment(), decline(), Place::Declined),
        (accepted(), close(Outcome::ServicesReceived), decline(), Place::Completed),
        (accepted(), close(Outcome::ServicesReceived), attend(), Place::Completed),
        (accepted(), appointment(), attend(), Place::Attended),
    ];
    for (before, one, two, expected) in pairs {
        let words = format!("{} and {}", one.name(), two.name());
        assert_eq!(crossed(before, &(RECIPIENT_ORG, one), &(RECIPIENT_ORG, two)), expected, "{words}");
    }
}

/// What the table of `decisions/referral-states.md` promises, pair by pair.
#[test]
fn each_pair_that_crosses_ends_where_the_decision_says() {
    use Place as P;
    let (ours, theirs) = (|act| (SENDER_ORG, act), |act| (RECIPIENT_ORG, act));
    let recipients = |acts: Vec<Act>| [accepted(), acts.into_iter().map(|act| (RECIPIENT_ORG, act)).collect()].concat();
    let well = || close(Outcome::ServicesReceived);
    let badly = || close(Outcome::Moved);
    let scheduled = || recipients(vec![appointment()]);
    let withdrawn = || [accepted(), vec![(SENDER_ORG, withdraw())]].concat();
    let lost = || Act::Lost { since: None, note: none() };
    let rows = [
        (sent(), theirs(Act::Acknowledge), ours(withdraw()), P::Cancelled),
        (sent(), theirs(accept()), ours(in_error()), P::EnteredInError),
        (accepted(), theirs(badly()), ours(withdraw()), P::Failed),
        (accepted(), theirs(well()), theirs(badly()), P::Completed),
        (accepted(), theirs(appointment()), ours(withdraw()), P::CancelRequested),
        (accepted(), theirs(hold()), theirs(badly()), P::Failed),
        (scheduled(), theirs(reschedule()), theirs(cancel_appointment()), P::AppointmentCancelled),
        (scheduled(), theirs(reschedule()), theirs(no_show()), P::Missed),
        (scheduled(), theirs(cancel_appointment()), theirs(no_show()), P::AppointmentCancelled),
        (scheduled(), theirs(no_show()), theirs(attend()), P::Attended),
        (scheduled(), theirs(no_show()), theirs(decline()), P::Declined),
        (recipients(vec![hold()]), theirs(resume()), theirs(hold()), P::OnHold),
        (recipients(vec![hold()]), theirs(attend()), ours(withdraw()), P::CancelRequested),
        (withdrawn(), ours(resume()), theirs(Act::ConfirmCancel), P::Active),
        (withdrawn(), theirs(Act::ConfirmCancel), theirs(well()), P::Completed),
        (withdrawn(), theirs(attend()), theirs(Act::ConfirmCancel), P::Attended),
        (recipients(vec![well()]), theirs(attend()), theirs(lost()), P::Completed),
        (recipients(vec![well()]), theirs(attend()), ours(in_error()), P::EnteredInError),
    ];
    for (before, one, two, expected) in rows {
        assert_eq!(crossed(before, &one, &two), expected, "{} and {}", one.1.name(), two.1.name());
    }
}

/// From each place, all acts of both organisations against each other, with the hashes both ways round.
#[test]
fn every_pair_has_one_outcome_from_every_place() {
    let acts = || {
        let own = [withdraw(), in_error()].into_iter().chain(tellings()).map(|act| (SENDER_ORG, act));
        let theirs = [
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
            close(Outcome::Moved),
            close(Outcome::ServicesReceived),
        ];
        own.chain(theirs.into_iter().chain(tellings()).map(|act| (RECIPIENT_ORG, act))).collect::<Vec<_>>()
    };
    let befores = places();
    let mut places: Vec<Place> = befores.iter().map(|before| state(&chain(before.clone())).place).collect();
    places.push(Place::Nothing);
    assert!(Place::ALL.iter().all(|place| places.contains(place)), "each place is reached: {places:?}");
    for before in befores {
        for one in acts() {
            for two in acts() {
                crossed(before.clone(), &one, &two);
            }
        }
    }
}

#[test]
fn what_the_recipient_did_stands_beside_a_hold_and_an_error_undoes_everything() {
    assert_eq!(crossed(accepted(), &(RECIPIENT_ORG, hold()), &(RECIPIENT_ORG, attend())), Place::OnHold);
    assert_eq!(crossed(accepted(), &(RECIPIENT_ORG, hold()), &(SENDER_ORG, withdraw())), Place::CancelRequested);
    let done = close(Outcome::ServicesReceived);
    assert_eq!(crossed(accepted(), &(RECIPIENT_ORG, hold()), &(RECIPIENT_ORG, done.clone())), Place::Completed);
    for theirs in [accept(), decline(), Act::Acknowledge] {
        assert_eq!(crossed(sent(), &(RECIPIENT_ORG, theirs), &(SENDER_ORG, in_error())), Place::EnteredInError);
    }
    assert_eq!(crossed(accepted(), &(RECIPIENT_ORG, done), &(SENDER_ORG, in_error())), Place::EnteredInError);
}

#[test]
fn an_alarm_that_crosses_a_sighting_is_over() {
    let lost = (RECIPIENT_ORG, Act::Lost { since: None, note: none() });
    let entries = chain(accepted());
    let last = vec![entries.last().expect("an entry").hash];
    for (a, b) in [(100, 150), (150, 100)] {
        let mut entries = entries.clone();
        entries.push(act(hash(a), &last, lost.0, lost.1.clone()));
        entries.push(act(hash(b), &last, SENDER_ORG, seen()));
        assert_eq!(state(&entries).lost, None);
    }
}

#[test]
fn a_withdrawal_that_was_known_is_final_before_acceptance() {
    let state = state(&chain(vec![(SENDER_ORG, send()), (SENDER_ORG, withdraw()), (RECIPIENT_ORG, accept())]));
    assert_eq!(state.place, Place::Cancelled);
    assert!(state.history[2].without_effect.is_some());
}

fn any_act() -> impl Strategy<Value = (OrgId, Act)> {
    prop_oneof![
        Just((SENDER_ORG, send())),
        Just((SENDER_ORG, withdraw())),
        Just((SENDER_ORG, Act::Message { text: "m".into() })),
        Just((SENDER_ORG, in_error())),
        prop::sample::select(tellings()).prop_map(|act| (SENDER_ORG, act)),
        prop::sample::select(tellings()).prop_map(|act| (RECIPIENT_ORG, act)),
        Just((RECIPIENT_ORG, hold())),
        Just((RECIPIENT_ORG, resume())),
        Just((RECIPIENT_ORG, reschedule())),
        Just((RECIPIENT_ORG, cancel_appointment())),
        Just((RECIPIENT_ORG, Act::Acknowledge)),
        Just((RECIPIENT_ORG, accept())),
        Just((RECIPIENT_ORG, decline())),
        Just((RECIPIENT_ORG, appointment())),
        Just((RECIPIENT_ORG, attend())),
        Just((RECIPIENT_ORG, no_show())),
        Just((RECIPIENT_ORG, Act::ConfirmCancel)),
        Just((RECIPIENT_ORG, close(Outcome::ServicesReceived))),
        Just((STRANGER, accept())),
    ]
}

proptest! {
    /// A random graph, given in a random order and in part twice: the same state.
    #[test]
    fn any_order_and_any_duplication_give_the_same_state(
        acts in prop::collection::vec((any_act(), prop::collection::vec(any::<prop::sample::Index>(), 1..3), any::<u8>()), 1..14),
        order in any::<u64>(),
    ) {
        let mut entries = notices(true);
        let mut names: Vec<EntryHash> = ROOTS.to_vec();
        for (i, ((author, what), parents, salt)) in acts.into_iter().enumerate() {
            let mut name = [salt; 32];
            name[31] = u8::try_from(i).expect("few") + 20;
            let parents: Vec<EntryHash> = parents.iter().map(|p| *p.get(&names)).chain(ROOTS).collect();
            entries.push(act(EntryHash(name), &parents, author, what));
            names.push(EntryHash(name));
        }
        let expected = state(&entries);
        let mut shuffled = entries.clone();
        shuffled.extend(entries.iter().skip(usize::try_from(order % 5).expect("small")).step_by(2).cloned());
        let mut seed = order;
        for i in (1..shuffled.len()).rev() {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            shuffled.swap(i, usize::try_from(seed >> 33).expect("fits") % (i + 1));
        }
        prop_assert_eq!(state(&shuffled), expected);
    }
}
