//! Places that end by the clock, and who is in their way.

use super::Net;
use super::net::START;
use super::threads::{connected, found, permit, unended};
use crate::consent::Action;
use crate::engine::{Event, Seat};
use crate::ids::{EntryHash, SpaceId};
use crate::samples::note;
use crate::store::{Draft, Table, View, after_prefix};
use crate::sync::rights;
use crate::time::{DAY, HOUR};

/// Ends that a host knows of.
fn known(net: &Net, host: usize) -> usize {
    net.hosts[host]
        .store
        .scan(Table::Own, b"expiry/", after_prefix(b"expiry/").as_deref(), 10_000, false)
        .unwrap()
        .len()
}

/// All of a space, as it lies with one host.
fn entries(net: &Net, host: usize, space: SpaceId) -> Vec<Vec<u8>> {
    let h = &net.hosts[host];
    let order = h.engine.spaces.order(&h.store, space, 0, usize::MAX).unwrap();
    order.iter().map(|hash| h.engine.spaces.entry(&h.store, hash).unwrap().unwrap().bytes().to_vec()).collect()
}

#[test]
fn who_founds_threads_that_end_at_once_for_others_makes_nobody_remember_their_ends_who_has_no_place_there() {
    let (mut net, coalition) = connected(3);
    let end = net.now.plus(HOUR);
    let space = found(&mut net, coalition, &[1], Some(end));
    let theirs = entries(&net, 0, space);
    net.step(2, |step| step.take_entries(theirs).unwrap());
    assert!(net.hosts[2].engine.has(&net.hosts[2].store, &EntryHash(space.0)).unwrap());
    assert_eq!((known(&net, 0), known(&net, 1), known(&net, 2)), (1, 0, 0));
    // It is let in: now the end is its to keep as well.
    let grant = permit(net.hosts[0].org(), net.hosts[2].org(), Action::Grant, None, net.now);
    net.step(0, |step| step.grant(space, &Seat { permit: &grant, write: true }, &note()).unwrap());
    net.run();
    assert_eq!(known(&net, 2), 1);
    let org = net.hosts[1].org();
    net.step(0, |step| step.revoke(space, org).unwrap());
    net.run();
    assert_eq!((known(&net, 0), known(&net, 2)), (0, 0), "nothing is left to end");
}

#[test]
fn ends_that_this_node_can_not_write_hide_none_that_it_can() {
    let (mut net, coalition) = connected(4);
    let end = net.now.plus(HOUR);
    let space = found(&mut net, coalition, &[1], Some(end));
    net.run();
    // As of many threads that it was taken out of, and has heard so apart from them.
    let mut draft = Draft::new(&net.hosts[0].store);
    for n in 0..600_u32 {
        let mut other = [0; 32];
        other[..4].copy_from_slice(&n.to_be_bytes());
        draft.put(Table::Own, [b"expiry/", &START.0.to_be_bytes()[..], &other, &[7; 32]].concat(), []);
    }
    let writes = draft.into_writes();
    net.hosts[0].store.commit(writes);
    net.now = end.plus(1);
    let org = net.hosts[1].org();
    let ended = |net: &Net| net.hosts[0].events.contains(&Event::Expired { space, org });
    let mut ticks = 0;
    while !ended(&net) && ticks < 4 {
        net.tick(0);
        assert!(ended(&net) || net.hosts[0].wake.unwrap() <= net.now.plus(1_000), "it goes on at once");
        ticks += 1;
    }
    assert!(ended(&net), "one that can be ended lies behind them");
    net.now = net.now.plus(2 * HOUR);
    assert_eq!(unended(&mut net, 0), [], "nor is anybody asked about them");
}

#[test]
fn who_is_the_custodian_s_alone_to_end_for_a_day_is_nobody_else_s_to_be_asked_about() {
    let (mut net, coalition) = connected(3);
    let end = net.now.plus(HOUR);
    let space = found(&mut net, coalition, &[1, 2], Some(end));
    net.run();
    net.cut_all();
    let orgs = [1, 2].map(|host| net.hosts[host].org());
    net.now = end.plus(HOUR);
    net.tick(0);
    net.tick(1);
    let mut both = orgs.map(|org| (space, org));
    both.sort_unstable();
    assert_eq!((unended(&mut net, 0), unended(&mut net, 1)), (both.to_vec(), Vec::new()));
    net.now = end.plus(DAY + HOUR);
    assert_eq!(unended(&mut net, 1), [(space, orgs[1])], "one's own is for others to end");
}

#[test]
fn what_a_clock_held_back_is_forgotten_with_the_place_that_it_was_held_back_from() {
    let (mut net, coalition) = connected(3);
    let space = found(&mut net, coalition, &[1], None);
    net.run();
    let org = net.hosts[1].org();
    let mut draft = Draft::new(&net.hosts[0].store);
    rights::note_expired(&mut draft, space, org).unwrap();
    let writes = draft.into_writes();
    net.hosts[0].store.commit(writes);
    assert_eq!(rights::held_back(&net.hosts[0].store).unwrap(), [(space, org)]);
    net.step(0, |step| step.revoke(space, org).unwrap());
    assert_eq!(rights::held_back(&net.hosts[0].store).unwrap(), []);
}
