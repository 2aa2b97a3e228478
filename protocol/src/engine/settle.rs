//! What follows from what came in: arrivals, events, the node's own part in it, receipts. Runs until nothing more follows.

use super::out;
use super::output::{Event, Output};
use super::{Context, Engine};
use crate::codec;
use crate::fault::{Class, Fault, Result};
use crate::ids::{EntryHash, OrgId, SpaceId};
use crate::limits;
use crate::planted::{self, Bug};
use crate::space::control::Revoke;
use crate::space::entry::Kind;
use crate::space::{By, SpaceKind};
use crate::store::{Draft, Table, View};
use crate::sync::Gathered;
use crate::sync::arrivals::{self, From, Item};
use crate::sync::carry::CARRIER;
use crate::sync::receipt::RECEIPT;
use crate::sync::rights;
use crate::time::Time;
use std::collections::BTreeSet;

/// Rounds of upkeep that one input may cause. Each round answers what the one before wrote, or takes parcels that waited for it; honest
/// spaces need two or three. What is left after so many goes round in a circle, which is our bug: to drop it would leave entries accepted
/// and told to nobody.
const ROUNDS: usize = 1_000;

/// One input or step, while it lasts.
#[derive(Default)]
pub(super) struct Work {
    pub got: Gathered,
    pub events: Vec<Event>,
    pub close: Vec<(u64, Fault)>,
    pub durable: bool,
    pub wake: Option<(Time, &'static str)>,
    /// Threads into which something of others came.
    pub(super) receipts: BTreeSet<SpaceId>,
    /// Epochs of threads whose keys came: the organisation's other nodes are to have them.
    pub(super) learnt: BTreeSet<(SpaceId, EntryHash)>,
    /// Threads into which this node wrote something that others are to get.
    pub(super) spoke: BTreeSet<SpaceId>,
    /// Organisations that are to be shown or told something else.
    pub(super) owed: BTreeSet<OrgId>,
    /// Something came in since parcels that wait were tried.
    pub(super) news: bool,
    /// Something is held back that was not: no parcel may hold it.
    pub(super) held: bool,
    /// Bytes of bodies that were opened.
    pub(super) opened: usize,
    /// Entries that turned and were looked at.
    pub(super) turned: usize,
}

/// What a node does of its own accord may turn out not to be its to do: its own removal counts and it has not heard all of it.
/// Then it is left, and that is all.
pub(super) fn allowed<T>(outcome: Result<T>) -> Result<Option<T>> {
    match outcome {
        Ok(done) => Ok(Some(done)),
        Err(fault) if matches!(fault.class, Class::Store | Class::Bug) => Err(fault),
        Err(_) => Ok(None),
    }
}

impl Work {
    pub fn output(self, draft: Draft<'_>) -> Output {
        let Self { got, events, close, durable, wake, .. } = self;
        let durable = (durable || got.promised) && !planted::is(Bug::PromiseUnsynced);
        Output { writes: draft.into_writes(), durable, frames: got.frames, close, events, wake }
    }

    /// Wakes at the earlier of two times.
    pub fn wake_at(&mut self, time: Time, why: &'static str) {
        if self.wake.is_none_or(|(at, _)| time < at) {
            self.wake = Some((time, why));
        }
    }
}

impl Engine {
    /// Draws every consequence of what was gathered.
    pub(super) fn settle(&mut self, draft: &mut Draft<'_>, work: &mut Work, ctx: &mut Context<'_>) -> Result<()> {
        for _ in 0..ROUNDS {
            self.take_came(draft, work, ctx)?;
            self.note_accepted(draft, work, ctx.now)?;
            self.note_seats(draft, work, ctx)?;
            self.apply_opened(draft, work)?;
            self.note_registers(draft, work, ctx)?;
            for space in self.spaces.to_tend() {
                if !planted::is(Bug::Untended) && self.may_write(draft, space)? {
                    let mut by = By { key: self.identity.key(), now: ctx.now, random: ctx.random };
                    if let Some(offered) = allowed(self.spaces.tend(draft, &mut by, space))? {
                        work.got.wrote(offered);
                    }
                }
            }
            self.record_told(draft, work, ctx)?;
            self.share_keys(draft, work, ctx)?;
            let got = &work.got;
            let quiet = got.accepted.is_empty() && got.registers.is_empty() && got.keys.is_empty();
            if quiet && !self.try_held(draft, work)? {
                // Last words that this node has let stand meanwhile have not turned.
                if self.note_turned(draft, work, ctx.now)? {
                    continue;
                }
                self.note_owed(draft, work, ctx)?;
                return self.close_retired(draft, work);
            }
        }
        Err(Fault::bug("what follows from one input does not come to an end"))
    }

    /// Numbers what was accepted, and tells of it.
    fn note_accepted(&mut self, draft: &mut Draft<'_>, work: &mut Work, now: Time) -> Result<()> {
        let mut elsewhere = !work.got.own_registers.is_empty();
        for (space, hash, from) in std::mem::take(&mut work.got.accepted) {
            arrivals::append(draft, Item::Entry { space, hash }, from)?;
            let entry = self.spaces.entry(draft, &hash)?.ok_or_else(|| Fault::bug("accepted, and not there"))?;
            match entry.header().kind {
                Kind::Found => {
                    work.events.push(Event::Joined { space });
                    work.got.members.insert(space);
                }
                Kind::Revoke => {
                    let revoke: Revoke = codec::decode("revoke", entry.body())?;
                    if revoke.org == self.identity.org() {
                        // What was heard of it apart from the graph is forgotten, though the fold may be what it was.
                        work.got.members.insert(space);
                    }
                    if self.spaces.takes_out(draft, &hash)? {
                        let told = [rights::removals_from(draft, revoke.org, space)?, vec![hash]].concat();
                        let many = told.len() > limits::REMOVALS_TOLD;
                        let doubtful = if many { self.spaces.doubtful(draft, &told)? } else { BTreeSet::new() };
                        rights::removed(draft, space, revoke.org, hash, &doubtful)?;
                        work.owed.insert(revoke.org);
                    }
                    // A revocation heard is a promise.
                    work.durable = true;
                }
                Kind::Data => self.apply(draft, work, (space, hash), from == From::Own)?,
                Kind::Retire => work.durable = true,
                Kind::Grant | Kind::Certify | Kind::Keep | Kind::Epoch | Kind::Extend | Kind::Ask | Kind::Approve => {}
            }
            if entry.header().kind.is_control() {
                work.got.stirred.insert(space);
            }
            work.news = true;
            if from == From::Own {
                work.durable = true;
                work.spoke.insert(space);
            } else {
                work.receipts.insert(space);
                elsewhere |= entry.header().author == self.identity.node();
            }
        }
        if elsewhere {
            out::met_elsewhere(draft, now);
            work.events.push(Event::Elsewhere);
        }
        for space in std::mem::take(&mut work.got.removed) {
            work.durable = true;
            work.events.push(Event::Removed { space });
        }
        Ok(())
    }

    /// Tells of registers, publishes receipts, and says again what another run of ours said otherwise.
    fn note_registers(&mut self, draft: &mut Draft<'_>, work: &mut Work, ctx: &mut Context<'_>) -> Result<()> {
        for (space, node, name) in std::mem::take(&mut work.got.registers) {
            if node == self.identity.node() && name != RECEIPT {
                work.spoke.insert(space);
            }
            if name == CARRIER {
                work.got.post.insert(self.identity.org());
            }
            work.events.push(Event::Register { space, node, name });
        }
        self.publish_again(draft, work, ctx)?;
        self.give_receipts(draft, work, ctx)
    }

    /// Publishes a register, unless it says that already.
    pub(super) fn publish(
        &mut self,
        draft: &mut Draft<'_>,
        work: &mut Work,
        ctx: &mut Context<'_>,
        space: SpaceId,
        name: &str,
        value: Vec<u8>,
    ) -> Result<()> {
        let mine = self.spaces.register(draft, space, self.identity.node(), name)?;
        if mine.is_some_and(|mine| mine.value == value) {
            return Ok(());
        }
        let mut by = By { key: self.identity.key(), now: ctx.now, random: ctx.random };
        let register = self.spaces.publish(draft, &mut by, space, name, value)?;
        work.got.published(draft, &register)
    }

    /// Whether this node is in the space, as far as it has heard: by the fold, and by word of a removal.
    pub(super) fn may_write(&mut self, view: &dyn View, space: SpaceId) -> Result<bool> {
        let here = self.spaces.founded(view, space)?.is_some() && !self.is_told_out(view, space)?;
        Ok(here && self.spaces.fold(view, space)?.nodes.contains_key(&self.identity.node()))
    }

    /// Whether this node has heard, apart from the graph, that it is out of the space or of its coalition.
    pub(super) fn is_told_out(&self, view: &dyn View, space: SpaceId) -> Result<bool> {
        if view.get(Table::Removed, space.as_bytes())?.is_some() {
            return Ok(true);
        }
        match self.spaces.founded(view, space)? {
            Some((SpaceKind::Thread { coalition, .. }, _)) => {
                Ok(view.get(Table::Removed, coalition.as_bytes())?.is_some())
            }
            Some((SpaceKind::Coalition { .. } | SpaceKind::Private, _)) | None => Ok(false),
        }
    }

    /// Retired nodes are shown out.
    fn close_retired(&mut self, draft: &Draft<'_>, work: &mut Work) -> Result<()> {
        let changed: Vec<SpaceId> = work
            .events
            .iter()
            .filter_map(|event| if let Event::Members { space } = event { Some(*space) } else { None })
            .collect();
        for space in changed {
            let fold = self.spaces.fold(draft, space)?;
            let out: Vec<u64> =
                self.sessions.peers().filter(|(_, node, ..)| fold.retired.contains(node)).map(|(l, ..)| l).collect();
            for link in out {
                self.sessions.disconnected(link);
                work.close.push((link, Fault::not_permitted("this node was retired by its organisation")));
            }
        }
        Ok(())
    }

    /// Whether an entry was accepted here.
    ///
    /// # Errors
    /// `Store`.
    pub fn has(&self, view: &dyn View, hash: &EntryHash) -> Result<bool> {
        self.spaces.has(view, hash)
    }
}
