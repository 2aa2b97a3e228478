//! Parcels in simulated time: who is never on line together hears of each other all the same, and a carrier of nothing.

mod anew;
mod bundles;
mod clocks;
mod ends;
pub mod halfway;
mod room;

use super::Net;
use super::allowance::leave;
use super::threads::{connected, found, records, write};
use crate::engine::{Checked, Imported, Input};
use crate::fault::{Class, Result};
use crate::ids::{EntryHash, OrgId, SpaceId};
use crate::limits;
use crate::random::Random;
use crate::store::{Table, View};
use crate::sync::carry::CARRIER;
use crate::sync::parcel::rows;
use crate::sync::wire::Frame;
use crate::time::{DAY, HOUR};

/// Time enough for whatever waits to become a parcel.
const PATIENCE: u64 = limits::PARCEL_AFTER + limits::PARCEL_JITTER;

fn offer(net: &mut Net, coalition: SpaceId, host: usize) {
    let value = crate::codec::encode(&Some(limits::CARRIED_BYTES));
    net.step(host, |step| step.register(coalition, CARRIER, &value).unwrap());
    net.run();
}

/// Everybody knows everybody and that these carry; then all links are cut.
fn apart(orgs: u8, carriers: &[usize]) -> (Net, SpaceId) {
    let (mut net, coalition) = connected(orgs);
    for host in carriers {
        offer(&mut net, coalition, *host);
    }
    net.cut_all();
    (net, coalition)
}

/// Two hosts meet, say what they have to say, and part.
fn meet(net: &mut Net, a: usize, b: usize) {
    net.connect(a, b);
    net.run();
    net.cut_all();
    assert!(net.closed.is_empty(), "{:?}", net.closed);
}

/// What waits at this host becomes parcels.
fn due(net: &mut Net, host: usize) {
    net.now = net.now.plus(PATIENCE);
    net.tick(host);
}

fn carried(net: &Net, host: usize) -> usize {
    net.hosts[host].engine.carried(&net.hosts[host].store).unwrap().len()
}

fn delivered(net: &mut Net, host: usize, space: SpaceId, hash: EntryHash, to: usize) -> bool {
    let org = net.hosts[to].org();
    let h = &mut net.hosts[host];
    h.engine.delivered(&h.store, space, hash, org).unwrap()
}

fn left(net: &Net, host: usize, hash: EntryHash, to: usize) -> bool {
    let h = &net.hosts[host];
    h.engine.left_for(&h.store, net.hosts[to].org()).unwrap().contains(&hash)
}

/// Places in a store where these bytes lie, as the store holds them.
fn places(net: &Net, host: usize, needle: &[u8]) -> usize {
    let rows = net.hosts[host].store.rows();
    rows.filter(|(_, key, value)| [key, value].iter().any(|b| b.windows(needle.len()).any(|w| w == needle))).count()
}

#[test]
fn two_who_never_meet_close_a_referral_by_way_of_a_third() {
    let (mut net, coalition) = apart(3, &[1]);
    let space = found(&mut net, coalition, &[2], None);
    let hash = write(&mut net, 0, space, &[2], b"please see her").unwrap();
    assert!(!left(&net, 0, hash, 2));
    meet(&mut net, 0, 1);
    assert_eq!(carried(&net, 1), 0, "what has not waited yet is not left");
    due(&mut net, 0);
    meet(&mut net, 0, 1);
    assert!(carried(&net, 1) == 1 && left(&net, 0, hash, 2) && !delivered(&mut net, 0, space, hash, 2));

    // Nothing of it is at the carrier, in the open or by name; the same search finds it at the sender.
    for needle in [space.as_bytes().as_slice(), hash.as_bytes()] {
        assert!(places(&net, 0, needle) > 0 && places(&net, 1, needle) == 0);
    }

    meet(&mut net, 1, 2);
    assert_eq!(net.hosts[2].applied(space), [b"please see her".to_vec()]);
    assert_eq!(carried(&net, 1), 0, "what was received is let go");
    let answer = write(&mut net, 2, space, &[0], b"she may come on Tuesday").unwrap();
    due(&mut net, 2);
    meet(&mut net, 2, 1);
    assert!(left(&net, 2, answer, 0));
    meet(&mut net, 1, 0);
    assert_eq!(net.hosts[0].applied(space).len(), 2);
    assert!(delivered(&mut net, 0, space, hash, 2), "by the receipt that the carrier brought");
    meet(&mut net, 1, 2);
    assert!(delivered(&mut net, 2, space, answer, 0) && !left(&net, 2, answer, 0));
    // Nothing more is due to anybody, and nothing lies anywhere.
    for host in 0..3 {
        due(&mut net, host);
        assert_eq!(rows::outgoing(&net.hosts[host].store).unwrap(), [], "host {host}");
        assert_eq!(rows::carried(&net.hosts[host].store, None).unwrap(), [], "host {host}");
    }
}

#[test]
fn a_parcel_discloses_nothing_that_was_not_on_record_when_it_was_sealed_for_its_reader() {
    let (mut net, coalition) = apart(3, &[1]);
    let space = found(&mut net, coalition, &[2], None);
    write(&mut net, 0, space, &[2], b"told").unwrap();
    let before = records(&net, 0);
    due(&mut net, 0);
    meet(&mut net, 0, 1);
    meet(&mut net, 1, 2);
    assert_eq!(records(&net, 0).len(), before.len());
    assert_eq!(net.hosts[2].applied(space).len(), before.len());
    assert!(records(&net, 1).is_empty());
}

#[test]
fn a_carrier_that_goes_off_for_good_is_one_of_several() {
    let (mut net, coalition) = apart(6, &[1, 2, 3, 4]);
    let space = found(&mut net, coalition, &[5], None);
    let hash = write(&mut net, 0, space, &[5], b"please see her").unwrap();
    due(&mut net, 0);
    for carrier in 1..5 {
        meet(&mut net, 0, carrier);
    }
    assert_eq!((1..5).map(|host| carried(&net, host)).sum::<usize>(), limits::PARCEL_CARRIERS);
    // Only the last that has it ever meets the recipient.
    let last = (1..5).rev().find(|host| carried(&net, *host) > 0).unwrap();
    meet(&mut net, last, 5);
    assert_eq!(net.hosts[5].applied(space), [b"please see her".to_vec()]);
    // The sender hears of it, and takes it back from the others.
    meet(&mut net, 0, last);
    assert!(delivered(&mut net, 0, space, hash, 5));
    for carrier in 1..5 {
        meet(&mut net, 0, carrier);
    }
    assert_eq!((1..5).map(|host| carried(&net, host)).sum::<usize>(), 0);
}

#[test]
fn what_comes_both_ways_and_twice_is_taken_once_and_taken_back() {
    let (mut net, coalition) = apart(4, &[1, 2]);
    let space = found(&mut net, coalition, &[3], None);
    write(&mut net, 0, space, &[3], b"one").unwrap();
    due(&mut net, 0);
    meet(&mut net, 0, 1);
    meet(&mut net, 0, 2);
    meet(&mut net, 1, 3);
    meet(&mut net, 2, 3);
    assert_eq!(net.hosts[3].applied(space), [b"one".to_vec()]);
    let fetched = |f: &(usize, Frame, usize)| f.0 == 3 && matches!(f.1, Frame::Fetch(_));
    assert_eq!(net.log.iter().filter(|f| fetched(f)).count(), 1, "the second is not fetched, its receipt is there");
    // The next word goes by both ways as well, and by a link first.
    write(&mut net, 0, space, &[3], b"two").unwrap();
    due(&mut net, 0);
    meet(&mut net, 0, 1);
    assert_eq!(carried(&net, 1), 1);
    meet(&mut net, 0, 3);
    meet(&mut net, 0, 1);
    assert_eq!(carried(&net, 1), 0, "a link brought it");
    assert_eq!(net.hosts[3].applied(space).len(), 2);
}

/// A parcel lies with a carrier for the third, at whom its sender has said too much.
fn said_too_much() -> (Net, SpaceId, OrgId) {
    let (mut net, coalition) = apart(3, &[1]);
    let space = found(&mut net, coalition, &[2], None);
    write(&mut net, 0, space, &[2], b"please see her").unwrap();
    due(&mut net, 0);
    meet(&mut net, 0, 1);
    let sender = net.hosts[0].org();
    leave(&mut net, 2, sender, None, 0);
    (net, space, sender)
}

#[test]
fn a_parcel_of_who_has_said_too_much_stays_with_its_carrier_until_there_is_room() {
    let (mut net, space, _) = said_too_much();
    meet(&mut net, 1, 2);
    assert!(net.hosts[2].applied(space).is_empty() && carried(&net, 1) == 1);
    // It takes no room here, neither whole nor in parts.
    let store = &net.hosts[2].store;
    assert_eq!(rows::held(store).unwrap(), []);
    assert_eq!(store.scan(Table::Waiting, &[], None, 10, false).unwrap().len(), 0);
    net.now = net.now.plus(HOUR);
    meet(&mut net, 1, 2);
    assert_eq!(net.hosts[2].applied(space), [b"please see her".to_vec()]);
    assert_eq!(carried(&net, 1), 0);
}

#[test]
fn what_was_put_off_is_fetched_again_over_a_link_that_stays_each_time_after_longer() {
    let (mut net, space, sender) = said_too_much();
    net.connect(1, 2);
    net.run();
    assert!(net.hosts[2].applied(space).is_empty());
    net.now = net.now.plus(limits::PARCEL_AGAIN);
    leave(&mut net, 2, sender, None, 0);
    net.tick(2);
    net.run();
    // Two hours later, and not before.
    for done in [false, true] {
        net.now = net.now.plus(limits::PARCEL_AGAIN);
        net.tick(2);
        net.run();
        assert_eq!(net.hosts[2].applied(space).len(), usize::from(done));
    }
    assert_eq!(carried(&net, 1), 0);
}

#[test]
fn a_depositor_that_floods_fills_its_own_quota_and_nobody_else_s() {
    let (mut net, coalition) = apart(4, &[1]);
    let space = found(&mut net, coalition, &[3], None);
    for n in 0..limits::PARCELS_OUT as u32 + 3 {
        write(&mut net, 0, space, &[3], &n.to_be_bytes()).unwrap();
        due(&mut net, 0);
    }
    meet(&mut net, 0, 1);
    assert_eq!(carried(&net, 1), limits::PARCELS_OUT);
    let h = &mut net.hosts[0];
    let waiting = h.engine.waiting(&h.store, net.now).unwrap();
    assert!(waiting.full.is_empty() && !waiting.nobody_carries, "it keeps to its own bound before the carrier must");
    // Another's still fit.
    let from = net.hosts[2].org();
    let theirs = forged(&mut net, 2, 3);
    let link = net.connect(2, 1);
    net.run();
    net.input(1, Input::Received { link, frame: Checked::of(&Frame::Parcel(theirs).encode()) });
    assert!(net.hosts[1].engine.carried(&net.hosts[1].store).unwrap().iter().any(|row| row.from == from));
    net.cut_all();
    // One that keeps to no bound is told so.
    let link = net.connect(0, 1);
    net.run();
    net.flying.clear();
    for _ in limits::PARCELS_OUT..=limits::CARRIED_COUNT as usize {
        let more = forged(&mut net, 0, 3);
        net.input(1, Input::Received { link, frame: Checked::of(&Frame::Parcel(more).encode()) });
    }
    let said: Vec<Frame> = net.flying.iter().map(|f| Frame::decode(&f.bytes).unwrap()).collect();
    assert!(said.iter().any(|frame| matches!(frame, Frame::Kept(_, 1))), "{said:?}");
}

#[test]
fn one_recipient_that_is_off_leaves_room_with_carriers_for_others() {
    let (mut net, coalition) = apart(4, &[1]);
    let (off, other) = (found(&mut net, coalition, &[2], None), found(&mut net, coalition, &[3], None));
    for n in 0..60 {
        let mut noise = vec![0; 100 * 1024];
        super::net::Seeded(n, 0).fill(&mut noise);
        write(&mut net, 0, off, &[2], &noise).unwrap();
    }
    due(&mut net, 0);
    let out = |net: &Net| -> u64 {
        rows::outgoing(&net.hosts[0].store).unwrap().iter().map(|(_, row)| u64::from(row.bytes)).sum()
    };
    assert!((limits::PARCELS_OUT_BYTES..limits::PARCELS_OUT_BYTES + 300_000).contains(&out(&net)), "{}", out(&net));
    write(&mut net, 0, other, &[3], b"please see her").unwrap();
    due(&mut net, 0);
    meet(&mut net, 0, 1);
    let of = |net: &Net, host: usize| -> u64 {
        let rows = rows::carried(&net.hosts[1].store, Some(net.hosts[host].org())).unwrap();
        rows.iter().map(|(_, row)| u64::from(row.bytes)).sum()
    };
    assert!(of(&net, 2) <= limits::CARRIED_BYTES / 4 && of(&net, 3) > 0);
    meet(&mut net, 1, 3);
    assert_eq!(net.hosts[3].applied(other), [b"please see her".to_vec()]);
    // What waits goes on as room comes.
    for _ in 0..4 {
        meet(&mut net, 1, 2);
        meet(&mut net, 0, 1);
        due(&mut net, 0);
        meet(&mut net, 0, 1);
    }
    meet(&mut net, 1, 2);
    assert_eq!(net.hosts[2].applied(off).len(), 60);
}

/// A parcel as it might be made outside of all rules.
fn forged(net: &mut Net, from: usize, to: usize) -> Vec<u8> {
    sealed(net, from, to, crate::sync::wire::Page::default())
}

fn sealed(net: &mut Net, from: usize, to: usize, page: crate::sync::wire::Page) -> Vec<u8> {
    use crate::sync::parcel::{Content, Parcel};
    let (org, node) = (net.hosts[to].org(), net.hosts[to].node());
    let prekey = net.hosts[to].engine.identity().certificate().prekey.clone();
    let expires = net.now.plus(DAY);
    let h = &mut net.hosts[from];
    let identity = h.engine.identity();
    let content = Content::new(identity.certificate().clone(), net.now, page);
    Parcel::seal(identity.key(), &content, (org, expires), &[(node, prekey)], &mut h.random).unwrap().bytes()
}

#[test]
fn a_receipt_for_another_node_s_parcel_stays_with_the_carrier() {
    let (mut net, _) = apart(3, &[1]);
    let link = net.connect(0, 1);
    net.run();
    net.flying.clear();
    let receipt =
        crate::sync::parcel::Receipt::sign(net.hosts[2].engine.identity().key(), crate::ids::ParcelId([9; 32]));
    net.input(0, Input::Received { link, frame: Checked::of(&Frame::Receipts(vec![receipt]).encode()) });
    assert!(net.flying.is_empty(), "this node did not make it, so it takes nothing back");
}

#[test]
fn what_was_revoked_after_it_was_left_is_taken_back_and_the_rest_left_anew() {
    let (mut net, coalition) = apart(3, &[1]);
    let ended = found(&mut net, coalition, &[2], None);
    let other = found(&mut net, coalition, &[2], None);
    write(&mut net, 0, ended, &[2], b"not any more").unwrap();
    let kept = write(&mut net, 0, other, &[2], b"still").unwrap();
    due(&mut net, 0);
    meet(&mut net, 0, 1);
    let first: Vec<_> = rows::carried(&net.hosts[1].store, None).unwrap().into_iter().map(|(id, _)| id).collect();
    assert_eq!(first.len(), 1);
    let org = net.hosts[2].org();
    net.step(0, |step| step.revoke(ended, org).unwrap());
    net.tick(0);
    meet(&mut net, 0, 1);
    let then: Vec<_> = rows::carried(&net.hosts[1].store, None).unwrap().into_iter().map(|(id, _)| id).collect();
    assert!(then.len() == 1 && then != first);
    assert!(left(&net, 0, kept, 2));
    meet(&mut net, 1, 2);
    assert_eq!(net.hosts[2].applied(other), [b"still".to_vec()]);
    assert!(net.hosts[2].applied(ended).is_empty());
}

#[test]
fn who_was_taken_out_is_told_by_parcel_too_and_gets_nothing_more() {
    let (mut net, coalition) = connected(3);
    offer(&mut net, coalition, 1);
    let space = found(&mut net, coalition, &[2], None);
    net.run();
    net.cut_all();
    let org = net.hosts[2].org();
    net.step(0, |step| step.revoke(space, org).unwrap());
    write(&mut net, 0, space, &[], b"to myself").unwrap();
    due(&mut net, 0);
    meet(&mut net, 0, 1);
    meet(&mut net, 1, 2);
    assert!(net.hosts[2].events.contains(&crate::engine::Event::Removed { space }));
    assert!(net.hosts[2].applied(space).is_empty());
}

#[test]
fn a_parcel_ends_with_the_grant_it_rests_on_and_a_carrier_lets_it_go() {
    let (mut net, coalition) = apart(3, &[1]);
    let end = net.now.plus(6 * HOUR);
    let space = found(&mut net, coalition, &[2], Some(end));
    write(&mut net, 0, space, &[2], b"for today").unwrap();
    due(&mut net, 0);
    meet(&mut net, 0, 1);
    assert_eq!(carried(&net, 1), 1);
    net.now = end.plus(1);
    net.tick(1);
    assert_eq!(carried(&net, 1), 0);
    assert_eq!(rows::total(&net.hosts[1].store).unwrap(), 0, "nor are its bytes there");
    // Nor does the sender make another.
    net.tick(0);
    due(&mut net, 0);
    assert!(rows::outgoing(&net.hosts[0].store).unwrap().is_empty());
}

#[test]
fn a_removed_organisation_neither_leaves_nor_fetches() {
    let (mut net, coalition) = connected(4);
    offer(&mut net, coalition, 1);
    let space = found(&mut net, coalition, &[2], None);
    net.run();
    net.cut_all();
    write(&mut net, 0, space, &[2], b"before").unwrap();
    due(&mut net, 0);
    meet(&mut net, 0, 1);
    assert_eq!(carried(&net, 1), 1);
    let org = net.hosts[2].org();
    net.step(0, |step| step.remove(coalition, org).unwrap());
    meet(&mut net, 0, 1);
    assert_eq!(carried(&net, 1), 0);
    // The link that a node would refuse: its session gives nothing either.
    let forged = forged(&mut net, 2, 3);
    let link = net.connect(2, 1);
    net.run();
    net.input(1, Input::Received { link, frame: Checked::of(&Frame::Parcel(forged).encode()) });
    assert_eq!(carried(&net, 1), 0);
}

#[test]
fn what_is_switched_off_leaves_its_last_words_at_once() {
    let (mut net, coalition) = apart(3, &[1]);
    let space = found(&mut net, coalition, &[2], None);
    let hash = write(&mut net, 0, space, &[2], b"good night").unwrap();
    net.connect(0, 1);
    net.run();
    net.input(0, Input::Leaving);
    assert!(net.hosts[0].engine.leaving());
    net.run();
    assert!(!net.hosts[0].engine.leaving() && left(&net, 0, hash, 2));
}

#[test]
fn where_nobody_carries_that_is_known_and_nothing_is_made() {
    let (mut net, coalition) = apart(3, &[]);
    let space = found(&mut net, coalition, &[2], None);
    write(&mut net, 0, space, &[2], b"waiting").unwrap();
    due(&mut net, 0);
    let org = net.hosts[2].org();
    let h = &mut net.hosts[0];
    let waiting = h.engine.waiting(&h.store, net.now).unwrap();
    assert!(waiting.nobody_carries && waiting.orgs == [org]);
    assert!(rows::outgoing(&net.hosts[0].store).unwrap().is_empty());
}

#[test]
fn a_parcel_says_no_more_of_a_consent_s_end_than_the_day() {
    let (mut net, coalition) = apart(3, &[1]);
    let end = net.now.plus(20 * DAY + 5 * HOUR + 1_234);
    let space = found(&mut net, coalition, &[2], Some(end));
    write(&mut net, 0, space, &[2], b"until then").unwrap();
    due(&mut net, 0);
    let [(_, row)] = &rows::outgoing(&net.hosts[0].store).unwrap()[..] else { panic!("one parcel") };
    assert!(row.expires <= end && row.expires.0 % DAY == 0 && end.since(row.expires) < DAY, "{:?}", row.expires);
}

#[test]
fn a_prekey_that_nobody_can_wrap_to_stops_nobody() {
    let (mut net, coalition) = apart(4, &[1]);
    let bad = crate::codec::encode(&crate::keys::PrekeyPublic { suite: 2, key: vec![0; 32] });
    net.step(2, |step| step.register(coalition, "prekey", &bad).unwrap());
    net.connect(0, 2);
    net.run();
    let (with, other) = (found(&mut net, coalition, &[2], None), found(&mut net, coalition, &[3], None));
    net.cut_all();
    write(&mut net, 0, with, &[2], b"please see her").unwrap();
    let hash = write(&mut net, 0, other, &[3], b"please see him").unwrap();
    due(&mut net, 0);
    meet(&mut net, 0, 1);
    assert!(left(&net, 0, hash, 3), "the others' parcels go");
    assert!(net.closed.is_empty(), "{:?}", net.closed);
}

#[test]
fn a_parcel_goes_to_the_nodes_that_can_be_sealed_to_and_without_one_to_nobody() {
    use crate::keys::{NodeKey, PrekeyPublic, PrekeySecret, RootKey};
    use crate::sync::parcel::{Content, Parcel};
    use crate::sync::wire::Page;
    let (root, key) = (RootKey::from_seed([5; 32]), NodeKey::from_seed([6; 32]));
    let prekey = PrekeySecret::generate(&mut super::net::Seeded(7, 0));
    let content =
        Content::new(root.certify(&key, prekey.public(), super::net::START), super::net::START, Page::default());
    let to = (root.public().org(), super::net::START.plus(DAY));
    let bad = (crate::ids::NodeId([1; 32]), PrekeyPublic { suite: 2, key: vec![0; 32] });
    let good = (crate::ids::NodeId([2; 32]), prekey.public());
    let mut random = super::net::Seeded(8, 0);
    let parcel = Parcel::seal(&key, &content, to, &[bad.clone(), good.clone()], &mut random).unwrap();
    assert_eq!(parcel.wraps.iter().map(|(node, _)| *node).collect::<Vec<_>>(), [good.0]);
    assert!(Parcel::seal(&key, &content, to, &[bad], &mut random).is_err());
}

#[test]
fn no_organisation_takes_more_than_one_place_among_the_carriers_however_many_nodes_it_has() {
    let (mut net, coalition) = connected(4);
    offer(&mut net, coalition, 1);
    offer(&mut net, coalition, 2);
    for node in 2..=9 {
        let host = net.further(coalition, 3, node, 0);
        net.connect(0, host);
        net.run();
        offer(&mut net, coalition, host);
    }
    let (to, now) = (net.hosts[3].org(), net.now);
    let h = &mut net.hosts[0];
    let ranked =
        |h: &mut super::net::Host, at| crate::sync::carry::carriers(&mut h.engine.spaces, &h.store, to, at).unwrap();
    let orgs: Vec<_> = ranked(h, now).into_iter().map(|(_, org)| org).collect();
    assert_eq!(orgs.len(), 2, "one node of each organisation");
    // Whoever was drawn to stand first does not go on standing there.
    let first: std::collections::BTreeSet<_> =
        (0..40).map(|month| ranked(h, now.plus(month * 30 * DAY))[0].1).collect();
    assert_eq!(first.len(), 2);
    // Neighbours are organisations too.
    let neighbours = h.engine.dial_targets(&h.store, now).unwrap();
    assert!(neighbours.len() <= 3, "{}", neighbours.len());
}
