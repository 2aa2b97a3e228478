//! That a person took a consent back, heard here and told by telephone where no node tells.

use super::ask::{care, some, text, words};
use super::codes::HEARD as HOW;
use super::{After, On, Part, Shown, Step};
use crate::api::care::{CallView, CallsAsk, CallsView, Care, HeardAsk, HeardView, PhoneView, SpokenView};
use crate::web::backend::read;
use crate::web::form::{Field, Kind, Source, may, must};
use crate::web::words as say;
use belay_protocol::sensitive::Personal;

const HEARD: &[Field] = &[
    must("keeper", "Who keeps the consent, as the form says", Kind::Pick(Source::Organisations)),
    must("name", "Who took it back, by name", Kind::Line),
    may("birth_date", "Date of birth, as it stands on the form or the papers", Kind::Born)
        .hint("Month/day/year or year-month-day, or the year alone. May stay empty."),
    may("form", "The number on the form", Kind::Line).hint("If the person has the form. May stay empty."),
    must("heard", "How you heard it", Kind::One(HOW, "")),
];

pub const ROWS: &[Step] = &[
    Step {
        slug: "heard",
        on: On::House,
        title: "A person took back a consent that another organisation keeps",
        lead: "For a consent under which nothing came here; where a referral came, take it back there. It is put on record at once, \
               and you are told whom to telephone and what to say.",
        button: "Put it on record",
        done: "",
        grave: true,
        fields: HEARD,
        look: None,
        ask: |_, fields| {
            Ok(Care::ConsentHeard(HeardAsk {
                keeper: text(fields, "keeper"),
                name: words(fields, "name"),
                birth_date: words(fields, "birth_date"),
                form: words(fields, "form"),
                spoken: text(fields, "heard") == "spoken",
            }))
        },
        after: After::Show(|view| {
            let Ok(view) = read::<HeardView>(view.clone()) else { return Shown::default() };
            let stays = "It stands in your list of referrals until somebody writes down there that it was told.";
            Shown::default()
                .says("It is on record. Telephone them now", vec![whom(&view.keeper, view.phone.as_ref())])
                .says("Say", vec![view.says])
                .says("For yourself", vec![view.note.as_str().into()])
                .says("And then", vec![stays.into()])
        }),
    },
    Step {
        slug: "told",
        on: On::Call,
        title: "Tell by telephone that a consent was taken back",
        lead: "Write it down once you have spoken to somebody there. Until then it stays in the list.",
        button: "They have been told",
        done: "It is on record that they were told.",
        grave: false,
        fields: &[may("with", "Who you spoke to", Kind::Line).hint("May stay empty.")],
        look: None,
        ask: |subject, fields| Ok(Care::CallMade { call: subject.id.clone(), with: words(fields, "with") }),
        after: After::Go(|_, _| "/inbox".to_owned()),
    },
    Step {
        slug: "calls",
        on: On::House,
        title: "What was told by telephone",
        lead: "That a consent was taken back: to whom, by whom, when, and in which words. The newest come first.",
        button: "Show the list",
        done: "",
        grave: false,
        fields: &[may("after", "Go on after this place", Kind::Line)
            .hint("As the page before this one says it. Left empty: the newest.")],
        look: None,
        ask: |_, fields| Ok(Care::CallList(CallsAsk { done: true, after: some(fields, "after") })),
        after: After::List(|view| {
            let Ok(view) = read::<CallsView>(view.clone()) else { return Shown::default() };
            let mut shown = Shown::default();
            if view.done.is_empty() {
                shown = shown.says("Nothing", vec!["Nobody has been told by telephone.".into()]);
            }
            for call in view.done {
                let heading = Personal::new(format!("{}, about {}", call.to_name, call.name.reveal()));
                shown = shown.lists(heading, call.words.iter().map(spoken).collect());
            }
            if let Some(more) = view.more {
                shown = shown.says("There are more, after this place", vec![more.as_str().into()]);
            }
            shown
        }),
    },
    Step {
        slug: "reopen",
        on: On::House,
        title: "A call that was written down by mistake",
        lead: "It stands in the list again until it was made. What was written stays on record, with who took it back and why.",
        button: "It is still to be made",
        done: "The call is to be made again.",
        grave: true,
        fields: &[must("call", "Which call", Kind::Pick(Source::Calls)), must("why", "Why", Kind::Text(2))],
        look: None,
        ask: |_, fields| care("call_reopen", fields, &[]),
        after: After::Go(|_, _| "/inbox".to_owned()),
    },
];

/// Where nothing but a name was known of whom a call was about.
pub const OF_PERSON: &[Step] = &[Step {
    slug: "whose",
    on: On::Person,
    title: "A call was about this person",
    lead: "For a call about somebody of whom only a name was known when it was made. What was told by it stands in this person's \
           accounting from now on.",
    button: "It was about this person",
    done: "What was told by that call stands in this person's accounting.",
    grave: false,
    fields: &[must("call", "Which call", Kind::Pick(Source::Calls))],
    look: None,
    ask: |subject, fields| {
        let (call, person) = (text(fields, "call"), Some(subject.id.as_str().into()));
        Ok(Care::CallWhose { call, person })
    },
    after: After::Go(|subject, _| format!("/persons/{}", subject.id)),
}];

/// One word about a call.
fn spoken(word: &SpokenView) -> Personal<String> {
    let (on, staff) = (say::when(word.at), word.staff.reveal());
    Personal::new(match &word.reopened {
        Some(why) => format!("{on}: not made after all, says {staff}: {}", why.reveal()),
        None if word.with.reveal().is_empty() => format!("{on}, {staff}: {}", word.says.reveal()),
        None => format!("{on}, {staff} to {}: {}", word.with.reveal(), word.says.reveal()),
    })
}

fn whom(name: &str, phone: Option<&PhoneView>) -> Personal<String> {
    Personal::new(match phone {
        Some(phone) if phone.who == name => format!("{name}: {}", phone.telephone),
        Some(phone) => format!("{name}: {}, {}", phone.who, phone.telephone),
        None => format!("{name}. No number of theirs is known here: ask, or look at their form."),
    })
}

/// Whom to telephone, and what to say.
pub(super) fn said(view: &CallView) -> Vec<Part> {
    let about = vec![Personal::new(format!("About {}", view.name.reveal()))];
    let about = about.into_iter().chain(view.note.iter().map(|note| note.as_str().into())).collect();
    let mut shown = Shown::default()
        .says("Telephone", vec![whom(&view.to_name, view.due.phone.as_ref())])
        .says("For yourself", about)
        .says("Say", vec![view.says.clone()]);
    if !view.before.is_empty() {
        shown = shown.lists("What was written of it before", view.before.iter().map(spoken).collect());
    }
    shown.parts
}
