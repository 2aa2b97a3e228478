//! What was told to whom, and who looked at what.

use belay_protocol::disclosure::Stage;
use belay_protocol::ids::{ConsentId, EntryHash, OrgId, PersonId, ThreadId};
use belay_protocol::referral::Information;
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use serde::{Deserialize, Serialize};

/// One person, or one organisation.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DisclosuresAsk {
    pub person: Option<Personal<String>>,
    pub to: Option<String>,
    /// `None`: for a person the last three years, for an organisation everything.
    pub since: Option<Time>,
    /// Only what was told before this.
    pub until: Option<Time>,
    /// Only what rests on a consent, as 42 CFR 2.25 counts.
    pub with_consent: bool,
}

impl DisclosuresAsk {
    /// The accounting of three years for a person.
    #[must_use]
    pub fn of(person: &str) -> Self {
        Self { person: Some(person.into()), ..Self::default() }
    }

    /// Everything that was told to one organisation.
    #[must_use]
    pub fn to(organisation: &str) -> Self {
        Self { to: Some(organisation.to_owned()), ..Self::default() }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DisclosuresView {
    /// The time that the list covers.
    pub since: Option<Time>,
    pub until: Option<Time>,
    /// How many were made. What is placed for emergencies and was not opened is listed, since a breach at the recipient concerns
    /// it, and not counted.
    pub made: usize,
    pub disclosures: Vec<DisclosureView>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DisclosureView {
    pub at: Time,
    pub person: PersonId,
    pub to: OrgId,
    pub recipient: String,
    /// Where the directory or the list of partners knows it.
    pub address: Option<String>,
    /// Its person's name, for whom staff of this organisation must reach after a breach.
    pub name: Option<Personal<String>>,
    /// Whether it rests on a consent.
    pub with_consent: bool,
    pub information: Information,
    pub what: Personal<String>,
    pub purpose: String,
    pub consent: ConsentId,
    pub version: u32,
    pub staff: Personal<String>,
    pub entry: EntryHash,
    /// What permits it; the consent is all zero where none is asked for.
    pub clause: String,
    pub stage: Stage,
    /// Of a medical emergency.
    pub facts: Option<super::FactsView>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AuditView {
    pub looks: Vec<LookView>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LookView {
    pub at: Time,
    pub staff: Personal<String>,
    pub looked: String,
    pub person: Option<PersonId>,
    pub thread: Option<ThreadId>,
}
