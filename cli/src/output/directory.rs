//! Views of the directory, for people.

use super::{Page, Show, when};
use belay_node::api::views::{ImportView, ListingView, SearchView, Severity};

/// Issues shown before the rest is only counted; `--json` has them all.
const ISSUES: usize = 40;

impl Show for ImportView {
    fn show(&self, page: &mut Page) {
        let counts = &self.counts;
        page.fields(&[
            ("format", self.format.clone()),
            ("organizations", counts.organizations.to_string()),
            ("services", format!("{} ({} under a stub parent)", counts.services, counts.services_under_stubs)),
            ("locations", format!("{} ({} under a stub parent)", counts.locations, counts.locations_under_stubs)),
            ("programs", counts.programs.to_string()),
            ("listings", format!("{} added, {} changed, {} as they were", self.added, self.changed, self.unchanged)),
            ("rows left out", self.dropped.to_string()),
        ]);
        if self.kept_edits > 0 {
            page.line(format!("{} fields that staff changed were left as they are.", self.kept_edits));
        }
        if self.absent > 0 {
            page.line(format!("{} listings that the data hold no more were left as they are.", self.absent));
        }
        if self.issues.is_empty() {
            return;
        }
        page.gap();
        let rows: Vec<Vec<String>> = self
            .issues
            .iter()
            .take(ISSUES)
            .map(|i| {
                let was = if i.severity == Severity::Dropped { "left out" } else { "kept" };
                vec![i.file.clone(), i.row.to_string(), i.column.clone(), was.to_owned(), i.reason.clone()]
            })
            .collect();
        page.table(&["FILE", "ROW", "COLUMN", "ROW WAS", "REASON"], &rows, "");
        if self.issues.len() > ISSUES {
            page.line(format!("and {} more; --json has them all", self.issues.len() - ISSUES));
        }
    }
}

impl Show for SearchView {
    fn show(&self, page: &mut Page) {
        let rows: Vec<Vec<String>> = self
            .listings
            .iter()
            .map(|l| {
                vec![
                    l.kind.clone(),
                    l.name.clone(),
                    l.offered_by.clone(),
                    l.kilometres.map(|k| format!("{k:.1} km")).unwrap_or_default(),
                    l.openings.as_ref().map(|o| o.openings.to_string()).unwrap_or_default(),
                    l.organisation.clone(),
                    l.id.clone(),
                ]
            })
            .collect();
        page.table(&["KIND", "NAME", "OFFERED BY", "FROM", "OPENINGS", "KEPT BY", "ID"], &rows, "Nothing fits.");
        if self.total > self.listings.len() as u64 {
            let least = if self.more { "at least " } else { "" };
            let shown = self.listings.len();
            page.line(format!("{shown} of {least}{} that fit; more with --limit and --skip", self.total));
        }
    }
}

impl Show for ListingView {
    fn show(&self, page: &mut Page) {
        page.fields(&[
            ("listing", self.id.clone()),
            ("kind", self.kind.clone()),
            ("name", self.name.clone()),
            ("kept by", self.organisation.clone()),
        ]);
        if let Some(openings) = &self.openings {
            let note = openings.note.as_deref().map(|n| format!(" ({n})")).unwrap_or_default();
            page.fields(&[("openings", format!("{} on {}{note}", openings.openings, when(openings.published)))]);
        }
        let fields: Vec<(&str, &str)> = self.fields.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        page.gap().fields(&fields);
    }
}
