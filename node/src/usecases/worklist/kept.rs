//! What is kept of a thread.

use super::due::{self, Agreed};
use super::standing::{self, Waits};
use crate::api::Outcome;
use crate::api::care::{DueView, Part, ThreadRow};
use crate::system;
use belay_protocol::engine::Step;
use belay_protocol::ids::{AgreementId, ConsentId, OrgId};
use belay_protocol::limits::CLOCK_SKEW;
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
    /// Of an outgoing thread: a change of it touches the row.
    pub consent: Option<ConsentId>,
    /// With the other organisation: a change of it touches the row's deadlines.
    pub agreement: Option<AgreementId>,
    pub waits: Waits,
    /// The first moment at which time alone makes the row say something else.
    pub until: Option<Time>,
}

/// How the consent behind a thread ends or ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// Since when we may read nothing new in it.
    pub gone: Option<Time>,
    /// How a version of a consent of ours ended by word.
    pub by_word: Option<String>,
    /// When it ends by itself: of a consent of ours as the newest version says, of one that came to us as its notice does.
    pub ends: Option<Time>,
    pub ours: bool,
    /// That the other organisation is not in it any more.
    pub left: Option<String>,
    /// It left by itself, and nobody has put on record why.
    pub telephone: bool,
    /// Who: of a team not only who was referred to.
    pub who: Option<OrgId>,
    /// It is out of it by a word of the person or of a version, and not by time alone.
    pub shut: bool,
    /// It goes by an agreement of both and by no consent (42 CFR 2.12(c)).
    pub tied: bool,
}

impl Ending {
    /// That nothing more may be told, and since when.
    #[must_use]
    pub fn at(&self, now: Time) -> Option<String> {
        let what = if self.tied { "agreement" } else { "consent" };
        if let Some(since) = self.gone {
            return Some(format!("{what} ended {}", system::day(since)));
        }
        if let Some(word) = &self.by_word {
            return Some(format!("consent {word}"));
        }
        match self.ends.filter(|at| *at <= now) {
            Some(_) if self.ours => Some(format!("{what} expired")),
            Some(at) => Some(format!("{what} expired {}", system::local(at).until_words())),
            None => self.left.clone(),
        }
    }

    /// When it ended by time alone, without a word of the person: whoever keeps the space takes the recipient out of it then, which
    /// is no such word, and whose clock may be ahead of ours.
    #[must_use]
    pub fn by_time(&self, now: Time) -> Option<Time> {
        let by_word = self.by_word.is_some() || self.shut;
        let over = |end: Time| self.gone.map_or(end <= now, |gone| end <= gone.plus(CLOCK_SKEW));
        self.ends.filter(|end| !by_word && over(*end))
    }
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
        let ended = self.ending.at(now);
        self.row.state = match &ended {
            Some(how) => format!("{}; {how}", self.stands),
            None => self.stands.clone(),
        };
        let own = step.org();
        let left = self.ending.telephone && ended == self.ending.left;
        self.row.due = match (&ended, self.ending.by_time(now)) {
            (None, _) => due::views(own, &self.row, &self.facts, &partner, now),
            (Some(_), _) if left => vec![due::left(&self.row, &partner)],
            // Nobody falls through here either: the person is on the way, and nobody said that the person wants no more of it.
            (Some(_), Some(end)) => due::ended(own, &self.row, &self.facts, &partner, (end, now)),
            (Some(_), None) => Vec::new(),
        };
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
