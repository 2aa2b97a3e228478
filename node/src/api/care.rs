//! What may be asked about persons, consents and referrals, by a staff member who signed in; and what is answered.
//!
//! Things are named by their id or the beginning of it; persons and organisations also by a name that fits only one.
//! A file a subject: what may be asked of it, and its views.

mod attachments;
mod calls;
mod consents;
mod disclosures;
mod emergency;
mod holds;
mod inquiries;
mod left_out;
mod outside;
mod people;
mod plans;
mod prints;
mod referrals;
mod threads;

pub use attachments::*;
pub use calls::*;
pub use consents::*;
pub use disclosures::*;
pub use emergency::*;
pub use holds::*;
pub use inquiries::*;
pub use left_out::*;
pub use outside::*;
pub use people::*;
pub use plans::*;
pub use prints::*;
pub use referrals::*;
pub use threads::*;

use super::agreements::SignFields;
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use serde::{Deserialize, Serialize};

/// A request about persons.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "care", rename_all = "snake_case")]
pub enum Care {
    /// -> [`PersonView`]
    PersonAdd(PersonAdd),
    /// Who on record looks like this one. -> [`MatchesView`]
    PersonLike(PersonFields),
    /// Corrects what is on record. -> [`PersonView`]
    PersonEdit(Box<PersonEdit>),
    /// Two persons side by side, and what joining their records does. -> [`MergePreview`]
    PersonMergePreview(MergeAsk),
    /// Two records are of one human being. -> [`PersonView`]
    PersonMerge(MergeAsk),
    /// They are not after all. -> [`PersonView`]
    PersonApart(PersonApart),
    /// In order of name. -> [`PersonsView`]
    PersonList(PersonsAsk),
    /// -> [`PersonView`]
    PersonShow { person: Personal<String> },
    /// The crisis plan or the medication, whether or not there is a referral. -> [`PersonPlans`]
    PersonPlan(Box<PlanWrite>),
    /// What would stand no more by that. -> [`PlanPreview`]
    PersonPlanPreview(Box<PlanWrite>),
    /// What the person asks to leave out, whatever is told by. -> [`PersonView`]
    PersonRestrict(PersonRestrict),
    /// What agreeing to that would do. -> [`RestrictPreview`]
    PersonRestrictPreview(PersonRestrict),
    /// What letting it in again does. -> [`RestrictPreview`]
    PersonLetInPreview(PersonLetIn),
    /// The person lets it in again. -> [`PersonView`]
    PersonLetIn(PersonLetIn),

    /// -> [`ConsentView`]
    ConsentDraft(ConsentDraft),
    /// -> [`ConsentView`]
    ConsentSign(ConsentSign),
    /// The form; of a later version what is new, unless the whole is asked for. -> [`ConsentView`]
    ConsentShow { consent: String, whole: bool },
    /// The next version, to be signed. -> [`ConsentView`]
    ConsentAmend(ConsentAmend),
    /// Nobody is to sign this draft, or this change, any more. -> [`ConsentView`]
    ConsentDiscard { consent: String },
    /// What the person asks to leave out. -> [`ConsentView`]
    ConsentRestrict { consent: String, restriction: RestrictionRequest },
    /// What agreeing to that would do. -> [`RestrictPreview`]
    ConsentRestrictPreview { consent: String, restriction: RestrictionRequest },
    /// The event came about at which it ends or, if `revocable`, from which on it can be revoked. -> [`ConsentView`]
    ConsentEvent { consent: String, revocable: bool, on: Option<Time> },
    /// That was recorded by mistake. -> [`ConsentView`]
    ConsentEventStrike { consent: String, revocable: bool, why: Personal<String> },
    /// It is known to be materially false. -> [`ConsentView`]
    ConsentVoid { consent: String, why: Personal<String> },
    /// It may be false: nothing is told under it until the privacy officer has judged it, or lets it stand again. -> [`ConsentView`]
    ConsentSuspend { consent: String, why: Personal<String>, lift: bool },
    /// By the privacy officer: what follows from what `to` was told under one that is false; `None`: the only one of whom nothing was said
    /// yet. -> [`ConsentView`]
    ConsentJudge { consent: String, to: Option<String>, why: Personal<String> },
    /// What a revocation would do. -> [`RevokePreview`]
    ConsentRevokePreview { consent: String, party: Option<String> },
    /// Ends it, as a whole or for one party. -> [`ConsentView`]
    ConsentRevoke { consent: String, party: Option<String>, spoken: bool },
    /// What the person says of one that can not be revoked yet, to be carried out then (42 CFR 2.35(c)). -> [`ConsentView`]
    ConsentWish { consent: String, party: Option<String>, spoken: bool },
    /// The person takes such a word back before it takes effect. -> [`ConsentView`]
    ConsentUnsay { consent: String, party: Option<String>, spoken: bool },
    /// The person revoked here a consent that is kept elsewhere and came with no referral. -> [`HeardView`]
    ConsentHeard(HeardAsk),
    /// A page of the calls that are still to be made, or that were. -> [`CallsView`]
    CallList(CallsAsk),
    /// -> [`CallView`]
    CallShow { call: String },
    /// It was made; with whom staff spoke. -> [`CallView`]
    CallMade { call: String, with: Personal<String> },
    /// One that was made. -> [`DoneView`]
    CallDone { call: String },
    /// It was not made after all. -> [`DoneView`]
    CallReopen { call: String, why: Personal<String> },
    /// Which person of ours it is about, where nothing but a name was known; nobody, after all. -> [`WhoseView`]
    CallWhose { call: String, person: Option<Personal<String>> },
    /// What a recipient may pass on. -> [`OnwardView`]
    ConsentOnward(OnwardAsk),
    /// -> [`ConsentsView`]
    ConsentList { person: Option<Personal<String>> },

    /// -> [`ThreadView`]
    ReferralSend(Send),
    /// What would go to whom. -> [`SendPreview`]
    ReferralPreview(Send),
    /// Under an agreement, where no consent is needed. -> [`ThreadView`]
    ReferralTied(Tied),
    /// -> [`SendPreview`]
    ReferralTiedPreview(Tied),
    /// A page of the list. -> [`ThreadsView`]
    ReferralList(ListAsk),
    /// -> [`ThreadView`]
    ReferralShow { thread: String },
    /// What a person's referrals wait for that nothing lifts yet. -> [`NeedsView`]
    NeedList { person: Personal<String> },
    /// -> [`ThreadView`]
    ReferralAct { thread: String, act: ActRequest },
    /// Staff say who the person of an incoming thread is: one of ours, somebody new, or nobody after all. -> [`ThreadView`]
    ReferralLink(LinkAsk),

    /// -> [`DisclosuresView`]
    Disclosures(DisclosuresAsk),
    /// One step of attaching a file. -> as the step says
    Attach(Box<Attach>),
    /// -> [`AttachmentsView`]
    Attachments(AttachmentsOf),
    /// `attachment`: its id or the beginning of it; `thread`: where it stands, if in one. -> [`AttachmentPart`]
    AttachmentPart { attachment: String, thread: Option<String>, from: u32 },
    /// A picture that a form of this person was signed with, as a page shows it. -> [`AttachmentPart`]
    SignaturePart { person: Personal<String>, file: String, from: u32 },
    /// A file for a partner off the network left the house. -> [`SentView`]
    FileWent(FileWentAsk),
    /// It did not after all. -> [`SentView`]
    FileBack { thread: String, file: String, why: Personal<String> },
    /// The letter that was printed last was not handed over. -> [`SentView`]
    LetterBack { thread: String, why: Personal<String> },
    /// The sheet that goes before a file. -> [`CoverView`]
    FileCover(CoverAsk),
    /// A form to print. -> [`PrintView`]
    Print(Print),
    /// -> [`AuditView`]
    Audit { limit: u32 },
    /// By the privacy officer: whether the record is whole. -> [`AuditCheckView`]
    AuditVerify,

    /// -> [`PartnerView`]
    PartnerAdd(PartnerFields),
    /// -> [`PartnerView`]
    PartnerEdit(PartnerEdit),
    /// -> [`JoinedView`]
    PartnerJoined(PartnerJoined),
    /// -> [`PartnersView`]
    PartnerList,
    /// As [`Care::ReferralSend`], by letter where the partner is not on the network, with how it came to be. -> [`ThreadView`]
    ReferralRefer(Refer),
    /// What would go to whom by it. -> [`SendPreview`]
    ReferralReferPreview(Refer),
    /// What somebody at such a partner said; their name, or nothing. -> [`ThreadView`]
    ReferralHeard { thread: String, act: ActRequest, from: Personal<String> },
    /// -> [`LetterView`]
    ReferralLetter(LetterAsk),

    /// -> [`InquiriesView`]
    Inquire(Inquire),
    /// -> [`InquiriesView`]
    InquiryList,
    /// -> [`InquiryView`]
    InquiryShow { inquiry: String },
    /// -> [`InquiryView`]
    InquiryAnswer { inquiry: String, reply: belay_protocol::referral::inquiry::Reply, from: Option<Personal<String>> },
    /// Nothing more comes of one: of one that came in with the reason. -> [`InquiryView`]
    InquiryAside { inquiry: String, why: Option<Personal<String>> },
    /// Searches the directory, and keeps what the person was shown. -> [`OptionsView`]
    OptionsKeep(OptionsAsk),
    /// What the person was shown lately. -> [`OptionsListView`]
    OptionsList { person: Personal<String> },
    /// For the administrator or the privacy officer. -> [`ReportView`]
    ReferralReport(ReportAsk),
    /// Copies of the crisis plan and the medication, with an emergency department. -> [`EmergencyView`]
    EmergencyPlace(EmergencyPlace),
    /// -> [`EmergencyView`]
    EmergencyUpdate(EmergencyUpdate),
    /// `None`: wherever they lie. -> [`EmergencyView`]
    EmergencyWithdraw { person: Personal<String>, at: Option<String> },
    /// Break-glass. -> [`OpenedView`]
    EmergencyOpen(EmergencyOpen),
    /// -> [`EmergencyView`]
    EmergencyList { person: Option<Personal<String>> },
    /// By a privacy officer. -> [`EmergencyView`]
    EmergencyReview { opening: String, note: Personal<String> },
    /// For whom something was opened here; nobody on record, after all. -> [`EmergencyView`]
    EmergencyWhose { opening: String, person: Option<Personal<String>> },
    /// What was told by telephone or letter. -> [`DisclosuresView`]
    EmergencyTold(EmergencyTold),
    /// What the law lets be told without a consent. -> [`DisclosuresView`]
    DisclosureRecord(Box<DisclosureRecord>),
    /// What went before and left no trace here is put on record, judged by the consent as it stood then. -> [`SentView`]
    DisclosureWent(DisclosureWent),
    /// That was written down by mistake. -> [`SentView`]
    DisclosureWentBack { thread: String, why: Personal<String> },
    /// By the privacy officer: what an agency was told is left out of the accounting for a time. -> [`WithheldsView`]
    DisclosureWithhold(Withhold),
    /// It ends before its time. -> [`WithheldsView`]
    DisclosureRelease { statement: String, why: Personal<String> },
    /// What was put on record by hand was never told. -> [`DisclosuresView`]
    DisclosureStrike { record: String, why: Personal<String> },
    /// -> [`WithheldsView`]
    DisclosureWithheld,

    /// -> [`super::agreements::AgreementView`]
    AgreementShow { agreement: String },
    /// The bytes of a form of it. -> [`super::agreements::FormView`]
    AgreementForm { agreement: String, form: String },
    /// For our own eyes: it binds nobody. -> [`super::agreements::AgreementView`]
    AgreementDraft(Box<super::agreements::Fields>),
    /// By a member of staff who may bind the organisation. -> [`super::agreements::AgreementView`]
    AgreementSign(SignFields),
    /// By such a one: ends what was agreed, and refuses what was proposed. -> [`super::agreements::AgreementView`]
    AgreementEnd { agreement: String, reason: String },

    /// -> [`HoldsView`]
    HoldSet(HoldSet),
    /// -> [`HoldsView`]
    HoldLift { hold: String, why: Personal<String> },
    /// -> [`HoldsView`]
    HoldList { person: Option<Personal<String>> },
}
