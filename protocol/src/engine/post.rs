//! Parcels: made for who can not be reached, left with carriers, taken back, and taken in.
//!
//! Parts: `make` (out of what a session would send), `take` (what comes for this organisation), `by_hand` (bundles), `under_way` (counts).

mod by_hand;
mod make;
mod take;
mod under_way;

pub use by_hand::{Exported, Imported};
pub use under_way::UnderWay;

use super::settle::{Work, allowed};
use super::{Context, Engine};
use crate::fault::Result;
use crate::ids::{EntryHash, NodeId, OrgId, SpaceId};
use crate::limits;
use crate::planted::{self, Bug};
use crate::random;
use crate::store::{Draft, View};
use crate::sync::carry;
use crate::sync::left;
use crate::sync::parcel::rows::{self, Carried, Outgoing, Use, Way};
use crate::sync::rights::{self, Access};
use crate::sync::{Tools, arrivals};
use crate::time::{HOUR, MINUTE, Time};
use std::collections::BTreeSet;

/// Whether there is something to tell an organisation in parcels: of threads that it shares, or that it was taken out of one.
fn is_told(view: &dyn View, sharing: &BTreeSet<OrgId>, org: OrgId) -> Result<bool> {
    Ok(sharing.contains(&org) || !rights::removals_of(view, org)?.is_empty())
}

/// How often what is carried, and what was made, is looked through for what has expired.
const TIDY: u64 = HOUR;

/// Whether own words find their way to who is not connected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Organisations for which something waits that no carrier has.
    pub orgs: Vec<OrgId>,
    /// Nobody else in their coalition offers to carry.
    pub nobody_carries: bool,
    /// Carriers that have no room for this organisation.
    pub full: Vec<OrgId>,
}

impl Engine {
    /// Notes for whom there is something new, so that a parcel is made of it if no link takes it.
    pub(super) fn note_owed(&mut self, draft: &mut Draft<'_>, work: &mut Work, ctx: &mut Context<'_>) -> Result<()> {
        let mut owed = std::mem::take(&mut work.owed);
        for space in std::mem::take(&mut work.spoke) {
            if self.spaces.is_thread(draft, space)? {
                owed.extend(self.spaces.fold(draft, space)?.members.keys());
            }
        }
        owed.remove(&self.identity.org());
        for org in owed {
            if rows::due_at(draft, org)?.is_none() {
                let jitter = u64::from_be_bytes(random::array(ctx.random)) % limits::PARCEL_JITTER;
                rows::put_due(draft, org, ctx.now.plus(limits::PARCEL_AFTER + jitter));
            }
        }
        for org in std::mem::take(&mut work.got.full) {
            self.full.insert(org);
        }
        for org in std::mem::take(&mut work.got.full_no_more) {
            self.full.remove(&org);
        }
        if std::mem::take(&mut work.held) {
            self.take_back_forbidden(draft, work, ctx.now)?;
        }
        if work.events.iter().any(|event| matches!(event, super::Event::Members { .. })) {
            self.take_back_forbidden(draft, work, ctx.now)?;
            carry::tidy(&mut self.spaces, draft, ctx.now)?;
            self.shelf_due = self.tidy_shelves(draft, ctx.now)?;
            self.tidy_looking(draft)?;
        }
        Ok(())
    }

    /// Looks which organisations of a coalition have other nodes than they had: one that came back from its phrase, or has a machine
    /// more or less. What such a one was sent, and holds by its receipts, its new nodes need not have: it is told all of it again,
    /// by a parcel if no link does it before.
    pub(super) fn note_nodes(
        &mut self,
        draft: &mut Draft<'_>,
        work: &mut Work,
        coalition: SpaceId,
        at: Time,
    ) -> Result<()> {
        if !self.spaces.is_coalition(draft, coalition)? {
            return Ok(());
        }
        let fold = self.spaces.fold(draft, coalition)?;
        let now: Vec<(NodeId, OrgId)> = fold.nodes.iter().map(|(node, org)| (*node, *org)).collect();
        let before = rows::nodes_seen(draft, coalition)?;
        if before.as_ref() == Some(&now) {
            return Ok(());
        }
        rows::put_nodes_seen(draft, coalition, &now);
        let Some(before) = before else { return Ok(()) };
        let (was, is): (BTreeSet<_>, BTreeSet<_>) = (before.into_iter().collect(), now.into_iter().collect());
        let changed: BTreeSet<OrgId> = was.symmetric_difference(&is).map(|(_, org)| *org).collect();
        let sharing = self.spaces.sharing(draft)?;
        for (node, org) in was.difference(&is).filter(|(node, _)| fold.retired.contains(node)) {
            left::forget(draft, (*org, *node));
        }
        // Of who has no node left it stays known what it heard before.
        let there = |org: &OrgId| is.iter().any(|(_, of)| of == org);
        for org in changed.into_iter().filter(|org| *org != self.identity.org() && there(org)) {
            if rows::begin_anew_at(draft, org, at)? && is_told(draft, &sharing, org)? {
                work.owed.insert(org);
            }
        }
        Ok(())
    }

    /// Whose nodes changed too often yesterday is told all again today.
    fn begin_anew(&mut self, draft: &mut Draft<'_>, now: Time) -> Result<()> {
        let sharing = self.spaces.sharing(draft)?;
        for (org, _) in rows::anew_due(draft)?.into_iter().filter(|(_, at)| *at <= now) {
            if rows::begin_anew_at(draft, org, now)? && is_told(draft, &sharing, org)? {
                rows::put_due(draft, org, now);
            }
        }
        Ok(())
    }

    /// Makes what is due, takes back what may not be told any more, and lets go what has expired. `leaving`: everything is due.
    pub(super) fn post(
        &mut self,
        draft: &mut Draft<'_>,
        work: &mut Work,
        ctx: &mut Context<'_>,
        leaving: bool,
    ) -> Result<()> {
        self.take_back_forbidden(draft, work, ctx.now)?;
        self.begin_anew(draft, ctx.now)?;
        let shelves = self.shelf_due.is_some_and(|at| at <= ctx.now);
        if shelves || ctx.now.since(self.tidied) >= TIDY || ctx.now < self.tidied {
            self.tidied = ctx.now;
            carry::tidy(&mut self.spaces, draft, ctx.now)?;
            self.shelf_due = self.tidy_shelves(draft, ctx.now)?;
            for (parcel, _) in rows::held(draft)?.into_iter().filter(|(_, row)| row.expires <= ctx.now) {
                rows::release(draft, &parcel)?;
            }
            self.forget_expired(draft, ctx.now)?;
        }
        for (org, at) in rows::due(draft)? {
            // Nothing is dated further than that: this is by a clock that ran ahead and was set back.
            if at.since(ctx.now) > limits::PARCEL_AFTER + limits::PARCEL_JITTER && !leaving {
                rows::put_due(draft, org, ctx.now.plus(limits::PARCEL_AFTER));
                continue;
            }
            if at > ctx.now && !leaving {
                continue;
            }
            if self.nodes_of(draft, org)?.is_empty() {
                rows::drop_due(draft, org);
                continue;
            }
            // Who can not be sealed to waits, and `waiting` says so; everybody else gets what is theirs.
            let made =
                !self.sessions.speaks_with(org) && allowed(self.make_for(draft, work, ctx, org))?.unwrap_or(false);
            if !made {
                rows::put_due(draft, org, ctx.now.plus(limits::PARCEL_AFTER));
            }
        }
        Ok(())
    }

    /// Parcels of what a link has brought by now.
    pub(super) fn take_back_told(&mut self, draft: &mut Draft<'_>, work: &mut Work) -> Result<()> {
        let told = std::mem::take(&mut work.got.told_all);
        if told.is_empty() {
            return Ok(());
        }
        for (parcel, row) in rows::outgoing(draft)? {
            if told.contains(&row.to) && row.way == Way::Carriers {
                self.take_back(draft, work, &parcel, row);
            }
        }
        Ok(())
    }

    /// Parcels with something that their recipient may not have any more, or sealed to a node that is retired: what may still be told
    /// is put into new ones at once.
    fn take_back_forbidden(&mut self, draft: &mut Draft<'_>, work: &mut Work, now: Time) -> Result<()> {
        if planted::is(Bug::ParcelLeftStanding) {
            return Ok(());
        }
        for (parcel, row) in rows::outgoing(draft)? {
            if row.way != Way::Carriers || self.may_go_on(draft, work, &row, now)? {
                continue;
            }
            self.again_from(draft, &row, now)?;
            self.take_back(draft, work, &parcel, row);
        }
        Ok(())
    }

    /// What a parcel covered is looked at again: it is due.
    fn again_from(&self, draft: &mut Draft<'_>, row: &Outgoing, now: Time) -> Result<()> {
        let sent = rows::sent(draft, row.to)?.min(row.first.saturating_sub(1));
        rows::put_sent(draft, row.to, sent);
        rows::put_due(draft, row.to, now);
        Ok(())
    }

    fn may_go_on(&mut self, draft: &mut Draft<'_>, work: &mut Work, row: &Outgoing, now: Time) -> Result<bool> {
        let (me, org) = (self.identity.node(), self.identity.org());
        let nodes: BTreeSet<_> = self.nodes_of(draft, row.to)?.into_iter().map(|(node, _)| node).collect();
        if !row.nodes.iter().all(|node| nodes.contains(node)) {
            return Ok(false);
        }
        let mut none = NoChance;
        let spaces = &mut self.spaces;
        let mut tools = Tools { spaces, draft, random: &mut none, now, me, org, got: &mut work.got };
        for space in &row.spaces {
            if tools.access(*space, row.to)? != Access::Open {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn take_back(&self, draft: &mut Draft<'_>, work: &mut Work, parcel: &crate::ids::ParcelId, mut row: Outgoing) {
        rows::drop_bytes(draft, Use::Out, parcel);
        if row.is_nowhere() {
            rows::drop_outgoing(draft, parcel);
        } else {
            row.way = Way::Withdrawn;
            rows::put_outgoing(draft, parcel, &row);
        }
        work.got.post.insert(self.identity.org());
    }

    /// Own parcels whose time is over. What nobody received is due again.
    fn forget_expired(&self, draft: &mut Draft<'_>, now: Time) -> Result<()> {
        let all = rows::outgoing(draft)?;
        for (parcel, row) in &all {
            if row.expires > now {
                continue;
            }
            match row.way {
                Way::Carriers => self.again_from(draft, row, now)?,
                // A bundle of which one part never came says nothing by its other parts.
                Way::File => {
                    let same = |other: &Outgoing| (other.to, other.first, other.last) == (row.to, row.first, row.last);
                    for (other, _) in all.iter().filter(|(_, o)| o.way == Way::File && same(o)) {
                        rows::drop_outgoing(draft, other);
                    }
                }
                Way::Withdrawn => {}
            }
            rows::drop_outgoing(draft, parcel);
        }
        Ok(())
    }

    /// When parcels are to be looked at next.
    pub(super) fn post_wake(&self, draft: &Draft<'_>, work: &mut Work, now: Time) -> Result<()> {
        if let Some(at) = rows::due(draft)?.into_iter().map(|(_, at)| at).min() {
            work.wake_at(at.max(now), "a parcel may be due");
        }
        if let Some(at) = rows::anew_due(draft)?.into_iter().map(|(_, at)| at).min() {
            work.wake_at(at.max(now), "whose nodes changed often is told all again");
        }
        if let Some(at) = self.shelf_due {
            work.wake_at(at.max(now.plus(MINUTE)), "what is kept for who has left may go");
        }
        if rows::any(draft)? {
            work.wake_at(self.tidied.plus(TIDY).max(now), "parcels are looked through");
        }
        Ok(())
    }

    /// Entries for an organisation that lie with a carrier.
    ///
    /// # Errors
    /// `Store`.
    pub fn left_for(&self, view: &dyn View, org: OrgId) -> Result<BTreeSet<EntryHash>> {
        let left = rows::outgoing(view)?.into_iter().map(|(_, row)| row);
        let left = left.filter(|row| row.to == org && row.way == Way::Carriers && !row.left.is_empty());
        Ok(left.flat_map(|row| row.entries).map(|(_, entry)| entry).collect())
    }

    /// What this node carries for others.
    ///
    /// # Errors
    /// `Store`.
    pub fn carried(&self, view: &dyn View) -> Result<Vec<Carried>> {
        Ok(rows::carried(view, None)?.into_iter().map(|(_, row)| row).filter(|row| row.receipt.is_none()).collect())
    }

    /// What of this organisation's lies with carriers or waits for one.
    ///
    /// # Errors
    /// `Store`.
    pub fn outgoing(&self, view: &dyn View) -> Result<Vec<Outgoing>> {
        let rows = rows::outgoing(view)?.into_iter().map(|(_, row)| row);
        Ok(rows.filter(|row| row.way == Way::Carriers).collect())
    }

    /// Whether a carrier, or who keeps own records, was given something and has not answered yet.
    #[must_use]
    pub fn leaving(&self) -> bool {
        self.sessions.leaving()
    }

    /// What can not be sent on its way now, and why.
    ///
    /// # Errors
    /// `Store`.
    pub fn waiting(&mut self, view: &dyn View, now: Time) -> Result<Waiting> {
        let mut waiting = Waiting { full: self.full.iter().copied().collect(), ..Waiting::default() };
        let overdue = |at: Time| at <= now.plus(limits::PARCEL_AFTER);
        let mut orgs: BTreeSet<OrgId> =
            rows::due(view)?.into_iter().filter(|(_, at)| overdue(*at)).map(|(org, _)| org).collect();
        let unkept = rows::outgoing(view)?.into_iter().map(|(_, row)| row);
        orgs.extend(unkept.filter(|row| row.way == Way::Carriers && row.left.is_empty()).map(|row| row.to));
        for org in orgs {
            if self.sessions.speaks_with(org) {
                continue;
            }
            waiting.nobody_carries |= self.carriers_for(view, org, now)?.is_empty();
            waiting.orgs.push(org);
        }
        Ok(waiting)
    }

    /// Who may carry for an organisation: neither it nor we.
    fn carriers_for(&mut self, view: &dyn View, to: OrgId, now: Time) -> Result<Vec<OrgId>> {
        let own = self.identity.org();
        let carriers = carry::carriers(&mut self.spaces, view, to, now)?;
        Ok(carriers.into_iter().map(|(_, org)| org).filter(|org| *org != own && *org != to).collect())
    }
}

/// Where nothing is drawn.
struct NoChance;

impl random::Random for NoChance {
    fn fill(&mut self, out: &mut [u8]) {
        out.fill(0);
    }
}

/// The newest arrival.
fn newest(view: &dyn View) -> Result<u64> {
    Ok(arrivals::last(view)?.0)
}
