//! The directory: who offers what, where, for whom, with how many openings today.
//!
//! A [`Listing`] is a set of flat fields in a document of its owner. Field names and their HSDS paths stand in [`listing`];
//! rows that HSDS keeps in tables of their own (phones, schedules, addresses, ...) are fields of their parent,
//! `phone.<row>.number`. Typed readings are in [`view`]. [`plan`] turns an import or an edit into document edits of at most
//! 64 listings a document; [`Openings`] are registers.

pub mod listing;
mod openings;
pub mod plan;
mod rows;
pub mod view;

#[cfg(test)]
mod tests;

pub use listing::{Kind, Listing, ListingId};
pub use openings::Openings;
pub use plan::{Existing, Incoming, Plan, plan};
pub use rows::{Row, listings, rows};
