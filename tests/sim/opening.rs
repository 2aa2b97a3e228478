//! What opens to a machine while lines fall or stall: an organisation is let in again and hears of it by halves, and one that meets two
//! others for the first time hears from the second what only the first can explain.

use super::faults;
use super::founding;
use super::halfway::{is_fit, meet, see, talk};
use super::transitions::{self, Group};
use super::world::{Repertoire, World};
use super::{charters, heal};
use belay_protocol::engine::Input;
use belay_protocol::ids::{NodeId, OrgId};
use belay_protocol::limits;
use belay_protocol::store::{Table, View};
use belay_protocol::time::MINUTE;
use std::collections::{BTreeMap, BTreeSet};

/// One history in so many has these. Whether one has, its seed says alone: the others are played as they always were.
const OF: u64 = 8;

/// Whether these happen in the history of a seed.
pub const fn happens(seed: u64) -> bool {
    seed % OF == 6
}

pub const GROUP: Group = &[
    ("a line falls while a space opens again", 6, let_in_again),
    ("two answer one, and the first is slow", 6, two_answer),
];

fn fit(world: &World) -> Vec<usize> {
    (0..world.hosts.len()).filter(|host| is_fit(world, *host)).collect()
}

/// An organisation is taken out and let in again, and the line to it falls in the midst of what it is shown then.
fn let_in_again(world: &mut World) {
    faults::join(world);
    let stewards: Vec<usize> = charters::stewards(world).into_iter().filter(|h| is_fit(world, *h)).collect();
    let Some(from) = world.rng.pick(&stewards).copied() else { return };
    let others: Vec<usize> = fit(world).into_iter().filter(|h| !stewards.contains(h)).collect();
    let Some(to) = world.rng.pick(&others).copied() else { return };
    let (coalition, org) = (world.coalition, world.hosts[to].org);
    let Some(link) = meet(world, from, to) else { return };
    talk(world, link);
    if !is_fit(world, from) || world.act(from, |step| step.remove(coalition, org)).is_none() {
        return;
    }
    // What it is shown when it is back, and is never said again by itself.
    transitions::publish_at(world, from);
    // It gets what shows that from hand to hand, so that of the space only such words are left to be shown.
    if !founding::admit(world, coalition, from, to) {
        return;
    }
    world.count("lines that fell while a space opened again");
    world.tell(format!("host {from} lets host {to}'s organisation in again, and the line falls"));
    for _ in 0..=world.rng.below(world.net.flying(link, from)) {
        world.deliver_to(link, to);
    }
    for end in [from, to] {
        world.net.lose(link, end, |_| true);
    }
    world.cut(link);
    talk(world, link);
    let Some(link) = meet(world, from, to) else { return };
    talk(world, link);
    // Where accounts are small it may be taken later.
    if world.small || !world.net.joined(from, to) || !lacks_what_it_was_to_see(world, from, to) {
        return;
    }
    // It may compare the space over another link first, whose answer takes its time.
    world.now = world.now.plus(limits::COMPARE_LIFE + MINUTE);
    world.input(to, Input::Tick);
    talk(world, link);
    if world.net.joined(from, to) && lacks_what_it_was_to_see(world, from, to) {
        world.breaks(format!("5: host {to} was let in again, and host {from} never shows it what it was to see first"));
    }
}

/// Invariant 5: who is linked and holds the same entries of the coalition was shown all that the other reads there.
fn lacks_what_it_was_to_see(world: &mut World, from: usize, to: usize) -> bool {
    let (coalition, own) = (world.coalition, world.hosts[to].node);
    let state = |world: &mut World, host: usize| {
        world.hosts[host].ask(|engine, view| {
            let heads = engine.spaces().heads(view, coalition).unwrap();
            let registers = engine.registers(view, coalition).unwrap().into_iter();
            let said: BTreeMap<_, _> =
                registers.map(|register| ((register.node, register.name.clone()), register.order())).collect();
            (heads, said)
        })
    };
    let (Some((heads, said)), Some((same, shown))) = (state(world, from), state(world, to)) else { return false };
    let lacks = |(of, order): (&(NodeId, String), &(u64, [u8; 32]))| {
        of.0 != own && shown.get(of).is_none_or(|shown| shown < order)
    };
    heads == same && said.iter().any(lacks)
}

/// A machine meets two others for the first time. The first is to tell it of the coalition and stalls; the second tells it of a thread in which
/// somebody speaks of whom only the coalition says who it is.
fn two_answer(world: &mut World) {
    faults::join(world);
    let Some([founder, to, first, second]) = strangers(world) else { return };
    let readers: Vec<OrgId> = [to, second].iter().map(|h| world.hosts[*h].org).collect();
    // Who does not read itself seals nothing for its further machine: no entry names the certificate.
    let Some(space) = transitions::found_for(world, founder, &readers, false) else { return };
    see(world, founder, second);
    if !is_fit(world, founder) {
        return;
    }
    faults::further(world, founder);
    let further = world.hosts.len() - 1;
    for (a, b) in [(founder, further), (further, second), (founder, second), (second, first)] {
        see(world, a, b);
    }
    if ![to, first, second].into_iter().all(|h| is_fit(world, h)) {
        return;
    }
    let Some(slow) = meet(world, to, first) else { return };
    // It hears what there is to compare, and asks; the answer takes its time.
    world.deliver_to(slow, first);
    while world.deliver_to(slow, to) {}
    world.count("machines that two answered at once");
    world.tell(format!(
        "host {first} is slow to answer host {to}, and host {second} tells it of thread {}",
        space.short()
    ));
    if let Some(quick) = meet(world, to, second) {
        talk(world, quick);
    }
    talk(world, slow);
    let linked = [first, second].into_iter().all(|h| world.net.joined(to, h));
    let said = |world: &mut World, host: usize, who: usize| {
        let (node, coalition) = (world.hosts[who].node, world.coalition);
        world.hosts[host].ask(|engine, view| {
            let known = engine.fold(view, coalition).unwrap().nodes.contains_key(&node);
            (known, engine.registers(view, space).unwrap().iter().any(|register| register.node == node))
        })
    };
    // The founder's grant is void for whoever knows that this one had been taken out of the coalition, of which the founder had not heard.
    let node = world.hosts[to].node;
    let may =
        world.hosts[second].ask(|engine, view| engine.fold(view, space).is_ok_and(|f| f.nodes.contains_key(&node)));
    // Where accounts are small it may be taken later.
    let takes_all = linked && !world.small && may == Some(true);
    if takes_all
        && said(world, second, further) == Some((true, true))
        && said(world, to, further) == Some((true, false))
    {
        world.breaks(format!("5: host {to} knows host {further}, and gave up what that says in {}", space.short()));
    }
}

/// A machine that founds, one that is told, and two that this one has never spoken with; of four organisations.
fn strangers(world: &mut World) -> Option<[usize; 4]> {
    let machines = fit(world);
    if world.hosts.len() >= Repertoire::All.machines() {
        return None;
    }
    let met = |world: &World, a: usize, b: usize| {
        let view = &world.hosts[a].disk.live;
        view.get(Table::Bookmark, world.hosts[b].node.as_bytes()).unwrap().is_some() || world.never_meet(a, b)
    };
    let mut all = Vec::new();
    for to in machines.iter().copied().filter(|h| heal::counts(world, *h)) {
        for first in machines.iter().copied().filter(|h| !met(world, to, *h)) {
            for second in machines.iter().copied().filter(|h| !met(world, to, *h) && !world.never_meet(first, *h)) {
                for founder in machines.iter().copied().filter(|h| !world.never_meet(*h, second)) {
                    let four = [founder, to, first, second];
                    let orgs: BTreeSet<OrgId> = four.iter().map(|h| world.hosts[*h].org).collect();
                    if orgs.len() == four.len() {
                        all.push(four);
                    }
                }
            }
        }
    }
    world.rng.pick(&all).copied()
}
