//! The consent form: all ten elements of 42 CFR 2.31(a), each with its clause, in the words of the person.

use super::words::{Words, element, fill};
use super::{Day, Lang, Sheet};
use belay_protocol::consent::{
    Answered, Consent, Element, Information, Knows, Party, PassingOn, Purpose, Representation, Restriction,
    SignatureForm, Signed, Signer, Supervision, Terms, Told,
};
use belay_protocol::ids::OrgId;
use belay_protocol::referral::{Class, Expiry, Flow, Moment};
use belay_protocol::space::control::PartnerKind;
use belay_protocol::time::Time;

/// The form of a consent, whatever has become of it by `now`.
#[must_use]
pub fn sheet(consent: &Consent, now: Time, lang: Lang) -> Sheet {
    let (words, terms) = (lang.words(), consent.terms());
    let mut sheet = Sheet::new(lang, words.consent_title);
    standing(&mut sheet, consent, now);
    if let Some(statement) = class(terms.class, words) {
        sheet.prose(statement);
    }
    proceeding(&mut sheet, terms);
    sheet.prose(words.consent_intro).prose(words.consent_choice);
    sheet.heading(words.consent_who, Element::Person.clause());
    sheet.said(filled(terms.person.reveal(), words.consent_missing));
    sheet.heading(words.consent_disclosers, Element::Disclosers.clause()).prose(words.consent_disclosers_text);
    sheet.list(terms.disclosers.iter().map(|party| named(party, words)));
    sheet.heading(words.consent_information, Element::Information.clause()).prose(words.consent_information_text);
    // What a copy is found by goes with it.
    let placed =
        terms.flows.iter().any(|flow| flow.purpose == Purpose::Emergency).then(|| words.consent_placed.to_owned());
    sheet.list(terms.information.iter().map(|d| described(terms, d.information, words)).chain(placed));
    sheet.heading(words.consent_recipients, Element::Recipients.clause()).prose(words.consent_recipients_text);
    sheet.list(
        terms
            .recipients
            .iter()
            .map(|party| format!("{}. {}", named(party, words), next(terms.class, party, &terms.flows, words))),
    );
    sheet.heading(words.consent_ways, "").list(ways(terms, &terms.flows, words));
    if !terms.acquaintances.is_empty() {
        sheet.list(terms.acquaintances.iter().map(|known| knows(terms, known, words)));
    }
    if !terms.team.is_empty() {
        sheet.heading(words.consent_team, Element::Recipients.clause()).prose(words.consent_team_text);
        sheet.list(terms.team.iter().map(|org| party_name(terms, *org)));
    }
    sheet.heading(words.consent_purposes, Element::Purposes.clause());
    sheet.list(terms.purposes.iter().map(|why| purpose(why, words)));
    statements(&mut sheet, terms, None);
    left_out(&mut sheet, consent);
    revoking(&mut sheet, terms);
    sheet.heading(words.consent_expiry, Element::Expiry.clause()).prose(expiry(terms.expiry.as_ref(), lang));
    signing(&mut sheet, consent);
    let id = consent.id().short();
    sheet.prose(fill(words.consent_number, &[("id", &id), ("version", &consent.version().to_string())]));
    sheet
}

/// What stands over a form that no longer permits anything, or not everything.
pub(super) fn standing(sheet: &mut Sheet, consent: &Consent, now: Time) {
    let (lang, words) = (sheet.lang, sheet.lang.words());
    let on = |at: Time| Day::here(at).words(lang);
    match consent {
        Consent::Draft(_) => {
            sheet.prose(words.consent_not_signed);
        }
        Consent::Revoked(revoked) => {
            sheet.prose(fill(words.consent_void, &[("date", &on(revoked.at))]));
            let heard = match revoked.told {
                Told::Spoken => words.consent_heard_spoken,
                Told::Written => words.consent_heard_written,
            };
            sheet.prose(fill(heard, &[("who", revoked.heard_by.name.reveal())]));
        }
        Consent::Void(void) => {
            sheet.prose(fill(words.consent_void_since, &[("date", &on(void.at))]));
        }
        Consent::Signed(signed) => {
            if signed.expired(now).is_some() {
                sheet.prose(words.consent_expired);
            }
            if signed.suspended().is_some() {
                sheet.prose(words.consent_suspended);
            }
            for came in signed.events() {
                let sentence = if came.revocable { words.consent_event_revocable } else { words.consent_event_came };
                sheet.prose(fill(sentence, &[("date", &on(came.at))]));
            }
            for gone in &signed.withdrawn {
                let name = party_name(&signed.terms, gone.party);
                sheet.prose(fill(words.consent_withdrawn, &[("date", &on(gone.at)), ("name", &name)]));
            }
        }
    }
}

fn revoking(sheet: &mut Sheet, terms: &Terms) {
    let (lang, words) = (sheet.lang, sheet.lang.words());
    let later = terms.class == Class::CriminalJustice;
    sheet.heading(words.consent_revoke, Element::RightToRevoke.clause());
    once(sheet, Element::RightToRevoke.clause(), filled(&terms.revoke, words.consent_missing));
    if !later {
        sheet.prose(words.consent_revoke_text);
    }
    if let Some(supervision) = terms.supervised() {
        sheet.heading(words.consent_matter, "42 CFR 2.35(c)").list(matter(supervision, lang));
    }
}

/// The one proceeding that a form is for (2.31(d)).
pub(super) fn proceeding(sheet: &mut Sheet, terms: &Terms) {
    let words = sheet.lang.words();
    if let Some(which) = &terms.proceeding {
        sheet.heading(words.consent_proceeding, Class::Proceedings.clause());
        sheet.said(filled(which.reveal(), words.consent_missing));
    }
}

/// An element that the law asks for and does not word, once: in the language of the form where its words are the usual ones, else as they were
/// written.
fn once(sheet: &mut Sheet, clause: &'static str, signed: &str) {
    match element(signed.trim()).filter(|_| sheet.lang == Lang::Es) {
        Some(text) => sheet.prose(text),
        None => sheet.law(clause, signed.trim()),
    };
}

/// The matter, from when on the consent can be revoked, and when the matter is over (2.35(c)).
pub(super) fn matter(supervision: &Supervision, lang: Lang) -> [String; 3] {
    let words = lang.words();
    let moment = |moment: &Moment, on: &str, event: &str| match moment {
        Moment::On(at) => fill(on, &[("date", &Day::written(at.wall()).words(lang))]),
        Moment::When(what) => fill(event, &[("event", what.reveal().trim_end_matches('.'))]),
    };
    [
        fill(words.consent_matter_is, &[("matter", supervision.matter.reveal().trim_end_matches('.'))]),
        moment(&supervision.revocable, words.consent_from_on, words.consent_from_event),
        moment(&supervision.disposition, words.consent_over_on, words.consent_over_event),
    ]
}

/// Who may pass on what it gets as HIPAA allows, by name.
fn passing_on(terms: &Terms) -> Vec<&str> {
    let may = |party: &&Party| PassingOn::of(terms.class, party, &terms.flows) == PassingOn::Hipaa;
    terms.recipients.iter().filter(may).map(|party| party.name.as_str()).collect()
}

/// What the law's words on passing on come to under this form, so that they promise and threaten no more than the gate holds (2.33).
fn redisclosure(sheet: &mut Sheet, terms: &Terms, before: Option<&Terms>) {
    let (words, law, may) = (sheet.lang.words(), terms.redisclosure.trim(), passing_on(terms));
    if law.is_empty() || before.is_some_and(|b| b.redisclosure.trim() == law && passing_on(b) == may) {
        return;
    }
    let clause = "42 CFR 2.31(a)(4)(iii)";
    sheet.heading(words.consent_redisclosure, clause);
    if terms.class == Class::Counselling {
        sheet.prose(words.consent_redisclosure_notes);
    } else if may.is_empty() {
        sheet.prose(words.consent_redisclosure_strict);
    } else {
        sheet.prose(fill(words.consent_redisclosure_text, &[("who", &may.join(", "))]));
    }
    sheet.law(clause, law);
}

/// Statements that some purposes and recipients bring with them; of an amendment only those that are not as `before`.
pub(super) fn statements(sheet: &mut Sheet, terms: &Terms, before: Option<&Terms>) {
    let words = sheet.lang.words();
    redisclosure(sheet, terms, before);
    let one = |sheet: &mut Sheet, heading, text, clause, law: &str, old: Option<&str>| {
        if !law.trim().is_empty() && old != Some(law) {
            sheet.heading(heading, clause).prose(text).law(clause, law.trim());
        }
    };
    let (heading, text) = (words.consent_opt_out, words.consent_opt_out_text);
    one(sheet, heading, text, "42 CFR 2.31(a)(5)(iii)", &terms.opt_out, before.map(|b| b.opt_out.as_str()));
    let (heading, text) = (words.consent_authorization, words.consent_authorization_text);
    let old = before.map(|b| b.authorization.as_str());
    one(sheet, heading, text, "45 CFR 164.508(c)(2)", &terms.authorization, old);
    if let Some(tpo) = terms.tpo.as_ref().filter(|tpo| before.is_none_or(|b| b.tpo.as_ref() != Some(*tpo))) {
        let clause = Element::TpoStatements.clause();
        let text = if passing_on(terms).is_empty() { words.consent_tpo_strict } else { words.consent_tpo_text };
        sheet.heading(words.consent_tpo, clause).prose(text).law(clause, tpo.redisclosure.trim());
        once(sheet, clause, tpo.refusing.trim());
    }
}

/// What the person asked not to be told (2.26), and what was answered.
fn left_out(sheet: &mut Sheet, consent: &Consent) {
    let later = consent.signed().into_iter().flat_map(|signed| &signed.restricted);
    asked(sheet, consent.terms(), consent.terms().restrictions.iter().chain(later));
}

/// What they agreed to leave out, and apart from it what they said no to, which binds nobody.
pub(super) fn asked<'r>(sheet: &mut Sheet, terms: &Terms, all: impl Iterator<Item = &'r Restriction>) {
    let (lang, words) = (sheet.lang, sheet.lang.words());
    let (kept, refused): (Vec<_>, Vec<_>) =
        all.filter(|one| concerns(terms, one)).partition(|one| matches!(one.answer, Answered::Agreed));
    if !kept.is_empty() {
        sheet.heading(words.consent_left_out, "42 CFR 2.26").prose(words.consent_left_out_all);
        sheet.list(kept.into_iter().map(|one| restriction(terms, one, lang)));
    }
    if !refused.is_empty() {
        sheet.heading(words.consent_left_in, "42 CFR 2.26").prose(words.consent_left_in_all);
        sheet.list(refused.into_iter().map(|one| restriction(terms, one, lang)));
    }
}

/// Whether a restriction is of somebody whom this form names, or of everybody: the person may have asked for it under another consent, of
/// whose parties this form says nothing.
pub(super) fn concerns(terms: &Terms, one: &Restriction) -> bool {
    one.to.is_none_or(|org| terms.party(org).is_some())
}

pub(super) fn restriction(terms: &Terms, one: &Restriction, lang: Lang) -> String {
    let words = lang.words();
    let to = one.to.map_or_else(|| words.consent_anybody.to_owned(), |org| party_name(terms, org));
    left_out_line(&to, one.information.iter().map(|kind| described(terms, *kind, words)), one, lang)
}

/// Who is not to be told what, and what was answered.
pub(super) fn left_out_line(
    to: &str,
    kinds: impl Iterator<Item = impl Into<String>>,
    one: &Restriction,
    lang: Lang,
) -> String {
    let words = lang.words();
    let kinds: Vec<String> = kinds.map(Into::into).collect();
    let what = if kinds.is_empty() { words.consent_anything.to_owned() } else { kinds.join("; ") };
    let date = Day::here(one.at).words(lang);
    let answer = match &one.answer {
        Answered::Agreed => fill(words.consent_agreed, &[("date", &date)]),
        Answered::Refused(why) => {
            fill(words.consent_refused, &[("date", &date), ("why", why.reveal().trim_end_matches('.'))])
        }
    };
    fill(words.consent_left_out_line, &[("to", to), ("what", &what), ("answer", &answer)])
}

pub(super) fn knows(terms: &Terms, known: &Knows, words: &'static Words) -> String {
    let (who, of) = (party_name(terms, known.who), party_name(terms, known.of));
    fill(words.consent_knows, &[("who", &who), ("of", &of)])
}

/// What the class adds.
const fn class(class: Class, words: &'static Words) -> Option<&'static str> {
    match class {
        Class::General | Class::Tpo => None,
        Class::Counselling => Some(words.class_counselling),
        Class::Proceedings => Some(words.class_proceedings),
        Class::CriminalJustice => Some(words.class_criminal_justice),
    }
}

/// Who signs, on which basis (2.14, 2.15).
const fn signer(signer: Signer, words: &'static Words) -> &'static str {
    match signer {
        Signer::Person => words.signer_person,
        Signer::Minor => words.signer_minor,
        Signer::MinorAndParent => words.signer_minor_and_parent,
        Signer::Guardian => words.signer_guardian,
        Signer::Director => words.signer_director,
        Signer::Representative => words.signer_representative,
        Signer::Family => words.signer_family,
    }
}

/// The signature as it was given, or the lines for one.
pub(super) fn signing(sheet: &mut Sheet, consent: &Consent) {
    let (lang, words) = (sheet.lang, sheet.lang.words());
    sheet.heading(words.consent_sign, Element::Signature.clause());
    let basis = consent.terms().signer;
    let Some(signed) = consent.signed() else {
        sheet.prose(words.consent_sign_text);
        sheet.heading(signer(basis, words), basis.clause());
        if basis == Signer::MinorAndParent {
            both(sheet);
        } else {
            lines(sheet);
        }
        return;
    };
    let Some(signature) = &signed.signature else {
        sheet.prose(words.consent_not_signed);
        return;
    };
    given(sheet, &signature.form);
    match &signature.by {
        Representation::Person => sheet.prose(words.consent_signed_by),
        Representation::Representative { name, capacity } => {
            sheet.prose(fill(words.consent_signed_for, &[("name", name.reveal()), ("capacity", capacity.reveal())]))
        }
    };
    if let Some(beside) = &signature.beside {
        given(sheet, &beside.form);
        let values = [("name", beside.name.reveal().as_str()), ("capacity", beside.capacity.reveal().as_str())];
        sheet.prose(fill(words.consent_beside, &values));
    }
    let date = signed.date.map_or_else(|| words.consent_missing.to_owned(), |at| Day::written(at).words(lang));
    sheet.heading(words.line_date, Element::DateSigned.clause());
    sheet.prose(fill(words.consent_signed_on, &[("date", &date)])).prose(words.consent_keep);
}

/// Whether somebody else signed in the person's place (2.14, 2.15).
pub(super) fn in_place(signed: &Signed) -> bool {
    signed.signature.as_ref().is_some_and(|signature| signature.by != Representation::Person)
}

/// How a signature was given.
fn given(sheet: &mut Sheet, form: &SignatureForm) {
    let words = sheet.lang.words();
    let mark = |hash: &[u8; 32]| data_encoding::HEXLOWER.encode(hash.get(..8).unwrap_or_default());
    match form {
        SignatureForm::Typed { name, attestation } => {
            sheet.prose(fill(words.consent_signed_typed, &[("name", name.reveal())])).said(attestation.trim())
        }
        SignatureForm::Drawn { image } => {
            sheet.prose(fill(words.consent_signed_drawn, &[("mark", &mark(image))])).hand(*image, words.consent_hand)
        }
        SignatureForm::Scan { file } => {
            sheet.prose(fill(words.consent_signed_scan, &[("mark", &mark(file))])).hand(*file, words.consent_hand_paper)
        }
        SignatureForm::Paper { reference } => {
            sheet.prose(fill(words.consent_signed_paper, &[("where", reference.reveal())]))
        }
    };
}

/// Lines for the minor, and lines of their own for who signs beside them: one signature is not both (2.14(b)).
fn both(sheet: &mut Sheet) {
    let words = sheet.lang.words();
    sheet.prose(words.sign_minor).lines(&[words.line_signature, words.line_name, words.line_date]);
    sheet.prose(words.sign_parent).lines(&[
        words.line_signature,
        words.line_name,
        words.line_capacity,
        words.line_date,
        words.line_witness,
    ]);
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
        let way = if flow.purpose == Purpose::Emergency { words.consent_way_placed } else { words.consent_way };
        fill(way, &[("from", &from), ("to", &to), ("what", &what), ("why", &why)])
    };
    flows.into_iter().map(sentence).collect()
}

/// When it ends, as a sentence.
pub(super) fn expiry(expiry: Option<&Expiry>, lang: Lang) -> String {
    let words = lang.words();
    match expiry {
        None => words.consent_expiry_missing.to_owned(),
        Some(Expiry::On(end)) => Day::end(*end, [words.consent_expiry_on, words.consent_expiry_at], lang),
        Some(Expiry::Event(event)) => {
            fill(words.consent_expiry_event, &[("event", event.reveal().trim_end_matches('.'))])
        }
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

pub(crate) const fn kind_of_information(information: Information, words: &'static Words) -> &'static str {
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
        Purpose::Other(own) => own.reveal().trim(),
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
        PartnerKind::CoveredProgram => words.kind_covered_program,
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

/// What a recipient may do next with what `flows` tell it (42 CFR 2.33), as the gate decides it.
pub(super) fn next(class: Class, party: &Party, flows: &[Flow], words: &'static Words) -> &'static str {
    match PassingOn::of(class, party, flows) {
        PassingOn::Hipaa => words.next_hipaa,
        PassingOn::Consent => words.next_program,
        PassingOn::Justice => words.next_justice,
        PassingOn::Contractor => words.next_contractor,
        PassingOn::Untold | PassingOn::Nobody => words.next_none,
    }
}

pub(super) fn filled<'t>(text: &'t str, none: &'t str) -> &'t str {
    let text = text.trim();
    if text.is_empty() { none } else { text }
}
