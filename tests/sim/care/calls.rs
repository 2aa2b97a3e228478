//! Calls: what no node tells is told by telephone, by who knows it, to who has to hear it; the person is named to who was told the name
//! and to nobody else, and what was told is on record, no more and no less.

use super::check::describe;
use super::consents::{another, somebody};
use super::county::County;
use super::model::{Consent, End, Letter, Org, Way};
use super::words;
use belay_node::api::care::{CallView, CallsAsk, CallsView, Care, DoneView, HeardAsk, HeardView};
use belay_protocol::consent::ENDED;
use belay_protocol::ids::OrgId;
use belay_protocol::referral::Information;
use belay_protocol::sensitive::Personal;
use std::collections::BTreeSet;

/// As it stands on a form that another organisation printed.
const NUMBER: &str = "a1b2c3d4";

/// Of this person the node knows a name alone, and who keeps the consent.
pub fn hear(county: &mut County) {
    let Some(own) = somebody(county) else { return };
    let Some(keeper) = another(county, &[own]) else { return };
    let name = county.model.word(own, "name of who took a consent back");
    let form = if county.rng.chance(60) { NUMBER } else { "" };
    county.tell(format!(
        "{} hears a consent of {} taken back, number `{form}`",
        County::name(own),
        County::name(keeper)
    ));
    let ask = HeardAsk {
        keeper: County::name(keeper),
        name: words::personal(name),
        form: form.into(),
        spoken: county.rng.chance(50),
        ..HeardAsk::default()
    };
    let Some(view) = county.ask::<HeardView>(own, &Care::ConsentHeard(ask)) else { return };
    county.count("consents of others heard taken back");
    said(county, own, keeper, &view.says);
    county.model.heard_for.push((own, view.call.to_string()));
}

/// Whom a call is to is told nothing that it may not know.
fn said(county: &mut County, own: Org, to: Org, says: &Personal<String>) -> bool {
    let words = words::found(says.reveal().as_bytes());
    for word in &words {
        if !county.model.facts[*word].see.contains(&to) {
            let what = describe(county, *word);
            county.breaks(format!("2: {} is to tell {} by telephone {what}", County::name(own), County::name(to)));
        }
    }
    !words.is_empty()
}

fn due(county: &mut County, own: Org) -> Vec<CallView> {
    let list = county.ask::<CallsView>(own, &Care::CallList(CallsAsk::default()));
    let calls = list.map(|list| list.calls).unwrap_or_default();
    for call in &calls {
        if let Some(to) = county.org(call.to) {
            said(county, own, to, &call.says);
        }
    }
    calls
}

fn made(county: &mut County, own: Org) -> Vec<DoneView> {
    let ask = Care::CallList(CallsAsk { done: true, after: None });
    county.ask::<CallsView>(own, &ask).map(|list| list.done).unwrap_or_default()
}

/// Somebody picks up the telephone, and writes down that it was done.
pub fn make(county: &mut County) {
    let Some(own) = somebody(county) else { return };
    let calls = due(county, own);
    let Some(call) = county.rng.pick(&calls).cloned() else { return };
    let Some(to) = county.org(call.to) else { return };
    let with = county.model.word(own, "who was spoken to");
    county.tell(format!("{} telephones {}", County::name(own), County::name(to)));
    // Of a case that has no number nothing is told.
    let mut kinds = BTreeSet::new();
    kinds.extend((call.thread.is_some() || call.says.reveal().contains(NUMBER)).then_some(Information::Referral));
    kinds.extend(said(county, own, to, &call.says).then_some(Information::Identity));
    let ask = Care::CallMade { call: call.id.to_string(), with: words::personal(with) };
    if county.ask::<CallView>(own, &ask).is_none() {
        county.breaks(format!("4: {} can not write down that it made a call", County::name(own)));
        return;
    }
    county.count("calls made");
    let of_call =
        county.recorded.iter().filter(|(org, made)| *org == own && made.clause == ENDED && made.to == call.to);
    let mut recorded: Vec<Information> = of_call.map(|(_, made)| made.information).collect();
    recorded.sort_unstable();
    if recorded != kinds.iter().copied().collect::<Vec<_>>() {
        county.breaks(format!(
            "7: {} told {} {kinds:?} by telephone, and {recorded:?} is on record",
            County::name(own),
            County::name(to)
        ));
    }
    county.model.telephoned.extend(kinds.into_iter().map(|kind| (own, to, kind)));
}

/// It was written down by mistake.
pub fn reopen(county: &mut County) {
    let Some(own) = somebody(county) else { return };
    let done = made(county, own);
    let Some(call) = county.rng.pick(&done).map(|call| call.id.to_string()) else { return };
    let why = county.model.word(own, "why a call is to be made again");
    county.tell(format!("{} takes back that it made a call", County::name(own)));
    let ask = Care::CallReopen { call, why: words::personal(why) };
    if county.ask::<DoneView>(own, &ask).is_some() {
        county.count("calls made again");
    }
}

/// Who left nothing unsaid: whom a consent ended for at the person's word, after something went there by letter or word.
fn ended(consent: &Consent, to: Org) -> Option<bool> {
    let state = consent.state().filter(|_| !consent.void)?;
    let named = state.terms.ways.iter().any(|way| way.from == to || way.to == to);
    Some(state.over || state.withdrawn.contains_key(&to) || !named)
}

/// Whether it lets less be told between the two than it once did, or may end sooner.
fn narrower(consent: &Consent, own: Org, to: Org) -> bool {
    let Some(last) = consent.state() else { return false };
    let between = |way: &&Way| (way.from, way.to) == (own, to) || (way.from, way.to) == (to, own);
    consent.rulings.iter().any(|ruling| {
        let before = &ruling.state.terms;
        let same = |way: &Way, other: &Way| (way.from, way.to, way.kind) == (other.from, other.to, other.kind);
        let stays = |way: &Way| last.terms.ways.iter().any(|other| same(way, other));
        let gone = before.ways.iter().filter(between).any(|way| !stays(way));
        gone || match (&before.end, &last.terms.end) {
            (End::On(before), End::On(now)) => now < before,
            (End::Event(_), End::Event(_)) => false,
            (before, now) => before != now && !matches!(now, End::Never),
        }
    })
}

/// At the end no call is lost, and none is to be made to who may be told as before.
pub fn whole(county: &mut County) {
    for own in county.cast.clone() {
        let (open, done) = (due(county, own), made(county, own));
        let ids: BTreeSet<String> =
            open.iter().map(|call| call.id).chain(done.iter().map(|call| call.id)).map(|id| id.to_string()).collect();
        let heard: Vec<String> =
            county.model.heard_for.iter().filter(|(org, _)| *org == own).map(|(_, call)| call.clone()).collect();
        if heard.iter().any(|call| !ids.contains(call)) {
            county.breaks(format!("3: a call that {} had to make is lost", County::name(own)));
        }
        let to: Option<OrgId> = county.partners.iter().find(|(_, of)| **of == County::outside(own)).map(|(id, _)| *id);
        let Some(to) = to else { continue };
        let letters: Vec<Letter> = county.model.letters.iter().filter(|letter| letter.own == own).cloned().collect();
        let mut calls: Vec<String> = Vec::new();
        let spoken = open.iter().filter(|call| call.to == to).filter_map(|call| call.thread);
        calls.extend(
            spoken
                .chain(done.iter().filter(|call| call.to == to).filter_map(|call| call.thread))
                .map(|id| id.to_string()),
        );
        for letter in &letters {
            let told = county.seen.left.contains(&letter.id);
            let same = |id: &String| letters.iter().any(|other| other.consent == letter.consent && other.id == *id);
            match ended(&county.model.consents[letter.consent], letter.to) {
                Some(true) if told && !calls.iter().any(same) => county.breaks(format!(
                    "3: nobody tells {} that consent {} ended, under which it had a letter",
                    County::name(letter.to),
                    letter.consent
                )),
                // Who has more in hand than holds hears that it is less.
                Some(false) if narrower(&county.model.consents[letter.consent], own, letter.to) => {
                    county.count("letters under a consent that covers less");
                    let plain =
                        county.model.consents[letter.consent].state().is_some_and(|s| s.terms.left_out.is_empty());
                    if told && plain && !calls.iter().any(same) {
                        county.breaks(format!(
                            "3: nobody tells {} that consent {} covers less, under which it had a letter",
                            County::name(letter.to),
                            letter.consent
                        ));
                    }
                }
                Some(false) if open.iter().any(|call| call.thread.is_some_and(|id| same(&id.to_string()))) => {
                    county.breaks(format!(
                        "1: {} is to hear the end of consent {}, which stands",
                        County::name(letter.to),
                        letter.consent
                    ));
                }
                _ => {}
            }
            county.count("letters whose end was looked for");
        }
    }
}
