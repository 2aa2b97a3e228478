//! What is shown where a page can not be: always what is wrong, and where to go on.

use super::{Frame, Here, assets, page};
use crate::api::{Failure, FailureClass};
use crate::web::rights::Rights;
use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

#[derive(Template)]
#[template(path = "problem.html")]
pub struct ProblemPage {
    pub frame: Frame,
    pub text: String,
    pub href: String,
    pub label: &'static str,
}

const INBOX: (&str, &str) = ("/inbox", "To the referrals");
const DIRECTORY: (&str, &str) = ("/", "To the directory");
const SIGN_IN: (&str, &str) = ("/sign-in", "Sign in");

fn show(
    status: StatusCode,
    title: &str,
    text: impl Into<String>,
    (href, label): (&'static str, &'static str),
) -> Response {
    page(status, &ProblemPage { frame: plain(title), text: text.into(), href: href.to_owned(), label })
}

/// A frame that asks nobody for anything: it also stands where the node does not answer.
fn plain(title: &str) -> Frame {
    Frame {
        title: title.to_owned(),
        here: Here::Elsewhere,
        organisation: "Belay".to_owned(),
        coalition: None,
        signed: None,
        notice: None,
        trouble: None,
        warning: None,
        rights: Rights::default(),
    }
}

/// No such page. Also for a thread that is not there or not ours, so that ids can not be tried out.
pub async fn not_found() -> Response {
    missing()
}

/// See [`not_found`].
#[must_use]
pub fn missing() -> Response {
    show(StatusCode::NOT_FOUND, "Not here", "There is no such page, or it is not for you.", DIRECTORY)
}

/// A form from somebody whose session has ended.
#[must_use]
pub fn signed_out() -> Response {
    let text = "You are signed out, perhaps because nothing happened for a while. Nothing was saved: please sign in and do \
                it once more.";
    show(StatusCode::UNAUTHORIZED, "You are signed out", text, SIGN_IN)
}

/// A form whose token is wrong: from another session, another start of the node, or another site.
#[must_use]
pub fn stale_form() -> Response {
    let text =
        "This form is from an earlier sign-in. Nothing was saved: please open the page again and do it once more.";
    show(StatusCode::FORBIDDEN, "This form is out of date", text, SIGN_IN)
}

/// A body that is not one of our forms.
#[must_use]
pub fn not_a_form() -> Response {
    show(StatusCode::BAD_REQUEST, "Not understood", "The form did not arrive whole. Nothing was saved.", INBOX)
}

/// What was refused where there is no form to show it on: what is wrong, and the way back.
#[must_use]
pub fn refused(status: StatusCode, text: &str, back: &str) -> Response {
    let page_of =
        ProblemPage { frame: plain("This was not done"), text: text.to_owned(), href: back.to_owned(), label: "Back" };
    page(status, &page_of)
}

/// A body past the bound.
#[must_use]
pub fn too_large() -> Response {
    show(
        StatusCode::PAYLOAD_TOO_LARGE,
        "Too long",
        "The text is too long. Nothing was saved: please shorten it.",
        INBOX,
    )
}

/// Our own fault; works without rendering anything.
#[must_use]
pub fn failed() -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Belay</title>\
         <link rel=\"stylesheet\" href=\"{}\"><main><h1>This did not work</h1>\
         <p>The node failed to answer. Please try again; if it stays so, ask for <code>belay doctor</code>.</p></main></html>",
        assets::STYLE.path()
    );
    (StatusCode::INTERNAL_SERVER_ERROR, Html(html)).into_response()
}

/// A use case that failed where there is no page to show it on.
#[must_use]
pub fn of(failure: &Failure, back: Option<(&'static str, &'static str)>) -> Response {
    let (status, title) = match failure.class {
        // One answer for what is not there and what is not for this person.
        FailureClass::Misuse | FailureClass::NotPermitted if back.is_none() => return missing(),
        class => (status(class), "This was not done"),
    };
    show(status, title, sentence(failure), back.unwrap_or(DIRECTORY))
}

/// The status of a refusal.
#[must_use]
pub const fn status(class: FailureClass) -> StatusCode {
    match class {
        FailureClass::Misuse => StatusCode::UNPROCESSABLE_ENTITY,
        FailureClass::NotPermitted => StatusCode::FORBIDDEN,
        FailureClass::Peer => StatusCode::BAD_GATEWAY,
        FailureClass::Failed => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// A failure as a sentence of a page: first letter large, full stop at its end.
#[must_use]
pub fn sentence(failure: &Failure) -> String {
    let mut letters = failure.message.trim_end_matches('.').chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

#[cfg(test)]
impl super::Sample for ProblemPage {
    fn samples() -> Vec<Self> {
        let hostile = super::sample::HOSTILE;
        let of = |frame, text: &str| Self {
            frame,
            text: text.to_owned(),
            href: "/inbox".to_owned(),
            label: "To the referrals",
        };
        vec![of(plain("Not here"), "There is no such page."), of(super::sample::hostile_frame(), hostile)]
    }
}
