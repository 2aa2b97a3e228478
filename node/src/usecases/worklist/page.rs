//! Reads the list: a page in order, whole counts.

use super::fresh::freshen;
use super::index;
use super::kept::Waiting;
use crate::api::care::{ListAsk, Part, ThreadRow, ThreadsView};
use crate::api::{Failure, Outcome};
use belay_protocol::engine::Step;
use belay_protocol::fault::Fault;
use belay_protocol::ids::{ConsentId, OrgId, PersonId, ThreadId};
use belay_protocol::limits::{LIST_PAGE, LIST_PAGE_MAX};
use data_encoding::HEXLOWER;

/// One page. For who shows it to staff and says so in the audit.
///
/// # Errors
/// A place to go on from that is none; `Store`.
pub fn list(step: &mut Step<'_>, ask: &ListAsk) -> Outcome<ThreadsView> {
    freshen(step, usize::MAX)?;
    let limit = ask.limit.map_or(LIST_PAGE, |limit| usize::try_from(limit).unwrap_or(LIST_PAGE_MAX));
    let (threads, more) = match ask.person {
        Some(person) => about(step, person, ask.after.as_deref(), limit)?,
        None => page(step, ask.part, ask.after.as_deref(), limit)?,
    };
    let (pressing, _) = match ask.after {
        None if ask.pressing > 0 => page(step, Part::Due, None, usize::try_from(ask.pressing).unwrap_or(LIST_PAGE))?,
        None | Some(_) => (Vec::new(), None),
    };
    let counts = index::head(step.draft())?.map(|head| head.counts).unwrap_or_default();
    Ok(ThreadsView { threads, counts, more, pressing, ..ThreadsView::default() })
}

fn page(
    step: &mut Step<'_>,
    part: Part,
    after: Option<&str>,
    limit: usize,
) -> Outcome<(Vec<ThreadRow>, Option<String>)> {
    let (limit, after) = (limit.clamp(1, LIST_PAGE_MAX), place(after)?);
    let draft = step.draft();
    // One more than is shown tells whether there is more.
    let mut found = index::in_order(draft, part, &after, limit + 1)?;
    let whole = found.len() <= limit;
    found.truncate(limit);
    let more = found.last().filter(|_| !whole).map(|(place, _)| HEXLOWER.encode(place));
    let mut rows = Vec::with_capacity(found.len());
    for (_, row) in &found {
        let (thread, _) = index::read(row)?;
        let kept = index::kept(draft, thread)?.ok_or_else(|| Fault::bug("a row stands in order and is not there"))?;
        rows.push(kept.row);
    }
    Ok((rows, more))
}

/// A page of what is about one person, newest change first.
fn about(
    step: &mut Step<'_>,
    person: PersonId,
    after: Option<&str>,
    limit: usize,
) -> Outcome<(Vec<ThreadRow>, Option<String>)> {
    let (limit, after) = (limit.clamp(1, LIST_PAGE_MAX), place(after)?);
    let at = |row: &ThreadRow| [&(u64::MAX - row.updated.0).to_be_bytes()[..], &row.id.0].concat();
    let draft = step.draft();
    let mut rows = Vec::new();
    for thread in index::about(draft, person, usize::MAX)? {
        rows.extend(index::kept(draft, thread)?.map(|kept| kept.row).filter(|row| at(row) > after));
    }
    rows.sort_by_key(at);
    let whole = rows.len() <= limit;
    rows.truncate(limit);
    let more = rows.last().filter(|_| !whole).map(|row| HEXLOWER.encode(&at(row)));
    Ok((rows, more))
}

/// Where in a list to go on from.
fn place(after: Option<&str>) -> Outcome<Vec<u8>> {
    HEXLOWER.decode(after.unwrap_or_default().as_bytes()).map_err(|_| {
        Failure::misuse("that is no place in the list to go on from").next("the page before this one says it")
    })
}

/// The threads about a person, sent and received.
///
/// # Errors
/// `Store`.
pub fn of_person(step: &mut Step<'_>, person: PersonId) -> Outcome<Vec<ThreadId>> {
    freshen(step, usize::MAX)?;
    Ok(index::about(step.draft(), person, usize::MAX)?)
}

/// A referral under this consent that `other` left by itself, while nobody has put on record why.
///
/// # Errors
/// `Store`.
pub fn left_by(step: &mut Step<'_>, consent: ConsentId, other: OrgId) -> Outcome<Option<ThreadId>> {
    freshen(step, usize::MAX)?;
    for thread in index::left(step.draft(), consent)? {
        if index::kept(step.draft(), thread)?.is_some_and(|kept| {
            kept.ending.who.unwrap_or(kept.row.other) == other && kept.row.ended == kept.ending.left
        }) {
            return Ok(Some(thread));
        }
    }
    Ok(None)
}

/// Every deadline on which somebody should act, by thread. Nothing about a person, so that no look is recorded.
///
/// # Errors
/// `Store`.
pub fn waiting(step: &mut Step<'_>) -> Outcome<Vec<(ThreadId, Vec<Waiting>)>> {
    freshen(step, usize::MAX)?;
    let all = index::in_order(step.draft(), Part::Due, &[], usize::MAX)?;
    Ok(all.iter().map(|(_, row)| index::read(row)).collect::<Result<_, Fault>>()?)
}
