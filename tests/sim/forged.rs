//! What a member makes up who has nothing but its own key: a charter of its own that it shows to somebody alone, a private space under
//! another's name, more entries that wait than are its share.

use super::faults::running;
use super::heal;
use super::reference::Set;
use super::world::World;
use belay_protocol::coalition::handshake::admission::Standing;
use belay_protocol::codec;
use belay_protocol::ids::{EntryHash, OrgId, SpaceId};
use belay_protocol::keys::NodeKey;
use belay_protocol::limits;
use belay_protocol::random;
use belay_protocol::space::SpaceKind;
use belay_protocol::space::approve;
use belay_protocol::space::control::{Approve, Charter, Control, Found, Proposal, Purpose, Revoke, Succession};
use belay_protocol::space::entry::{Entry, Header, Kind, VERSION};
use belay_protocol::store::{Table, View, after_prefix};
use belay_protocol::sync::wire::{Frame, Page};
use std::collections::BTreeSet;

/// How many more entries than its share a member sends that wait for others.
const MORE: usize = 60;
/// Under so many names, so that no bound for one author keeps them out.
const AUTHORS: usize = 4;
/// Entries in one frame.
const AT_ONCE: usize = 200;

fn header(space: SpaceId, author: &NodeKey, kind: Kind, parents: Vec<EntryHash>, world: &World) -> Header {
    Header {
        version: VERSION,
        space,
        author: author.id(),
        parents,
        control: Vec::new(),
        kind,
        epoch: None,
        time: world.now,
        length: 0,
    }
}

fn signed(world: &mut World, key: &NodeKey, space: SpaceId, control: &Control) -> Entry {
    let parent = EntryHash(random::array(&mut world.rng));
    Entry::sign(key, header(space, key, control.kind(), vec![parent], world), &control.encode())
}

fn key_of(world: &mut World, host: usize) -> Option<NodeKey> {
    world.hosts[host].ask(|engine, _| NodeKey::from_seed(**engine.identity().key().seed()))
}

/// One steward of several shows somebody a charter that it alone approved, and a removal under that.
pub fn charter(world: &mut World) {
    let coalition = world.coalition;
    let mut cases = Vec::new();
    for victim in (0..world.hosts.len()).filter(|h| heal::counts(world, *h)).collect::<Vec<_>>() {
        let force = world.hosts[victim].ask(|engine, view| {
            engine.spaces().record(view, coalition).unwrap()?;
            let out = engine.is_out(view, coalition).unwrap();
            // What was shown to it before may be true.
            let prefix = [&b"charters/"[..], coalition.as_bytes()].concat();
            let shown = view.scan(Table::Own, &prefix, after_prefix(&prefix).as_deref(), 1, false).unwrap();
            let fold = engine.fold(view, coalition).unwrap();
            let force = fold.charter.as_ref().and_then(|chain| chain.in_force());
            let force = force.map(|(id, charter)| (id, charter.clone()));
            force.filter(|_| !out && shown.is_empty())
        });
        let Some(Some((id, charter))) = force else { continue };
        let own = world.hosts[victim].org;
        for liar in 0..world.hosts.len() {
            let h = &world.hosts[liar];
            if h.engine.is_some() && h.org != own && charter.threshold > 1 && charter.stewards.contains(&h.org) {
                cases.push((victim, liar, id, charter.number));
            }
        }
    }
    let Some((victim, liar, previous, number)) = world.rng.pick(&cases).copied() else { return };
    let Some(key) = key_of(world, liar) else { return };
    let (steward, org) = (world.hosts[liar].org, world.hosts[victim].org);
    let heads = world.hosts[victim].ask(|engine, view| engine.spaces().control_heads(view, coalition).unwrap());
    let charter = Charter { number: number + 1, stewards: vec![steward], threshold: 1 };
    let proposal = Proposal::Charter(Succession { previous, charter, heads: heads.unwrap_or_default() });
    let signature = approve::sign(&key, coalition, &proposal);
    let approval = signed(world, &key, coalition, &Control::Approve(Approve { proposal, signature }));
    let removal = Control::Revoke(Revoke { org, grant: None, approvals: Vec::new(), word: false });
    let removal = signed(world, &key, coalition, &removal);
    for entry in [approval, removal] {
        world.act(victim, |step| step.take_removal(entry.bytes().to_vec()));
    }
    world.count("charters made up");
    world.tell(format!("host {liar} shows host {victim} a charter of its own, and that it is out"));
    let out = world.hosts[victim].ask(|engine, view| engine.is_out(view, coalition).unwrap());
    if out == Some(true) && world.hosts[victim].honest() {
        world.breaks(format!("6: host {victim} believes a removal under a charter that one of its stewards made up"));
    }
}

/// A machine founds a private space with the root's word for another.
pub fn founding(world: &mut World) {
    let (Some(thief), Some(victim)) = (running(world), running(world)) else { return };
    let Some(key) = key_of(world, thief) else { return };
    let found = world.hosts[victim].ask(|engine, view| {
        let private = engine.private_space(view).unwrap()?;
        engine.spaces().entry(view, &EntryHash(private.0)).unwrap()
    });
    let Some(Some(found)) = found else { return };
    let mut body: Found = codec::decode("found", found.body()).unwrap();
    body.nonce = random::array(&mut world.rng);
    let space = found.header().space;
    let entry = Entry::sign(&key, header(space, &key, Kind::Found, Vec::new(), world), &codec::encode(&body));
    world.count("private spaces made up");
    world.act(victim, |step| step.take_entries(vec![entry.bytes().to_vec()]));
}

/// A member sends more that waits for what never comes than is its share of the room.
pub fn flood(world: &mut World) {
    if world.flooded {
        return;
    }
    let coalition = world.coalition;
    let ends: Vec<(u64, [usize; 2])> = world.net.links.iter().map(|(link, l)| (*link, l.ends)).collect();
    let Some((link, [from, to])) = world.rng.pick(&ends).copied() else { return };
    let up = |h: usize| world.hosts[h].engine.is_some() && !world.hosts[h].newcomer;
    if !up(from) || !up(to) || world.hosts[from].org == world.hosts[to].org || !world.hosts[to].honest() {
        return;
    }
    world.flooded = true;
    world.tell(format!("host {from} floods host {to} with what waits"));
    let keys: Vec<NodeKey> = (0..AUTHORS).map(|_| NodeKey::from_seed(random::array(&mut world.rng))).collect();
    let mut sent = BTreeSet::new();
    let mut frame = Vec::new();
    for n in 0..limits::WAITING_PER_ORG + MORE {
        let key = &keys[n % AUTHORS];
        let parent = EntryHash(random::array(&mut world.rng));
        let entry = Entry::sign(key, header(coalition, key, Kind::Data, vec![parent], world), b"waits");
        sent.insert(entry.hash());
        frame.push(entry.bytes().to_vec());
        if frame.len() == AT_ONCE {
            let entries = std::mem::take(&mut frame);
            world.net.send(link, from, Frame::Page(Page { entries, ..Page::default() }).encode());
        }
    }
    let entries = frame;
    world.net.send(link, from, Frame::Page(Page { entries, ..Page::default() }).encode());
    world.count("waiting rooms flooded");
    while world.deliver_on(link) {}
    let waiting = world.hosts[to].disk.live.scan(Table::Waiting, &[], None, usize::MAX, false).unwrap();
    let theirs = waiting
        .iter()
        .filter(|(key, _)| key.get(32..).and_then(EntryHash::from_slice).is_some_and(|hash| sent.contains(&hash)));
    let theirs = theirs.count();
    *world.stats.entry("entries that a flood made wait").or_default() += theirs as u64;
    if theirs > limits::WAITING_PER_ORG {
        world.breaks(format!("6: at host {to} {theirs} entries wait that one member brought"));
    }
}

impl World {
    /// Whether who is turned away is told of a removal that it does not hold. It is not told of one that a way back followed: then it is out
    /// by another, perhaps one that it holds, with a way back that is void by a retirement of which only members hear.
    fn is_told(&self, org: OrgId, (held, theirs): (&Set, &Set)) -> bool {
        let (coalition, reference) = (self.coalition, &self.reference);
        let stands = |g: &usize| theirs.has(*g) && reference.backed(*g, theirs);
        let let_in: Vec<usize> = reference.grants(coalition, org).filter(stands).collect();
        let answered = |n: usize| let_in.iter().any(|g| reference.entries[*g].past.has(n));
        reference.revocations(coalition, org, theirs).into_iter().any(|n| !held.has(n) && !answered(n))
    }

    /// Invariant 6: a private space is founded by the key that its root names for it.
    pub fn check_founding(&mut self, host: usize, entry: &Entry) {
        if entry.header().kind != Kind::Found {
            return;
        }
        if let Purpose::Private { founding } = codec::decode::<Found>("found", entry.body()).unwrap().purpose
            && founding.key != entry.header().author
        {
            self.breaks(format!("6: host {host} accepted a private space that its root never had founded"));
        }
    }

    /// Whether a machine that takes itself for a member is turned away as removed by one that knows all that it does, and more of that.
    pub fn shuts_out(&mut self, door: usize, host: usize) -> bool {
        let (coalition, org, node) = (self.coalition, self.hosts[host].org, self.hosts[host].node);
        let state = self.hosts[host].ask(|engine, view| {
            let record = engine.spaces().record(view, coalition).unwrap()?;
            assert!(matches!(record.kind, SpaceKind::Coalition { .. }));
            Some(engine.is_out(view, coalition).unwrap())
        });
        let standing = self.hosts[door].ask(|engine, view| engine.standing(view, coalition, org, node).unwrap());
        if state != Some(Some(false)) || standing != Some(Standing::Removed) {
            return false;
        }
        let (held, theirs) = (self.held(host), self.held(door));
        let knows_all = (0..self.reference.entries.len()).all(|n| {
            let e = &self.reference.entries[n];
            e.space != coalition || !held.has(n) || theirs.has(n)
        });
        // Who let it in again may be out itself by now: that nobody tells who is turned away.
        knows_all && self.is_told(org, (&held, &theirs))
    }

    /// Invariant 5, at the end: who is turned away as removed, and knows nothing that who turns it away does not, knows that it is out.
    pub fn check_shown_out(&mut self) {
        let coalition = self.coalition;
        let all: Vec<usize> = (0..self.hosts.len()).filter(|h| heal::counts(self, *h)).collect();
        for host in all.iter().copied() {
            let (org, node) = (self.hosts[host].org, self.hosts[host].node);
            let others: Vec<usize> = all
                .iter()
                .copied()
                .filter(|other| self.hosts[*other].org != org && !self.never_meet(host, *other))
                .collect();
            let takes_in = others.iter().any(|other| {
                let standing =
                    self.hosts[*other].ask(|engine, view| engine.standing(view, coalition, org, node).unwrap());
                standing == Some(Standing::Member)
            });
            if takes_in {
                continue;
            }
            if let Some(door) = others.into_iter().find(|door| self.shuts_out(*door, host)) {
                self.breaks(format!("5: host {door} turns host {host} away as removed, and it does not learn so"));
            }
        }
    }
}
