//! A member that makes up a removal and tells it to whom it names, and nobody else; or a custodian whose disk lost that it wrote one. Who hears it stops at once; it goes on once whoever
//! governs the space speaks there again, a week later.

use super::heal;
use super::transitions;
use super::world::World;
use belay_protocol::codec;
use belay_protocol::ids::{EntryHash, OrgId, SpaceId};
use belay_protocol::limits;
use belay_protocol::random;
use belay_protocol::space::SpaceKind;
use belay_protocol::space::control::{Control, Revoke};
use belay_protocol::space::entry::{Entry, Header, VERSION};
use belay_protocol::store::{Table, View};
use belay_protocol::time::{DAY, Time};

/// One history in so many has a liar. Whether one has, its seed says alone: the others are played as they always were.
const OF: u64 = 32;

/// How often somebody lies in the history of a seed, among all that may happen.
pub const fn weight(seed: u64) -> usize {
    if seed % OF == 12 { 4 } else { 0 }
}

/// Somebody in a thread tells another that it was taken out, by an entry that follows nothing.
pub fn lie(world: &mut World) {
    let all: Vec<_> = (0..world.hosts.len()).flat_map(|host| may_be_told(world, host)).collect();
    let Some((victim, space, author)) = world.rng.pick(&all).copied() else { return };
    let liars: Vec<usize> =
        (0..world.hosts.len()).filter(|h| world.hosts[*h].org == author && world.hosts[*h].engine.is_some()).collect();
    let Some(liar) = world.rng.pick(&liars).copied() else { return };
    let (org, parent, time) = (world.hosts[victim].org, EntryHash(random::array(&mut world.rng)), world.now);
    let control = Control::Revoke(Revoke { org, grant: None, approvals: Vec::new(), word: false });
    let notice = world.hosts[liar].ask(|engine, _| {
        let header = Header {
            version: VERSION,
            space,
            author: engine.node(),
            parents: vec![parent],
            control: Vec::new(),
            kind: control.kind(),
            epoch: None,
            time,
            length: 0,
        };
        Entry::sign(engine.identity().key(), header, &control.encode())
    });
    let Some(notice) = notice else { return };
    if world.act(victim, |step| step.take_removal(notice.bytes().to_vec())).is_some() {
        world.count("removals made up");
        world.tell(format!("host {liar} tells host {victim} alone that it is out of {}", space.short()));
    }
}

/// The threads of whose custodian a machine is not, with the other members: what any of them said would be believed.
fn may_be_told(world: &mut World, host: usize) -> Vec<(usize, SpaceId, OrgId)> {
    let org = world.hosts[host].org;
    if !heal::counts(world, host) {
        return Vec::new();
    }
    let threads = world.hosts[host].ask(|engine, view| {
        let mut threads = Vec::new();
        for record in engine.space_records(view).unwrap() {
            let fold = engine.fold(view, record.space).unwrap();
            if matches!(record.kind, SpaceKind::Thread { .. })
                && fold.members.contains_key(&org)
                && record.custodian != org
            {
                let others = fold.members.keys().filter(|other| **other != org);
                threads.extend(others.map(|other| (host, record.space, *other)));
            }
        }
        threads
    });
    threads.unwrap_or_default()
}

/// A week later whoever governs a thread writes in it, and who was told a lie there is in again.
pub fn come_to_nothing(world: &mut World) {
    for _ in 0..world.lies {
        lie(world);
    }
    let told = all_told(world);
    if told.is_empty() {
        return;
    }
    // What one machine was told its organisation's others hear, each of whom believes it for a week.
    heal::rest(world, None);
    world.tell("a week passes over what was made up");
    // Clocks may have been ahead by two days when it was heard.
    world.now = world.now.plus(limits::NOTICE_STANDS + 3 * DAY);
    heal::rest(world, None);
    let mut spoken = Vec::new();
    for (victim, space) in told {
        let org = world.hosts[victim].org;
        let governs = |host: &usize| heal::counts(world, *host);
        for host in (0..world.hosts.len()).filter(governs).collect::<Vec<_>>() {
            let shows = shows(world, host, space, org);
            if shows && world.net.joined(host, victim) && transitions::write_in(world, host, space).is_some() {
                spoken.push((victim, space));
            }
        }
    }
    heal::rest(world, None);
    for (victim, space) in spoken {
        world.count("made up removals contradicted");
        if all_told(world).contains(&(victim, space)) {
            world.breaks(format!("5: host {victim} believes for ever that it is out of {}", space.short()));
        }
    }
}

/// Whether a machine is its custodian's and takes the organisation for a member whose time has not passed.
fn shows(world: &mut World, host: usize, space: SpaceId, org: OrgId) -> bool {
    let (own, held, now) = (world.hosts[host].org, world.held(host), world.now);
    let fold = world.hosts[host].ask(|engine, view| {
        let here = engine.spaces().record(view, space).unwrap().is_some();
        here.then(|| engine.fold(view, space).unwrap())
    });
    let Some(fold) = fold.flatten() else { return false };
    fold.custodian == Some(own) && fold.members.contains_key(&org) && !world.reference.expired(space, org, &held, now)
}

/// Who believes, in which thread where it has a place by what it holds, a removal that nobody wrote.
fn all_told(world: &mut World) -> Vec<(usize, SpaceId)> {
    let mut told = Vec::new();
    for host in (0..world.hosts.len()).filter(|h| heal::counts(world, *h)).collect::<Vec<_>>() {
        let org = world.hosts[host].org;
        let rows = world.hosts[host].ask(|engine, view| {
            let mut rows = Vec::new();
            for record in engine.space_records(view).unwrap() {
                let thread = matches!(record.kind, SpaceKind::Thread { .. });
                let is_in = engine.fold(view, record.space).unwrap().members.contains_key(&org);
                let row = view.get(Table::Removed, record.space.as_bytes()).unwrap().filter(|_| thread && is_in);
                rows.extend(row.map(|row| (record.space, row)));
            }
            rows
        });
        for (space, row) in rows.into_iter().flatten() {
            let notices: Vec<(Time, Vec<u8>)> = codec::decode("removals", &row).unwrap();
            let made_up = |bytes: Vec<u8>| !world.reference.is_known(&Entry::parse(bytes).unwrap().hash());
            if notices.into_iter().any(|(_, bytes)| made_up(bytes)) {
                told.push((host, space));
            }
        }
    }
    told
}
