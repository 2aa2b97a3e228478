//! An organisation that certifies machines up to the bound and over it, shows old certificates again, and retires some: which of them have a
//! place by some entries, by the reference's own count.
//!
//! The machines are keys and nothing else: nobody ever starts one.

use super::faults::running;
use super::host::Host;
use super::reference::{Reference, Set};
use super::world::World;
use belay_protocol::ids::{NodeId, OrgId, SpaceId};
use belay_protocol::keys::{Certificate, NodeKey, PrekeySecret};
use belay_protocol::limits;
use belay_protocol::random;
use belay_protocol::space::SpaceKind;
use belay_protocol::space::control::Control;
use belay_protocol::space::entry::{Entry, Header, VERSION};
use belay_protocol::time::{DAY, HOUR};
use std::collections::{BTreeMap, BTreeSet};

/// One history in so many has a crowd. Whether one has, its seed says alone: the others are played as they always were.
const OF: u64 = 16;
/// How many more than have a place.
const MORE: usize = 3;

/// The organisation of a history with a crowd, and its certificates.
#[derive(Default)]
pub struct Crowd {
    happens: bool,
    org: Option<OrgId>,
    shown: Vec<Certificate>,
}

impl Crowd {
    pub fn of(seed: u64) -> Self {
        Self { happens: seed % OF == 6, ..Self::default() }
    }

    /// How often it grows, among all that may happen.
    pub fn weight(&self) -> usize {
        if self.happens { 12 } else { 0 }
    }
}

/// Some machines more; or one is shown again, or retired.
pub fn crowd(world: &mut World) {
    let fit = |h: &Host| h.engine.is_some() && h.honest() && !h.retired && !h.recovering && !h.newcomer;
    let org = world.crowd.org;
    let hosts: Vec<usize> = (0..world.hosts.len())
        .filter(|h| fit(&world.hosts[*h]) && org.is_none_or(|org| world.hosts[*h].org == org))
        .collect();
    let Some(host) = world.rng.pick(&hosts).copied() else { return };
    world.crowd.org = Some(world.hosts[host].org);
    match world.rng.below(10) {
        0 | 1 => retire(world, host),
        2 | 3 => show_again(world),
        _ => grow(world, host),
    }
}

fn grow(world: &mut World, host: usize) {
    for _ in 0..=world.rng.below(6) {
        if world.crowd.shown.len() >= limits::NODES_OF_ORG + MORE {
            return;
        }
        let key = NodeKey::from_seed(random::array(&mut world.rng));
        let prekey = PrekeySecret::of_suite(2, random::array(&mut world.rng)).unwrap().public();
        // The clock of who holds the phrase may be wrong.
        let off = if world.rng.chance(30) { world.rng.next() % (2 * DAY) } else { DAY };
        let issued = world.now.plus(off + world.rng.next() % HOUR);
        let certificate = world.hosts[host].certify(&key, prekey, issued);
        world.reference.orgs.insert(key.id(), world.hosts[host].org);
        world.crowd.shown.push(certificate.clone());
        let coalition = world.coalition;
        let private = world.hosts[host].ask(|engine, view| engine.private_space(view).unwrap()).flatten();
        for space in [Some(coalition), private].into_iter().flatten() {
            if space == coalition || world.rng.chance(50) {
                say(world, host, space, &key, &certificate);
            }
        }
        world.count("machines of a crowd");
    }
}

/// The machine says so itself, behind what this host knows.
fn say(world: &mut World, host: usize, space: SpaceId, key: &NodeKey, certificate: &Certificate) {
    let heads = world.hosts[host].ask(|engine, view| {
        let coalition = matches!(engine.spaces().record(view, space).unwrap()?.kind, SpaceKind::Coalition { .. });
        let spaces = engine.spaces();
        let heads = if coalition { spaces.control_heads(view, space) } else { spaces.counted_heads(view, space) };
        Some(heads.unwrap())
    });
    let Some(Some(mut parents)) = heads else { return };
    parents.truncate(limits::PARENTS);
    let control = Control::Certify(certificate.clone());
    let header = Header {
        version: VERSION,
        space,
        author: key.id(),
        parents,
        control: Vec::new(),
        kind: control.kind(),
        epoch: None,
        time: world.now,
        length: 0,
    };
    let entry = Entry::sign(key, header, &control.encode());
    world.act(host, |step| step.take_entries(vec![entry.bytes().to_vec()]));
}

/// A steward lets the organisation in again by any of its certificates, as who would move its places would.
fn show_again(world: &mut World) {
    let coalition = world.coalition;
    let Some(certificate) = world.rng.pick(&world.crowd.shown).cloned() else { return };
    let Some(host) = running(world) else { return };
    let card = world.hosts.iter().find(|h| Some(h.org) == world.crowd.org).map(|h| h.card.clone());
    if let Some(card) = card
        && world.act(host, |step| step.admit(coalition, card, certificate)).is_some()
    {
        world.count("old certificates shown again");
    }
}

fn retire(world: &mut World, host: usize) {
    let Some(certificate) = world.rng.pick(&world.crowd.shown).cloned() else { return };
    let retirement = world.hosts[host].retirement(certificate.node, world.now);
    if world.act(host, |step| step.retire(&retirement)).is_some() {
        world.crowd.shown.retain(|other| other.node != certificate.node);
        world.count("machines of a crowd retired");
    }
}

impl Reference {
    /// The nodes of an organisation that have a place by these entries of a coalition or private space: of those that its root certified
    /// and that are not retired, the first sixteen by when it says that it first did.
    pub fn places(&self, space: SpaceId, org: OrgId, by: &Set) -> BTreeSet<NodeId> {
        let retired: BTreeSet<NodeId> =
            self.retirements(space).filter(|(n, _)| by.has(*n)).map(|(_, node)| node).collect();
        let mut first = BTreeMap::new();
        for (n, certificate) in &self.certificates {
            let here = self.entries[*n].space == space && by.has(*n) && certificate.root.org() == org;
            if here && !retired.contains(&certificate.node) {
                let at = first.entry(certificate.node).or_insert(certificate.issued);
                *at = certificate.issued.min(*at);
            }
        }
        let ranked: BTreeSet<_> = first.into_iter().map(|(node, at)| (at, node)).collect();
        ranked.into_iter().take(16).map(|(_, node)| node).collect()
    }
}

impl World {
    /// Places are those of the reference, by the same entries, in the coalition and in the private space alike.
    pub fn check_places(&mut self, host: usize, space: SpaceId, held: &Set) {
        let Some(fold) = self.hosts[host].ask(|engine, view| engine.fold(view, space).unwrap()) else { return };
        for org in fold.members.keys() {
            let ours: BTreeSet<NodeId> = fold.nodes.iter().filter(|(_, of)| *of == org).map(|(n, _)| *n).collect();
            if ours != self.reference.places(space, *org, held) {
                self.breaks(format!(
                    "1: for host {host} other nodes of {} have a place in {}",
                    org.short(),
                    space.short()
                ));
            }
        }
    }
}
