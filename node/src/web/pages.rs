//! The pages: a file each with handler, typed context and samples of it.
//!
//! A context holds what its template shows and nothing more; texts about a person stay [`Personal`] up to the template, which
//! has to say `reveal` for each. [`Sample`] makes contexts for the test that renders every page every way.

pub mod agreements;
pub mod assets;
pub mod consent;
pub mod emergency;
pub mod files;
pub mod inbox;
pub mod person;
pub mod persons;
pub mod print;
pub mod problem;
pub mod search;
pub mod sign;
pub mod sign_in;
pub mod step;
pub mod thread;

use super::App;
use super::gate::{Signed, Visitor};
use super::rights::Rights;
use super::steps::Step;
use crate::api::Outcome;
use crate::http::csrf::Tokens;
use crate::http::session::Token;
use crate::usecases::staff::StaffSession;
use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use belay_protocol::sensitive::Personal;

/// Contexts to look at: ordinary, empty, and as bad as they come.
#[cfg(test)]
pub trait Sample: Template + Sized {
    fn samples() -> Vec<Self>;
}

/// In which part of the pages this one lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Here {
    Directory,
    Inbox,
    Persons,
    Emergency,
    SignIn,
    Elsewhere,
}

impl Here {
    /// Of a step.
    #[must_use]
    pub fn of(step: &Step) -> Self {
        match step.back("").as_str() {
            "/emergency" => Self::Emergency,
            back if back.starts_with("/persons") || back.starts_with("/consents") => Self::Persons,
            _ => Self::Inbox,
        }
    }
}

/// Who is signed in, as the head of a page shows it.
#[derive(Debug, Clone)]
pub struct SignedIn {
    pub name: Personal<String>,
    /// For the form that signs out.
    pub csrf: Tokens,
}

/// What stands around every page.
#[derive(Debug, Clone)]
pub struct Frame {
    pub title: String,
    pub here: Here,
    pub organisation: String,
    pub coalition: Option<String>,
    pub signed: Option<SignedIn>,
    /// What the last form did.
    pub notice: Option<String>,
    /// Why what was asked for was not done.
    pub trouble: Option<String>,
    /// What everybody who signs in is to know.
    pub warning: Option<String>,
    /// What who signed in may do that not all may.
    pub rights: Rights,
}

impl Frame {
    /// For a page that anybody may see.
    ///
    /// # Errors
    /// The node does not answer.
    pub async fn open(app: &App, visitor: &Visitor, here: Here, title: &str) -> Outcome<Self> {
        Self::of(app, &visitor.token, visitor.seat.as_ref(), here, title).await
    }

    /// For a page about persons.
    ///
    /// # Errors
    /// The node does not answer.
    pub async fn signed(app: &App, signed: &Signed, here: Here, title: &str) -> Outcome<Self> {
        Self::of(app, &signed.token, Some(&signed.seat), here, title).await
    }

    async fn of(app: &App, token: &Token, seat: Option<&StaffSession>, here: Here, title: &str) -> Outcome<Self> {
        let about = app.backend.about().await?;
        let rights = match seat {
            Some(seat) => Rights { held: app.backend.rights(seat).await?, officers: app.backend.officers().await? },
            None => Rights::default(),
        };
        Ok(Self {
            title: title.to_owned(),
            here,
            organisation: about.organisation,
            coalition: about.coalition,
            signed: seat.map(|seat| SignedIn { name: seat.name().into(), csrf: app.csrf.forms(token) }),
            notice: seat.and_then(|_| app.sessions.take_notice(token)),
            trouble: None,
            warning: about.warning.filter(|_| seat.is_some()),
            rights,
        })
    }

    #[must_use]
    pub fn is_directory(&self) -> bool {
        self.here == Here::Directory
    }

    #[must_use]
    pub fn is_inbox(&self) -> bool {
        self.here == Here::Inbox
    }

    #[must_use]
    pub fn is_persons(&self) -> bool {
        self.here == Here::Persons
    }

    #[must_use]
    pub fn is_emergency(&self) -> bool {
        self.here == Here::Emergency
    }

    #[must_use]
    pub fn is_sign_in(&self) -> bool {
        self.here == Here::SignIn
    }

    /// Where the style sheet is.
    #[must_use]
    pub fn style(&self) -> &'static str {
        assets::STYLE.path()
    }
}

/// Renders a page.
pub fn page(status: StatusCode, context: &impl Template) -> Response {
    match context.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            problem::failed()
        }
    }
}

#[cfg(test)]
pub mod sample {
    //! Frames and texts for samples.
    use super::{Frame, Here, Rights, SignedIn, Tokens};
    use crate::usecases::staff::Rights as Held;

    /// A text that would be a script if it were not escaped.
    pub const HOSTILE: &str = "</textarea><script>alert(1)</script>\"'><img src=x onerror=alert(1)>\u{202e}&amp;";

    pub fn frame(title: &str, here: Here, signed: bool) -> Frame {
        Frame {
            title: title.to_owned(),
            here,
            organisation: "Harper County Clinic".to_owned(),
            coalition: Some("Ridge Counties Coalition".to_owned()),
            signed: signed.then(|| SignedIn { name: "Dora Whitlock".into(), csrf: Tokens::sample() }),
            notice: None,
            trouble: None,
            warning: None,
            rights: Rights { held: Held { officer: true, binds: true, reads_reports: true }, officers: Vec::new() },
        }
    }

    pub fn hostile_frame() -> Frame {
        let text = HOSTILE.to_owned();
        Frame {
            title: text.clone(),
            here: Here::Elsewhere,
            organisation: text.clone(),
            coalition: Some(text.clone()),
            signed: Some(SignedIn { name: HOSTILE.into(), csrf: Tokens::sample() }),
            notice: Some(text.clone()),
            trouble: Some(text.clone()),
            warning: Some(text.clone()),
            rights: Rights { held: Held::default(), officers: vec![text] },
        }
    }
}
