//! What counts changes either way as more is heard; and what graphs in memory weigh, and which are let go.

use super::world::{Peer, coalition, forge, send, settle, thread};
use crate::ids::{NodeId, OrgId, SpaceId};
use crate::limits;
use crate::space::Spaces;
use crate::space::control::{Charter, Control, Found, Keep, Purpose};
use crate::space::graph::{FACT_BYTES, Graph, NODE_BYTES, Past};
use std::collections::BTreeSet;

#[test]
fn what_who_was_expelled_wrote_unheard_counts_no_more_until_it_is_kept_or_its_author_is_back() {
    for back in [false, true] {
        let (mut a, mut b, mut c) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1));
        let k = coalition(&mut [&mut a, &mut b, &mut c]);
        let t = thread(k, &mut [&mut a, &mut b, &mut c]);
        let (control, heads) = (c.spaces.control_heads(&c.store, k).unwrap(), c.heads(t));
        let word = forge(&c, t, &heads, &control, &Control::Keep(Keep));
        let offered = a.offer(word.clone(), None).unwrap();
        assert!(offered.turned.is_empty() && a.counts(&word.hash()));
        let org = c.org();
        let out = a.act(|s, d, by| s.revoke(d, by, if back { t } else { k }, org)).unwrap().offered;
        if back {
            assert!(a.counts(&word.hash()), "the removal follows it");
            // Of what it does not follow nothing counts that comes later.
            let mut late = Peer::new(3, 1);
            late.now = late.now.plus(1);
            let late = forge(&late, t, &heads, &control, &Control::Keep(Keep));
            assert!(a.offer(late.clone(), None).unwrap().turned.is_empty());
            assert!(!a.counts(&late.hash()));
            let granted = a.grant(t, org).unwrap().offered;
            assert_eq!(granted.turned[&t], BTreeSet::from([late.hash()]), "what was heard while it was out counts now");
            assert!(a.counts(&late.hash()));
        } else {
            assert_eq!(out.turned[&t], BTreeSet::from([word.hash()]));
            assert!(!a.counts(&word.hash()));
            let kept = a.act(|s, d, by| s.keep_uncounted(d, by, t)).unwrap().expect("one that does not count").offered;
            assert_eq!(kept.turned[&t], BTreeSet::from([word.hash()]));
            assert!(a.counts(&word.hash()));
        }
    }
}

#[test]
fn what_an_organisation_lists_follows_its_own_listings_and_what_they_do_not_follow_yet() {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    let certify = |by: &mut Peer, of: &Peer| {
        let certificate = of.certificate();
        by.act(|s, d, by| s.certify(d, by, k, certificate)).unwrap().hash
    };
    certify(&mut b, &Peer::new(2, 2));
    settle(&mut [&mut a, &mut b], &[k]);
    let since = certify(&mut a, &Peer::new(1, 2));
    send(&mut a, &mut b, &[k]);
    let first = b.write(k, "a bed").unwrap();
    let second = b.write(k, "no bed").unwrap();
    assert_eq!(b.entry(&first).header().parents, [since], "nothing twice");
    assert_eq!(b.entry(&second).header().parents, [first]);
}

#[test]
fn a_graph_weighs_its_entries_and_each_past_twice() {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    let t = thread(k, &mut [&mut a, &mut b]);
    let control = a.spaces.control_heads(&a.store, k).unwrap();
    for _ in 0..100 {
        let heads = a.heads(t);
        a.now = a.now.plus(1);
        a.offer(forge(&a, t, &heads, &control, &Control::Keep(Keep)), None).unwrap();
    }
    a.write(t, "a word").unwrap();
    let graph = &a.spaces.graphs[&t];
    let pasts: BTreeSet<u32> = graph.nodes.iter().flat_map(|node| [node.past, node.through]).collect();
    let of = |n: &u32| {
        let past = graph.past(*n).unwrap();
        past.own.bytes() + past.coalition.bytes() + size_of::<Past>()
    };
    let entries = graph.nodes.len() * NODE_BYTES + graph.facts.len() * FACT_BYTES;
    assert_eq!(graph.weight, entries + 2 * pasts.iter().map(of).sum::<usize>());
}

/// A graph of this weight without entries.
fn empty(n: u16, thread: bool, weight: usize) -> Graph {
    let purpose = if thread {
        Purpose::Thread { coalition: SpaceId([255; 32]), custodian_reads: true }
    } else {
        let peer = Peer::bare(1);
        let charter = Charter { number: 1, stewards: vec![peer.org()], threshold: 1 };
        Purpose::Coalition { name: "County".into(), charter, founder: peer.card(), certificate: peer.certificate() }
    };
    let mut space = [0; 32];
    space[..2].copy_from_slice(&n.to_be_bytes());
    let mut graph = Graph::new(SpaceId(space), &Found { nonce: [0; 32], purpose }, OrgId([1; 32]));
    graph.weight = weight;
    graph
}

#[test]
fn of_too_many_graphs_or_too_heavy_ones_those_go_that_were_not_used_for_longest_and_no_coalition() {
    let kept = |spaces: &Spaces| spaces.graphs.len();
    let mut spaces = Spaces::new(NodeId::ZERO);
    let used = |spaces: &mut Spaces, graph: Graph| {
        spaces.clock += 1;
        spaces.keep_graph(graph);
    };
    used(&mut spaces, empty(0, false, 1));
    for n in 1..limits::GRAPHS_IN_MEMORY as u16 {
        used(&mut spaces, empty(n, true, 1));
    }
    assert_eq!(kept(&spaces), limits::GRAPHS_IN_MEMORY, "so many may be");
    used(&mut spaces, empty(5_000, true, 1));
    assert_eq!(kept(&spaces), limits::GRAPHS_IN_MEMORY);
    let here = |spaces: &Spaces, n: u16| spaces.graphs.contains_key(&empty(n, true, 0).space);
    assert!(here(&spaces, 0) && !here(&spaces, 1) && here(&spaces, 2), "the coalition stays");

    let mut spaces = Spaces::new(NodeId::ZERO);
    spaces.graph_bytes = 60;
    used(&mut spaces, empty(0, false, 10));
    (1..=5).for_each(|n| used(&mut spaces, empty(n, true, 10)));
    assert_eq!(kept(&spaces), 6, "so much they may weigh");
    used(&mut spaces, empty(6, true, 10));
    assert!(kept(&spaces) == 6 && !here(&spaces, 1), "one had to go");
    used(&mut spaces, empty(7, true, 100));
    assert!(kept(&spaces) == 2 && here(&spaces, 0) && here(&spaces, 7), "what is in use stays, whatever it weighs");
}
