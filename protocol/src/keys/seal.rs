//! Epoch keys, and bodies sealed under them.
//!
//! A sealed body is `suite byte || salt (32 random bytes) || ciphertext and tag`. What is sealed is a [`Packed`] plaintext: a flag
//! byte (0 as it is, 1 zstd) and the bytes; it opens to a bounded multiple of these, so that who stores sealed bytes knows what they may
//! cost opened. The body key is HKDF-SHA256(secret = epoch key, salt = `salt || SHA-256(header)`,
//! info = tag and suite byte), used once, so the nonce is all zero; the header is the associated data.
//!
//! The header holds the body's length, so the order is: pack, set `length` to [`Packed::sealed_len`], encode the header, [`seal`].

use crate::fault::{Fault, Result};
use crate::keys::digest::{same, sha256};
use crate::limits;
use crate::random::{self, Random};
use ring::{aead, hkdf};
use std::fmt;
use zeroize::Zeroizing;

/// AES-256-GCM. What this program writes.
pub const SUITE_AES: u8 = 1;
/// ChaCha20-Poly1305, for machines without AES in hardware. Read everywhere.
pub const SUITE_CHACHA: u8 = 2;

/// What sealing adds to a packed plaintext: suite byte, salt and tag.
pub const OVERHEAD: usize = 1 + SALT + 16;

const SALT: usize = 32;
const LEVEL: i32 = 3;
const RAW: u8 = 0;
const ZSTD: u8 = 1;

/// The key of one epoch of one space: 32 random bytes. Zeroized when dropped; compared in constant time.
#[derive(Clone)]
pub struct EpochKey(Zeroizing<[u8; 32]>);

impl EpochKey {
    pub fn generate(random: &mut dyn Random) -> Self {
        Self::from_bytes(random::array(random))
    }

    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// From a slice, if it has 32 bytes.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::from_bytes)
    }

    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// What the epoch entry says of its key: SHA-256 over a domain tag and the key. AES-GCM and ChaCha20-Poly1305 alone would let
    /// one ciphertext open to different texts under different keys.
    #[must_use]
    pub fn commitment(&self) -> [u8; 32] {
        sha256(b"belay epoch commitment v1\0", &[self.0.as_slice()])
    }

    /// Whether this is the key that the commitment binds.
    #[must_use]
    pub fn matches(&self, commitment: &[u8; 32]) -> bool {
        same(&self.commitment(), commitment)
    }
}

impl PartialEq for EpochKey {
    fn eq(&self, other: &Self) -> bool {
        same(self.0.as_slice(), other.0.as_slice())
    }
}
impl Eq for EpochKey {}

impl fmt::Debug for EpochKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EpochKey")
    }
}

/// A plaintext made ready to be sealed: compressed where that helps. Zeroized when dropped.
pub struct Packed(Zeroizing<Vec<u8>>);

impl Packed {
    /// # Errors
    /// `Misuse`, if the plaintext is longer than [`limits::BODY_BYTES`], since no reader would open it.
    pub fn new(plaintext: &[u8]) -> Result<Self> {
        if plaintext.len() > limits::BODY_BYTES {
            return Err(Fault::misuse(format!(
                "body: {} bytes, at most {} are taken; write it in parts",
                plaintext.len(),
                limits::BODY_BYTES
            )));
        }
        let small = zstd::bulk::compress(plaintext, LEVEL).map(Zeroizing::new).ok();
        let (flag, bytes) = match &small {
            Some(small) if small.len() < plaintext.len() && plaintext.len() <= most(small) => (ZSTD, small.as_slice()),
            _ => (RAW, plaintext),
        };
        // Its room is set at once: a vector that grows leaves a copy behind.
        let mut packed = Zeroizing::new(Vec::with_capacity(1 + bytes.len()));
        packed.push(flag);
        packed.extend_from_slice(bytes);
        Ok(Self(packed))
    }

    /// Taken as it is, so that its length tells nothing of the content: for what was padded to a size.
    ///
    /// # Errors
    /// As [`Packed::new`].
    pub fn padded(plaintext: &[u8]) -> Result<Self> {
        if plaintext.len() > limits::BODY_BYTES {
            return Err(Fault::misuse(format!(
                "body: {} bytes, at most {} are taken",
                plaintext.len(),
                limits::BODY_BYTES
            )));
        }
        let mut packed = Zeroizing::new(Vec::with_capacity(1 + plaintext.len()));
        packed.push(RAW);
        packed.extend_from_slice(plaintext);
        Ok(Self(packed))
    }

    /// Bytes of the sealed body: what goes into the header's `length`.
    #[must_use]
    pub fn sealed_len(&self) -> usize {
        sealed_len(self.0.len())
    }

    fn open(packed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        match packed.split_first() {
            Some((&RAW, bytes)) if bytes.len() <= limits::BODY_BYTES => Ok(Zeroizing::new(bytes.to_vec())),
            Some((&ZSTD, bytes)) => zstd::bulk::decompress(bytes, most(bytes)).map(Zeroizing::new).map_err(|_| {
                Fault::malformed(format!(
                    "body: its compressed text is damaged, or opens to over {} bytes",
                    most(bytes)
                ))
            }),
            Some(_) | None => Err(Fault::malformed("body: packed in a way that this program does not know")),
        }
    }
}

impl fmt::Debug for Packed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Packed({} bytes)", self.0.len())
    }
}

/// Bytes that compressed ones may open to.
fn most(compressed: &[u8]) -> usize {
    compressed.len().saturating_mul(limits::BODY_RATIO).min(limits::BODY_BYTES)
}

/// Bytes of a sealed body whose packed plaintext has `packed` bytes.
#[must_use]
pub const fn sealed_len(packed: usize) -> usize {
    packed.saturating_add(OVERHEAD)
}

/// Seals a packed plaintext under an epoch's key; `header` is the entry's encoded header, with the length already in it.
///
/// # Errors
/// `Bug`, if ring refuses, which it does for no length that [`Packed`] lets through.
pub fn seal(key: &EpochKey, header: &[u8], packed: &Packed, random: &mut dyn Random) -> Result<Vec<u8>> {
    seal_with(SUITE_AES, key, header, packed, random)
}

/// As [`seal`], under a chosen suite.
///
/// # Errors
/// As [`seal`]; `Incompatible` for an unknown suite.
pub fn seal_with(
    suite: u8,
    key: &EpochKey,
    header: &[u8],
    packed: &Packed,
    random: &mut dyn Random,
) -> Result<Vec<u8>> {
    let salt: [u8; SALT] = random::array(random);
    let body_key = body_key(suite, key, &salt, header)?;
    // Sealed in place in a buffer that has room for the tag, so that no copy of the plaintext is left.
    let mut text = Vec::with_capacity(packed.0.len() + 16);
    text.extend_from_slice(&packed.0);
    body_key
        .seal_in_place_append_tag(zero_nonce(), aead::Aad::from(header), &mut text)
        .map_err(|_| Fault::bug("body: could not be sealed"))?;
    let mut sealed = Vec::with_capacity(packed.sealed_len());
    sealed.push(suite);
    sealed.extend_from_slice(&salt);
    sealed.extend_from_slice(&text);
    Ok(sealed)
}

/// Opens a sealed body; `header` is the entry's header as received ([`crate::space::entry::Entry::header_bytes`]).
///
/// # Errors
/// `Incompatible` for an unknown suite; `Malformed` if it was changed, is sealed under another key or header, or opens to more
/// than [`limits::BODY_BYTES`], or than [`limits::BODY_RATIO`] times what it is packed in.
pub fn open(key: &EpochKey, header: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    Packed::open(&unseal(key, header, sealed)?)
}

/// As [`open`], of what [`Packed::padded`] made: packed in no other way, so that there is one sealed length for each padded one.
///
/// # Errors
/// As [`open`]; `Malformed` also for what was compressed.
pub fn open_padded(key: &EpochKey, header: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let packed = unseal(key, header, sealed)?;
    match packed.first() {
        Some(&RAW) => Packed::open(&packed),
        Some(_) | None => Err(Fault::malformed("body: compressed, where it is padded to a size")),
    }
}

fn unseal(key: &EpochKey, header: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let short = || Fault::malformed("body: too short to be a sealed one");
    let (suite, rest) = sealed.split_first().ok_or_else(short)?;
    let (salt, text) = rest.split_first_chunk::<SALT>().ok_or_else(short)?;
    let body_key = body_key(*suite, key, salt, header)?;
    let mut text = Zeroizing::new(text.to_vec());
    let packed = body_key
        .open_in_place(zero_nonce(), aead::Aad::from(header), &mut text)
        .map_err(|_| Fault::malformed("body: does not open; it was changed, or sealed under another key or header"))?
        .len();
    text.truncate(packed);
    Ok(text)
}

fn body_key(suite: u8, key: &EpochKey, salt: &[u8; SALT], header: &[u8]) -> Result<aead::LessSafeKey> {
    let algorithm: &'static aead::Algorithm = match suite {
        SUITE_AES => &aead::AES_256_GCM,
        SUITE_CHACHA => &aead::CHACHA20_POLY1305,
        other => {
            return Err(Fault::incompatible(format!(
                "body: suite {other}; this program knows {SUITE_AES} (AES-256-GCM) and {SUITE_CHACHA} (ChaCha20-Poly1305)"
            )));
        }
    };
    let salt = [salt.as_slice(), &sha256(b"", &[header])].concat();
    let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, &salt).extract(key.as_bytes());
    let info: [&[u8]; 2] = [b"belay body v1\0", &[suite]];
    let okm = extracted.expand(&info, algorithm).map_err(|_| Fault::bug("body: HKDF gave no key"))?;
    Ok(aead::LessSafeKey::new(aead::UnboundKey::from(okm)))
}

fn zero_nonce() -> aead::Nonce {
    aead::Nonce::assume_unique_for_key([0; aead::NONCE_LEN])
}

#[cfg(test)]
mod tests;
