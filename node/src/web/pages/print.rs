//! Forms to print: the same page that `belay consent print` writes into a file, with the same record of who looked.

use super::{assets, problem};
use crate::api::care::{Care, Print, PrintView, Printed, Shape};
use crate::forms::Lang;
use crate::http::headers;
use crate::web::App;
use crate::web::gate::Signed;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Response};
use belay_protocol::sensitive::Personal;
use serde::Deserialize;

/// The language, if one was chosen; and of a card, whether the next visit is to stand on it.
#[derive(Debug, Default, Deserialize)]
pub struct Choice {
    #[serde(default)]
    lang: String,
    #[serde(default)]
    visit: String,
}

/// `form`: `consent`, `amendment` or `revocation` of a consent, `accounting`, `card`, `left-out` or `plan` of a person; `id` names it.
pub async fn show(
    State(app): State<App>,
    Path((form, id)): Path<(String, String)>,
    Query(choice): Query<Choice>,
    signed: Signed,
) -> Response {
    let whole = id.len() == 64 && id.bytes().all(|b| b.is_ascii_hexdigit());
    let form = match form.as_str() {
        _ if !whole => return problem::missing(),
        "consent" => Printed::Consent { consent: id },
        "amendment" => Printed::Amendment { consent: id },
        "revocation" => Printed::Revocation { consent: id },
        "card" => Printed::Card { person: Personal::new(id), visit: choice.visit == "yes" },
        "plan" => Printed::Plan { person: Personal::new(id) },
        "left-out" => Printed::LeftOut { person: Personal::new(id) },
        "accounting" => Printed::Accounting { person: Personal::new(id) },
        _ => return problem::missing(),
    };
    let lang: Option<Lang> = choice.lang.parse().ok();
    let ask = Care::Print(Print::new(form, lang, Shape::Page(assets::PRINT.path().to_owned())));
    match app.backend.view(&signed.seat, ask).await {
        Ok(PrintView { form, pictured, .. }) => {
            let page = Html(form.reveal().clone()).into_response();
            if pictured { headers::with_picture(page) } else { page }
        }
        Err(failure) => problem::of(&failure, None),
    }
}
