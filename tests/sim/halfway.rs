//! What stops halfway between two: parcels that come to a wrong clock, whose carrier's answer is lost before they are taken back, or that
//! are made after a line fell behind an announcement; and disks that are put back to what was before partners kept more.

use super::faults;
use super::heal;
use super::post;
use super::transitions::{self, Group};
use super::world::World;
use belay_protocol::engine::Input;
use belay_protocol::ids::{EntryHash, OrgId, ParcelId, SpaceId};
use belay_protocol::limits;
use belay_protocol::sync::parcel::rows;
use belay_protocol::sync::wire::Frame;
use belay_protocol::time::{DAY, HOUR, MINUTE, Time};
use std::collections::BTreeSet;

/// One history in so many has these. Whether one has, its seed says alone: the others are played as they always were.
const OF: u64 = 8;
/// Days by which a clock runs behind at most.
const BEHIND: u64 = 6;
/// Private records of a day that is lost.
const RECORDS: usize = 3;
/// What two have to say to each other takes fewer frames than this.
const FRAMES: usize = 5_000;
const OFFERED: u64 = 1024 * 1024;

/// Whether these happen in the history of a seed.
pub const fn happens(seed: u64) -> bool {
    seed % OF == 3
}

pub const GROUP: Group = &[
    ("a parcel comes to a wrong clock", 4, wrong_clock),
    ("a carrier's answer is lost", 4, answer_lost),
    ("a line falls behind an announcement", 4, announced),
    ("a disk is put back behind its partners", 3, put_back),
];

/// Whether a machine runs, and something is expected of it.
pub fn is_fit(world: &World, host: usize) -> bool {
    let h = &world.hosts[host];
    h.engine.is_some() && heal::counts(world, host) && !h.newcomer && !h.full
}

fn fit(world: &World) -> Vec<usize> {
    (0..world.hosts.len()).filter(|host| is_fit(world, *host)).collect()
}

fn links_of(world: &World, host: usize) -> Vec<u64> {
    world.net.links.iter().filter(|(_, link)| link.ends.contains(&host)).map(|(link, _)| *link).collect()
}

/// Every link of a machine ends, and what was on its way arrives or does not.
pub fn alone(world: &mut World, host: usize) {
    for link in links_of(world, host) {
        world.cut(link);
        talk(world, link);
    }
}

/// A new link between two that can reach each other.
pub fn meet(world: &mut World, a: usize, b: usize) -> Option<u64> {
    let between =
        |world: &World| links_of(world, a).into_iter().filter(|l| world.net.links[l].ends.contains(&b)).collect();
    let old: Vec<u64> = between(world);
    for link in old {
        world.cut(link);
        talk(world, link);
    }
    world.connect(a, b);
    let new: Vec<u64> = between(world);
    new.last().copied()
}

/// All that is to be said on a link is said.
pub fn talk(world: &mut World, link: u64) {
    for _ in 0..FRAMES {
        if world.broken.is_some() || !world.deliver_on(link) {
            return;
        }
    }
}

/// Two meet, say all, and part.
pub fn see(world: &mut World, a: usize, b: usize) {
    if let Some(link) = meet(world, a, b) {
        talk(world, link);
        world.cut(link);
        talk(world, link);
    }
}

/// A parcel that lies with a carrier comes to a machine whose clock runs days behind, and then says all that it can.
fn wrong_clock(world: &mut World) {
    faults::join(world);
    let mut cases: Vec<(usize, usize, u64)> = Vec::new();
    for carrier in fit(world) {
        for (parcel, row) in rows::carried(&world.hosts[carrier].disk.live, None).unwrap() {
            let seems = row.expires.0 - limits::PARCEL_LIFE - limits::PARCEL_CLOCKS;
            let behind = (world.now.0 + HOUR).saturating_sub(seems);
            let comes = |to: &usize| {
                let h = &world.hosts[*to];
                let new = rows::taken(&h.disk.live, &parcel).unwrap().is_none();
                h.org == row.to && new && !world.never_meet(carrier, *to)
            };
            if row.receipt.is_none() && row.expires > world.now && behind <= BEHIND * DAY {
                cases.extend(fit(world).into_iter().filter(comes).map(|to| (carrier, to, behind)));
            }
        }
    }
    let Some((carrier, to, behind)) = world.rng.pick(&cases).copied() else { return };
    world.tell(format!("host {to}, whose clock runs {} days behind, meets carrier {carrier}", behind / DAY));
    world.count("parcels that came to a wrong clock");
    let before = world.hosts[to].skew;
    faults::set_clock(world, to, -behind.cast_signed());
    see(world, carrier, to);
    faults::set_clock(world, to, before);
}

/// Three organisations of which two never hear from each other here.
struct Three {
    from: usize,
    reader: usize,
    to: OrgId,
    /// It carries, and has no part in what the others share.
    carrier: usize,
    /// It reads and writes with them, where there is one.
    other: Option<usize>,
    space: SpaceId,
}

/// A machine founds a thread for another organisation, and for a third as well if `others`; a further one offers to carry.
fn three(world: &mut World, others: bool) -> Option<Three> {
    let mut machines = fit(world);
    let mut picked: Vec<usize> = Vec::new();
    while picked.len() < 3 + usize::from(others) {
        let near = |world: &World, h: usize| picked.first().is_none_or(|from| !world.never_meet(*from, h));
        machines.retain(|h| !picked.iter().any(|one| world.hosts[*one].org == world.hosts[*h].org) && near(world, *h));
        picked.push(world.rng.pick(&machines).copied()?);
    }
    let [from, reader, carrier] = picked[..3] else { return None };
    let (other, to) = (picked.get(3).copied(), world.hosts[reader].org);
    let readers: Vec<OrgId> = [Some(reader), other].into_iter().flatten().map(|h| world.hosts[h].org).collect();
    let space = transitions::found_for(world, from, &readers, true)?;
    for host in [Some(reader), other].into_iter().flatten() {
        see(world, from, host);
    }
    post::offer_bytes(world, carrier, Some(OFFERED));
    see(world, carrier, from);
    is_fit(world, from).then_some(Three { from, reader, to, carrier, other, space })
}

fn part_from(world: &mut World, host: usize, org: OrgId) {
    for link in links_of(world, host) {
        if world.net.links[&link].ends.iter().any(|end| world.hosts[*end].org == org) {
            world.cut(link);
            talk(world, link);
        }
    }
}

/// Somebody writes to who is not linked, and leaves it with a carrier as soon as it is due.
fn write_for(world: &mut World, (from, space): (usize, SpaceId), carrier: usize) -> Option<EntryHash> {
    let written = transitions::write_in(world, from, space)?;
    world.now = world.now.plus(limits::PARCEL_AFTER + limits::PARCEL_JITTER + MINUTE);
    world.input(from, Input::Tick);
    is_fit(world, carrier).then_some(written)
}

fn lie_with(world: &World, carrier: usize, from: OrgId) -> BTreeSet<ParcelId> {
    let all = rows::carried(&world.hosts[carrier].disk.live, None).unwrap();
    all.into_iter().filter(|(_, row)| row.from == from).map(|(parcel, _)| parcel).collect()
}

/// A carrier keeps a parcel, the power goes where it comes from before that is heard there, and then its recipient is taken out.
fn answer_lost(world: &mut World) {
    faults::join(world);
    let Some(Three { from, to, carrier, space, .. }) = three(world, false) else { return };
    let own = world.hosts[from].org;
    part_from(world, from, to);
    part_from(world, carrier, to);
    if !is_fit(world, from) || write_for(world, (from, space), carrier).is_none() {
        return;
    }
    let before = lie_with(world, carrier, own);
    let Some(link) = meet(world, from, carrier) else { return };
    while lie_with(world, carrier, own).is_subset(&before) {
        if !is_fit(world, carrier) || !world.deliver_on(link) {
            return;
        }
    }
    world.tell(format!("the power goes at host {from} before it hears that host {carrier} keeps its parcel"));
    if world.hosts[from].engine.is_some() {
        world.crash(from);
    }
    world.start(from);
    talk(world, link);
    if world.act(from, |step| step.revoke(space, to)).is_none() {
        return;
    }
    world.count("parcels taken back before their carrier had answered");
    world.tell(format!("host {from} revokes {} in thread {}", to.short(), space.short()));
    world.input(from, Input::Tick);
    if let Some(link) = meet(world, from, carrier) {
        talk(world, link);
        world.check_let_go_at(carrier, from);
    }
}

/// What somebody else wrote is announced, and the line falls before it is asked for; then there is more for a parcel.
fn announced(world: &mut World) {
    faults::join(world);
    let Some(Three { from, reader, carrier, other: Some(other), space, .. }) = three(world, true) else { return };
    alone(world, reader);
    let Some(news) = transitions::write_in(world, other, space) else { return };
    see(world, other, from);
    if !is_fit(world, from) || !world.has(from, &news) || transitions::write_in(world, from, space).is_none() {
        return;
    }
    let Some(link) = meet(world, from, reader) else { return };
    loop {
        world.net.lose(link, reader, |bytes| matches!(Frame::decode(bytes), Ok(Frame::Want(_))));
        if world.broken.is_some() || !world.deliver_on(link) {
            break;
        }
    }
    world.cut(link);
    talk(world, link);
    world.count("lines that fell behind an announcement");
    world.tell(format!("the line falls before host {reader} asks host {from} for {}", news.short()));
    if is_fit(world, from) && write_for(world, (from, space), carrier).is_some() {
        see(world, from, carrier);
        see(world, carrier, reader);
    }
}

/// Records of two days are written and left with partners, and then the disk is put back to the day between.
fn put_back(world: &mut World) {
    faults::join(world);
    let Some(host) = world.rng.pick(&fit(world)).copied() else { return };
    write_and_leave(world, host);
    let image = (world.hosts[host].disk.clone(), world.hosts[host].promised.clone());
    write_and_leave(world, host);
    world.count("disks put back behind their partners");
    faults::put_back(world, host, image);
}

fn write_and_leave(world: &mut World, host: usize) {
    for _ in 0..RECORDS {
        transitions::write_private_at(world, host);
    }
    world.now = world.now.plus(2 * limits::BACKUP_EVERY + MINUTE);
    world.input(host, Input::Tick);
    for partner in fit(world) {
        if world.hosts[partner].org != world.hosts[host].org && is_fit(world, host) {
            see(world, host, partner);
        }
    }
}

/// Whether a clock alone says that the time of a parcel is over, or not yet begun.
pub fn only_clock(expires: Time, now: Time) -> bool {
    expires <= now || expires > now.plus(limits::PARCEL_LIFE + limits::PARCEL_CLOCKS)
}
