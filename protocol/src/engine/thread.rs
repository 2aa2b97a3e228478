//! Threads: every function here asks for a [`Permit`], which only `consent::decide` makes.

use super::Step;
use crate::consent::{Action, ENDED, Permit};
use crate::disclosure::{Disclosure, Note, PrivateBody};
use crate::fault::{Fault, Result};
use crate::ids::{ConsentId, EntryHash, OrgId, SpaceId};
use crate::planted::{self, Bug};
use crate::referral::Information;
use crate::referral::inquiry::InquiryBody;
use crate::space::By;

/// An organisation's place in a new thread.
#[derive(Debug)]
pub struct Seat<'p> {
    /// That this organisation may tell it. Its expiry becomes the grant's.
    pub permit: &'p Permit,
    /// Whether it may write: the consent has a way back.
    pub write: bool,
}

/// One recipient of what is written: the permit, and what the record of the disclosure says.
#[derive(Debug)]
pub struct Telling<'p> {
    pub permit: &'p Permit,
    pub note: &'p Note,
}

/// A permit that rests on no consent because nobody is named takes no body that could name somebody.
fn no_inquiry(permit: &Permit) -> Result<()> {
    if permit.information() == Information::Inquiry {
        return Err(Fault::not_permitted("an inquiry is written by its own type alone (45 CFR 164.514(b))"));
    }
    Ok(())
}

impl Step<'_> {
    /// Founds one space of a thread, for one audience and kind of information, and lets its members in.
    ///
    /// # Errors
    /// `NotPermitted` for a permit that is not this organisation's to use, for another action or another kind of information
    /// than the first, or that has expired; `Misuse` for an organisation that is not in the coalition.
    pub fn found_thread(&mut self, coalition: SpaceId, custodian_reads: bool, seats: &[Seat<'_>]) -> Result<SpaceId> {
        let information = seats.first().map(|seat| seat.permit.information());
        for seat in seats {
            self.check(seat.permit, &[Action::Grant, Action::Place])?;
            self.stands(seat.permit)?;
            if Some(seat.permit.information()) != information {
                return Err(Fault::not_permitted("one space holds one kind of information"));
            }
        }
        let found = self.write_with(|spaces, draft, by| spaces.found_thread(draft, by, coalition, custodian_reads))?;
        let space = SpaceId::from(found);
        for seat in seats {
            self.let_in(space, seat)?;
        }
        Ok(space)
    }

    /// Lets a further organisation into a thread's space. What it can read at once by keys that are extended to it is a
    /// disclosure.
    ///
    /// # Errors
    /// As [`Step::found_thread`]; `NotPermitted` if this organisation is not the custodian.
    pub fn grant(&mut self, space: SpaceId, seat: &Seat<'_>, note: &Note) -> Result<EntryHash> {
        self.check(seat.permit, &[Action::Grant, Action::Place])?;
        self.stands(seat.permit)?;
        self.in_space(space)?;
        let hash = self.let_in(space, seat)?;
        // One record for the grant and the keys that went with it.
        self.work.got.told.retain(|told| (told.space, told.to) != (space, seat.permit.to()));
        if !planted::is(Bug::NewcomerUnrecorded) {
            self.record(seat.permit, note, space, hash)?;
        }
        Ok(hash)
    }

    /// Lets the place of an organisation that is in a thread's space end when its permit does, with the right to write that the
    /// consent gives now: what is more by a further grant, what is less by a revocation and a grant that follows it. Nothing is
    /// told by it, for it reads already. Whether anything had to be written.
    ///
    /// # Errors
    /// As [`Step::grant`]; `Misuse` if the organisation is not in the space.
    pub fn renew(&mut self, space: SpaceId, seat: &Seat<'_>) -> Result<bool> {
        self.check(seat.permit, &[Action::Grant, Action::Place])?;
        self.in_space(space)?;
        let (org, ends) = (seat.permit.to(), seat.permit.expires());
        let fold = self.engine.spaces.fold(&self.draft, space)?;
        let now = fold.members.get(&org).ok_or_else(|| Fault::misuse("only who is in a space has a place to renew"))?;
        if (now.write, now.expires) == (seat.write, ends) {
            return Ok(false);
        }
        // Of grants that stand the latest end holds: an earlier one needs that they fall.
        let sooner = ends.is_some_and(|end| now.expires.is_none_or(|was| end < was));
        if sooner || (now.write && !seat.write) {
            self.write_with(|spaces, draft, by| spaces.revoke(draft, by, space, org))?;
        } else {
            self.stands(seat.permit)?;
        }
        self.let_in(space, seat)?;
        Ok(true)
    }

    fn let_in(&mut self, space: SpaceId, seat: &Seat<'_>) -> Result<EntryHash> {
        let (org, expires) = (seat.permit.to(), seat.permit.expires());
        self.write_with(|spaces, draft, by| spaces.grant(draft, by, space, org, true, seat.write, expires))
    }

    /// Writes a body into a thread's space and, in the same transaction, the record of each disclosure into the private space.
    ///
    /// # Errors
    /// `NotPermitted` if an organisation that would be able to read it has no permit here, one has expired, or this node may not
    /// write; `Misuse` without a private space.
    pub fn write_thread(&mut self, space: SpaceId, tellings: &[Telling<'_>], body: &[u8]) -> Result<EntryHash> {
        self.write_parts(space, tellings, &[body])
    }

    /// Writes several bodies that are one telling, such as parts of a file: one record of disclosure, which names the last of them.
    ///
    /// # Errors
    /// As [`Step::write_thread`]; `Misuse` for no body.
    pub fn write_parts(&mut self, space: SpaceId, tellings: &[Telling<'_>], bodies: &[&[u8]]) -> Result<EntryHash> {
        self.in_space(space)?;
        for telling in tellings {
            self.check(telling.permit, &[Action::Seal, Action::Place])?;
            self.stands(telling.permit)?;
            no_inquiry(telling.permit)?;
        }
        let own = self.engine.org();
        let fold = self.engine.spaces.fold(&self.draft, space)?;
        let told = |org: OrgId| tellings.iter().any(|telling| telling.permit.to() == org);
        if let Some(org) = fold.reading().find(|org| *org != own && !told(*org)) {
            return Err(Fault::not_permitted(format!(
                "organisation {} could read this and no permit names it; revoke it first, or decide on it",
                org.short()
            )));
        }
        let mut last = None;
        for body in bodies {
            last = Some(self.write_with(|spaces, draft, by| spaces.write(draft, by, space, body))?);
        }
        let hash = last.ok_or_else(|| Fault::misuse("there is nothing to write"))?;
        for told in std::mem::take(&mut self.work.got.told) {
            // Keys of what stood before, which this writing passed on.
            match tellings.iter().find(|telling| (space, telling.permit.to()) == (told.space, told.to)) {
                Some(telling) => self.record(telling.permit, telling.note, space, told.entry)?,
                None => self.work.got.told.push(told),
            }
        }
        for telling in tellings {
            if fold.reading().any(|org| org == telling.permit.to()) {
                self.record(telling.permit, telling.note, space, hash)?;
            }
        }
        Ok(hash)
    }

    /// Takes an organisation out of a thread's space, at the person's word or because the consent ended. One's own: to leave. It only
    /// narrows who reads, so it is written whatever this node was told of its own removal: a word about us, true or forged, keeps
    /// nobody's consent in force.
    ///
    /// # Errors
    /// `Misuse` if the space is not here; `NotPermitted` if this organisation is no member by the fold, or for the custodian.
    pub fn revoke(&mut self, space: SpaceId, org: OrgId) -> Result<EntryHash> {
        let narrows = matches!(
            self.engine.spaces.record(&self.draft, space)?.map(|record| record.kind),
            Some(crate::space::SpaceKind::Thread { .. })
        );
        if !narrows {
            self.in_space(space)?;
        }
        self.write_with(|spaces, draft, by| spaces.revoke(draft, by, space, org))
    }

    /// As [`Step::revoke`], from spaces of one thread, and says in the removals that the person took the consent back (2.31(a)(6)), which
    /// whom they take out reads: one disclosure, recorded with them.
    ///
    /// # Errors
    /// As [`Step::revoke`]; `NotPermitted` for a permit of another kind or for somebody else, and where this organisation is not the custodian.
    pub fn revoke_at_word(&mut self, spaces: &[SpaceId], telling: &Telling<'_>) -> Result<()> {
        let (permit, own) = (telling.permit, self.engine.org());
        self.check(permit, &[Action::Export])?;
        if permit.clause() != ENDED || permit.information() != Information::Referral {
            return Err(Fault::not_permitted("why somebody is taken out is said under a permit for that word alone"));
        }
        let mut first = None;
        for space in spaces {
            let kept = self.engine.spaces.record(&self.draft, *space)?.filter(|record| record.custodian == own);
            if !kept.is_some_and(|record| matches!(record.kind, crate::space::SpaceKind::Thread { .. })) {
                return Err(Fault::not_permitted("who keeps the consent alone says that the person took it back"));
            }
            let hash = self.write_with(|all, draft, by| all.revoke_at_word(draft, by, *space, permit.to()))?;
            first = first.or(Some((*space, hash)));
        }
        match first {
            Some((space, hash)) => self.record(permit, telling.note, space, hash),
            None => Ok(()),
        }
    }

    /// Writes a question or an answer that names nobody. It takes the typed value, so that nothing else can go without a record of
    /// disclosure: an inquiry is none (45 CFR 164.514(b)).
    ///
    /// # Errors
    /// `NotPermitted` for a permit of another kind or for somebody else; `Misuse` if the space is not here.
    pub fn write_inquiry(&mut self, space: SpaceId, permit: &Permit, body: &InquiryBody) -> Result<EntryHash> {
        self.in_space(space)?;
        self.check(permit, &[Action::Seal])?;
        let own = self.engine.org();
        let fold = self.engine.spaces.fold(&self.draft, space)?;
        let other = fold.reading().find(|org| *org != own && *org != permit.to());
        let shared = other.is_some() && !planted::is(Bug::InquiryShared);
        if permit.information() != Information::Inquiry || shared {
            return Err(Fault::not_permitted("an inquiry goes to the one organisation that is asked"));
        }
        self.write_with(|spaces, draft, by| spaces.write(draft, by, space, &body.encode()))
    }

    /// Records that something left on paper or in a file: a disclosure for each telling, naming the hash of the content in the
    /// place of an entry. Nothing may be printed for a recipient who is not on the network but what this gave.
    ///
    /// # Errors
    /// `NotPermitted` as for [`Step::write_thread`], and without any permit; `Misuse` without a private space.
    pub fn export(&mut self, tellings: &[Telling<'_>], content: EntryHash) -> Result<()> {
        if tellings.is_empty() {
            return Err(Fault::not_permitted("nothing leaves without a permit"));
        }
        for telling in tellings {
            self.check(telling.permit, &[Action::Export])?;
            self.stands(telling.permit)?;
            no_inquiry(telling.permit)?;
        }
        for telling in tellings {
            self.record(telling.permit, telling.note, SpaceId::ZERO, content)?;
        }
        Ok(())
    }

    /// Records what left before and was not put on record then: a disclosure for each telling, dated when it went. Nothing leaves by it.
    ///
    /// # Errors
    /// `NotPermitted` without a permit for that, and for nothing else; `Misuse` without a private space.
    pub fn went(&mut self, tellings: &[Telling<'_>], content: EntryHash) -> Result<()> {
        let ours = |telling: &Telling<'_>| telling.permit.from() == self.engine.org();
        if tellings.is_empty() || !tellings.iter().all(ours) {
            return Err(Fault::not_permitted("nothing is on record without a permit of this organisation"));
        }
        for telling in tellings {
            if telling.permit.went().is_none_or(|at| at > self.ctx.now) {
                return Err(Fault::not_permitted("this permit is for something that goes now"));
            }
            self.record(telling.permit, telling.note, SpaceId::ZERO, content)?;
        }
        Ok(())
    }

    fn record(&mut self, permit: &Permit, note: &Note, space: SpaceId, entry: EntryHash) -> Result<()> {
        if planted::is(Bug::DisclosureUnrecorded) {
            return Ok(());
        }
        let disclosure = Disclosure::made(permit, note, space, entry, self.ctx.now);
        self.write_private(&PrivateBody::Disclosure(Box::new(disclosure)).encode())?;
        Ok(())
    }

    fn check(&self, permit: &Permit, actions: &[Action]) -> Result<()> {
        if permit.from() != self.engine.org() {
            return Err(Fault::not_permitted("this permit lets another organisation tell"));
        }
        if permit.went().is_some() {
            return Err(Fault::not_permitted(
                "this permit is for the record of what went already, and lets nothing go",
            ));
        }
        if !actions.contains(&permit.action()) {
            return Err(Fault::not_permitted(format!("this permit is for {:?}, not for {actions:?}", permit.action())));
        }
        if permit.expires().is_some_and(|at| at <= self.ctx.now) {
            return Err(Fault::not_permitted("the consent has expired"));
        }
        Ok(())
    }

    /// Nothing is told under a consent while it is known that later records of our own were not opened: it may be taken back in them
    /// (42 CFR 2.31(c)(3)). In an emergency, and where word goes that something was taken back, no consent is asked for.
    fn stands(&self, permit: &Permit) -> Result<()> {
        let rests = permit.consent() != ConsentId::ZERO && permit.facts().is_none() && permit.clause() != ENDED;
        if rests && !self.takes_back && self.engine.later_state(&self.draft)?.is_some() {
            return Err(Fault::not_permitted(
                "this machine holds an older state of this organisation's records than partners keep, and this consent may have been taken \
                 back since: `belay status` says with whom they lie; `belay recover --rest` opens them with the recovery phrase; who is \
                 sure that nothing is missed does without them by `belay recover --without ORG`",
            ));
        }
        Ok(())
    }

    /// Runs one writing function of [`crate::space::Spaces`] and takes in what it did.
    pub(super) fn write_with<F>(&mut self, write: F) -> Result<EntryHash>
    where
        F: FnOnce(
            &mut crate::space::Spaces,
            &mut crate::store::Draft<'_>,
            &mut By<'_>,
        ) -> Result<crate::space::Written>,
    {
        let mut by = By { key: self.engine.identity.key(), now: self.ctx.now, random: self.ctx.random };
        let written = write(&mut self.engine.spaces, &mut self.draft, &mut by)?;
        self.work.got.wrote(written.offered);
        Ok(written.hash)
    }
}
