//! With whom threads are shared, and what need not be on the disk.

use super::Net;
use super::threads::{connected, found};
use crate::ids::OrgId;
use crate::store::Table;
use std::collections::BTreeSet;

fn sharing(net: &mut Net, host: usize) -> BTreeSet<OrgId> {
    let host = &mut net.hosts[host];
    host.engine.spaces().sharing(&host.store).unwrap()
}

#[test]
fn who_shares_a_thread_is_found_however_many_threads_there_are_and_who_left_is_not() {
    let (mut net, coalition) = connected(4);
    let orgs: Vec<OrgId> = net.hosts.iter().map(super::Host::org).collect();
    for _ in 0..20 {
        found(&mut net, coalition, &[1], None);
    }
    let one = found(&mut net, coalition, &[2], None);
    net.run();
    assert_eq!(sharing(&mut net, 0), BTreeSet::from([orgs[0], orgs[1], orgs[2]]));
    assert_eq!(sharing(&mut net, 1), BTreeSet::from([orgs[0], orgs[1]]));
    net.step(0, |step| step.revoke(one, orgs[2]).unwrap());
    net.run();
    assert_eq!(sharing(&mut net, 0), BTreeSet::from([orgs[0], orgs[1]]));
    assert_eq!(sharing(&mut net, 3), BTreeSet::from([orgs[3]]));
}

#[test]
fn many_seats_that_are_over_do_not_hide_one_that_stands() {
    let (mut net, coalition) = connected(2);
    let other = net.hosts[1].org();
    let spaces: Vec<_> = (0..40).map(|_| found(&mut net, coalition, &[1], None)).collect();
    let mut sorted = spaces;
    sorted.sort_unstable();
    let last = sorted.pop().unwrap();
    for space in sorted {
        net.step(0, |step| step.revoke(space, other).unwrap());
    }
    assert!(sharing(&mut net, 0).contains(&other));
    net.step(0, |step| step.revoke(last, other).unwrap());
    assert!(!sharing(&mut net, 0).contains(&other));
}

#[test]
fn what_can_be_made_again_is_not_waited_for_unless_an_entry_is_among_it() {
    let (mut net, coalition) = connected(2);
    net.hosts[0].durable = false;
    net.step(0, |step| {
        step.may_be_lost();
        step.draft().put(Table::List, b"row", b"made");
    });
    assert!(!net.hosts[0].durable);
    net.step(0, |step| {
        step.may_be_lost();
        step.write_coalition(coalition, b"said").unwrap();
    });
    assert!(net.hosts[0].durable, "an entry is a promise");
}
