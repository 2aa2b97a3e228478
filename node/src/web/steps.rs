//! What staff do besides the acts of a thread, as one table: each a step with a page of its own, reached from the directory, the
//! inbox, a person, a consent or a thread.
//!
//! A row says what the step is about, its fields, and how what was typed becomes a request; what is about to be done is shown
//! before it is done where that matters. A new step needs one row.
//!
//! - [`subject`]: what a step is about, and what the page knows to choose from
//! - [`codes`]: codes in the words of people; [`ask`]: from JSON to requests
//! - the rows: `house`, `who`, `person`, `plans`, `consent`, `left_out`, `amend`, `send`, `emergency`, `records`, `agreement`, `call`, `file`

mod agreement;
mod alone;
mod amend;
pub mod ask;
mod call;
pub mod codes;
mod consent;
mod emergency;
mod file;
mod house;
mod left_out;
mod person;
mod plans;
mod records;
mod send;
pub mod subject;
mod who;

pub(in crate::web) use consent::EVENT_MISTAKE;
pub(in crate::web) use send::{TO, stays, whom};

use super::form::{Field, Kind, Source, Wrong};
use crate::api::care::Care;
use crate::forms::Lang;
use belay_protocol::sensitive::Personal;
use serde_json::{Map, Value};
use subject::Subject;

/// What was typed, by the paths of the fields.
pub type Fields = Map<String, Value>;

/// From what was typed to a request, or what is wrong with a field.
pub type Asks = fn(&Subject, &Fields) -> Result<Care, Vec<Wrong>>;

/// One step.
#[derive(Debug)]
pub struct Step {
    /// Last part of its address.
    pub slug: &'static str,
    pub on: On,
    /// What its page and its link are headed with, what is said before the form, what its button says.
    pub title: &'static str,
    pub lead: &'static str,
    pub button: &'static str,
    /// What the next page says once.
    pub done: &'static str,
    /// It ends something.
    pub grave: bool,
    pub fields: &'static [Field],
    /// What is shown, and has to be confirmed, before it is done.
    pub look: Option<Look>,
    pub ask: Asks,
    pub after: After,
}

/// What is shown before something is done; where it shows nothing it is done at once.
#[derive(Debug)]
pub struct Look {
    pub ask: Asks,
    pub show: fn(&Value) -> Shown,
    pub button: &'static str,
}

/// What a step is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    House,
    Person,
    Consent,
    Thread,
    Inquiry,
    Opening,
    Hold,
    Agreement,
    Call,
}

/// Where the browser goes when it is done.
#[derive(Debug)]
pub enum After {
    /// To this page, which the answer may name.
    Go(fn(&Subject, &Value) -> String),
    /// The same; what the next page says may be said by what was chosen.
    Said(fn(&Subject, &Value) -> String, fn(&Subject, &Fields) -> Option<String>),
    /// The answer itself is shown, once: something was done.
    Show(fn(&Value) -> Shown),
    /// The answer is a list: nothing was done, and it may be asked for again.
    List(fn(&Value) -> Shown),
}

/// Headings with lines under them.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    /// It can not be done, and why.
    pub refused: Option<String>,
    pub parts: Vec<Part>,
}

/// A heading with lines under it.
#[derive(Debug, Clone, Default)]
pub struct Part {
    pub heading: Personal<String>,
    pub lines: Vec<Personal<String>>,
    /// Each line as an item.
    pub list: bool,
    /// In which it is written.
    pub lang: Lang,
}

impl Shown {
    /// There is nothing that has to be seen before it is done.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.refused.is_none() && self.parts.is_empty()
    }

    /// Sentences under a heading.
    #[must_use]
    pub fn says(mut self, heading: &str, lines: Vec<Personal<String>>) -> Self {
        self.parts.push(Part { heading: heading.into(), lines, ..Part::default() });
        self
    }

    /// Items under a heading.
    #[must_use]
    pub fn lists(mut self, heading: impl Into<Personal<String>>, lines: Vec<Personal<String>>) -> Self {
        self.parts.push(Part { heading: heading.into(), lines, list: true, ..Part::default() });
        self
    }
}

impl On {
    /// First part of the address.
    #[must_use]
    pub const fn place(self) -> &'static str {
        match self {
            Self::House => "do",
            Self::Person => "persons",
            Self::Consent => "consents",
            Self::Thread => "threads",
            Self::Inquiry => "inquiries",
            Self::Opening => "openings",
            Self::Hold => "holds",
            Self::Agreement => "agreements",
            Self::Call => "calls",
        }
    }
}

impl Step {
    /// Every step.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        let care = [house::ROWS, who::ROWS, person::ROWS, consent::ROWS, left_out::ROWS, amend::ROWS, send::ROWS];
        care.into_iter()
            .chain([
                emergency::ROWS,
                plans::ROWS,
                records::ROWS,
                agreement::ROWS,
                call::ROWS,
                call::OF_PERSON,
                file::ROWS,
            ])
            .flatten()
    }

    /// The step of this address.
    #[must_use]
    pub fn named(on: On, slug: &str) -> Option<&'static Self> {
        Self::all().find(|step| step.on == on && step.slug == slug)
    }

    /// Its address.
    #[must_use]
    pub fn href(&self, id: &str) -> String {
        match self.on {
            On::House => format!("/do/{}", self.slug),
            on => format!("/{}/{id}/{}", on.place(), self.slug),
        }
    }

    /// The page from which it is reached.
    #[must_use]
    pub fn back(&self, id: &str) -> String {
        match (self.on, self.slug) {
            (On::Person | On::Consent | On::Thread, _) => format!("/{}/{id}", self.on.place()),
            (On::House, "person") => "/persons".to_owned(),
            (On::Opening | On::Hold, _) | (On::House, "break-glass") => "/emergency".to_owned(),
            (On::Agreement, _) | (On::House, "agreement") => "/agreements".to_owned(),
            (On::House | On::Inquiry | On::Call, _) => "/inbox".to_owned(),
        }
    }

    /// What its fields choose from.
    #[must_use]
    pub fn sources(&self) -> Vec<Source> {
        fn of(fields: &[Field], out: &mut Vec<Source>) {
            for field in fields {
                match field.kind {
                    Kind::Pick(source) | Kind::PickAny(source) => out.push(source),
                    Kind::List(inner) | Kind::Part(inner) => of(inner, out),
                    _ => {}
                }
            }
        }
        let mut out = Vec::new();
        of(self.fields, &mut out);
        out.sort_unstable();
        out.dedup();
        out
    }
}
