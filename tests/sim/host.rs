//! One simulated machine: the real engine on a disk that can fail, and a clock that can be wrong.

use super::disk::Disk;
use super::rng::Rng;
use belay_protocol::engine::{Context, Engine, Identity, Input, Output, Step};
use belay_protocol::fault::Result;
use belay_protocol::ids::{EntryHash, NodeId, OrgId};
use belay_protocol::keys::{NodeKey, PrekeySecret, root::RootKey};
use belay_protocol::random;
use belay_protocol::space::control::{OrgCard, PartnerKind};
use belay_protocol::store::{Draft, Memory};
use belay_protocol::time::Time;
use std::collections::BTreeSet;

/// What a node promised to keep: own entries told to its user as written, and what its receipts name.
pub type Promises = BTreeSet<EntryHash>;

pub struct Host {
    pub disk: Disk,
    /// `None` while it is down.
    pub engine: Option<Engine>,
    pub node: NodeId,
    pub org: OrgId,
    pub card: OrgCard,
    /// Milliseconds that its clock is off.
    pub skew: i64,
    /// Hosts of different groups can not reach each other.
    pub group: u8,
    pub promised: Promises,
    pub yesterday: Option<(Disk, Promises)>,
    pub rng: Rng,
}

impl Host {
    pub fn new(org: u8, start: Time, mut rng: Rng) -> Self {
        let mut seed = [org; 32];
        seed[0] = 77;
        let root = RootKey::from_seed(seed);
        let key = NodeKey::from_seed(random::array(&mut rng));
        let prekey = PrekeySecret::generate(&mut rng);
        let certificate = root.certify(&key, prekey.public(), start);
        let mut memory = Memory::default();
        let mut draft = Draft::new(&memory);
        Identity::store(&mut draft, &key, &certificate, &prekey, start).unwrap();
        let writes = draft.into_writes();
        memory.commit(writes);
        let card = OrgCard {
            root: root.public(),
            name: format!("Org {}", char::from(b'A' + org)),
            kind: PartnerKind::Part2Program,
        };
        let mut host = Self {
            disk: Disk::from(memory),
            engine: None,
            node: key.id(),
            org: root.public().org(),
            card,
            skew: 0,
            group: 0,
            promised: Promises::new(),
            yesterday: None,
            rng,
        };
        host.start(start);
        host
    }

    pub const fn clock(&self, now: Time) -> Time {
        Time(now.0.saturating_add_signed(self.skew))
    }

    pub fn start(&mut self, now: Time) {
        let now = self.clock(now);
        let engine = Engine::open(&self.disk.live, &mut Context { now, random: &mut self.rng });
        self.engine = Some(engine.unwrap());
    }

    pub fn input(&mut self, now: Time, input: Input<'_>) -> Option<Output> {
        let now = self.clock(now);
        let Self { disk, engine, rng, .. } = self;
        let engine = engine.as_mut()?;
        Some(engine.handle(input, &disk.live, &mut Context { now, random: rng }).unwrap())
    }

    /// One local command; what it refuses leaves no trace.
    pub fn act<T>(&mut self, now: Time, act: impl FnOnce(&mut Step<'_>) -> Result<T>) -> Option<Result<(T, Output)>> {
        let now = self.clock(now);
        let Self { disk, engine, rng, .. } = self;
        let mut step = engine.as_mut()?.step(&disk.live, Context { now, random: rng });
        Some(match act(&mut step) {
            Ok(done) => Ok((done, step.finish().unwrap())),
            Err(fault) => Err(fault),
        })
    }

    /// Asks the running engine.
    pub fn ask<T>(&mut self, ask: impl FnOnce(&mut Engine, &Memory) -> T) -> Option<T> {
        let Self { disk, engine, .. } = self;
        engine.as_mut().map(|engine| ask(engine, &disk.live))
    }
}
