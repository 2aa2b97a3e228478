//! Entries whose parents or control heads are not here yet: kept in bounded space, a quota for each organisation
//! that brings them, and for each author.
//!
//! An entry is taken on the terms on which it came, whoever brings what it waited for. Where its organisation's account is overdrawn as
//! far as it may be, it stays, waiting for nothing but the account: so what was received is not lost, and nobody has more taken by
//! sending the children before their parent.

use super::allowance::{self, Account, Late};
use super::entry::Entry;
use super::offer::Terms;
use super::rows::{self, Charge, WaitRow};
use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, NodeId, OrgId, SpaceId};
use crate::limits;
use crate::planted::{self, Bug};
use crate::store::{Draft, Table, View, after_prefix};
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// When what has waited for too long was last looked for, in [`Table::Own`].
const LOOKED: &[u8] = b"waiting looked";

/// How much waits, by account. Counted from the store once, then kept in step.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    counted: bool,
    /// By the organisation that brought it, not by node: of these anybody certifies several. `None`: what is free, our own.
    by_bringer: BTreeMap<Option<OrgId>, (usize, usize)>,
    by_author: BTreeMap<NodeId, usize>,
    bytes: usize,
    /// Those that wait for an account, with what they need; `None` after a start, until they are looked at.
    owing: BTreeMap<EntryHash, Option<Late>>,
    /// Of those that were looked at, by account, what the one needs that is due first; `None` where that changed.
    least: Option<BTreeMap<Account, i64>>,
}

/// An entry that no longer waits.
pub(super) struct Released {
    pub entry: Entry,
    pub from: Option<NodeId>,
    pub terms: Terms,
}

/// Where and on whose account an entry waits.
pub(super) struct Place {
    pub from: Option<NodeId>,
    /// One of the things that it misses.
    pub missing: EntryHash,
    pub terms: Terms,
    /// Now.
    pub since: Time,
}

/// An entry that waited for too long.
pub(super) struct Dropped {
    pub space: SpaceId,
    pub from: Option<NodeId>,
}

impl Waiting {
    fn load(&mut self, view: &dyn View) -> Result<()> {
        if !self.counted {
            for (hash, row) in rows::waiting(view)? {
                self.add(&row);
                if row.missing == hash {
                    self.owing.insert(hash, None);
                    self.least = None;
                }
            }
            self.counted = true;
        }
        Ok(())
    }

    fn add(&mut self, row: &WaitRow) {
        let bytes = row.bytes as usize;
        let brought = self.by_bringer.entry(bringer(row)).or_default();
        *brought = (brought.0 + 1, brought.1 + bytes);
        *self.by_author.entry(row.author).or_default() += 1;
        self.bytes += bytes;
    }

    fn take(&mut self, row: &WaitRow) {
        let bytes = row.bytes as usize;
        if let Some(brought) = self.by_bringer.get_mut(&bringer(row)) {
            *brought = (brought.0.saturating_sub(1), brought.1.saturating_sub(bytes));
            if brought.0 == 0 {
                self.by_bringer.remove(&bringer(row));
            }
        }
        if let Some(author) = self.by_author.get_mut(&row.author) {
            *author = author.saturating_sub(1);
            if *author == 0 {
                self.by_author.remove(&row.author);
            }
        }
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    fn fits(&self, row: &WaitRow) -> bool {
        let bytes = row.bytes as usize;
        let (entries, of_bringer) = self.by_bringer.get(&bringer(row)).copied().unwrap_or_default();
        let share = entries < limits::WAITING_PER_ORG && of_bringer + bytes <= limits::WAITING_BYTES_PER_ORG;
        (share || planted::is(Bug::WaitingUnshared))
            && self.by_author.get(&row.author).copied().unwrap_or_default() < limits::WAITING_PER_AUTHOR
            && self.bytes + bytes <= limits::WAITING_BYTES
    }

    /// Whether the entry waits here already.
    pub fn holds(view: &dyn View, hash: &EntryHash) -> Result<bool> {
        Ok(view.get(Table::Fold, &rows::wait_key(hash))?.is_some())
    }

    /// Whether nothing waits, as far as was counted.
    const fn is_empty(&self) -> bool {
        self.counted && self.bytes == 0
    }

    /// Whether something here waits for this entry.
    pub fn is_waited_for(&self, view: &dyn View, hash: &EntryHash) -> Result<bool> {
        if self.is_empty() {
            return Ok(false);
        }
        let end = after_prefix(hash.as_bytes());
        Ok(!view.scan(Table::Waiting, hash.as_bytes(), end.as_deref(), 1, false)?.is_empty())
    }

    /// Lets an entry wait; false if there is no room for it.
    pub fn hold(&mut self, draft: &mut Draft<'_>, entry: &Entry, place: &Place) -> Result<bool> {
        self.load(draft)?;
        if Self::holds(draft, &entry.hash())? {
            return Ok(true);
        }
        let row = row(entry, place);
        let fits = self.fits(&row);
        if fits {
            self.put(draft, entry, &row);
        }
        Ok(fits)
    }

    /// Lets an entry wait that has waited already, and now misses nothing but room in an account. It lay here, so there is room for it.
    pub fn owe(
        &mut self,
        draft: &mut Draft<'_>,
        entry: &Entry,
        from: Option<NodeId>,
        terms: Terms,
        late: Late,
        now: Time,
    ) -> Result<()> {
        self.load(draft)?;
        let hash = entry.hash();
        if !Self::holds(draft, &hash)? {
            self.put(draft, entry, &row(entry, &Place { from, missing: hash, terms, since: now }));
        }
        self.owing.insert(hash, Some(late));
        self.least = None;
        Ok(())
    }

    fn put(&mut self, draft: &mut Draft<'_>, entry: &Entry, row: &WaitRow) {
        self.add(row);
        let hash = entry.hash();
        draft.put(Table::Fold, rows::wait_key(&hash), codec::encode(row));
        draft.put(Table::Waiting, [row.missing.0, hash.0].concat(), entry.bytes());
    }

    /// Those that wait for an account alone, with what each needs.
    pub fn owing(&mut self, view: &dyn View) -> Result<Vec<(EntryHash, Option<Late>)>> {
        self.load(view)?;
        Ok(self.owing.iter().map(|(hash, late)| (*hash, *late)).collect())
    }

    /// Whether there are any.
    pub fn owes(&mut self, view: &dyn View) -> Result<bool> {
        self.load(view)?;
        Ok(!self.owing.is_empty())
    }

    /// When the next of them may be taken: one look at each account, however many wait for it.
    pub fn next_owed(&mut self, view: &dyn View, now: Time) -> Result<Option<Time>> {
        self.load(view)?;
        if self.owing.is_empty() {
            return Ok(None);
        }
        if self.owing.values().any(Option::is_none) {
            return Ok(Some(now));
        }
        let least = self.least.get_or_insert_with(|| {
            let mut least = BTreeMap::new();
            for late in self.owing.values().flatten() {
                let needs = least.entry(late.account).or_insert(i64::MAX);
                *needs = late.needs().min(*needs);
            }
            least
        });
        let mut next: Option<Time> = None;
        for (account, needs) in least {
            let due = allowance::due(*needs, account.left(view, now)?, now);
            next = Some(next.map_or(due, |next| next.min(due)));
        }
        Ok(next)
    }

    /// One of these, as it came.
    pub fn owed(view: &dyn View, hash: &EntryHash) -> Result<Option<Released>> {
        let Some(row) = view.get(Table::Fold, &rows::wait_key(hash))? else { return Ok(None) };
        let row: WaitRow = rows::read("waiting entry", &row)?;
        let bytes = view.get(Table::Waiting, &[row.missing.0, hash.0].concat())?;
        let bytes = bytes.ok_or_else(|| Fault::store("a waiting entry without its bytes"))?;
        released(bytes, &row).map(Some)
    }

    /// Ends the waiting of one entry, if it waits.
    pub fn drop_one(&mut self, draft: &mut Draft<'_>, hash: &EntryHash) -> Result<()> {
        self.load(draft)?;
        if self.is_empty() {
            return Ok(());
        }
        let key = rows::wait_key(hash);
        if let Some(row) = draft.get(Table::Fold, &key)? {
            let row: WaitRow = rows::read("waiting entry", &row)?;
            self.take(&row);
            if self.owing.remove(hash).is_some() {
                self.least = None;
            }
            draft.delete(Table::Fold, key);
            draft.delete(Table::Waiting, [row.missing.0, hash.0].concat());
        }
        Ok(())
    }

    /// Ends the waiting of what has missed something for longer than [`limits::WAITING_LIFE`], looking as seldom as
    /// [`limits::WAITING_LOOK`] says, over starts too; none of those that wait for an account alone. What a clock dated later than now
    /// waits since now.
    pub fn drop_old(&mut self, draft: &mut Draft<'_>, now: Time) -> Result<Vec<Dropped>> {
        self.load(draft)?;
        if self.bytes == 0 || Self::looked(draft)?.is_some_and(|at| at <= now && now.since(at) < limits::WAITING_LOOK) {
            return Ok(Vec::new());
        }
        draft.put(Table::Own, LOOKED, now.0.to_be_bytes());
        let mut dropped = Vec::new();
        for (hash, row) in rows::waiting(draft)? {
            if row.missing == hash {
                continue;
            }
            if row.since > now {
                draft.put(Table::Fold, rows::wait_key(&hash), codec::encode(&WaitRow { since: now, ..row }));
            } else if now.since(row.since) > limits::WAITING_LIFE
                && let Some(waited) = Self::owed(draft, &hash)?
            {
                self.drop_one(draft, &hash)?;
                dropped.push(Dropped { space: waited.entry.space(), from: row.from });
            }
        }
        Ok(dropped)
    }

    fn looked(view: &dyn View) -> Result<Option<Time>> {
        let at = view.get(Table::Own, LOOKED)?;
        Ok(at.and_then(|at| at.try_into().ok()).map(u64::from_be_bytes).map(Time))
    }

    /// When that is to be looked for next, if anything waits.
    pub fn next_old(&mut self, view: &dyn View) -> Result<Option<Time>> {
        self.load(view)?;
        if self.bytes == 0 {
            return Ok(None);
        }
        Ok(Some(Self::looked(view)?.map_or(Time::default(), |at| at.plus(limits::WAITING_LOOK))))
    }

    /// Takes out what waited for `came`, in order of hash.
    pub fn release(&mut self, draft: &mut Draft<'_>, came: &EntryHash) -> Result<Vec<Released>> {
        if self.is_empty() {
            return Ok(Vec::new());
        }
        let mut waited = Vec::new();
        rows::each_under(draft, Table::Waiting, came.as_bytes(), |hash, bytes| {
            if let Some(hash) = EntryHash::from_slice(hash) {
                waited.push((hash, bytes.to_vec()));
            }
            Ok(())
        })?;
        let mut released = Vec::new();
        for (hash, bytes) in waited {
            let row = draft.get(Table::Fold, &rows::wait_key(&hash))?;
            let row: WaitRow = rows::read("waiting entry", &row.unwrap_or_default())?;
            self.drop_one(draft, &hash)?;
            if planted::is(Bug::WaitingDropped) {
                continue;
            }
            released.push(self::released(bytes, &row)?);
        }
        Ok(released)
    }
}

fn bringer(row: &WaitRow) -> Option<OrgId> {
    row.charged.map(|charge| charge.by)
}

fn row(entry: &Entry, place: &Place) -> WaitRow {
    let charged = match place.terms {
        Terms::Free => None,
        Terms::Charged { own, by } | Terms::Released { own, by } => Some(Charge { own, by }),
    };
    let bytes = u32::try_from(entry.bytes().len()).unwrap_or(u32::MAX);
    WaitRow {
        missing: place.missing,
        from: place.from,
        author: entry.header().author,
        bytes,
        since: place.since,
        charged,
    }
}

fn released(bytes: Vec<u8>, row: &WaitRow) -> Result<Released> {
    let entry = Entry::parse(bytes).map_err(|fault| Fault::store(fault.message))?;
    let terms = row.charged.map_or(Terms::Free, |Charge { own, by }| Terms::Released { own, by });
    Ok(Released { entry, from: row.from, terms })
}

/// What waiting entries miss, with their space and who sent them.
pub(super) fn missed(view: &dyn View, limit: usize) -> Result<Vec<(EntryHash, SpaceId, Option<NodeId>)>> {
    let mut missed: Vec<(EntryHash, SpaceId, Option<NodeId>)> = Vec::new();
    let rows = view.scan(Table::Waiting, &[], None, limits::WAITING_PER_ORG, false)?;
    for (key, bytes) in rows {
        let (Some(missing), Some(hash)) =
            (key.get(..32).and_then(EntryHash::from_slice), key.get(32..).and_then(EntryHash::from_slice))
        else {
            continue;
        };
        if missed.len() >= limit {
            break;
        }
        if missed.last().is_some_and(|(last, ..)| *last == missing) || Waiting::holds(view, &missing)? {
            continue;
        }
        let entry = Entry::parse(bytes).map_err(|fault| Fault::store(fault.message))?;
        let row = view.get(Table::Fold, &rows::wait_key(&hash))?;
        let from = row.map(|row| rows::read::<WaitRow>("waiting entry", &row)).transpose()?.and_then(|row| row.from);
        missed.push((missing, entry.space(), from));
    }
    Ok(missed)
}

/// Names of entries that were refused, the newest [`limits::REFUSED`] of them.
#[derive(Debug, Default)]
pub(super) struct RefusedNames {
    names: BTreeSet<EntryHash>,
    order: VecDeque<EntryHash>,
}

impl RefusedNames {
    pub fn has(&self, hash: &EntryHash) -> bool {
        self.names.contains(hash)
    }

    pub fn add(&mut self, hash: EntryHash) {
        if self.names.insert(hash) {
            self.order.push_back(hash);
            if self.order.len() > limits::REFUSED
                && let Some(oldest) = self.order.pop_front()
            {
                self.names.remove(&oldest);
            }
        }
    }
}
