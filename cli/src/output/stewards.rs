//! Views of charters, proposals and approvals, for people.

use super::{Page, Show};
use belay_node::api::stewards::{CharterView, ProposalView, RemovalView, StewardsView};

impl Show for StewardsView {
    fn show(&self, page: &mut Page) {
        page.line(format!(
            "Charter {}: {} of {} stewards remove an organisation, {} adopt the next charter. Each of them admits.",
            self.number,
            self.threshold,
            self.stewards.len(),
            self.majority
        ));
        let rows: Vec<Vec<String>> =
            self.stewards.iter().map(|s| vec![s.name.clone(), s.id.short(), s.state.clone()]).collect();
        page.table(&["STEWARD", "ID", "STATE"], &rows, "No steward.");
        if let Some(advice) = &self.advice {
            page.gap().line(advice).line("    belay steward propose --add ORG --add ORG");
        }
        if !self.double_signers.is_empty() {
            page.gap().line(format!("Approved two charters of one number: {}", self.double_signers.join(", ")));
        }
        if self.proposals.is_empty() {
            return;
        }
        let rows: Vec<Vec<String>> = self.proposals.iter().map(row).collect();
        page.gap().table(&["PROPOSAL", "WHAT", "BY", "APPROVED", "STATE"], &rows, "");
        if let Some(proposal) = self.proposals.iter().find(|proposal| proposal.yours) {
            page.gap().line(format!("Next: belay steward approve {}", proposal.id.short()));
        }
    }
}

fn row(proposal: &ProposalView) -> Vec<String> {
    vec![
        proposal.id.short(),
        what(proposal),
        proposal.by.clone(),
        count(proposal),
        if proposal.yours { "waits for you".to_owned() } else { proposal.state.clone() },
    ]
}

fn count(proposal: &ProposalView) -> String {
    match proposal.state.as_str() {
        "open" | "stuck" => format!("{} of {}", proposal.approved.len(), proposal.needed),
        _ => proposal.approved.len().to_string(),
    }
}

fn what(proposal: &ProposalView) -> String {
    match (&proposal.charter, &proposal.removal) {
        (Some(charter), _) => {
            format!("charter {}: {}; {} remove", charter.number, charter.stewards.join(", "), charter.threshold)
        }
        (None, Some(org)) => format!("remove {}", org.name),
        (None, None) => String::new(),
    }
}

impl Show for CharterView {
    fn show(&self, page: &mut Page) {
        page.fields(&[
            ("charter", self.number.to_string()),
            ("stewards", self.stewards.join("\n")),
            ("remove an organisation", format!("{} of them", self.threshold)),
            ("adopt the next charter", format!("{} of them", self.majority)),
        ]);
    }
}

impl Show for ProposalView {
    fn show(&self, page: &mut Page) {
        page.fields(&[("proposal", self.id.short()), ("by", self.by.clone())]);
        if let Some(charter) = &self.charter {
            charter.show(page);
        }
        if let Some(org) = &self.removal {
            page.fields(&[("remove", format!("{} ({})", org.name, org.id.short()))]);
        }
        page.fields(&[("approved", self.approved.join("\n"))]);
        let more = self.needed.saturating_sub(self.approved.len());
        match self.state.as_str() {
            "open" if more == 1 => page.gap().line("One more approval is needed."),
            "open" => page.gap().line(format!("{more} more approvals are needed.")),
            "done" if self.charter.is_some() => page.gap().line("In force."),
            "done" => page.gap().line("Removed."),
            "stuck" => page.gap().line("It names a steward that is in the coalition no more: propose another."),
            _ => page.gap().line("Another charter has come before it."),
        };
    }
}

impl Show for RemovalView {
    fn show(&self, page: &mut Page) {
        if self.removed {
            page.line(format!("Removed {}.", self.name));
            return;
        }
        page.line(format!("Proposed to the other stewards: to remove {}.", self.name));
        if let Some(proposal) = &self.proposal {
            let more = proposal.needed.saturating_sub(proposal.approved.len());
            page.line(format!(
                "It happens by itself once {more} more approve. There: belay steward approve {}",
                proposal.id.short()
            ));
        }
    }
}
