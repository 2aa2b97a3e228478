//! One simulated machine: the real engine on a disk that can fail, and a clock that can be wrong.

use super::disk::Disk;
use super::founding::{Born, born};
use super::hostile::Hostile;
use super::rng::Rng;
use belay_protocol::engine::{Context, Engine, Input, Output, Step};
use belay_protocol::fault::Result;
use belay_protocol::ids::{EntryHash, NodeId, OrgId};
use belay_protocol::keys::{Certificate, Founder, NodeKey, PrekeyPublic, PrekeySecret, Retirement, RootKey};
use belay_protocol::planted;
use belay_protocol::space::control::{OrgCard, PartnerKind};
use belay_protocol::store::Memory;
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
    /// Copies of its disk from earlier days.
    pub images: Vec<(Disk, Promises)>,
    /// No commit fits any more.
    pub full: bool,
    /// Breaks a rule on purpose; nothing is expected of it.
    pub hostile: Option<Hostile>,
    /// No member, and never was one.
    pub stranger: bool,
    /// Retired by its organisation.
    pub retired: bool,
    /// Its organisation lost it: it does not run, until somebody else starts it.
    pub lost: bool,
    /// Its organisation lost everything else, and comes back with it.
    pub recovering: bool,
    /// Its disk was put back to an image once.
    pub rolled: bool,
    /// It is on its way into the coalition, and not in yet.
    pub newcomer: bool,
    /// It came by an invite.
    pub came: bool,
    /// It is gone for good.
    pub burnt: bool,
    /// Its staff did without records that a partner keeps.
    pub did_without: bool,
    pub certificate: Certificate,
    /// From which its organisation's recovery key is made.
    pub recovery: [u8; 32],
    seed: [u8; 32],
    pub rng: Rng,
}

impl Host {
    pub fn new(org: u8, start: Time, rng: Rng) -> Self {
        let mut seed = [org; 32];
        seed[0] = 77;
        Self::of(seed, &format!("Org {org}"), start, rng)
    }

    /// The first machine of the organisation whose root key is made from this seed.
    pub fn of(seed: [u8; 32], name: &str, start: Time, mut rng: Rng) -> Self {
        let root = RootKey::from_seed(seed);
        let Born { disk, node, org, card, certificate } = born(&root, name, PartnerKind::Part2Program, start, &mut rng);
        let mut host = Self {
            disk,
            engine: None,
            node,
            org,
            card,
            skew: 0,
            group: 0,
            promised: Promises::new(),
            images: Vec::new(),
            full: false,
            hostile: None,
            stranger: false,
            retired: false,
            lost: false,
            recovering: false,
            rolled: false,
            newcomer: false,
            came: false,
            burnt: false,
            did_without: false,
            certificate,
            recovery: [0; 32],
            seed,
            rng,
        };
        host.start(start);
        host
    }

    /// A further node of the same organisation, which nobody has certified yet.
    pub fn further(&self, start: Time, rng: Rng) -> Self {
        Self { card: self.card.clone(), recovery: self.recovery, ..Self::new(self.seed[1], start, rng) }
    }

    /// Another copy of this machine's folder.
    pub fn copy(&self, rng: Rng) -> Self {
        Self {
            disk: Disk::from(self.disk.live.clone()),
            engine: None,
            card: self.card.clone(),
            promised: self.promised.clone(),
            images: Vec::new(),
            hostile: self.hostile,
            certificate: self.certificate.clone(),
            rng,
            ..*self
        }
    }

    /// What the organisation's root says of a node of its own.
    pub fn certify(&self, key: &NodeKey, prekey: PrekeyPublic, issued: Time) -> Certificate {
        RootKey::from_seed(self.seed).certify(key, prekey, issued)
    }

    /// What the organisation's root founds a private space with.
    pub fn founder(&self, recovery: [u8; 32], now: Time) -> Founder {
        let [a, b, c, d, e, f, g, h, ..] = recovery;
        let mut rng = Rng::new(u64::from_be_bytes([a, b, c, d, e, f, g, h]));
        let recovery = PrekeySecret::from_seed(recovery).public();
        RootKey::from_seed(self.seed).founder(recovery, now, &mut rng)
    }

    /// What the organisation's root says to retire a node.
    pub fn retirement(&self, node: NodeId, now: Time) -> Retirement {
        RootKey::from_seed(self.seed).retire(node, now)
    }

    /// Whether something is expected of it: an honest member's node that is not retired.
    pub const fn honest(&self) -> bool {
        self.hostile.is_none() && !self.stranger
    }

    pub const fn clock(&self, now: Time) -> Time {
        Time(now.0.saturating_add_signed(self.skew))
    }

    pub fn start(&mut self, now: Time) {
        let now = self.clock(now);
        let engine = Engine::open(&self.disk.live, &mut Context { now, random: &mut self.rng });
        self.engine = Some(engine.unwrap());
    }

    pub fn input(&mut self, now: Time, input: Input) -> Option<Output> {
        let now = self.clock(now);
        let Self { disk, engine, rng, hostile, .. } = self;
        let engine = engine.as_mut()?;
        let done = as_it_is(*hostile, || engine.handle(input, &disk.live, &mut Context { now, random: rng }));
        match done {
            Ok(output) => Some(output),
            // Who breaks its own rules may stumble over them.
            Err(_) if hostile.is_some() => None,
            Err(fault) => panic!("an input made the engine fail: {fault}"),
        }
    }

    /// One local command; what it refuses leaves no trace.
    pub fn act<T>(&mut self, now: Time, act: impl FnOnce(&mut Step<'_>) -> Result<T>) -> Option<Result<(T, Output)>> {
        let now = self.clock(now);
        let Self { disk, engine, rng, hostile, .. } = self;
        let engine = engine.as_mut()?;
        Some(as_it_is(*hostile, || {
            let mut step = engine.step(&disk.live, Context { now, random: rng });
            match act(&mut step) {
                Ok(done) => match step.finish() {
                    Ok(output) => Ok((done, output)),
                    Err(fault) if hostile.is_some() => Err(fault),
                    Err(fault) => panic!("a step can not be finished: {fault}"),
                },
                Err(fault) => Err(fault),
            }
        }))
    }

    /// Asks the running engine.
    pub fn ask<T>(&mut self, ask: impl FnOnce(&mut Engine, &Memory) -> T) -> Option<T> {
        let Self { disk, engine, .. } = self;
        engine.as_mut().map(|engine| ask(engine, &disk.live))
    }
}

/// Runs a node's code with the rule that this node breaks, if it does.
fn as_it_is<T>(hostile: Option<Hostile>, run: impl FnOnce() -> T) -> T {
    let Some(Hostile::Rule(bug)) = hostile else { return run() };
    let before = planted::planted();
    planted::plant(Some(bug));
    let done = run();
    planted::plant(before);
    done
}
