//! Frames about parcels: what lies here for the peer, what lies there for us, what we leave with it.
//!
//! The session moves parcels and looks at nothing inside. What comes for this organisation is gathered for the engine, which opens it.

use super::Session;
use crate::fault::{Fault, Result};
use crate::ids::{OrgId, ParcelId};
use crate::limits;
use crate::planted::{self, Bug};
use crate::sync::carry::{self, Refused};
use crate::sync::parcel::rows::{self, Outgoing, Use, Way};
use crate::sync::parcel::{self, Receipt};
use crate::sync::tools::{Came, Tools};
use crate::sync::wire::Frame;
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// What this session knows about parcels. Nothing of it is stored.
#[derive(Default)]
pub struct Post {
    /// Offered by the peer, and not fetched yet.
    offered: BTreeSet<ParcelId>,
    /// Asked of the peer.
    fetching: BTreeSet<ParcelId>,
    /// Fetched, and nothing of them could be kept: fetched again at `again`.
    put_off: BTreeSet<ParcelId>,
    pub(in crate::sync) again: Option<Time>,
    /// How often that was so.
    turns: u32,
    /// Ours that the peer was sent to keep, and has not answered.
    leaving: BTreeSet<ParcelId>,
    /// Ours that the peer would not keep.
    refused: BTreeSet<ParcelId>,
    /// Of what lies here: what the peer was told of.
    told: BTreeSet<ParcelId>,
    /// Withdrawals that were sent.
    withdrawn: BTreeSet<ParcelId>,
    /// What the peer brought us.
    brought: BTreeSet<ParcelId>,
    /// Up to which arrival it has been sent, and has acknowledged, everything.
    pub(super) sent: u64,
}

impl Session {
    /// Takes a frame about parcels.
    pub(super) fn take_post(&mut self, frame: Frame, t: &mut Tools<'_, '_>) -> Result<()> {
        match frame {
            Frame::Offer(parcels) => self.take_offer(parcels, t),
            Frame::Fetch(parcels) => self.take_fetch(parcels, t),
            Frame::Parcel(bytes) => self.take_parcel(bytes, t),
            Frame::Kept(parcel, code) => self.take_kept(parcel, code, t),
            Frame::Receipts(receipts) => self.take_receipts(receipts, t),
            Frame::Withdraw(parcels) => {
                for parcel in &parcels {
                    carry::withdraw(t.draft, self.org, parcel)?;
                    self.post.told.remove(parcel);
                }
                // Who left it counts on it from now on, over a power cut as well.
                t.got.promised = true;
                t.send(self.link, &Frame::Gone(parcels));
                Ok(())
            }
            Frame::Gone(parcels) => self.take_gone(&parcels, t),
            other => Err(Fault::bug(format!("{} is not about parcels", other.name()))),
        }
    }

    fn take_offer(&mut self, parcels: Vec<ParcelId>, t: &mut Tools<'_, '_>) -> Result<()> {
        let mut again = Vec::new();
        for parcel in parcels {
            match rows::taken(t.draft, &parcel)? {
                Some(taken) => again.extend(taken.receipt),
                None if self.post.offered.len() < limits::CARRIED_COUNT as usize * 4 => {
                    self.post.offered.insert(parcel);
                }
                // The rest is offered again in another session.
                None => {}
            }
        }
        if !again.is_empty() {
            t.send(self.link, &Frame::Receipts(again));
        }
        Ok(())
    }

    fn take_fetch(&mut self, parcels: Vec<ParcelId>, t: &mut Tools<'_, '_>) -> Result<()> {
        let mut gone = Vec::new();
        for parcel in parcels {
            match carry::fetched(t, self.org, &parcel)? {
                Some(bytes) => t.send(self.link, &Frame::Parcel(bytes)),
                None => gone.push(parcel),
            }
        }
        if !gone.is_empty() {
            t.send(self.link, &Frame::Gone(gone));
        }
        Ok(())
    }

    fn take_parcel(&mut self, bytes: Vec<u8>, t: &mut Tools<'_, '_>) -> Result<()> {
        let parcel = parcel::name(&bytes);
        if self.post.fetching.remove(&parcel) {
            if self.post.brought.len() >= limits::PARCELS_TAKEN {
                self.post.brought.pop_first();
            }
            self.post.brought.insert(parcel);
            t.got.parcels.push(Came { link: Some(self.link), parcel, bytes });
            return Ok(());
        }
        let code = match carry::keep(t, self.org, parcel, bytes)? {
            Ok(to) => {
                t.got.post.insert(to);
                0
            }
            Err(refused) => refused as u8,
        };
        t.got.promised |= !planted::is(Bug::KeptUnsynced);
        t.send(self.link, &Frame::Kept(parcel, code));
        Ok(())
    }

    fn take_kept(&mut self, parcel: ParcelId, code: u8, t: &mut Tools<'_, '_>) -> Result<()> {
        if !self.post.leaving.remove(&parcel) {
            return Err(Fault::misbehaved("kept: a parcel that was not left there"));
        }
        let row = rows::outgoing_one(t.draft, &parcel)?.map(|mut row| {
            row.sent.retain(|node| *node != self.peer);
            row
        });
        if code != 0 {
            if let Some(row) = row {
                put_or_drop(t, &parcel, &row);
            }
            self.post.refused.insert(parcel);
            if Refused::is_room(code) {
                t.got.full.insert(self.org);
            }
            return Ok(());
        }
        t.got.full_no_more.insert(self.org);
        // Withdrawn in between, or forgotten: then the peer is told so by the next look.
        match row {
            Some(mut row) => {
                if !row.left.contains(&self.peer) {
                    row.left.push(self.peer);
                }
                rows::put_outgoing(t.draft, &parcel, &row);
            }
            None => t.send(self.link, &Frame::Withdraw(vec![parcel])),
        }
        t.got.post.insert(t.org);
        Ok(())
    }

    fn take_receipts(&mut self, receipts: Vec<Receipt>, t: &mut Tools<'_, '_>) -> Result<()> {
        let mut done = Vec::new();
        for receipt in receipts {
            // The peer has what lay here for it: who left it is told.
            let left = carry::received(t, self.org, &receipt)?;
            t.got.post.extend(left);
            if rows::outgoing_one(t.draft, &receipt.parcel)?.is_some() {
                // One that another node of this organisation made is that node's to take note of.
                t.got.receipts.push(receipt);
                self.post.withdrawn.insert(receipt.parcel);
                done.push(receipt.parcel);
            }
        }
        if !done.is_empty() {
            t.got.promised = true;
            t.send(self.link, &Frame::Withdraw(done));
        }
        Ok(())
    }

    fn take_gone(&mut self, parcels: &[ParcelId], t: &mut Tools<'_, '_>) -> Result<()> {
        for parcel in parcels {
            self.post.fetching.remove(parcel);
            self.post.leaving.remove(parcel);
            if !self.post.withdrawn.remove(parcel) {
                continue;
            }
            if let Some(mut row) = rows::outgoing_one(t.draft, parcel)?
                && row.way == Way::Withdrawn
            {
                row.left.retain(|node| *node != self.peer);
                row.sent.retain(|node| *node != self.peer);
                put_or_drop(t, parcel, &row);
            }
        }
        Ok(())
    }

    /// Looks at what lies here for the peer, there for us, and at what may be left with it. `changed`: whose rows changed since;
    /// `None`: look at all.
    pub(in crate::sync) fn serve_post(
        &mut self,
        changed: Option<&BTreeSet<OrgId>>,
        t: &mut Tools<'_, '_>,
    ) -> Result<()> {
        if self.theirs.is_none() || self.org == t.org {
            return Ok(());
        }
        if changed.is_none_or(|orgs| orgs.contains(&self.org)) {
            self.offer(t)?;
        }
        if changed.is_none_or(|orgs| orgs.contains(&t.org)) || !self.post.leaving.is_empty() {
            self.leave(t)?;
        }
        if self.post.again.take_if(|at| *at <= t.now).is_some() {
            self.post.offered.append(&mut self.post.put_off);
        }
        let mut fetch = Vec::new();
        while self.post.fetching.len() < limits::PARCELS_IN_FLIGHT
            && let Some(parcel) = self.post.offered.pop_first()
        {
            self.post.fetching.insert(parcel);
            fetch.push(parcel);
        }
        if !fetch.is_empty() {
            t.send(self.link, &Frame::Fetch(fetch));
        }
        Ok(())
    }

    /// Nothing of a parcel that the peer brought could be kept: its sender has said too much, or is not known here yet. It lies there still,
    /// and a link may stay for weeks.
    pub(in crate::sync) fn put_off(&mut self, parcel: ParcelId, now: Time) {
        if self.post.put_off.len() < limits::CARRIED_COUNT as usize * 4 {
            self.post.put_off.insert(parcel);
        }
        if self.post.again.is_none() {
            self.post.again = Some(now.plus(limits::PARCEL_AGAIN << self.post.turns.min(limits::PARCEL_AGAIN_TWICE)));
            self.post.turns = self.post.turns.saturating_add(1);
        }
    }

    /// Whether the peer was sent something to keep and has not answered.
    pub(in crate::sync) fn leaves(&self) -> bool {
        !self.post.leaving.is_empty()
    }

    /// Whether the peer brought us this parcel.
    pub(in crate::sync) fn brought(&self, parcel: &ParcelId) -> bool {
        self.post.brought.contains(parcel)
    }

    /// As carrier: what lies here for the peer, and what became of what it left.
    fn offer(&mut self, t: &mut Tools<'_, '_>) -> Result<()> {
        let mut offer: Vec<ParcelId> = Vec::new();
        for (parcel, row) in rows::carried(t.draft, Some(self.org))? {
            if row.receipt.is_none() && row.expires > t.now && self.post.told.insert(parcel) {
                offer.push(parcel);
            }
        }
        let mut receipts = Vec::new();
        for (parcel, row) in rows::left_by(t.draft, self.org)? {
            receipts.extend(row.receipt.filter(|_| self.post.told.insert(parcel)));
        }
        for some in offer.chunks(limits::PARCELS_NAMED) {
            t.send(self.link, &Frame::Offer(some.to_vec()));
        }
        for some in receipts.chunks(limits::PARCELS_NAMED) {
            t.send(self.link, &Frame::Receipts(some.to_vec()));
        }
        Ok(())
    }

    /// As depositor: what it is to let go, and what it may keep for us.
    fn leave(&mut self, t: &mut Tools<'_, '_>) -> Result<()> {
        let mut withdraw = Vec::new();
        let mut ranked = None;
        let all = rows::outgoing(t.draft)?;
        let lie = |(parcel, row): &&(ParcelId, Outgoing)| {
            row.way == Way::Carriers && (row.left.contains(&self.peer) || self.post.leaving.contains(parcel))
        };
        let mut lies: BTreeMap<OrgId, u64> = BTreeMap::new();
        for (_, row) in all.iter().filter(lie) {
            *lies.entry(row.to).or_default() += u64::from(row.bytes);
        }
        let part = carry::offered_by(t.spaces, t.draft, self.peer)?.unwrap_or_default() / limits::PARCEL_SHARES as u64;
        for (parcel, mut row) in all {
            let here = row.left.contains(&self.peer);
            if row.way == Way::Withdrawn && row.may_lie_with(self.peer) && self.post.withdrawn.insert(parcel) {
                withdraw.push(parcel);
            }
            let known = here || self.post.refused.contains(&parcel) || self.post.leaving.contains(&parcel);
            let room = self.post.leaving.len() < limits::PARCELS_IN_FLIGHT;
            if row.way != Way::Carriers || known || !room || row.to == self.org {
                continue;
            }
            let carriers = match &ranked {
                Some((to, carriers)) if *to == row.to => carriers,
                Some(_) | None => &ranked.insert((row.to, carry::carriers(t.spaces, t.draft, row.to, t.now)?)).1,
            };
            let with = carry::holders(t.spaces, t.draft, &row.left)?;
            // Of what the peer keeps for us a recipient has its part, and one parcel however small that is.
            let theirs = lies.entry(row.to).or_default();
            if *theirs > 0 && *theirs + u64::from(row.bytes) > part {
                continue;
            }
            if carry::wants(carriers, (self.peer, self.org), &row, &with, t.now)
                && let Some(bytes) = rows::bytes(t.draft, Use::Out, &parcel)?
            {
                *theirs += u64::from(row.bytes);
                self.post.leaving.insert(parcel);
                // Before it leaves it is on the disk whom it was sent: it may be kept there whether the answer comes or not, and whoever
                // takes it back has to say so there.
                if !row.sent.contains(&self.peer) && !planted::is(Bug::SentForgotten) {
                    row.sent.push(self.peer);
                    rows::put_outgoing(t.draft, &parcel, &row);
                    t.got.promised = true;
                }
                t.send(self.link, &Frame::Parcel(bytes));
            }
        }
        for some in withdraw.chunks(limits::PARCELS_NAMED) {
            t.send(self.link, &Frame::Withdraw(some.to_vec()));
        }
        Ok(())
    }
}

/// What is to be taken back and lies nowhere any more is forgotten.
fn put_or_drop(t: &mut Tools<'_, '_>, parcel: &ParcelId, row: &Outgoing) {
    if row.way == Way::Withdrawn && row.is_nowhere() {
        rows::drop_outgoing(t.draft, parcel);
    } else {
        rows::put_outgoing(t.draft, parcel, row);
    }
}
