//! Consents that may be false: staff where one is kept, or where a referral came under it, stop what is told under it, and the privacy
//! officer lets it stand again. Nothing new is told meanwhile, and what was not fetched stays where it is.

use super::consents::consent;
use super::county::County;
use super::model::{Consent, Org};
use super::office::{NAVIGATOR, OFFICER};
use super::words;
use belay_node::api::care::{Care, ConsentView};
use belay_protocol::ids::EntryHash;
use std::collections::BTreeSet;

/// Who doubts which consent, and what had not come to the other side when they said so.
#[derive(Debug, Clone)]
pub struct Doubted {
    pub consent: usize,
    pub by: Org,
    /// The consent, or the referral under it, that its staff named.
    named: String,
    /// How many rulings there were.
    rulings: usize,
    /// Entries of theirs that a reader did not have, and that were not on their way.
    unfetched: Vec<(EntryHash, Org)>,
}

/// Whether this organisation tells nothing under a consent for now.
pub fn doubts(county: &County, consent: usize, org: Org) -> bool {
    county.model.doubted.iter().any(|doubted| (doubted.consent, doubted.by) == (consent, org))
}

/// Whether it stands, and is no team's: of that each holds another part of it.
fn stands(consent: &Consent) -> bool {
    consent.state().is_some_and(|state| !state.over && state.terms.team.is_empty())
}

/// Where a consent is kept, most often one under which something was sent.
fn kept(county: &mut County) -> Option<(usize, String, Org)> {
    let sent: BTreeSet<String> =
        county.model.cases.iter().map(|case| county.model.consents[case.consent].id.clone()).collect();
    let fits = |of: &Consent| !of.suspended && stands(of);
    let sent = if county.rng.chance(70) { consent(county, |of| fits(of) && sent.contains(&of.id)) } else { None };
    let at = sent.or_else(|| consent(county, fits))?;
    let of = &county.model.consents[at];
    Some((at, of.id.clone(), of.keeper))
}

/// Where a referral came under one.
fn came(county: &mut County) -> Option<(usize, String, Org)> {
    let cases = county.model.cases.iter().filter(|case| case.team.is_empty() && !case.heard);
    let came = cases.filter(|case| county.up(case.recipient) && stands(&county.model.consents[case.consent]));
    let came: Vec<_> = came.map(|case| (case.consent, case.id.clone(), case.recipient)).collect();
    county.rng.pick(&came).cloned()
}

/// Somebody learns that a consent may be false: where it is kept, or where a referral came under it.
pub fn doubt(county: &mut County) {
    let picked = if county.rng.chance(40) { came(county) } else { kept(county) };
    let Some((at, named, by)) = picked.filter(|(at, _, by)| !doubts(county, *at, *by)) else { return };
    let of = county.model.consents[at].clone();
    let why = county.model.word(by, "why a consent may be false");
    county.tell(format!("{} says that consent {at} may be false", County::name(by)));
    let ask = Care::ConsentSuspend { consent: named.clone(), why: words::personal(why), lift: false };
    if county.ask::<ConsentView>(by, &ask).is_none() {
        return;
    }
    if !county.written_by(by).is_empty() {
        county.breaks(format!("2: {} writes for others that consent {at} may be false", County::name(by)));
    }
    county.count(if by == of.keeper { "consents that were suspended" } else { "consents that a recipient doubts" });
    county.model.consents[at].suspended |= by == of.keeper;
    let unfetched = unfetched(county, at, by);
    if !unfetched.is_empty() {
        county.count("consents that were suspended before all was fetched");
    }
    county.model.doubted.push(Doubted { consent: at, by, named, rulings: of.rulings.len(), unfetched });
}

/// What stands in the referrals under a consent that it wrote and a reader has not: where nothing flies between the two.
fn unfetched(county: &County, consent: usize, by: Org) -> Vec<(EntryHash, Org)> {
    let mut all = Vec::new();
    for case in county.model.cases.iter().filter(|case| case.consent == consent && case.team.is_empty()) {
        let sides = [case.sender, case.recipient];
        let Some(reader) = sides.into_iter().find(|org| *org != by && sides.contains(&by)) else { continue };
        if arrives(county, by, reader) {
            continue;
        }
        for (hash, (author, space)) in &county.seen.places {
            let here = county.seen.spaces.get(space).is_some_and(|(thread, _)| *thread == case.id);
            if here && *author == by && county.seen.data.contains(hash) && !county.offices[reader].has(hash) {
                all.push((*hash, reader));
            }
        }
    }
    all
}

/// Whether anything may come from one to the other before a line comes to stand between them.
fn arrives(county: &County, from: Org, to: Org) -> bool {
    let mut links = county.net.links.iter().filter(|(_, link)| link.ends.contains(&from) && link.ends.contains(&to));
    county.net.joined(from, to) || links.any(|(link, _)| county.net.flying(*link, from) > 0)
}

/// The privacy officer lets one stand again; nobody else can.
pub fn lift(county: &mut County) {
    let up: Vec<usize> = (0..county.model.doubted.len()).filter(|at| county.up(county.model.doubted[*at].by)).collect();
    let Some(at) = county.rng.pick(&up).copied() else { return };
    lift_this(county, at);
}

fn lift_this(county: &mut County, at: usize) {
    let Doubted { consent, by, named, rulings, .. } = county.model.doubted[at].clone();
    let of = county.model.consents[consent].clone();
    let why = county.model.word(by, "why a consent stands");
    let ask = Care::ConsentSuspend { consent: named, why: words::personal(why), lift: true };
    county.tell(format!("{} lets consent {consent} stand again", County::name(by)));
    if county.ask_as::<ConsentView>(by, NAVIGATOR, &ask).is_ok() {
        county.breaks("3: a consent that may be false stands again by the word of who is no privacy officer");
    }
    // Of one that is known to be false there is nothing to lift any more.
    if county.ask_as::<ConsentView>(by, OFFICER, &ask).is_err() && !of.void {
        county.breaks(format!("5: {} can not let consent {consent} stand again", County::name(by)));
    }
    county.model.doubted.remove(at);
    county.count("consents that stand again");
    if by != of.keeper {
        return;
    }
    county.model.consents[consent].suspended = false;
    // What was said meanwhile takes effect now, and is heard by what is written now.
    let entries = county.written_by(by);
    if let Some(last) = county.model.consents[consent].rulings.last_mut().filter(|_| of.rulings.len() > rulings) {
        last.entries.extend(entries);
    }
    copies(county, consent);
    super::emergencies::caught_up(county, consent);
}

/// After every step: of what had not been fetched nothing came.
pub fn check(county: &mut County) {
    let came = county.model.doubted.iter().find_map(|doubted| {
        let has = |(entry, reader): &&(EntryHash, Org)| county.offices[*reader].has(entry);
        doubted.unfetched.iter().find(has).map(|(entry, reader)| (doubted.clone(), *entry, *reader))
    });
    if let Some((Doubted { consent, by, .. }, entry, reader)) = came {
        county.breaks(format!(
            "3: {} gets entry {} of {}, which was written before consent {consent} was suspended and not fetched",
            County::name(reader),
            entry.short(),
            County::name(by)
        ));
    }
}

/// At the end nobody doubts anything, so that all may arrive that may be read.
pub fn over(county: &mut County) {
    while !county.model.doubted.is_empty() && county.broken.is_none() {
        lift_this(county, 0);
        super::check::hear(county);
        super::check::check(county);
    }
}

/// Copies that it lets lie no more are taken back: of one that is suspended once it stands again, but where the person took it back.
pub fn copies(county: &mut County, at: usize) {
    let of = &county.model.consents[at];
    let (keeper, suspended) = (of.keeper, of.suspended);
    let Some(state) = of.state().cloned() else { return };
    let (entries, now) = (county.written_by(keeper), county.clock(keeper));
    for copy in 0..county.model.copies.len() {
        let lies = &county.model.copies[copy];
        let waits = suspended && !state.over && !state.withdrawn.contains_key(&lies.at);
        if lies.consent == at
            && lies.ended.is_none()
            && !waits
            && !county.model.may_lie(at, lies.at, lies.kind, true, now)
        {
            county.model.copies[copy].ended = Some(entries.clone());
        }
    }
}
