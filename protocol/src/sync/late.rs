//! Entries that peers sent before they may be taken, and what may be asked for again.

use crate::fault::Result;
use crate::ids::{EntryHash, NodeId, OrgId};
use crate::limits;
use crate::space::entry::Entry;
use crate::space::{self, Account, Late};
use crate::sync::tools::Tools;
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// Names of entries that are to be taken later. Their bytes stay where they are; a run forgets it all.
#[derive(Debug, Default)]
pub struct LateEntries {
    entries: BTreeMap<EntryHash, (NodeId, Late)>,
    of: BTreeMap<OrgId, usize>,
}

impl LateEntries {
    pub fn get(&self, hash: &EntryHash) -> Option<&Late> {
        self.entries.get(hash).map(|(_, late)| late)
    }

    /// Those of them that are among these names.
    pub fn among<'a>(&'a self, names: impl Iterator<Item = &'a EntryHash>) -> impl Iterator<Item = &'a Late> {
        let names = if self.entries.is_empty() { None } else { Some(names) };
        names.into_iter().flatten().filter_map(|hash| self.get(hash))
    }

    /// How many of an organisation's entries are.
    pub fn of(&self, org: OrgId) -> usize {
        self.of.get(&org).copied().unwrap_or_default()
    }

    /// Remembers one; false if there are too many.
    pub fn add(&mut self, hash: EntryHash, author: NodeId, late: Late) -> bool {
        let full = self.entries.len() >= limits::LATE;
        if full && !self.entries.contains_key(&hash) {
            return false;
        }
        self.remove(&hash);
        self.entries.insert(hash, (author, late));
        *self.of.entry(late.account.org).or_default() += 1;
        true
    }

    /// Forgets those that nobody is to be asked for, where they take up half of the room.
    pub fn let_go(&mut self, wanted: impl Fn(&EntryHash) -> bool) {
        if self.entries.len() > limits::LATE / 2 {
            let gone: Vec<EntryHash> = self.entries.keys().filter(|hash| !wanted(hash)).copied().collect();
            gone.iter().for_each(|hash| self.remove(hash));
        }
    }

    /// It is here, or never will be.
    pub fn remove(&mut self, hash: &EntryHash) {
        if let Some((_, late)) = self.entries.remove(hash)
            && let Some(count) = self.of.get_mut(&late.account.org)
        {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.of.remove(&late.account.org);
            }
        }
    }

    /// Something here waits for this one now.
    pub fn urge(&mut self, hash: &EntryHash) {
        if let Some((_, late)) = self.entries.get_mut(hash) {
            late.urgent = true;
        }
    }

    /// What an entry is if it follows a late one of the same author; what control entries cost beside is seen when it is taken.
    ///
    /// # Errors
    /// `Store`.
    pub fn behind(&self, entry: &Entry, t: &Tools<'_, '_>) -> Result<Option<Late>> {
        let header = entry.header();
        let parent = |hash: &EntryHash| self.entries.get(hash).filter(|(author, _)| *author == header.author);
        let Some((_, late)) = header.parents.iter().find_map(parent) else { return Ok(None) };
        let cost = space::cost(entry, 0, t.is_coalition(entry.space())?, t.spaces.opened_length(entry));
        Ok(Some(Late { account: late.account, cost, urgent: false }))
    }
}

/// What may be asked for in one go, by account.
#[derive(Debug, Default)]
pub struct Purse {
    left: BTreeMap<Account, i64>,
    /// What came before did not fit: what comes behind it would only be late again.
    spent: BTreeSet<Account>,
    /// When more may be asked for.
    pub due: Option<Time>,
}

impl Purse {
    /// Whether this one may be asked for; then it is paid.
    ///
    /// # Errors
    /// `Store`.
    pub fn pay(&mut self, late: &Late, t: &Tools<'_, '_>) -> Result<bool> {
        if self.spent.contains(&late.account) && !late.urgent {
            return Ok(false);
        }
        let left = match self.left.get(&late.account) {
            Some(left) => *left,
            None => late.account.left(t.draft, t.now)?,
        };
        let fits = late.fits(left);
        if fits {
            self.left.insert(late.account, left.saturating_sub(late.cost));
        } else {
            self.left.insert(late.account, left);
            self.spent.insert(late.account);
            let due = late.due(left, t.now);
            self.due = Some(self.due.map_or(due, |at| at.min(due)));
        }
        Ok(fits)
    }
}
