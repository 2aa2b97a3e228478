//! That a person took a consent back, heard here and told by telephone where no node tells.

use super::ask::{care, words};
use super::{After, On, Part, Shown, Step};
use crate::api::care::{CallView, Care, HeardView, PhoneView};
use crate::web::backend::read;
use crate::web::form::{Field, Kind, Source, may, must};
use belay_protocol::sensitive::Personal;

const HEARD: &[Field] = &[
    must("keeper", "Who keeps the consent, as the form says", Kind::Pick(Source::Organisations)),
    must("name", "Who took it back, by name", Kind::Line),
    may("birth_date", "Date of birth, as it stands on the form or the papers", Kind::Born)
        .hint("Year-month-day, or the year alone. May stay empty."),
    may("form", "The number on the form", Kind::Line).hint("If the person has the form. May stay empty."),
    may("spoken", "It was said, not written", Kind::Tick),
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
        ask: |_, fields| care("consent_heard", fields, &[]),
        after: After::Show(|view| {
            let Ok(view) = read::<HeardView>(view.clone()) else { return Shown::default() };
            let stays = "It stands in your list of referrals until somebody writes down there that it was told.";
            Shown::default()
                .says("It is on record. Telephone them now", vec![whom(&view.keeper, view.phone.as_ref())])
                .says("Say", vec![view.says])
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
];

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
    Shown::default()
        .says("Telephone", vec![whom(&view.to_name, view.due.phone.as_ref())])
        .says("For yourself", about)
        .says("Say", vec![view.says.clone()])
        .parts
}
