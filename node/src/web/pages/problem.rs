//! What is shown where a page can not be: always what is wrong, and where to go on.

use super::{Frame, Here, assets, page};
use crate::api::{Failure, FailureClass};
use crate::web::App;
use crate::web::gate::{self, Signed};
use crate::web::rights::Rights;
use crate::web::words;
use askama::Template;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use belay_protocol::limits;

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
    told(status, Told { title: title.to_owned(), text: text.into(), href: href.to_owned(), label })
}

/// What such a page says. It goes with the answer, so that who is signed in gets it with the head of a session.
#[derive(Clone)]
struct Told {
    title: String,
    text: String,
    href: String,
    label: &'static str,
}

fn told(status: StatusCode, told: Told) -> Response {
    let mut response = page(status, &ProblemPage::new(plain(&told.title), told.clone()));
    response.extensions_mut().insert(told);
    response
}

/// What is said to who may be anybody, whatever session the browser holds: it gets no head of one.
fn to_nobody(status: StatusCode, title: &str, text: &str) -> Response {
    let (href, label) = (SIGN_IN.0.to_owned(), SIGN_IN.1);
    let said = Told { title: title.to_owned(), text: text.to_owned(), href, label };
    page(status, &ProblemPage::new(plain(title), said))
}

/// Gives a page that says what is wrong the head and the links of the session, if there is one: who looks for a referral that is not
/// there is not signed out by that.
pub async fn in_session(State(app): State<App>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let asked = parts.clone();
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let Some(mut said) = response.extensions_mut().remove::<Told>() else { return response };
    let Ok(Some((token, seat))) = gate::signed_in(&asked, &app).await else { return response };
    let Ok(frame) = Frame::signed(&app, &Signed { token, seat }, Here::Elsewhere, &said.title).await else {
        return response;
    };
    if said.href == DIRECTORY.0 {
        (said.href, said.label) = (INBOX.0.to_owned(), INBOX.1);
    }
    page(response.status(), &ProblemPage::new(frame, said))
}

impl ProblemPage {
    fn new(frame: Frame, Told { text, href, label, .. }: Told) -> Self {
        Self { frame, text, href, label }
    }
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
    to_nobody(StatusCode::UNAUTHORIZED, "You are signed out", text)
}

/// A form whose token is wrong: from another session, another start of the node, or another site.
#[must_use]
pub fn stale_form() -> Response {
    let text =
        "This form is from an earlier sign-in. Nothing was saved: please open the page again and do it once more.";
    to_nobody(StatusCode::FORBIDDEN, "This form is out of date", text)
}

/// A form that was sent before with something else in it.
#[must_use]
pub fn sent_before() -> Response {
    let text = "This form was sent before, with something else in it. That was done, and what it says now was not: please open the page \
                again, look at what is there, and do it once more if it is still to be done.";
    show(StatusCode::CONFLICT, "This form was sent before", text, INBOX)
}

/// A form that was sent and done before, whose answer was too long to be kept.
#[must_use]
pub fn done_before() -> Response {
    let text = "This was done when the form was sent for the first time, and not a second time. The page that it was answered with is not \
                kept: please open the page again to see what is there.";
    show(StatusCode::OK, "This is done", text, INBOX)
}

/// A form from before so many others that it is not known any more whether it was sent.
#[must_use]
pub fn old_form() -> Response {
    let text = "This form was opened long ago, and many others were sent since. Nothing was saved: please open the page again, look at \
                what is there, and do it once more.";
    show(StatusCode::CONFLICT, "This form is out of date", text, INBOX)
}

/// A body that is not one of our forms.
#[must_use]
pub fn not_a_form() -> Response {
    show(StatusCode::BAD_REQUEST, "Not understood", "The form did not arrive whole. Nothing was saved.", INBOX)
}

/// What was refused where there is no form to show it on: what is wrong, and the way back.
#[must_use]
pub fn refused(status: StatusCode, text: &str, back: &str) -> Response {
    let title = "This was not done".to_owned();
    told(status, Told { title, text: text.to_owned(), href: back.to_owned(), label: "Back" })
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

/// A file past the bound.
#[must_use]
pub fn file_too_large() -> Response {
    let text = format!(
        "The file is larger than {} MB, and no file may be. Nothing was saved: please choose a smaller one, such as a scan in fewer colours, or \
         its pages in more than one file.",
        limits::ATTACHMENT_BYTES / 1_000_000
    );
    show(StatusCode::PAYLOAD_TOO_LARGE, "The file is too large", text, INBOX)
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

/// A failure as sentences of a page: what is wrong, and what to do next, where that is nothing for a terminal.
#[must_use]
pub fn sentence(failure: &Failure) -> String {
    let wrong = finished(&words::without_commands(&failure.message));
    match failure.next.as_deref().filter(|next| !words::is_command(next)) {
        Some(next) => format!("{wrong} {}", finished(next)),
        None => wrong,
    }
}

/// First letter large, full stop at the end.
fn finished(text: &str) -> String {
    let mut letters = text.trim_end_matches('.').chars();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_on_a_page_names_no_command_and_says_what_to_do_next_in_words() {
        let why = "not permitted: counselling notes stand alone (42 CFR 2.31(b)). Draft a consent of its own (`belay consent draft --class x`)";
        assert_eq!(
            sentence(&Failure::misuse(why).next("belay consent draft")),
            "Not permitted: counselling notes stand alone (42 CFR 2.31(b)). Draft a consent of its own."
        );
        let next = Failure::misuse("nobody can be told so").next("telephone them: they may still write");
        assert_eq!(sentence(&next), "Nobody can be told so. Telephone them: they may still write.");
        let next = Failure::misuse("somebody else signed").next("the command again with --named-so");
        assert_eq!(sentence(&next), "Somebody else signed.");
        // What is in parentheses and no command stays.
        assert_eq!(sentence(&Failure::misuse("as it says (`letter.pdf`) there")), "As it says (`letter.pdf`) there.");
    }
}
