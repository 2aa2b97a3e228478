//! What lies here and waits for its organisation's account alone: taken as that fills.

use super::record::Offered;
use super::spaces::Spaces;
use super::waiting::Waiting;
use crate::fault::{Class, Result};
use crate::ids::{EntryHash, NodeId, SpaceId};
use crate::store::{Draft, View};
use crate::time::Time;
use std::collections::BTreeSet;

impl Spaces {
    /// Takes of what waits for an account alone what there is room for by now. Gives what was offered and what came of it.
    ///
    /// # Errors
    /// `Store`.
    pub fn take_owed(&mut self, draft: &mut Draft<'_>, now: Time) -> Result<Vec<(EntryHash, Offered)>> {
        let mut taken = Vec::new();
        for (hash, late) in self.waiting.owing(draft)? {
            let due = match late {
                Some(late) => late.fits(late.account.left(draft, now)?),
                None => true,
            };
            let Some(waited) = due.then(|| Waiting::owed(draft, &hash)).transpose()?.flatten() else { continue };
            match self.offer_on(draft, waited.entry, waited.from, now, waited.terms) {
                Ok(offered) if offered.waits => {}
                Ok(offered) => taken.push((hash, offered)),
                Err(fault) if matches!(fault.class, Class::Store | Class::Bug) => return Err(fault),
                // What is refused is not here any more.
                Err(_) => self.waiting.drop_one(draft, &hash)?,
            }
        }
        Ok(taken)
    }

    /// Drops what has waited for too long for something that never came. Gives the nodes of which everything is to be asked anew: who sent
    /// it, and who may have its space; a bookmark of theirs may go past it.
    ///
    /// # Errors
    /// `Store`.
    pub fn drop_waited(&mut self, draft: &mut Draft<'_>, now: Time) -> Result<BTreeSet<NodeId>> {
        let dropped = self.waiting.drop_old(draft, now)?;
        let mut nodes: BTreeSet<NodeId> = dropped.iter().filter_map(|waited| waited.from).collect();
        for space in dropped.iter().map(|waited| waited.space).collect::<BTreeSet<SpaceId>>() {
            if self.record(draft, space)?.is_some() {
                nodes.extend(self.fold(draft, space)?.nodes.keys());
            }
        }
        Ok(nodes)
    }

    /// When [`Spaces::drop_waited`] has something to look at.
    ///
    /// # Errors
    /// `Store`.
    pub fn next_waited(&mut self, view: &dyn View) -> Result<Option<Time>> {
        self.waiting.next_old(view)
    }

    /// Whether anything lies here that waits for an account alone.
    ///
    /// # Errors
    /// `Store`.
    pub fn owes(&mut self, view: &dyn View) -> Result<bool> {
        self.waiting.owes(view)
    }

    /// When the next of these may be taken.
    ///
    /// # Errors
    /// `Store`.
    pub fn next_owed(&mut self, view: &dyn View, now: Time) -> Result<Option<Time>> {
        self.waiting.next_owed(view, now)
    }
}
