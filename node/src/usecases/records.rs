//! The organisation's own records, made from the entries of its private space: what `user list`, `person list` and so on read.
//!
//! [`Table::Record`]: a kind byte, then the key, gives the entry's hash (32 bytes) and the body as it was. All of it can be made
//! again from the entries alone; a record that came twice holds by [`newer`], in whatever order.

pub mod falsely;
pub mod find;
pub mod newest;
pub(in crate::usecases) mod prefix;
pub mod rows;
pub mod told;

use belay_protocol::consent::Consent;
use belay_protocol::disclosure::PrivateBody;
use belay_protocol::disclosure::private::newer;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{ConsentId, EntryHash, PersonId};
use belay_protocol::limits;
use belay_protocol::store::{Draft, Table, View, after_prefix};
use prefix::Prefix;
use zeroize::Zeroizing;

/// What a record is about. The number is what the store keeps; it never changes meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// By staff id.
    Staff = 1,
    /// By person id, revision (u32 big endian) and entry hash: all of them together say what holds
    /// ([`belay_protocol::referral::as_it_holds`]).
    Person = 2,
    /// By consent id, version (u32 big endian), whether it was signed, and entry: all of them together say what holds
    /// ([`belay_protocol::consent::fold`]). Drafts of what was signed are not kept.
    Consent = 3,
    /// By entry hash.
    Disclosure = 4,
    /// By time (u64 big endian) and entry hash.
    Audit = 5,
    /// By thread id.
    Thread = 6,
    /// By thread id.
    Linked = 7,
    /// By thread id and entry hash.
    LocalAct = 8,
    /// By [`belay_protocol::disclosure::Outside::key`].
    Outside = 20,
    /// By SHA-256 of the file and entry hash.
    Attachment = 12,
    /// By thread id and the entry in which it was told.
    Heard = 9,
    /// By [`belay_protocol::disclosure::private::Drafted::key`].
    Drafted = 30,
    /// By [`belay_protocol::emergency::Record::key`].
    Emergency = 24,
    /// By consent id and version (u32 big endian).
    Discarded = 10,
    /// By thread id.
    Left = 11,
    /// By entry hash.
    HeardFor = 13,
    /// By call id, number (u32 big endian) and entry hash: all of them together say what became of it.
    Phoned = 14,
    /// By consent id and call id.
    Unreached = 15,
    /// By call id.
    Whose = 16,
    /// By the two person ids, the lower first, number (u32 big endian) and entry hash: all of them together say what holds.
    Joined = 17,
    /// By consent id and the word that is taken back.
    Unsaid = 18,
    /// By id of the statement.
    Withheld = 19,
    /// By thread id and entry hash: together they say what was read.
    Read = 21,
    /// By person id and entry hash.
    Given = 22,
    /// By entry hash.
    Struck = 23,
    /// By consent id, organisation and entry hash.
    Judged = 25,
    /// By consent id and entry hash.
    AgeReason = 26,
    /// By person id and entry hash: all of them together say what holds ([`belay_protocol::disclosure::plans_in_order`]).
    Planned = 27,
    /// By consent id and entry hash.
    EventStruck = 28,
    /// By person id and entry hash: all of them together say what stands ([`belay_protocol::disclosure::asked_to_leave_out`]).
    LeftOut = 29,
    /// By who keeps the consent, its part and entry hash: all of them together say what stands ([`belay_protocol::consent::open_doubts`]).
    Doubted = 31,
}

impl Kind {
    /// Every kind that is made from private bodies.
    pub const ALL: [Self; 31] = [
        Self::Staff,
        Self::Person,
        Self::Consent,
        Self::Disclosure,
        Self::Audit,
        Self::Thread,
        Self::Linked,
        Self::LocalAct,
        Self::Outside,
        Self::Attachment,
        Self::Heard,
        Self::Drafted,
        Self::Emergency,
        Self::Discarded,
        Self::Left,
        Self::HeardFor,
        Self::Phoned,
        Self::Unreached,
        Self::Whose,
        Self::Joined,
        Self::Unsaid,
        Self::Withheld,
        Self::Read,
        Self::Given,
        Self::Struck,
        Self::Judged,
        Self::AgeReason,
        Self::Planned,
        Self::EventStruck,
        Self::LeftOut,
        Self::Doubted,
    ];
}

/// A record and the entry it came in.
#[derive(Debug)]
pub struct Record {
    pub hash: EntryHash,
    pub body: PrivateBody,
}

/// Key under which a body is kept, and its order among bodies with the same key. `None`: kept elsewhere.
fn place(hash: EntryHash, body: &PrivateBody) -> Option<(Vec<u8>, (u32, u8))> {
    let key = |kind: Kind, parts: &[&[u8]]| {
        let mut key = vec![kind as u8];
        parts.iter().for_each(|part| key.extend_from_slice(part));
        key
    };
    Some(match body {
        PrivateBody::Staff(staff) => (key(Kind::Staff, &[&staff.id.0]), (staff.revision, u8::from(staff.disabled))),
        PrivateBody::Person(person) => {
            (key(Kind::Person, &[&person.id.0, &person.revision.to_be_bytes(), &hash.0]), (0, 0))
        }
        PrivateBody::Joined(joined) => {
            let (a, b) = joined.pair;
            (key(Kind::Joined, &[&a.0, &b.0, &joined.number.to_be_bytes(), &hash.0]), (0, 0))
        }
        PrivateBody::Consent(consent) => {
            let signed = u8::from(consent.signed().is_some());
            (key(Kind::Consent, &[&consent.id().0, &consent.version().to_be_bytes(), &[signed], &hash.0]), (0, 0))
        }
        PrivateBody::Disclosure(_) => (key(Kind::Disclosure, &[&hash.0]), (0, 0)),
        PrivateBody::Audit(audit) => (key(Kind::Audit, &[&audit.at.0.to_be_bytes(), &hash.0]), (0, 0)),
        // A thread gets more spaces as it goes on, and more of a team, never fewer.
        PrivateBody::Thread(thread) => {
            let most = limits::TEAM_MEMBERS + 1;
            let grown = thread.spaces.len().saturating_mul(most).saturating_add(thread.team.len().min(most - 1));
            let grown = u8::try_from(grown).unwrap_or(u8::MAX);
            (key(Kind::Thread, &[&thread.thread.0]), (thread.version, grown))
        }
        PrivateBody::Linked(linked) => (key(Kind::Linked, &[&linked.thread.0]), (linked.number, 0)),
        PrivateBody::LocalAct(local) => (key(Kind::LocalAct, &[&local.thread.0, &hash.0]), (0, 0)),
        PrivateBody::Outside(outside) => (key(Kind::Outside, &[&outside.key(hash)]), (outside.revision(), 0)),
        PrivateBody::Heard(heard) => (key(Kind::Heard, &[&heard.thread.0, &heard.consent.0, &heard.entry.0]), (0, 0)),
        PrivateBody::Attachment(attachment) => (key(Kind::Attachment, &[&attachment.manifest.sha256, &hash.0]), (0, 0)),
        PrivateBody::Drafted(drafted) => (key(Kind::Drafted, &[&drafted.key()]), (drafted.revision(), 0)),
        PrivateBody::Document(_) | PrivateBody::Chunk(_) | PrivateBody::Keys(_) | PrivateBody::Invite(_) => {
            return None;
        }
        PrivateBody::Discarded { consent, version, .. } => {
            (key(Kind::Discarded, &[&consent.0, &version.to_be_bytes()]), (0, 0))
        }
        PrivateBody::HeardFor(_) => (key(Kind::HeardFor, &[&hash.0]), (0, 0)),
        PrivateBody::Phoned(phoned) => {
            (key(Kind::Phoned, &[&phoned.call.0, &phoned.number.to_be_bytes(), &hash.0]), (0, 0))
        }
        PrivateBody::Unreached(gone) => (key(Kind::Unreached, &[&gone.consent.0, &gone.call().0]), (0, 0)),
        PrivateBody::Whose(whose) => (key(Kind::Whose, &[&whose.call.0]), (whose.number, 0)),
        PrivateBody::Unsaid(unsaid) => (key(Kind::Unsaid, &[&unsaid.consent.0, &unsaid.word.0]), (0, 0)),
        PrivateBody::Withheld(withheld) => (key(Kind::Withheld, &[&withheld.id]), (withheld.number, 0)),
        PrivateBody::Read(read) => (key(Kind::Read, &[&read.thread.0, &hash.0]), (0, 0)),
        PrivateBody::Given(given) => (key(Kind::Given, &[&given.person.0, &hash.0]), (0, 0)),
        PrivateBody::Struck(_) => (key(Kind::Struck, &[&hash.0]), (0, 0)),
        PrivateBody::Judged(judged) => (key(Kind::Judged, &[&judged.consent.0, &judged.to.0, &hash.0]), (0, 0)),
        PrivateBody::Planned(planned) => (key(Kind::Planned, &[&planned.person.0, &hash.0]), (0, 0)),
        PrivateBody::EventStruck(struck) => (key(Kind::EventStruck, &[&struck.consent.0, &hash.0]), (0, 0)),
        PrivateBody::LeftOut(word) => (key(Kind::LeftOut, &[&word.person.0, &hash.0]), (0, 0)),
        PrivateBody::Doubted(doubted) => (key(Kind::Doubted, &[&doubted.keeper.0, &doubted.part.0, &hash.0]), (0, 0)),
        PrivateBody::AgeReason(reason) => (key(Kind::AgeReason, &[&reason.consent.0, &hash.0]), (0, 0)),
        PrivateBody::Left(left) => (key(Kind::Left, &[&left.thread.0]), (0, 0)),
        PrivateBody::Emergency(record) => (key(Kind::Emergency, &[&record.key(hash)]), (record.revision(), 0)),
    })
}

/// Keeps a body that counts, if nothing newer about the same thing is kept.
///
/// # Errors
/// `Store`. A body that this program does not know is left where it is: a newer program wrote it.
pub fn keep(draft: &mut Draft<'_>, hash: EntryHash, bytes: &[u8]) -> Result<()> {
    let Ok(body) = PrivateBody::decode(bytes) else { return Ok(()) };
    if let PrivateBody::Invite(invite) = body {
        return super::coalition::keep_invite(draft, *invite);
    }
    let Some((key, (number, stage))) = place(hash, &body) else { return Ok(()) };
    if let Some(kept) = draft.get(Table::Record, &key)? {
        let kept = record(&Zeroizing::new(kept))?;
        if let Some((_, (kept_number, kept_stage))) = place(kept.hash, &kept.body)
            && !newer((number, stage, hash), (kept_number, kept_stage, kept.hash))
        {
            return Ok(());
        }
        told::gives_way(draft, &kept.body);
    }
    if let PrivateBody::Consent(consent) = &body
        && drafted(draft, consent)?
    {
        return Ok(());
    }
    let mut value = Zeroizing::new(hash.0.to_vec());
    value.extend_from_slice(bytes);
    draft.put(Table::Record, key, value.as_slice());
    if let PrivateBody::Heard(heard) = &body {
        super::threads::heard_here(draft, heard);
    }
    find::kept(draft, hash, &body)?;
    falsely::kept(draft, hash, &body)?;
    told::kept(draft, hash, &body);
    super::calls::kept(draft, hash, &body)?;
    super::consents::itself::kept(draft, &body)?;
    if let PrivateBody::Thread(thread) = &body
        && thread.consent == ConsentId::ZERO
    {
        super::agreements::sent(draft, thread.thread);
    }
    super::worklist::touched(draft, &body)
}

/// Consents that another node of ours changed, and that the threads here have still to follow. By consent id.
const FOLLOW: u8 = Prefix::Follow as u8;
/// The same of persons, whose referrals by an agreement have still to follow what was agreed to leave out. By person id.
const FOLLOW_PERSON: u8 = Prefix::FollowPerson as u8;

/// Notes that another node of ours wrote this, if it is a consent that was signed, or says of two records that they are of one human
/// being: then what was agreed and taken back under the one binds what was signed under the other. So it does what is sent by an
/// agreement, whichever of the two was written first. Also what may have to be held back.
///
/// # Errors
/// `Store`.
pub fn changed_elsewhere(draft: &mut Draft<'_>, bytes: &[u8]) -> Result<()> {
    let note = |draft: &mut Draft<'_>, consent: ConsentId| {
        draft.put(Table::Record, [&[FOLLOW], &consent.0[..]].concat(), []);
    };
    let whose = |draft: &mut Draft<'_>, person: PersonId| {
        draft.put(Table::Record, [&[FOLLOW_PERSON], &person.0[..]].concat(), []);
    };
    match PrivateBody::decode(bytes) {
        Ok(PrivateBody::Consent(consent)) if consent.signed().is_some() => {
            note(draft, consent.id());
            whose(draft, consent.person());
        }
        Ok(PrivateBody::Joined(joined)) => {
            for person in [joined.pair.0, joined.pair.1] {
                find::consents(draft, person)?.into_iter().for_each(|consent| note(draft, consent));
                whose(draft, person);
            }
        }
        Ok(PrivateBody::Thread(thread)) if falsely::is_false(draft, thread.consent)? => note(draft, thread.consent),
        Ok(PrivateBody::Doubted(said)) => note(draft, said.part),
        Ok(PrivateBody::LeftOut(word)) => {
            find::consents(draft, word.person)?.into_iter().for_each(|consent| note(draft, consent));
            whose(draft, word.person);
        }
        Ok(PrivateBody::Thread(sent)) if sent.consent == ConsentId::ZERO => {
            sent.person.into_iter().for_each(|person| whose(draft, person));
        }
        _ => {}
    }
    Ok(())
}

/// Persons whom [`changed_elsewhere`] noted.
///
/// # Errors
/// `Store`.
pub fn persons_to_follow(view: &dyn View) -> Result<Vec<PersonId>> {
    let to = after_prefix(&[FOLLOW_PERSON]);
    let rows = view.scan(Table::Record, &[FOLLOW_PERSON], to.as_deref(), limits::COMPARE_SPACES, false)?;
    Ok(rows.iter().filter_map(|(key, _)| PersonId::from_slice(key.get(1..)?)).collect())
}

/// The person's referrals by an agreement are to be looked at again: not all of them are here.
pub fn follow_person(draft: &mut Draft<'_>, person: PersonId) {
    draft.put(Table::Record, [&[FOLLOW_PERSON], &person.0[..]].concat(), []);
}

/// The referrals of a person follow it.
pub fn person_followed(draft: &mut Draft<'_>, person: PersonId) {
    draft.delete(Table::Record, [&[FOLLOW_PERSON], &person.0[..]].concat());
}

/// What [`changed_elsewhere`] noted.
///
/// # Errors
/// `Store`.
pub fn to_follow(view: &dyn View) -> Result<Vec<ConsentId>> {
    let rows =
        view.scan(Table::Record, &[FOLLOW], after_prefix(&[FOLLOW]).as_deref(), limits::COMPARE_SPACES, false)?;
    Ok(rows.iter().filter_map(|(key, _)| ConsentId::from_slice(key.get(1..)?)).collect())
}

/// The threads follow it.
pub fn followed(draft: &mut Draft<'_>, consent: ConsentId) {
    draft.delete(Table::Record, [&[FOLLOW], &consent.0[..]].concat());
}

/// Whether this is a draft of what was signed. If it is what was signed, its drafts go.
fn drafted(draft: &mut Draft<'_>, consent: &Consent) -> Result<bool> {
    let of = |signed: u8| {
        let version = consent.version().to_be_bytes();
        [&[Kind::Consent as u8], &consent.id().0[..], &version[..], &[signed]].concat()
    };
    let [drafts, signed] = [of(0), of(1)];
    let rows = |draft: &Draft<'_>, prefix: &[u8]| {
        draft.scan(Table::Record, prefix, after_prefix(prefix).as_deref(), usize::MAX, false)
    };
    if consent.signed().is_none() {
        return Ok(!rows(draft, &signed)?.is_empty());
    }
    for (key, _) in rows(draft, &drafts)? {
        draft.delete(Table::Record, key);
    }
    Ok(false)
}

/// Forgets all records, before they are made again.
///
/// # Errors
/// `Store`.
pub fn forget(draft: &mut Draft<'_>) -> Result<()> {
    super::worklist::all_fold(draft)?;
    find::forget(draft)?;
    falsely::forget(draft)?;
    told::forget(draft)?;
    super::calls::forget(draft)?;
    super::consents::itself::forget(draft)?;
    for kind in Kind::ALL.map(|kind| kind as u8).into_iter().chain([super::threads::HEARD_HERE]) {
        let prefix = [kind];
        for (key, _) in draft.scan(Table::Record, &prefix, after_prefix(&prefix).as_deref(), usize::MAX, false)? {
            draft.delete(Table::Record, key);
        }
    }
    Ok(())
}

/// One record by its key (without the kind byte).
///
/// # Errors
/// `Store`.
pub fn get(view: &dyn View, kind: Kind, key: &[u8]) -> Result<Option<Record>> {
    let mut full = vec![kind as u8];
    full.extend_from_slice(key);
    view.get(Table::Record, &full)?.map(|value| record(&value)).transpose()
}

/// All records of a kind whose key begins with `prefix`, in order of key.
///
/// # Errors
/// `Store`.
pub fn all(view: &dyn View, kind: Kind, prefix: &[u8]) -> Result<Vec<Record>> {
    let mut full = vec![kind as u8];
    full.extend_from_slice(prefix);
    rows::under(view, &full)?.iter().map(|(_, value)| record(value)).collect()
}

/// The last records of a kind, last first: no more are read.
///
/// # Errors
/// `Store`.
pub fn newest(view: &dyn View, kind: Kind, most: usize) -> Result<Vec<Record>> {
    let prefix = [kind as u8];
    let rows = view.scan(Table::Record, &prefix, after_prefix(&prefix).as_deref(), most, true)?;
    rows.iter().map(|(_, value)| record(value)).collect()
}

fn record(value: &[u8]) -> Result<Record> {
    let damaged = || Fault::store("a record is damaged; `belay doctor --rebuild` makes it again from the entries");
    let (hash, body) = value.split_at_checked(32).ok_or_else(damaged)?;
    Ok(Record {
        hash: EntryHash::from_slice(hash).ok_or_else(damaged)?,
        body: PrivateBody::decode(body).map_err(|_| damaged())?,
    })
}

#[cfg(test)]
mod tests;
