//! Whom staff have to telephone, because no node tells: who keeps a consent of which it was heard here that the person took it back,
//! where no referral came or the consent gives no way to say so in it; and to whom something went under a consent of ours that ended
//! at the person's word, or lets less be told than before, where that is a partner off the network, or one that has left the coalition. Each stands in the list until
//! somebody says that it was done; what was told is a disclosure (42 CFR 2.25), and can be read again.
//!
//! Parts: `rows` (which calls there are); `unreached` (whom no node tells any more); `due` (whom to call, and whether it still holds);
//! `words` (what to say); `told` (that it was said, or was not after all); `whose` (which person of ours it was about).

mod due;
mod rows;
mod told;
mod unreached;
mod whose;
mod words;

pub(super) use rows::{forget, kept, owners, taken_back};
pub use told::{done, made, reopen};
pub(super) use unreached::{follow_who_left, look_who_left, reached, somebody_left, unreached};
pub use whose::whose;
pub(super) use words::{heard_note, heard_says};

use super::staff::StaffSession;
use super::threads::Thread;
use super::{consents, named, outside, parties, people, records, worklist};
use crate::api::care::{CallView, CallsAsk, CallsView, DoneView, DueView, ListAsk, PhoneView, ThreadsView};
use crate::api::{Failure, Outcome};
use belay_protocol::consent::{Consent, Permit};
use belay_protocol::disclosure::{Looked, PrivateBody, Shown};
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::{CallId, OrgId, PersonId};
use belay_protocol::limits::LIST_PAGE;
use belay_protocol::referral::{Party, is_outside};
use belay_protocol::store::View;
use data_encoding::HEXLOWER;

/// A call that is still to be made, with what lets it be made.
pub(super) struct Call {
    view: CallView,
    /// Whom it is about, where that is known here.
    person: Option<PersonId>,
    /// As the record of what is told names whom it was told to.
    recipient: String,
    /// What is told of the person by it, and why that may be. Empty: nothing.
    tells: Vec<(Permit, due::Tells)>,
}

impl Call {
    const fn shown(&self) -> Shown {
        Shown { person: self.person, thread: self.view.thread }
    }
}

/// Of what was sent under a consent the referral of which something went to this partner off the network, by letter or word.
///
/// # Errors
/// `Store`.
pub(super) fn told<'t>(view: &dyn View, sent: &'t [Thread], partner: OrgId) -> Result<Option<&'t Thread>> {
    let taken_back = super::disclosures::taken_back(view)?;
    for thread in sent.iter().filter(|thread| thread.other.org == partner) {
        for record in records::find::all_exported(view, thread.thread)? {
            let Some(record) = records::get(view, records::Kind::Disclosure, &record.0)? else { continue };
            if matches!(&record.body, PrivateBody::Disclosure(told) if !taken_back.contains_key(&told.entry)) {
                return Ok(Some(thread));
            }
        }
    }
    Ok(None)
}

/// Whether a party of a consent has to hear of its end by telephone, as it stands now.
///
/// # Errors
/// `Store`.
pub(super) fn by_telephone(step: &mut Step<'_>, consent: &Consent, party: OrgId) -> Outcome<Option<Option<PhoneView>>> {
    if is_outside(party) {
        let sent = super::threads::under(step.draft(), consent.id())?;
        if told(step.draft(), &sent, party)?.is_none() {
            return Ok(None);
        }
    } else if reached(step, party) || !records::told::under(step.draft(), consent.id(), party)? {
        return Ok(None);
    }
    let of = consent.terms().party(party).cloned();
    of.map(|of| worklist::telephone(step, &of)).transpose().map(|phone| Some(phone.flatten()))
}

/// A page of the calls that are still to be made, the oldest first; or of those that were made.
///
/// # Errors
/// A place to go on from that is none; `Store`.
pub fn list(step: &mut Step<'_>, session: &StaffSession, ask: &CallsAsk) -> Outcome<CallsView> {
    let after = HEXLOWER.decode(ask.after.as_deref().unwrap_or_default().as_bytes()).map_err(|_| {
        Failure::misuse("that is no place in the list to go on from").next("the page before this one says it")
    })?;
    if ask.done {
        return told::list(step, session, &after);
    }
    let mut calls = due::every(step)?;
    calls.retain(|call| place(call) > after);
    let more = calls.len() > LIST_PAGE;
    calls.truncate(LIST_PAGE);
    looked(step, session, &calls)?;
    let more = calls.last().filter(|_| more).map(|last| HEXLOWER.encode(&place(last)));
    Ok(CallsView { calls: calls.into_iter().map(|call| call.view).collect(), done: Vec::new(), more })
}

/// Where a call stands in the list.
fn place(call: &Call) -> Vec<u8> {
    [&call.view.due.by.0.to_be_bytes()[..], &call.view.id.0].concat()
}

fn looked(step: &mut Step<'_>, session: &StaffSession, calls: &[Call]) -> Result<()> {
    people::look_at(step, session, Looked::Call, calls.iter().map(Call::shown).collect())
}

/// The first page of the list of referrals, with the calls that are still to be made.
///
/// # Errors
/// `Store`.
pub fn beside(
    step: &mut Step<'_>,
    session: &StaffSession,
    ask: &ListAsk,
    mut list: ThreadsView,
) -> Outcome<ThreadsView> {
    if ask.after.is_some() || ask.person.is_some() {
        return Ok(list);
    }
    let mut calls = due::every(step)?;
    if calls.is_empty() {
        return Ok(list);
    }
    list.more_calls = calls.len() > LIST_PAGE;
    calls.truncate(LIST_PAGE);
    looked(step, session, &calls)?;
    list.calls = calls.into_iter().map(|call| call.view).collect();
    Ok(list)
}

/// Each call with what it waits for. Nothing about a person, so that no look is recorded.
///
/// # Errors
/// `Store`.
pub(super) fn waiting(step: &mut Step<'_>) -> Outcome<Vec<(CallId, DueView)>> {
    Ok(due::every(step)?.into_iter().map(|call| (call.view.id, call.view.due)).collect())
}

/// One that is still to be made.
///
/// # Errors
/// None fits, or more than one does.
pub fn show(step: &mut Step<'_>, session: &StaffSession, given: &str) -> Outcome<CallView> {
    Ok(find(step, session, given)?.view)
}

fn find(step: &mut Step<'_>, session: &StaffSession, given: &str) -> Outcome<Call> {
    let mut all = due::every(step)?;
    let ids: Vec<(usize, CallId)> = all.iter().map(|call| call.view.id).enumerate().collect();
    let key = |(_, id): &(usize, CallId)| (id.to_string(), String::new());
    let at = named(&ids, given, key, "call to be made", "belay consent calls")?.0;
    let call = all.swap_remove(at);
    looked(step, session, std::slice::from_ref(&call))?;
    Ok(call)
}

fn looked_done(step: &mut Step<'_>, session: &StaffSession, done: &[DoneView]) -> Result<()> {
    let mut shown = Vec::with_capacity(done.len());
    for call in done {
        let thread = call.thread.map(|id| super::threads::get(step.draft(), id)).transpose()?.flatten();
        shown.push(Shown { person: thread.and_then(|thread| thread.person), thread: call.thread });
    }
    people::look_at(step, session, Looked::Call, shown)
}
