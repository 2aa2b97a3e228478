//! What happens to the thread when the consent behind it changes or ends.

use super::{Ground, Open, settled, write};
use crate::api::Outcome;
use crate::usecases::staff::StaffSession;
use crate::usecases::threads::Thread;
use belay_protocol::consent::{Action, Consent, Refusal, Scope, Told};
use belay_protocol::engine::{Seat, Step};
use belay_protocol::fault::Result;
use belay_protocol::ids::{EntryHash, OrgId, SpaceId};
use belay_protocol::planted::{self, Bug};
use belay_protocol::referral::{Act, Body, By, Flow, Information, Signed};

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

/// After a new version was signed, a restriction agreed to, or a party taken out: closes what is not allowed any more, lets the
/// recipient's place in the rest end when the consent does, and tells it what its own part is now, where that is not what it was
/// last told. Without `by` it is another node of ours that changed the consent: that node tells, and this one only closes.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn follow_consent(step: &mut Step<'_>, by: Option<&By>, thread: &Thread) -> Outcome<()> {
    let other = thread.other.org;
    let mut open = Open::new(step, thread.clone())?;
    let mut kept = Vec::new();
    for (information, space) in &thread.spaces {
        // A space that only the other fills was opened on the strength of `referral`.
        let kind = if open.has_way(*information) { *information } else { Information::Referral };
        let named = open.has_way(*information) || open.way_back(*information);
        match open.may_tell(step, kind, Action::Grant) {
            Ok(permit) if named => {
                if by.is_some() && is_open(step, *space, other)? {
                    let seat = Seat { permit: &permit, write: open.way_back(*information) };
                    step.renew(*space, &seat)?;
                    kept.push(*information);
                }
            }
            Ok(_) | Err(_) => close_space(step, *space, other)?,
        }
    }
    if let (Some(by), Ok(now)) = (by, open.part_today()) {
        for information in kept {
            if open.given(information).is_some_and(|(then, _)| differs(then, &now)) {
                write::give_notice(step, by, &mut open, information)?;
            }
        }
    }
    settled(step)?;
    Ok(())
}

/// Whether a recipient has to know: who may tell whom, who takes part, until when, from when on it can be revoked.
pub(in crate::usecases) fn differs(then: &Scope, now: &Scope) -> bool {
    then.flows != now.flows
        || then.parties != now.parties
        || then.expiry != now.expiry
        || then.revocable != now.revocable
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
    let notice = write::give_notice(step, &session.by(), open, Information::Referral)?;
    let act = Act::HeardRevocation { told, party };
    let body = Body::Act(Signed { notice, by: session.by(), act });
    let kinds = (Information::Referral, Information::Referral);
    Ok(write::tell(step, &session.by(), open, kinds, &body, "that the person revoked the consent")?)
}

/// The part of the newest version that concerns `other`, of what every version from the thread's own on allows.
pub(super) fn part_of(versions: &[Consent], other: OrgId) -> std::result::Result<Scope, Refusal> {
    let (last, earlier) = match versions.split_last() {
        Some(split) => split,
        None => return Err(Refusal::unsigned()),
    };
    let mut part = last.scope_for(other)?;
    for version in earlier {
        let allowed = version.scope_for(other)?;
        let covered = |flow: &Flow| allowed.flow(flow.from, flow.to, flow.information, &flow.purpose).is_some();
        part.flows.retain(covered);
    }
    part.information.retain(|d| part.flows.iter().any(|f| f.information == d.information));
    Ok(part)
}

impl Open {
    /// The part of the consent that came with the referral, while nothing has ended it.
    pub(in crate::usecases) fn told_part(&self) -> Option<Scope> {
        match &self.ground {
            Ground::Scope(scope) => {
                let mut part = (**scope).clone();
                part.flows.retain(|f| !self.thread.closed.iter().any(|(kind, _)| *kind == f.information));
                Some(part)
            }
            Ground::Consent(_) | Ground::Versions(_) | Ground::Withdrawn(..) | Ground::Tie(_) => None,
        }
    }
}
