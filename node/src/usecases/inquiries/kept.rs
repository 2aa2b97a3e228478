//! What is kept of the bodies in the spaces of inquiries.
//!
//! [`Table::Record`]: `56 space time entry` a question, of which the newest stands, `57 space time entry` an answer: organisation, time, body;
//! `59 org time space` the spaces in which an organisation asks, by its newest question there. Of each organisation the newest
//! [`INQUIRIES_OF_ORG`] are kept: who asks without end pushes out its own. All of it can be made again from the entries alone.

use crate::usecases::records::{newest, prefix::Prefix, rows};
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{EntryHash, OrgId, SpaceId};
use belay_protocol::limits::INQUIRIES_OF_ORG;
use belay_protocol::referral::inquiry::InquiryBody;
use belay_protocol::store::{Draft, Table, View};
use belay_protocol::time::Time;

const ASKER: u8 = Prefix::Asker as u8;

/// One body: by whom, when, and what it says.
pub(super) type Kept = (OrgId, Time, InquiryBody);

/// Keeps a body of a space that is an inquiry's; others are passed over. `custodian`: of that space.
///
/// # Errors
/// `Store`.
pub fn keep(
    draft: &mut Draft<'_>,
    (space, custodian): (SpaceId, OrgId),
    (hash, org, time): (EntryHash, OrgId, Time),
    bytes: &[u8],
) -> Result<()> {
    let kind = match InquiryBody::decode(bytes) {
        Ok(InquiryBody::Ask(_)) if org == custodian => Prefix::Asked,
        Ok(InquiryBody::Reply(_)) if org != custodian => Prefix::Replied,
        _ => return Ok(()),
    };
    let value = [&org.0[..], &time.0.to_be_bytes(), bytes].concat();
    match kind {
        Prefix::Asked => asks(draft, space, |draft| newest::keep(draft, (kind, space), &order(hash, time), value))?,
        _ => newest::keep(draft, (kind, space), &order(hash, time), value)?,
    }
    within(draft, org)
}

fn order(hash: EntryHash, time: Time) -> Vec<u8> {
    [&time.0.to_be_bytes()[..], &hash.0].concat()
}

/// Changes the questions of a space, and where it stands among those of who asks.
fn asks(draft: &mut Draft<'_>, space: SpaceId, change: impl FnOnce(&mut Draft<'_>) -> Result<()>) -> Result<()> {
    let place = |draft: &Draft<'_>| -> Result<Option<Vec<u8>>> {
        let last = rows::last(draft, &newest::of_space(Prefix::Asked, space))?;
        let found = last.map(|(_, value)| body(&value)).transpose()?;
        Ok(found.map(|(org, at, _)| [&[ASKER], &org.0[..], &at.0.to_be_bytes(), &space.0].concat()))
    };
    let before = place(draft)?;
    change(draft)?;
    let after = place(draft)?;
    if before != after {
        before.into_iter().for_each(|key| draft.delete(Table::Record, key));
        after.into_iter().for_each(|key| draft.put(Table::Record, key, []));
    }
    Ok(())
}

/// The oldest that an organisation asked go where there are too many. What was answered to it stays: it is never more than is asked for.
fn within(draft: &mut Draft<'_>, org: OrgId) -> Result<()> {
    let known = rows::at_most(draft, &[&[ASKER], &org.0[..]].concat(), INQUIRIES_OF_ORG + 1)?;
    let over = known.len().saturating_sub(INQUIRIES_OF_ORG);
    for (key, _) in known.into_iter().take(over) {
        let space = key.get(41..).and_then(SpaceId::from_slice).ok_or_else(damaged)?;
        newest::forget(draft, (Prefix::Asked, space))?;
        draft.delete(Table::Record, key);
    }
    Ok(())
}

/// Forgets the bodies of a space, before they are taken again.
///
/// # Errors
/// `Store`.
pub fn forget(draft: &mut Draft<'_>, space: SpaceId) -> Result<()> {
    asks(draft, space, |draft| newest::forget(draft, (Prefix::Asked, space)))?;
    newest::forget(draft, (Prefix::Replied, space))
}

/// Takes back a body that counts no more.
///
/// # Errors
/// `Store`.
pub fn lose(draft: &mut Draft<'_>, space: SpaceId, (hash, time): (EntryHash, Time)) -> Result<()> {
    asks(draft, space, |draft| {
        newest::lose(draft, (Prefix::Asked, space), &order(hash, time));
        Ok(())
    })?;
    newest::lose(draft, (Prefix::Replied, space), &order(hash, time));
    Ok(())
}

/// The newest question of each space, by space.
pub(super) fn asked(view: &dyn View) -> Result<Vec<(SpaceId, Kept)>> {
    let rows = rows::last_of_each(view, Prefix::Asked as u8)?.into_iter();
    let space = |key: &[u8]| key.get(1..33).and_then(SpaceId::from_slice).ok_or_else(damaged);
    rows.map(|(key, value)| Ok((space(&key)?, body(&value)?))).collect()
}

/// The newest answer in a space.
pub(super) fn replied(view: &dyn View, space: SpaceId) -> Result<Option<Kept>> {
    let last = rows::last(view, &newest::of_space(Prefix::Replied, space))?;
    last.map(|(_, value)| body(&value)).transpose()
}

fn body(value: &[u8]) -> Result<Kept> {
    let (org, rest) = value.split_at_checked(32).ok_or_else(damaged)?;
    let (time, body) = rest.split_first_chunk::<8>().ok_or_else(damaged)?;
    let org = OrgId::from_slice(org).ok_or_else(damaged)?;
    Ok((org, Time(u64::from_be_bytes(*time)), InquiryBody::decode(body).map_err(|_| damaged())?))
}

fn damaged() -> Fault {
    Fault::store("a record of an inquiry is damaged; `belay doctor --rebuild` makes it again from the entries")
}
