//! Persons in the records of this organisation: added, corrected, joined. Every look is audited.
//!
//! - `alike`: who looks like somebody on record; `merge`: two records of one human being; `history`: what was changed, by whom and when;
//!   `looks`: who looked at what, and what was refused

mod alike;
mod history;
mod looks;
mod merge;

pub use alike::like_this;
pub use looks::{look, look_at, look_for, refused};
pub use merge::{apart, merge, preview as merge_preview};

use super::records::{self, Kind, find};
use super::staff::StaffSession;
use super::{identity, named};
use crate::api::care::{
    PersonAdd, PersonEdit, PersonFields, PersonRow, PersonView, PersonsAsk, PersonsView, PlansView,
};
use crate::api::{Failure, Outcome};
use crate::system;
use belay_protocol::disclosure::{Looked, PrivateBody, Shown};
use belay_protocol::engine::Step;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{EntryHash, PersonId, StaffId};
use belay_protocol::keys::digest::sha256;
use belay_protocol::limits;
use belay_protocol::random;
use belay_protocol::referral::{Field, Identity, Join, Person, as_it_holds, folded, persons_in_order};
use belay_protocol::sensitive::Personal;
use belay_protocol::store::View;
use belay_protocol::time::{DAY, MINUTE, Time};
use data_encoding::HEXLOWER;
use std::collections::BTreeSet;
use zeroize::Zeroizing;

/// Adds a person.
///
/// # Errors
/// No name, a field that is too long, a date of birth that can not be; somebody on record looks like this one, and nobody said that it
/// is somebody else.
pub fn add(step: &mut Step<'_>, session: &StaffSession, ask: &PersonAdd) -> Outcome<PersonView> {
    let next = "look at who it is like; if it is somebody else, the command again with --another";
    let person = new_beside(step, session, &ask.fields, (ask.another, next))?;
    super::project::project_step(step)?;
    look(step, session, Looked::Person, Some(person.id), None)?;
    view(step.draft(), &person)
}

/// Writes a new person, beside whoever looks alike: `another` says that staff have looked, and that it is somebody else; `next` what to do where
/// nobody has.
///
/// # Errors
/// As [`add`].
pub fn new_beside(
    step: &mut Step<'_>,
    session: &StaffSession,
    fields: &PersonFields,
    (another, next): (bool, &str),
) -> Outcome<Person> {
    let person = new(step, session, fields)?;
    let alike = alike::doubles(step.draft(), &person.identity, None)?;
    if !another && !alike.is_empty() {
        return Err(alike::refused(next));
    }
    step.write_private(&PrivateBody::Person(Box::new(person.clone())).encode())?;
    let why = Personal::from("said to be somebody else when this record was made");
    for (double, _) in &alike {
        merge::say(step, session, (person.id, double.id), Join::Apart, &why)?;
    }
    Ok(person)
}

/// A new person, before it is written: what is wrong with a form is said before anybody is looked for.
fn new(step: &mut Step<'_>, session: &StaffSession, fields: &PersonFields) -> Outcome<Person> {
    let id = PersonId(random::array(step.context().random));
    let (identity, note, at) = (to_identity(fields), fields.note.clone(), step.context().now);
    let died = day(&fields.died);
    let person = Person { id, revision: 1, identity, note, died, changed: Field::ALL.to_vec(), by: session.by(), at };
    proper(&person, at)?;
    Ok(person)
}

fn proper(person: &Person, now: Time) -> Outcome<()> {
    let name = person.identity.name.reveal().trim();
    if name.is_empty() {
        known_again(person)?;
    } else {
        identity::proper_name("the person's name", name)?;
    }
    dated(person.identity.birth_date.reveal(), now)?;
    died_on(person.died.reveal(), now)?;
    Ok(person.check()?)
}

/// Nobody has to give a name. But who comes again is to be found again.
fn known_again(person: &Person) -> Outcome<()> {
    let Identity { birth_date, phones, address, contact, .. } = &person.identity;
    let said = [birth_date, address, contact, &person.note].into_iter().chain(phones);
    if said.into_iter().all(|text| text.reveal().trim().is_empty()) {
        return Err(Failure::misuse("a person who gives no name needs something by which to be found again")
            .next("a line such as `note: comes on Tuesdays, gave no name`"));
    }
    Ok(())
}

/// Corrects what is on record. What stood there before stays, with who changed it and when, and the person is still found by it.
///
/// # Errors
/// As [`new`]; nothing that is new; what was shown when it was typed is not what stands there any more.
pub fn edit(step: &mut Step<'_>, session: &StaffSession, ask: &PersonEdit) -> Outcome<PersonView> {
    let before = find(step.draft(), &ask.person)?;
    let stands = fields_of(&before);
    if ask.shown.as_ref().is_some_and(|shown| *shown != as_shown(&stands)) {
        return Err(Failure::misuse(
            "this record was corrected by somebody else meanwhile: look at what stands there now and at what you typed, and send it once more",
        ));
    }
    let fields = ask.onto(stands);
    let (identity, now) = (to_identity(&fields), step.context().now);
    let died = day(&fields.died);
    let after = before.corrected(identity, fields.note, died, session.by(), now).ok_or_else(|| {
        Failure::misuse("that is what is on record already").next(format!("belay person show {}", before.id.short()))
    })?;
    proper(&after, now)?;
    let found_by =
        after.changed.iter().any(|field| matches!(field, Field::Name | Field::OtherNames | Field::BirthDate));
    step.write_private(&PrivateBody::Person(Box::new(after)).encode())?;
    super::project::project_step(step)?;
    if found_by {
        super::emergency::renamed(step, &session.by(), before.id)?;
    }
    look(step, session, Looked::Person, Some(before.id), None)?;
    let person = get(step.draft(), before.id)?.ok_or_else(|| Fault::bug("a person who was just corrected is gone"))?;
    view(step.draft(), &person)
}

/// Names what a form for corrections showed, so that it is known whether that still stands.
#[must_use]
pub fn as_shown(fields: &PersonFields) -> String {
    let fields = Zeroizing::new(serde_json::to_vec(fields).unwrap_or_default());
    HEXLOWER.encode(&sha256(b"belay person shown v1\0", &[&fields]))
}

/// A date of birth may be empty, a year, or a day; nobody is born tomorrow, or was 130 years ago.
///
/// # Errors
/// It is none of these.
pub fn dated(text: &str, now: Time) -> Outcome<()> {
    let text = &system::typed(text);
    let year = (text.len() == 4).then(|| text.parse::<i16>().ok()).flatten();
    let Some(year) = year.or_else(|| text.parse::<jiff::civil::Date>().ok().map(jiff::civil::Date::year)) else {
        if text.is_empty() {
            return Ok(());
        }
        return Err(Failure::misuse("a date of birth is YYYY-MM-DD or M/D/YYYY, or YYYY where only the year is known"));
    };
    // Somewhere on earth it is a day later.
    let tomorrow = now.plus(DAY).date();
    let this_year = tomorrow.get(..4).and_then(|year| year.parse::<i16>().ok()).unwrap_or(i16::MAX);
    if year > this_year || (text.len() > 4 && *text > tomorrow) {
        return Err(Failure::misuse("this date of birth lies in the future"));
    }
    if year < this_year.saturating_sub(limits::OLDEST) {
        return Err(Failure::misuse(format!(
            "nobody is older than {} years; look at the year of birth",
            limits::OLDEST
        )));
    }
    Ok(())
}

/// Persons, by name.
///
/// # Errors
/// `Store`.
pub fn list(step: &mut Step<'_>, session: &StaffSession, ask: &PersonsAsk) -> Outcome<PersonsView> {
    let wanted: Vec<Personal<String>> =
        ask.words.reveal().split_whitespace().map(|word| Personal::new(folded(&system::typed(word)))).collect();
    let view: &dyn View = step.draft();
    let (shown, mut seen) = (find::Shown::all(view)?, BTreeSet::new());
    let fits = |one: &find::Called| {
        let text = Personal::new(folded(&format!("{}\n{}", one.name.reveal(), one.besides.reveal())));
        let fits = |word: &str| text.reveal().contains(word) || one.birth_date.reveal().starts_with(word);
        let under = shown.of(one.id);
        // A name that holds no more, or that another record is shown under, is looked for and not listed; each person once.
        (!wanted.is_empty() || (one.holds && under == one.id))
            && wanted.iter().all(|word| fits(word.reveal()))
            && seen.insert(under)
    };
    let most = ask.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let (found, more) = find::in_order(view, most, fits)?;
    let mut persons = Vec::with_capacity(found.len());
    for find::Called { id, name, birth_date, holds, .. } in found {
        let under = shown.of(id);
        let Some(person) = get(view, under)? else { continue };
        // Whom nobody could name is known by what was written down instead.
        let note = if person.identity.name.reveal().is_empty() { begins(&person.note) } else { Personal::default() };
        let otherwise = under != id || !holds;
        persons.push(PersonRow {
            id: under,
            found_by: otherwise.then_some(name.clone()),
            name: if otherwise { person.identity.name } else { name },
            birth_date: if otherwise { person.identity.birth_date } else { birth_date },
            note,
        });
    }
    let seen = persons.iter().map(|row| Shown { person: Some(row.id), thread: None }).collect();
    look_for(step, session, Looked::PersonList, &ask.words, seen)?;
    Ok(PersonsView { persons, more })
}

/// The beginning of a note, as a list shows it.
fn begins(note: &Personal<String>) -> Personal<String> {
    const SHOWN: usize = 80;
    let line = note.reveal().lines().next().unwrap_or_default().trim();
    let short: String = line.chars().take(SHOWN).collect();
    Personal::new(if short.len() < line.len() { format!("{short} …") } else { short })
}

/// One person, with every consent as it stands.
///
/// # Errors
/// None fits, or more than one does.
pub fn show(step: &mut Step<'_>, session: &StaffSession, given: &Personal<String>) -> Outcome<PersonView> {
    let person = find(step.draft(), given)?;
    look(step, session, Looked::Person, Some(person.id), None)?;
    look(step, session, Looked::ConsentList, Some(person.id), None)?;
    let consents = super::consents::rows(step, Some(person.id))?;
    let plans = super::plans::view(step, person.id)?;
    let left_out = super::consents::left_out::shown(step, person.id)?;
    let let_in = super::consents::left_out::let_in_shown(step, person.id)?;
    Ok(PersonView { consents, plans, left_out, let_in, ..view(step.draft(), &person)? })
}

/// Every person on record, each once.
///
/// # Errors
/// `Store`.
pub fn all(view: &dyn View) -> Result<Vec<Person>> {
    let shown = find::Shown::all(view)?;
    let mut all = those(view, &[])?;
    all.retain(|person| shown.of(person.id) == person.id);
    Ok(all)
}

/// How many persons are on record.
///
/// # Errors
/// `Store`.
pub fn count(view: &dyn View) -> Result<usize> {
    Ok(all(view)?.len())
}

/// The records whose id begins so, each as it holds.
fn those(view: &dyn View, id: &[u8]) -> Result<Vec<Person>> {
    let mut persons: Vec<Vec<(EntryHash, Person)>> = Vec::new();
    for record in records::all(view, Kind::Person, id)? {
        let PrivateBody::Person(person) = record.body else {
            return Err(Fault::store("a person's record holds something else"));
        };
        // They come in order of id.
        match persons.last_mut().filter(|same| same.first().is_some_and(|(_, first)| first.id == person.id)) {
            Some(same) => same.push((record.hash, *person)),
            None => persons.push(vec![(record.hash, *person)]),
        }
    }
    Ok(persons.into_iter().filter_map(as_it_holds).collect())
}

/// Persons on record who may be this one.
///
/// # Errors
/// `Store`.
pub fn like(view: &dyn View, identity: &Identity) -> Result<Vec<Person>> {
    find::like(view, identity)?.into_iter().filter_map(|id| get(view, id).transpose()).collect()
}

/// A person by id, beginning of an id, or a name, present or former, that fits only one.
///
/// # Errors
/// None fits, or more than one does.
pub fn find(view: &dyn View, given: &Personal<String>) -> Outcome<Person> {
    let mut ids: BTreeSet<PersonId> = find::called(view, given.reveal())?.into_iter().collect();
    for record in beginning(view, given)? {
        ids.insert(find::shown(view, record)?);
    }
    let id = one(ids, given)?;
    Ok(get(view, id)?.ok_or_else(|| Fault::store("a person on record is missing"))?)
}

/// One record by id or the beginning of one, whether or not the person is shown under it.
///
/// # Errors
/// None fits, or more than one does.
fn record_named(view: &dyn View, given: &Personal<String>) -> Outcome<PersonId> {
    one(beginning(view, given)?.into_iter().collect(), given)
}

fn beginning(view: &dyn View, given: &Personal<String>) -> Result<Vec<PersonId>> {
    let wanted = given.reveal().trim().to_lowercase();
    let Some(bytes) = super::beginning(&wanted).filter(|_| wanted.len() >= 4) else { return Ok(Vec::new()) };
    let ids = those(view, &bytes)?.into_iter().map(|person| person.id);
    Ok(ids.filter(|id| id.to_string().starts_with(&wanted)).collect())
}

fn one(ids: BTreeSet<PersonId>, given: &Personal<String>) -> Outcome<PersonId> {
    let ids: Vec<PersonId> = ids.into_iter().collect();
    // Each fits, by its id or by a name.
    let key = |_: &PersonId| (given.reveal().trim().to_lowercase(), String::new());
    named(&ids, given.reveal(), key, "person", "belay person list").copied()
}

/// A person, by the id of any record of theirs: as it holds, under the record that is shown.
///
/// # Errors
/// `Store`.
pub fn get(view: &dyn View, id: PersonId) -> Result<Option<Person>> {
    record(view, find::shown(view, id)?)
}

/// Whether the person is on record as having died, by any record of theirs.
///
/// # Errors
/// `Store`.
pub fn died(view: &dyn View, id: PersonId) -> Result<bool> {
    for record in find::records_of(view, id)?.records {
        if self::record(view, record)?.is_some_and(|person| !person.died.reveal().is_empty()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// When the person died, as it is on record: a day, a year, or only that it is so; of several records the most exact.
///
/// # Errors
/// `Store`.
pub fn died_when(view: &dyn View, id: PersonId) -> Result<Option<Personal<String>>> {
    let mut when: Option<Personal<String>> = None;
    for record in find::records_of(view, id)?.records {
        let died = self::record(view, record)?.map(|person| person.died).filter(|died| !died.reveal().is_empty());
        // The word alone is shorter than any year.
        when = when.into_iter().chain(died).max_by_key(|died| died.reveal().len());
    }
    Ok(when)
}

/// Puts on record that the person has died, as staff of ours said in a referral: on what day is not known.
///
/// # Errors
/// `Store`.
pub fn has_died(step: &mut Step<'_>, session: &StaffSession, id: PersonId) -> Outcome<()> {
    let now = step.context().now;
    if died(step.draft(), id)? {
        return Ok(());
    }
    let Some(before) = get(step.draft(), id)? else { return Ok(()) };
    let (identity, note) = (before.identity.clone(), before.note.clone());
    if let Some(after) = before.corrected(identity, note, KNOWN.into(), session.by(), now) {
        step.write_private(&PrivateBody::Person(Box::new(after)).encode())?;
    }
    Ok(())
}

/// Takes that mark back where it came of a word of staff in a referral that was a mistake: `said` is who said it, and when. What was put
/// on record of the person in another way stays.
///
/// # Errors
/// `Store`.
pub fn lives(step: &mut Step<'_>, session: &StaffSession, id: PersonId, said: (StaffId, Time)) -> Outcome<()> {
    let now = step.context().now;
    for record in find::records_of(step.draft(), id)?.records {
        let mut revisions = find::person(step.draft(), record)?;
        persons_in_order(&mut revisions);
        let newest = revisions.iter().rev().find(|(_, one)| one.changed.contains(&Field::Died)).map(|(_, one)| one);
        let marked = newest.filter(|one| {
            one.died.reveal() == KNOWN
                && one.by.staff == said.0
                && one.at.since(said.1).max(said.1.since(one.at)) < MINUTE
        });
        if marked.is_none() {
            continue;
        }
        let Some(before) = self::record(step.draft(), record)? else { continue };
        let (identity, note) = (before.identity.clone(), before.note.clone());
        if let Some(after) = before.corrected(identity, note, Personal::default(), session.by(), now) {
            step.write_private(&PrivateBody::Person(Box::new(after)).encode())?;
        }
    }
    Ok(())
}

/// Where it is known that the person has died, and not when.
const KNOWN: &str = "yes";

/// When the person died may be a day or a year, or only that it is so; nobody died tomorrow.
fn died_on(text: &str, now: Time) -> Outcome<()> {
    let text = text.trim();
    let year = text.len() == 4 && text.parse::<u16>().is_ok();
    let day = text.parse::<jiff::civil::Date>().is_ok();
    if !(text.is_empty() || text == KNOWN || year || day) {
        return Err(Failure::misuse(
            "when the person died is YYYY-MM-DD or M/D/YYYY, YYYY where only the year is known, or yes",
        ));
    }
    if text != KNOWN && text > now.plus(DAY).date().as_str() {
        return Err(Failure::misuse("this day of death lies in the future"));
    }
    Ok(())
}

/// One record as it holds, whether or not the person is shown under it.
pub(super) fn record(view: &dyn View, id: PersonId) -> Result<Option<Person>> {
    Ok(as_it_holds(find::person(view, id)?))
}

/// A day as it is kept, however it was typed.
pub(super) fn day(text: &Personal<String>) -> Personal<String> {
    Personal::new(system::typed(text.reveal()))
}

/// What forms fill in, as records and threads hold it.
#[must_use]
pub fn to_identity(fields: &PersonFields) -> Identity {
    Identity {
        name: trimmed(&fields.name),
        other_names: fields.other_names.iter().map(trimmed).collect(),
        birth_date: day(&fields.birth_date),
        phones: fields.phones.iter().map(trimmed).collect(),
        address: trimmed(&fields.address),
        contact: trimmed(&fields.contact),
        language: trimmed(&fields.language),
    }
}

/// The other way round.
#[must_use]
pub fn to_fields(identity: &Identity, note: &Personal<String>) -> PersonFields {
    PersonFields {
        name: identity.name.clone(),
        other_names: identity.other_names.clone(),
        birth_date: identity.birth_date.clone(),
        phones: identity.phones.clone(),
        address: identity.address.clone(),
        contact: identity.contact.clone(),
        language: identity.language.clone(),
        note: note.clone(),
        died: Personal::default(),
    }
}

/// All that is on record.
#[must_use]
pub fn fields_of(person: &Person) -> PersonFields {
    PersonFields { died: person.died.clone(), ..to_fields(&person.identity, &person.note) }
}

fn trimmed(text: &Personal<String>) -> Personal<String> {
    text.reveal().trim().into()
}

fn view(view: &dyn View, person: &Person) -> Outcome<PersonView> {
    Ok(PersonView {
        id: person.id,
        fields: fields_of(person),
        history: history::of(view, person.id)?,
        also: merge::beside(view, person.id)?,
        consents: Vec::new(),
        plans: PlansView::default(),
        left_out: Vec::new(),
        let_in: Vec::new(),
        alike: alike::shown(&alike::doubles(view, &person.identity, Some(person.id))?),
    })
}
