//! The coalition space between a few nodes.

use super::Net;
use crate::engine::{Checked, Event, Input};
use crate::fault::Class;
use crate::ids::NodeId;
use crate::sync::wire::{Frame, Page};
use crate::time::{DAY, Time};

fn bodies(net: &mut Net, host: usize, space: crate::ids::SpaceId) -> Vec<Vec<u8>> {
    let h = &mut net.hosts[host];
    let mut all: Vec<Vec<u8>> =
        h.engine.bodies(&h.store, space, 0, 1_000).unwrap().applied.into_iter().map(|a| a.body.to_vec()).collect();
    all.sort();
    all
}

#[test]
fn a_newcomer_gets_all_and_then_each_gets_what_the_other_writes() {
    let mut net = Net::new(2);
    let coalition = net.found();
    net.step(0, |step| step.write_coalition(coalition, b"first").unwrap());
    net.connect(0, 1);
    net.run();
    assert_eq!(bodies(&mut net, 1, coalition), [b"first".to_vec()]);
    assert!(net.hosts[1].events.contains(&Event::Joined { space: coalition }));
    net.step(1, |step| step.write_coalition(coalition, b"second").unwrap());
    net.step(0, |step| step.write_coalition(coalition, b"third").unwrap());
    net.run();
    for host in 0..2 {
        assert_eq!(bodies(&mut net, host, coalition), [b"first".to_vec(), b"second".to_vec(), b"third".to_vec()]);
    }
    assert_eq!(net.hosts[0].applied(coalition).len(), 3, "each body is told once, own ones too");
    assert_eq!(net.hosts[1].applied(coalition).len(), 3);
    assert!(net.closed.is_empty(), "{:?}", net.closed);
}

#[test]
fn reconnecting_with_nothing_new_is_one_round_trip_under_300_bytes() {
    let mut net = Net::new(2);
    let coalition = net.found();
    net.connect(0, 1);
    net.run();
    for host in 0..2 {
        net.step(host, |step| step.write_coalition(coalition, b"something").unwrap());
        net.run();
    }
    net.cut_all();
    for host in 0..2 {
        net.step(host, |step| step.write_private(b"nobody else's").unwrap());
        net.hosts[host].restart();
    }
    net.log.clear();
    net.connect(0, 1);
    net.run();
    let names: Vec<_> = net.log.iter().map(|(_, frame, _)| frame.name()).collect();
    // Each asks at once whether what it left with the other lies there still.
    assert_eq!(names, ["hello", "backup", "hello", "backup", "same", "backup", "same", "backup"]);
    let bytes: usize = net.log.iter().map(|(_, _, bytes)| bytes).sum();
    assert!(bytes < 300, "{bytes} bytes");
}

#[test]
fn after_a_commit_that_failed_the_engine_goes_on_from_the_store() {
    let mut net = Net::new(2);
    let coalition = net.found();
    net.connect(0, 1);
    net.run();
    let Host { store, engine, random, .. } = &mut net.hosts[0];
    let mut step = engine.step(store, crate::engine::Context { now: net.now, random });
    step.write_coalition(coalition, b"the disk was full").unwrap();
    step.finish().unwrap();
    // Nothing of that output is committed or sent.
    net.hosts[0].engine.forget();
    net.cut_all();
    net.step(0, |step| step.write_coalition(coalition, b"there is room again").unwrap());
    net.connect(0, 1);
    net.run();
    assert_eq!(bodies(&mut net, 0, coalition), [b"there is room again".to_vec()]);
    assert_eq!(bodies(&mut net, 1, coalition), [b"there is room again".to_vec()]);
}

#[test]
fn a_cut_between_announcement_and_entry_costs_nothing_for_good() {
    let mut net = Net::new(3);
    let coalition = net.found();
    net.connect(0, 1);
    net.run();
    net.connect(1, 2);
    net.run();
    net.cut_all();
    net.step(0, |step| step.write_coalition(coalition, b"by way of host 1").unwrap());
    net.connect(0, 1);
    net.run();
    net.cut_all();
    net.connect(1, 2);
    while !net.log.last().is_some_and(|(from, frame, _)| *from == 2 && matches!(frame, Frame::Want(_))) {
        assert!(net.deliver(), "host 2 never asked");
    }
    net.cut_all();
    assert!(bodies(&mut net, 2, coalition).is_empty());
    net.connect(1, 2);
    net.run();
    assert_eq!(bodies(&mut net, 2, coalition), [b"by way of host 1".to_vec()]);
}

#[test]
fn what_was_written_apart_is_sent_once_and_nothing_else_is() {
    let mut net = Net::new(3);
    let coalition = net.found();
    net.connect(0, 1);
    net.connect(0, 2);
    net.connect(1, 2);
    net.run();
    net.cut_all();
    for number in 0..20_u8 {
        net.step(0, |step| step.write_coalition(coalition, &[number; 50]).unwrap());
    }
    net.log.clear();
    net.connect(0, 1);
    net.run();
    net.connect(1, 2);
    net.run();
    net.connect(0, 2);
    net.run();
    let mut entries = [0; 3];
    for (from, frame, _) in &net.log {
        if let Frame::Page(page) = frame {
            entries[*from] += page.entries.len();
        }
    }
    assert_eq!(entries[1], 20, "host 2 has them from host 1, which told of them by name");
    // Host 0 sends its own whole at once: to host 1, which lacked them, and by its bookmark to host 2.
    assert_eq!(entries[0], 40);
    assert_eq!(bodies(&mut net, 2, coalition).len(), 20);
}

#[test]
fn a_relayed_entry_is_never_asked_for_twice() {
    let mut net = Net::new(4);
    let coalition = net.found();
    for (a, b) in [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)] {
        net.connect(a, b);
    }
    net.run();
    net.log.clear();
    net.step(1, |step| step.write_coalition(coalition, b"to all").unwrap());
    net.run();
    let wants = net.log.iter().filter(|(_, frame, _)| matches!(frame, Frame::Want(_))).count();
    assert_eq!(wants, 0, "it was pushed whole by its author before anybody could ask");
    for host in 0..4 {
        assert_eq!(bodies(&mut net, host, coalition), [b"to all".to_vec()]);
    }
}

#[test]
fn a_rolled_back_node_gets_its_own_lost_words_back() {
    let mut net = Net::new(2);
    let coalition = net.found();
    net.connect(0, 1);
    net.run();
    let yesterday = net.hosts[1].store.clone();
    net.step(1, |step| step.write_coalition(coalition, b"lost by a bad disk").unwrap());
    net.run();
    net.cut_all();
    net.hosts[1].store = yesterday;
    net.hosts[1].restart();
    net.connect(0, 1);
    net.run();
    assert_eq!(bodies(&mut net, 1, coalition), [b"lost by a bad disk".to_vec()]);
    net.step(1, |step| step.write_coalition(coalition, b"and on").unwrap());
    net.run();
    assert_eq!(bodies(&mut net, 0, coalition).len(), 2);
}

#[test]
fn a_page_cut_short_is_resumed_without_sending_twice_what_came() {
    let mut net = Net::new(2);
    let coalition = net.found();
    let mut random = super::net::Seeded(9, 9);
    for _ in 0..12 {
        let mut body = vec![0; 100_000];
        crate::random::Random::fill(&mut random, &mut body);
        net.step(0, |step| step.write_coalition(coalition, &body).unwrap());
    }
    net.connect(0, 1);
    while bodies(&mut net, 1, coalition).len() < 5 {
        assert!(net.deliver());
    }
    net.cut_all();
    let before = bodies(&mut net, 1, coalition).len();
    net.log.clear();
    net.connect(0, 1);
    net.run();
    let sent: usize = net
        .log
        .iter()
        .map(|(_, frame, _)| if let Frame::Page(Page { entries, .. }) = frame { entries.len() } else { 0 })
        .sum();
    assert_eq!(bodies(&mut net, 1, coalition).len(), 12);
    assert!(sent <= 12 - before + 1, "{sent} sent, {before} were there");
}

#[test]
fn registers_reach_everybody_and_the_newest_stands() {
    let mut net = Net::new(3);
    let coalition = net.found();
    net.connect(0, 1);
    net.connect(1, 2);
    net.run();
    net.step(0, |step| step.register(coalition, "openings/x", b"3").unwrap());
    net.step(0, |step| step.register(coalition, "openings/x", b"2").unwrap());
    net.run();
    let node = net.hosts[0].node();
    let value = |net: &mut Net, host: usize| {
        let h = &mut net.hosts[host];
        h.engine.spaces().register(&h.store, coalition, node, "openings/x").unwrap().map(|r| r.value)
    };
    assert_eq!(value(&mut net, 2), Some(b"2".to_vec()));
    net.cut_all();
    net.step(0, |step| step.register(coalition, "openings/x", b"1").unwrap());
    net.connect(0, 2);
    net.run();
    assert_eq!(value(&mut net, 2), Some(b"1".to_vec()));
    assert!(net.hosts[2].events.contains(&Event::Register { space: coalition, node, name: "openings/x".to_owned() }));
}

#[test]
fn frames_out_of_turn_close_the_link_and_say_who_was_at_fault() {
    let cases: [(Vec<u8>, Class); 4] = [
        (Frame::Ack(None).encode(), Class::Misbehaved),
        (Frame::Compared.encode(), Class::Misbehaved),
        (b"\xff\xff".to_vec(), Class::Malformed),
        (vec![0; crate::limits::FRAME_BYTES + 1], Class::Malformed),
    ];
    for (bytes, class) in cases {
        let mut net = Net::new(2);
        net.found();
        let link = net.connect(0, 1);
        net.run();
        net.input(0, Input::Received { link, frame: Checked::of(&bytes) });
        assert_eq!(net.closed.len(), 1);
        assert_eq!(net.closed[0].1.class, class, "{:?}", net.closed[0].1);
    }
}

#[test]
fn a_coalition_that_was_not_joined_is_refused() {
    let mut net = Net::new(2);
    let coalition = net.found();
    let mut stranger = super::Host::new(9, 1);
    std::mem::swap(&mut net.hosts[1], &mut stranger);
    net.connect(0, 1);
    net.run();
    let h = &net.hosts[1];
    assert!(h.engine.space_records(&h.store).unwrap().iter().all(|r| r.space != coalition));
    assert_ne!(h.node(), NodeId::ZERO);
}

#[test]
fn a_removed_organisation_hears_of_it_and_gets_nothing_more() {
    let mut net = Net::new(3);
    let coalition = net.found();
    for (a, b) in [(0, 1), (0, 2), (1, 2)] {
        net.connect(a, b);
    }
    net.run();
    let org = net.hosts[2].org();
    net.step(0, |step| step.remove(coalition, org).unwrap());
    net.run();
    assert!(net.hosts[2].events.contains(&Event::Removed { space: coalition }));
    net.step(0, |step| step.write_coalition(coalition, b"among ourselves").unwrap());
    net.run();
    assert_eq!(bodies(&mut net, 1, coalition), [b"among ourselves".to_vec()]);
    assert!(bodies(&mut net, 2, coalition).is_empty());
    let Host { store, engine, random, .. } = &mut net.hosts[2];
    let mut step = engine.step(store, crate::engine::Context { now: net.now, random });
    assert_eq!(step.write_coalition(coalition, b"me too").unwrap_err().class, Class::NotPermitted);
}

#[test]
fn who_was_removed_while_away_hears_of_it_at_the_door() {
    let mut net = Net::new(2);
    let coalition = net.found();
    net.connect(0, 1);
    net.run();
    net.cut_all();
    let org = net.hosts[1].org();
    net.step(0, |step| step.remove(coalition, org).unwrap());
    let (door, away) = (net.hosts[0].node(), net.hosts[1].node());
    let [host, guest] = &mut net.hosts[..] else { panic!() };
    let knock = guest.engine.admission(&guest.store, door).unwrap();
    let denial = host.engine.admits(&host.store, away, &knock).unwrap().unwrap_err();
    assert_eq!(denial.org, Some(org), "whom it denies it knows, to tell it why");
    let answer = host.engine.denial(&host.store, &denial).unwrap();
    let heard = guest.engine.admits(&guest.store, door, &answer).unwrap().unwrap_err();
    assert!(heard.by_peer);
    assert_eq!(heard.notices.len(), 1, "the entry that removed it");
    net.step(1, |step| step.take_removal(heard.notices[0].clone()).unwrap());
    assert!(net.hosts[1].events.contains(&Event::Removed { space: coalition }));
}

/// Host 1 tells host 2 of an entry of host 0 and never sends it, but goes on talking. The link of host 2 with the honest host 3.
fn withheld(net: &mut Net, coalition: crate::ids::SpaceId) -> (u64, crate::ids::EntryHash) {
    net.connect(0, 1);
    net.connect(0, 3);
    net.run();
    let hostile = net.connect(1, 2);
    let honest = net.connect(2, 3);
    net.run();
    let hash = net.step(0, |step| step.write_coalition(coalition, b"told of, not sent").unwrap());
    let told = Frame::Page(Page { announced: vec![hash], ..Page::default() }).encode();
    net.input(2, Input::Received { link: hostile, frame: Checked::of(&told) });
    net.run_without(hostile);
    (honest, hash)
}

#[test]
fn who_withholds_what_it_announced_and_goes_on_talking_is_not_waited_for() {
    let mut net = Net::new(4);
    let coalition = net.found();
    let (_, hash) = withheld(&mut net, coalition);
    let hostile = net.links.iter().find(|(_, a, b)| (*a, *b) == (1, 2)).unwrap().0;
    assert!(bodies(&mut net, 2, coalition).is_empty(), "asked of the first that told of it");
    let mut waited = 0;
    while bodies(&mut net, 2, coalition).is_empty() {
        net.now = net.now.plus(10 * crate::time::SECOND);
        waited += 10 * crate::time::SECOND;
        assert!(waited <= limits::ASK_LIFE, "the idle frames of one peer keep the other from being asked");
        let idle = Frame::Same.encode();
        net.input(2, Input::Received { link: hostile, frame: Checked::of(&idle) });
        let due = net.hosts[2].wake.expect("something is owed");
        assert!(due <= net.now.plus(limits::ASK_LIFE), "nobody looks again");
        if due <= net.now {
            net.tick(2);
        }
        net.run_without(hostile);
    }
    let asked = |net: &Net| {
        net.log
            .iter()
            .filter(|(from, frame, _)| *from == 2 && matches!(frame, Frame::Want(w) if w.contains(&hash)))
            .count()
    };
    assert_eq!(asked(&net), 1, "the honest one once, and the other is not asked again");
}

#[test]
fn a_clock_that_is_set_back_makes_nobody_wait_longer_for_what_was_asked_for() {
    let mut net = Net::new(4);
    let coalition = net.found();
    net.now = net.now.plus(2 * DAY);
    let (_, hash) = withheld(&mut net, coalition);
    let hostile = net.links.iter().find(|(_, a, b)| (*a, *b) == (1, 2)).unwrap().0;
    net.now = Time(net.now.0 - 2 * DAY);
    net.input(2, Input::ClockMoved { by: -i64::try_from(2 * DAY).unwrap() });
    net.now = net.now.plus(limits::ASK_LIFE);
    // It talks on, so it is not silent either.
    net.input(2, Input::Received { link: hostile, frame: Checked::of(&Frame::Same.encode()) });
    net.tick(2);
    net.run_without(hostile);
    assert!(net.hosts[2].engine.has(&net.hosts[2].store, &hash).unwrap(), "the honest one was asked");
}

#[test]
fn who_let_asks_lapse_is_asked_last_and_waited_for_less() {
    let mut net = Net::new(4);
    let coalition = net.found();
    let (_, _) = withheld(&mut net, coalition);
    let hostile = net.links.iter().find(|(_, a, b)| (*a, *b) == (1, 2)).unwrap().0;
    net.now = net.now.plus(limits::ASK_LIFE);
    net.input(2, Input::Received { link: hostile, frame: Checked::of(&Frame::Same.encode()) });
    net.tick(2);
    net.run_without(hostile);
    assert_eq!(bodies(&mut net, 2, coalition).len(), 1);
    let hash = net.step(0, |step| step.write_coalition(coalition, b"once more").unwrap());
    let told = Frame::Page(Page { announced: vec![hash], ..Page::default() }).encode();
    net.input(2, Input::Received { link: hostile, frame: Checked::of(&told) });
    net.run_without(hostile);
    assert_eq!(bodies(&mut net, 2, coalition).len(), 1);
    net.now = net.now.plus(limits::ASK_LIFE / 2);
    net.input(2, Input::Received { link: hostile, frame: Checked::of(&Frame::Same.encode()) });
    net.tick(2);
    net.run_without(hostile);
    assert_eq!(bodies(&mut net, 2, coalition).len(), 2, "half the time");
}

#[test]
fn a_comparison_that_is_not_answered_goes_to_another_peer() {
    let mut net = Net::new(4);
    let coalition = net.found();
    net.connect(0, 3);
    net.run();
    net.step(0, |step| step.write_coalition(coalition, b"in the space").unwrap());
    net.run();
    net.connect(0, 1);
    net.run();
    let hostile = net.connect(1, 2);
    // Its digests come; to the answer it says nothing more.
    while !net.flying.iter().any(|f| f.link == hostile && matches!(Frame::decode(&f.bytes), Ok(Frame::Have(_)))) {
        assert!(net.deliver());
    }
    net.flying.retain(|f| f.link != hostile);
    net.connect(2, 3);
    net.run_without(hostile);
    assert!(bodies(&mut net, 2, coalition).is_empty());
    for _ in 0..limits::COMPARE_LIFE / (10 * crate::time::SECOND) {
        net.now = net.now.plus(10 * crate::time::SECOND);
        net.input(2, Input::Received { link: hostile, frame: Checked::of(&Frame::Same.encode()) });
        if net.hosts[2].wake.is_some_and(|at| at <= net.now) {
            net.tick(2);
        }
        net.run_without(hostile);
    }
    assert_eq!(bodies(&mut net, 2, coalition).len(), 1);
}

#[test]
fn a_space_is_looked_through_once_for_each_comparison_and_for_who_compares_nothing_not_at_all() {
    use crate::sync::wire::Have;
    let compared = |again: bool| {
        let mut net = Net::new(2);
        let coalition = net.found();
        let link = net.connect(0, 1);
        while !net.flying.iter().any(|f| f.from == 1 && matches!(Frame::decode(&f.bytes), Ok(Frame::Have(_)))) {
            assert!(net.deliver());
        }
        let at = net.flying.iter().position(|f| f.from == 1 && matches!(Frame::decode(&f.bytes), Ok(Frame::Have(_))));
        let have = net.flying[at.unwrap()].bytes.clone();
        if again {
            net.input(0, Input::Received { link, frame: Checked::of(&have) });
        }
        net.run();
        let closed = net.closed.iter().map(|(host, fault)| (*host, fault.class)).collect::<Vec<_>>();
        (net, coalition, link, closed)
    };
    let (mut net, coalition, link, closed) = compared(false);
    assert_eq!(closed, []);
    assert_eq!(compared(true).3, [(0, Class::Misbehaved)]);
    let have = Frame::Have(Have { space: coalition, sample: Vec::new(), registers: Vec::new() }).encode();
    net.input(0, Input::Received { link, frame: Checked::of(&have) });
    assert_eq!(net.closed[0].1.class, Class::Misbehaved);
}

#[test]
fn who_wants_and_takes_nothing_is_shown_out() {
    let mut net = Net::new(2);
    let coalition = net.found();
    let link = net.connect(0, 1);
    net.run();
    let mut hashes = Vec::new();
    let mut random = super::net::Seeded(9, 9);
    for _ in 0..8 {
        let mut body = vec![0; 150_000];
        crate::random::Random::fill(&mut random, &mut body);
        hashes.push(net.step(0, |step| step.write_coalition(coalition, &body).unwrap()));
    }
    let want = Frame::Want(hashes.iter().cycle().take(limits::WANTS).copied().collect()).encode();
    let mut frames = 0;
    while net.closed.is_empty() {
        net.input(0, Input::Received { link, frame: Checked::of(&want) });
        frames += 1;
        assert!(frames <= 4, "what is queued for one link has no bound");
    }
    assert_eq!(net.closed[0].1.class, Class::Misbehaved);
}

use super::Host;
use crate::limits;
