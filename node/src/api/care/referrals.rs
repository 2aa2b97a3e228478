//! Referral threads: what is sent, and what is done.

use crate::wording::Hint;
use belay_protocol::ids::{ConsentId, OrgId};
use belay_protocol::referral::{
    Attempt, Barrier, Contact, CrisisPlan, DeclineReason, Handoff, Housing, Medication, Medicine, Mode, NeedKind,
    NeedOwner, NeedStatus, Outcome, Seen, Stage, Summary, Support, Symptoms, Transition, Urgency, Why, Work,
};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use serde::{Deserialize, Serialize};

/// A new referral, under a consent that says to whom.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Send {
    pub consent: String,
    /// To whom, where the consent names more than one.
    #[serde(default)]
    pub to: Option<String>,
    /// Kinds that the consent opens and that a referral does not need: a space is opened for each.
    #[serde(default)]
    pub include: Vec<belay_protocol::referral::Information>,
    /// Kinds that go with a referral where the consent opens them, and that stay here this time: who the person is.
    #[serde(default)]
    pub without: Vec<belay_protocol::referral::Information>,
    /// For which of the purposes that the consent names for the recipient; `None`: the least of them.
    #[serde(default)]
    pub purpose: Option<String>,
    /// A listing of the directory.
    pub service: Option<String>,
    /// Its name, which the node looks up.
    #[serde(skip)]
    pub service_name: String,
    pub reason: Personal<String>,
    pub urgency: Urgency,
    /// Most urgent first; `social` information.
    pub needs: Vec<Personal<String>>,
    /// The need of another referral that this one is to lift: `THREAD:NEED`. Never told.
    pub lifts: Option<String>,
    /// It goes beside another of the same person to the same organisation, on the same basis, that is open.
    #[serde(default)]
    pub again: bool,
}

impl Send {
    /// The least: the referral, and who the person is where the consent opens that. To whom the consent says, and nobody else.
    #[must_use]
    pub const fn new(consent: String, reason: Personal<String>, urgency: Urgency) -> Self {
        Self {
            consent,
            to: None,
            include: Vec::new(),
            without: Vec::new(),
            purpose: None,
            service: None,
            service_name: String::new(),
            reason,
            urgency,
            needs: Vec::new(),
            lifts: None,
            again: false,
        }
    }
}

/// A new referral that needs no consent, to who is of the same program or serves it under an agreement that both signed (42 CFR
/// 2.12(c)(3), (4)). `send.consent` is empty, `send.to` says to whom.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Tied {
    pub person: Personal<String>,
    /// How it came to be this one, as [`Refer`](super::Refer) says it.
    #[serde(default)]
    pub options: Option<String>,
    #[serde(default)]
    pub chosen: bool,
    #[serde(default)]
    pub listing: Option<String>,
    #[serde(default)]
    pub only: Option<belay_protocol::referral::choice::OnlyOne>,
    #[serde(flatten)]
    pub send: Send,
}

/// What would go to whom, before it is sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SendPreview {
    pub consent: ConsentId,
    pub version: u32,
    pub to: OrgId,
    pub to_name: String,
    /// Its kind of partner.
    pub to_kind: String,
    /// What goes.
    pub goes: Vec<GoesView>,
    /// What the consent would let go and that is kept back, since the referral does not need it.
    pub kept_back: Vec<belay_protocol::referral::Information>,
    /// What the person agreed to and asked since to leave out (42 CFR 2.26), with when: it stays here, whoever asks for it.
    #[serde(default)]
    pub left_out: Vec<super::StaysView>,
    /// Of what is kept back: what is on record and goes if it is asked for, with since when it holds.
    #[serde(default)]
    pub on_record: Vec<(belay_protocol::referral::Information, Time)>,
    /// What may come back.
    pub comes_back: Vec<belay_protocol::referral::Information>,
    pub expires: Option<Time>,
    /// Who else works on it, and what each would read, where the person named a team; who is referred to among them.
    #[serde(default)]
    pub team: Vec<super::MemberView>,
    /// What the recipient may do with it next (42 CFR 2.33).
    pub next: String,
    /// The notice that goes along (42 CFR 2.32(a)(1)), to the byte.
    #[serde(default)]
    pub notice: String,
    /// What was agreed with the recipient of whom it takes, and what must come along; a line each.
    #[serde(default)]
    pub agreed: Vec<String>,
    /// Words that could put the person first. They hold nothing back.
    #[serde(default)]
    pub hints: Vec<Hint>,
    /// Why it can not be sent, if it can not.
    pub refused: Option<String>,
}

/// One kind of information that goes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GoesView {
    pub information: belay_protocol::referral::Information,
    pub purpose: String,
    /// The clause that permits it.
    pub clause: String,
    /// Field and text.
    pub says: Vec<(String, Personal<String>)>,
}

/// An appointment as it is asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Meeting {
    pub at: At,
    /// The time zone of the place, by its name; none: that of this machine.
    #[serde(default)]
    pub zone: Option<String>,
    pub place: Personal<String>,
    pub mode: Mode,
    pub note: Personal<String>,
}

/// When it is.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum At {
    Instant(Time),
    /// As typed: a day and a time of day on the clock of the place, or RFC 3339 with an offset.
    Typed(String),
}

impl Meeting {
    /// By the clock here.
    #[must_use]
    pub const fn at(at: Time, place: Personal<String>, mode: Mode, note: Personal<String>) -> Self {
        Self { at: At::Instant(at), zone: None, place, mode, note }
    }
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
    Schedule(Meeting),
    /// `None`: now.
    Attend {
        when: Option<Time>,
    },
    Message {
        text: Personal<String>,
    },
    /// The outcome, by who was referred to.
    Close {
        outcome: Outcome,
        note: Personal<String>,
        #[serde(default)]
        barriers: Vec<Barrier>,
    },
    /// What comes next for a person whom the recipient did not take in, by the sender. Stays at this node.
    Settle {
        note: Personal<String>,
        /// A new referral of ours that looks after it.
        #[serde(default)]
        referral: Option<String>,
    },
    /// The recipient agrees that the sender takes it back.
    ConfirmWithdrawal,
    /// Our staff have seen it. Opening an incoming thread does it as well.
    Acknowledge,
    Withdraw {
        reason: Personal<String>,
    },
    Reschedule {
        to: Meeting,
        why: Why,
    },
    CancelAppointment {
        why: Why,
    },
    /// `None`: at the time of the appointment, else now.
    NoShow {
        when: Option<Time>,
        why: Why,
    },
    Hold {
        why: Why,
    },
    Resume {
        note: Personal<String>,
    },
    EnteredInError {
        reason: Personal<String>,
    },
    Handoff(Handoff),
    Need(NeedRequest),
    Transition(Transition),
    Seen(Seen),
    CheckIn(CheckInRequest),
    Lost {
        since: Option<Time>,
        note: Personal<String>,
    },
    Attempt(Attempt),
    Crisis(PlanRequest),
    Medication(MedicationRequest),
    /// What is on record of the two here now.
    Renew(RenewRequest),
    Summary(Summary),
    /// An entry of ours, by its id or the beginning of it, was a mistake.
    Mistake {
        entry: String,
        why: Personal<String>,
    },
    /// How urgent it is by now; by the sender.
    Urgency {
        urgency: Urgency,
        #[serde(default)]
        note: Personal<String>,
    },
    /// What was done here while the other side was left out (2.26) and may be told now: the steps, without the words that stand beside them.
    SayAgain {
        /// With how it ended.
        #[serde(default)]
        note: Personal<String>,
    },
    /// Why the recipient left by itself, as it said on the telephone, where that was no revocation. Kept here only.
    Left {
        why: Personal<String>,
    },
}

/// A need, new or changed: what is not given stays as it is.
#[derive(Debug, Clone, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct NeedRequest {
    /// Rank or id of the one that changes; `None`: a new one.
    pub need: Option<String>,
    pub kind: Option<NeedKind>,
    pub text: Option<Personal<String>>,
    /// 1: the most urgent. A new one comes last.
    pub rank: Option<u16>,
    pub owner: Option<NeedOwner>,
    pub who: Option<Personal<String>>,
    pub next: Option<Personal<String>>,
    pub status: Option<NeedStatus>,
}

/// The crisis plan. `None`: stays as it was; what is given takes its place, also where it is empty.
#[derive(Debug, Clone, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct PlanRequest {
    pub warning_signs: Option<Personal<String>>,
    pub helps: Option<Personal<String>>,
    pub avoid: Option<Personal<String>>,
    pub contacts: Option<Vec<Contact>>,
    pub naloxone: Option<Personal<String>>,
    pub wishes: Option<Personal<String>>,
}

impl From<CrisisPlan> for PlanRequest {
    fn from(plan: CrisisPlan) -> Self {
        Self {
            warning_signs: Some(plan.warning_signs),
            helps: Some(plan.helps),
            avoid: Some(plan.avoid),
            contacts: Some(plan.contacts),
            naloxone: Some(plan.naloxone),
            wishes: Some(plan.wishes),
        }
    }
}

/// What the person takes, as [`PlanRequest`].
#[derive(Debug, Clone, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct MedicationRequest {
    pub medicines: Option<Vec<Medicine>>,
    /// The person was asked, and takes none: then there are no medicines.
    pub takes_none: bool,
    pub allergies: Option<Personal<String>>,
    pub note: Option<Personal<String>>,
}

impl From<Medication> for MedicationRequest {
    fn from(list: Medication) -> Self {
        let Medication { medicines, takes_none, allergies, note } = list;
        Self { medicines: Some(medicines), takes_none, allergies: Some(allergies), note: Some(note) }
    }
}

/// Which of the two are told as they are on record now; neither: those that the referral says as they were before.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RenewRequest {
    pub crisis: bool,
    pub medication: bool,
}

/// How it goes; what was not asked is left out.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CheckInRequest {
    /// `None`: the one that is due.
    #[serde(default)]
    pub stage: Option<Stage>,
    /// `None`: now.
    pub at: Option<Time>,
    pub in_care: Option<bool>,
    /// 1 (bad) to 5 (good).
    pub satisfaction: Option<u8>,
    pub naloxone_kits: Option<u16>,
    pub housing: Option<Housing>,
    pub work: Option<Work>,
    pub support: Option<Support>,
    pub symptoms: Option<Symptoms>,
    pub symptoms_note: Personal<String>,
}

/// Who the person of an incoming referral is.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LinkAsk {
    pub thread: String,
    pub who: Named,
    /// Staff have looked: somebody new is somebody else than who looks alike.
    pub another: bool,
    /// Staff have looked: one of ours is who it is, though name or date of birth are unlike what the referral tells.
    pub same: bool,
    /// Why it is not whom the word before named.
    pub why: Personal<String>,
}

/// Whom staff name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Named {
    /// Somebody who is not on record: added with what the referral tells.
    #[default]
    New,
    /// One of ours, by id or a name that fits only one.
    Person(Personal<String>),
    /// Nobody of ours, after all.
    Nobody,
}

impl LinkAsk {
    /// Somebody new.
    #[must_use]
    pub fn new(thread: &str) -> Self {
        Self { thread: thread.to_owned(), ..Self::default() }
    }

    /// One of ours.
    #[must_use]
    pub fn to(thread: &str, person: Personal<String>) -> Self {
        Self { who: Named::Person(person), ..Self::new(thread) }
    }
}
