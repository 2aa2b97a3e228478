//! Who was away while others came and went, and what is told to them when they are back. Each was found by the simulator.

use super::Net;
use super::net::signed;
use super::threads::{connected, found, write};
use crate::engine::{Checked, Event, Input};
use crate::ids::{EntryHash, OrgId, SpaceId};
use crate::limits;
use crate::space::control::{Control, Revoke};
use crate::space::entry::Kind;
use crate::store::{Table, View, Write};
use crate::sync::wire::{Frame, Page};

/// A founder, a member that goes away, and a second node of the founder that the member has never heard of.
fn away() -> (Net, crate::ids::SpaceId, usize) {
    let mut net = Net::new(3);
    let coalition = net.found();
    net.connect(0, 1);
    net.connect(0, 2);
    net.run();
    net.cut_all();
    let second = net.further(coalition, 1, 2, 0);
    (net, coalition, second)
}

#[test]
fn who_was_taken_out_by_a_node_that_it_does_not_know_is_shown_whose_node_that_is() {
    let (mut net, coalition, second) = away();
    let org = net.hosts[1].org();
    net.step(second, |step| step.remove(coalition, org).unwrap());
    let (door, me) = (net.hosts[second].node(), net.hosts[1].node());
    let knock = net.hosts[1].engine.admission(&net.hosts[1].store, door).unwrap();
    let h = &mut net.hosts[second];
    let denial = h.engine.admits(&h.store, me, &knock).unwrap().unwrap_err();
    let answer = h.engine.denial(&h.store, &denial).unwrap();
    let guest = &mut net.hosts[1];
    let heard = guest.engine.admits(&guest.store, door, &answer).unwrap().unwrap_err();
    assert_eq!(heard.notices.len(), 2, "the certificate of who removed it, and the removal");
    // The removal alone can not be believed, and is no misbehaviour.
    net.step(1, |step| step.take_removal(heard.notices[1].clone()).unwrap());
    assert!(!net.hosts[1].events.contains(&Event::Removed { space: coalition }));
    for notice in heard.notices {
        net.step(1, |step| step.take_removal(notice).unwrap());
    }
    assert!(net.hosts[1].events.contains(&Event::Removed { space: coalition }));
}

#[test]
fn a_removal_that_comes_before_its_authors_certificate_waits_for_it_and_closes_no_link() {
    let (mut net, coalition, second) = away();
    let link = net.connect(0, second);
    net.run();
    net.cut(link);
    let thread = found(&mut net, coalition, &[1], None);
    let with_member = net.connect(0, 1);
    let with_second = net.connect(0, second);
    net.run();
    net.cut(with_member);
    let org = net.hosts[1].org();
    let removal = net.step(second, |step| step.revoke(thread, org).unwrap());
    net.run();
    net.cut(with_second);
    // The member meets the founder's first node, as one that held back everything but the removal would speak.
    let h = &net.hosts[0];
    let removal = h.engine.spaces.entry(&h.store, &removal).unwrap().unwrap();
    assert_eq!(removal.header().kind, Kind::Revoke);
    let link = net.connect(0, 1);
    let page = Page { removals: vec![removal.bytes().to_vec()], ..Page::default() };
    net.flying.push_front(super::net::Flying { link, from: 0, to: 1, bytes: Frame::Page(page).encode() });
    // Its greeting comes first, as always.
    let hello = net
        .flying
        .iter()
        .position(|f| f.to == 1 && f.link == link && matches!(Frame::decode(&f.bytes), Ok(Frame::Hello(_))))
        .unwrap();
    let hello = net.flying.remove(hello).unwrap();
    net.flying.push_front(hello);
    net.run();
    assert!(net.closed.iter().all(|(host, _)| *host != 1), "{:?}", net.closed);
    // An honest one sends the certificate too.
    net.connect(0, 1);
    net.run();
    assert!(net.hosts[1].events.contains(&Event::Removed { space: thread }));
}

#[test]
fn of_removals_whose_author_is_not_known_yet_few_wait_for_it() {
    let (mut net, coalition) = connected(2);
    let [one, other] = [(); 2].map(|()| found(&mut net, coalition, &[1], None));
    net.run();
    let second = net.further(coalition, 1, 2, 0);
    let told = net.hosts[1].org();
    let mut removals: Vec<Vec<u8>> = Vec::new();
    for _ in 0..limits::EARLY_REMOVALS {
        net.now = net.now.plus(1);
        removals.push(made_up(&net, second, one, told));
    }
    removals.push(made_up(&net, second, other, told));
    let page = Frame::Page(Page { removals, ..Page::default() }).encode();
    let link = net.links[0].0;
    net.input(1, Input::Received { link, frame: Checked::of(&page) });
    // Nobody acknowledges what its neighbour did not send.
    net.flying.clear();
    net.connect(0, second);
    net.run();
    let removed = |net: &Net, space| net.hosts[1].events.contains(&Event::Removed { space });
    assert!(removed(&net, one), "they waited for the certificate");
    assert!(!removed(&net, other), "and what came above the bound did not");
}

#[test]
fn what_an_organisation_published_before_it_was_taken_out_is_shown_to_all_when_it_is_let_in_again() {
    let mut net = Net::new(3);
    let coalition = net.found();
    net.connect(0, 1);
    net.connect(0, 2);
    net.run();
    let (org, node) = (net.hosts[1].org(), net.hosts[1].node());
    // Host 2 hears of the removal before it is sent what host 1 has published.
    net.cut_all();
    net.step(1, |step| step.register(coalition, "openings/a", b"three").unwrap());
    net.step(0, |step| step.remove(coalition, org).unwrap());
    net.connect(0, 2);
    net.run();
    let register = {
        let h = &mut net.hosts[1];
        h.engine.registers(&h.store, coalition).unwrap().into_iter().find(|r| r.name == "openings/a").unwrap()
    };
    let link = net.links[0].0;
    let page = Page { registers: vec![register.bytes()], ..Page::default() };
    net.flying.push_back(super::net::Flying { link, from: 0, to: 2, bytes: Frame::Page(page).encode() });
    net.run();
    let reads = |net: &mut Net, host: usize| {
        let h = &mut net.hosts[host];
        h.engine.registers(&h.store, coalition).unwrap().iter().any(|r| r.node == node && r.name == "openings/a")
    };
    // The page was forged, so its sender closed the link at the acknowledgement.
    net.cut_all();
    net.connect(0, 2);
    net.run();
    assert!(!reads(&mut net, 2), "nobody reads what is published by who is out");
    net.admit(coalition, 1);
    net.run();
    assert!(reads(&mut net, 2), "let in again, and what came meanwhile is there");
}

/// A member that is let in again by hand, while what was published in between is on its way to it over a link that falls after so many
/// frames, and comes to stand again. Whether it reads that, and whether the line fell before all had come.
fn let_in_again(frames: usize) -> (bool, bool) {
    let mut net = Net::new(2);
    let coalition = net.found();
    net.connect(0, 1);
    net.run();
    let (node, org) = (net.hosts[0].node(), net.hosts[1].org());
    net.step(0, |step| step.remove(coalition, org).unwrap());
    net.run();
    net.step(0, |step| step.register(coalition, "openings/a", b"three").unwrap());
    net.run();
    net.admit(coalition, 1);
    let h = &mut net.hosts[0];
    let control = h.engine.control_entries(&h.store, coalition).unwrap();
    net.step(1, |step| step.take_entries(control).unwrap());
    for _ in 0..frames {
        net.deliver();
    }
    let fell = !net.flying.is_empty();
    net.cut_all();
    net.connect(0, 1);
    net.run();
    let h = &mut net.hosts[1];
    let registers = h.engine.registers(&h.store, coalition).unwrap();
    (registers.iter().any(|r| r.node == node && r.name == "openings/a"), fell)
}

#[test]
pub fn what_a_space_that_opened_shows_comes_wherever_the_line_falls() {
    for frames in 0.. {
        let (reads, fell) = let_in_again(frames);
        assert!(reads, "the line fell after {frames} frames");
        if !fell {
            assert!(frames > 2, "what is announced and what is shown goes in frames of its own");
            break;
        }
    }
}

/// What a node says and nobody else ever hears: this organisation is out of the thread, behind an entry that there is not.
fn made_up(net: &Net, by: usize, space: SpaceId, org: OrgId) -> Vec<u8> {
    let control = Control::Revoke(Revoke { org, grant: None, approvals: Vec::new(), word: false });
    let key = net.hosts[by].engine.identity().key();
    let parents = vec![EntryHash([7; 32])];
    signed(key, (space, control.kind()), parents, net.now, &control.encode()).bytes().to_vec()
}

#[test]
fn who_was_told_a_lie_is_in_again_once_the_custodian_speaks_a_week_later_and_by_nobody_else() {
    let (mut net, coalition) = connected(3);
    let thread = found(&mut net, coalition, &[1, 2], None);
    net.run();
    let told = net.hosts[1].org();
    let notice = made_up(&net, 2, thread, told);
    net.step(1, |step| step.take_removal(notice).unwrap());
    let out = |net: &Net| net.hosts[1].store.get(Table::Removed, thread.as_bytes()).unwrap().is_some();
    assert!(out(&net) && write(&mut net, 1, thread, &[0, 2], b"unheard").is_err(), "believed at once");
    write(&mut net, 0, thread, &[1, 2], b"the custodian has not heard yet").unwrap();
    net.run();
    assert!(out(&net), "what the custodian says within the week may only come before it has heard");
    net.now = net.now.plus(limits::NOTICE_STANDS);
    let custodian = net.links.iter().find(|(_, a, b)| (*a, *b) == (0, 1)).unwrap().0;
    net.cut(custodian);
    write(&mut net, 2, thread, &[0, 1], b"who lied, or its friend, governs nothing").unwrap();
    net.run();
    assert!(out(&net));
    net.connect(0, 1);
    net.run();
    write(&mut net, 0, thread, &[1, 2], b"are you there?").unwrap();
    net.run();
    assert!(!out(&net));
    let heard = write(&mut net, 1, thread, &[0, 2], b"here again").unwrap();
    net.run();
    assert!(net.hosts[0].engine.has(&net.hosts[0].store, &heard).unwrap());
}

/// Two meet, and nobody else, who have forgotten how far they told each other: what both hold is compared.
fn meet_anew(net: &mut Net, a: usize, b: usize) {
    net.cut_all();
    for host in [a, b] {
        let store = &mut net.hosts[host].store;
        let rows = store.scan(Table::Bookmark, &[], None, 10, false).unwrap();
        store.commit(rows.into_iter().map(|(key, _)| Write { table: Table::Bookmark, key, value: None }).collect());
    }
    net.connect(a, b);
    net.run();
}

#[test]
fn machines_of_one_organisation_do_not_go_on_telling_each_other_what_was_void_at_one_of_them() {
    let (mut net, coalition) = connected(3);
    let thread = found(&mut net, coalition, &[1, 2], None);
    net.run();
    let second = net.further(coalition, 2, 2, 0);
    net.connect(0, second);
    net.connect(1, second);
    net.run();
    let told = net.hosts[1].org();
    let notice = made_up(&net, 2, thread, told);
    net.step(1, |step| step.take_removal(notice.clone()).unwrap());
    net.run();
    let out = |net: &Net| {
        [1, second].map(|host| net.hosts[host].store.get(Table::Removed, thread.as_bytes()).unwrap().is_some())
    };
    assert_eq!(out(&net), [true, true], "what one is told it tells the other");
    net.now = net.now.plus(limits::NOTICE_STANDS);
    meet_anew(&mut net, 0, 1);
    assert_eq!(out(&net), [false, true]);
    meet_anew(&mut net, 1, second);
    assert_eq!(out(&net), [false, true], "the other still believes it");
    meet_anew(&mut net, 0, second);
    assert_eq!(out(&net), [false, false]);
    net.step(1, |step| step.take_removal(notice).unwrap());
    assert_eq!(out(&net), [true, false], "somebody else says it anew");
}

#[test]
fn a_comparison_with_the_custodian_ends_a_lie_as_an_entry_does_and_none_with_who_has_heard_ends_a_removal() {
    let (mut net, coalition) = connected(3);
    let thread = found(&mut net, coalition, &[1, 2], None);
    net.run();
    let told = net.hosts[1].org();
    let out = |net: &Net| net.hosts[1].store.get(Table::Removed, thread.as_bytes()).unwrap().is_some();
    let notice = made_up(&net, 2, thread, told);
    net.step(1, |step| step.take_removal(notice).unwrap());
    let unsaid = write(&mut net, 0, thread, &[1, 2], b"read, and not acknowledged").unwrap();
    net.run();
    let holds = |net: &mut Net| {
        let host = &mut net.hosts[0];
        host.engine.delivered(&host.store, thread, unsaid, told).unwrap()
    };
    assert!(!holds(&mut net), "who holds itself for removed says nothing");
    net.now = net.now.plus(limits::NOTICE_STANDS);
    meet_anew(&mut net, 0, 1);
    assert!(!out(&net) && holds(&mut net), "and says it when it may again");
    net.step(0, |step| step.revoke(thread, told).unwrap());
    net.run();
    assert!(out(&net));
    net.now = net.now.plus(2 * limits::NOTICE_STANDS);
    meet_anew(&mut net, 0, 1);
    assert!(out(&net), "the custodian wrote it itself");
}
