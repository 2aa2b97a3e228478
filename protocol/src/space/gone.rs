//! Whose revocation comes too late for a grant: its author was out, or retired, when that was written, and who wrote the grant knew so.
//!
//! An entry says by what it follows when it was written, and whoever is out can leave out what it likes. So a member that was taken out, or
//! a thief with the key of a node that was retired, could go on taking others out for ever, each time as if it had not heard. What it says
//! so undoes what was granted before its end was known, and nothing that was granted since: each organisation is out once at most.

use super::bits::Bits;
use super::fold::Removals;
use super::graph::{Graph, Past, What};
use crate::fault::Result;
use crate::ids::{NodeId, OrgId};
use std::collections::BTreeMap;

/// Who is out of a space, and which nodes are retired, by the entries that say so.
pub(super) struct Gone<'s> {
    pub here: &'s Removals<OrgId>,
    /// Of a thread: in its coalition.
    pub coalition: &'s Removals<OrgId>,
    pub retired: &'s Removals<NodeId>,
}

impl Graph {
    /// Whether a grant that knows these entries is undone by none of these revocations of this graph.
    pub(super) fn spared(&self, known: &Past, revokes: &Bits, gone: &Gone<'_>) -> Result<bool> {
        if known.own.covers(revokes) {
            return Ok(true);
        }
        for revoke in revokes.iter().filter(|at| !known.own.has(*at)) {
            if !self.comes_too_late(revoke, known, gone)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn comes_too_late(&self, revoke: u32, known: &Past, gone: &Gone<'_>) -> Result<bool> {
        let (node, heard) = (self.control_node(revoke)?, self.past_of(revoke)?);
        // Who leaves has gone, whenever it says so; and in a thread the person's word at any machine of the custodian stands.
        let leaves = matches!(&self.fact(revoke)?.what, What::Revoke { org, .. } if *org == node.org);
        if leaves || (!self.is_coalition() && node.org == self.custodian) {
            return Ok(false);
        }
        let unheard = |out: Option<&Bits>, known: &Bits, heard: &Bits| {
            out.is_some_and(|out| out.iter().any(|at| known.has(at) && !heard.has(at)))
        };
        let retired = gone.retired.get(&node.author);
        // Retirements stand in the coalition.
        let (knows, hears) =
            if self.is_coalition() { (&known.own, &heard.own) } else { (&known.coalition, &heard.coalition) };
        Ok(unheard(gone.here.get(&node.org), &known.own, &heard.own)
            || unheard(gone.coalition.get(&node.org), &known.coalition, &heard.coalition)
            || unheard(retired, knows, hears))
    }
}

/// Nothing.
pub(super) const fn nobody<K>() -> BTreeMap<K, Bits> {
    BTreeMap::new()
}
