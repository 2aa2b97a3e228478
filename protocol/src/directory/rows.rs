//! From the keys of a document to listings and back.

use super::{Listing, ListingId, listing};
use crate::document::{Changed, Difference, Fields};
use crate::ids::{DocumentId, OrgId};
use crate::limits;
use std::collections::BTreeMap;

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

/// Whether a text may stand in a listing: of what a terminal obeys line ends and tabs alone, and JSON would write six bytes for each other.
fn is_text(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

/// The listings of a document's fields. Keys that are none are passed over; so are fields beyond the bounds, and those with control characters.
#[must_use]
pub fn listings(fields: &Fields) -> BTreeMap<ListingId, Listing> {
    let mut groups: BTreeMap<&str, Fields> = BTreeMap::new();
    for (key, text) in fields {
        if let Some((owner, field)) = key.split_once('/') {
            groups.entry(owner).or_default().insert(field.to_owned(), text.clone());
        }
    }
    let listing = |(owner, fields)| listing(id(owner)?, fields);
    groups.into_iter().filter_map(listing).map(|listing| (listing.id, listing)).collect()
}

/// The id that names a group. One spelling of it, so that no two keys mean one field.
fn id(name: &str) -> Option<ListingId> {
    name.parse::<ListingId>().ok().filter(|id| id.to_string() == name)
}

/// A listing of the fields of its group; none without a kind.
fn listing(id: ListingId, mut fields: Fields) -> Option<Listing> {
    let within = |field: &String, text: &String| {
        !field.is_empty() && text.len() <= 4 * limits::FIELD_CHARS && is_text(field) && is_text(text)
    };
    fields.retain(|field, text| within(field, text) && !text.is_empty());
    while fields.len() > limits::LISTING_FIELDS + 1 {
        fields.pop_last();
    }
    let kind = fields.remove(listing::KIND)?.parse().ok()?;
    Some(Listing { id, kind, fields })
}

/// What a change of a document means for its listings.
#[must_use]
pub fn rows(changed: Changed) -> Vec<Row> {
    let Changed { space: _, org, document, groups } = changed;
    let row = |(name, Difference { before, after }): (String, Difference)| {
        let id = id(name.strip_suffix('/')?)?;
        let (before, listing) = (listing(id, before), listing(id, after));
        (before != listing).then_some(Row { org, document, id, listing })
    };
    groups.into_iter().filter_map(row).collect()
}
