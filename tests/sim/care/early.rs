//! What a person says before a consent for criminal justice can be taken back (2.35(c)): it is kept, and takes effect by itself.

use super::consents::{consent, rule, take_back};
use super::county::County;
use super::model::{Consent, Org};
use super::records::{bind_ended, ends};
use belay_node::api::care::{Care, ConsentView};
use belay_protocol::ids::EntryHash;
use belay_protocol::time::{HOUR, Time};

/// The person says it where the consent is kept.
pub fn say(county: &mut County) {
    let now = county.now;
    let waits = |consent: &Consent| {
        let state = consent.state().filter(|state| !state.over);
        state.and_then(|state| state.terms.revocable).is_some_and(|from| now.plus(HOUR) < from)
    };
    let Some(at) = consent(county, waits) else { return };
    let of = county.model.consents[at].clone();
    let Some(state) = of.state() else { return };
    let others: Vec<Org> = state.others().into_iter().filter(|org| !state.withdrawn.contains_key(org)).collect();
    let party = if county.rng.chance(40) { county.rng.pick(&others).copied() } else { None };
    let spoken = county.rng.chance(50);
    county.tell(format!("{} hears too early that consent {at} is taken back, for {party:?}", County::name(of.keeper)));
    let ask = Care::ConsentWish { consent: of.id, party: party.map(County::name), spoken };
    if county.ask::<ConsentView>(of.keeper, &ask).is_some() {
        county.count("words that came too early");
        let said = county.clock(of.keeper);
        county.model.consents[at].early.push((party, said));
    }
}

/// The person takes such a word back before it takes effect, whoever heard it.
pub fn unsay(county: &mut County) {
    let now = county.now;
    let waits = |consent: &Consent| {
        let state = consent.state().filter(|state| !state.over && !consent.early.is_empty());
        state.and_then(|state| state.terms.revocable).is_some_and(|from| now.plus(HOUR) < from)
    };
    let Some(at) = consent(county, waits) else { return };
    let of = county.model.consents[at].clone();
    let Some((party, _)) = county.rng.pick(&of.early).copied() else { return };
    // What came from recipients waits where the consent is kept.
    county.follow(of.keeper);
    let spoken = county.rng.chance(50);
    county.tell(format!("{} hears that consent {at} stands after all, for {party:?}", County::name(of.keeper)));
    let ask = Care::ConsentUnsay { consent: of.id, party: party.map(County::name), spoken };
    if county.ask::<ConsentView>(of.keeper, &ask).is_none() {
        return;
    }
    county.count("words that came too early and were taken back");
    county.model.consents[at].early.retain(|(of, _)| *of != party);
    let here = |county: &County, entry: &EntryHash| county.offices[of.keeper].has(entry);
    let said = std::mem::take(&mut county.model.said);
    for (entry, case, whom) in said {
        let unsaid = county.model.cases[case].consent == at && whom == party && here(county, &entry);
        if !unsaid {
            county.model.said.push((entry, case, whom));
        }
    }
}

/// Most often for somebody who has one already under another record.
pub fn twin(county: &mut County) {
    super::classes::supervised(county);
    super::records::join(county);
}

/// Whether a word that came too early is due, and the person signed nothing since.
fn due(county: &County, at: usize, (party, said): (Option<Org>, Time)) -> bool {
    let of = &county.model.consents[at];
    let Some(state) = of.state().filter(|state| !state.over && state.recorded <= said) else { return false };
    let waits = state.terms.revocable.is_some_and(|from| from > county.clock(of.keeper));
    let in_it = party.is_none_or(|party| state.others().contains(&party) && !state.withdrawn.contains_key(&party));
    !waits && in_it
}

/// What was said too early takes effect as soon as it may.
pub fn take_effect(county: &mut County) {
    for at in 0..county.model.consents.len() {
        let (keeper, person) = (county.model.consents[at].keeper, county.model.consents[at].person);
        for word in county.model.consents[at].early.clone() {
            if !county.up(keeper) || !due(county, at, word) {
                continue;
            }
            county.follow(keeper);
            let Some(mut state) = county.model.consents[at].state().cloned() else { continue };
            county.tell(format!("what was said too early of consent {at} takes effect"));
            county.count("words that came too early and took effect");
            // It is a word about what was signed before it was said.
            take_back(&mut state, word.0, word.1);
            rule(county, at, state);
            bind_ended(county, person);
        }
    }
    once_revocable(county);
}

/// What could not be taken back yet when its like was, ends by itself once it can be.
fn once_revocable(county: &mut County) {
    for person in 0..county.model.persons.len() {
        let org = county.model.persons[person].org;
        if county.up(org) && !ends(county, person).is_empty() {
            county.follow(org);
            county.count("consents that ended once they could be taken back");
            bind_ended(county, person);
        }
    }
}
