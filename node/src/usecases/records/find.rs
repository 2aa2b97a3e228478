//! How a person or a consent is found among ten thousand, besides by the beginning of an id: by these rows.
//!
//! [`Table::Record`]: `60 sign person`, the sign a SHA-256 of a name as it is typed or of what makes one person likely to be
//! another; `61 person consent`. All of it can be made again from the entries alone.

use belay_protocol::disclosure::PrivateBody;
use belay_protocol::fault::Result;
use belay_protocol::ids::{ConsentId, PersonId};
use belay_protocol::keys::digest::sha256;
use belay_protocol::limits;
use belay_protocol::referral::{Identity, Person, signs};
use belay_protocol::store::{Draft, Table, View, after_prefix};
use std::collections::BTreeSet;

const SIGN: u8 = 60;
const OF_PERSON: u8 = 61;

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

/// A record is kept.
///
/// # Errors
/// `Store`.
pub(super) fn kept(draft: &mut Draft<'_>, body: &PrivateBody) -> Result<()> {
    match body {
        PrivateBody::Person(person) => of(person).for_each(|key| draft.put(Table::Record, key, [])),
        PrivateBody::Consent(consent) => {
            draft.put(Table::Record, [&[OF_PERSON], &consent.person().0[..], &consent.id().0[..]].concat(), []);
        }
        _ => {}
    }
    Ok(())
}

/// A newer record of the same thing takes its place.
pub(super) fn replaced(draft: &mut Draft<'_>, body: &PrivateBody) {
    if let PrivateBody::Person(person) = body {
        of(person).for_each(|key| draft.delete(Table::Record, key));
    }
}

pub(super) fn forget(draft: &mut Draft<'_>) -> Result<()> {
    for kind in [SIGN, OF_PERSON] {
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
