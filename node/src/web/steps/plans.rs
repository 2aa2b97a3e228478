//! Steps about the crisis plan and the medication of a person: the forms of a referral, before there is one.

use super::ask::{text, words};
use super::subject::Subject;
use super::{After, Fields, Look, On, Shown, Step};
use crate::api::care::{Care, PlanPreview, PlanWrite, PlanWritten};
use crate::web::acts::{CRISIS, MEDICATION};
use crate::web::backend::read;
use crate::web::form::{Kind, Source, Wrong, must};
use belay_protocol::sensitive::Personal;
use serde::de::DeserializeOwned;
use serde_json::Value;

const LEAD: &str = "Write it with the person. It stays in this house until you send it along with a referral, or place it for emergencies; \
                    the wallet card and the printed plan are made from it.";
const DONE: &str = "It is saved. What stood there before is kept in the history.";

pub const ROWS: &[Step] = &[
    Step {
        slug: "crisis",
        on: On::Person,
        title: "Crisis and recurrence plan",
        lead: LEAD,
        button: "Save the plan",
        done: DONE,
        grave: false,
        fields: CRISIS,
        look: Some(Look {
            ask: |subject, fields| previewed(subject, PlanWritten::Crisis(whole(fields)?)),
            show: instead,
            button: "Save the plan",
        }),
        ask: |subject, fields| asks(subject, PlanWritten::Crisis(whole(fields)?)),
        after: After::Go(back),
    },
    Step {
        slug: "medication",
        on: On::Person,
        title: "Medication",
        lead: LEAD,
        button: "Save the medication",
        done: DONE,
        grave: false,
        fields: MEDICATION,
        look: Some(Look {
            ask: |subject, fields| previewed(subject, PlanWritten::Medication(whole(fields)?)),
            show: instead,
            button: "Save the medication",
        }),
        ask: |subject, fields| asks(subject, PlanWritten::Medication(whole(fields)?)),
        after: After::Go(back),
    },
    Step {
        slug: "plan-mistake",
        on: On::Person,
        title: "A plan or a list was a mistake",
        lead: "It counts no more, and goes out of the copies for emergencies. It stays in the history with the reason.",
        button: "Take it back",
        done: "It counts no more.",
        grave: true,
        fields: &[
            must("entry", "Which", Kind::Pick(Source::Plans)),
            must("why", "What was wrong about it", Kind::Text(2)),
        ],
        look: None,
        ask: |subject, fields| {
            let (entry, why) = (text(fields, "entry"), words(fields, "why"));
            asks(subject, PlanWritten::Mistake { entry, why })
        },
        after: After::Go(back),
    },
];

fn previewed(subject: &Subject, what: PlanWritten) -> Result<Care, Vec<Wrong>> {
    Ok(Care::PersonPlanPreview(Box::new(PlanWrite { person: subject.id.as_str().into(), what })))
}

/// What stands there now and would not any more; nothing where all of it still stands.
fn instead(view: &Value) -> Shown {
    let Ok(view) = read::<PlanPreview>(view.clone()) else { return Shown::default() };
    let mut page = Shown::default();
    for change in view.changes {
        let none = |lines: Vec<Personal<String>>| if lines.is_empty() { vec!["Nothing.".into()] } else { lines };
        page = page.lists(format!("{}: what stands there now", change.what).as_str(), none(change.stands));
        page = page.lists(format!("{}: what you wrote instead", change.what).as_str(), none(change.becomes));
    }
    page
}

fn asks(subject: &Subject, what: PlanWritten) -> Result<Care, Vec<Wrong>> {
    Ok(Care::PersonPlan(Box::new(PlanWrite { person: subject.id.as_str().into(), what })))
}

/// The form is the whole of it: what was rubbed out there is gone.
fn whole<T: DeserializeOwned>(fields: &Fields) -> Result<T, Vec<Wrong>> {
    serde_json::from_value(Value::Object(fields.clone()))
        .map_err(|_| vec![(String::new(), "The form did not arrive whole.".to_owned())])
}

fn back(subject: &Subject, _: &Value) -> String {
    format!("/persons/{}", subject.id)
}
