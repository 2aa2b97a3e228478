//! All sessions of a node, and what they share: who was asked for what, so that nothing is asked for twice.

use crate::fault::{Class, Fault, Result};
use crate::ids::{EntryHash, NodeId, OrgId, ParcelId, SpaceId};
use crate::limits;
use crate::sync::checked::Checked;
use crate::sync::kept::{Leaving, Pile, Place};
use crate::sync::late::LateEntries;
use crate::sync::left::Backup;
use crate::sync::session::Session;
use crate::sync::tools::Tools;
use crate::sync::wire::Run;
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// The sessions of one run of a node.
pub struct Sessions {
    run: Run,
    sessions: BTreeMap<u64, Session>,
    shared: Shared,
    /// Sessions that have looked at all parcels once.
    posted: BTreeSet<u64>,
}

/// What all sessions look at.
#[derive(Default)]
pub struct Shared {
    /// Which link was asked for an entry, and when.
    pub(super) asked: BTreeMap<EntryHash, (u64, Time)>,
    /// Over which link a space is being compared, and since when.
    pub(super) comparing: BTreeMap<SpaceId, (u64, Time)>,
    /// Entries that were sent and are to be taken later, see [`Late`].
    pub(super) late: LateEntries,
    /// What the other links of an organisation have here, while a frame of one is taken.
    pub(super) beside: Beside,
    /// Where control entries were accepted since registers that came early were last offered.
    stirred: BTreeSet<SpaceId>,
}

/// What one organisation makes a node hold, but over one of its links: whatever nodes it has, its bounds are those of one.
#[derive(Default)]
pub(super) struct Beside {
    /// Bytes of registers that came early.
    pub early: usize,
    /// Names of entries that were announced.
    pub pending: usize,
    /// Names of entries that were dropped for lack of room.
    pub dropped: usize,
}

/// Where something may be permitted now that was not before.
pub(super) enum Stirred {
    /// In these spaces.
    Spaces(BTreeSet<SpaceId>),
    /// In all that may stand in a coalition.
    Everything,
}

impl Stirred {
    pub fn any(&self) -> bool {
        matches!(self, Self::Everything) || matches!(self, Self::Spaces(spaces) if !spaces.is_empty())
    }
}

impl Sessions {
    /// None yet.
    #[must_use]
    pub fn new(run: Run) -> Self {
        Self { run, sessions: BTreeMap::new(), shared: Shared::default(), posted: BTreeSet::new() }
    }

    /// A link stands to an admitted peer.
    ///
    /// # Errors
    /// `Store`; `Misuse` for a link number that is in use.
    pub fn connected(&mut self, link: u64, peer: NodeId, org: OrgId, t: &mut Tools<'_, '_>) -> Result<()> {
        if self.sessions.contains_key(&link) {
            return Err(Fault::misuse(format!("link {link} is in use")));
        }
        let session = Session::open(link, peer, org, self.run, t)?;
        self.sessions.insert(link, session);
        Ok(())
    }

    /// A frame came. A fault of the peer is `Ok(Some(fault))`: the link is forgotten here and to be closed.
    ///
    /// # Errors
    /// `Store` or `Bug`: nothing of this call may be kept.
    pub fn received(&mut self, link: u64, frame: Checked, t: &mut Tools<'_, '_>) -> Result<Option<Fault>> {
        self.shared.beside = self.beside(link);
        // After our own close, frames may still be on their way.
        let Some(session) = self.sessions.get_mut(&link) else { return Ok(None) };
        let outcome = frame.open().and_then(|(frame, signed)| session.receive(frame, signed, &mut self.shared, t));
        match outcome {
            Ok(()) => Ok(None),
            Err(fault) if matches!(fault.class, Class::Store | Class::Bug) => Err(fault),
            Err(fault) => {
                self.disconnected(link);
                Ok(Some(fault))
            }
        }
    }

    fn beside(&self, link: u64) -> Beside {
        let Some(org) = self.sessions.get(&link).map(|session| session.org) else { return Beside::default() };
        let others = self.sessions.values().filter(|session| session.org == org && session.link != link);
        others.fold(Beside::default(), |sum, session| Beside {
            early: sum.early + session.inn.early.bytes(),
            pending: sum.pending + session.inn.pending.len(),
            dropped: sum.dropped + session.inn.dropped.len(),
        })
    }

    /// Bytes of registers that came early over all links of an organisation.
    #[cfg(test)]
    pub fn early_bytes(&self, org: OrgId) -> usize {
        self.sessions.values().filter(|session| session.org == org).map(|session| session.inn.early.bytes()).sum()
    }

    /// The link is gone. What was asked of it is asked of others by the next [`Sessions::serve`].
    pub fn disconnected(&mut self, link: u64) {
        self.sessions.remove(&link);
        self.posted.remove(&link);
        self.release(link);
        // Names that no link brings any more are kept for when it comes back, while there is room.
        let pending = |hash: &EntryHash| self.sessions.values().any(|session| session.inn.pending.contains(hash));
        self.shared.late.let_go(pending);
    }

    /// Forgets all sessions: their links are being closed.
    pub fn clear(&mut self) {
        self.sessions.clear();
        self.shared = Shared::default();
        self.posted.clear();
    }

    fn release(&mut self, link: u64) {
        self.shared.asked.retain(|_, (asked, _)| *asked != link);
        self.shared.comparing.retain(|_, (comparing, _)| *comparing != link);
    }

    /// After each input or step: notes what came, and offers again the registers that were ahead of their space's entries. True
    /// if one was taken: then its consequences are to be drawn.
    ///
    /// # Errors
    /// `Store`.
    pub fn note_stored(&mut self, t: &mut Tools<'_, '_>) -> Result<bool> {
        let settled = std::mem::take(&mut t.got.stored);
        for hash in &settled {
            self.shared.asked.remove(hash);
            self.shared.late.remove(hash);
        }
        self.shared.stirred.append(&mut t.got.stirred);
        let mut stirred = Stirred::Spaces(std::mem::take(&mut self.shared.stirred));
        if let Stirred::Spaces(spaces) = &stirred {
            for space in spaces {
                if t.is_coalition(*space)? {
                    stirred = Stirred::Everything;
                    break;
                }
            }
        }
        let before = (t.got.registers.len(), t.got.removed.len());
        for session in self.sessions.values_mut() {
            if !session.inn.pending.is_empty() {
                for hash in &settled {
                    session.inn.pending.remove(hash);
                }
            }
            session.want_dropped(&settled, t)?;
            session.inn.lossy |= t.got.dropped.contains(&session.peer);
            session.offer_early(&stirred, t)?;
        }
        Ok((t.got.registers.len(), t.got.removed.len()) != before)
    }

    /// Then: keeps tokens, asks, and sends what peers may have. Who let the fewest asks lapse is asked first.
    ///
    /// # Errors
    /// `Store`.
    pub fn serve(&mut self, t: &mut Tools<'_, '_>) -> Result<()> {
        // What this node wrote of its own accord since.
        self.shared.stirred.append(&mut t.got.stirred);
        let mut sessions: Vec<&mut Session> = self.sessions.values_mut().collect();
        sessions.sort_by_key(|session| (session.inn.lapses, session.link));
        for session in sessions {
            (session.looks, session.goes_on) = (0, false);
            session.keep_token(t)?;
            session.work_compare(&mut self.shared, t)?;
            session.ask(&mut self.shared, t)?;
            session.serve(&self.shared, t)?;
        }
        Ok(())
    }

    /// At last, parcels: a session that is new looks at all there is, the others at what changed.
    ///
    /// # Errors
    /// `Store`.
    pub fn serve_post(&mut self, t: &mut Tools<'_, '_>) -> Result<()> {
        let changed = std::mem::take(&mut t.got.post);
        for session in self.sessions.values_mut() {
            let new = session.theirs.is_some() && self.posted.insert(session.link);
            session.serve_post((!new).then_some(&changed), t)?;
        }
        Ok(())
    }

    /// Whether something was left with a carrier, or a partner that keeps own records, that has not answered yet.
    #[must_use]
    pub fn leaving(&self) -> bool {
        self.sessions.values().any(|session| session.leaves() || session.backing.busy())
    }

    /// The links over which a parcel came.
    pub fn that_brought(&self, parcel: &ParcelId) -> impl Iterator<Item = u64> {
        self.sessions.values().filter(|session| session.brought(parcel)).map(|session| session.link)
    }

    /// Nothing of a parcel that came over this link could be kept: it is fetched again later.
    pub fn put_off(&mut self, link: u64, parcel: ParcelId, now: Time) {
        if let Some(session) = self.sessions.get_mut(&link) {
            session.put_off(parcel, now);
        }
    }

    /// Whether a node of this organisation is connected and has greeted.
    #[must_use]
    pub fn speaks_with(&self, org: OrgId) -> bool {
        self.sessions.values().any(|session| session.org == org && session.theirs.is_some())
    }

    /// Links over which a package may be left now, one to each node that owes us no answer about one.
    pub fn to_leave(&self, now: Time) -> Vec<(u64, NodeId, OrgId)> {
        let mut seen: BTreeSet<NodeId> = self.sessions.values().filter(|s| s.backing.busy()).map(|s| s.peer).collect();
        self.sessions
            .values()
            .filter(|s| s.theirs.is_some() && s.backing.not_before.is_none_or(|at| at <= now))
            .filter(|s| seen.insert(s.peer))
            .map(|s| (s.link, s.peer, s.org))
            .collect()
    }

    /// Since when each node that owes an answer about a package has owed it.
    pub fn answers_awaited(&self) -> impl Iterator<Item = (NodeId, Time)> {
        self.sessions.values().filter_map(|session| Some((session.peer, session.backing.awaited()?)))
    }

    /// Leaves one over this link. `then`: what the node holds once it keeps it.
    pub fn leave(&mut self, link: u64, leaving: Leaving, then: (u32, Pile), t: &mut Tools<'_, '_>) {
        if let Some(session) = self.sessions.get_mut(&link) {
            session.leave_package(leaving, then, t);
        }
    }

    /// Asks whether what the node at the other end held lies there still.
    pub fn look(&mut self, link: u64, held: &Backup, t: &mut Tools<'_, '_>) {
        if let Some(session) = self.sessions.get_mut(&link) {
            session.look(held, t);
        }
    }

    /// When the node at the other end last said, over this link, what lies there.
    #[must_use]
    pub fn looked(&self, link: u64) -> Option<Time> {
        self.sessions.get(&link).and_then(|session| session.backing.looked)
    }

    /// No further one goes over this link before then.
    pub fn leave_again(&mut self, link: u64, at: Time) {
        if let Some(session) = self.sessions.get_mut(&link) {
            session.backing.not_before = Some(at);
        }
    }

    /// Who is to get one is looked at anew, over every link.
    pub fn leave_any(&mut self) {
        for session in self.sessions.values_mut() {
            session.backing.not_before = None;
        }
    }

    /// When those are looked at again that were to get none.
    pub fn looked_again(&self) -> impl Iterator<Item = Time> {
        self.sessions.values().filter_map(|session| session.backing.not_before)
    }

    /// Asks a partner for the next package that it keeps.
    pub fn fetch_kept(&mut self, link: u64, after: Option<Place>, t: &mut Tools<'_, '_>) {
        if let Some(session) = self.sessions.get_mut(&link) {
            session.fetch_kept(after, t);
        }
    }

    /// With whom a link stands.
    #[must_use]
    pub fn with(&self, link: u64) -> Option<(OrgId, NodeId)> {
        self.sessions.get(&link).map(|session| (session.org, session.peer))
    }

    /// Takes what was asked of peers that have been silent since `before` away from them, so that others are asked.
    pub fn release_silent(&mut self, before: Time) {
        let silent: Vec<u64> = self.sessions.values().filter(|s| s.heard < before).map(|s| s.link).collect();
        for link in silent {
            self.release(link);
        }
    }

    /// Takes from each peer what it was asked for too long ago, whatever else it says: a peer that withholds what it announced can
    /// not keep others from being asked. It is not asked for that again in its session, and its answer is taken if it comes. An ask
    /// goes on where nobody else announced the entry, and is looked at again.
    pub fn release_overdue(&mut self, now: Time) {
        let overdue: Vec<(EntryHash, u64)> =
            self.asks_due().filter(|(at, ..)| *at <= now).map(|(_, hash, link)| (hash, link)).collect();
        for (hash, link) in overdue {
            if self.sessions.values().any(|other| other.link != link && other.may_ask(&hash)) {
                self.shared.asked.remove(&hash);
                if let Some(session) = self.sessions.get_mut(&link) {
                    session.lapse(&hash);
                }
            } else {
                self.shared.asked.insert(hash, (link, now));
            }
        }
        let overdue: Vec<SpaceId> =
            self.comparisons_due().filter(|(at, _)| *at <= now).map(|(_, space)| space).collect();
        for space in overdue {
            if let Some((link, _)) = self.shared.comparing.remove(&space)
                && let Some(session) = self.sessions.get_mut(&link)
            {
                session.inn.lapses = session.inn.lapses.saturating_add(1);
            }
        }
    }

    fn asks_due(&self) -> impl Iterator<Item = (Time, EntryHash, u64)> {
        self.shared.asked.iter().filter_map(|(hash, (link, since))| {
            Some((since.plus(self.sessions.get(link)?.patience(limits::ASK_LIFE)), *hash, *link))
        })
    }

    fn comparisons_due(&self) -> impl Iterator<Item = (Time, SpaceId)> {
        self.shared.comparing.iter().filter_map(|(space, (link, since))| {
            Some((since.plus(self.sessions.get(link)?.patience(limits::COMPARE_LIFE)), *space))
        })
    }

    /// When [`Sessions::release_overdue`] or [`Sessions::release_silent`] has something to do next, if nothing comes before. A fixed
    /// time: frames that come meanwhile do not put it off.
    #[must_use]
    pub fn due(&self, silence: u64) -> Option<Time> {
        let owing = self.shared.asked.values().chain(self.shared.comparing.values()).map(|(link, _)| *link);
        let owing: BTreeSet<u64> = owing.collect();
        let silent = owing.iter().filter_map(|link| Some(self.sessions.get(link)?.heard.plus(silence + 1)));
        let lapsing = self.asks_due().map(|(at, ..)| at).chain(self.comparisons_due().map(|(at, _)| at));
        silent.chain(lapsing).min()
    }

    /// Whether spaces are to be compared further as soon as other inputs have had their turn.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        self.sessions.values().any(|session| session.goes_on)
    }

    /// When something that was sent too early may be asked for again.
    #[must_use]
    pub fn later(&self) -> Option<Time> {
        self.sessions.values().flat_map(|session| [session.inn.later, session.post.again]).flatten().min()
    }

    /// The nodes and organisations connected now, with how far their clocks stood from ours in milliseconds.
    pub fn peers(&self) -> impl Iterator<Item = (u64, NodeId, OrgId, Option<u64>)> {
        self.sessions.values().map(|s| (s.link, s.peer, s.org, s.theirs.map(|greeting| greeting.ahead.unsigned_abs())))
    }

    /// Our clock was set: those of the peers stand otherwise from it since.
    pub(crate) fn clock_moved(&mut self, by: i64) {
        let moved = |at: &mut Time| *at = Time(at.0.saturating_add_signed(by));
        for session in self.sessions.values_mut() {
            if let Some(greeting) = &mut session.theirs {
                greeting.ahead = greeting.ahead.saturating_sub(by);
            }
            moved(&mut session.heard);
            session.inn.later.iter_mut().chain(&mut session.post.again).for_each(moved);
        }
        // What was asked for is as old as it was.
        self.shared.asked.values_mut().for_each(|(_, since)| moved(since));
        self.shared.comparing.values_mut().for_each(|(_, since)| moved(since));
    }

    /// The links whose other ends have said hello, with their nodes and organisations.
    pub fn greeted(&self) -> impl Iterator<Item = (u64, NodeId, OrgId)> {
        self.peers().filter(|(.., skew)| skew.is_some()).map(|(link, node, org, _)| (link, node, org))
    }

    /// How many connected organisations have clocks within `limits::CLOCK_SKEW` of ours.
    #[must_use]
    pub fn clocks_agreeing(&self, but: OrgId) -> usize {
        let agreeing: BTreeSet<OrgId> = self
            .peers()
            .filter(|(_, _, org, skew)| *org != but && skew.is_some_and(|skew| skew <= limits::CLOCK_SKEW))
            .map(|(_, _, org, _)| org)
            .collect();
        agreeing.len()
    }
}
