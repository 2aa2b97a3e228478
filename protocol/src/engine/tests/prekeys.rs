//! Prekeys over months of simulated time.

use super::Net;
use super::threads::{found, write};
use crate::ids::{PrekeyId, SpaceId};
use crate::limits;
use crate::space::entry::Kind;
use crate::store::{Table, View};
use crate::time::{DAY, HOUR};

fn held(net: &Net, host: usize) -> usize {
    let h = &net.hosts[host];
    h.engine.spaces.prekeys(&h.store).unwrap().len()
}

fn days(net: &mut Net, days: u64, hosts: &[usize]) {
    for _ in 0..days {
        net.now = net.now.plus(DAY);
        for host in hosts {
            net.tick(*host);
        }
        net.run();
    }
}

/// Two organisations that share a thread, linked.
fn pair() -> (Net, SpaceId) {
    let mut net = Net::new(2);
    let coalition = net.found();
    net.connect(0, 1);
    net.run();
    let thread = found(&mut net, coalition, &[1], None);
    write(&mut net, 0, thread, &[1], b"first").unwrap();
    net.run();
    (net, thread)
}

#[test]
fn an_old_prekey_goes_once_everybody_has_a_newer_one_and_what_was_on_its_way_has_come() {
    let (mut net, thread) = pair();
    days(&mut net, 30, &[0, 1]);
    assert_eq!(held(&net, 0), 2, "a new one every thirty days");
    days(&mut net, 30, &[0, 1]);
    assert_eq!(held(&net, 0), 3, "it lingers, though it was taken at once");
    days(&mut net, 2, &[0, 1]);
    assert_eq!(held(&net, 0), 2);
    let certified = net.hosts[0].engine.identity().certificate().prekey.id();
    let h = &net.hosts[0];
    assert!(h.store.get(Table::Prekey, certified.as_bytes()).unwrap().is_none());
    // Half a year on never more than three are there, and everything opens.
    days(&mut net, 120, &[0, 1]);
    assert!(held(&net, 0) <= 3 && held(&net, 1) <= 3);
    write(&mut net, 1, thread, &[0], b"after half a year").unwrap();
    net.run();
    assert!(net.hosts[0].applied(thread).contains(&b"after half a year".to_vec()));
    assert!(net.closed.is_empty(), "{:?}", net.closed);
}

#[test]
fn while_somebody_has_not_taken_the_newer_one_the_old_one_is_held_for_ninety_days() {
    let (mut net, _) = pair();
    net.cut_all();
    days(&mut net, 30, &[0]);
    days(&mut net, 89, &[0]);
    let certified = net.hosts[0].engine.identity().certificate().prekey.id();
    let here = |net: &Net, id: &PrekeyId| net.hosts[0].store.get(Table::Prekey, id.as_bytes()).unwrap().is_some();
    assert!(here(&net, &certified));
    days(&mut net, 2, &[0]);
    assert!(!here(&net, &certified));
}

#[test]
fn what_comes_wrapped_to_a_destroyed_key_is_asked_for_again() {
    let (mut net, thread) = pair();
    net.cut_all();
    // Host 1 is off the network for months, and host 0 lets its old keys go.
    days(&mut net, 125, &[0]);
    // It wakes, its clock mended, and writes before it hears of anything: wrapped to a key that is no more.
    net.now = net.now.plus(HOUR);
    write(&mut net, 1, thread, &[0], b"I am back").unwrap();
    net.connect(0, 1);
    net.run();
    let h = &net.hosts[0];
    let order = h.engine.spaces.order(&h.store, thread, 0, 1_000).unwrap();
    let asks =
        order.iter().filter(|hash| h.engine.spaces.entry(&h.store, hash).unwrap().unwrap().header().kind == Kind::Ask);
    assert_eq!(asks.count(), 1);
    assert!(net.hosts[0].applied(thread).contains(&b"I am back".to_vec()), "and answered");
    let newest = net.hosts[0].engine.spaces.newest_prekey_of_ours(&net.hosts[0].store).unwrap().unwrap();
    let known = &net.hosts[1];
    let me = net.hosts[0].node();
    let registers: Vec<_> = known.store.rows().filter(|(table, ..)| *table == Table::Register).collect();
    assert!(registers.iter().any(|(_, key, value)| key.windows(32).any(|w| w == me.as_bytes())
        && value.windows(newest.key.len()).any(|w| w == newest.key.as_slice())));
    assert_eq!(limits::PREKEY_KEPT, 90 * DAY);
}

#[test]
fn a_clock_that_was_far_ahead_once_does_not_stop_the_change_of_keys() {
    let (mut net, _) = pair();
    let right = net.now;
    net.now = right.plus(10 * 365 * DAY);
    net.tick(0);
    net.run();
    net.now = right.plus(HOUR);
    net.tick(0);
    net.run();
    let newest = |net: &Net| net.hosts[0].engine.spaces.newest_prekey_of_ours(&net.hosts[0].store).unwrap().unwrap();
    let made_now = newest(&net);
    days(&mut net, 29, &[0, 1]);
    assert!(newest(&net) == made_now, "the key that was made when the clock was right again is the newest");
    let before = held(&net, 0);
    days(&mut net, 35, &[0, 1]);
    assert!(newest(&net) != made_now, "and it is changed in its turn");
    assert!(held(&net, 0) < before + 2, "and the old ones go");
}
