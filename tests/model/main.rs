//! Model checking of the small folds: every history of three nodes up to a bound, on the functions that the program runs.
//!
//! A state is what each of three nodes did and heard, in which order. From it follows all else: the nodes are real ([`peer`]), their
//! entries signed and sealed, and what they say is asked of the code. Entries go from anybody to anybody, also to who was taken
//! out, one by one in any order, twice, or all at once. `always` properties must hold in each state; each `sometimes` property
//! must be met, or the model went nowhere.
//!
//! What is shown: every property in every state that was looked at, breadth first. What is not: that these are all there are to the
//! story's depth. Each story stops at so many histories of one node, since each is a run of real signatures; its report says
//! whether that cut it short.
//!
//! `MODEL_HISTORIES=50000 MODEL_DEPTH=12 cargo test --release -p belay-tests --test model -- --nocapture` looks further.

#![allow(clippy::print_stdout, reason = "a report for who runs it")]

mod answer;
mod charters;
mod check;
mod peer;
mod scene;
mod stories;
mod world;

#[allow(dead_code, reason = "the simulator uses all of it")]
#[path = "../sim/chain.rs"]
mod chain;
#[allow(dead_code, reason = "the simulator uses all of it")]
#[path = "../sim/reference.rs"]
mod reference;
#[allow(dead_code, reason = "the simulator uses all of it")]
#[path = "../sim/thief.rs"]
mod thief;

use belay_protocol::planted::Bug;
use check::{check, walk};
use stories::{EPOCHS, LAST_WORDS, LONG, MEMBERSHIP, QUARANTINE, REMOVAL, RIVALS, SUCCESSION};

#[test]
fn membership_is_the_same_for_all_who_hold_the_same_entries() {
    check(&MEMBERSHIP);
}

#[test]
fn one_charter_is_in_force_whatever_order_the_approvals_came_in() {
    check(&RIVALS);
}

#[test]
fn who_is_no_steward_any_more_admits_nobody() {
    check(&SUCCESSION);
}

#[test]
fn a_removal_takes_as_many_stewards_as_the_charter_says() {
    check(&REMOVAL);
}

#[test]
fn nothing_is_sealed_for_who_was_heard_to_be_out() {
    check(&EPOCHS);
}

#[test]
fn what_counts_is_the_same_everywhere() {
    check(&QUARANTINE);
}

#[test]
fn last_words_stand() {
    check(&LAST_WORDS);
}

#[test]
fn long_random_histories_keep_it_all() {
    walk(&LONG);
}

#[test]
fn planted_bugs_are_found() {
    let planted = [
        (&MEMBERSHIP, Bug::RevocationIgnored),
        (&MEMBERSHIP, Bug::OneRevocationEnough),
        (&RIVALS, Bug::RivalByArrival),
        (&REMOVAL, Bug::LoneSteward),
        (&SUCCESSION, Bug::OldCharterLives),
        (&EPOCHS, Bug::StaleEpochUsed),
        (&EPOCHS, Bug::WidenedReach),
        (&EPOCHS, Bug::Backdated),
        (&LAST_WORDS, Bug::RetirementIgnored),
        (&QUARANTINE, Bug::CountsSticky),
        (&QUARANTINE, Bug::WaitingDropped),
    ];
    let hidden: Vec<Bug> =
        planted.into_iter().filter(|(story, bug)| !check::shows(story, *bug)).map(|(_, bug)| bug).collect();
    assert!(hidden.is_empty(), "planted, and no state shows it: {hidden:?}");
}
