//! Whom to dial: for the coalition space a few neighbours, chosen so that all together hang together; and who shares threads.

use super::Engine;
use crate::codec;
use crate::fault::Result;
use crate::ids::{NodeId, OrgId};
use crate::limits;
use crate::store::View;
use crate::sync::carry;
use crate::sync::parcel::rows;
use std::collections::{BTreeMap, BTreeSet};

/// The register in the coalition space in which a node publishes where it can be reached: the encoded list of multiaddresses.
pub const ADDRESSES: &str = "addresses";

impl Engine {
    /// Nodes and their addresses: the neighbours for the coalition space by rendezvous hash, who shares threads with us, our
    /// own other nodes, and carriers that may have something for us or are to keep something of ours. Those without a published address are left out.
    ///
    /// # Errors
    /// `Store`.
    pub fn dial_targets(&mut self, view: &dyn View) -> Result<Vec<(NodeId, Vec<String>)>> {
        let me = self.identity.node();
        let mut sharing = self.spaces.sharing(view)?;
        sharing.insert(self.identity.org());
        let carriers = self.carriers_to_see(view)?;
        // Who keeps our records is gone for as well.
        sharing.extend(self.keepers(view)?.into_iter().take(limits::BACKUP_PARTNERS));
        let mut targets: BTreeMap<NodeId, Vec<String>> = BTreeMap::new();
        for coalition in self.coalitions(view)? {
            // The removed are not let in; asking for ever would only disturb.
            if self.spaces.record(view, coalition)?.is_none() || self.is_out(view, coalition)? {
                continue;
            }
            let roster = self.spaces.roster(view, coalition)?;
            let mut near: Vec<([u8; 32], NodeId, Vec<String>)> = Vec::new();
            for register in self.spaces.registers(view, coalition)?.into_iter().filter(|r| r.name == ADDRESSES) {
                let Some(org) = roster.org_of(&register.node).filter(|_| register.node != me) else { continue };
                let Ok(addresses) = codec::decode::<Vec<String>>("addresses", &register.value) else { continue };
                if addresses.is_empty() {
                    continue;
                }
                if sharing.contains(&org) {
                    targets.insert(register.node, addresses.clone());
                }
                near.push((rendezvous(me, register.node), register.node, addresses));
            }
            for (node, addresses) in near.iter().filter(|(_, node, _)| carriers.contains(node)).map(|(_, n, a)| (n, a))
            {
                targets.insert(*node, addresses.clone());
            }
            near.sort_unstable();
            for (_, node, addresses) in near.into_iter().take(limits::NEIGHBOURS) {
                targets.insert(node, addresses);
            }
        }
        Ok(targets.into_iter().collect())
    }
}

impl Engine {
    fn carriers_to_see(&mut self, view: &dyn View) -> Result<BTreeSet<NodeId>> {
        let mut of: BTreeSet<OrgId> = rows::due(view)?.into_iter().map(|(org, _)| org).collect();
        of.extend(rows::outgoing(view)?.into_iter().map(|(_, row)| row.to));
        of.insert(self.identity.org());
        let mut nodes = BTreeSet::new();
        for org in of {
            let ranked = carry::carriers(&mut self.spaces, view, org)?;
            nodes.extend(ranked.into_iter().take(limits::CARRIERS).map(|(node, _)| node));
        }
        nodes.remove(&self.identity.node());
        Ok(nodes)
    }
}

/// The same from both sides, so that neighbours choose each other more often than not.
fn rendezvous(a: NodeId, b: NodeId) -> [u8; 32] {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    crate::keys::digest::sha256(b"belay neighbours v1\0", &[low.as_bytes(), high.as_bytes()])
}
