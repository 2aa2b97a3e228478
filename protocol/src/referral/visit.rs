//! An appointment of an organisation's own in the thread of a team, beside the one for which the person was referred.
//!
//! A shelter gives a person a bed on Tuesday while the clinic has the person on its list: that is no step of the referral, and its place does not
//! move by it. So each of a team but who was referred to has a small machine of its own, of the same acts; whose it is says their author.

use super::act::Act;
use super::follow::Appointment;
use super::state::{Actor, Place, State};
use crate::ids::OrgId;
use crate::time::{MINUTE, Time};
use serde::{Deserialize, Serialize};

/// How an organisation's own appointment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stands {
    Scheduled,
    Missed,
    Cancelled,
    Attended,
}

/// One organisation's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    pub org: OrgId,
    pub stands: Stands,
    /// Since when, by its author's clock.
    pub since: Time,
    /// The appointment that holds, or that was missed.
    pub appointment: Option<Appointment>,
    /// When the person last came.
    pub attended: Option<Time>,
}

/// What an act does where it has an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// The referral stands here then, maybe where it stood.
    Referral(Place),
    /// The appointment of its author's own does.
    Own(Stands),
}

impl Act {
    /// Whether it is a step of an appointment: of the recipient's that of the referral, of another of the team an own one.
    #[must_use]
    pub const fn is_visit(&self) -> bool {
        matches!(
            self,
            Self::Schedule(_)
                | Self::Reschedule { .. }
                | Self::CancelAppointment { .. }
                | Self::Attend { .. }
                | Self::NoShow { .. }
        )
    }

    /// Whether both say that the person came, or both that the person did not, to a visit of the same minute: what people are shown of a time.
    #[must_use]
    pub fn same_visit(&self, other: &Self) -> bool {
        let same = |one: &Time, other: &Time| one.0 / MINUTE == other.0 / MINUTE;
        match (self, other) {
            (Self::Attend { when: one }, Self::Attend { when: other })
            | (Self::NoShow { when: one, .. }, Self::NoShow { when: other, .. }) => same(one, other),
            _ => false,
        }
    }

    /// Whether it is a step of its author's own appointment. `team`: it stands in the thread of one.
    #[must_use]
    pub(super) fn is_own(&self, actor: Actor, team: bool) -> bool {
        self.is_visit()
            && match actor {
                Actor::Member => true,
                Actor::Sender => team,
                Actor::Recipient => false,
            }
    }
}

/// How an own appointment stands after an act. What became of the referral does not touch it: who was declined at the clinic still has a bed.
///
/// # Errors
/// The reason, for people.
pub(super) fn own(place: Place, stands: Option<Stands>, act: &Act) -> Result<Stands, &'static str> {
    match place {
        Place::Nothing => return Err("nothing was sent yet"),
        Place::EnteredInError => return Err("it was entered in error"),
        _ => {}
    }
    match (act, stands) {
        (Act::Schedule(_), _) | (Act::Reschedule { .. }, Some(_)) => Ok(Stands::Scheduled),
        (Act::Reschedule { .. }, None) => Err("your organisation made no appointment yet; schedule one"),
        // Whoever came, came.
        (Act::Attend { .. }, _) => Ok(Stands::Attended),
        (Act::CancelAppointment { .. }, Some(Stands::Scheduled | Stands::Missed)) => Ok(Stands::Cancelled),
        (Act::NoShow { .. }, Some(Stands::Scheduled)) => Ok(Stands::Missed),
        _ => Err("your organisation has no appointment with the person"),
    }
}

impl State {
    /// An organisation's own appointment.
    #[must_use]
    pub fn visit(&self, org: OrgId) -> Option<&Visit> {
        self.visits.iter().find(|visit| visit.org == org)
    }

    /// Takes in a step of one.
    pub(super) fn take_visit(&mut self, org: OrgId, at: Time, stands: Stands, act: &Act) {
        let known = self.visits.iter().position(|visit| visit.org == org);
        let old = known.map(|known| self.visits.remove(known));
        let (was, came) = old.map_or((None, None), |old| (old.appointment, old.attended));
        let (appointment, attended) = match act {
            Act::Schedule(to) | Act::Reschedule { to, .. } => (Some(to.clone()), came),
            Act::Attend { when } => (None, Some(*when)),
            Act::CancelAppointment { .. } => (None, came),
            _ => (was, came),
        };
        self.met(act);
        self.visits.push(Visit { org, stands, since: at, appointment, attended });
        self.visits.sort_by_key(|visit| visit.org);
    }
}
