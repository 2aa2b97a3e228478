//! What came into this store, in order: the list from which sessions serve their peers.
//!
//! Each arrival has a number and a hash chained over all before it. A disk that was rolled back, or two copies of one, number
//! other arrivals alike; the chain tells them apart.

use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, NodeId, OrgId, SpaceId};
use crate::space::Register;
use crate::store::{Draft, Row, Table, View};
use crate::sync::wire::{self, Run};
use serde::{Deserialize, Serialize};

/// What arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Item {
    /// An entry was accepted.
    Entry { space: SpaceId, hash: EntryHash },
    /// A register has a newer value: of two copies of a folder each may say another, so how its hash begins is part of the chain.
    Register { space: SpaceId, node: NodeId, name: String, hash: [u8; 16] },
    /// An organisation may have all of a space from now on.
    Opened { space: SpaceId, org: OrgId },
    /// An organisation was taken out of a space by this entry.
    Removed { space: SpaceId, org: OrgId, hash: EntryHash },
}

impl Item {
    /// That this register came.
    #[must_use]
    pub fn register(register: &Register) -> Self {
        let mut hash = [0; 16];
        hash.copy_from_slice(&register.order().1[..16]);
        Self::Register { space: register.space, node: register.node, name: register.name.clone(), hash }
    }
}

/// Where it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum From {
    /// This node wrote it.
    Own,
    /// This peer sent it, in this run.
    Peer(NodeId, Run),
    /// It waited here for something else, and is nobody's in particular.
    Waited,
}

/// One arrival.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    pub item: Item,
    pub from: From,
    pub chain: [u8; 16],
}

/// The number of the newest arrival and its chained hash; zero and zeros where nothing has arrived.
///
/// # Errors
/// `Store`.
pub fn last(view: &dyn View) -> Result<(u64, [u8; 16])> {
    newest(view.scan(Table::Arrival, &[], None, 1, true)?.pop())
}

fn newest(row: Option<Row>) -> Result<(u64, [u8; 16])> {
    row.map_or(Ok((0, [0; 16])), |(key, value)| Ok((number(&key)?, read(&value)?.chain)))
}

/// The chained hash of an arrival; `None` if there is none of that number.
///
/// # Errors
/// `Store`.
pub fn chain(view: &dyn View, number: u64) -> Result<Option<[u8; 16]>> {
    if number == 0 {
        return Ok(Some([0; 16]));
    }
    view.get(Table::Arrival, &number.to_be_bytes())?.map(|value| Ok(read(&value)?.chain)).transpose()
}

/// Writes down that something arrived.
///
/// # Errors
/// `Store`.
pub fn append(draft: &mut Draft<'_>, item: Item, from: From) -> Result<u64> {
    let (before, chain) = newest(draft.newest(Table::Arrival)?)?;
    let number = before + 1;
    let body = codec::encode(&(&item, from));
    let chain = wire::digest(b"belay arrival v1\0", [&chain[..], &number.to_be_bytes(), &body].into_iter());
    draft.put(Table::Arrival, number.to_be_bytes(), codec::encode(&Arrival { item, from, chain }));
    Ok(number)
}

/// At most `limit` arrivals from number `first` on.
///
/// # Errors
/// `Store`.
pub fn from(view: &dyn View, first: u64, limit: usize) -> Result<Vec<(u64, Arrival)>> {
    view.scan(Table::Arrival, &first.to_be_bytes(), None, limit, false)?
        .into_iter()
        .map(|(key, value)| Ok((number(&key)?, read(&value)?)))
        .collect()
}

fn number(key: &[u8]) -> Result<u64> {
    key.try_into().map(u64::from_be_bytes).map_err(|_| Fault::store("arrival: a key of another length"))
}

fn read(value: &[u8]) -> Result<Arrival> {
    codec::decode("arrival", value).map_err(|fault| Fault::store(fault.message))
}
