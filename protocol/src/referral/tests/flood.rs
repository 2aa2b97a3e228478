//! A member that floods a thread costs memory in proportion, and takes nothing from the other.

use super::*;
use crate::limits;
use std::collections::{BTreeMap, BTreeSet};

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

/// Entries without their bodies, and what is kept of these.
fn closed(mut entries: Vec<Placed>) -> (Vec<Placed>, BTreeMap<EntryHash, Head>) {
    let mut heads = BTreeMap::new();
    for entry in &mut entries {
        heads.extend(entry.body.take().map(|body| (entry.hash, Head::of(&body))));
    }
    (entries, heads)
}

#[test]
fn of_a_flood_of_large_bodies_the_first_are_opened_in_whatever_order_they_came_and_all_of_the_other() {
    let long = || Act::Message { text: "m".repeat(limits::TEXT_CHARS).as_str().into() };
    let mut entries = flooded(0);
    let all = limits::THREAD_BYTES / limits::TEXT_CHARS;
    let mut last = vec![entries.last().expect("an entry").hash];
    for n in 0..all + 10 {
        entries.push(act(numbered(n), &last, RECIPIENT_ORG, long()));
        last = vec![numbered(n)];
    }
    entries.push(act(EntryHash([0xF0; 32]), &last, SENDER_ORG, withdraw()));
    let (mut entries, heads) = closed(entries);
    let forwards = opened(&entries, &heads);
    entries.reverse();
    assert_eq!(opened(&entries, &heads), forwards);
    let of = |org| -> BTreeSet<EntryHash> { entries.iter().filter(|e| e.org == org).map(|e| e.hash).collect() };
    assert!(of(SENDER_ORG).is_subset(&forwards), "a flood pushed out what the other said");
    let theirs: Vec<usize> = of(RECIPIENT_ORG).intersection(&forwards).map(|hash| heads[hash].size as usize).collect();
    assert!(theirs.iter().sum::<usize>() <= limits::THREAD_BYTES);
    assert!((all - 100..all).contains(&theirs.len()));
    let first: BTreeSet<EntryHash> = (0..theirs.len() - notices(true).len()).map(numbered).collect();
    assert!(first.is_subset(&forwards), "what was said first stays");
}

#[test]
fn the_words_of_a_purpose_are_bounded_as_all_words_of_a_scope_are() {
    let with = |chars: usize| {
        let mut scope = scope(RECIPIENT_ORG, true);
        scope.flows[0].purpose = Purpose::Other("w".repeat(chars).as_str().into());
        scope.check()
    };
    assert!(with(4 * limits::TEXT_CHARS).is_ok());
    assert!(with(4 * limits::TEXT_CHARS + 1).is_err());
}
