//! One act on a referral off the network: ours, or the partner's as our staff heard it.

use crate::api::care::{ActRequest, ThreadView};
use crate::api::{Failure, Outcome};
use crate::usecases::referrals::{Open, acts, settled, view, written};
use crate::usecases::staff::StaffSession;
use crate::usecases::threads;
use crate::wording;
use belay_protocol::disclosure::{Outside, PrivateBody};
use belay_protocol::engine::Step;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::EntryHash;
use belay_protocol::referral::{Act, Actor, Body, OutsideAct, Place, Signed, step as transition};
use belay_protocol::sensitive::Personal;

/// Writes an act. What our part may do by the table is ours, unless somebody there said it; the rest is the partner's, which the
/// consent must let tell us.
///
/// # Errors
/// What has no effect where the referral stands; what the consent lets the partner not tell.
pub(in crate::usecases) fn act(
    step: &mut Step<'_>,
    session: &StaffSession,
    open: Open,
    ask: &ActRequest,
    heard: Option<&Personal<String>>,
) -> Outcome<ThreadView> {
    let place = open.state.place;
    let mut hinted = Vec::new();
    for act in acts(step, &open, ask)? {
        act.check()?;
        hinted.extend(wording::hints(written(&act).reveal()));
        let act = match act {
            // Nobody there took it up: to close it is to withdraw it.
            Act::Close { why, .. } if place == Place::Sent && heard.is_none() => {
                Act::RequestCancel { reason: why.note }
            }
            act => act,
        };
        let ours = heard.is_none() && transition(place, &act, Actor::Sender).is_ok();
        let actor = if ours { Actor::Sender } else { Actor::Recipient };
        transition(place, &act, actor).map_err(|why| {
            Failure::misuse(format!("{} has no effect here: {why}", act.name())).next("belay referral show")
        })?;
        // To confirm a withdrawal or to close is our own end of it, and tells nobody: that needs no consent in force.
        let ends = matches!(act, Act::ConfirmCancel | Act::Close { .. });
        let own_end = ours || (ends && heard.is_none());
        if !own_end {
            open.may_hear(step, act.information()).map_err(Fault::from)?;
        }
        let notice =
            open.placed.iter().find(|p| matches!(p.body, Some(Body::Notice(_)))).map_or(EntryHash::ZERO, |p| p.hash);
        let record = OutsideAct {
            thread: open.thread.thread,
            after: threads::newest(&open.placed),
            heard: if ours { None } else { Some(heard.cloned().unwrap_or_default()) },
            at: step.context().now,
            body: Body::Act(Signed { notice, by: session.by(), act }),
        };
        record.check()?;
        write(step, record)?;
    }
    settled(step)?;
    let open = Open::new(step, open.thread)?;
    let mut view = view(step, &open)?;
    view.hints = hinted;
    Ok(view)
}

/// Writes one entry of such a referral.
pub(super) fn write(step: &mut Step<'_>, act: OutsideAct) -> Result<EntryHash> {
    step.write_private(&PrivateBody::Outside(Box::new(Outside::Act(act))).encode())
}
