//! The private half of an encryption key. It is 32 bytes: the seed of X-Wing, or the X25519 private key.

use crate::fault::{Fault, Result};
use crate::ids::PrekeyId;
use crate::keys::digest::same;
use crate::keys::wrap::{PrekeyPublic, SUITE_X25519, SUITE_XWING};
use crate::random::{self, Random};
use hpke::kem::{X25519HkdfSha256, XWing};
use hpke::{Deserializable, Kem, Serializable};
use std::fmt;
use zeroize::Zeroizing;

/// The private half of a prekey, or of the recovery encryption key. Zeroized when dropped.
#[derive(Clone)]
pub struct PrekeySecret {
    seed: Zeroizing<[u8; 32]>,
    public: PrekeyPublic,
    id: PrekeyId,
}

impl PrekeySecret {
    /// A new key of suite 1.
    pub fn generate(random: &mut dyn Random) -> Self {
        Self::from_seed(random::array(random))
    }

    /// A key of suite 1 (X-Wing) from its 32 byte seed.
    ///
    /// # Panics
    /// Never: every 32 bytes are a seed of suite 1.
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self::of_suite(SUITE_XWING, seed).expect("every 32 bytes are a seed of suite 1")
    }

    /// A key of the given suite from its 32 bytes.
    ///
    /// # Errors
    /// `Incompatible`, for a suite that this program does not know.
    pub fn of_suite(suite: u8, seed: [u8; 32]) -> Result<Self> {
        let seed = Zeroizing::new(seed);
        let key = match suite {
            SUITE_XWING => public::<XWing>(&seed)?,
            SUITE_X25519 => public::<X25519HkdfSha256>(&seed)?,
            other => return Err(super::wrap::unknown_suite(other)),
        };
        let public = PrekeyPublic { suite, key };
        let id = public.id();
        Ok(Self { seed, public, id })
    }

    /// The 32 bytes to keep, in [`crate::store::Table::Prekey`] and nowhere else.
    #[must_use]
    pub const fn seed(&self) -> &Zeroizing<[u8; 32]> {
        &self.seed
    }

    #[must_use]
    pub const fn suite(&self) -> u8 {
        self.public.suite
    }

    /// What others wrap to.
    #[must_use]
    pub fn public(&self) -> PrekeyPublic {
        self.public.clone()
    }

    /// The name of the public half.
    #[must_use]
    pub const fn id(&self) -> PrekeyId {
        self.id
    }
}

impl PartialEq for PrekeySecret {
    fn eq(&self, other: &Self) -> bool {
        self.suite() == other.suite() && same(self.seed.as_slice(), other.seed.as_slice())
    }
}
impl Eq for PrekeySecret {}

impl fmt::Debug for PrekeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrekeySecret(suite {}, {})", self.suite(), self.id.short())
    }
}

fn public<K: Kem>(seed: &[u8; 32]) -> Result<Vec<u8>> {
    let private = K::PrivateKey::from_bytes(seed).map_err(|_| Fault::bug("prekey: 32 bytes are not taken as a key"))?;
    Ok(K::sk_to_pk(&private).to_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_are_the_same_only_with_seed_and_suite() {
        let of = |suite, seed| PrekeySecret::of_suite(suite, [seed; 32]).unwrap();
        assert_eq!(of(SUITE_XWING, 1), of(SUITE_XWING, 1));
        assert_ne!(of(SUITE_XWING, 1), of(SUITE_XWING, 2));
        assert_ne!(of(SUITE_XWING, 1), of(SUITE_X25519, 1));
    }
}
