//! The rows that spaces keep beside entries: `Table::Fold` under the kind bytes below.
//!
//! | key | value |
//! | --- | --- |
//! | zero space, `o`, organisation, space | [`SeatRow`]: whether it is in a thread or private space |
//! | zero space, `w`, entry | [`WaitRow`]: a waiting entry, of `Table::Waiting` |
//! | zero space, `q`, organisation, coalition or nothing | what may still be taken of its words, see `allowance` |
//! | zero space, `l`, space | since when this node lacks keys there that another node of ours may bring |
//! | zero space, `n`, space | that it is a coalition's or a private space, and no thread's |
//! | space, `k`, entry | last words that a `keep` is to save |
//! | space, `t`, organisation | the newest record of a disclosure to it in this space: an entry of our private space |
//! | space, `g`, epoch, a hash of the key | a key that came from another node of ours before the epoch itself |
//! | space, `r`, node | how many registers of this node are kept there |
//! | space, `a` | this node's organisation is to confirm what its retired node granted |

use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, NodeId, OrgId, SpaceId};
use crate::keys::EpochKey;
use crate::keys::digest::sha256;
use crate::store::{Draft, Table, View, after_prefix};
use crate::time::Time;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::collections::BTreeSet;
use zeroize::Zeroizing;

/// Whether an organisation is in a space, as the space's own entries and the coalition's say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SeatRow {
    pub member: bool,
    pub expires: Option<Time>,
}

/// An entry that waits: for what, and on whose account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct WaitRow {
    /// One of the things that it misses: its place in `Table::Waiting`. Itself: it misses nothing, and waits for its organisation's
    /// account to fill.
    pub missing: EntryHash,
    pub from: Option<NodeId>,
    pub author: NodeId,
    pub bytes: u32,
    /// Since when, by this node's clock.
    pub since: Time,
    /// `None`: taking it is free.
    pub charged: Option<Charge>,
}

/// How taking an entry is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Charge {
    /// Not where its author is of this organisation, which is our own.
    pub own: OrgId,
    /// Who brought it.
    pub by: OrgId,
}

fn key(space: SpaceId, kind: u8, rest: &[&[u8]]) -> Vec<u8> {
    let mut key = space.0.to_vec();
    key.push(kind);
    for part in rest {
        key.extend_from_slice(part);
    }
    key
}

pub(super) fn seat_key(org: OrgId, space: SpaceId) -> Vec<u8> {
    key(SpaceId::ZERO, b'o', &[org.as_bytes(), space.as_bytes()])
}

pub(super) fn wait_key(hash: &EntryHash) -> Vec<u8> {
    key(SpaceId::ZERO, b'w', &[hash.as_bytes()])
}

pub(super) fn last_word_key(space: SpaceId, hash: &EntryHash) -> Vec<u8> {
    key(space, b'k', &[hash.as_bytes()])
}

pub(super) fn confirm_key(space: SpaceId) -> Vec<u8> {
    key(space, b'a', &[])
}

/// The newest record, in our private space, of something that was told to this organisation in this space.
pub(super) fn told(view: &dyn View, space: SpaceId, org: OrgId) -> Result<Option<EntryHash>> {
    Ok(view.get(Table::Fold, &key(space, b't', &[org.as_bytes()]))?.and_then(|hash| EntryHash::from_slice(&hash)))
}

pub(super) fn put_told(draft: &mut Draft<'_>, space: SpaceId, org: OrgId, record: EntryHash) {
    draft.put(Table::Fold, key(space, b't', &[org.as_bytes()]), record.0);
}

/// Notes a space that is no thread's: what asks for one of these must not walk over ten thousand threads.
pub(super) fn no_thread(draft: &mut Draft<'_>, space: SpaceId) {
    draft.put(Table::Fold, key(SpaceId::ZERO, b'n', &[space.as_bytes()]), []);
}

/// The spaces that are no thread's, in order of id.
pub(super) fn no_threads(view: &dyn View) -> Result<Vec<SpaceId>> {
    let mut spaces = Vec::new();
    each_under(view, Table::Fold, &key(SpaceId::ZERO, b'n', &[]), |space, _| {
        spaces.extend(SpaceId::from_slice(space));
        Ok(())
    })?;
    Ok(spaces)
}

pub(super) fn allowance_key(org: OrgId, coalition: Option<SpaceId>) -> Vec<u8> {
    let coalition = coalition.as_ref().map_or(&[][..], |coalition| coalition.as_bytes());
    key(SpaceId::ZERO, b'q', &[org.as_bytes(), coalition])
}

/// Every account of words that are taken, with whose it is and the coalition that it is for.
pub(super) fn each_allowance(
    view: &dyn View,
    mut each: impl FnMut(OrgId, Option<SpaceId>, &[u8]) -> Result<()>,
) -> Result<()> {
    each_under(view, Table::Fold, &key(SpaceId::ZERO, b'q', &[]), |rest, row| {
        match rest.split_at_checked(32).and_then(|(org, rest)| Some((OrgId::from_slice(org)?, rest))) {
            Some((org, coalition)) => each(org, SpaceId::from_slice(coalition), row),
            None => Ok(()),
        }
    })
}

/// How many registers of a node are kept in a space.
pub(super) fn registers_of(view: &dyn View, space: SpaceId, node: NodeId) -> Result<u32> {
    let row = view.get(Table::Fold, &key(space, b'r', &[node.as_bytes()]))?;
    Ok(row.and_then(|row| row.try_into().ok()).map_or(0, u32::from_be_bytes))
}

pub(super) fn put_registers_of(draft: &mut Draft<'_>, space: SpaceId, node: NodeId, count: u32) {
    draft.put(Table::Fold, key(space, b'r', &[node.as_bytes()]), count.to_be_bytes());
}

fn lack_key(space: SpaceId) -> Vec<u8> {
    key(SpaceId::ZERO, b'l', &[space.as_bytes()])
}

/// Since when keys of this space are lacking: from now on, if not noted before.
pub(super) fn lacks(draft: &mut Draft<'_>, space: SpaceId, now: Time) -> Result<Time> {
    let noted = draft.get(Table::Fold, &lack_key(space))?.and_then(|at| at.try_into().ok()).map(u64::from_be_bytes);
    match noted.map(Time) {
        Some(since) if since <= now => Ok(since),
        // A clock that was ahead once must not make it wait until then.
        _ => {
            draft.put(Table::Fold, lack_key(space), now.0.to_be_bytes());
            Ok(now)
        }
    }
}

pub(super) fn lacks_nothing(draft: &mut Draft<'_>, space: SpaceId) -> Result<()> {
    if draft.get(Table::Fold, &lack_key(space))?.is_some() {
        draft.delete(Table::Fold, lack_key(space));
    }
    Ok(())
}

/// The spaces that lack keys, and since when.
pub(super) fn lacking(view: &dyn View) -> Result<Vec<(SpaceId, Time)>> {
    let mut lacking = Vec::new();
    each_under(view, Table::Fold, &key(SpaceId::ZERO, b'l', &[]), |space, at| {
        let at = at.try_into().map(u64::from_be_bytes).map_or(Time(0), Time);
        lacking.extend(SpaceId::from_slice(space).map(|space| (space, at)));
        Ok(())
    })?;
    Ok(lacking)
}

/// Keys that were given before their epoch came: who holds a stolen node of ours can put no other in the place of the true one.
pub(super) fn given(view: &dyn View, space: SpaceId, epoch: &EntryHash) -> Result<Vec<EpochKey>> {
    let prefix = key(space, b'g', &[epoch.as_bytes()]);
    let rows = view.scan(Table::Fold, &prefix, after_prefix(&prefix).as_deref(), usize::MAX, false)?;
    Ok(rows.into_iter().filter_map(|(_, value)| EpochKey::from_slice(&Zeroizing::new(value))).collect())
}

fn given_key(space: SpaceId, epoch: &EntryHash, secret: &EpochKey) -> Vec<u8> {
    let name = sha256(b"belay given key v1\0", &[secret.as_bytes()]);
    key(space, b'g', &[epoch.as_bytes(), &name])
}

pub(super) fn put_given(draft: &mut Draft<'_>, space: SpaceId, epoch: &EntryHash, secret: &EpochKey) {
    draft.put(Table::Fold, given_key(space, epoch, secret), secret.as_bytes().as_slice());
}

pub(super) fn forget_given(draft: &mut Draft<'_>, space: SpaceId, epoch: &EntryHash, secret: &EpochKey) {
    draft.delete(Table::Fold, given_key(space, epoch, secret));
}

/// A row of our own making.
pub(super) fn read<T: Serialize + DeserializeOwned>(what: &str, bytes: &[u8]) -> Result<T> {
    codec::decode(what, bytes).map_err(|fault| Fault::store(format!("the store is damaged: {}", fault.message)))
}

/// Calls `each` with the rest of the key and the value of every row under a prefix.
pub(super) fn each_under(
    view: &dyn View,
    table: Table,
    prefix: &[u8],
    mut each: impl FnMut(&[u8], &[u8]) -> Result<()>,
) -> Result<()> {
    const PAGE: usize = 256;
    let end = after_prefix(prefix);
    let mut from = prefix.to_vec();
    loop {
        let rows = view.scan(table, &from, end.as_deref(), PAGE, false)?;
        for (key, value) in &rows {
            each(key.get(prefix.len()..).unwrap_or_default(), value)?;
        }
        match rows.last() {
            Some((last, _)) if rows.len() == PAGE => {
                from.clone_from(last);
                from.push(0);
            }
            Some(_) | None => return Ok(()),
        }
    }
}

/// The seats of an organisation: spaces and rows.
pub(super) fn seats_of(view: &dyn View, org: OrgId) -> Result<Vec<(SpaceId, SeatRow)>> {
    let mut seats = Vec::new();
    each_under(view, Table::Fold, &key(SpaceId::ZERO, b'o', &[org.as_bytes()]), |space, value| {
        if let Some(space) = SpaceId::from_slice(space) {
            seats.push((space, read("seat", value)?));
        }
        Ok(())
    })?;
    Ok(seats)
}

/// The organisations that are in some thread or private space: one look for each, however many spaces they are in.
pub(super) fn seated(view: &dyn View) -> Result<BTreeSet<OrgId>> {
    const PAGE: usize = 16;
    let prefix = key(SpaceId::ZERO, b'o', &[]);
    let end = after_prefix(&prefix);
    let (mut seated, mut from) = (BTreeSet::new(), Some(prefix.clone()));
    while let Some(start) = from.take() {
        let rows = view.scan(Table::Fold, &start, end.as_deref(), PAGE, false)?;
        for (key, value) in &rows {
            let org = key.get(prefix.len()..prefix.len() + 32).and_then(OrgId::from_slice);
            let Some(org) = org else { continue };
            if read::<SeatRow>("seat", value)?.member {
                seated.insert(org);
                // Its other seats are passed over.
                from = after_prefix(&[prefix.as_slice(), org.as_bytes()].concat());
                break;
            }
        }
        if from.is_none()
            && rows.len() == PAGE
            && let Some((last, _)) = rows.last()
        {
            from = Some([last.as_slice(), &[0]].concat());
        }
    }
    Ok(seated)
}

/// The last words of a space that are still to be saved.
pub(super) fn last_words(view: &dyn View, space: SpaceId) -> Result<Vec<EntryHash>> {
    let mut words = Vec::new();
    each_under(view, Table::Fold, &key(space, b'k', &[]), |hash, _| {
        words.extend(EntryHash::from_slice(hash));
        Ok(())
    })?;
    Ok(words)
}

/// Every waiting entry.
pub(super) fn waiting(view: &dyn View) -> Result<Vec<(EntryHash, WaitRow)>> {
    let mut rows = Vec::new();
    each_under(view, Table::Fold, &key(SpaceId::ZERO, b'w', &[]), |hash, value| {
        let hash = EntryHash::from_slice(hash).ok_or_else(|| Fault::store("waiting entry: a key of another length"))?;
        rows.push((hash, read("waiting entry", value)?));
        Ok(())
    })?;
    Ok(rows)
}

pub(super) fn put_seat(draft: &mut Draft<'_>, org: OrgId, space: SpaceId, row: SeatRow) {
    draft.put(Table::Fold, seat_key(org, space), codec::encode(&row));
}
