//! Two machines of one organisation: staff see the same on both, and the one that is retired is shut out.

mod support;

use support::coalition::{gather, history, refer, say, stands, until_condition, until_peers, until_state};
use support::{Node, stage, text};

fn until_said(node: &Node, staff: &str, thread: &str, words: &str) {
    node.until_as(staff, &["referral", "show", thread], words, |view| {
        view["history"].as_array()?.iter().any(|l| l["text"] == words).then_some(())
    });
}

fn signs_in_too(first: &Node, second: &Node, staff: &str) {
    second.knows_secret_of(staff, first);
    second.until(&["user", "list"], "the staff of the first machine", |view| {
        view["users"].as_array()?.iter().any(|u| u["name"] == staff).then_some(())
    });
}

#[test]
fn a_second_machine_shows_the_same_and_a_retired_one_is_shut_out() {
    let stage = stage();
    let sender = Node::running(stage.path(), "Emergency", "covered_entity");
    let clinic = Node::running(stage.path(), "Clinic", "part2_program");
    gather(&[&sender, &clinic]);
    sender.hire("Noor", "ledger canopy nine");
    clinic.hire("Wren", "harbor violet seven");
    let thread = refer(&sender, "Noor", &clinic, "name: Ada Wick\n", "Buprenorphine, the same day");
    until_state(&clinic, "Wren", &thread, stands::SENT);

    let mut second = clinic.second(stage.path(), "back-office");
    second.start();
    until_peers(&second, 2);
    signs_in_too(&clinic, &second, "Wren");
    until_state(&second, "Wren", &thread, stands::SENT);
    second.json_as("Wren", &["referral", "link", &thread, "--new"]);
    second.json_as("Wren", &["referral", "accept", &thread]);
    until_state(&sender, "Noor", &thread, stands::ACCEPTED);
    until_state(&clinic, "Wren", &thread, stands::ACCEPTED);
    say(&sender, "Noor", &thread, "to both machines");
    until_said(&clinic, "Wren", &thread, "to both machines");
    until_said(&second, "Wren", &thread, "to both machines");
    let shown = |node: &Node| history(&node.json_as("Wren", &["referral", "show", &thread]));
    assert_eq!(shown(&clinic), shown(&second), "staff see the same on both");

    let nodes = clinic.json(&["node", "list"]);
    let rows = nodes["nodes"].as_array().unwrap();
    assert_eq!(rows.iter().filter(|r| r["state"] == "active").count(), 2, "{nodes}");
    let gone = text(&rows.iter().find(|r| r["this"] == false).unwrap()["node"]);
    let retire = |phrase: &Node| {
        let file = phrase.phrase_file().display().to_string();
        ["node", "retire", &gone, "--yes", "--phrase-file", &file].map(str::to_owned).to_vec()
    };
    let wrong = retire(&sender);
    let wrong: Vec<&str> = wrong.iter().map(String::as_str).collect();
    assert!(clinic.refused(&wrong).contains("another organisation's phrase"));
    let right = retire(&clinic);
    let right: Vec<&str> = right.iter().map(String::as_str).collect();
    let own = text(&rows.iter().find(|r| r["this"] == true).unwrap()["node"]);
    let mut itself = right.clone();
    itself[2] = &own;
    assert!(clinic.refused(&itself).contains("does not retire itself"));

    clinic.json(&right);
    let shown = clinic.json(&["org", "show", "Clinic"]);
    assert_eq!(shown["nodes"].as_array().map(Vec::len), Some(1), "who is retired is none of them: {shown:#}");
    assert_eq!(shown["organisation"]["nodes"], 1);
    second.until(&["status"], "no peers", |s| (s["peers"] == 0).then_some(()));
    let told = until_condition(&second, "retired");
    assert!(told.contains("retired by its organisation") && told.contains("destroy its data folder"), "{told}");
    say(&sender, "Noor", &thread, "after the theft");
    until_said(&clinic, "Wren", &thread, "after the theft");
    let seen = second.json_as("Wren", &["referral", "show", &thread]);
    assert!(!seen.to_string().contains("after the theft"));
    // Started anew it knocks, and is let in nowhere.
    second.stop();
    second.start();
    until_condition(&second, "retired");
    assert_eq!(second.status()["peers"], 0);
    let listed = clinic.json(&["node", "list"]);
    let retired = listed["nodes"].as_array().unwrap().iter().find(|r| r["node"] == gone.as_str()).unwrap();
    assert_eq!(retired["state"], "retired");
    assert!(clinic.refused(&right).contains("retired before"));
}

#[test]
fn an_invite_is_listed_approved_and_cancelled_at_each_machine_of_the_organisation_that_made_it() {
    let stage = stage();
    let first = Node::running(stage.path(), "Founder", "other");
    let newcomer = Node::running(stage.path(), "Newcomer", "other");
    first.json(&["found", "Cedar County Network"]);
    let mut second = first.second(stage.path(), "back-office");
    second.start();
    until_peers(&second, 1);
    let make = || first.json(&["invite", "--org", "Newcomer", "--hours", "24"]);
    let invites = |node: &Node, id: &str, state: &str| {
        node.until(&["invite", "list"], &format!("the invite as {state}"), |view| {
            view["invites"].as_array()?.iter().find(|i| i["id"] == id && i["state"] == state).cloned()
        })
    };
    let (taken_back, used) = (make(), make());
    let (back, id) = (text(&taken_back["id"]), text(&used["id"]));
    invites(&second, &back, "open");
    second.json(&["invite", "cancel", &back]);
    invites(&first, &back, "cancelled");
    let refused = newcomer.refused(&["join", &newcomer.words(&text(&taken_back["code"]))]);
    assert!(refused.contains("cancelled this invite"), "{refused}");

    newcomer.json(&["join", &newcomer.words(&text(&used["code"]))]);
    assert_eq!(invites(&second, &id, "claimed")["came"][0], "Newcomer");
    let waits = support::coalition::waiting(&second, &newcomer);
    assert_eq!(
        text(&waits["fingerprint"]),
        text(&newcomer.status()["joining"]),
        "the words of the other machine's talk"
    );
    second.json(&["org", "approve", &text(&waits["id"]), "--yes"]);
    support::coalition::until_member(&newcomer);
    invites(&first, &id, "used");
    invites(&second, &id, "used");
}

#[test]
fn a_second_machine_is_not_set_up_where_nobody_knows_the_organisation() {
    let stage = stage();
    let founder = Node::running(stage.path(), "Founder", "other");
    let alone = Node::running(stage.path(), "Alone", "other");
    assert!(alone.refused(&["node", "add"]).contains("is in none"));
    founder.json(&["found", "Cedar County Network"]);
    let at = support::texts(&founder.json(&["node", "add"])["addresses"]);
    let folder = stage.path().join("new");
    let try_with = |address: &str| {
        support::Told::by(
            support::program()
                .args(["init", "--json", "--second", "--at", address, "--data"])
                .arg(&folder)
                .arg("--passphrase-file")
                .arg(alone.passphrase_file())
                .arg("--phrase-file")
                .arg(alone.phrase_file()),
        )
    };
    assert!(try_with(&at[0]).refusal(1).contains("in no coalition of the node at that address"));
    // Whoever else answers at the address is not taken for the node that was named.
    let elsewhere = text(&alone.status()["listen"][0]);
    let peer = at[0].rsplit('/').next().unwrap();
    let refused = try_with(&format!("{elsewhere}/p2p/{peer}")).refusal(1);
    assert!(refused.contains("--at"), "{refused}");
    assert!(!folder.join("key.json").exists(), "nothing was set up");
}
