//! What a recipient may pass on of what a referral told it (42 CFR 2.33): by default nothing. What is passed on goes with the
//! notice, and is on the record.

use super::restrict::agreed;
use crate::api::care::{OnwardAsk, OnwardView};
use crate::api::{Failure, Outcome};
use crate::usecases::referrals::{self, Open};
use crate::usecases::staff::StaffSession;
use crate::usecases::{parties, people, short_enough};
use belay_protocol::consent::{Action, Ask, Basis, Onward, Purpose, decide, explain, notice};
use belay_protocol::disclosure::{Brief, Disclosure, Looked, Note, PrivateBody};
use belay_protocol::engine::Step;
use belay_protocol::ids::{EntryHash, PersonId, SpaceId};

/// Decides, and puts on record what was passed on if it was.
///
/// # Errors
/// A referral that did not come here, or whose consent has ended; what is on record without being permitted.
pub fn onward(step: &mut Step<'_>, session: &StaffSession, ask: &OnwardAsk) -> Outcome<OnwardView> {
    ask.told.iter().try_for_each(short_enough)?;
    let open = Open::named(step, &ask.thread)?;
    let scope = open.tied_part().or_else(|| open.told_part()).ok_or_else(|| {
        let why = match open.shut(step.context().now) {
            Some(refusal) => format!("nothing of this referral may be passed on: {refusal}"),
            None => "nothing may be passed on of a referral that was sent from here".to_owned(),
        };
        Failure::not_permitted(why).next("belay consent draft")
    })?;
    people::look(step, session, Looked::Thread, open.thread.person, Some(open.thread.thread))?;
    let to = parties::partner(step, &ask.to)?;
    let question = Ask {
        from: open.own,
        to: to.org,
        information: ask.information,
        purpose: Purpose::parse(if ask.purpose.trim().is_empty() { "treatment" } else { &ask.purpose }),
        action: Action::Export,
    };
    let now = step.context().now;
    let (recipient, onward) = (to.name.clone(), Onward { to, contract: ask.contract, shut: open.doubted() });
    let left_out = open.thread.person.map(|person| agreed(step.draft(), person)).transpose()?.unwrap_or_default();
    let permit = match decide(Basis::Onward(&scope, &onward, &left_out), &question, now) {
        Ok(permit) => permit,
        Err(refusal) if ask.told.is_none() => {
            return Ok(OnwardView { permitted: false, says: refusal.to_string(), notice: None, scope: None });
        }
        Err(refusal) => return Err(Failure::not_permitted(refusal.to_string())),
    };
    // What the person asked to leave out binds from when it is known whose referral it is.
    if referrals::is_unlinked(&open) {
        let unlinked = referrals::unlinked(&open);
        if ask.told.is_some() {
            return Err(unlinked);
        }
        let says = [Some(unlinked.message), unlinked.next].into_iter().flatten().collect::<Vec<_>>().join(". ");
        return Ok(OnwardView { permitted: false, says, notice: None, scope: None });
    }
    if let Some(told) = &ask.told {
        let note = Note {
            by: session.by(),
            person: open.thread.filed.unwrap_or(PersonId::ZERO),
            thread: open.thread.thread,
            recipient: recipient.clone(),
            brief: Brief::Words,
            what: told.clone(),
        };
        let space = open.thread.space(ask.information).unwrap_or(SpaceId::ZERO);
        let disclosure = Disclosure::made(&permit, &note, space, EntryHash::ZERO, now);
        step.write_private(&PrivateBody::Disclosure(Box::new(disclosure)).encode())?;
    }
    Ok(OnwardView {
        permitted: true,
        says: format!("{} may be told to {recipient}, with the notice ({})", ask.information, permit.clause()),
        notice: Some(notice::STATEMENT_1.to_owned()),
        scope: Some(explain(&scope)),
    })
}
