//! Partners who are not on the network: on the first day most are not. A referral to one of them is kept in our own private
//! records alone; it has the same notice, acts, fold and table as a thread, and what the partner says by telephone stands in
//! it as the partner's own act, heard by our staff.

use super::act::Body;
use super::base::{By, Party};
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, OrgId, ThreadId};
use crate::keys::digest::sha256;
use crate::limits;
use crate::sensitive::Personal;
use crate::space::control::PartnerKind;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// The last eight bytes of the id of a partner who is not on the network. The id of an organisation is the hash of its root
/// key: that one ends so by chance is one in 2^64.
const MARK: [u8; 8] = *b"-outside";

/// The id of a new partner who is not on the network, from 32 random bytes. No root key has it, so that no roster admits it and
/// no space can be opened to it.
#[must_use]
pub fn outside_id(random: [u8; 32]) -> OrgId {
    let mut id = sha256(b"belay outside partner v1\0", &[&random]);
    if let Some(end) = id.last_chunk_mut() {
        *end = MARK;
    }
    OrgId(id)
}

/// Whether this is the id of a partner who is not on the network.
#[must_use]
pub fn is_outside(org: OrgId) -> bool {
    org.0.ends_with(&MARK)
}

/// A partner who is not on the network, as our own records know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutsidePartner {
    pub org: OrgId,
    /// The first is 1; the highest is what holds.
    pub revision: u32,
    pub name: String,
    pub kind: PartnerKind,
    /// In one line; goes into the record of each disclosure (45 CFR 164.528(b)(2)(ii)).
    pub address: String,
    pub telephone: String,
    pub fax: String,
    /// The listing that it was made from, `<org id>/<listing id>`.
    pub listing: Option<String>,
    /// It pays us, employs us, or belongs to whom we belong to: the report of referrals tells the share that goes there.
    pub affiliated: bool,
    /// It joined the network, and is this organisation there: no new consent names it by this id, and what went before stays under it.
    pub joined: Option<OrgId>,
}

impl OutsidePartner {
    /// As a consent names it.
    #[must_use]
    pub fn party(&self) -> Party {
        Party { org: self.org, name: self.name.clone(), kind: self.kind }
    }

    /// Name and, where known, address: what a record of a disclosure holds of its recipient.
    #[must_use]
    pub fn recipient(&self) -> String {
        if self.address.is_empty() { self.name.clone() } else { format!("{}, {}", self.name, self.address) }
    }

    /// Lengths.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn check(&self) -> Result<()> {
        let texts = [&self.name, &self.telephone, &self.fax].into_iter().chain(self.listing.as_ref());
        let long = texts.into_iter().any(|t| t.chars().count() > limits::NAME_CHARS);
        if long || self.address.chars().count() > 4 * limits::NAME_CHARS || self.name.trim().is_empty() {
            return Err(Fault::malformed("a partner has a name, and no field longer than a line or two"));
        }
        if !is_outside(self.org) {
            return Err(Fault::malformed("a partner off the network has an id of its own kind"));
        }
        Ok(())
    }
}

/// One entry of a referral to a partner who is not on the network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutsideAct {
    pub thread: ThreadId,
    /// The newest entries of the referral that its author knew.
    pub after: Vec<EntryHash>,
    /// An act of the partner, and who there said so; empty where no name was given. `None`: our own.
    pub heard: Option<Personal<String>>,
    pub at: Time,
    pub body: Body,
}

impl OutsideAct {
    /// Lengths.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn check(&self) -> Result<()> {
        super::act::bounded(self.heard.iter(), limits::NAME_CHARS)?;
        if self.after.len() > limits::PARENTS {
            return Err(Fault::malformed("an act names too many entries before it"));
        }
        match &self.body {
            Body::Act(signed) => signed.act.check(),
            Body::Notice(notice) => notice.scope.check(),
            Body::Chunk(_) => Err(Fault::malformed("a file does not go to a partner off the network")),
        }
    }

    /// The body as it is folded and shown: an act of the partner says who told it and who heard it.
    #[must_use]
    pub fn placed(self, partner: &str) -> Body {
        match (self.body, self.heard) {
            (Body::Act(mut signed), Some(heard)) => {
                let who = if heard.reveal().is_empty() {
                    format!("reported by {partner}, heard by {}", signed.by.name.reveal())
                } else {
                    format!("reported by {} at {partner}, heard by {}", heard.reveal(), signed.by.name.reveal())
                };
                signed.by = By { staff: signed.by.staff, name: who.as_str().into() };
                Body::Act(signed)
            }
            (body, _) => body,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_off_the_network_is_marked_and_no_two_are_the_same() {
        let (a, b) = (outside_id([1; 32]), outside_id([2; 32]));
        assert_ne!(a, b);
        assert!(is_outside(a) && is_outside(b));
        assert!(!is_outside(OrgId(sha256(b"belay outside partner v1\0", &[&[1; 32]]))));
    }

    #[test]
    fn the_id_of_a_root_key_is_not_marked() {
        for seed in 0..=255 {
            assert!(!is_outside(crate::keys::RootKey::from_seed([seed; 32]).public().org()));
        }
    }
}
