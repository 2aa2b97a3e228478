//! A few engines over stores in memory, and reliable links between them.

use crate::engine::{Checked, Context, Engine, Event, Identity, Input, Output, Step};
use crate::fault::Fault;
use crate::ids::{EntryHash, NodeId, OrgId, SpaceId};
use crate::keys::{Founder, NodeKey, PrekeyPublic, PrekeySecret, root::RootKey};
use crate::random::{self, Random};
use crate::space::control::{OrgCard, PartnerKind};
use crate::space::entry::{Entry, Header, Kind, VERSION};
use crate::store::{Draft, Memory};
use crate::sync::wire::Frame;
use crate::time::Time;
use std::collections::VecDeque;

pub const START: Time = Time(1_790_000_000_000);

/// Repeatable bytes: SHA-256 in counter mode.
pub struct Seeded(pub u64, pub u64);

impl Random for Seeded {
    fn fill(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(32) {
            self.1 += 1;
            let block = crate::keys::digest::sha256(b"seeded\0", &[&self.0.to_be_bytes(), &self.1.to_be_bytes()]);
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
    }
}

/// An entry as this key signs it, on whatever parents.
pub fn signed(
    key: &NodeKey,
    (space, kind): (SpaceId, Kind),
    parents: Vec<EntryHash>,
    time: Time,
    body: &[u8],
) -> Entry {
    let (version, author, control, epoch, length) = (VERSION, key.id(), Vec::new(), None, 0);
    Entry::sign(key, Header { version, space, author, parents, control, kind, epoch, time, length }, body)
}

pub struct Host {
    pub store: Memory,
    pub engine: Engine,
    pub random: Seeded,
    pub card: OrgCard,
    seed: u8,
    pub events: Vec<Event>,
    pub durable: bool,
    /// When it wants to be woken.
    pub wake: Option<Time>,
}

impl Host {
    /// A node of an organisation with this seed.
    pub fn new(org: u8, node: u8) -> Self {
        let mut random = Seeded(u64::from(org) << 8 | u64::from(node), 0);
        let root = RootKey::from_seed([org; 32]);
        let key = NodeKey::from_seed(random::array(&mut random));
        let prekey = PrekeySecret::generate(&mut random);
        // One after the other: what came first has a place before what came later.
        let certificate = root.certify(&key, prekey.public(), START.plus(u64::from(node)));
        let mut store = Memory::default();
        let mut draft = Draft::new(&store);
        Identity::store(&mut draft, &key, &certificate, &prekey, START).unwrap();
        let writes = draft.into_writes();
        store.commit(writes);
        let engine = Engine::open(&store, &mut Context { now: START, random: &mut random }).unwrap();
        let card = OrgCard { root: root.public(), name: format!("Org {org}"), kind: PartnerKind::Part2Program };
        Self { store, engine, random, card, seed: org, events: Vec::new(), durable: false, wake: None }
    }

    /// What the phrase gives.
    pub fn root(&self) -> RootKey {
        RootKey::from_seed([self.seed; 32])
    }

    pub fn org(&self) -> OrgId {
        self.engine.org()
    }

    pub fn node(&self) -> NodeId {
        self.engine.node()
    }

    /// Starts the program anew on the same disk.
    pub fn restart(&mut self) {
        self.engine = Engine::open(&self.store, &mut Context { now: START, random: &mut self.random }).unwrap();
    }

    pub fn applied(&self, space: SpaceId) -> Vec<Vec<u8>> {
        self.events
            .iter()
            .filter_map(|event| match event {
                Event::Applied { space: s, body, .. } if *s == space => Some(body.to_vec()),
                _ => None,
            })
            .collect()
    }
}

/// A frame on its way.
pub struct Flying {
    pub link: u64,
    pub from: usize,
    pub to: usize,
    pub bytes: Vec<u8>,
}

#[derive(Default)]
pub struct Net {
    pub hosts: Vec<Host>,
    pub now: Time,
    pub links: Vec<(u64, usize, usize)>,
    pub flying: VecDeque<Flying>,
    pub closed: Vec<(usize, Fault)>,
    /// Every frame that was delivered: sender, and the frame.
    pub log: Vec<(usize, Frame, usize)>,
    /// The recovery key of each host's organisation.
    pub recoveries: Vec<PrekeySecret>,
    next: u64,
}

impl Net {
    pub fn new(orgs: u8) -> Self {
        let hosts = (0..orgs).map(|org| Host::new(org + 1, 1)).collect();
        Self { hosts, now: START, ..Self::default() }
    }

    pub fn step<T>(&mut self, host: usize, act: impl FnOnce(&mut Step<'_>) -> T) -> T {
        let Host { store, engine, random, .. } = &mut self.hosts[host];
        let mut step = engine.step(store, Context { now: self.now, random });
        let done = act(&mut step);
        let output = step.finish().unwrap();
        self.take(host, output);
        done
    }

    pub fn input(&mut self, host: usize, input: Input) {
        let Host { store, engine, random, .. } = &mut self.hosts[host];
        let output = engine.handle(input, store, &mut Context { now: self.now, random }).unwrap();
        self.take(host, output);
    }

    pub fn take(&mut self, host: usize, output: Output) {
        let h = &mut self.hosts[host];
        h.store.commit(output.writes);
        h.durable |= output.durable;
        h.wake = output.wake.map(|(at, _)| at);
        h.events.extend(output.events);
        for (link, bytes) in output.frames {
            assert!(bytes.len() <= crate::limits::FRAME_BYTES);
            if let Some((_, a, b)) = self.links.iter().find(|(l, ..)| *l == link) {
                let to = if *a == host { *b } else { *a };
                self.flying.push_back(Flying { link, from: host, to, bytes });
            }
        }
        for (link, fault) in output.close {
            self.closed.push((host, fault));
            self.cut(link);
        }
    }

    pub fn connect(&mut self, a: usize, b: usize) -> u64 {
        self.next += 1;
        let link = self.next;
        self.links.push((link, a, b));
        for (me, peer) in [(a, b), (b, a)] {
            let (node, org) = (self.hosts[peer].node(), self.hosts[peer].org());
            self.input(me, Input::Connected { link, node, org });
        }
        link
    }

    pub fn cut(&mut self, link: u64) {
        let Some(at) = self.links.iter().position(|(l, ..)| *l == link) else { return };
        let (_, a, b) = self.links.remove(at);
        self.flying.retain(|flying| flying.link != link);
        self.input(a, Input::Disconnected { link });
        self.input(b, Input::Disconnected { link });
    }

    pub fn cut_all(&mut self) {
        while let Some((link, ..)) = self.links.first().copied() {
            self.cut(link);
        }
    }

    pub fn deliver(&mut self) -> bool {
        let Some(Flying { link, from, to, bytes }) = self.flying.pop_front() else { return false };
        self.log.push((from, Frame::decode(&bytes).unwrap(), bytes.len()));
        self.input(to, Input::Received { link, frame: Checked::of(&bytes) });
        true
    }

    pub fn run(&mut self) {
        let mut frames = 0;
        while self.deliver() {
            frames += 1;
            assert!(frames < 10_000, "the network does not come to rest");
        }
    }

    /// Delivers until nothing flies, and loses what flies over one link.
    pub fn run_without(&mut self, link: u64) {
        loop {
            self.flying.retain(|flying| flying.link != link);
            if !self.deliver() {
                break;
            }
        }
    }

    pub fn tick(&mut self, host: usize) {
        self.input(host, Input::Tick);
    }

    /// Host 0 founds a coalition and admits all others, who join it. Nobody is connected yet.
    pub fn found(&mut self) -> SpaceId {
        self.recoveries = self.hosts.iter_mut().map(|h| PrekeySecret::generate(&mut h.random)).collect();
        for host in 0..self.hosts.len() {
            let founder = self.founder(host, self.recoveries[host].public());
            self.step(host, |step| step.found_private(founder).unwrap());
        }
        let card = self.hosts[0].card.clone();
        let coalition = self.step(0, |step| step.found_coalition("Three Rivers", card).unwrap());
        for host in 1..self.hosts.len() {
            self.admit(coalition, host);
        }
        coalition
    }

    /// What the root of this host's organisation founds a private space with.
    pub fn founder(&mut self, host: usize, recovery: PrekeyPublic) -> Founder {
        let h = &mut self.hosts[host];
        h.root().founder(recovery, self.now, &mut h.random)
    }

    /// A further node of an organisation that is in, which got the coalition's control entries from host `from`.
    pub fn further(&mut self, coalition: SpaceId, org: u8, node: u8, from: usize) -> usize {
        self.hosts.push(Host::new(org, node));
        let host = self.hosts.len() - 1;
        let h = &mut self.hosts[from];
        let control = h.engine.control_entries(&h.store, coalition).unwrap();
        let own = self.hosts[host].org();
        self.step(host, |step| {
            step.join_coalition(coalition, own).unwrap();
            step.take_entries(control).unwrap();
        });
        host
    }

    pub fn admit(&mut self, coalition: SpaceId, host: usize) {
        let (card, certificate) =
            (self.hosts[host].card.clone(), self.hosts[host].engine.identity().certificate().clone());
        self.step(0, |step| step.admit(coalition, card, certificate).unwrap());
        let founder = self.hosts[0].org();
        self.step(host, |step| step.join_coalition(coalition, founder).unwrap());
    }
}
