//! The form of an amendment: only what is new between two versions of one consent, and one signature.

use super::consent::{described, expiry, named, next, purpose, signing, ways};
use super::words::{Words, fill};
use super::{Day, Lang, Sheet};
use belay_protocol::consent::{Consent, Element, Party, Signed, Terms};
use belay_protocol::referral::Flow;

/// What `after` says that `before` did not. `after`: the next version, drafted or signed.
#[must_use]
pub fn sheet(before: &Signed, after: &Consent, lang: Lang) -> Sheet {
    let (words, old, new) = (lang.words(), &before.terms, after.terms());
    let mut sheet = Sheet::new(lang, words.amendment_title);
    let date = Day::written(before.date.unwrap_or(before.recorded)).words(lang);
    sheet.prose(fill(words.amendment_intro, &[("date", &date)]));
    sheet.heading(words.consent_who, Element::Person.clause()).said(new.person.reveal().as_str());
    let start = sheet.blocks.len();
    list(&mut sheet, words.amendment_disclosers, Element::Disclosers.clause(), || {
        added(&old.disclosers, &new.disclosers).map(|party| named(party, words)).collect()
    });
    list(&mut sheet, words.amendment_recipients, Element::Recipients.clause(), || {
        let added = added(&old.recipients, &new.recipients);
        added.map(|party| format!("{}. {}", named(party, words), next(party.kind, words))).collect()
    });
    list(&mut sheet, words.amendment_information, Element::Information.clause(), || {
        let same = |kind| described(old, kind, words) == described(new, kind, words);
        let known = |kind| old.information.iter().any(|d| d.information == kind) && same(kind);
        let kinds = new.information.iter().map(|d| d.information).filter(|kind| !known(*kind));
        kinds.map(|kind| described(new, kind, words)).collect()
    });
    list(&mut sheet, words.amendment_ways, "", || ways(new, only(&new.flows, &old.flows), words));
    list(&mut sheet, words.amendment_purposes, Element::Purposes.clause(), || {
        new.purposes.iter().filter(|why| !old.purposes.contains(why)).map(|why| purpose(why, words)).collect()
    });
    if new.expiry != old.expiry {
        sheet.heading(words.amendment_expiry, Element::Expiry.clause()).prose(expiry(new.expiry.as_ref(), lang));
    }
    list(&mut sheet, words.amendment_gone, "", || gone(old, new, words));
    if sheet.blocks.len() == start {
        sheet.prose(words.amendment_nothing);
        return sheet;
    }
    statements(&mut sheet, old, new);
    sheet.prose(words.amendment_rest);
    signing(&mut sheet, after);
    let id = after.id().short();
    sheet.prose(fill(words.consent_number, &[("id", &id), ("version", &after.version().to_string())]));
    sheet
}

/// Statements that a new recipient or purpose brought with it.
fn statements(sheet: &mut Sheet, old: &Terms, new: &Terms) {
    let words = sheet.lang.words();
    if new.redisclosure != old.redisclosure && !new.redisclosure.trim().is_empty() {
        sheet.heading(words.consent_redisclosure, "42 CFR 2.31(a)(4)(iii)").prose(words.consent_redisclosure_text);
        sheet.law("42 CFR 2.31(a)(4)(iii)", new.redisclosure.trim());
    }
    if let Some(tpo) = new.tpo.as_ref().filter(|tpo| old.tpo.as_ref() != Some(tpo)) {
        let clause = Element::TpoStatements.clause();
        sheet.heading(words.consent_tpo, clause).prose(words.consent_tpo_text).law(clause, tpo.redisclosure.trim());
        sheet.prose(words.consent_refuse_text).law(clause, tpo.refusing.trim());
    }
}

fn list(sheet: &mut Sheet, heading: &str, clause: &'static str, items: impl FnOnce() -> Vec<String>) {
    let items = items();
    if !items.is_empty() {
        sheet.heading(heading, clause).list(items);
    }
}

fn added<'t>(old: &'t [Party], new: &'t [Party]) -> impl Iterator<Item = &'t Party> {
    new.iter().filter(|party| !old.iter().any(|known| known.org == party.org))
}

fn only<'t>(these: &'t [Flow], but: &'t [Flow]) -> impl Iterator<Item = &'t Flow> {
    these.iter().filter(|flow| !but.contains(flow))
}

/// What was permitted and is no more.
fn gone(old: &Terms, new: &Terms, words: &'static Words) -> Vec<String> {
    ways(old, only(&old.flows, &new.flows), words)
}
