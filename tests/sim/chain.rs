//! The reference's charters: which is in force by some entries, and what of earlier ones still counts. Written from
//! `protocol/SPEC.md`; it shares no code with the chain that it judges.

use super::reference::{Reference, Set, What};
use belay_protocol::ids::{OrgId, ProposalId, SpaceId};
use belay_protocol::space::control::{Charter, Succession};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// A charter that is or was in force.
pub struct Adopted<'r> {
    pub id: ProposalId,
    pub charter: &'r Charter,
    /// The entries whose approvals go on counting under the charter that followed it; `None` for the one in force.
    behind: Option<Set>,
}

impl Reference {
    /// The charters that these entries of a coalition adopt, the one in force last. None in spaces of other kinds.
    pub fn chain(&self, coalition: SpaceId, by: &Set) -> Vec<Adopted<'_>> {
        let found = self.found.get(&coalition).map(|n| &self.entries[*n].what);
        let Some(What::Found { charter: Some(first), .. }) = found else { return Vec::new() };
        let mut chain = vec![Adopted { id: ProposalId(coalition.0), charter: first, behind: None }];
        loop {
            let last = chain.last_mut().unwrap();
            let Some((id, next)) = self.successor(last, by) else { return chain };
            let mut behind = Set::default();
            for head in &next.heads {
                let n = self.number[head];
                behind.add(n);
                behind.join(&self.entries[n].past);
            }
            last.behind = Some(behind);
            chain.push(Adopted { id, charter: &next.charter, behind: None });
        }
    }

    /// The charter that follows: of those that more than half of the stewards approve, the one with more approvals, then the one of
    /// the lower name. A retired node's yes counts if a retirement of that node follows it.
    fn successor(&self, last: &Adopted<'_>, by: &Set) -> Option<(ProposalId, &Succession)> {
        let mut said: BTreeMap<ProposalId, (BTreeSet<OrgId>, &Succession)> = BTreeMap::new();
        for n in self.approvals.iter().copied().filter(|n| by.has(*n)) {
            let e = &self.entries[n];
            let What::Approve { id, next } = &e.what else { continue };
            if next.previous != last.id || !last.charter.stewards.contains(&e.author) {
                continue;
            }
            let mut retired = self.entries.iter().enumerate().filter(|(r, other)| {
                by.has(*r) && other.space == e.space && matches!(other.what, What::Retire { node } if node == e.node)
            });
            let first = retired.next();
            if first.is_none_or(|(_, r)| r.past.has(n)) || retired.any(|(_, r)| r.past.has(n)) {
                said.entry(*id).or_insert_with(|| (BTreeSet::new(), next)).0.insert(e.author);
            }
        }
        let enough = said.into_iter().filter(|(_, (yes, _))| yes.len() * 2 > last.charter.stewards.len());
        enough.max_by_key(|(id, (yes, _))| (yes.len(), Reverse(*id))).map(|(id, (_, next))| (id, next))
    }

    /// The charter in force in this causal past.
    pub fn under(&self, space: SpaceId, past: &Set) -> ProposalId {
        self.chain(space, past).last().map_or(ProposalId::ZERO, |last| last.id)
    }

    /// Whether a revocation or an admission counts by these entries as far as charters go: it was said under the one in force, or lies
    /// behind the line that the next one drew, or those whose word it is would be enough under the one in force.
    pub fn backed(&self, n: usize, by: &Set) -> bool {
        let e = &self.entries[n];
        if self.approvals.is_empty() {
            return true;
        }
        let chain = self.chain(e.space, by);
        let Some(force) = chain.last() else { return true };
        let (under, enough) = match &e.what {
            What::Revoke { org, .. } if *org == e.author => return true,
            What::Revoke { approvers, under, .. } => {
                let yes = force.charter.stewards.iter().filter(|steward| approvers.contains(steward)).count();
                (under, yes >= force.charter.threshold as usize)
            }
            What::Grant { under, .. } => (under, force.charter.stewards.contains(&e.author)),
            _ => return true,
        };
        enough || chain.iter().any(|one| one.id == *under && one.behind.as_ref().is_some_and(|set| set.has(n)))
    }

    /// Whether enough stewards, by the entry's own causal past, want a removal from a coalition.
    pub fn enough_want(&self, n: usize) -> bool {
        let e = &self.entries[n];
        let What::Revoke { org, approvers, .. } = &e.what else { return true };
        let chain = self.chain(e.space, &e.past);
        let Some(force) = chain.last().filter(|_| *org != e.author) else { return true };
        let yes = force.charter.stewards.iter().filter(|steward| approvers.contains(steward)).count();
        yes >= force.charter.threshold as usize
    }

    /// Organisations that are in a coalition whatever way one looks at these entries: let in by a node that is not retired of one that
    /// nobody ever took out, under a charter that still backs it, and every revocation that stands lies before. More may be in.
    pub fn surely_in(&self, coalition: SpaceId, by: &Set) -> BTreeSet<OrgId> {
        let Some(found) = self.found.get(&coalition).filter(|n| by.has(**n)) else { return BTreeSet::new() };
        let founder = self.entries[*found].author;
        let mut sure = BTreeSet::new();
        if self.revocations(coalition, founder, by).is_empty() {
            sure.insert(founder);
        }
        let retired: BTreeSet<_> =
            self.retirements(coalition).filter(|(n, _)| by.has(*n)).map(|(_, node)| node).collect();
        loop {
            let before = sure.len();
            for (n, e) in self.entries.iter().enumerate().filter(|(n, e)| by.has(*n) && e.space == coalition) {
                let What::Grant { org, .. } = &e.what else { continue };
                let outlives = self.revocations(coalition, *org, by).into_iter().all(|r| self.spared(n, r, by));
                if sure.contains(&e.author) && !retired.contains(&e.node) && outlives && self.backed(n, by) {
                    sure.insert(*org);
                }
            }
            if sure.len() == before {
                return sure;
            }
        }
    }
}
