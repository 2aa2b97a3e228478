//! Steps about who a person is: somebody new, corrections, and two records of one human being.

use super::ask::{care, some, text, words};
use super::{After, Look, On, Part, Shown, Step};
use crate::api::care::{Care, MatchesView, MergeAsk, MergePreview, MergeSide, PersonAdd, PersonApart, PersonView};
use crate::web::backend::read;
use crate::web::form::{Field, Kind, Source, may, must, part};
use crate::web::pages::person::facts;
use crate::web::words as say;
use belay_protocol::sensitive::Personal;
use serde_json::Value;

const MAY: &str = "May stay empty.";

const PERSON: &[Field] = &[
    may("name", "Name", Kind::Line)
        .hint("As the person wants to be called. A first name is enough; who gives none needs a note instead, by which to be found again."),
    may("birth_date", "Date of birth", Kind::Born).hint("Month/day/year or year-month-day, or the year alone. May stay empty."),
    may("phones", "Telephones, one a line", Kind::Each(2)).hint("May stay empty: nobody needs a telephone."),
    may("address", "Address", Kind::Text(2)).hint("May stay empty, or say where the person is usually found."),
    may("contact", "How to reach the person, and how not to", Kind::Text(2)).hint(MAY),
    may("language", "Language", Kind::Line).hint("Forms are printed in it where there are any, such as Spanish."),
    part(
        "Other names, a note",
        &[
            may("other_names", "Other names, one a line", Kind::Each(2))
                .hint("Such as the name on papers, if there are papers. Who is told the name is told these as well."),
            may("note", "A note for your own house", Kind::Text(2)).hint("It never leaves this organisation."),
            may("died", "If the person has died: the day", Kind::Line)
                .hint("Month/day/year or year-month-day, the year alone, or yes. Nobody is telephoned any more, and you are asked to end what is open."),
        ],
    ),
];

/// The same, and what of it was shown.
const CORRECT: &[Field] =
    &[may("shown", "", Kind::Fixed), PERSON[0], PERSON[1], PERSON[2], PERSON[3], PERSON[4], PERSON[5], PERSON[6]];

pub const ROWS: &[Step] = &[
    Step {
        slug: "person",
        on: On::House,
        title: "Add a person",
        lead: "A name is enough, or a note where none is given. What is written here stays in this house until the person agrees to share it.",
        button: "Add the person",
        done: "The person is in your records.",
        grave: false,
        fields: PERSON,
        // Shown only where somebody looks alike.
        look: Some(Look {
            ask: |_, fields| care("person_like", fields, &[]),
            show: alike,
            button: "It is somebody else: add the person",
        }),
        ask: |_, fields| {
            serde_json::from_value(Value::Object(fields.clone()))
                .map(|fields| Care::PersonAdd(PersonAdd { fields, another: true }))
                .map_err(|_| vec![(String::new(), "The form did not arrive whole.".to_owned())])
        },
        after: After::Go(|_, view| format!("/persons/{}", super::house::id(view))),
    },
    Step {
        slug: "correct",
        on: On::Person,
        title: "Correct what is on record",
        lead: "What stood there before stays in the history below the person, with who changed it, and the person is still found by it. \
               Forms have what is new; a consent that was signed keeps the name that was signed.",
        button: "Put it right",
        done: "It is put right.",
        grave: false,
        fields: CORRECT,
        look: None,
        ask: |subject, fields| {
            care("person_edit", fields, &[("person", &subject.id), ("shown", &text(fields, "shown"))])
        },
        after: After::Go(|subject, _| format!("/persons/{}", subject.id)),
    },
    Step {
        slug: "merge",
        on: On::Person,
        title: "Two records of one person",
        lead: "Consents, referrals, disclosures, restrictions and holds of both stand under one from then on. Nothing that was signed is \
               rewritten, and the records can be taken apart again. Both are shown side by side before it is done.",
        button: "Show both side by side",
        done: "Both records are of one person now.",
        grave: true,
        fields: &[
            may("other", "The other record", Kind::Pick(Source::Alike)).hint("Those who look alike."),
            may("named", "Or by name or number", Kind::Line).hint("The number stands on each person's page."),
            must("why", "How you know", Kind::Text(2)),
        ],
        look: Some(Look {
            ask: |subject, fields| Ok(Care::PersonMergePreview(merge(subject, fields)?)),
            show: both,
            button: "It is one person: join the two",
        }),
        ask: |subject, fields| Ok(Care::PersonMerge(merge(subject, fields)?)),
        after: After::Go(|subject, _| format!("/persons/{}", subject.id)),
    },
    Step {
        slug: "apart",
        on: On::Person,
        title: "Take two records apart",
        lead: "Each consent, referral and disclosure stands again under the record where it was written. What was left out or ended because \
               the records were one stays so: the person can sign anew.",
        button: "They are two persons",
        done: "The records are two again.",
        grave: true,
        fields: &[
            must("joined", "Which record is not of this person", Kind::Pick(Source::Joined)),
            must("why", "How you know", Kind::Text(2)),
        ],
        look: None,
        ask: |subject, fields| {
            // The two whom the word was about that joined them.
            let joined = text(fields, "joined");
            let (record, with) = joined.split_once(' ').unwrap_or((&joined, &subject.id));
            Ok(Care::PersonApart(PersonApart { person: record.into(), other: with.into(), why: words(fields, "why") }))
        },
        after: After::Go(|subject, _| format!("/persons/{}", subject.id)),
    },
];

fn merge(subject: &super::Subject, fields: &super::Fields) -> Result<MergeAsk, Vec<super::Wrong>> {
    let Some(other) = some(fields, "other").or_else(|| some(fields, "named")) else {
        return super::ask::wrong("named", "Please say which record, here or above.");
    };
    Ok(MergeAsk { person: subject.id.as_str().into(), other: Personal::new(other), why: words(fields, "why") })
}

/// What stands on record of a person, and who corrected it last: above a form that somebody else was faster than.
pub(super) fn stands(view: &PersonView) -> Vec<Part> {
    let line = |(label, value): (&str, Personal<String>)| Personal::new(format!("{label}: {}", value.reveal()));
    let name = ("Name", view.fields.name.clone());
    let mut lines: Vec<Personal<String>> = [name].into_iter().chain(facts(&view.fields)).map(line).collect();
    lines.extend(view.history.first().map(|last| {
        Personal::new(format!("Last: {}, {}: {}", last.staff.reveal(), say::when(last.at), last.what.reveal()))
    }));
    vec![Part { heading: "What stands on record now".into(), lines, list: true, ..Part::default() }]
}

/// Nothing, where nobody looks alike.
fn alike(view: &Value) -> Shown {
    let Ok(view) = read::<MatchesView>(view.clone()) else { return Shown::default() };
    if view.matches.is_empty() {
        return Shown::default();
    }
    let line = |one: &crate::api::care::MatchView| {
        Personal::new(format!("{} ({}): record {}", one.name.reveal(), one.reasons.join(", "), one.person.short()))
    };
    let go_on = "If it is one of these, do not add the person again: find them under Persons.";
    Shown::default()
        .lists("Somebody on record looks like this person", view.matches.iter().map(line).collect())
        .says("Is it the same person?", vec![go_on.into()])
}

fn side(side: &MergeSide) -> Vec<Personal<String>> {
    let fact = |(label, value): (&str, Personal<String>)| Personal::new(format!("{label}: {}", value.reveal()));
    let mut lines: Vec<Personal<String>> = facts(&side.fields).into_iter().map(fact).collect();
    lines.push(Personal::new(format!("Consents: {}, referrals: {}", side.consents, side.referrals)));
    if side.held {
        lines.push("A hold stands: it stands for both.".into());
    }
    lines
}

fn both(view: &Value) -> Shown {
    let Ok(view) = read::<MergePreview>(view.clone()) else { return Shown::default() };
    let head = |words: &str, one: &MergeSide| {
        Personal::new(format!("{words}: {} (record {})", one.fields.name.reveal(), one.id.short()))
    };
    let same = if view.alike.is_empty() { "Nothing".to_owned() } else { view.alike.join(", ") };
    let mut shown = Shown::default()
        .lists(head("Shown from then on", &view.keep), side(&view.keep))
        .lists(head("The other record", &view.other), side(&view.other))
        .says("The same in both", vec![Personal::new(same)]);
    if !view.warnings.is_empty() {
        shown = shown.lists("Look twice", view.warnings.into_iter().map(Personal::new).collect());
    }
    if !view.binds.is_empty() {
        shown =
            shown.lists("For good, also if they are taken apart", view.binds.into_iter().map(Personal::new).collect());
    }
    shown
}
