//! Rows of which only the last of a space is ever read, and of which its writer may make as many as it likes: the newest
//! [`KEPT_OF_SPACE`] of each kind are kept, the others stay in the entries alone.
//!
//! [`Table::Record`]: `kind space order` such a row; `58 kind space` the entries hold more than is kept.

use super::prefix::Prefix;
use super::rows;
use belay_protocol::fault::Result;
use belay_protocol::ids::SpaceId;
use belay_protocol::limits::KEPT_OF_SPACE;
use belay_protocol::store::{Draft, Table, View};

const KINDS: [Prefix; 3] = [Prefix::Asked, Prefix::Replied, Prefix::Copy];

fn more(kind: Prefix, space: SpaceId) -> Vec<u8> {
    [&[Prefix::More as u8, kind as u8], &space.0[..]].concat()
}

/// What the rows of a space begin with.
#[must_use]
pub(in crate::usecases) fn of_space(kind: Prefix, space: SpaceId) -> Vec<u8> {
    [&[kind as u8], &space.0[..]].concat()
}

/// Keeps a row; the first in order go where there are too many.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn keep(
    draft: &mut Draft<'_>,
    (kind, space): (Prefix, SpaceId),
    order: &[u8],
    value: Vec<u8>,
) -> Result<()> {
    let prefix = of_space(kind, space);
    draft.put(Table::Record, [&prefix, order].concat(), value);
    let known = rows::at_most(draft, &prefix, KEPT_OF_SPACE + 1)?;
    let over = known.len().saturating_sub(KEPT_OF_SPACE);
    for (key, _) in known.into_iter().take(over) {
        draft.delete(Table::Record, key);
        draft.put(Table::Record, more(kind, space), []);
    }
    Ok(())
}

/// Takes back a row that counts no more.
pub(in crate::usecases) fn lose(draft: &mut Draft<'_>, (kind, space): (Prefix, SpaceId), order: &[u8]) {
    draft.delete(Table::Record, [&of_space(kind, space), order].concat());
}

/// Forgets the rows of a kind in a space.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn forget(draft: &mut Draft<'_>, (kind, space): (Prefix, SpaceId)) -> Result<()> {
    for (key, _) in rows::under(draft, &of_space(kind, space))? {
        draft.delete(Table::Record, key);
    }
    draft.delete(Table::Record, more(kind, space));
    Ok(())
}

/// Whether of some kind all that was kept of a space counts no more, and its entries hold more: they are to be read again.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn emptied(view: &dyn View, space: SpaceId) -> Result<bool> {
    for kind in KINDS {
        if view.get(Table::Record, &more(kind, space))?.is_some() && !rows::is_any(view, &of_space(kind, space))? {
            return Ok(true);
        }
    }
    Ok(false)
}
