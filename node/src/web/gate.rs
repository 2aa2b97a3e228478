//! Which requests come from whom.
//!
//! A handler names what it needs in its arguments: [`Visitor`] anybody, [`Signed`] a staff member, [`Posted`] a form with its
//! token from anybody, [`Acted`] one from a staff member, [`Uploaded`] one with a file. A handler that takes none of them can show nothing about a person,
//! since every use case for that asks for a [`StaffSession`].

use super::App;
use super::form::Typed;
use super::pages::problem;
use super::upload::File;
use crate::http::server::Caller;
use crate::http::session::Token;
use crate::usecases::staff::StaffSession;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{Form, FromRequest, FromRequestParts, Multipart, Request};
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use belay_protocol::limits;
use belay_protocol::sensitive::Personal;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

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

/// A form with its token and perhaps a file, from a staff member who is signed in. The token comes before the file, which is not
/// read otherwise.
pub struct Uploaded {
    pub signed: Signed,
    pub form: Typed,
    pub file: Option<File>,
}

/// Bytes of a form with a file: the largest file, and as much besides as any form may have.
pub const UPLOAD_BYTES: usize = limits::ATTACHMENT_BYTES as usize + super::FORM_BYTES;

/// Fields of a form with a file.
const PARTS: usize = 64;

impl FromRequest<App> for Uploaded {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        // Before the body is read at all: nobody sends us files without a session.
        let visitor = Visitor::from_request_parts(&mut parts, app).await?;
        let Some(seat) = visitor.seat else { return Err(problem::signed_out()) };
        let mut body =
            Multipart::from_request(Request::from_parts(parts, body), app).await.map_err(|_| problem::not_a_form())?;
        match body.next_field().await.map_err(|error| broken(&error))? {
            Some(first) if first.name() == Some("csrf") => {
                let token = text(first).await?;
                if !app.csrf.fits(&visitor.token, token.reveal()) {
                    return Err(problem::stale_form());
                }
            }
            Some(_) | None => return Err(problem::stale_form()),
        }
        let (mut form, mut file) = (Typed::default(), None);
        while let Some(field) = body.next_field().await.map_err(|error| broken(&error))? {
            let name = field.name().unwrap_or_default().to_owned();
            if form.0.len() >= PARTS {
                return Err(problem::not_a_form());
            }
            if field.file_name().is_none() {
                form.0.push((name, text(field).await?));
            } else if file.is_none() {
                file = Some(whole(field).await?);
            }
        }
        Ok(Self { signed: Signed { token: visitor.token, seat }, form, file })
    }
}

fn broken(error: &MultipartError) -> Response {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => problem::too_large(),
        _ => problem::not_a_form(),
    }
}

/// A field that is a text, no longer than a form may be.
async fn text(mut field: Field<'_>) -> Result<Personal<String>, Response> {
    let mut bytes = Zeroizing::new(Vec::new());
    while let Some(some) = field.chunk().await.map_err(|error| broken(&error))? {
        if bytes.len() + some.len() > super::FORM_BYTES {
            return Err(problem::too_large());
        }
        bytes.extend_from_slice(&some);
    }
    String::from_utf8(bytes.to_vec()).map(Personal::new).map_err(|_| problem::not_a_form())
}

/// A field that is a file. One that is larger than any may be ends there.
async fn whole(mut field: Field<'_>) -> Result<File, Response> {
    let name = field.file_name().unwrap_or_default().replace(['/', '\\'], "_");
    let mut file = File { name: Personal::new(name), bytes: Zeroizing::new(Vec::new()) };
    while let Some(some) = field.chunk().await.map_err(|error| broken(&error))? {
        if (file.bytes.len() + some.len()) as u64 > limits::ATTACHMENT_BYTES {
            return Err(problem::too_large());
        }
        file.bytes.extend_from_slice(&some);
    }
    Ok(file)
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
