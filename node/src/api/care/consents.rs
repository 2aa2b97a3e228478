//! Consents: drafted, signed, shown, ended.

use belay_protocol::ids::{ConsentId, PersonId};
use belay_protocol::referral::Information;
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use serde::{Deserialize, Serialize};

/// A consent between this organisation and one other.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ConsentDraft {
    pub person: Personal<String>,
    pub to: String,
    pub tell: Vec<Information>,
    /// What the other may tell us; `None`: what is usual for our kind of partner.
    pub back: Option<Vec<Information>>,
    pub purpose: String,
    pub expiry: ExpiryRequest,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpiryRequest {
    On(Time),
    Event(String),
    Never,
}

/// How a consent was signed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ConsentSign {
    pub consent: String,
    /// The name that was typed; empty where `paper` says where the signed paper lies.
    pub typed: Personal<String>,
    pub paper: Option<String>,
    /// Instead of both: the file that was attached to this consent before, by its SHA-256 in hex.
    #[serde(default)]
    pub file: Option<SignedFile>,
    /// Who signed for the person, and in which capacity (42 CFR 2.14, 2.15).
    pub representative: Option<(Personal<String>, String)>,
    /// The date of the signature; `None`: now.
    pub date: Option<Time>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SignedFile {
    pub id: String,
    /// A signature that was drawn; else a scan of signed paper.
    pub drawn: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ConsentView {
    pub id: ConsentId,
    pub version: u32,
    pub person: PersonId,
    /// draft, signed, expired, revoked, void.
    pub state: String,
    /// What is missing before it permits anything: the sentence with name and clause.
    pub missing: Option<String>,
    /// The form as plain text.
    pub form: Personal<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ConsentsView {
    pub consents: Vec<ConsentRow>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ConsentRow {
    pub id: ConsentId,
    pub version: u32,
    pub person: PersonId,
    pub name: Personal<String>,
    /// Names of the other organisations.
    pub parties: Vec<String>,
    pub state: String,
}
