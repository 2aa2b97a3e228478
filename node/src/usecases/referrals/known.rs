//! What the referrals of one person tell of medication and of the crisis plan, for the card and the plan that the person carries.

use super::Open;
use crate::api::Outcome;
use crate::usecases::records::find;
use crate::usecases::{parties, people, threads, worklist};
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::{OrgId, PersonId};
use belay_protocol::referral::{Act, Actor, CrisisPlan, Information, Medication, Party, Place};
use belay_protocol::sensitive::Personal;
use belay_protocol::store::View;
use belay_protocol::time::Time;
use std::collections::BTreeSet;

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

/// To whom we referred a person, as far as the consents say; nobody where there is no such person.
///
/// # Errors
/// `Store`.
pub fn recipients(view: &dyn View, given: &Personal<String>) -> Result<BTreeSet<OrgId>> {
    let Ok(person) = people::find(view, given) else { return Ok(BTreeSet::new()) };
    let mut orgs = BTreeSet::new();
    for consent in find::consents(view, person.id)? {
        for thread in find::sent(view, consent)? {
            orgs.extend(threads::get(view, thread)?.map(|thread| thread.other.org));
        }
    }
    Ok(orgs)
}

/// Who treats a person by a referral that goes on: who took it in, this organisation before others, else whose referral changed last.
///
/// # Errors
/// `Store`.
pub fn treats(step: &mut Step<'_>, person: PersonId) -> Outcome<Option<Party>> {
    let mut found: Option<(Time, Party)> = None;
    for id in worklist::of_person(step, person)? {
        let Some(thread) = threads::get(step.draft(), id)?.filter(|thread| thread.person == Some(person)) else {
            continue;
        };
        let open = Open::new(step, thread)?;
        let taken_in = !open.state.place.is_final() && !matches!(open.state.place, Place::Nothing | Place::Sent);
        if !taken_in {
            continue;
        }
        if open.actor() == Actor::Recipient {
            return Ok(Some(parties::own(step)?));
        }
        let other = open.thread.other.clone();
        let sender = open.actor() == Actor::Sender && open.may_show(step, other.org, Information::Referral).is_some();
        let at = open.state.history.iter().map(|line| line.at).max().unwrap_or_default();
        if sender && found.as_ref().is_none_or(|(known, _)| *known < at) {
            found = Some((at, other));
        }
    }
    Ok(found.map(|(_, party)| party))
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
