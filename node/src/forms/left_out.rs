//! What a person asked to leave out, whatever is told by, with the answers (42 CFR 2.26): for the person, on paper.

use super::words::fill;
use super::{Lang, Sheet, consent};
use belay_protocol::consent::{Answered, Restriction};

/// A request, and what the organisation is called that is not to be told; `None`: nobody is.
#[derive(Debug, Clone)]
pub struct Asked {
    pub restriction: Restriction,
    pub to: Option<String>,
}

#[must_use]
pub fn sheet(house: &str, all: &[Asked], lang: Lang) -> Sheet {
    let words = lang.words();
    let mut sheet = Sheet::new(lang, words.left_out_title);
    if all.is_empty() {
        sheet.prose(fill(words.left_out_none, &[("house", house)]));
        return sheet;
    }
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
    sheet
}

fn line(one: &Asked, lang: Lang) -> String {
    let words = lang.words();
    let to = one.to.as_deref().unwrap_or(words.consent_anybody);
    let kind = |kind: &_| consent::kind_of_information(*kind, words);
    consent::left_out_line(to, one.restriction.information.iter().map(kind), &one.restriction, lang)
}
