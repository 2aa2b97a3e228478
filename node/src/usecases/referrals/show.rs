//! Threads as people read them.

mod follow;
mod line;
mod list;
mod may;
mod needs;

pub(super) use line::{may_be_mistaken, written};
pub(super) use list::ending;
pub(in crate::usecases) use list::kept;
pub use list::list;
pub(super) use needs::lifted_elsewhere;
pub use needs::open_needs;

use self::line::Deliveries;
use super::{Open, link, seen, untold};
use crate::api::Outcome;
use crate::api::care::{
    AppointmentView, ConsentParty, DeliveryState, LineView, MatchView, NeedView, ThreadView, VisitView,
};
use crate::forms::{self, Lang};
use crate::usecases::staff::StaffSession;
use crate::usecases::worklist::Agreed;
use crate::usecases::{choices, outside, people};
use belay_protocol::consent::{Action, Permit, explain, notice};
use belay_protocol::disclosure::Looked;
use belay_protocol::disclosure::private::Direction;
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::{OrgId, PersonId};
use belay_protocol::referral::{Appointment, Information, Line, NeedStatus, likely};
use belay_protocol::sensitive::Personal;
use std::collections::BTreeSet;

/// One thread.
///
/// # Errors
/// None fits, or more than one does.
pub fn show(step: &mut Step<'_>, session: &StaffSession, given: &str) -> Outcome<ThreadView> {
    let open = Open::named(step, given)?;
    let open = seen::opened(step, session, open)?;
    view(step, session, &open)
}

/// What our staff may be shown of a thread: each permit lets through what one organisation told of one kind.
struct Eyes(Vec<Permit>);

impl Eyes {
    fn new(step: &mut Step<'_>, open: &Open) -> Self {
        let others = open.thread.others().map(|party| party.org);
        // Who was taken out of a team told what it told.
        let before = open.state.history.iter().map(|line| line.org).filter(|_| open.thread.is_team());
        let orgs: BTreeSet<OrgId> = others.chain(before).chain([open.own]).collect();
        let pairs = orgs.into_iter().flat_map(|org| Information::ALL.map(|kind| (org, kind)));
        Self(pairs.filter_map(|(org, kind)| open.may_show(step, org, kind)).collect())
    }

    fn let_through(&self, from: OrgId, information: Information) -> bool {
        self.0.iter().any(|p| p.from() == from && p.information() == information && p.action() == Action::Show)
    }
}

/// For whom alone the person can take the consent back here.
fn named(open: &Open) -> Vec<ConsentParty> {
    let came = open.told_part().filter(|scope| open.thread.direction == Direction::Incoming && scope.tie.is_none());
    let parties = came.map(|scope| scope.parties).unwrap_or_default().into_iter();
    let others = parties.filter(|party| party.org != open.thread.other.org);
    others.map(|party| ConsentParty { org: party.org, name: party.name }).collect()
}

/// The whole thread, as far as our staff may be shown it: whatever was asked, who gets it has looked at it.
pub(in crate::usecases) fn view(step: &mut Step<'_>, session: &StaffSession, open: &Open) -> Outcome<ThreadView> {
    people::look(step, session, Looked::Thread, open.thread.person, Some(open.thread.thread))?;
    let likely = matches(step, open)?;
    if !likely.is_empty() {
        people::look(step, session, Looked::Matches, None, Some(open.thread.thread))?;
    }
    let row = list::summary(step, open, &mut Agreed::default())?.row;
    let eyes = Eyes::new(step, open);
    let (state, parties) = (&open.state, open.thread.parties(open.own));
    let asked = eyes.let_through(parties.sender, Information::Referral);
    let answered = eyes.let_through(parties.recipient, Information::Referral);
    let request = state.request.as_ref().filter(|_| asked);
    let follow = follow::view(step, open, &eyes)?;
    let may = may::may(step, open, !follow.unsaid.is_empty())?;
    let deliveries = Deliveries::new(step, open)?;
    let untold = untold::strikes_now(step, open)?;
    let lines = state.history.iter().map(|line| LineView {
        strike_untold: untold.contains(&line.entry),
        ..line::view(open, line, &eyes, &deliveries)
    });
    let history = lines.map(|line| outside::as_thread(line, &open.thread)).collect();
    Ok(ThreadView {
        off_network: outside::contact(step.draft(), &open.thread)?,
        letters: outside::letter_words(step.draft(), open.thread.thread)?,
        row,
        consent: open.thread.consent,
        version: open.thread.version,
        scope: open.explained().map(|scope| explain(&scope)),
        doubts: if open.thread.direction == Direction::Incoming { open.doubts(step.draft())? } else { Vec::new() },
        parties: named(open),
        members: open.members(step)?,
        notice: (open.thread.direction == Direction::Incoming).then(|| notice::STATEMENT_1.to_owned()),
        identity: open.identity(step).map(|who| people::to_fields(&who, &Personal::default())),
        service: request
            .and_then(|request| request.service.as_ref())
            .map(|service| if service.name.is_empty() { service.listing.clone() } else { service.name.clone() }),
        choice: if open.thread.direction == Direction::Outgoing {
            choices::shown_of(step.draft(), open.thread.thread, open.thread.person)?
        } else {
            None
        },
        reason: request.map(|request| request.reason.clone()),
        needs: follow
            .needs
            .iter()
            .filter(|need| open_need(need))
            .map(|need| forms::need(&need.need, Lang::En))
            .collect(),
        appointment: state.appointment.as_ref().filter(|_| answered).map(appointment),
        visits: visits(open, &eyes),
        missed_here: open.missed_here(),
        attended: state.attended.filter(|_| answered),
        came_here: open.came_here(),
        outcome: state.outcome.filter(|_| answered),
        delivery: last_delivery(open, &deliveries),
        acknowledged: state.acknowledged.filter(|_| answered),
        follow: Box::new(follow),
        history,
        may,
        likely,
        linking: link::view(step, open)?,
        hints: Vec::new(),
        left_out: open.stays(step)?,
    })
}

fn appointment(of: &Appointment) -> AppointmentView {
    AppointmentView { at: of.at, zone: of.zone.clone(), place: of.place.clone(), mode: of.mode, note: of.note.clone() }
}

/// Appointments of our own and of the others of a team, as far as we may be shown them.
fn visits(open: &Open, eyes: &Eyes) -> Vec<VisitView> {
    let shown = open.state.visits.iter().filter(|visit| eyes.let_through(visit.org, Information::Referral));
    let mut views: Vec<VisitView> = shown
        .map(|visit| VisitView {
            org_name: open.name_of(visit.org),
            stands: visit.stands,
            appointment: visit.appointment.as_ref().map(appointment),
            attended: visit.attended,
        })
        .collect();
    views.sort_by(|one, two| one.org_name.cmp(&two.org_name));
    views
}

fn open_need(need: &NeedView) -> bool {
    !need.lifted && need.need.status == NeedStatus::Open
}

/// How far that has come which we wrote last.
fn last_delivery(open: &Open, deliveries: &Deliveries) -> Option<DeliveryState> {
    let ours = |l: &&Line| l.org == open.own && !l.local && l.act.information() == Information::Referral;
    deliveries.of(open, open.state.history.iter().rev().find(ours)?)
}

/// Persons of ours who may be the one whom an incoming thread is about, while nobody is linked.
fn matches(step: &mut Step<'_>, open: &Open) -> Result<Vec<MatchView>> {
    if open.thread.direction == Direction::Outgoing || open.thread.person.is_some() {
        return Ok(Vec::new());
    }
    let Some(identity) = open.identity(step) else {
        return Ok(Vec::new());
    };
    let persons = people::like(step.draft(), &identity)?;
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
