//! Invites: one code (or one file) that lets one organisation ask to be let in.
//!
//! The inviter's node keeps an [`Invite`] under the hash of its secret, so that a code proves itself without being sent. Its state
//! is a lifecycle: open -> claimed -> approved -> used, or cancelled on the way; expiry ends an open one.

mod address;
pub mod armor;
mod base32;
mod code;
mod refusal;
mod tries;

pub use code::Code;
pub use refusal::Refusal;
pub use tries::Tries;

use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{InviteId, NodeId, OrgId, SpaceId};
use crate::keys::digest::{same, sha256};
use crate::keys::{Certificate, six_words};
use crate::limits;
use crate::random::{self, Random};
use crate::space::control::OrgCard;
use crate::store::{Draft, Table, View};
use crate::time::{MINUTE, Time};
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// What a code proves: 16 random bytes. Zeroized when dropped; compared in constant time.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct InviteSecret([u8; 16]);

impl InviteSecret {
    pub fn generate(random: &mut dyn Random) -> Self {
        Self(random::array(random))
    }

    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The invite's id, which tells nothing of the secret.
    #[must_use]
    pub fn id(&self) -> InviteId {
        InviteId(sha256(b"belay invite v1\0", &[&self.0]))
    }
}

impl PartialEq for InviteSecret {
    fn eq(&self, other: &Self) -> bool {
        same(&self.0, &other.0)
    }
}
impl Eq for InviteSecret {}

impl fmt::Debug for InviteSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InviteSecret")
    }
}

/// Who came with an invite, and what both sides hold of the talk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claimed {
    pub card: OrgCard,
    pub certificate: Certificate,
    /// What we answered, as sent: the same claim again gets the same answer.
    pub offering: Vec<u8>,
    /// Hash of what both said; the six words are made of it.
    pub transcript: [u8; 32],
    pub at: Time,
}

impl Claimed {
    /// The newcomer's node.
    #[must_use]
    pub const fn node(&self) -> NodeId {
        self.certificate.node
    }

    /// The newcomer's organisation.
    #[must_use]
    pub fn org(&self) -> OrgId {
        self.card.root.org()
    }

    /// Six words to compare by telephone: equal at both sides if, and only if, nobody is in the middle.
    #[must_use]
    pub fn words(&self) -> String {
        six_words(&self.transcript)
    }
}

/// Where an invite stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum InviteState {
    Open,
    /// Redeemed; a steward compares the words and approves.
    Claimed(Claimed),
    /// A steward has let the newcomer in; it has yet to fetch the roster.
    Approved {
        claimed: Claimed,
        at: Time,
    },
    /// The newcomer has fetched the roster, or a file with it was written.
    Used {
        claimed: Claimed,
        at: Time,
    },
    Cancelled {
        at: Time,
    },
}

impl InviteState {
    /// Who came, if somebody did and was not sent away.
    #[must_use]
    pub const fn claimed(&self) -> Option<&Claimed> {
        match self {
            Self::Claimed(claimed) | Self::Approved { claimed, .. } | Self::Used { claimed, .. } => Some(claimed),
            Self::Open | Self::Cancelled { .. } => None,
        }
    }
}

/// What is asked of a new invite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    pub coalition: SpaceId,
    /// For whom it is, as a note for ourselves.
    pub hint: Option<String>,
    /// Milliseconds that it may be redeemed; at most [`limits::INVITE_LIFE_MAX`].
    pub life: u64,
    /// Multiaddrs under which we can be reached, best first; at most [`limits::INVITE_ADDRESSES`].
    pub addresses: Vec<String>,
}

/// An invite as its maker's node keeps it, in [`Table::Invite`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invite {
    secret: InviteSecret,
    pub coalition: SpaceId,
    pub hint: Option<String>,
    pub made: Time,
    /// Whole minutes, as in the code.
    pub expires: Time,
    pub addresses: Vec<String>,
    /// Random bytes for a talk by files, where nobody can ask us for fresh ones.
    pub file_nonce: [u8; 32],
    pub state: InviteState,
}

impl Invite {
    /// Makes an invite and puts it into the store.
    ///
    /// # Errors
    /// `Misuse` for a life of zero or too long, a name that is none, too many or bad addresses, too many open invites.
    pub fn make(draft: &mut Draft<'_>, terms: Terms, now: Time, random: &mut dyn Random) -> Result<Self> {
        if terms.life < MINUTE || terms.life > limits::INVITE_LIFE_MAX {
            return Err(Fault::misuse(format!(
                "an invite lives for at least a minute and at most {} days",
                limits::INVITE_LIFE_MAX / crate::time::DAY
            )));
        }
        if let Some(hint) = &terms.hint {
            check_name(hint).map_err(|what| Fault::misuse(format!("name on the invite: {what}")))?;
        }
        address::check(&terms.addresses)?;
        if Self::all(draft)?.iter().filter(|invite| invite.is_open(now)).count() >= limits::INVITES_OPEN {
            return Err(Fault::misuse(format!(
                "{} invites are open; cancel some with `belay invite cancel`",
                limits::INVITES_OPEN
            )));
        }
        let invite = Self {
            secret: InviteSecret::generate(random),
            coalition: terms.coalition,
            hint: terms.hint,
            made: now,
            expires: code::whole_minutes(now.plus(terms.life)),
            addresses: terms.addresses,
            file_nonce: random::array(random),
            state: InviteState::Open,
        };
        invite.save(draft);
        Ok(invite)
    }

    #[must_use]
    pub fn id(&self) -> InviteId {
        self.secret.id()
    }

    #[must_use]
    pub const fn secret(&self) -> &InviteSecret {
        &self.secret
    }

    /// The code to hand over, by a way that others do not read.
    #[must_use]
    pub fn code(&self, node: NodeId, org: OrgId) -> Code {
        Code { node, org, secret: self.secret.clone(), expires: self.expires, addresses: self.addresses.clone() }
    }

    /// Whether somebody may still come with it.
    #[must_use]
    pub fn is_open(&self, now: Time) -> bool {
        self.state == InviteState::Open && now <= self.expires
    }

    /// One word for lists: `open`, `expired`, `claimed`, `approved`, `used` or `cancelled`.
    #[must_use]
    pub fn standing(&self, now: Time) -> &'static str {
        match self.state {
            InviteState::Open if now <= self.expires => "open",
            InviteState::Open => "expired",
            InviteState::Claimed(_) => "claimed",
            InviteState::Approved { .. } => "approved",
            InviteState::Used { .. } => "used",
            InviteState::Cancelled { .. } => "cancelled",
        }
    }

    /// Takes the invite back, also from who came with it and was not approved yet.
    ///
    /// # Errors
    /// `Misuse`, if the newcomer is in already.
    pub fn cancel(mut self, draft: &mut Draft<'_>, now: Time) -> Result<Self> {
        match self.state {
            InviteState::Open | InviteState::Claimed(_) => {
                self.state = InviteState::Cancelled { at: now };
                self.save(draft);
                Ok(self)
            }
            InviteState::Cancelled { .. } => Ok(self),
            InviteState::Approved { .. } | InviteState::Used { .. } => Err(Fault::misuse(
                "who came with this invite is a member already; `belay org remove` takes a member out",
            )),
        }
    }

    /// A steward's yes to who came. The grant that admits the organisation is written in the same step.
    ///
    /// # Errors
    /// `Misuse`, if nobody waits with this invite.
    pub fn approve(mut self, draft: &mut Draft<'_>, now: Time) -> Result<Self> {
        self.state = match self.state {
            InviteState::Claimed(claimed) => InviteState::Approved { claimed, at: now },
            state @ (InviteState::Approved { .. } | InviteState::Used { .. }) => state,
            InviteState::Open => return Err(Fault::misuse("nobody has come with this invite yet")),
            InviteState::Cancelled { .. } => {
                return Err(Fault::misuse("this invite was cancelled; make a new one with `belay invite`"));
            }
        };
        self.save(draft);
        Ok(self)
    }

    /// Reads one.
    ///
    /// # Errors
    /// `Store`.
    pub fn load(view: &dyn View, id: InviteId) -> Result<Option<Self>> {
        view.get(Table::Invite, id.as_bytes())?.map(|bytes| Self::decode(&bytes)).transpose()
    }

    /// All of them, in order of id.
    ///
    /// # Errors
    /// `Store`.
    pub fn all(view: &dyn View) -> Result<Vec<Self>> {
        view.scan(Table::Invite, &[], None, usize::MAX, false)?.iter().map(|(_, bytes)| Self::decode(bytes)).collect()
    }

    /// The invites with which an organisation came and was not sent away, newest first.
    ///
    /// # Errors
    /// `Store`.
    pub fn claimed_by(view: &dyn View, org: OrgId) -> Result<Vec<Self>> {
        let mut found = Self::all(view)?;
        found.retain(|invite| invite.state.claimed().is_some_and(|claimed| claimed.org() == org));
        found.sort_by_key(|invite| std::cmp::Reverse(invite.made));
        Ok(found)
    }

    /// The one whose id begins so, as lists show it.
    ///
    /// # Errors
    /// `Misuse`, if none or several do; `Store`.
    pub fn find(view: &dyn View, start_of_id: &str) -> Result<Self> {
        let start = start_of_id.trim().to_ascii_lowercase();
        let mut found = Self::all(view)?.into_iter().filter(|invite| invite.id().to_string().starts_with(&start));
        match (found.next(), found.next()) {
            (Some(invite), None) if !start.is_empty() => Ok(invite),
            (None, _) => Err(Fault::misuse("no invite has this id; `belay invite list` shows them")),
            _ => Err(Fault::misuse("several invites have ids that begin so; write more of it")),
        }
    }

    /// Puts it into the store.
    pub(crate) fn save(&self, draft: &mut Draft<'_>) {
        draft.put(Table::Invite, self.id().as_bytes(), codec::encode(self));
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        codec::decode("invite in the store", bytes).map_err(|fault| Fault::store(fault.message))
    }
}

/// Whether a text can name an organisation: something to see, no control characters, not too long.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn check_name(name: &str) -> std::result::Result<(), String> {
    if name.trim().is_empty() {
        return Err("it is empty".to_owned());
    }
    if name.chars().any(crate::plain::is_obeyed) {
        return Err("it holds control characters".to_owned());
    }
    if name.chars().count() > limits::NAME_CHARS {
        return Err(format!("it has over {} characters", limits::NAME_CHARS));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
