//! Which requests come from whom.
//!
//! A handler names what it needs in its arguments: [`Visitor`] anybody, [`Signed`] a staff member, [`Posted`] a form with its
//! token from anybody, [`Acted`] one from a staff member. A handler that takes none of them can show nothing about a person,
//! since every use case for that asks for a [`StaffSession`].

use super::App;
use super::pages::problem;
use crate::http::server::Caller;
use crate::http::session::Token;
use crate::usecases::staff::StaffSession;
use axum::extract::{Form, FromRequest, FromRequestParts, Request};
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Whoever asks, signed in or not.
pub struct Visitor {
    /// What the browser's cookie holds; a fresh one where it holds nothing of ours.
    pub token: Token,
    /// The token is fresh: the answer must set it, if it shows a form.
    pub fresh: bool,
    pub seat: Option<StaffSession>,
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let Some(token) = cookie(&parts.headers, &app.cookie) else {
            let token = Token::fresh().map_err(|_| problem::failed())?;
            return Ok(Self { token, fresh: true, seat: None });
        };
        let mut seat = app.sessions.find(&token, (app.clock)());
        if let Some(found) = &seat
            && !app.backend.holds(found).await.map_err(|failure| problem::of(&failure, None))?
        {
            app.sessions.close(&token);
            seat = None;
        }
        if let (Some(_), Some(caller)) = (&seat, parts.extensions.get::<Caller>()) {
            caller.is_signed_in();
        }
        Ok(Self { token, fresh: false, seat })
    }
}

/// A staff member who is signed in.
pub struct Signed {
    pub token: Token,
    pub seat: StaffSession,
}

impl FromRequestParts<App> for Signed {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let visitor = Visitor::from_request_parts(parts, app).await?;
        visitor
            .seat
            .map(|seat| Self { token: visitor.token, seat })
            .ok_or_else(|| Redirect::to("/sign-in").into_response())
    }
}

/// A form with its token, from anybody.
pub struct Posted<T> {
    pub visitor: Visitor,
    pub form: T,
}

/// Forms hold texts only, so that a wrong number or choice is refused by the handler in words.
#[derive(Deserialize)]
struct Guarded<T> {
    #[serde(default)]
    csrf: String,
    #[serde(flatten)]
    form: T,
}

impl<T: DeserializeOwned> FromRequest<App> for Posted<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, app).await?;
        let Form(guarded) =
            Form::<Guarded<T>>::from_request(Request::from_parts(parts, body), app).await.map_err(|rejection| {
                match rejection.status() {
                    StatusCode::PAYLOAD_TOO_LARGE => problem::too_large(),
                    _ => problem::not_a_form(),
                }
            })?;
        // A session that ended meanwhile is told so, and not that its form is wrong.
        if !app.csrf.fits(&visitor.token, &guarded.csrf) {
            return Err(problem::stale_form());
        }
        Ok(Self { visitor, form: guarded.form })
    }
}

/// A form with its token, from a staff member who is signed in.
pub struct Acted<T> {
    pub signed: Signed,
    pub form: T,
}

impl<T: DeserializeOwned> FromRequest<App> for Acted<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        // Before the body is read at all: nobody sends us forms without a session.
        let visitor = Visitor::from_request_parts(&mut parts, app).await?;
        let Some(seat) = visitor.seat else { return Err(problem::signed_out()) };
        let posted = Posted::from_request(Request::from_parts(parts, body), app).await?;
        Ok(Self { signed: Signed { token: visitor.token, seat }, form: posted.form })
    }
}

/// Sets the browser's cookie. Not `Secure`, since loopback has no TLS; gone when the browser is closed.
pub fn set_cookie(app: &App, token: &Token, response: &mut Response) {
    if let Ok(value) =
        HeaderValue::from_str(&format!("{}={}; Path=/; HttpOnly; SameSite=Strict", app.cookie, token.as_str()))
    {
        response.headers_mut().append(SET_COOKIE, value);
    }
}

/// The token in the cookie of this name, where there is exactly one: two mean that somebody else set one.
fn cookie(headers: &HeaderMap, name: &str) -> Option<Token> {
    let mut found = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(key, _)| *key == name);
    match (found.next(), found.next()) {
        (Some((_, value)), None) => Token::parse(value),
        _ => None,
    }
}
