//! Who comes in: invites that all machines of an organisation know, newcomers who come with the code, to a machine that they reach or by
//! the invite's pass through a member's node, and somebody else who saw the code. The use cases are the program's own.

pub mod apart;
mod check;

use super::charters;
use super::heal;
use super::world::{Repertoire, World};
use belay_node::api::{Failure, Secret};
use belay_node::usecases::coalition::{self, Heard, Pages, Ways};
use belay_node::usecases::identity;
use belay_protocol::coalition::handshake::{Answer, Join};
use belay_protocol::coalition::invite::pass::{Leads, PassName, Shown};
use belay_protocol::coalition::invite::{Code, Invite, Pass, Relay, Stage, Tries};
use belay_protocol::disclosure::PrivateBody;
use belay_protocol::engine::Event;
use belay_protocol::fault::{Class, Fault, Result};
use belay_protocol::ids::{InviteId, NodeId, OrgId};
use belay_protocol::random;
use belay_protocol::space::SpaceKind;
use belay_protocol::store::{Draft, Write};
use belay_protocol::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// Newcomers in one history at most.
const NEWCOMERS: usize = 2;
/// The numbers of their organisations, and of whoever saw a code.
const FIRST: u8 = 60;
const THIEF: u8 = 98;
/// Questions of one conversation.
const QUESTIONS: usize = 8;

/// An invite, seen from outside.
struct Made {
    id: InviteId,
    org: OrgId,
    code: String,
    pass: PassName,
    expires: Time,
    relay: Option<NodeId>,
    /// For whom it is.
    newcomer: usize,
    /// To which nodes somebody said yes.
    approved: BTreeSet<NodeId>,
}

#[derive(Default)]
pub struct Doors {
    invites: Vec<Made>,
    /// By machine.
    tries: BTreeMap<usize, Tries>,
    /// What a machine that lets through remembers, since it was started; and whom it let through with what.
    shown: BTreeMap<usize, Shown>,
    through: BTreeMap<(usize, PassName), NodeId>,
}

impl Doors {
    /// A machine starts anew, and forgets who showed it what.
    pub fn restarted(&mut self, host: usize) {
        self.tries.remove(&host);
        self.shown.remove(&host);
        self.through.retain(|(at, _), _| *at != host);
    }
}

fn fault(failure: Failure) -> Fault {
    Fault::misuse(failure.message)
}

/// What a commit makes of the invites among the bodies that came with it.
pub fn projected(world: &mut World, host: usize, writes: &[Write], events: &[Event]) -> Vec<Write> {
    let invites: Vec<_> = events
        .iter()
        .filter_map(|event| {
            let Event::Applied { space, body, .. } = event else { return None };
            let Ok(PrivateBody::Invite(invite)) = PrivateBody::decode(body) else { return None };
            Some((*space, *invite))
        })
        .collect();
    let members = events.iter().any(|event| matches!(event, Event::Members { .. }));
    if (invites.is_empty() && !members) || world.repertoire != Repertoire::All {
        return Vec::new();
    }
    world.hosts[host]
        .ask(|engine, view| {
            let mut laid = Draft::new(view);
            for Write { table, key, value } in writes {
                match value {
                    Some(value) => laid.put(*table, key.clone(), value.clone()),
                    None => laid.delete(*table, key.clone()),
                }
            }
            let mut draft = Draft::new(&laid);
            for (space, invite) in invites {
                let record = engine.spaces().record(&draft, space).unwrap();
                if record.is_some_and(|record| record.kind == SpaceKind::Private) {
                    coalition::keep_invite(&mut draft, invite).unwrap();
                }
            }
            if members {
                coalition::look_at_invites(&mut draft).unwrap();
            }
            draft.into_writes()
        })
        .unwrap_or_default()
}

/// What a machine does of its own accord once it has heard of an invite.
pub fn follow(world: &mut World, host: usize) {
    let due = world.hosts[host].ask(|_, view| coalition::invites_changed(view).unwrap());
    if due == Some(true) {
        world.act(host, coalition::follow_invites);
    }
}

fn inviting(world: &mut World) -> Option<usize> {
    let stewards: Vec<usize> = charters::stewards(world)
        .into_iter()
        .filter(|h| world.hosts[*h].honest() && !world.hosts[*h].retired && !world.hosts[*h].recovering)
        .collect();
    world.rng.pick(&stewards).copied()
}

/// A steward's machine makes an invite, for a newcomer that waits for one or is new.
pub fn invite(world: &mut World) {
    if let Some(host) = inviting(world) {
        invite_at(world, host);
    }
}

/// The same at this machine; gives which invite it is.
fn invite_at(world: &mut World, host: usize) -> Option<usize> {
    let outside: Vec<usize> =
        (0..world.hosts.len()).filter(|h| world.hosts[*h].newcomer && world.hosts[*h].honest()).collect();
    let newcomer = match world.rng.pick(&outside).copied() {
        Some(newcomer) => newcomer,
        None => born(world)?,
    };
    let others: Vec<usize> = (0..world.hosts.len())
        .filter(|h| {
            let other = &world.hosts[*h];
            other.honest() && !other.newcomer && other.org != world.hosts[host].org
        })
        .collect();
    let relay = world.rng.pick(&others).copied().filter(|_| world.rng.chance(70)).map(|at| world.hosts[at].node);
    let direct = relay.is_none() || world.rng.chance(50);
    let ways = Ways {
        addresses: direct.then(|| "/ip4/203.0.113.8/tcp/4870".to_owned()).into_iter().collect(),
        reachable: direct,
        relays: relay
            .map(|node| Relay { node, addresses: vec!["/ip4/203.0.113.7/tcp/4870".to_owned()] })
            .into_iter()
            .collect(),
    };
    let hours = 1 + world.rng.next() % 72;
    let made = world.act(host, |step| coalition::invite(step, None, hours, false, ways).map_err(fault))?;
    let code = Code::parse(&made.code).unwrap();
    world.count("invites");
    world.tell(format!("host {host} invites host {newcomer}, by relay: {}", relay.is_some()));
    world.doors.invites.push(Made {
        id: code.id(),
        org: code.org,
        pass: Pass::of(&code.secret).name(),
        expires: code.expires,
        code: made.code,
        relay,
        newcomer,
        approved: BTreeSet::new(),
    });
    Some(world.doors.invites.len() - 1)
}

/// A machine of an organisation that nobody knows yet.
fn born(world: &mut World) -> Option<usize> {
    let before = world.hosts.iter().filter(|h| h.came).count();
    if before >= NEWCOMERS || world.hosts.len() >= world.repertoire.machines() {
        return None;
    }
    let at = world.add_host(FIRST + u8::try_from(before).unwrap());
    let h = &mut world.hosts[at];
    (h.newcomer, h.came) = (true, true);
    h.recovery = random::array(&mut h.rng);
    let (founder, org) = (h.founder(h.recovery, world.now), h.org);
    world.reference.orgs.insert(founder.key(), org);
    world.act(at, |step| step.found_private(founder));
    world.tell(format!("host {at} is a newcomer, {}", org.short()));
    Some(at)
}

/// A newcomer comes with the last invite that it was given.
pub fn come(world: &mut World) {
    let waiting: Vec<usize> =
        (0..world.hosts.len()).filter(|h| world.hosts[*h].newcomer && world.hosts[*h].honest()).collect();
    let Some(newcomer) = world.rng.pick(&waiting).copied() else { return };
    if let Some(made) = world.doors.invites.iter().rposition(|made| made.newcomer == newcomer) {
        come_with(world, newcomer, made);
    }
}

/// Somebody else saw a code, and comes with it.
pub fn come_with_what_was_seen(world: &mut World) {
    let open: Vec<usize> = (0..world.doors.invites.len()).collect();
    let Some(made) = world.rng.pick(&open).copied() else { return };
    if let Some(thief) = thief(world) {
        come_with(world, thief, made);
    }
}

/// The machine of whoever saw a code.
fn thief(world: &mut World) -> Option<usize> {
    let thief = world.hosts.iter().position(|h| h.stranger && h.newcomer);
    if thief.is_some() || world.hosts.len() >= world.repertoire.machines() {
        return thief;
    }
    let at = world.add_host(THIEF);
    let h = &mut world.hosts[at];
    (h.stranger, h.newcomer) = (true, true);
    world.count("codes that somebody saw");
    world.tell(format!("host {at} saw the code of an invite"));
    Some(at)
}

/// One conversation, with a machine that is reached, or by the pass.
fn come_with(world: &mut World, newcomer: usize, made: usize) {
    if begin(world, newcomer, made)
        && let Some(machine) = reached(world, newcomer, made)
    {
        converse(world, newcomer, made, machine);
    }
}

/// Whether a newcomer is on its way with an invite.
fn begin(world: &mut World, newcomer: usize, made: usize) -> bool {
    let invite = world.doors.invites[made].id;
    let code = Secret::new(world.doors.invites[made].code.clone());
    let begun = world.hosts[newcomer].ask(|_, view| Join::load(view, invite).unwrap()).flatten();
    begun.is_some() || world.act(newcomer, |step| coalition::begin(step, &code).map_err(fault)).is_some()
}

/// The machine that a newcomer comes to.
fn reached(world: &mut World, newcomer: usize, made: usize) -> Option<usize> {
    let (relay, org) = (world.doors.invites[made].relay, world.doors.invites[made].org);
    let near = |world: &World, at: usize| {
        world.hosts[at].engine.is_some() && world.hosts[at].group == world.hosts[newcomer].group
    };
    let Some(relay) = relay.filter(|_| world.rng.chance(60)) else {
        let all: Vec<usize> =
            (0..world.hosts.len()).filter(|at| world.hosts[*at].org == org && near(world, *at)).collect();
        return world.rng.pick(&all).copied();
    };
    let through = world.hosts.iter().position(|h| h.node == relay).filter(|at| near(world, *at))?;
    let nodes = pass(world, newcomer, made, through)?;
    let linked = |at: &usize| *at == through || world.net.joined(through, *at);
    let known = |node: &NodeId| world.hosts.iter().position(|h| h.node == *node && h.engine.is_some());
    nodes.iter().filter_map(known).find(linked)
}

/// A newcomer shows its pass to a machine; gives where that leads.
fn pass(world: &mut World, newcomer: usize, made: usize, through: usize) -> Option<Vec<NodeId>> {
    let (name, shows, now) =
        (world.doors.invites[made].pass, world.hosts[newcomer].node, world.hosts[through].clock(world.now));
    let (leads, expires) = leads(world, through, name)?;
    world.doors.shown.entry(through).or_default().show(name, shows, expires, now).ok()?;
    world.count("newcomers that a pass let through");
    let first = *world.doors.through.entry((through, name)).or_insert(shows);
    if first != shows && world.hosts[through].honest() {
        world.breaks(format!("6: host {through} lets two through by one pass"));
    }
    Some(leads.nodes)
}

/// Where a machine that lets through says that a pass leads, and until when.
fn leads(world: &mut World, through: usize, name: PassName) -> Option<(Leads, Time)> {
    let found = world.hosts[through].ask(|engine, view| engine.pass_leads(view, name).unwrap()).flatten()?;
    world.check_pass(through, name, found.0.org);
    Some(found)
}

fn converse(world: &mut World, newcomer: usize, made: usize, machine: usize) {
    let (invite, node, peer) = (world.doors.invites[made].id, world.hosts[machine].node, world.hosts[newcomer].node);
    let (mut from, mut pages) = (0, Pages::default());
    for _ in 0..QUESTIONS {
        let join = world.hosts[newcomer].ask(|_, view| Join::load(view, invite).unwrap()).flatten();
        let Some(mut join) = join else { return };
        let request = join.request_to(node, from).encode();
        let mut tries = world.doors.tries.remove(&machine).unwrap_or_default();
        let answer = world.act(machine, |step| coalition::answer(step, &mut tries, peer, &request));
        world.doors.tries.insert(machine, tries);
        let Some((answer, _)) = answer else { return };
        if matches!(answer, Answer::Approved(_)) {
            world.check_let_in(machine, newcomer, made);
        }
        if !world.calm && world.rng.chance(8) {
            world.count("answers to newcomers lost");
            return;
        }
        let (answer, mut refused, mut why) = (answer.encode(), false, String::new());
        let heard = world.act(newcomer, |step| {
            coalition::heard(step, (&mut join, &mut pages), node, &answer).inspect_err(|fault| {
                refused = fault.class == Class::NotPermitted;
                why.clone_from(&fault.message);
            })
        });
        if !why.is_empty() {
            world.tell(format!("host {newcomer} hears at host {machine}: {why}"));
        }
        if refused {
            world.count("newcomers refused");
            world.act(newcomer, |step| {
                join.end(step.draft());
                Ok(())
            });
        }
        match heard {
            Some(Heard::Known) => {}
            Some(Heard::More(next)) => from = next,
            Some(Heard::Joined) => {
                world.hosts[newcomer].newcomer = false;
                world.count("newcomers let in");
                world.tell(format!("host {newcomer} is in, by host {machine}"));
                return;
            }
            Some(Heard::Waiting | Heard::Stopped(_)) | None => return,
        }
    }
}

/// A steward looks at who waits: the words that its own newcomer reads over the telephone are among theirs, or the invite is cancelled.
pub fn approve(world: &mut World) {
    let Some(host) = inviting(world) else { return };
    let all = world.hosts[host].ask(|_, view| Invite::all(view).unwrap()).unwrap_or_default();
    let waiting: Vec<Invite> = all.into_iter().filter(|invite| !invite.waiting().is_empty()).collect();
    if let Some(invite) = world.rng.pick(&waiting).cloned() {
        judge(world, host, &invite);
    }
}

fn judge(world: &mut World, host: usize, invite: &Invite) {
    let Some(made) = world.doors.invites.iter().position(|made| made.id == invite.id()) else { return };
    let newcomer = world.doors.invites[made].newcomer;
    let words = world.hosts[newcomer].ask(|_, view| Join::load(view, invite.id()).unwrap()).flatten();
    let words = words.and_then(|join| join.words());
    if words.is_none() && world.hosts[newcomer].engine.is_none() {
        return;
    }
    let same = invite.waiting().into_iter().find(|claimed| Some(claimed.words()) == words);
    let Some(org) = same.map(|claimed| claimed.org().to_string()) else { return cancel_one(world, host, invite) };
    // What a power cut leaves of it is said all the same.
    world.doors.invites[made].approved.insert(world.hosts[newcomer].node);
    if world.act(host, |step| coalition::approve(step, &org).map_err(fault)).is_some() {
        world.count("newcomers approved");
        world.tell(format!("host {host} approves host {newcomer}"));
    }
}

/// Who was approved is taken out again before it has fetched the roster.
pub fn think_again(world: &mut World) {
    let Some(host) = inviting(world) else { return };
    let approved: Vec<OrgId> =
        world.hosts.iter().filter(|h| h.newcomer && !is_unknown(world, h.node)).map(|h| h.org).collect();
    let (Some(org), coalition) = (world.rng.pick(&approved).copied(), world.coalition) else { return };
    if world.act(host, |step| step.propose_removal(coalition, org)).is_some() {
        world.count("newcomers taken out again");
        world.tell(format!("host {host} takes out {}, which it let in", org.short()));
    }
}

/// Whether nobody ever said yes to this node.
pub fn is_unknown(world: &World, node: NodeId) -> bool {
    !world.doors.invites.iter().any(|made| made.approved.contains(&node))
}

pub fn cancel(world: &mut World) {
    let Some(host) = inviting(world) else { return };
    let all = world.hosts[host].ask(|_, view| Invite::all(view).unwrap()).unwrap_or_default();
    if let Some(invite) = world.rng.pick(&all).cloned() {
        cancel_one(world, host, &invite);
    }
}

fn cancel_one(world: &mut World, host: usize, invite: &Invite) {
    let id = invite.id().to_string();
    if world.act(host, |step| coalition::cancel(step, &id).map_err(fault)).is_some() {
        world.count("invites cancelled");
        world.tell(format!("host {host} cancels an invite"));
    }
}

/// Once everything is mended who waits is looked at, by another machine than took its claim where there is one, and comes again.
pub fn mend(world: &mut World) {
    for made in 0..world.doors.invites.len() {
        let (newcomer, id) = (world.doors.invites[made].newcomer, world.doors.invites[made].id);
        if !world.hosts[newcomer].newcomer {
            continue;
        }
        let machines = machines(world, made);
        let knows =
            |world: &mut World, at: usize| world.hosts[at].ask(|_, view| Invite::load(view, id).unwrap()).flatten();
        let last = machines.iter().rev().copied().find(|at| charters::stewards(world).contains(at));
        let Some((at, invite)) = last.and_then(|at| Some((at, knows(world, at)?))) else { continue };
        judge(world, at, &invite);
        heal::rest(world, None);
        let approved = world.hosts[at].ask(|_, view| Invite::load(view, id).unwrap()).flatten();
        // To the words that it still has: who ended its join, as it was told to when it was refused, and began anew with the same code, drew
        // other random bytes, and is refused by that invite for good (SPEC, Joining).
        let join = world.hosts[newcomer].ask(|_, view| Join::load(view, id).unwrap()).flatten();
        let words = join.and_then(|join| join.transcript().copied());
        let said_yes = |invite: Invite| {
            let mut theirs = invite.claims().into_iter().filter(|claimed| Some(claimed.transcript) == words);
            theirs.any(|claimed| claimed.stage != Stage::Waits)
        };
        // It may have been taken out again since; or the machine that said yes was told that it is out itself, by which nobody is in
        // through its word (SPEC, The fold: a grant stands by who is in).
        let (held, org, coalition) = (world.held(at), world.hosts[newcomer].org, world.coalition);
        let out = world.hosts[at].ask(|engine, view| engine.is_out(view, coalition).unwrap());
        let is_in = world.reference.surely_in(coalition, &held).contains(&org) && out == Some(false);
        let stands = is_in && approved.is_some_and(said_yes) && charters::stewards(world).contains(&at);
        for machine in machines {
            if stands && world.hosts[newcomer].newcomer {
                converse(world, newcomer, made, machine);
            }
        }
        heal::rest(world, None);
        if stands && world.hosts[newcomer].newcomer {
            world.breaks(format!("5: host {newcomer} was approved at host {at}, and no machine there lets it in"));
        }
    }
}

/// The machines of which something is expected, of the organisation that made an invite.
fn machines(world: &World, made: usize) -> Vec<usize> {
    let org = world.doors.invites[made].org;
    (0..world.hosts.len()).filter(|at| world.hosts[*at].org == org && heal::counts(world, *at)).collect()
}

/// Keeps the card that handshakes show, as a program does that was set up.
pub fn keep_card(world: &mut World, host: usize) {
    let card = world.hosts[host].card.clone();
    world.act(host, |step| -> Result<()> {
        identity::keep_card(step.draft(), &card);
        Ok(())
    });
}
