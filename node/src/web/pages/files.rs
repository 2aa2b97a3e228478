//! Files and letters: what goes in with a person or a thread, and what comes out.

use super::{assets, problem};
use crate::api::care::{AttachTo, Care, LetterAsk, LetterView};
use crate::web::App;
use crate::web::form::Typed;
use crate::web::gate::{Acted, Signed, Uploaded};
use crate::web::steps::subject::whole;
use crate::web::upload::{attach, fetch};
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use belay_protocol::referral::Information;
use belay_protocol::referral::attachment::Media;
use belay_protocol::sensitive::Personal;

/// To a person's record; it stays in the house.
pub async fn to_person(
    State(app): State<App>,
    Path(person): Path<String>,
    Uploaded { signed, file, .. }: Uploaded,
) -> Response {
    if !whole(&person) {
        return problem::missing();
    }
    let to = AttachTo::Person { person: person.as_str().into() };
    let back = format!("/persons/{person}");
    put(&app, &signed, (&to, &back), file, Personal::default(), "The file is with the person's records.").await
}

/// To a referral: the other organisation gets it, if the consent allows it.
pub async fn to_thread(
    State(app): State<App>,
    Path(thread): Path<String>,
    Uploaded { signed, form, file }: Uploaded,
) -> Response {
    if !whole(&thread) {
        return problem::missing();
    }
    let information = form.get("information").parse().unwrap_or(Information::Referral);
    let to = AttachTo::Thread { thread: thread.clone(), information };
    let back = format!("/threads/{thread}");
    put(&app, &signed, (&to, &back), file, form.get("text").into(), "The file is on its way.").await
}

async fn put(
    app: &App,
    signed: &Signed,
    (to, back): (&AttachTo, &str),
    file: Option<crate::web::upload::File>,
    text: Personal<String>,
    done: &str,
) -> Response {
    let Some(file) = file.filter(|file| !file.bytes.is_empty()) else {
        let text = "Nothing was attached: please choose a file.";
        return problem::refused(StatusCode::UNPROCESSABLE_ENTITY, text, back);
    };
    match attach(app.backend.as_ref(), &signed.seat, to, file, text).await {
        Ok(_) => {
            app.sessions.leave_notice(&signed.token, done.to_owned());
            Redirect::to(back).into_response()
        }
        Err(failure) => problem::refused(problem::status(failure.class), &problem::sentence(&failure), back),
    }
}

/// A file of a person, to be saved.
pub async fn of_person(
    State(app): State<App>,
    Path((person, file)): Path<(String, String)>,
    signed: Signed,
) -> Response {
    if !whole(&person) || !whole(&file) {
        return problem::missing();
    }
    take(&app, &signed, &file, None, &format!("/persons/{person}")).await
}

/// A file of a thread, to be saved.
pub async fn of_thread(
    State(app): State<App>,
    Path((thread, file)): Path<(String, String)>,
    signed: Signed,
) -> Response {
    if !whole(&thread) || !whole(&file) {
        return problem::missing();
    }
    take(&app, &signed, &file, Some(&thread), &format!("/threads/{thread}")).await
}

/// Always as a download of its own type: what came from elsewhere is never opened as a page of ours. The name of the file says
/// nothing about a person; its own stands on the page.
async fn take(app: &App, signed: &Signed, file: &str, thread: Option<&str>, back: &str) -> Response {
    match fetch(app.backend.as_ref(), &signed.seat, file, thread).await {
        Ok((view, bytes)) => {
            let (kind, end) = match view.media {
                Media::Pdf => ("application/pdf", "pdf"),
                Media::Png => ("image/png", "png"),
                Media::Jpeg => ("image/jpeg", "jpg"),
                Media::Text => ("text/plain; charset=utf-8", "txt"),
                Media::Drawing => ("application/octet-stream", "svg"),
            };
            let name = format!("attachment; filename=\"attachment-{}.{end}\"", file.get(..8).unwrap_or_default());
            let mut response = bytes.to_vec().into_response();
            let headers = response.headers_mut();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            if let Ok(name) = HeaderValue::from_str(&name) {
                headers.insert(CONTENT_DISPOSITION, name);
            }
            response
        }
        Err(failure) => problem::refused(problem::status(failure.class), &problem::sentence(&failure), back),
    }
}

/// The letter of a referral off the network, to be printed. A content that is new is a disclosure, so it is asked for by a form.
pub async fn letter(
    State(app): State<App>,
    Path(thread): Path<String>,
    Acted { signed, form }: Acted<Typed>,
) -> Response {
    if !whole(&thread) {
        return problem::missing();
    }
    let ask = LetterAsk {
        thread: thread.clone(),
        lang: form.get("lang").parse().unwrap_or_default(),
        style: Some(assets::PRINT.path().to_owned()),
        ..LetterAsk::default()
    };
    match app.backend.view::<LetterView>(&signed.seat, Care::ReferralLetter(ask)).await {
        Ok(letter) => Html(letter.html.reveal().clone()).into_response(),
        Err(failure) => {
            let back = format!("/threads/{thread}");
            problem::refused(problem::status(failure.class), &problem::sentence(&failure), &back)
        }
    }
}
