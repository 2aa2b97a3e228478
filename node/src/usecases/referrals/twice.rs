//! The same step a second time: a command that was typed again tells nobody anything new, and is refused before it is told or written down.
//! Whatever came between the two, by whomever, makes the second a step of its own.

use super::Open;
use crate::api::{Failure, Outcome};
use belay_protocol::ids::EntryHash;
use belay_protocol::referral::{Act, Actor, Appointment, Body, Line, Place, Placed, Stands, State};
use std::collections::{BTreeMap, BTreeSet};

/// Whether it was done already, word for word, and still stands. `there`: how the others know it, where they know less than stands here; what
/// they were not told yet is said to them in the same words.
///
/// # Errors
/// It was.
pub(in crate::usecases) fn refuse(open: &Open, there: Option<&State>, act: &Act) -> Outcome<()> {
    let thread = open.thread.thread.short();
    match act {
        Act::Schedule(to) | Act::Reschedule { to, .. } => {
            let other = matches!(act, Act::Reschedule { .. }) && !is_newest_step(open, act);
            if other || !stands(open, &open.state, to) || there.is_some_and(|there| !stands(open, there, to)) {
                return Ok(());
            }
            let why = "this very appointment stands already";
            Err(Failure::misuse(why)
                .next(format!("belay referral show {thread}; to move it: belay referral reschedule {thread}")))
        }
        // What comes next, said twice in a row.
        Act::Close { .. } if is_newest(open, there, act) => {
            let why = "that is written down already, in the same words";
            Err(Failure::misuse(why).next(format!("belay referral show {thread}")))
        }
        _ => Ok(()),
    }
}

/// Whether the newest that anybody wrote is this, by us, and counts: whoever wrote it knew all that is known now.
fn is_newest(open: &Open, there: Option<&State>, act: &Act) -> bool {
    open.state.history.last().is_some_and(|line| {
        let untold = line.local && there.is_some();
        line.org == open.own && line.act == *act && counts(line) && !untold && !came_since(open, line.entry)
    })
}

/// Whether our newest step of an appointment is this.
fn is_newest_step(open: &Open, act: &Act) -> bool {
    let mut steps = open.state.history.iter().rev();
    steps.find(|line| line.org == open.own && line.act.is_visit() && counts(line)).map(|line| &line.act) == Some(act)
}

const fn counts(line: &Line) -> bool {
    line.mistake.is_none() && line.without_effect.is_none()
}

/// Whether another organisation wrote something that was not known here when this was written.
fn came_since(open: &Open, entry: EntryHash) -> bool {
    let all: BTreeMap<EntryHash, &Placed> = open.placed.iter().map(|one| (one.hash, one)).collect();
    let (mut known, mut next) = (BTreeSet::new(), vec![entry]);
    while let Some(hash) = next.pop() {
        if known.insert(hash) {
            next.extend(all.get(&hash).into_iter().flat_map(|one| one.parents.iter().copied()));
        }
    }
    let acts = open.placed.iter().filter(|one| matches!(one.body, Some(Body::Act(_))));
    acts.filter(|one| one.org != open.own).any(|one| !known.contains(&one.hash))
}

/// Whether this very appointment stands: nobody moved, cancelled or struck it, and nothing is known yet of whether the person came.
fn stands(open: &Open, state: &State, to: &Appointment) -> bool {
    let own = state.visit(open.own).filter(|visit| visit.stands == Stands::Scheduled);
    let common = state.appointment.as_ref().filter(|_| state.place == Place::Scheduled);
    let stands = if makes_its_own(open) { own.and_then(|visit| visit.appointment.as_ref()) } else { common };
    stands == Some(to)
}

/// Whether an appointment that this organisation makes in it is one of its own beside that of the referral.
fn makes_its_own(open: &Open) -> bool {
    match open.actor() {
        Actor::Member => true,
        Actor::Sender => open.state.team,
        Actor::Recipient => false,
    }
}
