//! A disk in an older state than partners know of, and backups that are not whole.

use super::super::threads::permit;
use super::*;
use crate::consent::Action;
use crate::engine::{Backup, Context, Engine, Opening, Seat};
use crate::fault::Class;
use crate::keys::digest::sha256;
use crate::samples::note;
use crate::sync::left;
use crate::sync::wire::Frame;

/// Leaves with partners what was written.
pub fn leave(net: &mut Net) {
    net.now = net.now.plus(2 * limits::BACKUP_EVERY);
    net.tick(0);
    net.run();
}

pub fn put_back(net: &mut Net, disk: Memory) {
    net.cut_all();
    let h = &mut net.hosts[0];
    h.store = disk;
    h.engine = Engine::open(&h.store, &mut Context { now: net.now, random: &mut h.random }).unwrap();
}

pub fn later(net: &Net) -> bool {
    net.hosts[0].engine.later_state(&net.hosts[0].store).unwrap().is_some()
}

pub fn held(net: &Net, host: usize) -> Backup {
    let (org, node) = (net.hosts[host].org(), net.hosts[host].node());
    left::get(&net.hosts[0].store, (org, node)).unwrap().unwrap()
}

pub const WORD: &[u8] = b"\x01\xc8 taken back on Tuesday";

/// On Tuesday something is written and left; on Wednesday Monday's disk is put back.
pub fn monday() -> (Net, SpaceId, SpaceId) {
    let (mut net, coalition, thread) = county();
    let monday = net.hosts[0].store.clone();
    net.step(0, |step| step.write_private(WORD).unwrap());
    leave(&mut net);
    put_back(&mut net, monday);
    (net, coalition, thread)
}

#[test]
pub fn an_older_disk_that_was_put_back_tells_nothing_under_a_consent_until_the_later_records_are_opened() {
    let (mut net, coalition, thread) = monday();
    let space = private(&net, 0);
    assert!(!later(&net) && write(&mut net, 0, thread, &[1], b"nobody has said so yet").is_ok());
    net.connect(0, 1);
    while !later(&net) {
        assert!(net.deliver(), "a keeper holds more than this disk has left");
    }
    assert_eq!(
        net.hosts[0].engine.sealed_here(&net.hosts[0].store).unwrap(),
        0,
        "that counts before any of it has come"
    );
    write(&mut net, 0, thread, &[1], b"while it comes").unwrap_err();
    net.run();
    assert!(net.hosts[0].engine.sealed_here(&net.hosts[0].store).unwrap() > 0, "and gives it");
    let refused = |fault: crate::fault::Fault| {
        assert_eq!(fault.class, Class::NotPermitted);
        assert!(fault.message.contains("belay recover --rest"), "{fault}");
    };
    refused(write(&mut net, 0, thread, &[1], b"as if it stood").unwrap_err());
    let grant = permit(net.hosts[0].org(), net.hosts[2].org(), Action::Grant, None, net.now);
    let seat = Seat { permit: &grant, write: true };
    refused(net.step(0, |step| step.grant(thread, &seat, &note()).unwrap_err()));
    refused(
        net.step(0, |step| step.found_thread(coalition, true, &[Seat { permit: &grant, write: true }]).unwrap_err()),
    );
    let export = permit(net.hosts[0].org(), net.hosts[2].org(), Action::Export, None, net.now);
    let told = note();
    let telling = [crate::engine::Telling { permit: &export, note: &told }];
    refused(net.step(0, |step| step.export(&telling, EntryHash([5; 32])).unwrap_err()));
    // What takes back goes.
    let org = net.hosts[1].org();
    let seal = permit(net.hosts[0].org(), org, Action::Seal, None, net.now);
    net.step(0, |step| {
        step.takes_back();
        step.write_thread(thread, &[crate::engine::Telling { permit: &seal, note: &told }], b"taken back").unwrap();
    });
    net.step(0, |step| step.revoke(thread, org).unwrap());

    let secret = recovery(&net, 0);
    let mut opening = Opening::default();
    while !opening.is_over() {
        opening = net.step(0, |step| step.open_kept(&secret, opening).unwrap());
    }
    assert!(net.hosts[0].applied(space).contains(&WORD.to_vec()));
    assert!(!later(&net));
    let other = found(&mut net, coalition, &[2], None);
    write(&mut net, 0, other, &[2], b"under one that stands").unwrap();
}

#[test]
fn a_place_is_made_shorter_and_no_longer_while_later_records_are_not_opened() {
    let (mut net, coalition, _) = county();
    let end = net.now.plus(30 * DAY);
    let space = found(&mut net, coalition, &[1], Some(end));
    leave(&mut net);
    let monday = net.hosts[0].store.clone();
    net.step(0, |step| step.write_private(WORD).unwrap());
    leave(&mut net);
    put_back(&mut net, monday);
    net.connect(0, 1);
    net.run();
    assert!(later(&net));
    let (own, org) = (net.hosts[0].org(), net.hosts[1].org());
    let renewed = |net: &mut Net, until| {
        let place = permit(own, org, Action::Grant, Some(until), net.now);
        net.step(0, |step| step.renew(space, &Seat { permit: &place, write: true }))
    };
    assert_eq!(renewed(&mut net, end.plus(DAY)).unwrap_err().class, Class::NotPermitted);
    assert!(renewed(&mut net, Time(end.0 - DAY)).unwrap());
}

/// Delivers until the next frame says that a package is kept.
fn until_kept(net: &mut Net) {
    let kept = |f: &super::super::net::Flying| {
        f.to == 0 && matches!(Frame::decode(&f.bytes), Ok(Frame::Backup(crate::sync::wire::Backup::Kept(_))))
    };
    while !net.flying.front().is_some_and(kept) {
        assert!(net.deliver());
    }
}

#[test]
fn who_took_the_first_of_several_packages_does_not_have_all() {
    let mut net = Net::new(2);
    net.found();
    connect_all(&mut net, &[0, 1]);
    net.step(0, |step| step.write_private(SECRET).unwrap());
    leave(&mut net);
    let whole = held(&net, 1).whole;
    for n in 0..40_u32 {
        // What nothing packs.
        let hashes = (0..300_u32).map(|i| sha256(b"noise\0", &[&n.to_be_bytes(), &i.to_be_bytes()]));
        let body = [WORD.to_vec(), hashes.flatten().collect()].concat();
        net.step(0, |step| step.write_private(&body).unwrap());
    }
    net.now = net.now.plus(2 * limits::BACKUP_EVERY);
    net.tick(0);
    until_kept(&mut net);
    net.deliver();
    let h = &mut net.hosts[0];
    assert!(held_upto(h) < h.engine.to_back_up(&h.store).unwrap(), "there is more than one holds");
    assert_eq!(held(&net, 1).whole, whole);
    leave(&mut net);
    assert!(held(&net, 1).whole > whole);
}

#[test]
fn a_package_whose_answer_was_lost_is_known_again_for_our_own() {
    for first in [true, false] {
        let mut net = Net::new(2);
        net.found();
        if !first {
            connect_all(&mut net, &[0, 1]);
            net.step(0, |step| step.write_private(SECRET).unwrap());
            leave(&mut net);
            net.step(0, |step| step.write_private(SECRET).unwrap());
            net.now = net.now.plus(2 * limits::BACKUP_EVERY);
            net.tick(0);
        } else {
            net.connect(0, 1);
        }
        until_kept(&mut net);
        net.cut_all();
        net.hosts[0].restart();
        let with = (net.hosts[0].org(), net.hosts[0].node());
        let before = kept::shelf(&net.hosts[1].store, with).unwrap().unwrap().count;
        net.connect(0, 1);
        net.run();
        let shelf = kept::shelf(&net.hosts[1].store, with).unwrap().unwrap();
        assert!(!later(&net), "first: {first}");
        assert_eq!(held(&net, 1).pile, shelf.pile);
        assert!(shelf.count <= before + 1, "nothing is left twice");
        let h = &mut net.hosts[0];
        assert_eq!(held_upto(h), h.engine.to_back_up(&h.store).unwrap());
    }
}

fn held_upto(h: &mut super::super::Host) -> u32 {
    left::all(&h.store).unwrap()[0].2.upto
}

#[test]
fn a_disk_that_is_put_back_to_before_anything_was_left_hears_of_the_later_records_as_well() {
    let mut net = Net::new(2);
    net.found();
    let first = net.hosts[0].store.clone();
    net.connect(0, 1);
    net.run();
    net.step(0, |step| step.write_private(WORD).unwrap());
    leave(&mut net);
    put_back(&mut net, first);
    net.connect(0, 1);
    net.run();
    assert!(later(&net), "it would have left what it has, and taken what lies there for that");
}

#[test]
fn who_is_out_by_an_older_disk_asks_those_it_was_with_and_hears_of_the_later_records_all_the_same() {
    for leaves in [true, false] {
        let mut net = Net::new(3);
        let coalition = net.found();
        let (own, keeper, third) = (net.hosts[0].org(), net.hosts[1].org(), net.hosts[2].org());
        net.step(0, |step| step.propose_charter(coalition, [own, third].into(), 1, false).unwrap());
        let first = net.hosts[0].store.clone();
        net.connect(0, 1);
        net.run();
        net.step(0, |step| step.write_private(WORD).unwrap());
        leave(&mut net);
        put_back(&mut net, first);
        // This disk has left nothing with anybody, and by it one of the two is out.
        net.step(0, |step| {
            if leaves {
                step.leave(coalition).unwrap();
            } else {
                step.remove(coalition, keeper).unwrap();
            }
        });
        net.connect(0, 1);
        net.run();
        assert!(later(&net), "it leaves: {leaves}");
    }
}

#[test]
fn a_keeper_without_room_for_what_is_new_does_not_have_all_however_often_it_is_asked() {
    let (mut net, _, _) = county();
    let whole = held(&net, 1).whole;
    assert_eq!(whole, held(&net, 1).at);
    // The others are gone, and this one has no room.
    net.cut_all();
    let own = net.hosts[0].org();
    let mut draft = crate::store::Draft::new(&net.hosts[1].store);
    for size in [crate::keys::backup::BYTES, limits::BACKUP_SIZES[0]] {
        let other = (own, crate::ids::NodeId([9; 32]));
        while kept::keep_unsigned(&mut draft, other, &vec![0; size], &BTreeSet::new(), net.now).unwrap() {}
    }
    let writes = draft.into_writes();
    net.hosts[1].store.commit(writes);
    net.step(0, |step| step.write_private(WORD).unwrap());
    net.connect(0, 1);
    for _ in 0..8 {
        net.now = net.now.plus(DAY);
        net.tick(0);
        net.run();
    }
    let now = held(&net, 1);
    assert!(now.full && now.at > whole && now.whole == whole, "{now:?}");
}
