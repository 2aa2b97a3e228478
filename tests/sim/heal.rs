//! The end of a history: everything that was broken is mended, and all must come to rest and agree.

use super::world::{Repertoire, World};
use super::{doors, later, liar, lost, post};
use belay_protocol::coalition::handshake::admission::Standing;
use belay_protocol::engine::{Engine, Input, Unopened};
use belay_protocol::ids::{EntryHash, OrgId, SpaceId};
use belay_protocol::planted::{self, Bug};
use belay_protocol::space::SpaceKind;
use belay_protocol::store::{Memory, Table, View};
use belay_protocol::sync::receipt::RECEIPT;
use belay_protocol::time::{HOUR, MINUTE, SECOND};
use std::collections::{BTreeMap, BTreeSet};

const ROUNDS: usize = 60;
/// Rounds in which nothing moves before all is at rest: more than the two minutes for which a node of several waits for its own keys.
const QUIET: usize = 6;
const FRAMES: usize = 20_000;
/// The same where two nodes answer each other for ever with pages that grow: who takes the lower register sends its own back.
const FRAMES_ENDLESS: usize = 1_000;
/// Quarters of a day for which small accounts are let fill at most.
const FILLS: usize = 160;
/// Quarters of a day in which an account that is overdrawn as far as may be fills up.
const PAUSE: usize = 6;

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
    if world.repertoire.is_whole() {
        mend_whole(world);
    }
    // First by way of one machine alone: what it was told, it must pass on.
    let fit: Vec<usize> = (0..world.hosts.len()).filter(|h| counts(world, *h)).collect();
    let hub = world.rng.pick(&fit).copied().unwrap_or(0);
    world.tell(format!("all by way of host {hub}"));
    let links: Vec<u64> = world.net.links.keys().copied().collect();
    for link in links {
        world.cut(link);
    }
    rest(world, Some(hub));
    check_converged(world, Some(hub));
    if world.broken.is_none() {
        rest(world, None);
        check_converged(world, None);
        if world.repertoire == Repertoire::All {
            check_all(world);
        }
        liar::come_to_nothing(world);
        world.check_seated();
    }
    for host in 0..world.hosts.len() {
        world.check_promises(host);
    }
}

/// What is asked only where there is all that there is.
fn check_all(world: &mut World) {
    world.check_shown_out();
    world.check_let_go();
    later::check(world);
    world.check_doors();
    if world.broken.is_none() {
        doors::mend(world);
    }
}

/// Who is on the way back comes back, if it is let in; and whoever is in carries.
fn mend_whole(world: &mut World) {
    for _ in 0..ROUNDS {
        let Some(at) = (0..world.hosts.len()).find(|h| world.hosts[*h].recovering) else { break };
        for other in (0..world.hosts.len()).filter(|h| *h != at).collect::<Vec<_>>() {
            if world.hosts[other].honest() {
                world.connect(at, other);
            }
        }
        let mut frames = 0;
        while frames < FRAMES && world.deliver() {
            frames += 1;
        }
        lost::go_on(world);
    }
    for host in 0..world.hosts.len() {
        if world.hosts[host].engine.is_none() {
            world.start(host);
        }
        if world.apart.is_some() && counts(world, host) {
            post::offer_bytes(world, host, Some(16 * 1024 * 1024));
        }
    }
}

/// Whether something is expected of a machine: a member's, honest and in use.
pub fn counts(world: &World, host: usize) -> bool {
    let h = &world.hosts[host];
    // Also one whose retirement was written just before the power went.
    let retired = h.retired || world.reference.retirements(world.coalition).any(|(_, node)| node == h.node);
    h.honest() && !retired && !h.lost && !h.recovering
}

fn pass(world: &mut World, time: u64) {
    world.now = world.now.plus(time);
    for host in 0..world.hosts.len() {
        world.input(host, Input::Tick);
    }
}

/// Runs until nothing moves any more.
pub fn rest(world: &mut World, hub: Option<usize>) {
    let mut quiet = 0;
    for host in 0..world.hosts.len() {
        let now = world.hosts[host].clock(world.now);
        let dry = world.hosts[host].ask(|engine, view| engine.accounts_below(view, 0, now).unwrap().len());
        *world.stats.entry("accounts that ran dry").or_default() += dry.unwrap_or_default() as u64;
    }
    if world.small {
        fill(world, hub);
    }
    let most = if planted::is(Bug::RegisterLowerWins) { FRAMES_ENDLESS } else { FRAMES };
    for _ in 0..ROUNDS {
        let mut frames = connect_all(world, hub);
        while world.deliver() {
            frames += 1;
            if frames > most {
                world.breaks("5: the network does not come to rest");
                return;
            }
        }
        // Parcels take their time; sessions need none.
        pass(world, if world.apart.is_some() { 6 * MINUTE } else { 31 * SECOND });
        quiet = if frames == 0 && world.net.waiting().is_empty() { quiet + 1 } else { 0 };
        if quiet >= QUIET || world.broken.is_some() {
            break;
        }
    }
    if quiet < QUIET {
        world.breaks("5: the network does not come to rest");
    }
}

/// Lets small accounts fill, until nobody takes anything any more: what is overdrawn as far as may be has room for the largest entry again
/// after `PAUSE`, and then for one after the other.
fn fill(world: &mut World, hub: Option<usize>) {
    let (mut quiet, mut before) = (0, stored(world));
    for _ in 0..FILLS {
        connect_all(world, hub);
        let mut frames = 0;
        while frames < FRAMES && world.deliver() {
            frames += 1;
        }
        pass(world, 6 * HOUR);
        let now = stored(world);
        quiet = if now == before { quiet + 1 } else { 0 };
        before = now;
        if quiet > PAUSE || world.broken.is_some() {
            return;
        }
    }
    world.breaks("5: accounts fill, and the network does not come to rest");
}

/// Entries that are stored, at all machines together.
fn stored(world: &mut World) -> u64 {
    let entries = |engine: &mut Engine, view: &Memory| -> u64 {
        let spaces = engine.space_records(view).unwrap();
        spaces.iter().map(|record| u64::from(engine.spaces().count_of(view, record.space).unwrap())).sum()
    };
    (0..world.hosts.len()).filter_map(|host| world.hosts[host].ask(entries)).sum()
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
        let expired: BTreeSet<OrgId> = hosts.iter().flat_map(|h| expired(world, *h, space)).collect();
        hosts.retain(|h| !expired.contains(&world.hosts[*h].org));
        if hub.is_some_and(|hub| !hosts.contains(&hub)) {
            continue;
        }
        for hosts in parts(world, space, &hosts, hub) {
            let nodes: BTreeSet<_> = hosts.iter().map(|h| world.hosts[*h].node).collect();
            // Copies of one folder do not talk to each other.
            if nodes.len() > 1 {
                check_space(world, space, &hosts);
            }
        }
    }
}

/// Machines between which links are allowed, over others if need be. Not all are: whoever takes the other for no member turns it away,
/// and some can not learn better that way (`protocol/decisions/open.md`): whom a steward let in who told nobody else and was lost;
/// whose removal, or whose way back, is void by a charter or a retirement that only one of two sides has heard of.
fn parts(world: &mut World, space: SpaceId, hosts: &[usize], hub: Option<usize>) -> Vec<Vec<usize>> {
    if all_meet(world) {
        return vec![hosts.to_vec()];
    }
    let parts = meeting(world, hub);
    // Whom a custodian let in over two disks, one of them lost, and who then was taken out itself: neither has heard that the other is in.
    let mut within = Vec::new();
    for part in parts {
        let part: Vec<usize> = part.into_iter().filter(|h| hosts.contains(h)).collect();
        within.extend(groups(&part, |a, b| shows(world, space, a, b) || shows(world, space, b, a)));
    }
    within
}

/// Whether nothing happened by which two that may have a space turn each other away.
fn all_meet(world: &World) -> bool {
    // Who let somebody in and lost that with its disk is as one that was lost; so is one that was retired by who had not heard of it; and
    // of two copies of one folder, which do not talk to each other, one may have let in whom the other turns away.
    let lost = ["rolled back", "nodes retired", "copies started"].iter().any(|what| world.stats.contains_key(what));
    world.repertoire == Repertoire::Links && !lost
}

/// The machines of which something is expected, by who is linked with whom, over others if need be.
pub fn meeting(world: &mut World, hub: Option<usize>) -> Vec<Vec<usize>> {
    let all: Vec<usize> = (0..world.hosts.len()).filter(|h| counts(world, *h)).collect();
    if all_meet(world) {
        return vec![all];
    }
    let meet = |a: usize, b: usize| {
        let by_hub = hub.is_none_or(|hub| [a, b].contains(&hub));
        let linked = by_hub && world.hosts[a].node != world.hosts[b].node && !world.never_meet(a, b);
        linked && takes_for_member(world, a, b) && takes_for_member(world, b, a)
    };
    groups(&all, meet)
}

/// Organisations whose time in a space has passed, by what a machine holds.
fn expired(world: &mut World, host: usize, space: SpaceId) -> Vec<OrgId> {
    let held = world.held(host);
    let orgs: BTreeSet<OrgId> = world.reference.orgs.values().copied().collect();
    orgs.into_iter().filter(|org| world.reference.expired(space, *org, &held, world.now)).collect()
}

/// The parts of what hangs together.
fn groups(all: &[usize], mut meet: impl FnMut(usize, usize) -> bool) -> Vec<Vec<usize>> {
    let mut part: Vec<usize> = (0..all.len()).collect();
    for a in 0..all.len() {
        for b in 0..a {
            if part[a] != part[b] && meet(all[a], all[b]) {
                let (from, to) = (part[a], part[b]);
                part.iter_mut().filter(|part| **part == from).for_each(|part| *part = to);
            }
        }
    }
    let mut parts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (host, part) in all.iter().zip(part) {
        parts.entry(part).or_default().push(*host);
    }
    parts.into_values().collect()
}

/// Whether one takes the other for who may have a space.
fn shows(world: &mut World, space: SpaceId, judge: usize, other: usize) -> bool {
    let org = world.hosts[other].org;
    let member = world.hosts[judge].ask(|engine, view| engine.fold(view, space).unwrap().members.contains_key(&org));
    member == Some(true)
}

fn takes_for_member(world: &mut World, judge: usize, other: usize) -> bool {
    let (coalition, org, node) = (world.coalition, world.hosts[other].org, world.hosts[other].node);
    let standing = world.hosts[judge].ask(|engine, view| engine.standing(view, coalition, org, node).unwrap());
    standing == Some(Standing::Member)
}

fn check_space(world: &mut World, space: SpaceId, hosts: &[usize]) {
    // Who never meets tells each other in parcels what it holds, and not by registers.
    let orgs: BTreeSet<OrgId> = hosts.iter().map(|h| world.hosts[*h].org).collect();
    let by_parcel = world.apart.is_some_and(|apart| apart.iter().all(|org| orgs.contains(org)));
    // Copies of one folder do not talk to each other, and in parcels nobody tells a node what it wrote itself.
    let nodes: BTreeSet<_> = hosts.iter().map(|h| world.hosts[*h].node).collect();
    if by_parcel && nodes.len() < hosts.len() {
        return;
    }
    let state = |world: &mut World, host: usize| {
        world.hosts[host].ask(|engine, view| {
            let heads = engine.spaces().heads(view, space).unwrap();
            let registers: Vec<Vec<u8>> = engine
                .registers(view, space)
                .unwrap()
                .into_iter()
                .filter(|register| !by_parcel || register.name != RECEIPT)
                .map(|register| register.bytes())
                .collect();
            (heads, registers)
        })
    };
    let first = state(world, hosts[0]);
    world.tell(format!("{} is compared on {hosts:?}", space.short()));
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
    // What somebody here can open and may tell, every reader can: keys are passed on to whom something was told before, or one's own.
    let mut openable: BTreeSet<(OrgId, EntryHash)> = BTreeSet::new();
    let mut lacking: Vec<(usize, EntryHash)> = Vec::new();
    for host in hosts {
        let node = world.hosts[*host].node;
        let in_time = expired(world, *host, space).is_empty();
        let found = world.hosts[*host].ask(|engine, view| {
            let fold = engine.fold(view, space).unwrap();
            let bodies = engine.bodies(view, space, 0, usize::MAX).unwrap();
            let org = fold.nodes.get(&node).copied();
            let reads = fold.readers.contains(&node)
                && !fold.closed
                && in_time
                && org.is_some_and(|org| fold.members[&org].write);
            (bodies.applied.into_iter().map(|a| a.hash).collect::<Vec<_>>(), bodies.unopened, reads)
        });
        let Some((applied, unopened, reads)) = found else { continue };
        for org in &orgs {
            let told = |engine: &mut Engine, view: &Memory| engine.spaces().told(view, space, *org).unwrap().is_some();
            let own = world.hosts[*host].org == *org;
            if own || world.hosts[*host].ask(told).unwrap_or_default() {
                openable.extend(applied.iter().map(|hash| (*org, *hash)));
            }
        }
        if reads {
            let keys =
                unopened.into_iter().filter(|(_, why)| matches!(why, Unopened::EpochMissing | Unopened::Corrupt));
            lacking.extend(keys.map(|(hash, _)| (*host, hash)));
        }
    }
    let org_of = |host: usize| world.hosts[host].org;
    if let Some((host, hash)) = lacking.into_iter().find(|(host, hash)| openable.contains(&(org_of(*host), *hash))) {
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
            .map(|r| format!("{} {} {} {:02x}{:02x}", r.node.short(), r.name, r.number, r.order().1[0], r.order().1[1]))
            .collect();
        format!("entries {entries:?}\n  members {members:?}\n  registers {registers:?}")
    });
    format!("host {host}: {}", told.unwrap_or_default())
}
