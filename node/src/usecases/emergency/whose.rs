//! At the emergency department: whom something was opened for that nobody here knew. What was told by opening it is on record under nobody
//! until staff say whose it is, and then stands in that person's accounting. So is what was opened elsewhere of a copy of which the record here is
//! lost.

use super::{list, review};
use crate::api::care::{EmergencyView, HereRow};
use crate::api::{Failure, Outcome};
use crate::usecases::records::{self, Kind, find};
use crate::usecases::staff::StaffSession;
use crate::usecases::{calls, named, people, project};
use belay_protocol::disclosure::private::Whose;
use belay_protocol::disclosure::{Looked, PrivateBody, Shown};
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::{CallId, EntryHash, PersonId};
use belay_protocol::sensitive::Personal;
use belay_protocol::store::View;

/// What was opened here for somebody of whom nobody knew then who it is, newest first.
pub(super) fn here(view: &dyn View) -> Result<Vec<HereRow>> {
    let (mut rows, owners, shown) = (Vec::new(), calls::owners(view)?, find::Shown::all(view)?);
    for told in find::opened_for(view)? {
        let person = owners.get(&told.entry).map(|person| shown.of(*person));
        let name = person.map(|person| people::get(view, person)).transpose()?.flatten().map(|p| p.identity.name);
        rows.push(HereRow {
            opening: told.entry,
            at: told.at,
            placed_by: told.recipient,
            information: told.information,
            staff: told.by.name,
            person,
            name: name.unwrap_or_default(),
        });
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.at));
    Ok(rows)
}

/// Staff say for whom it was opened; without a person: nobody on record, after all. The newest word holds.
///
/// # Errors
/// None fits, or more than one does; a person who is not known; that is on record already.
pub fn whose(
    step: &mut Step<'_>,
    session: &StaffSession,
    opening: &str,
    person: Option<&Personal<String>>,
) -> Outcome<EmergencyView> {
    let here = here(step.draft())?.into_iter().map(|row| (row.opening, row.person));
    let all: Vec<(EntryHash, Option<PersonId>)> = here.chain(review::lost(step)?).collect();
    let key = |(entry, _): &(EntryHash, Option<PersonId>)| (entry.to_string(), String::new());
    let next = "belay emergency list";
    let (entry, known) = *named(&all, opening, key, "opening of somebody who is not on record", next)?;
    let person = person.map(|given| people::find(step.draft(), given)).transpose()?.map(|person| person.id);
    if person == known {
        return Err(Failure::misuse("that is what is on record already").next("belay emergency list"));
    }
    let call = of(entry);
    let before = records::get(step.draft(), Kind::Whose, &call.0)?.map(|record| record.body);
    let number = if let Some(PrivateBody::Whose(word)) = before { word.number } else { 0 };
    let shown = [person, known].into_iter().flatten().map(|person| Shown { person: Some(person), thread: None });
    people::look_at(step, session, Looked::Emergency, shown.collect())?;
    let word = Whose { call, number: number.saturating_add(1), person, by: session.by(), at: step.context().now };
    step.write_private(&PrivateBody::Whose(Box::new(word)).encode())?;
    project::project_step(step)?;
    list(step, session, None)
}

/// As a call is named, what was opened is.
const fn of(opening: EntryHash) -> CallId {
    CallId(opening.0)
}
