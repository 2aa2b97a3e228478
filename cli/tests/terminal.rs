//! What is asked at a terminal, and when.

mod support;

use support::terminal::at_terminal;
use support::{Node, program, stage, text};

#[test]
fn where_no_node_runs_nobody_types_words_for_nothing() {
    let stage = stage();
    let node = Node::init(stage.path(), "County ER", "covered_entity");
    let mut command = program();
    command.args(["referral", "send", "--consent", "abcd", "--as", "noor", "--data"]).arg(node.data());
    let shown = at_terminal(command, &[]);
    assert_eq!(shown.code, Some(3), "{shown:?}");
    assert!(shown.text.contains("belay run --data") && !shown.text.contains("What it is about"), "{shown:?}");
}

#[test]
fn what_would_go_to_whom_is_shown_before_it_goes_and_goes_only_after_a_yes() {
    let stage = stage();
    let er = Node::running(stage.path(), "County ER", "covered_entity");
    er.hire("noor", "the heron stands still");
    er.json_as(
        "noor",
        &["partner", "add", "Stone Chapel Beds", "--kind", "non_covered_cbo", "--telephone", "606-555-0177"],
    );
    let person = er.json_as("noor", &["person", "add", "--from", &er.words("name: Zephyrine Quillfeather\n")[1..]]);
    let person = text(&person["id"]);
    let draft = ["consent", "draft", "--person", &person, "--to", "Stone Chapel Beds", "--expires", "2099-01-01"];
    let consent = text(&er.json_as("noor", &draft)["id"]);
    er.json_as("noor", &["consent", "sign", &consent, "--attested", "--typed", &er.words("Zephyrine Quillfeather")]);
    let sends = |answer: &str| {
        let mut command = program();
        command.args(["referral", "send", "--off-network", "--consent", &consent, "--only-option", "nobody_else"]);
        command
            .args(["--as", "noor", "--staff-secret-file"])
            .arg(er.home().join("secret-noor"))
            .arg("--data")
            .arg(er.data());
        at_terminal(command, &[("What it is about", "a bed from Friday"), ("Send it now?", answer)])
    };
    let open = || er.json_as("noor", &["referral", "list"])["threads"].as_array().unwrap().len();
    let shown = sends("n");
    assert_eq!(shown.code, Some(1), "{shown:?}");
    assert!(shown.text.contains("Stone Chapel Beds") && shown.text.contains("nothing was sent"), "{shown:?}");
    assert_eq!(open(), 0);
    let shown = sends("y");
    assert_eq!((shown.code, open()), (Some(0), 1), "{shown:?}");
}
