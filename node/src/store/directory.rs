//! The directory's tables: projections of documents and registers, and the search over them.
//!
//! Contract:
//! 1. [`receive`] is called inside the transaction that commits the entries whose bodies it is given, in their order; it
//!    keeps the folded documents and brings the projections along. Own bodies go the same way as everybody's.
//! 2. What the tables show is a function of the counted bodies, whatever the order and grouping in which they came. A document of
//!    which one counts no more is folded anew ([`made`]).
//! 3. [`search`] ranks by words and distance alone: never by who asks or who owns.
//!
//! Parts: `apply` (rows in), `index` (full text, places, facets), `query` (words of people into FTS5), `search` (rows out), `office` (where an organisation itself is), `ranked` (what was found last), `whole` (counts, kinds).

mod apply;
mod index;
mod names;
mod office;
mod query;
mod ranked;
mod search;
mod whole;

#[cfg(test)]
mod tests;

pub use apply::{clear, forget_openings, made, openings, receive, rows};
pub use index::merge;
pub use office::office;
pub use query::words;
pub use ranked::Ranked;
pub use search::{Found, Hit, Query, get, search};
pub use whole::{Shown, beginning, count, digest, document_of, listings_of, service_kinds};

/// Kilometres between two places given in degrees, on a sphere of the earth's mean radius.
#[must_use]
pub fn kilometres(from: (f64, f64), to: (f64, f64)) -> f64 {
    let (lat1, lat2) = (from.0.to_radians(), to.0.to_radians());
    let (dlat, dlon) = (lat2 - lat1, (to.1 - from.1).to_radians());
    let a = (dlat / 2.0).sin().powi(2) + lat1.cos() * lat2.cos() * (dlon / 2.0).sin().powi(2);
    2.0 * 6371.009 * a.sqrt().min(1.0).asin()
}
