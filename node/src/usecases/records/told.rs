//! How what was told is found among a hundred thousand records of it: by person, recipient and consent.
//!
//! [`Table::Record`]: `81 org hash` the records of what was told to an organisation; `82 consent org` to whom something was told under a
//! consent; `83 person hash` what was told of a person as the record names them; `84 entry hash` what was told of nobody on record, by what
//! it names in the place of an entry; `85 thread hash` what was told in a referral; `86 person thread` the incoming referrals that staff
//! linked to a person last; `87 org name` by which names an organisation was written down. All of it can be made again from the entries
//! alone.

use super::prefix::Prefix;
use super::{Kind, find, rows};
use belay_protocol::disclosure::private::Linked;
use belay_protocol::disclosure::{Disclosure, PrivateBody};
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{ConsentId, EntryHash, OrgId, PersonId, ThreadId};
use belay_protocol::keys::digest::sha256;
use belay_protocol::store::{Draft, Row, Table, View};
use std::collections::{BTreeMap, BTreeSet};

const TO: u8 = Prefix::ToldTo as u8;
const UNDER: u8 = Prefix::ToldUnder as u8;
const OF: u8 = Prefix::ToldOf as u8;
const OF_NOBODY: u8 = Prefix::ToldOfNobody as u8;
const IN: u8 = Prefix::ToldIn as u8;
const LINKED: u8 = Prefix::LinkedTo as u8;
const NAMES: u8 = Prefix::ToldName as u8;

fn key(kind: u8, first: &[u8; 32], second: &[u8]) -> Vec<u8> {
    [&[kind], &first[..], second].concat()
}

/// A record is kept.
pub(super) fn kept(draft: &mut Draft<'_>, hash: EntryHash, body: &PrivateBody) {
    match body {
        PrivateBody::Disclosure(told) => {
            let name = sha256(b"belay told v1\0", &[told.recipient.as_bytes()]);
            draft.put(Table::Record, key(NAMES, &told.to.0, &name), told.recipient.as_bytes());
            let whose = if told.person == PersonId::ZERO {
                key(OF_NOBODY, &told.entry.0, &hash.0)
            } else {
                key(OF, &told.person.0, &hash.0)
            };
            let under = key(UNDER, &told.consent.0, &told.to.0);
            for row in [whose, under, key(TO, &told.to.0, &hash.0), key(IN, &told.thread.0, &hash.0)] {
                draft.put(Table::Record, row, []);
            }
        }
        PrivateBody::Linked(linked) => {
            if let Some(row) = row(linked) {
                draft.put(Table::Record, row, []);
            }
        }
        _ => {}
    }
}

/// A record gives way to a newer one of the same thing.
pub(super) fn gives_way(draft: &mut Draft<'_>, body: &PrivateBody) {
    if let PrivateBody::Linked(linked) = body
        && let Some(row) = row(linked)
    {
        draft.delete(Table::Record, row);
    }
}

fn row(linked: &Linked) -> Option<Vec<u8>> {
    linked.person.map(|person| key(LINKED, &person.0, &linked.thread.0))
}

pub(super) fn forget(draft: &mut Draft<'_>) -> Result<()> {
    rows::forget(draft, &[TO, UNDER, OF, OF_NOBODY, IN, LINKED, NAMES])
}

/// The incoming threads that staff ever linked to this record.
///
/// # Errors
/// `Store`.
pub fn linked_to(view: &dyn View, record: PersonId) -> Result<Vec<ThreadId>> {
    seconds(view, LINKED, &record.0, ThreadId::from_slice)
}

/// The second half of each key that begins so.
fn seconds<T>(view: &dyn View, kind: u8, first: &[u8; 32], id: impl Fn(&[u8]) -> Option<T>) -> Result<Vec<T>> {
    let prefix = key(kind, first, &[]);
    Ok(rows::ends(&rows::under(view, &prefix)?, &prefix, id))
}

fn read(view: &dyn View, hashes: BTreeSet<EntryHash>) -> Result<Vec<(EntryHash, Disclosure)>> {
    let mut found = Vec::with_capacity(hashes.len());
    for hash in hashes {
        if let Some(PrivateBody::Disclosure(told)) = super::get(view, Kind::Disclosure, &hash.0)?.map(|one| one.body) {
            found.push((hash, *told));
        }
    }
    Ok(found)
}

/// Every record that may be about a person, and few that are not: those that name any record of theirs, those of referrals that staff
/// linked to one, and of those that name nobody the ones that `owners` puts to one.
///
/// # Errors
/// `Store`.
pub fn of(
    view: &dyn View,
    person: PersonId,
    owners: &BTreeMap<EntryHash, PersonId>,
) -> Result<Vec<(EntryHash, Disclosure)>> {
    let (records, mut found) = (find::records_of(view, person)?.records, BTreeSet::new());
    for record in &records {
        found.extend(seconds(view, OF, &record.0, EntryHash::from_slice)?);
        for thread in seconds(view, LINKED, &record.0, ThreadId::from_slice)? {
            found.extend(seconds(view, IN, &thread.0, EntryHash::from_slice)?);
        }
    }
    for (entry, _) in owners.iter().filter(|(_, owner)| records.contains(*owner)) {
        found.extend(seconds(view, OF_NOBODY, &entry.0, EntryHash::from_slice)?);
    }
    read(view, found)
}

/// Every record of what was told to one of these.
///
/// # Errors
/// `Store`.
pub fn to(view: &dyn View, orgs: &BTreeSet<OrgId>) -> Result<Vec<(EntryHash, Disclosure)>> {
    let mut found = BTreeSet::new();
    for org in orgs {
        found.extend(seconds(view, TO, &org.0, EntryHash::from_slice)?);
    }
    read(view, found)
}

/// Every record of which the entry begins so.
///
/// # Errors
/// `Store`.
pub fn like(view: &dyn View, given: &str) -> Result<Vec<Disclosure>> {
    let Some(bytes) = crate::usecases::beginning(given) else { return Ok(Vec::new()) };
    let records = super::all(view, Kind::Disclosure, &bytes)?.into_iter();
    Ok(records
        .filter_map(|record| match record.body {
            PrivateBody::Disclosure(told) => Some(*told),
            _ => None,
        })
        .collect())
}

/// Whether anything was told to an organisation under a consent, or placed with it.
///
/// # Errors
/// `Store`.
pub fn under(view: &dyn View, consent: ConsentId, org: OrgId) -> Result<bool> {
    Ok(view.get(Table::Record, &key(UNDER, &consent.0, &org.0))?.is_some())
}

/// To whom anything was told under a consent, or placed with.
///
/// # Errors
/// `Store`.
pub fn told_under(view: &dyn View, consent: ConsentId) -> Result<BTreeSet<OrgId>> {
    Ok(seconds(view, UNDER, &consent.0, OrgId::from_slice)?.into_iter().collect())
}

/// Everybody to whom anything was told, with each name by which they were written down.
///
/// # Errors
/// `Store`.
pub fn recipients(view: &dyn View) -> Result<Vec<(OrgId, String)>> {
    let damaged = || Fault::store("a record is damaged; `belay doctor --rebuild` makes it again from the entries");
    let named = |(key, name): Row| {
        let org = key.get(1..33).and_then(OrgId::from_slice).ok_or_else(damaged)?;
        Ok((org, String::from_utf8(name).map_err(|_| damaged())?))
    };
    rows::under(view, &[NAMES])?.into_iter().map(named).collect()
}
