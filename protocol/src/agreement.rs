//! Agreements: what two partners promise each other about referrals, signed by both, in the coalition space.
//!
//! Two organisations of a coalition have one agreement, in versions. Whoever proposes a version writes its whole [`Terms`];
//! each side then signs the hash of exactly these terms. A version that both have signed replaces those before it; either side
//! ends it. [`fold`] makes an [`Agreement`] of all that was written: pure, the same in whatever order it came. Entries of two
//! organisations in the coalition space name no parents of each other, so nothing here rests on who wrote first.
//!
//! The coalition's bodies are not sealed: **every member of the coalition can read an agreement.** No person is named in one.
//!
//! - `terms`: what is promised; `tie`: why one may tell the other without a consent; `body`: what entries carry, and how readers tell it from documents; `fold`: what holds

mod body;
mod fold;
mod terms;
mod tie;

pub use body::{Body, VERSION, is_agreement};
pub use fold::{Agreement, End, Placed, Standing, Version, fold};
pub use terms::{Contact, Deadline, Form, Hours, Intake, Late, Needed, NextStep, Side, Terms, id};
pub use tie::{TieKind, TieTerms, may_tie};

#[cfg(test)]
mod tests;
