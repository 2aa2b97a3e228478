//! What a new version of a consent changes. The form of an amendment shows this and nothing else, over one signature.

use super::{Knows, Restriction, Supervision, Terms};
use crate::ids::OrgId;
use crate::referral::{Expiry, Flow, Party};
use crate::sensitive::Personal;
use serde::{Deserialize, Serialize};

/// From one version to the next. What is in neither list stays as it was.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Changes {
    /// Organisations that were not named before.
    pub joined: Vec<Party>,
    /// Organisations that are named no more.
    pub left: Vec<Party>,
    pub opened: Vec<Flow>,
    pub closed: Vec<Flow>,
    pub introduced: Vec<Knows>,
    pub separated: Vec<Knows>,
    /// Who works on the thread of the team from now on, and who does no more.
    pub teamed: Vec<OrgId>,
    pub parted: Vec<OrgId>,
    /// The new end, if it is another.
    pub expiry: Option<Expiry>,
    /// What was agreed to leave out since.
    pub restricted: Vec<Restriction>,
    /// What is left out no more.
    pub lifted: Vec<Restriction>,
    /// The new matter, if it is another.
    pub supervision: Option<Supervision>,
    /// The new proceeding, if it is another.
    pub proceeding: Option<Personal<String>>,
}

impl Changes {
    /// From `before` to `after`.
    #[must_use]
    pub fn between(before: &Terms, after: &Terms) -> Self {
        let (old, new) = (before.parties(), after.parties());
        Self {
            joined: new.iter().filter(|p| !old.iter().any(|o| o.org == p.org)).map(|p| (*p).clone()).collect(),
            left: old.iter().filter(|p| !new.iter().any(|n| n.org == p.org)).map(|p| (*p).clone()).collect(),
            opened: missing_from(&after.flows, &before.flows),
            closed: missing_from(&before.flows, &after.flows),
            introduced: missing_from(&after.acquaintances, &before.acquaintances),
            separated: missing_from(&before.acquaintances, &after.acquaintances),
            teamed: missing_from(&after.team, &before.team),
            parted: missing_from(&before.team, &after.team),
            expiry: after.expiry.clone().filter(|new| Some(new) != before.expiry.as_ref()),
            restricted: missing_from(&after.restrictions, &before.restrictions),
            lifted: missing_from(&before.restrictions, &after.restrictions),
            supervision: after.supervision.clone().filter(|new| Some(new) != before.supervision.as_ref()),
            proceeding: after.proceeding.clone().filter(|new| Some(new) != before.proceeding.as_ref()),
        }
    }

    /// The version that comes of `before`.
    #[must_use]
    pub fn applied(&self, before: &Terms) -> Terms {
        let mut after = before.clone();
        let parties: Vec<Party> = before.parties().into_iter().chain(&self.joined).cloned().collect();
        exchange(&mut after.flows, &self.closed, &self.opened);
        exchange(&mut after.acquaintances, &self.separated, &self.introduced);
        exchange(&mut after.restrictions, &self.lifted, &self.restricted);
        exchange(&mut after.team, &self.parted, &self.teamed);
        after.team.sort_unstable();
        if self.expiry.is_some() {
            after.expiry.clone_from(&self.expiry);
        }
        if self.supervision.is_some() {
            after.supervision.clone_from(&self.supervision);
        }
        if self.proceeding.is_some() {
            after.proceeding.clone_from(&self.proceeding);
        }
        after.follow_flows(&parties);
        after
    }

    /// Whether it takes something away: then threads under the version before may have to close.
    #[must_use]
    pub fn narrows(&self) -> bool {
        !self.closed.is_empty()
            || !self.separated.is_empty()
            || !self.parted.is_empty()
            || !self.restricted.is_empty()
            || self.expiry.is_some()
    }

    /// Whether there is nothing to sign.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn missing_from<T: PartialEq + Clone>(these: &[T], those: &[T]) -> Vec<T> {
    these.iter().filter(|one| !those.contains(one)).cloned().collect()
}

fn exchange<T: PartialEq + Clone>(list: &mut Vec<T>, gone: &[T], come: &[T]) {
    list.retain(|one| !gone.contains(one));
    list.extend(come.iter().filter(|one| !gone.contains(one)).cloned());
}
