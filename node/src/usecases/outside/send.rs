//! A referral to a partner who is not on the network: recorded here, and told by the letter.

use super::{act, letter};
use crate::api::care::{Send, ThreadView};
use crate::api::{Failure, Outcome};
use crate::usecases::referrals::{
    Open, asked_purpose, hints, lifted, names, new_need, only_one, opened, ours, settled, view,
};
use crate::usecases::staff::StaffSession;
use crate::usecases::{consents, named, parties, people, threads};
use belay_protocol::consent::{Action, Consent, notice};
use belay_protocol::disclosure::PrivateBody;
use belay_protocol::disclosure::private::{Direction, ThreadRecord};
use belay_protocol::engine::Step;
use belay_protocol::fault::Fault;
use belay_protocol::ids::{EntryHash, OrgId, PersonId, ThreadId};
use belay_protocol::referral::{
    Act, Body, Information, Medication, Notice, OutsideAct, Party, Request, Service, Signed, is_outside,
};

/// Records the referral. Where the consent does not permit to tell of it, nothing is recorded and nothing can be printed.
///
/// # Errors
/// The refusal of `consent::decide`; a consent that names nobody off the network, or more than one.
pub fn send(step: &mut Step<'_>, session: &StaffSession, ask: &Send, to: Option<&str>) -> Outcome<ThreadView> {
    let consent = consents::in_force(step.draft(), &ask.consent)?;
    let own = parties::own(step)?.org;
    let other = recipient(&consent, own, to)?;
    let person = people::get(step.draft(), consent.person())?
        .ok_or_else(|| Failure::misuse("the person of this consent is not on record").next("belay person list"))?;
    let request = Request {
        service: ask
            .service
            .as_deref()
            .map(|listing| Service { listing: listing.trim().to_owned(), name: ask.service_name.clone() }),
        reason: ask.reason.clone(),
        urgency: ask.urgency,
    };
    let mut acts = vec![Act::Send(request)];
    acts.extend((1..).zip(&ask.needs).map(|(rank, text)| new_need(step, rank, text)));
    if names(&consent, (own, other.org), ask)? {
        acts.insert(0, Act::Identity(Box::new(person.identity.clone())));
    }
    if let Some(list) = beside(step, ask, person.id, &other)? {
        acts.push(Act::Medication(list));
    }
    let scope = consent.scope_for(other.org).map_err(Fault::from)?.told_after(None);
    let thread = ThreadRecord {
        thread: ThreadId::begun_by(&step.org(), step.context().random),
        direction: Direction::Outgoing,
        other,
        person: Some(consent.person()),
        consent: consent.id(),
        version: consent.version(),
        spaces: Vec::new(),
        lifts: ask.lifts.as_deref().map(|given| lifted(step, given, person.id)).transpose()?,
        team: Vec::new(),
        purpose: asked_purpose(ask)?,
    };
    let id = thread.thread;
    step.write_private(&PrivateBody::Thread(Box::new(thread)).encode())?;
    let mut after: Vec<EntryHash> = Vec::new();
    for act in acts {
        act.check()?;
        let information = act.information();
        let notice = Notice {
            thread: id,
            information,
            text: notice::STATEMENT_1.to_owned(),
            scope: scope.clone(),
            by: session.by(),
        };
        let notice = write(step, id, &after, Body::Notice(Box::new(notice)))?;
        let act = Body::Act(Signed { notice, by: session.by(), act });
        after = vec![write(step, id, &[notice], act)?];
    }
    settled(step)?;
    let thread = threads::get(step.draft(), id)?.ok_or_else(|| Fault::store("a referral is not found"))?;
    let open = Open::new(step, thread)?;
    if !ask.needs.is_empty() {
        open.may_tell(step, Information::Social, Action::Export).map_err(Fault::from)?;
    }
    if ask.include.contains(&Information::Medication) {
        open.may_tell(step, Information::Medication, Action::Export).map_err(Fault::from)?;
    }
    // Nothing is told yet: that is done, and put on record, when the letter is first printed.
    letter::may_go(step, &open)?;
    let (to, id) = (open.thread.other.clone(), open.thread.thread);
    only_one(step, (consent.id(), person.id), &to, ask, Some(id))?;
    let mut view = view(step, session, &open)?;
    view.hints = hints::of_send(ask);
    Ok(view)
}

/// What was asked to go with it and a letter can carry: the medication that is on record. What a letter has no room for is refused, so
/// that nobody thinks it went.
///
/// # Errors
/// A kind that no letter carries; no medication of our own staff's on record.
pub fn beside(step: &mut Step<'_>, ask: &Send, person: PersonId, to: &Party) -> Outcome<Option<Box<Medication>>> {
    let carried = [Information::Referral, Information::Identity, Information::Social, Information::Medication];
    if let Some(kind) = ask.include.iter().find(|kind| !carried.contains(kind)) {
        let why = format!("a letter to {} does not carry `{kind}` information", to.name);
        return Err(Failure::misuse(why).next(
            "the command again without it; afterwards belay attachment add FILE --thread THREAD, for a paper that goes beside the letter",
        ));
    }
    if !ask.include.contains(&Information::Medication) {
        return Ok(None);
    }
    let known = ours(step, person)?.medication;
    let (_, list) = known.ok_or_else(|| {
        Failure::misuse("no medication that our own staff wrote of this person is on record here; what others told us is theirs to tell")
            .next("the command again without it; then belay referral medication THREAD, before the letter is printed")
    })?;
    Ok(Some(Box::new(list)))
}

fn write(step: &mut Step<'_>, thread: ThreadId, after: &[EntryHash], body: Body) -> Outcome<EntryHash> {
    let act = OutsideAct { thread, after: after.to_vec(), heard: None, at: step.context().now, body };
    Ok(act::write(step, act)?)
}

/// The partner off the network that the consent lets us refer the person to.
/// To whom it would go by letter.
///
/// # Errors
/// A consent that names nobody off the network, or more than one.
pub fn whom(step: &mut Step<'_>, ask: &Send, to: Option<&str>) -> Outcome<OrgId> {
    let consent = consents::in_force(step.draft(), &ask.consent)?;
    let own = parties::own(step)?.org;
    Ok(recipient(&consent, own, to)?.org)
}

fn recipient(consent: &Consent, own: OrgId, given: Option<&str>) -> Outcome<Party> {
    let mut parties: Vec<Party> = consent
        .terms()
        .recipients
        .iter()
        .filter(|p| is_outside(p.org) && opened(consent, own, p.org, Information::Referral))
        .cloned()
        .collect();
    parties.dedup_by_key(|p| p.org);
    if let Some(given) = given {
        let key = |p: &Party| (p.org.to_string(), p.name.clone());
        return named(&parties, given, key, "partner off the network in this consent", "belay consent show CONSENT")
            .cloned();
    }
    match parties.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(Failure::not_permitted(
            "the consent lets us refer to nobody who is not on the network (42 CFR 2.31(a)(4))",
        )
        .next("belay partner add, then belay consent draft --person P --to PARTNER")),
        _ => Err(Failure::misuse("the consent names more than one partner off the network")
            .next("the command again with --to PARTNER")),
    }
}
