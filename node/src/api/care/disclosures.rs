//! What was told to whom, and who looked at what.

use belay_protocol::ids::{ConsentId, EntryHash, OrgId, PersonId, ThreadId};
use belay_protocol::referral::Information;
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DisclosuresView {
    pub disclosures: Vec<DisclosureView>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DisclosureView {
    pub at: Time,
    pub person: PersonId,
    pub to: OrgId,
    pub recipient: String,
    pub information: Information,
    pub what: Personal<String>,
    pub purpose: String,
    pub consent: ConsentId,
    pub version: u32,
    pub staff: Personal<String>,
    pub entry: EntryHash,
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
