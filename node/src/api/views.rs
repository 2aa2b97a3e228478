//! What a node answers: the same types for people and for `--json`.

mod found;

pub use crate::interchange::{Counts as Counted, RowIssue, Severity, Tally};
pub use crate::net::Path;
pub use found::SearchView;

use belay_protocol::ids::{EntryHash, NodeId, OrgId, SpaceId, StaffId};
use belay_protocol::space::control::PartnerKind;
use belay_protocol::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where an organisation stands with its coalition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Neither founded nor joined one.
    Alone,
    /// Redeemed an invite; a steward has yet to approve.
    Waiting,
    Member,
    Steward,
    Removed,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OrganisationView {
    pub id: OrgId,
    pub name: String,
    pub kind: PartnerKind,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CoalitionView {
    pub space: SpaceId,
    pub name: String,
    /// Six words of it: the same at every member, so that a node that was told of it by one member can be compared with another.
    pub words: String,
    /// Organisations in the roster, removed ones not counted.
    pub organisations: usize,
}

/// What a node has, counted.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Counts {
    pub spaces: u64,
    pub entries: u64,
    pub waiting_entries: u64,
    pub listings: u64,
    pub bytes_sent: u64,
    pub bytes_received: u64,
}

/// One named risk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConditionView {
    pub code: String,
    /// `info`, `warning` or `error`.
    pub severity: String,
    pub sentence: String,
    /// What to type next.
    pub next: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StatusView {
    pub version: String,
    pub organisation: OrganisationView,
    pub node: NodeId,
    pub standing: Standing,
    /// Six words of this organisation's root key.
    pub fingerprint: String,
    /// While a join waits for approval: the six words that both sides see, to compare by telephone.
    pub joining: Option<String>,
    pub coalition: Option<CoalitionView>,
    /// Addresses on which the node listens, with the ports it really got.
    pub listen: Vec<String>,
    /// Where the web pages are, if they are served.
    pub http: Option<String>,
    /// Whether an address is reachable from outside without a relay, as far as the node can tell.
    pub reachable: bool,
    /// Addresses that were announced, or found to be reached from outside.
    #[serde(default)]
    pub confirmed: Vec<String>,
    /// Addresses through members' nodes that relay for this one.
    #[serde(default)]
    pub relayed: Vec<String>,
    /// Those nodes.
    #[serde(default)]
    pub relays: Vec<NodeId>,
    /// Nodes that are linked, also other machines of this organisation.
    pub peers: usize,
    /// Other organisations of which a node is linked.
    #[serde(default)]
    pub partners: usize,
    /// Partners that keep this organisation's own records, the freshest first.
    pub backups: Vec<BackupRow>,
    /// For whom something waits or lies with carriers, or came by them. Counts, and nothing about persons.
    #[serde(default)]
    pub under_way: Vec<UnderWayRow>,
    /// While something of a recovery is still to come.
    #[serde(default)]
    pub recovering: Option<RecoveringView>,
    pub counts: Counts,
    pub conditions: Vec<ConditionView>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PeerView {
    pub node: NodeId,
    pub org: Option<OrgId>,
    pub name: Option<String>,
    pub connected: bool,
    /// How the link runs, where there is one: `quic`, `tcp`, `punched` or `relayed`, with the node that relays.
    #[serde(default)]
    pub path: Option<Path>,
    pub addresses: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PeersView {
    pub peers: Vec<PeerView>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DoctorView {
    /// Empty: nothing is wrong.
    pub conditions: Vec<ConditionView>,
    /// All tables were made again from the entries.
    pub rebuilt: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PhraseView {
    pub checked: bool,
}

/// What `init` made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InitView {
    pub organisation: OrganisationView,
    pub node: NodeId,
    pub fingerprint: String,
    pub data: String,
    /// The file that holds the recovery phrase; `None` where it was shown on the terminal.
    pub phrase_file: Option<String>,
}

/// What one partner keeps of this organisation's own records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupRow {
    pub organisation: OrgId,
    pub name: String,
    /// When it last took some, or was seen to have all.
    pub at: Time,
    /// Entries that it does not have yet.
    pub behind: u32,
    pub fresh: bool,
    /// It had no room for more.
    pub full: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BackupMadeView {
    pub file: String,
    pub bytes: u64,
    pub made: Time,
}

/// What a check of a file found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BackupCheckView {
    pub file: String,
    pub organisation: Option<String>,
    pub node: Option<NodeId>,
    pub made: Option<Time>,
    /// Entries whose hash and signature were checked.
    pub entries: u64,
    /// Empty: all is well.
    pub wrong: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RestoredView {
    pub organisation: String,
    pub node: NodeId,
    pub made: Option<Time>,
    pub entries: u64,
    pub data: String,
}

/// What one partner gave back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RecoveredPartner {
    pub organisation: OrgId,
    pub name: String,
    pub reached: bool,
    /// Sealed packages that it kept.
    pub packages: u64,
}

/// What this organisation wrote for one partner that no link has brought there, in entries without keys and grants: a message is one, a referral some.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UnderWayRow {
    pub organisation: OrgId,
    pub name: String,
    /// On this machine alone.
    pub waiting: u64,
    pub with_carriers: u64,
    /// Came by carriers or by file.
    pub came: u64,
}

/// What is still to come since this organisation came back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RecoveringView {
    /// Names of partners that have not given all that they keep.
    pub still_to_hear: Vec<String>,
    /// Since when they are asked.
    pub since: Option<Time>,
    /// Packages that came since, or by file, and are sealed until the phrase is typed.
    pub sealed: u64,
}

/// What lies here of an organisation's records, for a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RecordsView {
    pub of: OrgId,
    pub of_name: String,
    pub packages: usize,
    /// One text of the file; left out where it was written.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// Where the next text begins: node, and number of the last package that is in this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<(NodeId, u64)>,
    /// The file that was written.
    #[serde(default)]
    pub file: Option<String>,
}

/// How many packages of own records a text held, which lie here now.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LaidByView {
    pub packages: usize,
}

/// What was opened of own records that came after the recovery.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RestView {
    pub packages: u64,
    /// Of these, how many did not open or are of other records than those that are here.
    pub spoilt: u64,
    pub staff: usize,
    pub persons: usize,
    pub consents: usize,
    pub disclosures: usize,
    pub audits: usize,
    /// When the newest record was written that came from the machines that were lost.
    pub newest: Option<Time>,
    /// Names of partners that have not given all that they keep.
    pub still_to_hear: Vec<String>,
}

/// What came back, and what did not.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RecoverView {
    pub organisation: OrganisationView,
    pub node: NodeId,
    pub fingerprint: String,
    pub coalition: CoalitionView,
    /// Nodes that were shut out for good.
    pub retired: Vec<NodeId>,
    pub staff: usize,
    pub persons: usize,
    pub consents: usize,
    pub disclosures: usize,
    pub audits: usize,
    pub threads: usize,
    pub partners: Vec<RecoveredPartner>,
    /// When the newest own record was written that came. What was written after it is lost; `None`: none came.
    pub newest: Option<Time>,
    /// What partners have or may have that is not here, and why. Empty: nothing that anybody knows of.
    pub missing: Vec<String>,
    pub data: String,
}

/// What `init --second` made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SecondView {
    pub organisation: OrganisationView,
    pub node: NodeId,
    pub fingerprint: String,
    pub data: String,
    pub coalition: CoalitionView,
}

/// Where a further node finds this one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NodeAddView {
    pub organisation: OrganisationView,
    /// Each names this node, so that no other can answer in its place.
    pub addresses: Vec<String>,
    pub reachable: bool,
}

/// One node of this organisation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NodeRow {
    pub node: NodeId,
    /// The one that answers.
    pub this: bool,
    /// `active`, `retired`, or `no place` where sixteen that were certified before have them all.
    pub state: String,
    pub connected: bool,
    /// When the organisation's root certified it.
    pub certified: Time,
    pub addresses: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NodesView {
    pub nodes: Vec<NodeRow>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NodeRetiredView {
    pub node: NodeId,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FoundView {
    pub space: SpaceId,
    pub name: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InviteView {
    pub id: String,
    /// The code to give to the newcomer, and to nobody else.
    pub code: String,
    pub expires: Time,
    pub addresses: Vec<String>,
    /// Members whose nodes let the newcomer through to this one.
    #[serde(default)]
    pub through: Vec<String>,
    /// False: nobody outside this machine or network can reach these addresses, and the newcomer comes by who is in `through`, or by file.
    pub reachable: bool,
    /// Content of the invite file, where one was asked for.
    pub file: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InviteRow {
    pub id: String,
    pub note: Option<String>,
    pub expires: Time,
    /// `open`, `claimed`, `approved`, `used`, `expired` or `cancelled`.
    pub state: String,
    /// Who came with it and was not sent away.
    #[serde(default)]
    pub came: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InvitesView {
    pub invites: Vec<InviteRow>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct JoinView {
    pub coalition: Option<SpaceId>,
    pub standing: Standing,
    /// Six words of this organisation's root key: the steward sees the same.
    pub fingerprint: String,
    /// A file to carry back to the inviter, where no network is used.
    pub file: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OrgRow {
    pub id: OrgId,
    pub name: String,
    pub kind: PartnerKind,
    /// `steward`, `member`, `removed`, or `waiting` for approval.
    pub state: String,
    pub nodes: usize,
    /// Six words of its root key.
    pub fingerprint: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OrgsView {
    pub organisations: Vec<OrgRow>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OrgView {
    pub organisation: OrgRow,
    pub nodes: Vec<NodeId>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ApprovedView {
    pub organisation: OrgId,
    pub name: String,
    pub grant: EntryHash,
    /// A file to carry to the newcomer, where it came by file.
    pub file: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WaitingView {
    pub organisation: OrgRow,
    /// Of one that was let in before by this file: what goes back to it, again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub welcome: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UserView {
    pub id: StaffId,
    pub name: String,
    /// As letters and forms have it; empty: as they sign in.
    #[serde(default)]
    pub full_name: String,
    pub role: String,
    pub enabled: bool,
    /// Who wrote that, and when.
    pub written: String,
    pub at: Time,
}

impl UserView {
    /// As others know them: not by what they sign in with, where more is on record.
    #[must_use]
    pub fn called(&self) -> &str {
        if self.full_name.is_empty() { &self.name } else { &self.full_name }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UsersView {
    pub users: Vec<UserView>,
}

/// What an import read and what it changed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ImportView {
    /// Such as `HSDS 1.1 CSV`.
    pub format: String,
    /// The name of the set: imports under one name are states of one set.
    pub set: String,
    #[serde(flatten)]
    pub counts: Counted,
    pub added: usize,
    pub changed: usize,
    pub unchanged: usize,
    /// Fields that staff changed since the last import: left as they are.
    pub kept_edits: usize,
    /// Listings of this set that the data hold no more: left as they are.
    pub absent: usize,
    /// Rows that were left out.
    pub dropped: usize,
    pub tables: Vec<Tally>,
    pub issues: Vec<RowIssue>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ListingView {
    /// `<org id>/<listing id>` names a listing among all organisations.
    pub id: String,
    pub org: OrgId,
    pub organisation: String,
    pub kind: String,
    pub name: String,
    /// The name of the organisation listing that offers it.
    pub offered_by: String,
    pub fields: BTreeMap<String, String>,
    pub openings: Option<OpeningsView>,
    pub kilometres: Option<f64>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OpeningsView {
    pub openings: u32,
    pub note: Option<String>,
    pub published: Time,
}
