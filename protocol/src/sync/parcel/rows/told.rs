//! What each organisation was told and holds, so far as is known here.

use super::{get, key, number, under};
use crate::codec;
use crate::fault::Result;
use crate::ids::{EntryHash, NodeId, OrgId, SpaceId};
use crate::limits;
use crate::store::{Draft, Table, View};
use crate::time::{DAY, Time};
use serde::{Deserialize, Serialize};

const DUE: u8 = b'd';
const SENT: u8 = b's';
const HOLDS: u8 = b'a';
const HEARD: u8 = b'e';
const WANTED: u8 = b'w';
const DELIVERED: u8 = b'r';
const NODES: u8 = b'n';
const CAME: u8 = b'k';
const ANEW: u8 = b'x';

/// Organisations that were not told something, with the time from which on a parcel is due.
///
/// # Errors
/// `Store`.
pub fn due(view: &dyn View) -> Result<Vec<(OrgId, Time)>> {
    Ok(by_org(view, DUE)?.into_iter().map(|(org, at)| (org, Time(at))).collect())
}

/// The numbers of one kind, by organisation.
fn by_org(view: &dyn View, kind: u8) -> Result<Vec<(OrgId, u64)>> {
    let read = |(org, number): (Vec<u8>, Vec<u8>)| {
        Some((OrgId::from_slice(&org)?, u64::from_be_bytes(number.try_into().ok()?)))
    };
    Ok(under(view, &[kind], usize::MAX)?.into_iter().filter_map(read).collect())
}

/// When a parcel is due for one; `None` if it was told everything.
///
/// # Errors
/// `Store`.
pub fn due_at(view: &dyn View, org: OrgId) -> Result<Option<Time>> {
    Ok(number(view, &key(DUE, &[org.as_bytes()]))?.map(Time))
}

pub fn put_due(draft: &mut Draft<'_>, org: OrgId, at: Time) {
    draft.put(Table::Parcel, key(DUE, &[org.as_bytes()]), at.0.to_be_bytes());
}

pub fn drop_due(draft: &mut Draft<'_>, org: OrgId) {
    draft.delete(Table::Parcel, key(DUE, &[org.as_bytes()]));
}

/// Up to which arrival an organisation's part was sent or put into parcels.
///
/// # Errors
/// `Store`.
pub fn sent(view: &dyn View, org: OrgId) -> Result<u64> {
    Ok(number(view, &key(SENT, &[org.as_bytes()]))?.unwrap_or_default())
}

pub fn put_sent(draft: &mut Draft<'_>, org: OrgId, number: u64) {
    draft.put(Table::Parcel, key(SENT, &[org.as_bytes()]), number.to_be_bytes());
}

/// Up to which arrival an organisation holds everything; zero: not known.
///
/// # Errors
/// `Store`.
pub fn holds(view: &dyn View, org: OrgId) -> Result<u64> {
    Ok(number(view, &key(HOLDS, &[org.as_bytes()]))?.unwrap_or_default())
}

pub fn put_holds(draft: &mut Draft<'_>, org: OrgId, number: u64) {
    draft.put(Table::Parcel, key(HOLDS, &[org.as_bytes()]), number.to_be_bytes());
}

/// Up to which arrival an organisation has heard what was said to it, whether it holds what that named or not.
///
/// # Errors
/// `Store`.
pub fn heard(view: &dyn View, org: OrgId) -> Result<u64> {
    let heard = number(view, &key(HEARD, &[org.as_bytes()]))?.unwrap_or_default();
    Ok(heard.max(holds(view, org)?))
}

pub fn put_heard(draft: &mut Draft<'_>, org: OrgId, number: u64) {
    draft.put(Table::Parcel, key(HEARD, &[org.as_bytes()]), number.to_be_bytes());
}

/// What an organisation asked for.
///
/// # Errors
/// `Store`.
pub fn wanted(view: &dyn View, org: OrgId) -> Result<Vec<EntryHash>> {
    let rows = under(view, &key(WANTED, &[org.as_bytes()]), limits::PARCEL_WANTS)?;
    Ok(rows.iter().filter_map(|(hash, _)| EntryHash::from_slice(hash)).collect())
}

pub fn want(draft: &mut Draft<'_>, org: OrgId, entry: &EntryHash) {
    draft.put(Table::Parcel, key(WANTED, &[org.as_bytes(), entry.as_bytes()]), []);
}

pub fn drop_want(draft: &mut Draft<'_>, org: OrgId, entry: &EntryHash) {
    draft.delete(Table::Parcel, key(WANTED, &[org.as_bytes(), entry.as_bytes()]));
}

/// The newest entries of a space that an organisation has by its receipts for parcels.
///
/// # Errors
/// `Store`.
pub fn delivered(view: &dyn View, org: OrgId, space: SpaceId) -> Result<Vec<EntryHash>> {
    Ok(get(view, &key(DELIVERED, &[org.as_bytes(), space.as_bytes()]))?.unwrap_or_default())
}

pub fn put_delivered(draft: &mut Draft<'_>, org: OrgId, space: SpaceId, heads: &[EntryHash]) {
    let newest = heads.get(heads.len().saturating_sub(limits::DELIVERED_HEADS)..).unwrap_or(heads);
    draft.put(Table::Parcel, key(DELIVERED, &[org.as_bytes(), space.as_bytes()]), codec::encode(&newest.to_vec()));
}

/// What an organisation holds is not known any more: its nodes are others than they were. All that it may have is looked at again.
///
/// # Errors
/// `Store`.
fn begin_anew(draft: &mut Draft<'_>, org: OrgId) -> Result<()> {
    for kind in [SENT, HOLDS, HEARD] {
        draft.delete(Table::Parcel, key(kind, &[org.as_bytes()]));
    }
    let prefix = key(DELIVERED, &[org.as_bytes()]);
    for (rest, _) in under(draft, &prefix, usize::MAX)? {
        draft.delete(Table::Parcel, [prefix.as_slice(), &rest].concat());
    }
    Ok(())
}

/// How often an organisation was told all again lately.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Anew {
    /// The first time of this day.
    since: Time,
    times: u32,
    /// Its nodes changed once more, and it waits for the next day.
    waits: bool,
}

/// The nodes of an organisation are others than they were: it is told all again, or, where that happened often today, once this day is over.
/// True: now.
///
/// # Errors
/// `Store`.
pub fn begin_anew_at(draft: &mut Draft<'_>, org: OrgId, now: Time) -> Result<bool> {
    let row = key(ANEW, &[org.as_bytes()]);
    let before: Anew = get(draft, &row)?.unwrap_or_default();
    let today = before.since <= now && now.since(before.since) < DAY;
    let anew = match (today, before.times < limits::ANEW_A_DAY) {
        (false, _) => Anew { since: now, times: 1, waits: false },
        (true, true) => Anew { times: before.times + 1, ..before },
        (true, false) => Anew { waits: true, ..before },
    };
    draft.put(Table::Parcel, row, codec::encode(&anew));
    if !anew.waits {
        begin_anew(draft, org)?;
    }
    Ok(!anew.waits)
}

/// Organisations that wait to be told all again, with when they are.
///
/// # Errors
/// `Store`.
pub fn anew_due(view: &dyn View) -> Result<Vec<(OrgId, Time)>> {
    let mut due = Vec::new();
    for (org, row) in under(view, &[ANEW], usize::MAX)? {
        let anew: Anew = super::read(&row)?;
        due.extend(OrgId::from_slice(&org).filter(|_| anew.waits).map(|org| (org, anew.since.plus(DAY))));
    }
    Ok(due)
}

/// The nodes of a coalition's organisations as they were last looked at; `None` before that.
///
/// # Errors
/// `Store`.
pub fn nodes_seen(view: &dyn View, coalition: SpaceId) -> Result<Option<Vec<(NodeId, OrgId)>>> {
    get(view, &key(NODES, &[coalition.as_bytes()]))
}

pub fn put_nodes_seen(draft: &mut Draft<'_>, coalition: SpaceId, nodes: &Vec<(NodeId, OrgId)>) {
    draft.put(Table::Parcel, key(NODES, &[coalition.as_bytes()]), codec::encode(nodes));
}

/// How many words of ours (entries of kind `Data`) came to each organisation by carriers or by file.
///
/// # Errors
/// `Store`.
pub fn came(view: &dyn View) -> Result<Vec<(OrgId, u64)>> {
    by_org(view, CAME)
}

/// So many more came.
///
/// # Errors
/// `Store`.
pub fn add_came(draft: &mut Draft<'_>, org: OrgId, words: u64) -> Result<()> {
    if words == 0 {
        return Ok(());
    }
    let row = key(CAME, &[org.as_bytes()]);
    let before = number(draft, &row)?.unwrap_or_default();
    draft.put(Table::Parcel, row, before.saturating_add(words).to_be_bytes());
    Ok(())
}
