//! How a person, a consent or a file is found among ten thousand, besides by the beginning of an id: by these rows.
//!
//! [`Table::Record`]: `60 sign person`, the sign a SHA-256 of a name as it is typed or of what makes one person likely to be
//! another, as it holds and as it stood before; `61 person consent`; `67 thread entry hash` what left on paper or by telephone, by what it names in the place of an entry, and
//! the record of it; `68 consent thread` what we sent under it; `69 org consent` the partners off the network that were named by a
//! signed one; `71 name person` persons in order of name, with name, date of birth, whether that name holds, and the note, telephones and address; `72 thread sent` what is to lift a
//! need of a thread; `76 person person` two records of which staff said something, either way round; `90 person person` those of them that are of one human
//! being, with the id under which they are shown: few, so that nobody reads ten thousand that were only told apart; `77 hash` the records of what was opened for somebody who was not on record; `89 person sha256 hash` the files of a person. All of it can be made again from the entries alone.

use super::prefix::Prefix;
use super::{Kind, rows};
use belay_protocol::codec;
use belay_protocol::disclosure::private::Attachment;
use belay_protocol::disclosure::{Disclosure, PrivateBody};
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{ConsentId, EntryHash, OrgId, PersonId, SpaceId, ThreadId};
use belay_protocol::keys::digest::sha256;
use belay_protocol::limits;
use belay_protocol::referral::{
    Identity, Join, Joined, Person, Purpose, Together, as_it_holds, is_outside, join_that_holds, pair,
    persons_in_order, signs, together,
};
use belay_protocol::sensitive::Personal;
use belay_protocol::store::{Draft, Row, Table, View, after_prefix};
use std::collections::{BTreeMap, BTreeSet};
use zeroize::Zeroizing;

const SIGN: u8 = Prefix::Sign as u8;
const OF_PERSON: u8 = Prefix::OfPerson as u8;
const EXPORTED: u8 = Prefix::Exported as u8;
const SENT: u8 = Prefix::SentUnder as u8;
const NAMED: u8 = Prefix::Named as u8;
const BY_NAME: u8 = Prefix::ByName as u8;
const LIFTS: u8 = Prefix::Lifts as u8;
const JOINED: u8 = Prefix::Joined as u8;
const TOGETHER: u8 = Prefix::Together as u8;
const OPENED_FOR: u8 = Prefix::OpenedFor as u8;
const FILE_OF: u8 = Prefix::FileOf as u8;

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

/// What else somebody is found by in a list: the note, telephones, and where to reach the person.
fn besides(person: &Person) -> Personal<String> {
    let identity = &person.identity;
    let texts = [&person.note, &identity.address, &identity.contact].into_iter().chain(&identity.phones);
    let texts: Vec<&str> = texts.map(|text| text.reveal().trim()).filter(|text| !text.is_empty()).collect();
    Personal::new(texts.join("\n"))
}

/// In order of name, whatever its case.
fn by_name(person: &Person, name: &Personal<String>) -> Vec<u8> {
    let name = Zeroizing::new(name.reveal().trim().to_lowercase());
    [&[BY_NAME], name.as_bytes(), &[0], &person.id.0].concat()
}

/// One more was written about a person: found by what holds now, and by what stood there before.
fn person_kept(draft: &mut Draft<'_>, id: PersonId) -> Result<()> {
    let mut all = person(draft, id)?;
    persons_in_order(&mut all);
    let mut put = |person: &Person, name: &Personal<String>, holds: bool| {
        let row = Zeroizing::new(codec::encode(&(name, &person.identity.birth_date, holds, besides(person))));
        draft.put(Table::Record, by_name(person, name), row.as_slice());
    };
    all.iter().for_each(|(_, before)| put(before, &before.identity.name, false));
    let signed: BTreeSet<Vec<u8>> = all.iter().flat_map(|(_, before)| of(before)).collect();
    if let Some(person) = as_it_holds(all) {
        put(&person, &person.identity.name, true);
        of(&person).for_each(|key| draft.put(Table::Record, key, []));
    }
    signed.into_iter().for_each(|key| draft.put(Table::Record, key, []));
    Ok(())
}

/// Everything that was written about one person, with the entry of each.
///
/// # Errors
/// `Store`.
pub fn person(view: &dyn View, id: PersonId) -> Result<Vec<(EntryHash, Person)>> {
    let records = super::all(view, super::Kind::Person, &id.0)?.into_iter();
    Ok(records
        .filter_map(|record| match record.body {
            PrivateBody::Person(person) => Some((record.hash, *person)),
            _ => None,
        })
        .collect())
}

/// What staff said of two records.
///
/// # Errors
/// `Store`.
pub fn joins(view: &dyn View, (a, b): (PersonId, PersonId)) -> Result<Vec<(EntryHash, Joined)>> {
    let records = super::all(view, super::Kind::Joined, &[a.0, b.0].concat())?.into_iter();
    Ok(records
        .filter_map(|record| match record.body {
            PrivateBody::Joined(joined) => Some((record.hash, *joined)),
            _ => None,
        })
        .collect())
}

/// One more word about two records was kept.
fn joined_kept(draft: &mut Draft<'_>, (a, b): (PersonId, PersonId)) -> Result<()> {
    let held = join_that_holds(joins(draft, (a, b))?);
    for (here, other) in [(a, b), (b, a)] {
        let key = |kind: u8| [&[kind], &here.0[..], &other.0[..]].concat();
        draft.put(Table::Record, key(JOINED), []);
        match &held {
            Some(Joined { what: Join::Together(kept), .. }) => draft.put(Table::Record, key(TOGETHER), kept.0),
            _ => draft.delete(Table::Record, key(TOGETHER)),
        }
    }
    Ok(())
}

/// What staff said of this record and any other.
///
/// # Errors
/// `Store`.
pub fn joined_with(view: &dyn View, here: PersonId) -> Result<Vec<(EntryHash, Joined)>> {
    let mut words = Vec::new();
    for other in told_of(view, here)? {
        words.extend(joins(view, pair(here, other))?);
    }
    Ok(words)
}

/// Of that, what holds: a word for each other record.
///
/// # Errors
/// `Store`.
pub fn holds_with(view: &dyn View, here: PersonId) -> Result<Vec<Joined>> {
    let mut words = Vec::new();
    for other in told_of(view, here)? {
        words.extend(join_that_holds(joins(view, pair(here, other))?));
    }
    Ok(words)
}

/// The other records of which staff said something beside this one.
fn told_of(view: &dyn View, here: PersonId) -> Result<Vec<PersonId>> {
    let prefix = [&[JOINED], &here.0[..]].concat();
    Ok(rows::ends(&rows::under(view, &prefix)?, &prefix, PersonId::from_slice))
}

/// The records that are of one human being with this one.
///
/// # Errors
/// `Store`.
pub fn records_of(view: &dyn View, person: PersonId) -> Result<Together> {
    together(person, |here| {
        let prefix = [&[TOGETHER], &here.0[..]].concat();
        let rows = rows::under(view, &prefix)?;
        let ids = |(key, kept): &Row| Some((PersonId::from_slice(key.get(33..)?)?, PersonId::from_slice(kept)?));
        Ok(rows.iter().filter_map(ids).collect())
    })
}

/// The record under which this person is shown.
///
/// # Errors
/// `Store`.
pub fn shown(view: &dyn View, person: PersonId) -> Result<PersonId> {
    Ok(records_of(view, person)?.shown)
}

/// For whoever looks at many: which of them are shown under another record.
#[derive(Debug)]
pub struct Shown(BTreeMap<PersonId, PersonId>);

impl Shown {
    /// All that are joined: few.
    ///
    /// # Errors
    /// `Store`.
    pub fn all(view: &dyn View) -> Result<Self> {
        let mut under = BTreeMap::new();
        for (key, _) in rows::under(view, &[TOGETHER])? {
            let Some(here) = key.get(1..33).and_then(PersonId::from_slice) else { continue };
            if !under.contains_key(&here) {
                let Together { shown, records } = records_of(view, here)?;
                under.extend(records.into_iter().map(|record| (record, shown)));
            }
        }
        Ok(Self(under))
    }

    /// The record under which this person is shown.
    #[must_use]
    pub fn of(&self, person: PersonId) -> PersonId {
        self.0.get(&person).copied().unwrap_or(person)
    }
}

/// A record is kept.
///
/// # Errors
/// `Store`.
pub(super) fn kept(draft: &mut Draft<'_>, hash: EntryHash, body: &PrivateBody) -> Result<()> {
    match body {
        PrivateBody::Person(person) => person_kept(draft, person.id)?,
        PrivateBody::Joined(joined) => joined_kept(draft, joined.pair)?,
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
        PrivateBody::Attachment(file) => {
            let key = [&[FILE_OF], &file.person.0[..], &file.manifest.sha256[..], &hash.0[..]].concat();
            draft.put(Table::Record, key, []);
        }
        PrivateBody::Disclosure(told) if opened_for_somebody(told) => {
            draft.put(Table::Record, [&[OPENED_FOR], &hash.0[..]].concat(), []);
        }
        _ => {}
    }
    Ok(())
}

/// Whether it was told, by opening what was placed for a medical emergency, of somebody who was not on record.
fn opened_for_somebody(told: &Disclosure) -> bool {
    let of_nobody = told.person == PersonId::ZERO && told.thread == ThreadId::ZERO;
    of_nobody && told.purpose == Purpose::Emergency && told.space != SpaceId::ZERO
}

/// The records of what was told by opening what was placed, of somebody who was not on record, whoever it was after all.
///
/// # Errors
/// `Store`.
pub fn opened_for(view: &dyn View) -> Result<Vec<Disclosure>> {
    let mut found = Vec::new();
    for (key, _) in rows::under(view, &[OPENED_FOR])? {
        let record = key.get(1..).map(|hash| super::get(view, Kind::Disclosure, hash)).transpose()?.flatten();
        if let Some(PrivateBody::Disclosure(told)) = record.map(|record| record.body) {
            found.push(*told);
        }
    }
    Ok(found)
}

pub(super) fn forget(draft: &mut Draft<'_>) -> Result<()> {
    rows::forget(
        draft,
        &[SIGN, OF_PERSON, EXPORTED, SENT, NAMED, BY_NAME, LIFTS, JOINED, TOGETHER, OPENED_FOR, FILE_OF],
    )
}

fn first<T>(view: &dyn View, prefix: &[u8], id: impl Fn(&[u8]) -> Option<T>) -> Result<Vec<T>> {
    Ok(rows::ends(&rows::at_most(view, prefix, limits::FOUND_AT_ONCE)?, prefix, id))
}

/// Persons whose name is or was this, whatever its case.
///
/// # Errors
/// `Store`.
pub fn called(view: &dyn View, name: &str) -> Result<Vec<PersonId>> {
    let found = first(view, &[&[SIGN], &typed(name)[..]].concat(), PersonId::from_slice)?;
    let shown = found.into_iter().map(|id| shown(view, id)).collect::<Result<BTreeSet<_>>>()?;
    Ok(shown.into_iter().collect())
}

/// Persons who share with this one what makes one likely to be the other.
///
/// # Errors
/// `Store`.
pub fn like(view: &dyn View, identity: &Identity) -> Result<BTreeSet<PersonId>> {
    let mut found = BTreeSet::new();
    for sign in signs(identity) {
        for id in first(view, &[&[SIGN], &hashed(sign.reveal())[..]].concat(), PersonId::from_slice)? {
            found.insert(shown(view, id)?);
        }
    }
    Ok(found)
}

/// The consents of a person, under whichever record of theirs each was signed, in order of id.
///
/// # Errors
/// `Store`.
pub fn consents(view: &dyn View, person: PersonId) -> Result<Vec<ConsentId>> {
    let mut found = Vec::new();
    for record in records_of(view, person)?.records {
        found.extend(first(view, &[&[OF_PERSON], &record.0[..]].concat(), ConsentId::from_slice)?);
    }
    found.sort_unstable();
    Ok(found)
}

/// The files of a person that stay in the house, under whichever record of theirs each is kept.
///
/// # Errors
/// `Store`.
pub fn attachments(view: &dyn View, person: PersonId) -> Result<Vec<Attachment>> {
    let mut found = Vec::new();
    for here in records_of(view, person)?.records {
        let prefix = [&[FILE_OF], &here.0[..]].concat();
        for (key, _) in rows::under(view, &prefix)? {
            let record = key.get(33..).map(|file| super::get(view, Kind::Attachment, file)).transpose()?.flatten();
            if let Some(PrivateBody::Attachment(file)) = record.map(|record| record.body) {
                found.push(*file);
            }
        }
    }
    Ok(found)
}

/// What we sent under a consent, in order of id.
///
/// # Errors
/// `Store`.
pub fn sent(view: &dyn View, consent: ConsentId) -> Result<Vec<ThreadId>> {
    let prefix = [&[SENT], &consent.0[..]].concat();
    Ok(rows::ends(&rows::under(view, &prefix)?, &prefix, ThreadId::from_slice))
}

/// Whether a consent that was signed ever named this partner off the network.
///
/// # Errors
/// `Store`.
pub fn named(view: &dyn View, partner: OrgId) -> Result<bool> {
    let prefix = [&[NAMED], &partner.0[..]].concat();
    rows::is_any(view, &prefix)
}

/// Every record of a disclosure by which something of a referral left on paper or by telephone.
///
/// # Errors
/// `Store`.
pub fn all_exported(view: &dyn View, thread: ThreadId) -> Result<Vec<EntryHash>> {
    let prefix = [&[EXPORTED], &thread.0[..]].concat();
    Ok(rows::ends(&rows::under(view, &prefix)?, &prefix, |end| EntryHash::from_slice(end.get(32..)?)))
}

/// What we sent that is to lift a need of this thread.
///
/// # Errors
/// `Store`.
pub fn lifting(view: &dyn View, thread: ThreadId) -> Result<Vec<ThreadId>> {
    first(view, &[&[LIFTS], &thread.0[..]].concat(), ThreadId::from_slice)
}

/// A person as a list finds one.
#[derive(Debug, Clone)]
pub struct Called {
    pub id: PersonId,
    pub name: Personal<String>,
    pub birth_date: Personal<String>,
    /// Whether that name still holds.
    pub holds: bool,
    /// What else the person is found by, the note first.
    pub besides: Personal<String>,
}

/// Persons in order of name that `fits`, at most so many, and whether there are more. Without a need to look at more, no more are read.
///
/// # Errors
/// `Store`.
pub fn in_order(view: &dyn View, most: usize, mut fits: impl FnMut(&Called) -> bool) -> Result<(Vec<Called>, bool)> {
    let to = after_prefix(&[BY_NAME]);
    let (mut found, mut from): (Vec<Called>, Vec<u8>) = (Vec::new(), vec![BY_NAME]);
    loop {
        let rows = view.scan(Table::Record, &from, to.as_deref(), limits::LIST_PAGE_MAX, false)?;
        for (key, value) in &rows {
            let damaged =
                || Fault::store("a record is damaged; `belay doctor --rebuild` makes it again from the entries");
            let id =
                key.len().checked_sub(32).and_then(|at| PersonId::from_slice(key.get(at..)?)).ok_or_else(damaged)?;
            let (name, birth_date, holds, besides) = codec::decode("a person's name", value).map_err(|_| damaged())?;
            let one = Called { id, name, birth_date, holds, besides };
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
