//! What is known of one person's medication and crisis plan, written with the person or told in a referral: for the card and the plan that
//! the person carries, and for referrals that do not say it yet.

use super::{Open, left, write};
use crate::api::care::{OlderPlan, RenewRequest};
use crate::api::{Failure, Outcome};
use crate::usecases::records::find;
use crate::usecases::{outside, parties, people, plans, threads, worklist};
use belay_protocol::consent::Action;
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::{OrgId, PersonId};
use belay_protocol::referral::{Act, Actor, Appointment, CrisisPlan, Information, Medication, Party, Place, Stands};
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

impl Known {
    fn learn(&mut self, at: Time, act: &Act) {
        match act {
            Act::Medication(list) if self.medication.as_ref().is_none_or(|(known, _)| *known <= at) => {
                self.medication = Some((at, (**list).clone()));
            }
            Act::Crisis(plan) if self.crisis.as_ref().is_none_or(|(known, _)| *known <= at) => {
                self.crisis = Some((at, (**plan).clone()));
            }
            _ => {}
        }
    }

    /// Each as the act that tells it.
    #[must_use]
    pub fn acts(&self) -> Vec<(Time, Act)> {
        let medication = self.medication.iter().map(|(at, list)| (*at, Act::Medication(Box::new(list.clone()))));
        let crisis = self.crisis.iter().map(|(at, plan)| (*at, Act::Crisis(Box::new(plan.clone()))));
        medication.chain(crisis).collect()
    }

    /// What this referral says as it was before, and since when, or not at all.
    fn unsaid(&self, open: &Open) -> Vec<(Act, Option<Time>)> {
        let says = |act: &Act| match act {
            Act::Crisis(plan) => open.state.crisis.as_ref().map(|(since, says)| (*since, says == &**plan)),
            Act::Medication(list) => open.state.medication.as_ref().map(|(since, says)| (*since, says == &**list)),
            _ => None,
        };
        let unsaid = |(at, act): (Time, Act)| match says(&act) {
            None => Some((act, None)),
            Some((since, same)) => (!same && since < at).then_some((act, Some(since))),
        };
        self.acts().into_iter().filter_map(unsaid).collect()
    }
}

/// What was written of this person here, and what every referral of this person says of it that may be shown here.
///
/// # Errors
/// `Store`.
pub fn known(step: &mut Step<'_>, person: PersonId) -> Outcome<Known> {
    let opens = of_person(step, person)?;
    told(step, person, &opens, true)
}

/// The same for what this organisation said itself: what others said is theirs to tell (42 CFR 2.33).
///
/// # Errors
/// `Store`.
pub fn ours(step: &mut Step<'_>, person: PersonId) -> Outcome<Known> {
    let opens = of_person(step, person)?;
    told(step, person, &opens, false)
}

/// The same, and the referrals that go on, say it as it was before, and may say it as it is now.
///
/// # Errors
/// `Store`.
pub fn ours_and_older(step: &mut Step<'_>, person: PersonId) -> Outcome<(Known, Vec<OlderPlan>)> {
    let opens = of_person(step, person)?;
    let known = told(step, person, &opens, false)?;
    let mut older = Vec::new();
    for open in opens.iter().filter(|open| !open.state.place.is_final()) {
        for (act, since) in known.unsaid(open) {
            let Some(of) = since.filter(|_| may_say(step, open, &act)) else { continue };
            let (thread, other_name) = (open.thread.thread, open.thread.other.name.clone());
            older.push(OlderPlan { thread, other_name, information: act.information(), of });
        }
    }
    Ok((known, older))
}

/// What this referral could say of it and does not, or says as it was before: the kinds, with since when it says so.
///
/// # Errors
/// `Store`.
pub(super) fn unsaid(step: &mut Step<'_>, open: &Open) -> Outcome<Vec<(Information, Option<Time>)>> {
    let kinds = [Information::Crisis, Information::Medication];
    let Some(person) = open.thread.person.filter(|_| kinds.iter().any(|kind| open.has_way(*kind))) else {
        return Ok(Vec::new());
    };
    let mut unsaid = ours(step, person)?.unsaid(open);
    unsaid.retain(|(act, _)| may_say(step, open, act));
    Ok(unsaid.into_iter().map(|(act, since)| (act.information(), since)).collect())
}

/// Whether it may be told in this referral today. No letter carries a plan.
fn may_say(step: &mut Step<'_>, open: &Open, act: &Act) -> bool {
    let kind = act.information();
    let off = outside::off_network(&open.thread);
    let action = if off { Action::Export } else { Action::Seal };
    let carried = !off || kind == Information::Medication;
    carried
        && open.has_way(kind)
        && open.may_tell(step, kind, action).is_ok()
        && open.state.leads((open.own, open.actor()), act, false).is_ok()
        && write::over(step, open).is_ok_and(|over| over.is_none())
        && (off || left::refuse_act(step, open).is_ok())
}

/// The acts that tell in a referral what is on record here now: of the kinds that are asked for, else of those that it says as they were
/// before.
///
/// # Errors
/// Nobody has said who the person is; there is nothing newer.
pub(super) fn renewed(step: &mut Step<'_>, open: &Open, ask: RenewRequest) -> Outcome<Vec<Act>> {
    let person = open.thread.person.ok_or_else(|| {
        Failure::misuse("nobody here has said yet who the person of this referral is")
            .next("belay referral link THREAD --person PERSON")
    })?;
    let asked = |act: &Act| match act.information() {
        Information::Crisis => ask.crisis,
        _ => ask.medication,
    };
    let mut unsaid = ours(step, person)?.unsaid(open);
    unsaid.retain(|(act, since)| if ask.crisis || ask.medication { asked(act) } else { since.is_some() });
    for (kind, wanted) in [(Information::Crisis, ask.crisis), (Information::Medication, ask.medication)] {
        if wanted && !unsaid.iter().any(|(act, _)| act.information() == kind) {
            let message = format!("of `{kind}` nothing of ours is on record that this referral does not say already");
            return Err(Failure::misuse(message).next(format!("belay person {kind} PERSON, to write it down first")));
        }
    }
    if unsaid.is_empty() {
        return Err(Failure::misuse(
            "nothing that this referral says of plan and medication is older than what is on record",
        )
        .next("the command again with --with crisis or --with medication, for what it does not say yet"));
    }
    Ok(unsaid.into_iter().map(|(act, _)| act).collect())
}

/// What goes with a new referral where it is asked for: the medication and the crisis plan as our own staff wrote them last, so that nobody
/// types them again. What was never written does not go, and its space waits for it.
///
/// # Errors
/// `Store`.
pub(super) fn asked(step: &mut Step<'_>, person: PersonId, include: &[Information]) -> Outcome<Vec<Act>> {
    let acts = on_record(step, person, include)?;
    Ok(acts.into_iter().map(|(_, act)| act).collect())
}

/// The same, with since when each holds.
///
/// # Errors
/// `Store`.
pub(super) fn on_record(step: &mut Step<'_>, person: PersonId, kinds: &[Information]) -> Outcome<Vec<(Time, Act)>> {
    if !kinds.iter().any(|kind| matches!(kind, Information::Medication | Information::Crisis)) {
        return Ok(Vec::new());
    }
    let acts = ours(step, person)?.acts();
    Ok(acts.into_iter().filter(|(_, act)| kinds.contains(&act.information())).collect())
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

/// The next appointment of a person that is ours or may be shown here, and with whom. None of a referral that is over: who cancels it there
/// could not tell us.
///
/// # Errors
/// `Store`.
pub fn next_visit(step: &mut Step<'_>, person: PersonId) -> Outcome<Option<(Appointment, Option<Party>)>> {
    let now = step.context().now;
    let own = parties::own(step)?;
    let mut next: Option<(Appointment, Option<Party>)> = None;
    for open in of_person(step, person)? {
        let over = write::over(step, &open)?.is_some();
        let recipient = open.thread.parties(open.own).recipient;
        let referral = open.state.appointment.iter().filter(|_| open.state.place == Place::Scheduled);
        let visits = open.state.visits.iter().filter(|visit| visit.stands == Stands::Scheduled);
        let visits = visits.filter_map(|visit| Some((visit.org, visit.appointment.as_ref()?)));
        for (org, to) in referral.map(|to| (recipient, to)).chain(visits) {
            let shown = org == own.org || (!over && open.may_show(step, org, Information::Referral).is_some());
            if shown && to.at > now && next.as_ref().is_none_or(|(known, _)| to.at < known.at) {
                let with = if org == own.org { Some(&own) } else { open.thread.with(org) };
                next = Some((to.clone(), with.cloned()));
            }
        }
    }
    Ok(next)
}

/// The referrals of a person.
fn of_person(step: &mut Step<'_>, person: PersonId) -> Outcome<Vec<Open>> {
    let mut opens = Vec::new();
    for id in worklist::of_person(step, person)? {
        if let Some(thread) = threads::get(step.draft(), id)?.filter(|thread| thread.person == Some(person)) {
            opens.push(Open::new(step, thread)?);
        }
    }
    Ok(opens)
}

fn told(step: &mut Step<'_>, person: PersonId, opens: &[Open], by_others: bool) -> Outcome<Known> {
    let mut known = Known::default();
    for (at, act) in plans::stand(step.draft(), person)? {
        known.learn(at, &act);
    }
    for open in opens {
        for line in open.state.history.iter().filter(|line| line.without_effect.is_none()) {
            if !matches!(line.act, Act::Medication(_) | Act::Crisis(_)) {
                continue;
            }
            let shown = |step: &mut Step<'_>| open.may_show(step, line.org, line.act.information()).is_some();
            if line.org == open.own || (by_others && shown(step)) {
                known.learn(line.at, &line.act);
            }
        }
    }
    Ok(known)
}
