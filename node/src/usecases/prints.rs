//! Forms filled in from the records. Each print is a look, and audited; none of them leaves the house by itself: they are handed to
//! the person. A letter to another organisation is a disclosure and has a use case of its own.

mod carried;
mod hands;

pub(super) use carried::doses;
pub(super) use hands::files;

use super::records::find;
use super::staff::StaffSession;
use super::{consents, disclosures, emergency, parties, people};
use crate::api::care::{Print, PrintView, Printed, Shape};
use crate::api::{Failure, Outcome};
use crate::forms::accounting::{Accounting, Back, Basis, Item, Told, What};
use crate::forms::words::fill;
use crate::forms::{Day, Lang, Sheet, Styled, accounting, amendment, consent, revocation};
use belay_protocol::consent::Consent;
use belay_protocol::disclosure::{Brief, Disclosure, Looked, Stage};
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::{ConsentId, OrgId, PersonId, SpaceId};
use belay_protocol::sensitive::Personal;
use belay_protocol::store::View;
use belay_protocol::time::Time;
use jiff::tz::TimeZone;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Fills in a form.
///
/// # Errors
/// A consent or person that is not known; an amendment of what was never signed.
pub fn print(step: &mut Step<'_>, session: &StaffSession, ask: &Print) -> Outcome<PrintView> {
    let (mut sheet, person) = match &ask.form {
        Printed::Consent { consent } => {
            let consent = consents::in_force(step.draft(), consent)?;
            let (lang, now) = (lang(step.draft(), consent.person(), ask.lang)?, step.context().now);
            let sheet = waits(step.draft(), &consent, consent::sheet(&consent, now, lang))?;
            (early(step, &consent, sheet)?, consent.person())
        }
        Printed::Waiting { consent } => {
            let consent = consents::find(step.draft(), consent)?;
            let (lang, now) = (lang(step.draft(), consent.person(), ask.lang)?, step.context().now);
            (consent::sheet(&consent, now, lang), consent.person())
        }
        Printed::Amendment { consent } => amended(step, consent, ask.lang)?,
        Printed::Revocation { consent } => {
            let consent = consents::in_force(step.draft(), consent)?;
            let own = parties::own(step)?.org;
            let lang = lang(step.draft(), consent.person(), ask.lang)?;
            let sheet = waits(step.draft(), &consent, revocation::sheet(&consent, own, lang))?;
            (early(step, &consent, sheet)?, consent.person())
        }
        Printed::Accounting { person } => {
            let (sheet, person) = told(step, person, ask)?;
            disclosures::given(step, session, person)?;
            (sheet, person)
        }
        Printed::Card { person, visit } => carried::card(step, (person, *visit), ask)?,
        Printed::LeftOut { person } => consents::left_out::sheet(step, person, ask.lang)?,
        Printed::Plan { person } => carried::plan(step, person, ask.lang)?,
    };
    let page = matches!(ask.shape, Shape::Part | Shape::Page(_));
    hands::fill_in(step, person, &mut sheet, page)?;
    people::look(step, session, Looked::Print, Some(person), None)?;
    let form = match &ask.shape {
        Shape::Text => sheet.text(),
        Shape::File => sheet.html(Styled::Inline),
        Shape::Part => sheet.part(),
        Shape::Page(style) => sheet.html(Styled::Linked(style)),
    };
    let pictured = sheet.is_pictured();
    Ok(PrintView { title: sheet.title.clone(), lang: sheet.lang, form: form.as_str().into(), pictured })
}

/// Says beside a form that stands that a change of it waits for a signature.
fn waits(view: &dyn View, consent: &Consent, mut sheet: Sheet) -> Result<Sheet> {
    if let Some(version) = consents::pending(view, consent)? {
        let words = sheet.lang.words();
        sheet.prose(fill(words.consent_change_waits, &[("version", &version.to_string())]));
    }
    Ok(sheet)
}

/// Says on a form that the person took back what can not be taken back yet (42 CFR 2.35(c)): the word waits and takes effect by itself.
fn early(step: &mut Step<'_>, consent: &Consent, mut sheet: Sheet) -> Result<Sheet> {
    let (lang, words) = (sheet.lang, sheet.lang.words());
    for (at, party) in consents::said_early(step, consent)? {
        sheet.prose(fill(words.consent_word_waits, &[("date", &Day::here(at).words(lang))]));
        if let Some(party) = party.and_then(|org| consent.terms().party(org)) {
            sheet.prose(fill(words.revocation_for, &[("name", &party.name)]));
        }
    }
    Ok(sheet)
}

/// The language that was asked for, or that of the person.
///
/// # Errors
/// `Store`.
pub(super) fn lang(view: &dyn View, person: PersonId, asked: Option<Lang>) -> Result<Lang> {
    if let Some(lang) = asked {
        return Ok(lang);
    }
    let spoken = people::get(view, person)?.map(|p| p.identity.language.reveal().to_lowercase()).unwrap_or_default();
    Ok(if speaks_spanish(&spoken) { Lang::Es } else { Lang::En })
}

/// Whether staff wrote that the person speaks Spanish, in whatever words, before any other language that we print: "Habla español",
/// "Spanish, some English", and not "no Spanish". What is written in lower case.
fn speaks_spanish(spoken: &str) -> bool {
    let words = || spoken.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    let meant = |at: usize| at.checked_sub(1).and_then(|before| words().nth(before)) != Some("no");
    let first = |of: &[&str]| words().enumerate().position(|(at, word)| of.contains(&word) && meant(at));
    // `es` is the tag of BCP 47; within a sentence it is a word ("su idioma es inglés").
    let tag = matches!(words().next(), Some("es" | "spa"));
    let spanish = first(&["spanish", "español", "espanol", "castellano"]);
    match (spanish, first(&["english", "inglés", "ingles"])) {
        (Some(spanish), Some(english)) => spanish < english,
        (Some(_), None) => true,
        (None, _) => tag,
    }
}

fn amended(step: &mut Step<'_>, given: &str, asked: Option<Lang>) -> Outcome<(Sheet, PersonId)> {
    let after = consents::find(step.draft(), given)?;
    let before = before(step.draft(), after.id(), after.version())?.ok_or_else(|| {
        Failure::misuse("no earlier version of this consent was signed, so nothing was amended")
            .next("belay consent print CONSENT")
    })?;
    let Some(signed) = before.signed() else {
        return Err(Failure::misuse("the version before was not signed"));
    };
    let (lang, own) = (lang(step.draft(), after.person(), asked)?, parties::own(step)?.org);
    Ok((amendment::sheet(signed, &after, own, step.context().now, lang), after.person()))
}

/// The newest version before `version` that was signed.
fn before(view: &dyn View, id: ConsentId, version: u32) -> Result<Option<Consent>> {
    let mut versions = consents::versions(view, id, 0)?;
    versions.retain(|consent| consent.version() < version);
    Ok(versions.pop())
}

fn told(step: &mut Step<'_>, given: &Personal<String>, ask: &Print) -> Outcome<(Sheet, PersonId)> {
    let person = people::find(step.draft(), given)?;
    let now = step.context().now;
    let zone = TimeZone::system();
    let (since, disclosures) = disclosures::of_person(step, person.id)?;
    // What was opened is told as that; what only lies sealed is no disclosure that was made.
    let opened: BTreeSet<SpaceId> =
        disclosures.iter().filter(|told| told.stage == Stage::Opened).map(|told| told.space).collect();
    let (mut placed, told): (Vec<_>, Vec<_>) = disclosures.into_iter().partition(|told| told.stage == Stage::Placed);
    placed.retain(|one| !opened.contains(&one.space));
    let ended = emergency::ended(step)?;
    let (over, placed): (Vec<_>, Vec<_>) = once(placed).into_iter().partition(|one| ended.contains_key(&one.space));
    let own = parties::own(step)?;
    let accounting = Accounting {
        by: match ask.reach.get(&own.org) {
            Some(at) => format!("{}, {at}", own.name),
            None => own.name,
        },
        person: person.identity.name.clone(),
        from: Day::local(since, &zone),
        to: Day::local(now, &zone),
        told: rows(&told, &BTreeMap::new(), &zone, &ask.reach),
        placed: rows(&placed, &ended, &zone, &ask.reach),
        over: rows(&over, &ended, &zone, &ask.reach),
        back: back(step, person.id)?,
    };
    let lang = lang(step.draft(), person.id, ask.lang)?;
    Ok((accounting::sheet(&accounting, lang), person.id))
}

/// Of each form of the person that stands, when the OK may be taken back, with what was said too early (42 CFR 2.35(c)).
fn back(step: &mut Step<'_>, person: PersonId) -> Result<Vec<Back>> {
    let (mut back, now) = (Vec::new(), step.context().now);
    for id in find::consents(step.draft(), person)? {
        let Some(consent) = consents::get(step.draft(), id)? else { continue };
        let Consent::Signed(signed) = &consent else { continue };
        if signed.expired(now).is_some() {
            continue;
        }
        let Some(supervision) = signed.terms.supervised().filter(|_| signed.revocable(now).is_err()) else {
            back.push(Back::AnyTime);
            continue;
        };
        let said = consents::said_early(step, &consent)?.into_iter().map(|(at, party)| {
            let name = party.and_then(|org| signed.terms.party(org)).map(|party| party.name.clone());
            (Day::here(at), name)
        });
        back.push(Back::Later {
            said: said.collect(),
            id: id.short(),
            version: signed.version,
            supervision: supervision.clone(),
        });
    }
    Ok(back)
}

/// Each copy once, however often it was written anew: as it was written last, since the day it was first.
fn once(mut placed: Vec<Disclosure>) -> Vec<Disclosure> {
    placed.sort_by_key(|one| Reverse(one.at));
    let mut copies: Vec<Disclosure> = Vec::new();
    for one in placed {
        match copies.iter_mut().find(|copy| copy.space == one.space) {
            Some(copy) => copy.at = one.at,
            None => copies.push(one),
        }
    }
    copies
}

/// What one organisation was told on one day for one purpose and on one ground is one row; what staff put in words of their own is
/// in a row with nothing but the same words. What was told or opened in an emergency has its own row, with its facts.
fn rows(
    disclosures: &[Disclosure],
    ended: &BTreeMap<SpaceId, Option<Time>>,
    zone: &TimeZone,
    reach: &BTreeMap<OrgId, String>,
) -> Vec<Told> {
    let mut rows: Vec<(&Disclosure, Told)> = Vec::new();
    let mut noticed = BTreeSet::new();
    for disclosure in disclosures {
        // Each kind that is told has the notice in a space of its own (2.32); who was told of two at once read one text.
        let notice = disclosure.brief == Brief::Notice && disclosure.stage == Stage::Told;
        if notice && !noticed.insert((disclosure.to, disclosure.thread, disclosure.at)) {
            continue;
        }
        let new = Told {
            address: reach.get(&disclosure.to).cloned().unwrap_or_default(),
            until: ended.get(&disclosure.space).copied().flatten().map(|at| Day::local(at, zone)),
            ..row(disclosure, zone)
        };
        let like = |told: &What| match (told, &new.what) {
            (What::Items(_), What::Items(_)) => true,
            (What::Written(_, said), What::Written(_, says)) => said == says,
            (What::Items(_), What::Written(..)) | (What::Written(..), What::Items(_)) => false,
        };
        let same = rows.iter_mut().find(|(known, told)| {
            let ground = |d: &Disclosure| (d.to, d.consent, d.version, d.clause.clone(), d.purpose.clone());
            told.facts.is_none()
                && new.facts.is_none()
                && known.law == disclosure.law
                && (told.day, told.until) == (new.day, new.until)
                && ground(known) == ground(disclosure)
                && like(&told.what)
        });
        match same {
            Some((_, Told { what: What::Items(items), .. })) => {
                items.push(item(disclosure));
                items.sort_unstable();
            }
            Some((_, Told { what: What::Written(kinds, _), .. })) => {
                kinds.push(disclosure.information);
                kinds.sort_unstable();
                kinds.dedup();
            }
            None => rows.push((disclosure, new)),
        }
    }
    rows.into_iter().map(|(_, told)| told).collect()
}

fn item(disclosure: &Disclosure) -> Item {
    let kind = disclosure.information;
    match disclosure.stage {
        Stage::Opened if emergency::opened_late(disclosure) => Item::OpenedLate(kind),
        Stage::Opened => Item::Opened(kind),
        Stage::Told | Stage::Placed => Item::Told(disclosure.brief, kind),
    }
}

fn row(disclosure: &Disclosure, zone: &TimeZone) -> Told {
    Told {
        day: Day::local(disclosure.at, zone),
        until: None,
        recipient: disclosure.recipient.clone(),
        address: String::new(),
        what: match disclosure.brief {
            Brief::Words => What::Written(vec![disclosure.information], disclosure.what.clone()),
            _ => What::Items(vec![item(disclosure)]),
        },
        purpose: disclosure.purpose.clone(),
        basis: if disclosure.consent == ConsentId::ZERO {
            Basis::Law { clause: disclosure.clause.clone(), why: disclosure.law.clone() }
        } else {
            Basis::Consent { id: disclosure.consent.short(), version: disclosure.version }
        },
        facts: disclosure.facts.as_deref().map(|facts| (facts.clone(), written(facts.at, zone))),
    }
}

/// Day and time of day, as both languages read them.
fn written(at: Time, zone: &TimeZone) -> String {
    let at = i64::try_from(at.0).ok().and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    at.map(|at| at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::speaks_spanish;

    #[test]
    fn whoever_is_said_to_speak_spanish_reads_spanish() {
        for spoken in
            ["spanish", "habla español", "speaks spanish", "spanish, some english", "es", "es-mx", "solo castellano"]
        {
            assert!(speaks_spanish(spoken), "{spoken}");
        }
        for spoken in [
            "",
            "english",
            "no spanish",
            "no habla inglés",
            "english, some spanish",
            "su idioma es q'anjob'al",
            "inglés, no español",
        ] {
            assert!(!speaks_spanish(spoken), "{spoken}");
        }
    }
}
