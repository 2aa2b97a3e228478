//! What staff can do in a thread, as one table from which forms are drawn and by which they are read.
//!
//! A row names the act as `ThreadView.may` does, and its fields by their path in [`ActRequest`](crate::api::care::ActRequest) as
//! JSON. So a form is read by putting each field in its place, and a new act needs one row.
//!
//! - `table`: the rows; [`codes`]: codes in the words of people
//! - `heard`: the words of forms for what a partner off the network answered by telephone
//! - `draw`: from row, thread and what was typed before to the form of a page; [`usual`]: which come first

pub mod codes;
mod draw;
mod heard;
mod table;
mod usual;

#[cfg(test)]
mod tests;

pub use draw::{AS_IT_IS, Drawn, HEARD, STOOD, Sight, Tried, draw, meanwhile};
pub use heard::{Voice, unsaid};
pub use table::TABLE;
pub(in crate::web) use table::{CRISIS, MEDICATION};
pub use usual::{AFTER_END, FIRST, usual, usual_heard};

use super::form::{self, Field, Kind, Typed, Wrong};
use crate::api::care::ActRequest;
use belay_protocol::sensitive::Personal;
use serde_json::{Map, Value};

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

impl Row {
    /// The last part of the form's address.
    #[must_use]
    pub fn slug(&self) -> String {
        self.act.replace(' ', "-")
    }

    /// Whether it means something else where the referral stands elsewhere: not what tells only.
    #[must_use]
    pub fn hangs_on_where_it_stands(&self) -> bool {
        self.group == Group::Referral && !matches!(self.tag, "message" | "urgency" | "settle")
    }

    /// The row of this address.
    #[must_use]
    pub fn named(slug: &str) -> Option<&'static Self> {
        TABLE.iter().find(|row| row.slug() == slug)
    }
}

/// The request that was posted.
///
/// # Errors
/// A sentence for each field that is wrong.
pub fn read(row: &Row, typed: &Typed) -> Result<ActRequest, Vec<Wrong>> {
    let object = form::object(row.fields, typed)?;
    let request = if row.fields.is_empty() {
        Value::String(row.tag.to_owned())
    } else {
        Value::Object(Map::from_iter([(row.tag.to_owned(), Value::Object(object))]))
    };
    serde_json::from_value(request).map_err(|_| vec![(String::new(), "The form did not arrive whole.".to_owned())])
}

/// The words that were typed into a form of this row, each with what it was asked for.
#[must_use]
pub fn typed_words(row: &Row, typed: &Typed) -> Vec<(&'static str, Personal<String>)> {
    let label = |name: &str| {
        let mut parts = name.split('.');
        let outer = row.fields.iter().find(|field| field.path == name || Some(field.path) == name.split('.').next())?;
        match outer.kind {
            Kind::Line | Kind::Text(_) | Kind::Each(_) => Some(outer.label),
            Kind::List(fields) => {
                let last = parts.next_back()?;
                fields
                    .iter()
                    .find(|field| field.path == last && matches!(field.kind, Kind::Line))
                    .map(|field| field.label)
            }
            _ => None,
        }
    };
    let words = typed.0.iter().filter(|(_, text)| !text.reveal().trim().is_empty());
    words.filter_map(|(name, text)| Some((label(name)?, text.clone()))).collect()
}
