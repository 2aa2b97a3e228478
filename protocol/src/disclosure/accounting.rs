//! Disclosures as lists: for the person (three years, 42 CFR 2.25(a)), and for a breach at one recipient.

use super::Disclosure;
use crate::ids::{ConsentId, EntryHash, OrgId, PersonId};
use crate::time::{DAY, Time};

/// What is asked for. Empty: everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Accounting {
    pub person: Option<PersonId>,
    pub to: Option<OrgId>,
    /// Only what was told at or after this, whenever it was put on record (45 CFR 164.528(b)(2)(i)).
    pub since: Option<Time>,
    /// Only what was told before this.
    pub until: Option<Time>,
    /// Only what rests on a consent (2.25(a)).
    pub with_consent: bool,
}

impl Accounting {
    /// For one person, the three years before `now` (2.25(a)).
    #[must_use]
    pub const fn three_years(person: PersonId, now: Time) -> Self {
        Self {
            person: Some(person),
            to: None,
            since: Some(Time(now.0.saturating_sub(3 * 366 * DAY))),
            until: None,
            with_consent: false,
        }
    }
}

/// The disclosures that fit, newest first, each with the entry of its record; the same record (that came twice) once.
#[must_use]
pub fn accounting<'d>(
    asked: Accounting,
    records: impl IntoIterator<Item = (EntryHash, &'d Disclosure)>,
) -> Vec<(EntryHash, &'d Disclosure)> {
    let mut found: Vec<(Time, EntryHash, &Disclosure)> = records
        .into_iter()
        .filter(|(_, d)| asked.person.is_none_or(|p| d.person == p))
        .filter(|(_, d)| asked.to.is_none_or(|to| d.to == to))
        .filter(|(_, d)| asked.since.is_none_or(|since| d.at >= since))
        .filter(|(_, d)| asked.until.is_none_or(|until| d.at < until))
        .filter(|(_, d)| !asked.with_consent || d.consent != ConsentId::ZERO)
        .map(|(hash, d)| (d.at, hash, d))
        .collect();
    found.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    found.dedup_by_key(|(_, hash, _)| *hash);
    found.into_iter().map(|(_, hash, d)| (hash, d)).collect()
}
