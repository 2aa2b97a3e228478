//! Views about medical emergencies and holds, for people.

use super::{Page, Show, day, when, word};
use belay_node::api::care::{AttemptRow, EmergencyView, FactsView, HereRow, HoldsView, OpenedView, OpeningRow};

/// The four facts of 2.51(c), and why the person was not asked, on one line.
fn facts(facts: &FactsView) -> String {
    stated("told to", facts)
}

/// The same of what may have opened nothing: then nobody was told.
fn tried(facts: &FactsView, opened: bool) -> String {
    stated(if opened { "told to" } else { "nothing was found or told; asked for by" }, facts)
}

fn stated(told: &str, facts: &FactsView) -> String {
    format!(
        "{told} {} at {}; by {}; {}; {}; no consent first: {}",
        facts.personnel.reveal(),
        facts.facility,
        facts.discloser.reveal(),
        when(facts.at),
        facts.nature.reveal(),
        facts.unobtainable.reveal()
    )
}

impl Show for OpenedView {
    fn show(&self, page: &mut Page) {
        page.line(format!("On record: {}.", tried(&self.facts, !self.copies.is_empty())));
        // What helps now comes first; the law's words follow, once each.
        for copy in &self.copies {
            page.line("");
            page.fields(&[
                ("person", copy.name.reveal().clone()),
                ("born", copy.birth_date.reveal().clone()),
                ("placed by", copy.organisation.clone()),
                ("written", when(copy.written)),
                ("kind", copy.information.to_string()),
            ]);
            page.line("");
            page.line(copy.content.reveal().trim_end());
        }
        for words in self.law() {
            page.gap().line(words);
        }
        page.line("");
        if self.copies.is_empty() {
            page.line(
                "Nothing is placed here under this name and date of birth. That says nothing about the person: most people in care \
                 have placed nothing, and a name may stand otherwise on other papers. Look at name and date, and telephone:",
            );
            let rows: Vec<Vec<String>> =
                self.phones.iter().map(|p| vec![p.organisation.clone(), p.telephone.clone()]).collect();
            page.table(
                &["ORGANISATION", "TELEPHONE"],
                &rows,
                "no organisation has a number here; one comes here by its listing (phone), or by an agreement (belay agreement draft).",
            );
            page.line(
                "Who tells you something in this emergency puts it on record there: belay emergency record (42 CFR 2.51(c)).",
            );
        } else {
            page.line("Who placed it was told that you opened it.");
        }
    }
}

fn opening(row: &OpeningRow) -> Vec<String> {
    let reviewed = match &row.reviewed {
        Some(review) => format!("reviewed by {} on {}", review.staff.reveal(), day(review.at)),
        None => "TO REVIEW".to_owned(),
    };
    let late = if row.late { ", after it was taken back" } else { "" };
    let about = format!("{}, {}{late}", row.name.reveal(), row.information);
    vec![row.opening.short(), about, facts(&row.facts), row.staff.reveal().clone(), reviewed]
}

fn here(row: &HereRow) -> Vec<String> {
    let whom = if row.person.is_some() { row.name.reveal() } else { "nobody on record: belay emergency whose" };
    let kind = row.information.to_string();
    vec![row.opening.short(), when(row.at), row.placed_by.clone(), kind, row.staff.reveal().clone(), whom.to_owned()]
}

fn attempt(row: &AttemptRow) -> Vec<String> {
    vec![tried(&row.facts, row.opened > 0), row.staff.reveal().clone(), row.opened.to_string()]
}

impl Show for EmergencyView {
    fn show(&self, page: &mut Page) {
        if self.to_review > 0 {
            page.line(format!("Emergency access: {} to review (belay emergency review OPENING).", self.to_review));
            page.line("");
        }
        let placed: Vec<Vec<String>> = self
            .placed
            .iter()
            .map(|p| {
                let there = if p.delivered { "delivered" } else { "waiting" };
                vec![
                    p.name.reveal().clone(),
                    p.information.to_string(),
                    p.at.clone(),
                    p.state.clone(),
                    there.to_owned(),
                ]
            })
            .collect();
        page.table(&["PERSON", "KIND", "PLACED AT", "STATE", "NEWEST COPY"], &placed, "Nothing is placed anywhere.");
        if !self.unrecorded.is_empty() {
            page.line("");
            let rows = self.unrecorded.iter().map(|row| {
                let born = row.birth_date.reveal().clone();
                vec![row.name.reveal().clone(), born, row.information.to_string(), row.at.clone()]
            });
            let rows: Vec<Vec<String>> = rows.collect();
            page.table(&["WITHOUT A RECORD HERE", "BORN", "KIND", "PLACED AT"], &rows, "");
            page.line("To take one back: belay person add (the same name and birth date), then belay emergency withdraw --person PERSON.");
        }
        page.line("");
        let openings: Vec<Vec<String>> = self.openings.iter().map(opening).collect();
        page.table(
            &["OPENING", "WHAT", "FACTS (42 CFR 2.51(c))", "SIGNED IN", "REVIEW"],
            &openings,
            "Nothing that we placed was opened.",
        );
        if !self.here.is_empty() {
            page.line("");
            let here: Vec<Vec<String>> = self.here.iter().map(here).collect();
            page.table(&["OPENED HERE", "AT", "PLACED BY", "KIND", "SIGNED IN", "FOR"], &here, "");
        }
        if !self.attempts.is_empty() {
            page.line("");
            let attempts: Vec<Vec<String>> = self.attempts.iter().map(attempt).collect();
            page.table(&["OPENED OR TRIED HERE", "SIGNED IN", "COPIES"], &attempts, "");
        }
    }
}

impl Show for HoldsView {
    fn show(&self, page: &mut Page) {
        let rows: Vec<Vec<String>> = self
            .holds
            .iter()
            .map(|hold| {
                let state = hold.lifted.map_or_else(|| "STANDS".to_owned(), |at| format!("lifted {}", day(at)));
                let order = hold.order.as_ref().map(|(name, _)| name.reveal().clone()).unwrap_or_default();
                vec![
                    hold.id.chars().take(8).collect(),
                    hold.name.reveal().clone(),
                    state,
                    when(hold.set),
                    hold.staff.reveal().clone(),
                    hold.why.reveal().clone(),
                    order,
                ]
            })
            .collect();
        page.table(&["HOLD", "PERSON", "STATE", "SET", "STAFF", "WHY", "PAPER"], &rows, "No hold.");
    }
}

/// How a disclosure is shown that an emergency is the reason of.
pub(super) fn what(what: &str, told: Option<&FactsView>) -> String {
    told.map_or_else(|| what.to_owned(), |told| format!("{what} ({})", facts(told)))
}

/// The word for how far a disclosure went.
pub(super) fn stage<T: serde::Serialize>(stage: &T) -> String {
    word(stage)
}
