//! What is due in a thread, in words, with what to do next; where the other side is late, whom to phone.

use crate::api::Outcome;
use crate::api::care::{DueView, PhoneView, ThreadRow};
use crate::usecases::{agreements, outside, parties};
use belay_protocol::agreement::{self, Deadline, Hours, NextStep, Terms};
use belay_protocol::engine::Step;
use belay_protocol::ids::{AgreementId, OrgId};
use belay_protocol::referral::due::{self, Due, Facts, Timer, timers};
use belay_protocol::referral::{Actor, Party, Place};
use belay_protocol::time::Time;
use std::collections::BTreeMap;

/// What was agreed with each partner, looked up once a list.
#[derive(Debug, Default)]
pub struct Agreed {
    of: BTreeMap<OrgId, Partner>,
}

#[derive(Debug, Default, Clone)]
pub(super) struct Partner {
    terms: Option<Terms>,
    pub agreement: Option<AgreementId>,
    /// When other terms, or none, may hold.
    pub until: Option<Time>,
    /// Of a partner off the network.
    telephone: String,
}

impl Agreed {
    pub(super) fn with(&mut self, step: &mut Step<'_>, other: OrgId) -> Outcome<Partner> {
        if let Some(known) = self.of.get(&other) {
            return Ok(known.clone());
        }
        let found = partner(step, other)?;
        self.of.insert(other, found.clone());
        Ok(found)
    }
}

fn partner(step: &mut Step<'_>, other: OrgId) -> Outcome<Partner> {
    if let Some(partner) = outside::get(step.draft(), other)? {
        return Ok(Partner { telephone: partner.telephone, ..Partner::default() });
    }
    let Ok((coalition, _)) = parties::roster(step) else { return Ok(Partner::default()) };
    let (own, now) = (step.org(), step.context().now);
    let agreement = agreements::between(step.draft(), coalition, own, other)?;
    Ok(Partner {
        terms: agreement.holds(now).map(|version| version.terms.clone()),
        agreement: Some(agreement::id(coalition, own, other)),
        until: agreement.next_change(now),
        telephone: String::new(),
    })
}

/// Our part in it, and the hours that the recipient has.
fn ours(own: OrgId, row: &ThreadRow, partner: &Partner) -> (Actor, Hours) {
    let us = match (row.direction.as_str(), &row.recipient) {
        ("outgoing", _) => Actor::Sender,
        (_, None) => Actor::Recipient,
        // What was agreed between the two is not ours to know.
        (_, Some(_)) => return (Actor::Member, Hours::DEFAULT),
    };
    let recipient = if us == Actor::Sender { row.other } else { own };
    let intake = partner.terms.as_ref().and_then(|terms| terms.side(recipient)?.intake.as_ref());
    (us, intake.map_or(Hours::DEFAULT, |intake| intake.hours))
}

/// What is due, the earliest first. A sender without a way back knows nothing of what the recipient does, and waits for nothing.
pub(super) fn views(own: OrgId, row: &ThreadRow, facts: &Facts, partner: &Partner, now: Time) -> Vec<DueView> {
    if facts.place == Place::Nothing {
        return Vec::new();
    }
    let (us, hours) = ours(own, row, partner);
    let all = timers(facts, &hours, crate::system::days(now), now);
    let known = all.into_iter().filter(|due| facts.answerable || us == Actor::Recipient || due.whose == us);
    known
        .map(|due| {
            let (ours, overdue) = (due.whose == us, due.is_overdue(now));
            let phone = if overdue && !ours && us != Actor::Member { phone(partner, row, &due) } else { None };
            let (what, verb) = words(due.timer);
            let next = format!("belay referral {} {}", if ours { verb } else { "message" }, row.id.short());
            DueView { timer: due.timer, ours, since: due.since, by: due.by, overdue, what, next, phone }
        })
        .collect()
}

/// The recipient left by itself: somebody telephones, today.
pub(super) fn left(row: &ThreadRow, partner: &Partner) -> DueView {
    let (since, by) = (row.updated, row.updated);
    let due = Due { timer: Timer::Left, whose: Actor::Sender, since, by };
    let next =
        format!("telephone {}; then belay consent revoke, or belay referral left {}", row.other_name, row.id.short());
    let (what, _) = words(due.timer);
    DueView { timer: due.timer, ours: true, since, by, overdue: true, what, next, phone: phone(partner, row, &due) }
}

/// The consent ended by itself at `end`, and the referral had not: staff on both sides say what comes next.
pub(super) fn ended(own: OrgId, row: &ThreadRow, facts: &Facts, end: Time, now: Time) -> Option<DueView> {
    let (us, _) = ours(own, row, &Partner::default());
    let due = due::consent_ended(facts, us, end)?;
    let next = match us {
        Actor::Sender if !row.off_network => {
            format!("belay consent draft, or belay referral settle {}", row.id.short())
        }
        Actor::Sender | Actor::Recipient | Actor::Member => format!("belay referral close {}", row.id.short()),
    };
    let (what, _) = words(due.timer);
    let (since, by, overdue) = (due.since, due.by, due.is_overdue(now));
    Some(DueView { timer: due.timer, ours: true, since, by, overdue, what, next, phone: None })
}

/// When time alone changes [`views`].
pub(super) fn next_change(own: OrgId, row: &ThreadRow, facts: &Facts, partner: &Partner, now: Time) -> Option<Time> {
    let (_, hours) = ours(own, row, partner);
    due::next_change(facts, &hours, crate::system::days(now), now)
}

/// Whom to phone: as was agreed for this deadline, else their contact, else the number that we know.
fn phone(partner: &Partner, row: &ThreadRow, due: &Due) -> Option<PhoneView> {
    let view = |who: &str, telephone: &str| PhoneView { who: who.to_owned(), telephone: telephone.to_owned() };
    let side = partner.terms.as_ref().and_then(|terms| terms.side(row.other));
    let agreed = deadline(due.timer).and_then(|deadline| {
        let mut late = side?.intake.as_ref()?.late(deadline);
        late.find(|late| late.step != NextStep::ReferElsewhere && !late.telephone.is_empty())
    });
    let contact = || side.and_then(|side| side.contact()).map(|contact| view(&contact.name, &contact.telephone));
    let known = || (!partner.telephone.is_empty()).then(|| view(&row.other_name, &partner.telephone));
    agreed.map(|late| view(&late.who, &late.telephone)).or_else(contact).or_else(known)
}

/// The number of an organisation, as far as it is known here: of a partner off the network as it was typed, else of the contact that was
/// agreed.
///
/// # Errors
/// `Store`.
pub fn telephone(step: &mut Step<'_>, of: &Party) -> Outcome<Option<PhoneView>> {
    let partner = partner(step, of.org)?;
    let side = partner.terms.as_ref().and_then(|terms| terms.side(of.org));
    let contact = side.and_then(|side| side.contact());
    let agreed = contact.map(|contact| PhoneView { who: contact.name.clone(), telephone: contact.telephone.clone() });
    let typed = Some(partner.telephone).filter(|number| !number.is_empty());
    Ok(agreed.or(typed.map(|telephone| PhoneView { who: of.name.clone(), telephone })))
}

const fn deadline(timer: Timer) -> Option<Deadline> {
    match timer {
        Timer::Acknowledge | Timer::Answer => Some(Deadline::Acknowledge),
        Timer::FirstAppointment | Timer::NewAppointment => Some(Deadline::Appointment),
        Timer::Summary => Some(Deadline::Summary),
        _ => None,
    }
}

/// What to do, and the verb that does it.
fn words(timer: Timer) -> (String, &'static str) {
    let (what, verb) = match timer {
        Timer::Acknowledge => ("look at the referral", "show"),
        Timer::Answer => ("accept or decline", "show"),
        Timer::FirstAppointment => ("make an appointment", "schedule"),
        Timer::NewAppointment => ("reach out, and make a new appointment", "schedule"),
        Timer::AppointmentNear => ("the appointment comes", "show"),
        Timer::AppointmentPassed => ("say whether the person came", "attend"),
        Timer::Withdrawal => ("answer the wish to withdraw", "show"),
        Timer::Rehome => ("find another place, or say why none is looked for", "settle"),
        Timer::Summary => ("send the discharge summary", "show"),
        Timer::Watch { day } => return (format!("look after the person: day {day} after leaving"), "show"),
        Timer::CheckIn { day } => return (format!("ask how it goes: day {day}"), "show"),
        Timer::Lost => ("try to reach the person", "show"),
        Timer::ConsentEnds => ("the consent ends soon: ask for a new one", "show"),
        Timer::Inquiry => ("answer the inquiry", "show"),
        Timer::Call => ("telephone them: the person took the consent back", "show"),
        Timer::Came => ("say when the person came", "attend"),
        Timer::Review => ("look whether it still has to rest", "hold"),
        Timer::Plan => ("plan what comes next: the person is held there", "show"),
        Timer::ConsentEnded => ("the consent has ended: ask for a new one, or say what comes next", "settle"),
        Timer::Left => ("ask why the recipient left: the person may have revoked the consent there", "left"),
    };
    (what.to_owned(), verb)
}
