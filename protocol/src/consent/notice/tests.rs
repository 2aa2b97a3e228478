use super::{STATEMENT_1, STATEMENT_2};

#[test]
fn both_statements_have_the_digests_taken_when_they_were_compared_with_the_rule() {
    let digest = |text: &str| {
        data_encoding::HEXLOWER.encode(ring::digest::digest(&ring::digest::SHA256, text.as_bytes()).as_ref())
    };
    assert_eq!(digest(STATEMENT_1), "dae0b4d455d63722bc4e0d3760e8319ba4ea929068b0a9d96244bf20c338245d");
    assert_eq!(digest(STATEMENT_2), "79fee3d6dff7e052183c61b66bfed589f0f45dcf330bb277e07b396bd12e9774");
}
