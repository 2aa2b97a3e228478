//! The end of a history: everything that was broken is mended, and all must come to rest and agree.

use super::world::World;
use belay_protocol::engine::{Input, Unopened};
use belay_protocol::ids::{EntryHash, OrgId, SpaceId};
use belay_protocol::space::SpaceKind;
use belay_protocol::store::{Table, View};
use belay_protocol::time::SECOND;
use std::collections::{BTreeMap, BTreeSet};

const ROUNDS: usize = 60;
/// Rounds in which nothing moves before all is at rest: more than the two minutes for which a node of several waits for its own keys.
const QUIET: usize = 6;
const FRAMES: usize = 20_000;

pub fn heal(world: &mut World) {
    world.tell("everything is mended");
    world.calm = true;
    for host in 0..world.hosts.len() {
        world.hosts[host].skew = 0;
        world.hosts[host].group = 0;
        world.hosts[host].full = false;
        if world.hosts[host].engine.is_none() {
            world.start(host);
        }
    }
    // First by way of one machine alone: what it was told, it must pass on.
    let fit: Vec<usize> = (0..world.hosts.len()).filter(|h| counts(world, *h)).collect();
    let hub = world.rng.pick(&fit).copied().unwrap_or(0);
    let links: Vec<u64> = world.net.links.keys().copied().collect();
    for link in links {
        world.cut(link);
    }
    rest(world, Some(hub));
    check_converged(world, Some(hub));
    if world.broken.is_none() {
        rest(world, None);
        check_converged(world, None);
    }
    for host in 0..world.hosts.len() {
        world.check_promises(host);
    }
}

/// Whether something is expected of a machine: a member's, honest and in use.
fn counts(world: &World, host: usize) -> bool {
    world.hosts[host].honest() && !world.hosts[host].retired
}

/// Runs until nothing moves any more.
fn rest(world: &mut World, hub: Option<usize>) {
    let mut quiet = 0;
    for _ in 0..ROUNDS {
        let mut frames = connect_all(world, hub);
        while world.deliver() {
            frames += 1;
            if frames > FRAMES {
                world.breaks("5: the network does not come to rest");
                return;
            }
        }
        world.now = world.now.plus(31 * SECOND);
        for host in 0..world.hosts.len() {
            world.input(host, Input::Tick);
        }
        quiet = if frames == 0 && world.net.waiting().is_empty() { quiet + 1 } else { 0 };
        if quiet >= QUIET || world.broken.is_some() {
            break;
        }
    }
    if quiet < QUIET {
        world.breaks("5: the network does not come to rest");
    }
}

fn connect_all(world: &mut World, hub: Option<usize>) -> usize {
    let before = world.net.links.len();
    for a in 0..world.hosts.len() {
        for b in a + 1..world.hosts.len() {
            // Who breaks rules has had its time: what it did must not hold up the others.
            let both = world.hosts[a].honest() && world.hosts[b].honest();
            if both && hub.is_none_or(|hub| hub == a || hub == b) {
                world.connect(a, b);
            }
        }
    }
    world.net.links.len() - before
}

/// Invariant 5: everyone who may have an entry has it, and can open it. With a hub: among those who are linked to it, in the
/// spaces that it is in.
fn check_converged(world: &mut World, hub: Option<usize>) {
    let mut shared: BTreeMap<SpaceId, Vec<usize>> = BTreeMap::new();
    for host in (0..world.hosts.len()).filter(|h| counts(world, *h)).collect::<Vec<_>>() {
        let node = world.hosts[host].node;
        let mine = world.hosts[host].ask(|engine, view| {
            let mut mine = Vec::new();
            for record in engine.space_records(view).unwrap() {
                let out = |space: SpaceId| view.get(Table::Removed, space.as_bytes()).unwrap().is_some();
                let told_out = match record.kind {
                    SpaceKind::Thread { coalition, .. } => out(record.space) || out(coalition),
                    SpaceKind::Coalition { .. } | SpaceKind::Private => out(record.space),
                };
                let member = engine.fold(view, record.space).unwrap().nodes.contains_key(&node);
                if member && !told_out {
                    mine.push(record.space);
                }
            }
            mine
        });
        for space in mine.into_iter().flatten() {
            shared.entry(space).or_default().push(host);
        }
    }
    for (space, mut hosts) in shared {
        if let Some(hub) = hub {
            if !hosts.contains(&hub) {
                continue;
            }
            hosts.retain(|h| *h == hub || world.net.joined(*h, hub));
        }
        // To whose time has passed nothing is sent, though it takes witnesses to end its membership.
        let now = world.now;
        let expired: BTreeSet<OrgId> = hosts
            .iter()
            .filter_map(|h| {
                let fold = world.hosts[*h].ask(|engine, view| engine.fold(view, space).unwrap())?;
                Some(fold.expired(now).collect::<Vec<_>>())
            })
            .flatten()
            .collect();
        hosts.retain(|h| !expired.contains(&world.hosts[*h].org));
        if hub.is_some_and(|hub| !hosts.contains(&hub)) {
            continue;
        }
        let nodes: BTreeSet<_> = hosts.iter().map(|h| world.hosts[*h].node).collect();
        if nodes.len() < 2 {
            // Copies of one folder do not talk to each other.
            continue;
        }
        check_space(world, space, &hosts);
    }
}

fn check_space(world: &mut World, space: SpaceId, hosts: &[usize]) {
    let state = |world: &mut World, host: usize| {
        world.hosts[host].ask(|engine, view| {
            let heads = engine.spaces().heads(view, space).unwrap();
            let registers: Vec<Vec<u8>> =
                engine.registers(view, space).unwrap().into_iter().map(|r| r.bytes()).collect();
            (heads, registers)
        })
    };
    let first = state(world, hosts[0]);
    for host in &hosts[1..] {
        let other = state(world, *host);
        if first.as_ref().map(|s| &s.0) != other.as_ref().map(|s| &s.0) {
            for host in hosts {
                let line = describe(world, *host, space);
                world.tell(line);
            }
            world.breaks(format!("5: hosts {} and {host} hold different entries of {}", hosts[0], space.short()));
        } else if first != other {
            for host in hosts {
                let line = describe(world, *host, space);
                world.tell(line);
            }
            world.breaks(format!("5: hosts {} and {host} hold different registers of {}", hosts[0], space.short()));
        }
    }
    // What somebody here can open, every reader can.
    let mut openable: BTreeSet<EntryHash> = BTreeSet::new();
    let mut lacking: Vec<(usize, EntryHash)> = Vec::new();
    for host in hosts {
        let (node, now) = (world.hosts[*host].node, world.now);
        let found = world.hosts[*host].ask(|engine, view| {
            let fold = engine.fold(view, space).unwrap();
            let bodies = engine.bodies(view, space, 0, usize::MAX).unwrap();
            let org = fold.nodes.get(&node).copied();
            let reads = fold.readers.contains(&node)
                && !fold.closed
                && fold.expired(now).next().is_none()
                && org.is_some_and(|org| fold.members[&org].write);
            (bodies.applied.into_iter().map(|a| a.hash).collect::<Vec<_>>(), bodies.unopened, reads)
        });
        let Some((applied, unopened, reads)) = found else { continue };
        openable.extend(applied);
        if reads {
            let keys =
                unopened.into_iter().filter(|(_, why)| matches!(why, Unopened::EpochMissing | Unopened::Corrupt));
            lacking.extend(keys.map(|(hash, _)| (*host, hash)));
        }
    }
    if let Some((host, hash)) = lacking.into_iter().find(|(_, hash)| openable.contains(hash)) {
        for host in hosts {
            let line = describe(world, *host, space);
            world.tell(line);
        }
        world.breaks(format!("5: host {host} may read entry {} and got no key", hash.short()));
    }
}

/// What one machine holds of a space, for the story.
fn describe(world: &mut World, host: usize, space: SpaceId) -> String {
    let told = world.hosts[host].ask(|engine, view| {
        let entries = engine.spaces().order(view, space, 0, usize::MAX).unwrap();
        let entries: Vec<String> = entries
            .iter()
            .map(|hash| {
                let entry = engine.spaces().entry(view, hash).unwrap().unwrap();
                let key = view.get(Table::EpochKey, hash.as_bytes()).unwrap().is_some();
                let header = entry.header();
                let held = if key { " held" } else { "" };
                format!("{} {:?} by {}{held}", hash.short(), header.kind, header.author.short())
            })
            .collect();
        let members: Vec<String> = engine.fold(view, space).unwrap().members.keys().map(|org| org.short()).collect();
        let registers: Vec<String> = engine
            .registers(view, space)
            .unwrap()
            .iter()
            .map(|r| format!("{} {} {}", r.node.short(), r.name, r.number))
            .collect();
        format!("entries {entries:?}\n  members {members:?}\n  registers {registers:?}")
    });
    format!("host {host}: {}", told.unwrap_or_default())
}
