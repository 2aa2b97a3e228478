use super::{STATEMENT_1, STATEMENT_2};
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
        println!("skipped: no shared/domain.md above this checkout and no BELAY_SHARED; the digests below are checked");
        return;
    };
    assert_eq!(quoted(&text, "Statement 1:"), STATEMENT_1);
    assert_eq!(quoted(&text, "Statement 2:"), STATEMENT_2);
}

#[test]
fn both_statements_have_the_digests_taken_when_they_were_compared_with_the_rule() {
    let digest = |text: &str| {
        data_encoding::HEXLOWER.encode(ring::digest::digest(&ring::digest::SHA256, text.as_bytes()).as_ref())
    };
    assert_eq!(digest(STATEMENT_1), "dae0b4d455d63722bc4e0d3760e8319ba4ea929068b0a9d96244bf20c338245d");
    assert_eq!(digest(STATEMENT_2), "79fee3d6dff7e052183c61b66bfed589f0f45dcf330bb277e07b396bd12e9774");
}
