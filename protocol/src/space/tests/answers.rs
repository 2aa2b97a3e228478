//! What the door answers about spaces, nodes, prekeys and registers, and what it says that an entry changed.

use super::world::{Peer, Seeded, coalition, send, settle, thread};
use crate::ids::{EntryHash, NodeId, OrgId, SpaceId};
use crate::keys::{PrekeySecret, Retirement};
use crate::limits;
use crate::space::{Account, RegisterTaken, Terms};
use crate::store::Table;
use crate::time::{DAY, Time};
use std::collections::{BTreeMap, BTreeSet};

/// A coalition of three, a thread of the first two, and a private space of the first.
fn three() -> (Peer, Peer, Peer, [SpaceId; 3]) {
    let (mut a, mut b, mut c) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1));
    let k = coalition(&mut [&mut a, &mut b, &mut c]);
    let t = thread(k, &mut [&mut a, &mut b]);
    let p = private(&mut a).0;
    (a, b, c, [k, t, p])
}

fn private(peer: &mut Peer) -> (SpaceId, PrekeySecret) {
    let recovery = PrekeySecret::generate(&mut Seeded(99));
    let (certificate, founder) = (peer.certificate(), peer.root.founder(recovery.public(), peer.now, &mut Seeded(98)));
    let found = peer.act(|s, d, by| s.found_private(d, by, founder, certificate)).unwrap();
    (SpaceId(found.hash.0), recovery)
}

fn sorted<T: Ord>(list: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut list: Vec<T> = list.into_iter().collect();
    list.sort();
    list
}

#[test]
fn who_may_have_the_entries_of_a_space_is_who_is_in_and_whose_time_has_not_passed() {
    let (mut a, b, c, [k, t, p]) = three();
    let late = SpaceId(a.act(|s, d, by| s.found_thread(d, by, k, true)).unwrap().hash.0);
    let (org, end) = (b.org(), a.now.plus(DAY));
    a.act(|s, d, by| s.grant(d, by, late, org, true, true, Some(end))).unwrap();
    let (now, nobody) = (a.now, OrgId([9; 32]));
    let rows = [
        (a.org(), now, vec![k, t, p, late]),
        (b.org(), now, vec![k, t, late]),
        (b.org(), Time(end.0 - 1), vec![k, t, late]),
        (b.org(), end, vec![k, t]),
        (c.org(), now, vec![k]),
        (nobody, now, vec![]),
    ];
    for (org, now, spaces) in rows {
        assert_eq!(a.spaces.spaces_with(&a.store, org, now).unwrap(), sorted(spaces.clone()), "{}", org.short());
        for space in [k, t, p, late] {
            assert_eq!(a.spaces.may_have(&a.store, space, org, now).unwrap(), spaces.contains(&space));
        }
        assert!(!a.spaces.may_have(&a.store, SpaceId([9; 32]), org, now).unwrap(), "a space that is not here");
    }
    assert_eq!(a.spaces.sharing(&a.store).unwrap(), BTreeSet::from([a.org(), b.org()]));
    let few = a.spaces.no_threads(&a.store).unwrap();
    assert_eq!(few.iter().map(|record| record.space).collect::<Vec<_>>(), sorted([k, p]));
}

#[test]
fn a_certificate_stands_where_it_was_given_and_a_retired_node_is_not_in_force() {
    let (mut a, b, _, [k, t, _]) = three();
    let (second, stranger) = (Peer::new(1, 2), Peer::new(9, 1));
    let certificate = second.certificate();
    a.act(|s, d, by| s.certify(d, by, k, certificate.clone())).unwrap();
    for (node, certified) in [(a.id(), true), (b.id(), true), (second.id(), true), (stranger.id(), false)] {
        assert_eq!(a.spaces.is_certified(&a.store, k, node).unwrap(), certified);
        assert_eq!(a.spaces.is_in_force(&a.store, node).unwrap(), certified);
    }
    assert_eq!(a.spaces.certificate(&a.store, k, &second.id()).unwrap(), Some(certificate));
    assert_eq!(a.spaces.certificate(&a.store, k, &stranger.id()).unwrap(), None);
    assert!(a.spaces.count_of(&a.store, t).unwrap() > 1);
    let all = a.all(k).len();
    assert_eq!(a.spaces.count_of(&a.store, k).unwrap() as usize, all);
    let retirement: Retirement = a.root.retire(second.id(), a.now);
    a.act(|s, d, by| s.retire(d, by, k, retirement)).unwrap();
    assert!(a.spaces.is_certified(&a.store, k, second.id()).unwrap(), "in force or not");
    assert!(!a.spaces.is_in_force(&a.store, second.id()).unwrap());
}

#[test]
fn a_roster_is_of_now_with_the_newest_card_of_each_and_the_newest_certificate_of_each_node() {
    for newer_first in [false, true] {
        let (mut a, b, _, [k, ..]) = three();
        let first = a.spaces.roster(&a.store, k).unwrap();
        assert_eq!(first.orgs.len(), 3);
        let d = Peer::new(4, 1);
        let (card, certificate) = (d.card(), d.certificate());
        a.act(|s, draft, by| s.admit(draft, by, k, card, certificate)).unwrap();
        assert_eq!(a.spaces.roster(&a.store, k).unwrap().orgs.len(), 4, "who came since is in it");
        // It was taken out, and let in again under another name.
        a.revoke(k, b.org()).unwrap();
        let (mut card, certificate) = (b.card(), b.certificate());
        card.name = "Another Name".to_owned();
        a.act(|s, draft, by| s.admit(draft, by, k, card, certificate)).unwrap();
        let roster = a.spaces.roster(&a.store, k).unwrap();
        assert_eq!(roster.orgs[&b.org()].card.name, "Another Name");
        let second = Peer::new(1, 2);
        let prekey = PrekeySecret::generate(&mut Seeded(7)).public();
        let mut times = [a.now, a.now.plus(DAY)];
        if newer_first {
            times.reverse();
        }
        for at in times {
            let certificate = a.root.certify(&second.key, prekey.clone(), at);
            a.act(|s, draft, by| s.certify(draft, by, k, certificate)).unwrap();
        }
        let roster = a.spaces.roster(&a.store, k).unwrap();
        assert_eq!(roster.orgs[&a.org()].nodes[&second.id()].issued, a.now.plus(DAY), "newer first: {newer_first}");
    }
}

#[test]
fn a_roster_names_who_was_ever_in_and_whose_a_node_in_force_is_and_the_stewards_that_are_in() {
    let (mut a, b, c, [k, ..]) = three();
    let (second, stranger) = (Peer::new(1, 2), Peer::new(9, 1));
    let certificate = second.certificate();
    a.act(|s, d, by| s.certify(d, by, k, certificate)).unwrap();
    let stewards = [a.org(), b.org()].into();
    a.act(|s, d, by| s.propose_charter(d, by, k, stewards, 1, false)).unwrap();
    let roster = a.spaces.roster(&a.store, k).unwrap();
    assert_eq!(roster.name_of(&b.org()), b.card().name);
    assert_eq!(roster.name_of(&stranger.org()), stranger.org().short());
    let whose = [&a, &second, &b, &c, &stranger].map(|peer| roster.org_of(&peer.id()));
    assert_eq!(whose, [Some(a.org()), Some(a.org()), Some(b.org()), Some(c.org()), None]);
    assert_eq!([&a, &b, &c, &stranger].map(|peer| roster.is_steward(&peer.org())), [true, true, false, false]);
    let retirement = a.root.retire(second.id(), a.now);
    a.act(|s, d, by| s.retire(d, by, k, retirement)).unwrap();
    a.revoke(k, b.org()).unwrap();
    let roster = a.spaces.roster(&a.store, k).unwrap();
    assert_eq!([&a, &second, &b].map(|peer| roster.org_of(&peer.id())), [Some(a.org()), None, None]);
    assert_eq!([&a, &b].map(|peer| roster.is_steward(&peer.org())), [true, false], "by the charter, and out");
    assert_eq!(roster.name_of(&b.org()), b.card().name);
}

#[test]
fn our_prekeys_are_told_by_when_they_were_made_until_they_are_dropped() {
    let mut a = Peer::new(1, 1);
    let (p, recovery) = private(&mut a);
    assert_eq!(a.spaces.recovery_key(&a.store, p).unwrap(), Some(recovery.public()));
    let k = coalition(&mut [&mut a]);
    assert_eq!(a.spaces.recovery_key(&a.store, k).unwrap(), None);
    let [young, ahead] = [7, 8].map(|seed| PrekeySecret::generate(&mut Seeded(seed)));
    let (own, now, later) = (a.prekey.id(), a.now, a.now.plus(DAY));
    a.act(|s, d, by| {
        s.hold_prekey(d, &young, by.now.plus(1));
        s.hold_prekey(d, &ahead, later);
        Ok(())
    })
    .unwrap();
    let held = |a: &Peer| sorted(a.spaces.prekeys(&a.store).unwrap());
    let newest = |a: &Peer| a.spaces.newest_prekey_of_ours(&a.store).unwrap();
    assert_eq!(held(&a), [(now, own), (now.plus(1), young.id()), (later, ahead.id())]);
    assert_eq!(newest(&a), Some(ahead.public()));
    // The clock was mended: what it dated later than now is of the moment before.
    a.act(|s, d, _| s.date_prekeys_before(d, now.plus(1))).unwrap();
    assert_eq!(held(&a), sorted([(now, own), (now.plus(1), young.id()), (now, ahead.id())]));
    assert_eq!(newest(&a), Some(young.public()));
    assert!(a.spaces.prekey(&a.store, &young.id()).unwrap().is_some_and(|secret| secret.public() == young.public()));
    a.act(|s, d, _| {
        s.drop_prekey(d, &young.id());
        Ok(())
    })
    .unwrap();
    assert!(a.spaces.prekey(&a.store, &young.id()).unwrap().is_none());
    assert_eq!(held(&a).len(), 2);
}

#[test]
fn of_the_prekeys_that_a_node_published_in_a_thread_and_its_coalition_the_newer_is_wrapped_to() {
    let (mut a, mut b, _, [k, t, _]) = three();
    assert_eq!(a.spaces.prekey_of(&a.store, k, b.id()).unwrap(), Some(b.prekey.public()), "its certificate's");
    assert_eq!(a.spaces.prekey_of(&a.store, k, NodeId([9; 32])).unwrap(), None);
    let fresh = |seed| PrekeySecret::generate(&mut Seeded(seed)).public();
    let mut publish = |space, seed| {
        let value = crate::codec::encode(&fresh(seed));
        let register = b.act(|s, d, by| s.publish(d, by, space, "prekey", value)).unwrap();
        a.act(|s, d, by| s.offer_register(d, &register, by.now, Terms::Free)).unwrap();
        a.spaces.prekey_of(&a.store, k, b.id()).unwrap();
        [k, t].map(|space| a.spaces.newest_prekey(&a.store, space, b.id()).unwrap())
    };
    assert_eq!(publish(t, 1), [Some(Peer::new(2, 1).prekey.public()), Some(fresh(1))]);
    assert_eq!(publish(t, 2), [Some(Peer::new(2, 1).prekey.public()), Some(fresh(2))]);
    assert_eq!(publish(k, 3), [Some(fresh(3)), Some(fresh(2))], "the first in the coalition, the second here");
    publish(k, 4);
    assert_eq!(publish(k, 5), [Some(fresh(5)), Some(fresh(5))], "the third in the coalition, the second here");
}

#[test]
fn a_register_is_paid_for_by_who_says_it_and_waits_where_nothing_is_left() {
    let (mut a, mut b, _, [k, ..]) = three();
    let publish = |peer: &mut Peer| peer.act(|s, d, by| s.publish(d, by, k, "openings/x", vec![1; 100])).unwrap();
    let (own, theirs) = (a.org(), Account { org: b.org(), coalition: None });
    let mut offer = |peer: &mut Peer, left: i64| {
        let register = publish(peer);
        let account = Account { org: peer.org(), coalition: None };
        let terms = Terms::Charged { own, by: own };
        let before = a.spaces.registers(&a.store, k).unwrap().len();
        let (taken, rest) = a
            .act(|s, d, by| {
                account.charge(d, account.left(d, by.now)? - left, by.now)?;
                let taken = s.offer_register(d, &register, by.now, terms)?;
                Ok((taken, account.left(d, by.now)?))
            })
            .unwrap();
        let cost = i64::try_from(register.bytes().len()).unwrap() + limits::ENTRY_COST;
        (taken, left - rest, cost, a.spaces.registers(&a.store, k).unwrap().len() - before)
    };
    let (taken, paid, cost, more) = offer(&mut b, 1_000_000);
    assert_eq!((taken, paid, more), (RegisterTaken::Newer, cost, 1));
    let (taken, paid, cost, more) = offer(&mut b, 1);
    assert_eq!((taken, paid, more), (RegisterTaken::Newer, cost, 0), "it may be overdrawn once");
    for left in [0, -1] {
        let (taken, paid, ..) = offer(&mut b, left);
        assert_eq!((taken, paid), (RegisterTaken::Late(theirs), 0), "{left} left");
    }
    let mut second = Peer::new(1, 2);
    let certificate = second.certificate();
    a.act(|s, d, by| s.certify(d, by, k, certificate)).unwrap();
    send(&mut a, &mut second, &[k]);
    let register = publish(&mut second);
    let ours = a.act(|s, d, by| s.offer_register(d, &register, by.now, Terms::Charged { own, by: own })).unwrap();
    assert_eq!(ours, RegisterTaken::Newer);
    let [ours, silent] = [own, OrgId([9; 32])].map(|org| Account { org, coalition: None });
    let full = silent.left(&a.store, a.now).unwrap();
    assert_eq!(ours.left(&a.store, a.now).unwrap(), full, "our own machines pay nothing");
    assert!(a.spaces.registers(&a.store, SpaceId([9; 32])).unwrap().is_empty(), "a space that is not here");
}

#[test]
fn what_lacks_is_asked_for_once_and_not_what_waits_itself() {
    let (mut a, mut b, mut c, [k, t, _]) = three();
    let before = c.heads(t);
    assert!(before.is_empty());
    let words = ["one", "two", "three"].map(|word| a.write(t, word).unwrap());
    send(&mut a, &mut b, &[k, t]);
    let mut late = Peer::new(2, 2);
    for space in [k, t] {
        for entry in a.all(space).into_iter().filter(|entry| !words.contains(&entry.hash())) {
            late.offer(entry, Some(a.id())).unwrap();
        }
    }
    let second = late.offer(a.entry(&words[1]), Some(a.id())).unwrap();
    assert!(second.waits);
    assert_eq!(second.missing, BTreeSet::from([words[0]]));
    let third = late.offer(a.entry(&words[2]), Some(b.id())).unwrap();
    assert!(third.waits && third.missing.is_empty(), "what it follows waits here");
    assert_eq!(late.spaces.missed(&late.store, 10).unwrap(), [(words[0], t, Some(a.id()))]);
    assert!(late.spaces.missed(&late.store, 0).unwrap().is_empty());
    let urgent = |peer: &Peer, entry| peer.spaces.is_urgent(&peer.store, &entry).unwrap();
    assert!(urgent(&late, a.entry(&words[0])), "something waits for it");
    assert!(!urgent(&late, a.entry(&words[2])), "nothing waits for it");
    let out = a.revoke(t, b.org()).unwrap();
    assert!(urgent(&late, a.entry(&out)), "it takes somebody out");
    let second = Peer::new(1, 2);
    let (certificate, retirement) = (second.certificate(), a.root.retire(second.id(), a.now));
    a.act(|s, d, by| s.certify(d, by, k, certificate)).unwrap();
    let retired = a.act(|s, d, by| s.retire(d, by, k, retirement)).unwrap().hash;
    assert!(urgent(&late, a.entry(&retired)), "it takes a node out");
}

#[test]
fn what_there_is_no_room_for_is_told_late_and_not_kept() {
    let (mut a, mut b, _, [k, t, _]) = three();
    send(&mut a, &mut b, &[k, t]);
    let word = b.write(t, "too much for today").unwrap();
    let (heads, account, own) = (a.heads(t), Account { org: b.org(), coalition: None }, a.org());
    for entry in b.all(t).into_iter().filter(|entry| !heads.contains(&entry.hash()) && entry.hash() != word) {
        a.offer(entry, Some(b.id())).unwrap();
    }
    let (entry, id) = (b.entry(&word), b.id());
    a.act(|_, d, by| account.charge(d, account.left(d, by.now)?, by.now)).unwrap();
    let offered =
        a.act(|s, d, by| s.offer_on(d, entry, Some(id), by.now, Terms::Charged { own, by: account.org })).unwrap();
    assert!(offered.late.is_some() && !offered.waits && offered.accepted.is_empty());
    assert_eq!(a.store.rows().filter(|(table, ..)| *table == Table::Waiting).count(), 0);
}

#[test]
fn an_entry_says_whose_members_it_changed_and_where_what_counts_did() {
    let (mut a, mut b, mut c, [k, t, _]) = three();
    let founded = a.act(|s, d, by| s.found_thread(d, by, k, true)).unwrap();
    let further = SpaceId(founded.hash.0);
    assert_eq!(founded.offered.members, BTreeSet::from([further]));
    let granted = a.grant(t, c.org()).unwrap().offered;
    assert_eq!((granted.members, granted.turned), (BTreeSet::from([t]), BTreeMap::new()));
    settle(&mut [&mut a, &mut b, &mut c], &[k, t]);
    let said = a.act(|s, d, by| s.write(d, by, t, b"a word")).unwrap().offered;
    assert_eq!((said.members, said.turned), (BTreeSet::new(), BTreeMap::new()));
    let certificate = Peer::new(1, 2).certificate();
    let certified = a.act(|s, d, by| s.certify(d, by, k, certificate)).unwrap().offered;
    assert!(certified.members.contains(&k));
    // What it wrote meanwhile, knowing nothing of its removal, counts no more.
    let word = c.write(t, "meanwhile").unwrap();
    let heads = a.heads(t);
    for entry in c.all(t).into_iter().filter(|entry| !heads.contains(&entry.hash())) {
        a.offer(entry, Some(c.id())).unwrap();
    }
    assert!(a.counts(&word));
    let org = c.org();
    let out = a.act(|s, d, by| s.revoke(d, by, k, org)).unwrap().offered;
    assert_eq!(out.members, BTreeSet::from([k, t]), "and not the thread that it was never in");
    let members = a.spaces.record(&a.store, t).unwrap().unwrap().members;
    assert_eq!(members, sorted([a.org(), b.org()]));
    assert_eq!(a.spaces.sharing(&a.store).unwrap(), BTreeSet::from([a.org(), b.org()]));
}

#[test]
fn what_was_told_to_whom_is_known_by_its_newest_record() {
    let (mut a, b, c, [_, t, p]) = three();
    let record = a.write(p, "told the clinic").unwrap();
    let told = |a: &Peer, org| a.spaces.told(&a.store, t, org).unwrap();
    let before = told(&a, c.org());
    a.act(|s, d, _| {
        s.note_told(d, t, b.org(), record);
        Ok(())
    })
    .unwrap();
    assert_eq!((told(&a, b.org()), told(&a, c.org())), (Some(record), before));
    assert_ne!(record, EntryHash(t.0));
}

#[test]
fn accounts_that_are_low_are_named_and_a_clock_that_was_ahead_holds_none_up() {
    let mut a = Peer::new(1, 1);
    let [low, full] = [2, 3].map(|org| Account { org: OrgId([org; 32]), coalition: None });
    let (now, ahead) = (a.now, a.now.plus(100 * DAY));
    let left = |a: &Peer, account: Account, now| account.left(&a.store, now).unwrap();
    a.act(|_, d, _| {
        low.charge(d, low.left(d, ahead)? - 5, ahead)?;
        full.charge(d, 1, now)
    })
    .unwrap();
    let below = |a: &Peer, bytes| a.spaces.accounts_below(&a.store, bytes, now).unwrap();
    assert_eq!(below(&a, 6), [(low, 5)]);
    assert_eq!(below(&a, 5), []);
    // Nothing fills it until that time, and from now on once the clock is mended.
    let (later, most) = (now.plus(DAY), 5 + limits::ALLOWANCE_A_DAY);
    assert_eq!(left(&a, low, later), 5);
    let others = left(&a, full, now);
    a.act(|s, d, _| s.date_accounts_before(d, now)).unwrap();
    assert_eq!((left(&a, low, now), left(&a, low, later)), (5, most));
    assert_eq!(left(&a, full, now), others);
}
