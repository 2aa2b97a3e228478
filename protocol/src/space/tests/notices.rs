//! What an organisation that was taken out is told apart from the graph: what it believes, for how long, and what is shown with it.

use super::world::{Peer, coalition, forge, send, settle, thread};
use crate::ids::{EntryHash, OrgId, SpaceId};
use crate::keys::NodeKey;
use crate::limits;
use crate::space::control::{Control, Grant, OrgCard, Revoke};
use crate::space::entry::{Entry, Kind};
use crate::space::notice::heard;
use crate::store::{Table, View};
use crate::time::Time;
use std::collections::BTreeSet;

fn revoke_of(org: OrgId) -> Control {
    Control::Revoke(Revoke { org, grant: None, approvals: vec![], word: false })
}

fn believe(at: &mut Peer, notice: &Entry) -> Option<SpaceId> {
    let org = at.org();
    at.act(|s, d, by| s.believe_removal(d, notice, org, by.now)).unwrap()
}

/// A removal from the first's thread, that nobody can check, by the first.
fn said(by: &Peer, space: SpaceId, of: OrgId) -> Entry {
    forge(by, space, &[EntryHash([7; 32])], &[], &revoke_of(of))
}

/// How many rows there are of this kind about a space.
fn rows(peer: &Peer, kind: &[u8], space: SpaceId) -> usize {
    let prefix = [kind, space.as_bytes()].concat();
    peer.store.rows().filter(|(table, key, _)| *table == Table::Own && key.starts_with(&prefix)).count()
}

#[test]
fn a_removal_notice_is_believed_on_its_signature_and_only_a_members() {
    let (mut a, mut b, mut c) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1));
    let k = coalition(&mut [&mut a, &mut b, &mut c]);
    let t = thread(k, &mut [&mut a, &mut b, &mut c]);
    a.write(t, "unheard by b").unwrap();
    let removal = a.revoke(t, b.org()).unwrap();
    let (notice, org) = (a.entry(&removal), b.org());
    assert!(c.act(|s, d, by| s.believe_removal(d, &notice, c_org(), by.now)).is_err(), "it is about another");
    assert_eq!(b.act(|s, d, by| s.believe_removal(d, &notice, org, by.now)).unwrap(), Some(t));
    assert!(b.store.get(Table::Removed, t.as_bytes()).unwrap().is_some());
    // Another that was written apart: each is forgotten only when it is in the graph.
    let Some(revoke) = Control::decode(Kind::Revoke, notice.body()).unwrap() else { panic!() };
    let apart = forge(&c, t, &[EntryHash(t.0)], &[], &revoke);
    assert_eq!(b.act(|s, d, by| s.believe_removal(d, &apart, org, by.now)).unwrap(), Some(t));
    assert_eq!(heard(&b.store, t).unwrap(), [notice.clone(), apart]);
    let stranger = Peer::new(9, 9);
    let Some(revoke) = Control::decode(Kind::Revoke, notice.body()).unwrap() else { panic!() };
    let forged = forge(&stranger, t, &[removal], &[], &revoke);
    let unknown = b.act(|s, d, by| s.believe_removal(d, &forged, org, by.now)).unwrap();
    assert_eq!(unknown, None, "nobody of whom is known that it was ever in");
    // A member that is no steward takes nobody out of the coalition.
    let claimed = forge(&c, k, &[EntryHash(k.0)], &[], &revoke);
    let unchecked = b.act(|s, d, by| s.believe_removal(d, &claimed, org, by.now)).unwrap();
    assert_eq!(unchecked, None, "fewer stewards approve than the charter that is known here asks for");
    assert!(b.store.get(Table::Removed, k.as_bytes()).unwrap().is_none());
    fn c_org() -> crate::ids::OrgId {
        Peer::new(3, 1).org()
    }
}

#[test]
fn a_void_notice_in_one_thread_has_no_other_looked_at() {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    let (t, other) = (thread(k, &mut [&mut a, &mut b]), thread(k, &mut [&mut a, &mut b]));
    let (custodian, own) = (a.org(), b.org());
    let revoke = Control::Revoke(Revoke { org: own, grant: None, approvals: vec![], word: false });
    let said = forge(&a, t, &[EntryHash([7; 32])], &[], &revoke);
    assert_eq!(b.act(|s, d, by| s.believe_removal(d, &said, own, by.now)).unwrap(), Some(t));
    drop(b.spaces.to_tend());
    b.now = b.now.plus(limits::NOTICE_STANDS);
    assert!(b.act(|s, d, by| s.doubt_heard(d, t, custodian, own, by.now)).unwrap());
    assert_eq!(b.spaces.to_tend(), [t], "and not {}", other.short());
    // From the coalition: then nothing could be written in any.
    let said = forge(&a, k, &[EntryHash([7; 32])], &[], &revoke);
    assert_eq!(b.act(|s, d, by| s.believe_removal(d, &said, own, by.now)).unwrap(), Some(k));
    b.now = b.now.plus(limits::NOTICE_STANDS);
    assert!(b.act(|s, d, by| s.doubt_heard(d, k, custodian, own, by.now)).unwrap());
    let mut all = vec![k, t, other];
    all.sort_unstable();
    assert_eq!(b.spaces.to_tend(), all);
}

#[test]
fn notices_of_a_retired_node_take_no_place_from_the_word_of_one_in_force() {
    let (mut a, mut b, mut gone) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(1, 2));
    let k = coalition(&mut [&mut a, &mut b, &mut gone]);
    let t = thread(k, &mut [&mut a, &mut b]);
    let retirement = a.root.retire(gone.id(), a.now);
    a.act(|s, d, by| s.retire(d, by, k, retirement)).unwrap();
    settle(&mut [&mut a, &mut b], &[k, t]);
    let org = b.org();
    let revoke = Control::Revoke(Revoke { org, grant: None, approvals: vec![], word: false });
    for n in 0..limits::REMOVALS_TOLD as u64 + 2 {
        gone.now = a.now.plus(n);
        let forged = forge(&gone, t, &[EntryHash(t.0)], &[], &revoke);
        b.act(|s, d, by| s.believe_removal(d, &forged, org, by.now)).unwrap();
    }
    let before = heard(&b.store, t).unwrap();
    assert_eq!(before.len(), limits::REMOVALS_TOLD, "believed, since an honest one may have been retired since");
    let removal = a.revoke(t, org).unwrap();
    let notice = a.entry(&removal);
    b.act(|s, d, by| s.believe_removal(d, &notice, org, by.now)).unwrap();
    let after = heard(&b.store, t).unwrap();
    assert_eq!(after.last(), Some(&notice));
    assert_eq!(after[..after.len() - 1], before[..limits::REMOVALS_TOLD - 1]);
}

#[test]
fn of_removals_those_by_nodes_that_are_not_in_force_are_doubtful() {
    let (mut a, mut b, mut gone) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(1, 2));
    let k = coalition(&mut [&mut a, &mut b, &mut gone]);
    let t = thread(k, &mut [&mut a, &mut b]);
    settle(&mut [&mut a, &mut gone], &[k, t]);
    let org = b.org();
    let early = gone.revoke(t, org).unwrap();
    let (entry, sound) = (gone.entry(&early), a.revoke(t, org).unwrap());
    a.offer(entry, None).unwrap();
    let told = [early, sound];
    assert_eq!(a.spaces.doubtful(&a.store, &told).unwrap(), BTreeSet::new());
    let retirement = a.root.retire(gone.id(), a.now);
    a.act(|s, d, by| s.retire(d, by, k, retirement)).unwrap();
    assert_eq!(a.spaces.doubtful(&a.store, &told).unwrap(), BTreeSet::from([early]));
}

#[test]
fn nobody_is_told_out_of_a_thread_by_who_never_had_a_place_there_nor_its_custodian_by_anybody() {
    let (mut a, mut b, mut c) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1));
    let k = coalition(&mut [&mut a, &mut b, &mut c]);
    let t = thread(k, &mut [&mut a, &mut b]);
    let told = |by: &Peer, org| {
        forge(
            by,
            t,
            &[EntryHash(t.0)],
            &[],
            &Control::Revoke(Revoke { org, grant: None, approvals: vec![], word: false }),
        )
    };
    let (custodian, member) = (a.org(), b.org());
    let notice = told(&b, custodian);
    assert!(
        a.act(|s, d, by| s.believe_removal(d, &notice, custodian, by.now)).is_err(),
        "the person's word stays with the custodian"
    );
    let stranger_here = told(&c, member);
    assert_eq!(
        b.act(|s, d, by| s.believe_removal(d, &stranger_here, member, by.now)).unwrap(),
        None,
        "of the coalition, not of the thread"
    );
    assert!(b.store.get(Table::Removed, t.as_bytes()).unwrap().is_none());
    // Let in while B was away: the grant comes with the removal, as the certificate of its node does.
    a.grant(t, c.org()).unwrap();
    settle(&mut [&mut a, &mut c], &[k, t]);
    let removal = c.revoke(t, member).unwrap();
    let shown = c.spaces.notice(&c.store, &removal).unwrap();
    assert_eq!(shown.len(), 3, "the grant, which is the founder's; the admission of who writes; the removal");
    let entries: Vec<Entry> = shown.into_iter().map(|bytes| Entry::verify(bytes).unwrap()).collect();
    let (removal, before) = entries.split_last().unwrap();
    for entry in before {
        b.act(|s, d, _| s.vouch(d, entry)).unwrap();
    }
    assert_eq!(b.act(|s, d, by| s.believe_removal(d, removal, member, by.now)).unwrap(), Some(t));
    // A grant by whom the custodian let in lets nobody in, also here.
    let mut e = Peer::new(5, 1);
    let (card, certificate) = (e.card(), e.certificate());
    a.act(|s, d, by| s.admit(d, by, k, card, certificate)).unwrap();
    settle(&mut [&mut a, &mut e, &mut c], &[k]);
    let grant = Grant { org: e.org(), read: true, write: true, expires: None, admits: None };
    let forged = forge(&c, t, &[EntryHash(t.0)], &[], &Control::Grant(grant));
    send(&mut a, &mut b, &[k]);
    b.act(|s, d, _| s.vouch(d, &forged)).unwrap();
    let by_e = told(&e, member);
    assert_eq!(b.act(|s, d, by| s.believe_removal(d, &by_e, member, by.now)).unwrap(), None);
}

#[test]
fn what_was_told_is_forgotten_once_it_lies_in_the_graph_and_after_the_last_the_space_is_looked_at() {
    let (mut a, mut b, mut c) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1));
    let k = coalition(&mut [&mut a, &mut b, &mut c]);
    let t = thread(k, &mut [&mut a, &mut b, &mut c]);
    let own = b.org();
    let forget = |b: &mut Peer| {
        drop(b.spaces.to_tend());
        b.act(|s, d, _| s.forget_heard(d, t, own)).unwrap();
        (heard(&b.store, t).unwrap(), b.spaces.to_tend())
    };
    assert_eq!(forget(&mut b), (vec![], vec![]), "nothing was told");
    let (control, heads) = (b.spaces.control_heads(&b.store, k).unwrap(), b.heads(t));
    let [one, two] = [&a, &c].map(|by| forge(by, t, &heads, &control, &revoke_of(own)));
    assert_eq!([&one, &two].map(|notice| believe(&mut b, notice)), [Some(t); 2]);
    assert_eq!(forget(&mut b), (vec![one.clone(), two.clone()], vec![]), "neither is here");
    b.offer(one, None).unwrap();
    assert_eq!(forget(&mut b), (vec![two.clone()], vec![]));
    b.offer(two, None).unwrap();
    assert_eq!(forget(&mut b), (vec![], vec![t]));
}

#[test]
fn what_was_told_is_void_once_it_stood_for_long_and_who_governs_the_space_shows_it_as_to_a_member() {
    let (mut a, mut b, mut c) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1));
    let k = coalition(&mut [&mut a, &mut b, &mut c]);
    let t = thread(k, &mut [&mut a, &mut b, &mut c]);
    let (custodian, own, member, begun) = (a.org(), b.org(), c.org(), b.now);
    let [early, late] = [1, 2].map(|n| {
        a.now = a.now.plus(n);
        said(&a, t, own)
    });
    believe(&mut b, &early);
    b.now = begun.plus(10);
    believe(&mut b, &late);
    let mut doubt = |by: OrgId, after: u64| {
        let now = begun.plus(after);
        let void = b.act(|s, d, _| s.doubt_heard(d, t, by, own, now)).unwrap();
        (void, heard(&b.store, t).unwrap().len())
    };
    let stands = limits::NOTICE_STANDS;
    assert_eq!(doubt(custodian, stands - 1), (false, 2), "not for long enough");
    assert_eq!(doubt(member, stands + 10), (false, 2), "by who does not govern it");
    assert_eq!(doubt(custodian, stands), (true, 1), "the first of them");
    assert_eq!(doubt(custodian, stands + 9), (false, 1));
    assert_eq!(doubt(custodian, stands + 10), (true, 0));
    assert_eq!(doubt(custodian, stands + 10), (false, 0));
}

#[test]
fn what_was_told_when_a_clock_was_ahead_was_told_when_it_was_mended() {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    let t = thread(k, &mut [&mut a, &mut b]);
    let (custodian, own, now) = (a.org(), b.org(), b.now);
    b.now = now.plus(100 * limits::NOTICE_STANDS);
    believe(&mut b, &said(&a, t, own));
    let mut doubt = |now: Time| b.act(|s, d, _| s.doubt_heard(d, t, custodian, own, now)).unwrap();
    assert!(!doubt(now));
    assert!(!doubt(now.plus(limits::NOTICE_STANDS - 1)));
    assert!(doubt(now.plus(limits::NOTICE_STANDS)));
}

#[test]
fn nobody_doubts_what_it_was_told_by_its_own_node_nor_when_it_is_out_by_what_is_here() {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    let t = thread(k, &mut [&mut a, &mut b]);
    let (custodian, own) = (a.org(), b.org());
    let stewards = [custodian, own].into();
    a.act(|s, d, by| s.propose_charter(d, by, k, stewards, 1, false)).unwrap();
    settle(&mut [&mut a, &mut b], &[k, t]);
    assert_eq!([k, t].map(|space| believe(&mut b, &said(&a, space, own))), [Some(k), Some(t)]);
    let now = b.now.plus(limits::NOTICE_STANDS);
    let doubt = |b: &mut Peer, space, by: OrgId| b.act(|s, d, _| s.doubt_heard(d, space, by, own, now)).unwrap();
    assert!(!doubt(&mut b, k, own), "a steward, and its own");
    assert!(doubt(&mut b, k, custodian));
    let out = a.revoke(t, own).unwrap();
    b.offer(a.entry(&out), None).unwrap();
    assert!(!doubt(&mut b, t, custodian), "it is out by what is here");
}

#[test]
fn a_notice_goes_with_what_certified_its_author_and_who_approved_it() {
    let (mut a, mut a2, mut b) = (Peer::new(1, 1), Peer::new(1, 2), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut a2, &mut b]);
    let t = thread(k, &mut [&mut a, &mut a2, &mut b]);
    let removal = a2.revoke(t, b.org()).unwrap();
    let shown = a2.spaces.notice(&a2.store, &removal).unwrap();
    let shown: Vec<Entry> = shown.into_iter().map(|bytes| Entry::verify(bytes).unwrap()).collect();
    let kinds: Vec<Kind> = shown.iter().map(|entry| entry.header().kind).collect();
    assert_eq!(kinds, [Kind::Certify, Kind::Revoke]);
    let certified = Control::decode(Kind::Certify, shown[0].body()).unwrap();
    assert!(matches!(certified, Some(Control::Certify(certificate)) if certificate.node == a2.id()));
    assert_eq!(shown[1].hash(), removal);
}

/// A coalition whose third organisation is away while a fourth is let in and the second and that become its stewards, of whom both are to
/// agree; and then they take it out.
fn away() -> (Peer, Peer, Peer, Peer, SpaceId, Vec<Entry>) {
    let (mut a, mut b, mut c, mut e) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1), Peer::new(5, 1));
    let k = coalition(&mut [&mut a, &mut b, &mut c]);
    let (card, certificate) = (e.card(), e.certificate());
    a.act(|s, d, by| s.admit(d, by, k, card, certificate)).unwrap();
    let stewards = [b.org(), e.org()].into();
    a.act(|s, d, by| s.propose_charter(d, by, k, stewards, 2, false)).unwrap();
    settle(&mut [&mut a, &mut b, &mut e], &[k]);
    let out = c.org();
    let (id, _) = b.act(|s, d, by| s.propose_removal(d, by, k, out)).unwrap();
    send(&mut b, &mut e, &[k]);
    e.act(|s, d, by| s.approve(d, by, k, &id, false)).unwrap();
    let done = e.act(|s, d, by| s.tend(d, by, k)).unwrap().accepted;
    let shown = e.spaces.notice(&e.store, &done[0].1).unwrap();
    let shown = shown.into_iter().map(|bytes| Entry::verify(bytes).unwrap()).collect();
    (a, b, c, e, k, shown)
}

/// Shows it to who is out, as it came, without those of these kinds.
fn show(to: &mut Peer, shown: &[Entry], without: &[Kind]) -> Option<SpaceId> {
    let (removal, before) = shown.split_last().unwrap();
    for entry in before.iter().filter(|entry| !without.contains(&entry.header().kind)) {
        to.act(
            |s, d, _| if entry.header().kind == Kind::Approve { s.shown_charter(d, entry) } else { s.vouch(d, entry) },
        )
        .unwrap();
    }
    believe(to, removal)
}

#[test]
fn who_was_away_while_the_stewards_changed_believes_what_it_can_check_of_it_and_learns_their_names() {
    for without in [Kind::Approve, Kind::Grant] {
        let (_, _, mut c, _, k, shown) = away();
        assert_eq!(show(&mut c, &shown, &[without]), None, "without {without:?}");
        assert_eq!(heard(&c.store, k).unwrap(), []);
    }
    let (_, b, mut c, e, k, shown) = away();
    let certified = |node| {
        shown.iter().any(|entry| {
            matches!(
                Control::decode(entry.header().kind, entry.body()).unwrap(),
                Some(Control::Grant(Grant { admits: Some((_, certificate)), .. })) if certificate.node == node
            )
        })
    };
    assert!(certified(b.id()) && certified(e.id()), "who wrote it, and who approved it");
    let named = |c: &mut Peer, of: &Peer| c.spaces.name_shown(&c.store, k, &of.org()).unwrap();
    assert_eq!((named(&mut c, &b), named(&mut c, &e)), (Some(b.card().name), None));
    assert_eq!(show(&mut c, &shown, &[]), Some(k));
    assert_eq!(named(&mut c, &e), Some(e.card().name));
    let removed = c.act(|s, d, _| s.removed_by(d, k, shown.last().unwrap())).unwrap();
    assert_eq!(removed, (Some(e.org()), Some(2)), "by the second charter");
    let leaves = said(&c, k, c.org());
    assert_eq!(c.act(|s, d, _| s.removed_by(d, k, &leaves)).unwrap(), (Some(c.org()), None), "by nobody else");
    // Of whoever is no steward by what was shown, and was not let in here, nothing is kept.
    let stranger = Peer::new(6, 1);
    let admits = |card: OrgCard, certificate| Grant {
        org: card.root.org(),
        read: true,
        write: true,
        expires: None,
        admits: Some((card, certificate)),
    };
    let grant = forge(&e, k, &[EntryHash(k.0)], &[], &Control::Grant(admits(stranger.card(), stranger.certificate())));
    c.act(|s, d, _| s.vouch(d, &grant)).unwrap();
    assert_eq!(named(&mut c, &stranger), None);
    assert_eq!(c.spaces.holder(&c.store, k, &stranger.id()).unwrap(), None);
    // The name is what its own root's card says.
    let (_, _, mut c, e, k, shown) = away();
    let other = forge(&e, k, &[EntryHash(k.0)], &[], &Control::Grant(admits(stranger.card(), e.certificate())));
    assert_eq!(show(&mut c, &shown, &[Kind::Grant]), None);
    c.act(|s, d, _| s.vouch(d, &other)).unwrap();
    for of in [&e, &stranger] {
        assert_eq!(named(&mut c, of), None);
    }
}

#[test]
fn of_many_charters_as_much_of_the_end_is_shown_as_a_notice_holds() {
    let (mut a, mut a2, mut b, mut c) = (Peer::new(1, 1), Peer::new(1, 2), Peer::new(2, 1), Peer::new(3, 1));
    let k = coalition(&mut [&mut a, &mut a2, &mut b, &mut c]);
    let mut charters = Vec::new();
    // By turns one and the other is the only steward, so each takes one approval.
    for turn in 0..2 * limits::NOTICE_BYTES / 2_000 {
        let (by, other) = if turn % 2 == 0 { (&mut a2, &mut b) } else { (&mut b, &mut a2) };
        let steward = [other.org()].into();
        let (_, written) = by.act(|s, d, by| s.propose_charter(d, by, k, steward, 1, false)).unwrap();
        charters.push(written.hash);
        send(by, other, &[k]);
    }
    let out = c.org();
    let removal = a2.revoke(k, out).unwrap();
    let shown = a2.spaces.notice(&a2.store, &removal).unwrap();
    let shown: Vec<EntryHash> = shown.into_iter().map(|bytes| Entry::verify(bytes).unwrap().hash()).collect();
    let told: Vec<EntryHash> = charters.iter().filter(|hash| shown.contains(hash)).copied().collect();
    assert!(!told.is_empty() && told.len() < charters.len(), "{} of {}", told.len(), charters.len());
    assert_eq!(told, charters[charters.len() - told.len()..], "the last of them, in their order");
}

#[test]
fn of_each_organisation_so_many_further_nodes_are_remembered_and_those_that_the_roster_names_take_no_room() {
    let (mut a, mut b, mut c) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1));
    let k = coalition(&mut [&mut a, &mut b, &mut c]);
    let certified = |of: &Peer, seed: u8| {
        let key = NodeKey::from_seed([seed; 32]);
        let certificate = of.root.certify(&key, of.prekey.public(), of.now);
        (key.id(), forge(of, k, &[EntryHash([9; 32])], &[], &Control::Certify(certificate)))
    };
    let show = |a: &mut Peer, (node, entry): (crate::ids::NodeId, Entry)| {
        a.act(|s, d, _| s.vouch(d, &entry)).unwrap();
        a.spaces.holder(&a.store, k, &node).unwrap()
    };
    let (of_b, of_c, nobody) = (Some(b.org()), Some(c.org()), Peer::new(9, 1));
    let own = forge(&b, k, &[EntryHash([9; 32])], &[], &Control::Certify(b.certificate()));
    assert_eq!(show(&mut a, (b.id(), own)), of_b);
    assert_eq!(rows(&a, b"vouched/", k), 0, "the roster says so");
    for n in 0..limits::VOUCHED as u8 + 2 {
        let more = certified(&b, 100 + n);
        let room = usize::from(n) < limits::VOUCHED;
        assert_eq!(show(&mut a, more), if room { of_b } else { None }, "node {n}");
    }
    assert_eq!(show(&mut a, certified(&c, 99)), of_c, "each has room of its own");
    assert_eq!(show(&mut a, certified(&nobody, 98)), None);
    assert_eq!(rows(&a, b"vouched/", k), limits::VOUCHED + 1);
}

#[test]
fn of_whom_a_custodian_let_into_a_thread_so_many_are_remembered() {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    let t = thread(k, &mut [&mut a, &mut b]);
    for n in 0..limits::VOUCHED as u8 + 2 {
        let grant = Grant { org: OrgId([n; 32]), read: true, write: true, expires: None, admits: None };
        let grant = forge(&a, t, &[EntryHash([9; 32])], &[], &Control::Grant(grant));
        b.act(|s, d, _| s.vouch(d, &grant)).unwrap();
    }
    assert_eq!(rows(&b, b"seated/", t), limits::VOUCHED);
}
