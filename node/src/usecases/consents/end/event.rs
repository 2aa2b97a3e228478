//! What a consent waits for has come about: the event at which it ends, or from which on it can be revoked (42 CFR 2.31(a)(7), 2.35(c)). One
//! that was recorded by mistake is struck, with a reason, and counts for nothing.

use super::super::{bodies, get, show_now, sign, versions, write, write_and_show};
use super::{close, heard_follow, signed};
use crate::api::care::{ConsentView, EventView, ReviewView};
use crate::api::{Failure, Outcome};
use crate::system;
use crate::usecases::records::{self, Kind};
use crate::usecases::staff::StaffSession;
use crate::usecases::{project, short_enough};
use belay_protocol::consent::{Consent, Event, Expiry, Signed};
use belay_protocol::disclosure::{EventStruck, PrivateBody};
use belay_protocol::engine::Step;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::ConsentId;
use belay_protocol::sensitive::Personal;
use belay_protocol::store::View;
use belay_protocol::time::{DAY, Time};
use std::collections::{BTreeMap, BTreeSet};

/// Records that the event came about at which the consent ends, or from which on it can be revoked.
///
/// # Errors
/// A consent that is not in force, or that names no such event; a day that has not come, or lies before the signature.
pub fn event(
    step: &mut Step<'_>,
    session: &StaffSession,
    given: &str,
    revocable: bool,
    on: Option<Time>,
) -> Outcome<ConsentView> {
    let mut signed = signed(step, given)?;
    let now = step.context().now;
    let at = on.unwrap_or(now);
    if at > now {
        return Err(Failure::misuse("this event lies in the future; record it when it has come about"));
    }
    if revocable && signed.terms.supervised().is_none() {
        return Err(Failure::misuse("this consent can be revoked at any time").next("belay consent revoke"));
    }
    if !revocable && !matches!(signed.terms.expiry, Some(Expiry::Event(_))) {
        return Err(Failure::misuse("this consent does not end at an event").next("belay consent show CONSENT"));
    }
    not_before(step, &signed, revocable, at)?;
    // What was struck stays struck: the same day, said again, is another event.
    let struck = struck(step.draft(), &signed.id.0)?.remove(&signed.id).unwrap_or_default();
    let free = |at: &Time| !struck.contains(&Event { revocable, at: *at });
    let at = (at.0..).map(Time).find(free).unwrap_or(at);
    let id = signed.id;
    if revocable {
        signed.revocable = Some(at);
        write(step, &session.by(), &Consent::Signed(signed))?;
        sign::follow_through(step, Some(&session.by()), id)?;
        // What somebody heard before it could be is done now.
        heard_follow(step)?;
        return now_shown(step, session, id);
    }
    signed.event = Some(at);
    let consent = Consent::Signed(signed);
    write(step, &session.by(), &consent)?;
    close(step, &session.by(), id, None)?;
    write_and_show(step, session, &consent)
}

/// Nothing that a form waits for came about before anybody had signed it.
fn not_before(step: &mut Step<'_>, newest: &Signed, revocable: bool, at: Time) -> Outcome<()> {
    let waits = |signed: &&Signed| {
        if revocable {
            signed.terms.supervision == newest.terms.supervision
        } else {
            signed.terms.expiry == newest.terms.expiry
        }
    };
    // The day that stands beside a signature is of no clock.
    let day = |signed: &Signed| {
        signed.date.map_or_else(|| system::date(signed.recorded), |date| Time(date.0.saturating_sub(date.0 % DAY)))
    };
    let all = versions(step.draft(), newest.id, 0)?;
    let first = all.iter().filter_map(Consent::signed).filter(waits).map(day).min();
    let on = system::date(at);
    match first.filter(|first| on < *first) {
        None => Ok(()),
        Some(first) => Err(Failure::misuse(format!(
            "this was signed on {}, and what it waits for can not have come about on {}, before that",
            first.date(),
            on.date()
        ))
        .next(
            "the command again with --on and the right day; if it had come about before the person signed, a new consent \
             (belay consent draft)",
        )),
    }
}

/// Records that such an event was recorded by mistake: of every record of this consent it counts for nothing. What was shut by it stays shut.
///
/// # Errors
/// A consent that has ended by word; none is on record; no reason.
pub fn strike(
    step: &mut Step<'_>,
    session: &StaffSession,
    given: &str,
    revocable: bool,
    why: &Personal<String>,
) -> Outcome<ConsentView> {
    let signed = signed(step, given)?;
    let reason = why.reveal().trim();
    if reason.is_empty() {
        return Err(Failure::misuse("write down what was wrong about it").next("--why @FILE"));
    }
    short_enough(why)?;
    let id = signed.id;
    let gone = struck(step.draft(), &id.0)?.remove(&id).unwrap_or_default();
    // Each node may have recorded a day of its own.
    let all: BTreeSet<Event> = bodies(records::all(step.draft(), Kind::Consent, &id.0)?)
        .filter_map(|consent| consent.signed().map(|signed| signed.events().collect::<Vec<_>>()))
        .flatten()
        .filter(|event| event.revocable == revocable && !gone.contains(event))
        .collect();
    if all.is_empty() {
        return Err(Failure::misuse("no such event of this consent is on record").next("belay consent show CONSENT"));
    }
    for event in all {
        let at = step.context().now;
        let struck = EventStruck { consent: id, event, why: reason.into(), by: session.by(), at };
        step.write_private(&PrivateBody::EventStruck(Box::new(struck)).encode())?;
    }
    project::project_step(step)?;
    sign::follow_through(step, Some(&session.by()), id)?;
    now_shown(step, session, id)
}

fn now_shown(step: &mut Step<'_>, session: &StaffSession, id: ConsentId) -> Outcome<ConsentView> {
    let consent = get(step.draft(), id)?.ok_or_else(|| Fault::bug("a consent that was just written is gone"))?;
    show_now(step, session, &consent)
}

fn words(view: &dyn View, prefix: &[u8]) -> Result<Vec<EventStruck>> {
    let records = records::all(view, Kind::EventStruck, prefix)?.into_iter();
    Ok(records
        .filter_map(|record| if let PrivateBody::EventStruck(one) = record.body { Some(*one) } else { None })
        .collect())
}

/// What was struck: of one consent by its id, or of all.
///
/// # Errors
/// `Store`.
pub(in crate::usecases::consents) fn struck(
    view: &dyn View,
    prefix: &[u8],
) -> Result<BTreeMap<ConsentId, BTreeSet<Event>>> {
    let mut struck: BTreeMap<ConsentId, BTreeSet<Event>> = BTreeMap::new();
    for one in words(view, prefix)? {
        struck.entry(one.consent).or_default().insert(one.event);
    }
    Ok(struck)
}

/// What came about, and what was struck, in order of time.
///
/// # Errors
/// `Store`.
pub(in crate::usecases::consents) fn events(view: &dyn View, consent: &Consent) -> Result<Vec<EventView>> {
    let stands = consent.signed().into_iter().flat_map(Signed::events);
    let row = |event: Event, struck| EventView { revocable: event.revocable, on: event.at, struck };
    let mut all: Vec<EventView> = stands.map(|event| row(event, None)).collect();
    all.extend(
        words(view, &consent.id().0)?
            .into_iter()
            .map(|one| row(one.event, Some(ReviewView { at: one.at, staff: one.by.name, note: one.why }))),
    );
    all.sort_by_key(|one| (one.on, one.revocable));
    Ok(all)
}
