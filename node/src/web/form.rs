//! Forms from tables of fields: drawn by them, filled with what is known or was typed, and read back into JSON.
//!
//! A field names its place in a request as JSON by its path, so a form is read by putting each field where its path says, and what
//! is known of a request before anybody types fills the form the other way round.
//!
//! - `read`: from what was posted to JSON, or a sentence for each field that is wrong
//! - `draw`: from fields, what is known and what was typed before to what a template shows

mod draw;
mod read;

pub use draw::{Fact, Ground, Input, Lists};
pub use read::{ANOTHER, LINE, LIST, TEXT, Typed, Wrong, object};

use super::acts::codes::Words;
use serde::{Deserialize, Serialize};

/// One field. Within a list, `*` stands for the number.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    pub path: &'static str,
    pub label: &'static str,
    /// What helps to fill it in; empty: nothing.
    pub hint: &'static str,
    pub kind: Kind,
    pub required: bool,
    /// Left empty, it stays as it was.
    pub keep: bool,
}

/// How a field is filled in.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// What the page knows and nobody types, such as which version was read.
    Fixed,
    /// A line of text.
    Line,
    /// A text area with so many rows.
    Text(u8),
    /// A text area in which each line is a value of its own.
    Each(u8),
    /// One of these, and what stands there at first.
    One(Words, &'static str),
    /// Any of these, and which are ticked at first.
    Many(Words, &'static [&'static str]),
    /// One of what the page knows.
    Pick(Source),
    /// Any of what the page knows.
    PickAny(Source),
    /// A day and a time, and what stands there at first.
    When(Fill),
    /// A day and a time on the clock of some place, which is said beside it.
    Clock,
    /// A day, of which the first instant counts.
    Day,
    /// A date of birth: a day, or a year alone.
    Born,
    YesNo,
    /// A box to tick.
    Tick,
    /// A number from here to there.
    Number(u16, u16),
    /// As many as there are and two more, each with these fields.
    List(&'static [Field]),
    /// Fields that few need, folded away under the label. They stand beside it in the request.
    Part(&'static [Field]),
}

/// What the page knows to choose from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Source {
    /// The needs that a referral names; none is a new one.
    Needs,
    /// Entries of ours in a referral that can be taken back as mistakes.
    Entries,
    /// The other organisations of the coalition, and partners who are not on the network.
    Organisations,
    /// Members of the coalition alone.
    Members,
    /// The other organisations that a consent names.
    Parties,
    /// What the person was shown of the directory.
    Options,
    /// Inquiries of ours that were answered, by anything but no, and led to no referral yet.
    Inquiries,
    /// Files that are attached to the person and stay in the house.
    Files,
    /// Calls that were made.
    Calls,
    /// Files of a referral off the network that were chosen and have not gone.
    Chosen,
    /// Those that went.
    Gone,
    /// Persons on record who look like this one.
    Alike,
    /// Other records of this person, each with the one with which it was joined.
    Joined,
    /// Crisis plans and lists of medication that were written of the person here.
    Plans,
    /// What the person asked to leave out of a consent.
    LeftOut,
    /// Partners who are not on the network.
    Partners,
    /// What other referrals of the person wait for: each with its referral.
    Barriers,
    /// Statements of agencies by which something is left out of accountings today.
    Statements,
    /// What was put on record of the person by hand and can be struck.
    ByHand,
    /// What a consent names for whom we may refer to under it: kinds of information beyond the least, and purposes.
    Kinds,
    Purposes,
    /// To whom something went under a consent that is false, of which nothing was said yet.
    Falsely,
}

impl Source {
    /// What stands where nothing is chosen.
    const fn none(self, required: bool) -> &'static str {
        match self {
            Self::Needs => "A new one",
            Self::Options | Self::Files | Self::Alike | Self::Barriers => "None of these",
            Self::Inquiries => "No question was asked before",
            Self::Purposes => "The least of it",
            _ if required => "Choose",
            _ => "Not said",
        }
    }
}

/// What stands in a field of time at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fill {
    Nothing,
    Now,
    /// The time of the appointment if it is past, else now.
    Came,
    /// The time of the appointment.
    Appointment,
}

/// A field that has to be filled in.
pub const fn must(path: &'static str, label: &'static str, kind: Kind) -> Field {
    Field { path, label, hint: "", kind, required: true, keep: false }
}

/// A field that may stay empty.
pub const fn may(path: &'static str, label: &'static str, kind: Kind) -> Field {
    Field { path, label, hint: "", kind, required: false, keep: false }
}

/// Of something that may be changed in part: what is left empty stays as it was.
pub const fn keep(path: &'static str, label: &'static str, kind: Kind) -> Field {
    Field { path, label, hint: "", kind, required: false, keep: true }
}

/// Fields that few need, folded away.
pub const fn part(label: &'static str, fields: &'static [Field]) -> Field {
    may("", label, Kind::Part(fields))
}

impl Field {
    /// The same with what helps to fill it in.
    pub const fn hint(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }
}
