//! What a control entry's body may look like, whoever wrote it: order, numbers and lengths, each to the last that may be; and the sets
//! that folds are made of.

use crate::ids::{EntryHash, NodeId, OrgId, PrekeyId, ProposalId, SpaceId};
use crate::keys::{NodeKey, PrekeyPublic, Wrap};
use crate::limits;
use crate::space::Register;
use crate::space::bits::Bits;
use crate::space::control::{Approve, Ask, Charter, Control, Epoch, Extend, Proposal, Succession};

fn taken(control: &Control) -> bool {
    Control::decode(control.kind(), &control.encode()).is_ok()
}

fn hashes(many: usize) -> Vec<EntryHash> {
    (0..many).map(|n| EntryHash(numbered(n))).collect()
}

fn numbered(n: usize) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&n.to_be_bytes());
    bytes
}

fn wrap(suite: u8, encapsulated: usize, sealed: usize) -> Wrap {
    Wrap { suite, prekey: PrekeyId([1; 32]), encapsulated: vec![0; encapsulated], sealed: vec![0; sealed] }
}

fn wrapped(nodes: &[usize], wrap: &Wrap) -> Vec<(NodeId, Wrap)> {
    nodes.iter().map(|n| (NodeId(numbered(*n)), wrap.clone())).collect()
}

/// Orders of the first two that are none.
const UNSORTED: [[usize; 2]; 2] = [[1, 0], [1, 1]];

#[test]
fn an_extend_names_each_epoch_and_node_once_in_order_and_its_wraps_have_the_lengths_of_their_suite() {
    let extend = |epochs: Vec<EntryHash>, wraps| taken(&Control::Extend(Extend { epochs, wraps }));
    let one = |wrap: &Wrap| extend(hashes(1), wrapped(&[0], wrap));
    let rows = [
        ("the hybrid suite", wrap(1, 1_120, 48), true),
        ("the plain suite", wrap(2, 32, 48), true),
        ("a suite that is not known", wrap(3, 32, 48), false),
        ("the key of another suite", wrap(1, 32, 48), false),
        ("a longer key", wrap(2, 33, 48), false),
        ("a shorter secret", wrap(2, 32, 47), false),
        ("a longer secret", wrap(2, 32, 49), false),
    ];
    for (row, wrap, may) in rows {
        assert_eq!(one(&wrap), may, "{row}");
    }
    for many in [1, limits::EPOCHS_NAMED, limits::EPOCHS_NAMED + 1] {
        let wrap = wrap(2, 32, 32 * many + 16);
        assert_eq!(extend(hashes(many), wrapped(&[0], &wrap)), many <= limits::EPOCHS_NAMED, "{many} epochs");
    }
    for many in [1, limits::WRAPS, limits::WRAPS + 1] {
        let nodes: Vec<usize> = (0..many).collect();
        assert_eq!(extend(hashes(1), wrapped(&nodes, &wrap(2, 32, 48))), many <= limits::WRAPS, "{many} nodes");
    }
    for order in UNSORTED {
        assert!(!extend(hashes(1), wrapped(&order, &wrap(2, 32, 48))), "nodes {order:?}");
        let epochs = order.map(|n| EntryHash(numbered(n))).to_vec();
        assert!(!extend(epochs, wrapped(&[0], &wrap(2, 32, 80))), "epochs {order:?}");
    }
    assert!(!extend(Vec::new(), wrapped(&[0], &wrap(2, 32, 16))) && !extend(hashes(1), Vec::new()));
}

#[test]
fn an_epoch_has_its_bundle_and_its_recovery_at_their_lengths() {
    let epoch = |earlier: usize, bundle: usize, recovery: Option<Wrap>| {
        let wraps = wrapped(&[0, 1], &wrap(2, 32, 48));
        let bundle = vec![0; bundle];
        taken(&Control::Epoch(Epoch { commitment: [1; 32], wraps, recovery, earlier: hashes(earlier), bundle }))
    };
    assert!(epoch(0, 0, None) && epoch(2, 192, None) && epoch(0, 0, Some(wrap(1, 1_120, 48))));
    assert!(!epoch(2, 193, None), "a bundle longer than its keys");
    assert!(!epoch(2, 0, None) && !epoch(0, 1, None), "one without the other");
    assert!(!epoch(0, 0, Some(wrap(1, 1_120, 47))), "a recovery of another length");
    assert!(!epoch(limits::EPOCHS_NAMED + 1, 100, None), "too many");
}

#[test]
fn who_asks_names_its_epochs_in_order_and_a_prekey_of_the_length_of_its_suite() {
    let ask = |epochs: Vec<EntryHash>, suite, key: usize| {
        taken(&Control::Ask(Ask { epochs, prekey: PrekeyPublic { suite, key: vec![9; key] } }))
    };
    let rows = [(1, 1_216, true), (1, 1_215, false), (1, 32, false), (2, 32, true), (2, 33, false), (3, 32, false)];
    for (suite, length, may) in rows {
        assert_eq!(ask(hashes(1), suite, length), may, "suite {suite}, {length} bytes");
    }
    assert!(!ask(Vec::new(), 2, 32), "no epoch");
    for order in UNSORTED {
        assert!(!ask(order.map(|n| EntryHash(numbered(n))).to_vec(), 2, 32), "{order:?}");
    }
}

#[test]
fn a_charter_that_is_proposed_draws_its_line_at_some_heads_in_order() {
    let key = NodeKey::from_seed([1; 32]);
    let signature = key.sign(crate::keys::node::Purpose::Approval, &[b"x"]);
    let proposed = |heads: Vec<EntryHash>| {
        let charter = Charter { number: 2, stewards: vec![OrgId([1; 32])], threshold: 1 };
        let next = Succession { previous: ProposalId([1; 32]), charter, heads };
        taken(&Control::Approve(Approve { proposal: Proposal::Charter(next), signature }))
    };
    for many in [0, 1, limits::CONTROL_HEADS, limits::CONTROL_HEADS + 1] {
        assert_eq!(proposed(hashes(many)), (1..=limits::CONTROL_HEADS).contains(&many), "{many} heads");
    }
    for order in UNSORTED {
        assert!(!proposed(order.map(|n| EntryHash(numbered(n))).to_vec()), "{order:?}");
    }
}

#[test]
fn a_set_of_numbers_is_one_value_however_it_was_made() {
    let set = |numbers: &[u32]| numbers.iter().copied().collect::<Bits>();
    for n in [0, 1, 63, 64, 65, 128, 130] {
        let numbers: Vec<u32> = (0..n).collect();
        assert_eq!(Bits::below(n), set(&numbers), "below {n}");
        assert_eq!(Bits::below(n).bytes(), 8 * n.div_ceil(64) as usize);
        assert_eq!(Bits::below(n).is_empty(), n == 0);
        assert_eq!(Bits::below(n).len(), n);
    }
    let mut twice = set(&[3]);
    assert!(!twice.add(3) && twice.add(4) && twice.add(67) && !twice.add(67));
    let mut joined = set(&[1, 70]);
    joined.join(&set(&[2]));
    assert_eq!(joined, set(&[1, 2, 70]));
    let mut joined = set(&[2]);
    joined.join(&set(&[1, 70]));
    assert_eq!(joined, set(&[1, 2, 70]));
    let rows: [(&[u32], &[u32], bool); 7] = [
        (&[], &[], true),
        (&[1, 70], &[1], true),
        (&[1, 70], &[1, 70], true),
        (&[1, 70], &[2], false),
        (&[1, 70], &[1, 2], false),
        (&[1], &[1, 70], false),
        (&[1, 64, 66], &[1, 66], true),
    ];
    for (these, those, covers) in rows {
        assert_eq!(set(these).covers(&set(those)), covers, "{these:?} and {those:?}");
    }
}

#[test]
fn a_register_has_a_name_and_a_value_of_so_many_bytes_and_its_control_heads_in_order() {
    let key = NodeKey::from_seed([1; 32]);
    let signed = |name: usize, value: usize, control: Vec<EntryHash>| {
        Register::sign(&key, SpaceId([7; 32]), &"x".repeat(name), 1, control, vec![0; value]).is_ok()
    };
    let (most, longest) = (limits::REGISTER_BYTES, limits::REGISTER_NAME);
    for (name, value, fits) in [
        (0, 0, false),
        (1, 0, true),
        (longest, most, true),
        (longest + 1, 0, false),
        (2 * longest, 0, false),
        (1, most + 1, false),
        (1, 2 * most, false),
        (0, most + 1, false),
    ] {
        assert_eq!(signed(name, value, vec![]), fits, "a name of {name} and a value of {value}");
    }
    for many in [1, limits::CONTROL_HEADS, limits::CONTROL_HEADS + 1, 2 * limits::CONTROL_HEADS] {
        assert_eq!(signed(1, 1, hashes(many)), many <= limits::CONTROL_HEADS, "{many} heads");
    }
    for order in UNSORTED {
        assert!(!signed(1, 1, order.map(|n| EntryHash(numbered(n))).to_vec()), "{order:?}");
    }
}
