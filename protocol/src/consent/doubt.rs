//! That a consent may be false (42 CFR 2.31(c)(4)): whoever of staff learns of it stops what is told under it at once, and who judges it finds
//! it false or lets it stand again.

use super::Signed;
use super::versions::{Mark, mark};
use crate::referral::By;
use crate::sensitive::Personal;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// A doubt, or the word that ends doubts. It holds for all versions of its consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    pub at: Time,
    pub why: Personal<String>,
    pub by: By,
    /// The doubts that this word ends, sorted: the consent stands again. None: it is a doubt. One that its author did not know goes on.
    pub ends: Vec<Mark>,
}

impl Doubt {
    /// Names it.
    #[must_use]
    pub fn mark(&self) -> Mark {
        mark(3, self)
    }
}

/// The doubts among these words that nothing has ended.
pub fn open_doubts(words: &[Doubt]) -> impl Iterator<Item = &Doubt> {
    let ended = |doubt: &Doubt| words.iter().any(|word| word.ends.contains(&doubt.mark()));
    words.iter().filter(move |doubt| doubt.ends.is_empty() && !ended(doubt))
}

/// From when until when each doubt stood that a word has ended: until the first that did.
#[must_use]
pub fn suspensions(words: &[Doubt]) -> Vec<(Time, Time)> {
    let until = |mark: Mark| words.iter().filter(|word| word.ends.contains(&mark)).map(|word| word.at).min();
    let doubts = words.iter().filter(|doubt| doubt.ends.is_empty());
    doubts.filter_map(|doubt| Some((doubt.at, until(doubt.mark())?))).collect()
}

/// What ends the doubts that are known: their marks, sorted. Nothing, if there are none.
#[must_use]
pub fn ends_of(words: &[Doubt]) -> Vec<Mark> {
    let mut ends: Vec<Mark> = open_doubts(words).map(Doubt::mark).collect();
    ends.sort_unstable();
    ends
}

impl Signed {
    /// The first doubt that stands, while nothing is told under it.
    #[must_use]
    pub fn suspended(&self) -> Option<&Doubt> {
        open_doubts(&self.doubts).min_by_key(|doubt| doubt.at)
    }

    /// Suspends it.
    pub fn doubt(&mut self, why: Personal<String>, by: By, at: Time) {
        self.doubts.push(Doubt { at, why, by, ends: Vec::new() });
    }

    /// Lets it stand again, whatever doubts are known. Whether there was any.
    pub fn uphold(&mut self, why: Personal<String>, by: By, at: Time) -> bool {
        let ends = ends_of(&self.doubts);
        let any = !ends.is_empty();
        if any {
            self.doubts.push(Doubt { at, why, by, ends });
        }
        any
    }
}
