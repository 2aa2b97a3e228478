//! What the peer sends.

use super::{Answer, Inbound, Session};
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, SpaceId};
use crate::limits;
use crate::planted::{self, Bug};
use crate::space::{Late, Register};
use crate::sync::arrivals::From;
use crate::sync::bookmark;
use crate::sync::checked::Signed;
use crate::sync::late::Purse;
use crate::sync::rights::{self, Access};
use crate::sync::sessions::{Shared, Stirred};
use crate::sync::tools::{Entered, Read, Tools};
use crate::sync::wire::{Frame, Page};
use std::collections::BTreeSet;

impl Inbound {
    /// Keeps a register for when it may be taken. `beside`: bytes of those that its organisation's other links wait with.
    fn keep_early(&mut self, register: Register, read: Read, beside: usize) {
        let account = if let Read::Late(account) = read { Some(account) } else { None };
        self.lossy |= !self.early.keep(register, account, limits::EARLY_BYTES.saturating_sub(beside));
    }
}

impl Session {
    /// Stores one page and acknowledges it. A fault leaves what came before it in place: each entry stands on its own.
    pub(super) fn take_page(
        &mut self,
        page: Page,
        signed: Signed,
        shared: &mut Shared,
        t: &mut Tools<'_, '_>,
    ) -> Result<()> {
        let Some(run) = self.theirs.map(|greeting| greeting.run) else {
            return Err(Fault::bug("a page before hello"));
        };
        let (content, mut came_late) = (page.has_content() || !signed.is_empty(), false);
        let bytes: usize = signed.entries.iter().map(|entry| entry.bytes().len()).sum();
        t.got.more |= bytes >= limits::PAGE_FULL || planted::is(Bug::EveryPageFull);
        let (mut spaces, mut shown) = (BTreeSet::new(), BTreeSet::new());
        for entry in signed.entries {
            let hash = entry.hash();
            self.knows(hash);
            self.answered(&hash);
            shown.insert(entry.space());
            shared.asked.remove(&hash);
            // What follows an entry that is late, of the same author, is late with it, and does not wait in the store.
            let author = entry.header().author;
            let behind = if t.is_urgent(&entry)? { None } else { shared.late.behind(&entry, t)? };
            let entered = match behind {
                Some(late) => Entered::Late(late),
                None => t.offer(entry, self.peer, self.org, From::Peer(self.peer, run))?,
            };
            match entered {
                Entered::Taken(missing) => self.taken(&hash, missing, shared, t)?,
                Entered::Dropped { follows, missing } => {
                    self.taken(&hash, missing, shared, t)?;
                    self.inn.lossy |= !self.inn.dropped.keep(follows, hash, shared.beside.dropped);
                }
                Entered::Late(late) => {
                    came_late = true;
                    if shared.late.add(hash, author, late) {
                        self.pend(hash, false, shared, t)?;
                    } else {
                        self.inn.pending.remove(&hash);
                        self.inn.lossy = true;
                    }
                }
            }
        }
        for register in signed.registers {
            spaces.insert(register.space);
            let read = t.offer_register(&register, self.org, From::Peer(self.peer, run))?;
            if read != Read::Taken && !planted::is(Bug::EarlyRegisterDropped) {
                self.inn.keep_early(register, read, shared.beside.early);
            }
        }
        signed.broken.map_or(Ok(()), Err)?;
        for bytes in page.removals {
            self.take_removal(bytes, t)?;
        }
        for hash in page.announced {
            self.knows(hash);
            self.pend(hash, false, shared, t)?;
        }
        for hash in page.gone {
            self.answered(&hash);
            self.inn.pending.remove(&hash);
            if shared.asked.get(&hash).is_some_and(|(link, _)| *link == self.link) {
                shared.asked.remove(&hash);
            }
        }
        for space in page.done {
            self.done(space, shared)?;
        }
        if let Some(token) = page.token {
            self.inn.held = Some(token);
        }
        for space in &shown {
            t.shown(*space, self.org)?;
        }
        spaces.append(&mut shown);
        for space in spaces {
            self.tell_removal(space, t)?;
        }
        // Who says more than is taken at once waits with the rest of it; what it was asked for is acknowledged.
        if came_late && shared.late.of(self.org) >= limits::LATE_HELD {
            self.inn.held_acks += 1;
        } else {
            self.inn.acks += usize::from(content);
        }
        Ok(())
    }

    /// An entry that came need not be asked for by its name; what it misses is.
    fn taken(
        &mut self,
        hash: &EntryHash,
        missing: BTreeSet<EntryHash>,
        shared: &mut Shared,
        t: &Tools<'_, '_>,
    ) -> Result<()> {
        shared.late.remove(hash);
        self.inn.pending.remove(hash);
        for parent in missing {
            shared.late.urge(&parent);
            self.pend(parent, true, shared, t)?;
        }
        Ok(())
    }

    /// What was dropped is asked for again where what it follows was accepted. Only then: who sends children without end of what never
    /// comes is asked for none of them.
    pub(in crate::sync) fn want_dropped(&mut self, stored: &[EntryHash], t: &Tools<'_, '_>) -> Result<()> {
        if self.inn.dropped.is_empty() {
            return Ok(());
        }
        for follows in stored {
            // The store is asked only where something hangs on it.
            if !self.inn.dropped.hang_on(follows) || !t.has(follows)? {
                continue;
            }
            for hash in self.inn.dropped.take(follows) {
                if self.inn.pending.len() >= limits::ANNOUNCED {
                    self.inn.lossy = true;
                } else if !t.has(&hash)? {
                    self.inn.pending.push(hash);
                }
            }
        }
        Ok(())
    }

    /// The peer goes on in a space that it was taken out of, so it has not heard, or heard before it knew of the space.
    pub(super) fn tell_removal(&mut self, space: SpaceId, t: &mut Tools<'_, '_>) -> Result<()> {
        if planted::is(Bug::RemovalUnsaid) || t.access(space, self.org)? != Access::Closed {
            return Ok(());
        }
        for hash in rights::removals_from(t.draft, self.org, space)? {
            if self.out.told.insert(hash) {
                self.out.answers.push_back(Answer::Removal(hash));
            }
        }
        Ok(())
    }

    /// Notes that this peer has something that is not here.
    fn pend(&mut self, hash: EntryHash, urgent: bool, shared: &Shared, t: &Tools<'_, '_>) -> Result<()> {
        if !t.has(&hash)? {
            let pending = self.inn.pending.len();
            if pending >= limits::ANNOUNCED || pending + shared.beside.pending >= limits::ANNOUNCED_BY_ORG {
                return Err(Fault::misbehaved("more entries announced than this node can remember"));
            }
            if urgent {
                self.inn.pending.urge(hash);
            } else {
                self.inn.pending.push(hash);
            }
        }
        Ok(())
    }

    /// Asks for what is pending and asked of nobody; of what is late, for as much as may be taken now.
    pub(in crate::sync) fn ask(&mut self, shared: &mut Shared, t: &mut Tools<'_, '_>) -> Result<()> {
        let room = limits::WANTS.saturating_sub(self.inn.wanted.len());
        let mut purse = Purse::default();
        // Over whichever link, what was asked for is as good as paid.
        for late in shared.late.among(shared.asked.keys()) {
            purse.pay(late, t)?;
        }
        let mut wants = Vec::new();
        for hash in self.inn.pending.iter() {
            if wants.len() >= room {
                break;
            }
            if shared.asked.contains_key(hash) || self.inn.wanted.contains_key(hash) {
                continue;
            }
            if let Some(late) = shared.late.get(hash)
                && !purse.pay(late, t)?
            {
                continue;
            }
            wants.push(*hash);
        }
        for account in self.inn.early.late() {
            purse.pay(&Late { account, cost: 1, urgent: false }, t)?;
        }
        self.inn.later = purse.due;
        if !wants.is_empty() {
            for hash in &wants {
                shared.asked.insert(*hash, (self.link, t.now));
                self.inn.wanted.insert(*hash, false);
            }
            t.send(self.link, &Frame::Want(wants));
        }
        Ok(())
    }

    /// A removal by a node whose certificate has not come yet is kept for when it has.
    fn take_removal(&mut self, bytes: Vec<u8>, t: &mut Tools<'_, '_>) -> Result<()> {
        if !t.take_removal(bytes.clone(), Some(self.org))? && self.inn.removals.len() < limits::EARLY_REMOVALS {
            self.inn.removals.push(bytes);
        }
        Ok(())
    }

    /// Offers again what came before its space's entries, where a control entry was accepted since: nothing else permits what was not
    /// permitted before. What is still not permitted when nothing is pending, and no space left to compare, never will be by what this
    /// peer knows: the coalition that shows whose a node is may come over another link first. What is late is offered again when its
    /// organisation's account has filled.
    pub(in crate::sync) fn offer_early(&mut self, stirred: &Stirred, t: &mut Tools<'_, '_>) -> Result<()> {
        let Some(run) = self.theirs.map(|greeting| greeting.run) else { return Ok(()) };
        if stirred.any() {
            for bytes in std::mem::take(&mut self.inn.removals) {
                self.take_removal(bytes, t)?;
            }
        }
        if self.inn.early.is_empty() {
            return Ok(());
        }
        let compared = self.inn.compare.is_none() || planted::is(Bug::EarlyGivenUp);
        let owed = t.spaces.owes(t.draft)? && !planted::is(Bug::OwedGivenUp);
        let whole = self.inn.pending.is_empty() && compared && !owed;
        let mut again = match stirred {
            Stirred::Spaces(spaces) if !whole => self.inn.early.take_stirred(Some(spaces)),
            Stirred::Spaces(_) | Stirred::Everything => self.inn.early.take_stirred(None),
        };
        if self.inn.later.is_some_and(|at| at <= t.now) {
            again.extend(self.inn.early.take_late());
        }
        for register in again {
            match t.offer_register(&register, self.org, From::Peer(self.peer, run))? {
                Read::Taken => {}
                Read::Early if whole => {}
                read => self.inn.keep_early(register, read, 0),
            }
        }
        Ok(())
    }

    /// Keeps the newest token, once all that it covers is here.
    /// Only of a node that is in force: anybody's root makes others without end.
    pub(in crate::sync) fn keep_token(&mut self, t: &mut Tools<'_, '_>) -> Result<()> {
        let whole = self.inn.pending.is_empty() && self.inn.early.is_empty() && self.inn.dropped.is_empty();
        if (whole || planted::is(Bug::TokenTooEarly))
            && !self.inn.lossy
            && self.inn.held.is_some()
            && t.spaces.is_in_force(t.draft, self.peer)?
            && let Some(token) = self.inn.held.take()
        {
            bookmark::keep(t.draft, self.peer, token);
        }
        Ok(())
    }
}
