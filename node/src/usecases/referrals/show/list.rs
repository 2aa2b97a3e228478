//! The list of threads: a row each, kept until something changes.

use super::super::Open;
use crate::api::Outcome;
use crate::api::care::{ThreadRow, ThreadsView};
use crate::usecases::staff::StaffSession;
use crate::usecases::threads::{self, Thread};
use crate::usecases::worklist::{self, Agreed};
use crate::usecases::{consents, outside, people};
use belay_protocol::codec;
use belay_protocol::consent::Consent;
use belay_protocol::disclosure::Looked;
use belay_protocol::disclosure::private::Direction;
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::referral::due::Facts;
use belay_protocol::referral::{Answer, Expiry, Information, Place, Urgency};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use serde::{Deserialize, Serialize};

/// Every thread, what changed last first.
///
/// # Errors
/// `Store`.
pub fn list(step: &mut Step<'_>, session: &StaffSession) -> Outcome<ThreadsView> {
    people::look(step, session, Looked::ThreadList, None, None)?;
    let mut rows = rows(step)?;
    rows.sort_by(|a, b| b.updated.cmp(&a.updated).then(a.id.cmp(&b.id)));
    Ok(ThreadsView { threads: rows, inquiries: Vec::new() })
}

/// Every thread, for who shows them to staff and says so, or counts them and shows nobody.
pub(in crate::usecases) fn rows(step: &mut Step<'_>) -> Outcome<Vec<ThreadRow>> {
    let mut agreed = Agreed::default();
    threads::all(step.draft())?.iter().map(|thread| row(step, thread, &mut agreed)).collect()
}

/// What the list keeps of a thread until it changes.
#[derive(Serialize, Deserialize)]
pub(super) struct Row {
    name: Option<Personal<String>>,
    state: String,
    status: Option<String>,
    business: Option<String>,
    urgency: Option<Urgency>,
    appointment_at: Option<Time>,
    answerable: bool,
    updated: Time,
    /// When the consent ends by itself.
    expires: Option<Time>,
    /// What deadlines depend on.
    facts: Facts,
}

fn row(step: &mut Step<'_>, thread: &Thread, agreed: &mut Agreed) -> Outcome<ThreadRow> {
    let id = thread.thread;
    let kept = threads::row(step.draft(), id)?.and_then(|bytes| codec::decode::<Row>("row", &bytes).ok());
    let row = match kept {
        Some(row) => row,
        None => {
            let open = Open::new(step, thread.clone())?;
            let row = summary(step, &open)?;
            threads::keep_row(step.draft(), id, codec::encode(&row));
            row
        }
    };
    as_row(step, thread, row, agreed)
}

pub(super) fn as_row(step: &mut Step<'_>, thread: &Thread, row: Row, agreed: &mut Agreed) -> Outcome<ThreadRow> {
    let ended = ended(step, thread, row.expires)?;
    let due = if ended.is_none() { worklist::due(step, thread, &row.facts, agreed)? } else { Vec::new() };
    let state = match &ended {
        Some(how) => format!("{}; {how}", row.state),
        None => row.state,
    };
    Ok(ThreadRow {
        id: thread.thread,
        direction: match thread.direction {
            Direction::Outgoing => "outgoing",
            Direction::Incoming => "incoming",
        }
        .to_owned(),
        other: thread.other.org,
        other_name: thread.other.name.clone(),
        off_network: outside::off_network(thread),
        person: thread.person,
        name: row.name,
        state,
        status: row.status,
        business: row.business,
        urgency: row.urgency,
        appointment_at: row.appointment_at,
        answerable: row.answerable,
        ended,
        updated: row.updated,
        due,
    })
}

/// That nothing more may be told, and since when.
fn ended(step: &mut Step<'_>, thread: &Thread, expires: Option<Time>) -> Outcome<Option<String>> {
    let now = step.context().now;
    if let Some(since) = thread.gone {
        return Ok(Some(format!("consent ended {}", since.date())));
    }
    if thread.direction == Direction::Outgoing
        && let versions = consents::versions(step.draft(), thread.consent, thread.version)?
        && let Some(consent) = versions.last()
    {
        let withdrawn = consent.signed().into_iter().flat_map(|s| &s.withdrawn).any(|w| w.party == thread.other.org);
        let dropped = consent.terms().party(thread.other.org).is_none();
        // A version before may have ended by word; when it ends by itself the newest says.
        if let Some(over) = versions.iter().find(|c| !matches!(c, Consent::Signed(_) | Consent::Draft(_))) {
            return Ok(Some(format!("consent {}", over.state(now))));
        }
        return Ok(match consent.state(now) {
            "signed" if dropped => Some("consent no longer names this organisation".to_owned()),
            "signed" if withdrawn => Some("consent revoked for this organisation".to_owned()),
            "signed" | "draft" => None,
            state => Some(format!("consent {state}")),
        });
    }
    Ok(expires.filter(|at| *at <= now).map(|at| format!("consent expired {}", at.date())))
}

pub(super) fn summary(step: &mut Step<'_>, open: &Open) -> Outcome<Row> {
    let updated = open.placed.iter().filter(|p| p.body.is_some()).map(|p| p.time).max().unwrap_or_default();
    // The newest notice of the referral itself says it; one of a kind that was closed since is old.
    let told = open.state.scopes.iter().max_by_key(|(kind, scope)| (*kind == Information::Referral, scope.version));
    let expires = told.and_then(|(_, scope)| match scope.expiry {
        Expiry::On(at) => Some(at),
        Expiry::Event(_) | Expiry::Never => None,
    });
    let (state, place) = (&open.state, open.state.place);
    // Without answers an end can only be our own.
    let known = state.answer == Answer::Permitted
        || open.thread.direction == Direction::Incoming
        || place == Place::Nothing
        || place.is_final();
    Ok(Row {
        name: name(step, open)?,
        state: state.words(open.actor()),
        status: known.then(|| place.status().to_owned()),
        business: place.business().filter(|_| known).map(|(code, _)| code.to_owned()),
        urgency: state.request.as_ref().map(|request| request.urgency),
        appointment_at: state.appointment.as_ref().map(|appointment| appointment.at),
        answerable: state.answer == Answer::Permitted || place == Place::Nothing,
        updated,
        expires,
        facts: Facts::of(state, expires),
    })
}

/// The person's name: of our own record once there is one, else as the thread tells it, if it may be shown.
fn name(step: &mut Step<'_>, open: &Open) -> Result<Option<Personal<String>>> {
    if let Some(person) = open.thread.person
        && let Some(person) = people::get(step.draft(), person)?
    {
        return Ok(Some(person.identity.name));
    }
    Ok(open.identity(step).map(|identity| identity.name))
}
