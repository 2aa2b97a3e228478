//! Workspaces beside the main one have lock files of their own, which nothing of the main build looks at.

use super::{files, metadata, root};
use serde_json::Value;

/// Names in the `dependencies` of a package in the text of a lock file.
fn locked<'a>(lock: &'a str, package: &str) -> Option<Vec<&'a str>> {
    let name = format!("name = \"{package}\"");
    let block = lock.split("[[package]]").find(|block| block.lines().any(|line| line == name))?;
    Some(block.lines().filter_map(|line| line.strip_prefix(" \"")?.split(['"', ' ']).next()).collect())
}

/// What a package needs to be built at all, by its manifest.
fn needed(package: &Value) -> impl Iterator<Item = &str> {
    let all = package["dependencies"].as_array().into_iter().flatten();
    all.filter(|d| d["kind"] != "dev" && d["optional"] == false).filter_map(|d| d["name"].as_str())
}

#[test]
fn every_lock_file_beside_the_main_one_knows_what_our_packages_need() {
    let metadata = metadata();
    let mut missing = Vec::new();
    let beside: Vec<_> = files("*Cargo.lock").into_iter().filter(|path| path.parent() != Some(&root())).collect();
    assert!(beside.len() > 1, "the bench beside the others and the fuzzing by hand: {beside:?}");
    for path in beside {
        let lock = std::fs::read_to_string(&path).unwrap();
        let ours: Vec<&Value> =
            metadata["packages"].as_array().unwrap().iter().filter(|p| p["source"].is_null()).collect();
        assert!(
            ours.iter().any(|p| locked(&lock, p["name"].as_str().unwrap()).is_some()),
            "{} holds ours",
            path.display()
        );
        for package in ours {
            let name = package["name"].as_str().unwrap();
            let Some(there) = locked(&lock, name) else { continue };
            for need in needed(package).filter(|need| !there.contains(need)) {
                missing.push(format!("{}: {name} needs {need}", path.display()));
            }
        }
    }
    assert!(missing.is_empty(), "run `cargo update --workspace` in those folders: {missing:#?}");
}
