//! Data folders that were copied, and put back. Nothing depends on counters, so both installations go on, nothing is lost, and no key
//! seals two bodies.

mod support;

use support::coalition::{
    add_person, condition, referred, say, stands, until_condition, until_found, until_peers, until_says, until_state,
};
use support::{stage, stores};

#[test]
fn a_folder_that_was_copied_and_started_twice_goes_on_in_both_places() {
    let stage = stage();
    let (sender, mut clinic, thread) = referred(stage.path());
    clinic.stop();
    let mut copy = clinic.copied(&stage.path().join("copy"));
    clinic.start();
    copy.start();

    // Both write, in the thread, in their own records and in the directory.
    say(&clinic, "Wren", &thread, "from the first place");
    say(&copy, "Wren", &thread, "from the second place");
    add_person(&clinic, "Wren", "First Person");
    add_person(&copy, "Wren", "Second Person");
    clinic.json(&["listing", "add", "name=Evening group"]);
    copy.json(&["listing", "add", "name=Morning group"]);
    say(&sender, "Noor", &thread, "to whoever reads it");

    let all = ["from the first place", "from the second place", "to whoever reads it"];
    until_says(&sender, "Noor", &thread, &all);
    until_found(&sender, "evening group", "Evening group");
    until_found(&sender, "morning group", "Morning group");
    for place in [&clinic, &copy] {
        until_says(place, "Wren", &thread, &all);
        until_found(place, "evening group", "Evening group");
        until_found(place, "morning group", "Morning group");
        say(place, "Wren", &thread, &format!("a last word from {}", place.name));
    }
    until_says(&sender, "Noor", &thread, &["a last word from Clinic", "a last word from Clinic (copy)"]);
    assert!(stores::distinct_salts(&[&sender, &clinic, &copy]) > 12);
    // Both are told, since nobody else would notice; and who is no copy is told nothing.
    for place in [&clinic, &copy] {
        let told = until_condition(place, "folder-copied");
        assert!(told.contains("another copy of this data folder") && told.contains("delete its folder"), "{told}");
    }
    assert_eq!(condition(&sender.status(), "folder-copied"), None);
    for node in [&sender, &clinic, &copy] {
        assert!(!node.log().contains(" ERROR "), "{}:\n{}", node.name, node.log());
    }
}

#[test]
fn a_folder_put_back_to_yesterdays_copy_gets_its_own_lost_words_back_and_goes_on() {
    let stage = stage();
    let (mut sender, mut clinic, thread) = referred(stage.path());
    clinic.stop();
    let yesterday = stage.path().join("yesterday");
    clinic.back_up(&yesterday);
    clinic.start();
    until_peers(&clinic, 1);
    say(&clinic, "Wren", &thread, "said today");
    clinic.json_as("Wren", &["referral", "schedule", &thread, "--at", &support::data::visit()]);
    clinic.json(&["listing", "add", "name=Opened today"]);
    until_says(&sender, "Noor", &thread, &["said today"]);
    until_state(&sender, "Noor", &thread, stands::SCHEDULED);
    until_found(&sender, "opened today", "Opened today");

    // Its disk is yesterday's, and before it hears of today it writes again.
    sender.stop();
    clinic.stop();
    clinic.put_back(&yesterday);
    clinic.start();
    say(&clinic, "Wren", &thread, "said after the restore");
    clinic.json(&["listing", "add", "name=Opened after the restore"]);
    sender.start();

    until_says(&clinic, "Wren", &thread, &["said today", "said after the restore"]);
    until_state(&clinic, "Wren", &thread, stands::SCHEDULED);
    until_found(&clinic, "opened", "Opened today");
    until_says(&sender, "Noor", &thread, &["said today", "said after the restore"]);
    until_found(&sender, "opened", "Opened after the restore");
    clinic.json_as("Wren", &["referral", "attend", &thread]);
    until_state(&sender, "Noor", &thread, stands::ATTENDED);
    stores::until_equal(&[&sender, &clinic]);
    assert!(stores::distinct_salts(&[&sender, &clinic]) > 10);
}
