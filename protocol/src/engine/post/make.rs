//! Parcels out of what a session would send.

use super::newest;
use crate::engine::settle::Work;
use crate::engine::{Context, Engine};
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, NodeId, OrgId, ParcelId, SpaceId};
use crate::keys::PrekeyPublic;
use crate::limits;
use crate::planted::{self, Bug};
use crate::space::Register;
use crate::space::entry::Entry;
use crate::store::{Draft, View};
use crate::sync::parcel::rows::{self, Outgoing, Use, Way};
use crate::sync::parcel::{self, Content, Parcel};
use crate::sync::rights::Access;
use crate::sync::session::fill::{Fill, Reach, cut};
use crate::sync::wire::Page;
use crate::time::Time;
use std::collections::BTreeSet;

/// A parcel that was made, and its row.
pub(super) struct Made {
    pub parcel: ParcelId,
    pub bytes: Vec<u8>,
    pub row: Outgoing,
}

impl Engine {
    /// Makes parcels for carriers of what an organisation was not told. False: not now.
    pub(super) fn make_for(
        &mut self,
        draft: &mut Draft<'_>,
        work: &mut Work,
        ctx: &mut Context<'_>,
        org: OrgId,
    ) -> Result<bool> {
        let out: Vec<u64> = rows::outgoing(draft)?
            .into_iter()
            .filter(|(_, row)| row.to == org && row.way == Way::Carriers)
            .map(|(_, row)| u64::from(row.bytes))
            .collect();
        let (mut room, mut bytes) = (limits::PARCELS_OUT.saturating_sub(out.len()), out.iter().sum::<u64>());
        let nodes = self.nodes_of(draft, org)?;
        let full = room == 0 || bytes >= limits::PARCELS_OUT_BYTES;
        if full || nodes.is_empty() || self.carriers_for(draft, org, ctx.now)?.is_empty() {
            return Ok(false);
        }
        let first = rows::sent(draft, org)? + 1;
        let of = nodes.iter().map(|(node, _)| *node).collect();
        let mut fill = Fill::since(org, of, Reach::Threads, first);
        let mut from = first;
        fill.wanted(take_wanted(draft, org)?);
        while room > 0
            && let Some(page) = self.page(draft, work, ctx, &mut fill)?
        {
            let last = fill.covered().unwrap_or(from.saturating_sub(1));
            let made = self.seal(draft, work, ctx, (org, &nodes), page, Way::Carriers, (from, last))?;
            rows::put_outgoing(draft, &made.parcel, &made.row);
            rows::keep_bytes(draft, Use::Out, &made.parcel, made.bytes);
            from = last + 1;
            bytes += u64::from(made.row.bytes);
            room = if bytes < limits::PARCELS_OUT_BYTES { room - 1 } else { 0 };
        }
        work.durable = true;
        work.got.post.insert(self.identity.org());
        if room == 0 {
            rows::put_sent(draft, org, from.saturating_sub(1));
            return Ok(false);
        }
        rows::put_sent(draft, org, newest(draft)?);
        rows::drop_due(draft, org);
        Ok(true)
    }

    pub(super) fn page(
        &mut self,
        draft: &mut Draft<'_>,
        work: &mut Work,
        ctx: &mut Context<'_>,
        fill: &mut Fill,
    ) -> Result<Option<Page>> {
        let (_, mut tools) = self.tools(draft, &mut work.got, ctx);
        fill.page(&mut tools)
    }

    /// Seals one page.
    #[expect(clippy::too_many_arguments, reason = "what a parcel is made of, once")]
    pub(super) fn seal(
        &mut self,
        draft: &mut Draft<'_>,
        work: &mut Work,
        ctx: &mut Context<'_>,
        (to, nodes): (OrgId, &[(NodeId, PrekeyPublic)]),
        page: Page,
        way: Way,
        (first, last): (u64, u64),
    ) -> Result<Made> {
        let mut spaces = BTreeSet::new();
        let mut entries: Vec<(SpaceId, EntryHash)> = Vec::new();
        for bytes in &page.entries {
            let entry = Entry::parse(bytes.clone())?;
            spaces.insert(entry.space());
            entries.push((entry.space(), entry.hash()));
        }
        for bytes in &page.registers {
            spaces.insert(crate::codec::decode::<Register>("register", bytes)?.space);
        }
        let expires = self.parcel_ends(draft, to, &spaces, ctx.now)?;
        let mut content = Content::new(self.identity.certificate().clone(), ctx.now, page);
        content.wants = self.wants_from(draft, work, ctx, to)?;
        content.receipts = receipts_for(draft, to)?;
        let parcel = Parcel::seal(self.identity.key(), &content, (to, expires), nodes, ctx.random)?;
        let bytes = parcel.bytes();
        let row = Outgoing {
            to,
            made: ctx.now,
            expires,
            bytes: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
            way,
            first,
            last,
            spaces: spaces.into_iter().collect(),
            entries,
            nodes: parcel.wraps.iter().map(|(node, _)| *node).collect(),
            left: Vec::new(),
            sent: Vec::new(),
        };
        Ok(Made { parcel: parcel::name(&bytes), bytes, row })
    }

    /// No later than any grant that it rests on, cut as [`cut`] says. What would show an end that is too near is in no page.
    fn parcel_ends(&mut self, view: &dyn View, to: OrgId, spaces: &BTreeSet<SpaceId>, now: Time) -> Result<Time> {
        let mut ends = now.plus(limits::PARCEL_LIFE);
        for space in spaces {
            let seat = self.spaces.fold(view, *space)?.members.get(&to).and_then(|seat| seat.expires);
            ends = ends.min(seat.unwrap_or(ends));
        }
        cut(ends, now).ok_or_else(|| Fault::bug("a parcel rests on what shows when it ends"))
    }

    /// The nodes of a member, with the newest prekey of each, sorted; of the first coalition that both are in.
    pub(super) fn nodes_of(&mut self, view: &dyn View, org: OrgId) -> Result<Vec<(NodeId, PrekeyPublic)>> {
        for coalition in self.coalitions(view)? {
            if self.spaces.record(view, coalition)?.is_none() || self.is_out(view, coalition)? {
                continue;
            }
            let fold = self.spaces.fold(view, coalition)?;
            if !fold.members.contains_key(&org) {
                continue;
            }
            let mut nodes = Vec::new();
            for (node, _) in fold.nodes.iter().filter(|(_, of)| **of == org || planted::is(Bug::ParcelForAll)) {
                nodes.extend(self.spaces.prekey_of(view, coalition, *node)?.map(|prekey| (*node, prekey)));
            }
            return Ok(nodes);
        }
        Ok(Vec::new())
    }

    /// What is missed here and this organisation may know of: in spaces that it may have, or because its own entries named it.
    fn wants_from(
        &mut self,
        draft: &mut Draft<'_>,
        work: &mut Work,
        ctx: &mut Context<'_>,
        org: OrgId,
    ) -> Result<Vec<EntryHash>> {
        let nodes: BTreeSet<NodeId> = self.nodes_of(draft, org)?.into_iter().map(|(node, _)| node).collect();
        let missed = self.spaces.missed(draft, limits::PARCEL_WANTS)?;
        let (_, mut tools) = self.tools(draft, &mut work.got, ctx);
        let mut wants = Vec::new();
        for (entry, space, from) in missed {
            let theirs = from.is_some_and(|node| nodes.contains(&node));
            if theirs || tools.access(space, org)? == Access::Open {
                wants.push(entry);
            }
        }
        Ok(wants)
    }
}

/// What an organisation asked for; from now on it is answered.
pub(super) fn take_wanted(draft: &mut Draft<'_>, org: OrgId) -> Result<Vec<EntryHash>> {
    let wanted = rows::wanted(draft, org)?;
    for entry in &wanted {
        rows::drop_want(draft, org, entry);
    }
    Ok(wanted)
}

/// The newest receipts for an organisation's parcels.
fn receipts_for(view: &dyn View, org: OrgId) -> Result<Vec<parcel::Receipt>> {
    let mut taken = rows::taken_from(view, org)?;
    taken.sort_by_key(|(_, row)| std::cmp::Reverse(row.at));
    Ok(taken.into_iter().filter_map(|(_, row)| row.receipt).take(limits::PARCEL_RECEIPTS).collect())
}
