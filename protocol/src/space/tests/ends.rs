//! Which removals end epochs: each revocation, and of the retirements of one node the first.

use super::world::{Peer, START, coalition, forge, send, settle, thread};
use crate::ids::{EntryHash, SpaceId};
use crate::space::control::{Control, Revoke};
use crate::space::entry::Entry;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// A founder with further nodes, a partner, a thread between the two, all in step; then the founder's nodes but the first two.
fn office(further: u8) -> (Peer, Peer, Peer, SpaceId, SpaceId, Vec<Peer>) {
    let (mut a, mut b, mut a2) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(1, 2));
    let mut gone: Vec<Peer> = (3..3 + further).map(|node| Peer::new(1, node)).collect();
    let mut all = vec![&mut a, &mut b, &mut a2];
    all.extend(gone.iter_mut());
    let k = coalition(&mut all);
    let t = thread(k, &mut [&mut a, &mut b]);
    settle(&mut [&mut a, &mut b, &mut a2], &[k, t]);
    (a, b, a2, k, t, gone)
}

/// A word, and the epoch that it is sealed under.
fn epoch_now(peer: &mut Peer, space: SpaceId) -> EntryHash {
    let said = peer.write(space, "and another thing").unwrap();
    peer.entry(&said).header().epoch.unwrap()
}

#[test]
fn of_retirements_of_one_node_that_were_written_apart_one_ends_epochs_in_whatever_order() {
    let config = ProptestConfig { cases: 12, ..ProptestConfig::default() };
    proptest!(config, |(order in proptest::collection::vec(0usize..3, 1..9))| {
        let (mut a, mut b, mut a2, k, t, gone) = office(3);
        let heads = a2.heads(k);
        let mut epochs = BTreeSet::from([epoch_now(&mut a, t)]);
        for (n, which) in order.iter().enumerate() {
            let retirement = a2.root.retire(gone[*which].id(), START.plus(n as u64));
            let apart: Entry = forge(&a2, k, &heads, &[], &Control::Retire(retirement));
            a.offer(apart, None).unwrap();
            epochs.insert(epoch_now(&mut a, t));
        }
        let nodes: BTreeSet<usize> = order.iter().copied().collect();
        prop_assert_eq!(epochs.len(), 1 + nodes.len());
        send(&mut a, &mut b, &[k, t]);
        let last = a.heads(t)[0];
        prop_assert!(b.open(&last).is_ok(), "a reader takes what was sealed");
    });
}

#[test]
fn each_revocation_ends_epochs_since_who_knew_one_of_two_may_have_let_in_again() {
    let (mut a, mut b, mut c) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1));
    let k = coalition(&mut [&mut a, &mut b, &mut c]);
    let t = thread(k, &mut [&mut a, &mut b, &mut c]);
    let (heads, control) = (b.heads(t), b.spaces.control_heads(&b.store, k).unwrap());
    b.revoke(t, c.org()).unwrap();
    settle(&mut [&mut a, &mut b], &[k, t]);
    let first = epoch_now(&mut b, t);
    send(&mut b, &mut a, &[k, t]);
    // The custodian knows the first, and lets it in again; the epoch is passed on.
    a.grant(t, c.org()).unwrap();
    // Somebody else said no as well, apart from the first, and the writer hears that alone.
    b.now = b.now.plus(1);
    let second = forge(
        &b,
        t,
        &heads,
        &control,
        &Control::Revoke(Revoke { org: c.org(), grant: None, approvals: vec![], word: false }),
    );
    b.offer(second, None).unwrap();
    let said = b.write(t, "not for it").unwrap();
    assert_ne!(b.entry(&said).header().epoch, Some(first));
    send(&mut a, &mut c, &[k, t]);
    send(&mut b, &mut c, &[k, t]);
    assert!(c.open(&said).is_err(), "who was let in meanwhile opens what was sealed after its second removal");
}
