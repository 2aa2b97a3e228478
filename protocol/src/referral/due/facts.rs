//! What timers depend on, as it is taken from a state.

use super::{CHECK_INS, REACH, REACH_URGENT, Timer};
use crate::ids::OrgId;
use crate::planted::{self, Bug};
use crate::referral::by_hand::ByHand;
use crate::referral::codes::{Leaving, Outcome, Reached, Setting, Stage, SummaryKind, Urgency};
use crate::referral::days::{Days, WATCH};
use crate::referral::state::{Actor, Answer, Line, Parties, Place, State};
use crate::referral::visit::Stands;
use crate::referral::{Act, Information};
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// What timers depend on. Holds no personal datum.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Facts {
    pub place: Place,
    pub urgent: bool,
    /// When the sender said so after it was sent.
    pub urged: Option<Time>,
    /// The consent lets the recipient tell the sender what became of it.
    pub answerable: bool,
    pub sent: Option<Time>,
    pub acknowledged: Option<Time>,
    /// Since when the place is what it is.
    pub since: Time,
    /// This side has said what comes next, or why nothing does.
    pub settled: bool,
    /// It was taken back since the person was out of reach or elsewhere, and nobody has the person.
    pub sought: bool,
    pub outcome: Option<Outcome>,
    pub appointment: Option<Time>,
    pub attended: Option<Time>,
    pub leaving: Option<Departure>,
    /// Who owes the summary of a discharge, while nobody sent it; nobody where the consent lets it go nowhere.
    pub summary: Option<Actor>,
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
    /// When the other side struck its word that the person had died, which nobody has said since, and which side we are.
    pub lives: Option<(Time, Actor)>,
    /// In the thread of a team: the appointment of our own, and in which part we made it.
    pub own: Option<(Actor, Own)>,
    /// What only one side knows of its own records.
    pub here: Here,
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

/// What one side knows from its own records alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Here {
    /// Since when words of another stand there that its staff have not read, and which side it is.
    pub unread: Option<(Time, Actor)>,
    /// What it says of the person's plan or medication is not what is on record here: [`Timer::Renew`] or [`Timer::Wrong`], since when, and
    /// which side we are.
    pub plan: Option<(Timer, Time, Actor)>,
    /// The person is on record as having died.
    pub died: bool,
    /// Nothing of it has gone to a partner who is not on the network.
    pub to_hand_over: bool,
    /// It came to nothing on this side, and the other does not know: which side we are.
    pub unheard: Option<Actor>,
    /// Since when something was done here that the other side does not know and may be told now, and which side we are; `None` where staff said
    /// since then what comes next.
    pub untold: Option<(Time, Actor)>,
    /// What of an appointment or a rest stands otherwise at the other side and is said there by hand, since when, and which side we are.
    pub by_hand: Option<(ByHand, Time, Actor)>,
}

/// A release or discharge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Departure {
    /// The day, planned or actual.
    pub on: Time,
    /// Who told of it, and when: before the day it was a plan.
    pub by: Actor,
    pub said: Time,
}

impl Facts {
    /// From where a thread between these two stands for `us`. `consent_ends`: when the consent ends by itself.
    #[must_use]
    pub fn of(state: &State, parties: Parties, us: (OrgId, Actor), consent_ends: Option<Time>) -> Self {
        let moves = |line: &&Line| line.act.moves() && !line.own && !matches!(line.act, Act::Acknowledge);
        let mut since = told(state).filter(moves).map(|line| line.at);
        let met = told(state).filter_map(|line| line.act.met()).max();
        let left = told(state).rfind(|line| line.act.leaves().is_some());
        let kept = planted::is(Bug::StruckKeepsDeadline).then(|| struck(state)).flatten();
        Self {
            place: kept.map_or(state.place, |_| Place::Scheduled),
            urgent: state.request.as_ref().is_some_and(|request| request.urgency == Urgency::Urgent),
            urged: told(state).rfind(|line| matches!(line.act, Act::Urge { .. })).map(|line| line.at),
            answerable: state.answer == Answer::Permitted,
            sent: state.sent,
            acknowledged: state.acknowledged,
            settled: state.settled.is_some(),
            sought: state.sought,
            outcome: state.outcome,
            since: since.next_back().or(state.sent).unwrap_or_default(),
            appointment: state.appointment.as_ref().map(|appointment| appointment.at).or(kept),
            attended: state.attended,
            leaving: left.and_then(|line| {
                let on = line.act.leaves()?;
                Some(Departure { on, by: actor(parties, line), said: line.at })
            }),
            summary: left.filter(|line| owes_summary(state, line)).map(|line| actor(parties, line)),
            met,
            check_ins: state.check_ins.iter().map(|check_in| (check_in.stage, check_in.at)).collect(),
            lost: state.lost,
            tried: state.attempts.iter().map(|attempt| attempt.at).max(),
            consent_ends,
            held: held(state, parties),
            lives: lives(state, us.0).map(|struck| (struck, us.1)),
            own: state.visit(us.0).map(|visit| {
                let at = visit.appointment.as_ref().map(|appointment| appointment.at);
                (us.1, Own { stands: visit.stands, since: visit.since, at })
            }),
            here: Here::default(),
        }
    }

    /// How long somebody who is out of reach waits: shorter where it is urgent, and in the two weeks after a release or discharge.
    pub(super) fn patience(&self, days: Days, now: Time) -> u64 {
        let watched = self.leaving.is_some_and(|left| days.within(left.on, now, WATCH));
        if self.urgent || watched { REACH_URGENT } else { REACH }
    }

    /// By when an answer to what was asked for at `since` is late. In the two weeks after a release or discharge all is urgent; before
    /// the day it has the hours that it has otherwise.
    pub(super) fn answer_by(&self, days: Days, since: Time, hours: impl Fn(bool) -> u64) -> Time {
        let usual = self.usual(since, &hours);
        self.hurried(days, since).map_or(usual, |from| usual.min(from.plus(hours(true))))
    }

    /// By when the person should have come. Who leaves on a day that lies ahead can not come before it.
    pub(super) fn visit_by(&self, days: Days, since: Time, hours: impl Fn(bool) -> u64) -> Time {
        let from = self.hurried(days, since);
        from.map_or_else(|| self.usual(since, &hours), |from| from.plus(hours(true)))
    }

    /// The hours of what is not hurried by a release: what became urgent later has its own from then on, and no more than it had.
    fn usual(&self, since: Time, hours: impl Fn(bool) -> u64) -> Time {
        let routine = since.plus(hours(false));
        let urged = self.urged.map_or(since, |urged| urged.max(since));
        if self.urgent { urged.plus(hours(true)).min(routine) } else { routine }
    }

    /// From when on haste is due because of a release or discharge.
    fn hurried(&self, days: Days, since: Time) -> Option<Time> {
        let left = self.leaving?;
        let over = days.after(left.on, since).is_some_and(|day| day > WATCH);
        (!over).then(|| since.max(left.on))
    }

    /// Whether it stands open: a consent that ends by itself then leaves somebody on the way.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        !self.place.is_final() && !matches!(self.place, Place::Nothing)
    }

    /// Whether nothing of it is asked for any more: it was taken back, or has ended and it was said what comes next.
    pub(super) const fn has_ended(&self) -> bool {
        matches!(self.place, Place::Cancelled | Place::EnteredInError) || (self.place.is_final() && self.settled)
    }

    /// Whether somebody is still looked for, watched or asked after a good end.
    pub(super) fn goes_on(&self, days: Days, now: Time) -> bool {
        let watched = self.leaving.is_some_and(|left| days.within(left.on, now, WATCH));
        let last = CHECK_INS.last();
        let asked = self.attended.is_some() && !self.check_ins.iter().any(|(stage, _)| Some(stage) == last);
        self.place == Place::Completed && !self.settled && (self.lost.is_some() || watched || asked)
    }
}

/// The time of the last appointment that was struck: for a planted bug.
fn struck(state: &State) -> Option<Time> {
    state.history.iter().rev().find_map(|line| match (&line.act, line.mistake) {
        (Act::Schedule(to), Some(_)) => Some(to.at),
        _ => None,
    })
}

fn told(state: &State) -> impl DoubleEndedIterator<Item = &Line> {
    state.history.iter().filter(|line| line.without_effect.is_none())
}

fn actor(parties: Parties, line: &Line) -> Actor {
    parties.actor(line.org).unwrap_or(Actor::Member)
}

/// Whether who told of this discharge still has to send its summary: where the consent lets it be told, until a summary or a file of
/// that kind was sent, on the day or after it was told of.
fn owes_summary(state: &State, left: &Line) -> bool {
    let discharge = matches!(&left.act, Act::Transition(t) if !matches!(t.leaving, Leaving::Custody));
    let flows = || state.scopes.iter().flat_map(|(_, scope)| &scope.flows);
    let way = flows().any(|flow| flow.tells(left.org, flow.to, Information::Clinical));
    let from = left.act.leaves().unwrap_or(left.at).min(left.at);
    let sent = told(state).any(|line| {
        let summary = match &line.act {
            Act::Summary(summary) => summary.kind == SummaryKind::Discharge,
            Act::Attachment(file) => file.information == Information::Clinical,
            _ => false,
        };
        summary && line.org == left.org && line.at >= from
    });
    discharge && way && !sent
}

/// Who was told last that the person is held somewhere, and since when, while that side has done nothing about it. Of what was told to nobody
/// that is the side that wrote it down.
fn held(state: &State, parties: Parties) -> Option<(Time, Actor)> {
    let (mut held, mut teller, mut local) = (None, parties.sender, false);
    for line in told(state) {
        match &line.act {
            Act::Seen(seen) if matches!(seen.setting, Setting::InCustody | Setting::Admitted) => {
                let sender = (line.org == parties.sender) == line.local;
                let whose = if sender { Actor::Sender } else { Actor::Recipient };
                (held, teller, local) = (Some((line.at, whose)), line.org, line.local);
            }
            // Seen elsewhere since.
            Act::Seen(_) => held = None,
            Act::Acknowledge => {}
            _ if (line.org == teller) == local => held = None,
            _ => {}
        }
    }
    held
}

/// When another organisation last struck its word that the person had died, where no such word stands.
fn lives(state: &State, us: OrgId) -> Option<Time> {
    let died = |line: &&Line| matches!(line.act, Act::Close { outcome: Outcome::Deceased, .. });
    if told(state).any(|line| died(&line)) {
        return None;
    }
    let struck = state.history.iter().filter(died).filter(|line| line.org != us).filter_map(|line| line.mistake);
    struck.filter_map(|word| state.history.iter().find(|line| line.entry == word)).map(|word| word.at).max()
}

impl Act {
    /// When the person was met or heard of, where it says so. Who hands over does it with the person.
    pub(in crate::referral) fn met(&self) -> Option<Time> {
        match self {
            Self::Attend { when } => Some(*when),
            Self::Handoff(handoff) => Some(handoff.at),
            Self::Seen(seen) => Some(seen.at),
            Self::CheckIn(check_in) => Some(check_in.at),
            Self::Attempt(attempt) if attempt.result == Reached::Reached => Some(attempt.at),
            _ => None,
        }
    }

    /// On which day the person leaves or left somewhere, where it says so.
    #[must_use]
    pub fn leaves(&self) -> Option<Time> {
        match self {
            Self::Transition(transition) => Some(transition.on),
            Self::Seen(seen) if seen.setting == Setting::Released => Some(seen.at),
            _ => None,
        }
    }
}
