//! Crisis plans and medication that our own staff wrote in referrals: nobody types them twice to place them, and what changes there
//! changes what is placed. What other organisations wrote is theirs to place (2.33).

use super::{place, placed_for};
use crate::api::Outcome;
use crate::usecases::staff::StaffSession;
use crate::usecases::{consents, people, threads, worklist};
use belay_protocol::emergency::Placement;
use belay_protocol::engine::Step;
use belay_protocol::ids::PersonId;
use belay_protocol::referral::{Act, Body, CrisisPlan, Information, Medication};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use std::fmt::Write as _;
use zeroize::Zeroizing;

/// A plan or medication as the text that is placed.
#[must_use]
pub fn plan(act: &Act) -> Option<(Information, Personal<String>)> {
    match act {
        Act::Crisis(plan) => Some((Information::Crisis, crisis(plan))),
        Act::Medication(medication) => Some((Information::Medication, medicines(medication))),
        _ => None,
    }
}

fn line(out: &mut String, head: &str, text: &Personal<String>) {
    if !text.reveal().trim().is_empty() {
        let _ = writeln!(out, "{head}: {}", text.reveal().trim());
    }
}

/// The parts that are filled, in one line.
fn joined(parts: &[&Personal<String>]) -> Personal<String> {
    let filled: Vec<&str> = parts.iter().map(|part| part.reveal().trim()).filter(|part| !part.is_empty()).collect();
    Personal::new(filled.join(", "))
}

fn crisis(plan: &CrisisPlan) -> Personal<String> {
    let mut out = Zeroizing::new(String::new());
    for contact in &plan.contacts {
        line(&mut out, "Call", &joined(&[&contact.name, &contact.relation, &contact.phone]));
    }
    line(&mut out, "Warning signs", &plan.warning_signs);
    line(&mut out, "What helps", &plan.helps);
    line(&mut out, "What makes it worse", &plan.avoid);
    line(&mut out, "Naloxone", &plan.naloxone);
    line(&mut out, "Wishes", &plan.wishes);
    out.trim_end().into()
}

fn medicines(medication: &Medication) -> Personal<String> {
    let mut out = Zeroizing::new(String::new());
    for medicine in &medication.medicines {
        line(&mut out, "Takes", &joined(&[&medicine.name, &medicine.dose]));
        line(&mut out, "  prescribed by", &joined(&[&medicine.prescriber, &medicine.phone]));
        if let Some(at) = medicine.last_dose {
            let _ = writeln!(out, "  last dose: {at}");
        }
        if let Some(at) = medicine.next_dose {
            let _ = writeln!(out, "  next dose: {at}");
        }
    }
    if medication.takes_none {
        let _ = writeln!(out, "Takes no medicine at present; the person was asked");
    }
    line(&mut out, "Allergies", &medication.allergies);
    line(&mut out, "Note", &medication.note);
    out.trim_end().into()
}

/// The newest that our own staff wrote in a referral of this person.
pub(super) fn written(
    step: &mut Step<'_>,
    person: PersonId,
    information: Information,
) -> Outcome<Option<(Time, Personal<String>)>> {
    let own = step.org();
    let mut newest: Option<(Time, Personal<String>)> = None;
    for id in worklist::of_person(step, person)? {
        let Some(thread) = threads::get(step.draft(), id)?.filter(|thread| thread.person == Some(person)) else {
            continue;
        };
        for placed in threads::placed(step, own, &thread)?.into_iter().filter(|placed| placed.org == own) {
            let Some(Body::Act(signed)) = &placed.body else { continue };
            if let Some((kind, text)) = plan(&signed.act)
                && kind == information
                && newest.as_ref().is_none_or(|(at, _)| *at < placed.time)
            {
                newest = Some((placed.time, text));
            }
        }
    }
    Ok(newest)
}

/// Writes a new plan wherever a copy of the old one lies, as far as the consent still lets it.
///
/// # Errors
/// `Store`.
pub fn keep_up(
    step: &mut Step<'_>,
    session: &StaffSession,
    person: PersonId,
    (information, text): &(Information, Personal<String>),
) -> Outcome<()> {
    let lies = |p: &Placement| p.information == *information && p.ended.is_none();
    for placement in placed_for(step.draft(), person)?.into_iter().filter(lies) {
        let known = people::get(step.draft(), person)?.zip(consents::get(step.draft(), placement.consent)?);
        let Some((person, consent)) = known else { continue };
        let may = place::may_lie(step, &consent, placement.at.org, *information);
        if may && !place::is_left(step, &placement)? {
            let at = placement.at.clone();
            place::lay(step, &session.by(), (&consent, &person), (&at, Some(placement)), (*information, text.clone()))?;
        }
    }
    Ok(())
}
