//! Four organisations, three of them stewards, two of whom remove: what is proposed waits for who is away, and happens by itself.

mod support;

use serde_json::Value;
use support::coalition::{self, condition, until_condition, until_peers};
use support::{Node, stage, text, texts};

/// The proposals that a node knows, by what they are about: `charter N`, or the name of whom they remove.
fn proposal(view: &Value, about: &str) -> Option<Value> {
    let all = view["proposals"].as_array()?.iter();
    let mut fits =
        all.filter(|p| p["removal"]["name"] == about || format!("charter {}", p["charter"]["number"]) == about);
    fits.next().cloned()
}

fn until_proposed(node: &Node, about: &str) -> Value {
    node.until(&["steward", "list"], &format!("the proposal about {about}"), |view| proposal(view, about))
}

fn until_charter(node: &Node, number: u64) {
    node.until(&["steward", "list"], &format!("charter {number}"), |view| (view["number"] == number).then_some(()));
}

fn is_in(node: &Node, name: &str) -> bool {
    let view = node.json(&["org", "list"]);
    let mut rows = view["organisations"].as_array().unwrap().iter();
    rows.any(|o| o["name"] == name && o["state"] != "removed")
}

fn until_out(node: &Node, name: &str) {
    node.until(&["org", "list"], &format!("{name} removed"), |view| {
        let mut rows = view["organisations"].as_array()?.iter();
        rows.any(|o| o["name"] == name && o["state"] == "removed").then_some(())
    });
}

#[test]
fn two_of_three_stewards_decide_though_one_was_away_when_it_was_proposed() {
    let stage = stage();
    let mut anna = Node::running(stage.path(), "Anna", "covered_entity");
    let mut bruno = Node::running(stage.path(), "Bruno", "part2_program");
    let mut clara = Node::running(stage.path(), "Clara", "non_covered_cbo");
    let mut dora = Node::running(stage.path(), "Dora", "other");
    coalition::gather(&[&anna, &bruno, &clara, &dora]);

    // One steward is too few where there could be three, and only it is told so.
    let advice = until_condition(&anna, "few-stewards");
    assert!(advice.contains("one steward") && advice.contains("3 or more"), "{advice}");
    assert_eq!(condition(&bruno.status(), "few-stewards"), None);
    let refused = bruno.refused(&["steward", "propose", "--add", "Bruno", "--yes"]);
    assert!(refused.contains("only a steward") && refused.contains("Anna"), "{refused}");
    let refused = anna.refused(&["steward", "propose", "--add", "Nobody", "--yes"]);
    assert!(refused.contains("no organisation") && refused.contains("belay org list"), "{refused}");
    let refused = anna.refused(&["steward", "propose", "--add", "Bruno", "--threshold", "3", "--yes"]);
    assert!(refused.contains("from 1 to 2") && refused.contains("--threshold"), "{refused}");

    // Alone, the founder is more than half of the stewards.
    let adopted = anna.json(&["steward", "propose", "--add", "Bruno", "--add", "Clara", "--yes"]);
    assert_eq!((&adopted["state"], &adopted["charter"]["threshold"]), (&"done".into(), &2.into()), "{adopted}");
    for node in [&anna, &bruno, &clara, &dora] {
        until_charter(node, 2);
    }
    let list = clara.json(&["steward", "list"]);
    assert_eq!(
        (&list["threshold"], &list["majority"], &list["advice"]),
        (&2.into(), &2.into(), &Value::Null),
        "{list}"
    );
    let mut names: Vec<String> = list["stewards"].as_array().unwrap().iter().map(|s| text(&s["name"])).collect();
    names.sort();
    assert_eq!(names, ["Anna", "Bruno", "Clara"]);
    anna.until(&["status"], "no more advice", |s| condition(s, "few-stewards").is_none().then_some(()));

    // A removal, proposed while Bruno is away: nothing comes of it.
    bruno.stop();
    let proposed = anna.json(&["org", "remove", "Dora", "--yes"]);
    assert_eq!((&proposed["removed"], &proposed["proposal"]["needed"]), (&false.into(), &2.into()), "{proposed}");
    let refused = anna.refused(&["org", "remove", "Dora", "--yes"]);
    assert!(refused.contains("approved that already") && refused.contains("belay steward list"), "{refused}");
    let seen = until_proposed(&clara, "Dora");
    assert_eq!((texts(&seen["approved"]), &seen["yours"]), (vec!["Anna".to_owned()], &true.into()), "{seen}");
    until_condition(&clara, "proposal-waits");
    assert_eq!(condition(&anna.status(), "proposal-waits"), None);
    dora.json(&["listing", "add", "name=Still here"]);
    coalition::until_found(&clara, "still here", "Still here");
    assert!(is_in(&anna, "Dora") && is_in(&clara, "Dora") && is_in(&dora, "Dora"));

    // Anna goes; Bruno comes back, hears of it from Clara, and approves: it is carried out with nobody else.
    anna.stop();
    bruno.start();
    until_peers(&clara, 1);
    until_proposed(&bruno, "Dora");
    until_condition(&bruno, "proposal-waits");
    let approved = bruno.json(&["steward", "approve", "Dora", "--yes"]);
    assert_eq!((&approved["state"], texts(&approved["approved"]).len()), (&"done".into(), 2), "{approved}");
    until_out(&clara, "Dora");
    let told = until_condition(&dora, "removed");
    assert!(told.contains("removed this organisation"), "{told}");
    clara.until(&["status"], "no proposal", |s| condition(s, "proposal-waits").is_none().then_some(()));
    let refused = clara.refused(&["steward", "approve", "Dora", "--yes"]);
    assert!(refused.contains("no open proposal") && refused.contains("belay steward list"), "{refused}");
    anna.start();
    until_out(&anna, "Dora");

    // A steward who leaves is lost to the charter; the two that are left name others.
    clara.json(&["leave", "--yes"]);
    until_out(&bruno, "Clara");
    until_out(&anna, "Clara");
    let refused = anna.refused(&["steward", "propose", "--threshold", "1", "--yes"]);
    assert!(
        refused.contains("Clara is a steward and in the coalition no more") && refused.contains("--drop"),
        "{refused}"
    );
    clara.stop();
    bruno.json(&["leave", "--yes"]);
    until_out(&anna, "Bruno");
    let lost = until_condition(&anna, "stewards-lost");
    assert!(lost.contains("1 of 3 stewards can still act") && lost.contains("nobody can be removed"), "{lost}");
    let waits = anna.json(&["steward", "propose", "--drop", "Bruno", "--drop", "Clara", "--yes"]);
    assert_eq!(
        (&waits["state"], &waits["needed"]),
        (&"open".into(), &2.into()),
        "one of three is no majority: {waits}"
    );
    let refused =
        anna.refused(&["steward", "propose", "--drop", "Clara", "--drop", "Bruno", "--threshold", "1", "--yes"]);
    assert!(refused.contains("approved"), "{refused}");
    dora.stop();
}
