//! Two records of one human being: joined by staff, and taken apart again. No record is rewritten, and nothing that was signed names
//! anybody else than it did; `belay_protocol::referral::person` says how machines agree.
//!
//! From then on both are one: what was agreed to leave out under the one binds what was signed under the other (2.26), and so does what
//! the person took back (2.31(a)(6)). That was done for good: taking the records apart gives no disclosure back that was shut.

use super::super::records::find;
use super::super::staff::StaffSession;
use super::super::{consents, emergency, holds, parties, project, worklist};
use super::{alike, find as named, get, look_at, record, record_named, to_fields, view};
use crate::api::care::{MergeAsk, MergePreview, MergeSide, PersonApart, PersonView, RecordView};
use crate::api::{Failure, Outcome};
use belay_protocol::disclosure::{Looked, PrivateBody, Shown};
use belay_protocol::engine::Step;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::PersonId;
use belay_protocol::limits;
use belay_protocol::planted::{self, Bug};
use belay_protocol::referral::{Join, Joined, Person, Reason, join_that_holds, likely, pair};
use belay_protocol::sensitive::Personal;
use belay_protocol::store::View;

/// The next word about two records.
pub(super) fn say(
    step: &mut Step<'_>,
    session: &StaffSession,
    (a, b): (PersonId, PersonId),
    what: Join,
    why: &Personal<String>,
) -> Outcome<()> {
    let pair = pair(a, b);
    let number = join_that_holds(find::joins(step.draft(), pair)?).map_or(1, |word| word.number.saturating_add(1));
    let why = why.reveal().trim().into();
    let word = Joined { pair, number, what, why, by: session.by(), at: step.context().now };
    word.check()?;
    step.write_private(&PrivateBody::Joined(Box::new(word)).encode())?;
    Ok(())
}

/// The two whom a request names, each under the record that is shown.
fn two(step: &mut Step<'_>, ask: &MergeAsk) -> Outcome<(Person, Person)> {
    let (keep, other) = (named(step.draft(), &ask.person)?, named(step.draft(), &ask.other)?);
    if keep.id == other.id {
        return Err(
            Failure::misuse("these are one person already").next(format!("belay person show {}", keep.id.short()))
        );
    }
    let mut records = 0;
    for person in [keep.id, other.id] {
        records += find::records_of(step.draft(), person)?.records.len();
    }
    if records > limits::PERSON_RECORDS {
        return Err(Failure::misuse(format!("one person has at most {} records", limits::PERSON_RECORDS)));
    }
    Ok((keep, other))
}

/// Both side by side, and what joining them does.
///
/// # Errors
/// A person who is not known; the same one twice.
pub fn preview(step: &mut Step<'_>, session: &StaffSession, ask: &MergeAsk) -> Outcome<MergePreview> {
    let (keep, other) = two(step, ask)?;
    let shown = [keep.id, other.id].map(|person| Shown { person: Some(person), thread: None });
    look_at(step, session, Looked::Matches, shown.to_vec())?;
    let (own, now) = (parties::own(step)?.org, step.context().now);
    let found = likely(&keep.identity, [(other.id, &other.identity)]);
    let reasons = found.into_iter().flat_map(|candidate| candidate.reasons).collect::<Vec<Reason>>();
    let (born, also_born) = (keep.identity.birth_date.reveal(), other.identity.birth_date.reveal());
    let mut warnings = Vec::new();
    if !born.is_empty() && !also_born.is_empty() && born != also_born {
        warnings.push("The dates of birth differ.".to_owned());
    }
    if alike::told_apart(step.draft(), Some(keep.id), other.id)? {
        warnings.push("Staff said before that these are two persons.".to_owned());
    }
    if reasons.is_empty() {
        warnings.push("Neither name, date of birth nor telephone is the same.".to_owned());
    }
    Ok(MergePreview {
        binds: consents::would_bind(step, own, (keep.id, other.id), now)?,
        alike: reasons.iter().map(|reason| reason.words().to_owned()).collect(),
        warnings,
        keep: side(step, &keep)?,
        other: side(step, &other)?,
    })
}

fn side(step: &mut Step<'_>, person: &Person) -> Outcome<MergeSide> {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Ok(MergeSide {
        id: person.id,
        fields: to_fields(&person.identity, &person.note),
        referrals: count(worklist::of_person(step, person.id)?.len()),
        consents: count(find::consents(step.draft(), person.id)?.len()),
        held: holds::stops(step.draft(), person.id)?,
    })
}

/// Joins two records: both are shown under `person` from then on.
///
/// # Errors
/// As [`preview`]; no reason.
pub fn merge(step: &mut Step<'_>, session: &StaffSession, ask: &MergeAsk) -> Outcome<PersonView> {
    let (keep, other) = two(step, ask)?;
    reason(&ask.why)?;
    say(step, session, (keep.id, other.id), Join::Together(keep.id), &ask.why)?;
    project::project_step(step)?;
    if !planted::is(Bug::JoinBindsNothing) {
        consents::bind_joined(step, keep.id)?;
    }
    followed(step, session, &[keep.id])
}

/// Takes two records apart that were joined by a word about these two.
///
/// # Errors
/// They are not joined so; no reason.
pub fn apart(step: &mut Step<'_>, session: &StaffSession, ask: &PersonApart) -> Outcome<PersonView> {
    reason(&ask.why)?;
    let (a, b) = (record_named(step.draft(), &ask.person)?, record_named(step.draft(), &ask.other)?);
    let held = if a == b { None } else { join_that_holds(find::joins(step.draft(), pair(a, b))?) };
    if !held.is_some_and(|word| matches!(word.what, Join::Together(_))) {
        let why = "these two records are not joined with each other";
        return Err(Failure::misuse(why).next("belay person show PERSON, which lists the records that are"));
    }
    if !planted::is(Bug::ApartUnheard) {
        say(step, session, (a, b), Join::Apart, &ask.why)?;
    }
    project::project_step(step)?;
    followed(step, session, &[a, b])
}

fn reason(why: &Personal<String>) -> Outcome<()> {
    if why.reveal().trim().is_empty() {
        return Err(Failure::misuse("why is missing: how do you know").next("the command again with --why @FILE"));
    }
    Ok(())
}

/// What hangs on who the person is follows; shows the first of these.
fn followed(step: &mut Step<'_>, session: &StaffSession, persons: &[PersonId]) -> Outcome<PersonView> {
    let mut first = None;
    for person in persons {
        emergency::renamed(step, &session.by(), *person)?;
        first = first.or(get(step.draft(), *person)?);
    }
    let shown = persons.iter().map(|person| Shown { person: Some(*person), thread: None }).collect();
    look_at(step, session, Looked::Person, shown)?;
    let first = first.ok_or_else(|| Fault::store("a person on record is missing"))?;
    view(step.draft(), &first)
}

/// The other records of a person, each with the word that joined it.
pub(super) fn beside(view: &dyn View, person: PersonId) -> Result<Vec<RecordView>> {
    let mut beside = Vec::new();
    for id in find::records_of(view, person)?.records {
        let Some(other) = record(view, id)?.filter(|_| id != person) else { continue };
        let joined = find::holds_with(view, id)?.into_iter().filter(|word| matches!(word.what, Join::Together(_)));
        let Some(word) = joined.max_by_key(|word| word.at) else { continue };
        beside.push(RecordView {
            id,
            name: other.identity.name,
            birth_date: other.identity.birth_date,
            with: if word.pair.0 == id { word.pair.1 } else { word.pair.0 },
            at: word.at,
            staff: word.by.name,
            why: word.why,
        });
    }
    Ok(beside)
}
