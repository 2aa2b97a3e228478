//! One organisation: a real engine with the real use cases over a disk that can fail, and staff who signed in.

use super::super::disk::Disk;
use super::super::founding::{Born, born};
use super::super::rng::Rng;
use belay_node::api::care::Care;
use belay_node::api::{Response, Secret, StaffLogin};
use belay_node::usecases::staff::{self, StaffSession};
use belay_node::usecases::{care, consents, identity, project};
use belay_protocol::disclosure::private::Author;
use belay_protocol::engine::{Context, Engine, Event, Input, Output, Step};
use belay_protocol::fault::Result;
use belay_protocol::ids::{EntryHash, NodeId, OrgId, SpaceId};
use belay_protocol::keys::{Certificate, PrekeySecret, RootKey};
use belay_protocol::random;
use belay_protocol::space::control::{OrgCard, PartnerKind};
use belay_protocol::space::notice::heard;
use belay_protocol::store::{Draft, Table, View, Write};
use belay_protocol::time::Time;

/// Who acts for the organisation, in the order of [`STAFF`].
pub const NAVIGATOR: usize = 0;
pub const OFFICER: usize = 1;
pub const STAFF: [(&str, &str); 2] = [("nora", "navigator"), ("pia", "privacy officer")];

/// "correct horse" by Argon2id at its least cost, with a fixed salt: a history repeats to the byte, and nobody signs in anywhere with it.
const SECRET: &str = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$t5QLzMlfSPLMezb1X/hRw1bKTTpryM1JhqBpLyqseOw";

pub struct Office {
    pub disk: Disk,
    /// `None` while it is down.
    pub engine: Option<Engine>,
    pub node: NodeId,
    pub org: OrgId,
    pub card: OrgCard,
    pub certificate: Certificate,
    pub sessions: Vec<StaffSession>,
    /// Milliseconds that its clock is off.
    pub skew: i64,
    pub rng: Rng,
}

impl Office {
    pub fn new(name: &str, kind: PartnerKind, now: Time, mut rng: Rng) -> Self {
        let root = RootKey::from_seed(random::array(&mut rng));
        let Born { mut disk, node, org, card, certificate } = born(&root, name, kind, now, &mut rng);
        let recovery = PrekeySecret::generate(&mut rng);
        let mut draft = Draft::new(&disk.live);
        identity::keep_card(&mut draft, &card);
        let writes = draft.into_writes();
        disk.commit(writes, true);
        let mut office = Self { disk, engine: None, node, org, card, certificate, sessions: Vec::new(), skew: 0, rng };
        office.start(now);
        let founder = root.founder(recovery.public(), now, &mut office.rng);
        let (_, output) = office
            .act(now, |step| {
                step.found_private(founder)?;
                project::project_step(step)?;
                for (name, role) in STAFF {
                    staff::add(step, Author::Machine, (name, "", role), SECRET.to_owned()).unwrap();
                }
                Ok(())
            })
            .unwrap();
        office.commit(now, output.writes, &output.events, true);
        office.sessions = STAFF
            .iter()
            .map(|(name, _)| {
                let login = StaffLogin { name: (*name).to_owned(), secret: Secret::new("correct horse".to_owned()) };
                StaffSession::open(&office.disk.live, &login).unwrap()
            })
            .collect();
        office
    }

    /// The same organisation at the beginning of another history.
    pub fn again(&self, rng: Rng) -> Self {
        Self {
            disk: self.disk.clone(),
            engine: None,
            card: self.card.clone(),
            certificate: self.certificate.clone(),
            sessions: self.sessions.clone(),
            rng,
            ..*self
        }
    }

    pub const fn clock(&self, now: Time) -> Time {
        Time(now.0.saturating_add_signed(self.skew))
    }

    pub fn start(&mut self, now: Time) {
        let now = self.clock(now);
        self.engine = Some(Engine::open(&self.disk.live, &mut Context { now, random: &mut self.rng }).unwrap());
    }

    /// Commits what a step or an input wrote with what the use cases make of it: one transaction, as the driver's.
    pub fn commit(&mut self, now: Time, mut writes: Vec<Write>, events: &[Event], durable: bool) -> Vec<Write> {
        let now = self.clock(now);
        let engine = self.engine.as_mut().unwrap();
        let mut laid = Draft::new(&self.disk.live);
        for Write { table, key, value } in &writes {
            match value {
                Some(value) => laid.put(*table, key.clone(), value.clone()),
                None => laid.delete(*table, key.clone()),
            }
        }
        let made = project::writes(engine, &laid, events, now).unwrap();
        writes.extend(made);
        self.disk.commit(writes.clone(), durable);
        writes
    }

    pub fn input(&mut self, now: Time, input: Input) -> Option<Output> {
        let now = self.clock(now);
        let Self { disk, engine, rng, .. } = self;
        Some(engine.as_mut()?.handle(input, &disk.live, &mut Context { now, random: rng }).unwrap())
    }

    /// One local step; what it refuses leaves no trace.
    pub fn act<T>(&mut self, now: Time, act: impl FnOnce(&mut Step<'_>) -> Result<T>) -> Option<(T, Output)> {
        let now = self.clock(now);
        let Self { disk, engine, rng, .. } = self;
        let mut step = engine.as_mut()?.step(&disk.live, Context { now, random: rng });
        let done = act(&mut step).ok()?;
        Some((done, step.finish().unwrap()))
    }

    /// What a staff member asks; a refusal drops the step.
    pub fn ask(&mut self, now: Time, staff: usize, ask: &Care) -> Option<(Response, Option<Output>)> {
        let now = self.clock(now);
        let Self { disk, engine, rng, sessions, .. } = self;
        let mut step = engine.as_mut()?.step(&disk.live, Context { now, random: rng });
        let response = care::answer(&mut step, &sessions[staff], ask);
        let output = matches!(response, Response::Done(_)).then(|| step.finish().unwrap());
        Some((response, output))
    }

    /// What the node does of its own accord once something came: revocations that partners heard.
    pub fn follow(&mut self, now: Time) -> Option<Output> {
        if self.engine.is_none() || !consents::heard_due(&self.disk.live, self.clock(now)).unwrap() {
            return None;
        }
        self.act(now, consents::heard_follow).map(|((), output)| output)
    }

    /// Whether an entry is here and counts: what a partner wrote when it was taken out already, and had not heard, does not.
    pub fn counts(&mut self, hash: &EntryHash) -> bool {
        let Self { disk, engine, .. } = self;
        let Some(engine) = engine.as_mut() else { return false };
        engine.has(&disk.live, hash).unwrap() && engine.spaces().counts(&disk.live, hash).unwrap()
    }

    /// Whether an entry is here, be it only as the word of a removal.
    pub fn has(&self, hash: &EntryHash) -> bool {
        let view = &self.disk.live;
        if view.get(Table::Entry, hash.as_bytes()).unwrap().is_some() {
            return true;
        }
        let spaces = view.scan(Table::Removed, &[], None, usize::MAX, false).unwrap();
        let heard =
            spaces.into_iter().flat_map(|(space, _)| heard(view, SpaceId::from_slice(&space).unwrap()).unwrap());
        heard.into_iter().any(|notice| notice.hash() == *hash)
    }
}
