//! Two offices, each an engine over a SQLCipher store with all projections and a staff member who signed in, and what goes between.

use anyhow::{Context, Result, bail};
use belay_node::api::care::{
    ActRequest, Care, ConsentDraft, ConsentSign, ConsentView, ExpiryRequest, LinkAsk, Meeting, PersonAdd, PersonFields,
    PersonView, Send, ThreadView,
};
use belay_node::api::{Response, Secret, StaffLogin};
use belay_node::config::Folder;
use belay_node::store::{Passphrase, Store, directory};
use belay_node::system::{self, System};
use belay_node::usecases::staff::StaffSession;
use belay_node::usecases::{care, identity, project, staff};
use belay_protocol::directory::{Existing, Incoming, Kind, Listing, ListingId, plan};
use belay_protocol::disclosure::private::Author;
use belay_protocol::document::{Actor, Body, Item, Shelf};
use belay_protocol::engine::{ADDRESSES, Checked, Context as Moment, Engine, Input, Output, Step};
use belay_protocol::ids::{EntryHash, SpaceId};
use belay_protocol::referral::{Mode, Urgency};
use belay_protocol::space::control::PartnerKind;
use belay_protocol::sync::wire::Frame;
use belay_protocol::time::{DAY, HOUR, MINUTE, Time};
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::time::{Duration, Instant};

pub const STAFF: &str = "nora";
pub const SECRET: &str = "correct horse";
const PERSON: &str = "Zephyrine Quillfeather";
/// How long a consent stands.
const CONSENTED: u64 = 400 * DAY;
/// Referrals under one consent.
const TO_A_CONSENT: usize = 40;
/// Before now, when the first was sent.
const BEFORE: u64 = 30 * DAY;

/// What opens the bench's stores.
pub fn passphrase() -> Result<Passphrase> {
    Ok(Passphrase::new("a passphrase of the bench".to_owned().into())?)
}

pub struct Office {
    pub engine: Engine,
    pub store: Store,
    pub folder: Folder,
    pub now: Time,
    /// When the engine wants to be woken.
    pub wake: Option<Time>,
    session: StaffSession,
    random: System,
    /// In the engine and the store.
    pub spent: Duration,
}

impl Office {
    fn new(folder: Folder, name: &str, now: Time) -> Result<Self> {
        let phrase = identity::new_phrase();
        identity::init(&folder, &passphrase()?, name, PartnerKind::Part2Program, &phrase, true)?;
        let mut store = Store::open(&folder, &passphrase()?)?;
        let mut engine = Engine::open(&store, &mut Moment { now, random: &mut System })?;
        let secret = staff::hash(&Secret::new(SECRET.to_owned()))?;
        let mut random = System;
        let mut step = engine.step(&store, Moment { now, random: &mut random });
        staff::add(&mut step, Author::Machine, (STAFF, "", "navigator"), secret)?;
        let output = step.finish()?;
        commit(&mut engine, &mut store, &output, now)?;
        let login = StaffLogin { name: STAFF.to_owned(), secret: Secret::new(SECRET.to_owned()) };
        let session = StaffSession::open(&store, &login)?;
        let wake = Some(now);
        Ok(Self { engine, store, folder, now, wake, session, random, spent: Duration::ZERO })
    }

    /// One step as the driver takes it: committed with its projections. Frames are given back.
    pub fn step<T>(
        &mut self,
        durable: bool,
        work: impl FnOnce(&mut Step<'_>, &StaffSession) -> Result<T>,
    ) -> Result<(T, Vec<Vec<u8>>)> {
        self.store.look()?;
        let mut step = self.engine.step(&self.store, Moment { now: self.now, random: &mut self.random });
        let done = work(&mut step, &self.session)?;
        let mut output = step.finish()?;
        output.durable = durable;
        commit(&mut self.engine, &mut self.store, &output, self.now)?;
        let wake = output.wake.map(|(at, _)| at);
        self.wake = self.wake.into_iter().chain(wake).min();
        Ok((done, output.frames.into_iter().map(|(_, frame)| frame).collect()))
    }

    /// A frame came. A node makes it ready beside what its engine does; here that is part of what is spent.
    fn hears(&mut self, link: u64, frame: &[u8]) -> Result<Vec<Vec<u8>>> {
        let start = Instant::now();
        let frame = Checked::of(frame);
        self.spent += start.elapsed();
        self.input(Input::Received { link, frame })
    }

    pub fn input(&mut self, input: Input) -> Result<Vec<Vec<u8>>> {
        let start = Instant::now();
        self.store.look()?;
        let mut ctx = Moment { now: self.now, random: &mut self.random };
        let output = self.engine.handle(input, &self.store, &mut ctx)?;
        commit(&mut self.engine, &mut self.store, &output, self.now)?;
        self.wake = output.wake.map(|(at, _)| at);
        self.spent += start.elapsed();
        match output.close.into_iter().next() {
            Some((_, fault)) => bail!("a link was closed: {}", fault.message),
            None => Ok(output.frames.into_iter().map(|(_, frame)| frame).collect()),
        }
    }
}

fn commit(engine: &mut Engine, store: &mut Store, output: &Output, now: Time) -> Result<()> {
    let events = &output.events;
    Ok(store.commit(&output.writes, output.durable, |tx| project::project(engine, tx, events, now))?)
}

/// What a use case answers.
pub fn answer<T: DeserializeOwned>(step: &mut Step<'_>, session: &StaffSession, ask: &Care) -> Result<T> {
    match care::answer(step, session, ask) {
        Response::Done(value) => Ok(serde_json::from_value(value)?),
        Response::Failed(failure) => bail!("{}", failure.message),
    }
}

/// What went over a link.
#[derive(Default)]
pub struct Carried {
    pub bytes: usize,
    pub frames: usize,
    /// The longest chain of frames each of which answers the one before: two are a round trip.
    pub depth: u32,
    /// The same to the last page of entries.
    pub known: u32,
    /// Spent on taking in pages of entries.
    pub taking: Duration,
    /// Frames and bytes of each kind, and what pages hold of each.
    pub kinds: BTreeMap<&'static str, (usize, usize)>,
}

impl Carried {
    /// Counts a frame. Whether it is a page of entries.
    fn add(&mut self, frame: &[u8]) -> Result<bool> {
        self.bytes += frame.len();
        self.frames += 1;
        let read = Frame::decode(frame)?;
        let mut count = |kind, bytes: usize| {
            let sum = self.kinds.entry(kind).or_default();
            *sum = (sum.0 + 1, sum.1 + bytes);
        };
        count(read.name(), frame.len());
        let Frame::Page(page) = read else { return Ok(false) };
        for (kind, parts) in [("entries", &page.entries), ("registers", &page.registers)] {
            parts.iter().for_each(|part| count(kind, part.len()));
        }
        page.announced.iter().for_each(|hash| count("announced", hash.0.len()));
        Ok(!page.entries.is_empty())
    }
}

pub struct Pair {
    pub offices: [Office; 2],
    pub coalition: SpaceId,
    link: u64,
    /// All that went over links so far.
    bytes: usize,
    /// Ids of all threads, in the order in which they were sent.
    pub threads: Vec<String>,
}

const NAMES: [&str; 2] = ["Ridge Clinic", "County Hospital"];

impl Pair {
    /// Two nodes of one coalition, linked.
    pub fn new(path: &Path) -> Result<Self> {
        let now = Time(system::now().0 - BEFORE);
        let one = Office::new(Folder::at(path.join("one")), NAMES[0], now)?;
        let other = Office::new(Folder::at(path.join("other")), NAMES[1], now)?;
        let mut offices = [one, other];
        let [one, other] = &mut offices;
        let card = identity::card(&one.store)?;
        let (coalition, _) = one.step(false, |step, _| Ok(step.found_coalition("Bench", card)?))?;
        let (card, certificate) = (identity::card(&other.store)?, other.engine.identity().certificate().clone());
        one.step(false, |step, _| Ok(step.admit(coalition, card, certificate)?))?;
        let control = one.engine.control_entries(&one.store, coalition)?;
        let introducer = one.engine.org();
        other.step(false, |step, _| {
            step.join_coalition(coalition, introducer)?;
            Ok(step.take_entries(control)?)
        })?;
        let mut pair = Self { offices, coalition, link: 0, bytes: 0, threads: Vec::new() };
        pair.connect()?;
        Ok(pair)
    }

    pub fn disconnect(&mut self) -> Result<()> {
        for office in &mut self.offices {
            office.input(Input::Disconnected { link: self.link })?;
        }
        Ok(())
    }

    pub fn connect(&mut self) -> Result<Carried> {
        self.link += 1;
        let link = self.link;
        let [one, other] = &mut self.offices;
        let (to_other, to_one) = ((other.engine.node(), other.engine.org()), (one.engine.node(), one.engine.org()));
        let mut flying: Vec<(bool, Vec<u8>)> = Vec::new();
        let forth = one.input(Input::Connected { link, node: to_other.0, org: to_other.1 })?;
        flying.extend(forth.into_iter().map(|frame| (true, frame)));
        let back = other.input(Input::Connected { link, node: to_one.0, org: to_one.1 })?;
        flying.extend(back.into_iter().map(|frame| (false, frame)));
        self.carry(flying)
    }

    /// Until both are quiet. `true`: to the other.
    pub fn carry(&mut self, first: Vec<(bool, Vec<u8>)>) -> Result<Carried> {
        let (mut carried, link) = (Carried::default(), self.link);
        let mut flying: VecDeque<_> = first.into_iter().map(|(forth, frame)| (forth, frame, 1)).collect();
        while let Some((forth, frame, depth)) = flying.pop_front() {
            carried.depth = carried.depth.max(depth);
            let page = carried.add(&frame)?;
            let to = &mut self.offices[usize::from(forth)];
            let before = to.spent;
            let answers = to.hears(link, &frame)?;
            if page {
                carried.known = carried.known.max(depth);
                carried.taking += to.spent - before;
            }
            flying.extend(answers.into_iter().map(|frame| (!forth, frame, depth + 1)));
        }
        self.bytes += carried.bytes;
        Ok(carried)
    }

    /// One office does something, and the other hears it.
    pub fn does<T>(&mut self, who: usize, work: impl FnOnce(&mut Step<'_>, &StaffSession) -> Result<T>) -> Result<T> {
        let (done, frames) = self.offices[who].step(false, work)?;
        self.carry(frames.into_iter().map(|frame| (who == 0, frame)).collect())?;
        Ok(done)
    }

    /// A person, and a consent to tell the other office: its id.
    ///
    /// # Errors
    /// As [`answer`].
    pub fn consent(&mut self, who: usize) -> Result<String> {
        let now = self.offices[who].now;
        self.does(who, |step, session| consented(step, session, NAMES[1 - who], now))
    }

    /// A referral under it: its id. The other office links it to a person of its own.
    ///
    /// # Errors
    /// As [`answer`].
    pub fn referral(&mut self, who: usize, consent: &str) -> Result<String> {
        let id = self.does(who, |step, session| refer(step, session, consent, Urgency::Urgent))?;
        // Everybody here has one name, and is somebody else.
        let link = Care::ReferralLink(LinkAsk { another: true, ..LinkAsk::new(&id) });
        self.does(1 - who, |step, session| answer::<ThreadView>(step, session, &link).map(drop))?;
        Ok(id)
    }

    /// One act.
    ///
    /// # Errors
    /// As [`answer`].
    pub fn act(&mut self, who: usize, thread: &str, act: ActRequest) -> Result<()> {
        let ask = Care::ReferralAct { thread: thread.to_owned(), act };
        self.does(who, |step, session| answer::<ThreadView>(step, session, &ask).map(drop))
    }

    /// All threads.
    pub fn fill(&mut self, threads: usize) -> Result<()> {
        let groups = threads.div_ceil(TO_A_CONSENT).max(2);
        for group in 0..groups {
            let who = group % 2;
            let many = (threads - self.threads.len()).min(threads.div_ceil(groups));
            for office in &mut self.offices {
                office.now = Time(office.now.0 + BEFORE / (groups as u64 + 1));
            }
            let now = self.offices[who].now;
            let ids = self.does(who, |step, session| sends(step, session, NAMES[1 - who], now, many))?;
            for id in ids.iter().step_by(5) {
                self.does(1 - who, |step, session| {
                    let link = Care::ReferralLink(LinkAsk { another: true, ..LinkAsk::new(id) });
                    answer::<ThreadView>(step, session, &link)?;
                    let accept = ActRequest::Accept { note: "come any day".into() };
                    answer::<ThreadView>(step, session, &Care::ReferralAct { thread: id.clone(), act: accept })?;
                    let (at, place) = (Time(now.0 + 2 * DAY), "12 Ridge Road".into());
                    let act = ActRequest::Schedule(Meeting::at(at, place, Mode::InPerson, "".into()));
                    answer::<ThreadView>(step, session, &Care::ReferralAct { thread: id.clone(), act })
                })?;
            }
            self.threads.extend(ids);
        }
        for office in &mut self.offices {
            office.now = Time(system::now().0.max(office.now.0) + HOUR);
        }
        Ok(())
    }

    /// A message into a thread.
    ///
    /// # Errors
    /// As [`answer`].
    pub fn says(&mut self, who: usize, thread: &str, text: &str) -> Result<()> {
        self.act(who, thread, ActRequest::Message { text: text.into() })
    }

    /// A referral of its own with twelve messages: what it cost on the wire.
    pub fn one_thread(&mut self) -> Result<usize> {
        let consent = self.consent(0)?;
        let before = self.bytes;
        let id = self.referral(0, &consent)?;
        for round in 0..12 {
            self.says(round % 2, &id, &format!("She has a ride on Tuesday, as we said in call {round}."))?;
        }
        Ok(self.bytes - before)
    }

    /// Twelve messages in each of the first threads: their ids.
    pub fn talk(&mut self, many: usize) -> Result<Vec<String>> {
        let threads: Vec<String> = self.threads.iter().take(many).cloned().collect();
        for thread in &threads {
            for round in 0..12 {
                self.says(round % 2, thread, &format!("She has a ride on Tuesday, as we said in call {round}."))?;
            }
        }
        Ok(threads)
    }

    /// Listings at the first office, straight into its tables.
    pub fn listings(&mut self, many: usize) -> Result<()> {
        let office = &mut self.offices[0];
        let (org, coalition) = (office.engine.org(), self.coalition);
        let listings = (0..many).map(|n| {
            let seed = ring::digest::digest(&ring::digest::SHA256, &n.to_be_bytes());
            let id = ListingId::from_random(seed.as_ref()[..16].try_into().expect("16 of 32 bytes"));
            let mut listing = Listing::new(id, Kind::Service);
            listing.set("name", format!("Shelter and recovery housing, house {n}"));
            listing.set(
                "description",
                "Beds for adults who come from treatment; meals, peer support and a ride to the clinic.",
            );
            listing.set("phone.a.number", format!("606-555-{:04}", n % 10_000));
            listing
        });
        let incoming = Incoming { set: "bench".into(), listings: listings.collect() };
        let actor = Actor::draw(office.engine.node(), &mut System);
        let author = office.engine.node();
        let mut shelf = Shelf::default();
        let plan = plan(&org, &Existing::default(), &incoming);
        let bodies = plan.bodies((&mut shelf, &office.store), &coalition, &org, (&actor, Time(0)))?;
        for part in bodies.chunks(20) {
            let item = |body: &Body| {
                let name = ring::digest::digest(&ring::digest::SHA256, &body.encode());
                let entry = EntryHash::from_slice(name.as_ref()).expect("32 bytes");
                Item { entry, org, author, body: body.clone() }
            };
            let items: Vec<Item> = part.iter().map(item).collect();
            office.store.commit(&[], false, |tx| directory::receive(tx, &mut shelf, &coalition, &items))?;
        }
        Ok(())
    }

    /// Lets time pass, and gives both the ticks that they asked for meanwhile.
    ///
    /// # Errors
    /// Of a store or an engine.
    pub fn pass(&mut self, time: u64) -> Result<()> {
        let until = Time(self.offices[0].now.0 + time);
        while let Some((at, who)) = self.due().filter(|(at, _)| *at <= until) {
            for office in &mut self.offices {
                office.now = office.now.max(at);
            }
            let frames = self.offices[who].input(Input::Tick)?;
            self.carry(frames.into_iter().map(|frame| (who == 0, frame)).collect())?;
            // As a driver does, which never ticks again at once.
            let office = &mut self.offices[who];
            office.wake = office.wake.map(|at| at.max(office.now.plus(MINUTE)));
        }
        for office in &mut self.offices {
            office.now = until;
        }
        Ok(())
    }

    /// Who wants to be woken first, and when.
    fn due(&self) -> Option<(Time, usize)> {
        (0..2).filter_map(|who| Some((self.offices[who].wake?, who))).min()
    }

    /// A free place where the other office will listen; the first learns of it.
    pub fn address(&mut self) -> Result<String> {
        let port = std::net::UdpSocket::bind("127.0.0.1:0")?.local_addr()?.port();
        let address = format!("/ip4/127.0.0.1/udp/{port}/quic-v1");
        let (told, coalition) = (belay_protocol::codec::encode(&vec![address.clone()]), self.coalition);
        self.does(1, |step, _| Ok(step.register(coalition, ADDRESSES, &told)?))?;
        Ok(address)
    }

    /// Closes both stores: where they lie.
    pub fn close(self) -> Result<(Folder, Folder)> {
        let [one, other] = self.offices;
        one.store.checkpoint(true)?;
        other.store.checkpoint(true)?;
        Ok((one.folder, other.folder))
    }
}

/// A person, a consent and its referrals: their ids.
fn sends(step: &mut Step<'_>, session: &StaffSession, to: &str, now: Time, many: usize) -> Result<Vec<String>> {
    let consent = consented(step, session, to, now)?;
    let urgency = [Urgency::Routine, Urgency::Urgent];
    (0..many).map(|n| refer(step, session, &consent, urgency[n % 2])).collect()
}

/// A person, and the consent that they signed: its id.
fn consented(step: &mut Step<'_>, session: &StaffSession, to: &str, now: Time) -> Result<String> {
    let fields = PersonFields { name: PERSON.into(), birth_date: "1988-02-03".into(), ..PersonFields::default() };
    let person: PersonView =
        answer(step, session, &Care::PersonAdd(PersonAdd { fields, another: true })).context("a person")?;
    project::project_step(step)?;
    let draft = ConsentDraft {
        person: person.id.to_string().as_str().into(),
        to: vec![to.to_owned()],
        purpose: "tpo".to_owned(),
        expiry: ExpiryRequest::On(Time(now.0 + CONSENTED)),
        ..ConsentDraft::default()
    };
    let draft: ConsentView = answer(step, session, &Care::ConsentDraft(draft)).context("a consent")?;
    let sign =
        ConsentSign { attested: true, consent: draft.id.to_string(), typed: PERSON.into(), ..ConsentSign::default() };
    let consent: ConsentView = answer(step, session, &Care::ConsentSign(sign)).context("a signature")?;
    Ok(consent.id.to_string())
}

/// One referral under a consent: its id.
fn refer(step: &mut Step<'_>, session: &StaffSession, consent: &str, urgency: Urgency) -> Result<String> {
    let send = Send::new(consent.to_owned(), "starts buprenorphine today".into(), urgency);
    let send = Care::ReferralSend(Send { again: true, ..send });
    let sent: ThreadView = answer(step, session, &send).context("a referral")?;
    Ok(sent.row.id.to_string())
}
