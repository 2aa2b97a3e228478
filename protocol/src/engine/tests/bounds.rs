//! What one organisation makes a node hold and do, whatever nodes it has.

use super::Net;
use super::net::{Host, signed};
use super::threads::{connected, found, write};
use crate::document::{Actor, Body, Document, Packed};
use crate::engine::{Checked, Context, Event, Input};
use crate::fault::Class;
use crate::ids::{DocumentId, EntryHash, NodeId, SpaceId};
use crate::keys::NodeKey;
use crate::keys::root::RootKey;
use crate::limits;
use crate::random::Foretold;
use crate::space::Register;
use crate::space::entry::{Entry, Kind};
use crate::store::{Draft, Table, View};
use crate::sync::wire::{Frame, Page, Summary};
use crate::sync::{Gathered, Tools};
use crate::time::{DAY, HOUR, MINUTE, Time};
use std::collections::BTreeMap;

fn link(net: &Net, a: usize, b: usize) -> u64 {
    net.links.iter().find(|(_, x, y)| (*x, *y) == (a, b)).unwrap().0
}

fn with_tools<T>(net: &mut Net, host: usize, act: impl FnOnce(&mut Tools<'_, '_>) -> T) -> T {
    let Host { store, engine, random, .. } = &mut net.hosts[host];
    let (mut draft, mut got) = (Draft::new(store), Gathered::default());
    let mut ctx = Context { now: net.now, random };
    let (_, mut tools) = engine.tools(&mut draft, &mut got, &mut ctx);
    act(&mut tools)
}

const fn nothing_of(space: SpaceId) -> Summary {
    Summary { space, heads: [0; 16], registers: [0; 16] }
}

#[test]
fn spaces_are_compared_in_order_and_none_for_the_second_time() {
    let cases: [(&[u8], bool); 4] = [(&[9, 5, 7], true), (&[5, 5], false), (&[9, 5, 3], false), (&[9, 5, 7, 7], false)];
    for (spaces, fits) in cases {
        let (mut net, _) = connected(2);
        let link = link(&net, 0, 1);
        // Over pages as within one.
        for space in spaces {
            let compare = Frame::Compare(vec![nothing_of(SpaceId([*space; 32]))]).encode();
            net.input(0, Input::Received { link, frame: Checked::of(&compare) });
        }
        let closed: Vec<Class> = net.closed.iter().map(|(_, fault)| fault.class).collect();
        assert_eq!(closed, if fits { vec![] } else { vec![Class::Misbehaved] }, "{spaces:?}");
    }
}

#[test]
fn of_a_page_of_digests_so_many_are_looked_at_in_one_input_and_then_others_have_their_turn() {
    let (mut net, _) = connected(2);
    let link = link(&net, 0, 1);
    let space = |n: u16| SpaceId([&n.to_be_bytes()[..], &[7; 30]].concat().try_into().unwrap());
    let many = u16::try_from(limits::COMPARE_SPACES).unwrap();
    let compare = Frame::Compare((0..many).map(|n| nothing_of(space(n))).collect()).encode();
    net.flying.clear();
    net.input(0, Input::Received { link, frame: Checked::of(&compare) });
    let settled = |net: &Net| net.flying.iter().any(|f| Frame::decode(&f.bytes).unwrap() == Frame::Compared);
    let mut ticks = 0;
    while !settled(&net) {
        assert!(net.hosts[0].wake.is_some_and(|at| at <= net.now), "it goes on by itself");
        net.tick(0);
        ticks += 1;
        assert!(ticks < 100);
    }
    assert_eq!(ticks, (limits::COMPARE_SPACES - 1) / limits::COMPARED_AT_ONCE);
    assert!(net.hosts[0].wake.is_none_or(|at| at > net.now));
}

#[test]
fn digests_of_a_space_are_made_once_and_anew_after_every_change() {
    let (mut net, coalition) = connected(2);
    let thread = found(&mut net, coalition, &[1], None);
    net.run();
    let spaces = [coalition, thread];
    let forged = ([1; 16], [2; 16]);
    let forge = |net: &mut Net| with_tools(net, 0, |t| spaces.map(|space| t.spaces.keep_digests(space, forged)));
    let stands = |net: &mut Net| {
        with_tools(net, 0, |t| {
            spaces.map(|space| {
                let said = t.summary(space).unwrap();
                (said.heads, said.registers) == forged
            })
        })
    };
    forge(&mut net);
    assert_eq!(stands(&mut net), [true, true], "what stands is not looked at again");
    net.step(1, |step| step.register(coalition, "openings/1", b"2").unwrap());
    net.run();
    assert_eq!(stands(&mut net), [false, true], "a register came");
    forge(&mut net);
    net.step(0, |step| step.register(thread, "seen", b"2").unwrap());
    assert_eq!(stands(&mut net), [true, false], "a register of our own");
    forge(&mut net);
    net.step(1, |step| step.write_coalition(coalition, b"a word").unwrap());
    net.run();
    assert_eq!(stands(&mut net), [false, true], "an entry");
    forge(&mut net);
    // Whose registers are read in the thread depends on the nodes that the coalition has.
    let second = net.further(coalition, 2, 7, 1);
    net.connect(1, second);
    net.run();
    assert_eq!(stands(&mut net), [false, false], "a certificate");
}

#[test]
fn what_is_listed_of_many_registers_fits_a_frame_whatever_their_names() {
    let mut net = Net::new(1);
    let coalition = net.found();
    net.step(0, |step| {
        for n in 0..2_700 {
            step.register(coalition, &format!("openings/{n:055}"), b"").unwrap();
        }
    });
    let have = with_tools(&mut net, 0, |t| t.have(coalition).unwrap());
    assert!(have.registers.len() > 2_000 && have.registers.len() < 2_700);
    assert!(have.registers.iter().any(|(_, name, _)| name.len() == limits::REGISTER_NAME));
    let bytes = Frame::Have(have).encode();
    assert!(bytes.len() <= limits::FRAME_BYTES, "{}", bytes.len());
    Frame::decode(&bytes).unwrap();
}

#[test]
fn registers_that_come_early_are_bounded_by_organisation_whatever_links_it_has() {
    let (mut net, coalition) = connected(2);
    let second = net.further(coalition, 2, 7, 1);
    let links = [link(&net, 0, 1), net.connect(0, second)];
    net.run();
    let org = net.hosts[1].org();
    let key = NodeKey::from_seed([77; 32]);
    let mut most = 0;
    for page in 0..40_u32 {
        let register = |n: u32| {
            let name = format!("openings/{}", page * 12 + n);
            Register::sign(&key, SpaceId([3; 32]), &name, 1, Vec::new(), vec![0; limits::REGISTER_BYTES])
                .unwrap()
                .bytes()
        };
        let announced = vec![EntryHash([9; 32])];
        let page_of = Page { registers: (0..12).map(register).collect(), announced, ..Page::default() };
        let frame = Frame::Page(page_of).encode();
        net.input(0, Input::Received { link: links[page as usize % 2], frame: Checked::of(&frame) });
        most = most.max(net.hosts[0].engine.sessions.early_bytes(org));
    }
    assert!(most > limits::EARLY_BYTES - 2 * limits::REGISTER_BYTES && most <= limits::EARLY_BYTES, "{most}");
    assert!(net.closed.is_empty(), "{:?}", net.closed);
}

/// Whose bookmarks a host keeps, and who has taken its prekey.
fn remembered(net: &Net, host: usize) -> [Vec<NodeId>; 2] {
    let nodes = |table: Table, prefix: &[u8]| {
        let rows = net.hosts[host].store.scan(table, prefix, None, usize::MAX, false).unwrap();
        let keys = rows.into_iter().filter(|(key, _)| key.starts_with(prefix));
        keys.filter_map(|(key, _)| NodeId::from_slice(&key[prefix.len()..])).collect()
    };
    [nodes(Table::Bookmark, &[]), nodes(Table::Own, b"prekey taken/")]
}

#[test]
fn of_nodes_that_are_not_in_force_nothing_is_remembered() {
    let (mut net, coalition) = connected(2);
    let second = net.further(coalition, 2, 7, 1);
    net.connect(0, second);
    net.run();
    net.now = net.now.plus(limits::PREKEY_LIFE);
    net.tick(0);
    net.run();
    let known = net.hosts[second].node();
    assert!(remembered(&net, 0).iter().all(|nodes| nodes.contains(&known)), "{:?}", remembered(&net, 0));
    let before = remembered(&net, 0);
    // As many as a member's root likes to make.
    for node in 20..30 {
        net.hosts.push(Host::new(2, node));
        let host = net.hosts.len() - 1;
        let link = net.connect(0, host);
        let frame = Frame::Page(Page { token: Some(vec![1; 60]), ..Page::default() }).encode();
        net.flying.retain(|f| f.link != link);
        let hello =
            Frame::Hello(crate::sync::wire::Hello { version: 1, run: [1; 8], time: net.now, token: None }).encode();
        for frame in [&hello, &frame] {
            net.input(0, Input::Received { link, frame: Checked::of(frame) });
        }
        net.cut(link);
    }
    assert_eq!(remembered(&net, 0), before);
    let retirement = RootKey::from_seed([2; 32]).retire(known, net.now);
    net.step(1, |step| step.retire(&retirement).unwrap());
    net.run();
    net.now = net.now.plus(HOUR + MINUTE);
    net.tick(0);
    assert!(remembered(&net, 0).iter().all(|nodes| !nodes.contains(&known)));
}

/// Delivers what flies, but for one entry, of which its holder says that it can not be had.
fn run_without_entry(net: &mut Net, lost: EntryHash) {
    while let Some(flying) = net.flying.front_mut() {
        if let Frame::Page(mut page) = Frame::decode(&flying.bytes).unwrap() {
            let of = |bytes: &Vec<u8>| crate::space::entry::Entry::parse(bytes.clone()).unwrap().hash();
            let before = page.entries.len() + page.announced.len();
            page.entries.retain(|bytes| of(bytes) != lost);
            page.announced.retain(|hash| *hash != lost);
            if page.entries.len() + page.announced.len() < before {
                page.gone.push(lost);
            }
            flying.bytes = Frame::Page(page).encode();
        }
        net.deliver();
    }
}

#[test]
fn what_waits_for_what_never_comes_is_dropped_after_its_time_and_asked_for_anew() {
    let (mut net, coalition) = connected(2);
    let space = found(&mut net, coalition, &[1], None);
    net.run();
    let first = write(&mut net, 1, space, &[0], b"one").unwrap();
    let second = write(&mut net, 1, space, &[0], b"two").unwrap();
    run_without_entry(&mut net, first);
    let waits = |net: &Net| net.hosts[0].engine.spaces.waits(&net.hosts[0].store, &second).unwrap();
    let marked = |net: &Net| net.hosts[0].store.get(Table::Bookmark, net.hosts[1].node().as_bytes()).unwrap().is_some();
    assert!(waits(&net) && marked(&net), "its sender's bookmark goes past it");
    net.cut_all();
    net.tick(0);
    net.now = net.now.plus(limits::WAITING_LIFE);
    net.tick(0);
    assert!(waits(&net), "it has its time");
    net.now = net.now.plus(DAY);
    net.tick(0);
    net.hosts[0].restart();
    net.tick(0);
    assert!(waits(&net) && marked(&net), "it is looked for seldom, whatever falls due every day");
    net.now = net.now.plus(limits::WAITING_LOOK);
    net.tick(0);
    assert!(!waits(&net) && !marked(&net));
    net.connect(0, 1);
    net.run();
    assert!([first, second].iter().all(|hash| net.hosts[0].engine.has(&net.hosts[0].store, hash).unwrap()));
    assert_eq!(net.hosts[0].applied(space), [b"one".to_vec(), b"two".to_vec()]);
}

/// So many entries that host 1 brought wait at host 0 for what never comes, by nodes of nobody.
fn fill_waiting_room(net: &mut Net, space: SpaceId, many: usize) {
    let link = link(net, 0, 1);
    let key = NodeKey::from_seed([6; 32]);
    let entries = (0..many).map(|n| {
        let parents = vec![EntryHash(crate::keys::digest::sha256(b"nothing\0", &[&n.to_be_bytes()]))];
        signed(&key, (space, Kind::Data), parents, Time(0), b"waits").bytes().to_vec()
    });
    let entries: Vec<_> = entries.collect();
    for entries in entries.chunks(100) {
        let page = Frame::Page(Page { entries: entries.to_vec(), ..Page::default() }).encode();
        net.input(0, Input::Received { link, frame: Checked::of(&page) });
    }
    // Host 1 knows nothing of these pages; what it is asked for it has not.
    net.flying.retain(|flying| !matches!(Frame::decode(&flying.bytes), Ok(Frame::Ack(_))));
    net.run();
}

/// Two words of host 1 fly to host 0 the wrong way round.
fn crossed(net: &mut Net, space: SpaceId) -> [EntryHash; 2] {
    let words = [b"one", b"two"].map(|word| write(net, 1, space, &[0], word).unwrap());
    let of = |f: &super::net::Flying, word: &EntryHash| match Frame::decode(&f.bytes) {
        Ok(Frame::Page(page)) => page.entries.iter().any(|e| Entry::parse(e.clone()).unwrap().hash() == *word),
        _ => false,
    };
    let at = words.map(|word| net.flying.iter().position(|f| of(f, &word)).unwrap());
    assert_ne!(at[0], at[1]);
    net.flying.swap(at[0], at[1]);
    words
}

#[test]
fn what_finds_no_room_to_wait_is_asked_for_again_once_what_it_follows_is_here() {
    let (mut net, coalition) = connected(2);
    let space = found(&mut net, coalition, &[1], None);
    net.run();
    fill_waiting_room(&mut net, coalition, limits::WAITING_PER_ORG);
    let words = crossed(&mut net, space);
    net.run();
    let has = |net: &Net, word| net.hosts[0].engine.has(&net.hosts[0].store, word).unwrap();
    assert!(words.iter().all(|word| has(&net, word)), "over the same link, without a comparison");
    assert!(net.closed.is_empty());
}

#[test]
fn who_sends_more_than_is_remembered_is_asked_for_nothing_again_and_its_bookmark_stays() {
    let (mut net, coalition) = connected(2);
    let space = found(&mut net, coalition, &[1], None);
    net.run();
    let marked = |net: &Net| net.hosts[0].store.get(Table::Bookmark, net.hosts[1].node().as_bytes()).unwrap();
    let before = marked(&net);
    fill_waiting_room(&mut net, coalition, 2 * limits::WAITING_PER_ORG);
    let words = crossed(&mut net, space);
    let asked = net.log.len();
    net.run();
    let has = |net: &Net, word| net.hosts[0].engine.has(&net.hosts[0].store, word).unwrap();
    assert_eq!([has(&net, &words[0]), has(&net, &words[1])], [true, false]);
    assert_eq!(marked(&net), before, "it would go past the second");
    assert!(net.log.len() - asked < 20, "it comes to rest at once");
    let link = link(&net, 0, 1);
    net.cut(link);
    net.connect(0, 1);
    net.run();
    assert!(has(&net, &words[1]), "in the next session it comes behind what it follows");
}

#[test]
fn what_waits_since_a_clock_was_ahead_waits_from_now_on() {
    let (mut net, coalition) = connected(2);
    let space = found(&mut net, coalition, &[1], None);
    net.run();
    let first = write(&mut net, 1, space, &[0], b"one").unwrap();
    let second = write(&mut net, 1, space, &[0], b"two").unwrap();
    let now = net.now;
    net.now = now.plus(10 * limits::WAITING_LIFE);
    run_without_entry(&mut net, first);
    net.cut_all();
    let waits = |net: &Net| net.hosts[0].engine.spaces.waits(&net.hosts[0].store, &second).unwrap();
    let (life, look) = (limits::WAITING_LIFE, limits::WAITING_LOOK);
    for (after, expected) in [(0, true), (look, true), (life, true), (look + life, false)] {
        net.now = now.plus(after);
        net.tick(0);
        assert_eq!(waits(&net), expected, "{after}");
    }
}

#[test]
fn of_a_small_frame_nothing_is_unpacked_before_its_turn_however_much_it_would_open_to() {
    let key = NodeKey::from_seed([5; 32]);
    let text = Some("a".repeat(limits::FIELD_CHARS));
    let actor = Actor::draw(key.id(), &mut Foretold::new(1));
    let made = Document::default().edit(&actor, Time(0), &BTreeMap::from([("a/b".to_owned(), text)])).unwrap();
    let body = Body::Change(Packed::new(DocumentId([1; 32]), &made).unwrap()).encode();
    let at = (SpaceId([9; 32]), Kind::Data);
    let entry = signed(&key, at, vec![EntryHash([1; 32])], Time(0), &body).bytes().to_vec();
    let ahead = |hashes: usize| {
        let gone = vec![EntryHash([2; 32]); hashes];
        let page = Page { entries: vec![entry.clone()], gone, ..Page::default() };
        format!("{:?}", Checked::of(&Frame::Page(page).encode()).ahead)
    };
    assert_eq!(ahead(0), "Ahead(0 bodies)");
    assert_eq!(ahead(limits::LARGE_FRAME / 32), "Ahead(1 bodies)");
}

/// A text that packs in a seventh.
fn packs_well(n: u8) -> Vec<u8> {
    let noise = (0..1_800_u32).flat_map(|i| crate::keys::digest::sha256(&[n], &[&i.to_be_bytes()]));
    noise.collect::<Vec<u8>>().repeat(7)
}

#[test]
fn what_one_input_opens_is_bounded_and_ticks_open_the_rest_once_each() {
    let (mut net, coalition) = connected(2);
    let thread = found(&mut net, coalition, &[1], None);
    write(&mut net, 0, thread, &[1], b"its first word brings the key").unwrap();
    net.run();
    net.cut_all();
    let bodies: Vec<Vec<u8>> = (0..24).map(packs_well).collect();
    let hashes: Vec<EntryHash> = bodies.iter().map(|body| write(&mut net, 0, thread, &[1], body).unwrap()).collect();
    let from = &mut net.hosts[0];
    let entries: Vec<Vec<u8>> =
        hashes.iter().map(|h| from.engine.spaces.entry(&from.store, h).unwrap().unwrap().bytes().to_vec()).collect();
    // All wait for the first, so that it releases them at once.
    net.step(1, |step| step.take_entries(entries[1..].to_vec()).unwrap());
    net.hosts[1].events.clear();
    net.step(1, |step| step.take_entries(entries[..1].to_vec()).unwrap());
    let mut taken = Vec::new();
    let mut ticks = 0;
    loop {
        let events = std::mem::take(&mut net.hosts[1].events);
        assert!(!events.iter().any(|event| matches!(event, Event::Unopened { .. })));
        net.hosts[1].events = events;
        let opened = net.hosts[1].applied(thread);
        net.hosts[1].events.clear();
        assert!(opened.iter().map(Vec::len).sum::<usize>() < limits::OPENED_BYTES + limits::BODY_BYTES);
        taken.extend(opened);
        if net.hosts[1].wake.is_none_or(|at| at > net.now) {
            break;
        }
        net.hosts[1].restart();
        net.tick(1);
        ticks += 1;
        assert!(ticks < 10, "it does not come to an end");
    }
    assert!(ticks > 1, "all were opened by one input, or never");
    taken.sort();
    let mut all = bodies;
    all.sort();
    assert!(taken == all, "{} of {} were opened", taken.len(), all.len());
}
