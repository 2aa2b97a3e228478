//! Agreements between partners: what may be drafted, and what is shown.

use belay_protocol::agreement::{Contact, Late, Terms};
use belay_protocol::ids::{AgreementId, FormHash, OrgId, TermsHash};
use belay_protocol::information::Information;
use belay_protocol::time::{Local, Time};
use serde::{Deserialize, Serialize};

/// What is drafted. Whatever is left out stays as in the draft or version before it; where there is none, as in the table of
/// defaults.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fields {
    /// The other organisation.
    pub with: String,
    /// First day, `YYYY-MM-DD`; the draft's day where none is given.
    pub from: Option<String>,
    /// Last day, counted in.
    pub until: Option<String>,
    pub note: Option<String>,
    /// About referrals to the other organisation.
    pub to_them: Option<IntakeFields>,
    /// About referrals to us.
    pub to_us: Option<IntakeFields>,
    /// What lets the two tell each other without a consent.
    pub tie: Option<TieFields>,
    pub our_contacts: Option<Vec<Contact>>,
    pub their_contacts: Option<Vec<Contact>>,
}

/// Whom a side takes, and how fast it answers.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IntakeFields {
    pub inclusion: Option<Vec<String>>,
    pub exclusion: Option<Vec<String>>,
    /// What must come along.
    pub needed: Option<Vec<NeededFields>>,
    pub acknowledge_hours: Option<u16>,
    pub acknowledge_urgent_hours: Option<u16>,
    pub appointment_hours: Option<u16>,
    pub appointment_urgent_hours: Option<u16>,
    pub summary_hours: Option<u16>,
    pub late: Option<Vec<Late>>,
}

/// Why no consent is needed between the two, or that one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TieWord {
    SameProgram,
    Service,
    None,
}

/// A tie (42 CFR 2.12(c)(3), (4)).
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TieFields {
    pub kind: Option<TieWord>,
    /// The other organisation is the part 2 program, and not this one.
    pub they_are_the_program: Option<bool>,
    pub services: Option<String>,
    pub information: Option<Vec<Information>>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NeededFields {
    pub name: String,
    /// The file of its form. Left out, what is named as it was before keeps its form; empty: it has none.
    pub form: Option<String>,
    /// The form's bytes in Base64, which the command line reads.
    pub content: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AgreementView {
    pub id: AgreementId,
    pub other: OrgId,
    pub other_name: String,
    /// How it stands, in a few words.
    pub state: String,
    /// The terms that wait for our signature: our own draft, or what the other side proposes.
    pub to_sign: Option<TermsHash>,
    /// The highest first, our own draft before all.
    pub versions: Vec<VersionView>,
    /// Who ended it, when and why.
    pub ended: Option<EndView>,
    /// Who can read it.
    pub readers: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct VersionView {
    /// `draft`, `proposed`, `coming`, `in force`, `expired`, `replaced` or `ended`.
    pub standing: String,
    pub hash: TermsHash,
    pub terms: Terms,
    pub signatures: Vec<SignatureView>,
    /// Forms whose bytes have not arrived yet.
    pub forms_missing: Vec<FormHash>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SignatureView {
    pub org: OrgId,
    pub name: String,
    pub at: Time,
    pub by: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EndView {
    pub through: u32,
    pub org: OrgId,
    /// Of that organisation.
    pub name: String,
    /// Who ended it there.
    pub by: String,
    pub at: Time,
    pub reason: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AgreementRow {
    pub id: AgreementId,
    pub other: OrgId,
    pub other_name: String,
    /// Of the version that holds, else of the highest.
    pub version: u32,
    pub state: String,
    pub until: Option<Local>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AgreementsView {
    pub agreements: Vec<AgreementRow>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FormView {
    pub file: String,
    pub sha256: FormHash,
    /// Base64.
    pub content: String,
}

/// A signature by who signed in, under exactly the terms that were shown.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SignFields {
    pub agreement: String,
    pub terms: TermsHash,
    /// The name that was typed as attestation: that of who signed in.
    pub typed: String,
    /// As every member reads it beside the name; may be empty.
    #[serde(default)]
    pub office: String,
}
