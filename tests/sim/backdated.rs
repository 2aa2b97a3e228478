//! Who was taken out of a thread, or whose machine was retired, says that it took somebody out before.

use super::reference::What;
use super::world::World;
use belay_protocol::ids::{EntryHash, OrgId, SpaceId};
use belay_protocol::space::control::{Control, Revoke};
use belay_protocol::space::entry::{Entry, Header, VERSION};

/// One history in so many has words that are dated back. Whether one has, its seed says alone: the others are played as they always were.
const OF: u64 = 32;

/// How often somebody dates a revocation back in the history of a seed, among all that may happen.
pub const fn weight(seed: u64) -> usize {
    if seed % OF == 7 { 12 } else { 0 }
}

/// A machine that is out, or retired, writes behind an entry from before that, and a machine that is in takes it.
pub fn date_back(world: &mut World) {
    let authors: Vec<usize> =
        (0..world.hosts.len()).filter(|h| world.hosts[*h].engine.is_some() && !world.hosts[*h].stranger).collect();
    let all: Vec<_> = authors.into_iter().flat_map(|author| ended(world, author)).collect();
    let Some((author, space, behind)) = world.rng.pick(&all).copied() else { return };
    let members: Vec<OrgId> = world.reference.orgs.values().copied().collect();
    let Some(org) = world.rng.pick(&members).copied() else { return };
    let control = Control::Revoke(Revoke { org, grant: None, approvals: Vec::new(), word: false });
    let time = world.now;
    let entry = world.hosts[author].ask(|engine, view| {
        let known = engine.spaces().entry(view, &behind).unwrap()?;
        let header = Header {
            version: VERSION,
            space,
            author: engine.node(),
            parents: vec![behind],
            control: known.header().control.clone(),
            kind: control.kind(),
            epoch: None,
            time,
            length: 0,
        };
        Some(Entry::sign(engine.identity().key(), header, &control.encode()))
    });
    let Some(Some(entry)) = entry else { return };
    let takers: Vec<usize> = (0..world.hosts.len())
        .filter(|h| *h != author && world.hosts[*h].engine.is_some() && world.has(*h, &behind))
        .collect();
    let Some(taker) = world.rng.pick(&takers).copied() else { return };
    if world.act(taker, |step| step.take_entries(vec![entry.bytes().to_vec()])).is_some()
        && world.has(taker, &entry.hash())
    {
        world.count("revocations dated back");
        world.tell(format!("host {author} dates the removal of {} back, and host {taker} takes it", org.short()));
    }
}

/// The threads in which somebody has ended a machine, with what it holds there from before.
fn ended(world: &mut World, author: usize) -> Vec<(usize, SpaceId, EntryHash)> {
    let (org, node) = (world.hosts[author].org, world.hosts[author].node);
    let mut before = Vec::new();
    for space in world.threads.clone() {
        let coalition = world.reference.coalition_of(space);
        let out = world.reference.entries.iter().any(|e| match e.what {
            What::Revoke { org: out, .. } => out == org && (e.space == space || Some(e.space) == coalition),
            What::Retire { node: out } => out == node && Some(e.space) == coalition,
            _ => false,
        });
        let entries = world.reference.entries.iter().filter(|e| out && e.space == space);
        let stood: Vec<EntryHash> =
            entries.filter(|e| world.reference.stands(space, org, &e.past)).map(|e| e.hash).collect();
        before.extend(stood.into_iter().filter(|hash| world.has(author, hash)).map(|hash| (author, space, hash)));
    }
    before
}
