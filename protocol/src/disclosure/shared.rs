//! Keys of threads' epochs, as the nodes of one organisation share them.

use crate::ids::{EntryHash, SpaceId};
use crate::keys::EpochKey;
use crate::keys::digest::same;
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

/// The key of one epoch of a thread, as the nodes of one organisation share it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedKey {
    pub space: SpaceId,
    pub epoch: EntryHash,
    pub key: KeyBytes,
}

/// The 32 bytes of such a key. Zeroized when dropped; `Debug` shows none of them.
#[derive(Clone, Serialize, Deserialize)]
pub struct KeyBytes([u8; 32]);

impl Drop for KeyBytes {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for KeyBytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyBytes")
    }
}

impl PartialEq for KeyBytes {
    fn eq(&self, other: &Self) -> bool {
        same(&self.0, &other.0)
    }
}

impl Eq for KeyBytes {}

impl From<EpochKey> for KeyBytes {
    fn from(key: EpochKey) -> Self {
        Self(*key.as_bytes())
    }
}

impl From<KeyBytes> for EpochKey {
    fn from(bytes: KeyBytes) -> Self {
        Self::from_bytes(bytes.0)
    }
}
