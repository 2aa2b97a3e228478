//! Parcels: what a session with an organisation would send, sealed once more to that organisation, so that anybody may carry it.
//!
//! A parcel tells who it is for, until when, and one of four sizes. It is named by the hash of all its bytes, so that whoever
//! carries it can change nothing. Parts: [`content`] (what is inside, and the sizes), [`bundle`] (parcels in
//! a file), [`receipt`], [`rows`] (what a store keeps).

pub mod bundle;
pub mod content;
pub mod receipt;
pub mod rows;

pub use content::Content;
pub use receipt::Receipt;

use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{NodeId, OrgId, ParcelId, PrekeyId};
use crate::keys::digest::sha256;
use crate::keys::seal::{self, Packed, sealed_len};
use crate::keys::{EpochKey, NodeKey, PrekeyPublic, PrekeySecret, Wrap, wrap};
use crate::limits;
use crate::random::Random;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// The version of parcels that this program makes and reads.
pub const VERSION: u8 = 1;

const TAG: &str = "belay parcel v1";
const WRAP: &[u8] = b"parcel v1";

/// One parcel as anybody sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parcel {
    pub version: u8,
    /// For whom it is.
    pub to: OrgId,
    /// When whoever carries it lets it go.
    pub expires: Time,
    /// Sorted by node, no repeats: the body's key, to each node of the recipient.
    pub wraps: Vec<(NodeId, Wrap)>,
    /// A [`Content`], padded and sealed.
    pub body: Vec<u8>,
}

/// The name of a parcel with these bytes.
#[must_use]
pub fn name(bytes: &[u8]) -> ParcelId {
    ParcelId(sha256(b"belay parcel v1\0", &[bytes]))
}

impl Parcel {
    /// Seals a content to the nodes of an organisation, with the newest prekey of each; the lowest [`limits::PARCEL_NODES`] of those
    /// that can be sealed to.
    ///
    /// # Errors
    /// `Misuse` without such a node, or for a content that fits no size.
    pub fn seal(
        key: &NodeKey,
        content: &Content,
        (to, expires): (OrgId, Time),
        nodes: &[(NodeId, PrekeyPublic)],
        random: &mut dyn Random,
    ) -> Result<Self> {
        let body_key = EpochKey::generate(random);
        let plain = content.padded(key, to)?;
        let body = seal::seal(&body_key, &header(to, expires), &Packed::padded(&plain)?, random)?;
        let mut wraps = Vec::new();
        let sealable = nodes.iter().filter(|(_, prekey)| prekey.check().is_ok());
        for (node, prekey) in sealable.take(limits::PARCEL_NODES) {
            let place = place(to, expires, *node);
            wraps.push((*node, wrap::wrap(prekey, WRAP, &place, body_key.as_bytes(), random)?));
        }
        if wraps.is_empty() {
            return Err(Fault::misuse("parcel: its recipient has no node that it could be sealed to"));
        }
        Ok(Self { version: VERSION, to, expires, wraps, body })
    }

    /// As carried and stored.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// Reads what came from anywhere, without opening it: all that a carrier looks at.
    ///
    /// # Errors
    /// `Incompatible` for another version, `Malformed` for what is no parcel.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        if bytes.first().is_some_and(|version| *version != VERSION) {
            return Err(Fault::incompatible(
                "parcel: made by another version of belay; bring both sides to the newest version",
            ));
        }
        let parcel: Self = codec::decode("parcel", bytes)?;
        let sorted = parcel.wraps.windows(2).all(|pair| matches!(pair, [a, b] if a.0 < b.0));
        let sized = limits::PARCEL_SIZES.iter().any(|size| sealed_len(size + 1) == parcel.body.len());
        if !sorted || parcel.wraps.is_empty() || parcel.wraps.len() > limits::PARCEL_NODES || !sized {
            return Err(Fault::malformed("parcel: its wraps are not sorted, or its body has none of the four sizes"));
        }
        Ok(parcel)
    }

    /// The prekey of a node to which it is sealed; `None` if that is not among its recipients.
    #[must_use]
    pub fn prekey_for(&self, node: NodeId) -> Option<PrekeyId> {
        self.wrap_for(node).map(|wrap| wrap.prekey)
    }

    fn wrap_for(&self, node: NodeId) -> Option<&Wrap> {
        let at = self.wraps.binary_search_by_key(&node, |(to, _)| *to).ok()?;
        self.wraps.get(at).map(|(_, wrap)| wrap)
    }

    /// Opens it as `node`, whose prekey [`Parcel::prekey_for`] named; the signature inside is checked.
    ///
    /// # Errors
    /// `Misuse` if it is not sealed to this node, `Malformed` if it does not open or is damaged, `Misbehaved` if its sender did not
    /// sign it.
    pub fn open(&self, node: NodeId, prekey: &PrekeySecret) -> Result<Content> {
        let wrap = self.wrap_for(node).ok_or_else(|| {
            Fault::misuse("parcel: not sealed to this node of the organisation; another node of it can open it")
        })?;
        let key = wrap::open(prekey, wrap, WRAP, &place(self.to, self.expires, node))?;
        let key = EpochKey::from_slice(&key).ok_or_else(|| Fault::malformed("parcel: its key has another length"))?;
        Content::from_padded(&seal::open_padded(&key, &header(self.to, self.expires), &self.body)?, self.to)
    }
}

fn header(to: OrgId, expires: Time) -> Vec<u8> {
    codec::encode(&(TAG, to, expires))
}

fn place(to: OrgId, expires: Time, node: NodeId) -> Vec<u8> {
    codec::encode(&(to, expires, node))
}

#[cfg(test)]
mod tests;
