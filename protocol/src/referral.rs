//! Referral threads: one person's move from one organisation to the next.
//!
//! An entry's [`Body`] is first a [`Notice`], then acts under it. [`fold`] makes a [`State`] of them: pure, the same in whatever
//! order they came, with one outcome for concurrent acts. What breaks the rules is kept, shown, and without effect.
//!
//! - `base`, `scope`: what consents speak of as well (kinds of information, purposes, parties, flows; one recipient's part)
//! - `act`: the bodies; `identity`: who a person is; `matching`: whether that person is here already
//! - `outside`: partners who are not on the network
//! - `transition`: the merged machine as a table; `state`: where a thread stands; `order`: canonical order and pasts; `fold`: how it got there

mod act;
mod base;
mod fold;
mod identity;
mod matching;
mod order;
mod outside;
mod scope;
mod state;
mod transition;

pub(crate) use act::versioned;
pub use act::{
    Act, Appointment, Body, DeclineReason, Mode, Notice, Outcome, Request, Service, Signed, Urgency, VERSION,
};
pub use base::{By, Class, Described, Flow, Information, NotClass, NotInformation, Party, Purpose, kind_name};
pub use fold::{Placed, fold};
pub use identity::{Identity, Person};
pub use matching::{Candidate, Reason, likely};
pub use outside::{OutsideAct, OutsidePartner, is_outside, outside_id};
pub use scope::{Expiry, Moment, Scope};
pub use state::{ANSWER_NOT_PERMITTED, Actor, Answer, Line, Parties, Place, State};
pub use transition::step;

#[cfg(test)]
mod tests;
