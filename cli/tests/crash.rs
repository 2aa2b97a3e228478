//! Nodes that are ended as a power cut ends them, in the middle of what they do. What a command was told is done stays done; what it
//! was not told is done either whole or not at all; and the nodes come to hold the same again.

mod support;

use serde_json::Value;
use std::process::Stdio;
use std::time::{Duration, Instant};
use support::coalition::{add_person, history, join, referred, say, says, until_listings, until_member};
use support::{Node, Told, data, stage, stores, text};

/// Starts a command, waits a while, ends the node by `kill -9`, and says what the command was told.
fn killed_during(node: &mut Node, arguments: &[&str], wait: Duration) -> Told {
    let child = node.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(wait);
    node.kill();
    let out = child.wait_with_output().unwrap();
    Told {
        code: out.status.code(),
        out: String::from_utf8(out.stdout).unwrap(),
        err: String::from_utf8(out.stderr).unwrap(),
    }
}

/// The condition by which a node says that it writes an import.
fn importing(status: &Value) -> Option<String> {
    let conditions = status["conditions"].as_array().unwrap();
    conditions.iter().find(|c| c["code"] == "import").map(|c| text(&c["sentence"]))
}

#[test]
fn an_import_that_the_power_cut_ended_is_there_whole_when_the_node_is_back_or_not_at_all() {
    let stage = stage();
    let mut node = Node::running(stage.path(), "Keeper", "other");
    node.json(&["found", "Cedar County Network"]);
    let set = stage.path().join("large");
    let listings = data::large(&set, 400);
    let import = ["directory", "import", set.to_str().unwrap()];
    let mut unanswered = 0;
    for wait in [60, 150, 300, 600] {
        let told = killed_during(&mut node, &import, Duration::from_millis(wait));
        node.start();
        // The node itself goes on with what it had kept; nobody asks it to.
        let there = node.until(&["status"], "the end of the import", |status| {
            importing(status).is_none().then(|| status["counts"]["listings"].as_u64().unwrap())
        });
        match told.done() {
            Some(_) => assert_eq!(there, listings, "an import that was acknowledged"),
            None => {
                unanswered += 1;
                told.refusal(3);
                assert!(there == 0 || there == listings, "{there} of {listings} listings");
            }
        }
    }
    assert!(unanswered > 0, "no import was ended by the power cut");
    node.json(&import);
    let again = node.json(&import);
    assert_eq!((again["unchanged"].as_u64(), again["added"].as_u64()), (Some(listings), Some(0)));
    assert_eq!(node.status()["counts"]["listings"], listings);
    let found = node.json(&["directory", "search", "number", "399", "--kind", "service"]);
    assert!(found["listings"].as_array().unwrap().iter().any(|l| text(&l["name"]).contains("399")), "{found}");
}

#[test]
fn while_an_import_is_written_the_node_answers_and_after_a_power_cut_it_goes_on_by_itself() {
    let stage = stage();
    let mut node = Node::running(stage.path(), "Keeper", "other");
    node.json(&["found", "Cedar County Network"]);
    let set = stage.path().join("large");
    let listings = data::large(&set, 4_000);
    let import = ["directory", "import", set.to_str().unwrap()];
    let child = node.command(&import).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Answered in the middle of it, with some of it written: what is asked and what is added meanwhile is done as ever.
    let some = |status: &Value| (importing(status).is_some() && status["counts"]["listings"] != 0).then_some(());
    node.until(&["status"], "an import under way", some);
    node.json(&["listing", "add", "name=Written meanwhile"]);
    let status = node.status();
    assert!(importing(&status).is_some(), "the import was over too soon for this test to say anything: {status}");
    assert_ne!(status["counts"]["listings"], listings + 1);
    node.kill();
    assert!(!child.wait_with_output().unwrap().status.success(), "nobody was told that it is done");
    node.start();
    node.until(&["status"], "all of the import", |status| {
        (importing(status).is_none() && status["counts"]["listings"] == listings + 1).then_some(())
    });
    let again = node.json(&import);
    assert_eq!((again["unchanged"].as_u64(), again["added"].as_u64()), (Some(listings), Some(0)));
}

#[test]
fn nodes_that_die_while_they_sync_converge_when_they_are_back() {
    let stage = stage();
    let mut keeper = Node::running(stage.path(), "Keeper", "other");
    keeper.json(&["found", "Cedar County Network"]);
    let set = stage.path().join("large");
    let mut listings = data::large(&set, 600);
    keeper.json(&["directory", "import", set.to_str().unwrap()]);
    let mut newcomer = Node::running(stage.path(), "Newcomer", "other");
    join(&keeper, &newcomer);
    // Approved, and not a moment of peace from here on.
    for (round, wait) in [5, 30, 80, 160].into_iter().enumerate() {
        std::thread::sleep(Duration::from_millis(wait));
        let name = format!("name=Written in round {round}");
        if round % 2 == 0 {
            newcomer.kill();
            keeper.json(&["listing", "add", &name]);
            newcomer.start();
        } else {
            keeper.kill();
            newcomer.json(&["listing", "add", &name]);
            keeper.start();
        }
        listings += 1;
    }
    until_member(&newcomer);
    until_listings(&newcomer, listings);
    until_listings(&keeper, listings);
    stores::until_equal(&[&keeper, &newcomer]);
}

#[test]
fn a_referral_keeps_every_word_that_was_acknowledged_whichever_side_dies() {
    let stage = stage();
    let (mut sender, mut clinic, thread) = referred(stage.path());
    let secret = |node: &Node, staff: &str| node.home().join(format!("secret-{staff}")).display().to_string();
    let (noor, wren) = (secret(&sender, "Noor"), secret(&clinic, "Wren"));
    let mut acknowledged: Vec<String> = Vec::new();
    let mut persons: Vec<String> = Vec::new();
    let mut cut_off = 0;
    for (round, wait) in [20, 60, 90, 120, 160, 220].into_iter().enumerate() {
        let words = format!("message of round {round}");
        let (node, staff, file) =
            if round % 2 == 0 { (&mut sender, "Noor", &noor) } else { (&mut clinic, "Wren", &wren) };
        // One that is answered, then one whose answer the kill may cut off.
        let view = say(node, staff, &thread, &format!("{words}, in peace"));
        acknowledged.push(format!("{words}, in peace"));
        assert!(!history(&view).is_empty());
        let person = format!("Person {round}");
        persons.push(add_person(node, staff, &person));
        let cut = format!("{words}, in haste");
        let text = node.words(&cut);
        let message = ["referral", "message", &thread, "--text", &text, "--as", staff, "--staff-secret-file", file];
        let told = killed_during(node, &message, Duration::from_millis(wait));
        match told.done() {
            Some(_) => acknowledged.push(cut),
            None => {
                told.refusal(3);
                cut_off += 1;
            }
        }
        node.start();
        let there = node.json_as(staff, &["referral", "show", &thread]);
        let lacking: Vec<&String> = acknowledged.iter().filter(|w| !says(&there, w)).collect();
        // What the other side wrote last may still be on its way.
        assert!(lacking.iter().all(|w| !w.contains(&words)), "acknowledged and lost: {lacking:?}");
    }
    eprintln!("{cut_off} messages were cut off, {} acknowledged", acknowledged.len());
    for (node, staff) in [(&sender, "Noor"), (&clinic, "Wren")] {
        node.until_as(staff, &["referral", "show", &thread], "every acknowledged message", |view| {
            acknowledged.iter().all(|w| says(view, w)).then_some(())
        });
    }
    let began = Instant::now();
    loop {
        // What was not acknowledged is there on both sides or on none.
        let show = ["referral", "show", &thread];
        let mut both = [history(&sender.json_as("Noor", &show)), history(&clinic.json_as("Wren", &show))];
        both.iter_mut().for_each(|h| h.sort());
        if both[0] == both[1] {
            break;
        }
        assert!(began.elapsed() < support::PATIENCE, "two histories of one thread: {both:#?}");
        std::thread::sleep(Duration::from_millis(200));
    }
    let list = |node: &Node, staff: &str| node.json_as(staff, &["person", "list"]);
    let (of_sender, of_clinic) = (list(&sender, "Noor"), list(&clinic, "Wren"));
    for (round, id) in persons.iter().enumerate() {
        let rows = if round % 2 == 0 { &of_sender } else { &of_clinic };
        let there = rows["persons"].as_array().unwrap().iter().any(|p| p["id"] == id.as_str());
        assert!(there, "a person who was added is there after the power cut: {rows}");
    }
    stores::until_equal(&[&sender, &clinic]);
    assert!(stores::distinct_salts(&[&sender, &clinic]) > 20);
}
