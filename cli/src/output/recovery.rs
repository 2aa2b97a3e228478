//! Views of backups and of an organisation that came back, for people.

use super::{Page, Show, counted, when};
use belay_node::api::views::{
    BackupCheckView, BackupMadeView, RecordsView, RecoverView, RecoveringView, RestView, RestoredView,
};
use belay_protocol::time::Time;

/// What is not here, whoever was reached.
fn came(newest: Time) -> String {
    format!(
        "The newest record that came is of {}. What was written on the lost machine after that is not here.",
        when(newest)
    )
}

/// What to do in the new folder.
const fn next(staff: usize) -> &'static str {
    match staff {
        0 => "Next: belay run. Nobody can sign in yet: belay user add NAME --role \"privacy officer\"",
        _ => "Next: belay run. Staff sign in with the names and secrets that they had.",
    }
}

fn known(made: Option<Time>) -> String {
    made.map_or_else(|| "not told".to_owned(), when)
}

impl Show for BackupMadeView {
    fn show(&self, page: &mut Page) {
        page.line(format!("{}: {} bytes, the store as it was on {}.", self.file, self.bytes, when(self.made)));
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
                ("made", known(self.made)),
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
            ("as of", known(self.made)),
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
            (
                "coalition",
                format!("{}, {}", self.coalition.name, super::coalition::organisations(self.coalition.organisations)),
            ),
            ("its words", self.coalition.words.clone()),
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
        for missing in &self.missing {
            page.line(format!("missing: {missing}"));
        }
        if let Some(newest) = self.newest {
            page.line(came(newest));
        }
        page.line("Referrals whose consent has ended are not here: nobody passes them on. Copies for emergencies still lie where they were placed;");
        page.line("belay emergency list also shows those of which the record is lost, and what was opened.");
        page.gap().line("Telephone a partner, not the one whose address you typed, and compare the words of the coalition with those that");
        page.line("belay status shows there. If they differ, stop: that address led you into a coalition that somebody made up.");
        page.gap().line(next(self.staff));
    }
}

impl Show for RecordsView {
    fn show(&self, page: &mut Page) {
        let file = self.file.as_deref().unwrap_or("FILE");
        page.line(format!(
            "{file}: {} packages of {}'s own records, as they were left here.",
            self.packages, self.of_name
        ));
        page.gap()
            .line("Only that organisation's recovery phrase opens them. Hand it to nobody else all the same. There:");
        page.line(format!("    belay recover --at ADDRESS --bundle {file}"));
        page.line(format!("or, where it has come back already, belay recover --rest --bundle {file}"));
    }
}

impl Show for RecoveringView {
    fn show(&self, page: &mut Page) {
        if !self.still_to_hear.is_empty() {
            let since = self.since.map_or_else(String::new, |since| format!(", since {}", when(since)));
            page.line(format!("recovering: still to hear from {}{since}", self.still_to_hear.join(", ")));
            page.line("    belay recover --without ORG, for one that will not come");
        }
        if self.sealed > 0 {
            page.line(format!("recovering: {} of own records here, sealed", counted(self.sealed, "package")));
            page.line("    belay recover --rest");
        }
        if self.still_to_hear.is_empty() && self.sealed == 0 {
            page.line("Nothing of the recovery is still to come.");
        }
    }
}

impl Show for RestView {
    fn show(&self, page: &mut Page) {
        page.line(format!("{} packages of own records were opened.", self.packages - self.spoilt));
        if self.spoilt > 0 {
            page.line(format!("{} did not open, or are of other records than those that are here.", self.spoilt));
        }
        page.fields(&[(
            "now here",
            format!(
                "{} staff, {} persons, {} consents, {} disclosures, {} looks on record",
                self.staff, self.persons, self.consents, self.disclosures, self.audits
            ),
        )]);
        if let Some(newest) = self.newest {
            page.line(came(newest));
        }
        if !self.still_to_hear.is_empty() {
            page.line(format!(
                "Still to hear from: {}. They are asked when they are on line.",
                self.still_to_hear.join(", ")
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_no_staff_came_back_nobody_is_told_to_sign_in() {
        assert!(next(0).contains("belay user add"));
        assert!(next(1).contains("that they had"));
    }
}
