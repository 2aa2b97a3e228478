//! The crisis plan and the medication on a person's page.

use crate::api::care::{OlderPlan, PlansView, UponView};
use crate::web::acts::codes::shown;
use crate::web::pages::thread::{Line, plan, taken};
use crate::web::steps::codes::KINDS_SHORT;
use crate::web::words;
use belay_protocol::sensitive::Personal;
use std::fmt::Write as _;

/// What our staff wrote last, and what is not told yet as it is now.
pub struct Plans {
    pub lines: Vec<Line>,
    /// Since when they hold.
    pub since: Vec<String>,
    /// Where each is written, and taken back.
    pub crisis: String,
    pub medication: String,
    pub mistake: Option<String>,
    /// Those that were written upon one that was a mistake, and what was wrong with that.
    pub upon: Vec<(String, Personal<String>)>,
    /// Referrals that say one as it was before.
    pub older: Vec<Older>,
}

pub struct Older {
    pub href: String,
    pub what: String,
}

impl Plans {
    /// Of the person with this id.
    #[must_use]
    pub fn new(view: &PlansView, id: &str) -> Self {
        let mut lines = view.crisis.iter().flat_map(|(_, crisis)| plan(crisis)).collect::<Vec<_>>();
        lines.extend(view.medication.iter().flat_map(|(_, list)| taken(list)));
        lines.retain(|(_, text)| !text.reveal().is_empty());
        let crisis = view.crisis.as_ref().map(|(at, _)| format!("The plan is of {}.", words::when(*at)));
        let medication = view.medication.as_ref().map(|(at, _)| format!("The medication is of {}.", words::when(*at)));
        let older =
            view.older.iter().map(|one| Older { href: format!("/threads/{}", one.thread), what: elsewhere(one) });
        Self {
            lines,
            since: crisis.into_iter().chain(medication).collect(),
            crisis: format!("/persons/{id}/crisis"),
            medication: format!("/persons/{id}/medication"),
            mistake: (!view.written.is_empty()).then(|| format!("/persons/{id}/plan-mistake")),
            upon: view.upon.iter().map(upon).collect(),
            older: older.collect(),
        }
    }
}

/// One that was written upon a mistake.
fn upon(one: &UponView) -> (String, Personal<String>) {
    let kind = shown(KINDS_SHORT, one.information.name()).to_lowercase();
    let (of, wrong) = (words::when(one.at), words::when(one.wrong));
    (format!("The {kind} of {of} was written upon that of {wrong}, which was a mistake"), one.why.clone())
}

/// Who has one that is older, or was a mistake.
fn elsewhere(one: &OlderPlan) -> String {
    let kind = shown(KINDS_SHORT, one.information.name()).to_lowercase();
    let mut out = format!("{} has the {kind} of {}", one.other_name, words::when(one.of));
    if one.mistaken || one.upon.is_some() {
        match one.upon.filter(|_| !one.mistaken) {
            Some(wrong) => {
                let _ = write!(out, ", which was written upon that of {}, a mistake", words::when(wrong));
            }
            None => out.push_str(", which was a mistake"),
        }
        if !one.renew {
            out.push_str(": put it right there, by a new one or a message");
        }
        if let Some(phone) = &one.phone {
            let _ = write!(out, "; or telephone {}: {}", phone.who, phone.telephone);
        }
    }
    out
}

#[cfg(test)]
pub(super) fn sample(text: &str) -> PlansView {
    use crate::api::care::{PhoneView, WrittenPlan};
    use belay_protocol::ids::{EntryHash, ThreadId};
    use belay_protocol::referral::{Contact, CrisisPlan, Information, Medication, Medicine};
    use belay_protocol::time::Time;
    let (at, words) = (Time(1_790_000_000_000), || text.into());
    let contacts = vec![Contact { name: words(), phone: words(), relation: words() }];
    let medicines = vec![Medicine { name: words(), dose: words(), next_dose: Some(at), ..Medicine::default() }];
    PlansView {
        crisis: Some((at, CrisisPlan { warning_signs: words(), helps: words(), contacts, ..CrisisPlan::default() })),
        medication: Some((at, Medication { medicines, allergies: words(), ..Medication::default() })),
        older: vec![OlderPlan {
            thread: ThreadId([3; 32]),
            other_name: text.to_owned(),
            information: Information::Crisis,
            of: at,
            mistaken: true,
            upon: Some(at),
            renew: false,
            phone: Some(PhoneView { who: text.to_owned(), telephone: text.to_owned() }),
        }],
        upon: vec![UponView { information: Information::Medication, at, entry: None, wrong: at, why: words() }],
        written: vec![WrittenPlan { entry: EntryHash([4; 32]), information: Information::Crisis, at, staff: words() }],
        hints: Vec::new(),
    }
}
