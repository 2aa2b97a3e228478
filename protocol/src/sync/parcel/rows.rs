//! What a store keeps of parcels: `Table::Parcel`, under the kind bytes below.
//!
//! | key | value |
//! | --- | --- |
//! | `b`, use, parcel | its bytes, for one [`Use`]: 0 and who left it, 1 on its way out, 2 held |
//! | `c`, recipient, parcel, depositor | [`Carried`]: one that lies here for somebody, of one who left it |
//! | `f`, depositor, parcel | its recipient: the same by who left it |
//! | `o`, parcel | [`Outgoing`]: one that this organisation made |
//! | `h`, parcel | [`Held`]: it was taken in part and waits for what it follows |
//! | `t`, sender, parcel | [`Taken`]: one that was taken here |
//! | `u` | bytes of all that is carried |
//! | `d`, organisation | time from which on a parcel is due for what it was not told |
//! | `s`, organisation | the arrival up to which its part was sent by a link or put into parcels |
//! | `a`, organisation | the arrival up to which it holds everything, by its bookmark or its receipts for bundles |
//! | `e`, organisation | the arrival up to which it has heard what was said to it on a link |
//! | `w`, organisation, entry | empty: it asked for this entry |
//! | `r`, organisation, space | hashes: what it holds of the space by its receipts for parcels |
//! | `k`, organisation | entries of ours that came to it by carriers or by file |
//! | `x`, organisation | [`told::Anew`]: how often its nodes changed lately, so that it was told all again |
//! | `n`, coalition | the nodes of its organisations, when they were last looked at |

mod told;

pub use told::{
    add_came, anew_due, begin_anew_at, came, delivered, drop_due, drop_want, due, due_at, heard, holds, nodes_seen,
    put_delivered, put_due, put_heard, put_holds, put_nodes_seen, put_sent, sent, want, wanted,
};

use super::receipt::Receipt;
use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, NodeId, OrgId, ParcelId, SpaceId};
use crate::limits;
use crate::store::{Draft, Table, View, after_prefix};
use crate::time::Time;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

const BYTES: u8 = b'b';
const CARRIED: u8 = b'c';
const FROM: u8 = b'f';
const OUTGOING: u8 = b'o';
const HELD: u8 = b'h';
const TAKEN: u8 = b't';
const TOTAL: u8 = b'u';

/// What a parcel's bytes are kept for. Each use has its own, so that the end of one takes nothing from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// This organisation left it here.
    Carried(OrgId),
    /// Our own, for carriers.
    Out,
    /// It came for us and waits for what it follows.
    Held,
}

impl Use {
    fn key(self, parcel: &ParcelId) -> Vec<u8> {
        match self {
            Self::Carried(from) => key(BYTES, &[&[0], from.as_bytes(), parcel.as_bytes()]),
            Self::Out => key(BYTES, &[&[1], parcel.as_bytes()]),
            Self::Held => key(BYTES, &[&[2], parcel.as_bytes()]),
        }
    }
}

/// A parcel that lies here for somebody: all that a carrier knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// Who left it.
    pub from: OrgId,
    /// For whom.
    pub to: OrgId,
    pub at: Time,
    pub expires: Time,
    /// Bytes of all of it.
    pub bytes: u32,
    /// Its recipient has it: the bytes are gone, and this waits for the depositor.
    pub receipt: Option<Receipt>,
}

/// Where a parcel of our own stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Way {
    /// For carriers.
    Carriers,
    /// In a file, which somebody carries.
    File,
    /// Carriers are to let it go: it came, or its content may not be told any more.
    Withdrawn,
}

/// A parcel that this organisation made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outgoing {
    pub to: OrgId,
    pub made: Time,
    pub expires: Time,
    pub bytes: u32,
    pub way: Way,
    /// The arrivals that it covers, both ends included.
    pub first: u64,
    pub last: u64,
    /// Spaces that something in it belongs to, sorted.
    pub spaces: Vec<SpaceId>,
    /// The entries in it, with their spaces, in order.
    pub entries: Vec<(SpaceId, EntryHash)>,
    /// To which nodes it is sealed.
    pub nodes: Vec<NodeId>,
    /// Carriers that said that they keep it.
    pub left: Vec<NodeId>,
    /// Carriers that were sent it and have not said whether they do.
    pub sent: Vec<NodeId>,
}

impl Outgoing {
    /// Whether it lies nowhere, so far as can be.
    #[must_use]
    pub const fn is_nowhere(&self) -> bool {
        self.left.is_empty() && self.sent.is_empty()
    }

    /// Whether it lies, or may lie, with this carrier.
    #[must_use]
    pub fn may_lie_with(&self, node: NodeId) -> bool {
        self.left.contains(&node) || self.sent.contains(&node)
    }
}

/// A parcel that waits here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Its sender, a member.
    pub from: OrgId,
    pub bytes: u32,
    pub expires: Time,
    /// Some of what it waits for: entries, and spaces by the hash of their first entry. It is tried again when one of them is here.
    pub waits: Vec<EntryHash>,
}

/// A parcel that came here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    pub at: Time,
    /// None: something in it was refused.
    pub receipt: Option<Receipt>,
}

fn key(kind: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut key = vec![kind];
    for part in parts {
        key.extend_from_slice(part);
    }
    key
}

fn read<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    codec::decode("row about a parcel", bytes).map_err(|fault| Fault::store(fault.message))
}

fn get<T: Serialize + DeserializeOwned>(view: &dyn View, key: &[u8]) -> Result<Option<T>> {
    view.get(Table::Parcel, key)?.map(|bytes| read(&bytes)).transpose()
}

/// Rows under a prefix, at most `limit`: the rest of the key, and the value.
fn under(view: &dyn View, prefix: &[u8], limit: usize) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
    let rows = view.scan(Table::Parcel, prefix, after_prefix(prefix).as_deref(), limit, false)?;
    Ok(rows.into_iter().map(|(key, value)| (key.get(prefix.len()..).unwrap_or_default().to_vec(), value)).collect())
}

fn named<T: Serialize + DeserializeOwned>(view: &dyn View, prefix: &[u8], limit: usize) -> Result<Vec<(ParcelId, T)>> {
    let rows = under(view, prefix, limit)?;
    rows.iter()
        .filter_map(|(id, value)| Some((ParcelId::from_slice(id)?, value)))
        .map(|(id, v)| Ok((id, read(v)?)))
        .collect()
}

/// A parcel's bytes, where they are kept for this use.
///
/// # Errors
/// `Store`.
pub fn bytes(view: &dyn View, of: Use, parcel: &ParcelId) -> Result<Option<Vec<u8>>> {
    view.get(Table::Parcel, &of.key(parcel))
}

pub fn keep_bytes(draft: &mut Draft<'_>, of: Use, parcel: &ParcelId, bytes: Vec<u8>) {
    draft.put(Table::Parcel, of.key(parcel), bytes);
}

pub fn drop_bytes(draft: &mut Draft<'_>, of: Use, parcel: &ParcelId) {
    draft.delete(Table::Parcel, of.key(parcel));
}

/// What lies here for an organisation, or all of it: a parcel that several left, once for each.
///
/// # Errors
/// `Store`.
pub fn carried(view: &dyn View, to: Option<OrgId>) -> Result<Vec<(ParcelId, Carried)>> {
    let to = to.as_ref().map(|to| to.as_bytes().as_slice());
    let prefix = key(CARRIED, to.as_slice());
    let rows = view.scan(Table::Parcel, &prefix, after_prefix(&prefix).as_deref(), usize::MAX, false)?;
    rows.iter()
        .filter_map(|(key, value)| Some((ParcelId::from_slice(key.get(33..65)?)?, value)))
        .map(|(id, value)| Ok((id, read(value)?)))
        .collect()
}

/// One that lies here for `to`, of each who left it.
///
/// # Errors
/// `Store`.
pub fn carried_of(view: &dyn View, to: OrgId, parcel: &ParcelId) -> Result<Vec<Carried>> {
    let rows = under(view, &key(CARRIED, &[to.as_bytes(), parcel.as_bytes()]), usize::MAX)?;
    rows.iter().map(|(_, value)| read(value)).collect()
}

/// The same, of one who left it.
///
/// # Errors
/// `Store`.
pub fn carried_one(view: &dyn View, to: OrgId, parcel: &ParcelId, from: OrgId) -> Result<Option<Carried>> {
    get(view, &key(CARRIED, &[to.as_bytes(), parcel.as_bytes(), from.as_bytes()]))
}

/// What an organisation left here.
///
/// # Errors
/// `Store`.
pub fn left_by(view: &dyn View, from: OrgId) -> Result<Vec<(ParcelId, Carried)>> {
    let mut left = Vec::new();
    for (parcel, to) in named::<OrgId>(view, &key(FROM, &[from.as_bytes()]), usize::MAX)? {
        left.extend(carried_one(view, to, &parcel, from)?.map(|row| (parcel, row)));
    }
    Ok(left)
}

/// One that an organisation left here.
///
/// # Errors
/// `Store`.
pub fn left_one(view: &dyn View, from: OrgId, parcel: &ParcelId) -> Result<Option<Carried>> {
    match get(view, &key(FROM, &[from.as_bytes(), parcel.as_bytes()]))? {
        Some(to) => carried_one(view, to, parcel, from),
        None => Ok(None),
    }
}

/// Bytes of all that is carried.
///
/// # Errors
/// `Store`.
pub fn total(view: &dyn View) -> Result<u64> {
    Ok(number(view, &[TOTAL])?.unwrap_or_default())
}

/// Keeps a parcel for somebody.
///
/// # Errors
/// `Store`.
pub fn put_carried(draft: &mut Draft<'_>, parcel: &ParcelId, row: &Carried, bytes: Vec<u8>) -> Result<()> {
    let all = total(draft)? + u64::from(row.bytes);
    draft.put(Table::Parcel, vec![TOTAL], all.to_be_bytes());
    keep_bytes(draft, Use::Carried(row.from), parcel, bytes);
    put_row(draft, parcel, row);
    Ok(())
}

fn carried_key(parcel: &ParcelId, row: &Carried) -> Vec<u8> {
    key(CARRIED, &[row.to.as_bytes(), parcel.as_bytes(), row.from.as_bytes()])
}

fn put_row(draft: &mut Draft<'_>, parcel: &ParcelId, row: &Carried) {
    draft.put(Table::Parcel, key(FROM, &[row.from.as_bytes(), parcel.as_bytes()]), codec::encode(&row.to));
    draft.put(Table::Parcel, carried_key(parcel, row), codec::encode(row));
}

/// Its recipient has it: only the row with the receipt stays.
///
/// # Errors
/// `Store`.
pub fn lighten(draft: &mut Draft<'_>, parcel: &ParcelId, row: &Carried) -> Result<()> {
    let all = total(draft)?.saturating_sub(u64::from(row.bytes));
    draft.put(Table::Parcel, vec![TOTAL], all.to_be_bytes());
    drop_bytes(draft, Use::Carried(row.from), parcel);
    put_row(draft, parcel, row);
    Ok(())
}

/// Forgets it.
///
/// # Errors
/// `Store`.
pub fn drop_carried(draft: &mut Draft<'_>, parcel: &ParcelId, row: &Carried) -> Result<()> {
    if row.receipt.is_none() {
        lighten(draft, parcel, row)?;
    }
    draft.delete(Table::Parcel, key(FROM, &[row.from.as_bytes(), parcel.as_bytes()]));
    draft.delete(Table::Parcel, carried_key(parcel, row));
    Ok(())
}

/// Every parcel of our own, in order of name.
///
/// # Errors
/// `Store`.
pub fn outgoing(view: &dyn View) -> Result<Vec<(ParcelId, Outgoing)>> {
    named(view, &[OUTGOING], usize::MAX)
}

/// One of them.
///
/// # Errors
/// `Store`.
pub fn outgoing_one(view: &dyn View, parcel: &ParcelId) -> Result<Option<Outgoing>> {
    get(view, &key(OUTGOING, &[parcel.as_bytes()]))
}

pub fn put_outgoing(draft: &mut Draft<'_>, parcel: &ParcelId, row: &Outgoing) {
    draft.put(Table::Parcel, key(OUTGOING, &[parcel.as_bytes()]), codec::encode(row));
}

pub fn drop_outgoing(draft: &mut Draft<'_>, parcel: &ParcelId) {
    draft.delete(Table::Parcel, key(OUTGOING, &[parcel.as_bytes()]));
    drop_bytes(draft, Use::Out, parcel);
}

/// Parcels that wait here for what they follow.
///
/// # Errors
/// `Store`.
pub fn held(view: &dyn View) -> Result<Vec<(ParcelId, Held)>> {
    named(view, &[HELD], limits::PARCELS_HELD)
}

/// Lets a parcel wait, if there is room: in all, and for its sender, so that one member takes no other's.
///
/// # Errors
/// `Store`.
pub fn hold(draft: &mut Draft<'_>, parcel: &ParcelId, row: &Held, whole: Vec<u8>) -> Result<bool> {
    let others: Vec<Held> = held(draft)?.into_iter().filter(|(id, _)| id != parcel).map(|(_, row)| row).collect();
    let fits = |rows: &[&Held], count: usize, most: usize| {
        let bytes: u64 = rows.iter().map(|row| u64::from(row.bytes)).sum();
        rows.len() < count && bytes + u64::from(row.bytes) <= most as u64
    };
    let all: Vec<&Held> = others.iter().collect();
    let theirs: Vec<&Held> = others.iter().filter(|other| other.from == row.from).collect();
    if !fits(&all, limits::PARCELS_HELD, limits::PARCELS_HELD_BYTES)
        || !fits(&theirs, limits::PARCELS_HELD_OF, limits::PARCELS_HELD_BYTES_OF)
    {
        release(draft, parcel)?;
        return Ok(false);
    }
    draft.put(Table::Parcel, key(HELD, &[parcel.as_bytes()]), codec::encode(row));
    keep_bytes(draft, Use::Held, parcel, whole);
    Ok(true)
}

/// Whether it waits here.
///
/// # Errors
/// `Store`.
pub fn is_held(view: &dyn View, parcel: &ParcelId) -> Result<bool> {
    Ok(view.get(Table::Parcel, &key(HELD, &[parcel.as_bytes()]))?.is_some())
}

/// It waits no more.
///
/// # Errors
/// `Store`.
pub fn release(draft: &mut Draft<'_>, parcel: &ParcelId) -> Result<()> {
    let row = key(HELD, &[parcel.as_bytes()]);
    if draft.get(Table::Parcel, &row)?.is_some() {
        draft.delete(Table::Parcel, row);
        drop_bytes(draft, Use::Held, parcel);
    }
    Ok(())
}

/// Whether a parcel was taken here before, from whomever.
///
/// # Errors
/// `Store`.
pub fn taken(view: &dyn View, parcel: &ParcelId) -> Result<Option<Taken>> {
    let from = view.get(Table::Parcel, &key(TAKEN, &[OrgId::ZERO.as_bytes(), parcel.as_bytes()]))?;
    let Some(from) = from.and_then(|from| OrgId::from_slice(&from)) else { return Ok(None) };
    get(view, &key(TAKEN, &[from.as_bytes(), parcel.as_bytes()]))
}

/// Remembers that a parcel of `from` was taken; of more than [`limits::PARCELS_TAKEN`] the oldest is forgotten.
///
/// # Errors
/// `Store`.
pub fn put_taken(draft: &mut Draft<'_>, from: OrgId, parcel: &ParcelId, row: &Taken) -> Result<()> {
    let all = taken_from(draft, from)?;
    if all.len() >= limits::PARCELS_TAKEN
        && let Some((oldest, _)) = all.iter().min_by_key(|(_, row)| row.at)
    {
        draft.delete(Table::Parcel, key(TAKEN, &[from.as_bytes(), oldest.as_bytes()]));
        draft.delete(Table::Parcel, key(TAKEN, &[OrgId::ZERO.as_bytes(), oldest.as_bytes()]));
    }
    draft.put(Table::Parcel, key(TAKEN, &[OrgId::ZERO.as_bytes(), parcel.as_bytes()]), from.0);
    draft.put(Table::Parcel, key(TAKEN, &[from.as_bytes(), parcel.as_bytes()]), codec::encode(row));
    Ok(())
}

/// The parcels of an organisation that were taken here.
///
/// # Errors
/// `Store`.
pub fn taken_from(view: &dyn View, from: OrgId) -> Result<Vec<(ParcelId, Taken)>> {
    named(view, &key(TAKEN, &[from.as_bytes()]), limits::PARCELS_TAKEN)
}

fn number(view: &dyn View, key: &[u8]) -> Result<Option<u64>> {
    Ok(view.get(Table::Parcel, key)?.and_then(|at| at.try_into().ok()).map(u64::from_be_bytes))
}

/// Whether anything is carried or on its way out.
///
/// # Errors
/// `Store`.
pub fn any(view: &dyn View) -> Result<bool> {
    Ok(!under(view, &[CARRIED], 1)?.is_empty() || !under(view, &[OUTGOING], 1)?.is_empty())
}
