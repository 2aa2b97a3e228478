//! Charters that are shown to who was away while they followed each other: which are believed, how many are kept, and until when.

use super::world::{Peer, coalition, forge, send, settle, thread};
use crate::ids::{EntryHash, OrgId, SpaceId};
use crate::limits;
use crate::space::approve;
use crate::space::control::{Approve, Charter, Control, Proposal, Succession};
use crate::space::entry::{Entry, Kind};
use crate::space::notice::heard;
use crate::store::Table;

fn rows(peer: &Peer, kind: &[u8], space: SpaceId) -> usize {
    let prefix = [kind, space.as_bytes()].concat();
    peer.store.rows().filter(|(table, key, _)| *table == Table::Own && key.starts_with(&prefix)).count()
}

fn propose(by: &mut Peer, k: SpaceId, stewards: &[OrgId]) -> crate::ids::ProposalId {
    let stewards = stewards.iter().copied().collect();
    by.act(|s, d, by| s.propose_charter(d, by, k, stewards, 1, false)).unwrap().0
}

/// Three stewards and one who is away from now on. Two organisations are let in; all three stewards hand over to the first of them, and that
/// to the second, which takes out who is away. What that is shown, in order.
fn away() -> (Peer, [Peer; 2], SpaceId, Vec<Entry>) {
    let [mut a, mut b, mut c, mut d] = [1, 2, 3, 4].map(|org| Peer::new(org, 1));
    let k = coalition(&mut [&mut a, &mut b, &mut c, &mut d]);
    let stewards = [&a, &b, &d].map(|peer| peer.org());
    propose(&mut a, k, &stewards);
    settle(&mut [&mut a, &mut b, &mut c, &mut d], &[k]);
    let [mut e, mut f] = [5, 6].map(|org| Peer::new(org, 1));
    for of in [&e, &f] {
        let (card, certificate) = (of.card(), of.certificate());
        a.act(|s, d, by| s.admit(d, by, k, card, certificate)).unwrap();
    }
    let id = propose(&mut a, k, &[e.org()]);
    for by in [&mut b, &mut d] {
        send(&mut a, by, &[k]);
        by.act(|s, d, by| s.approve(d, by, k, &id, false)).unwrap();
        send(by, &mut a, &[k]);
    }
    send(&mut a, &mut e, &[k]);
    propose(&mut e, k, &[f.org()]);
    send(&mut e, &mut f, &[k]);
    let removal = f.revoke(k, c.org()).unwrap();
    let shown = f.spaces.notice(&f.store, &removal).unwrap();
    let shown = shown.into_iter().map(|bytes| Entry::verify(bytes).unwrap()).collect();
    (c, [e, f], k, shown)
}

/// Shows it without some of what goes before.
fn show(to: &mut Peer, shown: &[Entry], left_out: &[EntryHash]) -> Option<SpaceId> {
    let (removal, before) = shown.split_last().unwrap();
    for entry in before.iter().filter(|entry| !left_out.contains(&entry.hash())) {
        to.act(
            |s, d, _| if entry.header().kind == Kind::Approve { s.shown_charter(d, entry) } else { s.vouch(d, entry) },
        )
        .unwrap();
    }
    let org = to.org();
    to.act(|s, d, by| s.believe_removal(d, removal, org, by.now)).unwrap()
}

#[test]
fn of_each_charter_more_than_half_of_the_stewards_before_it_are_shown_and_one_less_are_not_believed() {
    let (mut c, [e, f], k, shown) = away();
    let approvals: Vec<EntryHash> =
        shown.iter().filter(|entry| entry.header().kind == Kind::Approve).map(Entry::hash).collect();
    assert_eq!(approvals.len(), 4, "one of one, two of three, and one of one");
    for (at, one) in approvals.iter().enumerate() {
        let (mut c, ..) = away();
        let known = at == 0;
        assert_eq!(show(&mut c, &shown, &[*one]), known.then_some(k), "without approval {at}");
    }
    assert_eq!(show(&mut c, &shown, &[]), Some(k));
    let removed = c.act(|s, d, _| s.removed_by(d, k, shown.last().unwrap())).unwrap();
    assert_eq!(removed, (Some(f.org()), Some(4)));
    let named = [&e, &f].map(|of| c.spaces.name_shown(&c.store, k, &of.org()).unwrap());
    assert_eq!(named, [Some(e.card().name), Some(f.card().name)]);
    // Once it is void, so is what was shown with it.
    assert_eq!((rows(&c, b"charters/", k), rows(&c, b"names/", k)), (2, 2));
    let (by, own, later) = (Peer::new(1, 1).org(), c.org(), c.now.plus(limits::NOTICE_STANDS));
    assert!(c.act(|s, d, _| s.doubt_heard(d, k, by, own, later)).unwrap());
    assert_eq!((heard(&c.store, k).unwrap().len(), rows(&c, b"charters/", k), rows(&c, b"names/", k)), (0, 0, 0));
}

#[test]
fn of_charters_that_follow_none_or_that_no_steward_signed_nothing_is_kept_and_of_others_so_many() {
    let (mut a, mut b, mut c) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1));
    let k = coalition(&mut [&mut a, &mut b, &mut c]);
    let t = thread(k, &mut [&mut a, &mut c]);
    let force = c.fold(k).charter.as_ref().unwrap().in_force().unwrap().0;
    let charter = |by: &Peer, space: SpaceId, number: u32, signer: &Peer, head: u32| {
        let mut hash = [0; 32];
        hash[..4].copy_from_slice(&head.to_be_bytes());
        let charter = Charter { number, stewards: vec![b.org()], threshold: 1 };
        let next = Succession { previous: force, charter, heads: vec![EntryHash(hash)] };
        let proposal = Proposal::Charter(next);
        let signature = approve::sign(&signer.key, k, &proposal);
        forge(by, space, &[EntryHash([9; 32])], &[], &Control::Approve(Approve { proposal, signature }))
    };
    let mut kept = |entry: &Entry| {
        c.act(|s, d, _| s.shown_charter(d, entry)).unwrap();
        rows(&c, b"charters/", k)
    };
    for (row, entry) in [
        ("not the next number", charter(&a, k, 3, &a, 1)),
        ("by no steward", charter(&b, k, 2, &b, 1)),
        ("not signed by its author", charter(&a, k, 2, &b, 1)),
        ("of no coalition", charter(&a, t, 2, &a, 1)),
    ] {
        assert_eq!(kept(&entry), 0, "{row}");
    }
    for n in 0..limits::CHARTERS_SHOWN as u32 + 2 {
        assert_eq!(kept(&charter(&a, k, 2, &a, n)), limits::CHARTERS_SHOWN.min(n as usize + 1));
    }
}
