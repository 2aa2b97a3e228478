//! The simulated coalition: machines, links, time; and what is checked after every step.

use super::backdated;
use super::crowd::Crowd;
use super::doors::{self, Doors};
use super::entrusted::Entrusted;
use super::founding::Machines;
use super::frames;
use super::host::{Host, Promises};
use super::hostile::{self, Hostile, Meddle};
use super::liar;
use super::lost::{self, Loss};
use super::net::{Arrival, Net};
use super::reference::{Reference, What};
use super::rng::Rng;
use super::thief::Thief;
use super::{halfway, later, opening, play, post};
use belay_protocol::codec;
use belay_protocol::engine::{Checked, Input, Output, Step};
use belay_protocol::fault::Result;
use belay_protocol::ids::{EntryHash, NodeId, OrgId, ParcelId, SpaceId};
use belay_protocol::keys::Certificate;
use belay_protocol::space::Register;
use belay_protocol::space::control::OrgCard;
use belay_protocol::space::entry::{Entry, Kind};
use belay_protocol::store::{Table, Write};
use belay_protocol::time::Time;
use std::collections::{BTreeMap, BTreeSet};

pub const START: Time = Time(1_790_000_000_000);

/// Counts of what was done and suffered, by name.
pub type Stats = BTreeMap<&'static str, u64>;

/// A space with its heads and its coalition's.
pub type Shown = (SpaceId, Vec<EntryHash>, Vec<EntryHash>);

/// What may happen in a history. A seed that failed once is played with what there was then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repertoire {
    /// Links, disks, clocks, hostile members; one steward, and nobody carries or comes back.
    Links,
    /// Charters, parcels and losses too.
    Whole,
    /// Invites, passes, forgeries, and what befalls several at once: all that there is.
    All,
}

impl Repertoire {
    /// Machines in one history.
    pub const fn machines(self) -> usize {
        match self {
            Self::Links => 8,
            Self::Whole => 10,
            Self::All => 12,
        }
    }

    /// Whether there are charters, parcels and losses.
    pub const fn is_whole(self) -> bool {
        matches!(self, Self::Whole | Self::All)
    }
}

pub struct World {
    pub rng: Rng,
    pub repertoire: Repertoire,
    /// How much of what there is happens in this history, by group of transitions.
    pub swarm: Vec<usize>,
    /// Two organisations whose machines never have a link.
    pub apart: Option<[OrgId; 2]>,
    /// Parcels on sticks, with whom they are for.
    pub sticks: Vec<(OrgId, Vec<u8>)>,
    /// Parcels that were looked at: for whom, and until when.
    pub parcels: BTreeMap<ParcelId, (OrgId, Time)>,
    /// The entries that a node ever put into parcels for an organisation.
    pub posted: BTreeMap<(NodeId, OrgId), BTreeSet<EntryHash>>,
    /// Which organisations ever stored an entry.
    pub had: BTreeMap<EntryHash, BTreeSet<OrgId>>,
    /// Where an entry ever waited for others.
    pub waited: BTreeMap<EntryHash, BTreeSet<OrgId>>,
    pub loss: Option<Loss>,
    pub doors: Doors,
    /// Somebody filled a waiting room.
    pub flooded: bool,
    pub crowd: Crowd,
    /// Accounts are so small that they run dry.
    pub small: bool,
    /// How often somebody lies, among all that may happen.
    pub lies: usize,
    /// How often somebody dates a revocation back.
    pub dates_back: usize,
    /// Whether what passes between two stops halfway.
    pub halfway: bool,
    /// Whether spaces open while lines fall or stall.
    pub opening: bool,
    /// Whether those at the doors have not heard from each other.
    pub doors_apart: bool,
    /// The most bytes that a node ever offered to carry for anybody.
    pub offered: BTreeMap<NodeId, u64>,
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
    /// The story tells each frame that arrives.
    pub frames: bool,
    /// Nothing fails while this is set.
    pub calm: bool,
    /// Commits of all machines, but for those while nothing fails.
    pub commits: u64,
    /// Behind this commit the power goes, and at which machine it did.
    pub dies_at: Option<u64>,
    pub died: Option<usize>,
    /// What machines said that they keep for others.
    pub entrusted: BTreeSet<Entrusted>,
    /// Frames that a hostile member keeps to send again.
    kept: Vec<Vec<u8>>,
    /// What each state was shown as, and by whom first.
    pub shown: BTreeMap<Shown, (u64, usize)>,
    pub last_shown: BTreeMap<(usize, SpaceId), Shown>,
}

impl World {
    pub fn new(seed: u64, repertoire: Repertoire) -> Self {
        Self {
            rng: Rng::new(seed),
            repertoire,
            swarm: Vec::new(),
            apart: None,
            sticks: Vec::new(),
            parcels: BTreeMap::new(),
            posted: BTreeMap::new(),
            had: BTreeMap::new(),
            waited: BTreeMap::new(),
            loss: None,
            doors: Doors::default(),
            flooded: false,
            crowd: Crowd::of(seed),
            small: play::is_small(seed),
            lies: liar::weight(seed),
            dates_back: backdated::weight(seed),
            halfway: halfway::happens(seed),
            opening: opening::happens(seed),
            doors_apart: doors::apart::happens(seed),
            offered: BTreeMap::new(),
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
            frames: false,
            calm: true,
            commits: 0,
            dies_at: None,
            died: None,
            entrusted: BTreeSet::new(),
            kept: Vec::new(),
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
        let at = self.hosts.len() - 1;
        if self.repertoire == Repertoire::All {
            doors::keep_card(self, at);
        }
        at
    }

    /// A local command at a machine that runs.
    pub fn act<T>(&mut self, host: usize, act: impl FnOnce(&mut Step<'_>) -> Result<T>) -> Option<T> {
        match self.hosts[host].act(self.now, act)? {
            Ok((done, output)) => {
                self.count("acts that took effect");
                self.take(host, output).then_some(done)
            }
            Err(_) => {
                self.count("refused");
                None
            }
        }
    }

    pub fn input(&mut self, host: usize, input: Input) {
        if let Some(output) = self.hosts[host].input(self.now, input) {
            self.take(host, output);
            doors::follow(self, host);
        }
    }

    /// Does what the contract of the engine asks of a shell, and checks. Whether it was committed, and the machine still runs.
    fn take(&mut self, host: usize, output: Output) -> bool {
        let Output { mut writes, durable, frames, close, events, wake: _ } = output;
        writes.extend(doors::projected(self, host, &writes, &events));
        self.check_ended(host, &events);
        if self.hosts[host].full && !writes.is_empty() {
            self.commit_fails(host);
            return false;
        }
        let mut learnt = self.thief.disk(self.hosts[host].node, &writes);
        let new: Vec<EntryHash> = writes
            .iter()
            .filter(|w| w.table == Table::Entry && w.value.is_some())
            .filter_map(|w| EntryHash::from_slice(&w.key))
            .collect();
        let mut promised = self.receipts(host, &writes);
        self.check_registers(host, &writes);
        for hash in &new {
            self.had.entry(*hash).or_default().insert(self.hosts[host].org);
        }
        for write in writes.iter().filter(|write| write.table == Table::Waiting && write.value.is_some()) {
            if let Some(hash) = write.key.get(32..).and_then(EntryHash::from_slice) {
                self.waited.entry(hash).or_default().insert(self.hosts[host].org);
            }
        }
        self.hosts[host].disk.commit(writes.clone(), durable);
        if !self.hosts[host].honest() {
            // What it made of itself is nobody's yet: it comes into the world where somebody honest accepts it.
            self.send_meddled(host, frames, close.into_iter().map(|(link, _)| link).collect());
            return true;
        }
        let mut out = false;
        for entry in self.in_order(host, &new) {
            self.check_entry(host, &entry);
            let own = entry.header().author == self.hosts[host].node;
            if entry.header().parents.len() > 1 {
                self.count("merges");
            }
            out |= matches!(entry.header().kind, Kind::Revoke | Kind::Retire);
            if let Some(n) = self.reference.add(&entry) {
                self.check_removal(host, n);
                if own && matches!(self.reference.entries[n].what, What::Data { epoch: Some(_) }) {
                    let heard = self.heard(host, n, entry.space());
                    self.reference.heard.insert(n, heard);
                }
                learnt.extend(self.thief.entry(&entry));
                // What a copy of this folder wrote comes back as anybody's.
                if own {
                    promised.insert(entry.hash());
                }
            }
        }
        if let Some(why) = self.thief.judge(&self.reference, &learnt) {
            self.breaks(why);
        }
        self.check_post(host, &writes);
        if out {
            self.check_posted(host);
        }
        // Between a commit and what depends on it the power may go too.
        self.commits += u64::from(!self.calm && !writes.is_empty());
        let dies = self.dies_at.take_if(|at| !self.calm && *at == self.commits).is_some();
        if dies {
            self.died = Some(host);
        }
        if !self.calm && (self.rng.below(600) == 0 || dies) {
            self.tell(format!("host {host} crashes after a commit, before it is told"));
            self.count("crashes between commit and send");
            self.crash(host);
            return false;
        }
        // A receipt of this node that another copy of its folder wrote, or this one before it was rolled back, is no promise of
        // this machine until it has what stands there.
        promised.retain(|hash| self.has(host, hash));
        self.hosts[host].promised.extend(promised);
        for (link, bytes) in frames {
            self.check_sent(host, link, &bytes);
            self.note_entrusted(host, link, &bytes);
            self.net.send(link, host, bytes);
        }
        for (link, fault) in close {
            self.tell(format!("host {host} closes a link: {fault}"));
            self.count("links closed for a fault");
            self.net.cut(link, &mut self.rng);
        }
        self.check_shown(host);
        later::check_free(self, host);
        true
    }

    /// The disk is full: nothing of the output leaves, and the engine goes on from what is stored.
    fn commit_fails(&mut self, host: usize) {
        self.count("commits that failed");
        let links: Vec<u64> =
            self.net.links.iter().filter(|(_, l)| l.ends.contains(&host)).map(|(link, _)| *link).collect();
        if let Some(engine) = &mut self.hosts[host].engine {
            engine.forget();
        }
        for link in links {
            self.cut(link);
        }
    }

    fn send_meddled(&mut self, host: usize, mut frames: Vec<(u64, Vec<u8>)>, close: Vec<u64>) {
        if let Some(Hostile::Meddle(kind)) = self.hosts[host].hostile {
            self.count("answers meddled with");
            frames = match kind {
                Meddle::Carry => post::meddle(self, host, frames),
                _ => hostile::meddle(kind, frames, &mut self.kept, &mut self.rng),
            };
        }
        for (link, bytes) in frames {
            self.net.send(link, host, bytes);
        }
        for link in close {
            self.net.cut(link, &mut self.rng);
        }
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

    /// One frame or one notice of an end.
    pub fn deliver(&mut self) -> bool {
        let waiting = self.net.waiting();
        let Some((link, side)) = self.rng.pick(&waiting).copied() else { return false };
        self.deliver_at(link, side)
    }

    /// The same on one link.
    pub fn deliver_on(&mut self, link: u64) -> bool {
        let waiting: Vec<(u64, usize)> = self.net.waiting().into_iter().filter(|(of, _)| *of == link).collect();
        let Some((link, side)) = self.rng.pick(&waiting).copied() else { return false };
        self.deliver_at(link, side)
    }

    /// What this end of a link meets next, if anything is on its way to it.
    pub fn deliver_to(&mut self, link: u64, end: usize) -> bool {
        let waiting = self.net.waiting();
        let to = |(of, side): &&(u64, usize)| *of == link && self.net.links[of].ends[*side] == end;
        let Some((link, side)) = waiting.iter().find(to).copied() else { return false };
        self.deliver_at(link, side)
    }

    fn deliver_at(&mut self, link: u64, side: usize) -> bool {
        if self.net.links.get(&link).is_some_and(|l| l.slow) && self.rng.chance(80) {
            self.count("turns of slow links passed over");
            return true;
        }
        match self.net.deliver(link, side) {
            Some(Arrival::Frame { link, to, bytes }) => {
                self.count("frames");
                if self.frames {
                    let from = self.net.links[&link].ends[1 - side];
                    self.tell(format!("  link {link}, host {from} to host {to}: {}", frames::tell(&bytes)));
                }
                self.input(to, Input::Received { link, frame: Checked::of(&bytes) });
            }
            Some(Arrival::Gone { link, to }) => self.input(to, Input::Disconnected { link }),
            None => {}
        }
        true
    }

    /// The program ends in order, and says nothing more.
    pub fn stop(&mut self, host: usize) {
        self.net.died(host, &mut self.rng);
        self.hosts[host].engine = None;
        self.hosts[host].disk.sync();
        self.count("stopped in order");
    }

    /// The power goes.
    pub fn crash(&mut self, host: usize) {
        self.net.died(host, &mut self.rng);
        let held = self.entrusted_to(host);
        let h = &mut self.hosts[host];
        h.engine = None;
        let lost = h.disk.crash(&mut self.rng);
        self.check_entrusted(host, &held);
        self.count("crashes");
        *self.stats.entry("commits lost").or_default() += lost as u64;
    }

    pub fn start(&mut self, host: usize) {
        if self.hosts[host].lost {
            return;
        }
        let now = self.now;
        self.hosts[host].start(now);
        self.doors.restarted(host);
        lost::resume(self, host);
        self.last_shown.retain(|(h, _), _| *h != host);
        self.check_promises(host);
        self.input(host, Input::Tick);
    }
}

impl Machines for World {
    fn papers(&self, at: usize) -> (OrgCard, Certificate) {
        (self.hosts[at].card.clone(), self.hosts[at].certificate.clone())
    }

    fn step<T>(&mut self, at: usize, act: impl FnOnce(&mut Step<'_>) -> Result<T>) -> Option<T> {
        self.act(at, act)
    }

    fn pages(&mut self, at: usize, coalition: SpaceId) -> Option<Vec<Vec<u8>>> {
        self.hosts[at].ask(|engine, view| engine.control_entries(view, coalition).unwrap())
    }
}
