//! From what staff ask for to the acts that say it.

use super::{Open, known, strike, untold};
use crate::api::care::{ActRequest, At, CheckInRequest, Meeting, NeedRequest};
use crate::api::{Failure, Outcome};
use crate::system;
use crate::usecases::{plans, threads};
use crate::zones;
use belay_protocol::engine::Step;
use belay_protocol::random;
use belay_protocol::referral::due::check_in_due;
use belay_protocol::referral::{
    Act, Appointment, CheckIn, CheckInPart, DeclineReason, Handoff, Need, NeedId, NeedKind, NeedOwner, NeedStatus,
    Outcome as Ending, Place, Stage, Why,
};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;

/// The acts that a request stands for: one, but a check-in is one for each kind of information that it holds.
pub(in crate::usecases) fn acts(step: &mut Step<'_>, open: &Open, ask: &ActRequest) -> Outcome<Vec<Act>> {
    let now = step.context().now;
    let act = match ask {
        ActRequest::Accept { note } => Act::Accept { note: note.clone() },
        // To decline what the sender withdraws is to confirm the withdrawal.
        ActRequest::Decline { .. } if open.state.place == Place::CancelRequested => Act::ConfirmCancel,
        ActRequest::Decline { reason, note } => {
            if *reason == DeclineReason::Other {
                said(note, "say in a few words why it is declined")?;
            }
            Act::Decline { reason: *reason, note: note.clone() }
        }
        ActRequest::Schedule(to) => Act::Schedule(appointment(to, None)?),
        ActRequest::Attend { when } => Act::Attend { when: when.or(open.came_here()).unwrap_or(now) },
        ActRequest::Message { text } => {
            said(text, "the message is empty")?;
            Act::Message { text: text.clone() }
        }
        ActRequest::Close { outcome, note, barriers } => {
            if matches!(outcome, Ending::Administrative | Ending::Other) {
                said(note, "say in a few words how it ended")?;
            }
            Act::Close { outcome: *outcome, why: Why { barriers: barriers.clone(), note: note.clone() } }
        }
        ActRequest::Settle { note, referral } => {
            let new = referral.as_deref().map(|given| threads::find(step.draft(), given)).transpose()?;
            let note = match new {
                Some(new) => {
                    Personal::new(format!("referral {}. {}", new.thread.short(), note.reveal()).trim().to_owned())
                }
                None => note.clone(),
            };
            said(&note, "say what comes next for the person: where to instead, or why nowhere")?;
            Act::Close { outcome: Ending::Administrative, why: Why { barriers: Vec::new(), note } }
        }
        ActRequest::ConfirmWithdrawal => Act::ConfirmCancel,
        ActRequest::Acknowledge => Act::Acknowledge,
        ActRequest::Withdraw { reason } => {
            said(reason, "say in a few words why it is withdrawn")?;
            Act::RequestCancel { reason: reason.clone() }
        }
        ActRequest::Reschedule { to, why } => Act::Reschedule { to: appointment(to, stands(open))?, why: why.clone() },
        ActRequest::CancelAppointment { why } => Act::CancelAppointment { why: why.clone() },
        ActRequest::NoShow { when, why } => {
            let stood = stands(open).map(|appointment| appointment.at);
            Act::NoShow { when: when.or(open.missed_here()).or(stood).unwrap_or(now), why: why.clone() }
        }
        ActRequest::Hold { why } => {
            if why.barriers.is_empty() {
                said(&why.note, "say why it is put on hold")?;
            }
            Act::Hold { why: why.clone() }
        }
        ActRequest::Resume { note } => Act::Resume { note: note.clone() },
        ActRequest::EnteredInError { reason } => {
            said(reason, "say what was wrong about it")?;
            Act::EnteredInError { reason: reason.clone() }
        }
        ActRequest::Handoff(handoff) => handed_over(handoff)?,
        ActRequest::Need(need) => Act::Need(Box::new(changed(step, open, need)?)),
        ActRequest::Transition(transition) => Act::Transition(transition.clone()),
        ActRequest::Seen(seen) => Act::Seen(seen.clone()),
        ActRequest::CheckIn(asked) => return check_in(step, open, asked),
        ActRequest::Lost { since, note } => Act::Lost { since: *since, note: note.clone() },
        ActRequest::Attempt(attempt) => Act::Attempt(attempt.clone()),
        ActRequest::Crisis(asked) => {
            let stood = known::begun(step, open)?.crisis.map(|(_, stood)| stood).unwrap_or_default();
            Act::Crisis(Box::new(plans::plan(stood, asked)))
        }
        ActRequest::Medication(asked) => {
            let stood = known::begun(step, open)?.medication.map(|(_, stood)| stood).unwrap_or_default();
            Act::Medication(Box::new(plans::list(stood, asked)?))
        }
        ActRequest::Renew(asked) => return known::renewed(step, open, *asked),
        ActRequest::Urgency { urgency, note } => {
            if open.state.request.as_ref().is_some_and(|request| request.urgency == *urgency) {
                return Err(Failure::misuse(format!("it is {} already", urgency.word())));
            }
            Act::Urge { urgency: *urgency, note: note.clone() }
        }
        ActRequest::Mistake { entry, why } => {
            said(why, "say in a few words what was wrong")?;
            strike::act(open, entry, why, &untold::strikes(step, open)?)?
        }
        ActRequest::Left { .. } => {
            return Err(Failure::misuse("a partner who is not on the network leaves no referral by itself"));
        }
        ActRequest::SayAgain { .. } => {
            return Err(Failure::misuse(
                "only of a referral that came here on the network something stays here untold",
            ));
        }
        ActRequest::Summary(summary) => {
            said(&summary.text, "the summary is empty")?;
            Act::Summary(Box::new(summary.clone()))
        }
    };
    Ok(vec![act])
}

/// The appointment of whoever writes: of its own in a team, else the referral's.
pub(super) fn stands(open: &Open) -> Option<&Appointment> {
    let own = open.state.visit(open.own).and_then(|visit| visit.appointment.as_ref());
    own.or(open.state.appointment.as_ref())
}

/// By the clock of the place, as it is there at that time. One that moves stays where it stood, and goes by the clock there, unless somebody
/// says otherwise.
fn appointment(to: &Meeting, stands: Option<&Appointment>) -> Outcome<Appointment> {
    let said = to.zone.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let stood = stands.map(|stands| &*stands.zone.name).filter(|name| !name.is_empty());
    let name = said.or(stood);
    let (at, zone) = match &to.at {
        At::Instant(at) => (*at, zones::at(*at, &zones::named(name)?)),
        At::Typed(text) => zones::typed(text, name)?,
    };
    let place = match stands {
        Some(stands) if to.place.reveal().trim().is_empty() => stands.place.clone(),
        _ => to.place.clone(),
    };
    Ok(Appointment { at, zone, place, mode: to.mode, note: to.note.clone() })
}

fn said(text: &Personal<String>, otherwise: &str) -> Outcome<()> {
    if text.reveal().trim().is_empty() { Err(Failure::misuse(otherwise)) } else { Ok(()) }
}

/// Of several that were let pass, the last whose day has come.
fn stage_due(open: &Open, at: Time) -> Outcome<Stage> {
    let had = |stage| open.state.check_ins.iter().any(|had| had.stage == stage);
    // Who hears nothing of the first visit counts from when it was sent.
    let start = open.state.attended.or(open.state.sent);
    start.and_then(|start| check_in_due(start, had, system::days(at), at)).ok_or_else(|| {
        let message = "no check-in is due now: say which one this is";
        Failure::misuse(message).next("belay referral checkin THREAD --day start, 30, 90 or 180")
    })
}

fn check_in(step: &mut Step<'_>, open: &Open, ask: &CheckInRequest) -> Outcome<Vec<Act>> {
    let at = ask.at.unwrap_or(step.context().now);
    let stage = ask.stage.map_or_else(|| stage_due(open, at), Ok)?;
    let mut parts = Vec::new();
    if ask.in_care.is_some() || ask.satisfaction.is_some() || ask.naloxone_kits.is_some() {
        let naloxone_kits = ask.naloxone_kits.unwrap_or(0);
        parts.push(CheckInPart::Care { in_care: ask.in_care, satisfaction: ask.satisfaction, naloxone_kits });
    }
    if ask.housing.is_some() || ask.work.is_some() || ask.support.is_some() {
        parts.push(CheckInPart::Social { housing: ask.housing, work: ask.work, support: ask.support });
    }
    match ask.symptoms {
        Some(symptoms) => parts.push(CheckInPart::Symptoms { symptoms, note: ask.symptoms_note.clone() }),
        None if !ask.symptoms_note.reveal().trim().is_empty() => {
            return Err(Failure::misuse("words about the symptoms are kept with how strong they are; choose that too")
                .next("the command again with --symptoms SYMPTOMS"));
        }
        None => {}
    }
    if parts.is_empty() {
        return Err(Failure::misuse("a check-in says at least one thing, such as whether the person is still in care"));
    }
    Ok(parts.into_iter().map(|part| Act::CheckIn(CheckIn { stage, at, part })).collect())
}

/// Needs as they come with a new referral.
pub(in crate::usecases) fn new_need(step: &mut Step<'_>, rank: u16, text: &Personal<String>) -> Act {
    Act::Need(Box::new(Need {
        id: NeedId(u32::from_be_bytes(random::array(step.context().random))),
        rank,
        kind: NeedKind::Other,
        text: text.clone(),
        owner: NeedOwner::Recipient,
        who: Personal::default(),
        next: Personal::default(),
        status: NeedStatus::Open,
    }))
}

/// A handoff from nobody, or to nobody, says nothing to who looks for the person afterwards.
fn handed_over(handoff: &Handoff) -> Outcome<Act> {
    for (who, option, named) in [("handed over", "from", &handoff.from), ("took over", "to", &handoff.to)] {
        if named.reveal().trim().is_empty() {
            return Err(Failure::misuse(format!("a handoff names who {who}"))
                .next(format!("belay referral handoff THREAD --{option} @FILE")));
        }
    }
    Ok(Act::Handoff(Box::new(handoff.clone())))
}

fn changed(step: &mut Step<'_>, open: &Open, ask: &NeedRequest) -> Outcome<Need> {
    if ask.rank == Some(0) {
        return Err(Failure::misuse("the most urgent need has rank 1").next("the command again with --rank 1"));
    }
    let known = &open.state.needs;
    let mut need = match &ask.need {
        Some(given) => find(known, given)?.clone(),
        None => {
            let text = ask.text.clone().unwrap_or_default();
            if ask.kind.is_none() {
                said(&text, "say what is needed")?;
            }
            let last = known.iter().map(|need| need.rank).max().unwrap_or(0);
            match new_need(step, last.saturating_add(1), &text) {
                Act::Need(need) => *need,
                _ => return Err(Failure::failed("a need is no other act")),
            }
        }
    };
    // What a referral of ours has lifted stays so where something else of it changes.
    if ask.need.is_some() && ask.status.is_none() && super::show::lifted_elsewhere(step, open, need.id)? {
        need.status = NeedStatus::Lifted;
    }
    need.kind = ask.kind.unwrap_or(need.kind);
    need.rank = ask.rank.unwrap_or(need.rank);
    need.owner = ask.owner.unwrap_or(need.owner);
    need.status = ask.status.unwrap_or(need.status);
    need.text = ask.text.clone().unwrap_or(need.text);
    need.who = ask.who.clone().unwrap_or(need.who);
    need.next = ask.next.clone().unwrap_or(need.next);
    Ok(need)
}

/// A need by its place in the list (1: the most urgent), or by the beginning of its id.
pub(super) fn find<'n>(known: &'n [Need], given: &str) -> Outcome<&'n Need> {
    let given = given.trim();
    let placed = given.parse::<usize>().ok().filter(|_| given.len() <= 3);
    if let Some(need) = placed.and_then(|place| known.get(place.checked_sub(1)?)) {
        return Ok(need);
    }
    let mut fits = known.iter().filter(|need| given.len() >= 4 && need.id.to_string().starts_with(given));
    match (fits.next(), fits.next()) {
        (Some(need), None) => Ok(need),
        _ => Err(Failure::misuse("no need of this referral has that number").next("belay referral show THREAD")),
    }
}
