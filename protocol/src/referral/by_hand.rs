//! What a recipient, or another of a team, says again by hand once it may tell the others how a referral stands that went on here without
//! them (42 CFR 2.26): an appointment and its place are words for who reads them, so no command repeats them.

use super::codes::Mode;
use super::follow::Appointment;
use super::state::{Place, State};
use super::visit::Stands;
use crate::ids::OrgId;
use crate::sensitive::Personal;
use crate::time::{Time, Zone};
use serde::{Deserialize, Serialize};

/// One of it: what comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ByHand {
    /// An appointment that they do not know: they know of none, or of one at another time or place.
    Appointment,
    /// They wait to hear of an appointment to which the person did not come.
    Missed,
    /// They wait to hear of one that was cancelled.
    Cancelled,
    /// They wait to hear of one that stands no more, and of which nothing that was written here can be told: a newer one.
    Lapsed,
    /// Of an own one in a team: the person came.
    Came,
    Rests,
    /// They take it for resting.
    GoesOn,
}

impl ByHand {
    /// Between the referral as it stands `here`, and as the others know it. Nothing once it has ended at either.
    #[must_use]
    pub fn of(here: &State, there: &State) -> Option<Self> {
        if here.place.is_final() || there.place.is_final() {
            return None;
        }
        let expected = there.place == Place::Scheduled;
        let (ours, theirs) = (here.appointment.as_ref(), there.appointment.as_ref());
        match here.place {
            Place::OnHold => (there.place != Place::OnHold).then_some(Self::Rests),
            Place::Scheduled | Place::Missed | Place::AppointmentCancelled | Place::Active
                if there.place == Place::OnHold =>
            {
                Some(Self::GoesOn)
            }
            Place::Scheduled => (!expected || meeting(ours) != meeting(theirs)).then_some(Self::Appointment),
            Place::Missed if expected && time(ours) == time(theirs) => Some(Self::Missed),
            Place::AppointmentCancelled => expected.then_some(Self::Cancelled),
            Place::Missed | Place::Active => expected.then_some(Self::Lapsed),
            _ => None,
        }
    }

    /// The same of an appointment of `own` in a team, which has nothing to do with where the referral stands.
    #[must_use]
    pub fn of_own(own: OrgId, here: &State, there: &State) -> Option<Self> {
        let (here, there) = (here.visit(own)?, there.visit(own));
        let expected = there.filter(|there| there.stands == Stands::Scheduled).map(|there| there.appointment.as_ref());
        let ours = here.appointment.as_ref();
        match (here.stands, expected) {
            (Stands::Scheduled, known) => (known.map(meeting) != Some(meeting(ours))).then_some(Self::Appointment),
            // Whoever came, came: also who was not expected, or was thought not to have come.
            (Stands::Attended, _) => there.is_none_or(|there| there.stands != Stands::Attended).then_some(Self::Came),
            (_, None) => None,
            (Stands::Missed, Some(known)) if time(known) == time(ours) => Some(Self::Missed),
            (Stands::Missed, Some(_)) => Some(Self::Lapsed),
            (Stands::Cancelled, Some(_)) => Some(Self::Cancelled),
        }
    }
}

fn time(appointment: Option<&Appointment>) -> Option<Time> {
    appointment.map(|appointment| appointment.at)
}

/// When and where the person is expected, without the words beside it.
fn meeting(appointment: Option<&Appointment>) -> Option<(Time, &Zone, &Personal<String>, Mode)> {
    appointment.map(|one| (one.at, &one.zone, &one.place, one.mode))
}
