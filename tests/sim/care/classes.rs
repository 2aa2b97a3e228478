//! Consents that stand alone: for criminal justice, with a rule of their own for taking them back (2.35), and for counselling notes
//! (2.31(b)).

use super::consents::{another, drafted, promised, some, somebody};
use super::county::{County, JAIL};
use super::model::{End, Org, Terms, Way, Why};
use belay_node::api::care::{ConsentDraft, ExpiryRequest, MomentRequest, SupervisionRequest};
use belay_protocol::referral::{Class, Information};
use belay_protocol::time::DAY;
use std::collections::BTreeSet;

fn person_of(county: &mut County, own: Org) -> Option<usize> {
    let of: Vec<usize> = (0..county.model.persons.len()).filter(|at| county.model.persons[*at].org == own).collect();
    county.rng.pick(&of).copied()
}

fn ways(from: Org, to: Org, kinds: &BTreeSet<Information>, why: Why) -> impl Iterator<Item = Way> {
    kinds.iter().map(move |kind| Way { from, to, kind: *kind, why })
}

/// Between a jail and somebody: from some day on it can be taken back.
pub fn supervised(county: &mut County) {
    if !county.cast.contains(&JAIL) {
        return;
    }
    let Some(own) = somebody(county) else { return };
    let to = if own == JAIL { another(county, &[own]) } else { Some(JAIL) };
    let (Some(to), Some(person)) = (to, person_of(county, own)) else { return };
    let mut tell = some(county, &[Information::Identity, Information::Clinical, Information::Medication], 40);
    tell.insert(Information::Referral);
    let back: BTreeSet<Information> =
        if county.rng.chance(70) { [Information::Referral].into() } else { BTreeSet::new() };
    let now = county.clock(own);
    let from = now.plus(DAY * (1 + county.rng.below(15) as u64));
    let end = from.plus(DAY * (10 + county.rng.below(20) as u64));
    let terms = Terms {
        team: Vec::new(),
        ways: ways(own, to, &tell, Why::Supervision).chain(ways(to, own, &back, Why::Supervision)).collect(),
        end: End::On(end),
        left_out: promised(county, person),
        revocable: Some(from),
        mixed: false,
    };
    let ask = ConsentDraft {
        person: county.model.persons[person].id.as_str().into(),
        to: vec![County::name(to)],
        tell: tell.into_iter().collect(),
        back: Some(back.into_iter().collect()),
        purpose: Why::Supervision.word().to_owned(),
        class: Some(Class::CriminalJustice),
        supervision: Some(SupervisionRequest {
            matter: "release of 3 May".into(),
            revocable: MomentRequest::On(from),
            disposition: MomentRequest::On(from.plus(DAY)),
        }),
        expiry: ExpiryRequest::On(end),
        ..ConsentDraft::default()
    };
    drafted(county, own, person, terms, ask);
}

/// Counselling notes: alone, or wrongly beside something else.
pub fn counselling(county: &mut County) {
    let Some(own) = somebody(county) else { return };
    let (Some(to), Some(person)) = (another(county, &[own]), person_of(county, own)) else { return };
    let mixed = county.rng.chance(60);
    let mut tell = BTreeSet::from([Information::Counselling]);
    if mixed {
        tell.insert(if county.rng.chance(50) { Information::Referral } else { Information::Clinical });
    }
    let class = if mixed && county.rng.chance(50) { None } else { Some(Class::Counselling) };
    let end = county.clock(own).plus(DAY * 20);
    let terms = Terms {
        team: Vec::new(),
        ways: ways(own, to, &tell, Why::Treatment).collect(),
        end: End::On(end),
        left_out: promised(county, person),
        revocable: None,
        mixed,
    };
    let ask = ConsentDraft {
        person: county.model.persons[person].id.as_str().into(),
        to: vec![County::name(to)],
        tell: tell.into_iter().collect(),
        back: Some(Vec::new()),
        purpose: Why::Treatment.word().to_owned(),
        class,
        expiry: ExpiryRequest::On(end),
        ..ConsentDraft::default()
    };
    drafted(county, own, person, terms, ask);
}
