//! That a call was made: what was said, to whom and by whom, and each thing that it told of the person is a disclosure. What was written
//! by mistake is taken back by who says why; both words stay.

use super::{Call, due, find, looked, looked_done, rows};
use crate::api::care::{CallView, CallsView, DoneView, SpokenView};
use crate::api::{Failure, Outcome};
use crate::usecases::staff::{self, StaffSession};
use crate::usecases::{named, project, short_enough};
use belay_protocol::disclosure::private::{Phoned, Said, Spoken};
use belay_protocol::disclosure::{Brief, Note, PrivateBody};
use belay_protocol::engine::{Step, Telling};
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{CallId, EntryHash, PersonId, ThreadId};
use belay_protocol::limits::LIST_PAGE;
use belay_protocol::sensitive::Personal;
use belay_protocol::store::View;
use belay_protocol::time::Time;
use data_encoding::HEXLOWER;

/// Puts on record that it was made, with a disclosure of what it told. One that was made before it ceased to be due is taken as it was
/// then: what was said was said.
///
/// # Errors
/// None fits, or more than one does; a name that is too long.
pub fn made(step: &mut Step<'_>, session: &StaffSession, given: &str, with: &Personal<String>) -> Outcome<CallView> {
    let call = match find(step, session, given) {
        Ok(call) => call,
        Err(failure) => not_due(step, session, given)?.ok_or(failure)?,
    };
    let said = Said {
        to: call.view.to,
        to_name: call.view.to_name.clone(),
        name: call.view.name.clone(),
        thread: call.view.thread,
        with: with.reveal().trim().into(),
        says: call.view.says.clone(),
    };
    let entry = write(step, session, call.view.id, Spoken::Told(Box::new(said)))?;
    let note = |(brief, what): (Brief, &str)| Note {
        by: session.by(),
        person: call.person.unwrap_or(PersonId::ZERO),
        thread: call.view.thread.unwrap_or(ThreadId::ZERO),
        recipient: call.recipient.clone(),
        brief,
        what: what.into(),
    };
    let notes: Vec<Note> = call.tells.iter().map(|(_, what)| note(*what)).collect();
    let tellings: Vec<Telling<'_>> =
        call.tells.iter().zip(&notes).map(|((permit, _), note)| Telling { permit, note }).collect();
    if !tellings.is_empty() {
        step.export(&tellings, entry)?;
    }
    project::project_step(step)?;
    Ok(call.view)
}

/// One that was due and is not any more, if just one fits.
fn not_due(step: &mut Step<'_>, session: &StaffSession, given: &str) -> Outcome<Option<Call>> {
    let asked: Vec<CallId> = rows::asked(step.draft())?.into_iter().map(|(id, _)| id).collect();
    let key = |id: &CallId| (id.to_string(), String::new());
    let Ok(id) = named(&asked, given, key, "call", "belay consent calls").copied() else { return Ok(None) };
    let call = due::gone(step, id)?;
    if let Some(call) = &call {
        looked(step, session, std::slice::from_ref(call))?;
    }
    Ok(call)
}

/// It was not made after all, and is due again. That strikes what it told from the accounting, so that not everybody may say so.
///
/// # Errors
/// None that was made fits; no reason, or one that is too long; somebody else wrote it down.
pub fn reopen(step: &mut Step<'_>, session: &StaffSession, given: &str, why: &Personal<String>) -> Outcome<DoneView> {
    let text = why.reveal().trim();
    if text.is_empty() {
        return Err(Failure::misuse("write down why it is to be made again").next("--why @FILE"));
    }
    short_enough(why)?;
    let id = found(&rows::made(step.draft())?, given)?;
    let wrote = rows::words(step.draft(), id)?.last().map(|(_, last)| last.by.clone());
    if wrote.is_none_or(|by| by.staff != session.by().staff) && !staff::is_privacy_officer(step.draft(), session)? {
        return Err(Failure::not_permitted(
            "who wrote it down says that it was a mistake, or the privacy officer does",
        )
        .next("ask one of the two; or belay user add NAME --role privacy_officer"));
    }
    write(step, session, id, Spoken::Reopened(text.into()))?;
    project::project_step(step)?;
    let view = view(step.draft(), id)?;
    looked_done(step, session, std::slice::from_ref(&view))?;
    Ok(view)
}

fn write(step: &mut Step<'_>, session: &StaffSession, call: CallId, what: Spoken) -> Outcome<EntryHash> {
    let number = rows::words(step.draft(), call)?.last().map_or(0, |(_, last)| last.number).saturating_add(1);
    let phoned = Phoned { call, number, what, by: session.by(), at: step.context().now };
    phoned.check()?;
    Ok(step.write_private(&PrivateBody::Phoned(Box::new(phoned)).encode())?)
}

fn found(all: &[CallId], given: &str) -> Outcome<CallId> {
    let key = |id: &CallId| (id.to_string(), String::new());
    named(all, given, key, "call that was made", "belay consent calls --done").copied()
}

/// Those that were made, and those of which it was said that they were not after all and that are not due any more: their words stand
/// nowhere else.
fn spoken_of(step: &mut Step<'_>) -> Outcome<Vec<CallId>> {
    let mut all = rows::made(step.draft())?;
    let mut open = Vec::new();
    for (id, _) in rows::asked(step.draft())? {
        if !rows::words(step.draft(), id)?.is_empty() {
            open.push(id);
        }
    }
    if !open.is_empty() {
        let due: Vec<CallId> = due::every(step)?.into_iter().map(|call| call.view.id).collect();
        all.extend(open.into_iter().filter(|id| !due.contains(id)));
    }
    Ok(all)
}

/// One that was made, with what was said.
///
/// # Errors
/// None fits, or more than one does.
pub fn done(step: &mut Step<'_>, session: &StaffSession, given: &str) -> Outcome<DoneView> {
    let id = found(&spoken_of(step)?, given)?;
    let view = view(step.draft(), id)?;
    looked_done(step, session, std::slice::from_ref(&view))?;
    Ok(view)
}

/// A page of those that were made, the newest first.
pub(super) fn list(step: &mut Step<'_>, session: &StaffSession, after: &[u8]) -> Outcome<CallsView> {
    let place = |(at, id): &(Time, CallId)| [&(u64::MAX - at.0).to_be_bytes()[..], &id.0].concat();
    let mut all: Vec<(Time, CallId)> = Vec::new();
    for id in spoken_of(step)? {
        all.extend(rows::words(step.draft(), id)?.last().map(|(_, last)| (last.at, id)));
    }
    all.retain(|one| place(one).as_slice() > after);
    all.sort_by_key(place);
    let more = all.get(LIST_PAGE - 1).filter(|_| all.len() > LIST_PAGE).map(|last| HEXLOWER.encode(&place(last)));
    all.truncate(LIST_PAGE);
    let done = all.into_iter().map(|(_, id)| view(step.draft(), id)).collect::<Result<Vec<_>>>()?;
    looked_done(step, session, &done)?;
    Ok(CallsView { calls: Vec::new(), done, more })
}

/// What was said in a call, every time.
pub(super) fn spoken(view: &dyn View, call: CallId) -> Result<Vec<SpokenView>> {
    let all = rows::words(view, call)?;
    Ok(all
        .into_iter()
        .map(|(_, word)| {
            let (with, says, why) = match word.what {
                Spoken::Told(said) => (said.with, said.says, None),
                Spoken::Reopened(why) => (Personal::default(), Personal::default(), Some(why)),
            };
            SpokenView { at: word.at, staff: word.by.name, with, says, reopened: why }
        })
        .collect())
}

fn view(view: &dyn View, id: CallId) -> Result<DoneView> {
    let mut words = rows::words(view, id)?.into_iter().rev().map(|(_, word)| word.what);
    let said = words.find_map(|word| if let Spoken::Told(said) = word { Some(*said) } else { None });
    let said = said.ok_or_else(|| Fault::bug("a call that was made says nothing"))?;
    let Said { to, to_name, name, thread, .. } = said;
    let (words, whose, nameless) = (spoken(view, id)?, super::whose::view(view, id)?, super::whose::asked(view, id)?);
    Ok(DoneView { id, to, to_name, name, thread, words, whose, nameless })
}
