//! At the emergency department: whom something was opened for that nobody here knew. What was told by opening it is on record under nobody
//! until staff say whose it is, and then stands in that person's accounting.

use super::list;
use crate::api::care::{EmergencyView, HereRow};
use crate::api::{Failure, Outcome};
use crate::usecases::records::{self, Kind, find};
use crate::usecases::staff::StaffSession;
use crate::usecases::{calls, named, people, project};
use belay_protocol::disclosure::private::Whose;
use belay_protocol::disclosure::{Looked, PrivateBody, Shown};
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::{CallId, EntryHash};
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
    let here = here(step.draft())?;
    let key = |row: &HereRow| (row.opening.to_string(), String::new());
    let row = named(&here, opening, key, "opening of somebody who is not on record", "belay emergency list")?.clone();
    let person = person.map(|given| people::find(step.draft(), given)).transpose()?.map(|person| person.id);
    if person == row.person {
        return Err(Failure::misuse("that is what is on record already").next("belay emergency list"));
    }
    let call = of(row.opening);
    let before = records::get(step.draft(), Kind::Whose, &call.0)?.map(|record| record.body);
    let number = if let Some(PrivateBody::Whose(word)) = before { word.number } else { 0 };
    let shown = [person, row.person].into_iter().flatten().map(|person| Shown { person: Some(person), thread: None });
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
