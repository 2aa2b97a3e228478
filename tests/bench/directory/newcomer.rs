//! First sync of a newcomer, and the reconnect after it: two real engines, frames carried by hand, no network. The hub keeps its
//! store in memory, the newcomer in SQLCipher with all projections; what each of them takes is counted apart.

use super::{Counter, Size, Written};
use crate::table::{Figures, Row, Times, line, ratio};
use belay_node::store::{Store, directory};
use belay_protocol::document::{Body, Item};
use belay_protocol::engine::{Checked, Context, Engine, Event, Identity, Input, Output, Step};
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::SpaceId;
use belay_protocol::keys::root::RootKey;
use belay_protocol::keys::{Certificate, NodeKey, PrekeySecret};
use belay_protocol::space::control::{OrgCard, PartnerKind};
use belay_protocol::store::{Draft, Memory, Table, View, Write};
use belay_protocol::time::Time;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

pub const NOW: Time = Time(1_790_000_000_000);

/// A store that an engine can stand on.
trait Disk: View {
    fn keep(&mut self, engine: &mut Engine, output: &mut Output, coalition: SpaceId) -> Result<()>;
}

impl Disk for Memory {
    fn keep(&mut self, _: &mut Engine, output: &mut Output, _: SpaceId) -> Result<()> {
        self.commit(std::mem::take(&mut output.writes));
        Ok(())
    }
}

impl Disk for Store {
    fn keep(&mut self, engine: &mut Engine, output: &mut Output, coalition: SpaceId) -> Result<()> {
        let items: Vec<Item> = output
            .events
            .iter()
            .filter_map(|event| match event {
                Event::Applied { space, hash, author, org, body, .. } if *space == coalition => {
                    Some(Item { entry: *hash, org: *org, author: *author, body: Body::decode(body).ok()? })
                }
                _ => None,
            })
            .collect();
        let writes = std::mem::take(&mut output.writes);
        self.commit(&writes, output.durable, |tx| directory::receive(tx, engine.documents(), &coalition, &items))
    }
}

/// The keys of organisation `number`: those that the corpus was written with.
pub struct Keys {
    pub key: NodeKey,
    prekey: PrekeySecret,
    certificate: Certificate,
    pub card: OrgCard,
}

/// Makes them; the same ones each time.
pub fn keys(number: usize) -> Keys {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&(number as u64 + 1).to_be_bytes());
    let (root, key) = (RootKey::from_seed(seed), NodeKey::from_seed(seed));
    let prekey = PrekeySecret::from_seed(seed);
    let certificate = root.certify(&key, prekey.public(), NOW);
    let card = OrgCard { root: root.public(), name: format!("Organisation {number}"), kind: PartnerKind::Other };
    Keys { key, prekey, certificate, card }
}

struct Host<D> {
    disk: D,
    engine: Engine,
    random: Counter,
    spent: Duration,
}

impl<D: Disk> Host<D> {
    fn new(
        mut disk: D,
        number: usize,
        rows: Vec<Write>,
        commit: impl Fn(&mut D, Vec<Write>) -> Result<()>,
    ) -> Result<Self> {
        let Keys { key, prekey, certificate, .. } = keys(number);
        commit(&mut disk, rows)?;
        let mut draft = Draft::new(&disk);
        Identity::store(&mut draft, &key, &certificate, &prekey, NOW)?;
        let writes = draft.into_writes();
        commit(&mut disk, writes)?;
        let mut random = Counter(number as u64 + 77);
        let engine = Engine::open(&disk, &mut Context { now: NOW, random: &mut random })?;
        Ok(Self { disk, engine, random, spent: Duration::ZERO })
    }

    fn step<T>(&mut self, coalition: SpaceId, act: impl FnOnce(&mut Step<'_>) -> Result<T>) -> Result<T> {
        let mut step = self.engine.step(&self.disk, Context { now: NOW, random: &mut self.random });
        let done = act(&mut step)?;
        let mut output = step.finish()?;
        self.disk.keep(&mut self.engine, &mut output, coalition)?;
        Ok(done)
    }

    /// A frame came. A node makes it ready beside what its engine does; here that is part of what is spent.
    fn hears(&mut self, coalition: SpaceId, link: u64, frame: &[u8]) -> Result<Vec<(u64, Vec<u8>)>> {
        let start = Instant::now();
        let frame = Checked::of(frame);
        self.spent += start.elapsed();
        self.input(coalition, Input::Received { link, frame })
    }

    fn input(&mut self, coalition: SpaceId, input: Input) -> Result<Vec<(u64, Vec<u8>)>> {
        let start = Instant::now();
        let mut output = self.engine.handle(input, &self.disk, &mut Context { now: NOW, random: &mut self.random })?;
        self.disk.keep(&mut self.engine, &mut output, coalition)?;
        self.spent += start.elapsed();
        match output.close.into_iter().next() {
            Some((_, fault)) => Err(fault),
            None => Ok(output.frames),
        }
    }
}

fn memory(disk: &mut Memory, writes: Vec<Write>) {
    disk.commit(writes);
}

/// What went over the link.
#[derive(Default)]
struct Carried {
    bytes: [usize; 2],
    frames: usize,
    /// Times that the direction turned.
    turns: usize,
}

/// Carries frames until both are quiet.
fn carry<A: Disk, B: Disk>(a: &mut Host<A>, b: &mut Host<B>, link: u64, coalition: SpaceId) -> Result<Carried> {
    let mut carried = Carried::default();
    let mut flying: VecDeque<(bool, Vec<u8>)> = VecDeque::new();
    let (to_b, to_a) = (b.engine.node(), a.engine.node());
    let (org_b, org_a) = (b.engine.org(), a.engine.org());
    flying.extend(
        a.input(coalition, Input::Connected { link, node: to_b, org: org_b })?.into_iter().map(|f| (true, f.1)),
    );
    flying.extend(
        b.input(coalition, Input::Connected { link, node: to_a, org: org_a })?.into_iter().map(|f| (false, f.1)),
    );
    let mut last = None;
    while let Some((forth, frame)) = flying.pop_front() {
        carried.bytes[usize::from(forth)] += frame.len();
        carried.frames += 1;
        carried.turns += usize::from(last.replace(forth).is_some_and(|last| last != forth));
        let answers = if forth { b.hears(coalition, link, &frame)? } else { a.hears(coalition, link, &frame)? };
        flying.extend(answers.into_iter().map(|(_, frame)| (!forth, frame)));
    }
    Ok(carried)
}

/// Founds a coalition of all, lets each write its part, and has a newcomer fetch it.
pub fn run(written: &[Written], size: Size, table: &mut Figures) -> Result<()> {
    let count = written.len();
    let start = Instant::now();
    let mut hub = Host::new(Memory::default(), 0, Vec::new(), |disk, writes| {
        memory(disk, writes);
        Ok(())
    })?;
    let coalition = hub.step(SpaceId::ZERO, |step| step.found_coalition("Bench", keys(0).card))?;
    for number in 1..=count {
        let Keys { card, certificate, .. } = keys(number);
        hub.step(coalition, |step| step.admit(coalition, card, certificate).map(drop))?;
    }
    line("(making ready: admitting all)", start.elapsed(), None);
    let start = Instant::now();
    let template: Vec<Write> = hub
        .disk
        .rows()
        .filter(|(table, ..)| *table != Table::Own && *table != Table::Prekey)
        .map(|(table, key, value)| Write { table, key: key.to_vec(), value: Some(value.to_vec()) })
        .collect();
    let mut entries = Vec::new();
    for (number, written) in written.iter().enumerate() {
        if number == 0 {
            let bodies: Vec<&[u8]> = written.entries.iter().map(|entry| entry.body()).collect();
            hub.step(coalition, |step| {
                bodies.iter().try_for_each(|body| step.write_coalition(coalition, body).map(drop))
            })?;
            continue;
        }
        let mut host = Host::new(Memory::default(), number, template.clone(), |disk, writes| {
            memory(disk, writes);
            Ok(())
        })?;
        for entry in &written.entries {
            let hash = host.step(coalition, |step| step.write_coalition(coalition, entry.body()))?;
            let Host { engine, disk, .. } = &mut host;
            let entry =
                engine.spaces().entry(disk, &hash)?.ok_or_else(|| Fault::bug("the entry just written is not there"))?;
            entries.push(entry.bytes().to_vec());
        }
    }
    for part in entries.chunks(50) {
        hub.step(coalition, |step| step.take_entries(part.to_vec()))?;
    }
    line("(making ready: all write, the hub takes it in)", start.elapsed(), None);
    let folder = tempfile::tempdir().map_err(|e| Fault::store(e.to_string()))?;
    let store = super::store(folder.path())?;
    let mut newcomer =
        Host::new(store, count, Vec::new(), |disk: &mut Store, writes| disk.commit(&writes, false, |_| Ok(())))?;
    let control = hub.engine.control_entries(&hub.disk, coalition)?;
    let (introducer, roster) = (hub.engine.org(), control.iter().map(Vec::len).sum::<usize>());
    let start = Instant::now();
    newcomer.step(coalition, |step| {
        step.join_coalition(coalition, introducer)?;
        step.take_entries(control)
    })?;
    line("newcomer: keys and roster", start.elapsed(), None);
    println!("  of {} kB", roster / 1000);
    first(&mut hub, &mut newcomer, coalition, written, table)?;
    again(&mut hub, &mut newcomer, coalition)?;
    drop(newcomer);
    super::start_up::run(folder.path(), size)
}

fn first(
    hub: &mut Host<Memory>,
    newcomer: &mut Host<Store>,
    coalition: SpaceId,
    written: &[Written],
    table: &mut Figures,
) -> Result<()> {
    (hub.spent, newcomer.spent) = (Duration::ZERO, Duration::ZERO);
    let floor = super::floor::pipeline(written)?;
    let carried = carry(hub, newcomer, 1, coalition)?;
    line("newcomer: first sync, until all is found", newcomer.spent, Some(floor));
    line("  the hub's part of it", hub.spent, None);
    let saves = super::floor::saves(written)?;
    println!(
        "{:<64} {} kB, floor {} kB, ratio {:.2} ({} frames, {} kB back)",
        "  bytes to the newcomer",
        carried.bytes[1] / 1000,
        saves / 1000,
        carried.bytes[1] as f64 / saves as f64,
        carried.frames,
        carried.bytes[0] / 1000
    );
    let shown = directory::count(newcomer.disk.sql(), &coalition)?;
    let all = shown.organizations + shown.services + shown.locations + shown.programs + shown.stubs;
    println!("  {all} listings found at the newcomer");
    let bytes = carried.bytes[1] as f64 / saves as f64;
    table.add(Row {
        what: format!("first sync of a newcomer, {} organisations, {all} listings: bytes", written.len()),
        aim: "1.5x zstd over automerge saves",
        figure: format!("{} kB", carried.bytes[1] / 1000),
        floor: format!("{} kB", saves / 1000),
        ratio: Some(bytes),
        met: bytes <= 1.5,
    });
    let time = ratio(newcomer.spent, floor);
    table.add(Row {
        what: "the same: time until all is found".to_owned(),
        aim: "2x the bare pipeline",
        figure: format!("{:.2} s", newcomer.spent.as_secs_f64()),
        floor: format!("{:.2} s", floor.as_secs_f64()),
        ratio: Some(time),
        met: time <= 2.0,
    });
    Ok(())
}

fn again(hub: &mut Host<Memory>, newcomer: &mut Host<Store>, coalition: SpaceId) -> Result<()> {
    let mut times = Vec::new();
    let mut last = Carried::default();
    for round in 1..20_u64 {
        hub.input(coalition, Input::Disconnected { link: round })?;
        newcomer.input(coalition, Input::Disconnected { link: round })?;
        let start = Instant::now();
        last = carry(hub, newcomer, round + 1, coalition)?;
        times.push(start.elapsed());
    }
    Times::of(times).told("reconnect with nothing new, both ends");
    println!(
        "  {} bytes and {} back in {} frames, direction turned {} times",
        last.bytes[1], last.bytes[0], last.frames, last.turns
    );
    Ok(())
}
