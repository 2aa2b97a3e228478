//! What a node tells of persons and secrets where it should tell nothing: logs at the loudest, arguments and environment of its
//! process, and every file of the data folder as its bytes lie on the disk.

mod support;

use std::fs;
use support::coalition::{gather, refer, say, stands, until_state};
use support::folders::files;
use support::{Node, stage, text};

const PERSON: &str = "Rosalind Quillfeather";
const OTHER_NAME: &str = "Marlowe Thistlewick";
const PHONE: &str = "606-555-0177";
const NOTE: &str = "sleeps behind the tannery";
const REASON: &str = "wants buprenorphine by Thursday noon";
const MESSAGE: &str = "comes with her sister Wilhelmina";
const PLACE: &str = "11 Gooseberry Lane";
const SECRET: &str = "ledger canopy nineteen";
const OTHER_SECRET: &str = "harbor violet seventy";
/// What [`Node::init`] makes the passphrase of.
const PASSPHRASE: &str = "correct horse of";

const PLANTED: [&str; 10] = [PERSON, OTHER_NAME, PHONE, NOTE, REASON, MESSAGE, PLACE, SECRET, OTHER_SECRET, PASSPHRASE];

/// Finds planted words, whatever their case, also as parts: a surname alone is a name.
fn planted(bytes: &[u8]) -> Vec<String> {
    let parts = ["Quillfeather", "Thistlewick", "tannery", "Wilhelmina", "Gooseberry", "6065550177"];
    let haystack = bytes.to_ascii_lowercase();
    let within = |word: &&&str| {
        let needle = word.to_lowercase().into_bytes();
        haystack.windows(needle.len()).any(|window| window == needle)
    };
    PLANTED.iter().chain(parts.iter()).filter(within).map(ToString::to_string).collect()
}

/// What the system shows of a running process to others.
fn process_facts(node: &Node) -> Vec<u8> {
    let of = |what: &str| fs::read(format!("/proc/{}/{what}", node.process())).unwrap_or_default();
    [of("cmdline"), of("environ"), of("comm")].concat()
}

#[test]
fn no_planted_name_or_secret_is_in_any_log_argument_or_file_in_clear() {
    let stage = stage();
    let mut all: Vec<Node> = [("Emergency", "covered_entity"), ("Clinic", "part2_program"), ("Shelter", "other")]
        .map(|(name, kind)| {
            let mut node = Node::init(stage.path(), name, kind);
            node.set("BELAY_LOG", "trace");
            node.start();
            node
        })
        .into();
    {
        let [sender, clinic, third] = all.as_slice() else { unreachable!() };
        gather(&[sender, clinic, third]);
        story(sender, clinic);
        for node in [sender, clinic, third] {
            assert_eq!(planted(&process_facts(node)), [""; 0], "arguments of {}", node.name);
            let phrase = fs::read_to_string(node.home().join("phrase")).unwrap();
            let log = node.log();
            assert!(log.contains(" TRACE ") && log.len() > 10_000, "the log is as loud as it gets");
            assert_eq!(planted(log.as_bytes()), [""; 0], "log of {}:\n{}", node.name, lines_with(&log));
            assert!(!log.contains(phrase.trim()), "the recovery phrase is in a log");
            for (path, bytes) in files(&node.data()) {
                assert_eq!(planted(&bytes), [""; 0], "{} while it runs", path.display());
                assert!(!bytes.windows(24).any(|w| phrase.as_bytes().starts_with(w)), "{}", path.display());
            }
        }
    }
    for node in &mut all {
        node.stop();
        assert_eq!(planted(node.log().as_bytes()), [""; 0], "log of {}:\n{}", node.name, lines_with(&node.log()));
        let names: Vec<String> = files(&node.data())
            .into_iter()
            .map(|(path, bytes)| {
                assert_eq!(planted(&bytes), [""; 0], "{} after its end", path.display());
                path.file_name().unwrap().to_string_lossy().into_owned()
            })
            .collect();
        assert!(names.contains(&"store.db".to_owned()), "{names:?}");
        assert!(!names.iter().any(|n| n.contains("tmp") || n.contains("journal")), "temporary files stay: {names:?}");
    }
}

fn story(sender: &Node, clinic: &Node) {
    sender.hire("Noor", SECRET);
    clinic.hire("Wren", OTHER_SECRET);
    let person = format!("name: {PERSON}\nother name: {OTHER_NAME}\nphone: {PHONE}\nnote: {NOTE}\n");
    let thread = refer(sender, "Noor", clinic, &person, REASON);
    until_state(clinic, "Wren", &thread, stands::SENT);
    clinic.json_as("Wren", &["referral", "link", &thread, "--new"]);
    clinic.json_as("Wren", &["referral", "accept", &thread]);
    say(sender, "Noor", &thread, MESSAGE);
    clinic.json_as(
        "Wren",
        &["referral", "schedule", &thread, "--at", &support::data::visit(), "--place", &clinic.words(PLACE)],
    );
    until_state(sender, "Noor", &thread, stands::SCHEDULED);
    let shown = clinic.until_as("Wren", &["referral", "show", &thread], "the message", |view| {
        view["history"].as_array()?.iter().any(|l| l["text"] == MESSAGE).then(|| view.clone())
    });
    assert_eq!(text(&shown["identity"]["name"]), PERSON, "who may read it does");
    clinic.json_as("Wren", &["referral", "attend", &thread]);
    let note = clinic.words(NOTE);
    clinic.json_as("Wren", &["referral", "close", &thread, "--outcome", "services_received", "--note", &note]);
    let id = text(&sender.json_as("Noor", &["person", "list"])["persons"][0]["id"]);
    assert!(sender.json_as("Noor", &["disclosures", "--person", &id])["disclosures"][0]["staff"] == "Noor");
    let file = sender.home().join("secret-Pia");
    fs::write(&file, "what the officer signs in with").unwrap();
    sender.json(&["user", "add", "Pia", "--role", "privacy officer", "--new-secret-file", file.to_str().unwrap()]);
    sender.json_as("Pia", &["audit", "show"]);
    // The search that finds nothing below finds them where they are in clear.
    assert_eq!(planted(&fs::read(sender.home().join("secret-Noor")).unwrap()), [SECRET]);
    assert!(planted(sender.tell_as("Noor", &["person", "list"]).out.as_bytes()).contains(&PERSON.to_owned()));
    // Refusals that repeat what was asked would put it into the log as well.
    fs::write(sender.home().join("secret-Wrong"), OTHER_NAME).unwrap();
    sender.tell_as("Wrong", &["person", "show", &id]).refusal(1);
    assert_eq!(sender.tell_as("Noor", &["person", "show", OTHER_NAME]).code, Some(2), "no name in arguments");
    let unknown = sender.words(&format!("{OTHER_NAME}: what a line of no field says\n"));
    sender.tell_as("Noor", &["person", "add", "--from", &unknown[1..]]).refusal(1);
}

/// The lines in question, for the message of a failure.
fn lines_with(log: &str) -> String {
    log.lines().filter(|line| !planted(line.as_bytes()).is_empty()).take(5).collect::<Vec<_>>().join("\n")
}
