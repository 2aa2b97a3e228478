//! Threads between a few nodes: seats, sealing, receipts, ends.

use super::Net;
use super::net::START;
use crate::consent::{Action, Ask, Permit, decide};
use crate::disclosure::{Note, PrivateBody};
use crate::engine::{Context, Event, Seat, Telling};
use crate::fault::{Class, Result};
use crate::ids::{ConsentId, EntryHash, OrgId, PersonId, SpaceId, StaffId, ThreadId};
use crate::referral::{By, Expiry, Flow, Information, Party, Purpose, Scope};
use crate::sensitive::Personal;
use crate::space::control::PartnerKind;
use crate::time::{HOUR, Time};

fn permit(from: OrgId, to: OrgId, action: Action, expires: Option<Time>, now: Time) -> Permit {
    let party = |org| Party { org, name: "Somebody".to_owned(), kind: PartnerKind::Part2Program };
    let flow = Flow { from, to, information: Information::Referral, purpose: Purpose::Treatment };
    let scope = Scope {
        consent: ConsentId([1; 32]),
        version: 1,
        recipient: to,
        parties: vec![party(from), party(to)],
        flows: vec![flow],
        information: Vec::new(),
        revoke: String::new(),
        expiry: expires.map_or(Expiry::Never, Expiry::On),
        signed: START,
        represented: false,
        statements: Vec::new(),
    };
    let ask = Ask { from, to, information: Information::Referral, purpose: Purpose::Treatment, action };
    decide(&scope, &ask, now).unwrap()
}

fn note() -> Note {
    Note {
        by: By { staff: StaffId([2; 32]), name: Personal::from("Sam") },
        person: PersonId([3; 32]),
        thread: ThreadId([4; 32]),
        recipient: "Somebody".to_owned(),
        what: Personal::from("a referral"),
    }
}

fn found(net: &mut Net, coalition: SpaceId, to: &[usize], expires: Option<Time>) -> SpaceId {
    let from = net.hosts[0].org();
    let permits: Vec<Permit> =
        to.iter().map(|host| permit(from, net.hosts[*host].org(), Action::Grant, expires, net.now)).collect();
    let seats: Vec<Seat<'_>> = permits.iter().map(|permit| Seat { permit, write: true }).collect();
    net.step(0, |step| step.found_thread(coalition, true, &seats).unwrap())
}

fn write(net: &mut Net, host: usize, space: SpaceId, to: &[usize], body: &[u8]) -> Result<EntryHash> {
    let from = net.hosts[host].org();
    let permits: Vec<Permit> =
        to.iter().map(|to| permit(from, net.hosts[*to].org(), Action::Seal, None, net.now)).collect();
    let note = note();
    let tellings: Vec<Telling<'_>> = permits.iter().map(|permit| Telling { permit, note: &note }).collect();
    net.step(host, |step| step.write_thread(space, &tellings, body))
}

fn connected(orgs: u8) -> (Net, SpaceId) {
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

#[test]
fn what_is_disclosed_is_on_the_record_in_the_same_transaction() {
    let (mut net, coalition) = connected(2);
    let space = found(&mut net, coalition, &[1], None);
    let hash = write(&mut net, 0, space, &[1], b"told").unwrap();
    let private = net.hosts[0].engine.private_space(&net.hosts[0].store).unwrap().unwrap();
    let records: Vec<_> = net.hosts[0]
        .applied(private)
        .iter()
        .filter_map(|body| match PrivateBody::decode(body).unwrap() {
            PrivateBody::Disclosure(d) => Some((d.entry, d.to, d.space)),
            _ => None,
        })
        .collect();
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
    assert_eq!(net.log.len(), 4);
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
    assert!(net.hosts[0].events.contains(&Event::Expired { space, org, revoked: true }));
    assert!(net.hosts[1].events.contains(&Event::Removed { space }));
    write(&mut net, 0, space, &[], b"to myself").unwrap();
    net.run();
    assert_eq!(net.hosts[1].applied(space), [b"in time".to_vec()]);
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
    assert!(net.hosts[0].events.contains(&Event::Expired { space, org, revoked: false }));
    net.now = right;
    net.tick(0);
    net.run();
    assert_eq!(net.hosts[1].applied(space), [b"waiting".to_vec()]);
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
