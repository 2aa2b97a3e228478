//! Crisis plans and medication that our own staff wrote, with the person or in referrals: nobody types them twice to place them, and what
//! changes there changes what is placed. What other organisations wrote is theirs to place (2.33).

use super::{KINDS, called, place, placed_for};
use crate::api::{Failure, Outcome};
use crate::system;
use crate::usecases::records::find;
use crate::usecases::staff::StaffSession;
use crate::usecases::threads::{self, Thread};
use crate::usecases::{consents, people, plans, project, referrals};
use belay_protocol::consent::{Consent, suspensions};
use belay_protocol::emergency::{Copy, EmergencyBody, Placement};
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::PersonId;
use belay_protocol::limits;
use belay_protocol::referral::{Act, Body, CrisisPlan, Information, Medication};
use belay_protocol::sensitive::Personal;
use belay_protocol::space::entry::Kind;
use belay_protocol::time::Time;
use std::collections::BTreeSet;
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
            let _ = writeln!(out, "  last dose: {}", system::written(at));
        }
        if let Some(at) = medicine.next_dose {
            let _ = writeln!(out, "  next dose: {}", system::written(at));
        }
    }
    if medication.takes_none {
        let _ = writeln!(out, "Takes no medicine at present; the person was asked");
    }
    line(&mut out, "Allergies", &medication.allergies);
    line(&mut out, "Note", &medication.note);
    out.trim_end().into()
}

/// Every plan and medication that our own staff wrote in this referral.
fn written_in(step: &mut Step<'_>, thread: &Thread) -> Outcome<Vec<(Time, Information, Personal<String>)>> {
    let own = step.org();
    let mut all = Vec::new();
    for placed in threads::placed(step, own, thread)?.into_iter().filter(|placed| placed.org == own) {
        if let Some(Body::Act(signed)) = &placed.body
            && let Some((kind, text)) = plan(&signed.act)
        {
            all.push((placed.time, kind, text));
        }
    }
    Ok(all)
}

/// The newest that our own staff wrote of this person, with the person or in a referral.
pub(super) fn written(
    step: &mut Step<'_>,
    person: PersonId,
    information: Information,
) -> Outcome<Option<(Time, Personal<String>)>> {
    let acts = referrals::ours(step, person)?.acts();
    let mut texts = acts.iter().filter_map(|(at, act)| plan(act).map(|(kind, text)| (*at, kind, text)));
    Ok(texts.find(|(_, kind, _)| *kind == information).map(|(at, _, text)| (at, text)))
}

/// Whether a plan holds more than one copy can: each of its texts may be as long as that.
fn too_long(text: &Personal<String>) -> bool {
    text.reveal().chars().count() > limits::TEXT_CHARS
}

/// Writes a new plan of this time wherever an older copy lies, as far as the consent still lets it.
///
/// # Errors
/// A plan that is longer than a copy, where one lies that the consent lets lie: also while that is suspended, since the copy catches up with it
/// afterwards.
pub fn keep_up(
    step: &mut Step<'_>,
    session: &StaffSession,
    person: PersonId,
    (at, information, text): (Time, Information, &Personal<String>),
) -> Outcome<()> {
    let fits = |p: &Placement| p.information == information && p.ended.is_none();
    for placement in placed_for(step.draft(), person)?.into_iter().filter(fits) {
        if place::laid(step, &placement)?.is_none_or(|copy| copy.at <= at) {
            if too_long(text) && goes_on(step, &placement)? {
                return Err(longer(&placement));
            }
            anew(step, session, placement, text)?;
        }
    }
    Ok(())
}

/// Whether a copy lies there, and may go on with what is written, now or once its consent stands again.
fn goes_on(step: &mut Step<'_>, placement: &Placement) -> Outcome<bool> {
    if !place::lies(step, placement)? {
        return Ok(false);
    }
    let consent = consents::get(step.draft(), placement.consent)?;
    let may = |consent| {
        consents::suspended(consent) || place::may_lie(step, consent, placement.at.org, placement.information)
    };
    Ok(consent.as_ref().is_some_and(may))
}

fn longer(placement: &Placement) -> Failure {
    let (what, at, most) = (called(placement.information), &placement.at.name, limits::TEXT_CHARS);
    let message = format!(
        "a copy for emergencies lies with {at}, and {what} as a whole is longer than the {most} characters of a copy; nothing was recorded"
    );
    Failure::misuse(message).next("the same again, shortened")
}

/// After a consent that was suspended at this time stands again: what our own staff wrote since goes where a copy lies under it, and the copy
/// is found by the names that are on record by now.
///
/// # Errors
/// `Store`.
pub fn caught_up(step: &mut Step<'_>, session: &StaffSession, consent: &Consent, since: Time) -> Outcome<()> {
    let person = find::shown(step.draft(), consent.person())?;
    let lies = |p: &Placement| p.consent == consent.id() && p.ended.is_none();
    for placement in placed_for(step.draft(), person)?.into_iter().filter(lies) {
        let Some((at, text)) = written(step, person, placement.information)? else { continue };
        let Some(copy) = place::laid(step, &placement)? else { continue };
        // What changed in the consent may have laid it anew just now, as it was.
        if copy.content != text && (at >= since || at > copy.at) {
            anew(step, session, placement, &text)?;
            project::project_step(step)?;
        }
    }
    place::renamed(step, &session.by(), person)?;
    project::project_step(step)?;
    Ok(())
}

/// What of the copies under a consent that holds did not follow what our staff wrote, a sentence each: those for which what is on record is
/// too long, and those that ended while the consent was suspended, whatever ended them, though something is on record that could lie there.
///
/// # Errors
/// `Store`.
pub fn behind(step: &mut Step<'_>, consent: &Consent) -> Outcome<Vec<String>> {
    let times = suspensions(consent.signed().map(|signed| signed.doubts.as_slice()).unwrap_or_default());
    let person = find::shown(step.draft(), consent.person())?;
    let all = placed_for(step.draft(), person)?;
    let mut says = BTreeSet::new();
    for one in all.iter().filter(|one| one.consent == consent.id()) {
        let suspended = |end: Time| times.iter().any(|(since, until)| *since <= end && end <= *until);
        if one.ended.is_some_and(|end| !suspended(end)) {
            continue;
        }
        let Some((at, text)) = written(step, person, one.information)? else { continue };
        let (what, department) = (called(one.information), &one.at.name);
        let lies = |p: &Placement| p.ended.is_none() && (p.at.org, p.information) == (one.at.org, one.information);
        match one.ended {
            None if too_long(&text) => {
                let older = says_since(step, one)?.is_some_and(|since| since < at);
                if older && place::lies(step, one)? {
                    says.insert(format!(
                        "The copy of {what} with {department} says what was written before: what is on record is longer than the {} characters of a copy",
                        limits::TEXT_CHARS
                    ));
                }
            }
            Some(end) if !all.iter().any(lies) && place::may_lie(step, consent, one.at.org, one.information) => {
                says.insert(format!(
                    "The copy of {what} with {department} ended on {} while the consent was suspended, and is not laid anew by itself",
                    system::day(end)
                ));
            }
            None | Some(_) => {}
        }
    }
    Ok(says.into_iter().collect())
}

/// Lays a copy anew with this text; false where the consent lets it lie there no more, and where the text is too long for one.
fn anew(step: &mut Step<'_>, session: &StaffSession, old: Placement, text: &Personal<String>) -> Outcome<bool> {
    let known = people::get(step.draft(), old.person)?.zip(consents::get(step.draft(), old.consent)?);
    let Some((person, consent)) = known else { return Ok(false) };
    let (at, information) = (old.at.clone(), old.information);
    if too_long(text) || !place::may_lie(step, &consent, at.org, information) {
        return Ok(false);
    }
    if !place::is_left(step, &old)? {
        place::lay(step, &session.by(), (&consent, &person), (&at, Some(old)), (information, text.clone()))?;
    }
    Ok(true)
}

/// After staff said otherwise whose an incoming referral is: what our staff wrote in it goes out of the copies of who it is not, where
/// the newest that is known besides takes its place, and into the copies of who it is.
///
/// # Errors
/// `Store`.
pub fn relinked(step: &mut Step<'_>, session: &StaffSession, thread: &Thread, before: Option<PersonId>) -> Outcome<()> {
    let texts = written_in(step, thread)?;
    let theirs = |kind: Information, text: &Personal<String>| texts.iter().any(|(_, k, t)| *k == kind && t == text);
    if let Some(before) = before {
        taken_out(step, session, before, &theirs)?;
    }
    let Some(person) = thread.person else { return Ok(()) };
    for kind in KINDS {
        // What is too long for a copy keeps nobody from saying whose the referral is: the page of the consent says that the copy is behind.
        let fits = |text: &Personal<String>| theirs(kind, text) && !too_long(text);
        if let Some((at, text)) = written(step, person, kind)?.filter(|(_, text)| fits(text)) {
            keep_up(step, session, person, (at, kind, &text))?;
        }
    }
    Ok(())
}

/// After a plan that was written with the person proved a mistake: it goes out of the copies.
///
/// # Errors
/// `Store`.
pub fn mistaken(step: &mut Step<'_>, session: &StaffSession, person: PersonId) -> Outcome<()> {
    let wrong = plans::taken_back(step, person)?;
    taken_out(step, session, person, &|kind, text| wrong.iter().any(|(k, t)| *k == kind && t == text))
}

/// What is `wrong` goes out of the copies of a person: the newest that is known besides takes its place, and where there is none the copy
/// ends. It ends for good also where the consent is suspended, since nothing may be told then and what is wrong may not stay: once the
/// consent stands again its page says so ([`behind`]), and staff place a new one.
fn taken_out(
    step: &mut Step<'_>,
    session: &StaffSession,
    person: PersonId,
    wrong: &dyn Fn(Information, &Personal<String>) -> bool,
) -> Outcome<()> {
    for placement in placed_for(step.draft(), person)?.into_iter().filter(|placement| placement.ended.is_none()) {
        let kind = placement.information;
        if !place::laid(step, &placement)?.is_some_and(|copy| wrong(kind, &copy.content)) {
            continue;
        }
        let earlier = earlier(step, &placement, |text| !wrong(kind, text))?;
        let known = written(step, person, kind)?;
        let text = earlier.into_iter().chain(known).filter(|(_, text)| !too_long(text)).max_by_key(|(at, _)| *at);
        let stays = match &text {
            Some((_, text)) => anew(step, session, placement.clone(), text)?,
            None => false,
        };
        if !stays {
            place::end(step, placement)?;
        }
    }
    Ok(())
}

/// The newest copy that lay there before and says something that `fits`.
fn earlier(
    step: &mut Step<'_>,
    placement: &Placement,
    fits: impl Fn(&Personal<String>) -> bool,
) -> Result<Option<(Time, Personal<String>)>> {
    let newest = copies(step, placement)?.into_iter().rev().find(|copy| fits(&copy.content));
    Ok(newest.map(|copy| (copy.at, copy.content)))
}

/// When a copy first said there what it says now: it may have been laid anew since then with the same words, for another name, until another
/// day, or since others proved a mistake.
fn says_since(step: &mut Step<'_>, placement: &Placement) -> Result<Option<Time>> {
    let copies = copies(step, placement)?;
    let Some(last) = copies.last() else { return Ok(None) };
    Ok(copies.iter().find(|copy| copy.content == last.content).map(|copy| copy.at))
}

/// All copies that lay there, by their numbers.
fn copies(step: &mut Step<'_>, placement: &Placement) -> Result<Vec<Copy>> {
    let (engine, draft) = step.engine();
    let mut all: Vec<Copy> = Vec::new();
    for (hash, _) in engine.spaces().in_order(draft, placement.space, usize::MAX)? {
        if engine.spaces().entry(draft, &hash)?.is_none_or(|entry| entry.header().kind != Kind::Data) {
            continue;
        }
        let Ok(body) = engine.spaces().open_body(draft, &hash)? else { continue };
        if let Ok(EmergencyBody::Copy(copy)) = EmergencyBody::decode(&body) {
            all.push(*copy);
        }
    }
    // Of two of one number the first holds, as in order.
    all.reverse();
    all.sort_by_key(|copy| copy.number);
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use belay_protocol::referral::Medicine;

    #[test]
    fn who_opens_a_copy_reads_doses_by_the_clock_on_the_wall() {
        let at = Time::parse("2026-11-24T19:00:00-06:00").expect("a time");
        let medicine = Medicine { name: "methadone".into(), last_dose: Some(at), ..Medicine::default() };
        let next = Medicine { next_dose: Some(at), ..medicine.clone() };
        let text = medicines(&Medication { medicines: vec![medicine, next], ..Medication::default() });
        let said = |line: &str| text.reveal().contains(&format!("{line}: {}", system::written(at)));
        assert!(said("last dose") && said("next dose"), "{}", text.reveal());
    }
}
