//! Everybody in the records, by name. What is looked for comes in a form, so that no name stands in an address.

use super::{Frame, Here, page, problem};
use crate::api::Outcome;
use crate::api::care::{Care, PersonRow, PersonsAsk, PersonsView};
use crate::http::csrf::Tokens;
use crate::web::App;
use crate::web::gate::{Acted, Signed};
use crate::web::once;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use belay_protocol::sensitive::Personal;
use serde::Deserialize;

/// Persons that the page shows.
const SHOWN: u32 = 100;

/// What is looked for: parts of the name, of the date of birth, or of what was written down besides.
#[derive(Deserialize)]
pub struct Find {
    #[serde(default)]
    name: Personal<String>,
}

#[derive(Template)]
#[template(path = "persons.html")]
pub struct PersonsPage {
    pub frame: Frame,
    pub csrf: Tokens,
    /// As it was looked for.
    pub name: Personal<String>,
    pub rows: Vec<PersonRow>,
    /// There are more, which are not shown.
    pub more: bool,
}

/// All.
pub async fn show(State(app): State<App>, signed: Signed) -> Response {
    answer(&app, &signed, Personal::default()).await
}

/// Those who fit.
pub async fn find(State(app): State<App>, Acted { signed, form }: Acted<Find>) -> Response {
    answer(&app, &signed, form.name).await
}

async fn answer(app: &App, signed: &Signed, name: Personal<String>) -> Response {
    match build(app, signed, name).await {
        // A search: nothing was done.
        Ok(context) => once::repeatable(page(StatusCode::OK, &context)),
        Err(failure) => problem::of(&failure, None),
    }
}

async fn build(app: &App, signed: &Signed, name: Personal<String>) -> Outcome<PersonsPage> {
    let ask = PersonsAsk { words: name.clone(), limit: Some(SHOWN) };
    let view: PersonsView = app.backend.view(&signed.seat, Care::PersonList(ask)).await?;
    let frame = Frame::signed(app, signed, Here::Persons, "Persons").await?;
    Ok(PersonsPage::new(frame, app.csrf.forms(&signed.token), view, name))
}

impl PersonsPage {
    fn new(frame: Frame, csrf: Tokens, view: PersonsView, name: Personal<String>) -> Self {
        Self { frame, csrf, name, rows: view.persons, more: view.more }
    }
}

#[cfg(test)]
impl super::Sample for PersonsPage {
    fn samples() -> Vec<Self> {
        use super::sample::{HOSTILE, frame, hostile_frame};
        use belay_protocol::ids::PersonId;
        let row = |n: u8, name: &str, born: &str| PersonRow {
            id: PersonId([n; 32]),
            name: name.into(),
            birth_date: born.into(),
            note: if name.is_empty() { "man with the red cap".into() } else { Personal::default() },
            found_by: (n == 1).then(|| name.into()),
        };
        let csrf = Tokens::sample;
        let usual = || {
            vec![
                row(1, "Maria Lopez", "1991-04-02"),
                row(2, "Jordan", ""),
                row(3, "Lee Brandt", "1970"),
                row(4, "", ""),
            ]
        };
        let plain = || frame("Persons", Here::Persons, true);
        let view = |persons, more| PersonsView { persons, more };
        vec![
            Self::new(plain(), csrf(), view(usual(), false), Personal::default()),
            Self::new(plain(), csrf(), view(usual(), false), "lopez 1991".into()),
            Self::new(plain(), csrf(), view(Vec::new(), false), "nobody".into()),
            Self::new(plain(), csrf(), view(Vec::new(), false), Personal::default()),
            Self::new(plain(), csrf(), view(usual(), true), Personal::default()),
            Self::new(hostile_frame(), csrf(), view(vec![row(1, HOSTILE, HOSTILE)], true), HOSTILE.into()),
        ]
    }
}
