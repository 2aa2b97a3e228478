//! Names of things. Each is 32 bytes with a type of its own, so that one can not stand for another.
//!
//! Text form: lower-case hex, 64 characters. `short` gives the first 8 for people.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 32]);

        impl $name {
            /// All zero: stands where no such thing exists yet.
            pub const ZERO: Self = Self([0; 32]);

            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }

            /// The first eight hex characters, for people; never an identity.
            #[must_use]
            pub fn short(&self) -> String {
                data_encoding::HEXLOWER.encode(self.0.get(..4).unwrap_or_default())
            }

            /// From a slice of exactly 32 bytes.
            #[must_use]
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.short())
            }
        }

        // 32 bytes in what is signed and stored, the text form in what people and scripts read.
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() { serializer.collect_str(self) } else { self.0.serialize(serializer) }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                    text.parse().map_err(serde::de::Error::custom)
                } else {
                    <[u8; 32]>::deserialize(deserializer).map(Self)
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                let bytes = data_encoding::HEXLOWER_PERMISSIVE
                    .decode(text.trim().as_bytes())
                    .map_err(|_| NotAnId)?;
                Self::from_slice(&bytes).ok_or(NotAnId)
            }
        }
    };
}

/// A text that should be an id is not 64 hex characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id: expected 64 hexadecimal characters")]
pub struct NotAnId;

id!(
    /// An organisation: SHA-256 over a domain tag and its root public key.
    OrgId
);
id!(
    /// A node: its Ed25519 public key, which is also its libp2p key.
    NodeId
);
id!(
    /// A space: the hash of its `found` entry.
    SpaceId
);
id!(
    /// An entry: SHA-256 over a domain tag and all its bytes, signature included.
    EntryHash
);
id!(
    /// A published encryption key: SHA-256 over a domain tag, the suite and its public bytes.
    PrekeyId
);
id!(
    /// A document of one organisation (listings, a person, an agreement).
    DocumentId
);
id!(
    /// A proposal to the stewards: SHA-256 over a domain tag, the coalition and what is proposed. A charter is named by the proposal
    /// that became it; number one by its coalition.
    ProposalId
);
id!(
    /// The agreement of two organisations in one coalition: SHA-256 over a domain tag, the coalition and both, the lower first.
    AgreementId
);
id!(
    /// One version of an agreement: SHA-256 over a domain tag and its terms.
    TermsHash
);
id!(
    /// A form: SHA-256 of its bytes and nothing else, as other programs compute it for a file.
    FormHash
);
id!(
    /// A person in the records of one organisation. Random; never the same at two organisations.
    PersonId
);
id!(
    /// A consent: random, kept through all its versions.
    ConsentId
);
id!(
    /// What a person asked to leave out, with its answer: SHA-256 over a domain tag and both.
    RestrictionId
);
id!(
    /// A referral thread: random, with a proof of who began it ([`ThreadId::is_of`]); named only inside sealed bodies.
    ThreadId
);
id!(
    /// A staff member of one organisation. Random; the name stands in the private space.
    StaffId
);

id!(
    /// A call that staff have to make: the entry of a revocation that was heard for another, or SHA-256 over a domain tag, a consent, who is
    /// to be told that it ended, and its version.
    CallId
);

id!(
    /// A parcel: SHA-256 over a domain tag and all its bytes, recipient and expiry included.
    ParcelId
);
id!(
    /// An invite: SHA-256 over a domain tag and its secret.
    InviteId
);

impl From<EntryHash> for SpaceId {
    /// A space is named by its `found` entry.
    fn from(found: EntryHash) -> Self {
        Self(found.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_text_for_people_and_bare_bytes_in_what_is_signed() {
        let id = OrgId([0xab; 32]);
        let text = serde_json::to_string(&id).unwrap();
        assert_eq!(text, format!("\"{}\"", "ab".repeat(32)));
        assert_eq!(serde_json::from_str::<OrgId>(&text).unwrap(), id);
        assert_eq!(serde_json::from_value::<OrgId>(serde_json::to_value(id).unwrap()).unwrap(), id);
        assert!(serde_json::from_str::<OrgId>("\"ab\"").is_err());
        assert_eq!(crate::codec::encode(&id), id.0);
        assert_eq!(crate::codec::decode::<OrgId>("id", &id.0).unwrap(), id);
    }
}
