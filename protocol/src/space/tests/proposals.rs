//! How proposals to the stewards stand, who made them, and what a node does once enough have approved.

use super::world::{Peer, coalition, forge, send, settle};
use crate::fault::Class;
use crate::ids::{OrgId, ProposalId, SpaceId};
use crate::space::control::{Approve, Control, Keep, Proposal};
use crate::space::entry::{Entry, Kind};
use crate::space::{ProposalState, Proposed, approve};
use std::collections::BTreeSet;

/// Four organisations, of which the first three are stewards and two of them remove.
fn four() -> (Peer, Peer, Peer, Peer, SpaceId) {
    let (mut a, mut b, mut c, mut d) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1), Peer::new(4, 1));
    let k = coalition(&mut [&mut a, &mut b, &mut c, &mut d]);
    let stewards = [a.org(), b.org(), c.org()];
    propose(&mut a, k, &stewards, 2, false).unwrap();
    settle(&mut [&mut a, &mut b, &mut c, &mut d], &[k]);
    (a, b, c, d, k)
}

fn propose(
    by: &mut Peer,
    k: SpaceId,
    stewards: &[OrgId],
    threshold: u32,
    instead: bool,
) -> crate::fault::Result<ProposalId> {
    let stewards: BTreeSet<OrgId> = stewards.iter().copied().collect();
    by.act(|s, d, by| s.propose_charter(d, by, k, stewards, threshold, instead)).map(|(id, _)| id)
}

fn take_out(by: &mut Peer, k: SpaceId, org: OrgId) -> ProposalId {
    by.act(|s, d, by| s.propose_removal(d, by, k, org)).unwrap().0
}

fn say_yes(by: &mut Peer, k: SpaceId, id: &ProposalId, instead: bool) -> crate::fault::Result<()> {
    by.act(|s, d, by| s.approve(d, by, k, id, instead)).map(drop)
}

fn proposed(at: &mut Peer, k: SpaceId, id: &ProposalId) -> Proposed {
    at.spaces.proposals(&at.store, k).unwrap().into_iter().find(|p| p.id == *id).unwrap()
}

fn yes(by: &Peer, k: SpaceId, proposal: &Proposal, parents: &[crate::ids::EntryHash]) -> Entry {
    let signature = approve::sign(&by.key, k, proposal);
    forge(by, k, parents, &[], &Control::Approve(Approve { proposal: proposal.clone(), signature }))
}

#[test]
fn who_proposed_is_who_approved_first_in_whatever_order_that_is_heard() {
    for turned in [false, true] {
        let (mut a, b, c, d, k) = four();
        let heads = a.heads(k);
        let id = take_out(&mut a, k, d.org());
        let removal = proposed(&mut a, k, &id).proposal;
        // The second heard of something else before, and not of the first's.
        let keep = forge(&c, k, &heads, &[], &Control::Keep(Keep));
        let [mut first, mut second] = [yes(&b, k, &removal, &heads), yes(&c, k, &removal, &[keep.hash()])];
        let mut hearer = Peer::new(4, 1);
        for entry in [a.all(k), vec![keep]].concat() {
            if entry.header().kind != Kind::Approve || entry.header().parents != heads {
                hearer.offer(entry, None).unwrap();
            }
        }
        if turned {
            std::mem::swap(&mut first, &mut second);
        }
        hearer.offer(first, None).unwrap();
        hearer.offer(second, None).unwrap();
        let proposed = proposed(&mut hearer, k, &id);
        assert_eq!((proposed.by, proposed.approvers), (b.org(), [b.org(), c.org()].into()));
    }
}

#[test]
fn what_was_proposed_under_a_charter_that_another_followed_is_over() {
    let (mut a, mut b, mut c, mut d, k) = four();
    let (orgs, out) = ([a.org(), b.org(), c.org()], d.org());
    let removal = take_out(&mut a, k, out);
    let adopted = propose(&mut a, k, &orgs[..2], 2, false).unwrap();
    let other = propose(&mut c, k, &orgs[1..], 2, false).unwrap();
    settle(&mut [&mut a, &mut b, &mut c, &mut d], &[k]);
    let states = |at: &mut Peer| [removal, adopted, other].map(|id| proposed(at, k, &id).state);
    use ProposalState::{Done, Open, Over};
    assert_eq!(states(&mut b), [Open; 3]);
    say_yes(&mut b, k, &adopted, false).unwrap();
    settle(&mut [&mut a, &mut b, &mut c, &mut d], &[k]);
    for peer in [&mut a, &mut b, &mut c, &mut d] {
        assert_eq!(states(peer), [Over, Done, Over]);
        assert_eq!(proposed(peer, k, &removal).approvers, [orgs[0]].into());
    }
    assert_eq!(say_yes(&mut b, k, &removal, false).unwrap_err().class, Class::NotPermitted);
}

#[test]
fn of_charters_that_follow_one_an_organisation_approves_one_or_says_that_it_means_the_other_instead() {
    let (mut a, mut b, mut c, mut d, k) = four();
    let orgs = [a.org(), b.org(), c.org()];
    let one = propose(&mut a, k, &orgs[..2], 2, false).unwrap();
    let other = propose(&mut c, k, &orgs[1..], 2, false).unwrap();
    settle(&mut [&mut a, &mut b, &mut c, &mut d], &[k]);
    let fault = propose(&mut a, k, &orgs[..1], 1, false).unwrap_err();
    assert!(fault.message.contains("another charter that is still open"), "{}", fault.message);
    let fault = say_yes(&mut a, k, &other, false).unwrap_err();
    assert!(fault.message.contains(&one.short()), "{}", fault.message);
    let fault = say_yes(&mut a, k, &one, true).unwrap_err();
    assert!(fault.message.contains("approved that already"), "{}", fault.message);
    // A removal is no rival of a charter.
    take_out(&mut a, k, d.org());
    say_yes(&mut a, k, &other, true).unwrap();
    assert_eq!(proposed(&mut a, k, &other).state, ProposalState::Done);
    // What it approved before is over, and binds it no more.
    send(&mut a, &mut b, &[k]);
    propose(&mut b, k, &orgs, 2, false).unwrap();
}

#[test]
fn a_charter_that_is_in_force_is_not_proposed_again_and_one_with_another_threshold_is() {
    let (mut a, b, c, _, k) = four();
    let orgs = [a.org(), b.org(), c.org()];
    let fault = propose(&mut a, k, &orgs, 2, false).unwrap_err();
    assert!(fault.message.contains("in force already"), "{}", fault.message);
    propose(&mut a, k, &orgs, 3, false).unwrap();
}

#[test]
fn a_removal_that_more_approved_than_had_to_is_carried_out_once_with_the_approvals_of_the_others() {
    let (mut a, mut b, mut c, d, k) = four();
    let out = d.org();
    let id = take_out(&mut a, k, out);
    for by in [&mut b, &mut c] {
        send(&mut a, by, &[k]);
        say_yes(by, k, &id, false).unwrap();
        send(by, &mut a, &[k]);
    }
    assert_eq!((proposed(&mut a, k, &id).approvers.len(), proposed(&mut a, k, &id).needed), (3, 2));
    assert_eq!(a.tend(), 1);
    let revoke = a.all(k).into_iter().find(|entry| entry.header().kind == Kind::Revoke).unwrap();
    let Some(Control::Revoke(revoke)) = Control::decode(Kind::Revoke, revoke.body()).unwrap() else { panic!() };
    let by: BTreeSet<_> = revoke.approvals.iter().map(|approval| approval.node).collect();
    assert_eq!(by, [b.id(), c.id()].into(), "its own is in the entry itself");
    assert!(!a.fold(k).members.contains_key(&out));
    assert_eq!((a.tend(), proposed(&mut a, k, &id).state), (0, ProposalState::Done));
}

#[test]
fn a_steward_that_has_not_approved_carries_nothing_out() {
    let (mut a, mut b, mut c, d, k) = four();
    let id = take_out(&mut a, k, d.org());
    send(&mut a, &mut b, &[k]);
    say_yes(&mut b, k, &id, false).unwrap();
    send(&mut b, &mut c, &[k]);
    assert_eq!((c.tend(), c.fold(k).members.contains_key(&d.org())), (0, true), "to write it is to approve it");
    assert_eq!((b.tend(), b.fold(k).members.contains_key(&d.org())), (1, false));
}

#[test]
fn of_two_removals_that_take_out_each_others_stewards_what_can_be_done_is_done() {
    let (mut a, mut b, mut c, mut d, k) = four();
    let [first, second] = [b.org(), c.org()];
    let ids = [take_out(&mut a, k, first), take_out(&mut a, k, second)];
    send(&mut a, &mut b, &[k]);
    send(&mut a, &mut c, &[k]);
    say_yes(&mut c, k, &ids[0], false).unwrap();
    say_yes(&mut b, k, &ids[1], false).unwrap();
    for by in [&mut b, &mut c] {
        send(by, &mut a, &[k]);
    }
    a.tend();
    settle(&mut [&mut a, &mut b, &mut c, &mut d], &[k]);
    let fold = a.fold(k);
    let left = [first, second].map(|org| fold.members.contains_key(&org));
    assert_ne!(left, [true, true], "one of them at least");
    assert!(fold.members.contains_key(&a.org()));
}
