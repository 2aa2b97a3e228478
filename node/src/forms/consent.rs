//! The consent form: all ten elements of 42 CFR 2.31(a), each with its clause, in the words of the person.

use super::words::{Words, fill};
use super::{Day, Lang, Sheet};
use belay_protocol::consent::{Consent, Element, Information, Party, Purpose, Representation, SignatureForm, Terms};
use belay_protocol::ids::OrgId;
use belay_protocol::referral::{Expiry, Flow};
use belay_protocol::space::control::PartnerKind;
use belay_protocol::time::Time;

/// The form of a consent, whatever has become of it by `now`.
#[must_use]
pub fn sheet(consent: &Consent, now: Time, lang: Lang) -> Sheet {
    let (words, terms) = (lang.words(), consent.terms());
    let mut sheet = Sheet::new(lang, words.consent_title);
    standing(&mut sheet, consent, now);
    sheet.prose(words.consent_intro).prose(words.consent_choice);
    sheet.heading(words.consent_who, Element::Person.clause());
    sheet.said(filled(terms.person.reveal(), words.consent_missing));
    sheet.heading(words.consent_disclosers, Element::Disclosers.clause()).prose(words.consent_disclosers_text);
    sheet.list(terms.disclosers.iter().map(|party| named(party, words)));
    sheet.heading(words.consent_information, Element::Information.clause()).prose(words.consent_information_text);
    sheet.list(terms.information.iter().map(|d| described(terms, d.information, words)));
    sheet.heading(words.consent_recipients, Element::Recipients.clause()).prose(words.consent_recipients_text);
    sheet.list(terms.recipients.iter().map(|party| format!("{}. {}", named(party, words), next(party.kind, words))));
    if !terms.redisclosure.trim().is_empty() {
        sheet.heading(words.consent_redisclosure, "42 CFR 2.31(a)(4)(iii)").prose(words.consent_redisclosure_text);
        sheet.law("42 CFR 2.31(a)(4)(iii)", terms.redisclosure.trim());
    }
    sheet.heading(words.consent_ways, "").list(ways(terms, &terms.flows, words));
    sheet.heading(words.consent_purposes, Element::Purposes.clause());
    sheet.list(terms.purposes.iter().map(|why| purpose(why, words)));
    revoking(&mut sheet, terms);
    sheet.heading(words.consent_expiry, Element::Expiry.clause()).prose(expiry(terms.expiry.as_ref(), lang));
    if let Some(tpo) = &terms.tpo {
        let clause = Element::TpoStatements.clause();
        sheet.heading(words.consent_tpo, clause).prose(words.consent_tpo_text).law(clause, tpo.redisclosure.trim());
        sheet.prose(words.consent_refuse_text).law(clause, tpo.refusing.trim());
    }
    signing(&mut sheet, consent);
    let id = consent.id().short();
    sheet.prose(fill(words.consent_number, &[("id", &id), ("version", &consent.version().to_string())]));
    sheet
}

/// What stands over a form that no longer permits anything, or not everything.
fn standing(sheet: &mut Sheet, consent: &Consent, now: Time) {
    let (lang, words) = (sheet.lang, sheet.lang.words());
    let on = |at: Time| Day::written(at).words(lang);
    match consent {
        Consent::Draft(_) => {
            sheet.prose(words.consent_not_signed);
        }
        Consent::Revoked(revoked) => {
            sheet.prose(fill(words.consent_void, &[("date", &on(revoked.at))]));
        }
        Consent::Void(void) => {
            sheet.prose(fill(words.consent_void_since, &[("date", &on(void.at))]));
        }
        Consent::Signed(signed) => {
            if signed.expired(now).is_some() {
                sheet.prose(words.consent_expired);
            }
            for gone in &signed.withdrawn {
                let name = party_name(&signed.terms, gone.party);
                sheet.prose(fill(words.consent_withdrawn, &[("date", &on(gone.at)), ("name", &name)]));
            }
        }
    }
}

fn revoking(sheet: &mut Sheet, terms: &Terms) {
    let words = sheet.lang.words();
    sheet.heading(words.consent_revoke, Element::RightToRevoke.clause()).prose(words.consent_revoke_text);
    // The element itself, in the words that are signed.
    sheet.law(Element::RightToRevoke.clause(), filled(&terms.revoke, words.consent_missing));
}

/// The signature as it was given, or the lines for one.
pub(super) fn signing(sheet: &mut Sheet, consent: &Consent) {
    let (lang, words) = (sheet.lang, sheet.lang.words());
    sheet.heading(words.consent_sign, Element::Signature.clause());
    let Some(signed) = consent.signed() else {
        sheet.prose(words.consent_sign_text);
        lines(sheet);
        return;
    };
    let Some(signature) = &signed.signature else {
        sheet.prose(words.consent_not_signed);
        return;
    };
    match &signature.form {
        SignatureForm::Typed { name, attestation } => {
            sheet.prose(fill(words.consent_signed_typed, &[("name", name.reveal())]));
            sheet.said(attestation.trim());
        }
        SignatureForm::Drawn { image } => {
            let mark = data_encoding::HEXLOWER.encode(image.get(..8).unwrap_or_default());
            sheet.prose(fill(words.consent_signed_drawn, &[("mark", &mark)]));
        }
        SignatureForm::Paper { reference } => {
            sheet.prose(fill(words.consent_signed_paper, &[("where", reference)]));
        }
    }
    match &signature.by {
        Representation::Person => sheet.prose(words.consent_signed_by),
        Representation::Representative { name, capacity } => {
            sheet.prose(fill(words.consent_signed_for, &[("name", name.reveal()), ("capacity", capacity)]))
        }
    };
    let date = signed.date.map_or_else(|| words.consent_missing.to_owned(), |at| Day::written(at).words(lang));
    sheet.heading(words.line_date, Element::DateSigned.clause());
    sheet.prose(fill(words.consent_signed_on, &[("date", &date)])).prose(words.consent_keep);
}

/// Lines for a signature by hand. No line asks for papers, a telephone or an address.
pub(super) fn lines(sheet: &mut Sheet) {
    let words = sheet.lang.words();
    sheet.lines(&[
        words.line_signature,
        words.line_name,
        words.line_date,
        words.line_representative,
        words.line_witness,
    ]);
}

/// Each way, as a sentence.
pub(super) fn ways<'t>(
    terms: &'t Terms,
    flows: impl IntoIterator<Item = &'t Flow>,
    words: &'static Words,
) -> Vec<String> {
    let sentence = |flow: &Flow| {
        let (from, to) = (party_name(terms, flow.from), party_name(terms, flow.to));
        let (what, why) = (described(terms, flow.information, words), purpose(&flow.purpose, words));
        fill(words.consent_way, &[("from", &from), ("to", &to), ("what", &what), ("why", &why)])
    };
    flows.into_iter().map(sentence).collect()
}

/// When it ends, as a sentence.
pub(super) fn expiry(expiry: Option<&Expiry>, lang: Lang) -> String {
    let words = lang.words();
    match expiry {
        None => words.consent_expiry_missing.to_owned(),
        Some(Expiry::On(at)) => fill(words.consent_expiry_on, &[("date", &Day::written(*at).words(lang))]),
        Some(Expiry::Event(event)) => fill(words.consent_expiry_event, &[("event", event.trim_end_matches('.'))]),
        Some(Expiry::Never) => words.consent_expiry_never.to_owned(),
    }
}

/// What a kind of information is: in our words where nobody chose others, else as it was written and signed.
pub(super) fn described(terms: &Terms, information: Information, words: &'static Words) -> String {
    let written = terms.information.iter().find(|d| d.information == information).map(|d| d.description.trim());
    match written {
        Some(text) if !text.is_empty() && text != information.description() => text.to_owned(),
        Some(_) | None => kind_of_information(information, words).to_owned(),
    }
}

pub(super) const fn kind_of_information(information: Information, words: &'static Words) -> &'static str {
    match information {
        Information::Referral => words.information_referral,
        Information::Identity => words.information_identity,
        Information::Medication => words.information_medication,
        Information::Clinical => words.information_clinical,
        Information::Social => words.information_social,
        Information::Crisis => words.information_crisis,
        Information::Inquiry => words.information_inquiry,
        Information::Counselling => words.information_counselling,
    }
}

/// Why, in plain words; a purpose in words of its own as it was written.
#[must_use]
pub fn purpose(purpose: &Purpose, words: &'static Words) -> String {
    match purpose {
        Purpose::Treatment => words.purpose_treatment,
        Purpose::Payment => words.purpose_payment,
        Purpose::Operations => words.purpose_operations,
        Purpose::Tpo => words.purpose_tpo,
        Purpose::AtRequest => words.purpose_at_request,
        Purpose::Other(own) => own.trim(),
        Purpose::Emergency => words.purpose_emergency,
        Purpose::Proceedings => words.purpose_proceedings,
        Purpose::Supervision => words.purpose_supervision,
        Purpose::Fundraising => words.purpose_fundraising,
    }
    .to_owned()
}

pub(super) fn named(party: &Party, words: &'static Words) -> String {
    format!("{} ({})", party.name, kind(party.kind, words))
}

pub(super) fn party_name(terms: &Terms, org: OrgId) -> String {
    terms.party(org).map_or_else(|| org.short(), |party| party.name.clone())
}

const fn kind(kind: PartnerKind, words: &'static Words) -> &'static str {
    match kind {
        PartnerKind::Part2Program => words.kind_part2_program,
        PartnerKind::CoveredEntity => words.kind_covered_entity,
        PartnerKind::BusinessAssociate => words.kind_business_associate,
        PartnerKind::NonCoveredCbo => words.kind_non_covered_cbo,
        PartnerKind::CriminalJustice => words.kind_criminal_justice,
        PartnerKind::LawEnforcement => words.kind_law_enforcement,
        PartnerKind::ChildWelfare => words.kind_child_welfare,
        PartnerKind::HealthPlan => words.kind_health_plan,
        PartnerKind::Other => words.kind_other,
    }
}

/// What a recipient of this kind may do next (42 CFR 2.33).
pub(super) const fn next(kind: PartnerKind, words: &'static Words) -> &'static str {
    match kind {
        PartnerKind::CoveredEntity | PartnerKind::BusinessAssociate | PartnerKind::HealthPlan => words.next_hipaa,
        PartnerKind::Part2Program => words.next_program,
        PartnerKind::CriminalJustice => words.next_justice,
        PartnerKind::NonCoveredCbo | PartnerKind::LawEnforcement | PartnerKind::ChildWelfare | PartnerKind::Other => {
            words.next_none
        }
    }
}

pub(super) fn filled<'t>(text: &'t str, none: &'t str) -> &'t str {
    let text = text.trim();
    if text.is_empty() { none } else { text }
}
