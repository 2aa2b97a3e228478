//! The help of every command, word for word as in `help/*.txt`. `BELAY_WRITE_HELP=1 cargo test --test help` writes the files anew.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

fn help(path: &[String]) -> String {
    let out =
        Command::new(env!("CARGO_BIN_EXE_belay")).args(path).arg("--help").env_remove("BELAY_DATA").output().unwrap();
    assert!(out.status.success(), "belay {} --help", path.join(" "));
    String::from_utf8(out.stdout).unwrap()
}

/// The commands that a help text offers.
fn offered(text: &str) -> Vec<String> {
    text.lines()
        .skip_while(|l| *l != "Commands:")
        .skip(1)
        .take_while(|l| l.starts_with("  "))
        .filter(|l| !l.starts_with("   "))
        .filter_map(|l| l.split_whitespace().next().map(str::to_owned))
        // It shows the help of the others, which is walked through by itself.
        .filter(|verb| verb != "help")
        .collect()
}

fn walk(path: &mut Vec<String>, all: &mut Vec<(String, String)>) {
    let text = help(path);
    let name = if path.is_empty() { "belay".to_owned() } else { path.join("-") };
    let offered = offered(&text);
    all.push((name, text));
    for verb in offered {
        path.push(verb);
        walk(path, all);
        path.pop();
    }
}

#[test]
fn every_command_says_what_it_takes_in_the_words_that_were_agreed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/help");
    let mut all = Vec::new();
    walk(&mut Vec::new(), &mut all);
    assert!(all.len() > 15, "only {} commands found", all.len());
    if std::env::var_os("BELAY_WRITE_HELP").is_some() {
        for (name, text) in &all {
            std::fs::write(folder.join(format!("{name}.txt")), text).unwrap();
        }
    }
    let kept: BTreeSet<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|f| f.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    let found: BTreeSet<String> = all.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(kept, found, "golden files and commands differ");
    for (name, text) in &all {
        let golden = std::fs::read_to_string(folder.join(format!("{name}.txt"))).unwrap();
        assert_eq!(golden, *text, "help of {name}");
    }
}

#[test]
fn wrong_usage_is_told_apart_from_failure() {
    for (arguments, code) in [(vec!["nonsense"], 2), (vec!["init"], 2), (vec!["--version"], 0), (vec![], 2)] {
        let out = Command::new(env!("CARGO_BIN_EXE_belay")).args(&arguments).output().unwrap();
        assert_eq!(out.status.code(), Some(code), "belay {arguments:?}");
        assert!(code == 0 || out.stdout.is_empty());
    }
}

#[test]
fn completions_and_man_page_come_from_the_same_definition() {
    for (arguments, words) in [(vec!["completions", "bash"], "directory"), (vec!["man"], "belay\\-invite")] {
        let out = Command::new(env!("CARGO_BIN_EXE_belay")).args(&arguments).output().unwrap();
        let text = String::from_utf8(out.stdout).unwrap();
        assert!(out.status.success() && text.contains("invite"), "belay {arguments:?} lacks {words}");
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_belay"))
        .arg("man")
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success() && out.stderr.is_empty(), "{}", String::from_utf8_lossy(&out.stderr));
}
