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

#[test]
fn a_word_has_the_number_of_its_place_in_the_list() {
    assert_eq!(["abandon", "ability", "zoo", "belay"].map(number), [Some(0), Some(1), Some(2_047), None]);
}
