//! Teams: consents that name several organisations who work on one thread, and what is told there to all who read it.

use super::check::heard_by;
use super::consents::{KINDS, drafted, end, promised, some, somebody};
use super::county::{County, JAIL, POLICE};
use super::model::{Case, Org, Terms, Way, Why};
use super::words::Word;
use belay_node::api::care::{ConsentDraft, Share};
use belay_protocol::referral::Information;
use belay_protocol::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// Drafts a consent for a team of three: each shares some kinds, and what two of them share they tell each other.
pub fn draft(county: &mut County) {
    let Some(own) = somebody(county).filter(|org| ![JAIL, POLICE].contains(org)) else { return };
    let of: Vec<usize> = (0..county.model.persons.len()).filter(|at| county.model.persons[*at].org == own).collect();
    let mut cast: Vec<Org> = county.cast.clone();
    cast.retain(|org| ![own, JAIL, POLICE].contains(org));
    let Some(person) = county.rng.pick(&of).copied().filter(|_| cast.len() >= 2) else { return };
    while cast.len() > 2 {
        let gone = county.rng.below(cast.len());
        cast.remove(gone);
    }
    let mut shares: BTreeMap<Org, BTreeSet<Information>> = BTreeMap::new();
    for org in &cast {
        let mut kinds = some(county, &KINDS[1..], 45);
        kinds.insert(Information::Referral);
        shares.insert(*org, kinds);
    }
    let asked = shares
        .iter()
        .map(|(org, kinds)| Share { org: Some(County::name(*org)), information: kinds.iter().copied().collect() });
    let asked: Vec<Share> = asked.collect();
    shares.insert(own, shares.values().flatten().copied().collect());
    let mut ways = BTreeSet::new();
    for (from, tells) in &shares {
        for (to, hears) in shares.iter().filter(|(to, _)| *to != from) {
            ways.extend(tells.intersection(hears).map(|kind| Way { from: *from, to: *to, kind: *kind, why: Why::Tpo }));
        }
    }
    let (expiry, end) = end(county, own, true);
    let ask = ConsentDraft {
        person: county.model.persons[person].id.as_str().into(),
        team: asked,
        purpose: Why::Tpo.word().to_owned(),
        expiry,
        ..ConsentDraft::default()
    };
    let team = shares.into_keys().collect();
    let terms = Terms { ways, end, left_out: promised(county, person), revocable: None, mixed: false, team };
    drafted(county, own, person, terms, ask);
    county.count("consents for a team drafted");
}

/// Who works on a referral besides sender and recipient.
pub fn besides(terms: &Terms, own: Org, to: Org) -> Vec<Org> {
    if !terms.team.contains(&own) || !terms.team.contains(&to) {
        return Vec::new();
    }
    terms.team.iter().copied().filter(|org| ![own, to].contains(org)).collect()
}

/// Who of a referral may be told this by one side now, as far as its node has heard.
pub fn hearers(county: &County, case: &Case, own: Org, kind: Information, now: Time) -> Vec<Org> {
    let consent = &county.model.consents[case.consent];
    let state = if own == case.sender {
        consent.state()
    } else {
        consent.rulings.get(heard_by(county, case, own)).map(|ruling| &ruling.state)
    };
    let Some(state) = state else { return Vec::new() };
    let may = |to: &Org| state.permits(&county.model.kinds, own, *to, kind, false, now);
    case.all().into_iter().filter(|to| *to != own).filter(may).collect()
}

/// A new referral's words go to the others of the team, each by what the consent names it for.
pub fn refer(county: &mut County, at: usize, team: &[Org], reason: Word, needs: &[Word], now: Time) {
    for to in team {
        if county.model.keeper_may(at, *to, Information::Referral, false, now) {
            county.model.refer(at, *to, reason, now);
            if county.model.keeper_may(at, *to, Information::Social, false, now) {
                county.model.tell(needs, *to);
            }
        }
    }
}
