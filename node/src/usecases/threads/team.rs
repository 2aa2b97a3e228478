//! Who is in the thread of a team: of one that we sent by our record, of one that came to us by what its custodian says of the spaces that
//! we may read.

use super::{SpaceOf, Thread};
use crate::usecases::identity;
use belay_protocol::fault::Result;
use belay_protocol::ids::{OrgId, SpaceId};
use belay_protocol::referral::{Information, Notice, Party};
use belay_protocol::store::View;

impl Thread {
    /// Everybody in it but us.
    pub fn others(&self) -> impl Iterator<Item = &Party> {
        std::iter::once(&self.other).chain(&self.team)
    }

    /// One of them, by that id.
    #[must_use]
    pub fn with(&self, org: OrgId) -> Option<&Party> {
        self.others().find(|party| party.org == org)
    }

    /// Several work on it together.
    #[must_use]
    pub const fn is_team(&self) -> bool {
        !self.team.is_empty() || self.teamed
    }
}

/// Whom a notice in the thread of a team names besides who sent it.
pub(super) fn named(notice: &Notice, custodian: OrgId) -> Vec<Party> {
    let scope = &notice.scope;
    let of_team = |party: &&Party| !scope.team.is_empty() && party.org != custodian;
    scope.parties.iter().filter(of_team).cloned().collect()
}

/// Those of a newer notice and who was in an older one besides, sorted.
pub(super) fn both(newer: &[Party], older: Vec<Party>) -> Vec<Party> {
    let besides = older.into_iter().filter(|party| newer.iter().all(|known| known.org != party.org));
    let mut both: Vec<Party> = newer.iter().cloned().chain(besides).collect();
    both.sort_unstable();
    both
}

/// Who was referred to, if not we, and who is in it besides us and the custodian.
pub(super) fn read(view: &dyn View, of: &[(SpaceId, SpaceOf)]) -> Result<(Option<OrgId>, Vec<Party>)> {
    if of.iter().all(|(_, of)| of.recipient.is_none()) {
        return Ok((None, Vec::new()));
    }
    let own = identity::card(view)?.root.org();
    let referral = of.iter().find(|(_, of)| of.information == Information::Referral);
    let any = || of.iter().find_map(|(_, of)| of.recipient);
    let recipient = referral.and_then(|(_, of)| of.recipient).or_else(any).filter(|org| *org != own);
    let mut team: Vec<Party> = of.iter().flat_map(|(_, of)| &of.team).filter(|p| p.org != own).cloned().collect();
    team.sort_unstable();
    team.dedup_by_key(|party| party.org);
    Ok((recipient, team))
}
