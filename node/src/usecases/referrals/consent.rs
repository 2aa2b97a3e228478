//! What happens to the thread when the consent behind it changes or ends.

use super::{Ground, Open, settled, write};
use crate::api::Outcome;
use crate::usecases::staff::StaffSession;
use crate::usecases::threads::{self, Thread};
use belay_protocol::consent::{Action, Consent, Refusal, Scope, Told};
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::{EntryHash, OrgId, SpaceId};
use belay_protocol::referral::{Act, Body, Flow, Information, Signed};

/// Takes an organisation out of one space, if both are in it.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn close_space(step: &mut Step<'_>, space: SpaceId, org: OrgId) -> Result<()> {
    let (engine, draft) = step.engine();
    let fold = engine.fold(draft, space)?;
    // Once we are out of the coalition the space is closed: there is nothing to end, and the person's word stands all the same.
    let ours = !fold.closed && fold.members.contains_key(&engine.org());
    if ours && fold.members.contains_key(&org) {
        step.revoke(space, org)?;
    }
    Ok(())
}

/// After a new version was signed, or a restriction agreed to: closes what is not allowed any more, and tells the recipient where
/// its own part has become smaller. `before`: the version before.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn follow_consent(
    step: &mut Step<'_>,
    session: &StaffSession,
    thread: &Thread,
    before: Option<&Consent>,
) -> Outcome<()> {
    let other = thread.other.org;
    let mut open = Open::new(step, thread.clone())?;
    let mut kept = Vec::new();
    for (information, space) in &thread.spaces {
        // A space that only the other fills was opened on the strength of `referral`.
        let kind = if open.has_way(*information) { *information } else { Information::Referral };
        if (open.has_way(*information) || open.way_back(*information))
            && open.may_tell(step, kind, Action::Grant).is_ok()
        {
            kept.push(*information);
        } else {
            close_space(step, *space, other)?;
        }
    }
    let now = open.ground.scope_for(other).ok();
    let then = before.and_then(|before| before.scope_for(other).ok());
    if let (Some(now), Some(then)) = (now, then)
        && then.flows.iter().any(|flow| !now.flows.contains(flow))
    {
        for information in kept {
            write::give_notice(step, session, &mut open, information)?;
        }
    }
    settled(step)?;
    threads::changed(step.draft(), thread.thread);
    Ok(())
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
    let notice = write::give_notice(step, session, open, Information::Referral)?;
    let act = Act::HeardRevocation { told, party };
    let body = Body::Act(Signed { notice, by: session.by(), act });
    let kinds = (Information::Referral, Information::Referral);
    Ok(write::tell(step, session, open, kinds, &body, "that the person revoked the consent")?)
}

/// The part of the newest version that concerns `other`, with what every version from the thread's own on allows.
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
            Ground::Scope(scope) => Some((**scope).clone()),
            Ground::Consent(_) | Ground::Versions(_) | Ground::Withdrawn(..) => None,
        }
    }
}
