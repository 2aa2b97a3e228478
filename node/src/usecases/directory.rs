//! The directory: import, search, and this organisation's own listings.

mod writer;

pub use writer::Writer;

use crate::api::request::Search;
use crate::api::views::{ListingView, SearchView};
use crate::api::{Failure, Outcome};
use crate::store::{Reader, Tx};
use belay_protocol::document::{Body, Item, clear, receive};
use belay_protocol::engine::{Engine, Event};
use belay_protocol::fault::Result;
use belay_protocol::ids::SpaceId;
use belay_protocol::space::SpaceKind;
use belay_protocol::store::{Draft, View, Write};

/// Entries read at once when a space is folded again.
const PART: usize = 1_000;

/// Takes documents and registers of the coalition into the folded documents and the directory's tables.
///
/// # Errors
/// `Store`.
pub fn project(engine: &mut Engine, tx: &Tx<'_>, events: &[Event]) -> Result<()> {
    let mut draft = Draft::new(tx);
    let mut items: Vec<(SpaceId, Item)> = Vec::new();
    let mut rows = Vec::new();
    for event in events {
        match event {
            Event::Applied { space, author, org, body, .. } if is_coalition(engine, tx, *space)? => {
                if let Ok(body) = Body::decode(body) {
                    items.push((*space, Item { org: *org, author: *author, body }));
                }
            }
            Event::Recount { space } if is_coalition(engine, tx, *space)? => {
                items.retain(|(of, _)| of != space);
                clear(&mut draft, space)?;
                items.extend(all(engine, tx, *space)?.into_iter().map(|item| (*space, item)));
            }
            _ => {}
        }
    }
    while let Some((space, _)) = items.first() {
        let space = *space;
        let of: Vec<Item> = items.iter().filter(|(s, _)| *s == space).map(|(_, item)| item.clone()).collect();
        items.retain(|(s, _)| *s != space);
        rows.extend(receive(&mut draft, &space, &of)?.iter().flat_map(belay_protocol::directory::rows));
    }
    for Write { table, key, value } in draft.into_writes() {
        match value {
            Some(value) => tx.put(table, &key, &value)?,
            None => tx.delete(table, &key)?,
        }
    }
    let _ = rows;
    Ok(())
}

fn is_coalition(engine: &mut Engine, view: &dyn View, space: SpaceId) -> Result<bool> {
    Ok(engine.spaces().record(view, space)?.is_some_and(|r| matches!(r.kind, SpaceKind::Coalition { .. })))
}

/// Every document body of a space that counts.
fn all(engine: &mut Engine, view: &dyn View, space: SpaceId) -> Result<Vec<Item>> {
    let (mut items, mut from) = (Vec::new(), Some(0));
    while let Some(start) = from {
        let part = engine.bodies(view, space, start, PART)?;
        for applied in part.applied {
            if let Ok(body) = Body::decode(&applied.body) {
                items.push(Item { org: applied.org, author: applied.author, body });
            }
        }
        from = part.next;
    }
    Ok(items)
}

/// How many listings are found, stubs not counted.
///
/// # Errors
/// `Store`.
pub fn count(_reader: &Reader) -> Result<u64> {
    Ok(0)
}

/// Searches.
///
/// # Errors
/// A place or kind that is none.
pub fn search(_reader: &Reader, _search: &Search) -> Outcome<SearchView> {
    Err(Failure::failed("the directory is not here yet"))
}

/// One listing.
///
/// # Errors
/// None such.
pub fn show(_reader: &Reader, _listing: &str) -> Outcome<ListingView> {
    Err(Failure::failed("the directory is not here yet"))
}

/// A listing of ours.
fn own(_reader: &Reader, _id: belay_protocol::directory::ListingId) -> Outcome<ListingView> {
    Err(Failure::failed("the directory is not here yet"))
}
