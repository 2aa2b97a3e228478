//! Two nodes of a custodian that renew one place at once.

use super::world::{Peer, START, coalition, forge, send, settle, thread};
use crate::ids::{OrgId, SpaceId};
use crate::space::control::{Control, Revoke};
use crate::time::{DAY, Time};

/// Two nodes of one organisation, and whom they let into a thread.
fn two_and_one() -> (Peer, Peer, Peer, SpaceId, SpaceId) {
    let (mut a, mut twin, mut b) = (Peer::new(1, 1), Peer::new(1, 2), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut twin, &mut b]);
    let t = thread(k, &mut [&mut a, &mut twin, &mut b]);
    a.write(t, "before").unwrap();
    settle(&mut [&mut a, &mut twin, &mut b], &[k, t]);
    (a, twin, b, k, t)
}

fn grant(by: &mut Peer, t: SpaceId, org: OrgId, write: bool, days: Option<u64>) {
    let end = days.map(|days| Time(START.0 + days * DAY));
    by.act(|spaces, draft, by| spaces.grant(draft, by, t, org, true, write, end)).unwrap();
}

fn renew(by: &mut Peer, t: SpaceId, org: OrgId, write: bool, days: Option<u64>) {
    by.revoke(t, org).unwrap();
    grant(by, t, org, write, days);
}

#[test]
fn renewals_that_crossed_end_as_the_stricter_place_whoever_hears_first() {
    for turned in [false, true] {
        let (mut a, mut twin, mut b, k, t) = two_and_one();
        let org = b.org();
        renew(&mut a, t, org, true, Some(10));
        // Twice there, and then longer again: what one node said last is what it said.
        renew(&mut twin, t, org, true, Some(5));
        renew(&mut twin, t, org, false, Some(20));
        grant(&mut twin, t, org, false, Some(30));
        let (first, second) = if turned { (&mut twin, &mut a) } else { (&mut a, &mut twin) };
        send(second, first, &[t]);
        assert!(!first.fold(t).members.contains_key(&org), "each took back what the other gave");
        first.tend();
        assert!(first.fold(t).members.contains_key(&org), "without anybody's hand");
        settle(&mut [&mut a, &mut twin, &mut b], &[k, t]);
        for peer in [&mut a, &mut twin, &mut b] {
            let fold = peer.fold(t);
            let seat = fold.members.get(&org).expect("in");
            assert_eq!((seat.read, seat.write, seat.expires), (true, false, Some(Time(START.0 + 10 * DAY))));
        }
        let said = twin.write(t, "we go on").unwrap();
        settle(&mut [&mut a, &mut twin, &mut b], &[k, t]);
        assert_eq!(b.open(&said).unwrap(), "we go on");
    }
}

#[test]
fn a_revocation_that_no_grant_follows_is_undone_by_no_renewal() {
    for theirs in [false, true] {
        let (mut a, mut twin, mut b, k, t) = two_and_one();
        let org = b.org();
        renew(&mut a, t, org, true, Some(10));
        // The person said so at the other node, or they left.
        if theirs { b.revoke(t, org) } else { twin.revoke(t, org) }.unwrap();
        settle(&mut [&mut a, &mut twin, &mut b], &[k, t]);
        for peer in [&mut a, &mut twin, &mut b] {
            assert!(!peer.fold(t).members.contains_key(&org));
        }
    }
}

#[test]
fn nobody_is_let_in_again_whose_time_has_passed() {
    for (now, back) in [(3 * DAY - 1, true), (3 * DAY, false), (4 * DAY, false)] {
        let (mut a, mut twin, mut b, k, t) = two_and_one();
        let org = b.org();
        renew(&mut a, t, org, true, Some(10));
        renew(&mut twin, t, org, true, Some(3));
        for peer in [&mut a, &mut twin, &mut b] {
            peer.now = Time(START.0 + now);
        }
        settle(&mut [&mut a, &mut twin, &mut b], &[k, t]);
        let there = [&mut a, &mut twin].map(|peer| peer.fold(t).members.contains_key(&org));
        assert_eq!(there, [back; 2], "at {now}, when the shorter ends at {}", 3 * DAY);
    }
}

#[test]
fn who_reads_by_one_of_two_renewals_alone_is_not_let_in_again_and_who_reads_by_one_of_one_nodes_grants_is() {
    let gives = |by: &mut Peer, t, org, read, write| {
        by.act(|spaces, draft, by| spaces.grant(draft, by, t, org, read, write, None)).unwrap();
    };
    // What the other node gave by two grants, or by one.
    for (grants, seat) in [
        (vec![(false, true)], None),
        (vec![(true, false), (false, true)], Some((true, true))),
        (vec![(false, true), (true, false)], Some((true, true))),
        (vec![(true, false), (true, false)], Some((true, false))),
    ] {
        let (mut a, mut twin, b, k, t) = two_and_one();
        let org = b.org();
        a.revoke(t, org).unwrap();
        gives(&mut a, t, org, true, true);
        twin.revoke(t, org).unwrap();
        for (read, write) in &grants {
            gives(&mut twin, t, org, *read, *write);
        }
        settle(&mut [&mut a, &mut twin], &[k, t]);
        let there = a.fold(t).members.get(&org).map(|seat| (seat.read, seat.write));
        assert_eq!(there, seat, "{grants:?}");
    }
}

#[test]
fn who_was_renewed_and_is_in_is_let_in_by_nobody_again_when_another_is_taken_out() {
    let (mut a, mut twin, b, k, t) = two_and_one();
    let mut c = Peer::new(3, 1);
    let (card, certificate) = (c.card(), c.certificate());
    a.act(|s, d, by| s.admit(d, by, k, card, certificate)).unwrap();
    a.grant(t, c.org()).unwrap();
    settle(&mut [&mut a, &mut twin, &mut c], &[k, t]);
    renew(&mut a, t, b.org(), true, Some(10));
    a.revoke(t, c.org()).unwrap();
    assert_eq!(a.tend(), 0, "nothing crossed");
    settle(&mut [&mut a, &mut twin], &[k, t]);
    assert_eq!(twin.tend(), 0);
}

#[test]
fn whom_the_coalition_took_out_and_let_in_again_no_renewals_that_crossed_let_into_a_thread() {
    for (expelled, back) in [(true, false), (true, true), (false, true)] {
        let (mut a, mut twin, b, k, t) = two_and_one();
        let org = b.org();
        renew(&mut a, t, org, true, Some(10));
        renew(&mut twin, t, org, true, Some(5));
        if expelled {
            a.revoke(k, org).unwrap();
        }
        if expelled && back {
            let (card, certificate) = (b.card(), b.certificate());
            a.act(|s, d, by| s.admit(d, by, k, card, certificate)).unwrap();
        }
        settle(&mut [&mut a, &mut twin], &[k, t]);
        let there = [&mut a, &mut twin].map(|peer| peer.fold(t).members.contains_key(&org));
        assert_eq!(there, [!expelled; 2], "removed: {expelled}, admitted again: {back}");
    }
}

#[test]
fn who_was_taken_out_keeps_renewals_that_crossed_apart_by_no_late_word() {
    let (mut a, mut twin, mut b, k, t) = two_and_one();
    let mut c = Peer::new(3, 1);
    send(&mut a, &mut c, &[k]);
    let (card, certificate) = (c.card(), c.certificate());
    a.act(|s, d, by| s.admit(d, by, k, card, certificate)).unwrap();
    a.grant(t, c.org()).unwrap();
    settle(&mut [&mut a, &mut twin, &mut b, &mut c], &[k, t]);
    let (heads, control) = (c.heads(t), c.heads(k));
    a.revoke(t, c.org()).unwrap();
    send(&mut a, &mut twin, &[t]);
    let org = b.org();
    renew(&mut a, t, org, true, Some(10));
    renew(&mut twin, t, org, true, Some(5));
    let body = Control::Revoke(Revoke { org, grant: None, approvals: Vec::new(), word: false });
    let late = forge(&c, t, &heads, &control, &body);
    a.offer(late, None).unwrap();
    send(&mut twin, &mut a, &[t]);
    assert!(!a.fold(t).members.contains_key(&org), "each took back what the other gave");
    a.tend();
    assert!(a.fold(t).members.contains_key(&org), "what came too late for both undoes neither");
}
