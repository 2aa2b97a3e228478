//! Which acts staff may do in a thread now: one of each is tried.

use super::super::left::{self, Gone};
use super::super::{Open, act, untold, write};
use super::line::may_be_mistaken;
use crate::usecases::outside;
use belay_protocol::consent::Action;
use belay_protocol::engine::Step;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::referral::{
    Act, Actor, Appointment, Attempt, Channel, CheckIn, CheckInPart, DeclineReason, Handoff, Information, Leaving,
    Mode, Move, Need, NeedId, NeedKind, NeedOwner, NeedStatus, Outcome as Ending, Reached, Seen, Setting, Stage,
    Summary, SummaryKind, Symptoms, TeachBack, Transition, Urgency, Why, step as transition,
};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::{Time, Zone};

/// To say that an entry was a mistake.
const MISTAKE: &str = "mistake";
/// To tell the crisis plan and the medication as they are on record now, by the name of its request.
const RENEW: &str = "renew";
/// To say what comes next, by the name of its request.
pub(super) const SETTLE: &str = "settle";
/// To tell what was done while the others were left out, by the name of its request.
const SAY_AGAIN: &str = "say again";
/// A need that stands there already was written again.
pub(super) const NEED_AGAIN: &str = "need changed";

/// Acts that have an effect where the referral stands, and that the consent does not refuse today.
///
/// # Errors
/// `Store`.
pub(super) fn may(step: &mut Step<'_>, open: &Open, newer: bool) -> Result<Vec<String>> {
    let off = outside::off_network(&open.thread);
    if open.thread.unwanted {
        return Ok(Vec::new());
    }
    if left::gone(step, open)? == Some(Gone::Left) && !left::said(step.draft(), open)? {
        return Ok(vec!["left".to_owned()]);
    }
    let way = !off && open.has_way(Information::Referral);
    let ended = write::over(step, open).map_err(|failure| Fault::store(failure.message))?;
    let over = ended.is_some();
    if way && !over && open.may_tell(step, Information::Referral, Action::Seal).is_err() {
        return Ok(Vec::new());
    }
    let settle = write::may_settle(step, open).map_err(|failure| Fault::store(failure.message))?;
    let (place, actor) = (open.state.place, open.actor());
    let there = if over { None } else { open.known_there() };
    let heard = off && open.may_hear(step, Information::Referral).is_ok();
    let mut names: Vec<String> = Vec::new();
    for act in one_of_each(open, step.context().now) {
        let behind = there.as_ref().filter(|_| open.has_way(act.information()));
        let leads = match behind {
            Some(there) if !open.undoes_here(there, &act) => either_end(&act, |act| open.leads_both(there, act).ok()),
            _ => open.state.leads((open.own, actor), &act, over).ok(),
        };
        let fits = leads.is_some()
            && !(over && matches!(act, Act::Close { .. }) && actor == Actor::Recipient && place.is_lost())
            && ended.is_none_or(|over| write::stays(open, &act, over))
            && !(matches!(act, Act::Attend { .. })
                && matches!(leads, Some(Move::Referral(_)))
                && place.is_final()
                && open.state.attended.is_some())
            && !act::needs_link(open, &act)
            && !(matches!(act, Act::Acknowledge) && open.state.acknowledged.is_some())
            // Without a way nobody would read it.
            && (off || way || !matches!(act, Act::Message { .. }))
            && (off || over || act.moves() || has_somewhere(step, open, &act));
        // The sender closes nothing: it says what comes next.
        let fits = fits && !(matches!(act, Act::Close { .. }) && actor == Actor::Sender);
        let fits = fits || (heard && transition(place, &act, Actor::Recipient).is_ok());
        let name = act.name();
        if fits && names.last().is_none_or(|last| last != name) {
            names.push(name.to_owned());
        }
    }
    let untold = untold::strikes_now(step, open)?;
    if !untold.is_empty() || open.state.history.iter().any(|line| may_be_mistaken(open, line)) {
        names.push(MISTAKE.to_owned());
    }
    if newer {
        names.push(RENEW.to_owned());
    }
    let untold = if over { None } else { open.untold_since(step)? };
    if settle && open.state.settled.is_none_or(|at| untold.is_some_and(|since| at < since)) {
        names.push(SETTLE.to_owned());
    }
    if untold.is_some() {
        names.push(SAY_AGAIN.to_owned());
    }
    Ok(names)
}

/// Whether a close leads somewhere, by a good end or another.
fn either_end(act: &Act, leads: impl Fn(&Act) -> Option<Move>) -> Option<Move> {
    leads(act).or_else(|| match act {
        Act::Close { why, .. } => leads(&Act::Close { outcome: Ending::ServicesReceived, why: why.clone() }),
        _ => None,
    })
}

/// Whether what an act tells can be told, or is of use where it stays here.
fn has_somewhere(step: &mut Step<'_>, open: &Open, act: &Act) -> bool {
    let information = act.information();
    if open.has_way(information) {
        return open.may_tell(step, information, Action::Seal).is_ok();
    }
    !write::for_the_other(open, act)
}

fn one_of_each(open: &Open, at: Time) -> Vec<Act> {
    let note = Personal::default;
    let why = Why::default;
    let appointment = || Appointment { at, zone: Zone::default(), place: note(), mode: Mode::InPerson, note: note() };
    let check_in = |part| Act::CheckIn(CheckIn { stage: Stage::Start, at, part });
    vec![
        Act::Acknowledge,
        Act::Accept { note: note() },
        Act::Decline { reason: DeclineReason::Other, note: note() },
        Act::Schedule(appointment()),
        Act::Reschedule { to: appointment(), why: why() },
        Act::CancelAppointment { why: why() },
        Act::NoShow { when: open.missed_here().unwrap_or(at), why: why() },
        Act::Attend { when: open.came_here().unwrap_or(at) },
        Act::Message { text: note() },
        Act::Hold { why: why() },
        Act::Resume { note: note() },
        Act::RequestCancel { reason: note() },
        Act::ConfirmCancel,
        Act::Close { outcome: Ending::Other, why: why() },
        Act::EnteredInError { reason: note() },
        Act::Handoff(Box::new(Handoff {
            mode: Mode::InPerson,
            at,
            from: note(),
            to: note(),
            teach_back: TeachBack::NotAsked,
            note: note(),
        })),
        Act::Need(Box::new(Need {
            id: NeedId(0),
            rank: 1,
            kind: NeedKind::Other,
            text: note(),
            owner: NeedOwner::Recipient,
            who: note(),
            next: note(),
            status: NeedStatus::Open,
        })),
        Act::Transition(Transition { leaving: Leaving::Hospital, on: at, note: note() }),
        Act::Seen(Seen { setting: Setting::Admitted, at, note: note() }),
        check_in(CheckInPart::Care { in_care: None, satisfaction: None, naloxone_kits: 0 }),
        check_in(CheckInPart::Social { housing: None, work: None, support: None }),
        check_in(CheckInPart::Symptoms { symptoms: Symptoms::None, note: note() }),
        Act::Lost { since: None, note: note() },
        Act::Attempt(Attempt { at, channel: Channel::Telephone, result: Reached::Reached, note: note() }),
        Act::Crisis(Box::default()),
        Act::Medication(Box::default()),
        Act::Urge { urgency: Urgency::Urgent, note: note() },
        Act::Summary(Box::new(Summary { kind: SummaryKind::Progress, text: note() })),
    ]
}
