//! The simulated coalition: machines, links, time; and what is checked after every step.

use super::host::{Host, Promises};
use super::net::{Arrival, Net};
use super::reference::{Heard, Reference, What};
use super::rng::Rng;
use super::thief::Thief;
use belay_protocol::codec;
use belay_protocol::engine::{Input, Output, Step};
use belay_protocol::fault::Result;
use belay_protocol::ids::{EntryHash, OrgId, SpaceId};
use belay_protocol::space::entry::Entry;
use belay_protocol::space::{Register, SpaceKind};
use belay_protocol::store::{Table, Write};
use belay_protocol::sync::wire::Frame;
use belay_protocol::time::Time;
use std::collections::{BTreeMap, BTreeSet};

pub const START: Time = Time(1_790_000_000_000);

/// Counts of what was done and suffered, by name.
pub type Stats = BTreeMap<&'static str, u64>;

type Shown = (SpaceId, Vec<EntryHash>, Vec<EntryHash>);

pub struct World {
    pub rng: Rng,
    pub now: Time,
    pub hosts: Vec<Host>,
    pub net: Net,
    pub coalition: SpaceId,
    pub threads: Vec<SpaceId>,
    pub reference: Reference,
    pub thief: Thief,
    pub stats: Stats,
    /// The first invariant that broke, and how.
    pub broken: Option<String>,
    /// What happened, one line a step.
    pub story: Vec<String>,
    shown: BTreeMap<Shown, (u64, usize)>,
    last_shown: BTreeMap<(usize, SpaceId), Shown>,
}

impl World {
    pub fn new(seed: u64) -> Self {
        Self {
            rng: Rng::new(seed),
            now: START,
            hosts: Vec::new(),
            net: Net::default(),
            coalition: SpaceId::ZERO,
            threads: Vec::new(),
            reference: Reference::default(),
            thief: Thief::default(),
            stats: Stats::new(),
            broken: None,
            story: Vec::new(),
            shown: BTreeMap::new(),
            last_shown: BTreeMap::new(),
        }
    }

    pub fn count(&mut self, what: &'static str) {
        *self.stats.entry(what).or_default() += 1;
    }

    pub fn tell(&mut self, line: impl Into<String>) {
        self.story.push(line.into());
    }

    pub fn breaks(&mut self, why: impl Into<String>) {
        if self.broken.is_none() {
            self.broken = Some(why.into());
        }
    }

    pub fn add_host(&mut self, org: u8) -> usize {
        let rng = self.rng.fork();
        let host = Host::new(org, self.now, rng);
        self.adopt(host)
    }

    /// A machine joins the simulation; its keys are the thief's from now on.
    pub fn adopt(&mut self, host: Host) -> usize {
        self.reference.orgs.insert(host.node, host.org);
        let rows: Vec<Write> = host
            .disk
            .live
            .rows()
            .map(|(table, key, value)| Write { table, key: key.to_vec(), value: Some(value.to_vec()) })
            .collect();
        self.thief.disk(host.node, &rows);
        self.hosts.push(host);
        self.hosts.len() - 1
    }

    /// A local command at a machine that runs.
    pub fn act<T>(&mut self, host: usize, act: impl FnOnce(&mut Step<'_>) -> Result<T>) -> Option<T> {
        match self.hosts[host].act(self.now, act)? {
            Ok((done, output)) => {
                self.take(host, output);
                Some(done)
            }
            Err(_) => {
                self.count("refused");
                None
            }
        }
    }

    pub fn input(&mut self, host: usize, input: Input<'_>) {
        if let Some(output) = self.hosts[host].input(self.now, input) {
            self.take(host, output);
        }
    }

    /// Does what the contract of the engine asks of a shell, and checks.
    fn take(&mut self, host: usize, output: Output) {
        let Output { writes, durable, frames, close, events: _, wake: _ } = output;
        let mut learnt = self.thief.disk(self.hosts[host].node, &writes);
        let new: Vec<EntryHash> = writes
            .iter()
            .filter(|w| w.table == Table::Entry && w.value.is_some())
            .filter_map(|w| EntryHash::from_slice(&w.key))
            .collect();
        let receipts = self.receipts(host, &writes);
        self.hosts[host].disk.commit(writes, durable);
        for entry in self.in_order(host, &new) {
            let own = entry.header().author == self.hosts[host].node;
            if let Some(n) = self.reference.add(&entry) {
                if own && matches!(self.reference.entries[n].what, What::Data { epoch: Some(_) }) {
                    let heard = self.heard(host, n, entry.space());
                    self.reference.heard.insert(n, heard);
                }
                learnt.extend(self.thief.entry(&entry));
                // What a copy of this folder wrote comes back as anybody's.
                if own {
                    self.hosts[host].promised.insert(entry.hash());
                }
            }
        }
        self.hosts[host].promised.extend(receipts);
        if let Some(why) = self.thief.judge(&self.reference, &learnt) {
            self.breaks(why);
        }
        for (link, bytes) in frames {
            self.check_sent(host, link, &bytes);
            self.net.send(link, host, bytes);
        }
        for (link, fault) in close {
            self.tell(format!("host {host} closes a link: {fault}"));
            self.count("links closed for a fault");
            self.net.cut(link, &mut self.rng);
        }
        self.check_shown(host);
    }

    /// New entries, parents first.
    fn in_order(&mut self, host: usize, new: &[EntryHash]) -> Vec<Entry> {
        let mut left: Vec<Entry> = new
            .iter()
            .filter_map(|hash| self.hosts[host].ask(|engine, view| engine.spaces().entry(view, hash).unwrap())?)
            .collect();
        let mut known: BTreeSet<EntryHash> = self.reference.number.keys().copied().collect();
        let mut ordered = Vec::new();
        while !left.is_empty() {
            let ready: Vec<Entry>;
            (ready, left) = left.into_iter().partition(|entry| {
                entry.header().parents.iter().chain(&entry.header().control).all(|hash| known.contains(hash))
            });
            assert!(!ready.is_empty(), "accepted entries without their parents");
            known.extend(ready.iter().map(Entry::hash));
            ordered.extend(ready);
        }
        ordered
    }

    fn receipts(&self, host: usize, writes: &[Write]) -> Promises {
        let node = self.hosts[host].node;
        writes
            .iter()
            .filter(|w| w.table == Table::Register)
            .filter_map(|w| Register::verify(w.value.as_ref()?).ok())
            .filter(|r| r.node == node && r.name == "receipt")
            .flat_map(|r| codec::decode::<Vec<EntryHash>>("receipt", &r.value).unwrap_or_default())
            .collect()
    }

    fn has(&mut self, host: usize, hash: &EntryHash) -> bool {
        self.hosts[host].ask(|engine, view| engine.has(view, hash).unwrap()).unwrap_or_default()
    }

    fn heard(&mut self, host: usize, n: usize, space: SpaceId) -> Heard {
        let mut heard = Heard::default();
        let orgs: BTreeSet<OrgId> = self.reference.orgs.values().copied().collect();
        for org in orgs {
            for r in self.reference.revocations(space, org) {
                let hash = self.reference.entries[r].hash;
                let after = self.reference.entries[r].past.has(n);
                if !after && self.has(host, &hash) {
                    heard.revoked.entry(org).or_default().push(r);
                }
            }
        }
        let now = self.hosts[host].clock(self.now);
        let fold = self.hosts[host].ask(|engine, view| engine.fold(view, space).unwrap());
        heard.expired = fold.iter().flat_map(|fold| fold.expired(now).collect::<Vec<_>>()).collect();
        heard
    }

    /// Nothing of a space leaves for who is not in it, as far as the sender has heard.
    fn check_sent(&mut self, host: usize, link: u64, bytes: &[u8]) {
        assert!(bytes.len() <= belay_protocol::limits::FRAME_BYTES, "a frame over the bound");
        let Some(l) = self.net.links.get(&link) else { return };
        let peer = if l.ends[0] == host { l.ends[1] } else { l.ends[0] };
        let org = self.hosts[peer].org;
        let Ok(Frame::Page(page)) = Frame::decode(bytes) else { return };
        let sent = page.entries.iter().map(|bytes| Entry::parse(bytes.clone()).unwrap().hash());
        let spaces: BTreeSet<SpaceId> = sent
            .chain(page.announced.iter().copied())
            .filter_map(|hash| Some(self.reference.entries[*self.reference.number.get(&hash)?].space))
            .collect();
        for space in spaces {
            let mut known = BTreeSet::new();
            for n in 0..self.reference.entries.len() {
                let hash = self.reference.entries[n].hash;
                if self.has(host, &hash) {
                    known.insert(hash);
                }
            }
            if !self.reference.may_be_sent(space, org, |hash| known.contains(hash)) {
                self.breaks(format!("3: host {host} sends of space {} to who is not in it", space.short()));
            }
        }
    }

    /// Invariant 1: who holds the same entries shows the same.
    fn check_shown(&mut self, host: usize) {
        let Some(spaces) = self.hosts[host].ask(|engine, view| engine.space_records(view).unwrap()) else { return };
        for record in spaces {
            let space = record.space;
            let coalition = if let SpaceKind::Thread { coalition, .. } = record.kind { coalition } else { space };
            let key = self.hosts[host].ask(|engine, view| {
                let heads = engine.spaces().heads(view, space).unwrap();
                (space, heads, engine.spaces().heads(view, coalition).unwrap())
            });
            let Some(key) = key else { continue };
            if self.last_shown.get(&(host, space)) == Some(&key) {
                continue;
            }
            let digest = self.hosts[host].ask(|engine, view| {
                let fold = engine.fold(view, space).unwrap();
                let mut counted = BTreeSet::new();
                for hash in engine.spaces().order(view, space, 0, usize::MAX).unwrap() {
                    if engine.spaces().counts(view, &hash).unwrap() {
                        counted.insert(hash);
                    }
                }
                fnv(format!("{fold:?} {counted:?}").as_bytes())
            });
            let Some(digest) = digest else { continue };
            let before = *self.shown.entry(key.clone()).or_insert((digest, host));
            if before.0 != digest {
                self.breaks(format!("1: hosts {} and {host} fold space {} differently", before.1, space.short()));
            }
            self.last_shown.insert((host, space), key);
        }
    }

    /// Invariant 4: what was promised is there.
    pub fn check_promises(&mut self, host: usize) {
        for hash in self.hosts[host].promised.clone() {
            if !self.has(host, &hash) {
                self.breaks(format!("4: host {host} lost entry {} that it had promised to keep", hash.short()));
            }
        }
    }

    /// One frame or one notice of an end.
    pub fn deliver(&mut self) -> bool {
        let waiting = self.net.waiting();
        let Some((link, side)) = self.rng.pick(&waiting).copied() else { return false };
        match self.net.deliver(link, side) {
            Some(Arrival::Frame { link, to, bytes }) => {
                self.count("frames");
                self.input(to, Input::Received { link, frame: &bytes });
            }
            Some(Arrival::Gone { link, to }) => self.input(to, Input::Disconnected { link }),
            None => {}
        }
        true
    }

    /// Opens a link between two machines, if each admits the other.
    pub fn connect(&mut self, a: usize, b: usize) {
        if self.hosts[a].node == self.hosts[b].node || self.hosts[a].group != self.hosts[b].group {
            return;
        }
        if self.hosts[a].engine.is_none() || self.hosts[b].engine.is_none() || self.net.joined(a, b) {
            return;
        }
        let admitted = [self.admits(a, b), self.admits(b, a)];
        if admitted != [true; 2] {
            self.count("connections denied");
            return;
        }
        self.count("connections");
        let link = self.net.open(a, b);
        for (me, peer) in [(a, b), (b, a)] {
            let (node, org) = (self.hosts[peer].node, self.hosts[peer].org);
            self.input(me, Input::Connected { link, node, org });
        }
    }

    /// Whether `judge` admits `asks`; who is denied is told why, and believes it.
    fn admits(&mut self, judge: usize, asks: usize) -> bool {
        let (node, other) = (self.hosts[asks].node, self.hosts[judge].node);
        let Some(frame) = self.hosts[asks].ask(|engine, view| engine.admission(view, other).unwrap()) else {
            return false;
        };
        let answer = self.hosts[judge].ask(|engine, view| {
            let denial = engine.admits(view, node, &frame).unwrap().err()?;
            Some(engine.denial(view, &denial).unwrap())
        });
        let Some(Some(denied)) = answer else { return answer.is_some() };
        let heard = self.hosts[asks].ask(|engine, view| engine.admits(view, other, &denied).unwrap());
        if let Some(Err(denial)) = heard {
            for notice in denial.notices {
                self.act(asks, |step| step.take_removal(notice));
            }
        }
        false
    }

    pub fn cut(&mut self, link: u64) {
        let lost = self.net.cut(link, &mut self.rng);
        self.count("cuts");
        *self.stats.entry("frames lost").or_default() += lost as u64;
    }

    /// The power goes.
    pub fn crash(&mut self, host: usize) {
        self.net.died(host, &mut self.rng);
        let h = &mut self.hosts[host];
        h.engine = None;
        let lost = h.disk.crash(&mut self.rng);
        self.count("crashes");
        *self.stats.entry("commits lost").or_default() += lost as u64;
    }

    pub fn start(&mut self, host: usize) {
        let now = self.now;
        self.hosts[host].start(now);
        self.last_shown.retain(|(h, _), _| *h != host);
        self.check_promises(host);
        self.input(host, Input::Tick);
    }
}

fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
