//! Who looked at what, and what was refused: each is an entry of its own, with who and when.

use super::super::staff::StaffSession;
use crate::api::care::Care;
use belay_protocol::disclosure::{Audit, Looked, PrivateBody, Shown};
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::{PersonId, ThreadId};
use belay_protocol::limits;
use belay_protocol::sensitive::Personal;
use serde_json::Value;

/// Records that this staff member looked.
///
/// # Errors
/// `Store`.
pub fn look(
    step: &mut Step<'_>,
    session: &StaffSession,
    looked: Looked,
    person: Option<PersonId>,
    thread: Option<ThreadId>,
) -> Result<()> {
    let (at, words) = (step.context().now, Personal::default());
    write(step, Audit { by: session.by(), looked, person, thread, at, shown: Vec::new(), words })
}

/// The same of a short list, with whom each line of it was about.
///
/// # Errors
/// `Store`.
pub fn look_at(step: &mut Step<'_>, session: &StaffSession, looked: Looked, shown: Vec<Shown>) -> Result<()> {
    look_for(step, session, looked, &Personal::default(), shown)
}

/// The same, with what was looked for. Of a list that is too long to name each, as everybody's is, it says that alone.
///
/// # Errors
/// `Store`.
pub fn look_for(
    step: &mut Step<'_>,
    session: &StaffSession,
    looked: Looked,
    words: &Personal<String>,
    mut shown: Vec<Shown>,
) -> Result<()> {
    shown.sort_unstable();
    shown.dedup();
    if shown.len() > limits::SHOWN_AT_ONCE {
        shown.clear();
    }
    let (at, words) = (step.context().now, short(words.reveal()));
    write(step, Audit { by: session.by(), looked, person: None, thread: None, at, shown, words })
}

/// Records that this was asked and refused: a refusal answers as well, such as whether somebody is on record.
///
/// # Errors
/// `Store`.
pub fn refused(step: &mut Step<'_>, session: &StaffSession, ask: &Care) -> Result<()> {
    let (at, words) = (step.context().now, asked(ask));
    let looked = Looked::Refused;
    write(step, Audit { by: session.by(), looked, person: None, thread: None, at, shown: Vec::new(), words })
}

/// What was asked, and of what: never more of a request than names something.
fn asked(ask: &Care) -> Personal<String> {
    const NAMES: [&str; 10] =
        ["person", "other", "thread", "consent", "inquiry", "attachment", "hold", "call", "opening", "agreement"];
    // No value, since nothing of a request is zeroized there; what is taken from it is.
    let Ok(Value::Object(fields)) = serde_json::to_value(ask) else { return Personal::default() };
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let named = NAMES.iter().filter_map(|name| text(name));
    let said: Vec<&str> = text("care").into_iter().chain(named).collect();
    short(&said.join(" "))
}

fn short(text: &str) -> Personal<String> {
    Personal::new(text.trim().chars().take(limits::NAME_CHARS).collect())
}

fn write(step: &mut Step<'_>, audit: Audit) -> Result<()> {
    step.write_private(&PrivateBody::Audit(audit).encode()).map(drop)
}
