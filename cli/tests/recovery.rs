//! An organisation whose machine is gone comes back from its phrase: own records from partners that could not read them, threads from
//! who shares them; whoever has the old machine is shut out.

mod support;

use support::coalition::{
    accepted, add_person, condition, gather, say, stands, until_condition, until_peers, until_says, until_state,
};
use support::{Node, stage, text, texts};

/// Waits until this many partners keep all of a node's records.
fn until_kept(node: &Node, partners: usize) {
    node.until(&["status"], "a backup with partners", |status| {
        let rows = status["backups"].as_array()?;
        (rows.iter().filter(|row| row["behind"] == 0).count() >= partners).then_some(())
    });
}

#[test]
fn a_lost_machine_comes_back_from_the_phrase_and_whoever_has_the_old_one_is_shut_out() {
    let stage = stage();
    let sender = Node::running(stage.path(), "Emergency", "covered_entity");
    let mut clinic = Node::running(stage.path(), "Clinic", "part2_program");
    let shelter = Node::running(stage.path(), "Shelter", "non_covered_cbo");
    gather(&[&sender, &clinic, &shelter]);
    let thread = accepted(&sender, &clinic);
    let person = add_person(&clinic, "Wren", "Kept Nowhere Else");
    let plan = clinic.words("helps: a walk with May\n");
    clinic.json_as("Wren", &["person", "crisis", &person, "--from", &plan[1..]]);

    // An hour later by its clock, what was written meanwhile goes to partners.
    clinic.stop();
    clinic.set("BELAY_TEST_CLOCK", "3600");
    clinic.start();
    until_kept(&clinic, 2);
    // What is written after that waits for its turn; a machine that is stopped in order leaves it with them first.
    add_person(&clinic, "Wren", "Of The Last Minute");
    clinic.stop();
    let mut thief = clinic.copied(&stage.path().join("thief"));
    std::fs::remove_dir_all(clinic.data()).unwrap();

    let at = texts(&shelter.status()["listen"]);
    let (mut back, told) = Node::recover(stage.path(), "new-machine", &clinic, &at);
    let view = told.done().unwrap_or_else(|| panic!("{told:?}"));
    assert_eq!((&view["staff"], &view["threads"], &view["consents"]), (&1.into(), &1.into(), &0.into()), "{view:#}");
    assert_eq!(view["persons"], 3, "{view:#}");
    assert!(view["audits"].as_u64().unwrap() > 0 && view["disclosures"].as_u64().unwrap() > 0, "{view:#}");
    let partners = view["partners"].as_array().unwrap();
    assert!(partners.iter().all(|p| p["reached"] == true && p["packages"].as_u64().unwrap() > 0), "{view:#}");
    assert_eq!(view["retired"].as_array().unwrap().len(), 1);
    assert_eq!(view["missing"].as_array().unwrap().len(), 0, "{view:#}");
    assert!(view["newest"].as_u64().is_some_and(|at| at > 1_700_000_000_000), "{view:#}");

    back.start();
    until_peers(&back, 2);
    back.knows_secret_of("Wren", &clinic);
    until_state(&back, "Wren", &thread, stands::ACCEPTED);
    let persons = back.json_as("Wren", &["person", "list"]);
    assert!(persons.to_string().contains(&person), "{persons}");
    let plans = &back.json_as("Wren", &["person", "show", &person])["plans"];
    assert_eq!(plans["crisis"][1]["helps"], "a walk with May", "{plans}");
    say(&back, "Wren", &thread, "we are back");
    until_says(&sender, "Noor", &thread, &["we are back"]);
    assert_eq!(condition(&back.status(), "folder-copied"), None);

    thief.start();
    until_condition(&thief, "retired");
    say(&sender, "Noor", &thread, "after the theft");
    until_says(&back, "Wren", &thread, &["after the theft"]);
    assert_eq!(thief.status()["peers"], 0);
    let seen = thief.json_as("Wren", &["referral", "show", &thread]).to_string();
    assert!(!seen.contains("after the theft") && !seen.contains("we are back"));
}

#[test]
fn nothing_is_set_up_where_nobody_answers_or_nobody_knows_the_phrase() {
    let stage = stage();
    let founder = Node::running(stage.path(), "Founder", "other");
    let alone = Node::init(stage.path(), "Alone", "other");
    founder.json(&["found", "Cedar County Network"]);
    let at = texts(&founder.status()["listen"]);
    let (node, told) = Node::recover(stage.path(), "new-machine", &alone, &at[..1]);
    assert!(told.refusal(1).contains("in no coalition of the node at that address"));
    assert!(!node.data().join("key.json").exists());
    let (node, told) = Node::recover(stage.path(), "new-machine", &alone, &["/ip4/127.0.0.1/tcp/9".to_owned()]);
    assert!(told.refusal(1).contains("nobody answers at"));
    assert!(!node.data().join("key.json").exists());
}

#[test]
fn what_a_partner_keeps_that_was_off_comes_later_and_records_come_by_file_too() {
    let stage = stage();
    let mut sender = Node::running(stage.path(), "Emergency", "covered_entity");
    let mut clinic = Node::running(stage.path(), "Clinic", "part2_program");
    let shelter = Node::running(stage.path(), "Shelter", "non_covered_cbo");
    gather(&[&sender, &clinic, &shelter]);
    clinic.hire("Wren", "a secret of hers");
    let person = add_person(&clinic, "Wren", "Kept Nowhere Else");
    clinic.stop();
    clinic.set("BELAY_TEST_CLOCK", "3600");
    clinic.start();
    until_kept(&clinic, 2);
    let words = text(&clinic.status()["coalition"]["words"]);
    clinic.kill();
    sender.stop();

    // The shelter writes what it keeps into a file; what it does not keep it can not write.
    let file = stage.path().join("records").display().to_string();
    let export = ["bundle", "export", "--for", "Clinic", "--records", &file];
    assert!(shelter.json(&export)["packages"].as_u64().unwrap() > 0);
    assert!(!std::fs::read_to_string(&file).unwrap().contains("Kept Nowhere Else"));
    let other = stage.path().join("none").display().to_string();
    let refused = shelter.tell(&["bundle", "export", "--for", "Shelter", "--records", &other]).refusal(1);
    assert!(refused.contains("belay backup create") && !std::path::Path::new(&other).exists());

    let at = texts(&shelter.status()["listen"]);
    let (mut back, told) = Node::recover_with(stage.path(), "new-machine", &clinic, &at, &["--wait", "8"]);
    let view = told.done().unwrap_or_else(|| panic!("{told:?}"));
    assert_eq!((&view["persons"], &view["coalition"]["words"]), (&1.into(), &words.as_str().into()), "{view:#}");
    assert!(view["missing"].to_string().contains("not reached: Emergency"), "{view:#}");
    back.start();
    let recovering = back.status()["recovering"].clone();
    assert_eq!((&recovering["still_to_hear"], &recovering["sealed"]), (&serde_json::json!(["Emergency"]), &0.into()));
    assert!(recovering["since"].as_u64().is_some(), "{recovering}");
    let refused = back.tell(&["recover", "--without", "Shelter", "--yes"]).refusal(1);
    assert!(refused.contains("is not asked for own records"), "{refused}");
    let phrase = back.phrase_file().display().to_string();
    // What scripts have set for other commands is no reason to refuse these.
    let passphrase = back.passphrase_file().display().to_string();
    back.set("BELAY_PASSPHRASE_FILE", &passphrase);
    let rest = ["recover", "--rest", "--phrase-file", &phrase];
    assert!(back.tell(&rest).refusal(1).contains("still to be heard"));
    sender.start();
    back.until(&["status"], "what the other partner keeps", |status| {
        let recovering = &status["recovering"];
        (recovering["still_to_hear"].as_array()?.is_empty() && recovering["sealed"].as_u64()? > 0).then_some(())
    });
    let opened = back.json(&rest);
    assert!(opened["packages"].as_u64().unwrap() > 0 && opened["spoilt"] == 0 && opened["persons"] == 1, "{opened:#}");
    assert!(opened["newest"].is_null(), "the shelter had brought all of it before: {opened:#}");
    assert!(back.status()["recovering"].is_null());
    let again = back.json(&["recover", "--rest", "--bundle", &file, "--phrase-file", &phrase]);
    assert!(again["packages"].as_u64().unwrap() > 0 && again["spoilt"] == 0, "{again:#}");
    assert!(again["newest"].is_null(), "nothing came that was not here: {again:#}");

    // Another organisation's phrase opens none of it, and is told so before anything is set up.
    let arguments = ["--wait", "8", "--bundle", &file];
    let (node, told) = Node::recover_with(stage.path(), "wrong", &shelter, &at, &arguments);
    assert!(told.refusal(1).contains("another organisation"));
    assert!(!node.data().join("key.json").exists());
    back.stop();
    let (mut third, told) = Node::recover_with(stage.path(), "third-machine", &clinic, &at, &arguments);
    assert_eq!(told.done().unwrap_or_else(|| panic!("{told:?}"))["persons"], 1);
    third.start();
    third.knows_secret_of("Wren", &clinic);
    assert!(third.json_as("Wren", &["person", "list"]).to_string().contains(&person));
}
