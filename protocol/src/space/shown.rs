//! Charters that are shown to who was taken out, apart from the graph: who was away while the stewards changed can so check by whom it
//! was removed, and under which charter.
//!
//! Whoever tells of a removal sends before it, for each charter that followed the first, approvals of more than half of the stewards
//! before it, each behind the entry that certified its author's node. The removed follows them from any charter that it knows, since what it
//! has in force may be a rival of theirs: a steward is
//! named by its root key's hash, and a certificate is signed by that key, so that nothing else has to be here. What it can not check is whether
//! a node was retired since, or a rival has more approvals: as of every notice, that is doubted when who governs the space shows it again.

use super::approve;
use super::control::{Approve, Charter, Control, Proposal, Revoke, Succession};
use super::entry::Entry;
use super::graph::What;
use super::load;
use super::spaces::Spaces;
use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, NodeId, OrgId, ProposalId, SpaceId};
use crate::limits;
use crate::planted::{self, Bug};
use crate::store::{Draft, Table, View, after_prefix};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Charters that were shown, in [`Table::Own`]: coalition and proposal -> [`Shown`].
const CHARTERS: &[u8] = b"charters/";
/// Names of organisations that were let in meanwhile, as shown, in [`Table::Own`]: coalition and organisation -> name.
const NAMES: &[u8] = b"names/";

/// A charter that was shown, and the stewards of the one before whose approval was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Shown {
    next: Succession,
    approved: BTreeSet<OrgId>,
}

impl Spaces {
    /// What shows the charter under which a removal was approved: groups of entries, one for each charter after the first, that charter's
    /// approvals behind the certificates of their authors.
    pub(super) fn succession(
        &mut self,
        view: &dyn View,
        coalition: SpaceId,
        removal: &EntryHash,
    ) -> Result<Vec<Vec<Entry>>> {
        let (_, i) = self.place(view, removal)?;
        let (graph, _) = self.opened(view, coalition)?;
        let Some(at) = graph.node(i)?.control else { return Ok(Vec::new()) };
        let What::Revoke { under, .. } = &graph.fact(at)?.what else { return Ok(Vec::new()) };
        let chain = graph.chain_at(&super::bits::Bits::below(graph.controls()))?.chain;
        let Some(under) = chain.charters.iter().position(|(id, _)| id == under) else { return Ok(Vec::new()) };
        // Also the one that followed, if one did: whoever knows its rival has that in force, under which the removal is void.
        let last = (under + 1).min(chain.charters.len().saturating_sub(1));
        let mut approvals: Vec<Vec<(EntryHash, NodeId)>> = vec![Vec::new(); last];
        let mut heard: Vec<BTreeSet<OrgId>> = vec![BTreeSet::new(); last];
        for at in 0..graph.controls() {
            let What::Approve { id, .. } = &graph.fact(at)?.what else { continue };
            let node = graph.control_node(at)?;
            let pairs = chain.charters.windows(2).zip(approvals.iter_mut().zip(heard.iter_mut()));
            for (pair, (approvals, heard)) in pairs {
                let [(_, before), (of, _)] = pair else { continue };
                let more = chain.approvals.contains(&node.hash) && heard.len() < before.majority();
                if of == id && more && heard.insert(node.org) {
                    approvals.push((node.hash, node.author));
                }
            }
        }
        let mut groups = Vec::new();
        for approvals in approvals {
            let mut group = Vec::new();
            for (hash, author) in approvals {
                group.extend(self.certifying(view, coalition, &author)?);
                group.extend(load::entry(view, &hash)?);
            }
            groups.push(group);
        }
        Ok(groups)
    }

    /// Takes an approval of a charter that somebody shows us apart from the graph. Of one that follows no charter that is known so far, or
    /// whose author is no node of a steward before it, nothing is kept.
    ///
    /// # Errors
    /// `Misbehaved` for a charter that can follow none; `Store`.
    pub fn shown_charter(&mut self, draft: &mut Draft<'_>, entry: &Entry) -> Result<()> {
        let coalition = entry.space();
        let Some(Control::Approve(Approve { proposal, signature })) =
            Control::decode(entry.header().kind, entry.body())?
        else {
            return Err(Fault::misbehaved("removal notice: no approval of a charter"));
        };
        let id = approve::id(coalition, &proposal);
        let author = entry.header().author;
        let signed = approve::signed(coalition, &proposal, &[super::control::Approval { node: author, signature }]);
        let Proposal::Charter(next) = proposal else { return Ok(()) };
        if signed.is_empty() || self.coalition_of(draft, coalition)? != Some(coalition) {
            return Ok(());
        }
        // Of one that the graph knows nothing need be shown.
        if self.roster(draft, coalition)?.chain.charter(&id).is_some() {
            return Ok(());
        }
        let Some(before) = self.charter_known(draft, coalition, &next.previous)? else { return Ok(()) };
        let Some(org) = self.holder(draft, coalition, &author)? else { return Ok(()) };
        let follows = before.number.checked_add(1) == Some(next.charter.number) && before.stewards.contains(&org);
        if !follows {
            return Ok(());
        }
        let key = [CHARTERS, coalition.as_bytes(), id.as_bytes()].concat();
        let mut shown = match draft.get(Table::Own, &key)? {
            Some(row) => read(&row)?,
            None if rows(draft, coalition)?.len() >= limits::CHARTERS_SHOWN => return Ok(()),
            None => Shown { next, approved: BTreeSet::new() },
        };
        if shown.approved.insert(org) {
            draft.put(Table::Own, key, codec::encode(&shown));
        }
        Ok(())
    }

    /// A charter of this id that is or was in force, by the graph, or that was shown to follow one of those, each by more than half of the
    /// stewards before it.
    fn charter_known(&mut self, view: &dyn View, coalition: SpaceId, id: &ProposalId) -> Result<Option<Charter>> {
        if let Some(charter) = self.roster(view, coalition)?.chain.charter(id) {
            return Ok(Some(charter.clone()));
        }
        let followed = self.followed(view, coalition)?;
        Ok(followed.into_iter().find(|(of, _)| of == id).map(|(_, next)| next.charter))
    }

    /// The charters that were shown to follow one that is or was in force here, in their order: those that this organisation has not heard
    /// of yet, and rivals of those that it has.
    fn followed(&mut self, view: &dyn View, coalition: SpaceId) -> Result<Vec<(ProposalId, Succession)>> {
        let roster = self.roster(view, coalition)?;
        let mut left = rows(view, coalition)?;
        left.retain(|(id, _)| roster.chain.charter(id).is_none());
        let mut followed: Vec<(ProposalId, Succession)> = Vec::new();
        loop {
            let adopted = left.iter().position(|(_, shown)| {
                let previous = &shown.next.previous;
                let after = followed.iter().find(|(of, _)| of == previous).map(|(_, next)| &next.charter);
                let before = roster.chain.charter(previous).or(after);
                let enough =
                    |before: &Charter| shown.approved.len() >= before.majority() || planted::is(Bug::CharterUnchecked);
                before.is_some_and(enough)
            });
            let Some(at) = adopted else { break };
            let (id, shown) = left.swap_remove(at);
            followed.push((id, shown.next));
        }
        Ok(followed)
    }

    /// Whether an organisation is a steward by a charter that was shown.
    pub(super) fn steward_shown(&mut self, view: &dyn View, coalition: SpaceId, org: &OrgId) -> Result<bool> {
        Ok(self.followed(view, coalition)?.iter().any(|(_, next)| next.charter.stewards.contains(org)))
    }

    /// The charter under which these stewards could remove: the author's organisation and those that approve. The one in force here; one that
    /// was shown to follow it or an earlier one; or an earlier one after which a rival was shown of the one that followed it here: by that
    /// one the removal may stand. `None`: they are too few for any.
    pub(super) fn removed_under(
        &mut self,
        view: &dyn View,
        revoke: &Revoke,
        coalition: SpaceId,
        by: OrgId,
    ) -> Result<Option<u32>> {
        let roster = self.roster(view, coalition)?;
        let mut charters: Vec<(ProposalId, Charter)> =
            roster.chain.in_force().map(|(id, charter)| (id, charter.clone())).into_iter().collect();
        let followed = self.followed(view, coalition)?;
        let rivalled = |id: &ProposalId| followed.iter().any(|(_, next)| next.previous == *id);
        let earlier = roster.chain.charters.iter().rev().skip(1).filter(|(id, _)| rivalled(id)).cloned();
        let earlier: Vec<(ProposalId, Charter)> = earlier.collect();
        charters.extend(followed.into_iter().map(|(id, next)| (id, next.charter)));
        charters.extend(earlier);
        for (under, charter) in charters {
            let removal = super::control::Removal { under, org: revoke.org, grant: revoke.grant };
            let mut approving = BTreeSet::from([by]);
            for node in approve::signed(coalition, &Proposal::Removal(removal), &revoke.approvals) {
                approving.extend(self.holder(view, coalition, &node)?);
            }
            let stewards = charter.stewards.iter().filter(|steward| approving.contains(steward)).count();
            if u32::try_from(stewards).is_ok_and(|n| n >= charter.threshold) {
                return Ok(Some(charter.number));
            }
        }
        Ok(None)
    }

    /// Remembers what an organisation is called that was let in meanwhile.
    pub(super) fn keep_name(draft: &mut Draft<'_>, coalition: SpaceId, org: OrgId, name: &str) {
        draft.put(Table::Own, [NAMES, coalition.as_bytes(), org.as_bytes()].concat(), name.as_bytes());
    }

    /// What an organisation is called: by the roster, or as it was shown.
    ///
    /// # Errors
    /// `Store`.
    pub fn name_shown(&mut self, view: &dyn View, coalition: SpaceId, org: &OrgId) -> Result<Option<String>> {
        if let Some(member) = self.roster(view, coalition)?.orgs.get(org) {
            return Ok(Some(member.card.name.clone()));
        }
        let row = view.get(Table::Own, &[NAMES, coalition.as_bytes(), org.as_bytes()].concat())?;
        Ok(row.and_then(|row| String::from_utf8(row).ok()))
    }
}

/// Nothing is believed any more that was shown.
pub(super) fn forget(draft: &mut Draft<'_>, coalition: SpaceId) -> Result<()> {
    for prefix in [CHARTERS, NAMES] {
        let prefix = [prefix, coalition.as_bytes()].concat();
        for (key, _) in draft.scan(Table::Own, &prefix, after_prefix(&prefix).as_deref(), usize::MAX, false)? {
            draft.delete(Table::Own, key);
        }
    }
    Ok(())
}

fn rows(view: &dyn View, coalition: SpaceId) -> Result<Vec<(ProposalId, Shown)>> {
    let prefix = [CHARTERS, coalition.as_bytes()].concat();
    let mut rows = Vec::new();
    for (key, row) in view.scan(Table::Own, &prefix, after_prefix(&prefix).as_deref(), usize::MAX, false)? {
        if let Some(id) = key.get(prefix.len()..).and_then(ProposalId::from_slice) {
            rows.push((id, read(&row)?));
        }
    }
    Ok(rows)
}

fn read(row: &[u8]) -> Result<Shown> {
    codec::decode("charter that was shown", row).map_err(|fault| Fault::store(fault.message))
}
