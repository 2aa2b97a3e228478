//! Emergencies and papers: break-glass, what was opened and is to be looked into, holds, and what to say to who comes with a paper.

use super::{Frame, Here, page, problem};
use crate::api::Outcome;
use crate::api::care::{Care, EmergencyView, HereRow, HoldRow, HoldsView, OpeningRow};
use crate::usecases::holds::{Paper, refusal as words_of};
use crate::web::App;
use crate::web::acts::codes::shown;
use crate::web::gate::Signed;
use crate::web::rights::For;
use crate::web::steps::codes::PLACED;
use crate::web::words;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use belay_protocol::sensitive::Personal;

#[derive(Template)]
#[template(path = "emergency.html")]
pub struct EmergencyPage {
    pub frame: Frame,
    /// How many openings nobody has looked into.
    pub to_review: usize,
    pub openings: Vec<OpeningLine>,
    pub attempts: Vec<AttemptLine>,
    /// Opened here for somebody who was not on record.
    pub here: Vec<HereLine>,
    pub placed: Vec<PlacedLine>,
    pub unrecorded: Vec<UnrecordedLine>,
    pub holds: Vec<HoldLine>,
    /// Who signed in is the privacy officer; else who that is, where there is something to do.
    pub officer: bool,
    pub not_theirs: Option<String>,
}

/// A copy of ours that was opened.
pub struct OpeningLine {
    /// Where the person is; `None`: the record of the copy is lost.
    pub person: Option<String>,
    pub name: Personal<String>,
    pub what: &'static str,
    pub facts: Vec<(&'static str, Personal<String>)>,
    /// Where to say that it was looked into; `None`: it was.
    pub review: Option<String>,
    pub reviewed: Option<(String, Personal<String>)>,
}

/// What was opened here: when, what, and for whom, as far as that is known.
pub struct HereLine {
    pub what: String,
    pub person: Option<(String, Personal<String>)>,
    /// Where to say so.
    pub whose: String,
}

/// Broken glass here.
pub struct AttemptLine {
    pub at: String,
    pub staff: Personal<String>,
    pub personnel: Personal<String>,
    pub nature: Personal<String>,
    pub unobtainable: Personal<String>,
    pub opened: u32,
}

/// A copy of ours that lies with somebody.
pub struct PlacedLine {
    pub person: String,
    pub name: Personal<String>,
    pub what: String,
    pub state: String,
}

/// A copy of ours of which the record is lost: whom it names, and what lies where.
pub struct UnrecordedLine {
    pub name: Personal<String>,
    pub birth_date: Personal<String>,
    pub what: String,
}

pub struct HoldLine {
    pub person: String,
    pub name: Personal<String>,
    pub why: Personal<String>,
    pub set: String,
    pub staff: Personal<String>,
    /// Where to lift it; `None`: it was.
    pub lift: Option<String>,
}

#[derive(Template)]
#[template(path = "refusal.html")]
pub struct RefusalPage {
    pub frame: Frame,
    pub text: String,
}

/// With what somebody may come: word of the address, and what is shown.
const PAPERS: [(Paper, &str); 4] = [
    (Paper::Subpoena, "With a subpoena"),
    (Paper::Warrant, "With a search or arrest warrant"),
    (Paper::CourtOrder, "With a court order"),
    (Paper::Police, "Police, without any paper"),
];

/// The page.
pub async fn show(State(app): State<App>, signed: Signed) -> Response {
    match build(&app, &signed).await {
        Ok(context) => page(StatusCode::OK, &context),
        Err(failure) => problem::of(&failure, None),
    }
}

async fn build(app: &App, signed: &Signed) -> Outcome<EmergencyPage> {
    let view: EmergencyView = app.backend.view(&signed.seat, Care::EmergencyList { person: None }).await?;
    let holds: HoldsView = app.backend.view(&signed.seat, Care::HoldList { person: None }).await?;
    let frame = Frame::signed(app, signed, Here::Emergency, "Emergency and papers").await?;
    Ok(EmergencyPage::new(frame, view, holds.holds))
}

/// What to say and do when somebody comes and asks about a person. The same whether or not that person was ever here.
pub async fn refusal(State(app): State<App>, signed: Signed, Path(paper): Path<String>) -> Response {
    let Some(paper) = Paper::ALL.into_iter().find(|known| known.word() == paper) else { return problem::missing() };
    let officers = match app.backend.officers().await {
        Ok(officers) => officers,
        Err(failure) => return problem::of(&failure, None),
    };
    match Frame::signed(&app, &signed, Here::Emergency, "What to say").await {
        Ok(frame) => page(StatusCode::OK, &RefusalPage { frame, text: words_of(paper, &officers) }),
        Err(failure) => problem::of(&failure, None),
    }
}

impl EmergencyPage {
    fn new(frame: Frame, view: EmergencyView, holds: Vec<HoldRow>) -> Self {
        let attempts = view.attempts.into_iter().map(|row| AttemptLine {
            at: words::when(row.facts.at),
            staff: row.staff,
            personnel: row.facts.personnel,
            nature: row.facts.nature,
            unobtainable: row.facts.unobtainable,
            opened: row.opened,
        });
        let placed = view.placed.into_iter().map(|row| PlacedLine {
            person: row.person.to_string(),
            name: row.name,
            what: format!("{} with {}", shown(PLACED, row.information.name()), row.at),
            state: if row.delivered { format!("{}, delivered", row.state) } else { row.state },
        });
        let unrecorded = view.unrecorded.into_iter().map(|row| UnrecordedLine {
            name: row.name,
            birth_date: row.birth_date,
            what: format!("{} with {}", shown(PLACED, row.information.name()), row.at),
        });
        let holds = holds.into_iter().map(|row| HoldLine {
            person: row.person.to_string(),
            name: row.name,
            why: row.why,
            set: words::when(row.set),
            staff: row.staff,
            lift: row.lifted.is_none().then(|| format!("/holds/{}/lift", row.id)),
        });
        let (officer, holds) = (frame.rights.allow(For::Officer), holds.collect::<Vec<_>>());
        let open = holds.iter().any(|hold| hold.lift.is_some()) || view.to_review > 0;
        let not_theirs = frame.rights.line(For::Officer, "to look into an opening, and to lift a hold");
        Self {
            not_theirs: not_theirs.filter(|_| open),
            officer,
            frame,
            to_review: view.to_review,
            openings: view.openings.into_iter().map(OpeningLine::new).collect(),
            attempts: attempts.collect(),
            here: view.here.into_iter().map(HereLine::new).collect(),
            placed: placed.collect(),
            unrecorded: unrecorded.collect(),
            holds,
        }
    }

    fn papers(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        PAPERS.into_iter().map(|(paper, words)| (paper.word(), words))
    }
}

impl HereLine {
    fn new(row: HereRow) -> Self {
        let kind = shown(PLACED, row.information.name());
        Self {
            what: format!("{}: {kind}, placed by {}", words::when(row.at), row.placed_by),
            person: row.person.map(|person| (format!("/persons/{person}"), row.name)),
            whose: format!("/openings/{}/whose", row.opening),
        }
    }
}

impl OpeningLine {
    fn new(row: OpeningRow) -> Self {
        let facts = row.facts;
        Self {
            person: row.person.map(|person| format!("/persons/{person}")),
            name: row.name,
            what: shown(PLACED, row.information.name()),
            facts: vec![
                ("When", words::when(facts.at).as_str().into()),
                ("Facility", facts.facility.as_str().into()),
                ("Told", facts.personnel),
                ("Opened by", facts.discloser),
                ("Signed in there", row.staff),
                ("Emergency", facts.nature),
                ("No consent first", facts.unobtainable),
                (
                    "Standing",
                    if row.person.is_none() && !row.late {
                        "No record of the copy is here: it was lost with a machine. The name is the one in the copy"
                    } else if row.late {
                        "It had been taken back; they had not heard"
                    } else {
                        "It was placed there"
                    }
                    .into(),
                ),
            ],
            review: row.reviewed.is_none().then(|| format!("/openings/{}/review", row.opening)),
            reviewed: row.reviewed.map(|review| {
                let by = format!("{}: {}", review.staff.reveal(), review.note.reveal());
                (words::when(review.at), Personal::new(by))
            }),
        }
    }
}

#[cfg(test)]
impl super::Sample for EmergencyPage {
    fn samples() -> Vec<Self> {
        use super::sample::{HOSTILE, frame, hostile_frame};
        use crate::api::care::{AttemptRow, FactsView, PlacedRow, ReviewView, UnrecordedRow};
        use belay_protocol::ids::{ConsentId, EntryHash, PersonId, SpaceId};
        use belay_protocol::referral::Information;
        use belay_protocol::time::Time;
        let facts = |text: &str| FactsView {
            personnel: text.into(),
            facility: text.to_owned(),
            discloser: text.into(),
            at: Time(1_795_000_000_000),
            nature: text.into(),
            unobtainable: text.into(),
        };
        let view = |text: &str| {
            let review = || ReviewView { at: Time(1_795_000_000_000), staff: text.into(), note: text.into() };
            let opening = |n: u8, reviewed: Option<ReviewView>| OpeningRow {
                opening: EntryHash([n; 32]),
                person: (n != 3).then_some(PersonId([9; 32])),
                name: text.into(),
                information: Information::Crisis,
                facts: facts(text),
                staff: text.into(),
                late: n == 2,
                reviewed,
            };
            let attempt = |opened| AttemptRow { facts: facts(text), staff: text.into(), opened };
            EmergencyView {
                placed: vec![PlacedRow {
                    space: SpaceId([3; 32]),
                    person: PersonId([9; 32]),
                    name: text.into(),
                    at: text.to_owned(),
                    information: Information::Medication,
                    consent: ConsentId([4; 32]),
                    version: 1,
                    state: "placed".to_owned(),
                    delivered: true,
                }],
                unrecorded: vec![UnrecordedRow {
                    space: SpaceId([6; 32]),
                    name: text.into(),
                    birth_date: text.into(),
                    at: text.to_owned(),
                    information: Information::Crisis,
                }],
                openings: vec![opening(1, None), opening(2, Some(review())), opening(3, None)],
                attempts: vec![attempt(0), attempt(2)],
                here: [None, Some(PersonId([9; 32]))]
                    .map(|person| HereRow {
                        opening: EntryHash([5; 32]),
                        at: Time(1_795_000_000_000),
                        placed_by: text.to_owned(),
                        information: Information::Crisis,
                        staff: text.into(),
                        person,
                        name: text.into(),
                    })
                    .into(),
                to_review: 1,
            }
        };
        let holds = |text: &str| {
            let hold = |lifted| HoldRow {
                id: "0a".repeat(32),
                person: PersonId([9; 32]),
                name: text.into(),
                why: text.into(),
                order: None,
                set: Time(1_795_000_000_000),
                staff: text.into(),
                lifted,
                lifted_why: text.into(),
            };
            vec![hold(None), hold(Some(Time(1_795_000_000_000)))]
        };
        let (placed, unrecorded, openings) = (Vec::new(), Vec::new(), Vec::new());
        let (attempts, here) = (Vec::new(), Vec::new());
        let none = EmergencyView { placed, unrecorded, openings, attempts, here, to_review: 0 };
        let plain = || frame("Emergency and papers", Here::Emergency, true);
        vec![
            Self::new(plain(), none, Vec::new()),
            Self::new(plain(), view("Maria Lopez"), holds("Maria Lopez")),
            Self::new(hostile_frame(), view(HOSTILE), holds(HOSTILE)),
        ]
    }
}

#[cfg(test)]
impl super::Sample for RefusalPage {
    fn samples() -> Vec<Self> {
        use super::sample::{HOSTILE, frame, hostile_frame};
        let mut pages: Vec<Self> = Paper::ALL
            .map(|paper| Self {
                frame: frame("What to say", Here::Emergency, true),
                text: words_of(paper, &["Ben Ott".to_owned()]),
            })
            .into();
        pages.push(Self { frame: hostile_frame(), text: words_of(Paper::Police, &[HOSTILE.to_owned()]) });
        pages
    }
}
