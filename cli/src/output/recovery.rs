//! Views of backups and of an organisation that came back, for people.

use super::{Page, Show};
use belay_node::api::views::{BackupCheckView, BackupMadeView, RecoverView, RestoredView};
use belay_protocol::time::Time;

fn when(made: Option<Time>) -> String {
    made.map_or_else(|| "not told".to_owned(), |made| made.to_string())
}

impl Show for BackupMadeView {
    fn show(&self, page: &mut Page) {
        page.line(format!("{}: {} bytes, the store as it was on {}.", self.file, self.bytes, self.made));
        page.gap().line(format!(
            "It opens with the passphrase alone. Check it where it will lie: belay backup verify {}",
            self.file
        ));
    }
}

impl Show for BackupCheckView {
    fn show(&self, page: &mut Page) {
        if self.wrong.is_empty() {
            page.line(format!("{} is whole: {} entries, each as it was signed.", self.file, self.entries));
            page.fields(&[
                ("organisation", self.organisation.clone().unwrap_or_default()),
                ("node", self.node.map(|node| node.to_string()).unwrap_or_default()),
                ("made", when(self.made)),
            ]);
        }
        for wrong in &self.wrong {
            page.line(format!("error: {wrong}"));
        }
    }
}

impl Show for RestoredView {
    fn show(&self, page: &mut Page) {
        page.fields(&[
            ("organisation", self.organisation.clone()),
            ("node", self.node.to_string()),
            ("as of", when(self.made)),
            ("entries", self.entries.to_string()),
            ("data", self.data.clone()),
        ]);
        page.gap().line("Next: belay run. Partners bring what this copy missed. If the machine it was made on still runs, stop it for good:");
        page.line("two that run under one name take each other's links, and belay status says folder-copied.");
    }
}

impl Show for RecoverView {
    fn show(&self, page: &mut Page) {
        page.line(format!("{} is back.", self.organisation.name));
        page.fields(&[
            ("coalition", format!("{}, {} organisations", self.coalition.name, self.coalition.organisations)),
            ("fingerprint", self.fingerprint.clone()),
            ("node", self.node.to_string()),
            ("data", self.data.clone()),
            (
                "came back",
                format!(
                    "{} staff, {} persons, {} consents, {} disclosures, {} looks on record, {} threads",
                    self.staff, self.persons, self.consents, self.disclosures, self.audits, self.threads
                ),
            ),
            ("shut out", self.retired.iter().map(|node| node.short()).collect::<Vec<_>>().join(", ")),
        ]);
        page.gap();
        let rows: Vec<Vec<String>> = self
            .partners
            .iter()
            .map(|p| {
                let reached = if p.reached { "reached" } else { "away" };
                vec![p.name.clone(), reached.to_owned(), p.packages.to_string()]
            })
            .collect();
        page.table(&["PARTNER", "LINK", "KEPT FOR US"], &rows, "No partner.");
        page.gap();
        if self.missing.is_empty() {
            page.line("Nothing is missing.");
        }
        for missing in &self.missing {
            page.line(format!("missing: {missing}"));
        }
        page.gap().line("Next: belay run. Staff sign in with the names and secrets that they had.");
    }
}
