//! Whom a link may be opened to at all: the engine's side of [`crate::coalition::handshake::admission`].

use super::Engine;
use crate::coalition::handshake::admission::{self, Admitted, Denial, Standing};
use crate::fault::{Fault, Result};
use crate::ids::{NodeId, OrgId, SpaceId};
use crate::space::SpaceKind;
use crate::store::View;
use crate::sync::rights;

impl Engine {
    /// Our first frame to `peer` on `/belay/sync/1`.
    ///
    /// # Errors
    /// `Store`.
    pub fn admission(&self, view: &dyn View, peer: NodeId) -> Result<Vec<u8>> {
        Ok(admission::admission(self.identity.certificate(), &self.coalitions(view)?, peer))
    }

    /// Judges the first frame of `peer`, whose node id the link has authenticated. Who is admitted is given to
    /// [`super::Input::Connected`]; a denial of ours goes back by [`Engine::denial`], one of the peer's brings notices for
    /// [`super::Step::take_removal`].
    ///
    /// # Errors
    /// `Store`.
    pub fn admits(
        &mut self,
        view: &dyn View,
        peer: NodeId,
        frame: &[u8],
    ) -> Result<std::result::Result<Admitted, Denial>> {
        let coalitions = self.coalitions(view)?;
        let me = self.identity.node();
        admission::check(frame, peer, me, &coalitions, &mut |space, org, node| self.standing(view, space, org, node))
    }

    /// How a coalition of ours knows an organisation and a node of it. Before its entries have come, whoever let us in is a member.
    ///
    /// # Errors
    /// `Store`.
    pub fn standing(&mut self, view: &dyn View, coalition: SpaceId, org: OrgId, node: NodeId) -> Result<Standing> {
        if self.spaces.record(view, coalition)?.is_none() {
            let known = org == self.identity.org() || rights::introducer(view, coalition)? == Some(org);
            return Ok(if known { Standing::Member } else { Standing::Unknown });
        }
        let roster = self.spaces.roster(view, coalition)?;
        Ok(match roster.orgs.get(&org) {
            None => Standing::Unknown,
            Some(_) if roster.retired.contains(&node) => Standing::Retired,
            Some(member) if member.removed => Standing::Removed,
            Some(_) => Standing::Member,
        })
    }

    /// The frame that denies a peer, with the entries that removed it where that is why.
    ///
    /// # Errors
    /// `Store`.
    pub fn denial(&mut self, view: &dyn View, denial: &Denial) -> Result<Vec<u8>> {
        let mut notices = Vec::new();
        if let Some(org) = denial.org.filter(|_| !denial.removed_from.is_empty()) {
            for hash in rights::removals_of(view, org)? {
                if let Some(entry) = self.spaces.entry(view, &hash)?
                    && denial.removed_from.contains(&entry.space())
                {
                    let notice = self.spaces.notice(view, &hash)?;
                    notices.extend(notice.into_iter().filter(|entry| !notices.contains(entry)).collect::<Vec<_>>());
                }
            }
        }
        Ok(denial.frame(notices))
    }

    /// The coalitions that this node is in, or joins, in order of id.
    ///
    /// # Errors
    /// `Store`.
    pub fn coalitions(&self, view: &dyn View) -> Result<Vec<SpaceId>> {
        let mut all: Vec<SpaceId> = rights::joined(view)?.into_iter().map(|(coalition, _)| coalition).collect();
        for record in self.spaces.no_threads(view)? {
            if matches!(record.kind, SpaceKind::Coalition { .. }) && !all.contains(&record.space) {
                all.push(record.space);
            }
        }
        all.sort_unstable();
        Ok(all)
    }

    /// What a newcomer needs first of a coalition, as received and parents first: its accepted control entries, with what they follow.
    ///
    /// # Errors
    /// `Store`.
    pub fn control_entries(&mut self, view: &dyn View, coalition: SpaceId) -> Result<Vec<Vec<u8>>> {
        let mut all = Vec::new();
        for number in 0.. {
            let Some(entry) = self.control_entry(view, coalition, number)? else { break };
            all.push(entry);
        }
        Ok(all)
    }

    /// The one of that number among them; `None` if there are fewer. Nothing else is read.
    ///
    /// # Errors
    /// `Store`.
    pub fn control_entry(&mut self, view: &dyn View, coalition: SpaceId, number: u32) -> Result<Option<Vec<u8>>> {
        let Some(hash) = self.spaces.handed(view, coalition, number)? else { return Ok(None) };
        let entry = self.spaces.entry(view, &hash)?;
        entry.map(|entry| Some(entry.bytes().to_vec())).ok_or_else(|| Fault::bug("an entry of a graph is not stored"))
    }
}
