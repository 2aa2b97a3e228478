//! Who has not heard from the others: a relay that knows an invite's maker and another machine of its organisation; a member that may let
//! nobody in and publishes a pass; two who come with one code at two machines; who was away while the stewards changed; and who was taken
//! out again before it had read the roster.

use super::super::charters;
use super::super::faults;
use super::super::halfway::{alone, is_fit, meet, see, talk};
use super::super::transitions::Group;
use super::super::world::World;
use super::{begin, cancel_one, converse, follow, invite_at, is_unknown, judge, leads, thief};
use belay_protocol::coalition::invite::Invite;
use belay_protocol::coalition::invite::pass::{PASSES, PassName, Published};
use belay_protocol::codec;
use belay_protocol::ids::{InviteId, OrgId, ProposalId};
use belay_protocol::random;
use belay_protocol::time::DAY;
use std::collections::BTreeSet;

/// One history in so many has these. Whether one has, its seed says alone: the others are played as they always were.
const OF: u64 = 8;

/// Whether these happen in the history of a seed.
pub const fn happens(seed: u64) -> bool {
    seed % OF == 4
}

pub const GROUP: Group = &[
    ("an invite is cancelled where it was not made", 4, cancelled_elsewhere),
    ("a pass of who may let nobody in", 2, of_no_steward),
    ("two come with one code", 4, two_with_one_code),
    ("removed by stewards that it never heard of", 3, removed_unheard),
    ("taken out before it had read the roster", 3, out_before_it_read),
];

fn fit(world: &World) -> Vec<usize> {
    (0..world.hosts.len()).filter(|host| is_fit(world, *host)).collect()
}

/// Two machines of one organisation that may let somebody in; where there is one alone, it gets another.
fn pair(world: &mut World) -> Option<(usize, usize)> {
    let stewards: Vec<usize> = charters::stewards(world).into_iter().filter(|h| is_fit(world, *h)).collect();
    let mut pairs = Vec::new();
    for one in &stewards {
        let (org, node) = (world.hosts[*one].org, world.hosts[*one].node);
        let others = stewards.iter().filter(|other| world.hosts[**other].org == org);
        pairs.extend(others.filter(|other| world.hosts[**other].node != node).map(|other| (*one, *other)));
    }
    if pairs.is_empty()
        && let Some(one) = world.rng.pick(&stewards).copied()
        && world.hosts.len() < world.repertoire.machines()
    {
        faults::further(world, one);
        see(world, one, world.hosts.len() - 1);
    }
    world.rng.pick(&pairs).copied()
}

fn load(world: &mut World, host: usize, id: InviteId) -> Option<Invite> {
    world.hosts[host].ask(|_, view| Invite::load(view, id).unwrap()).flatten()
}

/// An invite that was just made at one of two machines, and that the other knows.
fn shared(world: &mut World, (one, other): (usize, usize)) -> Option<usize> {
    see(world, one, other);
    if !is_fit(world, one) {
        return None;
    }
    let made = invite_at(world, one)?;
    see(world, one, other);
    let known =
        is_fit(world, one) && is_fit(world, other) && load(world, other, world.doors.invites[made].id).is_some();
    known.then_some(made)
}

/// The machine that made an invite is alone when the other cancels it; a relay has heard from both.
fn cancelled_elsewhere(world: &mut World) {
    faults::join(world);
    let Some((one, other)) = pair(world) else { return };
    let Some(made) = shared(world, (one, other)) else { return };
    let (id, name, relay) =
        (world.doors.invites[made].id, world.doors.invites[made].pass, world.doors.invites[made].relay);
    let Some(through) = world.hosts.iter().position(|h| Some(h.node) == relay).filter(|at| is_fit(world, *at)) else {
        return;
    };
    see(world, one, through);
    alone(world, one);
    let Some(invite) = load(world, other, id).filter(|_| is_fit(world, other)) else { return };
    cancel_one(world, other, &invite);
    follow(world, other);
    see(world, other, through);
    world.count("passes shown that another machine had ended");
    leads(world, through, name);
}

/// A member publishes a pass of its own making.
fn of_no_steward(world: &mut World) {
    faults::join(world);
    let stewards = charters::stewards(world);
    let members: Vec<usize> = fit(world).into_iter().filter(|h| !stewards.contains(h)).collect();
    let Some(host) = world.rng.pick(&members).copied() else { return };
    let others: Vec<usize> = fit(world)
        .into_iter()
        .filter(|h| world.hosts[*h].org != world.hosts[host].org && !world.never_meet(*h, host))
        .collect();
    let Some(through) = world.rng.pick(&others).copied() else { return };
    let (coalition, name) = (world.coalition, PassName(random::array(&mut world.rng)));
    let published = Published { open: vec![(name, world.now.plus(DAY))], ended: Vec::new() };
    if world.act(host, |step| step.register(coalition, PASSES, &codec::encode(&published))).is_none() {
        return;
    }
    see(world, host, through);
    world.count("passes shown of who may let nobody in");
    leads(world, through, name);
}

/// A newcomer and whoever saw its code come to two machines that do not hear from each other, and one of them is approved then.
fn two_with_one_code(world: &mut World) {
    faults::join(world);
    let Some((one, other)) = pair(world) else { return };
    let Some(made) = shared(world, (one, other)) else { return };
    let (newcomer, id) = (world.doors.invites[made].newcomer, world.doors.invites[made].id);
    let Some(thief) = thief(world) else { return };
    if world.hosts[newcomer].engine.is_none() || !begin(world, newcomer, made) {
        return;
    }
    if world.hosts[thief].engine.is_none() || !begin(world, thief, made) {
        return;
    }
    converse(world, newcomer, made, one);
    converse(world, thief, made, other);
    if !is_fit(world, one) || !is_fit(world, other) {
        return;
    }
    see(world, one, other);
    let Some(invite) = load(world, one, id).filter(|_| is_fit(world, one)) else { return };
    if invite.waiting().len() < 2 {
        return;
    }
    world.count("two that waited with one code");
    judge(world, one, &invite);
    converse(world, thief, made, one);
    converse(world, newcomer, made, one);
}

/// A newcomer is approved, and taken out before it has heard so; then it asks with the invite that had let it in.
fn out_before_it_read(world: &mut World) {
    faults::join(world);
    let stewards: Vec<usize> = charters::stewards(world).into_iter().filter(|h| is_fit(world, *h)).collect();
    let Some(by) = world.rng.pick(&stewards).copied() else { return };
    let Some(made) = invite_at(world, by) else { return };
    let (newcomer, id, coalition) = (world.doors.invites[made].newcomer, world.doors.invites[made].id, world.coalition);
    if world.hosts[newcomer].engine.is_none() || !begin(world, newcomer, made) {
        return;
    }
    converse(world, newcomer, made, by);
    let Some(invite) = load(world, by, id).filter(|invite| is_fit(world, by) && !invite.waiting().is_empty()) else {
        return;
    };
    judge(world, by, &invite);
    let (org, node) = (world.hosts[newcomer].org, world.hosts[newcomer].node);
    if !is_fit(world, by) || is_unknown(world, node) {
        return;
    }
    let Some(removal) = world.act(by, |step| step.propose_removal(coalition, org)) else { return };
    gather(world, by, newcomer);
    approve_all(world, removal.id, newcomer);
    gather(world, by, newcomer);
    if is_fit(world, by) && world.hosts[newcomer].engine.is_some() {
        world.count("newcomers taken out before they had read the roster");
        converse(world, newcomer, made, by);
    }
}

/// Says yes at every machine of a steward that has heard of it.
fn approve_all(world: &mut World, id: ProposalId, but: usize) {
    let coalition = world.coalition;
    for host in charters::stewards(world) {
        if host != but && is_fit(world, host) {
            world.act(host, |step| step.approve_proposal(coalition, id, false));
        }
    }
}

/// All but one meet, by way of one machine.
fn gather(world: &mut World, hub: usize, but: usize) {
    for _ in 0..2 {
        for host in fit(world) {
            if host != hub && host != but && is_fit(world, hub) {
                see(world, hub, host);
            }
        }
    }
}

/// One is away while others become stewards and take it out; then it comes to a door.
fn removed_unheard(world: &mut World) {
    faults::join(world);
    let stewards: Vec<usize> = charters::stewards(world).into_iter().filter(|h| is_fit(world, *h)).collect();
    let Some(by) = world.rng.pick(&stewards).copied() else { return };
    let coalition = world.coalition;
    let Some(fold) = world.hosts[by].ask(|engine, view| engine.fold(view, coalition).unwrap()) else { return };
    let (orgs, own) = (|world: &World, h: usize| world.hosts[h].org, world.hosts[by].org);
    let others: Vec<usize> = fit(world)
        .into_iter()
        .filter(|h| orgs(world, *h) != own && fold.members.contains_key(&orgs(world, *h)))
        .collect();
    let Some(away) = world.rng.pick(&others).copied() else { return };
    let out = world.hosts[away].org;
    for host in fit(world).into_iter().filter(|h| orgs(world, *h) == out).collect::<Vec<_>>() {
        alone(world, host);
    }
    let next: BTreeSet<OrgId> = others.iter().map(|h| orgs(world, *h)).filter(|org| *org != out).take(2).collect();
    if next.is_empty() || !is_fit(world, by) {
        return;
    }
    let threshold = u32::try_from(next.len()).unwrap();
    let charter = world.act(by, |step| step.propose_charter(coalition, next.clone(), threshold, false));
    let Some(charter) = charter else { return };
    gather(world, by, away);
    approve_all(world, charter.id, away);
    gather(world, by, away);
    let new: Vec<usize> = charters::stewards(world)
        .into_iter()
        .filter(|h| is_fit(world, *h) && next.contains(&orgs(world, *h)) && !world.never_meet(*h, away))
        .collect();
    let Some(first) = world.rng.pick(&new).copied() else { return };
    let Some(removal) = world.act(first, |step| step.propose_removal(coalition, out)) else { return };
    gather(world, first, away);
    approve_all(world, removal.id, away);
    gather(world, first, away);
    if !is_fit(world, first) || !is_fit(world, away) {
        return;
    }
    world.count("removed by stewards of whom it had not heard");
    world.tell(format!("host {away} comes to the door of host {first}, whose charter it may not have heard of"));
    let turned_away = world.shuts_out(first, away);
    if let Some(link) = meet(world, away, first) {
        talk(world, link);
    }
    if turned_away && world.shuts_out(first, away) {
        world.breaks(format!("5: host {first} turns host {away} away as removed, and it does not learn so"));
    }
}
