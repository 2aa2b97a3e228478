//! Whether this organisation was taken out of a coalition, and whether another run of this node wrote elsewhere.

use super::Engine;
use crate::fault::Result;
use crate::ids::{OrgId, SpaceId};
use crate::limits;
use crate::space::{SpaceKind, notice};
use crate::store::{Draft, Table, View};
use crate::sync::rights;
use crate::time::Time;

/// When this node last met words of its own that this store did not write.
const ELSEWHERE: &[u8] = b"elsewhere";

/// How this organisation came to be out of a coalition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Out {
    /// Who took it out; itself, if it has left. `None`: by somebody of whom nothing is known here.
    pub by: Option<OrgId>,
    /// What that is called, if that is known here.
    pub name: Option<String>,
    /// The number of the charter under which it was approved: perhaps one that followed the last that came here.
    pub under: Option<u32>,
    /// What the clock of who wrote it said.
    pub at: Time,
}

impl Engine {
    /// Whether this organisation was taken out of a coalition or has left it: by word of it, which is all that the removed get, or
    /// by the roster.
    ///
    /// # Errors
    /// `Store`.
    pub fn is_out(&mut self, view: &dyn View, coalition: SpaceId) -> Result<bool> {
        if view.get(Table::Removed, coalition.as_bytes())?.is_some() {
            return Ok(true);
        }
        if self.spaces.record(view, coalition)?.is_none() {
            return Ok(false);
        }
        let roster = self.spaces.roster(view, coalition)?;
        Ok(roster.orgs.get(&self.identity.org()).is_some_and(|member| member.removed))
    }

    /// The same with who did it and when. `None`: it is in, or was never.
    ///
    /// # Errors
    /// `Store`.
    pub fn out_of(&mut self, view: &dyn View, coalition: SpaceId) -> Result<Option<Out>> {
        if !self.is_out(view, coalition)? {
            return Ok(None);
        }
        let entry = match notice::heard(view, coalition)?.pop() {
            Some(notice) => Some(notice),
            None => match rights::removals_from(view, self.identity.org(), coalition)?.last() {
                Some(hash) => self.spaces.entry(view, hash)?,
                None => None,
            },
        };
        let Some(entry) = entry else { return Ok(None) };
        let (by, under) = self.spaces.removed_by(view, coalition, &entry)?;
        let name = match &by {
            Some(org) => self.spaces.name_shown(view, coalition, org)?,
            None => None,
        };
        Ok(Some(Out { by, name, under, at: entry.header().time }))
    }

    /// Why nothing can be written in a space, for people.
    pub(super) fn out_sentence(&mut self, view: &dyn View, space: SpaceId) -> Result<String> {
        let coalition = match self.spaces.record(view, space)?.map(|record| record.kind) {
            Some(SpaceKind::Thread { coalition, .. }) => coalition,
            Some(SpaceKind::Coalition { .. } | SpaceKind::Private) | None => space,
        };
        if self.spaces.record(view, space)?.is_some()
            && self.spaces.fold(view, space)?.over.contains_key(&self.identity.node())
        {
            return Ok(format!(
                "this organisation has {} machines before this one, and no more have a place; \
                 `belay node list` shows them, and `belay node retire NODE` of one that is gone makes room",
                limits::NODES_OF_ORG
            ));
        }
        Ok(match self.out_of(view, coalition)? {
            Some(out) => format!(
                "this organisation has not been in the coalition since {}, so nothing can be written for its members; \
                 `belay status` says what to do",
                out.at
            ),
            None if coalition == space => {
                "this organisation is no member of the coalition; `belay status` says why".to_owned()
            }
            None => {
                "this organisation was taken out of this thread, so nothing can be written in it; what came before can \
                     still be read, and the others are reached by telephone"
                    .to_owned()
            }
        })
    }

    /// When this node last met an entry or a register of its own that this store did not write: a copy of the data folder runs or
    /// ran, or the folder was put back to an earlier state.
    ///
    /// # Errors
    /// `Store`.
    pub fn elsewhere(&self, view: &dyn View) -> Result<Option<Time>> {
        let at = view.get(Table::Own, ELSEWHERE)?;
        Ok(at.and_then(|at| at.try_into().ok()).map(u64::from_be_bytes).map(Time))
    }
}

pub(super) fn met_elsewhere(draft: &mut Draft<'_>, now: Time) {
    draft.put(Table::Own, ELSEWHERE, now.0.to_be_bytes());
}
