//! Threads as people read them.

use super::Open;
use crate::api::Outcome;
use crate::api::care::{AppointmentView, LineView, MatchView, ThreadRow, ThreadView, ThreadsView};
use crate::usecases::staff::StaffSession;
use crate::usecases::threads::{self, Thread};
use crate::usecases::{consents, outside, people};
use belay_protocol::codec;
use belay_protocol::consent::{Action, Permit, explain, notice};
use belay_protocol::disclosure::Looked;
use belay_protocol::disclosure::private::Direction;
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::{OrgId, PersonId};
use belay_protocol::referral::{
    Act, Actor, Answer, Appointment, DeclineReason, Expiry, Information, Line, Mode, Outcome as Ending, Place, Urgency,
    likely, step as transition,
};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use serde::{Deserialize, Serialize};

/// Every thread, what changed last first.
///
/// # Errors
/// `Store`.
pub fn list(step: &mut Step<'_>, session: &StaffSession) -> Outcome<ThreadsView> {
    people::look(step, session, Looked::ThreadList, None, None)?;
    let mut rows = Vec::new();
    for thread in threads::all(step.draft())? {
        rows.push(row(step, &thread)?);
    }
    rows.sort_by(|a: &ThreadRow, b| b.updated.cmp(&a.updated).then(a.id.cmp(&b.id)));
    Ok(ThreadsView { threads: rows })
}

/// One thread.
///
/// # Errors
/// None fits, or more than one does.
pub fn show(step: &mut Step<'_>, session: &StaffSession, given: &str) -> Outcome<ThreadView> {
    let open = Open::named(step, given)?;
    people::look(step, session, Looked::Thread, open.thread.person, Some(open.thread.thread))?;
    let view = view(step, &open)?;
    if !view.likely.is_empty() {
        people::look(step, session, Looked::Matches, None, Some(open.thread.thread))?;
    }
    Ok(view)
}

/// What the list keeps of a thread until it changes.
#[derive(Serialize, Deserialize)]
struct Row {
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
}

fn row(step: &mut Step<'_>, thread: &Thread) -> Outcome<ThreadRow> {
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
    as_row(step, thread, row)
}

fn as_row(step: &mut Step<'_>, thread: &Thread, row: Row) -> Outcome<ThreadRow> {
    let ended = ended(step, thread, row.expires)?;
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
    })
}

/// That nothing more may be told, and since when.
fn ended(step: &mut Step<'_>, thread: &Thread, expires: Option<Time>) -> Outcome<Option<String>> {
    let now = step.context().now;
    if let Some(since) = thread.gone {
        return Ok(Some(format!("consent ended {}", since.date())));
    }
    if thread.direction == Direction::Outgoing
        && let Some(consent) = consents::get(step.draft(), thread.consent)?
    {
        let withdrawn = consent.signed().into_iter().flat_map(|s| &s.withdrawn).any(|w| w.party == thread.other.org);
        return Ok(match consent.state(now) {
            "signed" if withdrawn => Some("consent revoked for this organisation".to_owned()),
            "signed" | "draft" => None,
            state => Some(format!("consent {state}")),
        });
    }
    Ok(expires.filter(|at| *at <= now).map(|at| format!("consent expired {}", at.date())))
}

fn summary(step: &mut Step<'_>, open: &Open) -> Outcome<Row> {
    let updated = open.placed.iter().filter(|p| p.body.is_some()).map(|p| p.time).max().unwrap_or_default();
    let expires = open.state.scopes.iter().find_map(|(_, scope)| match scope.expiry {
        Expiry::On(at) => Some(at),
        Expiry::Event(_) | Expiry::Never => None,
    });
    let (state, place) = (&open.state, open.state.place);
    let known =
        state.answer == Answer::Permitted || open.thread.direction == Direction::Incoming || place == Place::Nothing;
    Ok(Row {
        name: name(step, open)?,
        state: state.words(actor(&open.thread)),
        status: known.then(|| place.status().to_owned()),
        business: place.business().filter(|_| known).map(|(code, _)| code.to_owned()),
        urgency: state.request.as_ref().map(|request| request.urgency),
        appointment_at: state.appointment.as_ref().map(|appointment| appointment.at),
        answerable: state.answer == Answer::Permitted || place == Place::Nothing,
        updated,
        expires,
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

fn actor(thread: &Thread) -> Actor {
    match thread.direction {
        Direction::Outgoing => Actor::Sender,
        Direction::Incoming => Actor::Recipient,
    }
}

/// What our staff may be shown of a thread: each permit lets through what one organisation told of one kind.
struct Eyes(Vec<Permit>);

impl Eyes {
    fn new(step: &mut Step<'_>, open: &Open) -> Self {
        let orgs = [open.own, open.thread.other.org];
        let pairs = orgs.into_iter().flat_map(|org| Information::ALL.map(|kind| (org, kind)));
        Self(pairs.filter_map(|(org, kind)| open.may_show(step, org, kind)).collect())
    }

    fn let_through(&self, from: OrgId, information: Information) -> bool {
        self.0.iter().any(|p| p.from() == from && p.information() == information && p.action() == Action::Show)
    }
}

/// The whole thread, as far as our staff may be shown it.
pub(in crate::usecases) fn view(step: &mut Step<'_>, open: &Open) -> Outcome<ThreadView> {
    let summary = summary(step, open)?;
    let row = as_row(step, &open.thread, summary)?;
    let eyes = Eyes::new(step, open);
    let (state, parties) = (&open.state, open.thread.parties(open.own));
    let asked = eyes.let_through(parties.sender, Information::Referral);
    let answered = eyes.let_through(parties.recipient, Information::Referral);
    let request = state.request.as_ref().filter(|_| asked);
    Ok(ThreadView {
        off_network: outside::contact(step.draft(), &open.thread)?,
        row,
        consent: open.thread.consent,
        version: open.thread.version,
        scope: open.ground.scope_for(open.thread.other.org).ok().map(|scope| explain(&scope)),
        notice: (open.thread.direction == Direction::Incoming).then(|| notice::STATEMENT_1.to_owned()),
        identity: open.identity(step).as_ref().map(people::to_fields),
        service: request
            .and_then(|request| request.service.as_ref())
            .map(|service| if service.name.is_empty() { service.listing.clone() } else { service.name.clone() }),
        reason: request.map(|request| request.reason.clone()),
        needs: request.map_or_else(Vec::new, |request| request.needs.clone()),
        appointment: state.appointment.as_ref().filter(|_| answered).map(|a| AppointmentView {
            at: a.at,
            place: a.place.clone(),
            mode: a.mode,
            note: a.note.clone(),
        }),
        attended: state.attended.filter(|_| answered),
        outcome: state.outcome.filter(|_| answered),
        delivered: delivered(step, open)?,
        history: state.history.iter().map(|l| line(l, &eyes)).map(|l| outside::as_thread(l, &open.thread)).collect(),
        may: may(step, open),
        likely: matches(step, open)?,
    })
}

/// Acts that have an effect where the referral stands, and that the consent does not refuse today.
fn may(step: &mut Step<'_>, open: &Open) -> Vec<String> {
    let off = outside::off_network(&open.thread);
    if !off && super::act::has_way(open) && open.may_tell(step, Information::Referral, Action::Seal).is_err() {
        return Vec::new();
    }
    let note = Personal::default;
    let at = step.context().now;
    let acts = [
        Act::Accept { note: note() },
        Act::Decline { reason: DeclineReason::Other, note: note() },
        Act::Schedule(Appointment { at, place: note(), mode: Mode::InPerson, note: note() }),
        Act::Attend { when: at },
        Act::Message { text: note() },
        Act::RequestCancel { reason: note() },
        Act::ConfirmCancel,
        Act::Close { outcome: Ending::Other, note: note() },
    ];
    let (place, actor) = (open.state.place, actor(&open.thread));
    let heard = off && open.may_hear(step).is_ok();
    let may = |act: &&Act| {
        let fits = transition(place, act, actor).is_ok() && !super::act::needs_link(open, act);
        fits || (heard && transition(place, act, Actor::Recipient).is_ok())
    };
    acts.iter().filter(may).map(|act| act.name().to_owned()).collect()
}

/// Whether the other organisation holds what we wrote last.
fn delivered(step: &mut Step<'_>, open: &Open) -> Result<Option<bool>> {
    let Some(space) = open.thread.space(Information::Referral) else { return Ok(None) };
    let last = open
        .state
        .history
        .iter()
        .rev()
        .find(|l| l.org == open.own && !l.local && l.act.information() == Information::Referral);
    let Some(last) = last else { return Ok(None) };
    let (engine, draft) = step.engine();
    engine.delivered(draft, space, last.entry, open.thread.other.org).map(Some)
}

/// Persons of ours who may be the one whom an incoming thread is about, while nobody is linked.
fn matches(step: &mut Step<'_>, open: &Open) -> Result<Vec<MatchView>> {
    if open.thread.direction == Direction::Outgoing || open.thread.person.is_some() {
        return Ok(Vec::new());
    }
    let Some(identity) = open.identity(step) else {
        return Ok(Vec::new());
    };
    let persons = people::all(step.draft())?;
    let found = likely(&identity, persons.iter().map(|p| (p.id, &p.identity)));
    let named = |id: PersonId| persons.iter().find(|p| p.id == id).map(|p| p.identity.name.clone());
    Ok(found
        .into_iter()
        .map(|candidate| MatchView {
            person: candidate.person,
            name: named(candidate.person).unwrap_or_default(),
            reasons: candidate.reasons.iter().map(|reason| reason.words().to_owned()).collect(),
        })
        .collect())
}

/// That an act was done is shown always, what it says only where a permit lets it through.
fn line(line: &Line, eyes: &Eyes) -> LineView {
    let shown = eyes.let_through(line.org, line.act.information());
    let words = |text: Personal<String>| if shown { text } else { Personal::default() };
    LineView {
        entry: line.entry,
        org: line.org,
        staff: line.by.name.clone(),
        at: line.at,
        act: line.act.name().to_owned(),
        text: words(text(&line.act)),
        when: match &line.act {
            Act::Schedule(appointment) if shown => Some(appointment.at),
            Act::Attend { when } | Act::NoShow { when } if shown => Some(*when),
            _ => None,
        },
        declined: if let (Act::Decline { reason, .. }, true) = (&line.act, shown) { Some(*reason) } else { None },
        outcome: if let (Act::Close { outcome, .. }, true) = (&line.act, shown) { Some(*outcome) } else { None },
        note: words(written(&line.act)),
        crossed: !line.crossed.is_empty(),
        local: line.local,
        without_effect: line.without_effect.map(str::to_owned),
    }
}

/// What the author of an act wrote with it.
fn written(act: &Act) -> Personal<String> {
    match act {
        Act::Accept { note }
        | Act::CancelAppointment { note }
        | Act::Decline { note, .. }
        | Act::Close { note, .. }
        | Act::Message { text: note }
        | Act::RequestCancel { reason: note } => note.clone(),
        Act::Schedule(appointment) => appointment.note.clone(),
        Act::Send(_)
        | Act::Identity(_)
        | Act::Acknowledge
        | Act::Attend { .. }
        | Act::NoShow { .. }
        | Act::ConfirmCancel => Personal::default(),
    }
}

/// What an act says, in one text.
fn text(act: &Act) -> Personal<String> {
    match act {
        Act::Send(request) => request.reason.clone(),
        Act::Identity(identity) => identity.name.clone(),
        Act::Accept { note } | Act::CancelAppointment { note } => note.clone(),
        Act::Decline { reason, note } => joined(&crate::api::word(reason), note),
        Act::Close { outcome, note } => joined(&crate::api::word(outcome), note),
        Act::Schedule(a) => joined(&a.at.rfc3339(), &a.place),
        Act::Attend { when } | Act::NoShow { when } => when.rfc3339().as_str().into(),
        Act::Message { text } => text.clone(),
        Act::RequestCancel { reason } => reason.clone(),
        Act::Acknowledge | Act::ConfirmCancel => Personal::default(),
    }
}

fn joined(first: &str, second: &Personal<String>) -> Personal<String> {
    if second.reveal().is_empty() {
        return first.into();
    }
    format!("{first}: {}", second.reveal()).as_str().into()
}
