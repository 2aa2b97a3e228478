//! Graphs that were built to make a fold slow: what they cost, counted in words of sets that are looked at, not in time.

use super::world::{Peer, coalition, forge, forge_data, thread};
use crate::ids::{EntryHash, SpaceId};
use crate::limits;
use crate::space::Register;
use crate::space::allowance::cost;
use crate::space::bits::work;
use crate::space::control::{Ask, Control, Extend, Grant, Keep, Revoke};
use crate::space::entry::{Entry, Kind};
use crate::store::{Draft, Memory, Table, View};
use crate::time::Time;
use std::collections::BTreeSet;

/// A coalition of two and a thread between them, with the coalition's control heads.
fn office() -> (Peer, Peer, SpaceId, Vec<EntryHash>) {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    let t = thread(k, &mut [&mut a, &mut b]);
    let control = a.spaces.control_heads(&a.store, k).unwrap();
    (a, b, t, control)
}

/// What loading a space anew and folding it costs.
fn fold_anew(peer: &mut Peer, space: SpaceId) -> usize {
    peer.spaces.forget();
    work::of(|| peer.fold(space)).0
}

/// Words for `n` control entries whose pasts are read a few times each, and all of them together a few times more.
const fn few_reads(n: usize) -> usize {
    12 * n * (n / 64 + 2)
}

#[test]
fn grants_and_revocations_at_once_cost_no_look_at_each_pair() {
    let (mut a, b, t, control) = office();
    let heads = a.heads(t);
    const N: usize = 800;
    for n in 0..N as u64 {
        a.now = a.now.plus(1);
        let body = if n % 2 == 0 {
            Control::Grant(Grant { org: b.org(), read: true, write: true, expires: Some(Time(n)), admits: None })
        } else {
            Control::Revoke(Revoke { org: b.org(), grant: None, approvals: Vec::new(), word: false })
        };
        let entry = forge(&a, t, &heads, &control, &body);
        a.offer(entry, None).unwrap();
    }
    let cost = fold_anew(&mut a, t);
    assert!(!a.fold(t).members.contains_key(&b.org()), "no grant follows every revocation");
    assert!(cost < few_reads(N), "{cost} words, bound {}", few_reads(N));
    // Pair by pair it would be this much for one fold alone, and each entry that comes is folded.
    assert!(few_reads(N) < N / 2 * (N / 2), "the bound tells them apart");
}

#[test]
fn layers_of_sixteen_that_each_follow_all_sixteen_before_cost_what_their_parents_do() {
    let (mut a, _, t, control) = office();
    let mut layer = a.heads(t);
    let mut last = 0;
    const LAYERS: usize = 40;
    for _ in 0..LAYERS {
        let mut next = Vec::new();
        for _ in 0..16 {
            a.now = a.now.plus(1);
            let entry = forge(&a, t, &layer, &control, &Control::Keep(Keep));
            next.push(entry.hash());
            last = work::of(|| a.offer(entry, None).unwrap()).0;
        }
        layer = next;
    }
    let n = 16 * LAYERS;
    // Sixteen pasts are joined; the heads of what counts are found in one walk over the control entries.
    assert!(last < 8 * (16 + n) * (n / 64 + 2), "{last} words for the last one");
    let cost = fold_anew(&mut a, t);
    assert!(cost < 16 * few_reads(n) / 4, "{cost} words to load all");
}

#[test]
fn a_chain_as_long_as_may_be_is_walked_without_recursion() {
    let (mut a, _, t, control) = office();
    let mut head = a.heads(t);
    for _ in 0..3_000 {
        a.now = a.now.plus(1);
        let entry = forge(&a, t, &head, &control, &Control::Keep(Keep));
        head = vec![entry.hash()];
        a.offer(entry, None).unwrap();
    }
    let first = a.all(t)[0].hash();
    assert!(a.spaces.follows(&a.store, &head[0], &first).unwrap());
    assert!(a.counts(&head[0]));
}

#[test]
fn asks_that_were_answered_are_not_looked_at_against_every_extend() {
    let (mut a, b, t, control) = office();
    let word = a.write(t, "please see her").unwrap();
    let epoch = a.entry(&word).header().epoch.unwrap();
    let prekey = b.prekey.public();
    let one = crate::keys::wrap::wrap(&prekey, b"extend v1", b"", &[0; 32], &mut a.random).unwrap();
    const N: usize = 200;
    for _ in 0..N {
        a.now = a.now.plus(1);
        let mut other = Peer::new(2, 1);
        other.now = a.now;
        let heads = a.heads(t);
        let ask = Control::Ask(Ask { epochs: vec![epoch], prekey: prekey.clone() });
        let ask = forge(&other, t, &heads, &control, &ask);
        let extend = Control::Extend(Extend { epochs: vec![epoch], wraps: vec![(b.id(), one.clone())] });
        let extend = forge(&a, t, &[ask.hash()], &control, &extend);
        a.offer(ask, None).unwrap();
        a.offer(extend, None).unwrap();
    }
    a.tend();
    let (cost, wrote) = work::of(|| {
        let heads = a.heads(t);
        let entry = forge(&a, t, &heads, &control, &Control::Keep(Keep));
        a.offer(entry, None).unwrap();
        a.tend()
    });
    assert_eq!(wrote, 0, "every ask has its answer");
    // One answer each; against every extend it would be some 20,000 looks for asks alone.
    assert!(cost < 30 * N * (2 * N / 64 + 2) / 4, "{cost} words");
    let kept = a.spaces.graphs[&t].asks_open.borrow().values().map(BTreeSet::len).sum::<usize>();
    assert_eq!(kept, 0, "and is not looked at again");
    // Of those that nobody can answer, the newest are.
    for _ in 0..2 * limits::ASKS_OPEN {
        a.now = a.now.plus(1);
        let mut other = Peer::new(2, 1);
        other.now = a.now;
        let heads = a.heads(t);
        let ask = Control::Ask(Ask { epochs: vec![epoch], prekey: prekey.clone() });
        a.offer(forge(&other, t, &heads, &control, &ask), None).unwrap();
    }
    assert_eq!(a.spaces.graphs[&t].open_asks(None, |_| Ok(true)).unwrap().len(), limits::ASKS_OPEN);
}

#[test]
fn a_flood_of_last_words_is_saved_in_part_and_holds_nobody_up() {
    let (mut a, mut b, t, control) = office();
    let heads = a.heads(t);
    const N: usize = 600;
    let (mut first, mut last) = (None, heads[0]);
    for n in 0..N as u64 {
        b.now = a.now.plus(n);
        let word = forge(&b, t, &heads, &control, &Control::Keep(Keep));
        last = word.hash();
        first.get_or_insert(last);
        a.offer(word, None).unwrap();
    }
    // By somebody who has heard none of it.
    let removal = forge(
        &a,
        t,
        &heads,
        &control,
        &Control::Revoke(Revoke { org: b.org(), grant: None, approvals: vec![], word: false }),
    );
    a.offer(removal, None).unwrap();
    let wrote = a.tend();
    assert!(wrote <= 2, "{wrote} entries to save {} words", limits::LAST_WORDS);
    assert!(a.counts(&last), "what came last is saved");
    assert!(a.counts(&first.unwrap()), "and what came first, whoever wrote the rest with its key");
    let theirs: Vec<Entry> = a.all(t).into_iter().filter(|e| e.header().author == b.id()).collect();
    let saved = theirs.iter().filter(|e| a.counts(&e.hash())).count();
    assert_eq!(saved, limits::LAST_WORDS);
}

#[test]
fn graphs_in_memory_are_bounded_by_what_they_weigh() {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    let threads: Vec<SpaceId> = (0..12).map(|_| thread(k, &mut [&mut a, &mut b])).collect();
    let weight = |peer: &Peer| peer.spaces.graphs.values().map(|graph| graph.weight).sum::<usize>();
    assert_eq!(a.spaces.weight, weight(&a), "what was written and taken is in the sum");
    a.spaces.forget();
    a.fold(threads[0]);
    let bound = weight(&a) * 3;
    a.spaces.graph_bytes = bound;
    for space in &threads {
        a.fold(*space);
        assert!(weight(&a) <= bound);
        assert_eq!(a.spaces.weight, weight(&a));
        assert!(a.spaces.graphs.contains_key(space) && a.spaces.graphs.contains_key(&k), "what is in use stays");
    }
    assert!(a.spaces.graphs.len() > 2 && a.spaces.graphs.len() < threads.len());
    for space in &threads {
        assert!(a.fold(*space).members.contains_key(&b.org()), "what was let go is loaded again");
    }
}

#[test]
fn every_space_and_control_entry_costs_what_keeping_it_costs() {
    let (mut a, _, t, control) = office();
    let bytes = |entry: &Entry| i64::try_from(entry.bytes().len()).unwrap();
    let found = a.all(t).remove(0);
    assert_eq!(cost(&found, 0, false, 0), bytes(&found) + limits::ENTRY_COST + limits::SPACE_COST);
    let heads = a.heads(t);
    let keep = forge(&a, t, &heads, &control, &Control::Keep(Keep));
    assert_eq!(cost(&keep, 1_000, false, 0), bytes(&keep) + limits::ENTRY_COST + 1_000 * limits::CONTROL_COST);
    // What one allowance buys in one space, and the memory of their pasts: two sets of so many bits for each, kept twice.
    let (mut spent, mut n) = (0, 0);
    while spent < limits::ALLOWANCE {
        spent += cost(&keep, n, false, 0);
        n += 1;
    }
    assert!(n < 6_000, "{n} control entries");
    assert!(n * n / 2 < 20 * 1024 * 1024);
    // And tiny entries: so many as fit a graph in memory while it is used, and a quarter of that where it stays there.
    let tiny = forge_data(&a, t, &heads, &control, Kind::Data, Some(heads[0]), b"");
    assert!(limits::ALLOWANCE / cost(&tiny, 0, false, 0) < 250_000);
    assert!(limits::ALLOWANCE / cost(&tiny, 0, true, 0) <= 65_536);
    assert!(cost(&keep, 1_000_000, false, 0) < limits::ALLOWANCE, "no entry costs more than an account can ever hold");
}

#[test]
fn of_many_registers_those_with_the_lowest_names_stay_in_whatever_order_they_came() {
    let (a, space) = (Peer::new(1, 1), SpaceId([7; 32]));
    let most = limits::REGISTERS_PER_NODE;
    let made = |n: u32| Register::sign(&a.key, space, &format!("openings/{n:05}"), 1, Vec::new(), Vec::new()).unwrap();
    let all: Vec<Register> = (0..most + 5).map(made).collect();
    let kept = |order: &mut dyn Iterator<Item = &Register>| {
        let mut store = Memory::default();
        for register in order {
            let mut draft = Draft::new(&store);
            crate::space::register::put(&mut draft, register, false).unwrap();
            let writes = draft.into_writes();
            store.commit(writes);
        }
        store.scan(Table::Register, space.as_bytes(), None, usize::MAX, false).unwrap()
    };
    let forward = kept(&mut all.iter());
    assert_eq!(forward.len(), most as usize);
    assert!(forward.iter().all(|(key, _)| *key < all[most as usize].key()));
    assert!(forward == kept(&mut all.iter().rev()), "another order, another set");
}
