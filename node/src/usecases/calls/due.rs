//! Whom to call, whether that still holds, and what to say. Who the person is, is said only to whom it was told under this consent, and
//! of whom it is known that it arrived; a permit of `consent::decide` stands behind each thing that is told.

use super::rows::{self, Why};
use super::words::{self, Name, Reached};
use super::{Call, CallView, Consent, DueView, OrgId, Outcome, Party, PhoneView, Step, Thread, View};
use super::{consents, is_outside, outside, parties, records, told, worklist};
use crate::system;
use crate::usecases::records::Kind;
use crate::usecases::referrals::Open;
use crate::usecases::{emergency, people, threads};
use belay_protocol::consent::{Action, Ask, Basis, Ended, decide, less};
use belay_protocol::disclosure::private::HeardFor;
use belay_protocol::disclosure::{Brief, PrivateBody};
use belay_protocol::fault::Result;
use belay_protocol::ids::{CallId, ConsentId, EntryHash, PersonId, ThreadId};
use belay_protocol::planted::{self, Bug};
use belay_protocol::referral::due::{CALLED, Timer};
use belay_protocol::referral::{Act, Body, Information, Purpose};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;

/// What kind of thing a call tells, and the same as the record of a disclosure says it.
pub(super) type Tells = (Brief, &'static str);

/// That the person took it back.
const TAKEN_BACK: Tells = (Brief::TakenBack, "by telephone, that the person took the consent back");
/// The same to a party of a consent of ours, who is told no more than that.
const ENDED: Tells = (Brief::Ended, "by telephone, that the consent ended for them");
const WHO: Tells = (Brief::Identity, "by telephone, who the person is whose consent ended for them");
/// The same where it stands, and lets less be told than before.
const LESS: Tells = (Brief::Less, "by telephone, that the consent covers less than before");
const WHOSE: Tells = (Brief::Identity, "by telephone, who the person is whose consent covers less than before");

/// As of when a call is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum AsOf {
    /// It may have gone since.
    Now,
    /// Somebody made it before it went, and puts that on record.
    Then,
}

/// All of them, the oldest first.
pub(super) fn every(step: &mut Step<'_>) -> Outcome<Vec<Call>> {
    let mut calls = Vec::new();
    for (id, why) in rows::due(step.draft())? {
        calls.extend(one(step, id, why, AsOf::Now)?);
    }
    calls.sort_by_key(|call| (call.view.due.by, call.view.id));
    Ok(calls)
}

/// One that was due and is not any more, as it was then: it may have been made.
pub(super) fn gone(step: &mut Step<'_>, id: CallId) -> Outcome<Option<Call>> {
    let why = rows::asked(step.draft())?.into_iter().find(|(asked, _)| *asked == id);
    why.map(|(_, why)| one(step, id, why, AsOf::Then)).transpose().map(Option::flatten)
}

fn one(step: &mut Step<'_>, id: CallId, why: Why, as_of: AsOf) -> Outcome<Option<Call>> {
    match why {
        Why::Heard(record) => keeper(step, id, record),
        Why::Unsaid { thread, party, at } => unsaid(step, id, thread, (party, at), as_of),
        Why::Ended { consent, party, at } => party_of_ours(step, id, (consent, party), (at, as_of)),
    }
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
        tells.extend(decide(basis, &ask, step.context().now).ok().map(|permit| (permit, TAKEN_BACK)));
    }
    let said = rows::whose(step.draft(), id)?.1;
    let person = meant(step.draft(), &heard)?.or(said);
    let view = CallView {
        id,
        to: heard.keeper.org,
        to_name: heard.keeper.name.clone(),
        off_network: is_outside(heard.keeper.org),
        name: heard.name.clone(),
        thread: None,
        says: words::heard_says(&heard, &own.name),
        note: Some(words::heard_note(&heard).to_owned()),
        before: super::told::spoken(step.draft(), id)?,
        whose: super::whose::view(step.draft(), id)?,
        due: due(id, heard.at, step.context().now, phone, TELEPHONE),
    };
    let recipient = recipient(step.draft(), &heard.keeper)?;
    Ok(Some(Call { view, person, recipient, tells }))
}

/// The person of ours who is called so and was born on that day, if that is one alone. A namesake is nobody: the record is then under no
/// name until staff say whose it is.
pub(super) fn meant(view: &dyn View, heard: &HeardFor) -> Result<Option<PersonId>> {
    let born = heard.birth_date.reveal().trim();
    // A year alone is shared by many.
    if born.parse::<jiff::civil::Date>().is_err() {
        return Ok(None);
    }
    let mut found = None;
    for id in records::find::called(view, heard.name.reveal())? {
        let Some(person) = people::get(view, id)? else { continue };
        if person.identity.birth_date.reveal().trim() == born && found.replace(person.id).is_some() {
            return Ok(None);
        }
    }
    Ok(found)
}

/// Who keeps a consent that the person took back here, and could not be told so in the referral: it knows the person by the referral's
/// number, so that no name has to be said. `None`: it was told in another referral under the same consent.
fn unsaid(
    step: &mut Step<'_>,
    id: CallId,
    thread: ThreadId,
    (party, at): (Option<OrgId>, Time),
    as_of: AsOf,
) -> Outcome<Option<Call>> {
    let Some(thread) = threads::get(step.draft(), thread)? else { return Ok(None) };
    let others = if as_of == AsOf::Now { threads::under(step.draft(), thread.consent)? } else { Vec::new() };
    for other in others {
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
        system::day(at),
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
        whose: None,
        due: due(id, at, now, phone, TELEPHONE),
    };
    let recipient = recipient(step.draft(), &thread.other)?;
    Ok(Some(Call {
        view,
        person: thread.filed,
        recipient,
        tells: permit.into_iter().map(|permit| (permit, TAKEN_BACK)).collect(),
    }))
}

/// Name and, of a partner off the network, address.
fn recipient(view: &dyn View, of: &Party) -> Result<String> {
    Ok(outside::get(view, of.org)?.map_or_else(|| of.name.clone(), |partner| partner.recipient()))
}

/// To whom something went under a consent of ours that ended for it, or lets it be told less. `None`: nothing did, so that a call would
/// be the first word of it; or the consent does not stand so for it any more.
fn party_of_ours(
    step: &mut Step<'_>,
    id: CallId,
    (consent, org): (ConsentId, OrgId),
    (at, as_of): (Time, AsOf),
) -> Outcome<Option<Call>> {
    let mut versions = consents::versions(step.draft(), consent, 0)?;
    if as_of == AsOf::Then {
        versions.retain(|version| version.signed().is_none_or(|signed| signed.recorded <= at));
    }
    let (own, now) = (parties::own(step)?, step.context().now);
    let permits = |ended: Ended<'_>, kind| decide(Basis::Ended(ended), &question(own.org, org, kind), now).ok();
    let (ended, narrower) = (Ended::Kept(&versions), Ended::Less(&versions));
    let (permit, ground, [that, whose]) = match permits(ended, Information::Referral) {
        Some(permit) => (permit, ended, [ENDED, WHO]),
        None => match permits(narrower, Information::Referral) {
            Some(permit) => (permit, narrower, [LESS, WHOSE]),
            None => return Ok(None),
        },
    };
    let sent = threads::under(step.draft(), consent)?;
    let (thread, came) = if is_outside(org) {
        let Some(thread) = told(step.draft(), &sent, org)? else { return Ok(None) };
        (Some(thread.clone()), Came::Whole)
    } else {
        arrived(step, sent, org)?
    };
    let Some(to) = versions.iter().rev().find_map(|version| version.terms().party(org)).cloned() else {
        return Ok(None);
    };
    let Some(newest) = versions.last() else { return Ok(None) };
    let known = match thread.as_ref().filter(|_| came == Came::Whole || planted::is(Bug::CallNamesAnybody)) {
        Some(thread) => who(step, thread)?,
        None => None,
    };
    let mut tells = vec![(permit, that)];
    let named = known.as_ref().filter(|_| {
        let permit = permits(ground, Information::Identity);
        let may = permit.is_some();
        tells.extend(permit.map(|permit| (permit, whose)));
        may
    });
    let name = match (&known, named) {
        (_, Some(_)) => Name::Said,
        (Some(_), None) => Name::Shut,
        (None, None) => Name::Untold,
    };
    let went = match &thread {
        Some(thread) if came != Came::NotKnown => Reached::Referral(thread.thread),
        Some(_) => Reached::NotKnown(consent),
        None => Reached::CopyAlone(consent),
    };
    let says = if that == LESS {
        words::less(&own.name, &to.name, at, (went, named), &less(&versions, own.org, org))
    } else {
        let copies = emergency::lay_with(step.draft(), consent, org)?;
        words::ended(&own.name, &to.name, at, went, named, &copies)
    };
    let what = if that == LESS { LESS_NOW } else { TELEPHONE };
    let view = CallView {
        id,
        to: org,
        to_name: to.name.clone(),
        off_network: is_outside(org),
        name: newest.terms().person.clone(),
        thread: thread.as_ref().map(|thread| thread.thread),
        says,
        note: words::notes((went, name), since(step, newest, org, at)?),
        before: super::told::spoken(step.draft(), id)?,
        whose: None,
        due: due(id, at, now, worklist::telephone(step, &to)?, what),
    };
    let recipient = recipient(step.draft(), &to)?;
    Ok(Some(Call { view, person: Some(newest.person()), recipient, tells }))
}

/// How much of a referral is known to have come to a member.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Came {
    /// That it was sealed for them says nothing, since their node may never have been heard of again.
    NotKnown,
    /// They wrote something that follows what we sent: they held it then.
    Referral,
    /// And who the person is: they wrote beside it, or took the person in, which nobody does before staff have said who it is.
    Whole,
}

/// The referral of which most is known to have come there.
fn arrived(step: &mut Step<'_>, sent: Vec<Thread>, org: OrgId) -> Outcome<(Option<Thread>, Came)> {
    let mut most: Option<(Thread, Came)> = None;
    for thread in sent.into_iter().filter(|thread| thread.with(org).is_some()) {
        let open = Open::new(step, thread.clone())?;
        let came = came(step, &open, org)?;
        if most.as_ref().is_none_or(|(_, known)| *known < came) {
            most = Some((thread, came));
        }
    }
    Ok(most.map_or((None, Came::NotKnown), |(thread, came)| (Some(thread), came)))
}

/// What their own words show that they held: an entry has those for parents that its author held and could count. What they wrote before
/// they held it, or in answer to something else, shows nothing.
fn came(step: &mut Step<'_>, open: &Open, org: OrgId) -> Result<Came> {
    let mut came = Came::NotKnown;
    for ours in open.placed.iter().filter(|placed| placed.org == open.own && !placed.local) {
        let Some(Body::Act(sent)) = &ours.body else { continue };
        for theirs in open.placed.iter().filter(|placed| placed.org == org && !placed.local) {
            let Some(Body::Act(said)) = &theirs.body else { continue };
            let shows = match (&sent.act, &said.act) {
                (Act::Send(_), Act::Accept { .. }) | (Act::Identity(_), _) => Came::Whole,
                (Act::Send(_), _) => Came::Referral,
                _ => continue,
            };
            let (engine, draft) = step.engine();
            if shows > came && engine.spaces().follows(draft, &theirs.hash, &ours.hash)? {
                came = shows;
            }
        }
    }
    Ok(came)
}

/// The name of the person, if it was told there: in the referral, or by letter. Not all of a team were told it.
fn who(step: &mut Step<'_>, thread: &Thread) -> Outcome<Option<Personal<String>>> {
    let told = !outside::off_network(thread) || identified(step.draft(), thread.thread)?;
    if (!told || thread.is_team()) && !planted::is(Bug::CallNamesAnybody) {
        return Ok(None);
    }
    Ok(Open::new(step, thread.clone())?.state.identity.map(|identity| identity.name))
}

/// Whether something that left on paper or by telephone said who the person is.
fn identified(view: &dyn View, thread: ThreadId) -> Result<bool> {
    let taken_back = crate::usecases::disclosures::taken_back(view)?;
    for record in records::find::all_exported(view, thread)? {
        let Some(record) = records::get(view, Kind::Disclosure, &record.0)? else { continue };
        if let PrivateBody::Disclosure(told) = record.body
            && told.information == Information::Identity
            && !taken_back.contains_key(&told.entry)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Another consent that the person has signed since, and that names them as well.
fn since(step: &mut Step<'_>, ended: &Consent, org: OrgId, at: Time) -> Outcome<Option<ConsentId>> {
    let now = step.context().now;
    for id in records::find::consents(step.draft(), ended.person())? {
        let Some(Consent::Signed(other)) = consents::get(step.draft(), id)?.filter(|c| c.id() != ended.id()) else {
            continue;
        };
        let gone = other.withdrawn.iter().any(|gone| gone.party == org);
        if other.recorded >= at && !gone && other.expired(now).is_none() && other.terms.party(org).is_some() {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

const TELEPHONE: &str = "telephone them: the person took the consent back";
const LESS_NOW: &str = "telephone them: the person's consent covers less than before";

fn due(id: CallId, since: Time, now: Time, phone: Option<PhoneView>, what: &str) -> DueView {
    let by = since.plus(CALLED);
    DueView {
        timer: Timer::Call,
        ours: true,
        since,
        by,
        overdue: by <= now,
        what: what.to_owned(),
        next: format!("belay consent told {}", id.short()),
        phone,
        steps: Vec::new(),
        say: None,
    }
}
