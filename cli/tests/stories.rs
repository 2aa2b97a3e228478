//! The three stories for which the program was made, as `belay demo` plays them: processes, sockets, stores, and a reader outside
//! them. Each sits in one test after another, since five or six nodes at once are enough for a small machine.

mod support;

use serde_json::Value;
use support::{Told, program, stage};

/// Plays a story to its end. Gives each check's name and whether it holds.
fn played(story: &str) -> Vec<(String, bool)> {
    let stage = stage();
    let data = stage.path().join("stage");
    let mut command = program();
    command.args(["demo", "--story", story, "--exit", "--json", "--data", data.to_str().unwrap()]);
    let told = Told::by(&mut command);
    let report: Value = told.done().unwrap_or_else(|| panic!("{story}: {told:?}"));
    assert_eq!(report["story"], story);
    let checks = report["checks"].as_array().unwrap();
    checks.iter().map(|c| (c["name"].as_str().unwrap().to_owned(), c["ok"] == true)).collect()
}

#[test]
fn the_three_stories_run_from_end_to_end_and_the_right_things_are_sealed_from_the_right_people() {
    // What each must have found out besides what all do, so that a story that leaves a check out does not pass.
    let stories: [(&str, &[&str]); 3] = [
        (
            "county",
            &[
                "the inquiry told the clinic nothing of who it is",
                "a referral accepted while the sender was off line is heard of",
                "a missed visit is heard of and closes nothing",
                "the letter holds the notice of 42 CFR 2.32 and is one disclosure",
                "the ride's closed loop lifts the need of the referral",
                "the loop is closed: the sender knows that she came",
                "Cedar County Jail Re-entry has nothing of the referral",
                "the same search finds all of the referral at Mill Creek Clinic",
                "nobody else learns who gives the ride",
                "what is sealed after the revocation does not open",
                "after the expiry nothing is sealed for the clinic",
            ],
        ),
        (
            "emergency",
            &[
                "the warm handoff is on record at both, with its teach-back",
                "seen within seven days, the seventh counted and the eighth not",
                "of a check-in only what the consent names is told",
                "Harbor House Shelter has nothing of the medication",
                "handed every entry of the medication, Harbor House Shelter opens nothing",
                "handed every entry of the medication, Second Path Peer Recovery opens nothing",
                "the same keys and entries of the medication open at Mill Creek Clinic",
                "Mill Creek Clinic has nothing of the referral for a bed",
                "whoever is told the referral alone does not learn of whom it speaks",
            ],
        ),
        (
            "reentry",
            &[
                "the jail hears nothing back unless the consent names it",
                "under the consent for criminal justice the jail hears what it names and no medication",
                "it is not taken back before the time that it names",
                "the two weeks after release are watched, the fourteenth day counted",
                "who is lost is looked for, and the referral stays open",
                "that he is in custody is told to the clinic, ends the alarm and closes nothing",
                "Cedar County Probation has nothing of the referrals",
                "handed every entry of the referrals, Cedar County Probation opens nothing",
                "the same search finds all of the referrals at Mill Creek Clinic",
            ],
        ),
    ];
    for (story, found) in stories {
        let checks = played(story);
        let broken: Vec<&String> = checks.iter().filter(|(_, ok)| !ok).map(|(name, _)| name).collect();
        assert!(broken.is_empty(), "{story}: {broken:?}");
        for name in found.iter().chain(&["no log holds anything about the person"]) {
            assert!(checks.iter().any(|(check, _)| check == name), "{story} does not check that {name}: {checks:#?}");
        }
    }
}
