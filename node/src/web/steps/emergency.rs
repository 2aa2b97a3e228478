//! Medical emergencies (42 CFR 2.51): copies placed in advance, break-glass, and the privacy officer's look.

use super::ask::{of, text, ticked, words, wrong};
use super::codes::PLACED;
use super::consent::THERE;
use super::person::{PLACED_TEXTS, typed};
use super::{After, On, Shown, Step};
use crate::api::care::{Care, EmergencyOpen, EmergencyPlace, OpenedView};
use crate::web::backend::read;
use crate::web::form::{Field, Kind, Source, may, must};
use crate::web::words as say;
use belay_protocol::sensitive::Personal;
use serde_json::Value;

const OPEN: &[Field] = &[
    must("name", "Name of the person, as it stands on papers", Kind::Line),
    must("birth_date", "Date of birth", Kind::Born).hint("Month/day/year or year-month-day"),
    must("personnel", "Who of the medical personnel is told, by name", Kind::Line).hint("42 CFR 2.51(c)(1)"),
    must("discloser", "Who opens it, by name", Kind::Line).hint("42 CFR 2.51(c)(2)"),
    must("nature", "The nature of the emergency", Kind::Text(2))
        .hint("42 CFR 2.51(c)(4). Date and time are recorded by themselves (c)(3)."),
    must("unobtainable", "Why the person's written consent can not be obtained first", Kind::Text(2))
        .hint("42 CFR 2.51(a)(1). As the medical personnel say, such as: unconscious, nobody with them."),
    may("include", "What is needed", Kind::Many(PLACED, &["crisis", "medication"])),
    must("sure", "This is a bona fide medical emergency, and the person can not be asked first", Kind::Tick)
        .hint("Who placed the copies, and its privacy officer, are told at once, with these facts and your name."),
];

pub const ROWS: &[Step] = &[
    Step {
        slug: "place",
        on: On::Consent,
        title: "Place copies for an emergency",
        lead: "Sealed with an emergency department that this consent names for emergencies, opened only by break-glass. The hospital \
               holds the key: it is audited and not prevented.",
        button: "Place the copies",
        done: "The copies are on their way.",
        grave: false,
        fields: &[
            must("at", "With", Kind::Pick(Source::Parties)),
            may("include", "What", Kind::Many(PLACED, &[])).hint("Nothing ticked: what is written below or on record."),
            PLACED_TEXTS[0],
            PLACED_TEXTS[1],
        ],
        look: None,
        ask: |subject, fields| {
            let Some(person) = subject.person else { return wrong("at", "The person is not on record.") };
            Ok(Care::EmergencyPlace(EmergencyPlace {
                person: Personal::new(person.to_string()),
                at: text(fields, "at"),
                consent: subject.id.clone(),
                include: of(fields, "include"),
                crisis: typed(fields, "crisis"),
                medication: typed(fields, "medication"),
            }))
        },
        after: THERE,
    },
    Step {
        slug: "break-glass",
        on: On::House,
        title: "Break glass",
        lead: "In a medical emergency: open what was placed here for the person in front of you. The four facts are demanded in \
               writing before anything is looked for (42 CFR 2.51).",
        button: "Open it",
        done: "",
        grave: true,
        fields: OPEN,
        look: None,
        ask: |_, fields| {
            if !ticked(fields, "sure") {
                return wrong("sure", "Please tick this, if it is so.");
            }
            Ok(Care::EmergencyOpen(EmergencyOpen {
                name: words(fields, "name"),
                birth_date: words(fields, "birth_date"),
                personnel: words(fields, "personnel"),
                discloser: typed(fields, "discloser"),
                nature: words(fields, "nature"),
                unobtainable: words(fields, "unobtainable"),
                include: of(fields, "include"),
                phones: Vec::new(),
            }))
        },
        after: After::Show(opened),
    },
    Step {
        slug: "review",
        on: On::Opening,
        title: "Say that it was looked into",
        lead: "The privacy officer of this organisation looks into each opening of a person's copies.",
        button: "It was looked into",
        done: "It is recorded that the opening was looked into.",
        grave: false,
        fields: &[must("note", "What was found", Kind::Text(2))],
        look: None,
        ask: |subject, fields| Ok(Care::EmergencyReview { opening: subject.id.clone(), note: words(fields, "note") }),
        after: After::Go(|_, _| "/emergency".to_owned()),
    },
    Step {
        slug: "whose",
        on: On::Opening,
        title: "For whom it was opened",
        lead: "Nobody on record was known under that name when it was opened. What was told by it stands in this person's accounting from \
               now on. Add the person first, if there is no record yet.",
        button: "It was for this person",
        done: "It stands in that person's accounting.",
        grave: false,
        fields: &[must("person", "Name of the person, or number of the record", Kind::Line)],
        look: None,
        ask: |subject, fields| {
            Ok(Care::EmergencyWhose { opening: subject.id.clone(), person: Some(words(fields, "person")) })
        },
        after: After::Go(|_, _| "/emergency".to_owned()),
    },
];

/// What was opened; where nothing was, whom to phone.
fn opened(view: &Value) -> Shown {
    let Ok(view) = read::<OpenedView>(view.clone()) else { return Shown::default() };
    let facts = &view.facts;
    let line = |label: &str, text: &str| Personal::new(format!("{label}: {text}"));
    let mut page = Shown::default();
    if view.copies.is_empty() {
        page = page.says(
            "Nothing is placed here under this name and date of birth",
            vec![
                "That says nothing about whether the person is in care. Who may know more can be asked by telephone:"
                    .into(),
            ],
        );
    }
    for copy in &view.copies {
        let kind = super::super::acts::codes::shown(PLACED, copy.information.name());
        let heading = Personal::new(format!("{kind} of {}, born {}", copy.name.reveal(), copy.birth_date.reveal()));
        let from = format!(
            "Placed by {}, written {}. It hears that you opened it.",
            copy.organisation,
            say::when(copy.written)
        );
        page.parts.push(super::Part {
            heading,
            lines: vec![copy.content.clone(), from.as_str().into()],
            ..super::Part::default()
        });
    }
    let phones = view.phones.iter().map(|row| line(&row.organisation, &row.telephone)).collect::<Vec<_>>();
    page = if phones.is_empty() {
        page.says(
            "Whom to phone",
            vec!["No organisation has a telephone number here: neither its listing nor an agreement says one.".into()],
        )
    } else {
        page.lists("Whom to phone", phones)
    };
    page = page.lists(
        "On record",
        vec![
            line(
                if view.copies.is_empty() { "Asked for by (nobody was told anything)" } else { "Told" },
                facts.personnel.reveal(),
            ),
            line("Facility", &facts.facility),
            line("Opened by", facts.discloser.reveal()),
            line("When", &say::when(facts.at)),
            line("Emergency", facts.nature.reveal()),
            line("No consent first", facts.unobtainable.reveal()),
        ],
    );
    let law: Vec<Personal<String>> = view.law().into_iter().map(Into::into).collect();
    if law.is_empty() { page } else { page.says("What the law says of it", law) }
}
