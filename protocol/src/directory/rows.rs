//! From the keys of a document to listings and back.

use super::{Kind, Listing, ListingId, listing};
use crate::document::Changed;
use crate::ids::{DocumentId, OrgId};
use crate::limits;
use std::collections::{BTreeMap, BTreeSet};

/// A listing that changed in a document, or is gone from it: what a projection takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub org: OrgId,
    pub document: DocumentId,
    pub id: ListingId,
    /// `None`: the document holds it no more.
    pub listing: Option<Listing>,
}

/// The key of a listing's field in its document.
#[must_use]
pub fn key(id: &ListingId, field: &str) -> String {
    format!("{id}/{field}")
}

/// The listings of a document's fields. Keys that are none are passed over; so are fields beyond the bounds.
#[must_use]
pub fn listings(fields: &BTreeMap<String, String>) -> BTreeMap<ListingId, Listing> {
    gather(fields.iter())
}

/// The same of some fields, in the order of their keys.
fn gather<'f>(fields: impl Iterator<Item = (&'f String, &'f String)>) -> BTreeMap<ListingId, Listing> {
    let mut found: BTreeMap<ListingId, Listing> = BTreeMap::new();
    let mut last: (&str, Option<ListingId>) = ("", None);
    for (key, value) in fields {
        let Some((owner, field)) = key.split_once('/') else { continue };
        // A listing's fields lie beside each other: its id is read once.
        if last.0 != owner {
            // One spelling of an id, so that no two keys mean one field.
            last = (owner, owner.parse::<ListingId>().ok().filter(|id| id.to_string() == owner));
        }
        let (Some(id), false) = (last.1, field.is_empty()) else { continue };
        if value.len() > 4 * limits::FIELD_CHARS {
            continue;
        }
        let listing = found.entry(id).or_insert_with(|| Listing::new(id, Kind::Service));
        if listing.fields.len() < limits::LISTING_FIELDS + 1 && !value.is_empty() {
            listing.fields.insert(field.to_owned(), value.clone());
        }
    }
    found.retain(|_, listing| match listing.fields.remove(listing::KIND).map(|kind| kind.parse()) {
        Some(Ok(kind)) => {
            listing.kind = kind;
            true
        }
        _ => false,
    });
    found
}

/// What a key says which listing it is of.
fn owner(key: &str) -> &str {
    key.split_once('/').map_or("", |(owner, _)| owner)
}

/// What a change of a document means for its listings.
#[must_use]
pub fn rows(changed: &Changed) -> Vec<Row> {
    let gone = changed.before.iter().filter(|(key, value)| changed.after.get(*key) != Some(value));
    let new = changed.after.iter().filter(|(key, value)| changed.before.get(*key) != Some(value));
    let touched: BTreeSet<&str> = gone.chain(new).map(|(key, _)| owner(key)).collect();
    let of = |fields: &BTreeMap<String, String>| gather(fields.iter().filter(|(key, _)| touched.contains(owner(key))));
    let (before, after) = (of(&changed.before), of(&changed.after));
    let mut found: BTreeMap<ListingId, Option<Listing>> =
        before.keys().filter(|id| !after.contains_key(id)).map(|id| (*id, None)).collect();
    found.extend(
        after.into_iter().filter(|(id, is)| before.get(id) != Some(is)).map(|(id, listing)| (id, Some(listing))),
    );
    let row = |(id, listing)| Row { org: changed.org, document: changed.document, id, listing };
    found.into_iter().map(row).collect()
}
