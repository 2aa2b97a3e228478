//! Which person of ours a call was about that names only what somebody said: what was told by it stands in that person's accounting.

use super::due;
use super::rows::{self, Why};
use crate::api::care::WhoseView;
use crate::api::{Failure, Outcome};
use crate::usecases::records::{self, Kind};
use crate::usecases::staff::StaffSession;
use crate::usecases::{named, people, project};
use belay_protocol::disclosure::private::Whose;
use belay_protocol::disclosure::{Looked, PrivateBody, Shown};
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::CallId;
use belay_protocol::sensitive::Personal;
use belay_protocol::store::View;

/// Staff say whom a call is about, made or not; without a person: nobody of ours, after all. The newest word holds, and each stays on
/// record with who said it and when.
///
/// # Errors
/// None fits, or more than one does; a person who is not known; a call of which our records say themselves whom it is about.
pub fn whose(
    step: &mut Step<'_>,
    session: &StaffSession,
    given: &str,
    person: Option<&Personal<String>>,
) -> Outcome<WhoseView> {
    let all = rows::every(step.draft())?;
    let key = |(id, _): &(CallId, Why)| (id.to_string(), String::new());
    let (call, why) = *named(&all, given, key, "call", "belay consent calls, or belay consent calls --done")?;
    if let Why::Unsaid { thread, .. } = why {
        return Err(Failure::misuse("this call is about a referral; say there whose it is")
            .next(format!("belay referral link {}", thread.short())));
    }
    if !open(step.draft(), call, why)? {
        return Err(known());
    }
    let person = person.map(|given| people::find(step.draft(), given)).transpose()?.map(|person| person.id);
    let (number, before) = rows::whose(step.draft(), call)?;
    if person == before {
        return Err(Failure::misuse("that is what is on record already").next("belay consent calls --done"));
    }
    let shown = [person, before].into_iter().flatten().map(|person| Shown { person: Some(person), thread: None });
    people::look_at(step, session, Looked::Call, shown.collect())?;
    let word = Whose { call, number: number.saturating_add(1), person, by: session.by(), at: step.context().now };
    step.write_private(&PrivateBody::Whose(Box::new(word)).encode())?;
    project::project_step(step)?;
    view(step.draft(), call)?.ok_or_else(|| Failure::misuse("the call is gone").next("belay consent calls"))
}

/// Whether it is for staff to say whom this call is about: our records do not say so themselves.
///
/// # Errors
/// `Store`.
pub(super) fn asked(view: &dyn View, call: CallId) -> Result<bool> {
    rows::why(view, call)?.map_or(Ok(false), |why| open(view, call, why))
}

fn open(view: &dyn View, call: CallId, why: Why) -> Result<bool> {
    let Why::Heard(record) = why else { return Ok(false) };
    let heard = records::get(view, Kind::HeardFor, &record.0)?.map(|record| record.body);
    let Some(PrivateBody::HeardFor(heard)) = heard else { return Ok(true) };
    Ok(due::meant(view, &heard)?.is_none() || rows::whose(view, call)?.1.is_some())
}

fn known() -> Failure {
    Failure::misuse("whom this call is about is on record here").next("belay consent calls --done")
}

/// What staff said of it last.
pub(super) fn view(view: &dyn View, call: CallId) -> Result<Option<WhoseView>> {
    let Some(record) = records::get(view, Kind::Whose, &call.0)? else { return Ok(None) };
    let PrivateBody::Whose(word) = record.body else { return Ok(None) };
    let person = word.person.map(|id| people::get(view, id)).transpose()?.flatten();
    Ok(Some(WhoseView {
        call,
        person: word.person,
        name: person.map(|person| person.identity.name).unwrap_or_default(),
        staff: word.by.name,
        at: word.at,
    }))
}
