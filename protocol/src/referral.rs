//! Referral threads: one person's move from one organisation to the next.
//!
//! `base` and `scope` hold what consents speak of as well (kinds of information, purposes, parties, flows).

mod base;
mod scope;

pub use base::{By, Described, Flow, Information, NotInformation, Party, Purpose, kind_name};
pub use scope::{Expiry, Scope};
