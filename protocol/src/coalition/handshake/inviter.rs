//! The inviter's side: answers each request from its invites. What changes is in the draft, committed before the answer leaves.

use super::{
    Answer, Approved, Ask, Claim, Claiming, Offer, Offering, Party, Request, Return, Who, ask_proof, claim_proof,
    offer_proof, transcript, who_proof,
};
use crate::coalition::invite::{Claimed, Invite, Refusal, Stage, Tries};
use crate::codec;
use crate::fault::{Class, Fault, Result};
use crate::ids::{NodeId, OrgId, SpaceId};
use crate::keys::digest::same;
use crate::limits;
use crate::planted::{self, Bug};
use crate::random::{self, Random};
use crate::store::{Draft, View};
use crate::time::Time;

/// What the inviter's side asks of the coalitions that the node is in.
pub trait Coalition {
    /// The coalition's name.
    ///
    /// # Errors
    /// `Store`.
    fn name(&self, coalition: SpaceId) -> Result<String>;

    /// Whether this node's own organisation is in the coalition, as far as it has heard.
    ///
    /// # Errors
    /// `Store`.
    fn is_ours(&self, coalition: SpaceId) -> Result<bool>;

    /// Whether the organisation is in the roster now.
    ///
    /// # Errors
    /// `Store`.
    fn is_member(&self, coalition: SpaceId, org: OrgId) -> Result<bool>;

    /// Whether the organisation was in the roster and was taken out, or this node of it was retired.
    ///
    /// # Errors
    /// `Store`.
    fn is_out(&self, coalition: SpaceId, org: OrgId, node: NodeId) -> Result<bool>;

    /// The coalition in whose roster the organisation stands, in or out.
    ///
    /// # Errors
    /// `Store`.
    fn known_in(&self, org: OrgId) -> Result<Option<SpaceId>>;

    /// What a newcomer is handed of that number, as received: an accepted control entry, or a data entry that one follows; `None` if there are
    /// fewer. Parents come first, and numbers stay.
    ///
    /// # Errors
    /// `Store`.
    fn control_entry(&mut self, view: &dyn View, coalition: SpaceId, number: u32) -> Result<Option<Vec<u8>>>;

    /// Where members can be reached.
    ///
    /// # Errors
    /// `Store`.
    fn addresses(&mut self, view: &dyn View, coalition: SpaceId) -> Result<Vec<(NodeId, Vec<String>)>>;
}

/// The inviter's node, while it answers one peer.
pub struct Inviter<'a> {
    pub me: &'a Party,
    pub coalitions: &'a mut dyn Coalition,
    pub tries: &'a mut Tries,
}

impl Inviter<'_> {
    /// Answers bytes that came from `peer`, whose node id the link has authenticated. Also gives the refusal, if it is one, for the
    /// inviter's own log and page ([`Refusal::to_inviter`]).
    ///
    /// # Errors
    /// `Store`, or `Bug`. What the peer does wrong is no error here but a refusal.
    pub fn answer(
        &mut self,
        draft: &mut Draft<'_>,
        peer: NodeId,
        bytes: &[u8],
        now: Time,
        random: &mut dyn Random,
    ) -> Result<(Answer, Option<Refusal>)> {
        let request = Request::decode(bytes);
        let asks = matches!(request, Ok(Request::Who(_) | Request::Ask(_)));
        let answer = if self.tries.refuses(peer, now) {
            Err(Refusal::TooManyTries)
        } else {
            match request {
                Ok(Request::Claim(claim)) => {
                    self.claimed(draft, peer, &claim, None, now, random)?.map(|(answer, _)| answer)
                }
                Ok(Request::Who(who)) => self.who(draft, peer, who)?,
                Ok(Request::Ask(ask)) => self.asked(draft, peer, ask, now)?,
                Ok(Request::Return(back)) => self.returned(draft, peer, &back)?,
                Err(fault) if fault.class == Class::Incompatible => Err(Refusal::Version),
                Err(_) => Err(Refusal::Malformed),
            }
        };
        let refusal = answer.as_ref().err().copied();
        // Who asks on guesses no code: it may have come before word of the invite did.
        if !asks || refusal != Some(Refusal::Unknown) {
            self.tries.note(peer, refusal, now);
        }
        Ok(match answer {
            Ok(answer) => (answer, None),
            Err(refusal) => (Answer::Refused(refusal.code()), Some(refusal)),
        })
    }

    /// Whose machine this is, for who holds the code.
    fn who(&self, draft: &Draft<'_>, peer: NodeId, who: Who) -> Result<std::result::Result<Answer, Refusal>> {
        let Some(invite) = Invite::load(draft, who.invite)? else { return Ok(Err(Refusal::Unknown)) };
        if !same(&who_proof(invite.secret(), peer, self.me.node()), &who.proof) {
            return Ok(Err(Refusal::WrongProof));
        }
        Ok(Ok(Answer::Here(Box::new(self.me.certificate.clone()))))
    }

    /// Takes a claim, made to this machine; or, with what was offered in an invite's file, to the machine that made that.
    pub(super) fn claimed(
        &self,
        draft: &mut Draft<'_>,
        peer: NodeId,
        claim: &Claim,
        offered: Option<Offering>,
        now: Time,
        random: &mut dyn Random,
    ) -> Result<std::result::Result<(Answer, Invite), Refusal>> {
        let Claim { claiming, proof } = claim;
        let Some(mut invite) = Invite::load(draft, claiming.invite)? else { return Ok(Err(Refusal::Unknown)) };
        let to = offered.as_ref().map_or(self.me.node(), |offering| offering.party.node());
        if !same(&claim_proof(invite.secret(), to, self.me.org(), claiming), proof) {
            return Ok(Err(Refusal::WrongProof));
        }
        if let Err(refusal) = claiming.party.check(peer) {
            return Ok(Err(refusal));
        }
        if !self.coalitions.is_ours(invite.coalition)? {
            return Ok(Err(Refusal::InviterOut));
        }
        // The same claim again: its answer may have been lost on the way. Other random bytes would let who sits in the middle draw until
        // the words fit.
        let came: Vec<Claimed> = invite.claims().into_iter().cloned().collect();
        for before in &came {
            let offering: Offering =
                codec::decode("own offer", &before.offering).map_err(|f| Fault::store(f.message))?;
            if transcript(claiming, &offering) == before.transcript {
                return Ok(Ok((welcome(&invite, claiming, offering), invite)));
            }
        }
        if !came.is_empty() {
            return Ok(Err(Refusal::Used));
        }
        if invite.is_cancelled() {
            return Ok(Err(Refusal::Cancelled));
        }
        if now > invite.expires {
            return Ok(Err(Refusal::Expired));
        }
        let org = claiming.party.org();
        if org == self.me.org() || self.coalitions.is_member(invite.coalition, org)? {
            return Ok(Err(Refusal::AlreadyMember));
        }
        let offering = match offered {
            Some(offering) => offering,
            None => self.offering(&invite, random::array(random))?,
        };
        let claimed = Claimed {
            card: claiming.party.card.clone(),
            certificate: claiming.party.certificate.clone(),
            offering: codec::encode(&offering),
            transcript: transcript(claiming, &offering),
            at: now,
            by: self.me.node(),
            stage: Stage::Waits,
        };
        invite.claimed(draft, claimed);
        Ok(Ok((welcome(&invite, claiming, offering), invite)))
    }

    fn asked(
        &mut self,
        draft: &mut Draft<'_>,
        peer: NodeId,
        ask: Ask,
        now: Time,
    ) -> Result<std::result::Result<Answer, Refusal>> {
        let Some(invite) = Invite::load(draft, ask.invite)? else { return Ok(Err(Refusal::Unknown)) };
        if invite.is_cancelled() {
            // Who cancelled and had not heard of this claim may not have heard of the yes to it either.
            let theirs = |c: &Claimed| c.node() == peer && same(&ask_proof(invite.secret(), &c.transcript), &ask.proof);
            let known = invite.came().iter().any(theirs);
            return Ok(if known { Err(Refusal::Cancelled) } else { Ok(Answer::Pending) });
        }
        let came: Vec<Claimed> = invite.claims().into_iter().cloned().collect();
        let theirs: Vec<&Claimed> = came.iter().filter(|claimed| claimed.node() == peer).collect();
        if theirs.is_empty() {
            // Its claim may be on its way to us: in a file, or from another machine of ours that took it.
            let taken = came.iter().any(|claimed| claimed.stage != Stage::Waits || claimed.by == self.me.node());
            return Ok(match (taken, came.is_empty() && now > invite.expires) {
                (true, _) => Err(Refusal::Used),
                (false, true) => Err(Refusal::Expired),
                (false, false) => Ok(Answer::Pending),
            });
        }
        let proves = |claimed: &&&Claimed| same(&ask_proof(invite.secret(), &claimed.transcript), &ask.proof);
        let Some(claimed) = theirs.iter().find(proves) else { return Ok(Err(Refusal::WrongProof)) };
        // Whom it let in, and who has not fetched the roster, is in nowhere by its word any more.
        if !self.coalitions.is_ours(invite.coalition)? {
            return Ok(Err(Refusal::InviterOut));
        }
        if claimed.stage == Stage::Waits {
            return Ok(Ok(Answer::Pending));
        }
        // Who was removed since does not read the roster by the invite that once let it in; until it is let in again.
        if self.coalitions.is_out(invite.coalition, claimed.org(), peer)? && !planted::is(Bug::InviteOutlives) {
            return Ok(Err(Refusal::Out));
        }
        let page = self.page(draft, invite.coalition, ask.from)?;
        if page.next.is_none() {
            invite.used(draft, peer, now);
        }
        Ok(Ok(Answer::Approved(page)))
    }

    /// A node that its root certified is told what a member's node may know, as admission asks no more of it either.
    fn returned(
        &mut self,
        view: &dyn View,
        peer: NodeId,
        back: &Return,
    ) -> Result<std::result::Result<Answer, Refusal>> {
        if back.certificate.node != peer || back.certificate.prekey.check().is_err() {
            return Ok(Err(Refusal::Certificate));
        }
        let Ok(org) = back.certificate.verify() else { return Ok(Err(Refusal::Certificate)) };
        let Some(coalition) = self.coalitions.known_in(org)? else { return Ok(Err(Refusal::Stranger)) };
        if self.coalitions.is_out(coalition, org, peer)? {
            return Ok(Err(Refusal::Out));
        }
        Ok(Ok(Answer::Approved(self.page(view, coalition, back.from)?)))
    }

    pub(super) fn offering(&self, invite: &Invite, nonce: [u8; 32]) -> Result<Offering> {
        let name = self.coalitions.name(invite.coalition)?;
        Ok(Offering { party: self.me.clone(), coalition: invite.coalition, name, nonce })
    }

    /// Control entries from number `from`, as many as fit a page and at least one.
    fn page(&mut self, view: &dyn View, coalition: SpaceId, from: u32) -> Result<Approved> {
        self.entries(view, coalition, from, limits::PAGE_BYTES)
    }

    /// All of it, for a file.
    pub(super) fn everything(&mut self, view: &dyn View, coalition: SpaceId) -> Result<Approved> {
        self.entries(view, coalition, 0, usize::MAX)
    }

    fn entries(&mut self, view: &dyn View, coalition: SpaceId, from: u32, room: usize) -> Result<Approved> {
        let (mut entries, mut bytes, mut number, mut next) = (Vec::new(), 0usize, from, None);
        while let Some(entry) = self.coalitions.control_entry(view, coalition, number)? {
            bytes = bytes.saturating_add(entry.len());
            if bytes > room && !entries.is_empty() {
                next = Some(number);
                break;
            }
            entries.push(entry);
            number = number.saturating_add(1);
        }
        let mut addresses = if next.is_none() { self.coalitions.addresses(view, coalition)? } else { Vec::new() };
        addresses.truncate(limits::NEIGHBOURS);
        for (_, texts) in &mut addresses {
            texts.truncate(limits::INVITE_ADDRESSES);
        }
        Ok(Approved { coalition, from, entries, next, addresses })
    }
}

fn welcome(invite: &Invite, claiming: &Claiming, offering: Offering) -> Answer {
    let proof = offer_proof(invite.secret(), &transcript(claiming, &offering));
    Answer::Welcome(Box::new(Offer { offering, proof }))
}
