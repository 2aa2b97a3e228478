//! Referral threads as views.

use super::{MatchView, PersonFields};
use crate::wording::Hint;
use belay_protocol::ids::{ConsentId, EntryHash, OrgId, PersonId, ThreadId};
use belay_protocol::referral::due::Timer;
use belay_protocol::referral::{
    Attempt, CheckIn, CrisisPlan, DeclineReason, Handoff, Information, Medication, Mode, Need, NeedId, Outcome, Seen,
    Stands, Summary, Transition, Urgency, Why,
};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::{Time, Zone};
use serde::{Deserialize, Serialize};

/// Which page of the list of referrals.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListAsk {
    pub part: Part,
    /// Those about this person alone, whatever part: on one page.
    pub person: Option<PersonId>,
    /// Where the page before ended, as it said.
    pub after: Option<String>,
    /// Rows at most. `None`: a page.
    pub limit: Option<u32>,
    /// So many of the most pressing beside it, on a first page.
    pub pressing: u32,
}

/// Which of the referrals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    #[default]
    All,
    /// They wait for our staff.
    Ours,
    /// They wait for the other organisation.
    Theirs,
    /// They, or the consent behind them, came to an end.
    Ended,
    /// Something is new, due, overdue or lost: what is urgent and new first, then by deadline. The others come newest change first.
    Due,
}

/// How many there are of each, whatever page is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListCounts {
    pub all: u64,
    pub ours: u64,
    pub theirs: u64,
    pub ended: u64,
    pub due: u64,
    /// Of those that are due.
    pub overdue: u64,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ThreadsView {
    /// One page, in the order of the part that was asked for.
    pub threads: Vec<ThreadRow>,
    #[serde(default)]
    pub counts: ListCounts,
    /// What to ask for the page after this one, if there is one.
    #[serde(default)]
    pub more: Option<String>,
    /// The most pressing of all, where they were asked for.
    #[serde(default)]
    pub pressing: Vec<ThreadRow>,
    /// Questions that name nobody and wait: for an answer, or for a referral.
    #[serde(default)]
    pub inquiries: Vec<super::InquiryView>,
    /// Who has to be told by telephone that a person took a consent back.
    #[serde(default)]
    pub calls: Vec<super::CallView>,
    /// There are more of them than these.
    #[serde(default)]
    pub more_calls: bool,
    /// To the privacy officer: who is owed a new accounting.
    #[serde(default)]
    pub owed: Vec<super::OwedView>,
    /// To the privacy officer: what went under consents that are known to be false, and waits for a word.
    #[serde(default)]
    pub falsely: Vec<super::FalseView>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadRow {
    pub id: ThreadId,
    /// `outgoing` or `incoming`.
    pub direction: String,
    pub other: OrgId,
    pub other_name: String,
    /// The other is not on the network: what it says is heard by staff.
    #[serde(default)]
    pub off_network: bool,
    /// In a team: who else is in it besides us and `other`.
    #[serde(default)]
    pub team: Vec<String>,
    /// Of a team in which we are neither sender nor recipient: who was referred to.
    #[serde(default)]
    pub recipient: Option<String>,
    /// As far as the consent lets us know, or as linked by staff.
    pub person: Option<PersonId>,
    pub name: Option<Personal<String>>,
    /// What this side reads as the state.
    pub state: String,
    /// SDOHCC `Task.status` and BSeR `businessStatus`, as far as this side may know.
    pub status: Option<String>,
    pub business: Option<String>,
    pub urgency: Option<Urgency>,
    /// The listing that was asked for, as the directory names it.
    #[serde(default)]
    pub service: Option<String>,
    /// When the appointment that holds is.
    pub appointment_at: Option<Time>,
    /// The consent lets the recipient tell the sender what became of it.
    pub answerable: bool,
    /// That nothing more may be told, and since when.
    pub ended: Option<String>,
    pub updated: Time,
    /// What is due, and on whose side, the earliest first.
    #[serde(default)]
    pub due: Vec<DueView>,
}

impl ThreadRow {
    /// Whose turn it is where it is not ours: who was referred to, or the other side.
    #[must_use]
    pub fn answers(&self) -> &str {
        self.recipient.as_deref().unwrap_or(&self.other_name)
    }

    /// Whether it comes before everything else that is due, however long that is overdue: an urgent referral that nobody has answered or
    /// made an appointment for, and a person whom nobody can reach.
    #[must_use]
    pub fn first(&self, timer: Timer) -> bool {
        let new = matches!(timer, Timer::Acknowledge | Timer::Answer | Timer::FirstAppointment);
        timer == Timer::Lost || (new && self.urgency == Some(Urgency::Urgent))
    }

    /// Staff here say that the consent may be false, and nobody has judged it: nothing is told under it.
    #[must_use]
    pub fn suspended(&self) -> bool {
        self.due.iter().any(|due| due.timer == Timer::Suspended)
    }

    /// Somebody wrote something that our staff have not read.
    #[must_use]
    pub fn unread(&self) -> bool {
        self.due.iter().any(|due| due.timer == Timer::Read && due.ours)
    }
}

/// One organisation of a team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberView {
    pub org: OrgId,
    pub name: String,
    /// Its kind of partner.
    pub kind: String,
    /// It was referred to: it accepts, makes appointments and says what came of it.
    pub acts: bool,
    /// What it reads, of what we may know.
    pub reads: Vec<Information>,
    /// What it may do with it next (42 CFR 2.33).
    pub next: String,
}

/// What one of a team will read of a thread that goes on once a draft is signed, and does not read today.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinView {
    pub org: OrgId,
    pub name: String,
    pub thread: ThreadId,
    pub information: Information,
    /// How many acts of this kind stand there.
    pub acts: u32,
}

/// A deadline. Holds nothing about the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueView {
    pub timer: Timer,
    /// Whether we should act, or the other side.
    pub ours: bool,
    pub since: Time,
    pub by: Time,
    pub overdue: bool,
    /// What to do, in a few words.
    pub what: String,
    /// What to type next.
    pub next: String,
    /// Whom to phone where the other side is late.
    pub phone: Option<PhoneView>,
    /// What was agreed for then, in its order: whom to phone, to whom to escalate, where else to refer.
    #[serde(default)]
    pub steps: Vec<String>,
    /// What may be said there, where nothing may be told of the person.
    #[serde(default)]
    pub say: Option<String>,
}

impl DueView {
    /// What to type next, or whom to phone where that comes first.
    #[must_use]
    pub fn does(&self) -> String {
        match self.then() {
            Some(then) if self.ours && self.say.is_some() => format!("{}; {then}", self.next),
            Some(then) => then,
            None => self.next.clone(),
        }
    }

    /// What to do where the other side is late, in a few words.
    #[must_use]
    pub fn then(&self) -> Option<String> {
        let phone = self.phone.as_ref().map(|phone| format!("phone {} {}", phone.who, phone.telephone));
        // What was agreed, and behind it who can be phoned at any rate.
        let agreed = |number: &str| self.steps.iter().any(|step| step.contains(number));
        let phone = phone.filter(|_| self.phone.as_ref().is_some_and(|phone| !agreed(&phone.telephone)));
        let steps: Vec<String> = self.steps.iter().cloned().chain(phone).collect();
        let steps = steps.join("; then ");
        let Some(say) = &self.say else { return (!steps.is_empty()).then_some(steps) };
        let wait = if self.ours { "if they wait: " } else { "" };
        Some(if steps.is_empty() { format!("{wait}{say}") } else { format!("{wait}{steps} ({say})") })
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneView {
    pub who: String,
    pub telephone: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ThreadView {
    #[serde(flatten)]
    pub row: ThreadRow,
    /// Whom to phone, where the other is not on the network.
    #[serde(default, rename = "partner")]
    pub off_network: Option<super::PartnerView>,
    /// Off the network: when its letters were printed, and which were not handed over.
    #[serde(default)]
    pub letters: Vec<super::SentView>,
    pub consent: ConsentId,
    pub version: u32,
    /// What the consent permits, in plain words, a line each.
    pub scope: Option<String>,
    /// Of a referral that came here: what staff said of it that its consent may be false, and that it stands all the same, the newest first.
    #[serde(default)]
    pub doubts: Vec<super::ReviewView>,
    /// Of a referral that came here: whom the consent names as far as we may know, ourselves among them, without who keeps it.
    #[serde(default)]
    pub parties: Vec<super::ConsentParty>,
    /// Who works on it together and what each reads, where the person named a team.
    #[serde(default)]
    pub members: Vec<MemberView>,
    /// The notice of 42 CFR 2.32(a) that stands over what is shown.
    pub notice: Option<String>,
    /// Who the person is, as far as the thread tells and the consent lets us know.
    pub identity: Option<PersonFields>,
    /// Name of the service that the request names.
    pub service: Option<String>,
    /// Of a referral of ours: how it came to this recipient. The recipient is not told.
    #[serde(default)]
    pub choice: Option<super::ChoiceView>,
    pub reason: Option<Personal<String>>,
    /// Those that are open, most urgent first.
    pub needs: Vec<Personal<String>>,
    pub appointment: Option<AppointmentView>,
    /// In the thread of a team: appointments of the others' own, ours first.
    #[serde(default)]
    pub visits: Vec<VisitView>,
    /// When the person did not come, where that stays here alone so far: who says it again means that time.
    #[serde(default)]
    pub missed_here: Option<Time>,
    pub attended: Option<Time>,
    /// In a team: when the person came to an appointment of our own, where that stays here alone so far: who says it again means that time.
    #[serde(default)]
    pub came_here: Option<Time>,
    pub outcome: Option<Outcome>,
    /// How far that has come which this side wrote last.
    pub delivery: Option<DeliveryState>,
    /// When the recipient first said that it had seen it.
    pub acknowledged: Option<Time>,
    /// What happened around it, and what helps.
    pub follow: Box<FollowView>,
    pub history: Vec<LineView>,
    /// Acts that this side may do now: `accept`, `schedule`, ...
    pub may: Vec<String>,
    /// Persons of ours who may be the incoming one, likeliest first.
    pub likely: Vec<MatchView>,
    /// Of an incoming one that can be linked: what was said of it.
    #[serde(default)]
    pub linking: Option<LinkingView>,
    /// Words that were just written and others that put the person first. Nothing was held back for them.
    #[serde(default)]
    pub hints: Vec<Hint>,
    /// Of one that was just sent: what stayed here since the person asked to leave it out (42 CFR 2.26), with when.
    #[serde(default)]
    pub left_out: Vec<super::StaysView>,
}

/// Who the person of an incoming referral is, as staff say.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LinkingView {
    /// It tells who the person is, so that somebody new can be added with that.
    pub told: bool,
    /// The word that holds.
    pub said: Option<LinkedView>,
}

/// Such a word.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LinkedView {
    pub staff: Personal<String>,
    pub at: Time,
    /// Why it is not whom the word before named.
    pub why: Personal<String>,
}

/// What happened around a referral, and what helps: as far as our staff may be shown it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FollowView {
    /// Every need, most urgent first.
    pub needs: Vec<NeedView>,
    /// The need of another referral of ours that this one is to lift.
    pub lifts: Option<(ThreadId, NeedId)>,
    /// Why it is on hold, while it is.
    pub hold: Option<Why>,
    pub handoffs: Vec<Handoff>,
    pub transition: Option<Transition>,
    /// On which day of the two-week watch after it we are; day 0 is the day itself.
    pub watch_day: Option<u64>,
    pub seen: Option<Seen>,
    pub check_ins: Vec<CheckIn>,
    pub attempts: Vec<Attempt>,
    /// Since when nobody could reach the person.
    pub lost: Option<Time>,
    /// The newest, and since when it holds.
    pub crisis: Option<(Time, CrisisPlan)>,
    /// The newest, and since when it holds.
    pub medication: Option<(Time, Medication)>,
    /// What of the two is on record here and may be told, and this referral does not say, or says as it was before: since when it says so.
    pub unsaid: Vec<(Information, Option<Time>)>,
    /// What our own staff wrote last of the person, here or elsewhere: a form begins with it, never with what the other side says.
    pub our_crisis: Option<CrisisPlan>,
    pub our_medication: Option<Medication>,
    pub summaries: Vec<(Time, Summary)>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NeedView {
    #[serde(flatten)]
    pub need: Need,
    /// Referrals of ours that are to lift it.
    pub referrals: Vec<ThreadId>,
    /// It was said to be lifted, or services were received by such a referral since it was last said to be open.
    pub lifted: bool,
}

/// What a person's referrals wait for that nothing lifts yet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NeedsView {
    pub needs: Vec<OpenNeed>,
}

/// One of them, named by its referral and itself: `THREAD:NEED`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OpenNeed {
    pub thread: ThreadId,
    pub need: NeedId,
    pub text: Personal<String>,
    /// With whom the referral is that waits for it.
    pub other_name: String,
}

/// How far something that this side wrote has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// The other organisation was taken out before it said that it holds it: nobody knows whether it came.
    Unconfirmed,
    Waiting,
    /// Sealed to the other organisation, with a member that keeps it until that is on line.
    LeftWithCarrier,
    /// Stored at a node of the other organisation.
    Delivered,
    /// Its staff opened the thread since; known where the consent has a way back.
    Read,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AppointmentView {
    pub at: Time,
    /// Of the place where it is.
    pub zone: Zone,
    pub place: Personal<String>,
    pub mode: Mode,
    pub note: Personal<String>,
}

/// An appointment of an organisation's own in the thread of a team.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct VisitView {
    /// Whose; empty: ours.
    pub org_name: String,
    pub stands: Stands,
    /// The one that holds, or that was missed.
    pub appointment: Option<AppointmentView>,
    /// When the person last came.
    pub attended: Option<Time>,
}

impl VisitView {
    #[must_use]
    pub const fn is_ours(&self) -> bool {
        self.org_name.is_empty()
    }
}

impl ThreadView {
    /// The appointment that our acts move: that of the referral where we were referred to or write for who is off the network, else our own.
    #[must_use]
    pub fn moves(&self) -> Option<&AppointmentView> {
        if self.row.off_network || (self.row.direction == "incoming" && self.row.recipient.is_none()) {
            return self.appointment.as_ref();
        }
        self.visits.iter().find(|visit| visit.is_ours())?.appointment.as_ref()
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LineView {
    pub entry: EntryHash,
    pub org: OrgId,
    /// What another organisation than this one is called.
    #[serde(default)]
    pub org_name: String,
    pub staff: Personal<String>,
    pub at: Time,
    /// What was done: `send`, `accept`, ...
    pub act: String,
    pub text: Personal<String>,
    /// The time that the act speaks of: of the appointment, or when the person came.
    pub when: Option<Time>,
    /// Of an appointment: of the place where it is.
    #[serde(default)]
    pub zone: Option<Zone>,
    pub declined: Option<DeclineReason>,
    pub outcome: Option<Outcome>,
    /// What its author wrote with it.
    pub note: Personal<String>,
    /// Of what this side wrote.
    pub delivery: Option<DeliveryState>,
    /// The other side acted without knowing of it: people should look at both.
    pub crossed: bool,
    /// Kept here only: the consent does not let it be told.
    pub local: bool,
    /// In the thread of a team: about an appointment of its author's own.
    #[serde(default)]
    pub own: bool,
    pub without_effect: Option<String>,
    /// That it was a mistake, where its author's organisation said so.
    #[serde(default)]
    pub mistake: Option<StruckView>,
    /// Our staff can say that it was one.
    #[serde(default)]
    pub may_be_mistaken: bool,
    /// It was one, and who was told it does not know: our staff can tell them.
    #[serde(default)]
    pub strike_untold: bool,
}

/// That an entry was a mistake.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StruckView {
    /// Who says so, of the organisation that wrote the entry.
    pub staff: Personal<String>,
    pub at: Time,
    pub why: Personal<String>,
}
