//! Which texts of what staff write are looked at for words that do not put the person first.

use super::show;
use crate::api::care::Send;
use crate::wording::{self, Hint};
use belay_protocol::referral::Act;
use belay_protocol::sensitive::Personal;

/// Of one act: every text that somebody wrote freely, each hint once.
#[must_use]
pub fn of_act(act: &Act) -> Vec<Hint> {
    match act {
        Act::Crisis(plan) => {
            all([&plan.warning_signs, &plan.helps, &plan.avoid, &plan.wishes].into_iter().chain([&plan.naloxone]))
        }
        Act::Medication(list) => all([&list.note, &list.allergies]),
        Act::Need(need) => all([&need.text, &need.next, &need.who]),
        _ => wording::hints(show::written(act).reveal()),
    }
}

/// Of a new referral.
#[must_use]
pub fn of_send(ask: &Send) -> Vec<Hint> {
    all(ask.needs.iter().chain([&ask.reason]))
}

fn all<'t>(texts: impl IntoIterator<Item = &'t Personal<String>>) -> Vec<Hint> {
    let mut found = Vec::new();
    for hint in texts.into_iter().flat_map(|text| wording::hints(text.reveal())) {
        if !found.contains(&hint) {
            found.push(hint);
        }
    }
    found
}
