//! Stories of removals: at once, behind somebody's back, by the coalition, and of what was said last.

use super::world::{Peer, coalition, forge, forge_data, send, settle, thread};
use crate::fault::Class;
use crate::ids::ProposalId;
use crate::ids::{EntryHash, OrgId, SpaceId};
use crate::keys::Wrap;
use crate::space::Unopened;
use crate::space::approve;
use crate::space::control::{
    Approval, Charter, Control, Epoch, Extend, Found, Grant, Keep, Proposal, Purpose, Removal, Revoke,
};
use crate::space::entry::Kind;

fn three() -> (Peer, Peer, Peer, SpaceId, SpaceId) {
    let (mut a, mut b, mut c) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1));
    let k = coalition(&mut [&mut a, &mut b, &mut c]);
    let t = thread(k, &mut [&mut a, &mut b, &mut c]);
    (a, b, c, k, t)
}

fn grant_of(org: OrgId) -> Control {
    Control::Grant(Grant { org, read: true, write: true, expires: None, admits: None })
}

fn revoke_of(org: OrgId) -> Control {
    Control::Revoke(Revoke { org, grant: None, approvals: vec![], word: false })
}

/// The newest epoch of a space.
fn epoch(peer: &mut Peer, space: SpaceId) -> EntryHash {
    peer.all(space).iter().rev().find(|e| e.header().kind == Kind::Epoch).unwrap().hash()
}

fn garbage() -> Wrap {
    Wrap { suite: 2, prekey: crate::ids::PrekeyId::ZERO, encapsulated: vec![0; 32], sealed: vec![0; 48] }
}

#[test]
fn two_members_who_revoke_each_other_at_once_are_both_out() {
    let (mut a, mut b, mut c, k, t) = three();
    b.revoke(t, c.org()).unwrap();
    c.revoke(t, b.org()).unwrap();
    send(&mut b, &mut a, &[t]);
    send(&mut c, &mut a, &[t]);
    let members: Vec<_> = a.fold(t).members.keys().copied().collect();
    assert_eq!(members, [a.org()]);
    let said = a.write(t, "alone now").unwrap();
    settle(&mut [&mut a, &mut b, &mut c], &[k, t]);
    assert_eq!(b.open(&said), Err(Unopened::NotAReader));
    assert_eq!(c.open(&said), Err(Unopened::NotAReader));
}

#[test]
fn a_grant_at_the_same_time_as_a_revocation_dies() {
    let (mut a, mut b, mut c, k, t) = three();
    b.revoke(t, c.org()).unwrap();
    a.grant(t, c.org()).unwrap();
    settle(&mut [&mut a, &mut b, &mut c], &[k, t]);
    for peer in [&mut a, &mut b, &mut c] {
        let fold = peer.fold(t);
        assert!(fold.removed.iter().eq([c_org(&fold)].iter()), "exactly one is out");
    }
    fn c_org(fold: &crate::space::Fold) -> OrgId {
        *fold.removed.first().unwrap()
    }
}

#[test]
fn a_grant_that_follows_the_revocation_lets_back_in() {
    let (mut a, mut b, mut c, k, t) = three();
    b.revoke(t, c.org()).unwrap();
    let meanwhile = b.write(t, "while it was out").unwrap();
    settle(&mut [&mut a, &mut b], &[k, t]);
    a.grant(t, c.org()).unwrap();
    settle(&mut [&mut a, &mut b, &mut c], &[k, t]);
    assert!(b.fold(t).members.contains_key(&c.org()));
    let said = b.write(t, "welcome back").unwrap();
    settle(&mut [&mut a, &mut b, &mut c], &[k, t]);
    assert_eq!(c.open(&said).unwrap(), "welcome back");
    // Who shall not see the past gets a new space.
    assert_eq!(c.open(&meanwhile).unwrap(), "while it was out");
}

#[test]
fn what_a_removed_member_backdates_is_quarantined_and_nobody_builds_on_it() {
    let (mut a, mut b, mut c, k, t) = three();
    let old = c.heads(t);
    let control = c.spaces.control_heads(&c.store, k).unwrap();
    c.write(t, "so that there is an epoch").unwrap();
    settle(&mut [&mut a, &mut b, &mut c], &[k, t]);
    let (parent, under) = (c.heads(t), epoch(&mut c, t));
    a.revoke(t, c.org()).unwrap();
    settle(&mut [&mut a, &mut b], &[k, t]);
    let lies = [
        forge_data(&c, t, &parent, &control, Kind::Data, Some(under), b"never said"),
        forge(&c, t, &old, &control, &Control::Keep(Keep)),
    ];
    for lie in &lies {
        b.offer(lie.clone(), Some(c.id())).unwrap();
        assert!(b.has(&lie.hash()) && !b.counts(&lie.hash()));
    }
    assert_eq!(b.tend(), 0, "what comes after the removal was learned is nobody's last word");
    let said = b.write(t, "we go on").unwrap();
    for lie in &lies {
        assert!(!b.spaces.follows(&b.store, &said, &lie.hash()).unwrap());
        assert!(b.heads(t).contains(&lie.hash()));
    }
    // A removed member's revocation stands all the same: to say no is never too late.
    let no = forge(&c, t, &old, &control, &revoke_of(b.org()));
    a.offer(no.clone(), None).unwrap();
    assert!(a.counts(&no.hash()) && !a.fold(t).members.contains_key(&b.org()));
}

#[test]
fn a_keep_saves_the_last_words_of_who_was_removed_meanwhile() {
    let (mut a, mut b, mut c, k, t) = three();
    let said = c.write(t, "She came on Monday.").unwrap();
    send(&mut c, &mut b, &[t]);
    // The custodian removes without having heard it.
    a.revoke(t, c.org()).unwrap();
    send(&mut a, &mut b, &[t]);
    assert!(!b.counts(&said));
    assert_eq!(b.open(&said), Err(Unopened::Quarantined));
    assert_eq!(b.tend(), 1);
    assert!(b.counts(&said));
    settle(&mut [&mut a, &mut b], &[k, t]);
    assert_eq!(a.open(&said).unwrap(), "She came on Monday.");
}

#[test]
fn what_is_sealed_under_an_epoch_older_than_a_revocation_it_follows_is_refused() {
    let (mut a, mut b, mut c, k, t) = three();
    b.write(t, "before").unwrap();
    settle(&mut [&mut a, &mut b, &mut c], &[k, t]);
    let under = epoch(&mut b, t);
    a.revoke(t, c.org()).unwrap();
    send(&mut a, &mut b, &[t]);
    // A careless node goes on with the old key, which the removed organisation holds.
    let control = b.spaces.control_heads(&b.store, k).unwrap();
    let key = crate::space::keyring::held(&b.store, &under).unwrap().unwrap();
    let heads = b.heads(t);
    let header = forge_data(&b, t, &heads, &control, Kind::Data, Some(under), b"").header().clone();
    let careless = crate::space::entry::Entry::seal(&b.key, header, &key, b"careless", &mut b.random).unwrap();
    a.offer(careless.clone(), Some(b.id())).unwrap();
    assert!(a.counts(&careless.hash()), "it stays in the graph");
    assert_eq!(a.open(&careless.hash()), Err(Unopened::Revoked), "and is not applied");
}

#[test]
fn an_epoch_or_extend_beyond_the_members_is_refused() {
    let (mut a, mut b, mut c) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1));
    let k = coalition(&mut [&mut a, &mut b, &mut c]);
    let t = thread(k, &mut [&mut a, &mut b]);
    a.write(t, "between two").unwrap();
    send(&mut a, &mut b, &[t]);
    let control = b.spaces.control_heads(&b.store, k).unwrap();
    let heads = b.heads(t);
    let wraps = vec![(c.id(), garbage())];
    let extend = Control::Extend(Extend { epochs: vec![epoch(&mut b, t)], wraps: wraps.clone() });
    let mint = Control::Epoch(Epoch { commitment: [1; 32], wraps, recovery: None, earlier: vec![], bundle: vec![] });
    for body in [extend, mint] {
        let fault = a.offer(forge(&b, t, &heads, &control, &body), Some(b.id())).unwrap_err();
        assert_eq!(fault.class, Class::Misbehaved);
    }
    let grant = forge(&b, t, &heads, &control, &grant_of(c.org()));
    assert!(a.offer(grant.clone(), Some(b.id())).is_err(), "only the custodian grants");
    // What depends on it is refused as well.
    let child = forge(&b, t, &[grant.hash()], &control, &Control::Keep(Keep));
    assert!(a.offer(child, Some(b.id())).is_err());
    // Nor does the custodian go.
    assert!(a.offer(forge(&b, t, &heads, &control, &revoke_of(a.org())), Some(b.id())).is_err());
}

#[test]
fn who_is_removed_from_the_coalition_is_removed_from_every_thread() {
    let (mut a, mut b, mut c, k, t) = three();
    let said = c.write(t, "last words").unwrap();
    settle(&mut [&mut a, &mut b, &mut c], &[k, t]);
    a.revoke(k, c.org()).unwrap();
    assert!(!a.fold(t).members.contains_key(&c.org()), "at once, before anybody wrote in the thread");
    assert!(!a.spaces.may_have(&a.store, t, c.org(), a.now).unwrap());
    send(&mut a, &mut b, &[k]);
    // The custodian says so in the thread too, and what was said last goes on counting.
    a.tend();
    assert!(a.counts(&said));
    let after = b.write(t, "after").unwrap();
    settle(&mut [&mut a, &mut b], &[k, t]);
    assert_eq!(a.open(&said).unwrap(), "last words");
    assert_eq!(a.open(&after).unwrap(), "after");
    send(&mut b, &mut c, &[k, t]);
    assert!(c.open(&after).is_err());
    // To come back takes an admission and a grant that follow.
    let (card, certificate) = (c.card(), c.certificate());
    a.act(|s, d, by| s.admit(d, by, k, card, certificate)).unwrap();
    assert!(!a.fold(t).members.contains_key(&c.org()));
    a.grant(t, c.org()).unwrap();
    assert!(a.fold(t).members.contains_key(&c.org()));
}

#[test]
fn the_custodians_removal_closes_the_thread() {
    let (mut a, mut b, mut c) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1));
    let k = coalition(&mut [&mut a, &mut b, &mut c]);
    let t = thread(k, &mut [&mut b, &mut c]);
    let said = b.write(t, "open").unwrap();
    settle(&mut [&mut a, &mut b, &mut c], &[k, t]);
    a.revoke(k, b.org()).unwrap();
    send(&mut a, &mut c, &[k]);
    assert!(c.fold(t).closed && c.spaces.record(&c.store, t).unwrap().unwrap().closed);
    assert_eq!(c.write(t, "to nobody").unwrap_err().class, Class::NotPermitted);
    c.tend();
    assert_eq!(c.open(&said).unwrap(), "open", "what was known stays");
}

#[test]
fn who_leaves_is_out_and_the_last_steward_stays() {
    let (mut a, mut b, mut c, k, t) = three();
    c.revoke(t, c.org()).unwrap();
    settle(&mut [&mut a, &mut b, &mut c], &[k, t]);
    assert!(!a.fold(t).members.contains_key(&c.org()));
    assert_eq!(c.write(t, "from outside").unwrap_err().class, Class::NotPermitted);
    b.revoke(k, b.org()).unwrap();
    settle(&mut [&mut a, &mut b], &[k]);
    assert!(!a.fold(k).members.contains_key(&b.org()));
    assert_eq!(a.revoke(k, a.org()).unwrap_err().class, Class::NotPermitted);
    assert_eq!(c.revoke(k, a.org()).unwrap_err().class, Class::NotPermitted);
}

#[test]
fn whom_a_retired_node_let_in_stays_in_once_the_custodian_confirms_it() {
    let (mut a, mut b, mut c, mut a2) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1), Peer::new(1, 2));
    let k = coalition(&mut [&mut a, &mut b, &mut c, &mut a2]);
    let t = thread(k, &mut [&mut a, &mut b]);
    settle(&mut [&mut a, &mut b, &mut a2], &[k, t]);
    let before = a.heads(t);
    let retirement = a2.root.retire(a.id(), a2.now);
    a2.act(|s, d, by| s.retire(d, by, k, retirement)).unwrap();
    send(&mut a2, &mut b, &[k]);
    assert!(!b.fold(t).members.contains_key(&b.org()), "nobody that is left vouches for it");
    a2.tend();
    assert!(a2.fold(t).members.contains_key(&b.org()));
    settle(&mut [&mut a2, &mut b], &[k, t]);
    let said = b.write(t, "still here").unwrap();
    settle(&mut [&mut a2, &mut b], &[k, t]);
    assert_eq!(a2.open(&said).unwrap(), "still here");
    // Whoever holds the retired key lets nobody in by backdating.
    let control = a.spaces.control_heads(&a.store, k).unwrap();
    let late = forge(&a, t, &before, &control, &grant_of(c.org()));
    a2.offer(late.clone(), None).unwrap();
    a2.tend();
    assert!(!a2.counts(&late.hash()) && !a2.fold(t).members.contains_key(&c.org()));
}

#[test]
fn a_retirement_or_certificate_that_stands_already_is_refused() {
    let (mut a, mut b, mut a2) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(1, 2));
    let k = coalition(&mut [&mut a, &mut b, &mut a2]);
    let heads = a2.heads(k);
    let again = forge(&a2, k, &heads, &[], &Control::Certify(a2.certificate()));
    assert!(b.offer(again, None).unwrap_err().message.contains("stands in its causal past already"));
    let retirement = a2.root.retire(a.id(), a2.now);
    a2.act(|s, d, by| s.retire(d, by, k, retirement.clone())).unwrap();
    send(&mut a2, &mut b, &[k]);
    let heads = a2.heads(k);
    let again = forge(&a2, k, &heads, &[], &Control::Retire(retirement));
    assert!(b.offer(again, None).unwrap_err().message.contains("has retired already"));
}

#[test]
fn where_two_stewards_must_agree_one_alone_removes_nobody() {
    let (mut a, mut b, mut c) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1));
    let mut stewards = vec![a.org(), b.org()];
    stewards.sort_unstable();
    let purpose = Purpose::Coalition {
        name: "County".into(),
        charter: Charter { number: 1, stewards, threshold: 2 },
        founder: a.card(),
        certificate: a.certificate(),
    };
    let found = forge(&a, SpaceId::ZERO, &[], &[], &Control::Found(Found { nonce: [3; 32], purpose }));
    let k = found.space();
    a.offer(found, None).unwrap();
    for (card, certificate) in [(b.card(), b.certificate()), (c.card(), c.certificate())] {
        a.act(|s, d, by| s.admit(d, by, k, card, certificate)).unwrap();
    }
    settle(&mut [&mut a, &mut b, &mut c], &[k]);
    assert!(a.revoke(k, c.org()).is_err(), "one of two");
    let grant = a.fold(k).members[&c.org()].grants[0];
    let mut removal = Revoke { org: c.org(), grant: Some(grant), approvals: vec![], word: false };
    let proposed = Proposal::Removal(Removal { under: ProposalId(k.0), org: c.org(), grant: Some(grant) });
    let heads = a.heads(k);
    let approvals = [&c, &a, &b].map(|by| Approval { node: by.id(), signature: approve::sign(&by.key, k, &proposed) });
    for (approval, accepted) in approvals.into_iter().zip([false, false, true]) {
        removal.approvals = vec![approval];
        let entry = forge(&a, k, &heads, &[], &Control::Revoke(removal.clone()));
        assert_eq!(a.offer(entry, None).is_ok(), accepted);
    }
    assert!(!a.fold(k).members.contains_key(&c.org()));
    // An approval of one removal is none of the next.
    let (card, certificate) = (c.card(), c.certificate());
    a.act(|s, d, by| s.admit(d, by, k, card, certificate)).unwrap();
    removal.grant = Some(a.fold(k).members[&c.org()].grants[0]);
    let heads = a.heads(k);
    let entry = forge(&a, k, &heads, &[], &Control::Revoke(removal));
    assert!(a.offer(entry, None).is_err());
}

#[test]
fn an_epoch_from_before_a_removal_is_not_used_again_though_all_its_readers_are_back() {
    let (mut a, mut b, mut c, k, t) = three();
    a.write(t, "before").unwrap();
    settle(&mut [&mut a, &mut b, &mut c], &[k, t]);
    let under = epoch(&mut a, t);
    a.revoke(t, c.org()).unwrap();
    a.grant(t, c.org()).unwrap();
    let said = a.write(t, "after").unwrap();
    assert_ne!(a.entry(&said).header().epoch, Some(under));
    // Whatever became of the old key while its holder was out, readers do not take it.
    let (heads, control) = (a.heads(t), a.spaces.control_heads(&a.store, k).unwrap());
    let key = crate::space::keyring::held(&a.store, &under).unwrap().unwrap();
    let header = forge_data(&a, t, &heads, &control, Kind::Data, Some(under), b"").header().clone();
    let stale = crate::space::entry::Entry::seal(&a.key, header, &key, b"stale", &mut a.random).unwrap();
    a.offer(stale.clone(), None).unwrap();
    settle(&mut [&mut a, &mut b, &mut c], &[k, t]);
    assert_eq!(b.open(&stale.hash()), Err(Unopened::Revoked));
    assert_eq!(b.open(&said).unwrap(), "after");
}

#[test]
fn a_removal_from_the_coalition_ends_the_epochs_of_threads_that_the_removed_was_never_in() {
    let (mut a, mut b, mut c) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1));
    let k = coalition(&mut [&mut a, &mut b, &mut c]);
    let t = thread(k, &mut [&mut a, &mut b]);
    let before = a.write(t, "before").unwrap();
    // Who has not heard of the removal lets the removed in, and passes the epoch on: it must open nothing that is sealed after.
    a.revoke(k, c.org()).unwrap();
    let after = a.write(t, "after").unwrap();
    let epoch = |peer: &Peer, hash| peer.entry(&hash).header().epoch.unwrap();
    assert_ne!(epoch(&a, before), epoch(&a, after));
    let again = a.write(t, "and once is enough").unwrap();
    assert_eq!(epoch(&a, after), epoch(&a, again));
}

#[test]
fn whom_a_retired_node_admits_is_in_only_if_the_retirement_follows_it() {
    for dated_back in [false, true] {
        let (mut a, mut b, mut a2, e) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(1, 2), Peer::new(5, 1));
        let k = coalition(&mut [&mut a, &mut b, &mut a2]);
        let heads = a2.spaces.control_heads(&a2.store, k).unwrap();
        let admits = Some((e.card(), e.certificate()));
        let grant = Grant { org: e.org(), read: true, write: true, expires: None, admits };
        let admission = forge(&a2, k, &heads, &[], &Control::Grant(grant));
        if !dated_back {
            a.offer(admission.clone(), None).unwrap();
        }
        let retirement = a.root.retire(a2.id(), a.now);
        a.act(|s, d, by| s.retire(d, by, k, retirement)).unwrap();
        settle(&mut [&mut a, &mut b], &[k]);
        if dated_back {
            b.offer(admission, None).unwrap();
            settle(&mut [&mut a, &mut b], &[k]);
        }
        for peer in [&mut a, &mut b] {
            assert_eq!(peer.fold(k).members.contains_key(&e.org()), !dated_back);
        }
    }
}
