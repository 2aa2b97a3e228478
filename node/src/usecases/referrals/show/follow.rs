//! What happened around a referral, and what helps.

use super::super::{Known, Open, known, write};
use super::{Eyes, needs};
use crate::api::Outcome;
use crate::api::care::FollowView;
use crate::usecases::outside;
use belay_protocol::engine::Step;
use belay_protocol::referral::{Act, Information, standing};

/// As far as our staff may be shown it: each thing by the organisation that told it and its kind of information.
pub(super) fn view(step: &mut Step<'_>, open: &Open, eyes: &Eyes) -> Outcome<FollowView> {
    let needs = needs::views(step, open, eyes)?;
    let now = step.context().now;
    let state = &open.state;
    // Every referral of the person is asked: only where either can be written here.
    let way = [Information::Crisis, Information::Medication].into_iter().any(|kind| open.has_way(kind));
    let written = way || outside::off_network(&open.thread) || write::over(step, open)?.is_some();
    let ours = if written { known::begun(step, open)? } else { Known::default() };
    let mut view = FollowView {
        needs,
        hold: state.hold.clone(),
        lifts: open.thread.lifts,
        lost: state.lost,
        unsaid: known::unsaid(step, open, &ours),
        our_crisis: ours.crisis.map(|(_, plan)| plan),
        our_medication: ours.medication.map(|(_, list)| list),
        ..FollowView::default()
    };
    let told = state.history.iter().filter(|line| line.without_effect.is_none());
    let mut left = None;
    for line in told.filter(|line| eyes.let_through(line.org, line.act.information())) {
        left = line.act.leaves().or(left);
        match &line.act {
            Act::Handoff(handoff) => view.handoffs.push((**handoff).clone()),
            Act::Transition(transition) => view.transition = Some(transition.clone()),
            Act::Seen(seen) => view.seen = Some(seen.clone()),
            Act::CheckIn(check_in) => view.check_ins.push(check_in.clone()),
            Act::Attempt(attempt) => view.attempts.push(attempt.clone()),
            Act::Crisis(plan) => view.crisis = Some((line.at, (**plan).clone())),
            Act::Medication(medication) => view.medication = Some((line.at, (**medication).clone())),
            Act::Summary(summary) => view.summaries.push((line.at, (**summary).clone())),
            _ => {}
        }
    }
    view.check_ins = standing(&view.check_ins);
    view.watch_day = left.and_then(|on| crate::system::days(now).watched(on, now));
    let parties = open.thread.parties(open.own);
    if !eyes.let_through(parties.recipient, Information::Referral) {
        view.hold = None;
        view.lost = view.lost.filter(|_| eyes.let_through(parties.sender, Information::Referral));
    }
    Ok(view)
}
