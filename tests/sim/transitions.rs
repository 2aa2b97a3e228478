//! What may happen: the generator of histories.

use super::faults::*;
use super::founding;
use super::world::{Repertoire, World};
use super::{backdated, charters, crowd, doors, forged, halfway, hostile, later, liar, lost, opening, post, ways};
use belay_protocol::consent::{Action, Permit};
use belay_protocol::engine::{Seat, Telling};
use belay_protocol::ids::{EntryHash, OrgId, SpaceId};
use belay_protocol::samples::{note, permit};
use belay_protocol::space::SpaceKind;
use belay_protocol::store::{Table, View};
use belay_protocol::time::{HOUR, MINUTE, Time};

type Transition = fn(&mut World);

/// Name, weight, what happens.
pub type Group = &'static [(&'static str, usize, Transition)];

/// What happens in every history.
const ALWAYS: Group = &[
    ("deliver", 50, deliver),
    ("connect", 10, connect),
    ("cut", 4, cut),
    ("write in the coalition", 5, write_coalition),
    ("write in private", 2, write_private),
    ("found a thread", 3, found_thread),
    ("write in a thread", 14, write_thread),
    ("revoke", 3, revoke),
    ("grant", 4, grant),
    ("remove", 1, remove),
    ("publish", 3, publish),
    ("crash", 2, crash),
    ("start", 5, start),
    ("keep an image of a disk", 2, keep_image),
    ("roll a disk back", 1, roll_back),
    ("start a copied folder", 1, twin),
    ("fill a disk", 1, fill_disk),
    ("free all disks", 2, free_disks),
    ("tick", 5, tick),
    ("time passes", 2, time),
    ("a night", 1, night),
    ("set a clock", 1, skew),
    ("split", 1, split),
    ("join", 2, join),
    ("a line goes dead one way", 1, deafen),
    ("a line goes slow or quick", 1, slow),
    ("a second node", 1, second_node),
    ("retire a node", 2, retire),
    ("let in again", 4, admit_again),
];

/// What happens in some histories often, in some seldom and in some never.
const SOMETIMES: [Group; 3] = [
    &[
        ("propose a charter", 4, charters::propose),
        ("approve a proposal", 8, charters::approve),
        ("propose a removal", 2, charters::propose_removal),
        ("leave the coalition", 1, charters::leave),
    ],
    &[
        ("offer to carry", 3, post::offer),
        ("wait some minutes", 5, post::wait),
        ("switch off in order", 1, post::leave_in_order),
        ("fill a stick", 2, post::export),
        ("put a stick in", 4, post::import),
    ],
    &[("lose everything", 2, lost::lose), ("come back", 12, lost::go_on)],
];
/// How often the groups of [`SOMETIMES`] may happen.
const OFTEN: [usize; 4] = [0, 1, 1, 3];

/// What happens where there is all that there is.
const EVERYTHING: Group = &[
    ("invite", 3, doors::invite),
    ("come with an invite", 8, doors::come),
    ("come with a code that was seen", 2, doors::come_with_what_was_seen),
    ("take out who was let in", 1, doors::think_again),
    ("approve who came", 4, doors::approve),
    ("cancel an invite", 1, doors::cancel),
    ("show a charter that was made up", 2, forged::charter),
    ("found under another's name", 1, forged::founding),
    ("fill a waiting room", 1, forged::flood),
    ("a line falls in the midst", 4, ways::break_off),
    ("part ways", 1, ways::part),
    ("a machine burns down", 1, ways::burn),
    ("clocks go days apart", 2, ways::clocks),
    ("go on across a split", 2, ways::across),
    ("open a later state", 2, later::open),
    ("give up a later state", 1, later::give_up),
];

/// A coalition of three to five organisations, some of them connected.
pub fn begin(world: &mut World) {
    let orgs = 3 + world.rng.below(3);
    for org in 0..orgs {
        let host = world.add_host(u8::try_from(org).unwrap());
        let line = format!("host {host} is organisation {}", world.hosts[host].org.short());
        world.tell(line);
        let seed = belay_protocol::random::array(&mut world.hosts[host].rng);
        world.hosts[host].recovery = seed;
        let founder = world.hosts[host].founder(seed, world.now);
        world.reference.orgs.insert(founder.key(), world.hosts[host].org);
        world.act(host, |step| step.found_private(founder));
    }
    world.coalition = founding::found(world, "Simulated");
    for host in 1..orgs {
        founding::admit(world, world.coalition, 0, host);
    }
    if world.repertoire.is_whole() {
        begin_whole(world);
    }
    if world.repertoire == Repertoire::All && world.rng.chance(50) {
        further(world, 0);
    }
    for host in 1..orgs {
        if world.rng.chance(70) {
            world.connect(0, host);
        }
    }
    for _ in 0..40 {
        world.deliver();
    }
    world.calm = false;
    if world.rng.chance(30) {
        hostile::turn(world);
    }
    if world.rng.chance(15) {
        stranger(world);
    }
}

/// What else a history begins with: who never meets, who carries, who stewards.
fn begin_whole(world: &mut World) {
    world.swarm = (0..SOMETIMES.len()).map(|_| OFTEN[world.rng.below(OFTEN.len())]).collect();
    let orgs = world.hosts.len();
    if world.swarm[1] > 0 {
        if world.rng.chance(40) {
            let first = world.rng.below(orgs - 1);
            world.apart = Some([world.hosts[first].org, world.hosts[first + 1].org]);
            world.tell(format!("host {first} and host {} never meet", first + 1));
        }
        for _ in 0..world.rng.below(3) {
            let host = any(world);
            post::offer_bytes(world, host, Some(1024 * 1024));
        }
    }
    if world.swarm[0] > 0 && world.rng.chance(60) {
        let stewards = world.hosts.iter().take(2 + world.rng.below(orgs - 1)).map(|host| host.org).collect();
        let (coalition, threshold) = (world.coalition, u32::try_from(1 + world.rng.below(2)).unwrap());
        world.act(0, |step| step.propose_charter(coalition, stewards, threshold, false));
    }
}

/// One step of a history.
pub fn step(world: &mut World) {
    let often = world.swarm.clone();
    let everything = usize::from(world.repertoire == Repertoire::All);
    let groups = [
        (ALWAYS, 1),
        (EVERYTHING, everything),
        (halfway::GROUP, everything * usize::from(world.halfway)),
        (opening::GROUP, everything * usize::from(world.opening)),
        (doors::apart::GROUP, everything * usize::from(world.doors_apart)),
    ];
    let groups = groups.into_iter().chain(SOMETIMES.into_iter().zip(often));
    let all: Vec<(&str, usize, Transition)> = groups
        .flat_map(|(group, often)| group.iter().map(move |(name, weight, run)| (*name, weight * often, *run)))
        .collect();
    let crowd: (&str, usize, Transition) = ("a crowd", world.crowd.weight(), crowd::crowd);
    let liar: (&str, usize, Transition) = ("a lie", world.lies, liar::lie);
    let late: (&str, usize, Transition) = ("a word dated back", world.dates_back, backdated::date_back);
    let all: Vec<_> = all.into_iter().chain([crowd, liar, late]).collect();
    let total: usize = all.iter().map(|(_, weight, _)| weight).sum();
    let mut at = world.rng.below(total);
    for (name, weight, transition) in all {
        if at < weight {
            world.count(name);
            transition(world);
            return;
        }
        at -= weight;
    }
}

fn deliver(world: &mut World) {
    for _ in 0..=world.rng.below(6) {
        world.deliver();
    }
}

fn connect(world: &mut World) {
    let (a, b) = (any(world), any(world));
    world.connect(a, b);
}

fn body(world: &mut World) -> Vec<u8> {
    let mut body = vec![0; 8 + world.rng.below(200)];
    belay_protocol::random::Random::fill(&mut world.rng, &mut body);
    body
}

fn write_coalition(world: &mut World) {
    let Some(host) = running(world) else { return };
    let (coalition, body) = (world.coalition, body(world));
    world.act(host, |step| step.write_coalition(coalition, &body));
}

fn write_private(world: &mut World) {
    if let Some(host) = running(world) {
        write_private_at(world, host);
    }
}

/// A machine writes something for its own organisation.
pub fn write_private_at(world: &mut World, host: usize) {
    let body = body(world);
    world.act(host, |step| step.write_private(&body));
}

/// No end, or one that comes within the history.
fn expiry(world: &mut World) -> Option<Time> {
    let now = world.now;
    world.rng.chance(30).then(|| now.plus(MINUTE + world.rng.next() % (3 * HOUR)))
}

fn found_thread(world: &mut World) {
    let Some(host) = running(world) else { return };
    let own = world.hosts[host].org;
    let mut orgs: Vec<OrgId> = world.hosts.iter().map(|h| h.org).filter(|org| *org != own).collect();
    orgs.sort_unstable();
    orgs.dedup();
    let now = world.hosts[host].clock(world.now);
    let mut permits = Vec::new();
    for org in orgs {
        if world.rng.chance(50) {
            let expires = expiry(world);
            permits.extend(permit(own, org, Action::Grant, expires, now).map(|p| (p, world.rng.chance(80))));
        }
    }
    let (coalition, reads) = (world.coalition, world.rng.chance(90));
    let seats: Vec<Seat<'_>> = permits.iter().map(|(permit, write)| Seat { permit, write: *write }).collect();
    if let Some(space) = world.act(host, |step| step.found_thread(coalition, reads, &seats)) {
        world.threads.push(space);
        world.tell(format!("host {host} founds thread {} for {}", space.short(), seats.len()));
    }
}

/// A machine founds a thread for these organisations, without an end. `reads`: whether it reads there itself.
pub fn found_for(world: &mut World, host: usize, orgs: &[OrgId], reads: bool) -> Option<SpaceId> {
    let (own, now, coalition) = (world.hosts[host].org, world.hosts[host].clock(world.now), world.coalition);
    let permits: Vec<Permit> = orgs.iter().filter_map(|org| permit(own, *org, Action::Grant, None, now)).collect();
    let seats: Vec<Seat<'_>> = permits.iter().map(|permit| Seat { permit, write: true }).collect();
    let space = world.act(host, |step| step.found_thread(coalition, reads, &seats))?;
    world.threads.push(space);
    world.tell(format!("host {host} founds thread {} for {}", space.short(), seats.len()));
    Some(space)
}

/// A machine and a thread that it has a part in.
pub fn in_thread(world: &mut World, governs: bool) -> Option<(usize, SpaceId)> {
    if world.repertoire == Repertoire::All {
        let all: Vec<_> = (0..world.hosts.len()).flat_map(|host| may_act(world, host, governs)).collect();
        return world.rng.pick(&all).copied();
    }
    let host = running(world)?;
    let own = world.hosts[host].org;
    let records = world.hosts[host].ask(|engine, view| engine.space_records(view).unwrap())?;
    let threads: Vec<SpaceId> = records
        .into_iter()
        .filter(|r| matches!(r.kind, SpaceKind::Thread { .. }) && (!governs || r.custodian == own))
        .map(|r| r.space)
        .collect();
    Some((host, *world.rng.pick(&threads)?))
}

/// The threads in which a machine can write, or govern.
fn may_act(world: &mut World, host: usize, governs: bool) -> Vec<(usize, SpaceId)> {
    let h = &mut world.hosts[host];
    if h.stranger || h.recovering || h.newcomer {
        return Vec::new();
    }
    let (own, node) = (h.org, h.node);
    let threads = h.ask(|engine, view| {
        let mut threads = Vec::new();
        for record in engine.space_records(view).unwrap() {
            let SpaceKind::Thread { coalition, .. } = record.kind else { continue };
            let out = |space: SpaceId| view.get(Table::Removed, space.as_bytes()).unwrap().is_some();
            let fold = engine.fold(view, record.space).unwrap();
            let writes = fold.members.get(&own).is_some_and(|seat| seat.write) && fold.nodes.contains_key(&node);
            let may = if governs { record.custodian == own } else { writes };
            if may && !fold.closed && !out(record.space) && !out(coalition) {
                threads.push((host, record.space));
            }
        }
        threads
    });
    threads.unwrap_or_default()
}

fn write_thread(world: &mut World) {
    let Some((host, space)) = in_thread(world, false) else { return };
    let now = world.hosts[host].clock(world.now);
    let fold = world.hosts[host].ask(|engine, view| engine.fold(view, space).unwrap()).unwrap();
    // Staff would be told that a reader's time has passed; half of the time they end it.
    if let Some(org) = fold.expired(now).next()
        && world.rng.chance(50)
    {
        world.act(host, |step| step.revoke(space, org));
        return;
    }
    if write_in(world, host, space).is_some() {
        world.count("sealed in threads");
    }
}

/// A machine writes to all who read in a thread.
pub fn write_in(world: &mut World, host: usize, space: SpaceId) -> Option<EntryHash> {
    let (own, now) = (world.hosts[host].org, world.hosts[host].clock(world.now));
    let fold = world.hosts[host].ask(|engine, view| engine.fold(view, space).ok()).flatten()?;
    let permits: Vec<Permit> =
        fold.reading().filter(|org| *org != own).filter_map(|org| permit(own, org, Action::Seal, None, now)).collect();
    let note = note();
    let tellings: Vec<Telling<'_>> = permits.iter().map(|permit| Telling { permit, note: &note }).collect();
    let body = body(world);
    let hash = world.act(host, |step| step.write_thread(space, &tellings, &body))?;
    world.tell(format!("host {host} writes {} in thread {}", hash.short(), space.short()));
    Some(hash)
}

fn revoke(world: &mut World) {
    let Some((host, space)) = in_thread(world, false) else { return };
    let fold = world.hosts[host].ask(|engine, view| engine.fold(view, space).unwrap()).unwrap();
    let orgs: Vec<OrgId> = fold.members.keys().copied().filter(|org| Some(*org) != fold.custodian).collect();
    let Some(org) = world.rng.pick(&orgs).copied() else { return };
    if world.act(host, |step| step.revoke(space, org)).is_some() {
        world.count("revoked");
        world.tell(format!("host {host} revokes {} in thread {}", org.short(), space.short()));
    }
}

fn grant(world: &mut World) {
    let Some((host, space)) = in_thread(world, true) else { return };
    let (own, now) = (world.hosts[host].org, world.hosts[host].clock(world.now));
    let orgs: Vec<OrgId> = world.hosts.iter().map(|h| h.org).filter(|org| *org != own).collect();
    let Some(org) = world.rng.pick(&orgs).copied() else { return };
    let expires = expiry(world);
    let Some(permit) = permit(own, org, Action::Grant, expires, now) else { return };
    let seat = Seat { permit: &permit, write: world.rng.chance(80) };
    if world.act(host, |step| step.grant(space, &seat, &note())).is_some() {
        world.count("granted");
        world.tell(format!("host {host} grants {} in thread {}", org.short(), space.short()));
    }
}

fn remove(world: &mut World) {
    // Rarely: a coalition that is empty tests little.
    if !world.rng.chance(60) {
        return;
    }
    let steward = world.hosts[0].org;
    let stewards: Vec<usize> =
        (0..world.hosts.len()).filter(|h| world.hosts[*h].org == steward && world.hosts[*h].engine.is_some()).collect();
    let Some(host) = world.rng.pick(&stewards).copied() else { return };
    let victim = any(world);
    let (coalition, org) = (world.coalition, world.hosts[victim].org);
    if org != steward
        && !(world.hosts[victim].newcomer && doors::is_unknown(world, world.hosts[victim].node))
        && world.act(host, |step| step.remove(coalition, org)).is_some()
    {
        world.count("removed from the coalition");
        world.tell(format!("host {host} removes {} from the coalition", org.short()));
    }
}

fn publish(world: &mut World) {
    if let Some(host) = running(world) {
        publish_at(world, host);
    }
}

/// A machine says something to the whole coalition that its next word replaces.
pub fn publish_at(world: &mut World, host: usize) {
    let (coalition, value) = (world.coalition, body(world));
    let name = ["openings/a", "openings/b"][world.rng.below(2)];
    world.act(host, |step| step.register(coalition, name, &value));
}
