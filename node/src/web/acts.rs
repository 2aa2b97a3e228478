//! What staff can do in a thread, as one table from which forms are drawn and by which they are read.
//!
//! A row names the act as `ThreadView.may` does, and its fields by their path in [`ActRequest`](crate::api::care::ActRequest) as
//! JSON. So a form is read by putting each field in its place, and a new act needs one row.
//!
//! - `table`: the rows; [`codes`]: codes in the words of people
//! - `read`: from what was posted to the request, or a sentence for each field that is wrong
//! - `draw`: from row, thread and what was typed before to the form of a page; [`usual`]: which come first

pub mod codes;
mod draw;
mod read;
mod table;
mod usual;

#[cfg(test)]
mod tests;

pub use draw::{Drawn, HEARD, Sight, Tried, draw};
pub use read::{Typed, Wrong, read};
pub use table::TABLE;
pub use usual::usual;

use codes::Words;

/// One act.
#[derive(Debug)]
pub struct Row {
    /// Its word in `ThreadView.may`.
    pub act: &'static str,
    /// Its name in the request.
    pub tag: &'static str,
    /// What the form is headed with, and what its button says.
    pub legend: &'static str,
    pub button: &'static str,
    /// What the next page says once.
    pub done: &'static str,
    pub group: Group,
    /// It ends something.
    pub grave: bool,
    pub fields: &'static [Field],
}

/// Where a form stands that is not among the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    Referral,
    Person,
    Plan,
}

impl Group {
    pub const ALL: [(Self, &'static str); 3] = [
        (Self::Referral, "More about the referral"),
        (Self::Person, "How the person is doing"),
        (Self::Plan, "What helps the person"),
    ];
}

/// One field. Within a list, `*` stands for the number.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    pub path: &'static str,
    pub label: &'static str,
    pub kind: Kind,
    pub required: bool,
    /// Left empty, it stays as it was.
    pub keep: bool,
}

#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A line of text.
    Line,
    /// A text area with so many rows.
    Text(u8),
    /// One of these, and what stands there at first.
    One(Words, &'static str),
    /// Any of these.
    Many(Words),
    /// A day and a time, and what stands there at first.
    When(Fill),
    YesNo,
    /// A number from here to there.
    Number(u16, u16),
    /// One of the needs that the referral names; none is a new one.
    Need,
    /// As many as there are and two more, each with these fields.
    List(&'static [Field]),
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

impl Row {
    /// The last part of the form's address.
    #[must_use]
    pub fn slug(&self) -> String {
        self.act.replace(' ', "-")
    }

    /// The row of this address.
    #[must_use]
    pub fn named(slug: &str) -> Option<&'static Self> {
        TABLE.iter().find(|row| row.slug() == slug)
    }
}
