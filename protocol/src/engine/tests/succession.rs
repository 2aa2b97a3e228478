//! Who was away while the stewards changed and was removed by new ones can check why; and who is out by a later charter alone is told.

use super::Net;
use super::net::signed;
use super::threads::connected;
use crate::engine::{Event, Out};
use crate::ids::{OrgId, SpaceId};
use crate::space::control::Control;
use crate::space::entry::{Entry, Kind};
use std::collections::BTreeSet;

/// The founder, two stewards to be, who is away (3), and one that is let in meanwhile (4).
const AWAY: usize = 3;
const LATER: usize = 4;

fn orgs(net: &Net, hosts: &[usize]) -> BTreeSet<OrgId> {
    hosts.iter().map(|host| net.hosts[*host].org()).collect()
}

fn charter(net: &mut Net, coalition: SpaceId, by: usize, stewards: &[usize], threshold: u32, also: &[usize]) {
    let stewards = orgs(net, stewards);
    let proposed = net.step(by, |step| step.propose_charter(coalition, stewards, threshold, false).unwrap());
    net.run();
    for host in also {
        net.step(*host, |step| step.approve_proposal(coalition, proposed.id, false).unwrap());
        net.run();
    }
}

/// One goes away; two charters later it is removed by two stewards, of whom it knows one.
fn removed_by_new_stewards() -> (Net, SpaceId) {
    let mut net = Net::new(5);
    let coalition = net.found();
    let link = net.connect(0, AWAY);
    for host in [1, 2] {
        net.connect(0, host);
    }
    net.run();
    net.cut(link);
    net.connect(0, LATER);
    net.connect(1, LATER);
    net.run();
    charter(&mut net, coalition, 0, &[0, 1, 2], 2, &[]);
    charter(&mut net, coalition, 1, &[1, LATER], 2, &[2]);
    let out = net.hosts[AWAY].org();
    let proposed = net.step(1, |step| step.propose_removal(coalition, out).unwrap());
    net.run();
    net.step(LATER, |step| step.approve_proposal(coalition, proposed.id, false).unwrap());
    net.run();
    let h = &mut net.hosts[1];
    assert!(h.engine.roster(&h.store, coalition).unwrap().member(&out).is_none(), "it is out");
    net.cut_all();
    (net, coalition)
}

/// What the removed is told at the door of a host.
fn notices(net: &mut Net, door: usize) -> Vec<Vec<u8>> {
    let (host, me) = (net.hosts[door].node(), net.hosts[AWAY].node());
    let knock = net.hosts[AWAY].engine.admission(&net.hosts[AWAY].store, host).unwrap();
    let h = &mut net.hosts[door];
    let denial = h.engine.admits(&h.store, me, &knock).unwrap().unwrap_err();
    let answer = h.engine.denial(&h.store, &denial).unwrap();
    let guest = &mut net.hosts[AWAY];
    guest.engine.admits(&guest.store, host, &answer).unwrap().unwrap_err().notices
}

fn told(net: &mut Net, coalition: SpaceId, notices: Vec<Vec<u8>>) -> Option<Out> {
    for notice in notices {
        net.step(AWAY, |step| step.take_removal(notice).unwrap());
    }
    let guest = &mut net.hosts[AWAY];
    guest.engine.out_of(&guest.store, coalition).unwrap()
}

#[test]
pub fn who_was_away_while_the_stewards_changed_can_check_by_whom_it_was_removed_and_under_which_charter() {
    let (mut net, coalition) = removed_by_new_stewards();
    let notices = notices(&mut net, 0);
    let out = told(&mut net, coalition, notices).expect("it believes what it can check");
    assert!(net.hosts[AWAY].events.contains(&Event::Removed { space: coalition }));
    assert_eq!(out.under, Some(3), "the charter that it had never heard of");
    let by = out.by.expect("it knows by whom");
    assert!(orgs(&net, &[1, LATER]).contains(&by));
    let name = if by == net.hosts[1].org() { "Org 2" } else { "Org 5" };
    assert_eq!(out.name.as_deref(), Some(name), "also of who was let in meanwhile");
    // And so it says itself after a restart.
    net.hosts[AWAY].restart();
    let guest = &mut net.hosts[AWAY];
    assert_eq!(guest.engine.out_of(&guest.store, coalition).unwrap(), Some(out));
}

#[test]
fn a_removal_is_not_believed_while_one_approval_of_a_charter_before_it_is_missing() {
    let (mut net, coalition) = removed_by_new_stewards();
    let notices = notices(&mut net, 0);
    let approvals =
        notices.iter().filter(|bytes| Entry::parse((*bytes).clone()).unwrap().header().kind == Kind::Approve);
    assert_eq!(approvals.count(), 3, "one of the founder's, two of three of those who followed");
    for at in 0..notices.len() {
        let entry = Entry::parse(notices[at].clone()).unwrap();
        if entry.header().kind != Kind::Approve {
            continue;
        }
        let mut fewer = notices.clone();
        fewer.remove(at);
        assert_eq!(told(&mut net, coalition, fewer), None, "approval {at} is missing");
        net = removed_by_new_stewards().0;
    }
    let (mut net, coalition) = removed_by_new_stewards();
    assert!(told(&mut net, coalition, notices).is_some(), "and whole it is believed");
}

#[test]
fn one_steward_of_several_can_not_show_a_charter_of_its_own() {
    let mut net = Net::new(5);
    let coalition = net.found();
    for host in 1..5 {
        net.connect(0, host);
    }
    net.run();
    charter(&mut net, coalition, 0, &[0, 1, 2], 2, &[]);
    net.cut_all();
    // It proposes itself alone, and writes a removal as if that were in force.
    let stewards = orgs(&net, &[1]);
    net.step(1, |step| step.propose_charter(coalition, stewards, 1, false).unwrap());
    let own = {
        let h = &mut net.hosts[1];
        let all = h.engine.control_entries(&h.store, coalition).unwrap();
        let entry =
            all.into_iter().rev().find(|bytes| Entry::parse(bytes.clone()).unwrap().header().kind == Kind::Approve);
        entry.unwrap()
    };
    let org = net.hosts[AWAY].org();
    let forged = {
        let control =
            Control::Revoke(crate::space::control::Revoke { org, grant: None, approvals: Vec::new(), word: false });
        let key = net.hosts[1].engine.identity().key();
        let parents = vec![Entry::parse(own.clone()).unwrap().hash()];
        signed(key, (coalition, control.kind()), parents, net.now, &control.encode()).bytes().to_vec()
    };
    assert_eq!(told(&mut net, coalition, vec![own, forged]), None);
}

#[test]
fn the_same_goes_with_a_page_of_a_session() {
    let (mut net, coalition) = removed_by_new_stewards();
    net.connect(2, AWAY);
    net.run();
    assert!(net.closed.iter().all(|(host, _)| *host != AWAY), "{:?}", net.closed);
    let guest = &mut net.hosts[AWAY];
    assert_eq!(guest.engine.out_of(&guest.store, coalition).unwrap().and_then(|out| out.under), Some(3));
}

#[test]
fn who_is_out_only_since_a_later_charter_voided_what_made_a_revocation_late_is_told() {
    let (mut net, coalition) = connected(5);
    charter(&mut net, coalition, 0, &[0, 1, 2], 1, &[]);
    net.cut_all();
    let (second, third) = (net.hosts[1].org(), net.hosts[AWAY].org());
    // The founder removes one steward, and lets another organisation in again; that steward has heard of neither and removes that one.
    net.step(0, |step| {
        step.remove(coalition, second).unwrap();
        step.remove(coalition, third).unwrap();
    });
    net.admit(coalition, AWAY);
    net.connect(0, AWAY);
    net.run();
    net.cut_all();
    net.step(1, |step| step.remove(coalition, third).unwrap());
    for (a, b) in [(1, LATER), (LATER, 0)] {
        net.connect(a, b);
        net.run();
        net.cut_all();
    }
    let in_at = |net: &mut Net, host: usize| {
        let h = &mut net.hosts[host];
        h.engine.roster(&h.store, coalition).unwrap().member(&third).is_some()
    };
    assert!(in_at(&mut net, 0), "who let it in knew that the steward was out: its word comes too late");
    // More than half of the stewards before make a charter under which the founder's removal of that steward is void.
    net.connect(1, 2);
    net.run();
    charter(&mut net, coalition, 1, &[1, 2], 2, &[2]);
    net.connect(2, 0);
    net.run();
    assert!(!in_at(&mut net, 0), "so its word stands");
    net.cut_all();
    net.hosts[AWAY].events.clear();
    net.connect(0, AWAY);
    net.run();
    assert!(net.hosts[AWAY].events.contains(&Event::Removed { space: coalition }), "and is told");
}

/// Two charters follow one: who is away hears of the one with fewer approvals; by the other side, which has the other, it is removed,
/// under the charter before both or under that other.
fn removed_by_a_rival(before: bool) -> Option<u32> {
    let mut net = Net::new(6);
    let coalition = net.found();
    for host in 1..6 {
        net.connect(0, host);
    }
    net.run();
    charter(&mut net, coalition, 0, &[0, 1, 2, LATER, 5], 1, &[]);
    net.cut_all();
    let meet = |net: &mut Net, a, b| {
        net.connect(a, b);
        net.run();
        net.cut_all();
    };
    let first = net.hosts[1].org();
    let lost = net.step(1, |step| step.propose_charter(coalition, [first].into(), 1, false).unwrap()).id;
    meet(&mut net, 1, 2);
    net.step(2, |step| step.approve_proposal(coalition, lost, false).unwrap());
    meet(&mut net, 2, AWAY);
    meet(&mut net, AWAY, 0);
    net.step(0, |step| step.approve_proposal(coalition, lost, false).unwrap());
    meet(&mut net, 0, AWAY);
    let (out, other) = (net.hosts[AWAY].org(), net.hosts[5].org());
    if before {
        net.step(LATER, |step| step.remove(coalition, out).unwrap());
    }
    let won = net.step(LATER, |step| step.propose_charter(coalition, [other].into(), 1, false).unwrap()).id;
    for host in [5, 1, 2] {
        meet(&mut net, LATER, host);
        net.step(host, |step| step.approve_proposal(coalition, won, true).unwrap());
        meet(&mut net, LATER, host);
    }
    if !before {
        meet(&mut net, LATER, 5);
        net.step(5, |step| step.remove(coalition, out).unwrap());
        meet(&mut net, LATER, 5);
    }
    meet(&mut net, LATER, 0);
    let force = |net: &mut Net, host: usize| {
        let h = &mut net.hosts[host];
        h.engine.roster(&h.store, coalition).unwrap().chain.in_force().map(|(id, _)| id)
    };
    assert_eq!((force(&mut net, 0), force(&mut net, AWAY)), (Some(won), Some(lost)));
    let notices = notices(&mut net, 0);
    told(&mut net, coalition, notices).expect("it is told").under
}

#[test]
fn who_has_a_rival_of_the_charter_in_force_can_check_who_removed_it_under_that_or_under_the_one_before_both() {
    assert_eq!(removed_by_a_rival(false), Some(3));
    assert_eq!(removed_by_a_rival(true), Some(2));
}
