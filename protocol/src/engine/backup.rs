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
use crate::sync::kept::{self, Deposit, Leaving, Pile};
use crate::sync::left::{self, Backup};
use crate::sync::session::backup::{Left, Looked};
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

fn fresh(held: &Backup, now: Time) -> bool {
    held.pile.number > 0 && held.claimed.is_none() && !held.full && now.since(held.at) < limits::BACKUP_FRESH
}

/// Who might be made to hand records over against the persons (42 CFR 2.61 to 2.67), and keeps none.
const fn stands_apart(kind: PartnerKind) -> bool {
    matches!(kind, PartnerKind::LawEnforcement | PartnerKind::CriminalJustice | PartnerKind::ChildWelfare)
}

impl Engine {
    /// The organisations that may keep our records, best first: in an order of our own, so that each has about as much to keep.
    /// Those who [stand apart](stands_apart) are left out.
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
                if !stands_apart(member.card.kind) {
                    let rank = crate::keys::digest::sha256(b"belay keeper v1\0", &[own.as_bytes(), org.as_bytes()]);
                    ranked.insert((rank, *org));
                }
            }
        }
        Ok(ranked.into_iter().map(|(_, org)| org).collect())
    }

    /// Whether an organisation may have been left records of ours by a later state of this disk, or a copy: it is or was with us in a
    /// coalition, also one that it or we are out of by now.
    fn may_have_kept(&mut self, view: &dyn View, org: OrgId) -> Result<bool> {
        if org == self.identity.org() {
            return Ok(false);
        }
        for coalition in self.coalitions(view)? {
            if self.spaces.record(view, coalition)?.is_none() {
                continue;
            }
            let roster = self.spaces.roster(view, coalition)?;
            if roster.orgs.get(&org).is_some_and(|member| !stands_apart(member.card.kind)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What partners hold of this node's: of each the best of its nodes that are not retired, and claimed nothing that is not so.
    ///
    /// # Errors
    /// `Store`.
    pub fn backups(&mut self, view: &dyn View) -> Result<BTreeMap<OrgId, Backup>> {
        let all = self.standing_backups(view)?.into_iter();
        Ok(all.map(|(org, (_, held))| (org, held)).collect())
    }

    /// Partners of which a node said that it keeps more than this one ever left there, and could not show it; since when.
    ///
    /// # Errors
    /// `Store`.
    pub fn false_claims(&mut self, view: &dyn View) -> Result<BTreeMap<OrgId, Time>> {
        let mut claims: BTreeMap<OrgId, Time> = BTreeMap::new();
        for (org, _, held) in self.left_standing(view)? {
            if let Some(at) = held.claimed {
                claims.entry(org).and_modify(|first| *first = at.min(*first)).or_insert(at);
            }
        }
        Ok(claims)
    }

    /// What was left with nodes that are not retired.
    fn left_standing(&mut self, view: &dyn View) -> Result<Vec<(OrgId, NodeId, Backup)>> {
        let mut all = left::all(view)?;
        if all.is_empty() {
            return Ok(all);
        }
        let mut standing: BTreeSet<NodeId> = self.sessions.peers().map(|(_, node, ..)| node).collect();
        for record in self.spaces.no_threads(view)? {
            if matches!(record.kind, SpaceKind::Coalition { .. }) {
                standing.extend(self.spaces.fold(view, record.space)?.nodes.keys());
            }
        }
        all.retain(|(_, node, _)| standing.contains(node));
        Ok(all)
    }

    fn standing_backups(&mut self, view: &dyn View) -> Result<BTreeMap<OrgId, (NodeId, Backup)>> {
        let mut best: BTreeMap<OrgId, (NodeId, Backup)> = BTreeMap::new();
        for (org, node, held) in self.left_standing(view)?.into_iter().filter(|(.., held)| held.claimed.is_none()) {
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
            if held.claimed.is_some() {
                continue;
            }
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
            // is not chosen now may have been then, and who is out by this disk may not have been by the other.
            if held == Backup::default() && self.sessions.looked(link).is_none() && self.may_have_kept(draft, org)? {
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
            let number = held.signed.number.saturating_add(1);
            let pile = Pile { number, chain: kept::chained(&held.pile.chain, &package) };
            // On the disk before it leaves: if its answer does not come, it is known again for our own, and is never the proof of a later state.
            left::put(draft, (org, node), &Backup { sent: Some(upto), signed: pile, ..held });
            work.durable = true;
            let deposit = Deposit { of: (self.identity.org(), self.identity.node()), with: (org, node), pile };
            let leaving = Leaving { number, package, signature: deposit.sign(self.identity.key()) };
            let (sessions, mut tools) = self.tools(draft, &mut work.got, ctx);
            sessions.leave(link, leaving, (upto, pile), &mut tools);
        }
        Ok(())
    }

    /// When a node that stays linked is asked again what lies there; `None` if nothing was left there.
    fn look_again(&self, link: u64, held: &Backup) -> Option<Time> {
        if !held.is_asked() {
            return None;
        }
        Some(self.sessions.looked(link).map_or(Time(0), |at| at.plus(limits::BACKUP_LOOK)))
    }

    /// Whom to leave it with: with nodes that hold a fresh backup already, then by the rank of organisations that are linked, one node
    /// of each. Who would take nothing now (it has no room, lost what it had today, or owes an answer) makes room for the next.
    fn chosen(&mut self, view: &dyn View, now: Time) -> Result<BTreeSet<NodeId>> {
        let mut linked: BTreeMap<OrgId, BTreeSet<NodeId>> = BTreeMap::new();
        let claimed: BTreeSet<NodeId> =
            left::all(view)?.into_iter().filter(|(.., held)| held.claimed.is_some()).map(|(_, node, _)| node).collect();
        for (_, node, org, _) in self.sessions.peers().filter(|(_, node, ..)| !claimed.contains(node)) {
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
    /// The one package more whose answer never came is ours. What this node signed and its disk does not know was left by a later state of
    /// it, or by a copy: that is fetched, to be opened with the phrase. What was signed earlier than the last is an older state of the
    /// keeper's, and proves nothing.
    fn note_looked(&mut self, draft: &mut Draft<'_>, now: Time, looked: Looked) -> Result<()> {
        let Some(with) = self.sessions.with(looked.link) else { return Ok(()) };
        let held = left::get(draft, with)?;
        if held.is_none() && looked.pile.number == 0 {
            return Ok(());
        }
        let mut held = held.unwrap_or_default();
        let all = self.to_back_up(draft)?;
        let Looked { fits, pile, .. } = looked;
        if looked.ours && pile.number >= held.signed.number && pile != held.signed {
            if !planted::is(Bug::LaterStateIgnored) {
                let known = if fits { held.pile } else { Pile::default() };
                self.look_for_later(draft, now, (looked.link, with.0, with.1), (known, pile))?;
            }
            held = Backup { signed: pile, sent: None, ..held };
        }
        let stands = |upto| {
            let whole = if upto >= all { now } else { held.whole };
            let pile = if pile.number > held.pile.number { pile } else { held.pile };
            Backup { upto, pile, at: now, whole, ..held }
        };
        let row = match held.sent.filter(|_| pile == held.signed) {
            Some(upto) if fits => Backup { sent: None, full: false, ..stands(upto) },
            _ if fits => stands(held.upto),
            _ => {
                // Who fails to again and again does not get everything again and again.
                let next = if held.anew == Time(0) { now } else { now.max(held.anew.plus(limits::BACKUP_LOOK)) };
                Backup { upto: 0, pile, at: Time(0), sent: None, full: false, next, anew: now, ..held }
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
            pile: left.pile,
            at: ctx.now,
            whole: if all { ctx.now } else { before.whole },
            sent: None,
            full: false,
            next: ctx.now.plus(wait),
            ..before
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
            let Some(held) = left::get(view, (org, node))?.filter(|held| held.claimed.is_none()) else { continue };
            if held.upto < count {
                due.push(held.next);
            }
            due.extend(self.look_again(link, &held));
        }
        Ok(due.into_iter().filter(|at| *at > now).min())
    }
}
