//! Offices of one county: an engine over a store in memory each, linked to one another, with a staff member who signed in.

use super::super::answer;
use crate::api::care::Care;
use crate::api::{Response, Secret, StaffLogin};
use crate::driver::{UseCases, standing};
use crate::ops::conditions::{Condition, Conditions};
use crate::usecases::desk::Desk;
use crate::usecases::directory::Writer;
use crate::usecases::staff::StaffSession;
use crate::usecases::{identity, project, staff, worklist};
use belay_protocol::disclosure::private::Author;
use belay_protocol::engine::{Applied, Checked, Context, Engine, Event, Identity, Input, Output, Step};
use belay_protocol::fault::Fault;
use belay_protocol::ids::{OrgId, SpaceId};
use belay_protocol::keys::prekey::PrekeySecret;
use belay_protocol::keys::{Certificate, NodeKey, RootKey};
use belay_protocol::random::{self, Random};
use belay_protocol::space::SpaceKind;
use belay_protocol::space::control::{OrgCard, PartnerKind};
use belay_protocol::store::{Draft, Memory, Row, Table, View, Write};
use belay_protocol::time::{SECOND, Time};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Bytes from a seed, so that a failing run fails again.
#[derive(Clone)]
pub struct Dice(pub u64);

impl Random for Dice {
    fn fill(&mut self, out: &mut [u8]) {
        for byte in out {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = self.0.to_be_bytes()[0];
        }
    }
}

/// Counts how often it is asked.
struct Counting<'s> {
    store: &'s Memory,
    reads: Cell<usize>,
    rows: Cell<usize>,
}

impl View for Counting<'_> {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        self.reads.set(self.reads.get() + 1);
        self.store.get(table, key)
    }

    fn scan(
        &self,
        table: Table,
        from: &[u8],
        to: Option<&[u8]>,
        limit: usize,
        reverse: bool,
    ) -> Result<Vec<Row>, Fault> {
        self.reads.set(self.reads.get() + 1);
        let rows = self.store.scan(table, from, to, limit, reverse)?;
        self.rows.set(self.rows.get() + rows.len());
        Ok(rows)
    }
}

pub struct Office {
    engine: Engine,
    store: Memory,
    dice: Dice,
    pub now: Time,
    card: OrgCard,
    certificate: Certificate,
    session: Option<StaffSession>,
    desk: Desk,
    /// Frames on their way, by link.
    out: Vec<(u64, Vec<u8>)>,
}

impl Office {
    fn new(name: &str, kind: PartnerKind, seed: u64) -> Self {
        let mut dice = Dice(seed);
        let now = Time(1_795_000_000_000);
        let root = RootKey::from_seed(random::array(&mut dice));
        let key = NodeKey::from_seed(random::array(&mut dice));
        let (prekey, recovery) = (PrekeySecret::generate(&mut dice), PrekeySecret::generate(&mut dice));
        let certificate = root.certify(&key, prekey.public(), now);
        let card = OrgCard { root: root.public(), name: name.to_owned(), kind };
        let mut store = Memory::default();
        let mut draft = Draft::new(&store);
        Identity::store(&mut draft, &key, &certificate, &prekey, now).expect("an empty store");
        identity::keep_card(&mut draft, &card);
        let writes = draft.into_writes();
        store.commit(writes);
        let engine = Engine::open(&store, &mut Context { now, random: &mut dice }).expect("an identity");
        let desk = Desk::new(Arc::new(Writer::default()), Conditions::default());
        let mut office = Self { engine, store, dice, now, card, certificate, session: None, desk, out: Vec::new() };
        let secret = staff::hash(&Secret::new("correct horse".to_owned())).expect("long enough");
        let founder = root.founder(recovery.public(), now, &mut office.dice);
        office.step(|step| {
            step.found_private(founder).expect("none yet");
            project::project_step(step).expect("settles");
            staff::add(step, Author::Machine, ("nora", "", "navigator"), secret).expect("nobody yet");
        });
        let login = StaffLogin { name: "nora".to_owned(), secret: Secret::new("correct horse".to_owned()) };
        office.session = Some(StaffSession::open(&office.store, &login).expect("her own secret"));
        let wrong = StaffLogin { name: "nora".to_owned(), secret: Secret::new("correct house".to_owned()) };
        assert!(StaffSession::open(&office.store, &wrong).is_err());
        office
    }

    pub fn org(&self) -> OrgId {
        self.engine.org()
    }

    /// One step, committed.
    pub fn step<T>(&mut self, run: impl FnOnce(&mut Step<'_>) -> T) -> T {
        self.now = Time(self.now.0 + SECOND);
        let mut step = self.engine.step(&self.store, Context { now: self.now, random: &mut self.dice });
        let value = run(&mut step);
        let output = step.finish().expect("finishes");
        self.commit(output);
        value
    }

    /// One request; a failure drops the step.
    pub fn ask(&mut self, ask: &Care) -> Response {
        self.now = Time(self.now.0 + SECOND);
        let session = self.session.clone().expect("signed in");
        let mut step = self.engine.step(&self.store, Context { now: self.now, random: &mut self.dice });
        let response = answer(&mut step, &session, ask);
        if let Response::Done(_) = response {
            let output = step.finish().expect("finishes");
            self.commit(output);
        }
        response
    }

    /// Asks the engine.
    pub fn with<T>(&mut self, ask: impl FnOnce(&mut Engine, &Memory) -> T) -> T {
        ask(&mut self.engine, &self.store)
    }

    /// Every body of the coalition and of threads that counts and opens here.
    pub fn bodies(&mut self) -> Vec<(SpaceId, Applied)> {
        let records = self.engine.space_records(&self.store).expect("reads");
        let shared = records.into_iter().filter(|record| record.kind != SpaceKind::Private);
        let mut all = Vec::new();
        for space in shared.map(|record| record.space) {
            let part = self.engine.bodies(&self.store, space, 0, usize::MAX).expect("reads");
            all.extend(part.applied.into_iter().map(|applied| (space, applied)));
        }
        all
    }

    /// What takes effect here though it came too late to count.
    pub fn late(&mut self) -> Vec<(SpaceId, Applied)> {
        let mut all = Vec::new();
        for space in self.thread_spaces() {
            let part = self.engine.bodies(&self.store, space, 0, usize::MAX).expect("reads");
            all.extend(part.late.into_iter().map(|applied| (space, applied)));
        }
        all
    }

    /// What the engine tells is projected. Gives how often the store was asked.
    pub fn turned(&mut self, events: &[Event]) -> usize {
        let counting = Counting { store: &self.store, reads: Cell::new(0), rows: Cell::new(0) };
        let writes = project::writes(&mut self.engine, &counting, events, self.now).expect("projects");
        let reads = counting.reads.get();
        self.store.commit(writes);
        reads
    }

    pub const fn store(&self) -> &Memory {
        &self.store
    }

    /// How often the store is asked for an answer, of which nothing is kept, and for how many rows beside.
    pub fn reads(&mut self, ask: &Care) -> (usize, usize) {
        let session = self.session.clone().expect("signed in");
        let (counting, mut dice) =
            (Counting { store: &self.store, reads: Cell::new(0), rows: Cell::new(0) }, self.dice.clone());
        let mut step = self.engine.step(&counting, Context { now: self.now, random: &mut dice });
        let answered = answer(&mut step, &session, ask);
        assert!(matches!(answered, Response::Done(_)), "{answered:?}");
        drop(step);
        (counting.reads.get(), counting.rows.get())
    }

    /// How often the store is asked after each input whether something is due by itself, and for how many rows.
    pub fn reads_after_an_input(&self) -> (usize, usize) {
        let counting = Counting { store: &self.store, reads: Cell::new(0), rows: Cell::new(0) };
        crate::usecases::consents::heard_due(&counting, self.now).expect("reads");
        (counting.reads.get(), counting.rows.get())
    }

    /// One step as the staff member, committed: for what no request asks.
    pub fn staff<T>(&mut self, run: impl FnOnce(&mut Step<'_>, &StaffSession) -> T) -> T {
        let session = self.session.clone().expect("signed in");
        self.step(|step| run(step, &session))
    }

    fn commit(&mut self, output: Output) {
        self.store.commit(output.writes);
        let writes = project::writes(&mut self.engine, &self.store, &output.events, self.now).expect("projects");
        self.store.commit(writes);
        assert!(output.close.is_empty(), "{:?}", output.close);
        self.out.extend(output.frames);
    }

    fn input(&mut self, input: Input) {
        let mut ctx = Context { now: self.now, random: &mut self.dice };
        let output = self.engine.handle(input, &self.store, &mut ctx).expect("handles");
        self.commit(output);
        if crate::usecases::consents::heard_due(&self.store, self.now).expect("reads") {
            self.follow();
        }
    }

    /// What the node does of its own accord after others or we changed something.
    pub fn follow(&mut self) {
        let mut desk = std::mem::replace(&mut self.desk, Desk::new(Arc::new(Writer::default()), Conditions::default()));
        self.step(|step| desk.follow(step).expect("follows"));
        self.desk = desk;
    }

    /// What `status` says of this code.
    pub fn says(&mut self, code: &str) -> Option<Condition> {
        let conditions = Conditions::default();
        standing::judge(&mut self.engine, &self.store, &conditions, self.now).expect("reads");
        conditions.all().into_iter().find(|condition| condition.code == code)
    }

    /// The disk as it is now.
    pub fn disk(&self) -> Memory {
        self.store.clone()
    }

    /// Accepted entries of all spaces but the private one.
    pub fn entries(&self) -> usize {
        let private = self.engine.private_space(&self.store).expect("reads").expect("founded");
        let rows = self.store.scan(Table::Order, &[], None, usize::MAX, false).expect("reads");
        rows.iter().filter(|(key, _)| !key.starts_with(&private.0)).count()
    }

    pub fn thread_spaces(&self) -> Vec<SpaceId> {
        let records = self.engine.space_records(&self.store).expect("reads");
        records.into_iter().filter(|r| matches!(r.kind, SpaceKind::Thread { .. })).map(|r| r.space).collect()
    }

    /// How long an organisation has its place in a space, as this office knows: `None` if it has none.
    pub fn seat(&mut self, space: SpaceId, org: OrgId) -> Option<Option<Time>> {
        let fold = self.engine.fold(&self.store, space).expect("reads");
        fold.members.get(&org).map(|seat| seat.expires)
    }

    /// Whether these bytes stand anywhere in the store.
    pub fn holds(&self, bytes: &[u8]) -> bool {
        let found = |row: &[u8]| row.windows(bytes.len()).any(|window| window == bytes);
        self.store.rows().any(|(_, key, value)| found(key) || found(value))
    }

    /// Every record, in whatever kind.
    pub fn records(&self) -> BTreeMap<Vec<u8>, Vec<u8>> {
        let rows = self.store.scan(Table::Record, &[], None, usize::MAX, false).expect("reads");
        rows.into_iter().collect()
    }

    /// A further staff member, who signs in.
    pub fn sign_in_as(&mut self, name: &str, role: &str) {
        let known = staff::list(&self.store).expect("reads").users.iter().any(|user| user.name == name);
        if !known {
            let secret = staff::hash(&Secret::new("battery staple".to_owned())).expect("long enough");
            self.step(|step| staff::add(step, Author::Machine, (name, "", role), secret).expect("nobody yet"));
        }
        let login = StaffLogin { name: name.to_owned(), secret: Secret::new("battery staple".to_owned()) };
        self.session = Some(StaffSession::open(&self.store, &login).expect("the new secret"));
    }

    /// What the privacy officer does, and then whoever was signed in goes on.
    pub fn as_officer<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.session.clone();
        self.sign_in_as("olga", "privacy officer");
        let done = run(self);
        self.session = before;
        done
    }

    /// The list as it was kept, and as it is when every thread is folded anew, at one moment.
    pub fn lists(&mut self) -> [BTreeMap<Vec<u8>, Vec<u8>>; 2] {
        let mut step = self.engine.step(&self.store, Context { now: self.now, random: &mut self.dice });
        worklist::freshen(&mut step, usize::MAX).expect("freshens");
        let kept = worklist::everything(step.draft());
        kept.keys().for_each(|key| step.draft().delete(Table::List, key.as_slice()));
        worklist::freshen(&mut step, usize::MAX).expect("freshens");
        [kept, worklist::everything(step.draft())]
    }

    /// Whoever has the disk open writes into its tables.
    pub fn tamper(&mut self, run: impl FnOnce(&mut Draft<'_>)) {
        let mut draft = Draft::new(&self.store);
        run(&mut draft);
        let writes: Vec<Write> = draft.into_writes();
        self.store.commit(writes);
    }

    pub fn rebuild(&mut self) {
        let mut draft = Draft::new(&self.store);
        project::rebuild(&mut self.engine, &mut draft).expect("rebuilds");
        let writes: Vec<Write> = draft.into_writes();
        self.store.commit(writes);
    }
}

/// Offices in one coalition, all linked.
pub struct County {
    offices: Vec<Office>,
    /// Link number by (from, to).
    links: BTreeMap<(usize, usize), u64>,
    /// Bytes carried so far, both ways.
    pub carried: usize,
}

impl County {
    /// The first founds, and admits the others.
    pub fn of(names: &[(&str, PartnerKind)]) -> Self {
        let mut offices: Vec<Office> =
            (0..).zip(names).map(|(i, (name, kind))| Office::new(name, *kind, i + 1)).collect();
        let (founder, others) = offices.split_first_mut().expect("one at least");
        let card = founder.card.clone();
        let coalition = founder.step(|step| step.found_coalition("Three Rivers", card).expect("founds"));
        let introducer = founder.org();
        for other in others {
            let (card, certificate) = (other.card.clone(), other.certificate.clone());
            founder.step(|step| step.admit(coalition, card, certificate).expect("admits"));
            other.step(|step| step.join_coalition(coalition, introducer).expect("joins"));
        }
        let mut county = Self { offices, links: BTreeMap::new(), carried: 0 };
        county.connect();
        county.pump();
        for office in &county.offices {
            assert_eq!(office.engine.coalitions(&office.store).expect("reads"), [coalition]);
        }
        county
    }

    pub fn connect(&mut self) {
        let mut number = 0;
        for a in 0..self.offices.len() {
            for b in 0..self.offices.len() {
                if a == b {
                    continue;
                }
                number += 1;
                self.links.insert((a, b), number);
                let (node, org) = (self.offices[b].engine.node(), self.offices[b].org());
                self.offices[a].input(Input::Connected { link: number, node, org });
            }
        }
    }

    /// Every line falls.
    pub fn cut(&mut self) {
        for ((from, _), link) in std::mem::take(&mut self.links) {
            self.offices[from].input(Input::Disconnected { link });
        }
        self.offices.iter_mut().for_each(|office| office.out.clear());
    }

    /// A machine is started from an older state of its disk, and linked.
    pub fn put_back(&mut self, index: usize, disk: Memory) {
        self.cut();
        let office = &mut self.offices[index];
        office.store = disk;
        let mut ctx = Context { now: office.now, random: &mut office.dice };
        office.engine = Engine::open(&office.store, &mut ctx).expect("an identity");
        self.connect();
        self.pump();
    }

    /// What falls due by now is done.
    pub fn tick(&mut self) {
        self.offices.iter_mut().for_each(|office| office.input(Input::Tick));
        self.pump();
    }

    pub fn office(&mut self, index: usize) -> &mut Office {
        &mut self.offices[index]
    }

    /// Carries frames until nobody has any to send.
    pub fn pump(&mut self) {
        for _ in 0..1_000 {
            let mut carried = false;
            for a in 0..self.offices.len() {
                for (link, frame) in std::mem::take(&mut self.offices[a].out) {
                    let (_, b) = *self.links.iter().find(|(_, number)| **number == link).expect("a link of ours").0;
                    carried = true;
                    self.carried += frame.len();
                    let back = self.links[&(b, a)];
                    self.offices[b].input(Input::Received { link: back, frame: Checked::of(&frame) });
                }
            }
            if !carried {
                return;
            }
        }
        panic!("they never come to rest");
    }

    /// Somebody sets the clocks back.
    pub fn turn_back(&mut self, millis: u64) {
        for office in &mut self.offices {
            office.now = Time(office.now.0 - millis);
        }
    }

    /// Time passes for all.
    pub fn sleep(&mut self, millis: u64) {
        for office in &mut self.offices {
            office.now = Time(office.now.0 + millis);
        }
    }
}
