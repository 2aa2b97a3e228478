//! One referral thread, and the acts that staff do in it.

mod context;
mod follow;
mod history;
#[cfg(test)]
mod samples;

pub use context::ThreadPage;
pub(in crate::web) use follow::{Line, plan, taken};

use super::{Frame, Here, page, problem, step};
use crate::api::care::{AttachmentsOf, AttachmentsView, Care, LinkAsk, Named, ThreadView};
use crate::api::{Failure, Outcome};
use crate::web::App;
use crate::web::acts::{self, Row};
use crate::web::form::{ANOTHER, Typed, Wrong};
use crate::web::gate::{Acted, Signed};
use crate::web::once;
use crate::web::steps::On;
use crate::web::words;
use crate::wording;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use belay_protocol::ids::{PersonId, ThreadId};
use belay_protocol::sensitive::Personal;

/// The page.
pub async fn show(State(app): State<App>, signed: Signed, Path(thread): Path<String>) -> Response {
    let Ok(thread) = thread.parse() else { return problem::missing() };
    match context(&app, &signed, thread, None).await {
        Ok(context) => page(StatusCode::OK, &context),
        Err(failure) => problem::of(&failure, None),
    }
}

/// A form of the table: reads it, does the act, and sends the browser back to the page.
pub async fn act(
    State(app): State<App>,
    Path((thread, slug)): Path<(String, String)>,
    Acted { signed, form }: Acted<Typed>,
) -> Response {
    let Ok(id) = thread.parse() else { return problem::missing() };
    // What is no act is a step with a page of its own.
    let Some(row) = Row::named(&slug) else { return step::post(&app, signed, On::Thread, &slug, &thread, &form).await };
    let thread: ThreadId = id;
    if !form.get(ANOTHER).is_empty() {
        let tried = acts::Tried { slug: &slug, typed: &form, wrong: &[], why: "", hinted: false };
        return once::repeatable(again(&app, &signed, thread, &tried).await);
    }
    // Its forms alone ask who there said it.
    let off = form.0.iter().any(|(name, _)| name == acts::HEARD);
    let read = acts::read(row, &form).and_then(|act| match acts::unsaid(row, &form, off) {
        wrong if wrong.is_empty() => Ok(act),
        wrong => Err(wrong),
    });
    match read {
        Ok(act) => {
            let hints = wording::of(&act);
            // Never a block: seen once, it goes as it is.
            if !hints.is_empty() && form.get(acts::AS_IT_IS).is_empty() {
                let why = words::before(&hints);
                let tried = acts::Tried { slug: &slug, typed: &form, wrong: &[], why: &why, hinted: true };
                return once::repeatable(again(&app, &signed, thread, &tried).await);
            }
            // Whatever hangs on where it stands is looked at anew where that is not as it was.
            if row.hangs_on_where_it_stands() && !form.get(acts::STOOD).is_empty() {
                match stands_elsewhere(&app, &signed, thread, form.get(acts::STOOD)).await {
                    Ok(None) => {}
                    Ok(Some(why)) => {
                        return anew(&app, &signed, thread, &why, &Refused { slug: &slug, form: &form, wrong: &[] })
                            .await;
                    }
                    Err(failure) => return problem::of(&failure, None),
                }
            }
            let heard = form.get(acts::HEARD).trim();
            let of = thread.to_string();
            let ask = match heard {
                "" => Care::ReferralAct { thread: of, act },
                heard => Care::ReferralHeard { thread: of, act, from: heard.into() },
            };
            done(&app, signed, thread, ask, (&slug, row.voice(off).done), &form).await
        }
        Err(wrong) => {
            refused(
                &app,
                &signed,
                thread,
                &Failure::misuse("please look at the marked fields"),
                &Refused { slug: &slug, form: &form, wrong: &wrong },
            )
            .await
        }
    }
}

/// What was done in it since a form was drawn, where that led it elsewhere.
async fn stands_elsewhere(
    app: &App,
    signed: &Signed,
    thread: ThreadId,
    drawn: &str,
) -> Outcome<Option<Personal<String>>> {
    let ask = Care::ReferralShow { thread: thread.to_string() };
    let view: ThreadView = app.backend.view(&signed.seat, ask).await?;
    Ok(acts::meanwhile(&view, drawn))
}

/// The page as it is by now, with all that was typed and what came in between.
async fn anew(app: &App, signed: &Signed, thread: ThreadId, why: &Personal<String>, what: &Refused<'_>) -> Response {
    let why = why.reveal();
    // From here on it goes by what is shown now.
    let typed = Typed(what.form.0.iter().filter(|(name, _)| name != acts::STOOD).cloned().collect());
    let tried = acts::Tried { slug: what.slug, typed: &typed, wrong: what.wrong, why, hinted: false };
    match context(app, signed, thread, Some(&tried)).await {
        Ok(mut context) => {
            context.frame.trouble = Some(why.clone());
            once::repeatable(page(StatusCode::CONFLICT, &context))
        }
        Err(failure) => problem::of(&failure, None),
    }
}

/// The page once more with a form that nothing was done with yet.
async fn again(app: &App, signed: &Signed, thread: ThreadId, tried: &acts::Tried<'_>) -> Response {
    match context(app, signed, thread, Some(tried)).await {
        Ok(context) => page(StatusCode::OK, &context),
        Err(failure) => problem::of(&failure, None),
    }
}

/// Staff say who the person of an incoming thread is.
pub async fn link(
    State(app): State<App>,
    Path(thread): Path<String>,
    Acted { signed, form }: Acted<Typed>,
) -> Response {
    let Ok(thread) = thread.parse::<ThreadId>() else { return problem::missing() };
    let named = form.get("named").trim();
    let who = match form.get("person") {
        "new" => Some(Named::New),
        "nobody" => Some(Named::Nobody),
        "named" if named.is_empty() => None,
        "named" => Some(Named::Person(named.into())),
        id => id.parse().ok().map(|id: PersonId| Named::Person(Personal::new(id.to_string()))),
    };
    match who {
        Some(who) => {
            let told = if who == Named::Nobody {
                "It is recorded that nobody knows yet who the person is."
            } else {
                "It is recorded who the person is."
            };
            let another = form.get("another") == "yes";
            let same = form.get("same") == "yes";
            let ask = LinkAsk { thread: thread.to_string(), who, another, same, why: form.get("why").into() };
            done(&app, signed, thread, Care::ReferralLink(ask), ("link", told), &form).await
        }
        None => {
            let failure = Failure::misuse("please choose who the person is");
            refused(&app, &signed, thread, &failure, &Refused { slug: "link", form: &form, wrong: &[] }).await
        }
    }
}

/// A form that was not done.
struct Refused<'f> {
    slug: &'f str,
    form: &'f Typed,
    wrong: &'f [Wrong],
}

async fn done(
    app: &App,
    signed: Signed,
    thread: ThreadId,
    ask: Care,
    (slug, told): (&str, &str),
    form: &Typed,
) -> Response {
    match app.backend.view::<ThreadView>(&signed.seat, ask).await {
        Ok(_) => {
            app.sessions.leave_notice(&signed.token, told);
            Redirect::to(&format!("/threads/{thread}")).into_response()
        }
        Err(failure) => refused(app, &signed, thread, &failure, &Refused { slug, form, wrong: &[] }).await,
    }
}

/// The page again, with all that was typed and what is wrong.
async fn refused(app: &App, signed: &Signed, thread: ThreadId, failure: &Failure, what: &Refused<'_>) -> Response {
    let why = format!("Nothing was saved. {}", problem::sentence(failure));
    let tried = acts::Tried { slug: what.slug, typed: what.form, wrong: what.wrong, why: &why, hinted: false };
    match context(app, signed, thread, Some(&tried)).await {
        Ok(mut context) => {
            context.frame.trouble = Some(why.clone());
            page(problem::status(failure.class), &context)
        }
        // The thread itself is not for this person: what was refused says no more than that.
        Err(_) => problem::missing(),
    }
}

/// The page again, with what was typed with a file that was not attached.
pub async fn not_attached(app: &App, signed: &Signed, thread: &str, failure: &Failure, form: &Typed) -> Response {
    let Ok(thread) = thread.parse() else { return problem::missing() };
    match context(app, signed, thread, None).await {
        Ok(mut context) => {
            context.frame.trouble = Some(format!("Nothing was attached. {}", problem::sentence(failure)));
            context.attaching = Some((form.get("information").to_owned(), form.get("text").into()));
            page(problem::status(failure.class), &context)
        }
        // The thread itself is not for this person: what was refused says no more than that.
        Err(_) => problem::missing(),
    }
}

async fn context(app: &App, signed: &Signed, thread: ThreadId, tried: Option<&acts::Tried<'_>>) -> Outcome<ThreadPage> {
    let view: ThreadView = app.backend.view(&signed.seat, Care::ReferralShow { thread: thread.to_string() }).await?;
    let of = AttachmentsOf { person: None, thread: Some(thread.to_string()) };
    let files: AttachmentsView = app.backend.view(&signed.seat, Care::Attachments(of)).await?;
    // No name in the title: it stands in the browser's history.
    let frame = Frame::signed(app, signed, Here::Inbox, "Referral").await?;
    let staff: Personal<String> = signed.seat.name().into();
    let (csrf, now) = (app.csrf.forms(&signed.token), app.now());
    let forms = acts::draw(&view, &acts::Sight { staff: &staff, csrf: &csrf, now }, tried);
    // What somebody typed is not gone with its form.
    let drawn = |slug: &str| forms.iter().any(|form| form.slug == slug);
    let lost = tried.filter(|tried| !drawn(tried.slug)).and_then(|tried| Some((Row::named(tried.slug)?, tried.typed)));
    let lost = lost.map(|(row, typed)| acts::typed_words(row, typed)).unwrap_or_default();
    let mut page = ThreadPage::new(frame, view, &files.attachments, forms, csrf);
    page.lost = lost;
    if let Some((link, tried)) = page.link.as_mut().zip(tried.filter(|tried| tried.slug == "link")) {
        link.refused(tried.typed);
    }
    Ok(page)
}

#[cfg(test)]
pub(in crate::web) use samples::{incoming as sample_view, whole as sample_whole};
