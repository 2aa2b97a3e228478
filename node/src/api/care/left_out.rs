//! What a person asks to leave out (42 CFR 2.26): under one consent, or whatever this organisation tells by.

use crate::forms::Lang;
use belay_protocol::ids::{RestrictionId, ThreadId};
use belay_protocol::referral::Information;
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use serde::{Deserialize, Serialize};

/// What the person asks to leave out.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RestrictionRequest {
    pub asked: Personal<String>,
    /// `None`: nobody is to be told.
    pub to: Option<String>,
    /// Empty: nothing of any kind.
    pub information: Vec<Information>,
    pub paid_in_full: bool,
    /// Why this organisation does not agree; `None`: it agrees.
    pub refused: Option<Personal<String>>,
}

/// What the person asked to leave out.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RestrictionView {
    /// By which one of a consent's is named when it is lifted.
    pub number: u16,
    /// By which a person's is named when it is let in again: this one, whatever was let in since.
    pub id: RestrictionId,
    pub asked: Personal<String>,
    /// `None`: nobody is to be told.
    pub to: Option<String>,
    /// Empty: nothing of any kind.
    pub information: Vec<Information>,
    /// Why this organisation did not agree, if it did not.
    pub refused: Option<Personal<String>>,
    pub at: Time,
}

/// What the person let in again (2.26(b)).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LetInView {
    pub asked: RestrictionView,
    /// The person said so; else it was written.
    pub spoken: bool,
    /// Who put it on record, and when.
    pub staff: Personal<String>,
    pub at: Time,
}

/// Asked by a person whether or not there is a consent.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PersonRestrict {
    pub person: Personal<String>,
    pub restriction: RestrictionRequest,
}

/// The person lets in again what was asked so.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PersonLetIn {
    pub person: Personal<String>,
    /// [`RestrictionView::id`], or the beginning of it.
    pub what: String,
    /// The person said so; else it was written (2.26(b)).
    pub spoken: bool,
}

/// What agreeing to a request does, before it is agreed to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RestrictPreview {
    /// It is not agreed to: nothing changes but the record.
    pub refused: bool,
    /// Open referrals, letters and copies for emergencies that it touches.
    pub touches: Vec<TouchView>,
    /// What it does besides.
    pub does: String,
    /// What it can not undo, and how it is undone.
    pub cannot: String,
    /// The same to read to the person, where the language of the person's record is another than that of staff.
    #[serde(default)]
    pub aloud: Option<Aloud>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TouchView {
    /// The referral, where it is one.
    pub thread: Option<ThreadId>,
    pub says: String,
}

/// Sentences for the person, a line each.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Aloud {
    pub lang: Lang,
    pub lines: Vec<String>,
}

/// A kind that stays here whoever asks for it, since the person asked to leave it out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaysView {
    pub information: Information,
    /// When that was agreed.
    pub at: Time,
    /// In a team: who of those that read it is not to be told.
    #[serde(default)]
    pub spared: Vec<String>,
    /// In a team: who reads the same page, and so is not told there. What the consent lets each be told is told apart.
    #[serde(default)]
    pub also: Vec<String>,
    /// The sentence to read to the person, where the language of the person's record is another than that of staff.
    #[serde(default)]
    pub aloud: Option<String>,
}

impl StaysView {
    /// Of a team: whom it is about, and how each of the others is told.
    #[must_use]
    pub fn of_team(&self) -> Option<String> {
        (!self.also.is_empty()).then(|| {
            format!(
                "{} is not to be told. {} reads the same page, and nothing more is told there; what may be told it is told apart from the page",
                self.spared.join(", "),
                self.also.join(", ")
            )
        })
    }
}
