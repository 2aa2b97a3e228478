//! Stories of entries that come in the wrong order, from the wrong people, or as noise.

use super::world::{Peer, Seeded, coalition, forge, forge_data, send, settle, thread};
use crate::ids::{EntryHash, NodeId, OrgId, SpaceId};
use crate::limits;
use crate::space::control::{Control, Keep};
use crate::space::entry::{Entry, Kind};
use crate::space::{Register, RegisterTaken, Spaces, Terms};
use crate::store::Table;
use proptest::prelude::*;

#[test]
fn entries_wait_for_what_they_follow_and_say_what_that_is() {
    let (mut a, mut b, mut c) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1));
    let k = coalition(&mut [&mut a, &mut b, &mut c]);
    let t = thread(k, &mut [&mut a, &mut b]);
    a.write(t, "one").unwrap();
    a.write(t, "two").unwrap();
    let mut late = Peer::new(2, 3);
    let all: Vec<Entry> = [a.all(k), a.all(t)].concat();
    let mut last = None;
    for entry in all.iter().rev() {
        let offered = late.offer(entry.clone(), Some(a.id())).unwrap();
        if entry.hash() != EntryHash(k.0) {
            assert!(offered.waits && offered.accepted.is_empty());
        }
        last = Some(offered);
    }
    assert_eq!(last.unwrap().accepted.len(), all.len(), "the first unlocks all");
    assert_eq!(late.heads(t), a.heads(t));
    assert_eq!(late.store.rows().filter(|(table, ..)| *table == Table::Waiting).count(), 0);
    let again = late.offer(all[3].clone(), None).unwrap();
    assert!(again.known && again.accepted.is_empty());
}

#[test]
fn what_waits_is_bounded_by_the_organisation_that_brings_it_however_many_nodes_it_has() {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    let (own, others) = (a.org(), [b.org(), OrgId([9; 32])]);
    let offer = |a: &mut Peer, entry: Entry, node: u64, by_org: OrgId| {
        let mut from = [0; 32];
        from[..8].copy_from_slice(&node.to_le_bytes());
        let terms = Terms::Charged { own, by: by_org };
        a.act(|spaces, draft, by| spaces.offer_on(draft, entry, Some(NodeId(from)), by.now, terms)).unwrap()
    };
    for n in 0..limits::WAITING_PER_ORG as u64 + 10 {
        let mut parent = [0; 32];
        parent[..8].copy_from_slice(&n.to_le_bytes());
        // Many authors, many nodes, one organisation.
        let author = Peer { key: crate::keys::NodeKey::from_seed(parent), ..Peer::bare(n) };
        let entry = forge_data(&author, k, &[EntryHash(parent)], &[], Kind::Data, None, b"x");
        assert!(offer(&mut a, entry, n % 8, others[0]).waits);
    }
    let waiting = |peer: &Peer| peer.store.rows().filter(|(table, ..)| *table == Table::Waiting).count();
    assert_eq!(waiting(&a), limits::WAITING_PER_ORG);
    a.spaces.forget();
    let entry = forge_data(&b, k, &[EntryHash([7; 32])], &[], Kind::Data, None, b"x");
    offer(&mut a, entry.clone(), 9, others[0]);
    assert_eq!(waiting(&a), limits::WAITING_PER_ORG, "also after a restart");
    offer(&mut a, entry, 9, others[1]);
    assert_eq!(waiting(&a), limits::WAITING_PER_ORG + 1, "another organisation has room");
}

#[test]
fn in_the_coalition_nobody_builds_on_anothers_data() {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    let listing = a.write(k, "a listing").unwrap();
    let own = b.write(k, "another listing").unwrap();
    settle(&mut [&mut a, &mut b], &[k]);
    assert!(!b.entry(&own).header().parents.contains(&listing));
    assert_eq!(b.open(&listing).unwrap(), "a listing", "in clear to members");
    let next = b.write(k, "its change").unwrap();
    assert_eq!(b.entry(&next).header().parents, [own], "its own data, which already follows the control heads");
    let mixed = forge_data(&b, k, &[listing, own], &[], Kind::Data, None, b"x");
    assert!(a.offer(mixed, None).is_err());
    let dragging = forge(&b, k, &[own], &[], &Control::Certify(b.certificate()));
    assert!(a.offer(dragging, None).is_err());
}

#[test]
fn a_removed_organisations_listings_stay_as_they_were_when_it_was_removed() {
    let (mut a, mut b, mut c) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1));
    let k = coalition(&mut [&mut a, &mut b, &mut c]);
    let known = b.write(k, "known").unwrap();
    settle(&mut [&mut a, &mut b, &mut c], &[k]);
    let unheard = b.write(k, "known to one").unwrap();
    send(&mut b, &mut c, &[k]);
    a.revoke(k, b.org()).unwrap();
    settle(&mut [&mut a, &mut c], &[k]);
    assert!(a.counts(&known));
    assert!(a.counts(&unheard), "the one who had it kept it");
    let after = forge_data(&b, k, &[unheard], &[], Kind::Data, None, b"after");
    a.offer(after.clone(), None).unwrap();
    a.tend();
    assert!(!a.counts(&after.hash()));
}

#[test]
fn no_organisation_claims_anothers_node() {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    // b's root signs for a's node, whose key it does not have.
    let mut theft = b.certificate();
    theft.node = a.id();
    let heads = b.heads(k);
    let entry = forge(&b, k, &heads, &[], &Control::Certify(theft));
    assert!(a.offer(entry, None).is_err());
    // Nor does it retire one.
    let retirement = b.root.retire(a.id(), b.now);
    let entry = forge(&b, k, &heads, &[], &Control::Retire(retirement));
    assert!(a.offer(entry, None).is_err());
    assert_eq!(a.fold(k).nodes[&a.id()], a.org());
}

#[test]
fn more_heads_than_fit_are_joined() {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    let t = thread(k, &mut [&mut a, &mut b]);
    let (heads, control) = (a.heads(t), a.spaces.control_heads(&a.store, k).unwrap());
    for n in 0..40 {
        a.now = a.now.plus(1 + n);
        let entry = forge(&a, t, &heads, &control, &Control::Keep(Keep));
        a.offer(entry, None).unwrap();
    }
    assert_eq!(a.heads(t).len(), 40);
    let said = a.write(t, "over all of them").unwrap();
    assert_eq!(a.heads(t), [said]);
}

#[test]
fn of_two_registers_the_higher_is_read_and_only_of_who_is_in() {
    let (mut a, mut b, mut c) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    let publish =
        |peer: &mut Peer, value: &[u8]| peer.act(|s, d, by| s.publish(d, by, k, "openings/x", value.to_vec())).unwrap();
    let (first, second) = (publish(&mut b, b"3"), publish(&mut b, b"2"));
    assert_eq!((first.number, second.number), (1, 2));
    let take =
        |peer: &mut Peer, register: &Register| peer.act(|s, d, by| s.offer_register(d, register, by.now, Terms::Free));
    assert_eq!(take(&mut a, &second).unwrap(), RegisterTaken::Newer);
    assert_eq!(take(&mut a, &first).unwrap(), RegisterTaken::Older);
    let read = a.spaces.register(&a.store, k, b.id(), "openings/x").unwrap().unwrap();
    assert_eq!(read.value, b"2");
    assert_eq!(Register::verify(&read.bytes()).unwrap(), read);
    let mut bent = read;
    bent.value = b"9".to_vec();
    assert!(Register::verify(&bent.bytes()).is_err());
    send(&mut a, &mut c, &[k]);
    let stranger = publish(&mut c, b"1");
    assert!(take(&mut a, &stranger).is_err());
    a.revoke(k, b.org()).unwrap();
    assert!(a.spaces.register(&a.store, k, b.id(), "openings/x").unwrap().is_none());
    assert!(a.spaces.registers(&a.store, k).unwrap().is_empty());
}

#[test]
fn a_space_comes_back_from_the_store_as_it_was() {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    let t = thread(k, &mut [&mut a, &mut b]);
    for n in 0..30 {
        a.write(t, &format!("line {n}")).unwrap();
        b.write(k, &format!("listing {n}")).unwrap();
    }
    let (heads, fold, roster) = (a.heads(t), a.fold(t), a.spaces.roster(&a.store, k).unwrap());
    a.spaces.forget();
    assert_eq!((a.heads(t), a.fold(t)), (heads.clone(), fold));
    assert_eq!(a.spaces.roster(&a.store, k).unwrap(), roster);
    let sample = a.spaces.sample(&a.store, t, 8).unwrap();
    assert!(sample.len() <= 8);
    assert_eq!((sample[0], *sample.last().unwrap()), (heads[0], EntryHash(t.0)));
    let rest = a.spaces.since(&a.store, t, &sample[1..2]).unwrap();
    assert!(!rest.is_empty() && rest.len() < 30 && !rest.contains(&sample[1]));
    assert_eq!(a.spaces.spaces_with(&a.store, b.org(), a.now).unwrap().len(), 2);
}

fn noisy(seed: &[u8], flips: &[(usize, u8)]) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for (at, with) in flips {
        let len = bytes.len();
        bytes[at % len] ^= with;
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn noise_is_refused_and_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(Entry::verify(bytes.clone()).is_err());
        prop_assert!(Register::verify(&bytes).is_err());
        for kind in [Kind::Found, Kind::Grant, Kind::Revoke, Kind::Certify, Kind::Retire, Kind::Keep, Kind::Epoch, Kind::Extend,
                     Kind::Ask, Kind::Approve, Kind::Data] {
            if let Ok(Some(control)) = Control::decode(kind, &bytes) {
                prop_assert_eq!(control.encode(), bytes.clone(), "one spelling");
            }
        }
    }

    /// Registers that two disks of one node wrote apart, in any order and any number: the same one is read.
    #[test]
    fn any_order_and_any_duplication_of_registers_leave_the_same_value(
        (values, shuffled) in prop::collection::vec((1u64..4, 0u8..6, 0u8..2), 1..10).prop_flat_map(|all| {
            let twice = all.iter().chain(&all).copied().collect::<Vec<_>>();
            (Just(all), Just(twice).prop_shuffle())
        })
    ) {
        let mut b = Peer::bare(1);
        let names = ["openings/x", "addresses"];
        let (card, certificate) = (b.card(), b.certificate());
        let founded = b.act(|s, d, by| s.found_coalition(d, by, "County", card, certificate)).unwrap();
        let k = SpaceId(founded.hash.0);
        let read = |all: &[(u64, u8, u8)]| {
            let mut a = Peer { store: b.store.clone(), spaces: Spaces::new(NodeId([8; 32])), ..Peer::bare(2) };
            for (number, value, name) in all {
                let name = names[usize::from(*name)];
                let register = Register::sign(&b.key, k, name, *number, Vec::new(), vec![*value]).unwrap();
                a.act(|s, d, by| s.offer_register(d, &register, by.now, Terms::Free)).unwrap();
            }
            a.spaces.registers(&a.store, k).unwrap()
        };
        prop_assert_eq!(read(&values), read(&shuffled));
    }

    /// Bytes near to real ones, signed by a member: whatever they say, they are taken, wait, or are refused.
    #[test]
    fn bent_control_bodies_signed_by_a_member_never_panic(flips in prop::collection::vec((any::<usize>(), any::<u8>()), 1..4), which in 0usize..6) {
        let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
        let k = coalition(&mut [&mut a, &mut b]);
        let t = thread(k, &mut [&mut a, &mut b]);
        a.write(t, "so that there is an epoch").unwrap();
        let entries: Vec<Entry> = [a.all(k), a.all(t)].concat().into_iter().filter(|e| e.header().kind.is_control()).collect();
        let real = &entries[which % entries.len()];
        let (space, control) = if which % 2 == 0 { (k, vec![]) } else { (t, a.heads(k)) };
        let heads = a.heads(space);
        let body = noisy(real.body(), &flips);
        let _ = b.offer(forge_data(&a, space, &heads, &control, real.header().kind, None, &body), Some(a.id()));
        let _ = Entry::verify(noisy(real.bytes(), &flips));
        let _ = Seeded(1);
    }
}
