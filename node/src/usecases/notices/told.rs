//! When to tell: pure, from what was told last, what stands now, and the time.

use belay_protocol::limits::NOTICE_EVERY;
use belay_protocol::referral::due::Timer;
use belay_protocol::time::Time;
use std::collections::BTreeSet;

/// One thing that waits: a thread and its deadline, an inquiry, an opening, or a consent.
pub type Item = ([u8; 32], Option<Timer>);

/// What waits. Kept by name and not as counts: one that came while another went is new all the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    pub new: BTreeSet<Item>,
    /// Within a day.
    pub due: BTreeSet<Item>,
    pub overdue: BTreeSet<Item>,
    /// Openings in an emergency that no privacy officer has looked into.
    pub review: BTreeSet<Item>,
    /// Consents that may be false, kept here or elsewhere; and that are, and what went under them waits for a privacy officer's word.
    pub judge: BTreeSet<Item>,
}

/// All that leaves the node.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub new: usize,
    pub due: usize,
    pub overdue: usize,
    pub review: usize,
    pub judge: usize,
}

impl Standing {
    #[must_use]
    pub fn counts(&self) -> Counts {
        let [new, due, overdue, review, judge] = self.lists().map(BTreeSet::len);
        Counts { new, due, overdue, review, judge }
    }

    const fn lists(&self) -> [&BTreeSet<Item>; 5] {
        [&self.new, &self.due, &self.overdue, &self.review, &self.judge]
    }
}

impl Counts {
    /// One line; what there is none of is left out.
    #[must_use]
    pub fn line(&self) -> String {
        let all = [
            (self.new, "new"),
            (self.due, "due"),
            (self.overdue, "overdue"),
            (self.review, "emergency access to review"),
            (self.judge, "consent to judge"),
        ];
        let parts: Vec<String> =
            all.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
        format!("Belay: {}", parts.join(", "))
    }
}

/// What was told last, and when it was tried last. Kept in memory: after a start, what waits is told once again.
#[derive(Debug, Default)]
pub struct Told {
    what: Standing,
    at: Option<Time>,
}

impl Told {
    /// What to tell now, if anything: something waits that was not told, and the last notice is long enough ago.
    #[must_use]
    pub fn next(&self, stands: &Standing, now: Time) -> Option<Counts> {
        let risen = stands.lists().into_iter().zip(self.what.lists()).any(|(now, told)| !now.is_subset(told));
        (risen && self.quiet(now).is_none()).then(|| stands.counts())
    }

    /// Milliseconds in which nothing is told. A clock that was set back keeps nobody waiting.
    #[must_use]
    pub fn quiet(&self, now: Time) -> Option<u64> {
        let gone = now.0.checked_sub(self.at?.0)?;
        NOTICE_EVERY.checked_sub(gone).filter(|left| *left > 0)
    }

    /// What is done is told anew should it come again.
    pub fn forget_what_is_over(&mut self, stands: &Standing) {
        let Standing { new, due, overdue, review, judge } = &mut self.what;
        for (told, now) in [new, due, overdue, review, judge].into_iter().zip(stands.lists()) {
            told.retain(|item| now.contains(item));
        }
    }

    /// A notice was given, or, with nothing, failed.
    pub fn tried(&mut self, given: Option<Standing>, now: Time) {
        self.at = Some(now);
        if let Some(given) = given {
            self.what = given;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Time = Time(1_800_000_000_000);

    fn set(names: &[u8]) -> BTreeSet<Item> {
        names.iter().map(|name| ([*name; 32], Some(Timer::Acknowledge))).collect()
    }

    fn new(names: &[u8]) -> Standing {
        Standing { new: set(names), ..Standing::default() }
    }

    fn told(what: &Standing) -> Told {
        let mut told = Told::default();
        told.tried(Some(what.clone()), NOON);
        told
    }

    #[test]
    fn what_came_is_told_once_and_nothing_is_told_of_nothing() {
        assert_eq!(Told::default().next(&Standing::default(), NOON), None);
        let one = new(&[1]);
        let counts = Told::default().next(&one, NOON).unwrap();
        assert_eq!(counts.line(), "Belay: 1 new");
        let told = told(&one);
        for later in [1, NOTICE_EVERY - 1, NOTICE_EVERY, 100 * NOTICE_EVERY] {
            assert_eq!(told.next(&one, NOON.plus(later)), None);
            assert_eq!(told.next(&Standing::default(), NOON.plus(later)), None, "less is no news");
        }
    }

    #[test]
    fn a_second_notice_waits_until_ten_minutes_are_over() {
        let (told, two) = (told(&new(&[1])), new(&[1, 2]));
        assert_eq!(told.quiet(NOON.plus(1)), Some(NOTICE_EVERY - 1));
        assert_eq!(told.next(&two, NOON.plus(NOTICE_EVERY - 1)), None);
        assert_eq!(told.next(&two, NOON.plus(NOTICE_EVERY)).unwrap().line(), "Belay: 2 new");
        assert!(told.next(&two, Time(NOON.0 - 1)).is_some(), "a clock set back");
    }

    #[test]
    fn one_that_comes_while_another_goes_is_told_though_the_count_is_the_same() {
        let later = NOON.plus(NOTICE_EVERY);
        let mut told = told(&new(&[1]));
        assert!(told.next(&new(&[2]), later).is_some());
        told.forget_what_is_over(&Standing::default());
        assert!(told.next(&new(&[1]), later).is_some(), "and one that comes again");
    }

    #[test]
    fn what_was_new_is_told_again_when_it_is_overdue_beside_all_else() {
        let told = told(&new(&[1, 2]));
        let late = Standing { new: set(&[2]), overdue: set(&[1]), ..Standing::default() };
        let counts = told.next(&late, NOON.plus(NOTICE_EVERY)).unwrap();
        assert_eq!(counts.line(), "Belay: 1 new, 1 overdue");
        let all =
            Standing { new: set(&[2]), due: set(&[3, 4]), overdue: set(&[1]), review: set(&[5]), judge: set(&[6]) };
        let line = "Belay: 1 new, 2 due, 1 overdue, 1 emergency access to review, 1 consent to judge";
        assert_eq!(all.counts().line(), line);
    }

    #[test]
    fn a_notice_that_failed_is_tried_again_after_the_quiet_time() {
        let one = new(&[1]);
        let mut told = Told::default();
        told.tried(None, NOON);
        assert_eq!(told.next(&one, NOON.plus(NOTICE_EVERY - 1)), None);
        assert!(told.next(&one, NOON.plus(NOTICE_EVERY)).is_some());
    }
}
