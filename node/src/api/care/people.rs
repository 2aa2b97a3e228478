//! Persons: what is known of them, and who may be the same.

use belay_protocol::ids::PersonId;
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use serde::{Deserialize, Serialize};

/// Who a person is. Every field may be empty but the name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonFields {
    pub name: Personal<String>,
    pub other_names: Vec<Personal<String>>,
    pub birth_date: Personal<String>,
    pub phones: Vec<Personal<String>>,
    pub address: Personal<String>,
    pub contact: Personal<String>,
    pub language: Personal<String>,
    pub note: Personal<String>,
    /// A day, a year, or `yes`; empty of who lives. Our staff telephone nobody about somebody who has died.
    #[serde(default)]
    pub died: Personal<String>,
}

/// Somebody new.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct PersonAdd {
    #[serde(flatten)]
    pub fields: PersonFields,
    /// Staff have looked: it is nobody of those who look alike.
    #[serde(default)]
    pub another: bool,
}

impl From<PersonFields> for PersonAdd {
    fn from(fields: PersonFields) -> Self {
        Self { fields, another: false }
    }
}

/// What is corrected; what is `None` stays as it was.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PersonEdit {
    pub person: Personal<String>,
    pub name: Option<Personal<String>>,
    pub other_names: Option<Vec<Personal<String>>>,
    pub birth_date: Option<Personal<String>>,
    pub phones: Option<Vec<Personal<String>>>,
    pub address: Option<Personal<String>>,
    pub contact: Option<Personal<String>>,
    pub language: Option<Personal<String>>,
    pub note: Option<Personal<String>>,
    pub died: Option<Personal<String>>,
    /// What stood there when the corrections were typed, as `people::as_shown` names it: what somebody corrected since is not overwritten
    /// unseen. `None`: only what is named is corrected, whatever stands there.
    pub shown: Option<String>,
}

impl PersonEdit {
    /// These fields with what is corrected.
    #[must_use]
    pub fn onto(&self, fields: PersonFields) -> PersonFields {
        PersonFields {
            name: self.name.clone().unwrap_or(fields.name),
            other_names: self.other_names.clone().unwrap_or(fields.other_names),
            birth_date: self.birth_date.clone().unwrap_or(fields.birth_date),
            phones: self.phones.clone().unwrap_or(fields.phones),
            address: self.address.clone().unwrap_or(fields.address),
            contact: self.contact.clone().unwrap_or(fields.contact),
            language: self.language.clone().unwrap_or(fields.language),
            note: self.note.clone().unwrap_or(fields.note),
            died: self.died.clone().unwrap_or(fields.died),
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PersonView {
    pub id: PersonId,
    #[serde(flatten)]
    pub fields: PersonFields,
    /// What was changed, newest first.
    #[serde(default)]
    pub history: Vec<PersonChange>,
    /// Other records of this person.
    #[serde(default)]
    pub also: Vec<RecordView>,
    /// Where it is asked for: every consent, as it stands.
    #[serde(default)]
    pub consents: Vec<super::ConsentRow>,
    /// Where it is asked for: the crisis plan and the medication.
    #[serde(default)]
    pub plans: super::PlansView,
    /// Where it is asked for: what the person asked to leave out, whatever is told by (42 CFR 2.26), numbered from 1.
    #[serde(default)]
    pub left_out: Vec<super::RestrictionView>,
    /// Where it is asked for: what the person let in again by word, oldest first.
    #[serde(default)]
    pub let_in: Vec<super::LetInView>,
    /// Others on record who look like this one, and of whom nobody said that they are somebody else.
    #[serde(default)]
    pub alike: Vec<MatchView>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PersonChange {
    pub at: Time,
    pub staff: Personal<String>,
    pub what: Personal<String>,
}

/// Another record of the same human being.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RecordView {
    pub id: PersonId,
    pub name: Personal<String>,
    pub birth_date: Personal<String>,
    /// The record with which it was joined, when, by whom and why.
    pub with: PersonId,
    pub at: Time,
    pub staff: Personal<String>,
    pub why: Personal<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MatchesView {
    pub matches: Vec<MatchView>,
}

/// Two records of one human being.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MergeAsk {
    /// Under whose record the person is shown from then on.
    pub person: Personal<String>,
    pub other: Personal<String>,
    /// How staff know.
    pub why: Personal<String>,
}

/// They are of two after all. Both by id.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PersonApart {
    pub person: Personal<String>,
    pub other: Personal<String>,
    pub why: Personal<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MergePreview {
    pub keep: MergeSide,
    pub other: MergeSide,
    /// What the two have in common.
    pub alike: Vec<String>,
    pub warnings: Vec<String>,
    /// What is bound from then on, for good.
    pub binds: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MergeSide {
    pub id: PersonId,
    #[serde(flatten)]
    pub fields: PersonFields,
    pub consents: u32,
    pub referrals: u32,
    /// A hold stands.
    pub held: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PersonsView {
    pub persons: Vec<PersonRow>,
    /// More fit than were asked for.
    #[serde(default)]
    pub more: bool,
}

/// Whom to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PersonsAsk {
    /// Parts of the name, or beginnings of the date of birth; all must fit. Empty: everybody.
    pub words: Personal<String>,
    /// At most so many; `None`: all.
    pub limit: Option<u32>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PersonRow {
    pub id: PersonId,
    pub name: Personal<String>,
    pub birth_date: Personal<String>,
    /// How the note begins, of who has no name on record.
    #[serde(default)]
    pub note: Personal<String>,
    /// As it was looked for, where the person is called otherwise now.
    #[serde(default)]
    pub found_by: Option<Personal<String>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MatchView {
    pub person: PersonId,
    pub name: Personal<String>,
    pub reasons: Vec<String>,
}
