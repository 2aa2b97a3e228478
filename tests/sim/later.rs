//! A later state of a disk: what partners keep that this disk does not hold. It is said, and is over once that was opened with the phrase,
//! or given up.

use super::heal;
use super::world::World;
use belay_protocol::engine::Opening;
use belay_protocol::ids::{EntryHash, NodeId, OrgId};
use belay_protocol::keys::{PrekeySecret, backup};
use belay_protocol::limits;
use belay_protocol::space::entry::Entry;
use belay_protocol::sync::kept;
use belay_protocol::time::HOUR;
use std::collections::BTreeSet;

/// Steps of one opening.
const STEPS: usize = 64;
/// Days on which the phrase is typed at the end.
const DAYS: usize = 3;

fn behind(world: &mut World) -> Option<usize> {
    let all: Vec<usize> = (0..world.hosts.len())
        .filter(|h| {
            let h = &mut world.hosts[*h];
            let later = h.ask(|engine, view| engine.later_state(view).unwrap().is_some());
            later == Some(true) && h.honest() && !h.recovering && !h.retired
        })
        .collect();
    world.rng.pick(&all).copied()
}

/// Somebody types the phrase, and what came is opened.
pub fn open(world: &mut World) {
    if let Some(host) = behind(world) {
        open_at(world, host);
    }
}

fn open_at(world: &mut World, host: usize) {
    let secret = PrekeySecret::from_seed(world.hosts[host].recovery);
    let mut opening = Opening::default();
    for _ in 0..STEPS {
        let state = opening.clone();
        let Some(next) = world.act(host, |step| step.open_kept(&secret, state)) else { return };
        opening = next;
        if opening.is_over() {
            world.count("later states opened");
            world.tell(format!("host {host} opens what partners kept of a later state"));
            return;
        }
    }
}

/// Somebody is sure that nothing is missed, and does without.
pub fn give_up(world: &mut World) {
    let Some(host) = behind(world) else { return };
    let asked = world.hosts[host].ask(|engine, view| engine.looked_for(view).unwrap()).unwrap_or_default();
    let asked: Vec<OrgId> = asked.into_keys().collect();
    let Some(org) = world.rng.pick(&asked).copied().filter(|_| world.rng.chance(30)) else { return };
    if world.act(host, |step| step.look_no_more_for(org)).is_some() {
        world.hosts[host].did_without = true;
        world.count("later states given up");
        world.tell(format!("host {host} does without what {} keeps", org.short()));
    }
}

/// The entries that a machine keeps of a node, opened with its organisation's recovery key.
fn kept_of(world: &World, keeper: usize, (org, node): (OrgId, NodeId), secret: &PrekeySecret) -> BTreeSet<EntryHash> {
    let view = &world.hosts[keeper].disk.live;
    let (mut after, mut entries) = (Some((node, 0)), BTreeSet::new());
    while let Some((place, package)) = kept::next(view, org, after).unwrap().filter(|(place, _)| place.0 == node) {
        for bytes in backup::open(secret, org, &package).unwrap_or_default() {
            entries.extend(Entry::parse(bytes).map(|entry| entry.hash()));
        }
        after = Some(place);
    }
    entries
}

/// Invariant 5, after each step: whose disk was never put back, and of whose folder there is no copy, is held up by nobody's claim that it was.
pub fn check_free(world: &mut World, host: usize) {
    let h = &world.hosts[host];
    let alone = world.hosts.iter().filter(|other| other.node == h.node).count() == 1;
    if alone && !h.rolled && says_so(world, host) {
        world.breaks(format!("5: host {host} believes that there is a later state of its disk, which is its last"));
    }
}

/// Invariants 3 and 8, at the end: who is linked with a partner that keeps own records which are not here knows that they are missing, after
/// a day at most; and once they were opened none is.
pub fn check(world: &mut World) {
    if unsaid(world).is_some() {
        another_day(world);
    }
    if let Some((host, keeps)) = unsaid(world) {
        world.breaks(format!(
            "3: host {host} lacks records of its own that {} keeps, and does not say so",
            keeps.short()
        ));
    }
    for host in (0..world.hosts.len()).filter(|h| heal::counts(world, *h)).collect::<Vec<_>>() {
        open_all(world, host);
    }
}

/// Who stays linked asks once a day.
fn another_day(world: &mut World) {
    world.now = world.now.plus(limits::BACKUP_LOOK + HOUR);
    heal::rest(world, None);
}

fn says_so(world: &mut World, host: usize) -> bool {
    world.hosts[host].ask(|engine, view| engine.later_state(view).unwrap().is_some()) == Some(true)
}

/// A machine that lacks what a partner keeps, and does not say so.
fn unsaid(world: &mut World) -> Option<(usize, OrgId)> {
    for host in (0..world.hosts.len()).filter(|h| heal::counts(world, *h)).collect::<Vec<_>>() {
        let lacking = lacking(world, host);
        if lacking.is_none() {
            continue;
        }
        if !says_so(world, host) {
            return lacking;
        }
        world.count("later states that were said");
    }
    None
}

/// A partner that keeps what a machine lacks.
fn lacking(world: &mut World, host: usize) -> Option<(usize, OrgId)> {
    let h = &world.hosts[host];
    if h.did_without || h.newcomer {
        return None;
    }
    let (of, secret) = ((h.org, h.node), PrekeySecret::from_seed(h.recovery));
    // A keeper reaches one of two copies at a time; where it has both at once here, neither knows what is whose. Nor does who has two copies
    // of a keeper.
    let copies = |of: usize| -> Vec<usize> {
        (0..world.hosts.len()).filter(|h| *h != of && world.hosts[*h].node == world.hosts[of].node).collect()
    };
    let keepers: Vec<usize> = (0..world.hosts.len())
        .filter(|k| heal::counts(world, *k) && world.hosts[*k].org != of.0 && world.net.joined(host, *k))
        .filter(|k| !copies(host).into_iter().any(|copy| world.net.joined(copy, *k)))
        .filter(|k| !copies(*k).into_iter().any(|copy| world.net.joined(host, copy)))
        .collect();
    keepers.into_iter().find_map(|keeper| {
        let kept = kept_of(world, keeper, of, &secret);
        kept.iter().any(|hash| !world.has(host, hash)).then(|| (host, world.hosts[keeper].org))
    })
}

/// Whoever said so types the phrase, as often as there is more, and has all that is kept.
fn open_all(world: &mut World, host: usize) {
    if !says_so(world, host) {
        return;
    }
    for _ in 0..DAYS {
        open_at(world, host);
        another_day(world);
        if !says_so(world, host) {
            break;
        }
    }
    if !says_so(world, host)
        && let Some((_, keeps)) = lacking(world, host)
    {
        world.breaks(format!("8: host {host} opened its later state, and lacks what {} keeps", keeps.short()));
    }
}
