//! What we send: answers first, then what has arrived, in pages.

use super::fill::Aim;
use super::{Answer, Phase, Session};
use crate::fault::Result;
use crate::ids::{EntryHash, SpaceId};
use crate::limits;
use crate::planted::{self, Bug};
use crate::sync::arrivals::{self, Arrival, From, Item};
use crate::sync::bookmark;
use crate::sync::sessions::Shared;
use crate::sync::tools::{Access, Tools};
use crate::sync::wire::{Frame, Page};

/// Arrivals read at once.
const CHUNK: usize = 256;

/// A page that is being filled.
pub(super) struct Filling {
    pub page: Page,
    pub room: usize,
    whole: usize,
}

impl Filling {
    pub const fn new(page: Page, room: usize) -> Self {
        Self { page, room, whole: room }
    }

    /// Takes room, if there is enough; a page that is still empty has room for anything.
    pub fn take(&mut self, bytes: usize) -> bool {
        if bytes + 8 > self.room && self.room < self.whole {
            self.room = 0;
            return false;
        }
        self.room = self.room.saturating_sub(bytes + 8);
        true
    }
}

impl Session {
    /// Sends as much as the peer may have in flight, and acknowledges what it sent.
    pub(in crate::sync) fn serve(&mut self, shared: &Shared, t: &mut Tools<'_, '_>) -> Result<()> {
        if self.theirs.is_none() {
            return Ok(());
        }
        self.send_pages(t)?;
        if shared.late.of(self.org) < limits::LATE_HELD {
            self.inn.acks += std::mem::take(&mut self.inn.held_acks);
        }
        for left in (0..std::mem::take(&mut self.inn.acks)).rev() {
            let moved = matches!(self.out.phase, Phase::Listing) && self.out.next - 1 > self.out.marked;
            let token = if left == 0 && moved && self.all_shown() { Some(self.mark(t)?) } else { None };
            t.send(self.link, &Frame::Ack(token));
        }
        Ok(())
    }

    /// Whether of all arrivals so far nothing is left to be sent but entries that the peer asks for by name: those it will ask for
    /// again, after a link that broke too. The registers of a space that was opened, and a removal, it would never miss.
    fn all_shown(&self) -> bool {
        planted::is(Bug::OpenedUnfinished)
            || !self.out.answers.iter().any(|answer| matches!(answer, Answer::Register(..) | Answer::Removal(_)))
    }

    /// A new bookmark for the peer.
    fn mark(&mut self, t: &mut Tools<'_, '_>) -> Result<Vec<u8>> {
        self.out.marked = self.out.next - 1;
        self.out.owes_token = false;
        bookmark::issue(t.draft, t.random, self.peer, self.out.marked)
    }

    fn send_pages(&mut self, t: &mut Tools<'_, '_>) -> Result<()> {
        loop {
            // A peer that takes no more for now may still ask for what it lacks.
            let answers_only = self.out.in_flight >= limits::PAGES_IN_FLIGHT;
            if answers_only && (self.out.wanted == 0 || self.out.in_flight >= 2 * limits::PAGES_IN_FLIGHT) {
                return Ok(());
            }
            self.offer_compare(t)?;
            let mut filling = Filling::new(Page::default(), limits::PAGE_BYTES);
            self.fill_answers(&mut filling, t)?;
            let listing = matches!(self.out.phase, Phase::Listing) && !answers_only;
            let caught_up = listing && self.fill_arrivals(&mut filling, t)?;
            let mut page = filling.page;
            if listing && self.all_shown() && self.token_is_due(page.has_content()) {
                page.token = Some(self.mark(t)?);
            }
            if page.has_content() {
                self.out.in_flight += 1;
            } else if page.token.is_none() {
                if caught_up && !self.out.answered {
                    t.send(self.link, &Frame::Same);
                    self.out.answered = true;
                }
                return if caught_up { self.all_taken(t) } else { Ok(()) };
            }
            self.out.answered |= listing;
            t.send(self.link, &Frame::Page(page));
        }
    }

    /// A new bookmark goes with content; without, only after a comparison or a long list that did not concern the peer, so that
    /// it does not see how busy we are with others.
    const fn token_is_due(&self, content: bool) -> bool {
        let moved = (self.out.next - 1).saturating_sub(self.out.marked);
        self.out.owes_token || (moved > 0 && content) || moved > limits::ARRIVALS_SKIPPED
    }

    /// Whether everything that has arrived is in this page or an earlier one.
    pub(super) fn fill_arrivals(&mut self, filling: &mut Filling, t: &mut Tools<'_, '_>) -> Result<bool> {
        loop {
            let chunk = arrivals::from(t.draft, self.out.next, CHUNK)?;
            let whole = chunk.len();
            for (number, arrival) in chunk {
                let skipped = planted::is(Bug::BookmarkSkips) && number % 5 == 0;
                if !skipped && !self.fill_arrival(&arrival, filling, t)? {
                    return Ok(false);
                }
                self.out.next = number + 1;
                self.out.opened = 0;
                // For a parcel an opened space is answered whole, before what came after it.
                if matches!(self.out.aim, Aim::Parcel { .. }) && !self.out.answers.is_empty() {
                    return Ok(false);
                }
            }
            if whole < CHUNK {
                return Ok(true);
            }
        }
    }

    /// Puts one arrival into the page; false if it has no room.
    fn fill_arrival(&mut self, arrival: &Arrival, filling: &mut Filling, t: &mut Tools<'_, '_>) -> Result<bool> {
        let theirs = match (arrival.from, self.theirs) {
            (From::Peer(node, run), Some(greeting)) => {
                node == self.peer && (run == greeting.run || planted::is(Bug::RunIgnored))
            }
            (From::Peer(..) | From::Own | From::Waited, _) => false,
        };
        match &arrival.item {
            Item::Entry { space, hash } => {
                if theirs || self.inn.known.contains(hash) || !self.allowed(*space, t)? {
                    return Ok(true);
                }
                if self.left_out(*space, Some(*hash), arrival.from, t)? {
                    return Ok(true);
                }
                if arrival.from != From::Own && matches!(self.out.aim, Aim::Link) {
                    return Ok(self.announce(filling, *hash, *space));
                }
                let Some(entry) = t.entry(hash)? else { return Ok(true) };
                let room = filling.take(entry.bytes().len());
                if room {
                    filling.page.entries.push(entry.bytes().to_vec());
                }
                Ok(room)
            }
            Item::Register { space, node, name, .. } => {
                if theirs || !self.allowed(*space, t)? || self.left_out(*space, None, arrival.from, t)? {
                    return Ok(true);
                }
                let Some(bytes) = t.register(*space, *node, name)? else { return Ok(true) };
                let room = filling.take(bytes.len());
                if room {
                    filling.page.registers.push(bytes);
                }
                Ok(room)
            }
            Item::Opened { space, org } => {
                if *org != self.org || !self.allowed(*space, t)? {
                    return Ok(true);
                }
                if self.left_out(*space, None, arrival.from, t)? {
                    return Ok(true);
                }
                match self.out.aim {
                    Aim::Link => self.fill_opened(*space, filling, t),
                    Aim::Parcel { .. } => {
                        let known = t.acknowledged(*space, self.org)?;
                        self.answer_all(*space, &known, t).map(|()| true)
                    }
                }
            }
            Item::Removed { space, org, hash } => {
                let unsaid = planted::is(Bug::RemovalUnsaid);
                if unsaid || *org != self.org || !t.is_to_hear(*space, self.org, hash)? {
                    return Ok(true);
                }
                fill_removal(hash, filling, t)
            }
        }
    }

    /// Announces all of a space that the peer was let into; false if the page is full before its end.
    fn fill_opened(&mut self, space: SpaceId, filling: &mut Filling, t: &mut Tools<'_, '_>) -> Result<bool> {
        loop {
            let hashes = t.accepted_from(space, self.out.opened, CHUNK)?;
            let whole = hashes.len();
            for hash in hashes {
                if !self.inn.known.contains(&hash) && !self.announce(filling, hash, space) {
                    return Ok(false);
                }
                self.out.opened += 1;
            }
            if whole < CHUNK {
                break;
            }
        }
        for (node, name, _) in t.registers(space)? {
            self.out.answers.push_back(super::Answer::Register(space, node, name));
        }
        Ok(true)
    }

    fn announce(&mut self, filling: &mut Filling, hash: EntryHash, space: SpaceId) -> bool {
        let room = filling.take(32);
        if room {
            filling.page.announced.push(hash);
            self.announces(hash, space);
        }
        room
    }

    /// Whether the peer may have entries of this space now. Where only a clock says no, that is written down, so that all of the
    /// space is shown again if the clock was wrong or the grant is renewed.
    pub(super) fn allowed(&self, space: SpaceId, t: &mut Tools<'_, '_>) -> Result<bool> {
        match t.access(space, self.org)? {
            Access::Open => Ok(true),
            Access::Expired => {
                t.note_expired(space, self.org)?;
                Ok(false)
            }
            Access::Held | Access::Closed => Ok(false),
        }
    }
}

/// Puts a removal into the page, behind the entry that shows whose its author is.
pub(super) fn fill_removal(hash: &EntryHash, filling: &mut Filling, t: &mut Tools<'_, '_>) -> Result<bool> {
    let notice = t.notice(hash)?;
    let room = filling.take(notice.iter().map(Vec::len).sum());
    if room {
        filling.page.removals.extend(notice);
    }
    Ok(room)
}
