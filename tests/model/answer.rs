//! What a node says after a history, asked of the real code; and what of all ciphertext its keys would open.

use crate::charters;
use crate::peer::{Became, Peer};
use crate::reference::{Heard, Reference, What};
use crate::thief::Thief;
use crate::world::{Event, World};
use belay_protocol::ids::{EntryHash, SpaceId};
use belay_protocol::planted;
use belay_protocol::space::control::Control;
use belay_protocol::space::entry::{Entry, Kind};
use belay_protocol::space::{Fold, Unopened};
use belay_protocol::store::{Table, Write};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What nodes that hold the same entries must say alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreed {
    pub folds: Vec<Fold>,
    pub counted: BTreeSet<EntryHash>,
    heads: Vec<Vec<EntryHash>>,
    control: Vec<EntryHash>,
}

/// An entry, and what its author held when it wrote it.
#[derive(Debug)]
pub struct Wrote {
    pub hash: EntryHash,
    pub entry: Entry,
    pub knowing: BTreeSet<EntryHash>,
}

/// One node after what it did and heard.
#[derive(Debug)]
pub struct Answer {
    pub possible: bool,
    pub held: BTreeSet<EntryHash>,
    /// In order.
    pub wrote: Vec<Arc<Wrote>>,
    pub said: Agreed,
    /// Where it said otherwise than somebody who held the same, or than itself once started again.
    pub disagrees: Option<String>,
    pub broke: Option<String>,
    /// Where members or charters are others than by hand.
    pub miscounted: Option<String>,
    /// A counted body that a node which may read can not open.
    pub unread: Option<EntryHash>,
    /// Something that counted does not count since what came last, or the other way round.
    pub turned: (bool, bool),
    keys: Vec<Write>,
}

/// What follows from all that was written.
#[derive(Debug)]
pub struct Judged {
    pub secret: Option<String>,
}

/// What was asked before.
#[derive(Default)]
pub struct Memo {
    answers: BTreeMap<(usize, Vec<Event>), Arc<Answer>>,
    entries: BTreeMap<EntryHash, Entry>,
    agreed: BTreeMap<BTreeSet<EntryHash>, Agreed>,
    judged: BTreeMap<BTreeSet<EntryHash>, Arc<Judged>>,
}

impl Memo {
    /// Different histories of one node that were looked at.
    pub fn len(&self) -> usize {
        self.answers.len()
    }

    pub fn answer(&mut self, world: &World, node: usize, events: &[Event]) -> Arc<Answer> {
        if let Some(answer) = self.answers.get(&(node, events.to_vec())) {
            return answer.clone();
        }
        planted::plant(world.bug);
        let answer = Arc::new(self.play(world, node, events));
        planted::plant(None);
        self.answers.insert((node, events.to_vec()), answer.clone());
        answer
    }

    fn play(&mut self, world: &World, node: usize, events: &[Event]) -> Answer {
        let spaces = &world.scene.spaces;
        let mut peer = world.scene.peer(node);
        let (mut wrote, mut possible, mut broke) = (Vec::new(), true, None);
        let (mut before, mut last) = (said(&mut peer, spaces), peer.held(spaces));
        for (n, event) in events.iter().enumerate() {
            if n + 1 == events.len() {
                before = said(&mut peer, spaces);
                last = peer.held(spaces);
            }
            let knowing = peer.held(spaces);
            match peer.happens(event, spaces, |hash| self.entries[hash].clone()) {
                Became::Wrote(hashes) => {
                    for hash in hashes {
                        let entry = peer.entry(&hash);
                        self.entries.insert(hash, entry.clone());
                        let mut knowing = knowing.clone();
                        if let Event::Hears(news) = event {
                            knowing.extend(news.iter().filter(|hash| peer.spaces.has(&peer.store, hash).unwrap()));
                        }
                        wrote.push(Arc::new(Wrote { hash, entry, knowing }));
                    }
                }
                Became::NotNow => possible = false,
                Became::Broke(why) => broke = Some(format!("{event:?}: {why}")),
            }
        }
        let now = said(&mut peer, spaces);
        let held = peer.held(spaces);
        let seen = self.agreed.entry(held.clone()).or_insert_with(|| now.clone());
        let again = said(&mut peer.again(), spaces);
        let disagrees = if *seen != now {
            Some(format!("it says {now:?}, and who held the same said {seen:?}"))
        } else {
            (again != now).then(|| format!("it says {now:?}, and after a start {again:?}"))
        };
        let turned = (
            before.counted.iter().any(|hash| !now.counted.contains(hash)),
            last.iter().any(|hash| !before.counted.contains(hash) && now.counted.contains(hash)),
        );
        if broke.is_none() {
            broke = self.stuck(world, events, &held);
        }
        let miscounted = charters::miscounted(&mut peer, world);
        let unread = unread(&mut peer, world.scene.thread());
        let keys: Vec<Write> = peer
            .store
            .rows()
            .filter(|(table, ..)| matches!(table, Table::EpochKey | Table::Prekey))
            .map(|(table, key, value)| Write { table, key: key.to_vec(), value: Some(value.to_vec()) })
            .collect();
        let keyless = keyless(&mut peer, world.scene.thread(), &keys);
        if broke.is_none() {
            broke = keyless.map(|epoch| format!("a wrap for it gave it no key of epoch {}", epoch.short()));
        }
        Answer { possible, held, wrote, said: now, disagrees, broke, miscounted, unread, turned, keys }
    }

    /// What came, and is not held though all that it follows is.
    fn stuck(&self, world: &World, events: &[Event], held: &BTreeSet<EntryHash>) -> Option<String> {
        let came = events.iter().flat_map(|event| if let Event::Hears(hashes) = event { &hashes[..] } else { &[] });
        let lost = came.filter(|hash| !held.contains(hash)).find(|hash| {
            let header = self.entries[hash].header();
            let follows = |hash: &EntryHash| held.contains(hash) || world.scene.known.contains(hash);
            header.parents.iter().chain(&header.control).all(follows)
        });
        lost.map(|hash| format!("entry {} came and waits for nothing", hash.short()))
    }

    /// Hands all ciphertext to everybody, and holds what opens against who was let in.
    pub fn judge(&mut self, world: &World, answers: &[Arc<Answer>; 3]) -> Arc<Judged> {
        let all: BTreeSet<EntryHash> = answers.iter().flat_map(|a| &a.wrote).map(|wrote| wrote.hash).collect();
        if let Some(judged) = self.judged.get(&all) {
            return judged.clone();
        }
        let mut reference = Reference::default();
        reference.orgs.clone_from(&world.scene.orgs);
        let mut thief = Thief::default();
        let mut learnt = Vec::new();
        for (node, answer) in answers.iter().enumerate() {
            learnt.extend(thief.disk(world.scene.peer(node).id(), &answer.keys));
        }
        let known: Vec<Arc<Wrote>> = sorted(world, answers);
        for entry in world.scene.entries.iter().chain(known.iter().map(|wrote| &wrote.entry)) {
            reference.add(entry);
            learnt.extend(thief.entry(entry));
        }
        for wrote in known.iter().filter(|wrote| wrote.entry.header().kind == Kind::Data) {
            reference.heard.insert(reference.number[&wrote.hash], heard(&reference, &wrote.knowing));
        }
        let judged = Arc::new(Judged { secret: thief.judge(&reference, &learnt) });
        self.judged.insert(all, judged.clone());
        judged
    }
}

/// All that was written since the scene, what is followed before what follows it.
fn sorted(world: &World, answers: &[Arc<Answer>; 3]) -> Vec<Arc<Wrote>> {
    let mut known = world.scene.known.clone();
    let mut left: Vec<&Arc<Wrote>> = answers.iter().flat_map(|a| &a.wrote).collect();
    let mut order = Vec::new();
    while !left.is_empty() {
        let before = left.len();
        left.retain(|wrote| {
            let header = wrote.entry.header();
            let ready = header.parents.iter().chain(&header.control).all(|hash| known.contains(hash));
            if ready {
                known.insert(wrote.hash);
                order.push((*wrote).clone());
            }
            !ready
        });
        assert!(left.len() < before, "entries follow what nobody wrote");
    }
    order
}

/// Of whose removal and of which retirements somebody knows who holds these.
fn heard(reference: &Reference, knowing: &BTreeSet<EntryHash>) -> Heard {
    let mut heard = Heard::default();
    for hash in knowing {
        let n = reference.number[hash];
        match &reference.entries[n].what {
            What::Revoke { org, .. } => heard.revoked.entry(*org).or_default().push(n),
            What::Retire { node } => {
                heard.retired.insert(*node);
            }
            _ => {}
        }
    }
    heard
}

fn said(peer: &mut Peer, spaces: &[SpaceId]) -> Agreed {
    let store = &peer.store;
    let mut counted = BTreeSet::new();
    for space in spaces {
        for hash in peer.spaces.since(store, *space, &[]).unwrap() {
            if peer.spaces.counts(store, &hash).unwrap() {
                counted.insert(hash);
            }
        }
    }
    Agreed {
        folds: spaces.iter().map(|space| (*peer.spaces.fold(store, *space).unwrap()).clone()).collect(),
        counted,
        heads: spaces.iter().map(|space| peer.spaces.counted_heads(store, *space).unwrap()).collect(),
        control: peer.spaces.control_heads(store, spaces[0]).unwrap(),
    }
}

/// A counted body of an open thread that this node, which may read there, can not open.
fn unread(peer: &mut Peer, thread: Option<SpaceId>) -> Option<EntryHash> {
    let thread = thread?;
    let fold = peer.spaces.fold(&peer.store, thread).unwrap();
    if fold.closed || !fold.readers.contains(&peer.id()) {
        return None;
    }
    let all = peer.spaces.since(&peer.store, thread, &[]).unwrap();
    all.into_iter().find(|hash| {
        peer.entry(hash).header().kind == Kind::Data
            && !matches!(
                peer.spaces.open_body(&peer.store, hash).unwrap(),
                Ok(_) | Err(Unopened::Quarantined | Unopened::Revoked)
            )
    })
}

/// An epoch that was wrapped to this node, which may read, and whose key it does not hold.
fn keyless(peer: &mut Peer, thread: Option<SpaceId>, keys: &[Write]) -> Option<EntryHash> {
    let thread = thread?;
    if !peer.spaces.fold(&peer.store, thread).unwrap().readers.contains(&peer.id()) {
        return None;
    }
    let mut wrapped = BTreeSet::new();
    for hash in peer.spaces.since(&peer.store, thread, &[]).unwrap() {
        let entry = peer.entry(&hash);
        let (epochs, wraps) = match Control::decode(entry.header().kind, entry.body()).unwrap() {
            Some(Control::Epoch(epoch)) => (vec![hash], epoch.wraps),
            Some(Control::Extend(extend)) => (extend.epochs, extend.wraps),
            _ => continue,
        };
        if wraps.iter().any(|(node, _)| *node == peer.id()) {
            wrapped.extend(epochs);
        }
    }
    wrapped.into_iter().find(|epoch| !keys.iter().any(|row| row.table == Table::EpochKey && row.key == epoch.0))
}
