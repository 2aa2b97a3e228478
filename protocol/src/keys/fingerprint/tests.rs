use super::*;

#[test]
fn six_words_are_the_first_66_bits() {
    let words = six_words(b"one transcript");
    let hash = sha256(b"belay six words v1\0", &[b"one transcript"]);
    let bits: String = hash.iter().map(|byte| format!("{byte:08b}")).collect();
    let list = Language::English.word_list();
    let expected: Vec<&str> =
        (0..6).map(|i| list[usize::from_str_radix(&bits[i * 11..(i + 1) * 11], 2).unwrap()]).collect();
    assert_eq!(words, expected.join(" "));
}

#[test]
fn another_transcript_gives_other_words() {
    assert_ne!(six_words(b"one transcript"), six_words(b"another transcript"));
}
