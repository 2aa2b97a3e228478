//! Inquiries that name nobody, what a person chose from, and where referrals go.

use super::Send;
use crate::api::request::Search;
use belay_protocol::ids::{DocumentId, OrgId, PersonId, SpaceId, ThreadId};
use belay_protocol::referral::choice::OnlyOne;
use belay_protocol::referral::inquiry::{Inquiry, Reply};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use serde::{Deserialize, Serialize};

/// "Could you take somebody like this?", to one or several; none learns of another.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Inquire {
    pub to: Vec<String>,
    pub asked: Inquiry,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InquiriesView {
    pub inquiries: Vec<InquiryView>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InquiryView {
    pub id: SpaceId,
    /// `outgoing` or `incoming`.
    pub direction: String,
    pub other: OrgId,
    pub other_name: String,
    pub off_network: bool,
    /// Whom to phone, where the other is not on the network.
    pub telephone: String,
    pub asked: Inquiry,
    pub at: Time,
    pub reply: Option<Reply>,
    pub replied: Option<Time>,
    /// Who said so by telephone.
    pub heard_from: Option<Personal<String>>,
    /// What to say by telephone, where the other is not on the network.
    pub script: Option<String>,
    /// Referrals that came of it.
    pub led_to: Vec<ThreadId>,
    /// Staff said that nothing more comes of it, and no question or answer came since.
    #[serde(default)]
    pub aside: Option<AsideView>,
    /// What it waits for, if anything.
    #[serde(default)]
    pub due: Option<super::DueView>,
}

/// That nothing more comes of an inquiry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsideView {
    pub staff: Personal<String>,
    pub at: Time,
    /// Of one that came in, why it is not answered.
    pub why: Personal<String>,
}

/// A referral, and how it came to be this one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Refer {
    /// By letter, to a partner who is not on the network.
    pub off_network: bool,
    /// Which partner off the network, where the consent names more than one.
    pub partner: Option<String>,
    /// The inquiry that it comes of: says to whom, and how urgent it is.
    pub inquiry: Option<String>,
    /// The options that the person was shown; none: the last ones kept for the person.
    pub options: Option<String>,
    /// The person chose, as the staff member attests.
    pub chosen: bool,
    /// Which of the options that was, where that says more than `send.service`: known here only.
    #[serde(default)]
    pub listing: Option<String>,
    /// Why there was only one.
    pub only: Option<OnlyOne>,
    #[serde(flatten)]
    pub send: Send,
}

impl Refer {
    /// Nothing is said of how it came to be.
    #[must_use]
    pub const fn new(off_network: bool, send: Send) -> Self {
        Self {
            off_network,
            partner: None,
            inquiry: None,
            options: None,
            chosen: false,
            listing: None,
            only: None,
            send,
        }
    }
}

/// How a referral of ours came to its recipient: for our own staff, and told to nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChoiceView {
    /// Who attests to it.
    pub staff: Personal<String>,
    pub at: Time,
    /// How many options the person was shown.
    pub shown: Option<u32>,
    /// The person chose among them.
    pub chosen: bool,
    /// Why there was only one.
    pub only: Option<OnlyOne>,
    /// Which service the person chose, where that was said or only one of theirs was shown.
    pub service: Option<String>,
}

/// A search whose results the person is shown.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OptionsAsk {
    pub person: Personal<String>,
    pub search: Search,
    /// What was found, which the node looks up.
    #[serde(skip)]
    pub shown: Vec<(String, String)>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OptionsView {
    pub id: DocumentId,
    pub person: PersonId,
    /// Listings and their names, in the order in which they were shown.
    pub shown: Vec<(String, String)>,
}

/// What a person was shown within the time in which it stands for a choice, the newest first.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OptionsListView {
    pub options: Vec<OptionsView>,
}

/// Which referrals a report counts.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ReportAsk {
    /// First and last day, `YYYY-MM-DD`; none: no end that way.
    pub from: Option<String>,
    pub to: Option<String>,
    /// To be given to others: only whole quarters that are over, small cells suppressed.
    pub share: bool,
}

/// Where referrals go.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReportView {
    pub organisation: String,
    pub from: Option<String>,
    pub to: Option<String>,
    /// A cell without a number is suppressed.
    pub total: Option<u64>,
    pub by_staff: Vec<CellView>,
    pub by_partner: Vec<CellView>,
    pub by_service: Vec<CellView>,
    /// Where each sender's referrals go. Empty in what is given to others: these cells are the smallest.
    #[serde(default)]
    pub across: Vec<AcrossView>,
    /// To ourselves, or to whom pays us, employs us or belongs to whom we belong to; and to all others.
    pub own: Option<u64>,
    pub others: Option<u64>,
    /// The person chose from options that were kept; there was only one, with the reason; nothing was recorded.
    pub chosen: Option<u64>,
    pub only_one: Option<u64>,
    pub not_recorded: Option<u64>,
    pub suppressed: bool,
}

/// What one sender referred to one partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcrossView {
    pub staff: String,
    pub partner: String,
    /// It is ourselves, pays us, employs us or belongs to whom we belong to.
    pub own: bool,
    pub count: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellView {
    pub name: String,
    pub count: Option<u64>,
}
