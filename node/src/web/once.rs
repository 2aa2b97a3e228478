//! A form that is sent twice is done once: the second sending gets what the first was answered with.
//!
//! No page knows of it. The gate asks [`begin`] when it has read a form of staff; [`keep`], which stands around every page, does the form
//! to its end though the browser hangs up on the first of two clicks, and leaves the answer with the session ([`sent`]).
//! What was refused did nothing and is forgotten at once, as is what does no harm twice ([`repeatable`]).
//!
//! [`sent`]: crate::http::session::sent

use super::App;
use super::pages::problem;
use crate::http::csrf::FormId;
use crate::http::session::Token;
use crate::http::session::sent::{Answer, Doing, Sending};
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use belay_protocol::limits;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

/// Goes with each form's request: who does it, once the gate let it in.
#[derive(Clone, Default)]
pub struct Slot(Arc<Mutex<Option<Turn>>>);

/// A form that is being done.
struct Turn {
    app: App,
    token: Token,
    doing: Doing,
}

impl Slot {
    fn held(&self) -> std::sync::MutexGuard<'_, Option<Turn>> {
        // Nothing panics between two changes of it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Marks an answer by which nothing was done, or nothing that it does harm to do twice.
#[derive(Clone)]
struct Repeatable;

/// The same form may be sent again, and with something else in it: a search, a list, what would be done.
#[must_use]
pub fn repeatable(mut response: Response) -> Response {
    response.extensions_mut().insert(Repeatable);
    response
}

/// Lets a form in that is not done yet. One that is under way is waited for.
///
/// # Errors
/// The answer of the first sending, or why there is none.
pub async fn begin(
    app: &App,
    slot: Option<Slot>,
    token: &Token,
    (form, said): (FormId, [u8; 32]),
) -> Result<(), Response> {
    let Some(slot) = slot else { return Err(problem::failed()) };
    loop {
        match app.sessions.send(token, form, said) {
            None => return Err(problem::signed_out()),
            Some(Sending::First(doing)) => {
                *slot.held() = Some(Turn { app: app.clone(), token: token.clone(), doing });
                return Ok(());
            }
            Some(Sending::Again(mut done)) => {
                let answer = done.wait_for(Option::is_some).await.ok().and_then(|answer| answer.clone());
                if let Some(answer) = answer {
                    return Err(again(app, token, &answer));
                }
                // The first was refused meanwhile: this one is the first now.
            }
            Some(Sending::Changed) => return Err(problem::sent_before()),
            Some(Sending::Forgotten) => return Err(problem::old_form()),
        }
    }
}

/// What the first was answered with.
fn again(app: &App, token: &Token, answer: &Answer) -> Response {
    if let Some(notice) = &answer.notice {
        app.sessions.leave_notice(token, notice.clone());
    }
    let Some(body) = &answer.body else { return problem::done_before() };
    let mut response = Response::new(Body::from(body.to_vec()));
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers.clone();
    response
}

/// Does a form to its end, and leaves its answer with the session. One that the gate did not let in yet ends with its request.
pub async fn keep(mut request: Request, next: Next) -> Response {
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    let slot = Slot::default();
    request.extensions_mut().insert(slot.clone());
    let (mut answer, answered) = oneshot::channel();
    tokio::spawn(async move {
        let mut doing = std::pin::pin!(next.run(request));
        let response = tokio::select! {
            response = doing.as_mut() => response,
            () = answer.closed() => {
                if slot.held().is_none() {
                    return;
                }
                doing.await
            }
        };
        let response = settled(&slot, response).await;
        // A browser that hung up gets it with the second sending.
        let _answered_or_gone = answer.send(response);
    });
    answered.await.unwrap_or_else(|_| problem::failed())
}

async fn settled(slot: &Slot, response: Response) -> Response {
    let Some(turn) = slot.held().take() else { return response };
    let refused = response.status().is_client_error() || response.extensions().get::<Repeatable>().is_some();
    if refused {
        return response;
    }
    let (parts, body) = response.into_parts();
    // It was rendered whole before, so it is no larger than what is in memory already.
    let Ok(bytes) = to_bytes(body, usize::MAX).await else { return problem::failed() };
    let kept = bytes.len() <= limits::FORM_PAGES_BYTES;
    // What a page said stays for the second sending; a sentence for the next page is left there again.
    let notice = turn.app.sessions.notice(&turn.token).filter(|_| parts.status == StatusCode::SEE_OTHER);
    turn.doing.send_replace(Some(Arc::new(Answer {
        status: parts.status,
        headers: parts.headers.clone(),
        body: kept.then(|| Zeroizing::new(bytes.to_vec())),
        notice,
    })));
    Response::from_parts(parts, Body::from(bytes))
}
