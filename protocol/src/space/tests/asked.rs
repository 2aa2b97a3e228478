//! What can be asked of the entries of a space: heads, orders, pasts, and what a peer is shown of them.

use super::world::{Peer, coalition, forge, forge_data, send, thread};
use crate::ids::{EntryHash, SpaceId};
use crate::limits;
use crate::space::control::{Control, Keep};
use crate::space::entry::Kind;
use std::collections::BTreeSet;

const NOWHERE: SpaceId = SpaceId([9; 32]);
const NOTHING: EntryHash = EntryHash([9; 32]);

/// A thread of two, and in it a line of three entries by the first and one of two by the second, who joined them by a sixth.
fn lines() -> (Peer, Peer, SpaceId, [EntryHash; 6]) {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    let t = thread(k, &mut [&mut a, &mut b]);
    let (control, start) = (a.spaces.control_heads(&a.store, k).unwrap(), a.heads(t));
    let mut line = |by: &mut Peer, parents: &[EntryHash]| {
        by.now = by.now.plus(1);
        let keep = forge(by, t, parents, &control, &Control::Keep(Keep));
        a.offer(keep.clone(), None).unwrap();
        keep.hash()
    };
    let mut first = Peer::new(1, 1);
    let one = line(&mut first, &start);
    let two = line(&mut first, &[one]);
    let three = line(&mut first, &[two]);
    let four = line(&mut b, &start);
    let five = line(&mut b, &[four]);
    let six = line(&mut b, &[three, five]);
    (a, b, t, [one, two, three, four, five, six])
}

fn sorted(mut hashes: Vec<EntryHash>) -> Vec<EntryHash> {
    hashes.sort_unstable();
    hashes
}

#[test]
fn an_entry_follows_all_that_lies_behind_it_and_nothing_beside_it() {
    let (mut a, _, t, [one, two, three, four, five, six]) = lines();
    let found = EntryHash(t.0);
    let mut follows = |newer, older| a.spaces.follows(&a.store, &newer, &older).unwrap();
    for older in [one, two, three, four, five, found] {
        assert!(follows(six, older));
        assert!(!follows(older, six));
    }
    assert!(follows(three, one) && follows(three, found) && follows(five, four));
    for (newer, older) in [(three, four), (three, five), (five, one), (two, three), (one, one), (six, NOTHING)] {
        assert!(!follows(newer, older));
    }
    let orders = a.spaces.in_order(&a.store, t, usize::MAX).unwrap();
    let all: Vec<EntryHash> = a.all(t).iter().map(|entry| entry.hash()).collect();
    assert_eq!(orders.iter().map(|(hash, _)| *hash).collect::<Vec<_>>(), all);
    assert_eq!(orders[0], (found, vec![]));
    assert_eq!(orders.last().unwrap(), &(six, sorted(vec![three, five])));
    assert_eq!(a.spaces.in_order(&a.store, t, 2).unwrap(), orders[..2]);
    assert_eq!(a.spaces.order(&a.store, t, 0, usize::MAX).unwrap(), all);
    assert_eq!(a.spaces.order(&a.store, t, 2, 3).unwrap(), all[2..5]);
    let through = |a: &mut Peer, heads: &[EntryHash]| a.spaces.through(&a.store, t, heads).unwrap();
    let before: BTreeSet<EntryHash> = all[..all.len() - 6].iter().copied().collect();
    assert_eq!(through(&mut a, &[]), BTreeSet::new());
    assert_eq!(through(&mut a, &[NOTHING]), BTreeSet::new());
    assert_eq!(through(&mut a, &[two]), &before | &BTreeSet::from([one, two]));
    assert_eq!(through(&mut a, &[two, five]), &before | &BTreeSet::from([one, two, four, five]));
    assert_eq!(a.spaces.since(&a.store, t, &[two, five, NOTHING]).unwrap(), [three, six]);
    for empty in [
        a.spaces.heads(&a.store, NOWHERE).unwrap(),
        a.spaces.counted_heads(&a.store, NOWHERE).unwrap(),
        a.spaces.control_heads(&a.store, NOWHERE).unwrap(),
        a.spaces.heads_said(&a.store, NOWHERE).unwrap(),
        a.spaces.sample(&a.store, NOWHERE, 5).unwrap(),
        a.spaces.since(&a.store, NOWHERE, &[]).unwrap(),
        a.spaces.sealed_under(&a.store, NOWHERE, &six).unwrap(),
        a.spaces.through(&a.store, NOWHERE, &[six]).unwrap().into_iter().collect(),
        a.spaces.in_order(&a.store, NOWHERE, 5).unwrap().into_iter().map(|(hash, _)| hash).collect(),
    ] {
        assert_eq!(empty, [], "a space that is not here");
    }
}

#[test]
fn whose_an_entry_is_and_whether_it_waits_is_said_of_those_that_are_here() {
    let (mut a, mut b, t, [one, .., five, six]) = lines();
    let mut org = |hash: EntryHash| a.spaces.author_org(&a.store, &hash).unwrap();
    assert_eq!([org(one), org(five), org(NOTHING)], [Some(Peer::new(1, 1).org()), Some(b.org()), None]);
    let entry = a.entry(&six);
    assert!(!b.spaces.waits(&b.store, &six).unwrap());
    assert!(b.offer(entry, None).unwrap().waits);
    assert!(b.spaces.waits(&b.store, &six).unwrap());
    send(&mut a, &mut b, &[t]);
    assert!(!b.spaces.waits(&b.store, &six).unwrap() && b.has(&six));
}

#[test]
fn a_sample_starts_with_the_heads_goes_back_in_growing_steps_and_ends_where_the_space_was_founded() {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    let t = thread(k, &mut [&mut a, &mut b]);
    let control = a.spaces.control_heads(&a.store, k).unwrap();
    while a.all(t).len() < 40 {
        let heads = a.heads(t);
        a.now = a.now.plus(1);
        a.offer(forge(&a, t, &heads, &control, &Control::Keep(Keep)), None).unwrap();
    }
    let all: Vec<EntryHash> = a.all(t).iter().map(|entry| entry.hash()).collect();
    let sample = |a: &mut Peer, n: usize| {
        let picked = a.spaces.sample(&a.store, t, n).unwrap();
        picked.iter().map(|hash| all.iter().position(|of| of == hash).unwrap()).collect::<Vec<_>>()
    };
    for (n, places) in [
        (0, vec![]),
        (1, vec![0]),
        (2, vec![39, 0]),
        (3, vec![39, 38, 0]),
        (5, vec![39, 38, 36, 32, 0]),
        (7, vec![39, 38, 36, 32, 24, 8, 0]),
        (8, vec![39, 38, 36, 32, 24, 8, 0]),
        (100, vec![39, 38, 36, 32, 24, 8, 0]),
    ] {
        assert_eq!(sample(&mut a, n), places, "{n} at most");
    }
    // Of two heads both, and no entry twice.
    let side = forge(&b, t, &[all[38]], &control, &Control::Keep(Keep));
    a.offer(side.clone(), None).unwrap();
    let picked = a.spaces.sample(&a.store, t, 4).unwrap();
    assert_eq!(sorted(picked[..2].to_vec()), sorted(vec![side.hash(), all[39]]));
    assert_eq!(picked[2..], [all[37], all[0]]);
}

#[test]
fn of_heads_those_are_said_that_are_newest_of_each_author_and_those_are_built_on_that_count() {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    let t = thread(k, &mut [&mut a, &mut b]);
    let (control, start) = (a.spaces.control_heads(&a.store, k).unwrap(), a.heads(t));
    let mut say = |by: &mut Peer, many: usize| -> Vec<EntryHash> {
        let keeps = (0..many).map(|_| {
            by.now = by.now.plus(1);
            let keep = forge(by, t, &start, &control, &Control::Keep(Keep));
            a.offer(keep.clone(), None).unwrap();
            keep.hash()
        });
        keeps.collect()
    };
    let theirs = say(&mut b, limits::HEADS_SAID + 5);
    let ours = say(&mut Peer::new(1, 1), 3);
    let said = a.spaces.heads_said(&a.store, t).unwrap();
    let newest = &theirs[theirs.len() - limits::HEADS_SAID / 2..];
    assert_eq!(said, sorted([newest, &ours].concat()));
    assert_eq!(a.spaces.counted_heads(&a.store, t).unwrap(), sorted([&theirs[..], &ours].concat()));
    a.revoke(t, b.org()).unwrap();
    b.now = b.now.plus(1);
    let late = forge(&b, t, &start, &control, &Control::Keep(Keep));
    a.offer(late.clone(), None).unwrap();
    let heads = a.spaces.counted_heads(&a.store, t).unwrap();
    assert!(!heads.contains(&late.hash()) && a.heads(t).contains(&late.hash()), "it does not count");
}

#[test]
fn what_is_sealed_under_an_epoch_is_named_in_its_order_and_nothing_under_another() {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    let t = thread(k, &mut [&mut a, &mut b]);
    let first = [a.write(t, "one").unwrap(), a.write(t, "two").unwrap()];
    a.now = a.now.plus(limits::EPOCH_LIFE);
    let second = a.write(t, "three").unwrap();
    let epoch = |a: &Peer, hash: &EntryHash| a.entry(hash).header().epoch.unwrap();
    let [of_first, of_second] = [epoch(&a, &first[0]), epoch(&a, &second)];
    // One that names an epoch which it does not follow lies under none.
    let (control, grant) = (a.spaces.control_heads(&a.store, k).unwrap(), a.all(t)[1].hash());
    let bent = forge_data(&a, t, &[grant], &control, Kind::Data, Some(of_first), b"x");
    a.offer(bent, None).unwrap();
    let mut under = |epoch: EntryHash| a.spaces.sealed_under(&a.store, t, &epoch).unwrap();
    assert_eq!((under(of_first), under(of_second)), (first.to_vec(), vec![second]));
    assert_eq!((under(first[0]), under(NOTHING)), (vec![], vec![]));
}

#[test]
fn digests_are_kept_until_something_comes_into_their_space_or_changes_who_is_in() {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    let (t, other) = (thread(k, &mut [&mut a, &mut b]), thread(k, &mut [&mut a, &mut b]));
    let spaces = [k, t, other];
    let [of_k, of_t, of_other] = [1, 2, 3].map(|n| ([n; 16], [n + 10; 16]));
    let keep = |a: &mut Peer| spaces.iter().zip([of_k, of_t, of_other]).for_each(|(s, d)| a.spaces.keep_digests(*s, d));
    let kept = |a: &Peer| spaces.map(|space| a.spaces.digests(space));
    assert_eq!(kept(&a), [None; 3]);
    keep(&mut a);
    assert_eq!(kept(&a), [Some(of_k), Some(of_t), Some(of_other)]);
    a.write(t, "a word").unwrap();
    assert_eq!(kept(&a), [Some(of_k), None, Some(of_other)]);
    keep(&mut a);
    a.act(|s, d, by| s.publish(d, by, t, "openings/x", vec![1])).unwrap();
    assert_eq!(kept(&a), [Some(of_k), None, Some(of_other)], "a register");
    keep(&mut a);
    a.write(k, "a bed is free").unwrap();
    assert_eq!(kept(&a), [None, Some(of_t), Some(of_other)], "a listing changes who is in nowhere");
    keep(&mut a);
    let certificate = Peer::new(1, 2).certificate();
    a.act(|s, d, by| s.certify(d, by, k, certificate)).unwrap();
    assert_eq!(kept(&a), [None; 3]);
    // Of too many all are forgotten.
    keep(&mut a);
    for n in 0..limits::DIGESTS as u32 {
        let mut space = [8; 32];
        space[..4].copy_from_slice(&n.to_be_bytes());
        a.spaces.keep_digests(SpaceId(space), of_k);
    }
    assert_eq!(kept(&a), [None; 3]);
    a.spaces.keep_digests(k, of_k);
    assert_eq!(kept(&a), [Some(of_k), None, None]);
}
