//! From the engine's events to the records that views are read from, in the transaction of the entries themselves.

use super::attachments::chunks;
use super::{agreements, inquiries, records, threads, worklist};
use crate::store::Tx;
use belay_protocol::agreement::is_agreement;
use belay_protocol::engine::{Engine, Event, Step};
use belay_protocol::fault::Result;
use belay_protocol::ids::{EntryHash, OrgId, SpaceId};
use belay_protocol::space::SpaceKind;
use belay_protocol::store::{Draft, View, Write};
use belay_protocol::time::Time;
use std::collections::BTreeSet;

/// Entries read at once when a space is folded again.
const PART: usize = 1_000;

/// What these events change in the records. `view`: the state after the entries were written, such as the transaction that
/// stores them.
///
/// # Errors
/// `Store`.
pub fn writes(engine: &mut Engine, view: &dyn View, events: &[Event], now: Time) -> Result<Vec<Write>> {
    if !events.iter().any(changes_records) {
        return Ok(Vec::new());
    }
    let mut draft = Draft::new(view);
    take(engine, &mut draft, events, now)?;
    Ok(draft.into_writes())
}

/// Writes [`writes`], in the transaction that stores their entries.
///
/// # Errors
/// `Store`.
pub fn project(engine: &mut Engine, tx: &Tx<'_>, events: &[Event], now: Time) -> Result<()> {
    let writes = writes(engine, tx, events, now)?;
    apply(tx, &writes)
}

/// Puts writes of the protocol's tables into a transaction.
///
/// # Errors
/// `Store`.
pub fn apply(tx: &Tx<'_>, writes: &[Write]) -> Result<()> {
    for write in writes {
        match &write.value {
            Some(value) => tx.put(write.table, &write.key, value)?,
            None => tx.delete(write.table, &write.key)?,
        }
    }
    Ok(())
}

/// Does the same within a step, so that what it goes on with can be read.
///
/// # Errors
/// `Store` or `Bug`; then drop the step.
pub fn project_step(step: &mut Step<'_>) -> Result<()> {
    let events = step.take_events()?;
    let now = step.context().now;
    let (engine, draft) = step.engine();
    take(engine, draft, &events, now)
}

const fn changes_records(event: &Event) -> bool {
    matches!(
        event,
        Event::Applied { .. }
            | Event::Late { .. }
            | Event::Lost { .. }
            | Event::Recount { .. }
            | Event::Removed { .. }
            | Event::Members { .. }
            | Event::Joined { .. }
    )
}

fn take(engine: &mut Engine, draft: &mut Draft<'_>, events: &[Event], now: Time) -> Result<()> {
    // Once each, however many of its entries count no more.
    let mut anew = BTreeSet::new();
    for event in events {
        match event {
            Event::Applied { space, hash, author, org, time, body } => match owner(engine, draft, *space)? {
                Owner::Other => {}
                Owner::Private if *author != engine.node() => {
                    records::changed_elsewhere(draft, body)?;
                    keep(draft, (*space, Owner::Private), (*hash, *org, *time), body)?;
                }
                owner => keep(draft, (*space, owner), (*hash, *org, *time), body)?,
            },
            Event::Late { space, hash, org, time, body } => {
                threads::keep_late(draft, *space, (*hash, *org, *time), body)?;
            }
            Event::Lost { space, hash, body, .. } => {
                let owner = owner(engine, draft, *space)?;
                let entry = engine.spaces().entry(draft, hash)?;
                let time = entry.map(|entry| entry.header().time).unwrap_or_default();
                lose(draft, (*space, owner), (*hash, time), body)?;
                if records::newest::emptied(draft, *space)? {
                    anew.insert(*space);
                }
            }
            Event::Recount { space } => again(engine, draft, *space)?,
            Event::Removed { space } => gone(engine, draft, *space, now)?,
            Event::Members { space } => members(engine, draft, *space, now)?,
            // Agreements stand in it.
            Event::Joined { space } if matches!(owner(engine, draft, *space)?, Owner::Coalition) => {
                worklist::all_time(draft)?;
            }
            _ => {}
        }
    }
    anew.into_iter().try_for_each(|space| again(engine, draft, space))
}

/// Keeps one body: where a chunk of a file lies, or the record itself.
fn keep(
    draft: &mut Draft<'_>,
    (space, owner): (SpaceId, Owner),
    (hash, org, time): (EntryHash, OrgId, Time),
    body: &[u8],
) -> Result<()> {
    let chunk = match owner {
        Owner::Coalition if is_agreement(body) => return agreements::keep(draft, space, (hash, org, time), body),
        Owner::Coalition => return Ok(()),
        Owner::Private => chunks::in_private(body),
        Owner::Thread(_) => chunks::in_thread(body),
        Owner::Other => return Ok(()),
    };
    match (chunk, owner) {
        (Some(chunk), _) => {
            chunks::keep(draft, space, hash, &chunk);
            Ok(())
        }
        (None, Owner::Thread(custodian)) => {
            threads::keep(draft, (space, custodian), (hash, org, time), body)?;
            inquiries::keep(draft, (space, custodian), (hash, org, time), body)
        }
        (None, Owner::Private | Owner::Coalition | Owner::Other) => records::keep(draft, hash, body),
    }
}

/// Takes back one body that was kept.
fn lose(
    draft: &mut Draft<'_>,
    (space, owner): (SpaceId, Owner),
    (hash, time): (EntryHash, Time),
    body: &[u8],
) -> Result<()> {
    match owner {
        Owner::Coalition => agreements::lose(draft, space, hash, body),
        Owner::Thread(_) => {
            if let Some(chunk) = chunks::in_thread(body) {
                chunks::lose(draft, space, hash, &chunk);
            }
            inquiries::lose(draft, space, (hash, time))?;
            threads::lose(draft, space, hash, body)
        }
        Owner::Private | Owner::Other => Ok(()),
    }
}

#[derive(Clone, Copy)]
enum Owner {
    Private,
    Thread(OrgId),
    Coalition,
    Other,
}

fn owner(engine: &mut Engine, view: &dyn View, space: SpaceId) -> Result<Owner> {
    let own = engine.org();
    Ok(match engine.spaces().founded(view, space)? {
        Some((SpaceKind::Private, custodian)) if custodian == own => Owner::Private,
        Some((SpaceKind::Thread { .. }, custodian)) => Owner::Thread(custodian),
        Some((SpaceKind::Coalition { .. }, _)) => Owner::Coalition,
        Some((SpaceKind::Private, _)) | None => Owner::Other,
    })
}

/// Makes the records of a space again from its entries.
fn again(engine: &mut Engine, draft: &mut Draft<'_>, space: SpaceId) -> Result<()> {
    let owner = owner(engine, draft, space)?;
    match owner {
        Owner::Private => records::forget(draft)?,
        Owner::Thread(_) => {
            threads::forget(draft, space)?;
            inquiries::forget(draft, space)?;
        }
        Owner::Coalition => agreements::forget(draft, space)?,
        Owner::Other => return Ok(()),
    }
    chunks::forget(draft, space)?;
    let mut from = Some(0);
    while let Some(start) = from {
        let part = engine.bodies(draft, space, start, PART)?;
        for applied in part.applied {
            keep(draft, (space, owner), (applied.hash, applied.org, applied.time), &applied.body)?;
        }
        for late in part.late {
            threads::keep_late(draft, space, (late.hash, late.org, late.time), &late.body)?;
        }
        from = part.next;
    }
    Ok(())
}

/// Whether we are in a thread's space, and whether the list must be made anew.
fn members(engine: &mut Engine, draft: &mut Draft<'_>, space: SpaceId, now: Time) -> Result<()> {
    let own = engine.org();
    let owner = owner(engine, draft, space)?;
    if matches!(owner, Owner::Coalition) {
        super::calls::look_who_left(draft);
        super::coalition::look_at_invites(draft)?;
    }
    let Owner::Thread(_) = owner else { return Ok(()) };
    if engine.fold(draft, space)?.members.contains_key(&own) {
        threads::back(draft, space);
    } else {
        gone(engine, draft, space, now)?;
    }
    if let Some(thread) = threads::of_space(draft, space)? {
        worklist::stale(draft, thread);
    }
    Ok(())
}

/// We are out of a space, and hear why if that was the person's word.
fn gone(engine: &mut Engine, draft: &mut Draft<'_>, space: SpaceId, now: Time) -> Result<()> {
    let own = engine.org();
    let word = engine.spaces().taken_back(draft, space, own)?;
    threads::gone(draft, space, now, word)
}

/// Makes all records again from the entries alone.
///
/// # Errors
/// `Store`.
pub fn rebuild(engine: &mut Engine, draft: &mut Draft<'_>) -> Result<()> {
    for record in engine.space_records(draft)? {
        again(engine, draft, record.space)?;
    }
    Ok(())
}
