//! Who on record looks like somebody: so that nobody gets two records unawares. It warns and decides nothing.

use super::super::records::find;
use super::super::staff::StaffSession;
use super::{like, look_at, to_identity};
use crate::api::care::{MatchView, MatchesView, PersonFields};
use crate::api::{Failure, Outcome};
use belay_protocol::disclosure::{Looked, Shown};
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::PersonId;
use belay_protocol::limits;
use belay_protocol::referral::{Identity, Join, Person, Reason, join_that_holds, likely, pair};
use belay_protocol::store::View;

/// Those who have the same name, or a name near it and the same date of birth or telephone; likeliest first. Without those of whom staff
/// said that they are somebody else than `of`.
pub(super) fn doubles(
    view: &dyn View,
    identity: &Identity,
    of: Option<PersonId>,
) -> Result<Vec<(Person, Vec<Reason>)>> {
    let persons = like(view, identity)?;
    let others = persons.iter().filter(|person| Some(person.id) != of);
    let mut found = Vec::new();
    for candidate in likely(identity, others.map(|person| (person.id, &person.identity))) {
        let has = |reason| candidate.reasons.contains(&reason);
        let near = has(Reason::SimilarName) && (has(Reason::SameBirthDate) || has(Reason::SamePhone));
        if !(has(Reason::SameName) || near) || told_apart(view, of, candidate.person)? {
            continue;
        }
        found.extend(persons.iter().find(|p| p.id == candidate.person).map(|p| (p.clone(), candidate.reasons.clone())));
        if found.len() == limits::ALIKE {
            break;
        }
    }
    Ok(found)
}

pub(super) fn told_apart(view: &dyn View, of: Option<PersonId>, other: PersonId) -> Result<bool> {
    let Some(of) = of else { return Ok(false) };
    // Staff may have said it of a record that is shown under another since.
    let others = find::records_of(view, other)?.records;
    for record in find::records_of(view, of)?.records {
        for other in &others {
            let word = join_that_holds(find::joins(view, pair(record, *other))?);
            if word.is_some_and(|word| word.what == Join::Apart) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

pub(super) fn shown(doubles: &[(Person, Vec<Reason>)]) -> Vec<MatchView> {
    let view = |(person, reasons): &(Person, Vec<Reason>)| MatchView {
        person: person.id,
        name: person.identity.name.clone(),
        reasons: reasons.iter().map(|reason| reason.words().to_owned()).collect(),
    };
    doubles.iter().map(view).collect()
}

/// Says neither who nor why: that is a look at somebody's record, and a refusal leaves none on record.
pub(super) fn refused(next: &str) -> Failure {
    Failure::misuse("this may be somebody who is on record already").next(next)
}

/// Who on record looks like this one, before it is added.
///
/// # Errors
/// `Store`.
pub fn like_this(step: &mut Step<'_>, session: &StaffSession, fields: &PersonFields) -> Outcome<MatchesView> {
    let found = doubles(step.draft(), &to_identity(fields), None)?;
    if !found.is_empty() {
        let shown = found.iter().map(|(person, _)| Shown { person: Some(person.id), thread: None }).collect();
        look_at(step, session, Looked::Matches, shown)?;
    }
    Ok(MatchesView { matches: shown(&found) })
}
