//! What is kept of the bodies in the spaces of placed copies.
//!
//! [`Table::Record`]: `64 space number entry`, the newest, tells who placed a copy and the marks by which it is found: never what it says, which is opened from
//! its entry when somebody breaks the glass. `65 space entry` holds an opening with organisation and time, `66` one that came too late to
//! count. All of it can be made again from the entries alone.

use crate::usecases::records::{self, newest, prefix::Prefix};
use crate::usecases::threads;
use belay_protocol::codec;
use belay_protocol::emergency::{EmergencyBody, Mark, Opened, marks};
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{EntryHash, OrgId, SpaceId};
use belay_protocol::referral::Information;
use belay_protocol::store::{Draft, Row, Table, View, after_prefix};
use belay_protocol::time::Time;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

const COPY: u8 = Prefix::Copy as u8;
const OPENED: u8 = Prefix::Opened as u8;
const LATE: u8 = Prefix::OpenedLate as u8;

/// A copy in a space; of several the one with the highest number, then entry, holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Kept {
    pub custodian: OrgId,
    pub number: u32,
    pub information: Information,
    pub entry: EntryHash,
    pub marks: Vec<Mark>,
}

/// An opening as its entry tells it.
pub(super) struct Opening {
    pub space: SpaceId,
    pub entry: EntryHash,
    pub org: OrgId,
    pub at: Time,
    /// What lies there.
    pub information: Information,
    pub opened: Opened,
    /// It came too late to count: who opened the copy had been taken out, and had not heard.
    pub late: bool,
}

fn key(kind: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut key = vec![kind];
    parts.iter().for_each(|part| key.extend_from_slice(part));
    key
}

/// The copy that holds comes last.
fn order(number: u32, hash: EntryHash) -> Vec<u8> {
    [&number.to_be_bytes()[..], &hash.0].concat()
}

fn damaged() -> Fault {
    Fault::store("a record of an emergency is damaged; `belay doctor --rebuild` makes it again from the entries")
}

/// Keeps a body of the space of a placed copy. `false`: it is none, and somebody else's to keep. One that this program does not know is
/// left where it is: a newer program wrote it.
///
/// # Errors
/// `Store`.
pub fn keep(
    draft: &mut Draft<'_>,
    (space, custodian): (SpaceId, OrgId),
    (hash, org, time): (EntryHash, OrgId, Time),
    bytes: &[u8],
) -> Result<bool> {
    if !EmergencyBody::is(bytes) {
        return Ok(false);
    }
    match EmergencyBody::decode(bytes) {
        // Only who placed it says what is placed.
        Ok(EmergencyBody::Copy(copy)) if org == custodian => {
            let kept = Kept {
                custodian,
                number: copy.number,
                information: copy.information,
                entry: hash,
                marks: marks(space, &copy),
            };
            newest::keep(draft, (Prefix::Copy, space), &order(kept.number, hash), codec::encode(&kept))?;
        }
        // And who opened it speaks for itself.
        Ok(EmergencyBody::Opened(opened)) if org != custodian && opened.facts.facility.org == org => {
            draft.delete(Table::Record, key(LATE, &[&space.0, &hash.0]));
            put(draft, OPENED, space, (hash, org, time), bytes);
        }
        Ok(EmergencyBody::Copy(_) | EmergencyBody::Opened(_)) | Err(_) => {}
    }
    Ok(true)
}

/// Takes back a body that was kept and counts no more. `false`: it is none, and somebody else's to take back.
pub fn lose(draft: &mut Draft<'_>, space: SpaceId, hash: EntryHash, bytes: &[u8]) -> bool {
    if !EmergencyBody::is(bytes) {
        return false;
    }
    match EmergencyBody::decode(bytes) {
        Ok(EmergencyBody::Copy(copy)) => newest::lose(draft, (Prefix::Copy, space), &order(copy.number, hash)),
        Ok(EmergencyBody::Opened(_)) => draft.delete(Table::Record, key(OPENED, &[&space.0, &hash.0])),
        Err(_) => {}
    }
    true
}

/// Keeps an opening of a copy of ours that came too late to count. `false`: the body is of another kind of space.
pub fn keep_late(
    draft: &mut Draft<'_>,
    space: SpaceId,
    (hash, org, time): (EntryHash, OrgId, Time),
    bytes: &[u8],
) -> bool {
    if !EmergencyBody::is(bytes) {
        return false;
    }
    if let Ok(EmergencyBody::Opened(opened)) = EmergencyBody::decode(bytes)
        && opened.facts.facility.org == org
    {
        put(draft, LATE, space, (hash, org, time), bytes);
    }
    true
}

fn put(draft: &mut Draft<'_>, kind: u8, space: SpaceId, (hash, org, time): (EntryHash, OrgId, Time), bytes: &[u8]) {
    let mut value = Zeroizing::new(org.0.to_vec());
    value.extend_from_slice(&time.0.to_be_bytes());
    value.extend_from_slice(bytes);
    draft.put(Table::Record, key(kind, &[&space.0, &hash.0]), value.as_slice());
}

/// Forgets what is kept of a space, before it is taken again.
///
/// # Errors
/// `Store`.
pub fn forget(draft: &mut Draft<'_>, space: SpaceId) -> Result<()> {
    for kind in [OPENED, LATE] {
        let prefix = key(kind, &[&space.0]);
        for (key, _) in draft.scan(Table::Record, &prefix, after_prefix(&prefix).as_deref(), usize::MAX, false)? {
            draft.delete(Table::Record, key);
        }
    }
    newest::forget(draft, (Prefix::Copy, space))
}

/// The copy in a space.
pub(super) fn get(view: &dyn View, space: SpaceId) -> Result<Option<Kept>> {
    let row = records::rows::last(view, &key(COPY, &[&space.0]))?;
    Ok(row.map(|row| copy(view, &row)).transpose()?.flatten().map(|(_, kept)| kept))
}

/// Every copy that is kept, ours and others', in order of space.
pub(super) fn all(view: &dyn View) -> Result<Vec<(SpaceId, Kept)>> {
    let mut all = Vec::new();
    for row in records::rows::last_of_each(view, COPY)? {
        all.extend(copy(view, &row)?);
    }
    Ok(all)
}

/// A copy, if it may be found: what lies in a space that somebody took us out of is not.
fn copy(view: &dyn View, (key, value): &Row) -> Result<Option<(SpaceId, Kept)>> {
    let space = key.get(1..33).and_then(SpaceId::from_slice).ok_or_else(damaged)?;
    let kept = codec::decode("placed copy", value).map_err(|_| damaged())?;
    Ok(if threads::is_out(view, space)? { None } else { Some((space, kept)) })
}

/// Every opening of a copy that `custodian` placed.
pub(super) fn opened(view: &dyn View, custodian: OrgId) -> Result<Vec<Opening>> {
    let mut found = Vec::new();
    for kind in [OPENED, LATE] {
        let prefix = [kind];
        for (key, value) in view.scan(Table::Record, &prefix, after_prefix(&prefix).as_deref(), usize::MAX, false)? {
            let value = Zeroizing::new(value);
            let space = key.get(1..33).and_then(SpaceId::from_slice).ok_or_else(damaged)?;
            let entry = key.get(33..).and_then(EntryHash::from_slice).ok_or_else(damaged)?;
            let (org, rest) = value.split_at_checked(32).ok_or_else(damaged)?;
            let (at, body) = rest.split_first_chunk::<8>().ok_or_else(damaged)?;
            let org = OrgId::from_slice(org).ok_or_else(damaged)?;
            let Some(kept) = get(view, space)?.filter(|kept| kept.custodian == custodian) else { continue };
            if let EmergencyBody::Opened(opened) = EmergencyBody::decode(body).map_err(|_| damaged())? {
                let (at, late) = (Time(u64::from_be_bytes(*at)), kind == LATE);
                let information = kept.information;
                found.push(Opening { space, entry, org, at, information, opened: *opened, late });
            }
        }
    }
    Ok(found)
}
