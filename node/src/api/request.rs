//! What may be asked of a node.

use super::Secret;
use belay_protocol::ids::{NodeId, OrgId, TermsHash};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Who acts: a staff member and that person's own secret. Every request about a person carries one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StaffLogin {
    pub name: String,
    pub secret: Secret,
}

/// One request. Names of organisations, persons and so on are ids, or the beginning of one, or a name that fits only one.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Request {
    /// -> [`super::views::StatusView`]
    Status,
    /// -> [`super::views::PeersView`]
    Peers,
    /// Looks at everything; with `rebuild` first makes all tables again from the entries. -> [`super::views::DoctorView`]
    Doctor { rebuild: bool },
    /// Stops the node in order. -> `null`
    Stop,
    /// Whether these words are the organisation's recovery phrase. -> [`super::views::PhraseView`]
    PhraseCheck { phrase: Secret },

    /// Makes a coalition with this organisation as its first steward. -> [`super::views::FoundView`]
    Found { name: String },
    /// Makes an invite. `org` is a note for whom it is; `file` asks for an invite that works without a network.
    /// -> [`super::views::InviteView`]
    Invite { org: Option<String>, hours: u64, file: bool },
    /// -> [`super::views::InvitesView`]
    InviteList,
    /// -> `null`
    InviteCancel { invite: String },
    /// Begins to join by a code. -> [`super::views::JoinView`]
    Join { code: Secret },
    /// Takes a file that came from the other side. -> [`super::views::JoinView`]
    JoinFile { content: Secret },
    /// Leaves the coalition; or, `waiting`, waits no more to be let into one. Refused where it is the other of the two. -> `null`
    Leave { waiting: bool },

    /// -> [`super::views::OrgsView`]
    OrgList,
    /// -> [`super::views::OrgView`]
    OrgShow { org: String },
    /// Lets in who redeemed an invite, as a steward. -> [`super::views::ApprovedView`]
    OrgApprove { org: String },
    /// What came back from a newcomer by file: registers it as waiting. -> [`super::views::WaitingView`]
    OrgAnswer { content: Secret },
    /// Removes it, or proposes that to the other stewards. -> [`super::stewards::RemovalView`]
    OrgRemove { org: String },

    /// Where a further node of this organisation finds this one. -> [`super::views::NodeAddView`]
    NodeAdd,
    /// -> [`super::views::NodesView`]
    NodeList,
    /// Shuts a node of this organisation out, for good. -> [`super::views::NodeRetiredView`]
    NodeRetire { node: String, phrase: Secret },

    /// A copy of this machine's store in a new file; a whole path. -> [`super::views::BackupMadeView`]
    BackupCreate { file: String },
    /// Charters and proposals. -> [`super::stewards::StewardsView`]
    StewardList,
    /// The next charter as [`Request::StewardPropose`] would propose it. -> [`super::stewards::CharterView`]
    StewardDraft { change: super::stewards::CharterChange },
    /// Proposes the next charter. `instead`: although this organisation has approved another. -> [`super::stewards::ProposalView`]
    StewardPropose { change: super::stewards::CharterChange, instead: bool },
    /// An open proposal. -> [`super::stewards::ProposalView`]
    StewardShow { proposal: String },
    /// -> [`super::stewards::ProposalView`]
    StewardApprove { proposal: String, instead: bool },

    /// By the privacy officer; `rescue`: a new one, where none can sign in any more. -> [`super::views::UserView`]
    UserAdd {
        name: String,
        #[serde(default)]
        full_name: String,
        role: String,
        secret: Secret,
        #[serde(default)]
        login: Option<StaffLogin>,
        #[serde(default)]
        rescue: bool,
    },
    /// -> [`super::views::UsersView`]
    UserList,
    /// By the privacy officer: how the name reads on letters and forms. -> [`super::views::UserView`]
    UserRename {
        name: String,
        full_name: String,
        #[serde(default)]
        login: Option<StaffLogin>,
    },
    /// By the privacy officer: signs in no more, or again. -> [`super::views::UserView`]
    UserDisable {
        name: String,
        disabled: bool,
        #[serde(default)]
        login: Option<StaffLogin>,
    },
    /// Another secret: one's own, or by the privacy officer another's. -> [`super::views::UserView`]
    UserPasswd { name: String, secret: Secret, login: StaffLogin },

    /// Takes a file or folder of this machine into the organisation's documents. -> [`super::views::ImportView`]
    DirectoryImport { path: String },
    /// -> [`super::views::SearchView`]
    DirectorySearch(Search),
    /// -> [`super::views::ListingView`]
    ListingShow { listing: String },
    /// -> [`super::views::ListingView`]
    ListingAdd { kind: String, fields: BTreeMap<String, String> },
    /// An empty text takes the field away. -> [`super::views::ListingView`]
    ListingEdit { listing: String, fields: BTreeMap<String, String> },
    /// Publishes how many openings a service has today. -> [`super::views::ListingView`]
    ListingOpenings { listing: String, openings: u32, note: Option<String> },

    /// Terms as this organisation would have them, for its own eyes. -> [`super::agreements::AgreementView`]
    AgreementDraft(Box<super::agreements::Fields>),
    /// Signs exactly these terms, for all members of the coalition to read. At the machine, before there is a privacy officer; then
    /// [`super::care::Care::AgreementSign`]. -> [`super::agreements::AgreementView`]
    AgreementSign { agreement: String, terms: TermsHash, by: String },
    /// By id, or by the name of the other organisation. -> [`super::agreements::AgreementView`]
    AgreementShow { agreement: String },
    /// -> [`super::agreements::AgreementsView`]
    AgreementList,
    /// As [`Request::AgreementSign`]. -> [`super::agreements::AgreementView`]
    AgreementEnd { agreement: String, reason: String, by: String },
    /// A form of it, by its hash or its file's name. -> [`super::agreements::FormView`]
    AgreementForm { agreement: String, form: String },

    /// Parcels in a file, for another organisation; `all`: whatever it has acknowledged. -> [`super::parcels::BundleView`]
    BundleExport { org: String, all: bool },
    /// One text of such a file; `check`: only whether it would be taken. -> [`super::parcels::ImportedView`]
    BundleImport { content: Secret, check: bool },
    /// What is kept here of an organisation's own records, one text of a file, after this place. -> [`super::views::RecordsView`]
    RecordsExport { org: String, after: Option<(NodeId, u64)> },
    /// One text of such a file, for this organisation. -> [`super::views::LaidByView`]
    RecordsImport { content: Secret },
    /// Opens what came of own records since this organisation came back. -> [`super::views::RestView`]
    RecoverRest { phrase: Secret },
    /// Asks this partner no more for own records, and lets go what it gave and was not opened. -> [`super::views::RecoveringView`]
    RecoverWithout { org: String },
    /// Offers to keep parcels for others. -> [`super::parcels::CarriersView`]
    CarrierOffer { megabytes: u64 },
    /// -> [`super::parcels::CarriersView`]
    CarrierList,
    /// Takes no more; what lies here is kept until it is fetched or over. -> [`super::parcels::CarriersView`]
    CarrierStop,

    /// Anything about persons. -> a view of [`super::care`]
    Care { login: StaffLogin, ask: Box<super::care::Care> },
    /// Whether an act would be done, before somebody types the words of it, which any others stand for. Nothing of it happens. -> `null`
    May { login: StaffLogin, ask: Box<super::care::Care> },
}

/// What to search the directory for. Empty means everything.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Search {
    pub words: String,
    /// Latitude and longitude in degrees (WGS 84).
    pub near: Option<(f64, f64)>,
    pub within_km: Option<f64>,
    /// Kind of service: a word of the service's taxonomy.
    pub service: Option<String>,
    /// Only this kind of listing: organization, service, location or program.
    pub kind: Option<String>,
    pub org: Option<OrgId>,
    /// Only services with openings today.
    pub open: bool,
    pub limit: u32,
    pub skip: u32,
}
