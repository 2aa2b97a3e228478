//! Whom a pass lets a newcomer through to, by what stewards' nodes publish.

use super::{Engine, Step};
use crate::coalition::invite::Invite;
use crate::coalition::invite::pass::{Found, Leads, PASSES, PassName, Published, find};
use crate::codec;
use crate::fault::Result;
use crate::ids::{NodeId, OrgId, SpaceId};
use crate::limits;
use crate::planted::{self, Bug};
use crate::space::Roster;
use crate::store::View;
use crate::time::Time;
use std::cmp::Reverse;

impl Engine {
    /// Where a pass leads, and until when. Only the organisations that may admit are looked at: nobody else has an invite to give.
    /// `None`: none of them publishes it, or one of their nodes says that it is done with.
    ///
    /// # Errors
    /// `Store`.
    pub fn pass_leads(&mut self, view: &dyn View, name: PassName) -> Result<Option<(Leads, Time)>> {
        for coalition in self.coalitions(view)? {
            if self.spaces.record(view, coalition)?.is_none() || self.is_out(view, coalition)? {
                continue;
            }
            let roster = self.spaces.roster(view, coalition)?;
            for org in stewards(&roster) {
                let published = self.published(view, coalition, &roster, org)?;
                let all = published.iter().map(|(node, one)| (*node, one));
                if let Found::Open { maker, expires } = find(all, name) {
                    let mut nodes = nodes(&roster, org);
                    nodes.sort_by_key(|node| (*node != maker, *node));
                    return Ok(Some((Leads { org, nodes }, expires)));
                }
            }
        }
        Ok(None)
    }

    fn published(
        &mut self,
        view: &dyn View,
        coalition: SpaceId,
        roster: &Roster,
        org: OrgId,
    ) -> Result<Vec<(NodeId, Published)>> {
        let mut published = Vec::new();
        for node in nodes(roster, org) {
            if let Some(register) = self.spaces.register(view, coalition, node, PASSES)? {
                published.push((node, Published::read(&register.value)));
            }
        }
        Ok(published)
    }
}

impl Step<'_> {
    /// Publishes the passes of this node's invites, and which of its organisation's other nodes' are over, where that changed: after an
    /// invite was made, cancelled or used, here or elsewhere.
    ///
    /// # Errors
    /// `Store`.
    pub fn publish_passes(&mut self) -> Result<()> {
        let (now, me) = (self.ctx.now, self.engine.node());
        let invites = Invite::all(&self.draft)?;
        for coalition in self.engine.coalitions(&self.draft)? {
            if self.engine.spaces.record(&self.draft, coalition)?.is_none() || !self.may_write(coalition)? {
                continue;
            }
            let here = self.engine.spaces.register(&self.draft, coalition, me, PASSES)?;
            let mut published = Published::default();
            // A clock that is ahead and put right again has taken nothing back; whoever lets through looks at the time itself.
            let lingers = |i: &Invite| now <= i.expires.plus(limits::INVITE_LIFE);
            let with_pass = |i: &&Invite| i.coalition == coalition && !i.relays.is_empty() && lingers(i);
            for invite in invites.iter().filter(with_pass) {
                match (invite.maker == me, invite.is_over()) {
                    (true, false) => published.open.push((invite.pass().name(), invite.expires)),
                    (false, true) => published.ended.push(invite.pass().name()),
                    (true, true) | (false, false) => {}
                }
            }
            published.open.sort_unstable_by_key(|(name, expires)| (Reverse(*expires), *name));
            published.open.truncate(limits::PASSES_OF_NODE);
            published.open.sort_unstable();
            published.ended.sort_unstable();
            published.ended.truncate(limits::PASSES_OF_NODE);
            let same = here
                .map_or(published == Published::default(), |register| Published::read(&register.value) == published);
            if !same {
                self.register(coalition, PASSES, &codec::encode(&published))?;
            }
        }
        Ok(())
    }
}

/// Who may admit.
fn stewards(roster: &Roster) -> Vec<OrgId> {
    let may = |org: &&OrgId| roster.is_steward(org) || planted::is(Bug::AnybodyInvites);
    roster.orgs.keys().filter(may).copied().collect()
}

/// The nodes of an organisation that are not retired.
fn nodes(roster: &Roster, org: OrgId) -> Vec<NodeId> {
    let member = roster.member(&org);
    let nodes = member.into_iter().flat_map(|member| member.nodes.keys());
    nodes.filter(|node| !roster.retired.contains(node)).copied().collect()
}
