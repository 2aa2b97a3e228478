//! Stewards: several of them, what they propose and approve, who leaves; and what is checked of it.

use super::faults::running;
use super::world::World;
use belay_protocol::ids::{OrgId, ProposalId};
use belay_protocol::space::ProposalState;
use belay_protocol::space::control::Proposal;
use std::collections::BTreeSet;

/// Machines that run and whose organisation is a steward, as far as they have heard.
pub fn stewards(world: &mut World) -> Vec<usize> {
    let coalition = world.coalition;
    (0..world.hosts.len())
        .filter(|host| {
            let h = &mut world.hosts[*host];
            let org = h.org;
            !h.stranger && h.ask(|engine, view| names(engine, view, coalition, org)).unwrap_or_default()
        })
        .collect()
}

fn names(
    engine: &mut belay_protocol::engine::Engine,
    view: &belay_protocol::store::Memory,
    coalition: belay_protocol::ids::SpaceId,
    org: OrgId,
) -> bool {
    engine.roster(view, coalition).is_ok_and(|roster| roster.chain.names(&org))
}

/// Some of the organisations that are in, as this machine has heard.
fn some_members(world: &mut World, host: usize) -> Vec<OrgId> {
    let coalition = world.coalition;
    let fold = world.hosts[host].ask(|engine, view| engine.fold(view, coalition).unwrap());
    fold.map(|fold| fold.members.keys().copied().collect()).unwrap_or_default()
}

pub fn propose(world: &mut World) {
    let stewards = stewards(world);
    let Some(host) = world.rng.pick(&stewards).copied() else { return };
    let members = some_members(world, host);
    let mut chosen: BTreeSet<OrgId> = BTreeSet::new();
    for _ in 0..=world.rng.below(4) {
        chosen.extend(world.rng.pick(&members));
    }
    let threshold = u32::try_from(1 + world.rng.below(chosen.len())).unwrap();
    let (coalition, instead) = (world.coalition, world.rng.chance(40));
    let count = chosen.len();
    if let Some(made) = world.act(host, |step| step.propose_charter(coalition, chosen, threshold, instead)) {
        world.count("charters proposed");
        note_adopted(world, host, made.state);
        world.tell(format!("host {host} proposes charter {}: {count} stewards, {threshold} remove", made.id.short()));
    }
}

fn note_adopted(world: &mut World, host: usize, state: ProposalState) {
    if state == ProposalState::Done {
        world.count("charters adopted");
        world.tell(format!("host {host} sees it adopted"));
    }
}

pub fn approve(world: &mut World) {
    let stewards = stewards(world);
    let Some(host) = world.rng.pick(&stewards).copied() else { return };
    let coalition = world.coalition;
    let open: Vec<(ProposalId, bool)> = world.hosts[host]
        .ask(|engine, view| engine.proposals(view, coalition).unwrap())
        .into_iter()
        .flatten()
        .filter(|proposed| matches!(proposed.state, ProposalState::Open | ProposalState::Done))
        .map(|proposed| (proposed.id, matches!(proposed.proposal, Proposal::Charter(_))))
        .collect();
    let Some((id, charter)) = world.rng.pick(&open).copied() else { return };
    let instead = world.rng.chance(40);
    if let Some(now) = world.act(host, |step| step.approve_proposal(coalition, id, instead)) {
        world.count(if charter { "charters approved" } else { "removals approved" });
        if charter {
            note_adopted(world, host, now.state);
        }
        world.tell(format!("host {host} approves {}", id.short()));
    }
}

pub fn propose_removal(world: &mut World) {
    let stewards = stewards(world);
    let Some(host) = world.rng.pick(&stewards).copied() else { return };
    let members = some_members(world, host);
    let Some(org) = world.rng.pick(&members).copied() else { return };
    let coalition = world.coalition;
    if org != world.hosts[host].org
        && let Some(made) = world.act(host, |step| step.propose_removal(coalition, org))
    {
        world.count("removals proposed");
        world.tell(format!("host {host} proposes to remove {}: {:?}", org.short(), made.state));
    }
}

/// An organisation leaves the coalition, a steward as likely as another.
pub fn leave(world: &mut World) {
    let Some(host) = running(world).filter(|_| world.rng.chance(30)) else { return };
    let coalition = world.coalition;
    if world.act(host, |step| step.leave(coalition)).is_some() {
        world.count("left the coalition");
        world.tell(format!("host {host}'s organisation leaves"));
    }
}

impl World {
    /// The charter in force at a machine is the reference's, by the same entries; and who is surely in is in.
    pub fn check_charter(&mut self, host: usize) {
        let held = self.held(host);
        let coalition = self.coalition;
        self.check_places(host, coalition, &held);
        let private = self.hosts[host].ask(|engine, view| engine.private_space(view).unwrap()).flatten();
        if let Some(private) = private {
            self.check_places(host, private, &held);
        }
        let sure = self.reference.surely_in(coalition, &held);
        let Some(expected) = self.reference.chain(coalition, &held).last().map(|last| last.id) else { return };
        let Some(fold) = self.hosts[host].ask(|engine, view| engine.fold(view, coalition).unwrap()) else { return };
        let force = fold.charter.as_ref().and_then(|chain| chain.in_force()).map(|(id, _)| id);
        if force != Some(expected) {
            self.breaks(format!("1: host {host} has another charter in force than {}", expected.short()));
        }
        if let Some(org) = sure.iter().find(|org| !fold.members.contains_key(org)) {
            self.breaks(format!(
                "1: for host {host} organisation {} is out, and nothing that counts says so",
                org.short()
            ));
        }
    }

    /// What takes an organisation out of a coalition is the word of as many stewards as its charter asks for.
    pub fn check_removal(&mut self, host: usize, n: usize) {
        if self.reference.coalition_of(self.reference.entries[n].space).is_none() && !self.reference.enough_want(n) {
            let short = self.reference.entries[n].hash.short();
            self.breaks(format!("6: host {host} accepted removal {short}, which fewer stewards want than must"));
        }
    }
}
