use super::*;
use crate::fault::Class;
use crate::keys::{NodeKey, PrekeySecret, RootKey};
use crate::time::Time;
use proptest::prelude::*;

const OURS: SpaceId = SpaceId([1; 32]);
const THEIRS: SpaceId = SpaceId([2; 32]);

fn certificate(seed: u8) -> Certificate {
    let key = NodeKey::from_seed([seed; 32]);
    RootKey::from_seed([seed + 100; 32]).certify(&key, PrekeySecret::from_seed([seed; 32]).public(), Time(1))
}

fn me() -> NodeId {
    certificate(1).node
}

/// How node 1, a member of `OURS`, judges a frame of node 2 whose organisation stands so.
fn judge(frame: &[u8], standing: Standing) -> std::result::Result<Admitted, Denial> {
    check(frame, certificate(2).node, me(), &[OURS], &mut |_, _, _| Ok(standing)).unwrap()
}

#[test]
fn a_member_is_admitted_to_the_coalitions_that_both_are_in() {
    let frame = admission(&certificate(2), &[THEIRS, OURS], me());
    let admitted = judge(&frame, Standing::Member).unwrap();
    assert_eq!(admitted.coalitions, [OURS]);
    assert_eq!(admitted.org, certificate(2).root.org());
    let asked = check(&frame, certificate(2).node, me(), &[OURS], &mut |space, org, node| {
        assert_eq!((space, org, node), (OURS, certificate(2).root.org(), certificate(2).node));
        Ok(Standing::Member)
    });
    assert!(asked.unwrap().is_ok());
}

#[test]
fn strangers_removed_and_retired_are_denied_each_with_its_reason() {
    let frame = admission(&certificate(2), &[OURS], me());
    assert_eq!(judge(&frame, Standing::Unknown).unwrap_err().reason, Reason::Stranger);
    assert_eq!(judge(&frame, Standing::Retired).unwrap_err().reason, Reason::Retired);
    let removed = judge(&frame, Standing::Removed).unwrap_err();
    assert_eq!((removed.reason, removed.removed_from.as_slice()), (Reason::Removed, [OURS].as_slice()));
    let elsewhere = admission(&certificate(2), &[THEIRS], me());
    assert_eq!(judge(&elsewhere, Standing::Member).unwrap_err().reason, Reason::Stranger);
}

#[test]
fn a_denial_reaches_the_other_side_with_its_notices() {
    let frame = admission(&certificate(2), &[OURS], me());
    let denial = judge(&frame, Standing::Removed).unwrap_err();
    let told = judge(&denial.frame(vec![vec![1, 2, 3]]), Standing::Member).unwrap_err();
    assert!(told.by_peer);
    assert_eq!((told.reason, told.notices.as_slice()), (Reason::Removed, [vec![1, 2, 3]].as_slice()));
    assert_eq!(told.fault().class, Class::NotPermitted);
    assert!(told.fault().message.contains("removed"));
}

#[test]
fn a_frame_for_another_pair_of_nodes_is_worth_nothing() {
    let frame = admission(&certificate(2), &[OURS], certificate(3).node);
    assert_eq!(judge(&frame, Standing::Member).unwrap_err().reason, Reason::Stranger);
    let stolen = admission(&certificate(3), &[OURS], me());
    assert_eq!(judge(&stolen, Standing::Member).unwrap_err().reason, Reason::Certificate);
    let mut forged = certificate(2);
    forged.root = certificate(3).root;
    assert_eq!(judge(&admission(&forged, &[OURS], me()), Standing::Member).unwrap_err().reason, Reason::Certificate);
}

#[test]
fn no_coalition_id_is_on_the_wire_and_tokens_differ_in_each_direction() {
    let there = admission(&certificate(2), &[OURS], me());
    assert!(!there.windows(32).any(|window| window == OURS.0));
    assert_ne!(token(OURS, NodeId([1; 32]), NodeId([2; 32])), token(OURS, NodeId([2; 32]), NodeId([1; 32])));
}

#[test]
fn another_version_and_too_many_tokens_are_told_apart() {
    let mut frame = admission(&certificate(2), &[OURS], me());
    frame[0] = 9;
    assert_eq!(judge(&frame, Standing::Member).unwrap_err().reason, Reason::Version);
    let tokens = (0..65u8).map(|number| [number; 32]).collect();
    let many = framed(&Opening::Admission { certificate: Box::new(certificate(2)), tokens });
    assert_eq!(judge(&many, Standing::Member).unwrap_err().reason, Reason::Malformed);
    for code in 0..=255 {
        assert_eq!(Reason::from_code(code).code(), code);
    }
}

proptest! {
    #[test]
    fn a_changed_or_cut_frame_is_denied(position in 0usize..1500, bit in 0u8..8, cut in 0usize..1500) {
        let frame = admission(&certificate(2), &[OURS], me());
        let mut changed = frame.clone();
        if let Some(byte) = changed.get_mut(position) {
            *byte ^= 1 << bit;
            prop_assert!(judge(&changed, Standing::Member).is_err());
        }
        if cut < frame.len() {
            prop_assert!(judge(&frame[..cut], Standing::Member).is_err());
        }
    }

    #[test]
    fn foreign_bytes_are_denied(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(judge(&bytes, Standing::Member).is_err());
    }
}
