//! What is answered about charters, proposals and approvals.

use belay_protocol::ids::{OrgId, ProposalId};
use belay_protocol::time::Time;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StewardRow {
    pub id: OrgId,
    pub name: String,
    /// `in`; `removed`; or `no node`: all of its nodes are retired.
    pub state: String,
}

/// Who stewards the coalition, and what waits for them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StewardsView {
    /// The number of the charter in force.
    pub number: u32,
    pub stewards: Vec<StewardRow>,
    /// How many stewards remove an organisation.
    pub threshold: u32,
    /// How many stewards adopt the next charter.
    pub majority: usize,
    /// What to do about the charter, if anything.
    pub advice: Option<String>,
    /// Stewards that approved two charters of one number.
    pub double_signers: Vec<String>,
    /// Open ones first.
    pub proposals: Vec<ProposalView>,
}

/// One charter or removal that was proposed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProposalView {
    pub id: ProposalId,
    /// `open`; `stuck` (it names a steward that is in no more); `done`; or `over` (another charter came first).
    pub state: String,
    /// Who approved it first.
    pub by: String,
    pub proposed: Time,
    /// The charter, if it is one.
    pub charter: Option<CharterView>,
    /// The organisation to be removed, if it is a removal.
    pub removal: Option<OrgName>,
    /// Those whose approvals count.
    pub approved: Vec<String>,
    pub needed: usize,
    /// It waits for this organisation's approval.
    pub yours: bool,
}

/// How the next charter differs from the one in force.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct CharterChange {
    pub add: Vec<String>,
    pub drop: Vec<String>,
    /// More than half of the stewards, unless it says otherwise.
    pub threshold: Option<u32>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CharterView {
    pub number: u32,
    pub stewards: Vec<String>,
    pub threshold: u32,
    pub majority: usize,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OrgName {
    pub id: OrgId,
    pub name: String,
}

/// What became of a removal.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RemovalView {
    pub organisation: OrgId,
    pub name: String,
    /// False: other stewards have yet to approve the proposal.
    pub removed: bool,
    pub proposal: Option<ProposalView>,
}
