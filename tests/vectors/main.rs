//! Known-answer vectors: what this program makes of fixed keys and foretold randomness, byte for byte, in `*.json` beside this file.
//!
//! A difference means that the format changed, and old stores and peers would not be understood any more. Where that is meant,
//! `BELAY_WRITE_VECTORS=1 cargo test -p belay-tests --test vectors` writes them anew. `verify.py` reads the same files with none of
//! our code.

mod bodies;
mod charter;
mod graph;
mod joins;
mod keys;
mod parcels;
mod wraps;

use serde_json::Value;
use std::path::Path;

/// Lower-case hex, as everywhere in the vectors.
fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The numbers of words in the BIP39 English list, for readers that do not keep the list.
fn numbers(words: &str) -> Vec<usize> {
    let number = |word| belay_protocol::keys::fingerprint::number(word).expect("the words are of the list");
    words.split(' ').map(number).collect()
}

/// Compares with the committed file, or writes it.
fn check(name: &str, made: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(name);
    if std::env::var_os("BELAY_WRITE_VECTORS").is_some() {
        let text = serde_json::to_string_pretty(made).expect("a value has a text");
        std::fs::write(&path, text + "\n").expect("the vectors can be written");
        return;
    }
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let kept: Value = serde_json::from_str(&text).expect("the vectors are JSON");
    differences("", &kept, made);
}

/// Names the first place where two values differ, instead of printing kilobytes of hex.
fn differences(place: &str, kept: &Value, made: &Value) {
    match (kept, made) {
        (Value::Object(kept), Value::Object(made)) => {
            let names =
                |map: &serde_json::Map<String, Value>| map.keys().cloned().collect::<std::collections::BTreeSet<_>>();
            assert_eq!(names(kept), names(made), "vectors differ at {place}");
            for (name, value) in kept {
                differences(&format!("{place}/{name}"), value, &made[name]);
            }
        }
        (Value::Array(kept), Value::Array(made)) => {
            assert_eq!(kept.len(), made.len(), "vectors differ in length at {place}");
            for (index, (kept, made)) in kept.iter().zip(made).enumerate() {
                differences(&format!("{place}/{index}"), kept, made);
            }
        }
        _ => assert_eq!(kept, made, "vectors differ at {place}"),
    }
}

#[test]
fn keys_are_derived_as_before() {
    check("keys.json", &keys::make());
}

#[test]
fn wraps_are_as_before_and_open() {
    check("wraps.json", &wraps::make());
}

#[test]
fn bodies_are_sealed_as_before_and_open() {
    check("bodies.json", &bodies::make());
}

#[test]
fn joins_are_as_before() {
    check("joins.json", &joins::make());
}

#[test]
fn parcels_bundles_and_packages_are_as_before_and_open() {
    check("parcels.json", &parcels::make());
}

#[test]
fn charters_follow_each_other_as_before() {
    check("charter.json", &charter::make());
}

#[test]
fn a_thread_is_written_as_before_and_opens_to_whom_it_should() {
    check("graph.json", &graph::make());
}
