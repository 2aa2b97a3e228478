//! Persons on record. Who prints one has signed in, and the look is on the record.

use super::{Page, Show, day};
use belay_node::api::care::{ConsentRow, MergePreview, PersonFields, PersonView, PersonsView};
use belay_protocol::ids::PersonId;
use belay_protocol::sensitive::Personal;

fn texts(values: &[Personal<String>]) -> String {
    values.iter().map(|v| v.reveal().as_str()).collect::<Vec<_>>().join("\n")
}

impl Show for PersonView {
    fn show(&self, page: &mut Page) {
        page.fields(&facts(self.id, &self.fields));
        if !self.consents.is_empty() {
            page.gap().line("Consents:");
        }
        for row in &self.consents {
            consent(page, row);
        }
        super::left_out::asked(page, &self.left_out, |one| one.id.short());
        super::left_out::let_in(page, &self.let_in);
        super::plans::of_person(page, self.id, &self.plans);
        for other in &self.also {
            page.gap().line(format!("Also on record as {}, {}", other.id, other.name.reveal()));
            let said = format!("{}, {}: {}", day(other.at), other.staff.reveal(), other.why.reveal());
            page.line(format!("  joined with {} on {said}", other.with.short()));
        }
        if !self.history.is_empty() {
            page.gap().line("Changed:");
        }
        for change in &self.history {
            page.line(format!("  {}, {}: {}", day(change.at), change.staff.reveal(), change.what.reveal()));
        }
        if !self.alike.is_empty() {
            page.gap().line("Looks like (belay person merge, if it is one person):");
        }
        for one in &self.alike {
            page.line(format!("  {}  {} ({})", one.person.short(), one.name.reveal(), one.reasons.join(", ")));
        }
    }
}

/// One consent of a person, as it stands.
fn consent(page: &mut Page, row: &ConsentRow) {
    let waits = if row.pending.is_some() { ", a change waits for a signature" } else { "" };
    page.line(format!("  {}  {}{waits}, with {}", row.id.short(), row.state, row.parties.join(", ")));
    let signed = row.signed_on.map(|at| format!("signed on {}", at.date()));
    let named = row.called.as_ref().map(|_| format!("signed under the name {}", row.name.reveal()));
    let words = [row.kind.reveal().clone()].into_iter().chain(signed);
    let words: Vec<String> =
        words.chain(row.ends.iter().map(|end| end.reveal().clone())).chain(named).filter(|w| !w.is_empty()).collect();
    page.line(format!("          {}", words.join("; ")));
}

/// What is on record, a label and a value each.
fn facts(id: PersonId, f: &PersonFields) -> Vec<(&'static str, String)> {
    let all = [
        ("person", id.to_string()),
        ("name", f.name.reveal().clone()),
        ("other names", texts(&f.other_names)),
        ("born", f.birth_date.reveal().clone()),
        ("telephone", texts(&f.phones)),
        ("address", f.address.reveal().clone()),
        ("contact", f.contact.reveal().clone()),
        ("language", f.language.reveal().clone()),
        ("note", f.note.reveal().clone()),
        ("died", f.died.reveal().clone()),
    ];
    all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

impl Show for MergePreview {
    fn show(&self, page: &mut Page) {
        for (head, side) in [("Shown from then on:", &self.keep), ("The other record:", &self.other)] {
            page.gap().line(head).fields(&facts(side.id, &side.fields));
            page.line(format!("consents {}, referrals {}", side.consents, side.referrals));
            if side.held {
                page.line("A hold stands: it stands for both.");
            }
        }
        let same = if self.alike.is_empty() { "nothing".to_owned() } else { self.alike.join(", ") };
        page.gap().line(format!("The same in both: {same}"));
        for warning in &self.warnings {
            page.line(format!("Look twice: {warning}"));
        }
        for bind in &self.binds {
            page.line(format!("For good: {bind}"));
        }
    }
}

impl Show for PersonsView {
    fn show(&self, page: &mut Page) {
        let rows: Vec<Vec<String>> = self
            .persons
            .iter()
            .map(|p| {
                let name = match (p.name.reveal().as_str(), p.note.reveal().as_str()) {
                    ("", "") => "(no name given)".to_owned(),
                    ("", note) => format!("(no name given: {note})"),
                    (name, _) => name.to_owned(),
                };
                vec![p.id.short(), name, p.birth_date.reveal().clone()]
            })
            .collect();
        page.table(&["ID", "NAME", "BORN"], &rows, "Nobody in the records yet: belay person add.");
    }
}
