//! A person in the records of one organisation: corrected as often as needed, and joined with another record where both are of one
//! human being.
//!
//! Nothing is rewritten. A correction is one more [`Person`] of the same id that says which fields it changed, by whom and when;
//! [`as_it_holds`] takes each field from the latest that changed it, so that two machines which corrected different fields apart keep
//! both, and what stood there before can still be read and found.
//!
//! Two records of one human being are joined by a word about the two ([`Joined`]), and taken apart by a later word. Every record stays
//! as it was, under its own id, and so do consents, referrals, disclosures and holds: who reads asks which records belong together
//! ([`together`]) and takes them as one, shown under the one that staff chose to keep. So a join can be taken back, and nothing that was
//! signed names anybody else than it did. The words live in the organisation's private space; of the words about one pair the one with
//! the highest number holds, of equals one that takes apart, then the lower hash ([`holds`]). Whatever the order in which the words
//! came, every machine of the organisation sees the same. Where two machines joined records at the same time (A with B here, B with C
//! there), all three are one from then on, at both; where both joined the same two and chose otherwise which to keep, the lower hash
//! says which, and the history of the person shows both words.

use super::act::bounded;
use super::base::By;
use super::identity::Identity;
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, PersonId};
use crate::limits;
use crate::sensitive::Personal;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// A person in the records of one organisation, as one staff member wrote it. The id is never the same at two organisations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub id: PersonId,
    /// The first is 1; a correction is one more than what its author saw.
    pub revision: u32,
    /// Whole, as its author saw it.
    pub identity: Identity,
    /// For the organisation's own eyes.
    pub note: Personal<String>,
    /// On what day the person died, or in what year, or `yes`; empty of who lives. Told to nobody by itself.
    pub died: Personal<String>,
    /// What is new in it, sorted; all fields in the first.
    pub changed: Vec<Field>,
    pub by: By,
    pub at: Time,
}

/// A field of a [`Person`]. Variants are only ever added at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    Name,
    OtherNames,
    BirthDate,
    Phones,
    Address,
    Contact,
    Language,
    Note,
    Died,
}

impl Field {
    pub const ALL: [Self; 9] = [
        Self::Name,
        Self::OtherNames,
        Self::BirthDate,
        Self::Phones,
        Self::Address,
        Self::Contact,
        Self::Language,
        Self::Note,
        Self::Died,
    ];

    /// As people call it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::OtherNames => "other names",
            Self::BirthDate => "date of birth",
            Self::Phones => "telephones",
            Self::Address => "address",
            Self::Contact => "how to reach",
            Self::Language => "language",
            Self::Note => "note",
            Self::Died => "died",
        }
    }

    /// What stands there, a value a line.
    #[must_use]
    pub fn of(self, person: &Person) -> Personal<String> {
        let Identity { name, other_names, birth_date, phones, address, contact, language } = &person.identity;
        let lines = |values: &[Personal<String>]| {
            Personal::new(values.iter().map(|value| value.reveal().as_str()).collect::<Vec<_>>().join("\n"))
        };
        match self {
            Self::Name => name.clone(),
            Self::OtherNames => lines(other_names),
            Self::BirthDate => birth_date.clone(),
            Self::Phones => lines(phones),
            Self::Address => address.clone(),
            Self::Contact => contact.clone(),
            Self::Language => language.clone(),
            Self::Note => person.note.clone(),
            Self::Died => person.died.clone(),
        }
    }

    /// Takes what stands there over from another.
    fn take(self, person: &mut Person, from: &Person) {
        let (to, of) = (&mut person.identity, &from.identity);
        match self {
            Self::Name => to.name.clone_from(&of.name),
            Self::OtherNames => to.other_names.clone_from(&of.other_names),
            Self::BirthDate => to.birth_date.clone_from(&of.birth_date),
            Self::Phones => to.phones.clone_from(&of.phones),
            Self::Address => to.address.clone_from(&of.address),
            Self::Contact => to.contact.clone_from(&of.contact),
            Self::Language => to.language.clone_from(&of.language),
            Self::Note => person.note.clone_from(&from.note),
            Self::Died => person.died.clone_from(&from.died),
        }
    }
}

impl Person {
    /// Lengths.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn check(&self) -> Result<()> {
        if !self.changed.is_sorted_by(|one, next| one < next) {
            return Err(Fault::malformed("person: fields out of order, or named twice"));
        }
        bounded([&self.died], limits::NAME_CHARS)?;
        self.identity.check()
    }

    /// The correction that makes these of this one. `None`: nothing is new.
    #[must_use]
    pub fn corrected(
        &self,
        identity: Identity,
        note: Personal<String>,
        died: Personal<String>,
        by: By,
        at: Time,
    ) -> Option<Self> {
        let revision = self.revision.saturating_add(1);
        let mut next = Self { id: self.id, revision, identity, note, died, changed: Vec::new(), by, at };
        next.changed = Field::ALL.into_iter().filter(|field| field.of(self) != field.of(&next)).collect();
        (!next.changed.is_empty()).then_some(next)
    }
}

/// In the order in which they hold: the higher revision, and of equals the lower hash, last.
pub fn in_order(revisions: &mut [(EntryHash, Person)]) {
    revisions.sort_by_key(|(hash, person)| (person.revision, Reverse(*hash)));
}

/// One person as it holds, out of everything that was written about it, in whatever order: each field from the latest that changed it.
#[must_use]
pub fn as_it_holds(mut revisions: Vec<(EntryHash, Person)>) -> Option<Person> {
    in_order(&mut revisions);
    let mut all = revisions.into_iter().map(|(_, person)| person);
    let mut person = all.next()?;
    for next in all {
        next.changed.iter().for_each(|field| field.take(&mut person, &next));
        (person.revision, person.by, person.at) = (next.revision, next.by.clone(), next.at);
    }
    Some(person)
}

/// Staff say of two records that they are of one human being, or that they are not after all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joined {
    /// The lower id first.
    pub pair: (PersonId, PersonId),
    /// The first is 1, and each later word about the two has the next: the highest holds.
    pub number: u32,
    pub what: Join,
    /// Why; for the organisation's own eyes.
    pub why: Personal<String>,
    pub by: By,
    pub at: Time,
}

/// What is said of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Join {
    /// One human being, shown under this one of the two.
    Together(PersonId),
    Apart,
}

/// Two records, the lower id first.
#[must_use]
pub fn pair(a: PersonId, b: PersonId) -> (PersonId, PersonId) {
    if a <= b { (a, b) } else { (b, a) }
}

impl Joined {
    /// Lengths, and that it is about two.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn check(&self) -> Result<()> {
        let (a, b) = self.pair;
        let kept = match self.what {
            Join::Together(kept) => kept == a || kept == b,
            Join::Apart => true,
        };
        if a >= b || !kept {
            return Err(Fault::malformed("two records of one person: not two"));
        }
        bounded([&self.why], limits::TEXT_CHARS)
    }

    const fn rank(&self, hash: EntryHash) -> (u32, bool, Reverse<EntryHash>) {
        (self.number, matches!(self.what, Join::Apart), Reverse(hash))
    }
}

/// Of all words about one pair the one that holds, in whatever order they came.
#[must_use]
pub fn holds(words: Vec<(EntryHash, Joined)>) -> Option<Joined> {
    words.into_iter().max_by_key(|(hash, word)| word.rank(*hash)).map(|(_, word)| word)
}

/// Records that are of one human being.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Together {
    /// Under which the person is shown: the one that was given up for no other; of several, or where each was, the lowest id.
    pub shown: PersonId,
    /// With that one.
    pub records: BTreeSet<PersonId>,
}

/// The records that are joined with this one, over however many words. `neighbours`: what is joined with a record by a word that holds,
/// and which of the two is kept.
///
/// # Errors
/// Those of `neighbours`.
pub fn together(
    record: PersonId,
    mut neighbours: impl FnMut(PersonId) -> Result<Vec<(PersonId, PersonId)>>,
) -> Result<Together> {
    let (mut records, mut given_up, mut ahead) = (BTreeSet::from([record]), BTreeSet::new(), vec![record]);
    while let Some(here) = ahead.pop() {
        for (other, kept) in neighbours(here)? {
            given_up.insert(if kept == here { other } else { here });
            if records.insert(other) {
                ahead.push(other);
            }
        }
    }
    let shown = records.difference(&given_up).next().or(records.first()).copied().unwrap_or(record);
    Ok(Together { shown, records })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::StaffId;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn by() -> By {
        By { staff: StaffId([1; 32]), name: "Nora Quill".into() }
    }

    fn person(name: &str, phone: &str) -> Person {
        let identity = Identity { name: name.into(), phones: vec![phone.into()], ..Identity::default() };
        let changed = Field::ALL.to_vec();
        Person {
            id: PersonId([7; 32]),
            revision: 1,
            identity,
            note: "".into(),
            died: "".into(),
            changed,
            by: by(),
            at: Time(1),
        }
    }

    #[test]
    fn corrections_of_different_fields_that_were_written_apart_both_hold() {
        let first = person("Ada Wik", "555 0100");
        let (mut named, mut reached) = (first.identity.clone(), first.identity.clone());
        named.name = "Ada Wick".into();
        reached.phones = vec!["555 0199".into()];
        let named = first.corrected(named, "".into(), "".into(), by(), Time(2)).expect("a new name");
        let reached = first.corrected(reached, "".into(), "".into(), by(), Time(3)).expect("a new number");
        assert_eq!(named.changed, [Field::Name]);
        assert!(
            first.corrected(first.identity.clone(), "".into(), "".into(), by(), Time(4)).is_none(),
            "nothing is new"
        );
        let at = |n: u8| EntryHash([n; 32]);
        let all = vec![(at(1), first), (at(2), named), (at(3), reached)];
        let person = as_it_holds(all).expect("one");
        assert_eq!(person.identity.name.reveal(), "Ada Wick");
        assert_eq!(person.identity.phones, ["555 0199".into()]);
    }

    fn any_revision() -> impl Strategy<Value = Person> {
        (1u32..4, "[a-c]", "[a-c]", prop::sample::subsequence(Field::ALL.to_vec(), 1..4))
            .prop_map(|(revision, name, phone, changed)| Person { revision, changed, ..person(&name, &phone) })
    }

    fn any_word() -> impl Strategy<Value = Joined> {
        (0u8..4, 1u8..4, 1u32..4, 0u8..3).prop_map(|(a, step, number, what)| {
            let pair = pair(PersonId([a; 32]), PersonId([(a + step) % 5; 32]));
            let what = match what {
                0 => Join::Apart,
                1 => Join::Together(pair.0),
                _ => Join::Together(pair.1),
            };
            Joined { pair, number, what, why: "".into(), by: by(), at: Time(1) }
        })
    }

    /// What belongs together after these words, as a machine that heard them in this order says.
    fn all_together(words: &[(EntryHash, Joined)]) -> Vec<Together> {
        let mut pairs: BTreeMap<(PersonId, PersonId), Vec<(EntryHash, Joined)>> = BTreeMap::new();
        words.iter().for_each(|(hash, word)| pairs.entry(word.pair).or_default().push((*hash, word.clone())));
        let held: Vec<Joined> = pairs.into_values().filter_map(holds).collect();
        let near = |here: PersonId| {
            let kept = |word: &Joined| if let Join::Together(kept) = word.what { Some(kept) } else { None };
            let near = held.iter().filter_map(|word| {
                let other = match word.pair {
                    (a, b) if a == here => b,
                    (a, b) if b == here => a,
                    _ => return None,
                };
                Some((other, kept(word)?))
            });
            Ok(near.collect())
        };
        (0..5).map(|n| together(PersonId([n; 32]), near).expect("no store")).collect()
    }

    proptest! {
        #[test]
        fn whatever_the_order_a_person_holds_alike(
            (all, shuffled) in prop::collection::vec(any_revision(), 1..8).prop_flat_map(|all| {
                let all: Vec<_> = (1u8..).map(|n| EntryHash([n; 32])).zip(all).collect();
                (Just(all.clone()), Just(all).prop_shuffle())
            })
        ) {
            prop_assert_eq!(as_it_holds(shuffled), as_it_holds(all));
        }

        #[test]
        fn whatever_the_order_the_same_records_are_together_and_shown_under_the_same_one(
            (all, shuffled) in prop::collection::vec(any_word(), 1..12).prop_flat_map(|all| {
                let all: Vec<_> = (1u8..).map(|n| EntryHash([n; 32])).zip(all).collect();
                (Just(all.clone()), Just(all).prop_shuffle())
            })
        ) {
            let once = all_together(&all);
            prop_assert_eq!(&all_together(&shuffled), &once);
            for one in &once {
                for record in &one.records {
                    prop_assert!(once.iter().filter(|other| other.records.contains(record)).all(|other| other == one));
                }
                prop_assert!(one.records.contains(&one.shown));
            }
        }
    }

    #[test]
    fn who_was_given_up_is_shown_under_who_was_kept_over_several_words() {
        let [a, b, c] = [1, 2, 3].map(|n: u8| PersonId([n; 32]));
        let word = |number, (x, y): (PersonId, PersonId), what| {
            let word = Joined { pair: pair(x, y), number, what, why: "".into(), by: by(), at: Time(1) };
            word.check().expect("two records");
            (EntryHash([u8::try_from(number).expect("small"); 32]), word)
        };
        let mut words = vec![word(1, (b, a), Join::Together(b)), word(1, (b, c), Join::Together(c))];
        assert_eq!(all_together(&words)[1], Together { shown: c, records: [a, b, c].into() });
        words.push(word(2, (b, c), Join::Apart));
        assert_eq!(all_together(&words)[1], Together { shown: b, records: [a, b].into() });
        assert_eq!(all_together(&words)[3], Together { shown: c, records: [c].into() });
    }
}
