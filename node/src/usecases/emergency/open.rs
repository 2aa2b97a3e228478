//! Break-glass at the emergency department. The facts come first; then the copies under that name and date of birth are opened and,
//! in the same transaction, that they were opened is written where they lie. Whether anything lies here is an answer that only
//! somebody gets who has put the four facts on record.

use super::{KINDS, called, kept, shown, write};
use crate::api::care::{CopyView, EmergencyOpen, OpenedView, PhoneRow};
use crate::api::{Failure, Outcome};
use crate::usecases::staff::StaffSession;
use crate::usecases::{parties, people, worklist};
use belay_protocol::consent::{Action, Ask, Basis, Facts, Purpose, decide, explain};
use belay_protocol::disclosure::{Brief, Looked, Note};
use belay_protocol::emergency::{self, Attempt, Copy, EmergencyBody, Opened, Record, mark};
use belay_protocol::engine::{Step, Telling};
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{OrgId, PersonId, SpaceId, ThreadId};
use belay_protocol::limits;
use belay_protocol::planted::{self, Bug};
use belay_protocol::referral::{Identity, Information, Party, Person};
use belay_protocol::sensitive::Personal;
use belay_protocol::store::View;
use belay_protocol::time::{HOUR, Time};

/// Opens what is placed here for one person.
///
/// # Errors
/// One of the four facts, the name or the date of birth is missing; this organisation has no medical personnel; too many tries that
/// found nothing.
pub fn open(step: &mut Step<'_>, session: &StaffSession, ask: &EmergencyOpen) -> Outcome<OpenedView> {
    let own = parties::own(step)?;
    let ask = &EmergencyOpen { birth_date: people::day(&ask.birth_date), ..ask.clone() };
    let now = step.context().now;
    let facts = Facts {
        personnel: trimmed(&ask.personnel),
        facility: own.clone(),
        discloser: ask.discloser.as_ref().map_or_else(|| session.by().name, trimmed),
        at: now,
        nature: trimmed(&ask.nature),
        unobtainable: trimmed(&ask.unobtainable),
    };
    emergency::check(&facts)?;
    // The facts and our right to ask are judged before anything is looked for.
    let ask_at_all = Ask {
        from: OrgId::ZERO,
        to: own.org,
        information: Information::Crisis,
        purpose: Purpose::Emergency,
        action: Action::Seal,
    };
    decide(Basis::Emergency(None, &facts), &ask_at_all, now).map_err(Fault::from)?;
    if ask.name.reveal().trim().is_empty() || ask.birth_date.reveal().trim().is_empty() {
        return Err(Failure::misuse(
            "both the name and the date of birth are needed, as they stand on the person's papers",
        )
        .next("the command again with --name @FILE --birth-date @FILE"));
    }
    people::dated(ask.birth_date.reveal(), now)?;
    not_too_often(step.draft(), session, now)?;
    let person = on_record(step.draft(), &ask.name, &ask.birth_date)?;
    let mut copies = Vec::new();
    for space in found(step, own.org, ask)? {
        copies.extend(open_one(step, session, (&own, &facts, person), space)?);
    }
    // What is given, and must not be given twice, stands before what is known of the person.
    copies.sort_by_key(|copy| copy.information != Information::Medication);
    let opened = u32::try_from(copies.len()).unwrap_or(u32::MAX);
    people::look(step, session, Looked::Emergency, None, None)?;
    write(step, Record::Attempt(Attempt { facts: facts.clone(), by: session.by(), opened }))?;
    let phones = phones(step, own.org, ask.phones.clone())?;
    Ok(OpenedView { facts: shown(&facts), copies, phones })
}

/// Whom to phone: by the directory, and who is not there by the number that was agreed. Every organisation, whoever was asked for: a list of
/// those alone that hold something would tell that they do.
fn phones(step: &mut Step<'_>, own: OrgId, mut phones: Vec<PhoneRow>) -> Outcome<Vec<PhoneRow>> {
    for party in parties::members(step)?.into_iter().filter(|party| party.org != own) {
        if phones.iter().any(|row| row.organisation == party.name) {
            continue;
        }
        if let Some(phone) = worklist::telephone(step, &party)? {
            phones.push(PhoneRow { organisation: party.name, telephone: phone.telephone });
        }
    }
    phones.sort();
    Ok(phones)
}

fn trimmed(text: &Personal<String>) -> Personal<String> {
    text.reveal().trim().into()
}

/// Who guesses names is stopped; who opens for the person in front of them is not.
fn not_too_often(view: &dyn View, session: &StaffSession, now: Time) -> Outcome<()> {
    let missed = super::all(view, Record::ATTEMPT, &[])?
        .into_iter()
        .filter(|(_, record)| {
            matches!(record, Record::Attempt(a)
                if a.opened == 0 && a.by.staff == session.id() && now.since(a.facts.at) < HOUR)
        })
        .count();
    if missed >= limits::EMERGENCY_MISSES {
        return Err(Failure::not_permitted(format!(
            "{missed} tries of yours in the last hour found nothing; no more are answered until that hour is over"
        ))
        .next("telephone the organisation that may have the record; another staff member can try"));
    }
    Ok(())
}

/// The one person in our own records with this name and date of birth, so that what we told stands in that person's accounting here;
/// nobody where none or more than one has them.
pub(super) fn on_record(view: &dyn View, name: &Personal<String>, birth_date: &Personal<String>) -> Result<PersonId> {
    let identity = Identity { name: trimmed(name), birth_date: trimmed(birth_date), ..Identity::default() };
    let named = |person: &Person| {
        person.identity.birth_date == identity.birth_date
            && person.identity.name.reveal().to_lowercase() == identity.name.reveal().to_lowercase()
    };
    let mut found = people::like(view, &identity)?.into_iter().filter(named);
    Ok(match (found.next(), found.next()) {
        (Some(one), None) => one.id,
        _ => PersonId::ZERO,
    })
}

/// The spaces of copies under this name and date of birth.
fn found(step: &mut Step<'_>, own: OrgId, ask: &EmergencyOpen) -> Result<Vec<SpaceId>> {
    let wanted = |kind| ask.include.is_empty() || ask.include.contains(&kind);
    let found = under(step.draft(), (&ask.name, &ask.birth_date))?;
    let others = found.into_iter().filter(|(_, kept)| kept.custodian != own && wanted(kept.information));
    Ok(others.map(|(space, _)| space).collect())
}

/// The copies under this name and date of birth, whoever placed them.
pub(super) fn under(
    view: &dyn View,
    (name, birth_date): (&Personal<String>, &Personal<String>),
) -> Result<Vec<(SpaceId, kept::Kept)>> {
    let date = birth_date.reveal().trim();
    // Of some only the year is known to who placed it.
    let year: Option<Personal<String>> = date.get(..4).filter(|_| date.len() > 4).map(Into::into);
    let dates: Vec<Personal<String>> = [Some(date.into()), year].into_iter().flatten().collect();
    let mut found = kept::all(view)?;
    found.retain(|(space, kept)| {
        let fits = |date| mark(*space, name, date).is_some_and(|m| kept.marks.contains(&m));
        KINDS.contains(&kept.information) && dates.iter().any(fits)
    });
    Ok(found)
}

/// Opens one copy and writes that it was opened. `None`: it lies here no more.
fn open_one(
    step: &mut Step<'_>,
    session: &StaffSession,
    (own, facts, person): (&Party, &Facts, PersonId),
    space: SpaceId,
) -> Outcome<Option<CopyView>> {
    let Some(kept) = kept::get(step.draft(), space)? else { return Ok(None) };
    let now = step.context().now;
    let (engine, draft) = step.engine();
    let fold = engine.fold(draft, space)?;
    let seat = fold.members.get(&own.org);
    if fold.closed || !seat.is_some_and(|seat| seat.write && seat.expires.is_none_or(|at| at > now)) {
        return Ok(None);
    }
    let Ok(body) = engine.spaces().open_body(draft, &kept.entry)? else { return Ok(None) };
    let EmergencyBody::Copy(copy) = EmergencyBody::decode(&body)? else { return Ok(None) };
    if copy.scope.expiry.at().is_some_and(|at| at <= now) {
        return Ok(None);
    }
    let ask = |from, to, action| Ask { from, to, information: kept.information, purpose: Purpose::Emergency, action };
    let basis = || Basis::Emergency(Some(&copy.scope), facts);
    let show = decide(basis(), &ask(kept.custodian, own.org, Action::Show), now).map_err(Fault::from)?;
    let tell = decide(basis(), &ask(own.org, kept.custodian, Action::Seal), now).map_err(Fault::from)?;
    let organisation =
        copy.scope.party(kept.custodian).map_or_else(|| kept.custodian.short(), |party| party.name.clone());
    let note = Note {
        by: session.by(),
        person,
        thread: ThreadId::ZERO,
        recipient: organisation.clone(),
        brief: Brief::Opened,
        what: format!("that {} was opened here in a medical emergency, with the four facts", called(kept.information))
            .as_str()
            .into(),
    };
    let opened = Opened { facts: facts.clone(), copy: kept.entry, by: session.by() };
    let body = EmergencyBody::Opened(Box::new(opened));
    let opening = if planted::is(Bug::OpeningUnwritten) {
        kept.entry
    } else {
        step.write_thread(space, &[Telling { permit: &tell, note: &note }], &body.encode())?
    };
    let scope = explain(&copy.scope);
    let Copy { names, birth_date, content, at, notice, .. } = *copy;
    Ok(Some(CopyView {
        organisation,
        information: show.information(),
        name: names.into_iter().next().unwrap_or_default(),
        birth_date,
        content,
        written: at,
        notice,
        scope,
        opening,
    }))
}
