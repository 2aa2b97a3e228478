//! What a node writes: what its entries build on and name, how large they may be, and when an epoch is too old or too new to be used.

use super::world::{Peer, Seeded, coalition, forge, send, settle, thread};
use crate::fault::Class;
use crate::ids::{EntryHash, NodeId, OrgId};
use crate::keys::EpochKey;
use crate::limits;
use crate::space::allowance::cost;
use crate::space::control::{Control, Epoch, Keep};
use crate::space::entry::Kind;
use crate::space::{Account, Late, keyring};
use crate::time::Time;
use std::collections::BTreeSet;

#[test]
fn a_thread_names_no_more_control_heads_than_fit_however_many_the_coalition_has() {
    for many in [limits::CONTROL_HEADS, limits::CONTROL_HEADS + 4] {
        let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
        let k = coalition(&mut [&mut a, &mut b]);
        let t = thread(k, &mut [&mut a, &mut b]);
        let heads = a.heads(k);
        for _ in 0..many {
            b.now = b.now.plus(1);
            a.offer(forge(&b, k, &heads, &[], &Control::Keep(Keep)), None).unwrap();
        }
        let said = a.write(t, "behind all of them").unwrap();
        let (named, joined) = (a.entry(&said).header().control.clone(), many > limits::CONTROL_HEADS);
        assert_eq!(named, a.spaces.control_heads(&a.store, k).unwrap());
        assert_eq!(named.len() < many, joined, "{} named of {many}", named.len());
    }
}

#[test]
fn an_entry_has_so_many_bytes_at_most_and_a_larger_one_is_the_callers_mistake() {
    let mut a = Peer::new(1, 1);
    let k = coalition(&mut [&mut a]);
    let size = |a: &mut Peer, body: usize| a.act(|s, d, by| s.write(d, by, k, &vec![7; body])).map(|w| w.hash);
    let some = size(&mut a, limits::ENTRY_BYTES - 2_000).unwrap();
    let rest = limits::ENTRY_BYTES - a.entry(&some).bytes().len();
    // The next names one parent as that did.
    let most = limits::ENTRY_BYTES - 2_000 + rest;
    let full = size(&mut a, most).unwrap();
    assert_eq!(a.entry(&full).bytes().len(), limits::ENTRY_BYTES);
    for more in [1, 1_000] {
        let fault = size(&mut a, most + more).unwrap_err();
        assert!(fault.class == Class::Misuse && fault.message.contains("write it in parts"), "{}", fault.message);
    }
}

#[test]
fn an_epoch_is_used_until_its_life_is_over_and_not_where_clocks_differ_too_much() {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    let t = thread(k, &mut [&mut a, &mut b]);
    let start = Time(a.now.0 + 10 * limits::EPOCH_LIFE);
    a.now = start;
    a.write(t, "under the first").unwrap();
    settle(&mut [&mut a, &mut b], &[k, t]);
    let (store, begun) = (b.store.clone(), start.0);
    for (now, used) in [
        (begun, true),
        (begun + limits::EPOCH_LIFE - 1, true),
        (begun + limits::EPOCH_LIFE, false),
        (begun + 1 - limits::CLOCK_DOUBT, true),
        (begun - limits::CLOCK_DOUBT, false),
    ] {
        b.store = store.clone();
        b.spaces.forget();
        b.now = Time(now);
        let written = b.act(|s, d, by| s.write(d, by, t, b"a word")).unwrap().offered.accepted;
        let kinds: Vec<Kind> = written.iter().map(|(_, hash)| b.entry(hash).header().kind).collect();
        assert_eq!(kinds, if used { vec![Kind::Data] } else { vec![Kind::Epoch, Kind::Data] }, "at {now} of {begun}");
    }
}

#[test]
fn what_is_certified_in_a_coalition_pays_for_the_end_of_epochs_that_its_retirement_is() {
    let (mut a, second) = (Peer::new(1, 1), Peer::new(1, 2));
    let k = coalition(&mut [&mut a]);
    let heads = a.heads(k);
    let certify = forge(&a, k, &heads, &[], &Control::Certify(second.certificate()));
    let bytes = certify.bytes().len() as i64 + limits::ENTRY_COST;
    assert_eq!(cost(&certify, 0, false, 0), bytes);
    assert_eq!(cost(&certify, 0, true, 0), bytes + limits::PLACE_COST + limits::NODE_COST);
    let keep = forge(&a, k, &heads, &[], &Control::Keep(Keep));
    assert_eq!(cost(&keep, 0, true, 0), keep.bytes().len() as i64 + limits::ENTRY_COST + limits::PLACE_COST);
}

#[test]
fn what_is_late_is_due_when_its_account_has_filled_as_far_as_it_needs() {
    let (account, now) = (Account { org: OrgId([2; 32]), coalition: None }, Time(1_000));
    let day = limits::ALLOWANCE_A_DAY;
    let late = |urgent| Late { account, cost: day, urgent };
    assert_eq!(late(false).due(day, now), now);
    assert_eq!(late(false).due(day / 2, now), now.plus(crate::time::DAY / 2));
    assert_eq!(late(true).due(1 - day, now), now, "it may overdraw");
    assert_eq!(late(true).due(1 - 2 * day, now), now.plus(crate::time::DAY));
}

#[test]
fn what_passes_keys_on_names_as_many_epochs_as_fit_and_the_one_that_is_used_for_certain() {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    let t = thread(k, &mut [&mut a, &mut b]);
    let mut minted = Vec::new();
    for _ in 0..3 {
        let word = a.write(t, "a word").unwrap();
        minted.push(a.entry(&word).header().epoch.unwrap());
        a.now = a.now.plus(limits::EPOCH_LIFE);
    }
    let [oldest, _, newest] = minted[..] else { panic!() };
    let fit = limits::ENTRY_BYTES / 2 / 32;
    let named = |a: &Peer, nodes: usize, with: EntryHash| {
        let (graph, coalition) = a.spaces.pair(t).unwrap();
        a.spaces.extendable(&a.store, t, &graph.whole(coalition), nodes, with).unwrap()
    };
    let sorted = |mut epochs: Vec<EntryHash>| {
        epochs.sort_unstable();
        epochs
    };
    for nodes in [0, 1, fit / 3] {
        assert_eq!(named(&a, nodes, newest), sorted(minted.clone()), "{nodes} nodes");
    }
    // The bundle of the newest holds the others.
    assert_eq!(named(&a, fit / 2, newest), [newest]);
    assert_eq!(named(&a, fit / 2, oldest), sorted(vec![newest, oldest]));
    assert_eq!(named(&a, fit, oldest), [oldest]);
    // Many that no bundle holds, as nodes make that do not hear of each other.
    let (heads, control) = (a.heads(t), a.spaces.control_heads(&a.store, k).unwrap());
    for n in 0..limits::EPOCHS_NAMED as u16 + 1 {
        let mut commitment = [0; 32];
        commitment[..2].copy_from_slice(&n.to_be_bytes());
        let epoch = Epoch { commitment, wraps: vec![], recovery: None, earlier: vec![], bundle: vec![] };
        let entry = forge(&a, t, &heads, &control, &Control::Epoch(epoch));
        let key = EpochKey::generate(&mut Seeded(u64::from(n)));
        a.act(|s, d, by| {
            keyring::hold(d, &entry.hash(), &key);
            s.offer(d, entry, None, by.now).map(drop)
        })
        .unwrap();
    }
    let all = named(&a, 1, oldest);
    assert!(all.len() == limits::EPOCHS_NAMED && all.contains(&oldest), "{}", all.len());
}

#[test]
fn who_is_let_in_again_gets_the_key_that_is_used_though_an_older_one_reached_it() {
    let (mut a, mut b, c) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    let (card, certificate) = (c.card(), c.certificate());
    a.act(|s, d, by| s.admit(d, by, k, card, certificate)).unwrap();
    let t = thread(k, &mut [&mut a, &mut b]);
    a.write(t, "under the first").unwrap();
    // Meanwhile the other, behind more than that follows.
    for _ in 0..5 {
        let heads = b.heads(t);
        b.now = b.now.plus(1);
        let control = b.spaces.control_heads(&b.store, k).unwrap();
        b.offer(forge(&b, t, &heads, &control, &Control::Keep(Keep)), None).unwrap();
    }
    b.write(t, "under the second").unwrap();
    let grant = |a: &mut Peer| {
        let accepted = a.grant(t, c.org()).unwrap().offered.accepted;
        accepted.iter().map(|(_, hash)| a.entry(hash).header().kind).collect::<Vec<_>>()
    };
    assert_eq!(grant(&mut a), [Kind::Grant, Kind::Extend], "to the first");
    assert_eq!(grant(&mut a), [Kind::Grant], "it has that");
    send(&mut b, &mut a, &[t]);
    assert_eq!(grant(&mut a), [Kind::Grant, Kind::Extend], "to the second as well");
}

#[test]
fn who_is_out_is_told_so_when_it_writes_whoever_else_is_out() {
    let (mut a, mut b, mut c) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1));
    let k = coalition(&mut [&mut a, &mut b, &mut c]);
    let t = thread(k, &mut [&mut a, &mut b, &mut c]);
    a.revoke(t, b.org()).unwrap();
    a.revoke(k, c.org()).unwrap();
    send(&mut a, &mut b, &[k, t]);
    let fault = b.write(t, "a word").unwrap_err();
    assert!(fault.message.contains("may not write in this space"), "{}", fault.message);
}

#[test]
fn an_epoch_reaches_no_more_nodes_than_may_be() {
    let mut a = Peer::new(1, 1);
    let k = coalition(&mut [&mut a]);
    let t = thread(k, &mut [&mut a]);
    for (many, class) in
        [(limits::WRAPS, Class::Bug), (limits::WRAPS + 1, Class::NotPermitted), (200, Class::NotPermitted)]
    {
        let nodes: BTreeSet<NodeId> = (0..many).map(|n| NodeId([n as u8; 32])).collect();
        let fault = a
            .spaces
            .mint(&a.store, &mut Seeded(1), t, &nodes, vec![])
            .map(drop)
            .expect_err("none of them has a prekey");
        assert_eq!(fault.class, class, "{many} nodes: {}", fault.message);
    }
}
