//! Every command that the guide names exists, with the options it is given: held against the help texts that were agreed.

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("cli lies in the workspace").to_owned()
}

fn help(words: &[&str]) -> Option<String> {
    let name = if words.is_empty() { "belay".to_owned() } else { words.join("-") };
    std::fs::read_to_string(root().join("cli/tests/help").join(format!("{name}.txt"))).ok()
}

/// Everything in a document that begins with `belay `: lines of blocks, and spans within a line.
fn commands(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut block = false;
    for line in text.lines() {
        if line.starts_with("```") {
            block = !block;
        } else if block {
            // As another account: `sudo -u belay belay ...`.
            let line = line.split("  #").next().unwrap_or_default().trim().trim_start_matches("sudo -u belay ");
            found.extend(line.starts_with("belay ").then(|| line.to_owned()));
        } else {
            found.extend(
                line.split('`').skip(1).step_by(2).filter(|span| span.starts_with("belay ")).map(str::to_owned),
            );
        }
    }
    found
}

/// What is wrong with a command, if anything.
fn wrong(command: &str) -> Option<String> {
    let words: Vec<&str> = command.split_whitespace().skip(1).collect();
    let verbs: Vec<&str> = words.iter().copied().take_while(|w| w.chars().all(|c| c.is_ascii_lowercase())).collect();
    let Some(text) = (0..=verbs.len()).rev().find_map(|n| help(&verbs[..n])) else {
        return Some(format!("`{command}`: no such command"));
    };
    let half = text.lines().any(|line| line.starts_with("Usage:") && line.contains("<COMMAND>"));
    if half && !words.contains(&"--help") {
        return Some(format!("`{command}`: no such command"));
    }
    let options = words.iter().filter(|word| word.starts_with("--"));
    let strange: Vec<_> =
        options.filter(|option| !text.contains(&format!("{option} ")) && **option != "--help").collect();
    (!strange.is_empty()).then(|| format!("`{command}`: no option {strange:?}"))
}

#[test]
fn every_command_in_the_guide_exists_with_its_options() {
    let mut seen = 0;
    let mut troubles = Vec::new();
    let guide = std::fs::read_dir(root().join("deploy/guide")).expect("the guide is there");
    for file in guide.map(|entry| entry.expect("a page").path()).chain([root().join("README.md")]) {
        let text = std::fs::read_to_string(&file).expect("a page is text");
        for command in commands(&text) {
            seen += 1;
            troubles.extend(wrong(&command).map(|trouble| format!("{}: {trouble}", file.display())));
        }
    }
    assert!(seen > 30, "the guide names commands, {seen} were found");
    assert!(troubles.is_empty(), "{troubles:#?}");
}

#[test]
fn a_command_that_is_not_there_is_found_out() {
    assert!(wrong("belay backup create").is_some());
    assert!(wrong("belay referral").is_some());
    assert!(wrong("belay run --https 127.0.0.1:1").is_some());
    assert!(wrong("belay org approve --yes \"County Hospital\"").is_none());
    assert!(wrong("belay init --help").is_none());
}
