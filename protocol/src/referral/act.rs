//! What stands in the bodies of a thread's entries: first a notice, then acts under it.

use super::base::{By, Information};
use super::identity::Identity;
use super::scope::Scope;
use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, ThreadId};
use crate::limits;
use crate::sensitive::Personal;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// First byte of every body; the next format has the next number.
pub const VERSION: u8 = 1;

/// The body of a data entry of a thread's space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    Notice(Box<Notice>),
    Act(Signed),
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
        note: Personal<String>,
    },
    /// The person came.
    Attend {
        when: Time,
    },
    NoShow {
        when: Time,
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
        note: Personal<String>,
    },
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The listing in the directory, if one was chosen.
    pub service: Option<Service>,
    pub reason: Personal<String>,
    pub urgency: Urgency,
    /// Most urgent first.
    pub needs: Vec<Personal<String>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// `<org id>/<listing id>`.
    pub listing: String,
    pub name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    Routine,
    Urgent,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    pub at: Time,
    pub place: Personal<String>,
    pub mode: Mode,
    pub note: Personal<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    InPerson,
    Telephone,
    Video,
}

/// Why a referral was declined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeclineReason {
    NoCapacity,
    NotEligible,
    CouldNotContact,
    PersonDeclined,
    OutOfArea,
    Other,
}

/// How it ended; the reason for closure that California's closed-loop rule asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    ServicesReceived,
    Transferred,
    Incarcerated,
    Moved,
    LostContact,
    PersonDeclined,
    Deceased,
    Administrative,
    Other,
}

impl Outcome {
    /// Whether the loop closed well: the others are `failed` in SDOHCC's words.
    #[must_use]
    pub const fn completed(self) -> bool {
        matches!(self, Self::ServicesReceived | Self::Transferred)
    }
}

impl Act {
    /// The kind of information that it is, and so the space in which it stands.
    #[must_use]
    pub const fn information(&self) -> Information {
        match self {
            Self::Identity(_) => Information::Identity,
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
            | Self::Close { .. } => Information::Referral,
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
                if request.needs.len() > limits::PERSON_VALUES {
                    return Err(Fault::malformed("act: too many needs"));
                }
                bounded(request.needs.iter().chain([&request.reason]), limits::TEXT_CHARS)
            }
            Self::Identity(identity) => identity.check(),
            Self::Schedule(appointment) => bounded([&appointment.place, &appointment.note], limits::TEXT_CHARS),
            Self::Accept { note: text }
            | Self::Decline { note: text, .. }
            | Self::CancelAppointment { note: text }
            | Self::Message { text }
            | Self::RequestCancel { reason: text }
            | Self::Close { note: text, .. } => bounded([text], limits::TEXT_CHARS),
            Self::Acknowledge | Self::Attend { .. } | Self::NoShow { .. } | Self::ConfirmCancel => Ok(()),
        }
    }
}

impl Body {
    /// Version byte and postcard.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(vec![VERSION]);
        bytes.extend_from_slice(&Zeroizing::new(codec::encode(self)));
        bytes
    }

    /// What a body says, with lengths checked.
    ///
    /// # Errors
    /// `Incompatible` for another version, `Malformed` for anything else that is no body.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let body: Self = versioned("thread body", VERSION, bytes)?;
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
