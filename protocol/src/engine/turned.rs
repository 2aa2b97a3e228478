//! Entries that turned: that were here before and count now, or count no more.
//!
//! Marks in the store say what is still to be looked at (`Table::Own`): `turned/` space, 0 or 1, number -> entry, and `refold/` space, organisation,
//! document -> nothing. They are written with what made the entries turn, so a crash forgets none. Of a space what counted no more (0) comes first,
//! and of that the last accepted, then what counted (1), the first accepted first: nothing of it stands without what it follows. Which way an entry
//! turned is asked again when its turn comes: one that turned back meanwhile is left as it was told. What counts now is opened as new; of what counts
//! no more it is told one by one, and the documents of the directory that it was in are folded anew once all entries that turned were looked at. One
//! input looks at [`limits::TURNED_AT_ONCE`] entries, and opens as much as any; ticks do the rest, [`limits::TURNED_EVERY`] apart
//! (`protocol/decisions/turned.md`).

use super::Engine;
use super::apply;
use super::output::{Body, Event};
use super::settle::Work;
use crate::document::{self, Changed};
use crate::fault::{Fault, Result};
use crate::ids::{DocumentId, EntryHash, OrgId, SpaceId};
use crate::limits;
use crate::space::SpaceKind;
use crate::space::entry::{Entry, Kind};
use crate::store::{Draft, Table, View, after_prefix};
use crate::time::Time;
use zeroize::Zeroizing;

const TURNED: &[u8] = b"turned/";
const REFOLD: &[u8] = b"refold/";
/// Documents that are marked and looked at together.
const DOCUMENTS: usize = 64;

impl Engine {
    /// Notes what turned, and looks at a first part of it, unless something waits already. Says whether anything turned.
    pub(super) fn note_turned(&mut self, draft: &mut Draft<'_>, work: &mut Work, now: Time) -> Result<bool> {
        let turned = std::mem::take(&mut work.got.turned);
        if turned.is_empty() {
            return Ok(false);
        }
        let waits = is_left(draft, TURNED)?;
        for (space, hashes) in turned {
            for hash in hashes {
                let (counts, (_, number)) = (self.spaces.counts(draft, &hash)?, self.spaces.place(draft, &hash)?);
                let place = if counts { number } else { !number };
                let key = [TURNED, space.as_bytes(), &[u8::from(counts)], &place.to_be_bytes()].concat();
                draft.put(Table::Own, key, hash.0);
            }
        }
        if !waits {
            self.work_off(draft, work, now)?;
        }
        Ok(true)
    }

    /// Goes on with what was put off, if it is time.
    pub(super) fn turn_later(&mut self, draft: &mut Draft<'_>, work: &mut Work, now: Time) -> Result<()> {
        if !is_left(draft, TURNED)? {
            self.refold_marked(draft, work, now)
        } else if is_due(self.turned, now) {
            self.turned = now;
            self.work_off(draft, work, now)
        } else {
            Ok(())
        }
    }

    /// When to go on, if something was put off.
    pub(super) fn next_turned(&self, view: &dyn View, now: Time) -> Result<Option<Time>> {
        let last = match (is_left(view, TURNED)?, is_left(view, REFOLD)?) {
            (true, _) => self.turned,
            (false, true) => self.refolded,
            (false, false) => return Ok(None),
        };
        Ok(Some(if is_due(last, now) { now } else { last.plus(limits::TURNED_EVERY) }))
    }

    fn work_off(&mut self, draft: &mut Draft<'_>, work: &mut Work, now: Time) -> Result<()> {
        let room = limits::TURNED_AT_ONCE.saturating_sub(work.turned);
        for (row, hash) in draft.scan(Table::Own, TURNED, after_prefix(TURNED).as_deref(), room, false)? {
            if work.opened >= limits::OPENED_BYTES {
                break;
            }
            let space = row.get(TURNED.len()..TURNED.len() + 32).and_then(SpaceId::from_slice);
            let ids = space.zip(EntryHash::from_slice(&hash));
            let (space, hash) = ids.ok_or_else(|| Fault::store("what turned has no name"))?;
            draft.delete(Table::Own, row);
            work.turned += 1;
            self.turn(draft, work, space, hash)?;
        }
        if is_left(draft, TURNED)? { Ok(()) } else { self.refold_marked(draft, work, now) }
    }

    /// Looks at one entry: whether it counts as it was told.
    fn turn(&mut self, draft: &mut Draft<'_>, work: &mut Work, space: SpaceId, hash: EntryHash) -> Result<()> {
        let Some(entry) = self.spaces.entry(draft, &hash)? else { return Ok(()) };
        if entry.header().kind != Kind::Data {
            return Ok(());
        }
        match (apply::is_told(draft, space, hash)?, self.spaces.counts(draft, &hash)?) {
            (false, true) => self.apply_again(draft, work, space, hash),
            (true, false) => self.lose(draft, work, space, (hash, &entry)),
            // Half of a private space may have been made again while it counted no more.
            (true, true) => {
                self.recount(draft, work, space)?;
                Ok(())
            }
            (false, false) => Ok(()),
        }
    }

    /// Has all of a private space made again. Says whether it is one.
    fn recount(&self, draft: &Draft<'_>, work: &mut Work, space: SpaceId) -> Result<bool> {
        let private = matches!(self.spaces.founded(draft, space)?, Some((SpaceKind::Private, _)));
        if private && !work.events.contains(&Event::Recount { space }) {
            work.events.push(Event::Recount { space });
        }
        Ok(private)
    }

    /// Takes back what was told of an entry.
    fn lose(
        &mut self,
        draft: &mut Draft<'_>,
        work: &mut Work,
        space: SpaceId,
        (hash, entry): (EntryHash, &Entry),
    ) -> Result<()> {
        let org = self.spaces.author_org(draft, &hash)?.ok_or_else(|| Fault::bug("accepted of nobody"))?;
        // Only this organisation's own root brings that about in its private space.
        if self.recount(draft, work, space)? {
            return self.apply_now(draft, work, space, hash);
        }
        let document = document::Body::decode(entry.body());
        match (self.spaces.founded(draft, space)?, document) {
            (Some((SpaceKind::Coalition { .. }, _)), Ok(body)) => {
                let key = [REFOLD, &space.0, &org.0, &body.packed().document.0].concat();
                draft.put(Table::Own, key, []);
            }
            _ => {
                let body = Body(self.spaces.open_late(draft, &hash)?.unwrap_or_else(|_| Zeroizing::default()));
                work.opened += body.len();
                work.events.push(Event::Lost { space, hash, org, body });
            }
        }
        self.apply_now(draft, work, space, hash)
    }

    /// Says which documents are to be folded anew: as many as together weigh what one input opens.
    fn refold_marked(&mut self, draft: &mut Draft<'_>, work: &mut Work, now: Time) -> Result<()> {
        if !is_due(self.refolded, now) {
            return Ok(());
        }
        for (row, _) in draft.scan(Table::Own, REFOLD, after_prefix(REFOLD).as_deref(), DOCUMENTS, false)? {
            if work.opened >= limits::OPENED_BYTES {
                break;
            }
            self.refolded = now;
            let ids: Vec<[u8; 32]> = row.get(REFOLD.len()..).unwrap_or_default().as_chunks().0.to_vec();
            let &[space, org, document] = ids.as_slice() else {
                return Err(Fault::store("a document that is to be folded anew has no name"));
            };
            let (space, org, document) = (SpaceId(space), OrgId(org), DocumentId(document));
            let weighs = document::weighs(draft, (&space, &org, &document))?;
            work.opened = work.opened.saturating_add(usize::try_from(weighs).unwrap_or(usize::MAX));
            draft.delete(Table::Own, row);
            work.events.push(Event::Refold { space, org, document });
        }
        Ok(())
    }

    /// Folds a document anew from its bodies that were told, as [`Event::Refold`] asks: one that counts no more and was not looked at yet
    /// stands as it stood, and is not missed if it turns back. Gives what changed.
    ///
    /// # Errors
    /// `Store`.
    pub fn refold(
        &mut self,
        draft: &mut Draft<'_>,
        (space, org, document): (SpaceId, OrgId, DocumentId),
    ) -> Result<Option<Changed>> {
        self.documents.refold(draft, (space, org, document), |view, hash| apply::is_told(view, space, *hash))
    }
}

fn is_left(view: &dyn View, list: &[u8]) -> Result<bool> {
    Ok(!view.scan(Table::Own, list, after_prefix(list).as_deref(), 1, false)?.is_empty())
}

/// A clock that was set back holds nothing up.
const fn is_due(last: Time, now: Time) -> bool {
    now.0 < last.0 || now.0 - last.0 >= limits::TURNED_EVERY
}
