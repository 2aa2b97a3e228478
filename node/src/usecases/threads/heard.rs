//! Revocations: that a partner heard and this node has to carry out, and that were heard here.

use super::{damaged, key, spaces};
use crate::usecases::records::prefix::Prefix;
use belay_protocol::disclosure::Heard;
use belay_protocol::fault::Result;
use belay_protocol::ids::{ConsentId, EntryHash, OrgId, SpaceId, ThreadId};
use belay_protocol::limits;
use belay_protocol::store::{Draft, Table, View, after_prefix};
use belay_protocol::time::Time;

pub(super) const HEARD: u8 = Prefix::Heard as u8;
const WAITING: u8 = Prefix::Waiting as u8;
pub(in crate::usecases) const HEARD_HERE: u8 = Prefix::HeardHere as u8;

/// Revocations that partners heard and that nobody has carried out: space and entry.
///
/// # Errors
/// `Store`.
pub fn heard(view: &dyn View) -> Result<Vec<(SpaceId, EntryHash)>> {
    entries(view, HEARD)
}

/// Revocations that partners heard and that are not permitted yet (42 CFR 2.35(c)).
///
/// # Errors
/// `Store`.
pub fn waiting(view: &dyn View) -> Result<Vec<(SpaceId, EntryHash)>> {
    entries(view, WAITING)
}

/// It is not permitted yet: it waits until it is.
pub fn heard_waits(draft: &mut Draft<'_>, space: SpaceId, hash: EntryHash) {
    draft.delete(Table::Record, key(HEARD, &[&space.0, &hash.0]));
    draft.put(Table::Record, key(WAITING, &[&space.0, &hash.0]), []);
}

fn entries(view: &dyn View, kind: u8) -> Result<Vec<(SpaceId, EntryHash)>> {
    let prefix = [kind];
    let rows = view.scan(Table::Record, &prefix, after_prefix(&prefix).as_deref(), limits::COMPARE_SPACES, false)?;
    let ids = |key: &[u8]| Some((SpaceId::from_slice(key.get(1..33)?)?, EntryHash::from_slice(key.get(33..)?)?));
    rows.iter().map(|(key, _)| ids(key).ok_or_else(damaged)).collect()
}

/// It is carried out, or none of ours.
pub fn heard_done(draft: &mut Draft<'_>, space: SpaceId, hash: EntryHash) {
    draft.delete(Table::Record, key(HEARD, &[&space.0, &hash.0]));
    draft.delete(Table::Record, key(WAITING, &[&space.0, &hash.0]));
}

/// Notes under which consent a revocation was heard here.
pub fn heard_here(draft: &mut Draft<'_>, heard: &Heard) {
    if heard.party.is_none_or(|party| party == heard.org) {
        let key = key(HEARD_HERE, &[&heard.consent.0, &heard.thread.0]);
        draft.put(Table::Record, key, heard.at.0.to_be_bytes());
    }
}

/// When the person first revoked this consent of that organisation here, in whatever referral.
pub(super) fn heard_before(view: &dyn View, consent: ConsentId, keeper: OrgId) -> Result<Option<Time>> {
    let prefix = key(HEARD_HERE, &[&consent.0]);
    let mut first: Option<Time> = None;
    for (key, at) in view.scan(Table::Record, &prefix, after_prefix(&prefix).as_deref(), usize::MAX, false)? {
        let thread = key.get(prefix.len()..).and_then(ThreadId::from_slice).ok_or_else(damaged)?;
        let at = Time(u64::from_be_bytes(at.try_into().map_err(|_| damaged())?));
        // The same id from another organisation is another consent.
        if spaces(view, thread)?.iter().any(|(_, of)| of.custodian.org == keeper) {
            first = Some(first.map_or(at, |other| other.min(at)));
        }
    }
    Ok(first)
}
