//! Handshakes: how a newcomer asks to be let in ([`inviter`], [`joiner`], [`files`]), how a further node of a member asks for the
//! coalition ([`returning`]), and how members show each other that they are ([`admission`]).
//!
//! The talk of a join, on `/belay/invite/1`, over a link that has authenticated both node ids:
//!
//! 1. newcomer -> inviter [`Request::Claim`]: who it is, fresh random bytes, and a MAC under the invite's secret over all of it and
//!    the inviter's node and organisation.
//! 2. inviter -> newcomer [`Answer::Welcome`]: who it is, the coalition, fresh random bytes, and a MAC under the secret over the
//!    transcript (both messages). Now each knows that the other holds the secret, and both show six words of the transcript.
//! 3. A steward compares the words by telephone and approves. Until then each [`Request::Ask`] is answered by [`Answer::Pending`].
//! 4. Afterwards by [`Answer::Approved`]: the coalition's control entries, a page at a time.
//!
//! The same goes with each machine of the inviter's organisation that knows the invite. One that the code does not name shows first that it
//! is such a machine, by its certificate ([`Request::Who`], [`Answer::Here`]).
//!
//! Without a network the same goes by three files, see [`files`]. The words protect where the code itself was read by somebody on
//! its way: who sits in the middle must make both sides' transcripts give the same 66 bits, against random bytes that it learns
//! one after the other, and a claim is taken once.

pub mod admission;
pub mod files;
pub mod inviter;
pub mod joiner;
mod message;
pub mod returning;

pub use inviter::Coalition;
pub use joiner::Join;
pub use message::{Answer, Approved, Ask, Claim, Claiming, Offer, Offering, Request, Return, Who};
pub use returning::Returning;

use crate::coalition::invite::{InviteSecret, Refusal, check_name};
use crate::codec;
use crate::ids::{NodeId, OrgId};
use crate::keys::Certificate;
use crate::keys::digest::{hmac, sha256};
use crate::space::control::OrgCard;
use serde::{Deserialize, Serialize};

/// One side of the talk: its organisation, and the certificate of its node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    pub card: OrgCard,
    pub certificate: Certificate,
}

impl Party {
    #[must_use]
    pub const fn node(&self) -> NodeId {
        self.certificate.node
    }

    #[must_use]
    pub fn org(&self) -> OrgId {
        self.card.root.org()
    }

    /// Whether this is the organisation of `node`, by its root's signature, with a name that can be shown.
    ///
    /// # Errors
    /// The refusal to answer with.
    pub fn check(&self, node: NodeId) -> Result<(), Refusal> {
        let own = self.certificate.root == self.card.root && self.certificate.node == node;
        if !own || self.certificate.verify().is_err() || self.certificate.prekey.check().is_err() {
            return Err(Refusal::Certificate);
        }
        check_name(&self.card.name).map_err(|_| Refusal::Card)
    }
}

/// The MAC of a claim: binds the secret to both nodes, the newcomer's root (in `claiming`) and the inviter's organisation.
fn claim_proof(secret: &InviteSecret, inviter: NodeId, inviter_org: OrgId, claiming: &Claiming) -> [u8; 32] {
    hmac(secret.as_bytes(), b"belay join claim v1\0", &[&inviter.0, &inviter_org.0, &codec::encode(claiming)])
}

/// The hash of all that both sides said. Both cards, certificates, node ids and random bytes are in it.
fn transcript(claiming: &Claiming, offering: &Offering) -> [u8; 32] {
    sha256(b"belay join transcript v1\0", &[&codec::encode(claiming), &codec::encode(offering)])
}

fn offer_proof(secret: &InviteSecret, transcript: &[u8; 32]) -> [u8; 32] {
    hmac(secret.as_bytes(), b"belay join offer v1\0", &[transcript])
}

fn ask_proof(secret: &InviteSecret, transcript: &[u8; 32]) -> [u8; 32] {
    hmac(secret.as_bytes(), b"belay join ask v1\0", &[transcript])
}

fn who_proof(secret: &InviteSecret, newcomer: NodeId, machine: NodeId) -> [u8; 32] {
    hmac(secret.as_bytes(), b"belay join who v1\0", &[&newcomer.0, &machine.0])
}

#[cfg(test)]
mod tests;
