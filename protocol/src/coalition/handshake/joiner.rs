//! The newcomer's side: one [`Join`] for each invite it came with, kept in the store until the coalition is joined.
//!
//! Its random bytes are drawn once and stored before the claim leaves, so that a claim repeated after a crash is the same claim.

use super::{
    Answer, Approved, Ask, Claim, Claiming, Offering, Party, Request, Who, ask_proof, claim_proof, offer_proof,
    transcript, who_proof,
};
use crate::coalition::invite::{Code, Refusal};
use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{InviteId, NodeId, SpaceId};
use crate::keys::digest::same;
use crate::keys::six_words;
use crate::limits;
use crate::random::{self, Random};
use crate::space::entry::{Entry, Kind};
use crate::store::{Draft, Table, View, after_prefix};
use crate::time::Time;
use serde::{Deserialize, Serialize};

const KEY: &[u8] = b"join/";

/// Where a join stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum State {
    /// The claim is made; no answer yet.
    Claiming,
    /// The inviter has answered and proved that it holds the code; a steward has yet to approve.
    Welcomed { offering: Box<Offering>, transcript: [u8; 32] },
}

/// One attempt to join, as the newcomer's node keeps it, in [`Table::Own`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Join {
    code: Code,
    claiming: Claiming,
    begun: Time,
    /// Machines of the inviter's organisation that showed that they are, beside the one that the code names.
    machines: Vec<NodeId>,
    state: State,
}

impl Join {
    /// Begins with a code, or goes on where one begun with the same code stands.
    ///
    /// # Errors
    /// `Misuse`, if the invite has expired, is our own, or our card can not be shown; `Store`.
    pub fn begin(draft: &mut Draft<'_>, code: Code, me: &Party, now: Time, random: &mut dyn Random) -> Result<Self> {
        if let Some(join) = Self::load(draft, code.id())? {
            return Ok(join);
        }
        code.check_expiry(now)?;
        if code.org == me.org() {
            return Err(Fault::misuse("this invite was made by this organisation itself; give it to another one"));
        }
        me.check(me.node()).map_err(|refusal| Fault::misuse(refusal.to_newcomer()))?;
        let claiming = Claiming { invite: code.id(), party: me.clone(), nonce: random::array(random) };
        let join = Self { code, claiming, begun: now, machines: Vec::new(), state: State::Claiming };
        join.save(draft);
        Ok(join)
    }

    /// Reads one.
    ///
    /// # Errors
    /// `Store`.
    pub fn load(view: &dyn View, invite: InviteId) -> Result<Option<Self>> {
        view.get(Table::Own, &key(invite))?.map(|bytes| decode(&bytes)).transpose()
    }

    /// All that are under way.
    ///
    /// # Errors
    /// `Store`.
    pub fn all(view: &dyn View) -> Result<Vec<Self>> {
        let end = after_prefix(KEY);
        view.scan(Table::Own, KEY, end.as_deref(), usize::MAX, false)?.iter().map(|(_, bytes)| decode(bytes)).collect()
    }

    /// Forgets it: the coalition is joined, or the person gave up.
    pub fn end(self, draft: &mut Draft<'_>) {
        draft.delete(Table::Own, key(self.code.id()));
    }

    #[must_use]
    pub const fn code(&self) -> &Code {
        &self.code
    }

    #[must_use]
    pub const fn begun(&self) -> Time {
        self.begun
    }

    /// Whether its invite expired longer ago than [`limits::JOIN_GRACE`]. Then a machine that took the claim and knows nothing of it is not
    /// waited for to hear of it again, and people are told where nobody answers. Who answers otherwise, however late, is still heard.
    #[must_use]
    pub const fn is_overdue(&self, now: Time) -> bool {
        now.0 > self.code.expires.0.saturating_add(limits::JOIN_GRACE)
    }

    /// Who invites to what, once it has answered.
    #[must_use]
    pub const fn offering(&self) -> Option<&Offering> {
        match &self.state {
            State::Claiming => None,
            State::Welcomed { offering, .. } => Some(offering),
        }
    }

    /// The hash of what both sides said, once they did.
    #[must_use]
    pub const fn transcript(&self) -> Option<&[u8; 32]> {
        match &self.state {
            State::Claiming => None,
            State::Welcomed { transcript, .. } => Some(transcript),
        }
    }

    /// The six words to compare by telephone, once the inviter has answered.
    #[must_use]
    pub fn words(&self) -> Option<String> {
        self.transcript().map(|transcript| six_words(transcript))
    }

    /// The claim, to this machine of the inviter's.
    pub(super) fn claim(&self, to: NodeId) -> Claim {
        let proof = claim_proof(&self.code.secret, to, self.code.org, &self.claiming);
        Claim { claiming: self.claiming.clone(), proof }
    }

    /// What to say next to the machine that the code names, see [`Join::request_to`].
    #[must_use]
    pub fn request(&self, from: u32) -> Request {
        self.request_to(self.code.node, from)
    }

    /// What to say next to a machine: who it is, where that is not known; the claim; or the question whether a steward has approved, for
    /// control entries from number `from`.
    #[must_use]
    pub fn request_to(&self, machine: NodeId, from: u32) -> Request {
        match &self.state {
            _ if !self.knows(machine) => Request::Who(Who {
                invite: self.code.id(),
                proof: who_proof(&self.code.secret, self.claiming.party.node(), machine),
            }),
            State::Claiming => Request::Claim(Box::new(self.claim(machine))),
            State::Welcomed { transcript, .. } => {
                Request::Ask(Ask { invite: self.code.id(), from, proof: ask_proof(&self.code.secret, transcript) })
            }
        }
    }

    /// Takes an answer that came from `peer`, whose node id the link has authenticated.
    ///
    /// # Errors
    /// `NotPermitted` with the sentence for the person, if the inviter refuses; `Misbehaved` if the answer is not the inviter's, or
    /// proves nothing; `Malformed` or `Incompatible` for bytes that are no answer.
    pub fn answered(&mut self, draft: &mut Draft<'_>, peer: NodeId, bytes: &[u8]) -> Result<Progress> {
        match Answer::decode(bytes)? {
            Answer::Here(certificate) => {
                if certificate.node != peer || certificate.verify().ok() != Some(self.code.org) {
                    return Err(Fault::misbehaved("join: who answers is no machine of the inviter's"));
                }
                if !self.knows(peer) && self.machines.len() < limits::NODES_OF_ORG {
                    self.machines.push(peer);
                    self.save(draft);
                }
                Ok(Progress::Known)
            }
            Answer::Refused(code) => match Refusal::from_code(code) {
                refusal if self.stops(peer, refusal) => Ok(Progress::Stopped(refusal)),
                refusal => Err(self.refused(peer, refusal)),
            },
            _ if !self.knows(peer) => {
                Err(Fault::misbehaved("join: another node answered than the one that the code names"))
            }
            Answer::Welcome(offer) => {
                let transcript = transcript(&self.claiming, &offer.offering);
                if !same(&offer_proof(&self.code.secret, &transcript), &offer.proof) {
                    return Err(Fault::misbehaved("join: the inviter's node does not prove that it knows the code"));
                }
                self.welcomed(draft, offer.offering)?;
                Ok(Progress::Waiting)
            }
            Answer::Pending => Ok(Progress::Waiting),
            Answer::Approved(page) => {
                self.check_page(&page)?;
                Ok(Progress::Approved(page))
            }
        }
    }

    /// Whether this is known to be a machine of the inviter's.
    fn knows(&self, machine: NodeId) -> bool {
        machine == self.code.node || self.machines.contains(&machine)
    }

    /// The machine that took the claim, or is to take it.
    fn took(&self) -> NodeId {
        self.offering().map_or(self.code.node, |offering| offering.party.node())
    }

    /// Whether a machine of the inviter's only puts us off. Who was taken out may be let in again. Who took the claim knew the invite then: if
    /// it knows nothing of it now, its disk was put back, or a copy of its folder answers in its name. It may hear of the invite again,
    /// and another machine that knows it lets us in meanwhile. One that was asked too often is asked again later.
    fn stops(&self, peer: NodeId, refusal: Refusal) -> bool {
        match refusal {
            Refusal::Out | Refusal::InviterOut => self.knows(peer),
            Refusal::Unknown => self.offering().is_some() && peer == self.took(),
            Refusal::TooManyTries => self.offering().is_some() && self.knows(peer),
            _ => false,
        }
    }

    /// What a refusal means. Only a machine of the inviter's can end a join; and of those one that did not take the claim may not have heard
    /// yet of the invite, or of the claim that another took.
    fn refused(&self, peer: NodeId, refusal: Refusal) -> Fault {
        let unheard = match refusal {
            Refusal::Unknown | Refusal::Used | Refusal::WrongProof => true,
            // Its time is that of the code, within which the claim was made. (Of a cancellation only a machine speaks that knows the claim.)
            Refusal::Expired => self.offering().is_some(),
            _ => false,
        };
        if unheard && peer != self.took() || !self.knows(peer) {
            return Fault::misuse(format!("another machine of the inviter's says: {}", refusal.to_newcomer()));
        }
        Fault::not_permitted(refusal.to_newcomer())
    }

    /// Takes the inviter's offer, whose proof was checked or which came in the invite's own file.
    pub(super) fn welcomed(&mut self, draft: &mut Draft<'_>, offering: Offering) -> Result<()> {
        if offering.party.org() != self.code.org {
            return Err(Fault::misbehaved(
                "join: the inviter is another organisation than the one that the code names",
            ));
        }
        offering.party.check(offering.party.node()).map_err(|_| {
            Fault::misbehaved("join: the inviter's certificate is not its own, or not signed by its root")
        })?;
        if offering.name.chars().count() > limits::NAME_CHARS || offering.name.chars().any(crate::plain::is_obeyed) {
            return Err(Fault::misbehaved("join: the coalition's name can not be shown"));
        }
        if self.offering().is_some_and(|before| before != &offering) {
            return Err(Fault::misbehaved(
                "join: the inviter answers otherwise than before; the words that you compared would change",
            ));
        }
        self.state =
            State::Welcomed { transcript: transcript(&self.claiming, &offering), offering: Box::new(offering) };
        self.save(draft);
        Ok(())
    }

    /// Whether a page is of the coalition that was offered, and the first one begins with its `found` entry.
    pub(super) fn check_page(&self, page: &Approved) -> Result<()> {
        let State::Welcomed { offering, .. } = &self.state else {
            return Err(Fault::misbehaved("join: the inviter sends the roster before it has answered the claim"));
        };
        check_page(page, offering.coalition)
    }

    fn save(&self, draft: &mut Draft<'_>) {
        draft.put(Table::Own, key(self.code.id()), codec::encode(self));
    }
}

/// Whether a page is of this coalition, goes on where it says, and, the first one, begins with its `found` entry.
pub(super) fn check_page(page: &Approved, coalition: SpaceId) -> Result<()> {
    let wrong = || Fault::misbehaved("join: what was sent is not the coalition that was offered");
    // Each page moves on by what it holds, and of more than so many none is taken: so the pages end.
    let end = usize::try_from(page.from).unwrap_or(usize::MAX).saturating_add(page.entries.len());
    let goes_on = page.next.is_none_or(|next| !page.entries.is_empty() && usize::try_from(next) == Ok(end));
    if page.coalition != coalition || !goes_on || end > limits::JOIN_ENTRIES {
        return Err(wrong());
    }
    if page.from == 0 {
        let first = Entry::verify(page.entries.first().ok_or_else(wrong)?.clone())?;
        if first.header().kind != Kind::Found || SpaceId::from(first.hash()) != coalition {
            return Err(wrong());
        }
    }
    Ok(())
}

/// What an answer means for the newcomer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// The machine showed whose it is: say [`Join::request_to`] again, at once.
    Known,
    /// Show [`Join::words`]; ask again later.
    Waiting,
    /// The inviter does not let us in for now, for this reason: tell people, and ask again later. Whoever is let in then goes on by the words
    /// that were compared.
    Stopped(Refusal),
    /// A page of control entries: offer them to the space, ask from `next` on if there is one, else the coalition is joined.
    Approved(Approved),
}

fn key(invite: InviteId) -> Vec<u8> {
    [KEY, invite.as_bytes()].concat()
}

fn decode(bytes: &[u8]) -> Result<Join> {
    codec::decode("join in the store", bytes).map_err(|fault| Fault::store(fault.message))
}
