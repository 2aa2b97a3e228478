//! Two records of one human being: joined, and taken apart again. What was agreed to leave out and what was taken back under either
//! binds both from the moment they are one, and goes on binding once they are two; nothing else of the one is the other's after that.

use super::consents::{promised, rule, somebody};
use super::county::County;
use super::model::{Joined, LeftOut, Org};
use super::words;
use belay_node::api::care::{Care, MergeAsk, PersonApart, PersonView};
use belay_protocol::ids::EntryHash;
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use std::collections::BTreeSet;

/// The record under which somebody is shown.
fn shown(county: &mut County, org: Org, person: usize) -> Option<usize> {
    let ask = Care::PersonShow { person: id(county, person) };
    let view: PersonView = county.ask(org, &ask)?;
    county.model.record(&view.id.to_string())
}

fn id(county: &County, person: usize) -> Personal<String> {
    county.model.persons[person].id.as_str().into()
}

/// Staff find out that two are one.
pub fn join(county: &mut County) {
    let Some(org) = somebody(county) else { return };
    let of: Vec<usize> = (0..county.model.persons.len()).filter(|at| county.model.persons[*at].org == org).collect();
    // Most often two under whose names something was signed.
    let signed = |at: &usize| county.model.consents.iter().any(|one| one.person == *at && one.state().is_some());
    let some: Vec<usize> = of.iter().copied().filter(signed).collect();
    let from = if some.len() > 1 && county.rng.chance(80) { some } else { of };
    let (Some(keep), Some(other)) = (county.rng.pick(&from).copied(), county.rng.pick(&from).copied()) else { return };
    if county.model.together(keep).contains(&other) {
        return;
    }
    let (Some(a), Some(b)) = (shown(county, org, keep), shown(county, org, other)) else { return };
    let why = county.model.word(org, "how staff know that two records are of one");
    county.tell(format!("{} joins the records of persons {keep} and {other}", County::name(org)));
    let ask = MergeAsk { person: id(county, keep), other: id(county, other), why: words::personal(why) };
    if county.ask::<PersonView>(org, &Care::PersonMerge(ask)).is_none() {
        return;
    }
    county.count("records joined");
    let pair = (a.min(b), a.max(b));
    county.model.joined.retain(|joined| joined.pair != pair);
    county.model.joined.push(Joined { pair, together: true });
    bind(county, keep);
    bind_ended(county, keep);
    super::emergencies::renamed(county, keep);
}

/// They are two after all.
pub fn apart(county: &mut County) {
    let up = |joined: &&Joined| joined.together && county.up(county.model.persons[joined.pair.0].org);
    let joined: Vec<Joined> = county.model.joined.iter().filter(up).copied().collect();
    let Some(Joined { pair: (a, b), .. }) = county.rng.pick(&joined).copied() else { return };
    let org = county.model.persons[a].org;
    let why = county.model.word(org, "how staff know that two records are of two");
    county.tell(format!("{} takes the records of persons {a} and {b} apart", County::name(org)));
    let ask = PersonApart { person: id(county, a), other: id(county, b), why: words::personal(why) };
    if county.ask::<PersonView>(org, &Care::PersonApart(ask)).is_none() {
        county.breaks(format!("4: {} can not take apart what it joined", County::name(org)));
        return;
    }
    county.count("records taken apart");
    for joined in county.model.joined.iter_mut().filter(|joined| joined.pair == (a, b)) {
        joined.together = false;
    }
    super::emergencies::renamed(county, a);
    super::emergencies::renamed(county, b);
}

/// What was agreed with a person to leave out binds every consent of the person's that stands and never held it: it is a promise,
/// whichever form it was asked for under, and only a signature lets it in again.
pub fn bind(county: &mut County, person: usize) {
    let records = county.model.together(person);
    let promised = promised(county, person);
    for at in 0..county.model.consents.len() {
        let of = &county.model.consents[at];
        let Some(mut state) = of.state().filter(|s| records.contains(&of.person) && !s.over).cloned() else { continue };
        let held = |one: &LeftOut| of.rulings.iter().any(|ruling| ruling.state.terms.left_out.contains(one));
        let new: Vec<LeftOut> = promised.iter().filter(|one| !held(one)).cloned().collect();
        if !new.is_empty() {
            state.terms.left_out.extend(new);
            rule(county, at, state);
            county.count("restrictions that bind another consent");
        }
    }
}

/// Which consents end for whom: who took a consent with somebody back took back what was signed before under any other record that lets the
/// same be told, and that can be taken back by now.
pub fn ends(county: &County, person: usize) -> Vec<(usize, Org)> {
    let records = county.model.together(person);
    let of = |at: &usize| records.contains(&county.model.consents[*at].person);
    let all: Vec<usize> = (0..county.model.consents.len()).filter(of).collect();
    let mut ends: Vec<(usize, Org)> = Vec::new();
    for taken in &all {
        let Some(was) = county.model.consents[*taken].state() else { continue };
        for (party, at) in was.taken_back() {
            let early = county.model.consents[*taken].early.iter();
            let at = early.filter(|(of, _)| of.is_none_or(|of| of == party)).map(|(_, said)| *said).fold(at, Time::max);
            for other in all.iter().copied() {
                let (consent, source) = (&county.model.consents[other], &county.model.consents[*taken]);
                let Some(stands) = consent.state().filter(|_| consent.person != source.person) else { continue };
                let now = county.clock(consent.keeper);
                let ended = stands.ended(now) || stands.withdrawn.contains_key(&party);
                let waits = stands.terms.revocable.is_some_and(|from| from > now);
                let known = ends.contains(&(other, party));
                if !known && !ended && !waits && stands.recorded <= at && was.terms.shares(&stands.terms, party) {
                    ends.push((other, party));
                }
            }
        }
    }
    ends
}

/// They end.
pub fn bind_ended(county: &mut County, person: usize) {
    for (at, party) in ends(county, person) {
        let Some(mut state) = county.model.consents[at].state().cloned() else { continue };
        state.withdrawn.insert(party, None);
        rule(county, at, state);
        county.count("consents ended by what was said under another record");
    }
}

/// An accounting lists what was told of this person, and of nobody else.
pub fn of_nobody_else(county: &mut County, person: usize, listed: &[EntryHash]) {
    let of = &county.model.persons[person];
    let records = county.model.together(person);
    let ours: BTreeSet<&String> = records.iter().map(|record| &county.model.persons[*record].id).collect();
    let told_of = |entry: &EntryHash| -> Vec<&String> {
        let told = county.seen.accounts.iter().filter(|(org, _, told, _)| (*org, told) == (of.org, entry));
        told.map(|(_, id, ..)| id).collect()
    };
    let strange = listed.iter().find(|entry| {
        let told_of = told_of(entry);
        // What was told of somebody who was not on record then stands under whoever that was.
        **entry != EntryHash::ZERO
            && !told_of.is_empty()
            && told_of.iter().all(|id| !ours.contains(*id) && county.model.record(id).is_some())
    });
    if let Some(entry) = strange {
        let entry = entry.short();
        county.breaks(format!("2: the accounting of person {person} lists what was told of another in entry {entry}"));
    }
}
