//! Fingerprints to compare by telephone.

use crate::keys::digest::sha256;
use bip39::Language;

/// Six words of the BIP39 English list: the first 66 bits of SHA-256 over a domain tag and `of`.
#[must_use]
pub fn six_words(of: &[u8]) -> String {
    let hash = sha256(b"belay six words v1\0", &[of]);
    let list = Language::English.word_list();
    let mut bits: u32 = 0;
    let mut held = 0;
    let mut words = Vec::with_capacity(6);
    for byte in hash {
        bits = (bits << 8 | u32::from(byte)) & 0x000f_ffff;
        held += 8;
        if held >= 11 && words.len() < 6 {
            held -= 11;
            let index = usize::try_from(bits >> held & 0x7ff).unwrap_or(0);
            words.push(list.get(index).copied().unwrap_or_default());
        }
    }
    words.join(" ")
}

/// The number of a word in that list, from 0.
#[must_use]
pub fn number(word: &str) -> Option<usize> {
    Language::English.find_word(word).map(usize::from)
}

#[cfg(test)]
mod tests;
