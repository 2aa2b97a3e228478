//! What the demo says at the end.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The summary: what `--json` prints.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Report {
    /// Which one was played.
    pub story: String,
    pub organisations: Vec<Organisation>,
    /// Listings that each node finds.
    pub listings: u64,
    pub checks: Vec<Check>,
    /// Milliseconds and bytes, by name.
    pub figures: BTreeMap<String, u64>,
}

/// One organisation and how to sign in to it. The secrets are the demo's own and worth nothing elsewhere.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Organisation {
    pub name: String,
    pub id: String,
    pub data: String,
    pub listen: Vec<String>,
    pub http: Option<String>,
    pub user: String,
    pub secret: String,
}

/// Something that has to hold, found out by the reader outside the nodes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Check {
    pub name: String,
    pub ok: bool,
    pub detail: String,
}

impl Report {
    /// Notes a check; what fails is shown at once.
    pub fn check(&mut self, name: &str, ok: bool, detail: impl Into<String>) {
        let check = Check { name: name.to_owned(), ok, detail: detail.into() };
        super::say(&format!("{} {}: {}", if ok { "  holds " } else { "  BROKEN" }, check.name, check.detail));
        self.checks.push(check);
    }

    pub fn figure(&mut self, name: &str, value: u64) {
        self.figures.insert(name.to_owned(), value);
    }

    /// Whether each check holds, and there are any.
    #[must_use]
    pub fn holds(&self) -> bool {
        !self.checks.is_empty() && self.checks.iter().all(|c| c.ok)
    }
}
