//! Consents: drafted, signed, shown, amended, ended.

use crate::forms::Lang;
use belay_protocol::consent::{Changes, Class, Signer};
use belay_protocol::ids::{CallId, ConsentId, OrgId, PersonId};
use belay_protocol::referral::Information;
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use serde::{Deserialize, Serialize};

/// A consent between this organisation and others.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ConsentDraft {
    pub person: Personal<String>,
    /// The other organisations. Those that `ways` or `knows` name besides are parties as well.
    pub to: Vec<String>,
    /// What we may tell each of `to` for whom `ways` says nothing of its own; empty: what is usual for the class.
    pub tell: Vec<Information>,
    /// What each of them may tell us; `None`: what is usual for our kind of partner.
    pub back: Option<Vec<Information>>,
    /// For every way that names none of its own; empty: what the class takes.
    pub purpose: String,
    pub ways: Vec<Way>,
    pub knows: Vec<Acquaintance>,
    /// Who works together on one thread, and which kinds each shares with the others: what two of them share they tell each other.
    pub team: Vec<Share>,
    /// `None`: the one that the purpose takes alone (`tpo`, `proceedings`, `supervision`), else general.
    pub class: Option<Class>,
    pub signer: Signer,
    /// Where that does not go with the age on record: what makes it so under the law of the state (42 CFR 2.14).
    pub age_why: Personal<String>,
    /// Of a consent for criminal justice, and of no other.
    pub supervision: Option<SupervisionRequest>,
    /// Of a consent for one proceeding, and of no other: which (42 CFR 2.31(d)).
    pub proceeding: Option<Personal<String>>,
    pub restrictions: Vec<super::RestrictionRequest>,
    pub expiry: ExpiryRequest,
}

/// Who may tell whom what. `None`: this organisation.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Way {
    pub from: Option<String>,
    pub to: Option<String>,
    pub information: Vec<Information>,
    pub purpose: Option<String>,
}

/// One of a team. `None`: this organisation, which otherwise shares every kind that another does.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Share {
    pub org: Option<String>,
    pub information: Vec<Information>,
}

/// That `who` may know that `of` takes part.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Acquaintance {
    pub who: String,
    pub of: String,
}

/// What a consent for criminal justice says besides (42 CFR 2.35).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SupervisionRequest {
    pub matter: Personal<String>,
    pub revocable: MomentRequest,
    pub disposition: MomentRequest,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MomentRequest {
    /// Of a day, the midnight before it where the node stands.
    On(Time),
    When(Personal<String>),
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpiryRequest {
    /// The first instant at which it holds no more: of a last day, the midnight after it where the node stands.
    On(Time),
    Event(Personal<String>),
    #[default]
    Never,
}

/// What the next version changes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ConsentAmend {
    pub consent: String,
    /// Organisations that come to it, with `tell`, `back` and `purpose` as in a draft.
    pub add: Vec<String>,
    pub tell: Vec<Information>,
    pub back: Option<Vec<Information>>,
    pub purpose: String,
    /// Further ways that it opens.
    pub ways: Vec<Way>,
    /// Ways that it closes; without kinds: every kind.
    pub close: Vec<Way>,
    /// Organisations that it names no more.
    pub remove: Vec<String>,
    pub knows: Vec<Acquaintance>,
    /// Who comes to the team, or shares more in it.
    pub team: Vec<Share>,
    /// Nothing that the person asked to leave out is left out any more (42 CFR 2.26(b)).
    pub lift: bool,
    /// These are left out no more, by their number in [`ConsentView::restrictions`].
    pub lift_only: Vec<u16>,
    /// The new end.
    pub expiry: Option<ExpiryRequest>,
    /// Of a consent for one proceeding: another case, and nothing else with it (42 CFR 2.31(d)).
    pub proceeding: Option<Personal<String>>,
}

/// How a consent was signed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ConsentSign {
    pub consent: String,
    /// The name that was typed; empty where `paper` says where the signed paper lies.
    pub typed: Personal<String>,
    pub paper: Option<Personal<String>>,
    /// Instead of both: the file that was attached to this consent before, by its SHA-256 in hex.
    #[serde(default)]
    pub file: Option<SignedFile>,
    /// Who signed for the person, and in which capacity (42 CFR 2.15).
    pub representative: Option<(Personal<String>, Personal<String>)>,
    /// The parent or guardian who signed beside a minor (42 CFR 2.14(b)).
    pub beside: Option<BesideSign>,
    /// Who typed the name was shown the sentence to which it attests, and means it. A typed name without that is no signature.
    pub attested: bool,
    /// Version and terms of the form that was read, as [`ToSign`] names them: another is not signed. `None`: whatever waits, where no
    /// older form does that somebody may have read instead.
    pub version: Option<u32>,
    pub terms: Option<String>,
    /// The date of the signature; `None`: now.
    pub date: Option<Time>,
    /// Staff have looked: the name is that of who signed, though what was typed is unlike the name on the form, or who signs beside the
    /// person or in their place is called as they are.
    #[serde(default)]
    pub named_so: bool,
    /// As [`ConsentDraft::age_why`], where it was not said then.
    #[serde(default)]
    pub age_why: Personal<String>,
    /// Of the form that was signed: what a typed name attests to is said in it. `None`: that of the person's record, else English.
    pub lang: Option<Lang>,
}

/// The second signature under a minor's consent: on the same paper, or typed or drawn by who gives it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BesideSign {
    pub name: Personal<String>,
    /// Such as mother or guardian.
    pub capacity: Personal<String>,
    /// The name as the parent or guardian typed it; empty where both signed on paper.
    pub typed: Personal<String>,
    /// As [`ConsentSign::attested`], of the parent or guardian.
    pub attested: bool,
    /// Instead: the drawing that was attached to this consent before, by its SHA-256 in hex.
    pub drawn: Option<String>,
}

/// The form that waits for a signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToSign {
    pub version: u32,
    /// SHA-256 of what it says, in hex.
    pub terms: String,
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
    /// The person, as the form names them.
    pub name: Personal<String>,
    /// The person's name on record, where it is another than what was signed.
    #[serde(default)]
    pub called: Option<Personal<String>>,
    /// Who has to sign (42 CFR 2.14, 2.15).
    pub signer: Signer,
    /// The language of the person's record, else English: in which a typed name is attested where nobody says another.
    #[serde(default)]
    pub lang: Lang,
    /// The other organisations that it names.
    pub parties: Vec<ConsentParty>,
    /// draft, signed, suspended, expired, revoked, void; discarded, of a draft; at an organisation that only heard of its end: revocation heard.
    pub state: String,
    pub class: Class,
    /// What is missing before it permits anything: the sentence with name and clause.
    pub missing: Option<String>,
    /// That the person revoked it where that was heard, before it is permitted (42 CFR 2.35(c)): the sentence.
    #[serde(default)]
    pub waiting: Option<String>,
    /// Where the person revoked it, besides here: a sentence each.
    #[serde(default)]
    pub heard: Vec<String>,
    /// The number of the next version, which was drafted and waits for a signature while this one stands.
    #[serde(default)]
    pub pending: Option<u32>,
    /// What waits for a signature: whoever signs names it, so that what was read is what is signed.
    #[serde(default)]
    pub to_sign: Option<ToSign>,
    /// Who may tell whom, one row a kind.
    pub flows: Vec<FlowView>,
    /// What this version changes, where it is not the first.
    pub changes: Option<Changes>,
    /// Versions were signed apart from each other, at two nodes: what each of them allows holds, until one is made of both.
    #[serde(default)]
    pub apart: bool,
    /// What the person asked to leave out, as the newest version that was signed has it, numbered from 1.
    #[serde(default)]
    pub restrictions: Vec<super::RestrictionView>,
    /// What came about of what it waits for, and what of that was a mistake.
    #[serde(default)]
    pub events: Vec<EventView>,
    /// Referrals that ended, or lost a part, while it did not let them go on, and that it would let go on now: what to do, a sentence each.
    #[serde(default)]
    pub anew: Vec<String>,
    /// Who works together on one thread, this organisation among them.
    #[serde(default)]
    pub team: Vec<ConsentParty>,
    /// Before a signature: what of threads that go on each of the team will read once it is given, and does not read today.
    #[serde(default)]
    pub joins: Vec<super::JoinView>,
    /// Before a signature: what is open, and changes at once by what the form leaves out anew or lets in again (2.26).
    #[serde(default)]
    pub touches: Vec<super::TouchView>,
    /// The same to read to the person, where the language of the person's record is another than that of staff.
    #[serde(default)]
    pub aloud: Option<super::Aloud>,
    /// Kinds that others of the team may tell each other and we tell nobody: they have no place in our referrals to the team.
    #[serde(default)]
    pub unshared: Vec<Information>,
    /// Why it is signed on a basis that does not go with the age on record, by whom and when.
    #[serde(default)]
    pub age_why: Option<super::ReviewView>,
    /// Of one that is known to be false: to whom something was told under it.
    #[serde(default)]
    pub falsely: Vec<super::FalselyTold>,
    /// It may be false, and nobody has judged that yet: whatever its state, also once it has expired or was taken back.
    #[serde(default)]
    pub suspended: bool,
    /// Once it stands again: which copies for emergencies ended meanwhile or could not catch up, a sentence each.
    #[serde(default)]
    pub behind: Vec<String>,
    /// While it is suspended: which copies for emergencies lie under it where they can be opened all the same, and whom to telephone, a
    /// sentence each.
    #[serde(default)]
    pub copies: Vec<String>,
    /// That it may be false, and that it stands all the same, the newest first.
    pub doubts: Vec<super::ReviewView>,
    /// The files that what is shown was signed with, but for what was drawn as lines and stands on the form.
    #[serde(default)]
    pub signed_with: Vec<SignedWith>,
    /// The form as plain text; of a later version what is new, unless the whole was asked for.
    pub form: Personal<String>,
}

/// A file that somebody signed with: scanned paper, or a picture of a hand.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SignedWith {
    /// Its SHA-256 in hex, by which it is taken out.
    pub id: String,
    /// `signed.pdf (PDF, 1.2 MB)`.
    pub file: Personal<String>,
    /// All parts of it are on this machine.
    pub here: bool,
}

/// An event that came about, by which a consent ends or from which on it can be revoked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EventView {
    pub revocable: bool,
    /// When it came about.
    pub on: Time,
    /// Why it was recorded by mistake, by whom and when: it counts for nothing.
    pub struck: Option<super::ReviewView>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentParty {
    pub org: OrgId,
    pub name: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FlowView {
    pub from: OrgId,
    pub from_name: String,
    pub to: OrgId,
    pub to_name: String,
    pub information: Information,
    pub purpose: String,
}

/// What a revocation would do, before it is confirmed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RevokePreview {
    pub consent: ConsentId,
    /// The party that it is for; `None`: all.
    pub party: Option<String>,
    /// Referrals that it closes.
    pub referrals: u32,
    /// It can not be revoked yet (42 CFR 2.35(c)): the word is kept until then.
    #[serde(default)]
    pub early: bool,
    /// What it does.
    pub does: String,
    /// What it can not undo.
    pub cannot: String,
}

/// A revocation of a consent of which nothing is known here but who keeps it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HeardAsk {
    /// The organisation that keeps it.
    pub keeper: String,
    pub name: Personal<String>,
    pub birth_date: Personal<String>,
    /// The number that the form bears, if the person has it.
    pub form: Personal<String>,
    pub spoken: bool,
}

/// What to say to who keeps it, and where.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HeardView {
    /// The call that is to be made, and that stands in the list until it was.
    pub call: CallId,
    pub keeper: String,
    pub keeper_id: OrgId,
    pub says: Personal<String>,
    /// What our own staff have to know for it.
    pub note: String,
    pub phone: Option<super::PhoneView>,
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
    pub class: Class,
    /// The number of the next version, if one waits for a signature.
    #[serde(default)]
    pub pending: Option<u32>,
    /// What it is for, in words.
    #[serde(default)]
    pub kind: Personal<String>,
    /// The day that stands beside the signature.
    #[serde(default)]
    pub signed_on: Option<Time>,
    /// Until when it stands or how it ended, a sentence each.
    #[serde(default)]
    pub ends: Vec<Personal<String>>,
    /// The person's name on record, where it is another than what was signed.
    #[serde(default)]
    pub called: Option<Personal<String>>,
}

/// What shall be passed on of what a referral told this organisation (42 CFR 2.33).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OnwardAsk {
    pub thread: String,
    pub to: String,
    pub information: Information,
    pub purpose: String,
    /// It is our contractor or legal representative under a written contract (2.33(c)).
    pub contract: bool,
    /// What was passed on, by other means than a referral; then it is put on record.
    pub told: Option<Personal<String>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OnwardView {
    pub permitted: bool,
    /// That it is, and by which clause; or why not, and what may lawfully be done.
    pub says: String,
    /// The notice that goes with it (42 CFR 2.32(a)(1)).
    pub notice: Option<String>,
    /// The explanation of the scope of the consent that goes with it (42 CFR 2.32(b)).
    #[serde(default)]
    pub scope: Option<String>,
}
