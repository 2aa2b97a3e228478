//! What agreeing to leave something out does to what is open: read by staff before it is agreed to, and to the person in the person's
//! language.

use super::{Would, agreed_if};
use crate::api::Outcome;
use crate::api::care::{Aloud, RestrictPreview, TouchView};
use crate::forms::words::fill;
use crate::forms::{Day, Lang, consent};
use crate::usecases::consents::get;
use crate::usecases::referrals::{Loses, Readers, Touched, answered_again, touched};
use crate::usecases::{emergency, parties, prints, threads};
use belay_protocol::consent::{Answered, Consent, Draft, Restriction};
use belay_protocol::disclosure::private::Direction;
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::{ConsentId, PersonId, ThreadId};
use belay_protocol::referral::Information;

/// Something that is open, and that a restriction touches.
enum Touch {
    Referral(Touched),
    /// A copy for emergencies, with whom.
    Copy(String, Information),
}

impl Touch {
    const fn thread(&self) -> Option<ThreadId> {
        match self {
            Self::Referral(touched) => Some(touched.thread),
            Self::Copy(..) => None,
        }
    }

    fn says(&self, lang: Lang) -> String {
        let words = lang.words();
        let list = |kinds: &[Information]| {
            kinds.iter().map(|kind| consent::kind_of_information(*kind, words)).collect::<Vec<_>>().join("; ")
        };
        match self {
            Self::Referral(Touched { name, loses, .. }) => match loses {
                Loses::All => fill(words.left_out_ends, &[("name", name)]),
                Loses::Parts(kinds) => fill(words.left_out_part, &[("name", name), ("what", &list(kinds))]),
                Loses::Letters => fill(words.left_out_letters, &[("name", name)]),
                Loses::LetterParts(kinds) => {
                    fill(words.left_out_letter_part, &[("name", name), ("what", &list(kinds))])
                }
                Loses::Answers(Readers::Sender) => fill(words.left_out_answers, &[("name", name)]),
                Loses::Answers(Readers::Team) => fill(words.left_out_answers_team, &[("name", name)]),
                Loses::AnswerParts(readers, kinds) => {
                    let part = match readers {
                        Readers::Sender => words.left_out_answers_part,
                        Readers::Team => words.left_out_answers_team_part,
                    };
                    fill(part, &[("name", name), ("what", &list(kinds))])
                }
            },
            Self::Copy(name, kind) => fill(words.left_out_copy, &[("name", name), ("what", &list(&[*kind]))]),
        }
    }
}

/// Shows it. `apart`: it is asked for whatever is told by, and not under one consent.
///
/// # Errors
/// `Store`.
pub(in crate::usecases::consents) fn preview(
    step: &mut Step<'_>,
    person: PersonId,
    one: &Restriction,
    apart: bool,
) -> Outcome<RestrictPreview> {
    let lang = prints::lang(step.draft(), person, None)?;
    let refused = one.answer != Answered::Agreed;
    let touches = if refused { Vec::new() } else { touches(step, person, one)? };
    let said = |lang: Lang| {
        let words = lang.words();
        let again = if apart { words.left_out_again_person } else { words.left_out_again };
        if refused {
            return (words.left_out_refused.to_owned(), String::new());
        }
        let nothing = if touches.is_empty() { format!("{} ", words.left_out_nothing) } else { String::new() };
        (format!("{nothing}{}", words.left_out_later), format!("{} {again}", words.left_out_stays_told))
    };
    let (does, cannot) = said(Lang::En);
    let aloud = (lang != Lang::En).then(|| {
        let (does, cannot) = said(lang);
        let lines = touches.iter().map(|touch| touch.says(lang)).chain([does, cannot]);
        Aloud { lang, lines: lines.filter(|line| !line.is_empty()).collect() }
    });
    let touches = touches.iter().map(|touch| TouchView { thread: touch.thread(), says: touch.says(Lang::En) });
    Ok(RestrictPreview { refused, touches: touches.collect(), does, cannot, aloud })
}

/// What letting it in again does: what goes on in referrals that came here, what still stands against it, and what does not come back.
///
/// # Errors
/// `Store`.
pub(in crate::usecases::consents) fn let_in_preview(
    step: &mut Step<'_>,
    person: PersonId,
    one: &Restriction,
) -> Outcome<RestrictPreview> {
    let lang = prints::lang(step.draft(), person, None)?;
    if one.answer != Answered::Agreed {
        let says = |lang: Lang| lang.words().left_out_let_in_refused.to_owned();
        let aloud = (lang != Lang::En).then(|| Aloud { lang, lines: vec![says(lang)] });
        let (touches, does, cannot) = (Vec::new(), says(Lang::En), String::new());
        return Ok(RestrictPreview { refused: true, touches, does, cannot, aloud });
    }
    let then = agreed_if(step.draft(), person, Some(Would::LetIn(one.mark())))?;
    let again = answered_again(step, person, &then)?;
    let still: Vec<Restriction> = then.into_iter().filter(|other| meet(other, one)).collect();
    let none = still.iter().any(|other| covers(other, one));
    let mut named = Vec::new();
    for other in still {
        named.push((other.to.map(|org| parties::called(step, org)), other));
    }
    let said = |lang: Lang| {
        let words = lang.words();
        let stands =
            named.iter().map(|(to, other)| stands_too(other, to.as_deref(), lang)).collect::<Vec<_>>().join(" ");
        let does = if none { words.left_out_let_in_none } else { words.left_out_let_in };
        let cannot = if none { "" } else { words.left_out_let_in_cannot };
        [format!("{does} {stands}").trim().to_owned(), cannot.to_owned()]
    };
    let aloud = (lang != Lang::En).then(|| {
        let lines = again.iter().map(|one| goes_on(one, lang)).chain(said(lang));
        Aloud { lang, lines: lines.filter(|line| !line.is_empty()).collect() }
    });
    let [does, cannot] = said(Lang::En);
    let touches = again.iter().map(|one| TouchView { thread: Some(one.thread), says: goes_on(one, Lang::En) });
    Ok(RestrictPreview { refused: false, touches: touches.collect(), does, cannot, aloud })
}

/// A referral that came here, of which something may be answered again.
fn goes_on(touched: &Touched, lang: Lang) -> String {
    let words = lang.words();
    match &touched.loses {
        Loses::AnswerParts(_, kinds) => {
            let kinds = kinds.iter().map(|kind| consent::kind_of_information(*kind, words));
            let what = kinds.collect::<Vec<_>>().join("; ");
            fill(words.left_out_goes_on_part, &[("name", &touched.name), ("what", &what)])
        }
        _ => fill(words.left_out_goes_on, &[("name", &touched.name)]),
    }
}

/// That another one stands.
fn stands_too(other: &Restriction, to: Option<&str>, lang: Lang) -> String {
    let words = lang.words();
    let kinds = other.information.iter().map(|kind| consent::kind_of_information(*kind, words));
    let kinds = kinds.collect::<Vec<_>>().join("; ");
    let what = if kinds.is_empty() { words.consent_anything } else { &kinds };
    let (to, date) = (to.unwrap_or(words.consent_anybody), Day::here(other.at).words(lang));
    fill(words.left_out_let_in_stands, &[("to", to), ("what", what), ("date", &date)])
}

/// Whether both are about something that is told to somebody.
fn meet(other: &Restriction, one: &Restriction) -> bool {
    let who = other.to.is_none() || one.to.is_none() || other.to == one.to;
    let any = other.information.is_empty() || one.information.is_empty();
    other.of == one.of && who && (any || other.information.iter().any(|kind| one.information.contains(kind)))
}

/// Whether one says all that the other says.
fn covers(other: &Restriction, one: &Restriction) -> bool {
    let who = other.to.is_none() || other.to == one.to;
    let all = one.information.iter().all(|kind| other.information.contains(kind)) && !one.information.is_empty();
    other.of == one.of && who && (other.information.is_empty() || all)
}

/// What signing this form does to what is open, by what it leaves out anew or lets in again; and to read to the person where the language of
/// the record is another than that of staff.
///
/// # Errors
/// `Store`.
pub(in crate::usecases::consents) fn signing(
    step: &mut Step<'_>,
    form: &Draft,
) -> Outcome<(Vec<TouchView>, Option<Aloud>)> {
    let (person, lang) = (form.person, prints::lang(step.draft(), form.person, None)?);
    let before = agreed_if(step.draft(), person, None)?;
    let leaves_out = &form.terms.restrictions;
    let mut touched = Vec::new();
    for one in leaves_out.iter().filter(|one| one.answer == Answered::Agreed && !before.contains(one)) {
        touched.extend(touches(step, person, one)?);
    }
    let then = agreed_if(step.draft(), person, Some(Would::Sign(form.id, leaves_out)))?;
    let again = answered_again(step, person, &then)?;
    let says = |lang: Lang| {
        let ends = touched.iter().map(|touch| (touch.thread(), touch.says(lang)));
        let mut all: Vec<(Option<ThreadId>, String)> = ends.collect();
        all.extend(again.iter().map(|one| (Some(one.thread), goes_on(one, lang))));
        let mut said: Vec<(Option<ThreadId>, String)> = Vec::new();
        for one in all {
            if !said.contains(&one) {
                said.push(one);
            }
        }
        said
    };
    let lines = says(lang);
    let aloud = (lang != Lang::En && !lines.is_empty())
        .then(|| Aloud { lang, lines: lines.into_iter().map(|(_, line)| line).collect() });
    Ok((says(Lang::En).into_iter().map(|(thread, says)| TouchView { thread, says }).collect(), aloud))
}

/// What changes at once of what is open of a person, a sentence each, with the referral.
///
/// # Errors
/// `Store`.
pub(in crate::usecases::consents) fn what_changes(
    step: &mut Step<'_>,
    person: PersonId,
    one: &Restriction,
) -> Outcome<Vec<String>> {
    let line = |touch: Touch| match touch.thread() {
        Some(thread) => format!("{} (Referral {}.)", touch.says(Lang::En), thread.short()),
        None => touch.says(Lang::En),
    };
    Ok(touches(step, person, one)?.into_iter().map(line).collect())
}

fn touches(step: &mut Step<'_>, person: PersonId, one: &Restriction) -> Outcome<Vec<Touch>> {
    let mut touches = Vec::new();
    for thread in threads::of_person(step.draft(), person)? {
        if thread.direction == Direction::Incoming || thread.tied() || stands(step, thread.consent)? {
            touches.extend(touched(step, thread, one)?.into_iter().map(Touch::Referral));
        }
    }
    for (at, information, consent) in emergency::lie_for(step.draft(), person)? {
        if one.forbids(at.org, information) && stands(step, consent)? {
            touches.push(Touch::Copy(at.name, information));
        }
    }
    Ok(touches)
}

/// Whether a consent has not ended by word: one that has binds nothing any more.
fn stands(step: &mut Step<'_>, consent: ConsentId) -> Result<bool> {
    Ok(matches!(get(step.draft(), consent)?, Some(Consent::Signed(_))))
}
