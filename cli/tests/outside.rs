//! Partners who are not on the network, by hand: an emergency department alone on its first day, and an inquiry to two partners.

mod support;

use belay_protocol::consent::notice::STATEMENT_1;
use std::fs;
use support::{Node, coalition, stage, text};

const PERSON: &str = "name: Zephyrine Quillfeather\nbirth date: 1988-02-03\n";

fn consent(node: &Node, to: &str) -> (String, String) {
    let fields = node.words(PERSON);
    let person = text(&node.json_as("noor", &["person", "add", "--from", &fields[1..]])["id"]);
    let draft = ["consent", "draft", "--person", &person, "--to", to, "--expires", "2099-01-01"];
    let consent = text(&node.json_as("noor", &draft)["id"]);
    (person, consent)
}

#[test]
fn an_emergency_department_refers_to_a_partner_off_the_network_from_consent_to_the_closed_loop() {
    let stage = stage();
    let er = Node::running(stage.path(), "County ER", "covered_entity");
    er.hire("noor", "the heron stands still");
    let kind = ["--kind", "non_covered_cbo", "--address", "9 Chapel Lane, Cedar Falls", "--telephone", "606-555-0177"];
    er.json_as("noor", &[&["partner", "add", "Stone Chapel Beds"][..], &kind[..]].concat());
    let (person, consent) = consent(&er, "Stone Chapel Beds");

    // Nobody has signed: nothing is sent, and there is nothing to print.
    let reason = er.words("a bed from Friday");
    let send = ["referral", "send", "--off-network", "--consent", &consent, "--reason", &reason, "--urgent"];
    let send = [&send[..], &["--only-option", "nobody_else"]].concat();
    assert!(er.tell_as("noor", &send).refusal(1).contains("lacks the signature"));
    er.json_as("noor", &["consent", "sign", &consent, "--attested", "--typed", &er.words("Zephyrine Quillfeather")]);
    let sent = er.json_as("noor", &send);
    let thread = text(&sent["id"]);
    assert_eq!((&sent["off_network"], &sent["partner"]["telephone"]), (&true.into(), &"606-555-0177".into()));

    // The letter holds the notice to the byte; printed twice it is one disclosure of each kind.
    let file = stage.path().join("letter.html");
    let print = ["referral", "letter", &thread, "--html", file.to_str().unwrap()];
    fs::write(&file, "another letter").unwrap();
    assert!(er.tell_as("noor", &print).refusal(1).contains("is there already"));
    let told = || er.json_as("noor", &["disclosures", "--person", &person]);
    assert!(told()["disclosures"].as_array().unwrap().is_empty(), "nothing was printed, nothing is on record as told");
    assert_eq!(fs::read_to_string(&file).unwrap(), "another letter");
    fs::remove_file(&file).unwrap();
    let printed = er.json_as("noor", &print);
    assert_eq!(printed["no_reach"], true, "nobody published where the emergency department is");
    let letter = fs::read_to_string(&file).unwrap();
    assert!(letter.contains(STATEMENT_1));
    assert!(letter.contains("Zephyrine Quillfeather") && letter.contains("a bed from Friday"));
    assert!(letter.contains("Stone Chapel Beds") && letter.contains("9 Chapel Lane") && !letter.contains("<script"));
    let plain = text(&er.json_as("noor", &["referral", "letter", &thread])["text"]);
    let words = |text: &str| text.replace('|', " ").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words(&plain).contains(&words(STATEMENT_1)), "{plain}");
    let told = told();
    let told = told["disclosures"].as_array().unwrap();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().all(|d| d["recipient"] == "Stone Chapel Beds, 9 Chapel Lane, Cedar Falls"));

    // What the partner says by telephone moves it, in the same list, to its end.
    let from = er.words("Ottoline Marsh");
    let heard = |verb: &[&str]| er.json_as("noor", &[&["referral"][..], verb, &["--heard-from", &from]].concat());
    let accepted = heard(&["accept", &thread]);
    assert_eq!(accepted["status"], "accepted");
    let line = accepted["history"].as_array().unwrap().last().unwrap();
    assert_eq!(line["staff"], "reported by Ottoline Marsh at Stone Chapel Beds, heard by noor");
    heard(&["schedule", &thread, "--at", &support::data::visit()]);
    heard(&["attend", &thread]);
    assert_eq!(heard(&["close", &thread, "--outcome", "services_received"])["status"], "completed");
    let list = er.json_as("noor", &["referral", "list"]);
    assert_eq!((&list["threads"][0]["id"], &list["threads"][0]["status"]), (&thread.into(), &"completed".into()));

    // The report is not for everybody.
    assert!(er.tell_as("noor", &["referral", "report"]).refusal(1).contains("privacy officer"));
    let secret = er.home().join("secret-page");
    fs::write(&secret, "the keeper of the keys").unwrap();
    er.json(&["user", "add", "page", "--role", "privacy_officer", "--new-secret-file", secret.to_str().unwrap()]);
    let report = er.json_as("page", &["referral", "report"]);
    assert_eq!((&report["total"], &report["only_one"], &report["own"]), (&1.into(), &1.into(), &0.into()));
    assert_eq!(report["by_partner"][0]["name"], "Stone Chapel Beds");
    let log = er.log();
    assert!(!log.contains("Zephyrine") && !log.contains("Ottoline"), "{log}");
}

#[test]
fn an_inquiry_to_two_partners_is_answered_by_one_and_becomes_a_referral() {
    let stage = stage();
    let er = Node::running(stage.path(), "County ER", "covered_entity");
    let clinic = Node::running(stage.path(), "Mill Creek Clinic", "part2_program");
    let shelter = Node::running(stage.path(), "Harbor House", "non_covered_cbo");
    coalition::gather(&[&er, &clinic, &shelter]);
    for (node, name) in [(&er, "noor"), (&clinic, "wren"), (&shelter, "sol")] {
        node.hire(name, "the heron stands still");
    }
    for node in [&er, &clinic, &shelter] {
        node.until(&["status"], "three organisations", |s| (s["coalition"]["organisations"] == 3).then_some(()));
    }
    let ask = [
        "referral",
        "inquire",
        "--to",
        "Mill Creek Clinic",
        "--to",
        "Harbor House",
        "--kind-of-service",
        "buprenorphine",
    ];
    let ask =
        [&ask[..], &["--age", "90_and_over", "--medication", "methadone", "--need", "wheelchair", "--within", "2"]]
            .concat();
    let made = er.json_as("noor", &ask);
    assert_eq!(made["inquiries"].as_array().unwrap().len(), 2);
    let came = |node: &Node, staff: &str| {
        node.until_as(staff, &["referral", "list"], "the inquiry", |view| {
            let all = view["inquiries"].as_array()?;
            assert!(all.len() < 2, "it learns of no other: {view}");
            all.first().cloned()
        })
    };
    let (at_clinic, at_shelter) = (came(&clinic, "wren"), came(&shelter, "sol"));
    assert_eq!(at_shelter["reply"], serde_json::Value::Null);
    assert_eq!(at_clinic["asked"]["age"], "90_and_over");
    assert_eq!(at_clinic["asked"]["within"], "3", "rounded up to a band");
    let id = text(&at_clinic["id"]);
    clinic.json_as("wren", &["inquiry", "answer", &id, "--yes"]);
    er.until_as("noor", &["inquiry", "show", &id], "the answer", |view| (view["reply"] == "yes").then_some(()));

    let (_, consent) = consent(&er, "Mill Creek Clinic");
    er.json_as("noor", &["consent", "sign", &consent, "--attested", "--typed", &er.words("Zephyrine Quillfeather")]);
    let reason = er.words("starts today");
    let send = ["referral", "send", "--consent", &consent, "--inquiry", &id[..8], "--reason", &reason];
    let thread = text(&er.json_as("noor", &send)["id"]);
    assert_eq!(er.json_as("noor", &["inquiry", "show", &id])["led_to"][0], thread.as_str());
    clinic.until_as("wren", &["referral", "list"], "the referral", |v| v["threads"].as_array()?.first().map(|_| ()));
    assert!(shelter.json_as("sol", &["referral", "list"])["threads"].as_array().unwrap().is_empty());
}
