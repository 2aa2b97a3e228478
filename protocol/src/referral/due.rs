//! Deadlines as named timers: what somebody should have done by when, from where a thread stands, what was agreed, and the time.
//!
//! Pure, and made in two steps, so that a list of ten thousand needs no fold: [`Facts`] are taken from a [`State`] and kept until
//! the thread changes; [`timers`] are made of them for any moment. Times are their authors' claims, so a timer is a help to
//! people and decides nothing. A clock that is turned back makes a timer due later again, and changes nothing else.
//!
//! Where nothing was agreed:
//!
//! | timer | whose | from | routine | urgent |
//! | --- | --- | --- | --- | --- |
//! | something was written: read it | who has not | that | 24 h | 2 h |
//! | it says the plan or the medication as it was before: tell the newer | whose it is | that was written | 24 h | 2 h |
//! | it says one that was a mistake, or was written upon one: put it right | whose it is | that was said | 24 h | 2 h |
//! | hand the letter to a partner off the network | sender | sent | 24 h | 2 h |
//! | look at it | recipient | sent, off the network handed over | 24 h | 2 h |
//! | answer | recipient | looked at | 24 h | 2 h |
//! | first appointment | recipient | sent; the day of leaving, if that is later | 7 days | 48 h |
//! | reach out, new appointment | recipient | what undid the last one | 24 h | 2 h |
//! | no answer may come back: ask the person what became of it | sender | sent, or when the person was last heard of | 7 days | 48 h |
//! | appointment: did the person come | recipient | its time | 24 h | 24 h |
//! | closed with services received, no visit on record: did the person come | recipient | that | 24 h | 24 h |
//! | one of a team's own appointment: did the person come | who made it | its time | 24 h | 24 h |
//! | one of a team's own appointment missed: a new one, or cancel it | who made it | that | 24 h | 2 h |
//! | on hold: does it still rest | recipient; sender too once that is late | last said | 7 days | 48 h |
//! | seen in custody, admitted: plan what comes next | who was told | said | 48 h | 24 h |
//! | withdrawal: answer it | recipient | asked for | 24 h | 2 h |
//! | planned release or discharge: did it come about | who told of it | the day | its end | the same |
//! | discharge summary, where the consent lets it be told | who told of the discharge | discharge | 24 h | 24 h |
//! | declined, ended without care, or taken back since nobody has the person: what comes next | sender; who was referred to while the sender may not be told of it (2.26) | that | 48 h | 24 h |
//! | they do not know what was done while they were left out, and may be told: tell it | who did it | that; when they were let in, if that is later | 24 h | 2 h |
//! | what they know of an appointment, or of a rest, is not how it stands here, and they may be told: say it again | who did it | the same | 24 h | 2 h |
//! | the person has died: put it on record, end what is open | sender of what ended so; both where it is on record | that | 48 h | 48 h |
//! | they struck their word that the person had died, who is on record so: look, and correct it | who has it on record | that | 48 h | 48 h |
//! | watch after release or discharge | recipient; sender before it was accepted and after it came to nothing | the day | day 1, 3, 7, 14 | the same |
//! | check-in | recipient | first visit | day 0, 30, 90, 180 | the same |
//! | lost contact: try to reach the person | both | said to be lost, or the last try | 48 h | 24 h |
//! | consent about to end, while the referral or what follows it goes on | sender | its end | 14 days before | the same |
//! | consent has ended by itself before the referral: a new one, or what comes next | both | its end | 48 h | 24 h |
//! | the person took the consent back before the referral had ended: what comes next | both | that | 48 h | 24 h |
//! | nothing more may be told under it, by a restriction or a new version, or nobody says why: what comes next | both | that | 48 h | 24 h |
//! | the consent may be false: the privacy officer judges it | whose staff say so | that | 48 h | 24 h |
//! | consent taken back: telephone who is not on the network, or keeps it | who heard it | that | 2 h | 2 h |
//!
//! From the day of a release or discharge and for two weeks after it everything is urgent (domain S7).

use super::by_hand::ByHand;
use super::codes::{Outcome, Stage};
use super::days::{Days, WATCH};
use super::state::{Actor, Place};
use super::visit::Stands;
use crate::agreement::Hours;
use crate::time::{DAY, HOUR, Time};
use serde::{Deserialize, Serialize};

mod after;
mod facts;

pub use after::{check_in_due, stage_has_come};
pub use facts::{Departure, Facts, Here, Own};

/// The days of the watch on which somebody looks after the person.
pub const WATCH_DAYS: [u64; 4] = [1, 3, 7, WATCH];
/// The days after the first visit on which somebody asks how it goes.
pub const CHECK_INS: [Stage; 4] = [Stage::Start, Stage::Day30, Stage::Day90, Stage::Day180];
/// A check-in may come this many days early, and counts for its day.
pub const CHECK_IN_EARLY: u64 = 7;
/// Hours to say whether the person came.
pub const CAME: u64 = 24 * HOUR;
/// Hours between tries to reach somebody who is lost.
pub const REACH: u64 = 48 * HOUR;
/// The same where the referral is urgent, or in the two weeks of the watch.
pub const REACH_URGENT: u64 = 24 * HOUR;
/// How long before its end a consent is spoken of.
pub const CONSENT_ENDS: u64 = 14 * DAY;
/// Hours to telephone who has to hear that the person took the consent back, and hears it from nobody else.
pub const CALLED: u64 = 2 * HOUR;
/// What is due within this time is shown as due.
pub const SOON: u64 = 24 * HOUR;

/// What a timer is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Timer {
    /// Somebody at the recipient should have seen it.
    Acknowledge,
    /// It was seen and is neither accepted nor declined.
    Answer,
    FirstAppointment,
    /// After one that was missed or cancelled, or after a rest.
    NewAppointment,
    /// It comes within a day.
    AppointmentNear,
    /// It has passed and nobody said whether the person came.
    AppointmentPassed,
    Withdrawal,
    /// Somebody wrote something that our staff have not read.
    Read,
    /// No answer may come back: the person is asked what became of it.
    Ask,
    /// It says the plan or the medication as it was before, and a newer one may be told.
    Renew,
    /// It says one that was a mistake, or was written upon one; and whether another may be told.
    Wrong {
        newer: bool,
    },
    /// Nothing of it went to a partner off the network yet.
    HandOver,
    /// The person has died: it is put on record, and what is open is ended.
    Died,
    /// The other side struck its word that the person had died, and the person is on record here as having died: somebody looks.
    Lives,
    /// The day of a planned release or discharge has come.
    Leaves,
    /// It was declined, or ended without care: find another place, or say why none is looked for.
    Rehome,
    Summary,
    /// A day of the two weeks after a release or discharge.
    Watch {
        day: u8,
    },
    /// A day after the first visit.
    CheckIn {
        day: u8,
    },
    Lost,
    ConsentEnds,
    /// A partner has been asked whether it could take somebody.
    Inquiry,
    /// The recipient left by itself, and nobody knows why.
    Left,
    /// Somebody whom no node tells has to hear that the person took the consent back.
    Call,
    /// It was closed well, and no visit is on record.
    Came,
    /// It rests, and somebody should look whether it still has to.
    Review,
    /// The person was seen where somebody holds the person: what comes next is to be planned.
    Plan,
    /// The consent ended by itself, and the referral had not.
    ConsentEnded,
    /// The person took the consent back, and the referral had not ended.
    TakenBack,
    /// Who keeps the consent tells nothing more under it, by whatever that is so, and the referral had not ended.
    NothingMore,
    /// Staff say that the consent may be false: the privacy officer judges it, and nothing is told until then.
    Suspended,
    /// What was done while the other side was left out (2.26) is not known there, and may be told now.
    Untold,
    /// The same of what one command does not tell: staff say it again.
    ByHand {
        what: ByHand,
    },
}

/// One timer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    pub timer: Timer,
    /// Who should act.
    pub whose: Actor,
    /// Since when it runs.
    pub since: Time,
    /// From this moment on it is overdue.
    pub by: Time,
}

impl Due {
    #[must_use]
    pub fn is_overdue(&self, now: Time) -> bool {
        self.by <= now
    }

    /// Whether it is overdue, or will be within a day.
    #[must_use]
    pub fn is_near(&self, now: Time) -> bool {
        self.by.since(now) <= SOON
    }
}

/// What both sides have to do where nothing more may be told since `end` and the referral had not ended: they say what comes next.
/// `timer`: by what it ended.
#[must_use]
pub fn what_comes_next(facts: &Facts, whose: Actor, (timer, end): (Timer, Time)) -> Option<Due> {
    let settled = match whose {
        Actor::Sender => facts.settled,
        Actor::Recipient => false,
        // Others of a team have nothing to say of it.
        Actor::Member => true,
    };
    let patience = if facts.urgent { REACH_URGENT } else { REACH };
    (facts.is_open() && !settled).then(|| at(timer, whose, end, end.plus(patience)))
}

/// What the privacy officer has to do on whose side staff say since then that the consent may be false.
#[must_use]
pub fn to_judge(facts: &Facts, whose: Actor, since: Time) -> Due {
    at(Timer::Suspended, whose, since, since.plus(if facts.urgent { REACH_URGENT } else { REACH }))
}

impl Timer {
    /// Whether it is of one side's own records or lack of them: nobody is late with it for another.
    #[must_use]
    pub const fn stays_here(self) -> bool {
        matches!(
            self,
            Self::Read
                | Self::Ask
                | Self::HandOver
                | Self::Died
                | Self::Lives
                | Self::Renew
                | Self::Wrong { .. }
                | Self::Untold
                | Self::ByHand { .. }
        )
    }

    /// Whether it goes on after the consent has ended, by itself or by the person's word: what it asks for tells nobody anything, and
    /// stays in the house.
    #[must_use]
    pub const fn outlives_consent(self) -> bool {
        matches!(self, Self::Read | Self::Rehome | Self::Died | Self::Lives) || self.looks_after()
    }

    /// Whether somebody looks after the person by it, asks how it goes or whether the person came, or makes a new
    /// appointment after one that came to nothing: until staff have said what comes next.
    #[must_use]
    pub const fn looks_after(self) -> bool {
        matches!(
            self,
            Self::Lost
                | Self::Watch { .. }
                | Self::CheckIn { .. }
                | Self::Came
                | Self::AppointmentPassed
                | Self::NewAppointment
        )
    }
}

/// What is due in a thread, the earliest first; also what is not near yet. `hours`: what was agreed with the recipient.
#[must_use]
pub fn timers(facts: &Facts, hours: &Hours, days: Days, now: Time) -> Vec<Due> {
    let mut due = Vec::new();
    if facts.place == Place::Nothing {
        return due;
    }
    if let Some((since, whose)) = facts.here.unread {
        due.push(at(Timer::Read, whose, since, facts.answer_by(days, since, |urgent| hours.acknowledge(urgent))));
    }
    // They wait for that word also of somebody who has died.
    if let Some((since, whose)) = facts.here.untold {
        due.push(at(Timer::Untold, whose, since, facts.answer_by(days, since, |urgent| hours.acknowledge(urgent))));
    }
    // Nobody is telephoned about somebody who has died.
    if facts.place == Place::EnteredInError || died(facts, &mut due) {
        return due;
    }
    own(facts, hours, now, &mut due);
    if let Some((timer, since, whose)) = facts.here.plan.filter(|_| facts.is_open()) {
        due.push(at(timer, whose, since, facts.answer_by(days, since, |urgent| hours.acknowledge(urgent))));
    }
    if let Some((what, since, whose)) = facts.here.by_hand
        && untold_until(facts).is_none_or(|until| now < until)
    {
        let by = facts.answer_by(days, since, |urgent| hours.acknowledge(urgent));
        due.push(at(Timer::ByHand { what }, whose, since, by));
    }
    if facts.is_open() {
        steps(facts, hours, days, now, &mut due);
    }
    // Who has said that a good end is the end for the person too is asked nothing more.
    let goes_on = facts.is_open() || (facts.place == Place::Completed && !facts.settled);
    if goes_on {
        after::lost(facts, days, now, &mut due);
        if let Some((since, whose)) = facts.held {
            due.push(at(Timer::Plan, whose, since, since.plus(facts.patience(days, now))));
        }
        after::leaving(facts, hours, days, now, &mut due);
        after::check_ins(facts, days, now, &mut due);
    }
    // Who goes on to somebody else need not have come there.
    let came = facts.attended.is_some() || !facts.check_ins.is_empty() || facts.outcome == Some(Outcome::Transferred);
    if facts.place == Place::Completed && goes_on && !came && facts.lost.is_none() {
        due.push(at(Timer::Came, Actor::Recipient, facts.since, facts.since.plus(CAME)));
    }
    if (facts.is_open() || facts.goes_on(days, now))
        && let Some(end) = facts.consent_ends.filter(|end| now < *end)
    {
        let begins = Time(end.0.saturating_sub(CONSENT_ENDS));
        if begins <= now {
            due.push(at(Timer::ConsentEnds, Actor::Sender, begins, end));
        }
    }
    // Nobody falls through here: who referred the person looks after what comes next, until it is said.
    let nobody_has = matches!(facts.place, Place::Declined | Place::Failed) || facts.sought;
    if facts.place.is_lost() {
        // Who alone knows of the end does it; once it may be told, that comes first.
        let whose = facts.here.unheard.unwrap_or(Actor::Sender);
        if nobody_has && !facts.settled && facts.here.untold.is_none() {
            let by = facts.since.plus(facts.patience(days, now));
            due.push(at(Timer::Rehome, whose, facts.since, by));
        }
        // Whatever was said of the referral, the two weeks are the most dangerous.
        after::watch(facts, whose, days, now, &mut due);
    }
    due.sort_by_key(|one| (one.by, one.timer));
    due
}

/// The next moment after `now` at which [`timers`] may answer otherwise, or one of them becomes overdue, though nobody did anything: what
/// was made before holds until then, as long as days are counted in the same way. `None`: it holds for good.
#[must_use]
pub fn next_change(facts: &Facts, hours: &Hours, days: Days, now: Time) -> Option<Time> {
    let mut moments: Vec<Time> = timers(facts, hours, days, now).iter().map(|due| due.by).collect();
    moments.extend(untold_until(facts));
    moments.extend(facts.consent_ends.iter().flat_map(|end| [*end, Time(end.0.saturating_sub(CONSENT_ENDS))]));
    moments.extend(facts.leaving.iter().flat_map(|left| [days.begin(left.on, 0), days.end(left.on, WATCH)]));
    let opens = |start| CHECK_INS.map(|stage| days.begin(start, stage.days().saturating_sub(CHECK_IN_EARLY)));
    moments.extend(facts.attended.into_iter().flat_map(opens));
    moments.into_iter().filter(|at| *at > now).min()
}

/// Whether the person has died, by our own records or by the outcome: then what is open is ended, and the word is put on record. Where
/// the other side struck that word, our record may be wrong: it is looked at, and until then the referral goes on as of somebody who lives.
fn died(facts: &Facts, due: &mut Vec<Due>) -> bool {
    let outcome = facts.outcome == Some(Outcome::Deceased);
    let row = |whose| at(Timer::Died, whose, facts.since, facts.since.plus(REACH));
    if let Some((since, whose)) = facts.lives.filter(|_| facts.here.died && !facts.has_ended()) {
        due.push(at(Timer::Lives, whose, since, since.plus(REACH)));
        return false;
    }
    if facts.here.died && facts.is_open() {
        due.extend([Actor::Sender, Actor::Recipient].map(row));
    } else if outcome && !facts.here.died && !facts.settled {
        due.push(row(Actor::Sender));
    }
    facts.here.died || outcome
}

/// When an appointment that is told by hand is over: then it is told no more, but what became of it.
fn untold_until(facts: &Facts) -> Option<Time> {
    let (what, _, whose) = facts.here.by_hand?;
    let own = || facts.own.and_then(|(_, own)| own.at);
    let when = if whose == Actor::Member { own() } else { facts.appointment };
    when.filter(|_| what == ByHand::Appointment)
}

const fn at(timer: Timer, whose: Actor, since: Time, by: Time) -> Due {
    Due { timer, whose, since, by }
}

/// What the place asks of the recipient, and of a sender who hears nothing.
fn steps(facts: &Facts, hours: &Hours, days: Days, now: Time, due: &mut Vec<Due>) {
    let sent = facts.sent.unwrap_or(facts.since);
    let answer = |timer, since: Time| {
        at(timer, Actor::Recipient, since, facts.answer_by(days, since, |urgent| hours.acknowledge(urgent)))
    };
    let unhurried = |since| facts.visit_by(days, since, |urgent| hours.appointment(urgent));
    match facts.place {
        Place::Sent if facts.here.to_hand_over => {
            due.push(Due { whose: Actor::Sender, ..answer(Timer::HandOver, sent) });
        }
        Place::Sent if facts.acknowledged.is_none() => due.push(answer(Timer::Acknowledge, sent)),
        // To look at it is no answer: the hours begin once more, and are not those of the appointment.
        Place::Sent => due.push(answer(Timer::Answer, facts.acknowledged.unwrap_or(sent))),
        Place::Accepted => due.push(at(Timer::FirstAppointment, Actor::Recipient, sent, unhurried(sent))),
        Place::Missed | Place::AppointmentCancelled => due.push(answer(Timer::NewAppointment, facts.since)),
        Place::Active if facts.attended.is_none() => due.push(answer(Timer::NewAppointment, facts.since)),
        Place::OnHold => {
            let review = at(Timer::Review, Actor::Recipient, facts.since, unhurried(facts.since));
            due.push(review);
            if review.is_overdue(now) {
                due.push(Due { whose: Actor::Sender, ..review });
            }
        }
        Place::CancelRequested => due.push(answer(Timer::Withdrawal, facts.since)),
        Place::Scheduled => {
            if let Some(when) = facts.appointment {
                visit(Actor::Recipient, facts.since, when, now, due);
            }
        }
        _ => {}
    }
    if !facts.answerable && !facts.settled {
        let since = facts.met.map_or(sent, |met| met.max(sent));
        due.push(at(Timer::Ask, Actor::Sender, since, unhurried(since)));
    }
}

/// An appointment that stands: it comes, and then somebody says whether the person did.
fn visit(whose: Actor, since: Time, when: Time, now: Time, due: &mut Vec<Due>) {
    if now < when {
        due.push(at(Timer::AppointmentNear, whose, since, when));
    }
    due.push(at(Timer::AppointmentPassed, whose, when, when.plus(CAME)));
}

/// What our own appointment asks of us, whatever became of the referral. One that was cancelled asks nothing: to let it go is to cancel it.
fn own(facts: &Facts, hours: &Hours, now: Time, due: &mut Vec<Due>) {
    match facts.own {
        Some((whose, Own { stands: Stands::Scheduled, since, at: Some(when) })) => visit(whose, since, when, now, due),
        Some((whose, Own { stands: Stands::Missed, since, .. })) => {
            due.push(at(Timer::NewAppointment, whose, since, since.plus(hours.acknowledge(facts.urgent))));
        }
        Some(_) | None => {}
    }
}

#[cfg(test)]
mod tests;
