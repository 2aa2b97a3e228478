//! What happened around a referral, and what helps.

use super::super::Open;
use super::Eyes;
use crate::api::Outcome;
use crate::api::care::{FollowView, NeedView};
use crate::usecases::records::find;
use crate::usecases::threads;
use belay_protocol::engine::Step;
use belay_protocol::ids::ThreadId;
use belay_protocol::referral::{Act, Information, NeedId, NeedStatus, Place};

/// As far as our staff may be shown it: each thing by the organisation that told it and its kind of information.
pub(super) fn view(step: &mut Step<'_>, open: &Open, eyes: &Eyes) -> Outcome<FollowView> {
    let lifting = lifting(step, open)?;
    let now = step.context().now;
    let state = &open.state;
    let mut view =
        FollowView { hold: state.hold.clone(), lifts: open.thread.lifts, lost: state.lost, ..FollowView::default() };
    let told = state.history.iter().filter(|line| line.without_effect.is_none());
    for line in told.filter(|line| eyes.let_through(line.org, line.act.information())) {
        match &line.act {
            Act::Handoff(handoff) => view.handoffs.push((**handoff).clone()),
            Act::Transition(transition) => view.transition = Some(transition.clone()),
            Act::Seen(seen) => view.seen = Some(seen.clone()),
            Act::CheckIn(check_in) => view.check_ins.push(check_in.clone()),
            Act::Attempt(attempt) => view.attempts.push(attempt.clone()),
            Act::Crisis(plan) => view.crisis = Some((line.at, (**plan).clone())),
            Act::Medication(medication) => view.medication = Some((line.at, (**medication).clone())),
            Act::Summary(summary) => view.summaries.push((line.at, (**summary).clone())),
            Act::Need(need) => {
                view.needs.retain(|known| known.need.id != need.id);
                view.needs.push(with_referrals((**need).clone(), &lifting));
            }
            _ => {}
        }
    }
    view.needs.sort_by_key(|need| (need.need.rank, need.need.id));
    view.watch_day = view.transition.as_ref().and_then(|t| crate::system::days(now).watched(t, now));
    let parties = open.thread.parties(open.own);
    if !eyes.let_through(parties.recipient, Information::Referral) {
        view.hold = None;
        view.lost = view.lost.filter(|_| eyes.let_through(parties.sender, Information::Referral));
    }
    Ok(view)
}

fn with_referrals(need: belay_protocol::referral::Need, lifting: &[(NeedId, ThreadId, bool)]) -> NeedView {
    let ours = lifting.iter().filter(|(id, ..)| *id == need.id);
    let referrals = ours.clone().map(|(_, thread, _)| *thread).collect();
    let lifted = need.status == NeedStatus::Lifted || ours.clone().any(|(.., well)| *well);
    NeedView { need, referrals, lifted }
}

/// Referrals of ours that are to lift a need of this one, and whether each closed well.
fn lifting(step: &mut Step<'_>, open: &Open) -> Outcome<Vec<(NeedId, ThreadId, bool)>> {
    if open.state.needs.is_empty() {
        return Ok(Vec::new());
    }
    let mut lifting = Vec::new();
    for sent in find::lifting(step.draft(), open.thread.thread)? {
        let Some(thread) = threads::get(step.draft(), sent)? else { continue };
        if let Some((_, need)) = thread.lifts {
            let well = Open::new(step, thread)?.state.place == Place::Completed;
            lifting.push((need, sent, well));
        }
    }
    Ok(lifting)
}
