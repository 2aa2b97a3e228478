//! Persons: what is known of them, and who may be the same.

use belay_protocol::ids::PersonId;
use belay_protocol::sensitive::Personal;
use serde::{Deserialize, Serialize};

/// Who a person is. Every field may be empty but the name.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct PersonFields {
    pub name: Personal<String>,
    pub other_names: Vec<Personal<String>>,
    pub birth_date: Personal<String>,
    pub phones: Vec<Personal<String>>,
    pub address: Personal<String>,
    pub contact: Personal<String>,
    pub language: Personal<String>,
    pub note: Personal<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PersonView {
    pub id: PersonId,
    #[serde(flatten)]
    pub fields: PersonFields,
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
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MatchView {
    pub person: PersonId,
    pub name: Personal<String>,
    pub reasons: Vec<String>,
}
