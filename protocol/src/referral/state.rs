//! Where a referral stands: SDOHCC's status outside, BSeR's business status inside (`decisions/referral-states.md`).

use super::act::{Act, Request, Subject};
use super::base::By;
use super::codes::{DeclineReason, Outcome};
use super::follow::{Appointment, Attempt, CheckIn, Handoff, Seen, Transition, Why};
use super::identity::Identity;
use super::plan::{CrisisPlan, Medication, Need, Summary};
use super::scope::Scope;
use super::transition::{step, step_here};
use super::visit::{self, Move, Visit};
use crate::ids::{EntryHash, OrgId};
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One place in the merged machine. Each gives both statuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub enum Place {
    /// Nothing was sent that counts.
    #[default]
    Nothing,
    Sent,
    Accepted,
    Scheduled,
    /// The person did not come to the appointment.
    Missed,
    AppointmentCancelled,
    /// The person came.
    Attended,
    /// The sender asked to withdraw after acceptance.
    CancelRequested,
    Declined,
    Cancelled,
    Completed,
    Failed,
    /// The recipient can not go on for now.
    OnHold,
    /// Taken up again after a hold.
    Active,
    /// The sender should never have sent it.
    EnteredInError,
}

impl Place {
    pub const ALL: [Self; 15] = [
        Self::Nothing,
        Self::Sent,
        Self::Accepted,
        Self::Scheduled,
        Self::Missed,
        Self::AppointmentCancelled,
        Self::Attended,
        Self::CancelRequested,
        Self::Declined,
        Self::Cancelled,
        Self::Completed,
        Self::Failed,
        Self::OnHold,
        Self::Active,
        Self::EnteredInError,
    ];

    /// SDOHCC `Task.status`.
    #[must_use]
    pub const fn status(self) -> &'static str {
        match self {
            Self::Nothing => "draft",
            Self::Sent => "requested",
            Self::Accepted => "accepted",
            Self::Scheduled
            | Self::Missed
            | Self::AppointmentCancelled
            | Self::Attended
            | Self::CancelRequested
            | Self::Active => "in-progress",
            Self::OnHold => "on-hold",
            Self::EnteredInError => "entered-in-error",
            Self::Declined => "rejected",
            Self::Cancelled => "cancelled",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }

    /// BSeR `Task.businessStatus`: code and display.
    #[must_use]
    pub const fn business(self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            // BSeR has no word for what should never have been.
            Self::Nothing | Self::EnteredInError => return None,
            Self::Sent => ("2.0", "Service Request Created"),
            Self::Accepted => ("3.0", "Accepted"),
            Self::Declined => ("4.0", "Declined"),
            // BSeR has no hold either; the status beside it tells.
            Self::Active | Self::OnHold => ("5.1", "Active In-Progress"),
            Self::Scheduled => ("5.1.1", "Event Scheduled"),
            Self::Missed => ("5.1.2", "Scheduled Event Unattended"),
            Self::AppointmentCancelled => ("5.1.3", "Scheduled Event Cancelled"),
            Self::Attended => ("5.1.4", "Event Completed"),
            Self::CancelRequested => ("5.2", "Cancellation Requested"),
            Self::Cancelled => ("6.0", "Fulfillment Cancelled"),
            // BSeR has one end for every outcome; the status beside it tells whether it went well.
            Self::Completed | Self::Failed => ("7.0", "Fulfillment Completed"),
        })
    }

    /// No act but that it was entered in error leads out of it: a second try is a new thread.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Declined | Self::Cancelled | Self::Completed | Self::Failed | Self::EnteredInError)
    }

    /// It ended and the person is not in care there: somebody has to say what comes next.
    #[must_use]
    pub const fn is_lost(self) -> bool {
        matches!(self, Self::Declined | Self::Cancelled | Self::Failed)
    }

    /// In a few words.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Nothing => "not sent".to_owned(),
            Self::OnHold => "on hold".to_owned(),
            Self::EnteredInError => "entered in error".to_owned(),
            _ => self.business().map_or_else(String::new, |(_, words)| words.to_lowercase()),
        }
    }
}

/// The two organisations between which a referral goes, whoever else of a team reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parties {
    /// Who refers; custodian of the thread's spaces.
    pub sender: OrgId,
    /// Who is asked.
    pub recipient: OrgId,
}

/// In which part somebody acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    Sender,
    Recipient,
    /// In the thread of a team, neither of them.
    Member,
}

impl Parties {
    #[must_use]
    pub fn actor(&self, org: OrgId) -> Option<Actor> {
        if org == self.sender {
            Some(Actor::Sender)
        } else if org == self.recipient {
            Some(Actor::Recipient)
        } else {
            None
        }
    }

    /// In which part `org` acts, where the sender told of a team.
    #[must_use]
    pub fn actor_of(&self, org: OrgId, team: &BTreeSet<OrgId>) -> Option<Actor> {
        self.actor(org).or_else(|| team.contains(&org).then_some(Actor::Member))
    }
}

/// Whether the recipient may tell the sender what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Answer {
    Permitted,
    /// The consent has no way back for `referral` information.
    #[default]
    NotPermitted,
}

/// What is shown where no answer may come.
pub const ANSWER_NOT_PERMITTED: &str = "answer not permitted by the consent";

/// One act in canonical order and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub entry: EntryHash,
    pub org: OrgId,
    pub by: By,
    /// What the author's clock said. Decides nothing but which of what an organisation kept at itself comes before what it told, in its own
    /// fold ([`super::follow_kept`]).
    pub at: Time,
    pub act: Act,
    /// Kept here only, since the consent has no way back.
    pub local: bool,
    /// A step of its author's own appointment in the thread of a team, and none of the referral.
    pub own: bool,
    /// The later act by which its author's organisation said that it was a mistake; it has no effect then.
    pub mistake: Option<EntryHash>,
    /// Of a word that something was a mistake: the newest step of another organisation upon that, which stands; the word has no effect.
    pub answered: Option<EntryHash>,
    /// Why it has no effect; `None`: it has.
    pub without_effect: Option<&'static str>,
    /// Acts of the other organisation that its author did not know of: people should look at both.
    pub crossed: Vec<EntryHash>,
}

/// Where a thread stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct State {
    pub place: Place,
    pub answer: Answer,
    /// The sender told of a team that works on it.
    pub team: bool,
    /// When it was sent.
    pub sent: Option<Time>,
    /// When the recipient first said that it had seen it, or answered.
    pub acknowledged: Option<Time>,
    /// When the recipient accepted or declined.
    pub answered: Option<Time>,
    pub request: Option<Request>,
    pub identity: Option<Identity>,
    /// The appointment that holds.
    pub appointment: Option<Appointment>,
    /// Of a team: appointments of the others' own, in order of organisation.
    pub visits: Vec<Visit>,
    /// When the person first came.
    pub attended: Option<Time>,
    pub no_shows: u32,
    pub reschedules: u32,
    /// Why it is on hold, while it is.
    pub hold: Option<Why>,
    /// Where it stood when a rest began that is known to nobody else, while it rests or is taken up again: from there the others go on.
    pub rested_from: Option<Place>,
    /// When it ended.
    pub ended: Option<Time>,
    /// When one side last said what comes next for the person, or why nothing does: the sender of who did not get there, each for
    /// itself after a good end. What becomes of the person since then ends it.
    pub settled: Option<Time>,
    /// The sender took it back since the person was out of reach or elsewhere: nobody has the person.
    pub sought: bool,
    pub handoffs: Vec<Handoff>,
    /// Most urgent first; those that were dropped as well.
    pub needs: Vec<Need>,
    /// The newest that was told.
    pub transition: Option<Transition>,
    /// The newest that was told.
    pub seen: Option<Seen>,
    /// All of them, in the order in which they came about; what of them holds [`super::standing`] says.
    pub check_ins: Vec<CheckIn>,
    pub attempts: Vec<Attempt>,
    /// Since when nobody could reach the person. Whatever shows that the person was met ends it.
    pub lost: Option<Time>,
    /// The newest, and since when it holds.
    pub crisis: Option<(Time, CrisisPlan)>,
    /// The newest, and since when it holds.
    pub medication: Option<(Time, Medication)>,
    pub summaries: Vec<(Time, Summary)>,
    pub declined: Option<DeclineReason>,
    pub outcome: Option<Outcome>,
    /// The newest part of the consent that the sender told, by kind of information of its space.
    pub scopes: Vec<(super::Information, Scope)>,
    pub history: Vec<Line>,
}

impl State {
    /// What an act of this organisation would do now. `here`: it is kept at its node alone.
    ///
    /// # Errors
    /// Why it has no effect, for people.
    pub fn leads(&self, (org, actor): (OrgId, Actor), act: &Act, here: bool) -> Result<Move, &'static str> {
        if act.is_own(actor, self.team) {
            return visit::own(self.place, self.visit(org).map(|visit| visit.stands), act).map(Move::Own);
        }
        let table = if here { step_here } else { step };
        table(self.place, act, actor).map(|place| Move::Referral(self.onward(place, act, here))).or_else(
            |why| match act {
                Act::CancelAppointment { .. } if actor == Actor::Recipient && !here && self.is_let_go() => {
                    Ok(Move::Referral(if self.place == Place::OnHold {
                        Place::OnHold
                    } else {
                        Place::AppointmentCancelled
                    }))
                }
                _ => Err(why),
            },
        )
    }

    /// A rest that nobody else knows of leaves an appointment cancelled that was: there is none here, as there is none there.
    fn onward(&self, place: Place, act: &Act, here: bool) -> Place {
        let cancelled = self.rested_from == Some(Place::AppointmentCancelled);
        match act {
            Act::Resume { .. } if here && cancelled => Place::AppointmentCancelled,
            _ => place,
        }
    }

    /// Whether an appointment stood that a rest let go of which nobody else knows: for them there is one to cancel.
    fn is_let_go(&self) -> bool {
        let stood = matches!(self.rested_from, Some(Place::Scheduled | Place::Missed | Place::Attended));
        stood && matches!(self.place, Place::OnHold | Place::Active)
    }

    /// Takes a step of the referral, from where it stood, which it gives back. `here`: it is kept at one node alone.
    pub(super) fn takes(&mut self, place: Place, act: &Act, here: bool) -> Place {
        let before = std::mem::replace(&mut self.place, place);
        self.rested_from = match (place, act) {
            (Place::OnHold, Act::Hold { .. }) if here => {
                self.rested_from.or((before != Place::OnHold).then_some(before))
            }
            // The others know of it by now.
            (Place::OnHold, Act::Hold { .. }) => None,
            (Place::OnHold, Act::CancelAppointment { .. }) => Some(Place::AppointmentCancelled),
            (Place::OnHold | Place::Active, _) => self.rested_from,
            _ => None,
        };
        before
    }

    /// What both sides said anew at the same time: one hides the other, until somebody who knew of both says it again.
    #[must_use]
    pub fn hidden(&self) -> Vec<Subject> {
        let mut newest: BTreeMap<Subject, &Line> = BTreeMap::new();
        for line in self.history.iter().filter(|line| line.without_effect.is_none()) {
            if let Some(subject) = line.act.subject() {
                newest.insert(subject, line);
            }
        }
        let stands =
            |hash: &EntryHash| self.history.iter().any(|line| line.entry == *hash && line.without_effect.is_none());
        newest.into_iter().filter(|(_, line)| line.crossed.iter().any(stands)).map(|(subject, _)| subject).collect()
    }

    /// What one side reads as the state: for the sender of a thread without a way back, that no answer may come.
    #[must_use]
    pub fn words(&self, actor: Actor) -> String {
        match (self.answer, actor, self.place.is_final()) {
            (Answer::NotPermitted, Actor::Sender, false) => ANSWER_NOT_PERMITTED.to_owned(),
            _ => self.place.words(),
        }
    }
}
