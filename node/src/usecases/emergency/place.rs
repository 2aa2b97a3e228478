//! Placing copies in advance, under the consent that names the emergency department; keeping them up to date; taking them back.

use super::{KINDS, called, kept, open, placed_for, placements, plan, unrecorded, write};
use crate::api::care::{EmergencyPlace, EmergencyUpdate, EmergencyView};
use crate::api::{Failure, Outcome};
use crate::usecases::records::find;
use crate::usecases::referrals::{close_space, differs, refuse_new};
use crate::usecases::staff::StaffSession;
use crate::usecases::{consents, parties, people, plans, project};
use belay_protocol::consent::{Action, Ask, Basis, Consent, Permit, Purpose, decide, notice};
use belay_protocol::disclosure::{Brief, Note};
use belay_protocol::emergency::{Copy, EmergencyBody, Placement, Record};
use belay_protocol::engine::{Seat, Step, Telling};
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{OrgId, PersonId, SpaceId, ThreadId};
use belay_protocol::limits;
use belay_protocol::planted::{self, Bug};
use belay_protocol::referral::{By, Information, Party, Person};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;

/// Places copies with an emergency department. One that lies there already is replaced.
///
/// # Errors
/// The refusal of `consent::decide`; nothing to place; a person without a date of birth; an organisation off the network.
pub fn place(step: &mut Step<'_>, session: &StaffSession, ask: &EmergencyPlace) -> Outcome<EmergencyView> {
    let person = people::find(step.draft(), &ask.person)?;
    let consent = consents::in_force(step.draft(), &ask.consent)?;
    if find::shown(step.draft(), consent.person())? != person.id && !planted::is(Bug::PersonUnchecked) {
        return Err(Failure::misuse("this consent is another person's").next("belay consent list --person PERSON"));
    }
    findable(&person)?;
    let at = parties::member(step, &ask.at)?;
    refuse_new(step, consent.id(), &at)?;
    let (mut laid, mut same) = (0, 0);
    for information in KINDS {
        let given = given(information, &ask.crisis, &ask.medication);
        let wanted = ask.include.contains(&information) || (ask.include.is_empty() && given.is_some());
        let known = on_record(step, person.id, information)?;
        let text = match given.or(known) {
            Some(text) if wanted || ask.include.is_empty() => text,
            None if wanted => {
                let message = format!("{} is not on record yet", called(information));
                return Err(Failure::misuse(message).next(format!(
                    "belay person {information} PERSON, to write it down; or the command again with --{information} @FILE"
                )));
            }
            _ => continue,
        };
        let old = standing(step, &consent, at.org, information)?;
        may(step, &consent, at.org, information)?;
        if let Some(old) = &old
            && says_the_same(step, old, (&consent, &person), &text)?
        {
            same += 1;
            continue;
        }
        lay(step, &session.by(), (&consent, &person), (&at, old), (information, text))?;
        laid += 1;
    }
    if laid == 0 && same > 0 {
        let message = format!("the same lies with {} already, under this consent", at.name);
        return Err(Failure::misuse(message).next("belay emergency list"));
    }
    if laid == 0 {
        return Err(Failure::misuse("nothing was given to place and nothing is on record")
            .next(
            "belay person crisis PERSON, to write it down; or the command again with --crisis @FILE or --medication @FILE",
        ));
    }
    project::project_step(step)?;
    super::list(step, session, Some(&person.id.to_string().as_str().into()))
}

/// Writes what changed wherever a copy lies.
///
/// # Errors
/// Nothing was given, nothing lies anywhere, or the consent stands no more.
pub fn update(step: &mut Step<'_>, session: &StaffSession, ask: &EmergencyUpdate) -> Outcome<EmergencyView> {
    let person = people::find(step.draft(), &ask.person)?;
    findable(&person)?;
    let mut laid = 0;
    for placement in placed_for(step.draft(), person.id)? {
        let text = given(placement.information, &ask.crisis, &ask.medication);
        let (true, Some(text)) = (placement.ended.is_none(), text) else { continue };
        let consent = consents::get(step.draft(), placement.consent)?
            .ok_or_else(|| Fault::store("the consent of a placed copy is missing"))?;
        let (at, information) = (placement.at.clone(), placement.information);
        lay(step, &session.by(), (&consent, &person), (&at, Some(placement)), (information, text))?;
        laid += 1;
    }
    if laid == 0 {
        return Err(Failure::misuse("nothing of this kind is placed anywhere for this person")
            .next("belay emergency place --person P --at ORG --consent C"));
    }
    project::project_step(step)?;
    super::list(step, session, Some(&person.id.to_string().as_str().into()))
}

fn given(
    information: Information,
    crisis: &Option<Personal<String>>,
    medication: &Option<Personal<String>>,
) -> Option<Personal<String>> {
    let text = if information == Information::Crisis { crisis } else { medication };
    text.clone().filter(|text| !text.reveal().trim().is_empty())
}

/// A copy is found by name and date of birth: without them nobody could open it.
fn findable(person: &Person) -> Outcome<()> {
    if person.identity.birth_date.reveal().trim().is_empty() {
        return Err(Failure::misuse(
            "an emergency department finds a copy by name and date of birth, and no date of birth is on record; the year is enough",
        )
        .next(format!("belay person edit {}, with the line `birth date:`", person.id.short())));
    }
    Ok(())
}

/// What lies somewhere already, or was written with the person or in a referral, the newest: nobody types it twice.
fn on_record(step: &mut Step<'_>, person: PersonId, information: Information) -> Outcome<Option<Personal<String>>> {
    let mut newest: Option<Copy> = None;
    let mistakes = plans::taken_back(step, person)?;
    let mistaken = |copy: &Copy| mistakes.iter().any(|(kind, text)| *kind == information && *text == copy.content);
    for placement in placed_for(step.draft(), person)? {
        if placement.information != information {
            continue;
        }
        if let Some(copy) = laid(step, &placement)?.filter(|copy| !mistaken(copy))
            && newest.as_ref().is_none_or(|n| n.at < copy.at)
        {
            newest = Some(copy);
        }
    }
    let here = newest.map(|copy| (copy.at, copy.content));
    let written = plan::written(step, person, information)?;
    Ok(here.into_iter().chain(written).max_by_key(|(at, _)| *at).map(|(_, text)| text))
}

/// The copy as it lies there.
pub(super) fn laid(step: &mut Step<'_>, placement: &Placement) -> Result<Option<Copy>> {
    laid_in(step, placement.space)
}

/// As [`laid`], by its space.
pub(super) fn laid_in(step: &mut Step<'_>, space: SpaceId) -> Result<Option<Copy>> {
    let Some(kept) = kept::get(step.draft(), space)? else { return Ok(None) };
    let (engine, draft) = step.engine();
    let Ok(body) = engine.spaces().open_body(draft, &kept.entry)? else { return Ok(None) };
    Ok(match EmergencyBody::decode(&body) {
        Ok(EmergencyBody::Copy(copy)) => Some(*copy),
        Ok(EmergencyBody::Opened(_)) | Err(_) => None,
    })
}

/// Whether the consent, as it stands, lets a copy lie there.
pub(super) fn may_lie(step: &mut Step<'_>, consent: &Consent, to: OrgId, kind: Information) -> bool {
    may(step, consent, to, kind).is_ok()
}

fn may(step: &mut Step<'_>, consent: &Consent, to: OrgId, kind: Information) -> Outcome<Permit> {
    let ask = Ask { from: step.org(), to, information: kind, purpose: Purpose::Emergency, action: Action::Place };
    // Versions that were signed apart must all let it lie there.
    let versions = consents::versions(step.draft(), consent.id(), consent.version())?;
    let basis = if versions.is_empty() { Basis::Consent(consent) } else { Basis::Versions(&versions) };
    Ok(decide(basis, &ask, step.context().now).map_err(Fault::from)?)
}

/// The copy that one placed anew takes the place of: of two records of one human being each has its own, under its own consent.
fn standing(step: &mut Step<'_>, consent: &Consent, at: OrgId, kind: Information) -> Result<Option<Placement>> {
    let fits =
        |p: &Placement| p.ended.is_none() && p.person == consent.person() && (p.at.org, p.information) == (at, kind);
    Ok(placements(step.draft())?.into_iter().find(fits))
}

/// Whether the very same lies there by the consent as it stands, found by the same names.
fn says_the_same(
    step: &mut Step<'_>,
    old: &Placement,
    (consent, person): (&Consent, &Person),
    text: &Personal<String>,
) -> Result<bool> {
    if (old.consent, old.version) != (consent.id(), consent.version()) || !sits(step, old.space, old.at.org)? {
        return Ok(false);
    }
    let (names, birth_date) = found_by(step, person)?;
    let part = consent.scope_for(old.at.org)?;
    let same = |copy: Copy| {
        let found = (copy.names, copy.birth_date) == (names, birth_date);
        found && copy.content == *text && !differs(&copy.scope, &part)
    };
    Ok(laid(step, old)?.is_some_and(same))
}

/// Writes one copy into the space of the one that it takes the place of, or into one that is founded for it. The engine records it as
/// placed.
pub(super) fn lay(
    step: &mut Step<'_>,
    by: &By,
    (consent, person): (&Consent, &Person),
    (at, known): (&Party, Option<Placement>),
    (information, content): (Information, Personal<String>),
) -> Outcome<()> {
    let permit = may(step, consent, at.org, information)?;
    let (coalition, _) = parties::roster(step)?;
    let note = Note {
        by: by.clone(),
        person: consent.person(),
        thread: ThreadId::ZERO,
        recipient: at.name.clone(),
        brief: Brief::Copy,
        what: format!("{}, with name and date of birth, placed in advance", called(information)).as_str().into(),
    };
    let seat = Seat { permit: &permit, write: true };
    if let Some(placement) = &known
        && is_left(step, placement)?
    {
        return Err(left(at));
    }
    let before = match &known {
        Some(placement) => laid(step, placement)?.map(|copy| copy.scope),
        None => None,
    };
    let standing = match known {
        Some(placement) if sits(step, placement.space, at.org)? => Some(placement),
        _ => None,
    };
    let (space, number) = match standing {
        Some(old) => {
            step.renew(old.space, &seat)?;
            (old.space, old.number.saturating_add(1))
        }
        None => (step.found_thread(coalition, true, &[seat])?, 1),
    };
    let (names, birth_date) = found_by(step, person)?;
    let copy = Copy {
        number,
        information,
        notice: notice::STATEMENT_1.to_owned(),
        scope: consent.scope_for(at.org).map_err(Fault::from)?.told_after(before.as_ref()),
        names,
        birth_date,
        content,
        by: by.clone(),
        at: step.context().now,
    };
    copy.check()?;
    let body = EmergencyBody::Copy(Box::new(copy));
    step.write_thread(space, &[Telling { permit: &permit, note: &note }], &body.encode())?;
    write(
        step,
        Record::Placement(Placement {
            space,
            number,
            person: consent.person(),
            at: at.clone(),
            information,
            consent: consent.id(),
            version: consent.version(),
            ended: None,
        }),
    )?;
    Ok(())
}

/// Leaves the copies that `keeper` placed here under this name and date of birth, if there are any: the person took the consent back.
///
/// # Errors
/// `Store`.
pub fn let_go(
    step: &mut Step<'_>,
    keeper: OrgId,
    (name, birth_date): (&Personal<String>, &Personal<String>),
) -> Outcome<()> {
    let own = step.org();
    for (space, kept) in open::under(step.draft(), (name, birth_date))? {
        if kept.custodian == keeper {
            close_space(step, space, own)?;
        }
    }
    Ok(())
}

/// Who let go of a copy by itself gets it no more until staff have asked why.
fn left(at: &Party) -> Failure {
    Failure::not_permitted(format!(
        "{} has let go of the copy by itself: the person may have revoked the consent there (42 CFR 2.31(c)(3))",
        at.name
    ))
    .next("Telephone them; then belay consent revoke, or if it was for something else belay emergency withdraw, and place it anew")
}

/// Whether it was placed, nobody took it back, and who had it has left, while we stand in its space.
pub(super) fn is_left(step: &mut Step<'_>, placement: &Placement) -> Result<bool> {
    let own = step.org();
    Ok(placement.ended.is_none()
        && !sits(step, placement.space, placement.at.org)?
        && sits(step, placement.space, own)?)
}

/// When the seat ends that an emergency department has in the space of a copy. `None`: it has none there, or one without an end.
pub(super) fn expires(step: &mut Step<'_>, placement: &Placement) -> Result<Option<Time>> {
    if !sits(step, placement.space, placement.at.org)? {
        return Ok(None);
    }
    let (engine, draft) = step.engine();
    let fold = engine.fold(draft, placement.space)?;
    Ok(fold.members.get(&placement.at.org).and_then(|seat| seat.expires))
}

/// Whether a copy lies there now: nobody ended it, who has it has not let it go, and its time is not over.
pub(super) fn lies(step: &mut Step<'_>, placement: &Placement) -> Result<bool> {
    if placement.ended.is_some() || !sits(step, placement.space, placement.at.org)? {
        return Ok(false);
    }
    let until = expires(step, placement)?;
    Ok(until.is_none_or(|until| step.context().now < until))
}

/// Whether an organisation is in a space that stands.
fn sits(step: &mut Step<'_>, space: SpaceId, org: OrgId) -> Result<bool> {
    let (engine, draft) = step.engine();
    if engine.spaces().record(draft, space)?.is_none() {
        return Ok(false);
    }
    let fold = engine.fold(draft, space)?;
    Ok(!fold.closed && fold.members.contains_key(&engine.org()) && fold.members.contains_key(&org))
}

/// Takes back what lies with an emergency department, or everywhere. What was opened before stays told.
///
/// # Errors
/// Nothing lies there.
pub fn withdraw(
    step: &mut Step<'_>,
    session: &StaffSession,
    person: &Personal<String>,
    at: Option<&str>,
) -> Outcome<EmergencyView> {
    let person = people::find(step.draft(), person)?;
    let at = at.map(|given| parties::member(step, given)).transpose()?.map(|party| party.org);
    let lie = |p: &Placement| p.ended.is_none() && at.is_none_or(|org| org == p.at.org);
    let ending: Vec<Placement> = placed_for(step.draft(), person.id)?.into_iter().filter(lie).collect();
    let lost = unrecorded::withdraw(step, &person, at)?;
    if ending.is_empty() && lost == 0 {
        return Err(Failure::misuse("nothing of this person's is placed there").next("belay emergency list"));
    }
    for placement in ending {
        end(step, placement)?;
    }
    project::project_step(step)?;
    super::list(step, session, Some(&person.id.to_string().as_str().into()))
}

/// After a consent changed: ends every copy that it lets lie no more, and lays those anew of which it says now otherwise who may
/// open them, and until when. Without `by` it is another node of ours that changed it: that node lays them, and this one only ends.
///
/// # Errors
/// `Store`.
pub fn follow(step: &mut Step<'_>, by: Option<&By>, consent: &Consent) -> Outcome<()> {
    // Until somebody has judged it, what lies there stays sealed there; 2.51 asks for no consent. But for whom the person took it back.
    let suspended = consents::suspended(consent);
    let gone = |at: OrgId| consent.signed().is_some_and(|signed| signed.withdrawn.iter().any(|gone| gone.party == at));
    let mut any = false;
    for placement in placements(step.draft())? {
        if placement.consent != consent.id() || placement.ended.is_some() {
            continue;
        }
        if suspended && !gone(placement.at.org) {
            continue;
        }
        if !may_lie(step, consent, placement.at.org, placement.information) {
            end(step, placement)?;
            any = true;
            continue;
        }
        if is_left(step, &placement)? {
            continue;
        }
        let Some((by, copy)) = by.zip(laid(step, &placement)?) else { continue };
        let Some(person) = people::get(step.draft(), placement.person)? else { continue };
        let part = consent.scope_for(placement.at.org).map_err(Fault::from)?;
        if differs(&copy.scope, &part) {
            let (at, information) = (placement.at.clone(), placement.information);
            lay(step, by, (consent, &person), (&at, Some(placement)), (information, copy.content))?;
            any = true;
        }
    }
    if any {
        project::project_step(step)?;
    }
    Ok(())
}

/// After a person's name or date of birth was corrected: lays every copy anew that would be found by what is wrong.
///
/// # Errors
/// `Store`.
pub fn renamed(step: &mut Step<'_>, by: &By, person: PersonId) -> Outcome<()> {
    for placement in placed_for(step.draft(), person)?.into_iter().filter(|placement| placement.ended.is_none()) {
        let known = people::get(step.draft(), placement.person)?.zip(consents::get(step.draft(), placement.consent)?);
        let (Some((person, consent)), Some(copy)) = (known, laid(step, &placement)?) else { continue };
        let by_now = found_by(step, &person)?;
        let same = (&copy.names, &copy.birth_date) == (&by_now.0, &by_now.1);
        let may = may_lie(step, &consent, placement.at.org, placement.information);
        if !same && may && !is_left(step, &placement)? {
            let (at, information) = (placement.at.clone(), placement.information);
            lay(step, by, (&consent, &person), (&at, Some(placement)), (information, copy.content))?;
        }
    }
    Ok(())
}

/// By which names and date of birth a copy is found: those of all records of the person, the one that is shown first.
fn found_by(step: &mut Step<'_>, person: &Person) -> Result<(Vec<Personal<String>>, Personal<String>)> {
    let mut records = vec![person.clone()];
    for id in find::records_of(step.draft(), person.id)?.records {
        records.extend(people::record(step.draft(), id)?.filter(|_| id != person.id));
    }
    let own = person.identity.other_names.iter();
    let others = records.iter().skip(1).flat_map(|other| &other.identity.other_names);
    // The names come before other names, which are left out where there are too many.
    let in_order = std::iter::once(&person.identity.name)
        .chain(records.iter().skip(1).map(|other| &other.identity.name))
        .chain(own)
        .chain(others);
    let mut names: Vec<Personal<String>> = Vec::new();
    for name in in_order {
        if names.len() < limits::PERSON_VALUES && !names.contains(name) {
            names.push(name.clone());
        }
    }
    let mut dates = records.iter().map(|record| &record.identity.birth_date);
    let date = dates.find(|date| !date.reveal().trim().is_empty());
    Ok((names, date.cloned().unwrap_or_default()))
}

pub(super) fn end(step: &mut Step<'_>, placement: Placement) -> Result<()> {
    if sits(step, placement.space, placement.at.org)? {
        step.revoke(placement.space, placement.at.org)?;
    }
    let ended = Some(step.context().now);
    let number = placement.number.saturating_add(1);
    write(step, Record::Placement(Placement { number, ended, ..placement }))?;
    Ok(())
}
