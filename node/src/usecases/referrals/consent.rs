//! What happens to the thread when the consent behind it changes or ends.

use super::{Ground, Open, settled, write};
use crate::api::Outcome;
use crate::usecases::staff::StaffSession;
use crate::usecases::threads::Thread;
use belay_protocol::consent::{Action, Ask, Basis, Consent, Ended, Purpose, Refusal, Scope, Told, decide, opening};
use belay_protocol::disclosure::{Brief, Note};
use belay_protocol::engine::{Seat, Step, Telling};
use belay_protocol::fault::{Class, Result};
use belay_protocol::ids::{EntryHash, OrgId, PersonId, SpaceId};
use belay_protocol::planted::{self, Bug};
use belay_protocol::referral::{Act, Body, By, Flow, Information, Signed};
use belay_protocol::time::Time;

/// Takes an organisation out of one space, if both are in it.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn close_space(step: &mut Step<'_>, space: SpaceId, org: OrgId) -> Result<()> {
    if is_open(step, space, org)? && !planted::is(Bug::SpacesLeftOpen) {
        step.revoke(space, org)?;
    }
    Ok(())
}

/// Takes an organisation out of all spaces of a thread, with the word that the person took the consent back where that is so: its node
/// shows it, and passes nothing on (2.31(a)(6)). By a restriction, a new version or what is false in it, it hears no reason.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn close_thread(
    step: &mut Step<'_>,
    by: &By,
    thread: &Thread,
    (org, versions): (OrgId, &[Consent]),
) -> Result<()> {
    let mut open = Vec::new();
    for (_, space) in &thread.spaces {
        if is_open(step, *space, org)? && !planted::is(Bug::SpacesLeftOpen) {
            open.push(*space);
        }
    }
    let ask = Ask {
        from: step.org(),
        to: org,
        information: Information::Referral,
        purpose: Purpose::AtRequest,
        action: Action::Export,
    };
    match decide(Basis::Ended(Ended::Word(versions)), &ask, step.context().now) {
        Ok(permit) => {
            let recipient = thread.with(org).unwrap_or(&thread.other).name.clone();
            let note = Note {
                by: by.clone(),
                person: thread.filed.unwrap_or(PersonId::ZERO),
                thread: thread.thread,
                recipient,
                brief: Brief::TakenBack,
                what: "by its node, that the person took the consent back".into(),
            };
            step.revoke_at_word(&open, &Telling { permit: &permit, note: &note })
        }
        Err(_) => open.into_iter().try_for_each(|space| step.revoke(space, org).map(drop)),
    }
}

/// Whether both are in a space.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn is_open(step: &mut Step<'_>, space: SpaceId, org: OrgId) -> Result<bool> {
    let (engine, draft) = step.engine();
    let fold = engine.fold(draft, space)?;
    // Once we are out of the coalition the space is closed: there is nothing to end, and the person's word stands all the same.
    Ok(!fold.closed && fold.members.contains_key(&engine.org()) && fold.members.contains_key(&org))
}

/// Whether an organisation has a place in a space, or had one, as far as the space came here; nobody waits for one in a space that is closed, or
/// that is not here at all.
///
/// # Errors
/// `Store`.
pub(super) fn had_place(step: &mut Step<'_>, space: SpaceId, org: OrgId) -> Result<bool> {
    let (engine, draft) = step.engine();
    match engine.fold(draft, space) {
        Ok(fold) => Ok(fold.closed || fold.members.contains_key(&org) || fold.removed.contains(&org)),
        Err(fault) if matches!(fault.class, Class::Misuse | Class::NotPermitted) => Ok(true),
        Err(fault) => Err(fault),
    }
}

/// After a new version was signed, a restriction agreed to, or a party taken out: closes what is not allowed any more, lets the
/// recipient's place in the rest end when the consent does, and tells it what its own part is now, where that is not what it was
/// last told; and opens what it may tell us now. Without `by` it is another node of ours that changed the consent: that node tells, and this one only closes.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn follow_consent(step: &mut Step<'_>, by: Option<&By>, thread: &Thread) -> Outcome<()> {
    let other = thread.other.org;
    let mut open = Open::new(step, thread.clone())?;
    if open.thread.is_team() {
        return super::team::follow(step, by, open);
    }
    let mut kept = Vec::new();
    for (information, space) in &thread.spaces {
        // A space that only the other fills was opened on the strength of `referral`.
        let kind = if open.has_way(*information) { *information } else { Information::Referral };
        let named = open.has_way(*information) || open.way_back(*information);
        match open.may_tell(step, kind, Action::Grant) {
            Ok(permit) if named => {
                // Where we were told that we are out, there is nobody whose place could go on.
                if by.is_some() && is_open(step, *space, other)? && step.may_write(*space)? {
                    let seat = Seat { permit: &permit, write: open.way_back(*information) };
                    step.renew(*space, &seat)?;
                    kept.push(*information);
                }
            }
            Ok(_) | Err(_) => close_space(step, *space, other)?,
        }
    }
    let today = open.part_today(Information::Referral, step.context().now);
    if let (Some(by), Ok(now)) = (by, today) {
        for information in kept {
            if open.given(information).is_some_and(|(then, _)| differs(then, &now)) {
                write::give_notice(step, by, &mut open, information)?;
            }
        }
        widen(step, by, &mut open)?;
    }
    settled(step)?;
    Ok(())
}

/// Opens the spaces of what the recipient may tell us now and could not before, so that there is somewhere to put it; of what we may tell
/// it now the space is opened with the first that is told. A referral that has ended stays as it was.
pub(super) fn widen(step: &mut Step<'_>, by: &By, open: &mut Open) -> Outcome<()> {
    let goes_on = match open.thread.space(Information::Referral) {
        Some(space) => {
            let stands = super::team::anybody_in(step, open, space)? && step.may_write(space)?;
            stands && !open.state.place.is_final()
        }
        None => false,
    };
    if !goes_on {
        return Ok(());
    }
    let mut kinds = Vec::new();
    for information in Information::ALL {
        if open.way_back(information)
            && open.thread.space(information).is_none()
            && open.seats(step, information).is_ok()
        {
            kinds.push(information);
        }
    }
    if kinds.is_empty() { Ok(()) } else { write::open_spaces(step, by, open, &kinds) }
}

/// Whether a recipient has to know: who may tell whom, who takes part, until when, from when on it can be revoked, for which
/// proceeding.
pub(in crate::usecases) fn differs(then: &Scope, now: &Scope) -> bool {
    then.flows != now.flows
        || then.parties != now.parties
        || then.expiry != now.expiry
        || then.revocable != now.revocable
        || then.proceeding != now.proceeding
}

/// Writes into the thread that the person revoked here.
///
/// # Errors
/// The refusal of `consent::decide`.
pub(in crate::usecases) fn say_revoked(
    step: &mut Step<'_>,
    session: &StaffSession,
    open: &mut Open,
    told: Told,
    party: Option<OrgId>,
) -> Outcome<EntryHash> {
    step.takes_back();
    let notice = write::give_notice(step, &session.by(), open, Information::Referral)?;
    let act = Act::HeardRevocation { told, party };
    let body = Body::Act(Signed { notice, by: session.by(), act });
    let kinds = (Information::Referral, Information::Referral);
    Ok(write::tell(step, &session.by(), open, kinds, &body, (Brief::TakenBack, "that the person revoked the consent"))?)
}

/// The part of the newest version that concerns `other`, of what every version from the thread's own on allows, or from the first on
/// that opens it.
pub(super) fn part_of(versions: &[Consent], other: OrgId) -> std::result::Result<Scope, Refusal> {
    let mut part = versions.last().ok_or_else(Refusal::unsigned)?.scope_for(other)?;
    let allows = |version: &Consent, flow: &Flow| {
        version.scope_for(other).is_ok_and(|s| s.flow(flow.from, flow.to, flow.information, &flow.purpose).is_some())
    };
    part.flows.retain(|flow| {
        let placed = flow.purpose == Purpose::Emergency;
        opening(versions, (flow.from, flow.to), flow.information, placed).iter().all(|version| allows(version, flow))
    });
    part.information.retain(|d| part.flows.iter().any(|f| f.information == d.information));
    Ok(part)
}

impl Open {
    /// The part of the consent that came with the referral, whatever became of it.
    pub(in crate::usecases) fn came_part(&self) -> Option<&Scope> {
        match &self.ground {
            Ground::Scope(scope, _) | Ground::Withdrawn(scope, _) => Some(scope),
            Ground::Consent(_) | Ground::Versions(_) | Ground::Tie(_) => None,
        }
    }

    /// Why nothing more may be told or passed on under what came here, once that is so: the person took it back, or nobody says why.
    pub(in crate::usecases) fn shut(&self, now: Time) -> Option<Refusal> {
        let Ground::Withdrawn(scope, shut) = &self.ground else { return None };
        let (from, to) = (self.own, self.thread.other.org);
        let purpose = self.purpose(to, Information::Referral);
        let ask = Ask { from, to, information: Information::Referral, purpose, action: Action::Seal };
        decide(Basis::Withdrawn(scope, *shut), &ask, now).err()
    }

    /// The part of the consent that came with the referral, while nothing has ended it.
    pub(in crate::usecases) fn told_part(&self) -> Option<Scope> {
        match &self.ground {
            Ground::Scope(scope, _) => {
                let mut part = (**scope).clone();
                part.flows.retain(|f| !self.thread.closed.iter().any(|(kind, _)| *kind == f.information));
                Some(part)
            }
            Ground::Consent(_) | Ground::Versions(_) | Ground::Withdrawn(..) | Ground::Tie(_) => None,
        }
    }
}
