//! Taking entries: from bytes to accepted, waiting or refused.

use super::accept::{self, Case, changes_members};
use super::allowance::{self, Account, Late};
use super::control::{Control, Found, Purpose};
use super::entry::{Entry, Kind};
use super::fold::Fold;
use super::graph::{Graph, Past, Row, What};
use super::load;
use super::record::{Offered, Refused, SpaceKind, SpaceRecord};
use super::rows::{self, SeatRow};
use super::spaces::Spaces;
use super::waiting::{Place, Waiting};
use crate::codec;
use crate::fault::{Class, Fault, Result};
use crate::ids::{EntryHash, NodeId, OrgId, SpaceId};
use crate::store::{Draft, Table, View};
use crate::time::Time;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

/// What a look at one entry gives.
enum Look {
    Accepted,
    Misses(BTreeSet<EntryHash>),
    Late(Late),
}

/// On which terms an entry is taken, see `allowance`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terms {
    /// This node wrote it, or its own organisation brought it.
    Free,
    /// Charged to its author's organisation, unless that is `own`, and taken later if there is not enough left. `by` brought it: if it
    /// has to wait, it waits in that organisation's part of the room, however many nodes that has.
    Charged { own: OrgId, by: OrgId },
    /// The same of what waited here. It lies in the store already, so it may overdraw as what is urgent may, and where that is not enough
    /// it waits on.
    Released { own: OrgId, by: OrgId },
}

impl Spaces {
    /// Takes an entry: accepts it and what waited for it, or lets it wait for what is missing. Takes the keys that came with it.
    /// `from`: the peer that sent it; `None` for what this node wrote or somebody imported.
    ///
    /// # Errors
    /// `Misbehaved` (`Incompatible` for what a later version may know): refused for ever; nothing was stored. `Store`.
    pub fn offer(&mut self, draft: &mut Draft<'_>, entry: Entry, from: Option<NodeId>, now: Time) -> Result<Offered> {
        self.offer_on(draft, entry, from, now, Terms::Free)
    }

    /// The same on terms.
    ///
    /// # Errors
    /// As [`Spaces::offer`].
    pub fn offer_on(
        &mut self,
        draft: &mut Draft<'_>,
        entry: Entry,
        from: Option<NodeId>,
        now: Time,
        terms: Terms,
    ) -> Result<Offered> {
        let mut out = Offered::default();
        let first = entry.hash();
        // A graph in memory is whole.
        let known = match self.graphs.get(&entry.space()) {
            Some(graph) => graph.index.contains_key(&first),
            None => self.has(draft, &first)?,
        };
        if known {
            out.known = true;
            return Ok(out);
        }
        if self.refused.has(&first) {
            return Err(Fault::misbehaved(format!("entry {}: was refused before", first.short())));
        }
        let mut queue = VecDeque::from([(entry, from, terms)]);
        while let Some((entry, from, terms)) = queue.pop_front() {
            let hash = entry.hash();
            match self.look(draft, &entry, now, terms, &mut out) {
                Ok(Look::Accepted) => {
                    self.waiting.drop_one(draft, &hash)?;
                    queue.extend(self.waiting.release(draft, &hash)?.into_iter().map(|r| (r.entry, r.from, r.terms)));
                }
                Ok(Look::Misses(missing)) => {
                    // Of these only what was offered may find no room: what waited before left as much as it takes.
                    if let Some(one) = missing.first().copied()
                        && !self.waiting.hold(draft, &entry, &Place { from, missing: one, terms, since: now })?
                        && hash == first
                    {
                        out.dropped = Some(one);
                    }
                    out.waits |= hash == first;
                    for missed in missing {
                        if !Waiting::holds(draft, &missed)? {
                            out.missing.insert(missed);
                        }
                    }
                }
                Ok(Look::Late(late)) if hash == first && !Waiting::holds(draft, &hash)? => out.late = Some(late),
                Ok(Look::Late(late)) => {
                    out.waits |= hash == first;
                    self.waiting.owe(draft, &entry, from, terms, late, now)?;
                }
                Err(fault) if matches!(fault.class, Class::Store | Class::Bug) => return Err(fault),
                Err(fault) => {
                    self.refuse(draft, hash, &mut out)?;
                    if hash == first {
                        return Err(fault);
                    }
                    out.refused.push(Refused { hash, from, fault });
                }
            }
        }
        self.trim_graphs();
        Ok(out)
    }

    /// Whether something here waits for this entry, or it takes somebody out: then it may overdraw its organisation's account.
    ///
    /// # Errors
    /// `Store`.
    pub fn is_urgent(&self, view: &dyn View, entry: &Entry) -> Result<bool> {
        is_urgent(&self.waiting, view, entry)
    }

    /// Remembers that an entry is refused, and refuses what waits for it.
    fn refuse(&mut self, draft: &mut Draft<'_>, hash: EntryHash, out: &mut Offered) -> Result<()> {
        let mut todo = vec![hash];
        while let Some(hash) = todo.pop() {
            self.refused.add(hash);
            self.waiting.drop_one(draft, &hash)?;
            for released in self.waiting.release(draft, &hash)? {
                let fault = Fault::misbehaved("entry: follows one that was refused");
                out.refused.push(Refused { hash: released.entry.hash(), from: released.from, fault });
                todo.push(released.entry.hash());
            }
        }
        Ok(())
    }

    /// Accepts an entry if all that it follows is here and it breaks no rule.
    fn look(
        &mut self,
        draft: &mut Draft<'_>,
        entry: &Entry,
        now: Time,
        terms: Terms,
        out: &mut Offered,
    ) -> Result<Look> {
        let header = entry.header();
        let control = Control::decode(header.kind, entry.body())?;
        let space = entry.space();
        if let Some(Control::Found(found)) = &control {
            return self.look_found(draft, entry, found, now, terms, out);
        }
        if !self.ensure(draft, space)? {
            return Ok(Look::Misses(BTreeSet::from([EntryHash(space.0)])));
        }
        let opened = self.opened_length(entry);
        let (graph, coalition) = self.pair(space)?;
        let mut missing = BTreeSet::new();
        let mut parents = Vec::with_capacity(header.parents.len());
        for parent in &header.parents {
            match graph.index.get(parent) {
                Some(i) => parents.push(*i),
                None => self.misses(draft, parent, &mut missing)?,
            }
        }
        if coalition.is_none() && !header.control.is_empty() {
            return Err(Fault::misbehaved("entry: only a thread's entries name control heads"));
        }
        self.control_known(draft, coalition, &header.control, &mut missing)?;
        if !missing.is_empty() {
            return Ok(Look::Misses(missing));
        }
        parents.sort_unstable();
        let past = graph.past_through(&parents, coalition, &header.control)?;
        let fold = graph.fold_at(coalition, &past)?;
        let control = control.as_ref();
        let case = Case { graph, coalition, entry, control, parents: &parents, past: &past, fold: &fold };
        let org = case.check()?;
        let place = At { controls: graph.controls(), coalition: graph.is_coalition(), opened };
        let account = Account { org, coalition: Some(space).filter(|_| control.is_some() && place.coalition) };
        let urgent = is_urgent(&self.waiting, draft, entry)?;
        if let Some(late) = pay(draft, account, (entry, urgent), place, now, terms)? {
            return Ok(Look::Late(late));
        }
        let row = Row {
            author: header.author,
            org,
            kind: header.kind,
            parents,
            control: header.control.clone(),
            epoch: header.epoch,
            time: header.time,
        };
        self.insert(draft, entry, &row, past, control, out)?;
        Ok(Look::Accepted)
    }

    fn look_found(
        &mut self,
        draft: &mut Draft<'_>,
        entry: &Entry,
        found: &Found,
        now: Time,
        terms: Terms,
        out: &mut Offered,
    ) -> Result<Look> {
        let header = entry.header();
        let mut coalition = None;
        if let Purpose::Thread { coalition: k, .. } = &found.purpose {
            if !self.ensure(draft, *k)? {
                return Ok(Look::Misses(BTreeSet::from([EntryHash(k.0)])));
            }
            coalition = Some(self.pair(*k)?.0);
            if coalition.is_some_and(|k| !k.is_coalition()) {
                return Err(Fault::misbehaved("found: a thread of a space that is no coalition"));
            }
            let mut missing = BTreeSet::new();
            self.control_known(draft, coalition, &header.control, &mut missing)?;
            if !missing.is_empty() {
                return Ok(Look::Misses(missing));
            }
        }
        let row = |org| Row {
            author: header.author,
            org,
            kind: Kind::Found,
            parents: Vec::new(),
            control: header.control.clone(),
            epoch: None,
            time: header.time,
        };
        let unborn = Graph::new(entry.space(), found, OrgId::ZERO);
        let past = unborn.past_through(&[], coalition, &header.control)?;
        let org = accept::found(entry, found, coalition, &past)?;
        let place = At { controls: 0, coalition: matches!(found.purpose, Purpose::Coalition { .. }), opened: 0 };
        let urgent = is_urgent(&self.waiting, draft, entry)?;
        if let Some(late) = pay(draft, Account { org, coalition: None }, (entry, urgent), place, now, terms)? {
            return Ok(Look::Late(late));
        }
        let graph = Graph::new(entry.space(), found, org);
        let record = SpaceRecord {
            space: graph.space,
            kind: graph.kind.clone(),
            custodian: org,
            founded: header.time,
            members: Vec::new(),
            closed: false,
        };
        draft.put(Table::Space, graph.space.0, codec::encode(&record));
        if !matches!(record.kind, SpaceKind::Thread { .. }) {
            rows::no_thread(draft, record.space);
        }
        self.clock += 1;
        self.keep_graph(graph);
        self.insert(draft, entry, &row(org), past, Some(&Control::Found(found.clone())), out)?;
        Ok(Look::Accepted)
    }

    /// A parent that is not in the space: missing, or never to come.
    fn misses(&self, view: &dyn View, hash: &EntryHash, missing: &mut BTreeSet<EntryHash>) -> Result<()> {
        if self.refused.has(hash) {
            return Err(Fault::misbehaved("entry: follows one that was refused"));
        }
        if self.has(view, hash)? {
            return Err(Fault::misbehaved("entry: follows an entry of another space"));
        }
        missing.insert(*hash);
        Ok(())
    }

    fn control_known(
        &self,
        view: &dyn View,
        coalition: Option<&Graph>,
        control: &[EntryHash],
        missing: &mut BTreeSet<EntryHash>,
    ) -> Result<()> {
        let Some(coalition) = coalition else { return Ok(()) };
        for head in control {
            if coalition.control_number(head).is_none() {
                self.misses(view, head, missing)?;
            }
        }
        Ok(())
    }

    /// Stores an accepted entry, and works out what follows from it.
    fn insert(
        &mut self,
        draft: &mut Draft<'_>,
        entry: &Entry,
        row: &Row,
        past: Past,
        control: Option<&Control>,
        out: &mut Offered,
    ) -> Result<()> {
        let (space, hash) = (entry.space(), entry.hash());
        let removal = matches!(row.kind, Kind::Revoke | Kind::Retire | Kind::Approve);
        let members = changes_members(row.kind);
        self.ensure(draft, space)?;
        if row.kind != Kind::Found {
            self.count(space, None)?;
        }
        let before = self.standing(space, members)?;
        let known = self.pair(space)?.0.controls();

        let graph = self.graphs.get_mut(&space).ok_or_else(|| Fault::bug("spaces: a graph is not in memory"))?;
        let everywhere = graph.is_coalition() && control.is_some();
        let weight = graph.weight;
        let i = graph.push(hash, row, past, control.cloned())?;
        self.weight += graph.weight - weight;
        self.outdate(space, everywhere);
        load::store(draft, space, i, entry, row);
        out.accepted.push((space, hash));
        self.tend.insert(space);

        self.count(space, None)?;
        let after = self.standing(space, members)?;
        self.take_turned(space, out)?;
        if removal {
            self.note_last_words(draft, space, &before.heads)?;
        }
        if members && (after.fold != before.fold || row.kind == Kind::Found) {
            out.members.insert(space);
            self.put_record(draft, space)?;
            // Who comes back by an admission may bring back those whom it had admitted, and has its own places again where no removal
            // undoes them.
            let spreads = removal || row.kind == Kind::Grant;
            if spreads && self.pair(space)?.0.is_coalition() {
                self.spread(draft, space, known, (&before.fold, &after.fold), out)?;
            }
        }
        if let Some(control) = control {
            self.take_keys(draft, space, hash, control, out)?;
        }
        Ok(())
    }

    fn standing(&self, space: SpaceId, members: bool) -> Result<Standing> {
        let (graph, coalition) = self.pair(space)?;
        let fold = if members && graph.len() > 0 { graph.fold_now(coalition)? } else { Arc::default() };
        let heads = if members { graph.counted_heads() } else { Vec::new() };
        Ok(Standing { heads, fold })
    }

    /// Notes what counts otherwise than before.
    fn take_turned(&mut self, space: SpaceId, out: &mut Offered) -> Result<()> {
        let graph = self.graphs.get_mut(&space).ok_or_else(|| Fault::bug("spaces: a graph is not in memory"))?;
        let turned = graph.take_turned();
        if !turned.is_empty() {
            out.turned.entry(space).or_default().extend(turned);
        }
        Ok(())
    }

    /// After a removal: heads that counted before and do not now are last words. A `keep` is to save them, of each author those
    /// that came first and last.
    fn note_last_words(&self, draft: &mut Draft<'_>, space: SpaceId, heads: &[EntryHash]) -> Result<()> {
        let (graph, _) = self.pair(space)?;
        let lost = heads.iter().filter_map(|hash| graph.index.get(hash)).copied().filter(|i| !graph.counts(*i));
        for hash in graph.last_words(lost.collect()) {
            draft.put(Table::Fold, rows::last_word_key(space, &hash), Vec::new());
        }
        Ok(())
    }

    /// What a removal from the coalition, a retirement or an admission there means for the threads of whom it concerns. `known`: the control
    /// entries before it.
    fn spread(
        &mut self,
        draft: &mut Draft<'_>,
        coalition: SpaceId,
        known: u32,
        (before, after): (&Fold, &Fold),
        out: &mut Offered,
    ) -> Result<()> {
        let mut orgs: BTreeSet<OrgId> = BTreeSet::new();
        orgs.extend(before.members.keys().filter(|org| !after.members.contains_key(org)));
        // Whom a retired node or a removed steward had admitted is back where the retirement or removal that is heard now follows it.
        orgs.extend(after.members.keys().filter(|org| !before.members.contains_key(org)));
        // What a retired node granted falls, also of one that had no place.
        let placed = before.nodes.iter().chain(&before.over);
        orgs.extend(placed.filter(|(node, _)| after.retired.contains(*node)).map(|(_, org)| *org));
        // Who stays in by an admission that comes after may have places in threads that do not.
        if let Some(What::Revoke { org, .. }) = self.pair(coalition)?.0.facts.last().map(|fact| &fact.what) {
            orgs.extend(after.members.contains_key(org).then_some(*org));
        }
        if before.charter != after.charter {
            // With the charter, it may have changed which revocations stand.
            orgs.extend(self.pair(coalition)?.0.revoked());
        }
        let mut threads = BTreeSet::new();
        for org in orgs {
            threads.extend(rows::seats_of(draft, org)?.into_iter().map(|(space, _)| space));
        }
        for thread in threads {
            self.ensure(draft, thread)?;
            if self.pair(thread)?.0.coalition() != Some(coalition) {
                continue;
            }
            self.count(thread, Some(known))?;
            let (graph, k) = self.pair(thread)?;
            let heads = graph.counted_heads();
            let knew = Past { coalition: super::bits::Bits::below(known), ..graph.whole(k) };
            let was = graph.fold_at(k, &knew)?;
            self.count(thread, None)?;
            self.note_last_words(draft, thread, &heads)?;
            let (graph, k) = self.pair(thread)?;
            let is = graph.fold_now(k)?;
            let ours = before.nodes.get(&self.me) == Some(&graph.custodian);
            // Whom our retired node let in stays in if a node of ours that is not retired confirms it.
            if ours && was.members.keys().any(|org| !is.members.contains_key(org) && after.members.contains_key(org)) {
                draft.put(Table::Fold, rows::confirm_key(thread), Vec::new());
            }
            if was != is {
                out.members.insert(thread);
                self.put_record(draft, thread)?;
            }
            self.take_turned(thread, out)?;
            self.tend.insert(thread);
        }
        Ok(())
    }

    /// Writes the space's record and seats again.
    fn put_record(&self, draft: &mut Draft<'_>, space: SpaceId) -> Result<()> {
        let (graph, coalition) = self.pair(space)?;
        if graph.is_coalition() {
            return Ok(());
        }
        let fold = graph.fold_now(coalition)?;
        for org in graph.ever_in(&graph.whole(coalition).own)? {
            let seat = fold.members.get(&org);
            let row = SeatRow { member: seat.is_some(), expires: seat.and_then(|seat| seat.expires) };
            rows::put_seat(draft, org, space, row);
        }
        if let Some(mut record) = self.record(draft, space)? {
            record.members = fold.members.keys().copied().collect();
            record.closed = fold.closed;
            draft.put(Table::Space, space.0, codec::encode(&record));
        }
        Ok(())
    }
}

/// Whether something here waits for an entry, or it takes somebody out.
fn is_urgent(waiting: &Waiting, view: &dyn View, entry: &Entry) -> Result<bool> {
    let ends = matches!(entry.header().kind, Kind::Revoke | Kind::Retire);
    Ok(ends || waiting.is_waited_for(view, &entry.hash())?)
}

/// Where an entry is to stand: how many control entries its space has, and whether that is a coalition.
#[derive(Clone, Copy)]
struct At {
    controls: u32,
    coalition: bool,
    /// Bytes that its body opens to in clear.
    opened: usize,
}

/// Charges an entry that breaks no rule, or says that there is not enough left for it.
fn pay(
    draft: &mut Draft<'_>,
    account: Account,
    (entry, urgent): (&Entry, bool),
    place: At,
    now: Time,
    terms: Terms,
) -> Result<Option<Late>> {
    let (own, released) = match terms {
        Terms::Free => return Ok(None),
        Terms::Charged { own, .. } => (own, false),
        Terms::Released { own, .. } => (own, true),
    };
    if account.org == own {
        return Ok(None);
    }
    let cost = allowance::cost(entry, place.controls, place.coalition, place.opened);
    let late = Late { account, cost, urgent: released || urgent };
    if !late.fits(account.left(draft, now)?) {
        return Ok(Some(late));
    }
    account.charge(draft, late.cost, now)?;
    Ok(None)
}

/// What held before or after an entry was taken.
struct Standing {
    heads: Vec<EntryHash>,
    fold: Arc<Fold>,
}
