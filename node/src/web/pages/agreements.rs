//! What was agreed with partners, and what ties them to this house so that no consent is needed; what waits to be signed.

use super::files::{chosen, download};
use super::{Frame, Here, page, problem};
use crate::api::agreements::{AgreementView, EndView, Fields, FormView, IntakeFields, NeededFields, VersionView};
use crate::api::care::Care;
use crate::api::{Failure, Outcome};
use crate::http::csrf::Tokens;
use crate::system;
use crate::usecases::agreements::intake_words;
use crate::web::App;
use crate::web::acts::codes::shown;
use crate::web::form::Typed;
use crate::web::gate::{Signed, Uploaded};
use crate::web::rights::For;
use crate::web::steps::Part;
use crate::web::steps::codes::KINDS_SHORT;
use crate::web::steps::subject::whole;
use crate::web::upload::File;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use belay_protocol::agreement::{Deadline, Late, Needed, NextStep, Side, TieTerms};
use belay_protocol::referral::attachment::Media;
use data_encoding::BASE64;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Template)]
#[template(path = "agreements.html")]
pub struct AgreementsPage {
    pub frame: Frame,
    pub csrf: Tokens,
    pub agreements: Vec<Agreed>,
    /// Who signs, where that is not who signed in.
    pub not_theirs: Option<String>,
}

/// One partner.
pub struct Agreed {
    pub partner: String,
    pub state: String,
    pub parts: Vec<Part>,
    /// Who ended it, for whom, when and why.
    pub ended: Option<String>,
    /// Forms that are files: where each is, and its name.
    pub forms: Vec<(String, String)>,
    /// Where a form goes with the draft, and what each side asks for already.
    pub attach: String,
    pub asked: Vec<String>,
    /// Where to sign what waits for it.
    pub sign: Option<String>,
    /// Where to refuse or end it.
    pub end: Option<String>,
    /// Where to send a referral under what ties the two.
    pub refer: Option<String>,
}

/// The page.
pub async fn show(State(app): State<App>, signed: Signed) -> Response {
    match build(&app, &signed).await {
        Ok(context) => page(StatusCode::OK, &context),
        Err(failure) => problem::of(&failure, None),
    }
}

async fn build(app: &App, signed: &Signed) -> Outcome<AgreementsPage> {
    let all = app.backend.agreements().await?;
    let frame = Frame::signed(app, signed, Here::Inbox, "Agreements").await?;
    let binds = frame.rights.allow(For::Binder);
    let not_theirs =
        frame.rights.line(For::Binder, "to sign for this organisation, and to refuse or end what was agreed");
    let csrf = app.csrf.forms(&signed.token);
    Ok(AgreementsPage {
        not_theirs,
        frame,
        csrf,
        agreements: all.into_iter().map(|one| Agreed::new(one, binds)).collect(),
    })
}

impl Agreed {
    /// What holds, or what is open where nothing does. Who may not bind this house has no button to sign or end it.
    fn new(view: AgreementView, binds: bool) -> Self {
        let in_force = view.versions.iter().find(|version| version.standing == "in force");
        let step = |slug: &str| format!("/agreements/{}/{slug}", view.id);
        let open = |version: &VersionView| ["in force", "proposed", "coming"].contains(&version.standing.as_str());
        Self {
            sign: view.to_sign.filter(|_| binds).map(|_| step("sign")),
            end: (binds && view.versions.iter().any(open)).then(|| step("end")),
            ended: view.ended.as_ref().map(ended),
            forms: files(&view),
            attach: step("attach"),
            asked: asked(&view),
            refer: in_force.filter(|version| version.terms.tie.is_some()).map(|_| step("refer")),
            parts: in_force.or(view.versions.first()).map(terms).unwrap_or_default(),
            partner: view.other_name,
            state: view.state,
        }
    }
}

fn ended(end: &EndView) -> String {
    format!("Ended by {} for {} on {}: {}", end.by, end.name, system::day(end.at), end.reason)
}

/// The forms of all versions that are files and have arrived.
fn files(view: &AgreementView) -> Vec<(String, String)> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for version in &view.versions {
        let here = version.terms.forms().filter(|form| form.text.is_none());
        for form in here.filter(|form| !version.forms_missing.contains(&form.sha256)) {
            files.insert(format!("/agreements/{}/forms/{}", view.id, form.sha256), form.file.clone());
        }
    }
    files.into_iter().collect()
}

/// What must come along by the newest terms, whichever way.
fn asked(view: &AgreementView) -> Vec<String> {
    let sides = view.versions.first().into_iter().flat_map(|version| &version.terms.sides);
    let needed = sides.filter_map(|side| side.intake.as_ref()).flat_map(|intake| &intake.needed);
    let names: BTreeSet<String> = needed.map(|needed| needed.name.clone()).collect();
    names.into_iter().collect()
}

/// A form that must come along, as a file: it goes into the draft, and into a new one where there is none.
pub async fn attach(
    State(app): State<App>,
    Path(agreement): Path<String>,
    Uploaded { signed, form, file }: Uploaded,
) -> Response {
    if !whole(&agreement) {
        return problem::missing();
    }
    match attached(&app, &signed, agreement, &form, file).await {
        Ok(()) => {
            app.sessions.leave_notice(&signed.token, "The form is in the draft. Read it, and sign it.".to_owned());
            Redirect::to("/agreements").into_response()
        }
        Err(failure) => problem::refused(problem::status(failure.class), &problem::sentence(&failure), "/agreements"),
    }
}

async fn attached(app: &App, signed: &Signed, agreement: String, form: &Typed, file: Option<File>) -> Outcome<()> {
    let file = chosen(file)?;
    let name = form.get("name").trim().to_owned();
    if name.is_empty() {
        return Err(Failure::misuse("please say what must come along, such as: intake form"));
    }
    let view: AgreementView = app.backend.view(&signed.seat, Care::AgreementShow { agreement }).await?;
    let to_us = form.get("side") == "us";
    let newest = view.versions.first().map(|version| &version.terms);
    let side = newest.and_then(|terms| terms.sides.iter().find(|side| (side.org == view.other) != to_us));
    let known = side.and_then(|side| side.intake.as_ref()).map(|intake| intake.needed.as_slice()).unwrap_or_default();
    let mut needed: Vec<NeededFields> = known
        .iter()
        .filter(|needed| needed.name != name)
        .map(|needed| NeededFields { name: needed.name.clone(), ..NeededFields::default() })
        .collect();
    let (file_name, content) = (file.name.reveal().clone(), BASE64.encode(&file.bytes));
    needed.push(NeededFields { name, form: Some(file_name), content: Some(content) });
    let intake = Some(IntakeFields { needed: Some(needed), ..IntakeFields::default() });
    let (to_us, to_them) = if to_us { (intake, None) } else { (None, intake) };
    let fields = Fields { with: view.other.to_string(), to_us, to_them, ..Fields::default() };
    app.backend.view::<serde_json::Value>(&signed.seat, Care::AgreementDraft(Box::new(fields))).await.map(drop)
}

/// A form that is a file, as a download of the type that its content shows: what a partner wrote is never opened as a page of ours, nor
/// does its file's name stand in a header.
pub async fn form(State(app): State<App>, Path((agreement, form)): Path<(String, String)>, signed: Signed) -> Response {
    if !whole(&agreement) || !whole(&form) {
        return problem::missing();
    }
    let name = form.get(..8).unwrap_or_default().to_owned();
    let ask = Care::AgreementForm { agreement, form };
    let bytes = app.backend.view::<FormView>(&signed.seat, ask).await.and_then(|view| {
        let bytes = BASE64.decode(view.content.as_bytes());
        bytes.map_err(|_| Failure::failed("the form can not be read"))
    });
    match bytes {
        Ok(bytes) => download(Media::sniff(&bytes), &format!("form-{name}"), bytes),
        Err(failure) => problem::refused(problem::status(failure.class), &problem::sentence(&failure), "/agreements"),
    }
}

/// All that a version says, as it is read before it is signed.
#[must_use]
pub fn terms(version: &VersionView) -> Vec<Part> {
    let terms = &version.terms;
    let until =
        terms.until.map_or_else(|| "until one side ends it".to_owned(), |until| format!("to {}", until.until_words()));
    let mut lines = vec![format!("From {} {until}", terms.from.from_words())];
    lines.extend(
        version.signatures.iter().map(|s| format!("Signed for {} by {} on {}", s.name, s.by, system::day(s.at))),
    );
    lines.extend((!terms.note.is_empty()).then(|| terms.note.clone()));
    let mut parts = vec![part(&format!("Version {}, {}", terms.version, version.standing), &lines)];
    parts.extend(terms.tie.as_ref().map(|tie| tied(tie, &terms.sides)));
    parts.extend(terms.sides.iter().filter_map(side));
    parts
}

fn part(heading: &str, lines: &[String]) -> Part {
    Part {
        heading: heading.into(),
        lines: lines.iter().map(|line| line.as_str().into()).collect(),
        list: true,
        ..Part::default()
    }
}

fn tied(tie: &TieTerms, sides: &[Side; 2]) -> Part {
    let program = sides.iter().find(|side| side.org == tie.program).map_or("", |side| side.name.as_str());
    let kinds = tie.information.iter().map(|kind| shown(KINDS_SHORT, kind.name())).collect::<Vec<_>>().join(", ");
    part(
        &format!("No consent is needed between the two: {} ({})", tie.kind.words(), tie.kind.clause()),
        &[
            format!("The program: {program}"),
            format!("What for: {}", tie.services),
            format!("What may be told: {kinds}"),
            tie.statement.clone(),
        ],
    )
}

/// Whom to phone there, whom it takes, how fast it answers, and what happens when it does not.
fn side(side: &Side) -> Option<Part> {
    let contact = |c: &belay_protocol::agreement::Contact| format!("Phone {}: {}", c.name, c.telephone);
    let mut lines: Vec<String> = side.contacts.iter().map(contact).collect();
    if let Some(intake) = &side.intake {
        let hours = &intake.hours;
        lines.extend(intake_words(intake));
        lines.extend(intake.needed.iter().filter_map(form_text));
        lines.push(format!(
            "Looks at a referral within {} hours, {} if urgent",
            hours.acknowledge, hours.acknowledge_urgent
        ));
        lines.push(format!("First visit within {} hours, {} if urgent", hours.appointment, hours.appointment_urgent));
        lines.push(format!("Discharge summary within {} hours", hours.summary));
        lines.extend(intake.late.iter().map(late));
    }
    (!lines.is_empty()).then(|| part(&side.name, &lines))
}

/// A form that is a short text stands here; another file is read from where it is kept.
fn form_text(needed: &Needed) -> Option<String> {
    let form = needed.form.as_ref()?;
    form.text.as_ref().map(|text| format!("The form {}: {text}", form.file))
}

fn late(late: &Late) -> String {
    let what = match late.deadline {
        Deadline::Acknowledge => "nobody has looked at it",
        Deadline::Appointment => "there is no appointment",
        Deadline::Summary => "no summary has come",
    };
    let step = match late.step {
        NextStep::Phone => "phone",
        NextStep::Escalate => "take it to",
        NextStep::ReferElsewhere => "refer to",
    };
    format!("If {what} in time: {step} {} {}", late.who, late.telephone).trim_end().to_owned()
}

/// Of a fake and of samples: both signed it.
#[cfg(test)]
pub(in crate::web) fn sample(text: &str) -> AgreementView {
    use crate::api::agreements::SignatureView;
    use belay_protocol::agreement::{Contact, Form, Hours, Intake, Terms, TieKind, id};
    use belay_protocol::ids::{OrgId, SpaceId};
    use belay_protocol::information::Information;
    use belay_protocol::time::{Local, Time};
    let side = |n: u8| Side {
        org: OrgId([n; 32]),
        name: text.to_owned(),
        contacts: vec![Contact { name: text.into(), role: text.into(), telephone: text.into(), champion: true }],
        intake: Some(Intake {
            inclusion: vec![text.to_owned()],
            exclusion: vec![text.to_owned()],
            needed: vec![Needed {
                name: text.to_owned(),
                form: Some(Form {
                    file: text.to_owned(),
                    sha256: belay_protocol::ids::FormHash([3; 32]),
                    bytes: 1,
                    text: (n == 1).then(|| text.to_owned()),
                }),
            }],
            hours: Hours::DEFAULT,
            late: vec![Late {
                deadline: Deadline::Acknowledge,
                step: NextStep::Phone,
                who: text.to_owned(),
                telephone: text.to_owned(),
            }],
        }),
    };
    let tie = TieTerms {
        kind: TieKind::Service,
        program: OrgId([1; 32]),
        services: text.to_owned(),
        information: vec![Information::Referral],
        statement: TieKind::Service.statement().to_owned(),
    };
    let terms = Terms {
        coalition: SpaceId([9; 32]),
        version: 1,
        sides: [side(1), side(2)],
        from: Local::utc(Time(1_795_000_000_000)),
        until: None,
        note: text.to_owned(),
        tie: Some(tie),
    };
    let signature =
        SignatureView { org: OrgId([1; 32]), name: text.to_owned(), at: Time(1_795_000_000_000), by: text.to_owned() };
    AgreementView {
        id: id(SpaceId([9; 32]), OrgId([1; 32]), OrgId([2; 32])),
        other: OrgId([2; 32]),
        other_name: text.to_owned(),
        state: "version 1 in force".to_owned(),
        to_sign: Some(terms.hash()),
        versions: vec![VersionView {
            standing: "in force".to_owned(),
            hash: terms.hash(),
            signatures: vec![signature],
            forms_missing: Vec::new(),
            terms,
        }],
        ended: Some(EndView {
            through: 0,
            org: OrgId([2; 32]),
            name: text.to_owned(),
            by: text.to_owned(),
            at: Time(1_795_000_000_000),
            reason: text.to_owned(),
        }),
        readers: String::new(),
    }
}

#[cfg(test)]
impl super::Sample for AgreementsPage {
    fn samples() -> Vec<Self> {
        use super::sample::{HOSTILE, frame, hostile_frame};
        let plain = || frame("Agreements", Here::Inbox, true);
        let csrf = Tokens::sample;
        let one = |text: &str| vec![Agreed::new(sample(text), text != HOSTILE)];
        vec![
            Self { frame: plain(), csrf: csrf(), agreements: Vec::new(), not_theirs: None },
            Self { frame: plain(), csrf: csrf(), agreements: one("Ridge Clinic"), not_theirs: None },
            Self {
                frame: hostile_frame(),
                csrf: csrf(),
                agreements: one(HOSTILE),
                not_theirs: Some(HOSTILE.to_owned()),
            },
        ]
    }
}
