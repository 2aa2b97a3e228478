//! Fields as a page shows them.

use super::read::{ANOTHER, LINE, LIST, TEXT, Typed, Wrong};
use super::{Field, Fill, Kind, Source};
use crate::web::words;
use askama::Template;
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use serde_json::Value;
use std::collections::BTreeMap;

/// One field of a form, or the heading of a group of them.
#[derive(Template)]
#[template(path = "field.html")]
pub struct Fact {
    pub id: String,
    pub name: String,
    pub label: &'static str,
    pub hint: &'static str,
    pub required: bool,
    pub input: Input,
    /// What is wrong with it.
    pub wrong: Option<String>,
    /// Of a list: one more row was asked for, and stands open.
    pub grown: bool,
}

/// How a field is filled in. What stands in it may be about the person.
pub enum Input {
    Fixed(Personal<String>),
    Line(Personal<String>),
    Text(u8, Personal<String>),
    When(String),
    /// By the clock of the place that is said beside it.
    Clock(String),
    Day(String),
    Number(u16, u16, String),
    One(Vec<Choice>),
    Many(Vec<Choice>),
    Tick(bool),
    /// Rows of fields.
    List(Vec<Vec<Fact>>),
    /// Fields that are folded away, unless something stands in one.
    Part(Vec<Fact>, bool),
}

/// One of several to choose from.
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

    /// Whose clock a time is read by, on the day that stands there or else today.
    fn zone(&self) -> String {
        let Input::When(text) = &self.input else { return String::new() };
        let at = words::local_time(text).unwrap_or_else(crate::system::now);
        format!("by the clock here, {}", words::zone(at))
    }

    /// It takes the room that there is.
    const fn wide(&self) -> bool {
        matches!(self.input, Input::Text(..) | Input::Line(_))
    }

    /// That it has to be filled in, what helps, and what is wrong with it. Holds no more than the name of the field.
    fn flags(&self) -> String {
        let mut flags = if self.required { " required".to_owned() } else { String::new() };
        if self.wrong.is_some() {
            flags.push_str(" aria-invalid=\"true\"");
        }
        let described = [(self.wrong.is_some(), "wrong"), (!self.hint.is_empty(), "hint")];
        let by: Vec<String> =
            described.iter().filter(|(there, _)| *there).map(|(_, end)| format!("{}-{end}", self.id)).collect();
        if !by.is_empty() {
            flags.push_str(&format!(" aria-describedby=\"{}\"", by.join(" ")));
        }
        flags
    }

    /// Something is wrong here, or further in.
    fn is_wrong(&self) -> bool {
        self.wrong.is_some()
            || match &self.input {
                Input::List(rows) => rows.iter().flatten().any(Self::is_wrong),
                Input::Part(facts, _) => facts.iter().any(Self::is_wrong),
                _ => false,
            }
    }

    /// A row of a list that says nothing yet, and is not the first: it is folded away.
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
    fn folds(&self, row: &[Self], number: &usize) -> bool {
        *number > 1
            && !self.grown
            && matches!(self.input, Input::List(_))
            && !row.iter().any(|fact| fact.is_wrong() || (!matches!(fact.input, Input::Many(_)) && fact.is_filled()))
    }

    /// A list stands in it that has room for one more row.
    #[must_use]
    pub fn grows(&self) -> bool {
        self.may_grow() || matches!(&self.input, Input::Part(facts, _) if facts.iter().any(Self::grows))
    }

    /// A list that has room for one more row.
    fn may_grow(&self) -> bool {
        matches!(&self.input, Input::List(rows) if rows.len() < LIST)
    }

    /// Something stands here that nobody put there beforehand.
    fn is_filled(&self) -> bool {
        match &self.input {
            Input::Fixed(_) => false,
            Input::Line(text) | Input::Text(_, text) => !text.reveal().is_empty(),
            Input::When(text) | Input::Clock(text) | Input::Day(text) | Input::Number(_, _, text) => !text.is_empty(),
            // Chosen, where nothing is chosen at first.
            Input::One(choices) => {
                choices.first().is_some_and(|first| first.code.is_empty())
                    && choices.iter().any(|c| c.chosen && !c.code.is_empty())
            }
            Input::Many(choices) => choices.iter().any(|choice| choice.chosen),
            Input::Tick(ticked) => *ticked,
            Input::List(rows) => {
                rows.iter().flatten().any(|fact| !matches!(fact.input, Input::Many(_)) && fact.is_filled())
            }
            Input::Part(_, open) => *open,
        }
    }
}

/// What the page knows to choose from: a code and words each.
#[derive(Debug, Clone, Default)]
pub struct Lists(pub BTreeMap<Source, Vec<(String, Personal<String>)>>);

impl Lists {
    /// The choices of one kind.
    #[must_use]
    pub fn of(&self, source: Source) -> &[(String, Personal<String>)] {
        self.0.get(&source).map_or(&[], Vec::as_slice)
    }

    /// The words of a choice; empty where there is none such.
    #[must_use]
    pub fn words(&self, source: Source, code: &str) -> Personal<String> {
        self.of(source).iter().find(|(known, _)| known == code).map(|(_, words)| words.clone()).unwrap_or_default()
    }
}

/// What a form is drawn over.
pub struct Ground<'g> {
    /// Ids begin with it.
    pub slug: &'g str,
    pub now: Time,
    /// Of the appointment.
    pub visit: Option<Time>,
    /// What is known of the request before anybody types.
    pub known: &'g Value,
    pub lists: &'g Lists,
    /// Ticks that stand at first in fields of this path, in place of those of the table.
    pub first: Option<(&'static str, &'static [&'static str])>,
    /// What was posted and refused.
    pub tried: Option<(&'g Typed, &'g [Wrong])>,
}

impl Ground<'_> {
    /// These fields.
    #[must_use]
    pub fn fields(&self, fields: &[Field]) -> Vec<Fact> {
        fields.iter().map(|field| self.one(field)).collect()
    }

    /// One field.
    #[must_use]
    pub fn one(&self, field: &Field) -> Fact {
        self.field(field, field.path, true)
    }

    fn field(&self, field: &Field, name: &str, top: bool) -> Fact {
        let wrong = self.tried.and_then(|(_, wrong)| wrong.iter().find(|(of, _)| of == name));
        let name = if matches!(field.kind, Kind::Part(_)) { field.label } else { name };
        Fact {
            id: format!("{}-{}", self.slug, name.replace(['.', '_', ' '], "-").to_lowercase()),
            name: name.to_owned(),
            label: field.label,
            hint: field.hint,
            // Of a list, a row that says nothing is left out.
            required: field.required && top,
            input: self.input(field, name),
            wrong: wrong.map(|(_, sentence)| sentence.clone()),
            grown: self.grown(name),
        }
    }

    fn input(&self, field: &Field, name: &str) -> Input {
        let text = || self.text(name, field.kind);
        match field.kind {
            Kind::Fixed => Input::Fixed(text()),
            Kind::Line | Kind::Born => Input::Line(text()),
            Kind::Text(rows) | Kind::Each(rows) => Input::Text(rows, text()),
            Kind::When(_) => Input::When(text().reveal().clone()),
            Kind::Clock => Input::Clock(text().reveal().clone()),
            Kind::Day => Input::Day(text().reveal().clone()),
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
            Kind::Tick => Input::Tick(text().reveal() == "yes"),
            Kind::Many(codes, first) => {
                let first = self.first.filter(|(path, _)| *path == field.path).map_or(first, |(_, first)| first);
                let choice = |(code, words): &(&str, &str)| Choice {
                    code: (*code).to_owned(),
                    words: (*words).into(),
                    chosen: self.ticked(name, code, first),
                };
                Input::Many(codes.iter().map(choice).collect())
            }
            Kind::Pick(source) => {
                let chosen = text();
                let none = source.none(field.required);
                let mut choices = vec![Choice { code: String::new(), words: none.into(), chosen: false }];
                choices.extend(self.lists.of(source).iter().map(|(code, words)| Choice {
                    code: code.clone(),
                    words: words.clone(),
                    chosen: chosen.reveal() == code,
                }));
                Input::One(choices)
            }
            Kind::PickAny(source) => {
                let choice = |(code, words): &(String, Personal<String>)| Choice {
                    code: code.clone(),
                    words: words.clone(),
                    chosen: self.ticked(name, code, &[]),
                };
                Input::Many(self.lists.of(source).iter().map(choice).collect())
            }
            Kind::List(fields) => self.list(fields, name),
            Kind::Part(fields) => {
                let facts = self.fields(fields);
                let open = facts.iter().any(|fact| fact.is_wrong() || fact.is_filled());
                Input::Part(facts, open)
            }
        }
    }

    fn list(&self, fields: &[Field], name: &str) -> Input {
        let known = self.at(name).and_then(Value::as_array).map_or(0, |rows| rows.len() + 2).max(2);
        let there = match self.tried {
            Some((typed, _)) => typed.length(name).max(2) + usize::from(self.grown(name)),
            None => known,
        };
        let row = |number: usize| {
            let inner = |field: &Field| self.field(field, &format!("{name}.{number}.{}", field.path), false);
            fields.iter().map(inner).collect()
        };
        Input::List((0..there.clamp(1, LIST)).map(row).collect())
    }

    /// Whether who fills it in asked for one more row of this list.
    fn grown(&self, name: &str) -> bool {
        self.tried.is_some_and(|(typed, _)| typed.get(ANOTHER) == name)
    }

    fn ticked(&self, name: &str, code: &str, first: &[&str]) -> bool {
        match (self.tried, self.at(name)) {
            (Some((typed, _)), _) => typed.all(name).any(|chosen| chosen == code),
            (None, Some(Value::Array(known))) => known.iter().any(|known| known == code),
            (None, _) => first.contains(&code),
        }
    }

    /// What stands in a field at first: as typed before, else as known, else as its kind says.
    fn text(&self, name: &str, kind: Kind) -> Personal<String> {
        // What is shown again is what is signed, not what was shown before.
        if let Some((typed, _)) = self.tried.filter(|_| !matches!(kind, Kind::Fixed)) {
            return typed.get(name).into();
        }
        match (self.at(name), kind) {
            (Some(Value::String(text)), _) => text.as_str().into(),
            (Some(Value::Bool(yes)), _) => if *yes { "yes" } else { "no" }.into(),
            (Some(Value::Array(lines)), Kind::Each(_)) => {
                let lines: Vec<&str> = lines.iter().filter_map(Value::as_str).collect();
                Personal::new(lines.join("\n"))
            }
            (Some(Value::Number(time)), Kind::When(_)) => {
                time.as_u64().map(|time| words::local_field(Time(time))).unwrap_or_default().as_str().into()
            }
            (Some(Value::Number(time)), Kind::Day) => {
                time.as_u64().map(|time| Time(time).date()).unwrap_or_default().as_str().into()
            }
            (_, Kind::When(fill)) => self.fill(fill).map(words::local_field).unwrap_or_default().as_str().into(),
            _ => Personal::default(),
        }
    }

    fn fill(&self, fill: Fill) -> Option<Time> {
        match fill {
            Fill::Nothing => None,
            Fill::Now => Some(self.now),
            Fill::Came => Some(self.visit.filter(|at| *at <= self.now).unwrap_or(self.now)),
            Fill::Appointment => self.visit,
        }
    }

    fn at(&self, path: &str) -> Option<&Value> {
        path.split('.').try_fold(self.known, |value, part| match value {
            Value::Array(rows) => rows.get(part.parse::<usize>().ok()?),
            value => value.get(part),
        })
    }
}
