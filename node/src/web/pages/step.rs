//! A step: one form on a page of its own, and what it would do before it is done.

use super::{Frame, Here, page, problem};
use crate::api::care::StaysView;
use crate::api::{Failure, Outcome};
use crate::http::csrf::Tokens;
use crate::web::App;
use crate::web::form::{ANOTHER, Fact, Field, Ground, Kind, Typed, Wrong, object};
use crate::web::gate::{Acted, Signed};
use crate::web::once;
use crate::web::rights::{For, Rights};
use crate::web::steps::subject::Subject;
use crate::web::steps::{self, After, Look, On, Part, Shown, Step, TO};
use crate::web::words;
use crate::wording::Hint;
use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use belay_protocol::sensitive::Personal;
use serde_json::Value;

/// Name of the field that says how far the form has come.
const SURE: &str = "sure-of-it";

/// The step that sends a referral under a consent.
const SEND: &str = "send";

#[derive(Template)]
#[template(path = "step.html")]
pub struct StepPage {
    pub frame: Frame,
    pub csrf: Tokens,
    /// Where the form goes, and the page from which this one is reached.
    pub href: String,
    pub back: String,
    pub lead: &'static str,
    pub button: &'static str,
    pub grave: bool,
    pub about: Option<Personal<String>>,
    /// What has to be read before the form is filled in.
    pub read: Vec<Part>,
    pub body: Body,
}

/// What stands on the page.
pub enum Body {
    /// Whom it is for, each with the address of its form.
    Choose(Vec<(String, Personal<String>)>),
    /// The form.
    Form(Vec<Fact>),
    /// What it would do, and all that was typed.
    Look { shown: Shown, typed: Vec<(String, Personal<String>)> },
    /// What came of it.
    Result(Vec<Part>),
}

impl StepPage {
    /// A list stands in the form that has room for one more row.
    fn grows(&self) -> bool {
        matches!(&self.body, Body::Form(facts) if facts.iter().any(Fact::grows))
    }
}

/// A form that is looked at before it is done: the page that shows it is the answer to no form, so that who goes back and forth in the
/// browser finds both as they were.
#[derive(Clone)]
pub struct Looked {
    href: String,
    typed: Typed,
    shown: Shown,
}

/// The page that shows what a form would do, behind the address of the form.
const LOOK: &str = "look";

/// The form, with what is known or was typed before somebody went back to it; or what it would do.
async fn show(app: &App, signed: &Signed, on: On, slug: &str, id: &str, query: Option<&str>) -> Response {
    let Some(step) = Step::named(on, slug) else { return problem::missing() };
    match not_theirs(app, signed, step).await {
        Ok(None) => {}
        Ok(Some(line)) => return problem::refused(StatusCode::FORBIDDEN, &line, &step.back(id)),
        Err(failure) => return problem::of(&failure, None),
    }
    let kept = app.sessions.kept(&signed.token).filter(|kept| kept.href == step.href(id));
    let asked = query.and_then(|query| query.strip_prefix(TO));
    // Who goes back to the form finds it as it was; who chooses another has typed nothing for that one.
    let kept = kept.filter(|kept| asked.is_none_or(|to| kept.typed.get("to") == to));
    let to = asked.or(kept.as_ref().map(|kept| kept.typed.get("to")));
    match Subject::load(app.backend.as_ref(), &signed.seat, step, (id, to)).await {
        Ok(subject) => {
            let choose = chosen_first(step, &subject);
            let body = match kept {
                Some(Looked { shown, typed, .. }) if query == Some(LOOK) => Body::Look { shown, typed: typed.0 },
                _ if !choose.is_empty() => Body::Choose(choose),
                Some(kept) => Body::Form(draw(app, step, &subject, Some((&kept.typed, &[])))),
                None => Body::Form(draw(app, step, &subject, None)),
            };
            answer(app, signed, StatusCode::OK, (step, &subject), body, None).await
        }
        Err(failure) => problem::of(&failure, None),
    }
}

/// To whom it may go, where that decides what the form asks for and was not chosen yet.
fn chosen_first(step: &Step, subject: &Subject) -> Vec<(String, Personal<String>)> {
    if step.on == On::Consent && step.slug == SEND { steps::whom(subject, &step.href(&subject.id)) } else { Vec::new() }
}

/// Who can, where a step is not for who signed in.
async fn not_theirs(app: &App, signed: &Signed, step: &Step) -> Outcome<Option<String>> {
    if For::of(step) == For::Staff {
        return Ok(None);
    }
    let held = app.backend.rights(&signed.seat).await?;
    let rights = Rights { held, officers: app.backend.officers().await? };
    Ok(rights.line(For::of(step), step.title))
}

/// The form as it was posted: refused, looked at, or done.
pub async fn post(app: &App, signed: Signed, on: On, slug: &str, id: &str, typed: &Typed) -> Response {
    let Some(step) = Step::named(on, slug) else { return problem::missing() };
    let to = Some(typed.get("to"));
    let subject = match Subject::load(app.backend.as_ref(), &signed.seat, step, (id, to)).await {
        Ok(subject) => subject,
        Err(failure) => return problem::of(&failure, None),
    };
    let at = (step, &subject);
    let choose = chosen_first(step, &subject);
    if !choose.is_empty() {
        return answer(app, &signed, StatusCode::OK, at, Body::Choose(choose), None).await;
    }
    // One more row of a list: nothing is read yet.
    if !typed.get(ANOTHER).is_empty() {
        let facts = draw(app, step, &subject, Some((typed, &[])));
        return answer(app, &signed, StatusCode::OK, at, Body::Form(facts), None).await;
    }
    let fields = match object(step.fields, typed) {
        Ok(fields) => fields,
        Err(wrong) => return refused(app, &signed, at, typed, &wrong, &marked()).await,
    };
    let sure = typed.get(SURE);
    if sure == "change" {
        let facts = draw(app, step, &subject, Some((typed, &[])));
        return answer(app, &signed, StatusCode::OK, at, Body::Form(facts), None).await;
    }
    if let Some(look) = step.look.as_ref().filter(|_| sure != "yes") {
        match looked(app, &signed, look, &subject, &fields).await {
            Ok(Ok(shown)) if shown.is_empty() => {}
            Ok(Ok(shown)) => {
                let typed = Typed(typed.0.iter().filter(|(name, _)| name != SURE).cloned().collect());
                let href = step.href(&subject.id);
                let to = format!("{href}?{LOOK}");
                app.sessions.keep(&signed.token, Some(Looked { href, typed, shown }));
                return once::repeatable(Redirect::to(&to).into_response());
            }
            Ok(Err(wrong)) => return refused(app, &signed, at, typed, &wrong, &marked()).await,
            Err(failure) => return refused(app, &signed, at, typed, &[], &failure).await,
        }
    }
    let ask = match (step.ask)(&subject, &fields) {
        Ok(ask) => ask,
        Err(wrong) => return refused(app, &signed, at, typed, &wrong, &marked()).await,
    };
    let done = app.backend.ask(&signed.seat, ask).await;
    if done.is_ok() {
        app.sessions.keep(&signed.token, None);
    }
    match done {
        Ok(view) => match step.after {
            After::Go(to) | After::Said(to, _) => {
                let said = if let After::Said(_, said) = step.after { said(&subject, &fields) } else { None };
                let hints = view
                    .get("hints")
                    .and_then(|hints| serde_json::from_value::<Vec<Hint>>(hints.clone()).ok())
                    .unwrap_or_default();
                let mut told = words::hinted(said.as_deref().unwrap_or(step.done), &hints);
                // The page of a referral says it itself.
                let kept = view.get("left_out").filter(|_| step.on != On::Thread);
                let kept = kept.and_then(|kept| serde_json::from_value::<Vec<_>>(kept.clone()).ok());
                let kept: Vec<StaysView> = kept.unwrap_or_default();
                for line in steps::stays(&kept).iter().map(|line| line.reveal().as_str()) {
                    told = format!("{told} {line}");
                }
                for line in kept.iter().filter_map(|one| one.aloud.as_deref()) {
                    told = format!("{told} {line}");
                }
                app.sessions.leave_notice(&signed.token, told);
                Redirect::to(&to(&subject, &view)).into_response()
            }
            After::Show(show) => answer(app, &signed, StatusCode::OK, at, Body::Result(show(&view).parts), None).await,
            After::List(show) => {
                once::repeatable(answer(app, &signed, StatusCode::OK, at, Body::Result(show(&view).parts), None).await)
            }
        },
        Err(failure) => refused(app, &signed, at, typed, &[], &failure).await,
    }
}

fn marked() -> Failure {
    Failure::misuse("please look at the marked fields")
}

async fn looked(
    app: &App,
    signed: &Signed,
    look: &Look,
    subject: &Subject,
    fields: &crate::web::steps::Fields,
) -> Outcome<Result<Shown, Vec<Wrong>>> {
    match (look.ask)(subject, fields) {
        Ok(ask) => Ok(Ok((look.show)(&app.backend.ask(&signed.seat, ask).await?))),
        Err(wrong) => Ok(Err(wrong)),
    }
}

fn draw(app: &App, step: &Step, subject: &Subject, tried: Option<(&Typed, &[Wrong])>) -> Vec<Fact> {
    let ground = Ground {
        slug: step.slug,
        now: app.now(),
        visit: None,
        known: &subject.known,
        lists: &subject.lists,
        first: subject.first,
        tried,
    };
    ground.fields(step.fields)
}

/// Whether what the page showed when it was filled in is not what it would show now.
fn changed(step: &Step, subject: &Subject, typed: &Typed) -> bool {
    let known = |field: &Field| subject.known.get(field.path).and_then(Value::as_str).unwrap_or_default();
    step.fields.iter().any(|field| matches!(field.kind, Kind::Fixed) && typed.get(field.path) != known(field))
}

/// All that was typed; without the ticks, where what they attest to is not what it was.
fn reread(step: &Step, subject: &Subject, typed: &Typed) -> Typed {
    if !changed(step, subject, typed) {
        return typed.clone();
    }
    let tick = |name: &str| step.fields.iter().any(|field| field.path == name && matches!(field.kind, Kind::Tick));
    Typed(typed.0.iter().filter(|(name, _)| !tick(name)).cloned().collect())
}

/// The form again, with all that was typed and what is wrong.
async fn refused(
    app: &App,
    signed: &Signed,
    (step, subject): (&Step, &Subject),
    typed: &Typed,
    wrong: &[Wrong],
    failure: &Failure,
) -> Response {
    let mut subject = subject.clone();
    if changed(step, &subject, typed) {
        subject.read.append(&mut subject.stands);
    }
    let subject = &subject;
    let typed = &reread(step, subject, typed);
    let facts = draw(app, step, subject, Some((typed, wrong)));
    let trouble = format!("Nothing was saved. {}", problem::sentence(failure));
    answer(app, signed, problem::status(failure.class), (step, subject), Body::Form(facts), Some(trouble)).await
}

async fn answer(
    app: &App,
    signed: &Signed,
    status: StatusCode,
    (step, subject): (&Step, &Subject),
    body: Body,
    trouble: Option<String>,
) -> Response {
    // No name in the title: it stands in the browser's history.
    let mut frame = match Frame::signed(app, signed, Here::of(step), step.title).await {
        Ok(frame) => frame,
        Err(failure) => return problem::of(&failure, None),
    };
    frame.trouble = trouble;
    let done = matches!(body, Body::Result(_));
    let response = page(status, &StepPage::new(frame, app.csrf.forms(&signed.token), step, subject, body));
    // The form, or what would be done: nothing was.
    if done { response } else { once::repeatable(response) }
}

impl StepPage {
    fn new(frame: Frame, csrf: Tokens, step: &Step, subject: &Subject, body: Body) -> Self {
        let button = match (&body, &step.look) {
            (Body::Look { .. }, Some(look)) => look.button,
            _ => step.button,
        };
        let body = match body {
            Body::Look { shown, typed } => {
                let refused = shown.refused.as_deref().map(words::without_commands);
                Body::Look { shown: Shown { refused, ..shown }, typed }
            }
            form => form,
        };
        Self {
            frame,
            csrf,
            href: step.href(&subject.id),
            back: subject.back.clone(),
            lead: step.lead,
            button,
            grave: step.grave,
            about: subject.about.clone(),
            read: if matches!(body, Body::Form(_)) { subject.read.clone() } else { Vec::new() },
            body,
        }
    }
}

/// Steps of the house: `GET /do/{step}`.
pub async fn house(
    State(app): State<App>,
    signed: Signed,
    Path(step): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    show(&app, &signed, On::House, &step, "", query.as_deref()).await
}

/// `POST /do/{step}`.
pub async fn house_done(
    State(app): State<App>,
    Path(step): Path<String>,
    Acted { signed, form }: Acted<Typed>,
) -> Response {
    post(&app, signed, On::House, &step, "", &form).await
}

/// A pair of handlers for the steps about one kind of thing.
macro_rules! about {
    ($($on:ident $show:ident $done:ident),+) => { $(
        #[doc = concat!("The form of a step about this: ", stringify!($on))]
        pub async fn $show(
            State(app): State<App>,
            signed: Signed,
            Path((id, step)): Path<(String, String)>,
            RawQuery(query): RawQuery,
        ) -> Response {
            show(&app, &signed, On::$on, &step, &id, query.as_deref()).await
        }

        #[doc = concat!("The form as it was posted: ", stringify!($on))]
        pub async fn $done(
            State(app): State<App>,
            Path((id, step)): Path<(String, String)>,
            Acted { signed, form }: Acted<Typed>,
        ) -> Response {
            post(&app, signed, On::$on, &step, &id, &form).await
        }
    )+ };
}

about!(Person person person_done, Consent consent consent_done, Inquiry inquiry inquiry_done, Opening opening opening_done,
    Hold hold hold_done, Agreement agreement agreement_done, Call call call_done);

/// The form of a step about a thread; its acts stand on its own page.
pub async fn thread(
    State(app): State<App>,
    signed: Signed,
    Path((id, step)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    show(&app, &signed, On::Thread, &step, &id, query.as_deref()).await
}

#[cfg(test)]
impl super::Sample for StepPage {
    fn samples() -> Vec<Self> {
        use super::sample::{HOSTILE, frame, hostile_frame};
        use crate::web::form::{Lists, Source};
        use belay_protocol::time::Time;
        let text = || Personal::from(HOSTILE);
        let sources = [
            Source::Organisations,
            Source::Members,
            Source::Parties,
            Source::Options,
            Source::Inquiries,
            Source::Files,
            Source::Calls,
            Source::Chosen,
            Source::Gone,
            Source::Alike,
            Source::Joined,
            Source::Plans,
            Source::LeftOut,
            Source::Partners,
            Source::Barriers,
            Source::Statements,
            Source::Kinds,
            Source::Purposes,
        ];
        let lists = |words: &str| {
            let list = || vec![("a1".repeat(32), words.into()), ("b2".repeat(32), "Haven House Shelter".into())];
            Lists(sources.iter().map(|source| (*source, list())).collect())
        };
        let mut pages = Vec::new();
        for step in Step::all() {
            let id = if step.on == On::House { String::new() } else { "07".repeat(32) };
            let subject = |words: &str| Subject {
                about: Some(words.into()),
                read: vec![Part { heading: words.into(), lines: vec![words.into()], list: true, ..Part::default() }],
                lists: lists(words),
                known: serde_json::json!({ "to": "a1".repeat(32), "discloser": words }),
                stands: Vec::new(),
                back: "/inbox".to_owned(),
                id: id.clone(),
                person: None,
                first: None,
            };
            let draw = |subject: &Subject, tried| {
                let (known, lists) = (&subject.known, &subject.lists);
                let ground = Ground {
                    slug: step.slug,
                    now: Time(1_800_000_000_000),
                    visit: None,
                    known,
                    lists,
                    first: None,
                    tried,
                };
                ground.fields(step.fields)
            };
            let usual = subject("Maria Lopez");
            let csrf = Tokens::sample;
            let body = Body::Form(draw(&usual, None));
            pages.push(Self::new(frame(step.title, Here::of(step), true), csrf(), step, &usual, body));
            // Refused, with hostile words in every field.
            let names = step.fields.iter().flat_map(|field| {
                [field.path.to_owned(), format!("{}.1.org", field.path), format!("{}.0.asked", field.path)]
            });
            let typed = Typed(names.map(|name| (name, text())).collect());
            let wrong: Vec<Wrong> = step.fields.iter().map(|f| (f.path.to_owned(), HOSTILE.to_owned())).collect();
            let hostile = subject(HOSTILE);
            let body = Body::Form(draw(&hostile, Some((&typed, &wrong))));
            pages.push(Self::new(hostile_frame(), csrf(), step, &hostile, body));
            let shown = || Shown { refused: Some(HOSTILE.to_owned()), ..Shown::default() };
            let shown = || shown().says(HOSTILE, vec![text()]).lists(HOSTILE, vec![text(), text()]);
            let body = Body::Look { shown: shown(), typed: vec![(HOSTILE.to_owned(), text())] };
            pages.push(Self::new(hostile_frame(), csrf(), step, &hostile, body));
            pages.push(Self::new(hostile_frame(), csrf(), step, &hostile, Body::Result(shown().parts)));
            let choose = Body::Choose(vec![(format!("{}?{TO}{}", step.href(&id), "a1".repeat(32)), text())]);
            pages.push(Self::new(hostile_frame(), csrf(), step, &hostile, choose));
        }
        pages
    }
}
