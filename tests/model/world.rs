//! The model: what may happen next, and what then is.

use crate::answer::{Answer, Judged, Memo};
use crate::scene::Scene;
use belay_protocol::ids::EntryHash;
use belay_protocol::planted::Bug;
use stateright::{Model, Property};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What somebody may do. Organisations and nodes by number; a node's is sixteen times its organisation's, and its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    Writes,
    Grants(u8),
    /// From the thread. Its own: it leaves.
    Revokes(u8),
    /// From the coalition. Its own: it leaves.
    Expels(u8),
    Admits(u8),
    Retires(u8),
    Proposes(&'static [u8], u32),
    /// The removal of an organisation.
    Removes(u8),
    /// The first open charter, or the first open removal. `instead`: although it approved a rival.
    Approves {
        charter: bool,
        instead: bool,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    Does(Act),
    /// These entries come, in this order.
    Hears(Vec<EntryHash>),
}

/// What each of the three did and heard, in order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct State(pub [Vec<Event>; 3]);

/// One deed of one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    node: usize,
    event: Event,
}

/// A scene, what may happen there at most once each, and what must hold.
pub struct Story {
    pub name: &'static str,
    pub scene: fn() -> Scene,
    /// By node.
    pub acts: [&'static [Act]; 3],
    /// Whether entries also come one by one, in any order, and twice.
    pub loose: bool,
    /// Beside those that hold in every story.
    pub properties: fn() -> Vec<Property<World>>,
    /// Bounds of a run that sets none: events in a state's history, and different histories of one node that are looked at.
    pub depth: usize,
    pub histories: usize,
    /// What a run within these bounds reaches, at least: different states, and events in the longest history.
    pub reaches: (usize, usize),
    /// Whether that is all there is to the depth. Else as many histories of one node were looked at as may be.
    pub whole: bool,
}

pub struct World {
    pub story: &'static Story,
    pub scene: Scene,
    /// What is planted in the thread that asks the code.
    pub bug: Option<Bug>,
    pub memo: Mutex<Memo>,
    /// How many histories of one node are looked at.
    most: AtomicUsize,
    /// Something does not hold, or enough was looked at.
    over: AtomicBool,
}

impl World {
    pub fn new(story: &'static Story, bug: Option<Bug>, most: usize) -> Self {
        Self {
            most: AtomicUsize::new(most),
            story,
            scene: (story.scene)(),
            bug,
            memo: Mutex::default(),
            over: AtomicBool::new(false),
        }
    }

    /// What a node says after all that it did and heard.
    pub fn answer(&self, state: &State, node: usize) -> Arc<Answer> {
        let mut memo = self.memo.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = memo.answer(self, node, &state.0[node]);
        if memo.len() >= self.most.load(Ordering::Relaxed) {
            self.over.store(true, Ordering::Relaxed);
        }
        answer
    }

    pub fn answers(&self, state: &State) -> [Arc<Answer>; 3] {
        [0, 1, 2].map(|node| self.answer(state, node))
    }

    /// What follows from all that was written, whoever has heard of it.
    pub fn judged(&self, state: &State) -> Arc<Judged> {
        let answers = self.answers(state);
        let mut memo = self.memo.lock().unwrap_or_else(PoisonError::into_inner);
        memo.judge(self, &answers)
    }

    /// Lets it be walked again after a run: the way to what was found is looked up so.
    pub fn reopen(&self) {
        self.most.store(usize::MAX, Ordering::Relaxed);
        self.over.store(false, Ordering::Relaxed);
    }

    fn holds(&self, holds: bool) -> bool {
        if !holds {
            self.over.store(true, Ordering::Relaxed);
        }
        holds
    }

    /// Whether everybody holds all that was written.
    pub fn is_quiet(&self, state: &State) -> bool {
        let answers = self.answers(state);
        answers.iter().all(|one| answers.iter().flat_map(|a| &a.wrote).all(|wrote| one.held.contains(&wrote.hash)))
    }
}

impl Model for World {
    type State = State;
    type Action = Step;

    fn init_states(&self) -> Vec<State> {
        vec![State::default()]
    }

    fn actions(&self, state: &State, steps: &mut Vec<Step>) {
        if self.over.load(Ordering::Relaxed) {
            return;
        }
        let answers = self.answers(state);
        for (node, answer) in answers.iter().enumerate() {
            let done = |act: &Act| state.0[node].iter().any(|event| matches!(event, Event::Does(did) if did == act));
            let acts = self.story.acts[node].iter().filter(|act| !done(act));
            steps.extend(acts.map(|act| Step { node, event: Event::Does(*act) }));
            let heard: BTreeSet<EntryHash> = state.0[node]
                .iter()
                .flat_map(|event| if let Event::Hears(hashes) = event { &hashes[..] } else { &[] })
                .copied()
                .collect();
            for (_, other) in answers.iter().enumerate().filter(|(other, _)| *other != node) {
                let news: Vec<EntryHash> =
                    other.wrote.iter().map(|wrote| wrote.hash).filter(|hash| !answer.held.contains(hash)).collect();
                if self.story.loose {
                    let one_by_one = news.iter().filter(|hash| !heard.contains(*hash));
                    steps.extend(one_by_one.map(|hash| Step { node, event: Event::Hears(vec![*hash]) }));
                }
                // A line that others broke off gives the same as less of it.
                if news.len() > usize::from(self.story.loose) {
                    steps.push(Step { node, event: Event::Hears(news) });
                }
            }
            if self.story.loose
                && let Some(Event::Hears(last)) = state.0[node].last()
                && let [one] = &last[..]
                && answer.held.contains(one)
            {
                steps.push(Step { node, event: Event::Hears(vec![*one, *one]) });
            }
        }
    }

    fn next_state(&self, state: &State, step: Step) -> Option<State> {
        let mut next = state.clone();
        next.0[step.node].push(step.event);
        self.answer(&next, step.node).possible.then_some(next)
    }

    fn within_boundary(&self, _: &State) -> bool {
        !self.over.load(Ordering::Relaxed)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut all = vec![
            Property::always("who hold the same entries agree", |world: &Self, state| {
                world.holds(world.answers(state).iter().all(|answer| answer.disagrees.is_none()))
            }),
            Property::always("what an honest node writes is taken, and no rule of ours breaks", |world, state| {
                world.holds(world.answers(state).iter().all(|answer| answer.broke.is_none()))
            }),
            Property::always("who is in is who is in by hand", |world, state| {
                world.holds(world.answers(state).iter().all(|answer| answer.miscounted.is_none()))
            }),
            Property::always("nobody reads who was not let in, or who was heard to be out", |world, state| {
                world.holds(world.judged(state).secret.is_none())
            }),
            Property::always("who may read can, once all is told", |world, state| {
                let read = || world.answers(state).iter().all(|answer| answer.unread.is_none());
                world.holds(!world.is_quiet(state) || read())
            }),
        ];
        all.extend((self.story.properties)());
        all
    }
}
