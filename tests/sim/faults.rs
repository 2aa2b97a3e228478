//! What goes wrong with machines, disks, clocks and lines; and who comes and goes.

use super::charters;
use super::disk::Disk;
use super::founding;
use super::host::Promises;
use super::rng::Rng;
use super::world::World;
use belay_protocol::engine::Input;
use belay_protocol::time::{DAY, HOUR, MINUTE, SECOND};

/// Images of a disk that are kept.
const IMAGES: usize = 4;

pub fn any(world: &mut World) -> usize {
    let n = world.hosts.len();
    world.rng.below(n)
}

pub fn running(world: &mut World) -> Option<usize> {
    let runs = |h: &super::host::Host| h.engine.is_some() && !h.stranger && !h.recovering && !h.newcomer;
    let up: Vec<usize> = (0..world.hosts.len()).filter(|h| runs(&world.hosts[*h])).collect();
    world.rng.pick(&up).copied()
}

pub fn crash(world: &mut World) {
    let up: Vec<usize> =
        (0..world.hosts.len()).filter(|h| world.hosts[*h].engine.is_some() && !world.hosts[*h].stranger).collect();
    if let Some(host) = world.rng.pick(&up).copied() {
        world.tell(format!("host {host} crashes"));
        world.crash(host);
    }
}

pub fn start(world: &mut World) {
    let down: Vec<usize> =
        (0..world.hosts.len()).filter(|h| world.hosts[*h].engine.is_none() && !world.hosts[*h].lost).collect();
    if let Some(host) = world.rng.pick(&down).copied() {
        world.start(host);
    }
}

/// Machines are switched off in order for a night, and not all come back in the morning.
pub fn night(world: &mut World) {
    world.tell("a night");
    for host in 0..world.hosts.len() {
        if world.hosts[host].engine.is_some() && world.rng.chance(60) {
            world.stop(host);
        }
    }
    for _ in 0..world.rng.below(40) {
        world.deliver();
    }
    world.now = world.now.plus(8 * HOUR + world.rng.next() % (4 * HOUR));
    for host in 0..world.hosts.len() {
        if world.hosts[host].engine.is_none() && world.rng.chance(80) {
            world.start(host);
        }
    }
}

pub fn fill_disk(world: &mut World) {
    if let Some(host) = running(world) {
        world.tell(format!("the disk of host {host} is full"));
        world.hosts[host].full = true;
    }
}

pub fn free_disks(world: &mut World) {
    for host in &mut world.hosts {
        host.full = false;
    }
}

/// A copy of a disk is put aside, as a backup or an image of a machine is.
pub fn keep_image(world: &mut World) {
    let host = any(world);
    let at = world.rng.below(IMAGES);
    let h = &mut world.hosts[host];
    let image = (h.disk.clone(), h.promised.clone());
    match h.images.get_mut(at) {
        Some(place) => *place = image,
        None => h.images.push(image),
    }
}

/// A disk is put back to any image that there is of it.
pub fn roll_back(world: &mut World) {
    let host = any(world);
    let images = world.hosts[host].images.len();
    let at = world.rng.below(images);
    if let Some(image) = world.hosts[host].images.get(at).cloned() {
        put_back(world, host, image);
    }
}

/// A disk is put back to this image of it.
pub fn put_back(world: &mut World, host: usize, (disk, promised): (Disk, Promises)) {
    world.tell(format!("host {host} is rolled back"));
    world.count("rolled back");
    if world.hosts[host].engine.is_some() {
        world.crash(host);
    }
    let h = &mut world.hosts[host];
    h.disk = Disk::from(disk.live);
    h.promised = promised;
    h.rolled = true;
    world.start(host);
}

/// The folder was copied and both copies run.
pub fn twin(world: &mut World) {
    if world.hosts.len() >= world.repertoire.machines() {
        return;
    }
    let Some(host) = running(world) else { return };
    let rng: Rng = world.rng.fork();
    let copy = world.hosts[host].copy(rng);
    let at = world.adopt(copy);
    world.count("copies started");
    world.tell(format!("host {at} is a copy of host {host}"));
    world.start(at);
}

pub fn tick(world: &mut World) {
    world.now = world.now.plus(SECOND + world.rng.next() % (2 * MINUTE));
    if let Some(host) = running(world) {
        world.input(host, Input::Tick);
    }
}

pub fn time(world: &mut World) {
    let far = world.rng.chance(10);
    world.now = world.now.plus(if far { 31 * DAY } else { world.rng.next() % (2 * HOUR) });
}

/// A clock is set: right, or wrong by up to two days either way.
pub fn skew(world: &mut World) {
    let host = any(world);
    let right = world.rng.chance(50);
    let far = i64::try_from(world.rng.next() % (2 * DAY)).unwrap();
    let early = world.rng.chance(50);
    let skew = match (right, early) {
        (true, _) => 0,
        (false, true) => -far,
        (false, false) => far,
    };
    set_clock(world, host, skew);
}

/// A clock is set so that it is off by this.
pub fn set_clock(world: &mut World, host: usize, skew: i64) {
    let by = skew - world.hosts[host].skew;
    world.hosts[host].skew = skew;
    if by != 0 {
        world.input(host, Input::ClockMoved { by });
    }
}

pub fn split(world: &mut World) {
    world.tell("the network splits");
    for host in 0..world.hosts.len() {
        world.hosts[host].group = u8::try_from(world.rng.below(2)).unwrap();
    }
    let across: Vec<u64> = world
        .net
        .links
        .iter()
        .filter(|(_, l)| world.hosts[l.ends[0]].group != world.hosts[l.ends[1]].group)
        .map(|(link, _)| *link)
        .collect();
    for link in across {
        world.cut(link);
    }
}

pub fn join(world: &mut World) {
    for host in &mut world.hosts {
        host.group = 0;
    }
}

fn some_link(world: &mut World) -> Option<u64> {
    let links: Vec<u64> = world.net.links.keys().copied().collect();
    world.rng.pick(&links).copied()
}

pub fn cut(world: &mut World) {
    if let Some(link) = some_link(world) {
        world.cut(link);
    }
}

/// A line goes dead one way, and nobody notices until the link is cut.
pub fn deafen(world: &mut World) {
    let side = world.rng.below(2);
    if let Some(link) = some_link(world)
        && let Some(l) = world.net.links.get_mut(&link)
    {
        l.deaf = Some(side);
    }
}

pub fn slow(world: &mut World) {
    let slow = world.rng.chance(70);
    if let Some(link) = some_link(world)
        && let Some(l) = world.net.links.get_mut(&link)
    {
        l.slow = slow;
    }
}

/// An organisation takes a further machine into use.
pub fn second_node(world: &mut World) {
    let Some(host) = running(world) else { return };
    let own = world.hosts[host].org;
    let nodes = world.hosts.iter().filter(|h| h.org == own).count();
    if world.hosts.len() >= world.repertoire.machines()
        || nodes >= 2
        || !world.hosts[host].honest()
        || world.hosts[host].retired
    {
        return;
    }
    further(world, host);
}

/// The organisation of this machine takes another into use.
pub fn further(world: &mut World, host: usize) {
    let rng = world.rng.fork();
    let further = world.hosts[host].further(world.now, rng);
    let at = world.adopt(further);
    world.count("second nodes");
    world.tell(format!("host {at} is a further node of host {host}'s organisation"));
    founding::join(world, world.coalition, host, at);
}

/// An organisation retires one of its machines, by the word of its root at another, or at that one.
pub fn retire(world: &mut World) {
    let Some(host) = running(world) else { return };
    if !world.hosts[host].honest() || world.hosts[host].retired {
        return;
    }
    let own = world.hosts[host].org;
    let own_nodes: Vec<usize> =
        (0..world.hosts.len()).filter(|h| world.hosts[*h].org == own && !world.hosts[*h].retired).collect();
    let other: Vec<usize> =
        own_nodes.iter().copied().filter(|h| world.hosts[*h].node != world.hosts[host].node).collect();
    let Some(out) = world.rng.pick(&other).copied() else { return };
    let node = world.hosts[out].node;
    let retirement = world.hosts[host].retirement(node, world.now);
    if world.act(host, |step| step.retire(&retirement)).is_some() {
        for h in world.hosts.iter_mut().filter(|h| h.node == node) {
            h.retired = true;
        }
        world.count("nodes retired");
        world.tell(format!("host {host} retires host {out}"));
    }
}

/// A steward lets in again who was taken out.
pub fn admit_again(world: &mut World) {
    let coalition = world.coalition;
    let stewards = may_admit(world);
    let Some(host) = world.rng.pick(&stewards).copied() else { return };
    let roster = world.hosts[host].ask(|engine, view| engine.roster(view, coalition).unwrap());
    let out: Vec<usize> = (0..world.hosts.len())
        .filter(|h| {
            let org = &world.hosts[*h].org;
            let known = roster.as_ref().is_some_and(|r| r.orgs.contains_key(org) && r.member(org).is_none());
            known && !world.hosts[*h].retired && !world.hosts[*h].lost
        })
        .collect();
    let Some(back) = world.rng.pick(&out).copied() else { return };
    if founding::admit(world, coalition, host, back) {
        world.count("let in again");
        world.tell(format!("host {host} lets host {back}'s organisation in again"));
    }
}

/// Machines that may let somebody in.
fn may_admit(world: &mut World) -> Vec<usize> {
    if world.repertoire.is_whole() {
        return charters::stewards(world);
    }
    let steward = world.hosts[0].org;
    (0..world.hosts.len())
        .filter(|h| world.hosts[*h].org == steward && world.hosts[*h].engine.is_some() && !world.hosts[*h].retired)
        .collect()
}

/// Somebody who is no member knows the coalition's name and tries the door.
pub fn stranger(world: &mut World) {
    if world.hosts.len() >= world.repertoire.machines() || world.hosts.iter().any(|h| h.stranger) {
        return;
    }
    let at = world.add_host(99);
    world.hosts[at].stranger = true;
    let (coalition, founder) = (world.coalition, world.hosts[0].org);
    world.act(at, |step| step.join_coalition(coalition, founder));
    world.count("strangers");
    world.tell(format!("host {at} is a stranger"));
}
