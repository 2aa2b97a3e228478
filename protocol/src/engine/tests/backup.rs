//! Own records with partners, and an organisation that lost everything but its phrase.

pub mod claims;
mod keepers;
mod later;
pub mod older;

use super::Net;
use super::net::{START, signed};
use super::threads::{found, write};
use crate::ids::{EntryHash, OrgId, SpaceId};
use crate::keys::root::RootKey;
use crate::keys::{Founding, PrekeySecret};
use crate::limits;
use crate::space::control::{Control, Found, Purpose};
use crate::space::entry::Entry;
use crate::store::{Memory, Table, View};
use crate::sync::kept;
use crate::time::{DAY, Time};
use std::collections::BTreeSet;

const SECRET: &[u8] = b"\x01\xc8 seen by nobody else";

fn connect_all(net: &mut Net, hosts: &[usize]) {
    for (at, a) in hosts.iter().enumerate() {
        for b in &hosts[at + 1..] {
            net.connect(*a, *b);
        }
    }
    net.run();
}

fn private(net: &Net, host: usize) -> SpaceId {
    let h = &net.hosts[host];
    h.engine.private_space(&h.store).unwrap().unwrap()
}

fn recovery(net: &Net, host: usize) -> PrekeySecret {
    PrekeySecret::from_seed(**net.recoveries[host].seed())
}

fn holds(store: &Memory, needle: &[u8]) -> bool {
    store
        .rows()
        .any(|(_, key, value)| [key, value].iter().any(|bytes| bytes.windows(needle.len()).any(|w| w == needle)))
}

/// Four organisations, all linked; host 0 has a thread with host 1 and a record of its own.
fn county() -> (Net, SpaceId, SpaceId) {
    let mut net = Net::new(4);
    let coalition = net.found();
    connect_all(&mut net, &[0, 1, 2, 3]);
    let thread = found(&mut net, coalition, &[1], None);
    write(&mut net, 0, thread, &[1], b"please see her").unwrap();
    net.step(0, |step| step.write_private(SECRET).unwrap());
    net.now = net.now.plus(2 * limits::BACKUP_EVERY);
    for host in 0..4 {
        net.tick(host);
    }
    net.run();
    (net, coalition, thread)
}

#[test]
fn partners_keep_what_they_can_not_read() {
    let (mut net, _, _) = county();
    let (own, space) = (net.hosts[0].org(), private(&net, 0));
    for host in 1..4 {
        let h = &net.hosts[host];
        let shelves = kept::shelves(&h.store, Some(own)).unwrap();
        assert_eq!(shelves.len(), 1, "host {host}");
        for needle in [SECRET, space.as_bytes()] {
            assert!(!holds(&h.store, needle), "host {host} holds something of it in clear");
        }
        let org = net.hosts[host].org();
        let h = &mut net.hosts[0];
        let stated = h.engine.backups(&h.store).unwrap()[&org];
        assert_eq!(stated.upto, h.engine.to_back_up(&h.store).unwrap());
    }
    assert!(holds(&net.hosts[0].store, space.as_bytes()), "the search finds what is there");
    assert!(net.closed.is_empty(), "{:?}", net.closed);
}

#[test]
fn what_is_written_later_waits_so_that_its_time_is_not_told() {
    let (mut net, _, _) = county();
    let own = net.hosts[0].org();
    let count = |net: &Net| kept::shelves(&net.hosts[1].store, Some(own)).unwrap()[0].2.count;
    let before = count(&net);
    net.step(0, |step| step.write_private(SECRET).unwrap());
    net.run();
    assert_eq!(count(&net), before);
    let wake = net.hosts[0].wake.unwrap();
    assert!(wake <= net.now.plus(2 * limits::BACKUP_EVERY), "it is woken for it");
    net.now = wake;
    net.tick(0);
    net.run();
    net.now = net.now.plus(2 * limits::BACKUP_EVERY);
    net.tick(0);
    net.run();
    assert_eq!(count(&net), before + 1, "everything at once");
}

#[test]
fn what_waits_is_left_at_once_by_a_machine_that_goes_off_and_of_one_that_goes_on_it_waits_again() {
    let (mut net, _, _) = county();
    let whole = |net: &mut Net| {
        let h = &mut net.hosts[0];
        let all = h.engine.to_back_up(&h.store).unwrap();
        h.engine.backups(&h.store).unwrap().values().filter(|held| held.upto == all).count()
    };
    net.step(0, |step| step.write_private(SECRET).unwrap());
    net.run();
    assert_eq!(whole(&mut net), 0);
    net.input(0, crate::engine::Input::Leaving);
    assert!(net.hosts[0].engine.leaving(), "their answers are waited for");
    net.run();
    assert_eq!((whole(&mut net), net.hosts[0].engine.leaving()), (limits::BACKUP_PARTNERS, false));

    net.tick(0);
    net.step(0, |step| step.write_private(SECRET).unwrap());
    net.run();
    assert_eq!(whole(&mut net), 0, "it did not go off after all");
}

#[test]
fn who_has_the_phrase_alone_gets_all_back_and_the_old_node_is_shut_out() {
    let (mut net, coalition, thread) = county();
    let (old, space) = (net.hosts[0].node(), private(&net, 0));
    net.cut_all();
    // A word that came after the machine was lost.
    write(&mut net, 1, thread, &[0], b"where is she?").unwrap();
    let new = net.further(coalition, 1, 9, 2);
    let secret = recovery(&net, 0);
    net.hosts[new].engine.recover(secret);
    connect_all(&mut net, &[1, 2, 3, new]);
    assert!(net.hosts[new].applied(space).contains(&SECRET.to_vec()), "its own records are back");
    let returned = net.hosts[new].engine.returned().unwrap().clone();
    assert_eq!(returned.len(), 3);
    assert!(returned.values().all(|r| r.done && r.packages > 0 && r.spoilt == 0), "{returned:?}");

    let retirement = RootKey::from_seed([1; 32]).retire(old, START);
    net.step(new, |step| {
        step.retire(&retirement).unwrap();
        let (engine, draft) = step.engine();
        engine.recovered(draft, START).unwrap();
    });
    net.run();
    let words = [b"please see her".to_vec(), b"where is she?".to_vec()];
    assert_eq!(net.hosts[new].applied(thread), words, "and the thread, by keys that lay in them");
    write(&mut net, new, thread, &[1], b"she is with us again").unwrap();
    net.run();
    assert!(net.hosts[1].applied(thread).contains(&b"she is with us again".to_vec()));
    let me = net.hosts[1].node();
    let frame = net.hosts[0].engine.admission(&net.hosts[0].store, me).unwrap();
    let h = &mut net.hosts[1];
    assert!(h.engine.admits(&h.store, old, &frame).unwrap().is_err(), "the thief of the old one");
    // The recovery key never lay on the new disk.
    let seed = net.recoveries[0].seed();
    assert!(!holds(&net.hosts[new].store, seed.as_slice()));
    assert!(net.hosts[new].store.get(Table::Prekey, net.recoveries[0].id().as_bytes()).unwrap().is_none());
    // And what it has now goes to partners again.
    let own = net.hosts[new].org();
    net.now = net.now.plus(DAY);
    net.tick(new);
    net.run();
    assert_eq!(kept::shelves(&net.hosts[2].store, Some(own)).unwrap().len(), 2);
}

/// What begins a private space, signed with the key of this host.
fn begun(net: &Net, host: usize, founding: Founding) -> Entry {
    let found = Control::Found(Found { nonce: [9; 32], purpose: Purpose::Private { founding } });
    let key = net.hosts[host].engine.identity().key();
    signed(key, (SpaceId::ZERO, found.kind()), Vec::new(), net.now, &found.encode())
}

#[test]
fn a_second_private_space_that_a_thief_left_with_partners_is_not_taken_whatever_it_shows() {
    let (mut net, coalition, _) = county();
    let (stolen, space, own) = (net.hosts[0].node(), private(&net, 0), net.hosts[0].org());
    net.cut_all();
    let h = &net.hosts[0];
    let ours = h.engine.spaces.entry(&h.store, &EntryHash(space.0)).unwrap().unwrap();
    let Ok(Some(Control::Found(Found { purpose: Purpose::Private { founding }, .. }))) =
        Control::decode(ours.header().kind, ours.body())
    else {
        panic!("a private space")
    };
    // The thief of the machine has the root's word of the true one; it names itself in it, or a recovery key of its own.
    let theirs = PrekeySecret::generate(&mut net.hosts[0].random).public();
    let words = [
        founding.clone(),
        Founding { key: stolen, ..founding.clone() },
        Founding { key: stolen, recovery: theirs, ..founding },
    ];
    let planted: Vec<Entry> = words.into_iter().map(|word| begun(&net, 0, word)).collect();
    let to = recovery(&net, 0).public();
    for found in &planted {
        let package = crate::keys::backup::seal(&to, own, &[found.bytes().to_vec()], &mut net.hosts[0].random).unwrap();
        let mut draft = crate::store::Draft::new(&net.hosts[1].store);
        assert!(kept::keep_unsigned(&mut draft, (own, stolen), &package, &BTreeSet::new(), net.now).unwrap());
        let writes = draft.into_writes();
        net.hosts[1].store.commit(writes);
    }
    let new = net.further(coalition, 1, 9, 2);
    let secret = recovery(&net, 0);
    net.hosts[new].engine.recover(secret);
    connect_all(&mut net, &[1, 2, 3, new]);
    let returned = net.hosts[new].engine.returned().unwrap();
    assert_eq!(returned.values().map(|r| r.spoilt).sum::<u64>(), 3, "{returned:?}");
    let h = &net.hosts[new];
    for found in &planted {
        assert!(h.engine.spaces.record(&h.store, SpaceId::from(found.hash())).unwrap().is_none());
    }
    assert_eq!(private(&net, new), space);
    assert!(net.hosts[new].applied(space).contains(&SECRET.to_vec()));
}

#[test]
fn of_private_spaces_that_their_root_had_founded_the_last_is_used_whichever_came_first() {
    let (mut net, coalition, _) = county();
    let before = private(&net, 0);
    net.cut_all();
    net.now = net.now.plus(DAY);
    let new = net.further(coalition, 1, 9, 2);
    let founder = net.founder(new, recovery(&net, 0).public());
    let last = net.step(new, |step| step.found_private(founder).unwrap());
    for (from, to, space) in [(0, new, before), (new, 0, last)] {
        let h = &mut net.hosts[from];
        let order = h.engine.spaces.order(&h.store, space, 0, usize::MAX).unwrap();
        let entry = |hash| h.engine.spaces.entry(&h.store, hash).unwrap().unwrap().bytes().to_vec();
        let entries: Vec<Vec<u8>> = order.iter().map(entry).collect();
        net.step(to, |step| step.take_entries(entries).unwrap());
        assert_eq!(private(&net, to), last);
    }
}

#[test]
fn without_the_phrase_what_partners_keep_does_not_open() {
    let (mut net, coalition, _) = county();
    let space = private(&net, 0);
    net.cut_all();
    let new = net.further(coalition, 1, 9, 2);
    // A certificate of the root, and the recovery key of another organisation.
    let wrong = recovery(&net, 2);
    net.hosts[new].engine.recover(wrong);
    connect_all(&mut net, &[2, 3, new]);
    let returned = net.hosts[new].engine.returned().unwrap();
    assert!(returned.values().all(|r| r.done && r.spoilt == r.packages), "{returned:?}");
    assert!(net.hosts[new].applied(space).is_empty());
    // Another organisation is given nothing of it: it has a shelf of its own.
    let (own, other) = (net.hosts[0].org(), net.hosts[3].org());
    let h = &net.hosts[2];
    let mut after = None;
    while let Some((place, package)) = kept::next(&h.store, other, after).unwrap() {
        assert!(crate::keys::backup::open(&recovery(&net, 0), own, &package).is_err());
        after = Some(place);
    }
    assert!(after.is_some());
}

#[test]
fn a_partner_keeps_no_more_than_its_quota_and_the_retired_make_room() {
    let (org, node, other) = (OrgId([1; 32]), crate::ids::NodeId([2; 32]), crate::ids::NodeId([3; 32]));
    let mut store = Memory::default();
    let put = |store: &mut Memory, node, retired: &BTreeSet<_>| {
        let mut draft = crate::store::Draft::new(store);
        let kept = kept::keep_unsigned(&mut draft, (org, node), &vec![7; 100_000], retired, Time(5)).unwrap();
        let writes = draft.into_writes();
        store.commit(writes);
        kept
    };
    let none = BTreeSet::new();
    let room = limits::KEPT_BYTES / (100_000 + limits::KEPT_COST);
    for _ in 0..room {
        assert!(put(&mut store, node, &none));
    }
    assert!(!put(&mut store, node, &none) && !put(&mut store, other, &none));
    assert!(put(&mut store, other, &BTreeSet::from([node])), "what a retired node left goes first");
    let shelves = kept::shelves(&store, None).unwrap();
    assert_eq!(shelves.iter().map(|(_, node, shelf)| (*node, shelf.count)).collect::<Vec<_>>(), [(other, 1)]);
    assert_eq!(kept::next(&store, org, None).unwrap().unwrap().0, (other, 1));
    assert_eq!(kept::next(&store, org, Some((other, 1))).unwrap(), None);
    assert_eq!(kept::next(&store, OrgId([9; 32]), None).unwrap(), None);
}

#[test]
fn a_machine_that_nobody_who_was_reached_knew_of_is_shut_out_if_the_own_records_name_it_and_told_if_it_appears_later() {
    for in_records in [true, false] {
        let (mut net, coalition, _) = county();
        net.cut_all();
        net.now = net.now.plus(DAY);
        // Certified, and stolen before anybody but the first machine heard of it.
        let second = net.further(coalition, 1, 2, 0);
        net.connect(0, second);
        net.run();
        net.cut_all();
        let stolen = net.hosts[second].node();
        if in_records {
            // What it wrote in the private space comes to a keeper that does not take it for a member's.
            let h = &net.hosts[0];
            let space = private(&net, 0);
            let order = h.engine.spaces.order(&h.store, space, 0, usize::MAX).unwrap();
            let entries: Vec<Vec<u8>> = order
                .iter()
                .map(|hash| h.engine.spaces.entry(&h.store, hash).unwrap().unwrap().bytes().to_vec())
                .collect();
            let new = net.further(coalition, 1, 9, 2);
            net.step(new, |step| step.take_entries(entries).unwrap());
            let h = &mut net.hosts[new];
            assert!(h.engine.own_nodes(&h.store).unwrap().contains_key(&stolen), "the private space names it");
            let roster = h.engine.roster(&h.store, coalition).unwrap();
            assert!(roster.orgs.values().all(|member| !member.nodes.contains_key(&stolen)), "and no roster");
            continue;
        }
        let new = net.further(coalition, 1, 9, 2);
        net.now = net.now.plus(DAY);
        let (old, now) = (net.hosts[0].node(), net.now);
        net.step(new, |step| {
            step.retire(&RootKey::from_seed([1; 32]).retire(old, now)).unwrap();
            let (engine, draft) = step.engine();
            engine.recovered(draft, now).unwrap();
        });
        let stray = |net: &mut Net| {
            let h = &mut net.hosts[new];
            h.engine.stray_nodes(&h.store).unwrap().into_keys().collect::<Vec<_>>()
        };
        assert_eq!(stray(&mut net), []);
        net.connect(second, 3);
        net.run();
        net.connect(new, 3);
        net.run();
        assert_eq!(stray(&mut net), [stolen]);
        // One that the phrase certified since is none.
        net.now = net.now.plus(DAY);
        let retirement = RootKey::from_seed([1; 32]).retire(stolen, net.now);
        net.step(new, |step| step.retire(&retirement).unwrap());
        assert_eq!(stray(&mut net), []);
    }
}
