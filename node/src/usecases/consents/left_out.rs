//! What a person asks this organisation not to tell (42 CFR 2.26): under its consents, where none is asked for, inside one program and with
//! who serves it (2.12(c)(3), (4)), in answers to a referral that another organisation sent, once it is linked to the person, and in what is
//! passed on of one (2.33). In a medical emergency it may be told all the same (2.26(a)(3), 2.51). Reasons: `decisions/left-out.md` of the protocol.
//!
//! What was agreed to is put into every consent of the person's as well, where a signature lets it in again; everywhere else the person's
//! word does.

use super::restrict::{agreed, asked as restriction, bind, let_in_preview as lets, preview as does, rows, tell};
use crate::api::care::{LetInView, PersonLetIn, PersonRestrict, PersonView, RestrictPreview, RestrictionView};
use crate::api::{Failure, Outcome};
use crate::forms::{Lang, Sheet, left_out};
use crate::usecases::records::{self, Kind, find};
use crate::usecases::staff::StaffSession;
use crate::usecases::{named, parties, people, prints, project, referrals};
use belay_protocol::consent::{Answered, Consent, Mark, Restriction};
use belay_protocol::disclosure::{LeftOut, LeftOutWord, Looked, PrivateBody, asked_to_leave_out};
use belay_protocol::engine::Step;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::PersonId;
use belay_protocol::referral::{By, Told};
use belay_protocol::sensitive::Personal;
use belay_protocol::space::control::PartnerKind;
use belay_protocol::store::View;
use belay_protocol::time::Time;

/// Every word about it, under whichever record of the person each stands.
///
/// # Errors
/// `Store`.
pub(super) fn words(view: &dyn View, person: PersonId) -> Result<Vec<LeftOutWord>> {
    let mut words = Vec::new();
    for here in find::records_of(view, person)?.records {
        words.extend(records::all(view, Kind::LeftOut, &here.0)?.into_iter().filter_map(|record| match record.body {
            PrivateBody::LeftOut(said) => Some(said.word),
            _ => None,
        }));
    }
    Ok(words)
}

/// What was asked and stands, apart from any consent or agreed to under one, which may have ended since: its promise stands.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn shown(step: &mut Step<'_>, person: PersonId) -> Result<Vec<RestrictionView>> {
    let all = standing(step.draft(), person)?;
    Ok(rows(step, &all, &[]))
}

fn standing(view: &dyn View, person: PersonId) -> Result<Vec<Restriction>> {
    let mut all = asked_to_leave_out(&words(view, person)?);
    for one in agreed(view, person)? {
        if !all.contains(&one) {
            all.push(one);
        }
    }
    Ok(all)
}

/// When the person last let something in again: by word, or by signing a version of a consent that leaves out less.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn last_let_in(view: &dyn View, person: PersonId) -> Result<Option<Time>> {
    let words = words(view, person)?;
    let mut last =
        words.iter().filter_map(|word| if let LeftOutWord::LetIn { at, .. } = word { Some(*at) } else { None }).max();
    for id in records::find::consents(view, person)? {
        let mut before: Vec<Restriction> = Vec::new();
        for signed in super::versions(view, id, 0)?.iter().filter_map(Consent::signed) {
            let now = signed.standing().restrictions;
            if before.iter().any(|one| one.answer == Answered::Agreed && !now.contains(one)) {
                last = last.max(Some(signed.recorded));
            }
            before = now;
        }
    }
    Ok(last)
}

/// A word by which the person let something in again, with what that was; newest last. What a signature let in shows in that consent.
///
/// # Errors
/// `Store`.
fn let_in_before(view: &dyn View, person: PersonId) -> Result<Vec<(Restriction, Told, By, Time)>> {
    let words = words(view, person)?;
    let mut ever: Vec<Restriction> = Vec::new();
    ever.extend(words.iter().filter_map(|word| match word {
        LeftOutWord::Asked(one) => Some(one.clone()),
        LeftOutWord::LetIn { .. } => None,
    }));
    for id in records::find::consents(view, person)? {
        for signed in super::versions(view, id, 0)?.iter().filter_map(Consent::signed) {
            ever.extend(signed.terms.restrictions.iter().chain(&signed.restricted).cloned());
        }
    }
    let mut all: Vec<(Restriction, Told, By, Time)> = Vec::new();
    for word in words {
        let LeftOutWord::LetIn { asked, told, by, at } = word else { continue };
        if let Some(one) = ever.iter().find(|one| one.mark() == asked) {
            all.push((one.clone(), told, by, at));
        }
    }
    all.sort_by_key(|(.., at)| *at);
    Ok(all)
}

/// The same, as staff read it.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn let_in_shown(step: &mut Step<'_>, person: PersonId) -> Result<Vec<LetInView>> {
    let all = let_in_before(step.draft(), person)?;
    let view = |(one, told, by, at): (Restriction, Told, By, Time)| {
        let asked = rows(step, std::slice::from_ref(&one), &[]).pop();
        asked.map(|asked| LetInView { asked, spoken: told == Told::Spoken, staff: by.name, at })
    };
    Ok(all.into_iter().filter_map(view).collect())
}

/// What is asked, and whom it spares.
fn asked(step: &mut Step<'_>, session: &StaffSession, ask: &PersonRestrict) -> Outcome<(PersonId, Restriction)> {
    let person = people::find(step.draft(), &ask.person)?.id;
    let given = &ask.restriction;
    let to = given.to.as_deref().map(|given| parties::partner(step, given)).transpose()?;
    let own = parties::own(step)?.org;
    if to.as_ref().is_some_and(|party| party.org == own) {
        return Err(Failure::misuse("what is left out is told to nobody else; inside this organisation nothing is")
            .next("the command again with --to and another organisation, or without it for anybody"));
    }
    // Of nobody in particular: whatever health plan there is.
    let plan = to.as_ref().is_none_or(|party| party.kind == PartnerKind::HealthPlan);
    let one = restriction(step, session, given, to.map(|party| party.org), own)?;
    one.answerable(plan).map_err(Fault::from)?;
    Ok((person, one))
}

/// What agreeing to it would do; nothing is written but that staff looked.
///
/// # Errors
/// As [`restrict`].
pub fn preview(step: &mut Step<'_>, session: &StaffSession, ask: &PersonRestrict) -> Outcome<RestrictPreview> {
    let (person, one) = asked(step, session, ask)?;
    people::look(step, session, Looked::Person, Some(person), None)?;
    does(step, person, &one, true)
}

/// Puts on record what a person asks to leave out, with the answer. One that is agreed to holds from now on, under our consents and ties.
///
/// # Errors
/// A person or organisation that is not known; nothing was asked; a refusal without a reason, or where the rule asks to agree.
pub fn restrict(step: &mut Step<'_>, session: &StaffSession, ask: &PersonRestrict) -> Outcome<PersonView> {
    let (person, one) = asked(step, session, ask)?;
    let is_agreed = one.answer == Answered::Agreed;
    write(step, person, LeftOutWord::Asked(one))?;
    if is_agreed {
        let bound = bind(step, person)?;
        tell(step, person, bound)?;
    }
    people::show(step, session, &whole(person))
}

/// What letting it in again does, and goes on by it; nothing is written but that staff looked.
///
/// # Errors
/// As [`let_in`].
pub fn let_in_preview(step: &mut Step<'_>, session: &StaffSession, ask: &PersonLetIn) -> Outcome<RestrictPreview> {
    let (person, mark) = that_stands(step, ask)?;
    people::look(step, session, Looked::Person, Some(person), None)?;
    let one = standing(step.draft(), person)?.into_iter().find(|one| one.mark() == mark);
    let one = one.ok_or_else(|| Fault::bug("a request that stood is gone"))?;
    lets(step, person, &one)
}

/// Which of a person's requests is named.
fn that_stands(step: &mut Step<'_>, ask: &PersonLetIn) -> Outcome<(PersonId, Mark)> {
    let person = people::find(step.draft(), &ask.person)?.id;
    let all = shown(step, person)?;
    let key = |one: &RestrictionView| (one.id.to_string(), String::new());
    let what = "request of this person that stands";
    Ok((person, named(&all, &ask.what, key, what, "belay person show PERSON")?.id.0))
}

/// Puts on record that the person lets it in again. A consent that holds it lets it in by a signature alone.
///
/// # Errors
/// There is none of that mark, or it was let in before; more than one begins so.
pub fn let_in(step: &mut Step<'_>, session: &StaffSession, ask: &PersonLetIn) -> Outcome<PersonView> {
    let (person, asked) = that_stands(step, ask)?;
    let word = LeftOutWord::LetIn { asked, told: Told::heard(ask.spoken), by: session.by(), at: step.context().now };
    write(step, person, word)?;
    referrals::settled(step)?;
    people::show(step, session, &whole(person))
}

fn write(step: &mut Step<'_>, person: PersonId, word: LeftOutWord) -> Outcome<()> {
    step.write_private(&PrivateBody::LeftOut(Box::new(LeftOut { person, word })).encode())?;
    project::project_step(step)?;
    Ok(())
}

fn whole(person: PersonId) -> Personal<String> {
    person.to_string().as_str().into()
}

/// The same on paper, for the person.
///
/// # Errors
/// A person who is not known.
pub(in crate::usecases) fn sheet(
    step: &mut Step<'_>,
    person: &Personal<String>,
    asked: Option<Lang>,
) -> Outcome<(Sheet, PersonId)> {
    let person = people::find(step.draft(), person)?.id;
    let lang = prints::lang(step.draft(), person, asked)?;
    let house = parties::own(step)?.name;
    let (stands, before) = (standing(step.draft(), person)?, let_in_before(step.draft(), person)?);
    let mut named = |restriction: Restriction| {
        let to = restriction.to.map(|org| parties::called(step, org));
        left_out::Asked { restriction, to }
    };
    let all: Vec<left_out::Asked> = stands.into_iter().map(&mut named).collect();
    let again =
        before.into_iter().map(|(one, told, by, at)| left_out::Again { asked: named(one), told, by: by.name, at });
    let again: Vec<left_out::Again> = again.collect();
    Ok((left_out::sheet(&house, (&all, &again), lang), person))
}
