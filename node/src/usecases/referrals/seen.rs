//! Staff opened a thread: the sender is told, where the consent has a way back, and the response time is kept here at any rate.

use super::{Open, left, settled, write};
use crate::api::Outcome;
use crate::usecases::staff::StaffSession;
use belay_protocol::codec;
use belay_protocol::consent::Action;
use belay_protocol::engine::Step;
use belay_protocol::referral::{Act, Actor, Information, Place};

/// The register in which a node says which acts its staff have read.
pub(super) const READ: &str = "read";

/// Acknowledges a referral that nobody here has seen before, and says how far our staff have read. Nothing of it where nothing more
/// may be told.
///
/// # Errors
/// `Store`.
pub(super) fn opened(step: &mut Step<'_>, session: &StaffSession, mut open: Open) -> Outcome<Open> {
    let way = open.has_way(Information::Referral);
    if open.thread.unwanted || left::gone(step, &open)?.is_some() {
        return Ok(open);
    }
    if way && open.may_tell(step, Information::Referral, Action::Seal).is_err() {
        return Ok(open);
    }
    let new = open.actor() == Actor::Recipient && open.state.place == Place::Sent && open.state.acknowledged.is_none();
    if new {
        write::act(step, session, &mut open, Act::Acknowledge)?;
        settled(step)?;
        open = Open::new(step, open.thread)?;
    }
    let theirs = open.state.history.iter().any(|line| line.org != open.own);
    if let Some(space) = open.thread.space(Information::Referral).filter(|_| way && theirs) {
        let (engine, draft) = step.engine();
        let heads = engine.spaces().heads_said(draft, space)?;
        step.register(space, READ, &codec::encode(&heads))?;
    }
    Ok(open)
}
