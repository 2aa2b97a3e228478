//! What an act that counts changes in the state, besides the place.

use super::act::Act;
use super::codes::{Outcome, Setting};
use super::plan::put_need;
use super::state::{Actor, Place, State};
use crate::limits::CLOCK_SKEW;
use crate::time::Time;

/// `before`: where it stood.
pub(super) fn effects(state: &mut State, at: Time, actor: Actor, before: Place, act: &Act) {
    state.met(act);
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
        }
        Act::NoShow { .. } => state.no_shows = state.no_shows.saturating_add(1),
        // Nothing is expected of anybody while it rests: an appointment that stood is made anew.
        Act::Hold { why } => {
            state.hold = Some(why.clone());
            state.appointment = None;
        }
        Act::Resume { .. } => state.hold = None,
        // What its author says of the person where the referral is not to end by it: the sender's word, or anybody's after the end.
        Act::Close { outcome, .. } if actor == Actor::Sender || before.is_final() => {
            if matches!(outcome, Outcome::LostContact | Outcome::Moved | Outcome::Incarcerated) {
                state.sought = true;
            } else {
                state.settled = state.settled.max(Some(at));
            }
        }
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
            if matches!(seen.setting, Setting::InCustody | Setting::Admitted) {
                state.settled = None;
            }
        }
        Act::CheckIn(check_in) => state.check_ins.push(check_in.clone()),
        // What was said of the person before is no answer to it.
        Act::Lost { since, .. } => {
            state.lost = Some(since.unwrap_or(at));
            state.settled = None;
        }
        Act::Attempt(attempt) => state.attempts.push(attempt.clone()),
        Act::Crisis(plan) => state.crisis = Some((at, (**plan).clone())),
        Act::Medication(medication) => state.medication = Some((at, (**medication).clone())),
        Act::Summary(summary) => state.summaries.push((at, (**summary).clone())),
        Act::Urge { urgency, .. } => {
            if let Some(request) = &mut state.request {
                request.urgency = *urgency;
            }
        }
        Act::Message { .. }
        | Act::Attachment(_)
        | Act::RequestCancel { .. }
        | Act::HeardRevocation { .. }
        | Act::Mistake { .. } => {}
    }
}

impl State {
    /// Ends the alarm with an act that shows that the person was met. Whoever was met before it is lost all the same; two clocks may
    /// differ.
    pub(super) fn met(&mut self, act: &Act) {
        if self.lost.zip(act.met()).is_some_and(|(lost, met)| met.plus(CLOCK_SKEW) >= lost) {
            self.lost = None;
        }
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
    state.sought = false;
}
