//! Growth by hand: what one directory update, one newcomer and one referral cost each node of a coalition of so many organisations.
//!
//! Time is counted in link delays: everything that is on its way arrives, then everything that was answered. All members know each
//! other when it begins, as after the first sync; each dials whom the engine names.

use super::host::Host;
use super::rng::Rng;
use super::world::START;
use belay_protocol::codec;
use belay_protocol::consent::Action;
use belay_protocol::engine::{ADDRESSES, Checked, Event, Input, Output, Seat, Step, Telling};
use belay_protocol::fault::Result;
use belay_protocol::ids::{EntryHash, NodeId, OrgId, SpaceId};
use belay_protocol::samples::{note, permit};
use belay_protocol::store::{Table, View, Write};
use belay_protocol::sync::wire::Frame;
use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::time::{Duration, Instant};

/// Link delays after which nothing may be on its way any more.
const PATIENCE: usize = 200;
/// Bytes of what is told.
const BODY: usize = 400;

/// What one node took in, and did.
#[derive(Clone, Copy, Default)]
struct Cost {
    bytes: u64,
    frames: u64,
    /// Entries and registers that came whole: each is verified.
    verified: u64,
    folds: u64,
    work: Duration,
}

struct Grown {
    hosts: Vec<Host>,
    costs: Vec<Cost>,
    coalition: SpaceId,
    links: BTreeMap<u64, [usize; 2]>,
    /// Which machine a node is.
    places: BTreeMap<NodeId, usize>,
    /// On their way: link, to whom, frame.
    under_way: Vec<(u64, usize, Vec<u8>)>,
    rng: Rng,
}

/// What one step cost.
pub struct Spent {
    what: &'static str,
    /// Until all who may know it did.
    delays: usize,
    /// Nodes that were sent anything.
    pub heard: usize,
    costs: Vec<Cost>,
}

/// What was measured.
pub struct Growth {
    way: &'static str,
    /// Links of each node.
    pub links: Vec<usize>,
    pub linking: Spent,
    pub update: Spent,
    pub referral: Spent,
    pub newcomer: Spent,
}

/// Plays one coalition of so many organisations. `mesh`: everybody is linked with everybody.
pub fn grow(orgs: usize, mesh: bool) -> Growth {
    let mut grown = Grown::new(orgs);
    grown.dial(mesh);
    grown.settle();
    grown.at_home();
    let links = (0..orgs).map(|h| grown.links.values().filter(|ends| ends.contains(&h)).count()).collect();
    let linking = grown.spent("linking, nothing new", 0);
    let delays = grown.update();
    let update = grown.spent("a directory update", delays);
    let delays = grown.referral();
    let referral = grown.spent("a referral between two", delays);
    let delays = grown.newcomer(mesh);
    let newcomer = grown.spent("a newcomer", delays);
    Growth { way: if mesh { "all with all" } else { "neighbours" }, links, linking, update, referral, newcomer }
}

impl Spent {
    /// The mean over all nodes, and the most.
    fn each(&self, of: impl Fn(&Cost) -> f64) -> (f64, f64) {
        let sum: f64 = self.costs.iter().map(&of).sum();
        (sum / self.costs.len() as f64, self.costs.iter().map(of).fold(0.0, f64::max))
    }

    /// Entries and registers that a node verified, on average.
    pub fn verified(&self) -> f64 {
        self.each(|cost| cost.verified as f64).0
    }
}

impl Display for Spent {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "| {} | {} | {} |", self.what, self.delays, self.heard)?;
        let columns: [fn(&Cost) -> f64; 5] = [
            |cost| cost.bytes as f64,
            |cost| cost.frames as f64,
            |cost| cost.verified as f64,
            |cost| cost.folds as f64,
            |cost| cost.work.as_secs_f64() * 1_000.0,
        ];
        for (mean, most) in columns.map(|of| self.each(of)) {
            write!(f, " {mean:.1}, {most:.0} |")?;
        }
        writeln!(f)
    }
}

impl Display for Growth {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (most, sum) = (self.links.iter().max().copied().unwrap_or_default(), self.links.iter().sum::<usize>());
        let mean = sum as f64 / self.links.len() as f64;
        writeln!(f, "{} organisations, {}: links a node {mean:.1}, most {most}", self.links.len(), self.way)?;
        writeln!(f, "| what | delays | nodes that hear | bytes | frames | verified | folds | ms |")?;
        write!(f, "{}{}{}{}", self.linking, self.update, self.referral, self.newcomer)?;
        write!(f, "an update comes whole {:.1} times to a node", self.update.verified())
    }
}

impl Grown {
    /// A founder admits everybody else; each holds all of it, and where each is reached.
    fn new(orgs: usize) -> Self {
        let mut rng = Rng::new(orgs as u64);
        let mut hosts: Vec<Host> = (0..orgs).map(|org| host(org, &mut rng)).collect();
        let card = hosts[0].card.clone();
        let (coalition, output) = hosts[0].act(START, |step| step.found_coalition("Grown", card)).unwrap().unwrap();
        commit(&mut hosts[0], output);
        for at in 1..orgs {
            let (card, certificate) = (hosts[at].card.clone(), hosts[at].certificate.clone());
            let (_, output) = hosts[0].act(START, |step| step.admit(coalition, card, certificate)).unwrap().unwrap();
            commit(&mut hosts[0], output);
        }
        let pages = hosts[0].ask(|engine, view| engine.control_entries(view, coalition).unwrap()).unwrap();
        let founder = hosts[0].org;
        join(&mut hosts[1], coalition, founder, pages);
        let known: Vec<Write> = rows(&hosts[1]);
        for host in &mut hosts[2..] {
            let fresh: Vec<Write> =
                known.iter().filter(|w| host.disk.live.get(w.table, &w.key).unwrap().is_none()).cloned().collect();
            host.disk.commit(fresh, true);
            host.start(START);
        }
        let mut registers = Vec::new();
        for (at, host) in hosts.iter_mut().enumerate() {
            let place = codec::encode(&vec![format!("/ip4/10.0.0.1/udp/{at}/quic-v1")]);
            let (_, output) = host.act(START, |step| step.register(coalition, ADDRESSES, &place)).unwrap().unwrap();
            registers.extend(output.writes.iter().filter(|w| w.table == Table::Register).cloned());
            commit(host, output);
        }
        for host in &mut hosts {
            host.disk.commit(registers.clone(), true);
            host.start(START);
        }
        let places = hosts.iter().enumerate().map(|(at, host)| (host.node, at)).collect();
        let costs = vec![Cost::default(); orgs];
        Self { hosts, costs, coalition, links: BTreeMap::new(), places, under_way: Vec::new(), rng }
    }

    /// Every node dials whom its engine names, or everybody.
    fn dial(&mut self, mesh: bool) {
        for at in 0..self.hosts.len() {
            let to: Vec<usize> = if mesh {
                (0..self.hosts.len()).collect()
            } else {
                let targets = self.hosts[at].ask(|engine, view| engine.dial_targets(view, START).unwrap()).unwrap();
                targets.iter().filter_map(|(node, _)| self.places.get(node)).copied().collect()
            };
            for other in to {
                self.link(at, other);
            }
        }
    }

    fn link(&mut self, a: usize, b: usize) {
        if a == b || self.links.values().any(|ends| ends.contains(&a) && ends.contains(&b)) {
            return;
        }
        let link = self.links.len() as u64 + 1;
        self.links.insert(link, [a, b]);
        for (me, peer) in [(a, b), (b, a)] {
            let (node, org) = (self.hosts[peer].node, self.hosts[peer].org);
            self.input(me, Input::Connected { link, node, org });
        }
    }

    fn input(&mut self, at: usize, input: Input) {
        let began = Instant::now();
        let output = self.hosts[at].input(START, input).unwrap();
        self.costs[at].work += began.elapsed();
        self.send(at, output);
    }

    fn act<T>(&mut self, at: usize, act: impl FnOnce(&mut Step<'_>) -> Result<T>) -> T {
        let began = Instant::now();
        let (done, output) = self.hosts[at].act(START, act).unwrap().unwrap();
        self.costs[at].work += began.elapsed();
        self.send(at, output);
        done
    }

    fn send(&mut self, at: usize, mut output: Output) {
        let anew = |e: &&Event| matches!(e, Event::Members { .. } | Event::Recount { .. } | Event::Refold { .. });
        let folds = output.events.iter().filter(anew).count();
        self.costs[at].folds += folds as u64;
        for (link, frame) in std::mem::take(&mut output.frames) {
            let ends = self.links[&link];
            let to = if ends[0] == at { ends[1] } else { ends[0] };
            self.under_way.push((link, to, frame));
        }
        commit(&mut self.hosts[at], output);
    }

    /// One link delay: all that is on its way arrives.
    fn delay(&mut self) {
        for (link, to, frame) in std::mem::take(&mut self.under_way) {
            let cost = &mut self.costs[to];
            cost.bytes += frame.len() as u64;
            cost.frames += 1;
            if let Ok(Frame::Page(page)) = Frame::decode(&frame) {
                cost.verified += (page.entries.len() + page.registers.len()) as u64;
            }
            self.input(to, Input::Received { link, frame: Checked::of(&frame) });
        }
    }

    fn settle(&mut self) {
        for _ in 0..PATIENCE {
            if self.under_way.is_empty() {
                return;
            }
            self.delay();
        }
        panic!("the network does not come to rest");
    }

    /// Link delays until this holds everywhere; then all comes to rest.
    fn until(&mut self, everywhere: impl Fn(&mut Host) -> bool, of: &[usize]) -> usize {
        for delays in 0..PATIENCE {
            if of.iter().all(|at| everywhere(&mut self.hosts[*at])) {
                self.settle();
                return delays;
            }
            self.delay();
        }
        panic!("not everybody knows after {PATIENCE} link delays");
    }

    fn update(&mut self) -> usize {
        let (coalition, body) = (self.coalition, self.body());
        let at = self.hosts.len() / 2;
        let hash = self.act(at, |step| step.write_coalition(coalition, &body));
        self.until(|host| has(host, &hash), &(0..self.hosts.len()).collect::<Vec<_>>())
    }

    /// Who will refer somebody has records of its own by then, and its partners were asked once what lies there.
    fn at_home(&mut self) {
        let from = self.sender();
        let founder = self.hosts[from].founder([5; 32], START);
        self.act(from, |step| step.found_private(founder));
        self.settle();
    }

    const fn sender(&self) -> usize {
        self.hosts.len() / 3
    }

    fn referral(&mut self) -> usize {
        let (from, to) = (self.sender(), self.hosts.len() - 1);
        let (sender, recipient, coalition) = (self.hosts[from].org, self.hosts[to].org, self.coalition);
        self.link(from, to);
        self.settle();
        let grant = permit(sender, recipient, Action::Grant, None, START).unwrap();
        let seal = permit(sender, recipient, Action::Seal, None, START).unwrap();
        let body = self.body();
        let hash = self.act(from, |step| {
            let space = step.found_thread(coalition, true, &[Seat { permit: &grant, write: true }])?;
            step.write_thread(space, &[Telling { permit: &seal, note: &note() }], &body)
        });
        self.until(|host| has(host, &hash), &[from, to])
    }

    fn newcomer(&mut self, mesh: bool) -> usize {
        let (coalition, founder) = (self.coalition, self.hosts[0].org);
        let new = host(self.hosts.len(), &mut self.rng);
        let (card, certificate, org, node) = (new.card.clone(), new.certificate.clone(), new.org, new.node);
        let at = self.hosts.len();
        self.hosts.push(new);
        self.costs.push(Cost::default());
        self.places.insert(node, at);
        self.act(0, |step| step.admit(coalition, card, certificate));
        let pages = self.hosts[0].ask(|engine, view| engine.control_entries(view, coalition).unwrap()).unwrap();
        self.act(at, |step| {
            step.join_coalition(coalition, founder)?;
            step.take_entries(pages)
        });
        self.link(0, at);
        let place = codec::encode(&vec![format!("/ip4/10.0.0.1/udp/{at}/quic-v1")]);
        self.act(at, |step| step.register(coalition, ADDRESSES, &place));
        let everybody: Vec<usize> = (0..=at).collect();
        let delays = self.until(|host| knows(host, coalition, org, node), &everybody);
        self.dial(mesh);
        self.settle();
        delays
    }

    fn body(&mut self) -> Vec<u8> {
        let mut body = vec![0; BODY];
        belay_protocol::random::Random::fill(&mut self.rng, &mut body);
        body
    }

    /// What it cost each node since the last time; counts anew from now on.
    fn spent(&mut self, what: &'static str, delays: usize) -> Spent {
        let fresh = vec![Cost::default(); self.costs.len()];
        let costs = std::mem::replace(&mut self.costs, fresh);
        let heard = costs.iter().filter(|cost| cost.frames > 0).count();
        Spent { what, delays, heard, costs }
    }
}

fn host(org: usize, rng: &mut Rng) -> Host {
    let mut seed = [78; 32];
    seed[..8].copy_from_slice(&(org as u64).to_be_bytes());
    Host::of(seed, &format!("Org {org}"), START, rng.fork())
}

fn join(host: &mut Host, coalition: SpaceId, founder: OrgId, pages: Vec<Vec<u8>>) {
    let joined = host.act(START, |step| {
        step.join_coalition(coalition, founder)?;
        step.take_entries(pages)
    });
    let ((), output) = joined.unwrap().unwrap();
    commit(host, output);
}

fn commit(host: &mut Host, output: Output) {
    host.disk.commit(output.writes, true);
}

fn rows(host: &Host) -> Vec<Write> {
    host.disk
        .live
        .rows()
        .filter(|(table, _, _)| *table != Table::Prekey)
        .map(|(table, key, value)| Write { table, key: key.to_vec(), value: Some(value.to_vec()) })
        .collect()
}

fn has(host: &mut Host, hash: &EntryHash) -> bool {
    host.ask(|engine, view| engine.has(view, hash).unwrap()).unwrap_or_default()
}

/// Whether a machine knows that an organisation is in, and where its node is reached.
fn knows(host: &mut Host, coalition: SpaceId, org: OrgId, node: NodeId) -> bool {
    host.ask(|engine, view| {
        let member = engine.fold(view, coalition).unwrap().members.contains_key(&org);
        member && engine.spaces().register(view, coalition, node, ADDRESSES).unwrap().is_some()
    })
    .unwrap_or_default()
}
