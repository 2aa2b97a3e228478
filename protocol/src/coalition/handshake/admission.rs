//! Admission: the first frame each way on `/belay/sync/1`, by which members show each other that they are.
//!
//! Who dialled speaks first. Who was dialled checks, and answers with its own admission or with a [`Denial`], so that a stranger who
//! knocks learns nothing but that it is one. Coalitions are named by tokens that only members can make and that hold for these two
//! nodes in this direction: SHA-256 over a tag, the coalition, the sender's node and the receiver's.

use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{NodeId, OrgId, SpaceId};
use crate::keys::Certificate;
use crate::keys::digest::sha256;
use crate::limits;
use crate::planted::{self, Bug};
use serde::{Deserialize, Serialize};

/// The version of the sync protocol that this program speaks.
pub const VERSION: u8 = 1;
/// Entries of removal notices in one denial. A notice holds what shows by whom it was approved.
const NOTICES: usize = 128;
/// Bytes of these: with what frames them they fit a frame before admission.
const NOTICES_BYTES: usize = 60 * 1024;

/// How a coalition of ours knows a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// The root does not stand in its roster.
    Unknown,
    /// The root stands there, and the node is not retired. Its certificate need not stand there yet.
    Member,
    /// The organisation was removed, or has left.
    Removed,
    /// The root has retired this node.
    Retired,
}

/// A peer that has shown that it is a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    pub node: NodeId,
    pub org: OrgId,
    /// The coalitions that both are in. Never empty.
    pub coalitions: Vec<SpaceId>,
    /// Coalitions that took the organisation out, and that it still names: it is to be told.
    pub removed_from: Vec<SpaceId>,
}

/// Why a peer is not admitted. The numbers are the wire's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Not an admission.
    Malformed,
    /// Another version of the protocol.
    Version,
    /// The certificate is not the peer's, or not signed by its root.
    Certificate,
    /// No coalition in common.
    Stranger,
    Removed,
    Retired,
    /// A reason that this version does not know.
    Other(u8),
}

impl Reason {
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Malformed => 1,
            Self::Version => 2,
            Self::Certificate => 3,
            Self::Stranger => 4,
            Self::Removed => 5,
            Self::Retired => 6,
            Self::Other(code) => code,
        }
    }

    #[must_use]
    pub const fn from_code(code: u8) -> Self {
        match code {
            1 => Self::Malformed,
            2 => Self::Version,
            3 => Self::Certificate,
            4 => Self::Stranger,
            5 => Self::Removed,
            6 => Self::Retired,
            other => Self::Other(other),
        }
    }

    /// What to tell when a peer has denied us.
    #[must_use]
    pub fn as_told(self) -> String {
        match self {
            Self::Malformed => "the peer did not understand our admission; bring both to the newest version".to_owned(),
            Self::Version => {
                "the peer speaks another version of the protocol; bring both to the newest version".to_owned()
            }
            Self::Certificate => {
                "the peer does not accept this node's certificate; `belay doctor` looks at it".to_owned()
            }
            Self::Stranger => {
                "the peer knows of no coalition that both are in; it may not have heard of us yet".to_owned()
            }
            Self::Removed => "this organisation was removed from the coalition".to_owned(),
            Self::Retired => {
                "this node was retired by its organisation's root key; `belay recover` makes a new one".to_owned()
            }
            Self::Other(code) => {
                format!("the peer denies us for a reason that this version does not know (code {code})")
            }
        }
    }
}

/// A peer was not admitted, or did not admit us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    pub reason: Reason,
    /// Whether the peer said so of us, rather than we of it.
    pub by_peer: bool,
    /// Whose certificate it was, once that was verified.
    pub org: Option<OrgId>,
    /// Coalitions of ours that have removed the peer (its last revocation is to be sent along); empty if `by_peer`.
    pub removed_from: Vec<SpaceId>,
    /// The entries that remove us, as the peer sent them, unchecked; empty unless `by_peer`.
    pub notices: Vec<Vec<u8>>,
}

impl Denial {
    fn ours(reason: Reason) -> Self {
        Self { reason, by_peer: false, org: None, removed_from: Vec::new(), notices: Vec::new() }
    }

    /// The frame that tells the peer, before the link closes. `notices` are the entries that remove it, and nothing else.
    #[must_use]
    pub fn frame(&self, mut notices: Vec<Vec<u8>>) -> Vec<u8> {
        notices.truncate(NOTICES);
        let mut bytes = 0_usize;
        notices.retain(|notice| {
            bytes = bytes.saturating_add(notice.len());
            bytes <= NOTICES_BYTES
        });
        framed(&Opening::Denied { code: self.reason.code(), notices })
    }

    /// As a fault, for logs and for closing the link.
    #[must_use]
    pub fn fault(&self) -> Fault {
        if self.by_peer {
            return Fault::not_permitted(self.reason.as_told());
        }
        match self.reason {
            Reason::Malformed => Fault::malformed("admission: not one"),
            Reason::Version => {
                Fault::incompatible(format!("admission: another version, this program speaks {VERSION}"))
            }
            Reason::Certificate => {
                Fault::misbehaved("admission: the certificate is not the peer's, or not signed by its root")
            }
            Reason::Stranger | Reason::Other(_) => {
                Fault::not_permitted("admission: a stranger, with no coalition of ours")
            }
            Reason::Removed => Fault::not_permitted("admission: its organisation was removed from the coalition"),
            Reason::Retired => Fault::not_permitted("admission: its organisation has retired this node"),
        }
    }
}

#[derive(Serialize, Deserialize)]
enum Opening {
    Admission {
        certificate: Box<Certificate>,
        /// Sorted, no repeats.
        tokens: Vec<[u8; 32]>,
    },
    Denied {
        code: u8,
        notices: Vec<Vec<u8>>,
    },
}

/// Our first frame to `peer`.
#[must_use]
pub fn admission(me: &Certificate, coalitions: &[SpaceId], peer: NodeId) -> Vec<u8> {
    let mut tokens: Vec<[u8; 32]> =
        coalitions.iter().take(limits::COALITIONS).map(|coalition| token(*coalition, me.node, peer)).collect();
    tokens.sort_unstable();
    tokens.dedup();
    framed(&Opening::Admission { certificate: Box::new(me.clone()), tokens })
}

/// Judges the first frame of `peer`, whose node id the link has authenticated. `coalitions` are ours, `roster` says how each knows
/// an organisation and a node of it.
///
/// # Errors
/// `Ok(Err(denial))` for who is not admitted, to be answered by [`Denial::frame`] unless `by_peer`. `Err` is what `roster` says.
pub fn check(
    frame: &[u8],
    peer: NodeId,
    me: NodeId,
    coalitions: &[SpaceId],
    roster: &mut dyn FnMut(SpaceId, OrgId, NodeId) -> Result<Standing>,
) -> Result<std::result::Result<Admitted, Denial>> {
    let (certificate, tokens) = match unframed(frame) {
        Ok(Opening::Admission { certificate, tokens }) => (certificate, tokens),
        Ok(Opening::Denied { code, notices }) => {
            return Ok(Err(Denial {
                reason: Reason::from_code(code),
                by_peer: true,
                org: None,
                removed_from: Vec::new(),
                notices,
            }));
        }
        Err(reason) => return Ok(Err(Denial::ours(reason))),
    };
    if certificate.node != peer {
        return Ok(Err(Denial::ours(Reason::Certificate)));
    }
    let Ok(org) = certificate.verify() else { return Ok(Err(Denial::ours(Reason::Certificate))) };
    let mut admitted = Admitted { node: peer, org, coalitions: Vec::new(), removed_from: Vec::new() };
    let mut retired = false;
    for coalition in coalitions.iter().take(limits::COALITIONS) {
        if tokens.binary_search(&token(*coalition, peer, me)).is_err() {
            continue;
        }
        match roster(*coalition, org, peer)? {
            Standing::Member => admitted.coalitions.push(*coalition),
            Standing::Retired if planted::is(Bug::RetiredAdmitted) => admitted.coalitions.push(*coalition),
            Standing::Removed => admitted.removed_from.push(*coalition),
            Standing::Retired => retired = true,
            Standing::Unknown => {}
        }
    }
    // Retirement is the root's word, and final, wherever it was heard.
    if retired {
        return Ok(Err(Denial::ours(Reason::Retired)));
    }
    if !admitted.coalitions.is_empty() {
        return Ok(Ok(admitted));
    }
    let reason = if admitted.removed_from.is_empty() { Reason::Stranger } else { Reason::Removed };
    Ok(Err(Denial { org: Some(org), removed_from: admitted.removed_from, ..Denial::ours(reason) }))
}

fn token(coalition: SpaceId, sender: NodeId, receiver: NodeId) -> [u8; 32] {
    sha256(b"belay admission v1\0", &[&coalition.0, &sender.0, &receiver.0])
}

fn framed(opening: &Opening) -> Vec<u8> {
    let mut bytes = vec![VERSION];
    bytes.extend(codec::encode(opening));
    bytes
}

fn unframed(frame: &[u8]) -> std::result::Result<Opening, Reason> {
    let (version, rest) = frame.split_first().ok_or(Reason::Malformed)?;
    if *version != VERSION {
        return Err(Reason::Version);
    }
    let opening: Opening = codec::decode("admission", rest).map_err(|_| Reason::Malformed)?;
    let bounded = match &opening {
        Opening::Admission { tokens, .. } => {
            tokens.len() <= limits::COALITIONS && tokens.windows(2).all(|pair| matches!(pair, [a, b] if a < b))
        }
        Opening::Denied { notices, .. } => notices.len() <= NOTICES,
    };
    if bounded { Ok(opening) } else { Err(Reason::Malformed) }
}

#[cfg(test)]
mod tests;
