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
    let mut found: BTreeMap<ListingId, Listing> = BTreeMap::new();
    for (key, value) in fields {
        let Some((id, field)) = key.split_once('/') else { continue };
        let (Ok(id), true) = (id.parse::<ListingId>(), !field.is_empty()) else { continue };
        // One spelling of an id, so that no two keys mean one field.
        if !key.starts_with(&id.to_string()) || value.len() > 4 * limits::FIELD_CHARS {
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

/// What a change of a document means for its listings.
#[must_use]
pub fn rows(changed: &Changed) -> Vec<Row> {
    let before = listings(&changed.before);
    let after = listings(&changed.after);
    let ids: BTreeSet<&ListingId> = before.keys().chain(after.keys()).collect();
    ids.into_iter()
        .filter(|id| before.get(id) != after.get(id))
        .map(|id| Row { org: changed.org, document: changed.document, id: *id, listing: after.get(id).cloned() })
        .collect()
}
