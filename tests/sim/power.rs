//! The power goes at each commit of a short history in turn: behind the commit, and before anything that depends on it has left.

use super::play;
use super::world::{Repertoire, World};
use super::{heal, transitions};

/// Steps of such a history.
pub const STEPS: usize = 40;

/// Plays the first steps of a history, in which the power goes at one machine behind this commit, and comes back at once.
fn once(seed: u64, steps: usize, dies_at: Option<u64>) -> World {
    let mut world = World::new(seed, Repertoire::All);
    world.dies_at = dies_at;
    play::with_accounts(&mut world, |world| {
        transitions::begin(world);
        for _ in 0..steps {
            if world.broken.is_some() {
                return;
            }
            transitions::step(world);
            if let Some(host) = world.died.take().filter(|host| world.hosts[*host].engine.is_none()) {
                world.start(host);
            }
        }
        heal::heal(world);
    });
    world
}

/// Commits of the first steps of a history, once the coalition stands.
pub fn commits(seed: u64, steps: usize) -> u64 {
    once(seed, steps, None).commits
}

/// Each a history of its own; all that is looked at after a step and at the end holds in each. `from`: the first commit.
///
/// # Errors
/// The story of the first that broke, and at which commit the power went.
pub fn at_each(seed: u64, steps: usize, from: u64) -> Result<u64, String> {
    let all = commits(seed, steps);
    for at in from..=all {
        let world = once(seed, steps, Some(at));
        if let Some(why) = world.broken {
            return Err(format!("{}\nseed {seed}, commit {at} of {all}: {why}", world.story.join("\n")));
        }
    }
    Ok(all)
}
