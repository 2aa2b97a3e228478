//! Signing in and out.

use super::{Frame, Here, page, problem};
use crate::api::{Outcome, Secret};
use crate::http::csrf::Tokens;
use crate::http::session::Token;
use crate::usecases::office::Entered;
use crate::web::App;
use crate::web::gate::{Acted, Posted, Visitor, clear_seat, set_cookie, set_known, set_seat};
use crate::web::seat::Place;
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use std::time::Duration;

#[derive(Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage {
    pub frame: Frame,
    pub csrf: Tokens,
    /// As typed before.
    pub name: String,
}

#[derive(Deserialize)]
pub struct Fields {
    #[serde(default)]
    name: String,
    #[serde(default)]
    secret: Secret,
}

/// Nothing but the token of the form.
#[derive(Deserialize)]
pub struct Nothing {}

/// The form; for who is signed in already, the inbox.
pub async fn show(State(app): State<App>, visitor: Visitor) -> Response {
    if visitor.seat.is_some() {
        return Redirect::to("/inbox").into_response();
    }
    form(&app, &visitor, String::new(), None).await
}

/// Checks name and secret, and opens a session under a new token.
pub async fn enter(State(app): State<App>, Posted { visitor, form: fields }: Posted<Fields>) -> Response {
    match check(&app, &visitor, &fields).await {
        Ok(Checked::In(token)) => {
            let mut response = Redirect::to(&format!("{}/inbox", Place::of(&token).as_str())).into_response();
            set_seat(&app, &token, &mut response);
            set_known(&app, &fields.name, &mut response);
            response
        }
        Ok(Checked::Wait(left)) => {
            let seconds = left.as_secs().saturating_add(1);
            let trouble = format!("Too many wrong tries for this name. Please wait {seconds} seconds and try again.");
            let mut response = form(&app, &visitor, fields.name, Some((StatusCode::TOO_MANY_REQUESTS, trouble))).await;
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            response
        }
        // One answer for an unknown name and a wrong secret: who has an account here is nobody's business.
        Ok(Checked::Wrong) => {
            let trouble = "This name and this secret do not belong together.".to_owned();
            form(&app, &visitor, fields.name, Some((StatusCode::UNAUTHORIZED, trouble))).await
        }
        Err(failure) => problem::of(&failure, Some(("/sign-in", "Back to signing in"))),
    }
}

/// Ends the session.
pub async fn leave(State(app): State<App>, Acted { signed, form: Nothing {} }: Acted<Nothing>) -> Response {
    app.sessions.close(&signed.token);
    let mut response = Redirect::to("/sign-in").into_response();
    clear_seat(&app, &signed.token, &mut response);
    response
}

async fn check(app: &App, visitor: &Visitor, fields: &Fields) -> Outcome<Checked> {
    if fields.name.len() > 1_000 || fields.secret.reveal().len() > 4_000 {
        return Ok(Checked::Wrong);
    }
    let known = visitor.marks.iter().any(|mark| app.known.is(&fields.name, mark));
    let seat = match app.backend.sign_in(fields.name.trim().to_owned(), fields.secret.clone(), known).await? {
        Entered::In(seat) => seat,
        Entered::Wait(left) => return Ok(Checked::Wait(left)),
        Entered::Wrong(_) => return Ok(Checked::Wrong),
    };
    // Whatever session the browser had before ends here: its token is worth nothing from now on.
    app.sessions.close(&visitor.token);
    let token = app
        .sessions
        .open(seat, (app.clock)())
        .map_err(|error| crate::api::Failure::failed(format!("no randomness for a session: {error}")))?;
    Ok(Checked::In(token))
}

enum Checked {
    In(Token),
    Wait(Duration),
    Wrong,
}

async fn form(app: &App, visitor: &Visitor, name: String, trouble: Option<(StatusCode, String)>) -> Response {
    let mut frame = match Frame::open(app, visitor, Here::SignIn, "Sign in").await {
        Ok(frame) => frame,
        Err(failure) => return problem::of(&failure, None),
    };
    let (status, trouble) = trouble.map_or((StatusCode::OK, None), |(status, text)| (status, Some(text)));
    frame.trouble = trouble;
    let mut response = page(status, &SignInPage { frame, csrf: app.csrf.forms(&visitor.token), name });
    if visitor.fresh {
        set_cookie(app, &visitor.token, &mut response);
    }
    response
}

#[cfg(test)]
impl super::Sample for SignInPage {
    fn samples() -> Vec<Self> {
        use super::sample::{HOSTILE, frame, hostile_frame};
        let csrf = Tokens::sample();
        let mut wrong = frame("Sign in", Here::SignIn, false);
        wrong.trouble = Some("This name and this secret do not belong together.".to_owned());
        vec![
            Self { frame: frame("Sign in", Here::SignIn, false), csrf: csrf.clone(), name: String::new() },
            Self { frame: wrong, csrf: csrf.clone(), name: "dora".to_owned() },
            Self { frame: hostile_frame(), csrf, name: HOSTILE.to_owned() },
        ]
    }
}
