//! Teams: consents that name several organisations who work on one thread, and what is told there to all who read it.

use super::check::heard_by;
use super::consents::{KINDS, as_asked, consent, drafted, end, promised, sign_this, some, somebody};
use super::county::{County, JAIL, POLICE};
use super::model::{Case, Consent, Org, Terms, Way, Why};
use super::words::Word;
use belay_node::api::care::{Care, ConsentAmend, ConsentDraft, ConsentView, Share, Way as WayAsk};
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
    // Where histories have it, one of the team is told by us for another purpose than the other.
    let apart = (county.seen.words && county.rng.chance(60)).then(|| cast[0]);
    let usual = if apart.is_some() { Why::Treatment } else { Why::Tpo };
    let mut ways = BTreeSet::new();
    let mut asked_ways = Vec::new();
    for (from, tells) in &shares {
        for (to, hears) in shares.iter().filter(|(to, _)| *to != from) {
            let one = apart.is_some_and(|one| [(own, one), (one, own)].contains(&(*from, *to)));
            let why = if one { Why::Payment } else { usual };
            let kinds: Vec<Information> = tells.intersection(hears).copied().collect();
            ways.extend(kinds.iter().map(|kind| Way { from: *from, to: *to, kind: *kind, why }));
            if one {
                let name = |org: Org| (org != own).then(|| County::name(org));
                let purpose = Some(why.word().to_owned());
                asked_ways.push(WayAsk { from: name(*from), to: name(*to), information: kinds, purpose });
            }
        }
    }
    let (expiry, end) = end(county, own, true);
    let ask = ConsentDraft {
        person: county.model.persons[person].id.as_str().into(),
        team: asked,
        ways: asked_ways,
        purpose: usual.word().to_owned(),
        expiry,
        ..ConsentDraft::default()
    };
    let team = shares.into_keys().collect();
    let terms = Terms { ways, end, left_out: promised(county, person), revocable: None, mixed: false, team };
    drafted(county, own, person, terms, ask);
    county.count("consents for a team drafted");
}

/// For which purpose staff send a referral to a team, where histories have that: now and then one that the consent names for some of it alone.
pub fn purpose(county: &mut County, team: &[Org]) -> Option<Why> {
    if !county.seen.words || team.is_empty() || county.rng.chance(40) {
        return None;
    }
    county.count("referrals to a team for one purpose");
    Some(if county.rng.chance(70) { Why::Treatment } else { Why::Payment })
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
    let Some(state) = state.filter(|_| !super::doubts::doubts(county, case.consent, own)) else { return Vec::new() };
    let may = |to: &Org| {
        if own == case.sender {
            return state.permits_for(&county.model.kinds, (*to, kind), case.why, now);
        }
        state.permits(&county.model.kinds, own, *to, kind, false, now)
            && !super::threads::left_out(county, case, (own, *to), kind)
    };
    case.all().into_iter().filter(|to| *to != own).filter(may).collect()
}

/// A new referral's words go to the others of the team, each by what the consent names it for.
pub fn refer(
    county: &mut County,
    (at, why): (usize, Option<Why>),
    team: &[Org],
    reason: Word,
    needs: &[Word],
    now: Time,
) {
    for to in team {
        if county.model.keeper_may_for(at, (*to, Information::Referral), why, now) {
            county.model.refer(at, *to, reason, (why, now));
            if county.model.keeper_may_for(at, (*to, Information::Social), why, now) {
                county.model.tell(needs, *to);
            }
        }
    }
}

/// What one of a team writes goes to whom it may tell; and to whom the sender let in, of whom the writer may not have heard.
pub fn tell(county: &mut County, at: usize, own: Org, kind: Information, words: &[Word]) {
    let case = county.model.cases[at].clone();
    let now = county.clock(own);
    let hearers = hearers(county, &case, own, kind, now);
    for to in &hearers {
        county.model.tell(words, *to);
    }
    if !hearers.is_empty() {
        county.model.cases[at].told.extend(words.iter().map(|word| (kind, *word)));
        newcomers(county, at, words, kind);
    }
}

fn newcomers(county: &mut County, at: usize, words: &[Word], kind: Information) {
    let case = county.model.cases[at].clone();
    let now = county.clock(case.sender);
    for new in case.newcomers {
        if county.model.keeper_may_for(case.consent, (new, kind), case.why, now) {
            county.model.tell(words, new);
        }
    }
}

/// Somebody comes to a team that stands.
pub fn newcomer(county: &mut County) {
    let of = |consent: &Consent| consent.state().is_some_and(|state| !state.over && state.terms.team.len() > 2);
    // Most often one under which something was sent.
    let sent: BTreeSet<String> =
        county.model.cases.iter().map(|case| county.model.consents[case.consent].id.clone()).collect();
    let found = consent(county, |consent| of(consent) && sent.contains(&consent.id));
    let Some(at) = found.or_else(|| consent(county, of)) else { return };
    let (consent, own) = (county.model.consents[at].clone(), county.model.consents[at].keeper);
    let Some(state) = consent.state() else { return };
    let mut terms = state.terms.clone();
    terms.ways.retain(|way| !state.withdrawn.contains_key(&way.from) && !state.withdrawn.contains_key(&way.to));
    let usual = terms.ways.iter().map(|way| way.why).find(|why| *why != Why::Payment).unwrap_or(Why::Tpo);
    let left: BTreeSet<Org> = terms.ways.iter().flat_map(|way| [way.from, way.to]).collect();
    terms.team.retain(|org| left.contains(org));
    let mut others = county.cast.clone();
    others.retain(|org| ![own, JAIL, POLICE].contains(org) && !terms.team.contains(org));
    let Some(new) = county.rng.pick(&others).copied() else { return };
    let mut kinds = some(county, &KINDS[1..], 45);
    kinds.insert(Information::Referral);
    let share = Share { org: Some(County::name(new)), information: kinds.iter().copied().collect() };
    let shared = |org: Org| -> BTreeSet<Information> {
        let within = terms.ways.iter().filter(|way| way.from == org && terms.team.contains(&way.to));
        within.map(|way| way.kind).collect()
    };
    let mut shares: BTreeMap<Org, BTreeSet<Information>> = terms.team.iter().map(|org| (*org, shared(*org))).collect();
    shares.insert(new, kinds.clone());
    shares.insert(own, shares.values().flatten().copied().collect());
    for (org, shares) in shares.iter().filter(|(org, _)| **org != new) {
        for kind in shares.intersection(&kinds).copied() {
            for (from, to) in [(*org, new), (new, *org)] {
                if !terms.ways.iter().any(|way| (way.from, way.to, way.kind) == (from, to, kind)) {
                    terms.ways.insert(Way { from, to, kind, why: usual });
                }
            }
        }
    }
    terms.team = shares.into_keys().collect();
    county.tell(format!("{} adds {} to the team of consent {at}: {terms:?}", County::name(own), County::name(new)));
    let purpose = usual.word().to_owned();
    let ask = ConsentAmend { consent: consent.id.clone(), team: vec![share], purpose, ..ConsentAmend::default() };
    let Some(view) = county.ask::<ConsentView>(own, &Care::ConsentAmend(ask)) else { return };
    as_asked(county, &view, &terms);
    county.count("newcomers of a team drafted");
    county.model.consents[at].draft = Some((terms, consent.rulings.len()));
    if county.rng.chance(80) {
        sign_this(county, at);
    }
}

/// A version was signed that names this team: who is new to it reads what stands in the referrals that go on, of the kinds it is named for.
pub fn joined(county: &mut County, at: usize, team: &[Org]) {
    for case in 0..county.model.cases.len() {
        let of = county.model.cases[case].clone();
        if of.consent != at || of.team.is_empty() {
            continue;
        }
        let now = county.clock(of.sender);
        for new in team.iter().copied().filter(|org| !of.all().contains(org)) {
            county.model.cases[case].team.push(new);
            county.model.cases[case].newcomers.insert(new);
            let may = |county: &County, kind| county.model.keeper_may_for(at, (new, kind), of.why, now);
            for (kind, word) in &of.told {
                if may(county, *kind) {
                    county.model.tell(&[*word], new);
                }
            }
            if may(county, Information::Identity) {
                let identity = county.model.identity(of.person);
                county.model.tell(&identity, new);
            }
            county.count("newcomers of a referral");
        }
    }
}
