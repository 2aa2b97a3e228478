//! What searches ranked last. A word that most listings hold takes its time to rank, many people type the same few words, and whoever
//! turns the page asks the same again. Held for one state of the tables only: each change of them is another turn.

use super::search::{Candidate, Query};
use crate::store::fault;
use belay_protocol::fault::Result;
use rusqlite::Connection;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// Searches that are held: some 6 KiB each, 30 at most.
const HELD: usize = 64;

/// The listings that passed, best first.
#[derive(Debug)]
pub struct Passed {
    pub candidates: Vec<Candidate>,
    /// Whether there may be more than were counted.
    pub more: bool,
    pub all_words: bool,
}

/// What all readers of one store found.
#[derive(Default)]
pub struct Ranked(Mutex<Held>);

#[derive(Default)]
struct Held {
    turn: i64,
    /// Used last at the back.
    by: VecDeque<(Query, Arc<Passed>)>,
}

impl std::fmt::Debug for Ranked {
    /// Says nothing of what people look for.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ranked")
    }
}

impl Ranked {
    pub(super) fn get(&self, turn: i64, query: &Query) -> Option<Arc<Passed>> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = held.by.iter().position(|(known, _)| known == query).filter(|_| held.turn == turn)?;
        let found = held.by.remove(at)?;
        let passed = Arc::clone(&found.1);
        held.by.push_back(found);
        Some(passed)
    }

    pub(super) fn put(&self, turn: i64, query: &Query, passed: &Arc<Passed>) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.turn < turn {
            *held = Held { turn, by: VecDeque::new() };
        }
        // A reader may still be at an earlier moment.
        if held.turn == turn && held.by.iter().all(|(known, _)| known != query) {
            held.by.push_back((query.clone(), Arc::clone(passed)));
            if held.by.len() > HELD {
                held.by.pop_front();
            }
        }
    }
}

/// At which turn the tables are, at the moment that is read.
pub(super) fn turn(sql: &Connection) -> rusqlite::Result<i64> {
    sql.prepare_cached("SELECT turn FROM listing_turn")?.query_row([], |row| row.get(0))
}

/// The tables change.
///
/// # Errors
/// `Store`.
pub(super) fn turned(sql: &Connection) -> Result<()> {
    let next = || sql.prepare_cached("UPDATE listing_turn SET turn = turn + 1 WHERE rowid = 1")?.execute([]);
    next().map(drop).map_err(fault("directory"))
}
