//! Consent under 42 CFR Part 2, as data that the keys enforce.
//!
//! A [`Consent`] is a draft, signed, revoked, or known to be false; each form owns its data. [`decide`] is the one gate: pure,
//! and the only maker of a [`Permit`], without which no code can grant, seal to, export or show. What it refuses it explains
//! in one sentence with the clause and the lawful next step ([`Refusal`]).
//!
//! - `elements`: the ten elements of 2.31(a), each a typed field
//! - `lifetime`: draft, signed, revoked, void; versions
//! - `scope`: the part of a consent that concerns one recipient, 2.32(b)
//! - `notice`: the text that goes with each disclosure, 2.32(a)
//! - `permit`, `permit/decide`: the proof and its maker
//! - `form`: the consent as a person reads it

mod elements;
mod form;
mod lifetime;
pub mod notice;
mod permit;
mod refusal;
mod scope;

pub use crate::referral::{By, Described, Expiry, Flow, Information, Party, Purpose, Scope};
pub use elements::{Element, Representation, Signature, SignatureForm, Terms, TpoStatements};
pub use lifetime::{Consent, Draft, Revoked, Signed, Told, Void, Withdrawal};
pub use permit::{Action, Ask, Basis, Permit, decide};
pub use refusal::Refusal;
pub use scope::explain;

#[cfg(test)]
mod tests;
