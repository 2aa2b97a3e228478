//! Views of the node and its coalition, for people.

use super::{Nothing, Page, Show, when};
use belay_node::api::views::{
    ApprovedView, BackupRow, ConditionView, DoctorView, FoundView, InitView, InviteView, InvitesView, JoinView,
    NodeAddView, NodeRetiredView, NodesView, OrgRow, OrgView, OrgsView, Path, PeerView, PeersView, PhraseView,
    SecondView, Standing, StatusView, UnderWayRow, UserView, UsersView, WaitingView,
};

/// How a standing reads.
pub const fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Alone => "in no coalition",
        Standing::Waiting => "waiting for a steward's approval",
        Standing::Member => "member",
        Standing::Steward => "steward",
        Standing::Removed => "removed",
    }
}

pub use belay_node::api::word;

impl Show for Nothing {
    fn show(&self, page: &mut Page) {
        page.line("Done.");
    }
}

impl Show for InitView {
    fn show(&self, page: &mut Page) {
        page.fields(&[
            ("organisation", self.organisation.name.clone()),
            ("kind", word(&self.organisation.kind)),
            ("id", self.organisation.id.to_string()),
            ("fingerprint", self.fingerprint.clone()),
            ("node", self.node.to_string()),
            ("data", self.data.clone()),
        ]);
        if let Some(file) = &self.phrase_file {
            page.gap().line(format!("The recovery phrase is in {file}. Copy it onto paper, check it with"));
            page.line(format!("    belay phrase check --phrase-file {file}"));
            page.line("while the node runs, and destroy the file. Who has the phrase is this organisation.");
        }
        page.gap().line("Next: belay run, and in another terminal belay found NAME or belay join.");
    }
}

fn conditions(page: &mut Page, conditions: &[ConditionView]) {
    for condition in conditions {
        page.line(format!("{}: {} [{}]", condition.severity, condition.sentence, condition.code));
        if let Some(next) = &condition.next {
            page.line(format!("    {next}"));
        }
    }
}

/// Who keeps this organisation's own records: how much of them, when it last said so, and what becomes of the rest.
fn kept(backups: &[BackupRow]) -> String {
    let row = |b: &BackupRow| {
        let newest = if b.behind == 1 { "the newest".to_owned() } else { format!("the {} newest", b.behind) };
        let rest = match (b.behind, b.full) {
            (0, _) => "all of this organisation's records".to_owned(),
            (_, true) => format!("all but {newest}, and has no room for more"),
            (_, false) if b.fresh => format!("all but {newest}, which it gets soon"),
            (_, false) => format!("all but {newest}, and was not heard since"),
        };
        format!("{}: {rest} ({})", b.name, when(b.at))
    };
    if backups.is_empty() {
        "no partner yet".to_owned()
    } else {
        backups.iter().map(row).collect::<Vec<_>>().join("\n")
    }
}

/// What of ours has not come over a link, in counts.
fn under_way(rows: &[UnderWayRow]) -> String {
    let row = |row: &UnderWayRow| {
        let now = format!("{}: {} waiting here, {} with carriers", row.name, row.waiting, row.with_carriers);
        if row.came == 0 { now } else { format!("{now}; {} came by carriers or file", row.came) }
    };
    if rows.is_empty() { "nothing".to_owned() } else { rows.iter().map(row).collect::<Vec<_>>().join("\n") }
}

/// So many of them, in words that fit one.
pub(super) fn organisations(many: usize) -> String {
    if many == 1 { "1 organisation".to_owned() } else { format!("{many} organisations") }
}

impl Show for StatusView {
    fn show(&self, page: &mut Page) {
        // Who waits to be let into another than the one that it was in waits for nothing of that.
        let coalition = self.coalition.as_ref().filter(|_| self.standing != Standing::Waiting).map_or_else(
            || standing(self.standing).to_owned(),
            |c| format!("{} ({}), {}\n{}", c.name, standing(self.standing), organisations(c.organisations), c.words),
        );
        // Who waits reads the words of the join to a steward, not those of its own root key.
        let words = match &self.joining {
            Some(words) => ("six words", words.clone()),
            None => ("fingerprint", self.fingerprint.clone()),
        };
        page.fields(&[
            ("organisation", format!("{} ({})", self.organisation.name, word(&self.organisation.kind))),
            ("id", self.organisation.id.to_string()),
            words,
            ("node", self.node.to_string()),
            ("coalition", coalition),
            ("listens on", self.listen.join("\n")),
            ("reachable", reachable(self)),
            ("web pages", self.http.clone().unwrap_or_else(|| "off (belay run --http 127.0.0.1:0)".to_owned())),
            ("connected", connected(self.peers, self.partners)),
            ("kept by", kept(&self.backups)),
            ("under way", under_way(&self.under_way)),
            (
                "holds",
                format!(
                    "{} spaces, {} entries ({} waiting), {} listings",
                    self.counts.spaces, self.counts.entries, self.counts.waiting_entries, self.counts.listings
                ),
            ),
        ]);
        if let Some(recovering) = &self.recovering {
            page.gap();
            recovering.show(page);
        }
        if !self.conditions.is_empty() {
            page.gap();
            conditions(page, &self.conditions);
        }
    }
}

/// How many nodes are linked, and of how many other organisations.
fn connected(nodes: usize, partners: usize) -> String {
    match (nodes, partners) {
        (0, _) => "no other node".to_owned(),
        (1, 1) => "a node of 1 other organisation".to_owned(),
        (1, 0) => "another machine of this organisation".to_owned(),
        (nodes, 0) => format!("{nodes} other machines of this organisation"),
        (nodes, 1) => format!("{nodes} nodes, of 1 other organisation"),
        (nodes, partners) => format!("{nodes} nodes, of {partners} other organisations"),
    }
}

fn reachable(status: &StatusView) -> String {
    match (status.reachable, status.relays.len()) {
        (true, _) if status.confirmed.is_empty() => "by its address; nobody outside has come to it yet".to_owned(),
        (true, _) => format!("from outside, at {}", status.confirmed.join("\n")),
        (false, 0) => "not from outside this network".to_owned(),
        (false, count) => format!("from outside through {count} members' nodes that relay (belay peers)"),
    }
}

impl Show for DoctorView {
    fn show(&self, page: &mut Page) {
        if self.rebuilt {
            page.line("All tables were made again from the entries.");
        }
        if self.conditions.is_empty() {
            page.line("Nothing is wrong.");
        } else {
            conditions(page, &self.conditions);
        }
    }
}

/// How the link to a peer runs, with the organisation whose node relays it.
fn way(peers: &[PeerView], path: Option<Path>) -> String {
    match path {
        None => String::new(),
        Some(Path::Quic) => "QUIC".to_owned(),
        Some(Path::Tcp) => "TCP".to_owned(),
        Some(Path::Punched) => "direct, hole punched".to_owned(),
        Some(Path::Relayed { by }) => {
            let relay = peers.iter().find(|peer| peer.node == by).and_then(|peer| peer.name.clone());
            format!("relayed by {}", relay.unwrap_or_else(|| by.short()))
        }
    }
}

impl Show for PeersView {
    fn show(&self, page: &mut Page) {
        let rows: Vec<Vec<String>> = self
            .peers
            .iter()
            .map(|p| {
                vec![
                    p.name.clone().unwrap_or_default(),
                    p.node.short(),
                    if p.connected { "connected" } else { "away" }.to_owned(),
                    way(&self.peers, p.path),
                    p.addresses.join(" "),
                ]
            })
            .collect();
        page.table(&["ORGANISATION", "NODE", "STATE", "BY", "ADDRESSES"], &rows, "No other node is known.");
    }
}

impl Show for PhraseView {
    fn show(&self, page: &mut Page) {
        page.line(if self.checked { "These are the right words." } else { "Not checked." });
    }
}

impl Show for SecondView {
    fn show(&self, page: &mut Page) {
        page.fields(&[
            ("organisation", self.organisation.name.clone()),
            ("fingerprint", self.fingerprint.clone()),
            ("coalition", format!("{}, {}", self.coalition.name, organisations(self.coalition.organisations))),
            ("its words", self.coalition.words.clone()),
            ("node", self.node.to_string()),
            ("data", self.data.clone()),
        ]);
        page.gap().line("Next: belay run. What the organisation has comes while the first machine runs too; then both show the same.");
        page.line(
            "Are these words the ones that belay status shows on the first machine? If not, stop, and ask a steward.",
        );
    }
}

impl Show for NodeAddView {
    fn show(&self, page: &mut Page) {
        page.line(format!("On the second machine of {}, with the recovery phrase at hand:", self.organisation.name))
            .gap();
        let at: Vec<String> = self.addresses.iter().map(|address| format!("--at {address}")).collect();
        page.line(format!("    belay init --second {}", at.join(" \\\n        "))).line("    belay run");
        page.gap()
            .line("It asks for the 24 words and for a passphrase of its own. Nothing here is secret but the words.");
        if !self.reachable {
            page.line("These addresses can be reached from this network only: the second machine has to be in it.");
        }
    }
}

impl Show for NodesView {
    fn show(&self, page: &mut Page) {
        let rows: Vec<Vec<String>> = self
            .nodes
            .iter()
            .map(|n| {
                let link = match (n.this, n.connected) {
                    (true, _) => "this one",
                    (false, true) => "connected",
                    (false, false) => "away",
                };
                let certified = when(n.certified);
                vec![n.node.short(), n.state.clone(), link.to_owned(), certified, n.addresses.join(" ")]
            })
            .collect();
        page.table(&["NODE", "STATE", "LINK", "SINCE", "ADDRESSES"], &rows, "No node.");
    }
}

impl Show for NodeRetiredView {
    fn show(&self, page: &mut Page) {
        page.line(format!("Node {} is retired for good.", self.node.short()));
        page.line("What it wrote before stands. Each partner shuts it out from when it hears of this; belay peers shows who is connected now.");
    }
}

impl Show for FoundView {
    fn show(&self, page: &mut Page) {
        page.line(format!("Founded {}.", self.name)).fields(&[("coalition", self.space.to_string())]);
        page.gap().line("Next: belay invite --org NAME, once for each organisation to come.");
    }
}

impl Show for InviteView {
    fn show(&self, page: &mut Page) {
        if self.file.is_some() {
            page.fields(&[("invite", self.id.clone()), ("expires", when(self.expires))]);
            page.gap().line(
                "Carry the file to the newcomer and nobody else. There: belay join --file F. Its answer comes back",
            );
            page.line("here: belay org approve --file F.answer --answer WELCOME, and WELCOME goes there: belay join --file WELCOME.");
            return;
        }
        page.fields(&[
            ("invite", self.id.clone()),
            ("expires", when(self.expires)),
            ("addresses", self.addresses.join("\n")),
            ("code", self.code.clone()),
        ]);
        if !self.reachable && self.through.is_empty() {
            page.gap().line(
                "No address is reachable from outside this network, and no member's node that is linked now. The newcomer has to be",
            );
            page.line("in this network, or use a file:    belay invite --file F");
        } else if !self.reachable {
            page.gap().line(format!(
                "No address is reachable from outside this network: the newcomer is let through by {}, for as long as the",
                self.through.join(" or ")
            ));
            page.line("invite stands. They see from where it comes and when, and read nothing of it.");
        }
        page.gap()
            .line("Give the code to the newcomer and nobody else. There: belay join, which asks for it. Then here: belay org list.");
    }
}

impl Show for InvitesView {
    fn show(&self, page: &mut Page) {
        let rows: Vec<Vec<String>> = self
            .invites
            .iter()
            .map(|i| {
                let note = i.note.clone().unwrap_or_default();
                vec![i.id.clone(), i.state.clone(), when(i.expires), note, i.came.join(", ")]
            })
            .collect();
        page.table(&["INVITE", "STATE", "EXPIRES", "FOR", "CAME"], &rows, "No invites.");
    }
}

impl Show for JoinView {
    fn show(&self, page: &mut Page) {
        page.fields(&[("standing", standing(self.standing).to_owned()), ("six words", self.fingerprint.clone())]);
        if self.standing == Standing::Waiting {
            page.gap().line(
                "Read these six words to a steward by telephone. When they have approved you, belay status says so.",
            );
        }
    }
}

fn row(org: &OrgRow) -> Vec<String> {
    vec![org.id.short(), org.state.clone(), word(&org.kind), org.name.clone(), org.fingerprint.clone()]
}

const ORG_HEADS: [&str; 5] = ["ID", "STATE", "KIND", "NAME", "FINGERPRINT"];

impl Show for OrgsView {
    fn show(&self, page: &mut Page) {
        let rows: Vec<Vec<String>> = self.organisations.iter().map(row).collect();
        page.table(&ORG_HEADS, &rows, "In no coalition yet: belay found NAME, or belay join.");
        if self.organisations.iter().any(|o| o.state == "waiting") {
            page.gap()
                .line("Who waits is let in by belay org approve ID, after its six words were compared by telephone.");
        }
    }
}

impl Show for OrgView {
    fn show(&self, page: &mut Page) {
        let org = &self.organisation;
        page.fields(&[
            ("organisation", org.name.clone()),
            ("id", org.id.to_string()),
            ("kind", word(&org.kind)),
            ("state", org.state.clone()),
            ("fingerprint", org.fingerprint.clone()),
            ("nodes", self.nodes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
        ]);
    }
}

impl Show for WaitingView {
    fn show(&self, page: &mut Page) {
        page.table(&ORG_HEADS, &[row(&self.organisation)], "");
    }
}

impl Show for ApprovedView {
    fn show(&self, page: &mut Page) {
        page.line(format!("{} is a member.", self.name))
            .fields(&[("organisation", self.organisation.to_string()), ("grant", self.grant.to_string())]);
    }
}

impl Show for UserView {
    fn show(&self, page: &mut Page) {
        page.fields(&[
            ("name", self.name.clone()),
            ("full name", self.full_name.clone()),
            ("role", self.role.clone()),
            ("id", self.id.to_string()),
        ]);
        if !self.enabled {
            page.line(format!("Signs in no more; again with: belay user enable \"{}\"", self.name));
        }
    }
}

impl Show for UsersView {
    fn show(&self, page: &mut Page) {
        let rows: Vec<Vec<String>> = self
            .users
            .iter()
            .map(|u| {
                vec![
                    u.name.clone(),
                    u.full_name.clone(),
                    u.role.clone(),
                    if u.enabled { "enabled" } else { "disabled" }.to_owned(),
                    format!("{}, {}", u.written, when(u.at)),
                    u.id.short(),
                ]
            })
            .collect();
        page.table(&["NAME", "FULL NAME", "ROLE", "STATE", "BY", "ID"], &rows, "No staff yet: belay user add NAME.");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_connected_is_counted_by_organisation_and_our_own_machines_are_none() {
        assert_eq!(connected(0, 0), "no other node");
        assert_eq!(connected(1, 0), "another machine of this organisation");
        assert_eq!(connected(3, 1), "3 nodes, of 1 other organisation");
        assert_eq!(connected(5, 3), "5 nodes, of 3 other organisations");
        assert_eq!(connected(2, 0), "2 other machines of this organisation");
    }

    #[test]
    fn who_keeps_our_records_reads_as_a_sentence_whatever_is_lacking() {
        let row = |behind, full, fresh| {
            let at = belay_protocol::time::Time(1_790_000_000_000);
            let id = belay_protocol::ids::OrgId([1; 32]);
            let row = BackupRow { organisation: id, name: "Clinic".to_owned(), at, behind, fresh, full };
            let said = kept(&[row]);
            said.split_once(" (").map(|(said, _)| said.to_owned()).unwrap()
        };
        assert_eq!(row(0, false, true), "Clinic: all of this organisation's records");
        assert_eq!(row(1, false, true), "Clinic: all but the newest, which it gets soon");
        assert_eq!(row(3, true, false), "Clinic: all but the 3 newest, and has no room for more");
        assert_eq!(row(2, false, false), "Clinic: all but the 2 newest, and was not heard since");
    }
}
