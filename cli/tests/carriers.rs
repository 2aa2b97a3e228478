//! Two organisations whose machines never run at once close a referral: by way of a third that keeps sealed parcels, and by files.
//! The carrier's store, opened with its own key, holds nothing of it.

mod support;

use belay_node::demo::reader::search::{Found, search};
use std::fs;
use support::coalition::{gather, refer, say, stands, until_peers, until_state};
use support::{Node, stage, stores, text};

const PERSON: &str = "Ada Featherstonehaugh-Wick";
const REASON: &str = "Buprenorphine begun this morning, wants to go on with it";
const ANSWER: &str = "Come on Tuesday to the side door on Alder Lane";
const CLOSED: &str = "7.0";

fn hire(sender: &Node, clinic: &Node) {
    sender.hire("Noor", "ledger canopy nine");
    clinic.hire("Wren", "harbor violet seven");
}

fn delivery(node: &Node, staff: &str, thread: &str) -> String {
    text(&node.json_as(staff, &["referral", "show", thread])["delivery"])
}

/// What `status` counts for the one partner that is not reached: waiting, with carriers, came by them.
fn under_way(node: &Node) -> [u64; 3] {
    let view = node.status();
    let rows = view["under_way"].as_array().unwrap();
    let row = rows.iter().find(|row| row["name"] == "Clinic").unwrap_or_else(|| panic!("{view:#}"));
    ["waiting", "with_carriers", "came"].map(|count| row[count].as_u64().unwrap())
}

/// What lies at a carrier: who left it, and for whom.
fn carried(node: &Node) -> Vec<(String, String)> {
    let view = node.json(&["carrier", "list"]);
    view["carried"].as_array().unwrap().iter().map(|c| (text(&c["from_name"]), text(&c["to_name"]))).collect()
}

fn until_carried(node: &Node, count: usize) {
    node.until(&["carrier", "list"], &format!("{count} parcels"), |view| {
        (view["carried"].as_array()?.len() == count).then_some(())
    });
}

/// The clinic takes the person in, and ends it well.
fn answer(clinic: &Node, thread: &str) {
    clinic.json_as("Wren", &["referral", "link", thread, "--new"]);
    clinic.json_as("Wren", &["referral", "accept", thread]);
    say(clinic, "Wren", thread, ANSWER);
    clinic.json_as("Wren", &["referral", "schedule", thread, "--at", &support::data::visit()]);
    clinic.json_as("Wren", &["referral", "attend", thread]);
    clinic.json_as("Wren", &["referral", "close", thread, "--outcome", "services_received"]);
}

/// What tells of a person, a text or a thread, as it would lie in a store.
fn needles(thread: &str, person: &str, consent: &str) -> Vec<Vec<u8>> {
    let ids = [thread, person, consent].map(|id| data_encoding::HEXLOWER.decode(id.as_bytes()).unwrap());
    let words = [PERSON, "Featherstonehaugh", REASON, "Buprenorphine begun", ANSWER, "Alder Lane"];
    ids.into_iter().chain(words.map(|word| word.as_bytes().to_vec())).collect()
}

fn search_in(node: &Node, needles: &[Vec<u8>]) -> Vec<Found> {
    search(&stores::open(node), needles).unwrap()
}

#[test]
fn who_never_runs_at_once_closes_a_referral_through_a_carrier_that_learns_nothing() {
    let stage = stage();
    let mut sender = Node::running(stage.path(), "Emergency", "covered_entity");
    let carrier = Node::running(stage.path(), "Library", "non_covered_cbo");
    let mut clinic = Node::running(stage.path(), "Clinic", "part2_program");
    gather(&[&sender, &carrier, &clinic]);
    hire(&sender, &clinic);
    carrier.json(&["carrier", "offer"]);
    for node in [&sender, &clinic] {
        node.until(&["carrier", "list"], "the offer to carry", |view| {
            (view["carriers"].as_array()?.iter().any(|c| c["name"] == "Library")).then_some(())
        });
    }
    until_peers(&sender, 2);
    clinic.stop();
    let thread = refer(&sender, "Noor", &clinic, &format!("name: {PERSON}\nbirth_date: 1988-02-03\n"), REASON);
    assert_eq!(delivery(&sender, "Noor", &thread), "waiting");
    let [waiting, 0, 0] = under_way(&sender) else { panic!("{:?}", under_way(&sender)) };
    assert!(waiting > 0);
    let shown = sender.json_as("Noor", &["referral", "show", &thread]);
    let (person, consent) = (text(&shown["person"]), text(&shown["consent"]));

    // The sender goes off for the night, and leaves it behind.
    sender.stop();
    until_carried(&carrier, 1);
    assert_eq!(carried(&carrier), [("Emergency".to_owned(), "Clinic".to_owned())]);
    sender.start();
    assert_eq!(delivery(&sender, "Noor", &thread), "left_with_carrier");
    assert_eq!(under_way(&sender), [0, waiting, 0]);
    let told = sender.tell_as("Noor", &["referral", "show", &thread]);
    assert!(told.out.contains("left_with_carrier"), "{told:?}");

    // Everything that is in the carrier's store is looked at; the same search finds all of it in the sender's and the clinic's.
    let needles = needles(&thread, &person, &consent);
    let there = search_in(&carrier, &needles);
    assert!(there.iter().all(|found| found.values == 0), "{there:?}");
    sender.stop();

    clinic.start();
    until_state(&clinic, "Wren", &thread, stands::SENT);
    answer(&clinic, &thread);
    clinic.stop();
    until_carried(&carrier, 1);
    assert_eq!(carried(&carrier), [("Clinic".to_owned(), "Emergency".to_owned())]);
    let there = search_in(&carrier, &needles);
    assert!(there.iter().all(|found| found.values == 0), "{there:?}");

    sender.start();
    until_state(&sender, "Noor", &thread, CLOSED);
    until_carried(&carrier, 0);
    assert_eq!(delivery(&sender, "Noor", &thread), "delivered");
    assert_eq!(under_way(&sender), [0, 0, waiting]);
    let (controls, there) = (search_in(&sender, &needles), search_in(&carrier, &needles));
    assert!(there.iter().all(|found| found.values == 0), "{there:?}");
    assert!(controls.iter().all(|found| found.values > 0), "the search finds what is there: {controls:?}");
    for node in [&sender, &carrier, &clinic] {
        assert!(!node.log().contains(" ERROR "), "{}:\n{}", node.name, node.log());
    }
}

#[test]
fn a_stick_that_goes_there_and_back_closes_a_referral_and_what_is_wrong_with_a_file_is_said() {
    let stage = stage();
    let mut sender = Node::running(stage.path(), "Emergency", "covered_entity");
    let mut clinic = Node::running(stage.path(), "Clinic", "part2_program");
    gather(&[&sender, &clinic]);
    hire(&sender, &clinic);
    until_peers(&sender, 1);
    clinic.stop();
    let thread = refer(&sender, "Noor", &clinic, &format!("name: {PERSON}\n"), REASON);
    let there = stage.path().join("there.txt");
    let there = there.to_str().unwrap();
    let made = sender.json(&["bundle", "export", "--for", "Clinic", there]);
    assert!(made["parcels"].as_u64().unwrap() >= 1 && made["file"] == there, "{made}");
    let file = fs::read_to_string(there).unwrap();
    assert!(file.starts_with("Sealed for Clinic") && !file.contains("Emergency") && !file.contains(PERSON));
    assert!(sender.refused(&["bundle", "export", "--for", "Clinic", there]).contains("new file name"));
    let own = sender.refused(&["bundle", "import", there]);
    assert!(own.contains("this bundle is for Clinic"), "{own}");
    sender.stop();

    clinic.start();
    let path = |name: &str, content: &[u8]| {
        let path = stage.path().join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let half = file.len() / 2;
    let wrong = [
        ("cut", file.as_bytes()[..half].to_vec(), "cut short"),
        ("damaged", [&file.as_bytes()[..half], b"AAAA", &file.as_bytes()[half + 4..]].concat(), "damaged"),
        ("empty", Vec::new(), "not a file of belay"),
        ("picture", vec![0xff; 5_000], "no text"),
        ("large", vec![b'x'; 65 * 1024 * 1024], "too large"),
    ];
    for (name, content, words) in wrong {
        let refused = clinic.refused(&["bundle", "import", &path(name, &content)]);
        assert!(refused.contains(words), "{name}: {refused}");
    }
    // A whole text before a damaged one: nothing of the file is taken.
    let mixed = path("mixed", [file.as_bytes(), &file.as_bytes()[..half]].concat().as_slice());
    assert!(clinic.refused(&["bundle", "import", &mixed]).contains("cut short"));
    assert_eq!(clinic.json_as("Wren", &["referral", "list"])["threads"].as_array().unwrap().len(), 0);

    let taken = clinic.json(&["bundle", "import", there]);
    assert_eq!(taken["taken"], made["parcels"], "{taken}");
    assert_eq!(taken["from"][0], "Emergency", "{taken}");
    let again = clinic.json(&["bundle", "import", there]);
    assert_eq!((&again["taken"], &again["known"]), (&0.into(), &made["parcels"]), "{again}");
    until_state(&clinic, "Wren", &thread, stands::SENT);
    answer(&clinic, &thread);
    let back = stage.path().join("back.txt");
    let back = back.to_str().unwrap();
    clinic.json(&["bundle", "export", "--for", "Emergency", back]);
    clinic.stop();

    sender.start();
    sender.json(&["bundle", "import", back]);
    until_state(&sender, "Noor", &thread, CLOSED);
    assert_eq!(delivery(&sender, "Noor", &thread), "delivered");
    // What came back acknowledged everything: nothing of the thread goes into the next.
    let next = stage.path().join("next.txt");
    let made = sender.json(&["bundle", "export", "--for", "Clinic", next.to_str().unwrap()]);
    assert_eq!(made["entries"], 0, "{made}");
}
