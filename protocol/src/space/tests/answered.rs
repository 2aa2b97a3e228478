//! Which extends answer which asks, whose answers are spent, and to whom keys that are passed on tell something.

use super::world::{Peer, coalition, forge, send, settle, thread};
use crate::ids::{EntryHash, OrgId, SpaceId};
use crate::keys::Wrap;
use crate::limits;
use crate::space::control::{Ask, Control, Extend};
use crate::space::entry::Kind;
use crate::store::{Table, Write};
use std::collections::BTreeSet;

/// A thread of three organisations, with two epochs (sorted), as one of its nodes has it.
struct Room {
    a: Peer,
    b: Peer,
    c: Peer,
    t: SpaceId,
    epochs: [EntryHash; 2],
    control: Vec<EntryHash>,
}

fn room() -> Room {
    let (mut a, mut b, mut c) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1));
    let k = coalition(&mut [&mut a, &mut b, &mut c]);
    let t = thread(k, &mut [&mut a, &mut b, &mut c]);
    a.write(t, "under the first").unwrap();
    a.now = a.now.plus(limits::EPOCH_LIFE);
    a.write(t, "under the second").unwrap();
    let minted = a.all(t).into_iter().filter(|entry| entry.header().kind == Kind::Epoch);
    let mut epochs: Vec<EntryHash> = minted.map(|entry| entry.hash()).collect();
    epochs.sort_unstable();
    let epochs = epochs.try_into().unwrap();
    settle(&mut [&mut a, &mut b, &mut c], &[k, t]);
    let control = a.spaces.control_heads(&a.store, k).unwrap();
    Room { a, b, c, t, epochs, control }
}

fn garbage(keys: usize) -> Wrap {
    Wrap { suite: 2, prekey: crate::ids::PrekeyId::ZERO, encapsulated: vec![0; 32], sealed: vec![0; 32 * keys + 16] }
}

fn given(at: &Peer, extend: &EntryHash) -> Extend {
    match Control::decode(Kind::Extend, at.entry(extend).body()).unwrap() {
        Some(Control::Extend(extend)) => extend,
        other => panic!("{other:?}"),
    }
}

impl Room {
    /// Of `by`, at the first's, on these parents or on all heads.
    fn say(&mut self, by: u8, parents: Option<&[EntryHash]>, body: &Control) -> EntryHash {
        let heads = self.a.heads(self.t);
        self.a.now = self.a.now.plus(1);
        let mut by = Peer::new(by, 1);
        by.now = self.a.now;
        let entry = forge(&by, self.t, parents.unwrap_or(&heads), &self.control, body);
        self.a.offer(entry.clone(), None).unwrap();
        entry.hash()
    }

    fn ask(&mut self, by: u8, epochs: &[EntryHash]) -> EntryHash {
        let ask = Ask { epochs: epochs.to_vec(), prekey: self.b.prekey.public() };
        self.say(by, None, &Control::Ask(ask))
    }

    /// Keys that do not open.
    fn give(&mut self, by: u8, to: u8, epochs: &[EntryHash], parents: Option<&[EntryHash]>) -> EntryHash {
        let wraps = vec![(Peer::new(to, 1).id(), garbage(epochs.len()))];
        self.say(by, parents, &Control::Extend(Extend { epochs: epochs.to_vec(), wraps }))
    }

    /// The asks that are to be answered yet by the first's organisation or by anybody else's.
    fn open(&mut self) -> Vec<EntryHash> {
        let own = self.a.org();
        let graph = &self.a.spaces.graphs[&self.t];
        let open = graph.open_asks(Some(own), |_| Ok(true)).unwrap();
        open.into_iter().map(|at| graph.control_node(at).unwrap().hash).collect()
    }

    fn spent(&mut self, ask: &EntryHash) -> BTreeSet<OrgId> {
        let graph = &self.a.spaces.graphs[&self.t];
        graph.spent(graph.control_number(ask).unwrap()).unwrap()
    }
}

#[test]
fn an_ask_is_answered_by_what_follows_it_and_reaches_its_author_with_all_that_it_names() {
    let mut room = room();
    let [one, two] = room.epochs;
    let before = room.a.heads(room.t);
    let ask = room.ask(2, &[one, two]);
    room.give(3, 2, &[one, two], Some(&before));
    assert_eq!(room.open(), [ask], "its answer is to another");
    room.give(3, 1, &[one, two], None);
    assert_eq!(room.open(), [ask], "it reaches another");
    room.give(3, 2, &[one], None);
    assert_eq!(room.open(), [ask], "half of it");
    room.give(3, 2, &[one, two], None);
    assert_eq!(room.open(), []);
}

#[test]
fn one_is_answered_though_another_was_answered_meanwhile() {
    let mut room = room();
    let [one, _] = room.epochs;
    let (first, second) = (room.ask(2, &[one]), room.ask(3, &[one]));
    assert_eq!(room.open(), [first, second]);
    room.give(3, 2, &[one], None);
    assert_eq!(room.open(), [second]);
    // By the node itself: one ask was answered, and the other is due.
    let answered = room.a.act(|s, d, by| s.tend(d, by, room.t)).unwrap().accepted;
    assert_eq!(answered.len(), 1);
    let extend = given(&room.a, &answered[0].1);
    assert_eq!(extend.wraps.iter().map(|(node, _)| *node).collect::<Vec<_>>(), [room.c.id()]);
}

#[test]
fn who_asks_and_may_not_read_or_asks_for_what_is_not_here_is_passed_over_and_the_next_is_answered() {
    for lacks in [false, true] {
        let mut room = room();
        let [one, two] = room.epochs;
        if lacks {
            room.a.store.commit(vec![Write { table: Table::EpochKey, key: two.0.to_vec(), value: None }]);
            room.ask(2, &[two]);
        } else {
            let org = room.b.org();
            room.a.revoke(room.t, org).unwrap();
            room.a.act(|s, d, by| s.grant(d, by, room.t, org, false, true, None)).unwrap();
            room.ask(2, &[one]);
        }
        room.ask(3, &[one]);
        let wrote = room.a.act(|s, d, by| s.tend(d, by, room.t)).unwrap().accepted;
        let extends: Vec<EntryHash> =
            wrote.iter().map(|(_, hash)| *hash).filter(|h| room.a.entry(h).header().kind == Kind::Extend).collect();
        let [extend] = &extends[..] else { panic!("{} extends, lacks: {lacks}", extends.len()) };
        assert_eq!(given(&room.a, extend).wraps[0].0, room.c.id());
    }
}

#[test]
fn of_each_who_asks_so_many_are_looked_at_however_many_others_ask() {
    for (few, many) in [(2, 3), (3, 2)] {
        let mut room = room();
        let [one, _] = room.epochs;
        let few: Vec<EntryHash> = (0..16).map(|_| room.ask(few, &[one])).collect();
        let many: Vec<EntryHash> = (0..limits::ASKS_OPEN + 3).map(|_| room.ask(many, &[one])).collect();
        let open = room.open();
        assert_eq!(open.len(), few.len() + limits::ASKS_OPEN);
        assert!(few.iter().all(|ask| open.contains(ask)));
        assert!(many[3..].iter().all(|ask| open.contains(ask)), "the newest");
        // Those for whose keys none is here take no place from an older one.
        let graph = &room.a.spaces.graphs[&room.t];
        assert_eq!(graph.open_asks(None, |_| Ok(false)).unwrap(), Vec::<u32>::new());
    }
}

#[test]
fn the_answers_are_spent_of_who_answered_so_often_for_that_key_and_that_node_and_the_asker_knew() {
    let rounds = limits::ASKS_ANSWERED;
    let mut room = room();
    let [one, two] = room.epochs;
    let c = room.c.org();
    for round in 0..rounds {
        let ask = room.ask(2, &[one]);
        assert!(room.spent(&ask).is_empty(), "after {round} rounds");
        room.give(3, 2, &[one, two], None);
        room.give(1, 3, &[one], None);
    }
    let other = room.ask(2, &[two]);
    assert!(room.spent(&other).is_empty(), "it never asked for that key");
    let ask = room.ask(2, &[one]);
    assert_eq!(room.spent(&ask), [c].into(), "and of nobody who wrapped to others meanwhile");
    // Who asks without having heard of those answers.
    let heads = room.epochs.to_vec();
    let unheard = Ask { epochs: vec![one], prekey: room.b.prekey.public() };
    let unheard = room.say(2, Some(&heads), &Control::Ask(unheard));
    assert!(room.spent(&unheard).is_empty());
    // What such an answer reaches, is not answered.
    room.give(3, 2, &[one, two], None);
    assert!(room.open().contains(&ask) && !room.open().contains(&unheard));
}

#[test]
fn keys_for_a_further_node_of_who_holds_them_tell_it_nothing() {
    for second_epoch in [false, true] {
        let (mut a, mut b, mut c) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1));
        let k = coalition(&mut [&mut a, &mut b, &mut c]);
        let t = thread(k, &mut [&mut a, &mut b, &mut c]);
        a.write(t, "under the first").unwrap();
        if second_epoch {
            a.now = a.now.plus(limits::EPOCH_LIFE);
            a.write(t, "under the second").unwrap();
        }
        let second = Peer::new(3, 2);
        let certificate = second.certificate();
        let certified = c.act(|s, d, by| s.certify(d, by, k, certificate)).unwrap().hash;
        send(&mut a, &mut b, &[t]);
        for by in [&mut a, &mut b] {
            by.offer(c.entry(&certified), None).unwrap();
        }
        b.now = a.now;
        let write = |by: &mut Peer| {
            let written = by.act(|s, d, by| s.write(d, by, t, b"for the new one as well")).unwrap().offered;
            let kinds: Vec<Kind> = written.accepted.iter().map(|(_, hash)| by.entry(hash).header().kind).collect();
            assert_eq!(kinds, [Kind::Extend, Kind::Data], "an epoch that is young is extended");
            assert!(written.told.is_empty(), "{:?}", written.told);
            given(by, &written.accepted[0].1)
        };
        // By another who reads, and by who minted it.
        write(&mut b);
        let extend = write(&mut a);
        assert_eq!(extend.wraps.iter().map(|(node, _)| *node).collect::<Vec<_>>(), [second.id()]);
        assert_eq!(extend.epochs.len(), if second_epoch { 2 } else { 1 }, "all that are held");
    }
}
