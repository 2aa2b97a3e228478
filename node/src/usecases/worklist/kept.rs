//! What is kept of a thread.

use super::due::{self, Agreed};
use super::ending::Ending;
use super::standing::{self, Waits};
use crate::api::Outcome;
use crate::api::care::{DueView, Part, ThreadRow};
use belay_protocol::engine::Step;
use belay_protocol::ids::{AgreementId, ConsentId};
use belay_protocol::referral::due::{Facts, Timer};
use belay_protocol::time::Time;
use serde::{Deserialize, Serialize};

/// All that the list shows of one thread, and when that ends.
///
/// A thread is folded when somebody opens it, never to list it: a list of ten thousand would take ten thousand folds. So a row is
/// kept for each, whole, as staff will read it, and beside it keys that put it in order. Four things may make it untrue, and each has
/// its way here:
///
/// 1. **Something came into the thread, or about it into the records.** Who writes a record marks what it touches ([`super::touched`],
///    [`super::stale`]): the thread itself, or, by the row's own keys, every thread under that consent or about that person. What
///    is marked is folded anew by whoever reads next; in between, the node does it by itself in small parts.
/// 2. **A partner changed**: an agreement, a telephone number. The rows of that partner are marked too, and only deadlines are
///    made anew, from [`Facts`], without a fold.
/// 3. **Time passed.** A row is the same from the moment it was made to [`Kept::until`], the earliest at which an appointment, a
///    deadline, a day of the watch, an agreement or the consent makes it say something else. Rows stand in an index by that moment,
///    so a read makes anew those few whose moment has come.
/// 4. **The clock was set back, days are counted otherwise (summer time), or another program wrote the rows.** The head of the index
///    knows of all three: then deadlines of all rows are made anew, or all rows folded.
///
/// So whoever reads finds every row true at that moment, in order, with counts that rows add to and take from as they change, and
/// pays for a page and for what changed since. A test makes every row anew after every kind of change and holds it against the kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    pub row: ThreadRow,
    /// What this side reads as the state while the consent stands.
    pub stands: String,
    /// What deadlines depend on.
    pub facts: Facts,
    pub ending: Ending,
    /// Of an incoming thread its part. A change of it touches the row.
    pub consent: Option<ConsentId>,
    /// With the other organisation: a change of it touches the row's deadlines.
    pub agreement: Option<AgreementId>,
    pub waits: Waits,
    /// The first moment at which time alone makes the row say something else.
    pub until: Option<Time>,
}

/// One deadline, as it stands in the index: what notices count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    pub timer: Timer,
    pub since: Time,
    pub by: Time,
    /// Whether we should act, or the other side.
    pub ours: bool,
}

impl Kept {
    /// Makes anew what depends on the time and on the partner.
    ///
    /// # Errors
    /// `Store`.
    pub fn retime(&mut self, step: &mut Step<'_>, agreed: &mut Agreed) -> Outcome<()> {
        let now = step.context().now;
        let partner = agreed.with(step, self.row.other)?;
        let ended = self.ending.at(&self.row.other_name, now);
        self.row.state = match &ended {
            // What was on the way is on the way no more.
            Some(how) if self.facts.is_open() && !self.ending.telephone => format!("ended: {how} ({})", self.stands),
            Some(how) => format!("{}; {how}", self.stands),
            None => self.stands.clone(),
        };
        let suspended = self.ending.suspended.filter(|_| ended.is_none());
        if suspended.is_some() {
            self.row.state.push_str("; suspended, the consent may be false");
        }
        let own = step.org();
        let left = self.ending.telephone && ended == self.ending.left;
        self.row.due = match (&ended, self.ending.over(now)) {
            (None, _) => due::views(own, &self.row, &self.facts, &partner, now),
            (Some(_), _) if left => vec![due::left(&self.row, &partner)],
            // Nobody falls through here: the person is somewhere on the way, and somebody looks after what comes next.
            (Some(_), Some(over)) => due::ended(own, &self.row, &self.facts, &partner, (over, now)),
            (Some(_), None) => Vec::new(),
        };
        if let Some(since) = suspended {
            self.row.due.push(due::suspended(&self.row, &self.facts, self.consent, &partner, (since, now)));
            self.row.due.sort_by_key(|due| (due.by, due.timer));
        }
        self.row.ended = ended;
        self.waits = if left { Waits::Us } else { standing::waits(&self.row, now) };
        self.agreement = partner.agreement;
        let coming = self.ending.ends.into_iter().chain(self.row.appointment_at).chain(partner.until);
        let coming = coming.chain(self.row.due.iter().map(|due| due.by));
        let coming = coming.filter(|at| *at > now).chain(due::next_change(own, &self.row, &self.facts, &partner, now));
        self.until = coming.min();
        Ok(())
    }

    /// Where it is listed.
    pub(super) fn parts(&self) -> impl Iterator<Item = Part> {
        let waits = match self.waits {
            Waits::Us => Some(Part::Ours),
            Waits::Them => Some(Part::Theirs),
            Waits::Nobody => None,
        };
        let ended = self.row.ended.is_some() || standing::place(&self.row).is_final();
        let due = self.order().is_some();
        [Some(Part::All), waits, ended.then_some(Part::Ended), due.then_some(Part::Due)].into_iter().flatten()
    }

    /// Its deadlines on which somebody should act: what the other side has time for is left out until it is late.
    pub(super) fn waiting(&self) -> Vec<Waiting> {
        let pressing = self.row.due.iter().filter(|due| due.ours || due.overdue);
        pressing.map(|due| Waiting { timer: due.timer, since: due.since, by: due.by, ours: due.ours }).collect()
    }

    /// Its place among what is due: what comes before everything else, then the rest, each by deadline.
    pub(super) fn order(&self) -> Option<u64> {
        const REST: u64 = 1 << 63;
        let place = |due: &DueView| if self.row.first(due.timer) { due.by.0.min(REST - 1) } else { due.by.0 | REST };
        self.row.due.iter().filter(|due| due.ours || due.overdue).map(place).min()
    }

    pub(super) fn is_overdue(&self) -> bool {
        self.row.due.iter().any(|due| due.overdue)
    }
}
