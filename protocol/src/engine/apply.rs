//! Bodies that open, now or later.
//!
//! A data entry whose body does not open or does not count yet is kept in a list (`Table::Own`, `unopened/` space hash), and
//! tried again when a key of its epoch comes or it turns out to count (`turned`). One input opens a bounded number of bytes: a key may come for all
//! that a thread ever held. The rest is kept in another list (`unopened later/` space hash), which ticks work off.

use super::Engine;
use super::output::{Body, Event};
use super::queries::Applied;
use super::settle::Work;
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, SpaceId};
use crate::limits;
use crate::space::Unopened;
use crate::store::{Draft, Table, View, after_prefix};

const UNOPENED: &[u8] = b"unopened/";
const LATER: &[u8] = b"unopened later/";

impl Engine {
    /// Opens a body that was accepted now. What this node writes is opened at once, whatever else is.
    pub(super) fn apply(
        &mut self,
        draft: &mut Draft<'_>,
        work: &mut Work,
        (space, hash): (SpaceId, EntryHash),
        own: bool,
    ) -> Result<()> {
        if own || work.opened < limits::OPENED_BYTES {
            self.apply_now(draft, work, space, hash)
        } else {
            draft.put(Table::Own, key(LATER, space, hash), []);
            Ok(())
        }
    }

    pub(super) fn apply_now(
        &mut self,
        draft: &mut Draft<'_>,
        work: &mut Work,
        space: SpaceId,
        hash: EntryHash,
    ) -> Result<()> {
        if let Some(why) = self.try_open(draft, work, space, hash)? {
            draft.put(Table::Own, key(UNOPENED, space, hash), []);
            work.events.push(Event::Unopened { space, hash, why });
        }
        Ok(())
    }

    /// Tries again what a key may have opened.
    pub(super) fn apply_opened(&mut self, draft: &mut Draft<'_>, work: &mut Work) -> Result<()> {
        for (space, epoch) in std::mem::take(&mut work.got.keys) {
            work.learnt.insert((space, epoch));
            for hash in self.spaces.sealed_under(draft, space, &epoch)? {
                self.apply_again(draft, work, space, hash)?;
            }
        }
        Ok(())
    }

    pub(super) fn apply_again(
        &mut self,
        draft: &mut Draft<'_>,
        work: &mut Work,
        space: SpaceId,
        hash: EntryHash,
    ) -> Result<()> {
        let key = key(UNOPENED, space, hash);
        if draft.get(Table::Own, &key)?.is_none() {
            return Ok(());
        }
        if work.opened >= limits::OPENED_BYTES {
            draft.delete(Table::Own, key);
            draft.put(Table::Own, self::key(LATER, space, hash), []);
        } else if self.try_open(draft, work, space, hash)?.is_none() {
            draft.delete(Table::Own, key);
        }
        Ok(())
    }

    /// Opens some of what was put off.
    pub(super) fn apply_later(&mut self, draft: &mut Draft<'_>, work: &mut Work) -> Result<()> {
        for (row, _) in draft.scan(Table::Own, LATER, after_prefix(LATER).as_deref(), limits::OPENED_LATER, false)? {
            if work.opened >= limits::OPENED_BYTES {
                break;
            }
            let ids = row.get(LATER.len()..).and_then(|ids| ids.split_at_checked(32));
            let ids = ids.and_then(|(space, hash)| Some((SpaceId::from_slice(space)?, EntryHash::from_slice(hash)?)));
            let (space, hash) = ids.ok_or_else(|| Fault::store("what is to be opened has no name"))?;
            draft.delete(Table::Own, row);
            self.apply_now(draft, work, space, hash)?;
        }
        Ok(())
    }

    fn try_open(
        &mut self,
        draft: &mut Draft<'_>,
        work: &mut Work,
        space: SpaceId,
        hash: EntryHash,
    ) -> Result<Option<Unopened>> {
        if !self.spaces.counts(draft, &hash)? {
            if let Some(Applied { hash, org, time, body, .. }) = self.late_word(draft, space, &hash)? {
                work.opened += body.len();
                work.events.push(Event::Late { space, hash, org, time, body });
            }
            return Ok(Some(Unopened::Quarantined));
        }
        let body = match self.spaces.open_body(draft, &hash)? {
            Ok(body) => Body(body),
            Err(why) => return Ok(Some(why)),
        };
        work.opened += body.len();
        let entry = self.spaces.entry(draft, &hash)?.ok_or_else(|| Fault::bug("opened, and not there"))?;
        let org = self.spaces.author_org(draft, &hash)?.ok_or_else(|| Fault::bug("accepted of nobody"))?;
        let (author, time) = (entry.header().author, entry.header().time);
        self.note_told(draft, space, hash, &body)?;
        self.take_shared(draft, work, space, &body)?;
        work.events.push(Event::Applied { space, hash, author, org, time, body });
        Ok(None)
    }
}

/// Whether anything was put off.
pub(super) fn is_left(view: &dyn View) -> Result<bool> {
    Ok(!view.scan(Table::Own, LATER, after_prefix(LATER).as_deref(), 1, false)?.is_empty())
}

/// Whether it was told that this accepted data entry says something.
pub(super) fn is_told(view: &dyn View, space: SpaceId, hash: EntryHash) -> Result<bool> {
    let waits = |list| Ok::<bool, Fault>(view.get(Table::Own, &key(list, space, hash))?.is_some());
    Ok(!waits(UNOPENED)? && !waits(LATER)?)
}

fn key(list: &[u8], space: SpaceId, hash: EntryHash) -> Vec<u8> {
    [list, space.as_bytes(), hash.as_bytes()].concat()
}
