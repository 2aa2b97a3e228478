//! Whom to call, whether that still holds, and what to say. Who the person is, is said only to whom it was told under this consent; a
//! permit of `consent::decide` stands behind each thing that is told.

use super::rows::{self, Why};
use super::{Call, CallView, Consent, DueView, OrgId, Outcome, Party, PhoneView, Step, Thread, View};
use super::{consents, is_outside, outside, parties, records, told, worklist};
use crate::usecases::records::Kind;
use crate::usecases::referrals::Open;
use crate::usecases::{emergency, people, threads};
use belay_protocol::consent::{Action, Ask, Basis, Ended, Permit, Told, decide, heads};
use belay_protocol::disclosure::PrivateBody;
use belay_protocol::disclosure::private::HeardFor;
use belay_protocol::fault::Result;
use belay_protocol::ids::{CallId, ConsentId, EntryHash, PersonId, ThreadId};
use belay_protocol::planted::{self, Bug};
use belay_protocol::referral::due::{CALLED, Timer};
use belay_protocol::referral::{Information, Purpose};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;

/// That the person took it back, as the record of a disclosure says it.
const ENDED: &str = "by telephone, that the person took the consent back";
const WHO: &str = "by telephone, who the person is that took the consent back";

/// All of them, the oldest first.
pub(super) fn every(step: &mut Step<'_>) -> Outcome<Vec<Call>> {
    let mut calls = Vec::new();
    for (id, why) in rows::due(step.draft())? {
        calls.extend(match why {
            Why::Heard(record) => keeper(step, id, record)?,
            Why::Unsaid { thread, party, at } => unsaid(step, id, thread, party, at)?,
            Why::Ended { consent, party, at } => party_of_ours(step, id, (consent, party), at)?,
        });
    }
    calls.sort_by_key(|call| (call.view.due.by, call.view.id));
    Ok(calls)
}

fn question(from: OrgId, to: OrgId, information: Information) -> Ask {
    Ask { from, to, information, purpose: Purpose::AtRequest, action: Action::Export }
}

/// Who keeps a consent that the person took back here. Nothing came from there, so that nobody here can know whether they know the
/// person: no name is said.
fn keeper(step: &mut Step<'_>, id: CallId, record: EntryHash) -> Outcome<Option<Call>> {
    let Some(record) = records::get(step.draft(), Kind::HeardFor, &record.0)? else { return Ok(None) };
    let PrivateBody::HeardFor(heard) = record.body else { return Ok(None) };
    let own = parties::own(step)?;
    let phone = worklist::telephone(step, &heard.keeper)?;
    let mut tells = Vec::new();
    // By the number on the form they find the person; without it nothing is told of anybody.
    if !heard.form.reveal().is_empty() || planted::is(Bug::DisclosureInvented) {
        let ask = question(own.org, heard.keeper.org, Information::Referral);
        let basis = Basis::Ended(Ended::Elsewhere(heard.keeper.org));
        tells.extend(decide(basis, &ask, step.context().now).ok().map(|permit| (permit, ENDED)));
    }
    let person = meant(step.draft(), &heard)?;
    let view = CallView {
        id,
        to: heard.keeper.org,
        to_name: heard.keeper.name.clone(),
        off_network: is_outside(heard.keeper.org),
        name: heard.name.clone(),
        thread: None,
        says: heard_says(&heard, &own.name),
        note: Some(heard_note(&heard).to_owned()),
        before: super::told::spoken(step.draft(), id)?,
        due: due(id, heard.at, step.context().now, phone),
    };
    let recipient = recipient(step.draft(), &heard.keeper)?;
    Ok(Some(Call { view, person, recipient, tells }))
}

/// The person of ours who is called so, if that is one alone.
fn meant(view: &dyn View, heard: &HeardFor) -> Result<Option<PersonId>> {
    let Ok(person) = people::find(view, &heard.name) else { return Ok(None) };
    let born = heard.birth_date.reveal();
    Ok((born.is_empty() || person.identity.birth_date.reveal() == born).then_some(person.id))
}

/// What to say to who keeps a consent.
pub(in crate::usecases) fn heard_says(heard: &HeardFor, own: &str) -> Personal<String> {
    let how = if heard.told == Told::Spoken { "said so" } else { "wrote so" };
    let (on, to, keeper, form) = (heard.at.date(), heard.by.name.reveal(), &heard.keeper.name, heard.form.reveal());
    let who = if planted::is(Bug::CallNamesAnybody) { heard.name.reveal().as_str() } else { "a person" };
    Personal::new(if form.is_empty() {
        format!(
            "This is {own}. On {on} {who} took back here a consent that {keeper} keeps, and {how} to {to}. We may not say by telephone who it is. How can the person reach you today, to say it to you as well?"
        )
    } else {
        format!(
            "This is {own}. On {on} {who} took back here the consent with number {form} that {keeper} keeps, and {how} to {to}. Please record it at once: belay consent revoke {form}."
        )
    })
}

/// What our own staff have to know for that call.
pub(in crate::usecases) fn heard_note(heard: &HeardFor) -> &'static str {
    if heard.form.reveal().is_empty() {
        "Do not say the name: whether they know the person is not known here (42 CFR 2.13(a)). Ask the person for the number on the form, or give the person their number; it is told once they know which consent it is."
    } else {
        "Do not say the name: the number on the form is enough (42 CFR 2.13(a))."
    }
}

/// Who keeps a consent that the person took back here, and could not be told so in the referral: it knows the person by the referral's
/// number, so that no name has to be said. `None`: it was told in another referral under the same consent.
fn unsaid(step: &mut Step<'_>, id: CallId, thread: ThreadId, party: Option<OrgId>, at: Time) -> Outcome<Option<Call>> {
    let Some(thread) = threads::get(step.draft(), thread)? else { return Ok(None) };
    for other in threads::under(step.draft(), thread.consent)? {
        for record in records::all(step.draft(), Kind::Heard, &other.thread.0)? {
            if matches!(record.body, PrivateBody::Heard(heard) if heard.party == party && heard.entry != EntryHash::ZERO)
            {
                return Ok(None);
            }
        }
    }
    let (own, now) = (parties::own(step)?, step.context().now);
    let phone = worklist::telephone(step, &thread.other)?;
    let for_whom = party.map_or_else(String::new, |party| format!(" for {}", parties::called(step, party)));
    let says = format!(
        "This is {}, about your referral {}. On {} the person took back the consent under which you sent it{for_whom}. Please record it at once: belay consent revoke.",
        own.name,
        thread.thread.short(),
        at.date(),
    );
    let open = Open::new(step, thread.clone())?;
    let ask = question(own.org, thread.other.org, Information::Referral);
    // Of a sender that was taken out since nothing counts that says what it told.
    let came = open.came_part().and_then(|scope| decide(Basis::Ended(Ended::Came(scope)), &ask, now).ok());
    let permit = came.or_else(|| decide(Basis::Ended(Ended::Elsewhere(thread.other.org)), &ask, now).ok());
    let view = CallView {
        id,
        to: thread.other.org,
        to_name: thread.other.name.clone(),
        off_network: is_outside(thread.other.org),
        name: open.state.identity.as_ref().map(|identity| identity.name.clone()).unwrap_or_default(),
        thread: Some(thread.thread),
        says: Personal::new(says),
        note: None,
        before: super::told::spoken(step.draft(), id)?,
        due: due(id, at, now, phone),
    };
    let recipient = recipient(step.draft(), &thread.other)?;
    Ok(Some(Call {
        view,
        person: thread.person,
        recipient,
        tells: permit.into_iter().map(|permit| (permit, ENDED)).collect(),
    }))
}

/// Name and, of a partner off the network, address.
fn recipient(view: &dyn View, of: &Party) -> Result<String> {
    Ok(outside::get(view, of.org)?.map_or_else(|| of.name.clone(), |partner| partner.recipient()))
}

/// To whom something went under a consent of ours that ended for it. `None`: nothing did, so that a call would be the first word of it; or
/// the consent does not stand ended for it any more.
fn party_of_ours(
    step: &mut Step<'_>,
    id: CallId,
    (consent, org): (ConsentId, OrgId),
    at: Time,
) -> Outcome<Option<Call>> {
    let versions = consents::versions(step.draft(), consent, 0)?;
    let (own, now) = (parties::own(step)?, step.context().now);
    let ended = Basis::Ended(Ended::Kept(&versions));
    let Ok(permit) = decide(ended, &question(own.org, org, Information::Referral), now) else { return Ok(None) };
    let sent = threads::under(step.draft(), consent)?;
    let thread = if is_outside(org) {
        let Some(thread) = told(step.draft(), &sent, org)? else { return Ok(None) };
        Some(thread.clone())
    } else {
        sent.into_iter().find(|thread| thread.other.org == org)
    };
    let Some(to) = versions.iter().rev().find_map(|version| version.terms().party(org)).cloned() else {
        return Ok(None);
    };
    let Some(newest) = versions.last() else { return Ok(None) };
    let named = match &thread {
        Some(thread) => who(step, thread)?,
        None => None,
    };
    let mut tells = vec![(permit, ENDED)];
    let named = named.and_then(|name| {
        let permit: Permit = decide(ended, &question(own.org, org, Information::Identity), now).ok()?;
        tells.push((permit, WHO));
        Some(name)
    });
    let view = CallView {
        id,
        to: org,
        to_name: to.name.clone(),
        off_network: is_outside(org),
        name: newest.terms().person.clone(),
        thread: thread.as_ref().map(|thread| thread.thread),
        says: says(step, &versions, (&own.name, &to), (thread.as_ref(), named.as_ref()), at)?,
        note: since(step, newest, org, at)?,
        before: super::told::spoken(step.draft(), id)?,
        due: due(id, at, now, worklist::telephone(step, &to)?),
    };
    let recipient = recipient(step.draft(), &to)?;
    Ok(Some(Call { view, person: Some(newest.person()), recipient, tells }))
}

/// The name of the person, if it was told there: in the referral, or by letter.
fn who(step: &mut Step<'_>, thread: &Thread) -> Outcome<Option<Personal<String>>> {
    let told = !outside::off_network(thread) || identified(step.draft(), thread.thread)?;
    if !told && !planted::is(Bug::CallNamesAnybody) {
        return Ok(None);
    }
    Ok(Open::new(step, thread.clone())?.state.identity.map(|identity| identity.name))
}

/// Whether something that left on paper or by telephone said who the person is.
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

fn says(
    step: &mut Step<'_>,
    versions: &[Consent],
    (own, to): (&str, &Party),
    (thread, named): (Option<&Thread>, Option<&Personal<String>>),
    at: Time,
) -> Outcome<Personal<String>> {
    let (on, to_name) = (at.date(), &to.name);
    let who = named.map_or("the person", |name| name.reveal().as_str());
    let named_no_more = heads(versions).iter().any(|head| {
        matches!(head, Consent::Signed(signed) if signed.terms.party(to.org).is_none() && signed.withdrawn.iter().all(|gone| gone.party != to.org))
    });
    let Some(thread) = thread else {
        let copy = emergency::lay_with(step.draft(), versions.last().map(Consent::id), to.org)?;
        let which = copy.map_or_else(String::new, |space| format!(" (number {})", space.short()));
        return Ok(Personal::new(format!(
            "This is {own}. On {on} a person took back the consent under which a sealed copy for emergencies lies with {to_name}{which}. Please do not open it any more, and destroy it (42 CFR 2.31(a)(6))."
        )));
    };
    let number = thread.thread.short();
    let did = if named_no_more {
        format!("{who} signed the consent under which we told {to_name} about it anew, and it names {to_name} no more")
    } else {
        format!("{who} took back the consent under which we told {to_name} about it")
    };
    Ok(Personal::new(format!(
        "This is {own}, about our referral {number}. On {on} {did}. From now on we tell you nothing more; please use and pass on what you have only as far as you have relied on it already (42 CFR 2.31(a)(6), 2.32)."
    )))
}

/// That the person has signed another consent since, which names them as well.
fn since(step: &mut Step<'_>, ended: &Consent, org: OrgId, at: Time) -> Outcome<Option<String>> {
    let now = step.context().now;
    for id in records::find::consents(step.draft(), ended.person())? {
        let Some(Consent::Signed(other)) = consents::get(step.draft(), id)?.filter(|c| c.id() != ended.id()) else {
            continue;
        };
        let gone = other.withdrawn.iter().any(|gone| gone.party == org);
        if other.recorded >= at && !gone && other.expired(now).is_none() && other.terms.party(org).is_some() {
            return Ok(Some(format!(
                "Since then the person signed another consent that names them ({}): what came under the one before has ended all the same. Tell them so; what the new one lets be told goes with a referral under it.",
                id.short()
            )));
        }
    }
    Ok(None)
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
