//! What counts: a fold over all accepted entries of a space, which may change either way when more arrive.
//!
//! An entry counts if its author is in and not retired, if it is a revocation, a retirement or an approval of a charter that was
//! adopted, or if an entry that counts follows it.
//! So what a removed organisation or a retired node wrote counts if it lies in the causal past of its removal or of an entry
//! of somebody who is in.

use super::bits::Bits;
use super::entry::Kind;
use super::fold::Fold;
use super::graph::{Graph, Node, Past};
use crate::fault::Result;
use crate::ids::EntryHash;
use crate::planted::{self, Bug};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What counts, for the entries that were there when it was made.
#[derive(Debug)]
pub(super) struct Counts {
    /// How many removals (and approvals of charters) of the space and of its coalition it knows: when these grow, it is made anew.
    removals: (usize, usize),
    /// Who was in when it was made.
    fold: Arc<Fold>,
    /// How many entries it has looked at.
    seen: u32,
    set: Bits,
    heads: BTreeSet<u32>,
    /// Entries that do not count.
    quarantined: u32,
}

impl Graph {
    /// Brings the counts up to all accepted entries, and the first `known` control entries of the coalition.
    pub fn count(&mut self, coalition: Option<&Self>, known: u32) -> Result<()> {
        let removed = |k: &Self| k.removal_facts.iter().filter(|&&at| at < known).count();
        let removals = (self.removal_facts.len(), coalition.map_or(0, removed));
        let past = Past {
            own: Bits::below(self.controls()),
            coalition: coalition.map(|_| Bits::below(known)).unwrap_or_default(),
        };
        let fold = self.fold_at(coalition, &past)?;
        let mut turned = std::mem::take(&mut self.turned);
        let mut counts = match self.counts.take() {
            // Without these, membership only grows: what counted still does, and only the quarantined may have to be judged again.
            Some(counts) if planted::is(Bug::CountsSticky) => counts,
            Some(counts) if counts.removals == removals && (counts.quarantined == 0 || counts.fold == fold) => counts,
            old => {
                let (set, heads) = (Bits::default(), BTreeSet::new());
                let mut new = Counts { removals, fold: fold.clone(), seen: 0, set, heads, quarantined: 0 };
                for i in 0..old.as_ref().map_or(0, |c| c.seen) {
                    new.take(self, &fold, i)?;
                }
                let old = old.map(|old| old.set).unwrap_or_default();
                (0..new.seen).filter(|i| old.has(*i) != new.set.has(*i)).for_each(|i| turn(&mut turned, i));
                new
            }
        };
        let known = counts.seen;
        while counts.seen < self.len() {
            for parent in counts.take(self, &fold, counts.seen)? {
                if parent < known {
                    turn(&mut turned, parent);
                }
            }
        }
        counts.fold = fold;
        self.turned = turned;
        self.counts = Some(counts);
        Ok(())
    }

    /// Whether an entry counts. After [`Graph::count`].
    pub fn counts(&self, i: u32) -> bool {
        self.counts.as_ref().is_some_and(|c| c.set.has(i))
    }

    /// The heads of what counts. After [`Graph::count`].
    pub fn counted_heads(&self) -> Vec<EntryHash> {
        self.hashes(self.counts.iter().flat_map(|c| c.heads.iter().copied()))
    }

    /// What counts now and did not, or counts no more, since this was last asked. After [`Graph::count`].
    pub fn take_turned(&mut self) -> Vec<EntryHash> {
        let turned = std::mem::take(&mut self.turned);
        self.hashes(turned)
    }

    /// The control entries that count and that no other such entry follows. After [`Graph::count`].
    pub fn counted_control_heads(&self) -> Result<Vec<u32>> {
        let mut followed = Bits::default();
        let mut counted = Vec::new();
        for c in 0..self.controls() {
            if self.counts(self.fact(c)?.entry) {
                followed.join(&self.past_of(c)?.own);
                counted.push(c);
            }
        }
        Ok(counted.into_iter().filter(|&c| !followed.has(c)).collect())
    }
}

/// What turns twice is as it was.
fn turn(turned: &mut BTreeSet<u32>, i: u32) {
    if !turned.remove(&i) {
        turned.insert(i);
    }
}

fn stands(node: &Node, fold: &Fold) -> bool {
    matches!(node.kind, Kind::Revoke | Kind::Retire)
        || fold.charter.as_ref().is_some_and(|chain| chain.approvals.contains(&node.hash))
        || (fold.members.contains_key(&node.org) && !fold.retired.contains(&node.author))
}

impl Counts {
    /// Looks at the next entry. Gives those before it that count since.
    fn take(&mut self, graph: &Graph, fold: &Fold, i: u32) -> Result<Vec<u32>> {
        self.seen = i + 1;
        let node = graph.node(i)?;
        if !stands(node, fold) {
            self.quarantined += 1;
            return Ok(Vec::new());
        }
        let mut gained = Vec::new();
        self.set.add(i);
        self.heads.insert(i);
        let mut todo = node.parents.clone();
        while let Some(parent) = todo.pop() {
            self.heads.remove(&parent);
            if self.set.add(parent) {
                self.quarantined -= 1;
                gained.push(parent);
                todo.extend(&graph.node(parent)?.parents);
            }
        }
        Ok(gained)
    }
}
