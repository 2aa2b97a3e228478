//! What the shell hands in with each call: the time and a source of randomness.

use crate::random::Random;
use crate::time::Time;

/// Time and randomness of one call.
pub struct Context<'c> {
    /// What the shell's clock says now.
    pub now: Time,
    pub random: &'c mut dyn Random,
}
