//! Letters and files for a partner who is not on the network: how each went, or that it did not after all.

use super::ask::{of, text, words};
use super::{After, On, Step};
use crate::api::care::{Care, FileWentAsk};
use crate::web::acts::codes::Words;
use crate::web::form::{Fill, Kind, Source, may, must};
use belay_protocol::disclosure::Means;

const WAYS: Words =
    &[("handed", "Printed, and handed over"), ("faxed", "By fax, behind the cover sheet"), ("mailed", "By mail")];

pub const ROWS: &[Step] = &[
    Step {
        slug: "file-went",
        on: On::Thread,
        title: "A file went to the partner",
        lead: "Choosing a file tells nobody. Write down here how it went: from then on it stands in the accounting (42 CFR 2.25).",
        button: "It went there",
        done: "It is on record that the file went there.",
        grave: false,
        fields: &[
            must("file", "Which file", Kind::Pick(Source::Chosen)),
            must("way", "How", Kind::One(WAYS, "faxed")),
            may("to", "To whom there, or to which number", Kind::Line).hint("May stay empty."),
            may("when", "When, if it went before today", Kind::When(Fill::Nothing))
                .hint("It is judged by the consent as it stood then, also where the consent has ended since. Nothing is sent by this."),
        ],
        look: None,
        ask: |subject, fields| {
            let way = of::<Option<Means>>(fields, "way").unwrap_or(Means::Handed);
            let (thread, file) = (subject.id.clone(), text(fields, "file"));
            let when = super::ask::time(fields, "when");
            Ok(Care::FileWent(FileWentAsk { thread, file, way, to: words(fields, "to"), when }))
        },
        after: BACK,
    },
    Step {
        slug: "file-back",
        on: On::Thread,
        title: "A file did not go after all",
        lead: "It was written down by mistake. It leaves the accounting; both words stay on record.",
        button: "It did not go",
        done: "It is on record that the file did not go.",
        grave: true,
        fields: &[must("file", "Which file", Kind::Pick(Source::Gone)), must("why", "Why", Kind::Text(2))],
        look: None,
        ask: |subject, fields| {
            let (thread, file) = (subject.id.clone(), text(fields, "file"));
            Ok(Care::FileBack { thread, file, why: words(fields, "why") })
        },
        after: BACK,
    },
    Step {
        slug: "letter-back",
        on: On::Thread,
        title: "The letter was not handed over",
        lead: "A letter counts as told once it is printed. Say here that the one printed last was not given to anybody, and destroy the                paper: it leaves the accounting, and both words stay on record.",
        button: "It was not handed over",
        done: "It is on record that the letter was printed and not handed over.",
        grave: true,
        fields: &[must("why", "Why", Kind::Text(2))],
        look: None,
        ask: |subject, fields| Ok(Care::LetterBack { thread: subject.id.clone(), why: words(fields, "why") }),
        after: BACK,
    },
];

const BACK: After = After::Go(|subject, _| format!("/threads/{}", subject.id));
