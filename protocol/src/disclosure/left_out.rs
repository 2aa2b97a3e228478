//! What a person asks this organisation not to tell, by its own consents and by ties, which ask for none (42 CFR 2.26).

use crate::consent::{Answered, Mark, Restriction};
use crate::fault::Result;
use crate::ids::PersonId;
use crate::referral::{By, Told};
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// One word about it. All of a person together say what stands ([`standing`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    pub person: PersonId,
    pub word: LeftOutWord,
}

/// What was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum LeftOutWord {
    /// With the answer.
    Asked(Restriction),
    /// The person lets in again what `asked` names, for good: in writing, or by word of mouth, which is put on record (2.26(b)).
    LetIn { asked: Mark, told: Told, by: By, at: Time },
}

impl LeftOut {
    /// Lengths.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn check(&self) -> Result<()> {
        match &self.word {
            LeftOutWord::Asked(restriction) => restriction.check(),
            LeftOutWord::LetIn { .. } => Ok(()),
        }
    }
}

/// What was asked and not let in again, agreed to or not, each once: in order of time, then of its mark.
#[must_use]
pub fn standing(words: &[LeftOutWord]) -> Vec<Restriction> {
    let let_in = |one: &Restriction| {
        let mark = one.mark();
        words.iter().any(|word| matches!(word, LeftOutWord::LetIn { asked, .. } if *asked == mark))
    };
    let mut all: Vec<Restriction> = Vec::new();
    for word in words {
        if let LeftOutWord::Asked(one) = word
            && !let_in(one)
            && !all.contains(one)
        {
            all.push(one.clone());
        }
    }
    all.sort_by_key(|one| (one.at, one.mark()));
    all
}

/// Of those what this organisation agreed to.
#[must_use]
pub fn agreed(words: &[LeftOutWord]) -> Vec<Restriction> {
    standing(words).into_iter().filter(|one| one.answer == Answered::Agreed).collect()
}
