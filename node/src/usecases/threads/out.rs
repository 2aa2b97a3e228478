//! Spaces of threads that we were taken out of: since when, and whether that was the person's word.
//!
//! [`Table::Record`]: `GONE space` since when we are out, and when the person took the consent back where who keeps it says so.

use super::{damaged, key, of_space};
use crate::usecases::records::prefix::Prefix;
use crate::usecases::worklist;
use belay_protocol::fault::Result;
use belay_protocol::ids::SpaceId;
use belay_protocol::store::{Draft, Table, View};
use belay_protocol::time::Time;

const GONE: u8 = Prefix::Gone as u8;

/// Somebody took us out of a space. `word`: when the person took the consent back, if who keeps it says that it was so.
///
/// # Errors
/// `Store`.
pub fn gone(draft: &mut Draft<'_>, space: SpaceId, at: Time, word: Option<Time>) -> Result<()> {
    let key = key(GONE, &[&space.0]);
    let known = of(draft, space)?;
    let at = known.map_or(at, |(at, _)| at);
    // A clock there that is ahead of ours names no day that has not come.
    let word = known.and_then(|(_, word)| word).or(word.map(|word| word.min(at)));
    let row = [Some(at), word].into_iter().flatten().flat_map(|time| time.0.to_be_bytes());
    draft.put(Table::Record, key, row.collect::<Vec<u8>>());
    if let Some(thread) = of_space(draft, space)? {
        worklist::stale(draft, thread);
    }
    Ok(())
}

fn since(row: &[u8]) -> Result<(Time, Option<Time>)> {
    let time = |bytes: &[u8]| bytes.try_into().map(|bytes| Time(u64::from_be_bytes(bytes))).map_err(|_| damaged());
    let (at, word) = row.split_at_checked(8).ok_or_else(damaged)?;
    Ok((time(at)?, if word.is_empty() { None } else { Some(time(word)?) }))
}

/// We are in.
pub fn back(draft: &mut Draft<'_>, space: SpaceId) {
    draft.delete(Table::Record, key(GONE, &[&space.0]));
}

/// Whether we were taken out of a space.
///
/// # Errors
/// `Store`.
pub fn is_out(view: &dyn View, space: SpaceId) -> Result<bool> {
    Ok(of(view, space)?.is_some())
}

/// Since when we are out of a space, and when the person took the consent back if that is why.
pub(super) fn of(view: &dyn View, space: SpaceId) -> Result<Option<(Time, Option<Time>)>> {
    view.get(Table::Record, &key(GONE, &[&space.0]))?.map(|row| since(&row)).transpose()
}
