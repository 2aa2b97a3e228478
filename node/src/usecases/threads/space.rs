//! Which thread and kind of information a space is.
//!
//! [`Table::Record`]: `78 space version entry` what one notice of its custodian says of it, of which the highest holds; `32 thread space` that
//! one does or did name this thread; `33 space` the thread that holds; `80 space entry` the custodian whose notice names a thread that it never
//! began.

use super::row::Row;
use super::{ENTRY, OF_SPACE, SPACES, damaged, key, of_space, team};
use crate::usecases::records::prefix::Prefix;
use belay_protocol::codec;
use belay_protocol::fault::Result;
use belay_protocol::ids::{ConsentId, EntryHash, OrgId, SpaceId, ThreadId};
use belay_protocol::limits;
use belay_protocol::referral::{Body, Information, Notice, Party};
use belay_protocol::store::{self, Draft, Table, View, after_prefix};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const NAMED: u8 = Prefix::SaidOf as u8;
pub(super) const CLAIMED: u8 = Prefix::Claimed as u8;
/// Rows read at once.
const PAGE: usize = 256;

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
    draft.put(Table::Record, key(SPACES, &[&of.thread.0, &space.0]), []);
    draft.put(Table::Record, key(NAMED, &[&space.0, &of.version.to_be_bytes(), &hash.0]), codec::encode(&of));
    let named = named(draft, space)?;
    if let Some(((lowest, _), _)) = named.split_first()
        && named.len() > limits::THREAD_NOTICES
    {
        draft.delete(Table::Record, lowest.as_slice());
    }
    if let Some((_, holds)) = named.last() {
        draft.put(Table::Record, key(OF_SPACE, &[&space.0]), holds.thread.0);
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

/// Names a space again by the notices of its custodian that are kept: one counts no more.
pub(super) fn name_again(draft: &mut Draft<'_>, space: SpaceId, custodian: OrgId) -> Result<()> {
    for (row, of) in named(draft, space)? {
        draft.delete(Table::Record, key(SPACES, &[&of.thread.0, &space.0]));
        draft.delete(Table::Record, row);
    }
    draft.delete(Table::Record, key(OF_SPACE, &[&space.0]));
    let prefix = key(ENTRY, &[&space.0]);
    let (end, mut from) = (after_prefix(&prefix), prefix.clone());
    loop {
        let page = draft.scan(Table::Record, &from, end.as_deref(), PAGE, false)?;
        let more = page.len() == PAGE;
        for (row, value) in page {
            let hash = row.get(prefix.len()..).and_then(EntryHash::from_slice).ok_or_else(damaged)?;
            let kept = Row::decode(&value)?;
            if kept.org == custodian
                && kept.head.may_be_notice()
                && let Body::Notice(notice) = kept.open(draft, &hash)?
            {
                name_space(draft, (space, custodian), hash, &notice)?;
            }
            from = [row.as_slice(), &[0]].concat();
        }
        if !more {
            return Ok(());
        }
    }
}

/// What the notices of its custodian say of a space, with their rows, the one that holds last.
fn named(view: &dyn View, space: SpaceId) -> Result<Vec<(Vec<u8>, SpaceOf)>> {
    let prefix = key(NAMED, &[&space.0]);
    let rows = view.scan(Table::Record, &prefix, after_prefix(&prefix).as_deref(), usize::MAX, false)?;
    let read = |(row, value): store::Row| Ok((row, codec::decode("space of a thread", &value).map_err(|_| damaged())?));
    rows.into_iter().map(read).collect()
}

/// The spaces of a thread, as far as their custodians named them here. Who was in a team once is remembered, by the name of the newest notice.
pub(super) fn spaces(view: &dyn View, thread: ThreadId) -> Result<Vec<(SpaceId, SpaceOf)>> {
    let prefix = key(SPACES, &[&thread.0]);
    let mut found = Vec::new();
    for (row, _) in
        view.scan(Table::Record, &prefix, after_prefix(&prefix).as_deref(), limits::COMPARE_SPACES, false)?
    {
        let space = row.get(prefix.len()..).and_then(SpaceId::from_slice).ok_or_else(damaged)?;
        if of_space(view, space)? != Some(thread) {
            continue;
        }
        let all = named(view, space)?.into_iter().map(|(_, of)| of).filter(|of| of.thread == thread);
        let merged = all.reduce(|older, newer| SpaceOf {
            recipient: newer.recipient.or(older.recipient),
            team: team::both(&newer.team, older.team),
            ..newer
        });
        found.extend(merged.map(|of| (space, of)));
    }
    Ok(found)
}
