//! Whom to dial: for the coalition space a few neighbours, chosen so that all together hang together; and who shares threads.

use super::Engine;
use crate::codec;
use crate::fault::Result;
use crate::ids::{NodeId, OrgId};
use crate::limits;
use crate::space::SpaceKind;
use crate::store::View;
use std::collections::{BTreeMap, BTreeSet};

/// The register in the coalition space in which a node publishes where it can be reached: the encoded list of multiaddresses.
pub const ADDRESSES: &str = "addresses";

impl Engine {
    /// Nodes and their addresses: the neighbours for the coalition space by rendezvous hash, who shares threads with us, and our
    /// own other nodes. Those without a published address are left out.
    ///
    /// # Errors
    /// `Store`.
    pub fn dial_targets(&mut self, view: &dyn View) -> Result<Vec<(NodeId, Vec<String>)>> {
        let me = self.identity.node();
        let mut sharing: BTreeSet<OrgId> = BTreeSet::from([self.identity.org()]);
        for record in self.spaces.spaces(view)? {
            if let SpaceKind::Thread { .. } = record.kind {
                sharing.insert(record.custodian);
                sharing.extend(record.members);
            }
        }
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
            near.sort_unstable();
            for (_, node, addresses) in near.into_iter().take(limits::NEIGHBOURS) {
                targets.insert(node, addresses);
            }
        }
        Ok(targets.into_iter().collect())
    }
}

/// The same from both sides, so that neighbours choose each other more often than not.
fn rendezvous(a: NodeId, b: NodeId) -> [u8; 32] {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    crate::keys::digest::sha256(b"belay neighbours v1\0", &[low.as_bytes(), high.as_bytes()])
}
