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
    let (x, y) = (fold_with(100, 200), fold_with(200, 100));
    assert_eq!(x.place, y.place, "{} and {}: the hashes decide", one.1.name(), two.1.name());
    if one.0 != two.0 && !matches!(two.1, Act::Message { .. }) && !matches!(one.1, Act::Message { .. }) {
        assert!(x.history.iter().rev().take(2).all(|l| l.crossed.len() == 1), "people are not told that they crossed");
    }
    x.place
}

fn sent() -> Vec<(OrgId, Act)> {
    vec![(SENDER, send())]
}

fn accepted() -> Vec<(OrgId, Act)> {
    vec![(SENDER, send()), (RECIPIENT, accept())]
}

#[test]
fn acceptance_and_withdrawal_that_cross_make_the_withdrawal_a_request() {
    assert_eq!(crossed(sent(), &(RECIPIENT, accept()), &(SENDER, withdraw())), Place::CancelRequested);
}

#[test]
fn decline_and_withdrawal_that_cross_are_a_decline() {
    assert_eq!(crossed(sent(), &(RECIPIENT, decline()), &(SENDER, withdraw())), Place::Declined);
}

#[test]
fn attendance_and_withdrawal_that_cross_leave_a_request_that_completion_can_win() {
    assert_eq!(crossed(accepted(), &(RECIPIENT, attend()), &(SENDER, withdraw())), Place::CancelRequested);
    let done = close(Outcome::ServicesReceived);
    assert_eq!(crossed(accepted(), &(RECIPIENT, done), &(SENDER, withdraw())), Place::Completed);
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
        assert_eq!(crossed(before, &(RECIPIENT, one), &(RECIPIENT, two)), expected, "{words}");
    }
}

#[test]
fn every_pair_has_one_outcome_from_every_place() {
    let acts = || {
        let own = [withdraw(), Act::Message { text: none() }].map(|a| (SENDER, a));
        let theirs = [
            Act::Acknowledge,
            accept(),
            decline(),
            appointment(),
            Act::CancelAppointment { note: none() },
            attend(),
            no_show(),
            Act::ConfirmCancel,
            close(Outcome::Moved),
            Act::Message { text: none() },
        ];
        own.into_iter().chain(theirs.map(|a| (RECIPIENT, a))).collect::<Vec<_>>()
    };
    let scheduled = || [accepted(), vec![(RECIPIENT, appointment())]].concat();
    let requested = || [accepted(), vec![(SENDER, withdraw())]].concat();
    for before in [sent, accepted, scheduled, requested] {
        for one in acts() {
            for two in acts() {
                crossed(before(), &one, &two);
            }
        }
    }
}

#[test]
fn a_withdrawal_that_was_known_is_final_before_acceptance() {
    let state = state(&chain(vec![(SENDER, send()), (SENDER, withdraw()), (RECIPIENT, accept())]));
    assert_eq!(state.place, Place::Cancelled);
    assert!(state.history[2].without_effect.is_some());
}

fn any_act() -> impl Strategy<Value = (OrgId, Act)> {
    prop_oneof![
        Just((SENDER, send())),
        Just((SENDER, withdraw())),
        Just((SENDER, Act::Message { text: "m".into() })),
        Just((SENDER, Act::Identity(Box::default()))),
        Just((RECIPIENT, Act::Acknowledge)),
        Just((RECIPIENT, accept())),
        Just((RECIPIENT, decline())),
        Just((RECIPIENT, appointment())),
        Just((RECIPIENT, attend())),
        Just((RECIPIENT, no_show())),
        Just((RECIPIENT, Act::ConfirmCancel)),
        Just((RECIPIENT, close(Outcome::ServicesReceived))),
        Just((STRANGER, accept())),
    ]
}

proptest! {
    /// A random graph, given in a random order: the same state.
    #[test]
    fn any_order_of_arrival_gives_the_same_state(
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
        let mut seed = order;
        for i in (1..shuffled.len()).rev() {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            shuffled.swap(i, usize::try_from(seed >> 33).expect("fits") % (i + 1));
        }
        prop_assert_eq!(state(&shuffled), expected);
    }
}
