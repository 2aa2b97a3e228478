//! Receipts while many pages come one after another.

use super::Net;
use super::threads::{connected, found, write};
use crate::ids::{EntryHash, SpaceId};
use crate::limits;
use crate::sync::receipt::RECEIPT;
use crate::sync::wire::Frame;
use crate::time::SECOND;

/// More than three pages of messages wait for host 1, whose link was cut. The last of them.
fn much() -> (Net, SpaceId, EntryHash) {
    let (mut net, coalition) = connected(2);
    let space = found(&mut net, coalition, &[1], None);
    net.run();
    net.cut_all();
    let mut bits = 1_u32;
    let mut last = EntryHash::ZERO;
    for _ in 0..150 {
        // What does not shrink by packing.
        let body: Vec<u8> = std::iter::repeat_with(|| {
            bits = bits.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            bits.to_be_bytes()[0]
        })
        .take(6 * 1024)
        .collect();
        last = write(&mut net, 0, space, &[1], &body).unwrap();
    }
    net.log.clear();
    net.connect(0, 1);
    (net, space, last)
}

/// Registers that host 1 sent.
fn given(net: &Net) -> usize {
    let sent = net.log.iter().filter(|(from, ..)| *from == 1);
    sent.map(|(_, frame, _)| if let Frame::Page(page) = frame { page.registers.len() } else { 0 }).sum()
}

/// What host 1 says that it holds.
fn said(net: &mut Net, space: SpaceId) -> Option<Vec<u8>> {
    let host = &mut net.hosts[1];
    let node = host.node();
    host.engine.spaces().register(&host.store, space, node, RECEIPT).unwrap().map(|register| register.value)
}

#[test]
fn one_receipt_is_given_for_many_pages() {
    let (mut net, space, last) = much();
    net.run();
    assert_eq!(given(&net), 1);
    let org = net.hosts[1].org();
    let host = &mut net.hosts[0];
    assert!(host.engine.delivered(&host.store, space, last, org).unwrap());
}

#[test]
fn a_receipt_that_was_put_off_outlives_a_crash_and_is_given_within_a_second() {
    let (mut net, space, _) = much();
    let before = said(&mut net, space);
    while net.hosts[1].applied(space).len() < 20 {
        assert!(net.deliver());
    }
    assert_eq!(said(&mut net, space), before);
    assert!(net.hosts[1].wake.unwrap() <= net.now.plus(SECOND));
    net.cut_all();
    net.hosts[1].restart();
    net.now = net.now.plus(SECOND);
    net.tick(1);
    assert_ne!(said(&mut net, space), before);
}

#[test]
fn who_writes_heads_without_end_keeps_nobody_from_giving_receipts() {
    let (mut net, coalition) = connected(2);
    let space = found(&mut net, coalition, &[1], None);
    net.run();
    write(&mut net, 1, space, &[0], b"the first").unwrap();
    net.run();
    // Copies of one machine write beside each other: each knows what stood at the beginning alone.
    let (store, now) = (net.hosts[1].store.clone(), net.now);
    let mut apart = Vec::new();
    for n in 0..limits::HEADS_SAID as u64 + 40 {
        net.hosts[1].store = store.clone();
        net.hosts[1].restart();
        net.now = now.plus(n);
        let hash = write(&mut net, 1, space, &[0], b"beside the others").unwrap();
        let host = &mut net.hosts[1];
        apart.push(host.engine.spaces().entry(&host.store, &hash).unwrap().unwrap().bytes().to_vec());
    }
    net.step(0, |step| step.take_entries(apart)).unwrap();
    let host = &mut net.hosts[0];
    let many = host.engine.spaces().heads(&host.store, space).unwrap().len();
    assert!(many > limits::HEADS_SAID, "{many} heads");
    let last = write(&mut net, 1, space, &[0], b"and one more").unwrap();
    net.cut_all();
    net.connect(0, 1);
    net.run();
    let (org, host) = (net.hosts[0].org(), &mut net.hosts[1]);
    assert!(host.engine.delivered(&host.store, space, last, org).unwrap());
}
