//! Referral threads: one person's move from one organisation to the next.
//!
//! An entry's [`Body`] is first a [`Notice`], then acts under it. [`fold`] makes a [`State`] of them: pure, the same in whatever
//! order they came, with one outcome for concurrent acts. What breaks the rules is kept, shown, and without effect.
//!
//! - `base`, `scope`: what consents speak of as well (kinds of information, purposes, parties, flows; one recipient's part)
//! - `act`: the bodies, made of `codes` (closed lists), `follow` (what happens around a referral) and `plan` (what helps); `pack`: in few bytes
//! - `identity`: who a person is; `person`: the records of one, corrected and joined; `matching`: whether that person is here already
//! - `outside`: partners who are not on the network; [`inquiry`]: a question that names nobody; [`choice`]: what the person chose
//!   from
//! - `transition`: the merged machine as a table; `visit`: an appointment of one of a team's own; `state`: where a thread stands; `order`: canonical order and pasts; `fold`,
//!   `effects`: how it got there; `kept`: what stayed with one side and what it told after; `strike`: what was a mistake; `days`: from one day to another, as measures count them; `due`: deadlines

mod act;
pub mod attachment;
mod base;
mod by_hand;
pub mod choice;
mod codes;
mod days;
mod drawing;
pub mod due;
mod effects;
mod fold;
mod follow;
mod identity;
pub mod inquiry;
mod kept;
mod matching;
mod order;
mod outside;
mod pack;
mod person;
mod plan;
mod scope;
mod state;
mod strike;
mod thread;
mod transition;
mod visit;

pub use act::{Act, Attached, Body, Notice, Request, Service, Signed, Subject, VERSION};
pub(crate) use act::{bounded, versioned};
pub use base::{
    By, Class, Described, Flow, Information, NotClass, NotInformation, Party, Purpose, Told, kind_name, kind_words,
};
pub use by_hand::ByHand;
pub use codes::{
    Barrier, Channel, DeclineReason, Housing, Leaving, Mode, NeedKind, NeedOwner, NeedStatus, Outcome, Reached,
    Setting, Stage, SummaryKind, Support, Symptoms, TeachBack, Urgency, Work,
};
pub use days::{Days, WATCH};
pub use fold::{Placed, fold};
pub use follow::{Appointment, Attempt, CheckIn, CheckInPart, Handoff, Seen, Transition, Why, standing};
pub use identity::Identity;
pub use kept::follow_kept;
pub(crate) use matching::normal as normal_name;
pub use matching::{Against, Candidate, Reason, against, folded, likely, may_be, same_name, signs};
pub use order::{Head, opened};
pub use outside::{OutsideAct, OutsidePartner, is_outside, outside_id};
pub use person::{
    Field, Join, Joined, Person, Together, as_it_holds, holds as join_that_holds, in_order as persons_in_order, pair,
    together,
};
pub use plan::{Contact, CrisisPlan, Medication, Medicine, Need, NeedId, Summary, put_need};
pub use scope::{Expiry, Moment, Scope};
pub use state::{ANSWER_NOT_PERMITTED, Actor, Answer, Line, Parties, Place, State};
pub use strike::{InTheWay, strike};
pub use transition::{step, step_here};
pub use visit::{Move, Stands, Visit};

#[cfg(test)]
mod tests;
