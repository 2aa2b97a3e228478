//! Persons and their consents: drafted, signed, amended, restricted, taken back.

use super::county::{County, HOSPITAL, JAIL, POLICE};
use super::model::{Consent, End, LeftOut, Org, Person, Ruling, State, Terms, Way, Why};
use super::office::{NAVIGATOR, OFFICER};
use super::words;
use belay_node::api::care::{
    Care, ConsentAmend, ConsentDraft, ConsentSign, ConsentView, ExpiryRequest, PersonAdd, PersonFields, PersonView,
    RestrictionRequest, Way as WayAsk,
};
use belay_protocol::referral::Information;
use belay_protocol::time::{DAY, HOUR, Time};
use std::collections::{BTreeMap, BTreeSet};

/// The kinds that referrals tell.
pub const KINDS: [Information; 6] = [
    Information::Referral,
    Information::Identity,
    Information::Medication,
    Information::Clinical,
    Information::Social,
    Information::Crisis,
];
/// Those that may be placed.
pub const PLACED: [Information; 2] = [Information::Crisis, Information::Medication];

/// Somebody of the cast whose node runs.
pub fn somebody(county: &mut County) -> Option<Org> {
    let up: Vec<Org> = county.cast.iter().copied().filter(|org| county.up(*org)).collect();
    county.rng.pick(&up).copied()
}

/// Another one of the cast; seldom who may hear nothing anyway.
pub fn another(county: &mut County, than: &[Org]) -> Option<Org> {
    let others: Vec<Org> = county.cast.iter().copied().filter(|org| !than.contains(org)).collect();
    let hear: Vec<Org> = others.iter().copied().filter(|org| !matches!(*org, JAIL | POLICE)).collect();
    let from = if hear.is_empty() || county.rng.chance(20) { others } else { hear };
    county.rng.pick(&from).copied()
}

pub fn some(county: &mut County, of: &[Information], percent: u64) -> BTreeSet<Information> {
    of.iter().copied().filter(|_| county.rng.chance(percent)).collect()
}

pub fn person(county: &mut County) {
    let Some(org) = somebody(county) else { return };
    let model = &mut county.model;
    let identity: Vec<usize> = ["name", "other name", "telephone", "address", "contact", "language"]
        .into_iter()
        .map(|what| model.word(org, what))
        .collect();
    let note = model.word(org, "note on a person");
    let [name, other, phone, address, contact, language] = [0, 1, 2, 3, 4, 5].map(|at| words::personal(identity[at]));
    let birth_date = format!("19{}-0{}-1{}", 50 + county.rng.below(50), 1 + county.rng.below(9), county.rng.below(10));
    county.tell(format!("{} adds {}", County::name(org), words::text(identity[0])));
    let fields = PersonFields {
        name,
        other_names: vec![other],
        birth_date: birth_date.as_str().into(),
        phones: vec![phone],
        address,
        contact,
        language,
        note: words::personal(note),
        died: "".into(),
    };
    let Some(view) = county.ask::<PersonView>(org, &Care::PersonAdd(PersonAdd { fields, another: true })) else {
        return;
    };
    let id = view.id.to_string();
    let person =
        Person { org, id, name: identity[0], birth_date, identity, plans: BTreeMap::new(), left_out: Vec::new() };
    county.model.persons.push(person);
}

/// A consent whose keeper runs and that fits.
pub fn consent(county: &mut County, fits: impl Fn(&Consent) -> bool) -> Option<usize> {
    let fitting: Vec<usize> = (0..county.model.consents.len())
        .filter(|at| {
            let consent = &county.model.consents[*at];
            county.up(consent.keeper) && fits(consent)
        })
        .collect();
    county.rng.pick(&fitting).copied()
}

/// Most often one that stands and that its keeper still acts under.
pub fn standing(county: &mut County) -> Option<usize> {
    let now = county.now;
    let stands = |consent: &Consent| consent.state().is_some_and(|state| !state.ended(now));
    if county.rng.chance(85) { consent(county, stands) } else { consent(county, |_| true) }
}

/// What a draft or an amendment opens: the request, and the ways that it stands for.
struct Opened {
    to: Vec<String>,
    tell: Vec<Information>,
    back: Vec<Information>,
    ways: Vec<WayAsk>,
    stands_for: BTreeSet<Way>,
}

fn opened(county: &mut County, own: Org, to: &[Org], why: Why) -> Opened {
    let mut tell = some(county, &KINDS[1..], 45);
    tell.insert(Information::Referral);
    let back = match county.rng.below(4) {
        0 => BTreeSet::new(),
        1 => some(county, &KINDS, 40),
        _ => [Information::Referral].into(),
    };
    let mut stands_for = BTreeSet::new();
    for to in to {
        stands_for.extend(tell.iter().map(|kind| Way { from: own, to: *to, kind: *kind, why }));
        stands_for.extend(back.iter().map(|kind| Way { from: *to, to: own, kind: *kind, why }));
    }
    Opened {
        to: to.iter().map(|to| County::name(*to)).collect(),
        tell: tell.into_iter().collect(),
        back: back.into_iter().collect(),
        ways: Vec::new(),
        stands_for,
    }
}

/// Copies for emergencies may lie with the hospital.
fn emergency(county: &mut County, own: Org, opened: &mut Opened) {
    let kinds: Vec<Information> = match county.rng.below(8) {
        // What can not be placed, and so must not be signed.
        0 => vec![PLACED[0], KINDS[county.rng.below(KINDS.len())]],
        1..4 => PLACED.to_vec(),
        _ => vec![PLACED[county.rng.below(2)]],
    };
    let way = |kind: &Information| Way { from: own, to: HOSPITAL, kind: *kind, why: Why::Emergency };
    opened.stands_for.extend(kinds.iter().map(way));
    opened.ways.push(WayAsk {
        from: None,
        to: Some(County::name(HOSPITAL)),
        information: kinds,
        purpose: Some(Why::Emergency.word().to_owned()),
    });
}

pub fn end(county: &mut County, own: Org, never: bool) -> (ExpiryRequest, End) {
    let now = county.clock(own);
    match county.rng.below(10) {
        0 => (ExpiryRequest::Event("the programme is over".into()), End::Event(false)),
        1 | 2 if never => (ExpiryRequest::Never, End::Never),
        _ => {
            let after = HOUR * (2 + county.rng.below(24) as u64) + DAY * county.rng.below(40) as u64;
            (ExpiryRequest::On(now.plus(after)), End::On(Time(now.0 + after)))
        }
    }
}

pub fn draft(county: &mut County) {
    let Some(own) = somebody(county) else { return };
    let of: Vec<usize> = (0..county.model.persons.len()).filter(|at| county.model.persons[*at].org == own).collect();
    let Some(person) = county.rng.pick(&of).copied() else { return person(county) };
    let mut to: Vec<Org> = another(county, &[own]).into_iter().collect();
    if county.rng.chance(30) {
        to.extend(another(county, &[own, to[0]]));
    }
    // Now and then somebody who is told by letter.
    if county.rng.chance(20) {
        to.extend(super::papers::partner(county, own));
    }
    let only_copies = own != HOSPITAL && county.rng.chance(20);
    let apart = county.seen.teams || !to.contains(&HOSPITAL);
    let copies = only_copies || (own != HOSPITAL && apart && county.rng.chance(40));
    // The single consent for treatment, payment and operations names no other purpose.
    let why = if !copies && county.rng.chance(50) { Why::Tpo } else { Why::Treatment };
    let mut opened = if only_copies {
        Opened { to: Vec::new(), tell: Vec::new(), back: Vec::new(), ways: Vec::new(), stands_for: BTreeSet::new() }
    } else {
        opened(county, own, &to, why)
    };
    if copies {
        let hospital = County::name(HOSPITAL);
        if opened.to.contains(&hospital) {
            let (information, purpose) = (opened.tell.clone(), Some(why.word().to_owned()));
            opened.ways.push(WayAsk { from: None, to: Some(hospital), information, purpose });
        }
        emergency(county, own, &mut opened);
    }
    let (expiry, end) = end(county, own, why == Why::Tpo);
    let ask = ConsentDraft {
        person: county.model.persons[person].id.as_str().into(),
        to: opened.to,
        tell: opened.tell,
        back: Some(opened.back),
        purpose: why.word().to_owned(),
        ways: opened.ways,
        expiry,
        ..ConsentDraft::default()
    };
    let terms = Terms {
        ways: opened.stands_for,
        end,
        left_out: promised(county, person),
        revocable: None,
        mixed: false,
        team: Vec::new(),
    };
    drafted(county, own, person, terms, ask);
}

/// What was ever agreed with a person to leave out and that the person did not let in again everywhere.
pub fn promised(county: &County, person: usize) -> Vec<LeftOut> {
    let records = county.model.together(person);
    let of = county.model.consents.iter().filter(|consent| records.contains(&consent.person));
    let apart = records.iter().flat_map(|record| &county.model.persons[*record].left_out);
    let mut all = Vec::new();
    for one in of.filter_map(Consent::state).flat_map(|state| &state.terms.left_out).chain(apart) {
        // A word that was said under one record holds for the others as long as they are one person's.
        let let_in = records.iter().any(|record| county.model.let_in.contains(&(*record, one.asked)));
        if !all.contains(one) && !let_in {
            all.push(one.clone());
        }
    }
    all
}

/// What was drafted, as the model knows it.
pub fn drafted(county: &mut County, own: Org, person: usize, terms: Terms, ask: ConsentDraft) {
    county.tell(format!("{} drafts a consent of person {person}: {terms:?}", County::name(own)));
    let Some(view) = county.ask::<ConsentView>(own, &Care::ConsentDraft(ask)) else { return };
    as_asked(county, &view, &terms);
    if terms.ways.iter().any(|way| way.why == Why::Emergency && !PLACED.contains(&way.kind)) {
        county.breaks(format!("2: a consent is drafted to place {:?} for emergencies", terms.ways));
    }
    let id = view.id.to_string();
    // It is filed under the record that is shown.
    let person = county.model.record(&view.person.to_string()).unwrap_or(person);
    county.model.consents.push(Consent {
        id,
        keeper: own,
        person,
        draft: Some((terms, 0)),
        rulings: Vec::new(),
        void: false,
        suspended: false,
        early: Vec::new(),
    });
}

/// What the person is shown to sign is what was asked for.
pub fn as_asked(county: &mut County, view: &ConsentView, terms: &Terms) {
    let shown: BTreeSet<(Org, Org, Information, String)> = view
        .flows
        .iter()
        .map(|flow| {
            (county.org(flow.from).unwrap(), county.org(flow.to).unwrap(), flow.information, flow.purpose.clone())
        })
        .collect();
    let asked: BTreeSet<(Org, Org, Information)> = terms.ways.iter().map(|w| (w.from, w.to, w.kind)).collect();
    if shown.iter().map(|(from, to, kind, _)| (*from, *to, *kind)).collect::<BTreeSet<_>>() != asked {
        county.breaks(format!("2: the form shows {shown:?}, and {:?} was asked for", terms.ways));
    }
}

pub fn sign(county: &mut County) {
    let Some(at) = consent(county, |consent| consent.draft.is_some()) else { return };
    let of = county.model.consents[at].clone();
    let Some((terms, upon)) = of.draft else { return };
    let name = words::personal(county.model.persons[of.person].name);
    county.tell(format!("{} has consent {at} signed, version after ruling {upon}", County::name(of.keeper)));
    // Who has two records may sign by either name.
    let named_so = county.model.together(of.person).len() > 1 || county.seen.records;
    let show = Care::ConsentShow { consent: of.id.clone(), whole: false };
    let read = county.ask::<ConsentView>(of.keeper, &show).and_then(|view| view.to_sign);
    let ask = ConsentSign {
        attested: true,
        consent: of.id.clone(),
        typed: name,
        named_so,
        version: read.as_ref().map(|form| form.version),
        terms: read.map(|form| form.terms),
        ..ConsentSign::default()
    };
    if county.ask::<ConsentView>(of.keeper, &Care::ConsentSign(ask)).is_none() {
        // What can not be signed any more is written anew.
        county.model.consents[at].draft = None;
        return;
    }
    let now = county.clock(of.keeper);
    let over = of.rulings.last().is_some_and(|ruling| ruling.state.ended(now));
    if upon != of.rulings.len() || over {
        county.breaks(format!("3: a signature under consent {at} undoes what the person said since"));
    }
    county.model.consents[at].draft = None;
    if terms.mixed {
        county.breaks("2: a consent is signed in which counselling notes stand beside something else");
    }
    let mut terms = terms;
    if of.rulings.is_empty() {
        let since = promised(county, of.person).into_iter().filter(|one| !terms.left_out.contains(one));
        let since: Vec<_> = since.collect();
        terms.left_out.extend(since);
    }
    let team = terms.team.clone();
    let (keeper, recorded, withdrawn) = (of.keeper, now, BTreeMap::new());
    rule(county, at, State { terms, over: false, keeper, recorded, revoked: None, withdrawn });
    super::teams::joined(county, at, &team);
    super::records::bind(county, of.person);
    county.count(if of.rulings.is_empty() { "consents signed" } else { "amendments signed" });
}

/// A consent stands otherwise from now on: what was written in this step is how others hear of it. Copies that it lets lie no more
/// are taken back.
pub fn rule(county: &mut County, at: usize, state: State) {
    let of = &county.model.consents[at];
    if of.state() == Some(&state) {
        return;
    }
    let keeper = of.keeper;
    let entries = county.written_by(keeper);
    county.model.consents[at].rulings.push(Ruling { state, entries });
    super::doubts::copies(county, at);
}

pub fn amend(county: &mut County) {
    let plain = |state: &State| !state.over && state.terms.plain();
    let Some(at) = consent(county, |consent| consent.state().is_some_and(plain)) else { return };
    let of = county.model.consents[at].clone();
    let Some(state) = of.state() else { return };
    let own = of.keeper;
    let mut terms = state.terms.clone();
    terms.ways.retain(|way| !state.withdrawn.contains_key(&way.from) && !state.withdrawn.contains_key(&way.to));
    let named: BTreeSet<Org> = terms.ways.iter().flat_map(|way| [way.from, way.to]).filter(|org| *org != own).collect();
    let named: Vec<Org> = named.into_iter().collect();
    let mut ask = ConsentAmend { consent: of.id.clone(), ..ConsentAmend::default() };
    let why = terms
        .ways
        .iter()
        .map(|way| way.why)
        .find(|why| ![Why::Emergency, Why::Payment].contains(why))
        .unwrap_or(Why::Treatment);
    match county.rng.below(6) {
        0 | 1 => {
            let Some(new) = another(county, &[&named[..], &[own]].concat()) else { return };
            let opened = opened(county, own, &[new], why);
            ask = ConsentAmend {
                add: opened.to,
                tell: opened.tell,
                back: Some(opened.back),
                purpose: why.word().to_owned(),
                ..ask
            };
            terms.ways.extend(opened.stands_for);
        }
        2 | 3 => {
            let ways: Vec<Way> = terms.ways.iter().copied().collect();
            let Some(way) = county.rng.pick(&ways).copied() else { return };
            let called = |org: Org| (org != own).then(|| County::name(org));
            let information = if county.rng.chance(20) { Vec::new() } else { vec![way.kind] };
            let all = information.is_empty();
            ask.close = vec![WayAsk { from: called(way.from), to: called(way.to), information, purpose: None }];
            terms.ways.retain(|w| (w.from, w.to) != (way.from, way.to) || (!all && w.kind != way.kind));
        }
        4 => {
            let Some(gone) = county.rng.pick(&named).copied() else { return };
            ask.remove = vec![County::name(gone)];
            terms.ways.retain(|way| way.from != gone && way.to != gone);
        }
        _ => {
            let (expiry, end) = end(county, own, false);
            ask.expiry = Some(expiry);
            terms.end = end;
        }
    }
    if county.rng.chance(15) {
        ask.lift = true;
        terms.left_out.clear();
    }
    let left: BTreeSet<Org> = terms.ways.iter().flat_map(|way| [way.from, way.to]).collect();
    terms.team.retain(|org| left.contains(org));
    county.tell(format!("{} amends consent {at}: {terms:?}", County::name(own)));
    let Some(view) = county.ask::<ConsentView>(own, &Care::ConsentAmend(ask)) else { return };
    as_asked(county, &view, &terms);
    county.model.consents[at].draft = Some((terms, of.rulings.len()));
    // Most often it is signed at once.
    if county.rng.chance(60) {
        sign_this(county, at);
    }
}

pub fn sign_this(county: &mut County, at: usize) {
    let others: Vec<(usize, Option<(Terms, usize)>)> = (0..county.model.consents.len())
        .filter(|other| *other != at)
        .map(|other| (other, county.model.consents[other].draft.take()))
        .collect();
    sign(county);
    for (other, draft) in others {
        county.model.consents[other].draft = draft;
    }
}

/// The person asks to leave something out, and the organisation agrees (2.26).
pub fn restrict(county: &mut County) {
    let plain = |state: &State| !state.over && state.terms.plain();
    let Some(at) = consent(county, |consent| consent.state().is_some_and(plain)) else { return };
    let of = county.model.consents[at].clone();
    let Some(mut state) = of.state().cloned() else { return };
    let named: Vec<Org> =
        state.terms.ways.iter().flat_map(|way| [way.from, way.to]).filter(|org| *org != of.keeper).collect();
    let to = if county.rng.chance(70) { county.rng.pick(&named).copied() } else { None };
    let kinds = some(county, &KINDS, 30);
    let asked = county.model.word(of.keeper, "restriction that was asked for");
    let restriction = RestrictionRequest {
        asked: words::personal(asked),
        to: to.map(County::name),
        information: kinds.iter().copied().collect(),
        ..RestrictionRequest::default()
    };
    county.tell(format!("{} agrees to leave out of consent {at}: {kinds:?} for {to:?}", County::name(of.keeper)));
    let ask = Care::ConsentRestrict { consent: of.id.clone(), restriction };
    if county.ask::<ConsentView>(of.keeper, &ask).is_some() {
        state.terms.left_out.push(LeftOut { asked, to, kinds });
        rule(county, at, state);
        county.count("restrictions agreed to");
        // It is a promise to the person, whichever form it was asked for under.
        super::records::bind(county, of.person);
    }
}

/// The person takes it back where it is kept: all of it, or for one party.
pub fn revoke(county: &mut County) {
    if let Some(at) = consent(county, |consent| consent.state().is_some_and(|state| !state.over)) {
        revoke_this(county, at);
    }
}

/// The same of this consent.
pub fn revoke_this(county: &mut County, at: usize) {
    let of = county.model.consents[at].clone();
    let Some(mut state) = of.state().cloned() else { return };
    let named: Vec<Org> =
        state.terms.ways.iter().flat_map(|way| [way.from, way.to]).filter(|org| *org != of.keeper).collect();
    let party = if county.rng.chance(60) { county.rng.pick(&named).copied() } else { None };
    let spoken = county.rng.chance(50);
    county.tell(format!("{} hears consent {at} revoked, for {party:?}", County::name(of.keeper)));
    let early = state.terms.revocable.is_some_and(|from| county.clock(of.keeper).plus(HOUR) < from);
    let ask = Care::ConsentRevoke { consent: of.id.clone(), party: party.map(County::name), spoken };
    if county.ask::<ConsentView>(of.keeper, &ask).is_none() {
        return;
    }
    if early {
        county.breaks(format!("2: consent {at} is taken back before it can be (2.35(c))"));
    }
    take_back(&mut state, party, county.clock(of.keeper));
    county.count(if party.is_some() { "revocations for one party" } else { "revocations" });
    rule(county, at, state);
    super::records::bind_ended(county, of.person);
}

/// The person took it back: all of it, or for one party.
pub fn take_back(state: &mut State, party: Option<Org>, at: Time) {
    match party {
        None => (state.over, state.revoked) = (true, Some(at)),
        Some(party) => _ = state.withdrawn.insert(party, Some(at)),
    }
}

/// The event at which it ends has come about, or it is known to be false.
pub fn over(county: &mut County) {
    let Some(at) = consent(county, |consent| consent.state().is_some_and(|state| !state.over)) else { return };
    let of = county.model.consents[at].clone();
    let Some(mut state) = of.state().cloned() else { return };
    let ask = if state.terms.end == End::Event(false) {
        state.terms.end = End::Event(true);
        Care::ConsentEvent { consent: of.id, revocable: false, on: None }
    } else if county.rng.chance(30) {
        state.over = true;
        let why = county.model.word(of.keeper, "reason why a consent is false");
        Care::ConsentVoid { consent: of.id, why: words::personal(why) }
    } else {
        return;
    };
    county.tell(format!("consent {at} is over"));
    let void = matches!(ask, Care::ConsentVoid { .. });
    let staff = if void { OFFICER } else { NAVIGATOR };
    if county.ask_as::<ConsentView>(of.keeper, staff, &ask).is_ok() {
        county.model.consents[at].void |= void;
        rule(county, at, state);
        county.count("consents that came to their end");
    }
}
