//! Which thread and kind of information a space is.

use super::{OF_SPACE, SPACES, damaged, key, team};
use belay_protocol::codec;
use belay_protocol::fault::Result;
use belay_protocol::ids::{ConsentId, OrgId, SpaceId, ThreadId};
use belay_protocol::limits;
use belay_protocol::referral::{Information, Notice, Party};
use belay_protocol::store::{Draft, Table, View, after_prefix};
use serde::{Deserialize, Serialize};

/// What a space of a thread is, by its custodian's notice.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SpaceOf {
    pub information: Information,
    pub custodian: Party,
    pub consent: ConsentId,
    pub version: u32,
    /// In a team: who was referred to, and who is named besides the custodian.
    pub recipient: Option<OrgId>,
    pub team: Vec<Party>,
}

/// The custodian's notice says which thread and kind a space is. A thread has one custodian: what another claims is not taken.
pub(super) fn name_space(draft: &mut Draft<'_>, space: SpaceId, custodian: OrgId, notice: &Notice) -> Result<()> {
    let Some(party) = notice.scope.party(custodian).cloned() else { return Ok(()) };
    let rivals = spaces(draft, notice.thread)?;
    if rivals.iter().any(|(_, of)| of.custodian.org != custodian) {
        return Ok(());
    }
    let mut of = SpaceOf {
        information: notice.information,
        custodian: party,
        consent: notice.scope.consent,
        version: notice.scope.version,
        recipient: (!notice.scope.team.is_empty()).then_some(notice.scope.recipient),
        team: team::named(notice, custodian),
    };
    if let Some((_, known)) = rivals.into_iter().find(|(s, _)| *s == space) {
        // Who was in a team once is remembered, by the name of the newest notice.
        let (newer, older) = if known.version > of.version { (known, of) } else { (of, known) };
        of = SpaceOf {
            recipient: newer.recipient.or(older.recipient),
            team: team::both(&newer.team, older.team),
            ..newer
        };
    }
    draft.put(Table::Record, key(SPACES, &[&notice.thread.0, &space.0]), codec::encode(&of));
    draft.put(Table::Record, key(OF_SPACE, &[&space.0]), notice.thread.0);
    Ok(())
}

/// The spaces of a thread, as far as their custodians named them here.
pub(super) fn spaces(view: &dyn View, thread: ThreadId) -> Result<Vec<(SpaceId, SpaceOf)>> {
    let prefix = key(SPACES, &[&thread.0]);
    let rows = view.scan(Table::Record, &prefix, after_prefix(&prefix).as_deref(), limits::COMPARE_SPACES, false)?;
    rows.iter()
        .map(|(key, value)| {
            let space = key.get(prefix.len()..).and_then(SpaceId::from_slice).ok_or_else(damaged)?;
            Ok((space, codec::decode("space of a thread", value).map_err(|_| damaged())?))
        })
        .collect()
}
