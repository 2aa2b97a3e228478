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
//! | look at it | recipient | sent | 24 h | 2 h |
//! | answer | recipient | looked at | 24 h | 2 h |
//! | first appointment | recipient | sent | 7 days | 48 h |
//! | reach out, new appointment | recipient | what undid the last one | 24 h | 2 h |
//! | appointment: did the person come | recipient | its time | 24 h | 24 h |
//! | closed well, no visit on record: did the person come | recipient | that | 24 h | 24 h |
//! | one of a team's own appointment: did the person come | who made it | its time | 24 h | 24 h |
//! | one of a team's own appointment missed: a new one, or cancel it | who made it | that | 24 h | 2 h |
//! | on hold: does it still rest | recipient; sender too once that is late | last said | 7 days | 48 h |
//! | seen in custody, admitted: plan what comes next | who was told | said | 48 h | 24 h |
//! | withdrawal: answer it | recipient | asked for | 24 h | 2 h |
//! | discharge summary | sender | discharge | 24 h | 24 h |
//! | declined, or ended without care: what comes next | sender | that | 48 h | 24 h |
//! | watch after release or discharge | recipient; sender before it was accepted and after it came to nothing | the day | day 1, 3, 7, 14 | the same |
//! | check-in | recipient | first visit | day 0, 30, 90, 180 | the same |
//! | lost contact: try to reach the person | both | said to be lost, or the last try | 48 h | 24 h |
//! | consent about to end | sender | its end | 14 days before | the same |
//! | consent has ended by itself before the referral: a new one, or what comes next | both | its end | 48 h | 24 h |
//! | consent taken back: telephone who is not on the network, or keeps it | who heard it | that | 2 h | 2 h |

use super::codes::{Leaving, Setting, Stage, SummaryKind, Urgency};
use super::days::{Days, WATCH};
use super::state::{Actor, Answer, Line, Place, State};
use super::visit::Stands;
use crate::agreement::Hours;
use crate::ids::OrgId;
use crate::time::{DAY, HOUR, Time};
use serde::{Deserialize, Serialize};

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

/// What timers depend on. Holds no personal datum.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Facts {
    pub place: Place,
    pub urgent: bool,
    /// The consent lets the recipient tell the sender what became of it.
    pub answerable: bool,
    pub sent: Option<Time>,
    pub acknowledged: Option<Time>,
    /// Since when the place is what it is.
    pub since: Time,
    /// The sender has said what comes next after a bad end.
    pub settled: bool,
    pub appointment: Option<Time>,
    pub attended: Option<Time>,
    /// Day of a release or discharge, and whether a summary is expected.
    pub leaving: Option<(Time, bool)>,
    /// When the last discharge summary was sent.
    pub summary: Option<Time>,
    /// When the person was last met or heard of.
    pub met: Option<Time>,
    pub check_ins: Vec<(Stage, Time)>,
    pub lost: Option<Time>,
    /// The last try to reach the person.
    pub tried: Option<Time>,
    /// When the consent ends by itself.
    pub consent_ends: Option<Time>,
    /// Since when the other side knows that the person is in custody or was admitted, and has done nothing since; who that is.
    pub held: Option<(Time, Actor)>,
    /// In the thread of a team: the appointment of our own, and in which part we made it.
    pub own: Option<(Actor, Own)>,
}

/// An appointment of our own in the thread of a team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Own {
    pub stands: Stands,
    /// Since when.
    pub since: Time,
    /// The time that holds, or that was missed.
    pub at: Option<Time>,
}

impl Facts {
    /// From where a thread stands for `us`. `consent_ends`: when the consent ends by itself.
    #[must_use]
    pub fn of(state: &State, us: (OrgId, Actor), consent_ends: Option<Time>) -> Self {
        let told = || state.history.iter().filter(|line| line.without_effect.is_none());
        let moves = |line: &&Line| line.act.moves() && !line.own && !matches!(line.act, super::Act::Acknowledge);
        let mut since = told().filter(moves).map(|line| line.at);
        let tries = state.attempts.iter();
        let reached =
            tries.clone().filter(|attempt| attempt.result == super::Reached::Reached).map(|attempt| attempt.at);
        let visits = told().filter_map(|line| match &line.act {
            super::Act::Attend { when } => Some(*when),
            _ => None,
        });
        let met = reached
            .chain(visits)
            .chain(state.check_ins.iter().map(|check_in| check_in.at))
            .chain(state.seen.iter().map(|seen| seen.at))
            .max();
        let summaries = state.summaries.iter().filter(|(_, summary)| summary.kind == SummaryKind::Discharge);
        Self {
            place: state.place,
            urgent: state.request.as_ref().is_some_and(|request| request.urgency == Urgency::Urgent),
            answerable: state.answer == Answer::Permitted,
            sent: state.sent,
            acknowledged: state.acknowledged,
            settled: state.settled.is_some(),
            since: since.next_back().or(state.sent).unwrap_or_default(),
            appointment: state.appointment.as_ref().map(|appointment| appointment.at),
            attended: state.attended,
            leaving: state.transition.as_ref().map(|t| (t.on, !matches!(t.leaving, Leaving::Custody))),
            summary: summaries.map(|(at, _)| *at).max(),
            met,
            check_ins: state.check_ins.iter().map(|check_in| (check_in.stage, check_in.at)).collect(),
            lost: state.lost,
            tried: tries.map(|attempt| attempt.at).max(),
            consent_ends,
            held: held(state),
            own: state.visit(us.0).map(|visit| {
                let at = visit.appointment.as_ref().map(|appointment| appointment.at);
                (us.1, Own { stands: visit.stands, since: visit.since, at })
            }),
        }
    }

    /// How long somebody who is out of reach waits: shorter where it is urgent, and in the two weeks after a release or discharge.
    fn patience(&self, days: Days, now: Time) -> u64 {
        let watched = self.leaving.is_some_and(|(on, _)| days.within(on, now, WATCH));
        if self.urgent || watched { REACH_URGENT } else { REACH }
    }

    /// Whether it stands open: a consent that ends by itself then leaves somebody on the way.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        !self.place.is_final() && !matches!(self.place, Place::Nothing)
    }
}

/// Who was told last that the person is held somewhere, and since when, while that side has done nothing about it.
fn held(state: &State) -> Option<(Time, Actor)> {
    let told = || state.history.iter().filter(|line| line.without_effect.is_none());
    let sender = told().find(|line| matches!(line.act, super::Act::Send(_)))?.org;
    let (mut held, mut teller) = (None, sender);
    for line in told() {
        match &line.act {
            super::Act::Seen(seen) if matches!(seen.setting, Setting::InCustody | Setting::Admitted) => {
                let whose = if line.org == sender { Actor::Recipient } else { Actor::Sender };
                (held, teller) = (Some((line.at, whose)), line.org);
            }
            // Seen elsewhere since.
            super::Act::Seen(_) => held = None,
            super::Act::Acknowledge => {}
            _ if line.org != teller => held = None,
            _ => {}
        }
    }
    held
}

/// What both sides have to do where the consent ended by itself at `end` and the referral had not: a new one, or what comes next.
#[must_use]
pub fn consent_ended(facts: &Facts, whose: Actor, end: Time) -> Option<Due> {
    let settled = match whose {
        Actor::Sender => facts.settled,
        Actor::Recipient => false,
        // Others of a team have nothing to say of it.
        Actor::Member => true,
    };
    let patience = if facts.urgent { REACH_URGENT } else { REACH };
    (facts.is_open() && !settled).then(|| at(Timer::ConsentEnded, whose, end, end.plus(patience)))
}

/// What is due in a thread, the earliest first; also what is not near yet. `hours`: what was agreed with the recipient.
#[must_use]
pub fn timers(facts: &Facts, hours: &Hours, days: Days, now: Time) -> Vec<Due> {
    let mut due = Vec::new();
    if facts.place == Place::Nothing || facts.place == Place::EnteredInError {
        return due;
    }
    if !facts.place.is_final() {
        steps(facts, hours, now, &mut due);
    }
    own(facts, hours, now, &mut due);
    if !facts.place.is_final() || facts.place == Place::Completed {
        if let Some(lost) = facts.lost {
            let patience = facts.patience(days, now);
            let since = facts.tried.filter(|tried| *tried > lost).unwrap_or(lost);
            let both = [Actor::Sender, Actor::Recipient];
            due.extend(both.map(|whose| at(Timer::Lost, whose, since, since.plus(patience))));
        }
        if let Some((since, whose)) = facts.held {
            due.push(at(Timer::Plan, whose, since, since.plus(facts.patience(days, now))));
        }
    }
    if facts.place == Place::Completed && facts.attended.is_none() && facts.check_ins.is_empty() && facts.lost.is_none()
    {
        due.push(at(Timer::Came, Actor::Recipient, facts.since, facts.since.plus(CAME)));
    }
    if facts.is_open()
        && let Some(end) = facts.consent_ends.filter(|end| now < *end)
    {
        let begins = Time(end.0.saturating_sub(CONSENT_ENDS));
        if begins <= now {
            due.push(at(Timer::ConsentEnds, Actor::Sender, begins, end));
        }
    }
    // Nobody falls through here: who referred the person looks after what comes next, until it is said.
    if matches!(facts.place, Place::Declined | Place::Failed) && !facts.settled {
        let by = facts.since.plus(facts.patience(days, now));
        due.push(at(Timer::Rehome, Actor::Sender, facts.since, by));
    }
    if !facts.place.is_lost() {
        after_leaving(facts, hours, days, now, &mut due);
        check_ins(facts, days, now, &mut due);
    } else if !facts.settled {
        watch(facts, Actor::Sender, days, now, &mut due);
    }
    due.sort_by_key(|one| (one.by, one.timer));
    due
}

/// The next moment after `now` at which [`timers`] may answer otherwise, or one of them becomes overdue, though nobody did anything: what
/// was made before holds until then, as long as days are counted in the same way. `None`: it holds for good.
#[must_use]
pub fn next_change(facts: &Facts, hours: &Hours, days: Days, now: Time) -> Option<Time> {
    let mut moments: Vec<Time> = timers(facts, hours, days, now).iter().map(|due| due.by).collect();
    moments.extend(facts.consent_ends.iter().flat_map(|end| [*end, Time(end.0.saturating_sub(CONSENT_ENDS))]));
    moments.extend(facts.leaving.iter().flat_map(|(on, _)| [days.begin(*on, 0), days.end(*on, WATCH)]));
    let opens = |start| CHECK_INS.map(|stage| days.begin(start, stage.days().saturating_sub(CHECK_IN_EARLY)));
    moments.extend(facts.attended.into_iter().flat_map(opens));
    moments.into_iter().filter(|at| *at > now).min()
}

const fn at(timer: Timer, whose: Actor, since: Time, by: Time) -> Due {
    Due { timer, whose, since, by }
}

/// What the place asks of the recipient.
fn steps(facts: &Facts, hours: &Hours, now: Time, due: &mut Vec<Due>) {
    let sent = facts.sent.unwrap_or(facts.since);
    let recipient = |timer, since: Time, patience| at(timer, Actor::Recipient, since, since.plus(patience));
    match facts.place {
        Place::Sent if facts.acknowledged.is_none() => {
            due.push(recipient(Timer::Acknowledge, sent, hours.acknowledge(facts.urgent)));
        }
        // To look at it is no answer: the hours begin once more, and are not those of the appointment.
        Place::Sent => {
            let seen = facts.acknowledged.unwrap_or(sent);
            due.push(recipient(Timer::Answer, seen, hours.acknowledge(facts.urgent)));
        }
        Place::Accepted => due.push(recipient(Timer::FirstAppointment, sent, hours.appointment(facts.urgent))),
        Place::Missed | Place::AppointmentCancelled => {
            due.push(recipient(Timer::NewAppointment, facts.since, hours.acknowledge(facts.urgent)));
        }
        Place::Active if facts.attended.is_none() => {
            due.push(recipient(Timer::NewAppointment, facts.since, hours.acknowledge(facts.urgent)));
        }
        Place::OnHold => {
            let review = recipient(Timer::Review, facts.since, hours.appointment(facts.urgent));
            due.push(review);
            if review.is_overdue(now) {
                due.push(Due { whose: Actor::Sender, ..review });
            }
        }
        Place::CancelRequested => {
            due.push(recipient(Timer::Withdrawal, facts.since, hours.acknowledge(facts.urgent)));
        }
        Place::Scheduled => {
            if let Some(when) = facts.appointment {
                visit(Actor::Recipient, facts.since, when, now, due);
            }
        }
        _ => {}
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

/// The summary of a discharge, and the two weeks after it.
fn after_leaving(facts: &Facts, hours: &Hours, days: Days, now: Time, due: &mut Vec<Due>) {
    let Some((on, summary)) = facts.leaving else { return };
    if summary && facts.summary.is_none() {
        due.push(at(Timer::Summary, Actor::Sender, on, on.plus(hours.summary())));
    }
    let whose = if matches!(facts.place, Place::Sent) { Actor::Sender } else { Actor::Recipient };
    watch(facts, whose, days, now, due);
}

/// The next day of the two weeks on which somebody looks after the person.
fn watch(facts: &Facts, whose: Actor, days: Days, now: Time, due: &mut Vec<Due>) {
    let Some((on, _)) = facts.leaving else { return };
    if !days.within(on, now, WATCH) {
        return;
    }
    // The next look that nobody has had yet: whoever met the person on a day has looked for that day and those before.
    let met = facts.met.and_then(|met| days.after(on, met));
    if let Some(day) = WATCH_DAYS.into_iter().find(|day| met.is_none_or(|met| met < *day)) {
        let timer = Timer::Watch { day: u8::try_from(day).unwrap_or(u8::MAX) };
        due.push(at(timer, whose, on, days.end(on, day)));
    }
}

/// The first check-in that nobody has had yet, from its day on.
fn check_ins(facts: &Facts, days: Days, now: Time, due: &mut Vec<Due>) {
    let Some(start) = facts.attended else { return };
    let had = |stage| facts.check_ins.iter().any(|(had, _)| *had == stage);
    let later = |day: u64| CHECK_INS.iter().any(|stage| stage.days() > day && had(*stage));
    let mut open = CHECK_INS.into_iter().filter(|stage| !had(*stage) && !later(stage.days())).map(Stage::days);
    // Of several that were let pass, the last whose day has come.
    let today = days.after(start, now);
    if let Some(day) = open.rfind(|day| today.is_some_and(|today| today + CHECK_IN_EARLY >= *day)) {
        let timer = Timer::CheckIn { day: u8::try_from(day).unwrap_or(u8::MAX) };
        due.push(at(timer, Actor::Recipient, start, days.end(start, day + CHECK_IN_EARLY)));
    }
}

#[cfg(test)]
mod tests;
