//! What befalls several at once: a line that falls in the midst, two that part ways for good, a machine that burns down, clocks that are
//! days apart while parcels are on their way, and stewards who take out and let in on both sides of a split.

use super::charters;
use super::faults;
use super::founding;
use super::world::World;
use belay_protocol::ids::OrgId;
use belay_protocol::time::DAY;

/// Frames after which a line falls at most.
const FRAMES: usize = 40;
/// How far clocks are off at most, in days.
const OFF: i64 = 2;

fn up(world: &World) -> Vec<usize> {
    let takes_part = |h: &super::host::Host| h.engine.is_some() && !h.stranger && !h.newcomer && !h.recovering;
    (0..world.hosts.len()).filter(|h| takes_part(&world.hosts[*h])).collect()
}

/// Two meet, say some of what they have to say, and the line falls, or the power at one of them.
pub fn break_off(world: &mut World) {
    let up = up(world);
    let (Some(a), Some(b)) = (world.rng.pick(&up).copied(), world.rng.pick(&up).copied()) else { return };
    let links = |world: &World| -> Vec<u64> {
        let ends = |link: &super::net::Link| link.ends == [a, b] || link.ends == [b, a];
        world.net.links.iter().filter(|(_, link)| ends(link)).map(|(link, _)| *link).collect()
    };
    for link in links(world) {
        world.cut(link);
    }
    while links(world).into_iter().any(|link| world.deliver_on(link)) {}
    world.connect(a, b);
    let Some(link) = links(world).pop() else { return };
    for _ in 0..world.rng.below(FRAMES) {
        if !world.deliver_on(link) {
            break;
        }
    }
    world.count("lines that fell in the midst");
    if world.rng.chance(50) {
        world.tell(format!("the line between host {a} and host {b} falls"));
        world.cut(link);
    } else {
        world.tell(format!("the power goes at host {a}, which talked with host {b}"));
        if world.hosts[a].engine.is_some() {
            world.crash(a);
        }
        world.start(a);
    }
}

/// Two organisations that met do not meet any more.
pub fn part(world: &mut World) {
    if world.apart.is_some() || world.swarm[1] == 0 || !world.rng.chance(30) {
        return;
    }
    let up = up(world);
    let (Some(a), Some(b)) = (world.rng.pick(&up).copied(), world.rng.pick(&up).copied()) else { return };
    let pair = [world.hosts[a].org, world.hosts[b].org];
    if pair[0] == pair[1] {
        return;
    }
    world.apart = Some(pair);
    world.count("partners that parted for good");
    world.tell(format!("host {a} and host {b} do not meet any more"));
    let across: Vec<u64> = world
        .net
        .links
        .iter()
        .filter(|(_, link)| world.never_meet(link.ends[0], link.ends[1]))
        .map(|(link, _)| *link)
        .collect();
    for link in across {
        world.cut(link);
    }
}

/// A machine is gone for good, and nobody has its disk.
pub fn burn(world: &mut World) {
    let up = up(world);
    let burnt = world.hosts.iter().any(|h| h.burnt);
    let orgs: std::collections::BTreeSet<OrgId> = world.hosts.iter().map(|h| h.org).collect();
    if burnt || orgs.len() < 4 || world.loss.is_some() || !world.rng.chance(20) {
        return;
    }
    let Some(host) = world.rng.pick(&up).copied() else { return };
    world.count("machines that burnt down");
    world.tell(format!("host {host} burns down"));
    world.crash(host);
    (world.hosts[host].lost, world.hosts[host].burnt) = (true, true);
}

/// One clock runs ahead, another behind, by two days at most.
pub fn clocks(world: &mut World) {
    let up = up(world);
    let (Some(a), Some(b)) = (world.rng.pick(&up).copied(), world.rng.pick(&up).copied()) else { return };
    // Most often of those who know each other by parcels alone.
    let of = |world: &World, org: OrgId| up.iter().copied().find(|h| world.hosts[*h].org == org);
    let pair = world.apart.and_then(|[one, other]| Some((of(world, one)?, of(world, other)?)));
    let (a, b) = pair.filter(|_| world.rng.chance(80)).unwrap_or((a, b));
    let (a, b) = if world.rng.chance(50) { (a, b) } else { (b, a) };
    world.count("clocks that went days apart");
    for (host, days) in [(a, OFF), (b, -OFF)] {
        faults::set_clock(world, host, days * i64::try_from(DAY).unwrap());
    }
}

/// The network splits, and on both sides stewards take somebody out and let somebody in, before it is one again.
pub fn across(world: &mut World) {
    if !world.rng.chance(30) {
        return;
    }
    faults::split(world);
    world.count("splits in which stewards went on");
    for group in 0..2 {
        let stewards: Vec<usize> =
            charters::stewards(world).into_iter().filter(|h| world.hosts[*h].group == group).collect();
        let Some(steward) = world.rng.pick(&stewards).copied() else { continue };
        let coalition = world.coalition;
        for _ in 0..=world.rng.below(2) {
            let victim = faults::any(world);
            let (org, own) = (world.hosts[victim].org, world.hosts[steward].org);
            // Who never was in is not let in again.
            if org == own || world.hosts[victim].newcomer || world.hosts[victim].stranger {
                continue;
            }
            if world.act(steward, |step| step.propose_removal(coalition, org)).is_some() {
                world.tell(format!("on side {group} host {steward} takes out {}", org.short()));
            }
            if world.rng.chance(50) && founding::admit(world, coalition, steward, victim) {
                world.count("let in again across a split");
                world.tell(format!("on side {group} host {steward} lets host {victim} in again"));
            }
        }
        for _ in 0..world.rng.below(20) {
            world.deliver();
        }
    }
    if world.rng.chance(70) {
        faults::join(world);
    }
}
