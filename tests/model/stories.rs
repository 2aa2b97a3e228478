//! The stories: where each begins, who may do what, and what must be met on the way.

use crate::peer::{Peer, id};
use crate::scene::{Scene, Staging};
use crate::world::{Act, State, Story, World};
use belay_protocol::space::Fold;
use belay_protocol::space::entry::Kind;
use stateright::Property;
use std::collections::BTreeSet;

const A1: (u8, u8) = (1, 1);
const B1: (u8, u8) = (2, 1);
const B2: (u8, u8) = (2, 2);
const C1: (u8, u8) = (3, 1);

/// How many entries of a kind somebody wrote, by author.
fn wrote(world: &World, state: &State, kind: Kind) -> [usize; 3] {
    world.answers(state).map(|answer| answer.wrote.iter().filter(|w| w.entry.header().kind == kind).count())
}

/// Members come and go in a thread and in its coalition, at several nodes at once.
pub static MEMBERSHIP: Story = Story {
    name: "membership",
    scene: || Scene::coalition([A1, B1, C1], &[]).thread(&[2, 3]).set(),
    acts: [
        &[Act::Revokes(3), Act::Grants(3), Act::Expels(3), Act::Admits(3), Act::Writes],
        &[Act::Revokes(3), Act::Revokes(2)],
        &[Act::Revokes(3), Act::Writes],
    ],
    loose: true,
    depth: 7,
    histories: 2_400,
    reaches: (5_900, 6),
    whole: false,
    properties: || {
        vec![
            Property::sometimes("who is out at one is in at another", |world, state| {
                let answers = world.answers(state);
                let with = answers.iter().filter(|a| a.said.folds[1].members.contains_key(&id(3))).count();
                (1..3).contains(&with)
            }),
            Property::sometimes("let in again after a revocation", |world, state| {
                let revoked = wrote(world, state, Kind::Revoke).iter().sum::<usize>() > 0;
                let seat = world.answer(state, 0).said.folds[1].members.get(&id(3)).cloned();
                revoked && seat.is_some_and(|seat| seat.grants.iter().any(|grant| !world.scene.known.contains(grant)))
            }),
            Property::sometimes("a grant is void, since it knew one revocation of two", |world, state| {
                let both = wrote(world, state, Kind::Revoke);
                let granted = wrote(world, state, Kind::Grant)[0] > 0;
                let answer = world.answer(state, 0);
                granted && both[0] > 0 && both[1] > 0 && !answer.said.folds[1].members.contains_key(&id(3))
            }),
            Property::sometimes("something came before what it follows", |world, state| {
                world.answers(state).iter().zip(&state.0).any(|(answer, events)| {
                    events.iter().any(|event| match event {
                        crate::world::Event::Hears(hashes) => hashes.iter().any(|hash| !answer.held.contains(hash)),
                        crate::world::Event::Does(_) => false,
                    })
                })
            }),
        ]
    },
};

/// Rivals for charter three, and stewards that sign both.
pub static RIVALS: Story = Story {
    name: "rivals",
    scene: || stewards(&[]),
    acts: [
        &[Act::Proposes(&[1, 2], 1)],
        &[Act::Approves { charter: true, instead: false }, Act::Approves { charter: true, instead: true }],
        &[Act::Proposes(&[2, 3], 2), Act::Approves { charter: true, instead: true }],
    ],
    loose: false,
    depth: 11,
    histories: 1_500,
    reaches: (4_500, 11),
    whole: true,
    properties: || {
        vec![
            Property::sometimes("two rivals were adopted, and who signed both is shown", |world, state| {
                let double = |fold: &Fold| fold.charter.as_ref().is_some_and(|chain| !chain.double.is_empty());
                world.answers(state).iter().any(|answer| double(&answer.said.folds[0]))
            }),
            Property::sometimes("each rival is in force somewhere, until they hear of each other", |world, state| {
                let third = |fold: &Fold| Some(fold.charter.as_ref()?.charters.get(2)?.0);
                let in_force: BTreeSet<_> =
                    world.answers(state).iter().filter_map(|answer| third(&answer.said.folds[0])).collect();
                in_force.len() == 2
            }),
        ]
    },
};

/// A steward that is to be one no more admits somebody, and has not heard of the next charter, or has.
pub static SUCCESSION: Story = Story {
    name: "succession",
    scene: || stewards(&[]),
    acts: [
        &[Act::Admits(5), Act::Admits(6)],
        &[Act::Approves { charter: true, instead: false }, Act::Admits(5)],
        &[Act::Proposes(&[2, 3], 2)],
    ],
    loose: false,
    depth: 10,
    histories: 1_200,
    reaches: (3_700, 8),
    whole: false,
    properties: || {
        vec![
            Property::sometimes("an admission by who is no steward any more does not count", |world, state| {
                world.answers(state).iter().any(|answer| answer.said.folds[0].removed.contains(&id(5)))
            }),
            Property::sometimes("one that the new stewards knew does", |world, state| {
                world.answers(state).iter().any(|answer| {
                    let fold = &answer.said.folds[0];
                    let charters = fold.charter.as_ref().map_or(0, |chain| chain.charters.len());
                    charters == 3 && fold.members.contains_key(&id(6))
                })
            }),
        ]
    },
};

/// A removal that takes two stewards of three, and stewards that leave.
pub static REMOVAL: Story = Story {
    name: "removal",
    scene: || stewards(&[4]),
    acts: [
        &[Act::Removes(4), Act::Expels(4), Act::Expels(1)],
        &[Act::Approves { charter: false, instead: false }, Act::Proposes(&[1, 2], 1)],
        &[Act::Approves { charter: false, instead: false }, Act::Approves { charter: true, instead: false }],
    ],
    loose: false,
    depth: 9,
    histories: 1_200,
    reaches: (3_000, 9),
    whole: false,
    properties: || {
        vec![
            Property::sometimes("two stewards have taken somebody out", |world, state| {
                world.answers(state).iter().any(|answer| answer.said.folds[0].removed.contains(&id(4)))
            }),
            Property::sometimes("two write the removal at once", |world, state| {
                wrote(world, state, Kind::Revoke).iter().filter(|n| **n > 0).count() > 1
            }),
        ]
    },
};

/// Three stewards, any two of which remove.
fn stewards(others: &[u8]) -> Scene {
    let mut staging = Scene::coalition([A1, B1, C1], others);
    adopt(&mut staging);
    staging.set()
}

/// Charter two: the three are stewards.
fn adopt(staging: &mut Staging) {
    let stewards: BTreeSet<_> = [1, 2, 3].map(id).into();
    let coalition = staging.coalition_space();
    staging.peers[0].act(|s, d, by| s.propose_charter(d, by, coalition, stewards, 2, false)).unwrap();
}

/// Lines are sealed while somebody is let in and somebody goes.
pub static EPOCHS: Story = Story {
    name: "epochs",
    scene: || Scene::coalition([A1, B1, C1], &[]).thread(&[2]).line().set(),
    acts: [&[Act::Writes, Act::Grants(3), Act::Revokes(2)], &[Act::Writes, Act::Revokes(2)], &[Act::Writes]],
    loose: true,
    depth: 7,
    histories: 1_200,
    reaches: (2_900, 6),
    whole: false,
    properties: || {
        vec![
            Property::sometimes("an epoch is extended to a newcomer", |world, state| {
                wrote(world, state, Kind::Extend)[0] > 0
            }),
            Property::sometimes("the newcomer writes under it", |world, state| {
                wrote(world, state, Kind::Data)[2] > 0 && wrote(world, state, Kind::Epoch) == [0; 3]
            }),
            Property::sometimes("after a revocation an epoch is minted", |world, state| {
                wrote(world, state, Kind::Epoch)[0] > 0
            }),
            Property::sometimes("a line crosses the revocation of who wrote it", |world, state| {
                let [ours, theirs, _] = world.answers(state);
                wrote(world, state, Kind::Revoke)[0] > 0
                    && !ours.said.folds[1].members.contains_key(&id(2))
                    && theirs.wrote.iter().any(|w| w.entry.header().kind == Kind::Data && ours.held.contains(&w.hash))
            }),
        ]
    },
};

/// An organisation of two nodes writes while it is taken out of the coalition.
pub static QUARANTINE: Story = Story {
    name: "quarantine",
    scene: || Scene::coalition([A1, B1, B2], &[]).thread(&[2]).line().set(),
    acts: [&[Act::Expels(2)], &[Act::Writes], &[Act::Writes]],
    loose: true,
    depth: 8,
    histories: 1_200,
    reaches: (7_000, 8),
    whole: false,
    properties: || {
        vec![
            Property::sometimes("what counted does not count any more", |world, state| {
                world.answers(state).iter().any(|answer| answer.turned.0)
            }),
            Property::sometimes("what was written before the removal was heard does not count", |world, state| {
                let [taking, writing, _] = world.answers(state);
                taking.said.folds[0].removed.contains(&id(2))
                    && writing
                        .wrote
                        .iter()
                        .any(|w| taking.held.contains(&w.hash) && !taking.said.counted.contains(&w.hash))
            }),
        ]
    },
};

/// A node writes while another of its organisation retires it.
pub static LAST_WORDS: Story = Story {
    name: "last words",
    scene: || Scene::coalition([A1, B1, B2], &[]).thread(&[2]).line().set(),
    acts: [&[], &[Act::Writes], &[Act::Retires(0x21), Act::Writes]],
    loose: true,
    depth: 9,
    histories: 1_500,
    reaches: (10_000, 9),
    whole: false,
    properties: || {
        vec![
            Property::sometimes("last words are kept", |world, state| wrote(world, state, Kind::Keep)[2] > 0),
            Property::sometimes("what did not count does, by a keep that came after it", |world, state| {
                world.answers(state).iter().any(|answer| answer.turned.1)
            }),
            Property::sometimes("what a retired node wrote does not count", |world, state| {
                let retired = Peer::new(2, 1).id();
                let [other, writing, _] = world.answers(state);
                other.said.folds[0].retired.contains(&retired)
                    && writing
                        .wrote
                        .iter()
                        .any(|w| other.held.contains(&w.hash) && !other.said.counted.contains(&w.hash))
            }),
        ]
    },
};

/// Everything at once, for histories that are too long to look at all of them.
pub static LONG: Story = Story {
    name: "long",
    scene: || {
        let mut staging = Scene::coalition([A1, B1, C1], &[]).thread(&[2, 3]).line();
        adopt(&mut staging);
        staging.set()
    },
    acts: [
        &[Act::Writes, Act::Revokes(3), Act::Grants(3), Act::Proposes(&[1, 2], 1), Act::Admits(5), Act::Grants(2)],
        &[
            Act::Writes,
            Act::Revokes(3),
            Act::Approves { charter: true, instead: false },
            Act::Approves { charter: true, instead: true },
            Act::Revokes(2),
        ],
        &[Act::Writes, Act::Proposes(&[2, 3], 2), Act::Approves { charter: true, instead: true }, Act::Expels(3)],
    ],
    loose: true,
    depth: 30,
    histories: 600,
    reaches: (600, 30),
    whole: false,
    properties: Vec::new,
};
