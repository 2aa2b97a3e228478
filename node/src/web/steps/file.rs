//! Letters and files for a partner who is not on the network: how each went, or that it did not after all; and what went to any partner
//! and left no trace here.

use super::ask::{of, text, words};
use super::codes::KINDS_SHORT;
use super::{After, On, Step};
use crate::api::care::{Care, DisclosureWent, FileWentAsk};
use crate::web::acts::codes::Words;
use crate::web::form::{Fill, Kind, Source, may, must};
use belay_protocol::disclosure::Means;

const WAYS: Words =
    &[("handed", "Printed, and handed over"), ("faxed", "By fax, behind the cover sheet"), ("mailed", "By mail")];

/// How something goes that leaves no paper here.
const ANY: Words = &[
    ("said", "By word of mouth or telephone"),
    ("handed", "On paper, handed over"),
    ("faxed", "By fax"),
    ("mailed", "By mail"),
];

pub const ROWS: &[Step] = &[
    Step {
        slug: "went",
        on: On::Thread,
        title: "Something went to them before and is not on record",
        lead: "Words on the telephone, a letter, or a file that was never attached here: it is judged by the consent as it stood then, also \
               where it has ended since, and stands in the accounting under the day on which it went (42 CFR 2.25). Nothing is sent by this.",
        button: "Put it on record",
        done: "It is on record, with the day on which it went and the day on which it was written down.",
        grave: false,
        fields: &[
            must("when", "When it went", Kind::When(Fill::Nothing)),
            must("way", "How", Kind::One(ANY, "said")),
            must("told", "What it was", Kind::Text(2)).hint("As it shall stand in the person's accounting."),
            must("include", "Which kinds of information that was", Kind::Many(KINDS_SHORT, &["referral"])),
            may("who", "To whom there, or to which number", Kind::Line).hint("May stay empty."),
            may("to", "In a team: to which organisation, by its name", Kind::Line)
                .hint("Left empty: to the organisation of this referral."),
        ],
        look: None,
        ask: |subject, fields| {
            let missing = || vec![("when".to_owned(), "Say when it went.".to_owned())];
            Ok(Care::DisclosureWent(DisclosureWent {
                thread: subject.id.clone(),
                to: super::ask::some(fields, "to"),
                include: of(fields, "include"),
                told: words(fields, "told"),
                way: of::<Option<Means>>(fields, "way").unwrap_or(Means::Said),
                who: words(fields, "who"),
                when: super::ask::time(fields, "when").ok_or_else(missing)?,
            }))
        },
        after: BACK,
    },
    Step {
        slug: "went-back",
        on: On::Thread,
        title: "What was put on record last did not go after all",
        lead: "It was written down by mistake. It leaves the accounting; both words stay on record.",
        button: "It did not go",
        done: "It is on record that it did not go.",
        grave: true,
        fields: &[must("why", "Why", Kind::Text(2))],
        look: None,
        ask: |subject, fields| {
            Ok(Care::DisclosureWentBack { thread: subject.id.clone(), why: words(fields, "why") })
        },
        after: BACK,
    },
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
