//! A whole engine under frames that nobody honest sends: from a peer that is admitted, and from a member that signs what it likes.

use super::Mutator;
use belay_protocol::codec;
use belay_protocol::consent::Action;
use belay_protocol::engine::{Checked, Context, Engine, Identity, Input, Step};
use belay_protocol::engine::{Seat, Telling};
use belay_protocol::fault::Result;
use belay_protocol::ids::{EntryHash, NodeId, OrgId, SpaceId};
use belay_protocol::keys::root::RootKey;
use belay_protocol::keys::{NodeKey, PrekeySecret};
use belay_protocol::limits;
use belay_protocol::random;
use belay_protocol::samples::{note, permit};
use belay_protocol::space::control::{OrgCard, PartnerKind};
use belay_protocol::space::entry::{Entry, Header, Kind, VERSION};
use belay_protocol::store::{Draft, Memory};
use belay_protocol::sync::wire::{Frame, Hello, Page};
use belay_protocol::time::Time;
use std::sync::LazyLock;

const NOW: Time = Time(1_790_000_000_000);
/// Frames that one input is cut into.
const FRAMES: usize = 24;

/// A node, and what a second member of its coalition needs to write there.
struct Scene {
    store: Memory,
    coalition: SpaceId,
    thread: SpaceId,
    /// Entries that the hostile member may name: all that the node holds.
    known: Vec<EntryHash>,
    member: NodeKey,
    org: OrgId,
}

static SCENE: LazyLock<Scene> = LazyLock::new(|| Scene::make().expect("a scene can be made"));

struct Node {
    store: Memory,
    engine: Engine,
    random: Mutator,
    key: NodeKey,
    card: OrgCard,
}

impl Node {
    fn new(seed: u8) -> Result<Self> {
        let mut random = Mutator::new(u64::from(seed));
        let root = RootKey::from_seed([seed; 32]);
        let key = NodeKey::from_seed([seed.wrapping_add(100); 32]);
        let prekey = PrekeySecret::generate(&mut random);
        let certificate = root.certify(&key, prekey.public(), NOW);
        let mut store = Memory::default();
        let mut draft = Draft::new(&store);
        Identity::store(&mut draft, &key, &certificate, &prekey, NOW)?;
        let writes = draft.into_writes();
        store.commit(writes);
        let engine = Engine::open(&store, &mut Context { now: NOW, random: &mut random })?;
        let card = OrgCard { root: root.public(), name: format!("Org {seed}"), kind: PartnerKind::Part2Program };
        Ok(Self { store, engine, random, key, card })
    }

    fn step<T>(&mut self, act: impl FnOnce(&mut Step<'_>) -> Result<T>) -> Result<T> {
        let mut step = self.engine.step(&self.store, Context { now: NOW, random: &mut self.random });
        let done = act(&mut step)?;
        let output = step.finish()?;
        self.store.commit(output.writes);
        Ok(done)
    }
}

impl Scene {
    fn make() -> Result<Self> {
        let (mut node, member) = (Node::new(1)?, Node::new(2)?);
        let recovery = PrekeySecret::generate(&mut node.random).public();
        let founder = RootKey::from_seed([1; 32]).founder(recovery, NOW, &mut node.random);
        node.step(|step| step.found_private(founder))?;
        let card = node.card.clone();
        let coalition = node.step(|step| step.found_coalition("Fuzzed", card))?;
        let certificate = member.engine.identity().certificate().clone();
        node.step(|step| step.admit(coalition, member.card.clone(), certificate))?;
        let (from, to) = (node.engine.org(), member.engine.org());
        let granted = permit(from, to, Action::Grant, None, NOW).expect("the sample permits it");
        let sealed = permit(from, to, Action::Seal, None, NOW).expect("the sample permits it");
        let thread = node.step(|step| step.found_thread(coalition, true, &[Seat { permit: &granted, write: true }]))?;
        node.step(|step| step.write_thread(thread, &[Telling { permit: &sealed, note: &note() }], b"a first body"))?;
        let mut known = Vec::new();
        for space in [coalition, thread] {
            known.extend(node.engine.spaces().order(&node.store, space, 0, usize::MAX)?);
        }
        Ok(Self { store: node.store, coalition, thread, known, member: member.key, org: to })
    }
}

/// A running node to which the member is linked.
struct Victim {
    engine: Engine,
    store: Memory,
    random: Mutator,
    open: bool,
}

impl Victim {
    fn linked() -> Self {
        let mut random = Mutator::new(5);
        let store = SCENE.store.clone();
        let engine = Engine::open(&store, &mut Context { now: NOW, random: &mut random }).expect("a store that opens");
        let mut victim = Self { engine, store, random, open: true };
        victim.input(Input::Tick);
        victim.input(Input::Connected { link: 1, node: SCENE.member.id(), org: SCENE.org });
        victim
    }

    fn input(&mut self, input: Input) {
        let mut ctx = Context { now: NOW, random: &mut self.random };
        let output = self.engine.handle(input, &self.store, &mut ctx).expect("no peer makes the engine fail");
        for (_, frame) in &output.frames {
            assert!(frame.len() <= limits::FRAME_BYTES, "a frame over its bound was answered");
        }
        self.open &= output.close.is_empty();
        self.store.commit(output.writes);
    }

    /// A frame from the member; none is taken after the link was closed.
    fn hears(&mut self, frame: &[u8]) {
        if self.open {
            self.input(Input::Received { link: 1, frame: Checked::of(frame) });
        }
    }

    /// What the member may have made of it: the node still opens, and its spaces still fold.
    fn holds(mut self) {
        let mut ctx = Context { now: NOW, random: &mut self.random };
        let mut again = Engine::open(&self.store, &mut ctx).expect("the store still opens");
        for space in [SCENE.coalition, SCENE.thread] {
            again.fold(&self.store, space).expect("the space still folds");
        }
        let roster = again.roster(&self.store, SCENE.coalition).expect("the roster still folds");
        assert!(roster.member(&again.org()).is_some(), "the node's own organisation is out by somebody else's word");
    }
}

pub fn hello() -> Vec<u8> {
    Frame::Hello(Hello { version: 1, run: [1; 8], time: NOW, token: None }).encode()
}

/// Cuts bytes into frames by lengths of two bytes.
fn frames(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut all = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<2>() {
        let (frame, rest) = rest.split_at(usize::from(u16::from_be_bytes(*length)).min(rest.len()));
        all.push(frame);
        bytes = rest;
        if all.len() == FRAMES {
            break;
        }
    }
    all
}

/// Joins frames as [`frames`] cuts them.
pub fn joined(frames: &[Vec<u8>]) -> Vec<u8> {
    let parts = frames.iter().flat_map(|frame| {
        let length = u16::try_from(frame.len()).expect("short frames").to_be_bytes();
        [length.to_vec(), frame.clone()]
    });
    parts.flatten().collect()
}

/// Any frames at all, from a peer that is admitted.
pub fn session(bytes: &[u8]) {
    let mut victim = Victim::linked();
    for frame in frames(bytes) {
        victim.hears(frame);
    }
    victim.holds();
}

/// Entries that a member signed: any kind, any parents that it knows, any body.
pub fn hostile_member(bytes: &[u8]) {
    let mut victim = Victim::linked();
    victim.hears(&hello());
    let mut known = SCENE.known.clone();
    for made in frames(bytes) {
        let Some(entry) = sign(made, &known) else { continue };
        known.push(entry.hash());
        let page = Page { entries: vec![entry.bytes().to_vec()], ..Page::default() };
        let frame = Frame::Page(page).encode();
        if frame.len() <= limits::FRAME_BYTES {
            victim.hears(&frame);
        }
    }
    victim.holds();
}

/// Byte 0: kind, and whether in the thread; 1: parents as a set of the last eight known; 2: control heads likewise; 3: epoch; then the body.
fn sign(bytes: &[u8], known: &[EntryHash]) -> Option<Entry> {
    let ([what, parents, control, epoch], body) = bytes.split_first_chunk::<4>()?;
    let last: Vec<EntryHash> = known.iter().rev().take(8).copied().collect();
    let some = |set: u8| -> Vec<EntryHash> {
        let mut some: Vec<EntryHash> =
            last.iter().enumerate().filter(|(n, _)| set & (1 << n) != 0).map(|(_, hash)| *hash).collect();
        some.sort_unstable();
        some
    };
    let kind: Kind = codec::decode("kind", &[what % 11]).ok()?;
    let header = Header {
        version: VERSION,
        space: if what & 0x80 == 0 { SCENE.coalition } else { SCENE.thread },
        author: SCENE.member.id(),
        parents: some(*parents),
        control: some(*control),
        kind,
        epoch: known.get(usize::from(*epoch)).copied(),
        time: NOW,
        length: 0,
    };
    Some(Entry::sign(&SCENE.member, header, body))
}

/// Frames that an honest session would begin with, and a few bodies, to start from.
pub fn session_seeds() -> Vec<Vec<u8>> {
    let page = |page: Page| Frame::Page(page).encode();
    let known = SCENE.known.clone();
    let node: NodeId = SCENE.member.id();
    let have = Frame::Have(belay_protocol::sync::wire::Have {
        space: SCENE.coalition,
        sample: known.iter().take(3).copied().collect(),
        registers: vec![(node, "addresses".to_owned(), [1; 8])],
    });
    let summary = belay_protocol::sync::wire::Summary { space: SCENE.thread, heads: [1; 16], registers: [2; 16] };
    vec![
        joined(&[hello(), Frame::Same.encode(), Frame::Ack(None).encode()]),
        joined(&[hello(), Frame::Want(known.clone()).encode(), Frame::Compare(vec![summary]).encode()]),
        joined(&[hello(), have.encode(), Frame::Compared.encode()]),
        joined(&[
            hello(),
            page(Page { announced: vec![EntryHash([7; 32])], token: Some(vec![1; 40]), ..Page::default() }),
        ]),
        joined(&[hello(), page(Page { gone: known, done: vec![SCENE.coalition], ..Page::default() })]),
    ]
}

/// Bodies of control entries as a member may write them.
pub fn member_seeds() -> Vec<Vec<u8>> {
    let org = random::array::<32>(&mut Mutator::new(3));
    let grant = [vec![0x81, 1, 1, 0], org.to_vec(), vec![1, 1, 0, 0, 0]].concat();
    let revoke = [vec![0x82, 1, 1, 0], SCENE.org.0.to_vec(), vec![0, 0]].concat();
    let leave = [vec![0x02, 3, 0, 0], SCENE.org.0.to_vec(), vec![0, 0]].concat();
    let data = [vec![0x8a, 1, 1, 200], vec![1; 60]].concat();
    let clear = [vec![0x0a, 3, 0, 255], b"some words".to_vec()].concat();
    let keep = vec![0x85, 0xff, 1, 0];
    let ask = [vec![0x88, 1, 1, 0, 1], SCENE.known[0].0.to_vec(), vec![1, 4, 1, 2, 3, 4]].concat();
    let all = [grant, revoke, leave, data, clear, keep, ask];
    let mut seeds: Vec<Vec<u8>> = all.iter().map(|one| joined(std::slice::from_ref(one))).collect();
    seeds.push(joined(&all));
    seeds
}
