//! Who may have what of a space, and the notes that keep it right when it changes.

use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, OrgId, SpaceId};
use crate::limits;
use crate::planted::{self, Bug};
use crate::space::control::Revoke;
use crate::space::entry::{Entry, Kind};
use crate::store::{Draft, Table, View, after_prefix};
use crate::sync::arrivals::{self, From, Item};
use std::collections::BTreeSet;

/// Whether an organisation may have entries of a space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Open,
    /// A member whose grant has passed its expiry by our clock: nothing is sent, though it is no removal yet.
    Expired,
    /// A member from whom this node holds back what stands there, until staff have judged the consent.
    Held,
    Closed,
}

const EXPIRED: &[u8] = b"expired/";
const REMOVAL: &[u8] = b"removal/";

/// Notes that something was held back from an organisation because our clock says that its grant has expired.
///
/// # Errors
/// `Store`.
pub fn note_expired(draft: &mut Draft<'_>, space: SpaceId, org: OrgId) -> Result<()> {
    let key = [EXPIRED, space.as_bytes(), org.as_bytes()].concat();
    if draft.get(Table::Own, &key)?.is_none() {
        draft.put(Table::Own, key, []);
    }
    Ok(())
}

/// What was held back so.
///
/// # Errors
/// `Store`.
pub fn held_back(view: &dyn View) -> Result<Vec<(SpaceId, OrgId)>> {
    let rows = view.scan(Table::Own, EXPIRED, after_prefix(EXPIRED).as_deref(), 10_000, false)?;
    Ok(rows
        .into_iter()
        .filter_map(|(key, _)| {
            let (space, org) = key.get(EXPIRED.len()..)?.split_at_checked(32)?;
            Some((SpaceId::from_slice(space)?, OrgId::from_slice(org)?))
        })
        .collect())
}

/// An organisation has no place in a space any more: no clock holds anything back from it.
pub fn ended(draft: &mut Draft<'_>, space: SpaceId, org: OrgId) {
    draft.delete(Table::Own, [EXPIRED, space.as_bytes(), org.as_bytes()].concat());
}

/// An organisation may have all of a space from now on: its nodes are shown all of it, and no removal stands against it.
///
/// # Errors
/// `Store`.
pub fn opened(draft: &mut Draft<'_>, space: SpaceId, org: OrgId) -> Result<()> {
    ended(draft, space, org);
    draft.delete(Table::Own, [REMOVAL, org.as_bytes(), space.as_bytes()].concat());
    shown_again(draft, space, org)
}

/// What was held back from an organisation is held back no more: its nodes are shown all of the space, as far as it may have it.
///
/// # Errors
/// `Store`.
pub fn shown_again(draft: &mut Draft<'_>, space: SpaceId, org: OrgId) -> Result<()> {
    if !planted::is(Bug::OpenedUnsaid) {
        arrivals::append(draft, Item::Opened { space, org }, From::Own)?;
    }
    Ok(())
}

/// An organisation was taken out by this entry: it gets that and nothing more. Several may take it out, written apart; which of them it
/// has not heard of, or takes for followed by a grant, is not known here, so it gets all; of more than [`limits::REMOVALS_TOLD`] the last to
/// come, but before any other goes the last of those that are `doubtful`.
///
/// # Errors
/// `Store`.
pub fn removed(
    draft: &mut Draft<'_>,
    space: SpaceId,
    org: OrgId,
    hash: EntryHash,
    doubtful: &BTreeSet<EntryHash>,
) -> Result<()> {
    let mut hashes = removals_from(draft, org, space)?;
    if !hashes.contains(&hash) {
        hashes.push(hash);
        if hashes.len() > limits::REMOVALS_TOLD {
            hashes.remove(hashes.iter().rposition(|hash| doubtful.contains(hash)).unwrap_or(0));
        }
        let bytes: Vec<u8> = hashes.iter().flat_map(|hash| *hash.as_bytes()).collect();
        draft.put(Table::Own, [REMOVAL, org.as_bytes(), space.as_bytes()].concat(), bytes);
    }
    arrivals::append(draft, Item::Removed { space, org, hash }, From::Own)?;
    Ok(())
}

/// The entries that took an organisation out of spaces, as far as it was not let in again.
///
/// # Errors
/// `Store`.
pub fn removals_of(view: &dyn View, org: OrgId) -> Result<Vec<EntryHash>> {
    let prefix = [REMOVAL, org.as_bytes()].concat();
    let rows = view.scan(Table::Own, &prefix, after_prefix(&prefix).as_deref(), 10_000, false)?;
    Ok(rows.iter().flat_map(|(_, value)| hashes(value)).collect())
}

/// The entries that took an organisation out of a space, if it was not let in again; the newest to come here last.
///
/// # Errors
/// `Store`.
pub fn removals_from(view: &dyn View, org: OrgId, space: SpaceId) -> Result<Vec<EntryHash>> {
    let value = view.get(Table::Own, &[REMOVAL, org.as_bytes(), space.as_bytes()].concat())?;
    Ok(value.map(|value| hashes(&value).collect()).unwrap_or_default())
}

fn hashes(row: &[u8]) -> impl Iterator<Item = EntryHash> {
    row.chunks(32).filter_map(EntryHash::from_slice)
}

/// Whether a verified entry says that `org` was taken out of a space; its author's right to it is not looked at.
///
/// # Errors
/// `Misbehaved` or `Malformed` if it is anything else.
pub fn check_removal(entry: &Entry, org: OrgId) -> Result<()> {
    if entry.header().kind != Kind::Revoke {
        return Err(Fault::misbehaved("a removal notice that is no revoke entry"));
    }
    let revoke: Revoke = codec::decode("revoke", entry.body())?;
    if revoke.org == org { Ok(()) } else { Err(Fault::misbehaved("a removal notice about somebody else")) }
}

/// Not `join/`: under that the handshake keeps joins that are under way.
const JOIN: &[u8] = b"joined/";

/// This node was admitted to a coalition and takes it from whoever brings it; `introducer` is who let it in.
pub fn join(draft: &mut Draft<'_>, coalition: SpaceId, introducer: OrgId) {
    draft.put(Table::Own, [JOIN, coalition.as_bytes()].concat(), *introducer.as_bytes());
}

/// Who let this node into a coalition.
///
/// # Errors
/// `Store`.
pub fn introducer(view: &dyn View, coalition: SpaceId) -> Result<Option<OrgId>> {
    let value = view.get(Table::Own, &[JOIN, coalition.as_bytes()].concat())?;
    Ok(value.and_then(|value| OrgId::from_slice(&value)))
}

/// The coalitions that this node joins or joined, with who let it in.
///
/// # Errors
/// `Store`.
pub fn joined(view: &dyn View) -> Result<Vec<(SpaceId, OrgId)>> {
    let rows = view.scan(Table::Own, JOIN, after_prefix(JOIN).as_deref(), 1_000, false)?;
    Ok(rows
        .into_iter()
        .filter_map(|(key, value)| Some((SpaceId::from_slice(key.get(JOIN.len()..)?)?, OrgId::from_slice(&value)?)))
        .collect())
}
