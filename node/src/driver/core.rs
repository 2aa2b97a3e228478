//! The thread: one thing at a time, each committed before anything of it leaves.

mod group;
mod idle;
mod judge;
mod reach;
mod turns;

use super::avoided::Avoided;
use super::clock::Watch;
use super::dial::Dialler;
use super::door::Members;
use super::links::{Linked, Placed};
use super::{Call, UseCases, standing};
use crate::net::{self, Located, Net};
use crate::ops::conditions::{self, Conditions, Severity};
use crate::store::Store;
use crate::system::{self, System};
use belay_protocol::coalition::invite::pass::{Leads, NoPassage, PassName};
use belay_protocol::engine::{ADDRESSES, Context, Engine, Event, Input, Output, Step};
use belay_protocol::fault::{Class, Fault, Reaction, Result};
use belay_protocol::ids::NodeId;
use belay_protocol::time::Time;
use rusqlite::Connection;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};
use turns::Turns;

/// The longest sleep: a clock that was set forward is noticed within this.
const NAP: Duration = Duration::from_secs(30);
/// How often targets are looked at where nothing says that they changed.
const LOOK: Duration = Duration::from_secs(30);
/// How long who broke a rule is kept out, and how long its last frames have to leave before that.
const AVOIDED: Duration = Duration::from_secs(600);
const LAST_WORDS: Duration = Duration::from_millis(500);
/// How long a stop waits for carriers to say that they keep what was left with them.
const PARTING: Duration = Duration::from_secs(3);

/// What the driver's thread owns.
pub struct Core {
    engine: Engine,
    store: Store,
    usecases: Box<dyn UseCases>,
    net: Net,
    /// Where this node can be reached, as the network last told.
    located: Located,
    /// Whether a relay ever kept a place for this node in this run.
    relayed_once: bool,
    /// When this machine's addresses last changed.
    moved: Option<Instant>,
    linked: Arc<Mutex<Linked>>,
    members: Members,
    /// Of whose nodes those that no roster has are kept out.
    avoided: Avoided,
    counted: watch::Sender<u64>,
    conditions: Conditions,
    /// What waits to be committed.
    group: group::Group,
    idle: idle::Idle,
    dialler: Dialler,
    /// When to look for whom to dial.
    look: Instant,
    /// When the engine wants a tick, and what for.
    wake: Option<(Time, &'static str)>,
    /// Whether the addresses that members know of us may be out of date.
    publish: bool,
    /// Since when nobody has been linked who should be.
    alone: Option<Instant>,
    stopping: bool,
    turns: Turns,
    began: Instant,
    clock: Watch,
    /// Who says that this node was retired.
    retired_by: Option<NodeId>,
}

enum Next {
    Call(Call),
    Net(net::Event),
    Time,
}

impl Core {
    pub(super) fn new(
        engine: Engine,
        store: Store,
        usecases: Box<dyn UseCases>,
        net: Net,
        (linked, members): (Arc<Mutex<Linked>>, Members),
        counted: watch::Sender<u64>,
        conditions: Conditions,
    ) -> Self {
        let wake = Some((Time(0), "start"));
        let began = Instant::now();
        Self {
            engine,
            store,
            usecases,
            net,
            located: Located::default(),
            relayed_once: false,
            moved: None,
            linked,
            members,
            avoided: Avoided::default(),
            counted,
            conditions,
            group: group::Group::default(),
            idle: idle::Idle::default(),
            dialler: Dialler::default(),
            look: Instant::now(),
            wake,
            publish: true,
            alone: None,
            stopping: false,
            turns: Turns::since(began),
            began,
            clock: Watch::new(began, system::now()),
            retired_by: None,
        }
    }

    /// Until [`Core::stop`], or until nobody can call any more.
    pub(super) fn run(
        mut self,
        runtime: &Handle,
        mut calls: mpsc::Receiver<Call>,
        mut events: mpsc::Receiver<net::Event>,
    ) {
        // Tasks are spawned from this thread too.
        let _entered = runtime.enter();
        while !self.stopping {
            let next = runtime.block_on(self.next(&mut calls, &mut events));
            self.mind_clock();
            match next {
                Some(Next::Call(call)) => {
                    self.turns.called();
                    self.called(call, &mut calls);
                }
                Some(Next::Net(event)) => self.heard(event, &mut events, &calls),
                Some(Next::Time) => self.time(),
                None => break,
            }
            self.flush();
            if self.publish {
                self.publish_addresses();
                self.flush();
            }
            if self.look <= Instant::now() {
                self.dial();
            }
        }
        self.take_leave(runtime, &mut events);
        // Dropped outboxes let what waits in them leave; each link answers with a last event.
        let mut leaving = self.lock().clear();
        runtime.block_on(async {
            let left = async {
                while leaving > 0 {
                    match events.recv().await {
                        Some(net::Event::Closed { .. }) => leaving -= 1,
                        Some(_) => {}
                        None => break,
                    }
                }
            };
            let _ = tokio::time::timeout(LAST_WORDS, left).await;
            events.close();
            self.net.stop().await;
        });
        match self.store.checkpoint(true) {
            Ok(true) => {}
            Ok(false) => tracing::info!("the write-ahead log is in use, and stays as it is"),
            Err(fault) => tracing::warn!(why = %fault.message, "the write-ahead log stays as it is"),
        }
        tracing::info!("stopped");
    }

    /// This machine goes off: what waits is left with carriers and keepers first, and their answers are waited for a moment.
    fn take_leave(&mut self, runtime: &Handle, events: &mut mpsc::Receiver<net::Event>) {
        self.input(Input::Leaving);
        self.flush();
        let until = tokio::time::Instant::now() + PARTING;
        while self.engine.leaving() {
            match runtime.block_on(async { tokio::time::timeout_at(until, events.recv()).await }) {
                Ok(Some(event)) => {
                    self.network(event);
                    self.flush();
                }
                Ok(None) | Err(_) => break,
            }
        }
    }

    /// A call, and those that wait behind it.
    fn called(&mut self, call: Call, calls: &mut mpsc::Receiver<Call>) {
        let mut next = Some(call);
        while let Some(call) = next {
            let reply = call(self);
            self.answer(reply);
            next = if !self.stopping && self.group.takes_calls() { calls.try_recv().ok() } else { None };
        }
    }

    /// What the network says, and frames that wait behind it while nobody waits for an answer.
    fn heard(&mut self, event: net::Event, events: &mut mpsc::Receiver<net::Event>, calls: &mpsc::Receiver<Call>) {
        let mut next = Some(event);
        while let Some(event) = next {
            self.network(event);
            next = if calls.is_empty() && self.group.takes_frames() { events.try_recv().ok() } else { None };
        }
    }

    async fn next(
        &mut self,
        calls: &mut mpsc::Receiver<Call>,
        events: &mut mpsc::Receiver<net::Event>,
    ) -> Option<Next> {
        let due = self.wake.is_some_and(|(at, _)| at <= system::now());
        if self.turns.is_clocks(due, Instant::now()) {
            return Some(Next::Time);
        }
        if self.turns.is_networks()
            && let Ok(event) = events.try_recv()
        {
            return Some(Next::Net(event));
        }
        let tick = self.wake.map_or(NAP, |(at, _)| Duration::from_millis(at.since(system::now()))).min(NAP);
        let look = self.look.saturating_duration_since(Instant::now());
        tokio::select! {
            biased;
            call = calls.recv() => call.map(Next::Call),
            event = events.recv() => event.map(Next::Net),
            () = tokio::time::sleep(tick.min(look).min(self.idle.wait())) => Some(Next::Time),
        }
    }

    /// Runs one step and settles it: what comes of it is committed with the next [`Core::flush`], and answered then. What is due by the clock
    /// is done first: no step rests on a consent that ends by itself today.
    pub(super) fn write<T, E: From<Fault>>(
        &mut self,
        work: impl FnOnce(&mut Step<'_>, &Connection) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        self.store.look()?;
        self.follow()?;
        let mut random = System;
        let mut step = self.engine.step(&self.store, Context { now: system::now(), random: &mut random });
        let value = work(&mut step, self.store.sql())?;
        let output = step.finish();
        let output = self.finished(output)?;
        self.settle(output, false)?;
        Ok(value)
    }

    /// Where a step could not be finished, the engine may be ahead of the store.
    fn finished(&mut self, output: Result<Output>) -> Result<Output> {
        if let Err(fault) = &output {
            self.broken(fault);
        }
        output
    }

    /// One frame of the invite protocol.
    pub(super) fn invited(&mut self, peer: NodeId, frame: &[u8]) -> Result<Vec<u8>> {
        self.store.look()?;
        let mut random = System;
        let mut step = self.engine.step(&self.store, Context { now: system::now(), random: &mut random });
        let answer = self.usecases.invited(&mut step, peer, frame)?;
        let output = step.finish();
        let output = self.finished(output)?;
        self.settle(output, false)?;
        Ok(answer)
    }

    /// Where a pass leads that a newcomer shows.
    pub(super) fn leads(&mut self, newcomer: NodeId, pass: PassName) -> Result<std::result::Result<Leads, NoPassage>> {
        self.store.look()?;
        self.usecases.leads(&mut self.engine, &self.store, newcomer, pass)
    }

    pub(super) fn query<T, E>(
        &mut self,
        work: impl FnOnce(&mut Engine, &Store) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        // Where that fails, each read for itself is as good.
        let _ = self.store.look();
        work(&mut self.engine, &self.store)
    }

    pub(super) const fn stop(&mut self) {
        self.stopping = true;
    }

    fn lock(&self) -> MutexGuard<'_, Linked> {
        self.linked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn network(&mut self, event: net::Event) {
        match event {
            net::Event::Opened { link, node, org, opener, path, outbox } => {
                let placed = self.lock().place(link, (node, org), opener, path, outbox);
                if let Placed::Stands { instead_of } = placed {
                    if let Some(old) = instead_of {
                        self.input(Input::Disconnected { link: old });
                    }
                    tracing::info!(node = %node.short(), org = %org.short(), link, ?path, "linked");
                    self.dialler.linked(node);
                    self.let_in(node);
                    self.input(Input::Connected { link, node, org });
                    self.judge_reach();
                }
            }
            net::Event::Frame { link, frame, place: _ } => {
                if self.lock().is_live(link) {
                    self.input(Input::Received { link, frame });
                    self.judge_clock();
                }
            }
            net::Event::Closed { link, why } => {
                let gone = self.lock().remove(link);
                if let Some((node, _, stood)) = gone {
                    tracing::info!(node = %node.short(), link, why = %why, "link closed");
                    self.dialler.closed(node, stood, Instant::now(), &mut System);
                    self.look_soon();
                    self.ended(node);
                    self.input(Input::Disconnected { link });
                }
            }
            net::Event::Unreached { node, why } => {
                tracing::debug!(node = %node.short(), why = %why, "not reached");
                self.dialler.failed(node, Instant::now(), &mut System);
                self.look_soon();
            }
            net::Event::Located(located) => self.located(located),
            net::Event::Moved => self.has_moved(),
            net::Event::Relay { node } => {
                tracing::debug!(node = %node.short(), "serves as a relay");
                // Who is behind it may be reached now.
                self.dialler.afresh();
                self.look = Instant::now();
            }
        }
    }

    /// A clock that is set while links stand ends nothing by itself: what the others' clocks say of it is reckoned anew first.
    fn mind_clock(&mut self) {
        if let Some(by) = self.clock.moved(Instant::now(), system::now()) {
            tracing::warn!(seconds = by / 1_000, "this machine's clock was set, or it slept");
            self.input(Input::ClockMoved { by });
            self.judge_clock();
        }
    }

    /// Gives the engine one input and settles what comes of it.
    fn input(&mut self, input: Input) {
        let mut random = System;
        let mut context = Context { now: system::now(), random: &mut random };
        match self.store.look().and_then(|()| self.engine.handle(input, &self.store, &mut context)) {
            Ok(output) => {
                let changed = !output.events.is_empty();
                // A failure is told as a condition; peers send again what was lost with it.
                if self.settle(output, true).is_ok() && changed {
                    self.follow().unwrap_or_else(|fault| self.broken(&fault));
                }
            }
            Err(fault) => self.broken(&fault),
        }
    }

    /// What this node writes of its own accord.
    pub(super) fn follow(&mut self) -> Result<()> {
        if !self.usecases.due(&self.store)? {
            return Ok(());
        }
        let mut random = System;
        let mut step = self.engine.step(&self.store, Context { now: system::now(), random: &mut random });
        self.usecases.follow(&mut step)?;
        let output = step.finish()?;
        self.settle(output, false)
    }

    fn close(&mut self, link: u64, fault: &Fault, closed: &mut Vec<u64>) {
        let gone = self.lock().remove(link);
        let Some((node, org, stood)) = gone else { return };
        // Not why: that may name an entry of a thread, and a log is kept by others.
        tracing::info!(node = %node.short(), link, class = ?fault.class, "closing a link");
        self.dialler.closed(node, stood, Instant::now(), &mut System);
        self.look_soon();
        closed.push(link);
        if fault.reaction() == Reaction::CloseAndAvoid {
            let known = self.in_roster(node);
            self.avoided.note(org, known, Instant::now(), AVOIDED);
            let net = self.net.clone();
            tokio::spawn(async move {
                tokio::time::sleep(LAST_WORDS).await;
                net.avoid(node, AVOIDED).await;
            });
        }
    }

    /// What events mean for the driver itself.
    fn take_note(&mut self, events: &[Event], closed: &mut Vec<u64>) {
        if events.iter().any(|event| matches!(event, Event::Members { .. } | Event::Removed { .. } | Event::Elsewhere))
        {
            self.part(closed);
        }
        for event in events {
            match event {
                Event::Members { .. } | Event::Joined { .. } | Event::Removed { .. } => {
                    self.publish = true;
                    self.look = Instant::now();
                }
                // What another run of this node published is what peers go by: it is said anew if it is not so.
                Event::Register { node, name, .. } if name == ADDRESSES && *node == self.engine.node() => {
                    self.publish = true;
                }
                Event::Register { node, name, .. } if name == ADDRESSES => {
                    self.dialler.told(*node, Instant::now());
                    self.look = Instant::now();
                }
                _ => {}
            }
        }
    }

    /// Looks at its own standing, and parts from those with whom it shares no coalition any more: what was to tell them has left.
    fn part(&mut self, closed: &mut Vec<u64>) {
        self.judge_standing();
        let links = self.lock().standing();
        for (number, org) in links {
            let apart = standing::apart(&mut self.engine, &self.store, org);
            if matches!(apart, Ok(true)) {
                self.close(number, &Fault::not_permitted("no coalition is shared any more"), closed);
            }
        }
    }

    /// Nothing of it happened: everything goes on from the store.
    fn broken(&mut self, fault: &Fault) {
        tracing::error!(class = ?fault.class, why = %fault.message, "nothing of this was kept");
        if fault.class == Class::Store {
            self.conditions.set(conditions::STORE, Severity::Error, fault.message.clone(), None);
        }
        if fault.reaction() == Reaction::Restart {
            self.engine.forget();
            self.usecases.forget();
            let peers = self.lock().facts();
            for peer in peers {
                self.dialler.closed(peer.node, peer.standing, Instant::now(), &mut System);
            }
            self.lock().clear();
            self.look_soon();
            // The engine has forgotten when it wanted to be woken.
            self.wake = Some((system::now().plus(belay_protocol::time::SECOND), "after a failure"));
        }
    }

    fn look_soon(&mut self) {
        let next = self.dialler.next().unwrap_or_else(|| Instant::now() + LOOK);
        self.look = self.look.min(next);
    }

    fn dial(&mut self) {
        let now = Instant::now();
        self.look = now + LOOK;
        self.judge_standing();
        self.judge_carriers();
        self.judge_backup(now);
        match self.targets() {
            Ok(targets) => {
                self.judge_company(&targets, now);
                self.judge_reach();
                let linked = Arc::clone(&self.linked);
                let linked = linked.lock().unwrap_or_else(PoisonError::into_inner);
                for (node, addresses) in self.dialler.due(targets, |node| linked.is_linked(node), now) {
                    tracing::debug!(node = %node.short(), "going for a link");
                    self.net.link(node, addresses);
                }
            }
            Err(fault) => tracing::warn!(why = %fault.message, "nobody to dial was found"),
        }
        self.look_soon();
        // Attempts under way are looked at when they end.
        self.look = self.look.max(now + Duration::from_millis(200));
    }
}
