//! Forms that a person can read: plain English and Spanish (grade 6 to 8, checked by a test), for screen and for paper.
//!
//! Pure: data in, text out; no store, no clock, no files. Each form makes a [`Sheet`], a list of blocks, and the two templates
//! ([`Sheet::text`], 80 columns; [`Sheet::html`], a page without script for A4 and letter paper) show any sheet.
//!
//! - `words`: every string, one file a language, for whoever translates
//! - `sheet`, `text`, `html`: blocks and their two templates
//! - [`consent`] (42 CFR 2.31), [`amendment`], [`revocation`], [`accounting`] (2.25), [`letter`] (a referral to a partner off the
//!   network), [`card`], [`plan`] and [`left_out`] (2.26)
//!
//! What the law words itself (2.32(a)), and what 2.31(a)(4)(iii) and (10)(i) ask a form to say, in nearly their words, stays as it is, in
//! English also on the Spanish form, with a plain explanation before it. What it asks for and does not word (2.31(a)(6), (10)(ii)) stands
//! once, in the language of the form. The Spanish is our own translation; no lawyer has read it.

pub mod accounting;
pub mod amendment;
pub mod card;
pub mod consent;
mod day;
mod html;
mod lang;
pub mod left_out;
pub mod letter;
pub mod plan;
pub mod revocation;
mod sheet;
mod text;
pub mod words;

pub use day::Day;
pub use html::{STYLE, Styled};
pub use lang::Lang;
pub use sheet::{Block, Seen, Sheet};

use belay_protocol::referral::{Need, NeedKind};
use belay_protocol::sensitive::Personal;

/// What is needed, in the words of who wrote it; where they chose the kind alone, in those of the kind.
#[must_use]
pub fn need(need: &Need, lang: Lang) -> Personal<String> {
    let words = lang.words();
    let kind = match need.kind {
        _ if !need.text.reveal().trim().is_empty() => return need.text.clone(),
        NeedKind::Transport => words.need_transport,
        NeedKind::Housing => words.need_housing,
        NeedKind::Food => words.need_food,
        NeedKind::Work => words.need_work,
        NeedKind::Legal => words.need_legal,
        NeedKind::Childcare => words.need_childcare,
        NeedKind::Insurance => words.need_insurance,
        NeedKind::Documents => words.need_documents,
        NeedKind::Phone => words.need_phone,
        NeedKind::Language => words.need_language,
        NeedKind::Other => words.need_other,
    };
    kind.into()
}

#[cfg(test)]
mod tests;
