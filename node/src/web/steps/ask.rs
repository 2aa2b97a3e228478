//! From what was typed, as JSON, to requests.

use super::{Fields, Wrong};
use crate::api::care::{Care, ExpiryRequest, MomentRequest};
use crate::system;
use crate::web::pages::search::{FROM_WHERE, NO_MILES, NO_PLACE, kilometres, place};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The value at a path.
pub fn at<'f>(fields: &'f Fields, path: &str) -> Option<&'f Value> {
    let mut parts = path.split('.');
    let first = fields.get(parts.next()?)?;
    parts.try_fold(first, |value, part| value.get(part))
}

/// A text, without blanks around it; empty where there is none.
pub fn text(fields: &Fields, path: &str) -> String {
    at(fields, path).and_then(Value::as_str).map(str::trim).unwrap_or_default().to_owned()
}

/// The same where something was typed.
pub fn some(fields: &Fields, path: &str) -> Option<String> {
    Some(text(fields, path)).filter(|text| !text.is_empty())
}

/// The same about a person.
pub fn words(fields: &Fields, path: &str) -> Personal<String> {
    Personal::new(text(fields, path))
}

/// A box that was ticked.
pub fn ticked(fields: &Fields, path: &str) -> bool {
    at(fields, path).and_then(Value::as_bool).unwrap_or(false)
}

/// A time.
pub fn time(fields: &Fields, path: &str) -> Option<Time> {
    at(fields, path).and_then(Value::as_u64).map(Time)
}

/// A value of codes.
pub fn of<T: DeserializeOwned + Default>(fields: &Fields, path: &str) -> T {
    at(fields, path).and_then(|value| serde_json::from_value(value.clone()).ok()).unwrap_or_default()
}

/// The rows of a list.
pub fn rows<'f>(fields: &'f Fields, path: &str) -> impl Iterator<Item = &'f Fields> {
    at(fields, path).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

/// What is wrong with one field.
pub fn wrong<T>(path: &str, sentence: &str) -> Result<T, Vec<Wrong>> {
    Err(vec![(path.to_owned(), sentence.to_owned())])
}

/// A request whose fields are those of the form, with this under that name besides.
pub fn care(care: &str, fields: &Fields, beside: &[(&str, &str)]) -> Result<Care, Vec<Wrong>> {
    let mut object = fields.clone();
    for (name, value) in [("care", care)].iter().chain(beside) {
        object.insert((*name).to_owned(), Value::from(*value));
    }
    serde_json::from_value(Value::Object(object))
        .map_err(|_| vec![(String::new(), "The form did not arrive whole.".to_owned())])
}

/// When a consent ends: `ends` says how, `expires` and `event` which; nothing chosen: nothing said.
pub fn expiry(fields: &Fields) -> Result<Option<ExpiryRequest>, Vec<Wrong>> {
    Ok(match text(fields, "ends").as_str() {
        // The day itself counts.
        "on" => match time(fields, "expires").and_then(|day| system::end(&day.date()).ok()) {
            Some(at) => Some(ExpiryRequest::On(at)),
            None => return wrong("expires", "Please give the day on which it ends."),
        },
        "event" => match some(fields, "event") {
            Some(event) => Some(ExpiryRequest::Event(Personal::new(event))),
            None => return wrong("event", "Please say at which event it ends."),
        },
        "never" => Some(ExpiryRequest::Never),
        _ => None,
    })
}

/// A day, or else an event in words.
pub fn moment(fields: &Fields, path: &str) -> Result<MomentRequest, Vec<Wrong>> {
    match some(fields, path) {
        Some(text) => Ok(system::begin(&text).map_or(MomentRequest::When(text.as_str().into()), MomentRequest::On)),
        None => wrong(path, "Please give a day, such as 6/1/2027, or an event in words."),
    }
}

/// From where (latitude, longitude), and within how many kilometres.
pub type Around = (Option<(f64, f64)>, Option<f64>);

/// The place and the distance that were asked for, as the search of the directory takes them.
///
/// # Errors
/// No such place or distance; a distance from nowhere.
pub fn around(fields: &Fields) -> Result<Around, Vec<Wrong>> {
    let wrong = |path: &str, sentence: &str| vec![(path.to_owned(), sentence.to_owned())];
    let near = match some(fields, "near") {
        None => None,
        Some(text) => Some(place(&text).ok_or_else(|| wrong("near", NO_PLACE))?),
    };
    let within = match some(fields, "miles") {
        None => None,
        Some(text) => Some(kilometres(&text).ok_or_else(|| wrong("miles", NO_MILES))?),
    };
    if within.is_some() && near.is_none() {
        return Err(wrong("near", FROM_WHERE));
    }
    Ok((near, within))
}
