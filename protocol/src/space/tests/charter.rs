//! Charters: proposed, approved by who is never on line with the others, followed by others; and what is approved under them.

use super::world::{Peer, coalition, forge, send, settle, thread};
use crate::fault::Class;
use crate::ids::{EntryHash, OrgId, ProposalId, SpaceId};
use crate::keys::RootKey;
use crate::space::control::{Approve, Charter, Control, Grant, Proposal, Revoke, Succession};
use crate::space::{ProposalState, approve};
use std::collections::BTreeSet;

/// Four organisations; the first three are stewards of charter number two, and two of them remove.
fn four() -> (Peer, Peer, Peer, Peer, SpaceId) {
    let (mut a, mut b, mut c, mut d) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1), Peer::new(4, 1));
    let k = coalition(&mut [&mut a, &mut b, &mut c, &mut d]);
    propose(&mut a, k, &[A, B, C], 2);
    settle(&mut [&mut a, &mut b, &mut c, &mut d], &[k]);
    assert_eq!(force(&mut d, k).1, (2, 2), "the founder alone was more than half");
    (a, b, c, d, k)
}

const A: u8 = 1;
const B: u8 = 2;
const C: u8 = 3;
const D: u8 = 4;

/// The organisation whose root key has this seed.
fn org(seed: u8) -> OrgId {
    RootKey::from_seed([seed; 32]).public().org()
}

fn propose(by: &mut Peer, k: SpaceId, stewards: &[u8], threshold: u32) -> ProposalId {
    let stewards: BTreeSet<OrgId> = stewards.iter().map(|seed| org(*seed)).collect();
    by.act(|s, d, by| s.propose_charter(d, by, k, stewards, threshold, true)).unwrap().0
}

fn say_yes(by: &mut Peer, k: SpaceId, id: &ProposalId) {
    by.act(|s, d, by| s.approve(d, by, k, id, true)).unwrap();
}

/// The id of the charter in force, its number and threshold.
fn force(peer: &mut Peer, k: SpaceId) -> (ProposalId, (u32, u32)) {
    let fold = peer.fold(k);
    let (id, charter) = fold.charter.as_ref().unwrap().in_force().unwrap();
    (id, (charter.number, charter.threshold))
}

fn state(peer: &mut Peer, k: SpaceId, id: &ProposalId) -> (ProposalState, usize) {
    let all = peer.spaces.proposals(&peer.store, k).unwrap();
    let found = all.iter().find(|p| p.id == *id).unwrap();
    (found.state, found.approvers.len())
}

fn is_in(peer: &mut Peer, k: SpaceId, org: OrgId) -> bool {
    peer.fold(k).members.contains_key(&org)
}

fn admission(of: &Peer) -> Control {
    let admits = Some((of.card(), of.certificate()));
    Control::Grant(Grant { org: of.org(), read: true, write: true, expires: None, admits })
}

#[test]
fn a_charter_is_in_force_once_more_than_half_have_approved_though_they_never_meet() {
    let (mut a, mut b, mut c, mut d, k) = four();
    let id = propose(&mut a, k, &[A, B, C, D], 3);
    assert_eq!((state(&mut a, k, &id), force(&mut a, k).1), ((ProposalState::Open, 1), (2, 2)));
    // Only D is ever on line with anybody: it carries the one to the other.
    send(&mut a, &mut d, &[k]);
    send(&mut d, &mut c, &[k]);
    say_yes(&mut c, k, &id);
    assert_eq!(force(&mut c, k), (id, (3, 3)));
    send(&mut c, &mut d, &[k]);
    send(&mut d, &mut b, &[k]);
    assert_eq!(force(&mut b, k), (id, (3, 3)));
    assert_eq!(force(&mut a, k).1, (2, 2), "it has not heard");
    send(&mut d, &mut a, &[k]);
    assert_eq!((force(&mut a, k).0, state(&mut a, k, &id)), (id, (ProposalState::Done, 2)));
    // A late approval makes it stronger, and changes nothing else.
    settle(&mut [&mut a, &mut b, &mut c, &mut d], &[k]);
    say_yes(&mut b, k, &id);
    assert_eq!((force(&mut b, k).0, state(&mut b, k, &id)), (id, (ProposalState::Done, 3)));
}

#[test]
fn two_of_three_remove_whenever_the_second_hears_of_it_and_one_alone_does_not() {
    let (mut a, mut b, mut c, mut d, k) = four();
    let t = thread(k, &mut [&mut b, &mut d]);
    assert_eq!(a.revoke(k, d.org()).unwrap_err().class, Class::NotPermitted, "one of two");
    let gone = d.org();
    let (id, _) = a.act(|s, draft, by| s.propose_removal(draft, by, k, gone)).unwrap();
    settle(&mut [&mut a, &mut b, &mut d], &[k, t]);
    assert!(is_in(&mut b, k, gone) && is_in(&mut a, k, gone));
    // C was away; A is away when it comes back.
    send(&mut b, &mut c, &[k]);
    assert_eq!(state(&mut c, k, &id), (ProposalState::Open, 1));
    say_yes(&mut c, k, &id);
    c.tend();
    assert!(!is_in(&mut c, k, gone), "it is carried out by itself");
    send(&mut c, &mut b, &[k]);
    b.tend();
    assert!(!is_in(&mut b, k, gone) && !is_in(&mut b, t, gone), "and so from threads");
    assert_eq!(state(&mut b, k, &id).0, ProposalState::Done);
    settle(&mut [&mut a, &mut b, &mut c], &[k, t]);
    assert_eq!(a.tend() + b.tend() + c.tend(), 0, "and nobody does it again");
}

#[test]
fn two_who_approve_at_the_same_moment_need_nobody_else_to_carry_it_out() {
    let (mut a, mut b, mut c, d, k) = four();
    let gone = d.org();
    let (id, _) = a.act(|s, draft, by| s.propose_removal(draft, by, k, gone)).unwrap();
    let (same, _) = b.act(|s, draft, by| s.propose_removal(draft, by, k, gone)).unwrap();
    assert_eq!(id, same, "one proposal, whoever makes it");
    // C has approved nothing, and writes nothing.
    send(&mut a, &mut c, &[k]);
    send(&mut b, &mut c, &[k]);
    assert_eq!(c.tend(), 0);
    assert!(is_in(&mut c, k, gone));
    settle(&mut [&mut a, &mut b, &mut c], &[k]);
    assert!([&mut a, &mut b, &mut c].into_iter().all(|peer| !is_in(peer, k, gone)));
}

#[test]
fn of_rivals_the_same_one_is_in_force_everywhere_and_who_signed_both_is_shown() {
    let (mut a, mut b, mut c, mut d, k) = four();
    let fork = a.heads(k);
    let one = propose(&mut a, k, &[A, B, D], 2);
    let other = propose(&mut c, k, &[B, C, D], 2);
    // B approves the one, and on another disk the other.
    let before = (b.store.clone(), b.random.0);
    send(&mut a, &mut b, &[k]);
    say_yes(&mut b, k, &one);
    let mut twin = Peer::new(2, 1);
    (twin.store, twin.random.0) = before;
    send(&mut c, &mut twin, &[k]);
    say_yes(&mut twin, k, &other);
    assert_eq!((force(&mut b, k).0, force(&mut twin, k).0), (one, other));
    assert!(b.fold(k).charter.as_ref().unwrap().double.is_empty());
    settle(&mut [&mut a, &mut b, &mut c, &mut d, &mut twin], &[k]);
    let chosen = one.min(other);
    for peer in [&mut a, &mut b, &mut c, &mut d] {
        assert_eq!(force(peer, k).0, chosen);
        assert_eq!(peer.fold(k).charter.as_ref().unwrap().double, BTreeSet::from([org(B)]));
    }
    // More approvals win, whatever the ids: the third, by who has signed the other too, and claims not to have heard of it.
    let (lost, twice) = if chosen == one { (other, &mut a) } else { (one, &mut c) };
    let lost_charter = Proposal::Charter(rival(twice, k, &lost));
    let known = twice.heads(k);
    assert!(twice.offer(yes(twice, k, &lost_charter, &known), None).is_err(), "not knowing of the other");
    let third = yes(twice, k, &lost_charter, &fork);
    let signers = BTreeSet::from([org(B), twice.org()]);
    for peer in [&mut d, &mut c, &mut b, &mut a] {
        peer.offer(third.clone(), None).unwrap();
        assert_eq!((force(peer, k).0, &peer.fold(k).charter.as_ref().unwrap().double), (lost, &signers));
    }
}

/// What was proposed under an id.
fn rival(peer: &mut Peer, k: SpaceId, id: &ProposalId) -> Succession {
    let all = peer.spaces.proposals(&peer.store, k).unwrap();
    match all.into_iter().find(|p| p.id == *id).unwrap().proposal {
        Proposal::Charter(next) => next,
        Proposal::Removal(_) => panic!("no charter"),
    }
}

fn yes(by: &Peer, k: SpaceId, proposal: &Proposal, parents: &[EntryHash]) -> crate::space::entry::Entry {
    let signature = approve::sign(&by.key, k, proposal);
    forge(by, k, parents, &[], &Control::Approve(Approve { proposal: proposal.clone(), signature }))
}

#[test]
fn what_one_approved_under_an_old_charter_counts_only_behind_the_line_that_the_next_one_drew() {
    let (mut a, mut b, mut c, mut d, k) = four();
    let found = EntryHash(k.0);
    // The founder, no steward any more, takes out C and lets somebody in, as if it had never heard of charters two and three.
    let id = propose(&mut b, k, &[B, C, D], 2);
    send(&mut b, &mut c, &[k]);
    say_yes(&mut c, k, &id);
    settle(&mut [&mut a, &mut b, &mut c, &mut d], &[k]);
    let stranger = Peer::new(9, 1);
    let admit = forge(&a, k, &[found], &[], &admission(&stranger));
    let remove = Revoke { org: c.org(), grant: None, approvals: vec![], word: false };
    let remove = forge(&a, k, &[found], &[], &Control::Revoke(remove));
    for peer in [&mut a, &mut b, &mut c, &mut d] {
        peer.offer(admit.clone(), None).unwrap();
        peer.offer(remove.clone(), None).unwrap();
        peer.tend();
        assert!(is_in(peer, k, org(C)) && !is_in(peer, k, stranger.org()));
        assert!(!peer.act(|s, d, _| s.takes_out(d, &remove.hash())).unwrap(), "and nobody is told of it");
    }
    // Nor does it help to approve the charter anew from where these lie.
    let second = a.fold(k).charter.as_ref().unwrap().charters[1].0;
    let next = Proposal::Charter(rival(&mut a, k, &second));
    let mut after = [admit.hash(), remove.hash()];
    after.sort_unstable();
    let again = yes(&a, k, &next, &after);
    assert!(a.offer(again, None).is_err(), "its heads are not in that past");
    // What was admitted before that line stays: D, by the founder alone.
    assert!(is_in(&mut b, k, d.org()) && force(&mut a, k).0 == id);
}

#[test]
fn a_steward_of_the_new_charter_need_not_have_heard_of_it_to_admit() {
    let (mut a, mut b, mut c, mut d, k) = four();
    let id = propose(&mut b, k, &[A, B, D], 2);
    // A and C have not heard, and both let somebody in.
    let (mut e, mut f) = (Peer::new(5, 1), Peer::new(6, 1));
    for (steward, newcomer) in [(&mut a, &mut e), (&mut c, &mut f)] {
        let (card, certificate) = (newcomer.card(), newcomer.certificate());
        steward.act(|s, d, by| s.admit(d, by, k, card, certificate)).unwrap();
    }
    send(&mut b, &mut a, &[k]);
    say_yes(&mut a, k, &id);
    settle(&mut [&mut a, &mut b, &mut c, &mut d], &[k]);
    assert_eq!(force(&mut d, k).0, id);
    assert!(is_in(&mut d, k, e.org()), "A is a steward still");
    assert!(!is_in(&mut d, k, f.org()), "C is none, and the line was drawn without it");
    let (card, certificate) = (f.card(), f.certificate());
    b.act(|s, d, by| s.admit(d, by, k, card, certificate)).unwrap();
    settle(&mut [&mut a, &mut b, &mut c, &mut d], &[k]);
    assert!(is_in(&mut c, k, f.org()));
}

#[test]
fn an_approval_of_a_node_since_retired_counts_if_its_organisation_knew_of_it() {
    let (mut a, mut b, mut c, mut d, k) = four();
    let mut b2 = Peer::new(2, 2);
    send(&mut b, &mut b2, &[k]);
    let certificate = b2.certificate();
    b2.act(|s, d, by| s.certify(d, by, k, certificate)).unwrap();
    settle(&mut [&mut a, &mut b, &mut c, &mut d, &mut b2], &[k]);
    let id = propose(&mut a, k, &[A, B, D], 2);
    send(&mut a, &mut b, &[k]);
    say_yes(&mut b, k, &id);
    assert_eq!(force(&mut b, k).0, id);
    // Retired by who has not heard: somebody else may have had the node.
    let retirement = b2.root.retire(b.id(), b2.now);
    b2.act(|s, d, by| s.retire(d, by, k, retirement)).unwrap();
    settle(&mut [&mut a, &mut b, &mut c, &mut d, &mut b2], &[k]);
    assert_eq!(force(&mut a, k).1, (2, 2));
    assert_eq!(state(&mut a, k, &id), (ProposalState::Open, 1));
    say_yes(&mut b2, k, &id);
    settle(&mut [&mut a, &mut b2, &mut c, &mut d], &[k]);
    assert_eq!(force(&mut d, k).0, id);
    // And what it had approved when its organisation retires it knowing that, stands.
    let mut a2 = Peer::new(1, 2);
    send(&mut a, &mut a2, &[k]);
    let certificate = a2.certificate();
    a2.act(|s, d, by| s.certify(d, by, k, certificate)).unwrap();
    let retirement = a2.root.retire(a.id(), a2.now);
    a2.act(|s, d, by| s.retire(d, by, k, retirement)).unwrap();
    settle(&mut [&mut a2, &mut b2, &mut c, &mut d], &[k]);
    assert_eq!(force(&mut d, k).0, id);
}

#[test]
fn the_last_steward_leaves_only_where_it_can_name_no_other() {
    let (mut a, mut b, mut c, mut d, k) = four();
    assert!(is_in(&mut a, k, org(C)));
    for steward in [&mut b, &mut c] {
        let own = steward.org();
        steward.revoke(k, own).unwrap();
        send(steward, &mut a, &[k]);
    }
    let (card, certificate) = (Peer::new(5, 1).card(), Peer::new(5, 1).certificate());
    a.act(|s, d, by| s.admit(d, by, k, card, certificate)).unwrap();
    a.revoke(k, org(A)).unwrap();
    send(&mut a, &mut d, &[k]);
    assert!(is_in(&mut d, k, org(D)) && !is_in(&mut d, k, org(A)));
    // Where it can, it must.
    let (mut a, mut d) = (Peer::new(1, 1), Peer::new(4, 1));
    let k = coalition(&mut [&mut a, &mut d]);
    assert!(a.revoke(k, org(A)).is_err());
}

#[test]
fn nobody_but_a_steward_approves_and_nothing_that_does_not_follow() {
    let (mut a, b, c, mut d, k) = four();
    let (force, _) = force(&mut a, k);
    let heads = a.heads(k);
    let next = |number, previous, stewards: &[OrgId], heads: &[EntryHash]| {
        let mut stewards = stewards.to_vec();
        stewards.sort_unstable();
        Proposal::Charter(Succession {
            previous,
            charter: Charter { number, stewards, threshold: 1 },
            heads: heads.to_vec(),
        })
    };
    let good = next(3, force, &[a.org(), b.org()], &heads);
    let stranger = Peer::new(9, 1);
    let cases = [
        (yes(&d, k, &good, &heads), "by no steward"),
        (yes(&a, k, &next(4, force, &[a.org()], &heads), &heads), "not the next number"),
        (yes(&a, k, &next(3, ProposalId(k.0), &[a.org()], &heads), &heads), "not after the one in force"),
        (yes(&a, k, &next(3, force, &[stranger.org()], &heads), &heads), "a stranger as steward"),
        (yes(&a, k, &next(3, force, &[a.org()], &[EntryHash([5; 32])]), &heads), "heads that are nowhere"),
        (yes(&a, k, &next(3, force, &[a.org()], &[EntryHash(k.0)]), &heads), "a line before the charter in force"),
    ];
    for (entry, why) in cases {
        assert!(a.offer(entry, None).is_err(), "{why}");
    }
    // Signed by another than who wrote the entry.
    let signature = approve::sign(&b.key, k, &good);
    let borrowed = forge(&a, k, &heads, &[], &Control::Approve(Approve { proposal: good.clone(), signature }));
    assert!(a.offer(borrowed, None).is_err());
    a.offer(yes(&a, k, &good, &heads), None).unwrap();
    assert!(d.offer(yes(&c, k, &good, &heads), None).is_ok());
}
