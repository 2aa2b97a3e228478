//! What a search found.

use super::ListingView;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "Found", into = "Found")]
pub struct SearchView {
    /// How many fit, as far as they are counted.
    pub total: u64,
    /// Whether there may be more than were counted: `total` is the least that there are.
    pub more: bool,
    pub listings: Vec<ListingView>,
}

/// The same for scripts: a number that is not the whole is not called `total`.
#[derive(Debug, Serialize, Deserialize)]
struct Found {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at_least: Option<u64>,
    listings: Vec<ListingView>,
}

impl From<SearchView> for Found {
    fn from(SearchView { total, more, listings }: SearchView) -> Self {
        Self { total: (!more).then_some(total), at_least: more.then_some(total), listings }
    }
}

impl From<Found> for SearchView {
    fn from(Found { total, at_least, listings }: Found) -> Self {
        Self { total: total.or(at_least).unwrap_or(0), more: at_least.is_some(), listings }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_counted_to_the_end_is_called_no_total() {
        for (more, name, other) in [(false, "total", "at_least"), (true, "at_least", "total")] {
            let json = serde_json::to_value(SearchView { total: 400, more, listings: Vec::new() }).unwrap();
            assert_eq!(json.get(name), Some(&400.into()), "{json}");
            assert_eq!(json.get(other), None, "{json}");
            let back: SearchView = serde_json::from_value(json).unwrap();
            assert_eq!((back.total, back.more), (400, more));
        }
    }
}
