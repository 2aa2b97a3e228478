//! The accounting of disclosures for the person: three years (42 CFR 2.25), in the columns of 45 CFR 164.528(b).

use super::consent::matter;
use super::words::{Words, fill};
use super::{Block, Day, Lang, Sheet};
use belay_protocol::consent::{Clause, Facts, Lawful, Supervision};
use belay_protocol::disclosure::Brief;
use belay_protocol::referral::Information;
use belay_protocol::sensitive::Personal;

/// Everything told about one person in a span of days.
#[derive(Debug, Clone)]
pub struct Accounting {
    /// Who gives it, with address and telephone where they are known.
    pub by: String,
    pub person: Personal<String>,
    pub from: Day,
    pub to: Day,
    /// Newest first.
    pub told: Vec<Told>,
    /// Kept sealed for an emergency and not opened, newest first: no disclosure that was made, and part of what a person is told.
    pub placed: Vec<Told>,
    /// Kept sealed so before, and never opened: taken back, or its time is over.
    pub over: Vec<Told>,
    /// Of each form that stands, when the person may take back the OK.
    pub back: Vec<Back>,
}

/// When an OK that stands may be taken back (42 CFR 2.31(a)(6), 2.35(c)).
#[derive(Debug, Clone)]
pub enum Back {
    AnyTime,
    /// Of a form for criminal justice, not yet; with what was said too early, on which day and for whom alone, and takes effect then.
    Later {
        id: String,
        version: u32,
        supervision: Supervision,
        said: Vec<(Day, Option<String>)>,
    },
}

/// One disclosure.
#[derive(Debug, Clone)]
pub struct Told {
    pub day: Day,
    /// Of what lay sealed: the day it was taken back, or its time was over.
    pub until: Option<Day>,
    pub recipient: String,
    /// Empty: not known.
    pub address: String,
    pub what: What,
    pub purpose: belay_protocol::consent::Purpose,
    pub basis: Basis,
    /// The four facts of a medical emergency (42 CFR 2.51(c)), with the day and time.
    pub facts: Option<(Facts, String)>,
}

/// What was told.
#[derive(Debug, Clone)]
pub enum What {
    /// These, in order, each as often as it was told: a brief description (45 CFR 164.528(b)(2)(iii)), and never all that a consent lets be told.
    Items(Vec<Item>),
    /// Of these kinds, as staff wrote it down.
    Written(Vec<Information>, Personal<String>),
}

/// One of the things that were told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    /// In words or on paper, of this kind.
    Told(Brief, Information),
    /// What was kept sealed, and opened in an emergency.
    Opened(Information),
    /// The same after it was taken back, unheard.
    OpenedLate(Information),
}

/// On what the disclosure rests.
#[derive(Debug, Clone)]
pub enum Basis {
    /// A consent: beginning of its id, and its version.
    Consent { id: String, version: u32 },
    /// The law asks for none, such as 42 CFR 2.51; with what else is said of it.
    Law { clause: String, why: Option<Box<Lawful>> },
}

#[must_use]
pub fn sheet(accounting: &Accounting, lang: Lang) -> Sheet {
    let words = lang.words();
    let mut sheet = Sheet::new(lang, words.accounting_title);
    let days = [("from", accounting.from.words(lang)), ("to", accounting.to.words(lang))];
    let days: Vec<(&str, &str)> = days.iter().map(|(name, value)| (*name, value.as_str())).collect();
    sheet.facts(vec![
        (words.accounting_person, accounting.person.reveal().clone()),
        (words.accounting_from, accounting.by.clone()),
    ]);
    sheet.prose(words.accounting_intro);
    sheet.prose(fill(words.accounting_days, &days) + ".");
    let heads = [
        words.accounting_date,
        words.accounting_recipient,
        words.accounting_what,
        words.accounting_purpose,
        words.accounting_consent,
    ];
    let heads = heads.map(str::to_owned).to_vec();
    let rows = |told: &[Told]| told.iter().map(|told| row(told, lang)).collect::<Vec<_>>();
    let (made, none) = (rows(&accounting.told), words.accounting_none.to_owned());
    sheet.block(Block::Table { heads: heads.clone(), rows: made, none });
    if !accounting.placed.is_empty() {
        sheet.heading(words.accounting_placed, "42 CFR 2.51").prose(words.accounting_placed_text);
        let (heads, none) = (heads.clone(), words.none_given.to_owned());
        sheet.block(Block::Table { heads, rows: rows(&accounting.placed), none });
    }
    if !accounting.over.is_empty() {
        sheet.heading(words.accounting_over, "42 CFR 2.51").prose(words.accounting_over_text);
        sheet.block(Block::Table { heads, rows: rows(&accounting.over), none: words.none_given.to_owned() });
    }
    sheet.heading(words.accounting_help, "42 CFR 2.25").prose(words.accounting_help_text);
    taking_back(&mut sheet, &accounting.back);
    sheet
}

/// What can be taken back at any time, and what only later.
fn taking_back(sheet: &mut Sheet, back: &[Back]) {
    let (lang, words) = (sheet.lang, sheet.lang.words());
    let later = back.iter().any(|one| matches!(one, Back::Later { .. }));
    if back.iter().any(|one| matches!(one, Back::AnyTime)) {
        sheet.prose(if later { words.accounting_back_but } else { words.accounting_back });
    }
    for one in back {
        let Back::Later { id, version, supervision, said } = one else { continue };
        let number = fill(words.accounting_number, &[("id", id), ("version", &version.to_string())]);
        sheet.prose(fill(words.accounting_back_later, &[("form", &number)])).list(matter(supervision, lang));
        for (day, party) in said {
            sheet.prose(fill(words.accounting_back_said, &[("date", &day.words(lang))]));
            if let Some(name) = party {
                sheet.prose(fill(words.revocation_for, &[("name", name)]));
            }
        }
    }
}

fn row(told: &Told, lang: Lang) -> Vec<String> {
    let words = lang.words();
    // 45 CFR 164.528(b)(2)(ii) asks for the address where it is known.
    let recipient = match told.address.trim() {
        "" => told.recipient.clone(),
        address => fill(words.accounting_where, &[("name", &told.recipient), ("address", address)]),
    };
    let basis = match &told.basis {
        Basis::Consent { id, version } => {
            fill(words.accounting_number, &[("id", id), ("version", &version.to_string())])
        }
        Basis::Law { clause, why } => {
            let none = fill(words.accounting_no_consent, &[("clause", clause)]);
            why.as_ref().map_or(none.clone(), |why| format!("{none}. {}", ground(why, lang)))
        }
    };
    let purpose = match &told.basis {
        Basis::Law { why: Some(why), .. } => purpose(why.clause, lang).to_owned(),
        Basis::Law { why: None, .. } | Basis::Consent { .. } => super::consent::purpose(&told.purpose, words),
    };
    let day = match told.until {
        None => told.day.words(lang),
        Some(until) => fill(words.accounting_days, &[("from", &told.day.words(lang)), ("to", &until.words(lang))]),
    };
    vec![day, recipient, what(told, words), purpose, basis]
}

/// Why something was told that rests on no consent.
#[must_use]
pub const fn purpose(clause: Clause, lang: Lang) -> &'static str {
    let words = lang.words();
    match clause {
        Clause::Premises => words.law_premises,
        Clause::ChildAbuse => words.law_child_abuse,
        Clause::Emergency => words.purpose_emergency,
        Clause::Research => words.law_research,
        Clause::Audit => words.law_audit,
        Clause::PublicHealth => words.law_public_health,
        Clause::OrderCivil | Clause::OrderCriminal | Clause::OrderHolder | Clause::OrderAgent => words.law_order,
    }
}

/// Who decided that it may be told and, of an order, which court and when. What is suspected of whom stays with those who report it.
fn ground(why: &Lawful, lang: Lang) -> String {
    let words = lang.words();
    let decided = fill(words.law_decided, &[("name", why.decided.reveal())]);
    why.order.as_ref().map_or(decided.clone(), |order| {
        let date = Day::written(order.dated).words(lang);
        let of = fill(words.law_ordered, &[("court", order.court.reveal()), ("date", &date)]);
        format!("{of} {decided}")
    })
}

fn item(item: Item, words: &'static Words) -> String {
    let of = |template: &str, information| fill(template, &[("what", kind(information, words))]);
    match item {
        Item::Told(told, information) => of(brief(told, words), information),
        Item::Opened(information) => of(words.accounting_opened, information),
        Item::OpenedLate(information) => of(words.accounting_opened_late, information),
    }
}

/// The same words, and how often they are true.
fn times(same: &[String], words: &'static Words) -> String {
    match same {
        [] => String::new(),
        [once] => once.clone(),
        [what, ..] => fill(words.brief_times, &[("what", what), ("times", &same.len().to_string())]),
    }
}

/// What went, in a few words.
const fn brief(brief: Brief, words: &'static Words) -> &'static str {
    match brief {
        Brief::Words => words.brief_words,
        Brief::Notice => words.brief_notice,
        Brief::File => words.brief_file,
        Brief::Copy => words.brief_copy,
        Brief::Opened => words.brief_opened,
        Brief::Before => words.brief_before,
        Brief::TakenBack => words.brief_taken_back,
        Brief::Ended => words.brief_ended,
        Brief::Less => words.brief_less,
        Brief::Asked => words.brief_asked,
        Brief::Identity => words.brief_identity,
        Brief::Answer => words.brief_answer,
        Brief::Visit => words.brief_visit,
        Brief::Message => words.brief_message,
        Brief::Withdrawn => words.brief_withdrawn,
        Brief::Closed => words.brief_closed,
        Brief::Handoff => words.brief_handoff,
        Brief::Need => words.brief_need,
        Brief::Leaving => words.brief_leaving,
        Brief::Seen => words.brief_seen,
        Brief::CheckIn => words.brief_check_in,
        Brief::Tried => words.brief_tried,
        Brief::Crisis => words.brief_crisis,
        Brief::Medication => words.brief_medication,
        Brief::Summary => words.brief_summary,
        Brief::Mistake => words.brief_mistake,
        Brief::Urgency => words.brief_urgency,
    }
}

/// A kind of information in a few words, without what it may hold.
const fn kind(kind: Information, words: &'static Words) -> &'static str {
    match kind {
        Information::Referral => words.kind_of_referral,
        Information::Identity => words.kind_of_identity,
        Information::Medication => words.brief_medication,
        Information::Clinical => words.kind_of_clinical,
        Information::Social => words.kind_of_social,
        Information::Crisis => words.brief_crisis,
        Information::Inquiry => words.kind_of_inquiry,
        Information::Counselling => words.kind_of_counselling,
    }
}

/// What was told, and in an emergency the four facts that were written down.
fn what(told: &Told, words: &'static Words) -> String {
    let what = match &told.what {
        What::Written(kinds, text) => {
            let kinds: Vec<&str> = kinds.iter().map(|one| kind(*one, words)).collect();
            format!("{}: {}", kinds.join("; "), text.reveal())
        }
        What::Items(items) => {
            // Of two kinds some things are said in the same words.
            let said: Vec<String> = items.iter().map(|one| item(*one, words)).collect();
            said.chunk_by(|one, next| one == next).map(|same| times(same, words)).collect::<Vec<_>>().join("; ")
        }
    };
    let Some((facts, when)) = &told.facts else { return what };
    fill(
        words.accounting_facts,
        &[
            ("what", what.trim_end_matches('.')),
            ("personnel", facts.personnel.reveal()),
            ("facility", &facts.facility.name),
            ("discloser", facts.discloser.reveal()),
            ("date", when),
            ("nature", facts.nature.reveal().trim_end_matches('.')),
            ("unobtainable", facts.unobtainable.reveal().trim_end_matches('.')),
        ],
    )
}
