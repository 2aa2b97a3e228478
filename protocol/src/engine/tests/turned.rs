//! Entries that turn: what is told of them, what that costs, and that it comes to what the entries alone say.

mod waiting;

use super::net::{Host, Net, START, signed};
use super::threads::{found, permit, write};
use crate::consent::Action;
use crate::document::{self, Actor, Body, Document, Item, Packed, Shelf};
use crate::engine::{Context, Engine, Event, Seat, Step};
use crate::fault::Fault;
use crate::ids::{DocumentId, EntryHash, OrgId, SpaceId};
use crate::limits;
use crate::random::Foretold;
use crate::samples::note;
use crate::space::By;
use crate::space::entry::{Entry, Kind};
use crate::store::{Draft, Memory, Row, Table, View};
use crate::time::SECOND;
use proptest::prelude::*;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

/// Counts what is read.
struct Counting<'s> {
    store: &'s Memory,
    reads: Cell<usize>,
}

impl View for Counting<'_> {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        self.reads.set(self.reads.get() + 1);
        self.store.get(table, key)
    }

    fn scan(&self, table: Table, from: &[u8], to: Option<&[u8]>, limit: usize, back: bool) -> Result<Vec<Row>, Fault> {
        let rows = self.store.scan(table, from, to, limit, back)?;
        self.reads.set(self.reads.get() + 1 + rows.len());
        Ok(rows)
    }
}

/// An entry of the coalition as a host's node signs it, on whatever parents.
fn forged(net: &Net, host: usize, space: SpaceId, mut parents: Vec<EntryHash>, body: &[u8]) -> Entry {
    parents.sort_unstable();
    signed(net.hosts[host].engine.identity().key(), (space, Kind::Data), parents, net.now, body)
}

/// What a change of one document says, by an actor of its own.
fn change(net: &Net, host: usize, document: u8, n: u64) -> Vec<u8> {
    let actor = Actor::draw(net.hosts[host].node(), &mut Foretold::new(n));
    let edits = BTreeMap::from([(format!("listing {}/name", n % 7), Some(format!("a house, {n}")))]);
    let made = Document::default().edit(&actor, START, &edits).unwrap();
    Body::Change(Packed::new(DocumentId([document; 32]), &made).unwrap()).encode()
}

/// Hands entries to a host as a file does. Gives what was read, and what was told.
fn hand(net: &mut Net, host: usize, entries: &[&Entry]) -> (usize, Vec<Event>) {
    let Host { store, engine, random, .. } = &mut net.hosts[host];
    let counting = Counting { store, reads: Cell::new(0) };
    let mut step = engine.step(&counting, Context { now: net.now, random });
    step.take_entries(entries.iter().map(|entry| entry.bytes().to_vec()).collect()).unwrap();
    let output = step.finish().unwrap();
    let reads = counting.reads.get();
    store.commit(output.writes);
    (reads, output.events)
}

fn left(host: &Host) -> bool {
    host.store
        .rows()
        .any(|(table, key, _)| table == Table::Own && (key.starts_with(b"turned/") || key.starts_with(b"refold/")))
}

/// A steward, and an organisation with two machines: its second is host 2. Nobody is linked any more.
fn two_machines() -> (Net, SpaceId, usize) {
    let mut net = Net::new(2);
    let coalition = net.found();
    let b = net.further(coalition, 2, 2, 1);
    for (x, y) in [(0, 1), (1, b), (0, b)] {
        net.connect(x, y);
        net.run();
    }
    net.cut_all();
    (net, coalition, b)
}

/// The first machine is retired by the second, which has not heard what it wrote, and the steward hears of that.
fn retired(net: &mut Net, b: usize) {
    let retirement = net.hosts[1].root().retire(net.hosts[1].node(), net.now);
    net.step(b, |step| step.retire(&retirement).unwrap());
    net.hosts[0].events.clear();
    net.connect(0, b);
    net.run();
    net.cut_all();
}

fn heads(net: &mut Net, host: usize, space: SpaceId) -> Vec<EntryHash> {
    let h = &mut net.hosts[host];
    h.engine.spaces().counted_heads(&h.store, space).unwrap()
}

/// What naming one by one what a retired node had written costs: the most that one naming reads.
fn named_one_by_one(many: usize) -> usize {
    let (mut net, coalition, b) = two_machines();
    let on = heads(&mut net, 1, coalition);
    let words: Vec<Entry> = (0..many)
        .map(|n| {
            let body = change(&net, 1, n as u8 % 8, n as u64);
            forged(&net, 1, coalition, on.clone(), &body)
        })
        .collect();
    for part in words.chunks(100) {
        let (_, events) = hand(&mut net, 0, &part.iter().collect::<Vec<_>>());
        Told::default().take(&mut net.hosts[0], events);
    }
    retired(&mut net, b);
    let events = std::mem::take(&mut net.hosts[0].events);
    let refolded = events.iter().filter(|event| matches!(event, Event::Refold { .. })).count();
    assert_eq!(refolded, 8, "each document once");
    Told::default().take(&mut net.hosts[0], events);
    let mut quarantined: Vec<&Entry> = Vec::new();
    for word in &words {
        let h = &mut net.hosts[0];
        if !h.engine.spaces().counts(&h.store, &word.hash()).unwrap() {
            quarantined.push(word);
        }
    }
    assert_eq!(quarantined.len(), many - limits::LAST_WORDS, "the rest were saved");
    // Now each is named, in an entry of its own.
    let mut last = heads(&mut net, b, coalition);
    let mut most = 0;
    for (n, word) in quarantined.iter().enumerate() {
        let body = change(&net, b, 9, n as u64);
        let naming = forged(&net, b, coalition, [last, vec![word.hash()]].concat(), &body);
        last = vec![naming.hash()];
        let (reads, events) = hand(&mut net, 0, &[&naming]);
        let applied: Vec<EntryHash> = events
            .iter()
            .filter_map(|event| if let Event::Applied { hash, .. } = event { Some(*hash) } else { None })
            .collect();
        assert_eq!(applied.iter().copied().collect::<BTreeSet<_>>(), [naming.hash(), word.hash()].into());
        assert!(applied.len() == 2 && events.len() == 2, "{events:?}");
        most = most.max(reads);
    }
    assert!(!left(&net.hosts[0]));
    most
}

#[test]
fn naming_one_by_one_what_a_retired_node_wrote_opens_each_once_however_many_there_are() {
    let (few, many) = (named_one_by_one(40), named_one_by_one(160));
    assert!(many <= few + 8, "{few} reads among 40, and {many} among 160");
}

#[test]
fn of_what_counts_no_more_one_input_tells_a_part_and_ticks_the_rest_once_each_through_crashes_and_not_at_once() {
    let many = 2 * limits::TURNED_AT_ONCE + 200;
    let (mut net, coalition, b) = two_machines();
    let on = heads(&mut net, 1, coalition);
    let words: Vec<Entry> =
        (0..many).map(|n| forged(&net, 1, coalition, on.clone(), format!("word {n}").as_bytes())).collect();
    hand(&mut net, 0, &words.iter().collect::<Vec<_>>());
    retired(&mut net, b);
    let (mut lost, mut ticks) = (Vec::new(), 0);
    loop {
        let events = std::mem::take(&mut net.hosts[0].events).into_iter();
        let part: Vec<EntryHash> =
            events.filter_map(|event| if let Event::Lost { hash, .. } = event { Some(hash) } else { None }).collect();
        assert!(part.len() <= limits::TURNED_AT_ONCE, "{} in one input", part.len());
        lost.extend(part);
        if !left(&net.hosts[0]) {
            break;
        }
        net.hosts[0].restart();
        for after in [0, 0, limits::TURNED_EVERY - 1] {
            net.now = net.now.plus(after);
            net.tick(0);
        }
        ticks += 1;
        assert!(ticks < 5, "it does not come to an end");
    }
    assert_eq!(ticks, 2, "as much in one tick, and none soon after it");
    let once: BTreeSet<EntryHash> = lost.iter().copied().collect();
    let saved = |word: &&Entry| !once.contains(&word.hash());
    assert_eq!((lost.len(), words.iter().filter(saved).count()), (once.len(), limits::LAST_WORDS));
}

/// What a shell makes of events.
#[derive(Default)]
struct Told(BTreeMap<(SpaceId, EntryHash), Vec<u8>>);

impl Told {
    fn take(&mut self, host: &mut Host, events: Vec<Event>) {
        let Host { store, engine, .. } = host;
        let mut draft = Draft::new(store);
        let mut refolded = Vec::new();
        for event in events {
            match event {
                Event::Applied { space, hash, author, org, body, .. } => {
                    if let Ok(body) = Body::decode(&body) {
                        let item = Item { entry: hash, org, author, body };
                        engine.documents().receive(&mut draft, &space, &[item]).unwrap();
                    } else {
                        assert!(self.0.insert((space, hash), body.to_vec()).is_none(), "told twice");
                    }
                }
                Event::Lost { space, hash, body, .. } => {
                    assert_eq!(self.0.remove(&(space, hash)), Some(body.to_vec()), "as it was told");
                }
                Event::Refold { space, org, document } => refolded.push((space, org, document)),
                Event::Recount { space } => {
                    self.0.retain(|(of, _), _| *of != space);
                    let all = bodies(engine, &draft, space).into_iter();
                    self.0.extend(
                        all.filter(|(.., body)| Body::decode(body).is_err())
                            .map(|(.., hash, body)| ((space, hash), body)),
                    );
                }
                _ => {}
            }
        }
        for document in refolded {
            engine.refold(&mut draft, document).unwrap();
        }
        let writes = draft.into_writes();
        store.commit(writes);
    }

    /// Whether it is what the entries alone say.
    fn check(&self, host: &mut Host) {
        let Host { store, engine, .. } = host;
        let (mut told, mut anew) = (BTreeMap::new(), Memory::default());
        for record in engine.space_records(store).unwrap() {
            let space = record.space;
            let mut items = Vec::new();
            for (author, org, hash, body) in bodies(engine, store, space) {
                match Body::decode(&body) {
                    Ok(body) => items.push(Item { entry: hash, org, author, body }),
                    Err(_) => drop(told.insert((space, hash), body)),
                }
            }
            let orgs: BTreeSet<OrgId> = [1, 2, 3].map(|org| Host::new(org, 1).org()).into();
            let mut draft = Draft::new(&anew);
            Shelf::default().receive(&mut draft, &space, &items).unwrap();
            let writes = draft.into_writes();
            anew.commit(writes);
            for org in orgs {
                let all = document::list(&anew, &space, &org).unwrap();
                assert_eq!(document::list(store, &space, &org).unwrap(), all);
                for id in all {
                    let fields = |view: &Memory| document::open(view, &space, &org, &id).unwrap().fields().unwrap();
                    assert_eq!(fields(store), fields(&anew));
                    let weighs = |view: &Memory| document::weighs(view, (&space, &org, &id)).unwrap();
                    assert_eq!(weighs(store), weighs(&anew));
                }
            }
        }
        assert_eq!(self.0, told);
    }
}

/// Every body of a space that counts and opens, by its entry.
fn bodies(
    engine: &mut Engine,
    view: &dyn View,
    space: SpaceId,
) -> Vec<(crate::ids::NodeId, OrgId, EntryHash, Vec<u8>)> {
    let (mut found, mut from) = (Vec::new(), Some(0));
    while let Some(start) = from {
        let part = engine.bodies(view, space, start, 100).unwrap();
        found.extend(part.applied.into_iter().map(|a| (a.author, a.org, a.hash, a.body.to_vec())));
        from = part.next;
    }
    found
}

/// Lets stand what does not count in a space, if this node may.
fn keep(step: &mut Step<'_>, space: SpaceId) {
    let mut by = By { key: step.engine.identity.key(), now: step.ctx.now, random: step.ctx.random };
    if let Ok(Some(written)) = step.engine.spaces.keep_uncounted(&mut step.draft, &mut by, space) {
        step.work.got.wrote(written.offered);
    }
}

/// What happens to three organisations, the second with two machines.
#[derive(Debug, Clone, Copy)]
enum Do {
    Document(usize, u8),
    Agree(usize),
    Say(usize),
    Private(usize),
    Meet(usize, usize),
    Cut,
    Retire,
    Remove,
    Readmit,
    Revoke(usize),
    Grant(usize),
    Keep(usize),
    Restart(usize),
    Tick(usize),
}

fn deed() -> impl Strategy<Value = Do> {
    prop_oneof![
        6 => (0..4usize, 0..3u8).prop_map(|(host, document)| Do::Document(host, document)),
        3 => (0..4usize).prop_map(Do::Agree),
        6 => (0..4usize).prop_map(Do::Say),
        2 => (0..4usize).prop_map(Do::Private),
        9 => (0..4usize, 0..4usize).prop_map(|(a, b)| Do::Meet(a, b)),
        3 => Just(Do::Cut),
        2 => Just(Do::Retire),
        2 => Just(Do::Remove),
        1 => Just(Do::Readmit),
        2 => (1..3usize).prop_map(Do::Revoke),
        2 => (1..3usize).prop_map(Do::Grant),
        3 => (0..4usize).prop_map(Do::Keep),
        1 => (0..4usize).prop_map(Do::Restart),
        2 => (0..4usize).prop_map(Do::Tick),
    ]
}

struct World {
    net: Net,
    coalition: SpaceId,
    thread: SpaceId,
    told: Vec<Told>,
    said: u64,
}

impl World {
    fn new() -> Self {
        let mut net = Net::new(3);
        let coalition = net.found();
        net.further(coalition, 2, 2, 1);
        let told = (0..4).map(|_| Told::default()).collect();
        let mut world = Self { net, coalition, thread: SpaceId::ZERO, told, said: 0 };
        world.meet_all();
        world.thread = found(&mut world.net, coalition, &[1, 2], None);
        write(&mut world.net, 0, world.thread, &[1, 2], b"its first word brings the key").unwrap();
        world.net.run();
        world.net.cut_all();
        world
    }

    fn meet_all(&mut self) {
        for a in 0..4 {
            for b in a + 1..4 {
                self.meet(a, b);
            }
        }
    }

    fn meet(&mut self, a: usize, b: usize) {
        let linked = self.net.links.iter().any(|(_, x, y)| [(a, b), (b, a)].contains(&(*x, *y)));
        if a != b && !linked {
            self.net.connect(a, b);
            self.net.run();
        }
    }

    fn project(&mut self) {
        for (host, told) in self.net.hosts.iter_mut().zip(&mut self.told) {
            let events = std::mem::take(&mut host.events);
            told.take(host, events);
        }
    }

    fn act(&mut self, deed: Do) {
        self.said += 1;
        let (said, coalition, thread) = (self.said, self.coalition, self.thread);
        let text = format!("word {said}").into_bytes();
        self.net.now = self.net.now.plus(SECOND / 3);
        match deed {
            Do::Document(host, document) => {
                let body = change(&self.net, host, document, said);
                // Who is out writes nothing.
                let _ = self.net.step(host, |step| step.write_coalition(coalition, &body));
            }
            Do::Agree(host) => drop(self.net.step(host, |step| step.write_coalition(coalition, &text))),
            Do::Say(host) => {
                let to: Vec<usize> = (0..3).filter(|to| *to != host && !(host == 3 && *to == 1)).collect();
                let _ = write(&mut self.net, host, thread, &to, &text);
            }
            Do::Private(host) => drop(self.net.step(host, |step| step.write_private(&text))),
            Do::Meet(a, b) => self.meet(a, b),
            Do::Cut => self.net.cut_all(),
            Do::Retire => {
                let retirement = self.net.hosts[1].root().retire(self.net.hosts[3].node(), START);
                let _ = self.net.step(1, |step| step.retire(&retirement));
            }
            Do::Remove => {
                let org = self.net.hosts[2].org();
                let _ = self.net.step(0, |step| step.remove(coalition, org));
            }
            Do::Readmit => {
                let h = &self.net.hosts[2];
                let (card, certificate) = (h.card.clone(), h.engine.identity().certificate().clone());
                let _ = self.net.step(0, |step| step.admit(coalition, card, certificate));
            }
            Do::Revoke(whom) => {
                let org = self.net.hosts[whom].org();
                let _ = self.net.step(0, |step| step.revoke(thread, org));
            }
            Do::Grant(whom) => {
                let (own, org) = (self.net.hosts[0].org(), self.net.hosts[whom].org());
                let permit = permit(own, org, Action::Grant, None, self.net.now);
                let _ = self.net.step(0, |step| step.grant(thread, &Seat { permit: &permit, write: true }, &note()));
            }
            Do::Keep(host) => {
                let Host { store, engine, random, .. } = &mut self.net.hosts[host];
                let mut step = engine.step(store, Context { now: self.net.now, random });
                [coalition, thread].into_iter().for_each(|space| keep(&mut step, space));
                let _ = step.keep_last_words();
                let output = step.finish().unwrap();
                self.net.take(host, output);
            }
            Do::Restart(host) => {
                self.net.cut_all();
                self.net.hosts[host].restart();
            }
            Do::Tick(host) => self.net.tick(host),
        }
        if !self.net.links.is_empty() {
            self.net.run();
        }
        self.project();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 400, ..ProptestConfig::default() })]

    #[test]
    fn what_is_told_bit_by_bit_is_what_the_entries_alone_say(deeds in prop::collection::vec(deed(), 1..60)) {
        let mut world = World::new();
        world.project();
        deeds.into_iter().for_each(|deed| world.act(deed));
        for _ in 0..20 {
            world.meet_all();
            world.net.now = world.net.now.plus(SECOND);
            (0..4).for_each(|host| world.net.tick(host));
            world.net.run();
            world.project();
        }
        for (host, told) in world.net.hosts.iter_mut().zip(&world.told) {
            prop_assert!(!left(host));
            told.check(host);
        }
    }
}
