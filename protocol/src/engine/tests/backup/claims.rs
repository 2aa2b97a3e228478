//! What a keeper says that it holds, and what it can show: our own signature over what was left with it, for it, by a state of this disk that
//! is later than this one. Nothing less holds anybody up, and that nobody lifts by keeping still.

use super::older::{WORD, held, later, leave, monday, put_back};
use super::*;
use crate::engine::{Context, Engine, Opening};
use crate::fault::Class;
use crate::keys::{NodeKey, Signature};
use crate::store::{Draft, Write};
use crate::sync::kept::{Deposit, Pile, Shelf};
use crate::sync::wire::{Backup, Frame};

fn commit(net: &mut Net, host: usize, writes: Vec<Write>) {
    net.hosts[host].store.commit(writes);
    net.hosts[host].restart();
}

fn of(net: &Net, host: usize) -> (OrgId, crate::ids::NodeId) {
    (net.hosts[host].org(), net.hosts[host].node())
}

/// What this keeper's disk was before the last that was left with it, which it holds now.
fn keeper_left_more(net: &mut Net) -> crate::store::Memory {
    net.cut_all();
    let early = net.hosts[1].store.clone();
    net.connect(0, 1);
    net.step(0, |step| step.write_private(SECRET).unwrap());
    leave(net);
    early
}

/// The keeper's disk is put back, and the next day it says so.
fn keeper_put_back(net: &mut Net, early: crate::store::Memory) {
    net.cut_all();
    net.hosts[1].store = early;
    net.hosts[1].restart();
    net.now = net.now.plus(DAY);
    net.connect(0, 1);
}

/// What lies at a host of host 0's.
fn shelf(net: &Net, host: usize) -> Shelf {
    kept::shelf(&net.hosts[host].store, of(net, 0)).unwrap().unwrap_or_default()
}

/// From now on a host says that this lies there.
fn say(net: &mut Net, host: usize, said: Shelf) {
    let key = [b"kept/", &of(net, 0).0.0[..], &of(net, 0).1.0].concat();
    let mut draft = Draft::new(&net.hosts[host].store);
    draft.put(Table::Own, key, crate::codec::encode(&said));
    let writes = draft.into_writes();
    commit(net, host, writes);
}

/// What this host is asked and left, and what becomes of host 0's work.
fn meets(net: &mut Net, thread: SpaceId, host: usize) -> usize {
    net.log.clear();
    net.connect(0, host);
    net.run();
    write(net, 0, thread, &[1], b"on").unwrap();
    let about = |frame: &Frame| matches!(frame, Frame::Backup(Backup::Look(_) | Backup::Keep(_) | Backup::Give(_)));
    net.log.iter().filter(|(from, frame, _)| *from == 0 && about(frame)).count()
}

#[test]
pub fn who_claims_what_it_can_not_show_holds_nothing_up_and_is_asked_no_more() {
    let pile = |number| Pile { number, chain: [7; 16] };
    let thief = NodeKey::from_seed([99; 32]);
    for which in 0..4 {
        let (mut net, _, thread) = county();
        let true_one = shelf(&net, 1);
        let (own, one, two) = (of(&net, 0), of(&net, 1), of(&net, 2));
        let key = net.hosts[0].engine.identity().key();
        let signature = [
            // Nothing; what was signed over less; somebody else's word; ours, of what another keeper has.
            None,
            true_one.signature,
            Some(Deposit { of: own, with: one, pile: pile(9) }.sign(&thief)),
            Some(Deposit { of: own, with: two, pile: pile(9) }.sign(key)),
        ][which];
        net.cut_all();
        say(&mut net, 1, Shelf { pile: pile(9), signature, ..true_one });
        net.step(0, |step| step.write_private(WORD).unwrap());
        assert_eq!(meets(&mut net, thread, 1), 1, "it is asked");
        assert!(!later(&net), "and not believed: {which}");
        let closed: Vec<_> = net.closed.iter().map(|(host, fault)| (*host, fault.class)).collect();
        assert_eq!(closed, [(0, Class::Misbehaved)], "it broke a rule, as any other");
        let h = &mut net.hosts[0];
        assert_eq!(h.engine.false_claims(&h.store).unwrap(), [(one.0, net.now)].into(), "staff are told");
        assert!(!h.engine.backups(&h.store).unwrap().contains_key(&one.0), "what it says counts for nothing");
        net.hosts[0].restart();
        net.now = net.now.plus(2 * DAY);
        assert_eq!(meets(&mut net, thread, 1), 0, "never again");
        assert!(net.closed.len() == 1 && !later(&net), "all else goes on over that link");
        // Its place is another's.
        connect_all(&mut net, &[0, 2, 3]);
        leave(&mut net);
        let h = &mut net.hosts[0];
        let all = h.engine.to_back_up(&h.store).unwrap();
        assert!(h.engine.backups(&h.store).unwrap().values().filter(|held| held.upto == all).count() == 2);
    }
}

#[test]
fn who_was_left_nothing_yet_and_claims_something_is_told_apart_as_well() {
    let mut net = Net::new(2);
    net.found();
    say(&mut net, 1, Shelf { pile: Pile { number: 1, chain: [7; 16] }, count: 1, ..Shelf::default() });
    net.connect(0, 1);
    net.run();
    let h = &mut net.hosts[0];
    assert_eq!(h.engine.false_claims(&h.store).unwrap().len(), 1);
    assert!(!later(&net) && net.closed[0].1.class == Class::Misbehaved);
}

#[test]
fn a_keeper_that_lost_its_state_can_not_show_it_as_a_later_one_of_ours() {
    let (mut net, _, thread) = county();
    let early = keeper_left_more(&mut net);
    let (true_one, late) = (shelf(&net, 1), net.hosts[1].store.clone());
    // We hear that its disk was put back. What is left anew is lost on the line.
    keeper_put_back(&mut net, early);
    while held(&net, 1).pile.number >= true_one.pile.number {
        assert!(net.deliver());
    }
    net.cut_all();
    let known = held(&net, 1);
    assert!(known.signed.number > true_one.pile.number && known.sent.is_some(), "{known:?}");
    // What it had before is shown again: we signed it, and it is more than it said since.
    net.hosts[1].store = late;
    net.hosts[1].restart();
    net.connect(0, 1);
    net.run();
    assert!(!later(&net) && net.closed.is_empty(), "{:?}", net.closed);
    write(&mut net, 0, thread, &[1], b"on").unwrap();
    net.now = net.now.plus(DAY);
    leave(&mut net);
    let h = &mut net.hosts[0];
    let all = h.engine.to_back_up(&h.store).unwrap();
    assert_eq!(held(&net, 1).upto, all);
    assert!(shelf(&net, 1).pile.number > known.signed.number, "all of it is left again, on what lies there");
}

#[test]
fn a_keeper_that_was_put_back_between_is_believed_what_we_signed_all_the_same() {
    let (mut net, _, thread) = county();
    let early = keeper_left_more(&mut net);
    let monday = net.hosts[0].store.clone();
    keeper_put_back(&mut net, early);
    net.run();
    net.step(0, |step| step.write_private(WORD).unwrap());
    leave(&mut net);
    // What Monday's disk left there does not lie there any more; what does it has never seen.
    put_back(&mut net, monday);
    net.connect(0, 1);
    net.run();
    assert!(later(&net));
    write(&mut net, 0, thread, &[1], b"x").unwrap_err();
    let (secret, mut opening) = (recovery(&net, 0), Opening::default());
    while !opening.is_over() {
        opening = net.step(0, |step| step.open_kept(&secret, opening).unwrap());
    }
    let space = private(&net, 0);
    assert!(net.hosts[0].applied(space).contains(&WORD.to_vec()));
    assert!(!later(&net), "the whole pile came, from the ground");
}

/// A second copy of host 0's folder, which runs as well.
fn copy(net: &mut Net) -> usize {
    let mut copy = super::super::net::Host::new(1, 1);
    copy.store = net.hosts[0].store.clone();
    copy.random.0 = 77;
    copy.engine = Engine::open(&copy.store, &mut Context { now: net.now, random: &mut copy.random }).unwrap();
    net.hosts.push(copy);
    net.hosts.len() - 1
}

#[test]
fn of_two_copies_of_one_folder_the_one_whose_package_came_too_late_hears_of_the_other_s() {
    let (mut net, _, _) = county();
    net.cut_all();
    let other = copy(&mut net);
    for host in [0, other] {
        net.connect(host, 1);
    }
    net.run();
    // Both leave one before either has heard.
    net.step(0, |step| step.write_private(SECRET).unwrap());
    net.step(other, |step| step.write_private(WORD).unwrap());
    net.now = net.now.plus(2 * limits::BACKUP_EVERY);
    net.tick(0);
    net.tick(other);
    net.run();
    let frozen = |net: &Net, host: usize| {
        let h = &net.hosts[host];
        h.engine.later_state(&h.store).unwrap().is_some()
    };
    assert!(!frozen(&net, 0) && !frozen(&net, other));
    let kept = shelf(&net, 1);
    let deposit = Deposit { of: of(&net, 0), with: of(&net, 1), pile: kept.pile };
    assert!(deposit.holds(&kept.signature.unwrap()), "a keeper keeps nothing that it could not show");
    for host in [0, other] {
        net.cut_all();
        net.connect(host, 1);
        net.run();
    }
    assert_eq!((frozen(&net, 0), frozen(&net, other)), (false, true));
    assert!(net.closed.is_empty(), "nobody broke a rule: {:?}", net.closed);
}

#[test]
fn who_showed_our_signature_lifts_nothing_by_giving_nothing_or_something_else_or_by_going() {
    for how in ["nothing", "something else", "retired", "left"] {
        let (mut net, coalition, thread) = monday();
        let (own, org) = (of(&net, 0), of(&net, 1).0);
        let place = [&own.0.0[..], &own.1.0, &shelf(&net, 1).pile.number.to_be_bytes()].concat();
        let mut draft = Draft::new(&net.hosts[1].store);
        let row = draft.get(Table::Kept, &place).unwrap().unwrap();
        draft.delete(Table::Kept, place.clone());
        if how == "something else" {
            draft.put(Table::Kept, place, vec![0; row.len()]);
        }
        let writes = draft.into_writes();
        commit(&mut net, 1, writes);
        net.connect(0, 1);
        net.run();
        net.hosts[0].restart();
        let (secret, mut opening) = (recovery(&net, 0), Opening::default());
        while !opening.is_over() {
            opening = net.step(0, |step| step.open_kept(&secret, opening).unwrap());
        }
        if how == "retired" {
            let new = net.further(coalition, 2, 9, 2);
            let retirement = RootKey::from_seed([2; 32]).retire(of(&net, 1).1, START);
            net.step(new, |step| step.retire(&retirement).unwrap());
            net.connect(0, new);
        } else if how == "left" {
            net.step(0, |step| step.remove(coalition, org).unwrap());
        }
        net.run();
        net.tick(0);
        net.run();
        assert_eq!(write(&mut net, 0, thread, &[1], b"x").unwrap_err().class, Class::NotPermitted);
        let h = &net.hosts[0];
        assert_eq!(h.engine.owing(&h.store).unwrap(), [org].into(), "{how}");
        assert!(later(&net), "{how}");
        // Staff do without, and it does not show the same a second time.
        assert!(net.step(0, |step| step.look_no_more_for(org).unwrap()));
        assert!(!later(&net), "{how}");
        if ["nothing", "something else"].contains(&how) {
            net.cut_all();
            net.connect(0, 1);
            net.run();
            assert!(!later(&net), "{how}");
            write(&mut net, 0, thread, &[1], b"on").unwrap();
        }
    }
}

#[test]
fn the_greeting_carries_forty_bytes_for_it_and_a_signature_only_where_there_is_more() {
    let (mut net, _, _) = county();
    let bytes = |net: &Net| -> (usize, usize) {
        let (mut all, mut shelves) = (0, 0);
        for (_, frame, bytes) in net.log.iter().filter(|(from, ..)| *from < 2) {
            if let Frame::Backup(Backup::Look(_) | Backup::Shelf { .. }) = frame {
                all += bytes;
                shelves += usize::from(matches!(frame, Frame::Backup(Backup::Shelf { .. })));
            }
        }
        (all, shelves)
    };
    let keep = net.log.iter().find_map(|(_, frame, bytes)| match frame {
        Frame::Backup(Backup::Keep(leaving)) => Some(bytes - leaving.package.len()),
        _ => None,
    });
    assert_eq!(keep, Some(2 + 1 + 2 + 64), "the frame, a number, a length, a signature");
    net.cut_all();
    net.log.clear();
    net.connect(0, 1);
    net.run();
    // Each asks the other: host 1 keeps for host 0 and is kept for.
    assert_eq!(bytes(&net), (2 * 40, 2));
    let (mut net, _, _) = monday();
    net.log.clear();
    net.connect(0, 1);
    net.run();
    assert_eq!(bytes(&net), (2 * 40 + 64, 2));
}

#[test]
fn a_signature_is_for_one_keeper_one_node_and_one_pile() {
    let key = NodeKey::from_seed([3; 32]);
    let (org, node) = (OrgId([1; 32]), key.id());
    let other = crate::ids::NodeId([5; 32]);
    let pile = Pile { number: 4, chain: [6; 16] };
    let deposit = Deposit { of: (org, node), with: (OrgId([2; 32]), NodeKey::from_seed([4; 32]).id()), pile };
    let signature: Signature = deposit.sign(&key);
    assert!(deposit.holds(&signature));
    for changed in [
        Deposit { of: (OrgId([9; 32]), node), ..deposit },
        Deposit { of: (org, other), ..deposit },
        Deposit { with: (OrgId([9; 32]), deposit.with.1), ..deposit },
        Deposit { with: (deposit.with.0, other), ..deposit },
        Deposit { pile: Pile { number: 5, ..pile }, ..deposit },
        Deposit { pile: Pile { chain: [7; 16], ..pile }, ..deposit },
    ] {
        assert!(!changed.holds(&signature), "{changed:?}");
    }
}
