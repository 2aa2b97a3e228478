//! Repeatable mutations, for a run without an engine of coverage.

use belay_protocol::random::Random;

/// SplitMix64 (Steele, Lea, Flood 2014): one seed, one run.
pub struct Mutator(u64);

/// Numbers that encodings trip over: varint edges, lengths, signs.
const ODD: [u64; 12] =
    [0, 1, 0x7f, 0x80, 0xff, 0x3fff, 0x4000, 0xffff, 0x7fff_ffff, 0xffff_ffff, u64::MAX / 2, u64::MAX];
/// Bytes that a mutation makes at the most.
const MOST: usize = 64 * 1024;

impl Mutator {
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From zero to one below `n`; zero for none.
    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % (n.max(1) as u64)).unwrap_or(0)
    }

    /// One of the seeds, changed in a few places.
    pub fn make(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = seeds.get(self.below(seeds.len())).cloned().unwrap_or_default();
        for _ in 0..=self.below(5) {
            self.change(&mut bytes, seeds);
        }
        bytes.truncate(MOST);
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let at = self.below(bytes.len() + 1);
        match self.below(8) {
            0 => self.flip(bytes, at),
            1 => bytes.truncate(at),
            2 => {
                let end = (at + 1 + self.below(16)).min(bytes.len());
                bytes.drain(at..end);
            }
            3 => {
                let more: Vec<u8> = (0..=self.below(8)).map(|_| self.next().to_le_bytes()[0]).collect();
                bytes.splice(at..at, more);
            }
            4 => {
                let odd = varint(ODD[self.below(ODD.len())]);
                let end = (at + self.below(odd.len() + 1)).min(bytes.len());
                bytes.splice(at..end, odd);
            }
            5 => {
                let end = (at + 1 + self.below(64)).min(bytes.len());
                let again = bytes[at..end].to_vec();
                for _ in 0..=self.below(6) {
                    bytes.splice(at..at, again.iter().copied());
                }
            }
            6 => {
                let other = &seeds[self.below(seeds.len())];
                let from = self.below(other.len() + 1);
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = byte.wrapping_add(1);
                }
            }
        }
    }

    fn flip(&mut self, bytes: &mut [u8], at: usize) {
        let bit = 1 << self.below(8);
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= bit;
        }
    }
}

fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

impl Random for Mutator {
    fn fill(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            let bytes = self.next().to_be_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    }
}
