//! Sets of small numbers: control entries by their order of acceptance, entries by theirs, acts of a thread by the canonical order.

/// A set of `u32`. Holds no trailing zero words, so that equal sets are equal values.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub(crate) struct Bits(Vec<u64>);

const fn place(i: u32) -> (usize, u64) {
    ((i / 64) as usize, 1 << (i % 64))
}

impl Bits {
    /// All numbers below `n`.
    pub fn below(n: u32) -> Self {
        let (whole, last) = ((n / 64) as usize, n % 64);
        let mut words = vec![u64::MAX; whole];
        if last > 0 {
            words.push((1 << last) - 1);
        }
        Self(words)
    }

    /// Bytes of memory that its members take.
    pub const fn bytes(&self) -> usize {
        8 * self.0.len()
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn has(&self, i: u32) -> bool {
        work::add(1);
        let (word, bit) = place(i);
        self.0.get(word).is_some_and(|w| w & bit != 0)
    }

    /// Adds `i`; true if it was not in.
    pub fn add(&mut self, i: u32) -> bool {
        let (word, bit) = place(i);
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        let Some(w) = self.0.get_mut(word) else { return false };
        let new = *w & bit == 0;
        *w |= bit;
        new
    }

    pub fn join(&mut self, other: &Self) {
        work::add(other.0.len());
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (w, o) in self.0.iter_mut().zip(&other.0) {
            *w |= o;
        }
    }

    /// Whether every member of `other` is one of this.
    pub fn covers(&self, other: &Self) -> bool {
        work::add(other.0.len());
        other.0.len() <= self.0.len() && self.0.iter().zip(&other.0).all(|(w, o)| o & !w == 0)
    }

    /// The members in rising order.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().zip(0u32..).flat_map(|(&word, at)| {
            let mut left = word;
            std::iter::from_fn(move || {
                (left != 0).then(|| {
                    let low = left.trailing_zeros();
                    left &= left - 1;
                    at * 64 + low
                })
            })
        })
    }

    pub fn len(&self) -> u32 {
        self.0.iter().map(|w| w.count_ones()).sum()
    }
}

impl FromIterator<u32> for Bits {
    fn from_iter<I: IntoIterator<Item = u32>>(numbers: I) -> Self {
        let mut set = Self::default();
        for i in numbers {
            set.add(i);
        }
        set
    }
}

/// Words of sets that were looked at in this thread: what folds cost, as tests of their bounds count it.
#[cfg(test)]
pub(crate) mod work {
    use std::cell::Cell;

    thread_local! {
        static WORDS: Cell<usize> = const { Cell::new(0) };
    }

    pub(super) fn add(words: usize) {
        WORDS.set(WORDS.get() + words);
    }

    /// How many words `act` looks at.
    pub fn of<T>(act: impl FnOnce() -> T) -> (usize, T) {
        let before = WORDS.get();
        let done = act();
        (WORDS.get() - before, done)
    }
}

#[cfg(not(test))]
mod work {
    pub(super) const fn add(_: usize) {}
}
