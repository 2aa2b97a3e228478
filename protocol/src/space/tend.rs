//! What a node does of its own accord: epochs that fit, last words, mirrored removals, asking for keys and answering.

use super::author::{Body, Ground};
use super::control::{Control, Keep, Revoke};
use super::entry::Kind;
use super::fold::Fold;
use super::graph::{Past, What};
use super::keyring;
use super::record::{Offered, Told};
use super::rows;
use super::spaces::{By, Spaces};
use crate::fault::{Class, Fault, Result};
use crate::ids::{EntryHash, NodeId, OrgId, SpaceId};
use crate::limits;
use crate::planted::{self, Bug};
use crate::store::{Draft, Table, View};
use crate::time::Time;
use std::collections::BTreeSet;

/// How an epoch stands to what would be sealed under it.
enum Fit {
    Fits,
    /// Once it is extended to these nodes.
    Short(BTreeSet<NodeId>),
    No,
}

impl Spaces {
    /// What a node does of its own accord in a space after something came in: it saves the last words of the removed, removes from its
    /// threads whom the coalition removed, asks for keys that it lacks and answers those who ask. Writes nothing when nothing is due.
    ///
    /// # Errors
    /// `Store`.
    pub fn tend(&mut self, draft: &mut Draft<'_>, by: &mut By<'_>, space: SpaceId) -> Result<Offered> {
        let mut offered = Offered::default();
        if !self.ensure(draft, space)? || !self.fold(draft, space)?.nodes.contains_key(&by.key.id()) {
            // Who is out asks for no keys any more.
            rows::lacks_nothing(draft, space)?;
            return Ok(offered);
        }
        // What others have done must not keep this node from taking in more: a duty that can not be done is left.
        match self.duties(draft, by, space, &mut offered) {
            Err(fault) if !matches!(fault.class, Class::NotPermitted | Class::Misuse) => Err(fault),
            Ok(()) | Err(_) => Ok(offered),
        }
    }

    fn duties(&mut self, draft: &mut Draft<'_>, by: &mut By<'_>, space: SpaceId, offered: &mut Offered) -> Result<()> {
        self.save_last_words(draft, by, space, offered)?;
        let (graph, _) = self.pair(space)?;
        if graph.is_coalition() {
            return self.carry_out_removals(draft, by, space, offered);
        }
        let fold = self.fold(draft, space)?;
        if fold.nodes.get(&by.key.id()) == Some(&self.pair(space)?.0.custodian) {
            self.mirror_removals(draft, by, space, offered)?;
            self.heal_crossed(draft, by, space, offered)?;
        }
        if !fold.closed {
            self.ask(draft, by, space, offered)?;
            self.answer_asks(draft, by, space, offered)?;
        } else {
            rows::lacks_nothing(draft, space)?;
        }
        Ok(())
    }

    /// Names in a `keep` what the removed had last written and this node held when it learned of the removal; and confirms
    /// what a retired node of this organisation had granted.
    pub(super) fn save_last_words(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        space: SpaceId,
        offered: &mut Offered,
    ) -> Result<()> {
        let words = rows::last_words(draft, space)?;
        let confirm = draft.get(Table::Fold, &rows::confirm_key(space))?.is_some();
        if (words.is_empty() && !confirm) || !self.fold(draft, space)?.nodes.contains_key(&by.key.id()) {
            return Ok(());
        }
        let (graph, _) = self.counted(draft, space)?;
        let lost: Vec<EntryHash> =
            words.iter().filter(|hash| graph.index.get(hash).is_some_and(|i| !graph.counts(*i))).copied().collect();
        for hash in &words {
            draft.delete(Table::Fold, rows::last_word_key(space, hash));
        }
        draft.delete(Table::Fold, rows::confirm_key(space));
        if !lost.is_empty() || confirm {
            let ground = self.ground(draft, by, space, Kind::Keep, &lost, offered)?;
            self.sign(draft, by, space, ground, &Body::Clear(Kind::Keep, &Control::Keep(Keep).encode()), offered)?;
        }
        Ok(())
    }

    /// Names in a `keep` the heads that do not count, as many as it has room for; `None` if there are none.
    pub fn keep_uncounted(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        space: SpaceId,
    ) -> Result<Option<super::record::Written>> {
        let (graph, _) = self.counted(draft, space)?;
        let lost: Vec<EntryHash> = graph.hashes(graph.heads.iter().copied().filter(|i| !graph.counts(*i)));
        if lost.is_empty() {
            return Ok(None);
        }
        let lost = lost.into_iter().take(limits::PARENTS / 2).collect::<Vec<_>>();
        self.write_control(draft, by, space, &Control::Keep(Keep), &lost).map(Some)
    }

    /// Removes from a thread the organisations that the coalition removed since they were let in.
    pub(super) fn mirror_removals(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        space: SpaceId,
        offered: &mut Offered,
    ) -> Result<()> {
        for org in self.expelled_members(draft, space)? {
            let revoke = Control::Revoke(Revoke { org, grant: None, approvals: Vec::new(), word: false });
            let written = self.write_control(draft, by, space, &revoke, &[])?;
            offered.and(written.offered);
        }
        Ok(())
    }

    /// Who would be in by the thread's own entries, and is out by the coalition's. The custodian's removal closes the thread instead.
    fn expelled_members(&mut self, view: &dyn View, space: SpaceId) -> Result<Vec<OrgId>> {
        self.opened(view, space)?;
        let (graph, coalition) = self.pair(space)?;
        let Some(coalition) = coalition else { return Ok(Vec::new()) };
        let fold = graph.fold_now(Some(coalition))?;
        if fold.removed.is_empty() || !fold.nodes.contains_key(&self.me) {
            return Ok(Vec::new());
        }
        let roster = coalition.fold_now(None)?;
        let mut out = Vec::new();
        for org in &fold.removed {
            if *org == graph.custodian {
                continue;
            }
            let standing = graph.stands_in_thread(coalition, *org)?;
            let expelled = !roster.members.contains_key(org) || graph.granted_before_removal(coalition, *org)?;
            if standing && expelled {
                out.push(*org);
            }
        }
        Ok(out)
    }

    /// An epoch to seal under on what this node would build on next: one that fits, else one that an extend makes fit, else a new
    /// one.
    pub(super) fn usable(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        space: SpaceId,
        offered: &mut Offered,
    ) -> Result<EntryHash> {
        let ground = self.ground(draft, by, space, Kind::Data, &[], offered)?;
        let past = self.past_on(space, &ground)?;
        let (graph, coalition) = self.pair(space)?;
        let fold = graph.fold_at(coalition, &past)?;
        let mut short = None;
        for epoch in self.young_epochs(draft, space, &past, by.now)? {
            match self.fit(space, epoch, &past, &fold, by.key.id())? {
                Fit::Fits => return Ok(self.pair(space)?.0.control_node(epoch)?.hash),
                Fit::Short(lacking) => {
                    short = short.or(Some((epoch, lacking)));
                }
                Fit::No => {}
            }
        }
        if let Some((epoch, lacking)) = short {
            let name = self.pair(space)?.0.control_node(epoch)?.hash;
            let epochs = self.extendable(draft, space, &past, lacking.len(), name)?;
            let extend = self.extend(draft, by.random, space, &lacking, epochs)?;
            self.pass_on(draft, by, space, ground, &past, &extend, offered)?;
            return Ok(name);
        }
        self.mint_on(draft, by, space, ground, &past, &fold, offered)
    }

    #[expect(clippy::too_many_arguments, reason = "what `usable` has worked out already")]
    fn mint_on(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        space: SpaceId,
        ground: Ground,
        past: &Past,
        fold: &Fold,
        offered: &mut Offered,
    ) -> Result<EntryHash> {
        let earlier = self.held_epochs(draft, space, &past.own, true)?;
        let widened = if planted::is(Bug::WidenedReach) { self.everybody(space)? } else { None };
        let readers = widened.as_ref().unwrap_or(&fold.readers);
        let (epoch, key) = self.mint(draft, by.random, space, readers, earlier)?;
        let reached = {
            let (graph, _) = self.pair(space)?;
            graph.newly_reached(past, fold, by.key.id(), &epoch.earlier, fold.readers.iter())?
        };
        let body = Control::Epoch(epoch).encode();
        let hash = self.sign(draft, by, space, ground, &Body::Clear(Kind::Epoch, &body), offered)?;
        offered.told.extend(reached.into_iter().map(|to| Told { space, entry: hash, to }));
        // Who may write and not read has no wrap of its own.
        keyring::hold(draft, &hash, &key);
        Ok(hash)
    }

    /// All nodes of a thread's coalition: whom a planted bug lets epochs reach.
    fn everybody(&self, space: SpaceId) -> Result<Option<BTreeSet<NodeId>>> {
        let (_, coalition) = self.pair(space)?;
        coalition.map(|graph| Ok(graph.fold_now(None)?.nodes.keys().copied().collect())).transpose()
    }

    /// Epochs in this past whose keys are held and whose life is not over, the one that follows most first; ties by hash.
    fn young_epochs(&self, view: &dyn View, space: SpaceId, past: &Past, now: Time) -> Result<Vec<u32>> {
        let (graph, _) = self.pair(space)?;
        let mut ranked = Vec::new();
        for hash in self.held_epochs(view, space, &past.own, false)? {
            let Some(c) = graph.control_number(&hash) else { continue };
            let minted = graph.fact(c)?.time;
            // A minter's clock may be wrong both ways.
            if now.since(minted) < limits::EPOCH_LIFE && minted.since(now) < limits::CLOCK_DOUBT {
                ranked.push((std::cmp::Reverse(graph.past_of(c)?.own.len()), hash, c));
            }
        }
        ranked.sort_unstable();
        Ok(ranked.into_iter().map(|(_, _, c)| c).collect())
    }

    fn fit(&self, space: SpaceId, epoch: u32, past: &Past, fold: &Fold, writer: NodeId) -> Result<Fit> {
        let (graph, coalition) = self.pair(space)?;
        let Some(org) = fold.nodes.get(&writer) else { return Ok(Fit::No) };
        if graph.seal_error(coalition, Some(epoch), past, fold, *org)?.is_none() {
            return Ok(Fit::Fits);
        }
        let minter = graph.control_node(epoch)?;
        let reach = graph.reach(epoch, past)?;
        let foreign = minter.org != *org && !fold.readers.contains(&minter.author);
        if fold.closed || foreign || graph.late(coalition, epoch, past)? || !reach.is_subset(&fold.readers) {
            return Ok(Fit::No);
        }
        Ok(Fit::Short(fold.readers.difference(&reach).copied().collect()))
    }

    /// The held epochs that one extend to so many nodes can carry: `with` for certain.
    pub(super) fn extendable(
        &self,
        view: &dyn View,
        space: SpaceId,
        past: &Past,
        nodes: usize,
        with: EntryHash,
    ) -> Result<Vec<EntryHash>> {
        let most = limits::ENTRY_BYTES / 2 / 32 / nodes.max(1);
        let mut epochs = self.held_epochs(view, space, &past.own, false)?;
        if epochs.len() > most {
            epochs = self.held_epochs(view, space, &past.own, true)?;
            epochs.truncate(most.saturating_sub(1));
        }
        if !epochs.contains(&with) {
            epochs.truncate(limits::EPOCHS_NAMED - 1);
            epochs.push(with);
        }
        epochs.sort_unstable();
        Ok(epochs)
    }

    /// After a grant or a certification: all held keys for the newcomers, if one of the epochs may go on being used.
    pub(super) fn extend_all(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        space: SpaceId,
        newcomers: &BTreeSet<NodeId>,
        offered: &mut Offered,
    ) -> Result<()> {
        let ground = self.ground(draft, by, space, Kind::Extend, &[], offered)?;
        let past = self.past_on(space, &ground)?;
        let (graph, coalition) = self.pair(space)?;
        let fold = graph.fold_at(coalition, &past)?;
        let mut newcomers: BTreeSet<NodeId> = newcomers.intersection(&fold.readers).copied().collect();
        let mut live = None;
        for epoch in self.young_epochs(draft, space, &past, by.now)? {
            let (graph, coalition) = self.pair(space)?;
            if live.is_none() && !graph.late(coalition, epoch, &past)? {
                live = Some(graph.control_node(epoch)?.hash);
                // A grant that makes a time longer brings nobody new.
                let reach = graph.reach(epoch, &past)?;
                newcomers.retain(|node| !reach.contains(node));
            }
        }
        let Some(live) = live else { return Ok(()) };
        if newcomers.is_empty() {
            return Ok(());
        }
        let epochs = self.extendable(draft, space, &past, newcomers.len(), live)?;
        let extend = self.extend(draft, by.random, space, &newcomers, epochs)?;
        self.pass_on(draft, by, space, ground, &past, &extend, offered)
    }
}

impl super::graph::Graph {
    /// Whether an organisation was let in by a grant that no revocation of the thread's own kills.
    fn stands_in_thread(&self, coalition: &Self, org: OrgId) -> Result<bool> {
        let ended = self.ended(coalition)?;
        let Some(revokes) = ended.here.get(&org) else { return Ok(true) };
        for (fact, grant) in self.facts.iter().zip(0u32..) {
            let lets_in = matches!(&fact.what, What::Grant { org: of, .. } if *of == org);
            if lets_in && self.spared(self.past_of(grant)?, revokes, &ended.gone())? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the coalition removed an organisation without some grant of the thread knowing.
    fn granted_before_removal(&self, coalition: &Self, org: OrgId) -> Result<bool> {
        for &at in &coalition.removal_facts {
            if !matches!(&coalition.fact(at)?.what, What::Revoke { org: of, .. } if *of == org) {
                continue;
            }
            for fact in &self.facts {
                if matches!(&fact.what, What::Grant { org: of, .. } if *of == org) {
                    let node = self.node(fact.entry)?;
                    if !self.past(node.past)?.coalition.has(at) {
                        return Ok(true);
                    }
                }
            }
        }
        Ok(false)
    }

    /// Why the body of a data entry may not be applied, by its causal past.
    pub(super) fn body_error(&self, coalition: Option<&Self>, i: u32) -> Result<Option<super::epoch::SealError>> {
        let node = self.node(i)?;
        let past = self.past(node.past)?;
        let fold = self.fold_at(coalition, past)?;
        let epoch = node.epoch;
        if node.kind != Kind::Data {
            return Err(Fault::misuse("this entry is no data"));
        }
        self.seal_error(coalition, epoch, past, &fold, node.org)
    }
}
