//! Files and letters: what goes in with a person or a thread, and what comes out.

use super::{assets, problem, thread};
use crate::api::care::{AttachTo, AttachmentView, Care, CoverAsk, CoverView, LetterAsk, LetterView, ThreadView};
use crate::api::{Failure, Outcome};
use crate::web::App;
use crate::web::form::Typed;
use crate::web::gate::{Acted, Signed, Uploaded};
use crate::web::once;
use crate::web::steps::subject::whole;
use crate::web::upload::{self, File, attach, fetch};
use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
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
    match put(&app, &signed, &to, file, Personal::default()).await {
        Ok(_) => {
            app.sessions.leave_notice(&signed.token, "The file is with the person's records.".to_owned());
            Redirect::to(&back).into_response()
        }
        Err(failure) => problem::refused(problem::status(failure.class), &problem::sentence(&failure), &back),
    }
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
    match put(&app, &signed, &to, file, form.get("text").into()).await {
        Ok(file) => {
            let told = goes(&app, &signed, &thread, &file).await;
            app.sessions.leave_notice(&signed.token, told);
            Redirect::to(&format!("/threads/{thread}")).into_response()
        }
        Err(failure) => thread::not_attached(&app, &signed, &thread, &failure, &form).await,
    }
}

async fn put(
    app: &App,
    signed: &Signed,
    to: &AttachTo,
    file: Option<File>,
    text: Personal<String>,
) -> Outcome<AttachmentView> {
    attach(app.backend.as_ref(), &signed.seat, to, chosen(file)?, text).await
}

/// The file that was chosen. Browsers send one without a name where none was.
///
/// # Errors
/// None was chosen, or nothing is in it.
pub(super) fn chosen(file: Option<File>) -> Outcome<File> {
    match file.filter(|file| !file.name.reveal().is_empty() || !file.bytes.is_empty()) {
        None => Err(Failure::misuse("please choose a file")),
        Some(file) if file.bytes.is_empty() => {
            Err(Failure::misuse("this file is empty: there is nothing in it; please look at it, or choose another"))
        }
        Some(file) => Ok(file),
    }
}

/// Where it goes, as far as that is known before anybody writes down more.
async fn goes(app: &App, signed: &Signed, thread: &str, file: &AttachmentView) -> String {
    if file.went.is_some() {
        return "The file is chosen. It goes to them by your hand: write down here how it went, and it is on record as told.".to_owned();
    }
    match app.backend.view::<ThreadView>(&signed.seat, Care::ReferralShow { thread: thread.to_owned() }).await {
        Ok(view) if !view.members.is_empty() => {
            "The file goes to those of the team who read that kind, and is on record as told.".to_owned()
        }
        Ok(view) => format!("The file goes to {}, and is on record as told.", view.row.other_name),
        Err(_) => "The file is attached.".to_owned(),
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
            download(Some(view.media), &format!("attachment-{}", file.get(..8).unwrap_or_default()), bytes.to_vec())
        }
        Err(failure) => problem::refused(problem::status(failure.class), &problem::sentence(&failure), back),
    }
}

/// The picture that a form was signed with, for the page that shows that form. It is what its bytes say, and is opened as nothing else.
pub async fn signature(
    State(app): State<App>,
    Path((person, file)): Path<(String, String)>,
    signed: Signed,
) -> Response {
    if !whole(&person) || !whole(&file) {
        return problem::missing();
    }
    let (view, bytes) = match upload::signature(app.backend.as_ref(), &signed.seat, &person, &file).await {
        Ok(picture) => picture,
        Err(failure) => return problem::of(&failure, None),
    };
    let kind = match Media::sniff(&bytes) {
        Some(Media::Png) if view.media == Media::Png => "image/png",
        Some(Media::Jpeg) if view.media == Media::Jpeg => "image/jpeg",
        _ => return problem::missing(),
    };
    ([(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, "inline")], bytes.to_vec()).into_response()
}

/// Bytes to be saved under a name of ours. What is of no known type is opened by nothing.
pub(super) fn download(media: Option<Media>, name: &str, bytes: Vec<u8>) -> Response {
    let (kind, end) = match media {
        Some(Media::Pdf) => ("application/pdf", "pdf"),
        Some(Media::Png) => ("image/png", "png"),
        Some(Media::Jpeg) => ("image/jpeg", "jpg"),
        Some(Media::Text) => ("text/plain; charset=utf-8", "txt"),
        Some(Media::Drawing) => ("application/octet-stream", "svg"),
        None => ("application/octet-stream", "bin"),
    };
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"{name}.{end}\"")) {
        headers.insert(CONTENT_DISPOSITION, name);
    }
    response
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
    let letter = app.backend.view::<LetterView>(&signed.seat, Care::ReferralLetter(ask)).await;
    sheet(&thread, letter.map(|letter| letter.html))
}

/// The sheet that goes before a file for a partner off the network. It says nothing of the person.
pub async fn cover(
    State(app): State<App>,
    Path(thread): Path<String>,
    Acted { signed, form }: Acted<Typed>,
) -> Response {
    if !whole(&thread) {
        return problem::missing();
    }
    let ask = CoverAsk {
        thread: thread.clone(),
        file: form.get("file").to_owned(),
        lang: form.get("lang").parse().unwrap_or_default(),
        style: Some(assets::PRINT.path().to_owned()),
        ..CoverAsk::default()
    };
    let cover = app.backend.view::<CoverView>(&signed.seat, Care::FileCover(ask)).await;
    sheet(&thread, cover.map(|cover| cover.html))
}

/// A sheet of a thread to be printed, or why there is none, with the way back.
fn sheet(thread: &str, html: Outcome<Personal<String>>) -> Response {
    match html {
        // A letter that was written before is no second disclosure.
        Ok(html) => once::repeatable(Html(html.reveal().clone()).into_response()),
        Err(failure) => {
            let back = format!("/threads/{thread}");
            problem::refused(problem::status(failure.class), &problem::sentence(&failure), &back)
        }
    }
}
