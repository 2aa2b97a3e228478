//! The form of an amendment: only what is new between two versions of one consent, and one signature.

use super::consent::{
    asked, concerns, described, expiry, in_place, knows, matter, named, next, party_name, proceeding, purpose,
    restriction, signing, standing, statements, ways,
};
use super::words::fill;
use super::{Day, Lang, Sheet};
use belay_protocol::consent::{Changes, Class, Consent, Element, Party, Signed, newly_read};
use belay_protocol::ids::OrgId;
use belay_protocol::time::Time;

/// What `after` says that `before` did not, and what has become of it by `now`. `after`: the next version, drafted or signed.
/// `own`: who keeps the consent.
#[must_use]
pub fn sheet(before: &Signed, after: &Consent, own: OrgId, now: Time, lang: Lang) -> Sheet {
    // What a withdrawal or restriction took out since the signature does not stand any more: to let it in again is new.
    let stands = before.standing();
    let (words, old, new) = (lang.words(), &stands, after.terms());
    let changes = Changes::between(old, new);
    let mut sheet = Sheet::new(lang, words.amendment_title);
    let date = before.date.map_or_else(|| Day::here(before.recorded), Day::written).words(lang);
    let ended = match after {
        Consent::Draft(_) => before.expired(now).is_some(),
        Consent::Signed(signed) => signed.expired(now).is_some(),
        Consent::Revoked(_) | Consent::Void(_) => true,
    };
    if after.signed().is_some() || ended {
        standing(&mut sheet, after, now);
    }
    let intro = match (ended, in_place(before)) {
        (false, false) => words.amendment_intro,
        (false, true) => words.amendment_intro_for,
        (true, false) => words.amendment_intro_ended,
        (true, true) => words.amendment_intro_ended_for,
    };
    sheet.prose(fill(intro, &[("date", &date)]));
    sheet.heading(words.consent_who, Element::Person.clause()).said(new.person.reveal().as_str());
    if changes.is_empty() {
        sheet.prose(words.amendment_nothing);
        return sheet;
    }
    let list = |sheet: &mut Sheet, heading: &str, clause: &'static str, items: Vec<String>| {
        if !items.is_empty() {
            sheet.heading(heading, clause).list(items);
        }
    };
    let joined = |all: &[Party], party: &Party| all.iter().any(|p| p.org == party.org);
    let disclosers = new.disclosers.iter().filter(|p| !joined(&old.disclosers, p)).map(|p| named(p, words));
    list(&mut sheet, words.amendment_disclosers, Element::Disclosers.clause(), disclosers.collect());
    let recipients = new.recipients.iter().filter(|p| !joined(&old.recipients, p));
    let recipients = recipients.map(|p| format!("{}. {}", named(p, words), next(new.class, p, &new.flows, words)));
    list(&mut sheet, words.amendment_recipients, Element::Recipients.clause(), recipients.collect());
    let kinds = new.information.iter().filter(|d| !old.information.contains(d));
    let kinds = kinds.map(|d| described(new, d.information, words));
    list(&mut sheet, words.amendment_information, Element::Information.clause(), kinds.collect());
    list(&mut sheet, words.amendment_ways, "", ways(new, &changes.opened, words));
    let introduced = changes.introduced.iter().map(|known| knows(new, known, words));
    list(&mut sheet, words.amendment_knows, "", introduced.collect());
    if !changes.teamed.is_empty() {
        sheet.heading(words.amendment_team, Element::Recipients.clause()).prose(words.amendment_team_text);
        sheet.list(changes.teamed.iter().map(|org| party_name(new, *org)));
    }
    let newly = newly_read(old, new, own);
    if !newly.is_empty() {
        sheet.heading(words.amendment_past, Element::Information.clause()).prose(words.amendment_past_text);
        sheet.list(newly.iter().map(|(org, kinds)| {
            let kinds: Vec<String> = kinds.iter().map(|kind| described(new, *kind, words)).collect();
            format!("{}: {}", party_name(new, *org), kinds.join("; "))
        }));
    }
    let purposes = new.purposes.iter().filter(|why| !old.purposes.contains(why)).map(|why| purpose(why, words));
    list(&mut sheet, words.amendment_purposes, Element::Purposes.clause(), purposes.collect());
    if let Some(end) = &changes.expiry {
        sheet.heading(words.amendment_expiry, Element::Expiry.clause()).prose(expiry(Some(end), lang));
    }
    // Also where it stays as it was: what the form says of taking it back speaks of it.
    proceeding(&mut sheet, new);
    if let Some(supervision) = new.supervised() {
        sheet.heading(words.consent_matter, "42 CFR 2.35(c)").list(matter(supervision, lang));
    }
    asked(&mut sheet, new, changes.restricted.iter());
    let lifted = changes.lifted.iter().filter(|one| concerns(old, one)).map(|one| restriction(old, one, lang));
    list(&mut sheet, words.amendment_lifted, "42 CFR 2.26", lifted.collect());
    let mut gone = ways(old, &changes.closed, words);
    gone.extend(changes.parted.iter().map(|org| fill(words.amendment_team_gone, &[("name", &party_name(old, *org))])));
    gone.extend(changes.separated.iter().map(|known| knows(old, known, words)));
    list(&mut sheet, words.amendment_gone, "", gone);
    statements(&mut sheet, new, Some(old));
    if !ended {
        let later = new.class == Class::CriminalJustice;
        sheet.prose(if later { words.consent_revoke_later_text } else { words.amendment_rest });
    }
    signing(&mut sheet, after);
    let id = after.id().short();
    sheet.prose(fill(words.consent_number, &[("id", &id), ("version", &after.version().to_string())]));
    sheet
}
