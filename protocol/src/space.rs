//! Spaces: entries, who may read and write them, and the keys of their bodies.
//!
//! # The parts
//! * [`entry`]: one signed record; [`control`]: the bodies that decide who is in and which keys reach whom.
//! * `graph`: the entries of one space, their order and their causal past; `accept`: what may join it, for ever.
//! * `chain`: which charter is in force, and what was approved under which; `propose`: proposals and approvals.
//! * `fold`: who is a member and which nodes are authorised, for any causally closed set; what counts.
//! * `allowance`: how much of whose words is taken at once, and when the rest.
//! * `epoch`, `keyring`: under which epoch an entry may be sealed, and how its key comes to us.
//! * [`Spaces`] is the door: it keeps graphs in memory, takes entries, answers queries and writes.
//!
//! # Three kinds of spaces, two levels
//! The coalition's space holds the roster: admissions, removals, nodes. A private space holds its one organisation's nodes.
//! A thread's space holds grants and revocations only; which organisations are still in the coalition and which nodes they
//! have comes from the coalition's control entries that the thread's entries name in their headers (`control`). So each entry
//! has a past in two parts: the control entries of its own space and those of the coalition.
//!
//! # The contract of [`Spaces`]
//! 1. It is a cache over the store. Give each call the same view or draft that the step goes on with: calls of one step see
//!    what earlier calls of it wrote.
//! 2. When a draft is dropped without being committed, call [`Spaces::forget`].
//! 3. Acceptance is final and looks at the entry and its causal past alone. What counts may change with every entry.

mod accept;
mod allowance;
pub mod approve;
mod author;
pub(crate) mod bits;
mod chain;
pub mod control;
mod counted;
mod crossed;
pub mod entry;
mod epoch;
mod fold;
mod gone;
mod graph;
mod handed;
pub mod hold;
mod keyring;
mod load;
mod members;
pub mod notice;
mod offer;
mod open;
mod owed;
mod pass;
mod propose;
mod record;
mod register;
mod rows;
mod shown;
mod spaces;
mod tend;
mod waiting;
mod word;

pub(crate) use allowance::cost;
pub use allowance::{Account, Late};
pub use chain::Chain;
pub use fold::{Fold, Seat};
pub use offer::Terms;
pub use open::{Unopened, in_clear, reopen};
pub use propose::{ProposalState, Proposed};
pub use record::{Member, Offered, Refused, Roster, SpaceKind, SpaceRecord, Told, Written};
pub use register::{Register, RegisterTaken};
pub use spaces::{By, Spaces};

#[cfg(test)]
mod tests;
