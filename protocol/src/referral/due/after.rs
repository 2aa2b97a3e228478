//! What is due beside the steps of a referral, and after it: the lost are looked for, who left is watched, who came is asked how it goes.

use super::{CHECK_IN_EARLY, CHECK_INS, Due, Facts, Timer, WATCH_DAYS, at};
use crate::agreement::Hours;
use crate::referral::codes::Stage;
use crate::referral::days::{Days, WATCH};
use crate::referral::state::{Actor, Place};
use crate::time::Time;

/// Both sides look for somebody who is lost.
pub(super) fn lost(facts: &Facts, days: Days, now: Time, due: &mut Vec<Due>) {
    let Some(lost) = facts.lost else { return };
    let since = facts.tried.filter(|tried| *tried > lost).unwrap_or(lost);
    let by = since.plus(facts.patience(days, now));
    due.extend([Actor::Sender, Actor::Recipient].map(|whose| at(Timer::Lost, whose, since, by)));
}

/// A day that was planned, the summary of a discharge, and the two weeks after.
pub(super) fn leaving(facts: &Facts, hours: &Hours, days: Days, now: Time, due: &mut Vec<Due>) {
    let Some(left) = facts.leaving else { return };
    let planned = days.after(left.on, left.said).is_none();
    let seen = facts.met.and_then(|met| days.after(left.on, met)).is_some();
    if planned && !seen && days.within(left.on, now, WATCH) {
        due.push(at(Timer::Leaves, left.by, left.on, days.end(left.on, 0)));
    }
    if let Some(whose) = facts.summary {
        due.push(at(Timer::Summary, whose, left.on, left.on.plus(hours.summary())));
    }
    let whose = if matches!(facts.place, Place::Sent) { Actor::Sender } else { Actor::Recipient };
    watch(facts, whose, days, now, due);
}

/// The next day of the two weeks on which somebody looks after the person.
pub(super) fn watch(facts: &Facts, whose: Actor, days: Days, now: Time, due: &mut Vec<Due>) {
    let Some(left) = facts.leaving.filter(|left| days.within(left.on, now, WATCH)) else { return };
    // The next look that nobody has had yet: whoever met the person on a day has looked for that day and those before.
    let met = facts.met.and_then(|met| days.after(left.on, met));
    if let Some(day) = WATCH_DAYS.into_iter().find(|day| met.is_none_or(|met| met < *day)) {
        let timer = Timer::Watch { day: u8::try_from(day).unwrap_or(u8::MAX) };
        due.push(at(timer, whose, left.on, days.end(left.on, day)));
    }
}

/// Which check-in is due where the first visit was at `start`, if one is: of several that were let pass, the last whose day has come.
#[must_use]
pub fn check_in_due(start: Time, had: impl Fn(Stage) -> bool, days: Days, now: Time) -> Option<Stage> {
    let later = |day: u64| CHECK_INS.iter().any(|stage| stage.days() > day && had(*stage));
    let mut open = CHECK_INS.into_iter().filter(|stage| !had(*stage) && !later(stage.days()));
    open.rfind(|stage| stage_has_come(*stage, start, days, now))
}

/// Whether this check-in can be asked by `at` where the first visit was at `start`.
#[must_use]
pub fn stage_has_come(stage: Stage, start: Time, days: Days, at: Time) -> bool {
    days.after(start, at).is_some_and(|today| today + CHECK_IN_EARLY >= stage.days())
}

/// The check-in that nobody has had yet, from its day on.
pub(super) fn check_ins(facts: &Facts, days: Days, now: Time, due: &mut Vec<Due>) {
    let Some(start) = facts.attended else { return };
    let had = |stage| facts.check_ins.iter().any(|(had, _)| *had == stage);
    if let Some(day) = check_in_due(start, had, days, now).map(Stage::days) {
        let timer = Timer::CheckIn { day: u8::try_from(day).unwrap_or(u8::MAX) };
        due.push(at(timer, Actor::Recipient, start, days.end(start, day + CHECK_IN_EARLY)));
    }
}
