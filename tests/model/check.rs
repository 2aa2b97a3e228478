//! Running a story, and telling what breaks.

use crate::world::{Story, World};
use belay_protocol::planted::Bug;
use stateright::{Checker, CheckerBuilder, Expectation, HasDiscoveries, Model, UniformChooser};
use std::env;
use std::panic;
use std::sync::PoisonError;

fn number(name: &str, otherwise: usize) -> usize {
    env::var(name).map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name} is not a number: {text}")))
}

/// Whether the run has the story's own bounds.
fn as_it_stands() -> bool {
    ["MODEL_HISTORIES", "MODEL_DEPTH", "MODEL_SEED"].iter().all(|name| env::var_os(name).is_none())
}

fn histories(story: &Story) -> usize {
    number("MODEL_HISTORIES", story.histories)
}

fn bounded(story: &'static Story, most: usize) -> CheckerBuilder<World> {
    World::new(story, None, most)
        .checker()
        .target_max_depth(number("MODEL_DEPTH", story.depth))
        .finish_when(HasDiscoveries::AnyFailures)
}

/// All states within the story's bounds: every `always` holds, every `sometimes` is met.
pub fn check(story: &'static Story) {
    let most = histories(story);
    report(story, &bounded(story, most).spawn_bfs().join(), Some(most));
}

/// Random histories, to the story's depth, until as many were seen. `MODEL_SEED` sets where they begin.
pub fn walk(story: &'static Story) {
    let seed = u64::try_from(number("MODEL_SEED", 1)).unwrap();
    let walked = bounded(story, usize::MAX).target_state_count(histories(story));
    report(story, &walked.spawn_simulation(seed, UniformChooser).join(), None);
}

/// `most`: how many histories of one node might be looked at, the shortest first. Where they were fewer, every state to that depth was.
fn report(story: &'static Story, checked: &impl Checker<World>, most: Option<usize>) {
    let world = checked.model();
    let histories = world.memo.lock().unwrap_or_else(PoisonError::into_inner).len();
    let whole = match most {
        Some(most) if histories < most => ", all there are so deep",
        Some(_) => ", and no more were looked at",
        None => "",
    };
    println!(
        "{}: {} states, {} different, {} deep, {histories} histories of one node{whole}",
        story.name,
        checked.state_count(),
        checked.unique_state_count(),
        checked.max_depth()
    );
    if as_it_stands() {
        reached(story, checked, most.map(|most| histories < most));
    }
    world.reopen();
    let found = checked.discoveries();
    for property in world.properties() {
        match (property.expectation, found.get(property.name)) {
            (Expectation::Always | Expectation::Eventually, Some(path)) => {
                let state = path.last_state();
                let answers = world.answers(state);
                let why: Vec<_> = answers.iter().map(|a| (&a.disagrees, &a.broke, &a.miscounted, &a.unread)).collect();
                panic!(
                    "{}: not always: {}\n{state:#?}\n{why:#?}\n{:?}",
                    story.name,
                    property.name,
                    world.judged(state)
                );
            }
            (Expectation::Sometimes, None) => panic!("{}: never: {}", story.name, property.name),
            _ => {}
        }
    }
}

/// A model that goes nowhere shows nothing, whatever holds there. `whole`: whether fewer histories than might be were all there are.
fn reached(story: &Story, checked: &impl Checker<World>, whole: Option<bool>) {
    let (states, depth) = (checked.unique_state_count(), checked.max_depth());
    let (least, deep) = story.reaches;
    assert!(states >= least, "{}: {states} different states, where there were {least} at least", story.name);
    assert!(depth >= deep, "{}: {depth} events at most, where there were {deep} at least", story.name);
    if let Some(whole) = whole {
        assert_eq!(whole, story.whole, "{}: whether all states to the depth were looked at", story.name);
    }
}

/// Whether some state within the bounds shows a planted bug.
pub fn shows(story: &'static Story, bug: Bug) -> bool {
    let shown = panic::catch_unwind(|| {
        let checked = World::new(story, Some(bug), story.histories)
            .checker()
            .target_max_depth(story.depth)
            .finish_when(HasDiscoveries::AnyFailures)
            .spawn_bfs()
            .join();
        let world = checked.model();
        world.reopen();
        let found = checked.discoveries();
        world.properties().iter().find(|p| p.expectation == Expectation::Always && found.contains_key(p.name)).map(
            |p| {
                println!(
                    "{bug:?} shows in {} after {} states: not always: {}",
                    story.name,
                    checked.state_count(),
                    p.name
                );
            },
        )
    });
    // A panic of the code is one way to show.
    match shown {
        Ok(found) => found.is_some(),
        Err(_) => true,
    }
}
