//! One person in the records: what is known, what was agreed to, what goes on, and what can be done.

use super::{Frame, Here, page, problem};
use crate::api::Outcome;
use crate::api::care::{
    AttachmentView, AttachmentsOf, AttachmentsView, Care, ConsentRow, EmergencyView, LetInView, ListAsk, MatchView,
    OptionsListView, PersonChange, PersonFields, PersonView, PlacedRow, RecordView, RestrictionView, SentView,
    ThreadRow, ThreadsView,
};
use crate::http::csrf::Tokens;
use crate::web::App;
use crate::web::acts::codes::shown;
use crate::web::gate::Signed;
use crate::web::standing::{self, Side};
use crate::web::steps::codes::KINDS_SHORT;
use crate::web::steps::subject::whole;
use crate::web::steps::{On, Step};
use crate::web::words;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use belay_protocol::limits::LIST_PAGE_MAX;
use belay_protocol::sensitive::Personal;

mod plans;

pub use plans::Plans;

#[derive(Template)]
#[template(path = "person.html")]
pub struct PersonPage {
    pub frame: Frame,
    pub csrf: Tokens,
    pub id: String,
    pub name: Personal<String>,
    pub facts: Vec<(&'static str, Personal<String>)>,
    /// Others on record who look like this one.
    pub alike: Vec<AlikeLine>,
    /// Where two records are compared, and where they are taken apart.
    pub merge: String,
    pub apart: String,
    /// Other records of this person.
    pub also: Vec<Personal<String>>,
    /// What was changed, newest first.
    pub history: Vec<Personal<String>>,
    pub consents: Vec<ConsentLine>,
    /// What the person asked to leave out whatever is told by, with the answer: a line each.
    pub left_out: Vec<Personal<String>>,
    pub let_in: Vec<Personal<String>>,
    pub plans: Plans,
    pub referrals: Vec<ReferralLine>,
    /// There are older ones.
    pub older: bool,
    /// What the person was shown last.
    pub options: Vec<String>,
    pub placed: Vec<PlacedLine>,
    pub files: Vec<FileLine>,
    /// What is mostly done next, and what else can be.
    pub first: Vec<(String, &'static str)>,
    pub others: Vec<(String, &'static str)>,
    /// Who can do what is not for who signed in.
    pub not_theirs: Vec<String>,
}

pub struct AlikeLine {
    pub href: String,
    pub name: Personal<String>,
    pub reasons: String,
}

pub struct ConsentLine {
    pub href: String,
    pub parties: String,
    pub state: String,
    /// What it is for, when it was signed, until when it stands.
    pub more: Vec<Personal<String>>,
    /// It is in force: a referral can be sent under it.
    pub send: Option<String>,
}

pub struct ReferralLine {
    pub href: String,
    pub what: String,
    pub status: String,
    pub changed: String,
}

pub struct PlacedLine {
    pub what: String,
    pub state: String,
}

/// A file that stays in the house.
pub struct FileLine {
    pub href: String,
    pub name: Personal<String>,
    pub what: String,
    /// Of one for a partner off the network: what was written of how it went.
    pub went: Vec<Personal<String>>,
    /// It was chosen for such a partner and has not gone: its id, for the sheet that goes before it.
    pub waits: Option<String>,
}

/// All that the page is made of.
struct Known {
    person: PersonView,
    threads: Vec<ThreadRow>,
    older: bool,
    options: Vec<String>,
    placed: Vec<PlacedRow>,
    files: Vec<AttachmentView>,
}

/// The page.
pub async fn show(State(app): State<App>, signed: Signed, Path(person): Path<String>) -> Response {
    if !whole(&person) {
        return problem::missing();
    }
    match build(&app, &signed, &person).await {
        Ok(context) => page(StatusCode::OK, &context),
        Err(failure) => problem::of(&failure, None),
    }
}

async fn build(app: &App, signed: &Signed, id: &str) -> Outcome<PersonPage> {
    let (backend, seat) = (&app.backend, &signed.seat);
    let person = || Personal::from(id);
    let view: PersonView = backend.view(seat, Care::PersonShow { person: person() }).await?;
    let limit = u32::try_from(LIST_PAGE_MAX).ok();
    let about = ListAsk { person: Some(view.id), limit, ..ListAsk::default() };
    let threads: ThreadsView = backend.view(seat, Care::ReferralList(about)).await?;
    let options: OptionsListView = backend.view(seat, Care::OptionsList { person: person() }).await?;
    let emergency: EmergencyView = backend.view(seat, Care::EmergencyList { person: Some(person()) }).await?;
    let of = AttachmentsOf { person: Some(person()), thread: None };
    let files: AttachmentsView = backend.view(seat, Care::Attachments(of)).await?;
    let shown = options.options.into_iter().next().map(|options| options.shown).unwrap_or_default();
    let known = Known {
        older: threads.more.is_some(),
        threads: threads.threads,
        person: view,
        options: shown.into_iter().map(|(_, name)| name).collect(),
        placed: emergency.placed,
        files: files.attachments,
    };
    // No name in the title: it stands in the browser's history.
    let frame = Frame::signed(app, signed, Here::Persons, "Person").await?;
    Ok(PersonPage::new(frame, app.csrf.forms(&signed.token), known))
}

/// What is known, a line each.
#[must_use]
pub fn facts(fields: &PersonFields) -> Vec<(&'static str, Personal<String>)> {
    let mut facts: Vec<(&'static str, Personal<String>)> = Vec::new();
    facts.extend(fields.other_names.iter().map(|name| ("Also known as", name.clone())));
    facts.push(("Date of birth", fields.birth_date.clone()));
    facts.extend(fields.phones.iter().map(|phone| ("Telephone", phone.clone())));
    facts.push(("Address", fields.address.clone()));
    facts.push(("How to reach", fields.contact.clone()));
    facts.push(("Language", fields.language.clone()));
    facts.push(("Note", fields.note.clone()));
    facts.push(("Died", fields.died.clone()));
    facts.retain(|(_, value)| !value.reveal().is_empty());
    facts
}

/// Forms about a person that can be printed, but for the card, of which is asked what stands on it.
const FORMS: [(&str, &str); 3] = [
    ("accounting", "Whom we told in three years"),
    ("plan", "Plan for hard times"),
    ("left-out", "What the person asked to leave out"),
];

impl PersonPage {
    const fn forms(&self) -> [(&'static str, &'static str); 3] {
        FORMS
    }

    fn new(frame: Frame, csrf: Tokens, known: Known) -> Self {
        let id = known.person.id.to_string();
        let link = |step: &'static Step| (step.href(&id), step.title);
        let all = Step::all().filter(|step| {
            step.on == On::Person
                && (step.slug != "apart" || !known.person.also.is_empty())
                && (step.slug != "let-in" || !known.person.left_out.is_empty())
        });
        let (may, not_theirs) = frame.rights.sort(all);
        let (first, others): (Vec<&Step>, Vec<&Step>) =
            may.into_iter().partition(|step| ["consent", "options"].contains(&step.slug));
        let others = others.into_iter().filter(|step| !PLANS.contains(&step.slug));
        let consents = known.person.consents.into_iter().map(|row| ConsentLine {
            href: format!("/consents/{}", row.id),
            more: more(&row),
            parties: row.parties.join(", "),
            send: (row.state == "signed").then(|| format!("/consents/{}/send", row.id)),
            state: if row.pending.is_some() {
                format!("{}, a change waits for a signature", row.state)
            } else {
                row.state
            },
        });
        let referrals = known.threads.iter().map(|row| ReferralLine {
            href: format!("/threads/{}", row.id),
            what: match standing::side(row) {
                Side::Outgoing => format!("To {}", row.other_name),
                Side::Incoming => format!("From {}", row.other_name),
            },
            status: words::standing(row),
            changed: words::when(row.updated),
        });
        let placed = known.placed.into_iter().map(|row| PlacedLine {
            what: format!("{} with {}", row.information.name(), row.at),
            state: match (row.state.as_str(), row.delivered) {
                ("placed", true) => "placed, delivered".to_owned(),
                ("placed", false) => "on its way".to_owned(),
                (state, _) => state.to_owned(),
            },
        });
        Self {
            frame,
            csrf,
            alike: known.person.alike.iter().map(AlikeLine::new).collect(),
            merge: format!("/persons/{id}/merge"),
            apart: format!("/persons/{id}/apart"),
            also: known.person.also.iter().map(also).collect(),
            history: known.person.history.iter().map(change).collect(),
            facts: facts(&known.person.fields),
            name: known.person.fields.name,
            consents: consents.collect(),
            left_out: known.person.left_out.iter().map(left_out).collect(),
            let_in: known.person.let_in.iter().map(let_in).collect(),
            plans: Plans::new(&known.person.plans, &id),
            referrals: referrals.collect(),
            older: known.older,
            options: known.options,
            placed: placed.collect(),
            files: known.files.iter().map(|file| FileLine::new(file, &format!("/persons/{id}/files"))).collect(),
            first: first.into_iter().map(link).collect(),
            others: others.map(link).collect(),
            not_theirs,
            id,
        }
    }
}

/// Steps that stand beside the plan and the medication.
const PLANS: [&str; 3] = ["crisis", "medication", "plan-mistake"];

impl AlikeLine {
    fn new(one: &MatchView) -> Self {
        Self { href: format!("/persons/{}", one.person), name: one.name.clone(), reasons: one.reasons.join(", ") }
    }
}

/// What it is for, when and under which name it was signed, and until when it stands.
fn more(row: &ConsentRow) -> Vec<Personal<String>> {
    let signed = row.signed_on.map(|at| Personal::new(format!("signed on {}", at.date())));
    let named = row.called.as_ref().map(|_| Personal::new(format!("signed under the name {}", row.name.reveal())));
    let kind = Some(row.kind.clone()).filter(|kind| !kind.reveal().is_empty());
    kind.into_iter().chain(signed).chain(row.ends.iter().cloned()).chain(named).collect()
}

/// Who is not to be told what, since when, and in whose words it was asked.
fn left_out(one: &RestrictionView) -> Personal<String> {
    let kinds: Vec<&str> = one.information.iter().map(|kind| shown(KINDS_SHORT, kind.name())).collect();
    let what = if kinds.is_empty() { "Anything".to_owned() } else { kinds.join(", ") };
    let (to, on, asked) = (one.to.as_deref().unwrap_or("anybody"), words::when(one.at), one.asked.reveal());
    Personal::new(match &one.refused {
        None => format!("{what} to {to}, left out since {on}: {asked}"),
        Some(why) => format!("{what} to {to}, asked for on {on} and not agreed to ({}): {asked}", why.reveal()),
    })
}

/// What of it was let in again, how and by whom.
fn let_in(one: &LetInView) -> Personal<String> {
    let kinds: Vec<&str> = one.asked.information.iter().map(|kind| shown(KINDS_SHORT, kind.name())).collect();
    let what = if kinds.is_empty() { "Anything".to_owned() } else { kinds.join(", ") };
    let (to, on) = (one.asked.to.as_deref().unwrap_or("anybody"), words::when(one.at));
    let how = if one.spoken { "spoken" } else { "written" };
    let (since, staff) = (words::when(one.asked.at), one.staff.reveal());
    Personal::new(format!("{what} to {to}, asked for on {since}, let in again on {on}, {how}, on record by {staff}"))
}

fn also(one: &RecordView) -> Personal<String> {
    let (on, staff) = (words::when(one.at), one.staff.reveal());
    Personal::new(format!(
        "{}, {}, record {}; joined {on} by {staff}: {}",
        one.name.reveal(),
        one.birth_date.reveal(),
        one.id.short(),
        one.why.reveal()
    ))
}

fn change(one: &PersonChange) -> Personal<String> {
    Personal::new(format!("{}, {}: {}", words::when(one.at), one.staff.reveal(), one.what.reveal()))
}

impl FileLine {
    /// Below this address.
    #[must_use]
    pub fn new(file: &AttachmentView, below: &str) -> Self {
        let size = match file.bytes {
            0..1_000 => format!("{} bytes", file.bytes),
            1_000..1_000_000 => format!("{} kB", file.bytes / 1_000),
            bytes => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
        };
        let come = match file.missing {
            0 => String::new(),
            missing => format!(", {missing} of {} parts have not arrived", file.parts),
        };
        Self {
            href: format!("{below}/{}", file.id),
            name: file.name.clone(),
            what: format!("{}, {size}, {}{come}", file.media.name(), words::when(file.at)),
            went: file.went.iter().flatten().map(sent).collect(),
            waits: file.waits().then(|| file.id.clone()),
        }
    }
}

/// One word about how a letter or a file went.
pub(in crate::web) fn sent(word: &SentView) -> Personal<String> {
    let (on, staff, to) = (words::when(word.at), word.staff.reveal(), word.to.reveal());
    let to = if to.is_empty() { String::new() } else { format!(" to {to}") };
    Personal::new(match (&word.back, word.way) {
        (Some(why), _) if word.letter => format!("{on}: not handed over, says {staff}: {}", why.reveal()),
        (None, _) if word.letter => format!("{on}, {staff}: printed"),
        (Some(why), _) => format!("{on}: did not go after all, says {staff}: {}", why.reveal()),
        (None, way) => {
            let went = word.when.map_or_else(String::new, |went| format!(", on {}", words::when(went)));
            let told = word
                .told
                .as_ref()
                .map_or_else(String::new, |told| format!("put on record afterwards: {}; ", told.reveal()));
            format!("{on}, {staff}: {told}{}{to}{went}", way.map_or("", belay_protocol::disclosure::Means::words))
        }
    })
}

#[cfg(test)]
pub(in crate::web) use samples::file as sample_file;

#[cfg(test)]
impl super::Sample for PersonPage {
    fn samples() -> Vec<Self> {
        use super::sample::{HOSTILE, frame, hostile_frame};
        let plain = || frame("Person", Here::Persons, true);
        let csrf = Tokens::sample();
        let empty = Known {
            threads: Vec::new(),
            options: Vec::new(),
            placed: Vec::new(),
            files: Vec::new(),
            ..samples::known("Jordan")
        };
        let empty = Known { person: PersonView { consents: Vec::new(), ..empty.person }, ..empty };
        vec![
            Self::new(plain(), csrf.clone(), samples::known("Maria Lopez")),
            Self::new(plain(), csrf.clone(), empty),
            Self::new(hostile_frame(), csrf, samples::known(HOSTILE)),
        ]
    }
}

#[cfg(test)]
mod samples {
    use super::*;
    use belay_protocol::ids::{ConsentId, PersonId, RestrictionId, SpaceId};
    use belay_protocol::referral::attachment::Media;
    use belay_protocol::referral::{Information, Place};
    use belay_protocol::time::Time;

    /// A person of whom everything is known, with this text in each place for one.
    pub fn known(text: &str) -> Known {
        let consent = |n: u8, state: &str| ConsentRow {
            id: ConsentId([n; 32]),
            version: 1,
            person: PersonId([9; 32]),
            name: text.into(),
            parties: vec![text.to_owned(), "Haven House Shelter".to_owned()],
            state: state.to_owned(),
            class: belay_protocol::consent::Class::General,
            pending: (state == "signed").then_some(2),
            kind: text.into(),
            signed_on: (state != "draft").then_some(Time(1_790_000_000_000)),
            ends: vec![text.into(), text.into()],
            called: (state == "signed").then(|| text.into()),
        };
        Known {
            older: true,
            person: PersonView {
                id: PersonId([9; 32]),
                fields: PersonFields {
                    name: text.into(),
                    other_names: vec![text.into()],
                    birth_date: "1991-04-02".into(),
                    phones: vec!["(555) 010-0199".into(), text.into()],
                    address: text.into(),
                    contact: "Through her sister.\nNot at work.".into(),
                    language: "Spanish".into(),
                    note: text.into(),
                    died: String::new().as_str().into(),
                },
                history: vec![PersonChange { at: Time(1_790_000_000_000), staff: text.into(), what: text.into() }],
                consents: vec![consent(4, "signed"), consent(5, "draft"), consent(6, "revoked")],
                left_out: [None, Some(text.into())].map(|refused| asked(text, refused)).into(),
                let_in: vec![LetInView { asked: asked(text, None), spoken: true, staff: text.into(), at: Time(0) }],
                plans: super::plans::sample(text),
                also: vec![RecordView {
                    id: PersonId([8; 32]),
                    name: text.into(),
                    birth_date: text.into(),
                    with: PersonId([9; 32]),
                    at: Time(1_790_000_000_000),
                    staff: text.into(),
                    why: text.into(),
                }],
                alike: vec![MatchView {
                    person: PersonId([7; 32]),
                    name: text.into(),
                    reasons: vec!["same name".to_owned()],
                }],
            },
            threads: vec![
                standing::tests::row(Side::Outgoing, Place::Sent),
                standing::tests::row(Side::Incoming, Place::Attended),
            ],
            options: vec![text.to_owned(), "Haven House Shelter".to_owned()],
            placed: vec![PlacedRow {
                space: SpaceId([3; 32]),
                person: PersonId([9; 32]),
                name: text.into(),
                at: text.to_owned(),
                information: Information::Crisis,
                consent: ConsentId([4; 32]),
                version: 1,
                state: "placed".to_owned(),
                delivered: false,
            }],
            files: vec![file(text)],
        }
    }

    fn asked(text: &str, refused: Option<Personal<String>>) -> RestrictionView {
        let (id, to, information) = (RestrictionId::ZERO, Some(text.to_owned()), Vec::new());
        RestrictionView { number: 1, id, asked: text.into(), to, information, refused, at: Time(0) }
    }

    pub fn file(text: &str) -> AttachmentView {
        AttachmentView {
            id: "0a".repeat(32),
            name: text.into(),
            media: Media::Pdf,
            bytes: 1_234_567,
            parts: 5,
            missing: 2,
            person: None,
            consent: None,
            thread: None,
            information: None,
            staff: text.into(),
            at: Time::default(),
            went: Some(vec![SentView {
                at: Time::default(),
                staff: text.into(),
                to: text.into(),
                when: Some(Time::default()),
                back: Some(text.into()),
                ..SentView::default()
            }]),
        }
    }
}
