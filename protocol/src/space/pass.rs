//! Keys passed on: asking for those that lack, answering who asks, and to whom that opens something.
//!
//! To pass keys on is to tell, so it goes on record ([`Told`]), and no ask is answered that would open something to an organisation
//! to which ours told nothing in this space: no permit stands for that.

use super::author::{Body, Ground};
use super::control::{Ask, Control, Extend};
use super::entry::Kind;
use super::fold::Fold;
use super::graph::{Graph, Past, What};
use super::hold::{self, Held};
use super::keyring;
use super::record::{Offered, Told};
use super::rows;
use super::spaces::{By, Spaces};
use crate::fault::Result;
use crate::ids::{EntryHash, NodeId, OrgId, SpaceId};
use crate::limits;
use crate::store::{Draft, View};
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

impl Spaces {
    /// Writes an extend, and notes to whom it opens what it could not read before. Whoever asked for the writing puts that on
    /// record in the same transaction.
    #[expect(clippy::too_many_arguments, reason = "one place that writes extends, for all who make them")]
    pub(super) fn pass_on(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        space: SpaceId,
        ground: Ground,
        past: &Past,
        extend: &Extend,
        offered: &mut Offered,
    ) -> Result<()> {
        let (graph, coalition) = self.pair(space)?;
        let fold = graph.fold_at(coalition, past)?;
        let nodes = extend.wraps.iter().map(|(node, _)| node);
        let reached = graph.newly_reached(past, &fold, by.key.id(), &extend.epochs, nodes)?;
        let body = Control::Extend(extend.clone()).encode();
        let entry = self.sign(draft, by, space, ground, &Body::Clear(Kind::Extend, &body), offered)?;
        offered.told.extend(reached.into_iter().map(|to| Told { space, entry, to }));
        Ok(())
    }

    /// Whether a record says that our organisation told this one something in this space, and this node may write a further one.
    fn on_record(&mut self, view: &dyn View, space: SpaceId, org: OrgId, me: NodeId) -> Result<bool> {
        let Some(record) = rows::told(view, space, org)? else { return Ok(false) };
        let Some(record) = self.entry(view, &record)? else { return Ok(false) };
        Ok(self.fold(view, record.space())?.nodes.contains_key(&me))
    }

    /// The newest record of a disclosure to an organisation in a space, see [`Spaces::note_told`].
    ///
    /// # Errors
    /// `Store`.
    pub fn told(&self, view: &dyn View, space: SpaceId, org: OrgId) -> Result<Option<EntryHash>> {
        rows::told(view, space, org)
    }

    /// Notes that this entry of our private space is the record of a disclosure.
    pub fn note_told(&self, draft: &mut Draft<'_>, space: SpaceId, org: OrgId, record: EntryHash) {
        rows::put_told(draft, space, org, record);
    }

    /// Asks for the keys of counted bodies that this node may read and can not open. Once, until somebody answered.
    pub(super) fn ask(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        space: SpaceId,
        offered: &mut Offered,
    ) -> Result<()> {
        let me = by.key.id();
        let (graph, coalition) = self.counted(draft, space)?;
        if !graph.fold_now(coalition)?.readers.contains(&me) {
            return rows::lacks_nothing(draft, space);
        }
        let mut lacking = BTreeSet::new();
        for (&epoch, entries) in &graph.by_epoch {
            let hash = graph.control_node(epoch)?.hash;
            if keyring::held(draft, &hash)?.is_some() {
                continue;
            }
            for &i in entries {
                if graph.counts(i) && graph.body_error(coalition, i)?.is_none() {
                    lacking.insert(hash);
                    break;
                }
            }
        }
        // All of its own: what an organisation answered with garbage is not asked again because that is settled for others.
        for &at in graph.asks_of.get(&me).map_or(&[][..], Vec::as_slice) {
            if let What::Ask { epochs, .. } = &graph.fact(at)?.what
                && !graph.answered(at, &[], None)?
            {
                for epoch in epochs {
                    lacking.remove(epoch);
                }
            }
        }
        if lacking.is_empty() {
            rows::lacks_nothing(draft, space)?;
            return Ok(());
        }
        // In the private space nobody else is there to be asked.
        if self.pair(space)?.1.is_some() && self.others_of_ours(draft, space, me)? {
            let since = rows::lacks(draft, space, by.now)?;
            if by.now.since(since) < limits::ASK_PATIENCE {
                return Ok(());
            }
        }
        let Some(prekey) = keyring::newest_own_prekey(draft)? else { return Ok(()) };
        let ground = self.ground(draft, by, space, Kind::Ask, &[], offered)?;
        let past = self.past_on(space, &ground)?;
        let (graph, _) = self.pair(space)?;
        let epochs: Vec<EntryHash> = lacking
            .into_iter()
            .filter(|hash| graph.control_number(hash).is_some_and(|c| past.own.has(c)))
            .take(limits::EPOCHS_NAMED)
            .collect();
        if !epochs.is_empty() {
            let ask = Control::Ask(Ask { epochs, prekey }).encode();
            self.sign(draft, by, space, ground, &Body::Clear(Kind::Ask, &ask), offered)?;
        }
        Ok(())
    }

    /// Whether another node of ours may yet bring what is lacking.
    fn others_of_ours(&mut self, view: &dyn View, space: SpaceId, me: NodeId) -> Result<bool> {
        let fold = self.fold(view, space)?;
        let own = fold.nodes.get(&me);
        let others = || fold.nodes.values().filter(|org| Some(*org) == own).count() > 1;
        Ok(self.asks_held || (self.sharing && others()))
    }

    /// From now on the nodes of one organisation give each other the keys of threads: they wait for that before they ask.
    pub fn share_keys(&mut self) {
        self.sharing = true;
    }

    /// From now on keys that lack may come from elsewhere, or no longer.
    pub fn hold_asks(&mut self, held: bool) {
        self.asks_held = held;
    }

    /// How many spaces lack keys that may yet come from elsewhere.
    ///
    /// # Errors
    /// `Store`.
    pub fn lacking(&self, view: &dyn View) -> Result<usize> {
        Ok(rows::lacking(view)?.len())
    }

    /// Looks again at spaces whose keys have been lacking for long enough, or since a time that a wrong clock showed.
    ///
    /// # Errors
    /// `Store`.
    pub fn tend_lacking(&mut self, view: &dyn View, now: Time) -> Result<()> {
        for (space, since) in rows::lacking(view)? {
            if since > now || since.plus(limits::ASK_PATIENCE) <= now {
                self.tend.insert(space);
            }
        }
        Ok(())
    }

    /// When a space is next to be looked at for keys that it lacks.
    ///
    /// # Errors
    /// `Store`.
    pub fn next_lacking(&self, view: &dyn View) -> Result<Option<Time>> {
        Ok(rows::lacking(view)?.into_iter().map(|(_, since)| since.plus(limits::ASK_PATIENCE)).min())
    }

    /// Wraps again for members that ask, if what they ask for is here and nobody answered yet.
    pub(super) fn answer_asks(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        space: SpaceId,
        offered: &mut Offered,
    ) -> Result<()> {
        let mut due = Vec::new();
        let own = self.fold(draft, space)?.nodes.get(&by.key.id()).copied();
        let (graph, _) = self.counted(draft, space)?;
        let mut held = BTreeMap::new();
        for at in graph.open_asks(own, |epoch| is_held(&mut held, draft, epoch))? {
            let node = graph.control_node(at)?;
            let What::Ask { epochs, prekey } = &graph.fact(at)?.what else { continue };
            // Also its own: a copy of this folder may have asked, and only this one hold the key.
            if !graph.counts(graph.fact(at)?.entry) {
                continue;
            }
            let mut here = Vec::new();
            for epoch in epochs {
                if keyring::held(draft, epoch)?.is_some() {
                    here.push(*epoch);
                }
            }
            if !graph.answered(at, &here, own)? {
                due.push((node.author, Ask { epochs: epochs.clone(), prekey: prekey.clone() }, here));
            }
        }
        for (node, ask, here) in due {
            let ground = self.ground(draft, by, space, Kind::Extend, &[], offered)?;
            let past = self.past_on(space, &ground)?;
            let (graph, coalition) = self.pair(space)?;
            let follows = here.iter().all(|e| graph.control_number(e).is_some_and(|c| past.own.has(c)));
            let fold = graph.fold_at(coalition, &past)?;
            // Whose time has passed by our clock is wrapped nothing more, whether or not the revocation has been written.
            let over = fold.nodes.get(&node).is_none_or(|org| fold.expired(by.now).any(|expired| expired == *org));
            let held = match fold.nodes.get(&node) {
                Some(org) => hold::is_held(draft, space, *org, Held::Keys)?,
                None => false,
            };
            if !follows || over || held || !fold.readers.contains(&node) {
                continue;
            }
            // Nothing is opened to an organisation to which nothing in this space was told by ours: there is no permit for that.
            let mut permitted = true;
            for org in graph.newly_reached(&past, &fold, by.key.id(), &here, [node].iter())? {
                permitted &= self.on_record(draft, space, org, by.key.id())?;
            }
            if !permitted {
                continue;
            }
            let extend = Self::answer(draft, by.random, space, node, &ask, here)?;
            self.pass_on(draft, by, space, ground, &past, &extend, offered)?;
        }
        Ok(())
    }
}

/// Whether a key is here, looked up once.
fn is_held(seen: &mut BTreeMap<EntryHash, bool>, view: &dyn View, epoch: &EntryHash) -> Result<bool> {
    if let Some(held) = seen.get(epoch) {
        return Ok(*held);
    }
    let held = keyring::held(view, epoch)?.is_some();
    seen.insert(*epoch, held);
    Ok(held)
}

impl Graph {
    /// The other organisations that can open bodies by these epochs' keys, once `nodes` have them, and could not before.
    ///
    /// An organisation reads with all its nodes alike. So keys for a further node of one that some node of it holds already, by a
    /// wrap, an extend or the bundle of a later epoch in this past, tell it nothing, and are no disclosure.
    pub(super) fn newly_reached<'n>(
        &self,
        past: &Past,
        fold: &Fold,
        me: NodeId,
        epochs: &[EntryHash],
        nodes: impl Iterator<Item = &'n NodeId>,
    ) -> Result<BTreeSet<OrgId>> {
        let own = fold.nodes.get(&me);
        let orgs: BTreeSet<OrgId> =
            nodes.filter_map(|n| fold.nodes.get(n)).filter(|o| Some(*o) != own).copied().collect();
        let mut newly = BTreeSet::new();
        if orgs.is_empty() {
            return Ok(newly);
        }
        for name in epochs {
            let mut reach = BTreeSet::new();
            for c in past.own.iter() {
                if let What::Epoch { earlier, .. } = &self.fact(c)?.what
                    && (self.control_node(c)?.hash == *name || earlier.contains(name))
                {
                    reach.extend(self.reach(c, past)?);
                }
            }
            let reads = |org: &OrgId| reach.iter().any(|node| fold.nodes.get(node) == Some(org));
            newly.extend(orgs.iter().filter(|org| !reads(org)));
        }
        Ok(newly)
    }

    /// The asks that may have to be answered yet, by `own` as by others: of each author the newest [`limits::ASKS_OPEN`] for whose keys there is
    /// one here, in order of acceptance. What is answered for all that it names is not looked at again.
    pub(super) fn open_asks(
        &self,
        own: Option<OrgId>,
        mut held: impl FnMut(&EntryHash) -> Result<bool>,
    ) -> Result<Vec<u32>> {
        let mut open = Vec::new();
        for asks in self.asks_open.borrow_mut().values_mut() {
            let mut settled = BTreeSet::new();
            let before = open.len();
            for &at in asks.iter().rev() {
                let What::Ask { epochs, .. } = &self.fact(at)?.what else { continue };
                let mut any = false;
                for epoch in epochs {
                    any |= held(epoch)?;
                }
                if !any {
                    continue;
                }
                if self.answered(at, epochs, own)? {
                    settled.insert(at);
                } else {
                    open.push(at);
                }
                if open.len() - before == limits::ASKS_OPEN {
                    break;
                }
            }
            asks.retain(|at| !settled.contains(at));
        }
        open.sort_unstable();
        Ok(open)
    }

    /// Whether some extend that follows an ask reaches its author with these epochs: one by an organisation whose answers are not spent,
    /// or by `own`, which answers no ask twice.
    fn answered(&self, ask: u32, epochs: &[EntryHash], own: Option<OrgId>) -> Result<bool> {
        let mut spent = None;
        for at in self.after(ask) {
            let Some(given) = self.answer(ask, at)? else { continue };
            if !epochs.iter().all(|epoch| given.binary_search(epoch).is_ok()) {
                continue;
            }
            let org = self.control_node(at)?.org;
            if Some(org) == own {
                return Ok(true);
            }
            if spent.is_none() {
                spent = Some(self.spent(ask)?);
            }
            if spent.as_ref().is_some_and(|spent| !spent.contains(&org)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The extends that were accepted after an ask: what follows it is among them, and the first most likely answers it.
    fn after(&self, ask: u32) -> impl Iterator<Item = u32> {
        self.extends.iter().skip(self.extends.partition_point(|&at| at < ask)).copied()
    }

    /// The epochs of an extend that follows an ask and reaches its author.
    fn answer(&self, ask: u32, at: u32) -> Result<Option<&[EntryHash]>> {
        let What::Extend { epochs, reach } = &self.fact(at)?.what else { return Ok(None) };
        let follows = reach.contains(&self.control_node(ask)?.author) && self.past_of(at)?.own.has(ask);
        Ok(follows.then_some(epochs.as_slice()))
    }

    /// The organisations that answered so many asks of this one's author for one of its keys, all in its past, and it had to ask again:
    /// what they wrapped did not open.
    pub(super) fn spent(&self, ask: u32) -> Result<BTreeSet<OrgId>> {
        let mut answered: BTreeMap<OrgId, usize> = BTreeMap::new();
        let What::Ask { epochs, .. } = &self.fact(ask)?.what else { return Ok(BTreeSet::new()) };
        let (author, past) = (self.control_node(ask)?.author, self.past_of(ask)?);
        let asks = self.asks_of.get(&author).map_or(&[][..], Vec::as_slice);
        let before = asks.get(..asks.partition_point(|&at| at < ask)).unwrap_or_default();
        let mut counted = 0;
        for &earlier in before.iter().rev() {
            let What::Ask { epochs: asked, .. } = &self.fact(earlier)?.what else { continue };
            if !past.own.has(earlier) || !epochs.iter().any(|epoch| asked.binary_search(epoch).is_ok()) {
                continue;
            }
            counted += 1;
            if counted > limits::ASKS_COUNTED {
                break;
            }
            let mut orgs = BTreeSet::new();
            for at in self.after(earlier).take_while(|&at| at < ask) {
                let names = |given: &[EntryHash]| epochs.iter().any(|epoch| given.binary_search(epoch).is_ok());
                if past.own.has(at) && self.answer(earlier, at)?.is_some_and(names) {
                    orgs.insert(self.control_node(at)?.org);
                }
            }
            for org in orgs {
                *answered.entry(org).or_default() += 1;
            }
        }
        Ok(answered.into_iter().filter(|(_, times)| *times >= limits::ASKS_ANSWERED).map(|(org, _)| org).collect())
    }
}
