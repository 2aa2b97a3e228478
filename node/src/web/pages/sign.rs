//! The signature under a consent: typed, drawn with a pointer, or on paper.

use super::consent::{Choice, Form, form, of};
use super::{Frame, Here, assets, files, page, problem};
use crate::api::care::{AttachTo, BesideSign, Care, ConsentSign, ConsentView, SignedFile};
use crate::api::{Failure, Outcome};
use crate::forms::Lang;
use crate::http::csrf::Tokens;
use crate::http::headers;
use crate::web::App;
use crate::web::form::{Fact, Field, Ground, Kind, Lists, Typed, Wrong, may, must, object};
use crate::web::gate::{Signed, Uploaded};
use crate::web::steps::subject::whole;
use crate::web::steps::{Fields, ask};
use crate::web::upload::{self, File};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use belay_protocol::consent::Signer;
use belay_protocol::limits;
use belay_protocol::sensitive::Personal;
use serde_json::Value;
use std::fmt::Write as _;

const WAY: Field = must(
    "way",
    "How it is signed",
    Kind::One(
        &[
            ("typed", "The name is typed here"),
            ("drawn", "Drawn here, with a finger, a pen or a mouse"),
            ("scan", "On paper, and here is a scan"),
            ("paper", "On paper, which lies in a file of ours"),
        ],
        "typed",
    ),
);
const TYPED: Field = may("typed", "The signer types the name", Kind::Line);

/// What the name attests to, in the language of the form that is signed.
const fn attest(lang: Lang) -> Field {
    may("attest", lang.words().consent_attestation, Kind::Tick)
}
/// Asked where a name was given and refused.
const NAMED_SO: Field = may(
    "named_so",
    "The name is that of who signs, though it is unlike the one on the form, or the person is called the same",
    Kind::Tick,
);
/// The same, of an age.
const AGE_WHY: Field =
    may("age_why", "Why this person signs so, where the age on record does not go with it", Kind::Text(2))
        .hint("What makes it so under the law of the state (42 CFR 2.14).");
const PAPER: Field = may("paper", "Where the signed paper lies", Kind::Line);
const DATE: Field = may("date", "The day of the signature", Kind::Day).hint("Left empty: today.");
const IN_PLACE: [Field; 2] = [
    must("name", "Who signs for the person, by name", Kind::Line),
    must("capacity", "In which capacity", Kind::Line).hint("Such as guardian or executor (42 CFR 2.15)."),
];
const BESIDE: [Field; 2] = [
    must("name", "The parent or guardian who signs as well, by name", Kind::Line),
    must("capacity", "In which capacity", Kind::Line).hint("Such as mother (42 CFR 2.14(b))."),
];
const BESIDE_TYPED: Field = may("beside_typed", "The parent or guardian types the name", Kind::Line)
    .hint("Where the minor signs on this screen and nothing was drawn beside. On paper both signatures stand there.");

/// The same sentence, to which the parent or guardian attests too.
const fn attest_beside(lang: Lang) -> Field {
    may("beside_attest", lang.words().consent_attestation, Kind::Tick)
}

/// Size of the field to draw in, in units of the drawing.
const WIDE: u16 = 600;
const HIGH: u16 = 200;

#[derive(Template)]
#[template(path = "sign.html")]
pub struct SignPage {
    pub frame: Frame,
    pub csrf: Tokens,
    pub href: String,
    pub back: String,
    pub who: Personal<String>,
    /// Who has to sign, and by which clause.
    pub signer: String,
    pub form: Form,
    /// Which form is shown, so that no other is signed.
    pub version: u32,
    pub terms: String,
    pub way: Fact,
    pub typed: Vec<Fact>,
    pub paper: Fact,
    pub rest: Vec<Fact>,
    /// The lines that were drawn before.
    pub drawn: Personal<String>,
    pub drawn_wrong: Option<String>,
    /// A parent or guardian signs as well, and may draw it.
    pub beside: bool,
    pub beside_drawn: Personal<String>,
    pub beside_wrong: Option<String>,
    pub file_wrong: Option<String>,
    pub script: &'static str,
    pub wide: u16,
    pub high: u16,
}

/// The form, and what to sign it with.
pub async fn show(
    State(app): State<App>,
    signed: Signed,
    Path(consent): Path<String>,
    Query(choice): Query<Choice>,
) -> Response {
    if !whole(&consent) {
        return problem::missing();
    }
    if let Some(there) = signed_before(&app, &signed, &consent).await {
        return there;
    }
    answer(&app, &signed, &consent, &choice, None).await
}

/// The signature as it was given.
pub async fn done(
    State(app): State<App>,
    Path(consent): Path<String>,
    Uploaded { signed, form: typed, file }: Uploaded,
) -> Response {
    if !whole(&consent) {
        return problem::missing();
    }
    let view = match of(&app, &signed, &consent).await {
        Ok(view) => view,
        Err(failure) => return problem::of(&failure, None),
    };
    if let Some(there) = signed_before(&app, &signed, &consent).await {
        return there;
    }
    // The form comes back in the language in which it was read.
    let choice = Choice { lang: typed.get("lang").to_owned(), ..Choice::default() };
    let given = match read(&view, &typed, file) {
        Ok(given) => given,
        Err(wrong) => {
            let failure = Failure::misuse("please look at the marked fields");
            return answer(&app, &signed, &consent, &choice, Some((&typed, &wrong, &failure))).await;
        }
    };
    match sign(&app, &signed, given).await {
        Ok(()) => {
            app.sessions.leave_notice(&signed.token, "The consent is signed and in force.".to_owned());
            Redirect::to(&format!("/consents/{consent}")).into_response()
        }
        Err(failure) => answer(&app, &signed, &consent, &choice, Some((&typed, &[], &failure))).await,
    }
}

/// Where nothing waits for a signature, since it was given in another tab or before somebody went back: the consent, and that it is.
async fn signed_before(app: &App, signed: &Signed, consent: &str) -> Option<Response> {
    let view = of(app, signed, consent).await.ok()?;
    if view.state == "draft" || view.pending.is_some() {
        return None;
    }
    let told = match view.state.as_str() {
        "signed" => "It is signed already, and in force. Nothing more was saved.".to_owned(),
        state => format!("Nothing waits for a signature here: this consent is {state}."),
    };
    app.sessions.leave_notice(&signed.token, told);
    Some(Redirect::to(&format!("/consents/{consent}")).into_response())
}

/// A signature that was given.
struct Given {
    ask: ConsentSign,
    /// What has to be attached first; whether it was drawn.
    file: Option<(File, bool)>,
    /// What the parent or guardian drew.
    beside: Option<File>,
}

async fn sign(app: &App, signed: &Signed, mut given: Given) -> Outcome<()> {
    if let Some((file, drawn)) = given.file {
        let to = AttachTo::Consent { consent: given.ask.consent.clone() };
        let kept = upload::attach(app.backend.as_ref(), &signed.seat, &to, file, Personal::default()).await?;
        given.ask.file = Some(SignedFile { id: kept.id, drawn });
    }
    if let (Some(file), Some(beside)) = (given.beside, &mut given.ask.beside) {
        let to = AttachTo::Consent { consent: given.ask.consent.clone() };
        let kept = upload::attach(app.backend.as_ref(), &signed.seat, &to, file, Personal::default()).await?;
        beside.drawn = Some(kept.id);
    }
    app.backend.view::<ConsentView>(&signed.seat, Care::ConsentSign(given.ask)).await.map(drop)
}

fn read(view: &ConsentView, typed: &Typed, file: Option<File>) -> Result<Given, Vec<Wrong>> {
    let fields = object(&fields(view.signer), typed)?;
    let named = || (ask::words(&fields, "name"), ask::words(&fields, "capacity"));
    let beside = || BesideSign {
        name: ask::words(&fields, "name"),
        capacity: ask::words(&fields, "capacity"),
        typed: ask::words(&fields, "beside_typed"),
        attested: ask::ticked(&fields, "beside_attest"),
        drawn: None,
    };
    let (way, lines) = (ask::text(&fields, "way"), typed.get("beside_drawn"));
    let both = view.signer == Signer::MinorAndParent && matches!(way.as_str(), "typed" | "drawn");
    let beside_draws = both && way == "drawn" && !lines.trim().is_empty();
    let mut beside_file = None;
    if beside_draws {
        let bytes = drawing(lines).ok_or_else(|| undrawn("beside_drawn"))?;
        beside_file = Some(File { name: "signature beside.svg".into(), bytes });
    } else if both {
        typed_name(&fields, "beside_typed", "beside_attest")?;
    }
    let mut sign = ConsentSign {
        consent: view.id.to_string(),
        representative: view.signer.in_place().then(named),
        beside: (view.signer == Signer::MinorAndParent).then(beside),
        attested: ask::ticked(&fields, "attest"),
        // Without them nothing is signed: no form has number 0.
        version: Some(typed.get("version").parse().unwrap_or(0)),
        terms: Some(typed.get("terms").to_owned()),
        date: ask::time(&fields, "date"),
        lang: typed.get("lang").parse().ok(),
        age_why: ask::words(&fields, "age_why"),
        named_so: ask::ticked(&fields, "named_so"),
        ..ConsentSign::default()
    };
    let mut with = None;
    match way.as_str() {
        "typed" => {
            sign.typed = typed_name(&fields, "typed", "attest")?;
        }
        "drawn" => {
            let lines = drawing(typed.get("drawn")).ok_or_else(|| undrawn("drawn"))?;
            with = Some((File { name: "signature.svg".into(), bytes: lines }, true));
        }
        "scan" => match files::chosen(file) {
            Ok(file) => with = Some((file, false)),
            Err(failure) => {
                return ask::wrong("file", &format!("{} A scan is PDF, PNG or JPEG.", problem::sentence(&failure)));
            }
        },
        _ => match ask::some(&fields, "paper") {
            Some(paper) => sign.paper = Some(Personal::new(paper)),
            None => return ask::wrong("paper", "Please say where the signed paper lies."),
        },
    }
    Ok(Given { ask: sign, file: with, beside: beside_file })
}

fn undrawn(field: &str) -> Vec<Wrong> {
    vec![(field.to_owned(), "Please draw the signature in the field.".to_owned())]
}

fn typed_name(fields: &Fields, name: &str, attest: &str) -> Result<Personal<String>, Vec<Wrong>> {
    let typed = ask::words(fields, name);
    if typed.reveal().is_empty() {
        return ask::wrong(name, "Please type the name of who signs.");
    }
    if !ask::ticked(fields, attest) {
        return ask::wrong(attest, "Please tick this: without it a typed name is no signature.");
    }
    Ok(typed)
}

/// The lines of a drawing, `x,y x,y ...` each and a semicolon between them, as a plain SVG of lines. `None`: nothing was drawn, or
/// it is no drawing.
fn drawing(lines: &str) -> Option<zeroize::Zeroizing<Vec<u8>>> {
    let mut paths = String::new();
    let mut points = 0_usize;
    for line in lines.split(';').filter(|line| !line.trim().is_empty()) {
        let mut path = String::new();
        for point in line.split_whitespace() {
            let (x, y) = point.split_once(',')?;
            let (x, y) = (x.parse::<u16>().ok()?, y.parse::<u16>().ok()?);
            if x > WIDE || y > HIGH {
                return None;
            }
            points += 1;
            write!(path, "{x},{y} ").ok()?;
        }
        write!(paths, "<polyline points=\"{}\"/>", path.trim_end()).ok()?;
    }
    // A tap is no signature.
    if points < 4 {
        return None;
    }
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDE} {HIGH}\"><g fill=\"none\" stroke=\"black\" \
         stroke-width=\"2\" stroke-linecap=\"round\" stroke-linejoin=\"round\">{paths}</g></svg>"
    );
    Some(zeroize::Zeroizing::new(svg.into_bytes())).filter(|svg| svg.len() as u64 <= limits::DRAWING_BYTES)
}

/// The fields, with those for who signs besides or in the person's place.
fn fields(signer: Signer) -> Vec<Field> {
    let mut fields = vec![WAY, TYPED, attest(Lang::En), NAMED_SO, AGE_WHY, PAPER];
    fields.extend(rest(signer, Lang::En));
    fields
}

fn rest(signer: Signer, lang: Lang) -> Vec<Field> {
    let mut fields = Vec::new();
    if signer.in_place() {
        fields.extend(IN_PLACE);
    } else if signer == Signer::MinorAndParent {
        fields.extend(BESIDE);
        fields.extend([BESIDE_TYPED, attest_beside(lang)]);
    }
    fields.push(DATE);
    fields
}

type Tried<'t> = (&'t Typed, &'t [Wrong], &'t Failure);

async fn answer(app: &App, signed: &Signed, id: &str, choice: &Choice, tried: Option<Tried<'_>>) -> Response {
    match build(app, signed, id, choice, tried).await {
        Ok(context) => {
            let status = tried.map_or(StatusCode::OK, |(_, _, failure)| problem::status(failure.class));
            headers::with_script(page(status, &context))
        }
        Err(failure) => problem::of(&failure, None),
    }
}

async fn build(app: &App, signed: &Signed, id: &str, choice: &Choice, tried: Option<Tried<'_>>) -> Outcome<SignPage> {
    let view = of(app, signed, id).await?;
    if view.state != "draft" && view.pending.is_none() {
        return Err(Failure::misuse("this consent is not waiting for a signature"));
    }
    let form = form(app, &signed.seat, &view, choice, (format!("/consents/{id}/sign"), true)).await?;
    let mut frame = Frame::signed(app, signed, Here::Persons, "Sign the consent").await?;
    frame.trouble = tried.map(|(_, _, failure)| format!("Nothing was saved. {}", problem::sentence(failure)));
    let again = tried.map(|(typed, wrong, _)| (reread(&view, typed), wrong));
    let tried = again.as_ref().map(|(typed, wrong)| (typed, *wrong));
    Ok(SignPage::new(frame, app.csrf.forms(&signed.token), &view, form, tried))
}

/// All that was typed; without ticks and drawing, where the form is another than the one under which they were given.
fn reread(view: &ConsentView, typed: &Typed) -> Typed {
    let same = view.to_sign.as_ref().is_some_and(|form| form.terms == typed.get("terms"));
    let given = |name: &str| matches!(name, "attest" | "beside_attest" | "drawn" | "beside_drawn");
    Typed(typed.0.iter().filter(|(name, _)| same || !given(name)).cloned().collect())
}

impl SignPage {
    fn new(frame: Frame, csrf: Tokens, view: &ConsentView, form: Form, tried: Option<(&Typed, &[Wrong])>) -> Self {
        let (known, lists) = (Value::Null, Lists::default());
        let ground = Ground {
            slug: "sign",
            now: belay_protocol::time::Time::default(),
            visit: None,
            known: &known,
            lists: &lists,
            first: None,
            tried,
        };
        let wrong =
            |name: &str| tried.and_then(|(_, all)| all.iter().find(|(of, _)| of == name)).map(|(_, w)| w.clone());
        let href = format!("/consents/{}", view.id);
        let mut more = rest(view.signer, form.lang);
        if tried.is_some() {
            more.extend([NAMED_SO, AGE_WHY]);
        }
        Self {
            csrf,
            back: href.clone(),
            href: format!("{href}/sign"),
            who: view.name.clone(),
            signer: format!("{} ({})", view.signer.words(), view.signer.clause()),
            way: ground.one(&WAY),
            typed: ground.fields(&[TYPED, attest(form.lang)]),
            paper: ground.one(&PAPER),
            rest: ground.fields(&more),
            version: view.to_sign.as_ref().map(|form| form.version).unwrap_or_default(),
            terms: view.to_sign.as_ref().map(|form| form.terms.clone()).unwrap_or_default(),
            drawn: tried.map(|(typed, _)| typed.get("drawn").into()).unwrap_or_default(),
            drawn_wrong: wrong("drawn"),
            beside: view.signer == Signer::MinorAndParent,
            beside_drawn: tried.map(|(typed, _)| typed.get("beside_drawn").into()).unwrap_or_default(),
            beside_wrong: wrong("beside_drawn"),
            file_wrong: wrong("file"),
            script: assets::DRAW.path(),
            wide: WIDE,
            high: HIGH,
            form,
            frame,
        }
    }
}

#[cfg(test)]
impl super::Sample for SignPage {
    fn samples() -> Vec<Self> {
        use super::consent::sample;
        use super::sample::{HOSTILE, frame, hostile_frame};
        use crate::forms::Lang;
        let csrf = Tokens::sample();
        let mut pages: Vec<Self> = Signer::ALL
            .map(|signer| {
                let view = sample::view("draft", signer, "Maria Lopez");
                let form = sample::form("My OK to share", Lang::En);
                Self::new(frame("Sign the consent", Here::Persons, true), csrf.clone(), &view, form, None)
            })
            .into();
        let names = ["way", "typed", "paper", "name", "capacity", "date", "drawn", "beside_drawn", "file"];
        let typed = Typed(names.map(|name| (name.to_owned(), HOSTILE.into())).into());
        let wrong: Vec<Wrong> = names.map(|name| (name.to_owned(), HOSTILE.to_owned())).into();
        let view = sample::view("draft", Signer::Guardian, HOSTILE);
        let form = sample::form(HOSTILE, Lang::Es);
        pages.push(Self::new(hostile_frame(), csrf, &view, form, Some((&typed, &wrong))));
        pages
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use belay_protocol::referral::attachment::Manifest;

    #[test]
    fn what_is_drawn_becomes_lines_that_the_house_takes_and_nothing_else_does() {
        let svg = drawing("10,20 30,40 50,60;70,80 90,100 ").expect("a drawing");
        let manifest = Manifest::of("signature.svg", &svg).expect("it can be attached");
        assert!(manifest.check_chunk(0, &svg).is_ok());
        for wrong in ["", ";;", "1,2", "1,2 3", "1,2 3,4 5,6 7,x", "601,2 3,4 5,6 7,8", "\"/><script>1,2 3,4"] {
            assert!(drawing(wrong).is_none(), "{wrong}");
        }
        let long = "100,100 ".repeat(200_000);
        assert!(drawing(&long).is_none(), "no larger than a signature may be");
    }
}
