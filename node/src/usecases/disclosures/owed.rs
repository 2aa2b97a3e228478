//! Who is owed a new accounting: a person who was given one while an agency asked for silence, once that is over (45 CFR 164.528(a)(2): the
//! right is put off and not lost). It stands in the work list of the privacy officer until a new one was printed.

use super::fitting;
use super::withheld::Withhelds;
use crate::api::Outcome;
use crate::api::care::{ListAsk, OwedView, ThreadsView};
use crate::usecases::people;
use crate::usecases::records::{self, Kind, find};
use crate::usecases::staff::{self, StaffSession};
use belay_protocol::disclosure::{Accounting, Disclosure, Given, Looked, PrivateBody, Shown};
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::PersonId;
use belay_protocol::limits::LIST_PAGE;
use belay_protocol::store::View;
use std::collections::{BTreeMap, BTreeSet};

/// The accounting that each person was given last where something was left out of one: by the record under which each is shown.
fn last(view: &dyn View) -> Result<BTreeMap<PersonId, Given>> {
    let (mut last, shown): (BTreeMap<PersonId, Given>, _) = (BTreeMap::new(), find::Shown::all(view)?);
    for record in records::all(view, Kind::Given, &[])? {
        let PrivateBody::Given(given) = record.body else { continue };
        let person = shown.of(given.person);
        if last.get(&person).is_none_or(|known| known.at <= given.at) {
            last.insert(person, *given);
        }
    }
    Ok(last)
}

/// An accounting was printed for a person: kept where something is left out of it, or was of the last one.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn given(step: &mut Step<'_>, session: &StaffSession, person: PersonId) -> Outcome<()> {
    let now = step.context().now;
    let found = fitting(step, Accounting::three_years(person, now), &BTreeSet::new())?;
    let told: Vec<Disclosure> = found.into_iter().map(|one| one.told).collect();
    let left_out = Withhelds::all(step.draft())?.leave_out(&told, now);
    let before = last(step.draft())?.remove(&person).map(|given| given.left_out).unwrap_or_default();
    if before == left_out {
        return Ok(());
    }
    let given = Given { person, left_out, by: session.by(), at: now };
    step.write_private(&PrivateBody::Given(Box::new(given)).encode())?;
    Ok(crate::usecases::project::project_step(step)?)
}

/// The first page of the list of referrals, for the privacy officer with who is owed a new accounting and what false consents let out.
///
/// # Errors
/// `Store`.
pub fn beside(
    step: &mut Step<'_>,
    session: &StaffSession,
    ask: &ListAsk,
    mut list: ThreadsView,
) -> Outcome<ThreadsView> {
    if ask.after.is_some() || ask.person.is_some() || !staff::is_privacy_officer(step.draft(), session)? {
        return Ok(list);
    }
    list.falsely = super::falsely::open(step)?;
    let (now, withheld) = (step.context().now, Withhelds::all(step.draft())?);
    for (person, given) in last(step.draft())? {
        let Some(since) = withheld.first_over(&given.left_out, now) else { continue };
        if let Some(known) = people::get(step.draft(), person)? {
            list.owed.push(OwedView { person, name: known.identity.name, asked: given.at, since });
        }
    }
    list.owed.sort_by_key(|owed| (owed.since, owed.person));
    list.owed.truncate(LIST_PAGE);
    let persons = list.owed.iter().map(|owed| owed.person).chain(list.falsely.iter().map(|one| one.person));
    let shown: Vec<Shown> = persons.map(|person| Shown { person: Some(person), thread: None }).collect();
    if !shown.is_empty() {
        people::look_at(step, session, Looked::Disclosures, shown)?;
    }
    Ok(list)
}
