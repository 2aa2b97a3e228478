//! The newcomer's side of a join.

use super::view::member_roster;
use super::{alone, party};
use crate::api::views::{JoinView, Standing};
use crate::api::{Failure, Outcome, Secret};
use belay_protocol::coalition::handshake::{self, Approved, Join};
use belay_protocol::coalition::invite::{Code, Refusal};
use belay_protocol::engine::{Engine, Step};
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{NodeId, SpaceId};
use belay_protocol::limits;
use belay_protocol::store::{Draft, Table, View};

/// Where the newcomer goes until it knows the addresses that members publish, in [`Table::Own`].
const INTRODUCERS: &[u8] = b"introducers";
/// The join of whose roster a part was taken and the rest was not, in [`Table::Own`].
const PARTLY: &[u8] = b"join-partly";

/// Begins to join with a code, or goes on with one that was begun.
///
/// # Errors
/// In a coalition already, a code that is damaged, expired or our own.
pub fn begin(step: &mut Step<'_>, code: &Secret) -> Outcome<Join> {
    alone(step)?;
    let code = Code::parse(code.reveal()).map_err(|fault| {
        Failure::from(fault).next("belay join, with the whole code as the inviter's node printed it")
    })?;
    let me = party(step)?;
    let now = step.context().now;
    let (_, draft, random) = step.drawing();
    Ok(Join::begin(draft, code, &me, now, random)?)
}

/// What came of a roster that is not here whole yet. One talk holds it: of a talk that breaks nothing is left, and another invite may lead into
/// another coalition.
#[derive(Debug, Default)]
pub struct Pages {
    entries: Vec<Vec<u8>>,
    bytes: usize,
    /// The page that was asked for, by the number of its first entry.
    next: u32,
}

impl Pages {
    fn add(&mut self, from: u32, next: Option<u32>, entries: Vec<Vec<u8>>) -> Result<()> {
        if from != self.next {
            return Err(Fault::misbehaved("join: another page than was asked for"));
        }
        self.next = next.unwrap_or(from);
        self.bytes += entries.iter().map(|entry| entry.len() + limits::JOIN_HELD_ENTRY).sum::<usize>();
        self.entries.extend(entries);
        Ok(())
    }

    /// Whether what there is must be taken before the rest is here.
    const fn is_full(&self) -> bool {
        self.bytes >= limits::JOIN_HELD_BYTES
    }

    fn take(&mut self) -> Vec<Vec<u8>> {
        self.bytes = 0;
        std::mem::take(&mut self.entries)
    }

    /// What holds as much as may be.
    #[cfg(test)]
    pub fn full() -> Self {
        Self { bytes: limits::JOIN_HELD_BYTES, ..Self::default() }
    }
}

/// Takes what the inviter answered to a join's request. The join is read anew: another talk of it may have come further. `pages` are those of
/// this talk.
///
/// # Errors
/// `NotPermitted` with the sentence for the person, if the inviter refuses, or another join let this organisation in: this one is
/// over then.
pub fn heard(step: &mut Step<'_>, (join, pages): (&mut Join, &mut Pages), peer: NodeId, frame: &[u8]) -> Result<Heard> {
    match Join::load(step.draft(), join.code().id())? {
        Some(stored) => *join = stored,
        None => return over(step, join),
    }
    match join.answered(step.draft(), peer, frame)? {
        handshake::joiner::Progress::Known => Ok(Heard::Known),
        handshake::joiner::Progress::Waiting => Ok(Heard::Waiting),
        handshake::joiner::Progress::Stopped(Refusal::Unknown) if join.is_overdue(step.context().now) => {
            Err(Fault::not_permitted(Refusal::Unknown.to_newcomer()))
        }
        handshake::joiner::Progress::Stopped(refusal) => Ok(Heard::Stopped(refusal)),
        handshake::joiner::Progress::Approved(page) => {
            let next = page.next;
            enter(step, page, (&*join, pages))?;
            Ok(next.map_or(Heard::Joined, Heard::More))
        }
    }
}

/// A join that was ended while it was talked of: by another talk of the same one, or by whatever led into a coalition.
fn over(step: &mut Step<'_>, join: &Join) -> Result<Heard> {
    let (engine, draft) = step.engine();
    let inside = member_roster(engine, draft)?.map(|roster| roster.coalition);
    if inside.is_some() && inside == join.offering().map(|offering| offering.coalition) {
        return Ok(Heard::Joined);
    }
    Err(Fault::not_permitted("this join was ended meanwhile; belay status says where this organisation stands"))
}

/// Keeps where to go at first.
pub(in crate::usecases) fn keep_introducers(draft: &mut Draft<'_>, doors: &Vec<(NodeId, Vec<String>)>) {
    draft.put(Table::Own, INTRODUCERS, belay_protocol::codec::encode(doors));
}

/// What became of a join by one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// Who answers is a machine of the inviter's: go on.
    Known,
    /// A steward has yet to approve.
    Waiting,
    /// The inviter does not let us in for now, and is asked again.
    Stopped(Refusal),
    /// A page came; the next begins at this number.
    More(u32),
    /// The coalition is joined.
    Joined,
}

/// Takes control entries of the coalition that let us in, all at once where they have room; the last page ends the join, and whatever other
/// waits: this organisation is in one coalition.
///
/// # Errors
/// `NotPermitted`, if it is in another one already; `Misbehaved` for another page than was asked for, or a whole roster in which this
/// organisation is not: then nothing is taken, and every join goes on.
pub(super) fn enter(step: &mut Step<'_>, page: Approved, (join, pages): (&Join, &mut Pages)) -> Result<()> {
    let (engine, draft) = step.engine();
    if let Some(roster) = member_roster(engine, draft)?.filter(|roster| roster.coalition != page.coalition) {
        return Err(Fault::not_permitted(format!("this organisation is in {} already", roster.name)));
    }
    pages.add(page.from, page.next, page.entries)?;
    if page.next.is_some() && !pages.is_full() {
        return Ok(());
    }
    step.join_coalition(page.coalition, join.code().org)?;
    step.take_entries(pages.take())?;
    if page.next.is_some() {
        step.draft().put(Table::Own, PARTLY, join.code().id().as_bytes());
    } else {
        lets_in(step, page.coalition)?;
        let mut doors = page.addresses;
        let code = join.code();
        doors.splice(0..0, code.relays.iter().map(|relay| (relay.node, relay.addresses.clone())));
        doors.insert(0, (code.node, code.addresses.clone()));
        keep_introducers(step.draft(), &doors);
        end_all(step.draft())?;
    }
    Ok(())
}

/// Whether what was taken has this organisation in. (That it was taken out before is forgotten only after the step.)
fn lets_in(step: &mut Step<'_>, coalition: SpaceId) -> Result<()> {
    let (engine, draft) = step.engine();
    let own = engine.org();
    if engine.spaces().record(draft, coalition)?.is_none() || engine.roster(draft, coalition)?.member(&own).is_none() {
        return Err(Fault::misbehaved("join: this organisation is not in the roster that was sent"));
    }
    Ok(())
}

/// Ends whatever join waits.
pub(super) fn end_all(draft: &mut Draft<'_>) -> Result<()> {
    draft.delete(Table::Own, PARTLY);
    for join in Join::all(draft)? {
        join.end(draft);
    }
    Ok(())
}

/// The joins that wait; and those to be ended, since this organisation is in a coalition: another machine of its own may have joined it. Who is in
/// waits for nothing, but for the rest of a roster of which a part was taken.
///
/// # Errors
/// `Store`.
pub fn going_on(engine: &mut Engine, view: &dyn View) -> Result<(Vec<Join>, Vec<Join>)> {
    let inside = member_roster(engine, view)?.map(|roster| roster.coalition);
    let partly = view.get(Table::Own, PARTLY)?;
    let leads_here = |join: &Join| match inside {
        None => true,
        here => {
            let partly = partly.as_deref() == Some(join.code().id().as_bytes().as_slice());
            partly && here == join.offering().map(|offering| offering.coalition)
        }
    };
    Ok(Join::all(view)?.into_iter().partition(leads_here))
}

/// Where to go while the addresses that members publish are not here yet.
///
/// # Errors
/// `Store`.
pub fn introducers(view: &dyn View) -> Result<Vec<(NodeId, Vec<String>)>> {
    match view.get(Table::Own, INTRODUCERS)? {
        Some(bytes) => belay_protocol::codec::decode("introducers", &bytes).map_err(|f| Fault::store(f.message)),
        None => Ok(Vec::new()),
    }
}

/// What a join shows while it waits.
#[must_use]
pub fn join_view(join: &Join, file: Option<String>) -> JoinView {
    JoinView {
        coalition: join.offering().map(|o| o.coalition),
        standing: Standing::Waiting,
        fingerprint: join.words().unwrap_or_default(),
        file,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_for_the_last_page_is_bounded_also_where_its_entries_are_empty() {
        let mut pages = Pages::default();
        let many = limits::JOIN_HELD_BYTES / limits::JOIN_HELD_ENTRY;
        let next = u32::try_from(many).unwrap();
        pages.add(0, Some(next - 1), vec![Vec::new(); many - 1]).unwrap();
        assert!(!pages.is_full());
        pages.add(next - 1, Some(next), vec![Vec::new()]).unwrap();
        assert!(pages.is_full());
        assert_eq!(pages.take().len(), many);
        assert!(!pages.is_full());
        pages.add(next, None, vec![vec![1]]).unwrap();
    }

    #[test]
    fn another_page_than_was_asked_for_is_not_taken() {
        let mut pages = Pages::default();
        assert!(pages.add(1, None, Vec::new()).is_err());
        pages.add(0, Some(1), vec![vec![1]]).unwrap();
        for from in [0, 2] {
            assert!(pages.add(from, Some(from + 1), vec![vec![1]]).is_err());
        }
        assert_eq!(pages.take().len(), 1);
    }
}
