//! The backend of a running node: each page's question to its use case.

use super::backend::{About, Asked, Backend, Doing};
use crate::api::care::{Care, Print, PrintView, Printed, Shape, ThreadView, ThreadsView};
use crate::api::views::SearchView;
use crate::api::{FailureClass, Outcome, Request, Response, Secret, StaffLogin, request::Search};
use crate::control::Handler;
use crate::forms::Lang;
use crate::usecases::office::Office;
use crate::usecases::staff::StaffSession;
use belay_protocol::ids::ThreadId;
use belay_protocol::sensitive::Personal;
use futures::FutureExt;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// The pages' way to the use cases of a running node.
pub struct Node(Arc<Office>);

impl Node {
    #[must_use]
    pub const fn new(office: Arc<Office>) -> Self {
        Self(office)
    }

    fn care<V: DeserializeOwned>(&self, session: &StaffSession, ask: Care) -> Asked<'_, V> {
        let session = session.clone();
        async move { view(self.0.care(session, ask).await) }.boxed()
    }
}

fn view<V: DeserializeOwned>(response: Response) -> Outcome<V> {
    match response {
        Response::Done(value) => serde_json::from_value(value)
            .map_err(|e| crate::api::Failure::failed(format!("an answer of a use case could not be read: {e}"))),
        Response::Failed(failure) => Err(failure),
    }
}

impl Backend for Node {
    fn about(&self) -> Asked<'_, About> {
        async {
            let (organisation, coalition) = self.0.about().await?;
            Ok(About { organisation, coalition })
        }
        .boxed()
    }

    fn search(&self, search: Search) -> Asked<'_, SearchView> {
        async { view(self.0.handle(Request::DirectorySearch(search)).await) }.boxed()
    }

    fn sign_in(&self, name: String, secret: Secret) -> Asked<'_, Option<StaffSession>> {
        async {
            match self.0.sign_in(StaffLogin { name, secret }).await {
                Ok(session) => Ok(Some(session)),
                Err(failure) if failure.class == FailureClass::NotPermitted => Ok(None),
                Err(failure) => Err(failure),
            }
        }
        .boxed()
    }

    fn holds(&self, session: &StaffSession) -> Asked<'_, bool> {
        let session = session.clone();
        async { self.0.holds(session).await }.boxed()
    }

    fn inbox(&self, session: &StaffSession) -> Asked<'_, ThreadsView> {
        self.care(session, Care::ReferralList)
    }

    fn thread(&self, session: &StaffSession, thread: ThreadId) -> Asked<'_, ThreadView> {
        self.care(session, Care::ReferralShow { thread: thread.to_string() })
    }

    fn print(&self, session: &StaffSession, form: Printed, lang: Option<Lang>, style: String) -> Asked<'_, PrintView> {
        self.care(session, Care::Print(Print { form, lang, shape: Shape::Page(style) }))
    }

    fn act(&self, session: &StaffSession, thread: ThreadId, doing: Doing) -> Asked<'_, ThreadView> {
        let thread = thread.to_string();
        let ask = match doing {
            Doing::Act(act) => Care::ReferralAct { thread, act },
            Doing::Heard(act, from) => Care::ReferralHeard { thread, act, from },
            Doing::Link(person) => {
                Care::ReferralLink { thread, person: person.map(|id| Personal::new(id.to_string())) }
            }
        };
        self.care(session, ask)
    }
}
