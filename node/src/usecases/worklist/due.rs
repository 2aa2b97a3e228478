//! What is due in a thread, in words, with what to do next; where the other side is late, whom to phone.

use super::ending::Over;
use super::standing;
use crate::api::Outcome;
use crate::api::care::{DueView, PhoneView, ThreadRow};
use crate::usecases::{agreements, outside, parties};
use belay_protocol::agreement::{self, Deadline, Hours, Late, NextStep, Terms};
use belay_protocol::engine::Step;
use belay_protocol::ids::{AgreementId, ConsentId, OrgId};
use belay_protocol::referral::due::{self, Due, Facts, Timer, timers};
use belay_protocol::referral::{Actor, ByHand, Party, Place};
use belay_protocol::time::Time;
use std::collections::BTreeMap;

/// What may be said to who may be told nothing of the person (2.26).
const NOTHING_OF_THE_PERSON: &str = "say nothing of the person there, not even whether you know the person: you can neither confirm nor deny, and \
                                     whoever asks is told to ask the person";

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

/// What is due, the earliest first. A sender without a way back knows nothing of what the recipient does: it asks the person.
pub(super) fn views(own: OrgId, row: &ThreadRow, facts: &Facts, partner: &Partner, now: Time) -> Vec<DueView> {
    if facts.place == Place::Nothing {
        return Vec::new();
    }
    let (us, hours) = ours(own, row, partner);
    let mut all = timers(facts, &hours, crate::system::days(now), now);
    if row.off_network {
        by_telephone(&mut all);
    }
    // Who is told nothing is late with nothing that happened here since.
    let silent = us == Actor::Recipient && !row.answerable;
    let unknown = |timer| silent && matches!(timer, Timer::Lost | Timer::Review | Timer::Rehome);
    let theirs =
        |due: &Due| !due.timer.stays_here() && (facts.answerable || us == Actor::Recipient) && !unknown(due.timer);
    let known = all.into_iter().filter(|due| due.whose == us || theirs(due));
    known
        .map(|due| {
            let (ours, overdue) = (due.whose == us, due.is_overdue(now));
            let late = overdue && !ours && us != Actor::Member;
            // Who waits for word of somebody of whom nothing may be told can be telephoned, and hears nothing of the person.
            let waits = ours && silent && due.timer == Timer::Rehome && facts.answerable;
            let phone = if late || waits { phone(partner, row, &due) } else { None };
            let steps = if late && !silent { agreed_steps(partner, row, due.timer) } else { Vec::new() };
            let say = (silent && (late || waits)).then(|| NOTHING_OF_THE_PERSON.to_owned());
            let (what, verb) = words(due.timer, row, us);
            let next = match row.person.filter(|_| due.timer == Timer::Lives) {
                Some(person) => format!("belay person edit {}, with the line `died:`", person.short()),
                None if silent && !ours => format!("belay referral show {}", row.id.short()),
                None if ours && due.timer == (Timer::ByHand { what: ByHand::Lapsed }) => {
                    format!("belay referral {verb} {0}, or belay referral cancel-appointment {0}", row.id.short())
                }
                None => format!("belay referral {} {}", if ours { verb } else { "message" }, row.id.short()),
            };
            DueView { timer: due.timer, ours, since: due.since, by: due.by, overdue, what, next, phone, steps, say }
        })
        .collect()
}

/// A partner who is not on the network writes nothing down here: what becomes of the person our staff ask, and so have to see.
fn by_telephone(all: &mut Vec<Due>) {
    all.retain(|due| due.timer != Timer::Lost || due.whose == Actor::Sender);
    let asked =
        |timer| matches!(timer, Timer::Watch { .. } | Timer::CheckIn { .. } | Timer::AppointmentPassed | Timer::Came);
    all.iter_mut().filter(|due| asked(due.timer)).for_each(|due| due.whose = Actor::Sender);
}

/// The recipient left by itself: somebody telephones, today.
pub(super) fn left(row: &ThreadRow, partner: &Partner) -> DueView {
    let (since, by) = (row.updated, row.updated);
    let due = Due { timer: Timer::Left, whose: Actor::Sender, since, by };
    let next =
        format!("telephone {}; then belay consent revoke, or belay referral left {}", row.other_name, row.id.short());
    let (what, _) = words(due.timer, row, Actor::Sender);
    let (phone, steps) = (phone(partner, row, &due), Vec::new());
    DueView { timer: due.timer, ours: true, since, by, overdue: true, what, next, phone, steps, say: None }
}

/// The consent may be false, and who must judge it does: nothing is told until then. `since`: when staff here said so.
pub(super) fn suspended(
    row: &ThreadRow,
    facts: &Facts,
    consent: Option<ConsentId>,
    partner: &Partner,
    (since, now): (Time, Time),
) -> DueView {
    let whose = if row.direction == "outgoing" { Actor::Sender } else { Actor::Recipient };
    let due = due::to_judge(facts, whose, since);
    let consent = consent.map_or_else(|| row.id.short(), |consent| consent.short());
    let (what, _) = words(due.timer, row, whose);
    let (next, phone) = match whose {
        Actor::Sender => (format!("belay consent void {consent}, or belay consent suspend {consent} --lift"), None),
        Actor::Recipient | Actor::Member => (
            format!("ask {}, which keeps it; then belay consent suspend {consent} --lift", row.other_name),
            phone(partner, row, &due),
        ),
    };
    let (by, overdue) = (due.by, due.is_overdue(now));
    DueView { timer: due.timer, ours: true, since, by, overdue, what, next, phone, steps: Vec::new(), say: None }
}

/// Nothing more may be told. Where the referral had not ended, staff on both sides say what comes next; until they do, whoever is lost,
/// watched or asked how it goes still is, by each side for itself.
pub(super) fn ended(
    own: OrgId,
    row: &ThreadRow,
    facts: &Facts,
    partner: &Partner,
    (over, now): (Over, Time),
) -> Vec<DueView> {
    let said = facts.is_open() && facts.settled;
    let goes_on = views(own, row, facts, partner, now).into_iter();
    let goes_on = goes_on.filter(|due| due.ours && due.timer.outlives_consent() && !(said && due.timer.looks_after()));
    let mut due: Vec<DueView> = goes_on.collect();
    let new = match over.timer {
        Timer::TakenBack => Some("read what is new: the OK was taken back"),
        Timer::NothingMore => Some("read what is new: nothing more is told under this consent"),
        _ => None,
    };
    if let Some(new) = new {
        due.iter_mut().filter(|due| due.timer == Timer::Read).for_each(|due| new.clone_into(&mut due.what));
    }
    // Of who has died nobody is asked where to.
    if due.iter().all(|due| due.timer != Timer::Died) {
        due.extend(what_comes_next(own, row, facts, over, now));
    }
    due.sort_by_key(|due| (due.by, due.timer));
    due
}

fn what_comes_next(own: OrgId, row: &ThreadRow, facts: &Facts, over: Over, now: Time) -> Option<DueView> {
    let (us, _) = ours(own, row, &Partner::default());
    let due = due::what_comes_next(facts, us, (over.timer, over.since.unwrap_or(row.updated)))?;
    let thread = row.id.short();
    let next = match (us, facts.place) {
        (Actor::Sender, _) if over.timer == Timer::ConsentEnded => {
            format!("belay consent draft, or belay referral settle {thread}")
        }
        (Actor::Sender | Actor::Member, _) | (Actor::Recipient, Place::Sent) => {
            format!("belay referral settle {thread}")
        }
        (Actor::Recipient, _) => format!("belay referral close {thread}"),
    };
    let (what, _) = words(due.timer, row, us);
    let (since, by, overdue) = (due.since, due.by, due.is_overdue(now));
    Some(DueView {
        timer: due.timer,
        ours: true,
        since,
        by,
        overdue,
        what,
        next,
        phone: None,
        steps: Vec::new(),
        say: None,
    })
}

/// When time alone changes [`views`].
pub(super) fn next_change(own: OrgId, row: &ThreadRow, facts: &Facts, partner: &Partner, now: Time) -> Option<Time> {
    let (_, hours) = ours(own, row, partner);
    due::next_change(facts, &hours, crate::system::days(now), now)
}

/// What was agreed for when this deadline passes, in its order.
fn agreed_steps(partner: &Partner, row: &ThreadRow, timer: Timer) -> Vec<String> {
    let side = partner.terms.as_ref().and_then(|terms| terms.side(row.other));
    let intake = side.and_then(|side| side.intake.as_ref());
    let late = deadline(timer).zip(intake).map(|(deadline, intake)| intake.late(deadline));
    let said = |late: &Late| {
        let what = match late.step {
            NextStep::Phone => "phone",
            NextStep::Escalate => "escalate to",
            NextStep::ReferElsewhere => "refer elsewhere:",
        };
        let words = [what, late.who.trim(), late.telephone.trim()];
        let words = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        words.trim_end_matches(':').to_owned()
    };
    late.into_iter().flatten().map(said).collect()
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

/// What they do not know of an appointment or a rest, and the verb that tells it.
const fn by_hand(what: ByHand) -> (&'static str, &'static str) {
    match what {
        ByHand::Appointment => ("they do not know of the appointment that stands here: tell it", "schedule"),
        ByHand::Missed => ("they do not know that the person did not come: tell it", "no-show"),
        ByHand::Cancelled => ("they do not know that the appointment was cancelled: tell it", "cancel-appointment"),
        ByHand::Lapsed => {
            ("the appointment that they know of stands no more: tell them a new one, or cancel that one", "schedule")
        }
        ByHand::Came => ("they do not know that the person came: tell it", "attend"),
        ByHand::Rests => ("they do not know that it rests here: tell it", "hold"),
        ByHand::GoesOn => ("they do not know that it goes on here after a rest: tell it", "resume"),
    }
}

/// What we do, who are `us`, and the verb that does it.
fn words(timer: Timer, row: &ThreadRow, us: Actor) -> (String, &'static str) {
    let (what, verb) = match timer {
        Timer::Read if row.team.is_empty() => return (format!("read what {} wrote", row.other_name), "show"),
        Timer::Read => ("read what the others wrote", "show"),
        Timer::Renew => ("they have an older plan or medication: tell the newer", "renew"),
        Timer::Wrong { newer: true } => {
            ("they have a plan or medication that was a mistake: tell the right one", "renew")
        }
        Timer::Wrong { newer: false } => {
            ("they have a plan or medication that was a mistake, or was written upon one: put it right", "show")
        }
        Timer::HandOver => ("hand over the letter", "letter"),
        Timer::Died => {
            let verb = match us {
                Actor::Recipient => "close",
                Actor::Sender if standing::place(row).is_final() => "settle",
                Actor::Sender | Actor::Member => "withdraw",
            };
            ("the person has died: put it on record, and end what is open", verb)
        }
        Timer::Lives => ("they struck the word that the person had died: look, and correct your record", "show"),
        Timer::Acknowledge => ("look at the referral", "show"),
        Timer::Answer => ("accept or decline", "show"),
        Timer::FirstAppointment => ("make an appointment", "schedule"),
        Timer::NewAppointment => ("reach out, and make a new appointment", "schedule"),
        Timer::AppointmentNear => ("the appointment comes", "show"),
        Timer::AppointmentPassed => ("say whether the person came", "attend"),
        Timer::Withdrawal => ("answer the wish to withdraw", "confirm-withdrawal"),
        Timer::Ask => ("ask the person what became of it: no answer may come back", "settle"),
        Timer::Leaves => ("say whether the person left as was planned", "seen"),
        Timer::Rehome => ("find another place, or say why none is looked for", "settle"),
        Timer::Summary => ("send the discharge summary", "summary"),
        Timer::Watch { day } => return (format!("look after the person: day {day} after leaving"), "reach"),
        Timer::CheckIn { day } => return (format!("ask how it goes: day {day}"), "checkin"),
        Timer::Lost => ("try to reach the person", "reach"),
        Timer::ConsentEnds => ("the consent ends soon: ask for a new one", "show"),
        Timer::Inquiry => ("answer the inquiry", "show"),
        Timer::Call => ("telephone them: the person took the consent back", "show"),
        Timer::Came => ("say when the person came", "attend"),
        Timer::Review => ("look whether it still has to rest", "hold"),
        Timer::Plan => ("plan what comes next: the person is held there", "message"),
        Timer::ConsentEnded => ("the consent has ended: ask for a new one, or say what comes next", "settle"),
        Timer::TakenBack => {
            ("the OK was taken back: say what comes next for the person, or that nothing does", "settle")
        }
        Timer::NothingMore => (
            "nothing more is told under this consent: say what comes next for the person, or that nothing does",
            "settle",
        ),
        Timer::Suspended if us == Actor::Sender => {
            ("privacy officer: say whether the consent is false; nothing is told under it until then", "show")
        }
        Timer::Suspended => (
            "privacy officer: ask who keeps the consent whether it is false; nothing is told under it until then",
            "show",
        ),
        Timer::Untold => {
            let done = match standing::place(row) {
                Place::Declined => "that you declined it",
                place if place.is_final() => "how it ended here",
                _ => "what was done here while they were left out",
            };
            let settle = if standing::place(row).is_lost() { ", or say what comes next for the person" } else { "" };
            return (format!("they do not know {done}: tell it{settle}"), "say-again");
        }
        Timer::ByHand { what } => by_hand(what),
        Timer::Left => ("ask why the recipient left: the person may have revoked the consent there", "left"),
    };
    (what.to_owned(), verb)
}
