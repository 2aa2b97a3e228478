//! What is asked at a terminal, and when.

mod support;

use std::process::Command;
use support::terminal::{Shown, at_terminal};
use support::{Node, program, stage, text};

const NAME: &str = "Zephyrine Quillfeather";

/// What noor types at her terminal, with the secret in this file of hers.
fn typed(er: &Node, arguments: &[&str], secret: &str) -> Command {
    let mut command = program();
    command.args(arguments).args(["--as", "noor", "--staff-secret-file"]).arg(er.home().join(secret));
    command.arg("--data").arg(er.data());
    command
}

fn shown(er: &Node, arguments: &[&str], answers: &[(&str, &str)]) -> Shown {
    at_terminal(typed(er, arguments, "secret-noor"), answers)
}

/// An emergency department where noor works, with a partner off the network, a person, and the person's consent to tell that partner.
fn desk(stage: &std::path::Path) -> (Node, String, String) {
    let er = Node::running(stage, "County ER", "covered_entity");
    er.hire("noor", "the heron stands still");
    let partner = ["partner", "add", "Stone Chapel Beds", "--kind", "non_covered_cbo", "--telephone", "606-555-0177"];
    er.json_as("noor", &partner);
    let person = er.json_as("noor", &["person", "add", "--from", &er.words(&format!("name: {NAME}\n"))[1..]]);
    let person = text(&person["id"]);
    let draft = ["consent", "draft", "--person", &person, "--to", "Stone Chapel Beds", "--expires", "2099-01-01"];
    let consent = text(&er.json_as("noor", &draft)["id"]);
    (er, person, consent)
}

fn sign(er: &Node, consent: &str) {
    er.json_as("noor", &["consent", "sign", consent, "--attested", "--typed", &er.words(NAME)]);
}

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
    let (er, _, consent) = desk(stage.path());
    sign(&er, &consent);
    let send = ["referral", "send", "--off-network", "--consent", &consent, "--only-option", "nobody_else"];
    let sends =
        |answer: &str| shown(&er, &send, &[("What it is about", "a bed from Friday"), ("Send it now?", answer)]);
    let open = || er.json_as("noor", &["referral", "list"])["threads"].as_array().unwrap().len();
    let shown = sends("n");
    assert_eq!(shown.code, Some(1), "{shown:?}");
    assert!(shown.text.contains("Stone Chapel Beds") && shown.text.contains("nothing was sent"), "{shown:?}");
    assert_eq!(open(), 0);
    let shown = sends("y");
    assert_eq!((shown.code, open()), (Some(0), 1), "{shown:?}");
    // A second one beside it is asked about before it goes.
    for (meant, then, code, stand) in [("n", None, 1, 1), ("y", Some("y"), 0, 2)] {
        let mut answers =
            vec![("What it is about", "a bed from Friday"), ("Is this one meant, and goes beside it?", meant)];
        answers.extend(then.map(|then| ("Send it now?", then)));
        let shown = self::shown(&er, &send, &answers);
        assert_eq!((shown.code, open()), (Some(code), stand), "{shown:?}");
        assert_eq!(shown.text.contains("Send it now?"), then.is_some(), "{shown:?}");
    }
}

#[test]
fn nobody_types_words_for_what_would_not_be_done_or_with_a_wrong_secret() {
    let stage = stage();
    let (er, person, consent) = desk(stage.path());
    std::fs::write(er.home().join("wrong"), "what nobody has").unwrap();
    let refused = |command: Command, prompt: &str, why: &str| {
        let shown = at_terminal(command, &[]);
        assert_eq!(shown.code, Some(1), "{shown:?}");
        assert!(shown.text.contains(why) && !shown.text.contains(prompt), "{prompt}: {shown:?}");
    };
    let hold = ["hold", "set", "--person", &person];
    refused(typed(&er, &hold, "wrong"), "Why: which paper", "no staff member");
    refused(typed(&er, &["person", "add"], "wrong"), "name:", "no staff member");
    let prompt = "The signer types the name";
    let sign_it = ["consent", "sign", &consent];
    refused(typed(&er, &sign_it, "wrong"), prompt, "no staff member");
    let answers = [(prompt, NAME), ("was shown this, and means it", "y")];
    let signed = shown(&er, &sign_it, &answers);
    assert_eq!(signed.code, Some(0), "{signed:?}");
    refused(typed(&er, &sign_it, "secret-noor"), prompt, "signed");
    refused(
        typed(&er, &["consent", "void", &consent, "--yes"], "secret-noor"),
        "What is false in it",
        "privacy officer",
    );
    let unknown = "ab".repeat(32);
    for (command, prompt) in [
        (vec!["referral", "withdraw", &unknown], "Why it is taken back"),
        (vec!["referral", "handoff", &unknown, "--mode", "in_person", "--teach-back", "understood"], "Who handed over"),
        (vec!["hold", "lift", "abcdabcd"], "Why it may end"),
        (vec!["person", "crisis", &unknown], "warning signs"),
        (vec!["disclosures", "strike", &unknown], "Why it was never told"),
    ] {
        refused(typed(&er, &command, "secret-noor"), prompt, "error:");
    }
    let held = shown(&er, &hold, &[("Why: which paper", "a subpoena")]);
    assert_eq!(held.code, Some(0), "{held:?}");
    let holds = er.json_as("noor", &["hold", "list"])["holds"].as_array().unwrap().len();
    assert_eq!(holds, 1, "asked before it was done, and done once");
}

#[test]
fn whom_a_plan_calls_no_more_is_read_before_it_is_written() {
    let stage = stage();
    let er = Node::running(stage.path(), "County ER", "covered_entity");
    er.hire("noor", "the heron stands still");
    let person = er.json_as("noor", &["person", "add", "--from", &er.words(&format!("name: {NAME}\n"))[1..]]);
    let person = text(&person["id"]);
    let called = || {
        let plan = er.json_as("noor", &["person", "show", &person])["plans"]["crisis"][1].clone();
        support::texts(&plan["contacts"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect())
    };
    let question = "Write it so?";
    let writes = |name: &str, more: &[&str], answers: &[(&str, &str)]| {
        let file = er.words(&format!("contact: {name}; 606-555-0111; sister\n"))[1..].to_owned();
        let arguments = [&["person", "crisis", &person, "--from", &file], more].concat();
        let shown = shown(&er, &arguments, answers);
        (shown.code, shown.text.contains(question), shown.text)
    };
    let (code, asked, text) = writes("Mae Wick", &[], &[]);
    assert!(code == Some(0) && !asked, "nothing stands there: {text}");
    let (code, asked, text) = writes("Joe Marsh", &[], &[(question, "n")]);
    assert!(code == Some(1) && asked && text.contains("Mae Wick, sister, 606-555-0111"), "{text}");
    assert_eq!(called(), ["Mae Wick"]);
    assert_eq!(writes("Joe Marsh", &[], &[(question, "y")]).0, Some(0));
    assert_eq!(called(), ["Joe Marsh"]);
    let (code, asked, text) = writes("Ann Hill", &["--yes"], &[]);
    assert!(code == Some(0) && !asked, "{text}");
    assert_eq!(called(), ["Ann Hill"]);
}
