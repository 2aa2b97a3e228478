//! The notice of 42 CFR 2.32(a) against the field guide. Here, since the protocol reads no files, in its tests neither.

use belay_protocol::consent::notice::{STATEMENT_1, STATEMENT_2};
use std::io::{Write, stderr};
use std::path::PathBuf;

/// The block quote that follows `heading`.
fn quoted(text: &str, heading: &str) -> String {
    let after = text.split_once(heading).expect("the heading stands in domain.md").1;
    let lines = after.lines().skip_while(|l| !l.starts_with("> ")).take_while(|l| l.starts_with("> "));
    lines.map(|l| &l[2..]).collect::<Vec<_>>().join("\n")
}

fn domain() -> Option<String> {
    let named = std::env::var_os("BELAY_SHARED").map(PathBuf::from);
    let above = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let above: Vec<PathBuf> = above.ancestors().map(|dir| dir.join("shared")).collect();
    named.into_iter().chain(above).find_map(|dir| std::fs::read_to_string(dir.join("domain.md")).ok())
}

#[test]
fn both_statements_are_the_rules_own_to_the_byte() {
    let Some(text) = domain() else {
        let why =
            b"skipped: no shared/domain.md above this checkout and no BELAY_SHARED; the digests are checked in the protocol\n";
        stderr().write_all(why).unwrap();
        return;
    };
    assert_eq!(quoted(&text, "Statement 1:"), STATEMENT_1);
    assert_eq!(quoted(&text, "Statement 2:"), STATEMENT_2);
}
