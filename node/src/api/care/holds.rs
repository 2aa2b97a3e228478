//! Holds that stop destruction (42 CFR 2.16, 2.61 to 2.67).

use belay_protocol::ids::PersonId;
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use serde::{Deserialize, Serialize};

/// A new hold.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HoldSet {
    pub person: Personal<String>,
    pub why: Personal<String>,
    /// Name of the paper's file, and SHA-256 of what is in it, in hex.
    pub order: Option<(Personal<String>, String)>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HoldsView {
    pub holds: Vec<HoldRow>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HoldRow {
    pub id: String,
    pub person: PersonId,
    pub name: Personal<String>,
    pub why: Personal<String>,
    pub order: Option<(Personal<String>, String)>,
    pub set: Time,
    pub staff: Personal<String>,
    pub lifted: Option<Time>,
    /// Why it was lifted; empty while it stands.
    pub lifted_why: Personal<String>,
}
