//! Why something is not permitted: what is missing, its clause, and the lawful next step, in one sentence each.

use super::Element;
use crate::fault::Fault;
use std::fmt;

/// A refusal of [`super::decide`]. Holds no personal datum.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Refusal {
    /// The element of 2.31(a) that is missing, if it is that.
    pub element: Option<Element>,
    /// What is missing or stands against it.
    pub why: String,
    /// The clause.
    pub clause: &'static str,
    /// What may lawfully be done next.
    pub next: String,
}

impl Refusal {
    pub(crate) fn new(why: impl Into<String>, clause: &'static str, next: impl Into<String>) -> Self {
        Self { element: None, why: why.into(), clause, next: next.into() }
    }

    /// Nothing was signed.
    #[must_use]
    pub fn unsigned() -> Self {
        Self::element(Element::Signature, "Have the draft signed (`belay consent sign`).")
    }

    pub(super) fn element(element: Element, next: &str) -> Self {
        let why = format!("the consent lacks {}", element.name());
        Self { element: Some(element), why, clause: element.clause(), next: next.to_owned() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not permitted: {} ({}). {}", self.why, self.clause, self.next)
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::not_permitted(refusal.to_string())
    }
}
