//! What waits for staff, as bare names of threads and counts of them. Nothing about a person leaves here, so that no look is recorded.

mod told;

pub use told::{Counts, Item, Standing, Told};

use super::worklist::{self, Waiting};
use super::{calls, consents, disclosures, emergency, inquiries};
use crate::api::Outcome;
use belay_protocol::engine::Step;
use belay_protocol::referral::due::{SOON, Timer};
use belay_protocol::time::Time;

/// Where a deadline stands, for who is told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    New,
    Due,
    Overdue,
}

/// What is new, due within a day, overdue, to be reviewed or to be judged, now.
///
/// # Errors
/// `Store`.
pub fn standing(step: &mut Step<'_>) -> Outcome<Standing> {
    let (own, now) = (step.org(), step.context().now);
    let mut standing = Standing::default();
    for (thread, waiting) in worklist::waiting(step)? {
        for due in waiting {
            let Some(class) = class(&due, now) else { continue };
            let list = match class {
                Class::New => &mut standing.new,
                Class::Due => &mut standing.due,
                Class::Overdue => &mut standing.overdue,
            };
            list.insert((thread.0, Some(due.timer)));
        }
    }
    for (space, incoming, due) in inquiries::waiting(step)? {
        let list = match (due.overdue, incoming) {
            (true, _) => &mut standing.overdue,
            (false, true) => &mut standing.new,
            (false, false) => &mut standing.due,
        };
        list.insert((space.0, Some(due.timer)));
    }
    for (call, due) in calls::waiting(step)? {
        let list = if due.overdue { &mut standing.overdue } else { &mut standing.due };
        list.insert((call.0, Some(due.timer)));
    }
    standing.review.extend(emergency::unreviewed(step.draft(), own)?.into_iter().map(|entry| (entry.0, None)));
    standing.judge.extend(disclosures::falsely_waiting(step)?.into_iter().map(|(consent, _)| (consent.0, None)));
    standing.judge.extend(consents::doubted(step.draft())?.into_iter().map(|part| (part.0, None)));
    Ok(standing)
}

/// What the other side has time for is not told until it is late; an appointment that has passed is told as such alone. What a partner
/// said of the person is told when it comes, and again when it is due.
fn class(due: &Waiting, now: Time) -> Option<Class> {
    let overdue = due.by <= now;
    match due.timer {
        Timer::AppointmentNear if overdue => None,
        _ if overdue => Some(Class::Overdue),
        Timer::Acknowledge | Timer::Read if due.ours => Some(Class::New),
        Timer::Rehome
        | Timer::Plan
        | Timer::Lost
        | Timer::Died
        | Timer::Lives
        | Timer::Untold
        | Timer::ByHand { .. }
            if due.ours && now.since(due.since) < SOON =>
        {
            Some(Class::New)
        }
        _ if due.ours && due.by.since(now) <= SOON => Some(Class::Due),
        _ => None,
    }
}
