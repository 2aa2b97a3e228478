//! One signed, immutable record in a space.
//!
//! Bytes: postcard of [`Header`], the body, the author's signature (64 bytes) over the tag of [`Purpose::Entry`], header and body.
//! The name is SHA-256 over `belay entry v1\0` and all these bytes, as they came.

use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, NodeId, SpaceId};
use crate::keys::node::{NodeKey, Purpose, Signature, verify};
use crate::limits;
use crate::planted::{self, Bug};
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// The version that this program writes and reads.
pub const VERSION: u8 = 1;

/// What an entry is. All but `Data` are control entries, in clear to the space's members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Kind {
    Found,
    Grant,
    Revoke,
    Certify,
    Retire,
    Keep,
    Epoch,
    Extend,
    Ask,
    Approve,
    Data,
}

impl Kind {
    #[must_use]
    pub const fn is_control(self) -> bool {
        !matches!(self, Self::Data)
    }
}

/// What an entry says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    pub version: u8,
    /// All zero in a `found` entry, which makes the space.
    pub space: SpaceId,
    pub author: NodeId,
    /// The entries it follows: sorted, no repeats, at most [`limits::PARENTS`]. None only in `found`.
    pub parents: Vec<EntryHash>,
    /// The coalition's control heads that the author knew: sorted, no repeats. Empty in the coalition's own and in private spaces.
    pub control: Vec<EntryHash>,
    pub kind: Kind,
    /// The entry that minted the epoch under which the body is sealed; `None` for a body in clear.
    pub epoch: Option<EntryHash>,
    /// What the author's clock said. Decides nothing.
    pub time: Time,
    /// Bytes of the body.
    pub length: u32,
}

/// An entry whose bytes are canonical and whose signature is its author's. Says nothing about acceptance.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    header: Header,
    header_bytes: usize,
    bytes: Vec<u8>,
    hash: EntryHash,
}

impl Entry {
    /// Signs a new entry. `length` of the header is set here.
    #[must_use]
    pub fn sign(key: &NodeKey, mut header: Header, body: &[u8]) -> Self {
        header.length = u32::try_from(body.len()).unwrap_or(u32::MAX);
        let mut bytes = codec::encode(&header);
        let header_bytes = bytes.len();
        bytes.extend_from_slice(body);
        let signature = key.sign(Purpose::Entry, &[&bytes]);
        bytes.extend_from_slice(&signature.0);
        let hash = name(&bytes);
        Self { header, header_bytes, bytes, hash }
    }

    /// Reads and checks bytes that came from anywhere.
    ///
    /// # Errors
    /// `Malformed` for bytes that are no entry, `Incompatible` for another version, `Misbehaved` for a wrong signature.
    pub fn verify(bytes: Vec<u8>) -> Result<Self> {
        let entry = Self::parse(bytes)?;
        let (signed, signature) = entry.bytes.split_at(entry.bytes.len() - 64);
        let signature = Signature(signature.try_into().map_err(|_| Fault::malformed("entry: no signature"))?);
        if verify(&entry.header.author.0, Purpose::Entry, &[signed], &signature) || planted::is(Bug::SignatureSkipped) {
            Ok(entry)
        } else {
            Err(Fault::misbehaved(format!("entry {}: not signed by its author", entry.hash.short())))
        }
    }

    /// Reads bytes of our own store, whose signature was checked when they came.
    ///
    /// # Errors
    /// As [`Entry::verify`], but for the signature.
    pub fn parse(bytes: Vec<u8>) -> Result<Self> {
        if bytes.len() > limits::ENTRY_BYTES {
            return Err(Fault::malformed(format!(
                "entry: {} bytes, at most {} are taken",
                bytes.len(),
                limits::ENTRY_BYTES
            )));
        }
        if bytes.first() != Some(&VERSION) {
            return Err(Fault::incompatible(format!(
                "entry: version {:?}, this program knows {VERSION}",
                bytes.first()
            )));
        }
        let (header, rest) = codec::prefix::<Header>("entry", &bytes)?;
        let header_bytes = bytes.len() - rest.len();
        if rest.len() != header.length as usize + 64 {
            return Err(Fault::malformed("entry: its length is not what it says"));
        }
        let sorted = |hashes: &[EntryHash]| hashes.windows(2).all(|w| matches!(w, [a, b] if a < b));
        if !sorted(&header.parents) || !sorted(&header.control) {
            return Err(Fault::malformed("entry: parents or control heads are not sorted, or repeat"));
        }
        if header.parents.len() > limits::PARENTS || header.control.len() > limits::CONTROL_HEADS {
            return Err(Fault::malformed("entry: too many parents or control heads"));
        }
        let found = header.kind == Kind::Found;
        if found != header.parents.is_empty() || found != (header.space == SpaceId::ZERO) {
            return Err(Fault::malformed("entry: only a found entry, and each of them, has no parents and no space"));
        }
        if header.kind.is_control() && header.epoch.is_some() {
            return Err(Fault::malformed("entry: a control entry is not sealed"));
        }
        let hash = name(&bytes);
        Ok(Self { header, header_bytes, bytes, hash })
    }

    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    #[must_use]
    pub const fn hash(&self) -> EntryHash {
        self.hash
    }

    /// The space it is in; for a `found` entry the one that it makes.
    #[must_use]
    pub fn space(&self) -> SpaceId {
        if self.header.kind == Kind::Found { SpaceId::from(self.hash) } else { self.header.space }
    }

    /// As received: what is stored, sent and named.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The body as it stands: clear for control entries, else sealed or the coalition's own.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.bytes.get(self.header_bytes..self.bytes.len() - 64).unwrap_or_default()
    }

    /// The canonical bytes of the header: the associated data of a sealed body.
    #[must_use]
    pub fn header_bytes(&self) -> &[u8] {
        self.bytes.get(..self.header_bytes).unwrap_or_default()
    }
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Entry({} {:?} by {})", self.hash.short(), self.header.kind, self.header.author.short())
    }
}

fn name(bytes: &[u8]) -> EntryHash {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    context.update(b"belay entry v1\0");
    context.update(bytes);
    EntryHash::from_slice(context.finish().as_ref()).unwrap_or(EntryHash::ZERO)
}

impl Entry {
    /// Signs a new data entry whose body is sealed under the key of the epoch that its header names.
    ///
    /// # Errors
    /// `Misuse` for a body over its bound.
    pub fn seal(
        key: &NodeKey,
        mut header: Header,
        epoch: &crate::keys::EpochKey,
        plaintext: &[u8],
        random: &mut dyn crate::random::Random,
    ) -> Result<Self> {
        let packed = crate::keys::seal::Packed::new(plaintext)?;
        header.length = u32::try_from(packed.sealed_len()).unwrap_or(u32::MAX);
        let body = crate::keys::seal::seal(epoch, &codec::encode(&header), &packed, random)?;
        Ok(Self::sign(key, header, &body))
    }
}
