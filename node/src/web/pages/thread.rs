//! One referral thread, and the acts that staff do in it.

mod context;
#[cfg(test)]
mod samples;

pub use context::ThreadPage;

use super::{Frame, Here, page, problem};
use crate::api::{Failure, Outcome};
use crate::web::App;
use crate::web::backend::{Doing, ThreadView};
use crate::web::gate::{Acted, Signed};
use crate::web::words;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use belay_protocol::ids::ThreadId;
use belay_protocol::sensitive::Personal;
use serde::Deserialize;

/// The fields of every form of this page; each form fills its own. All are texts, so that what is wrong is said in words.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Fields {
    note: Personal<String>,
    text: Personal<String>,
    place: Personal<String>,
    reason: Personal<String>,
    at: String,
    when: String,
    mode: String,
    outcome: String,
    person: Personal<String>,
}

/// The page.
pub async fn show(State(app): State<App>, signed: Signed, Path(thread): Path<String>) -> Response {
    let Ok(thread) = thread.parse() else { return problem::missing() };
    match context(&app, &signed, thread).await {
        Ok(context) => page(StatusCode::OK, &context),
        Err(failure) => problem::of(&failure, None),
    }
}

pub async fn accept(State(app): State<App>, Path(thread): Path<String>, acted: Acted<Fields>) -> Response {
    act(&app, &thread, acted, "accept", |fields| Ok(Doing::Accept { note: fields.note.clone() })).await
}

pub async fn decline(State(app): State<App>, Path(thread): Path<String>, acted: Acted<Fields>) -> Response {
    act(&app, &thread, acted, "decline", |fields| {
        let reason = words::chosen(&words::DECLINE, fields.reason.reveal()).ok_or("please choose why you decline")?;
        Ok(Doing::Decline { reason, note: fields.note.clone() })
    })
    .await
}

pub async fn schedule(State(app): State<App>, Path(thread): Path<String>, acted: Acted<Fields>) -> Response {
    act(&app, &thread, acted, "schedule", |fields| {
        let at = words::local_time(&fields.at).ok_or("please give the day and time of the appointment")?;
        let mode = words::chosen(&words::MODES, &fields.mode).ok_or("please choose how the appointment is held")?;
        Ok(Doing::Schedule { at, place: fields.place.clone(), mode, note: fields.note.clone() })
    })
    .await
}

pub async fn attend(State(app): State<App>, Path(thread): Path<String>, acted: Acted<Fields>) -> Response {
    act(&app, &thread, acted, "attend", |fields| {
        let when = words::local_time(&fields.when).ok_or("please give the day and time when the person came")?;
        Ok(Doing::Attend { when })
    })
    .await
}

pub async fn message(State(app): State<App>, Path(thread): Path<String>, acted: Acted<Fields>) -> Response {
    act(&app, &thread, acted, "message", |fields| {
        let text = filled(&fields.text, "the message is empty")?;
        Ok(Doing::Message { text })
    })
    .await
}

pub async fn withdraw(State(app): State<App>, Path(thread): Path<String>, acted: Acted<Fields>) -> Response {
    act(&app, &thread, acted, "withdraw", |fields| {
        let reason = filled(&fields.reason, "please say why the referral is withdrawn")?;
        Ok(Doing::Withdraw { reason })
    })
    .await
}

pub async fn confirm_withdrawal(State(app): State<App>, Path(thread): Path<String>, acted: Acted<Fields>) -> Response {
    act(&app, &thread, acted, "confirm-withdrawal", |_| Ok(Doing::ConfirmWithdrawal)).await
}

pub async fn close(State(app): State<App>, Path(thread): Path<String>, acted: Acted<Fields>) -> Response {
    act(&app, &thread, acted, "close", |fields| {
        let outcome = words::chosen(&words::OUTCOMES, &fields.outcome).ok_or("please choose how it ended")?;
        Ok(Doing::Close { outcome, note: fields.note.clone() })
    })
    .await
}

pub async fn link(State(app): State<App>, Path(thread): Path<String>, acted: Acted<Fields>) -> Response {
    act(&app, &thread, acted, "link", |fields| {
        let person = match fields.person.reveal().as_str() {
            "new" => None,
            id => Some(id.parse().map_err(|_| "please choose who the person is")?),
        };
        Ok(Doing::Link { person })
    })
    .await
}

fn filled(text: &Personal<String>, otherwise: &'static str) -> Result<Personal<String>, &'static str> {
    if text.reveal().trim().is_empty() { Err(otherwise) } else { Ok(text.clone()) }
}

/// Reads the form, does the act, and sends the browser back to the page; what was refused is shown there with what was typed.
async fn act(
    app: &App,
    thread: &str,
    Acted { signed, form }: Acted<Fields>,
    form_name: &'static str,
    read: impl FnOnce(&Fields) -> Result<Doing, &'static str>,
) -> Response {
    let Ok(thread) = thread.parse::<ThreadId>() else { return problem::missing() };
    let done = match read(&form) {
        Ok(doing) => app.backend.act(&signed.seat, thread, doing).await,
        Err(missing) => Err(Failure::misuse(missing)),
    };
    match done {
        Ok(()) => {
            app.sessions.leave_notice(&signed.token, told(form_name));
            Redirect::to(&format!("/threads/{thread}")).into_response()
        }
        Err(failure) => match context(app, &signed, thread).await {
            Ok(mut context) => {
                context.frame.trouble = Some(format!("Nothing was saved. {}", problem::sentence(&failure)));
                context.tried = form_name;
                context.typed = [form.note, form.text, form.reason]
                    .into_iter()
                    .find(|text| !text.reveal().is_empty())
                    .unwrap_or_default();
                page(problem::status(failure.class), &context)
            }
            // The thread itself is not for this person: what was refused says no more than that.
            Err(_) => problem::missing(),
        },
    }
}

/// What the next page says once.
fn told(form_name: &str) -> &'static str {
    match form_name {
        "accept" => "You accepted the referral.",
        "decline" => "You declined the referral.",
        "schedule" => "The appointment is recorded.",
        "attend" => "It is recorded that the person came.",
        "message" => "Your message is on its way.",
        "withdraw" => "You asked to withdraw the referral.",
        "confirm-withdrawal" => "You confirmed the withdrawal.",
        "link" => "It is recorded who the person is.",
        _ => "You closed the referral.",
    }
}

async fn context(app: &App, signed: &Signed, thread: ThreadId) -> Outcome<ThreadPage> {
    let view: ThreadView = app.backend.thread(&signed.seat, thread).await?;
    // No name in the title: it stands in the browser's history.
    let frame = Frame::signed(app, signed, Here::Inbox, "Referral").await?;
    let now = belay_protocol::time::Time(
        (app.clock)().wall.duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_millis().try_into().unwrap_or(0)),
    );
    Ok(ThreadPage::new(frame, view, app.csrf.token(&signed.token), now))
}

#[cfg(test)]
pub(in crate::web) use samples::incoming as sample_view;
