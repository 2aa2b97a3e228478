//! The crisis plan and the medication of a person, as our staff write them with the person before anybody is referred, and after. They
//! stand in the private space: nobody is told by it. What goes into a referral, a letter or a copy for emergencies goes by the gate of
//! each ([`belay_protocol::consent::decide`]).
//!
//! The newest that our own staff wrote holds, whether here or in a referral; a form begins with it, and what is not given stays as it was.

mod changes;

use super::records::{self, Kind, find};
use super::referrals::{hints, ours, ours_and_older};
use super::staff::StaffSession;
use super::{emergency, people, project};
use crate::api::care::{
    MedicationRequest, PersonPlans, PlanPreview, PlanRequest, PlanWrite, PlanWritten, PlansView, UponView, WrittenPlan,
};
use crate::api::{Failure, Outcome};
use belay_protocol::disclosure::{Looked, PlacedPlan, Planned, PrivateBody, plans_in_order};
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::{EntryHash, PersonId};
use belay_protocol::planted::{self, Bug};
use belay_protocol::referral::{Act, CrisisPlan, Information, Medication};
use belay_protocol::sensitive::Personal;
use belay_protocol::store::View;
use belay_protocol::time::Time;

/// All that were written here of a person, under whichever record of theirs, in their order.
///
/// # Errors
/// `Store`.
pub fn of(view: &dyn View, person: PersonId) -> Result<Vec<PlacedPlan>> {
    let mut all: Vec<(EntryHash, Planned)> = Vec::new();
    for here in find::records_of(view, person)?.records {
        all.extend(records::all(view, Kind::Planned, &here.0)?.into_iter().filter_map(|record| match record.body {
            PrivateBody::Planned(planned) => Some((record.hash, *planned)),
            _ => None,
        }));
    }
    Ok(plans_in_order(all))
}

/// Writes one of the two as it stands from now on. The copies for emergencies follow, as far as their consents still let them; what
/// referrals say stays, and the answer names those that say it as it was before.
///
/// # Errors
/// A person who is not known; a plan with nothing in it; a list that says neither what is taken nor that nothing is; an entry that is no
/// plan of this person.
pub fn write(step: &mut Step<'_>, session: &StaffSession, ask: &PlanWrite) -> Outcome<PersonPlans> {
    let person = people::find(step.draft(), &ask.person)?.id;
    let known = ours(step, person)?;
    let (under, act, before) = match &ask.what {
        PlanWritten::Crisis(asked) => {
            let (before, stood) = known.crisis.map_or((None, CrisisPlan::default()), |(at, plan)| (Some(at), plan));
            let plan = plan(stood, asked);
            if before.is_none() && plan == CrisisPlan::default() {
                return Err(Failure::misuse("the plan is empty").next("a line such as `helps: a walk with May`"));
            }
            (person, Act::Crisis(Box::new(plan)), before)
        }
        PlanWritten::Medication(asked) => {
            let (before, stood) = known.medication.map_or((None, Medication::default()), |(at, l)| (Some(at), l));
            (person, Act::Medication(Box::new(list(stood, asked)?)), before)
        }
        PlanWritten::Mistake { entry, why } => {
            let (under, act) = mistake(step.draft(), person, entry, why)?;
            // Later than every referral of ours that told it: none of them counts, however the clock was set.
            let before = match act.information() {
                Information::Crisis => known.crisis.map(|(at, _)| at),
                _ => known.medication.map(|(at, _)| at),
            };
            (under, act, before)
        }
    };
    act.check()?;
    let now = step.context().now;
    let at = before.map_or(now, |before| now.max(before.plus(1)));
    let planned = Planned { person: under, act, by: session.by(), at };
    step.write_private(&PrivateBody::Planned(Box::new(planned.clone())).encode())?;
    project::project_step(step)?;
    let hints = hints::of_act(&planned.act);
    match emergency::plan(&planned.act) {
        Some((information, text)) => emergency::keep_up(step, session, person, (at, information, &text))?,
        None => emergency::mistaken(step, session, person)?,
    }
    project::project_step(step)?;
    people::look(step, session, Looked::Person, Some(person), None)?;
    Ok(PersonPlans { id: person, plans: PlansView { hints, ..view(step, person)? } })
}

/// What stands of the one that would be written, and would not any more.
///
/// # Errors
/// As [`write`], of what is asked.
pub fn preview(step: &mut Step<'_>, session: &StaffSession, ask: &PlanWrite) -> Outcome<PlanPreview> {
    let person = people::find(step.draft(), &ask.person)?.id;
    let known = ours(step, person)?;
    people::look(step, session, Looked::Person, Some(person), None)?;
    let changes = match &ask.what {
        PlanWritten::Crisis(asked) => {
            known.crisis.map(|(_, stood)| changes::of_plan(&stood, &plan(stood.clone(), asked))).unwrap_or_default()
        }
        PlanWritten::Medication(asked) => match known.medication {
            Some((_, stood)) => changes::of_list(&stood, &list(stood.clone(), asked)?),
            None => Vec::new(),
        },
        PlanWritten::Mistake { .. } => Vec::new(),
    };
    Ok(PlanPreview { changes })
}

/// What our own staff wrote last, and the referrals that say it as it was before.
///
/// # Errors
/// `Store`.
pub fn view(step: &mut Step<'_>, person: PersonId) -> Outcome<PlansView> {
    let (known, older) = ours_and_older(step, person)?;
    let stand = of(step.draft(), person)?.into_iter().rev().filter(|(_, _, mistaken)| mistaken.is_none());
    let stand: Vec<(EntryHash, Planned)> = stand.map(|(entry, planned, _)| (entry, planned)).collect();
    let upon = known.upon().into_iter().map(|(at, act, struck)| UponView {
        information: act.information(),
        at,
        entry: stand.iter().find(|(_, planned)| planned.act == act).map(|(entry, _)| *entry),
        wrong: struck.written,
        why: struck.why,
    });
    let upon = upon.collect();
    let written = stand.into_iter().map(|(entry, planned)| WrittenPlan {
        entry,
        information: planned.act.information(),
        at: planned.at,
        staff: planned.by.name,
    });
    let written = written.collect();
    Ok(PlansView { crisis: known.crisis, medication: known.medication, upon, older, written, hints: Vec::new() })
}

/// One that was a mistake.
#[derive(Debug, Clone)]
pub(super) struct Struck {
    /// When it was written.
    pub written: Time,
    /// When it was said to be a mistake: what said so before counts no more, wherever.
    pub said: Time,
    pub why: Personal<String>,
    act: Act,
}

impl Struck {
    /// As the text that may lie for emergencies.
    fn text(&self) -> Option<(Information, Personal<String>)> {
        emergency::plan(&self.act)
    }

    /// Whether this, which was said then, is what was the mistake.
    pub fn is(&self, at: Time, act: &Act) -> bool {
        at <= self.said && emergency::plan(act).is_some_and(|text| self.text() == Some(text))
    }

    /// Whether it was written upon that, while nobody knew that it was a mistake: something of it stands in both.
    pub fn is_under(&self, at: Time, act: &Act) -> bool {
        let shares = match (&self.act, act) {
            (Act::Crisis(wrong), Act::Crisis(plan)) => plan.shares(wrong),
            (Act::Medication(wrong), Act::Medication(list)) => list.shares(wrong),
            _ => false,
        };
        shares && self.written < at && at <= self.said && !self.is(at, act)
    }
}

/// What was a mistake and is said by nothing that stands here.
pub(super) fn struck(all: &[PlacedPlan]) -> Vec<Struck> {
    let stand: Vec<_> = stand(all).filter_map(|planned| emergency::plan(&planned.act)).collect();
    let those = all.iter().filter_map(|(_, planned, word)| {
        let word = word.as_ref()?;
        let Act::Mistake { reason, .. } = &word.act else { return None };
        let (written, said, why) = (planned.at, word.at, reason.clone());
        Some(Struck { written, said, why, act: planned.act.clone() })
    });
    those.filter(|one| one.text().is_some_and(|text| !stand.contains(&text))).collect()
}

/// What of that our staff did not write anew since, in a referral.
pub(super) fn taken_back(step: &mut Step<'_>, person: PersonId) -> Outcome<Vec<(Information, Personal<String>)>> {
    let said: Vec<_> = ours(step, person)?.acts().iter().filter_map(|(_, act)| emergency::plan(act)).collect();
    let struck = struck(&of(step.draft(), person)?).into_iter().filter_map(|one| one.text());
    Ok(struck.filter(|text| !said.contains(text)).collect())
}

/// What was a mistake, by the beginning of its id, and under which record of the person it stands.
fn mistake(view: &dyn View, person: PersonId, given: &str, why: &Personal<String>) -> Outcome<(PersonId, Act)> {
    if why.reveal().trim().is_empty() {
        return Err(Failure::misuse("say in a few words what was wrong"));
    }
    let given = given.trim().to_lowercase();
    let all = of(view, person)?;
    let fits = |(hash, _, mistaken): &&PlacedPlan| {
        mistaken.is_none() && given.len() >= 4 && hash.to_string().starts_with(&given)
    };
    let mut fitting = all.iter().filter(fits);
    match (fitting.next(), fitting.next()) {
        (Some((entry, planned, _)), None) => {
            let (entry, information) = (*entry, planned.act.information());
            Ok((planned.person, Act::Mistake { entry, information, reason: why.clone() }))
        }
        _ => Err(Failure::misuse(
            "no crisis plan or list of medication that was written here begins so, or it was taken back already",
        )
        .next("belay person show PERSON, whose history names each")),
    }
}

/// The plan as it stands afterwards: what is not given stays as it was.
#[must_use]
pub fn plan(stood: CrisisPlan, asked: &PlanRequest) -> CrisisPlan {
    CrisisPlan {
        warning_signs: given(&asked.warning_signs, stood.warning_signs),
        helps: given(&asked.helps, stood.helps),
        avoid: given(&asked.avoid, stood.avoid),
        contacts: asked.contacts.clone().unwrap_or(stood.contacts),
        naloxone: given(&asked.naloxone, stood.naloxone),
        wishes: given(&asked.wishes, stood.wishes),
    }
}

/// The same of a list of medication.
///
/// # Errors
/// Nobody says what the person takes, or that nothing is taken.
pub fn list(stood: Medication, asked: &MedicationRequest) -> Outcome<Medication> {
    let (medicines, takes_none) = match &asked.medicines {
        Some(medicines) => (medicines.clone(), asked.takes_none),
        None if asked.takes_none => (Vec::new(), true),
        None => (stood.medicines, stood.takes_none),
    };
    let (allergies, note) = (given(&asked.allergies, stood.allergies), given(&asked.note, stood.note));
    if medicines.is_empty() && !takes_none {
        return Err(Failure::misuse("say what the person takes, or that the person was asked and takes nothing")
            .next("a line `medicine: NAME` in the file, or `none: yes`"));
    }
    Ok(Medication { medicines, takes_none, allergies, note })
}

fn given(asked: &Option<Personal<String>>, stood: Personal<String>) -> Personal<String> {
    asked.clone().unwrap_or(stood)
}

/// Those that are no mistake, in their order.
pub(super) fn stand(all: &[PlacedPlan]) -> impl Iterator<Item = &Planned> {
    let counts = |mistaken: &Option<Planned>| mistaken.is_none() || planted::is(Bug::StruckSentOn);
    all.iter().filter(move |(_, _, mistaken)| counts(mistaken)).map(|(_, planned, _)| planned)
}
