//! The simulated county: organisations, links, time, and what each node did since somebody last looked.

use super::super::founding::{self, Machines};
use super::super::net::{Arrival, Net};
use super::super::rng::Rng;
use super::super::thief::Thief;
use super::images::Image;
use super::model::{Model, Org};
use super::office::{NAVIGATOR, Office};
use super::seen::Seen;
use belay_node::api::care::Care;
use belay_node::api::{Failure, Response};
use belay_protocol::codec;
use belay_protocol::disclosure::{Disclosure, PrivateBody};
use belay_protocol::engine::{Checked, Input, Output, Step};
use belay_protocol::fault::Result;
use belay_protocol::ids::{EntryHash, OrgId, SpaceId};
use belay_protocol::keys::Certificate;
use belay_protocol::space::SpaceKind;
use belay_protocol::space::control::{Grant, OrgCard, PartnerKind};
use belay_protocol::space::entry::{Entry, Kind};
use belay_protocol::store::{Table, Write};
use belay_protocol::time::{MINUTE, SECOND, Time};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

const START: Time = Time(1_795_000_000_000);
/// How far a clock is off at most.
pub const SKEW: u64 = 5 * MINUTE;

pub const CLINIC: Org = 0;
pub const HOSPITAL: Org = 1;
pub const SHELTER: Org = 2;
pub const JAIL: Org = 3;
pub const POLICE: Org = 4;
pub const CREEK: Org = 5;

const ORGS: [(&str, PartnerKind); 6] = [
    ("Ridge Clinic", PartnerKind::Part2Program),
    ("County Hospital", PartnerKind::CoveredEntity),
    ("Harbor Shelter", PartnerKind::NonCoveredCbo),
    ("County Jail", PartnerKind::CriminalJustice),
    ("Town Police", PartnerKind::LawEnforcement),
    ("Creek Clinic", PartnerKind::Part2Program),
];

/// Counts of what was done and suffered, by name.
pub type Stats = BTreeMap<&'static str, u64>;

pub struct County {
    pub rng: Rng,
    pub now: Time,
    pub offices: Vec<Office>,
    pub net: Net,
    pub model: Model,
    pub thief: Thief,
    pub seen: Seen,
    pub stats: Stats,
    /// The first invariant that broke, and how.
    pub broken: Option<String>,
    /// What happened, one line a step.
    pub story: Vec<String>,
    /// Who takes part; the others stay down.
    pub cast: Vec<Org>,
    /// Entries outside of private spaces that nodes wrote since the last check.
    pub wrote: Vec<(Org, EntryHash, SpaceId)>,
    /// Records of disclosure made since the last check.
    pub recorded: Vec<(Org, Disclosure)>,
    /// Partners off the network.
    pub partners: BTreeMap<OrgId, Org>,
    pub images: BTreeMap<Org, Image>,
}

impl County {
    /// Everybody founded, admitted, in step and signed in. Histories begin from a copy of this.
    pub fn founded() -> Self {
        let mut rng = Rng::new(7);
        let offices = ORGS.iter().map(|(name, kind)| Office::new(name, *kind, START, rng.fork())).collect();
        let mut county = Self::of(0, START, offices);
        let coalition = founding::found(&mut county, "Three Rivers");
        for org in 1..ORGS.len() {
            assert!(founding::admit(&mut county, coalition, 0, org));
        }
        for a in 0..ORGS.len() {
            for b in a + 1..ORGS.len() {
                county.connect(a, b);
            }
        }
        while county.deliver() {}
        county
    }

    /// A history of its own, with some of the organisations.
    pub fn again(founded: &Self, seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let offices = founded.offices.iter().map(|office| office.again(rng.fork())).collect();
        let mut county = Self::of(rng.next(), founded.now, offices);
        county.cast = vec![CLINIC, HOSPITAL];
        for org in [SHELTER, JAIL, POLICE, CREEK] {
            if county.rng.chance(55) {
                county.cast.push(org);
            }
        }
        for org in county.cast.clone() {
            if county.rng.chance(30) {
                county.offices[org].skew = i64::try_from(county.rng.below(600)).unwrap() * 1_000 - SKEW.cast_signed();
            }
            county.start(org);
        }
        county
    }

    fn of(seed: u64, now: Time, offices: Vec<Office>) -> Self {
        let mut thief = Thief::default();
        for office in &offices {
            let row = |(table, key, value): (Table, &[u8], &[u8])| Write {
                table,
                key: key.to_vec(),
                value: Some(value.to_vec()),
            };
            let rows: Vec<Write> = office.disk.live.rows().map(row).collect();
            thief.disk(office.node, &rows);
        }
        let outside = [PartnerKind::NonCoveredCbo; ORGS.len()];
        let kinds = ORGS.iter().map(|(_, kind)| *kind).chain(outside).collect();
        let model = Model { kinds, ..Model::default() };
        Self {
            rng: Rng::new(seed),
            now,
            cast: (0..offices.len()).collect(),
            offices,
            net: Net::default(),
            model,
            thief,
            seen: Seen::default(),
            stats: Stats::new(),
            broken: None,
            story: Vec::new(),
            wrote: Vec::new(),
            recorded: Vec::new(),
            partners: BTreeMap::new(),
            images: BTreeMap::new(),
        }
    }

    pub fn name(org: Org) -> String {
        ORGS.get(org).map_or_else(|| format!("Stone Chapel {org}"), |(name, _)| (*name).to_owned())
    }

    /// The partner off the network of an organisation.
    pub const fn outside(own: Org) -> Org {
        ORGS.len() + own
    }

    pub fn org(&self, id: OrgId) -> Option<Org> {
        self.offices.iter().position(|office| office.org == id).or_else(|| self.partners.get(&id).copied())
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

    pub fn clock(&self, org: Org) -> Time {
        self.offices[org].clock(self.now)
    }

    pub fn up(&self, org: Org) -> bool {
        self.offices[org].engine.is_some()
    }

    /// What a navigator asks. `None`: the node is down, or it was refused.
    pub fn ask<T: DeserializeOwned>(&mut self, org: Org, ask: &Care) -> Option<T> {
        self.ask_as(org, NAVIGATOR, ask).ok()
    }

    /// What a staff member asks.
    pub fn ask_as<T: DeserializeOwned>(
        &mut self,
        org: Org,
        staff: usize,
        ask: &Care,
    ) -> std::result::Result<T, Option<Failure>> {
        self.now = self.now.plus(SECOND);
        let (response, output) = self.offices[org].ask(self.now, staff, ask).ok_or(None)?;
        if let Some(output) = output {
            self.take(org, output);
        }
        match response {
            Response::Done(value) => {
                self.images.remove(&org);
                let words = super::words::found(value.to_string().as_bytes());
                self.seen.shown.push((org, words));
                Ok(serde_json::from_value(value).unwrap())
            }
            Response::Failed(failure) => {
                self.count("refused");
                self.tell(format!("    refused: {}", failure.message));
                Err(Some(failure))
            }
        }
    }

    /// A step that no request asks for.
    pub fn own<T>(&mut self, org: Org, act: impl FnOnce(&mut Step<'_>) -> Result<T>) -> Option<T> {
        let (done, output) = self.offices[org].act(self.now, act)?;
        self.take(org, output);
        Some(done)
    }

    pub fn input(&mut self, org: Org, input: Input) {
        let Some(output) = self.offices[org].input(self.now, input) else { return };
        let changed = !output.events.is_empty();
        self.take(org, output);
        // The power can go between what came and what the node makes of it.
        if changed && self.broken.is_none() && self.rng.chance(1) && self.seen.weather {
            self.crash(org);
        } else if changed {
            self.follow(org);
        }
    }

    /// What the node does of its own accord, if anything is due.
    pub fn follow(&mut self, org: Org) {
        if let Some(output) = self.offices[org].follow(self.now) {
            self.take(org, output);
        }
    }

    /// Does what the contract of the engine asks of a shell, and notes it.
    fn take(&mut self, org: Org, output: Output) {
        let Output { writes, durable, frames, close, events, wake: _ } = output;
        let writes = self.offices[org].commit(self.now, writes, &events, durable);
        let node = self.offices[org].node;
        let learnt = self.thief.disk(node, &writes);
        self.seen.learnt.extend(learnt);
        self.entries(org, &writes);
        for write in &writes {
            let Some(value) = &write.value else { continue };
            match write.table {
                Table::Record if write.key.first() == Some(&4) => {
                    if let Ok(PrivateBody::Disclosure(made)) = PrivateBody::decode(&value[32..]) {
                        self.recorded.push((org, *made));
                    }
                }
                _ => {}
            }
            self.seen.at_rest(org, write.table, &write.key, value);
        }
        for (link, bytes) in frames {
            self.net.send(link, org, bytes);
        }
        for (link, fault) in close {
            self.breaks(format!("{} closes a link: {fault}", Self::name(org)));
            self.net.cut(link, &mut self.rng);
        }
    }

    /// New entries (behind a byte that says how they stand) of this organisation's own are in everybody's hands: keys first, then what they open.
    fn entries(&mut self, org: Org, writes: &[Write]) {
        let node = self.offices[org].node;
        let new = writes.iter().filter(|write| write.table == Table::Entry);
        let mut new: Vec<Entry> =
            new.filter_map(|write| Entry::parse(write.value.as_ref()?[1..].to_vec()).ok()).collect();
        new.retain(|entry| entry.header().author == node && self.seen.entries.insert(entry.hash()));
        new.sort_by_key(|entry| match entry.header().kind {
            Kind::Epoch => 0,
            Kind::Extend => 1,
            _ => 2,
        });
        for entry in new {
            let (space, hash) = (entry.space(), entry.hash());
            let learnt = self.thief.entry(&entry);
            self.seen.learnt.extend(learnt);
            match entry.header().kind {
                Kind::Data => drop(self.seen.data.insert(hash)),
                Kind::Grant => {
                    let grant: Grant = codec::decode("grant", entry.body()).unwrap();
                    let to = self.org(grant.org).unwrap();
                    self.seen.audience.entry(space).or_default().insert(to);
                }
                _ => {}
            }
            if !self.is_private(org, space) {
                self.seen.places.insert(hash, (org, space));
                self.wrote.push((org, hash, space));
            }
        }
    }

    fn is_private(&mut self, org: Org, space: SpaceId) -> bool {
        let office = &mut self.offices[org];
        let engine = office.engine.as_mut().unwrap();
        let record = engine.spaces().record(&office.disk.live, space).unwrap();
        record.is_some_and(|record| record.kind == SpaceKind::Private)
    }

    /// What this organisation wrote for others since the last check.
    pub fn written_by(&self, org: Org) -> Vec<(EntryHash, SpaceId)> {
        self.wrote.iter().filter(|(by, ..)| *by == org).map(|(_, hash, space)| (*hash, *space)).collect()
    }

    /// One frame or one notice of an end.
    pub fn deliver(&mut self) -> bool {
        let waiting = self.net.waiting();
        let Some((link, side)) = self.rng.pick(&waiting).copied() else { return false };
        match self.net.deliver(link, side) {
            Some(Arrival::Frame { link, to, bytes }) => {
                self.count("frames");
                self.input(to, Input::Received { link, frame: Checked::of(&bytes) });
            }
            Some(Arrival::Gone { link, to }) => self.input(to, Input::Disconnected { link }),
            None => {}
        }
        true
    }

    pub fn connect(&mut self, a: Org, b: Org) {
        if a == b || !self.up(a) || !self.up(b) || self.net.joined(a, b) {
            return;
        }
        self.count("connections");
        let link = self.net.open([a, b], [0; 2]);
        for (me, peer) in [(a, b), (b, a)] {
            let (node, org) = (self.offices[peer].node, self.offices[peer].org);
            self.input(me, Input::Connected { link, node, org });
        }
    }

    pub fn cut(&mut self, link: u64) {
        self.count("cuts");
        let lost = self.net.cut(link, &mut self.rng);
        *self.stats.entry("frames lost").or_default() += lost as u64;
    }

    /// The power goes, and what was not synced with it.
    pub fn crash(&mut self, org: Org) {
        self.count("crashes");
        self.net.died(org, &mut self.rng);
        self.offices[org].engine = None;
        let lost = self.offices[org].disk.crash(&mut self.rng);
        *self.stats.entry("commits lost").or_default() += lost as u64;
    }

    pub fn start(&mut self, org: Org) {
        self.offices[org].start(self.now);
        self.input(org, Input::Tick);
    }
}

impl Machines for County {
    fn papers(&self, at: Org) -> (OrgCard, Certificate) {
        (self.offices[at].card.clone(), self.offices[at].certificate.clone())
    }

    fn step<T>(&mut self, at: Org, act: impl FnOnce(&mut Step<'_>) -> Result<T>) -> Option<T> {
        self.own(at, act)
    }

    fn pages(&mut self, at: Org, coalition: SpaceId) -> Option<Vec<Vec<u8>>> {
        let office = &mut self.offices[at];
        office.engine.as_mut().map(|engine| engine.control_entries(&office.disk.live, coalition).unwrap())
    }
}
