//! Whom to dial: for the coalition space a few neighbours, chosen so that all together hang together; and who shares threads.

use super::Engine;
use crate::codec;
use crate::fault::Result;
use crate::ids::{NodeId, OrgId, SpaceId};
use crate::limits;
use crate::store::View;
use crate::sync::carry;
use crate::sync::parcel::rows;
use crate::time::{HOUR, Time};
use std::collections::{BTreeMap, BTreeSet};

/// The register in the coalition space in which a node publishes where it can be reached: the encoded list of multiaddresses.
pub const ADDRESSES: &str = "addresses";

impl Engine {
    /// Nodes and their addresses: the neighbours for the coalition space by rendezvous hash, one node of each organisation, who shares threads with us, our
    /// own other nodes, who keeps or may keep our records, and carriers that may have something for us or are to keep something of ours. Those without a published address are left out.
    ///
    /// # Errors
    /// `Store`.
    pub fn dial_targets(&mut self, view: &dyn View, now: Time) -> Result<Vec<(NodeId, Vec<String>)>> {
        let (me, own) = (self.identity.node(), self.identity.org());
        let mut sharing = self.spaces.sharing(view)?;
        sharing.insert(own);
        let carriers = self.carriers_to_see(view, now)?;
        // Who keeps our records is gone for as well.
        sharing.extend(self.with_records(view, now)?);
        let mut targets: BTreeMap<NodeId, Vec<String>> = BTreeMap::new();
        for coalition in self.coalitions(view)? {
            // The removed are not let in; asking for ever would only disturb.
            if self.spaces.record(view, coalition)?.is_none() || self.is_out(view, coalition)? {
                continue;
            }
            let roster = self.spaces.roster(view, coalition)?;
            let mut near: BTreeMap<OrgId, ([u8; 32], NodeId, Vec<String>)> = BTreeMap::new();
            for register in self.spaces.registers(view, coalition)?.into_iter().filter(|r| r.name == ADDRESSES) {
                let Some(org) = roster.org_of(&register.node).filter(|_| register.node != me) else { continue };
                let Ok(addresses) = codec::decode::<Vec<String>>("addresses", &register.value) else { continue };
                if addresses.is_empty() {
                    continue;
                }
                if sharing.contains(&org) {
                    targets.insert(register.node, addresses.clone());
                }
                if carriers.contains(&register.node) {
                    targets.insert(register.node, addresses.clone());
                }
                if org != own {
                    let one = (between(me, register.node), register.node, addresses);
                    match near.get(&org) {
                        Some(best) if *best <= one => {}
                        Some(_) | None => drop(near.insert(org, one)),
                    }
                }
            }
            let mut near: Vec<_> =
                near.into_iter().map(|(org, one)| (rendezvous(coalition, now, own, org), one)).collect();
            near.sort_unstable();
            for (_, (_, node, addresses)) in near.into_iter().take(limits::NEIGHBOURS) {
                targets.insert(node, addresses);
            }
        }
        Ok(targets.into_iter().collect())
    }
}

impl Engine {
    /// Who keeps our records, or may keep what this organisation lost: while it comes back and after that, some at a time, each in its turn.
    fn with_records(&mut self, view: &dyn View, now: Time) -> Result<Vec<OrgId>> {
        const TURN: u64 = HOUR;
        let mut keepers = self.keepers(view)?;
        if self.recovering.is_some() {
            keepers.truncate(limits::LOOKED_FOR_AT_ONCE);
            return Ok(keepers);
        }
        let lost = self.looked_for(view)?;
        let mut sought: Vec<OrgId> = keepers.iter().filter(|org| lost.contains_key(org)).copied().collect();
        sought.extend(lost.into_keys().filter(|org| !keepers.contains(org)));
        keepers.truncate(limits::BACKUP_PARTNERS);
        let many = sought.len();
        if many > limits::LOOKED_FOR_AT_ONCE {
            let turn = usize::try_from(now.0 / TURN % many as u64).unwrap_or_default();
            sought.rotate_left(turn * limits::LOOKED_FOR_AT_ONCE % many);
            sought.truncate(limits::LOOKED_FOR_AT_ONCE);
        }
        keepers.extend(sought);
        Ok(keepers)
    }

    fn carriers_to_see(&mut self, view: &dyn View, now: Time) -> Result<BTreeSet<NodeId>> {
        let mut of: BTreeSet<OrgId> = rows::due(view)?.into_iter().map(|(org, _)| org).collect();
        of.extend(rows::outgoing(view)?.into_iter().map(|(_, row)| row.to));
        of.insert(self.identity.org());
        let mut nodes = BTreeSet::new();
        for org in of {
            nodes.extend(carry::carriers_lately(&mut self.spaces, view, org, now)?);
        }
        nodes.remove(&self.identity.node());
        Ok(nodes)
    }
}

/// The same from both sides, so that neighbours choose each other more often than not, and another one in each season.
fn rendezvous(coalition: SpaceId, now: Time, a: OrgId, b: OrgId) -> [u8; 32] {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    let season = carry::season(now).to_be_bytes();
    let parts = [coalition.as_bytes(), &season[..], low.as_bytes(), high.as_bytes()];
    crate::keys::digest::sha256(b"belay neighbours v1\0", &parts)
}

/// Which node of a neighbour: the same from both sides.
fn between(a: NodeId, b: NodeId) -> [u8; 32] {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    crate::keys::digest::sha256(b"belay neighbour v1\0", &[low.as_bytes(), high.as_bytes()])
}
