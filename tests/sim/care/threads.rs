//! Referrals: sent, linked, answered, carried on, and revoked where they were received.

use super::check::heard_by;
use super::consents::{KINDS, PLACED, another, promised, standing};
use super::county::County;
use super::model::{Case, Org, Person};
use super::teams::besides;
use super::words::{self, Word};
use belay_node::api::care::{
    ActRequest, Care, CheckInRequest, ConsentView, LinkAsk, Meeting, Named, NeedRequest, Send, ThreadView,
};
use belay_node::usecases::threads;
use belay_protocol::referral::{
    Attempt, Channel, Contact, CrisisPlan, DeclineReason, Handoff, Information, Leaving, Medication, Medicine, Mode,
    Outcome, Reached, Seen, Setting, Stage, Summary, SummaryKind, Symptoms, TeachBack, Transition, Urgency, Why,
};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::{DAY, Time};
use std::collections::{BTreeMap, BTreeSet};

/// Sends a referral under a consent, whether it permits that or not.
pub fn send(county: &mut County) {
    let Some(at) = standing(county) else { return };
    let of = county.model.consents[at].clone();
    let own = of.keeper;
    // Whom it names, whom only a draft names, or anybody.
    let drafted = of.draft.iter().flat_map(|(terms, _)| &terms.ways);
    let signed = of.rulings.iter().flat_map(|ruling| &ruling.state.terms.ways);
    let named: Vec<Org> = drafted.chain(signed).map(|way| way.to).filter(|to| *to != own).collect();
    let to = if county.rng.chance(90) { county.rng.pick(&named).copied() } else { another(county, &[own]) };
    let Some(to) = to else { return };
    let now = county.clock(own);
    let team = of.state().map_or_else(Vec::new, |state| besides(&state.terms, own, to));
    let why = super::teams::purpose(county, &team);
    let may = |county: &County, kind| county.model.keeper_may_for(at, (to, kind), why, now);
    let late = county.model.ended(at, to, now);
    let reason = county.model.word(own, "reason of a referral");
    let needs: Vec<Word> = (0..county.rng.below(3) / 2).map(|_| county.model.word(own, "need")).collect();
    let include: Vec<Information> = KINDS[2..].iter().copied().filter(|_| county.rng.chance(15)).collect();
    let whole = may(county, Information::Referral);
    let along = county.model.along(own, of.person, &include);
    if whole {
        county.model.refer(at, to, reason, (why, now));
        for hears in std::iter::once(&to).chain(&team) {
            county.model.goes_along(at, *hears, &along, (why, now));
        }
        if may(county, Information::Social) {
            county.model.tell(&needs, to);
        }
        super::teams::refer(county, (at, why), &team, reason, &needs, now);
    }
    let needed = needs.iter().map(|need| (Information::Social, *need));
    let told: Vec<(Information, Word)> = needed.chain([(Information::Referral, reason)]).chain(along).collect();
    for word in needs.iter().chain([&reason]) {
        county.model.facts[*word].late = late;
    }
    county.tell(format!("{} refers under consent {at} to {}", County::name(own), County::name(to)));
    let ask = Care::ReferralSend(Send {
        to: Some(County::name(to)),
        include,
        needs: needs.into_iter().map(words::personal).collect(),
        purpose: why.map(|why| why.word().to_owned()),
        again: true,
        ..Send::new(of.id, words::personal(reason), Urgency::Urgent)
    });
    let Some(view) = county.ask::<ThreadView>(own, &ask) else { return };
    if !whole {
        county.breaks(format!("2: a referral goes under consent {at} to {}, which does not let it", County::name(to)));
    }
    county.count("referrals sent");
    county.model.cases.push(Case {
        id: view.row.id.to_string(),
        consent: at,
        sender: own,
        recipient: to,
        team,
        why,
        person: of.person,
        linked: None,
        sent: of.rulings.len().saturating_sub(1),
        accepted: false,
        unlinked: Vec::new(),
        heard: false,
        told,
        newcomers: BTreeSet::new(),
        settled: BTreeSet::new(),
        visits: BTreeMap::new(),
    });
}

/// A referral, with the side that acts: its node runs, and knows of it.
pub fn case(county: &mut County) -> Option<(usize, Org, Org)> {
    let fitting: Vec<(usize, Org, Org)> = (0..county.model.cases.len())
        .flat_map(|at| {
            let case = &county.model.cases[at];
            let others = case.team.iter().map(|org| (at, *org, case.sender));
            [(at, case.sender, case.recipient), (at, case.recipient, case.sender)]
                .into_iter()
                .chain(others)
                .collect::<Vec<_>>()
        })
        .filter(|(_, own, _)| county.up(*own))
        .collect();
    // What is newest goes on most.
    let newest = fitting.len().saturating_sub(6);
    if county.rng.chance(60) {
        county.rng.pick(&fitting[newest..]).copied()
    } else {
        county.rng.pick(&fitting).copied()
    }
}

/// Whether who was referred to agreed with the person, as it linked the referral, not to tell somebody this (2.26).
pub fn left_out(county: &County, case: &Case, (own, to): (Org, Org), kind: Information) -> bool {
    let Some(person) = case.linked.filter(|_| own == case.recipient) else { return false };
    promised(county, person)
        .iter()
        .any(|one| one.to.map_or(to != own, |whom| whom == to) && (one.kinds.is_empty() || one.kinds.contains(&kind)))
}

/// Whether this side may tell the other something of this kind now, as far as it has heard; and whether that is because it ended.
pub fn may_tell(county: &County, at: usize, own: Org, kind: Information) -> (bool, bool) {
    let case = &county.model.cases[at];
    let now = county.clock(own);
    if own == case.sender {
        let may = county.model.keeper_may_for(case.consent, (case.recipient, kind), case.why, now);
        return (may, county.model.ended(case.consent, case.recipient, now));
    }
    let state = &county.model.consents[case.consent].rulings[heard_by(county, case, own)].state;
    let left_out = left_out(county, case, (own, case.sender), kind);
    let may = state.permits(&county.model.kinds, own, case.sender, kind, false, now)
        && !case.heard
        && !left_out
        && !super::doubts::doubts(county, case.consent, own);
    (may, case.heard || state.ended(now) || state.withdrawn.contains_key(&own))
}

/// Staff look, as they do before they act; that acknowledges it.
pub fn look(county: &mut County) {
    let Some((at, own, _)) = case(county) else { return };
    let thread = county.model.cases[at].id.clone();
    county.tell(format!("{} looks at referral {at}", County::name(own)));
    county.ask::<ThreadView>(own, &Care::ReferralShow { thread });
}

/// Who the person of an incoming referral is: somebody new, with what it tells.
pub fn link(county: &mut County) {
    let Some((at, own, _)) = case(county) else { return };
    let case = county.model.cases[at].clone();
    if own != case.recipient || case.linked.is_some() {
        return;
    }
    let known: Vec<usize> = (0..county.model.persons.len()).filter(|p| county.model.persons[*p].org == own).collect();
    let given = if county.rng.chance(20) { county.rng.pick(&known).copied() } else { None };
    // Names are few: who looks alike is somebody else unless the model says otherwise.
    let who = match given {
        Some(person) => Named::Person(county.model.persons[person].id.as_str().into()),
        None => Named::New,
    };
    let link = LinkAsk { who, another: true, same: true, ..LinkAsk::new(&case.id) };
    county.tell(format!("{} links referral {at} to {given:?}", County::name(own)));
    let Some(view) = county.ask::<ThreadView>(own, &Care::ReferralLink(link)) else { return };
    county.count("referrals linked");
    let linked = given.unwrap_or_else(|| {
        let id = view.row.person.unwrap().to_string();
        let (plans, left_out) = (BTreeMap::new(), Vec::new());
        let new = Person { org: own, id, plans, left_out, ..county.model.persons[case.person].clone() };
        county.model.persons.push(new);
        county.model.persons.len() - 1
    });
    // It is filed under the record that is shown.
    let linked = view.row.person.and_then(|id| county.model.record(&id.to_string())).unwrap_or(linked);
    county.model.cases[at].linked = Some(linked);
    // What was written while nobody had said whose it is, is this person's now, and goes where a copy of it lies.
    for (kind, words) in std::mem::take(&mut county.model.cases[at].unlinked) {
        super::emergencies::keep_up(county, linked, kind, &words);
        county.model.planned(linked, kind, &words);
    }
}

const ACTS: usize = 26;
/// Those that a sender has a use for.
const SENDERS: [usize; 11] = [7, 8, 12, 16, 17, 18, 19, 20, 21, 22, 24];

/// One of the acts, with the words in it and their kind.
fn request(county: &mut County, case: &Case, own: Org) -> (ActRequest, Vec<Word>, Information) {
    let mut words: Vec<Word> = Vec::new();
    let now = county.clock(own);
    let pick = match own == case.recipient {
        true if !case.accepted && county.rng.chance(50) => 0,
        true => county.rng.below(ACTS),
        false => SENDERS[county.rng.below(SENDERS.len())],
    };
    let model = &mut county.model;
    let mut word = |what| -> Personal<String> {
        let new = model.word(own, what);
        words.push(new);
        words::personal(new)
    };
    let why = |note| Why { barriers: Vec::new(), note };
    let later = Time(now.0 + DAY);
    let (ask, kind) = match pick {
        0..=2 => (ActRequest::Accept { note: word("note") }, Information::Referral),
        3 => (ActRequest::Decline { reason: DeclineReason::Other, note: word("note") }, Information::Referral),
        4 | 5 => {
            let (place, note) = (word("place"), word("note"));
            (ActRequest::Schedule(Meeting::at(later, place, Mode::InPerson, note)), Information::Referral)
        }
        6 => (ActRequest::Attend { when: None }, Information::Referral),
        7..=9 => (ActRequest::Message { text: word("message") }, Information::Referral),
        10 => (
            ActRequest::Close { outcome: Outcome::Other, note: word("note"), barriers: Vec::new() },
            Information::Referral,
        ),
        11 => (ActRequest::NoShow { when: None, why: why(word("note")) }, Information::Referral),
        12 => (ActRequest::Withdraw { reason: word("reason") }, Information::Referral),
        13 => (ActRequest::Hold { why: why(word("note")) }, Information::Referral),
        14 => (ActRequest::Resume { note: word("note") }, Information::Referral),
        15 => {
            let to = Meeting::at(later, word("place"), Mode::Video, word("note"));
            (ActRequest::Reschedule { to, why: why(word("note")) }, Information::Referral)
        }
        16 | 17 => {
            let medicine = Medicine { name: word("medicine"), dose: word("dose"), ..Medicine::default() };
            let list = Medication {
                medicines: vec![medicine],
                allergies: word("allergies"),
                note: word("note"),
                ..Medication::default()
            };
            (ActRequest::Medication(list.into()), Information::Medication)
        }
        18 | 19 => {
            let contact = Contact { name: word("contact"), phone: word("phone"), relation: word("relation") };
            let plan = CrisisPlan { warning_signs: word("signs"), contacts: vec![contact], ..CrisisPlan::default() };
            (ActRequest::Crisis(plan.into()), Information::Crisis)
        }
        20 => {
            let summary = Summary { kind: SummaryKind::Progress, text: word("summary") };
            (ActRequest::Summary(summary), Information::Clinical)
        }
        21 => {
            let need =
                NeedRequest { text: Some(word("need")), next: Some(word("next step")), ..NeedRequest::default() };
            (ActRequest::Need(need), Information::Social)
        }
        22 => (ActRequest::CheckIn(symptoms(now, word("symptoms"))), Information::Clinical),
        23 => {
            let seen = Seen { setting: Setting::Admitted, at: now, note: word("note") };
            (ActRequest::Seen(seen), Information::Referral)
        }
        24 => {
            let (from, to, note) = (word("who hands over"), word("who takes over"), word("note"));
            let handoff = Handoff { mode: Mode::InPerson, at: now, from, to, teach_back: TeachBack::Understood, note };
            (ActRequest::Handoff(handoff), Information::Referral)
        }
        _ => follow_up(now, &mut word),
    };
    (ask, words, kind)
}

fn symptoms(now: Time, note: Personal<String>) -> CheckInRequest {
    CheckInRequest {
        stage: Some(Stage::Start),
        at: Some(now),
        in_care: None,
        satisfaction: None,
        naloxone_kits: None,
        housing: None,
        work: None,
        support: None,
        symptoms: Some(Symptoms::Mild),
        symptoms_note: note,
    }
}

fn follow_up(now: Time, word: &mut dyn FnMut(&'static str) -> Personal<String>) -> (ActRequest, Information) {
    let ask = match now.0 / 1_000 % 3 {
        0 => ActRequest::Lost { since: None, note: word("note") },
        1 => {
            let (channel, result) = (Channel::Telephone, Reached::NoAnswer);
            ActRequest::Attempt(Attempt { at: now, channel, result, note: word("note") })
        }
        _ => ActRequest::Transition(Transition { leaving: Leaving::Hospital, on: now, note: word("note") }),
    };
    (ask, Information::Referral)
}

/// One act of either side.
pub fn act(county: &mut County) {
    let Some((at, own, other)) = case(county) else { return };
    let case = county.model.cases[at].clone();
    let (act, words, kind) = request(county, &case, own);
    let (accepts, message) = (matches!(act, ActRequest::Accept { .. }), matches!(act, ActRequest::Message { .. }));
    let (may, late) = may_tell(county, at, own, kind);
    if may && case.team.is_empty() {
        county.model.tell(&words, other);
    }
    if !case.team.is_empty() {
        super::teams::tell(county, at, own, kind, &words);
    }
    for word in &words {
        county.model.facts[*word].late = late;
    }
    let person = match own {
        own if own == case.sender => Some(case.person),
        own if own == case.recipient => case.linked,
        // Of a team nobody but these two writes of crisis and medication.
        _ => None,
    };
    if PLACED.contains(&kind)
        && let Some(person) = person
    {
        super::emergencies::keep_up(county, person, kind, &words);
    }
    county.tell(format!(
        "{} writes {kind} in referral {at}, which it {}",
        County::name(own),
        if may { "may tell" } else { "may not tell" }
    ));
    let Some(_) = county.ask::<ThreadView>(own, &Care::ReferralAct { thread: case.id.clone(), act }) else { return };
    county.model.cases[at].accepted |= accepts;
    if case.team.is_empty() && left_out(county, &case, (own, other), kind) {
        county.count("answers kept in the house since the person asked for it");
        if message {
            county.breaks(format!("5: a message in referral {at} stays here, and who wrote it takes it for told"));
        }
    }
    county.count(if may { "acts told" } else { "acts kept in the house" });
    if PLACED.contains(&kind) {
        match person {
            Some(person) => county.model.planned(person, kind, &words),
            None if own == case.recipient => county.model.cases[at].unlinked.push((kind, words)),
            None => {}
        }
    }
}

/// The person revokes at the recipient.
pub fn revoke_there(county: &mut County) {
    let Some((at, own, _)) = case(county) else { return };
    if own == county.model.cases[at].recipient {
        revoke_at(county, at, own);
    }
}

/// The same at this recipient of a referral.
pub fn revoke_at(county: &mut County, at: usize, own: Org) {
    let case = county.model.cases[at].clone();
    let party = county.rng.chance(30).then_some(case.sender);
    county.tell(format!("{} hears the consent of referral {at} revoked, for {party:?}", County::name(own)));
    let ask = Care::ConsentRevoke { consent: case.id, party: party.map(County::name), spoken: true };
    if county.ask::<ConsentView>(own, &ask).is_none() {
        return;
    }
    county.count("revocations heard at a recipient");
    let consent = case.consent;
    let known = threads::all(&county.offices[own].disk.live).unwrap();
    let known: Vec<String> = known.into_iter().map(|thread| thread.thread.to_string()).collect();
    for other in &mut county.model.cases {
        // Of a referral that has not come it does not know.
        if other.consent == consent && other.recipient == own && known.contains(&other.id) {
            other.heard = true;
        }
    }
}
