//! What an act that counts changes in the state, besides the place.

use super::act::Act;
use super::codes::Reached;
use super::plan::put_need;
use super::state::{Actor, State};
use crate::time::Time;

pub(super) fn effects(state: &mut State, at: Time, actor: Actor, act: &Act) {
    match act {
        Act::Send(request) => {
            state.sent = Some(at);
            state.request = Some(request.clone());
        }
        Act::Identity(identity) => state.identity = Some((**identity).clone()),
        Act::Acknowledge => state.acknowledged = state.acknowledged.or(Some(at)),
        Act::Accept { .. } => answered(state, at),
        Act::Decline { reason, .. } => {
            answered(state, at);
            state.declined = Some(*reason);
            end(state, at);
        }
        Act::Schedule(appointment) => state.appointment = Some(appointment.clone()),
        Act::Reschedule { to, .. } => {
            state.appointment = Some(to.clone());
            state.reschedules = state.reschedules.saturating_add(1);
        }
        Act::CancelAppointment { .. } => state.appointment = None,
        Act::Attend { when } => {
            state.attended = state.attended.or(Some(*when));
            state.hold = None;
            state.lost = None;
        }
        Act::NoShow { .. } => state.no_shows = state.no_shows.saturating_add(1),
        // Nothing is expected of anybody while it rests: an appointment that stood is made anew.
        Act::Hold { why } => {
            state.hold = Some(why.clone());
            state.appointment = None;
        }
        Act::Resume { .. } => state.hold = None,
        // The sender's word on a person who did not get there, or whose consent ended on the way.
        Act::Close { .. } if actor == Actor::Sender => state.settled = state.settled.or(Some(at)),
        Act::Close { outcome, .. } => {
            state.outcome = Some(*outcome);
            end(state, at);
        }
        // Before acceptance it ends the referral.
        Act::RequestCancel { .. } if state.place.is_final() => end(state, at),
        Act::ConfirmCancel => end(state, at),
        Act::EnteredInError { .. } => {
            state.outcome = None;
            state.declined = None;
            state.appointment = None;
            state.visits.iter_mut().for_each(|visit| visit.appointment = None);
            end(state, at);
        }
        Act::Handoff(handoff) => state.handoffs.push((**handoff).clone()),
        Act::Need(need) => put_need(&mut state.needs, (**need).clone()),
        Act::Transition(transition) => state.transition = Some(transition.clone()),
        Act::Seen(seen) => {
            state.seen = Some(seen.clone());
            state.lost = None;
        }
        Act::CheckIn(check_in) => {
            state.check_ins.push(check_in.clone());
            state.lost = None;
        }
        Act::Lost { since, .. } => state.lost = Some(since.unwrap_or(at)),
        Act::Attempt(attempt) => {
            if attempt.result == Reached::Reached {
                state.lost = None;
            }
            state.attempts.push(attempt.clone());
        }
        Act::Crisis(plan) => state.crisis = Some((at, (**plan).clone())),
        Act::Medication(medication) => state.medication = Some((at, (**medication).clone())),
        Act::Summary(summary) => state.summaries.push((at, (**summary).clone())),
        Act::Message { .. } | Act::Attachment(_) | Act::RequestCancel { .. } | Act::HeardRevocation { .. } => {}
    }
}

fn answered(state: &mut State, at: Time) {
    state.acknowledged = state.acknowledged.or(Some(at));
    state.answered = state.answered.or(Some(at));
}

fn end(state: &mut State, at: Time) {
    state.ended = Some(at);
    state.hold = None;
    // What was said before the end is no answer to it.
    state.settled = None;
}
