//! What was placed for an emergency (42 CFR 2.51) is opened while the clinic is off line; the clinic sees it when it comes back.

mod support;

use belay_protocol::space::{SpaceKind, Spaces};
use serde_json::Value;
use support::coalition::{condition, gather, until_condition};
use support::{Node, stage, stores, text};

/// Ids of the spaces of threads and copies that a node holds.
fn spaces(node: &Node) -> usize {
    let opened = stores::open(node);
    let records = Spaces::new(opened.node).spaces(&opened.reader).unwrap();
    records.iter().filter(|record| matches!(record.kind, SpaceKind::Thread { .. })).count()
}

fn count(view: &Value, stage: &str) -> usize {
    view["disclosures"].as_array().unwrap().iter().filter(|d| d["stage"] == stage).count()
}

#[test]
fn a_plan_is_opened_while_the_clinic_is_off_line_and_the_clinic_sees_it_when_it_comes_back() {
    let stage = stage();
    let mut clinic = Node::running(stage.path(), "Clinic", "part2_program");
    let er = Node::running(stage.path(), "Emergency", "covered_entity");
    let shelter = Node::running(stage.path(), "Shelter", "non_covered_cbo");
    gather(&[&clinic, &er, &shelter]);
    clinic.hire("Wren", "harbor violet seven");
    er.hire("Noor", "ledger canopy nine");
    let secret = clinic.home().join("secret-Ida");
    std::fs::write(&secret, "meadow lantern four").unwrap();
    let role = ["--role", "privacy_officer", "--new-secret-file", secret.to_str().unwrap()];
    clinic.json(&[&["user", "add", "Ida"][..], &role].concat());

    let fields = clinic.words("name: Ada Wick\nbirth date: 1990-05-01\n");
    let person = text(&clinic.json_as("Wren", &["person", "add", "--from", &fields[1..]])["id"]);
    let draft = ["consent", "draft", "--person", &person, "--to", "Emergency", "--tell", "crisis,medication"];
    let more = ["--back", "none", "--purpose", "emergency", "--expires", "2099-01-01"];
    let consent = text(&clinic.json_as("Wren", &[&draft[..], &more].concat())["id"]);
    clinic.json_as("Wren", &["consent", "sign", &consent, "--attested", "--typed", &clinic.words("Ada Wick")]);
    let place = ["emergency", "place", "--person", &person, "--at", "Emergency", "--consent", &consent];
    // What she takes was written down with her before; the card says so already, and nobody types it again.
    let list = clinic.words("medicine: methadone\ndose: 80 mg\n");
    let view = clinic.json_as("Wren", &["person", "medication", &person, "--from", &list[1..]]);
    assert_eq!(view["older"].as_array().map(Vec::len), Some(0));
    let card = clinic.json_as("Wren", &["person", "card", &person, "--lang", "es", "--text"]);
    assert!(text(&card["form"]).contains("methadone, 80 mg"), "{card}");
    clinic.json_as("Wren", &[&place[..], &["--crisis", &clinic.words("Call Mo first")]].concat());
    clinic.until_as("Wren", &["emergency", "list"], "both copies at the department", |view| {
        let placed = view["placed"].as_array()?;
        (placed.len() == 2 && placed.iter().all(|p| p["delivered"] == true)).then_some(())
    });
    assert_eq!(condition(&clinic.status(), "emergency-access"), None);
    clinic.stop();

    let (name, born) = (er.words("wick, ada"), er.words("1990-05-01"));
    let (who, nature) = (er.words("Dr Ana Reyes"), er.words("found unconscious"));
    let open = ["emergency", "open", "--yes", "--name", &name, "--birth-date", &born, "--personnel", &who];
    let why = er.tell_as("Noor", &open).refusal(2);
    assert!(why.contains("nature of the emergency"), "{why}");
    let open = [&open[..], &["--nature", &nature]].concat();
    let why = er.tell_as("Noor", &open).refusal(2);
    assert!(why.contains("written consent can not be obtained"), "{why}");
    let unobtainable = er.words("unconscious, and alone");
    let opened = er.json_as("Noor", &[&open[..], &["--unobtainable", &unobtainable]].concat());
    let copies = opened["copies"].as_array().unwrap();
    let mut contents: Vec<_> = copies.iter().map(|copy| text(&copy["content"])).collect();
    contents.sort();
    assert_eq!(contents, ["Call Mo first", "Takes: methadone, 80 mg"]);
    assert_eq!((spaces(&er), spaces(&shelter)), (2, 0), "a third organisation holds something");

    clinic.start();
    let said = until_condition(&clinic, "emergency-access");
    assert!(said.contains("to review") && !said.contains("Ada"), "{said}");
    let list = clinic.until_as("Ida", &["emergency", "list"], "both openings", |view| {
        (view["to_review"] == 2).then(|| view.clone())
    });
    let told = clinic.json_as("Wren", &["disclosures", "--person", &person]);
    assert_eq!((count(&told, "placed"), count(&told, "opened"), &told["made"]), (2, 2, &Value::from(2)));
    let opening = text(&list["openings"][0]["opening"]);
    assert_eq!(list["openings"][0]["facts"]["personnel"], "Dr Ana Reyes");
    assert_eq!(list["openings"][0]["facts"]["unobtainable"], "unconscious, and alone");
    let refused = clinic.tell_as("Wren", &["emergency", "review", &opening]).refusal(1);
    assert!(refused.contains("privacy officer"), "{refused}");
    assert_eq!(clinic.json_as("Ida", &["emergency", "review", &opening])["to_review"], 1);
    assert_eq!(spaces(&shelter), 0);
}
