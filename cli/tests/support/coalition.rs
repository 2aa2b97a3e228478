//! Coalitions of such nodes, and referrals in them.

use super::{Node, text};
use serde_json::Value;
use std::path::Path;

/// Founds a coalition at the first node, and lets the others in.
pub fn gather(nodes: &[&Node]) {
    let (founder, others) = nodes.split_first().unwrap();
    founder.json(&["found", "Cedar County Network"]);
    for other in others {
        join(founder, other);
    }
}

/// Invite, join, the same six words on both sides, approval.
pub fn join(founder: &Node, newcomer: &Node) {
    let invite = founder.json(&["invite", "--org", &newcomer.name, "--hours", "24"]);
    newcomer.json(&["join", &newcomer.words(&text(&invite["code"]))]);
    let waiting = waiting(founder, newcomer);
    let words = text(&newcomer.status()["joining"]);
    assert_eq!(words.split(' ').count(), 6, "six words: {words}");
    assert_eq!(words, text(&waiting["fingerprint"]), "both sides of a join see the same words");
    founder.json(&["org", "approve", &text(&waiting["id"]), "--yes"]);
    until_member(newcomer);
}

/// The newcomer as the inviter sees it, once it has come.
pub fn waiting(founder: &Node, newcomer: &Node) -> Value {
    founder.until(&["org", "list"], "the newcomer's claim", |view| {
        let rows = view["organisations"].as_array()?;
        rows.iter().find(|o| o["state"] == "waiting" && o["name"] == newcomer.name.as_str()).cloned()
    })
}

pub fn until_member(node: &Node) {
    node.until(&["status"], "its membership", |s| (s["standing"] == "member").then_some(()));
}

/// What a status says under the code of a condition.
pub fn condition(status: &Value, code: &str) -> Option<String> {
    let held = status["conditions"].as_array()?.iter().find(|c| c["code"] == code)?;
    Some(text(&held["sentence"]))
}

/// Waits until a node says that a condition holds, and gives its sentence.
pub fn until_condition(node: &Node, code: &str) -> String {
    node.until(&["status"], &format!("the condition {code}"), |status| condition(status, code))
}

/// Waits until a node counts so many listings.
pub fn until_listings(node: &Node, count: u64) {
    node.until(&["status"], &format!("{count} listings"), |s| (s["counts"]["listings"] == count).then_some(()));
}

/// Waits until a node is connected with so many.
pub fn until_peers(node: &Node, count: u64) {
    node.until(&["status"], &format!("{count} peers"), |s| (s["peers"].as_u64()? >= count).then_some(()));
}

/// Waits until a search at `node` finds a listing of this name, and gives it.
pub fn until_found(node: &Node, words: &str, name: &str) -> Value {
    node.until(&["directory", "search", words], &format!("the listing {name}"), |view| {
        view["listings"].as_array()?.iter().find(|l| l["name"] == name).cloned()
    })
}

/// A person of these fields, a line each; a signed consent that lets both sides tell; and a referral to `to`. The id of its thread.
pub fn refer(from: &Node, staff: &str, to: &Node, person: &str, reason: &str) -> String {
    let fields = from.words(person);
    let id = text(&from.json_as(staff, &["person", "add", "--from", &fields[1..]])["id"]);
    let kinds = "referral,identity";
    let draft = ["consent", "draft", "--person", &id, "--to", &to.name, "--tell", kinds, "--back", kinds];
    let draft = [&draft[..], &["--expires", "2099-01-01"]].concat();
    let consent = text(&from.json_as(staff, &draft)["id"]);
    let name = person.lines().find_map(|line| line.strip_prefix("name: ")).unwrap();
    from.json_as(staff, &["consent", "sign", &consent, "--attested", "--typed", &from.words(name)]);
    text(
        &from.json_as(staff, &["referral", "send", "--again", "--consent", &consent, "--reason", &from.words(reason)])
            ["id"],
    )
}

/// A message in a thread, and the thread as it stands then.
pub fn say(node: &Node, staff: &str, thread: &str, words: &str) -> Value {
    node.json_as(staff, &["referral", "message", thread, "--text", &node.words(words)])
}

/// Adds a person of this name.
pub fn add_person(node: &Node, staff: &str, name: &str) -> String {
    let fields = node.words(&format!("name: {name}\n"));
    text(&node.json_as(staff, &["person", "add", "--from", &fields[1..]])["id"])
}

/// Where a thread stands, as BSeR `businessStatus` codes say it.
pub mod stands {
    pub const SENT: &str = "2.0";
    pub const ACCEPTED: &str = "3.0";
    pub const SCHEDULED: &str = "5.1.1";
    pub const ATTENDED: &str = "5.1.4";
}

/// Waits until a thread is there and stands so.
pub fn until_state(node: &Node, staff: &str, thread: &str, code: &str) {
    node.until_as(staff, &["referral", "list"], &format!("the thread at {code}"), |view| {
        let row = view["threads"].as_array()?.iter().find(|t| t["id"] == thread)?;
        row["business"].as_str()?.starts_with(code).then_some(())
    });
}

/// Entries of a thread's history that both sides hold, as a node shows them.
pub fn history(thread: &Value) -> Vec<String> {
    let lines = thread["history"].as_array().unwrap().iter();
    lines.filter(|line| line["local"] == false).map(|line| text(&line["entry"])).collect()
}

/// A sender and a clinic with a referral between them that the clinic has accepted: the two, and the thread. Noor works for the sender,
/// Wren for the clinic.
pub fn referred(stage: &Path) -> (Node, Node, String) {
    let sender = Node::running(stage, "Emergency", "covered_entity");
    let clinic = Node::running(stage, "Clinic", "part2_program");
    gather(&[&sender, &clinic]);
    let thread = accepted(&sender, &clinic);
    (sender, clinic, thread)
}

/// A referral from one member to another, accepted; the staff of both are hired for it.
pub fn accepted(sender: &Node, clinic: &Node) -> String {
    sender.hire("Noor", "ledger canopy nine");
    clinic.hire("Wren", "harbor violet seven");
    let thread = refer(sender, "Noor", clinic, "name: Ada Wick\n", "Buprenorphine, the same day");
    until_state(clinic, "Wren", &thread, stands::SENT);
    clinic.json_as("Wren", &["referral", "link", &thread, "--new"]);
    clinic.json_as("Wren", &["referral", "accept", &thread]);
    until_state(sender, "Noor", &thread, stands::ACCEPTED);
    thread
}

/// Waits until a thread's history says all of this.
pub fn until_says(node: &Node, staff: &str, thread: &str, words: &[&str]) {
    node.until_as(staff, &["referral", "show", thread], &format!("{words:?}"), |view| {
        words.iter().all(|w| says(view, w)).then_some(())
    });
}

/// Whether a thread's history says this.
pub fn says(thread: &Value, words: &str) -> bool {
    thread["history"].as_array().is_some_and(|lines| lines.iter().any(|line| line["text"] == words))
}
