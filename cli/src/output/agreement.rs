//! Agreements, for people.

use super::{Page, Show, day, word};
use belay_node::api::agreements::{AgreementView, AgreementsView, VersionView};
use belay_protocol::agreement::{Intake, Side};
use belay_protocol::ids::TermsHash;
use belay_protocol::time::Local;

fn lines(label: &str, values: &[String], page: &mut Page) {
    for value in values {
        page.line(format!("    {label}: {value}"));
    }
}

fn intake(name: &str, intake: &Intake, page: &mut Page) {
    page.line(format!("  Referrals to {name}"));
    lines("takes", &intake.inclusion, page);
    lines("does not take", &intake.exclusion, page);
    for needed in &intake.needed {
        let form = needed
            .form
            .as_ref()
            .map_or_else(String::new, |form| format!(" (form: {}, {})", form.file, form.sha256.short()));
        page.line(format!("    must come along: {}{form}", needed.name));
    }
    let h = &intake.hours;
    page.line(format!("    seen within {} hours, {} where it is urgent", h.acknowledge, h.acknowledge_urgent));
    page.line(format!(
        "    first appointment within {} hours, {} where it is urgent",
        h.appointment, h.appointment_urgent
    ));
    page.line(format!("    discharge summary within {} hours", h.summary));
    for late in &intake.late {
        let step = word(&late.step).replace('_', " ");
        page.line(format!("    when {} is late: {step} {} {}", word(&late.deadline), late.who, late.telephone));
    }
}

fn side(side: &Side, page: &mut Page) {
    for contact in &side.contacts {
        let champion = if contact.champion { ", champion" } else { "" };
        let role = if contact.role.is_empty() { String::new() } else { format!(", {}", contact.role) };
        page.line(format!("  Phone {}: {} {}{role}{champion}", side.name, contact.name, contact.telephone));
    }
    if let Some(taken) = &side.intake {
        intake(&side.name, taken, page);
    }
}

fn version(version: &VersionView, page: &mut Page) {
    let terms = &version.terms;
    let until =
        terms.until.map_or_else(|| "until it is ended".to_owned(), |until| format!("to {}", until.until_words()));
    page.line(format!("Version {}, {}: from {} {until}", terms.version, version.standing, terms.from.from_words()));
    terms.sides.iter().for_each(|one| side(one, page));
    if let Some(tie) = &terms.tie {
        let names = terms.sides.iter().find(|side| side.org == tie.program).map_or("", |side| side.name.as_str());
        let kinds = tie.information.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ");
        page.line(format!("  No consent is needed between the two: {} ({})", tie.kind.words(), tie.kind.clause()));
        page.line(format!("    the program is {names}; {}", tie.services));
        page.line(format!("    what may be told: {kinds}"));
        page.line(format!("    {}", tie.statement));
    }
    if !terms.note.is_empty() {
        page.line(format!("  {}", terms.note));
    }
    for signature in &version.signatures {
        page.line(format!("  Signed for {} by {} on {}", signature.name, signature.by, day(signature.at)));
    }
    for form in &version.forms_missing {
        page.line(format!("  The form {} has not arrived yet", form.short()));
    }
}

/// The terms that wait for a signature, as text.
pub fn terms(view: &AgreementView, hash: TermsHash) -> String {
    let mut page = Page::default();
    view.versions.iter().filter(|v| v.hash == hash).for_each(|v| version(v, &mut page));
    page.into_text()
}

impl Show for AgreementView {
    fn show(&self, page: &mut Page) {
        page.fields(&[
            ("agreement", self.id.to_string()),
            ("with", self.other_name.clone()),
            ("state", self.state.clone()),
            ("read by", self.readers.clone()),
        ]);
        if let Some(end) = &self.ended {
            let (by, name, on) = (&end.by, &end.name, day(end.at));
            page.line(format!("Ended up to version {} by {by} for {name} on {on}: {}", end.through, end.reason));
        }
        for one in &self.versions {
            page.gap();
            version(one, page);
        }
    }
}

impl Show for AgreementsView {
    fn show(&self, page: &mut Page) {
        let row = |a: &belay_node::api::agreements::AgreementRow| {
            vec![
                a.id.short(),
                a.other_name.clone(),
                a.state.clone(),
                a.until.map(Local::until_words).unwrap_or_default(),
            ]
        };
        let rows: Vec<Vec<String>> = self.agreements.iter().map(row).collect();
        page.table(&["ID", "WITH", "STATE", "TO"], &rows, "No agreements: belay agreement draft --with ORG.");
    }
}
