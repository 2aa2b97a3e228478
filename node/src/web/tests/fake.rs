//! A backend that knows one staff member and one thread, and remembers what was asked of it.

use crate::api::care::{PrintView, Printed, ThreadView, ThreadsView};
use crate::api::views::SearchView;
use crate::api::{Failure, Outcome, Secret, request::Search};
use crate::forms::{Lang, Sheet, Styled};
use crate::http::Moment;
use crate::usecases::staff::StaffSession;
use crate::web::App;
use crate::web::backend::{About, Asked, Backend, Doing};
use crate::web::pages::{search, thread};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use belay_protocol::ids::{StaffId, ThreadId};
use futures::future::{BoxFuture, FutureExt};
use std::sync::{Arc, Mutex};
use tower::ServiceExt;

pub const NAME: &str = "dora";
pub const SECRET: &str = "correct horse";
pub const THREAD: ThreadId = ThreadId([7; 32]);
pub const OTHER: ThreadId = ThreadId([8; 32]);
pub const HOST: &str = "127.0.0.1:4871";

#[derive(Default)]
pub struct Seen {
    pub acts: Vec<Doing>,
    pub searches: Vec<Search>,
    pub disabled: bool,
    pub refuse: Option<Failure>,
}

#[derive(Clone, Default)]
pub struct Fake(pub Arc<Mutex<Seen>>);

fn ready<'b, T: Send + 'b>(outcome: Outcome<T>) -> BoxFuture<'b, Outcome<T>> {
    futures::future::ready(outcome).boxed()
}

fn hidden<T>() -> Outcome<T> {
    Err(Failure::not_permitted("there is no such thread"))
}

impl Backend for Fake {
    fn about(&self) -> Asked<'_, About> {
        ready(Ok(About { organisation: "Harper County Clinic".to_owned(), coalition: None }))
    }

    fn search(&self, search: Search) -> Asked<'_, SearchView> {
        self.0.lock().unwrap().searches.push(search.clone());
        let name = format!("About <b>{}</b>", search.words);
        let listing = search::sample_listing("service", &name, "Haven & House", &[("url", "javascript:alert(1)")]);
        ready(Ok(SearchView { total: 60, more: false, listings: vec![listing] }))
    }

    fn sign_in(&self, name: String, secret: Secret) -> Asked<'_, Option<StaffSession>> {
        let seat = StaffSession::invented(StaffId([1; 32]), "Dora Whitlock");
        let fits = name == NAME && secret.reveal() == SECRET && !self.0.lock().unwrap().disabled;
        ready(Ok(fits.then_some(seat)))
    }

    fn holds(&self, _seat: &StaffSession) -> Asked<'_, bool> {
        ready(Ok(!self.0.lock().unwrap().disabled))
    }

    fn inbox(&self, _seat: &StaffSession) -> Asked<'_, ThreadsView> {
        ready(Ok(ThreadsView { threads: vec![thread::sample_view().row], inquiries: Vec::new() }))
    }

    fn thread(&self, _seat: &StaffSession, thread: ThreadId) -> Asked<'_, ThreadView> {
        ready(if thread == THREAD { Ok(thread::sample_whole("Known before.")) } else { hidden() })
    }

    fn print(&self, _seat: &StaffSession, form: Printed, lang: Option<Lang>, style: String) -> Asked<'_, PrintView> {
        let Printed::Consent { consent } = form else { return ready(hidden()) };
        if consent != THREAD.to_string() {
            return ready(hidden());
        }
        let lang = lang.unwrap_or_default();
        let mut sheet = Sheet::new(lang, "My OK");
        sheet.said("Maria Lopez");
        let form = sheet.html(Styled::Linked(&style)).as_str().into();
        ready(Ok(PrintView { title: "My OK".to_owned(), lang, form }))
    }

    fn act(&self, _seat: &StaffSession, thread: ThreadId, doing: Doing) -> Asked<'_, ThreadView> {
        let mut seen = self.0.lock().unwrap();
        ready(match (thread == THREAD, seen.refuse.clone()) {
            (false, _) => hidden(),
            (true, Some(failure)) => Err(failure),
            (true, None) => {
                seen.acts.push(doing);
                let mut view = thread::sample_view();
                view.hints = crate::wording::hints("clean");
                Ok(view)
            }
        })
    }
}

/// A whole answer.
pub struct Answer {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn header(&self, name: impl header::AsHeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The cookie that it sets, as it would be sent back.
    pub fn cookie(&self) -> Option<String> {
        self.headers.get(header::SET_COOKIE).map(|v| v.to_str().unwrap().split(';').next().unwrap().to_owned())
    }

    /// The token of its first form.
    pub fn csrf(&self) -> String {
        let rest = self.text.split("name=\"csrf\" value=\"").nth(1).expect("a form with a token");
        rest.split('"').next().unwrap().to_owned()
    }
}

/// The pages over a fake, and one browser.
pub struct Browser {
    pub router: Router,
    pub fake: Fake,
    pub cookie: Option<String>,
}

impl Browser {
    pub fn new() -> Self {
        Self::with_clock(Moment::now)
    }

    pub fn with_clock(clock: fn() -> Moment) -> Self {
        let fake = Fake::default();
        let router = App::with_clock(fake.clone(), 4871, clock).unwrap().router();
        Self { router, fake, cookie: None }
    }

    pub async fn send(&self, mut request: Request<Body>) -> Answer {
        request.headers_mut().entry(header::HOST).or_insert(header::HeaderValue::from_static(HOST));
        if let Some(cookie) = &self.cookie {
            request.headers_mut().insert(header::COOKIE, cookie.parse().unwrap());
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 1 << 20).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub async fn post(&self, path: &str, form: &str) -> Answer {
        let form_type = "application/x-www-form-urlencoded";
        let request = Request::post(path).header(header::CONTENT_TYPE, form_type).body(Body::from(form.to_owned()));
        self.send(request.unwrap()).await
    }

    /// Opens the form, fills it, and keeps the cookie that comes back.
    pub async fn try_sign_in(&mut self, name: &str, secret: &str) -> Answer {
        let form = self.get("/sign-in").await;
        if let Some(cookie) = form.cookie() {
            self.cookie = Some(cookie);
        }
        let answer = self.post("/sign-in", &format!("csrf={}&name={name}&secret={secret}", form.csrf())).await;
        if let Some(cookie) = answer.cookie() {
            self.cookie = Some(cookie);
        }
        answer
    }

    /// Signed in, with the token of its forms.
    pub async fn signed_in() -> (Self, String) {
        Self::new().into_signed_in().await
    }

    pub async fn into_signed_in(mut self) -> (Self, String) {
        let answer = self.try_sign_in(NAME, "correct+horse").await;
        assert_eq!((answer.status, answer.header(header::LOCATION)), (StatusCode::SEE_OTHER, "/inbox"));
        let csrf = self.get("/inbox").await.csrf();
        (self, csrf)
    }
}
