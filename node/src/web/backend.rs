//! What pages ask for: the use cases behind the web interface, and nothing lower.
//!
//! A page about a person is made from what came back here and from nothing else, so permission, consent and the record of who
//! looked at what are decided once, for pages and command line alike. What comes back is what the command line gets.

use crate::api::care::{ActRequest, PrintView, Printed, ThreadView, ThreadsView};
use crate::api::views::SearchView;
use crate::api::{Outcome, Secret, request::Search};
use crate::forms::Lang;
use crate::usecases::staff::StaffSession;
use belay_protocol::ids::{PersonId, ThreadId};
use belay_protocol::sensitive::Personal;
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
    fn inbox(&self, seat: &StaffSession) -> Asked<'_, ThreadsView>;
    /// One thread. Showing it is recorded.
    fn thread(&self, seat: &StaffSession, thread: ThreadId) -> Asked<'_, ThreadView>;
    /// A form to print, with its style at this path. Printing it is recorded.
    fn print(&self, seat: &StaffSession, form: Printed, lang: Option<Lang>, style: String) -> Asked<'_, PrintView>;
    /// Does one act.
    fn act(&self, seat: &StaffSession, thread: ThreadId, doing: Doing) -> Asked<'_, ThreadView>;
}

#[derive(Debug, Clone)]
pub struct About {
    pub organisation: String,
    pub coalition: Option<String>,
}

/// What a form asks for.
#[derive(Debug, Clone)]
pub enum Doing {
    Act(ActRequest),
    /// What this person said, who works for a partner that is not on the network.
    Heard(ActRequest, Personal<String>),
    /// Who the person of an incoming thread is. `None`: somebody new, from what the referral tells.
    Link(Option<PersonId>),
}
