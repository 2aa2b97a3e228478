//! Staff are told that a referral has come, in one line that names nobody.

mod support;

use std::fs;
use support::coalition::{condition, gather, refer, until_condition};
use support::{Node, stage};

const PERSON: &str = "name: Rosalind Quillfeather\nphone: 606-555-0177\n";

#[test]
fn a_referral_that_arrives_is_told_by_the_command_in_one_line_that_names_nobody() {
    let stage = stage();
    let sender = Node::running(stage.path(), "Emergency", "covered_entity");
    let mut clinic = Node::init(stage.path(), "Clinic", "part2_program");
    let told = clinic.home().join("told");
    clinic.start_with(&["--notify-command", "/usr/bin/tee", "--notify-arg", told.to_str().unwrap()]);
    gather(&[&sender, &clinic]);
    sender.hire("Noor", "ledger canopy nine");
    refer(&sender, "Noor", &clinic, PERSON, "wants buprenorphine by noon");
    let line =
        clinic.until(&["status"], "the notice", |_| fs::read_to_string(&told).ok().filter(|l| l.ends_with('\n')));
    assert_eq!(line, "Belay: 1 new\n");
    assert_eq!(condition(&clinic.status(), "notice-failed"), None);

    // After a start what waits is told once again; where that fails, the node says so, and why.
    clinic.stop();
    let refused = support::Told::by(&mut clinic.run_command(&["--notify-command", "/nowhere/notify"]));
    assert!(refused.refusal(2).contains("/nowhere/notify"), "what is not there is told at the start: {refused:?}");
    clinic.start_with(&["--notify-command", "/bin/false"]);
    let said = until_condition(&clinic, "notice-failed");
    assert!(said.contains("/bin/false ended with") && !said.contains("Quillfeather"), "{said}");
    assert!(!clinic.log().contains("Quillfeather"));
}

#[test]
fn an_address_that_is_none_is_refused_before_anything_else() {
    let stage = stage();
    let clinic = Node::init(stage.path(), "Clinic", "part2_program");
    let refused = support::Told::by(&mut clinic.run_command(&["--notify-mail", "intake@clinic.example, other@x"]));
    assert!(refused.refusal(2).contains("one plain address"), "{refused:?}");
}
