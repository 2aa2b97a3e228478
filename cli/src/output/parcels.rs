//! Bundles and carriers, for people.

use super::{Page, Show, day, when};
use belay_node::api::parcels::{BundleView, CarriersView, ImportedView};

fn size(bytes: u64) -> String {
    format!("{} KB", bytes.div_ceil(1024))
}

impl Show for BundleView {
    fn show(&self, page: &mut Page) {
        let what = format!("{} entries and {} registers in {} parcels", self.entries, self.registers, self.parcels);
        page.line(format!("For {}: {what}.", self.to_name));
        if self.parcels == 0 {
            page.line("There is nothing that it has not acknowledged; --all writes everything again.");
        }
        if self.more {
            page.line("Not everything fitted. When a bundle has come back from there, write another for the rest.");
        }
    }
}

impl Show for ImportedView {
    fn show(&self, page: &mut Page) {
        if !self.from.is_empty() {
            page.line(format!("From {}: {} parcels are here now.", self.from.join(", "), self.taken));
        }
        if self.known > 0 {
            page.line(format!("{} parcels had been taken before.", self.known));
        }
        if self.waiting > 0 {
            page.line(format!("{} parcels wait for what an earlier bundle, or a link, brings.", self.waiting));
        }
        if *self == Self::default() {
            page.line("There is nothing in it.");
        }
    }
}

impl Show for CarriersView {
    fn show(&self, page: &mut Page) {
        match self.offering {
            Some(bytes) => page.line(format!("This node carries for others, {} for each.", size(bytes))),
            None => page.line("This node does not carry for others (belay carrier offer)."),
        };
        let rows: Vec<Vec<String>> = self
            .carriers
            .iter()
            .map(|row| {
                let ours = if row.ours { "this node" } else { "" };
                vec![row.name.clone(), row.node.short(), size(row.bytes), ours.to_owned()]
            })
            .collect();
        page.gap().table(&["CARRIER", "NODE", "FOR EACH", ""], &rows, "Nobody offers to carry.");
        let rows: Vec<Vec<String>> = self
            .carried
            .iter()
            .map(|row| {
                let (from, to) = (row.from_name.clone(), row.to_name.clone());
                vec![from, to, when(row.at), day(row.expires), size(u64::from(row.bytes))]
            })
            .collect();
        page.gap().table(&["HERE FROM", "FOR", "SINCE", "UNTIL", "SIZE"], &rows, "Nothing lies here for others.");
        let rows: Vec<Vec<String>> = self
            .left
            .iter()
            .map(|row| {
                let with = if row.with.is_empty() { "nobody yet".to_owned() } else { row.with.join(", ") };
                vec![row.to_name.clone(), with, when(row.made), day(row.expires), size(u64::from(row.bytes))]
            })
            .collect();
        let none = "Nothing of ours lies with a carrier.";
        page.gap().table(&["OURS FOR", "WITH", "SINCE", "UNTIL", "SIZE"], &rows, none);
        if !self.waiting.is_empty() {
            page.gap().line(format!("Waiting here, and with no carrier: what is for {}.", self.waiting.join(", ")));
        }
    }
}
