//! An organisation that says more than is taken at once: it waits itself, nobody else does, and in the end everybody has everything.

use super::Net;
use super::threads::{connected, found, write};
use crate::codec;
use crate::ids::{OrgId, SpaceId};
use crate::limits;
use crate::space::Account;
use crate::store::{Draft, Table, View};
use crate::sync::wire::Frame;
use crate::time::{DAY, HOUR, MINUTE, Time};

/// What a host has left to take of an organisation's words, from now on.
pub(super) fn leave(net: &mut Net, host: usize, org: OrgId, coalition: Option<SpaceId>, left: i64) {
    let key = [&[0; 32][..], b"q", org.as_bytes(), coalition.as_ref().map_or(&[], |k| k.as_bytes())].concat();
    let h = &mut net.hosts[host];
    let mut draft = Draft::new(&h.store);
    draft.put(Table::Fold, key, codec::encode(&(left, net.now)));
    let writes = draft.into_writes();
    h.store.commit(writes);
}

fn left(net: &Net, host: usize, org: OrgId) -> i64 {
    Account { org, coalition: None }.left(&net.hosts[host].store, net.now).unwrap()
}

fn entries(net: &mut Net, host: usize, space: SpaceId) -> usize {
    let h = &net.hosts[host];
    h.engine.spaces.order(&h.store, space, 0, 100_000).unwrap().len()
}

/// Lets time go by as the hosts ask for it, until `until`.
fn pass(net: &mut Net, until: Time) {
    let mut woken = 0;
    while let Some(at) = net.hosts.iter().filter_map(|host| host.wake).min().filter(|at| *at <= until) {
        net.now = Time(net.now.0.max(at.0));
        for host in 0..net.hosts.len() {
            if net.hosts[host].wake.is_some_and(|at| at <= net.now) {
                net.tick(host);
                woken += 1;
                assert!(woken < 10_000, "the hosts do not come to rest");
            }
        }
        net.run();
    }
    net.now = Time(net.now.0.max(until.0));
}

/// A body that does not compress.
fn noise(seed: u64, bytes: usize) -> Vec<u8> {
    let mut out = vec![0; bytes];
    crate::random::Random::fill(&mut super::net::Seeded(seed, 0), &mut out);
    out
}

#[test]
fn a_flood_fills_its_own_quota_and_no_more_and_nobody_else_waits() {
    let (mut net, coalition) = connected(3);
    let flooder = net.hosts[1].org();
    let before = entries(&mut net, 2, coalition);
    leave(&mut net, 2, flooder, None, 300_000);
    for n in 0..60 {
        net.step(1, |step| step.write_coalition(coalition, &noise(n, 20_000)).unwrap());
    }
    net.run();
    let came = entries(&mut net, 2, coalition) - before;
    assert!((7..=9).contains(&came), "{came} entries that cost 37 KB for 300 KB");
    assert!(left(&net, 2, flooder) >= 0);
    assert!(left(&net, 2, flooder) < 38_000);
    assert_eq!(entries(&mut net, 0, coalition) - before, 60, "who was not flooded has all");
    // Nothing of what is late lies in the store, whichever way it came.
    let h = &net.hosts[2];
    assert_eq!(h.store.scan(Table::Waiting, &[], None, 10, false).unwrap().len(), 0);
    // Others are heard at once: the third by both, both by the third.
    net.step(0, |step| step.write_coalition(coalition, b"openings: two").unwrap());
    net.step(2, |step| step.write_coalition(coalition, b"openings: none").unwrap());
    net.run();
    assert!(net.hosts[2].applied(coalition).contains(&b"openings: two".to_vec()));
    for host in [0, 1] {
        assert!(net.hosts[host].applied(coalition).contains(&b"openings: none".to_vec()), "host {host}");
    }
    assert!(net.closed.is_empty(), "{:?}", net.closed);
}

#[test]
fn what_came_too_early_is_taken_later_by_itself_and_then_all_hold_the_same() {
    let (mut net, coalition) = connected(3);
    let flooder = net.hosts[1].org();
    leave(&mut net, 2, flooder, None, 0);
    for n in 0..40 {
        net.step(1, |step| step.write_coalition(coalition, &noise(n, 60_000)).unwrap());
    }
    net.run();
    let behind = entries(&mut net, 0, coalition) - entries(&mut net, 2, coalition);
    assert_eq!(behind, 40);
    // Reconnected, it gets no more, and asks for nothing in vain.
    net.cut_all();
    for (a, b) in [(0, 1), (0, 2), (1, 2)] {
        net.connect(a, b);
    }
    net.run();
    assert_eq!(entries(&mut net, 0, coalition) - entries(&mut net, 2, coalition), 40);
    net.log.clear();
    let begun = net.now;
    pass(&mut net, begun.plus(90 * MINUTE));
    let h = &mut net.hosts;
    let heads: Vec<_> = h.iter_mut().map(|h| h.engine.spaces.heads(&h.store, coalition).unwrap()).collect();
    assert!(heads.iter().all(|other| *other == heads[0]), "all hold the same");
    assert_eq!(net.hosts[2].applied(coalition).len(), 40);
    let sent: usize = net
        .log
        .iter()
        .filter_map(|(from, frame, _)| match frame {
            Frame::Page(page) if *from != 2 => Some(page.entries.len()),
            _ => None,
        })
        .sum();
    assert!(sent <= 44, "{sent} entries were sent for 40 that were late");
    // From now on its bookmarks go on: with nothing new, nothing is sent again.
    net.cut_all();
    net.log.clear();
    for (a, b) in [(0, 1), (0, 2), (1, 2)] {
        net.connect(a, b);
    }
    net.run();
    let sent = |frame: &Frame| matches!(frame, Frame::Page(page) if !page.entries.is_empty());
    assert!(!net.log.iter().any(|(_, frame, _)| sent(frame) || matches!(frame, Frame::Compare(_) | Frame::Want(_))));
}

#[test]
fn a_partner_that_has_said_too_much_is_not_acknowledged_so_its_words_stay_with_it() {
    let mut net = Net::new(2);
    let coalition = net.found();
    net.connect(0, 1);
    net.run();
    net.cut_all();
    let flooder = net.hosts[0].org();
    leave(&mut net, 1, flooder, None, -1_000_000);
    let many = limits::LATE_HELD + 2_000;
    for n in 0..many as u64 {
        net.step(0, |step| step.write_coalition(coalition, &noise(n, 900)).unwrap());
    }
    net.log.clear();
    net.connect(0, 1);
    net.run();
    let sent: usize =
        net.log.iter().filter_map(|(_, f, _)| if let Frame::Page(p) = f { Some(p.entries.len()) } else { None }).sum();
    // Pages of 256 KiB hold some 220 of them; so many are in flight when it stops.
    let stops = limits::LATE_HELD..limits::LATE_HELD + (limits::PAGES_IN_FLIGHT + 1) * 250;
    assert!(stops.contains(&sent), "{sent} of {many} were sent");
    assert_eq!(net.hosts[1].applied(coalition).len(), 0);
    let begun = net.now;
    pass(&mut net, begun.plus(DAY));
    assert_eq!(net.hosts[1].applied(coalition).len(), many, "all of it comes, with no action by anyone");
}

#[test]
fn a_revocation_comes_through_a_flood_and_what_others_wait_for_too() {
    let (mut net, coalition) = connected(3);
    let thread = found(&mut net, coalition, &[1], None);
    net.run();
    let flooder = net.hosts[0].org();
    leave(&mut net, 1, flooder, None, -500_000);
    write(&mut net, 0, thread, &[1], b"one more word").unwrap();
    net.run();
    assert!(net.hosts[1].applied(thread).is_empty(), "it is late");
    let org = net.hosts[1].org();
    net.step(0, |step| step.revoke(thread, org).unwrap());
    net.run();
    let h = &mut net.hosts[1];
    let out = h.store.get(Table::Removed, thread.as_bytes()).unwrap().is_some()
        || !h.engine.fold(&h.store, thread).unwrap().members.contains_key(&org);
    assert!(out, "the revocation is heard all the same");
}

#[test]
fn a_flood_in_threads_does_not_hold_up_what_the_coalition_builds_on() {
    let (mut net, coalition) = connected(4);
    let flooder = net.hosts[1].org();
    leave(&mut net, 2, flooder, None, -5_000_000);
    // A second machine of the flooding organisation is certified: a control entry that everybody's later entries name.
    let second = net.further(coalition, 2, 7, 1);
    net.connect(1, second);
    net.run();
    let node = net.hosts[second].node();
    let h = &mut net.hosts[2];
    assert!(h.engine.fold(&h.store, coalition).unwrap().nodes.contains_key(&node), "heard at once");
    net.step(3, |step| step.write_coalition(coalition, b"after it").unwrap());
    net.run();
    assert!(net.hosts[2].applied(coalition).contains(&b"after it".to_vec()));
}

#[test]
fn registers_are_bounded_by_name_and_churn_is_taken_later() {
    let (mut net, coalition) = connected(2);
    let flooder = net.hosts[0].org();
    leave(&mut net, 1, flooder, None, 40_000);
    let arrivals = |net: &Net| crate::sync::arrivals::last(&net.hosts[1].store).unwrap().0;
    let before = arrivals(&net);
    for n in 0..200_u32 {
        net.step(0, |step| step.register(coalition, "openings/1", &n.to_be_bytes()).unwrap());
        net.run();
    }
    let grown = arrivals(&net) - before;
    assert!((10..=20).contains(&grown), "{grown} of 200 values were stored");
    let begun = net.now;
    pass(&mut net, begun.plus(10 * MINUTE));
    let (node, h) = (net.hosts[0].node(), &mut net.hosts[1]);
    let newest = h.engine.spaces.register(&h.store, coalition, node, "openings/1").unwrap().unwrap();
    assert_eq!(newest.value, 199_u32.to_be_bytes(), "the newest value comes, and those between need not");
    assert!(arrivals(&net) - before <= grown + 2);
}

#[test]
fn who_certifies_node_after_node_is_heard_some_times_and_then_some_a_day_and_retires_at_once() {
    let (mut net, coalition) = connected(3);
    let org = net.hosts[1].org();
    let root = crate::keys::root::RootKey::from_seed([2; 32]);
    // As after very many.
    leave(&mut net, 2, org, Some(coalition), 2 * limits::NODE_COST + limits::NODE_COST / 2);
    let others: Vec<usize> = (2..8).map(|node| net.further(coalition, 2, node, 1)).collect();
    for host in &others {
        net.connect(1, *host);
    }
    net.run();
    let nodes = |net: &mut Net| {
        let h = &mut net.hosts[2];
        let fold = h.engine.fold(&h.store, coalition).unwrap();
        (fold.nodes.values().filter(|of| **of == org).count() - 1, fold.retired.len())
    };
    let (some, _) = nodes(&mut net);
    assert!((1..=2).contains(&some), "{some}");
    // What is there to be retired is retired however little is left.
    leave(&mut net, 2, org, Some(coalition), 0);
    let known: Vec<_> = {
        let h = &mut net.hosts[2];
        h.engine.fold(&h.store, coalition).unwrap().nodes.keys().copied().collect()
    };
    let one = others.iter().map(|host| net.hosts[*host].node()).find(|node| known.contains(node)).unwrap();
    let retirement = root.retire(one, net.now);
    net.step(1, |step| step.retire(&retirement).unwrap());
    net.run();
    assert_eq!(nodes(&mut net).1, 1);
    let until = net.now.plus(DAY);
    pass(&mut net, until);
    assert_eq!(nodes(&mut net), (others.len() - 1, 1), "nothing is lost");
}

#[test]
fn an_account_that_a_wrong_clock_dated_ahead_fills_once_the_clock_is_right() {
    let (mut net, coalition) = connected(2);
    let org = net.hosts[0].org();
    let right = net.now;
    net.now = right.plus(400 * DAY);
    leave(&mut net, 1, org, None, 0);
    net.now = right.plus(HOUR);
    net.step(0, |step| step.write_coalition(coalition, &noise(1, 60_000)).unwrap());
    net.run();
    assert!(net.hosts[1].applied(coalition).is_empty());
    net.tick(1);
    pass(&mut net, right.plus(2 * HOUR));
    assert_eq!(net.hosts[1].applied(coalition).len(), 1);
}

#[test]
fn a_document_costs_what_it_opens_to() {
    use crate::document::{Actor, Body, Document, Packed};
    let (mut net, coalition) = connected(2);
    let author = net.hosts[1].org();
    let actor = Actor::draw(net.hosts[1].node(), &mut net.hosts[1].random);
    let edit = (0..4).map(|field| (format!("l/{field}"), Some("t".repeat(limits::FIELD_CHARS)))).collect();
    let changes = Document::default().edit(&actor, net.now, &edit).unwrap();
    let body = Body::Change(Packed::new(crate::ids::DocumentId::ZERO, &changes).unwrap()).encode();
    assert!(body.len() < 1_000);
    let before = left(&net, 0, author);
    net.step(1, |step| step.write_coalition(coalition, &body).unwrap());
    net.run();
    let cost = usize::try_from(before - left(&net, 0, author)).unwrap();
    assert!(cost > 4 * limits::FIELD_CHARS, "{cost}");
}
