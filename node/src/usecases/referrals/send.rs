//! A new referral under a signed consent.

use super::{Open, settled, show};
use crate::api::care::{Send, ThreadView};
use crate::api::{Failure, Outcome};
use crate::usecases::staff::StaffSession;
use crate::usecases::threads::Thread;
use crate::usecases::{consents, parties, people};
use belay_protocol::consent::{Action, Ask, Consent, Permit, decide};
use belay_protocol::disclosure::PrivateBody;
use belay_protocol::disclosure::private::{Direction, ThreadRecord};
use belay_protocol::engine::{Seat, Step};
use belay_protocol::fault::Fault;
use belay_protocol::ids::{OrgId, ThreadId};
use belay_protocol::random;
use belay_protocol::referral::{Act, Body, Information, Party, Request, Service, Signed, is_outside};

/// Sends a referral to the organisation that the consent names: founds a space for each kind of information that it opens, gives
/// the notice in each, tells who the person is if it may, and asks.
///
/// # Errors
/// The refusal of `consent::decide`; a consent that names nobody, or more than one, to refer to.
pub fn send(step: &mut Step<'_>, session: &StaffSession, ask: &Send) -> Outcome<ThreadView> {
    let consent = consents::find(step.draft(), &ask.consent)?;
    let (coalition, _) = parties::roster(step)?;
    let own = parties::own(step)?.org;
    let other = recipient(&consent, own)?;
    if is_outside(other.org) {
        return Err(Failure::misuse(format!("{} is not on the network, so that a letter must go there", other.name))
            .next("the command again with --off-network"));
    }
    let person = people::get(step.draft(), consent.person())?
        .ok_or_else(|| Failure::misuse("the person of this consent is not on record").next("belay person list"))?;
    let request = Request {
        service: ask
            .service
            .as_deref()
            .map(|listing| Service { listing: listing.trim().to_owned(), name: ask.service_name.clone() }),
        reason: ask.reason.clone(),
        urgency: ask.urgency,
        needs: ask.needs.clone(),
    };
    let mut acts = vec![Act::Send(request)];
    if told(&consent, own, other.org, Information::Identity) {
        acts.insert(0, Act::Identity(Box::new(person.identity.clone())));
    }
    let mut spaces = Vec::new();
    for act in &acts {
        act.check()?;
        let information = act.information();
        let permit = may_let_in(step, &consent, own, other.org, information)?;
        let write = told(&consent, other.org, own, information);
        spaces.push((information, step.found_thread(coalition, true, &[Seat { permit: &permit, write }])?));
    }
    spaces.sort_unstable();
    let thread = ThreadRecord {
        thread: ThreadId(random::array(step.context().random)),
        direction: Direction::Outgoing,
        other,
        person: Some(person.id),
        consent: consent.id(),
        version: consent.version(),
        spaces,
    };
    step.write_private(&PrivateBody::Thread(Box::new(thread.clone())).encode())?;
    settled(step)?;
    write_acts(step, session, thread, acts)
}

fn write_acts(step: &mut Step<'_>, session: &StaffSession, sent: ThreadRecord, acts: Vec<Act>) -> Outcome<ThreadView> {
    let thread = Thread {
        thread: sent.thread,
        direction: sent.direction,
        other: sent.other,
        person: sent.person,
        consent: sent.consent,
        version: sent.version,
        spaces: sent.spaces,
        gone: None,
    };
    let open = Open::new(step, thread.clone())?;
    for act in acts {
        let information = act.information();
        let notice = open.notice(step, session, information)?;
        let what = match act {
            Act::Identity(_) => "who the person is and how to reach the person",
            _ => "the referral: reason, urgency, needs, service asked for",
        };
        let body = Body::Act(Signed { notice, by: session.by(), act });
        open.tell(step, session, information, &body, what)?;
    }
    settled(step)?;
    let open = Open::new(step, thread)?;
    show::view(step, &open)
}

/// The one organisation that the consent lets us refer the person to.
fn recipient(consent: &Consent, own: OrgId) -> Outcome<Party> {
    let terms = consent.terms();
    let mut named: Vec<&Party> =
        terms.recipients.iter().filter(|p| told(consent, own, p.org, Information::Referral)).collect();
    named.dedup_by_key(|p| p.org);
    match named.as_slice() {
        [one] => Ok((*one).clone()),
        [] => Err(Failure::not_permitted("the consent lets us refer to nobody (42 CFR 2.31(a)(4))")
            .next("belay consent draft --person P --to ORG")),
        _ => Err(Failure::misuse("the consent names more than one organisation to refer to; use one consent for each")),
    }
}

fn told(consent: &Consent, from: OrgId, to: OrgId, information: Information) -> bool {
    consent.terms().flows.iter().any(|f| f.from == from && f.to == to && f.information == information)
}

fn may_let_in(
    step: &mut Step<'_>,
    consent: &Consent,
    from: OrgId,
    to: OrgId,
    information: Information,
) -> Outcome<Permit> {
    let flow = consent.terms().flows.iter().find(|f| f.from == from && f.to == to && f.information == information);
    let purpose = flow.map_or(belay_protocol::consent::Purpose::Treatment, |f| f.purpose.clone());
    let ask = Ask { from, to, information, purpose, action: Action::Grant };
    Ok(decide(consent, &ask, step.context().now).map_err(Fault::from)?)
}
