//! Threads between a few nodes: seats, sealing, receipts, ends.

use super::Net;
use super::net::START;
use crate::consent::{
    Action, Ask, Basis, Consent, Draft, Expiry, Information, Party, Permit, Purpose, Representation, Signature, decide,
};
use crate::disclosure::{Disclosure, PrivateBody};
use crate::engine::{Checked, Context, Event, Input, Seat, Telling};
use crate::fault::{Class, Result};
use crate::ids::{ConsentId, EntryHash, OrgId, PersonId, SpaceId};
use crate::samples::{self, note};
use crate::space::control::PartnerKind;
use crate::space::entry::Kind;
use crate::sync::wire::{self, Frame, Have, Page, Summary};
use crate::time::{DAY, HOUR, Local, Time};

pub(super) fn permit(from: OrgId, to: OrgId, action: Action, expires: Option<Time>, now: Time) -> Permit {
    samples::permit(from, to, action, expires, now).unwrap()
}

pub(super) fn found(net: &mut Net, coalition: SpaceId, to: &[usize], expires: Option<Time>) -> SpaceId {
    let from = net.hosts[0].org();
    let permits: Vec<Permit> =
        to.iter().map(|host| permit(from, net.hosts[*host].org(), Action::Grant, expires, net.now)).collect();
    let seats: Vec<Seat<'_>> = permits.iter().map(|permit| Seat { permit, write: true }).collect();
    net.step(0, |step| step.found_thread(coalition, true, &seats).unwrap())
}

pub(super) fn write(net: &mut Net, host: usize, space: SpaceId, to: &[usize], body: &[u8]) -> Result<EntryHash> {
    let from = net.hosts[host].org();
    let permits: Vec<Permit> =
        to.iter().map(|to| permit(from, net.hosts[*to].org(), Action::Seal, None, net.now)).collect();
    let note = note();
    let tellings: Vec<Telling<'_>> = permits.iter().map(|permit| Telling { permit, note: &note }).collect();
    net.step(host, |step| step.write_thread(space, &tellings, body))
}

pub(super) fn connected(orgs: u8) -> (Net, SpaceId) {
    let mut net = Net::new(orgs);
    let coalition = net.found();
    for a in 0..usize::from(orgs) {
        for b in a + 1..usize::from(orgs) {
            net.connect(a, b);
        }
    }
    net.run();
    (net, coalition)
}

/// Places whose time has passed and that a host can not end.
pub(super) fn unended(net: &mut Net, host: usize) -> Vec<(SpaceId, OrgId)> {
    let now = net.now;
    let h = &mut net.hosts[host];
    h.engine.unended(&h.store, now).unwrap().into_iter().map(|ends| (ends.space, ends.org)).collect()
}

#[test]
fn a_thread_reaches_whom_it_names_and_nobody_else() {
    let (mut net, coalition) = connected(3);
    let space = found(&mut net, coalition, &[1], None);
    let hash = write(&mut net, 0, space, &[1], b"please see her").unwrap();
    net.run();
    assert_eq!(net.hosts[1].applied(space), [b"please see her".to_vec()]);
    write(&mut net, 1, space, &[0], b"she may come on Tuesday").unwrap();
    net.run();
    assert_eq!(net.hosts[0].applied(space).len(), 2);
    let third = &net.hosts[2];
    let needles = [space.as_bytes().to_vec(), hash.as_bytes().to_vec()];
    for (table, key, value) in third.store.rows() {
        for needle in &needles {
            let found = [key, value].iter().any(|bytes| bytes.windows(32).any(|w| w == needle.as_slice()));
            assert!(!found, "the third organisation's {table:?} holds something of the thread");
        }
    }
    assert!(net.closed.is_empty(), "{:?}", net.closed);
}

/// The records of disclosures that a host keeps.
pub(super) fn records(net: &Net, host: usize) -> Vec<Disclosure> {
    let h = &net.hosts[host];
    let private = h.engine.private_space(&h.store).unwrap().unwrap();
    let records = h.applied(private).into_iter().filter_map(|body| match PrivateBody::decode(&body).unwrap() {
        PrivateBody::Disclosure(d) => Some(*d),
        _ => None,
    });
    records.collect()
}

/// Three that are not linked now. Host 1 wrote to host 0 in a space, which let host 2 in: neither of these two knew of the other.
pub(super) fn let_in_unknown() -> (Net, SpaceId) {
    let (mut net, coalition) = connected(3);
    let space = found(&mut net, coalition, &[1], None);
    net.run();
    net.cut_all();
    write(&mut net, 1, space, &[0], b"to the custodian").unwrap();
    let grant = permit(net.hosts[0].org(), net.hosts[2].org(), Action::Grant, None, net.now);
    net.step(0, |step| step.grant(space, &Seat { permit: &grant, write: false }, &note()).unwrap());
    (net, space)
}

#[test]
fn keys_passed_on_to_who_asks_are_a_disclosure_on_record_and_need_a_permit() {
    let (mut net, space) = let_in_unknown();
    net.connect(0, 2);
    net.run();
    net.cut_all();
    net.connect(1, 2);
    net.run();
    assert!(net.hosts[2].applied(space).is_empty(), "host 1 has no permit to tell host 2");
    net.connect(0, 1);
    net.run();
    assert_eq!(net.hosts[2].applied(space), [b"to the custodian".to_vec()], "it asked, and the custodian answered");
    let org = net.hosts[2].org();
    let told: Vec<Disclosure> = records(&net, 0).into_iter().filter(|d| d.to == org).collect();
    assert_eq!(told.iter().map(|d| d.automatic).collect::<Vec<_>>(), [false, true], "the grant, then the keys");
    let h = &net.hosts[0];
    let extend = h.engine.spaces.entry(&h.store, &told[1].entry).unwrap().unwrap();
    assert_eq!((extend.header().kind, extend.header().author), (Kind::Extend, h.node()));
    assert_eq!((told[1].consent, &told[1].purpose, &told[1].by), (told[0].consent, &told[0].purpose, &told[0].by));
    assert!(records(&net, 1).iter().all(|d| d.to != org));
    // A further ask of an organisation that reads already opens nothing new, and is no disclosure.
    assert_eq!(told.len(), 2);
}

#[test]
fn a_comparison_tells_nothing_of_a_space_that_the_peer_may_not_have() {
    let (mut net, coalition) = connected(3);
    let space = found(&mut net, coalition, &[1], None);
    write(&mut net, 0, space, &[1], b"of a person").unwrap();
    net.run();
    let h = &mut net.hosts[0];
    let heads = h.engine.spaces.heads(&h.store, space).unwrap();
    let registers: Vec<_> = h.engine.spaces.registers(&h.store, space).unwrap().iter().map(|r| r.order().1).collect();
    let right = Summary {
        space,
        heads: wire::digest(b"belay heads v1\0", heads.iter().map(|hash| &hash.0[..])),
        registers: wire::digest(b"belay registers v1\0", registers.iter().map(|hash| &hash[..])),
    };
    let wrong = Summary { heads: [9; 16], ..right };
    let unknown = Summary { space: SpaceId([77; 32]), ..right };
    for summary in [right, wrong, unknown] {
        // In a session of its own: none compares a space for the second time.
        net.cut_all();
        let link = net.connect(0, 2);
        net.run();
        let compare = Frame::Compare(vec![summary]).encode();
        net.input(0, Input::Received { link, frame: Checked::of(&compare) });
        let said: Vec<Frame> = net.flying.iter().map(|f| Frame::decode(&f.bytes).unwrap()).collect();
        let nothing = Have { space: summary.space, sample: Vec::new(), registers: Vec::new() };
        assert_eq!(said, [Frame::Have(nothing)], "what is here, and that it is, shows in the answer");
        let done = Frame::Page(Page { done: vec![summary.space], ..Page::default() }).encode();
        net.input(0, Input::Received { link, frame: Checked::of(&done) });
    }
}

#[test]
fn what_is_disclosed_is_on_the_record_in_the_same_transaction() {
    let (mut net, coalition) = connected(2);
    let space = found(&mut net, coalition, &[1], None);
    let hash = write(&mut net, 0, space, &[1], b"told").unwrap();
    let records: Vec<_> = records(&net, 0).iter().map(|d| (d.entry, d.to, d.space)).collect();
    assert_eq!(records, [(hash, net.hosts[1].org(), space)]);
}

#[test]
fn a_hundred_shared_threads_cost_a_reconnection_nothing() {
    let (mut net, coalition) = connected(2);
    for _ in 0..100 {
        found(&mut net, coalition, &[1], None);
    }
    net.run();
    net.cut_all();
    net.hosts[0].restart();
    net.hosts[1].restart();
    net.log.clear();
    net.connect(0, 1);
    net.run();
    let about_threads = net.log.iter().filter(|(_, frame, _)| !matches!(frame, Frame::Backup(_))).count();
    assert_eq!(about_threads, 4);
    let bytes: usize = net.log.iter().map(|(_, _, bytes)| bytes).sum();
    assert!(bytes < 300, "{bytes} bytes");
}

#[test]
fn without_a_permit_for_each_reader_nothing_is_written() {
    let (mut net, coalition) = connected(3);
    let space = found(&mut net, coalition, &[1, 2], None);
    let fault = write(&mut net, 0, space, &[1], b"half permitted").unwrap_err();
    assert_eq!(fault.class, Class::NotPermitted);
    let other = permit(net.hosts[1].org(), net.hosts[2].org(), Action::Seal, None, net.now);
    let wrong_action = permit(net.hosts[0].org(), net.hosts[1].org(), Action::Show, None, net.now);
    let note = note();
    for permit in [&other, &wrong_action] {
        let fault = net.step(0, |step| step.write_thread(space, &[Telling { permit, note: &note }], b"x")).unwrap_err();
        assert_eq!(fault.class, Class::NotPermitted);
    }
}

/// Of something that `from` told `to` at `at`, under a consent that was signed then.
fn went(from: OrgId, to: OrgId, at: Time, now: Time) -> Permit {
    let party = |org, kind| Party { org, name: "Somebody".to_owned(), kind };
    let mut draft = Draft::between(
        ConsentId([7; 32]),
        (PersonId([3; 32]), "Zephyrine Quillfeather".into()),
        party(from, PartnerKind::CoveredEntity),
        party(to, PartnerKind::Part2Program),
        &[Information::Referral],
        &[],
        &Purpose::Treatment,
    );
    draft.terms.expiry = Some(Expiry::On(Local::utc(at.plus(DAY))));
    let signature = Signature::typed("Zephyrine Quillfeather", Representation::Person);
    let signed = draft.sign(signature, Some(at), note().by, at).unwrap();
    let ask = Ask { from, to, information: Information::Referral, purpose: Purpose::Treatment, action: Action::Export };
    decide(Basis::Then(&[Consent::Signed(signed)], at), &ask, now).unwrap()
}

#[test]
fn what_went_already_is_on_record_when_it_went_and_lets_nothing_go() {
    let (mut net, coalition) = connected(2);
    let space = found(&mut net, coalition, &[1], None);
    let (own, other, at) = (net.hosts[0].org(), net.hosts[1].org(), START);
    let now = START.plus(10 * DAY);
    let (late, note, content) = (went(own, other, at, now), note(), EntryHash([5; 32]));
    let telling = [Telling { permit: &late, note: &note }];
    let refused = |fault: Result<()>| assert_eq!(fault.unwrap_err().class, Class::NotPermitted);
    refused(net.step(0, |step| step.export(&telling, content)));
    refused(net.step(0, |step| step.write_thread(space, &telling, b"x").map(drop)));
    let usual = permit(own, other, Action::Export, None, net.now);
    refused(net.step(0, |step| step.went(&[Telling { permit: &usual, note: &note }], content)));
    refused(net.step(0, |step| step.went(&[], content)));
    refused(net.step(1, |step| step.went(&telling, content)));
    assert!(records(&net, 0).is_empty());
    net.step(0, |step| step.went(&telling, content)).unwrap();
    let told: Vec<_> = records(&net, 0).iter().map(|d| (d.entry, d.to, d.space, d.at)).collect();
    assert_eq!(told, [(content, other, SpaceId::ZERO, at)], "42 CFR 2.25");
}

#[test]
fn delivered_follows_the_other_side_s_durable_commit() {
    let (mut net, coalition) = connected(2);
    let space = found(&mut net, coalition, &[1], None);
    net.run();
    net.cut_all();
    let hash = write(&mut net, 0, space, &[1], b"waiting").unwrap();
    let org = net.hosts[1].org();
    let delivered = |net: &mut Net| {
        let h = &mut net.hosts[0];
        h.engine.delivered(&h.store, space, hash, org).unwrap()
    };
    assert!(!delivered(&mut net));
    net.connect(0, 1);
    net.hosts[1].durable = false;
    net.run();
    assert!(delivered(&mut net));
    assert!(net.hosts[1].durable, "a receipt is a promise");
}

#[test]
fn a_revoked_organisation_hears_of_it_and_opens_nothing_sealed_later() {
    let (mut net, coalition) = connected(3);
    let space = found(&mut net, coalition, &[1, 2], None);
    write(&mut net, 0, space, &[1, 2], b"to both").unwrap();
    net.run();
    let org = net.hosts[2].org();
    net.step(0, |step| step.revoke(space, org).unwrap());
    write(&mut net, 0, space, &[1], b"to one").unwrap();
    net.run();
    assert_eq!(net.hosts[1].applied(space).len(), 2);
    assert_eq!(net.hosts[2].applied(space), [b"to both".to_vec()]);
    assert!(net.hosts[2].events.contains(&Event::Removed { space }));
    let fault = write(&mut net, 2, space, &[0, 1], b"still here").unwrap_err();
    assert_eq!(fault.class, Class::NotPermitted);
    // Handed over by force, nothing opens.
    let h = &net.hosts[0];
    let all: Vec<Vec<u8>> = h
        .store
        .rows()
        .filter(|(table, ..)| *table == crate::store::Table::Entry)
        .map(|(_, key, _)| h.engine.spaces.entry(&h.store, &EntryHash::from_slice(key).unwrap()).unwrap())
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.space() == space || entry.space() == coalition)
        .map(|entry| entry.bytes().to_vec())
        .collect();
    for bytes in all {
        net.step(2, |step| step.take_entries(vec![bytes]).unwrap());
    }
    assert_eq!(net.hosts[2].applied(space), [b"to both".to_vec()]);
}

#[test]
fn who_is_let_in_later_gets_all_that_was_there() {
    let (mut net, coalition) = connected(3);
    let space = found(&mut net, coalition, &[1], None);
    write(&mut net, 0, space, &[1], b"before").unwrap();
    net.run();
    let grant = permit(net.hosts[0].org(), net.hosts[2].org(), Action::Grant, None, net.now);
    net.step(0, |step| step.grant(space, &Seat { permit: &grant, write: false }, &note()).unwrap());
    net.run();
    assert_eq!(net.hosts[2].applied(space), [b"before".to_vec()]);
    write(&mut net, 1, space, &[0, 2], b"after").unwrap();
    net.run();
    assert_eq!(net.hosts[2].applied(space).len(), 2);
}

#[test]
fn when_a_grant_expires_nothing_goes_there_and_the_custodian_ends_it() {
    let (mut net, coalition) = connected(4);
    let end = net.now.plus(HOUR);
    let space = found(&mut net, coalition, &[1], Some(end));
    write(&mut net, 0, space, &[1], b"in time").unwrap();
    net.run();
    net.now = end.plus(1);
    assert_eq!(write(&mut net, 0, space, &[1], b"too late").unwrap_err().class, Class::NotPermitted);
    // Clocks were compared when the links came up; three organisations agree.
    net.tick(0);
    net.run();
    let org = net.hosts[1].org();
    assert!(net.hosts[0].events.contains(&Event::Expired { space, org }));
    assert!(net.hosts[1].events.contains(&Event::Removed { space }));
    write(&mut net, 0, space, &[], b"to myself").unwrap();
    net.run();
    assert_eq!(net.hosts[1].applied(space), [b"in time".to_vec()]);
}

#[test]
fn a_day_after_a_grant_expired_any_member_ends_it_but_nobody_its_own() {
    let (mut net, coalition) = connected(4);
    let end = net.now.plus(HOUR);
    let space = found(&mut net, coalition, &[1, 2], Some(end));
    write(&mut net, 0, space, &[1, 2], b"in time").unwrap();
    net.run();
    net.now = end.plus(DAY);
    net.tick(1);
    net.run();
    let (own, other) = (net.hosts[1].org(), net.hosts[2].org());
    let events = &net.hosts[1].events;
    assert!(events.contains(&Event::Expired { space, org: other }), "{events:?}");
    assert!(!events.iter().any(|event| matches!(event, Event::Expired { org, .. } if *org == own)), "{events:?}");
    assert!(!events.contains(&Event::Removed { space }), "its place may have been made longer where it has not heard");
}

#[test]
fn a_clock_that_nobody_shares_ends_no_membership_and_holds_back_until_it_is_mended() {
    let (mut net, coalition) = connected(2);
    let end = net.now.plus(HOUR);
    let space = found(&mut net, coalition, &[1], Some(end));
    net.run();
    net.cut_all();
    write(&mut net, 0, space, &[1], b"waiting").unwrap();
    let right = net.now;
    net.now = end.plus(HOUR);
    net.connect(0, 1);
    net.tick(0);
    net.run();
    assert!(net.hosts[1].applied(space).is_empty());
    let org = net.hosts[1].org();
    assert_eq!(unended(&mut net, 0), [(space, org)], "staff are asked");
    net.now = right;
    net.tick(0);
    net.run();
    assert_eq!(net.hosts[1].applied(space), [b"waiting".to_vec()]);
}

#[test]
fn a_clock_that_is_set_while_links_stand_ends_no_membership_until_others_share_it() {
    let (mut net, coalition) = connected(4);
    let end = net.now.plus(HOUR);
    let space = found(&mut net, coalition, &[1], Some(end));
    net.run();
    let (right, far) = (net.now, i64::try_from(2 * HOUR).unwrap());
    net.now = right.plus(2 * HOUR);
    net.input(0, Input::ClockMoved { by: far });
    net.tick(0);
    net.run();
    let org = net.hosts[1].org();
    assert_eq!(unended(&mut net, 0), [(space, org)], "staff are asked");
    assert!(!net.hosts[1].events.contains(&Event::Removed { space }));
    // It is set right again; and then the hour passes.
    net.now = right;
    net.input(0, Input::ClockMoved { by: -far });
    net.now = end.plus(1);
    net.tick(0);
    net.run();
    assert!(net.hosts[0].events.contains(&Event::Expired { space, org }));
    assert!(net.hosts[1].events.contains(&Event::Removed { space }));
    assert_eq!(unended(&mut net, 0), []);
}

#[test]
fn a_step_that_is_dropped_leaves_nothing_behind() {
    let (mut net, coalition) = connected(2);
    let h = &mut net.hosts[0];
    {
        let mut step = h.engine.step(&h.store, Context { now: START, random: &mut h.random });
        step.write_coalition(coalition, b"never").unwrap();
    }
    net.step(0, |step| step.write_coalition(coalition, b"ever").unwrap());
    net.run();
    assert_eq!(net.hosts[1].applied(coalition), [b"ever".to_vec()]);
}
