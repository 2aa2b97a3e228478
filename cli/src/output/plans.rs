//! The crisis plan and the medication of a person.

use super::{Page, Show, day, when};
use belay_node::api::care::{OlderPlan, PersonPlans, PlanPreview, PlansView};
use belay_protocol::ids::{PersonId, ThreadId};
use belay_protocol::referral::{CrisisPlan, Information, Medication};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;

impl Show for PersonPlans {
    fn show(&self, page: &mut Page) {
        of_person(page, self.id, &self.plans);
        if !self.plans.hints.is_empty() {
            page.gap().line("Words that put the person first:");
        }
        for hint in &self.plans.hints {
            page.line(format!("    instead of \"{}\": {}", hint.word, hint.instead));
        }
    }
}

impl Show for PlanPreview {
    fn show(&self, page: &mut Page) {
        let lines = |page: &mut Page, lines: &[Personal<String>]| {
            if lines.is_empty() {
                page.line("        nothing");
            }
            for line in lines {
                page.line(format!("        {}", line.reveal()));
            }
        };
        for change in &self.changes {
            page.line(format!("{}:", change.what)).line("    stands there now:");
            lines(page, &change.stands);
            page.line("    would stand instead:");
            lines(page, &change.becomes);
        }
    }
}

/// What our own staff wrote last, what can be taken back, and what was told of it as it was before.
pub fn of_person(page: &mut Page, person: PersonId, plans: &PlansView) {
    both(page, plans.crisis.as_ref(), plans.medication.as_ref());
    if let Some(last) = plans.written.first() {
        let command = format!("belay person mistake {} {}", person.short(), last.entry.short());
        let (kind, at) = (called(last.information), day(last.at));
        page.line(format!("The last that was written here, {kind} of {at}, if it was a mistake: {command}"));
    }
    for upon in &plans.upon {
        let (id, kind, name) = (person.short(), called(upon.information), upon.information);
        let strike = upon.entry.map(|entry| format!("strike it too: belay person mistake {id} {}; or ", entry.short()));
        page.line(format!(
            "WRITTEN UPON A MISTAKE: {kind} of {}, upon that of {} ({}). Look: {}write it anew: belay person {name} {id}",
            when(upon.at),
            when(upon.wrong),
            upon.why.reveal(),
            strike.unwrap_or_default()
        ));
    }
    for older in &plans.older {
        page.line(elsewhere(older));
    }
}

/// Who has one that is older, or was a mistake, and how to put that right.
fn elsewhere(older: &OlderPlan) -> String {
    let (to, kind, of, thread) = (&older.other_name, called(older.information), day(older.of), older.thread.short());
    let renew = format!("belay referral renew {thread}");
    if let Some(wrong) = older.upon.filter(|_| !older.mistaken) {
        let then =
            if older.renew { renew } else { format!("look whether it is right, write it anew, and then {renew}") };
        let phone = older.phone.as_ref().map(|phone| format!("; or telephone {}: {}", phone.who, phone.telephone));
        return format!(
            "{to} has {kind} of {of}, written upon that of {}, WHICH WAS A MISTAKE: {then}{}",
            day(wrong),
            phone.unwrap_or_default()
        );
    }
    if !older.mistaken {
        return format!("{to} has {kind} of {of}: {renew}");
    }
    let put_right = if older.renew {
        renew
    } else {
        let act = older.information;
        format!("put it right there: belay referral {act} {thread}, or belay referral message {thread}")
    };
    let phone = older.phone.as_ref().map(|phone| format!("; or telephone {}: {}", phone.who, phone.telephone));
    format!("{to} has {kind} of {of}, WHICH WAS A MISTAKE: {put_right}{}", phone.unwrap_or_default())
}

/// What this referral does not say, or says as it was before.
pub fn unsaid(page: &mut Page, thread: ThreadId, unsaid: &[(Information, Option<Time>)]) {
    for (kind, since) in unsaid {
        let (thread, what) = (thread.short(), called(*kind));
        page.gap().line(match since {
            Some(at) => format!("Newer on record here than {what} of {}: belay referral renew {thread}", day(*at)),
            None => format!("On record here and not told: {what}: belay referral renew {thread} --with {kind}"),
        });
    }
}

pub const fn called(information: Information) -> &'static str {
    match information {
        Information::Crisis => "the crisis plan",
        _ => "the medication",
    }
}

/// Each with since when it holds.
pub fn both(page: &mut Page, crisis: Option<&(Time, CrisisPlan)>, medication: Option<&(Time, Medication)>) {
    if let Some((at, plan)) = crisis {
        page.gap().line(format!("Crisis plan of {}", day(*at))).fields(&self::crisis(plan));
    }
    if let Some((at, medication)) = medication {
        page.gap().line(format!("Medication of {}", day(*at)));
        medicines(page, medication);
    }
}

fn crisis(plan: &CrisisPlan) -> Vec<(&'static str, String)> {
    let mut fields = vec![
        ("warning signs", plan.warning_signs.reveal().clone()),
        ("helps", plan.helps.reveal().clone()),
        ("avoid", plan.avoid.reveal().clone()),
        ("naloxone", plan.naloxone.reveal().clone()),
        ("wishes", plan.wishes.reveal().clone()),
    ];
    for contact in &plan.contacts {
        fields.push(("contact", joined(&[contact.name.reveal(), contact.phone.reveal(), contact.relation.reveal()])));
    }
    fields.retain(|(_, value)| !value.is_empty());
    fields
}

fn medicines(page: &mut Page, medication: &Medication) {
    let time = |at: Option<Time>| at.map(when).unwrap_or_default();
    let rows: Vec<Vec<String>> = medication
        .medicines
        .iter()
        .map(|m| {
            let texts =
                [&m.name, &m.dose, &m.prescriber, &m.phone].map(|text: &Personal<String>| text.reveal().clone());
            texts.into_iter().chain([m.last_dose, m.next_dose, m.next_visit].map(time)).collect()
        })
        .collect();
    let heads = ["MEDICINE", "DOSE", "PRESCRIBER", "PHONE", "LAST DOSE", "NEXT DOSE", "NEXT VISIT"];
    let none = if medication.takes_none { "Takes none; the person was asked." } else { "Nobody said." };
    page.table(&heads, &rows, none);
    for text in [&medication.allergies, &medication.note].into_iter().filter(|text| !text.reveal().is_empty()) {
        page.line(text.reveal());
    }
}

fn joined(texts: &[&str]) -> String {
    texts.iter().copied().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("; ")
}
