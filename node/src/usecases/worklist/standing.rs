//! Where a referral stands for who reads it: on which side we are, what waits, and for whom.
//!
//! Response times are agreed between partners; while no agreement says one, a thread waits from its last change, and is marked
//! after a day, or after two hours where the sender called it urgent.

use crate::api::care::ThreadRow;
use belay_protocol::referral::due::Timer;
use belay_protocol::referral::{Place, Urgency};
use belay_protocol::time::{DAY, HOUR, Time};
use serde::{Deserialize, Serialize};

/// Without an answer for this long a referral is marked.
const ROUTINE: u64 = DAY;
/// The same where it is urgent.
const URGENT: u64 = 2 * HOUR;

/// In which part this organisation stands in a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// We sent it.
    Outgoing,
    /// It was sent to us.
    Incoming,
}

/// For whom a referral waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Waits {
    Us,
    Them,
    Nobody,
}

/// What is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// What to do, such as `Answer the referral`. Holds nothing about the person.
    pub what: &'static str,
    pub since: Time,
    pub overdue: bool,
}

/// Which side of it we are.
#[must_use]
pub fn side(row: &ThreadRow) -> Side {
    if row.direction == "incoming" { Side::Incoming } else { Side::Outgoing }
}

/// From both statuses back to the place; a sender without a way back knows no more than that it was sent.
#[must_use]
pub fn place(row: &ThreadRow) -> Place {
    let fits = |place: &Place| {
        Some(place.status()) == row.status.as_deref()
            && place.business().map(|(code, _)| code) == row.business.as_deref()
    };
    Place::ALL.into_iter().find(fits).unwrap_or(Place::Sent)
}

/// It is urgent and has not ended.
#[must_use]
pub fn urgent(row: &ThreadRow) -> bool {
    row.urgency == Some(Urgency::Urgent) && !place(row).is_final()
}

/// What waits for our staff, if anything.
#[must_use]
pub fn due(row: &ThreadRow, now: Time) -> Option<Due> {
    if let Some(judge) = row.due.iter().find(|due| due.timer == Timer::Suspended) {
        let what = "The consent may be false: the privacy officer judges it, and nothing is told until then";
        return Some(Due { what, since: judge.since, overdue: judge.overdue });
    }
    let ended = row.due.iter().find_map(|due| match due.timer {
        Timer::ConsentEnded => Some(("The consent has ended: ask for a new one, or say what comes next", due)),
        Timer::TakenBack => Some(("The OK was taken back: say what comes next, or that nothing does", due)),
        Timer::NothingMore => {
            Some(("Nothing more is told under this consent: say what comes next, or that nothing does", due))
        }
        _ => None,
    });
    if let Some((what, due)) = ended {
        return Some(Due { what, since: due.since, overdue: due.overdue });
    }
    if let Some(rehome) = row.due.iter().find(|due| due.timer == Timer::Rehome && due.ours) {
        let what = "Find another place, or say why none is looked for";
        return Some(Due { what, since: rehome.since, overdue: rehome.overdue });
    }
    // What the place alone does not tell.
    let beside = row.due.iter().find_map(|due| match due.timer {
        Timer::Died => Some(("The person has died: end what is open", due)),
        Timer::Lives => Some(("They struck the word that the person had died: look, and correct your record", due)),
        Timer::Read => Some(("Read what was written", due)),
        Timer::Renew => Some(("They have an older plan or medication: tell the newer", due)),
        Timer::Untold => Some(("They do not know what was done here: tell it", due)),
        Timer::ByHand { .. } => Some(("What they know is not how it stands here: say it again", due)),
        Timer::Wrong { .. } => Some(("They have a plan or medication that was a mistake: put it right", due)),
        Timer::HandOver => Some(("Hand over the letter", due)),
        Timer::Came => Some(("Say when the person came", due)),
        Timer::Review => Some(("Look whether it still has to rest", due)),
        Timer::Plan => Some(("Plan what comes next: the person is held there", due)),
        _ => None,
    });
    if let Some((what, due)) = beside.filter(|(_, due)| due.ours && (due.timer != Timer::Review || due.overdue)) {
        return Some(Due { what, since: due.since, overdue: due.overdue });
    }
    if row.ended.is_some() {
        return None;
    }
    if let Some(own) = own(row, now) {
        return Some(own);
    }
    // Of a team it waits for who was referred to.
    if row.recipient.is_some() {
        return None;
    }
    let (what, since) = match (side(row), place(row)) {
        (Side::Incoming, Place::Sent) => ("Answer the referral", row.updated),
        (Side::Incoming, Place::Accepted | Place::Active) => ("Make an appointment", row.updated),
        (Side::Incoming, Place::Missed) => ("Reach out, and make a new appointment", row.updated),
        (Side::Incoming, Place::AppointmentCancelled) => ("Make a new appointment, or close", row.updated),
        (Side::Incoming, Place::CancelRequested) => ("Answer the wish to withdraw", row.updated),
        (Side::Incoming, Place::Scheduled) => {
            ("Record whether the person came", row.appointment_at.filter(|at| *at <= now)?)
        }
        // Nobody there can answer over the network: our staff ask.
        (Side::Outgoing, Place::Sent) if row.off_network => {
            ("Hand over the letter, then ask by telephone", row.updated)
        }
        (Side::Outgoing, Place::Accepted | Place::Missed) if row.off_network => {
            ("Ask the partner by telephone", row.updated)
        }
        (Side::Outgoing, Place::Scheduled) if row.off_network => {
            ("Ask whether the person came", row.appointment_at.filter(|at| *at <= now)?)
        }
        _ => return None,
    };
    let patience = if row.urgency == Some(Urgency::Urgent) { URGENT } else { ROUTINE };
    Some(Due { what, since, overdue: now.since(since) >= patience })
}

/// What an appointment of our own asks, in the thread of a team: that of the referral is of who was referred to.
fn own(row: &ThreadRow, now: Time) -> Option<Due> {
    let ours = row.recipient.is_some() || side(row) == Side::Outgoing;
    row.due.iter().filter(|due| ours && due.ours && due.since <= now).find_map(|due| {
        let what = match due.timer {
            Timer::AppointmentPassed => "Record whether the person came to your own appointment",
            Timer::NewAppointment => "Reach out, and make a new appointment of your own, or cancel it",
            _ => return None,
        };
        Some(Due { what, since: due.since, overdue: due.overdue })
    })
}

/// For whom it waits now.
#[must_use]
pub fn waits(row: &ThreadRow, now: Time) -> Waits {
    let place = place(row);
    if due(row, now).is_some() {
        Waits::Us
    } else if row.ended.is_some() || place.is_final() || matches!(place, Place::Nothing | Place::Attended) {
        Waits::Nobody
    } else if row.recipient.is_some() {
        Waits::Them
    } else if side(row) == Side::Incoming || !row.answerable {
        // An appointment to come, or a hold: nobody has to do anything today.
        Waits::Nobody
    } else {
        Waits::Them
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use belay_protocol::ids::{OrgId, ThreadId};

    /// A row of a referral at this place.
    pub fn row(side: Side, at: Place) -> ThreadRow {
        ThreadRow {
            id: ThreadId([1; 32]),
            direction: if side == Side::Incoming { "incoming" } else { "outgoing" }.to_owned(),
            other: OrgId([2; 32]),
            other_name: "Clinic".to_owned(),
            off_network: false,
            team: Vec::new(),
            recipient: None,
            person: None,
            name: None,
            state: String::new(),
            status: Some(at.status().to_owned()),
            business: at.business().map(|(code, _)| code.to_owned()),
            urgency: None,
            service: None,
            appointment_at: None,
            answerable: true,
            ended: None,
            updated: Time(0),
            due: Vec::new(),
        }
    }

    #[test]
    fn both_statuses_lead_back_to_each_place() {
        for known in Place::ALL {
            assert_eq!(place(&row(Side::Outgoing, known)), known);
        }
        let blind = ThreadRow { status: None, business: None, ..row(Side::Outgoing, Place::Accepted) };
        assert_eq!(place(&blind), Place::Sent, "all that a sender without a way back knows");
    }

    #[test]
    fn the_recipient_is_told_what_waits_and_an_urgent_one_is_marked_sooner() {
        let now = Time(10 * DAY);
        let ask = |at, urgency, hours| {
            let updated = Time(now.0 - hours * HOUR);
            let appointment_at = Some(Time(now.0 - HOUR));
            due(&ThreadRow { urgency, updated, appointment_at, ..row(Side::Incoming, at) }, now)
        };
        let marked = |at, urgency, hours| ask(at, Some(urgency), hours).map(|due| due.overdue);
        assert_eq!(marked(Place::Sent, Urgency::Routine, 3), Some(false));
        assert_eq!(marked(Place::Sent, Urgency::Urgent, 3), Some(true));
        assert_eq!(marked(Place::Sent, Urgency::Routine, 24), Some(true));
        assert_eq!(ask(Place::Scheduled, None, 9).map(|due| due.since), Some(Time(now.0 - HOUR)));
        for ended in Place::ALL.into_iter().filter(|place| place.is_final()) {
            assert_eq!(ask(ended, Some(Urgency::Urgent), 99), None);
        }
    }

    #[test]
    fn nothing_is_due_before_the_appointment_nor_from_the_sender_nor_after_the_consent() {
        let now = Time(10 * DAY);
        let ahead = ThreadRow { appointment_at: Some(now.plus(1)), ..row(Side::Incoming, Place::Scheduled) };
        assert_eq!((due(&ahead, now), waits(&ahead, now)), (None, Waits::Nobody));
        for place in Place::ALL {
            assert_eq!(due(&row(Side::Outgoing, place), now), None);
        }
        let ended =
            ThreadRow { ended: Some("the person took the OK back".to_owned()), ..row(Side::Incoming, Place::Sent) };
        assert_eq!(waits(&ended, now), Waits::Nobody);
        assert_eq!(waits(&row(Side::Incoming, Place::Sent), now), Waits::Us);
    }

    #[test]
    fn who_is_off_the_network_is_asked_by_us() {
        let away = ThreadRow { off_network: true, ..row(Side::Outgoing, Place::Sent) };
        assert_eq!(waits(&away, Time(1)), Waits::Us);
        assert_eq!(waits(&row(Side::Outgoing, Place::Sent), Time(1)), Waits::Them);
    }
}
