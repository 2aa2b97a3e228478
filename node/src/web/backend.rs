//! What pages ask for: the use cases behind the web interface, and nothing lower.
//!
//! A page about a person is made from what came back here and from nothing else, so permission, consent and the record of who
//! looked at what are decided once, for pages and command line alike. What comes back is what the command line gets.

use crate::api::agreements::AgreementView;
use crate::api::care::Care;
use crate::api::views::{OrgRow, SearchView};
use crate::api::{Failure, Outcome, Secret, request::Search};
use crate::usecases::office::Entered;
use crate::usecases::staff::{Rights as Held, StaffSession};
use belay_protocol::ids::OrgId;
use belay_protocol::space::control::PartnerKind;
use futures::future::BoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// An answer that is still being made.
pub type Asked<'b, T> = BoxFuture<'b, Outcome<T>>;

/// The use cases that pages call.
pub trait Backend: Send + Sync + 'static {
    /// Who serves these pages.
    fn about(&self) -> Asked<'_, About>;
    /// Searches the directory; needs nobody to be signed in.
    fn search(&self, search: Search) -> Asked<'_, SearchView>;
    /// Checks a staff member's own secret; the same answer for an unknown name, a wrong secret and a disabled staff member, and in the
    /// same time. `known`: this name has signed in from this browser before.
    fn sign_in(&self, name: String, secret: Secret, known: bool) -> Asked<'_, Entered>;
    /// Whether this staff member may still sign in: who is disabled is out at the next request.
    fn holds(&self, seat: &StaffSession) -> Asked<'_, bool>;
    /// The organisations of the coalition, this one among them; none where it is in no coalition.
    fn organisations(&self) -> Asked<'_, Vec<OrgRow>>;
    /// What was agreed with partners; none where this organisation is in no coalition.
    fn agreements(&self) -> Asked<'_, Vec<AgreementView>>;
    /// What this staff member may do that not all may.
    fn rights(&self, seat: &StaffSession) -> Asked<'_, Held>;
    /// Names of the staff who are privacy officers.
    fn officers(&self) -> Asked<'_, Vec<String>>;
    /// Anything about persons. What is shown or done is recorded by the use case.
    fn ask(&self, seat: &StaffSession, ask: Care) -> Asked<'_, Value>;
}

impl dyn Backend {
    /// The answer as the view that the request says.
    ///
    /// # Errors
    /// As the use case; an answer of another shape is our bug.
    pub async fn view<V: DeserializeOwned>(&self, seat: &StaffSession, ask: Care) -> Outcome<V> {
        read(self.ask(seat, ask).await?)
    }
}

/// An answer as its view.
///
/// # Errors
/// It has another shape: our bug.
pub fn read<V: DeserializeOwned>(value: Value) -> Outcome<V> {
    // What serde says of a value may hold it: the value is about a person, and is left out.
    serde_json::from_value(value)
        .map_err(|_| Failure::failed(format!("an answer was not read as {}", std::any::type_name::<V>())))
}

#[derive(Debug, Clone)]
pub struct About {
    pub id: OrgId,
    pub organisation: String,
    pub kind: PartnerKind,
    pub coalition: Option<String>,
    /// What everybody who signs in is to know.
    pub warning: Option<String>,
}
