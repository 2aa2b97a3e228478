//! The tree checks itself: layers, sizes, licences, words, and that documents name only what exists.

mod locks;
mod notice;

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests package lies in the workspace").to_owned()
}

/// The files that git tracks, or would.
fn files(pattern: &str) -> Vec<PathBuf> {
    let out = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", pattern])
        .current_dir(root())
        .output()
        .expect("git lists the files of a checkout");
    String::from_utf8(out.stdout)
        .expect("paths are UTF-8")
        .lines()
        .map(|line| root().join(line))
        .filter(|path| path.exists())
        .collect()
}

/// What is built on this machine is here already; of what other systems need nothing is.
fn metadata() -> Value {
    let told = Command::new(env!("CARGO")).arg("-vV").output().expect("cargo tells its version").stdout;
    let told = String::from_utf8(told).expect("it is UTF-8");
    let host = told.lines().find_map(|line| line.strip_prefix("host: ")).expect("the machine it runs on");
    let out = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", host])
        .current_dir(root())
        .output()
        .expect("cargo tells its metadata");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).expect("metadata is JSON")
}

/// Names of all packages that `name` needs outside of its tests.
fn needs(metadata: &Value, name: &str) -> BTreeSet<String> {
    let nodes: BTreeMap<&str, &Value> =
        metadata["resolve"]["nodes"].as_array().unwrap().iter().map(|n| (n["id"].as_str().unwrap(), n)).collect();
    let names: BTreeMap<&str, &str> = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (p["id"].as_str().unwrap(), p["name"].as_str().unwrap()))
        .collect();
    let start = names.iter().find(|(_, n)| **n == name).expect("the package exists").0;
    let (mut seen, mut todo) = (BTreeSet::new(), vec![*start]);
    while let Some(id) = todo.pop() {
        if !seen.insert(names[id].to_owned()) && id != *start {
            continue;
        }
        for dep in nodes[id]["deps"].as_array().unwrap() {
            if dep["dep_kinds"].as_array().unwrap().iter().any(|k| k["kind"] != "dev") {
                todo.push(dep["pkg"].as_str().unwrap());
            }
        }
    }
    seen
}

#[test]
fn the_protocol_does_no_input_or_output() {
    let needed = needs(&metadata(), "belay-protocol");
    for refused in ["tokio", "libp2p", "rusqlite", "mio", "socket2", "axum", "async-std", "libsqlite3-sys"] {
        assert!(!needed.contains(refused), "belay-protocol pulls in {refused}");
    }
    assert!(needed.contains("automerge"), "the walk over the dependency tree finds what is there");
}

/// Whether an SPDX expression can be met from the list: `AND` of parts, each an `OR` of choices, with brackets.
fn allows(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    let split = |word: &str| {
        let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
        for (at, c) in expression.char_indices() {
            depth += i32::from(c == '(') - i32::from(c == ')');
            if depth == 0 && expression[at..].starts_with(word) {
                parts.push(&expression[start..at]);
                start = at + word.len();
            }
        }
        parts.push(&expression[start..]);
        parts
    };
    let (choices, parts) = (split(" OR "), split(" AND "));
    if choices.len() > 1 {
        return choices.iter().any(|choice| allows(choice, allowed));
    }
    if parts.len() > 1 {
        return parts.iter().all(|part| allows(part, allowed));
    }
    match expression.trim().strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        Some(inner) => allows(inner, allowed),
        None => allowed.contains(expression.trim()),
    }
}

#[test]
fn every_licence_of_the_binary_is_on_the_list() {
    let deny = std::fs::read_to_string(root().join(".deny.toml")).unwrap();
    let list = deny.split("allow = [").nth(1).and_then(|s| s.split(']').next()).expect(".deny.toml has an allow list");
    let allowed: BTreeSet<&str> = list.split('"').skip(1).step_by(2).collect();
    let out = Command::new(env!("CARGO"))
        .args(["tree", "--package", "belay", "--edges", "normal,build", "--prefix", "none", "--format", "{p}|{l}"])
        .args(["--locked", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo tells its tree");
    let tree = String::from_utf8(out.stdout).expect("names are UTF-8");
    assert!(tree.contains("libp2p"), "cargo tells the tree: {}", String::from_utf8_lossy(&out.stderr));
    let mut odd = BTreeSet::new();
    for (package, licence) in tree.lines().filter_map(|line| line.split_once('|')) {
        let licence = licence.trim_end_matches(" (*)").replace('/', " OR ");
        if !allows(&licence, &allowed) {
            odd.insert(format!("{package}: {licence}"));
        }
    }
    assert!(odd.is_empty(), "licences off the list of .deny.toml: {odd:#?}");
}

#[test]
fn no_file_grows_past_five_hundred_lines() {
    let long: Vec<_> = files("*.rs")
        .into_iter()
        .map(|path| (std::fs::read_to_string(&path).unwrap_or_default().lines().count(), path))
        .filter(|(lines, _)| *lines > 500)
        .collect();
    assert!(long.is_empty(), "split these by what they do: {long:#?}");
}

#[test]
fn words_put_the_person_first() {
    // Quotes of law and of outside formats may use their own words; these files hold nothing else of that kind.
    let quotes = [
        "notice.rs",
        "elements.rs",
        "main.rs",
        "hsds",
        "flat",
        "interchange",
        "hint.rs",
        "wording.rs",
        "forms/tests.rs",
    ];
    let mut found = Vec::new();
    for path in files("*.rs").into_iter().chain(files("*.html")).chain(files("*.md")) {
        if quotes.iter().any(|q| path.to_string_lossy().contains(q)) {
            continue;
        }
        for (number, line) in std::fs::read_to_string(&path).unwrap_or_default().lines().enumerate() {
            let lower = line.to_lowercase();
            let words = lower.split(|c: char| !c.is_alphanumeric() && c != '_');
            if words.into_iter().any(|w| {
                matches!(w, "patient" | "patients" | "addict" | "addicts" | "abuser" | "blacklist" | "whitelist")
            }) {
                found.push(format!("{}:{}: {}", path.display(), number + 1, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "person, not these: {found:#?}");
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn the_table_of_bounds_names_bounds_and_tests_that_exist() {
    let table = std::fs::read_to_string(root().join("protocol/decisions/bounds.md")).expect("the table");
    let limits = ["limits.rs", "limits/net.rs"]
        .map(|file| std::fs::read_to_string(root().join("protocol/src").join(file)).expect("the bounds"))
        .concat();
    let sources: Vec<String> = files("*.rs").iter().filter_map(|file| std::fs::read_to_string(file).ok()).collect();
    let rows =
        table.lines().skip_while(|line| !line.contains("| bound | test |")).skip(2).take_while(|l| l.starts_with('|'));
    let mut seen = 0;
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        let [what, bound, tests] = cells.as_slice() else { panic!("three cells: {row}") };
        assert!(quoted(tests).count() > 0, "no test: {what}");
        for name in quoted(bound) {
            assert!(limits.contains(&format!("pub const {name}:")), "{name} is no bound in limits.rs");
        }
        for name in quoted(tests) {
            let head = format!("fn {name}()");
            assert!(sources.iter().any(|source| source.contains(&head)), "there is no test {name}");
            seen += 1;
        }
    }
    assert!(seen > 30, "the table has {seen} tests");
}

#[test]
fn documents_name_only_what_exists() {
    let mut missing = Vec::new();
    for document in files("*.md") {
        let text = std::fs::read_to_string(&document).unwrap();
        for span in text.split('`').skip(1).step_by(2) {
            let path = span.trim_end_matches('/');
            let looks = ["protocol/", "node/", "cli/", "deploy/", "tests/", ".ci/"].iter().any(|p| path.starts_with(p));
            if looks && !path.contains([' ', '*', '<', '{', '\n', '…']) && !root().join(path).exists() {
                missing.push(format!("{}: {path}", document.display()));
            }
        }
    }
    assert!(missing.is_empty(), "documents name paths that do not exist: {missing:#?}");
}
