//! Legal holds: while one stands, nothing of that person's is destroyed (42 CFR 2.16 asks for rules on destroying; a subpoena or court
//! order under 2.61 to 2.67 forbids it). Every part of the program that destroys records asks [`stops`], or [`any`] where it can not tell
//! persons apart. What staff say to somebody who comes with a paper is in `refusal`.
//!
//! Today no part destroys a record about a person: entries of private spaces and threads are never pruned.

mod refusal;

pub use refusal::{Paper, refusal};

use super::emergency::{all, write};
use super::records::find;
use super::staff::{self, StaffSession};
use super::{named, people};
use crate::api::care::{HoldRow, HoldSet, HoldsView};
use crate::api::{Failure, Outcome};
use belay_protocol::disclosure::Looked;
use belay_protocol::emergency::{Hold, Lift, Record};
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::PersonId;
use belay_protocol::random;
use belay_protocol::sensitive::Personal;
use belay_protocol::store::View;
use data_encoding::HEXLOWER;
use std::collections::BTreeMap;

/// Whether a hold stops the destruction of what is on record about this person.
///
/// # Errors
/// `Store`: then nothing may be destroyed either.
pub fn stops(view: &dyn View, person: PersonId) -> Result<bool> {
    Ok(of_person(view, person)?.iter().any(|hold| hold.lifted.is_none()))
}

/// Under whichever record of the person's each was set.
fn of_person(view: &dyn View, person: PersonId) -> Result<Vec<Hold>> {
    let mut all = Vec::new();
    for record in find::records_of(view, person)?.records {
        all.extend(holds(view, &record.0)?);
    }
    Ok(all)
}

/// Whether a hold stands on anybody: for what can not tell persons apart, such as keys.
///
/// # Errors
/// `Store`: then nothing may be destroyed either.
pub fn any(view: &dyn View) -> Result<bool> {
    Ok(holds(view, &[])?.iter().any(|hold| hold.lifted.is_none()))
}

fn holds(view: &dyn View, prefix: &[u8]) -> Result<Vec<Hold>> {
    let records = all(view, Record::HOLD, prefix)?;
    Ok(records
        .into_iter()
        .filter_map(|(_, record)| if let Record::Hold(hold) = record { Some(hold) } else { None })
        .collect())
}

/// Sets a hold.
///
/// # Errors
/// A person who is not known, no reason, a digest that is none.
pub fn set(step: &mut Step<'_>, session: &StaffSession, ask: &HoldSet) -> Outcome<HoldsView> {
    // What is wrong with the form is said before anybody is looked for.
    reason(&ask.why)?;
    let order = match &ask.order {
        None => None,
        Some((name, digest)) => {
            let bytes = HEXLOWER.decode(digest.as_bytes()).ok().and_then(|b| <[u8; 32]>::try_from(b).ok());
            Some((name.clone(), bytes.ok_or_else(|| Failure::misuse("not the SHA-256 of a file, in hex"))?))
        }
    };
    let person = people::find(step.draft(), &ask.person)?;
    // A command that was typed again: the same reason, and the same paper or none.
    let paper = |order: &Option<(Personal<String>, [u8; 32])>| order.as_ref().map(|(_, digest)| *digest);
    let why = ask.why.reveal().trim();
    let same = |hold: &Hold| hold.why.reveal() == why && paper(&hold.order) == paper(&order);
    if let Some(known) = of_person(step.draft(), person.id)?.iter().find(|hold| hold.lifted.is_none() && same(hold)) {
        let why = format!("this hold is set already, since {}", crate::system::day(known.at));
        return Err(Failure::misuse(why).next("belay hold list"));
    }
    let hold = Hold {
        id: random::array(step.context().random),
        person: person.id,
        why: ask.why.reveal().trim().into(),
        order,
        by: session.by(),
        at: step.context().now,
        lifted: None,
    };
    write(step, Record::Hold(hold))?;
    super::project::project_step(step)?;
    shown(step, session, Some(person.id))
}

fn reason(why: &Personal<String>) -> Outcome<()> {
    if why.reveal().trim().is_empty() {
        return Err(Failure::misuse("why is missing: which paper, from whom, or which counsel asked for it")
            .next("the command again with --why @FILE"));
    }
    Ok(())
}

/// Lifts a hold.
///
/// # Errors
/// None fits, no reason, not a privacy officer, or it was lifted before.
pub fn lift(step: &mut Step<'_>, session: &StaffSession, given: &str, why: &Personal<String>) -> Outcome<HoldsView> {
    reason(why)?;
    staff::privacy_officer(step.draft(), session, "to lift a hold")?;
    let holds = holds(step.draft(), &[])?;
    let key = |hold: &Hold| (HEXLOWER.encode(&hold.id), String::new());
    let hold = named(&holds, given, key, "hold", "belay hold list")?.clone();
    if hold.lifted.is_some() {
        return Err(Failure::misuse("this hold was lifted before").next("belay hold list"));
    }
    let person = hold.person;
    let lifted = Some(Lift { by: session.by(), at: step.context().now, why: why.reveal().trim().into() });
    write(step, Record::Hold(Hold { lifted, ..hold }))?;
    super::project::project_step(step)?;
    shown(step, session, Some(person))
}

/// Every hold, standing or lifted, or those of one person.
///
/// # Errors
/// A person who is not known.
pub fn list(step: &mut Step<'_>, session: &StaffSession, person: Option<&Personal<String>>) -> Outcome<HoldsView> {
    let only = person.map(|given| people::find(step.draft(), given)).transpose()?.map(|p| p.id);
    shown(step, session, only)
}

fn shown(step: &mut Step<'_>, session: &StaffSession, only: Option<PersonId>) -> Outcome<HoldsView> {
    people::look(step, session, Looked::Hold, only, None)?;
    let names: BTreeMap<PersonId, Personal<String>> =
        people::all(step.draft())?.into_iter().map(|p| (p.id, p.identity.name)).collect();
    let shown_under = find::Shown::all(step.draft())?;
    let mut holds = match only {
        Some(person) => of_person(step.draft(), person)?,
        None => holds(step.draft(), &[])?,
    };
    holds.sort_by_key(|hold| (hold.lifted.is_some(), std::cmp::Reverse(hold.at)));
    let row = |hold: Hold| HoldRow {
        id: HEXLOWER.encode(&hold.id),
        person: shown_under.of(hold.person),
        name: names.get(&shown_under.of(hold.person)).cloned().unwrap_or_default(),
        why: hold.why,
        order: hold.order.map(|(name, digest)| (name, HEXLOWER.encode(&digest))),
        set: hold.at,
        staff: hold.by.name,
        lifted: hold.lifted.as_ref().map(|lift| lift.at),
        lifted_why: hold.lifted.map(|lift| lift.why).unwrap_or_default(),
    };
    Ok(HoldsView { holds: holds.into_iter().map(row).collect() })
}
