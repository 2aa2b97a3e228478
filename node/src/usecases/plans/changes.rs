//! What stood in a plan or a list of medication and stands no more once another is written.

use crate::api::care::PlanChange;
use belay_protocol::referral::{Contact, CrisisPlan, Medication, Medicine};
use belay_protocol::sensitive::Personal;

pub(super) fn of_plan(stood: &CrisisPlan, plan: &CrisisPlan) -> Vec<PlanChange> {
    let parts = [
        text("Warning signs", &stood.warning_signs, &plan.warning_signs),
        text("What helps", &stood.helps, &plan.helps),
        text("What makes it worse", &stood.avoid, &plan.avoid),
        list("Whom to call", &stood.contacts, &plan.contacts, called),
        text("Where naloxone is kept", &stood.naloxone, &plan.naloxone),
        text("Wishes", &stood.wishes, &plan.wishes),
    ];
    parts.into_iter().flatten().collect()
}

pub(super) fn of_list(stood: &Medication, new: &Medication) -> Vec<PlanChange> {
    let parts = [
        list("Medicines", &stood.medicines, &new.medicines, taken),
        text("Allergies", &stood.allergies, &new.allergies),
        text("Note", &stood.note, &new.note),
    ];
    let none = (stood.takes_none && !new.takes_none).then(|| PlanChange {
        what: "Medicines".to_owned(),
        stands: vec!["The person was asked and takes nothing.".into()],
        becomes: new.medicines.iter().map(taken).collect(),
    });
    none.into_iter().chain(parts.into_iter().flatten()).collect()
}

fn text(what: &str, stood: &Personal<String>, new: &Personal<String>) -> Option<PlanChange> {
    let lines =
        |text: &Personal<String>| Some(text.clone()).filter(|text| !text.reveal().is_empty()).into_iter().collect();
    let changed = !stood.reveal().is_empty() && stood != new;
    changed.then(|| PlanChange { what: what.to_owned(), stands: lines(stood), becomes: lines(new) })
}

/// Of a list in which all that stood still stands nothing is said, whatever was added; another order of it is another list.
fn list<T: PartialEq>(what: &str, stood: &[T], new: &[T], line: impl Fn(&T) -> Personal<String>) -> Option<PlanChange> {
    let kept: Vec<&T> = new.iter().filter(|one| stood.contains(one)).collect();
    let lines = |of: &[T]| of.iter().map(&line).collect();
    let changed = kept != stood.iter().collect::<Vec<_>>();
    changed.then(|| PlanChange { what: what.to_owned(), stands: lines(stood), becomes: lines(new) })
}

fn called(who: &Contact) -> Personal<String> {
    joined([&who.name, &who.relation, &who.phone].map(|part| part.reveal().as_str()))
}

fn taken(one: &Medicine) -> Personal<String> {
    joined([&one.name, &one.dose, &one.prescriber].map(|part| part.reveal().as_str()))
}

fn joined(parts: [&str; 3]) -> Personal<String> {
    Personal::new(parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", "))
}
