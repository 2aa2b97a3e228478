//! Referral threads: what is sent and done, and where each stands.

use super::{MatchView, PersonFields};
use belay_protocol::ids::{ConsentId, EntryHash, OrgId, PersonId, ThreadId};
use belay_protocol::referral::{DeclineReason, Mode, Outcome, Urgency};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use serde::{Deserialize, Serialize};

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
    /// The other is not on the network: what it says is heard by staff.
    #[serde(default)]
    pub off_network: bool,
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
    /// Whom to phone, where the other is not on the network.
    #[serde(default, rename = "partner")]
    pub off_network: Option<super::PartnerView>,
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
