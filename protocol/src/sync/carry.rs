//! Carrying for others: what is kept for whom, within quotas, and when it ends. A carrier looks at nothing but a parcel's outside.

use crate::codec;
use crate::fault::Result;
use crate::ids::{NodeId, OrgId, ParcelId, SpaceId};
use crate::keys::digest::sha256;
use crate::limits;
use crate::planted::{self, Bug};
use crate::space::{SpaceKind, Spaces};
use crate::store::{Draft, View};
use crate::sync::parcel::rows::{self, Carried, Outgoing, Use};
use crate::sync::parcel::{Parcel, Receipt};
use crate::sync::tools::Tools;
use crate::time::{DAY, Time};
use std::collections::{BTreeMap, BTreeSet};

/// The register in the coalition space by which a node offers to carry: the encoding of an option, the bytes for each depositor.
pub const CARRIER: &str = "carrier";

/// Why a parcel is not kept. The number is what the depositor is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Refused {
    /// The depositor has left as much as it may.
    Quota = 1,
    /// No room for anybody.
    Full = 2,
    /// No parcel, or for nobody in a coalition that both are in.
    Recipient = 3,
    /// Over already, or too far off.
    Expiry = 4,
    /// This node does not offer to carry.
    NotCarrying = 5,
}

impl Refused {
    /// Whether a code means that there is no room.
    #[must_use]
    pub const fn is_room(code: u8) -> bool {
        code == Self::Quota as u8 || code == Self::Full as u8
    }
}

/// The bytes that a node offers to keep for each depositor.
///
/// # Errors
/// `Store`.
pub fn bytes_offered(spaces: &mut Spaces, view: &dyn View, coalition: SpaceId, node: NodeId) -> Result<Option<u64>> {
    let register = spaces.register(view, coalition, node, CARRIER)?;
    Ok(register.and_then(|register| codec::decode::<Option<u64>>("carrier", &register.value).ok()).flatten())
}

fn coalitions(spaces: &Spaces, view: &dyn View) -> Result<Vec<SpaceId>> {
    let all = spaces.no_threads(view)?.into_iter();
    Ok(all.filter(|record| matches!(record.kind, SpaceKind::Coalition { .. })).map(|record| record.space).collect())
}

/// The same in any coalition, and no more than anybody may.
pub(super) fn offered_by(spaces: &mut Spaces, view: &dyn View, node: NodeId) -> Result<Option<u64>> {
    let mut offered = None;
    for coalition in coalitions(spaces, view)? {
        offered = offered.max(bytes_offered(spaces, view, coalition, node)?);
    }
    Ok(offered.map(|bytes| bytes.min(limits::CARRIED_BYTES)))
}

/// How long one ranking of carriers, or of neighbours, holds. An organisation that was drawn so as to stand high in one stands anywhere
/// in the next.
const SEASON: u64 = 30 * DAY;

/// The number of the ranking that holds at a time.
#[must_use]
pub const fn season(at: Time) -> u64 {
    at.0 / SEASON
}

/// The organisations that offer to carry, each with one node, first those with whom parcels for `to` are left at `at`: the same
/// everywhere. Organisations are ranked, and not nodes, of which anybody can draw as many as it likes.
///
/// # Errors
/// `Store`.
pub fn carriers(spaces: &mut Spaces, view: &dyn View, to: OrgId, at: Time) -> Result<Vec<(NodeId, OrgId)>> {
    let season = season(at).to_be_bytes();
    let mut ranked = BTreeSet::new();
    for coalition in coalitions(spaces, view)? {
        let fold = spaces.fold(view, coalition)?;
        let mut offers: BTreeMap<OrgId, ([u8; 32], NodeId)> = BTreeMap::new();
        for (node, org) in fold.nodes.iter().filter(|(_, org)| **org != to) {
            if bytes_offered(spaces, view, coalition, *node)?.is_some() {
                let one = (sha256(b"belay carrier v1\0", &[to.as_bytes(), node.as_bytes()]), *node);
                offers.entry(*org).and_modify(|best| *best = one.min(*best)).or_insert(one);
            }
        }
        for (org, (_, node)) in offers {
            let parts = [coalition.as_bytes(), &season[..], to.as_bytes(), org.as_bytes()];
            ranked.insert((sha256(b"belay carriers v1\0", &parts), node, org));
        }
    }
    let mut seen = BTreeSet::new();
    Ok(ranked.into_iter().filter(|(_, _, org)| seen.insert(*org)).map(|(_, node, org)| (node, org)).collect())
}

/// The carriers where something for `to`, or of ours for it, may lie now: those of today, of the time when the oldest parcel was left,
/// and of what a clock that is ahead takes for today.
///
/// # Errors
/// `Store`.
pub fn carriers_lately(spaces: &mut Spaces, view: &dyn View, to: OrgId, now: Time) -> Result<BTreeSet<NodeId>> {
    let times = [Time(now.0.saturating_sub(limits::PARCEL_LIFE)), now, now.plus(limits::PARCEL_CLOCKS)];
    let mut nodes = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for at in times.into_iter().filter(|at| seen.insert(season(*at))) {
        nodes.extend(carriers(spaces, view, to, at)?.into_iter().take(limits::CARRIERS).map(|(node, _)| node));
    }
    Ok(nodes)
}

/// The organisations whose nodes these are, as the rosters know them.
pub(super) fn holders(spaces: &mut Spaces, view: &dyn View, nodes: &[NodeId]) -> Result<BTreeSet<OrgId>> {
    let mut orgs = BTreeSet::new();
    for coalition in coalitions(spaces, view)? {
        let fold = spaces.fold(view, coalition)?;
        orgs.extend(nodes.iter().filter_map(|node| fold.nodes.get(node)));
    }
    Ok(orgs)
}

/// Whether both organisations are in one coalition of ours.
fn together(spaces: &mut Spaces, view: &dyn View, one: OrgId, other: OrgId) -> Result<bool> {
    for coalition in coalitions(spaces, view)? {
        let fold = spaces.fold(view, coalition)?;
        if fold.members.contains_key(&one) && fold.members.contains_key(&other) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Keeps a parcel that `from` leaves here; gives its recipient. One that it left already is kept as it is; one that another left is
/// kept for both, so that neither takes it from the other. What this node has on its way itself is nobody else's to leave.
pub(super) fn keep(
    t: &mut Tools<'_, '_>,
    from: OrgId,
    parcel: ParcelId,
    bytes: Vec<u8>,
) -> Result<std::result::Result<OrgId, Refused>> {
    let Ok(read) = Parcel::read(&bytes) else { return Ok(Err(Refused::Recipient)) };
    let to = read.to;
    if rows::carried_one(t.draft, to, &parcel, from)?.is_some() {
        return Ok(Ok(to));
    }
    if rows::outgoing_one(t.draft, &parcel)?.is_some() {
        return Ok(Err(Refused::Recipient));
    }
    let Some(offered) = offered_by(t.spaces, t.draft, t.me)? else { return Ok(Err(Refused::NotCarrying)) };
    if to == t.org || to == from || !together(t.spaces, t.draft, from, to)? {
        return Ok(Err(Refused::Recipient));
    }
    if read.expires <= t.now || read.expires > t.now.plus(limits::PARCEL_LIFE + limits::PARCEL_CLOCKS) {
        return Ok(Err(Refused::Expiry));
    }
    let size = bytes.len() as u64;
    let theirs: Vec<Carried> = rows::left_by(t.draft, from)?.into_iter().map(|(_, row)| row).collect();
    let open: Vec<u64> = theirs.iter().filter(|row| row.receipt.is_none()).map(|row| u64::from(row.bytes)).collect();
    let used: u64 = open.iter().sum();
    let many = open.len() >= limits::CARRIED_COUNT as usize || theirs.len() >= limits::CARRIED_RECEIPTS as usize;
    let over = many || used + size > offered;
    if over && !planted::is(Bug::QuotaIgnored) {
        return Ok(Err(Refused::Quota));
    }
    if rows::total(t.draft)? + size > limits::CARRIED_TOTAL {
        return Ok(Err(Refused::Full));
    }
    let bytes_count = u32::try_from(size).unwrap_or(u32::MAX);
    let row = Carried { from, to, at: t.now, expires: read.expires, bytes: bytes_count, receipt: None };
    rows::put_carried(t.draft, &parcel, &row, bytes)?;
    Ok(Ok(to))
}

/// The bytes of what lies here for `to`, while it and one who left it are in.
pub(super) fn fetched(t: &mut Tools<'_, '_>, to: OrgId, parcel: &ParcelId) -> Result<Option<Vec<u8>>> {
    for row in rows::carried_of(t.draft, to, parcel)? {
        if row.receipt.is_none() && together(t.spaces, t.draft, row.from, to)? {
            return rows::bytes(t.draft, Use::Carried(row.from), parcel);
        }
    }
    Ok(None)
}

/// The recipient's word that it has what lay here: the bytes go, the receipt waits for each who left it. None of these if nothing
/// lay here for it.
pub(super) fn received(t: &mut Tools<'_, '_>, to: OrgId, receipt: &Receipt) -> Result<Vec<OrgId>> {
    let rows = rows::carried_of(t.draft, to, &receipt.parcel)?;
    let holds = !rows.is_empty() && is_of(t.spaces, t.draft, to, receipt)?;
    let mut left = Vec::with_capacity(rows.len());
    for mut row in rows {
        left.push(row.from);
        if holds && row.receipt.is_none() {
            row.receipt = Some(*receipt);
            rows::lighten(t.draft, &receipt.parcel, &row)?;
        }
    }
    Ok(left)
}

/// Whether a receipt is signed by a node of this organisation, as the roster knows it.
///
/// # Errors
/// `Store`.
pub fn is_of(spaces: &mut Spaces, view: &dyn View, org: OrgId, receipt: &Receipt) -> Result<bool> {
    for coalition in coalitions(spaces, view)? {
        if spaces.fold(view, coalition)?.nodes.get(&receipt.node) == Some(&org) {
            return Ok(receipt.holds() || planted::is(Bug::ReceiptUnchecked));
        }
    }
    Ok(false)
}

/// Who left it takes it back.
pub(super) fn withdraw(draft: &mut Draft<'_>, from: OrgId, parcel: &ParcelId) -> Result<()> {
    if let Some(row) = rows::left_one(draft, from, parcel)? {
        rows::drop_carried(draft, parcel, &row)?;
    }
    Ok(())
}

/// Whether one of our parcels may be left with this node: among the first of these carriers, and of a further organisation than those
/// that it lies `with`.
pub(super) fn wants(
    ranked: &[(NodeId, OrgId)],
    (node, org): (NodeId, OrgId),
    row: &Outgoing,
    with: &BTreeSet<OrgId>,
    now: Time,
) -> bool {
    let among = ranked.iter().take(limits::CARRIERS).any(|(n, _)| *n == node);
    row.expires > now && among && !with.contains(&org) && with.len() < limits::PARCEL_CARRIERS
}

/// Lets go what has expired, and what is from or for an organisation that is in no coalition of ours any more. Gives whether there was
/// something.
pub(crate) fn tidy(spaces: &mut Spaces, draft: &mut Draft<'_>, now: Time) -> Result<bool> {
    let mut went = false;
    for (parcel, row) in rows::carried(draft, None)? {
        if row.expires <= now || !together(spaces, draft, row.from, row.to)? {
            rows::drop_carried(draft, &parcel, &row)?;
            went = true;
        }
    }
    Ok(went)
}
