//! Everybody in the records, by name. What is looked for comes in a form, so that no name stands in an address.

use super::{Frame, Here, page, problem};
use crate::api::Outcome;
use crate::api::care::{Care, PersonRow, PersonsView};
use crate::web::App;
use crate::web::gate::{Acted, Signed};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use belay_protocol::sensitive::Personal;
use serde::Deserialize;

/// Persons that the page shows.
const SHOWN: usize = 100;

/// What is looked for: a part of the name, or of the date of birth.
#[derive(Deserialize)]
pub struct Find {
    #[serde(default)]
    name: Personal<String>,
}

#[derive(Template)]
#[template(path = "persons.html")]
pub struct PersonsPage {
    pub frame: Frame,
    pub csrf: String,
    /// As it was looked for.
    pub name: Personal<String>,
    pub rows: Vec<PersonRow>,
    /// How many there are that are not shown.
    pub left: usize,
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
        Ok(context) => page(StatusCode::OK, &context),
        Err(failure) => problem::of(&failure, None),
    }
}

async fn build(app: &App, signed: &Signed, name: Personal<String>) -> Outcome<PersonsPage> {
    let view: PersonsView = app.backend.view(&signed.seat, Care::PersonList).await?;
    let frame = Frame::signed(app, signed, Here::Persons, "Persons").await?;
    Ok(PersonsPage::new(frame, app.csrf.token(&signed.token), view.persons, name))
}

impl PersonsPage {
    fn new(frame: Frame, csrf: String, all: Vec<PersonRow>, name: Personal<String>) -> Self {
        let wanted: Vec<String> = name.reveal().split_whitespace().map(str::to_lowercase).collect();
        let fits = |row: &PersonRow| {
            let (name, born) = (row.name.reveal().to_lowercase(), row.birth_date.reveal());
            wanted.iter().all(|word| name.contains(word.as_str()) || born.starts_with(word.as_str()))
        };
        let mut rows: Vec<PersonRow> = all.into_iter().filter(fits).collect();
        let left = rows.len().saturating_sub(SHOWN);
        rows.truncate(SHOWN);
        Self { frame, csrf, name, rows, left }
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
        };
        let csrf = || "c3".repeat(32);
        let usual = || vec![row(1, "Maria Lopez", "1991-04-02"), row(2, "Jordan", ""), row(3, "Lee Brandt", "1970")];
        let plain = || frame("Persons", Here::Persons, true);
        let many = (0..=u8::MAX).map(|n| row(n, "Sam Rowe", "1980")).collect();
        let found = Self::new(plain(), csrf(), usual(), "lopez 1991".into());
        assert_eq!(found.rows.len(), 1, "by name and by year of birth");
        vec![
            Self::new(plain(), csrf(), usual(), Personal::default()),
            found,
            Self::new(plain(), csrf(), usual(), "nobody".into()),
            Self::new(plain(), csrf(), Vec::new(), Personal::default()),
            Self::new(plain(), csrf(), many, Personal::default()),
            Self::new(hostile_frame(), HOSTILE.to_owned(), vec![row(1, HOSTILE, HOSTILE)], HOSTILE.into()),
        ]
    }
}
