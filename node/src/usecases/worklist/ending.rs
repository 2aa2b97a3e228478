//! How the consent behind a thread ends or ended, and what that leaves to be done.

use crate::system;
use belay_protocol::ids::OrgId;
use belay_protocol::limits::CLOCK_SKEW;
use belay_protocol::referral::due::Timer;
use belay_protocol::time::Time;
use serde::{Deserialize, Serialize};

/// How the consent behind a thread ends or ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// Since when we may read nothing new in it.
    pub gone: Option<Time>,
    /// When the person took it back, as who keeps it says.
    pub taken_back: Option<Time>,
    /// The person took it back here.
    pub heard: bool,
    /// It came after that: nothing of it is shown, and nobody is taken in.
    pub unwanted: bool,
    /// How a consent of ours was ended by somebody's word, for all or for the other organisation.
    pub by_word: Option<(Time, Word)>,
    /// When it ends by itself: of a consent of ours as the newest version says, of one that came to us as its notice does.
    pub ends: Option<Time>,
    /// It ends at an event: only who keeps the consent knows when that came about.
    pub event: bool,
    pub ours: bool,
    /// That the other organisation is not in it any more.
    pub left: Option<String>,
    /// It left by itself, and nobody has put on record why.
    pub telephone: bool,
    /// Who: of a team not only who was referred to.
    pub who: Option<OrgId>,
    /// It goes by an agreement of both and by no consent (42 CFR 2.12(c)).
    pub tied: bool,
    /// It was ended here, and what it rests on lets a new one be sent.
    pub again: bool,
    /// Since when staff here say that the consent may be false (42 CFR 2.31(c)(4)), and nobody has judged it: nothing is told meanwhile.
    pub suspended: Option<Time>,
}

/// By what word a consent of ours ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Word {
    TakenBack,
    /// For the other organisation alone.
    TakenBackForThem,
    /// The newest version does not name it.
    NotNamed,
    /// The newest version lets it be told nothing more.
    NothingMore,
    /// The person asked that it is told nothing more (2.26).
    LeftOut,
    /// The newest version would let a new referral go; this one was shut and stays so.
    Anew,
    /// It is known to be false (2.31(c)(4)).
    False,
}

impl Word {
    const fn words(self) -> &'static str {
        match self {
            Self::TakenBack => "the person took the OK back",
            Self::TakenBackForThem => "the person took the OK back for this organisation",
            Self::NotNamed => "the OK no longer names this organisation",
            Self::NothingMore => "the OK lets this organisation be told nothing more",
            Self::LeftOut => "the person asked that this organisation is told nothing more",
            Self::Anew => "it was ended here; what it rests on lets a new one be sent",
            Self::False => "the consent is known to be false",
        }
    }
}

/// A referral that can not go on, whatever it came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Over {
    /// What asks what comes next for the person: by what it ended.
    pub timer: Timer,
    pub since: Option<Time>,
}

impl Over {
    /// By somebody's word, and not by time: a revocation, a restriction, a version that was signed since.
    #[must_use]
    pub fn by_word(self) -> bool {
        matches!(self.timer, Timer::TakenBack | Timer::NothingMore)
    }
}

impl Ending {
    /// That nothing more may be told, and why, to be read after `ended:`.
    #[must_use]
    pub fn at(&self, other: &str, now: Time) -> Option<String> {
        let what = if self.tied { "agreement" } else { "consent" };
        if let Some(end) = self.by_time(now) {
            let until = if self.ours { String::new() } else { format!(" {}", system::local(end).until_words()) };
            return Some(format!("{what} expired{until}"));
        }
        if let Some((_, word)) = self.by_word {
            return Some(word.words().to_owned());
        }
        match self.gone {
            Some(_) if self.heard => Some(Word::TakenBack.words().to_owned()),
            Some(since) if self.taken_back.is_some() => Some(format!(
                "the person took the OK back at {other} on {}: keep what you have, pass nothing on",
                system::day(self.taken_back.unwrap_or(since))
            )),
            Some(since) if self.tied && self.left.is_some() => Some(format!("agreement ended {}", system::day(since))),
            // Why, nobody tells: who keeps the consent knows.
            Some(since) if self.event => Some(format!("the OK ended at {other} on {}", system::day(since))),
            // A restriction (2.26), a version that leaves us out, a consent that is false: which of them is not ours to say.
            Some(since) => Some(format!("{other} tells nothing more under this {what} since {}", system::day(since))),
            None => self.left.clone(),
        }
    }

    /// When it ended by time alone, without a word of the person: whoever keeps the space takes the recipient out of it then, which
    /// is no such word, and whose clock may be ahead of ours.
    fn by_time(&self, now: Time) -> Option<Time> {
        let by_word = self.by_word.is_some() || self.heard || self.taken_back.is_some();
        let over = |end: Time| self.gone.map_or(end <= now, |gone| end <= gone.plus(CLOCK_SKEW));
        self.ends.filter(|end| !by_word && over(*end))
    }

    /// What it leaves to be done where nothing more may be told. `None`: it goes on; or somebody has to telephone first; or nobody is
    /// taken in by it.
    #[must_use]
    pub fn over(&self, now: Time) -> Option<Over> {
        let over = |timer, since| Some(Over { timer, since });
        if self.unwanted {
            return None;
        }
        if let Some(end) = self.by_time(now) {
            return over(Timer::ConsentEnded, Some(end));
        }
        match (self.by_word, self.gone) {
            (Some((at, Word::False)), _) => over(Timer::ConsentEnded, Some(at)),
            (Some((at, Word::TakenBack | Word::TakenBackForThem)), _) => over(Timer::TakenBack, Some(at)),
            (Some((at, Word::NotNamed | Word::NothingMore | Word::LeftOut)), _) => over(Timer::NothingMore, Some(at)),
            (Some((at, Word::Anew)), _) => over(Timer::Rehome, Some(at)),
            (None, Some(at)) if self.heard || self.taken_back.is_some() => over(Timer::TakenBack, Some(at)),
            (None, Some(at)) if self.event || self.tied && self.left.is_some() => over(Timer::ConsentEnded, Some(at)),
            (None, Some(at)) => over(Timer::NothingMore, Some(at)),
            (None, None) if self.left.is_none() || self.telephone => None,
            (None, None) if self.tied && !self.again => over(Timer::ConsentEnded, None),
            // The consent stands, and nobody is there: another place is looked for.
            (None, None) => over(Timer::Rehome, None),
        }
    }
}
