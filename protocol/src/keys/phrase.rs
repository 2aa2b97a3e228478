//! The recovery phrase: 24 English words of BIP39, shown once, from which an organisation comes back.
//!
//! The words give the BIP39 seed (PBKDF2-HMAC-SHA512, 2,048 rounds, no passphrase). The root's signing seed and the seed of
//! the recovery encryption key are drawn from it by HKDF-SHA256 under two tags, so that neither tells of the other.

use crate::fault::{Fault, Result};
use crate::keys::digest::{hkdf32, same};
use crate::keys::prekey::PrekeySecret;
use crate::keys::root::RootKey;
use crate::random::{self, Random};
use bip39::{Error, Language, Mnemonic};
use std::fmt;
use zeroize::{Zeroize, Zeroizing};

/// Words in a recovery phrase: 256 bits and 8 of checksum.
pub const WORDS: usize = 24;

const SALT: &[u8] = b"belay recovery phrase v1\0";
const ROOT: &[u8] = b"belay root v1\0";
const RECOVERY: &[u8] = b"belay recovery v1\0";

/// A recovery phrase. Zeroized when dropped; `Debug` shows nothing of it.
pub struct Phrase(Mnemonic);

impl Phrase {
    /// A new phrase from 32 random bytes.
    ///
    /// # Panics
    /// Never: 32 bytes are an entropy that BIP39 knows.
    pub fn generate(random: &mut dyn Random) -> Self {
        let entropy = Zeroizing::new(random::array::<32>(random));
        Self(Mnemonic::from_entropy_in(Language::English, entropy.as_slice()).expect("32 bytes give 24 words"))
    }

    /// From its words, in any case, with any space between them.
    ///
    /// # Errors
    /// `Misuse`: not 24 words, a word that is not in the list (named by its number, never shown), or a wrong checksum.
    pub fn parse(text: &str) -> Result<Self> {
        let count = text.split_whitespace().count();
        if count != WORDS {
            return Err(Fault::misuse(format!("recovery phrase: {WORDS} words are expected, {count} came")));
        }
        let lower = Zeroizing::new(text.to_lowercase());
        Mnemonic::parse_in_normalized(Language::English, &lower).map(Self).map_err(|error| match error {
            Error::UnknownWord(index) => Fault::misuse(format!(
                "recovery phrase: word {} is not in the BIP39 English list; look at it again",
                index.saturating_add(1)
            )),
            _ => Fault::misuse(
                "recovery phrase: each word is in the list, but together they are no phrase; one is wrong, or two are swapped",
            ),
        })
    }

    /// The words with one space between them, to be shown once.
    #[must_use]
    pub fn words(&self) -> Zeroizing<String> {
        // The longest words have eight letters, so the text never moves and leaves no copy behind.
        let mut text = Zeroizing::new(String::with_capacity(WORDS * 9));
        for word in self.0.words() {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(word);
        }
        text
    }

    /// The organisation's root key.
    #[must_use]
    pub fn root(&self) -> RootKey {
        RootKey::from_seed(*self.derive(ROOT))
    }

    /// The organisation's recovery encryption key.
    #[must_use]
    pub fn recovery(&self) -> PrekeySecret {
        PrekeySecret::from_seed(*self.derive(RECOVERY))
    }

    /// Different numbers of words (from 1, rising) to ask for, `count` of them.
    pub fn ask(random: &mut dyn Random, count: usize) -> Vec<usize> {
        let mut left: Vec<usize> = (1..=WORDS).collect();
        let mut asked = Vec::new();
        while asked.len() < count.min(WORDS) {
            // Which words are asked for is no secret: the slight bias of a remainder does no harm.
            let drawn = usize::try_from(u32::from_le_bytes(random::array(random))).unwrap_or(0);
            asked.push(left.remove(drawn % left.len()));
        }
        asked.sort_unstable();
        asked
    }

    /// Whether these are the words of those numbers (from 1): the person has written the phrase down.
    ///
    /// # Errors
    /// `Misuse`, naming the number of the first word that is wrong; never the word.
    pub fn check(&self, answers: &[(usize, &str)]) -> Result<()> {
        for (number, answer) in answers {
            let word = number.checked_sub(1).and_then(|index| self.0.words().nth(index)).ok_or_else(|| {
                Fault::misuse(format!("recovery phrase: there is no word {number}, only 1 to {WORDS}"))
            })?;
            let answer = Zeroizing::new(answer.trim().to_lowercase());
            if !same(word.as_bytes(), answer.as_bytes()) {
                return Err(Fault::misuse(format!(
                    "recovery phrase: word {number} is not what was shown; look at what you wrote down"
                )));
            }
        }
        Ok(())
    }

    fn derive(&self, info: &[u8]) -> Zeroizing<[u8; 32]> {
        let mut seed = self.0.to_seed_normalized("");
        let out = hkdf32(SALT, &seed, info);
        seed.zeroize();
        out
    }
}

impl fmt::Debug for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phrase")
    }
}

#[cfg(test)]
mod tests;
