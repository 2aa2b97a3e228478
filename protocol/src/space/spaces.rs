//! The door to all spaces of a node: what it keeps in memory, and what can be asked of the graphs.

use super::allowance::Account;
use super::entry::{Entry, Kind};
use super::graph::Graph;
use super::load;
use super::record::SpaceKind;
use super::waiting::{RefusedNames, Waiting};
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, NodeId, OrgId, SpaceId};
use crate::keys::NodeKey;
use crate::limits;
use crate::random::Random;
use crate::store::{Draft, View};
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// Who writes, when, and with what randomness.
pub struct By<'b> {
    pub key: &'b NodeKey,
    pub now: Time,
    pub random: &'b mut dyn Random,
}

/// Of heads, and of registers.
pub type Digests = ([u8; 16], [u8; 16]);

/// All spaces of one node: a cache of graphs over the store, and the only way in and out of them. See the contract in
/// [`crate::space`].
pub struct Spaces {
    pub(super) me: NodeId,
    pub(super) graphs: BTreeMap<SpaceId, Box<Graph>>,
    /// Bytes that they take: the sum of their weights.
    pub(super) weight: usize,
    /// Bytes that they may take.
    pub(super) graph_bytes: usize,
    /// Counts uses of graphs, to find the one that was not used for longest.
    pub(super) clock: u64,
    /// The one that was used last.
    pub(super) last: Option<SpaceId>,
    pub(super) waiting: Waiting,
    pub(super) refused: RefusedNames,
    /// Spaces in which something came in since [`Spaces::to_tend`].
    pub(super) tend: BTreeSet<SpaceId>,
    /// Whether the nodes of one organisation give each other the keys of threads, see [`Spaces::share_keys`].
    pub(super) sharing: bool,
    /// What the layer above made of a space's heads and registers, see [`Spaces::digests`].
    digests: BTreeMap<SpaceId, Digests>,
    /// What the layer above reads of a body in clear, see [`Spaces::opens_by`].
    opens_to: fn(&[u8]) -> usize,
    /// Whether keys that lack may come from elsewhere than the members of their space: set while an organisation is brought back.
    pub(super) asks_held: bool,
}

impl Spaces {
    /// For the node `me`. Loads nothing.
    #[must_use]
    pub fn new(me: NodeId) -> Self {
        Self {
            me,
            graphs: BTreeMap::new(),
            weight: 0,
            graph_bytes: limits::GRAPHS_BYTES,
            clock: 0,
            last: None,
            waiting: Waiting::default(),
            refused: RefusedNames::default(),
            tend: BTreeSet::new(),
            sharing: false,
            digests: BTreeMap::new(),
            opens_to: |_| 0,
            asks_held: false,
        }
    }

    /// How many bytes a body in clear opens to, for what it costs.
    pub const fn opens_by(&mut self, opens_to: fn(&[u8]) -> usize) {
        self.opens_to = opens_to;
    }

    /// Bytes that an entry's body opens to where all can know: none of what is sealed.
    #[must_use]
    pub fn opened_length(&self, entry: &Entry) -> usize {
        let header = entry.header();
        if header.kind == Kind::Data && header.epoch.is_none() { (self.opens_to)(entry.body()) } else { 0 }
    }

    /// Forgets what it holds of the store: after a draft was dropped or its commit failed. What is refused stays refused, and where
    /// something may be due it is still looked for.
    pub fn forget(&mut self) {
        self.graphs.clear();
        self.weight = 0;
        self.digests.clear();
        self.waiting = Waiting::default();
    }

    /// What [`Spaces::keep_digests`] was given for a space, if nothing has changed there since: asked for again and again, it costs no look
    /// into the space.
    #[must_use]
    pub fn digests(&self, space: SpaceId) -> Option<Digests> {
        self.digests.get(&space).copied()
    }

    /// Remembers digests of a space's accepted heads, and of the registers that are read there, until either changes. Of too many, all
    /// are forgotten.
    pub fn keep_digests(&mut self, space: SpaceId, digests: Digests) {
        if self.digests.len() >= limits::DIGESTS {
            self.digests.clear();
        }
        self.digests.insert(space, digests);
    }

    /// Something came into a space. `everywhere`: who is in others, and so whose registers are read there, may be other than before.
    pub(super) fn outdate(&mut self, space: SpaceId, everywhere: bool) {
        if everywhere {
            self.digests.clear();
        } else {
            self.digests.remove(&space);
        }
    }

    /// What a space is for, and who founded it; `None` if it is not here. Of one in memory that costs no look at the store.
    ///
    /// # Errors
    /// `Store`.
    pub fn founded(&self, view: &dyn View, space: SpaceId) -> Result<Option<(SpaceKind, OrgId)>> {
        match self.graphs.get(&space) {
            Some(graph) => Ok(Some((graph.kind.clone(), graph.custodian))),
            None => Ok(self.record(view, space)?.map(|record| (record.kind, record.custodian))),
        }
    }

    /// Whether it is a thread's space, and here.
    ///
    /// # Errors
    /// `Store`.
    pub fn is_thread(&self, view: &dyn View, space: SpaceId) -> Result<bool> {
        Ok(matches!(self.founded(view, space)?, Some((SpaceKind::Thread { .. }, _))))
    }

    /// Whether it is a coalition's space, and here.
    ///
    /// # Errors
    /// `Store`.
    pub fn is_coalition(&self, view: &dyn View, space: SpaceId) -> Result<bool> {
        Ok(matches!(self.founded(view, space)?, Some((SpaceKind::Coalition { .. }, _))))
    }

    /// Whether the entry is accepted. False for what waits.
    ///
    /// # Errors
    /// `Store`.
    pub fn has(&self, view: &dyn View, hash: &EntryHash) -> Result<bool> {
        Ok(view.get(crate::store::Table::Entry, hash.as_bytes())?.is_some())
    }

    /// Accounts of which less than this many bytes is left, with what is left: who says more than a partner does.
    ///
    /// # Errors
    /// `Store`.
    pub fn accounts_below(&self, view: &dyn View, bytes: i64, now: Time) -> Result<Vec<(Account, i64)>> {
        super::allowance::below(view, bytes, now)
    }

    /// Accounts that a clock which was wrong dated later than `now` fill from now on.
    ///
    /// # Errors
    /// `Store`.
    pub fn date_accounts_before(&self, draft: &mut Draft<'_>, now: Time) -> Result<()> {
        super::allowance::date_before(draft, now)
    }

    /// Whether the entry waits here for something missing.
    ///
    /// # Errors
    /// `Store`.
    pub fn waits(&self, view: &dyn View, hash: &EntryHash) -> Result<bool> {
        super::waiting::Waiting::holds(view, hash)
    }

    /// An accepted entry.
    ///
    /// # Errors
    /// `Store`.
    pub fn entry(&self, view: &dyn View, hash: &EntryHash) -> Result<Option<Entry>> {
        load::entry(view, hash)
    }

    /// The accepted entries that no other accepted entry follows, sorted. Empty for a space that is not here.
    ///
    /// # Errors
    /// `Store`.
    pub fn heads(&mut self, view: &dyn View, space: SpaceId) -> Result<Vec<EntryHash>> {
        if !self.ensure(view, space)? {
            return Ok(Vec::new());
        }
        let (graph, _) = self.pair(space)?;
        Ok(graph.hashes(graph.heads.iter().copied()))
    }

    /// Of these heads as many as a register holds, sorted: what this node says that it holds or that its staff have read. Of each author
    /// the newest, the fewer the more authors there are: who writes heads without end hides nobody else's.
    ///
    /// # Errors
    /// `Store`.
    pub fn heads_said(&mut self, view: &dyn View, space: SpaceId) -> Result<Vec<EntryHash>> {
        if !self.ensure(view, space)? {
            return Ok(Vec::new());
        }
        let (graph, _) = self.pair(space)?;
        let authors: BTreeSet<NodeId> =
            graph.heads.iter().filter_map(|i| graph.nodes.get(*i as usize)).map(|node| node.author).collect();
        let each = (limits::HEADS_SAID / authors.len().max(1)).max(1);
        let mut said = graph.newest_of_each(graph.heads.iter().copied().collect(), each);
        said.truncate(limits::HEADS_SAID);
        Ok(said)
    }

    /// The heads of what counts, sorted: what an honest writer builds on. Empty for a space that is not here.
    ///
    /// # Errors
    /// `Store`.
    pub fn counted_heads(&mut self, view: &dyn View, space: SpaceId) -> Result<Vec<EntryHash>> {
        if !self.ensure(view, space)? {
            return Ok(Vec::new());
        }
        Ok(self.counted(view, space)?.0.counted_heads())
    }

    /// The counted control entries of a coalition that no other follows, sorted: what a header's `control` names.
    ///
    /// # Errors
    /// `Store`.
    pub fn control_heads(&mut self, view: &dyn View, coalition: SpaceId) -> Result<Vec<EntryHash>> {
        if !self.ensure(view, coalition)? {
            return Ok(Vec::new());
        }
        let (graph, _) = self.counted(view, coalition)?;
        let mut hashes = Vec::new();
        for c in graph.counted_control_heads()? {
            hashes.push(graph.control_node(c)?.hash);
        }
        hashes.sort_unstable();
        Ok(hashes)
    }

    /// The accepted entries that are not among `known` and what they follow, parents first. Hashes that are not here are
    /// passed over.
    ///
    /// # Errors
    /// `Store`.
    pub fn since(&mut self, view: &dyn View, space: SpaceId, known: &[EntryHash]) -> Result<Vec<EntryHash>> {
        if !self.ensure(view, space)? {
            return Ok(Vec::new());
        }
        let (graph, _) = self.pair(space)?;
        let known = known.iter().filter_map(|hash| graph.index.get(hash)).copied();
        let have = graph.closure(known);
        Ok(graph.nodes.iter().zip(0..).filter(|(_, i)| !have.has(*i)).map(|(node, _)| node.hash).collect())
    }

    /// Up to `n` accepted entries: heads first, then ever further back in growing steps, the `found` entry last. What a peer
    /// knows of them tells where to go on from.
    ///
    /// # Errors
    /// `Store`.
    pub fn sample(&mut self, view: &dyn View, space: SpaceId, n: usize) -> Result<Vec<EntryHash>> {
        if n == 0 || !self.ensure(view, space)? {
            return Ok(Vec::new());
        }
        let (graph, _) = self.pair(space)?;
        let mut picked: Vec<u32> = graph.heads.iter().rev().copied().take(n.saturating_sub(1)).collect();
        let mut seen: BTreeSet<u32> = picked.iter().copied().collect();
        let (mut at, mut step) = (graph.len().saturating_sub(1), 1u32);
        while picked.len() + 1 < n && at > 0 {
            if seen.insert(at) {
                picked.push(at);
            }
            at = at.saturating_sub(step);
            step = step.saturating_mul(2);
        }
        if seen.insert(0) {
            picked.push(0);
        }
        Ok(picked.into_iter().filter_map(|i| graph.nodes.get(i as usize)).map(|node| node.hash).collect())
    }

    /// Accepted entries of a space in order of acceptance, from the `from`th on, at most `limit`.
    ///
    /// # Errors
    /// `Store`.
    pub fn order(&self, view: &dyn View, space: SpaceId, from: u32, limit: usize) -> Result<Vec<EntryHash>> {
        Ok(load::order(view, space, from, limit)?.into_iter().map(|(hash, _)| hash).collect())
    }

    /// The entry of that number among what a newcomer is handed of a coalition: parents first, and numbers stay.
    ///
    /// # Errors
    /// `Store`.
    pub fn handed(&mut self, view: &dyn View, space: SpaceId, number: u32) -> Result<Option<EntryHash>> {
        self.ensure(view, space)?;
        Ok(self.graphs.get_mut(&space).and_then(|graph| graph.handed(number)))
    }

    /// The space in which an accepted entry stands, and its number there.
    pub(crate) fn place(&mut self, view: &dyn View, hash: &EntryHash) -> Result<(SpaceId, u32)> {
        // Most questions come one after the other about one space.
        let last = self.last.and_then(|space| self.graphs.get(&space));
        if let Some((space, i)) = last.and_then(|graph| graph.index.get(hash).map(|i| (graph.space, *i))) {
            self.ensure(view, space)?;
            return Ok((space, i));
        }
        let none = || Fault::misuse(format!("there is no entry {} here", hash.short()));
        let space = load::entry(view, hash)?.ok_or_else(none)?.space();
        let (graph, _) = self.opened(view, space)?;
        Ok((space, graph.index.get(hash).copied().ok_or_else(none)?))
    }

    /// Whether an accepted entry counts now.
    ///
    /// # Errors
    /// `Misuse` for an entry that is not here; `Store`.
    pub fn counts(&mut self, view: &dyn View, hash: &EntryHash) -> Result<bool> {
        let (space, i) = self.place(view, hash)?;
        Ok(self.counted(view, space)?.0.counts(i))
    }

    /// The organisation for which the author wrote an accepted entry, by the entry's causal past. `None` if it is not here.
    ///
    /// # Errors
    /// `Store`.
    pub fn author_org(&mut self, view: &dyn View, hash: &EntryHash) -> Result<Option<OrgId>> {
        if !self.has(view, hash)? {
            return Ok(None);
        }
        let (space, i) = self.place(view, hash)?;
        Ok(Some(self.pair(space)?.0.node(i)?.org))
    }

    /// Whether accepted entry `older` is in the causal past of accepted entry `newer` of the same space.
    ///
    /// # Errors
    /// `Misuse` for entries that are not here; `Store`.
    pub fn follows(&mut self, view: &dyn View, newer: &EntryHash, older: &EntryHash) -> Result<bool> {
        let (space, newer) = self.place(view, newer)?;
        let (graph, _) = self.pair(space)?;
        let Some(&older) = graph.index.get(older) else { return Ok(false) };
        let mut seen = BTreeSet::new();
        let mut todo = vec![newer];
        while let Some(i) = todo.pop() {
            for &parent in &graph.node(i)?.parents {
                if parent == older {
                    return Ok(true);
                }
                if parent > older && seen.insert(parent) {
                    todo.push(parent);
                }
            }
        }
        Ok(false)
    }

    /// These and all that they follow, of what is accepted here.
    ///
    /// # Errors
    /// `Store`.
    pub fn through(&mut self, view: &dyn View, space: SpaceId, heads: &[EntryHash]) -> Result<BTreeSet<EntryHash>> {
        if heads.is_empty() || !self.ensure(view, space)? {
            return Ok(BTreeSet::new());
        }
        let (graph, _) = self.pair(space)?;
        let through = graph.closure(heads.iter().filter_map(|hash| graph.index.get(hash)).copied());
        Ok(through.iter().filter_map(|i| graph.nodes.get(i as usize)).map(|node| node.hash).collect())
    }

    /// The first accepted entries of a space in order of acceptance, at most `limit`, each with those that it follows.
    ///
    /// # Errors
    /// `Store`.
    pub fn in_order(
        &mut self,
        view: &dyn View,
        space: SpaceId,
        limit: usize,
    ) -> Result<Vec<(EntryHash, Vec<EntryHash>)>> {
        if !self.ensure(view, space)? {
            return Ok(Vec::new());
        }
        let (graph, _) = self.pair(space)?;
        let nodes = graph.nodes.iter().take(limit);
        Ok(nodes.map(|node| (node.hash, graph.hashes(node.parents.iter().copied()))).collect())
    }

    /// The accepted data entries sealed under an epoch, in order of acceptance.
    ///
    /// # Errors
    /// `Store`.
    pub fn sealed_under(&mut self, view: &dyn View, space: SpaceId, epoch: &EntryHash) -> Result<Vec<EntryHash>> {
        if !self.ensure(view, space)? {
            return Ok(Vec::new());
        }
        let (graph, _) = self.pair(space)?;
        let under = graph.control_number(epoch).and_then(|c| graph.by_epoch.get(&c));
        Ok(under.into_iter().flatten().filter_map(|i| graph.nodes.get(*i as usize)).map(|node| node.hash).collect())
    }

    /// Spaces in which something came in since this was last asked: [`Spaces::tend`] may have something to do there.
    #[must_use]
    pub fn to_tend(&mut self) -> Vec<SpaceId> {
        std::mem::take(&mut self.tend).into_iter().collect()
    }
}
