//! The crisis and recurrence plan (S14): warning signs, what helps, whom to call, naloxone, what to do after a use.

use super::card::{Dose, Reach, medicine, reach};
use super::words::fill;
use super::{Day, Lang, Sheet};
use belay_protocol::sensitive::Personal;

/// What a plan says. Every field may be empty: the form then has room to write by hand.
#[derive(Debug, Clone)]
pub struct Plan {
    pub name: Personal<String>,
    pub signs: Vec<Personal<String>>,
    pub helps: Vec<Personal<String>>,
    /// What makes it worse.
    pub avoid: Vec<Personal<String>>,
    pub people: Vec<Reach>,
    /// Where naloxone is kept; empty: none yet.
    pub naloxone: Personal<String>,
    /// What the person wants done, and where to be taken.
    pub wishes: Vec<Personal<String>>,
    /// `None`: not in the plan, since the consent or the person leaves it out.
    pub medication: Option<Vec<Dose>>,
    pub as_of: Day,
}

#[must_use]
pub fn sheet(plan: &Plan, lang: Lang) -> Sheet {
    let words = lang.words();
    let mut sheet = Sheet::new(lang, words.plan_title);
    let name = super::consent::filled(plan.name.reveal(), words.unnamed).to_owned();
    sheet.facts(vec![(words.card_me, name)]).prose(words.plan_intro);
    own(&mut sheet, words.plan_signs, &plan.signs);
    own(&mut sheet, words.plan_helps, &plan.helps);
    if !plan.avoid.is_empty() {
        own(&mut sheet, words.plan_avoid, &plan.avoid);
    }
    sheet.heading(words.plan_people, "");
    if plan.people.is_empty() {
        sheet.prose(words.plan_people_none);
    } else {
        sheet.list(plan.people.iter().map(|one| reach(one, words.unnamed, lang)));
    }
    sheet.heading(words.plan_naloxone, "").prose(match plan.naloxone.reveal().trim() {
        "" => words.plan_naloxone_none.to_owned(),
        place => fill(words.plan_naloxone_text, &[("where", place.trim_end_matches('.'))]),
    });
    if let Some(medication) = &plan.medication {
        medicine(&mut sheet, medication, words.plan_medicine, words.plan_medicine_none);
    }
    own(&mut sheet, words.plan_wishes, &plan.wishes);
    sheet.heading(words.plan_again, "").list([words.plan_again_safe, words.plan_again_call, words.plan_again_alone]);
    sheet.heading(words.plan_help, "").prose(words.plan_help_lines);
    sheet.prose(fill(words.plan_as_of, &[("date", &plan.as_of.words(lang))]));
    sheet
}

/// A part in the person's own words, or lines to write them by hand.
fn own(sheet: &mut Sheet, heading: &str, items: &[Personal<String>]) {
    sheet.heading(heading, "");
    if items.is_empty() {
        let empty = sheet.lang.words().plan_empty;
        sheet.prose(empty).lines(&["1", "2", "3"]);
    } else {
        sheet.list(items.iter().map(|item| item.reveal().clone()));
    }
}
