//! The charter chain of a causally closed set of the coalition's control entries: which charter is in force, by which approvals, and
//! what counts of that which was approved under earlier ones.
//!
//! It hangs on retirements alone, so that it stands before grants and revocations are looked at: they hang on it. A charter is
//! adopted once more than half of the stewards of the one before have approved it. Of rivals the one with more approvals is
//! in force, then the one with the lower id: whatever order they came in.

use super::bits::Bits;
use super::control::{Charter, Proposal};
use super::graph::{Graph, What};
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, NodeId, OrgId, ProposalId};
use crate::planted::{self, Bug};
use std::collections::{BTreeMap, BTreeSet};

/// The charters of a coalition.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chain {
    /// Each charter that was adopted, number one first. The last is in force.
    pub charters: Vec<(ProposalId, Charter)>,
    /// The entries that approve them: they count, whatever became of their authors.
    pub approvals: BTreeSet<EntryHash>,
    /// Stewards that approved two charters which were to follow the same one, and both were adopted. One of each pair is void.
    pub double: BTreeSet<OrgId>,
}

/// A chain, and where in the graph each charter ends what was approved under the one before.
pub(super) struct Linked {
    pub chain: Chain,
    /// For each charter that another followed: the control entries at or before the heads that the next one names.
    cuts: BTreeMap<ProposalId, Bits>,
}

/// One charter that was proposed to follow another.
struct Candidate<'g> {
    charter: &'g Charter,
    cut: &'g Bits,
    /// The entries that approve it, by steward.
    support: BTreeMap<OrgId, Vec<EntryHash>>,
}

impl Chain {
    /// The charter in force, with its id. `None` only for the default value, which no coalition has.
    #[must_use]
    pub fn in_force(&self) -> Option<(ProposalId, &Charter)> {
        self.charters.last().map(|(id, charter)| (*id, charter))
    }

    /// The charter of this id, if it is or was in force.
    #[must_use]
    pub fn charter(&self, id: &ProposalId) -> Option<&Charter> {
        self.charters.iter().find(|(of, _)| of == id).map(|(_, charter)| charter)
    }

    /// The charter that this one followed.
    #[must_use]
    pub fn before(&self, id: &ProposalId) -> Option<&Charter> {
        self.charters.windows(2).find_map(|pair| match pair {
            [(_, before), (of, _)] if of == id => Some(before),
            _ => None,
        })
    }

    /// Whether the charter in force names this organisation.
    #[must_use]
    pub fn names(&self, org: &OrgId) -> bool {
        self.in_force().is_some_and(|(_, charter)| charter.stewards.contains(org))
    }
}

impl Linked {
    /// Whether what was approved at control entry `at`, under charter `under`, goes on counting: it lies behind the line that
    /// the next charter drew, or those who approved it would be `enough` under the charter in force.
    pub fn backs(&self, at: u32, under: &ProposalId, enough: impl Fn(&Charter) -> bool) -> bool {
        if planted::is(Bug::OldCharterLives) {
            return true;
        }
        let before = self.cuts.get(under).is_some_and(|cut| cut.has(at));
        before || self.chain.in_force().is_some_and(|(_, charter)| enough(charter))
    }
}

impl Graph {
    /// The chain of the coalition's control entries in a causally closed set.
    pub fn chain_at(&self, set: &Bits) -> Result<Linked> {
        let first = self.charter.clone().ok_or_else(|| Fault::bug("charter: this space is no coalition"))?;
        let mut linked = Linked {
            chain: Chain { charters: vec![(ProposalId(self.space.0), first)], ..Chain::default() },
            cuts: BTreeMap::new(),
        };
        let mut proposed = self.candidates(set)?;
        while let Some((id, charter)) = linked.chain.in_force() {
            let needed = charter.majority();
            let mut adopted: Vec<(ProposalId, Candidate<'_>)> = Vec::new();
            for (of, candidate) in proposed.remove(&id).unwrap_or_default() {
                if candidate.support.len() >= needed {
                    adopted.push((of, candidate));
                }
            }
            if !planted::is(Bug::RivalByArrival) {
                adopted.sort_by_key(|(of, candidate)| (std::cmp::Reverse(candidate.support.len()), *of));
            }
            let mut signed = BTreeSet::new();
            for org in adopted.iter().flat_map(|(_, candidate)| candidate.support.keys()) {
                if !signed.insert(*org) {
                    linked.chain.double.insert(*org);
                }
            }
            let Some((next, candidate)) = adopted.into_iter().next() else { break };
            linked.chain.approvals.extend(candidate.support.values().flatten());
            linked.cuts.insert(id, candidate.cut.clone());
            linked.chain.charters.push((next, candidate.charter.clone()));
        }
        Ok(linked)
    }

    /// The charters that were proposed in a set, by the one that they are to follow, in order of acceptance. An approval of a node
    /// since retired is none, unless a retirement of that node is behind it.
    fn candidates(&self, set: &Bits) -> Result<BTreeMap<ProposalId, Vec<(ProposalId, Candidate<'_>)>>> {
        let mut proposed: BTreeMap<ProposalId, Vec<(ProposalId, Candidate<'_>)>> = BTreeMap::new();
        if self.approvals.is_empty() {
            return Ok(proposed);
        }
        let retired = self.retired_in(set)?;
        let mut places: BTreeMap<(ProposalId, ProposalId), usize> = BTreeMap::new();
        for &at in self.approvals.iter().filter(|&&at| set.has(at)) {
            let node = self.control_node(at)?;
            let What::Approve { id, proposal: Proposal::Charter(next), cut, .. } = &self.fact(at)?.what else {
                continue;
            };
            let mut stands = true;
            if let Some(retires) = retired.get(&node.author) {
                stands = false;
                for &retire in retires {
                    stands |= self.past_of(retire)?.own.has(at);
                }
            }
            if !stands {
                continue;
            }
            let rivals = proposed.entry(next.previous).or_default();
            let place = *places.entry((next.previous, *id)).or_insert(rivals.len());
            if place == rivals.len() {
                rivals.push((*id, Candidate { charter: &next.charter, cut, support: BTreeMap::new() }));
            }
            if let Some((_, candidate)) = rivals.get_mut(place) {
                candidate.support.entry(node.org).or_default().push(node.hash);
            }
        }
        Ok(proposed)
    }

    /// The nodes that a set retires, with the entries that do so.
    pub fn retired_in(&self, set: &Bits) -> Result<BTreeMap<NodeId, Vec<u32>>> {
        let mut retired: BTreeMap<NodeId, Vec<u32>> = BTreeMap::new();
        for &at in self.removal_facts.iter().filter(|&&at| set.has(at)) {
            if let What::Retire { node } = &self.fact(at)?.what {
                retired.entry(*node).or_default().push(at);
            }
        }
        Ok(retired)
    }

    /// The id of the charter in force in a set.
    pub fn force_at(&self, set: &Bits) -> Result<ProposalId> {
        let linked = self.chain_at(set)?;
        linked.chain.in_force().map(|(id, _)| id).ok_or_else(|| Fault::bug("charter: a coalition has one"))
    }

    /// Whether a revocation of this coalition stands in a set whose chain is `linked`: it is a leave, or its approvals go on counting.
    pub fn revocation_stands(&self, linked: &Linked, at: u32) -> Result<bool> {
        let What::Revoke { org, approvers, under } = &self.fact(at)?.what else { return Ok(false) };
        let enough = |charter: &Charter| {
            let approving = charter.stewards.iter().filter(|steward| approvers.contains(steward)).count();
            u32::try_from(approving).is_ok_and(|n| n >= charter.threshold)
        };
        Ok(self.control_node(at)?.org == *org || linked.backs(at, under, enough))
    }
}
