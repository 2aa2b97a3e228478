//! Persons in the records of this organisation. Every look is audited.

use super::records::{self, Kind, find};
use super::staff::StaffSession;
use super::{identity, named};
use crate::api::care::{PersonFields, PersonRow, PersonView, PersonsAsk, PersonsView};
use crate::api::{Failure, Outcome};
use belay_protocol::disclosure::{Audit, Looked, PrivateBody, Shown};
use belay_protocol::engine::Step;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{PersonId, ThreadId};
use belay_protocol::random;
use belay_protocol::referral::{Identity, Person};
use belay_protocol::sensitive::Personal;
use belay_protocol::store::View;
use belay_protocol::time::Time;

/// Adds a person.
///
/// # Errors
/// No name, or a field that is too long.
pub fn add(step: &mut Step<'_>, session: &StaffSession, fields: &PersonFields) -> Outcome<PersonView> {
    let person = new(step, fields)?;
    look(step, session, Looked::Person, Some(person.id), None)?;
    Ok(view(&person))
}

/// Writes a new person and says who it is.
///
/// # Errors
/// As [`add`].
pub fn new(step: &mut Step<'_>, fields: &PersonFields) -> Outcome<Person> {
    identity::proper_name("the person's name", fields.name.reveal())?;
    dated(fields.birth_date.reveal())?;
    let id = PersonId(random::array(step.context().random));
    let person = Person { id, revision: 1, identity: to_identity(fields), note: fields.note.clone() };
    person.identity.check()?;
    step.write_private(&PrivateBody::Person(Box::new(person.clone())).encode())?;
    Ok(person)
}

/// A date of birth may be empty, a year, or a day.
fn dated(text: &str) -> Outcome<()> {
    let text = text.trim();
    let year = text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
    if text.is_empty() || year || text.parse::<jiff::civil::Date>().is_ok() {
        return Ok(());
    }
    Err(Failure::misuse("a date of birth is YYYY-MM-DD, or YYYY where only the year is known"))
}

/// Persons, by name.
///
/// # Errors
/// `Store`.
pub fn list(step: &mut Step<'_>, session: &StaffSession, ask: &PersonsAsk) -> Outcome<PersonsView> {
    look(step, session, Looked::PersonList, None, None)?;
    let wanted: Vec<Personal<String>> =
        ask.words.reveal().split_whitespace().map(|word| Personal::new(word.to_lowercase())).collect();
    let fits = |(_, name, born): &find::Called| {
        let name = Personal::new(name.reveal().to_lowercase());
        let fits = |word: &str| name.reveal().contains(word) || born.reveal().starts_with(word);
        wanted.iter().all(|word| fits(word.reveal()))
    };
    let most = ask.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let (found, more) = find::in_order(step.draft(), most, fits)?;
    let row = |(id, name, birth_date)| PersonRow { id, name, birth_date };
    Ok(PersonsView { persons: found.into_iter().map(row).collect(), more })
}

/// One person.
///
/// # Errors
/// None fits, or more than one does.
pub fn show(step: &mut Step<'_>, session: &StaffSession, given: &Personal<String>) -> Outcome<PersonView> {
    let person = find(step.draft(), given)?;
    look(step, session, Looked::Person, Some(person.id), None)?;
    Ok(view(&person))
}

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
    let at: Time = step.context().now;
    let audit = Audit { by: session.by(), looked, person, thread, at, shown: Vec::new() };
    step.write_private(&PrivateBody::Audit(audit).encode()).map(drop)
}

/// The same of a short list, with whom each line of it was about.
///
/// # Errors
/// `Store`.
pub fn look_at(step: &mut Step<'_>, session: &StaffSession, looked: Looked, mut shown: Vec<Shown>) -> Result<()> {
    shown.sort_unstable();
    shown.dedup();
    let at = step.context().now;
    let audit = Audit { by: session.by(), looked, person: None, thread: None, at, shown };
    step.write_private(&PrivateBody::Audit(audit).encode()).map(drop)
}

/// Every person on record.
///
/// # Errors
/// `Store`.
pub fn all(view: &dyn View) -> Result<Vec<Person>> {
    those(view, &[])
}

/// Those whose id begins so.
fn those(view: &dyn View, id: &[u8]) -> Result<Vec<Person>> {
    records::all(view, Kind::Person, id)?
        .into_iter()
        .map(|record| match record.body {
            PrivateBody::Person(person) => Ok(*person),
            _ => Err(Fault::store("a person's record holds something else")),
        })
        .collect()
}

/// Persons on record who may be this one.
///
/// # Errors
/// `Store`.
pub fn like(view: &dyn View, identity: &Identity) -> Result<Vec<Person>> {
    find::like(view, identity)?.into_iter().filter_map(|id| get(view, id).transpose()).collect()
}

/// A person by id, beginning of an id, or a name that fits only one.
///
/// # Errors
/// None fits, or more than one does.
pub fn find(view: &dyn View, given: &Personal<String>) -> Outcome<Person> {
    let mut persons = super::beginning(given.reveal()).map_or_else(|| Ok(Vec::new()), |id| those(view, &id))?;
    for id in find::called(view, given.reveal())? {
        if persons.iter().all(|person: &Person| person.id != id) {
            persons.extend(get(view, id)?);
        }
    }
    let key = |p: &Person| (p.id.to_string(), p.identity.name.reveal().clone());
    named(&persons, given.reveal(), key, "person", "belay person list").cloned()
}

/// A person by id.
///
/// # Errors
/// `Store`.
pub fn get(view: &dyn View, id: PersonId) -> Result<Option<Person>> {
    Ok(records::get(view, Kind::Person, &id.0)?.and_then(|record| match record.body {
        PrivateBody::Person(person) => Some(*person),
        _ => None,
    }))
}

/// What forms fill in, as records and threads hold it.
#[must_use]
pub fn to_identity(fields: &PersonFields) -> Identity {
    Identity {
        name: trimmed(&fields.name),
        other_names: fields.other_names.iter().map(trimmed).collect(),
        birth_date: trimmed(&fields.birth_date),
        phones: fields.phones.iter().map(trimmed).collect(),
        address: trimmed(&fields.address),
        contact: trimmed(&fields.contact),
        language: trimmed(&fields.language),
    }
}

/// The other way round.
#[must_use]
pub fn to_fields(identity: &Identity) -> PersonFields {
    PersonFields {
        name: identity.name.clone(),
        other_names: identity.other_names.clone(),
        birth_date: identity.birth_date.clone(),
        phones: identity.phones.clone(),
        address: identity.address.clone(),
        contact: identity.contact.clone(),
        language: identity.language.clone(),
        note: Personal::default(),
    }
}

fn trimmed(text: &Personal<String>) -> Personal<String> {
    text.reveal().trim().into()
}

fn view(person: &Person) -> PersonView {
    PersonView { id: person.id, fields: PersonFields { note: person.note.clone(), ..to_fields(&person.identity) } }
}
