//! Steps about a person.

use super::ask::{of, some, text, words};
use super::{After, On, Step};
use crate::api::care::{Care, DisclosureRecord, EmergencyTold, EmergencyUpdate, HoldSet, OptionsAsk};
use crate::api::request::Search;
use crate::web::form::{Field, Fill, Kind, Source, may, must, part};
use crate::web::steps::codes::{CLAUSES, KINDS_SHORT, MEDICAL, TOLD as KINDS};
use belay_protocol::sensitive::Personal;

const OPTIONS: &[Field] = &[
    must("words", "What the person needs", Kind::Line).hint("Words of the directory, such as recovery housing."),
    may("service", "Kind of service", Kind::Line),
    may("near", "Near this place", Kind::Line).hint("Latitude, longitude, such as 38.90, -89.41."),
    may("miles", "Within so many miles", Kind::Line),
    may("open", "Only with openings today", Kind::Tick),
];

pub(super) const PLACED_TEXTS: [Field; 2] = [
    may("crisis", "Crisis plan", Kind::Text(4)).hint("Left empty: as it is on record."),
    may("medication", "Medication and doses", Kind::Text(4)).hint("Left empty: as it is on record."),
];

const AGAIN: Field = may("again", "It was told twice", Kind::Tick)
    .hint("Only where the same stands on record of that day already, and both were told.");

const TOLD: &[Field] = &[
    must("facility", "Facility", Kind::Line),
    may("kind", "If it is not on record here: what it is", Kind::One(MEDICAL, ""))
        .hint("Only places with medical personnel may be told (42 CFR 2.51(a))."),
    may("telephone", "Its telephone", Kind::Line),
    must("personnel", "Who of the medical personnel was told, by name", Kind::Line).hint("42 CFR 2.51(c)(1)"),
    may("discloser", "Who told it, by name", Kind::Line).hint("42 CFR 2.51(c)(2)"),
    may("when", "When", Kind::When(Fill::Now)).hint("42 CFR 2.51(c)(3)"),
    must("nature", "The nature of the emergency", Kind::Text(2)).hint("42 CFR 2.51(c)(4)"),
    must("unobtainable", "Why the person's written consent could not be obtained first", Kind::Text(2))
        .hint("42 CFR 2.51(a)(1). As the medical personnel said."),
    must("told", "What was told", Kind::Text(3)),
    must("include", "Which kinds that was", Kind::Many(KINDS, &[])),
    AGAIN,
];

const LAWFUL: &[Field] = &[
    must("clause", "On what it rests", Kind::One(CLAUSES, "")),
    must("to", "Who is told", Kind::Pick(Source::Organisations))
        .hint("A court or an agency that is not listed is added under Referrals first."),
    must("include", "Which kinds that is", Kind::Many(KINDS_SHORT, &["identity"])),
    must("told", "What is told", Kind::Text(3)),
    must("matter", "What the clause lets be told, and why", Kind::Text(3))
        .hint("The scope of the order, what is suspected, what was done, which study or audit."),
    must("decided", "Who here decided it, by name", Kind::Line),
    part(
        "Of a court order",
        &[
            may("court", "Which court", Kind::Line),
            may("order_dated", "Its date", Kind::Day),
            may("mandate", "The subpoena or like mandate that goes with it", Kind::Line).hint(
                "42 CFR 2.61: an order alone lets be told and compels nothing; a subpoena alone lets nothing be told.",
            ),
        ],
    ),
    may("undertaking", "Of an audit: what they undertook in writing. Of a study: its approval", Kind::Text(2)),
    may("when", "When", Kind::When(Fill::Now)),
    AGAIN,
];

pub const ROWS: &[Step] = &[
    Step {
        slug: "options",
        on: On::Person,
        title: "Show the person what fits",
        lead: "The directory is searched, and what was shown is kept with the person, in its order. The person chooses, not we.",
        button: "Search, and keep what is shown",
        done: "What was found stands below. It is on record that the person was shown it.",
        grave: false,
        fields: OPTIONS,
        look: None,
        ask: |subject, fields| {
            let (near, within_km) = super::ask::around(fields)?;
            let search = Search {
                words: text(fields, "words"),
                near,
                within_km,
                service: some(fields, "service"),
                kind: Some("service".to_owned()),
                open: super::ask::ticked(fields, "open"),
                limit: 20,
                ..Search::default()
            };
            Ok(Care::OptionsKeep(OptionsAsk { person: person(subject), search, shown: Vec::new() }))
        },
        after: After::Go(|subject, _| format!("/persons/{}", subject.id)),
    },
    Step {
        slug: "emergency-update",
        on: On::Person,
        title: "Change the copies for emergencies",
        lead: "What changed goes to every emergency department with which a copy is placed.",
        button: "Write it wherever a copy lies",
        done: "The copies are on their way.",
        grave: false,
        fields: &PLACED_TEXTS,
        look: None,
        ask: |subject, fields| {
            let (crisis, medication) = (typed(fields, "crisis"), typed(fields, "medication"));
            if crisis.is_none() && medication.is_none() {
                return super::ask::wrong("crisis", "Please write what changed, here or below.");
            }
            Ok(Care::EmergencyUpdate(EmergencyUpdate { person: person(subject), crisis, medication }))
        },
        after: After::Go(|subject, _| format!("/persons/{}", subject.id)),
    },
    Step {
        slug: "emergency-withdraw",
        on: On::Person,
        title: "Take the copies for emergencies back",
        lead: "Nobody can open them any more. What was opened before stays told.",
        button: "Take the copies back",
        done: "The copies are taken back.",
        grave: true,
        fields: &[may("at", "Only from", Kind::Pick(Source::Members)).hint("Nothing chosen: from all.")],
        look: None,
        ask: |subject, fields| Ok(Care::EmergencyWithdraw { person: person(subject), at: some(fields, "at") }),
        after: After::Go(|subject, _| format!("/persons/{}", subject.id)),
    },
    Step {
        slug: "told",
        on: On::Person,
        title: "Write down what was told in an emergency",
        lead: "What you told medical personnel by telephone or letter without a consent (42 CFR 2.51). It stands in the accounting.",
        button: "Put it on record",
        done: "It is on record.",
        grave: false,
        fields: TOLD,
        look: None,
        ask: |subject, fields| {
            Ok(Care::EmergencyTold(EmergencyTold {
                person: person(subject),
                facility: text(fields, "facility"),
                kind: serde_json::from_value(text(fields, "kind").into()).ok(),
                telephone: text(fields, "telephone"),
                personnel: words(fields, "personnel"),
                discloser: typed(fields, "discloser"),
                nature: words(fields, "nature"),
                unobtainable: words(fields, "unobtainable"),
                told: words(fields, "told"),
                include: of(fields, "include"),
                when: super::ask::time(fields, "when"),
                again: super::ask::ticked(fields, "again"),
            }))
        },
        after: After::Go(|subject, _| format!("/persons/{}", subject.id)),
    },
    Step {
        slug: "by-law",
        on: On::Person,
        title: "Put on record what is told without a consent",
        lead: "A court order with its subpoena, a report of a crime or of child abuse, an audit, a study. What the clause asks for has to \
               be on record before anything is told; what it does not let be told is refused. It stands in the accounting.",
        button: "Put it on record",
        done: "It is on record. Tell no more than that.",
        grave: true,
        fields: LAWFUL,
        look: None,
        ask: |subject, fields| {
            Ok(Care::DisclosureRecord(Box::new(DisclosureRecord {
                person: person(subject),
                clause: text(fields, "clause"),
                to: text(fields, "to"),
                decided: words(fields, "decided"),
                matter: words(fields, "matter"),
                court: words(fields, "court"),
                order_dated: super::ask::time(fields, "order_dated"),
                mandate: words(fields, "mandate"),
                undertaking: words(fields, "undertaking"),
                told: words(fields, "told"),
                include: of(fields, "include"),
                when: super::ask::time(fields, "when"),
                again: super::ask::ticked(fields, "again"),
            })))
        },
        after: After::Go(|subject, _| format!("/persons/{}", subject.id)),
    },
    Step {
        slug: "hold",
        on: On::Person,
        title: "Hold everything",
        lead: "From now on nothing of this person's is destroyed. It lets nobody read more than before (42 CFR 2.61 to 2.67).",
        button: "Hold everything",
        done: "Nothing of this person's is destroyed until the hold is lifted.",
        grave: false,
        fields: &[
            must("why", "Which paper, from whom", Kind::Text(2)),
            may("order", "The scan of the paper", Kind::Pick(Source::Files))
                .hint("One of the files that are attached to the person. Its name and SHA-256 go on record."),
        ],
        look: None,
        ask: |subject, fields| {
            let order = some(fields, "order").map(|id| {
                let files = subject.lists.of(Source::Files);
                let name = files.iter().find(|(file, _)| *file == id).map(|(_, name)| name.clone());
                (name.unwrap_or_default(), id)
            });
            Ok(Care::HoldSet(HoldSet { person: person(subject), why: words(fields, "why"), order }))
        },
        after: After::Go(|_, _| "/emergency".to_owned()),
    },
    Step {
        slug: "lift",
        on: On::Hold,
        title: "Lift the hold",
        lead: "What is held may be destroyed again when its time comes.",
        button: "Lift the hold",
        done: "The hold is lifted.",
        grave: true,
        fields: &[must("why", "Who said that it may end", Kind::Text(2))],
        look: None,
        ask: |subject, fields| Ok(Care::HoldLift { hold: subject.id.clone(), why: words(fields, "why") }),
        after: After::Go(|_, _| "/emergency".to_owned()),
    },
];

pub(super) fn typed(fields: &super::Fields, path: &str) -> Option<Personal<String>> {
    some(fields, path).map(|text| text.as_str().into())
}

fn person(subject: &super::Subject) -> Personal<String> {
    subject.id.as_str().into()
}
