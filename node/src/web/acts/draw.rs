//! Forms as pages show them.

use super::read::{LINE, LIST, TEXT, Typed, Wrong};
use super::{Field, Fill, Kind, Row, TABLE};
use crate::api::care::ThreadView;
use crate::web::words;
use askama::Template;
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use serde_json::Value;

/// Name of the field for who of a partner off the network said it.
pub const HEARD: &str = "heard-from";

/// One form.
#[derive(Template)]
#[template(path = "act_form.html")]
pub struct Drawn {
    pub row: &'static Row,
    /// Of the page, below which forms lie; and the last part of this one's address.
    pub href: String,
    pub slug: String,
    pub csrf: String,
    /// Who said it, where the partner is not on the network and somebody there may have.
    pub heard: Option<Personal<String>>,
    pub fields: Vec<Fact>,
    /// What was refused about the form as a whole.
    pub trouble: Option<String>,
    /// It was refused: it stands open.
    pub open: bool,
}

/// One field of a form, or the heading of a group of them.
#[derive(Template)]
#[template(path = "act_field.html")]
pub struct Fact {
    pub id: String,
    pub name: String,
    pub label: &'static str,
    pub required: bool,
    pub input: Input,
    /// What is wrong with it.
    pub wrong: Option<String>,
}

/// How a field is filled in. What stands in it may be about the person.
pub enum Input {
    Line(Personal<String>),
    Text(u8, Personal<String>),
    When(String),
    Number(u16, u16, String),
    One(Vec<Choice>),
    Many(Vec<Choice>),
    /// Rows of fields.
    List(Vec<Vec<Fact>>),
}

pub struct Choice {
    pub code: String,
    pub words: Personal<String>,
    pub chosen: bool,
}

impl Fact {
    /// Characters of a line and of a text.
    #[must_use]
    pub const fn most(&self) -> usize {
        if matches!(self.input, Input::Text(..)) { TEXT } else { LINE }
    }

    /// It takes the room that there is.
    const fn wide(&self) -> bool {
        matches!(self.input, Input::Text(..) | Input::Line(_))
    }

    /// That it has to be filled in, and what is wrong with it. Holds no more than the name of the field.
    fn flags(&self) -> String {
        let required = if self.required { " required" } else { "" };
        match &self.wrong {
            Some(_) => format!("{required} aria-invalid=\"true\" aria-describedby=\"{}-wrong\"", self.id),
            None => required.to_owned(),
        }
    }
}

/// Who looks at the forms, and when.
pub struct Sight<'s> {
    pub staff: &'s Personal<String>,
    pub csrf: &'s str,
    pub now: Time,
}

/// What was posted and refused.
pub struct Tried<'t> {
    pub slug: &'t str,
    pub typed: &'t Typed,
    pub wrong: &'t [Wrong],
    pub why: &'t str,
}

/// The forms that the thread allows now, in the order of the table. What was refused is filled as it was typed; else each is filled
/// with what is known.
pub fn draw(view: &ThreadView, sight: &Sight<'_>, tried: Option<&Tried<'_>>) -> Vec<Drawn> {
    let allowed = TABLE.iter().filter(|row| view.may.iter().any(|act| act == row.act));
    allowed
        .map(|row| {
            let slug = row.slug();
            let tried = tried.filter(|tried| tried.slug == slug);
            let ground = Ground { view, now: sight.now, known: known(row, view, sight.staff), tried, slug: &slug };
            Drawn {
                fields: row.fields.iter().map(|field| ground.field(field, field.path, field.path)).collect(),
                href: format!("/threads/{}", view.row.id),
                csrf: sight.csrf.to_owned(),
                heard: view.row.off_network.then(|| tried.map(|t| t.typed.get(HEARD)).unwrap_or_default().into()),
                trouble: tried.map(|tried| tried.why.to_owned()),
                open: tried.is_some(),
                slug: slug.clone(),
                row,
            }
        })
        .collect()
}

/// What is known of an act before anybody fills in its form: the plan that holds, the appointment that moves, who is writing.
fn known(row: &Row, view: &ThreadView, staff: &Personal<String>) -> Value {
    let json = |value: Result<Value, serde_json::Error>| value.unwrap_or_default();
    match row.act {
        "crisis plan" => view.follow.crisis.as_ref().map(|(_, plan)| json(serde_json::to_value(plan))),
        "medication" => view.follow.medication.as_ref().map(|(_, list)| json(serde_json::to_value(list))),
        "reschedule" => view
            .appointment
            .as_ref()
            .map(|visit| serde_json::json!({"to": {"mode": visit.mode, "place": visit.place, "note": visit.note}})),
        "handoff" => Some(serde_json::json!({ "from": staff })),
        _ => None,
    }
    .unwrap_or_default()
}

struct Ground<'g> {
    view: &'g ThreadView,
    now: Time,
    known: Value,
    tried: Option<&'g Tried<'g>>,
    slug: &'g str,
}

impl Ground<'_> {
    fn field(&self, field: &Field, name: &str, path: &str) -> Fact {
        let wrong = self.tried.and_then(|tried| tried.wrong.iter().find(|(of, _)| of == name));
        Fact {
            id: format!("{}-{}", self.slug, name.replace(['.', '_'], "-")),
            name: name.to_owned(),
            label: field.label,
            required: field.required,
            input: self.input(field, name, path),
            wrong: wrong.map(|(_, sentence)| sentence.clone()),
        }
    }

    fn input(&self, field: &Field, name: &str, path: &str) -> Input {
        let text = || self.text(name, path, field.kind);
        match field.kind {
            Kind::Line => Input::Line(text()),
            Kind::Text(rows) => Input::Text(rows, text()),
            Kind::When(_) => Input::When(text().reveal().clone()),
            Kind::Number(least, most) => Input::Number(least, most, text().reveal().clone()),
            Kind::One(codes, first) => {
                let chosen = text();
                let chosen = Some(chosen.reveal().as_str()).filter(|code| !code.is_empty() || self.tried.is_some());
                let choose = if field.required { "Choose" } else { "Not said" };
                let empty = first.is_empty().then_some(("", choose)).into_iter();
                let choice = |(code, words): (&str, &str)| Choice {
                    code: code.to_owned(),
                    words: words.into(),
                    chosen: chosen.unwrap_or(first) == code,
                };
                Input::One(empty.chain(codes.iter().copied()).map(choice).collect())
            }
            Kind::YesNo => {
                let chosen = text();
                let choices = [("", "Not asked"), ("yes", "Yes"), ("no", "No")];
                let choice = |(code, words): (&str, &str)| Choice {
                    code: code.to_owned(),
                    words: words.into(),
                    chosen: chosen.reveal() == code,
                };
                Input::One(choices.into_iter().map(choice).collect())
            }
            Kind::Many(codes) => {
                let chosen = |code: &str| self.tried.is_some_and(|tried| tried.typed.all(name).any(|c| c == code));
                let choice = |(code, words): &(&str, &str)| Choice {
                    code: (*code).to_owned(),
                    words: (*words).into(),
                    chosen: chosen(code),
                };
                Input::Many(codes.iter().map(choice).collect())
            }
            Kind::Need => {
                let chosen = text();
                let mut choices = vec![Choice { code: String::new(), words: "A new one".into(), chosen: false }];
                choices.extend(self.view.follow.needs.iter().map(|need| Choice {
                    code: need.need.id.to_string(),
                    words: need.need.text.clone(),
                    chosen: chosen.reveal() == &need.need.id.to_string(),
                }));
                Input::One(choices)
            }
            Kind::List(fields) => {
                let there = match self.tried {
                    Some(tried) => tried.typed.length(name),
                    None => self.at(path).and_then(Value::as_array).map_or(0, |rows| rows.len() + 2).max(2),
                };
                let row = |number: usize| {
                    let inner = |field: &Field| {
                        let name = format!("{name}.{number}.{}", field.path);
                        self.field(field, &name, &name)
                    };
                    fields.iter().map(inner).collect()
                };
                Input::List((0..there.clamp(1, LIST)).map(row).collect())
            }
        }
    }

    /// What stands in a field at first: as typed before, else as known, else as its kind says.
    fn text(&self, name: &str, path: &str, kind: Kind) -> Personal<String> {
        if let Some(tried) = self.tried {
            return tried.typed.get(name).into();
        }
        match (self.at(path), kind) {
            (Some(Value::String(text)), _) => text.as_str().into(),
            (Some(Value::Number(time)), Kind::When(_)) => {
                time.as_u64().map(|time| words::local_field(Time(time))).unwrap_or_default().as_str().into()
            }
            (_, Kind::When(fill)) => self.fill(fill).map(words::local_field).unwrap_or_default().as_str().into(),
            _ => Personal::default(),
        }
    }

    fn fill(&self, fill: Fill) -> Option<Time> {
        let visit = self.view.appointment.as_ref().map(|visit| visit.at);
        match fill {
            Fill::Nothing => None,
            Fill::Now => Some(self.now),
            Fill::Came => Some(visit.filter(|at| *at <= self.now).unwrap_or(self.now)),
            Fill::Appointment => visit,
        }
    }

    fn at(&self, path: &str) -> Option<&Value> {
        path.split('.').try_fold(&self.known, |value, part| match value {
            Value::Array(rows) => rows.get(part.parse::<usize>().ok()?),
            value => value.get(part),
        })
    }
}
