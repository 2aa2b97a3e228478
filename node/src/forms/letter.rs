//! The referral letter to a partner who is not on the network. It is a disclosure like any other: whoever prints it needs a
//! permit, and it carries the notice of 42 CFR 2.32(a) and the part of the consent that concerns its reader (2.32(b)).

use super::card::Dose;
use super::words::{Words, fill};
use super::{Block, Day, Lang, Sheet};
use belay_protocol::consent::{Purpose, notice};
use belay_protocol::referral::{Expiry, Identity, Moment, Urgency};
use belay_protocol::sensitive::Personal;

/// What a letter says. Every field but the two organisations and the day may be empty.
#[derive(Debug, Clone)]
pub struct Letter {
    pub from: Office,
    /// Name of the staff member who writes.
    pub staff: Personal<String>,
    pub to: Office,
    pub day: Day,
    /// By which the answer comes on our work list; never the person's name.
    pub reference: String,
    pub urgency: Urgency,
    /// By when an answer is hoped for.
    pub answer_by: Option<Day>,
    /// The service that is asked for.
    pub service: String,
    /// Who the person is, as far as the consent lets the reader know. `None`: not at all.
    pub identity: Option<Identity>,
    pub reason: Personal<String>,
    /// Most urgent first.
    pub needs: Vec<Personal<String>>,
    /// `None`: the consent does not let it be told.
    pub medication: Option<Vec<Dose>>,
    /// Whether the consent lets the reader answer: without it the letter does not ask.
    pub answerable: bool,
    pub scope: Scope,
}

/// From whom to whom a paper goes.
#[derive(Debug, Clone)]
pub struct Head {
    pub from: Office,
    pub to: Office,
    pub day: Day,
    /// By which the answer comes on our work list; never the person's name.
    pub reference: String,
}

/// An organisation on a letter.
#[derive(Debug, Clone, Default)]
pub struct Office {
    pub name: String,
    pub address: String,
    pub phone: String,
}

/// The part of the consent that concerns the reader, in plain words (2.32(b)).
#[derive(Debug, Clone)]
pub struct Scope {
    /// Who may tell whom what and why, a sentence each.
    pub ways: Vec<String>,
    pub signed: Option<Day>,
    /// For which proceeding it is, when it ends and from when on it can be taken back, a sentence each.
    pub ends: Vec<String>,
    /// Statements that the consent carries for this reader, as the law words them.
    pub statements: Vec<String>,
    /// Whether somebody else signed in the person's place (42 CFR 2.14, 2.15).
    pub represented: bool,
}

/// What a part of a consent says to its reader, in the words of the forms: who may tell whom, and what the reader may do with it.
#[must_use]
pub fn ways(scope: &belay_protocol::consent::Scope, lang: Lang) -> Vec<String> {
    let words = lang.words();
    let name = |org| scope.party(org).map_or_else(String::new, |party| party.name.clone());
    let told = scope.flows.iter().map(|flow| {
        let written =
            scope.information.iter().find(|d| d.information == flow.information).map(|d| d.description.trim());
        let what = match written {
            Some(text) if !text.is_empty() && text != flow.information.description() => text,
            Some(_) | None => super::consent::kind_of_information(flow.information, words),
        };
        let (from, to, why) = (name(flow.from), name(flow.to), super::consent::purpose(&flow.purpose, words));
        let way = if flow.purpose == Purpose::Emergency { words.consent_way_placed } else { words.consent_way };
        fill(way, &[("from", &from), ("to", &to), ("what", what), ("why", &why)])
    });
    let reader = scope.parties.iter().filter(|party| party.org == scope.recipient);
    let next = reader.map(|party| {
        format!(
            "{}: {}",
            super::consent::named(party, words),
            super::consent::next(scope.class, party, &scope.flows, words)
        )
    });
    told.chain(next).collect()
}

/// For which proceeding a part of a consent is (2.31(d)), when it ends, and from when on the person can take it back (2.35(c)), a
/// sentence each.
#[must_use]
pub fn ends(scope: &belay_protocol::consent::Scope, lang: Lang) -> Vec<String> {
    let words = lang.words();
    let on = |template: &str, at| fill(template, &[("date", &Day::written(at).words(lang))]);
    let when = |template: &str, event: &str| fill(template, &[("event", event.trim().trim_end_matches('.'))]);
    let end = match &scope.expiry {
        Expiry::On(end) => Day::end(*end, [words.letter_scope_ends, words.letter_scope_ends_at], lang),
        Expiry::Event(event) => when(words.letter_scope_ends_event, event.reveal()),
        Expiry::Never => words.letter_scope_ends_never.to_owned(),
    };
    let from = scope.revocable.iter().map(|moment| match moment {
        Moment::On(at) => on(words.letter_scope_from, at.wall()),
        Moment::When(event) => when(words.letter_scope_from_event, event.reveal()),
    });
    let which = scope.proceeding.iter();
    let which =
        which.map(|which| fill(words.letter_scope_proceeding, &[("matter", which.reveal().trim_end_matches('.'))]));
    which.chain(std::iter::once(end)).chain(from).collect()
}

#[must_use]
pub fn sheet(letter: &Letter, lang: Lang) -> Sheet {
    let words = lang.words();
    let mut sheet = Sheet::new(lang, words.letter_title);
    let (from, to, reference) = (letter.from.clone(), letter.to.clone(), letter.reference.clone());
    head(&mut sheet, &Head { from, to, day: letter.day, reference });
    sheet.prose(if letter.scope.represented { words.letter_hello_for } else { words.letter_hello });
    match (letter.urgency, letter.answer_by) {
        _ if !letter.answerable => sheet.prose(words.letter_no_answer),
        (Urgency::Urgent, _) => sheet.prose(words.letter_urgent),
        // One time for the answer, and not two: the day is said where the answer is asked for.
        (Urgency::Routine, Some(_)) => &mut sheet,
        (Urgency::Routine, None) => sheet.prose(words.letter_routine),
    };
    sheet.heading(words.letter_person, "");
    match &letter.identity {
        Some(identity) => sheet.facts(who(identity, words)),
        None => sheet.prose(words.letter_no_identity),
    };
    sheet.heading(words.letter_reason, "");
    if !letter.service.trim().is_empty() {
        sheet.facts(vec![(words.letter_service, letter.service.trim().to_owned())]);
    }
    sheet.said(super::consent::filled(letter.reason.reveal(), words.none_given));
    if !letter.needs.is_empty() {
        sheet.heading(words.letter_needs, "").list(letter.needs.iter().map(|need| need.reveal().clone()));
    }
    if let Some(medication) = &letter.medication {
        super::card::medicine(&mut sheet, medication, words.letter_medication, words.letter_medication_none);
    }
    answer(&mut sheet, letter);
    rules(&mut sheet, letter);
    sheet.prose(words.letter_thanks).said(letter.staff.reveal().as_str());
    sheet
}

/// The sheet that goes before a file: what it is, and for whom; of the person it says nothing, since anybody may see it.
#[must_use]
pub fn cover(between: &Head, staff: &str, lang: Lang) -> Sheet {
    let words = lang.words();
    let mut sheet = Sheet::new(lang, words.cover_title);
    head(&mut sheet, between);
    sheet.prose(fill(words.cover_text, &[("to", &between.to.name)])).prose(words.cover_mistake);
    sheet.prose(match between.from.phone.trim() {
        "" => words.letter_no_phone_us.to_owned(),
        phone => fill(words.letter_phone_us, &[("phone", phone)]),
    });
    sheet.heading(words.cover_rules, "42 CFR 2.32(a)").prose(words.cover_rules_text);
    sheet.law("42 CFR 2.32(a)(1)", notice::STATEMENT_1.trim_end());
    sheet.prose(words.letter_thanks).said(staff);
    sheet
}

fn head(sheet: &mut Sheet, letter: &Head) {
    let (lang, words) = (sheet.lang, sheet.lang.words());
    let office = |office: &Office| {
        let known = [&office.name, &office.address, &office.phone].into_iter().map(|text| text.trim());
        known.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
    };
    sheet.facts(vec![(words.letter_from, office(&letter.from))]);
    // The reader is asked to call us or to write to us: what is not on record is written by hand.
    let lines = [(&letter.from.address, words.letter_our_address), (&letter.from.phone, words.letter_our_phone)];
    let open: Vec<&str> = lines.iter().filter(|(text, _)| text.trim().is_empty()).map(|(_, line)| *line).collect();
    if !open.is_empty() {
        sheet.lines(&open);
    }
    sheet.facts(vec![(words.letter_to, office(&letter.to)), (words.letter_date, letter.day.words(lang))]);
    sheet.prose(fill(words.letter_reference, &[("id", &letter.reference)]));
}

/// Who the person is; what is not there is said, since an empty line looks forgotten.
fn who(identity: &Identity, words: &'static Words) -> Vec<(&'static str, String)> {
    let or = |text: &Personal<String>, none: &str| super::consent::filled(text.reveal(), none).to_owned();
    let all = |texts: &[Personal<String>]| texts.iter().map(|t| t.reveal().as_str()).collect::<Vec<_>>().join(", ");
    let phones = all(&identity.phones);
    let mut facts = vec![(words.letter_name, or(&identity.name, words.unnamed))];
    if !identity.other_names.is_empty() {
        facts.push((words.letter_other_names, all(&identity.other_names)));
    }
    facts.extend([
        (words.letter_born, or(&identity.birth_date, words.no_birth_date)),
        (words.letter_phone, super::consent::filled(&phones, words.no_phone).to_owned()),
        (words.letter_address, or(&identity.address, words.no_address)),
        (words.letter_language, language(identity.language.reveal(), words)),
    ]);
    if !identity.contact.reveal().trim().is_empty() {
        facts.push((words.letter_contact, identity.contact.reveal().clone()));
    }
    facts
}

/// A language as a reader knows it: of a tag of BCP 47 the name, of anything else what staff wrote.
fn language(spoken: &str, words: &'static Words) -> String {
    let spoken = spoken.trim();
    let tag = spoken.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    match tag.as_str() {
        "en" | "eng" => words.lang_en,
        "es" | "spa" => words.lang_es,
        "tl" | "fil" | "tgl" => words.lang_tl,
        "ko" | "kor" => words.lang_ko,
        "hy" | "hye" => words.lang_hy,
        "fa" | "fas" => words.lang_fa,
        _ => super::consent::filled(spoken, words.no_language),
    }
    .to_owned()
}

fn answer(sheet: &mut Sheet, letter: &Letter) {
    let (lang, words) = (sheet.lang, sheet.lang.words());
    if !letter.answerable {
        return;
    }
    sheet.heading(words.letter_answer, "").prose(words.letter_asks).prose(words.letter_answer_text);
    if let Some(day) = letter.answer_by {
        sheet.prose(fill(words.letter_answer_by, &[("date", &day.words(lang))]));
    }
    sheet.block(Block::Boxes(
        [words.letter_box_accept, words.letter_box_appointment, words.letter_box_decline, words.letter_box_other]
            .map(str::to_owned)
            .to_vec(),
    ));
    sheet.prose(match letter.from.phone.trim() {
        "" => words.letter_no_phone_us.to_owned(),
        phone => fill(words.letter_phone_us, &[("phone", phone)]),
    });
}

fn rules(sheet: &mut Sheet, letter: &Letter) {
    let (lang, words, scope) = (sheet.lang, sheet.lang.words(), &letter.scope);
    sheet.heading(words.letter_rules, "42 CFR 2.32(a)").prose(words.letter_rules_text);
    sheet.law("42 CFR 2.32(a)(1)", notice::STATEMENT_1.trim_end());
    let (heading, text) = if scope.represented {
        (words.letter_scope_for, words.letter_scope_text_for)
    } else {
        (words.letter_scope, words.letter_scope_text)
    };
    sheet.heading(heading, "42 CFR 2.32(b)").prose(text).list(&scope.ways[..]);
    if let Some(day) = scope.signed {
        sheet.prose(fill(words.letter_scope_signed, &[("date", &day.words(lang))]));
    }
    for sentence in &scope.ends {
        sheet.prose(sentence.as_str());
    }
    for statement in &scope.statements {
        sheet.law("42 CFR 2.31(a)", statement.trim());
    }
}
