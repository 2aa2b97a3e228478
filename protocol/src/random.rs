//! Randomness as an argument. Nothing in this crate asks a generator of its own.

/// A source of unpredictable bytes: the operating system's at a node, seeded in the simulator.
pub trait Random {
    /// Fills all of `out`.
    fn fill(&mut self, out: &mut [u8]);
}

/// A fresh array of random bytes.
pub fn array<const N: usize>(random: &mut dyn Random) -> [u8; N] {
    let mut out = [0; N];
    random.fill(&mut out);
    out
}
