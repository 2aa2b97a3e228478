use super::*;
use crate::random::Foretold;

/// The test vector of BIP39 for 32 zero bytes (<https://github.com/trezor/python-mnemonic/blob/master/vectors.json>).
const ZEROES: &str = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon \
    abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon art";

#[test]
fn a_phrase_comes_back_from_its_words_in_any_case_and_spacing() {
    let phrase = Phrase::generate(&mut Foretold::new(1));
    let words = phrase.words();
    assert_eq!(words.split(' ').count(), WORDS);
    let again = Phrase::parse(&format!("\n  {}\r\n", words.to_uppercase().replace(' ', "\t \n"))).unwrap();
    assert_eq!(*again.words(), *words);
    assert_eq!(again.root().public(), phrase.root().public());
    assert_eq!(again.recovery(), phrase.recovery());
}

#[test]
fn different_phrases_and_different_uses_give_different_keys() {
    let one = Phrase::generate(&mut Foretold::new(1));
    let other = Phrase::generate(&mut Foretold::new(2));
    assert_ne!(one.root().public(), other.root().public());
    assert_ne!(*one.derive(ROOT), *one.derive(RECOVERY));
}

#[test]
fn a_bad_word_is_named_by_its_number_and_never_shown() {
    let bad = ZEROES.replacen("abandon art", "herrings art", 1);
    let fault = Phrase::parse(&bad).unwrap_err();
    assert!(fault.message.contains("word 23"), "{fault}");
    assert!(!fault.message.contains("herrings"), "{fault}");
}

#[test]
fn too_few_words_and_a_wrong_checksum_are_told_apart() {
    let fault = Phrase::parse("abandon art").unwrap_err();
    assert!(fault.message.contains("24 words are expected, 2 came"), "{fault}");
    let swapped = ZEROES.replacen("abandon art", "art abandon", 1);
    let fault = Phrase::parse(&swapped).unwrap_err();
    assert!(fault.message.contains("two are swapped"), "{fault}");
    assert!(Phrase::parse(ZEROES).is_ok());
}

#[test]
fn the_check_back_takes_the_right_words_and_names_the_wrong_one() {
    let phrase = Phrase::parse(ZEROES).unwrap();
    assert!(phrase.check(&[(1, "Abandon"), (24, " art ")]).is_ok());
    let fault = phrase.check(&[(1, "abandon"), (24, "abandon")]).unwrap_err();
    assert!(fault.message.contains("word 24"), "{fault}");
    assert!(phrase.check(&[(0, "abandon")]).is_err());
    assert!(phrase.check(&[(25, "art")]).is_err());
}

#[test]
fn asked_words_differ_and_rise() {
    for seed in 0..50 {
        let asked = Phrase::ask(&mut Foretold::new(seed), 4);
        assert_eq!(asked.len(), 4);
        assert!(asked.windows(2).all(|pair| pair[0] < pair[1]), "{asked:?}");
        assert!(asked.iter().all(|n| (1..=WORDS).contains(n)), "{asked:?}");
    }
}

#[test]
fn debug_shows_nothing() {
    let phrase = Phrase::parse(ZEROES).unwrap();
    assert_eq!(format!("{phrase:?}"), "Phrase");
    assert!(!format!("{:?}", phrase.recovery()).contains("seed"));
}
