//! A member that floods a thread costs memory in proportion, and takes nothing from the other.

use super::*;
use crate::limits;

fn numbered(n: usize) -> EntryHash {
    let mut name = [0x80; 32];
    name[1..9].copy_from_slice(&u64::try_from(n).expect("fits").to_be_bytes());
    EntryHash(name)
}

/// A sent referral, and after it as many acknowledgements as said, each in ignorance of the others.
fn flooded(acts: usize) -> Vec<Placed> {
    let mut entries = chain(vec![(SENDER_ORG, send())]);
    let last = vec![entries.last().expect("an entry").hash];
    entries.extend((0..acts).map(|n| act(numbered(n), &last, RECIPIENT_ORG, Act::Acknowledge)));
    entries
}

#[test]
fn acts_above_the_bound_are_shown_and_have_no_effect() {
    let mut entries = flooded(limits::THREAD_ACTS - 1);
    let last = vec![entries[notices(true).len()].hash];
    entries.push(act(EntryHash([0xF0; 32]), &last, RECIPIENT_ORG, accept()));
    assert_eq!(state(&entries).place, Place::Accepted, "the last that counts");
    entries.push(act(numbered(limits::THREAD_ACTS), &last, RECIPIENT_ORG, Act::Acknowledge));
    let state = state(&entries);
    assert_eq!(state.place, Place::Sent, "one too many");
    let over = state.history.iter().rfind(|line| line.entry == EntryHash([0xF0; 32])).expect("shown");
    assert_eq!(over.without_effect, Some("its author wrote more acts in this referral than count"));
    assert_eq!(over.crossed, []);
}

#[test]
fn a_flood_of_one_organisation_pushes_out_nothing_of_the_other() {
    let mut entries = flooded(limits::THREAD_ACTS + 100);
    let last = vec![entries[notices(true).len()].hash];
    entries.push(act(EntryHash([0xF0; 32]), &last, SENDER_ORG, withdraw()));
    let forwards = state(&entries);
    assert_eq!(forwards.place, Place::Cancelled);
    let line = forwards.history.iter().find(|line| line.org == SENDER_ORG && line.act == withdraw()).expect("shown");
    assert_eq!(line.crossed.len(), limits::CROSSED, "what is named beside it is bounded too");
    entries.reverse();
    assert_eq!(state(&entries), forwards, "in whatever order they came");
}

/// A set of all before each entry would take 5 GB here.
#[test]
fn a_long_thread_of_entries_that_say_nothing_folds() {
    let mut entries = chain(vec![(SENDER_ORG, send())]);
    let mut last = vec![entries.last().expect("an entry").hash];
    for n in 0..200_000 {
        let mut blank = act(numbered(n), &last, RECIPIENT_ORG, Act::Acknowledge);
        blank.body = None;
        last = vec![blank.hash];
        entries.push(blank);
    }
    entries.push(act(EntryHash([0xF0; 32]), &last, RECIPIENT_ORG, accept()));
    assert_eq!(state(&entries).place, Place::Accepted);
}
