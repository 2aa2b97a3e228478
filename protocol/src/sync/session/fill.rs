//! A session that stands on no link: what it would send, in pages for parcels. Who may have what is decided by the same code.

use super::serve::Filling;
use super::{Answer, Inbound, Outbound, Phase, Session};
use crate::fault::Result;
use crate::ids::{EntryHash, NodeId, OrgId, SpaceId};
use crate::limits;
use crate::sync::tools::Tools;
use crate::sync::wire::Page;
use crate::sync::{arrivals, receipt};
use crate::time::{DAY, HOUR, Time};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// For whom pages are filled.
pub(in crate::sync) enum Aim {
    /// The peer at the other end, which can ask for what is announced.
    Link,
    /// An organisation that can not: others' entries go whole too. With its nodes, whose own words it has.
    Parcel { nodes: BTreeSet<NodeId>, reach: Reach },
}

/// What of a session goes into parcels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// All but the coalition's space, which whoever carries them brings by its own sessions.
    Threads,
    /// All of it.
    Everything,
}

/// Pages for one organisation, one after another.
pub struct Fill {
    session: Session,
}

impl Fill {
    /// What has arrived from number `first` on.
    #[must_use]
    pub fn since(org: OrgId, nodes: BTreeSet<NodeId>, reach: Reach, first: u64) -> Self {
        let out = Outbound {
            phase: Phase::Listing,
            next: first,
            marked: 0,
            opened: 0,
            answers: VecDeque::new(),
            compared: BTreeSet::new(),
            announced: BTreeMap::new(),
            told: BTreeSet::new(),
            wanted: 0,
            in_flight: 0,
            answered: true,
            owes_token: false,
            aim: Aim::Parcel { nodes, reach },
        };
        let inn = Inbound::default();
        let session = Session {
            link: 0,
            peer: NodeId::ZERO,
            org,
            theirs: None,
            out,
            inn,
            post: super::post::Post::default(),
            backing: super::backup::Backing::default(),
            heard: crate::time::Time::default(),
            looks: 0,
            goes_on: false,
        };
        Self { session }
    }

    /// Everything that it may have and has not acknowledged: what a session would send after a comparison. `all`: that too which it has
    /// acknowledged, since it may have lost it.
    ///
    /// # Errors
    /// `Store`.
    pub fn everything(org: OrgId, nodes: BTreeSet<NodeId>, all: bool, t: &mut Tools<'_, '_>) -> Result<Self> {
        let next = arrivals::last(t.draft)?.0 + 1;
        let mut fill = Self::since(org, nodes, Reach::Everything, next);
        let removals = t.removals_of(org)?;
        fill.session.out.answers.extend(removals.into_iter().map(Answer::Removal));
        for space in t.shared_with(org)? {
            if t.ends_in_the_open(space, org)? {
                continue;
            }
            let known = if all { Vec::new() } else { t.acknowledged(space, org)? };
            fill.session.answer_all(space, &known, t)?;
        }
        Ok(fill)
    }

    /// These first, as far as they are here and the organisation may have them.
    pub fn wanted(&mut self, entries: Vec<EntryHash>) {
        for entry in entries.into_iter().rev() {
            self.session.out.answers.push_front(Answer::Entry(entry));
        }
    }

    /// The next page that has something in it, for one parcel.
    ///
    /// # Errors
    /// `Store`.
    pub fn page(&mut self, t: &mut Tools<'_, '_>) -> Result<Option<Page>> {
        loop {
            let mut filling = Filling::new(Page::default(), limits::PARCEL_PAGE);
            let session = &mut self.session;
            let mut caught_up = false;
            loop {
                session.fill_answers(&mut filling, t)?;
                if !session.out.answers.is_empty() {
                    break;
                }
                caught_up = session.fill_arrivals(&mut filling, t)?;
                if session.out.answers.is_empty() {
                    break;
                }
            }
            let mut page = filling.page;
            page.gone.clear();
            if page.has_content() {
                return Ok(Some(page));
            }
            if caught_up {
                return Ok(None);
            }
        }
    }

    /// The last arrival that the pages so far cover; `None` while something from before the first is left.
    #[must_use]
    pub fn covered(&self) -> Option<u64> {
        self.session.out.answers.is_empty().then(|| self.session.out.next.saturating_sub(1))
    }
}

impl Session {
    /// Answers with all of a space that follows what is known.
    pub(super) fn answer_all(&mut self, space: SpaceId, known: &[EntryHash], t: &mut Tools<'_, '_>) -> Result<()> {
        let follows = t.since(space, known)?;
        self.out.answers.extend(follows.into_iter().map(Answer::Entry));
        for (node, name, _) in t.registers(space)? {
            self.out.answers.push_back(Answer::Register(space, node, name));
        }
        Ok(())
    }

    /// Whether it would go into a parcel, and that would show when a consent ends.
    pub(super) fn shows_an_end(&self, space: SpaceId, t: &mut Tools<'_, '_>) -> Result<bool> {
        Ok(matches!(self.out.aim, Aim::Parcel { .. }) && t.ends_in_the_open(space, self.org)?)
    }

    /// Whether a parcel leaves this out, though its organisation may have it.
    pub(super) fn left_out(
        &self,
        space: SpaceId,
        entry: Option<EntryHash>,
        from: arrivals::From,
        t: &mut Tools<'_, '_>,
    ) -> Result<bool> {
        let Aim::Parcel { nodes, reach } = &self.out.aim else { return Ok(false) };
        if let arrivals::From::Peer(node, _) = from
            && nodes.contains(&node)
        {
            return Ok(true);
        }
        if (*reach == Reach::Threads && t.is_coalition(space)?) || t.ends_in_the_open(space, self.org)? {
            return Ok(true);
        }
        match entry {
            Some(entry) => receipt::delivered(t.spaces, t.draft, space, entry, self.org),
            None => Ok(false),
        }
    }
}

/// When a parcel ends that rests on grants up to then: cut to a whole day, or to an hour where that is too much. Carriers read it, and
/// the moment at which a consent ends would tell them which parcels rest on one. `None`: by now it has.
#[must_use]
pub fn cut(ends: Time, now: Time) -> Option<Time> {
    let cut = if ends.since(now) > 2 * DAY { DAY } else { HOUR };
    Some(Time(ends.0 - ends.0 % cut)).filter(|whole| *whole > now)
}

impl Tools<'_, '_> {
    /// Whether an organisation's time in a space ends so soon that a parcel which rests on it would show when. Nothing of the space goes into
    /// one then; all of it is shown again if its time is made longer.
    pub(in crate::sync) fn ends_in_the_open(&mut self, space: SpaceId, org: OrgId) -> Result<bool> {
        let ends = self.spaces.fold(self.draft, space)?.members.get(&org).and_then(|seat| seat.expires);
        Ok(ends.is_some_and(|ends| cut(ends, self.now).is_none()))
    }

    /// Whether this is a coalition's space.
    pub(in crate::sync) fn is_coalition(&self, space: SpaceId) -> Result<bool> {
        self.spaces.is_coalition(self.draft, space)
    }

    /// What an organisation holds of a space by its own word.
    pub(super) fn acknowledged(&mut self, space: SpaceId, org: OrgId) -> Result<Vec<EntryHash>> {
        receipt::heads(self.spaces, self.draft, space, org)
    }
}
