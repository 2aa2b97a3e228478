//! Wraps: a secret sealed to one node's prekey with HPKE (RFC 9180), base mode, suite byte in front.
//!
//! Suite 1 is the hybrid X-Wing (ML-KEM-768 + X25519, draft-connolly-cfrg-xwing-kem) with HKDF-SHA256 and ChaCha20-Poly1305;
//! suite 2 is DHKEM(X25519, HKDF-SHA256) with the same, for readers that lack X-Wing. Nodes publish suite 1.
//!
//! HPKE's `info` is `belay wrap v1\0` and the caller's `info`, which says what the secret is for; `aad` binds it to its place.

use crate::fault::{Fault, Result};
use crate::ids::PrekeyId;
use crate::keys::digest::sha256;
use crate::keys::prekey::PrekeySecret;
use crate::random::Random;
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::{X25519HkdfSha256, XWing};
use hpke::rand_core::{TryCryptoRng, TryRng};
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use zeroize::Zeroizing;

/// X-Wing, HKDF-SHA256, ChaCha20-Poly1305.
pub const SUITE_XWING: u8 = 1;
/// DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305.
pub const SUITE_X25519: u8 = 2;

const TAG: &[u8] = b"belay wrap v1\0";
/// HPKE takes no longer `info` in every of its key schedules.
const INFO_BYTES: usize = 1024;

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
        PrekeyId(sha256(b"belay prekey v1\0", &[&[self.suite], &self.key]))
    }

    /// Whether these bytes are a key that can be wrapped to: exactly then [`wrap`] takes it. Of suite 1 that is the length and the
    /// modulus check of its ML-KEM half (FIPS 203, 7.2), of suite 2 the length and an order that is not low (RFC 9180, 7.1.4).
    ///
    /// # Errors
    /// `Incompatible` for an unknown suite, `Malformed` for bytes that are no key of it.
    pub fn check(&self) -> Result<()> {
        match self.suite {
            SUITE_XWING => {
                <XWing as Kem>::PublicKey::from_bytes(&self.key).map(drop).map_err(|_| not_a_key(self.suite))
            }
            // With a key of low order every exchange gives zeros, whatever is drawn.
            SUITE_X25519 => seal_with::<X25519HkdfSha256>(self, TAG, &[], &[], &mut Drawn).map(drop),
            other => Err(unknown_suite(other)),
        }
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
    /// Ciphertext and tag: the secret's length and 16 bytes.
    pub sealed: Vec<u8>,
}

/// Seals `secret` to a prekey.
///
/// # Errors
/// `Incompatible` for an unknown suite, `Malformed` for a key that is none, `Misuse` for `info` over 1,024 bytes.
pub fn wrap(to: &PrekeyPublic, info: &[u8], aad: &[u8], secret: &[u8], random: &mut dyn Random) -> Result<Wrap> {
    let info = tagged(info)?;
    let (encapsulated, sealed) = match to.suite {
        SUITE_XWING => seal_with::<XWing>(to, &info, aad, secret, random)?,
        SUITE_X25519 => seal_with::<X25519HkdfSha256>(to, &info, aad, secret, random)?,
        other => return Err(unknown_suite(other)),
    };
    Ok(Wrap { suite: to.suite, prekey: to.id(), encapsulated, sealed })
}

/// Opens a wrap.
///
/// # Errors
/// `Incompatible` for an unknown suite, `Malformed` if it was sealed to another prekey, for another use, or was changed.
pub fn open(key: &PrekeySecret, wrap: &Wrap, info: &[u8], aad: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let info = tagged(info)?;
    if !matches!(wrap.suite, SUITE_XWING | SUITE_X25519) {
        return Err(unknown_suite(wrap.suite));
    }
    if wrap.suite != key.suite() || wrap.prekey != key.id() {
        return Err(Fault::malformed(format!(
            "wrap: sealed to prekey {} of suite {}, not to {} of suite {}",
            wrap.prekey.short(),
            wrap.suite,
            key.id().short(),
            key.suite()
        )));
    }
    if wrap.suite == SUITE_XWING {
        open_with::<XWing>(key, wrap, &info, aad)
    } else {
        open_with::<X25519HkdfSha256>(key, wrap, &info, aad)
    }
}

fn seal_with<K: Kem>(
    to: &PrekeyPublic,
    info: &[u8],
    aad: &[u8],
    secret: &[u8],
    random: &mut dyn Random,
) -> Result<(Vec<u8>, Vec<u8>)> {
    let public = K::PublicKey::from_bytes(&to.key).map_err(|_| not_a_key(to.suite))?;
    let (encapsulated, sealed) = hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, K>(
        &OpModeS::Base,
        &public,
        info,
        secret,
        aad,
        &mut Source(random),
    )
    .map_err(|_| not_a_key(to.suite))?;
    Ok((encapsulated.to_bytes().to_vec(), sealed))
}

fn open_with<K: Kem>(key: &PrekeySecret, wrap: &Wrap, info: &[u8], aad: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let shut = || Fault::malformed("wrap: does not open; it was changed, or sealed for another use");
    let private = K::PrivateKey::from_bytes(key.seed().as_slice()).map_err(|_| shut())?;
    let encapsulated = K::EncappedKey::from_bytes(&wrap.encapsulated)
        .map_err(|_| Fault::malformed("wrap: its encapsulated key has the wrong length or form"))?;
    hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, K>(
        &OpModeR::Base,
        &private,
        &encapsulated,
        info,
        &wrap.sealed,
        aad,
    )
    .map(Zeroizing::new)
    .map_err(|_| shut())
}

fn tagged(info: &[u8]) -> Result<Vec<u8>> {
    if info.len() > INFO_BYTES {
        return Err(Fault::misuse(format!("wrap: info of {} bytes, at most {INFO_BYTES} are taken", info.len())));
    }
    Ok([TAG, info].concat())
}

fn not_a_key(suite: u8) -> Fault {
    Fault::malformed(format!("prekey: its bytes are no key of suite {suite}"))
}

pub(super) fn unknown_suite(suite: u8) -> Fault {
    Fault::incompatible(format!(
        "encryption suite {suite}: this program knows {SUITE_XWING} (X-Wing) and {SUITE_X25519} (X25519)"
    ))
}

/// Our [`Random`] as the generator that `hpke` asks for.
struct Source<'r>(&'r mut dyn Random);

impl TryRng for Source<'_> {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> std::result::Result<u32, Infallible> {
        Ok(u32::from_le_bytes(crate::random::array(self.0)))
    }
    fn try_next_u64(&mut self) -> std::result::Result<u64, Infallible> {
        Ok(u64::from_le_bytes(crate::random::array(self.0)))
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> std::result::Result<(), Infallible> {
        self.0.fill(out);
        Ok(())
    }
}

impl TryCryptoRng for Source<'_> {}

/// What a check draws, which seals nothing.
struct Drawn;

impl Random for Drawn {
    fn fill(&mut self, out: &mut [u8]) {
        out.fill(7);
    }
}

#[cfg(test)]
mod tests;
