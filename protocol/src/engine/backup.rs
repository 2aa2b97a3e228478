//! This organisation's own records, left with partners.
//!
//! Each node leaves the entries of the private space, sealed to the recovery key, with up to three other organisations, one node of
//! each. What became of it each of these says for itself, see [`left`].

use super::settle::Work;
use super::{Context, Engine};
use crate::fault::{Fault, Result};
use crate::ids::{NodeId, OrgId, SpaceId};
use crate::keys::backup;
use crate::limits;
use crate::planted::{self, Bug};
use crate::random;
use crate::space::SpaceKind;
use crate::space::control::PartnerKind;
use crate::store::{Draft, View};
use crate::sync::kept;
use crate::sync::left::{self, Backup};
use crate::sync::session::backup::{Left, Looked};
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

fn fresh(held: &Backup, now: Time) -> bool {
    held.count > 0 && !held.full && now.since(held.at) < limits::BACKUP_FRESH
}

impl Engine {
    /// The organisations that may keep our records, best first: in an order of our own, so that each has about as much to keep.
    /// Those who might be made to hand it over against the persons (42 CFR 2.61 to 2.67) are left out.
    ///
    /// # Errors
    /// `Store`.
    pub fn keepers(&mut self, view: &dyn View) -> Result<Vec<OrgId>> {
        let own = self.identity.org();
        let mut ranked = BTreeSet::new();
        for coalition in self.coalitions(view)? {
            if self.spaces.record(view, coalition)?.is_none() || self.is_out(view, coalition)? {
                continue;
            }
            let roster = self.spaces.roster(view, coalition)?;
            for (org, member) in roster.orgs.iter().filter(|(org, member)| **org != own && !member.removed) {
                let apart = matches!(
                    member.card.kind,
                    PartnerKind::LawEnforcement | PartnerKind::CriminalJustice | PartnerKind::ChildWelfare
                );
                if !apart {
                    let rank = crate::keys::digest::sha256(b"belay keeper v1\0", &[own.as_bytes(), org.as_bytes()]);
                    ranked.insert((rank, *org));
                }
            }
        }
        Ok(ranked.into_iter().map(|(_, org)| org).collect())
    }

    /// What partners hold of this node's: of each the best of its nodes that are not retired.
    ///
    /// # Errors
    /// `Store`.
    pub fn backups(&mut self, view: &dyn View) -> Result<BTreeMap<OrgId, Backup>> {
        let all = self.standing_backups(view)?.into_iter();
        Ok(all.map(|(org, (_, held))| (org, held)).collect())
    }

    fn standing_backups(&mut self, view: &dyn View) -> Result<BTreeMap<OrgId, (NodeId, Backup)>> {
        let mut best: BTreeMap<OrgId, (NodeId, Backup)> = BTreeMap::new();
        let all = left::all(view)?;
        if all.is_empty() {
            return Ok(best);
        }
        let mut standing: BTreeSet<NodeId> = self.sessions.peers().map(|(_, node, ..)| node).collect();
        for record in self.spaces.no_threads(view)? {
            if matches!(record.kind, SpaceKind::Coalition { .. }) {
                standing.extend(self.spaces.fold(view, record.space)?.nodes.keys());
            }
        }
        for (org, node, held) in all.into_iter().filter(|(_, node, _)| standing.contains(node)) {
            if best.get(&org).is_none_or(|(_, other)| (other.upto, other.at) < (held.upto, held.at)) {
                best.insert(org, (node, held));
            }
        }
        Ok(best)
    }

    /// How many entries the private space has here: a backup that goes up to there is whole.
    ///
    /// # Errors
    /// `Store`.
    pub fn to_back_up(&mut self, view: &dyn View) -> Result<u32> {
        match self.private_space(view)? {
            Some(private) => self.spaces.count_of(view, private),
            None => Ok(0),
        }
    }

    /// Leaves with partners that are linked what they do not hold yet; takes in what they said.
    pub(super) fn back_up(&mut self, draft: &mut Draft<'_>, work: &mut Work, ctx: &mut Context<'_>) -> Result<()> {
        let looked = std::mem::take(&mut work.got.looked);
        let answered = !looked.is_empty();
        for looked in looked {
            self.note_looked(draft, ctx.now, looked)?;
        }
        for left in std::mem::take(&mut work.got.left) {
            self.note_left(draft, ctx, left)?;
        }
        if self.recovering.is_some() {
            return Ok(());
        }
        if answered {
            // Whoever turned out to hold more is asked for it at once.
            self.hear(draft, work, ctx)?;
        }
        let Some(private) = self.private_space(draft)? else { return Ok(()) };
        let count = self.spaces.count_of(draft, private)?;
        let links = self.sessions.to_leave(ctx.now);
        if links.is_empty() || !self.may_write(draft, private)? {
            return Ok(());
        }
        let mut chosen = None;
        for (link, node, org) in links {
            let held = left::get(draft, (org, node))?.unwrap_or_default();
            if self.look_again(link, &held).is_some_and(|at| at <= ctx.now) {
                let (sessions, mut tools) = self.tools(draft, &mut work.got, ctx);
                sessions.look(link, &held, &mut tools);
                continue;
            }
            // What waits so that its time is not told waits no longer than this machine stands: that it goes off shows anyway.
            let waits = held.next > ctx.now && !(self.parting && fresh(&held, ctx.now));
            if held.upto >= count || waits {
                continue;
            }
            // What lies there though nothing was left there was left by a later state of this disk, and would be taken for all of it. Who
            // is not chosen now may have been then.
            if held == Backup::default() && self.sessions.looked(link).is_none() && self.keepers(draft)?.contains(&org)
            {
                let (sessions, mut tools) = self.tools(draft, &mut work.got, ctx);
                sessions.look(link, &held, &mut tools);
                continue;
            }
            if chosen.is_none() {
                chosen = Some(self.chosen(draft, ctx.now)?);
            }
            let Some(chosen) = chosen.as_ref().filter(|chosen| !chosen.is_empty()) else {
                // Before the roster has come nobody is chosen.
                continue;
            };
            if !chosen.contains(&node) {
                self.sessions.leave_again(link, ctx.now.plus(limits::BACKUP_EVERY));
                continue;
            }
            let Some((package, upto)) = self.package(draft, ctx, private, held.upto)? else { continue };
            let chain = kept::chained(&held.chain, &package);
            // On the disk before it leaves: if its answer does not come, it is known again for our own.
            left::put(draft, (org, node), &Backup { sent: Some((upto, chain)), ..held });
            work.durable = true;
            let (sessions, mut tools) = self.tools(draft, &mut work.got, ctx);
            sessions.leave(link, package, (upto, chain), &mut tools);
        }
        Ok(())
    }

    /// When a node that stays linked is asked again what lies there; `None` if nothing was left there.
    fn look_again(&self, link: u64, held: &Backup) -> Option<Time> {
        if held.count == 0 && held.sent.is_none() {
            return None;
        }
        Some(self.sessions.looked(link).map_or(Time(0), |at| at.plus(limits::BACKUP_LOOK)))
    }

    /// Whom to leave it with: with nodes that hold a fresh backup already, then by the rank of organisations that are linked, one node
    /// of each. Who would take nothing now (it has no room, lost what it had today, or owes an answer) makes room for the next.
    fn chosen(&mut self, view: &dyn View, now: Time) -> Result<BTreeSet<NodeId>> {
        let mut linked: BTreeMap<OrgId, BTreeSet<NodeId>> = BTreeMap::new();
        for (_, node, org, _) in self.sessions.peers() {
            linked.entry(org).or_default().insert(node);
        }
        let late = self.sessions.answers_awaited().filter(|(_, since)| now.since(*since) >= limits::BACKUP_ANSWER);
        let silent: BTreeSet<NodeId> = late.map(|(node, _)| node).collect();
        let best = self.standing_backups(view)?;
        let mut ranked = Vec::new();
        for (rank, org) in self.keepers(view)?.into_iter().enumerate() {
            match (best.get(&org), linked.get(&org)) {
                (Some((node, held)), _) if fresh(held, now) => ranked.push((false, rank, *node)),
                (Some((_, held)), _) if held.next > now => {}
                (Some((node, _)), Some(linked)) if linked.contains(node) => ranked.push((true, rank, *node)),
                (_, Some(linked)) => ranked.extend(linked.first().map(|node| (true, rank, *node))),
                (_, None) => {}
            }
        }
        ranked.retain(|(.., node)| !silent.contains(node));
        ranked.sort_unstable();
        Ok(ranked.into_iter().take(limits::BACKUP_PARTNERS).map(|(_, _, node)| node).collect())
    }

    /// The next package after so many entries, and up to which it goes.
    fn package(
        &mut self,
        draft: &Draft<'_>,
        ctx: &mut Context<'_>,
        private: SpaceId,
        from: u32,
    ) -> Result<Option<(Vec<u8>, u32)>> {
        const AT_ONCE: usize = 256;
        let Some(to) = self.spaces.recovery_key(draft, private)? else { return Ok(None) };
        let (mut entries, mut upto): (Vec<Vec<u8>>, u32) = (Vec::new(), from);
        for hash in self.spaces.order(draft, private, from, AT_ONCE)? {
            let entry = self.spaces.entry(draft, &hash)?.ok_or_else(|| Fault::store("an entry in order is missing"))?;
            let lengths = entries.iter().map(Vec::len).chain([entry.bytes().len()]);
            if backup::room(lengths) > limits::BACKUP_SIZES[3] {
                break;
            }
            upto += 1;
            if !(planted::is(Bug::BackupSkips) && upto % 3 == 0) {
                entries.push(entry.bytes().to_vec());
            }
        }
        if entries.is_empty() {
            return Ok(None);
        }
        let package = backup::seal(&to, self.identity.org(), &entries, ctx.random)?;
        Ok(Some((package, upto)))
    }

    /// A node said what lies there. Where all that was left does, it goes on from there; where it does not, that node gets everything anew.
    /// The one package more whose answer never came is ours. What lies there beyond was left by a later state of this disk, or by a copy of
    /// it: that is fetched, to be opened with the phrase.
    fn note_looked(&mut self, draft: &mut Draft<'_>, now: Time, looked: Looked) -> Result<()> {
        let Some(with) = self.sessions.with(looked.link) else { return Ok(()) };
        let held = left::get(draft, with)?;
        if held.is_none() && looked.count == 0 {
            return Ok(());
        }
        let held = held.unwrap_or_default();
        let all = self.to_back_up(draft)?;
        let Looked { fits, count, chain, .. } = looked;
        let stands = |upto, count, chain| {
            let whole = if upto >= all { now } else { held.whole };
            Backup { upto, count, chain, at: now, whole, ..held }
        };
        let row = match held.sent.filter(|(_, sent)| count == held.count + 1 && chain == *sent) {
            Some((upto, _)) if fits => Backup { sent: None, full: false, ..stands(upto, count, chain) },
            _ if fits && count <= held.count => stands(held.upto, held.count, held.chain),
            _ if fits => {
                if !planted::is(Bug::LaterStateIgnored) {
                    self.look_for_later(draft, now, (looked.link, with.0, with.1), held.count)?;
                }
                stands(held.upto, count, chain)
            }
            _ => {
                // Who fails to again and again does not get everything again and again.
                let next = if held.anew == Time(0) { now } else { now.max(held.anew.plus(limits::BACKUP_LOOK)) };
                let whole = held.whole;
                Backup { upto: 0, count, chain, at: Time(0), whole, sent: None, full: false, next, anew: now }
            }
        };
        left::put(draft, with, &row);
        Ok(())
    }

    fn note_left(&mut self, draft: &mut Draft<'_>, ctx: &mut Context<'_>, left: Left) -> Result<()> {
        let Some(with) = self.sessions.with(left.link) else { return Ok(()) };
        let before = left::get(draft, with)?.unwrap_or_default();
        if !left.kept {
            // Who is next by rank gets its turn.
            self.sessions.leave_any();
            let next = ctx.now.plus(limits::BACKUP_REFUSED);
            left::put(draft, with, &Backup { full: true, sent: None, next, ..before });
            return Ok(());
        }
        // What is there at once goes at once; what is written from now on waits a little, so that the time of a package is not that
        // of an act.
        let all = left.upto >= self.to_back_up(draft)?;
        let wait = if all {
            let share = u64::from(u16::from_be_bytes(random::array(ctx.random)));
            limits::BACKUP_EVERY + limits::BACKUP_EVERY * share / u64::from(u16::MAX)
        } else {
            0
        };
        let row = Backup {
            upto: left.upto,
            count: before.count.saturating_add(1),
            chain: left.chain,
            at: ctx.now,
            whole: if all { ctx.now } else { before.whole },
            sent: None,
            full: false,
            next: ctx.now.plus(wait),
            anew: before.anew,
        };
        left::put(draft, with, &row);
        Ok(())
    }

    /// Lets go what is kept here for organisations that have been out for long. When the next is due.
    pub(super) fn tidy_shelves(&mut self, draft: &mut Draft<'_>, now: Time) -> Result<Option<Time>> {
        let mut members = BTreeSet::new();
        for record in self.spaces.no_threads(draft)? {
            if matches!(record.kind, SpaceKind::Coalition { .. }) {
                members.extend(self.spaces.fold(draft, record.space)?.members.keys());
            }
        }
        kept::tidy(draft, &members, now)
    }

    /// When a partner that is linked is to get what it does not hold yet, or to be asked what it holds.
    pub(super) fn next_backup(&mut self, view: &dyn View, now: Time) -> Result<Option<Time>> {
        let Some(private) = self.private_space(view)? else { return Ok(None) };
        let count = self.spaces.count_of(view, private)?;
        let mut due: Vec<Time> =
            self.sessions.answers_awaited().map(|(_, since)| since.plus(limits::BACKUP_ANSWER)).collect();
        let kept = left::all(view)?.iter().filter(|(.., held)| fresh(held, now)).count();
        if kept < limits::BACKUP_PARTNERS {
            due.extend(self.sessions.looked_again());
        }
        for (link, node, org, _) in self.sessions.peers() {
            let Some(held) = left::get(view, (org, node))? else { continue };
            if held.upto < count {
                due.push(held.next);
            }
            due.extend(self.look_again(link, &held));
        }
        Ok(due.into_iter().filter(|at| *at > now).min())
    }
}
