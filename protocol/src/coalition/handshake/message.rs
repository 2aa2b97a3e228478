//! What is said on `/belay/invite/1`: a version byte, then postcard. One answer to one request.

use super::Party;
use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{InviteId, NodeId, SpaceId};
use crate::keys::Certificate;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

const VERSION: u8 = 1;

/// Who wants to join: what the claim's proof covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claiming {
    pub invite: InviteId,
    pub party: Party,
    pub nonce: [u8; 32],
}

/// `claim`: who wants to join, and the proof that it holds the code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    pub claiming: Claiming,
    pub proof: [u8; 32],
}

/// Who invites, and to what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offering {
    pub party: Party,
    pub coalition: SpaceId,
    /// The coalition's name, as the inviter says.
    pub name: String,
    pub nonce: [u8; 32],
}

/// `welcome`: who invites, and the proof that it knows the code and heard the claim as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    pub offering: Offering,
    pub proof: [u8; 32],
}

/// `ask`: whether a steward has approved, and the control entries from number `from`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    pub invite: InviteId,
    pub from: u32,
    pub proof: [u8; 32],
}

/// A page of what a newcomer needs: the coalition's control entries as received, parents first, and where members are.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approved {
    pub coalition: SpaceId,
    pub from: u32,
    pub entries: Vec<Vec<u8>>,
    /// Number of the next entry; `None` if this was the last page.
    pub next: Option<u32>,
    /// On the last page: nodes and their multiaddrs.
    pub addresses: Vec<(NodeId, Vec<String>)>,
}

impl std::fmt::Debug for Approved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Approved({}, {} entries from {})", self.coalition.short(), self.entries.len(), self.from)
    }
}

/// `return`: a node of an organisation that is in the roster asks for the control entries from number `from`. Its certificate is
/// all that it shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Return {
    pub certificate: Certificate,
    pub from: u32,
}

/// `who`: a newcomer that went to another machine than the one that its code names asks it to show that it is the inviter's. The proof is a
/// MAC under the invite's secret over both nodes, so that nobody without the code learns whose machine this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    pub invite: InviteId,
    pub proof: [u8; 32],
}

/// What a newcomer says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    Claim(Box<Claim>),
    Ask(Ask),
    Return(Box<Return>),
    Who(Who),
}

/// What the inviter says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    Welcome(Box<Offer>),
    /// Not approved yet: ask again later.
    Pending,
    Approved(Approved),
    /// The code of an [`crate::coalition::invite::Refusal`].
    Refused(u8),
    /// The certificate of the node that answers, of the root that invites.
    Here(Box<Certificate>),
}

impl Request {
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        framed(self)
    }

    /// # Errors
    /// `Incompatible` for another version, `Malformed` for anything else that is no request.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        unframed("join request", bytes)
    }
}

impl Answer {
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        framed(self)
    }

    /// # Errors
    /// `Incompatible` for another version, `Malformed` for anything else that is no answer.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        unframed("join answer", bytes)
    }
}

fn framed<T: Serialize>(message: &T) -> Vec<u8> {
    let mut bytes = vec![VERSION];
    bytes.extend(codec::encode(message));
    bytes
}

fn unframed<T: Serialize + DeserializeOwned>(what: &str, bytes: &[u8]) -> Result<T> {
    match bytes.split_first() {
        Some((&VERSION, rest)) => codec::decode(what, rest),
        Some((other, _)) => Err(Fault::incompatible(format!("{what}: version {other}, this program knows {VERSION}"))),
        None => Err(Fault::malformed(format!("{what}: empty"))),
    }
}
