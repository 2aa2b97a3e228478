//! Of one organisation so many nodes are in force, by the word of its root alone. The others have no place, and say no more than that root does.

use super::world::{Peer, coalition, forge, settle, thread};
use crate::ids::{EntryHash, SpaceId};
use crate::keys::Certificate;
use crate::limits::NODES_OF_ORG;
use crate::space::control::{Ask, Control, Keep};
use crate::space::entry::Entry;

/// A coalition and a thread of two, of which the second has as many nodes as may be; and one more.
fn crowded() -> (Peer, Peer, Peer, [SpaceId; 2]) {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    let t = thread(k, &mut [&mut a, &mut b]);
    for n in 2..=NODES_OF_ORG as u8 {
        let certificate = later(&b, &Peer::new(2, n), u64::from(n));
        b.act(|s, d, by| s.certify(d, by, k, certificate)).unwrap();
    }
    let more = Peer::new(2, NODES_OF_ORG as u8 + 1);
    let certificate = later(&b, &more, 100);
    b.act(|s, d, by| s.certify(d, by, k, certificate)).unwrap();
    settle(&mut [&mut a, &mut b], &[k, t]);
    (a, b, more, [k, t])
}

fn later(b: &Peer, node: &Peer, ms: u64) -> Certificate {
    b.root.certify(&node.key, node.prekey.public(), b.now.plus(ms))
}

#[test]
fn of_more_nodes_than_have_a_place_those_are_in_force_that_their_root_certified_first() {
    let (mut a, b, more, [k, t]) = crowded();
    let of_b = |a: &mut Peer, space| {
        let fold = a.fold(space);
        assert_eq!(fold.readers, fold.nodes.keys().copied().collect());
        let places = fold.nodes.values().filter(|org| **org == b.org()).count();
        (places, fold.over.keys().copied().collect::<Vec<_>>())
    };
    for space in [k, t] {
        assert_eq!(of_b(&mut a, space), (NODES_OF_ORG, vec![more.id()]));
    }
    // An older word of the root for it comes to light: it has a place by that, and another has none.
    let (second, older) = (Peer::new(2, 2), b.root.certify(&more.key, more.prekey.public(), b.now));
    let heads = a.spaces.control_heads(&a.store, k).unwrap();
    a.offer(forge(&more, k, &heads, &[], &Control::Certify(older)), None).unwrap();
    for space in [k, t] {
        let (places, over) = of_b(&mut a, space);
        assert_eq!((places, over.len()), (NODES_OF_ORG, 1));
        assert_ne!(over, [more.id()]);
    }
    let heads = a.spaces.control_heads(&a.store, k).unwrap();
    let retirement = b.root.retire(second.id(), b.now);
    a.offer(forge(&more, k, &heads, &[], &Control::Retire(retirement)), None).unwrap();
    assert_eq!(of_b(&mut a, k), (NODES_OF_ORG, vec![]), "who was retired makes room");
}

#[test]
fn a_node_without_a_place_carries_its_roots_word_and_nothing_else() {
    let (mut a, b, more, [k, t]) = crowded();
    let control: Vec<EntryHash> = a.spaces.control_heads(&a.store, k).unwrap();
    let heads = a.heads(t);
    let (third, ask) = (Peer::new(2, 30), Ask { epochs: vec![EntryHash(t.0)], prekey: more.prekey.public() });
    let in_k = |by: &Peer, body: Control| forge(by, k, &control, &[], &body);
    let in_t = |by: &Peer, body: Control| forge(by, t, &heads, &control, &body);
    let refused: [Entry; 5] = [
        in_k(&more, Control::Keep(Keep)),
        in_t(&more, Control::Keep(Keep)),
        in_t(&more, Control::Ask(ask)),
        in_t(&more, Control::Certify(later(&b, &more, 101))),
        in_t(&more, Control::Retire(b.root.retire(b.id(), b.now))),
    ];
    for entry in refused {
        let kind = entry.header().kind;
        let fault = a.offer(entry, None).unwrap_err();
        assert!(fault.message.contains("its author is no node of a member"), "{kind:?}: {}", fault.message);
    }
    let taken = [
        in_k(&more, Control::Certify(later(&b, &third, 200))),
        in_k(&more, Control::Retire(b.root.retire(b.id(), b.now))),
    ];
    for entry in taken {
        assert_eq!(a.offer(entry, None).unwrap().accepted.len(), 1);
    }
    assert!(a.fold(k).nodes.contains_key(&more.id()), "it has the place of the one that was retired");
}
