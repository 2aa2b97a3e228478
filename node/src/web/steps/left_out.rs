//! What the person asks to leave out (42 CFR 2.26): under one consent, or whatever is told by. What that ends is read before it is agreed to.

use super::ask::{of, some, text, ticked, words};
use super::codes::{HEARD, KINDS_SHORT};
use super::consent::THERE;
use super::{After, Fields, Look, On, Part, Shown, Step, Subject};
use crate::api::care::{Care, PersonLetIn, PersonRestrict, RestrictPreview, RestrictionRequest};
use crate::forms::Lang;
use crate::web::backend::read;
use crate::web::form::{Field, Kind, Source, may, must};
use belay_protocol::sensitive::Personal;
use serde_json::Value;

pub(super) const RESTRICTION: &[Field] = &[
    must("asked", "What the person asks to leave out, in the person's words", Kind::Text(2)),
    may("to", "Who is not to be told", Kind::Pick(Source::Organisations)).hint("Nothing chosen: nobody is."),
    may("information", "What is not to be told", Kind::Many(KINDS_SHORT, &[]))
        .hint("Nothing ticked: nothing of any kind."),
    may("paid_in_full", "The person has paid in full, and a health plan is not to be told", Kind::Tick),
    may("refused", "Why this organisation does not agree", Kind::Text(2))
        .hint("Left empty: it agrees, and tells no more."),
];

pub const ROWS: &[Step] = &[
    Step {
        slug: "restrict",
        on: On::Consent,
        title: "Leave something out",
        lead: "What the person asks to leave out, and whether that is agreed to (42 CFR 2.26).",
        button: "Show what that does",
        done: "It is recorded what the person asks to leave out.",
        grave: true,
        fields: &[
            RESTRICTION[0],
            may("to", "Who is not to be told", Kind::Pick(Source::Parties)).hint("Nothing chosen: nobody is."),
            RESTRICTION[2],
            RESTRICTION[3],
            RESTRICTION[4],
        ],
        look: Some(Look {
            ask: |subject, fields| {
                let (consent, restriction) = (subject.id.clone(), restriction(fields));
                Ok(Care::ConsentRestrictPreview { consent, restriction })
            },
            show: preview,
            button: "Record it",
        }),
        ask: |subject, fields| {
            Ok(Care::ConsentRestrict { consent: subject.id.clone(), restriction: restriction(fields) })
        },
        after: THERE,
    },
    Step {
        slug: "leave-out",
        on: On::Person,
        title: "Leave something out, with or without a consent",
        lead: "What the person asks this house not to tell for treatment, payment and operations, and whether that is agreed to (42 CFR 2.26). It \
               holds under every consent of this house, and where none is asked for: in one program, and with who serves it; in answers to a \
               referral that came here, once it is linked to this person; and in what is passed on. In a medical emergency it may be told all the \
               same.",
        button: "Show what that does",
        done: "It is recorded what the person asks to leave out.",
        grave: true,
        fields: RESTRICTION,
        look: Some(Look {
            ask: |subject, fields| Ok(Care::PersonRestrictPreview(asked(subject, fields))),
            show: preview,
            button: "Record it",
        }),
        ask: |subject, fields| Ok(Care::PersonRestrict(asked(subject, fields))),
        after: BACK,
    },
    Step {
        slug: "let-in",
        on: On::Person,
        title: "Let in again what was left out",
        lead: "The person says so or writes it, and that is put on record (42 CFR 2.26(b)). A consent that holds it lets it in by a signature alone: \
               change the consent. What ended by it does not come back: a new referral is sent. What may be answered again is shown first.",
        button: "Show what that does",
        done: "It is on record that the person lets it in again.",
        grave: true,
        fields: &[
            must("what", "What is let in again", Kind::Pick(Source::LeftOut)),
            must("heard", "How you heard it", Kind::One(HEARD, "")),
        ],
        look: Some(Look {
            ask: |subject, fields| Ok(Care::PersonLetInPreview(let_in(subject, fields))),
            show: preview,
            button: "Put it on record",
        }),
        ask: |subject, fields| Ok(Care::PersonLetIn(let_in(subject, fields))),
        after: BACK,
    },
];

fn let_in(subject: &Subject, fields: &Fields) -> PersonLetIn {
    PersonLetIn {
        person: subject.id.as_str().into(),
        what: text(fields, "what"),
        spoken: text(fields, "heard") == "spoken",
    }
}

/// Back to the person.
const BACK: After = After::Go(|subject, _| format!("/persons/{}", subject.id));

fn asked(subject: &Subject, fields: &Fields) -> PersonRestrict {
    PersonRestrict { person: subject.id.as_str().into(), restriction: restriction(fields) }
}

pub(super) fn restriction(row: &Fields) -> RestrictionRequest {
    RestrictionRequest {
        asked: words(row, "asked"),
        to: some(row, "to"),
        information: of(row, "information"),
        paid_in_full: ticked(row, "paid_in_full"),
        refused: some(row, "refused").map(Personal::new),
    }
}

fn preview(view: &Value) -> Shown {
    let Ok(view) = read::<RestrictPreview>(view.clone()) else { return Shown::default() };
    let mut page = Shown::default();
    if !view.touches.is_empty() {
        let line = |says: &str, thread: Option<String>| match thread {
            Some(thread) => Personal::new(format!("{says} (referral {thread})")),
            None => Personal::from(says),
        };
        let lines = view.touches.iter().map(|one| line(&one.says, one.thread.map(|thread| thread.short())));
        page = page.lists("What is open, and changes at once", lines.collect());
    }
    page = page.says("What it does", vec![view.does.as_str().into()]);
    if !view.cannot.is_empty() {
        page = page.says("What it can and can not undo", vec![view.cannot.as_str().into()]);
    }
    if let Some(aloud) = &view.aloud {
        page.parts.push(read_aloud(aloud.lang, aloud.lines.iter().map(String::as_str)));
    }
    page
}

/// What is read to the person, in the person's language.
pub(super) fn read_aloud<'l>(lang: Lang, lines: impl Iterator<Item = &'l str>) -> Part {
    let heading = match lang {
        Lang::En => "To read to the person",
        Lang::Es => "Para leer con la persona",
    };
    Part { heading: heading.into(), lines: lines.map(Personal::from).collect(), list: true, lang }
}
