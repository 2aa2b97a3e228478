//! A node's own Ed25519 key (RFC 8032), which is also its libp2p key.

use crate::ids::NodeId;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeTuple};
use std::fmt;
use zeroize::Zeroizing;

/// What a signature is for. The tag is signed before the message, so that one kind never passes for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Entry,
    Register,
    Certificate,
    Possession,
    Retirement,
    Founding,
    Handshake,
    Removal,
    Approval,
    Receipt,
    Parcel,
    Package,
}

impl Purpose {
    const fn tag(self) -> &'static [u8] {
        match self {
            Self::Entry => b"belay sign entry v1\0",
            Self::Register => b"belay sign register v1\0",
            Self::Certificate => b"belay sign certificate v1\0",
            Self::Possession => b"belay sign possession v1\0",
            Self::Retirement => b"belay sign retirement v1\0",
            Self::Founding => b"belay sign founding v1\0",
            Self::Handshake => b"belay sign handshake v1\0",
            Self::Removal => b"belay sign removal v1\0",
            Self::Approval => b"belay sign approval v1\0",
            Self::Receipt => b"belay sign receipt v1\0",
            Self::Parcel => b"belay sign parcel v1\0",
            Self::Package => b"belay sign package v1\0",
        }
    }

    /// The bytes that are signed.
    #[must_use]
    pub fn message(self, parts: &[&[u8]]) -> Vec<u8> {
        let mut message = self.tag().to_vec();
        for part in parts {
            message.extend_from_slice(part);
        }
        message
    }
}

/// An Ed25519 signature: 64 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Signature(pub [u8; 64]);

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature")
    }
}

impl Serialize for Signature {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(64)?;
        for byte in &self.0 {
            tuple.serialize_element(byte)?;
        }
        tuple.end()
    }
}

impl<'de> Deserialize<'de> for Signature {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Signature;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("64 bytes")
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Signature, A::Error> {
                let mut bytes = [0; 64];
                for byte in &mut bytes {
                    *byte = seq.next_element()?.ok_or_else(|| de::Error::custom("signature cut short"))?;
                }
                Ok(Signature(bytes))
            }
        }
        deserializer.deserialize_tuple(64, Visitor)
    }
}

/// Whether `public` signed these parts for this purpose. ring's check, one by one: every node has the same opinion.
#[must_use]
pub fn verify(public: &[u8; 32], purpose: Purpose, parts: &[&[u8]], signature: &Signature) -> bool {
    UnparsedPublicKey::new(&ED25519, public).verify(&purpose.message(parts), &signature.0).is_ok()
}

/// The signing half of a node's key.
pub struct NodeKey {
    seed: Zeroizing<[u8; 32]>,
    pair: Ed25519KeyPair,
    id: NodeId,
}

impl NodeKey {
    /// From its 32 byte seed.
    ///
    /// # Panics
    /// Never: every 32 bytes are an Ed25519 seed.
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).expect("32 bytes are a seed");
        let id = NodeId::from_slice(pair.public_key().as_ref()).expect("an Ed25519 public key has 32 bytes");
        Self { seed: Zeroizing::new(seed), pair, id }
    }

    /// The public half, which names the node.
    #[must_use]
    pub const fn id(&self) -> NodeId {
        self.id
    }

    /// The seed, for the store and for libp2p's own copy of the key.
    #[must_use]
    pub const fn seed(&self) -> &Zeroizing<[u8; 32]> {
        &self.seed
    }

    #[must_use]
    pub fn sign(&self, purpose: Purpose, parts: &[&[u8]]) -> Signature {
        let made = self.pair.sign(&purpose.message(parts));
        let mut bytes = [0; 64];
        bytes.copy_from_slice(made.as_ref());
        Signature(bytes)
    }
}

impl fmt::Debug for NodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NodeKey({})", self.id.short())
    }
}

#[cfg(test)]
mod tests;
