//! Which thread and kind of information a space is.
//!
//! [`Table::Record`]: `78 space version entry` what one notice of its custodian says of it, of which the highest holds; `33 space` the thread that
//! this one names, and `32 thread space` the same the other way round; `88 consent thread space entry` that a notice names this consent;
//! `80 space entry` the custodian whose notice names a thread that it never began.

use super::{OF_SPACE, SPACES, Thread, beginning, damaged, get, key, of_space, team};
use crate::usecases::records::prefix::Prefix;
use crate::usecases::worklist;
use belay_protocol::codec;
use belay_protocol::disclosure::private::Direction;
use belay_protocol::fault::Result;
use belay_protocol::ids::{ConsentId, EntryHash, OrgId, SpaceId, ThreadId};
use belay_protocol::limits;
use belay_protocol::referral::{Body, Information, Notice, Party};
use belay_protocol::store::{Draft, Table, View, after_prefix};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

const CAME: u8 = Prefix::CameUnder as u8;
const NAMED: u8 = Prefix::SaidOf as u8;
pub(super) const CLAIMED: u8 = Prefix::Claimed as u8;

/// What a space of a thread is, by its custodian's notice.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SpaceOf {
    pub thread: ThreadId,
    pub information: Information,
    pub custodian: Party,
    pub consent: ConsentId,
    pub version: u32,
    /// In a team: who was referred to, and who is named besides the custodian.
    pub recipient: Option<OrgId>,
    pub team: Vec<Party>,
}

/// Keeps what a notice of the custodian says of its space. The thread's id proves its custodian ([`is_claim`]).
pub(super) fn name_space(
    draft: &mut Draft<'_>,
    (space, custodian): (SpaceId, OrgId),
    hash: EntryHash,
    notice: &Notice,
) -> Result<()> {
    let Some(party) = notice.scope.party(custodian).cloned() else { return Ok(()) };
    let of = SpaceOf {
        thread: notice.thread,
        information: notice.information,
        custodian: party,
        consent: notice.scope.consent,
        version: notice.scope.version,
        recipient: (!notice.scope.team.is_empty()).then_some(notice.scope.recipient),
        team: team::named(notice, custodian),
    };
    draft.put(Table::Record, said(space, of.version, hash), codec::encode(&of));
    draft.put(Table::Record, came((of.consent, of.thread), space, hash), []);
    hold(draft, space)
}

/// What one notice says of a space.
fn said(space: SpaceId, version: u32, hash: EntryHash) -> Vec<u8> {
    key(NAMED, &[&space.0, &version.to_be_bytes(), &hash.0])
}

/// That one notice of a space names a consent and a thread.
fn came((consent, thread): (ConsentId, ThreadId), space: SpaceId, hash: EntryHash) -> Vec<u8> {
    key(CAME, &[&consent.0, &thread.0, &space.0, &hash.0])
}

/// Forgets what a notice says of its space: it counts no more.
pub(super) fn unname(draft: &mut Draft<'_>, space: SpaceId, hash: EntryHash, notice: &Notice) -> Result<()> {
    draft.delete(Table::Record, said(space, notice.scope.version, hash));
    draft.delete(Table::Record, came((notice.scope.consent, notice.thread), space, hash));
    hold(draft, space)
}

/// Forgets what all notices say of a space, before they are taken again.
pub(super) fn unnamed(draft: &mut Draft<'_>, space: SpaceId) -> Result<()> {
    let prefix = key(NAMED, &[&space.0]);
    for (row, value) in draft.scan(Table::Record, &prefix, after_prefix(&prefix).as_deref(), usize::MAX, false)? {
        let of: SpaceOf = codec::decode("space of a thread", &value).map_err(|_| damaged())?;
        let hash = row.get(prefix.len() + 4..).and_then(EntryHash::from_slice).ok_or_else(damaged)?;
        draft.delete(Table::Record, came((of.consent, of.thread), space, hash));
        draft.delete(Table::Record, row);
    }
    hold(draft, space)
}

/// The thread that the newest notice names is the space's.
fn hold(draft: &mut Draft<'_>, space: SpaceId) -> Result<()> {
    let (was, is) = (of_space(draft, space)?, named(draft, space, 1)?.pop().map(|of| of.thread));
    if was == is {
        return Ok(());
    }
    if let Some(was) = was {
        draft.delete(Table::Record, key(SPACES, &[&was.0, &space.0]));
        draft.delete(Table::Record, key(OF_SPACE, &[&space.0]));
        worklist::stale(draft, was);
    }
    if let Some(is) = is {
        draft.put(Table::Record, key(SPACES, &[&is.0, &space.0]), []);
        draft.put(Table::Record, key(OF_SPACE, &[&space.0]), is.0);
    }
    Ok(())
}

/// Whether this body claims a thread for the custodian of its space which that never began: it is no body, and counted as one that was
/// refused.
pub(super) fn is_claim(custodian: OrgId, org: OrgId, body: &Body) -> bool {
    matches!(body, Body::Notice(notice) if org == custodian && !notice.thread.is_of(&custodian))
}

/// Counts a false claim.
pub(super) fn claimed(draft: &mut Draft<'_>, (space, custodian): (SpaceId, OrgId), hash: EntryHash) {
    draft.put(Table::Record, key(CLAIMED, &[&space.0, &hash.0]), custodian.0);
}

/// It counts no more.
pub(super) fn unclaimed(draft: &mut Draft<'_>, space: SpaceId, hash: EntryHash) {
    draft.delete(Table::Record, key(CLAIMED, &[&space.0, &hash.0]));
}

/// Who claims threads that it never began, and how often: so many are looked at as spaces are compared at once.
///
/// # Errors
/// `Store`.
pub fn claims(view: &dyn View) -> Result<BTreeMap<OrgId, usize>> {
    let mut claims = BTreeMap::new();
    let to = after_prefix(&[CLAIMED]);
    for (_, custodian) in view.scan(Table::Record, &[CLAIMED], to.as_deref(), limits::COMPARE_SPACES, false)? {
        *claims.entry(OrgId::from_slice(&custodian).ok_or_else(damaged)?).or_default() += 1;
    }
    Ok(claims)
}

/// What the newest notices of its custodian say of a space, the one that holds first.
fn named(view: &dyn View, space: SpaceId, limit: usize) -> Result<Vec<SpaceOf>> {
    let prefix = key(NAMED, &[&space.0]);
    let rows = view.scan(Table::Record, &prefix, after_prefix(&prefix).as_deref(), limit, true)?;
    rows.iter().map(|(_, value)| codec::decode("space of a thread", value).map_err(|_| damaged())).collect()
}

/// The spaces of a thread, as far as their custodians named them here. Who was in a team once is remembered, by the name of the newest notice.
pub(super) fn spaces(view: &dyn View, thread: ThreadId) -> Result<Vec<(SpaceId, SpaceOf)>> {
    let prefix = key(SPACES, &[&thread.0]);
    let mut found = Vec::new();
    for (row, _) in
        view.scan(Table::Record, &prefix, after_prefix(&prefix).as_deref(), limits::COMPARE_SPACES, false)?
    {
        let space = row.get(prefix.len()..).and_then(SpaceId::from_slice).ok_or_else(damaged)?;
        let all = named(view, space, limits::THREAD_NOTICES)?.into_iter().filter(|of| of.thread == thread);
        let merged = all.rev().reduce(|older, newer| SpaceOf {
            recipient: newer.recipient.or(older.recipient),
            team: team::both(&newer.team, older.team),
            ..newer
        });
        found.extend(merged.map(|of| (space, of)));
    }
    Ok(found)
}

/// The threads that came here of which the id, or that of their consent, begins with these bytes; more of the same begin so too.
///
/// # Errors
/// `Store`.
pub fn came_like(view: &dyn View, bytes: &[u8]) -> Result<Vec<Thread>> {
    let prefix = key(CAME, &[bytes]);
    let rows = view.scan(Table::Record, &prefix, after_prefix(&prefix).as_deref(), usize::MAX, false)?;
    let under = rows.iter().filter_map(|(key, _)| ThreadId::from_slice(key.get(33..65)?));
    let ids: BTreeSet<ThreadId> = beginning(view, bytes, usize::MAX)?.into_iter().chain(under).collect();
    let threads = ids.into_iter().filter_map(|id| get(view, id).transpose()).collect::<Result<Vec<_>>>()?;
    Ok(threads.into_iter().filter(|thread| thread.direction == Direction::Incoming).collect())
}
