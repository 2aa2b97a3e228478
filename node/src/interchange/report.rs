//! What came of an import.

use belay_protocol::directory::{Incoming, Kind, Listing};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Whether a row was kept in spite of what was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Kept, as mended or as it was.
    Kept,
    /// Left out.
    Dropped,
}

/// One thing found in one row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RowIssue {
    pub file: String,
    /// As a spreadsheet numbers records: the header is 1. 0 speaks of the whole file. In JSON the number of the object.
    pub row: usize,
    /// Empty where it is about the row.
    pub column: String,
    pub reason: String,
    pub severity: Severity,
}

/// Rows of one file or JSON table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub file: String,
    /// The HSDS table, or `sheet`.
    pub table: String,
    pub read: usize,
    pub kept: usize,
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// Such as `HSDS 1.1 CSV`.
    pub format: String,
    /// The name of the set: listings keep their ids and documents under it.
    pub set: String,
    pub listings: Vec<Listing>,
    pub tables: Vec<Tally>,
    pub issues: Vec<RowIssue>,
}

/// How many listings of which kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Without stubs.
    pub organizations: usize,
    pub services: usize,
    pub locations: usize,
    pub programs: usize,
    /// Parents that the file named but did not hold.
    pub stubs: usize,
    pub services_under_stubs: usize,
    pub locations_under_stubs: usize,
}

/// The report without the listings themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub format: String,
    pub set: String,
    pub counts: Counts,
    pub tables: Vec<Tally>,
    pub kept_with_issue: usize,
    pub dropped: usize,
    /// How often each reason was met, by file and column.
    pub summary: BTreeMap<String, usize>,
    pub issues: Vec<RowIssue>,
}

impl Import {
    #[must_use]
    pub fn counts(&self) -> Counts {
        let stubs: BTreeSet<_> = self.listings.iter().filter(|l| l.is_stub()).map(|l| l.id).collect();
        let mut counts = Counts { stubs: stubs.len(), ..Counts::default() };
        for listing in self.listings.iter().filter(|listing| !listing.is_stub()) {
            let under_stub = usize::from(listing.organization().is_some_and(|id| stubs.contains(&id)));
            match listing.kind {
                Kind::Organization => counts.organizations += 1,
                Kind::Program => counts.programs += 1,
                Kind::Service => {
                    counts.services += 1;
                    counts.services_under_stubs += under_stub;
                }
                Kind::Location => {
                    counts.locations += 1;
                    counts.locations_under_stubs += under_stub;
                }
            }
        }
        counts
    }

    #[must_use]
    pub fn report(&self) -> Report {
        let mut summary = BTreeMap::new();
        for issue in &self.issues {
            let column = if issue.column.is_empty() { String::new() } else { format!(", {}", issue.column) };
            *summary.entry(format!("{}{column}: {}", issue.file, general(&issue.reason))).or_insert(0) += 1;
        }
        let rows = |severity| {
            let found = self.issues.iter().filter(|issue| issue.severity == severity);
            found.map(|issue| (&issue.file, issue.row)).collect::<BTreeSet<_>>().len()
        };
        Report {
            format: self.format.clone(),
            set: self.set.clone(),
            counts: self.counts(),
            tables: self.tables.clone(),
            kept_with_issue: rows(Severity::Kept),
            dropped: rows(Severity::Dropped),
            summary,
            issues: self.issues.clone(),
        }
    }

    /// For [`belay_protocol::directory::plan`].
    #[must_use]
    pub fn incoming(&self) -> Incoming {
        Incoming { set: self.set.clone(), listings: self.listings.clone() }
    }
}

/// A reason without the value that it quotes.
fn general(reason: &str) -> String {
    let mut quoted = false;
    let kept = reason.chars().filter(|c| {
        quoted ^= *c == '"';
        !quoted || *c == '"'
    });
    kept.collect::<String>().replace("\"\"", "…")
}

/// Where rows come from and issues go.
#[derive(Debug, Default)]
pub(super) struct Log {
    pub issues: Vec<RowIssue>,
}

impl Log {
    pub fn kept(&mut self, file: &str, row: usize, column: &str, reason: impl Into<String>) {
        self.add(file, row, column, reason.into(), Severity::Kept);
    }

    pub fn dropped(&mut self, file: &str, row: usize, column: &str, reason: impl Into<String>) {
        self.add(file, row, column, reason.into(), Severity::Dropped);
    }

    fn add(&mut self, file: &str, row: usize, column: &str, reason: String, severity: Severity) {
        self.issues.push(RowIssue { file: file.to_owned(), row, column: column.to_owned(), reason, severity });
    }
}
