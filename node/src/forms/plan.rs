//! The crisis and recurrence plan (S14): warning signs, what helps, whom to call, naloxone, what to do after a use.

use super::card::{Dose, Reach, medicine, reach};
use super::words::fill;
use super::{Day, Lang, Sheet};
use belay_protocol::sensitive::Personal;

/// What a plan says. Every field may be empty: the form then has room to write by hand, and says nothing that nobody said.
#[derive(Debug, Clone)]
pub struct Plan {
    pub name: Personal<String>,
    pub signs: Vec<Personal<String>>,
    pub helps: Vec<Personal<String>>,
    /// What makes it worse.
    pub avoid: Vec<Personal<String>>,
    pub people: Vec<Reach>,
    /// Where naloxone is kept.
    pub naloxone: Personal<String>,
    /// What the person wants done, and where to be taken.
    pub wishes: Vec<Personal<String>>,
    /// `None`: nobody said what is taken, or that nothing is.
    pub medication: Option<Vec<Dose>>,
    /// When it was written down; `None`: it was not.
    pub as_of: Option<Day>,
}

#[must_use]
pub fn sheet(plan: &Plan, lang: Lang) -> Sheet {
    let words = lang.words();
    let mut sheet = Sheet::new(lang, words.plan_title);
    let name = super::consent::filled(plan.name.reveal(), words.unnamed).to_owned();
    sheet.facts(vec![(words.card_me, name)]).prose(words.plan_intro);
    own(&mut sheet, words.plan_signs, &plan.signs);
    own(&mut sheet, words.plan_helps, &plan.helps);
    own(&mut sheet, words.plan_avoid, &plan.avoid);
    called(&mut sheet, &plan.people);
    sheet.heading(words.plan_naloxone, "");
    match plan.naloxone.reveal().trim() {
        "" => sheet.lines(&[words.plan_naloxone_line]).prose(words.plan_naloxone_ask),
        place => sheet.prose(fill(words.plan_naloxone_text, &[("where", place.trim_end_matches('.'))])),
    };
    match &plan.medication {
        Some(medication) => medicine(&mut sheet, medication, words.plan_medicine, words.plan_medicine_none),
        None => blank(&mut sheet, words.plan_medicine),
    }
    own(&mut sheet, words.plan_wishes, &plan.wishes);
    sheet.heading(words.plan_again, "").list([words.plan_again_safe, words.plan_again_call, words.plan_again_alone]);
    sheet.heading(words.plan_help, "").prose(words.plan_help_lines);
    match &plan.as_of {
        Some(day) => sheet.prose(fill(words.plan_as_of, &[("date", &day.words(lang))])),
        None => sheet.lines(&[words.line_date]),
    };
    sheet
}

/// Whom to call. Of whom no telephone is on record there is a line for it: that none is known is not that there is none.
fn called(sheet: &mut Sheet, people: &[Reach]) {
    let (lang, words) = (sheet.lang, sheet.lang.words());
    if people.is_empty() {
        blank(sheet, words.plan_people);
        return;
    }
    sheet.heading(words.plan_people, "");
    let (reached, named): (Vec<&Reach>, Vec<&Reach>) =
        people.iter().partition(|one| !one.phone.reveal().trim().is_empty());
    if !reached.is_empty() {
        sheet.list(reached.into_iter().map(|one| reach(one, words.unnamed, lang)));
    }
    for one in named {
        let (one, two) = (super::consent::filled(one.name.reveal(), words.unnamed), words.line_phone);
        sheet.lines(&[&fill(words.and_then, &[("one", one), ("two", two)])]);
    }
}

/// A part in the person's own words, or lines to write them by hand.
fn own(sheet: &mut Sheet, heading: &str, items: &[Personal<String>]) {
    if items.is_empty() {
        blank(sheet, heading);
    } else {
        sheet.heading(heading, "").list(items.iter().map(|item| item.reveal().clone()));
    }
}

/// Lines to write on.
fn blank(sheet: &mut Sheet, heading: &str) {
    let empty = sheet.lang.words().plan_empty;
    sheet.heading(heading, "").prose(empty).lines(&["1", "2", "3"]);
}
