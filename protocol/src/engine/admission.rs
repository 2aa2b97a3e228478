//! Whom a link may be opened to at all.

use super::Engine;
use crate::fault::{Fault, Result};
use crate::ids::{OrgId, SpaceId};
use crate::keys::Certificate;
use crate::space::SpaceKind;
use crate::store::View;
use crate::sync::rights;

impl Engine {
    /// The organisation of a peer that showed this certificate, if its root stands in a roster of ours, or stood there (who was
    /// removed may connect to be told so), or it is who let us in. The shell checks that the peer holds the key
    /// `certificate.node`.
    ///
    /// # Errors
    /// `Misbehaved` for a wrong signature, `NotPermitted` for a stranger or a retired node.
    pub fn admits(&mut self, view: &dyn View, certificate: &Certificate) -> Result<OrgId> {
        let org = certificate.verify()?;
        let mut known = org == self.identity.org();
        for (_, introducer) in rights::joined(view)? {
            known |= introducer == org;
        }
        for coalition in self.coalitions(view)? {
            if self.spaces.record(view, coalition)?.is_none() {
                continue;
            }
            let roster = self.spaces.roster(view, coalition)?;
            if roster.retired.contains(&certificate.node) {
                return Err(Fault::not_permitted("this node was retired by its organisation"));
            }
            known |= roster.orgs.contains_key(&org);
        }
        if known { Ok(org) } else { Err(Fault::not_permitted("not a member of any coalition of this node")) }
    }

    /// The coalitions that this node is in, or joins, in order of id.
    ///
    /// # Errors
    /// `Store`.
    pub fn coalitions(&self, view: &dyn View) -> Result<Vec<SpaceId>> {
        let mut all: Vec<SpaceId> = rights::joined(view)?.into_iter().map(|(coalition, _)| coalition).collect();
        for record in self.spaces.spaces(view)? {
            if matches!(record.kind, SpaceKind::Coalition { .. }) && !all.contains(&record.space) {
                all.push(record.space);
            }
        }
        all.sort_unstable();
        Ok(all)
    }
}
