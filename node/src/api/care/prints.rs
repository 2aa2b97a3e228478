//! Forms to print, in the language of who reads them.

use super::OurOffice;
use crate::forms::Lang;
use belay_protocol::ids::OrgId;
use belay_protocol::sensitive::Personal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One form.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Print {
    pub form: Printed,
    /// `None`: the language on the person's record, if there are forms in it, else English.
    pub lang: Option<Lang>,
    pub shape: Shape,
    /// Of an accounting: where organisations are reached, which the node looks up in the directory: address and telephone. Of a card: the
    /// telephone of whom the person was referred to.
    #[serde(skip)]
    pub reach: BTreeMap<OrgId, String>,
    /// Of a card: where we are reached, which the node looks up likewise.
    #[serde(skip)]
    pub office: OurOffice,
}

impl Print {
    #[must_use]
    pub fn new(form: Printed, lang: Option<Lang>, shape: Shape) -> Self {
        Self { form, lang, shape, reach: BTreeMap::new(), office: OurOffice::default() }
    }
}

/// Which form, about whom.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Printed {
    /// All ten elements of 42 CFR 2.31(a).
    Consent { consent: String },
    /// The whole of the newest version, also where it waits for a signature while an earlier one stands.
    Waiting { consent: String },
    /// Only what the newest version has that the last one signed before it had not.
    Amendment { consent: String },
    /// What taking it back does and can not undo; to sign, or what was heard.
    Revocation { consent: String },
    /// Whom we told in three years (42 CFR 2.25).
    Accounting { person: Personal<String> },
    /// The wallet card: provider, contact, present medication and dose.
    Card {
        person: Personal<String>,
        /// With the next visit, which the person asked for: whoever finds the card reads where somebody is treated, and when.
        #[serde(default)]
        visit: bool,
    },
    /// What the person asked to leave out whatever is told by, with the answers (42 CFR 2.26).
    LeftOut { person: Personal<String> },
    /// The crisis and recurrence plan.
    Plan { person: Personal<String> },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// Plain text, 80 columns.
    Text,
    /// HTML that stands by itself, for a file.
    File,
    /// HTML without a title, to stand inside a page of this node.
    Part,
    /// HTML for a page of this node, with its style at this path.
    Page(String),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PrintView {
    pub title: String,
    pub lang: Lang,
    /// The form, in the shape that was asked for.
    pub form: Personal<String>,
    /// A page that shows it has to load a picture of what was signed with.
    #[serde(default)]
    pub pictured: bool,
}
