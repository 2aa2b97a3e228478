//! What waits for something that is missing: how much of it, for how long, and what is asked for.

use super::world::{Failing, Peer, Seeded, coalition, forge_data};
use crate::codec;
use crate::fault::Class;
use crate::ids::{EntryHash, NodeId, OrgId, SpaceId};
use crate::limits::{
    REFUSED, WAITING_BYTES, WAITING_BYTES_PER_ORG, WAITING_LIFE, WAITING_LOOK, WAITING_PER_AUTHOR, WAITING_PER_ORG,
};
use crate::random;
use crate::space::Terms;
use crate::space::entry::{Entry, Kind};
use crate::space::rows::{self, Charge, SeatRow, WaitRow};
use crate::space::waiting::{Place, RefusedNames, Waiting};
use crate::store::{Draft, Memory, Table};
use crate::time::Time;
use std::collections::BTreeSet;

const OURS: OrgId = OrgId([1; 32]);
const THEIRS: OrgId = OrgId([2; 32]);
const OTHERS: OrgId = OrgId([3; 32]);

/// A store in which so many entries of so many bytes each wait that this organisation brought, of this author (`None`: of one each).
fn store(rows: &[(OrgId, Option<NodeId>, usize, usize)]) -> Memory {
    let mut random = Seeded(1);
    let mut store = Memory::default();
    let mut draft = Draft::new(&store);
    for (by, author, many, bytes) in rows {
        for _ in 0..*many {
            let row = WaitRow {
                missing: EntryHash([9; 32]),
                from: None,
                author: author.unwrap_or_else(|| NodeId(random::array(&mut random))),
                bytes: u32::try_from(*bytes).unwrap(),
                since: Time(0),
                charged: Some(Charge { own: OURS, by: *by }),
            };
            let hash = EntryHash(random::array(&mut random));
            draft.put(Table::Fold, rows::wait_key(&hash), codec::encode(&row));
        }
    }
    let writes = draft.into_writes();
    store.commit(writes);
    store
}

/// Of `by`'s node, that follows nothing.
fn entry(by: &Peer, body: u8) -> Entry {
    forge_data(by, SpaceId([5; 32]), &[EntryHash([9; 32])], &[], Kind::Data, None, &[body])
}

/// Whether this one may wait too.
fn holds(waiting: &mut Waiting, draft: &mut Draft<'_>, entry: &Entry) -> bool {
    let terms = Terms::Charged { own: OURS, by: THEIRS };
    let place = Place { from: None, missing: EntryHash([9; 32]), terms, since: Time(0) };
    waiting.hold(draft, entry, &place).unwrap()
}

#[test]
fn what_waits_is_bounded_by_number_and_bytes_of_who_brings_it_by_its_author_and_in_all() {
    let author = Peer::new(7, 1);
    let one = entry(&author, 1);
    let (size, me) = (one.bytes().len(), Some(author.id()));
    let per_org = WAITING_BYTES / WAITING_BYTES_PER_ORG;
    let full: Vec<_> = (0..per_org as u8 - 1).map(|n| (OrgId([50 + n; 32]), None, 1, WAITING_BYTES_PER_ORG)).collect();
    let rows = [
        (vec![], true),
        (vec![(THEIRS, None, WAITING_PER_ORG - 1, 1)], true),
        (vec![(THEIRS, None, WAITING_PER_ORG, 1)], false),
        (vec![(OTHERS, None, WAITING_PER_ORG, 1)], true),
        (vec![(OTHERS, me, WAITING_PER_AUTHOR - 1, 1)], true),
        (vec![(OTHERS, me, WAITING_PER_AUTHOR, 1)], false),
        (vec![(THEIRS, None, 1, WAITING_BYTES_PER_ORG - size)], true),
        (vec![(THEIRS, None, 1, WAITING_BYTES_PER_ORG - size + 1)], false),
        (vec![(THEIRS, None, 1, 1_000), (THEIRS, None, 1, WAITING_BYTES_PER_ORG - size - 1_000)], true),
        (vec![(THEIRS, None, 1, 1_000), (THEIRS, None, 1, WAITING_BYTES_PER_ORG - size - 999)], false),
        ([full.clone(), vec![(OTHERS, None, 1, WAITING_BYTES_PER_ORG - size)]].concat(), true),
        ([full, vec![(OTHERS, None, 1, WAITING_BYTES_PER_ORG - size + 1)]].concat(), false),
    ];
    for (rows, room) in rows {
        let (store, mut waiting) = (store(&rows), Waiting::default());
        assert_eq!(holds(&mut waiting, &mut Draft::new(&store), &one), room, "{rows:?}");
    }
}

#[test]
fn one_that_waits_no_more_makes_room_for_one() {
    let author = Peer::new(7, 1);
    let [one, two, three] = [1, 2, 3].map(|body| entry(&author, body));
    let size = one.bytes().len();
    for rows in [
        vec![(THEIRS, None, WAITING_PER_ORG - 1, 1)],
        vec![(OTHERS, Some(author.id()), WAITING_PER_AUTHOR - 1, 1)],
        vec![(THEIRS, None, 1, WAITING_BYTES_PER_ORG - size)],
    ] {
        let (store, mut waiting) = (store(&rows), Waiting::default());
        let mut draft = Draft::new(&store);
        assert!(holds(&mut waiting, &mut draft, &one) && holds(&mut waiting, &mut draft, &one), "it lies here once");
        assert!(!holds(&mut waiting, &mut draft, &two), "{rows:?}");
        waiting.drop_one(&mut draft, &one.hash()).unwrap();
        assert!(holds(&mut waiting, &mut draft, &two), "{rows:?}");
        assert!(!holds(&mut waiting, &mut draft, &three), "{rows:?}");
        waiting.drop_one(&mut draft, &three.hash()).unwrap();
        assert!(!holds(&mut waiting, &mut draft, &three), "it did not wait: {rows:?}");
    }
}

/// A node at which two entries of another wait for the same and one for something else, since then.
fn waiting_since(since: Time) -> (Peer, Peer, SpaceId) {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    b.now = since;
    for (body, parent) in [(1, 8), (2, 8), (3, 9)] {
        let word = forge_data(&a, k, &[EntryHash([parent; 32])], &[], Kind::Data, None, &[body]);
        assert!(b.offer(word, Some(a.id())).unwrap().waits);
    }
    (a, b, k)
}

fn dropped(at: &mut Peer, now: Time) -> (BTreeSet<NodeId>, usize, Option<Time>) {
    at.now = now;
    let nodes = at.act(|s, d, by| s.drop_waited(d, by.now)).unwrap();
    let left = at.store.rows().filter(|(table, ..)| *table == Table::Waiting).count();
    (nodes, left, at.spaces.next_waited(&at.store).unwrap())
}

#[test]
fn what_waited_for_too_long_is_dropped_and_looked_for_seldom() {
    let (start, none) = (super::world::START, BTreeSet::new());
    let (a, mut b, _) = waiting_since(start);
    assert_eq!(b.spaces.next_waited(&b.store).unwrap(), Some(Time::default()), "never looked for");
    let (look, life) = (start.plus(WAITING_LOOK), start.plus(WAITING_LIFE));
    assert_eq!(dropped(&mut b, start), (none.clone(), 3, Some(look)));
    assert_eq!(dropped(&mut b, Time(look.0 - 1)), (none.clone(), 3, Some(look)), "looked for already");
    b.spaces.forget();
    assert_eq!(dropped(&mut b, look), (none.clone(), 3, Some(look.plus(WAITING_LOOK))), "over a start too");
    assert_eq!(dropped(&mut b, life), (none.clone(), 3, Some(life.plus(WAITING_LOOK))), "no longer than it may");
    let all = BTreeSet::from([a.id(), b.id()]);
    assert_eq!(dropped(&mut b, life.plus(WAITING_LOOK)), (all.clone(), 0, None));
    let (_, mut b, _) = waiting_since(start);
    assert_eq!(dropped(&mut b, life.plus(1)), (all, 0, None));
    assert_eq!(dropped(&mut b, life.plus(WAITING_LIFE)), (none, 0, None), "nothing waits");
}

#[test]
fn what_waits_since_a_clock_was_ahead_waits_since_it_was_mended() {
    let start = super::world::START;
    let (_, mut b, _) = waiting_since(start.plus(10 * WAITING_LIFE));
    assert_eq!(dropped(&mut b, start.plus(10 * WAITING_LIFE)).1, 3);
    assert_eq!(dropped(&mut b, start).1, 3, "it is looked at once the clock is mended");
    assert_eq!(dropped(&mut b, start.plus(WAITING_LIFE)).1, 3);
    assert_eq!(dropped(&mut b, start.plus(WAITING_LIFE + WAITING_LOOK)).1, 0);
}

#[test]
fn what_several_miss_is_asked_for_once() {
    let (a, b, k) = waiting_since(super::world::START);
    let missed = |limit| b.spaces.missed(&b.store, limit).unwrap();
    let both = [8, 9].map(|n| (EntryHash([n; 32]), k, Some(a.id())));
    assert_eq!(missed(10), both);
    assert_eq!(missed(1), both[..1]);
}

#[test]
fn whether_anything_waits_for_an_account_is_said() {
    let (mut a, mut b, k) = waiting_since(super::world::START);
    assert!(!b.spaces.owes(&b.store).unwrap(), "they wait for what they follow");
    let account = crate::space::Account { org: a.org(), coalition: None };
    let (own, now) = (b.org(), b.now);
    let first = a.write(k, "first").unwrap();
    let second = a.write(k, "second").unwrap();
    let terms = Terms::Charged { own, by: a.org() };
    let mut offer = |entry: Entry| b.act(|s, d, _| s.offer_on(d, entry, Some(a.id()), now, terms)).unwrap();
    assert!(offer(a.entry(&second)).waits);
    b.act(|_, d, _| account.charge(d, 10 * crate::limits::ALLOWANCE, now)).unwrap();
    b.act(|s, d, _| s.offer(d, a.entry(&first), None, now)).unwrap();
    assert!(b.has(&first) && !b.has(&second));
    assert!(b.spaces.owes(&b.store).unwrap());
    b.spaces.forget();
    assert!(b.spaces.owes(&b.store).unwrap(), "also after a start");
}

#[test]
fn what_waited_for_its_account_and_breaks_a_rule_by_now_is_dropped_and_a_store_that_fails_is_told() {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    let stranger =
        forge_data(&Peer::new(9, 1), k, &[EntryHash(k.0)], &[], Kind::Data, None, b"taken by an older program");
    let hash = stranger.hash();
    b.act(|_, d, by| {
        let row = WaitRow {
            missing: hash,
            from: None,
            author: stranger.header().author,
            bytes: stranger.bytes().len() as u32,
            since: by.now,
            charged: None,
        };
        d.put(Table::Fold, rows::wait_key(&hash), codec::encode(&row));
        d.put(Table::Waiting, [hash.0, hash.0].concat(), stranger.bytes());
        Ok(())
    })
    .unwrap();
    b.spaces.forget();
    let failing = Failing(&b.store, Table::Entry);
    let fault = b.spaces.take_owed(&mut Draft::new(&failing), b.now).unwrap_err();
    assert_eq!(fault.class, Class::Store);
    b.spaces.forget();
    assert!(b.act(|s, d, by| s.take_owed(d, by.now)).unwrap().is_empty());
    assert!(!b.spaces.owes(&b.store).unwrap() && !b.spaces.waits(&b.store, &hash).unwrap());
}

#[test]
fn what_comes_while_the_store_fails_is_not_refused_for_that() {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    let word = a.write(k, "a bed is free").unwrap();
    let (entry, terms) = (a.entry(&word), Terms::Charged { own: b.org(), by: a.org() });
    b.fold(k);
    let failing = Failing(&b.store, Table::Fold);
    let fault = b.spaces.offer_on(&mut Draft::new(&failing), entry.clone(), None, b.now, terms).unwrap_err();
    assert_eq!(fault.class, Class::Store);
    b.spaces.forget();
    assert_eq!(b.offer(entry, None).unwrap().accepted, [(k, word)]);
}

#[test]
fn of_refused_names_the_newest_are_remembered() {
    let name = |n: usize| {
        let mut name = [0; 32];
        name[..8].copy_from_slice(&n.to_be_bytes());
        EntryHash(name)
    };
    let mut refused = RefusedNames::default();
    (0..REFUSED).for_each(|n| refused.add(name(n)));
    refused.add(name(REFUSED - 1));
    assert!(refused.has(&name(0)), "none was one too many");
    refused.add(name(REFUSED));
    assert!(!refused.has(&name(0)) && refused.has(&name(1)) && refused.has(&name(REFUSED)));
}

#[test]
fn who_is_in_no_thread_any_more_hides_nobody_who_is() {
    let mut a = Peer::new(1, 1);
    a.act(|_, d, _| {
        for n in 0..40 {
            rows::put_seat(d, THEIRS, SpaceId([n; 32]), SeatRow { member: false, expires: None });
        }
        for n in 0..3 {
            rows::put_seat(d, OTHERS, SpaceId([n; 32]), SeatRow { member: n > 0, expires: None });
        }
        Ok(())
    })
    .unwrap();
    assert_eq!(a.spaces.sharing(&a.store).unwrap(), BTreeSet::from([OTHERS]));
}
