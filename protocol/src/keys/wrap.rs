//! Wraps: a secret sealed to one node's prekey with HPKE (RFC 9180), base mode, suite byte in front.
//!
//! Suite 1 is the hybrid X-Wing (ML-KEM-768 + X25519, draft-connolly-cfrg-xwing-kem) with HKDF-SHA256 and ChaCha20-Poly1305;
//! suite 2 is DHKEM(X25519, HKDF-SHA256) with the same, for readers that lack X-Wing. Nodes publish suite 1.

use crate::ids::PrekeyId;
use serde::{Deserialize, Serialize};

/// The public half of an encryption key: its suite and its bytes (1,216 for suite 1, 32 for suite 2).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PrekeyPublic {
    pub suite: u8,
    pub key: Vec<u8>,
}

impl PrekeyPublic {
    /// SHA-256 over a domain tag, the suite and the key.
    #[must_use]
    pub fn id(&self) -> PrekeyId {
        let mut context = ring::digest::Context::new(&ring::digest::SHA256);
        context.update(b"belay prekey v1\0");
        context.update(&[self.suite]);
        context.update(&self.key);
        PrekeyId::from_slice(context.finish().as_ref()).unwrap_or(PrekeyId::ZERO)
    }
}

impl std::fmt::Debug for PrekeyPublic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PrekeyPublic(suite {}, {})", self.suite, self.id().short())
    }
}

/// A secret sealed to one prekey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrap {
    pub suite: u8,
    pub prekey: PrekeyId,
    /// The KEM's encapsulated key (1,120 bytes for suite 1, 32 for suite 2).
    pub encapsulated: Vec<u8>,
    /// Ciphertext and tag.
    pub sealed: Vec<u8>,
}
