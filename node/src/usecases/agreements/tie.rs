//! What ties us to another organisation, so that no consent is needed between the two (42 CFR 2.12(c)(3), (4)).

use crate::api::Outcome;
use crate::usecases::records::prefix::Prefix;
use crate::usecases::{consents, parties, referrals, threads};
use belay_protocol::agreement;
use belay_protocol::consent::Tie;
use belay_protocol::disclosure::private::Direction;
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::{AgreementId, OrgId, PersonId, ThreadId};
use belay_protocol::limits;
use belay_protocol::referral::Party;
use belay_protocol::store::{Draft, Table, View, after_prefix};

/// Agreements that changed, and that referrals under them have still to follow.
const CHANGED: u8 = Prefix::TieChanged as u8;
/// Referrals that we sent under an agreement. By thread id.
const SENT: u8 = Prefix::TieSent as u8;

/// The tie with an organisation as it holds now, or held last: with what we agreed with this person not to tell. `None`: nothing
/// that both signed ever tied the two.
///
/// # Errors
/// `Store`, or this organisation is in no coalition.
pub fn tied(step: &mut Step<'_>, other: OrgId, person: Option<PersonId>) -> Outcome<Option<Tie>> {
    let (coalition, roster) = parties::roster(step)?;
    let (own, now) = (parties::own(step)?, step.context().now);
    let agreement = super::between(step.draft(), coalition, own.org, other)?;
    let Some(member) = roster.orgs.get(&other) else { return Ok(None) };
    let theirs = Party { org: other, name: member.card.name.clone(), kind: member.card.kind };
    let Some(mut tie) = Tie::of(&agreement, [own, theirs], now) else { return Ok(None) };
    if member.removed {
        tie.agreement = None;
    }
    if let Some(person) = person {
        tie.withheld = consents::agreed(step.draft(), person)?;
    }
    Ok(Some(tie))
}

/// Something about an agreement was said.
pub fn changed(draft: &mut Draft<'_>, agreement: AgreementId) {
    draft.put(Table::Record, [&[CHANGED], agreement.0.as_slice()].concat(), []);
}

/// A referral goes by an agreement.
pub fn sent(draft: &mut Draft<'_>, thread: ThreadId) {
    draft.put(Table::Record, [&[SENT], thread.0.as_slice()].concat(), []);
}

/// Whether an agreement changed that referrals have still to follow.
///
/// # Errors
/// `Store`.
pub fn due(view: &dyn View) -> Result<bool> {
    Ok(!view.scan(Table::Record, &[CHANGED], after_prefix(&[CHANGED]).as_deref(), 1, false)?.is_empty())
}

/// Closes what an agreement lets be told no more, and lets the other's place in the rest end when the agreement does.
///
/// # Errors
/// `Store`.
pub fn follow(step: &mut Step<'_>) -> Outcome<()> {
    let to = after_prefix(&[CHANGED]);
    let rows = step.draft().scan(Table::Record, &[CHANGED], to.as_deref(), limits::COMPARE_SPACES, false)?;
    if rows.is_empty() {
        return Ok(());
    }
    if let Ok((coalition, _)) = parties::roster(step) {
        let own = step.org();
        let sent = step.draft().scan(Table::Record, &[SENT], after_prefix(&[SENT]).as_deref(), usize::MAX, false)?;
        for id in sent.iter().filter_map(|(key, _)| ThreadId::from_slice(key.get(1..)?)) {
            let Some(thread) = threads::get(step.draft(), id)? else { continue };
            let of = agreement::id(coalition, own, thread.other.org);
            let touched = rows.iter().any(|(key, _)| key.get(1..) == Some(of.0.as_slice()));
            if touched && thread.direction == Direction::Outgoing {
                referrals::follow_tie(step, thread)?;
            }
        }
    }
    for (key, _) in rows {
        step.draft().delete(Table::Record, key);
    }
    Ok(())
}
