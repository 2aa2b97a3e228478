//! The backend of a running node: each page's question to its use case.

use super::backend::{About, Asked, Backend, read};
use crate::api::agreements::{AgreementView, AgreementsView};
use crate::api::care::Care;
use crate::api::views::{OrgRow, OrgsView, SearchView, UsersView};
use crate::api::{Outcome, Request, Response, Secret, StaffLogin, request::Search};
use crate::control::Handler;
use crate::usecases::office::{Entered, Office};
use crate::usecases::staff::throttle::Way;
use crate::usecases::staff::{Rights, StaffSession, names_privacy_officer};
use futures::FutureExt;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::Arc;

/// The pages' way to the use cases of a running node.
pub struct Node(Arc<Office>);

impl Node {
    #[must_use]
    pub const fn new(office: Arc<Office>) -> Self {
        Self(office)
    }
}

fn answer(response: Response) -> Outcome<Value> {
    match response {
        Response::Done(value) => Ok(value),
        Response::Failed(failure) => Err(failure),
    }
}

fn view<V: DeserializeOwned>(response: Response) -> Outcome<V> {
    read(answer(response)?)
}

impl Backend for Node {
    fn about(&self) -> Asked<'_, About> {
        async {
            let about = self.0.about().await?;
            let (id, organisation, kind) = (about.id, about.name, about.kind);
            Ok(About { id, organisation, kind, coalition: about.coalition, warning: about.warning })
        }
        .boxed()
    }

    fn search(&self, search: Search) -> Asked<'_, SearchView> {
        async { view(self.0.handle(Request::DirectorySearch(search)).await) }.boxed()
    }

    fn sign_in(&self, name: String, secret: Secret, known: bool) -> Asked<'_, Entered> {
        let way = if known { Way::KnownBrowser } else { Way::Browser };
        self.0.enter(StaffLogin { name, secret }, way).boxed()
    }

    fn holds(&self, session: &StaffSession) -> Asked<'_, bool> {
        let session = session.clone();
        async { self.0.holds(session).await }.boxed()
    }

    fn organisations(&self) -> Asked<'_, Vec<OrgRow>> {
        async {
            if self.0.about().await?.coalition.is_none() {
                return Ok(Vec::new());
            }
            let all: OrgsView = view(self.0.handle(Request::OrgList).await)?;
            Ok(all.organisations)
        }
        .boxed()
    }

    fn agreements(&self) -> Asked<'_, Vec<AgreementView>> {
        async {
            if self.0.about().await?.coalition.is_none() {
                return Ok(Vec::new());
            }
            let all: AgreementsView = view(self.0.handle(Request::AgreementList).await)?;
            let mut views = Vec::new();
            for row in all.agreements {
                let agreement = row.id.to_string();
                views.push(view(self.0.handle(Request::AgreementShow { agreement }).await)?);
            }
            Ok(views)
        }
        .boxed()
    }

    fn rights(&self, session: &StaffSession) -> Asked<'_, Rights> {
        let session = session.clone();
        async move { self.0.rights(session).await }.boxed()
    }

    fn officers(&self) -> Asked<'_, Vec<String>> {
        async {
            let all: UsersView = view(self.0.handle(Request::UserList).await)?;
            let officers = all.users.into_iter().filter(|user| user.enabled && names_privacy_officer(&user.role));
            Ok(officers.map(|user| user.called().to_owned()).collect())
        }
        .boxed()
    }

    fn ask(&self, session: &StaffSession, ask: Care) -> Asked<'_, Value> {
        let session = session.clone();
        async move { answer(self.0.care(session, ask).await) }.boxed()
    }
}
