//! Which requests come from whom.
//!
//! A handler names what it needs in its arguments: [`Visitor`] anybody, [`Signed`] a staff member, [`Posted`] a form with its
//! token from anybody, [`Acted`] one from a staff member, [`Uploaded`] one with a file. A handler that takes none of them can show nothing about a person,
//! since every use case for that asks for a [`StaffSession`].

use super::App;
use super::form::Typed;
use super::once::{self, Slot};
use super::pages::problem;
use super::seat::Place;
use super::upload::File;
use crate::http::csrf::FormId;
use crate::http::server::Caller;
use crate::http::session::Token;
use crate::usecases::staff::StaffSession;
use axum::body::Body;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{Form, FromRequest, FromRequestParts, Multipart, RawForm, Request};
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use belay_protocol::keys::digest::sha256;
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
    /// That somebody has signed in from this browser before.
    pub marks: Vec<String>,
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        if let Some((token, seat)) = signed_in(parts, app).await? {
            return Ok(Self { token, fresh: false, seat: Some(seat), marks: Vec::new() });
        }
        let marks = values(&parts.headers, &app.known_cookie()).take(MARKS).map(str::to_owned).collect();
        // Of several, somebody else set one.
        let mut tokens = cookies(&parts.headers, &app.cookie);
        if let (Some(token), None) = (tokens.next(), tokens.next()) {
            return Ok(Self { token, fresh: false, seat: None, marks });
        }
        let token = Token::fresh().map_err(|_| problem::failed())?;
        Ok(Self { token, fresh: true, seat: None, marks })
    }
}

/// The session of this place, if the browser holds its cookie. Cookies that others set for the whole host are passed over.
pub(super) async fn signed_in(parts: &Parts, app: &App) -> Result<Option<(Token, StaffSession)>, Response> {
    let Some(place) = parts.extensions.get::<Place>() else { return Ok(None) };
    let Some(token) = cookies(&parts.headers, &app.seat_cookie()).find(|token| Place::of(token) == *place) else {
        return Ok(None);
    };
    let Some(seat) = app.sessions.find(&token, (app.clock)()) else { return Ok(None) };
    if !app.backend.holds(&seat).await.map_err(|failure| problem::of(&failure, None))? {
        app.sessions.close(&token);
        return Ok(None);
    }
    if let Some(caller) = parts.extensions.get::<Caller>() {
        caller.is_signed_in();
    }
    Ok(Some((token, seat)))
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
        let (form, _) = read(Request::from_parts(parts, body), app, &visitor.token).await?;
        Ok(Self { visitor, form })
    }
}

/// Reads a form for this cookie: which one it is, and the SHA-256 of what stands in it.
async fn read<T: DeserializeOwned>(
    request: Request,
    app: &App,
    token: &Token,
) -> Result<(T, (FormId, [u8; 32])), Response> {
    let (parts, body) = request.into_parts();
    let kept = Parts::clone(&parts);
    let RawForm(bytes) = RawForm::from_request(Request::from_parts(parts, body), app)
        .await
        .map_err(|rejection| not_read(rejection.status()))?;
    let said = sha256(b"belay form said v1\0", &[&bytes]);
    let Form(guarded) = Form::<Guarded<T>>::from_request(Request::from_parts(kept, Body::from(bytes)), app)
        .await
        .map_err(|rejection| not_read(rejection.status()))?;
    // A session that ended meanwhile is told so, and not that its form is wrong.
    let form = app.csrf.form(token, &guarded.csrf).ok_or_else(problem::stale_form)?;
    Ok((guarded.form, (form, said)))
}

/// A form with its token, from a staff member who is signed in; it is let in once ([`once`]).
pub struct Acted<T> {
    pub signed: Signed,
    pub form: T,
}

impl<T: DeserializeOwned + Send> FromRequest<App> for Acted<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        // Before the body is read at all: nobody sends us forms without a session.
        let visitor = Visitor::from_request_parts(&mut parts, app).await?;
        let Some(seat) = visitor.seat else { return Err(problem::signed_out()) };
        let slot = parts.extensions.get::<Slot>().cloned();
        let (form, sent) = read(Request::from_parts(parts, body), app, &visitor.token).await?;
        once::begin(app, slot, &visitor.token, sent).await?;
        Ok(Self { signed: Signed { token: visitor.token, seat }, form })
    }
}

/// A form with its token and perhaps a file, from a staff member who is signed in; it is let in once ([`once`]). The token comes before
/// the file, which is not read otherwise.
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
        let slot = parts.extensions.get::<Slot>().cloned();
        let mut body =
            Multipart::from_request(Request::from_parts(parts, body), app).await.map_err(|_| problem::not_a_form())?;
        let sent = match body.next_field().await.map_err(|error| unread(&error))? {
            Some(first) if first.name() == Some("csrf") => {
                let token = text(first).await?;
                app.csrf.form(&visitor.token, token.reveal()).ok_or_else(problem::stale_form)?
            }
            Some(_) | None => return Err(problem::stale_form()),
        };
        let (mut form, mut file) = (Typed::default(), None);
        while let Some(field) = body.next_field().await.map_err(|error| unread(&error))? {
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
        once::begin(app, slot, &visitor.token, (sent, said(&form, file.as_ref()))).await?;
        Ok(Self { signed: Signed { token: visitor.token, seat }, form, file })
    }
}

/// SHA-256 of what stands in a form with a file.
fn said(form: &Typed, file: Option<&File>) -> [u8; 32] {
    let mut parts: Vec<&[u8]> =
        form.0.iter().flat_map(|(name, text)| [name.as_bytes(), text.reveal().as_bytes()]).collect();
    parts.extend(file.into_iter().flat_map(|file| [file.name.reveal().as_bytes(), &file.bytes[..]]));
    // With the length of each, so that no part runs into the next.
    let lengths: Vec<u8> = parts.iter().flat_map(|part| (part.len() as u64).to_be_bytes()).collect();
    let whole = std::iter::once(&lengths[..]).chain(parts.iter().copied());
    sha256(b"belay form with file said v1\0", &whole.collect::<Vec<_>>())
}

fn not_read(status: StatusCode) -> Response {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => problem::too_large(),
        _ => problem::not_a_form(),
    }
}

/// Texts have a bound of their own: what is too large as a whole is the file.
fn unread(error: &MultipartError) -> Response {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => problem::file_too_large(),
        status => not_read(status),
    }
}

/// A field that is a text, no longer than a form may be.
async fn text(mut field: Field<'_>) -> Result<Personal<String>, Response> {
    let mut bytes = Zeroizing::new(Vec::new());
    while let Some(some) = field.chunk().await.map_err(|error| unread(&error))? {
        if bytes.len() + some.len() > super::FORM_BYTES {
            return Err(problem::too_large());
        }
        bytes.extend_from_slice(&some);
    }
    String::from_utf8(std::mem::take(&mut *bytes)).map(Personal::new).map_err(|_| problem::not_a_form())
}

/// A field that is a file. One that is larger than any may be ends there.
async fn whole(mut field: Field<'_>) -> Result<File, Response> {
    let name = field.file_name().unwrap_or_default().replace(['/', '\\'], "_");
    let mut file = File { name: Personal::new(name), bytes: Zeroizing::new(Vec::new()) };
    while let Some(some) = field.chunk().await.map_err(|error| unread(&error))? {
        if (file.bytes.len() + some.len()) as u64 > limits::ATTACHMENT_BYTES {
            return Err(problem::file_too_large());
        }
        file.bytes.extend_from_slice(&some);
    }
    Ok(file)
}

/// Sets the cookie of a browser that nobody has signed in with: it binds the forms that anybody may send. Not `Secure`, since loopback
/// has no TLS; gone when the browser is closed.
pub fn set_cookie(app: &App, token: &Token, response: &mut Response) {
    set(&app.cookie, token, "/", response);
}

/// Sets the cookie of a session, which goes to its place and to nothing else on this machine.
pub fn set_seat(app: &App, token: &Token, response: &mut Response) {
    set(&app.seat_cookie(), token, Place::of(token).as_str(), response);
}

fn set(name: &str, token: &Token, path: &str, response: &mut Response) {
    let cookie = format!("{name}={}; Path={path}; HttpOnly; SameSite=Strict", token.as_str());
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, value);
    }
}

/// Marks the browser as one in which this name has signed in.
pub fn set_known(app: &App, name: &str, response: &mut Response) {
    let mark = app.known.mark(name);
    let cookie = format!("{}={mark}; Path=/sign-in; Max-Age={KNOWN}; HttpOnly; SameSite=Strict", app.known_cookie());
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, value);
    }
}

/// Seconds for which a browser is known at most; a restart of the node ends it as well.
const KNOWN: u32 = 90 * 24 * 60 * 60;
/// Marks that are looked at: a browser has one.
const MARKS: usize = 4;

/// Takes the cookie of a session from the browser again, with what it may have kept of the pages.
pub fn clear_seat(app: &App, token: &Token, response: &mut Response) {
    let gone =
        format!("{}=; Path={}; Max-Age=0; HttpOnly; SameSite=Strict", app.seat_cookie(), Place::of(token).as_str());
    if let Ok(value) = HeaderValue::from_str(&gone) {
        response.headers_mut().append(SET_COOKIE, value);
    }
    response.headers_mut().insert(CLEAR, HeaderValue::from_static("\"cache\", \"storage\""));
}

const CLEAR: HeaderName = HeaderName::from_static("clear-site-data");

/// The tokens in the cookies of this name.
fn cookies(headers: &HeaderMap, name: &str) -> impl Iterator<Item = Token> {
    values(headers, name).filter_map(Token::parse)
}

/// What the cookies of this name hold.
fn values<'h>(headers: &'h HeaderMap, name: &str) -> impl Iterator<Item = &'h str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(move |(key, _)| *key == name)
        .map(|(_, value)| value)
}
