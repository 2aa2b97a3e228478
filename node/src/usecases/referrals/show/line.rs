//! Acts as people read them.

use super::super::{Open, seen};
use super::Eyes;
use super::may::{NEED_AGAIN, SETTLE};
use crate::api::care::{DeliveryState, LineView, StruckView};
use crate::system;
use crate::usecases::{attachments, outside};
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::{EntryHash, OrgId};
use belay_protocol::referral::{
    Act, Actor, Appointment, Barrier, CheckInPart, Information, Line, Need, Outcome as Ending, Place, Told, Why,
};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::{Time, Zone};
use std::collections::BTreeSet;

/// That an act was done is shown always, what it says only where a permit lets it through.
pub(super) fn view(open: &Open, line: &Line, eyes: &Eyes, deliveries: &Deliveries) -> LineView {
    let shown = eyes.let_through(line.org, line.act.information());
    let words = |text: Personal<String>| if shown { text } else { Personal::default() };
    LineView {
        entry: line.entry,
        org: line.org,
        org_name: open.name_of(line.org),
        staff: line.by.name.clone(),
        at: line.at,
        act: name(open, line).to_owned(),
        text: words(match &line.act {
            Act::HeardRevocation { told, party } => revoked(open, *told, *party),
            act => text(act),
        }),
        when: when(&line.act).filter(|_| shown),
        zone: zone(&line.act).filter(|_| shown).cloned(),
        declined: if let (Act::Decline { reason, .. }, true) = (&line.act, shown) { Some(*reason) } else { None },
        outcome: if let (Act::Close { outcome, .. }, true) = (&line.act, shown) { Some(*outcome) } else { None },
        note: words(written(&line.act)),
        delivery: deliveries.of(open, line),
        crossed: !line.crossed.is_empty(),
        local: line.local,
        own: line.own,
        without_effect: line
            .without_effect
            .map(|why| if open.repeats(line) { "it stood here before, and they know it since" } else { why })
            .map(str::to_owned),
        mistake: line.mistake.and_then(|said| {
            let said = open.state.history.iter().find(|other| other.entry == said)?;
            Some(StruckView { staff: said.by.name.clone(), at: said.at, why: words(written(&said.act)) })
        }),
        may_be_mistaken: may_be_mistaken(open, line),
        strike_untold: false,
    }
}

/// Whether our staff can say of it that it was a mistake: what we wrote down or did, or heard of a partner off the network. What stands in
/// the way of it is said when somebody tries ([`super::super::strike`]).
pub(in crate::usecases::referrals) fn may_be_mistaken(open: &Open, line: &Line) -> bool {
    let ours = line.org == open.own || outside::off_network(&open.thread);
    // Where all was an error nothing else has to be.
    let counts = open.state.place != Place::EnteredInError || matches!(line.act, Act::EnteredInError { .. });
    ours && counts && line.act.may_be_mistaken() && line.without_effect.is_none()
}

/// How far what we wrote has come. The other organisation says what it holds in receipts; how far its staff have read, only where the
/// consent has a way back.
pub(super) struct Deliveries(Vec<(Information, Vec<With>)>);

/// How far a space has come with one organisation.
struct With {
    org: OrgId,
    read: BTreeSet<EntryHash>,
    held: BTreeSet<EntryHash>,
    /// What lies with carriers.
    left: BTreeSet<EntryHash>,
    /// It is out of it: nothing more goes there.
    out: bool,
}

impl With {
    fn state(&self, entry: &EntryHash) -> DeliveryState {
        if self.read.contains(entry) {
            DeliveryState::Read
        } else if self.held.contains(entry) {
            DeliveryState::Delivered
        } else if self.left.contains(entry) {
            DeliveryState::LeftWithCarrier
        } else if self.out {
            DeliveryState::Unconfirmed
        } else {
            DeliveryState::Waiting
        }
    }
}

impl Deliveries {
    /// One look for all that is shown: a thread with many acts is walked once.
    pub fn new(step: &mut Step<'_>, open: &Open) -> Result<Self> {
        let (engine, draft) = step.engine();
        let mut come = Self(Vec::new());
        for (information, space) in &open.thread.spaces {
            let fold = engine.fold(draft, *space)?;
            let mut with = Vec::new();
            for org in open.thread.others().map(|party| party.org) {
                // In a team not all read all kinds.
                let out = !fold.reading().any(|reads| reads == org);
                if !open.thread.is_team() || !out {
                    let read = engine.said(draft, (*space, seen::READ), org)?;
                    let held = engine.held_by(draft, *space, org)?;
                    with.push(With { org, read, held, left: BTreeSet::new(), out });
                }
            }
            come.0.push((*information, with));
        }
        let on_its_way = [DeliveryState::Unconfirmed, DeliveryState::Waiting].map(Some);
        let waits = |line: &Line| on_its_way.contains(&come.of(open, line));
        if open.state.history.iter().any(waits) {
            for with in come.0.iter_mut().flat_map(|(_, with)| with) {
                with.left = engine.left_for(draft, with.org)?;
            }
        }
        Ok(come)
    }

    /// Of an act of ours that went into a space; with who is slowest.
    pub fn of(&self, open: &Open, line: &Line) -> Option<DeliveryState> {
        if line.org != open.own || line.local {
            return None;
        }
        let kind = line.act.information();
        let (_, with) = self.0.iter().find(|(information, _)| *information == kind)?;
        with.iter().map(|with| with.state(&line.entry)).min()
    }
}

/// The time that an act speaks of.
const fn when(act: &Act) -> Option<Time> {
    match act {
        Act::Schedule(appointment) => Some(appointment.at),
        Act::Reschedule { to, .. } => Some(to.at),
        Act::Attend { when } | Act::NoShow { when, .. } => Some(*when),
        Act::Handoff(handoff) => Some(handoff.at),
        Act::Transition(transition) => Some(transition.on),
        Act::Seen(seen) => Some(seen.at),
        Act::CheckIn(check_in) => Some(check_in.at),
        Act::Attempt(attempt) => Some(attempt.at),
        Act::Lost { since, .. } => *since,
        _ => None,
    }
}

/// Of the place where an appointment is.
const fn zone(act: &Act) -> Option<&Zone> {
    match act {
        Act::Schedule(to) | Act::Reschedule { to, .. } => Some(&to.zone),
        _ => None,
    }
}

/// What the author of an act wrote with it.
pub(in crate::usecases) fn written(act: &Act) -> Personal<String> {
    match act {
        Act::Accept { note }
        | Act::Decline { note, .. }
        | Act::Message { text: note }
        | Act::RequestCancel { reason: note }
        | Act::Resume { note }
        | Act::EnteredInError { reason: note }
        | Act::Mistake { reason: note, .. }
        | Act::Urge { note, .. }
        | Act::Lost { note, .. } => note.clone(),
        Act::CancelAppointment { why } | Act::Close { why, .. } | Act::NoShow { why, .. } | Act::Hold { why } => {
            reasons(why)
        }
        Act::Schedule(appointment) => appointment.note.clone(),
        Act::Reschedule { to, why } => joined(&[&reasons(why), &to.note]),
        Act::Handoff(handoff) => handoff.note.clone(),
        Act::Need(need) => need.text.clone(),
        Act::Transition(transition) => transition.note.clone(),
        Act::Seen(seen) => seen.note.clone(),
        Act::Attempt(attempt) => attempt.note.clone(),
        Act::Summary(summary) => summary.text.clone(),
        Act::Attachment(attached) => attached.text.clone(),
        Act::CheckIn(check_in) => match &check_in.part {
            CheckInPart::Symptoms { note, .. } => note.clone(),
            CheckInPart::Care { .. } | CheckInPart::Social { .. } => Personal::default(),
        },
        Act::Send(_)
        | Act::Identity(_)
        | Act::Acknowledge
        | Act::Attend { .. }
        | Act::ConfirmCancel
        | Act::HeardRevocation { .. }
        | Act::Crisis(_)
        | Act::Medication(_) => Personal::default(),
    }
}

/// What an act says, in one text.
fn text(act: &Act) -> Personal<String> {
    let note = written(act);
    match act {
        Act::Send(request) => request.reason.clone(),
        Act::Identity(identity) => identity.name.clone(),
        Act::Decline { reason, .. } => after(reason.word(), &note),
        Act::Close { outcome, .. } if *outcome != Ending::Administrative => after(outcome.word(), &note),
        Act::Schedule(appointment) => place(appointment),
        Act::Reschedule { to, why } => joined(&[&place(to), &reasons(why)]),
        Act::Attend { when } => system::written(*when).as_str().into(),
        Act::NoShow { when, .. } => after(&system::written(*when), &note),
        Act::Handoff(handoff) => {
            let people = [&handoff.from, &handoff.to].map(|name| name.reveal().as_str());
            let people = people.into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>().join(" to ");
            let head = format!("{} {} {people}", system::written(handoff.at), handoff.mode.word());
            let asked = format!("teach-back {}", handoff.teach_back.word());
            joined(&[&head.trim().into(), &asked.as_str().into(), &note])
        }
        Act::Need(need) => {
            let head = format!("{}. {} ({}, {})", need.rank, need.kind.word(), need.status.word(), need.owner.word());
            joined(&[&head.as_str().into(), &note, &need.who, &need.next])
        }
        Act::Transition(transition) => {
            after(&format!("leaves {} on {}", transition.leaving.word(), system::day(transition.on)), &note)
        }
        Act::Seen(seen) => after(&format!("{} {}", seen.setting.word(), system::written(seen.at)), &note),
        Act::Attempt(attempt) => {
            let head = format!("{} {} {}", system::written(attempt.at), attempt.channel.word(), attempt.result.word());
            after(&head, &note)
        }
        Act::Lost { since: Some(since), .. } => after(&format!("last heard of {}", system::day(*since)), &note),
        Act::CheckIn(check_in) => after(&format!("day {}: {}", check_in.stage.days(), part(&check_in.part)), &note),
        Act::Medication(medication) => {
            let doses = medication.medicines.iter().map(|m| format!("{} {}", m.name.reveal(), m.dose.reveal()));
            doses.collect::<Vec<_>>().join(", ").trim().into()
        }
        Act::Summary(summary) => after(summary.kind.word(), &note),
        Act::Urge { urgency, .. } => after(urgency.word(), &note),
        Act::Attachment(attached) => after(&attachments::described(&attached.manifest), &note),
        Act::Accept { .. }
        | Act::Close { .. }
        | Act::CancelAppointment { .. }
        | Act::Message { .. }
        | Act::RequestCancel { .. }
        | Act::Hold { .. }
        | Act::Resume { .. }
        | Act::EnteredInError { .. }
        | Act::Mistake { .. }
        | Act::Lost { since: None, .. } => note,
        Act::HeardRevocation { .. } | Act::Acknowledge | Act::ConfirmCancel | Act::Crisis(_) => Personal::default(),
    }
}

/// That the person revoked it, and for whom if not for all: by name where the consent, or our part of it, names that organisation.
fn revoked(open: &Open, told: Told, party: Option<OrgId>) -> Personal<String> {
    let how = match told {
        Told::Written => "in writing",
        Told::Spoken => "spoken",
    };
    let whom = match party {
        None => String::new(),
        Some(org) => {
            let name = open.called(org).unwrap_or_else(|| "one organisation".to_owned());
            format!(" for {name} alone")
        }
    };
    Personal::from(format!("the person revoked the consent{whom}, {how}").as_str())
}

/// What comes next for the person, by the name of its request: the sender's `close`, since what came of the referral is the recipient's to
/// say, and the recipient's after its end.
fn name(open: &Open, line: &Line) -> &'static str {
    let by_sender = open.thread.parties(open.own).actor(line.org) == Some(Actor::Sender);
    let close = |line: &Line| matches!(line.act, Act::Close { .. }) && line.without_effect.is_none();
    let ends = |line: &Line| close(line) || matches!((&line.act, line.without_effect), (Act::Decline { .. }, None));
    let before = || open.state.history.iter().take_while(|other| other.entry != line.entry);
    let after_end = || before().any(|other| other.org == line.org && ends(other));
    // Where a way back is there and it was kept here all the same, nothing could be told any more: then staff of the recipient said what comes
    // next.
    let kept = line.local && line.org == open.own && open.has_way(Information::Referral);
    let next = kept && matches!(line.act, Act::Close { outcome: Ending::Administrative, .. });
    let settles = matches!(line.act, Act::Close { .. }) && (by_sender || next || (close(line) && after_end()));
    // A need is written again as a whole where it changes.
    let again = |need: &Need| before().any(|other| matches!(&other.act, Act::Need(known) if known.id == need.id));
    match &line.act {
        _ if settles => SETTLE,
        Act::Need(need) if again(need) => NEED_AGAIN,
        act => act.name(),
    }
}

fn place(appointment: &Appointment) -> Personal<String> {
    after(&system::there(appointment.at, &appointment.zone), &appointment.place)
}

/// What was asked in a part of a check-in.
pub(super) fn part(part: &CheckInPart) -> String {
    let mut said = Vec::new();
    match part {
        CheckInPart::Care { in_care, satisfaction, naloxone_kits } => {
            said.extend(in_care.map(|yes| if yes { "still in care" } else { "not in care" }.to_owned()));
            said.extend(satisfaction.map(|given| format!("satisfaction {given} of 5")));
            if *naloxone_kits > 0 {
                said.push(format!("naloxone kits given {naloxone_kits}"));
            }
        }
        CheckInPart::Social { housing, work, support } => {
            said.extend(housing.map(|value| format!("housing {}", value.word())));
            said.extend(work.map(|value| format!("work {}", value.word())));
            said.extend(support.map(|value| format!("support {}", value.word())));
        }
        CheckInPart::Symptoms { symptoms, .. } => said.push(format!("symptoms {}", symptoms.word())),
    }
    said.join(", ")
}

fn reasons(why: &Why) -> Personal<String> {
    let barriers = why.barriers.iter().map(|barrier: &Barrier| barrier.word()).collect::<Vec<_>>().join(", ");
    joined(&[&barriers.as_str().into(), &why.note])
}

fn after(first: &str, second: &Personal<String>) -> Personal<String> {
    joined(&[&first.into(), second])
}

/// What is not empty, with a colon between the first two and semicolons between the others.
fn joined(texts: &[&Personal<String>]) -> Personal<String> {
    let mut whole = zeroize::Zeroizing::new(String::new());
    let mut between = ": ";
    for text in texts.iter().map(|text| text.reveal()).filter(|text| !text.is_empty()) {
        if !whole.is_empty() {
            whole.push_str(between);
            between = "; ";
        }
        whole.push_str(text);
    }
    whole.as_str().into()
}
