//! How a person or a consent is found among ten thousand, besides by the beginning of an id: by these rows.
//!
//! [`Table::Record`]: `60 sign person`, the sign a SHA-256 of a name as it is typed or of what makes one person likely to be
//! another; `61 person consent`; `67 thread entry hash` what left on paper or by telephone, by what it names in the place of an entry, and
//! the record of it; `68 consent thread` what we sent under it; `69 org consent` the partners off the network that were named by a
//! signed one; `71 name person` persons in order of name, with name and date of birth; `72 thread sent` what is to lift a need of a
//! thread. All of it can be made again from the entries alone.

use belay_protocol::codec;
use belay_protocol::disclosure::PrivateBody;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{ConsentId, EntryHash, OrgId, PersonId, SpaceId, ThreadId};
use belay_protocol::keys::digest::sha256;
use belay_protocol::limits;
use belay_protocol::referral::{Identity, Person, is_outside, signs};
use belay_protocol::sensitive::Personal;
use belay_protocol::store::{Draft, Table, View, after_prefix};
use std::collections::BTreeSet;
use zeroize::Zeroizing;

const SIGN: u8 = 60;
const OF_PERSON: u8 = 61;
const EXPORTED: u8 = 67;
const SENT: u8 = 68;
const NAMED: u8 = 69;
const BY_NAME: u8 = 71;
const LIFTS: u8 = 72;

fn hashed(text: &str) -> [u8; 32] {
    sha256(b"belay sign v1\0", &[text.as_bytes()])
}

/// As it is compared with what somebody types: without regard to case.
fn typed(name: &str) -> [u8; 32] {
    hashed(&format!("typed {}", name.trim().to_lowercase()))
}

fn of(person: &Person) -> impl Iterator<Item = Vec<u8>> {
    let id = person.id;
    let all = signs(&person.identity).into_iter().map(|sign| hashed(sign.reveal()));
    let all: BTreeSet<[u8; 32]> = all.chain([typed(person.identity.name.reveal())]).collect();
    all.into_iter().map(move |sign| [&[SIGN], &sign[..], &id.0[..]].concat())
}

/// In order of name, whatever its case.
fn by_name(person: &Person) -> Vec<u8> {
    let name = Zeroizing::new(person.identity.name.reveal().trim().to_lowercase());
    [&[BY_NAME], name.as_bytes(), &[0], &person.id.0].concat()
}

/// A record is kept.
///
/// # Errors
/// `Store`.
pub(super) fn kept(draft: &mut Draft<'_>, hash: EntryHash, body: &PrivateBody) -> Result<()> {
    match body {
        PrivateBody::Person(person) => {
            of(person).for_each(|key| draft.put(Table::Record, key, []));
            let row = Zeroizing::new(codec::encode(&(&person.identity.name, &person.identity.birth_date)));
            draft.put(Table::Record, by_name(person), row.as_slice());
        }
        PrivateBody::Consent(consent) => {
            let id = consent.id();
            draft.put(Table::Record, [&[OF_PERSON], &consent.person().0[..], &id.0[..]].concat(), []);
            for party in consent.signed().iter().flat_map(|signed| signed.terms.parties()) {
                if is_outside(party.org) {
                    draft.put(Table::Record, [&[NAMED], &party.org.0[..], &id.0[..]].concat(), []);
                }
            }
        }
        PrivateBody::Thread(thread) => {
            if let Some((lifted, _)) = thread.lifts {
                draft.put(Table::Record, [&[LIFTS], &lifted.0[..], &thread.thread.0[..]].concat(), []);
            }
            draft.put(Table::Record, [&[SENT], &thread.consent.0[..], &thread.thread.0[..]].concat(), []);
        }
        PrivateBody::Disclosure(told) if told.space == SpaceId::ZERO && told.thread != ThreadId::ZERO => {
            let key = [&[EXPORTED], &told.thread.0[..], &told.entry.0[..], &hash.0[..]].concat();
            draft.put(Table::Record, key, []);
        }
        _ => {}
    }
    Ok(())
}

/// A newer record of the same thing takes its place.
pub(super) fn replaced(draft: &mut Draft<'_>, body: &PrivateBody) {
    if let PrivateBody::Person(person) = body {
        of(person).for_each(|key| draft.delete(Table::Record, key));
        draft.delete(Table::Record, by_name(person));
    }
}

pub(super) fn forget(draft: &mut Draft<'_>) -> Result<()> {
    for kind in [SIGN, OF_PERSON, EXPORTED, SENT, NAMED, BY_NAME, LIFTS] {
        for (key, _) in draft.scan(Table::Record, &[kind], after_prefix(&[kind]).as_deref(), usize::MAX, false)? {
            draft.delete(Table::Record, key);
        }
    }
    Ok(())
}

fn last<T>(view: &dyn View, prefix: &[u8], id: impl Fn(&[u8]) -> Option<T>) -> Result<Vec<T>> {
    let rows = view.scan(Table::Record, prefix, after_prefix(prefix).as_deref(), limits::FOUND_AT_ONCE, false)?;
    Ok(rows.iter().filter_map(|(key, _)| id(key.get(prefix.len()..)?)).collect())
}

/// Persons whose name is this, whatever its case.
///
/// # Errors
/// `Store`.
pub fn called(view: &dyn View, name: &str) -> Result<Vec<PersonId>> {
    last(view, &[&[SIGN], &typed(name)[..]].concat(), PersonId::from_slice)
}

/// Persons who share with this one what makes one likely to be the other.
///
/// # Errors
/// `Store`.
pub fn like(view: &dyn View, identity: &Identity) -> Result<BTreeSet<PersonId>> {
    let mut found = BTreeSet::new();
    for sign in signs(identity) {
        found.extend(last(view, &[&[SIGN], &hashed(sign.reveal())[..]].concat(), PersonId::from_slice)?);
    }
    Ok(found)
}

/// The consents of a person.
///
/// # Errors
/// `Store`.
pub fn consents(view: &dyn View, person: PersonId) -> Result<Vec<ConsentId>> {
    last(view, &[&[OF_PERSON], &person.0[..]].concat(), ConsentId::from_slice)
}

/// What we sent under a consent, in order of id.
///
/// # Errors
/// `Store`.
pub fn sent(view: &dyn View, consent: ConsentId) -> Result<Vec<ThreadId>> {
    let prefix = [&[SENT], &consent.0[..]].concat();
    let rows = view.scan(Table::Record, &prefix, after_prefix(&prefix).as_deref(), usize::MAX, false)?;
    Ok(rows.iter().filter_map(|(key, _)| ThreadId::from_slice(key.get(prefix.len()..)?)).collect())
}

/// Whether a consent that was signed ever named this partner off the network.
///
/// # Errors
/// `Store`.
pub fn named(view: &dyn View, partner: OrgId) -> Result<bool> {
    let prefix = [&[NAMED], &partner.0[..]].concat();
    Ok(!view.scan(Table::Record, &prefix, after_prefix(&prefix).as_deref(), 1, false)?.is_empty())
}

/// The first record of a disclosure by which something of a referral left on paper or by telephone; with `entry` only what names that.
///
/// # Errors
/// `Store`.
pub fn exported(view: &dyn View, thread: ThreadId, entry: Option<EntryHash>) -> Result<Option<EntryHash>> {
    let mut prefix = [&[EXPORTED], &thread.0[..]].concat();
    prefix.extend(entry.iter().flat_map(|entry| entry.0));
    let rows = view.scan(Table::Record, &prefix, after_prefix(&prefix).as_deref(), 1, false)?;
    Ok(rows.first().and_then(|(key, _)| EntryHash::from_slice(key.get(65..)?)))
}

/// All such records of a referral.
///
/// # Errors
/// `Store`.
pub fn all_exported(view: &dyn View, thread: ThreadId) -> Result<Vec<EntryHash>> {
    let prefix = [&[EXPORTED], &thread.0[..]].concat();
    let rows = view.scan(Table::Record, &prefix, after_prefix(&prefix).as_deref(), usize::MAX, false)?;
    Ok(rows.iter().filter_map(|(key, _)| EntryHash::from_slice(key.get(65..)?)).collect())
}

/// What we sent that is to lift a need of this thread.
///
/// # Errors
/// `Store`.
pub fn lifting(view: &dyn View, thread: ThreadId) -> Result<Vec<ThreadId>> {
    last(view, &[&[LIFTS], &thread.0[..]].concat(), ThreadId::from_slice)
}

/// A person, by name and date of birth.
pub type Called = (PersonId, Personal<String>, Personal<String>);

/// Persons in order of name that `fits`, at most so many, and whether there are more. Without a need to look at more, no more are read.
///
/// # Errors
/// `Store`.
pub fn in_order(view: &dyn View, most: usize, fits: impl Fn(&Called) -> bool) -> Result<(Vec<Called>, bool)> {
    let to = after_prefix(&[BY_NAME]);
    let (mut found, mut from): (Vec<Called>, Vec<u8>) = (Vec::new(), vec![BY_NAME]);
    loop {
        let rows = view.scan(Table::Record, &from, to.as_deref(), limits::LIST_PAGE_MAX, false)?;
        for (key, value) in &rows {
            let damaged =
                || Fault::store("a record is damaged; `belay doctor --rebuild` makes it again from the entries");
            let id =
                key.len().checked_sub(32).and_then(|at| PersonId::from_slice(key.get(at..)?)).ok_or_else(damaged)?;
            let (name, born) = codec::decode("a person's name", value).map_err(|_| damaged())?;
            let one = (id, name, born);
            if fits(&one) {
                if found.len() == most {
                    return Ok((found, true));
                }
                found.push(one);
            }
        }
        match rows.last() {
            Some((key, _)) if rows.len() == limits::LIST_PAGE_MAX => from = [key.as_slice(), &[0]].concat(),
            _ => return Ok((found, false)),
        }
    }
}
