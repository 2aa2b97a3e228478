//! A local command: what the use cases write, in one transaction.

use super::settle::Work;
use super::{Context, Engine, Event, Output, inner};
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, NodeId, OrgId, SpaceId};
use crate::keys::{Certificate, Founder, Retirement};
use crate::random::Random;
use crate::space::control::OrgCard;
use crate::space::entry::Entry;
use crate::store::{Draft, Row, Table, View};
use crate::sync::rights;
use std::collections::BTreeMap;

/// One local command. Reads see its own writes. Dropped without [`Step::finish`], nothing happened.
pub struct Step<'e> {
    pub(super) engine: &'e mut Engine,
    view: &'e dyn View,
    pub(super) draft: Draft<'e>,
    pub(super) ctx: Context<'e>,
    pub(super) work: Work,
    /// What it writes takes back, or passes on that somebody took back.
    pub(super) takes_back: bool,
    finished: bool,
}

impl Drop for Step<'_> {
    fn drop(&mut self) {
        if !self.finished {
            self.engine.spaces.forget();
        }
    }
}

impl<'e> Step<'e> {
    pub(super) fn new(engine: &'e mut Engine, view: &'e dyn View, ctx: Context<'e>) -> Self {
        let work = Work { durable: true, ..Work::default() };
        Self { engine, view, draft: Draft::new(view), ctx, work, takes_back: false, finished: false }
    }

    /// The engine, for its queries, with the draft to give them as view.
    pub const fn engine(&mut self) -> (&mut Engine, &mut Draft<'e>) {
        (self.engine, &mut self.draft)
    }

    /// The writes so far, laid over the store: read-your-writes, and the place for the use cases' own records.
    pub const fn draft(&mut self) -> &mut Draft<'e> {
        &mut self.draft
    }

    /// The engine, the draft and this step's randomness, for what needs all of them.
    pub fn drawing(&mut self) -> (&mut Engine, &mut Draft<'e>, &mut dyn Random) {
        (&mut *self.engine, &mut self.draft, &mut *self.ctx.random)
    }

    /// Time and randomness of this step.
    pub const fn context(&mut self) -> &mut Context<'e> {
        &mut self.ctx
    }

    /// What this step writes can be made again: it need not be on the disk when it is committed, unless an entry is among it.
    pub const fn may_be_lost(&mut self) {
        self.work.durable = false;
    }

    /// What this step writes takes a consent back, or passes on that somebody did: that goes also while own records are not whole, see
    /// [`Engine::later_state`].
    pub const fn takes_back(&mut self) {
        self.takes_back = true;
    }

    /// Draws the consequences of what was written so far and gives the events since the last call: own bodies appear as
    /// [`Event::Applied`]. [`Step::finish`] gives those that were not taken.
    ///
    /// # Errors
    /// `Store` or `Bug`; then drop the step.
    pub fn take_events(&mut self) -> Result<Vec<Event>> {
        self.engine.settle(&mut self.draft, &mut self.work, &mut self.ctx).map_err(inner)?;
        Ok(std::mem::take(&mut self.work.events))
    }

    /// Founds this organisation's private space by the root's word, see [`crate::keys::RootKey::founder`].
    ///
    /// # Errors
    /// `Misuse` if there is one already.
    pub fn found_private(&mut self, founder: Founder) -> Result<SpaceId> {
        if self.engine.private_space(&self.draft)?.is_some() {
            return Err(Fault::misuse("this organisation has its private space already"));
        }
        let certificate = self.engine.identity.certificate().clone();
        self.write_with(|spaces, draft, by| spaces.found_private(draft, by, founder, certificate)).map(SpaceId::from)
    }

    /// Founds a coalition with this organisation as its first member and only steward.
    ///
    /// # Errors
    /// `Misuse` for a name that is empty or too long.
    pub fn found_coalition(&mut self, name: &str, card: OrgCard) -> Result<SpaceId> {
        let certificate = self.engine.identity.certificate().clone();
        self.write_with(|spaces, draft, by| spaces.found_coalition(draft, by, name, card, certificate))
            .map(SpaceId::from)
    }

    /// From now on this node takes entries of `coalition`, which `introducer` let it into.
    ///
    /// # Errors
    /// `Store`.
    pub fn join_coalition(&mut self, coalition: SpaceId, introducer: OrgId) -> Result<()> {
        rights::join(&mut self.draft, coalition, introducer);
        Ok(())
    }

    /// Takes entries that came some other way than over a sync link (a join's pages, a file). Those that break a rule are
    /// refused, those that lack a parent wait.
    ///
    /// # Errors
    /// The fault of the first entry that is refused; drop the step then.
    pub fn take_entries(&mut self, entries: Vec<Vec<u8>>) -> Result<()> {
        for bytes in entries {
            let entry = Entry::verify(bytes)?;
            let hash = entry.hash();
            let (_, mut tools) = self.engine.tools(&mut self.draft, &mut self.work.got, &mut self.ctx);
            tools.import(hash, entry)?;
        }
        Ok(())
    }

    /// Takes the entry by which somebody took this organisation out of a space, as a peer's denial brought it.
    ///
    /// # Errors
    /// `Misbehaved` if it is no such entry, or its author has no part in that space.
    pub fn take_removal(&mut self, bytes: Vec<u8>) -> Result<()> {
        let (_, mut tools) = self.engine.tools(&mut self.draft, &mut self.work.got, &mut self.ctx);
        tools.take_removal(bytes, None).map(drop)
    }

    /// Admits an organisation with its first node.
    ///
    /// # Errors
    /// `NotPermitted` if this organisation is no steward.
    pub fn admit(&mut self, coalition: SpaceId, card: OrgCard, certificate: Certificate) -> Result<EntryHash> {
        self.in_space(coalition)?;
        self.write_with(|spaces, draft, by| spaces.admit(draft, by, coalition, card, certificate))
    }

    /// Removes an organisation from the coalition, and so from every thread.
    ///
    /// # Errors
    /// `NotPermitted` if this organisation is no steward.
    pub fn remove(&mut self, coalition: SpaceId, org: OrgId) -> Result<EntryHash> {
        self.in_space(coalition)?;
        self.write_with(|spaces, draft, by| spaces.revoke(draft, by, coalition, org))
    }

    /// Leaves the coalition.
    ///
    /// # Errors
    /// `NotPermitted` for the last steward.
    pub fn leave(&mut self, coalition: SpaceId) -> Result<EntryHash> {
        let own = self.engine.org();
        self.remove(coalition, own)
    }

    /// Retires a node of this organisation, for good, in every coalition and in the private space. Where it was certified in one
    /// of them only, its certificate goes before, so that the retirement stands in all.
    ///
    /// # Errors
    /// `Misuse` for a node that this organisation never had, or a retirement that is not of its root.
    pub fn retire(&mut self, retirement: &Retirement) -> Result<()> {
        let spaces = self.own_spaces()?;
        let mut certified = BTreeMap::new();
        for space in &spaces {
            let (engine, draft) = self.engine();
            certified.insert(*space, engine.spaces.certificate(draft, *space, &retirement.node)?);
        }
        let ours = |c: &&Certificate| c.root == retirement.root;
        let certificate = certified.values().flatten().find(ours).cloned();
        let certificate = certificate.ok_or_else(|| {
            Fault::misuse("this organisation never had that node; `belay node list` shows those it has")
        })?;
        for space in spaces {
            let (engine, draft) = self.engine();
            if engine.spaces.fold(draft, space)?.retired.contains(&retirement.node) {
                continue;
            }
            if certified.get(&space).is_none_or(Option::is_none) {
                let certificate = certificate.clone();
                self.write_with(|spaces, draft, by| spaces.certify(draft, by, space, certificate))?;
            }
            let retirement = retirement.clone();
            self.write_with(|spaces, draft, by| spaces.retire(draft, by, space, retirement))?;
        }
        Ok(())
    }

    /// Where this organisation's nodes stand.
    fn own_spaces(&mut self) -> Result<Vec<SpaceId>> {
        let mut spaces = self.engine.coalitions(&self.draft)?;
        spaces.extend(self.engine.private_space(&self.draft)?);
        let mut here = Vec::new();
        for space in spaces {
            if self.engine.spaces.record(&self.draft, space)?.is_some() {
                here.push(space);
            }
        }
        Ok(here)
    }

    /// Writes a body into the private space, sealed.
    ///
    /// # Errors
    /// `Misuse` if there is no private space, or the body is too large.
    pub fn write_private(&mut self, body: &[u8]) -> Result<EntryHash> {
        let space = self
            .engine
            .private_space(&self.draft)?
            .ok_or_else(|| Fault::misuse("this organisation has no private space here yet"))?;
        self.write_with(|spaces, draft, by| spaces.write(draft, by, space, body))
    }

    /// Writes a body into the coalition space, in clear to its members.
    ///
    /// # Errors
    /// `NotPermitted` if this organisation is no member.
    pub fn write_coalition(&mut self, coalition: SpaceId, body: &[u8]) -> Result<EntryHash> {
        self.in_space(coalition)?;
        self.write_with(|spaces, draft, by| spaces.write(draft, by, coalition, body))
    }

    /// Publishes a value of this node's register `name` in a space; the one before it is forgotten. A value that stands already
    /// is not published again.
    ///
    /// # Errors
    /// `Misuse` for a value or name that is too long, `NotPermitted` if this organisation is no member.
    pub fn register(&mut self, space: SpaceId, name: &str, value: &[u8]) -> Result<()> {
        self.in_space(space)?;
        self.engine.publish(&mut self.draft, &mut self.work, &mut self.ctx, space, name, value.to_vec())
    }

    /// Whether this node may write in the space, as far as it has heard.
    ///
    /// # Errors
    /// `Store`.
    pub fn may_write(&mut self, space: SpaceId) -> Result<bool> {
        self.engine.may_write(&self.draft, space)
    }

    /// Refuses where this node has heard that it was taken out.
    pub(super) fn in_space(&mut self, space: SpaceId) -> Result<()> {
        if self.engine.spaces.record(&self.draft, space)?.is_none() {
            return Err(Fault::misuse(format!("space {} is not here", space.short())));
        }
        if self.engine.may_write(&self.draft, space)? {
            Ok(())
        } else {
            Err(Fault::not_permitted(self.engine.out_sentence(&self.draft, space)?))
        }
    }

    /// Closes the step: draws its consequences and pushes what it wrote to connected peers.
    ///
    /// # Errors
    /// `Store` or `Bug`; then nothing happened.
    pub fn finish(mut self) -> Result<Output> {
        self.engine.settle(&mut self.draft, &mut self.work, &mut self.ctx).map_err(inner)?;
        self.engine.serve(&mut self.draft, &mut self.work, &mut self.ctx).map_err(inner)?;
        self.engine.next_wake(&self.draft, &mut self.work, self.ctx.now).map_err(inner)?;
        self.finished = true;
        let draft = std::mem::replace(&mut self.draft, Draft::new(self.view));
        Ok(std::mem::take(&mut self.work).output(draft))
    }

    /// This node.
    #[must_use]
    pub const fn node(&self) -> NodeId {
        self.engine.node()
    }

    /// Its organisation.
    #[must_use]
    pub const fn org(&self) -> OrgId {
        self.engine.org()
    }
}

impl View for Step<'_> {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>> {
        self.draft.get(table, key)
    }

    fn scan(&self, table: Table, from: &[u8], to: Option<&[u8]>, limit: usize, reverse: bool) -> Result<Vec<Row>> {
        self.draft.scan(table, from, to, limit, reverse)
    }
}
