//! What comes for this organisation: opened, checked as an admission is, and offered as if its sender had sent it over a link.

use crate::coalition::handshake::admission::Standing;
use crate::engine::settle::Work;
use crate::engine::{Context, Engine};
use crate::fault::{Class, Fault, Result};
use crate::ids::{EntryHash, NodeId, OrgId, ParcelId, SpaceId};
use crate::limits;
use crate::planted::{self, Bug};
use crate::space::Register;
use crate::space::entry::Entry;
use crate::store::{Draft, View};
use crate::sync::arrivals::From;
use crate::sync::carry;
use crate::sync::parcel::rows::{self, Outgoing, Taken, Use, Way};
use crate::sync::parcel::{Content, Parcel, Receipt};
use crate::sync::receipt;
use crate::sync::tools::{Came, Entered, Read, Tools};
use crate::sync::wire::Frame;
use crate::time::Time;
use std::collections::BTreeSet;

/// What became of a parcel.
pub(super) enum Outcome {
    /// All of it is stored, now or before.
    Taken { from: Option<OrgId>, receipt: Receipt },
    /// It waits for what it follows.
    Held,
    /// Nothing, or not all of it, can ever be taken.
    Refused(Fault),
}

/// What became of what a parcel holds.
enum Stored {
    Whole,
    /// Something waits: some of what for.
    Waits(Vec<EntryHash>),
    /// Its sender has said more than is taken at once.
    Later,
}

/// Why a parcel is not opened.
pub(super) struct Unopened {
    /// It may be another time: nothing of it is kept, not even that it was refused, and whoever carries it offers it again.
    again: bool,
    pub fault: Fault,
}

impl Unopened {
    const fn for_good(fault: Fault) -> Self {
        Self { again: false, fault }
    }
}

/// A parcel that was opened, with its sender.
pub(super) struct Opened {
    pub from: OrgId,
    pub expires: Time,
    pub content: Content,
}

impl Engine {
    /// Parcels and receipts that came over links.
    pub(in crate::engine) fn take_came(
        &mut self,
        draft: &mut Draft<'_>,
        work: &mut Work,
        ctx: &mut Context<'_>,
    ) -> Result<()> {
        for receipt in std::mem::take(&mut work.got.receipts) {
            self.take_receipt(draft, work, &receipt)?;
        }
        for Came { link, parcel, bytes } in std::mem::take(&mut work.got.parcels) {
            match self.take_in(draft, work, ctx, parcel, bytes)? {
                Outcome::Taken { receipt, .. } => {
                    work.durable = true;
                    let brought: Vec<u64> = self.sessions.that_brought(&parcel).chain(link).collect();
                    let mut told = Vec::new();
                    for link in brought {
                        if !told.contains(&link) {
                            work.got.frames.push((link, Frame::Receipts(vec![receipt]).encode()));
                            told.push(link);
                        }
                    }
                }
                Outcome::Held | Outcome::Refused(_) => {
                    let here = rows::taken(draft, &parcel)?.is_some() || rows::is_held(draft, &parcel)?;
                    if let Some(link) = link.filter(|_| !here) {
                        self.sessions.put_off(link, parcel, ctx.now);
                    }
                }
            }
        }
        Ok(())
    }

    /// Tries parcels of which something that they wait for has come. True if there is one.
    pub(in crate::engine) fn try_held(&self, draft: &Draft<'_>, work: &mut Work) -> Result<bool> {
        if !std::mem::take(&mut work.news) {
            return Ok(false);
        }
        for (parcel, row) in rows::held(draft)? {
            let mut came = false;
            for waited in &row.waits {
                came = came || self.spaces.has(draft, waited)?;
            }
            if came && let Some(bytes) = rows::bytes(draft, Use::Held, &parcel)? {
                work.got.parcels.push(Came { link: None, parcel, bytes });
            }
        }
        Ok(!work.got.parcels.is_empty())
    }

    /// Takes one parcel, or lets it wait.
    pub(super) fn take_in(
        &mut self,
        draft: &mut Draft<'_>,
        work: &mut Work,
        ctx: &mut Context<'_>,
        parcel: ParcelId,
        bytes: Vec<u8>,
    ) -> Result<Outcome> {
        if let Some(Taken { receipt: Some(receipt), .. }) = rows::taken(draft, &parcel)? {
            return Ok(Outcome::Taken { from: None, receipt });
        }
        let opened = match self.open_parcel(draft, &bytes, ctx)? {
            Ok(opened) => opened,
            Err(Unopened { again, fault }) => {
                rows::release(draft, &parcel)?;
                if again {
                    return Ok(Outcome::Refused(fault));
                }
                rows::put_taken(draft, self.identity.org(), &parcel, &Taken { at: ctx.now, receipt: None })?;
                return Ok(Outcome::Refused(fault));
            }
        };
        let Opened { from, expires, content } = opened;
        match self.take_content(draft, work, ctx, from, content)? {
            Ok(Stored::Whole) => {
                rows::release(draft, &parcel)?;
                let receipt = Receipt::sign(self.identity.key(), parcel);
                rows::put_taken(draft, from, &parcel, &Taken { at: ctx.now, receipt: Some(receipt) })?;
                Ok(Outcome::Taken { from: Some(from), receipt })
            }
            Ok(Stored::Later) => {
                rows::release(draft, &parcel)?;
                Ok(Outcome::Held)
            }
            Ok(Stored::Waits(waits)) => {
                // Where there is no room it is fetched again another time; what it holds waits as anything does.
                let size = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
                rows::hold(draft, &parcel, &rows::Held { from, bytes: size, expires, waits }, bytes)?;
                Ok(Outcome::Held)
            }
            Err(fault) => {
                rows::release(draft, &parcel)?;
                rows::put_taken(draft, from, &parcel, &Taken { at: ctx.now, receipt: None })?;
                Ok(Outcome::Refused(fault))
            }
        }
    }

    /// Opens a parcel and judges its sender.
    pub(super) fn open_parcel(
        &mut self,
        view: &dyn View,
        bytes: &[u8],
        ctx: &Context<'_>,
    ) -> Result<std::result::Result<Opened, Unopened>> {
        let (expires, read) = match self.read_parcel(view, bytes, ctx)? {
            Ok(read) => read,
            Err(unopened) => return Ok(Err(unopened)),
        };
        let (from, node) = (read.org(), read.node());
        let (mut member, mut removed, mut retired) = (false, false, false);
        for coalition in self.coalitions(view)? {
            match self.standing(view, coalition, from, node)? {
                Standing::Member => member = true,
                Standing::Removed => removed = true,
                Standing::Retired => retired = true,
                Standing::Unknown => {}
            }
        }
        let fault = if from == self.identity.org() {
            Fault::misuse("parcel: made by this organisation itself")
        } else if retired {
            Fault::misbehaved("parcel: its sender's organisation has retired the node that made it")
        } else if member {
            return Ok(Ok(Opened { from, expires, content: read }));
        } else if removed {
            Fault::misbehaved("parcel: its sender was removed from the coalition")
        } else {
            // Its sender may be admitted by entries that are still to come.
            let fault =
                Fault::not_permitted("parcel: its sender is not in the coalition, as far as this node has heard");
            return Ok(Err(Unopened { again: true, fault }));
        };
        Ok(Err(Unopened::for_good(fault)))
    }

    fn read_parcel(
        &self,
        view: &dyn View,
        bytes: &[u8],
        ctx: &Context<'_>,
    ) -> Result<std::result::Result<(Time, Content), Unopened>> {
        let parcel = match Parcel::read(bytes) {
            Ok(parcel) => parcel,
            Err(fault) => return Ok(Err(Unopened::for_good(fault))),
        };
        if parcel.to != self.identity.org() {
            let fault = Fault::misuse("parcel: for another organisation; only that one can open it");
            return Ok(Err(Unopened::for_good(fault)));
        }
        // What only a clock says is said by the clock of the day: whoever carries it lets it go by a clock of its own.
        let by_clock = |fault| Ok(Err(Unopened { again: !planted::is(Bug::ClockForGood), fault }));
        if parcel.expires <= ctx.now {
            let ended = format!("parcel: its time was over on {}; ask its sender for a new one", parcel.expires.date());
            return by_clock(Fault::misuse(ended));
        }
        if parcel.expires > ctx.now.plus(limits::PARCEL_LIFE + limits::PARCEL_CLOCKS) {
            return by_clock(Fault::misbehaved("parcel: it says that it lives longer than any parcel does"));
        }
        let node = self.identity.node();
        let none = "parcel: not sealed to this node, or to a key that it no longer has; ask its sender for a new one";
        let key = match parcel.prekey_for(node) {
            Some(id) => self.spaces.prekey(view, &id)?,
            None => None,
        };
        Ok(match key {
            Some(key) => parcel.open(node, &key).map(|content| (parcel.expires, content)),
            None => Err(Fault::misuse(none)),
        }
        .map_err(Unopened::for_good))
    }

    /// Offers all that is inside. The inner error: something was refused.
    fn take_content(
        &mut self,
        draft: &mut Draft<'_>,
        work: &mut Work,
        ctx: &mut Context<'_>,
        org: OrgId,
        content: Content,
    ) -> Result<std::result::Result<Stored, Fault>> {
        let node = content.node();
        // A run that no session has: whoever connects says which one it is in.
        let from = From::Peer(node, [0; 8]);
        let (mut waits, mut refused): (BTreeSet<EntryHash>, _) = (BTreeSet::new(), None);
        let Content { entries, registers, removals, wants, receipts, .. } = content;
        let (_, mut tools) = self.tools(draft, &mut work.got, ctx);
        let mut offered = Vec::with_capacity(entries.len());
        for bytes in entries {
            let taken = Entry::verify(bytes).and_then(|entry| {
                offered.push(entry.hash());
                tools.offer(entry, node, org, from)
            });
            match kept(taken)? {
                Ok(Entered::Taken(missing)) => waits.extend(missing),
                Ok(Entered::Dropped { missing, .. }) => {
                    waits.extend(missing);
                    tools.got.dropped.insert(node);
                }
                // It stays with its carrier, in that one's quota for who left it, and is fetched again in another session. What
                // comes behind would only wait here.
                Ok(Entered::Late(_)) => return Ok(Ok(Stored::Later)),
                Err(fault) => refused = Some(fault),
            }
        }
        // What follows something that waits misses nothing new, and waits all the same: a receipt is for what is accepted.
        waits.extend(offered);
        for bytes in registers {
            let taken = Register::verify(&bytes)
                .and_then(|register| Ok((register.space, register.node, tools.offer_register(&register, org, from)?)));
            match kept(taken)? {
                Ok((_, _, Read::Taken)) => {}
                Ok((space, node, Read::Early)) => match early(&mut tools, space, node)? {
                    Early::Space => drop(waits.insert(EntryHash(space.0))),
                    // The certificate that says whose it is may lie with the same carrier until its account has room: this comes again too.
                    Early::Node => return Ok(Ok(Stored::Later)),
                    Early::Never => {}
                },
                Ok((_, _, Read::Late(_))) => return Ok(Ok(Stored::Later)),
                Err(fault) => refused = Some(fault),
            }
        }
        for bytes in removals {
            match kept(tools.take_removal(bytes.clone(), Some(org)))? {
                Ok(true) => {}
                // By a node that is not known here yet: what its author had heard of the coalition says whose it is.
                Ok(false) => waits.extend(behind(bytes)?),
                Err(fault) => refused = Some(fault),
            }
        }
        for receipt in receipts {
            self.take_receipt(draft, work, &receipt)?;
        }
        for want in wants {
            if rows::wanted(draft, org)?.len() < limits::PARCEL_WANTS {
                rows::want(draft, org, &want);
                work.owed.insert(org);
            }
        }
        let mut open = Vec::new();
        for waited in waits {
            if open.len() < limits::PARCEL_WAITS && !self.spaces.has(draft, &waited)? {
                open.push(waited);
            }
        }
        let stored = if open.is_empty() { Stored::Whole } else { Stored::Waits(open) };
        Ok(refused.map_or(Ok(stored), Err))
    }

    /// A recipient's word that it has a parcel of ours.
    fn take_receipt(&mut self, draft: &mut Draft<'_>, work: &mut Work, receipt: &Receipt) -> Result<()> {
        let Some(row) = rows::outgoing_one(draft, &receipt.parcel)? else { return Ok(()) };
        if !carry::is_of(&mut self.spaces, draft, row.to, receipt)? {
            return Ok(());
        }
        let mut spaces: Vec<SpaceId> = row.entries.iter().map(|(space, _)| *space).collect();
        spaces.dedup();
        spaces.sort_unstable();
        spaces.dedup();
        for space in spaces {
            let came = row.entries.iter().filter(|(of, _)| *of == space).map(|(_, entry)| *entry);
            self.note_delivered(draft, row.to, space, came.collect())?;
        }
        if row.way != Way::Withdrawn {
            let mut words = 0;
            for (_, entry) in &row.entries {
                words += u64::from(self.is_own_word(draft, entry)?);
            }
            rows::add_came(draft, row.to, words)?;
        }
        match row.way {
            Way::Carriers => self.take_back(draft, work, &receipt.parcel, row),
            Way::File => bundle_came(draft, &receipt.parcel, &row)?,
            Way::Withdrawn => {}
        }
        Ok(())
    }

    /// Keeps of what an organisation has those that no other of them follows.
    fn note_delivered(
        &mut self,
        draft: &mut Draft<'_>,
        org: OrgId,
        space: SpaceId,
        came: Vec<EntryHash>,
    ) -> Result<()> {
        let mut heads: Vec<EntryHash> = Vec::new();
        for entry in came.into_iter().rev() {
            let mut known = false;
            for head in &heads {
                known |= *head == entry || self.spaces.follows(draft, head, &entry)?;
            }
            if !known && !receipt::delivered(&mut self.spaces, draft, space, entry, org)? {
                heads.push(entry);
            }
        }
        let mut before = Vec::new();
        for old in rows::delivered(draft, org, space)? {
            let mut known = false;
            for head in &heads {
                known |= self.spaces.follows(draft, head, &old)?;
            }
            if !known {
                before.push(old);
            }
        }
        before.extend(heads.into_iter().rev());
        rows::put_delivered(draft, org, space, &before);
        Ok(())
    }
}

/// A part of a bundle came. With its last part the recipient has everything up to where the bundle went.
fn bundle_came(draft: &mut Draft<'_>, parcel: &ParcelId, row: &Outgoing) -> Result<()> {
    rows::drop_outgoing(draft, parcel);
    let left = rows::outgoing(draft)?.into_iter().map(|(_, other)| other);
    let part = |other: &Outgoing| {
        other.way == Way::File && (other.to, other.first, other.last) == (row.to, row.first, row.last)
    };
    let holds = rows::holds(draft, row.to)?;
    if !left.into_iter().any(|other| part(&other)) && row.first <= holds + 1 && row.last > holds {
        rows::put_holds(draft, row.to, row.last);
    }
    Ok(())
}

/// For what a register comes too early.
enum Early {
    /// For its space.
    Space,
    /// For what says whose its node is.
    Node,
    /// Its node is retired.
    Never,
}

fn early(t: &mut Tools<'_, '_>, space: SpaceId, node: NodeId) -> Result<Early> {
    if t.spaces.record(t.draft, space)?.is_none() {
        return Ok(Early::Space);
    }
    let never = t.spaces.fold(t.draft, space)?.retired.contains(&node) || planted::is(Bug::EarlyRegisterDropped);
    Ok(if never { Early::Never } else { Early::Node })
}

/// What an entry follows: in a coalition its parents, else the control entries that it names.
fn behind(bytes: Vec<u8>) -> Result<Vec<EntryHash>> {
    let entry = Entry::parse(bytes)?;
    let header = entry.header();
    Ok(if header.control.is_empty() { header.parents.clone() } else { header.control.clone() })
}

/// What a sender did wrong concerns that entry; what our store does wrong concerns everything.
fn kept<T>(outcome: Result<T>) -> Result<std::result::Result<T, Fault>> {
    match outcome {
        Err(fault) if matches!(fault.class, Class::Store | Class::Bug) => Err(fault),
        other => Ok(other),
    }
}
