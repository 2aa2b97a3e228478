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

/// Bytes that anybody can foretell, for tests and known-answer vectors: SHA-256 over a tag, the seed and a counter.
/// Never for keys of anybody.
#[derive(Debug, Clone)]
pub struct Foretold {
    seed: u64,
    block: u64,
    left: Vec<u8>,
}

impl Foretold {
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed, block: 0, left: Vec::new() }
    }
}

impl Random for Foretold {
    fn fill(&mut self, out: &mut [u8]) {
        for byte in out {
            if self.left.is_empty() {
                let parts: [&[u8]; 2] = [&self.seed.to_le_bytes(), &self.block.to_le_bytes()];
                self.left = crate::keys::digest::sha256(b"belay foretold v1\0", &parts).to_vec();
                self.left.reverse();
                self.block = self.block.wrapping_add(1);
            }
            *byte = self.left.pop().unwrap_or_default();
        }
    }
}
