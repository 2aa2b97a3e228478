//! What the referrals of one person tell of medication and of the crisis plan, for the card and the plan that the person carries.

use super::Open;
use crate::api::Outcome;
use crate::usecases::{threads, worklist};
use belay_protocol::engine::Step;
use belay_protocol::ids::PersonId;
use belay_protocol::referral::{Act, CrisisPlan, Information, Medication};
use belay_protocol::time::Time;

/// The newest of each, as far as it is ours or may be shown here.
#[derive(Debug, Default)]
pub struct Known {
    pub medication: Option<(Time, Medication)>,
    pub crisis: Option<(Time, CrisisPlan)>,
}

/// Looks through every referral of this person for what may be shown here.
///
/// # Errors
/// `Store`.
pub fn known(step: &mut Step<'_>, person: PersonId) -> Outcome<Known> {
    told(step, person, true)
}

/// The same for what this organisation said itself: what others said is theirs to tell (42 CFR 2.33).
///
/// # Errors
/// `Store`.
pub fn ours(step: &mut Step<'_>, person: PersonId) -> Outcome<Known> {
    told(step, person, false)
}

/// What goes with a new referral where it is asked for: the medication and the crisis plan as our own staff wrote them last, so that nobody
/// types them again. What was never written does not go, and its space waits for it.
///
/// # Errors
/// `Store`.
pub(super) fn asked(step: &mut Step<'_>, person: PersonId, include: &[Information]) -> Outcome<Vec<Act>> {
    if !include.iter().any(|kind| matches!(kind, Information::Medication | Information::Crisis)) {
        return Ok(Vec::new());
    }
    let Known { medication, crisis } = ours(step, person)?;
    let medication = medication.map(|(_, list)| Act::Medication(Box::new(list)));
    let crisis = crisis.map(|(_, plan)| Act::Crisis(Box::new(plan)));
    Ok(medication.into_iter().chain(crisis).filter(|act| include.contains(&act.information())).collect())
}

fn told(step: &mut Step<'_>, person: PersonId, by_others: bool) -> Outcome<Known> {
    let mut known = Known::default();
    for id in worklist::of_person(step, person)? {
        let Some(thread) = threads::get(step.draft(), id)?.filter(|thread| thread.person == Some(person)) else {
            continue;
        };
        let open = Open::new(step, thread)?;
        for line in open.state.history.iter().filter(|line| line.without_effect.is_none()) {
            if !matches!(line.act, Act::Medication(_) | Act::Crisis(_)) {
                continue;
            }
            let shown = |step: &mut Step<'_>| open.may_show(step, line.org, line.act.information()).is_some();
            if line.org != open.own && !(by_others && shown(step)) {
                continue;
            }
            match &line.act {
                Act::Medication(medication) if known.medication.as_ref().is_none_or(|(at, _)| *at <= line.at) => {
                    known.medication = Some((line.at, (**medication).clone()));
                }
                Act::Crisis(plan) if known.crisis.as_ref().is_none_or(|(at, _)| *at <= line.at) => {
                    known.crisis = Some((line.at, (**plan).clone()));
                }
                _ => {}
            }
        }
    }
    Ok(known)
}
