//! Stories of keys: who gets them, who asks for them, who must not hold them.

use super::world::{Peer, Seeded, coalition, forge, send, settle, thread};
use crate::fault::Class;
use crate::ids::SpaceId;
use crate::keys::{PrekeyPublic, PrekeySecret};
use crate::space::control::{Control, Epoch};
use crate::space::entry::Kind;
use crate::space::{SpaceKind, Unopened, keyring, rows};
use crate::store::Table;
use crate::time::{DAY, Time};

fn private(peer: &mut Peer) -> (SpaceId, PrekeySecret) {
    let recovery = PrekeySecret::generate(&mut Seeded(99));
    let (certificate, founder) = (peer.certificate(), peer.root.founder(recovery.public(), peer.now, &mut Seeded(98)));
    let found = peer.act(|s, d, by| s.found_private(d, by, founder, certificate)).unwrap();
    (SpaceId(found.hash.0), recovery)
}

#[test]
fn the_recovery_key_opens_a_private_space_and_nothing_else_does() {
    let mut a = Peer::new(1, 1);
    let (p, recovery) = private(&mut a);
    let said = a.write(p, "a consent").unwrap();
    a.now = a.now.plus(31 * DAY);
    let later = a.write(p, "under the next epoch").unwrap();
    let mut lost = Peer::new(9, 9);
    lost.act(|s, d, by| {
        s.hold_prekey(d, &recovery, by.now);
        Ok(())
    })
    .unwrap();
    send(&mut a, &mut lost, &[p]);
    assert_eq!(lost.open(&said).unwrap(), "a consent");
    assert_eq!(lost.open(&later).unwrap(), "under the next epoch");
    let mut thief = Peer::new(9, 8);
    send(&mut a, &mut thief, &[p]);
    assert_eq!(thief.open(&said), Err(Unopened::NotAReader));
}

#[test]
fn a_further_node_certifies_itself_and_reads_what_came_before() {
    let (mut a, mut a2) = (Peer::new(1, 1), Peer::new(1, 2));
    let (p, _) = private(&mut a);
    let said = a.write(p, "long ago").unwrap();
    send(&mut a, &mut a2, &[p]);
    let certificate = a2.certificate();
    a2.act(|s, d, by| s.certify(d, by, p, certificate)).unwrap();
    assert_eq!(a2.open(&said), Err(Unopened::EpochMissing));
    settle(&mut [&mut a, &mut a2], &[p]);
    assert_eq!(a2.open(&said).unwrap(), "long ago", "it asked, and the other answered");
    let back = a2.write(p, "and on").unwrap();
    settle(&mut [&mut a, &mut a2], &[p]);
    assert_eq!(a.open(&back).unwrap(), "and on");
    // Another organisation's node gets no foot in.
    let b = Peer::new(2, 1);
    let intruder = forge(&b, p, &a.heads(p), &[], &Control::Certify(b.certificate()));
    assert!(a.offer(intruder, None).is_err());
}

/// It lost the private half of the prekey that others know, and has a new one.
#[test]
fn whom_another_node_certifies_in_a_private_space_has_its_keys_at_once_and_nobody_gives_itself_any() {
    let (mut a, mut a2) = (Peer::new(1, 1), Peer::new(1, 2));
    let (p, _) = private(&mut a);
    let said = a.write(p, "long ago").unwrap();
    let mut certify = |certificate| {
        let offered = a.act(|s, d, by| s.certify(d, by, p, certificate)).unwrap().offered;
        offered.accepted.iter().map(|(_, hash)| a.entry(hash).header().kind).collect::<Vec<_>>()
    };
    assert_eq!(certify(a2.certificate()), [Kind::Certify, Kind::Extend]);
    let (root, key) = (Peer::new(1, 1).root, Peer::new(1, 1).key);
    let again = root.certify(&key, PrekeySecret::generate(&mut Seeded(7)).public(), a2.now);
    assert_eq!(certify(again), [Kind::Certify], "anew: it holds them");
    send(&mut a, &mut a2, &[p]);
    assert_eq!(a2.open(&said).unwrap(), "long ago");
}

fn lose_prekey(peer: &mut Peer) -> PrekeySecret {
    let key = peer.prekey.id().0.to_vec();
    peer.store.commit(vec![crate::store::Write { table: Table::Prekey, key, value: None }]);
    let fresh = PrekeySecret::generate(&mut Seeded(5));
    peer.act(|s, d, by| {
        s.hold_prekey(d, &fresh, by.now);
        Ok(())
    })
    .unwrap();
    fresh
}

#[test]
fn a_garbled_wrap_is_asked_for_again() {
    let (mut a, mut b, mut c) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1));
    let k = coalition(&mut [&mut a, &mut b, &mut c]);
    let t = thread(k, &mut [&mut a, &mut b, &mut c]);
    lose_prekey(&mut b);
    let said = a.write(t, "for all").unwrap();
    send(&mut a, &mut b, &[t]);
    assert_eq!(b.open(&said), Err(Unopened::EpochMissing));
    settle(&mut [&mut a, &mut b, &mut c], &[k, t]);
    assert_eq!(b.open(&said).unwrap(), "for all");
    assert_eq!(b.all(t).iter().filter(|e| e.header().kind == Kind::Ask).count(), 1);
}

#[test]
fn nothing_is_wrapped_again_for_an_asker_whose_time_has_passed() {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    let t = SpaceId(a.act(|s, d, by| s.found_thread(d, by, k, true)).unwrap().hash.0);
    let (org, end) = (b.org(), a.now.plus(DAY));
    a.act(|s, d, by| s.grant(d, by, t, org, true, true, Some(end))).unwrap();
    lose_prekey(&mut b);
    let said = a.write(t, "in time").unwrap();
    send(&mut a, &mut b, &[k, t]);
    b.tend();
    assert_eq!(b.all(t).iter().filter(|e| e.header().kind == Kind::Ask).count(), 1);
    let mut early = a.store.clone();
    a.now = end;
    settle(&mut [&mut a, &mut b], &[k, t]);
    assert!(a.all(t).iter().all(|e| e.header().kind != Kind::Extend), "no clock has ended the grant yet, and ours has");
    assert_eq!(b.open(&said), Err(Unopened::EpochMissing));
    // A day earlier it would have been answered.
    std::mem::swap(&mut a.store, &mut early);
    a.spaces.forget();
    a.now = crate::time::Time(end.0 - DAY);
    settle(&mut [&mut a, &mut b], &[k, t]);
    assert_eq!(b.open(&said).unwrap(), "in time");
}

#[test]
fn wraps_go_to_the_newest_prekey_that_is_known() {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    let t = thread(k, &mut [&mut a, &mut b]);
    let fresh = PrekeySecret::generate(&mut Seeded(6));
    let register = b
        .act(|s, d, by| {
            s.hold_prekey(d, &fresh, by.now);
            s.publish(d, by, k, "prekey", crate::codec::encode(&fresh.public()))
        })
        .unwrap();
    a.act(|s, d, by| s.offer_register(d, &register, by.now, crate::space::Terms::Free)).unwrap();
    a.write(t, "sealed anew").unwrap();
    let epoch = a.all(t).into_iter().find(|e| e.header().kind == Kind::Epoch).unwrap();
    let Some(Control::Epoch(body)) = Control::decode(Kind::Epoch, epoch.body()).unwrap() else { panic!() };
    assert!(body.wraps.iter().any(|(node, wrap)| *node == b.id() && wrap.prekey == fresh.id()));
}

#[test]
fn a_custodian_that_does_not_read_holds_no_key_of_what_others_write() {
    let (mut a, mut b, mut c) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1));
    let k = coalition(&mut [&mut a, &mut b, &mut c]);
    let t = SpaceId(a.act(|s, d, by| s.found_thread(d, by, k, false)).unwrap().hash.0);
    let kind = a.spaces.record(&a.store, t).unwrap().unwrap().kind;
    assert_eq!(kind, SpaceKind::Thread { coalition: k, custodian_reads: false });
    assert_eq!(a.write(t, "to nobody").unwrap_err().class, Class::NotPermitted);
    a.grant(t, b.org()).unwrap();
    let own = a.write(t, "sent").unwrap();
    settle(&mut [&mut a, &mut b], &[k, t]);
    assert_eq!(b.open(&own).unwrap(), "sent");
    let answer = b.write(t, "not for the custodian").unwrap();
    settle(&mut [&mut a, &mut b], &[k, t]);
    assert_eq!(a.open(&answer), Err(Unopened::NotAReader));
    let epoch = b.entry(&answer).header().epoch.unwrap();
    assert!(keyring::held(&a.store, &epoch).unwrap().is_none());
}

#[test]
fn an_epoch_is_used_by_all_who_read_and_one_that_an_outsider_minted_by_nobody_else() {
    for reads in [true, false] {
        let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
        let k = coalition(&mut [&mut a, &mut b]);
        let t = SpaceId(a.act(|s, d, by| s.found_thread(d, by, k, reads)).unwrap().hash.0);
        a.grant(t, b.org()).unwrap();
        let reading: Vec<_> = a.fold(t).reading().collect();
        assert_eq!(
            (reading.len(), reading.contains(&a.org()), reading.contains(&b.org())),
            (1 + usize::from(reads), reads, true)
        );
        a.write(t, "by who minted it").unwrap();
        settle(&mut [&mut a, &mut b], &[k, t]);
        let written = b.act(|s, d, by| s.write(d, by, t, b"by another")).unwrap().offered.accepted;
        let kinds: Vec<Kind> = written.iter().map(|(_, hash)| b.entry(hash).header().kind).collect();
        assert_eq!(
            kinds,
            if reads { vec![Kind::Data] } else { vec![Kind::Epoch, Kind::Data] },
            "custodian reads: {reads}"
        );
    }
}

#[test]
fn nothing_is_written_for_whom_the_time_has_passed() {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    let t = SpaceId(a.act(|s, d, by| s.found_thread(d, by, k, true)).unwrap().hash.0);
    let end = a.now.plus(DAY);
    let org = b.org();
    a.act(|s, d, by| s.grant(d, by, t, org, true, true, Some(end))).unwrap();
    a.write(t, "in time").unwrap();
    a.now = end;
    assert_eq!(a.write(t, "too late").unwrap_err().class, Class::NotPermitted);
    assert!(!a.spaces.may_have(&a.store, t, org, a.now).unwrap());
    assert!(a.fold(t).members.contains_key(&org), "no clock decides membership");
    a.revoke(t, org).unwrap();
    assert!(a.write(t, "for ourselves").is_ok());
}

#[test]
fn an_epoch_ends_after_its_life() {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    let t = thread(k, &mut [&mut a, &mut b]);
    let epoch = |peer: &mut Peer, hash| peer.entry(&hash).header().epoch.unwrap();
    let (first, second) = (a.write(t, "one").unwrap(), a.write(t, "two").unwrap());
    assert_eq!(epoch(&mut a, first), epoch(&mut a, second));
    a.now = a.now.plus(crate::limits::EPOCH_LIFE);
    let third = a.write(t, "three").unwrap();
    assert_ne!(epoch(&mut a, first), epoch(&mut a, third));
    // Who comes later reads all of it through the bundle of the newest.
    settle(&mut [&mut a, &mut b], &[k, t]);
    assert_eq!(b.open(&first).unwrap(), "one");
}

#[test]
fn a_disk_that_was_rolled_back_merely_writes_concurrently() {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    let t = thread(k, &mut [&mut a, &mut b]);
    a.write(t, "before the copy").unwrap();
    let yesterday = a.store.clone();
    let lost = a.write(t, "the same words").unwrap();
    settle(&mut [&mut a, &mut b], &[k, t]);
    a.store = yesterday;
    a.spaces.forget();
    a.random.0 ^= 77;
    let again = a.write(t, "the same words").unwrap();
    assert_ne!(lost, again);
    settle(&mut [&mut a, &mut b], &[k, t]);
    for peer in [&mut a, &mut b] {
        assert_eq!(peer.open(&lost).unwrap(), "the same words");
        assert_eq!(peer.open(&again).unwrap(), "the same words");
    }
    // Each body has a key of its own, so no key stream is used twice.
    let (one, two) = (a.entry(&lost), a.entry(&again));
    assert_ne!(one.body()[1..33], two.body()[1..33]);
    assert_ne!(one.body()[33..], two.body()[33..]);
}

#[test]
fn an_epoch_of_a_private_space_without_its_recovery_wrap_is_refused() {
    let mut a = Peer::new(1, 1);
    let (p, _) = private(&mut a);
    let bare =
        Control::Epoch(Epoch { commitment: [1; 32], wraps: vec![], recovery: None, earlier: vec![], bundle: vec![] });
    let heads = a.heads(p);
    let entry = forge(&a, p, &heads, &[], &bare);
    assert!(a.offer(entry, None).is_err());
}

#[test]
fn a_certificate_whose_prekey_nobody_can_wrap_to_is_refused() {
    let mut a = Peer::new(1, 1);
    let c = coalition(&mut [&mut a]);
    let second = Peer::new(1, 2);
    for key in [PrekeyPublic { suite: 2, key: vec![0; 32] }, PrekeyPublic { suite: 1, key: vec![0xff; 1_216] }] {
        let certificate = a.root.certify(&second.key, key, a.now);
        assert!(a.act(|s, d, by| s.certify(d, by, c, certificate)).is_err());
    }
    let certificate = a.root.certify(&second.key, second.prekey.public(), a.now);
    a.act(|s, d, by| s.certify(d, by, c, certificate)).unwrap();
}

#[test]
fn who_answers_every_ask_with_garbage_is_heard_a_few_times_and_then_another_is_asked() {
    use crate::keys::wrap;
    use crate::space::control::Extend;
    let (mut a, mut b, mut c) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1));
    let k = coalition(&mut [&mut a, &mut b, &mut c]);
    let t = thread(k, &mut [&mut a, &mut b, &mut c]);
    let fresh = lose_prekey(&mut b);
    let said = a.write(t, "for all").unwrap();
    let epoch = a.entry(&said).header().epoch.unwrap();
    send(&mut a, &mut b, &[k, t]);
    send(&mut a, &mut c, &[k, t]);
    let asks = |b: &mut Peer| b.all(t).iter().filter(|entry| entry.header().kind == Kind::Ask).count();
    let mut rounds = 0;
    while b.open(&said).is_err() {
        b.tend();
        assert!(rounds < 10, "{} asks", asks(&mut b));
        // The hostile reader is quicker than the honest one, every time.
        send(&mut b, &mut c, &[t]);
        let garbage = wrap::wrap(&fresh.public(), b"extend v1", b"nowhere", &[7; 32], &mut Seeded(rounds)).unwrap();
        let answer = Control::Extend(Extend { epochs: vec![epoch], wraps: vec![(b.id(), garbage)] });
        let (heads, control) = (c.heads(t), c.heads(k));
        let answer = forge(&c, t, &heads, &control, &answer);
        c.offer(answer, None).unwrap();
        send(&mut c, &mut a, &[t]);
        send(&mut c, &mut b, &[t]);
        a.tend();
        send(&mut a, &mut b, &[t]);
        rounds += 1;
    }
    assert_eq!(b.open(&said).unwrap(), "for all");
    assert_eq!(asks(&mut b), crate::limits::ASKS_ANSWERED + 1);
    // Nobody answers the last one for ever.
    settle(&mut [&mut a, &mut b], &[k, t]);
    assert_eq!(asks(&mut b), crate::limits::ASKS_ANSWERED + 1);
}

#[test]
fn of_earlier_asks_the_newest_are_looked_at_for_whose_answers_count_as_none() {
    use crate::keys::wrap;
    use crate::limits;
    use crate::space::control::{Ask, Extend};
    let (mut a, mut b, mut c) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1));
    let k = coalition(&mut [&mut a, &mut b, &mut c]);
    let t = thread(k, &mut [&mut a, &mut b, &mut c]);
    let said = a.write(t, "for all").unwrap();
    let epoch = a.entry(&said).header().epoch.unwrap();
    settle(&mut [&mut a, &mut b, &mut c], &[k, t]);
    let fresh = lose_prekey(&mut b);
    let ask = |b: &mut Peer| {
        let (heads, control) = (b.heads(t), b.heads(k));
        let ask = Control::Ask(Ask { epochs: vec![epoch], prekey: fresh.public() });
        let ask = forge(b, t, &heads, &control, &ask);
        let hash = ask.hash();
        b.offer(ask, None).unwrap();
        hash
    };
    for n in 0..limits::ASKS_ANSWERED as u64 {
        ask(&mut b);
        send(&mut b, &mut c, &[t]);
        let garbage = wrap::wrap(&fresh.public(), b"extend v1", b"nowhere", &[7; 32], &mut Seeded(n)).unwrap();
        let (heads, control) = (c.heads(t), c.heads(k));
        let answer = Control::Extend(Extend { epochs: vec![epoch], wraps: vec![(b.id(), garbage)] });
        let answer = forge(&c, t, &heads, &control, &answer);
        c.offer(answer, None).unwrap();
        send(&mut c, &mut b, &[t]);
    }
    // From now on nobody answers.
    let asks: Vec<_> = (0..limits::ASKS_COUNTED).map(|_| ask(&mut b)).collect();
    let mut spent = |n: usize| {
        b.act(|s, d, _| {
            let (graph, _) = s.opened(d, t)?;
            graph.spent(graph.control_number(&asks[n]).unwrap())
        })
        .unwrap()
    };
    let last = limits::ASKS_COUNTED - limits::ASKS_ANSWERED;
    assert_eq!(spent(last), [c.org()].into(), "all it answered are among the newest");
    assert!(spent(last + 1).is_empty(), "one of them is not any more");
}

#[test]
fn keys_that_lack_since_a_clock_was_ahead_are_not_waited_for_until_then() {
    let mut a = Peer::new(1, 1);
    let space = coalition(&mut [&mut a]);
    let (ahead, now) = (Time(2_000_000), Time(1_000_000));
    let since = a.act(|_, d, _| Ok([ahead, now, now.plus(5)].map(|at| rows::lacks(d, space, at).unwrap()))).unwrap();
    assert_eq!(since, [ahead, now, now], "who lacks it counts from when the clock was mended");
}
