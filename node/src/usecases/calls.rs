//! Whom staff have to telephone, because no node tells: who keeps a consent of which it was heard here that the person took it back,
//! where no referral came or the consent gives no way to say so in it; and a partner off the network to which something went under a consent that the person took back. Each stands in the list until
//! somebody says that it was done.
//!
//! [`Table::Record`]: `70 call` which it is, until it was made. It can be made again from the entries alone.

use super::records::Kind;
use super::referrals::Open;
use super::staff::StaffSession;
use super::threads::{self, Thread};
use super::{consents, named, outside, parties, people, project, records, worklist};
use crate::api::Outcome;
use crate::api::care::{CallView, CallsView, DueView, ListAsk, PhoneView, ThreadsView};
use belay_protocol::codec;
use belay_protocol::consent::{Consent, Told};
use belay_protocol::disclosure::private::{HeardFor, Phoned};
use belay_protocol::disclosure::{Heard, Looked, PrivateBody};
use belay_protocol::engine::Step;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{CallId, ConsentId, EntryHash, OrgId, ThreadId};
use belay_protocol::referral::due::{CALLED, Timer};
use belay_protocol::referral::{Information, is_outside};
use belay_protocol::sensitive::Personal;
use belay_protocol::store::{Draft, Table, View, after_prefix};
use belay_protocol::time::Time;
use serde::{Deserialize, Serialize};

const OPEN: u8 = 70;

/// Why somebody has to be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Why {
    /// The person took back here a consent that another keeps: the record of it.
    Heard(EntryHash),
    /// The person took it back here, and the consent under which this referral came gives no way to say so.
    Unsaid { thread: ThreadId, party: Option<OrgId>, at: Time },
    /// A consent of ours ended at the person's word.
    Ended { consent: ConsentId, party: OrgId, at: Time },
}

fn key(call: CallId) -> Vec<u8> {
    [&[OPEN], &call.0[..]].concat()
}

/// A record is kept: it asks for a call, or says that one was made.
///
/// # Errors
/// `Store`.
pub(super) fn kept(draft: &mut Draft<'_>, hash: EntryHash, body: &PrivateBody) -> Result<()> {
    match body {
        PrivateBody::HeardFor(_) => open(draft, Phoned::heard(hash), Why::Heard(hash)),
        PrivateBody::Heard(heard) if heard.entry == EntryHash::ZERO && !heard.late => {
            let Heard { thread, party, at, .. } = **heard;
            open(draft, Phoned::unsaid(heard.consent, party), Why::Unsaid { thread, party, at })
        }
        PrivateBody::Consent(consent) => {
            for (party, at) in ended(consent).into_iter().filter(|(party, _)| is_outside(*party)) {
                let (consent, version) = (consent.id(), consent.version());
                open(draft, Phoned::ended(consent, party, version), Why::Ended { consent, party, at })?;
            }
            Ok(())
        }
        PrivateBody::Phoned(phoned) => {
            draft.delete(Table::Record, key(phoned.call));
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Of two words against one consent the first one counts, in whatever order they come.
fn open(draft: &mut Draft<'_>, call: CallId, why: Why) -> Result<()> {
    if records::get(draft, records::Kind::Phoned, &call.0)?.is_some() {
        return Ok(());
    }
    let known = draft.get(Table::Record, &key(call))?.and_then(|known| codec::decode("call", &known).ok());
    let earlier = match (&why, &known) {
        (Why::Ended { at, .. }, Some(Why::Ended { at: known, .. }))
        | (Why::Unsaid { at, .. }, Some(Why::Unsaid { at: known, .. })) => at < known,
        _ => true,
    };
    if earlier {
        draft.put(Table::Record, key(call), codec::encode(&why));
    }
    Ok(())
}

/// For whom a consent ended at the person's word, and when.
fn ended(consent: &Consent) -> Vec<(OrgId, Time)> {
    match consent {
        Consent::Revoked(revoked) => {
            revoked.signed.terms.parties().into_iter().map(|party| (party.org, revoked.at)).collect()
        }
        Consent::Signed(signed) => signed.withdrawn.iter().map(|gone| (gone.party, gone.at)).collect(),
        Consent::Draft(_) | Consent::Void(_) => Vec::new(),
    }
}

/// Forgets all of it, before it is made again.
///
/// # Errors
/// `Store`.
pub(super) fn forget(draft: &mut Draft<'_>) -> Result<()> {
    for (key, _) in draft.scan(Table::Record, &[OPEN], after_prefix(&[OPEN]).as_deref(), usize::MAX, false)? {
        draft.delete(Table::Record, key);
    }
    Ok(())
}

/// Of what was sent under a consent the referral of which something went to this partner off the network, by letter or word.
///
/// # Errors
/// `Store`.
pub(super) fn told<'t>(view: &dyn View, sent: &'t [Thread], partner: OrgId) -> Result<Option<&'t Thread>> {
    for thread in sent.iter().filter(|thread| thread.other.org == partner) {
        if records::find::exported(view, thread.thread, None)?.is_some() {
            return Ok(Some(thread));
        }
    }
    Ok(None)
}

/// Whether it was told who the person is.
fn identified(view: &dyn View, thread: ThreadId) -> Result<bool> {
    for record in records::find::all_exported(view, thread)? {
        let told = records::get(view, Kind::Disclosure, &record.0)?;
        if told.is_some_and(
            |told| matches!(told.body, PrivateBody::Disclosure(told) if told.information == Information::Identity),
        ) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The calls that are still to be made, the oldest first.
///
/// # Errors
/// `Store`.
pub fn list(step: &mut Step<'_>, session: &StaffSession) -> Outcome<CallsView> {
    people::look(step, session, Looked::Consent, None, None)?;
    Ok(CallsView { calls: every(step)? })
}

/// The first page of the list with the calls that are still to be made.
///
/// # Errors
/// `Store`.
pub fn beside(step: &mut Step<'_>, ask: &ListAsk, mut list: ThreadsView) -> Outcome<ThreadsView> {
    if ask.after.is_none() && ask.person.is_none() {
        list.calls = every(step)?;
    }
    Ok(list)
}

/// Each call with what it waits for. Nothing about a person, so that no look is recorded.
///
/// # Errors
/// `Store`.
pub(super) fn waiting(step: &mut Step<'_>) -> Outcome<Vec<(CallId, DueView)>> {
    Ok(every(step)?.into_iter().map(|call| (call.id, call.due)).collect())
}

/// One of them.
///
/// # Errors
/// None fits, or more than one does.
pub fn show(step: &mut Step<'_>, session: &StaffSession, given: &str) -> Outcome<CallView> {
    people::look(step, session, Looked::Consent, None, None)?;
    find(step, given)
}

/// Puts on record that it was made.
///
/// # Errors
/// None fits, or more than one does; a name that is too long.
pub fn made(step: &mut Step<'_>, session: &StaffSession, given: &str, with: &Personal<String>) -> Outcome<CallView> {
    let call = show(step, session, given)?;
    let body = PrivateBody::Phoned(Box::new(Phoned {
        call: call.id,
        with: with.reveal().trim().into(),
        by: session.by(),
        at: step.context().now,
    }))
    .encode();
    PrivateBody::decode(&body)?;
    step.write_private(&body)?;
    project::project_step(step)?;
    Ok(call)
}

fn find(step: &mut Step<'_>, given: &str) -> Outcome<CallView> {
    let all = every(step)?;
    named(&all, given, |call| (call.id.to_string(), String::new()), "call to be made", "belay consent calls").cloned()
}

fn every(step: &mut Step<'_>) -> Outcome<Vec<CallView>> {
    let to = after_prefix(&[OPEN]);
    let mut calls = Vec::new();
    for (key, value) in step.draft().scan(Table::Record, &[OPEN], to.as_deref(), usize::MAX, false)? {
        let damaged = || Fault::store("a call to be made is damaged; `belay doctor --rebuild` makes it again");
        let id = key.get(1..).and_then(CallId::from_slice).ok_or_else(damaged)?;
        calls.extend(match codec::decode("call", &value).map_err(|_| damaged())? {
            Why::Heard(record) => keeper(step, id, record)?,
            Why::Unsaid { thread, party, at } => unsaid(step, id, thread, party, at)?,
            Why::Ended { consent, party, at } => partner(step, id, (consent, party), at)?,
        });
    }
    calls.sort_by_key(|call| (call.due.by, call.id));
    Ok(calls)
}

/// Who keeps a consent that the person took back here.
fn keeper(step: &mut Step<'_>, id: CallId, record: EntryHash) -> Outcome<Option<CallView>> {
    let Some(record) = records::get(step.draft(), records::Kind::HeardFor, &record.0)? else { return Ok(None) };
    let PrivateBody::HeardFor(heard) = record.body else { return Ok(None) };
    let own = parties::own(step)?.name;
    let phone = worklist::telephone(step, &heard.keeper)?;
    Ok(Some(CallView {
        id,
        to: heard.keeper.org,
        to_name: heard.keeper.name.clone(),
        off_network: is_outside(heard.keeper.org),
        name: heard.name.clone(),
        thread: None,
        says: heard_says(&heard, &own),
        due: due(id, heard.at, step.context().now, phone),
    }))
}

/// Who keeps a consent that the person took back here, and could not be told so in the referral: it knows the person by the referral's
/// number, so that no name has to be said. `None`: it was told in another referral under the same consent.
fn unsaid(
    step: &mut Step<'_>,
    id: CallId,
    thread: ThreadId,
    party: Option<OrgId>,
    at: Time,
) -> Outcome<Option<CallView>> {
    let Some(thread) = threads::get(step.draft(), thread)? else { return Ok(None) };
    for other in threads::under(step.draft(), thread.consent)? {
        for record in records::all(step.draft(), Kind::Heard, &other.thread.0)? {
            if matches!(record.body, PrivateBody::Heard(heard) if heard.party == party && heard.entry != EntryHash::ZERO)
            {
                return Ok(None);
            }
        }
    }
    let own = parties::own(step)?.name;
    let phone = worklist::telephone(step, &thread.other)?;
    let for_whom = party.map_or_else(String::new, |party| format!(" for {}", parties::called(step, party)));
    let says = format!(
        "This is {own}, about your referral {}. On {} the person took back the consent under which you sent it{for_whom}. Please record it at once: belay consent revoke.",
        thread.thread.short(),
        at.date(),
    );
    let identity = Open::new(step, thread.clone())?.state.identity;
    Ok(Some(CallView {
        id,
        to: thread.other.org,
        to_name: thread.other.name.clone(),
        off_network: is_outside(thread.other.org),
        name: identity.map(|identity| identity.name).unwrap_or_default(),
        thread: Some(thread.thread),
        says: Personal::new(says),
        due: due(id, at, step.context().now, phone),
    }))
}

/// What to say to who keeps a consent.
pub(super) fn heard_says(heard: &HeardFor, own: &str) -> Personal<String> {
    let how = if heard.told == Told::Spoken { "said so" } else { "wrote so" };
    let part = |before: &str, text: &str| if text.is_empty() { String::new() } else { format!("{before}{text}") };
    Personal::new(format!(
        "{}{} took back the consent{} that {} keeps, and {how} on {} at {own} to {}. Please record it at once: belay consent revoke.",
        heard.name.reveal(),
        part(", born ", heard.birth_date.reveal()),
        part(" with number ", heard.form.reveal()),
        heard.keeper.name,
        heard.at.date(),
        heard.by.name.reveal(),
    ))
}

/// A partner off the network to which something went under a consent that ended. `None`: nothing did, so that a call would be the first word
/// of it.
fn partner(
    step: &mut Step<'_>,
    id: CallId,
    (consent, party): (ConsentId, OrgId),
    at: Time,
) -> Outcome<Option<CallView>> {
    let sent = threads::under(step.draft(), consent)?;
    let Some(thread) = told(step.draft(), &sent, party)?.cloned() else { return Ok(None) };
    let Some(consent) = consents::get(step.draft(), consent)? else { return Ok(None) };
    let own = parties::own(step)?.name;
    let (number, to_name) = (thread.thread.short(), thread.other.name.clone());
    let phone = outside::get(step.draft(), party)?.filter(|partner| !partner.telephone.is_empty());
    let phone = phone.map(|partner| PhoneView { who: partner.name, telephone: partner.telephone });
    // Whom the letter did not name is not named on the telephone either.
    let identity =
        if identified(step.draft(), thread.thread)? { Open::new(step, thread.clone())?.state.identity } else { None };
    let who = identity.map_or_else(|| "the person".to_owned(), |identity| identity.name.reveal().clone());
    let says = format!(
        "This is {own}, about our referral {number}. On {} {who} took back the consent under which we told {to_name} about it. From now on we tell you nothing more; please use and pass on what you have only as far as you have relied on it already (42 CFR 2.31(a)(6), 2.32).",
        at.date()
    );
    Ok(Some(CallView {
        id,
        to: party,
        to_name,
        off_network: true,
        name: consent.terms().person.clone(),
        thread: Some(thread.thread),
        says: Personal::new(says),
        due: due(id, at, step.context().now, phone),
    }))
}

fn due(id: CallId, since: Time, now: Time, phone: Option<PhoneView>) -> DueView {
    let by = since.plus(CALLED);
    DueView {
        timer: Timer::Call,
        ours: true,
        since,
        by,
        overdue: by <= now,
        what: "telephone them: the person took the consent back".to_owned(),
        next: format!("belay consent told {}", id.short()),
        phone,
    }
}
