//! Invites: one code (or one file) that lets one organisation ask to be let in.
//!
//! The inviter's node keeps an [`Invite`] under the hash of its secret, so that a code proves itself without being sent. It is a lifecycle:
//! open -> claimed -> approved -> used, or cancelled on the way; expiry ends an open one. Each change is written into the organisation's private
//! space as the whole invite, and what two machines know of one comes together by [`Invite::merge`], in whatever order: so each of them
//! takes a claim, shows it, approves it and lets the newcomer have the roster. A machine takes one claim. Where two machines took one each,
//! both newcomers wait, and people see both: who is approved is let in, and shuts the others out.

mod address;
pub mod armor;
mod base32;
mod code;
pub mod pass;
mod refusal;
mod tries;

pub use code::{Code, Relay};
pub use pass::Pass;
pub use refusal::Refusal;
pub use tries::Tries;

use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{InviteId, NodeId, OrgId, SpaceId};
use crate::keys::digest::{same, sha256};
use crate::keys::{Certificate, six_words};
use crate::limits;
use crate::planted::{self, Bug};
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

/// How far somebody came with an invite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// A steward compares the words, and approves.
    Waits,
    /// A steward has let the newcomer in; it has yet to fetch the roster.
    Approved { at: Time },
    /// The newcomer has fetched the roster, or a file with it was written.
    Used { at: Time },
}

impl Stage {
    const fn rank(self) -> u8 {
        match self {
            Self::Waits => 0,
            Self::Approved { .. } => 1,
            Self::Used { .. } => 2,
        }
    }

    /// The further one; of equals the earlier.
    fn further(self, other: Self) -> Self {
        let order = |stage: Self| match stage {
            Self::Waits => (0, std::cmp::Reverse(Time(0))),
            Self::Approved { at } | Self::Used { at } => (stage.rank(), std::cmp::Reverse(at)),
        };
        if order(other) > order(self) { other } else { self }
    }
}

/// Who came with an invite, and what both sides hold of the talk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claimed {
    pub card: OrgCard,
    pub certificate: Certificate,
    /// What we answered, as sent: the same claim again gets the same answer, whichever machine of ours it comes to.
    pub offering: Vec<u8>,
    /// Hash of what both said; the six words are made of it.
    pub transcript: [u8; 32],
    pub at: Time,
    /// The machine of ours that took it.
    pub by: NodeId,
    pub stage: Stage,
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

/// What is asked of a new invite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The node that makes it.
    pub maker: NodeId,
    pub coalition: SpaceId,
    /// For whom it is, as a note for ourselves.
    pub hint: Option<String>,
    /// Milliseconds that it may be redeemed; at most [`limits::INVITE_LIFE_MAX`].
    pub life: u64,
    /// Multiaddrs under which we can be reached, best first; at most [`limits::INVITE_ADDRESSES`].
    pub addresses: Vec<String>,
    /// By whom the newcomer comes to us where it can not reach us; at most [`limits::INVITE_RELAYS`].
    pub relays: Vec<Relay>,
}

/// An invite as the nodes of the organisation that made it keep it, in [`Table::Invite`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invite {
    secret: InviteSecret,
    /// The node that made it, and that its code names.
    pub maker: NodeId,
    pub coalition: SpaceId,
    pub hint: Option<String>,
    pub made: Time,
    /// Whole minutes, as in the code.
    pub expires: Time,
    pub addresses: Vec<String>,
    pub relays: Vec<Relay>,
    /// What is offered to a newcomer by file, where nobody can ask us for fresh random bytes; once there is a file.
    pub file_offering: Option<Vec<u8>>,
    /// Everybody who came, in order of transcript; one for each machine at most, so at most [`limits::NODES_OF_ORG`].
    claims: Vec<Claimed>,
    cancelled: Option<Time>,
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
        address::check(&terms.addresses, limits::INVITE_ADDRESSES)?;
        code::check_relays(&terms.relays)?;
        if Self::all(draft)?.iter().filter(|invite| invite.is_open(now)).count() >= limits::INVITES_OPEN {
            return Err(Fault::misuse(format!(
                "{} invites are open; cancel some with `belay invite cancel`",
                limits::INVITES_OPEN
            )));
        }
        let passes = |invite: &&Self| invite.has_pass() && now <= invite.expires;
        if !terms.relays.is_empty() && Self::all(draft)?.iter().filter(passes).count() >= limits::PASSES_OF_NODE {
            return Err(Fault::misuse(format!(
                "{} invites that go through other members' nodes wait for their newcomers; cancel some with `belay invite cancel`",
                limits::PASSES_OF_NODE
            )));
        }
        let invite = Self {
            secret: InviteSecret::generate(random),
            maker: terms.maker,
            coalition: terms.coalition,
            hint: terms.hint,
            made: now,
            expires: code::whole_minutes(now.plus(terms.life)),
            addresses: terms.addresses,
            relays: terms.relays,
            file_offering: None,
            claims: Vec::new(),
            cancelled: None,
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

    /// What lets the newcomer through a member's node to us.
    #[must_use]
    pub fn pass(&self) -> Pass {
        Pass::of(&self.secret)
    }

    /// Whether its pass is to be known to members: it names some to come by, and it is not over.
    #[must_use]
    pub fn has_pass(&self) -> bool {
        !self.is_over() && !self.relays.is_empty()
    }

    /// Whether nobody is to come with it any more: it was cancelled, or who was let in has the roster.
    #[must_use]
    pub fn is_over(&self) -> bool {
        let mut accepted = self.accepted().peekable();
        if accepted.peek().is_none() {
            return self.cancelled.is_some();
        }
        accepted.all(|claimed| matches!(claimed.stage, Stage::Used { .. }))
    }

    /// The code to hand over, by a way that others do not read.
    #[must_use]
    pub fn code(&self, org: OrgId) -> Code {
        Code {
            node: self.maker,
            org,
            secret: self.secret.clone(),
            expires: self.expires,
            addresses: self.addresses.clone(),
            relays: self.relays.clone(),
        }
    }

    /// Whether somebody may still come with it.
    #[must_use]
    pub fn is_open(&self, now: Time) -> bool {
        self.claims.is_empty() && self.cancelled.is_none() && now <= self.expires
    }

    /// Who was let in. More than one only where two machines of ours let one in each, before either had heard of the other.
    fn accepted(&self) -> impl Iterator<Item = &Claimed> {
        self.claims.iter().filter(|claimed| claimed.stage != Stage::Waits)
    }

    /// Who came and was not sent away: who was let in or, while nobody was, whoever waits.
    #[must_use]
    pub fn claims(&self) -> Vec<&Claimed> {
        let accepted: Vec<&Claimed> = self.accepted().collect();
        if accepted.is_empty() { self.waiting() } else { accepted }
    }

    /// Who ever came with it and is known here, also those who were sent away.
    pub(super) fn came(&self) -> &[Claimed] {
        &self.claims
    }

    /// Who waits for a steward.
    #[must_use]
    pub fn waiting(&self) -> Vec<&Claimed> {
        if self.cancelled.is_some() || self.accepted().next().is_some() {
            return Vec::new();
        }
        self.claims.iter().collect()
    }

    /// Whether it was cancelled, and nobody let in.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.is_some() && self.accepted().next().is_none()
    }

    /// One word for lists: `open`, `expired`, `claimed`, `approved`, `used` or `cancelled`.
    #[must_use]
    pub fn standing(&self, now: Time) -> &'static str {
        if self.is_cancelled() {
            return "cancelled";
        }
        match (self.accepted().next().is_some(), self.claims.is_empty()) {
            (true, _) if self.is_over() => "used",
            (true, _) => "approved",
            (false, false) => "claimed",
            (false, true) if now <= self.expires => "open",
            (false, true) => "expired",
        }
    }

    /// Somebody came.
    pub(super) fn claimed(&mut self, draft: &mut Draft<'_>, claimed: Claimed) {
        self.add(claimed);
        self.save(draft);
    }

    fn add(&mut self, claimed: Claimed) {
        match self.claims.binary_search_by_key(&claimed.transcript, |known| known.transcript) {
            Ok(at) => {
                if let Some(known) = self.claims.get_mut(at) {
                    known.stage = known.stage.further(claimed.stage);
                }
            }
            Err(at) if self.claims.len() < limits::NODES_OF_ORG => self.claims.insert(at, claimed),
            Err(_) => {}
        }
    }

    /// Takes in what another machine of ours knows of the same invite. Whether that is news.
    pub fn merge(&mut self, other: Self) -> bool {
        let before = self.clone();
        for claimed in other.claims {
            self.add(claimed);
        }
        self.cancelled = match (self.cancelled, other.cancelled) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (None, Some(_)) if planted::is(Bug::InviteUncancelled) => None,
            (a, b) => a.or(b),
        };
        // Its maker alone writes one.
        self.file_offering = self.file_offering.take().or(other.file_offering);
        *self != before
    }

    /// Keeps what came from another machine of ours, beside what is known here. Whether that is news.
    ///
    /// # Errors
    /// `Store`.
    pub fn keep(self, draft: &mut Draft<'_>) -> Result<bool> {
        let mut known = match Self::load(draft, self.id())? {
            Some(known) => known,
            None => Self { claims: Vec::new(), cancelled: None, file_offering: None, ..self.clone() },
        };
        let new = Self::load(draft, self.id())?.is_none();
        let news = known.merge(self) || new;
        if news {
            known.save(draft);
        }
        Ok(news)
    }

    /// Whether what it holds is within its bounds, as no machine of ours would write otherwise.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn check(&self) -> Result<()> {
        address::check(&self.addresses, limits::INVITE_ADDRESSES)
            .and_then(|()| code::check_relays(&self.relays))
            .map_err(|fault| Fault::malformed(fault.message))?;
        let sorted = self.claims.windows(2).all(|pair| matches!(pair, [a, b] if a.transcript < b.transcript));
        if !sorted || self.claims.len() > limits::NODES_OF_ORG {
            return Err(Fault::malformed("invite: those who came are too many, not sorted, or repeat"));
        }
        Ok(())
    }

    /// Takes the invite back, also from who came with it and was not approved yet.
    ///
    /// # Errors
    /// `Misuse`, if a newcomer is in already.
    pub fn cancel(mut self, draft: &mut Draft<'_>, now: Time) -> Result<Self> {
        if self.accepted().next().is_some() {
            return Err(Fault::misuse(
                "who came with this invite is a member already; `belay org remove` takes a member out",
            ));
        }
        self.cancelled.get_or_insert(now);
        self.save(draft);
        Ok(self)
    }

    /// A steward's yes to the node that came. The grant that admits its organisation is written in the same step.
    ///
    /// # Errors
    /// `Misuse`, if it does not wait with this invite.
    pub fn approve(self, draft: &mut Draft<'_>, node: NodeId, now: Time) -> Result<Self> {
        if self.is_cancelled() {
            return Err(Fault::misuse("this invite was cancelled; make a new one with `belay invite`"));
        }
        if self.claims().iter().all(|claimed| claimed.node() != node) {
            return Err(Fault::misuse("nobody such has come with this invite"));
        }
        Ok(self.go_on(draft, node, Stage::Approved { at: now }))
    }

    /// The node that came has the roster now.
    pub(super) fn used(self, draft: &mut Draft<'_>, node: NodeId, now: Time) -> Self {
        self.go_on(draft, node, Stage::Used { at: now })
    }

    /// One node may have claimed at two machines, with other words at each: it is one newcomer, whose key each link has proven.
    fn go_on(mut self, draft: &mut Draft<'_>, node: NodeId, stage: Stage) -> Self {
        let all = planted::is(Bug::InviteForAll);
        for claimed in self.claims.iter_mut().filter(|claimed| claimed.node() == node || all) {
            claimed.stage = claimed.stage.further(stage);
        }
        self.save(draft);
        self
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
