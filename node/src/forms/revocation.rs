//! The form by which a person takes a consent back: what that does, and what it can not undo (42 CFR 2.31(a)(6)).

use super::consent::{in_place, lines, matter, party_name};
use super::words::fill;
use super::{Block, Day, Lang, Sheet};
use belay_protocol::consent::{Consent, Element, Told, Withdrawal};
use belay_protocol::ids::OrgId;
use std::collections::BTreeMap;

/// The form: to sign, or what was said where it has been revoked. `own`: the organisation that prints it.
#[must_use]
pub fn sheet(consent: &Consent, own: OrgId, lang: Lang) -> Sheet {
    let (words, terms) = (lang.words(), consent.terms());
    let mut sheet = Sheet::new(lang, words.revocation_title);
    let Some(signed) = consent.signed() else {
        sheet.prose(words.revocation_void_note);
        return sheet;
    };
    let id = consent.id().short();
    let number = fill(words.consent_number, &[("id", &id), ("version", &consent.version().to_string())]);
    if let Consent::Void(void) = consent {
        sheet.prose(fill(words.consent_void_since, &[("date", &Day::here(void.at).words(lang))]));
        sheet.heading(words.consent_who, Element::Person.clause()).said(terms.person.reveal().as_str());
        sheet.prose(words.revocation_void).prose(number);
        return sheet;
    }
    let date = signed.date.map_or_else(|| Day::here(signed.recorded), Day::written).words(lang);
    match terms.supervised() {
        // Not at any time (2.35(c)).
        Some(supervision) => sheet.prose(words.consent_revoke_later_text).list(matter(supervision, lang)),
        None if in_place(signed) => sheet.prose(fill(words.revocation_intro_for, &[("date", &date)])),
        None => sheet.prose(fill(words.revocation_intro, &[("date", &date)])),
    };
    sheet.heading(words.consent_who, Element::Person.clause()).said(terms.person.reveal().as_str());
    let done = record(&mut sheet, consent);
    if !done {
        sheet.heading(words.revocation_which, "");
        let others: BTreeMap<OrgId, String> = terms
            .disclosers
            .iter()
            .chain(&terms.recipients)
            .filter(|p| p.org != own && !signed.withdrawn.iter().any(|w| w.party == p.org))
            .map(|p| (p.org, fill(words.revocation_only, &[("name", &p.name)])))
            .collect();
        let boxes = std::iter::once(words.revocation_all.to_owned()).chain(others.into_values()).collect();
        sheet.block(Block::Boxes(boxes));
    }
    // Not before it may take effect (2.35(c)).
    let stop = if terms.supervised().is_some() { words.revocation_does_later } else { words.revocation_does_stop };
    sheet.heading(words.revocation_does, "").list([stop, words.revocation_does_told, words.revocation_does_care]);
    sheet.heading(words.revocation_not, Element::RightToRevoke.clause()).list([
        words.revocation_not_back,
        words.revocation_not_relied,
        words.revocation_not_paper,
    ]);
    if !done {
        sheet.heading(words.revocation_how, "").prose(words.revocation_how_text);
        lines(&mut sheet);
    }
    sheet.prose(number);
    sheet
}

/// What the person said before, and who heard it. True if nothing is left to take back.
fn record(sheet: &mut Sheet, consent: &Consent) -> bool {
    let (lang, words) = (sheet.lang, sheet.lang.words());
    let said = |told: Told, at, staff: &str| {
        let template = match told {
            Told::Written => words.revocation_written,
            Told::Spoken => words.revocation_spoken,
        };
        fill(template, &[("date", &Day::here(at).words(lang)), ("staff", staff)])
    };
    for Withdrawal { party, at, told, heard_by, .. } in consent.signed().iter().flat_map(|signed| &signed.withdrawn) {
        let name = party_name(consent.terms(), *party);
        sheet.prose(said(*told, *at, heard_by.name.reveal()));
        sheet.prose(fill(words.revocation_for, &[("name", &name)]));
    }
    match consent {
        Consent::Revoked(revoked) => {
            sheet.prose(said(revoked.told, revoked.at, revoked.heard_by.name.reveal()));
            true
        }
        Consent::Draft(_) | Consent::Signed(_) | Consent::Void(_) => false,
    }
}
