//! What was changed on record about a person, by whom and when; every crisis plan and list of medication that was written here.

use super::super::records::find;
use super::super::{emergency, plans};
use crate::api::care::PersonChange;
use belay_protocol::disclosure::{PlacedPlan, Planned};
use belay_protocol::fault::Result;
use belay_protocol::ids::PersonId;
use belay_protocol::referral::{Act, Field, Join, persons_in_order};
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
    changes.extend(plans::of(view, person)?.iter().flat_map(planned));
    changes.sort_by_key(|change| std::cmp::Reverse(change.at));
    Ok(changes)
}

/// That it was written, with its number and all that it says; and that it was a mistake.
fn planned((entry, planned, mistaken): &PlacedPlan) -> Vec<PersonChange> {
    let text = emergency::plan(&planned.act).map(|(_, text)| text).unwrap_or_default();
    let lines: Vec<&str> = text.reveal().lines().map(str::trim).collect();
    let (name, number) = (planned.act.name(), entry.short());
    let change =
        |by: &Planned, what: String| PersonChange { at: by.at, staff: by.by.name.clone(), what: Personal::new(what) };
    let wrote = change(planned, format!("{name} {number}: {}", lines.join("; ")));
    let mistake = mistaken.as_ref().and_then(|word| match &word.act {
        Act::Mistake { reason, .. } => {
            Some(change(word, format!("{name} {number} was a mistake: {}", reason.reveal())))
        }
        _ => None,
    });
    [wrote].into_iter().chain(mistake).collect()
}
