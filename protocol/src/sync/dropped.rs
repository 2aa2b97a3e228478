//! Entries of one link that were dropped here: they follow what is not here, and what their organisation brought fills its share of the
//! waiting room. Their names are kept by what they follow, so that they are asked for again once that is here.

use crate::ids::EntryHash;
use crate::limits;
use std::collections::{BTreeMap, BTreeSet};

/// At most [`limits::WAITING_PER_ORG`] of an organisation, over all of its links.
#[derive(Debug, Default)]
pub struct Dropped {
    by_followed: BTreeMap<EntryHash, BTreeSet<EntryHash>>,
    count: usize,
}

impl Dropped {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_followed.is_empty()
    }

    #[must_use]
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Keeps the name of one; false if it is one too many, with those that its organisation's other links keep.
    #[must_use]
    pub fn keep(&mut self, follows: EntryHash, hash: EntryHash, beside: usize) -> bool {
        if self.by_followed.get(&follows).is_some_and(|names| names.contains(&hash)) {
            return true;
        }
        let room = self.count + beside < limits::WAITING_PER_ORG;
        if room {
            self.by_followed.entry(follows).or_default().insert(hash);
            self.count += 1;
        }
        room
    }

    /// Whether any were dropped for want of this one.
    #[must_use]
    pub fn hang_on(&self, followed: &EntryHash) -> bool {
        self.by_followed.contains_key(followed)
    }

    /// Takes out those that were dropped for want of this one.
    pub fn take(&mut self, followed: &EntryHash) -> BTreeSet<EntryHash> {
        let names = self.by_followed.remove(followed).unwrap_or_default();
        self.count -= names.len();
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(n: usize) -> EntryHash {
        EntryHash(crate::keys::digest::sha256(b"name\0", &[&n.to_be_bytes()]))
    }

    #[test]
    fn so_many_names_are_kept_over_all_links_of_an_organisation_and_each_once() {
        let (mut dropped, beside) = (Dropped::default(), 3);
        for n in 0..limits::WAITING_PER_ORG - beside {
            assert!(dropped.keep(name(n % 7), name(100 + n), beside));
        }
        assert!(!dropped.keep(name(0), name(1), beside), "one more than fit");
        assert!(dropped.keep(name(0), name(100), beside), "that is kept already");
        assert_eq!(dropped.len(), limits::WAITING_PER_ORG - beside);
        let taken = dropped.take(&name(0)).len();
        assert_eq!(dropped.len(), limits::WAITING_PER_ORG - beside - taken);
        assert!(dropped.keep(name(0), name(1), beside), "there is room again");
        for n in 0..7 {
            dropped.take(&name(n));
        }
        assert_eq!((dropped.is_empty(), dropped.len(), dropped.take(&name(0)).len()), (true, 0, 0));
    }
}
