//! That something was shown to somebody, under which consent; and who looked at what.
//!
//! - `record`: one disclosure (42 CFR 2.25, 45 CFR 164.528(b)), one look, how far staff have read
//! - `brief`: what kind of thing went, for the person to read; `struck`: that it never was told; `judged`: what follows from what a false consent let out
//! - `age`: why somebody signs whose age on record does not go with it
//! - `accounting`: the list that a person may ask for, and the one that a breach needs
//! - `left_out`: what the person asks not to be told, apart from any consent (2.26); `event`: that an event of a consent never came about;
//!   `doubted`: that a consent under which something came here may be false
//! - `outside`: the private records of what leaves the network on paper, or never leaves
//! - `withheld`: what of the list a person is not told for a time (45 CFR 164.528(a)(2))
//! - `planned`: the crisis plan and the medication of a person, written with the person whether or not there is a referral
//! - `private`: the bodies of an organisation's private space, where all of this is kept, signed and not to be rewritten; `shared`: keys among them

mod accounting;
mod age;
mod brief;
mod doubted;
mod event;
mod judged;
mod left_out;
mod outside;
mod planned;
pub mod private;
mod record;
mod shared;
mod struck;
mod withheld;

pub use accounting::{Accounting, accounting};
pub use age::AgeReason;
pub use brief::Brief;
pub use doubted::Doubted;
pub use event::EventStruck;
pub use judged::Judged;
pub use left_out::{LeftOut, LeftOutWord, agreed as agreed_to_leave_out, standing as asked_to_leave_out};
pub use outside::{Aside, Bound, FileWord, Followed, HeardReply, InquiryRecord, Means, Outside, Went};
pub use planned::{Placed as PlacedPlan, Planned, in_order as plans_in_order};
pub use private::{Heard, PrivateBody};
pub use record::{Audit, Disclosure, Looked, Note, Read, Shown, Stage};
pub use struck::Struck;
pub use withheld::{Ended as WithheldEnded, Given, Withheld};

#[cfg(test)]
mod tests;
