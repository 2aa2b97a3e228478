//! What a person asked to leave out, whatever is told by, with the answers, and what of it was let in again (42 CFR 2.26): for the person, on
//! paper.

use super::words::fill;
use super::{Day, Lang, Sheet, consent};
use belay_protocol::consent::{Answered, Restriction};
use belay_protocol::referral::Told;
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;

/// A request, and what the organisation is called that is not to be told; `None`: nobody is.
#[derive(Debug, Clone)]
pub struct Asked {
    pub restriction: Restriction,
    pub to: Option<String>,
}

/// One that the person let in again: how it was said, by whom of staff it is on record, and when (2.26(b)).
#[derive(Debug, Clone)]
pub struct Again {
    pub asked: Asked,
    pub told: Told,
    pub by: Personal<String>,
    pub at: Time,
}

/// `all`: what stands. `again`: what was let in again.
#[must_use]
pub fn sheet(house: &str, (all, again): (&[Asked], &[Again]), lang: Lang) -> Sheet {
    let words = lang.words();
    let mut sheet = Sheet::new(lang, words.left_out_title);
    if all.is_empty() {
        sheet.prose(fill(words.left_out_none, &[("house", house)]));
    } else {
        stands(&mut sheet, house, all, lang);
    }
    if !again.is_empty() {
        sheet.heading(words.left_out_in, "42 CFR 2.26(b)").list(again.iter().map(|one| let_in(one, lang)));
    }
    sheet
}

/// What is kept, and what was not agreed to.
fn stands(sheet: &mut Sheet, house: &str, all: &[Asked], lang: Lang) {
    let words = lang.words();
    sheet.prose(fill(words.left_out_intro, &[("house", house)]));
    let (kept, refused): (Vec<&Asked>, Vec<&Asked>) =
        all.iter().partition(|one| one.restriction.answer == Answered::Agreed);
    for (some, heading, all_of_them) in [
        (kept, words.consent_left_out, words.consent_left_out_all),
        (refused, words.consent_left_in, words.consent_left_in_all),
    ] {
        if !some.is_empty() {
            sheet.heading(heading, "42 CFR 2.26").prose(all_of_them);
            sheet.list(some.into_iter().map(|one| line(one, lang)));
        }
    }
}

fn let_in(one: &Again, lang: Lang) -> String {
    let words = lang.words();
    let asked = &one.asked.restriction;
    let kinds: Vec<&str> = asked.information.iter().map(|kind| consent::kind_of_information(*kind, words)).collect();
    let what = if kinds.is_empty() { words.left_out_in_all.to_owned() } else { kinds.join("; ") };
    let to = one.asked.to.as_deref().unwrap_or(words.left_out_in_anybody);
    let heard = match one.told {
        Told::Spoken => words.consent_heard_spoken,
        Told::Written => words.consent_heard_written,
    };
    let (since, on) = (Day::here(asked.at).words(lang), Day::here(one.at).words(lang));
    let heard = fill(heard, &[("who", one.by.reveal())]);
    fill(words.left_out_in_line, &[("to", to), ("what", &what), ("since", &since), ("date", &on), ("heard", &heard)])
}

fn line(one: &Asked, lang: Lang) -> String {
    let words = lang.words();
    let to = one.to.as_deref().unwrap_or(words.consent_anybody);
    let kind = |kind: &_| consent::kind_of_information(*kind, words);
    consent::left_out_line(to, one.restriction.information.iter().map(kind), &one.restriction, lang)
}
