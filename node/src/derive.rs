//! Argon2id (RFC 9106): what is made of the secrets that people remember.
//!
//! One derivation at a time in a process, whoever asks: many who sign in at once wait for each other instead of filling the memory
//! of a small machine. The memory goes back to the system with each: what was made of a secret does not stay in it.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use std::sync::{Mutex, PoisonError};

static ONE: Mutex<()> = Mutex::new(());

/// Blocks that are asked for at least. From 32 MiB on glibc takes memory from the system for each use and gives it back; below, each
/// thread's own heap would keep what was used once. Blocks that are not written to take no memory.
const ASKED: usize = 32 * 1024 * 1024 / Block::SIZE + 1;

/// Fills `out`. Takes as long as `params` say, after those who came before: not to be called where others wait.
///
/// # Errors
/// Of the library, for figures or salts that are out of its bounds.
pub fn argon2id(params: Params, secret: &[u8], salt: &[u8], out: &mut [u8]) -> Result<(), argon2::Error> {
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let blocks = params.block_count();
    let mut memory: Vec<Block> = Vec::with_capacity(blocks.max(ASKED));
    memory.resize(blocks, Block::new());
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into_with_memory(secret, salt, out, memory)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same as without our own memory: what is on the disk opens with any Argon2id.
    #[test]
    fn the_memory_is_ours_and_the_answer_the_librarys() {
        let params = Params::new(256, 2, 1, Some(32)).unwrap();
        let (mut ours, mut theirs) = ([0; 32], [0; 32]);
        argon2id(params.clone(), b"a secret", b"some salt of it", &mut ours).unwrap();
        let library = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        library.hash_password_into(b"a secret", b"some salt of it", &mut theirs).unwrap();
        assert_eq!(ours, theirs);
    }

    /// Resident memory of this process in KiB.
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    fn resident() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    #[test]
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    fn many_at_once_leave_no_memory_behind() {
        let derive = || {
            let params = Params::new(19 * 1024, 1, 1, Some(32)).unwrap();
            argon2id(params, b"a secret", b"some salt of it", &mut [0; 32]).unwrap();
        };
        derive();
        let before = resident();
        let threads: Vec<_> = (0..16).map(|_| std::thread::spawn(derive)).collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        // Other tests of this process run meanwhile; sixteen heaps of 19 MiB would be 304 MiB.
        assert!(resident() < before + 192 * 1024, "{} KiB before, {} after", before, resident());
    }
}
