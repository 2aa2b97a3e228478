//! Copies for emergencies: placed, kept up to date, taken back, opened with the four facts and without, reviewed.

use super::consents::{PLACED, consent, somebody};
use super::county::{County, HOSPITAL};
use super::model::{Consent, Copy, End, Entries, Opening, Org, Why};
use super::office::{NAVIGATOR, OFFICER};
use super::words::{self, Word};
use belay_node::api::care::{
    Care, EmergencyOpen, EmergencyPlace, EmergencyUpdate, EmergencyView, OpenedView, OpeningRow,
};
use belay_protocol::ids::{EntryHash, SpaceId};
use belay_protocol::referral::Information;
use belay_protocol::space::control::PartnerKind;
use belay_protocol::time::Time;
use std::collections::BTreeSet;

/// Whether a copy lies there as far as who placed it knows.
fn lies(county: &County, copy: &Copy) -> bool {
    copy.ended.is_none() && {
        let consent = &county.model.consents[copy.consent];
        county.model.keeper_may(copy.consent, copy.at, copy.kind, true, county.clock(consent.keeper))
    }
}

/// What staff write of a person's plan goes where a copy of it lies.
pub fn keep_up(county: &mut County, person: usize, kind: Information, words: &[Word]) {
    let records = county.model.together(person);
    for at in 0..county.model.copies.len() {
        let copy = &county.model.copies[at];
        if records.contains(&copy.person) && copy.kind == kind && lies(county, copy) {
            let to = copy.at;
            county.model.place(words, to);
            county.model.copies[at].words.extend(words);
        }
    }
}

/// After records were joined or taken apart: what lies of their person is found by all of their names from now on, and by no others.
pub fn renamed(county: &mut County, person: usize) {
    let records = county.model.together(person);
    let names = county.model.names(person);
    for at in 0..county.model.copies.len() {
        let copy = county.model.copies[at].clone();
        let known = copy.called.last().is_some_and(|(called, _)| *called == records);
        if records.contains(&copy.person) && !known && lies(county, &copy) {
            county.model.place(&names, copy.at);
            let entries = laid_now(county, county.model.persons[person].org, copy.space);
            county.model.copies[at].called.push((records.clone(), entries));
        }
    }
}

/// A consent stands again: what staff wrote of the person meanwhile goes where copies lie under it, and so does by whose names they are found.
pub fn caught_up(county: &mut County, consent: usize) {
    for at in 0..county.model.copies.len() {
        let copy = county.model.copies[at].clone();
        if copy.consent != consent || !lies(county, &copy) {
            continue;
        }
        let entries = laid_now(county, county.model.persons[copy.person].org, copy.space);
        if entries.is_empty() {
            continue;
        }
        county.count("copies that were caught up");
        let (records, names) = (county.model.together(copy.person), county.model.names(copy.person));
        let plans = county.model.plans(copy.person, copy.kind);
        county.model.place(&names, copy.at);
        county.model.place(&plans, copy.at);
        county.model.copies[at].words.extend(plans);
        county.model.copies[at].called.push((records, entries));
    }
}

/// What was written just now into the space of a copy.
fn laid_now(county: &County, own: Org, space: SpaceId) -> Vec<(EntryHash, SpaceId)> {
    county.written_by(own).into_iter().filter(|(_, of)| *of == space).collect()
}

/// Whose names a copy may be found by, as far as the emergency department has heard.
fn called(county: &County, copy: &Copy) -> BTreeSet<usize> {
    let heard = |(_, entries): &(BTreeSet<usize>, Vec<(EntryHash, SpaceId)>)| {
        !entries.is_empty() && entries.iter().all(|(entry, _)| county.offices[copy.at].has(entry))
    };
    let last = copy.called.iter().rposition(heard).unwrap_or(0);
    copy.called[last..].iter().flat_map(|(records, _)| records.iter().copied()).collect()
}

pub fn place(county: &mut County) {
    let copies = |consent: &Consent| {
        let signed = consent.state().map(|state| &state.terms);
        let drafted = consent.draft.as_ref().map(|(terms, _)| terms);
        signed.into_iter().chain(drafted).flat_map(|terms| &terms.ways).any(|way| way.why == Why::Emergency)
    };
    let Some(at) = (if county.rng.chance(90) { consent(county, copies) } else { consent(county, |_| true) }) else {
        return;
    };
    let of = county.model.consents[at].clone();
    let own = of.keeper;
    // Now and then somebody takes the wrong person's form.
    let theirs: Vec<usize> = (0..county.model.persons.len()).filter(|p| county.model.persons[*p].org == own).collect();
    let person = if county.rng.chance(20) { county.rng.pick(&theirs).copied() } else { None }.unwrap_or(of.person);
    let to = HOSPITAL;
    if own == to {
        return;
    }
    let now = county.clock(own);
    let records = county.model.together(of.person);
    let (same, names) = (records.contains(&person), county.model.names(person));
    let mut given: [Option<Word>; 2] = [None; 2];
    let mut laid: Vec<(Information, Vec<Word>)> = Vec::new();
    for (slot, kind) in PLACED.into_iter().enumerate() {
        let mut words = county.model.plans(person, kind);
        if county.rng.chance(60) {
            let new = county.model.word(own, "plan for an emergency");
            county.model.facts[new].late = county.model.ended(at, to, now);
            given[slot] = Some(new);
            words.push(new);
        }
        if same && county.model.keeper_may(at, to, kind, true, now) && !words.is_empty() {
            laid.push((kind, words));
        }
    }
    let who = county.model.persons[person].clone();
    for (_, words) in &laid {
        county.model.place(words, to);
        county.model.place(&names, to);
    }
    county.tell(format!("{} places copies of person {person} under consent {at}: {given:?}", County::name(own)));
    let ask = Care::EmergencyPlace(EmergencyPlace {
        person: who.id.as_str().into(),
        at: County::name(to),
        consent: of.id,
        include: Vec::new(),
        crisis: given[0].map(words::personal),
        medication: given[1].map(words::personal),
    });
    let Some(view) = county.ask::<EmergencyView>(own, &ask) else { return };
    if !same {
        county.breaks("2: copies are placed under the consent of another person");
    }
    county.count("copies placed");
    for (slot, kind) in PLACED.into_iter().enumerate() {
        county.model.planned(person, kind, given[slot].as_slice());
    }
    let until = match of.rulings.last().map(|ruling| ruling.state.terms.end) {
        Some(End::On(at)) => Some(at),
        _ => None,
    };
    for (kind, words) in laid {
        let row = view.placed.iter().find(|row| {
            row.information == kind && row.state == "placed" && row.consent.to_string() == county.model.consents[at].id
        });
        let Some(space) = row.map(|row| row.space) else { continue };
        let called = (records.clone(), laid_now(county, own, space));
        let copies = &mut county.model.copies;
        match copies.iter_mut().find(|copy| copy.space == space) {
            Some(copy) => {
                copy.words.extend(words);
                copy.consent = at;
                copy.until.push((until, called.1.clone()));
                copy.called.push(called);
            }
            None => {
                let (person, until, called) = (of.person, vec![(until, called.1.clone())], vec![called]);
                copies.push(Copy { person, at: to, kind, consent: at, space, words, until, ended: None, called });
            }
        }
    }
}

pub fn update(county: &mut County) {
    let Some(at) = copy(county, |_, _| true) else { return };
    let person = county.model.copies[at].person;
    let own = county.model.persons[person].org;
    let new: [Word; 2] = [0; 2].map(|_| county.model.word(own, "new plan for an emergency"));
    for (slot, kind) in PLACED.into_iter().enumerate() {
        keep_up(county, person, kind, &new[slot..=slot]);
    }
    county.tell(format!("{} updates what lies of person {person}", County::name(own)));
    let ask = Care::EmergencyUpdate(EmergencyUpdate {
        person: county.model.persons[person].id.as_str().into(),
        crisis: Some(words::personal(new[0])),
        medication: Some(words::personal(new[1])),
    });
    if county.ask::<EmergencyView>(own, &ask).is_some() {
        county.count("copies updated");
        for (slot, kind) in PLACED.into_iter().enumerate() {
            county.model.planned(person, kind, &new[slot..=slot]);
        }
    }
}

/// A copy whose placer runs.
fn copy(county: &mut County, fits: impl Fn(&County, &Copy) -> bool) -> Option<usize> {
    let fitting: Vec<usize> = (0..county.model.copies.len())
        .filter(|at| {
            let copy = &county.model.copies[*at];
            county.up(county.model.persons[copy.person].org) && fits(county, copy)
        })
        .collect();
    county.rng.pick(&fitting).copied()
}

pub fn withdraw(county: &mut County) {
    let Some(at) = copy(county, |_, copy| copy.ended.is_none()) else { return };
    let person = county.model.copies[at].person;
    let own = county.model.persons[person].org;
    county.tell(format!("{} takes back what lies of person {person}", County::name(own)));
    let ask = Care::EmergencyWithdraw { person: county.model.persons[person].id.as_str().into(), at: None };
    if county.ask::<EmergencyView>(own, &ask).is_none() {
        return;
    }
    county.count("copies taken back");
    let entries = county.written_by(own);
    let records = county.model.together(person);
    for copy in county.model.copies.iter_mut().filter(|copy| records.contains(&copy.person) && copy.ended.is_none()) {
        copy.ended = Some(entries.clone());
    }
}

/// Whether a copy may be shown at an emergency department, as far as that has heard.
fn openable(county: &County, copy: &Copy, now: Time) -> bool {
    let taken = copy.ended.iter().flatten().filter(|(_, space)| *space == copy.space);
    let heard = taken.into_iter().any(|(entry, _)| county.offices[copy.at].has(entry));
    let told = |(_, entries): &(Option<Time>, Entries)| {
        !entries.is_empty() && entries.iter().all(|(entry, _)| county.offices[copy.at].has(entry))
    };
    // One that was laid under a consent with another end ends as its department has heard.
    let last = copy.until.iter().rposition(told).unwrap_or(0);
    !heard && copy.until[last..].iter().any(|(until, _)| until.is_none_or(|at| at > now))
}

/// Break-glass, by whoever, for whomever, with the facts or without.
pub fn open(county: &mut County) {
    let own = if county.rng.chance(85) { HOSPITAL } else { somebody(county).unwrap_or(HOSPITAL) };
    if !county.up(own) {
        return;
    }
    let placed: Vec<usize> = county.model.copies.iter().map(|copy| copy.person).collect();
    let any: Vec<usize> = (0..county.model.persons.len()).collect();
    let person = if county.rng.chance(90) { county.rng.pick(&placed).copied() } else { county.rng.pick(&any).copied() };
    let Some(person) = person else { return };
    let missing = if county.rng.chance(35) { Some(county.rng.below(3)) } else { None };
    let who = county.model.persons[person].clone();
    let facts: [Word; 2] = ["who was told", "nature of an emergency"].map(|what| county.model.word(own, what));
    let fact = |at: usize| if missing == Some(at) { " ".into() } else { words::personal(facts[at]) };
    let now = county.clock(own);
    let medical = matches!(county.model.kinds[own], PartnerKind::CoveredEntity | PartnerKind::Part2Program);
    let allowed = missing.is_none() && medical;
    let mut found: Vec<usize> = Vec::new();
    if allowed {
        found = (0..county.model.copies.len())
            .filter(|at| {
                let copy = &county.model.copies[*at];
                let called = called(county, copy);
                let of = || called.iter().map(|record| &county.model.persons[*record]);
                copy.at == own
                    && of().any(|of| of.name == who.name)
                    && of().any(|of| of.birth_date == who.birth_date)
                    && openable(county, copy, now)
            })
            .collect();
        for at in &found {
            let copy = county.model.copies[*at].clone();
            let placer = county.model.persons[copy.person].org;
            let called = called(county, &copy);
            let names = called.iter().flat_map(|record| county.model.persons[*record].identity[..2].to_vec());
            for word in copy.words.iter().copied().chain(names.collect::<Vec<_>>()) {
                county.model.facts[word].see.insert(own);
            }
            county.model.tell(&facts, placer);
        }
    }
    // Who asks by a name knows that name, from the person's papers.
    county.model.tell(&who.identity[..1], own);
    county.tell(format!("{} breaks the glass for person {person}, missing {missing:?}", County::name(own)));
    let ask = Care::EmergencyOpen(EmergencyOpen {
        name: words::personal(who.name),
        birth_date: who.birth_date.as_str().into(),
        personnel: fact(0),
        discloser: (missing == Some(2)).then(|| "".into()),
        nature: fact(1),
        unobtainable: "does not answer".into(),
        ..EmergencyOpen::default()
    });
    let Some(view) = county.ask::<OpenedView>(own, &ask) else { return };
    if !allowed {
        county.breaks(format!("2: {} breaks the glass without the four facts, or is not medical", County::name(own)));
    }
    *county.model.attempts.entry(own).or_default() += 1;
    county.count("glass broken");
    for shown in view.copies {
        county.count("copies opened");
        let said = words::found(shown.content.reveal().as_bytes());
        // The same words can lie there twice, taken back and placed anew.
        let space = county.seen.places.get(&shown.opening).map(|(_, space)| *space);
        let copy = found.iter().copied().find(|at| {
            let copy = &county.model.copies[*at];
            Some(copy.space) == space && copy.words.iter().any(|word| said.contains(word))
        });
        match copy {
            Some(copy) => county.model.openings.push(Opening { at: own, copy, entry: shown.opening }),
            None => {
                let known = county.model.copies.iter().find(|copy| Some(copy.space) == space);
                let why =
                    format!("2: {} is shown a copy that does not lie there: {said:?}, {known:?}", County::name(own));
                county.breaks(why);
            }
        }
    }
    attempts(county, own);
}

/// The glass that was broken is on record where it was broken.
fn attempts(county: &mut County, own: Org) {
    let Some(view) = county.ask::<EmergencyView>(own, &Care::EmergencyList { person: None }) else { return };
    if view.attempts.len() != county.model.attempts[&own] {
        county.breaks(format!("7: broken glass at {} is not on record there", County::name(own)));
    }
}

/// The privacy officer looks into what was opened; nobody else can.
pub fn review(county: &mut County) {
    let Some(at) = copy(county, |_, _| true) else { return };
    let own = county.model.persons[county.model.copies[at].person].org;
    let Some(view) = county.ask::<EmergencyView>(own, &Care::EmergencyList { person: None }) else { return };
    let waiting: Vec<OpeningRow> = view.openings.into_iter().filter(|opening| opening.reviewed.is_none()).collect();
    let Some(opening) = county.rng.pick(&waiting).cloned() else { return };
    let note = county.model.word(own, "note of a review");
    let ask = Care::EmergencyReview { opening: opening.opening.to_string(), note: words::personal(note) };
    county.tell(format!("{} reviews an opening", County::name(own)));
    if county.ask_as::<EmergencyView>(own, NAVIGATOR, &ask).is_ok() {
        county.breaks("7: an opening is reviewed by who is no privacy officer");
    }
    if county.ask_as::<EmergencyView>(own, OFFICER, &ask).is_ok() {
        county.count("openings reviewed");
    }
}
