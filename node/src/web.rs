//! The web pages: directory, inbox and thread, the steps that are reached from them, and the way from use case to page.
//!
//! A handler ([`pages`], one file a page) reads the form, asks the [`backend`], fills a typed context and renders it with a
//! template of `node/templates`. Nothing here opens the store, and nothing is shown that a use case did not give.
//!
//! - [`backend`]: what pages ask for
//! - `node`: the same, of a running node; `standing`: where a referral stands, and for whom it waits
//! - [`form`]: forms from tables of fields; [`acts`]: what staff can do in a thread, as one table
//! - [`steps`]: what staff do besides, a page each: persons, consents, sending, emergencies; [`upload`]: files
//! - [`gate`]: which requests come from whom; forms with their token; [`once`]: a form that is sent twice is done once;
//!   [`seat`]: where the pages of a session lie; `known`: browsers in which somebody has signed in
//! - [`pages`]: the handlers and their contexts; [`words`]: how times, states and kinds read

pub mod acts;
pub mod backend;
pub mod form;
pub mod gate;
mod known;
mod node;
pub mod once;
pub mod pages;
mod rights;
pub mod seat;
pub mod steps;
pub mod upload;
pub mod words;

use crate::usecases::worklist::standing;

pub use node::Node;

#[cfg(test)]
mod tests;

use crate::http::csrf::Csrf;
use crate::http::session::Sessions;
use crate::http::{Moment, headers, host};
use crate::usecases::staff::StaffSession;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use backend::Backend;
use belay_protocol::time::Time;
use known::Known;
use std::sync::Arc;

/// Bytes of one form: a message of the greatest length in the widest characters, percent-encoded.
const FORM_BYTES: usize = 128 * 1024;

/// What all handlers share.
#[derive(Clone)]
pub struct App(Arc<Shared>);

/// See [`App`].
pub struct Shared {
    pub backend: Box<dyn Backend>,
    pub sessions: Sessions<StaffSession, pages::step::Looked>,
    pub csrf: Csrf,
    /// Browsers in which somebody has signed in.
    pub known: Known,
    /// Name of the cookie before anybody has signed in. It holds the port, since browsers do not tell ports apart and one machine may run
    /// several nodes.
    pub cookie: String,
    pub clock: fn() -> Moment,
}

impl std::ops::Deref for App {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl App {
    /// The pages over these use cases, to be served at this port.
    ///
    /// # Errors
    /// The operating system gives no randomness.
    pub fn new(backend: impl Backend, port: u16) -> Result<Self, getrandom::Error> {
        Self::with_clock(backend, port, Moment::now)
    }

    /// The same with a clock of one's own.
    ///
    /// # Errors
    /// The operating system gives no randomness.
    pub fn with_clock(backend: impl Backend, port: u16, clock: fn() -> Moment) -> Result<Self, getrandom::Error> {
        Ok(Self(Arc::new(Shared {
            backend: Box::new(backend),
            sessions: Sessions::default(),
            csrf: Csrf::fresh()?,
            known: Known::fresh()?,
            cookie: format!("belay-{port}"),
            clock,
        })))
    }

    /// Name of the cookie of a session.
    fn seat_cookie(&self) -> String {
        format!("{}-seat", self.cookie)
    }

    /// Name of the cookie of a browser in which somebody has signed in.
    fn known_cookie(&self) -> String {
        format!("{}-known", self.cookie)
    }

    /// The time by the wall clock.
    fn now(&self) -> Time {
        let since = (self.clock)().wall.duration_since(std::time::UNIX_EPOCH);
        Time(since.map_or(0, |time| time.as_millis().try_into().unwrap_or(0)))
    }

    /// Every page and form.
    pub fn router(self) -> Router {
        use pages::{agreements, assets, consent, emergency, files, inbox, person, persons, print, problem};
        use pages::{search, sign, sign_in, step, thread};
        let upload = || DefaultBodyLimit::max(gate::UPLOAD_BYTES);
        let pages = Router::new()
            .route("/", get(search::show))
            .route("/sign-in", get(sign_in::show).post(sign_in::enter))
            .route("/sign-out", post(sign_in::leave))
            .route("/inbox", get(inbox::show))
            .route("/threads/{thread}", get(thread::show))
            .route("/threads/{thread}/{act}", get(step::thread).post(thread::act))
            .route("/threads/{thread}/link", post(thread::link))
            .route("/threads/{thread}/letter", post(files::letter))
            .route("/threads/{thread}/cover", post(files::cover))
            .route("/threads/{thread}/attach", post(files::to_thread).layer(upload()))
            .route("/threads/{thread}/files/{file}", get(files::of_thread))
            .route("/do/{step}", get(step::house).post(step::house_done))
            .route("/persons", get(persons::show).post(persons::find))
            .route("/persons/{person}", get(person::show))
            .route("/persons/{person}/{step}", get(step::person).post(step::person_done))
            .route("/persons/{person}/attach", post(files::to_person).layer(upload()))
            .route("/persons/{person}/files/{file}", get(files::of_person))
            .route("/persons/{person}/signatures/{file}", get(files::signature))
            .route("/consents/{consent}", get(consent::show))
            .route("/consents/{consent}/{step}", get(step::consent).post(step::consent_done))
            .route("/consents/{consent}/sign", get(sign::show).post(sign::done).layer(upload()))
            .route("/inquiries/{inquiry}/{step}", get(step::inquiry).post(step::inquiry_done))
            .route("/agreements", get(agreements::show))
            .route("/agreements/{agreement}/forms/{form}", get(agreements::form))
            .route("/agreements/{agreement}/attach", post(agreements::attach).layer(upload()))
            .route("/agreements/{agreement}/{step}", get(step::agreement).post(step::agreement_done))
            .route("/calls/{call}/{step}", get(step::call).post(step::call_done))
            .route("/emergency", get(emergency::show))
            .route("/openings/{opening}/{step}", get(step::opening).post(step::opening_done))
            .route("/holds/{hold}/{step}", get(step::hold).post(step::hold_done))
            .route("/refusal/{paper}", get(emergency::refusal))
            .route("/print/{form}/{id}", get(print::show))
            .route(assets::PRINT.path(), get(assets::print))
            .route(assets::STYLE.path(), get(assets::style))
            .route(assets::DRAW.path(), get(assets::draw))
            .fallback(problem::not_found)
            .method_not_allowed_fallback(problem::not_found)
            .layer(DefaultBodyLimit::max(FORM_BYTES))
            .layer(from_fn(once::keep))
            .layer(from_fn_with_state(self.clone(), problem::in_session))
            .layer(from_fn(host::guard))
            .layer(from_fn(headers::add))
            .with_state(self);
        seat::below(pages)
    }
}
