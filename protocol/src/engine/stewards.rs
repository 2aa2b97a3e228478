//! What stewards decide together: charters and removals.

use super::{Engine, Step};
use crate::fault::{Fault, Result};
use crate::ids::{OrgId, ProposalId, SpaceId};
use crate::space::{By, Offered, Proposed, Spaces, Written};
use crate::store::{Draft, View};
use std::collections::BTreeSet;

impl Engine {
    /// Every proposal to the stewards of a coalition, in order of id.
    ///
    /// # Errors
    /// `Misuse` if the coalition is not here; `Store`.
    pub fn proposals(&mut self, view: &dyn View, coalition: SpaceId) -> Result<Vec<Proposed>> {
        self.spaces.proposals(view, coalition)
    }
}

impl Step<'_> {
    /// Proposes a charter to the stewards, and approves it. `instead`: although we have approved another that is open.
    ///
    /// # Errors
    /// `NotPermitted` if we are no steward, have approved another, or name one that is not in.
    pub fn propose_charter(
        &mut self,
        coalition: SpaceId,
        stewards: BTreeSet<OrgId>,
        threshold: u32,
        instead: bool,
    ) -> Result<Proposed> {
        self.decide(coalition, |spaces, draft, by| {
            spaces.propose_charter(draft, by, coalition, stewards, threshold, instead)
        })
    }

    /// Proposes to the stewards that an organisation be removed, and approves it. Where one steward's word is enough, it is removed.
    ///
    /// # Errors
    /// `NotPermitted` if we are no steward or have approved that, or `org` is not in or the last steward.
    pub fn propose_removal(&mut self, coalition: SpaceId, org: OrgId) -> Result<Proposed> {
        self.decide(coalition, |spaces, draft, by| spaces.propose_removal(draft, by, coalition, org))
    }

    /// Approves what was proposed. `instead`: although we have approved another charter that is open.
    ///
    /// # Errors
    /// `Misuse` if there is no such proposal, `NotPermitted` if it is not ours to approve, or not any more.
    pub fn approve_proposal(&mut self, coalition: SpaceId, id: ProposalId, instead: bool) -> Result<Proposed> {
        self.decide(coalition, |spaces, draft, by| Ok((id, spaces.approve(draft, by, coalition, &id, instead)?)))
    }

    /// Writes an approval, draws what follows from it, and tells how the proposal stands then.
    fn decide(
        &mut self,
        coalition: SpaceId,
        write: impl FnOnce(&mut Spaces, &mut Draft<'_>, &mut By<'_>) -> Result<(ProposalId, Written)>,
    ) -> Result<Proposed> {
        self.in_space(coalition)?;
        let mut by = By { key: self.engine.identity.key(), now: self.ctx.now, random: self.ctx.random };
        let (id, written) = write(&mut self.engine.spaces, &mut self.draft, &mut by)?;
        let tended: Offered = self.engine.spaces.tend(&mut self.draft, &mut by, coalition)?;
        self.work.got.wrote(written.offered);
        self.work.got.wrote(tended);
        let proposals = self.engine.spaces.proposals(&self.draft, coalition)?;
        let found = proposals.into_iter().find(|proposed| proposed.id == id);
        found.ok_or_else(|| Fault::bug("an approval was written and its proposal is not here"))
    }
}
