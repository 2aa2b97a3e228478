//! A recipient that left a referral of ours by itself while the consent stands. It may have heard the person revoke, and the consent
//! gives it no way to say so: so nothing more is written there, and nothing new is sent to it under that consent, until staff have
//! telephoned and put on record why it left.

use super::{Open, settled, show};
use crate::api::care::ThreadView;
use crate::api::{Failure, Outcome};
use crate::usecases::records::{self, Kind};
use crate::usecases::staff::StaffSession;
use crate::usecases::{outside, people, worklist};
use belay_protocol::consent::Action;
use belay_protocol::disclosure::private::{Direction, Left};
use belay_protocol::disclosure::{Looked, PrivateBody};
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::{ConsentId, ThreadId};
use belay_protocol::limits;
use belay_protocol::referral::{Information, Party};
use belay_protocol::sensitive::Personal;
use belay_protocol::store::View;

/// What staff read of such a referral.
pub(super) const ENDED: &str = "the recipient has left; telephone";

/// Whether the recipient of a referral of ours has left it, though the consent lets us tell it today.
///
/// # Errors
/// `Store`.
pub(super) fn left(step: &mut Step<'_>, open: &Open) -> Result<bool> {
    Ok(alone(step, open)? && open.may_tell(step, Information::Referral, Action::Grant).is_ok())
}

/// Whether we stand in a referral of ours without its recipient, for whatever reason.
///
/// # Errors
/// `Store`.
pub(super) fn alone(step: &mut Step<'_>, open: &Open) -> Result<bool> {
    if open.thread.direction == Direction::Incoming || outside::off_network(&open.thread) {
        return Ok(false);
    }
    let Some(space) = open.thread.space(Information::Referral) else { return Ok(false) };
    let (engine, draft) = step.engine();
    let own = engine.org();
    let fold = engine.fold(draft, space)?;
    Ok(!fold.closed && fold.members.contains_key(&own) && !fold.members.contains_key(&open.thread.other.org))
}

/// Whether staff have put on record why.
///
/// # Errors
/// `Store`.
pub(super) fn said(view: &dyn View, open: &Open) -> Result<bool> {
    Ok(records::get(view, Kind::Left, &open.thread.thread.0)?.is_some())
}

/// Nothing is written where nobody is left to read it.
///
/// # Errors
/// The recipient has left.
pub(super) fn refuse_act(step: &mut Step<'_>, open: &Open) -> Outcome<()> {
    if !left(step, open)? {
        return Ok(());
    }
    if said(step.draft(), open)? {
        let why = format!("{} has left this referral, and reads nothing of it any more", open.thread.other.name);
        return Err(Failure::not_permitted(why).next("belay referral send, for a new one"));
    }
    Err(unsaid(&open.thread.other.name, open.thread.thread, open.thread.consent))
}

/// Nothing new goes under a consent that the person may have revoked there.
///
/// # Errors
/// The organisation left a referral under this consent, and nobody has put on record why.
pub(in crate::usecases) fn refuse_new(step: &mut Step<'_>, consent: ConsentId, to: &Party) -> Outcome<()> {
    match worklist::left_by(step, consent, to.org)? {
        Some(thread) => Err(unsaid(&to.name, thread, consent)),
        None => Ok(()),
    }
}

fn unsaid(name: &str, thread: ThreadId, consent: ConsentId) -> Failure {
    let thread = thread.short();
    Failure::not_permitted(format!(
        "{name} has left referral {thread} by itself: the person may have revoked the consent there (42 CFR 2.31(c)(3))"
    ))
    .next(format!(
        "Telephone them; then belay consent revoke {}, or if it was for something else belay referral left {thread} --why @FILE",
        consent.short()
    ))
}

/// Puts on record why it left, where that was no revocation.
///
/// # Errors
/// It has not left; no reason.
pub(super) fn say(
    step: &mut Step<'_>,
    session: &StaffSession,
    open: Open,
    why: &Personal<String>,
) -> Outcome<ThreadView> {
    let text = why.reveal().trim();
    if text.is_empty() {
        return Err(Failure::misuse("write down what they said on the telephone").next("--why @FILE"));
    }
    if text.chars().count() > limits::TEXT_CHARS {
        return Err(Failure::misuse(format!("write it in at most {} characters", limits::TEXT_CHARS)));
    }
    if !left(step, &open)? {
        let why = format!("{} has not left this referral by itself", open.thread.other.name);
        return Err(Failure::misuse(why).next("belay referral show"));
    }
    people::look(step, session, Looked::Thread, open.thread.person, Some(open.thread.thread))?;
    let left = Left { thread: open.thread.thread, why: text.into(), by: session.by(), at: step.context().now };
    step.write_private(&PrivateBody::Left(Box::new(left)).encode())?;
    settled(step)?;
    let open = Open::new(step, open.thread)?;
    show::view(step, &open)
}
