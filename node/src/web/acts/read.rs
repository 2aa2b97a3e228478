//! From what was posted to a request.

use super::codes::Words;
use super::{Field, Kind, Row};
use crate::api::care::ActRequest;
use crate::web::words;
use belay_protocol::sensitive::Personal;
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

/// The request that was posted.
///
/// # Errors
/// A sentence for each field that is wrong.
pub fn read(row: &Row, typed: &Typed) -> Result<ActRequest, Vec<Wrong>> {
    let mut wrong = Vec::new();
    let mut object = Map::new();
    for field in row.fields {
        let value = value(field, field.path, typed, &mut wrong);
        place(&mut object, field.path, value);
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let request = if row.fields.is_empty() {
        Value::String(row.tag.to_owned())
    } else {
        Value::Object(Map::from_iter([(row.tag.to_owned(), Value::Object(object))]))
    };
    serde_json::from_value(request).map_err(|_| vec![(String::new(), "The form did not arrive whole.".to_owned())])
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
        Kind::Many(codes) => {
            let chosen: Vec<&str> = typed.all(name).collect();
            if chosen.iter().any(|code| !known(codes, code)) {
                return refuse(format!("Please choose from the list: {}.", field.label));
            }
            return chosen.into_iter().map(Value::from).collect();
        }
        Kind::Line | Kind::Text(_) => {
            if field.required && given.trim().is_empty() {
                return refuse(format!("Please fill this in: {}.", plain(field.label)));
            }
            let most = if matches!(field.kind, Kind::Line) { LINE } else { TEXT };
            if given.chars().count() > most {
                return refuse(format!("Please write at most {most} characters."));
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
        return if field.required { refuse(format!("Please give this: {}.", plain(field.label))) } else { Value::Null };
    }
    let read = match field.kind {
        Kind::One(codes, _) => known(codes, given).then(|| Value::from(given)).ok_or("Please choose from the list."),
        Kind::When(_) => {
            words::local_time(given).map(|time| Value::from(time.0)).ok_or("Please give a day and a time.")
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

/// The rows of a list that say anything.
fn list(fields: &[Field], name: &str, typed: &Typed, wrong: &mut Vec<Wrong>) -> Value {
    let mut rows = Vec::new();
    for number in 0..typed.length(name) {
        let mut object = Map::new();
        let mut filled = false;
        for field in fields {
            let name = format!("{name}.{number}.{}", field.path);
            filled |= !typed.get(&name).trim().is_empty();
            place(&mut object, field.path, value(field, &name, typed, wrong));
        }
        if filled {
            rows.push(Value::Object(object));
        }
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
