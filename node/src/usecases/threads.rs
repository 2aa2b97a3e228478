//! Referral threads as this organisation knows them, made from the bodies of their spaces.
//!
//! [`Table::Record`], kinds from 32 on: `32 thread space`, `33 space` and `78 space version entry` tell which thread a space is (`space`),
//! `34 space entry` the body with organisation and time (a long one is opened out of its entry), `35 space` since when we are out of it (`out`), `36 space entry` a word that came too
//! late to count and takes effect, as in `34`, `37 space entry` a revocation that a partner heard and that is to be carried out,
//! `39 space entry` one that is not permitted yet, `43 consent thread` when a revocation was heard here (the last three: `heard`). All
//! of it can be made again from the entries alone.

mod doubted;
mod heard;
mod out;
mod placed;
mod row;
mod space;
mod team;

pub use doubted::doubts;
pub(super) use heard::HEARD_HERE;
pub use heard::{heard, heard_done, heard_here, heard_waits, waiting};
pub use out::{back, gone, is_out};
pub use placed::placed;
pub use space::{came_like, claims};

use self::row::Row;
use self::space::{CLAIMED, SpaceOf, claimed, is_claim, name_space, spaces, unclaimed, unname, unnamed};
use super::records::{self, Kind};
use super::{named, worklist};
use crate::api::Outcome;
use crate::usecases::records::prefix::Prefix;
use belay_protocol::consent::Shut;
use belay_protocol::disclosure::PrivateBody;
use belay_protocol::disclosure::private::{Direction, Linked, ThreadRecord};
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{ConsentId, EntryHash, OrgId, PersonId, SpaceId, ThreadId};
use belay_protocol::limits;
use belay_protocol::referral::{Act, Body, Head, Information, NeedId, Parties, Party, Placed, Purpose, State, fold};
use belay_protocol::store::{Draft, Table, View, after_prefix};
use belay_protocol::time::Time;
use zeroize::Zeroizing;

const SPACES: u8 = Prefix::Spaces as u8;
const OF_SPACE: u8 = Prefix::OfSpace as u8;
const ENTRY: u8 = Prefix::Entry as u8;
const LATE: u8 = Prefix::Late as u8;

/// A thread and our part in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    pub thread: ThreadId,
    pub direction: Direction,
    /// The other of the two between whom it goes; for who is neither, in a team, who sent it.
    pub other: Party,
    /// In the thread of a team: who is or was in it besides us and `other`, as far as we were told. Sorted.
    pub team: Vec<Party>,
    /// Of an incoming thread of a team: who was referred to. `None`: we.
    pub recipient: Option<OrgId>,
    /// An incoming thread is or was a team's, whoever of it is left.
    pub teamed: bool,
    /// Whom it is about, by the record under which that person is shown: of an outgoing thread as sent, of an incoming one as staff
    /// linked it.
    pub person: Option<PersonId>,
    /// The record of that person under which it is on file.
    pub filed: Option<PersonId>,
    pub consent: ConsentId,
    pub version: u32,
    /// Sorted by kind.
    pub spaces: Vec<(Information, SpaceId)>,
    /// Of an outgoing thread: for which of the purposes that the consent names we tell; `None`: the least of them.
    pub purpose: Option<Purpose>,
    /// Of an outgoing thread: the need of another thread that it is to lift.
    pub lifts: Option<(ThreadId, NeedId)>,
    /// Since when we may read nothing new in it.
    pub gone: Option<Time>,
    /// Kinds whose space is closed to us, and since when, though the rest may go on.
    pub closed: Vec<(Information, Time)>,
    /// Parties for whom alone the person revoked here.
    pub apart: Vec<OrgId>,
    /// When the person took it back, as who keeps the consent said when it took us out.
    pub taken_back: Option<Time>,
    /// The person revoked here, as a whole or for us.
    pub heard: bool,
    /// It came after the person had revoked its consent here: nothing of it is shown, and nobody is taken in.
    pub unwanted: bool,
    /// Since when our staff doubt the consent behind an incoming one (42 CFR 2.31(c)(4)): nothing is told under it.
    pub doubted: Option<Time>,
}

impl Thread {
    /// The space of a kind of information.
    #[must_use]
    pub fn space(&self, information: Information) -> Option<SpaceId> {
        self.spaces.iter().find(|(kind, _)| *kind == information).map(|(_, space)| *space)
    }

    /// Why nothing more may be told in it, as far as that is known here.
    #[must_use]
    pub const fn shut(&self, since: Time) -> Shut {
        match (self.taken_back, self.heard || self.unwanted) {
            (Some(at), _) => Shut::TakenBack(at),
            (None, true) => Shut::TakenBack(since),
            (None, false) => Shut::NothingMore(since),
        }
    }

    /// What is kept of a thread that we sent.
    #[must_use]
    pub fn record(&self) -> ThreadRecord {
        ThreadRecord {
            thread: self.thread,
            direction: self.direction,
            other: self.other.clone(),
            person: self.filed,
            consent: self.consent,
            version: self.version,
            spaces: self.spaces.clone(),
            lifts: self.lifts,
            team: self.team.clone(),
            purpose: self.purpose.clone(),
        }
    }

    /// It goes by an agreement of both and by no consent (42 CFR 2.12(c)(3), (4)).
    #[must_use]
    pub fn tied(&self) -> bool {
        self.consent == ConsentId::ZERO
    }

    /// Sender and recipient.
    #[must_use]
    pub fn parties(&self, own: OrgId) -> Parties {
        match self.direction {
            Direction::Outgoing => Parties { sender: own, recipient: self.other.org },
            Direction::Incoming => Parties { sender: self.other.org, recipient: self.recipient.unwrap_or(own) },
        }
    }
}

fn key(kind: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut key = vec![kind];
    parts.iter().for_each(|part| key.extend_from_slice(part));
    key
}

fn damaged() -> Fault {
    Fault::store("a record of a thread is damaged; `belay doctor --rebuild` makes it again from the entries")
}

/// Keeps a body of a thread's space that counts. `custodian`: of that space.
///
/// # Errors
/// `Store`. A body that this program does not know is left where it is: a newer program wrote it.
pub fn keep(
    draft: &mut Draft<'_>,
    (space, custodian): (SpaceId, OrgId),
    (hash, org, time): (EntryHash, OrgId, Time),
    bytes: &[u8],
) -> Result<()> {
    // Whatever it is: it counts now.
    draft.delete(Table::Record, key(LATE, &[&space.0, &hash.0]));
    if super::emergency::keep(draft, (space, custodian), (hash, org, time), bytes)? {
        return Ok(());
    }
    let Ok(body) = Body::decode(bytes) else { return Ok(()) };
    if is_claim(custodian, org, &body) {
        claimed(draft, (space, custodian), hash);
        return Ok(());
    }
    let row = Row { org, time, head: Head::of(&body), body: bytes };
    draft.put(Table::Record, key(ENTRY, &[&space.0, &hash.0]), row.encode().as_slice());
    if let Body::Notice(notice) = &body
        && org == custodian
    {
        name_space(draft, (space, custodian), hash, notice)?;
    }
    if matches!(&body, Body::Act(signed) if matches!(signed.act, Act::HeardRevocation { .. })) && org != custodian {
        draft.put(Table::Record, key(heard::HEARD, &[&space.0, &hash.0]), []);
    }
    told_of(draft, space, &body)
}

/// A body of this space counts, or counts no more: the row of its thread is made anew. What it says of plan or medication is newer than what
/// other referrals of the person say.
fn told_of(draft: &mut Draft<'_>, space: SpaceId, body: &Body) -> Result<()> {
    let Some(thread) = of_space(draft, space)? else { return Ok(()) };
    worklist::stale(draft, thread);
    match body {
        Body::Act(signed) if matches!(signed.act, Act::Crisis(_) | Act::Medication(_)) => {
            match get(draft, thread)?.and_then(|thread| thread.person) {
                Some(person) => worklist::planned(draft, person),
                None => Ok(()),
            }
        }
        Body::Act(_) | Body::Notice(_) | Body::Chunk(_) => Ok(()),
    }
}

/// Takes back a body that was kept: it counts no more.
///
/// # Errors
/// `Store`.
pub fn lose(draft: &mut Draft<'_>, space: SpaceId, hash: EntryHash, bytes: &[u8]) -> Result<()> {
    if super::emergency::lose(draft, space, hash, bytes) {
        return Ok(());
    }
    draft.delete(Table::Record, key(ENTRY, &[&space.0, &hash.0]));
    unclaimed(draft, space, hash);
    let Ok(body) = Body::decode(bytes) else { return Ok(()) };
    if let Body::Notice(notice) = &body {
        unname(draft, space, hash, notice)?;
    }
    told_of(draft, space, &body)
}

/// Keeps a word of a space of ours that came too late to count and takes effect all the same: of one organisation a bounded number.
///
/// # Errors
/// `Store`.
pub fn keep_late(
    draft: &mut Draft<'_>,
    space: SpaceId,
    (hash, org, time): (EntryHash, OrgId, Time),
    bytes: &[u8],
) -> Result<()> {
    let prefix = key(LATE, &[&space.0]);
    let at = key(LATE, &[&space.0, &hash.0]);
    let rows = draft.scan(Table::Record, &prefix, after_prefix(&prefix).as_deref(), usize::MAX, false)?;
    let theirs = rows.iter().filter(|(_, value)| value.starts_with(&org.0)).count();
    if theirs >= limits::LATE_WORDS || rows.iter().any(|(key, _)| *key == at) {
        return Ok(());
    }
    let row = Row { org, time, head: Head::default(), body: bytes };
    draft.put(Table::Record, at, row.encode().as_slice());
    if !super::emergency::keep_late(draft, space, (hash, org, time), bytes) {
        draft.put(Table::Record, key(heard::HEARD, &[&space.0, &hash.0]), []);
    }
    Ok(())
}

/// Whether an entry takes effect though it came too late to count.
///
/// # Errors
/// `Store`.
pub fn is_late(view: &dyn View, space: SpaceId, hash: EntryHash) -> Result<bool> {
    Ok(view.get(Table::Record, &key(LATE, &[&space.0, &hash.0]))?.is_some())
}

/// What one entry of a thread says, by whom and when: one that counts, or that takes effect though it came too late.
///
/// # Errors
/// `Store`.
pub fn entry(view: &dyn View, space: SpaceId, hash: EntryHash) -> Result<Option<(OrgId, Time, Body)>> {
    let counts = view.get(Table::Record, &key(ENTRY, &[&space.0, &hash.0]))?;
    let kept = match counts {
        Some(kept) => Some(kept),
        None => view.get(Table::Record, &key(LATE, &[&space.0, &hash.0]))?,
    };
    let Some(kept) = kept.map(Zeroizing::new) else { return Ok(None) };
    let row = Row::decode(&kept)?;
    Ok(Some((row.org, row.time, row.open(view, &hash)?)))
}

/// Forgets the bodies of a space, before they are taken again.
///
/// # Errors
/// `Store`.
pub fn forget(draft: &mut Draft<'_>, space: SpaceId) -> Result<()> {
    super::emergency::forget(draft, space)?;
    for kind in [ENTRY, LATE, CLAIMED] {
        let prefix = key(kind, &[&space.0]);
        for (key, _) in draft.scan(Table::Record, &prefix, after_prefix(&prefix).as_deref(), usize::MAX, false)? {
            draft.delete(Table::Record, key);
        }
    }
    unnamed(draft, space)
}

/// The thread that a space belongs to.
///
/// # Errors
/// `Store`.
pub fn of_space(view: &dyn View, space: SpaceId) -> Result<Option<ThreadId>> {
    Ok(view.get(Table::Record, &key(OF_SPACE, &[&space.0]))?.and_then(|bytes| ThreadId::from_slice(&bytes)))
}

/// What staff said last of who the person of an incoming thread is.
///
/// # Errors
/// `Store`.
pub fn linked(view: &dyn View, thread: ThreadId) -> Result<Option<Linked>> {
    Ok(records::get(view, Kind::Linked, &thread.0)?.and_then(|record| match record.body {
        PrivateBody::Linked(linked) => Some(*linked),
        _ => None,
    }))
}

/// Every thread's name, in order.
///
/// # Errors
/// `Store`.
pub fn ids(view: &dyn View) -> Result<Vec<ThreadId>> {
    beginning(view, &[], usize::MAX)
}

/// The names that begin with these bytes: of what we sent by our records, of what came to us by its spaces.
fn beginning(view: &dyn View, bytes: &[u8], limit: usize) -> Result<Vec<ThreadId>> {
    let mut ids = Vec::new();
    for kind in [Kind::Thread as u8, SPACES] {
        let prefix = key(kind, &[bytes]);
        let rows = view.scan(Table::Record, &prefix, after_prefix(&prefix).as_deref(), limit, false)?;
        ids.extend(rows.iter().filter_map(|(key, _)| ThreadId::from_slice(key.get(1..33)?)));
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// Every thread, in order of id.
///
/// # Errors
/// `Store`.
pub fn all(view: &dyn View) -> Result<Vec<Thread>> {
    ids(view)?.into_iter().filter_map(|id| get(view, id).transpose()).collect()
}

/// The threads about a person, sent and received, in order of id: read from the records, and not from the list.
///
/// # Errors
/// `Store`.
pub fn of_person(view: &dyn View, person: PersonId) -> Result<Vec<Thread>> {
    let mut ids = records::find::sent(view, ConsentId::ZERO)?;
    for consent in records::find::consents(view, person)? {
        ids.extend(records::find::sent(view, consent)?);
    }
    for record in records::find::records_of(view, person)?.records {
        ids.extend(records::told::linked_to(view, record)?);
    }
    ids.sort_unstable();
    ids.dedup();
    let mut found = Vec::new();
    for id in ids {
        found.extend(get(view, id)?.filter(|thread| thread.person == Some(person)));
    }
    Ok(found)
}

/// What we sent under a consent, in order of id.
///
/// # Errors
/// `Store`.
pub fn under(view: &dyn View, consent: ConsentId) -> Result<Vec<Thread>> {
    records::find::sent(view, consent)?.into_iter().filter_map(|id| get(view, id).transpose()).collect()
}

/// A thread by its id or the beginning of one, however many there are.
///
/// # Errors
/// None fits, or more than one does.
pub fn find(view: &dyn View, given: &str) -> Outcome<Thread> {
    let ids = match super::beginning(given) {
        Some(bytes) => beginning(view, &bytes, limits::COMPARE_SPACES)?,
        None => Vec::new(),
    };
    let id = named(&ids, given, |id| (id.to_string(), id.to_string()), "referral", "belay referral list")?;
    Ok(get(view, *id)?.ok_or_else(damaged)?)
}

/// One thread: what we sent is in our private space, what came to us in its notices.
///
/// # Errors
/// `Store`.
pub fn get(view: &dyn View, id: ThreadId) -> Result<Option<Thread>> {
    if let Some(record) = records::get(view, Kind::Thread, &id.0)?
        && let PrivateBody::Thread(sent) = record.body
    {
        return Ok(Some(outgoing(view, *sent)?));
    }
    let of = spaces(view, id)?;
    let Some((_, first)) = of.iter().max_by_key(|(_, of)| of.version) else { return Ok(None) };
    let (mut closed, mut taken_back): (Vec<(Information, Time)>, Option<Time>) = (Vec::new(), None);
    for (space, of) in &of {
        if let Some((at, word)) = out::of(view, *space)? {
            closed.push((of.information, at));
            taken_back = taken_back.into_iter().chain(word).min();
        }
    }
    // One kind may be closed while the rest goes on; without the referral itself nothing does.
    let referral = closed.iter().find(|(kind, _)| *kind == Information::Referral).map(|(_, at)| *at);
    let last = closed.iter().map(|(_, at)| *at).max().filter(|_| closed.len() == of.len());
    let mut gone = referral.or(last);
    // The person revoked here: from then on nothing more is told, whatever the custodian knows yet.
    let (mut apart, mut heard_at) = (Vec::new(), None);
    for record in records::all(view, Kind::Heard, &id.0)? {
        let PrivateBody::Heard(heard) = record.body else { continue };
        match heard.party.filter(|party| *party != heard.org && *party != first.custodian.org) {
            Some(party) => apart.push(party),
            None => heard_at = Some(heard_at.map_or(heard.at, |other: Time| other.min(heard.at))),
        }
    }
    // Or did so before this came: who keeps the consent may have had no way to know.
    let before = if heard_at.is_none() { heard::heard_before(view, first.consent, first.custodian.org)? } else { None };
    gone = gone.into_iter().chain(heard_at).chain(before).min();
    let mut kinds: Vec<(Information, SpaceId)> = of.iter().map(|(space, of)| (of.information, *space)).collect();
    kinds.sort_unstable();
    let (recipient, team) = team::read(view, &of)?;
    let filed = linked(view, id)?.and_then(|linked| linked.person);
    Ok(Some(Thread {
        thread: id,
        direction: Direction::Incoming,
        other: first.custodian.clone(),
        team,
        recipient,
        teamed: of.iter().any(|(_, of)| of.recipient.is_some()),
        person: shown(view, filed)?,
        filed,
        consent: first.consent,
        version: first.version,
        spaces: kinds,
        purpose: None,
        lifts: None,
        gone,
        closed,
        apart,
        taken_back: taken_back.filter(|_| gone.is_some()),
        heard: heard_at.is_some(),
        unwanted: before.is_some(),
        doubted: doubted::since(view, first.custodian.org, first.consent)?,
    }))
}

fn shown(view: &dyn View, person: Option<PersonId>) -> Result<Option<PersonId>> {
    person.map(|person| records::find::shown(view, person)).transpose()
}

fn outgoing(view: &dyn View, sent: ThreadRecord) -> Result<Thread> {
    Ok(Thread {
        thread: sent.thread,
        direction: sent.direction,
        recipient: None,
        teamed: false,
        other: sent.other,
        team: sent.team,
        person: shown(view, sent.person)?,
        filed: sent.person,
        consent: sent.consent,
        version: sent.version,
        spaces: sent.spaces,
        purpose: sent.purpose,
        lifts: sent.lifts,
        gone: None,
        closed: Vec::new(),
        apart: Vec::new(),
        taken_back: None,
        heard: false,
        unwanted: false,
        doubted: None,
    })
}

/// The newest of what is placed: what a local act follows.
#[must_use]
pub fn newest(placed: &[Placed]) -> Vec<EntryHash> {
    let mut heads: Vec<EntryHash> = placed.iter().map(|p| p.hash).collect();
    heads.retain(|hash| !placed.iter().any(|p| p.parents.contains(hash)));
    heads
}

/// Where a thread stands.
#[must_use]
pub fn state(own: OrgId, thread: &Thread, placed: &[Placed]) -> State {
    fold(thread.thread, thread.parties(own), placed)
}
