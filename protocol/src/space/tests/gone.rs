//! Words of who is out or retired that leave out that they are: what they undo, and what no more.

use super::world::{Peer, coalition, forge, send, settle, thread};
use crate::ids::{EntryHash, OrgId, SpaceId};
use crate::space::control::{Control, Revoke};
use crate::space::entry::{Entry, Kind};

fn revoke_of(org: OrgId) -> Control {
    Control::Revoke(Revoke { org, grant: None, approvals: Vec::new(), word: false })
}

fn is_in(at: &mut Peer, space: SpaceId, org: OrgId) -> bool {
    at.fold(space).members.contains_key(&org)
}

/// A custodian, two members and their thread; what the third knew of thread and coalition before anything went on.
fn before() -> (Peer, Peer, Peer, [SpaceId; 2], [Vec<EntryHash>; 2]) {
    let (mut a, mut b, mut c) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1));
    let k = coalition(&mut [&mut a, &mut b, &mut c]);
    let t = thread(k, &mut [&mut a, &mut b, &mut c]);
    let heads = [c.heads(t), c.heads(k)];
    (a, b, c, [k, t], heads)
}

#[test]
fn who_was_taken_out_of_a_thread_takes_another_out_once_and_not_from_what_is_granted_since() {
    let (mut a, mut b, c, [k, t], [heads, control]) = before();
    a.revoke(t, c.org()).unwrap();
    let said = forge(&c, t, &heads, &control, &revoke_of(b.org()));
    a.offer(said.clone(), None).unwrap();
    assert!(!is_in(&mut a, t, b.org()), "it may be the person's word, from before");
    a.grant(t, b.org()).unwrap();
    assert!(is_in(&mut a, t, b.org()));
    let other = forge(&c, t, &[said.hash()], &control, &revoke_of(b.org()));
    a.offer(other, None).unwrap();
    assert!(is_in(&mut a, t, b.org()), "who let it in knew that its author is out");
    settle(&mut [&mut a, &mut b], &[k, t]);
    let org = b.org();
    assert!(is_in(&mut b, t, org), "and in whatever order it comes");
}

#[test]
fn what_a_node_says_that_was_retired_undoes_nothing_that_was_granted_since() {
    let (mut a, mut b, c, [k, t], [heads, control]) = before();
    let mut c2 = Peer::new(3, 2);
    send(&mut a, &mut c2, &[k, t]);
    let certificate = c2.certificate();
    c2.act(|s, d, by| s.certify(d, by, k, certificate)).unwrap();
    let retirement = c2.root.retire(c.id(), c2.now);
    c2.act(|s, d, by| s.retire(d, by, k, retirement)).unwrap();
    send(&mut c2, &mut a, &[k, t]);
    let first = forge(&c, t, &heads, &control, &revoke_of(b.org()));
    a.offer(first.clone(), None).unwrap();
    assert!(!is_in(&mut a, t, b.org()));
    a.grant(t, b.org()).unwrap();
    let second = forge(&c, t, &[first.hash()], &control, &revoke_of(b.org()));
    a.offer(second, None).unwrap();
    assert!(is_in(&mut a, t, b.org()));
    // The organisation itself is in, and takes out whom it likes by the node that it has.
    settle(&mut [&mut a, &mut c2], &[k, t]);
    c2.revoke(t, b.org()).unwrap();
    settle(&mut [&mut a, &mut b, &mut c2], &[k, t]);
    let org = b.org();
    assert!(!is_in(&mut a, t, org) && !is_in(&mut b, t, org));
}

#[test]
fn who_leaves_has_left_and_the_custodian_has_the_last_word_whenever_they_say_so() {
    let (mut a, mut b, c, [k, t], [heads, control]) = before();
    a.revoke(t, c.org()).unwrap();
    a.grant(t, c.org()).unwrap();
    let leaves = forge(&c, t, &heads, &control, &revoke_of(c.org()));
    a.offer(leaves, None).unwrap();
    assert!(!is_in(&mut a, t, c.org()), "the person may have said so there");
    // A machine of the custodian's that is retired meanwhile.
    let mut a2 = Peer::new(1, 2);
    send(&mut a, &mut a2, &[k, t]);
    let certificate = a2.certificate();
    a2.act(|s, d, by| s.certify(d, by, k, certificate)).unwrap();
    send(&mut a2, &mut a, &[k, t]);
    let (heads, control) = (a2.heads(t), a2.heads(k));
    let retirement = a.root.retire(a2.id(), a.now);
    a.act(|s, d, by| s.retire(d, by, k, retirement)).unwrap();
    a.grant(t, b.org()).unwrap();
    let said = forge(&a2, t, &heads, &control, &revoke_of(b.org()));
    a.offer(said, None).unwrap();
    assert!(!is_in(&mut a, t, b.org()));
    settle(&mut [&mut a, &mut b], &[k, t]);
}

#[test]
fn a_steward_that_was_removed_takes_out_of_the_coalition_nobody_who_was_let_in_since() {
    let (mut a, mut b, mut c) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1));
    let k = coalition(&mut [&mut a, &mut b, &mut c]);
    let stewards = [a.org(), b.org()].into();
    a.act(|s, d, by| s.propose_charter(d, by, k, stewards, 1, false)).unwrap();
    settle(&mut [&mut a, &mut b, &mut c], &[k]);
    let heads = b.heads(k);
    a.revoke(k, b.org()).unwrap();
    let first = forge(&b, k, &heads, &[], &revoke_of(c.org()));
    a.offer(first.clone(), None).unwrap();
    assert!(!is_in(&mut a, k, c.org()));
    let (card, certificate) = (c.card(), c.certificate());
    a.act(|s, d, by| s.admit(d, by, k, card, certificate)).unwrap();
    assert!(is_in(&mut a, k, c.org()));
    let t = thread(k, &mut [&mut a, &mut c]);
    b.now = b.now.plus(1);
    let second = forge(&b, k, &heads, &[], &revoke_of(c.org()));
    assert_ne!(second.hash(), first.hash());
    a.offer(second, None).unwrap();
    assert!(is_in(&mut a, k, c.org()), "who let it in knew that its author is out");
    assert!(is_in(&mut a, t, c.org()), "and so it keeps its places");
}

#[test]
fn who_was_let_in_again_has_its_word_back_whatever_it_has_heard_of_that() {
    let (mut a, mut b, mut c, [k, t], _) = before();
    // What shortens a place is such a pair: it is taken out, and let in again at once.
    a.revoke(t, c.org()).unwrap();
    a.grant(t, c.org()).unwrap();
    a.grant(t, b.org()).unwrap();
    // All that time the third was off line, and a member.
    c.revoke(t, b.org()).unwrap();
    settle(&mut [&mut a, &mut b, &mut c], &[k, t]);
    let org = b.org();
    for peer in [&mut a, &mut b, &mut c] {
        assert!(!is_in(peer, t, org), "its word is a member's");
    }
}

#[test]
fn a_revocation_that_comes_too_late_is_told_to_nobody_as_a_removal() {
    let (mut a, b, c, [_, t], [heads, control]) = before();
    a.revoke(t, c.org()).unwrap();
    let first = forge(&c, t, &heads, &control, &revoke_of(b.org()));
    a.offer(first.clone(), None).unwrap();
    assert!(a.act(|s, d, _| s.takes_out(d, &first.hash())).unwrap());
    a.grant(t, b.org()).unwrap();
    assert!(!a.act(|s, d, _| s.takes_out(d, &first.hash())).unwrap(), "a grant follows it");
    let late = forge(&c, t, &[first.hash()], &control, &revoke_of(b.org()));
    a.offer(late.clone(), None).unwrap();
    assert!(is_in(&mut a, t, b.org()));
    assert!(!a.act(|s, d, _| s.takes_out(d, &late.hash())).unwrap(), "who is in was not taken out");
}

#[test]
fn whom_the_coalition_expels_is_taken_out_of_the_thread_too_though_a_late_word_stands_there() {
    let (mut a, b, c, [k, t], [heads, control]) = before();
    a.revoke(t, c.org()).unwrap();
    a.grant(t, b.org()).unwrap();
    let late = forge(&c, t, &heads, &control, &revoke_of(b.org()));
    a.offer(late, None).unwrap();
    assert!(is_in(&mut a, t, b.org()));
    a.revoke(k, b.org()).unwrap();
    a.tend();
    let me = a.id();
    let by_us = |entry: &Entry| entry.header().kind == Kind::Revoke && entry.header().author == me;
    let said = a.all(t).iter().filter(|entry| by_us(entry)).count();
    assert_eq!(said, 2, "of the third, and of the second what the coalition said");
}
