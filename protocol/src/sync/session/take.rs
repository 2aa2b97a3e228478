//! What the peer sends.

use super::{Answer, Session};
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, SpaceId};
use crate::limits;
use crate::planted::{self, Bug};
use crate::space::Register;
use crate::space::entry::Entry;
use crate::sync::arrivals::From;
use crate::sync::bookmark;
use crate::sync::rights::{self, Access};
use crate::sync::sessions::Shared;
use crate::sync::tools::Tools;
use crate::sync::wire::{Frame, Page};
use std::collections::BTreeSet;

impl Session {
    /// Stores one page and acknowledges it. A fault leaves what came before it in place: each entry stands on its own.
    pub(super) fn take_page(&mut self, page: Page, shared: &mut Shared, t: &mut Tools<'_, '_>) -> Result<()> {
        let Some(run) = self.theirs.map(|greeting| greeting.run) else {
            return Err(Fault::bug("a page before hello"));
        };
        let content = page.has_content();
        let mut spaces = BTreeSet::new();
        for bytes in page.entries {
            let entry = Entry::verify(bytes)?;
            let hash = entry.hash();
            self.knows(hash);
            self.answered(&hash);
            spaces.insert(entry.space());
            let missing = t.offer(entry, self.peer, From::Peer(self.peer, run))?;
            shared.asked.remove(&hash);
            self.inn.pending.remove(&hash);
            for parent in missing {
                self.pend(parent, true, t)?;
            }
        }
        for bytes in page.registers {
            let register = Register::verify(&bytes)?;
            spaces.insert(register.space);
            if !t.offer_register(&register, From::Peer(self.peer, run))? && !planted::is(Bug::EarlyRegisterDropped) {
                if self.inn.early.len() >= limits::EARLY_REGISTERS {
                    self.inn.lossy = true;
                } else {
                    self.inn.early.push(register);
                }
            }
        }
        for bytes in page.removals {
            self.take_removal(bytes, t)?;
        }
        for hash in page.announced {
            self.knows(hash);
            self.pend(hash, false, t)?;
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
        for space in spaces {
            self.tell_removal(space, t)?;
        }
        self.inn.acks += usize::from(content);
        Ok(())
    }

    /// The peer goes on in a space that it was taken out of, so it has not heard, or heard before it knew of the space.
    pub(super) fn tell_removal(&mut self, space: SpaceId, t: &mut Tools<'_, '_>) -> Result<()> {
        if !planted::is(Bug::RemovalUnsaid)
            && t.access(space, self.org)? == Access::Closed
            && let Some(hash) = rights::removal_of(t.draft, self.org, space)?
            && self.out.told.insert(hash)
        {
            self.out.answers.push_back(Answer::Removal(hash));
        }
        Ok(())
    }

    /// Notes that this peer has something that is not here.
    fn pend(&mut self, hash: EntryHash, urgent: bool, t: &Tools<'_, '_>) -> Result<()> {
        if !t.has(&hash)? {
            if self.inn.pending.len() >= limits::ANNOUNCED {
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

    /// Asks for what is pending and asked of nobody.
    pub(in crate::sync) fn ask(&mut self, shared: &mut Shared, t: &mut Tools<'_, '_>) {
        let room = limits::WANTS.saturating_sub(self.inn.wanted.len());
        let free = |hash: &&EntryHash| !shared.asked.contains_key(hash) && !self.inn.wanted.contains_key(hash);
        let wants: Vec<EntryHash> = self.inn.pending.iter().filter(free).take(room).copied().collect();
        if !wants.is_empty() {
            for hash in &wants {
                shared.asked.insert(*hash, (self.link, t.now));
                self.inn.wanted.insert(*hash, false);
            }
            t.send(self.link, &Frame::Want(wants));
        }
    }

    /// A removal by a node whose certificate has not come yet is kept for when it has.
    fn take_removal(&mut self, bytes: Vec<u8>, t: &mut Tools<'_, '_>) -> Result<()> {
        if !t.take_removal(bytes.clone())? && self.inn.removals.len() < limits::EARLY_REMOVALS {
            self.inn.removals.push(bytes);
        }
        Ok(())
    }

    /// Offers again what came before its space's entries. What is still not permitted when nothing is pending never will be by
    /// what this peer knows. `news`: an entry was stored since, without which nothing is permitted that was not before.
    pub(in crate::sync) fn offer_early(&mut self, news: bool, t: &mut Tools<'_, '_>) -> Result<()> {
        let Some(run) = self.theirs.map(|greeting| greeting.run) else { return Ok(()) };
        if news {
            for bytes in std::mem::take(&mut self.inn.removals) {
                self.take_removal(bytes, t)?;
            }
        }
        if self.inn.early.is_empty() || (!news && !self.inn.pending.is_empty()) {
            return Ok(());
        }
        for register in std::mem::take(&mut self.inn.early) {
            if !t.offer_register(&register, From::Peer(self.peer, run))? && !self.inn.pending.is_empty() {
                self.inn.early.push(register);
            }
        }
        Ok(())
    }

    /// Keeps the newest token, once all that it covers is here.
    pub(in crate::sync) fn keep_token(&mut self, t: &mut Tools<'_, '_>) {
        if (self.inn.pending.is_empty() || planted::is(Bug::TokenTooEarly))
            && !self.inn.lossy
            && let Some(token) = self.inn.held.take()
        {
            bookmark::keep(t.draft, self.peer, token);
        }
    }
}
