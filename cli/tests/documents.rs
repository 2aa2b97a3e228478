//! What documents tell people to type is what the program takes: each `belay ...` line in the code fences of the README and of the
//! guide names commands and options that are there.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use support::{Told, program};

/// A line to type, and where it stands.
#[derive(Debug)]
struct Line {
    document: PathBuf,
    number: usize,
    words: Vec<String>,
}

fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap();
    let mut all = vec![root.join("README.md")];
    if let Ok(guide) = fs::read_dir(root.join("deploy/guide")) {
        all.extend(guide.map(|e| e.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "md")));
    }
    all
}

/// The `belay` lines of a document's code fences, with lines that end in a backslash joined.
fn lines(document: &Path) -> Vec<Line> {
    let content = fs::read_to_string(document).unwrap();
    let (mut fenced, mut found, mut open) = (false, Vec::new(), None::<(usize, String)>);
    for (number, line) in (1..).zip(content.lines()) {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            open = None;
            continue;
        }
        if !fenced {
            continue;
        }
        let (begun, joined) = match open.take() {
            Some((begun, before)) => (begun, format!("{before} {}", line.trim())),
            None => (number, line.trim().to_owned()),
        };
        match joined.strip_suffix('\\') {
            Some(more) => open = Some((begun, more.trim_end().to_owned())),
            None => {
                found.extend(words(&joined).map(|words| Line { document: document.to_owned(), number: begun, words }));
            }
        }
    }
    found
}

/// The words of a shell line that calls `belay`, by itself or through cargo; `None` for other lines.
fn words(line: &str) -> Option<Vec<String>> {
    let line = line.trim_start_matches("$ ");
    let mut split = split(line);
    // Variables set for one command stand before it.
    while split
        .first()
        .is_some_and(|w| w.split_once('=').is_some_and(|(n, _)| n.chars().all(|c| c.is_ascii_uppercase() || c == '_')))
    {
        split.remove(0);
    }
    if split.first().is_some_and(|w| w == "sudo") {
        split.remove(0);
    }
    match split.first().map(String::as_str) {
        Some(word) if word == "belay" || word.ends_with("/belay") => Some(split.split_off(1)),
        Some("cargo") if split.get(1).is_some_and(|w| w == "run") => {
            let at = split.iter().position(|w| w == "--")?;
            Some(split.split_off(at + 1))
        }
        _ => None,
    }
}

/// Splits at blanks outside quotes; a comment, a pipe or another command ends it.
fn split(line: &str) -> Vec<String> {
    let (mut all, mut word, mut quote, mut any) = (Vec::new(), String::new(), None, false);
    for c in line.chars() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some(_), c) => word.push(c),
            (None, '"' | '\'') => (quote, any) = (Some(c), true),
            (None, '#' | '|' | '>' | ';' | '&') if word.is_empty() => break,
            (None, c) if c.is_whitespace() => {
                if !word.is_empty() || any {
                    all.push(std::mem::take(&mut word));
                }
                any = false;
            }
            (None, c) => word.push(c),
        }
    }
    if !word.is_empty() || any {
        all.push(word);
    }
    all
}

/// The commands a help text offers, and its options with whether each takes a value.
fn offered(help: &str) -> (Vec<String>, BTreeMap<String, bool>) {
    let (mut commands, mut options, mut section) = (Vec::new(), BTreeMap::new(), "");
    // The long form has empty lines between options.
    for line in help.lines().filter(|line| !line.trim().is_empty()) {
        if !line.starts_with(' ') {
            section = line.trim();
            continue;
        }
        let words: Vec<&str> = line.split_whitespace().map(|w| w.trim_end_matches(',')).collect();
        match section {
            "Commands:" if line.starts_with("  ") && !line.starts_with("   ") => commands.push(words[0].to_owned()),
            "Options:" if words[0].starts_with('-') => {
                let value = words.iter().take(3).any(|w| w.starts_with('<'));
                for name in words.iter().take(2).filter(|w| w.starts_with('-')) {
                    options.insert((*name).to_owned(), value);
                }
            }
            _ => {}
        }
    }
    (commands, options)
}

fn help(path: &[String]) -> Option<String> {
    let told = Told::by(program().args(path).arg("--help"));
    (told.code == Some(0)).then_some(told.out)
}

/// Whether it does something by itself, though it has commands under it.
fn stands_alone(path: &[String]) -> bool {
    path == ["invite"] || path == ["disclosures"]
}

/// What is wrong with a line, if something is.
fn wrong(line: &Line) -> Option<String> {
    let mut path: Vec<String> = Vec::new();
    let (mut commands, mut options) = offered(&help(&path)?);
    let mut words = line.words.iter().peekable();
    while let Some(word) = words.next() {
        if word == "--" {
            return None;
        }
        if word.starts_with('-') {
            let (name, value) = word.split_once('=').map_or((word.as_str(), None), |(n, v)| (n, Some(v)));
            match options.get(name) {
                None => return Some(format!("`belay {}` has no option {name}", path.join(" "))),
                Some(true) if value.is_none() && words.next().is_none() => {
                    return Some(format!("{name} lacks its value"));
                }
                Some(_) => {}
            }
        } else if commands.contains(word) {
            path.push(word.clone());
            (commands, options) = offered(&help(&path)?);
        } else if !commands.is_empty() && !stands_alone(&path) {
            return Some(format!("`belay {}` has no command {word}", path.join(" ")));
        }
    }
    (!commands.is_empty() && !stands_alone(&path)).then(|| format!("`belay {}` needs a command", path.join(" ")))
}

#[test]
fn every_command_of_the_documents_is_one_that_the_program_knows() {
    let mut count = 0;
    let mut faults = Vec::new();
    for line in documents().iter().flat_map(|d| lines(d)) {
        count += 1;
        if let Some(fault) = wrong(&line) {
            let document = line.document.file_name().unwrap().to_string_lossy().into_owned();
            faults.push(format!("{document}:{}: {fault}: belay {}", line.number, line.words.join(" ")));
        }
    }
    assert!(count > 0, "no commands were found in the documents");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn lines_that_do_not_fit_the_program_are_found() {
    let line = |text: &str| Line { document: "x".into(), number: 1, words: words(text).unwrap() };
    for good in [
        "belay demo --exit --json",
        "$ BELAY_DATA=/srv/a belay status   # how it stands",
        "cargo run --release -- demo --import data",
        "belay invite --org \"Mill Creek Clinic\"",
        "belay invite list",
        "belay join CODE | cat",
        "/usr/local/bin/belay init --org \"A B\" --phrase-file=f",
    ] {
        assert_eq!(wrong(&line(good)), None, "{good}");
    }
    for bad in ["belay demos", "belay demo --leave", "belay org", "belay org approves X", "belay init --org"] {
        assert!(wrong(&line(bad)).is_some(), "{bad}");
    }
    assert!(words("cargo test --workspace").is_none());
}
