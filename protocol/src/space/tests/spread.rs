//! What removals and retirements in the coalition mean for the threads of whom they concern, and for no others.

use super::world::{Peer, coalition, forge, send, settle, thread};
use crate::ids::{EntryHash, OrgId, SpaceId};
use crate::space::Offered;
use crate::space::control::{Control, Grant, Keep, Revoke};
use crate::space::entry::Kind;
use crate::time::Time;
use std::collections::BTreeSet;

fn written(peer: &mut Peer, space: SpaceId, kind: Kind) -> usize {
    let me = peer.id();
    peer.all(space).iter().filter(|entry| entry.header().kind == kind && entry.header().author == me).count()
}

/// Two nodes of a custodian, three others, and three threads: of the second, of the third, and of the custodian alone.
fn office() -> (Peer, Peer, [Peer; 3], SpaceId, [SpaceId; 3]) {
    let (mut a, mut a2) = (Peer::new(1, 1), Peer::new(1, 2));
    let [mut b, mut c, mut d] = [2, 3, 4].map(|org| Peer::new(org, 1));
    let k = coalition(&mut [&mut a, &mut a2, &mut b, &mut c, &mut d]);
    let of_b = thread(k, &mut [&mut a, &mut a2, &mut b]);
    let of_c = thread(k, &mut [&mut a, &mut a2, &mut c]);
    let alone = thread(k, &mut [&mut a, &mut a2]);
    drop(a.spaces.to_tend());
    (a, a2, [b, c, d], k, [of_b, of_c, alone])
}

fn expel(a: &mut Peer, k: SpaceId, org: OrgId) -> Offered {
    a.act(|s, d, by| s.revoke(d, by, k, org)).unwrap().offered
}

/// Spaces in which something turned.
fn turned(out: &Offered) -> BTreeSet<SpaceId> {
    out.turned.keys().copied().collect()
}

fn set(spaces: &[SpaceId]) -> BTreeSet<SpaceId> {
    spaces.iter().copied().collect()
}

#[test]
fn a_removal_concerns_the_threads_of_whom_it_removes() {
    let (mut a, _, [b, mut c, d], k, [of_b, of_c, _]) = office();
    let due = |a: &mut Peer| a.spaces.to_tend().into_iter().collect::<BTreeSet<_>>();
    let out = expel(&mut a, k, d.org());
    assert_eq!((out.members.clone(), turned(&out), due(&mut a)), (set(&[k]), set(&[]), set(&[k])), "in no thread");
    assert_eq!(a.fold(k).removed, [d.org()].into());
    let out = expel(&mut a, k, b.org());
    assert_eq!((out.members.clone(), turned(&out), due(&mut a)), (set(&[k, of_b]), set(&[]), set(&[k, of_b])));
    // What the third wrote, and the custodian had not heard when it wrote last.
    let (heads, control) = (c.heads(of_c), c.spaces.control_heads(&c.store, k).unwrap());
    a.offer(forge(&c, of_c, &heads, &control, &Control::Keep(Keep)), None).unwrap();
    drop(due(&mut a));
    let out = expel(&mut a, k, c.org());
    assert_eq!((out.members.clone(), turned(&out), due(&mut a)), (set(&[k, of_c]), set(&[of_c]), set(&[k, of_c])));
    assert_eq!(a.fold(k).removed, [b.org(), c.org(), d.org()].into());
}

#[test]
fn a_retirement_ends_the_epochs_of_threads_that_the_retired_node_never_read() {
    let (mut a, _, [_, c, _], k, [of_b, ..]) = office();
    let epoch = |a: &mut Peer| {
        let word = a.write(of_b, "a word").unwrap();
        a.entry(&word).header().epoch.unwrap()
    };
    let before = epoch(&mut a);
    assert_eq!(epoch(&mut a), before);
    let heads = a.spaces.control_heads(&a.store, k).unwrap();
    let retirement = c.root.retire(c.id(), c.now);
    a.offer(forge(&c, k, &heads, &[], &Control::Retire(retirement)), None).unwrap();
    assert_ne!(epoch(&mut a), before, "who has not heard of it may yet let that node in");
}

#[test]
fn the_removals_of_an_organisation_are_those_that_take_it_out_and_none_once_it_is_back() {
    let (mut a, _, [b, mut c, _], k, [of_b, ..]) = office();
    let (org, control) = (b.org(), c.spaces.control_heads(&c.store, k).unwrap());
    let removals = |a: &mut Peer| a.spaces.removals(&a.store, of_b, &org).unwrap();
    assert!(removals(&mut a).is_empty());
    let heads = a.heads(of_b);
    let out = a.revoke(of_b, org).unwrap();
    assert_eq!(removals(&mut a), [out]);
    let leaves = Control::Revoke(Revoke { org, grant: None, approvals: vec![], word: false });
    let leaves = forge(&b, of_b, &heads, &control, &leaves);
    a.offer(leaves.clone(), None).unwrap();
    assert_eq!(removals(&mut a), [out, leaves.hash()]);
    a.grant(of_b, org).unwrap();
    assert!(removals(&mut a).is_empty());
}

#[test]
fn who_has_no_node_in_force_is_taken_out_of_its_threads_all_the_same() {
    let (mut a, _, [b, ..], k, [of_b, ..]) = office();
    let retirement = b.root.retire(b.id(), b.now);
    let heads = a.spaces.control_heads(&a.store, k).unwrap();
    a.offer(forge(&b, k, &heads, &[], &Control::Retire(retirement)), None).unwrap();
    assert!(a.fold(of_b).members.contains_key(&b.org()), "it may certify another");
    let out = expel(&mut a, k, b.org());
    assert_eq!(out.members, set(&[k, of_b]));
    assert!(!a.spaces.may_have(&a.store, of_b, b.org(), a.now).unwrap());
}

#[test]
fn a_further_node_and_a_join_concern_no_thread_and_change_no_members() {
    let (mut a, _, [b, ..], k, [of_b, ..]) = office();
    let certificate = Peer::new(1, 3).certificate();
    let certified = a.act(|s, d, by| s.certify(d, by, k, certificate)).unwrap().offered;
    assert_eq!((certified.members, a.spaces.to_tend()), (set(&[k]), vec![k]));
    let (heads, control) = (a.heads(of_b), a.spaces.control_heads(&a.store, k).unwrap());
    let joined = a.offer(forge(&b, of_b, &heads, &control, &Control::Keep(Keep)), None).unwrap();
    assert_eq!((joined.members.clone(), turned(&joined)), (set(&[]), set(&[])));
    let heads = a.heads(k);
    let joined = a.offer(forge(&b, k, &heads, &[], &Control::Keep(Keep)), None).unwrap();
    assert_eq!((joined.members.clone(), turned(&joined)), (set(&[]), set(&[])));
}

#[test]
fn only_the_custodian_confirms_and_only_what_its_retired_node_granted_to_who_is_in() {
    let (mut a, mut a2, [mut b, mut c, _], k, [of_b, of_c, _]) = office();
    a2.grant(of_b, c.org()).unwrap();
    settle(&mut [&mut a, &mut a2, &mut b, &mut c], &[k, of_b, of_c]);
    let joins = |peer: &mut Peer| [of_b, of_c].map(|t| written(peer, t, Kind::Keep));
    let (ours, theirs) = (joins(&mut a), joins(&mut b)[0]);
    expel(&mut a, k, b.org());
    a.tend();
    assert_eq!(joins(&mut a), ours, "who is expelled is confirmed by nobody");
    let retirement = a.root.retire(a2.id(), a.now);
    a.act(|s, d, by| s.retire(d, by, k, retirement)).unwrap();
    a.tend();
    assert_eq!(joins(&mut a), [ours[0] + 1, ours[1]]);
    send(&mut a, &mut c, &[k]);
    c.tend();
    assert_eq!(written(&mut c, of_b, Kind::Keep), 0, "the others wait for that");
    assert_eq!(joins(&mut b)[0], theirs);
    assert!(a.fold(of_b).members.contains_key(&c.org()));
}

/// A member that a retired node of the custodian admitted, which nobody knew to be sound, and the thread that had let it in.
fn void() -> (Peer, Peer, [SpaceId; 2], EntryHash) {
    let (mut a, mut a2, _, k, [.., alone]) = office();
    let fork = a.spaces.control_heads(&a.store, k).unwrap();
    let e = Peer::new(5, 1);
    let (card, certificate) = (e.card(), e.certificate());
    let admission = a2.act(|s, d, by| s.admit(d, by, k, card, certificate)).unwrap().hash;
    a.offer(a2.entry(&admission), None).unwrap();
    a.grant(alone, e.org()).unwrap();
    assert!(a.fold(alone).members.contains_key(&e.org()));
    // By a third node of ours, which had heard of neither.
    let retirement = a.root.retire(a2.id(), a.now);
    a.offer(forge(&a, k, &fork, &[], &Control::Retire(retirement)), None).unwrap();
    assert!(!a.fold(k).members.contains_key(&e.org()));
    assert!(!a.spaces.may_have(&a.store, alone, e.org(), a.now).unwrap());
    (a, e, [k, alone], admission)
}

#[test]
fn who_is_admitted_again_has_the_places_back_that_no_removal_undoes() {
    let (mut a, e, [k, alone], _) = void();
    drop(a.spaces.to_tend());
    let (card, certificate) = (e.card(), e.certificate());
    let again = a.act(|s, d, by| s.admit(d, by, k, card, certificate)).unwrap().offered;
    assert!(a.fold(alone).members.contains_key(&e.org()));
    assert!(a.spaces.may_have(&a.store, alone, e.org(), a.now).unwrap(), "and is served");
    assert_eq!((again.members, a.spaces.to_tend().into_iter().collect()), (set(&[k, alone]), set(&[k, alone])));
}

#[test]
fn what_a_node_without_a_place_granted_falls_with_its_retirement() {
    let (mut a, mut a2, [_, c, _], k, [of_b, ..]) = office();
    // Of both, which root and clock certified together, the one with the higher id is the sixteenth but one.
    let (stays, goes) = if a.id() < a2.id() { (&mut a, &mut a2) } else { (&mut a2, &mut a) };
    let granted = goes.grant(of_b, c.org()).unwrap().hash;
    stays.offer(goes.entry(&granted), None).unwrap();
    for n in 3..=17 {
        let earlier = Peer::new(1, n);
        let certificate = earlier.root.certify(&earlier.key, earlier.prekey.public(), Time(0));
        stays.act(|s, d, by| s.certify(d, by, k, certificate)).unwrap();
    }
    assert!(stays.fold(k).over.contains_key(&goes.id()));
    assert!(stays.spaces.may_have(&stays.store, of_b, c.org(), stays.now).unwrap());
    let retirement = stays.root.retire(goes.id(), stays.now);
    stays.act(|s, d, by| s.retire(d, by, k, retirement)).unwrap();
    assert!(!stays.fold(of_b).members.contains_key(&c.org()));
    assert!(!stays.spaces.may_have(&stays.store, of_b, c.org(), stays.now).unwrap());
}

#[test]
fn an_admission_of_who_was_in_no_thread_looks_at_none() {
    let (mut a, _, _, k, _) = office();
    drop(a.spaces.to_tend());
    let e = Peer::new(5, 1);
    let (card, certificate) = (e.card(), e.certificate());
    let admitted = a.act(|s, d, by| s.admit(d, by, k, card, certificate)).unwrap().offered;
    assert_eq!((admitted.members, a.spaces.to_tend()), (set(&[k]), vec![k]));
}

#[test]
fn a_removal_that_comes_too_late_for_an_admission_takes_the_places_that_are_older() {
    let (mut a, a2, [b, ..], k, [of_b, ..]) = office();
    let fork = a.spaces.control_heads(&a.store, k).unwrap();
    let retirement = a.root.retire(a2.id(), a.now);
    a.act(|s, d, by| s.retire(d, by, k, retirement)).unwrap();
    let admits = Some((b.card(), b.certificate()));
    let grant = Grant { org: b.org(), read: true, write: true, expires: None, admits };
    let heads = a.spaces.control_heads(&a.store, k).unwrap();
    a.offer(forge(&a, k, &heads, &[], &Control::Grant(grant)), None).unwrap();
    // By the retired node, as if it had heard of nothing.
    let removal = Control::Revoke(Revoke { org: b.org(), grant: None, approvals: vec![], word: false });
    a.offer(forge(&a2, k, &fork, &[], &removal), None).unwrap();
    assert!(a.fold(k).members.contains_key(&b.org()), "who admitted it knew that the node is retired");
    assert!(!a.fold(of_b).members.contains_key(&b.org()), "who let it into the thread did not");
    assert!(!a.spaces.may_have(&a.store, of_b, b.org(), a.now).unwrap());
}

#[test]
fn whose_admission_is_void_has_no_place_in_a_thread_that_let_it_in() {
    let (mut a, e, [k, alone], admission) = void();
    let fold = a.fold(alone);
    assert!(!fold.members.contains_key(&e.org()) && fold.removed.contains(&e.org()));
    assert!(!fold.nodes.contains_key(&e.id()));
    let grant = Grant { org: e.org(), read: true, write: true, expires: None, admits: None };
    let (heads, control) = (a.heads(alone), a.spaces.control_heads(&a.store, k).unwrap());
    assert!(a.offer(forge(&a, alone, &heads, &control, &Control::Grant(grant)), None).is_err(), "nor is it let in now");
    // The same retirement said by who had heard of the admission makes that sound, and gives the place back.
    drop(a.spaces.to_tend());
    let retirement = a.root.retire(Peer::new(1, 2).id(), a.now);
    let again = a.offer(forge(&a, k, &[admission], &[], &Control::Retire(retirement)), None).unwrap();
    assert!(a.fold(k).members.contains_key(&e.org()) && a.fold(alone).members.contains_key(&e.org()));
    assert_eq!((again.members, a.spaces.to_tend().into_iter().collect()), (set(&[k, alone]), set(&[k, alone])));
    assert!(a.spaces.may_have(&a.store, alone, e.org(), a.now).unwrap());
}
