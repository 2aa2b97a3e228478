//! Consent under 42 CFR Part 2, as data that the keys enforce.
//!
//! A [`Consent`] is a draft, signed, revoked, or known to be false; each form owns its data. [`decide`] is the one gate: pure,
//! and the only maker of a [`Permit`], without which no code can grant, seal to, export or show. What it refuses it explains
//! in one sentence with the clause and the lawful next step ([`Refusal`]).
//!
//! One consent names many organisations. Its `flows` say who may tell whom what and why, in both directions; nothing follows from
//! the list of parties alone. It backs one thread for each recipient, and each recipient gets its own part ([`Scope`]) and learns
//! of nobody else, but where the person names a team that works together on one thread (`team`). An amendment is the next version under one signature; a thread goes on under what every version since its own
//! allows, and each way that a later one opens under those since that one ([`Basis::Versions`]).
//!
//! - `terms`: elements (1) to (7) and (10) as typed fields; `elements`: which one is missing
//! - `class`: what may not stand together (2.31(b), 2.31(d), 2.35); `signer`: who signs (2.14, 2.15)
//! - `restriction`: what the person asks to leave out (2.26)
//! - `lifetime`: draft, signed, revoked, void; `amendment`: what a new version changes
//! - `versions`: what holds, of all records of one consent, at however many nodes they were written apart
//! - `team`: who works together on one thread, and who of them reads which kind
//! - `scope`: the part of a consent that concerns one recipient, 2.32(b)
//! - `passing`: what a recipient may do next with what comes to it, 2.33
//! - `notice`: the text that goes with each disclosure, 2.32(a)
//! - `permit`, `permit/decide`: the proof and its maker

mod amendment;
mod class;
mod doubt;
mod elements;
mod endings;
mod lifetime;
pub mod notice;
mod passing;
mod permit;
mod refusal;
mod restriction;
mod scope;
mod signer;
mod team;
mod terms;
mod versions;
pub mod words;

pub use crate::referral::{
    By, Class, Described, Expiry, Flow, Information, Moment, NotClass, Party, Purpose, Scope, Told,
};
pub use amendment::Changes;
pub use doubt::{Doubt, ends_of, open_doubts, suspensions};
pub use elements::Element;
pub use endings::{Ending, Less, endings, less};
pub use lifetime::{Consent, Draft, Event, Revoked, Signed, Void, Withdrawal};
pub use passing::PassingOn;
pub use permit::{
    Action, Ask, Basis, Clause, ENDED, Ended, Facts, Lawful, NotClause, Onward, Order, Permit, Shut, Tie, TieKind,
    decide,
};
pub use refusal::Refusal;
pub use restriction::{Answered, Restriction};
pub use scope::{explain, part_id};
pub use signer::{ATTESTATION, Beside, NotSigner, Representation, Signature, SignatureForm, Signer};
pub use team::{Seated, newly_read, nobody, part as team_part, seats, team_id, unshared, would_read};
pub use terms::{Knows, Supervision, Terms, TpoStatements};
pub use versions::{Mark, Upon, fold, heads, next, opening, since};

#[cfg(test)]
mod tests;
