//! What may be asked about persons, consents and referrals, by a staff member who signed in; and what is answered.
//!
//! Things are named by their id or the beginning of it; persons and organisations also by a name that fits only one.

use belay_protocol::ids::{ConsentId, EntryHash, OrgId, PersonId, ThreadId};
use belay_protocol::referral::{DeclineReason, Information, Mode, Outcome, Urgency};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use serde::{Deserialize, Serialize};

/// A request about persons.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "care", rename_all = "snake_case")]
pub enum Care {
    /// -> [`PersonView`]
    PersonAdd(PersonFields),
    /// -> [`PersonsView`]
    PersonList,
    /// -> [`PersonView`]
    PersonShow { person: Personal<String> },

    /// -> [`ConsentView`]
    ConsentDraft(ConsentDraft),
    /// -> [`ConsentView`]
    ConsentSign(ConsentSign),
    /// -> [`ConsentView`]
    ConsentShow { consent: String },
    /// Ends it, as a whole or for one party. -> [`ConsentView`]
    ConsentRevoke { consent: String, party: Option<String>, spoken: bool },
    /// -> [`ConsentsView`]
    ConsentList { person: Option<Personal<String>> },

    /// -> [`ThreadView`]
    ReferralSend(Send),
    /// -> [`ThreadsView`]
    ReferralList,
    /// -> [`ThreadView`]
    ReferralShow { thread: String },
    /// -> [`ThreadView`]
    ReferralAct { thread: String, act: ActRequest },
    /// Staff say who the person of an incoming thread is: one of ours, or somebody new. -> [`ThreadView`]
    ReferralLink { thread: String, person: Option<Personal<String>> },

    /// -> [`DisclosuresView`]
    Disclosures { person: Option<Personal<String>>, to: Option<String> },
    /// -> [`AuditView`]
    Audit { limit: u32 },
}

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
    /// Who signed for the person, and in which capacity (42 CFR 2.14, 2.15).
    pub representative: Option<(Personal<String>, String)>,
    /// The date of the signature; `None`: now.
    pub date: Option<Time>,
}

/// A new referral, under a consent that says to whom.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Send {
    pub consent: String,
    /// A listing of the directory.
    pub service: Option<String>,
    /// Its name, which the node looks up.
    #[serde(skip)]
    pub service_name: String,
    pub reason: Personal<String>,
    pub urgency: Urgency,
    pub needs: Vec<Personal<String>>,
}

/// One act on a thread.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActRequest {
    Accept {
        note: Personal<String>,
    },
    Decline {
        reason: DeclineReason,
        note: Personal<String>,
    },
    Schedule {
        at: Time,
        place: Personal<String>,
        mode: Mode,
        note: Personal<String>,
    },
    /// `None`: now.
    Attend {
        when: Option<Time>,
    },
    Message {
        text: Personal<String>,
    },
    Close {
        outcome: Outcome,
        note: Personal<String>,
    },
    /// The recipient agrees that the sender takes it back.
    ConfirmWithdrawal,
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
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PersonRow {
    pub id: PersonId,
    pub name: Personal<String>,
    pub birth_date: Personal<String>,
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

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ThreadsView {
    pub threads: Vec<ThreadRow>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ThreadRow {
    pub id: ThreadId,
    /// `outgoing` or `incoming`.
    pub direction: String,
    pub other: OrgId,
    pub other_name: String,
    /// As far as the consent lets us know, or as linked by staff.
    pub person: Option<PersonId>,
    pub name: Option<Personal<String>>,
    /// What this side reads as the state.
    pub state: String,
    /// SDOHCC `Task.status` and BSeR `businessStatus`, as far as this side may know.
    pub status: Option<String>,
    pub business: Option<String>,
    pub urgency: Option<Urgency>,
    /// When the appointment that holds is.
    pub appointment_at: Option<Time>,
    /// The consent lets the recipient tell the sender what became of it.
    pub answerable: bool,
    /// That nothing more may be told, and since when.
    pub ended: Option<String>,
    pub updated: Time,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ThreadView {
    #[serde(flatten)]
    pub row: ThreadRow,
    pub consent: ConsentId,
    pub version: u32,
    /// What the consent permits, in plain words, a line each.
    pub scope: Option<String>,
    /// The notice of 42 CFR 2.32(a) that stands over what is shown.
    pub notice: Option<String>,
    /// Who the person is, as far as the thread tells and the consent lets us know.
    pub identity: Option<PersonFields>,
    /// Name of the service that was chosen.
    pub service: Option<String>,
    pub reason: Option<Personal<String>>,
    /// Most urgent first.
    pub needs: Vec<Personal<String>>,
    pub appointment: Option<AppointmentView>,
    pub attended: Option<Time>,
    pub outcome: Option<Outcome>,
    /// Whether what this side wrote last is stored at the other.
    pub delivered: Option<bool>,
    pub history: Vec<LineView>,
    /// Acts that this side may do now: `accept`, `schedule`, ...
    pub may: Vec<String>,
    /// Persons of ours who may be the incoming one, likeliest first.
    pub likely: Vec<MatchView>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AppointmentView {
    pub at: Time,
    pub place: Personal<String>,
    pub mode: Mode,
    pub note: Personal<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LineView {
    pub entry: EntryHash,
    pub org: OrgId,
    pub staff: Personal<String>,
    pub at: Time,
    /// What was done: `send`, `accept`, ...
    pub act: String,
    pub text: Personal<String>,
    /// The time that the act speaks of: of the appointment, or when the person came.
    pub when: Option<Time>,
    pub declined: Option<DeclineReason>,
    pub outcome: Option<Outcome>,
    /// What its author wrote with it.
    pub note: Personal<String>,
    /// The other side acted without knowing of it: people should look at both.
    pub crossed: bool,
    /// Kept here only: the consent does not let it be told.
    pub local: bool,
    pub without_effect: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MatchView {
    pub person: PersonId,
    pub name: Personal<String>,
    pub reasons: Vec<String>,
}

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
