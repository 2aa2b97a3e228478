//! Proposals to the stewards: what is open, who has approved it, and what a node does once enough have.
//!
//! Each approval is an entry of its own and holds the whole proposal, so that stewards who are never on line together still come
//! together: whoever carries the coalition's space carries them. A charter needs nobody to finish it: the fold sees when it is
//! adopted. A removal ends in one `revoke` that holds the approvals; the node of any steward that approved writes it as soon as it
//! holds enough. Two that do so at once do no harm.

use super::approve;
use super::control::{Approval, Approve, Charter, Control, Proposal, Removal, Revoke, Succession};
use super::entry::Kind;
use super::fold::Fold;
use super::graph::{Graph, What};
use super::record::{Offered, Written};
use super::spaces::{By, Spaces};
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, NodeId, OrgId, ProposalId, SpaceId};
use crate::keys::Signature;
use crate::store::{Draft, View};
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// How a proposal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProposalState {
    /// Approvals count for it.
    Open,
    /// It names a steward that is in no more: nobody can approve it now.
    Stuck,
    /// The charter is in force, or the organisation is out.
    Done,
    /// Another charter has followed the one under which it was proposed.
    Over,
}

/// A proposal with its approvals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposed {
    pub id: ProposalId,
    pub proposal: Proposal,
    /// Who approved it first, as far as entries tell.
    pub by: OrgId,
    /// What that author's clock said.
    pub time: Time,
    /// The stewards whose approvals count.
    pub approvers: BTreeSet<OrgId>,
    /// How many it takes.
    pub needed: usize,
    pub state: ProposalState,
}

/// The approvals of one proposal in a graph.
struct Gathered<'g> {
    proposal: &'g Proposal,
    /// Control entries past, hash, organisation and time of the first.
    first: ((u32, EntryHash), OrgId, Time),
    /// Those whose authors are nodes of members now.
    signed: BTreeMap<OrgId, (NodeId, Signature)>,
    /// All of them.
    ever: BTreeSet<OrgId>,
}

impl Graph {
    fn gathered(&self, fold: &Fold) -> Result<BTreeMap<ProposalId, Gathered<'_>>> {
        let mut all: BTreeMap<ProposalId, Gathered<'_>> = BTreeMap::new();
        for &at in &self.approvals {
            let What::Approve { id, proposal, signature, .. } = &self.fact(at)?.what else { continue };
            let node = self.control_node(at)?;
            let rank = (self.past_of(at)?.own.len(), node.hash);
            let first = (rank, node.org, self.fact(at)?.time);
            let gathered = all.entry(*id).or_insert_with(|| Gathered {
                proposal,
                first,
                signed: BTreeMap::new(),
                ever: BTreeSet::new(),
            });
            if rank < gathered.first.0 {
                gathered.first = first;
            }
            gathered.ever.insert(node.org);
            if fold.nodes.get(&node.author) == Some(&node.org) {
                gathered.signed.insert(node.org, (node.author, *signature));
            }
        }
        Ok(all)
    }

    /// Every proposal of this coalition, in order of id.
    fn proposals(&self, fold: &Fold) -> Result<Vec<Proposed>> {
        let none = || Fault::bug("proposals: a coalition without a charter");
        let chain = fold.charter.as_ref().ok_or_else(none)?;
        let (force, charter) = chain.in_force().ok_or_else(none)?;
        let mut all = Vec::new();
        for (id, gathered) in self.gathered(fold)? {
            let (state, needed) = match gathered.proposal {
                Proposal::Charter(next) if chain.charter(&id).is_some() => {
                    (ProposalState::Done, chain.charter(&next.previous).map_or(0, Charter::majority))
                }
                Proposal::Charter(next) if next.previous == force => {
                    let all_in = next.charter.stewards.iter().all(|org| fold.members.contains_key(org));
                    (if all_in { ProposalState::Open } else { ProposalState::Stuck }, charter.majority())
                }
                Proposal::Charter(_) => (ProposalState::Over, 0),
                Proposal::Removal(removal) if !still_in(fold, removal) => {
                    (ProposalState::Done, charter.threshold as usize)
                }
                Proposal::Removal(removal) if removal.under == force => {
                    (ProposalState::Open, charter.threshold as usize)
                }
                Proposal::Removal(_) => (ProposalState::Over, charter.threshold as usize),
            };
            let approvers = match state {
                ProposalState::Open | ProposalState::Stuck => {
                    gathered.signed.keys().filter(|org| charter.stewards.contains(org)).copied().collect()
                }
                ProposalState::Done | ProposalState::Over => gathered.ever,
            };
            let (_, by, time) = gathered.first;
            all.push(Proposed { id, proposal: gathered.proposal.clone(), by, time, approvers, needed, state });
        }
        Ok(all)
    }
}

/// Whether an organisation is in by the grant that a removal is to end.
fn still_in(fold: &Fold, removal: &Removal) -> bool {
    fold.members.get(&removal.org).is_some_and(|seat| match &removal.grant {
        Some(grant) => seat.grants.contains(grant),
        None => seat.grants.is_empty(),
    })
}

impl Spaces {
    /// Every proposal of a coalition with its approvals, in order of id.
    ///
    /// # Errors
    /// `Misuse` if the coalition is not here; `Store`.
    pub fn proposals(&mut self, view: &dyn View, coalition: SpaceId) -> Result<Vec<Proposed>> {
        let fold = self.fold(view, coalition)?;
        self.pair(coalition)?.0.proposals(&fold)
    }

    /// Proposes the charter that is to follow the one in force, and approves it. With one steward it is in force at once.
    /// `instead`: although this organisation has approved another that is open.
    ///
    /// # Errors
    /// `NotPermitted` if this organisation is no steward or has approved another, or a steward that it names is not in.
    pub fn propose_charter(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        coalition: SpaceId,
        stewards: BTreeSet<OrgId>,
        threshold: u32,
        instead: bool,
    ) -> Result<(ProposalId, Written)> {
        let mut offered = Offered::default();
        // More control heads than an entry names are joined first.
        let heads = self.ground(draft, by, coalition, Kind::Approve, &[], &mut offered)?.parents;
        let fold = self.fold(draft, coalition)?;
        let none = || Fault::misuse("this space is no coalition");
        let (previous, charter) = fold.charter.as_ref().and_then(|chain| chain.in_force()).ok_or_else(none)?;
        let stewards: Vec<OrgId> = stewards.into_iter().collect();
        if charter.stewards == stewards && charter.threshold == threshold {
            return Err(Fault::not_permitted("that is the charter in force already"));
        }
        let next = Charter { number: charter.number.saturating_add(1), stewards, threshold };
        let proposal = Proposal::Charter(Succession { previous, charter: next, heads });
        let (id, mut written) = self.say_yes(draft, by, coalition, proposal, instead)?;
        offered.and(written.offered);
        written.offered = offered;
        Ok((id, written))
    }

    /// Proposes that an organisation be taken out of the coalition, and approves it.
    ///
    /// # Errors
    /// `NotPermitted` if this organisation is no steward or has approved it before, or `org` is not in.
    pub fn propose_removal(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        coalition: SpaceId,
        org: OrgId,
    ) -> Result<(ProposalId, Written)> {
        let fold = self.fold(draft, coalition)?;
        let none = || Fault::misuse("this space is no coalition");
        let (under, _) = fold.charter.as_ref().and_then(|chain| chain.in_force()).ok_or_else(none)?;
        let grant = fold.members.get(&org).and_then(|seat| seat.grants.first().copied());
        self.say_yes(draft, by, coalition, Proposal::Removal(Removal { under, org, grant }), false)
    }

    /// Approves a proposal that is open. `instead`: although this organisation has approved another charter that is open.
    ///
    /// # Errors
    /// `Misuse` if there is none such, `NotPermitted` if it is not open, or not this organisation's to approve.
    pub fn approve(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        coalition: SpaceId,
        id: &ProposalId,
        instead: bool,
    ) -> Result<Written> {
        let proposals = self.proposals(draft, coalition)?;
        let found = proposals.into_iter().find(|proposed| proposed.id == *id);
        let proposed = found.ok_or_else(|| Fault::misuse(format!("there is no proposal {} here", id.short())))?;
        self.say_yes(draft, by, coalition, proposed.proposal, instead).map(|(_, written)| written)
    }

    fn say_yes(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        coalition: SpaceId,
        proposal: Proposal,
        instead: bool,
    ) -> Result<(ProposalId, Written)> {
        let id = approve::id(coalition, &proposal);
        let own = self.fold(draft, coalition)?.nodes.get(&by.key.id()).copied();
        let own = own.ok_or_else(|| Fault::not_permitted("this node is not in the coalition"))?;
        for other in self.proposals(draft, coalition)? {
            if !other.approvers.contains(&own) {
                continue;
            }
            if other.id == id {
                return Err(Fault::not_permitted("this organisation has approved that already"));
            }
            let rival = other.state == ProposalState::Open && follow_one(&other.proposal, &proposal);
            if rival && !instead {
                return Err(Fault::not_permitted(format!(
                    "this organisation has approved another charter that is still open, {}",
                    other.id.short()
                )));
            }
        }
        let signature = approve::sign(by.key, coalition, &proposal);
        let approve = Control::Approve(Approve { proposal, signature });
        Ok((id, self.write_control(draft, by, coalition, &approve, &[])?))
    }

    /// Takes out of the coalition whom enough stewards, this node's organisation among them, want out.
    pub(super) fn carry_out_removals(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        coalition: SpaceId,
        offered: &mut Offered,
    ) -> Result<()> {
        for (removal, approvals) in self.due_removals(draft, coalition, by.key.id())? {
            // Two removals may be due that can not both be carried out.
            if !still_in(&*self.fold(draft, coalition)?, &removal) {
                continue;
            }
            let words = self.data_words(draft, coalition, removal.org)?;
            let revoke = Control::Revoke(Revoke { org: removal.org, grant: removal.grant, approvals, word: false });
            offered.and(self.write_control(draft, by, coalition, &revoke, &words)?.offered);
        }
        Ok(())
    }

    /// The open removals that `me`'s organisation has approved and that have enough approvals, with those of the others.
    fn due_removals(
        &mut self,
        view: &dyn View,
        coalition: SpaceId,
        me: NodeId,
    ) -> Result<Vec<(Removal, Vec<Approval>)>> {
        let fold = self.fold(view, coalition)?;
        let (graph, _) = self.pair(coalition)?;
        let mut due = Vec::new();
        let Some(own) = fold.nodes.get(&me) else { return Ok(due) };
        let mut gathered = graph.gathered(&fold)?;
        for open in graph.proposals(&fold)?.into_iter().filter(|p| p.state == ProposalState::Open) {
            let (Proposal::Removal(removal), Some(gathered)) = (open.proposal, gathered.remove(&open.id)) else {
                continue;
            };
            if open.approvers.len() < open.needed || !open.approvers.contains(own) {
                continue;
            }
            // Under the charter in force, so all of them are its stewards'.
            let others = gathered.signed.into_iter().filter(|(org, _)| org != own);
            let mut approvals: Vec<Approval> =
                others.map(|(_, (node, signature))| Approval { node, signature }).collect();
            approvals.sort_unstable_by_key(|approval| approval.node);
            due.push((removal, approvals));
        }
        Ok(due)
    }
}

/// Whether both are charters that are to follow the same one.
fn follow_one(one: &Proposal, other: &Proposal) -> bool {
    matches!((one, other), (Proposal::Charter(a), Proposal::Charter(b)) if a.previous == b.previous)
}
