//! What lies where, what was opened, and the privacy officer who looks into it.

use super::{all, called, kept, place, placements, shown, unrecorded, write};
use crate::api::care::{AttemptRow, EmergencyView, OpeningRow, PlacedRow, ReviewView};
use crate::api::{Failure, Outcome};
use crate::usecases::records::find;
use crate::usecases::staff::{self, StaffSession};
use crate::usecases::{named, people};
use belay_protocol::disclosure::{Brief, Disclosure, Looked, Stage};
use belay_protocol::emergency::{Placement, Record, Review};
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::{ConsentId, EntryHash, OrgId, PersonId, SpaceId, ThreadId};
use belay_protocol::referral::Purpose;
use belay_protocol::sensitive::Personal;
use belay_protocol::store::View;
use belay_protocol::time::Time;
use std::collections::BTreeMap;

/// What lies where and what was opened, of one person or of all. What is placed *here* is never listed: that somebody's copy lies
/// here tells that they are in care.
///
/// # Errors
/// A person who is not known.
pub fn list(step: &mut Step<'_>, session: &StaffSession, person: Option<&Personal<String>>) -> Outcome<EmergencyView> {
    let only = person.map(|given| people::find(step.draft(), given)).transpose()?.map(|p| p.id);
    people::look(step, session, Looked::Emergency, only, None)?;
    let shown_under = find::Shown::all(step.draft())?;
    let fits = |id: PersonId| only.is_none_or(|only| only == shown_under.of(id));
    let names: BTreeMap<PersonId, Personal<String>> =
        people::all(step.draft())?.into_iter().map(|p| (p.id, p.identity.name)).collect();
    let name = |id: PersonId| names.get(&shown_under.of(id)).cloned().unwrap_or_default();
    let mut placed = Vec::new();
    for placement in placements(step.draft())?.into_iter().filter(|p| fits(p.person)) {
        placed.push(row(step, &name, placement)?);
    }
    let own = step.org();
    let mut openings = Vec::new();
    for (placement, opening) in opened(step.draft(), own)? {
        let person = match &placement {
            Some(placement) => Some(placement.person),
            None => unrecorded::about(step, &opening)?,
        };
        if !person.map_or(only.is_none(), fits) {
            continue;
        }
        let name = match person {
            Some(person) => name(person),
            None => unrecorded::name(place::laid_in(step, opening.space)?.as_ref()),
        };
        openings.push(OpeningRow {
            opening: opening.entry,
            person,
            name,
            information: opening.information,
            facts: shown(&opening.opened.facts),
            staff: opening.opened.by.name.clone(),
            late: opening.late,
            reviewed: reviewed(step.draft(), opening.entry)?,
        });
    }
    openings.sort_by_key(|opening| std::cmp::Reverse(opening.facts.at));
    let mut attempts: Vec<AttemptRow> = Vec::new();
    if only.is_none() {
        attempts = all(step.draft(), Record::ATTEMPT, &[])?.into_iter().filter_map(attempt).collect();
        attempts.sort_by_key(|attempt| std::cmp::Reverse(attempt.facts.at));
    }
    let here = if only.is_none() { super::whose::here(step.draft())? } else { Vec::new() };
    let unrecorded = if only.is_none() { unrecorded::list(step)? } else { Vec::new() };
    let to_review = openings.iter().filter(|opening| opening.reviewed.is_none()).count();
    Ok(EmergencyView { placed, unrecorded, openings, attempts, here, to_review })
}

fn row(step: &mut Step<'_>, name: &dyn Fn(PersonId) -> Personal<String>, placement: Placement) -> Outcome<PlacedRow> {
    let (now, kept) = (step.context().now, kept::get(step.draft(), placement.space)?);
    let left = place::is_left(step, &placement)?;
    let (engine, draft) = step.engine();
    let fold = engine.fold(draft, placement.space)?;
    let seat = fold.members.get(&placement.at.org);
    let state = match (placement.ended, seat) {
        (None, None) if left => "let go of there; telephone",
        (Some(_), _) | (None, None) => "ended",
        (None, Some(seat)) if seat.expires.is_some_and(|at| at <= now) => "expired",
        (None, Some(_)) => "placed",
    };
    let delivered = match kept {
        Some(kept) => engine.delivered(draft, placement.space, kept.entry, placement.at.org)?,
        None => false,
    };
    Ok(PlacedRow {
        space: placement.space,
        person: placement.person,
        name: name(placement.person),
        at: placement.at.name,
        information: placement.information,
        consent: placement.consent,
        version: placement.version,
        state: state.to_owned(),
        delivered,
    })
}

/// Since when copies lie there no more: they were taken back, or the time of their seats was over. `None`: who had it let go of it, and
/// nobody here knows when.
///
/// # Errors
/// `Store`.
pub fn ended(step: &mut Step<'_>) -> Result<BTreeMap<SpaceId, Option<Time>>> {
    let (mut ended, now) = (BTreeMap::new(), step.context().now);
    for placement in placements(step.draft())? {
        let left = place::is_left(step, &placement)?;
        let expires = place::expires(step, &placement)?.filter(|at| *at <= now);
        let since = placement.ended.or(expires);
        if left || since.is_some() {
            ended.insert(placement.space, since);
        }
    }
    Ok(ended)
}

fn attempt((_, record): (EntryHash, Record)) -> Option<AttemptRow> {
    let Record::Attempt(attempt) = record else { return None };
    Some(AttemptRow { facts: shown(&attempt.facts), staff: attempt.by.name, opened: attempt.opened })
}

fn reviewed(view: &dyn View, entry: EntryHash) -> Result<Option<ReviewView>> {
    Ok(all(view, Record::REVIEW, &entry.0)?.into_iter().find_map(|(_, record)| match record {
        Record::Review(review) => Some(ReviewView { at: review.at, staff: review.by.name, note: review.note }),
        _ => None,
    }))
}

/// Openings of copies that we placed; without a placement where the record of it is lost.
fn opened(view: &dyn View, own: OrgId) -> Result<Vec<(Option<Placement>, kept::Opening)>> {
    let openings = kept::opened(view, own)?;
    if openings.is_empty() {
        return Ok(Vec::new());
    }
    let placements: BTreeMap<_, _> = placements(view)?.into_iter().map(|p| (p.space, p)).collect();
    Ok(openings.into_iter().map(|opening| (placements.get(&opening.space).cloned(), opening)).collect())
}

/// The openings as disclosures: for the accounting (2.25), with the four facts. The record is the entry that the emergency
/// department signed. Where the record of the copy is lost it is about whom the copy names; all zero: nobody on record.
///
/// # Errors
/// `Store`.
pub fn openings(step: &mut Step<'_>) -> Result<Vec<(EntryHash, Disclosure)>> {
    let (own, mut made) = (step.org(), Vec::new());
    for (placement, opening) in opened(step.draft(), own)? {
        let person = match &placement {
            Some(placement) => placement.person,
            None => unrecorded::about(step, &opening)?.unwrap_or(PersonId::ZERO),
        };
        let (consent, version) =
            placement.map_or((ConsentId::ZERO, 0), |placement| (placement.consent, placement.version));
        let facts = opening.opened.facts;
        let disclosure = Disclosure {
            by: opening.opened.by,
            person,
            thread: ThreadId::ZERO,
            to: opening.org,
            recipient: facts.facility.name.clone(),
            purpose: Purpose::Emergency,
            consent,
            version,
            information: opening.information,
            space: opening.space,
            entry: opening.entry,
            brief: Brief::Copy,
            what: format!("{}, opened in a medical emergency{}", called(opening.information), late(opening.late))
                .as_str()
                .into(),
            at: opening.at,
            recorded: opening.at,
            automatic: false,
            clause: "42 CFR 2.51(a)".to_owned(),
            facts: Some(Box::new(facts)),
            law: None,
            stage: Stage::Opened,
        };
        made.push((opening.entry, disclosure));
    }
    Ok(made)
}

/// The openings of copies of ours of which the record is lost, and whom each is about.
///
/// # Errors
/// `Store`.
pub(super) fn lost(step: &mut Step<'_>) -> Result<Vec<(EntryHash, Option<PersonId>)>> {
    let (own, mut lost) = (step.org(), Vec::new());
    for (placement, opening) in opened(step.draft(), own)? {
        if placement.is_none() {
            lost.push((opening.entry, unrecorded::about(step, &opening)?));
        }
    }
    Ok(lost)
}

/// What the accounting says of an opening that came too late to count.
const fn late(late: bool) -> &'static str {
    if late { " after it had been taken back, of which they had not heard" } else { "" }
}

/// Whether this tells of an opening that came too late to count.
#[must_use]
pub fn opened_late(told: &Disclosure) -> bool {
    told.stage == Stage::Opened && told.what.reveal().ends_with(late(true))
}

/// How many openings no privacy officer has looked into.
///
/// # Errors
/// `Store`.
pub fn to_review(view: &dyn View, own: OrgId) -> Result<usize> {
    Ok(unreviewed(view, own)?.len())
}

/// The openings that no privacy officer has looked into.
///
/// # Errors
/// `Store`.
pub fn unreviewed(view: &dyn View, own: OrgId) -> Result<Vec<EntryHash>> {
    let mut waiting = Vec::new();
    for opening in kept::opened(view, own)? {
        if reviewed(view, opening.entry)?.is_none() {
            waiting.push(opening.entry);
        }
    }
    Ok(waiting)
}

/// What a notice, `status` and the work list say of it: no personal datum.
///
/// # Errors
/// `Store`.
pub fn waiting(view: &dyn View, own: OrgId) -> Result<Option<String>> {
    let count = to_review(view, own)?;
    Ok((count > 0).then(|| format!("emergency access: {count} to review by the privacy officer")))
}

/// A privacy officer has seen that a copy was opened.
///
/// # Errors
/// Another role; an opening that is not known.
pub fn review(
    step: &mut Step<'_>,
    session: &StaffSession,
    given: &str,
    note: &Personal<String>,
) -> Outcome<EmergencyView> {
    staff::privacy_officer(step.draft(), session, "to review an opening")?;
    let own = step.org();
    let openings = opened(step.draft(), own)?;
    let key = |(_, o): &(Option<Placement>, kept::Opening)| (o.entry.to_string(), String::new());
    let (placement, opening) = named(&openings, given, key, "opening", "belay emergency list")?;
    if reviewed(step.draft(), opening.entry)?.is_some() {
        return Err(Failure::misuse("this opening was reviewed before").next("belay emergency list"));
    }
    let at: Time = step.context().now;
    write(step, Record::Review(Review { entry: opening.entry, by: session.by(), at, note: note.clone() }))?;
    crate::usecases::project::project_step(step)?;
    let person = placement.as_ref().map(|placement| placement.person.to_string().as_str().into());
    list(step, session, person.as_ref())
}
