//! Partners who are not on the network, and referrals to them.

use crate::forms::Lang;
use belay_protocol::ids::{OrgId, ThreadId};
use belay_protocol::sensitive::Personal;
use belay_protocol::space::control::PartnerKind;
use belay_protocol::time::Time;
use serde::{Deserialize, Serialize};

/// A new partner, by hand or from a listing.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct PartnerFields {
    /// May be empty where a listing is named: the node looks it up, as it does the other fields.
    pub name: String,
    /// `None`: other, which may pass nothing on.
    pub kind: Option<PartnerKind>,
    pub address: String,
    pub telephone: String,
    pub fax: String,
    pub listing: Option<String>,
    pub affiliated: bool,
}

/// What changes of a partner; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct PartnerEdit {
    pub partner: String,
    pub name: Option<String>,
    pub kind: Option<PartnerKind>,
    pub address: Option<String>,
    pub telephone: Option<String>,
    pub fax: Option<String>,
    pub affiliated: Option<bool>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartnerView {
    pub id: OrgId,
    pub name: String,
    pub kind: PartnerKind,
    pub address: String,
    pub telephone: String,
    pub fax: String,
    pub listing: Option<String>,
    /// It pays or employs us, or belongs to whom we belong to.
    pub affiliated: bool,
    /// It joined the network as this organisation.
    #[serde(default)]
    pub joined: Option<OrgId>,
}

/// A partner joined the network, and is this organisation there.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct PartnerJoined {
    pub partner: String,
    pub as_org: String,
    /// Though the two are named otherwise.
    #[serde(default)]
    pub sure: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct JoinedView {
    pub partner: PartnerView,
    /// What it is called on the network.
    pub member: String,
    /// Referrals to it that go on by letter and telephone: for the network each needs a consent that names the organisation there.
    pub referrals: Vec<super::ThreadRow>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PartnersView {
    pub partners: Vec<PartnerView>,
}

/// The letter of a referral off the network.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct LetterAsk {
    pub thread: String,
    /// In which language its own words are; what the law words stays as it is.
    pub lang: Lang,
    /// For a page of this node, with its style at this path; `None`: HTML that stands by itself.
    #[serde(default)]
    pub style: Option<String>,
    /// Where we can be reached, which the node looks up in the directory.
    #[serde(skip)]
    pub office: OurOffice,
}

/// How the partner reaches us.
#[derive(Debug, Clone, Default)]
pub struct OurOffice {
    pub address: String,
    pub telephone: String,
}

/// A letter to hand over, with the notice of 42 CFR 2.32(a) and the scope of the consent in it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LetterView {
    pub thread: ThreadId,
    pub recipient: String,
    pub telephone: String,
    pub text: Personal<String>,
    pub html: Personal<String>,
    /// Since when this content is on record as a disclosure; printing it again makes no second one.
    pub disclosed: Time,
    /// True: the record was made now.
    pub first: bool,
    /// True: the directory says neither address nor telephone of ours, by which an answer could come.
    #[serde(default)]
    pub no_reach: bool,
}
