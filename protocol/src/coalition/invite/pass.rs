//! Passes: what lets a newcomer through a member's node to an inviter that it can not reach itself.
//!
//! A pass is made of the invite's secret, so that the code needs no second one and a relay that is shown the pass does not learn the
//! code. The inviter's nodes publish the *names* of their passes (a hash each) in the register [`PASSES`] of the coalition space, so
//! that every member can tell a pass from anything else and none can make one up. A relay lets whoever shows one through to the
//! organisation that published it, on one stream of the invite talk, and to nothing else.

use super::InviteSecret;
use crate::codec;
use crate::ids::{NodeId, OrgId};
use crate::keys::digest::{hmac, sha256};
use crate::limits;
use crate::planted::{self, Bug};
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The register in the coalition space in which a steward's node publishes its passes: an encoded [`Published`].
pub const PASSES: &str = "passes";

/// What a newcomer shows to a relay: 32 bytes that follow from the invite's secret.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Pass([u8; 32]);

impl fmt::Debug for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pass")
    }
}

/// By what a relay knows a pass that it was not shown yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PassName(pub [u8; 32]);

impl Pass {
    #[must_use]
    pub fn of(secret: &InviteSecret) -> Self {
        Self(hmac(secret.as_bytes(), b"belay pass v1\0", &[]))
    }

    /// As shown to a relay.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    #[must_use]
    pub fn name(&self) -> PassName {
        PassName(sha256(b"belay pass name v1\0", &[&self.0]))
    }
}

/// What one node publishes of passes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// Of its own invites that are not done: name and when the invite expires. In order, at most [`limits::PASSES_OF_NODE`].
    pub open: Vec<(PassName, Time)>,
    /// Of invites that another node of its organisation made, and that are done with. In order, at most [`limits::PASSES_OF_NODE`].
    pub ended: Vec<PassName>,
}

impl Published {
    /// Reads a register's value. One over its bounds, or that is none, says nothing.
    #[must_use]
    pub fn read(value: &[u8]) -> Self {
        let read: Self = codec::decode("passes", value).unwrap_or_default();
        let most = limits::PASSES_OF_NODE;
        if read.open.len() > most || read.ended.len() > most { Self::default() } else { read }
    }
}

/// What the nodes of one organisation say of one pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// No node of it publishes this pass, or one of them says that it is done with.
    None,
    /// The node that made the invite, and when that expires.
    Open { maker: NodeId, expires: Time },
}

/// Looks for a pass in what the nodes of one organisation publish.
#[must_use]
pub fn find<'a>(published: impl IntoIterator<Item = (NodeId, &'a Published)>, name: PassName) -> Found {
    let mut found = Found::None;
    for (node, one) in published {
        if one.ended.contains(&name) && !planted::is(Bug::PassOutlives) {
            return Found::None;
        }
        if let Some((_, expires)) = one.open.iter().find(|(open, _)| *open == name) {
            found = Found::Open { maker: node, expires: *expires };
        }
    }
    found
}

/// Why a relay lets nobody through. The numbers are the wire's and never change meaning; 0 is a yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoPassage {
    /// No steward that is in publishes such a pass: it was cancelled, is used up, or word of it has not come yet.
    Unknown,
    Expired,
    /// Another node showed it before.
    Taken,
    /// No node of the inviter is linked with the relay.
    Away,
    /// As many are let through as the relay lets through at once.
    Busy,
    /// A reason that this version does not know.
    Other(u8),
}

impl NoPassage {
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Unknown => 1,
            Self::Expired => 2,
            Self::Taken => 3,
            Self::Away => 4,
            Self::Busy => 5,
            Self::Other(code) => code,
        }
    }

    #[must_use]
    pub const fn from_code(code: u8) -> Self {
        match code {
            1 => Self::Unknown,
            2 => Self::Expired,
            3 => Self::Taken,
            4 => Self::Away,
            5 => Self::Busy,
            other => Self::Other(other),
        }
    }

    /// What the newcomer is told. None of it is the inviter's word, so none of it ends a join.
    #[must_use]
    pub fn to_newcomer(self) -> String {
        match self {
            Self::Unknown => "the member's node that the invite goes through knows of no such invite: it was cancelled or used, or word of it has not come there yet; try again in a minute".to_owned(),
            Self::Expired => "this invite has expired, says the member's node that it goes through; ask for a new one".to_owned(),
            Self::Taken => "another node came with this invite before; if that was not you, tell the inviter at once, and ask for a new one".to_owned(),
            Self::Away => "the inviter's node is not on line now; try again later".to_owned(),
            Self::Busy => "the member's node that the invite goes through lets others through just now; try again in a minute".to_owned(),
            Self::Other(code) => format!("the member's node that the invite goes through lets nobody through, for a reason that this version does not know (code {code})"),
        }
    }
}

/// Who showed which pass to this relay first. Kept in memory: a restart forgets, and the pass stays bound to its invite.
#[derive(Debug, Default)]
pub struct Shown {
    first: BTreeMap<PassName, (NodeId, Time)>,
}

impl Shown {
    /// Judges a pass that `peer` shows, which `org` publishes until `expires`.
    ///
    /// # Errors
    /// Why it lets nobody through.
    pub fn show(&mut self, name: PassName, peer: NodeId, expires: Time, now: Time) -> Result<(), NoPassage> {
        self.first.retain(|_, (_, until)| *until >= now);
        if now > expires {
            return Err(NoPassage::Expired);
        }
        if let Some((first, _)) = self.first.get(&name) {
            let theirs = *first == peer || planted::is(Bug::PassUnbound);
            return if theirs { Ok(()) } else { Err(NoPassage::Taken) };
        }
        if self.first.len() >= limits::PASSES_SHOWN {
            return Err(NoPassage::Busy);
        }
        self.first.insert(name, (peer, expires));
        Ok(())
    }
}

/// Where a pass leads: the organisation that invites, and its nodes, the one that made the invite first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leads {
    pub org: OrgId,
    pub nodes: Vec<NodeId>,
}

#[cfg(test)]
mod tests;
