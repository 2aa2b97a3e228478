//! What is known of one person's medication and crisis plan, written with the person or told in a referral: for the card and the plan that
//! the person carries, and for referrals that do not say it yet.

use super::{Open, left, write};
use crate::api::care::{OlderPlan, RenewRequest};
use crate::api::{Failure, Outcome};
use crate::usecases::plans::Struck;
use crate::usecases::records::find;
use crate::usecases::{outside, parties, people, plans, threads, worklist};
use belay_protocol::consent::Action;
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::{OrgId, PersonId};
use belay_protocol::referral::due::Timer;
use belay_protocol::referral::{
    Act, Actor, Appointment, CheckInPart, CrisisPlan, Information, Line, Medication, Outcome as Ending, Party, Place,
    Stands,
};
use belay_protocol::sensitive::Personal;
use belay_protocol::store::View;
use belay_protocol::time::Time;
use std::collections::BTreeSet;

/// The newest of each, as far as it is ours or may be shown here.
#[derive(Debug, Default)]
pub struct Known {
    pub medication: Option<(Time, Medication)>,
    pub crisis: Option<(Time, CrisisPlan)>,
    /// What our staff took back: a referral that told it before says it by mistake.
    struck: Vec<Struck>,
    /// What stands of what was written with the person: what a referral tells was written then, whenever it was told.
    written: Vec<(Time, Act)>,
}

impl Known {
    /// What this referral tells of either: what we said in it, and what others did where that is asked for and may be shown here.
    fn hear(&mut self, step: &mut Step<'_>, open: &Open, by_others: bool) {
        let told = open.state.history.iter().filter(|line| line.without_effect.is_none());
        for line in told.filter(|line| matches!(line.act, Act::Medication(_) | Act::Crisis(_))) {
            let shown = |step: &mut Step<'_>| open.may_show(step, line.org, line.act.information()).is_some();
            if !self.was_struck(line.at, &line.act) && (line.org == open.own || (by_others && shown(step))) {
                self.learn(line.at, &line.act);
            }
        }
    }

    fn was_struck(&self, said: Time, act: &Act) -> bool {
        self.struck.iter().any(|one| one.is(said, act))
    }

    /// What was a mistake, and this was written upon it.
    fn under(&self, at: Time, act: &Act) -> Option<&Struck> {
        // Who writes the same anew has looked at it.
        let written = self.written.iter().filter(|(_, one)| one == act).map(|(at, _)| *at);
        let at = written.max().unwrap_or(at);
        self.struck.iter().filter(|one| one.is_under(at, act)).max_by_key(|one| one.written)
    }

    /// Those that hold and were written upon one that was a mistake.
    #[must_use]
    pub(in crate::usecases) fn upon(&self) -> Vec<(Time, Act, Struck)> {
        let under = |(at, act): (Time, Act)| self.under(at, &act).cloned().map(|struck| (at, act, struck));
        self.acts().into_iter().filter_map(under).collect()
    }

    /// What this referral says of this kind to who reads it: of what stayed here they have nothing. Off the network it all stands in our own
    /// records.
    fn said(open: &Open, kind: Information) -> Option<&Line> {
        let of_kind = |act: &Act| matches!(act, Act::Medication(_) | Act::Crisis(_)) && act.information() == kind;
        let off = outside::off_network(&open.thread);
        let mut told = open.state.history.iter().rev().filter(|line| line.without_effect.is_none());
        told.find(|line| of_kind(&line.act) && (off || !line.local))
    }

    /// What they have of this kind by this referral.
    fn told(open: &Open, kind: Information) -> Option<&Line> {
        Self::said(open, kind).filter(|line| !line.local)
    }

    /// Since when they have by this referral what was a mistake.
    fn mistaken(&self, open: &Open, kind: Information) -> Option<Time> {
        let last = Self::told(open, kind)?;
        self.was_struck(last.at, &last.act).then_some(last.at)
    }

    /// Since when they have by this referral what our staff wrote upon a mistake, and that.
    fn told_upon(&self, open: &Open, kind: Information) -> Option<(Time, &Struck)> {
        let last = Self::told(open, kind).filter(|line| line.org == open.own)?;
        self.under(last.at, &last.act).map(|struck| (last.at, struck))
    }

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
        let says = |act: &Act| Self::said(open, act.information()).map(|line| (line.at, line.act == *act));
        let unsaid = |(at, act): (Time, Act)| match says(&act) {
            None => Some((act, None)),
            // The right one may be older than the wrong one that was told.
            Some((since, same)) => {
                let newer = since < at || self.mistaken(open, act.information()).is_some();
                (!same && newer).then_some((act, Some(since)))
            }
        };
        self.acts().into_iter().filter_map(unsaid).collect()
    }
}

/// The referrals of a person, each folded once for whatever is asked of them.
pub struct Referrals {
    person: PersonId,
    opens: Vec<Open>,
}

impl Referrals {
    /// # Errors
    /// `Store`.
    pub fn of(step: &mut Step<'_>, person: PersonId) -> Outcome<Self> {
        let opens = threads::of_person(step.draft(), person)?.into_iter().map(|thread| Open::new(step, thread));
        Ok(Self { person, opens: opens.collect::<Outcome<_>>()? })
    }

    /// What was written of this person here, and what every referral of this person says of it that may be shown here.
    ///
    /// # Errors
    /// `Store`.
    pub fn known(&self, step: &mut Step<'_>) -> Outcome<Known> {
        self.told(step, true)
    }

    fn told(&self, step: &mut Step<'_>, by_others: bool) -> Outcome<Known> {
        let all = plans::of(step.draft(), self.person)?;
        let mut known = Known { struck: plans::struck(&all), ..Known::default() };
        for planned in plans::stand(&all) {
            known.written.push((planned.at, planned.act.clone()));
            known.learn(planned.at, &planned.act);
        }
        for open in &self.opens {
            known.hear(step, open, by_others);
        }
        Ok(known)
    }

    /// Who treats the person, and whether by a referral that goes on: of those who took one in this organisation before others, else whose changed
    /// last. Where none goes on, who has the person in care since one that came to a good end, as far as nothing here says that this is over.
    ///
    /// # Errors
    /// `Store`.
    pub fn treats(&self, step: &mut Step<'_>) -> Outcome<Option<(Party, bool)>> {
        let mut found: Option<((bool, bool, Time), Party)> = None;
        for open in &self.opens {
            let state = &open.state;
            let goes_on = !state.place.is_final() && !matches!(state.place, Place::Nothing | Place::Sent);
            if !goes_on && !in_care(step, open)? {
                continue;
            }
            let ours = open.actor() == Actor::Recipient;
            let other = open.thread.other.clone();
            let shown =
                open.actor() == Actor::Sender && open.may_show(step, other.org, Information::Referral).is_some();
            if !ours && !shown {
                continue;
            }
            let rank = (goes_on, ours, state.history.iter().map(|line| line.at).max().unwrap_or_default());
            if found.as_ref().is_none_or(|(known, _)| *known < rank) {
                found = Some((rank, if ours { parties::own(step)? } else { other }));
            }
        }
        Ok(found.map(|((goes_on, ..), party)| (party, goes_on)))
    }

    /// The next appointment of the person that is ours or may be shown here, and with whom. None of a referral that is over: who cancels it
    /// there could not tell us.
    ///
    /// # Errors
    /// `Store`.
    pub fn next_visit(&self, step: &mut Step<'_>) -> Outcome<Option<(Appointment, Option<Party>)>> {
        let now = step.context().now;
        let own = parties::own(step)?;
        let mut next: Option<(Appointment, Option<Party>)> = None;
        for open in &self.opens {
            let over = write::over(step, open)?.is_some();
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
}

/// Whether the person is in care there since a good end: nobody has said otherwise, and who has the person could still say so here.
fn in_care(step: &mut Step<'_>, open: &Open) -> Outcome<bool> {
    let state = &open.state;
    let well = state.place == Place::Completed && state.outcome == Some(Ending::ServicesReceived);
    if !well || state.settled.is_some() || state.lost.is_some() || write::over(step, open)?.is_some() {
        return Ok(false);
    }
    let asked = state.check_ins.iter().filter_map(|asked| match asked.part {
        CheckInPart::Care { in_care: Some(in_care), .. } => Some((asked.at, in_care)),
        _ => None,
    });
    Ok(asked.max_by_key(|(at, _)| *at).is_none_or(|(_, in_care)| in_care))
}

/// What this organisation wrote and said of a person itself: what others said is theirs to tell (42 CFR 2.33).
///
/// # Errors
/// `Store`.
pub fn ours(step: &mut Step<'_>, person: PersonId) -> Outcome<Known> {
    Referrals::of(step, person)?.told(step, false)
}

/// With what a form of either begins in this referral: what our own staff wrote last, of the person or in it. What the other side says is no
/// word of ours, and does not become one by a line that we add (2.33).
///
/// # Errors
/// `Store`.
pub(super) fn begun(step: &mut Step<'_>, open: &Open) -> Outcome<Known> {
    if let Some(person) = open.thread.person {
        return ours(step, person);
    }
    let mut known = Known::default();
    known.hear(step, open, false);
    Ok(known)
}

/// The same, and the referrals that go on, say it as it was before, and may say it as it is now; and whichever say what was a mistake.
///
/// # Errors
/// `Store`.
pub fn ours_and_older(step: &mut Step<'_>, person: PersonId) -> Outcome<(Known, Vec<OlderPlan>)> {
    let referrals = Referrals::of(step, person)?;
    let known = referrals.told(step, false)?;
    let mut older = Vec::new();
    for open in &referrals.opens {
        let mut newer = if open.state.place.is_final() { Vec::new() } else { known.unsaid(open) };
        newer.retain(|(act, since)| since.is_some() && may_say(step, open, act));
        for information in [Information::Crisis, Information::Medication] {
            let newer = newer.iter().find(|(act, _)| act.information() == information);
            let (wrong, upon) = (known.mistaken(open, information), known.told_upon(open, information));
            let mistaken = wrong.or(upon.map(|(at, _)| at));
            let of = mistaken.or(newer.and_then(|(_, since)| *since));
            let Some(of) = of else { continue };
            let other = &open.thread.other;
            let phone = mistaken.map(|_| worklist::telephone(step, other)).transpose()?.flatten();
            older.push(OlderPlan {
                thread: open.thread.thread,
                other_name: other.name.clone(),
                information,
                of,
                mistaken: wrong.is_some(),
                upon: upon.map(|(_, struck)| struck.written),
                renew: newer.is_some(),
                phone,
            });
        }
    }
    Ok((known, older))
}

/// What the work list says of it: that this referral, which goes on, says one of the two as it was before, or one that was a mistake.
///
/// # Errors
/// `Store`.
pub(super) fn to_put_right(step: &mut Step<'_>, open: &Open) -> Outcome<Option<(Timer, Time)>> {
    let says = open.state.crisis.is_some() || open.state.medication.is_some();
    let Some(person) = open.thread.person.filter(|_| says && !open.state.place.is_final()) else { return Ok(None) };
    let known = ours(step, person)?;
    let mut newer = known.unsaid(open);
    newer.retain(|(act, since)| since.is_some() && may_say(step, open, act));
    let kinds = [Information::Crisis, Information::Medication];
    let wrong = kinds.into_iter().filter_map(|kind| {
        let last = Known::told(open, kind)?;
        let under = known.told_upon(open, kind).map(|(_, struck)| struck.said);
        known.struck.iter().find(|one| one.is(last.at, &last.act)).map(|one| one.said).or(under)
    });
    if let Some(said) = wrong.min() {
        return Ok(Some((Timer::Wrong { newer: !newer.is_empty() }, said)));
    }
    let told = |act: &Act| known.acts().into_iter().find(|(_, one)| one == act).map(|(at, _)| at);
    Ok(newer.iter().filter_map(|(act, _)| told(act)).min().map(|at| (Timer::Renew, at)))
}

/// What this referral could say of it and does not, or says as it was before: the kinds, with since when it says so.
pub(super) fn unsaid(step: &mut Step<'_>, open: &Open, ours: &Known) -> Vec<(Information, Option<Time>)> {
    if open.thread.person.is_none() {
        return Vec::new();
    }
    let mut unsaid = ours.unsaid(open);
    unsaid.retain(|(act, _)| may_say(step, open, act));
    unsaid.into_iter().map(|(act, since)| (act.information(), since)).collect()
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
