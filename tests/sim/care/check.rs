//! What must hold after every step.

use super::county::County;
use super::model::{Case, Org, Ruling};
use super::threads::left_out;
use super::words::{self, Said, Word};
use belay_protocol::consent::{ENDED, part_id, team_id};
use belay_protocol::disclosure::{Disclosure, Stage};
use belay_protocol::ids::{ConsentId, EntryHash, SpaceId};
use belay_protocol::referral::inquiry::InquiryBody;
use belay_protocol::referral::{Act, Body, Notice};
use belay_protocol::space::control::PartnerKind;
use belay_protocol::space::entry::Entry;
use std::collections::BTreeSet;

/// Everything that came about since the last check.
pub fn check(county: &mut County) {
    let needs = open(county);
    record(county);
    for (author, entry, reader) in needs {
        let came = came(county, author, entry, reader);
        if !county.seen.disclosed.contains(&(author, entry, reader)) && !came {
            county.breaks(format!(
                "7: {} can read entry {} of {}, which has no record of it",
                County::name(reader),
                entry.short(),
                County::name(author)
            ));
        }
    }
    for (org, words) in std::mem::take(&mut county.seen.shown) {
        for word in words {
            if !county.model.facts[word].see.contains(&org) {
                let what = describe(county, word);
                county.breaks(format!("2: staff of {} are shown {what}", County::name(org)));
            }
        }
    }
    for (org, words) in std::mem::take(&mut county.seen.rest) {
        for word in words {
            if !county.model.facts[word].see.contains(&org) {
                let what = describe(county, word);
                county.breaks(format!("2: {} holds in clear {what}", County::name(org)));
            }
        }
    }
    super::papers::apart(county);
    super::doubts::check(county);
    county.wrote.clear();
}

/// Whether a newcomer of a team reads this since its sender let it in, with a record of that; its writer did not know of it then.
fn came(county: &County, author: Org, entry: EntryHash, reader: Org) -> bool {
    let Some((_, space)) = county.seen.places.get(&entry) else { return false };
    let Some((thread, _)) = county.seen.spaces.get(space) else { return false };
    let case = county.model.cases.iter().find(|case| case.id == *thread && case.newcomers.contains(&reader));
    let new = county.wrote.iter().any(|(_, wrote, _)| *wrote == entry);
    case.is_some_and(|case| !new || author != case.sender) && county.seen.came.contains(&(*space, reader))
}

pub fn describe(county: &County, word: Word) -> String {
    let fact = &county.model.facts[word];
    format!("{}, the {} of {}", words::text(word), fact.what, County::name(fact.author))
}

/// Opens with everybody's keys all that they open. Gives who can read what of whom.
fn open(county: &mut County) -> Vec<(Org, EntryHash, Org)> {
    let mut needs = Vec::new();
    for (epoch, node) in std::mem::take(&mut county.seen.learnt) {
        let Some(reader) = county.offices.iter().position(|office| office.node == node) else { continue };
        let tried = county.seen.tried.entry((epoch, node)).or_default();
        let new: Vec<Entry> = county.thief.sealed(&epoch)[*tried..].to_vec();
        *tried += new.len();
        for entry in new {
            let author = county.offices.iter().position(|office| office.node == entry.header().author).unwrap();
            if author == reader {
                continue;
            }
            let Some(plain) = county.thief.read(node, &entry) else { continue };
            county.thief.opened += 1;
            let (said, words) = words::said(&plain);
            for word in &words {
                let fact = &county.model.facts[*word];
                if !fact.may.contains(&reader) {
                    let number = if fact.late { 3 } else { 2 };
                    let what = describe(county, *word);
                    county.breaks(format!("{number}: {} can open {what}", County::name(reader)));
                }
            }
            if matches!(said, Said::Emergency) {
                county.seen.copies.insert(entry.space());
            }
            if matches!(said, Said::Thread(_) | Said::Emergency) {
                needs.push((author, entry.hash(), reader));
            }
            if county.model.inquiries.iter().any(|asked| asked.space == entry.space())
                && InquiryBody::decode(&plain).is_err()
            {
                county.breaks(format!("2: {} writes more than codes into an inquiry", County::name(author)));
            }
            // A piece of a file stays sealed where it came to.
            let shows = !matches!(&said, Said::Thread(body) if matches!(**body, Body::Chunk(_)));
            county.seen.opens.insert((entry.hash(), reader), if shows { words } else { BTreeSet::new() });
            let Said::Thread(body) = said else { continue };
            match *body {
                Body::Notice(notice) => noticed(county, (author, reader), entry.space(), &notice),
                Body::Act(signed) => {
                    if let Act::HeardRevocation { party, .. } = signed.act
                        && let Some((thread, _)) = county.seen.spaces.get(&entry.space())
                        && let Some(case) = county.model.cases.iter().position(|case| case.id == *thread)
                    {
                        let party = party.and_then(|party| county.org(party));
                        county.model.said.push((entry.hash(), case, party));
                    }
                }
                Body::Chunk(_) => {}
            }
        }
    }
    needs
}

/// A recipient learns of nobody but who is in a way with it.
fn noticed(county: &mut County, (author, reader): (Org, Org), space: SpaceId, notice: &Notice) {
    county.seen.spaces.insert(space, (notice.thread.to_string(), notice.information));
    let thread = notice.thread.to_string();
    let case = county.model.cases.iter().find(|case| case.id == thread);
    let team = case.map(Case::all);
    // Who came to the team of a consent under which it was told alone before shares kinds with the others of that.
    let rulings = case.into_iter().flat_map(|case| &county.model.consents[case.consent].rulings);
    let shares = |org: Org| {
        let mut ways = rulings.clone().flat_map(|ruling| &ruling.state.terms.ways);
        ways.any(|way| [(way.from, way.to), (way.to, way.from)].contains(&(org, reader)))
    };
    let known: Vec<bool> = notice.scope.parties.iter().map(|party| county.org(party.org).is_some_and(shares)).collect();
    for (party, known) in notice.scope.parties.iter().zip(known) {
        let of_team = county.org(party.org).is_some_and(|org| team.as_ref().is_some_and(|team| team.contains(&org)));
        if known || (of_team && !notice.scope.team.is_empty()) {
            continue;
        }
        if party.org != county.offices[author].org && party.org != county.offices[reader].org {
            county.breaks(format!("2: {} learns that {} takes part", County::name(reader), party.name));
        }
    }
}

/// Every record of a disclosure says what 42 CFR 2.25 asks for, and stands for something that was disclosed under a consent.
fn record(county: &mut County) {
    for (author, made) in std::mem::take(&mut county.recorded) {
        county.count("disclosures recorded");
        // The pieces of a file stand in the accounting as one, which is looked for where it was attached.
        if !made.what.reveal().starts_with("attachment ") {
            county.seen.accounts.push((author, made.person.to_string(), made.entry, made.to));
        }
        let Some(to) = county.org(made.to) else { continue };
        county.seen.disclosed.insert((author, made.entry, to));
        if made.what.reveal().contains("before it came to the team") {
            county.seen.came.insert((made.space, to));
        }
        let whole = !made.by.name.reveal().trim().is_empty()
            && made.recipient.starts_with(&County::name(to))
            && !made.what.reveal().trim().is_empty()
            && made.at <= county.clock(author)
            && !made.clause.is_empty()
            && (made.consent != ConsentId::ZERO || made.facts.is_some() || made.clause == ENDED);
        if !whole {
            county.breaks(format!("7: a record of {} is not whole: {made:?}", County::name(author)));
        }
        // What left the network is named by our own record of it, which nobody else opens.
        let out = made.space == SpaceId::ZERO;
        if out && made.clause != ENDED {
            county.seen.left.insert(made.thread.to_string());
        }
        let told = !out && county.seen.data.contains(&made.entry);
        if told && !made.automatic && !county.seen.opens.contains_key(&(made.entry, to)) {
            county.breaks(format!(
                "7: {} records that it told {} what its keys do not open",
                County::name(author),
                County::name(to)
            ));
        }
        if !permitted(county, author, to, &made) {
            county.breaks(format!(
                "2: {} tells {} {} information, {:?}, which the consent does not let it: {}",
                County::name(author),
                County::name(to),
                made.information,
                made.stage,
                made.what.reveal()
            ));
        }
    }
}

/// Whether what a record names lets this be told, as far as the node had heard.
fn permitted(county: &mut County, author: Org, to: Org, made: &Disclosure) -> bool {
    if made.clause == ENDED && made.space != SpaceId::ZERO {
        // With the removal that takes it out: because the person took it back, and for nothing else.
        county.count("removals that say it was the person's word");
        let kept = county.model.consents.iter().find(|consent| consent.id == made.consent.to_string());
        let state = kept.filter(|consent| consent.keeper == author).and_then(|consent| consent.state());
        return state.is_some_and(|state| state.revoked.is_some() || state.withdrawn.contains_key(&to));
    }
    if made.clause == ENDED {
        return county.model.telephoned.contains(&(author, to, made.information));
    }
    let way = (author, made.space, to, made.consent, made.version, made.information);
    if made.automatic {
        county.count("keys passed on by a node of its own accord");
        // By the permit that let the organisation in, as long as it holds; that of an opening held at that moment, and for good.
        let stands = made.facts.is_some() || consented(county, author, to, made);
        return stands && county.seen.let_in.contains(&way);
    }
    let thread = made.thread.to_string();
    let case = county.model.cases.iter().find(|case| case.id == thread);
    if made.facts.is_none() && case.is_some_and(|case| left_out(county, case, (author, to), made.information)) {
        return false;
    }
    let may = if made.facts.is_some() { opened(county, author, to, made) } else { consented(county, author, to, made) };
    if may {
        county.seen.let_in.insert(way);
    }
    may
}

/// Whether the four facts stand there whole, by who has medical personnel, of a copy that was shown there: to who placed it.
fn opened(county: &County, author: Org, to: Org, made: &Disclosure) -> bool {
    let Some(facts) = &made.facts else { return false };
    let said = [&facts.personnel, &facts.discloser, &facts.nature, &facts.unobtainable];
    let whole = said.iter().all(|fact| !fact.reveal().trim().is_empty())
        && facts.facility.org == county.offices[author].org
        && facts.at <= made.at;
    let medical = matches!(county.model.kinds[author], PartnerKind::CoveredEntity | PartnerKind::Part2Program);
    let shown = county.model.openings.iter().any(|opening| {
        let copy = &county.model.copies[opening.copy];
        (opening.at, opening.entry) == (author, made.entry)
            && (copy.space, copy.kind) == (made.space, made.information)
            && county.model.persons[copy.person].org == to
    });
    whole && medical && shown
}

/// Whether the consent that a record names lets this be told.
fn consented(county: &County, author: Org, to: Org, made: &Disclosure) -> bool {
    // Who keeps it knows it by its own id, a recipient by that of its part.
    let known = |consent: &super::model::Consent| {
        let own: Option<ConsentId> = consent.id.parse().ok();
        let part = own.map(|own| part_id(own, county.offices[author].org));
        [own, part, own.map(team_id)].contains(&Some(made.consent))
    };
    let Some(consent) = county.model.consents.iter().position(known) else { return false };
    // What was told is what its recipient can open of it, and not what the record calls it.
    let placed = county.seen.copies.contains(&made.space);
    if placed != (made.stage == Stage::Placed) {
        return false;
    }
    // Where a copy lies it is opened whoever doubts it, and its keys go on to who asks.
    if county.model.consents[consent].keeper == author && placed && made.automatic {
        return county.model.may_lie(consent, to, made.information, placed, made.at);
    }
    if super::doubts::doubts(county, consent, author) {
        return false;
    }
    if county.model.consents[consent].keeper == author {
        return county.model.keeper_may(consent, to, made.information, placed, made.at);
    }
    let thread = made.thread.to_string();
    // What a recipient passed on by other means than a referral.
    if made.entry == EntryHash::ZERO && county.model.passed.contains(&(author, to, thread.clone())) {
        return true;
    }
    let Some(case) = county.model.cases.iter().find(|case| case.id == thread) else { return false };
    let ruling = heard_by(county, case, author);
    let state = &county.model.consents[consent].rulings[ruling].state;
    state.permits(&county.model.kinds, author, to, made.information, placed, made.at)
}

/// The last ruling on the consent of which the recipient of a referral has heard in it.
pub fn heard(county: &County, case: &Case) -> usize {
    heard_by(county, case, case.recipient)
}

/// The same of another of a team.
pub fn heard_by(county: &County, case: &Case, org: Org) -> usize {
    let consent = &county.model.consents[case.consent];
    let mut last = case.sent;
    for (number, ruling) in consent.rulings.iter().enumerate().skip(case.sent + 1) {
        let of = |space: &SpaceId, only_referral: bool| {
            county.seen.spaces.get(space).is_some_and(|(thread, kind)| {
                *thread == case.id && (!only_referral || *kind == belay_protocol::referral::Information::Referral)
            })
        };
        let within = |only: bool| -> BTreeSet<EntryHash> {
            ruling.entries.iter().filter(|(_, space)| of(space, only)).map(|(hash, _)| *hash).collect()
        };
        let referral = within(true);
        let entries = if referral.is_empty() { within(false) } else { referral };
        // Who came to a team by this knows of no other: by the first notice of it that it reads, in whichever space, it may tell.
        let tells = |ruling: &Ruling| ruling.state.terms.ways.iter().any(|way| way.from == org);
        let before = &consent.rulings[case.sent..number];
        let first = case.newcomers.contains(&org) && !before.iter().any(tells);
        let here = |hash: &EntryHash| county.offices[org].has(hash);
        if !entries.is_empty() && (entries.iter().all(here) || (first && within(false).iter().any(here))) {
            last = number;
        }
    }
    last
}

/// A revocation that a partner heard has come to who keeps the consent: from then on it holds there.
pub fn hear(county: &mut County) {
    let said = std::mem::take(&mut county.model.said);
    for (entry, case, party) in said {
        let of = county.model.cases[case].clone();
        if !county.up(of.sender) || !county.offices[of.sender].has(&entry) || waits(county, case) {
            county.model.said.push((entry, case, party));
            continue;
        }
        county.model.carried.push((entry, case, party));
        county.follow(of.sender);
        county.count("revocations heard by way of a partner");
        let consent = &county.model.consents[of.consent];
        let Some(mut state) = consent.state().cloned() else { continue };
        // What a partner says of somebody whom it may not know of is a word against itself.
        let party = match party {
            None => None,
            Some(party) if party == of.sender => None,
            // Who works on it together knows of each other.
            Some(party) if !of.team.is_empty() && of.all().contains(&party) => Some(party),
            Some(_) => Some(of.recipient),
        };
        super::consents::take_back(&mut state, party, county.clock(of.sender));
        super::consents::rule(county, of.consent, state);
        super::records::bind_ended(county, of.person);
    }
    super::early::take_effect(county);
}

/// Whether the consent of a referral can not be taken back yet, where it is kept (2.35(c)).
pub fn waits(county: &County, case: usize) -> bool {
    let of = &county.model.cases[case];
    let state = county.model.consents[of.consent].state();
    let from = state.and_then(|state| state.terms.revocable);
    from.is_some_and(|from| from > county.clock(of.sender))
}
