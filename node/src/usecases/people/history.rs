//! What was changed on record about a person, by whom and when.

use super::super::records::find;
use crate::api::care::PersonChange;
use belay_protocol::fault::Result;
use belay_protocol::ids::PersonId;
use belay_protocol::referral::{Field, Join, persons_in_order};
use belay_protocol::sensitive::Personal;
use belay_protocol::store::View;

/// Of every record of this person, newest first: what stood there before, and which records were joined and taken apart.
pub(super) fn of(view: &dyn View, person: PersonId) -> Result<Vec<PersonChange>> {
    let records = find::records_of(view, person)?.records;
    let mut changes = Vec::new();
    for record in &records {
        let mut all = find::person(view, *record)?;
        persons_in_order(&mut all);
        for (at, (_, change)) in all.iter().enumerate().skip(1) {
            let before = all.get(..at).unwrap_or_default();
            let was = |field: &Field| {
                let stood =
                    before.iter().rev().find(|(_, one)| one.changed.contains(field)).map(|(_, one)| field.of(one));
                let stood = stood.filter(|text| !text.reveal().is_empty());
                match stood {
                    Some(text) => format!("{} was: {}", field.words(), text.reveal().replace('\n', ", ")),
                    None => format!("{} was empty", field.words()),
                }
            };
            let what = change.changed.iter().map(was).collect::<Vec<_>>().join("; ");
            changes.push(PersonChange { at: change.at, staff: change.by.name.clone(), what: Personal::new(what) });
        }
    }
    for record in &records {
        for (_, word) in find::joined_with(view, *record)? {
            let (a, b) = word.pair;
            let other = if a == *record { b } else { a };
            // A word between two that are together stands in the history of both.
            if records.contains(&other) && other < *record {
                continue;
            }
            let what = match word.what {
                Join::Together(_) => format!("records {} and {} joined: {}", a.short(), b.short(), word.why.reveal()),
                Join::Apart => format!("record {} is somebody else: {}", other.short(), word.why.reveal()),
            };
            changes.push(PersonChange { at: word.at, staff: word.by.name.clone(), what: Personal::new(what) });
        }
    }
    changes.sort_by_key(|change| std::cmp::Reverse(change.at));
    Ok(changes)
}
