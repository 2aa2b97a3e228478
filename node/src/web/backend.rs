//! What pages ask for: the use cases behind the web interface, and nothing lower.
//!
//! A page about a person is made from what came back here and from nothing else, so permission, consent and the record of who
//! looked at what are decided once, for pages and command line alike.

use crate::api::care::{PrintView, Printed};
use crate::api::views::SearchView;
use crate::api::{Outcome, Secret, request::Search};
use crate::forms::Lang;
use crate::usecases::staff::StaffSession;
use belay_protocol::ids::{PersonId, ThreadId};
use belay_protocol::referral::{DeclineReason, Mode, Outcome as Ending, Place, Urgency};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use futures::future::BoxFuture;

/// An answer that is still being made.
pub type Asked<'b, T> = BoxFuture<'b, Outcome<T>>;

/// The use cases that pages call.
pub trait Backend: Send + Sync + 'static {
    /// Who serves these pages.
    fn about(&self) -> Asked<'_, About>;
    /// Searches the directory; needs nobody to be signed in.
    fn search(&self, search: Search) -> Asked<'_, SearchView>;
    /// Checks a staff member's own secret. `None` for an unknown name, a wrong secret and a disabled staff member alike, and
    /// in the same time.
    fn sign_in(&self, name: String, secret: Secret) -> Asked<'_, Option<StaffSession>>;
    /// Whether this staff member may still sign in: who is disabled is out at the next request.
    fn holds(&self, seat: &StaffSession) -> Asked<'_, bool>;
    /// Referral threads that concern this organisation, newest change first.
    fn inbox(&self, seat: &StaffSession) -> Asked<'_, InboxView>;
    /// One thread. Showing it is recorded.
    fn thread(&self, seat: &StaffSession, thread: ThreadId) -> Asked<'_, ThreadView>;
    /// A form to print, with its style at this path. Printing it is recorded.
    fn print(&self, seat: &StaffSession, form: Printed, lang: Option<Lang>, style: String) -> Asked<'_, PrintView>;
    /// Does one act.
    fn act(&self, seat: &StaffSession, thread: ThreadId, act: Doing) -> Asked<'_, ()>;
}

#[derive(Debug, Clone)]
pub struct About {
    pub organisation: String,
    pub coalition: Option<String>,
}

/// In which part this organisation stands in a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// We sent it.
    Outgoing,
    /// It was sent to us.
    Incoming,
}

/// What is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// What to do, such as `Answer the referral`. Holds nothing about the person.
    pub what: String,
    pub when: When,
    pub overdue: bool,
}

/// Since when something waits, or until when it is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    Since(Time),
    By(Time),
}

impl When {
    /// The time itself, to sort by.
    #[must_use]
    pub const fn time(self) -> Time {
        match self {
            Self::Since(time) | Self::By(time) => time,
        }
    }
}

/// A thread in the inbox.
#[derive(Debug, Clone)]
pub struct InboxRow {
    pub thread: ThreadId,
    pub side: Side,
    /// The other organisation.
    pub partner: String,
    /// `None`: the consent does not let us know.
    pub person: Option<Personal<String>>,
    pub place: Place,
    /// The consent lets no answer come back to us.
    pub unanswerable: bool,
    pub urgency: Urgency,
    pub changed: Time,
    pub due: Option<Due>,
}

#[derive(Debug, Clone, Default)]
pub struct InboxView {
    pub rows: Vec<InboxRow>,
    /// Threads there are, where only the newest are given.
    pub total: usize,
}

/// How far what we wrote last has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// Kept here until the other organisation's machine is on line.
    Waiting,
    Delivered,
    /// Nothing may be sent to them any more.
    Stopped,
}

/// One thing that happened in a thread.
#[derive(Debug, Clone)]
pub struct Happening {
    pub at: Time,
    /// Which organisation.
    pub org: String,
    /// Who of its staff.
    pub staff: Personal<String>,
    /// What, in words: `accepted`, `wrote`, ...
    pub what: String,
    /// What was said with it.
    pub text: Option<Personal<String>>,
    /// Why it had no effect; `None`: it had.
    pub without_effect: Option<String>,
    /// Both sides acted without knowing of each other: people should look at both.
    pub crossed: bool,
    /// Kept at our own node only, since the consent has no way back.
    pub local: bool,
}

/// An appointment that holds.
#[derive(Debug, Clone)]
pub struct Visit {
    pub at: Time,
    pub place: Personal<String>,
    pub mode: Mode,
    pub note: Personal<String>,
}

/// The consent, as it concerns this organisation.
#[derive(Debug, Clone)]
pub struct Consent {
    /// What it permits and until when, in plain words, a line each.
    pub scope: Vec<String>,
    /// Revoked or expired: nothing more is sent.
    pub ended: Option<String>,
    /// The notice of 42 CFR 2.32(a), where this organisation was told under consent.
    pub notice: Option<String>,
}

/// Somebody on record here who may be the person of an incoming thread.
#[derive(Debug, Clone)]
pub struct Likely {
    pub person: PersonId,
    pub name: Personal<String>,
    /// Why: `same date of birth`, ...
    pub reasons: Vec<String>,
}

/// What staff may do in a thread now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct May {
    pub accept: bool,
    pub decline: bool,
    pub schedule: bool,
    pub attend: bool,
    pub message: bool,
    pub withdraw: bool,
    pub confirm_withdrawal: bool,
    pub close: bool,
    /// Say who the person of an incoming thread is.
    pub link: bool,
}

/// One thread.
#[derive(Debug, Clone)]
pub struct ThreadView {
    pub thread: ThreadId,
    pub side: Side,
    pub ours: String,
    pub partner: String,
    pub person: Option<Personal<String>>,
    /// Date of birth, telephone and the like, as label and text, where the consent opens `identity`.
    pub identity: Vec<(String, Personal<String>)>,
    pub place: Place,
    pub unanswerable: bool,
    pub urgency: Urgency,
    pub service: Option<String>,
    pub reason: Option<Personal<String>>,
    pub needs: Vec<Personal<String>>,
    pub visit: Option<Visit>,
    pub due: Option<Due>,
    /// Persons on record here, likeliest first, while staff have not said who it is.
    pub likely: Vec<Likely>,
    /// `None` where we wrote nothing that another organisation reads.
    pub delivery: Option<Delivery>,
    pub consent: Option<Consent>,
    /// Oldest first.
    pub history: Vec<Happening>,
    pub may: May,
}

/// One act that a form asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doing {
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
    Attend {
        when: Time,
    },
    Message {
        text: Personal<String>,
    },
    Withdraw {
        reason: Personal<String>,
    },
    ConfirmWithdrawal,
    Close {
        outcome: Ending,
        note: Personal<String>,
    },
    /// `None`: somebody new, from what the referral tells.
    Link {
        person: Option<PersonId>,
    },
}
