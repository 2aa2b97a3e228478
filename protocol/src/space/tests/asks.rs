//! When a node asks for keys that it lacks, and where the keys of an epoch lie.

use super::world::{Peer, Seeded, coalition, forge, send, settle, thread};
use crate::codec;
use crate::ids::SpaceId;
use crate::keys::{EpochKey, PrekeySecret, seal, wrap};
use crate::limits::ASK_PATIENCE;
use crate::space::control::{Control, Epoch, Extend, Grant};
use crate::space::entry::Kind;
use crate::space::rows;
use crate::store::{Table, Write};
use crate::time::Time;

/// A thread in which the second lacks the key of what the first wrote.
fn lacking(further: &mut [&mut Peer]) -> (Peer, Peer, [SpaceId; 2]) {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let mut all = vec![&mut a, &mut b];
    all.extend(further.iter_mut().map(|peer| &mut **peer));
    let k = coalition(&mut all);
    let t = thread(k, &mut [&mut a, &mut b]);
    lose_prekey(&mut b);
    a.write(t, "for both").unwrap();
    send(&mut a, &mut b, &[k, t]);
    (a, b, [k, t])
}

fn lose_prekey(peer: &mut Peer) {
    let key = peer.prekey.id().0.to_vec();
    peer.store.commit(vec![Write { table: Table::Prekey, key, value: None }]);
    let fresh = PrekeySecret::generate(&mut Seeded(5));
    peer.act(|s, d, by| {
        s.hold_prekey(d, &fresh, by.now);
        Ok(())
    })
    .unwrap();
}

fn asks(peer: &mut Peer, space: SpaceId) -> usize {
    peer.all(space).iter().filter(|entry| entry.header().kind == Kind::Ask).count()
}

fn count(peer: &Peer) -> usize {
    peer.spaces.lacking(&peer.store).unwrap()
}

#[test]
fn a_node_that_may_yet_get_a_key_from_elsewhere_asks_once_that_has_taken_too_long() {
    let (_, mut b, [_, t]) = lacking(&mut []);
    b.spaces.hold_asks(true);
    b.tend();
    let (begun, due) = (b.now, b.now.plus(ASK_PATIENCE));
    assert_eq!((asks(&mut b, t), count(&b)), (0, 1));
    assert_eq!(b.spaces.next_lacking(&b.store).unwrap(), Some(due));
    let woken = |b: &mut Peer, now| {
        b.spaces.tend_lacking(&b.store, now).unwrap();
        b.spaces.to_tend()
    };
    for (now, looks) in [(begun, false), (Time(due.0 - 1), false), (due, true), (Time(begun.0 - 1), true)] {
        assert_eq!(woken(&mut b, now).contains(&t), looks, "{}", now.rfc3339());
    }
    b.now = Time(due.0 - 1);
    woken(&mut b, due);
    b.act(|s, d, by| s.tend(d, by, t)).unwrap();
    assert_eq!(asks(&mut b, t), 0, "not yet");
    b.now = due;
    b.spaces.tend_lacking(&b.store, due).unwrap();
    b.tend();
    assert_eq!((asks(&mut b, t), count(&b)), (1, 0));
    assert_eq!(b.spaces.next_lacking(&b.store).unwrap(), None);
}

#[test]
fn nodes_that_share_keys_wait_for_each_other_and_one_that_is_alone_waits_for_nobody() {
    let (_, mut b, [_, t]) = lacking(&mut []);
    b.spaces.share_keys();
    b.tend();
    assert_eq!((asks(&mut b, t), count(&b)), (1, 0), "alone");
    let mut second = Peer::new(2, 2);
    let (_, mut b, [_, t]) = lacking(&mut [&mut second]);
    b.spaces.share_keys();
    b.tend();
    assert_eq!((asks(&mut b, t), count(&b)), (0, 1), "its other machine may bring it");
    let mut second = Peer::new(2, 2);
    let (_, mut b, [_, t]) = lacking(&mut [&mut second]);
    b.tend();
    assert_eq!((asks(&mut b, t), count(&b)), (1, 0), "they do not share");
}

#[test]
fn who_is_out_waits_for_no_key() {
    let (mut a, mut b, [k, t]) = lacking(&mut []);
    b.spaces.hold_asks(true);
    b.tend();
    assert_eq!(count(&b), 1);
    a.revoke(t, b.org()).unwrap();
    send(&mut a, &mut b, &[k, t]);
    b.tend();
    assert_eq!((asks(&mut b, t), count(&b)), (0, 0));
}

fn epochs(peer: &mut Peer, space: SpaceId) -> Vec<(crate::ids::EntryHash, Epoch)> {
    let all = peer.all(space).into_iter().filter(|entry| entry.header().kind == Kind::Epoch);
    let body = |entry: &crate::space::entry::Entry| match Control::decode(Kind::Epoch, entry.body()).unwrap() {
        Some(Control::Epoch(epoch)) => epoch,
        other => panic!("{other:?}"),
    };
    all.map(|entry| (entry.hash(), body(&entry))).collect()
}

/// The places are those of the specification: what is lifted from one to another opens nowhere.
#[test]
fn every_wrap_and_bundle_is_bound_to_its_space_its_epoch_and_its_node() {
    let (mut a, mut b, mut c) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1));
    let k = coalition(&mut [&mut a, &mut b, &mut c]);
    let t = thread(k, &mut [&mut a, &mut b]);
    for _ in 0..3 {
        a.write(t, "a word").unwrap();
        a.now = a.now.plus(crate::limits::EPOCH_LIFE);
    }
    let all = epochs(&mut a, t);
    let [(first, one), (second, two), (third, three)] = &all[..] else { panic!("{} epochs", all.len()) };
    let (_, wrapped) = one.wraps.iter().find(|(node, _)| *node == b.id()).unwrap();
    let place = codec::encode(&(t, one.commitment, Some(b.id())));
    let key = wrap::open(&b.prekey, wrapped, b"epoch v1", &place).unwrap();
    let key = EpochKey::from_slice(&key).unwrap();
    assert!(key.matches(&one.commitment));
    for (row, place) in [
        ("another space", codec::encode(&(k, one.commitment, Some(b.id())))),
        ("another epoch", codec::encode(&(t, two.commitment, Some(b.id())))),
        ("another node", codec::encode(&(t, one.commitment, Some(a.id())))),
    ] {
        assert!(wrap::open(&b.prekey, wrapped, b"epoch v1", &place).is_err(), "{row}");
    }
    // Each holds what the one before did not.
    assert_eq!((&one.earlier[..], &two.earlier[..], &three.earlier[..]), (&[][..], &[*first][..], &[*second][..]));
    let held = |epoch| a.spaces.epoch_key(&a.store, epoch).unwrap();
    let newest = held(second).unwrap();
    let bundle = codec::encode(&("belay bundle v1", t, two.commitment, &two.earlier));
    assert_eq!(seal::open(&newest, &bundle, &two.bundle).unwrap().as_slice(), key.as_bytes().as_slice());
    // Who comes later gets all that is held by one extend.
    a.now = Time(a.now.0 - crate::limits::EPOCH_LIFE);
    let granted = a.grant(t, c.org()).unwrap().offered;
    let extend = granted.accepted.iter().map(|(_, hash)| a.entry(hash)).find(|e| e.header().kind == Kind::Extend);
    let extend = extend.expect("keys for who came");
    let Some(Control::Extend(Extend { epochs, wraps })) = Control::decode(Kind::Extend, extend.body()).unwrap() else {
        panic!("an extend")
    };
    let mut named = [*first, *second, *third];
    named.sort_unstable();
    assert_eq!(epochs, named);
    let place = codec::encode(&(t, &epochs, c.id()));
    let keys = wrap::open(&c.prekey, &wraps[0].1, b"extend v1", &place).unwrap();
    assert_eq!(keys.len(), 96);
    assert_eq!(granted.told.len(), 1, "to whom it opens what stood before");
}

#[test]
fn a_key_that_came_by_another_way_is_held_where_its_epoch_binds_it_and_kept_until_that_is_here() {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    let t = thread(k, &mut [&mut a, &mut b]);
    lose_prekey(&mut b);
    let said = a.write(t, "for both").unwrap();
    let epoch = a.entry(&said).header().epoch.unwrap();
    let key = a.spaces.epoch_key(&a.store, &epoch).unwrap().unwrap();
    let take = |peer: &mut Peer, key: &EpochKey| peer.act(|s, d, _| s.take_key(d, t, epoch, key)).unwrap();
    let held = |peer: &Peer| peer.spaces.epoch_key(&peer.store, &epoch).unwrap().is_some();
    // Before the epoch is here it is kept, also where the space is not known at all.
    let mut early = Peer::new(2, 2);
    for peer in [&mut early, &mut b] {
        assert!(take(peer, &key).is_empty() && !held(peer));
    }
    send(&mut a, &mut b, &[k, t]);
    send(&mut a, &mut early, &[k, t]);
    assert!(held(&b) && held(&early));
    for peer in [&b, &early] {
        assert!(rows::given(&peer.store, t, &epoch).unwrap().is_empty(), "it lies where keys lie, and nowhere else");
    }
    assert_eq!(b.open(&said).unwrap(), "for both");
    assert!(take(&mut b, &key).is_empty(), "it is held already");
    // A key that the epoch does not bind is none.
    let mut other = Peer::new(2, 3);
    send(&mut a, &mut other, &[k, t]);
    let wrong = EpochKey::from_slice(&[7; 32]).unwrap();
    assert!(take(&mut other, &wrong).is_empty() && !held(&other));
    assert_eq!(take(&mut other, &key), [(t, epoch)]);
}

#[test]
fn a_prekey_that_comes_to_hand_opens_the_epochs_that_were_wrapped_to_it() {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    let t = thread(k, &mut [&mut a, &mut b]);
    lose_prekey(&mut b);
    let said = a.write(t, "for both").unwrap();
    send(&mut a, &mut b, &[k, t]);
    let epoch = a.entry(&said).header().epoch.unwrap();
    let again = |b: &mut Peer| b.act(|s, d, _| s.take_epochs(d, t)).unwrap();
    assert!(again(&mut b).is_empty());
    let back = b.prekey.clone();
    b.act(|s, d, by| {
        s.hold_prekey(d, &back, by.now);
        Ok(())
    })
    .unwrap();
    assert_eq!(again(&mut b), [(t, epoch)]);
    assert!(again(&mut b).is_empty(), "held already");
    assert_eq!(b.open(&said).unwrap(), "for both");
}

#[test]
fn what_counts_no_more_is_named_in_a_keep_if_somebody_asks_for_it() {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    let t = thread(k, &mut [&mut a, &mut b]);
    let keep = |a: &mut Peer| a.act(|s, d, by| s.keep_uncounted(d, by, t)).unwrap();
    assert!(keep(&mut a).is_none(), "all counts");
    let word = b.write(t, "meanwhile").unwrap();
    a.revoke(t, b.org()).unwrap();
    settle(&mut [&mut a, &mut b], &[k]);
    send(&mut b, &mut a, &[t]);
    assert!(!a.counts(&word));
    let kept = keep(&mut a).expect("one that does not count");
    assert!(a.entry(&kept.hash).header().parents.contains(&word));
    assert!(a.counts(&word));
    assert!(keep(&mut a).is_none());
}

#[test]
fn no_ask_is_answered_that_opens_something_to_whom_nothing_was_told_until_that_is_on_record() {
    let (mut a, mut b, mut c) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1));
    let k = coalition(&mut [&mut a, &mut b, &mut c]);
    let t = thread(k, &mut [&mut a, &mut c]);
    let said = a.write(t, "before the other came").unwrap();
    // A grant without the keys of what stood before.
    let (org, heads, control) = (b.org(), a.heads(t), a.heads(k));
    let grant = Grant { org, read: true, write: true, expires: None, admits: None };
    let grant = forge(&a, t, &heads, &control, &Control::Grant(grant));
    a.offer(grant, None).unwrap();
    send(&mut a, &mut b, &[k, t]);
    b.act(|s, d, by| s.tend(d, by, t)).unwrap();
    assert_eq!(asks(&mut b, t), 1);
    send(&mut b, &mut a, &[t]);
    let answer = |a: &mut Peer| a.act(|s, d, by| s.tend(d, by, t)).unwrap();
    assert!(answer(&mut a).accepted.is_empty(), "no permit stands for that");
    a.act(|s, d, _| {
        s.note_told(d, t, org, said);
        Ok(())
    })
    .unwrap();
    let answered = answer(&mut a);
    assert_eq!(answered.told.iter().map(|told| told.to).collect::<Vec<_>>(), [org]);
    send(&mut a, &mut b, &[t]);
    assert_eq!(b.open(&said).unwrap(), "before the other came");
    assert!(answer(&mut a).accepted.is_empty(), "once");
}
