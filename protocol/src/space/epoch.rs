//! Under which epoch an entry may be sealed. Writers and readers ask the same function.

use super::bits::Bits;
use super::fold::Fold;
use super::graph::{Graph, Past, What};
use crate::fault::Result;
use crate::ids::{NodeId, OrgId};
use crate::planted::{self, Bug};
use std::collections::BTreeSet;

/// Why an entry may not be sealed under an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SealError {
    /// It is no epoch that the entry follows.
    NotInPast,
    /// The custodian is out of the coalition.
    Closed,
    /// Minted before a revocation or retirement, here or in the coalition, that the entry follows.
    Late,
    /// Reaches other nodes than those that the entry's past authorises.
    OtherReach,
    /// Who minted it holds its key and may not read, and is not the writer.
    ByOutsider,
}

impl Graph {
    /// The nodes that an epoch claims to reach: by its wraps, and by the extends in `past`.
    pub fn reach(&self, epoch: u32, past: &Past) -> Result<BTreeSet<NodeId>> {
        let name = self.control_node(epoch)?.hash;
        let mut nodes = BTreeSet::new();
        if let What::Epoch { reach, .. } = &self.fact(epoch)?.what {
            nodes.extend(reach);
        }
        for &at in &self.extends {
            if past.own.has(at)
                && let What::Extend { epochs, reach } = &self.fact(at)?.what
                && epochs.binary_search(&name).is_ok()
            {
                nodes.extend(reach);
            }
        }
        Ok(nodes)
    }

    /// Whether an epoch was minted without knowing some removal in `past`: a revocation or retirement of this space, or of its
    /// coalition, whomever it names: who has not heard of it may yet let in whom it removed, and extend the epoch to its nodes.
    pub fn late(&self, coalition: Option<&Self>, epoch: u32, past: &Past) -> Result<bool> {
        let minted = self.past_of(epoch)?;
        if self.takes_out_more(&past.own, &minted.own)? {
            return Ok(true);
        }
        coalition.map_or(Ok(false), |coalition| coalition.takes_out_more(&past.coalition, &minted.coalition))
    }

    /// Whether a set of control entries has a revocation that `before`, a part of it, has not, or retires a node that `before` does not.
    /// A node that is retired comes in no more, so its retirement said once more, by who had not heard, takes out nobody. Of
    /// revocations each counts: who knew one and not the other may have let the organisation in again between them.
    fn takes_out_more(&self, set: &Bits, before: &Bits) -> Result<bool> {
        let (mut known, mut more) = (BTreeSet::new(), BTreeSet::new());
        for &at in self.removal_facts.iter().filter(|&&at| set.has(at)) {
            match &self.fact(at)?.what {
                What::Revoke { .. } if !before.has(at) => return Ok(true),
                What::Retire { node } => drop(if before.has(at) { &mut known } else { &mut more }.insert(*node)),
                _ => {}
            }
        }
        Ok(!more.is_subset(&known))
    }

    /// Whom revocations of this graph name, whether they stand or not.
    pub fn revoked(&self) -> BTreeSet<OrgId> {
        let facts = self.removal_facts.iter().filter_map(|&at| self.facts.get(at as usize));
        facts.filter_map(|fact| if let What::Revoke { org, .. } = &fact.what { Some(*org) } else { None }).collect()
    }

    /// Who was ever let in by these control entries, and the custodian.
    pub fn ever_in(&self, own: &Bits) -> Result<BTreeSet<OrgId>> {
        let mut orgs = BTreeSet::from([self.custodian]);
        for at in own.iter() {
            if let What::Grant { org, .. } = &self.fact(at)?.what {
                orgs.insert(*org);
            }
        }
        Ok(orgs)
    }

    /// Why an entry of `writer`'s with this causal past may not be sealed under the epoch; `None` if it may. `fold` is the fold of
    /// `past`.
    pub fn seal_error(
        &self,
        coalition: Option<&Self>,
        epoch: Option<u32>,
        past: &Past,
        fold: &Fold,
        writer: OrgId,
    ) -> Result<Option<SealError>> {
        let Some(epoch) = epoch.filter(|&c| past.own.has(c)) else { return Ok(Some(SealError::NotInPast)) };
        if !matches!(self.fact(epoch)?.what, What::Epoch { .. }) {
            return Ok(Some(SealError::NotInPast));
        }
        if fold.closed {
            return Ok(Some(SealError::Closed));
        }
        if planted::is(Bug::StaleEpochUsed) {
            return Ok(None);
        }
        if self.late(coalition, epoch, past)? {
            return Ok(Some(SealError::Late));
        }
        if self.reach(epoch, past)? != fold.readers && !planted::is(Bug::WidenedReach) {
            return Ok(Some(SealError::OtherReach));
        }
        let minter = self.control_node(epoch)?;
        if minter.org != writer && !fold.readers.contains(&minter.author) {
            return Ok(Some(SealError::ByOutsider));
        }
        Ok(None)
    }
}
