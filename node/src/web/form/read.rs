//! From what was posted to a request.

use super::{Field, Kind};
use crate::system;
use crate::web::acts::codes::Words;
use crate::web::words;
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// Fields as they were posted, in their order; a name may come more than once.
#[derive(Clone, Default)]
pub struct Typed(pub Vec<(String, Personal<String>)>);

impl Typed {
    /// The first value under this name.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(given, _)| given == name).map_or("", |(_, value)| value.reveal().as_str())
    }

    /// Every value under this name.
    pub fn all<'t>(&'t self, name: &'t str) -> impl Iterator<Item = &'t str> {
        self.0.iter().filter(move |(given, _)| given == name).map(|(_, value)| value.reveal().as_str())
    }

    /// How many there are of this list: one more than the highest number that was posted.
    #[must_use]
    pub fn length(&self, list: &str) -> usize {
        let number = |name: &str| name.strip_prefix(list)?.strip_prefix('.')?.split('.').next()?.parse::<usize>().ok();
        self.0.iter().filter_map(|(name, _)| number(name)).max().map_or(0, |most| (most + 1).min(LIST))
    }
}

/// Name of the button that asks for one more row of a list, whose name is its value: the form comes back with all that was typed.
pub const ANOTHER: &str = "another-row";

/// Rows of a list that are read.
pub const LIST: usize = belay_protocol::limits::PERSON_VALUES;

impl<'de> Deserialize<'de> for Typed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Typed;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("the fields of a form")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Typed, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Typed(pairs))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

/// What is wrong with a field: its name, and a sentence.
pub type Wrong = (String, String);

/// What was posted, each field where its path says.
///
/// # Errors
/// A sentence for each field that is wrong.
pub fn object(fields: &[Field], typed: &Typed) -> Result<Map<String, Value>, Vec<Wrong>> {
    let (mut object, mut wrong) = (Map::new(), Vec::new());
    fill(fields, typed, &mut object, &mut wrong);
    if wrong.is_empty() { Ok(object) } else { Err(wrong) }
}

fn fill(fields: &[Field], typed: &Typed, object: &mut Map<String, Value>, wrong: &mut Vec<Wrong>) {
    for field in fields {
        if let Kind::Part(inner) = field.kind {
            fill(inner, typed, object, wrong);
        } else {
            let value = value(field, field.path, typed, wrong);
            place(object, field.path, value);
        }
    }
}

/// Puts a value where its path says.
fn place(object: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        None => {
            object.insert(path.to_owned(), value);
        }
        Some((first, rest)) => {
            let inner = object.entry(first.to_owned()).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                place(inner, rest, value);
            }
        }
    }
}

fn value(field: &Field, name: &str, typed: &Typed, wrong: &mut Vec<Wrong>) -> Value {
    let given = typed.get(name);
    let mut refuse = |sentence: String| {
        wrong.push((name.to_owned(), sentence));
        Value::Null
    };
    match field.kind {
        Kind::List(fields) => return list(fields, name, typed, wrong),
        Kind::Many(codes, _) => {
            let chosen: Vec<&str> = typed.all(name).collect();
            if chosen.iter().any(|code| !known(codes, code)) {
                return refuse(format!("Please choose from the list: {}.", field.label));
            }
            if field.required && chosen.is_empty() {
                return refuse(format!("Please choose at least one: {}.", plain(field.label)));
            }
            return chosen.into_iter().map(Value::from).collect();
        }
        Kind::PickAny(_) => {
            return typed.all(name).map(str::trim).filter(|id| !id.is_empty()).map(Value::from).collect();
        }
        Kind::Tick => {
            let ticked = given == "yes";
            return if field.required && !ticked {
                refuse("Please tick this, if it is so.".to_owned())
            } else {
                Value::Bool(ticked)
            };
        }
        Kind::Fixed | Kind::Line | Kind::Text(_) | Kind::Each(_) => {
            if field.required && given.trim().is_empty() {
                return refuse(format!("Please fill this in: {}.", plain(field.label)));
            }
            let most = if matches!(field.kind, Kind::Line | Kind::Fixed) { LINE } else { TEXT };
            if given.chars().count() > most {
                return refuse(format!("Please write at most {most} characters."));
            }
            if matches!(field.kind, Kind::Each(_)) {
                let lines: Vec<&str> = given.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
                return if lines.len() > LIST {
                    refuse(format!("Please write at most {LIST} lines."))
                } else if lines.iter().any(|line| line.chars().count() > LINE) {
                    refuse(format!("Please write at most {LINE} characters in a line."))
                } else {
                    lines.into_iter().map(Value::from).collect()
                };
            }
            if field.keep && given.trim().is_empty() {
                return Value::Null;
            }
            // Browsers end lines in forms with both.
            return Value::String(given.replace("\r\n", "\n"));
        }
        _ => {}
    }
    let given = given.trim();
    if given.is_empty() {
        return match field.kind {
            _ if field.required => refuse(format!("Please give this: {}.", plain(field.label))),
            Kind::Born => Value::from(""),
            _ => Value::Null,
        };
    }
    let read = match field.kind {
        Kind::One(codes, _) => known(codes, given).then(|| Value::from(given)).ok_or("Please choose from the list."),
        Kind::When(_) => words::local_time(given)
            .map(|time| Value::from(time.0))
            .ok_or("Please give a day and a time, such as 4/2/2027 15:00."),
        // What it is where the place is, the use case says.
        Kind::Clock => words::local_time(given)
            .map(|_| Value::from(system::typed(given)))
            .ok_or("Please give a day and a time, such as 4/2/2027 15:00."),
        Kind::Day => Time::parse(&system::typed(given))
            .map(|time| Value::from(time.0))
            .map_err(|_| "Please give a day, such as 4/2/2027."),
        Kind::Born => {
            let given = system::typed(given);
            let year = given.len() == 4 && given.bytes().all(|b| b.is_ascii_digit());
            let day = given.len() == 10 && given.parse::<jiff::civil::Date>().is_ok();
            (year || day).then(|| Value::from(given)).ok_or(
                "Please write month/day/year or year-month-day, such as 4/2/1991 or 1991-04-02, or the year alone.",
            )
        }
        Kind::YesNo => match given {
            "yes" => Ok(Value::Bool(true)),
            "no" => Ok(Value::Bool(false)),
            _ => Err("Please choose yes or no."),
        },
        Kind::Number(least, most) => {
            let number = given.parse::<u16>().ok().filter(|number| (least..=most).contains(number));
            return number.map_or_else(|| refuse(format!("Please give a number from {least} to {most}.")), Value::from);
        }
        _ => Ok(Value::from(given)),
    };
    read.unwrap_or_else(|sentence| refuse(sentence.to_owned()))
}

/// What stands in a line, and in a text.
pub const LINE: usize = belay_protocol::limits::NAME_CHARS;
pub const TEXT: usize = belay_protocol::limits::TEXT_CHARS;

/// The rows of a list that say anything. A choice that stands there at first says nothing by itself.
fn list(fields: &[Field], name: &str, typed: &Typed, wrong: &mut Vec<Wrong>) -> Value {
    let mut rows = Vec::new();
    for number in 0..typed.length(name) {
        let named = |field: &Field| format!("{name}.{number}.{}", field.path);
        let says = |field: &Field| match field.kind {
            Kind::Many(_, first) => first.is_empty() && !typed.get(&named(field)).is_empty(),
            Kind::One(_, first) => first.is_empty() && !typed.get(&named(field)).is_empty(),
            _ => !typed.get(&named(field)).trim().is_empty(),
        };
        if !fields.iter().any(says) {
            continue;
        }
        let mut object = Map::new();
        for field in fields {
            let value = value(field, &named(field), typed, wrong);
            place(&mut object, field.path, value);
        }
        rows.push(Value::Object(object));
    }
    Value::Array(rows)
}

fn known(codes: Words, given: &str) -> bool {
    codes.iter().any(|(code, _)| *code == given)
}

/// A label without what stands in brackets.
fn plain(label: &str) -> &str {
    label.split(" (").next().unwrap_or(label).trim_end_matches('?')
}
