//! What falls due: the ends of grants, prekeys, peers that keep silent. Each timer has a name.

use super::apply;
use super::output::Event;
use super::prekeys::{PREKEY, prekey_due};
use super::receipts;
use super::seats::{self, Ends};
use super::settle::{Work, allowed};
use super::{Context, Engine, identity};
use crate::fault::Result;
use crate::space::By;
use crate::store::{Draft, Table, View};
use crate::sync::arrivals::From;
use crate::sync::bookmark;
use crate::sync::rights;
use crate::time::{HOUR, MINUTE, SECOND, Time};

/// How long a peer may owe us something in silence, before others are asked.
const SILENCE: u64 = 30 * SECOND;
/// How often one register is said again after another run of this node said otherwise: two copies of a folder do not race.
const AGAIN: u64 = HOUR;
/// How soon an expiry is looked at again, when the clock could not be trusted.
const LOOK_AGAIN: u64 = 10 * MINUTE;
/// Organisations whose clocks must agree with ours before an expiry ends a membership.
const WITNESSES: usize = 2;

impl Engine {
    /// One tick.
    pub(super) fn upkeep(&mut self, draft: &mut Draft<'_>, work: &mut Work, ctx: &mut Context<'_>) -> Result<()> {
        self.sessions.release_silent(Time(ctx.now.0.saturating_sub(SILENCE)));
        self.sessions.release_overdue(ctx.now);
        self.apply_later(draft, work)?;
        self.turn_later(draft, work, ctx.now)?;
        self.show_held_back(draft, work, ctx.now)?;
        self.end_expired(draft, work, ctx)?;
        for (hash, offered) in self.spaces.take_owed(draft, ctx.now)? {
            work.got.took(hash, offered, From::Waited);
        }
        self.ask_anew(draft, work, ctx.now)?;
        self.spaces.tend_lacking(draft, ctx.now)?;
        self.rotate_prekey(draft, work, ctx)?;
        self.post(draft, work, ctx, false)?;
        self.destroy_prekeys(draft, work, ctx.now)
    }

    /// What waited for too long for something that never came is dropped, and asked for anew of whoever may have it.
    fn ask_anew(&mut self, draft: &mut Draft<'_>, work: &mut Work, now: Time) -> Result<()> {
        for node in self.spaces.drop_waited(draft, now)? {
            bookmark::forget(draft, node);
            work.got.dropped.insert(node);
        }
        Ok(())
    }

    /// What a clock held back, and a clock (ours mended, or a longer grant) lets go now.
    fn show_held_back(&mut self, draft: &mut Draft<'_>, work: &mut Work, now: Time) -> Result<()> {
        for (space, org) in rights::held_back(draft)? {
            if self.spaces.may_have(draft, space, org, now)? {
                rights::opened(draft, space, org)?;
                work.owed.insert(org);
            }
        }
        Ok(())
    }

    /// Writes the `revoke` for what has expired, at once as custodian, after a day as any other member, and only by a clock that two
    /// organisations share. Nobody takes itself out so: its place may have been made longer where it has not heard, and whoever leaves by
    /// its own word is asked why. What can not be ended (this node was told that it is out, or the custodian has its day) holds nothing up:
    /// each tick goes on behind where the last one came to, and begins anew at the end.
    fn end_expired(&mut self, draft: &mut Draft<'_>, work: &mut Work, ctx: &mut Context<'_>) -> Result<()> {
        if self.sessions.clocks_agreeing(self.identity.org()) < WITNESSES {
            return Ok(());
        }
        let all = seats::past(draft, self.ended_to.take(), ctx.now)?;
        self.ended_to = all.last().copied().filter(|_| all.len() == seats::EXPIRIES);
        for ends in all {
            let Ends { space, org, .. } = ends;
            if !self.may_write(draft, space)? || ctx.now < self.ends_from(draft, ends)? {
                continue;
            }
            let mut by = By { key: self.identity.key(), now: ctx.now, random: ctx.random };
            if let Some(written) = allowed(self.spaces.revoke(draft, &mut by, space, org))? {
                work.got.wrote(written.offered);
                seats::expired(draft, ends);
                work.events.push(Event::Expired { space, org });
            }
        }
        Ok(())
    }

    /// Another run of this node, rolled back since or a copy, published registers that this one did not write. Each is said again
    /// as this store has it, at most once an hour.
    pub(super) fn publish_again(
        &mut self,
        draft: &mut Draft<'_>,
        work: &mut Work,
        ctx: &mut Context<'_>,
    ) -> Result<()> {
        for (space, name) in std::mem::take(&mut work.got.own_registers) {
            let key = [b"said again/", &space.as_bytes()[..], name.as_bytes()].concat();
            let said = draft.get(Table::Own, &key)?.and_then(|at| at.try_into().ok()).map(u64::from_be_bytes);
            if said.is_some_and(|at| ctx.now.since(Time(at)) < AGAIN) || !self.may_write(draft, space)? {
                continue;
            }
            draft.put(Table::Own, key, ctx.now.0.to_be_bytes());
            if name == PREKEY {
                // Its private half is not here.
                self.new_prekey(draft, work, ctx)?;
            } else if name == crate::sync::receipt::RECEIPT {
                work.receipts.insert(space);
            } else {
                work.events.push(Event::Register { space, node: self.identity.node(), name });
            }
        }
        Ok(())
    }

    /// When to tick next.
    pub(super) fn next_wake(&mut self, draft: &Draft<'_>, work: &mut Work, now: Time) -> Result<()> {
        if let Some(at) = self.sessions.due(SILENCE) {
            work.wake_at(at, "a peer owes us something");
        }
        if receipts::are_due(draft)? {
            work.wake_at(now.plus(SECOND), "receipts were put off");
        }
        if apply::is_left(draft)? {
            work.wake_at(now, "bodies are opened further");
        }
        if let Some(at) = self.next_turned(draft, now)? {
            work.wake_at(at, "what counts is taken up further");
        }
        if self.sessions.goes_on() {
            work.wake_at(now, "spaces are compared further");
        }
        if let Some(at) = self.sessions.later() {
            work.wake_at(at.max(now.plus(MINUTE)), "an organisation said more than is taken at once");
        }
        if let Some(at) = self.spaces.next_owed(draft, now)? {
            work.wake_at(at.max(now.plus(MINUTE)), "an organisation said more than is taken at once");
        }
        if let Some(at) = self.spaces.next_waited(draft)? {
            work.wake_at(at.max(now.plus(MINUTE)), "what waits for too long is looked for");
        }
        if let Some(at) = seats::next(draft, now)? {
            work.wake_at(at, "a grant expires");
        }
        if self.ended_to.is_some() {
            work.wake_at(now.plus(SECOND), "more grants have expired than are looked at at once");
        } else if !seats::past(draft, None, now)?.is_empty() {
            work.wake_at(now.plus(LOOK_AGAIN), "a grant has expired and was not ended");
        }
        if !rights::held_back(draft)?.is_empty() {
            work.wake_at(now.plus(LOOK_AGAIN), "something was held back by the clock");
        }
        if let Some(at) = self.next_backup(draft, now)? {
            work.wake_at(at, "a partner is to get what it keeps for us");
        }
        if let Some(at) = self.spaces.next_lacking(draft)? {
            work.wake_at(at.max(now.plus(SECOND)), "keys are lacking that no other node of ours has brought");
        }
        self.post_wake(draft, work, now)?;
        work.wake_at(prekey_due(identity::prekey_made(draft)?, now).max(now.plus(MINUTE)), "a new prekey is due");
        Ok(())
    }
}
