//! One history from its seed, and many of them.

use super::hostile::{self, Hostile};
use super::world::{Repertoire, Stats, World};
use super::{heal, transitions};
use belay_protocol::planted;

/// One history in so many has small accounts. Whether one has, its seed says alone: the others are played as they always were.
const OF: u64 = 32;
/// What a small account holds, and fills by in a day, in bytes: the certificate of one machine, and some entries.
const SMALL: (i64, i64) = (4 * 1024 * 1024 + 128 * 1024, 16 * 1024 * 1024);

/// Whether accounts are small in the history of a seed.
pub const fn is_small(seed: u64) -> bool {
    // Also one with a crowd, each of whose certificates takes nearly all that an account holds.
    matches!(seed % OF, 6 | 20)
}

/// Plays one history to its end, or to the first invariant that breaks. `turned`: what one member does wrong from the start on;
/// else that is the history's own affair.
pub fn play(seed: u64, repertoire: Repertoire, turned: Option<Hostile>) -> World {
    play_told(seed, repertoire, turned, false)
}

/// The same; `frames`: its story tells each frame that arrives.
pub fn play_told(seed: u64, repertoire: Repertoire, turned: Option<Hostile>, frames: bool) -> World {
    let mut world = World::new(seed, repertoire);
    world.frames = frames;
    with_accounts(&mut world, |world| play_on(world, turned));
    world
}

/// Plays with accounts of the size that this history has.
pub fn with_accounts(world: &mut World, play: impl FnOnce(&mut World)) {
    planted::small_accounts(world.small.then_some(SMALL));
    play(world);
    planted::small_accounts(None);
}

fn play_on(world: &mut World, turned: Option<Hostile>) {
    transitions::begin(world);
    if let Some(kind) = turned {
        hostile::turn_to(world, kind);
    }
    let steps = 80 + world.rng.below(160);
    for _ in 0..steps {
        if world.broken.is_some() {
            return;
        }
        world.count("steps");
        transitions::step(world);
    }
    if world.broken.is_none() {
        heal::heal(world);
    }
}

/// Sums over many histories.
#[derive(Default)]
pub struct Total {
    stats: Stats,
    tried: u64,
    opened: u64,
}

impl Total {
    /// Plays one more history.
    ///
    /// # Errors
    /// The story of the history that broke an invariant, and which.
    pub fn play(&mut self, seed: u64, repertoire: Repertoire) -> Result<(), String> {
        let world = play(seed, repertoire, None);
        for (what, count) in world.stats {
            *self.stats.entry(what).or_default() += count;
        }
        self.tried += world.thief.tried;
        self.opened += world.thief.opened;
        match world.broken {
            None => Ok(()),
            Some(why) => Err(format!("{}\nseed {seed}: {why}", world.story.join("\n"))),
        }
    }

    /// What was done and suffered, a line each.
    pub fn report(&self) -> String {
        let lines = self.stats.iter().map(|(what, count)| format!("{count:>9}  {what}\n"));
        let keys = format!("{:>9}  bodies tried with stolen keys, {} of them lawfully opened", self.tried, self.opened);
        lines.collect::<String>() + &keys
    }
}
