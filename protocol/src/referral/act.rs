//! What stands in the bodies of a thread's entries: first a notice, then acts under it.

use super::attachment::{Bytes, Manifest};
use super::base::{By, Information, Told};
use super::codes::{DeclineReason, Outcome, Urgency};
use super::follow::{Appointment, Attempt, CheckIn, Handoff, Seen, Transition, Why};
use super::identity::Identity;
use super::pack;
use super::plan::{CrisisPlan, Medication, Need, NeedId, Summary};
use super::scope::Scope;
use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, OrgId, ThreadId};
use crate::limits;
use crate::sensitive::Personal;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// First byte of every body; the next format has the next number after [`SHORT`].
pub const VERSION: u8 = 1;
/// First byte of a body in its short form.
const SHORT: u8 = 2;

/// The body of a data entry of a thread's space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    Notice(Box<Notice>),
    Act(Signed),
    /// A part of an attachment, named by an [`Act::Attachment`] that follows; counts for nothing without it.
    Chunk(Bytes),
}

/// What goes to the reader of a space before anything else, once a version of the consent (42 CFR 2.32).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    pub thread: ThreadId,
    /// The kind of information that this space holds.
    pub information: Information,
    /// Statement 1 of 2.32(a), to the byte.
    pub text: String,
    /// The explanation that 2.32(b) asks for: the part of the consent that concerns the reader.
    pub scope: Scope,
    pub by: By,
}

/// An act, under the notice that its author gave in this space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    pub notice: EntryHash,
    pub by: By,
    pub act: Act,
}

/// One step of a referral. Variants are only ever added at the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// The sender asks.
    Send(Request),
    /// Who the person is; in the `identity` space.
    Identity(Box<Identity>),
    /// The recipient has seen it; gives the response time.
    Acknowledge,
    Accept {
        note: Personal<String>,
    },
    /// Also after acceptance (BSeR).
    Decline {
        reason: DeclineReason,
        note: Personal<String>,
    },
    /// A first or a new appointment.
    Schedule(Appointment),
    CancelAppointment {
        why: Why,
    },
    /// The person came.
    Attend {
        when: Time,
    },
    NoShow {
        when: Time,
        why: Why,
    },
    Message {
        text: Personal<String>,
    },
    /// The sender withdraws: final before acceptance, a request after it.
    RequestCancel {
        reason: Personal<String>,
    },
    ConfirmCancel,
    /// The recipient's outcome: closes the loop.
    Close {
        outcome: Outcome,
        why: Why,
    },
    /// The recipient can not go on for now (SDOHCC `on-hold`).
    Hold {
        why: Why,
    },
    Resume {
        note: Personal<String>,
    },
    /// The appointment moves.
    Reschedule {
        to: Appointment,
        why: Why,
    },
    /// The sender should never have sent it (SDOHCC: from any state).
    EnteredInError {
        reason: Personal<String>,
    },
    Handoff(Box<Handoff>),
    /// A need, new or changed.
    Need(Box<Need>),
    Transition(Transition),
    Seen(Seen),
    CheckIn(CheckIn),
    /// The person can not be reached: an alarm, which closes nothing.
    Lost {
        /// When the person was last heard of.
        since: Option<Time>,
        note: Personal<String>,
    },
    Attempt(Attempt),
    Crisis(Box<CrisisPlan>),
    Medication(Box<Medication>),
    Summary(Box<Summary>),
    /// A file goes with the thread; its chunks stand in the same space.
    Attachment(Box<Attached>),
    /// The person revoked the consent at the recipient, as a whole or for one party: who keeps it then revokes.
    HeardRevocation {
        told: Told,
        party: Option<OrgId>,
    },
    /// What its author's organisation wrote before, in the space of this kind, was a mistake: it is shown, struck, and counts no more.
    Mistake {
        entry: EntryHash,
        information: Information,
        reason: Personal<String>,
    },
    /// How urgent it is by now, and why.
    Urge {
        urgency: Urgency,
        note: Personal<String>,
    },
}

/// A file in a thread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// What kind of information it is, and so the space in which it stands.
    pub information: Information,
    pub manifest: Manifest,
    /// What its sender wrote with it; may be empty.
    pub text: Personal<String>,
}

/// What is asked for. What else the person needs stands in the `social` space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The listing in the directory, if one was chosen.
    pub service: Option<Service>,
    pub reason: Personal<String>,
    pub urgency: Urgency,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// `<org id>/<listing id>`.
    pub listing: String,
    pub name: String,
}

/// What an act can say anew. Of two that crossed the later in canonical order holds, and people are told to look at both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    Identity,
    Need(NeedId),
    Transition,
    Crisis,
    Medication,
}

impl Subject {
    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Identity => "who the person is",
            Self::Need(_) => "a need",
            Self::Transition => "the day of leaving",
            Self::Crisis => "the crisis plan",
            Self::Medication => "the medication",
        }
    }
}

impl Act {
    /// The kind of information that it is, and so the space in which it stands.
    #[must_use]
    pub fn information(&self) -> Information {
        match self {
            Self::Identity(_) => Information::Identity,
            Self::Need(_) => Information::Social,
            Self::Crisis(_) => Information::Crisis,
            Self::Medication(_) => Information::Medication,
            Self::Summary(_) => Information::Clinical,
            Self::CheckIn(check_in) => check_in.information(),
            Self::Attachment(attached) => attached.information,
            Self::Mistake { information, .. } => *information,
            Self::Send(_)
            | Self::Acknowledge
            | Self::Accept { .. }
            | Self::Decline { .. }
            | Self::Schedule(_)
            | Self::CancelAppointment { .. }
            | Self::Attend { .. }
            | Self::NoShow { .. }
            | Self::Message { .. }
            | Self::RequestCancel { .. }
            | Self::ConfirmCancel
            | Self::HeardRevocation { .. }
            | Self::Close { .. }
            | Self::Hold { .. }
            | Self::Resume { .. }
            | Self::Reschedule { .. }
            | Self::EnteredInError { .. }
            | Self::Handoff(_)
            | Self::Transition(_)
            | Self::Seen(_)
            | Self::Lost { .. }
            | Self::Urge { .. }
            | Self::Attempt(_) => Information::Referral,
        }
    }

    /// What it says anew as a whole, so that the one before is hidden by it.
    #[must_use]
    pub fn subject(&self) -> Option<Subject> {
        match self {
            Self::Identity(_) => Some(Subject::Identity),
            Self::Need(need) => Some(Subject::Need(need.id)),
            Self::Transition(_) => Some(Subject::Transition),
            Self::Crisis(_) => Some(Subject::Crisis),
            Self::Medication(_) => Some(Subject::Medication),
            _ => None,
        }
    }

    /// Whether it is a step of the referral itself. All others tell something and change no place.
    #[must_use]
    pub const fn moves(&self) -> bool {
        match self {
            Self::Send(_)
            | Self::Acknowledge
            | Self::Accept { .. }
            | Self::Decline { .. }
            | Self::Schedule(_)
            | Self::CancelAppointment { .. }
            | Self::Attend { .. }
            | Self::NoShow { .. }
            | Self::RequestCancel { .. }
            | Self::ConfirmCancel
            | Self::Close { .. }
            | Self::Hold { .. }
            | Self::Resume { .. }
            | Self::Reschedule { .. }
            | Self::EnteredInError { .. } => true,
            Self::Identity(_)
            | Self::Message { .. }
            | Self::HeardRevocation { .. }
            | Self::Handoff(_)
            | Self::Need(_)
            | Self::Transition(_)
            | Self::Seen(_)
            | Self::CheckIn(_)
            | Self::Lost { .. }
            | Self::Attempt(_)
            | Self::Crisis(_)
            | Self::Medication(_)
            | Self::Summary(_)
            | Self::Attachment(_)
            | Self::Urge { .. }
            | Self::Mistake { .. } => false,
        }
    }

    /// The word for it in commands, histories and records of disclosure.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Send(_) => "send",
            Self::Identity(_) => "identity",
            Self::Acknowledge => "acknowledge",
            Self::Accept { .. } => "accept",
            Self::Decline { .. } => "decline",
            Self::Schedule(_) => "schedule",
            Self::CancelAppointment { .. } => "cancel appointment",
            Self::Attend { .. } => "attend",
            Self::NoShow { .. } => "no-show",
            Self::Message { .. } => "message",
            Self::RequestCancel { .. } => "withdraw",
            Self::ConfirmCancel => "confirm withdrawal",
            Self::Close { .. } => "close",
            Self::Hold { .. } => "hold",
            Self::Resume { .. } => "resume",
            Self::Reschedule { .. } => "reschedule",
            Self::EnteredInError { .. } => "entered in error",
            Self::Handoff(_) => "handoff",
            Self::Need(_) => "need",
            Self::Transition(_) => "transition",
            Self::Seen(_) => "seen",
            Self::CheckIn(_) => "check-in",
            Self::Lost { .. } => "lost contact",
            Self::Attempt(_) => "contact attempt",
            Self::Crisis(_) => "crisis plan",
            Self::Medication(_) => "medication",
            Self::Summary(_) => "summary",
            Self::Attachment(_) => "attachment",
            Self::HeardRevocation { .. } => "revocation heard",
            Self::Mistake { .. } => "mistake",
            Self::Urge { .. } => "urgency",
        }
    }

    /// Lengths.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn check(&self) -> Result<()> {
        match self {
            Self::Send(request) => {
                if let Some(service) = &request.service
                    && (service.listing.len() > limits::NAME_CHARS || service.name.len() > 4 * limits::NAME_CHARS)
                {
                    return Err(Fault::malformed("act: the name of a service is too long"));
                }
                bounded([&request.reason], limits::TEXT_CHARS)
            }
            Self::Identity(identity) => identity.check(),
            Self::Schedule(appointment) => appointment.check(),
            Self::Reschedule { to, why } => to.check().and_then(|()| why.check()),
            Self::CancelAppointment { why }
            | Self::NoShow { why, .. }
            | Self::Close { why, .. }
            | Self::Hold { why } => why.check(),
            Self::Handoff(handoff) => handoff.check(),
            Self::Need(need) => need.check(),
            Self::CheckIn(check_in) => check_in.check(),
            Self::Crisis(plan) => plan.check(),
            Self::Medication(medication) => medication.check(),
            Self::Attachment(attached) => {
                bounded([&attached.text], limits::TEXT_CHARS)?;
                attached.manifest.check()
            }
            Self::Accept { note: text }
            | Self::Decline { note: text, .. }
            | Self::Message { text }
            | Self::RequestCancel { reason: text }
            | Self::Resume { note: text }
            | Self::EnteredInError { reason: text }
            | Self::Mistake { reason: text, .. }
            | Self::Urge { note: text, .. }
            | Self::Transition(Transition { note: text, .. })
            | Self::Seen(Seen { note: text, .. })
            | Self::Lost { note: text, .. }
            | Self::Attempt(Attempt { note: text, .. }) => bounded([text], limits::TEXT_CHARS),
            Self::Summary(summary) => bounded([&summary.text], limits::TEXT_CHARS),
            Self::Acknowledge | Self::Attend { .. } | Self::ConfirmCancel | Self::HeardRevocation { .. } => Ok(()),
        }
    }
}

impl Body {
    /// Version byte and postcard, in the shorter of two forms.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let plain = Zeroizing::new(codec::encode(self));
        let packed = pack::short(&plain);
        let (version, bytes) = packed.as_ref().map_or((VERSION, &plain), |packed| (SHORT, packed));
        let mut body = Zeroizing::new(Vec::with_capacity(1 + bytes.len()));
        body.push(version);
        body.extend_from_slice(bytes);
        body
    }

    /// What a body says, with lengths checked.
    ///
    /// # Errors
    /// `Incompatible` for another version, `Malformed` for anything else that is no body.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let body: Self = match bytes.split_first() {
            Some((&SHORT, packed)) => codec::decode("thread body", &pack::long(packed)?)?,
            _ => versioned("thread body", VERSION, bytes)?,
        };
        match &body {
            Self::Notice(notice) => {
                bounded([&notice.by.name], limits::NAME_CHARS)?;
                notice.scope.check()?;
                if notice.text.len() > limits::TEXT_CHARS {
                    return Err(Fault::malformed("notice: too long"));
                }
            }
            Self::Act(signed) => {
                bounded([&signed.by.name], limits::NAME_CHARS)?;
                signed.act.check()?;
            }
            Self::Chunk(chunk) => {
                if chunk.0.len() > limits::CHUNK_BYTES {
                    return Err(Fault::malformed("attachment: a chunk is too long"));
                }
            }
        }
        Ok(body)
    }
}

/// A value after its version byte.
pub(crate) fn versioned<T>(what: &str, version: u8, bytes: &[u8]) -> Result<T>
where
    T: Serialize + serde::de::DeserializeOwned,
{
    match bytes.split_first() {
        Some((first, rest)) if *first == version => codec::decode(what, rest),
        Some((first, _)) => {
            Err(Fault::incompatible(format!("{what}: version {first}, this program knows {version}; update it")))
        }
        None => Err(Fault::malformed(format!("{what}: empty"))),
    }
}

/// Whether each text has at most `chars` characters.
pub(crate) fn bounded<'t>(texts: impl IntoIterator<Item = &'t Personal<String>>, chars: usize) -> Result<()> {
    if texts.into_iter().any(|text| text.reveal().len() > chars && text.reveal().chars().count() > chars) {
        return Err(Fault::malformed(format!("a text has more than {chars} characters; shorten it")));
    }
    Ok(())
}
