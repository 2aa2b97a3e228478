//! What a node does of its own accord when something came in, and what it leaves alone.

use super::world::{Failing, Peer, Seeded, coalition, forge, send, settle, thread};
use crate::fault::Class;
use crate::ids::SpaceId;
use crate::keys::PrekeySecret;
use crate::limits;
use crate::space::control::{Control, Grant, Keep, Revoke};
use crate::space::entry::Kind;
use crate::space::{By, RegisterTaken, Terms};
use crate::store::{Draft, Table};

fn written(peer: &mut Peer, space: SpaceId, kind: Kind) -> usize {
    let me = peer.id();
    peer.all(space).iter().filter(|entry| entry.header().kind == kind && entry.header().author == me).count()
}

#[test]
fn of_who_was_taken_out_registers_are_kept_and_of_its_retired_nodes_none() {
    let (mut a, mut b, mut b2) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(2, 2));
    let k = coalition(&mut [&mut a, &mut b, &mut b2]);
    let publish = |peer: &mut Peer| peer.act(|s, d, by| s.publish(d, by, k, "openings/x", vec![1])).unwrap();
    let (register, of_retired) = (publish(&mut b), publish(&mut b2));
    let retirement = b.root.retire(b2.id(), b.now);
    b.act(|s, d, by| s.retire(d, by, k, retirement)).unwrap();
    send(&mut b, &mut a, &[k]);
    let take = |a: &mut Peer, register| a.act(|s, d, by| s.offer_register(d, register, by.now, Terms::Free));
    assert_eq!(take(&mut a, &of_retired).unwrap_err().class, Class::NotPermitted);
    a.revoke(k, b.org()).unwrap();
    assert_eq!(take(&mut a, &of_retired).unwrap_err().class, Class::NotPermitted, "neither when both are out");
    assert_eq!(take(&mut a, &register).unwrap(), RegisterTaken::Newer);
    assert!(a.spaces.registers(&a.store, k).unwrap().is_empty(), "kept, and not read");
}

#[test]
fn who_removes_from_the_coalition_or_retires_names_the_listings_that_it_holds_so_that_they_count() {
    for retires in [false, true] {
        let (mut a, mut b, mut b2) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(2, 2));
        let k = coalition(&mut [&mut a, &mut b, &mut b2]);
        let listing = b.write(k, "a bed is free").unwrap();
        settle(&mut [&mut a, &mut b, &mut b2], &[k]);
        let (by, out) = if retires {
            let retirement = b2.root.retire(b.id(), b2.now);
            let out = b2.act(|s, d, by| s.retire(d, by, k, retirement)).unwrap().hash;
            (&mut b2, out)
        } else {
            let out = a.revoke(k, b.org()).unwrap();
            (&mut a, out)
        };
        assert!(by.entry(&out).header().parents.contains(&listing), "retires: {retires}");
        assert!(by.counts(&listing), "retires: {retires}");
        assert_eq!(by.tend(), 0, "nothing is left to save");
    }
}

#[test]
fn whom_a_retired_node_of_ours_let_in_is_not_taken_out_because_the_coalition_removed_another() {
    let (mut a, mut a2, mut b, mut c) = (Peer::new(1, 1), Peer::new(1, 2), Peer::new(2, 1), Peer::new(3, 1));
    let k = coalition(&mut [&mut a, &mut a2, &mut b, &mut c]);
    let t = thread(k, &mut [&mut a, &mut a2, &mut c]);
    let (heads, control) = (a2.heads(t), a2.spaces.control_heads(&a2.store, k).unwrap());
    let retirement = a.root.retire(a2.id(), a.now);
    a.act(|s, d, by| s.retire(d, by, k, retirement)).unwrap();
    let grant = Grant { org: b.org(), read: true, write: true, expires: None, admits: None };
    a.offer(forge(&a2, t, &heads, &control, &Control::Grant(grant)), None).unwrap();
    assert!(!a.fold(t).members.contains_key(&b.org()), "nobody confirmed it");
    a.tend();
    assert_eq!(written(&mut a, t, Kind::Revoke), 0, "it is in the coalition");
    a.revoke(k, c.org()).unwrap();
    a.tend();
    assert_eq!(written(&mut a, t, Kind::Revoke), 1, "of whom the coalition removed, and of nobody else");
}

#[test]
fn whom_the_coalition_took_out_and_let_in_again_is_taken_out_of_the_thread() {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    let t = thread(k, &mut [&mut a, &mut b]);
    a.revoke(k, b.org()).unwrap();
    let (card, certificate) = (b.card(), b.certificate());
    a.act(|s, d, by| s.admit(d, by, k, card, certificate)).unwrap();
    a.tend();
    assert_eq!(written(&mut a, t, Kind::Revoke), 1, "its grant is from before");
    a.tend();
    assert_eq!(written(&mut a, t, Kind::Revoke), 1, "once");
}

#[test]
fn what_a_retired_node_of_ours_granted_is_confirmed_though_none_of_its_words_is_lost() {
    let (mut a, mut a2, mut b) = (Peer::new(1, 1), Peer::new(1, 2), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut a2, &mut b]);
    let threads = [(); 2].map(|()| thread(k, &mut [&mut a, &mut a2]));
    for t in threads {
        a2.grant(t, b.org()).unwrap();
    }
    settle(&mut [&mut a, &mut a2, &mut b], &[[k].as_slice(), &threads].concat());
    for t in threads {
        a.write(t, "this follows all that it said").unwrap();
    }
    let retirement = a.root.retire(a2.id(), a.now);
    a.act(|s, d, by| s.retire(d, by, k, retirement)).unwrap();
    let inside = |a: &mut Peer| threads.map(|t| a.fold(t).members.contains_key(&b.org()));
    assert_eq!(inside(&mut a), [false; 2]);
    assert_eq!(a.tend(), 2, "once in each");
    assert_eq!(inside(&mut a), [true; 2]);
}

#[test]
fn a_node_that_is_not_certified_yet_saves_no_last_words_and_certifies_itself() {
    let (mut a, mut b, mut c, mut c2) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1), Peer::new(3, 2));
    let k = coalition(&mut [&mut a, &mut b, &mut c]);
    let heads = a.heads(k);
    let word = b.write(k, "a bed is free").unwrap();
    send(&mut b, &mut c2, &[k]);
    // By who has not heard that word.
    let removal = Control::Revoke(Revoke { org: b.org(), grant: None, approvals: vec![], word: false });
    c2.offer(forge(&a, k, &heads, &[], &removal), None).unwrap();
    assert!(!c2.counts(&word));
    let certificate = c2.certificate();
    c2.act(|s, d, by| s.certify(d, by, k, certificate)).unwrap();
    assert_eq!(c2.tend(), 1);
    assert!(c2.counts(&word), "and then it saves them");
}

#[test]
fn as_many_words_that_do_not_count_are_kept_at_once_as_one_entry_has_room_for() {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    let t = thread(k, &mut [&mut a, &mut b]);
    let (heads, control) = (b.heads(t), b.spaces.control_heads(&b.store, k).unwrap());
    a.revoke(t, b.org()).unwrap();
    for n in 0..20 {
        b.now = b.now.plus(n);
        a.offer(forge(&b, t, &heads, &control, &Control::Keep(Keep)), None).unwrap();
    }
    let kept = a.act(|s, d, by| s.keep_uncounted(d, by, t)).unwrap().expect("some");
    assert_eq!(kept.offered.accepted.len(), 1, "one entry");
    assert_eq!(a.entry(&kept.hash).header().parents.len(), limits::PARENTS / 2 + 1, "and our own head");
}

#[test]
fn nothing_is_asked_for_that_does_not_count() {
    for kept in [false, true] {
        let (mut a, mut b, mut c) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1));
        let k = coalition(&mut [&mut a, &mut b, &mut c]);
        let t = thread(k, &mut [&mut a, &mut b, &mut c]);
        // Its wraps go to a prekey whose private half it has no more.
        let (lost, fresh) = (b.prekey.id(), PrekeySecret::generate(&mut Seeded(5)));
        b.act(|s, d, by| {
            s.drop_prekey(d, &lost);
            s.hold_prekey(d, &fresh, by.now);
            Ok(())
        })
        .unwrap();
        let word = c.write(t, "of who is out").unwrap();
        a.revoke(t, c.org()).unwrap();
        if kept {
            send(&mut c, &mut a, &[t]);
            a.act(|s, d, by| s.keep_uncounted(d, by, t)).unwrap().expect("one that does not count");
        }
        send(&mut a, &mut b, &[t]);
        if !kept {
            send(&mut c, &mut b, &[t]);
        }
        assert_eq!(b.counts(&word), kept);
        b.tend();
        assert_eq!(written(&mut b, t, Kind::Ask), usize::from(kept));
    }
}

#[test]
fn a_store_that_fails_is_told() {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    let t = thread(k, &mut [&mut a, &mut b]);
    a.write(t, "a word").unwrap();
    send(&mut a, &mut b, &[t]);
    let (store, key, now) = (Failing(&b.store, Table::EpochKey), &b.key, b.now);
    let mut by = By { key, now, random: &mut b.random };
    let fault = b.spaces.tend(&mut Draft::new(&store), &mut by, t).unwrap_err();
    assert_eq!(fault.class, Class::Store);
    let nowhere = SpaceId([9; 32]);
    assert!(b.act(|s, d, by| s.tend(d, by, nowhere)).unwrap().accepted.is_empty(), "a space that is not here");
}

#[test]
fn a_duty_that_can_not_be_done_keeps_nothing_from_coming_in() {
    let (mut a, mut a2, mut b) = (Peer::new(1, 1), Peer::new(1, 2), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut a2, &mut b]);
    let t = thread(k, &mut [&mut a2, &mut b]);
    let retirement = a.root.retire(a2.id(), a.now);
    a.act(|s, d, by| s.retire(d, by, k, retirement)).unwrap();
    // Founded by a node that is retired, as is heard only now: nothing counts there.
    send(&mut a2, &mut a, &[t]);
    a.revoke(k, b.org()).unwrap();
    let fold = a.fold(t);
    assert!(fold.nodes.contains_key(&a.id()) && fold.removed.contains(&b.org()));
    let offered = a.act(|s, d, by| s.tend(d, by, t)).unwrap();
    assert!(offered.accepted.is_empty(), "there is nothing on which a removal could build");
}
