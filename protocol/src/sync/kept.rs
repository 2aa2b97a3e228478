//! What this node keeps for other organisations: sealed packages of their private spaces, which it can not open.
//!
//! `Table::Kept`: organisation, node that left it, number (u64 big endian) -> the chain up to it (16 bytes) and the package.
//! `Table::Own` holds under `kept/`, organisation and node what lies there, and under `kept out/` since when an organisation is out.

mod deposit;
mod records;

pub use deposit::{Deposit, Leaving};
pub use records::Records;

use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{NodeId, OrgId};
use crate::keys::{Signature, backup};
use crate::limits;
use crate::store::{Draft, Table, View, after_prefix};
use crate::sync::wire::digest;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

const KEPT: &[u8] = b"kept/";
/// By organisation: since when it has been in no coalition, so far as was noticed (time, u64 big endian).
const OUT: &[u8] = b"kept out/";

/// Where a package lies, among those of one organisation.
pub type Place = (NodeId, u64);

/// The packages of one node at one keeper, named by the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Pile {
    /// The number of the newest: who leaves packages counts all that it ever signed for this keeper, from 1. Each is higher than the
    /// one below it; what was refused or lost leaves a gap.
    pub number: u64,
    /// Over all of them, see [`chained`].
    pub chain: [u8; 16],
}

/// What lies here of one node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Shelf {
    pub pile: Pile,
    /// How many packages lie here: own ones that were opened do no more.
    pub count: u64,
    /// Of the packages, and [`limits::KEPT_COST`] for each.
    pub bytes: u64,
    /// By our clock.
    pub last: Time,
    /// Of the [`Deposit`] by which the newest was left; none on what lies here of our own.
    pub signature: Option<Signature>,
}

/// The chain over what lies on a shelf once this package is laid on it; zeros over none.
#[must_use]
pub fn chained(before: &[u8; 16], package: &[u8]) -> [u8; 16] {
    digest(b"belay kept v1\0", [&before[..], package].into_iter())
}

fn shelf_key(org: OrgId, node: NodeId) -> Vec<u8> {
    [KEPT, org.as_bytes(), node.as_bytes()].concat()
}

fn key(org: OrgId, (node, number): Place) -> Vec<u8> {
    [&org.as_bytes()[..], node.as_bytes(), &number.to_be_bytes()].concat()
}

/// What lies here of one organisation, or of all, by organisation and node.
///
/// # Errors
/// `Store`.
pub fn shelves(view: &dyn View, org: Option<OrgId>) -> Result<Vec<(OrgId, NodeId, Shelf)>> {
    let prefix = org.map_or_else(|| KEPT.to_vec(), |org| [KEPT, org.as_bytes()].concat());
    let rows = view.scan(Table::Own, &prefix, after_prefix(&prefix).as_deref(), 100_000, false)?;
    let mut shelves = Vec::with_capacity(rows.len());
    for (key, value) in rows {
        let names = key.get(KEPT.len()..).and_then(|names| names.split_at_checked(32));
        let Some((org, node)) = names.and_then(|(o, n)| Some((OrgId::from_slice(o)?, NodeId::from_slice(n)?))) else {
            return Err(Fault::store("kept: a key of another length"));
        };
        shelves.push((org, node, read(&value)?));
    }
    Ok(shelves)
}

fn read(shelf: &[u8]) -> Result<Shelf> {
    codec::decode("kept", shelf).map_err(|fault| Fault::store(fault.message))
}

/// What lies here of one node.
///
/// # Errors
/// `Store`.
pub fn shelf(view: &dyn View, (org, node): (OrgId, NodeId)) -> Result<Option<Shelf>> {
    view.get(Table::Own, &shelf_key(org, node))?.map(|value| read(&value)).transpose()
}

/// The chain up to one package; `None` if it does not lie here.
///
/// # Errors
/// `Store`.
pub fn chain_at(view: &dyn View, org: OrgId, place: Place) -> Result<Option<[u8; 16]>> {
    if place.1 == 0 {
        return Ok(Some([0; 16]));
    }
    Ok(view.get(Table::Kept, &key(org, place))?.and_then(|row| row.first_chunk::<16>().copied()))
}

/// What a package takes of the room, in bytes: its own and its rows'.
const fn room(package: &[u8]) -> u64 {
    package.len() as u64 + limits::KEPT_COST
}

fn check(package: &[u8]) -> Result<()> {
    // What is smaller would cost more to keep than it is counted for.
    if package.len() < limits::BACKUP_SIZES[0] || package.len() > backup::BYTES {
        return Err(Fault::misbehaved("backup: a package of a size that is none"));
    }
    Ok(())
}

/// Keeps one package for an organisation, which goes on what lies here ([`Leaving::goes_on`]); false if it has no room left here. What
/// `retired` nodes of it left goes first.
///
/// # Errors
/// `Misbehaved` for what is no package; `Store`.
pub fn keep(
    draft: &mut Draft<'_>,
    (org, node): (OrgId, NodeId),
    Leaving { number, package, signature }: &Leaving,
    retired: &BTreeSet<NodeId>,
    now: Time,
) -> Result<bool> {
    check(package)?;
    let room = room(package);
    let all = shelves(draft, None)?;
    let mut theirs: u64 = all.iter().filter(|(of, ..)| *of == org).map(|(.., shelf)| shelf.bytes).sum();
    let mut total: u64 = all.iter().map(|(.., shelf)| shelf.bytes).sum();
    for (of, left, shelf) in &all {
        let over = theirs + room > limits::KEPT_BYTES || total + room > limits::KEPT_TOTAL;
        if over && *of == org && retired.contains(left) {
            drop_shelf(draft, org, *left)?;
            theirs -= shelf.bytes;
            total -= shelf.bytes;
        }
    }
    let new = !all.iter().any(|(of, left, _)| (*of, *left) == (org, node));
    let many = new && all.iter().filter(|(of, ..)| *of == org).count() >= limits::KEPT_NODES;
    if many || theirs + room > limits::KEPT_BYTES || total + room > limits::KEPT_TOTAL {
        return Ok(false);
    }
    put(draft, (org, node), (*number, Some(*signature)), package, now)?;
    Ok(true)
}

/// Keeps a package that nobody signed: for tests of what there is room for.
///
/// # Errors
/// As [`keep`].
#[cfg(test)]
pub fn keep_unsigned(
    draft: &mut Draft<'_>,
    of: (OrgId, NodeId),
    package: &[u8],
    retired: &BTreeSet<NodeId>,
    now: Time,
) -> Result<bool> {
    let number = shelf(draft, of)?.unwrap_or_default().pile.number + 1;
    keep(draft, of, &Leaving { number, package: package.to_vec(), signature: Signature([0; 64]) }, retired, now)
}

/// Lays by a package of this node's own organisation that `from` gave, whose organisation gave what lies on `shelves`: none takes more
/// room than one may keep for another, and all together no more than four such. False if there is none left.
///
/// # Errors
/// `Misbehaved` for what is no package; `Store`.
pub fn lay_by(
    draft: &mut Draft<'_>,
    (own, from): (OrgId, NodeId),
    package: &[u8],
    shelves: &BTreeSet<NodeId>,
    now: Time,
) -> Result<bool> {
    check(package)?;
    let room = room(package);
    let (mut of_giver, mut all) = (0, 0);
    for (_, node, shelf) in self::shelves(draft, Some(own))? {
        all += shelf.bytes;
        if node == from || shelves.contains(&node) {
            of_giver += shelf.bytes;
        }
    }
    if of_giver + room > limits::KEPT_BYTES || all + room > limits::LAID_BY_BYTES {
        return Ok(false);
    }
    let number = shelf(draft, (own, from))?.unwrap_or_default().pile.number + 1;
    put(draft, (own, from), (number, None), package, now)?;
    Ok(true)
}

fn put(
    draft: &mut Draft<'_>,
    (org, node): (OrgId, NodeId),
    (number, signature): (u64, Option<Signature>),
    package: &[u8],
    now: Time,
) -> Result<()> {
    let before = shelf(draft, (org, node))?.unwrap_or_default();
    let chain = chained(&before.pile.chain, package);
    let (count, bytes) = (before.count + 1, before.bytes + room(package));
    let shelf = Shelf { pile: Pile { number, chain }, count, bytes, last: now, signature };
    draft.put(Table::Kept, key(org, (node, number)), [&chain[..], package].concat());
    draft.put(Table::Own, shelf_key(org, node), codec::encode(&shelf));
    Ok(())
}

/// Lets go what lies here of organisations that have been out for [`limits::KEPT_LINGERS`]; `members` are those that are in. When the
/// next is due.
///
/// # Errors
/// `Store`.
pub fn tidy(draft: &mut Draft<'_>, members: &BTreeSet<OrgId>, now: Time) -> Result<Option<Time>> {
    let mut next: Option<Time> = None;
    let all = shelves(draft, None)?;
    let orgs: BTreeSet<OrgId> = all.iter().map(|(org, ..)| *org).collect();
    for org in orgs {
        let row = [OUT, org.as_bytes()].concat();
        let since = draft.get(Table::Own, &row)?.and_then(|at| at.try_into().ok()).map(u64::from_be_bytes).map(Time);
        if members.contains(&org) {
            if since.is_some() {
                draft.delete(Table::Own, row);
            }
            continue;
        }
        // A clock that stood ahead when it was noted would keep them for ever.
        let since = since.filter(|since| *since <= now).unwrap_or(now);
        let due = since.plus(limits::KEPT_LINGERS);
        if due > now {
            draft.put(Table::Own, row, since.0.to_be_bytes());
            next = Some(next.map_or(due, |next| next.min(due)));
            continue;
        }
        forget(draft, org)?;
        draft.delete(Table::Own, row);
    }
    Ok(next)
}

/// Lets go of one package, which was opened.
///
/// # Errors
/// `Store`.
pub fn take_off(draft: &mut Draft<'_>, org: OrgId, place: Place, package: &[u8]) -> Result<()> {
    let with = (org, place.0);
    let Some(before) = shelf(draft, with)? else { return Ok(()) };
    let (count, bytes) = (before.count.saturating_sub(1), before.bytes.saturating_sub(room(package)));
    let after = Shelf { count, bytes, ..before };
    draft.delete(Table::Kept, key(org, place));
    if after.count > 0 {
        draft.put(Table::Own, shelf_key(org, place.0), codec::encode(&after));
    } else {
        draft.delete(Table::Own, shelf_key(org, place.0));
    }
    Ok(())
}

/// Forgets all that lies here of an organisation.
///
/// # Errors
/// `Store`.
pub fn forget(draft: &mut Draft<'_>, org: OrgId) -> Result<()> {
    for (_, node, _) in shelves(draft, Some(org))? {
        drop_shelf(draft, org, node)?;
    }
    Ok(())
}

/// Forgets what lies here of one node.
///
/// # Errors
/// `Store`.
pub fn drop_shelf(draft: &mut Draft<'_>, org: OrgId, node: NodeId) -> Result<()> {
    const AT_ONCE: usize = 64;
    let prefix = [&org.as_bytes()[..], node.as_bytes()].concat();
    let mut from = prefix.clone();
    loop {
        let rows = draft.scan(Table::Kept, &from, after_prefix(&prefix).as_deref(), AT_ONCE, false)?;
        let whole = rows.len() == AT_ONCE;
        for (key, _) in rows {
            from = [key.as_slice(), &[0]].concat();
            draft.delete(Table::Kept, key);
        }
        if !whole {
            break;
        }
    }
    draft.delete(Table::Own, shelf_key(org, node));
    Ok(())
}

/// The next package of an organisation, after this place.
///
/// # Errors
/// `Store`.
pub fn next(view: &dyn View, org: OrgId, after: Option<Place>) -> Result<Option<(Place, Vec<u8>)>> {
    let from = after.map_or_else(|| org.as_bytes().to_vec(), |place| [key(org, place).as_slice(), &[0]].concat());
    let to = after_prefix(org.as_bytes());
    let Some((key, row)) = view.scan(Table::Kept, &from, to.as_deref(), 1, false)?.pop() else { return Ok(None) };
    let place = key
        .get(32..)
        .and_then(|rest| rest.split_at_checked(32))
        .and_then(|(node, number)| Some((NodeId::from_slice(node)?, number.try_into().map(u64::from_be_bytes).ok()?)));
    let place = place.ok_or_else(|| Fault::store("kept: a key of another length"))?;
    let package = row.get(16..).ok_or_else(|| Fault::store("kept: a package without its chain"))?.to_vec();
    Ok(Some((place, package)))
}
