//! The directory: needs nobody to be signed in.

mod listing;
#[cfg(test)]
mod samples;

pub use listing::{Found, Openings, Phone};

use super::{Frame, Here, page, problem};
use crate::api::Outcome;
use crate::api::request::Search;
use crate::api::views::SearchView;
use crate::web::App;
use crate::web::gate::Visitor;
use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

/// Listings on one page.
const PER_PAGE: u32 = 25;
/// The last page there is: who looks further needs other words.
const PAGES: u32 = 40;
const KILOMETRES_PER_MILE: f64 = 1.609_344;

/// What was typed, as it stands in the address. Texts only, so that what is wrong is said in words.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    pub q: String,
    pub kind: String,
    pub service: String,
    pub near: String,
    pub miles: String,
    pub open: String,
    pub page: String,
}

#[derive(Template)]
#[template(path = "search.html")]
pub struct SearchPage {
    pub frame: Frame,
    pub asked: Asked,
    pub heading: String,
    /// Number of the first listing shown.
    pub first: u32,
    pub results: Vec<Found>,
    pub earlier: Option<String>,
    pub later: Option<String>,
}

/// Search form and what was found.
pub async fn show(State(app): State<App>, visitor: Visitor, asked: Result<Query<Asked>, QueryRejection>) -> Response {
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    match build(&app, &visitor, asked).await {
        Ok((status, context)) => page(status, &context),
        Err(failure) => problem::of(&failure, Some(("/", "To the directory"))),
    }
}

async fn build(app: &App, visitor: &Visitor, asked: Asked) -> Outcome<(StatusCode, SearchPage)> {
    let mut frame = Frame::open(app, visitor, Here::Directory, "Directory").await?;
    let view = match asked.read() {
        Ok(search) => app.backend.search(search).await?,
        Err(trouble) => {
            frame.trouble = Some(trouble.to_owned());
            let none = SearchView { total: 0, more: false, listings: Vec::new() };
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, SearchPage::new(frame, asked, &none)));
        }
    };
    Ok((StatusCode::OK, SearchPage::new(frame, asked, &view)))
}

impl Asked {
    fn narrowed(&self) -> bool {
        [&self.service, &self.near, &self.miles, &self.open].into_iter().any(|field| !field.trim().is_empty())
    }

    fn is_open(&self) -> bool {
        self.open == "yes"
    }

    fn page_number(&self) -> u32 {
        self.page.trim().parse::<u32>().unwrap_or(1).clamp(1, PAGES)
    }

    /// The search that was asked for, or what is wrong with it.
    fn read(&self) -> Result<Search, &'static str> {
        if self.q.chars().count() > 200 || self.service.chars().count() > 100 {
            return Err("Please search for fewer words.");
        }
        let near = match self.near.trim() {
            "" => None,
            text => Some(place(text).ok_or(NO_PLACE)?),
        };
        let within_km = match self.miles.trim() {
            "" => None,
            text => Some(kilometres(text).ok_or(NO_MILES)?),
        };
        if within_km.is_some() && near.is_none() {
            return Err(FROM_WHERE);
        }
        let word = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Ok(Search {
            words: self.q.trim().to_owned(),
            near,
            within_km,
            service: word(&self.service),
            kind: KINDS.iter().find(|(key, _)| *key == self.kind && !key.is_empty()).map(|(key, _)| (*key).to_owned()),
            org: None,
            open: self.is_open(),
            limit: PER_PAGE,
            skip: (self.page_number() - 1) * PER_PAGE,
        })
    }

    /// The address of another page of the same search.
    fn at_page(&self, number: u32) -> String {
        let number = number.to_string();
        let fields: [(&str, &str); 7] = [
            ("q", &self.q),
            ("kind", &self.kind),
            ("service", &self.service),
            ("near", &self.near),
            ("miles", &self.miles),
            ("open", &self.open),
            ("page", &number),
        ];
        let pairs: Vec<String> = fields
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(key, value)| format!("{key}={}", listing::percent(value)))
            .collect();
        format!("/?{}", pairs.join("&"))
    }
}

/// Kinds of listing in the form: what is sent, what is shown.
const KINDS: [(&str, &str); 5] = [
    ("", "Everything"),
    ("service", "Services"),
    ("location", "Places"),
    ("organization", "Organisations"),
    ("program", "Programmes"),
];

pub const NO_PLACE: &str = "Please give the place as latitude, longitude, for example 38.90, -89.41.";
pub const NO_MILES: &str = "Please give the distance in miles as a number.";
pub const FROM_WHERE: &str = "Please give the place from which to measure the distance.";

/// Latitude and longitude.
#[must_use]
pub fn place(text: &str) -> Option<(f64, f64)> {
    let (latitude, longitude) = text.split_once([',', ' '])?;
    let (latitude, longitude) = (latitude.trim().parse::<f64>().ok()?, longitude.trim().parse::<f64>().ok()?);
    ((-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude)).then_some((latitude, longitude))
}

/// From a number of miles.
#[must_use]
pub fn kilometres(miles: &str) -> Option<f64> {
    let miles =
        miles.trim().parse::<f64>().ok().filter(|miles| miles.is_finite() && *miles > 0.0 && *miles <= 12_500.0);
    miles.map(|miles| miles * KILOMETRES_PER_MILE)
}

impl SearchPage {
    fn kinds(&self) -> [(&'static str, &'static str); 5] {
        KINDS
    }

    fn new(frame: Frame, asked: Asked, view: &SearchView) -> Self {
        let number = asked.page_number();
        let first = (number - 1) * PER_PAGE;
        let shown = u32::try_from(view.listings.len()).unwrap_or(PER_PAGE);
        let more = u64::from(first) + u64::from(shown) < view.total && number < PAGES && shown > 0;
        let least = if view.more { "at least " } else { "" };
        let heading = match (&frame.trouble, view.total, shown) {
            (Some(_), ..) => "Not searched".to_owned(),
            (None, 0, _) => "Nothing found".to_owned(),
            (None, 1, 1) => "1 listing".to_owned(),
            (None, total, 0) => format!("{least}{total} listings, none on this page"),
            (None, total, _) if number == 1 && !more => format!("{total} listings"),
            (None, total, _) => format!("Listings {} to {} of {least}{total}", first + 1, first + shown),
        };
        Self {
            earlier: (number > 1).then(|| asked.at_page(number - 1)),
            later: more.then(|| asked.at_page(number + 1)),
            heading,
            first: first + 1,
            results: view.listings.iter().map(Found::new).collect(),
            frame,
            asked,
        }
    }
}

#[cfg(test)]
pub(in crate::web) use samples::listing as sample_listing;
